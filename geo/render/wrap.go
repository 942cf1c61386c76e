package render

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"clustermap/geo/draw"
)

// ruler tells how long a line of text is; *draw.Fonts does.
type ruler interface {
	Width(*draw.Text) float64
}

// pen is how text is written. Lines stand lead apart, in ems.
type pen struct {
	draw.Text // without its place and its text
	lead      float64
	filled    bool // fills its lines; else they are about as long as each other
}

func (p pen) width(r ruler, s string) float64 {
	t := p.Text
	t.Text = s
	return r.Width(&t)
}

// height is that of n lines.
func (p pen) height(n int) float64 { return float64(n) * p.lead * p.Size }

const (
	// ascent and descent are what letters and Chinese characters take above and below
	// the baseline, in ems.
	ascent  = 0.88
	descent = 0.2

	// mostWrapped is how many characters of a text are looked at: more than any
	// picture has room for.
	mostWrapped = 4000

	ellipsis = "…"
)

// piece is a part of a text within which no line breaks.
type piece struct {
	text  string
	space bool // stands behind a space, which is left out at the start of a line
	width float64
	gap   float64 // of the space
	good  bool    // it is good to break behind it
}

// wrap breaks a text into at most most lines of at most width, as even as it can where
// they are few: titles, not small print. What has no room is left out, with an ellipsis; cut tells that. No room
// for a single character gives no lines.
func wrap(r ruler, p pen, s string, width float64, most int) (lines []string, cut bool) {
	pieces, cut := split(r, p, s, width)
	if most < 1 || len(pieces) == 0 {
		return nil, cut || len(pieces) > 0
	}
	ends := greedy(pieces, width)
	if len(ends) > most {
		ends, cut = ends[:most], true
	}
	if !cut && !p.filled && len(ends) > 1 && len(ends) <= 4 {
		ends = even(pieces, width, len(ends))
	}
	from := 0
	for _, end := range ends {
		lines = append(lines, joined(pieces[from:end]))
		from = end
	}
	if cut {
		last := &lines[len(lines)-1]
		if *last = shortened(r, p, *last+ellipsis, width); *last == "" {
			lines = lines[:len(lines)-1]
		}
	}
	return lines, cut
}

// shortened is a text of one line cut so that it fits, with an ellipsis in place of the rest; "" where
// not even one character fits. A trailing ellipsis is not doubled.
func shortened(r ruler, p pen, s string, width float64) string {
	if len(s) <= mostWrapped && p.width(r, s) <= width {
		return s
	}
	s, _ = clipped(strings.TrimSuffix(s, ellipsis))
	chars := graphemes(s)
	lo, hi := 0, len(chars) // so many fit, so many do not
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if p.width(r, strings.TrimRightFunc(strings.Join(chars[:mid], ""), trailing)+ellipsis) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	if lo == 0 {
		return ""
	}
	return strings.TrimRightFunc(strings.Join(chars[:lo], ""), trailing) + ellipsis
}

// trailing is what does not stand before an ellipsis.
func trailing(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune(",.;:，。、；：·-–", c)
}

