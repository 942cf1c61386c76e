package render

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

func TestHostileMaps(t *testing.T) {
	x := scatteredPoints(t, 600)
	utm, _ := crs.Lookup("EPSG:32650")
	nan, inf := math.NaN(), math.Inf(1)
	box := func(w, s, e, n float64) orb.Bound { return orb.Bound{Min: orb.Point{w, s}, Max: orb.Point{e, n}} }
	for name, c := range map[string]struct {
		change func(*Map)
		field  string
	}{
		"no width":              {func(m *Map) { m.Width = 0 }, "width"},
		"a negative height":     {func(m *Map) { m.Height = -1 }, "height"},
		"a width of 1e9":        {func(m *Map) { m.Width = 1e9 }, "width"},
		"a width of NaN":        {func(m *Map) { m.Width = nan }, "width"},
		"a box of NaN":          {func(m *Map) { m.Box = box(nan, 0, 1, 1) }, "bbox"},
		"an endless box":        {func(m *Map) { m.Box = box(-inf, 0, inf, 1) }, "bbox"},
		"a box of no width":     {func(m *Map) { m.Box = box(5, 0, 5, 1) }, "bbox"},
		"a box of no height":    {func(m *Map) { m.Box = box(5, 1, 6, 1) }, "bbox"},
		"a box upside down":     {func(m *Map) { m.Box = box(5, 1, 6, -1) }, "bbox"},
		"a box of forty worlds": {func(m *Map) { m.Box = box(-7200, -10, 7200, 10); m.CRS = crs.CRS84() }, "bbox"},
		"UTM":                   {func(m *Map) { m.CRS = utm; m.Box = box(0, 0, 1e5, 1e5) }, "crs"},
		"GCJ-02":                {func(m *Map) { m.CRS = crs.GCJ02(); m.Box = box(110, 20, 120, 30) }, "crs"},
		"UTM without a box":     {func(m *Map) { m.CRS = utm }, "crs"},
		"a line of pixels":      {func(m *Map) { m.Width, m.Height = 8192, 1 }, "width"},
		"no features":           {func(m *Map) { m.Layers[0].Index = nil }, "layers"},
		"no pyramid":            {func(m *Map) { m.Layers[0].View = Groups }, "view"},
		"no territories":        {func(m *Map) { m.Layers[0].View = Hex }, "view"},
		"no such view":          {func(m *Map) { m.Layers[0].View = 200 }, "view"},
	} {
		m := &Map{Width: 300, Height: 200, Layers: []Layer{{Index: x}}}
		c.change(m)
		_, err := Draw(t.Context(), m, nil)
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: the error is %v, want one of %s", name, err, c.field)
		}
	}
}

