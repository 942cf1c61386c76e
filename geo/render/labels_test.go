package render

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// textBox is what the letters of a line cover, without the room above and below them.
func textBox(f *draw.Fonts, t *draw.Text) draw.Rect {
	w := f.Width(t)
	x := t.X
	switch t.Align {
	case draw.Middle:
		x -= w / 2
	case draw.End:
		x -= w
	}
	return draw.Rect{X: x, Y: t.Y - 0.75*t.Size, W: w, H: 0.85 * t.Size}
}

// textsOf are the texts of the layer of a name, in any language.
func textsOf(p *Picture, name geo.Text) (out []*draw.Text) {
	for _, l := range p.Drawing.Layers {
		if l.Name == name.ZH || l.Name == name.EN || l.Name == say(Both, name) {
			eachText([]*draw.Layer{l}, func(t *draw.Text) { out = append(out, t) })
		}
	}
	return out
}

// checkLabels fails where two labels overlap, one leaves the frame, or one lies on a
// symbol or on furniture.
func checkLabels(t interface{ Fatalf(string, ...any) }, f *draw.Fonts, p *Picture) (n int) {
	texts := textsOf(p, theWords().labels)
	boxes := make([]draw.Rect, len(texts))
	for i, text := range texts {
		boxes[i] = textBox(f, text)
		if !within(boxes[i], p.Frame) {
			t.Fatalf("%q leaves the frame: %v in %v", text.Text, boxes[i], p.Frame)
		}
		for j := range i {
			if overlap(boxes[i], boxes[j]) {
				t.Fatalf("%q and %q overlap: %v, %v", text.Text, texts[j].Text, boxes[i], boxes[j])
			}
		}
	}
	for _, text := range textsOf(p, theWords().furniture) {
		for i, b := range boxes {
			if overlap(b, textBox(f, text)) {
				t.Fatalf("%q lies on %q", texts[i].Text, text.Text)
			}
		}
	}
	for _, l := range p.Drawing.Layers {
		for _, it := range l.Items {
			m, ok := it.(*draw.Mark)
			if !ok || l.Clip != nil && !inRect(*l.Clip, m.X, m.Y) {
				continue
			}
			for i, b := range boxes {
				if overlap(b, squareAt(m.X, m.Y, 2)) {
					t.Fatalf("%q lies on the symbol %q", texts[i].Text, m.Name)
				}
			}
		}
	}
	return len(texts)
}

func TestLabelsKeepApart(t *testing.T) {
	f := fontsOf(t)
	_, base := atlas()
	regions := defaultRegions(t)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(rt, "features")
		box := orb.Bound{Min: orb.Point{112, 22}, Max: orb.Point{123, 40}}
		m := &Map{
			Width: rapid.Float64Range(16, 900).Draw(rt, "width"), Height: rapid.Float64Range(16, 700).Draw(rt, "height"),
			CRS: rapid.SampledFrom([]*crs.CRS{crs.CRS84(), crs.WebMercator(), crs.ChinaAlbers()}).Draw(rt, "crs"), Extend: true,
			Labels: true,
			Lang:   Lang(rapid.IntRange(0, 2).Draw(rt, "lang")), Style: Style(rapid.IntRange(0, 3).Draw(rt, "style")),
			Furniture: Furniture(rapid.IntRange(0, int(AllFurniture)).Draw(rt, "furniture")),
			Layers:    []Layer{{Index: manyPlaces(t, n, box, rapid.Uint64().Draw(rt, "seed"))}},
		}
		if rapid.IntRange(0, 3).Draw(rt, "base") == 0 {
			m.Base, m.Regions = base, regions
		}
		if n > 0 && rapid.Bool().Draw(rt, "groups") {
			grouped(t, m)
		}
		p, err := Draw(t.Context(), m, f)
		if err != nil {
			rt.Fatal(err)
		}
		checkLabels(rt, f, p)
	})
}

