package main

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The cells of random places partition the box: they overlap nowhere, add up to
// it, and each point lies in the cell of the place nearest to it.
func TestCellsPartition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var places []*place
	for range 300 {
		places = append(places, &place{at: vertex{rng.Int32N(50_000), rng.Int32N(40_000)}})
	}
	lo, hi := [2]float64{-1000 * lonScale, -1000}, [2]float64{51_000 * lonScale, 41_000}
	found := sites(places, func(*place) float64 { return siteGap }, lo, hi)
	var all []owned
	sum := 0.0
	for i, s := range found {
		all = append(all, owned{s.cell, i})
		sum += s.cell.area()
	}
	if want := 52_000.0 * 42_000.0; sum != want {
		t.Errorf("the cells add up to %v, the box is %v", sum, want)
	}
	topo, err := newTopology(all)
	if err != nil {
		t.Fatal(err)
	}
	if whole := topo.polygons(func(int) bool { return true }); len(whole) != 1 || len(whole[0]) != 1 {
		t.Errorf("the union of the cells has gaps: %d polygons", len(whole))
	}
	for range 500 {
		v := vertex{rng.Int32N(50_000), rng.Int32N(40_000)}
		nearest, least := 0, math.Inf(1)
		for i, s := range found {
			if d := distance(v, s.place.at, s.place.at); d < least {
				nearest, least = i, d
			}
		}
		if !found[nearest].cell.contains(v) {
			for i, s := range found {
				if d := distance(v, s.place.at, s.place.at); s.cell.contains(v) && d > least+2 {
					t.Errorf("%v lies in the cell of place %d, place %d is nearer", v, i, nearest)
				}
			}
		}
	}
}

// +-----+
// |  0  |     the lower side of 0 has no vertex where 1 and 2 meet
// +--+--+
// |1 |2 |
// +--+--+
func TestWeld(t *testing.T) {
	welded := weld([]owned{
		{square(0, 10, 20, 20), 0}, {square(0, 0, 10, 10), 1}, {square(10, 0, 20, 10), 2},
	})
	if n := len(welded[0].ring); n != 5 {
		t.Errorf("area 0 has %d vertices, want 5: %v", n, welded[0].ring)
	}
	topo, err := newTopology(welded)
	if err != nil {
		t.Fatal(err)
	}
	if inner := topo.borders(func(l, r int) bool { return l != nobody && r != nobody }); len(inner) != 3 {
		t.Errorf("inner borders = %v, want three that meet in the middle", inner)
	}
}

// A small piece of 1 within 0 goes to 0; a large one stays.
func TestAdopt(t *testing.T) {
	for _, c := range []struct {
		side int32
		want float64 // area of owner 1 afterwards
	}{{10, 10_000}, {60, 13_600}} {
		stray := square(20, 20, 20+c.side, 20+c.side)
		topo, err := newTopology([]owned{
			{square(0, 0, 100, 100), 0}, {stray.oriented(false), 0}, {stray, 1},
			{square(100, 0, 200, 100), 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := topo.adopt(2, func(int, int) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range got.polygons(func(owner int) bool { return owner == 1 }) {
			sum += p.area()
		}
		if sum != c.want {
			t.Errorf("a piece of %d × %d: owner 1 has %v, want %v", c.side, c.side, sum, c.want)
		}
	}
}
