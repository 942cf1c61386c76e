package data_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"clustermap/data"
	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

// feature is a feature as a reader of the collection gets it.
type feature[P any] struct {
	id       string
	geometry orb.Geometry
	props    P
	members  map[string]json.RawMessage // the properties as they stand in the file
}

// record is a cluster or a claim.
type record struct {
	NameZH     string `json:"name_zh"`
	NameEN     string `json:"name_en"`
	NamePinyin string `json:"name_pinyin"`
	TopicZH    string `json:"topic_zh"`
	TopicEN    string `json:"topic_en"`
	TradeZH    string `json:"trade_zh"`
	TradeEN    string `json:"trade_en"`

	Level, Industry, Origin, Region, Kind, Scope string

	Regions, About, Clusters []string

	Adcode          string
	Adcode2007      string   `json:"adcode_2007"`
	DivisionZH      string   `json:"division_zh"`
	DivisionEN      string   `json:"division_en"`
	Division2007ZH  string   `json:"division_2007_zh"`
	Division2007EN  string   `json:"division_2007_en"`
	PrefectureZH    string   `json:"prefecture_zh"`
	PrefectureEN    string   `json:"prefecture_en"`
	ProvinceZH      string   `json:"province_zh"`
	ProvinceEN      string   `json:"province_en"`
	ProvinceAdcodes []string `json:"province_adcodes"`

	Firms, Employment, Brands *float64

	OutputCNY     *float64 `json:"output_cny"`
	ShareChinaPct *float64 `json:"share_china_pct"`
	ShareWorldPct *float64 `json:"share_world_pct"`
	HistoryYears  *float64 `json:"history_years"`

	Figures   []figure
	Precision string
	Point     *struct {
		Gazetteer, Licence string
		RecordID           string `json:"record_id"`
		RecordName         string `json:"record_name"`
		PrecisionSource    string `json:"precision_source"`
	}
	Sources []quotation
	Record  string
	Note    string
	quotation
}

// definition is a definition of a region.
type definition struct {
	Region  string
	Default bool
	Year    int
	NameZH  string `json:"name_zh"`
	NameEN  string `json:"name_en"`
	Adcodes []string
	Units   []struct {
		Adcode string
		NameZH string `json:"name_zh"`
		NameEN string `json:"name_en"`
	}
}

type quotation struct {
	Document, Section, Quote string
	SectionEN                string `json:"section_en"`
	QuoteEN                  string `json:"quote_en"`
	QuoteENNote              string `json:"quote_en_note"`
}

type figure struct {
	Measure   string
	MeasureEN string `json:"measure_en"`
	MeasureZH string `json:"measure_zh"`
	Value     *float64
	Unit      *string
	Text      string
	Year      *int
}

// quoted is what the record quotes: of a cluster its first source.
func (p record) quoted() quotation {
	if len(p.Sources) > 0 {
		return p.Sources[0]
	}
	return p.quotation
}

