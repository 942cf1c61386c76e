package archive

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clustermap/geo/pyramid"
	"clustermap/geo/tile"
)

// gathered are points in 3,000 gatherings of all sizes, most of them in few.
func gathered(n int) []string {
	rng := rand.New(rand.NewPCG(11, 12))
	type gathering struct{ lon, lat, spread float64 }
	all := make([]gathering, 3000)
	for i := range all {
		all[i] = gathering{rng.NormFloat64()*25 + 105, rng.NormFloat64()*15 + 30, rng.NormFloat64() * 1.5}
	}
	lines := make([]string, n)
	for i := range lines {
		share := rng.Float64()
		g := all[int(share*share*float64(len(all)))]
		lon, lat := g.lon+rng.NormFloat64()*g.spread, g.lat+rng.NormFloat64()*g.spread
		lines[i] = fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"n":%d,"trade":"t%d","name":"place %d"}}`,
			i, max(-180, min(180, lon)), max(-85, min(85, lat)), i%1000, i%20, i)
	}
	return lines
}

// BenchmarkArchivePeers writes 100,000 points to zoom 9 as MBTiles, beside GDAL,
// which does the same; both read GeoJSON.
func BenchmarkArchivePeers(b *testing.B) {
	const n, most = 100_000, 9
	lines := gathered(n)
	dir := b.TempDir()
	source := filepath.Join(dir, "places.geojsonl")
	if err := os.WriteFile(source, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	var ours, theirs time.Duration
	tiles := 0
	for b.Loop() {
		begun := time.Now()
		x := indexOf(b, lines...)
		out := filepath.Join(dir, "ours.mbtiles")
		tiles = buildFile(b, out, Plan{Layers: []tile.Layer{{Name: "places", Index: x}}, MaxZoom: most}).Tiles
		ours += time.Since(begun)
		if err := os.Remove(out); err != nil {
			b.Fatal(err)
		}
		begun = time.Now()
		out = filepath.Join(dir, "theirs.mbtiles")
		if said, err := exec.Command("ogr2ogr", "-f", "MBTILES", out, "GeoJSONSeq:"+source, "-dsco", "MINZOOM=0", "-dsco", fmt.Sprintf("MAXZOOM=%d", most)).CombinedOutput(); err != nil {
			b.Fatalf("ogr2ogr (Debian's gdal-bin): %v\n%s", err, said)
		}
		theirs += time.Since(begun)
		if err := os.Remove(out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(tiles*b.N)/ours.Seconds(), "tiles/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-GDAL's-rate")
}

// BenchmarkBuild writes a million points to zoom 10 as PMTiles.
func BenchmarkBuild(b *testing.B) {
	x := indexOf(b, gathered(1_000_000)...)
	p, err := pyramid.Build(b.Context(), x, nil, pyramid.Options{})
	if err != nil {
		b.Fatal(err)
	}
	dir, tiles := b.TempDir(), 0
	for b.Loop() {
		out := filepath.Join(dir, "a.pmtiles")
		tiles += buildFile(b, out, Plan{Layers: []tile.Layer{{Name: "places", Index: x, Pyramid: p}}, MaxZoom: 10}).Tiles
		if err := os.Remove(out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(tiles)/b.Elapsed().Seconds(), "tiles/s")
}

// BenchmarkTile reads the tiles of one zoom of both formats in random order.
func BenchmarkTile(b *testing.B) {
	x := indexOf(b, gathered(100_000)...)
	for _, kind := range kinds {
		path := filepath.Join(b.TempDir(), "a."+kind)
		buildFile(b, path, Plan{Layers: []tile.Layer{{Name: "places", Index: x}}, MaxZoom: 8})
		a := open(b, path)
		var there []Coord
		for id := firstID(8); id < firstID(9); id++ {
			if c, _ := CoordOf(id); tileText(b, a, c) != "" {
				there = append(there, c)
			}
		}
		rng := rand.New(rand.NewPCG(1, 1))
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := a.Tile(b.Context(), there[rng.IntN(len(there))]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
