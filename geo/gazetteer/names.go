package gazetteer

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// How a name speaks of a unit.
type way uint8

const (
	inFull   way = iota // 吴江区
	former              // 吴江市, which it was
	otherly             // 泰达: an alias
	inShort             // 吴江
	formerly            // 胶南, short for what was 胶南市
	byLetter            // Wujiang
)

// certainty is how sure a name alone is where no other unit has it.
func (w way) certainty(level string) float64 {
	switch w {
	case inFull:
		return 0.98
	case former, otherly:
		return 0.95
	case inShort:
		return [...]float64{0.95, 0.95, 0.93, 0.9, 0.85}[rankOf(level)]
	}
	return 0.85
}

// weight is how likely a writer means a unit of the level rather than another of the same
// name: who writes a bare 中山 means the city and hardly one of the towns. The columns are
// the levels from province to town, zones before towns.
func (w way) weight(level string) float64 {
	short := [...]float64{3, 1, 0.3, 0.3, 0.005}
	rank := rankOf(level)
	switch w {
	case inFull:
		return [...]float64{3, 1, 1, 1, 0.3}[rank]
	case former, otherly:
		return [...]float64{3, 0.8, 0.7, 1, 0.2}[rank]
	case formerly:
		return short[rank] / 4
	}
	return short[rank]
}

// sense is one meaning of a name: a unit, or several at once.
type sense struct {
	units  []*Unit
	how    way
	until  int // of a former name
	weight float64
	in     bool // the name is of what lies in the unit
}

func senseOf(units []*Unit, how way, until int) sense {
	u := units[0]
	return sense{units: units, how: how, until: until, weight: how.weight(u.Level) * rarity(u, how)}
}

// rarity makes districts less likely for a bare name than counties and cities, and units
// named for peoples less likely than others of their level.
func rarity(u *Unit, how way) float64 {
	switch {
	case how == inFull || how == former || how == otherly:
		return 1
	case u.Level == Prefecture && strings.HasSuffix(u.NameZH, "州"):
		return 0.5
	case u.Level == County && strings.Contains(u.NameZH, "自治"):
		return 0.3
	case u.Level == County && strings.HasSuffix(u.NameZH, "区"):
		return 0.4
	}
	return 1
}

// lexicon is all names with their senses. Names of Chinese characters are written as in
// text, others in small letters without spaces.
type lexicon struct {
	names  *trie
	senses [][]sense // by the values of names
	words  *trie     // of trades and what else a short name may be the beginning of
	trades []bool    // which of them are of trades
	common map[string]bool
	zones  map[zoneKey]*Unit

	initials  map[*Unit]map[rune]*sense // of the cities of a province by their first character; of provinces by nil
	provinces []*Unit                   // that have initials
}

// builder collects the senses of a lexicon.
type builder map[string][]sense

func (g *Gazetteer) makeLexicon(trades []string) *lexicon {
	b := make(builder, 1<<17)
	single := make(map[rune][]*Unit)
	for _, u := range g.units {
		b.unit(u)
	}
	listed := make(map[*Unit]bool) // zones of the table of aliases
	for _, a := range g.aliases {
		listed[a.Units[0]] = a.Units[0].Level == Zone
	}
	for _, f := range g.former {
		units, _ := g.Now(f.Code, f.Name, f.Until-1)
		if len(units) > 1 && slices.ContainsFunc(b[f.Name], func(s sense) bool { return s.how == inFull }) {
			continue // the parts of what was 巢湖市 are none, where there is a 巢湖市
		}
		for _, u := range units {
			b.former(f, u, 1/float64(len(units)))
		}
	}
	for _, a := range g.aliases {
		switch name := simple(a.Name); {
		case utf8.RuneCountInString(name) == 1:
			r, _ := utf8.DecodeRuneInString(name)
			single[r] = append(single[r], a.Units...)
		case isHan(name):
			b.alias(name, a)
		default:
			s := senseOf(a.Units, otherly, 0)
			s.in = a.In
			b.add(letters(name), s)
		}
	}
	x := &lexicon{common: make(map[string]bool), zones: make(map[zoneKey]*Unit), initials: make(map[*Unit]map[rune]*sense)}
	for _, name := range commonNames {
		x.common[name] = true
	}
	x.nameInitials(g, single)
	words := slices.Compact(slices.Sorted(slices.Values(slices.Concat(trades, plainWords))))
	x.words, x.trades = newTrie(words), make([]bool, len(words))
	for _, w := range trades {
		x.trades[x.words.find(w)] = true
	}
	sorted := slices.Sorted(maps.Keys(b))
	x.names = newTrie(sorted)
	x.senses = make([][]sense, len(sorted))
	for i, name := range sorted {
		x.senses[i] = b[name]
		for k := range b[name] {
			if s := &b[name][k]; s.units[0].Level == Zone && !listed[s.units[0]] {
				s.weight *= 0.1
			}
		}
	}
	x.nameZones(g, listed)
	return x
}

