package archive

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTileID(t *testing.T) {
	// The curve of zoom 1 goes down, right and up; that of zoom 2 begins
	// rightwards, so that its quarters join.
	for id, want := range []Coord{
		{0, 0, 0},
		{1, 0, 0}, {1, 0, 1}, {1, 1, 1}, {1, 1, 0},
		{2, 0, 0}, {2, 1, 0}, {2, 1, 1}, {2, 0, 1}, {2, 0, 2}, {2, 0, 3}, {2, 1, 3}, {2, 1, 2},
	} {
		if got := want.TileID(); got != uint64(id) {
			t.Errorf("tile %v has the number %d, want %d", want, got, id)
		}
	}
	if _, ok := CoordOf(everyID); ok {
		t.Error("a number beyond all zooms has a tile")
	}
	if _, ok := CoordOf(1<<64 - 1); ok {
		t.Error("the greatest number has a tile")
	}
	last := Coord{MaxZoom, 1<<MaxZoom - 1, 0}
	if got := last.TileID(); got != everyID-1 {
		t.Errorf("the last tile has the number %d, want %d", got, everyID-1)
	}
}

func coords(most int) *rapid.Generator[Coord] {
	return rapid.Custom(func(t *rapid.T) Coord {
		z := rapid.IntRange(0, most).Draw(t, "z")
		return Coord{z, rapid.IntRange(0, 1<<z-1).Draw(t, "x"), rapid.IntRange(0, 1<<z-1).Draw(t, "y")}
	})
}

func TestTileIDProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := coords(MaxZoom).Draw(t, "tile")
		id := c.TileID()
		if back, ok := CoordOf(id); !ok || back != c {
			t.Fatalf("tile %v has the number %d, which is that of %v", c, id, back)
		}
		if c.Z == 0 {
			return
		}
		parent := Coord{c.Z - 1, c.X / 2, c.Y / 2}
		if got, want := (id-firstID(c.Z))/4, parent.TileID()-firstID(parent.Z); got != want {
			t.Fatalf("tile %v stands at %d of its zoom, not within %v", c, id-firstID(c.Z), parent)
		}
		if next, ok := CoordOf(id + 1); ok && next.Z == c.Z && abs(next.X-c.X)+abs(next.Y-c.Y) != 1 {
			t.Fatalf("after %v comes %v, which is not beside it", c, next)
		}
	})
}

func abs(v int) int { return max(v, -v) }
