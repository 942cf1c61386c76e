package render

import (
	"math"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
)

// Resolution is the scale of a picture, which decides on groups and hexagons.
type Resolution struct {
	zoom float64 // of Web Mercator with tiles of 256 pixels, in the middle of the picture
	size float64 // of symbols
}

// Resolution is what the pyramids and territories of m are to be made for, before
// they are in its layers. f is as in Draw.
func (m *Map) Resolution(f *draw.Fonts) (Resolution, error) {
	s, err := newScene(m, f, false)
	if err != nil {
		return Resolution{}, err
	}
	return s.resolution(), nil
}

func (s *scene) resolution() Resolution { return Resolution{s.zoom, s.theme.scale} }

// Least distances between groups in pixels, at size 1. A few features may stand close,
// many need air; the page does the same (web/src/marks.ts, overlay.ts).
const (
	fewFeatures = 200
	closeGroups = 32
)

// airyGroups is the distance at which the page keeps groups of the default radius: it
// takes those of the next zoom from a quarter of a zoom before.
var airyGroups = pyramid.DefaultRadius * math.Exp2(-0.25)

func (r Resolution) distance(features int) float64 {
	if features <= fewFeatures {
		return closeGroups * r.size
	}
	return airyGroups * r.size
}

// Radius is the radius of the pyramid whose groups a picture of so many features shows
// best. Draw takes a pyramid of any radius, at the zoom that suits it.
func (r Resolution) Radius(features int) int {
	if features > fewFeatures {
		return pyramid.DefaultRadius
	}
	// The frame may become a little smaller when all of a legend is known.
	const slack = 1.0625
	ahead := math.Ceil(r.zoom) - r.zoom
	return max(pyramid.MinRadius, min(pyramid.MaxRadius, int(math.Ceil(slack*r.distance(features)*math.Exp2(ahead)))))
}

// Zoom is the zoom of the groups of a pyramid in the picture: the finest at which they
// stand far enough apart.
func (r Resolution) Zoom(p *pyramid.Pyramid) int {
	z := r.zoom + math.Log2(float64(p.Options().Radius)/r.distance(p.Len()))
	return max(0, min(pyramid.MaxZoom, int(math.Floor(z+1e-9))))
}

// HexWidth is the width of hexagons in km, of a series that serves all regions, so that
// they are some 34 pixels wide in the middle of China (web/src/hexsize.ts).
func (r Resolution) HexWidth() float64 {
	const wide, latitude = 34, 33
	pixel := 40_075.016686 * math.Cos(latitude*math.Pi/180) / 256 / math.Exp2(r.zoom) // km
	best := 1.0
	for _, km := range []float64{1, 2, 5, 10, 20, 50, 100, 200, 500} {
		if math.Abs(math.Log(km/(wide*pixel))) < math.Abs(math.Log(best/(wide*pixel))) {
			best = km
		}
	}
	return best
}

func lacks(view, needs string) error {
	return &geo.InvalidError{Field: "view", Reason: view + " needs " + needs}
}
