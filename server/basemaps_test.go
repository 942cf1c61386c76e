package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/paulmach/orb"

	"clustermap/geo/archive"
)

// memoryTiles is an archive in memory.
type memoryTiles struct {
	info  archive.Info
	tiles map[archive.Coord]archive.Tile
}

func (m memoryTiles) Info() archive.Info { return m.info }
func (m memoryTiles) Rev() string        { return "memory-1" }

func (m memoryTiles) Tile(_ context.Context, c archive.Coord) (archive.Tile, error) {
	if c == (archive.Coord{Z: 2, X: 3, Y: 3}) {
		return archive.Tile{}, errors.New("the disk is gone")
	}
	t, ok := m.tiles[c]
	if !ok {
		return t, archive.ErrNoTile
	}
	return t, nil
}

// testBasemaps are a vector archive, whose tiles are packed, and one of pictures.
func testBasemaps() []Basemap {
	var p archive.Packer
	world := orb.Bound{Min: orb.Point{-180, -85}, Max: orb.Point{180, 85}}
	osm := memoryTiles{
		archive.Info{
			Name: "Streets <b>&amp;</b> houses", Attribution: `<a href="https://osm.example">© streets</a><script>alert(1)</script>`, Format: archive.MVT, MaxZoom: 3, Bounds: world,
			Layers: []archive.Layer{{ID: "water", MaxZoom: 3, Fields: map[string]string{"depth": "Number"}}},
		},
		map[archive.Coord]archive.Tile{{}: {Data: p.Pack([]byte(strings.Repeat("vector", 400))), Coding: "gzip"}},
	}
	photo := memoryTiles{archive.Info{Format: archive.PNG, MaxZoom: 3, Bounds: world},
		map[archive.Coord]archive.Tile{{Z: 1, X: 1}: {Data: []byte("\x89PNG")}}}
	return []Basemap{{"osm", osm}, {"photo", photo}}
}

func registerTileDecoders() {
	for _, f := range []archive.Format{archive.MVT, archive.PNG} {
		openapi3filter.RegisterBodyDecoder(f.MediaType(), openapi3filter.FileBodyDecoder)
	}
}

func TestBasemapList(t *testing.T) {
	s := newTestServer(t, nil)
	var doc basemapsDocument
	if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/basemaps"))), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Basemaps) != 2 {
		t.Fatalf("there are %d base maps, want 2", len(doc.Basemaps))
	}
	osm, photo := doc.Basemaps[0], doc.Basemaps[1]
	if osm.Title != "Streets & houses" || osm.Attribution != "© streets alert(1)" || osm.Kind != "vector" || osm.Tiles != "http://example.org/basemaps/osm/{z}/{x}/{y}" {
		t.Errorf("the vector map is told as %+v", osm)
	}
	if photo.Title != "photo" || photo.Kind != "raster" || photo.MediaType != "image/png" {
		t.Errorf("the map of pictures is told as %+v", photo)
	}
	var tj map[string]any
	if err := json.Unmarshal([]byte(body(t, ask(t, s, "GET", "/basemaps/osm"))), &tj); err != nil {
		t.Fatal(err)
	}
	if tj["tilejson"] != "3.0.0" || len(tj["vector_layers"].([]any)) != 1 {
		t.Errorf("the TileJSON is %v", tj)
	}
	page := body(t, ask(t, s, "GET", "/basemaps?f=html"))
	if strings.Contains(page, "<script>alert") {
		t.Error("a script of the archive stands in the page")
	}
	empty := newTestServer(t, func(c *Config) { c.Basemaps = nil })
	if text := body(t, ask(t, empty, "GET", "/basemaps")); !strings.Contains(text, `"basemaps":[]`) {
		t.Errorf("without base maps the list is %s", text)
	}
}

