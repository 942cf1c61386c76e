package ingest

import (
	"strconv"
	"strings"

	"clustermap/geo/crs"
	"clustermap/geo/gazetteer"

	"github.com/paulmach/orb"
)

// Sample is the coordinates of one row, and where the place lies that it names.
type Sample struct {
	X, Y string
	Seat *orb.Point
}

// Frame says how the coordinates of a table are read.
type Frame struct {
	CRS     *crs.CRS
	Swapped bool // X holds the latitude or northing
	Guessed bool
	Reasons []gazetteer.Reason
}

// GuessFrame finds out how coordinates are meant.
func GuessFrame(stated *crs.CRS, samples []Sample) Frame {
	if stated != nil {
		return Frame{CRS: stated}
	}
	return Frame{CRS: crs.CRS84()}
}

// Point is the point of a row. reason is not "" where there is none.
func (f Frame) Point(x, y string) (p orb.Point, warnings []gazetteer.Reason, reason string) {
	a, err1 := strconv.ParseFloat(strings.TrimSpace(x), 64)
	b, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
	if err1 != nil || err2 != nil {
		return p, nil, "the coordinates are not numbers"
	}
	if f.Swapped {
		a, b = b, a
	}
	q := orb.Point{a, b}
	if f.CRS.Swapped() {
		q = orb.Point{b, a}
	}
	p, ok := f.CRS.ToLonLat(q)
	if !ok || !onEarth(p) {
		return p, nil, "the coordinates are nowhere on Earth"
	}
	return p, nil, ""
}
