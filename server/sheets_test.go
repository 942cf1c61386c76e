package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"clustermap/geo"
)

func serverOf(t testing.TB, all []*geo.Collection) *Server {
	t.Helper()
	state, err := geo.NewState(all...)
	if err != nil {
		t.Fatal(err)
	}
	return newTestServer(t, func(c *Config) { c.Atlas = geo.NewAtlas(state) })
}

// filesServer serves files of lines of features.
func filesServer(t testing.TB, files map[string]string) *Server {
	t.Helper()
	fsys := fstest.MapFS{}
	var names []string
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		names = append(names, name)
	}
	all, err := geo.Load(fsys, nil, names...)
	if err != nil {
		t.Fatal(err)
	}
	return serverOf(t, all)
}

func queryOf(t testing.TB, text string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func sheetBytes(t testing.TB, s *Server, query url.Values) []byte {
	t.Helper()
	sheet, err := s.DrawSheet(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query.Encode(), err)
	}
	var b bytes.Buffer
	if err := s.WriteSheets(t.Context(), &b, sheet); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A sheet is the picture of GET /map; what it leaves open is as on a page.
func TestSheetIsTheMap(t *testing.T) {
	s := atlasServer(t)
	for _, tt := range []struct{ sheet, same string }{
		{"f=pdf", "f=pdf"},
		{"f=pptx&lang=zh&region=prd&bbox=110,20,120,24", "f=pptx&lang=zh&region=prd&bbox=110,20,120,24"},
		{"f=svg&style=dark", "f=svg&style=dark&width=1280&height=720&fit=extend&crs=china-albers&furniture=title,subtitle,legend,scale,source,date,definition,filter,review"},
		{"f=png&furniture=none&bbox=110,20,114,24", "f=png&furniture=none&bbox=110,20,114,24&crs=EPSG:3857&width=1280&height=720&fit=extend"},
	} {
		resp := ask(t, s, http.MethodGet, "/map?"+tt.same)
		want, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("GET /map?%s: %d %v", tt.same, resp.StatusCode, err)
		}
		if got := sheetBytes(t, s, queryOf(t, tt.sheet)); !bytes.Equal(got, want) {
			t.Errorf("the sheet of %q has %d bytes, GET /map?%s %d, and they differ", tt.sheet, len(got), tt.same, len(want))
		}
	}
}

