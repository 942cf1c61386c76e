package server

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// How far a thread steps back, and what it still gets of a core that another wants too.
const (
	niceAwaited = 5  // a quarter, for a client waits
	niceReload  = 15 // a thirtieth
)

// Background runs do, which takes long and for which no client waits, so that requests
// do not wait for it: on a thread that the system lets run after those of requests,
// where it can, and beside as many others as there are without it and one more, unless
// GOMAXPROCS in the environment limits them. On a thread of theirs it would hold
// requests up by 10 ms again and again: on two cores at half of what they bear, the
// slowest answer in a hundred then took 40 times as long as without
// (BenchmarkReloadLoad). Goroutines that do starts are not held back. A panic of do is
// one of the caller.
func Background(do func()) { aside(niceReload, 2, do) }

// behind is [Background] for what a client waits for, such as a picture.
func behind(do func()) { aside(niceAwaited, 1, do) }

// aside runs do on a thread that steps back, and adds so many threads meanwhile.
func aside(nice, added int, do func()) {
	if os.Getenv("GOMAXPROCS") == "" {
		addThreads(added)
		defer addThreads(-added)
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
		stepBack(nice)
		do()
	}()
	if f := <-fault; f != nil {
		panic(f)
	}
}

// threads counts those that are added now. It is of the process, as what it changes is.
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
