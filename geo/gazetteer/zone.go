package gazetteer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// zoneClass is a kind of zone that is one and the same under several words.
type zoneClass uint8

const (
	otherZone  zoneClass = iota
	highTech             // 高新技术产业开发区
	economic             // 经济技术开发区
	bonded               // 综合保税区
	industrial           // 工业园区
)

// zoneKey finds the zone of a class that is named for a unit.
type zoneKey struct {
	of    *Unit
	class zoneClass
}

// zoneWords end the names of zones and parks that are no divisions, the longest first
// where one ends another.
var zoneWords = []struct {
	word  string
	class zoneClass
}{
	{"农业高新技术产业示范区", otherZone}, {"高新技术产业示范区", otherZone}, {"高新技术产业开发区", highTech}, {"高技术产业开发区", highTech}, {"高新技术产业园区", highTech}, {"高新技术开发区", highTech}, {"高新技术园区", highTech}, {"高新技术产业区", highTech},
	{"高新产业开发区", highTech}, {"高新开发区", highTech}, {"高新技术区", highTech}, {"高新园区", highTech}, {"高新区", highTech}, {"高开区", highTech},
	{"经济技术开发区", economic}, {"经济技术开发园区", economic}, {"经济开发区", economic}, {"经技开发区", economic}, {"经开区", economic}, {"经济区", economic},
	{"综合保税区", bonded}, {"综保区", bonded}, {"保税港区", bonded}, {"保税区", bonded},
	{"台商投资区", otherZone}, {"投资区", otherZone}, {"自由贸易试验区", otherZone}, {"自贸试验区", otherZone}, {"自贸区", otherZone}, {"出口加工区", otherZone}, {"旅游度假区", otherZone}, {"度假区", otherZone},
	{"产业集聚区", otherZone}, {"产业转移园", otherZone}, {"产业开发区", otherZone}, {"技术开发区", otherZone}, {"工业集中区", otherZone}, {"产业集中区", otherZone}, {"产业园区", otherZone}, {"工业园区", industrial}, {"科技园区", otherZone}, {"边境合作区", otherZone},
	{"合作区", otherZone}, {"软件园", otherZone}, {"科技城", otherZone}, {"科学城", otherZone}, {"产业新城", otherZone}, {"自主创新示范区", otherZone}, {"改革创新示范区", otherZone}, {"合作示范区", otherZone},
	{"开发区", economic}, {"工业园", industrial}, {"产业园", otherZone}, {"科技园", otherZone}, {"创业园", otherZone}, {"创新园", otherZone}, {"化工园", otherZone}, {"物流园", otherZone}, {"农业园", otherZone}, {"集聚区", otherZone}, {"工业区", otherZone}, {"园区", otherZone}, {"新区", otherZone},
}

// levels of a zone may stand before its class: 国家级经开区.
var zoneRanks = []string{"国家级", "国家", "省级"}

// titleZones are zones by the name of what is there; a cluster that is called an
// agglomeration (集聚区) or a demonstration (示范区) is none for that.
var titleZones = []string{"开发区", "高新区", "经开区", "产业园", "科技园", "工业园", "创业园", "软件园", "园区", "保税区"}

// zoneEnd is where in bytes the first word for a zone ends, 0 where there is none.
func zoneEnd(rest string) int {
	best, at := 0, len(rest)
	for _, w := range zoneWords {
		if i := strings.Index(rest, w.word); i >= 0 && (i < at || i == at && i+len(w.word) > best) {
			at, best = i, i+len(w.word)
		}
	}
	if best > 0 { // 开发区环保装备产业园 ends later
		if more := zoneEnd(rest[best:]); more > 0 && !strings.ContainsAny(rest[best:best+more], "、,;") {
			return best + more
		}
	}
	return best
}

// classOf is the class of the zone whose words begin a text, and where these end in bytes.
func classOf(rest string) (zoneClass, int) {
	n := 0
	for _, r := range zoneRanks {
		if strings.HasPrefix(rest, r) {
			n = len(r)
			break
		}
	}
	for _, w := range zoneWords {
		if w.class != otherZone && strings.HasPrefix(rest[n:], w.word) {
			return w.class, n + len(w.word)
		}
	}
	return otherZone, 0
}

