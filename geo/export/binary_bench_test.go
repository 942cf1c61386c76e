package export

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clustermap/geo"
)

// BenchmarkBinary writes 100,000 points with eight properties; GDAL's ogr2ogr
// makes the same file from GeoJSON beside it, but for the formats that Debian's
// GDAL lacks.
func BenchmarkBinary(b *testing.B) {
	var text strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&text, `{"type":"Feature","id":"c%06d","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"name":"集群 %d","firms":%d,"output":%d.25,"industry":"制造业","founded":"2012-05-01","active":true,"code":"330100","note":"A cluster of %d firms"}}`+"\n",
			i, 73+float64(i*7919%620000)/10000, 18+float64(i*104729%350000)/10000, i, i%500, i%1000, i%500)
	}
	x, err := geo.Read(strings.NewReader(text.String()), geo.ReadOptions{Sequence: true})
	if err != nil {
		b.Fatal(err)
	}
	source := filepath.Join(b.TempDir(), "in.geojsonl")
	if err := os.WriteFile(source, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	for format, driver := range map[string]string{"gpkg": "GPKG", "fgb": "FlatGeobuf", "shp": "ESRI Shapefile", "parquet": ""} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				size := func(n int64) { b.ReportMetric(float64(n)/1e6, "MB-file") }
				opt := Options{Format: Format{Name: format}, ID: "clusters", Schema: x.Schema(), TempDir: b.TempDir(), Size: size}
				if err := Write(b.Context(), io.Discard, x.Each(b.Context(), geo.Query{}), opt); err != nil {
					b.Fatal(err)
				}
			}
		})
		if driver == "" {
			continue
		}
		b.Run(format+"/ogr2ogr", func(b *testing.B) {
			for b.Loop() {
				out := filepath.Join(b.TempDir(), "out."+format)
				cmd := exec.CommandContext(b.Context(), "ogr2ogr", "-f", driver, out, source, "-lco", "ENCODING=UTF-8")
				if driver != "ESRI Shapefile" {
					cmd = exec.CommandContext(b.Context(), "ogr2ogr", "-f", driver, out, source)
				}
				if text, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, text)
				}
				if err := os.RemoveAll(out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
