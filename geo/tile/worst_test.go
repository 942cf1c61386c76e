package tile

import (
	"testing"

	"clustermap/geo"
)

func TestBusiest(t *testing.T) {
	r := random(t)
	x := scattered(t, r, 500)
	for _, g := range Grids() {
		l := &Layer{Index: x}
		keys := tileKeys(g, l)
		for _, z := range []int{0, 1, 2, 5, 11, 17} {
			count, most := make(map[Coord]int), 0
			for slot := range uint32(x.Len()) {
				c := ownerOf(x, g, z, slot)
				count[c]++
				most = max(most, count[c])
			}
			if c, n := busiest(g, z, keys); n != most || count[c] != most {
				t.Errorf("%s level %d: %v has %d, told are %d; the most is %d", g.ID, z, c, count[c], n, most)
			}
		}
	}
}

func TestWorst(t *testing.T) {
	x := scattered(t, random(t), 500)
	for _, g := range Grids() {
		c, dropped, err := Worst(t.Context(), g, []Layer{{Name: "a", Index: x}}, Options{MaxFeatures: 100})
		if tile := encode(t, g, c, Options{MaxFeatures: 100}, Layer{Name: "a", Index: x}); err != nil || c.Z != 0 || dropped < 100 || tile.Dropped != dropped {
			t.Errorf("%s: %v leaves out %d, told are %d (%v)", g.ID, c, tile.Dropped, dropped, err)
		}
		if _, dropped, err = Worst(t.Context(), g, []Layer{{Name: "a", Index: x}}, Options{}); dropped != 0 || err != nil {
			t.Errorf("%s: %d are left out of a tile with room for all (%v)", g.ID, dropped, err)
		}
		if _, dropped, err = Worst(t.Context(), g, []Layer{{Name: "a", Index: new(geo.Index)}}, Options{}); dropped != 0 || err != nil {
			t.Errorf("%s: %d of nothing are left out (%v)", g.ID, dropped, err)
		}
	}
}

// Layers share the room of a tile, so each alone may fit where both do not.
func TestWorstOfSeveralLayers(t *testing.T) {
	r := random(t)
	layers := []Layer{{Name: "a", Index: scattered(t, r, 90)}, {Name: "b", Index: scattered(t, r, 90)}, {Name: "c"}}
	layers[2].Index = layers[0].Index
	g := Grids()[0]
	opt := Options{MaxFeatures: 100}
	c, dropped, err := Worst(t.Context(), g, layers, opt)
	if tile := encode(t, g, c, opt, layers...); err != nil || dropped < 100 || tile.Dropped != dropped {
		t.Errorf("%v leaves out %d, told are %d (%v)", c, tile.Dropped, dropped, err)
	}
}
