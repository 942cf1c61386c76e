package gazetteer

import (
	"slices"
	"strings"
	"unicode"
)

// endings follow the trade in the names of clusters, the longest first where one ends another.
var endings = []string{"中小企业特色产业集群", "县域特色产业集群", "创新型产业集群", "先进制造业集群", "产业集群升级示范区", "特色产业集群", "特色产业基地", "产业集群", "产业集聚区", "先进制造集群", "产业基地", "生产基地", "制造基地",
	"产业园", "集群", "基地", "产业"}

func tradeIn(rest string) string {
	rest = strings.TrimFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, e := range endings {
		if cut, ok := strings.CutSuffix(rest, e); ok {
			return cut
		}
	}
	return rest
}

// tails may stand behind a place and say no more of where it is.
var tails = []string{"地区", "市区", "城区", "区域", "全市", "全域", "县域", "境内", "等地", "等", "牵头", "沿海", "经济圈", "双城经济圈", "城市群", "都市圈", "经济区", "经济带", "一带", "周边", "州"}

// addresses end what is narrower than a town, and goods what is a trade.
const (
	addresses = "路街道巷弄号村组社区楼室厦湾港岛湖河"
	goods     = "业品料材备械具器件机车船鞋帽袜服装衣布纺纱绒革电池表灯瓷陶石酒茶果菜菌药酱醋米面肉鱼蟹虾参竹木纸笔伞刀剪锁阀泵管钢铁铝铜玻璃膜胶化矿油气能源信息软件物流旅游贸易商品教育文化设计配饰宝玩雕编炮缆杞椒檬尺暖笋梨桃枣莓稻糖盐羊牛猪鸡鸭鹅蛋奶丝麻棉花苗板皮毛帘毯巾被枕绣扣链圈线带绳网袋盒箱包"
)

// judgeRest says what the text that follows the places does to the last of them: a trade
// and an address nothing; the name of a place that lies elsewhere makes it doubtful, and
// so does what may be the name of a town that is not known.
func (m *matcher) judgeRest(c *chain, s []rune) {
	m.trade = tradeIn(string(s))
	if c.isZone || c.choices[0].one().Level == Zone || m.trade == "" {
		return
	}
	rest := []rune(m.trade)
	last := rest[len(rest)-1]
	switch {
	case slices.Contains(tails, m.trade):
		m.trade = ""
	case m.deeper(c, rest):
		m.trade = ""
	case slices.ContainsFunc(institutions, func(w string) bool { return strings.HasPrefix(m.trade, w) }) ||
		slices.ContainsFunc(branches, func(w string) bool { return strings.HasSuffix(m.trade, w) }) && m.placeIn(c, rest):
		c.factor *= 0.5
		c.notes = append(c.notes, because("rest", m.trade))
	case c.choices[0].one().Level == Province && len(rest) <= 4 && !m.x.tradeIn(rest):
		c.factor *= 0.6
		c.notes = append(c.notes, because("rest", m.trade))
	case m.otherPlace(c, rest):
		c.factor *= 0.6
		c.notes = append(c.notes, because("rest-elsewhere", m.trade))
	case len(rest) < len(s) || m.x.tradeIn(rest) || strings.ContainsRune(goods, last) || strings.ContainsRune(addresses, last):
	case !unicode.Is(unicode.Han, rest[0]):
		c.factor *= 0.97
	default:
		doubt := 0.92
		if len(rest) <= 4 {
			doubt = 0.8
		}
		c.factor *= doubt
		c.notes = append(c.notes, because("rest", m.trade))
	}
}

// institutions bear the name of a city and may stand in another.
var institutions = []string{"大学", "学院", "银行", "集团"}

// branches of what bears the name of a city are where another name says: 北京现代沧州工厂.
var branches = []string{"工厂", "分厂", "校区", "分校", "分院", "分公司", "公司", "基地", "分行"}

// placeIn reports whether a rest names, not at its beginning, a city or county that does not
// lie in the chain.
func (m *matcher) placeIn(c *chain, rest []rune) bool {
	for i := 1; i < len(rest); i++ {
		n, value := m.x.names.longest(rest[i:])
		if word, _ := m.x.wordAt(rest[i:]); n < 2 || word >= n {
			continue
		}
		for k := range m.x.senses[value] {
			if v := &m.x.senses[value][k]; rankOf(v.units[0].Level) <= rankOf(Prefecture) && !v.within(c.choices[0].units) && !v.holds(c.choices[0].units) {
				return true
			}
		}
	}
	return false
}

