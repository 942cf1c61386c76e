package cql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"clustermap/geo"
)

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

// comb is the positions of n edges up and down across the world.
func comb(n int, south, north float64) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%.6g %g", -170+340*float64(i)/float64(n), []float64{south, north}[i%2])
	}
	return out
}

func coordinates(positions []string) string {
	return "[[" + strings.ReplaceAll(strings.Join(positions, "],["), " ", ",") + "]]"
}

// A search ends soon after its context does, also within one relation of two
// shapes or one distance: each of these would take long.
func TestLongRelationsEnd(t *testing.T) {
	line := coordinates(comb(60_000, -80, 80))
	ring := append(comb(10_000, -80, 80), "170 -85", "-170 -85", "-170 -80")
	x := index(t, collection(
		feature("line", `{"type":"LineString","coordinates":`+line+`}`),
		feature("area", `{"type":"Polygon","coordinates":[`+coordinates(ring)+`]}`),
		feature("points", `{"type":"MultiPoint","coordinates":`+line+`}`),
	))
	own := "LINESTRING(" + strings.Join(comb(2000, -80, 79.5), ",") + ")"
	area := "POLYGON((" + strings.Join(append(comb(2000, -80, 79.5), "170 -84", "-170 -84", "-170 -80"), ",") + "))"
	wide := make([]string, 3000)
	for i := range wide {
		wide[i] = fmt.Sprintf("%d %.4g", 360*(i%2)-180, -80+float64(i)/20)
	}
	for _, filter := range []string{
		"S_CROSSES(geometry, " + own + ")",
		"S_OVERLAPS(geometry, " + area + ")",
		"S_TOUCHES(" + area + ", geometry)",
		"distance(geometry, LINESTRING(" + strings.Join(wide, ",") + ")) > 100",
		"S_CROSSES(" + own + ", " + area + ")",
	} {
		f, err := compile(t, x, filter)
		if err != nil {
			t.Fatalf("%.40s: %v", filter, err)
		}
		for _, looks := range []int{0, 5, 50} {
			ctx := &ending{Context: context.Background(), looks: looks}
			_, err := x.Search(ctx, geo.Query{Filter: f, Limit: 10})
			if !errors.Is(err, context.DeadlineExceeded) || ctx.over > 100 {
				t.Errorf("%.40s: %v, looked %d times more", filter, err, ctx.over)
			}
		}
	}
}
