package ingest

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// numerals are the characters of numbers in words.
const numerals = "零〇○一二两兩三四五六七八九十百千万萬亿億壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿"

// amount is a number without its unit.
type amount struct {
	value    float64 // all of it, in the base unit
	mantissa float64 // 3.5 of 3.5亿
	scale    float64 // 1e8 of 3.5亿
	factor   float64 // of the unit to its base
	word     float64 // 万, 亿 and behind digits 千, 百, as far as they are a scale; 1 none
	more     bool    // 二十多, 十几, 2万余
	bare     bool    // 百, 万: no digit
	zeros    bool    // begins with a zero as codes do: 0571
}

// readAmount reads digits, numerals and both: 1,234.5 三百二十 1亿2000万 十几万 3.5e6.
func readAmount(s string) (a amount, rest string, ok bool) {
	r := numeral{rest: s, last: 1e16, word: 1}
	for r.step() {
	}
	return r.result()
}

// numeral is the state of reading one number. A part is what stands before 万 or 亿,
// current what no unit follows yet.
type numeral struct {
	rest           string
	total, part    float64
	current        float64
	has            bool // current holds something
	digits         int  // numerals in a row in current, for 二〇〇七
	arabic         bool // current was written in digits
	zero           bool // a zero before current
	last, small    float64
	word           float64 // the greatest of 万, 亿, and 千, 百 behind digits
	scaled         bool    // a unit was read
	mantissa       float64
	parts          int
	more, zeros    bool
	bare           bool // begins with 百, 千, 万 or 亿
	broken, ending bool
}

// step reads the next sign of the number, and is false where there is none.
func (n *numeral) step() bool {
	if n.broken || n.ending {
		return false
	}
	r, size := utf8.DecodeRuneInString(n.rest)
	switch {
	case r >= '0' && r <= '9':
		return n.literal()
	case strings.ContainsRune("一二两三四五六七八九零", r):
		n.digit(r)
	case strings.ContainsRune("十百千", r):
		if !n.has && n.scaled { // 5万千瓦
			n.ending = true
			return false
		}
		n.unit(smallUnit(r))
	case r == '万' && strings.HasPrefix(n.rest, "万亿"):
		size = len("万亿")
		n.big(1e12)
	case r == '万':
		n.big(1e4)
	case r == '亿':
		n.big(1e8)
	case r == '点' && n.has && n.digits > 0:
		return n.decimals()
	case strings.ContainsRune("多余几来", r) && (n.has || n.scaled):
		if n.more {
			n.broken = true
		}
		n.more = true
	default:
		n.ending = true
		return false
	}
	n.rest = n.rest[size:]
	return true
}

// literal reads a number in digits, which may have separators of thousands.
func (n *numeral) literal() bool {
	v, zeros, rest, ok := readLiteral(n.rest)
	if !ok || n.has || n.more || n.part > 0 {
		n.broken = true
		return false
	}
	n.current, n.has, n.arabic, n.zeros, n.rest = v, true, true, n.zeros || zeros, rest
	n.count(v)
	return true
}

func (n *numeral) count(v float64) {
	n.parts++
	n.mantissa = v
}

func (n *numeral) digit(r rune) {
	d := float64(strings.Index("零一二三四五六七八九", string(r)) / len("零"))
	if r == '两' {
		d = 2
	}
	switch {
	case n.more || n.has && n.arabic:
		n.broken = true
	case d == 0 && !n.has && n.scaled:
		n.zero = true
	case n.has:
		n.current = n.current*10 + d
		n.digits++
		if n.digits > 15 {
			n.broken = true
		}
	default:
		n.current, n.has, n.digits, n.arabic = d, true, 1, false
		n.count(d)
	}
}

// decimals reads what follows 点.
func (n *numeral) decimals() bool {
	n.rest = strings.TrimPrefix(n.rest, "点")
	for place := 0.1; ; place /= 10 {
		r, size := utf8.DecodeRuneInString(n.rest)
		i := strings.IndexRune("零一二三四五六七八九", r)
		if i < 0 || size == 0 || place < 1e-9 {
			n.broken = place == 0.1
			break
		}
		n.current += float64(i/len("零")) * place
		n.rest = n.rest[size:]
	}
	n.arabic = true // no further digits
	n.mantissa = n.current
	return !n.broken
}

func smallUnit(r rune) float64 {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	}
	return 1000
}

// unit is 十, 百 or 千.
func (n *numeral) unit(u float64) {
	if n.small != 0 && u >= n.small {
		n.broken = true // 十百, 百千
		return
	}
	if !n.has {
		n.current, n.bare = 1, u > 10
		n.count(1)
	}
	if n.arabic {
		n.word = max(n.word, u)
	}
	n.part += n.current * u
	n.small, n.scaled = u, true
	n.has, n.zero, n.digits, n.arabic = false, false, 0, false
}