// TestOddMaps are drawn.
func TestOddMaps(t *testing.T) {
	x := scatteredPoints(t, 600)
	_, base := atlas()
	empty, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[]}`), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":1}}]}`), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Map){
		"one pixel":               func(m *Map) { m.Width, m.Height = 1, 1 },
		"a line of pixels":        func(m *Map) { m.Width, m.Height = 1, 8192 },
		"nothing":                 func(m *Map) { m.Layers, m.Base = nil, nil },
		"no features":             func(m *Map) { m.Layers[0].Index = empty },
		"no places":               func(m *Map) { m.Layers[0].Index = nothing },
		"a style that is none":    func(m *Map) { m.Style = 99 },
		"a language that is none": func(m *Map) { m.Lang = 99 },
		"a tiny box": func(m *Map) {
			m.CRS, m.Box = crs.CRS84(), orb.Bound{Min: orb.Point{120, 30}, Max: orb.Point{120 + 1e-9, 30 + 1e-9}}
		},
		"the poles": func(m *Map) {
			m.CRS, m.Box = crs.WebMercator(), orb.Bound{Min: orb.Point{-2e7, -9e8}, Max: orb.Point{2e7, 9e8}}
		},
		"off the earth": func(m *Map) {
			m.CRS, m.Box = crs.CRS84(), orb.Bound{Min: orb.Point{0, 100}, Max: orb.Point{10, 110}}
		},
		"off the cone": func(m *Map) {
			m.CRS, m.Box = crs.ChinaAlbers(), orb.Bound{Min: orb.Point{-1e8, -1e8}, Max: orb.Point{1e8, 1e8}}
		},
		"behind the cone": func(m *Map) {
			m.CRS, m.Box = crs.ChinaAlbers(), orb.Bound{Min: orb.Point{-1e5, 1.5e7}, Max: orb.Point{1e5, 1.6e7}}
		},
		"a region of nothing": func(m *Map) {
			m.Regions = []Region{{}, {Outline: orb.MultiPolygon{}}, {Outline: orb.Polygon{}}, {Outline: orb.Polygon{{}}}, {Outline: orb.Point{1, 1}}}
		},
		"a region like a needle": func(m *Map) {
			m.Regions = []Region{{Outline: orb.Polygon{{{110, 30}, {110, 30}, {110, 30}, {110, 30}}}}, {Outline: orb.Polygon{{{110, 30}, {111, 31}, {110, 30}}}}}
		},
		"a title of a megabyte": func(m *Map) { m.Title = strings.Repeat("长", 1<<20) },
	} {
		m := &Map{Width: 300, Height: 200, Base: base, Layers: []Layer{{Index: x}}}
		change(m)
		p, err := Draw(t.Context(), m, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		eachMark(p.Drawing, func(mark *draw.Mark) {
			if math.IsNaN(mark.X) || math.IsNaN(mark.Y) || math.Abs(mark.X) > 1e5 || math.Abs(mark.Y) > 1e5 {
				t.Errorf("%s: a mark is at %v, %v", name, mark.X, mark.Y)
			}
		})
		eachShape(p.Drawing, func(sh *draw.Shape) {
			b := sh.Path.Bounds()
			f := outset(p.Frame, beyond+1e-6)
			if !(b.X >= f.X && b.Y >= f.Y && b.X+b.W <= f.X+f.W && b.Y+b.H <= f.Y+f.H) {
				t.Errorf("%s: %s reaches from %v, beyond the frame", name, sh.Name, b)
			}
		})
	}
}

func eachShape(d *draw.Drawing, visit func(*draw.Shape)) {
	for _, l := range d.Layers {
		for _, it := range l.Items {
			if sh, ok := it.(*draw.Shape); ok {
				visit(sh)
			}
		}
	}
}

func TestTooMuch(t *testing.T) {
	x := scatteredPoints(t, mostFeatures+1_000)
	m := &Map{Width: 300, Height: 200, Layers: []Layer{{Index: x}}}
	_, err := Draw(t.Context(), m, nil)
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Reason, "groups") {
		t.Errorf("the error is %v, want one that names groups", err)
	}
	if p := drawn(t, grouped(t, m)); p.Shown != x.Len() {
		t.Errorf("the groups have %d features, want %d", p.Shown, x.Len())
	}
}

func TestDrawEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x := scatteredPoints(t, 2_000)
	for _, m := range []*Map{
		{Width: 300, Height: 200, Layers: []Layer{{Index: x}}},
		grouped(t, &Map{Width: 300, Height: 200, Layers: []Layer{{Index: x}}}),
	} {
		if _, err := Draw(ctx, m, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	}
}

// TestSameMapSameDrawing draws each look twice.
func TestSameMapSameDrawing(t *testing.T) {
	fonts, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range looksFor(t) {
		a, err := Draw(t.Context(), m, fonts)
		if err != nil {
			t.Fatal(name, err)
		}
		b, err := Draw(t.Context(), m, fonts)
		if err != nil {
			t.Fatal(name, err)
		}
		if !reflect.DeepEqual(a.Drawing, b.Drawing) {
			t.Errorf("%s is drawn differently again", name)
		}
	}
}

// TestSymbolsAreAboveAreas of other layers, whatever the order of the layers.
func TestSymbolsAreAboveAreas(t *testing.T) {
	all, _ := atlas()
	m := atlasMap(t)
	m.Layers = append(m.Layers, Layer{ID: "divisions", Index: all["divisions"]}, Layer{ID: "clusters", Index: all["clusters"]})
	shadedBy(t, m, Hex, pyramid.Cut{Across: 100})
	m.Layers[0].View, m.Layers[1].View = Features, Features
	var got []string
	for _, l := range drawn(t, m).Drawing.Layers {
		kind := "areas"
		switch l.Items[0].(type) {
		case *draw.Mark, *draw.Group:
			kind = "symbols"
		}
		got = append(got, l.Name+" "+kind)
	}
	want := "海洋 areas, 陆地 areas, 地区 areas, 边界 areas,  areas, 地区轮廓 areas,  areas, 产业集群 symbols"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("the layers are %s; want %s", text, want)
	}
}

