package render

import (
	"strings"
	"testing"

	"clustermap/geo/draw"
)

// Lines have the width that there is, and lose nothing.
func TestLines(t *testing.T) {
	fonts, err := draw.LoadFonts(nil)
	if err != nil {
		t.Fatal(err)
	}
	const text = "Where do the listed clusters of this trade stand, and is that more than chance?"
	style := draw.Text{Size: 12}
	lines := Lines(fonts, style, text, 150)
	for _, line := range lines {
		style.Text = line
		if w := fonts.Width(&style); w > 150 {
			t.Errorf("%q is %v wide", line, w)
		}
	}
	if len(lines) < 3 || strings.Join(lines, " ") != text {
		t.Errorf("the lines are %q", lines)
	}
}
