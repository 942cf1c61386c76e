package gazetteer

import (
	"strings"
	"unicode/utf8"
)

// zoneWords end the names of zones and parks that are no divisions, the longest first
// where one ends another.
var zoneWords = []string{
	"高新技术产业开发区", "高技术产业开发区", "农业高新技术产业示范区", "高新技术产业园区", "高新技术产业区", "经济技术开发区", "综合保税区", "台商投资区", "投资区", "自由贸易试验区", "出口加工区", "旅游度假区",
	"产业集聚区", "产业转移园", "产业开发区", "经济开发区", "技术开发区", "工业集中区", "高新开发区", "高新技术区", "高新园区", "工业园区", "产业园区", "科技园区", "保税港区", "边境合作区", "合作区", "软件园", "科技城", "科学城",
	"产业新城", "经开区", "高新区", "开发区", "工业园", "产业园", "科技园", "创业园", "创新园", "保税区", "自贸区", "集聚区", "工业区", "园区", "新区", "示范区",
}

// titleZones are zones by the name of what is there; a cluster that is called an
// agglomeration (集聚区) or a demonstration (示范区) is none for that.
var titleZones = []string{"开发区", "高新区", "经开区", "产业园", "科技园", "工业园", "创业园", "软件园", "园区", "保税区"}

// zoneEnd is where in bytes the first word for a zone ends, 0 where there is none.
func zoneEnd(rest string) int {
	best, at := 0, len(rest)
	for _, w := range zoneWords {
		if i := strings.Index(rest, w); i >= 0 && (i < at || i == at && i+len(w) > best) {
			at, best = i, i+len(w)
		}
	}
	if best > 0 { // 开发区环保装备产业园 ends later
		if more := zoneEnd(rest[best:]); more > 0 && !strings.ContainsAny(rest[best:best+more], "、,;") {
			return best + more
		}
	}
	return best
}

// isZoneName reports whether a unit of the town tables is a zone by its name.
func isZoneName(name string) bool {
	for _, w := range zoneWords {
		if strings.HasSuffix(name, w) && w != "新区" && w != "示范区" {
			return true
		}
	}
	return false
}

// generic reports whether a name is a word for zones alone, with no name of its own.
func generic(name string) bool {
	for _, w := range zoneWords {
		if rest, ok := strings.CutSuffix(name, w); ok {
			return rest == "" || generic(rest)
		}
	}
	return false
}

// readZone reads the zone behind the names of a chain. It gives where that ends.
func (m *matcher) readZone(c *chain, s []rune, at int) int {
	if len(c.choices) == 0 || c.choices[0].one().Level == Zone {
		return at
	}
	rest := string(s[at:])
	if i := strings.IndexFunc(rest, func(r rune) bool { return isSeparator(r) || r == ' ' }); i >= 0 {
		rest = rest[:i]
	}
	end := zoneEnd(rest)
	if end == 0 || strings.Contains(rest[:end], "集群") {
		return at
	}
	c.isZone, c.zone = true, string(s[:at])+rest[:end]
	return at + utf8.RuneCountInString(rest[:end])
}

// nameTellsZone makes a zone of a single place whose own name says that it is one.
func (m *matcher) nameTellsZone(found []chain) {
	if len(found) != 1 || found[0].isZone || m.q.Place == "" || found[0].choices[0].one().Level == Zone {
		return
	}
	head, _ := brackets(simple(m.q.Name))
	for _, w := range titleZones {
		if strings.HasSuffix(head, w) {
			found[0].isZone, found[0].zone = true, head
			found[0].reasons = append(found[0].reasons, because("zone-by-name"))
			return
		}
	}
}
