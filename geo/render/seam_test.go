package render

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// featuresOf is an index of geometries in JSON, named 1, 2 and so on.
func featuresOf(t testing.TB, geometries ...string) *geo.Index {
	t.Helper()
	var all []string
	for i, g := range geometries {
		all = append(all, fmt.Sprintf(`{"type":"Feature","properties":{"name":"%d"},"geometry":%s}`, i+1, g))
	}
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[`+strings.Join(all, ",")+`]}`), geo.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func point(at orb.Point) string {
	return fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, at[0], at[1])
}

// TestEdgesAreInside: what stands on the edge of the box is counted in frames of all
// sizes and in all systems.
func TestEdgesAreInside(t *testing.T) {
	epsg4326, _ := crs.Lookup("EPSG:4326")
	for _, c := range []*crs.CRS{crs.CRS84(), crs.WebMercator(), crs.CGCS2000(), epsg4326, crs.ChinaAlbers()} {
		box := orb.Bound{Min: orb.Point{-179.9, -90}, Max: orb.Point{180, 90}}
		corners := []orb.Point{{-179.9, -90}, {0, -90}, {10, 90}, {180, 10}, {-179.9, 20}}
		if c == crs.WebMercator() || c == crs.ChinaAlbers() {
			box, corners = orb.Bound{Min: orb.Point{70.1, 10.3}, Max: orb.Point{139.9, 54.7}}, nil
			box, _ = BoxIn(c, box)
			for _, q := range []orb.Point{box.Min, box.Max, {box.Min[0], box.Max[1]}, {box.Max[0], box.Min[1]}} {
				at, _ := c.ToLonLat(q)
				corners = append(corners, at)
			}
		}
		var points []string
		for _, at := range corners {
			points = append(points, point(at))
		}
		x := featuresOf(t, points...)
		for w := 211.0; w < 1500; w += 37 {
			m := &Map{Width: w, Height: math.Floor(w / 2.0123), CRS: c, Box: box, Layers: []Layer{{Index: x}}}
			if p := drawn(t, m); p.Shown != len(corners) {
				t.Errorf("%s, %v wide: %d features on the edge are shown, want %d", c.Code(), w, p.Shown, len(corners))
			}
		}
	}
}

// TestLabelsOfCrossing: the name of what goes over 180 degrees stands on or beside it.
func TestLabelsOfCrossing(t *testing.T) {
	x := featuresOf(t,
		`{"type":"Polygon","coordinates":[[[170,10],[-170,10],[-170,20],[170,20],[170,10]]]}`,
		`{"type":"LineString","coordinates":[[170,-10],[-170,-10]]}`)
	for name, m := range map[string]*Map{
		"from 0": {CRS: crs.CRS84(), Box: orb.Bound{Min: orb.Point{0, -90}, Max: orb.Point{360, 90}}},
		"cone":   {CRS: crs.ChinaAlbers(), Box: orb.Bound{Min: orb.Point{-1e7, -1e7}, Max: orb.Point{1.2e7, 1.2e7}}},
	} {
		m.Width, m.Height, m.Labels, m.Layers = 900, 600, true, []Layer{{Index: x}}
		p := drawnWith(t, m)
		seen := 0
		eachText(p.Drawing.Layers, func(text *draw.Text) {
			if text.Text == "1" || text.Text == "2" {
				seen++
				lat := map[string]float64{"1": 15, "2": -10}[text.Text]
				if px, py, _ := p.Pixel(orb.Point{180, lat}); math.Hypot(px-text.X, py-text.Y) > 20 {
					t.Errorf("%s: %s stands at %v, %v, the shape at %v, %v", name, text.Text, text.X, text.Y, px, py)
				}
			}
		})
		if seen != 2 {
			t.Errorf("%s: %d of 2 shapes are named, %d hidden", name, seen, p.Hidden)
		}
	}
}

// TestNamesFromAfar: features are named however small the scale.
func TestNamesFromAfar(t *testing.T) {
	x := featuresOf(t, point(orb.Point{110, 30}))
	m := &Map{Width: 553, Height: 600, CRS: crs.ChinaAlbers(), Box: orb.Bound{Min: orb.Point{-11633378, -4416568}, Max: orb.Point{11633786, 20828094}}, Labels: true, Layers: []Layer{{Index: x}}}
	if p := drawnWith(t, m); p.Hidden != 0 || len(textsOf(p, theWords().labels)) != 1 {
		t.Errorf("%d labels, %d hidden, want one", len(textsOf(p, theWords().labels)), p.Hidden)
	}
}

// TestConeBreaksLines: nothing is stroked along the cut opposite of its middle, where
// lines and areas end.
func TestConeBreaksLines(t *testing.T) {
	x := featuresOf(t,
		`{"type":"LineString","coordinates":[[-120,30],[-30,50]]}`,
		`{"type":"Polygon","coordinates":[[[-85,40],[-65,40],[-65,70],[-85,70],[-85,40]]]}`)
	m := &Map{Width: 900, Height: 900, CRS: crs.ChinaAlbers(), Box: orb.Bound{Min: orb.Point{-2e7, -2e7}, Max: orb.Point{2e7, 2e7}}, Layers: []Layer{{Index: x}}}
	p := drawn(t, m)
	checkSeam(t, p, -75+1e-6, 42, 68)
	checkSeam(t, p, -75-1e-6, 42, 68)
	checkSeam(t, p, -75-1e-6, 0, 38)
}

// TestCutAreasHaveNoSeam: the parts of an area cut at 180 degrees meet without a line.
func TestCutAreasHaveNoSeam(t *testing.T) {
	x := featuresOf(t, `{"type":"MultiPolygon","coordinates":[[[[175,-20],[180,-20],[180,-10],[175,-10],[175,-20]]],[[[-180,-20],[-175,-20],[-175,-10],[-180,-10],[-180,-20]]]]}`)
	for _, c := range []*crs.CRS{crs.CRS84(), crs.ChinaAlbers(), crs.WebMercator()} {
		box, _ := BoxIn(c, orb.Bound{Min: orb.Point{165, -30}, Max: orb.Point{195, 0}})
		checkSeam(t, drawn(t, &Map{Width: 500, Height: 500, CRS: c, Box: box, Layers: []Layer{{Index: x}}}), 180, -19, -11)
	}
}

// checkSeam looks for strokes along a meridian.
func checkSeam(t *testing.T, p *Picture, lon, south, north float64) {
	t.Helper()
	var out bytes.Buffer
	if err := draw.PNG(t.Context(), &out, fontsOf(t), p.Drawing, draw.Raster{}); err != nil {
		t.Fatal(err)
	}
	shot := picture(t, out.Bytes())
	stroke := lightTheme().families[0]
	for _, layer := range p.Drawing.Layers {
		for _, it := range layer.Items {
			if sh, ok := it.(*draw.Shape); ok && sh.Stroke.Width > 0 {
				stroke = sh.Stroke.Color
			}
		}
	}
	inked := 0
	for i := range 100 {
		x, y, ok := p.Pixel(orb.Point{lon, south + (north-south)*float64(i)/99})
		r, g, b, a := shot.At(int(x), int(y)).RGBA()
		far := math.Abs(float64(r>>8)-float64(stroke.R)) + math.Abs(float64(g>>8)-float64(stroke.G)) + math.Abs(float64(b>>8)-float64(stroke.B))
		if ok && a > 0 && far < 100 {
			inked++
		}
	}
	if inked > 10 {
		t.Errorf("%s: a stroke runs along %v° for %d of 100 places", p.CRS.Code(), lon, inked)
	}
}
