package ingest

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Quantity is a number as people write it: 约6.27万家 is 62700 of 家.
type Quantity struct {
	Value float64 // in the base unit
	Unit  string  // the base unit: 元, 人, 家, % …; "" none
	About bool    // 约, 近, 多, ranges and bounds: it is not the number itself
	Text  string
}

// maxNumberText is how many bytes a text may have to be a number; what is longer is prose.
const maxNumberText = 100

// ParseQuantity reads a number with or without a unit: Arabic digits in any width, with
// commas between thousands, Chinese numerals, fractions (1/3, 三分之一), per cent (30%,
// 百分之三十), multiples (万, 亿, 万亿), what is about (约, 近, 余, 多, 以上) and ranges
// (100-200, which are their middle). ok is false where all of the text is no number.
func ParseQuantity(text string) (q Quantity, ok bool) {
	if len(text) > maxNumberText {
		return Quantity{}, false
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil { // nearly all
		return Quantity{Value: v, Text: text}, finite(v) && strings.Trim(text, "+-.0123456789eE") == ""
	}
	p := numberParser{rest: foldNumber(text)}
	p.about()
	percent := p.skip("百分之")
	v, ok := p.amount()
	if !ok {
		return Quantity{}, false
	}
	if v, ok = p.rangeEnd(v); !ok {
		return Quantity{}, false
	}
	p.more()
	unit, factor, ok := p.unit()
	if !ok {
		return Quantity{}, false
	}
	if percent {
		if unit != "" {
			return Quantity{}, false
		}
		unit = "%"
	}
	value, _ := v.Mul(v, factor).Float64()
	if !finite(value) {
		return Quantity{}, false
	}
	return Quantity{Value: value, Unit: unit, About: p.isAbout, Text: text}, true
}

// foldNumber is a text in plain digits and marks, without white space.
func foldNumber(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == '～' || r == '〜' || r == '–' || r == '—' || r == '至' || r == '到':
			return '~'
		case r == '−' || r == '﹣':
			return '-'
		}
		return r
	}, norm.NFKC.String(text))
	return strings.ToLower(text)
}

// numberParser reads a text from its beginning.
type numberParser struct {
	rest    string
	isAbout bool
	scaled  bool // 万 or the like stood behind the number
}

func (p *numberParser) skip(words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(p.rest, w); ok {
			p.rest = rest
			return true
		}
	}
	return false
}

func (p *numberParser) about() {
	for p.skip("大约", "约为", "约", "近", "将近", "接近", "超过", "超", "逾", "突破", "达到", "达", "共有", "共", "不足", "不到", "至少", "~", "≈", ">=", "<=", "≥", "≤", ">", "<", "about", "ca.", "approx.", "over") {
		p.isAbout = true
	}
	if p.skip("¥", "人民币", "rmb", "cny") && p.rest != "" {
		p.rest += "元"
	} else if p.skip("us$", "$", "usd") && p.rest != "" {
		p.rest += "美元"
	}
}

// more takes the words behind a number that say that it is about so many.
func (p *numberParser) more() {
	for p.skip("余", "多", "+", "以上", "左右", "上下") {
		p.isAbout = true
	}
}

var arabic = regexp.MustCompile(`^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,3})?`)

// amount reads a number with its multiples: 1,234.5, 6万3千, 三百二十, 1/3, 三分之一.
func (p *numberParser) amount() (*big.Rat, bool) {
	v, ok := p.arabic()
	if !ok {
		return p.chinese()
	}
	if p.skip("/") {
		d, ok := p.arabic()
		if !ok || d.Sign() == 0 {
			return nil, false
		}
		return v.Quo(v, d), true
	}
	total := new(big.Rat)
	least := math.Inf(1)
	for {
		scale, name := p.scale()
		if name && scale < least {
			total.Add(total, v.Mul(v, new(big.Rat).SetFloat64(scale)))
			least, p.scaled = scale, true
		} else {
			return total.Add(total, v), !name
		}
		if v, ok = p.arabic(); !ok { // 6万余, or the end
			return total, true
		}
	}
}

func (p *numberParser) arabic() (*big.Rat, bool) {
	digits := arabic.FindString(p.rest)
	if strings.Trim(digits, "+-.,e") == "" {
		return nil, false
	}
	v, ok := new(big.Rat).SetString(strings.ReplaceAll(digits, ",", ""))
	if ok {
		p.rest = p.rest[len(digits):]
	}
	return v, ok
}

