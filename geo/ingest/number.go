package ingest

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Quantity is a number as people write it: "约2万人", "50-60家", "３０％", "(123)".
type Quantity struct {
	Value     float64 // in the base unit; of a range the middle
	Unit      string  // base: 元, 人, 家, %, km² …; "" none
	About     bool    // it is not the number itself: 约, 左右, and with every bound
	Bound     Bound
	Low, High float64 // of a range; else both are Value
	Scale     float64 // of the word in Value: 1e4 of 2万, 1 where there is none
	Fraction  bool    // 1/3, 三分之一: of one
	Text      string
}

// Bound says on which side of the value a number lies.
type Bound uint8

// The bounds.
const (
	Exactly Bound = iota
	AtLeast       // 超过, 以上, 余, 多, 上
	AtMost        // 不足, 以下, 近
	Between
)

// maxNumberText is how long a number with its words is at most, in bytes.
const maxNumberText = 120

// ParseQuantity reads a number with or without a unit, in digits or numerals, of any
// width. ok is false where the text is anything else or says more than one number:
// "数百家" has none, "3号" and "2010-2015" are no quantities.
func ParseQuantity(text string) (q Quantity, ok bool) {
	q.Text, q.Scale = text, 1
	text = strings.TrimSpace(text)
	if v, ok := plainNumber(text); ok {
		q.Value, q.Low, q.High = v, v, v
		return q, true
	}
	if len(text) > maxNumberText || !utf8.ValidString(text) || strings.IndexFunc(text, numeric) < 0 {
		return q, false
	}
	s := fold(text)
	if inner, found := accounting(s); found {
		s = "-" + inner
	}
	s = q.qualifiers(s)
	first, rest, ok := readTerm(s)
	if !ok {
		return q, false
	}
	last := first
	if after, found := cutRange(rest); found {
		if last, rest, ok = readTerm(after); !ok || !joinRange(&first, &last) {
			return q, false
		}
		q.Bound = Between
	}
	if rest != "" || first.unit != last.unit {
		return q, false
	}
	if last.more && q.Bound == Exactly {
		q.Bound = AtLeast
	}
	if q.About = q.About || q.Bound != Exactly; first.bare && !q.About {
		return q, false // 万元 is a unit, and 万 a name
	}
	q.Low, q.High, q.Unit = first.value, last.value, last.unit
	q.Scale, q.Fraction = max(first.word, last.word, 1), last.fraction && last.unit == ""
	q.Value = q.Low + (q.High-q.Low)/2
	return q, finite(q.Low) && finite(q.High) && finite(q.Value)
}

// plainNumber is the number that programs write.
func plainNumber(s string) (float64, bool) {
	if s == "" || len(s) > maxNumberText {
		return 0, false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.':
		case (c == '-' || c == '+') && (i == 0 || s[i-1]|0x20 == 'e'):
		case c|0x20 == 'e' && i > 0:
		default:
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// numeric is true of what can be a part of a number.
func numeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= '０' && r <= '９' || strings.ContainsRune(numerals, r)
}

// fold makes full-width, traditional and upper-case letters the usual ones, and all
// spaces one.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '\u3000', r == '\u00a0', r == '\u2009', r == '\u202f', r == '\t', r == '\n', r == '\r':
			return ' '
		case r == '−', r == '–', r == '—', r == '‐', r == '‑':
			return '-'
		}
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
	return strings.TrimSpace(simple.Replace(s))
}

var simple = strings.NewReplacer("萬", "万", "億", "亿", "餘", "余", "約", "约", "幾", "几", "來", "来", "個", "个", "數", "数", "過", "过",
	"戶", "户", "員", "员", "噸", "吨", "畝", "亩", "頃", "顷", "幣", "币", "達", "达", "點", "点", "輛", "辆", "雙", "双", "條", "条", "張", "张", "隻", "只",
	"壹", "一", "贰", "二", "貳", "二", "叁", "三", "參", "三", "肆", "四", "伍", "五", "陆", "六", "陸", "六", "柒", "七", "捌", "八", "玖", "九",
	"拾", "十", "佰", "百", "仟", "千", "兩", "两", "廿", "二十", "〇", "零", "○", "零")

// accounting is what stands in parentheses that say "less than nothing".
func accounting(s string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(s, "(")
	if !ok {
		return "", false
	}
	inner, ok = strings.CutSuffix(inner, ")")
	return inner, ok && inner != "" && (inner[0] >= '0' && inner[0] <= '9' || strings.HasPrefix(inner, "¥") || inner[0] == '$')
}

// qualifier is a word beside a number.
type qualifier struct {
	word  string
	bound Bound
}

// around is the bound of words such as 约, which have none.
const around = Between + 1

