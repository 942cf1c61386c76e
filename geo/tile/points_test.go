package tile

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/geojson"

	"clustermap/geo"
)

// One at a time or all at once, a layer of points says the same.
func TestPointsAtOnce(t *testing.T) {
	r := random(t)
	values := func(k int) any {
		switch k % 7 {
		case 0:
			return fmt.Sprint("kind ", r.IntN(3))
		case 1:
			return r.IntN(200_000) // of which each has its own: no codes
		case 2:
			return r.IntN(2) == 0
		case 3:
			return []any{"a", r.IntN(4)}
		case 4:
			return fmt.Sprint("kind ", r.IntN(500))
		case 5:
			return float64(r.IntN(9)) / 4
		}
		return -r.IntN(300)
	}
	for _, fields := range []int{0, 1, 7, 20, 21, 22, 60} {
		var all []string
		for i := range 5*often + 100 {
			properties := make(map[string]any)
			for k := range fields {
				if r.IntN(5) > 0 {
					properties[fmt.Sprintf("p%02d", k)] = values(k)
				}
			}
			text, err := json.Marshal(properties)
			if err != nil {
				t.Fatal(err)
			}
			id := any(fmt.Sprint("firm ", i))
			if i%3 == 0 {
				id = i * i
			}
			all = append(all, feature(id, pointAt(r.Float64()*8+109, r.Float64()*8+29), string(text)))
		}
		x := readIndex(t, "", all...)
		layer := Layer{Name: "a", Index: x, Properties: []string{}}
		for _, p := range x.Schema().Properties {
			layer.Properties = append(layer.Properties, p.Name)
		}
		for _, extent := range []int{256, 4096, 8192} {
			g := Grids()[0]
			w := geo.World([2]float64{113, 33})
			at := Coord{6, int(w[1] * 64), int(w[0] * 64)}
			written := func(write func(p *part, kept []candidate)) []*geojson.Feature {
				opt, err := Options{MaxBytes: 1 << 30, Extent: extent}.complete()
				if err != nil {
					t.Fatal(err)
				}
				e := &encoder{ctx: context.Background(), grid: g, coord: at, opt: opt, window: g.window(at, opt.Extent, opt.Buffer)}
				p, err := newPart(e, &layer)
				if err != nil {
					t.Fatal(err)
				}
				defer p.release()
				if err := p.gather(opt.MaxFeatures); err != nil {
					t.Fatal(err)
				}
				p.begin()
				for kept := range slices.Chunk(p.kept, often) {
					write(p, kept)
				}
				if p.shown != p.owned || p.writer.count != len(p.kept) || p.shown == 0 || p.shown == len(p.kept) {
					t.Fatalf("%d fields: %d of %d shown, %d of %d written", fields, p.shown, p.owned, p.writer.count, len(p.kept))
				}
				var data []byte
				for _, part := range p.writer.parts(extent) {
					data = append(data, part...)
				}
				return decode(t, data)["a"].Features
			}
			one := written(func(p *part, kept []candidate) {
				for _, c := range kept {
					p.write(c)
				}
			})
			if diff := cmp.Diff(one, written((*part).points)); diff != "" {
				t.Fatalf("%d fields, extent %d: %s", fields, extent, strings.TrimSpace(diff[:min(len(diff), 2000)]))
			}
		}
	}
}
