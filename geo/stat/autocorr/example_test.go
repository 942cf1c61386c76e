package autocorr_test

import (
	"context"
	"fmt"

	"clustermap/geo/stat/autocorr"
)

// Eight places in a row, of which the first three are high.
func ExampleGStar() {
	w, err := autocorr.Neighbours([][]int{{1}, {0, 2}, {1, 3}, {2, 4}, {3, 5}, {4, 6}, {5, 7}, {6}})
	if err != nil {
		fmt.Println(err)
		return
	}
	hot, err := autocorr.GStar(context.Background(), w, []float64{9, 8, 9, 1, 0, 1, 0, 1}, autocorr.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, u := range hot.Units {
		fmt.Printf("%d: z = %.2f\n", i, u.Z)
	}
	// Output:
	// 0: z = 1.89
	// 1: z = 2.63
	// 2: z = 1.24
	// 3: z = -0.15
	// 4: z = -1.54
	// 5: z = -1.71
	// 6: z = -1.54
	// 7: z = -1.21
}
