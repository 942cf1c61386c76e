package render

import (
	"slices"
	"strings"
	"testing"

	"clustermap/geo/draw"
)

// What has less rank does not take the room of colours, and what explains something that
// is not there goes with it.
func TestFitting(t *testing.T) {
	of := func(name string, rank int, height float64) part { return part{name: name, rank: rank, height: height} }
	families := of("Legend", rankLegend, 40)
	families.with = "Regions"
	for _, c := range []struct {
		parts  []part
		height float64
		want   string
	}{
		{[]part{of("Title", rankTitle, 10), of("Subtitle", rankSubtitle, 10), of("Regions", rankRegions, 20), of("Legend", rankLegend, 80), of("Levels", rankLevels, 10)}, 60, "Title"},
		{[]part{of("Title", rankTitle, 10), of("Regions", rankRegions, 60), of("Legend", rankLegend, 20), of("Levels", rankLevels, 10)}, 60, "Title Legend"},
		{[]part{of("Regions", rankRegions, 60), families}, 90, "Regions"},
		{[]part{of("Regions", rankRegions, 95), of("Classes", rankLegend, 20), families}, 90, "Classes"},
		{[]part{of("Regions", rankRegions, 40), of("Classes", rankLegend, 10), families}, 90, "Regions Classes Legend"},
	} {
		fit, _ := fitting(c.parts, c.height)
		var names []string
		for _, p := range fit {
			names = append(names, p.name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("of %d parts %q have room in %v, want %q", len(c.parts), got, c.height, c.want)
		}
	}
}

// allTexts are the texts of the furniture and the labels of a picture.
func allTexts(p *Picture) (all []string) {
	eachText(p.Drawing.Layers, func(t *draw.Text) { all = append(all, t.Text) })
	return all
}

// The pages that people take as they come say all that is needed to read the map.
func TestPagesAreWhole(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height float64
		lang          Lang
		style         Style
		words         []string
	}{
		{"Chinese slide", 1280, 720, Chinese, Light, []string{"近似位置", "宿主驻地", "县级"}},
		{"English slide", 1280, 720, English, Light, []string{"Approximate", "Seat of host unit", "Merged: count; grey, the rest", "County"}},
		{"slide in both", 1280, 720, Both, Light, []string{"县级 County", "近似位置 Approximate"}},
		{"narrow", 960, 720, English, Light, []string{"Approximate", "County"}},
		{"narrow in both", 960, 720, Both, Light, []string{"县级 County"}},
		{"narrow talk", 960, 720, English, Presentation, []string{"Yangtze River Delta"}},
		{"wide talk", 1280, 720, English, Presentation, []string{"Yangtze River Delta", "County"}},
	} {
		m := slideMap(t)
		m.Width, m.Height, m.Lang, m.Style, m.FilterText = c.width, c.height, c.lang, c.style, ""
		m.ReviewNumber = ""
		m.Source = []string{"Industrial Clusters in China, vol. 6 (China Machine Press, May 2007); places: GeoNames (geonames.org), CC BY 4.0"}
		m.Definition = "Bohai Rim: 3+2 · Beijing, Tianjin, Hebei, Liaoning, Shandong; Pearl River Delta: 1994 · nine cities; Yangtze River Delta: 2010 plan · Shanghai, Jiangsu, Zhejiang, 25 cities"
		p := drawnWith(t, grouped(t, m))
		all := allTexts(p)
		for _, w := range c.words {
			if !slices.Contains(all, w) {
				t.Errorf("%s: %q is missing; left out %q", c.name, w, p.LeftOut)
			}
		}
		var notes []string
		eachText(p.Drawing.Layers, func(t *draw.Text) {
			if t.Name == "Notes" {
				notes = append(notes, t.Text)
			}
		})
		if got := strings.Join(notes, " "); !strings.Contains(got, "25 cities") || strings.Contains(got, ellipsis) {
			t.Errorf("%s: the notes are %q", c.name, got)
		}
		for _, text := range all {
			if strings.HasPrefix(text, "Yangtze") && strings.HasSuffix(text, ellipsis) {
				t.Errorf("%s: %q is cut", c.name, text)
			}
		}
	}
}

// A province that the data name is not named by the base map too.
func TestNamesOnce(t *testing.T) {
	all, _ := atlas()
	m := slideMap(t)
	m.Regions, m.Furniture = nil, 0
	m.Layers[0] = Layer{ID: "divisions", Index: all["divisions"]}
	seen := map[string]string{}
	eachText(drawnWith(t, m).Drawing.Layers, func(text *draw.Text) {
		short := shortDivision(text.Text)
		if before, ok := seen[short]; ok && before != text.Text && (before == short || text.Text == short) { // the base map has short names
			t.Errorf("the map says %q and %q", before, text.Text)
		}
		seen[short] = text.Text
	})
	if len(seen) < 10 {
		t.Errorf("only %d names", len(seen))
	}
}