func TestLabelsOfTheAtlas(t *testing.T) {
	f := fontsOf(t)
	for lang, want := range map[Lang][]string{
		Chinese: {"长三角", "珠三角", "环渤海", "台湾 模具", "景德镇 陶瓷", "苏州一带", "泉州", "温州", "渤海", "河南"},
		English: {"Yangtze River Delta", "Pearl River Delta", "Bohai Rim", "Jingdezhen ceramics", "around Suzhou", "Quanzhou", "Henan"},
		Both:    {"长三角", "Yangtze River Delta", "泉州", "Quanzhou", "河南", "Henan"},
	} {
		m := atlasMap(t)
		m.Width, m.Height, m.Labels, m.Lang, m.Furniture = 1600, 900, true, lang, AllFurniture
		p, err := Draw(t.Context(), grouped(t, m), f)
		if err != nil {
			t.Fatal(err)
		}
		checkLabels(t, f, p)
		seen := map[string]int{}
		for _, text := range textsOf(p, theWords().labels) {
			seen[text.Text]++
		}
		for _, w := range want {
			if seen[w] != 1 {
				t.Errorf("language %d: %q stands on the map %d times, want once", lang, w, seen[w])
			}
		}
	}
}

func TestNamesAsThePage(t *testing.T) {
	all, _ := atlas()
	x := all["clusters"]
	n := newNamer(x)
	want := map[string]geo.Text{
		"shengzhou-neckties": {ZH: "嵊州 领带", EN: "Shengzhou neckties"},
		"beijing-798-arts":   {ZH: "798艺术", EN: "798 art district"},
	}
	for slot := range uint32(x.Len()) {
		if w, ok := want[x.At(slot).ID().String()]; ok {
			delete(want, x.At(slot).ID().String())
			if got := n.feature(slot); got != w {
				t.Errorf("%s is called %q, want %q", x.At(slot).ID(), got, w)
			}
		}
	}
	for id := range want {
		t.Errorf("no cluster %s", id)
	}
}

// A label can be had of any collection: by the role, else by a usual name, else by text.
func TestNameProperty(t *testing.T) {
	for _, c := range []struct{ properties, want string }{
		{`{"name":"Übersee","kind":"a"}`, "Übersee"},
		{`{"名称":"某地"}`, "某地"},
		{`{"n":5,"what":"Москва"}`, "Москва"},
		{`{"n":5}`, ""},
	} {
		x, err := geo.Read(strings.NewReader(fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":%s}`, c.properties)), geo.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := newNamer(x)
		if got := n.feature(0); got.ZH != c.want || got.EN != c.want {
			t.Errorf("%s is called %q, want %q", c.properties, got, c.want)
		}
	}
}

// Names of a megabyte, of no letters and of letters that no font has are no trouble.
func TestLabelsOfOddNames(t *testing.T) {
	f := fontsOf(t)
	for _, name := range []string{strings.Repeat("长", 1<<19), strings.Repeat("x ", 1<<19), "\u200d\u0301", "\U0010FFFF", "العربية", "👩‍👩‍👧‍👦", "a\u0000b\n"} {
		encoded, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		x, err := geo.Read(strings.NewReader(fmt.Sprintf(`{"type":"FeatureCollection","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[110,30]},"properties":{"name":%s,"adcode":"420100","prefecture_zh":%[1]s}},
{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[110.1,30]},"properties":{"name":%[1]s,"adcode":"420100","prefecture_zh":%[1]s}}]}`, encoded)), geo.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		square := orb.Polygon{{{108, 28}, {112, 28}, {112, 32}, {108, 32}, {108, 28}}}
		for _, view := range []View{Features, Groups, Territory} {
			m := &Map{
				Width: 600, Height: 500, Labels: true, Furniture: AllFurniture, Lang: Both,
				Layers:  []Layer{{ID: "a", TitleZH: name, Index: x, View: view, Areas: func(string) (orb.Geometry, geo.Text, bool) { return square, geo.Text{ZH: name, EN: name}, true }}},
				Regions: []Region{{ID: "r", NameZH: name, NameEN: name, Outline: square, Count: 2, DefinitionZH: name}},
			}
			switch view {
			case Groups:
				grouped(t, m)
			case Territory:
				if m.Layers[0].Territories, err = pyramid.Divide(t.Context(), x, nil, pyramid.Cut{Level: "prefecture"}, pyramid.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			p, err := Draw(t.Context(), m, f)
			if err != nil {
				t.Fatal(err)
			}
			checkLabels(t, f, p)
			checkFurniture(t, "odd names", f, p)
		}
	}
}
