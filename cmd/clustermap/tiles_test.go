package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/archive"
)

// peerTile is a tile as npm pmtiles and npm @mapbox/vector-tile read it.
type peerTile struct {
	ID     uint64
	Layers map[string][]struct {
		ID         float64
		Type       int
		Extent     float64
		Properties map[string]any
		Geometry   [][]struct{ X, Y float64 }
	}
}

// peerTiles reads the tiles of a PMTiles file up to a zoom.
func peerTiles(t *testing.T, file string, from, to int) map[archive.Coord]peerTile {
	t.Helper()
	var tiles [][3]int
	for z := from; z <= to; z++ {
		for x := range 1 << z {
			for y := range 1 << z {
				tiles = append(tiles, [3]int{z, x, y})
			}
		}
	}
	ask, err := json.Marshal(map[string]any{"file": file, "tiles": tiles, "vector": true})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join("..", "..", "geo", "archive", "testdata", "peer", "read.mjs"))
	cmd.Stdin = bytes.NewReader(ask)
	var failed strings.Builder
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("npm pmtiles (make inputs installs it): %v\n%s", err, &failed)
	}
	var answer struct{ Tiles []peerTile }
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	all := map[archive.Coord]peerTile{}
	for i, c := range tiles {
		if got := answer.Tiles[i]; got.Layers != nil {
			all[archive.Coord{Z: c[0], X: c[1], Y: c[2]}] = got
		}
	}
	return all
}

// scattered are points of random places with a trade and a number.
func scattered(t *testing.T, n int) (file string, points map[string][2]float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(8, 9))
	points = map[string][2]float64{}
	var b strings.Builder
	for i := range n {
		lon, lat := math.Round((rng.NormFloat64()*15+115)*1e5)/1e5, math.Round((rng.NormFloat64()*8+28)*1e5)/1e5
		lon = min(lon, 180)
		id := fmt.Sprintf("p%d", i)
		points[id] = [2]float64{lon, lat}
		fmt.Fprintf(&b, `{"type":"Feature","id":%q,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{"n":%d,"trade":"%s"}}`+"\n",
			id, lon, lat, i, []string{"silk", "shoes", "tea"}[i%3])
	}
	file = filepath.Join(t.TempDir(), "places.geojsonl")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, points
}

// writeTiles runs "clustermap tiles".
func writeTiles(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), append([]string{"tiles"}, args...), &stdout, &stderr); err != nil {
		t.Fatalf("tiles %v: %v\n%s", args, err, &stderr)
	}
	return stdout.String()
}

// TestTilesForBrowsers reads an archive as browsers do: at each zoom each feature is
// in one tile, buffers aside, at its place and with its properties, and the groups
// add up.
func TestTilesForBrowsers(t *testing.T) {
	const n = 2000
	file, points := scattered(t, n)
	out := filepath.Join(t.TempDir(), "out.pmtiles")
	summary := writeTiles(t, file, "-o", out, "-layers", "features,groups", "-properties", "n,trade", "-maxzoom", "5")
	if !strings.Contains(summary, "no feature is left out") {
		t.Errorf("the summary is %q", summary)
	}
	met := make([]map[string]int, 6)
	counts := make([]float64, 6)
	for c, tile := range peerTiles(t, out, 0, 5) {
		if met[c.Z] == nil {
			met[c.Z] = map[string]int{}
		}
		for _, f := range tile.Layers["features"] {
			at := f.Geometry[0][0]
			if !home(at.X, at.Y, f.Extent) {
				continue
			}
			id := f.Properties["id"].(string)
			met[c.Z][id]++
			side := math.Exp2(float64(c.Z)) * f.Extent
			lon := (float64(c.X)*f.Extent+at.X)/side*360 - 180
			lat := math.Atan(math.Sinh(math.Pi*(1-2*(float64(c.Y)*f.Extent+at.Y)/side))) * 180 / math.Pi
			if p := points[id]; math.Abs(lon-p[0]) > 360/side || math.Abs(lat-p[1]) > 360/side {
				t.Errorf("tile %v has %s at %v, %v; it is at %v", c, id, lon, lat, p)
			}
			if want := fmt.Sprintf("p%v", f.Properties["n"]); want != id || f.Properties["trade"] == nil {
				t.Errorf("tile %v has %s with the properties %v", c, id, f.Properties)
			}
		}
		for _, f := range tile.Layers["groups"] {
			if at := f.Geometry[0][0]; home(at.X, at.Y, f.Extent) {
				counts[c.Z] += f.Properties["count"].(float64)
			}
		}
	}
	for z := range met {
		if len(met[z]) != n || slices.Max(slices.Collect(maps.Values(met[z]))) != 1 {
			t.Errorf("zoom %d has %d different features, one of them %d times; want %d, each once", z, len(met[z]), slices.Max(slices.Collect(maps.Values(met[z]))), n)
		}
		if counts[z] != n {
			t.Errorf("the groups of zoom %d have %v features, want %d", z, counts[z], n)
		}
	}
}

