package geo

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// span is a range of bytes of a parser's input; the zero span is none.
type span struct{ lo, hi int }

func (s span) of(b []byte) []byte { return b[s.lo:s.hi] }

// parsedFeature is one feature of the input, checked and not yet kept. Its byte
// slices share the input.
type parsedFeature struct {
	id         ID
	hasID      bool
	isPoint    bool
	point      orb.Point
	geom       orb.Geometry // nil where null or a point
	geometry   span
	properties span
	props      []propValue
	foreign    []member
}

type member struct {
	key   string
	value span
}

// propValue is one member of properties. col is the column of that name, nil if
// there is none yet.
type propValue struct {
	key  []byte
	col  *columnBuilder
	kind kind
	num  float64
	text []byte // a string unescaped; else the value as it stands
}

// feature reads one Feature object into f. order lists the columns in the order
// in which the feature before had its properties.
func (p *parser) feature(f *parsedFeature, order []*columnBuilder) error {
	*f = parsedFeature{props: f.props[:0], foreign: f.foreign[:0]}
	start, typed := p.i, false
	err := p.object(func(key []byte) error {
		switch string(key) {
		case "type":
			typed = true
			return p.typeIs("Feature")
		case "id":
			return within("id", p.featureID(f))
		case "geometry":
			return within("geometry", p.featureGeometry(f))
		case "properties":
			return within("properties", p.propertiesOf(f, order))
		case "crs":
			return p.crs()
		case "coordinates", "geometries", "features":
			return p.fail("a Feature must not have the member %q (RFC 7946, 7.1)", key)
		case "bbox":
			return within("bbox", p.bbox(f))
		case "links": // of the document it came from; ours are made anew
			return p.value()
		}
		start := p.i
		if err := p.value(); err != nil {
			return err
		}
		f.foreign = append(f.foreign, member{string(key), span{start, p.i}})
		return nil
	})
	if err != nil {
		return err
	}
	at := p.i
	p.i = start // where a fault of the whole feature is
	switch {
	case !typed:
		return p.fail(`the member "type" is missing; it is "Feature"`)
	case f.geometry == span{}:
		return p.fail(`the member "geometry" is missing; write null where there is none`)
	case f.properties == span{}:
		return p.fail(`the member "properties" is missing; write null where there are none`)
	}
	p.i = at
	return nil
}

// within names the member in which err, if any, was found.
func within(field string, err error) error {
	if err == nil {
		return nil
	}
	var se *syntaxError
	if errors.As(err, &se) && se.field == "" {
		se.field = field
	}
	return err
}

func (p *parser) typeIs(want string) error {
	if p.space() != '"' {
		return p.unexpected(`"` + want + `"`)
	}
	start := p.i
	s, err := p.str()
	if err == nil && string(s) != want {
		p.i = start
		return p.fail("expected the type %q, found %q", want, clip(string(s)))
	}
	return err
}

func (p *parser) featureID(f *parsedFeature) error {
	start := p.i
	switch c := p.space(); {
	case c == '"':
		s, err := p.str()
		if err != nil {
			return err
		}
		if len(s) == 0 || string(s) == "." || string(s) == ".." {
			p.i = start
			return p.fail("the id %q cannot stand in an address", s)
		}
		f.id = StringID(string(s))
	case c == '-' || '0' <= c && c <= '9':
		if _, err := p.number(); err != nil {
			return err
		}
		f.id = ID{text: string(p.b[start:p.i]), num: true}
	default:
		if p.i >= len(p.b) {
			return errMore
		}
		return p.fail("an id is a string or a number")
	}
	f.hasID = true
	return nil
}

func (p *parser) featureGeometry(f *parsedFeature) error {
	start := p.i
	if p.space() == 'n' {
		if err := p.word("null"); err != nil {
			return err
		}
	} else {
		g, err := p.geometryObject()
		if err != nil {
			return err
		}
		f.point, f.isPoint = g.point, g.shape == nil
		f.geom = g.shape
	}
	f.geometry = span{start, p.i}
	return nil
}

func (p *parser) bbox(f *parsedFeature) error {
	start := p.i
	n := 0
	err := p.array(func(int) error {
		n++
		_, err := p.number()
		return err
	})
	if err == nil && n != 4 && n != 6 {
		return p.fail("a bbox has 4 or 6 numbers, found %d", n)
	}
	if f != nil {
		f.foreign = append(f.foreign, member{"bbox", span{start, p.i}})
	}
	return err
}

// crs accepts the member that older writers add where it says what RFC 7946
// says: WGS 84, longitude first.
func (p *parser) crs() error {
	start := p.i
	if err := p.value(); err != nil {
		return err
	}
	text := p.b[start:p.i]
	if string(text) == "null" {
		return nil
	}
	var doc struct {
		Type       string
		Properties struct{ Name string }
	}
	_ = json.Unmarshal(text, &doc)
	name := strings.ToUpper(doc.Properties.Name)
	switch code := name[1+strings.LastIndexAny(name, ":/"):]; {
	case strings.HasPrefix(code, "CRS84"): // CRS84h has a height
		return nil
	case code == "4326" && strings.Contains(name, "EPSG"):
		return nil
	case p.systems != nil && p.systems(doc.Properties.Name):
		return nil
	}
	p.i = start
	return &syntaxError{at: start, field: "crs", reason: "the coordinates are in " + string(text[:min(len(text), 80)]) +
		"; GeoJSON is longitude, latitude on WGS 84 (convert with ogr2ogr -t_srs EPSG:4326)"}
}