// nameInitials takes the characters that stand for one city or province: those of the table
// of aliases, else the first of the name of a prefecture where it is one's alone.
func (x *lexicon) nameInitials(g *Gazetteer, single map[rune][]*Unit) {
	add := func(of *Unit, r rune, u *Unit) {
		if x.initials[of] == nil {
			x.initials[of] = make(map[rune]*sense)
			if of != nil {
				x.provinces = append(x.provinces, of)
			}
		}
		if _, ok := x.initials[of][r]; !ok {
			s := senseOf([]*Unit{u}, otherly, 0)
			x.initials[of][r] = &s
		}
	}
	for _, r := range slices.Sorted(maps.Keys(single)) {
		for _, u := range single[r] {
			if u.Level == Province {
				add(nil, r, u)
			} else {
				add(provinceOf(u), r, u)
			}
		}
	}
	for _, u := range g.units {
		if u.Level == Prefecture {
			r, _ := utf8.DecodeRuneInString(u.NameZH)
			add(u.Parent, r, u)
		}
	}
}

// unit adds the names of a unit: in full, in short, in letters.
func (b builder) unit(u *Unit) {
	if generic(u.NameZH) || strings.Contains(u.NameZH, "直辖") {
		return
	}
	one := []*Unit{u}
	b.add(u.NameZH, senseOf(one, inFull, 0))
	name := u.NameZH
	if i := strings.LastIndex(name, "（"); i > 0 && strings.HasSuffix(name, "）") { // 三星镇（叠石桥家纺产业园区）
		if name = bracketless.Replace(name[:i]); !generic(name) {
			b.add(name, senseOf(one, inFull, 0))
		}
	}
	short := Stem(name)
	if short != name && utf8.RuneCountInString(short) > 1 && !generic(short) {
		b.add(short, senseOf(one, inShort, 0))
	}
	switch {
	case u.Level == Town && strings.HasSuffix(short, "镇") && utf8.RuneCountInString(short) > 2: // 石湾镇街道
		b.add(strings.TrimSuffix(short, "镇"), senseOf(one, inShort, 0))
	case strings.HasSuffix(u.NameZH, "自治州"):
		b.add(short+"州", senseOf(one, otherly, 0))
	case strings.HasSuffix(u.NameZH, "自治县"):
		b.add(short+"县", senseOf(one, otherly, 0))
	case strings.HasSuffix(u.NameZH, "自治旗"):
		b.add(short+"旗", senseOf(one, otherly, 0))
	}
	if u.Level != Zone {
		b.letters(u, one, short)
	}
}

// former adds what a unit was called. Where the name went to a larger unit that has one of
// the same name in it, as 莱芜市 to 济南市 with its 莱芜区, that is meant.
func (b builder) former(f Former, u *Unit, share float64) {
	if u.NameZH == f.Name {
		return
	}
	short := Stem(f.Name)
	in := u.named(short)
	if in != nil && f.Code != u.Code {
		u = in
	}
	s := senseOf([]*Unit{u}, former, f.Until)
	s.weight *= share
	b.add(f.Name, s)
	if short != f.Name && utf8.RuneCountInString(short) > 1 && in == nil {
		s = senseOf([]*Unit{u}, formerly, f.Until)
		s.weight *= share
		b.add(short, s)
	}
}

// named is the unit itself or the county directly below it that has a short name.
func (u *Unit) named(short string) *Unit {
	if Stem(u.NameZH) == short {
		return u
	}
	for _, in := range u.children {
		if in.Level == County && u.Level != Province && Stem(in.NameZH) == short {
			return in
		}
	}
	return nil
}

var bracketless = strings.NewReplacer("(", "", ")", "", "（", "", "）", "")

// alias adds a name that people write, without brackets and without its kind too.
func (b builder) alias(name string, a Alias) {
	units := a.Units
	s := senseOf(units, otherly, a.Until)
	s.in = a.In
	b.add(bracketless.Replace(name), s)
	if short := Stem(name); len(units) == 1 && units[0].Level != Zone && short != name && utf8.RuneCountInString(short) > 1 && units[0].named(short) == nil {
		s = senseOf(units, formerly, a.Until)
		s.in = a.In
		b.add(short, s)
	}
}

func (b builder) letters(u *Unit, one []*Unit, short string) {
	s := senseOf(one, byLetter, 0)
	if name := letters(u.NameEN); len(name) > 2 {
		b.add(name, s)
		s.weight /= 5 // by its pinyin, where that is another: 陕西 is Shaanxi
	}
	if utf8.RuneCountInString(short) > 1 && len(u.Pinyin) > 2 {
		b.add(u.Pinyin, s)
	}
	if u.Pinyin != "" {
		b.add(u.Pinyin+soundOfKind(u.NameZH), s)
	}
}

