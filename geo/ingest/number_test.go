package ingest

import (
	"math"
	"strings"
	"testing"
)

func TestParseQuantity(t *testing.T) {
	for _, test := range []struct {
		text  string
		value float64
		unit  string
		about bool
	}{
		{"12", 12, "", false},
		{"-3.50", -3.5, "", false},
		{"1,234,567", 1234567, "", false},
		{"6.27万家", 62700, "家", false},
		{"约2万人", 20000, "人", true},
		{"1/3", 1.0 / 3, "", false},
		{"三分之一", 1.0 / 3, "", false},
		{"３０％", 30, "%", false},
		{"百分之三十", 30, "%", false},
		{"百分之12.5", 12.5, "%", false},
		{"三成", 30, "%", false},
		{"1.2万亿元", 1.2e12, "元", false},
		{"3000万元", 3e7, "元", false},
		{"6万3千", 63000, "", false},
		{"60余万人", 6e5, "人", true},
		{"2千多家", 2000, "家", true},
		{"300家以上", 300, "家", true},
		{"超过500亿元", 5e10, "元", true},
		{"三百二十", 320, "", false},
		{"十二家", 12, "家", false},
		{"一万二千", 12000, "", false},
		{"一千零五十", 1050, "", false},
		{"二〇〇七年", 2007, "年", false},
		{"2亿三千万", 0, "", false}, // refused: mixed
		{"100-200家", 150, "家", true},
		{"3～5万家", 40000, "家", true},
		{"5万千瓦", 5e4, "kW", false},
		{"12公顷", 120000, "m²", false},
		{"¥1200", 1200, "元", false},
		{"US$40", 40, "美元", false},
		{"1e3", 1000, "", false},
		{"60 000 人", 60000, "人", false},
	} {
		q, ok := ParseQuantity(test.text)
		if test.value == 0 {
			if ok {
				t.Errorf("%s is %v %q; want it refused", test.text, q.Value, q.Unit)
			}
			continue
		}
		if !ok || math.Abs(q.Value-test.value) > 1e-9*math.Abs(test.value) || q.Unit != test.unit || q.About != test.about {
			t.Errorf("%s is %v %q, about %v, ok %v; want %v %q, about %v", test.text, q.Value, q.Unit, q.About, ok, test.value, test.unit, test.about)
		}
	}
	for _, text := range []string{"", "-", "万", "千", "一汽", "十堰市", "三角", "K001", "2007-05-01", "2007-05", "NaN", "Inf", "0x10", "1e999", "1_000", "三1", "1/0", "12 apples", "百分之", "5-3", strings.Repeat("9", 200)} {
		if q, ok := ParseQuantity(text); ok {
			t.Errorf("%q is %v %q; want it refused", text, q.Value, q.Unit)
		}
	}
}

func TestUnits(t *testing.T) {
	for text, want := range map[string]struct {
		base   string
		factor float64
	}{"亿元": {"元", 1e8}, "万人": {"人", 1e4}, "家": {"家", 1}, "％": {"%", 1}, "平方公里": {"km²", 1}, "万亿元": {"元", 1e12}, "千瓦": {"kW", 1}, "公顷": {"m²", 1e4}, "KM²": {"km²", 1}} {
		if base, factor, ok := ParseUnit(text); !ok || base != want.base || factor != want.factor {
			t.Errorf("%s is %v %q, %v; want %v %q", text, factor, base, ok, want.factor, want.base)
		}
	}
	for header, want := range map[string]string{"产值（亿元）": "亿元", "企业数(家)": "家", "面积/亩": "亩", "人口 [单位：万人]": "万人", "产值(2007)（亿元）": "亿元", "名称": "", "地点（省）": "", "年份（2007）": "", "占比（%）": "%"} {
		if got := HeaderUnit(header); got != want {
			t.Errorf("the unit of %s is %q; want %q", header, got, want)
		}
	}
}

// FuzzParseQuantity holds that a quantity is a finite number, and that one written
// plainly is read again.
func FuzzParseQuantity(f *testing.F) {
	for _, seed := range []string{"约6.27万家", "1/3", "三分之一", "３０％", "一千零五十", "3～5万", "1e3", "¥1,200", "万亿亿亿元"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, ok := ParseQuantity(text)
		if !ok {
			return
		}
		if !finite(q.Value) {
			t.Fatalf("%q is %v", text, q.Value)
		}
		plain := string(appendFloat(nil, q.Value))
		again, ok := ParseQuantity(plain)
		if !ok || math.Abs(again.Value-q.Value) > 1e-9*math.Abs(q.Value) {
			t.Errorf("%q is %v, and %q is %v, %v", text, q.Value, plain, again.Value, ok)
		}
	})
}
