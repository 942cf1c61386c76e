package render

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"clustermap/geo/draw"
)

// squares measures text as if every Chinese character were one em and every other half.
type squares struct{}

func (squares) Width(t *draw.Text) float64 {
	w := 0.0
	for _, c := range t.Text {
		switch {
		case joins(c):
		case ideographic(c):
			w++
		default:
			w += 0.5
		}
	}
	return w * t.Size
}

func TestWrap(t *testing.T) {
	p := pen{Text: draw.Text{Size: 1}}
	filled := p
	filled.filled = true
	for _, c := range []struct {
		pen   pen
		text  string
		width float64
		most  int
		want  []string
	}{
		{p, "书中点名的 40 个集群，26 个在三大集聚区", 12, 3, []string{"书中点名的 40 个集群，", "26 个在三大集聚区"}},
		{p, "one two three four", 5, 3, []string{"one two", "three four"}},
		{filled, "one two three four five", 7, 3, []string{"one two three", "four five"}},
		{p, "a b", 10, 1, []string{"a b"}},
		{p, "", 10, 3, nil},
		{p, " \n\t ", 10, 3, nil},
		{p, "abcdefghij", 2, 2, []string{"abcd", "efg…"}},
		{p, "集群", 0.5, 2, nil},
		{p, "（集群）、市场", 3, 9, []string{"（集", "群）、", "市场"}},
		{p, "a\u0301a\u0301a\u0301", 1, 9, []string{"a\u0301a\u0301", "a\u0301"}},
		{p, "one two three", 10, 0, nil},
		{p, "1 集", 1, 9, []string{"1", "集"}},
		{p, "\u0301 a", 0.5, 9, []string{"\u0301", "a"}},
	} {
		got, _ := wrap(squares{}, c.pen, c.text, c.width, c.most)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("wrap(%q, %v, %d): -want +got\n%s", c.text, c.width, c.most, diff)
		}
	}
}

// Lines are never longer than the width, never more than asked for, valid, and hold the
// text unless it says that it was cut.
func TestWrapKeepsText(t *testing.T) {
	plain := func(s string) string { return strings.Join(strings.Fields(s), "") }
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("集群 ab，。“”（）12\u0301\u200d👩")))).Draw(t, "text")
		width, most := rapid.Float64Range(0, 20).Draw(t, "width"), rapid.IntRange(0, 4).Draw(t, "most")
		p := pen{Text: draw.Text{Size: rapid.Float64Range(0.1, 3).Draw(t, "size")}, filled: rapid.Bool().Draw(t, "filled")}
		lines, cut := wrap(squares{}, p, text, width, most)
		if len(lines) > most {
			t.Fatalf("%d lines, at most %d", len(lines), most)
		}
		for _, l := range lines {
			if w := p.width(squares{}, l); w > width+1e-9 || !utf8.ValidString(l) {
				t.Fatalf("%q is %v wide, at most %v", l, w, width)
			}
		}
		if got := plain(strings.Join(lines, "")); !cut && got != plain(strings.ToValidUTF8(text, "\uFFFD")) {
			t.Fatalf("%q became %q", text, lines)
		}
	})
}

func TestShortened(t *testing.T) {
	p := pen{Text: draw.Text{Size: 1}}
	for _, c := range []struct {
		text  string
		width float64
		want  string
	}{
		{"集群", 2, "集群"}, {"集群地图", 3, "集群…"}, {"集群，地图", 3.5, "集群…"}, {"集群", 0.4, ""}, {"", 1, ""}, {strings.Repeat("长", 1<<20), 3, "长长…"},
	} {
		if got := shortened(squares{}, p, c.text, c.width); got != c.want {
			t.Errorf("shortened(%.20q, %v) is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
