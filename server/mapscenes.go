package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/render"
)

// What a presentation may have.
const (
	mostScenes = 30
	mostNotes  = 8000 // bytes of the notes of a scene
)

// mapScene is a map of a presentation.
type mapScene struct {
	*mapRequest
	notes []string // paragraphs
}

// presentationOf answers GET /map with scenes: one file with a page or slide for each.
func (s *Server) presentationOf(w http.ResponseWriter, q *request, text string) error {
	if q.media.f != "pdf" && q.media.f != "pptx" {
		return invalid("scenes", "are pages or slides, so f must be pdf or pptx")
	}
	scenes, err := readScenes(q, text)
	if err != nil {
		return err
	}
	if !q.chosen && !q.both {
		q.speaks(w)
	}
	var rev, resource strings.Builder
	for _, m := range scenes {
		rev.WriteString(m.rev(q.state))
		resource.WriteString(strconv.Quote(m.text()) + strconv.Quote(strings.Join(m.notes, "\n")))
	}
	if err := q.pinned(w, "/map", rev.String()); err != nil {
		return err
	}
	k := keptResource{rev: rev.String(), resource: "/map?scenes=" + resource.String(), packed: true, from: s.pictures}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		return s.drawScenes(ctx, q, scenes)
	})
}

// readScenes reads a JSON array of scenes. A scene is an object of parameters of a map;
// what it does not say it has from the request.
func readScenes(q *request, text string) ([]*mapScene, error) {
	var all []map[string]string
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, invalid("scenes", "needs a JSON array of objects whose members are parameters of a map, all of them strings")
	}
	if len(all) == 0 || len(all) > mostScenes {
		return nil, invalid("scenes", "has %d scenes; there are from 1 to %d", len(all), mostScenes)
	}
	var out []*mapScene
	for i, members := range all {
		m, err := readScene(q, members)
		if bad := new(geo.InvalidError); errors.As(err, &bad) {
			return nil, invalid("scenes", "%d: %s", i+1, bad.Error())
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func readScene(q *request, members map[string]string) (*mapScene, error) {
	one := *q
	one.params = slices.DeleteFunc(slices.Clone(q.params), func(p param) bool {
		_, own := members[p.name]
		return own || p.name == "rev" || p.name == "scenes"
	})
	var m mapScene
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		switch {
		case !utf8.ValidString(name) || !utf8.ValidString(value):
			return nil, invalid(printable(name), "is not UTF-8")
		case name == "f" || name == "lang" || name == "rev" || name == "scenes":
			return nil, invalid(name, "is of the whole file")
		case name == "notes" && len(value) > mostNotes:
			return nil, invalid("notes", "has %d bytes; %d are the most", len(value), mostNotes)
		case name == "notes":
			m.notes = paragraphs(value)
		default:
			one.params = append(one.params, param{name, value})
		}
	}
	slices.SortFunc(one.params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	var err error
	if m.mapRequest, err = parseMap(&one, nil); err != nil {
		return nil, err
	}
	if m.frame.outside {
		return nil, invalid("bbox", "is outside of the world")
	}
	return &m, nil
}

// paragraphs are the lines of a text that say something.
func paragraphs(text string) []string {
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' })
	return slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
}

// drawScenes draws one map after the other, so that a long presentation takes the place
// of one picture in the queue.
func (s *Server) drawScenes(ctx context.Context, q *request, scenes []*mapScene) (a *keptAnswer, err error) {
	var pages []*draw.Drawing
	var sum render.Picture
	for _, m := range scenes {
		p, err := s.drawMap(ctx, q, m.mapRequest)
		if err != nil {
			return nil, err
		}
		p.Drawing.Notes = append(m.notes, p.Drawing.Notes...)
		pages = append(pages, p.Drawing)
		sum.Shown, sum.Hidden = sum.Shown+p.Shown, sum.Hidden+p.Hidden
		for _, c := range p.Missing {
			if !slices.Contains(sum.Missing, c) {
				sum.Missing = append(sum.Missing, c)
			}
		}
	}
	var out bytes.Buffer
	behind(func() {
		if q.media.f == "pdf" {
			err = draw.PDF(ctx, &out, s.faces, pages...)
		} else {
			err = draw.PPTX(ctx, &out, s.faces, pages...)
		}
	})
	if err != nil {
		return nil, err
	}
	return &keptAnswer{body: out.Bytes(), header: wordHeader(&sum)}, nil
}

// pinned tells of which state of the data the answer is. A request that is pinned to
// another one has no answer any more.
func (q *request) pinned(w http.ResponseWriter, path, rev string) error {
	sum := sha256.Sum256([]byte(rev))
	now := hex.EncodeToString(sum[:8])
	w.Header()["Clustermap-Rev"] = []string{now}
	text, given := q.params.get("rev")
	if !given || text == now {
		return nil
	}
	if b, err := hex.DecodeString(text); err != nil || len(b) != 8 || strings.ToLower(text) != text {
		return invalid("rev", "needs what the header Clustermap-Rev of a picture says, 16 digits such as %s, found %s", now, quoted(text))
	}
	var query []byte
	query = appendParam(query, "f", q.media.f)
	switch {
	case q.both:
		query = appendParam(query, "lang", "both")
	case q.chosen:
		query = appendParam(query, "lang", q.lang)
	}
	for _, p := range q.params {
		if p.name != "rev" {
			query = appendParam(query, p.name, p.value)
		}
	}
	return &goneError{what: "this picture", now: "The picture of the data of today is", address: address(q.base, path, string(query))}
}
