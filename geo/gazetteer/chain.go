package gazetteer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readHan finds the places of a Chinese text: chains of names that lie in one another, and
// more after a comma or an "and".
func (m *matcher) readHan(s []rune) []chain {
	if several, ok := m.readInitials(s); ok {
		return several
	}
	var found []chain
	for len(s) > 0 {
		c, end := m.chainFrom(s, len(found) == 0)
		if c == nil {
			break
		}
		if len(found) > 0 {
			c.prefer(found[len(found)-1].choices)
		}
		end = m.readZone(c, s, end)
		found = append(found, *c)
		s = s[end:]
		if len(s) > 1 && (isSeparator(s[0]) || strings.ContainsRune("和与及、", s[0])) {
			s = s[1:]
			continue
		}
		break
	}
	if len(found) > 0 {
		m.trade = tradeIn(string(s))
		if last := &found[len(found)-1]; !last.isZone && m.trade != "" && !m.x.tradeWord(m.trade) {
			last.certainty *= 0.85
			last.reasons = append(last.reasons, because("rest", m.trade))
		}
		m.nameTellsZone(found)
	}
	return found
}

// prefer makes what lies in the province of the place before likelier.
func (c *chain) prefer(before []choice) {
	for i, o := range c.choices {
		if slices.ContainsFunc(before, func(b choice) bool { return provinceOf(b.one()) == provinceOf(o.one()) }) {
			c.choices[i].weight *= 3
		}
	}
}

func provinceOf(u *Unit) *Unit {
	for u.Parent != nil {
		u = u.Parent
	}
	return u
}

// prefixes may stand before a place without making it doubtful.
var prefixes = []string{"中国", "中华人民共和国", "全国", "国家级", "国家", "首批", "省级", "我国", "位于", "地处"}

// chainFrom reads the names at the beginning of a text. Where skip is set the first may
// stand later.
func (m *matcher) chainFrom(s []rune, skip bool) (*chain, int) {
	start := 0
	for _, p := range prefixes {
		if n := utf8.RuneCountInString(p); strings.HasPrefix(string(s), p) && n < len(s) {
			start = n
			break
		}
	}
	const farthest = 24
	for i := start; i < len(s) && i < farthest; i++ {
		if c, end := m.chainAt(s, i); c != nil {
			if i > start {
				if len(c.choices) > 0 && !c.strong() {
					continue
				}
				c.certainty *= 0.8
				c.reasons = append(c.reasons, because("skipped", string(s[start:i])))
			}
			return c, end
		}
		if !skip {
			break
		}
	}
	return nil, 0
}

// strong reports whether the chain was read from more than a short name.
func (c *chain) strong() bool {
	return c.names > 1 || slices.ContainsFunc(c.choices, func(o choice) bool {
		return o.how == inFull || o.how == former || rankOf(o.one().Level) <= rankOf(Prefecture)
	})
}

// chainAt reads names from a place on, each within the one before: of the ways to divide
// the text into names that which reads most of it.
func (m *matcher) chainAt(s []rune, at int) (*chain, int) {
	c, at := m.longest(&chain{certainty: 1}, s, at)
	if c.names == 0 {
		return nil, 0
	}
	m.applyScope(c)
	if c.names > 1 {
		c.certainty = surer(c.certainty)
	}
	return c, m.unknownTown(c, s, at)
}

// longest goes on with a chain as far as names go.
func (m *matcher) longest(c *chain, s []rune, at int) (*chain, int) {
	const deepest = 6
	best, far := c, at
	if c.names == deepest {
		return best, far
	}
	for _, o := range m.steps(c, s, at) {
		next := &chain{o.choices, c.names + 1, c.certainty * o.certainty, append(slices.Clip(c.reasons), o.reasons...), "", false}
		if got, end := m.longest(next, s, o.end); end > far {
			best, far = got, end
		}
	}
	return best, far
}

// surer is a certainty that something else speaks for.
func surer(p float64) float64 { return p + (1-p)*0.6 }

// step is a name that a chain may go on with.
type step struct {
	choices   []choice
	end       int
	certainty float64
	reasons   []Reason
}

