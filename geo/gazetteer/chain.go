package gazetteer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// chain is a place in the making: names that lie in one another, from the largest.
type chain struct {
	links   []link
	choices []choice // what the last may mean
	text    []rune   // that the links are of
	end     int      // in text, of the last name and of what belongs to it
	factor  float64  // what speaks against it, 1: nothing
	support int      // what speaks for it beside the name: other names, columns
	notes   []Reason
	zone    string // the name of the zone that the text goes on with, where isZone
	isZone  bool
	in      bool // the name is of what lies in the place
	town    bool // the text names a town in it that is not known
}

// link is one name of a chain.
type link struct {
	from, to, end int    // in the text; end is behind a kind that the unit does not have today
	name          string // where it is in letters
	choices       []choice
	moved         bool // the text puts it into another unit than that it lies in today
}

// readHan finds the places of a Chinese text: chains of names, one after a comma or an
// "and", or at once behind another.
func (m *matcher) readHan(s []rune) []chain {
	if several, ok := m.readInitials(s); ok {
		return several
	}
	var found []chain
	first := true
	for len(s) > 0 {
		c := m.chainFrom(s, first)
		if c == nil {
			break
		}
		m.readZone(c)
		if len(found) > 0 && !m.goesOn(&found[len(found)-1], c, first) {
			break
		}
		switch {
		case len(found) > 0 && c.choices[0].inside(found[len(found)-1].choices): // 佛山市、南海区
			c.support++
			found[len(found)-1] = *c
		default:
			found = append(found, *c)
		}
		s, first = s[c.end:], false
		if len(s) > 1 && (isSeparator(s[0]) || strings.ContainsRune("和与及暨", s[0])) {
			s, first = s[1:], true
		}
	}
	if len(found) > 0 {
		m.judgeRest(&found[len(found)-1], s)
		m.nameTellsZone(found)
	}
	return found
}

// goesOn reports whether a chain that was read behind another is one more place, and prefers
// what lies near. Without a comma it needs to be a city or more, or a county in full.
func (m *matcher) goesOn(before, c *chain, comma bool) bool {
	if !comma {
		u := c.choices[0].one()
		large := rankOf(u.Level) <= rankOf(Prefecture)
		if !large && !(u.Level == County && c.choices[0].how == inFull) || before.isZone || c.choices[0].holds(before.choices[0].units) {
			return false
		}
		if rank := rankOf(before.choices[0].one().Level); rank > rankOf(County) || rank > rankOf(u.Level) || m.isWord(c) || c.end < len(c.text) && strings.ContainsRune("路街道大湖河江湾村巷", c.text[c.end]) {
			return false
		}
		c.factor *= 0.9
	}
	for i, o := range c.choices {
		for _, b := range before.choices {
			switch {
			case prefectureOf(b.one()) == prefectureOf(o.one()):
				c.choices[i].weight = max(c.choices[i].weight, 9*o.weight)
			case provinceOf(b.one()) == provinceOf(o.one()):
				c.choices[i].weight = max(c.choices[i].weight, 3*o.weight)
			}
		}
	}
	return true
}

// isWord reports whether the last name of a chain is a word for a trade, or the beginning
// of one.
func (m *matcher) isWord(c *chain) bool {
	last := c.links[len(c.links)-1]
	n, _ := m.x.wordAt(c.text[last.from:])
	return last.to > 0 && n >= last.to-last.from
}

func provinceOf(u *Unit) *Unit {
	for u.Parent != nil {
		u = u.Parent
	}
	return u
}

// prefectureOf is the prefecture of a unit; a county directly below a province is its own.
func prefectureOf(u *Unit) *Unit {
	for u.Parent != nil && rankOf(u.Parent.Level) > rankOf(Province) {
		u = u.Parent
	}
	return u
}

// prefixes may stand before a place without making it doubtful.
var prefixes = []string{"中国", "中华人民共和国", "全国", "国家级", "国家", "首批", "省级", "我国", "位于", "地处"}

// chainFrom reads the names at the beginning of a text, or, where skip is set, later.
func (m *matcher) chainFrom(s []rune, skip bool) *chain {
	if c := m.chainAt(s, 0); c != nil || !skip {
		return c
	}
	start := 0
	for _, p := range prefixes {
		if n := utf8.RuneCountInString(p); n < len(s) && string(s[:n]) == p {
			start = n
			break
		}
	}
	const farthest = 24
	for i := start; i < min(len(s), farthest); i++ {
		if n, _ := m.x.wordAt(s[i:]); n > 1 && i > start {
			i += n - 1
			continue
		}
		c := m.chainAt(s, i)
		if c == nil || i > start && !c.strong() {
			continue
		}
		if i > start {
			c.factor *= 0.8
			c.notes = append(c.notes, because("skipped", string(s[start:i])))
		}
		return c
	}
	return nil
}

