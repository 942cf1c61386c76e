//go:build !linux

package server

// stepBack does nothing: where a priority is that of the process, it would be that of
// the requests too.
func stepBack(int) {}
