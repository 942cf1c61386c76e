package gazetteer

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// Query is what a row says of its place. All may be empty.
type Query struct {
	Place string // the text of the place: 浙江省嘉兴市海宁市许村镇
	Name  string // of what is there: searched where Place is empty, and for whether it is a zone

	Province, Prefecture, County string // further columns
	Code                         string // six, nine or twelve digits

	Year int        // of the row, 0 if unknown: codes and names are those of that year
	Near *orb.Point // longitude, latitude that the row gives; nil if none
}

// Result is where a row's place is.
type Result struct {
	Places       []Place // several where the text names several; none where none is found
	Trade        string  // what of Place follows the place: 家纺
	Confidence   float64 // 0 to 1, of the least certain place
	Reasons      []Reason
	Alternatives []Alternative // what else it may be, the likeliest first
	Why          string        // the code of the reason for no place
}

// Place is one place of a text.
type Place struct {
	Unit      *Unit
	Level     string // of what the text names: that of the unit, or Zone where the unit is the host of a zone
	Zone      string // the zone's name; "" where Level is another
	Point     orb.Point
	Precision string // of Unit.Precision, or "host_seat"
}

// Alternative is a unit that was not chosen.
type Alternative struct {
	Unit       *Unit
	Confidence float64
	Reason     Reason
}

// Match finds the place of a row. It never guesses a place of which the text says nothing:
// where it finds none, Places is empty and Reasons say why. A confidence below a half means
// that others are as likely; whoever calls decides from which on a row is placed. It may be
// used by many at once.
func (g *Gazetteer) Match(q Query) Result {
	m := matcher{g: g, x: g.names(), q: q}
	m.readColumns()
	if r, ok := m.byCode(); ok {
		return m.finish(r)
	}
	var found []chain
	switch text := simple(q.Place); {
	case text != "":
		found = m.read(text)
	case m.narrowest != nil:
		found = []chain{*m.narrowest}
	default:
		if found = m.read(simple(q.Name)); len(found) > 0 {
			for i := range found {
				found[i].certainty *= 0.95
				found[i].reasons = append(found[i].reasons, because("name-column"))
			}
		}
	}
	return m.finish(found)
}

// matcher answers one query.
type matcher struct {
	g         *Gazetteer
	x         *lexicon
	q         Query
	scope     []*Unit // where the place is by the columns, the narrowest; nil: unknown
	narrowest *chain  // what the narrowest column says
	notes     []Reason
	trade     string
}

// chain is a place in the making: names that lie in one another.
type chain struct {
	choices   []choice
	names     int // that were read
	certainty float64
	reasons   []Reason
	zone      string // the name of the zone that the text goes on with
	isZone    bool
}

// choice is what a chain may mean.
type choice struct {
	units  []*Unit
	how    way
	weight float64
	text   string // the name as written
	until  int
}

func (c choice) one() *Unit { return c.units[0] }

// in reports whether all units of a choice are in one of others.
func (c choice) in(scope []*Unit) bool {
	return !slices.ContainsFunc(c.units, func(u *Unit) bool {
		return !slices.ContainsFunc(scope, func(s *Unit) bool { return u.Within(s) })
	})
}

// readColumns finds the units that the other columns name, from the largest.
func (m *matcher) readColumns() {
	for _, text := range []string{m.q.Province, m.q.Prefecture, m.q.County} {
		if text = simple(text); text == "" {
			continue
		}
		var units []*Unit
		var last *chain
		for _, part := range strings.FieldsFunc(text, isSeparator) {
			found := m.read(part)
			for i := range found {
				c := &found[i]
				last = c
				rivals := c.rivals()
				for _, o := range rivals {
					if o.weight >= rivals[0].weight/2 {
						units = append(units, o.units...)
					}
				}
			}
		}
		if len(units) == 0 {
			m.notes = append(m.notes, because("column-unknown", text))
			continue
		}
		m.scope, m.narrowest = units, last
	}
	if m.narrowest != nil {
		m.narrowest.reasons = slices.Clip(m.narrowest.reasons)
	}
}

func isSeparator(r rune) bool { return strings.ContainsRune("、;,/|·", r) }

// byCode is the place by the column of codes.
func (m *matcher) byCode() ([]chain, bool) {
	code := m.q.Code
	if code == "" || strings.Trim(code, "0123456789") != "" {
		return nil, false
	}
	switch len(code) {
	case 12:
		code = code[:9]
		fallthrough
	case 9:
		if strings.HasSuffix(code, "000") {
			code = code[:6]
		}
	case 2, 4:
		code = (code + "0000")[:6]
	}
	year := m.q.Year
	units, steps := m.g.Now(code, "", cmp.Or(year, 9999))
	if len(units) == 0 || year == 0 && len(m.g.byCodeThen(code)) > 0 && m.g.byCode[code] == nil {
		units, steps = m.g.Now(code, "", tableThen)
	}
	if len(units) == 0 {
		if u, ok := m.g.byCode[code]; ok {
			units = []*Unit{u}
		}
	}
	if len(units) == 0 {
		m.notes = append(m.notes, because("column-unknown", code))
		return nil, false
	}
	c := chain{certainty: 1, names: 1}
	for _, u := range units {
		c.choices = append(c.choices, choice{units: []*Unit{u}, how: inFull, weight: 1, text: code})
	}
	if len(steps) > 0 {
		c.reasons = append(c.reasons, because("code-former", code, steps[0].OldName, units[0].Path()))
	} else {
		c.reasons = append(c.reasons, because("code", code, units[0].Path()))
	}
	m.agree(&c)
	return []chain{c}, true
}

