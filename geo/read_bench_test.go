package geo_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"clustermap/geo"
)

// firms is a FeatureCollection of n points of about 260 bytes each.
func firms(n int) []byte {
	random := rand.New(rand.NewPCG(5, 6))
	trades := []string{"electronics", "silk", "ceramics", "furniture", "garments", "machinery", "shoes", "toys"}
	b := bytes.NewBuffer(make([]byte, 0, n*270))
	b.WriteString("{\"type\":\"FeatureCollection\",\"features\":[\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(b, `{"type":"Feature","id":"f%07d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},`+
			`"properties":{"name":"Firm %d of the list","industry":%q,"level":"county","adcode":"%06d","firms":%d,"output_cny":%d,"share_china_pct":%.2f,"founded":%d}}`,
			i, 75+random.Float64()*59, 18+random.Float64()*35, i, trades[random.IntN(len(trades))], 330000+random.IntN(2000),
			1+random.IntN(9000), 1_000_000+random.IntN(1_000_000_000), random.Float64()*100, 1950+random.IntN(75))
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// towns is a FeatureCollection of n polygons with rings of 40 positions, written
// the way that people indent JSON.
func towns(n int) []byte {
	random := rand.New(rand.NewPCG(7, 8))
	b := new(bytes.Buffer)
	b.WriteString("{\n \"type\": \"FeatureCollection\",\n \"features\": [")
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		x, y := 75+random.Float64()*59, 18+random.Float64()*35
		fmt.Fprintf(b, "\n  {\n   \"type\": \"Feature\",\n   \"properties\": { \"名称\": \"Town %d\", \"tags\": [\"a\", \"b\"] },\n   \"geometry\": { \"type\": \"Polygon\", \"coordinates\": [[", i)
		for range 39 {
			fmt.Fprintf(b, "\n     [ %.6f, %.6f ],", x+random.Float64()/10, y+random.Float64()/10)
		}
		first := bytes.LastIndex(b.Bytes(), []byte("[[\n"))
		end := first + bytes.IndexByte(b.Bytes()[first:], ']')
		fmt.Fprintf(b, "%s] ]] }\n  }", b.Bytes()[first+2:end])
	}
	b.WriteString("\n ]\n}\n")
	return b.Bytes()
}

// BenchmarkRead reports the bytes that a feature keeps alive, its text included.
func BenchmarkRead(b *testing.B) {
	for _, bb := range []struct {
		name string
		text []byte
		n    int
	}{
		{"points", firms(100_000), 100_000},
		{"polygons", towns(5_000), 5_000},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			var kept float64
			for b.Loop() {
				b.StopTimer()
				before := live()
				b.StartTimer()
				x, err := geo.Read(bytes.NewReader(bb.text), geo.ReadOptions{Name: "bench"})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				kept = (live() - before) / float64(bb.n)
				runtime.KeepAlive(x)
				b.StartTimer()
			}
			b.ReportMetric(kept, "live-B/feature")
			b.ReportMetric(float64(len(bb.text))/float64(bb.n), "text-B/feature")
		})
	}
}

// live is the heap in use after a collection.
func live() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
