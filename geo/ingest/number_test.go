package ingest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseQuantity(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		// digits of any width
		{"12", "12"}, {" 1.50 ", "1.5"}, {"007", "7"}, {"-3", "-3"}, {"3.5e6", "3500000"}, {"1,234.5", "1234.5"}, {"1,234,567家", "1234567 家"},
		{"1 234 567", "1234567"}, {"１２", "12"}, {"３０％", "30 %"}, {"１，２３４．５", "1234.5"}, {"−5", "-5"}, {"(123)", "-123"}, {"（1,234.5）", "-1234.5"}, {"(12%)", "-12 %"}, {"+7", "7"},
		// units, with what is before them
		{"6.27万家", "62700 家"}, {"3.5亿元", "350000000 元"}, {"1.2万亿元", "1200000000000 元"}, {"2 万 人", "20000 人"}, {"50万", "500000"}, {"3.5千克", "0.0035 吨"}, {"5千米", "5000 m"}, {"5万千瓦", "50000000 瓦"}, {"五百千瓦", "500000 瓦"}, {"12公顷", "0.12 km²"}, {"12千米", "12000 m"},
		{"40平方公里", "40 km²"}, {"40 km2", "40 km²"}, {"1500亩", "1 km²"}, {"200公顷", "2 km²"}, {"30万平方米", "0.3 km²"}, {"5‰", "0.5 %"}, {"三成", "30 %"}, {"120万美元", "1200000 美元"}, {"$1.5 million", "1500000 美元"},
		{"¥3,000", "3000 元"}, {"RMB 35 billion", "35000000000 元"}, {"1.2 million", "1200000"}, {"12k", "12000"}, {"3 thousand workers", "3000 人"}, {"20 firms", "20 家"}, {"45户企业", "45 家"}, {"8000名职工", "8000 人"}, {"35万元/亩", "525000000 元/km²"}, {"300件套", ""},
		// numerals
		{"十二万", "120000"}, {"二十", "20"}, {"一百零五", "105"}, {"三百二", "320"}, {"两万五", "25000"}, {"两千三百亿", "230000000000"}, {"二〇〇七", "2007"}, {"三点五亿元", "350000000 元"}, {"壹佰贰拾萬元", "1200000 元"}, {"1亿2000万", "120000000"}, {"3万5千", "35000"}, {"3万2000", "32000"}, {"十万亿", "10000000000000"}, {"近百万", "~<=1000000"}, {"百万", ""}, {"一万零三百", "10300"}, {"廿五", "25"}, {"１０億円", ""},
		// fractions
		{"1/3", "0.333333"}, {"三分之一", "0.333333"}, {"百分之三十", "30 %"}, {"千分之五", "0.5 %"}, {"百分之三点五", "3.5 %"}, {"２／３", "0.666667"},
		// about, and on one side
		{"约2万人", "~20000 人"}, {"二十多家", "~>=20 家"}, {"20多万人", "~>=200000 人"}, {"十几万", "~>=100000"}, {"2万余人", "~>=20000 人"}, {"近百家", "~<=100 家"}, {"上千", "~>=1000"}, {"上千家", "~>=1000 家"}, {"过亿元", "~>=100000000 元"},
		{"超过300家", "~>=300 家"}, {"不足50家", "~<=50 家"}, {"500家以上", "~>=500 家"}, {"500以下", "~<=500"}, {"100人左右", "~100 人"}, {">=30%", "~>=30 %"}, {"more than 200 firms", "~>=200 家"}, {"200+", "~>=200"}, {"共有36家", "36 家"}, {"~50", "~50"}, {"100余", "~>=100"}, {"三成以上", "~>=30 %"},
		// ranges
		{"50-60家", "~55 家 [50 60]"}, {"50家-60家", "~55 家 [50 60]"}, {"3~5万人", "~40000 人 [30000 50000]"}, {"5000-2万人", "~12500 人 [5000 20000]"}, {"三至五家", "~4 家 [3 5]"}, {"30%-40%", "~35 % [30 40]"}, {"30-40%", "~35 % [30 40]"}, {"1到2亿元", "~150000000 元 [100000000 200000000]"}, {"12–15", "~13.5 [12 15]"}, {"3—5", "~4 [3 5]"},
		// no quantities
		{"", ""}, {"家", ""}, {"数百家", ""}, {"几十家", ""}, {"千家万户", ""}, {"3号", ""}, {"5月", ""}, {"2005年", "2005 年"}, {"2010-2015年", ""}, {"三角", ""}, {"千", ""}, {"万元", ""}, {"2010-2015", ""}, {"2023-05", ""}, {"2023/5/1", ""}, {"0571-8888", ""}, {"1-2-3", ""}, {"1,23", ""}, {"1.2.3", ""}, {"12,34,56", ""}, {"5/3", ""}, {"1/0", ""},
		{"120家企业，从业人员3万人", ""}, {"NaN", ""}, {"inf", ""}, {"0x10", ""}, {"1_000", ""}, {"1e999", ""}, {"十百", ""}, {"百千", ""}, {"万万", ""}, {"3万5", ""}, {"一二三家村", ""}, {"家5", ""}, {"60-50家", ""}, {"3万家-5亿元", ""}, {"¥3家", ""}, {"五四", "54"}, {"万", ""}, {"三百百", ""}, {"-", ""}, {"()", ""}, {"(家)", ""}, {"一千万零", ""}, {"1..2", ""}, {"半", ""},
		{strings.Repeat("9", 400), ""}, {strings.Repeat("一", 60), ""}, {"12\xff", ""}, {"12\x0034", ""}, {"１２３，４５６，７８９．０１亿元人民币以上", "~>=12345678901000000 元"},
	} {
		q, ok := ParseQuantity(test.text)
		got := ""
		if ok {
			got = show(q)
		}
		if got != test.want {
			t.Errorf("ParseQuantity(%q) is %q, want %q", test.text, got, test.want)
		}
		if q.Text != test.text {
			t.Errorf("ParseQuantity(%q) keeps the text %q", test.text, q.Text)
		}
	}
}

