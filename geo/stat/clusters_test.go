package stat

import (
	"context"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/stat/dbscan"
)

// refused fails unless a parameter is an error that names it.
func refused(t *testing.T, x *geo.Index, method, name, value string) {
	t.Helper()
	_, err := ask(t, x, method, name, value)
	if e, ok := err.(*geo.InvalidError); !ok || e.Field != name {
		t.Errorf("%s: %s=%s: %v", method, name, value, err)
	}
}

func TestClustersOfTheAtlas(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	var points []orb.Point
	for slot := range uint32(x.Len()) {
		if p, ok := x.Anchor(slot); ok {
			points = append(points, p)
		}
	}
	want, err := dbscan.DBSCAN(context.Background(), points, dbscan.Question{Eps: 60e3, MinPoints: 6}, dbscan.Work{})
	if err != nil {
		t.Fatal(err)
	}
	a, r := in(t, x, env, "dbscan", "eps_km", "60", "min_points", "6")
	labels := r["labels"].([]any)
	if a.N != len(points) || len(labels) != len(points) || number(t, r, "clusters") != float64(want.N) {
		t.Fatalf("n is %d, of %d labels, %v clusters; want %d", a.N, len(labels), r["clusters"], want.N)
	}
	noise := 0
	for i, l := range labels {
		switch got := at(t, l, "label"); {
		case want.Labels[i] == dbscan.Noise:
			noise++
			if got != nil {
				t.Errorf("point %d of none is in %v", i, got)
			}
		case got != float64(want.Labels[i]+1):
			t.Errorf("point %d is in %v, want %d", i, got, want.Labels[i]+1)
		}
	}
	if number(t, r, "noise") != float64(noise) {
		t.Errorf("%v are in none, want %d", r["noise"], noise)
	}
	for _, params := range [][]string{{"dbscan"}, {"dbscan", "hull", "alpha"}, {"hdbscan"}, {"hdbscan", "hull", "alpha", "selection", "leaf"}} {
		a, r := in(t, x, env, params[0], params[1:]...)
		count := number(t, r, "noise")
		for _, g := range r["groups"].([]any) {
			count += number(t, g, "count")
		}
		if int(count) != a.N || len(a.Rows) != int(number(t, r, "clusters")) || len(a.Rows) < 5 {
			t.Errorf("%v: %v features in clusters or none, of %d; %d rows", params, count, a.N, len(a.Rows))
		}
		for _, row := range a.Rows {
			validShape(t, params[0]+" "+row.ID, row.Geometry)
		}
	}
}

// Two groups of six and one alone, where the default distance is that of neighbours.
func TestClustersByHand(t *testing.T) {
	var points []orb.Point
	for i := range 6 {
		points = append(points, orb.Point{179.98 + 0.01*float64(i%3), 0.01 * float64(i/3)}, orb.Point{20, 89.99 + 0.001*float64(i)})
	}
	for i := range points {
		points[i][0] = math.Remainder(points[i][0], 360)
	}
	x := load(t, features(append(points, orb.Point{50, -60})...))
	for _, method := range []string{"dbscan", "hdbscan"} {
		a, r := in(t, x, Env{}, method, "measure", "sum(w)", "min_points", "5")
		if number(t, r, "clusters") != 2 || number(t, r, "noise") != 1 || number(t, r, "groups.0.count") != 6 {
			t.Errorf("%s: %s", method, a.Result(false))
		}
		if got := number(t, r, "groups.0.center.lon"); math.Abs(got-179.99) > 1e-3 {
			t.Errorf("%s: the centre is at %g", method, got)
		}
		if parts, ok := a.Rows[0].Geometry.(orb.Polygon); !ok || len(parts) != 1 {
			t.Errorf("%s: the hull is %v", method, a.Rows[0].Geometry)
		}
		if got := at(t, r, "labels.4.label"); got != nil {
			t.Errorf("%s: the last is in %v", method, got)
		}
	}
	_, r := in(t, x, Env{}, "dbscan", "output", "points", "eps_km", "2")
	if at(t, r, "labels.1.core") != true || at(t, r, "labels.4.core") != false {
		t.Errorf("core points: %v", r["labels"])
	}
}
