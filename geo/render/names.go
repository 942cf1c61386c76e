package render

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"clustermap/geo"
)

// namer knows what the features of a collection are called on a map, as the page
// calls them. The zero namer knows no names.
type namer struct {
	index    *geo.Index
	zh, en   geo.Column
	adcode   geo.Column
	trade    geo.Column
	category geo.Column
	level    geo.Column
	titles   map[string]string // of the categories, in Chinese
	places   [3]bilingual      // names of the province, the prefecture and the own division
}

type bilingual struct{ zh, en geo.Column }

func newNamer(x *geo.Index) namer {
	n := namer{index: x}
	s := x.Schema()
	column := func(name string) geo.Column { c, _ := x.Column(name); return c }
	n.zh, n.en = column(nameProperty(s, "zh")), column(nameProperty(s, "en"))
	n.adcode, n.trade, n.level = column("adcode"), column("trade_zh"), column("level")
	for i, name := range []string{"province", "prefecture", "division"} {
		n.places[i] = bilingual{column(name + "_zh"), column(name + "_en")}
	}
	for _, p := range s.Properties {
		if p.Role == geo.RoleCategory {
			n.category, n.titles = column(p.Name), map[string]string{}
			for _, e := range p.Enum {
				n.titles[e.Value] = e.Title.ZH
			}
		}
	}
	return n
}

// nameProperty is the property that names a feature in a language.
func nameProperty(s *geo.Schema, lang string) string {
	first := ""
	for _, p := range s.Properties {
		if p.Role == geo.RoleName {
			if p.Lang == lang {
				return p.Name
			}
			first = cmp.Or(first, p.Name)
		}
	}
	if first != "" {
		return first
	}
	for _, name := range []string{"name_" + lang, "name", "title", "名称", "name_zh", "name_en", "NAME", "Name", "label"} {
		if _, ok := s.Property(name); ok {
			return name
		}
	}
	for _, p := range s.Properties {
		if p.Type == geo.TypeString && p.Role != geo.RoleID && len(p.Enum) == 0 && p.Format == "" {
			return p.Name
		}
	}
	return ""
}

// longestLabel is in characters of an English name on the map.
const longestLabel = 60

// feature is the short form of a feature's name: place and trade in Chinese, such as
// 嵊州 领带, where the data tell the two.
func (n *namer) feature(slot uint32) geo.Text {
	name := n.full(slot)
	t := geo.Text{ZH: name.ZH, EN: shortEnglishName(name.EN)}
	trade := columnText(n.trade, slot)
	if trade == "" {
		return t
	}
	trade = strings.TrimSuffix(bracketsZH.ReplaceAllString(trade, ""), "等")
	bare := tradeTail.ReplaceAllString(quotes.Replace(bracketsZH.ReplaceAllString(name.ZH, "")), "")
	at := strings.Index(bare, trade)
	if at <= 0 && !placeTail.MatchString(bare) {
		t.ZH = cmp.Or(bare, name.ZH)
		return t
	}
	if at > 0 {
		bare = bare[:at]
	}
	t.ZH = n.barePlace(slot, bare) + " " + n.shortTrade(slot, trade)
	return t
}

// full is the whole name, "" where the data have none.
func (n *namer) full(slot uint32) geo.Text {
	zh, en := columnText(n.zh, slot), columnText(n.en, slot)
	return geo.Text{ZH: cmp.Or(zh, en), EN: cmp.Or(en, zh)}
}