// strong reports whether the chain was read from more than a short name.
func (c *chain) strong() bool {
	return len(c.links) > 1 || slices.ContainsFunc(c.choices, func(o choice) bool {
		return (o.how == inFull || o.how == former) && o.one().Level != Town || rankOf(o.one().Level) <= rankOf(Prefecture)
	})
}

// chainAt reads names from a place on, each within the one before: of the ways to divide
// the text into names that which reads most of it.
func (m *matcher) chainAt(s []rune, at int) *chain {
	m.best, m.stack = m.best[:0], m.stack[:0]
	m.longest(s, at)
	if len(m.best) == 0 {
		return nil
	}
	last := m.best[len(m.best)-1]
	c := &chain{links: slices.Clone(m.best), choices: last.choices, text: s, end: last.end, factor: 1, support: len(m.best) - 1}
	for _, l := range c.links {
		if l.moved {
			c.factor *= 0.93
		}
	}
	if last.end > last.to {
		c.factor *= 0.97
	}
	m.applyScope(c)
	if u := c.choices[0].one(); last.end > last.to && c.support == 0 && s[last.end-1] == '市' && strings.HasSuffix(u.NameZH, "区") {
		c.factor *= 0.6 // 新北市 is hardly 新北区
	}
	m.unknownTown(c)
	return c
}

// longest goes on with the names on the stack as far as names go.
func (m *matcher) longest(s []rune, at int) {
	const deepest = 6
	if n := len(m.stack); n > 0 && (len(m.best) == 0 || at > m.best[len(m.best)-1].end) {
		m.best = append(m.best[:0], m.stack...)
	}
	if len(m.stack) == deepest {
		return
	}
	from := at
	if len(m.stack) > 0 {
		from += filler(s[at:])
	}
	var ends [longestName]int32 // values of the names at from, by their length
	length := m.namesAt(s[from:], ends[:])
	for n := length; n >= 2; n-- {
		if ends[n-1] < 0 {
			continue
		}
		var l link
		if !m.link(&l, s, from, n, m.x.senses[ends[n-1]]) {
			continue
		}
		if kindEnd := m.strayKind(s, &l); kindEnd > l.end {
			m.try(s, l, kindEnd)
		}
		m.try(s, l, l.end)
	}
}

func (m *matcher) try(s []rune, l link, end int) {
	l.end = end
	m.stack = append(m.stack, l)
	m.longest(s, end)
	m.stack = m.stack[:len(m.stack)-1]
}

// longestName is in runes.
const longestName = 32

// namesAt finds the names that begin a text, and the most runes one has.
func (m *matcher) namesAt(s []rune, ends []int32) (longest int) {
	t := m.x.names
	node := int32(0)
	for i := range min(len(s), len(ends)) {
		next, ok := t.step(node, s[i])
		if !ok {
			break
		}
		node = next
		if ends[i] = t.nodes[node].value; ends[i] >= 0 {
			longest = i + 1
		}
	}
	return longest
}

// link makes the link of a name that goes on with those on the stack.
func (m *matcher) link(l *link, s []rune, from, n int, senses []sense) bool {
	l.from, l.to, l.end = from, from+n, from+n
	word, trade := m.x.wordAt(s[from:])
	more := from+n < len(s) && unicode.Is(unicode.Han, s[from+n])
	start := len(m.pool)
	for i := range senses {
		v := &senses[i]
		if !m.fits(v, s, l) {
			continue
		}
		if v.how == inShort || v.how == formerly {
			if word > n || word == n && (more && trade || v.units[0].Level == Town && (more || len(m.stack) > 0)) {
				continue
			}
		}
		m.pool = append(m.pool, choice{v, v.weight})
	}
	if len(m.pool) == start && len(m.stack) > 0 {
		m.again(senses)
	}
	if len(m.pool) == start && len(m.stack) > 0 && (n > 2 || from+n == len(s)) {
		l.moved = m.elsewhere(senses)
	}
	if len(m.pool) == start {
		return false
	}
	l.choices = m.pool[start:len(m.pool):len(m.pool)]
	return true
}

// fits reports whether a sense may begin a chain, or lies in what was read before it.
func (m *matcher) fits(v *sense, s []rune, l *link) bool {
	if len(m.stack) == 0 {
		return m.startable(v, s, l)
	}
	before := m.stack[len(m.stack)-1].choices
	return v.inside(before) && (len(before[0].units) == 1 || v.how == inFull || v.units[0].Level != Town)
}

// again takes what was named before once more: 佛山佛山市.
func (m *matcher) again(senses []sense) {
	for i := range senses {
		v := &senses[i]
		if slices.ContainsFunc(m.stack[len(m.stack)-1].choices, func(b choice) bool { return slices.Equal(b.units, v.units) }) {
			m.pool = append(m.pool, choice{v, v.weight})
		}
	}
}

