package draw

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// crowd is a place between 0 and 1.
type crowd struct{ x, y float64 }

// families are the colours of the page.
var families = []uint32{0x1a4ba8, 0xd9487a, 0x944500, 0x3b3d43, 0x00745b, 0x640e1a, 0x7c8b0e, 0x9d66e0}

// crowds makes n places, three quarters of them in three crowds.
func crowds(n int) []crowd {
	r := rand.New(rand.NewPCG(1, 2))
	middle := []crowd{{0.62, 0.78}, {0.72, 0.63}, {0.68, 0.48}}
	all := make([]crowd, n)
	for i := range all {
		if i%4 == 3 {
			all[i] = crowd{0.05 + 0.9*r.Float64(), 0.05 + 0.9*r.Float64()}
			continue
		}
		c := middle[i%4]
		all[i] = crowd{c.x + 0.025*r.NormFloat64(), c.y + 0.025*r.NormFloat64()}
	}
	return all
}

// crowdDrawing draws places on white in eight colours, and names every so many.
func crowdDrawing(places []crowd, width, height float64, named int) *Drawing {
	var symbols []*Symbol
	for _, c := range families {
		var disc Path
		disc.Circle(0, 0, 8.5)
		symbols = append(symbols, &Symbol{Items: []Item{&Shape{Path: disc, Fill: Fill{Color: rgb(c)}, Stroke: Stroke{Color: white, Width: 1.5}}}})
	}
	marks, names := &Layer{Name: "places"}, &Layer{Name: "names"}
	for i, c := range places {
		x, y := c.x*width, c.y*height
		marks.Items = append(marks.Items, &Mark{Symbol: symbols[i%len(symbols)], X: x, Y: y})
		if named > 0 && i%named == 0 {
			names.Items = append(names.Items, &Text{X: x + 11, Y: y + 4, Size: 12, Weight: 500, Color: black, Halo: Stroke{Color: white, Width: 6, Round: true}, Text: "Place " + strconv.Itoa(i)})
		}
	}
	return &Drawing{Width: width, Height: height, Background: white, Layers: []*Layer{marks, names}}
}

func BenchmarkPNG(b *testing.B) {
	f := fonts(b)
	places := crowds(10_000)
	for _, c := range []struct {
		name  string
		named int
		opt   Raster
	}{
		{"palette", 0, Raster{Palette: true}},
		{"palette with labels", 50, Raster{Palette: true}},
		{"true color", 0, Raster{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var out bytes.Buffer
			begin := cpuTime(b)
			for b.Loop() {
				out.Reset()
				if err := PNG(context.Background(), &out, f, crowdDrawing(places, 1024, 768, c.named), c.opt); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-begin)/1e6/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(out.Len()), "file-bytes")
		})
	}
}

// cpuTime is what this process has used on all its cores.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
