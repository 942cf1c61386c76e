package export

import (
	"bufio"
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"clustermap/geo"
)

const (
	jsonfgConf    = "http://www.opengis.net/spec/json-fg-1/1.0/conf/"
	jsonfgProfile = "http://www.opengis.net/def/profile/OGC/0/jsonfg-plus"
)

// writeJSONFG writes a JSON-FG FeatureCollection (OGC 21-045r1) of the profile
// jsonfg-plus: a feature whose geometry is in another CRS than CRS84 has it in
// CRS84 too.
func writeJSONFG(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	b := append([]byte(`{"type":"FeatureCollection",`), JSONFGMembers(opt)...)
	if d, ok := opt.dimension(); ok {
		b = append(b, `,"geometryDimension":`...)
		b = append(b, '0'+byte(d))
	}
	b = append(b, `,"links":[`...)
	if opt.Link != "" {
		b = append(appendJSONString(append(b, `{"rel":"collection","href":`...), opt.Link), "},"...)
	}
	b = append(appendJSONString(append(b, `{"rel":"profile","href":`...), jsonfgProfile), `}],"features":[`...)
	var one []byte
	return writeCollection(ctx, w, features, b, "]}\n", func(out *bufio.Writer, f geo.Feature) error {
		one = opt.AppendJSONFG(one[:0], f)
		_, err := out.Write(one)
		return err
	})
}

// JSONFGMembers are the members, with commas between them, that the root object
// of a JSON-FG document has beside those of GeoJSON: conformsTo, featureType,
// featureSchema and coordRefSys, as far as the options tell them.
func JSONFGMembers(opt *Options) []byte {
	b := append([]byte(`"conformsTo":["`+jsonfgConf), `core"`...)
	if opt.ID != "" {
		b = append(b, `,"`+jsonfgConf+`types-schemas"`...)
	}
	b = append(b, ']')
	if opt.ID != "" {
		b = appendJSONString(append(b, `,"featureType":`...), opt.ID)
		if opt.Link != "" {
			b = appendJSONString(append(b, `,"featureSchema":`...), opt.Link+"/schema")
		}
	}
	if opt.moves() {
		b = appendJSONString(append(b, `,"coordRefSys":`...), opt.CRS.URI())
	}
	return b
}

// dimension is that of all geometries, where the schema tells that it is one.
func (o *Options) dimension() (d int, ok bool) {
	if o.Schema == nil || o.SkipGeometry || len(o.Schema.Geometry) == 0 {
		return 0, false
	}
	d = -1
	for _, kind := range o.Schema.Geometry {
		of := map[string]int{"Point": 0, "LineString": 1, "Polygon": 2}
		one, known := of[strings.TrimPrefix(kind, "Multi")]
		if !known || d >= 0 && d != one {
			return 0, false
		}
		d = one
	}
	return d, true
}

// AppendJSONFG appends the feature as a JSON-FG Feature. Its time is that of the
// properties which v.Roles gives a datetime role. Where v.CRS is not CRS84, place
// has the geometry in that CRS and geometry has it in CRS84; else place is null.
func (v *View) AppendJSONFG(b []byte, f geo.Feature) []byte {
	p := split(f.JSON())
	b = append(append(b, p.head...), `,"time":`...)
	b = v.appendTime(b, p.properties)
	b = append(b, `,"place":`...)
	if v.moves() {
		b = v.appendGeometry(b, f, p.geometry)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"geometry":`...)
	if v.SkipGeometry {
		b = append(b, "null"...)
	} else {
		b = v.appendLonLat(b, f, p.geometry)
	}
	b = append(b, `,"properties":`...)
	b = v.appendProperties(b, p.properties)
	return append(appendUnreserved(b, p.foreign), '}')
}

// appendUnreserved appends the foreign members that JSON-FG has no meaning for.
func appendUnreserved(b, foreign []byte) []byte {
	return appendMembers(b, foreign, func(name []byte) bool {
		switch string(name) {
		case `"time"`, `"place"`, `"coordRefSys"`, `"conformsTo"`, `"featureType"`, `"featureSchema"`, `"geometryDimension"`, `"measures"`:
			return false
		}
		return true
	})
}

// moment is the time that a property tells, with a day's precision or finer.
type moment struct {
	from, to time.Time
	exact    bool // a timestamp, not days
}

func (m moment) isZero() bool { return m.from.IsZero() }

// days is how many days it spans.
func (m moment) days() int { return int(m.to.Sub(m.from)/(24*time.Hour)) + 1 }

// appendTime appends the time object, null where there is no time. A year or a
// month is the interval of its days.
func (v *View) appendTime(b, properties []byte) []byte {
	at, start, end := v.moments(properties)
	switch {
	case !at.isZero() && at.exact:
		return append(appendInstant(append(b, `{"timestamp":`...), at.from, true), '}')
	case !at.isZero() && at.days() == 1:
		return append(appendInstant(append(b, `{"date":`...), at.from, false), '}')
	case !at.isZero():
		start, end = at, at
	case start.isZero() && end.isZero():
		return append(b, "null"...)
	}
	exact := start.exact || end.exact
	b = append(b, `{"interval":[`...)
	b = appendInstant(b, start.from, exact)
	b = appendInstant(append(b, ','), end.to, exact)
	return append(b, "]}"...)
}

// moments reads the properties with a datetime role, the first of each.
func (v *View) moments(properties []byte) (at, start, end moment) {
	if v.Roles == nil {
		return
	}
	var names [3]string
	for i, role := range [...]geo.Role{geo.RoleDatetime, geo.RoleDatetimeStart, geo.RoleDatetimeEnd} {
		for _, p := range v.Roles.Properties {
			if p.Role == role && names[i] == "" {
				names[i] = p.Name
			}
		}
	}
	if names == [3]string{} {
		return
	}
	(&scanner{b: properties}).members(func(key, value []byte) {
		if len(key) == 0 {
			return
		}
		switch string(key) {
		case names[0]:
			at = momentOf(value)
		case names[1]:
			start = momentOf(value)
		case names[2]:
			end = momentOf(value)
		}
	})
	return at, start, end
}

// momentOf reads a year, a month, a date or a date-time.
func momentOf(value []byte) moment {
	text := string(value)
	if value[0] == '"' {
		text = string(unquote(value))
	}
	if strings.Contains(text, "/") {
		return moment{}
	}
	v, err := geo.ParseInterval(text)
	if err != nil {
		return moment{}
	}
	return moment{from: v.Start, to: v.End, exact: len(text) > len(time.DateOnly)}
}

func appendInstant(b []byte, t time.Time, exact bool) []byte {
	b = append(b, '"')
	switch {
	case t.IsZero():
		b = append(b, ".."...)
	case exact:
		b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	default:
		b = t.UTC().AppendFormat(b, time.DateOnly)
	}
	return append(b, '"')
}