// show is a quantity in a few signs.
func show(q Quantity) string {
	s := strconv.FormatFloat(math.Round(q.Value*1e6)/1e6, 'f', -1, 64)
	s = [...]string{"", ">=", "<=", ""}[q.Bound] + s
	if q.About {
		s = "~" + s
	}
	if q.Unit != "" {
		s += " " + q.Unit
	}
	if q.Bound == Between {
		s += fmt.Sprintf(" [%.f %.f]", q.Low, q.High)
	}
	return s
}

func TestParseUnit(t *testing.T) {
	for _, test := range []struct {
		text, base string
		factor     float64
	}{
		{"亿元", "元", 1e8}, {"万人", "人", 1e4}, {"家", "家", 1}, {"%", "%", 1}, {"％", "%", 1}, {"亩", "km²", 1.0 / 1500}, {"万亩", "km²", 1e4 / 1500}, {"平方公里", "km²", 1}, {"KM2", "km²", 1},
		{"千克", "吨", 1e-3}, {"万吨", "吨", 1e4}, {"100 million yuan", "元", 1e8}, {"million USD", "美元", 1e6}, {"元/亩", "元/km²", 1500}, {"亿kWh", "瓦时", 1e11}, {"万户", "户", 1e4}, {"億元", "元", 1e8},
		{"", "", 0}, {"万", "", 0}, {"号", "", 0}, {"多", "", 0}, {"3", "", 0}, {"号", "", 0}, {"\xff", "", 0},
	} {
		base, factor, ok := ParseUnit(test.text)
		if ok != (test.base != "") || ok && (base != test.base || math.Abs(factor/test.factor-1) > 1e-12) {
			t.Errorf("ParseUnit(%q) is %q, %v, %v, want %q, %v", test.text, base, factor, ok, test.base, test.factor)
		}
	}
}

