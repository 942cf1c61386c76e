package gazetteer

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// choice is one meaning of a name.
type choice struct {
	*sense
	weight float64
}

func (c choice) one() *Unit { return c.units[0] }

// inside reports whether all units lie in some of what was read before, and are not it but
// one of several.
func (s *sense) inside(before []choice) bool {
	for _, u := range s.units {
		if !slices.ContainsFunc(before, func(b choice) bool {
			return slices.ContainsFunc(b.units, func(o *Unit) bool { return u.Within(o) && (u != o || len(b.units) > 1) })
		}) {
			return false
		}
	}
	return true
}

// within reports whether all units are some of others, or lie in some.
func (s *sense) within(scope []*Unit) bool {
	for _, u := range s.units {
		if !slices.ContainsFunc(scope, u.Within) {
			return false
		}
	}
	return true
}

// holds reports whether the one unit of a sense holds one of others.
func (s *sense) holds(scope []*Unit) bool {
	return len(s.units) == 1 && slices.ContainsFunc(scope, func(o *Unit) bool { return o.Within(s.units[0]) })
}

// rivals are the choices, the likeliest first, without those that are no others than it:
// what lies in it under its own name or holds it, zones of one name in one place, and a
// town beside a zone of its name in one county.
func (c *chain) rivals() []choice {
	sorted := slices.Clone(c.choices)
	slices.SortStableFunc(sorted, func(a, b choice) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(rankOf(a.one().Level), rankOf(b.one().Level)), strings.Compare(a.one().Code, b.one().Code))
	})
	if len(sorted) == 0 {
		return nil
	}
	best := sorted[0].one()
	rest := slices.DeleteFunc(sorted[1:], func(o choice) bool {
		u := o.one()
		zones := u.Level == Zone && best.Level == Zone && prefectureOf(u) == prefectureOf(best)
		beside := rankOf(u.Level) > rankOf(County) && rankOf(best.Level) > rankOf(County) && u.Level != best.Level && u.Adcode() == best.Adcode()
		return len(o.units) == 1 && (u == best || u.Within(best) || best.Within(u) || zones || beside)
	})
	return sorted[:1+len(rest)]
}

// rankOf orders the levels, the largest 0.
func rankOf(level string) int {
	switch level {
	case Province:
		return 0
	case Prefecture:
		return 1
	case County:
		return 2
	case Zone:
		return 3
	}
	return 4
}

// finish makes the result of the chains of a text.
func (m *matcher) finish(found []chain) Result {
	r := Result{Trade: m.trade, Confidence: 1}
	if len(found) == 0 {
		r.Confidence, r.Why = 0, cmp.Or(m.why, "no-place")
		if m.plain(m.q.Place) == "" && m.plain(m.q.Name) == "" && m.scope == nil {
			r.Why = "empty"
		}
		r.Reasons = m.notes
		if r.Why != m.why {
			r.Reasons = append(r.Reasons, because(r.Why))
		}
		return r
	}
	for i := range found {
		m.settle(&found[i], &r)
	}
	if len(r.Places) > 1 && len(found) > 1 {
		r.Reasons = append(r.Reasons, because("several-confident", strconv.Itoa(len(r.Places))))
	}
	r.Reasons = append(r.Reasons, m.notes...)
	r.Confidence = math.Round(r.Confidence*100) / 100
	slices.SortStableFunc(r.Alternatives, func(a, b Alternative) int { return cmp.Compare(b.Confidence, a.Confidence) })
	r.Alternatives = r.Alternatives[:min(len(r.Alternatives), maxAlternatives)]
	return r
}

const maxAlternatives = 5

// settle chooses among what a chain may mean.
func (m *matcher) settle(c *chain, r *Result) {
	c.near(m.q.Near)
	rivals := c.rivals()
	best := rivals[0]
	if c.isZone {
		best = c.city(best)
	}
	total := 0.0
	for _, o := range rivals {
		total += o.weight
	}
	share := rivals[0].weight / total
	confidence := c.factor * sure(best.how.certainty(best.one().Level), c.support) * share
	if bare := m.bare(c, best); bare < 1 {
		confidence *= bare
		c.notes = append(slices.Clip(c.notes), because("bare"))
	}
	r.Reasons = append(r.Reasons, m.nameReason(c, best)...)
	for _, l := range c.links[:max(0, len(c.links)-1)] {
		if u := l.choices[0].one(); best.one().Within(u) && best.one() != u {
			r.Reasons = append(r.Reasons, because("within", u.Path()))
		}
	}
	r.Reasons = append(r.Reasons, c.notes...)
	switch {
	case len(rivals) == 1:
	case share < 0.5:
		r.Reasons = append(r.Reasons, because("ambiguous", strconv.Itoa(len(rivals)), listed(rivals)))
	default:
		r.Reasons = append(r.Reasons, because("preferred", strconv.Itoa(len(rivals)-1), listed(rivals[1:])))
	}
	for _, o := range rivals[1:] {
		code := "unlikely"
		if o.weight >= 0.9*best.weight {
			code = "same-name"
		}
		r.Alternatives = append(r.Alternatives, Alternative{o.one(), math.Round(100*confidence*o.weight/rivals[0].weight) / 100, because(code)})
	}
	c.in = best.in
	for _, u := range best.units {
		r.Places = append(r.Places, c.placeIn(u, r))
	}
	if d, ok := c.apart(best, m.q.Near); ok {
		if d > farFrom {
			confidence *= 0.5
			r.Reasons = append(r.Reasons, because("near-disagrees", strconv.Itoa(int(d))))
		} else {
			r.Reasons = append(r.Reasons, because("near-agrees", strconv.Itoa(int(d))))
		}
	}
	r.Confidence = min(r.Confidence, confidence)
}