// collection loads a file of the atlas as the program does.
func collection[P any](t *testing.T, name string) []feature[P] {
	t.Helper()
	load := func(regions *geo.Regions, name string) geo.Result {
		all, err := geo.Load(data.Files(), regions, name+".geojson")
		if err != nil {
			t.Fatal(err)
		}
		found, err := all[0].Source.Search(context.Background(), geo.Query{})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	definitions, err := geo.Load(data.Files(), nil, "regions.geojson")
	if err != nil {
		t.Fatal(err)
	}
	regions, err := geo.ReadRegions(context.Background(), definitions[0].Source)
	if err != nil {
		t.Fatal(err)
	}
	var out []feature[P]
	for _, f := range load(regions, name).Features {
		g := feature[P]{id: f.ID().String(), geometry: f.Geometry()}
		if err := json.Unmarshal(f.Properties(), &g.props); err != nil {
			t.Fatalf("%s: %s: %v", name, g.id, err)
		}
		if err := json.Unmarshal(f.Properties(), &g.members); err != nil {
			t.Fatalf("%s: %s: %v", name, g.id, err)
		}
		out = append(out, g)
	}
	return out
}

// lines are the lines of a file of test data, comments left out.
func lines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

func tally(features []feature[record], of func(record) string) map[string]int {
	n := make(map[string]int)
	for _, f := range features {
		n[of(f.props)]++
	}
	return n
}

func TestCounts(t *testing.T) {
	clusters, claims := collection[record](t, "clusters"), collection[record](t, "claims")
	for _, test := range []struct {
		name     string
		features []feature[record]
		of       func(record) string
		want     map[string]int
	}{
		{"clusters", clusters, func(record) string { return "all" }, map[string]int{"all": 40}},
		{"level", clusters, func(p record) string { return p.Level },
			map[string]int{"prefecture": 14, "county": 10, "town": 9, "zone": 4, "market": 2, "province": 1}},
		{"origin", clusters, func(p record) string { return p.Origin }, map[string]int{"overseas_transplant": 8,
			"market_pull": 2, "resource_driven": 2, "enterprise_spinoff": 2, "technology_incubation": 1, "": 25}},
		{"region by the default definitions", clusters, func(p record) string { return p.Region },
			map[string]int{"yrd": 13, "prd": 8, "bohai": 5, "": 14}},
		{"precision", clusters, func(p record) string { return p.Precision }, map[string]int{"prefecture_seat": 14,
			"county_seat": 10, "town_seat": 4, "host_seat": 5, "approximate": 7}},
		{"kind of claim", claims, func(p record) string { return p.Kind }, map[string]int{"claim": 37, "cluster_claim": 2,
			"place_claim": 5, "province_claim": 9, "region_claim": 6, "toc_claim": 12, "foreign_reference": 7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tally(test.features, test.of)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// The quotes are those of the book, byte for byte; one record, one quote.
func TestQuotes(t *testing.T) {
	want := make(map[string]string)
	for _, line := range lines(t, "testdata/quotes.sha256") {
		sum, record, _ := strings.Cut(line, "  ")
		want[record] = sum
	}
	if len(want) != 118 {
		t.Fatalf("testdata/quotes.sha256 lists %d records, want 118", len(want))
	}
	english := make(map[string]string)
	for _, name := range []string{"clusters", "claims"} {
		for _, f := range collection[record](t, name) {
			q := f.props.quoted()
			sum := sha256.Sum256([]byte(q.Quote))
			if got := hex.EncodeToString(sum[:]); got != want[f.props.Record] {
				t.Errorf("%s: record %q: the quote has changed or the record is not listed: %s", f.id, f.props.Record, q.Quote)
			}
			delete(want, f.props.Record)
			if q.Document == "" || q.Section == "" || q.SectionEN == "" || q.QuoteEN == "" {
				t.Errorf("%s: document, section, section_en or quote_en is missing", f.id)
			}
			if !strings.Contains(q.QuoteENNote, "Our own translation") {
				t.Errorf("%s: the translation is not said to be ours: %q", f.id, q.QuoteENNote)
			}
			if other, ok := english[q.Quote]; ok && other != q.QuoteEN {
				t.Errorf("%s: one quote has two translations:\n%s\n%s", f.id, other, q.QuoteEN)
			}
			english[q.Quote] = q.QuoteEN
		}
	}
	for record := range want {
		t.Errorf("record %s is in no collection", record)
	}
}

// Oddities of the source stay in its quotes and are remarked.
func TestOddities(t *testing.T) {
	want := map[string][2]string{ // in the quote, in the note
		"s09": {"苏苏州电子信息", "如江苏苏州"},
		"s17": {"江温州苍南", "page break"},
		"c14": {"江温州苍南", "page break"},
		"c11": {"眼镜、礼", "page break"},
		"s41": {"11个区域行业品牌", "names seven"},
		"c30": {"11个区域行业品牌", "names seven"},
		"t19": {"台湾模具产业集群", "Waiwan"},
	}
	for _, f := range append(collection[record](t, "clusters"), collection[record](t, "claims")...) {
		w, ok := want[f.props.Record]
		if !ok {
			continue
		}
		if q := f.props.quoted().Quote; !strings.Contains(q, w[0]) {
			t.Errorf("%s: the quote %q does not hold %q", f.id, q, w[0])
		}
		if !strings.Contains(f.props.Note, w[1]) {
			t.Errorf("%s: the note %q does not hold %q", f.id, f.props.Note, w[1])
		}
	}
}

// A figure stands in the quote, and a property of the same measure has its
// value; a property without a figure is null.
func TestFigures(t *testing.T) {
	elsewhere := map[string]string{"s40": "c18", "s42": "c31"} // the record that quotes the whole sentence
	all := append(collection[record](t, "clusters"), collection[record](t, "claims")...)
	quotes := make(map[string]string)
	for _, f := range all {
		quotes[f.props.Record] = f.props.quoted().Quote
	}
	figures := 0
	for _, f := range all {
		p := f.props
		byMeasure := make(map[string]*float64)
		for _, g := range p.Figures {
			figures++
			byMeasure[g.Measure] = g.Value
			if !strings.Contains(quotes[p.Record], g.Text) && !strings.Contains(quotes[elsewhere[p.Record]], g.Text) {
				t.Errorf("%s: the quote does not hold the figure %q", f.id, g.Text)
			}
			if g.Measure == "" || g.MeasureEN == "" || g.MeasureZH == "" || g.Unit == nil || *g.Unit == "" {
				t.Errorf("%s: figure %q lacks measure or unit", f.id, g.Text)
			}
			if diff := cmp.Diff(numberIn(quotes[p.Record], g.Text), g.Value); diff != "" {
				t.Errorf("%s: %q has another value: -text +value\n%s", f.id, g.Text, diff)
			}
		}
		if _, isCluster := f.members["firms"]; !isCluster {
			continue
		}
		for name, got := range map[string]*float64{
			"firms": p.Firms, "employment": p.Employment, "output_cny": p.OutputCNY, "brands": p.Brands,
			"share_china_pct": p.ShareChinaPct, "share_world_pct": p.ShareWorldPct, "history_years": p.HistoryYears,
		} {
			if diff := cmp.Diff(byMeasure[name], got); diff != "" {
				t.Errorf("%s: %s is not its figure: -figure +property\n%s", f.id, name, diff)
			}
		}
	}
	if figures != 79 {
		t.Errorf("%d figures, want 79", figures)
	}
}

// numberIn reads the number in a text of a quote: 6.27万家 is 62,700, 1/3 is 0.3333
// and what fell (下降) is negative. It is nil where the text has words only.
func numberIn(quote, text string) *float64 {
	words := map[string]float64{"超过千年历史": 1000, "四个": 4}
	if v, ok := words[text]; ok {
		return &v
	}
	m := regexp.MustCompile(`([0-9.]+)(?:/([0-9]+))? ?(万亿|亿|万)?`).FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	exponent := map[string]string{"": "", "万": "e4", "亿": "e8", "万亿": "e12"}[m[3]]
	v, err := strconv.ParseFloat(m[1]+exponent, 64)
	if err != nil {
		return nil
	}
	if d, err := strconv.ParseFloat(m[2], 64); err == nil {
		v = math.Round(v/d*1e4) / 1e4
	}
	if strings.Contains(quote, "下降"+text) {
		v = -v
	}
	return &v
}

func TestNames(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	pair := func(id, what, zh, en string) {
		if zh == "" || en == "" || han(en) || strings.TrimSpace(en) != en {
			t.Errorf("%s: %s: Chinese %q, English %q", id, what, zh, en)
		}
	}
	for _, f := range collection[record](t, "clusters") {
		p := f.props
		pair(f.id, "name", p.NameZH, p.NameEN)
		pair(f.id, "trade", p.TradeZH, p.TradeEN)
		pair(f.id, "division", p.DivisionZH, p.DivisionEN)
		pair(f.id, "province", p.ProvinceZH, p.ProvinceEN)
		if p.Level != "province" {
			pair(f.id, "prefecture", p.PrefectureZH, p.PrefectureEN)
		}
	}
	for _, f := range collection[record](t, "claims") {
		pair(f.id, "topic", f.props.TopicZH, f.props.TopicEN)
	}
	for _, f := range collection[definition](t, "regions") {
		pair(f.id, "name", f.props.NameZH, f.props.NameEN)
		for _, u := range f.props.Units {
			pair(f.id, "unit "+u.Adcode, u.NameZH, u.NameEN)
		}
	}
}

// Pinyin has one syllable for each character, and the reading that is meant.
func TestPinyin(t *testing.T) {
	readings := make(map[string][]string)
	for _, line := range lines(t, "testdata/pinyin.txt") {
		f := strings.Fields(line)
		if utf8.RuneCountInString(f[0]) != len(f)-1 {
			t.Fatalf("testdata/pinyin.txt: %s", line)
		}
		readings[f[0]] = f[1:]
	}
	other := regexp.MustCompile(`[^\p{Han}A-Za-z0-9]`)
	word := regexp.MustCompile(`\p{Han}|[A-Za-z0-9]+`)
	syllable := regexp.MustCompile(`^[a-z0-9]+$`)
	for _, f := range collection[record](t, "clusters") {
		name := other.ReplaceAllString(f.props.NameZH, "")
		words, got := word.FindAllString(name, -1), strings.Split(f.props.NamePinyin, " ")
		if len(words) != len(got) || slices.ContainsFunc(got, func(s string) bool { return !syllable.MatchString(s) }) {
			t.Errorf("%s: %s is not read %q", f.id, f.props.NameZH, f.props.NamePinyin)
			continue
		}
		for i := range words {
			for w, reading := range readings {
				if strings.HasPrefix(strings.Join(words[i:], ""), w) && !slices.Equal(got[i:i+len(reading)], reading) {
					t.Errorf("%s: %s is read %q, want %q", f.id, w, got[i:i+len(reading)], reading)
				}
			}
		}
	}
}

// The ids are addresses that others keep.
func TestIDs(t *testing.T) {
	want := lines(t, "testdata/ids.txt")
	var got []string
	for _, name := range []string{"clusters", "claims", "regions"} {
		for _, f := range collection[any](t, name) {
			got = append(got, name+"/"+f.id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Every claim that speaks of clusters names clusters that exist.
func TestClaims(t *testing.T) {
	ids := make(map[string]bool)
	for _, f := range collection[record](t, "clusters") {
		ids[f.id] = true
	}
	for _, f := range collection[record](t, "claims") {
		for _, id := range f.props.Clusters {
			if !ids[id] {
				t.Errorf("%s speaks of %q, which is no cluster", f.id, id)
			}
		}
		for _, region := range f.props.About {
			if region != "prd" && region != "yrd" && region != "bohai" {
				t.Errorf("%s is about the region %q", f.id, region)
			}
		}
		if f.props.Scope == "region" && len(f.props.About) == 0 {
			t.Errorf("%s: the scope is a region, and about names none", f.id)
		}
		if f.props.Scope == "province" && len(f.props.ProvinceAdcodes) == 0 {
			t.Errorf("%s: the scope is a province, and province_adcodes names none", f.id)
		}
	}
}
