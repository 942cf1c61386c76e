package stat

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// validShape fails unless a geometry is valid and winds as RFC 7946 has it.
func validShape(t *testing.T, what string, g orb.Geometry) {
	t.Helper()
	var polygons []orb.Polygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = append(polygons, g)
	case orb.MultiPolygon:
		polygons = g
	case orb.Point, orb.LineString:
		return
	default:
		t.Fatalf("%s has the geometry %T", what, g)
	}
	var all []geom.Polygon
	for _, p := range polygons {
		for i, ring := range p {
			if (i == 0) != (ring.Orientation() == orb.CCW) {
				t.Errorf("%s: ring %d of %d winds the wrong way", what, i, len(p))
			}
			for k, c := range ring {
				if c[0] < -180 || c[0] > 180 || c[1] < -90 || c[1] > 90 {
					t.Fatalf("%s has the position %v", what, c)
				}
				if k > 0 && math.Abs(c[0]-ring[k-1][0]) > 180 && math.Abs(c[1]) != 90 {
					t.Errorf("%s jumps from %v to %v", what, ring[k-1], c)
				}
			}
		}
		all = append(all, simple(p).MustAsPolygon())
	}
	if err := geom.NewMultiPolygon(all).Validate(); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// groundOf is the area of a geometry in km2, of authalic latitudes, by many small steps
// along its sides.
func groundOf(g orb.Geometry) float64 {
	polygons, ok := g.(orb.MultiPolygon)
	if p, one := g.(orb.Polygon); one {
		polygons, ok = orb.MultiPolygon{p}, true
	}
	if !ok {
		return math.NaN()
	}
	sum := 0.0
	for _, p := range polygons {
		for _, ring := range p {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				for k := range 16 {
					lat := (a[1] + (b[1]-a[1])*(float64(k)+0.5)/16) * math.Pi / 180
					sum -= math.Sin(lat-0.00223921*math.Sin(2*lat)) * (b[0] - a[0]) / 16 * math.Pi / 180
				}
			}
		}
	}
	return sum * 6371.0072 * 6371.0072
}

func TestKernelDensityOfTheAtlas(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	for _, params := range [][]string{
		nil, {"kernel", "gaussian", "bandwidth_km", "60"}, {"adaptive", "true", "levels", "95%,20%"}, {"bandwidth_km", "30", "levels", "5,1,0.2"}, {"cells", "16"},
	} {
		a, r := in(t, x, env, "kernel-density", params...)
		share, last := 0.0, 0.0
		bands := r["bands"].([]any)
		if len(bands) == 0 || len(bands) != len(a.Rows) {
			t.Fatalf("%v: %d bands, %d rows", params, len(bands), len(a.Rows))
		}
		for i, b := range bands {
			from, to, area := number(t, b, "from"), number(t, b, "to"), number(t, b, "area_km2")
			if from < last || to <= from || area <= 0 {
				t.Errorf("%v: the bands are %v", params, bands)
			}
			share, last = share+number(t, b, "share"), to
			validShape(t, strings.Join(params, " "), a.Rows[i].Geometry)
			// The area told is that on the ground, about.
			if got := groundOf(a.Rows[i].Geometry); math.Abs(got-area) > 0.02*area {
				t.Errorf("%v: band %d covers %v km2, %v are told", params, i, got, area)
			}
		}
		if share > 1.0005 || last != number(t, r, "grid.max") {
			t.Errorf("%v: the bands hold %v of all, up to %v", params, share, last)
		}
		if params == nil && math.Abs(share-0.9) > 0.005 {
			t.Errorf("the bands hold %v of all", share)
		}
	}
}

func TestKernelDensityAtPointsAndOnAGrid(t *testing.T) {
	x := load(t, features(orb.Point{120, 30}, orb.Point{120, 30}, orb.Point{110, 30}))
	a, r := in(t, x, Env{}, "kernel-density", "output", "points", "bandwidth_km", "100", "measure", "sum(w)")
	top := 3 / (math.Pi * 1e4) * 1000 // of a weight of 1, per 1,000 km2
	for i, want := range []float64{3 * top, 3 * top, 3 * top} {
		point := r["points"].([]any)[i]
		if got := number(t, point, "density"); math.Abs(got-want) > 1e-9*want || a.Rows[i].Geometry.(orb.Point) == (orb.Point{}) {
			t.Errorf("the density at %d is %v, want %v", i, got, want)
		}
	}
	if got := number(t, r, "effective_n"); math.Abs(got-36.0/14) > 1e-12 {
		t.Errorf("the effective n is %v, want 36/14", got)
	}
	a, r = in(t, x, Env{}, "kernel-density", "output", "grid", "bandwidth_km", "100", "cells", "64")
	sum, rows := 0.0, r["grid"].(map[string]any)["values"].([]any)
	for _, row := range rows {
		for _, v := range row.([]any) {
			sum += v.(float64) / 1000 * math.Pow(number(t, r, "grid.cell_km"), 2)
		}
	}
	if math.Abs(sum-3) > 0.05 || len(rows) != int(number(t, r, "grid.height")) || len(a.Rows) == 0 {
		t.Errorf("the grid adds up to %v in %d rows, want 3", sum, len(rows))
	}
	for _, row := range a.Rows {
		validShape(t, row.ID, row.Geometry)
	}
	if strings.Contains(string(a.Result(true)), "values") {
		t.Error("the head of the features has the grid")
	}
}

