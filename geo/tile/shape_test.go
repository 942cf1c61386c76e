package tile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
)

// star is a ring around a point, often with spikes, never crossing itself.
func star(r *rand.Rand, at orb.Point, size float64, n int) orb.Ring {
	var ring orb.Ring
	for i := range n {
		angle := (float64(i) + 0.9*r.Float64()) / float64(n) * 2 * math.Pi
		d := size * (0.02 + r.Float64())
		ring = append(ring, orb.Point{at[0] + d*math.Cos(angle), max(-90, min(90, at[1]+d*math.Sin(angle)))})
	}
	return append(ring, ring[0])
}

func withHoles(r *rand.Rand, at orb.Point, size float64) orb.Polygon {
	hole := func(x, y float64) orb.Ring {
		h := star(r, orb.Point{at[0] + x*size, at[1] + y*size}, size/8, 3+r.IntN(9))
		h.Reverse()
		return h
	}
	square := orb.Bound{Min: orb.Point{at[0] - size, max(-90, at[1]-size)}, Max: orb.Point{at[0] + size, min(90, at[1]+size)}}.ToRing()
	return orb.Polygon{square, hole(-0.5, 0), hole(0.5, 0.5), hole(0.2, -0.5)}
}

// anything is a valid geometry somewhere.
func anything(r *rand.Rand, depth int) orb.Geometry {
	size := math.Exp(r.Float64()*9 - 6) // degrees
	at := orb.Point{(r.Float64()*2 - 1) * (180 - 1.2*size), (r.Float64()*2 - 1) * (89 - size)}
	walk := func() (l orb.LineString) {
		p := at
		for range 2 + r.IntN(40) {
			l = append(l, p)
			p = orb.Point{max(-180, min(180, p[0]+r.NormFloat64()*size/3)), max(-90, min(90, p[1]+r.NormFloat64()*size/3))}
		}
		return l
	}
	switch r.IntN(9) {
	case 0:
		return at
	case 1:
		return orb.MultiPoint{at, {at[0] + size/2, at[1]}, {at[0], at[1] + size/2}}
	case 2:
		return walk()
	case 3:
		return orb.MultiLineString{walk(), walk()}
	case 4, 5:
		return orb.Polygon{star(r, at, size, 3+r.IntN(60))}
	case 6:
		return withHoles(r, at, size)
	case 7:
		other := orb.Point{at[0] - math.Copysign(3*size, at[0]), at[1]}
		return orb.MultiPolygon{withHoles(r, at, size), {star(r, other, size/2, 20)}}
	}
	if depth > 1 {
		return at
	}
	return orb.Collection{anything(r, depth+1), anything(r, depth+1), anything(r, depth+1)}
}

func shapes(t testing.TB, all ...orb.Geometry) *geo.Index {
	t.Helper()
	var text []string
	for i, g := range all {
		b, err := json.Marshal(geojson.NewGeometry(g))
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, feature(i, string(b), fmt.Sprintf(`{"n":%d,"all":"same"}`, i)))
	}
	return readIndex(t, "", text...)
}

// check looks at a layer as a strict reader does.
func check(t *testing.T, what any, l *mvt.Layer, buffer float64) {
	t.Helper()
	for _, f := range l.Features {
		b := f.Geometry.Bound()
		if b.Min[0] < -buffer || b.Min[1] < -buffer || b.Max[0] > float64(l.Extent)+buffer || b.Max[1] > float64(l.Extent)+buffer {
			t.Errorf("%v: feature %v reaches from %v to %v", what, f.ID, b.Min, b.Max)
		}
		var polygons orb.MultiPolygon
		switch g := f.Geometry.(type) {
		case orb.LineString:
			checkLine(t, what, g)
		case orb.MultiLineString:
			for _, line := range g {
				checkLine(t, what, line)
			}
		case orb.Polygon:
			polygons = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			polygons = g
		}
		var all [][][]vertex
		for _, p := range polygons {
			var rings [][]vertex
			for _, ring := range p {
				var vs []vertex
				for _, p := range ring[:len(ring)-1] {
					vs = append(vs, vertex{int32(p[0]), int32(p[1])})
				}
				rings = append(rings, vs)
			}
			all = append(all, rings)
		}
		wantValid(t, what, all)
	}
}

func checkLine(t *testing.T, what any, line orb.LineString) {
	if len(line) < 2 {
		t.Errorf("%v: a line %v", what, line)
	}
	for i, p := range line {
		if i > 0 && p == line[i-1] {
			t.Errorf("%v: a line stays at %v", what, p)
		}
	}
}

// ownerOf is the tile that owns a slot.
func ownerOf(x *geo.Index, g *Grid, z int, slot uint32) Coord {
	p, _ := x.Anchor(slot)
	w := g.world(p)
	cols, rows := g.Size(z)
	return Coord{z, min(rows-1, int(w[1]*float64(rows))), min(cols-1, int(w[0]*float64(cols)))}
}