// geometryValue is a point, or any other shape.
type geometryValue struct {
	point orb.Point
	shape orb.Geometry // nil for a point
}

func (g geometryValue) boxed() orb.Geometry {
	if g.shape == nil {
		return g.point
	}
	return g.shape
}

// geometryParts are the members of a geometry read so far.
type geometryParts struct {
	kind  string
	value geometryValue
	key   string // of the coordinates or geometries, "" until met
	late  int    // where they stand, if they came before the type
}

func (p *parser) geometryObject() (geometryValue, error) {
	var parts geometryParts
	err := p.object(func(key []byte) error { return p.geometryMember(&parts, key) })
	switch {
	case err != nil:
		return geometryValue{}, err
	case parts.kind == "":
		return geometryValue{}, p.fail(`the member "type" is missing`)
	case parts.key == "":
		return geometryValue{}, p.fail("the coordinates are missing")
	case parts.late > 0:
		if err := p.fits(&parts); err != nil {
			return geometryValue{}, err
		}
		again := parser{b: p.b, i: parts.late, depth: p.depth}
		return again.shape(parts.kind)
	}
	return parts.value, nil
}

func (p *parser) geometryMember(parts *geometryParts, key []byte) (err error) {
	switch string(key) {
	case "type":
		if p.space() != '"' {
			return p.unexpected("a geometry type")
		}
		s, err := p.str()
		if err != nil {
			return err
		}
		if parts.kind = geometryType(s); parts.kind == "" {
			return p.fail("%q is not a geometry type of GeoJSON", clip(string(s)))
		}
	case "coordinates", "geometries":
		if parts.key != "" {
			return p.fail("a geometry has coordinates or geometries, not both")
		}
		parts.key = "coordinates" // not string(key), which would be a copy
		if key[0] == 'g' {
			parts.key = "geometries"
		}
		if parts.kind == "" {
			parts.late = p.i
			return p.value()
		}
		if err := p.fits(parts); err != nil {
			return err
		}
		parts.value, err = p.shape(parts.kind)
		return err
	case "geometry", "properties", "features":
		return p.fail("a geometry must not have the member %q (RFC 7946, 7.1)", key)
	case "crs":
		return p.crs()
	case "bbox":
		return p.bbox(nil)
	default:
		return p.value()
	}
	return nil
}

// fits refuses geometries of a Point and coordinates of a GeometryCollection.
func (p *parser) fits(parts *geometryParts) error {
	if (parts.kind == "GeometryCollection") == (parts.key == "geometries") {
		return nil
	}
	return p.fail("a %s must not have the member %q", parts.kind, parts.key)
}

// geometryType is the type named by s, without a copy of s.
func geometryType(s []byte) string {
	for _, t := range [...]string{"Point", "MultiPolygon", "Polygon", "LineString", "MultiLineString", "MultiPoint", "GeometryCollection"} {
		if string(s) == t {
			return t
		}
	}
	return ""
}

// shape reads the coordinates (or geometries) of a geometry of the kind.
func (p *parser) shape(kind string) (g geometryValue, err error) {
	switch kind {
	case "Point":
		g.point, err = p.position()
	case "MultiPoint":
		var mp orb.MultiPoint
		mp, err = p.positions("MultiPoint", 1)
		g.shape = mp
	case "LineString":
		var ls []orb.Point
		ls, err = p.positions("LineString", 2)
		g.shape = orb.LineString(ls)
	case "MultiLineString":
		var ml orb.MultiLineString
		err = p.some("MultiLineString", func() error {
			ls, err := p.positions("LineString", 2)
			ml = append(ml, orb.LineString(ls))
			return err
		})
		g.shape = ml
	case "Polygon":
		var pg orb.Polygon
		pg, err = p.polygon()
		g.shape = pg
	case "MultiPolygon":
		var mp orb.MultiPolygon
		err = p.some("MultiPolygon", func() error {
			pg, err := p.polygon()
			mp = append(mp, pg)
			return err
		})
		g.shape = mp
	default:
		var c orb.Collection
		err = p.some("GeometryCollection", func() error {
			v, err := p.geometryObject()
			c = append(c, v.boxed())
			return err
		})
		g.shape = c
	}
	return g, err
}

// some reads an array that must not be empty.
func (p *parser) some(what string, element func() error) error {
	n := 0
	err := p.array(func(int) error {
		n++
		return element()
	})
	if err == nil && n == 0 {
		return p.fail("a %s must not be empty; write null where there is no geometry", what)
	}
	return err
}

