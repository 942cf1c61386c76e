package draw

import (
	"cmp"
	"math"
	"strings"
	"unicode"
)

// The fonts of the slides: those that Office, WPS and their readers on all systems have
// or replace by others of the same width.
const (
	latinFont = "Arial"
	eastFont  = "Microsoft YaHei"
)

// How far these fonts reach below the baseline, of the em. Lines stand on the lower edge
// of their boxes, because fonts differ less below the baseline than above.
const (
	latinDescent = 0.212
	eastDescent  = 0.262
	lineHeight   = 1.35
)

// takeTitle keeps a line for the title of the slide: the first of that name, and the
// lines below it in the same layer that look the same.
func (s *slide) takeTitle(t *Text) bool {
	if s.titled || !strings.EqualFold(t.Name, "title") || !t.visible() {
		return false
	}
	if n := len(s.title); n > 0 {
		last := s.title[n-1]
		if t.Align != last.Align || t.Weight != last.Weight || math.Abs(t.Size-last.Size) > 0.01 || math.Abs(t.X-last.X) > 0.5 || t.Y <= last.Y {
			return false
		}
	}
	s.title = append(s.title, t)
	return true
}

func (t *Text) visible() bool {
	return t.Color.A > 0 && t.Size > 0 && t.Size < 1e5 && !Point{t.X, t.Y}.strange() && strings.TrimSpace(clean(t.Text, maxLine)) != ""
}

// What a text is on a slide.
const (
	textBox    = `<p:cNvSpPr txBox="1"/><p:nvPr/>`
	slideTitle = `<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="title"/></p:nvPr>`
)

// lines writes lines of one look as a textBox or slideTitle and returns the box they take.
func (s *slide) lines(kind string, at place, ts ...*Text) span {
	first := ts[0]
	if !first.visible() {
		return span{}
	}
	ink := s.ink(ts, at)
	if !ink.seen(at.clip) {
		return span{}
	}
	frame := s.frame(ink, ts)
	var box span
	for _, p := range []Point{{frame.X, frame.Y}, {frame.X + frame.W, frame.Y + frame.H}} {
		x, y := s.units(p)
		box = box.and(span{x, y, x, y, true})
	}
	name, alt := cmp.Or(first.Name, first.Text), cmp.Or(first.Alt, first.Text)
	if kind == slideTitle {
		alt = first.Alt // programs read the title as such
	}
	s.add(`<p:sp><p:nvSpPr>`)
	s.named(s.next(), name, "Text", alt)
	s.add(kind, `</p:nvSpPr><p:spPr><a:xfrm>`)
	s.offExt("off", "ext", box)
	s.add(`</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody>`,
		`<a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"><a:noAutofit/></a:bodyPr><a:lstStyle/><a:p>`)
	s.paragraph(ts)
	for i, t := range ts {
		if i > 0 {
			s.add(`<a:br>`)
			s.look(t)
			s.add(`</a:br>`)
		}
		s.add(`<a:r>`)
		s.look(t)
		s.add(`<a:t>`)
		s.xml = appendEscaped(s.xml, clean(t.Text, maxLine))
		s.add(`</a:t></a:r>`)
	}
	s.add(`</a:p></p:txBody></p:sp>`)
	return box
}

// ink is where lines stand in pixels, from the height of capitals to the last baseline.
func (s *slide) ink(ts []*Text, at place) Rect {
	first, last := ts[0], ts[len(ts)-1]
	width := 0.0
	for _, t := range ts {
		width = max(width, s.width(t))
	}
	x := at.x + first.X
	// Some programs add the spacing after the last character too, some do not.
	switch first.Align {
	case Middle:
		x += first.Spacing/4 - width/2
	case End:
		x += first.Spacing/2 - width
	}
	const capital = 0.75
	return Rect{x, at.y + first.Y - capital*first.Size, width, last.Y - first.Y + capital*first.Size}
}

// seen reports whether at least half of an ink is within a clip, or fills it.
func (r Rect) seen(clip Rect) bool {
	v := r.and(clip)
	return v.W >= min(r.W, clip.W)/2 && v.H >= r.H/2 && v.W >= 0
}

// frame is the box for an ink: on the side where the text may grow it has room for fonts
// that are wider, as far as the slide goes.
func (s *slide) frame(ink Rect, ts []*Text) Rect {
	size := ts[0].Size
	room := ink.W/4 + size
	left, right := max(0, ink.X), max(0, s.drawing.Width-ink.X-ink.W) // what the slide has
	from, to := ink.X, ink.X+ink.W
	switch ts[0].Align {
	case Middle:
		half := min(room/2, left, right)
		from, to = from-half, to+half
	case End:
		from -= min(room, left)
	default:
		to += min(room, right)
	}
	bottom := ink.Y + ink.H + descent(ts)*size
	top := ink.Y + ink.H - (ts[len(ts)-1].Y - ts[0].Y) - (lineHeight-descent(ts))*size
	return Rect{from, top, to - from, bottom - top}
}

