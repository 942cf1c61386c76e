package render

import (
	"image/color"

	"clustermap/geo/draw"
)

// Lines breaks a text into lines of at most width where a reader would, written like t.
func Lines(fonts *draw.Fonts, t draw.Text, text string, width float64) []string {
	lines, _ := wrap(fonts, pen{Text: t, lead: 1.5, filled: true}, text, width, mostWrapped)
	return lines
}

// Paper is the colours of what stands around a map of the light style.
type Paper struct {
	Surface, Soft, Line, Ink, Ink2, Ink3 color.NRGBA
	Mark, Faint                          color.NRGBA // of bars and curves, of bands of chance
}

// NewPaper is the paper of the light style.
func NewPaper() Paper {
	t := lightTheme()
	return Paper{t.surface, t.surface2, t.line, t.ink, t.ink2, t.ink3, t.sequential[4], t.line}
}
