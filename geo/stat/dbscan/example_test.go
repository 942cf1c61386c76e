package dbscan_test

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"clustermap/geo/stat/dbscan"
)

// Places on both sides of 180 degrees are a cluster; one far away is in none.
func ExampleDBSCAN() {
	points := []orb.Point{{179.99, 0}, {-179.99, 0}, {180, 0.01}, {150, 40}}
	found, err := dbscan.DBSCAN(context.Background(), points, dbscan.Question{Eps: 3000, MinPoints: 3}, dbscan.Work{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.N, found.Labels)
	// Output: 1 [0 0 0 -1]
}
