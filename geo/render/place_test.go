package render

import (
	"testing"

	"pgregory.net/rapid"

	"clustermap/geo/draw"
)

// What the placer calls free overlaps nothing and lies in the frame, as a plain scan tells.
func TestPlacerAgreesWithScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(lo, hi float64) *rapid.Generator[float64] { return rapid.Float64Range(lo, hi) }
		frame := draw.Rect{X: number(-50, 50).Draw(t, "x"), Y: number(-50, 50).Draw(t, "y"), W: number(1, 400).Draw(t, "w"), H: number(1, 300).Draw(t, "h")}
		box := rapid.Custom(func(t *rapid.T) draw.Rect {
			return draw.Rect{X: number(-150, 450).Draw(t, "x"), Y: number(-150, 350).Draw(t, "y"), W: number(0, 120).Draw(t, "w"), H: number(0, 120).Draw(t, "h")}
		})
		p := newPlacer(frame)
		var taken []draw.Rect
		for i, b := range rapid.SliceOfN(box, 0, 30).Draw(t, "taken") {
			p.take(b, int32(i))
			taken = append(taken, b)
		}
		b := box.Draw(t, "asked")
		own := int32(rapid.IntRange(-1, len(taken)-1).Draw(t, "own"))
		want := within(b, frame)
		for i, other := range taken {
			want = want && (!overlap(b, other) || int32(i) == own)
		}
		if got := p.free(b, own); got != want {
			t.Fatalf("free(%v, %d) in %v with %v is %v, want %v", b, own, frame, taken, got, want)
		}
	})
}

func TestSidesStandOffTheirPoint(t *testing.T) {
	at := draw.Point{X: 100, Y: 50}
	for s := range centre {
		b := s.beside(at, 10, 40, 16)
		if overlap(b, squareAt(at.X, at.Y, 7)) || b.W != 40 || b.H != 16 {
			t.Errorf("side %d puts a label at %v, on its symbol", s, b)
		}
	}
	if b := centre.beside(at, 10, 40, 16); b != (draw.Rect{X: 80, Y: 42, W: 40, H: 16}) {
		t.Errorf("centre is %v", b)
	}
}
