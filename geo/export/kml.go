package export

import (
	"archive/zip"
	"bufio"
	"cmp"
	"context"
	"encoding/xml"
	"io"
	"iter"
	"math"
	"strings"

	"clustermap/geo"
)

const kmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2">
<Document id="document">
`

const kmlStyle = `<Style id="feature"><IconStyle><scale>0.8</scale></IconStyle><LineStyle><color>ff9c5a1f</color><width>2</width></LineStyle>` +
	`<PolyStyle><color>409c5a1f</color></PolyStyle></Style>
`

// writeKMZ writes the KML as doc.kml in a zip.
func writeKMZ(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	archive := zip.NewWriter(w)
	doc, err := archive.Create("doc.kml")
	if err != nil {
		return err
	}
	if err := writeKML(ctx, doc, features, opt); err != nil {
		return err
	}
	return archive.Close()
}

// writeKML writes OGC KML 2.2 with the properties as typed ExtendedData. KML is
// always longitude, latitude on WGS 84: another CRS is refused. Heights stand in
// the coordinates and are not drawn, for KML counts them from the sea and GeoJSON
// from the ellipsoid. Characters that XML cannot hold become U+FFFD.
func writeKML(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	if opt.moves() && !strings.HasPrefix(opt.CRS.Code(), "OGC:CRS84") {
		return &geo.InvalidError{Field: "crs", Reason: "KML is always in OGC:CRS84, found " + opt.CRS.Code() + "; leave crs out"}
	}
	k := newKMLWriter(w, opt)
	k.head(opt)
	if err := each(ctx, features, k.placemark); err != nil {
		return err
	}
	k.out.WriteString("</Document>\n</kml>\n")
	return k.out.Flush()
}

// kmlWriter writes placemarks. An error of out stays, and ends the next
// placemark.
type kmlWriter struct {
	out    *bufio.Writer
	view   *View
	fields *fields
	names  []string // of the fields, the one of the feature's id first; no two differ by case alone
	opens  []string // what opens the data of each field, the id's first
	name   int      // the field that names the feature, or -1
	buf    []byte
}

func newKMLWriter(w io.Writer, opt *Options) *kmlWriter {
	k := &kmlWriter{out: bufio.NewWriterSize(w, flushAt), view: &opt.View, fields: newFields(opt), name: -1}
	id := k.fields.free("id", "feature_id")
	k.names = append([]string{id}, distinct(k.fields.names(), math.MaxInt, id)...)
	for _, name := range k.names {
		var b strings.Builder
		b.WriteString(`<SimpleData name="`)
		_ = xml.EscapeText(&b, []byte(name))
		k.opens = append(k.opens, b.String()+`">`)
	}
	best := -1
	for i, f := range k.fields.list {
		if f.Role != geo.RoleName {
			continue
		}
		score := 1
		if f.Lang == opt.Lang {
			score = 2
		}
		if score > best {
			best, k.name = score, i
		}
	}
	return k
}

// text writes s escaped. Most texts have nothing to escape.
func (k *kmlWriter) text(s []byte) {
	const lead = 0xef // of U+FFFE and U+FFFF, among others
	for _, c := range s {
		if c < ' ' || c == '<' || c == '>' || c == '&' || c == '"' || c == '\'' || c == lead {
			_ = xml.EscapeText(k.out, s)
			return
		}
	}
	k.out.Write(s)
}

func (k *kmlWriter) raw(parts ...string) {
	for _, s := range parts {
		k.out.WriteString(s)
	}
}

// element writes text in a simple element.
func (k *kmlWriter) element(name string, text []byte) {
	k.raw("<", name, ">")
	k.text(text)
	k.raw("</", name, ">")
}

func (k *kmlWriter) head(opt *Options) {
	k.raw(kmlHead)
	k.element("name", []byte(cmp.Or(opt.Title.In(opt.Lang), opt.ID, "features")))
	var about strings.Builder
	for _, f := range facts(opt) {
		about.WriteString(f.Name.In(opt.Lang) + ": " + f.Value + "\n")
	}
	if about.Len() > 0 {
		k.element("description", []byte(about.String()))
	}
	k.raw("\n", kmlStyle, `<Schema name="features" id="features">`, "\n")
	k.field(k.names[0], "string", "")
	for i, f := range k.fields.list {
		title := f.Title.In(opt.Lang)
		if title == "" && k.names[i+1] != f.Name {
			title = f.Name
		}
		k.field(k.names[i+1], kmlType(f), title)
	}
	k.raw("</Schema>\n")
}

func (k *kmlWriter) field(name, kind, title string) {
	k.raw(`<SimpleField type="`, kind, `" name="`)
	k.text([]byte(name))
	k.raw(`">`)
	if title != "" {
		k.element("displayName", []byte(title))
	}
	k.raw("</SimpleField>\n")
}

