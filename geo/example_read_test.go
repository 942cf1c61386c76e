package geo_test

import (
	"fmt"
	"strings"

	"clustermap/geo"
)

func ExampleRead() {
	const text = `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"guzhen","geometry":{"type":"Point","coordinates":[113.19,22.61]},"properties":{"name":"Guzhen lighting","firms":3000}},
		{"type":"Feature","id":"shengze","geometry":{"type":"Point","coordinates":[120.65,30.92]},"properties":{"name":"Shengze silk","firms":null}}
	]}`
	index, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "towns.geojson"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range index.Schema().Properties {
		fmt.Println(p.Name, p.Type, p.Nullable)
	}
	fmt.Println(index.Extent().Box)
	// Output:
	// name string false
	// firms integer true
	// {[113.19 22.61] [120.65 30.92]}
}

// A file with a fault is refused whole, with the place of each fault.
func ExampleRead_faults() {
	const text = `{"type":"FeatureCollection","features":[
{"type":"Feature","geometry":{"type":"Point","coordinates":[22.61,113.19]},"properties":{}},
{"type":"Feature","geometry":{"type":"Point","coordinates":[]},"properties":{}}
]}`
	_, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "towns.geojson"})
	fmt.Println(err)
	// Output:
	// towns.geojson:2: feature 1: geometry: latitude 113.19 is outside -90..90; a position is longitude first: are the axes swapped?
	// towns.geojson:3: feature 2: geometry: a position must not be empty; write null where there is no geometry
}
