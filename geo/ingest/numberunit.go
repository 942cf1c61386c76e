package ingest

import (
	"strings"
	"unicode/utf8"
)

// measure is a unit in its base.
type measure struct {
	base   string
	factor float64
}

// unitOf is the base of a unit in folded letters, without 万 and 亿 before it.
func unitOf(s string) (base string, factor float64, ok bool) {
	s = strings.TrimSpace(s)
	if m, found := measures[s]; found {
		return m.base, m.factor, true
	}
	for _, per := range []string{"/", "每", " per "} {
		top, bottom, found := strings.Cut(s, per)
		if !found {
			continue
		}
		a, ok1 := measures[strings.TrimSpace(top)]
		scale, bottom := cutScale(strings.TrimSpace(bottom))
		b, ok2 := measures[bottom]
		if ok1 && ok2 {
			return a.base + "/" + b.base, a.factor / b.factor / scale, true
		}
	}
	return "", 0, false
}

// measures are the units by their names. Areas are in square kilometres, lengths in
// metres, weights in tonnes.
var measures = newMeasures(
	"家 家企业 户企业 个企业 企业 firms firm enterprises enterprise companies company businesses", "家", 1,
	"人 名 位 人员 人次 名职工 名员工 名工人 个人 people persons person workers employees jobs inhabitants", "人", 1,
	"户 户家庭 households", "户", 1, "个 pcs pieces", "个", 1,
	"元 元人民币 人民币 人民币元 圆 rmb cny yuan ¥", "元", 1,
	"美元 美金 usd us$ $ dollars 元美元", "美元", 1, "港元 港币 hkd hk$", "港元", 1, "欧元 eur euro euros €", "欧元", 1, "日元 日圆 jpy", "日元", 1,
	"% percent 个百分点 百分点", "%", 1, "‰", "%", 0.1, "成", "%", 10, "倍 times", "倍", 1, "年", "年", 1,
	"km² km2 平方公里 平方千米 平方km sqkm", "km²", 1, "公顷 ha hectares hectare", "km²", 0.01,
	"亩 mu", "km²", 1.0/1500, "m² m2 平方米 平米 ㎡ sqm", "km²", 1e-6,
	"m 米 公尺 metres meters", "m", 1, "km 公里 千米", "m", 1000,
	"t 吨 公吨 tonnes tons", "吨", 1, "kg 公斤 千克", "吨", 1e-3, "克 g", "吨", 1e-6, "斤", "吨", 5e-4,
	"m³ m3 立方米", "m³", 1, "升 l 公升", "m³", 1e-3,
	"瓦 w", "瓦", 1, "千瓦 kw", "瓦", 1e3, "兆瓦 mw", "瓦", 1e6, "瓦时 wh", "瓦时", 1, "千瓦时 kwh 度 度电", "瓦时", 1e3,
	"箱 标箱 标准箱 teu", "标箱", 1, "锭 纱锭", "锭", 1,
	"件", "件", 1, "台", "台", 1, "套", "套", 1, "辆", "辆", 1, "条", "条", 1, "双", "双", 1, "只", "只", 1, "张", "张", 1, "把", "把", 1, "支", "支", 1, "枚", "枚", 1,
	"匹", "匹", 1, "副", "副", 1, "顶", "顶", 1, "盏", "盏", 1, "部", "部", 1, "头", "头", 1, "株", "株", 1, "艘", "艘", 1, "座", "座", 1, "所", "所", 1, "间", "间", 1, "项", "项", 1,
	"种", "种", 1, "架", "架", 1, "瓶", "瓶", 1, "袋", "袋", 1, "对", "对", 1, "根", "根", 1, "片", "片", 1, "粒", "粒", 1, "盒", "盒", 1, "卷", "卷", 1, "摊位 个摊位 摊", "摊位", 1,
	"个镇 个乡镇 个街道", "个", 1, "个村 村", "村", 1, "个品牌", "个", 1, "个专利 件专利 项专利", "件", 1,
)

// newMeasures makes the table from names, base, factor and so on.
func newMeasures(list ...any) map[string]measure {
	m := make(map[string]measure)
	for i := 0; i < len(list); i += 3 {
		factor, whole := list[i+2].(float64)
		if !whole {
			factor = float64(list[i+2].(int))
		}
		for _, name := range strings.Fields(list[i].(string)) {
			m[name] = measure{list[i+1].(string), factor}
		}
	}
	for _, name := range []string{"sq km", "sq. km", "square kilometres", "square kilometers"} {
		m[name] = measure{"km²", 1}
	}
	return m
}

