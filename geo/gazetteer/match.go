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
	Level     string // of what the text names: that of the unit, or Zone or Town where the unit is what a zone or town lies in that has no record
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
	return m.finish(m.byText())
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
	why       string // the code of the reason for no place

	stack, best []link   // of the chain that is being read
	pool        []choice // of the links
}

// byText is the place by the text, the narrowest column or the name.
func (m *matcher) byText() []chain {
	text := simple(m.q.Place)
	if text == "" && m.narrowest != nil {
		return []chain{*m.narrowest}
	}
	if text != "" {
		if found := m.read(m.inScope(text)); len(found) > 0 {
			return m.narrowed(m.compared(found))
		}
		if m.why == "" && m.narrowest != nil {
			c := *m.narrowest
			c.factor *= 0.7
			if c.choices[0].one().Level == Province {
				c.factor *= 0.5
			}
			c.notes = append(slices.Clip(c.notes), because("place-unread", text))
			return []chain{c}
		}
		return nil
	}
	found := m.read(simple(m.q.Name))
	for i := range found {
		found[i].factor *= 0.95
		found[i].notes = append(found[i].notes, because("name-column"))
	}
	return found
}

// inScope puts the unit of the columns before a text that is a word for zones alone, such
// as 高新区.
func (m *matcher) inScope(text string) string {
	if len(m.scope) != 1 || m.scope[0].Level == Province && !strings.HasSuffix(m.scope[0].NameZH, "市") {
		return text
	}
	if i := zoneEnd(text); i > 0 && generic(text[:i]) {
		return m.scope[0].Path() + text
	}
	return text
}

// compared prefers, among places of one name, that which the name of the row tells too.
func (m *matcher) compared(found []chain) []chain {
	if m.q.Name == "" || len(found) != 1 || len(found[0].choices) < 2 {
		return found
	}
	n := matcher{g: m.g, x: m.x, scope: m.scope}
	for _, c := range n.read(simple(m.q.Name)) {
		for i, o := range found[0].choices {
			for _, l := range c.links {
				if o.inside(l.choices) && !slices.ContainsFunc(l.choices, func(b choice) bool { return b.one() == o.one() }) && rankOf(l.choices[0].one().Level) <= rankOf(County) {
					found[0].choices[i].weight *= 10
				}
			}
		}
	}
	return found
}

// narrowed takes the narrowest column where the text says only what holds it.
func (m *matcher) narrowed(found []chain) []chain {
	if len(found) != 1 || m.narrowest == nil || len(m.scope) != 1 || found[0].isZone {
		return found
	}
	c := &found[0]
	u := m.scope[0]
	if !c.choices[0].holds(m.scope) || slices.ContainsFunc(c.choices, func(o choice) bool { return o.within(m.scope) }) {
		return found
	}
	n := *m.narrowest
	n.notes = append(slices.Clip(n.notes), because("column-narrower", u.Path()))
	return []chain{n}
}

