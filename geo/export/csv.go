package export

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"clustermap/geo"
)

// writeCSV writes RFC 4180 in UTF-8 with the byte order mark that Excel wants:
// the id, the properties in the order of the schema or the selection, then the
// geometry as table says. Null is an empty field, the empty text is "". Arrays
// and objects are JSON.
//
// A text that a spreadsheet would run as a formula, because it begins with one
// of = + - @, their full-width forms, a tab or a line end, gets an apostrophe
// before it. Numbers stay as they are, digit by digit. U+0000 becomes U+FFFD.
func writeCSV(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	t, err := newTable(opt)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, flushAt)
	line := []byte("\ufeff")
	for i, name := range t.header {
		if i > 0 {
			line = append(line, ',')
		}
		line = AppendCSVText(line, []byte(name))
	}
	out.Write(append(line, "\r\n"...))
	err = each(ctx, features, func(f geo.Feature) error {
		line = t.appendCSV(line[:0], f)
		_, err := out.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func (t *table) appendCSV(b []byte, f geo.Feature) []byte {
	row := t.row(f)
	if id := f.ID(); id.IsNumber() {
		b = append(b, id.String()...)
	} else {
		b = AppendCSVText(b, []byte(id.String()))
	}
	for _, c := range row.cells {
		b = append(b, ',')
		switch {
		case c == nil:
		case c[0] == '"':
			b = AppendCSVText(b, c.bytes())
		case c[0] == '[' || c[0] == '{':
			b = AppendCSVText(b, c)
		default:
			b = append(b, c...)
		}
	}
	if t.lonlat {
		b = append(append(b, ','), row.point[0]...)
		b = append(append(b, ','), row.point[1]...)
	}
	if t.wkt {
		b = append(b, ',')
		if len(row.wkt) > 0 {
			b = AppendCSVText(b, row.wkt)
		}
	}
	return append(b, "\r\n"...)
}

// AppendCSVText appends a text as a field of CSV: in quotes where it is empty, which
// null is not, and with an apostrophe before what a spreadsheet would take for a
// formula.
func AppendCSVText(b, text []byte) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		text = bytes.ReplaceAll(text, []byte{0}, []byte("\ufffd"))
	}
	danger := looksLikeFormula(text)
	quote := len(text) == 0 || danger || bytes.ContainsAny(text, "\",\r\n") || text[0] == ' ' || text[len(text)-1] == ' '
	if !quote {
		return append(b, text...)
	}
	b = append(b, '"')
	if danger {
		b = append(b, '\'')
	}
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			break
		}
		b = append(append(b, text[:i+1]...), '"')
		text = text[i+1:]
	}
	return append(append(b, text...), '"')
}

func looksLikeFormula(text []byte) bool {
	for _, start := range [...]string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if len(text) >= len(start) && string(text[:len(start)]) == start {
			return true
		}
	}
	return false
}

// table is features as rows of an id, the properties and the geometry: as two
// columns for the coordinates of points, as WKT, or both where only some are
// points. Coordinates in columns of their own have no heights; WKT has them. The
// names of the columns tell the CRS where it is not CRS84; the coordinates are in
// the axis order of its authority, in WKT too.
type table struct {
	view        *View
	fields      *fields
	header      []string
	lonlat, wkt bool
	geometry    []byte // of the feature at hand
	text        []byte // its WKT
}

func newTable(opt *Options) (*table, error) {
	t := &table{view: &opt.View, fields: newFields(opt)}
	var kinds []string
	if opt.Schema != nil {
		kinds = opt.Schema.Geometry
	}
	points := slices.Contains(kinds, "Point")
	only := points && len(kinds) == 1
	switch opt.Points {
	case "":
		t.lonlat, t.wkt = only, !only
	case "lonlat":
		t.lonlat, t.wkt = true, !only
	case "wkt":
		t.wkt = true
	default:
		return nil, &geo.InvalidError{Field: "points", Reason: fmt.Sprintf("expected wkt or lonlat, found %q", opt.Points)}
	}
	if opt.SkipGeometry {
		t.lonlat, t.wkt = false, false
	}
	t.header = append([]string{"id"}, t.fields.names()...)
	t.header[0] = untaken("id", t.header[1:])
	if t.lonlat {
		axes, in := [2]string{"lon", "lat"}, ""
		if opt.moves() {
			axes, in = opt.CRS.AxisNames(), " "+opt.CRS.Code()
		}
		t.header = append(t.header, untaken(axes[0]+in, t.header), untaken(axes[1]+in, t.header))
	}
	if t.wkt {
		name := "WKT"
		if opt.moves() {
			name += " " + opt.CRS.Code()
		}
		t.header = append(t.header, untaken(name, t.header))
	}
	return t, nil
}