// city is the prefecture of the province's own name, after which a zone is named.
func (c *chain) city(best choice) choice {
	if best.one().Level != Province {
		return best
	}
	for _, o := range c.choices {
		if o.one().Level == Prefecture && o.one().Parent == best.one() {
			return o
		}
	}
	return best
}

// farFrom is how many kilometres the coordinates of a row may be from the seat of its
// place.
const farFrom = 150

func (c *chain) near(at *orb.Point) {
	if at == nil || math.IsNaN(at[0]+at[1]) {
		return
	}
	for i, o := range c.choices {
		if seat, host := o.one().Seat(); host != nil {
			const reach = 60 // km
			c.choices[i].weight *= math.Exp(-geo.DistanceHaversine(*at, seat) / 1000 / reach)
		}
	}
}

func (c *chain) apart(o choice, at *orb.Point) (km float64, ok bool) {
	if at == nil || math.IsNaN(at[0]+at[1]) || len(o.units) > 1 {
		return 0, false
	}
	seat, host := o.one().Seat()
	return geo.DistanceHaversine(*at, seat) / 1000, host != nil
}

func listed(all []choice) string {
	const most = 4
	var names []string
	for i, o := range all {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, o.one().Path())
	}
	return strings.Join(names, ", ")
}

// bare is what a short name is worth alone where nothing says in which province it lies:
// that of a town, or one that is a common word.
func (m *matcher) bare(c *chain, o choice) float64 {
	last := c.links[len(c.links)-1]
	if o.how == inFull && c.support == 0 && last.to > 0 && m.x.common[string(c.text[last.from:last.to])] {
		return 0.65 // 矿区
	}
	if o.how != inShort || c.support > 0 && o.one().Level != Town {
		return 1
	}
	switch {
	case o.one().Level == Town && c.support == 0:
		return 0.85
	case o.one().Level == Town && len(c.links) > 1 && c.links[len(c.links)-2].choices[0].one().Level == Province:
		return 0.9 // a province has thousands of towns
	case c.support == 0 && last.to > 0 && m.x.common[string(c.text[last.from:last.to])]:
		return 0.65
	}
	return 1
}

// sure is a certainty that more speaks for.
func sure(p float64, support int) float64 {
	for range min(support, 3) {
		p += (1 - p) * 0.4
	}
	return min(p, 0.99)
}

// nameReason says how the name of the last link speaks of what was chosen.
func (m *matcher) nameReason(c *chain, o choice) []Reason {
	last := c.links[len(c.links)-1]
	name, path := last.name, o.one().Path()
	if last.to > 0 {
		name = string(c.text[last.from:last.to])
	}
	if name == "" { // by its code
		return nil
	}
	reason := because("name-full", path)
	switch {
	case len(o.units) > 1:
		reason = because("several", name, strconv.Itoa(len(o.units)))
	case last.moved:
		reason = because("moved", name, path)
	case o.in:
		reason = because("name-inside", name, path)
	case last.end > last.to:
		reason = because("name-kind", string(c.text[last.from:last.end]), path)
	case o.until > 0:
		reason = because("name-former", name, path, strconv.Itoa(o.until))
	case o.how == otherly || o.how == formerly:
		reason = because("name-alias", name, path)
	case o.how == inShort:
		reason = because("name-short", name, path)
	case o.how == byLetter:
		reason = because("name-letters", name, path)
	}
	return []Reason{reason}
}

// placeIn is the place of one unit, at its seat or at that of what it lies in. Where that
// is approximate, so is the place.
func (c *chain) placeIn(u *Unit, r *Result) Place {
	at, host := u.Seat()
	p := Place{Unit: u, Level: u.Level, Point: at, Precision: u.Precision}
	near := host != nil && host.Precision == "approximate"
	switch {
	case u.Level == Zone:
		p.Zone = u.NameZH
		r.Reasons = append(r.Reasons, because("zone-known", u.Parent.Path()))
	case c.isZone:
		p.Level, p.Zone = Zone, c.zone
		r.Reasons = append(r.Reasons, because(either(near, "zone-near", "zone-host"), u.Path()))
	case c.town:
		p.Level = Town
	}
	if host == nil {
		p.Precision = ""
		return p
	}
	own := host == u && p.Level == u.Level && !(c.in && rankOf(u.Level) < rankOf(Town))
	if !own {
		p.Precision = either(near, "approximate", "host_seat")
		if (host != u || c.in) && u.Level != Zone {
			r.Reasons = append(r.Reasons, because(either(near, "seat-near", "seat-host"), host.Path()))
		}
	}
	switch {
	case !near:
	case host.Record != "":
		r.Reasons = append(r.Reasons, because("point-approximate", host.Path()))
	case own:
		r.Reasons = append(r.Reasons, because("seat-approximate"))
	default:
		r.Reasons = append(r.Reasons, because("host-approximate", host.Path()))
	}
	return p
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