func TestTilesHoldEachShape(t *testing.T) {
	r := random(t)
	var all []orb.Geometry
	for range 250 {
		all = append(all, anything(r, 0))
	}
	x := shapes(t, all...)
	for _, g := range Grids()[:2] {
		for _, z := range []int{0, 1, 3, 5, 9} {
			tiles := make(map[Coord]bool)
			for slot := range uint32(x.Len()) {
				tiles[ownerOf(x, g, z, slot)] = true
			}
			features := 0
			for c := range tiles {
				tile := encode(t, g, c, Options{}, Layer{Name: "a", Index: x}, Layer{Name: "b", Kind: Outlines, Index: x})
				features += tile.Features
				layers := decode(t, tile.Data)
				here := make(map[float64]bool)
				if l := layers["a"]; l != nil {
					check(t, c, l, 64)
					for _, f := range l.Features {
						here[f.ID.(float64)] = true
					}
				}
				if l := layers["b"]; l != nil {
					check(t, c, l, 64)
					for _, f := range l.Features {
						if f.Geometry.Dimensions() != 1 {
							t.Errorf("an outline is a %s", f.Geometry.GeoJSONType())
						}
					}
				}
				for slot := range uint32(x.Len()) {
					if id := x.At(slot).ID().String(); ownerOf(x, g, z, slot) == c && !here[float64(FeatureID(id))] {
						t.Errorf("%s %v: %s is not there: %.300v", g.ID, c, id, x.Geometry(slot))
					}
				}
			}
			areas := 0
			for slot := range uint32(x.Len()) {
				if hasArea(x.Geometry(slot)) {
					areas++
				}
			}
			if features != x.Len()+areas {
				t.Errorf("%s level %d: %d features and %d outlines, told are %d", g.ID, z, x.Len(), areas, features)
			}
		}
	}
}

// The pieces of a polygon in all tiles of a zoom, without buffers, have its area.
func TestAreaIsKept(t *testing.T) {
	r := random(t)
	for range 20 {
		at := orb.Point{r.Float64()*100 - 50, r.Float64()*80 - 40}
		polygon := withHoles(r, at, 5+r.Float64()*30)
		x := shapes(t, polygon)
		g, z := Grids()[1], 4 // square degrees are all the same there
		got := 0.0
		eachTile(g, z, func(c Coord) {
			if l := decode(t, encode(t, g, c, Options{Buffer: -1}, Layer{Name: "a", Index: x}).Data)["a"]; l != nil {
				check(t, c, l, 0)
				for _, f := range l.Features {
					got += planar.Area(f.Geometry)
				}
			}
		})
		unit := g.Box(Coord{z, 0, 0})
		got *= math.Pow((unit.Max[0]-unit.Min[0])/4096, 2)
		if want := planar.Area(polygon); math.Abs(got-want) > 0.002*want {
			t.Errorf("pieces of %v have %v square degrees, want %v", polygon, got, want)
		}
	}
}

