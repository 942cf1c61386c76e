package kernel_test

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo/stat/kernel"
)

// The hill of one point that weighs 1,000, 10 km wide, and the area that holds half of it.
func ExampleDensity_Grid() {
	ctx := context.Background()
	d, err := kernel.New(ctx, kernel.Question{Points: []orb.Point{{0, 0}}, Weights: []float64{1000}, Bandwidth: 10_000}, kernel.Work{})
	if err != nil {
		fmt.Println(err)
		return
	}
	grid, err := d.Grid(ctx, d.Bound(), 200, 200, kernel.Work{})
	if err != nil {
		fmt.Println(err)
		return
	}
	bands := grid.Bands([]float64{grid.LevelOf(0.5)})
	fmt.Printf("top %.2f per km2, radius of half %.1f km\n", grid.Max()*1e6, math.Sqrt(bands[0].Ground/math.Pi)/1000)
	// Output: top 9.55 per km2, radius of half 4.5 km
}