// before and after are the words of which those that begin or end with another one
// stand first.
var (
	before = []qualifier{
		{"不超过", AtMost}, {"不少于", AtLeast}, {"不低于", AtLeast}, {"不足", AtMost}, {"不到", AtMost}, {"少于", AtMost}, {"低于", AtMost},
		{"大约", around}, {"约为", around}, {"约有", around}, {"约", around}, {"大概", around}, {"估计", around}, {"将近", AtMost}, {"接近", AtMost}, {"近", AtMost},
		{"超过", AtLeast}, {"超", AtLeast}, {"逾", AtLeast}, {"突破", AtLeast}, {"高于", AtLeast}, {"多于", AtLeast}, {"至少", AtLeast}, {"最多", AtMost}, {"至多", AtMost},
		{"共有", Exactly}, {"共", Exactly}, {"合计", Exactly}, {"总计", Exactly}, {"达到", Exactly}, {"达", Exactly}, {"有", Exactly}, {"为", Exactly},
		{"过", AtLeast}, {"上", AtLeast}, {"成", AtLeast},
		{">=", AtLeast}, {"≥", AtLeast}, {">", AtLeast}, {"<=", AtMost}, {"≤", AtMost}, {"<", AtMost}, {"~", around}, {"≈", around},
		{"approximately ", around}, {"approx. ", around}, {"about ", around}, {"around ", around}, {"circa ", around}, {"ca. ", around}, {"nearly ", AtMost}, {"almost ", AtMost},
		{"more than ", AtLeast}, {"over ", AtLeast}, {"at least ", AtLeast}, {"less than ", AtMost}, {"under ", AtMost}, {"up to ", AtMost}, {"at most ", AtMost},
	}
	after = []qualifier{
		{"左右", around}, {"上下", around}, {"及以上", AtLeast}, {"以上", AtLeast}, {"及以下", AtMost}, {"以下", AtMost}, {"以内", AtMost}, {"之多", Exactly}, {"多", AtLeast}, {"余", AtLeast}, {"许", around}, {"+", AtLeast},
	}
)

// qualifiers takes the words off both ends of a number.
func (q *Quantity) qualifiers(s string) string {
	note := func(w qualifier) {
		switch w.bound {
		case Exactly:
		case around:
			q.About = true
		default:
			q.Bound = w.bound
		}
	}
	for range 3 {
		s = strings.TrimSpace(s)
		if s == "" || s[0] >= '0' && s[0] <= '9' {
			break
		}
		for _, w := range before {
			rest, found := strings.CutPrefix(s, w.word)
			if !found || (w.word == "上" || w.word == "成" || w.word == "过") && strings.IndexAny(rest, "百千万亿") != 0 {
				continue
			}
			s = rest
			note(w)
			break
		}
	}
	for range 2 {
		s = strings.TrimSpace(s)
		for _, w := range after {
			if rest, found := strings.CutSuffix(s, w.word); found {
				s = rest
				note(w)
				break
			}
		}
	}
	return strings.TrimSpace(s)
}

// term is one number with its unit.
type term struct {
	amount
	unit     string
	fraction bool
}

// readTerm reads a number, and the unit as far as the range or the end. A fraction has
// no unit but a percentage.
func readTerm(s string) (t term, rest string, ok bool) {
	s = strings.TrimSpace(s)
	sign := 1.0
	if cut, found := strings.CutPrefix(s, "-"); found {
		s, sign = strings.TrimSpace(cut), -1
	} else if cut, found := strings.CutPrefix(s, "负"); found {
		s, sign = cut, -1
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	money, s := cutMoney(s)
	if value, unit, after, found := readFraction(s); found {
		t.amount = amount{value: sign * value}
		t.unit, t.fraction = unit, true
		return t, after, money == ""
	}
	t.amount, s, ok = readAmount(s)
	if !ok {
		return t, s, false
	}
	end := len(s)
	if i := rangeMark(s); i >= 0 {
		end = i
	}
	words := strings.TrimSpace(s[:end])
	scale, unit := cutScale(words)
	if unit == "" && words != "" && words[0] >= utf8.RuneSelf && t.scale != 1 {
		return t, s, false // 十百
	}
	words = unit
	t.scale *= scale
	t.word *= scale
	factor := 1.0
	if words != "" {
		if t.unit, factor, ok = unitOf(words); !ok {
			return t, s, false
		}
	}
	if money != "" {
		if t.unit != "" && t.unit != money {
			return t, s, false
		}
		t.unit = money
	}
	t.factor = factor
	t.value = sign * t.mantissa * t.scale * factor
	if factor < 1 { // 5‰ is 0.5 % and not 0.5000000000000001
		t.value = sign * t.mantissa * t.scale / (1 / factor)
	}
	return t, s[end:], true
}

// joinRange gives the first number of a range what it leaves to the second: 3-5万家.
func joinRange(first, last *term) bool {
	if first.zeros || last.zeros || first.more || last.more || first.value < 0 || last.value < 0 {
		return false
	}
	if first.unit == "" {
		first.unit = last.unit
		first.value *= last.factor
		if last.scale > 1 && first.scale == 1 && first.mantissa < last.mantissa {
			first.value *= last.scale
		}
	}
	if first.value >= last.value {
		return false
	}
	year := func(v float64) bool { return v == math.Trunc(v) && v >= 1900 && v <= 2100 }
	return last.unit != "" && last.unit != "年" || last.scale > 1 || !year(first.value) || !year(last.value)
}

// rangeMark is where the mark of a range stands in s; -1 where there is none.
func rangeMark(s string) int {
	best := -1
	for _, mark := range []string{"-", "~", "至", "到", " to "} {
		if i := strings.Index(s, mark); i >= 0 && (best < 0 || i < best) {
			best = i
		}
	}
	return best
}

func cutRange(s string) (after string, ok bool) {
	for _, mark := range []string{"--", "-", "~", "至", "到", " to "} {
		if after, ok = strings.CutPrefix(s, mark); ok {
			return after, true
		}
	}
	return "", false
}