func descent(ts []*Text) float64 {
	for _, t := range ts {
		if strings.ContainsFunc(t.Text, isChinese) {
			return eastDescent
		}
	}
	return latinDescent
}

// width is the length of a line in pixels, within reason.
func (s *slide) width(t *Text) float64 {
	w := s.f.Width(t)
	if !(w >= 0) {
		return 0
	}
	return min(w, 4*s.drawing.Width)
}

// paragraph writes how lines are set: the distance of several, the direction and side.
func (s *slide) paragraph(ts []*Text) {
	algn := [...]string{Start: "l", Middle: "ctr", End: "r"}
	side := "l"
	if a := int(ts[0].Align); a < len(algn) {
		side = algn[a]
	}
	s.add(`<a:pPr algn="`, side, `"`)
	if rightToLeft(ts[0].Text) {
		s.add(` rtl="1"`)
	}
	if n := len(ts); n > 1 {
		s.add(`><a:lnSpc><a:spcPts`)
		s.numAttr("val", s.points((ts[n-1].Y-ts[0].Y)/float64(n-1), 0, 158400))
		s.add(`/></a:lnSpc></a:pPr>`)
		return
	}
	s.add(`/>`)
}

// points is a length in hundredths of a point, within limits.
func (s *slide) points(px, least, most float64) int64 {
	return int64(math.Round(min(max(px*s.scale*100/emuPerPoint, least), most)))
}

// look writes the properties of a run of text.
func (s *slide) look(t *Text) {
	s.add(`<a:rPr`)
	s.languageAttrs(t.Text)
	s.numAttr("sz", s.points(t.Size, 100, 400000))
	bold, italic := "0", "0"
	if t.Weight >= 600 {
		bold = "1"
	}
	if t.Italic {
		italic = "1"
	}
	s.add(` b="`, bold, `" i="`, italic, `"`)
	if spc := s.points(t.Spacing, -400000, 400000); spc != 0 {
		s.numAttr("spc", spc)
	}
	s.add(` noProof="1" dirty="0">`)
	s.solid(t.Color)
	if t.Halo.visible() {
		s.add(`<a:effectLst><a:glow`)
		s.numAttr("rad", int64(math.Round(t.Halo.Width*s.scale)))
		s.add(`>`)
		s.color(t.Halo.Color)
		s.add(`</a:glow></a:effectLst>`)
	}
	s.add(`<a:latin typeface="`, latinFont, `"/><a:ea typeface="`, eastFont, `"/><a:cs typeface="`, latinFont, `"/></a:rPr>`)
}

// languageAttrs writes the language of a text, as far as its letters tell, and of the
// drawing.
func (s *slide) languageAttrs(text string) {
	own := language(s.drawing.Lang)
	chinese := "zh-CN"
	if strings.HasPrefix(own, "zh") {
		chinese = own
	}
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }):
		s.add(` lang="ja-JP"`)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }):
		s.add(` lang="ko-KR"`)
	case strings.ContainsFunc(text, isChinese):
		s.add(` lang="`, chinese, `" altLang="en-US"`)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hebrew, r) }):
		s.add(` lang="he-IL"`)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }):
		s.add(` lang="ar-SA"`)
	case own == "" || strings.HasPrefix(own, "zh"):
		s.add(` lang="en-US" altLang="`, chinese, `"`)
	default:
		s.add(` lang="`, own, `"`)
	}
}

// language is a language in the manner of Office, with a country where that says how
// Chinese is written; nothing where the tag is none.
func language(tag string) string {
	switch low := strings.ToLower(tag); {
	case low == "en":
		return "en-US"
	case low == "zh-hant" || strings.HasPrefix(low, "zh-hant-") || low == "zh-tw" || low == "zh-hk":
		return "zh-TW"
	case low == "zh" || strings.HasPrefix(low, "zh-"):
		return "zh-CN"
	}
	for i, part := range strings.Split(tag, "-") {
		if len(part) > 8 || len(part) < 1 || i == 0 && (len(part) < 2 || len(part) > 3) ||
			strings.ContainsFunc(part, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			return ""
		}
	}
	return tag
}

// rightToLeft reports whether a line begins, but for signs and digits, with a letter that
// is written from the right.
func rightToLeft(text string) bool {
	for _, r := range text {
		if k := kindOf(r); k == left || k == right {
			return k == right
		}
	}
	return false
}
