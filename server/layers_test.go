package server

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

func someState(t *testing.T, name string) *geo.State {
	t.Helper()
	x, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[113,23]},"properties":{"name":"`+name+`"}},
		{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[120,30]},"properties":{"name":"b"}}]}`), geo.ReadOptions{Name: "some.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(&geo.Collection{ID: "some", Source: x})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func layersServer(t *testing.T, state *geo.State) *Server {
	t.Helper()
	s, err := New(Config{Atlas: geo.NewAtlas(state)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLayersAreSharedAndPrepared(t *testing.T) {
	state := someState(t, "a")
	s := layersServer(t, state)
	c, _ := state.Collection("some")
	query := geo.Query{Match: []geo.Match{matchOf(t, c, "b")}}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			l, err := s.layerOf(t.Context(), c, query, "name=b", 60)
			if err != nil || l.pyramid.Len() != 1 || l.set.Len() != 1 {
				t.Errorf("%v, %v", l, err)
			}
		})
	}
	all.Wait()
	if n := s.layers.statistics().misses; n != 1 {
		t.Errorf("the layer was built %d times", n)
	}
	if err := s.Publish(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	before := s.layers.statistics().misses
	l, err := s.layerOf(t.Context(), c, geo.Query{}, "", pyramid.DefaultRadius)
	if err != nil || l.pyramid.Len() != 2 || l.set != nil || s.layers.statistics().misses != before {
		t.Errorf("the layer of all is not prepared: %v, %v", l, err)
	}
}

func matchOf(t *testing.T, c *geo.Collection, name string) geo.Match {
	t.Helper()
	m, err := c.Source.Schema().ParseMatch("name", name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPublishLetsGoOfTheOldState(t *testing.T) {
	s := layersServer(t, someState(t, "first"))
	old := weak.Make(s.cfg.Atlas.State())
	func() {
		state := s.cfg.Atlas.State()
		c, _ := state.Collection("some")
		if err := s.Publish(t.Context(), state); err != nil {
			t.Fatal(err)
		}
		if _, err := s.layerOf(t.Context(), c, geo.Query{Match: []geo.Match{matchOf(t, c, "b")}}, "name=b", 60); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(t.Context(), someState(t, "second")); err != nil {
			t.Fatal(err)
		}
		// A request that began on the old state ends on it, and leaves nothing.
		if l, err := s.layerOf(t.Context(), c, geo.Query{}, "", 90); err != nil || l.index != c.Source {
			t.Fatalf("%v, %v", l, err)
		}
	}()
	if n := s.layers.statistics().entries; n != 0 {
		t.Errorf("%d layers of the old state are kept", n)
	}
	for deadline := time.Now().Add(10 * time.Second); old.Value() != nil; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatal("the old state is still held")
		}
	}
}

// Publish lets go of the answers of a collection that has changed, and of no others.
func TestPublishLetsGoOfOldAnswers(t *testing.T) {
	collection := func(id string, state *geo.State) *geo.Collection {
		c, _ := state.Collection("some")
		return &geo.Collection{ID: id, Source: c.Source}
	}
	stateOf := func(all ...*geo.Collection) *geo.State {
		state, err := geo.NewState(all...)
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	one, two, three := someState(t, "1"), someState(t, "2"), someState(t, "3")
	s := layersServer(t, stateOf(collection("a", one), collection("b", two)))
	for _, path := range []string{"/collections/a/tiles/WebMercatorQuad/0/0/0", "/collections/b/tiles/WebMercatorQuad/0/0/0",
		"/tiles/WebMercatorQuad/0/0/0?collections=a,b", "/styles/a"} {
		if resp := ask(t, s, "GET", path); resp.StatusCode != 200 {
			t.Fatalf("%s: %d", path, resp.StatusCode)
		}
	}
	before := s.answers.statistics()
	if err := s.Publish(t.Context(), stateOf(collection("a", one), collection("b", three))); err != nil {
		t.Fatal(err)
	}
	after := s.answers.statistics()
	if before.entries != 4 || after.entries != 2 {
		t.Errorf("%d answers, %d when one collection has changed; want 4 and the 2 of the other", before.entries, after.entries)
	}
	ask(t, s, "GET", "/collections/a/tiles/WebMercatorQuad/0/0/0")
	if got := s.answers.statistics().hits; got != after.hits+1 {
		t.Error("the tile of the collection that is the same was not kept")
	}
}
