// Package pattern says where points lie and whether they lie there by chance: centres,
// the deviational ellipse, nearest neighbours, Ripley's L, and the density of distances
// of Duranton and Overman.
//
// Points are in metres in a plane of equal area, unless a function asks for longitude and
// latitude in degrees; distances are in metres. A nil slice of weights means that each
// point weighs 1. Weights are finite and not negative, and points are finite: the caller
// has seen to that. Where chance is drawn, the same seed draws the same whatever the
// number of processors and the order of the points.
//
// The package knows nothing of features, projections or HTTP.
package pattern

import (
	"errors"

	"github.com/paulmach/orb"
)

var (
	// ErrTooFew reports fewer points of positive weight than the figure needs.
	ErrTooFew = errors.New("pattern: too few points")
	// ErrNoSpread reports points that all lie in one place, or on one line where the
	// figure needs an area.
	ErrNoSpread = errors.New("pattern: the points have no spread")
	// ErrTooShort reports a greatest distance of a curve that is less than Shortest.
	ErrTooShort = errors.New("pattern: the greatest distance is too short for the spread of the sites")
)

// EarthRadius is that of the sphere of great circles, in metres.
const EarthRadius = 6371008.8

func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// weighing are the points of positive weight and their weights.
func weighing(points []orb.Point, weights []float64) ([]orb.Point, []float64) {
	if weights == nil {
		return points, nil
	}
	var ps []orb.Point
	var ws []float64
	for i, w := range weights {
		if w > 0 {
			ps, ws = append(ps, points[i]), append(ws, w)
		}
	}
	return ps, ws
}
