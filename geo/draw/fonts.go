package draw

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// Fonts are the faces that text is drawn with: Noto Sans SC, Liberation Sans for
// Greek, Cyrillic and Hebrew, and for all other characters what the machine has.
// A Fonts does not change and may be used by many at the same time.
//
// A line is laid out by the advances of its glyphs alone, without kerning and
// ligatures, so that all formats set it alike. Text from right to left is put in
// order, but Arabic and Indic letters are not joined.
type Fonts struct {
	faces  [3][]*face // by weight, the first that has a character draws it
	latin  [3]*face   // marks that are full width in a Chinese face; may be nil
	system *systemFonts
	desks  sync.Pool // of *desk

	mu    sync.RWMutex
	found map[wanted]cell
}

// weights are those of Text, in the order of the arrays of Fonts.
var weights = [3]int{400, 500, 700}

// maxRunes is how much of a line is laid out: more than fits on any page.
const maxRunes = 10_000

// maxFound bounds what is remembered of where characters are.
const maxFound = 50_000

type wanted struct {
	char   rune
	weight int // 0, 1 or 2
	latin  bool
}

// cell is where a character was found. Where none has it, id is the empty box.
type cell struct {
	face    *face
	id      sfnt.GlyphIndex
	advance float64 // in em
	missing bool
}

// LoadFonts reads noto-sans-sc-400.ttf, -500 and -700 from fsys, which may be nil. Faces that do not
// exist are done without: Liberation Sans then draws Latin, and Chinese needs a face
// of the machine. A face that cannot be read is an error.
func LoadFonts(fsys fs.FS) (*Fonts, error) {
	f := &Fonts{system: newSystemFonts(fontFolders()), found: map[wanted]cell{}}
	var noto [3]*face
	for i, weight := range weights {
		var err error
		if noto[i], err = readFace(fsys, fmt.Sprintf("noto-sans-sc-%d", weight), weight); err != nil {
			return nil, err
		}
		if f.latin[i], err = readFace(fsys, fmt.Sprintf("latin-marks-%d", weight), weight); err != nil {
			return nil, err
		}
	}
	regular, err := newFace("liberation-sans-400", 400, liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := newFace("liberation-sans-700", 700, liberationsansbold.TTF)
	if err != nil {
		return nil, err
	}
	for i, weight := range weights {
		f.faces[i] = append(byWeight(weight, noto[:]...), byWeight(weight, regular, bold)...)
	}
	return f, nil
}

func readFace(fsys fs.FS, name string, weight int) (*face, error) {
	if fsys == nil {
		return nil, nil
	}
	data, err := fs.ReadFile(fsys, name+".ttf")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newFace(name, weight, data)
}

// byWeight sorts the faces that exist by how near they are to a weight.
func byWeight(weight int, faces ...*face) []*face {
	faces = slices.DeleteFunc(slices.Clone(faces), func(c *face) bool { return c == nil })
	slices.SortStableFunc(faces, func(a, b *face) int {
		return cmp.Compare(max(a.weight-weight, weight-a.weight), max(b.weight-weight, weight-b.weight))
	})
	return faces
}

// Width is how long the line is, in CSS pixels. Spacing counts between characters
// and not after the last.
func (f *Fonts) Width(t *Text) float64 { return f.line(t).width }

// Missing returns the characters of text that no face has, each once, in order. They
// are drawn as an empty box.
func (f *Fonts) Missing(text string) []rune {
	var missing []rune
	seen := map[rune]bool{}
	for _, char := range visible(text) {
		if seen[char] {
			continue
		}
		seen[char] = true
		if f.find(wanted{char: char}).missing {
			missing = append(missing, char)
		}
	}
	return missing
}

// line is a text laid out. Lengths are CSS pixels from its left end.
type line struct {
	runs  []run
	width float64
}

// run is a stretch of a line in one face. Its glyphs stand in the order in which
// they are seen, from left to right.
type run struct {
	face     *face
	text     string // the characters of glyphs
	glyphs   []glyph
	x, width float64
}

type glyph struct {
	id      sfnt.GlyphIndex
	char    rune
	x       float64 // of its origin, from the left end of the line
	advance float64 // without spacing
}

// start is the x of the left end of the line on the page.
func (l line) start(t *Text) float64 {
	switch t.Align {
	case Middle:
		return t.X - l.width/2
	case End:
		return t.X - l.width
	}
	return t.X
}

// line lays a text out. Sizes and spacings that are no length count as 0.
func (f *Fonts) line(t *Text) line {
	size, spacing := t.Size, t.Spacing
	if !(size > 0 && size < farAway) {
		size = 0
	}
	if !(math.Abs(spacing) < farAway) {
		spacing = 0
	}
	return f.layout(t.Text, t.Weight, size, spacing)
}

// runs lays text out at size 1, so that lengths are in em.
func (f *Fonts) runs(text string, weight int) []run {
	return f.layout(text, weight, 1, 0).runs
}

func (f *Fonts) layout(text string, weight int, size, spacing float64) line {
	chars := leftToRight(visible(text))
	want := wanted{weight: nearestWeight(weight)}
	chinese := slices.ContainsFunc(chars, isChinese)
	var l line
	glyphs := make([]glyph, 0, len(chars))
	var from int // of the run, in glyphs
	var last *face
	flush := func() {
		if from < len(glyphs) {
			r := run{face: last, glyphs: glyphs[from:], x: glyphs[from].x}
			end := glyphs[len(glyphs)-1]
			r.width = end.x + end.advance - r.x
			var b strings.Builder
			for _, g := range r.glyphs {
				b.WriteRune(g.char)
			}
			r.text = b.String()
			l.runs = append(l.runs, r)
			from = len(glyphs)
		}
	}
	x := 0.0
	for i, char := range chars {
		want.char = char
		want.latin = isLatinMark(chars, i, chinese)
		c := f.find(want)
		if c.face != last {
			flush()
			last = c.face
		}
		g := glyph{id: c.id, char: char, x: x, advance: c.advance * size}
		glyphs = append(glyphs, g)
		l.width = x + g.advance
		x = l.width + spacing
	}
	flush()
	return l
}

// find says which glyph draws a character.
func (f *Fonts) find(want wanted) cell {
	f.mu.RLock()
	c, ok := f.found[want]
	f.mu.RUnlock()
	if ok {
		return c
	}
	c = f.search(want)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.found) >= maxFound {
		clear(f.found)
	}
	f.found[want] = c
	return c
}

