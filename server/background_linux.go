package server

import "syscall"

// stepBack lets other threads run before that of the caller, which still gets on where
// all cores are busy.
func stepBack(nice int) {
	tid := syscall.Gettid() // on Linux a thread has a priority of its own
	if now, err := syscall.Getpriority(syscall.PRIO_PROCESS, tid); err == nil {
		now = 20 - now                                                        // as the system call gives it
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, tid, min(now+nice, 19)) // else it runs as the others do
	}
}
