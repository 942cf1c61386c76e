package geo

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// named is a point with a Chinese and an English name and a text.
func named(id, zh, en, text string) string {
	return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"name_zh":%q,"name_en":%q,"note":%q,"tags":["red %s","蓝色"],"n":5}}`, id, zh, en, text, id)
}

var namesSchema = []byte(`{"type":"object","properties":{
	"name_zh":{"type":"string","x-clustermap-role":"name","x-lang":"zh"},
	"name_en":{"type":"string","x-clustermap-role":"name","x-lang":"en"}}}`)

// ranked gives the ids that words find, the best first.
func ranked(x *Index, words string) string {
	slots, scores := x.wordHits(words)
	order := make([]int, len(slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case scores[i] > scores[j]:
			return -1
		case scores[i] < scores[j]:
			return 1
		}
		return 0
	})
	var ids []string
	for _, i := range order {
		ids = append(ids, Feature{x, slots[i]}.ID().String())
	}
	return strings.Join(ids, " ")
}

func TestWordHits(t *testing.T) {
	x := mustRead(t, ReadOptions{Schema: namesSchema},
		named("a", "佛山市", "Foshan", "Ceramics of 1998"),
		named("b", "佛山市顺德区", "Shunde (Foshan)", "家具和家电"),
		named("c", "重庆市", "Chongqing", "佛山 as the neighbour"),
		named("d", "西安市", "Xi’an", "Café São"),
		named("e", "乐清市", "Yueqing", "低压电器"),
		named("f", "吕梁市", "Lüliang", "咸阳以北 xi"))
	for words, want := range map[string]string{
		"佛山":             "a b c",
		"佛":              "a b c",
		"佛山市":            "a b",
		"山佛":             "",
		"foshan":         "a b",
		"fo shan":        "a b",
		"FOSHAN":         "a b",
		"foshans":        "a b",
		"foshanshi":      "a b",
		"foshan  顺德":     "b",
		"shan fo":        "a b",
		"shanfo":         "",
		"chongqing":      "c",
		"zhongqing":      "",
		"xian":           "d",
		"xi'an":          "d",
		"xi an":          "d",
		"cafe":           "d",
		"SAO":            "d",
		"yueqing":        "e",
		"yue qing shi":   "e",
		"低压电":            "e",
		"luliang":        "f",
		"lvliang":        "f",
		"ｌüliang":        "f",
		"1998":           "a",
		"199":            "a",
		"998":            "",
		"ceramics of":    "a",
		"cer of":         "",
		"of cer":         "a",
		"蓝色 red":         "a b c d e f",
		"red d":          "b d",
		"5":              "",
		"":               "",
		" !? ":           "",
		"家具 neighbour":   "",
		"\x01fo":         "a b",
		"lüliang\u0301x": "",
		"xian,yueqing":   "d e",
		"yue qing, Café": "e d",
		"顺德，1998、低压":     "b a e",
		"foshan 顺德,xian": "d b",
		"cer,of":         "a",
		",,":             "",
	} {
		if got := ranked(x, words); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

// TestWordHitsAsPlain compares with a search that looks at every feature.
func TestWordHitsAsPlain(t *testing.T) {
	x := mustReadFile(t, "../data/divisions.geojson", "../data/divisions.schema.json")
	for _, ask := range []string{"江", "州市", "自治州", "浙江", "省", "阿勒泰", "approximate", "ng"} {
		slots, _ := x.wordHits(ask)
		var want []uint32
		for slot := range uint32(x.Len()) {
			var p map[string]any
			if err := json.Unmarshal(Feature{x, slot}.Properties(), &p); err != nil {
				t.Fatal(err)
			}
			for key, v := range p {
				s, ok := v.(string)
				if !ok || key == "adcode" {
					continue
				}
				has := strings.Contains(s, ask)
				if ask[0] < 0x80 {
					has = slices.ContainsFunc(wordsOf(s), func(w word) bool { return strings.HasPrefix(string(w.text), ask) })
				}
				if has {
					want = append(want, slot)
					break
				}
			}
		}
		if !slices.Equal(slots, want) {
			t.Errorf("%s: %d features, want %d", ask, len(slots), len(want))
		}
	}
}

func mustReadFile(t testing.TB, file, schemaFile string) *Index {
	t.Helper()
	var schema []byte
	if schemaFile != "" {
		b, err := os.ReadFile(schemaFile)
		if err != nil {
			t.Fatal(err)
		}
		schema = b
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := Read(f, ReadOptions{Name: file, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestReadingsOfDivisions: where the English name of a division is its pinyin,
// ours is the same. The rest are names in other languages of China.
func TestReadingsOfDivisions(t *testing.T) {
	x := mustReadFile(t, "../data/divisions.geojson", "../data/divisions.schema.json")
	other := strings.Fields(`Inner,Mongolia Hohhot Ordos Hulunbuir Bayannur Hinggan Xilingol Alxa Harbin Qiqihar Garzê Tibet Lhasa Xigazê Qamdo
		Nyingchi Nagqu Ngari Shaanxi Golog Ürümqi Karamay Turpan Bortala Bayingolin Aksu Kizilsu Kashgar Hotan Ili Altay Aral Tumxuk Hong,Kong Macao Ulanqab`)
	r := newReadings()
	agree := 0
	for slot := range uint32(x.Len()) {
		zh, en := x.At(slot).Value("name_zh").Text(), x.At(slot).Value("name_en").Text()
		var want strings.Builder
		for _, c := range foldText(en) {
			if unicode.IsLetter(c) {
				want.WriteRune(c)
			}
		}
		got := strings.Join(r.of([]rune(zh), nil), "")
		county := x.At(slot).Value("level").Text() == "county"
		far := slices.Contains([]string{"15", "54", "63", "65"}, x.At(slot).Value("adcode").Text()[:2])
		if strings.HasPrefix(got, want.String()) {
			agree++
		} else if county && far {
			continue
		} else if !slices.Contains(other, strings.ReplaceAll(en, " ", ",")) {
			t.Errorf("%s: %s, but the name is %s", zh, got, en)
		}
	}
	t.Logf("%d of %d names agree", agree, x.Len())
}

func TestReadings(t *testing.T) {
	r := newReadings()
	for text, syllables := range r.places {
		if len([]rune(text)) != len(syllables) {
			t.Errorf("%s has %d syllables", text, len(syllables))
		}
	}
	f, err := os.Open("testdata/readings.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if got := strings.Join(r.of([]rune(row[0]), nil), ""); got != row[1] {
			t.Errorf("%s: got %s, want %s", row[0], got, row[1])
		}
	}
}

func FuzzWordHits(f *testing.F) {
	x := mustRead(f, ReadOptions{Schema: namesSchema}, named("a", "佛山市", "Foshan", "x"), named("b", "长沙", "Changsha", "é"))
	for _, seed := range []string{"佛山", "fo shan", "\x01", "é́", "xianxianxianxianxianxian", "ᄀ各", "aa'bb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		slots, scores := x.wordHits(words)
		if len(slots) != len(scores) || !slices.IsSorted(slots) {
			t.Fatal(slots, scores)
		}
		canonical, err := ParseWords(words)
		if err != nil {
			return
		}
		again, _ := x.wordHits(canonical)
		if !slices.Equal(slots, again) {
			t.Fatalf("%q finds %v, %q %v", words, slots, canonical, again)
		}
	})
}

func BenchmarkWords(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	var text strings.Builder
	text.WriteString(`{"type":"FeatureCollection","features":[`)
	places := []rune("佛山顺德南海番禺长沙重庆温州义乌乐清台州苏宿宁波杭绍兴")
	for i := range n {
		if i > 0 {
			text.WriteString(",\n")
		}
		at := i * 7919
		name := string([]rune{places[at%len(places)], places[at/31%len(places)], places[at/977%len(places)], places[at/31337%len(places)]})
		text.WriteString(named(fmt.Sprint(i), name+"厂", fmt.Sprint("Works ", i), "sells tools"))
	}
	text.WriteString("]}")
	x, err := Read(strings.NewReader(text.String()), ReadOptions{Name: "bench", Schema: namesSchema})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			x.words = wordIndex{}
			x.buildWords()
		}
	})
	for _, words := range []string{"佛山", "厂", "foshan", "works 4711", "w"} {
		b.Run(words, func(b *testing.B) {
			for b.Loop() {
				x.wordHits(words)
			}
		})
	}
}