func (f *Fonts) search(want wanted) cell {
	own := f.faces[want.weight]
	if latin := f.latin[want.weight]; want.latin && latin != nil {
		own = append([]*face{latin}, own...)
	}
	for _, c := range own {
		if id, ok := c.glyph(want.char); ok {
			return cell{face: c, id: id, advance: c.advance(id)}
		}
	}
	if c, id, ok := f.system.find(want.char, weights[want.weight] > 500); ok {
		return cell{face: c, id: id, advance: c.advance(id)}
	}
	if unicode.IsSpace(want.char) {
		space := f.search(wanted{char: ' ', weight: want.weight})
		if want.char == '\u3000' {
			space.advance = 1
		}
		return space
	}
	for _, c := range own { // a face that was cut may have lost its box
		if !c.outline(0).Empty() {
			return cell{face: c, advance: c.advance(0), missing: true}
		}
	}
	return cell{face: own[0], advance: own[0].advance(0), missing: true}
}

func nearestWeight(weight int) int {
	switch {
	case weight < 450:
		return 0
	case weight < 600:
		return 1
	}
	return 2
}

// visible is the start of text in its composed form, without the characters that
// show nothing. Whatever breaks a line is a space.
func visible(text string) []rune {
	chars := make([]rune, 0, min(len(text), maxRunes))
	for i, char := range text {
		if len(chars) == maxRunes {
			text = text[:i]
			break
		}
		chars = append(chars, char)
	}
	if !norm.NFC.IsNormalString(text) {
		chars = []rune(norm.NFC.String(text))
	}
	shown := chars[:0]
	for _, char := range chars {
		switch {
		case char == '\t' || char == '\n' || char == '\r' || char == '\v' || char == '\f' || char == '\u0085' || char == '\u2028' || char == '\u2029':
			shown = append(shown, ' ')
		case unicode.IsControl(char) || unicode.Is(unicode.Cf, char) || unicode.Is(unicode.Variation_Selector, char) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, char):
		default:
			shown = append(shown, char)
		}
	}
	return shown
}

// isChinese also takes in Japanese, Korean and full width forms.
func isChinese(char rune) bool {
	return char >= 0x2e80 && char <= 0xa4cf || char >= 0xac00 && char <= 0xd7a3 || char >= 0xf900 && char <= 0xfaff ||
		char >= 0xff00 && char <= 0xffe0 || char >= 0x20000 && char <= 0x3ffff
}

// isLatinMark reports whether a quote, dash or dots is to be as wide as in Latin
// text: where the line is not Chinese, or for an apostrophe within a word.
func isLatinMark(chars []rune, i int, chinese bool) bool {
	switch chars[i] {
	case '‘', '’', '“', '”', '–', '—', '…', '·':
	default:
		return false
	}
	if !chinese {
		return true
	}
	return chars[i] == '’' && i > 0 && i+1 < len(chars) && unicode.Is(unicode.Latin, chars[i-1]) && unicode.Is(unicode.Latin, chars[i+1])
}

// slant is how much an italic leans: as browsers lean a face that has no italic, 1 in 4.
const slant = 0.25
