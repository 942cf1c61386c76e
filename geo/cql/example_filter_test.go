package cql_test

import (
	"context"
	"fmt"
	"strings"

	"clustermap/geo"
	"clustermap/geo/cql"
)

func ExampleCompile() {
	const text = `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"guzhen","geometry":{"type":"Point","coordinates":[113.19,22.61]},"properties":{"name":"Guzhen lighting","firms":3000}},
		{"type":"Feature","id":"shengze","geometry":{"type":"Point","coordinates":[120.65,30.92]},"properties":{"name":"Shengze silk","firms":2500}}
	]}`
	towns, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "towns.geojson"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range []string{
		"firms >= 1000 AND S_INTERSECTS(geometry, BBOX(112, 21.5, 115.5, 24))",
		"firms = 'many'",
	} {
		tree, err := cql.ParseText(s)
		if err != nil {
			fmt.Println(err)
			continue
		}
		filter, err := cql.Compile(tree, towns.Schema(), cql.Options{})
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, err := towns.Search(context.Background(), geo.Query{Filter: filter})
		if err != nil {
			fmt.Println(err)
			continue
		}
		for _, f := range found.Features {
			fmt.Println(f.ID())
		}
	}
	// Output:
	// guzhen
	// filter: character 9: found the text 'many', expected a number, for firms is an integer
}
