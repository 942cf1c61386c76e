package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// Bands, cells and hulls of points anywhere, also across 180 degrees and about the poles,
// are valid and cover the ground that is told.
func TestShapesAnywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	lons, lats := []float64{180, -180, 170, 0}, []float64{0, 60, 88, 89.9, -89, -75, 45}
	for round := range 28 {
		lon, lat, spread := lons[round%4], lats[round%7], math.Pow(10, r.Float64()*3-1.5)
		var points []orb.Point
		for range 5 + r.IntN(200) {
			y := lat + spread*r.NormFloat64()
			x := lon + spread*r.NormFloat64()/math.Max(0.01, math.Abs(math.Cos(y*math.Pi/180)))
			if math.Abs(y) > 90 {
				y = math.Copysign(180, y) - y
			}
			points = append(points, orb.Point{math.Remainder(x, 360), y})
		}
		x := load(t, features(points...))
		for _, q := range [][]string{
			{"kernel-density"}, {"kernel-density", "bandwidth_km", fmt.Sprint(spread * 5)}, {"kernel-density", "adaptive", "true"}, {"kernel-density", "output", "grid", "cells", "20"},
			{"dbscan"}, {"dbscan", "hull", "alpha"}, {"hdbscan", "min_cluster_size", "4"}, {"hdbscan", "hull", "alpha"},
		} {
			what := fmt.Sprintf("%v about %g, %g within %g: %s", q, lon, lat, spread, strings.Join(q, " "))
			a, _ := in(t, x, Env{}, q[0], q[1:]...)
			for _, row := range a.Rows {
				validShape(t, what, row.Geometry)
				ground := len(row.Cells) - 1 // of clusters
				if q[0] == "kernel-density" {
					ground = 2
				}
				want := float64(0)
				if len(row.Cells) > 3 {
					want = float64(row.Cells[ground].(Number))
				}
				if got := groundOf(row.Geometry); want > 0 && math.Abs(got-want) > 0.04*want+1e-6 {
					t.Errorf("%s: row %s covers %v km2, %v are told", what, row.ID, got, want)
				}
			}
		}
	}
}
