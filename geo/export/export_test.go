package export

import (
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"
)

// many repeats the features of x.
func many(x *geo.Index, n int) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		for i := range n {
			if !yield(x.At(uint32(i%x.Len())), nil) {
				return
			}
		}
	}
}

// liveHeap is a writer that notes the largest live heap.
type liveHeap struct{ n, most uint64 }

func (w *liveHeap) Write(p []byte) (int, error) {
	const often = 4 << 20
	if w.n/often != (w.n+uint64(len(p)))/often {
		w.most = max(w.most, heap())
	}
	w.n += uint64(len(p))
	return len(p), nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestConstantMemory streams 100,000 features in every format that claims to
// need no memory for them.
func TestConstantMemory(t *testing.T) {
	x := readIndex(t, "", everyGeometry...)
	for _, format := range Formats() {
		if !format.Streams {
			continue
		}
		w := new(liveHeap)
		before := heap()
		opt := Options{Format: format, Schema: x.Schema(), View: View{Properties: []string{"a"}}}
		if err := Write(t.Context(), w, many(x, 100_000), opt); err != nil {
			t.Fatal(err)
		}
		if after := heap(); w.most > before+4<<20 {
			t.Errorf("%s: the heap grew from %d to %d kB, and was %d after %d MB", format.Name, before>>10, w.most>>10, after>>10, w.n>>20)
		}
	}
}

func TestWriteAbout(t *testing.T) {
	var b strings.Builder
	err := WriteAbout(&b, Options{Title: geo.Text{EN: "Clusters", ZH: "集群"}, Link: "https://example.org/c", View: View{CRS: crs.WebMercator()},
		About: []Fact{{geo.Text{EN: "Filter", ZH: "筛选"}, "firms > 10"}}})
	want := "Collection / 数据集: Clusters / 集群\r\nAddress / 地址: https://example.org/c\r\nCoordinate reference system / 坐标参照系: EPSG:3857 (WGS 84 / Pseudo-Mercator)\r\nFilter / 筛选: firms > 10\r\n"
	if err != nil || b.String() != want {
		t.Errorf("got %q (%v), want %q", b.String(), err, want)
	}
}

// BenchmarkStream writes 1,000,000 features; B/op is what it needs beside them.
func BenchmarkStream(b *testing.B) {
	var features []string
	for i := range 1000 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d.%06d,30.123456]},"properties":{"name":"集群 %d","firms":%d,"share":0.%d,"industry":"electronics","regions":["prd","yrd"]}}`, i, 100+i%20, i*997, i, i*3, i))
	}
	x := readIndex(b, "", features...)
	for _, bm := range []struct {
		name, format string
		view         View
	}{
		{"geojson", "geojson", View{}},
		{"geojson-selected", "geojson", View{Properties: []string{"name", "firms"}}},
		{"geojson-4490", "geojson", View{CRS: crs.CGCS2000()}},
		{"jsonfg", "jsonfg", View{}},
		{"ndjson", "ndjson", View{}},
		{"csv", "csv", View{}},
		{"kml", "kml", View{}},
	} {
		format, _ := ByName(bm.format)
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(b.Context(), io.Discard, many(x, 1_000_000), Options{Format: format, View: bm.view, Schema: x.Schema()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
