package render

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// systemsOf are the systems of pictures with a random box over China in each.
func systemsOf(random *rand.Rand) map[*crs.CRS]orb.Bound {
	out := map[*crs.CRS]orb.Bound{}
	epsg4326, _ := crs.Lookup("EPSG:4326")
	for _, c := range []*crs.CRS{crs.CRS84(), crs.WebMercator(), crs.CGCS2000(), epsg4326, crs.ChinaAlbers()} {
		lon, lat := 75+random.Float64()*40, 15+random.Float64()*25
		w := 0.5 + random.Float64()*20
		out[c], _ = BoxIn(c, orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + w, lat + w}})
	}
	return out
}

// TestGroupsAreThoseOfThePyramid holds what is drawn to the pyramid asked anew: as many
// symbols, with the same counts, at the same places, of the zoom that the picture names.
func TestGroupsAreThoseOfThePyramid(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	for round, n := range []int{40, 3_000, 30_000} {
		x := scatteredPoints(t, n)
		set, err := x.Select(t.Context(), geo.Query{Match: []geo.Match{mustMatch(t, x, "trade", "electronics,ceramics,footwear")}})
		if err != nil {
			t.Fatal(err)
		}
		for c, box := range systemsOf(random) {
			m := &Map{Width: 900, Height: 700, CRS: c, Box: box, Layers: []Layer{{Index: x, Set: set}}, Style: Style(round)}
			grouped(t, m)
			p := drawn(t, m)
			got := map[string]int{}
			inFrame := 0
			eachMark(p.Drawing, func(mark *draw.Mark) {
				if inRect(p.Frame, mark.X, mark.Y) {
					inFrame++
					got[countOn(mark)]++
				}
			})
			want := map[string]int{}
			sum := 0
			pyr := m.Layers[0].Pyramid
			for _, node := range pyr.Level(p.Layers[0].Zoom) {
				if _, _, ok := p.Pixel(pyr.Position(node)); !ok {
					continue
				}
				sum += pyr.Size(node)
				text := ""
				if pyr.Size(node) > 1 {
					text = shortCount(pyr.Size(node), Chinese)
				}
				want[text]++
			}
			for text, n := range want {
				if got[text] != n {
					t.Errorf("%s, %d points: %d symbols say %q, want %d", c.Code(), x.Len(), got[text], text, n)
				}
			}
			if p.Shown != sum || p.Layers[0].Symbols != inFrame || p.Layers[0].Radius != pyr.Options().Radius {
				t.Errorf("%s, %d points: %d features and %d symbols are shown, want %d and %d", c.Code(), x.Len(), p.Shown, p.Layers[0].Symbols, sum, inFrame)
			}
		}
	}
}