// Density at the edges of the map is density: bands across 180 degrees are cut there, and
// go round a pole. A turn about the pole changes no figure.
func TestKernelDensityAnywhere(t *testing.T) {
	cross := func(lon, lat float64) string {
		var points []orb.Point
		for i := range 40 {
			sin, cos := math.Sincos(float64(i) * 2.4)
			y := max(-89.9, min(89.9, lat+float64(i)/20*sin))
			points = append(points, orb.Point{math.Remainder(lon+float64(i)/20*cos/math.Cos(y*math.Pi/180), 360), y})
		}
		return features(points...)
	}
	_, want := in(t, load(t, cross(100, 10)), Env{}, "kernel-density", "levels", "90%,50%")
	for _, c := range []struct{ lon, lat float64 }{{180, 10}, {-179.3, 10}, {178.9, 10}, {50, 89.5}, {50, -89.5}, {180, 85}} {
		a, got := in(t, load(t, cross(c.lon, c.lat)), Env{}, "kernel-density", "levels", "90%,50%")
		for _, row := range a.Rows {
			validShape(t, row.ID, row.Geometry)
			if area := groundOf(row.Geometry); math.Abs(area-float64(row.Cells[2].(Number))) > 0.02*area {
				t.Errorf("%v: band %s covers %v km2, %v are told", c, row.ID, area, row.Cells[2])
			}
		}
		if c.lat != 10 {
			continue
		}
		if d := turned("", want["bands"], got["bands"], c.lon-100); d != nil {
			t.Errorf("at %g: %v", c.lon, d)
		}
	}
}

var everyDensity = [][]string{
	{"kernel-density"}, {"kernel-density", "kernel", "gaussian"}, {"kernel-density", "adaptive", "true"}, {"kernel-density", "bandwidth_km", "10"},
	{"kernel-density", "bandwidth_km", "silverman", "output", "points"}, {"kernel-density", "bandwidth_km", "10", "output", "grid"},
	{"kernel-density", "bandwidth_km", "0.001"}, {"kernel-density", "bandwidth_km", "2e4"},
	{"dbscan"}, {"dbscan", "eps_km", "1e-9"}, {"dbscan", "eps_km", "20040", "hull", "alpha"}, {"dbscan", "min_points", "1"}, {"dbscan", "output", "points"}, {"dbscan", "hull", "alpha", "min_points", "1"},
	{"hdbscan"}, {"hdbscan", "min_cluster_size", "2", "min_points", "1"}, {"hdbscan", "selection", "leaf", "output", "points"}, {"hdbscan", "hull", "alpha"},
}

// Collections of any kind have an answer, and one that can be written.
func TestDensitiesOfAnything(t *testing.T) {
	place := orb.Point{120, 30}
	far := []orb.Point{{0, 0}, {90, 0}, {180, 0}, {-90, 0}, {0, 90}, {0, -90}}
	for name, x := range map[string]string{
		"none": `{"type":"Feature","id":"a","geometry":null,"properties":{"w":1}}`,
		"one":  features(place), "two": features(place, orb.Point{121, 30}), "all at one place": features(slices.Repeat([]orb.Point{place}, 30)...),
		"a line": features(place, orb.Point{120, 31}, orb.Point{120, 32}, orb.Point{120, 33}, orb.Point{120, 34}, orb.Point{120, 35}), "all over the world": features(far...),
		"nothing weighs": strings.ReplaceAll(features(place, orb.Point{121, 30}), `"w":1`, `"w":0`),
	} {
		index := load(t, x)
		for _, q := range everyDensity {
			for _, measure := range []string{"count", "sum(w)"} {
				a, err := ask(t, index, q[0], append(slices.Clone(q[1:]), "measure", measure)...)
				if err != nil {
					t.Errorf("%s, %v: %v", name, q, err)
					continue
				}
				if name == "none" && len(a.Warnings) == 0 {
					t.Errorf("%s, %v: no warning", name, q)
				}
				for _, row := range a.Rows {
					if row.Geometry != nil {
						validShape(t, name+" "+strings.Join(q, " "), row.Geometry)
					}
				}
			}
		}
	}
}

func TestDensityParametersThatMakeNoSense(t *testing.T) {
	x := load(t, three)
	for _, c := range [][3]string{
		{"kernel-density", "bandwidth_km", "0"}, {"kernel-density", "bandwidth_km", "-5"}, {"kernel-density", "bandwidth_km", "wide"}, {"kernel-density", "bandwidth_km", "NaN"},
		{"kernel-density", "kernel", "cubic"}, {"kernel-density", "levels", "a"}, {"kernel-density", "levels", "120%"}, {"kernel-density", "levels", "0"}, {"kernel-density", "cells", "5000"},
		{"dbscan", "eps_km", "0"}, {"dbscan", "eps_km", "-1"}, {"dbscan", "eps_km", "1e6"}, {"dbscan", "min_points", "0"}, {"dbscan", "hull", "round"},
		{"hdbscan", "min_cluster_size", "1"}, {"hdbscan", "min_points", "0"}, {"hdbscan", "selection", "all"}, {"dbscan", "alpha_km", "0"},
	} {
		refused(t, x, c[0], c[1], c[2])
	}
}
