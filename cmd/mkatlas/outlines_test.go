package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/peterstace/simplefeatures/geom"
)

// outline reads a feature's geometry and checks that it is valid: no crossing
// rings, holes inside, parts apart.
func outline(t *testing.T, f feature) geom.Geometry {
	t.Helper()
	g, err := geom.UnmarshalGeoJSON(f.Geometry)
	if err != nil {
		t.Fatalf("%s: %v", f.ID, err)
	}
	return g
}

func read(t *testing.T, name string) []feature {
	t.Helper()
	features, err := readCollection(here.atlas, name)
	if err != nil {
		t.Fatal(err)
	}
	return features
}

// The outlines of regions have no holes, and no specks of land where there is no
// island: every part is on its own shore or is the main part.
func TestRegionOutlines(t *testing.T) {
	for _, f := range read(t, "regions.geojson") {
		largest, sum := 0.0, 0.0
		for _, part := range outline(t, f).Dump() {
			p := part.MustAsPolygon()
			if n := p.NumInteriorRings(); n > 0 {
				t.Errorf("%s: a part has %d holes", f.ID, n)
			}
			largest, sum = max(largest, p.Area()), sum+p.Area()
		}
		if largest < 0.55*sum {
			t.Errorf("%s: the largest part is %.0f %% of the whole", f.ID, 100*largest/sum)
		}
	}
}

// The units below each province cover it without overlap.
func TestDivisionsTile(t *testing.T) {
	provinces := map[string]float64{}
	units := map[string]float64{}
	var all []owned
	for i, f := range read(t, "divisions.geojson") {
		var p struct{ Level string }
		if err := json.Unmarshal(f.Properties, &p); err != nil {
			t.Fatal(err)
		}
		g := outline(t, f)
		if p.Level == "province" {
			provinces[f.ID[:2]] = g.Area()
			continue
		}
		units[f.ID[:2]] += g.Area()
		for _, r := range rings(g) {
			all = append(all, owned{r, i})
		}
	}
	if len(provinces) != 34 {
		t.Errorf("%d provinces, want 34", len(provinces))
	}
	topo, err := newTopology(all)
	if err != nil {
		t.Fatal(err)
	}
	if bad := topo.crossings(); len(bad) > 0 {
		t.Errorf("%d borders of divisions cross", len(bad))
	}
	for code, sum := range units {
		// Islets are left out of each outline on its own measure.
		if whole := provinces[code]; math.Abs(sum-whole) > 0.003*whole {
			t.Errorf("the units of %s cover %.4f of it", code, sum/whole)
		}
	}
	for code := range provinces {
		if _, ok := units[code]; !ok && !strings.Contains("11 12 31 50 71 81 82", code) {
			t.Errorf("province %s has no units", code)
		}
	}
}