func mustMatch(t testing.TB, x *geo.Index, name, text string) geo.Match {
	t.Helper()
	m, err := x.Schema().ParseMatch(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func eachMark(d *draw.Drawing, visit func(*draw.Mark)) {
	var walk func(items []draw.Item)
	walk = func(items []draw.Item) {
		for _, it := range items {
			switch it := it.(type) {
			case *draw.Mark:
				visit(it)
			case *draw.Group:
				walk(it.Items)
			}
		}
	}
	for _, l := range d.Layers {
		walk(l.Items)
	}
}

// countOn is what a symbol says, "" of a single one.
func countOn(m *draw.Mark) string {
	for _, it := range m.Symbol.Items {
		if text, ok := it.(*draw.Text); ok {
			if _, err := strconv.Atoi(strings.NewReplacer(",", "", "万", "", ".", "").Replace(text.Text)); err == nil {
				return text.Text
			}
		}
	}
	return ""
}

// TestFamiliesAreCounted holds the counts of the legend to those of an aggregation of
// what the picture shows.
func TestFamiliesAreCounted(t *testing.T) {
	x := scatteredPoints(t, 5_000)
	random := rand.New(rand.NewPCG(2, 2))
	for c, box := range systemsOf(random) {
		for _, view := range []View{Features, Groups, Hex} {
			m := &Map{Width: 800, Height: 800, CRS: c, Box: box, Layers: []Layer{{Index: x}}}
			switch view {
			case Groups:
				grouped(t, m)
			case Hex:
				shadedBy(t, m, Hex, pyramid.Cut{Across: 50})
			}
			s, err := newScene(m, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.drawContent(t.Context()); err != nil {
				t.Fatal(err)
			}
			facts := s.facts[0]
			sum := 0
			for _, n := range facts.families {
				sum += n
			}
			if sum != facts.all || sum != s.shown[0].Shown {
				t.Errorf("%s, view %d: the families have %d features, the picture %d, the layer %d", c.Code(), view, sum, facts.all, s.shown[0].Shown)
			}
			if view != Features {
				continue
			}
			want := make([]int, len(facts.families))
			for slot := range uint32(x.Len()) {
				at, _ := x.Point(slot)
				if px, py, ok := s.proj.pixel(at); ok && inRect(s.frame, px, py) {
					want[facts.palette.at(slot)]++
				}
			}
			for i := range want {
				if want[i] != facts.families[i] {
					t.Errorf("%s: %s has %d, want %d", c.Code(), facts.palette.options[i].key, facts.families[i], want[i])
				}
			}
		}
	}
}

// TestHexagonsHoldAll: with the whole world in view every feature is in one area.
func TestHexagonsHoldAll(t *testing.T) {
	x := scatteredPoints(t, 5_000)
	m := &Map{Width: 600, Height: 600, Layers: []Layer{{Index: x}}}
	for _, cut := range []pyramid.Cut{{Across: 200}, {Across: 20}} {
		shadedBy(t, m, Hex, cut)
		if p := drawn(t, m); p.Shown != x.Len() {
			t.Errorf("%v: %d features are shown, want %d", cut, p.Shown, x.Len())
		}
	}
}

// TestHexagonsInTheFrame: none that meets the frame is left out.
func TestHexagonsInTheFrame(t *testing.T) {
	x := scatteredPoints(t, 5_000)
	random := rand.New(rand.NewPCG(11, 1))
	for range 5 {
		for c, box := range systemsOf(random) {
			m := &Map{Width: 400, Height: 300, CRS: c, Box: box, Layers: []Layer{{Index: x}}}
			shadedBy(t, m, Hex, pyramid.Cut{Across: 100})
			p := drawn(t, m)
			want := 0
			parts := m.Layers[0].Territories
			tr := newTracer(p.proj)
			for i := range parts.Len() {
				var path draw.Path
				for _, polygon := range polygonsOf(parts.Outline(i)) {
					tr.area(&path, polygon)
				}
				b := path.Bounds()
				if !path.Empty() && b.X <= 400 && b.Y <= 300 && b.X+b.W >= 0 && b.Y+b.H >= 0 {
					want += parts.Size(i)
				}
			}
			if p.Shown != want {
				t.Errorf("%s, %v: %d features are shown, want %d", c.Code(), box, p.Shown, want)
			}
		}
	}
}

// TestRadiusSuitsZoom: a pyramid of the radius that a resolution asks for gives groups of
// the next zoom, or of the one at which the page shows those of the default radius.
func TestRadiusSuitsZoom(t *testing.T) {
	few, many := scatteredPoints(t, 100), scatteredPoints(t, 300)
	for zoom := 0.5; zoom < 17; zoom += 0.13 {
		for _, size := range []float64{0.7, 1, 1.4} {
			r := Resolution{zoom, size}
			for _, x := range []*geo.Index{few, many} {
				opt := pyramid.OptionsOf(x.Schema())
				opt.Radius = r.Radius(x.Len())
				p, err := pyramid.Build(t.Context(), x, nil, opt)
				if err != nil {
					t.Fatal(err)
				}
				z := r.Zoom(p)
				apart := float64(opt.Radius) * exp2(zoom-float64(z))
				if least := r.distance(x.Len()); apart < least*(1-1e-6) && z > 0 {
					t.Errorf("zoom %.2f: groups of zoom %d and radius %d stand %.1f pixels apart, want %.1f", zoom, z, opt.Radius, apart, least)
				}
				if size == 1 && x == many {
					if page := int(zoom + 0.25 + 1e-9); z != page {
						t.Errorf("zoom %.2f: groups of zoom %d, the page has those of %d", zoom, z, page)
					}
				}
			}
		}
	}
}