// Polygons that share borders fill a tile without gaps, at each zoom.
func TestSharedBorders(t *testing.T) {
	x, err := geo.Read(strings.NewReader(parcels(12)), geo.ReadOptions{Name: "parcels.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	g := Grids()[0]
	for z := 7; z < 15; z++ {
		w, n := geo.World(orb.Point{110, 30}), math.Exp2(float64(z))
		c := Coord{z, int(w[1] * n), int(w[0] * n)}
		l := decode(t, encode(t, g, c, Options{}, Layer{Name: "a", Index: x}).Data)["a"]
		check(t, c, l, 64)
		got := 0.0
		for _, f := range l.Features {
			got += planar.Area(f.Geometry)
		}
		if want := math.Pow(4096+2*64, 2); math.Abs(got-want) > 1e-4*want {
			t.Errorf("level %d: %d polygons cover %.2f %% of the tile", z, len(l.Features), 100*got/want)
		}
	}
}

// What lies across 180° is cut there in GeoJSON, and whole in the tiles on both sides.
func TestAcrossTheMeridian(t *testing.T) {
	x := shapes(t,
		orb.MultiPolygon{{orb.Bound{Min: orb.Point{170, -10}, Max: orb.Point{180, 10}}.ToRing()}, {orb.Bound{Min: orb.Point{-180, -10}, Max: orb.Point{-170, 10}}.ToRing()}},
		orb.MultiLineString{{{170, 20}, {180, 20}}, {{-180, 20}, {-170, 20}}},
		orb.MultiPoint{{-179.9, 30}, {179.9, 30}},
	)
	g := Grids()[0]
	for _, col := range []int{0, 7} {
		for row := 3; row <= 4; row++ {
			l := decode(t, encode(t, g, Coord{3, row, col}, Options{}, Layer{Name: "a", Index: x}).Data)["a"]
			check(t, col, l, 64)
			for _, f := range l.Features {
				b := f.Geometry.Bound()
				if (b.Min[0] < 0) != (col == 0) || (b.Max[0] > 4096) != (col == 7) {
					t.Errorf("column %d: %v reaches from %v to %v", col, f.ID, b.Min, b.Max)
				}
			}
		}
	}
}

// The poles are on the edge of Web Mercator.
func TestPoles(t *testing.T) {
	x := shapes(t,
		orb.Polygon{{{-180, -90}, {180, -90}, {180, -70}, {0, -65}, {-180, -70}, {-180, -90}}},
		orb.Polygon{{{0, 86}, {10, 86}, {10, 89}, {0, 89}, {0, 86}}},
		orb.LineString{{0, 80}, {0, 90}},
		orb.Point{0, -90},
	)
	for _, g := range Grids() {
		tile := encode(t, g, Coord{}, Options{}, Layer{Name: "a", Index: x})
		check(t, g.ID, decode(t, tile.Data)["a"], 64)
		if g.plate {
			continue
		}
		if tile.Features != 4 {
			t.Errorf("%s shows %d features, want 4", g.ID, tile.Features)
		}
	}
}

// Polygons too small to be seen are points, of which none is lost.
func TestTinyPolygons(t *testing.T) {
	r := random(t)
	var all []orb.Geometry
	for range 300 {
		all = append(all, orb.Polygon{star(r, orb.Point{r.Float64()*340 - 170, r.Float64()*160 - 80}, 1e-4, 8)})
	}
	x := shapes(t, all...)
	g, total := Grids()[0], 0
	eachTile(g, 2, func(c Coord) {
		tile := encode(t, g, c, Options{}, Layer{Name: "a", Index: x})
		total += tile.Features
		if l := decode(t, tile.Data)["a"]; l != nil {
			if n := len(homes(l)); n != len(l.Features) || n != tile.Features {
				t.Errorf("%v: %d points at home, of %d features, told are %d", c, n, len(l.Features), tile.Features)
			}
		}
	})
	if total != x.Len() {
		t.Errorf("%d points of %d polygons", total, x.Len())
	}
}

// A collection is a feature for each kind of part that it has.
func TestCollections(t *testing.T) {
	square := orb.Polygon{orb.Bound{Min: orb.Point{10, 10}, Max: orb.Point{40, 40}}.ToRing()}
	x := shapes(t, orb.Collection{orb.Point{0, 0}, square, orb.LineString{{0, 0}, {50, 50}}, orb.Point{5, 5}})
	tile := encode(t, Grids()[0], Coord{}, Options{}, Layer{Name: "a", Index: x})
	var got []string
	for _, f := range decode(t, tile.Data)["a"].Features {
		got = append(got, f.Geometry.GeoJSONType())
		if f.Properties["id"] != "0" {
			t.Errorf("a part has the properties %v", f.Properties)
		}
	}
	if strings.Join(got, " ") != "Polygon LineString MultiPoint" || tile.Features != 1 {
		t.Errorf("the parts are %v, features %d", got, tile.Features)
	}
}

// A feature that alone is too large leaves the room to others.
func TestLargeFeature(t *testing.T) {
	r := random(t)
	all := []orb.Geometry{orb.LineString{}}
	for range 2000 {
		all[0] = append(all[0].(orb.LineString), orb.Point{r.Float64()*360 - 180, r.Float64()*160 - 80})
	}
	for range 20 {
		all = append(all, orb.Point{r.Float64()*360 - 180, r.Float64()*160 - 80})
	}
	x := shapes(t, all...)
	tile := encode(t, Grids()[0], Coord{}, Options{MaxBytes: 2000}, Layer{Name: "a", Index: x})
	seen := make(map[any]bool)
	for _, f := range decode(t, tile.Data)["a"].Features {
		seen[f.Properties["n"]] = true
		if f.Properties["all"] != "same" {
			t.Errorf("a feature has the properties %v", f.Properties)
		}
	}
	if seen[0.0] || len(seen) != 20 || tile.Dropped != 1 {
		t.Errorf("what stays is %v, %d are left out", seen, tile.Dropped)
	}
}

// A tile that owns nothing says too that it leaves something out.
func TestOthersAreLeftOut(t *testing.T) {
	var all []orb.Geometry
	for i := range 20 {
		all = append(all, orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{100 + float64(i), 80}}.ToPolygon())
	}
	x := shapes(t, all...)
	g := Grids()[0]
	w, n := geo.World(orb.Point{10, 10}), math.Exp2(6)
	tile := encode(t, g, Coord{6, int(w[1] * n), int(w[0] * n)}, Options{MaxFeatures: 10}, Layer{Name: "a", Index: x})
	about := decode(t, tile.Data)["about"]
	if tile.Features != 0 || tile.Dropped != 0 || tile.Rule == "" || about == nil || about.Features[0].Properties["rule"] != tile.Rule {
		t.Errorf("the tile says %+v", tile)
	}
}

// Whatever the numbers are, a tile is made.
func FuzzEncode(f *testing.F) {
	f.Add(uint64(1), 3, 2, 5, 64)
	f.Fuzz(func(t *testing.T, seed uint64, z, row, col, buffer int) {
		r := rand.New(rand.NewPCG(seed, 0))
		var all []orb.Geometry
		for range 1 + r.IntN(5) {
			g := anything(r, 0)
			if r.IntN(2) == 0 { // degenerate: all in steps of 30 degrees
				g = coarse(g)
			}
			all = append(all, g)
		}
		x := shapes(t, all...)
		for _, g := range Grids() {
			c := Coord{z, row, col}
			if r.IntN(2) == 0 {
				c = ownerOf(x, g, r.IntN(g.Levels()), uint32(r.IntN(x.Len())))
			}
			tile, err := Encode(t.Context(), g, c, []Layer{{Name: "a", Index: x}, {Name: "b", Kind: Outlines, Index: x}}, Options{Buffer: buffer, MaxBytes: 2000})
			if err != nil {
				continue
			}
			for _, l := range decode(t, tile.Data) {
				check(t, c, l, max(64, float64(buffer)))
			}
		}
	})
}

// coarse draws positions together, which makes geometries that are not valid.
func coarse(g orb.Geometry) orb.Geometry {
	g = orb.Clone(g)
	round := func(points []orb.Point) {
		for i, p := range points {
			points[i] = orb.Point{math.Round(p[0]/30) * 30, math.Round(p[1]/30) * 30}
		}
	}
	var each func(orb.Geometry)
	each = func(g orb.Geometry) {
		switch g := g.(type) {
		case orb.MultiPoint:
			round(g)
		case orb.LineString:
			round(g)
		case orb.MultiLineString:
			for _, l := range g {
				round(l)
			}
		case orb.Polygon:
			for _, l := range g {
				round(l)
			}
		case orb.MultiPolygon:
			for _, p := range g {
				each(p)
			}
		case orb.Collection:
			for _, p := range g {
				each(p)
			}
		}
	}
	each(g)
	return g
}

// ending is a context that ends when it has been looked at so many times.
type ending struct {
	context.Context
	looks, over int
}

func (e *ending) Err() error {
	if e.looks--; e.looks >= 0 {
		return nil
	}
	e.over++
	return context.DeadlineExceeded
}

// One polygon of edges that all cross is work that ends when nobody waits for it.
func TestOnePolygonEndsWithItsContext(t *testing.T) {
	var ring []string
	const n = 301
	for i := range n { // a star: each edge leads to the other side
		sin, cos := math.Sincos(2 * math.Pi * float64(i) * float64(n/2) / n)
		ring = append(ring, fmt.Sprintf("[%.6f,%.6f]", 150*cos, 70*sin))
	}
	x := readIndex(t, "", `{"type":"Feature","id":1,"geometry":{"type":"Polygon","coordinates":[[`+strings.Join(append(ring, ring[0]), ",")+`]]},"properties":{}}`)
	g, _ := FindGrid("WebMercatorQuad")
	layers := []Layer{{Name: "features", Index: x}}
	opt := Options{MaxBytes: 50_000_000}
	const many = 1 << 30
	whole := &ending{Context: t.Context(), looks: many}
	want, err := Encode(whole, g, Coord{}, layers, opt)
	if err != nil || want.Features != 1 {
		t.Fatal(want, err)
	}
	whole.looks = many // now that the index has its simplified geometry
	if want, err = Encode(whole, g, Coord{}, layers, opt); err != nil {
		t.Fatal(err)
	}
	looks := many - whole.looks
	if looks < 20 {
		t.Errorf("the context is looked at %d times in all", looks)
	}
	for after := 0; after < looks; after += 1 + looks/10 {
		ctx := &ending{Context: t.Context(), looks: after}
		if got, err := Encode(ctx, g, Coord{}, layers, opt); !errors.Is(err, context.DeadlineExceeded) || got != nil {
			t.Fatalf("ended after %d looks of %d: %v, %v", after, looks, got, err)
		}
		if ctx.over > 4 {
			t.Errorf("ended after %d looks, it is looked at %d times more", after, ctx.over)
		}
	}
	got, err := Encode(t.Context(), g, Coord{}, layers, opt) // with the scratch of those that ended
	if err != nil || !bytes.Equal(got.Data, want.Data) {
		t.Errorf("afterwards it is another tile: %v", err)
	}
}
