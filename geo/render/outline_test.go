package render

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// densely is a line with vertices a hundredth of a degree apart.
func densely(corners ...orb.Point) (line []orb.Point) {
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		n := math.Round(math.Hypot(b[0]-a[0], b[1]-a[1]) * 100)
		for k := 0.0; k < n; k++ {
			line = append(line, orb.Point{a[0] + (b[0]-a[0])*k/n, a[1] + (b[1]-a[1])*k/n})
		}
	}
	return append(line, corners[len(corners)-1])
}

func lengthOf(lines [][]orb.Point) (sum float64) {
	for _, line := range lines {
		for i := 1; i < len(line); i++ {
			sum += math.Hypot(line[i][0]-line[i-1][0], line[i][1]-line[i-1][1])
		}
	}
	return sum
}

// TestOutlineRunsOnLand: of two units side by side on a coast
//
//	sea ~~~~~~~~~~~~~~~~~
//	    +------+------+
//	    |  a   |   b  |  land
//	    +------+------+
//	        land
//
// the line runs on three sides, the shore on the fourth, and neither between them.
func TestOutlineRunsOnLand(t *testing.T) {
	a := orb.Ring(densely(orb.Point{110, 30}, orb.Point{111, 30}, orb.Point{111, 31}, orb.Point{110, 31}, orb.Point{110, 30}))
	b := orb.Ring(densely(orb.Point{111, 30}, orb.Point{112, 30}, orb.Point{112, 31}, orb.Point{111, 31}, orb.Point{111, 30}))
	continent := orb.Ring(densely(orb.Point{108, 28}, orb.Point{114, 28}, orb.Point{114, 31}, orb.Point{108, 31}, orb.Point{108, 28}))
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	region := orb.MultiPolygon{{a}, {b}}
	for name, c := range map[string]struct {
		coast       ringIndex
		land, shore float64
	}{
		"on a coast": {newRingIndex([]orb.Ring{continent}, world), 4, 2},
		"inland":     {ringIndex{}, 6, 0},
	} {
		land, shore := splitOutline(region, c.coast)
		if got := lengthOf(land); math.Abs(got-c.land) > 0.1 {
			t.Errorf("%s: the line is %v degrees long, want %v", name, got, c.land)
		}
		if got := lengthOf(shore); math.Abs(got-c.shore) > 0.1 {
			t.Errorf("%s: the shore is %v degrees long, want %v", name, got, c.shore)
		}
	}
}

// TestOutlinesAreKept as long as they are few, whoever asks at the same time.
func TestOutlinesAreKept(t *testing.T) {
	_, base := atlas()
	regions := defaultRegions(t)
	first := base.outlines.split(regions[0].Outline, base.coast())
	again := base.outlines.split(regions[0].Outline, base.coast())
	if len(first.land) == 0 || &first.land[0][0] != &again.land[0][0] {
		t.Error("the outline was split again")
	}
	for range 2 * mostOutlines {
		base.outlines.split(orb.Polygon{{{110, 30}, {111, 30}, {111, 31}, {110, 30}}}, nil)
	}
	if n := len(base.outlines.kept); n > mostOutlines {
		t.Errorf("%d outlines are kept, at most %d are wanted", n, mostOutlines)
	}
}

// TestCoarseLandscapes are so near to the fine one that it does not show.
func TestCoarseLandscapes(t *testing.T) {
	_, base := atlas()
	for i, zoom := range coarseZooms {
		thin := base.coarse[i]()
		if len(thin.land) != len(base.land) || len(thin.provinces) != len(base.provinces) {
			t.Fatalf("zoom %v: parts are missing", zoom)
		}
		pixel := 360 / 256.0 / math.Exp2(zoom)
		vertices := 0
		for k, line := range base.provinces {
			vertices += len(thin.provinces[k])
			for _, p := range line {
				least := math.Inf(1)
				for n := 1; n < len(thin.provinces[k]); n++ {
					least = min(least, fromSegment(p, thin.provinces[k][n-1], thin.provinces[k][n]))
				}
				if least > pixel/8*(1+1e-9) {
					t.Fatalf("zoom %v: %v is %v pixels from the line", zoom, p, least/pixel)
				}
			}
		}
		if vertices == 0 {
			t.Errorf("zoom %v: nothing is left", zoom)
		}
	}
}