// scales are words that stand before a unit or for it; a longer one before those that
// begin it.
var scales = []struct {
	word  string
	value float64
}{
	{"万亿", 1e12}, {"百亿", 1e10}, {"十亿", 1e9}, {"亿", 1e8}, {"千万", 1e7}, {"百万", 1e6}, {"十万", 1e5}, {"万", 1e4}, {"千", 1e3}, {"百", 1e2},
	{"trillion", 1e12}, {"billion", 1e9}, {"bn", 1e9}, {"million", 1e6}, {"mln", 1e6}, {"mn", 1e6}, {"thousand", 1e3}, {"hundred", 1e2}, {"k", 1e3},
}

// cutScale takes a word such as 万 or million off the beginning of a unit, unless the
// whole is a unit of its own, such as 千克.
func cutScale(s string) (scale float64, rest string) {
	scale = 1
	for range 2 {
		if _, found := measures[s]; found {
			return scale, s
		}
		for _, w := range scales {
			after, found := strings.CutPrefix(s, w.word)
			if !found || w.word[0] < utf8.RuneSelf && after != "" && after[0] != ' ' {
				continue
			}
			scale, s = scale*w.value, strings.TrimSpace(after)
			break
		}
	}
	return scale, s
}

// cutMoney takes the mark of a currency off the beginning of a number.
func cutMoney(s string) (unit, rest string) {
	for _, mark := range []string{"us$", "hk$", "¥", "$", "€", "人民币", "rmb", "cny", "usd", "hkd", "eur"} {
		if rest, found := strings.CutPrefix(s, mark); found {
			return measures[mark].base, strings.TrimSpace(rest)
		}
	}
	return "", s
}

// ParseUnit is the base unit of a unit and what it is of it: 亿元 is 1e8 元, 亩 is
// 1/1500 km², "100 million yuan" is 1e8 元, 元/亩 is 1500 元/km².
func ParseUnit(text string) (base string, factor float64, ok bool) {
	if len(text) > maxNumberText || !utf8.ValidString(text) {
		return "", 0, false
	}
	s := fold(text)
	number := 1.0
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		a, rest, ok := readAmount(s)
		if !ok || a.more || a.mantissa <= 0 {
			return "", 0, false
		}
		number, s = a.mantissa*a.scale, strings.TrimSpace(rest)
	}
	scale, s := cutScale(s)
	base, factor, ok = unitOf(s)
	factor *= scale * number
	return base, factor, ok && finite(factor) && factor > 0
}

// isCount reports whether a unit counts things, which have no other unit that a bare
// number could be in.
func isCount(unit string) bool {
	switch unit {
	case "人", "家", "户", "个", "村", "摊位", "件", "台", "套", "辆", "条", "双", "只", "张", "把", "支", "枚", "所", "间", "项", "种":
		return true
	}
	return false
}

// unitScale is the word of a unit: 1e8 of 亿元, 1 of 亩 and of 千瓦.
func unitScale(unit string) float64 {
	s := fold(unit)
	number := 1.0
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		a, rest, ok := readAmount(s)
		if !ok {
			return 1
		}
		number, s = a.mantissa*a.scale, strings.TrimSpace(rest)
	}
	scale, _ := cutScale(s)
	return number * scale
}

// headerScale is the word that stands in a column's name for a unit, 万 of 人口（万）.
func headerScale(header string) (word string, scale float64) {
	_, inner, _ := strings.Cut(fold(header), "(")
	inner, _, _ = strings.Cut(inner, ")")
	if scale, rest := cutScale(strings.TrimPrefix(inner, "单位:")); rest == "" && scale > 1 {
		return strings.TrimPrefix(inner, "单位:"), scale
	}
	return "", 1
}

// HeaderUnit is the unit that a column's name says: of 产值（亿元） and 产值/亿元 it is
// 亿元; "" none.
func HeaderUnit(header string) string {
	header = strings.NewReplacer("（", "(", "）", ")", "［", "(", "］", ")", "[", "(", "]", ")", "【", "(", "】", ")", "：", ":").Replace(header)
	for rest := header; ; {
		_, after, found := strings.Cut(rest, "(")
		if !found {
			break
		}
		inner, next, _ := strings.Cut(after, ")")
		for _, part := range strings.FieldsFunc(inner, func(r rune) bool { return strings.ContainsRune(",，;；、", r) }) {
			part = strings.TrimSpace(part)
			for _, word := range []string{"单位:", "单位", "unit:", "in "} {
				part = strings.TrimSpace(strings.TrimPrefix(part, word))
			}
			if _, _, ok := ParseUnit(part); ok {
				return part
			}
		}
		rest = next
	}
	for _, mark := range []string{"/", "_", ":", "-", " "} {
		i := strings.LastIndex(header, mark)
		if i <= 0 {
			continue
		}
		unit := strings.TrimSpace(header[i+len(mark):])
		if len(unit) < 2 && unit != "%" { // x_m
			continue
		}
		if _, _, ok := ParseUnit(unit); ok {
			return unit
		}
	}
	return ""
}
