package ingest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"

	"clustermap/geo"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Difference is what an import changes against the file of one before.
type Difference struct {
	Added, Changed, Removed []string          // ids, in order
	Gone                    map[string]string // what those removed are called, where they have a name
	Same                    int
}

// IsOwn reports whether head is how a file of WriteGeoJSON begins.
func IsOwn(head []byte) bool { return bytes.HasPrefix(head, []byte(collectionHead)) }

// MarkLen is how many bytes IsOwn needs.
const MarkLen = len(collectionHead)

// Compare tells what differs between the file old, which WriteGeoJSON wrote, and the
// features. It reads old as a stream. The error is *geo.InvalidError where old is no
// such file. An empty old has no features.
func (r *Result) Compare(old io.Reader) (*Difference, error) {
	d := &Difference{Gone: make(map[string]string)}
	remove := func(id string, line []byte) {
		d.Removed = append(d.Removed, id)
		if name := r.nameIn(line); name != "" {
			d.Gone[id] = name
		}
	}
	next, stop := iter.Pull2(oldFeatures(old))
	defer stop()
	id, line, more, err := pull(next)
	for f := range r.Features() {
		for more && err == nil && id < f.ID {
			remove(id, line)
			id, line, more, err = pull(next)
		}
		switch {
		case err != nil:
			return nil, err
		case !more || id > f.ID:
			d.Added = append(d.Added, f.ID)
			continue
		case bytes.Equal(line, f.JSON):
			d.Same++
		default:
			d.Changed = append(d.Changed, id)
		}
		id, line, more, err = pull(next)
	}
	for ; more && err == nil; id, line, more, err = pull(next) {
		remove(id, line)
	}
	return d, err
}

// nameIn is what the columns of names say in a feature of one line.
func (r *Result) nameIn(line []byte) string {
	var doc struct {
		Properties map[string]jsontext.Value `json:"properties"`
	}
	if json.Unmarshal(line, &doc) != nil {
		return ""
	}
	for _, c := range r.roles {
		var name string
		if c.Role == RoleName && json.Unmarshal(doc.Properties[c.Column], &name) == nil && name != "" {
			return short(name)
		}
	}
	return ""
}

type oldFeature struct {
	id   string
	line []byte
}

func pull(next func() (oldFeature, error, bool)) (id string, line []byte, more bool, err error) {
	f, err, more := next()
	return f.id, f.line, more, err
}

// oldFeatures are the features of a file, a line each, in order of their ids.
func oldFeatures(r io.Reader) iter.Seq2[oldFeature, error] {
	return func(yield func(oldFeature, error) bool) {
		lines := bufio.NewReaderSize(r, 1<<16)
		last := ""
		for number := 1; ; number++ {
			line, err := lines.ReadBytes('\n')
			if err != nil && err != io.EOF {
				yield(oldFeature{}, err)
				return
			}
			if number == 1 && len(line) == 0 {
				return
			}
			text := bytes.TrimSuffix(bytes.TrimRight(line, "\r\n"), []byte(","))
			switch {
			case number == 1 && IsOwn(text):
			case number > 1 && string(text) == "]}":
				return
			default:
				id, reason := idOf(text)
				if reason == "" && number > 2 && id <= last {
					reason = fmt.Sprintf("the features are not in the order of their ids: %q", clip(id))
				}
				if number == 1 || err == io.EOF {
					reason = "is not a file that an import wrote, or not all of one"
				}
				if reason != "" {
					yield(oldFeature{}, &geo.InvalidError{Line: number, Reason: reason})
					return
				}
				last = id
				if !yield(oldFeature{id, text}, nil) {
					return
				}
			}
		}
	}
}

// idOf is the id of a feature of one line.
func idOf(line []byte) (id, reason string) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"type":"Feature","id":`))
	if !ok {
		return "", "is not a feature that an import wrote"
	}
	token, err := jsontext.NewDecoder(bytes.NewReader(rest), jsontext.AllowDuplicateNames(true)).ReadToken()
	if err != nil || token.Kind() != '"' {
		return "", "the id of the feature is not a text"
	}
	return token.String(), ""
}
