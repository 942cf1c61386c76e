package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentTable is a table as it was sent, with the mapping of its columns, if there is
// one.
type sentTable struct {
	name    string
	data    []byte
	mapping []byte
}

// maxMapping is the most bytes of a mapping. It may hold a correction for each row.
const maxMapping = 8 << 20

// maxFileName is the most bytes of the name of a file.
const maxFileName = 255

// sentTable reads the body: the file itself, named by the parameter name, or a form
// of the parts file and mapping.
func (s *Server) sentTable(w http.ResponseWriter, q *request) (*sentTable, error) {
	name, named := q.params.get("name")
	kind, parameters, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		if named {
			return nil, invalid("name", "is for a body that is the file; a form names it in its part file")
		}
		return s.sentForm(w, q, parameters["boundary"])
	}
	t := &sentTable{name: name}
	if t.name, err = fileName("name", name); err != nil {
		return nil, err
	}
	if t.data, err = readUpTo(http.MaxBytesReader(w, q.Body, s.cfg.Tables.MaxBytes), q.ContentLength, s.cfg.Tables.MaxBytes); err != nil {
		return nil, err
	}
	return t, t.check()
}

// sentForm reads a form of the parts file and mapping, in any order, each once.
func (s *Server) sentForm(w http.ResponseWriter, q *request, boundary string) (*sentTable, error) {
	const heads = 64 << 10
	q.Body = http.MaxBytesReader(w, q.Body, s.cfg.Tables.MaxBytes+maxMapping+heads)
	if boundary == "" {
		return nil, invalid("Content-Type", "the form has no boundary")
	}
	form, err := q.MultipartReader()
	if err != nil {
		return nil, invalid("Content-Type", "the form cannot be read: %s", err)
	}
	t := new(sentTable)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return t, t.check()
		}
		if err != nil {
			return nil, formFault(err)
		}
		switch field := part.FormName(); {
		case field == "file" && t.data == nil:
			if t.name, err = fileName("file", part.FileName()); err != nil {
				return nil, err
			}
			t.data, err = readUpTo(part, q.ContentLength, s.cfg.Tables.MaxBytes)
		case field == "mapping" && t.mapping == nil:
			t.mapping, err = readUpTo(part, 0, maxMapping)
		default:
			return nil, invalid(printable(field), "the form has the parts file and mapping, each once")
		}
		if err != nil {
			return nil, formFault(err)
		}
	}
}

// formFault is an error of the sender, except where the line broke or the form is
// too large.
func formFault(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, http.ErrHandlerTimeout) {
		return err
	}
	return invalid("body", "the form cannot be read: %s", err)
}

func (t *sentTable) check() error {
	if len(t.data) == 0 {
		return invalid("file", "there is no file, or it is empty")
	}
	return nil
}

// readUpTo reads all of r, which has about size bytes. More than most bytes are
// *http.MaxBytesError.
func readUpTo(r io.Reader, size, most int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(size, 0), most)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(r, most+1))
	if n > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	return b.Bytes(), err
}

// fileName is the last part of a path as a browser or program sends it. It is shown
// to people and never opened.
func fileName(field, s string) (string, error) {
	name := path.Base(strings.ReplaceAll(s, `\`, "/"))
	switch {
	case strings.TrimSpace(s) == "" || name == "." || name == "/":
		return "", invalid(field, "the name of the file is missing; its ending tells what it is")
	case len(name) > maxFileName || !utf8.ValidString(name):
		return "", invalid(field, "the name of the file is not UTF-8 of at most %d bytes", maxFileName)
	case strings.ContainsFunc(name, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }):
		return "", invalid(field, "the name of the file holds characters that cannot be seen")
	}
	return name, nil
}