func TestBasemapTiles(t *testing.T) {
	s := newTestServer(t, nil)
	plain := strings.Repeat("vector", 400)
	for _, c := range []struct {
		target, accept string
		status         int
		coding, text   string
	}{
		{"/basemaps/osm/0/0/0", "gzip, deflate, br, zstd", 200, "gzip", plain},
		{"/basemaps/osm/0/0/0", "gzip", 200, "gzip", plain},
		{"/basemaps/osm/0/0/0", "*", 200, "gzip", plain},
		{"/basemaps/osm/0/0/0", "zstd", 200, "", plain},
		{"/basemaps/osm/0/0/0", "gzip;q=0", 200, "", plain},
		{"/basemaps/osm/0/0/0", "", 200, "", plain},
		{"/basemaps/photo/1/1/0", "gzip", 200, "", "\x89PNG"},
		{"/basemaps/photo/1/0/0", "gzip", 204, "", ""},
		{"/basemaps/osm/26/1/1", "gzip", 204, "", ""},
		{"/basemaps/osm/1/2/0", "gzip", 404, "", ""},
		{"/basemaps/osm/1/0/2", "gzip", 404, "", ""},
		{"/basemaps/osm/27/0/0", "gzip", 404, "", ""},
		{"/basemaps/osm/-1/0/0", "gzip", 404, "", ""},
		{"/basemaps/osm/00/0/0", "gzip", 404, "", ""},
		{"/basemaps/osm/0/0/0.mvt", "gzip", 404, "", ""},
		{"/basemaps/osm/99999999999999999999/0/0", "gzip", 404, "", ""},
		{"/basemaps/sea/0/0/0", "gzip", 404, "", ""},
		{"/basemaps/osm/0/0/0?x=1", "gzip", 400, "", ""},
		{"/basemaps/osm/2/3/3", "gzip", 500, "", ""},
	} {
		resp := ask(t, s, "GET", c.target, "Accept-Encoding: "+c.accept)
		text := body(t, resp)
		if resp.StatusCode != c.status || resp.Header.Get("Content-Encoding") != c.coding {
			t.Errorf("%s, accepting %q: %d in %q, want %d in %q", c.target, c.accept, resp.StatusCode, resp.Header.Get("Content-Encoding"), c.status, c.coding)
		}
		if c.status < 300 && text != c.text {
			t.Errorf("%s, accepting %q: got %d bytes, want %d", c.target, c.accept, len(text), len(c.text))
		}
		if c.status < 300 && (resp.Header.Get("Etag") == "" || resp.Header.Get("Cache-Control") != keepable) {
			t.Errorf("%s: no ETag or another Cache-Control in %v", c.target, resp.Header)
		}
		if kind := resp.Header.Get("Content-Type"); c.status == 200 && kind != "application/vnd.mapbox-vector-tile" && kind != "image/png" {
			t.Errorf("%s has the type %q", c.target, kind)
		}
	}
}

func TestBasemapNotModified(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{"/basemaps", "/basemaps/osm", "/basemaps/osm/0/0/0", "/basemaps/photo/1/1/0", "/basemaps/photo/1/0/0"} {
		for _, accept := range []string{"", "gzip", "zstd, gzip"} {
			etag := ask(t, s, "GET", target, "Accept-Encoding: "+accept).Header.Get("Etag")
			for _, match := range []string{etag, "*"} {
				if match == "*" && strings.HasSuffix(target, "1/0/0") {
					continue // there is nothing
				}
				again := ask(t, s, "GET", target, "Accept-Encoding: "+accept, "If-None-Match: "+match)
				if again.StatusCode != http.StatusNotModified || again.Header.Get("Etag") != etag || again.Header.Get("Content-Encoding") != "" {
					t.Errorf("%s, accepting %q, If-None-Match %s: %d %v", target, accept, match, again.StatusCode, again.Header)
				}
			}
		}
	}
	packed := ask(t, s, "GET", "/basemaps/osm/0/0/0", "Accept-Encoding: gzip").Header.Get("Etag")
	if got := ask(t, s, "GET", "/basemaps/osm/0/0/0", "If-None-Match: "+packed).StatusCode; got != http.StatusOK {
		t.Errorf("a client that takes no gzip, but holds a packed tile, gets %d", got)
	}
}

func TestBasemapNames(t *testing.T) {
	tiles := testBasemaps()[0].Tiles
	for _, names := range [][]string{{""}, {"a/b"}, {".."}, {"a", "a"}, {"地图"}, {strings.Repeat("a", 65)}} {
		cfg := newTestServer(t, nil).cfg
		cfg.Basemaps = nil
		for _, name := range names {
			cfg.Basemaps = append(cfg.Basemaps, Basemap{name, tiles})
		}
		if _, err := New(cfg); err == nil {
			t.Errorf("base maps named %q are taken", names)
		}
	}
}