// startable reports whether a chain may begin with a name. A short name of a town needs a
// scope, or to be all of the text; or else to be followed by a zone or a trade.
func (m *matcher) startable(v *sense, s []rune, l *link) bool {
	if v.units[0].Level != Town || v.how == inFull || v.how == former || v.how == otherly {
		return true
	}
	if l.from > 0 {
		return false
	}
	rest := s[l.to:]
	if len(rest) == 0 || m.scope != nil || strings.ContainsRune("镇乡街", rest[0]) || isSeparator(rest[0]) {
		return true
	}
	_, trade := m.x.wordAt(rest)
	return trade || zoneEnd(string(rest)) > 0
}

// fillers may stand between two names: what is no unit but stands in tables as if it were.
var fillers = []string{"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖", "生产建设兵团", "兵团"}

// filler is how many runes a text has before what may be the next name.
func filler(s []rune) int {
	n := 0
	for n < len(s) && strings.ContainsRune(" -—–−·•・‧∙>→/\\|_~", s[n]) {
		n++
	}
	for _, f := range fillers {
		if w := utf8.RuneCountInString(f); len(s)-n > w && string(s[n:n+w]) == f {
			return n + w
		}
	}
	return n
}

var strayKinds = [][]rune{[]rune("街道"), []rune("镇"), []rune("乡"), []rune("市"), []rune("区"), []rune("县"), []rune("省"), []rune("州")}

// strayKind is where the kind of a unit ends that is written behind a name which has
// another today, or none.
func (m *matcher) strayKind(s []rune, l *link) int {
	if how := l.choices[0].how; how == inFull || how == former {
		return l.end
	}
	rest := s[l.end:]
	for _, k := range strayKinds {
		if len(rest) < len(k) || !slices.Equal(rest[:len(k)], k) {
			continue
		}
		// 区 may begin 区域, 市 市场, 县 县域.
		if after := rest[len(k):]; len(after) > 0 && strings.ContainsRune("域场村", after[0]) {
			return l.end
		}
		if l.choices[0].one().Level == Town && !strings.ContainsAny(string(k), "镇乡街") || l.choices[0].one().Level == Zone {
			return l.end
		}
		return l.end + len(k)
	}
	return l.end
}

// elsewhere takes the unit of a full name that lies in the same prefecture or province, but
// no longer in the unit that the text puts it in.
func (m *matcher) elsewhere(senses []sense) bool {
	before := m.stack[len(m.stack)-1].choices
	found := -1
	for i := range senses {
		v := &senses[i]
		u := v.units[0]
		if v.how != inFull && v.how != former && v.how != otherly || rankOf(u.Level) <= rankOf(Prefecture) {
			continue
		}
		near := slices.ContainsFunc(before, func(b choice) bool {
			o := b.one()
			if m.wereTogether(u, o) && !o.Within(u) {
				return true
			}
			wide := o
			if o.Level == County && o.Parent != nil {
				wide = o.Parent
			}
			return u != o && u.Within(wide) && !o.Within(u)
		})
		if near && found >= 0 {
			return false
		}
		if near {
			found = i
		}
	}
	if found >= 0 {
		m.pool = append(m.pool, choice{&senses[found], senses[found].weight})
	}
	return found >= 0
}

// wereTogether reports whether two units had codes of one prefecture in 2006: 简阳市 of 成都
// was in 资阳市.
func (m *matcher) wereTogether(a, b *Unit) bool {
	if a == b || rankOf(a.Level) > rankOf(County) {
		return false
	}
	const prefecture = 4 // digits
	codes := m.g.Then(b.Code)
	if b.Level == Prefecture {
		codes = append(slices.Clone(codes), b.Code)
	}
	return slices.ContainsFunc(m.g.Then(a.Code), func(code string) bool {
		return slices.ContainsFunc(codes, func(other string) bool { return code[:prefecture] == other[:prefecture] })
	})
}

// applyScope keeps what lies in the units of the columns.
func (m *matcher) applyScope(c *chain) {
	if m.scope == nil {
		return
	}
	inside := slices.DeleteFunc(slices.Clone(c.choices), func(o choice) bool { return !o.within(m.scope) && !o.holds(m.scope) })
	if len(inside) == 0 {
		c.factor *= 0.5
		c.notes = append(c.notes, because("column-disagrees", paths(m.scope)))
		return
	}
	c.choices = inside
	c.support++
	c.notes = append(c.notes, because("column", paths(m.scope)))
}

func paths(units []*Unit) string {
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
func (m *matcher) unknownTown(c *chain) {
	const longest = 5
	if u := c.choices[0].one(); u.Level != County && u.Level != Prefecture || len(c.choices[0].units) > 1 {
		return
	}
	rest := c.text[c.end:]
	for n := 0; n < min(longest, len(rest)) && unicode.Is(unicode.Han, rest[n]); n++ {
		for _, k := range strayKinds[:3] {
			end := n + len(k)
			if n < 2 || end > len(rest) || !slices.Equal(rest[n:end], k) || m.x.tradeIn(rest[:n]) {
				continue
			}
			c.factor *= 0.9
			c.town = true
			c.notes = append(c.notes, because("town-unknown", string(rest[:end]), c.choices[0].one().Path()))
			c.end += end
			return
		}
	}
}
