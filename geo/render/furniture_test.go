package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// slideMap is the atlas with all that a slide has.
func slideMap(t testing.TB) *Map {
	t.Helper()
	m := atlasMap(t)
	m.Width, m.Height, m.Labels, m.Furniture = 1600, 900, true, AllFurniture
	m.Source = []string{"《中国产业集群》第 6 辑", "底图：Natural Earth"}
	m.Date = time.Date(2007, 5, 1, 0, 0, 0, 0, time.UTC)
	m.Definition, m.FilterText, m.ReviewNumber = "沪苏浙 25 市", "全部行业", "GS(2024)1234号"
	x := m.Layers[0].Index
	column, _ := x.Column("regions")
	for i := range m.Regions {
		m.Regions[i].Count = 0
		for slot := range uint32(x.Len()) {
			if slices.Contains(column.Elements(slot), m.Regions[i].ID) {
				m.Regions[i].Count++
			}
		}
	}
	return m
}

func drawnWith(t testing.TB, m *Map) *Picture {
	t.Helper()
	p, err := Draw(t.Context(), m, fontsOf(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// furnitureOf are the named groups of furniture, each with its texts.
func furnitureOf(p *Picture) map[string][]string {
	out := map[string][]string{}
	for _, l := range p.Drawing.Layers {
		if l.Name != theWords().furniture.ZH && l.Name != theWords().furniture.EN {
			continue
		}
		for _, it := range l.Items {
			if g, ok := it.(*draw.Group); ok {
				eachText([]*draw.Layer{{Items: g.Items}}, func(t *draw.Text) { out[g.Name] = append(out[g.Name], t.Text) })
			}
		}
	}
	return out
}

func TestSlideNumbers(t *testing.T) {
	for name, match := range map[string]string{"all": "", "ceramics and stone": "ceramics,stone"} {
		t.Run(name, func(t *testing.T) {
			m := slideMap(t)
			x := m.Layers[0].Index
			var q geo.Query
			if match != "" {
				by, err := x.Schema().ParseMatch("industry", match)
				if err != nil {
					t.Fatal(err)
				}
				q.Match = []geo.Match{by}
				if m.Layers[0].Set, err = x.Select(t.Context(), q); err != nil {
					t.Fatal(err)
				}
				regionCounts(t, m, q)
			}
			p := drawnWith(t, grouped(t, m))
			found := furnitureOf(p)
			want := familyCounts(t, x, q)
			got := map[string]string{}
			for i := 0; i+1 < len(found["Legend"]); i += 2 {
				got[found["Legend"][i+1]] = found["Legend"][i]
			}
			if !maps.Equal(got, want) {
				t.Errorf("legend %v, aggregate %v", got, want)
			}
			sum := 0
			for _, v := range found["Regions"] {
				var n int
				if _, err := fmt.Sscanf(v, "%d", &n); err == nil && fmt.Sprint(n) == v {
					sum += n
				}
			}
			if sum != p.Shown {
				t.Errorf("the regions and the rest have %d features, the picture %d", sum, p.Shown)
			}
		})
	}
}

// familyCounts are counts by title of family, from the aggregate of the index.
func familyCounts(t *testing.T, x *geo.Index, q geo.Query) map[string]string {
	t.Helper()
	by, err := geo.ParseGroupings(x.Schema(), "industry")
	if err != nil {
		t.Fatal(err)
	}
	all, err := x.Aggregate(t.Context(), geo.Aggregation{Query: q, By: by})
	if err != nil {
		t.Fatal(err)
	}
	category, _ := x.Schema().Property("industry")
	sums := map[string]int{}
	for _, g := range all.Groups {
		for _, e := range category.Enum {
			for _, family := range category.Groups {
				if e.Value == g.Key[0].Text() && e.Group == family.Name {
					sums[family.Title.ZH] += g.Count
				}
			}
		}
	}
	out := map[string]string{}
	for title, n := range sums {
		out[title] = number(n)
	}
	return out
}

// regionCounts sets the counts of the regions to those of the aggregate.
func regionCounts(t *testing.T, m *Map, q geo.Query) {
	t.Helper()
	for i, r := range m.Regions {
		by, err := geo.ParseGroupings(m.Layers[0].Index.Schema(), "region:"+r.ID)
		if err != nil {
			t.Fatal(err)
		}
		all, err := m.Layers[0].Index.Aggregate(t.Context(), geo.Aggregation{Query: q, By: by})
		if err != nil {
			t.Fatal(err)
		}
		m.Regions[i].Count = 0
		for _, g := range all.Groups {
			if g.Key[0].Kind() != geo.KindNull {
				m.Regions[i].Count = g.Count
			}
		}
	}
}

// Every bit brings its own part and leaves the others as they are.
func TestFurnitureBits(t *testing.T) {
	w := theWords()
	all := furnitureOf(drawnWith(t, slideMap(t)))
	for _, c := range []struct {
		bit   Furniture
		group string
		text  string // in the notes
	}{
		{Title, "Title", ""}, {Subtitle, "Subtitle", ""}, {Legend, "Legend", ""}, {Scale, w.scale.ZH, ""}, {North, "North", ""}, {Filter, "Filter", ""},
		{Inset, w.inset.ZH, ""}, {Source, "Notes", "第6辑"}, {Date, "Notes", "2007-05-01"}, {Definition, "Notes", "沪苏浙25市"}, {Review, "Notes", "GS(2024)1234号"},
	} {
		m := slideMap(t)
		m.Furniture &^= c.bit
		without := furnitureOf(drawnWith(t, m))
		notes := func(f map[string][]string) string { return strings.ReplaceAll(strings.Join(f["Notes"], ""), " ", "") }
		switch {
		case c.text != "":
			if !strings.Contains(notes(all), c.text) || strings.Contains(notes(without), c.text) {
				t.Errorf("bit %b: %q should stand in the notes with it alone: %q, %q", c.bit, c.text, notes(all), notes(without))
			}
		case len(all[c.group]) == 0 || len(without[c.group]) != 0:
			t.Errorf("bit %b: %q should be there with it alone: %q, %q", c.bit, c.group, all[c.group], without[c.group])
		}
		for _, group := range []string{"Title", "Subtitle", "Filter", "Legend", w.scale.ZH, "North", w.inset.ZH} {
			if group != c.group && strings.Join(all[group], "|") != strings.Join(without[group], "|") {
				t.Errorf("without bit %b %q is %q, with it %q", c.bit, group, without[group], all[group])
			}
		}
		m.Furniture = c.bit
		only := furnitureOf(drawnWith(t, m))
		for _, part := range []string{"Levels", "Precision"} { // of the legend
			delete(only, part)
		}
		if len(only) != 1 || len(only[c.group]) == 0 {
			t.Errorf("bit %b alone gives %v", c.bit, slices.Sorted(maps.Keys(only)))
		}
	}
	m := slideMap(t)
	m.Furniture = 0
	if p := drawnWith(t, m); len(furnitureOf(p)) != 0 || p.Frame != (draw.Rect{W: 1600, H: 900}) {
		t.Errorf("no furniture: the map stands in %v with %v", p.Frame, furnitureOf(p))
	}
}

// A legend stands in a corner without symbols where there is one, and where there is
// none beside the map.
func TestLegendCoversNothing(t *testing.T) {
	f := fontsOf(t)
	_, base := atlas()
	rapid.Check(t, func(rt *rapid.T) {
		box := orb.Bound{Min: orb.Point{100, 20}, Max: orb.Point{125, 42}}
		// Points in a part of the map, or all over it.
		part := orb.Bound{
			Min: orb.Point{rapid.Float64Range(100, 112).Draw(rt, "west"), rapid.Float64Range(20, 30).Draw(rt, "south")},
			Max: orb.Point{rapid.Float64Range(113, 125).Draw(rt, "east"), rapid.Float64Range(31, 42).Draw(rt, "north")},
		}
		m := &Map{
			Width: 900, Height: 700, CRS: crs.CRS84(), Box: box, Furniture: Legend | Inset,
			Layers: []Layer{{Index: manyPlaces(t, rapid.IntRange(30, 200).Draw(rt, "features"), part, rapid.Uint64().Draw(rt, "seed"))}},
		}
		if rapid.IntRange(0, 3).Draw(rt, "base") == 0 {
			m.Base = base
		}
		s, free, err := drawMap(t.Context(), m, f, false)
		if err == nil && !free {
			s, _, err = drawMap(t.Context(), m, f, true)
		}
		if err != nil {
			rt.Fatal(err)
		}
		s.addFurniture()
		if found := furnitureOf(s.picture()); len(found["Legend"]) == 0 {
			rt.Fatalf("no legend: %v", found)
		}
		for _, c := range s.covered {
			for _, o := range s.obstacles {
				if overlap(c, o) {
					rt.Fatalf("furniture in %v covers the symbol in %v", c, o)
				}
			}
			if s.ground().hides(c) {
				rt.Fatalf("furniture in %v covers an island", c)
			}
		}
	})
}

// presets are the sizes of the page, in CSS pixels.
var presets = map[string][2]float64{
	"slide 16:9": {1280, 720}, "slide 4:3": {960, 720}, "A4 across": {1123, 794}, "A4 upright": {794, 1123}, "half page": {794, 540},
	"A1": {2245, 3179}, "square": {1080, 1080}, "small": {640, 400}, "smaller": {320, 240}, "stamp": {16, 16}, "ribbon": {2000, 60}, "mast": {60, 2000},
}

// All text of furniture stands in the picture and apart from other furniture, whatever
// the size, the words and the data.
func TestFurnitureInPicture(t *testing.T) {
	f := fontsOf(t)
	words := map[string]string{
		"default": "", "long": strings.Repeat("长标题 and words, ", 60_000), "one word": strings.Repeat("x", 1<<20), "right to left": "שלום עולם مرحبا بالعالم",
		"emoji": "👩‍👩‍👧‍👦🏳️‍🌈👍🏽 集群", "lines": "a\nb\tc\u0000d", "not UTF-8": "\xff\xfe bytes",
	}
	for name, size := range presets {
		for kind, title := range words {
			for _, lang := range []Lang{Chinese, English, Both} {
				if kind != "default" && (lang != Chinese || name != "slide 16:9" && name != "A4 upright" && name != "smaller" && name != "stamp") {
					continue
				}
				m := slideMap(t)
				m.Width, m.Height, m.Lang, m.Title, m.Subtitle = size[0], size[1], lang, title, title
				if title != "" {
					m.FilterText, m.Definition, m.ReviewNumber, m.Source = title, title, title, []string{title, title}
				}
				checkFurniture(t, name+", "+kind, f, drawnWith(t, grouped(t, m)))
			}
		}
	}
}

func checkFurniture(t *testing.T, name string, f *draw.Fonts, p *Picture) {
	t.Helper()
	texts := textsOf(p, theWords().furniture)
	picture := draw.Rect{W: p.Drawing.Width, H: p.Drawing.Height}
	for i, text := range texts {
		box := textBox(f, text)
		if !within(box, outset(picture, 0.01)) {
			t.Errorf("%s: %.40q leaves the picture: %v", name, text.Text, box)
		}
		for _, other := range texts[:i] {
			if overlap(outset(box, -0.5), textBox(f, other)) {
				t.Errorf("%s: %.40q lies on %.40q", name, text.Text, other.Text)
			}
		}
	}
}

func TestPicturesOfLittle(t *testing.T) {
	nothing, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[]}`), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	one := manyPlaces(t, 1, orb.Bound{Min: orb.Point{110, 30}, Max: orb.Point{111, 31}}, 1)
	for name, layers := range map[string][]Layer{
		"no layers": nil, "no features": {{ID: "x", TitleEN: "Nothing", Index: nothing}}, "one feature": {{ID: "y", TitleEN: "One", Index: one}},
		"ten thousand layers": slices.Repeat([]Layer{{ID: "y", TitleEN: "One", Index: one}}, 10_000),
	} {
		for _, base := range []bool{true, false} {
			m := slideMap(t)
			m.Layers, m.Lang = layers, English
			if !base {
				m.Base, m.Regions = nil, nil
			}
			p := drawnWith(t, m)
			if title := strings.Join(furnitureOf(p)["Title"], " "); len(layers) == 1 && !strings.Contains(title, layers[0].TitleEN) {
				t.Errorf("%s: the title is %q", name, title)
			}
		}
	}
}

// titleLines are the lines of the title, wherever it stands.
func titleLines(p *Picture) (lines []string) {
	eachText(p.Drawing.Layers, func(t *draw.Text) {
		if t.Name == "Title" {
			lines = append(lines, t.Text)
		}
	})
	return lines
}

func TestFinding(t *testing.T) {
	for lang, want := range map[Lang]string{
		Chinese: "书中点名的 40 个集群，26 个在三大集聚区", English: "26 of the 40 clusters that the book names are in the three concentrations",
	} {
		m := slideMap(t)
		m.Lang, m.Furniture = lang, Title|Scale
		p := drawnWith(t, m)
		if p.Drawing.Title != want || !strings.Contains(strings.Join(p.Drawing.Notes, "|"), m.Source[0]) {
			t.Errorf("the drawing is called %q and has the notes %q, want %q and the sources", p.Drawing.Title, p.Drawing.Notes, want)
		}
		if got := strings.Join(titleLines(p), " "); strings.ReplaceAll(got, "， ", "，") != want {
			t.Errorf("the title is %q, want %q", got, want)
		}
	}
	// Where the picture shows less, the sentence about all of them is not its finding.
	m := slideMap(t)
	m.CRS, m.Box = crs.CRS84(), orb.Bound{Min: orb.Point{112, 21.5}, Max: orb.Point{115, 24}}
	p := drawnWith(t, m)
	if got := strings.Join(furnitureOf(p)["Title"], ""); got != fmt.Sprintf("珠三角的 %d 个集群", p.Shown) {
		t.Errorf("the title of a part is %q, with %d features", got, p.Shown)
	}
}

// Pages with all that stands on them, as people have looked at them.
func TestGoldenPages(t *testing.T) {
	f := fontsOf(t)
	needFaces(t, f)
	for name, change := range map[string]func(*Map){
		"slide": func(m *Map) { m.Width, m.Height, m.Furniture = 960, 540, AllFurniture&^(Inset|North|Review|Filter) },
		"page":  func(m *Map) { m.Width, m.Height, m.Lang, m.Style = 600, 848, English, Print },
		"corners": func(m *Map) {
			m.Width, m.Height, m.Lang, m.Style, m.Furniture = 800, 560, Both, Dark, Legend|Scale|North
		},
	} {
		m := slideMap(t)
		change(m)
		checkGolden(t, f, name, grouped(t, m))
	}
}