// kmlType is the type of KML that holds the values. Its int has 32 bits.
func kmlType(f field) string {
	switch {
	case f.Type == geo.TypeBoolean:
		return "bool"
	case f.Type == geo.TypeInteger && f.Min != nil && f.Max != nil && *f.Min >= math.MinInt32 && *f.Max <= math.MaxInt32:
		return "int"
	case f.Type == geo.TypeNumber || f.Type == geo.TypeInteger:
		return "double"
	}
	return "string"
}

func (k *kmlWriter) placemark(f geo.Feature) error {
	p := split(f.JSON())
	cells := k.fields.read(f)
	k.raw("<Placemark>")
	if name := k.nameOf(f, cells); len(name) > 0 {
		k.element("name", name)
	}
	k.time(p.properties)
	k.raw(`<styleUrl>#feature</styleUrl><ExtendedData><SchemaData schemaUrl="#features">`)
	k.data(0, []byte(f.ID().String()))
	for i, c := range cells {
		if c != nil {
			k.data(i+1, c.bytes())
		}
	}
	k.raw("</SchemaData></ExtendedData>")
	k.buf = k.view.appendGeometry(k.buf[:0], f, p.geometry)
	if k.buf[0] == '{' {
		k.geometry(k.buf)
	}
	_, err := k.out.WriteString("</Placemark>\n")
	return err
}

// nameOf is the value of the name, the id where there is none.
func (k *kmlWriter) nameOf(f geo.Feature, cells []cell) []byte {
	if k.name >= 0 && cells[k.name] != nil {
		return cells[k.name].bytes()
	}
	return []byte(f.ID().String())
}

func (k *kmlWriter) data(field int, value []byte) {
	k.raw(k.opens[field])
	k.text(value)
	k.raw("</SimpleData>")
}

// time writes the time that the roles of the schema tell.
func (k *kmlWriter) time(properties []byte) {
	at, start, end := k.view.moments(properties)
	instant := func(name string, m moment, last bool) {
		t := m.from
		if last {
			t = m.to
		}
		if !t.IsZero() {
			var b [40]byte
			text := appendInstant(b[:0], t, m.exact)
			k.raw("<", name, ">", string(text[1:len(text)-1]), "</", name, ">")
		}
	}
	switch {
	case !at.isZero() && (at.exact || at.days() == 1):
		k.raw("<TimeStamp>")
		instant("when", at, false)
		k.raw("</TimeStamp>")
		return
	case !at.isZero():
		start, end = at, at
	case start.isZero() && end.isZero():
		return
	}
	k.raw("<TimeSpan>")
	instant("begin", start, false)
	instant("end", end, true)
	k.raw("</TimeSpan>")
}

// geometry writes a GeoJSON geometry.
func (k *kmlWriter) geometry(raw []byte) {
	kind, content := geometryParts(raw)
	s := &scanner{b: content}
	multi := func(one func()) {
		k.raw("<MultiGeometry>")
		s.elements(one)
		k.raw("</MultiGeometry>")
	}
	line := func() { k.coordinates("LineString", s) }
	switch kind {
	case "Point":
		k.point(s)
	case "MultiPoint":
		multi(func() { k.point(s) })
	case "LineString":
		line()
	case "MultiLineString":
		multi(line)
	case "Polygon":
		k.polygon(s)
	case "MultiPolygon":
		multi(func() { k.polygon(s) })
	case "GeometryCollection":
		multi(func() { s.space(); k.geometry(s.value()) })
	}
}

func (k *kmlWriter) point(s *scanner) {
	k.raw("<Point><coordinates>")
	k.tuple(s)
	k.raw("</coordinates></Point>")
}

func (k *kmlWriter) polygon(s *scanner) {
	k.raw("<Polygon>")
	boundary := "outerBoundaryIs"
	s.elements(func() {
		k.raw("<", boundary, ">")
		k.coordinates("LinearRing", s)
		k.raw("</", boundary, ">")
		boundary = "innerBoundaryIs"
	})
	k.raw("</Polygon>")
}

// coordinates writes an array of positions.
func (k *kmlWriter) coordinates(element string, s *scanner) {
	k.raw("<", element, "><coordinates>")
	first := true
	s.elements(func() {
		if !first {
			k.out.WriteByte(' ')
		}
		first = false
		k.tuple(s)
	})
	k.raw("</coordinates></", element, ">")
}

// tuple writes a position with the digits it has.
func (k *kmlWriter) tuple(s *scanner) {
	n := 0
	s.elements(func() {
		s.next()
		value := s.value()
		if n > 0 && n < 3 {
			k.out.WriteByte(',')
		}
		if n < 3 {
			k.out.Write(value)
		}
		n++
	})
}