// untaken is name, with as many underscores as make it differ from the others in
// any case.
func untaken(name string, others []string) string {
	for slices.ContainsFunc(others, func(o string) bool { return strings.EqualFold(o, name) }) {
		name += "_"
	}
	return name
}

// row is valid until the next call of table.row.
type row struct {
	cells []cell
	point [2][]byte // empty where the geometry is no point, or stands in wkt
	wkt   []byte
}

func (t *table) row(f geo.Feature) row {
	r := row{cells: t.fields.read(f)}
	if !t.lonlat && !t.wkt {
		return r
	}
	t.geometry = t.view.appendGeometry(t.geometry[:0], f, split(f.JSON()).geometry)
	if t.geometry[0] != '{' {
		return r
	}
	if t.lonlat {
		if p, ok := pointOf(t.geometry); ok {
			r.point = p
			return r
		}
	}
	if t.wkt {
		t.text = appendWKT(t.text[:0], t.geometry)
		r.wkt = t.text
	}
	return r
}

// pointOf gives the two coordinates of a Point as they are written.
func pointOf(geometry []byte) (p [2][]byte, ok bool) {
	kind, content := geometryParts(geometry)
	if kind != "Point" {
		return p, false
	}
	s := scanner{b: content}
	s.eat('[')
	for i := range p {
		s.next()
		p[i] = s.value()
		s.eat(',')
	}
	return p, true
}

// geometryParts gives the type of a GeoJSON geometry, and its coordinates or
// geometries.
func geometryParts(raw []byte) (kind string, content []byte) {
	s := scanner{b: raw}
	s.eat('{')
	for s.next() == '"' {
		key := s.value()
		s.eat(':')
		s.next()
		value := s.value()
		s.eat(',')
		switch string(key) {
		case `"type"`:
			kind = geometryKind(unquote(value))
		case `"coordinates"`, `"geometries"`:
			content = value
		}
	}
	return kind, content
}

func geometryKind(name []byte) string {
	for _, kind := range [...]string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"} {
		if string(name) == kind {
			return kind
		}
	}
	return ""
}

// appendWKT appends a GeoJSON geometry as well-known text with the digits it
// has. Heights are written where every position has one, as in POINT Z (1 2 3).
func appendWKT(b, raw []byte) []byte { return appendWKTOf(b, raw, allHigh(raw)) }

func appendWKTOf(b, raw []byte, high bool) []byte {
	kind, content := geometryParts(raw)
	b = append(b, strings.ToUpper(kind)...)
	if high {
		b = append(b, " Z"...)
	}
	s := scanner{b: content}
	switch kind {
	case "GeometryCollection":
		separator := " ("
		s.elements(func() {
			s.space()
			b = appendWKTOf(append(b, separator...), s.value(), high)
			separator = ", "
		})
		return append(b, ')')
	case "Point":
		b = appendTuple(append(b, " ("...), &s, high)
		return append(b, ')')
	}
	return appendTuples(append(b, ' '), &s, high, kind == "MultiPoint")
}

// appendTuples appends an array of positions, or of such arrays.
func appendTuples(b []byte, s *scanner, high, bracketed bool) []byte {
	b = append(b, '(')
	first := true
	s.elements(func() {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		ahead := scanner{b: s.b, i: s.i + 1}
		switch {
		case ahead.next() == '[':
			b = appendTuples(b, s, high, false)
		case bracketed:
			b = append(appendTuple(append(b, '('), s, high), ')')
		default:
			b = appendTuple(b, s, high)
		}
	})
	return append(b, ')')
}

// appendTuple appends a position as numbers with spaces between them.
func appendTuple(b []byte, s *scanner, high bool) []byte {
	n := 0
	s.elements(func() {
		s.next()
		value := s.value()
		if n < 2 || n == 2 && high {
			if n > 0 {
				b = append(b, ' ')
			}
			b = append(b, value...)
		}
		n++
	})
	return b
}

// allHigh reports whether every position of a GeoJSON geometry has a height.
func allHigh(raw []byte) bool {
	kind, content := geometryParts(raw)
	s := scanner{b: content}
	if kind == "GeometryCollection" {
		high := true
		s.elements(func() {
			s.space()
			high = allHigh(s.value()) && high
		})
		return high
	}
	return high(&s)
}

// high reports it of a position, or of an array of what holds positions.
func high(s *scanner) bool {
	n, all := 0, true
	numbers := false
	s.elements(func() {
		if s.next() == '[' {
			all = high(s) && all
			return
		}
		numbers = true
		s.value()
		n++
	})
	return all && (!numbers || n > 2)
}
