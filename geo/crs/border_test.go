package crs

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/peterstace/simplefeatures/geom"
)

var update = flag.Bool("update", false, "write border.json")

const (
	offshore = 0.5   // degrees of latitude: how far from the coast islands and harbours are taken in
	apart    = 0.03  // how near to Taiwan's islands the sea is theirs, degrees
	detail   = 0.003 // degrees within which an outline is simplified
)

// The islands of Matsu, and Weizhou, are not in the outlines of 1:10m.
var (
	matsu   = []geom.XY{{X: 119.94, Y: 26.155}, {X: 119.99, Y: 26.225}, {X: 119.94, Y: 25.97}, {X: 120.49, Y: 26.37}}
	weizhou = geom.XY{X: 109.12, Y: 21.04}
)

// TestBorder computes border.json from the divisions and the base map of the
// built-in atlas (see data/README.md) and compares it with the file.
func TestBorder(t *testing.T) {
	china, taiwan := landOf(t, "../../data/divisions.geojson")
	var borders []geom.XY
	for _, f := range featuresOf(t, "../../data/base/countries.geojson") {
		borders = append(borders, corners(f.Geometry)...)
	}
	islands := must(t)(geom.Union(taiwan, seaOf(t, taiwan, nil, apart)))
	area := must(t)(geom.Difference(must(t)(geom.Union(china, seaOf(t, china, borders, offshore))), islands))
	around := must(t)(geom.Union(taiwan, seaOf(t, taiwan, corners(china), offshore)))
	file := fmt.Appendf(nil, "{\n\"china\": [\n%s\n],\n\"taiwan\": [\n%s\n]\n}\n",
		ringsOf(area), ringsOf(must(t)(geom.Union(around, islands))))
	if *update {
		if err := os.WriteFile("border.json", file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("border.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, file) {
		t.Error("border.json is not what the data give; go test ./geo/crs -run TestBorder -update writes it")
	}
}

func must(t *testing.T) func(geom.Geometry, error) geom.Geometry {
	return func(g geom.Geometry, err error) geom.Geometry {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
}

func featuresOf(t *testing.T, file string) geom.GeoJSONFeatureCollection {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var raw struct{ Features []json.RawMessage }
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	var all geom.GeoJSONFeatureCollection
	for _, text := range raw.Features {
		if bytes.Contains(text, []byte(`"geometry":null`)) {
			continue // a division of which no outline is known
		}
		var f geom.GeoJSONFeature
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func corners(g geom.Geometry) []geom.XY {
	var all []geom.XY
	seq := g.DumpCoordinates()
	for i := range seq.Length() {
		all = append(all, seq.GetXY(i))
	}
	return all
}

// landOf is the land of the 33 divisions other than Taiwan, and Taiwan.
func landOf(t *testing.T, file string) (china, taiwan geom.Geometry) {
	var parts []geom.Geometry
	for _, f := range featuresOf(t, file) {
		switch {
		case f.Properties["level"] != "province":
		case f.Properties["adcode"] == "710000":
			taiwan = f.Geometry
		default:
			parts = append(parts, f.Geometry)
		}
	}
	parts = append(parts, capsule(weizhou, weizhou, 0.1))
	for _, p := range matsu {
		taiwan = must(t)(geom.Union(taiwan, capsule(p, p, 0.05)))
	}
	return must(t)(geom.UnionMany(parts)), taiwan
}

// seaOf is what lies around the outline of the land, no farther than reach and
// a third of the way to the others: a union of capsules, one around each edge. It
// narrows to nothing where the outline is a border on land.
func seaOf(t *testing.T, land geom.Geometry, others []geom.XY, reach float64) geom.Geometry {
	t.Helper()
	var capsules []geom.Geometry
	for _, ring := range outlines(land, 0.02) {
		for i := 1; i < len(ring); i++ {
			radius := reach
			for _, p := range others {
				radius = min(radius, fromEdge(p, ring[i-1], ring[i])/3)
			}
			if radius > detail {
				capsules = append(capsules, capsule(ring[i-1], ring[i], radius))
			}
		}
	}
	return must(t)(geom.UnionMany(capsules))
}

// fromEdge is the distance from a point to an edge.
func fromEdge(p, a, b geom.XY) float64 {
	d := b.Sub(a)
	if n := d.Dot(d); n > 0 {
		a = a.Add(d.Scale(max(0, min(1, p.Sub(a).Dot(d)/n))))
	}
	return p.Sub(a).Length()
}

// capsule is about all that is within the radius of an edge, as degrees of
// latitude: the hull of a figure of twelve corners at each of its ends.
func capsule(a, b geom.XY, radius float64) geom.Geometry {
	var points []geom.Point
	for _, end := range []geom.XY{a, b} {
		for k := range 12 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 6)
			points = append(points, geom.XY{X: end.X + radius*cos/math.Cos(end.Y*math.Pi/180), Y: end.Y + radius*sin}.AsPoint())
		}
	}
	return geom.NewMultiPoint(points).ConvexHull()
}

// outlines are the rings of an area, simplified. Small holes are left out: they
// are gaps between outlines, not islands of another.
func outlines(g geom.Geometry, within float64) [][]geom.XY {
	var rings [][]geom.XY
	for _, part := range g.Dump() {
		if !part.IsPolygon() {
			continue
		}
		for i, ring := range part.MustAsPolygon().DumpRings() {
			if i > 0 && geom.NewPolygon([]geom.LineString{ring}).Area() < 0.005 {
				continue
			}
			if simple := corners(ring.Simplify(within).AsGeometry()); len(simple) >= 4 {
				rings = append(rings, simple)
			}
		}
	}
	return rings
}

// ringsOf writes rings one a line, the longest first.
func ringsOf(g geom.Geometry) string {
	var lines []string
	for _, ring := range outlines(g, detail) {
		var b strings.Builder
		for i, p := range ring {
			fmt.Fprintf(&b, "%s[%v,%v]", strings.Repeat(",", min(i, 1)), math.Round(p.X*1e3)/1e3, math.Round(p.Y*1e3)/1e3)
		}
		lines = append(lines, "["+b.String()+"]")
	}
	slices.SortFunc(lines, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(lines, ",\n")
}
