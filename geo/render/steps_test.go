package render

import (
	"image/color"
	"slices"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// classed are three areas and a point whose class has the steps of a palette, with a
// small area within a larger one.
const (
	classedSchema = `{"properties":{"class":{"type":"string","x-clustermap-role":"category","x-groups":{
		"div-p3":{"en":"Hot","zh":"热点"},"div-0":{"en":"Neither","zh":"无"},"div-n3":{"en":"Cold","zh":"冷点"}},
		"oneOf":[{"const":"hot","x-group":"div-p3"},{"const":"none","x-group":"div-0"},{"const":"cold","x-group":"div-n3"}]}}}`
	classedFeatures = `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[110,20],[120,20],[120,30],[110,30],[110,20]]]},"properties":{"class":"hot"}},
		{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[113,23],[116,23],[116,26],[113,26],[113,23]]]},"properties":{"class":"cold"}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[105,25]},"properties":{"class":"none"}}]}`
)

// Classes of figures are drawn in the colours of a palette that has an order, areas
// full, and the legend goes from low to high.
func TestClassesOfAFigure(t *testing.T) {
	x, err := geo.Read(strings.NewReader(classedFeatures), geo.ReadOptions{Schema: []byte(classedSchema)})
	if err != nil {
		t.Fatal(err)
	}
	for _, style := range []Style{Light, Dark, Print, Presentation} {
		m := &Map{Width: 600, Height: 600, Style: style, Lang: English, Layers: []Layer{{ID: "x", TitleEN: "Classes", Index: x, View: Features}}, Furniture: Legend}
		p := drawnWith(t, m)
		th := style.theme()
		fills := map[color.NRGBA]int{}
		eachShape(p.Drawing, func(sh *draw.Shape) { fills[sh.Fill.Color]++ })
		for place, want := range map[int]int{0: 1, 6: 1} {
			if got := fills[faded(th.diverging[place], classOpacity)]; got != want {
				t.Errorf("style %d: %d areas have the colour of step %d, want %d", style, got, place, want)
			}
		}
		texts := allTexts(p)
		at := func(s string) int { return slices.Index(texts, s) }
		if cold, none, hot := at("Cold"), at("Neither"), at("Hot"); cold < 0 || cold > none || none > hot {
			t.Errorf("style %d: the legend is %q", style, texts)
		}
	}
}
