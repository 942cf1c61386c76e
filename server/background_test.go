package server

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Background runs what it is given to its end, among more threads, and a panic reaches
// whoever called it.
func TestBackground(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	ran, within := false, 0
	Background(func() { ran, within = true, runtime.GOMAXPROCS(0) })
	if want := before + 2; !ran || within != want && within != before {
		t.Errorf("ran %v among %d threads, want %d", ran, within, want)
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "a bug\n") || !strings.Contains(got, "TestBackground") {
			t.Errorf("the panic is %s", got)
		}
	}()
	Background(func() { panic("a bug") })
}
