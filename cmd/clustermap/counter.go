package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// counter tells how far a series of pictures has come: on a terminal in one line that
// is written over, elsewhere not.
type counter struct {
	w           io.Writer
	terminal    bool
	now         func() time.Time
	begun       time.Time
	done, total int
	bytes       int64
}

func newCounter(w io.Writer, total int, now func() time.Time) *counter {
	return &counter{w: w, terminal: isTerminal(w), now: now, begun: now(), total: total}
}

// show tells what is at work.
func (c *counter) show(what string) {
	if !c.terminal {
		return
	}
	full := barWidth * c.done / c.total
	fmt.Fprintf(c.w, "\r\x1b[K[%s%s] %d of %d: %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), c.done, c.total, onScreen(what))
}

// onScreen is a text without what moves the cursor, shortened to its part of a line.
func onScreen(text string) string {
	const most = 24 // characters, each of which may be two wide
	var out []rune
	for _, r := range text {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			r = ' '
		}
		if len(out) == most {
			return string(out) + "…"
		}
		out = append(out, r)
	}
	return string(out)
}

// clear takes the line away that is written over.
func (c *counter) clear() {
	if c.terminal {
		fmt.Fprint(c.w, "\r\x1b[K")
	}
}

// rate tells how fast it went.
func (c *counter) rate() {
	d := max(c.now().Sub(c.begun), time.Millisecond)
	fmt.Fprintf(c.w, "%s, %s, in %v: %.1f a second\n", count(c.done, "picture", "pictures"), size(c.bytes), d.Round(time.Millisecond), float64(c.done)/d.Seconds())
}