// scale reads a multiple behind Arabic digits. 万亿 and the like are one.
func (p *numberParser) scale() (factor float64, ok bool) {
	p.more()
	factor = 1
	for _, s := range []struct {
		word   string
		factor float64
	}{{"十", 10}, {"百", 100}, {"千", 1e3}, {"万", 1e4}, {"萬", 1e4}, {"亿", 1e8}, {"億", 1e8}} {
		if strings.HasPrefix(p.rest, s.word) && !unitBegins(p.rest) {
			p.rest = p.rest[len(s.word):]
			factor, ok = s.factor, true
			break
		}
	}
	if ok {
		if next, more := p.scale(); more && next > factor {
			return factor * next, true
		}
	}
	return factor, ok
}

// unitBegins is true where what looks like a multiple is a unit: 千米, 千克, 千瓦, 百分点.
func unitBegins(s string) bool {
	for _, w := range []string{"千米", "千克", "千瓦", "千伏", "百分"} {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

var numerals = map[rune]int64{'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}

// chinese reads 三百二十, 一万二千, 二〇〇七, 三成, 三分之一.
func (p *numberParser) chinese() (*big.Rat, bool) {
	v, ok := p.numeral()
	if !ok {
		return nil, false
	}
	if p.skip("分之") {
		n, ok := p.numeral()
		if !ok || v == 0 {
			return nil, false
		}
		return big.NewRat(n, v), true
	}
	return new(big.Rat).SetInt64(v), true
}

func (p *numberParser) numeral() (total int64, ok bool) {
	var section, digit int64 // below 万; the digit that waits for its place
	digits := 0
	for i, r := range p.rest {
		if n, is := numerals[r]; is {
			if digits++; digits > 1 && digit != 0 || digits > 4 {
				digit *= 10 // one digit after the other: 二〇〇七
				if digit > 1e12 {
					return 0, false
				}
			}
			digit, ok = digit+n, true
			continue
		}
		unit := map[rune]int64{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000, '万': 1e4, '萬': 1e4, '亿': 1e8, '億': 1e8}[r]
		if unit == 0 || unitBegins(p.rest[i:]) {
			p.rest = p.rest[i:]
			return total + section + digit, ok
		}
		if digits == 0 && unit == 10 && section == 0 {
			digit = 1 // 十二
		}
		if digit == 0 && unit < 1e4 {
			return 0, false
		}
		switch {
		case unit < 1e4:
			section += digit * unit
		default:
			if section+digit == 0 && total == 0 {
				return 0, false
			}
			total = (total + section + digit) * unit
			section = 0
			if total > 1e15 {
				return 0, false
			}
		}
		digit, digits, ok = 0, 0, true
	}
	p.rest = ""
	return total + section + digit, ok
}

// rangeEnd reads the other end of a range that begins with low, and gives the middle:
// 100-200, 3-5万, of which the multiple belongs to both. ok is false where it ends before
// it begins.
func (p *numberParser) rangeEnd(low *big.Rat) (middle *big.Rat, ok bool) {
	rest := p.rest
	if !p.skip("~", "-") {
		return low, true
	}
	high, ok := p.arabic()
	if !ok {
		p.rest = rest
		return low, true
	}
	if scale, is := p.scale(); is {
		factor := new(big.Rat).SetFloat64(scale)
		if !p.scaled {
			low.Mul(low, factor)
		}
		high.Mul(high, factor)
	}
	p.isAbout = true
	return new(big.Rat).Quo(new(big.Rat).Add(low, high), big.NewRat(2, 1)), low.Cmp(high) < 0
}

// unit reads what is left as a unit. What is not known is none.
func (p *numberParser) unit() (base string, factor *big.Rat, ok bool) {
	rest := p.rest
	for _, tail := range []string{"左右", "以上", "以下", "上下", "余", "多"} {
		if cut, found := strings.CutSuffix(rest, tail); found && cut != "" {
			rest, p.isAbout = cut, true
		}
	}
	if rest == "" {
		return "", big.NewRat(1, 1), true
	}
	base, f, ok := ParseUnit(rest)
	return base, new(big.Rat).SetFloat64(f), ok
}

// ParseUnit is the base unit of a unit and how many of it one is: 亿元 is 1e8 元, 万人 1e4
// 人, 平方公里 is 1 km². Units that count things, such as 家, are units of their own.
func ParseUnit(text string) (base string, factor float64, ok bool) {
	unit := foldNumber(text)
	factor = 1
	for cut := true; cut; {
		cut = false
		for _, m := range []struct {
			word   string
			factor float64
		}{{"万", 1e4}, {"萬", 1e4}, {"亿", 1e8}, {"億", 1e8}, {"千", 1e3}, {"百", 1e2}} {
			if rest, found := strings.CutPrefix(unit, m.word); found && !unitBegins(unit) && rest != "" && factor < 1e12 {
				unit, factor, cut = rest, factor*m.factor, true
			}
		}
	}
	for _, u := range knownUnits {
		if slices.Contains(u.names, unit) {
			return u.base, factor * u.factor, true
		}
	}
	return "", 0, false
}

// knownUnits are the units of measure and of counting, by their base.
var knownUnits = []struct {
	base   string
	factor float64
	names  []string
}{
	{"元", 1, []string{"元", "元人民币", "人民币元", "rmb", "cny", "yuan", "块"}},
	{"美元", 1, []string{"美元", "美金", "usd"}},
	{"欧元", 1, []string{"欧元", "eur"}}, {"港元", 1, []string{"港元", "港币", "hkd"}}, {"日元", 1, []string{"日元", "jpy"}},
	{"人", 1, []string{"人", "人口", "名", "位", "persons", "people", "人次"}},
	{"家", 1, []string{"家", "家企业", "户企业", "个企业", "firms", "companies", "enterprises"}},
	{"户", 1, []string{"户", "households"}}, {"个", 1, []string{"个"}}, {"项", 1, []string{"项"}}, {"件", 1, []string{"件"}},
	{"台", 1, []string{"台", "台套", "台(套)"}}, {"套", 1, []string{"套"}}, {"辆", 1, []string{"辆"}}, {"双", 1, []string{"双"}},
	{"只", 1, []string{"只"}}, {"条", 1, []string{"条"}}, {"座", 1, []string{"座"}}, {"所", 1, []string{"所"}}, {"种", 1, []string{"种"}},
	{"箱", 1, []string{"箱"}}, {"头", 1, []string{"头"}}, {"部", 1, []string{"部"}}, {"支", 1, []string{"支"}}, {"次", 1, []string{"次"}},
	{"%", 1, []string{"%", "percent", "pct", "百分比"}}, {"‰", 1, []string{"‰"}}, {"百分点", 1, []string{"百分点", "个百分点"}},
	{"%", 10, []string{"成"}},
	{"倍", 1, []string{"倍"}},
	{"m²", 1, []string{"平方米", "平米", "㎡", "m2", "m²"}}, {"m²", 1e4, []string{"公顷", "ha", "hm2", "hm²"}},
	{"km²", 1, []string{"平方公里", "平方千米", "km2", "km²"}}, {"亩", 1, []string{"亩"}},
	{"m", 1, []string{"米", "m"}}, {"m", 1e3, []string{"公里", "千米", "km"}}, {"m³", 1, []string{"立方米", "方", "m3", "m³"}},
	{"kg", 1, []string{"千克", "公斤", "kg"}}, {"t", 1, []string{"吨", "t", "tons", "tonnes"}}, {"吨标准煤", 1, []string{"吨标准煤", "吨标煤", "tce"}},
	{"kWh", 1, []string{"千瓦时", "千瓦小时", "度", "kwh"}}, {"kW", 1, []string{"千瓦", "kw"}},
	{"年", 1, []string{"年", "years"}}, {"岁", 1, []string{"岁"}}, {"天", 1, []string{"天", "日"}},
	{"元/人", 1, []string{"元/人", "元每人"}}, {"人/km²", 1, []string{"人/平方公里", "人/平方千米", "人/km²", "人/km2"}},
	{"元/m²", 1, []string{"元/平方米", "元/㎡"}}, {"元/亩", 1, []string{"元/亩"}}, {"家/km²", 1, []string{"家/平方公里"}},
}

var (
	bracketed = regexp.MustCompile(`[(（\[【]([^()（）\[\]【】]{1,20})[)）\]】]`)
	unitWord  = regexp.MustCompile(`^单位[:：]`)
)

// HeaderUnit is the unit that the name of a column says, "" where it says none: of
// 产值（亿元） it is 亿元, of 面积/亩 亩.
func HeaderUnit(header string) string {
	if len(header) > 300 {
		return ""
	}
	found := bracketed.FindAllStringSubmatch(header, -1)
	for i := len(found) - 1; i >= 0; i-- {
		if unit := unitWord.ReplaceAllString(strings.TrimSpace(found[i][1]), ""); isUnit(unit) {
			return unit
		}
	}
	for _, mark := range []string{"/", "_", "：", ":", "，", ","} {
		if i := strings.LastIndex(header, mark); i > 0 && isUnit(strings.TrimSpace(header[i+len(mark):])) {
			return strings.TrimSpace(header[i+len(mark):])
		}
	}
	return ""
}

func isUnit(s string) bool {
	if s == "" || strings.Trim(s, "0123456789") == "" {
		return false
	}
	_, _, ok := ParseUnit(s)
	return ok
}
