package server

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// Background runs do, which takes long, so that requests do not wait for it: on a
// thread that the system lets run after those of requests, where it can, and beside
// as many others as there are without it, unless GOMAXPROCS in the environment limits
// them. On a thread of theirs it would hold requests up by 10 ms again and again: on
// two cores at half of what they bear, the slowest answer in a hundred then took 40
// times as long as without (BenchmarkReloadLoad). Goroutines that do starts are not
// held back. A panic of do is one of the caller.
func Background(do func()) {
	if os.Getenv("GOMAXPROCS") == "" {
		addThreads(1)
		defer addThreads(-1)
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

// threads counts the calls of Background at work. It is of the process, as what it
// changes is.
var threads struct {
	sync.Mutex
	added int
}

func addThreads(n int) {
	threads.Lock()
	defer threads.Unlock()
	threads.added += n
	if threads.added == 0 {
		runtime.SetDefaultGOMAXPROCS()
		return
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}