func (p *parser) polygon() (orb.Polygon, error) {
	var pg orb.Polygon
	err := p.some("Polygon", func() error {
		pts, err := p.positions("ring", 4)
		if err != nil {
			return err
		}
		if pts[0] != pts[len(pts)-1] {
			return p.fail("ring %d is not closed: it begins at %v and ends at %v", len(pg)+1, pts[0], pts[len(pts)-1])
		}
		pg = append(pg, pts)
		return nil
	})
	return pg, err
}

func (p *parser) positions(what string, least int) ([]orb.Point, error) {
	var pts []orb.Point
	err := p.some(what, func() error {
		pt, err := p.position()
		pts = append(pts, pt)
		return err
	})
	if err == nil && len(pts) < least {
		return nil, p.fail("a %s needs %d positions or more, found %d", what, least, len(pts))
	}
	if cap(pts) > len(pts)+len(pts)/8 {
		pts = append(make([]orb.Point, 0, len(pts)), pts...)
	}
	return pts, err
}

// position reads one position: longitude, latitude, and up to two numbers that
// are checked and left out.
func (p *parser) position() (orb.Point, error) {
	var pt orb.Point
	if p.space() != '[' {
		return pt, p.unexpected("a position [longitude, latitude]")
	}
	start := p.i
	p.i++
	for n := 0; ; n++ {
		c := p.space()
		if c == ']' && n == 0 {
			return pt, p.fail("a position must not be empty; write null where there is no geometry")
		}
		switch c {
		case '[':
			return pt, p.fail("a position is [longitude, latitude], found '[' in it: wrong nesting")
		case '"':
			return pt, p.fail("a position is [longitude, latitude], found a text in it: write numbers without quotes")
		case 'n':
			return pt, p.fail("a position is [longitude, latitude], found null in it; write null in place of the geometry where there is none")
		}
		v, err := p.number()
		if err != nil {
			return pt, err
		}
		if n < 2 {
			pt[n] = v
		}
		switch p.space() {
		case ',':
			if n == 3 {
				return pt, p.fail("a position has 2 or 3 numbers, found more than 4")
			}
			p.i++
			continue
		case ']':
		default:
			return pt, p.unexpected("',' or ']'")
		}
		p.i++
		if n == 0 {
			p.i = start
			return pt, p.fail("a position has 2 or 3 numbers, found 1")
		}
		return pt, p.inRange(pt, start)
	}
}

func (p *parser) inRange(pt orb.Point, start int) error {
	if p.planar || pt[0] >= -180 && pt[0] <= 180 && pt[1] >= -90 && pt[1] <= 90 {
		return nil
	}
	p.i = start
	what, v, most := "latitude", pt[1], 90
	if pt[0] < -180 || pt[0] > 180 {
		what, v, most = "longitude", pt[0], 180
	}
	hint := "coordinates are degrees on WGS 84"
	switch {
	case pt[0] >= -90 && pt[0] <= 90 && pt[1] >= -180 && pt[1] <= 180:
		hint = "a position is longitude first: are the axes swapped?"
	case math.Abs(pt[0]) > 1000 || math.Abs(pt[1]) > 1000:
		hint = "these look like metres of a projection (convert with ogr2ogr -t_srs EPSG:4326)"
	}
	return p.fail("%s %s is outside -%d..%d; %s", what, strconv.FormatFloat(v, 'f', -1, 64), most, most, hint)
}

// propertiesOf reads the properties of f.
func (p *parser) propertiesOf(f *parsedFeature, order []*columnBuilder) (err error) {
	start := p.i
	switch p.space() {
	case 'n':
		err = p.word("null")
	case '{':
		err = p.propertyMembers(f, order)
	default:
		return p.unexpected("an object or null")
	}
	f.properties = span{start, p.i}
	return err
}

// propertyMembers reads the object of properties. A key that stands where the
// feature before had it cannot be a repetition, and needs no look-up.
func (p *parser) propertyMembers(f *parsedFeature, order []*columnBuilder) error {
	first := len(p.keys)
	same := true // so far the keys are those of order
	var many map[string]bool
	err := p.members(func(n int, key []byte) (err error) {
		v := propValue{key: key}
		if same && n < len(order) && order[n].name == string(key) {
			v.col = order[n]
		} else {
			if same {
				same, many = false, p.remember(f.props, first)
			}
			if many, err = p.unique(key, first, many); err != nil {
				return err
			}
		}
		err = p.propValue(&v)
		f.props = append(f.props, v)
		return err
	})
	p.keys = p.keys[:first]
	return err
}

// remember puts the keys of props, which differ, among those of the object whose
// keys begin at first.
func (p *parser) remember(props []propValue, first int) (many map[string]bool) {
	for i := range props {
		many, _ = p.unique(props[i].key, first, many)
	}
	return many
}

func (p *parser) propValue(v *propValue) (err error) {
	start := p.i
	switch c := p.space(); {
	case c == '"':
		v.kind = kindString
		v.text, err = p.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		v.kind = kindNumber
		v.num, err = p.number()
		v.text = p.b[start:p.i]
		return err
	case c == 't' || c == 'f':
		v.kind = kindBool
	case c == 'n':
		v.kind = kindNull
	case c == '[':
		v.kind = kindArray
	default:
		v.kind = kindObject
	}
	err = p.value()
	v.text = p.b[start:p.i]
	return err
}