// home reports whether a tile owns a position in it.
func home(x, y, extent float64) bool { return x >= 0 && x < extent && y >= 0 && y < extent }

// TestTilesForGDAL opens an MBTiles file with GDAL, whose PMTiles driver comes with
// 3.8, later than Debian's 3.6.
func TestTilesForGDAL(t *testing.T) {
	file, points := scattered(t, 1500)
	out := filepath.Join(t.TempDir(), "out.mbtiles")
	writeTiles(t, file, "-o", out, "-properties", "n,trade", "-filter", "trade <> 'tea'", "-name", "丝绸 & shoes")
	var got struct{ Features []feature }
	if err := json.Unmarshal(client(t, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", "-t_srs", "EPSG:4326", out), &got); err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, f := range got.Features {
		id, _ := f.Properties["id"].(string)
		p, known := points[id]
		if !known || f.Properties["trade"] == "tea" || f.Properties["n"] == nil {
			t.Errorf("GDAL reads %s with the properties %v", id, f.Properties)
		}
		if met[id] && !onEdge(p, 8) {
			t.Errorf("GDAL reads %s, at %v, twice", id, p)
		}
		met[id] = true
		if near := 360 / math.Exp2(8+12); !f.within(p[0]-near, p[1]-near, p[0]+near, p[1]+near) {
			t.Errorf("GDAL reads %s at %v; it is at %v", id, f.Geometry.Coordinates, p)
		}
	}
	if len(met) != 1000 {
		t.Errorf("GDAL reads %d features, want 1000", len(met))
	}
	if said := string(client(t, "ogrinfo", "-ro", "-so", out, "features")); !strings.Contains(said, "name=丝绸 & shoes") || !strings.Contains(said, "clustermap:budget=500000 bytes and 50000 features") || !strings.Contains(said, "trade: String") {
		t.Errorf("GDAL says of the file:\n%s", said)
	}
}

// onEdge reports whether a point lies where two tiles of a zoom meet, within a unit
// of either: GDAL then takes it from both.
func onEdge(p [2]float64, z int) bool {
	w := geo.World(orb.Point(p))
	for _, v := range w {
		at := v * math.Exp2(float64(z))
		if math.Abs(at-math.Round(at)) <= 1.0/4096 {
			return true
		}
	}
	return false
}

// TestTilesForQGIS opens an MBTiles file as vector tiles in QGIS and draws it.
func TestTilesForQGIS(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.mbtiles")
	writeTiles(t, "-collections", "clusters", "-o", out)
	if saw := qgisDraws(t, out); saw.MaxZoom != 8 {
		t.Errorf("QGIS opens the file as %+v", saw)
	}
}

// TestServedTilesForQGIS opens the tiles of the server in QGIS and draws them.
func TestServedTilesForQGIS(t *testing.T) {
	for _, path := range []string{"/collections/clusters/xyz/{z}/{x}/{y}", "/collections/clusters/tiles/WebMercatorQuad/{z}/{y}/{x}"} {
		qgisDraws(t, "type=xyz&zmin=0&zmax=8&url="+url.QueryEscape(start(t).url+path))
	}
}

// TestServedTilesForGDAL reads the tiles of a level by their addresses.
func TestServedTilesForGDAL(t *testing.T) {
	address := start(t).url + "/collections/clusters/xyz/0/0/0.pbf"
	var got struct{ Features []feature }
	if err := json.Unmarshal(client(t, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", "-t_srs", "EPSG:4326", "MVT:"+address, "features"), &got); err != nil {
		t.Fatal(err)
	}
	all := clusters(t)
	for _, f := range got.Features {
		id, _ := f.Properties["id"].(string)
		if all[id].Geometry.Type == "" {
			t.Errorf("GDAL reads a feature %q", id)
		}
	}
	if len(got.Features) != len(all) {
		t.Errorf("GDAL reads %d features, want %d", len(got.Features), len(all))
	}
}

// qgisSaw is what QGIS knows of tiles.
type qgisSaw struct {
	Valid            bool
	MinZoom, MaxZoom int
	CRS              string
	Red              []bool
	Drawn            int
}

// qgisDraws draws tiles with the clusters in QGIS: a point where each of them is, and
// nowhere else.
func qgisDraws(t *testing.T, source string) qgisSaw {
	t.Helper()
	var positions [][]any
	for _, f := range clusters(t) {
		positions = append(positions, f.Geometry.Coordinates.([]any))
	}
	blank := len(positions)
	positions = append(positions, []any{100.0, 45.0}, []any{90.0, 35.0})
	ask, err := json.Marshal(positions)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	cmd := exec.Command("/usr/bin/python3", filepath.Join("testdata", "qgis", "tiles.py"), source, "features", "85,15,130,50")
	cmd.Stdin = bytes.NewReader(ask)
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("QGIS: %v\n%s", err, text)
	}
	var saw qgisSaw
	if err := json.Unmarshal(text[bytes.LastIndexByte(bytes.TrimSpace(text), '\n')+1:], &saw); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if !saw.Valid || saw.MinZoom != 0 || saw.CRS != "EPSG:3857" {
		t.Errorf("QGIS opens %s as %+v", source, saw)
	}
	for i, red := range saw.Red {
		if red != (i < blank) {
			t.Errorf("at %v QGIS draws a point: %v", positions[i], red)
		}
	}
	if saw.Drawn > blank*40 {
		t.Errorf("QGIS draws %d pixels of %d points", saw.Drawn, blank)
	}
	return saw
}

// TestTilesInterrupted sends a signal while tiles are written: the process ends, and
// the folder is as it was.
func TestTilesInterrupted(t *testing.T) {
	file, _ := scattered(t, 20_000)
	for _, kind := range []string{"pmtiles", "mbtiles"} {
		dir := t.TempDir()
		out := filepath.Join(dir, "out."+kind)
		if err := os.WriteFile(out, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("clustermap", "tiles", file, "-force", "-maxzoom", "20", "-o", out)
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill() })
		said := new(lockedBuffer)
		copied := make(chan struct{})
		go func() {
			defer close(copied)
			_, _ = io.Copy(said, stderr)
		}()
		waitFor(t, "the first zooms", func() bool { return strings.Contains(said.String(), "zoom 5:") })
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		<-copied
		if got := exitOf(t, cmd); got != exitFault || !strings.Contains(said.String(), "interrupted; "+out+" is not written") {
			t.Errorf("%s: ended with status %d, saying\n%s", kind, got, said)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(out); len(entries) != 1 || err != nil || string(b) != "old" {
			t.Errorf("%s: the folder holds %v, the old file %q, error %v", kind, entries, b, err)
		}
	}
}

// TestTilesDiskFull writes to a file system of one megabyte, as root on Linux.
func TestTilesDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small file system cannot be made: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	file, _ := scattered(t, 30_000)
	for _, kind := range []string{"pmtiles", "mbtiles"} {
		var stderr bytes.Buffer
		err := run(t.Context(), []string{"tiles", file, "-maxzoom", "10", "-o", filepath.Join(dir, "out."+kind)}, io.Discard, &stderr)
		if err == nil || !strings.Contains(err.Error(), "no space left") && !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("%s: on a full disk it ends with %v", kind, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v is left, error %v", kind, left, err)
		}
	}
}

