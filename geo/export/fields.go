package export

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"clustermap/geo"
)

// fieldKind is the type of a column in formats with typed columns.
type fieldKind uint8

const (
	fieldText fieldKind = iota
	fieldInteger
	fieldReal
	fieldBoolean
	fieldDate
	fieldDateTime
	fieldJSON // an array or object as JSON text
)

// field is a column: a property of the features.
type field struct {
	geo.Property
	kind fieldKind
}

// fields reads the properties of features into cells.
type fields struct {
	list    []field
	wholeID bool // all ids are whole numbers
	byName  map[string]int
	nested  []string // names of members of objects
	cells   []cell
}

// cell is the JSON of a value; nil is null. It shares the feature's bytes.
type cell []byte

func newFields(opt *Options) *fields {
	fs := &fields{byName: make(map[string]int)}
	if opt.Schema == nil {
		return fs
	}
	fs.wholeID = opt.Schema.WholeIDs()
	add := func(p geo.Property) {
		if _, twice := fs.byName[p.Name]; !twice {
			fs.byName[p.Name] = len(fs.list)
			fs.list = append(fs.list, field{Property: p, kind: kindOfField(p)})
		}
	}
	if opt.Properties == nil {
		for _, p := range opt.Schema.Properties {
			add(p)
		}
	}
	for _, name := range opt.Properties {
		if p, path, ok := opt.Schema.Find(name); ok {
			p.Name = name
			if add(p); len(path) > 1 {
				fs.nested = append(fs.nested, name)
			}
		}
	}
	fs.cells = make([]cell, len(fs.list))
	return fs
}

func kindOfField(p geo.Property) fieldKind {
	switch p.Type {
	case geo.TypeInteger, geo.TypeNumber:
		if p.Int64() {
			return fieldInteger
		}
		return fieldReal
	case geo.TypeBoolean:
		return fieldBoolean
	case geo.TypeArray, geo.TypeObject:
		return fieldJSON
	case geo.TypeString:
		switch p.Format {
		case "date":
			return fieldDate
		case "date-time":
			return fieldDateTime
		}
	}
	return fieldText
}

// names of the fields, in order.
func (fs *fields) names() []string {
	out := make([]string, len(fs.list))
	for i, f := range fs.list {
		out[i] = f.Name
	}
	return out
}

// read returns the cells of the feature, valid until the next call.
func (fs *fields) read(f geo.Feature) []cell {
	clear(fs.cells)
	next := 0
	(&scanner{b: f.Properties()}).members(func(key, value []byte) {
		i := next
		if i >= len(fs.list) || fs.list[i].Name != string(key) {
			var ok bool
			if i, ok = fs.byName[string(key)]; !ok {
				return
			}
		}
		next = i + 1
		if value[0] != 'n' {
			fs.cells[i] = value
		}
	})
	for _, name := range fs.nested {
		if value := nested(f.Properties(), name); value != nil && value[0] != 'n' {
			fs.cells[fs.byName[name]] = value
		}
	}
	return fs.cells
}

// text is the string, or the JSON of another value.
func (c cell) text() string { return string(c.bytes()) }

// bytes are those of text, shared where nothing is escaped.
func (c cell) bytes() []byte {
	if len(c) == 0 || c[0] != '"' {
		return c
	}
	return unquote(c)
}

// integer is the whole number; ok is false where the value is none, or is
// outside int64.
func (c cell) integer() (v int64, ok bool) {
	v, err := strconv.ParseInt(string(c), 10, 64)
	if err == nil {
		return v, true
	}
	f, err := strconv.ParseFloat(string(c), 64) // such as 1e3 or 7.0
	if err != nil || f != math.Trunc(f) || f < -1<<63 || f >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}

// real is the number; ok is false where the value is none.
func (c cell) real() (v float64, ok bool) {
	v, err := strconv.ParseFloat(string(c), 64)
	return v, err == nil
}

// date is the day of a full date "2006-01-02".
func (c cell) date() (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, c.text())
	return t, err == nil
}

// dateTime is the instant of an RFC 3339 date-time, which may have t and z in
// lower case.
func (c cell) dateTime() (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(c.text()))
	return t.UTC(), err == nil
}

// geometry reads a GeoJSON geometry into g, heights with it.
func (s *scanner) geometry(g *shape) {
	var kind int
	var content []byte
	s.members(func(key, value []byte) {
		switch string(key) {
		case "type":
			kind = kindOfName(value)
		case "coordinates", "geometries":
			content = value
		}
	})
	g.reset(kind)
	in := &scanner{b: content}
	ring := func() { in.elements(func() { in.position(g) }); g.endRing() }
	rings := func() { in.elements(ring) }
	switch kind {
	case kindPoint:
		in.position(g)
	case kindMultiPoint:
		in.elements(func() { in.position(g) })
	case kindLineString:
		ring()
	case kindMultiLineString, kindPolygon:
		rings()
	case kindMultiPolygon:
		in.elements(func() { rings(); g.parts = append(g.parts, len(g.ends)) })
	case kindCollection:
		in.elements(func() { (&scanner{b: in.value()}).geometry(g.grow()) })
	}
}

func kindOfName(quoted []byte) int {
	name := unquote(quoted)
	for kind := kindPoint; kind <= kindCollection; kind++ {
		if kindNames[kind] == string(name) {
			return kind
		}
	}
	return 0
}

// position reads [x, y] or [x, y, height, ...].
func (s *scanner) position(g *shape) {
	var v [3]float64
	n := 0
	s.elements(func() {
		raw := s.value()
		if n < len(v) {
			v[n], _ = strconv.ParseFloat(string(raw), 64)
		}
		n++
	})
	if n < 2 {
		return
	}
	g.xy = append(g.xy, v[0], v[1])
	g.z = append(g.z, v[2])
	g.hasZ = g.hasZ || n > 2
}

// distinct gives each name one of at most most bytes that differs from all
// others and from those taken when case is ignored. Names that fit keep
// themselves before others are cut. Control characters become "_".
func distinct(names []string, most int, taken ...string) []string {
	used := make(map[string]bool)
	for _, t := range taken {
		used[strings.ToLower(t)] = true
	}
	out := make([]string, len(names))
	for i, name := range names {
		if low := strings.ToLower(name); name != "" && len(name) <= most && plainName(name) == name && !used[low] {
			used[low] = true
			out[i] = name
		}
	}
	for i, name := range names {
		if out[i] != "" {
			continue
		}
		base := cutText(plainName(name), most)
		pick := base
		for n := 1; pick == "" || used[strings.ToLower(pick)]; n++ {
			suffix := "_" + strconv.Itoa(n)
			pick = cutText(base, most-len(suffix)) + suffix
		}
		used[strings.ToLower(pick)] = true
		out[i] = pick
	}
	return out
}

// plainName is the name in valid UTF-8, with "_" for control characters.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '_'
		}
		return r
	}, name)
}

// cutText is the longest beginning of s of at most most bytes that ends between
// characters.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	most = max(most, 0)
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// free is the first of the names that no property has when case is ignored.
func (fs *fields) free(names ...string) string {
	taken := make(map[string]bool)
	for _, f := range fs.list {
		taken[strings.ToLower(f.Name)] = true
	}
	for _, name := range names {
		if !taken[name] {
			return name
		}
	}
	for n := 1; ; n++ {
		if name := names[0] + "_" + strconv.Itoa(n); !taken[name] {
			return name
		}
	}
}
