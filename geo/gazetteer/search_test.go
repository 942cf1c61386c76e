package gazetteer_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"clustermap/geo/gazetteer"
)

func TestSearch(t *testing.T) {
	g := read(t)
	for _, c := range []struct{ text, want, why string }{
		{"海宁", "海宁市", "a short name"},
		{"海宁市", "海宁市", "a whole name"},
		{"東莞", "东莞市", "traditional characters"},
		{"haining", "海宁市", "pinyin"},
		{"hai ning", "海宁市", "pinyin with spaces"},
		{"HaiNing Shi", "海宁市", "pinyin with its kind"},
		{"Yangzhou City", "扬州市", "English with its kind"},
		{"xi'an", "西安市", "an apostrophe"},
		{"Ürümqi", "乌鲁木齐市", "marks"},
		{"urumqi", "乌鲁木齐市", "without marks"},
		{"wulumuqi", "乌鲁木齐市", "pinyin of a name of another language"},
		{"zhongqing", "", "no reading of 重庆"},
		{"chongqing", "重庆市", "the reading of the place"},
		{"sjz", "石家庄市", "initials"},
		{"gz", "贵州省", "initials, the province before 广州"},
		{"浙江 海宁", "海宁市", "the province before"},
		{"haining, zhejiang", "海宁市", "the province after"},
		{"浙江省海宁许村", "许村镇", "the units above without spaces"},
		{"许村 浙江", "许村镇", "the province after"},
		{"吴江市", "吴江区", "a name it had"},
		{"330481", "海宁市", "a code"},
		{"3304811", "许村镇", "the beginning of a code"},
		{"浦东", "浦东新区", "a short name"},
		{"  ", "", "nothing typed"},
		{"不存在的地方", "", "no place"},
	} {
		got := ""
		if found := g.Search(c.text, 5); len(found) > 0 {
			got = found[0].NameZH
		}
		if got != c.want && c.want != "" || c.want == "" && got != "" {
			t.Errorf("Search(%q) begins with %q, want %q: %s", c.text, got, c.want, c.why)
		}
	}
}

// Each unit of the upper levels is found by its name, and first but for namesakes.
func TestSearchFindsAll(t *testing.T) {
	g := read(t)
	for i, u := range g.Units() {
		if len(u.Code) != 6 || i%13 != 0 {
			continue
		}
		for _, text := range []string{u.NameZH, u.Pinyin} {
			found := g.Search(text, 60)
			at := -1
			for j, f := range found {
				if f == u {
					at = j
					break
				}
			}
			if at < 0 {
				t.Errorf("Search(%q) does not find %s %s", text, u.Code, u.NameZH)
				continue
			}
			for _, f := range found[:at] {
				if text == u.NameZH && f.NameZH != u.NameZH && gazetteer.Stem(f.NameZH) != u.NameZH {
					t.Errorf("Search(%q): %s comes before", text, f.NameZH)
				}
			}
		}
	}
}

func TestSearchLimit(t *testing.T) {
	g := read(t)
	for _, limit := range []int{-1, 0, 1, 7} {
		if got := len(g.Search("a", limit)); got != max(limit, 0) {
			t.Errorf("limit %d gives %d", limit, got)
		}
	}
}

func TestSimplified(t *testing.T) {
	g := read(t)
	for text, want := range map[string]string{
		"廣東省東莞市": "广东省东莞市", "臺灣": "台湾", "乾县": "乾县", "於潜镇": "於潜镇", "餘姚": "余姚", "abc": "abc", "": "",
	} {
		if got := g.Simplified(text); got != want {
			t.Errorf("Simplified(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	g := read(f)
	for _, s := range []string{"海宁", "xi'an", "浙江, haining", "3304", "\x00", "\u202e市", "zhe jiang hai ning", strings.Repeat("市", 100), "区区区区"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, u := range g.Search(text, 3) {
			if u == nil || !utf8.ValidString(u.NameZH) {
				t.Errorf("Search(%q) gives %v", text, u)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	g := read(b)
	for _, text := range []string{"h", "hai", "haining", "海宁", "haining, zhejiang", "浙江省海宁许村"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				g.Search(text, 20)
			}
		})
	}
}