// TestBasemaps serves what tiles wrote as base maps.
func TestBasemaps(t *testing.T) {
	dir := t.TempDir()
	var args []string
	for _, kind := range []string{"pmtiles", "mbtiles"} {
		out := filepath.Join(dir, kind+"-map."+kind)
		writeTiles(t, "-collections", "clusters", "-o", out, "-attribution", "© atlas")
		args = append(args, "-basemap", "the."+kind+"="+out)
	}
	in := start(t, args...)
	var bodies [][]byte
	for _, name := range []string{"the.pmtiles", "the.mbtiles"} {
		var about struct {
			Tiles       []string
			Attribution string
			MaxZoom     int
		}
		_, text := fetch(t, in.url+"/basemaps/"+name)
		if err := json.Unmarshal(text, &about); err != nil || about.Attribution != "© atlas" || about.MaxZoom != 8 {
			t.Fatalf("%s: %v in %s", name, err, text)
		}
		address := strings.NewReplacer("{z}", "0", "{x}", "0", "{y}", "0").Replace(about.Tiles[0])
		resp, body := fetch(t, address) // the client takes gzip and unpacks it
		if resp.StatusCode != http.StatusOK || !resp.Uncompressed || resp.Header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
			t.Errorf("%s: status %d, unpacked %v, %v", name, resp.StatusCode, resp.Uncompressed, resp.Header)
		}
		bodies = append(bodies, body)
	}
	if len(bodies[0]) == 0 || !bytes.Equal(bodies[0], bodies[1]) {
		t.Errorf("the two archives give tiles of %d and %d bytes", len(bodies[0]), len(bodies[1]))
	}
}

