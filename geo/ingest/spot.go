package ingest

import (
	"cmp"
	"slices"
	"strings"

	"clustermap/geo/gazetteer"

	"github.com/paulmach/orb"
)

// spot is one place, or several in one feature.
type spot struct {
	geometry         orb.Geometry // nil: none
	units            []*gazetteer.Unit
	adcode, then     string
	level, precision string
	zone             string
	source, record   string // of the point
}

// spot is where places are, and says in o which of them no point is known for.
func (p *placer) spot(places []gazetteer.Place, code string, o *outcome) spot {
	var s spot
	s.name(places, p.g, code)
	var points orb.MultiPoint
	var records []string
	for _, place := range places {
		if place.Precision == "" || !onEarth(place.Point) {
			o.reasons = append(o.reasons, Reason{Code: "no-point", Args: []string{place.Unit.NameZH}})
			continue
		}
		if slices.Contains(points, place.Point) {
			continue
		}
		points = append(points, place.Point)
		source, record := sourceOf(place.Unit)
		s.source = cmp.Or(s.source, source)
		if record != "" {
			records = append(records, record)
		}
		s.precision = worst(s.precision, place.Precision)
	}
	s.record = strings.Join(records, ",")
	switch len(points) {
	case 0:
		s.precision = ""
	case 1:
		s.geometry = points[0]
	default:
		s.geometry = points
	}
	return s
}

// sourceOf takes "GeoNames 1805657" apart. A place at the seat of another has the
// record of that.
func sourceOf(u *gazetteer.Unit) (source, record string) {
	_, host := u.Seat()
	if host == nil {
		return "", ""
	}
	if host.Record == "" {
		return "computed", ""
	}
	if host.Record == "by hand" {
		return host.Record, ""
	}
	source, record, _ = strings.Cut(host.Record, " ")
	return source, record
}

// worst is the less exact of two classes of precision.
func worst(a, b string) string {
	order := []string{"", "market", "zone", "town_seat", "county_seat", "prefecture_seat", "province_seat", "host_seat", "approximate"}
	if slices.Index(order, a) >= slices.Index(order, b) {
		return a
	}
	return b
}

// name sets what is known of the divisions of the places. code is what the row says.
func (s *spot) name(places []gazetteer.Place, g *gazetteer.Gazetteer, code string) {
	for _, place := range places {
		s.units = append(s.units, place.Unit)
		if s.level == "" || levelRank(place.Level) < levelRank(s.level) {
			s.level = place.Level
		}
		if len(places) == 1 {
			s.zone = place.Zone
		}
	}
	if u := common(s.units); u != nil {
		s.adcode = u.Adcode()
		s.then = thenOf(g, s.adcode, code)
	}
}

// bookYear is the year of the table of codes that adcode_2007 is of: the revision in
// force in the spring of 2007.
const bookYear = 2006

// thenOf is the code of 2007 of a division of today; "" where several became one and
// the row does not say which.
func thenOf(g *gazetteer.Gazetteer, adcode, code string) string {
	if adcode == "" {
		return ""
	}
	then := g.Then(adcode)
	switch {
	case len(then) == 1:
		return then[0]
	case slices.Contains(then, code):
		return code
	}
	return ""
}

func levelRank(level string) int {
	return slices.Index([]string{"province", "prefecture", "county", "zone", "town"}, level)
}

// common is the smallest division that all units lie in, nil where there is none.
func common(units []*gazetteer.Unit) *gazetteer.Unit {
	if len(units) == 0 {
		return nil
	}
	for u := units[0]; u != nil; u = u.Parent {
		if !slices.ContainsFunc(units[1:], func(other *gazetteer.Unit) bool { return !other.Within(u) }) {
			return u
		}
	}
	return nil
}

// unit is the division of a code that is, or was in 2007 and is one today.
func (p *placer) unit(code string) (*gazetteer.Unit, bool) {
	if u, ok := p.g.Unit(code); ok {
		return u, true
	}
	if units, _ := p.g.Now(code, "", bookYear); len(units) == 1 {
		return units[0], true
	}
	return nil, false
}

// seatOf is a unit as a place: at its seat, or at that of the unit it lies in.
func seatOf(u *gazetteer.Unit) gazetteer.Place {
	p := gazetteer.Place{Unit: u, Level: u.Level}
	at, host := u.Seat()
	switch {
	case host == nil:
		return p
	case host == u:
		p.Precision = u.Precision
	default:
		p.Precision = "host_seat"
	}
	p.Point = at
	return p
}

// Division is the whole name of a unit: 江苏省苏州市吴江区, or Wujiang, Suzhou, Jiangsu.
func Division(u *gazetteer.Unit, lang string) string {
	var names []string
	for ; u != nil; u = u.Parent {
		name := u.NameZH
		if lang != "zh" {
			name = Spelled(u)
		}
		if strings.HasPrefix(u.NameZH, "市辖") || u.NameZH == "县" || strings.HasSuffix(u.NameZH, "直辖县级行政区划") || len(names) > 0 && names[len(names)-1] == name {
			continue
		}
		names = append(names, name)
	}
	if lang != "zh" {
		return strings.Join(names, ", ")
	}
	slices.Reverse(names)
	return strings.Join(names, "")
}

// divisions are the names of several units.
func divisions(units []*gazetteer.Unit, lang string) string {
	var all []string
	for _, u := range units {
		all = append(all, Division(u, lang))
	}
	if lang == "zh" {
		return strings.Join(all, "；")
	}
	return strings.Join(all, "; ")
}

// Spelled is the name of a unit in letters: English, else pinyin with a capital; Chinese
// where neither is known.
func Spelled(u *gazetteer.Unit) string {
	if u.NameEN != "" || u.Pinyin == "" {
		return cmp.Or(u.NameEN, u.NameZH)
	}
	return strings.ToUpper(u.Pinyin[:1]) + u.Pinyin[1:]
}