var (
	bracketsZH = regexp.MustCompile(`（.*?）`)
	bracketsEN = regexp.MustCompile(`\s*\([^)]*\)`)
	tradeTail  = regexp.MustCompile(`(及相关产业集群|市场及产业集群|创新集群|自主品牌产业集群|产业集群|制造集群|集聚区|集群|产业)$`)
	placeTail  = regexp.MustCompile(`[镇市县]$|街道$`)
	townTail   = regexp.MustCompile(`(镇|街道)$`)
	divTail    = regexp.MustCompile(`(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|县|区)$`)
	divTailEN  = regexp.MustCompile(`(?i) (City|District|County|Prefecture|Province|Municipality|Special Administrative Region)$`)
	nameTailEN = regexp.MustCompile(`(?i)\s+(industry )?(innovative )?(cluster|industry)$`)
	upperCity  = regexp.MustCompile(`^(\p{Han}{2,3}市)\p{Han}{2}`)
	quotes     = strings.NewReplacer(`"`, "", "“", "", "”", "")
)

// barePlace is the last unit that a name speaks of: 顺德 of 佛山市顺德区.
func (n *namer) barePlace(slot uint32, place string) string {
	if m := upperCity.FindStringSubmatch(place); m != nil {
		place = place[len(m[1]):]
	}
	switch columnText(n.level, slot) {
	case "zone", "market":
		return place
	case "town":
		town := townTail.ReplaceAllString(place, "")
		host := shortDivision(columnText(n.places[2].zh, slot))
		if rest, ok := strings.CutPrefix(town, host); ok && host != "" && rest != "" {
			return rest
		}
		return town
	}
	return shortDivision(place)
}

func (n *namer) shortTrade(slot uint32, trade string) string {
	const longest = 4
	size := utf8.RuneCountInString(trade)
	if size <= longest {
		return trade
	}
	if t := n.titles[columnText(n.category, slot)]; t != "" && utf8.RuneCountInString(t) < size {
		return t
	}
	return trade
}

// group is the name of a group: of the smallest division below the province that holds
// all its members, else of the place of the anchor with "around". It is empty where the
// data know no divisions.
func (n *namer) group(members []uint32, anchor uint32) geo.Text {
	for i := len(n.places) - 1; i > 0; i-- {
		if same, ok := n.common(members, i); ok {
			return same
		}
	}
	for i := 1; i >= 0; i-- {
		if t := n.division(anchor, i); t != (geo.Text{}) {
			return around(t)
		}
	}
	return geo.Text{}
}

// common is the division of a level that all members share.
func (n *namer) common(members []uint32, level int) (geo.Text, bool) {
	digits := 2 * (level + 1)
	first := ""
	for i, m := range members {
		code := columnText(n.adcode, m)
		if len(code) != 6 || i > 0 && code[:digits] != first {
			return geo.Text{}, false
		}
		first = code[:digits]
	}
	if first == "" {
		return geo.Text{}, false
	}
	t := n.division(members[0], level)
	return t, t != (geo.Text{})
}

func (n *namer) division(slot uint32, level int) geo.Text {
	zh := shortDivision(columnText(n.places[level].zh, slot))
	en := divTailEN.ReplaceAllString(columnText(n.places[level].en, slot), "")
	return geo.Text{ZH: cmp.Or(zh, en), EN: cmp.Or(en, zh)}
}

func around(place geo.Text) geo.Text {
	return geo.Text{ZH: place.ZH + "一带", EN: "around " + place.EN}
}

// shortDivision is 苏州 for 苏州市; names of two characters stay whole.
func shortDivision(zh string) string {
	if short := divTail.ReplaceAllString(zh, ""); utf8.RuneCountInString(short) >= 2 {
		return short
	}
	return zh
}

// shortEnglishName leaves out what a map says anyway, and cuts at a word.
func shortEnglishName(en string) string {
	en = nameTailEN.ReplaceAllString(bracketsEN.ReplaceAllString(en, ""), "")
	if utf8.RuneCountInString(en) <= longestLabel {
		return en
	}
	cut := string([]rune(en)[:longestLabel-2])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + ellipsis
}

func columnText(c geo.Column, slot uint32) string {
	s, ok := c.Text(slot)
	if !ok {
		if v := c.Value(slot); v.Kind() != geo.KindArray && v.Kind() != geo.KindObject {
			return v.Text()
		}
	}
	return s
}