// steps are the names at a place that go on with the chain, the longest first.
func (m *matcher) steps(c *chain, s []rune, at int) []step {
	if at+1 >= len(s) {
		return nil
	}
	var out []step
	longest := min(len(s)-at, m.x.begins[[2]rune{s[at], s[at+1]}])
	for n := longest; n >= 2; n-- {
		name := string(s[at : at+n])
		senses := m.x.senses[name]
		if len(senses) == 0 {
			continue
		}
		o := step{end: at + n, certainty: 1}
		kind, kindEnd := m.strayKind(s, o.end)
		for _, v := range senses {
			next := choice{v.units, v.how, v.how.weight(v.units[0].Level) * rarity(v), name, v.until}
			if c.names == 0 && m.startable(next, s, at, o.end, kind) ||
				c.names > 0 && next.in(unitsOf(c.choices)) && !slices.ContainsFunc(c.choices, func(b choice) bool { return slices.Equal(b.units, next.units) }) {
				o.choices = append(o.choices, next)
			}
		}
		if len(o.choices) == 0 && c.names > 0 && n > 2 {
			o.elsewhere(c, senses, name)
		}
		if len(o.choices) == 0 {
			continue
		}
		if how := o.choices[0].how; kind != "" && how != inFull && how != former {
			o.certainty *= 0.97
			o.reasons = append(o.reasons, because("name-kind", name+kind, o.choices[0].one().NameZH))
			o.end = kindEnd
			if out = append(out, o); kind == "市" { // 济南市中区 is 市中区 of 济南
				o.end, o.certainty, o.reasons = at+n, 1, o.reasons[:len(o.reasons)-1]
				out = append(out, o)
			}
			continue
		}
		if c.names > 0 {
			o.within(c)
		}
		out = append(out, o)
	}
	return out
}

// within notes that a name lies in the one before.
func (o *step) within(c *chain) {
	if before := c.choices[0].one(); o.choices[0].one().Within(before) && len(c.choices[0].units) == 1 {
		o.reasons = append(o.reasons, because("within", before.Path()))
	}
}

// rarity makes districts less likely for a bare name than counties and cities, and units
// named for peoples less likely than others of their level.
func rarity(v sense) float64 {
	u := v.units[0]
	switch {
	case v.how == inFull || v.how == otherly:
		return 1
	case strings.Contains(u.NameZH, "自治") && u.Level != Province:
		return 0.3
	case u.Level == County && strings.HasSuffix(u.NameZH, "区"):
		return 0.4
	case u.Level == Province:
		return 3
	}
	return 1
}

// startable reports whether a chain may begin with a name. A short name of towns alone
// needs a scope, or to be all of the text.
func (m *matcher) startable(o choice, s []rune, at, end int, kind string) bool {
	if o.one().Level != Town || o.how == inFull || o.how == former || kind != "" {
		return true
	}
	rest := string(s[end:])
	return at == 0 && (rest == "" || m.scope != nil || zoneEnd(rest) > 0)
}

// strayKind is the kind of unit that is written behind a name that has another kind today.
func (m *matcher) strayKind(s []rune, at int) (string, int) {
	for _, k := range []string{"街道", "镇", "乡", "市", "区", "县", "省"} {
		n := utf8.RuneCountInString(k)
		if at+n <= len(s) && string(s[at:at+n]) == k {
			// 区 may begin 区域, 市 市场, 县 县域, and what follows may be a name of its own.
			if after := string(s[at+n:]); strings.HasPrefix(after, "域") || strings.HasPrefix(after, "场") || strings.HasPrefix(after, "村") {
				return "", at
			}
			return k, at + n
		}
	}
	return "", at
}

func unitsOf(choices []choice) []*Unit {
	var all []*Unit
	for _, c := range choices {
		all = append(all, c.units...)
	}
	return all
}