func (b builder) add(name string, s sense) {
	if name == "" || slices.ContainsFunc(b[name], func(o sense) bool { return slices.Equal(o.units, s.units) }) {
		return
	}
	b[name] = append(b[name], s)
}

// plainWords begin or are short names of towns and counties, but mean no place where more
// follows: 高新技术, 新兴产业. The words of trades are others.
var plainWords = strings.Fields("新兴产业 新兴 高新技术 高新 新型 先进 创新 工业 建设 开发 文化 健康 中心 城区 城关 药都 海洋 航空 石油 石化 市场 资源 能源 安全 环保 现代 绿色 生态 科技 科学 数字 智能 东部 西部 南部 北部 " +
	"国际 民营 农业 光电 白银 太阳能 经济 双城经济 大城市 新城市 沿海 沿江 临港 临空 空港 保税 综合")

// commonNames are short names that are common words, or the names of so many towns and
// streets that they say little alone.
var commonNames = strings.Fields("朝阳 新城 城区 郊区 矿区 和平 大城 新华 光明 长安 向阳 新兴 解放 建设 友谊 胜利 团结 幸福 东方 红旗 新民 太平 永安 安定 开发 白云 青山 城关 城中 城东 城西 城南 城北 河东 河西 江南 江北 西湖 东湖 新市 桥东 桥西 铁东 铁西 路南 路北 古镇 环市 大通 复兴 前进 东风 永定 金山 宝山 南山 西山 东山 北关 南关 中原 南海 平安")

// wordAt is how many runes the longest plain word or word of a trade has that begins a
// text, and whether it is of a trade.
func (x *lexicon) wordAt(s []rune) (length int, trade bool) {
	n, value := x.words.longest(s)
	return n, n > 0 && x.trades[value]
}

// tradeIn reports whether a text has a word of a trade.
func (x *lexicon) tradeIn(s []rune) bool {
	for i := range s {
		if _, ok := x.wordAt(s[i:]); ok {
			return true
		}
	}
	return false
}

// kinds end the names of units, the longest first.
var kinds = []string{"街道办事处", "特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "民族自治县", "自治区", "自治州", "自治县", "自治旗", "民族乡", "民族镇", "街道", "地区", "林区", "特区", "新区", "矿区",
	"镇", "乡", "省", "市", "区", "县", "旗", "盟"}

var kindSounds = map[string]string{"省": "sheng", "市": "shi", "区": "qu", "县": "xian", "镇": "zhen", "乡": "xiang", "街道": "jiedao", "新区": "xinqu"}

func soundOfKind(name string) string {
	for _, k := range kinds {
		if strings.HasSuffix(name, k) {
			return kindSounds[k]
		}
	}
	return ""
}

// peoples are those whose names stand in the names of autonomous units.
var peoples = strings.Fields("维吾尔族 哈萨克族 柯尔克孜族 塔吉克族 乌孜别克族 鄂伦春族 达斡尔族 鄂温克族 保安族 东乡族 撒拉族 布依族 土家族 哈尼族 傈僳族 拉祜族 景颇族 布朗族 阿昌族 普米族 " +
	"怒族 独龙族 德昂族 基诺族 仡佬族 毛南族 仫佬族 俄罗斯族 塔塔尔族 锡伯族 裕固族 纳西族 朝鲜族 蒙古族 高山族 赫哲族 门巴族 珞巴族 水族 羌族 土族 畲族 黎族 傣族 佤族 京族 侗族 瑶族 白族 苗族 " +
	"彝族 壮族 藏族 满族 回族 维吾尔 哈萨克 柯尔克孜 塔吉克 达斡尔 鄂温克 鄂伦春 蒙古 各族")

// Stem is the name of a unit without its kind and the peoples it is named for: 吴江区 is
// 吴江, 大厂回族自治县 is 大厂.
func Stem(name string) string {
	short := name
	for _, k := range kinds {
		if rest, ok := strings.CutSuffix(name, k); ok && rest != "" {
			short = rest
			break
		}
	}
	if strings.HasSuffix(name, "自治区") { // 内蒙古 keeps its people
		for _, p := range []string{"维吾尔", "壮族", "回族"} {
			short = strings.TrimSuffix(short, p)
		}
		return short
	}
	if !strings.Contains(name, "自治") && !strings.HasSuffix(name, "族乡") && !strings.HasSuffix(name, "族镇") {
		return short
	}
	for again := true; again; {
		again = false
		for _, p := range peoples {
			if rest, ok := strings.CutSuffix(short, p); ok && rest != "" {
				short, again = rest, true
				break
			}
		}
	}
	return short
}
