package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/ingest"
	"clustermap/geo/table"
)

// Limits of a table, beside that of its bytes: what it unpacks to, its rows, and the
// features that are made of it.
const (
	maxUnpacking   = 6 // times Tables.MaxBytes
	maxTableRows   = 100_000
	maxFeatureSize = 4 // times Tables.MaxBytes
)

// tableFormats are the endings of the names of files that are read.
func tableFormats() []string {
	return []string{".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz", ".gpx"}
}

// readTable reads a table and writes what was made of it as the medium says.
func (s *Server) readTable(ctx context.Context, dst *bytes.Buffer, t *sentTable, q *request) error {
	g, err := s.cfg.Tables.Gazetteer()
	if err != nil {
		return err
	}
	var over ingest.Mapping
	if t.mapping != nil {
		if over, err = ingest.ReadMapping(bytes.NewReader(t.mapping)); err != nil {
			return inField("mapping", err)
		}
	}
	most := s.cfg.Tables.MaxBytes
	f, err := table.Open(ctx, table.Source{Name: t.name, R: bytes.NewReader(t.data), Size: int64(len(t.data))}, table.Options{MaxUnpacked: maxUnpacking * most})
	if err != nil {
		return inFile(t.name, err)
	}
	defer f.Close()
	result, err := importOf(ctx, f, g, over, ingest.Options{Name: t.name, Lang: q.lang, MaxRows: maxTableRows, MaxBytes: maxFeatureSize * most, Outline: divisionOutlines(ctx, q.state)})
	if err != nil {
		return inFile(t.name, err)
	}
	if q.media.f == "geojson" {
		return result.WriteGeoJSON(dst)
	}
	return writeImport(dst, result, q.lang)
}

// importOf is the import as the command makes it: what the columns are taken for, and
// above that what the mapping says.
func importOf(ctx context.Context, f *table.File, g *gazetteer.Gazetteer, over ingest.Mapping, opt ingest.Options) (*ingest.Result, error) {
	m, notes, err := ingest.Plan(ctx, f, g)
	if err != nil {
		return nil, err
	}
	opt.Mapping, opt.Notes = m.Merge(over), notes
	result, err := ingest.Import(ctx, f, g, opt, nil)
	if err == nil && result.Report.Counts.In == 0 {
		err = &geo.InvalidError{File: opt.Name, Reason: "has no rows"}
	}
	return result, err
}

// writeImport writes the report, and the features as the text that their file would
// hold: what a page saves is byte for byte what the command writes.
func writeImport(dst *bytes.Buffer, result *ingest.Result, lang string) error {
	dst.WriteString(`{"report":`)
	if err := result.Report.WriteJSON(dst, lang); err != nil {
		return err
	}
	dst.WriteString(`,"geojson":"`)
	if err := result.WriteGeoJSON(quoter{dst}); err != nil {
		return err
	}
	dst.WriteString("\"}\n")
	return nil
}

// quoter writes JSON as the inside of a string of JSON: of what a string may not hold
// it has quotes, backslashes and white space.
type quoter struct{ dst *bytes.Buffer }

func (q quoter) Write(b []byte) (int, error) {
	plain := 0
	for i, c := range b {
		if c != '"' && c != '\\' && c >= ' ' {
			continue
		}
		q.dst.Write(b[plain:i])
		plain = i + 1
		switch c {
		case '\n':
			q.dst.WriteString(`\n`)
		case '"', '\\':
			q.dst.WriteByte('\\')
			q.dst.WriteByte(c)
		default:
			fmt.Fprintf(q.dst, `\u%04x`, c)
		}
	}
	q.dst.Write(b[plain:])
	return len(b), nil
}

// divisionOutlines gives the outlines of the collection divisions.
func divisionOutlines(ctx context.Context, state *geo.State) func(string) (orb.Geometry, bool) {
	c, ok := state.Collection("divisions")
	if !ok {
		return nil
	}
	return func(adcode string) (orb.Geometry, bool) {
		f, err := c.Source.Get(ctx, adcode)
		if err != nil || f.Geometry() == nil {
			return nil, false
		}
		return f.Geometry(), true
	}
}

// inFile names the file in the first fault of it.
func inFile(name string, err error) error {
	err = asInvalid(err)
	var bad *geo.InvalidError
	if !errors.As(err, &bad) || bad.File != "" {
		return err
	}
	named := *bad
	named.File = name
	return &named
}

// inField puts a fault of a part of the body below the name of that part.
func inField(name string, err error) error {
	var bad *geo.InvalidError
	if !errors.As(err, &bad) {
		return err
	}
	within := *bad
	within.File = ""
	if within.Field = name; bad.Field != "" {
		within.Field = name + "." + bad.Field
	}
	return &within
}

const somePlaces, maxPlaces = 10, 50

// maxPlaceText is the most bytes of a text that a place is looked for by.
const maxPlaceText = 200

// placeFound is a unit of the gazetteer as it is offered to people.
type placeFound struct {
	Code      string     `json:"code"`
	NameZH    string     `json:"name_zh"`
	NameEN    string     `json:"name_en,omitempty"`
	Pinyin    string     `json:"pinyin,omitempty"`
	Level     string     `json:"level"`
	WithinZH  string     `json:"within_zh,omitempty"` // the units above it
	WithinEN  string     `json:"within_en,omitempty"`
	Point     *orb.Point `json:"point,omitempty"` // of its own seat
	Precision string     `json:"precision,omitempty"`
}

type placesFound struct {
	Places []placeFound `json:"places"`
}

// places answers GET /places.
func (s *Server) places(w http.ResponseWriter, q *request) error {
	for _, p := range q.params {
		if p.name != "limit" && p.name != "q" {
			return unknown(p.name, []string{"q", "limit", "f", "lang"})
		}
	}
	limit := somePlaces
	if asked, ok := q.params.get("limit"); ok {
		var err error
		if limit, err = parseLimit(asked, maxPlaces); err != nil {
			return err
		}
	}
	text, _ := q.params.get("q")
	if len(text) > maxPlaceText {
		return invalid("q", "is longer than %d bytes", maxPlaceText)
	}
	t := s.tag(q, "", "/places?"+q.URL.RawQuery)
	if q.current(w, t) {
		return nil
	}
	found := placesFound{Places: []placeFound{}}
	var units []*gazetteer.Unit
	if text != "" && s.cfg.Tables.Gazetteer != nil {
		g, err := s.cfg.Tables.Gazetteer()
		if err != nil {
			return err
		}
		units = g.Search(text, limit)
	}
	for _, u := range units {
		p := placeFound{Code: u.Code, NameZH: u.NameZH, NameEN: u.NameEN, Pinyin: u.Pinyin, Level: u.Level, Precision: u.Precision}
		if u.Parent != nil {
			p.WithinZH, p.WithinEN = ingest.Division(u.Parent, "zh"), ingest.Division(u.Parent, "en")
		}
		if u.HasPoint {
			p.Point = &u.Point
		}
		found.Places = append(found.Places, p)
	}
	return s.sendJSON(w, q, t, found)
}
