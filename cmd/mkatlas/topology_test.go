package main

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// square gives a counterclockwise ring around the box.
func square(x0, y0, x1, y1 int32) ring {
	return ring{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

func TestRings(t *testing.T) {
	if got := square(0, 0, 2, 3).area(); got != 6 {
		t.Errorf("area of a counterclockwise ring = %v, want 6", got)
	}
	spike := ring{{0, 0}, {4, 0}, {4, 0}, {4, 4}, {4, 9}, {4, 4}, {0, 4}}
	if got, want := spike.tidy(), square(0, 0, 4, 4); !slices.Equal(got, want) {
		t.Errorf("tidy = %v, want %v", got, want)
	}
	//   +---+
	//   | a |
	//   +---x---+     the ring runs through x twice
	//       | b |
	//       +---+
	eight := ring{{0, 2}, {2, 2}, {2, 0}, {4, 0}, {4, 2}, {2, 2}, {2, 4}, {0, 4}}
	parts := eight.simple()
	if len(parts) != 2 || parts[0].area()+parts[1].area() != 8 {
		t.Errorf("simple = %v, want two rings of area 4", parts)
	}
	if r := square(0, 0, 10, 10); !r.contains(vertex{3, 4}) || r.contains(vertex{13, 4}) {
		t.Error("contains is wrong about a square")
	}
}

func TestNest(t *testing.T) {
	hole := square(2, 2, 8, 8).oriented(false)
	island := square(4, 4, 6, 6)
	got := nest([]ring{island, hole, square(0, 0, 10, 10)})
	if len(got) != 2 || len(got[0]) != 2 || len(got[1]) != 1 {
		t.Fatalf("nest = %v, want a square with a hole, and the island in it", got)
	}
	if a, b := got[0].area(), got[1].area(); a != 64 || b != 4 {
		t.Errorf("areas = %v, %v, want 64, 4", a, b)
	}
}

// Two squares side by side, a third around nothing:
//
//	+--+--+
//	|0 |1 |   +--+
//	+--+--+   |2 |
//	          +--+
func TestTopology(t *testing.T) {
	topo, err := newTopology([]owned{
		{square(0, 0, 10, 10), 0}, {square(10, 0, 20, 10), 1}, {square(30, 0, 40, 10), 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(topo.arcs); n != 4 {
		t.Errorf("%d arcs, want 4: two shores, the border between and the island's", n)
	}
	both := topo.polygons(func(owner int) bool { return owner < 2 })
	if len(both) != 1 || both[0].area() != 200 || len(both[0][0]) != 6 {
		t.Errorf("union = %v, want one ring of 6 vertices around both", both)
	}
	border := topo.borders(func(l, r int) bool { return l != nobody && r != nobody })
	if len(border) != 1 || len(border[0]) != 2 {
		t.Errorf("inner borders = %v, want one line of two vertices", border)
	}
	if _, err := newTopology([]owned{{square(0, 0, 10, 10), 0}, {square(0, 0, 10, 20), 1}}); err == nil {
		t.Error("areas that overlap were accepted")
	}
}

// Whatever simplification leaves out, neighbours keep one border: the areas still
// add up to the whole, and no two borders cross.
func TestSimplifyKeepsSharedBorders(t *testing.T) {
	const n, size = 8, 20_000
	rng := rand.New(rand.NewPCG(1, 2))
	rough := wobble(rng, n, size)
	topo, err := newTopology(rough)
	if err != nil {
		t.Fatal(err)
	}
	simple, err := topo.simplify(func(vertex) float64 { return 0.15 })
	if err != nil {
		t.Fatal(err)
	}
	vertices := func(t *topology) (n int) {
		for _, a := range t.arcs {
			n += len(a.line)
		}
		return n
	}
	if before, after := vertices(topo), vertices(simple); after*2 > before {
		t.Errorf("%d vertices of %d are left, want less than half", after, before)
	}
	if bad := simple.crossings(); len(bad) > 0 {
		t.Errorf("%d borders cross", len(bad))
	}
	sum := 0.0
	for owner := range n * n {
		for _, p := range simple.polygons(func(o int) bool { return o == owner }) {
			sum += p.area()
			if err := geometry([]polygon{p}).Validate(); err != nil {
				t.Errorf("area %d: %v", owner, err)
			}
		}
	}
	whole := simple.polygons(func(int) bool { return true })
	if len(whole) != 1 || len(whole[0]) != 1 || whole[0].area() != sum {
		t.Errorf("the areas add up to %v, their union is %v", sum, whole)
	}
}

// wobble gives n × n fields whose borders run in random steps between the
// corners of a grid.
func wobble(rng *rand.Rand, n, size int32) []owned {
	const steps = 40
	lines := map[edge][]vertex{}
	line := func(a, b vertex) []vertex {
		if l, ok := lines[edge{a, b}]; ok {
			return l
		}
		l := []vertex{a}
		for k := int32(1); k < steps; k++ {
			off := rng.Int32N(size/20) - size/40
			v := vertex{a.x + (b.x-a.x)*k/steps, a.y + (b.y-a.y)*k/steps}
			if a.x == b.x {
				v.x += off
			} else {
				v.y += off
			}
			l = append(l, v)
		}
		back := append(slices.Clone(l[1:]), b)
		slices.Reverse(back)
		lines[edge{a, b}], lines[edge{b, a}] = l, back
		return l
	}
	var out []owned
	for i := range n * n {
		r := square(i%n*size, i/n*size, (i%n+1)*size, (i/n+1)*size)
		var field ring
		for k, a := range r {
			field = append(field, line(a, r[(k+1)%4])...)
		}
		out = append(out, owned{field, int(i)})
	}
	return out
}
