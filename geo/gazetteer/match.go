package gazetteer

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Query is what a row says of its place. All may be empty.
type Query struct {
	Place string // the text of the place: 浙江省嘉兴市海宁市许村镇
	Name  string // of what is there: searched where Place is empty, to decide between places of one name, and for whether it is a zone

	Province, Prefecture, County string // further columns
	Code                         string // six, nine or twelve digits

	Year int        // of the row, 0 if unknown: the code is one of that year
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
	for _, text := range []*string{&q.Place, &q.Name, &q.Province, &q.Prefecture, &q.County, &q.Code} {
		*text = clipped(*text)
	}
	m := matcher{g: g, x: g.names(), q: q}
	m.codeInPlace()
	m.readColumns()
	if r, ok := m.byCode(); ok {
		if m.digits != "" {
			r[0].factor *= m.digitsWorth()
			r[0].notes = append(slices.Clip(r[0].notes), because("code-bare", m.digits))
		}
		return m.finish(r)
	}
	return m.finish(m.byText())
}

// clipped is a text without the end that no name of a place can have.
func clipped(s string) string {
	const most = 1000 // bytes
	if s = strings.TrimSpace(s); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
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
	digits    string // the code that is all of the place

	stack, best []link   // of the chain that is being read
	pool        []choice // of the links
}

// codeInPlace takes a code of a division that stands for the place, or before its name, for
// one of the column of codes where that is empty.
func (m *matcher) codeInPlace() {
	text := simple(m.q.Place)
	name := strings.TrimLeft(text, "0123456789")
	code := text[:len(text)-len(name)]
	if m.q.Code != "" || len(code) != 6 && len(code) != 9 && len(code) != 12 || name != "" && !isHan(name) {
		return
	}
	if _, ok := m.g.byCode[code[:6]]; !ok && m.g.then[code[:6]] == "" {
		return
	}
	rest := strings.TrimLeft(name, " -_:,")
	switch {
	case rest == "":
		m.digits = code
	case rest == name:
		return // 330481号
	}
	m.q.Code, m.q.Place = code, rest
}

// digitsWorth is what six digits alone are worth as a code: they may be those of the post,
// which mostly end in zeros for cities.
func (m *matcher) digitsWorth() float64 {
	switch {
	case m.scope != nil || len(m.digits) > 6:
		return 1
	case strings.HasSuffix(m.digits, "00"):
		return 0.6
	}
	return 0.85
}

// plain is a text in the forms that the lexicon has.
func (m *matcher) plain(text string) string { return simple(m.g.Simplified(text)) }

// byText is the place by the text, the narrowest column or the name.
func (m *matcher) byText() []chain {
	text := m.plain(m.q.Place)
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
	found := m.read(m.plain(m.q.Name))
	for i := range found {
		found[i].factor *= 0.95
		found[i].notes = append(found[i].notes, because("name-column"))
	}
	return found
}

// compared prefers, among places of one name, that which the name of the row tells too.
func (m *matcher) compared(found []chain) []chain {
	if m.q.Name == "" || len(found) != 1 || len(found[0].choices) < 2 {
		return found
	}
	n := matcher{g: m.g, x: m.x, scope: m.scope}
	for _, c := range n.read(m.plain(m.q.Name)) {
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
		return m.readLetters(string(head(text)))
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
	if more := m.bracketed(found, text, main, inside); more != nil {
		return more
	}
	better := func(more []chain) bool {
		switch {
		case len(more) == 0:
			return false
		case len(found) == 0 || len(found) == 1 && len(found[0].choices[0].units) > 1 && more[0].choices[0].within(unitsOf(found[0].choices)):
			return true
		}
		return found[0].factor < 0.9 && more[0].factor > found[0].factor
	}
	if more := m.readHan(head(strings.Map(noBracket, text))); len(more) == 1 && len(found) == 1 && !found[0].isZone &&
		found[0].end == len(found[0].text) && more[0].factor >= found[0].factor && more[0].choices[0].inside(found[0].choices[:1]) {
		return more // 广东(东莞)
	}
	for _, other := range []string{strings.Map(noBracket, text), inside} {
		if more := m.readHan(head(other)); better(more) {
			found, trade = more, m.trade
		}
	}
	m.trade = trade
	return found
}

// bracketed reads brackets that name parts of the one place before them, 江苏省(苏州市、无锡市),
// or where it lies, 鼓楼区(南京), or where a company of a place's name is, 大众汽车(安徽). It is
// nothing unless all that stands in them is read.
func (m *matcher) bracketed(found []chain, text, main, inside string) []chain {
	if len(found) != 1 || found[0].isZone || found[0].choices[0].one().Level == Zone || len(found[0].choices[0].units) > 1 {
		return nil
	}
	before, trade := &found[0], m.trade
	defer func() { m.trade = trade }()
	place := string(before.text[:before.end])
	if rest, ok := strings.CutPrefix(text, place); ok && len(rest) > 0 && strings.IndexAny(rest, "([【〔") == 0 {
		if parts := m.partsOf(before, place, inside); parts != nil {
			return parts
		}
	}
	if c := m.chainOf(inside, main, before); c != nil {
		return []chain{*c}
	}
	where := m.whole(inside)
	if where == nil || m.bare(before, before.rivals()[0]) == 1 || rankOf(where.choices[0].one().Level) > rankOf(Prefecture) || before.support > 0 {
		return nil
	}
	where.factor *= 0.8
	where.notes = append(where.notes, because("skipped", main))
	return []chain{*where}
}

// partsOf are the places in brackets where all that stands in them lies in the place before.
func (m *matcher) partsOf(before *chain, main, inside string) []chain {
	parts := strings.FieldsFunc(strings.TrimSuffix(inside, "等"), isSeparator)
	const most = 12
	if len(parts) > most {
		return nil
	}
	var all []chain
	for _, part := range parts {
		c := m.whole(main + part)
		if c == nil || c.choices[0].one().Level == Zone || !c.choices[0].inside(before.choices) {
			return nil // 孝感市(高新区、汉川) has a zone beside a county
		}
		all = append(all, *c)
	}
	return all
}

// chainOf reads what stands in brackets before the text that they follow, if it holds what
// the text names and that is read as far.
func (m *matcher) chainOf(inside, main string, before *chain) *chain {
	found := m.readHan(head(inside + main))
	if len(found) != 1 || len(found[0].links) < 2 || found[0].isZone || found[0].factor < before.factor {
		return nil
	}
	c := &found[0]
	left := len(before.text) - before.end
	if len(c.text)-c.end > left || !slices.ContainsFunc(before.choices, func(o choice) bool { return o.one() == c.choices[0].one() }) {
		return nil
	}
	return c
}

// whole is the one place that a text names, where it names nothing else and no zone that
// is not known.
func (m *matcher) whole(text string) *chain {
	found := m.readHan(head(text))
	if len(found) != 1 || found[0].isZone || found[0].town || found[0].end < len(found[0].text) {
		return nil
	}
	return &found[0]
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