func TestHeaderUnit(t *testing.T) {
	for _, test := range []struct{ header, want string }{
		{"产值（亿元）", "亿元"}, {"产值(亿元)", "亿元"}, {"企业数[家]", "家"}, {"从业人数（万人，2006年）", "万人"}, {"2006年产值（单位：亿元）", "亿元"}, {"产值/亿元", "亿元"}, {"产值_万元", "万元"}, {"产值 亿元", "亿元"}, {"产值：亿元", "亿元"}, {"占比%", ""}, {"占比 %", "%"},
		{"占比（％）", "％"}, {"Output (100 million yuan)", "100 million yuan"}, {"Area (km2)", "km2"}, {"area_km2", "km2"}, {"面积（含水面）（亩）", "亩"}, {"名称", ""}, {"x_m", ""}, {"备注（可空）", ""}, {"（", ""}, {"/", ""}, {"元", ""},
	} {
		if got := HeaderUnit(test.header); got != test.want {
			t.Errorf("HeaderUnit(%q) is %q, want %q", test.header, got, test.want)
		}
	}
}

// What is written as people write it is read as the number that it was.
func TestQuantitiesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 99_999_999_999).Draw(t, "n")
		unit := rapid.SampledFrom([]string{"", "家", "人", "元", "户"}).Draw(t, "unit")
		forms := []string{strconv.FormatInt(n, 10), grouped(n), inWords(n), wide(strconv.FormatInt(n, 10)), mixed(n)}
		for _, form := range forms {
			q, ok := ParseQuantity(form + unit)
			if !ok || q.Value != float64(n) || q.Unit != unit || q.About || q.Low != q.High {
				t.Fatalf("%q is %+v, %v, want %d %s", form+unit, q, ok, n, unit)
			}
		}
		scaled := float64(n) / 1e4
		q, ok := ParseQuantity("约" + strconv.FormatFloat(scaled, 'f', -1, 64) + "万" + unit)
		if !ok || math.Abs(q.Value-float64(n)) > 1e-15*float64(n)*4 || !q.About {
			t.Fatalf("%v in 万 is %+v, %v", scaled, q, ok)
		}
	})
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
}

// mixed is 1亿2000万345.
func mixed(n int64) string {
	s := ""
	for _, u := range []struct {
		v    int64
		word string
	}{{1e8, "亿"}, {1e4, "万"}} {
		if n >= u.v {
			s += strconv.FormatInt(n/u.v, 10) + u.word
			n %= u.v
		}
	}
	if n >= 1000 || s == "" {
		return s + strconv.FormatInt(n, 10)
	}
	if n > 0 {
		return s + "零" + inWords(n)
	}
	return s
}

// inWords is the number in numerals.
func inWords(n int64) string {
	const digits = "零一二三四五六七八九"
	s, zero := "", false
	for _, u := range []struct {
		v    int64
		word string
	}{{1e8, "亿"}, {1e4, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		k := n / u.v
		if n %= u.v; k == 0 {
			zero = s != ""
			continue
		}
		if zero || s != "" && u.v >= 10000 && k < 1000 {
			s += "零"
		}
		zero = false
		if k >= 10 {
			s += inWords(k)
		} else {
			s += digits[3*k : 3*k+3]
		}
		s += u.word
	}
	return s
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"6.27万家", "1/3", "约2万人", "３０％", "1,234.5", "十二万", "二十多家", "3.5亿元", "50-60家", "百分之三十", "(123)", "1亿2000万", "¥3,000", "3.5e6", "1.2 million"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, ok := ParseQuantity(s)
		if q.Text != s {
			t.Fatalf("the text is %q", q.Text)
		}
		if !ok {
			return
		}
		if !finite(q.Value) || q.Low > q.Value || q.Value > q.High || q.Bound != Between && q.Low != q.High {
			t.Fatalf("%q is %+v", s, q)
		}
		if q.Unit != "" {
			if _, _, known := ParseUnit(q.Unit); !known {
				t.Fatalf("%q has the unit %q, which is not known", s, q.Unit)
			}
		}
		if unit := HeaderUnit(s); unit != "" {
			if _, _, known := ParseUnit(unit); !known {
				t.Fatalf("the header %q has the unit %q, which is not known", s, unit)
			}
		}
	})
}

func BenchmarkParseQuantity(b *testing.B) {
	texts := []string{"6.27万家", "约2万人", "1234", "浙江省嘉兴市海宁市许村镇", "50-60家", "1,234.5", "十二万"}
	for b.Loop() {
		for _, s := range texts {
			ParseQuantity(s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/text")
}
