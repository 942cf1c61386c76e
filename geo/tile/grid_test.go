package tile

import (
	"math"
	"testing"

	"clustermap/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// The figures are those of OGC 17-083r4, Annex D.
func TestGrids(t *testing.T) {
	const whole = 20037508.3427892
	for _, c := range []struct {
		id          string
		z           int
		scale, cell float64
		cols, rows  int
		origin      [2]float64
		crs         string
	}{
		{"WebMercatorQuad", 0, 559082264.028717, 156543.033928041, 1, 1, [2]float64{-whole, whole}, "EPSG:3857"},
		{"WebMercatorQuad", 24, 33.3238997476528, 0.00933069192934, 1 << 24, 1 << 24, [2]float64{-whole, whole}, "EPSG:3857"},
		{"WorldCRS84Quad", 0, 279541132.014358, 0.703125, 2, 1, [2]float64{-180, 90}, "OGC:CRS84"},
		{"WorldCRS84Quad", 17, 2132.72958384978, 0.0000053644180298, 262144, 131072, [2]float64{-180, 90}, "OGC:CRS84"},
		{"CGCS2000Quad", 1, 139770566.007179, 0.3515625, 4, 2, [2]float64{90, -180}, "EPSG:4490"},
	} {
		g, ok := FindGrid(c.id)
		if !ok {
			t.Fatalf("there is no %s", c.id)
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }
		if !near(g.Scale(c.z), c.scale) || !near(g.CellSize(c.z), c.cell) {
			t.Errorf("%s %d: scale %v, cells of %v; want %v, %v", c.id, c.z, g.Scale(c.z), g.CellSize(c.z), c.scale, c.cell)
		}
		if cols, rows := g.Size(c.z); cols != c.cols || rows != c.rows {
			t.Errorf("%s %d: %d columns, %d rows; want %d, %d", c.id, c.z, cols, rows, c.cols, c.rows)
		}
		if o := g.Origin(); !near(o[0], c.origin[0]) || !near(o[1], c.origin[1]) || g.CRS.Code() != c.crs {
			t.Errorf("%s: origin %v in %s, want %v in %s", c.id, o, g.CRS.Code(), c.origin, c.crs)
		}
		if cols, rows := g.Size(g.Levels()); cols != 0 || rows != 0 {
			t.Errorf("%s has a level %d", c.id, g.Levels())
		}
	}
	if _, ok := FindGrid("webmercatorquad"); ok {
		t.Error("names are as they are written")
	}
}

func TestBoxes(t *testing.T) {
	mercator, _ := FindGrid("WebMercatorQuad")
	plate, _ := FindGrid("CGCS2000Quad")
	for _, c := range []Coord{{0, 0, 0}, {3, 2, 6}, {10, 421, 833}} {
		want := maptile.New(uint32(c.Col), uint32(c.Row), maptile.Zoom(c.Z)).Bound()
		if got := mercator.Box(c); !nearBox(got, want) {
			t.Errorf("%v has the box %v, want %v", c, got, want)
		}
	}
	if got, want := plate.Box(Coord{1, 0, 3}), (orb.Bound{Min: orb.Point{90, 0}, Max: orb.Point{180, 90}}); !nearBox(got, want) {
		t.Errorf("the box is %v, want %v", got, want)
	}
}

func nearBox(a, b orb.Bound) bool {
	const most = 1e-9
	return math.Abs(a.Min[0]-b.Min[0])+math.Abs(a.Min[1]-b.Min[1])+math.Abs(a.Max[0]-b.Max[0])+math.Abs(a.Max[1]-b.Max[1]) < most
}

// What a window holds lies in the box that is searched for it.
func TestSearchHoldsTheWindow(t *testing.T) {
	r := random(t)
	for _, g := range Grids() {
		for range 20_000 {
			z := r.IntN(g.Levels())
			cols, rows := g.Size(z)
			c := Coord{z, edgy(r, rows), edgy(r, cols)}
			w := g.window(c, 4096, r.IntN(4097))
			// A position near the tile, in parts of the world.
			x := uint32(w.x0 + int64((r.Float64()*4-1.5)*float64(int64(1)<<w.xShift)))
			y := w.y0 + int64((r.Float64()*4-1.5)*float64(int64(1)<<w.yShift))
			if y < 0 || y >= worldParts {
				continue
			}
			p := g.lonLat(orb.Point{float64(x) / worldParts, float64(y) / worldParts})
			px, py, in := w.place(x, uint32(y))
			if in && !inBox(g.search(&w), p) {
				t.Fatalf("%s %v: %v at %d %d is not in %v", g.ID, c, p, px, py, g.search(&w))
			}
			if home := px >= 0 && px < 4096 && py >= 0 && py < 4096; home && !inBox(pad(g.Box(c)), p) {
				t.Fatalf("%s %v: %v at home is not in %v", g.ID, c, p, g.Box(c))
			}
		}
	}
}

func pad(b orb.Bound) orb.Bound { return b.Pad(1e-7) }

func inBox(b orb.Bound, p orb.Point) bool {
	lon := p[0] >= b.Min[0] && p[0] <= b.Max[0]
	if b.Min[0] > b.Max[0] {
		lon = p[0] >= b.Min[0] || p[0] <= b.Max[0]
	}
	return lon && p[1] >= b.Min[1] && p[1] <= b.Max[1]
}

func TestNoSuchTile(t *testing.T) {
	g := Grids()[1]
	for _, c := range []Coord{{-1, 0, 0}, {18, 0, 0}, {0, 1, 0}, {0, 0, 2}, {3, -1, 0}, {3, 0, -1}} {
		_, err := Encode(t.Context(), g, c, []Layer{{Name: "a", Index: new(geo.Index)}}, Options{})
		wantInvalid(t, err, "tile")
	}
}

// A tile that shows something of a box is within its Span, and those at its ends do.
func TestSpanIsExact(t *testing.T) {
	r := random(t)
	for range 40 {
		at := orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
		switch r.IntN(6) {
		case 0:
			at[0] = 180
		case 1:
			at[0] = -180
		case 2: // on an edge
			at[0], at[1] = float64(r.IntN(16))*22.5-180, float64(r.IntN(8))*22.5-90
		case 3: // in a buffer
			at[0] = float64(r.IntN(16))*22.5 - 180 - r.Float64()*0.4
		}
		at[0] = max(-180, at[0])
		x := shapes(t, at)
		for _, g := range Grids() {
			for z := range 5 {
				from, to := g.Span(z, x.Extent().Box)
				cols, rows := g.Size(z)
				for row := range rows {
					for col := range cols {
						c := Coord{z, row, col}
						shown := len(encode(t, g, c, Options{}, Layer{Name: "features", Index: x}).Data) > 0
						in := row >= from.Row && row <= to.Row && col >= from.Col && col <= to.Col
						if whole := from.Col == 0 && to.Col == cols-1; shown && !in || in && !shown && !whole {
							t.Fatalf("%s %v: %v is shown: %t; the span is %v to %v", g.ID, c, at, shown, from, to)
						}
					}
				}
			}
		}
	}
}