func TestSheetRefuses(t *testing.T) {
	s := atlasServer(t)
	for query, field := range map[string]string{
		"f=gif": "f", "f=png&lang=fr": "lang", "f=png&bbox=1,2": "bbox", "f=png&nosuch=1": "nosuch", "f=png&subset=Lat(80:70)": "subset",
		"f=png&filter=x": "filter", "f=png&width=0": "width", "f=png&collections=a": "collections", "f=png&title=a&title=b": "title",
		"f=png&regions=prd9,prd9": "regions", "f=png&view=pie": "view",
	} {
		_, err := s.DrawSheet(t.Context(), queryOf(t, query))
		var bad *geo.InvalidError
		if !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: got the error %v, want one about %s", query, err, field)
		}
	}
	if _, err := s.DrawSheet(t.Context(), queryOf(t, "f=png&width=9000")); err == nil {
		t.Error("9000 pixels were drawn")
	}
	svg, err := s.DrawSheet(t.Context(), queryOf(t, "f=svg"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteSheets(t.Context(), io.Discard, svg, svg); err == nil {
		t.Error("an SVG with two sheets was written")
	}
	if err := s.WriteSheets(t.Context(), io.Discard); err == nil {
		t.Error("a file without sheets was written")
	}
}

// summaries are key, name and features of plates, and what their queries add.
func platesInWords(t testing.TB, s *Server, query, by string) (out []string) {
	t.Helper()
	plates, leftOut, err := s.Plates(t.Context(), queryOf(t, query), by)
	if err != nil {
		return []string{err.Error()}
	}
	for _, p := range plates {
		sheet, err := s.DrawPlate(t.Context(), p)
		if err != nil {
			t.Fatalf("%v: %v", p, err)
		}
		added := ""
		for _, name := range []string{"region", "filter", "collections"} {
			if p.Query.Get(name) != queryOf(t, query).Get(name) {
				added += " " + name + "=" + p.Query.Get(name)
			}
		}
		out = append(out, fmt.Sprintf("%s %q %d%s", p.Key, p.Query.Get("title"), sheet.Features, added))
	}
	if leftOut > 0 {
		out = append(out, fmt.Sprint("left out: ", leftOut))
	}
	return out
}

func TestPlates(t *testing.T) {
	s := atlasServer(t)
	places := `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d,50]},"properties":%s}` + "\n"
	var lines strings.Builder
	for i, properties := range []string{
		`{"style":"a","kind":"x, y","tags":["red","blue"],"n":1,"yes":true,"day":"2020-01-01"}`,
		`{"style":"it's \"b\"","kind":"x","tags":["red"],"n":2,"yes":false,"day":"2020-01-02"}`,
		`{"style":"a","kind":"y","tags":[],"n":2,"yes":true,"day":"2020-01-02"}`,
		`{"style":null,"kind":"","tags":["blue","red"],"n":1000000,"yes":true,"day":null}`,
	} {
		fmt.Fprintf(&lines, places, i, i, properties)
	}
	var many strings.Builder
	for i := range 203 {
		fmt.Fprintf(&many, places, i, i%90, fmt.Sprintf(`{"code":"c%d"}`, i))
	}
	own := filesServer(t, map[string]string{"own.geojsonl": lines.String(), "other.geojsonl": fmt.Sprintf(places, 1, 1, `{"m":1}`)})
	crowd := filesServer(t, map[string]string{"crowd.geojsonl": many.String()})
	tests := []struct {
		s         *Server
		query, by string
		want      []string
	}{
		{s, "f=svg", "region", []string{`yrd25 "Yangtze River Delta" 13 region=yrd`, `prd9 "Pearl River Delta" 8 region=prd`, `bohai5 "Bohai Rim" 5 region=bohai`}},
		{s, "f=svg&lang=both&regions=prd9,gba11&title=图", "region", []string{
			`prd9 "图：珠三角 Pearl River Delta" 8 region=prd`,
			`gba11 "图：珠三角 Pearl River Delta：2019 规划纲要 · 粤港澳大湾区 2019 plan · Greater Bay Area" 8 filter=A_CONTAINS(regions, ('gba11'))`}},
		{s, "f=svg&lang=zh&industry=ceramics,stone&regions=none&filter=year = 2007 OR year IS NULL", "行业", []string{`ceramics "陶瓷" 3`, `stone "石材" 2`}},
		{s, "f=svg&industry=ceramics,stone", "trade", []string{`ceramics "Ceramics" 3`, `stone "Stone" 2`}},
		{s, "f=svg", "indutry", []string{`batch: there is no property "indutry"; did you mean "industry"?`}},
		{s, "f=svg", "point", []string{`batch: "point" holds objects, which have no plates`}},
		{s, "f=svg&filter-lang=cql2-json", "nosuch", []string{`batch: there is no property "nosuch".`}},
		{own, "f=svg&lang=en", "style", []string{`a "a" 2 filter="style" = 'a' collections=own`, `it's "b" "it's \"b\"" 1 filter="style" = 'it''s "b"' collections=own`}},
		{own, "f=svg&filter=n > 1&collections=own", "style", []string{`a "a" 1 filter=(n > 1) AND "style" = 'a'`, `it's "b" "it's \"b\"" 1 filter=(n > 1) AND "style" = 'it''s "b"'`}},
		{own, "f=svg&collections=own", "kind", []string{` "–" 1`, `x "x" 1`, `x, y "x, y" 1`, `y "y" 1`}},
		{own, "f=svg&collections=own", "tags", []string{`red "red" 3`, `blue "blue" 2`}},
		{own, "f=svg&collections=own", "n", []string{`2 "2" 2`, `1 "1" 1`, `1000000 "1000000" 1`}},
		{own, "f=svg&collections=own", "yes", []string{`true "true" 3`, `false "false" 1`}},
		{own, "f=svg&collections=own", "day", []string{`2020-01-02 "2020-01-02" 2`, `2020-01-01 "2020-01-01" 1`}},
		{own, "f=svg", "region", []string{"batch: the features do not tell which regions they belong to"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, platesInWords(t, tt.s, tt.query, tt.by)); diff != "" {
			t.Errorf("%s by %s (-want +got):\n%s", tt.query, tt.by, diff)
		}
	}
	if plates, leftOut, err := crowd.Plates(t.Context(), queryOf(t, "f=svg"), "code"); err != nil || len(plates) != MostPlates || leftOut != 3 {
		t.Errorf("of 203 values got %d plates, %d left out (%v)", len(plates), leftOut, err)
	}
}

// TestNarrowed compares with the narrowest box that begins at one of the features.
func TestNarrowed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var lines strings.Builder
		var lons []float64
		middle := rnd.Float64() * 360
		for i := range 1 + rnd.IntN(8) {
			lon := math.Round((math.Remainder(middle+rnd.NormFloat64()*60, 360))*4) / 4
			lons = append(lons, lon)
			fmt.Fprintf(&lines, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%d]},"properties":{}}`+"\n", i, lon, i)
		}
		x, err := geo.Read(strings.NewReader(lines.String()), geo.ReadOptions{Sequence: true})
		if err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for _, west := range lons {
			wide := 0.0
			for _, lon := range lons {
				wide = max(wide, math.Mod(lon-west+720, 360))
			}
			least = min(least, wide)
		}
		got, _ := narrowed(x, func(yield func(uint32) bool) {
			for slot := range x.Len() {
				_ = yield(uint32(slot))
			}
		})
		if wide := got.Max[0] - got.Min[0]; wide > least+1 || got.Min[0] < -180 || got.Min[0] > 180 {
			t.Errorf("%v: got %v, %v wide; %v would do", lons, got, wide, least)
		}
		for _, lon := range lons {
			if in := func(v float64) bool { return v >= got.Min[0] && v <= got.Max[0] }; !in(lon) && !in(lon+360) {
				t.Errorf("%v: %v is outside of %v", lons, lon, got)
			}
		}
	}
}

func TestSurroundings(t *testing.T) {
	box := func(w, e float64) orb.Bound { return orb.Bound{Min: orb.Point{w, 0}, Max: orb.Point{e, 1}} }
	for _, tt := range []struct {
		add  []orb.Bound
		want orb.Bound
	}{
		{[]orb.Bound{box(10, 20), box(30, 40)}, box(10, 40)},
		{[]orb.Bound{box(170, -170), box(175, 178)}, box(170, 190)},
		{[]orb.Bound{box(170, 190), box(-178, -150)}, box(170, 210)},
		{[]orb.Bound{box(-178, -150), box(170, 190)}, box(170, 210)},
		{[]orb.Bound{box(-180, 180), box(170, 190)}, box(-180, 180)},
		{[]orb.Bound{box(-10, 170), box(175, -15)}, box(-10, 345)},
		{[]orb.Bound{box(-10, 170), box(165, -5)}, box(-180, 180)},
	} {
		var s surroundings
		for _, b := range tt.add {
			s.add(b)
		}
		if s.box != tt.want {
			t.Errorf("%v: got %v, want %v", tt.add, s.box, tt.want)
		}
	}
}