// TestTilesAreThoseOfTheServer holds an archive to the tiles that the server gives of
// the same file: byte for byte. Groups have ids in the server's tiles alone, which lead
// to their members there.
func TestTilesAreThoseOfTheServer(t *testing.T) {
	file, _ := scattered(t, 3000)
	out := filepath.Join(t.TempDir(), "out.pmtiles")
	writeTiles(t, file, "-o", out, "-layers", "features,outlines", "-maxzoom", "4", "-filter", "trade <> 'tea'")
	in := start(t, file, "-basemap", out)
	same := 0
	for z := range 5 {
		for x := range 1 << z {
			for y := range 1 << z {
				kept, want := fetch(t, fmt.Sprintf("%s/basemaps/out/%d/%d/%d", in.url, z, x, y))
				made, got := fetch(t, fmt.Sprintf("%s/collections/places/xyz/%d/%d/%d?layers=features,outlines&filter=trade+%%3C%%3E+%%27tea%%27", in.url, z, x, y))
				if kept.StatusCode != made.StatusCode || !bytes.Equal(want, got) {
					t.Errorf("tile %d/%d/%d: the archive has %d bytes, status %d; the server gives %d, status %d", z, x, y, len(want), kept.StatusCode, len(got), made.StatusCode)
				}
				if len(got) > 0 {
					same++
				}
			}
		}
	}
	if same < 20 {
		t.Errorf("only %d tiles hold anything", same)
	}
}

func TestMeter(t *testing.T) {
	now := time.Unix(0, 0)
	var b bytes.Buffer
	m := &meter{w: &b, terminal: true, now: func() time.Time { return now }, begun: now, drawn: now}
	m.show(archive.Progress{Zoom: 3, Done: 1, Total: 4, Tiles: 1, Bytes: 10})
	if b.Len() > 0 {
		t.Errorf("at once it draws %q", &b)
	}
	now = now.Add(time.Second)
	m.show(archive.Progress{Zoom: 3, Done: 2, Total: 4, Tiles: 2, Bytes: 2_500_000})
	m.clear()
	m.rate()
	want := "\r\x1b[Kzoom  3 [===============               ] 2 tiles, 2.5 MB\r\x1b[K2 tiles, 2.5 MB, in 1s: 2 tiles a second\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", &b, want)
	}
}
