package geo

import (
	"sync"
	"testing"
)

func TestDerived(t *testing.T) {
	type key struct{ name string }
	x := new(Index)
	built := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := x.Derived(key{"a"}, func() any { built++; return "made of a" }); got != "made of a" {
				t.Errorf("Derived gives %v", got)
			}
		})
	}
	all.Wait()
	if built != 1 {
		t.Errorf("built %d times, want once", built)
	}
	if got := x.Derived(key{"b"}, func() any { return 2 }); got != 2 {
		t.Errorf("another key gives %v, want 2", got)
	}
}