// elsewhere takes the unit of a full name that lies in the same prefecture or province, but
// no longer in the unit that the text puts it in.
func (o *step) elsewhere(c *chain, senses []sense, name string) {
	up := func(u *Unit) *Unit {
		if u.Level == County && u.Parent != nil {
			return u.Parent
		}
		return u
	}
	before := unitsOf(c.choices)
	var next []choice
	for _, v := range senses {
		if v.how != inFull && v.how != former || v.units[0].Level == Province || v.units[0].Level == Prefecture {
			continue
		}
		if slices.ContainsFunc(before, func(b *Unit) bool { return v.units[0] != b && v.units[0].Within(up(b)) && !b.Within(v.units[0]) }) {
			next = append(next, choice{v.units, v.how, v.how.weight(v.units[0].Level), name, v.until})
		}
	}
	if len(next) == 1 {
		o.choices, o.certainty = next, 0.9
		o.reasons = append(o.reasons, because("moved", before[0].Path(), next[0].one().Parent.Path()))
	}
}

// applyScope keeps what lies in the units of the columns.
func (m *matcher) applyScope(c *chain) {
	if m.scope == nil {
		return
	}
	var inside []choice
	for _, o := range c.choices {
		if o.in(m.scope) || slices.ContainsFunc(m.scope, func(s *Unit) bool { return len(o.units) == 1 && s.Within(o.one()) }) {
			inside = append(inside, o)
		}
	}
	if len(inside) > 0 {
		c.choices = inside
		c.certainty = surer(c.certainty)
		c.reasons = append(c.reasons, because("column", provinceList(m.scope)))
		return
	}
	c.certainty *= 0.5
	c.reasons = append(c.reasons, because("column-disagrees", provinceList(m.scope)))
}

func provinceList(units []*Unit) string {
	const most = 3
	var names []string
	for i, u := range units {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, u.Path())
	}
	return strings.Join(names, ", ")
}

// unknownTown reads the name of a town that is not among those of today.
func (m *matcher) unknownTown(c *chain, s []rune, at int) int {
	const longest = 5
	if best := c.choices[0].one(); best.Level != County && best.Level != Prefecture || len(c.choices[0].units) > 1 {
		return at
	}
	for n := 1; n <= longest && at+n < len(s); n++ {
		if !unicode.Is(unicode.Han, s[at+n-1]) {
			return at
		}
		for _, k := range []string{"街道", "镇", "乡"} {
			end := at + n + utf8.RuneCountInString(k)
			if end <= len(s) && string(s[at+n:end]) == k && n > 1 {
				c.certainty *= 0.8
				c.reasons = append(c.reasons, because("town-unknown", string(s[at:end]), c.choices[0].one().Path()))
				return end
			}
		}
	}
	return at
}

// readInitials reads a row of initials such as 深广佛莞: at least three, nothing else before
// the trade.
func (m *matcher) readInitials(s []rune) ([]chain, bool) {
	n := 0
	for n < len(s) && len(m.x.letter[s[n]]) > 0 {
		n++
	}
	const fewest = 3
	if n < fewest || m.x.begins[[2]rune{s[0], s[1]}] > 0 && m.startsName(s) {
		return nil, false
	}
	var found []chain
	for _, r := range s[:n] {
		var o []choice
		for _, u := range m.x.letter[r] {
			o = append(o, choice{[]*Unit{u}, otherly, 1, string(r), 0})
		}
		c := chain{choices: o, names: 1, certainty: 0.9}
		m.applyScope(&c)
		found = append(found, c)
	}
	m.trade = tradeIn(string(s[n:]))
	return found, true
}

// startsName reports whether a name of a county or more, or of several, begins the text.
func (m *matcher) startsName(s []rune) bool {
	longest := min(len(s), m.x.begins[[2]rune{s[0], s[1]}])
	for n := longest; n >= 2; n-- {
		for _, v := range m.x.senses[string(s[:n])] {
			if v.units[0].Level != Town {
				return true
			}
		}
	}
	return false
}

// endings follow the trade in the names of clusters.
var endings = []string{"中小企业特色产业集群", "创新型产业集群", "特色产业集群", "县域特色产业集群", "产业集群升级示范区", "产业集群", "先进制造业集群", "产业基地", "生产基地", "制造基地", "产业集聚区", "集群", "基地", "产业"}

func tradeIn(rest string) string {
	rest = strings.TrimFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, e := range endings {
		if cut, ok := strings.CutSuffix(rest, e); ok {
			return cut
		}
	}
	return rest
}