func (g *Gazetteer) byCodeThen(code string) string { return g.then[code] }

// agree compares what a code says with what the text says.
func (m *matcher) agree(c *chain) {
	text := simple(cmp.Or(m.q.Place, m.q.County, m.q.Prefecture, m.q.Province))
	if text == "" {
		return
	}
	found := m.read(text)
	if len(found) == 0 {
		return
	}
	best := found[0].rivals()
	u := c.choices[0].one()
	if !slices.ContainsFunc(best, func(o choice) bool { return o.one().Within(u) || u.Within(o.one()) }) {
		c.certainty = 0.55
		c.reasons = append(c.reasons, because("code-disagrees", u.Path(), best[0].one().Path()))
		return
	}
	// The text may be narrower than the code, or tell that it is a zone.
	if len(found) == 1 && best[0].one().Within(u) {
		found[0].choices = slices.DeleteFunc(found[0].choices, func(o choice) bool { return !o.one().Within(u) })
		c.choices, c.zone, c.isZone = found[0].choices, found[0].zone, found[0].isZone
		c.reasons = append(c.reasons, found[0].reasons...)
	}
}

// rivals are the choices, the likeliest first, without those that lie in the likeliest
// under its own name or hold it, which are no others.
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
		return len(o.units) == 1 && (u == best || u.Within(best) || best.Within(u))
	})
	return sorted[:1+len(rest)]
}

func rankOf(level string) int {
	return slices.Index([]string{Province, Prefecture, County, Zone, Town}, level)
}

// finish makes the result of the chains of a text.
func (m *matcher) finish(found []chain) Result {
	r := Result{Trade: m.trade, Confidence: 1}
	if len(found) == 0 {
		r.Confidence, r.Why = 0, "no-place"
		if m.q.Place == "" && m.q.Name == "" && m.scope == nil {
			r.Why = "empty"
		}
		r.Reasons = append(m.notes, because(r.Why))
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
	share := best.weight / total
	if best.weight != rivals[0].weight {
		share = rivals[0].weight / total
	}
	confidence := c.certainty * best.how.certainty() * share
	r.Reasons = append(r.Reasons, m.nameReasons(best)...)
	r.Reasons = append(r.Reasons, c.reasons...)
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
		r.Alternatives = append(r.Alternatives, Alternative{o.one(), math.Round(100*c.certainty*o.how.certainty()*o.weight/total) / 100, because(code)})
	}
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
	if at == nil {
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
	if at == nil || len(o.units) > 1 {
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

func (m *matcher) nameReasons(o choice) []Reason {
	if o.text == "" || o.text == m.q.Code {
		return nil
	}
	path := o.one().Path()
	switch {
	case len(o.units) > 1:
		return []Reason{because("several", o.text, strconv.Itoa(len(o.units)))}
	case o.how == former || o.how == formerly:
		return []Reason{because("name-former", o.text, path, strconv.Itoa(o.until))}
	case o.how == otherly:
		return []Reason{because("name-alias", o.text, path)}
	case o.how == inShort:
		return []Reason{because("name-short", o.text, path)}
	case o.how == byLetter:
		return []Reason{because("name-letters", o.text, path)}
	}
	return []Reason{because("name-full", path)}
}

// placeIn is the place of one unit, at its seat or at that of what it lies in.
func (c *chain) placeIn(u *Unit, r *Result) Place {
	at, host := u.Seat()
	p := Place{Unit: u, Level: u.Level, Point: at, Precision: u.Precision}
	switch {
	case u.Level == Zone:
		p.Zone = u.NameZH
		r.Reasons = append(r.Reasons, because("zone-known", u.Parent.Path()))
	case c.isZone:
		p.Level, p.Zone = Zone, c.zone
		r.Reasons = append(r.Reasons, because("zone-host", u.Path()))
	}
	switch {
	case host == nil:
		p.Precision = ""
	case host != u || p.Level == Zone && u.Level != Zone:
		p.Precision = "host_seat"
		if host != u && u.Level != Zone {
			r.Reasons = append(r.Reasons, because("seat-host", host.Path()))
		}
	case u.Precision == "approximate":
		r.Reasons = append(r.Reasons, because("seat-approximate"))
	}
	return p
}

// maxText bounds what is read of a text: a place is named in its first characters.
const maxText = 120

// read finds the places that a text names, in its order.
func (m *matcher) read(text string) []chain {
	main, inside := brackets(text)
	if utf8.RuneCountInString(main) > maxText {
		main = string([]rune(main)[:maxText])
	}
	var found []chain
	if isHan(main) {
		found = m.readHan([]rune(main))
	} else {
		found = m.readLetters(main)
	}
	if len(found) == 0 || found[0].certainty < 0.9 {
		if other := strings.TrimSpace(inside); other != "" && isHan(other) {
			if more := m.readHan([]rune(other)); len(more) > 0 && (len(found) == 0 || more[0].certainty > found[0].certainty) {
				return more
			}
		}
	}
	return found
}

// brackets divides a text into what stands in brackets and the rest.
func brackets(text string) (outside, inside string) {
	if !strings.ContainsAny(text, "([【〔") {
		return text, ""
	}
	var out, in strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("([【〔", r):
			depth++
		case strings.ContainsRune(")]】〕", r):
			depth = max(0, depth-1)
		case depth > 0:
			in.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), in.String()
}
