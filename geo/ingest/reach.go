package ingest

import (
	"math"
	"slices"

	"clustermap/geo/gazetteer"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// How far beyond what a division can span a point may lie, in km: farther than doubtful
// it is told and less sure, farther than impossible it is not placed.
const (
	doubtful   = 50
	impossible = 150
)

// mostTown is how far from its seat a point of a town, a zone or a market may lie in km,
// and beyondTown how far one that is placed at all.
const (
	mostTown   = 60
	beyondTown = 100
)

// spans are how far from their seats divisions reach, in km. Their outlines are not
// known here; their towns are, and the seats of their neighbours.
type spans struct {
	seats  []orb.Point // of counties
	within map[*gazetteer.Unit]float64
	known  map[*gazetteer.Unit]float64
}

// spanUnknown is taken of divisions in which nothing has a point, such as 三沙市 and 台湾省,
// in km.
const spanUnknown = 1500

// neighbours is which of the nearest seats of other counties is taken for beyond the border:
// of a county at the sea or a frontier the others are on one side.
const neighbours = 4

func newSpans(g *gazetteer.Gazetteer) *spans {
	s := &spans{within: make(map[*gazetteer.Unit]float64), known: make(map[*gazetteer.Unit]float64)}
	for _, u := range g.Units() {
		at, host := u.Seat()
		if host != u {
			continue
		}
		if u.Level == "county" {
			s.seats = append(s.seats, at)
		}
		for up := u.Parent; up != nil; up = up.Parent {
			if seat, host := up.Seat(); host != nil {
				s.within[up] = max(s.within[up], geo.Distance(at, seat)/1000)
			}
		}
	}
	return s
}

// of is how far a unit reaches.
func (s *spans) of(u *gazetteer.Unit) float64 {
	if km, ok := s.known[u]; ok {
		return km
	}
	km := s.within[u]
	if seat, host := u.Seat(); u.Level == "county" && host != nil {
		var nearest []float64
		for _, at := range s.seats {
			if math.Abs(at[1]-seat[1]) > 8 || at == seat { // 8 degrees are 900 km
				continue
			}
			nearest = append(nearest, geo.DistanceHaversine(at, seat)/1000)
		}
		slices.Sort(nearest)
		if len(nearest) >= neighbours {
			km = max(km, nearest[neighbours-1])
		}
	}
	if km == 0 {
		km = spanUnknown
	}
	s.known[u] = km
	return km
}

// beyond is how far outside of a place a point lies that is km from the point of it.
func (p *placer) beyond(place gazetteer.Place, km float64) float64 {
	if p.spans == nil {
		p.spans = newSpans(p.g)
	}
	u := place.Unit
	if _, host := u.Seat(); host != nil && host != u && host.Level != "town" {
		return km - p.spans.of(host) // the seat is that of what it lies in
	}
	switch place.Level {
	case "province", "prefecture", "county":
		return km - p.spans.of(u)
	}
	if km > beyondTown {
		return math.Inf(1)
	}
	if u.Parent == nil {
		return km - mostTown
	}
	return km - min(mostTown, p.spans.of(u.Parent))
}