// readColumns finds the units that the other columns name, from the largest.
func (m *matcher) readColumns() {
	for _, text := range [...]string{m.q.Province, m.q.Prefecture, m.q.County} {
		if text = simple(text); text == "" || slices.Contains(fillers, text) || text == "县" {
			continue
		}
		var units []*Unit
		var last *chain
		for part := range strings.FieldsFuncSeq(text, isSeparator) {
			found := m.read(part)
			for i := range found {
				last = &found[i]
				rivals := last.rivals()
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
	m.trade, m.why = "", ""
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
	c := chain{factor: 1, support: 1}
	for _, u := range units {
		s := senseOf([]*Unit{u}, inFull, 0)
		c.choices = append(c.choices, choice{&s, 1})
	}
	c.links = []link{{choices: c.choices}}
	if len(steps) > 0 {
		c.notes = append(c.notes, because("code-former", code, steps[0].OldName, units[0].Path()))
	} else {
		c.notes = append(c.notes, because("code", code, units[0].Path()))
	}
	m.agree(&c)
	return []chain{c}, true
}

func (g *Gazetteer) byCodeThen(code string) string { return g.then[code] }

// agree compares what a code says with what the text says. A text that is narrower than the
// code is followed.
func (m *matcher) agree(c *chain) {
	text := simple(cmp.Or(m.q.Place, m.q.County, m.q.Prefecture, m.q.Province))
	if text == "" {
		return
	}
	found := m.read(m.inScope(text))
	if len(found) != 1 {
		return
	}
	f := &found[0]
	inside := slices.DeleteFunc(slices.Clone(f.choices), func(o choice) bool { return !o.within(unitsOf(c.choices)) })
	switch {
	case len(inside) > 0:
		f.choices, f.support = inside, f.support+1
		f.notes = append(c.notes, f.notes...)
		*c = *f
	case slices.ContainsFunc(f.choices, func(o choice) bool { return o.holds(unitsOf(c.choices)) }):
		c.support++
	default:
		c.factor *= 0.55
		c.notes = append(c.notes, because("code-disagrees", c.choices[0].one().Path(), f.rivals()[0].one().Path()))
	}
}

func unitsOf(choices []choice) []*Unit {
	var all []*Unit
	for _, c := range choices {
		all = append(all, c.units...)
	}
	return all
}

// rivals are the choices, the likeliest first, without those that are no others than it:
// what lies in it under its own name or holds it, and zones of one name in one place.
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
		return len(o.units) == 1 && (u == best || u.Within(best) || best.Within(u) || u.Level == Zone && best.Level == Zone && prefectureOf(u) == prefectureOf(best))
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
		r.Confidence, r.Why = 0, cmp.Or(m.why, "no-place")
		if simple(m.q.Place) == "" && simple(m.q.Name) == "" && m.scope == nil {
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

// bare is what a short name is worth alone where nothing says in which province it lies:
// that of a town, or one that is a common word.
func (m *matcher) bare(c *chain, o choice) float64 {
	if o.how != inShort || c.support > 0 && o.one().Level != Town {
		return 1
	}
	last := c.links[len(c.links)-1]
	switch {
	case o.one().Level == Town && c.support == 0:
		return 0.85
	case o.one().Level == Town && len(c.links) > 1 && c.links[len(c.links)-2].choices[0].one().Level == Province:
		return 0.9 // a province has thousands of towns
	case c.support == 0 && last.to > 0 && m.x.common[string(c.text[last.from:last.to])]:
		return 0.7
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
	case last.end > last.to:
		reason = because("name-kind", string(c.text[last.from:last.end]), path)
	case (o.how == former || o.how == formerly) && o.until > 0:
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
	case c.town:
		p.Level = Town
	}
	switch {
	case host == nil:
		p.Precision = ""
	case host != u || p.Level != u.Level:
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

// read finds the places that a text names, in its order: what stands in brackets only where
// the rest names none that is sure, or a region of which it names the parts.
func (m *matcher) read(text string) []chain {
	if country, ok := abroad(text); ok {
		m.why = "abroad"
		m.notes = append(m.notes, because("abroad", country))
		return nil
	}
	if !isHan(text) {
		return m.readLetters(text)
	}
	main, inside := brackets(text)
	found := m.readHan(head(main))
	if len(found) == 0 && inside != "" {
		found = m.zoneOf(main, inside)
	}
	if inside == "" || !isHan(inside) {
		return found
	}
	trade := m.trade
	better := func(more []chain) bool {
		switch {
		case len(more) == 0:
			return false
		case len(found) == 0 || len(found) == 1 && len(found[0].choices[0].units) > 1 && more[0].choices[0].within(unitsOf(found[0].choices)):
			return true
		}
		return found[0].factor < 0.9 && more[0].factor > found[0].factor
	}
	for _, other := range []string{strings.Map(noBracket, text), inside} {
		if more := m.readHan(head(other)); better(more) {
			found, trade = more, m.trade
		}
	}
	m.trade = trade
	return found
}

func head(s string) []rune {
	r := []rune(s)
	return r[:min(len(r), maxText)]
}

func noBracket(r rune) rune {
	if strings.ContainsRune("()[]【】〔〕", r) {
		return -1
	}
	return r
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