// clipped is the start of a text, as valid UTF-8.
func clipped(s string) (string, bool) {
	n := 0
	for i := range s {
		if n++; n > mostWrapped {
			return strings.ToValidUTF8(s[:i], "\uFFFD"), true
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD"), false
}

// split parts a text at spaces and beside Chinese characters, but not a number from its
// measure word. A word that is longer than a line is parted too.
func split(r ruler, p pen, s string, width float64) (out []piece, cut bool) {
	s, cut = clipped(s)
	space := p.width(r, " ")
	for word := range strings.FieldsSeq(s) {
		first := true
		for _, part := range parts(word) {
			w := p.width(r, part)
			if w > width {
				for _, c := range graphemes(part) {
					cw := p.width(r, c)
					if cw > width {
						return out, true
					}
					out = append(out, piece{text: c, width: cw, space: first && len(out) > 0, gap: space})
					first = false
				}
				continue
			}
			last, _ := utf8.DecodeLastRuneInString(part)
			if one, n := utf8.DecodeRuneInString(part); first && len(out) > 0 && n == len(part) && unicode.Is(unicode.Han, one) && digitLast(out[len(out)-1].text) &&
				out[len(out)-1].width+space+w <= width {
				to := &out[len(out)-1]
				to.text, to.width, first = to.text+" "+part, to.width+space+w, false
				continue
			}
			out = append(out, piece{text: part, width: w, space: first && len(out) > 0, gap: space, good: strings.ContainsRune("，。；：！？,;:!?", last)})
			first = false
		}
	}
	return out, cut
}

func digitLast(s string) bool {
	c := s[len(s)-1]
	return c >= '0' && c <= '9'
}

// parts are the parts of a word between which a line may break: beside each character
// of Chinese, Japanese and Korean, but not before a closing mark or behind an opening one.
func parts(word string) []string {
	var out []string
	from := 0
	prev := rune(-1)
	for i, c := range word {
		if prev >= 0 && breaks(prev, c) {
			out = append(out, word[from:i])
			from = i
		}
		prev = c
	}
	return append(out, word[from:])
}

func breaks(a, b rune) bool {
	if joins(b) || joins(a) {
		return false
	}
	const (
		noStart = "，。、；：！？）》」』】”’…—·,.;:!?)]}%‰℃°"
		noEnd   = "（《「『【“‘([{¥$€#"
	)
	if strings.ContainsRune(noStart, b) || strings.ContainsRune(noEnd, a) {
		return false
	}
	return ideographic(a) || ideographic(b) || strings.ContainsRune("-–—/", a) && unicode.IsLetter(b)
}

// ideographic is whether a line may break on either side of a character.
func ideographic(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || c >= 0x3000 && c <= 0x303F || c >= 0xFF00 && c <= 0xFFEF || c >= 0x1F000
}

// joins is whether a character belongs to the one before it, or both sides belong together.
func joins(c rune) bool {
	const zwj = 0x200D
	return unicode.Is(unicode.M, c) || c == zwj || c >= 0x1F3FB && c <= 0x1F3FF || c >= 0xE0020 && c <= 0xE007F
}

// graphemes are the characters of a text with their marks.
func graphemes(s string) []string {
	var out []string
	prev := rune(-1)
	for i, c := range s {
		n := utf8.RuneLen(c)
		if n < 0 || c == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		if len(out) > 0 && (joins(c) || prev == 0x200D) {
			out[len(out)-1] += s[i : i+n]
		} else {
			out = append(out, s[i:i+n])
		}
		prev = c
	}
	return out
}

// greedy fills each line as far as it goes; the result is where lines end.
func greedy(pieces []piece, width float64) []int {
	var ends []int
	x, begun := 0.0, false // a piece may have no width: a mark alone
	for i, p := range pieces {
		w := p.width
		if begun && p.space {
			w += p.gap
		}
		if begun && x+w > width {
			ends = append(ends, i)
			x, w = 0, p.width
		}
		x, begun = x+w, true
	}
	return append(ends, len(pieces))
}

// even breaks into n lines so that the squares of what is free are least; a break
// behind a comma is worth some raggedness.
func even(pieces []piece, width float64, n int) []int {
	const bonus = 0.12
	count := len(pieces)
	best := make([][]float64, n+1) // least cost of the first i pieces in l lines
	from := make([][]int, n+1)
	for l := range best {
		best[l], from[l] = make([]float64, count+1), make([]int, count+1)
		for i := range best[l] {
			best[l][i] = math.Inf(1)
		}
	}
	best[0][0] = 0
	for l := 1; l <= n; l++ {
		for i := 1; i <= count; i++ {
			x := 0.0
			for j := i - 1; j >= 0; j-- { // the line holds the pieces from j to i
				x += pieces[j].width
				if j < i-1 && pieces[j+1].space {
					x += pieces[j+1].gap
				}
				if x > width {
					break
				}
				free := 1 - x/width
				cost := best[l-1][j] + free*free
				if i < count && pieces[i-1].good {
					cost -= bonus
				}
				if cost < best[l][i] {
					best[l][i], from[l][i] = cost, j
				}
			}
		}
	}
	ends := make([]int, n)
	for l, i := n, count; l > 0; l-- {
		ends[l-1] = i
		i = from[l][i]
	}
	return ends
}

func joined(pieces []piece) string {
	var b strings.Builder
	for i, p := range pieces {
		if i > 0 && p.space {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String()
}
