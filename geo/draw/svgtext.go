package draw

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/font/sfnt"
)

// fallbacks are the families that a reader takes text from when the embedded fonts
// do not serve: an editor that does not read them, or a character that was typed in.
const fallbacks = "'Source Han Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"

// text writes one element for a line. A halo stands below it as outlines and not as
// the stroke of the text, which PowerPoint and LibreOffice draw over the letters.
func (s *svgWriter) text(b *buffer, t *Text) {
	line := s.fonts.line(t)
	if len(line.runs) == 0 || !(t.Size > 0) || t.Color.A == 0 && !t.Halo.shows() {
		return
	}
	if !t.Halo.shows() {
		s.letters(b, t, line, t.Name, t.Alt)
		return
	}
	b.raw("<g")
	b.label(t.Name)
	b.raw(">")
	b.title(t.Alt)
	s.halo(b, t, line)
	s.letters(b, t, line, "", "")
	b.raw("</g>\n")
}

// halo strokes the outlines of the glyphs in thousandths of the em, so that each glyph
// is defined once for all sizes.
func (s *svgWriter) halo(b *buffer, t *Text, line line) {
	scale := min(t.Size, maxSide) / 1000
	halo := t.Halo
	halo.Dash = nil
	halo.Width /= scale
	b.raw(`<g fill="none"`)
	b.stroke(halo)
	b.raw(` transform="translate(`)
	b.float(line.start(t))
	b.raw(" ")
	b.float(t.Y)
	b.raw(`) scale(`, strconv.FormatFloat(math.Round(scale*1e5)/1e5, 'f', -1, 64), `)">`)
	for _, r := range line.runs {
		for _, g := range r.glyphs {
			n := s.outline(leaning{r.face, g.id, t.Italic})
			if n == 0 {
				continue
			}
			b.raw(fmt.Sprintf(`<use xlink:href="#g%d"`, n))
			if x := math.Round(g.x / scale); x != 0 {
				b.number("x", x)
			}
			b.raw("/>")
		}
	}
	b.raw("</g>\n")
}

// outline defines the outline of a glyph where it was not and returns its number; 0
// for a space, and for a character that no face has, which the reader draws its way.
func (s *svgWriter) outline(l leaning) int {
	n, ok := s.outlines[l]
	if ok {
		return n
	}
	if path := l.outline(); l.id != 0 && !path.Empty() {
		s.outlined++
		n = s.outlined
		s.defs.raw(fmt.Sprintf(`<path id="g%d" d="`, n))
		s.defs.path(path)
		s.defs.raw("\"/>\n")
	}
	s.outlines[l] = n
	return n
}

// letters writes the text itself. Parts that are drawn by another face than Noto Sans
// SC are set apart in it.
func (s *svgWriter) letters(b *buffer, t *Text, line line, name, alt string) {
	b.raw("<text")
	x := t.X
	switch t.Align { // readers count the space after the last character, we do not
	case Middle:
		x += t.Spacing / 2
		b.raw(` text-anchor="middle"`)
	case End:
		x += t.Spacing
		b.raw(` text-anchor="end"`)
	}
	b.number("x", x)
	b.number("y", t.Y)
	b.number("font-size", t.Size)
	if weight := weights[nearestWeight(t.Weight)]; weight != 400 {
		b.raw(fmt.Sprintf(` font-weight="%d"`, weight))
	}
	if t.Italic {
		b.raw(` font-style="italic"`)
	}
	if t.Spacing != 0 {
		b.number("letter-spacing", t.Spacing)
	}
	b.paint("fill", t.Color)
	b.label(name)
	shown := visible(t.Text)
	if strings.Contains(" "+string(shown)+" ", "  ") { // else readers drop such spaces
		b.raw(` xml:space="preserve"`)
	}
	b.raw(">")
	b.title(alt)
	turned := slices.ContainsFunc(shown, isRightToLeft)
	if turned { // the runs stand as they are seen; readers want the order of reading
		b.escape(string(shown))
	}
	for _, r := range line.runs {
		s.use(r)
		if !turned {
			s.run(b, r, t.Weight)
		}
	}
	b.raw("</text>\n")
}

func (s *svgWriter) run(b *buffer, r run, weight int) {
	switch {
	case !isNoto(r.face):
		b.raw(`<tspan font-family="'`, r.face.name, `',`)
		b.escape(quoteFamily(r.face.family))
		b.raw(`,sans-serif">`)
	case r.face.weight != weights[nearestWeight(weight)]:
		b.raw(fmt.Sprintf(`<tspan font-weight="%d">`, r.face.weight))
	default:
		b.escape(r.text)
		return
	}
	b.escape(r.text)
	b.raw("</tspan>")
}

// isNoto reports whether a face is of the family that drawings are set in.
func isNoto(c *face) bool { return strings.HasPrefix(c.name, "noto-sans-sc-") }

func quoteFamily(family string) string {
	return "'" + strings.NewReplacer("'", "", `\`, "").Replace(family) + "'"
}

// use remembers the glyphs of a run for the embedded font. A character that no face
// has is left out of it.
func (s *svgWriter) use(r run) {
	glyphs := s.glyphs[r.face]
	if glyphs == nil {
		glyphs = map[rune]sfnt.GlyphIndex{}
		s.glyphs[r.face] = glyphs
	}
	for _, g := range r.glyphs {
		if g.id != 0 {
			glyphs[g.char] = g.id
		}
	}
}

// fontFaces embeds the glyphs that occur, as a style sheet.
func (s *svgWriter) fontFaces() (string, error) {
	var b bytes.Buffer
	for _, c := range slices.SortedFunc(maps.Keys(s.glyphs), byName) {
		if len(s.glyphs[c]) == 0 {
			continue
		}
		var glyphs []subsetGlyph
		for char, id := range s.glyphs[c] {
			glyphs = append(glyphs, subsetGlyph{char, id})
		}
		font, err := c.subset(glyphs)
		if err != nil {
			return "", err
		}
		family, weight := c.name, "100 900" // so that readers do not embolden it
		if isNoto(c) {
			family, weight = "Noto Sans SC", fmt.Sprint(c.weight)
		}
		fmt.Fprintf(&b, "@font-face{font-family:'%s';font-weight:%s;src:url(data:font/ttf;base64,%s)}\n",
			family, weight, base64.StdEncoding.EncodeToString(font))
	}
	return b.String(), nil
}

func byName(a, b *face) int { return cmp.Compare(a.name, b.name) }
