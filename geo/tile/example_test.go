package tile_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"clustermap/geo"
	"clustermap/geo/tile"
)

func ExampleEncode() {
	index, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"shengze","geometry":{"type":"Point","coordinates":[120.65,30.9]},"properties":{"trade":"silk"}},
		{"type":"Feature","id":"datang","geometry":{"type":"Point","coordinates":[120.2,29.6]},"properties":{"trade":"socks"}}]}`), geo.ReadOptions{Name: "towns.geojson"})
	if err != nil {
		log.Fatal(err)
	}
	grid, _ := tile.FindGrid("WebMercatorQuad")
	t, err := tile.Encode(context.Background(), grid, tile.Coord{Z: 5, Row: 13, Col: 26}, []tile.Layer{{Name: "towns", Index: index}}, tile.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Features, "features,", t.Dropped, "left out,", len(t.Data), "bytes")
	// Output: 2 features, 0 left out, 115 bytes
}
