package server

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// Background runs do, which takes long, so that requests do not wait for it: on a
// thread that the system lets run after those of requests, where it can, and beside
// as many others as there are without it, unless GOMAXPROCS in the environment limits
// them. On a thread of theirs it would hold requests up by 10 ms again and again: on
// two cores at half of what they bear, the slowest answer in a hundred then took 40
// times as long as without (BenchmarkReloadLoad). Goroutines that do starts are not
// held back. A panic of do is one of the caller. Calls should not overlap.
func Background(do func()) {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
		defer runtime.SetDefaultGOMAXPROCS()
	}
	fault := make(chan any)
	go func() {
		defer func() {
			f := recover()
			if f != nil {
				f = fmt.Errorf("%v\n%s", f, debug.Stack())
			}
			fault <- f
		}()
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		stepBack()
		do()
	}()
	if f := <-fault; f != nil {
		panic(f)
	}
}
