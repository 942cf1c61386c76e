package main

import (
	"encoding/json"
	"math"
	"slices"
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

// The units below each province cover it without overlap, and so do the counties
// below each unit.
func TestDivisionsTile(t *testing.T) {
	areas := map[string]float64{} // of provinces and units
	cover := map[string]float64{} // of these by what lies in them
	var units, counties []owned
	provinces := 0
	for i, f := range read(t, "divisions.geojson") {
		var p struct{ Level, Outline string }
		if err := json.Unmarshal(f.Properties, &p); err != nil {
			t.Fatal(err)
		}
		if p.Outline == "none" {
			if string(f.Geometry) != "null" {
				t.Errorf("%s has an outline and says none", f.ID)
			}
			continue
		}
		g := outline(t, f)
		province := f.ID[:2] + "0000"
		switch {
		case p.Level == "province":
			provinces++
			areas[f.ID] = g.Area()
		case p.Level == "prefecture" || f.ID[2:4] == "90":
			areas[f.ID] = g.Area()
			cover[province] += g.Area()
			units = appendRings(units, g, i)
		case slices.Contains(undivided, f.ID[:2]):
			cover[province] += g.Area()
			counties = appendRings(counties, g, i)
		default:
			cover[f.ID[:4]+"00"] += g.Area()
			counties = appendRings(counties, g, i)
		}
	}
	if provinces != 34 {
		t.Errorf("%d provinces, want 34", provinces)
	}
	for level, all := range map[string][]owned{"units": units, "counties": counties} {
		topo, err := newTopology(all)
		if err != nil {
			t.Fatal(err)
		}
		// Where a border of counties meets an outline that was simplified before,
		// rounding may let it stick out by a unit, some 10 m.
		rounded := map[string]int{"counties": 10}[level]
		if bad := topo.crossings(); len(bad) > rounded {
			t.Errorf("%d borders of %s cross", len(bad), level)
		}
	}
	for code, sum := range cover {
		// Islets are left out of each outline on its own measure.
		if whole := areas[code]; math.Abs(sum-whole) > 0.01*whole {
			t.Errorf("what lies in %s covers %.4f of it", code, sum/whole)
		}
	}
	for code := range areas {
		if _, ok := cover[code]; !ok && strings.HasSuffix(code, "0000") && !slices.Contains([]string{"71", "81", "82"}, code[:2]) {
			t.Errorf("nothing lies in %s", code)
		}
	}
}

// undivided are the municipalities, which have counties and no prefectures.
var undivided = []string{"11", "12", "31", "50"}

func appendRings(all []owned, g geom.Geometry, owner int) []owned {
	for _, r := range rings(g) {
		all = append(all, owned{r, owner})
	}
	return all
}
