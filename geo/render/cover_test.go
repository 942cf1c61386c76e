package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// Nothing that stands on the map hides hexagons, territories or areas of features.
func TestFurnitureCoversNoArea(t *testing.T) {
	all, _ := atlas()
	for name, change := range map[string]func(*Map){
		"hexagons":    func(m *Map) { shadedBy(t, m, Hex, pyramid.Cut{Across: 400}) },
		"territories": func(m *Map) { shadedBy(t, m, Territory, pyramid.Cut{Level: "province"}) },
		"areas":       func(m *Map) { m.Layers[0] = Layer{ID: "divisions", Index: all["divisions"]} },
	} {
		for _, bits := range []Furniture{AllFurniture, Legend | Inset, Title | Legend} {
			m := slideMap(t)
			m.Furniture = bits
			change(m)
			s, free, err := drawMap(t.Context(), m, fontsOf(t), false)
			if err == nil && !free {
				s, _, err = drawMap(t.Context(), m, fontsOf(t), true)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(s.drawn) == 0 {
				t.Fatalf("%s: nothing is drawn", name)
			}
			for _, c := range s.covered {
				if c.W < 150 || c.H < 100 {
					continue // scale, arrow and small print have no paper
				}
				for _, sh := range s.drawn {
					for _, ring := range sh.Path.Lines() {
						for _, p := range ring {
							if inRect(c, p.X, p.Y) {
								t.Fatalf("%s, %b: furniture in %v covers %q", name, bits, c, sh.Name)
							}
						}
					}
				}
			}
		}
	}
}

// A map of a street has no inset of a sea; one of the country without the sea has.
func TestInsetOfCountryOnly(t *testing.T) {
	for _, c := range []struct {
		box  orb.Bound
		want bool
	}{
		{orb.Bound{Min: orb.Point{121.4, 31.1}, Max: orb.Point{121.6, 31.3}}, false},
		{orb.Bound{Min: orb.Point{112, 21.5}, Max: orb.Point{116, 24.5}}, false},
		{orb.Bound{Min: orb.Point{97, 21}, Max: orb.Point{133, 43}}, true},
	} {
		for _, lang := range []Lang{Chinese, English} {
			m := slideMap(t)
			m.CRS, m.Box, m.Extend, m.Lang = crs.CRS84(), c.box, true, lang
			found := furnitureOf(drawnWith(t, grouped(t, m)))
			words := found[say(lang, theWords().inset)]
			if got := strings.Join(words, " ") == say(lang, theWords().inset); got != c.want {
				t.Errorf("%v in language %d: inset %v, want %v", c.box, lang, got, c.want)
			}
		}
	}
}

// What has no room on a small picture is told.
func TestLeftOut(t *testing.T) {
	m := slideMap(t)
	m.Width, m.Height = 1280, 720
	if p := drawnWith(t, grouped(t, m)); len(p.LeftOut) != 0 {
		t.Errorf("a slide leaves out %q", p.LeftOut)
	}
	m.Width, m.Height = 240, 135
	p := drawnWith(t, grouped(t, m))
	if !slices.Contains(p.LeftOut, "legend") {
		t.Errorf("a stamp leaves out %q", p.LeftOut)
	}
	m.Furniture = 0
	if p := drawnWith(t, m); len(p.LeftOut) != 0 {
		t.Errorf("without furniture %q is left out", p.LeftOut)
	}
}

// Colours of families are in a legend of areas only where bars have them.
func TestFamiliesOfAreas(t *testing.T) {
	w := theWords()
	for _, bits := range []Furniture{Legend, AllFurniture} {
		m := slideMap(t)
		m.Furniture = bits
		shadedBy(t, m, Territory, pyramid.Cut{Level: "province"})
		found := furnitureOf(drawnWith(t, m))
		bars, families := len(found["Regions"]) > 0, slices.Contains(allTexts(drawnWith(t, m)), "电子信息")
		if bars != families {
			t.Errorf("furniture %b: bars %v, families %v", bits, bars, families)
		}
		if !slices.Contains(allTexts(drawnWith(t, m)), w.perArea.ZH) {
			t.Errorf("furniture %b: no classes", bits)
		}
	}
}

// The areas of the inset have the colours of the legend.
func TestInsetHasColoursOfLegend(t *testing.T) {
	m := slideMap(t)
	shadedBy(t, m, Hex, pyramid.Cut{Across: 100})
	s, _, err := drawMap(t.Context(), m, fontsOf(t), false)
	if err != nil {
		t.Fatal(err)
	}
	classes := s.facts[0].classes
	n := 0
	for _, l := range s.insets {
		if !strings.HasSuffix(l.Name, m.Layers[0].TitleZH) {
			continue
		}
		for _, it := range l.Items {
			sh, ok := it.(*draw.Shape)
			if !ok {
				continue
			}
			n++
			if !slices.ContainsFunc(classes, func(c class) bool {
				return s.theme.classFill(classAt(classes, c.from), len(classes)).Color == sh.Fill.Color
			}) {
				t.Errorf("%s is of no class of the legend", sh.Alt)
			}
		}
	}
	if n == 0 {
		t.Error("the inset shows no hexagon")
	}
}