// big is 万, 亿 or 万亿.
func (n *numeral) big(u float64) {
	if u >= n.last {
		n.broken = true
		return
	}
	if n.has {
		n.part += n.current
	} else if n.part == 0 {
		if n.scaled {
			n.broken = true
			return
		}
		n.part, n.bare = 1, true
		n.count(1)
	}
	n.total += n.part * u
	n.word = max(n.word, u)
	n.last, n.scaled = u, true
	n.part, n.small = 0, 0
	n.has, n.zero, n.digits, n.arabic = false, false, 0, false
}

func (n *numeral) result() (a amount, rest string, ok bool) {
	if n.broken || !n.has && (!n.scaled || n.zero) {
		return a, n.rest, false
	}
	unit := n.last
	if n.small != 0 {
		unit = n.small
	}
	switch {
	case !n.has:
	case !n.scaled || n.zero && !n.arabic:
	case n.arabic && n.current >= unit/10 && n.current < unit: // 3万2000
	case !n.arabic && n.digits == 1 && unit > 10: // 两万五
		n.current *= unit / 10
	case !n.arabic && n.digits == 1: // 十二
	default:
		return a, n.rest, false
	}
	value := n.total + n.part
	if n.has {
		value += n.current
	}
	a = amount{mantissa: value, scale: 1, factor: 1, more: n.more, zeros: n.zeros, bare: n.bare, word: n.word}
	if n.parts == 1 && n.scaled && n.mantissa > 0 {
		a.mantissa, a.scale = n.mantissa, value/n.mantissa
		if exact := roundScale(a.scale); exact > 0 {
			a.scale = exact
		}
		if a.word > 1 {
			a.word = max(a.word, a.scale) // 五百亿
		}
	}
	return a, n.rest, true
}

// roundScale is the power of ten that v is.
func roundScale(v float64) float64 {
	for p := 1.0; p <= 1e16; p *= 10 {
		if v > p*(1-1e-9) && v < p*(1+1e-9) {
			return p
		}
	}
	return 0
}

// readLiteral reads digits with a decimal point and an exponent. Separators stand
// before each three digits, all of one kind.
func readLiteral(s string) (v float64, zeros bool, rest string, ok bool) {
	var b strings.Builder
	i := 0
	digits := func() int {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			b.WriteByte(s[i])
			i++
		}
		return i - from
	}
	lead := digits()
	zeros = lead > 1 && s[0] == '0'
	if mark := separator(s[i:]); mark != 0 && lead <= 3 {
		for separator(s[i:]) == mark {
			i++
			digits3(s, &i, &b)
		}
	}
	if i < len(s) && (s[i] == ',' || s[i] == '\'') || i+1 < len(s) && s[i] == ' ' && s[i+1] >= '0' && s[i+1] <= '9' {
		return 0, zeros, s, false
	}
	if i+1 < len(s) && s[i] == '.' && s[i+1] >= '0' && s[i+1] <= '9' {
		b.WriteByte('.')
		i++
		digits()
	}
	if mantissa, found := cutExponent(s[i:]); found {
		b.WriteString(mantissa)
		i += len(mantissa)
	}
	if i < len(s) && s[i] == '.' {
		return 0, zeros, s, false
	}
	v, err := strconv.ParseFloat(b.String(), 64)
	return v, zeros, s[i:], err == nil
}

// separator is the mark of thousands at the beginning of s, 0 where there is none.
func separator(s string) byte {
	if len(s) < 4 || s[0] != ',' && s[0] != ' ' && s[0] != '\'' {
		return 0
	}
	for k := 1; k <= 3; k++ {
		if s[k] < '0' || s[k] > '9' {
			return 0
		}
	}
	if len(s) > 4 && s[4] >= '0' && s[4] <= '9' {
		return 0
	}
	return s[0]
}

func digits3(s string, i *int, b *strings.Builder) {
	b.WriteString(s[*i : *i+3])
	*i += 3
}

// cutExponent is the e6 of 3.5e6.
func cutExponent(s string) (exponent string, ok bool) {
	if s == "" || s[0] != 'e' {
		return "", false
	}
	i := 1
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	from := i
	for i < len(s) && i-from < 3 && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i], i > from
}

// readFraction reads 1/3, 三分之一, 百分之三十 and 千分之五. The last two are told in
// percent.
func readFraction(s string) (value float64, unit, rest string, ok bool) {
	if of, part, found := strings.Cut(s, "分之"); found {
		whole, left, ok1 := readAmount(of)
		share, after, ok2 := readAmount(part)
		if !ok1 || !ok2 || left != "" || whole.mantissa*whole.scale <= 0 || whole.more || share.more {
			return 0, "", s, false
		}
		w, v := whole.mantissa*whole.scale, share.mantissa*share.scale
		if w == 100 || w == 1000 || w == 1e4 {
			return v / (w / 100), "%", after, true
		}
		return v / w, "", after, v <= w
	}
	top, bottom, found := strings.Cut(s, "/")
	if !found {
		return 0, "", s, false
	}
	a, err1 := strconv.ParseUint(strings.TrimSpace(top), 10, 32)
	b, err2 := strconv.ParseUint(strings.TrimSpace(bottom), 10, 32)
	if err1 != nil || err2 != nil || b == 0 || a > b || b > 1000 {
		return 0, "", s, false
	}
	return float64(a) / float64(b), "", "", true
}
