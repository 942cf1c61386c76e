package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"clustermap/geo/archive"
)

// meter tells how far the making of an archive has come: on a terminal in one line
// that is written over, elsewhere in a line for each zoom.
type meter struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	begun    time.Time
	drawn    time.Time
	last     archive.Progress
}

func newMeter(w io.Writer, now func() time.Time) *meter {
	return &meter{w: w, terminal: isTerminal(w), now: now, begun: now()}
}

// isTerminal reports whether a person is likely to look at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

const (
	barWidth = 30
	redraw   = 100 * time.Millisecond
)

func (m *meter) show(p archive.Progress) {
	m.last = p
	whole := p.Done == p.Total
	switch now := m.now(); {
	case m.terminal && (whole || now.Sub(m.drawn) >= redraw):
		m.drawn = now
		full := barWidth * p.Done / p.Total
		fmt.Fprintf(m.w, "\r\x1b[Kzoom %2d [%s%s] %d tiles, %s", p.Zoom,
			strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.Tiles, size(p.Bytes))
	case !m.terminal && whole:
		fmt.Fprintf(m.w, "zoom %d: %d tiles, %s so far\n", p.Zoom, p.Tiles, size(p.Bytes))
	}
}

// clear takes the line away that is written over.
func (m *meter) clear() {
	if m.terminal {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
}

// rate tells how fast it went.
func (m *meter) rate() {
	d := max(m.now().Sub(m.begun), time.Millisecond)
	fmt.Fprintf(m.w, "%d tiles, %s, in %v: %.0f tiles a second\n", m.last.Tiles, size(m.last.Bytes), d.Round(time.Millisecond), float64(m.last.Tiles)/d.Seconds())
}

// size is a number of bytes for people.
func size(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d kB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