// TestTilesFitTogether draws a map whole and in four parts: what stands on a seam stands
// in both parts, and what is shown adds up.
func TestTilesFitTogether(t *testing.T) {
	x := scatteredPoints(t, 3_000)
	all, _ := atlas()
	whole := orb.Bound{Min: orb.Point{12e6, 2.5e6}, Max: orb.Point{13.6e6, 4.1e6}}
	for _, view := range []View{Features, Groups, Hex} {
		m := &Map{Width: 512, Height: 512, Box: whole, Whole: true, Layers: []Layer{{Index: x}, {Index: all["clusters"]}}}
		switch view {
		case Groups:
			grouped(t, m)
		case Hex:
			shadedBy(t, m, Hex, pyramid.Cut{Across: 100})
		}
		type at struct {
			x, y float64
			sym  int
		}
		marks := func(p *Picture, dx, dy float64) map[at]bool {
			out := map[at]bool{}
			eachMark(p.Drawing, func(mark *draw.Mark) {
				out[at{math.Round(100 * (mark.X + dx)), math.Round(100 * (mark.Y + dy)), len(mark.Symbol.Items)}] = true
			})
			return out
		}
		one := drawn(t, m)
		want := marks(one, 0, 0)
		got := map[at]bool{}
		shown := 0
		for i := range 4 {
			dx, dy := float64(i%2)*256, float64(i/2)*256
			part := *m
			part.Width, part.Height = 256, 256
			w, n := whole.Min[0]+dx/512*1.6e6, whole.Max[1]-dy/512*1.6e6
			part.Box = orb.Bound{Min: orb.Point{w, n - 0.8e6}, Max: orb.Point{w + 0.8e6, n}}
			p := drawn(t, &part)
			shown += p.Shown
			for mark := range marks(p, dx, dy) {
				got[mark] = true
			}
		}
		for mark := range want {
			if !got[mark] && mark.x > 0 && mark.y > 0 && mark.x < 51_200 && mark.y < 51_200 {
				t.Errorf("view %d: no part has the mark %v", view, mark)
			}
		}
		if view != Hex && shown != one.Shown {
			t.Errorf("view %d: the parts show %d features, the whole %d", view, shown, one.Shown)
		}
	}
}

// TestEverythingHasAName: what can be told apart is a shape, mark or group with name and
// alternative text, in the language asked for.
func TestEverythingHasAName(t *testing.T) {
	for lang, want := range map[Lang][]string{
		Chinese: {"江苏", "海岸线", "长三角", "省界", "嵊州"},
		English: {"Jiangsu", "Coast", "Yangtze River Delta", "Provincial borders", "Shengzhou"},
	} {
		m := atlasMap(t)
		m.Lang = lang
		m.Layers[0].View = Features
		m.Width, m.Height = 3000, 2600
		p := drawn(t, m)
		names := map[string]bool{}
		note := func(name, alt string, decoration bool) {
			names[name] = true
			if name == "" || alt == "" && !decoration {
				t.Errorf("an item has the name %q and the alternative text %q", name, alt)
			}
			if lang == English && strings.ContainsFunc(name+alt, ideographic) {
				t.Errorf("the English name of %q (%q) is Chinese", name, alt)
			}
		}
		for _, l := range p.Drawing.Layers {
			if l.Name == "" {
				t.Error("a layer has no name")
			}
			for _, it := range l.Items {
				switch it := it.(type) {
				case *draw.Shape:
					note(it.Name, it.Alt, true)
				case *draw.Mark:
					note(it.Name, it.Alt, false)
				case *draw.Group:
					note(it.Name, it.Alt, false)
				}
			}
		}
		for _, w := range want {
			found := false
			for name := range names {
				found = found || strings.HasPrefix(name, w)
			}
			if !found {
				t.Errorf("nothing is named %s", w)
			}
		}
	}
}
