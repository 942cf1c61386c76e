package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"clustermap/geo"
	"clustermap/server"
)

// A server answers for the collections of an atlas.
func Example() {
	const text = `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"shengze","geometry":{"type":"Point","coordinates":[120.65,30.91]},"properties":{"name":"盛泽"}}]}`
	index, err := geo.Read(strings.NewReader(text), geo.ReadOptions{Name: "towns"})
	if err != nil {
		fmt.Println(err)
		return
	}
	state, err := geo.NewState(&geo.Collection{ID: "towns", Source: index})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := server.New(server.Config{Atlas: geo.NewAtlas(state), BaseURL: "https://maps.example/atlas"})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/collections/towns/items/shengze", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Println(strings.SplitAfter(string(body), `"rel":"self"`)[0])
	// Output:
	// 200 application/geo+json
	// {"type":"Feature","id":"shengze","geometry":{"type":"Point","coordinates":[120.65,30.91]},"properties":{"name":"盛泽"},"links":[{"href":"https://maps.example/atlas/collections/towns/items/shengze?f=json","rel":"self"
}