// deeper goes on to a county that stands in full in the rest of a text and lies in the
// place of the chain: 新疆兵团第八师石河子市.
func (m *matcher) deeper(c *chain, rest []rune) bool {
	if rankOf(c.choices[0].one().Level) > rankOf(Prefecture) || len(c.choices[0].units) > 1 {
		return false
	}
	for i := 1; i < len(rest)-1; i++ {
		n, value := m.x.names.longest(rest[i:])
		if n < 3 || i+n < len(rest) {
			continue
		}
		for k := range m.x.senses[value] {
			if v := &m.x.senses[value][k]; v.how == inFull && v.units[0].Level == County && v.inside(c.choices[:1]) {
				c.choices = []choice{{v, v.weight}}
				c.factor *= 0.9
				c.notes = append(c.notes, because("skipped", string(rest[:i])))
				return true
			}
		}
	}
	return false
}

// otherPlace reports whether a text begins with the name of a county or more that does not
// lie in the chain and does not hold it.
func (m *matcher) otherPlace(c *chain, s []rune) bool {
	n, value := m.x.names.longest(s)
	if word, _ := m.x.wordAt(s); n == 0 || word >= n || n < len(s) && strings.ContainsRune(addresses, s[n]) {
		return false
	}
	other := false
	for i := range m.x.senses[value] {
		v := &m.x.senses[value][i]
		if v.within(c.choices[0].units) || v.holds(c.choices[0].units) {
			return false
		}
		other = other || rankOf(v.units[0].Level) <= rankOf(County) && v.how != formerly
	}
	return other
}

// readInitials reads a row of initials such as 深广佛莞: three or more characters that stand
// for provinces, or for cities of one province, and a trade or nothing behind them. One
// that stands for none is passed over where the others are as many.
func (m *matcher) readInitials(s []rune) ([]chain, bool) {
	const fewest, most = 3, 8
	name, alone := m.startsName(s)
	if len(s) < fewest || alone {
		return nil, false
	}
	var best []chain
	missed, end := "", 0
	for _, province := range m.x.provinces {
		if m.scope != nil && !slices.ContainsFunc(m.scope, func(u *Unit) bool { return provinceOf(u) == province }) {
			continue
		}
		row, unknown, n := m.initialsOf(s[:min(len(s), most)], m.x.initials[province])
		if len(row) >= fewest && n > end {
			best, missed, end = row, unknown, n
		}
	}
	if row, _, n := m.initialsOf(s[:min(len(s), most)], m.x.initials[nil]); len(row) >= fewest && n > end {
		best, missed, end = row, "", n
	}
	rest := s[end:]
	if best == nil || end <= name || len(rest) > 0 && !m.x.tradeIn(rest) && !strings.HasSuffix(string(rest), "集群") {
		return nil, false
	}
	for i := range best {
		if m.scope == nil && len(best) == fewest {
			best[i].factor *= 0.85
		}
		if missed != "" {
			best[i].factor *= 0.9
		}
	}
	if missed != "" {
		best[0].notes = append(best[0].notes, because("initial-unknown", missed))
	}
	m.trade = tradeIn(string(rest))
	return best, true
}

// initialsOf reads as many initials as there are, each once, and passes over one character
// between them.
func (m *matcher) initialsOf(s []rune, of map[rune]*sense) (row []chain, unknown string, end int) {
	passed := ""
	for i, r := range s {
		v := of[r]
		if word, _ := m.x.wordAt(s[i:]); word > 2 {
			break
		}
		if v == nil && len(row) > 1 && passed == "" {
			passed = string(r)
			continue
		}
		if v == nil || slices.ContainsFunc(row, func(c chain) bool { return c.choices[0].sense == v }) {
			break
		}
		o := []choice{{v, 1}}
		c := chain{links: []link{{from: i, to: i + 1, end: i + 1, choices: o}}, choices: o, text: s, end: i + 1, factor: 1}
		m.applyScope(&c)
		row = append(row, c)
		unknown, end = passed, i+1
	}
	return row, unknown, end
}

// startsName is how long the longest name is that begins a text, of a county or more or of
// several, and whether there is one of one unit alone.
func (m *matcher) startsName(s []rune) (longest int, alone bool) {
	var ends [longestName]int32
	for n := m.namesAt(s, ends[:]); n >= 2; n-- {
		if ends[n-1] < 0 {
			continue
		}
		for _, v := range m.x.senses[ends[n-1]] {
			if v.units[0].Level != Town {
				longest = max(longest, n)
				alone = alone || len(v.units) == 1
			}
		}
	}
	return longest, alone
}