// isZoneName reports whether a unit of the town tables is a zone by its name.
func isZoneName(name string) bool {
	for _, w := range zoneWords {
		if strings.HasSuffix(name, w.word) && w.word != "新区" {
			return true
		}
	}
	return false
}

// generic reports whether a name is a word for zones alone, with no name of its own.
func generic(name string) bool {
	for _, w := range zoneWords {
		if rest, ok := strings.CutSuffix(name, w.word); ok {
			return rest == "" || generic(rest)
		}
	}
	return false
}

// nameZones finds the unit that the name of each zone begins with: 昆山 of
// 昆山高新技术产业开发区, so that 昆山市国家高新区 is known too.
func (x *lexicon) nameZones(g *Gazetteer, listed map[*Unit]bool) {
	for _, z := range g.units {
		if z.Level != Zone || len(z.Code) == 9 && !listed[z] {
			continue
		}
		for _, w := range zoneWords {
			base, ok := strings.CutSuffix(z.NameZH, w.word)
			if !ok {
				continue
			}
			if w.class != otherZone {
				x.nameZone(g, z, base, w.class)
			}
			break
		}
	}
}

func (x *lexicon) nameZone(g *Gazetteer, z *Unit, base string, class zoneClass) {
	m := matcher{g: g, x: x, scope: []*Unit{prefectureOf(z)}}
	if top := provinceOf(z); rankOf(prefectureOf(z).Level) > rankOf(Prefecture) {
		m.scope = []*Unit{top}
	}
	s := []rune(base)
	c := m.chainAt(s, 0)
	if c == nil || c.end != len(s) {
		return
	}
	for _, o := range c.choices {
		key := zoneKey{o.one(), class}
		if z != o.one() && o.one().Level != Zone && x.zones[key] == nil && (z.Within(o.one()) || o.within(m.scope)) {
			x.zones[key] = z
		}
	}
}

// readZone reads the zone behind the names of a chain.
func (m *matcher) readZone(c *chain) {
	rest := string(c.text[c.end:])
	class, n := classOf(rest)
	if c.choices[0].one().Level == Zone {
		c.end += utf8.RuneCountInString(rest[:n]) // 东营港, 经开区
		return
	}
	if class != otherZone && len(c.choices[0].units) == 1 && zoneEnd(rest) == n || class == industrial && n == len(rest) {
		for _, o := range c.choices {
			if z := m.x.zones[zoneKey{o.one(), class}]; z != nil {
				c.becomes(z, utf8.RuneCountInString(rest[:n]))
				return
			}
		}
	}
	if i := strings.IndexFunc(rest, func(r rune) bool { return isSeparator(r) || r == ' ' }); i >= 0 {
		rest = rest[:i]
	}
	end := zoneEnd(rest)
	if end == 0 || strings.Contains(rest[:end], "集群") || strings.HasPrefix(rest[end:], "域") {
		return
	}
	c.isZone, c.zone = true, string(c.text[:c.end])+rest[:end]
	c.end += utf8.RuneCountInString(rest[:end])
}

// zoneOf reads a word for zones alone and the name of its host in brackets.
func (m *matcher) zoneOf(word, host string) []chain {
	for _, p := range slices.Concat(prefixes, zoneRanks) {
		word = strings.TrimPrefix(word, p)
	}
	if n := zoneEnd(word); n == 0 || n < len(word) || !generic(word) || !isHan(host) {
		return nil
	}
	return m.readHan(head(host + word))
}

// becomes makes a chain one of a zone that is known, behind the name of its host.
func (c *chain) becomes(z *Unit, n int) {
	s := senseOf([]*Unit{z}, otherly, 0)
	last := c.links[len(c.links)-1]
	c.end += n
	c.choices = []choice{{&s, s.weight}}
	c.links = append(c.links[:len(c.links)-1], link{from: last.from, to: c.end, end: c.end, choices: c.choices})
}

// nameTellsZone makes a zone of a single place whose own name says that it is one.
func (m *matcher) nameTellsZone(found []chain) {
	if len(found) != 1 || found[0].isZone || m.q.Place == "" || found[0].choices[0].one().Level == Zone {
		return
	}
	head, _ := brackets(m.plain(m.q.Name))
	for _, w := range titleZones {
		if strings.HasSuffix(head, w) {
			found[0].isZone, found[0].zone = true, head
			found[0].notes = append(found[0].notes, because("zone-by-name"))
			return
		}
	}
}
