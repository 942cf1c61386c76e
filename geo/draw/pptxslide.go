package draw

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// slide writes one drawing as the shapes of a slide.
type slide struct {
	f       *Fonts
	drawing *Drawing
	size    extent
	scale   float64 // EMU for a pixel
	dx, dy  float64 // EMU, of the drawing's corner
	xml     []byte
	id      int    // the last one given
	tiles   []Fill // pictures that it refers to as rId2, rId3 …

	title  []*Text // lines of the title, while their layer is written
	titled bool
}

// unit is the step of all places on a slide, in EMU: 1/100 point. A path counts in it,
// which keeps numbers short.
const unit = 127

// Longer names, alternative texts and lines are cut. A line this long leaves every slide.
const (
	maxName = 120
	maxAlt  = 2000
	maxLine = 10000
)

func newSlide(f *Fonts, d *Drawing, size extent) *slide {
	s := &slide{f: f, drawing: d, size: size, id: 1}
	s.scale = math.Min(float64(size.cx)/d.Width, float64(size.cy)/d.Height)
	s.dx = (float64(size.cx) - d.Width*s.scale) / 2
	s.dy = (float64(size.cy) - d.Height*s.scale) / 2
	return s
}

func (s *slide) draw(ctx context.Context) error {
	s.add(xmlHead, `<p:sld `, namespace, `><p:cSld>`)
	if c := s.drawing.Background; c.A > 0 {
		s.add(`<p:bg><p:bgPr>`)
		s.solid(onWhite(c))
		s.add(`<a:effectLst/></p:bgPr></p:bg>`)
	}
	s.add(`<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""`)
	s.attr("descr", clean(s.drawing.Description, maxAlt))
	s.add(`/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/>`,
		`<a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>`)
	page := Rect{0, 0, s.drawing.Width, s.drawing.Height}
	for _, l := range s.drawing.Layers {
		if l == nil {
			continue
		}
		clip := page
		if l.Clip != nil {
			clip = page.and(*l.Clip)
		}
		if _, err := s.group(ctx, l.Name, "", l.Items, place{clip: clip}); err != nil {
			return err
		}
		if len(s.title) > 0 && !s.titled {
			s.titled = s.lines(slideTitle, place{clip: page}, s.title...).some
			s.title = nil
		}
	}
	s.add(`</p:spTree></p:cSld><p:clrMapOvr>`, s.mapping(), `</p:clrMapOvr></p:sld>`)
	return nil
}

// mapping says which colours of the theme are those of text and ground, so that what is
// added to a dark slide can be read.
func (s *slide) mapping() string {
	c := onWhite(s.drawing.Background)
	if int(c.R)*30+int(c.G)*59+int(c.B)*11 > 255*50 {
		return `<a:masterClrMapping/>`
	}
	return `<a:overrideClrMapping bg1="dk1" tx1="lt1" bg2="dk2" tx2="lt2" accent1="accent1" accent2="accent2" accent3="accent3"` +
		` accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>`
}

// place is where items are drawn: moved by x, y within a clip, in pixels of the drawing.
type place struct {
	x, y     float64
	clip     Rect
	inSymbol bool
}

// group writes items as one group and returns the box they take. It writes nothing, and
// returns an empty box, where nothing can be seen of them.
func (s *slide) group(ctx context.Context, name, alt string, items []Item, at place) (span, error) {
	start, id, box := len(s.xml), s.next(), span{}
	for i, it := range items {
		if i%64 == 0 && ctx.Err() != nil {
			return span{}, ctx.Err()
		}
		b, err := s.item(ctx, it, at)
		if err != nil {
			return span{}, err
		}
		box = box.and(b)
	}
	if !box.some {
		s.xml = s.xml[:start]
		return box, nil
	}
	children := slices.Clone(s.xml[start:])
	s.xml = s.xml[:start]
	s.add(`<p:grpSp><p:nvGrpSpPr>`)
	s.named(id, name, "Group", alt)
	s.add(`<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>`)
	s.offExt("off", "ext", box)
	s.offExt("chOff", "chExt", box)
	s.add(`</a:xfrm></p:grpSpPr>`)
	s.xml = append(s.xml, children...)
	s.add(`</p:grpSp>`)
	return box, nil
}

func (s *slide) item(ctx context.Context, it Item, at place) (span, error) {
	switch it := it.(type) {
	case *Shape:
		return s.shape(it, at), nil
	case *Text:
		if !at.inSymbol && s.takeTitle(it) {
			return span{}, nil
		}
		return s.lines(textBox, at, it), nil
	case *Group:
		return s.group(ctx, it.Name, it.Alt, it.Items, at)
	case *Mark:
		return s.mark(ctx, it, at)
	}
	return span{}, nil
}

// mark writes a symbol as a group, or as one shape if it consists of one, under the name
// of the mark.
func (s *slide) mark(ctx context.Context, m *Mark, at place) (span, error) {
	if m.Symbol == nil {
		return span{}, nil
	}
	at.x, at.y, at.inSymbol = at.x+m.X, at.y+m.Y, true
	if items := m.Symbol.Items; len(items) == 1 {
		switch it := items[0].(type) {
		case *Shape:
			one := *it
			one.Name, one.Alt = m.Name, m.Alt
			return s.shape(&one, at), nil
		case *Text:
			one := *it
			one.Name, one.Alt = m.Name, m.Alt
			return s.lines(textBox, at, &one), nil
		}
	}
	return s.group(ctx, m.Name, m.Alt, m.Symbol.Items, at)
}

// span is a box on the slide, in units; the zero span is empty.
type span struct {
	x0, y0, x1, y1 int64
	some           bool
}

func (a span) and(b span) span {
	switch {
	case !b.some:
		return a
	case !a.some:
		return b
	}
	return span{min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1), true}
}

// units is where a point of the drawing stands on the slide. It stays near the slide
// whatever the point is, as Office reads no number greater than 32 bits.
func (s *slide) units(p Point) (x, y int64) {
	round := func(v float64) int64 { return int64(math.Round(min(max(v/unit, -4*maxSlide/unit), 4*maxSlide/unit))) }
	return round(p.X*s.scale + s.dx), round(p.Y*s.scale + s.dy)
}

func (s *slide) next() int {
	s.id++
	return s.id
}

func (s *slide) add(parts ...string) {
	for _, p := range parts {
		s.xml = append(s.xml, p...)
	}
}

func (s *slide) num(n int64) { s.xml = strconv.AppendInt(s.xml, n, 10) }

// attr writes an attribute, if it has a value.
func (s *slide) attr(name, value string) {
	if value == "" {
		return
	}
	s.add(" ", name, `="`)
	s.xml = appendEscaped(s.xml, value)
	s.add(`"`)
}

func (s *slide) numAttr(name string, n int64) {
	s.add(" ", name, `="`)
	s.num(n)
	s.add(`"`)
}

// offExt writes a place and a size as elements of the names given.
func (s *slide) offExt(off, ext string, b span) {
	s.add("<a:", off)
	s.numAttr("x", b.x0*unit)
	s.numAttr("y", b.y0*unit)
	s.add("/><a:", ext)
	s.numAttr("cx", (b.x1-b.x0)*unit)
	s.numAttr("cy", (b.y1-b.y0)*unit)
	s.add("/>")
}

// named writes the name and the alternative text of a shape. A group without one is
// described by its name.
func (s *slide) named(id int, name, kind, alt string) {
	name, alt = strings.TrimSpace(clean(name, maxName)), clean(alt, maxAlt)
	if alt == "" && kind == "Group" {
		alt = name
	}
	if name == "" {
		name = kind + " " + strconv.Itoa(id)
	}
	s.add(`<p:cNvPr`)
	s.numAttr("id", int64(id))
	s.attr("name", name)
	if alt != "" || kind != "Shape" {
		s.attr("descr", alt)
		s.add(`/>`)
		return
	}
	// Decoration: screen readers pass over it, and the accessibility checker asks for no text.
	s.add(`><a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative`,
		` xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst></p:cNvPr>`)
}

// notes is the notes page of the slide: its picture and the paragraphs.
func (s *slide) notes(paragraphs []string) []byte {
	n := &slide{drawing: s.drawing}
	n.add(xmlHead, `<p:notes `, namespace, `><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>`,
		`<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>`,
		`<p:sp><p:nvSpPr><p:cNvPr id="2" name="Slide"/><p:cNvSpPr><a:spLocks noGrp="1" noRot="1" noChangeAspect="1"/></p:cNvSpPr>`,
		`<p:nvPr><p:ph type="sldImg"/></p:nvPr></p:nvSpPr><p:spPr/></p:sp>`,
		`<p:sp><p:nvSpPr><p:cNvPr id="3" name="Notes"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>`,
		`<p:nvPr><p:ph type="body" idx="1"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>`)
	for _, p := range paragraphs {
		p = clean(p, maxLine)
		n.add(`<a:p>`)
		if rightToLeft(p) {
			n.add(`<a:pPr algn="r" rtl="1"/>`)
		}
		if p != "" {
			n.add(`<a:r><a:rPr`)
			n.languageAttrs(p)
			n.add(`/><a:t>`)
			n.xml = appendEscaped(n.xml, p)
			n.add(`</a:t></a:r>`)
		}
		n.add(`</a:p>`)
	}
	n.add(`</p:txBody></p:sp></p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:notes>`)
	return n.xml
}

// clean makes one line of a text that XML can hold: spaces for line ends, nothing for
// control characters and non-characters, at most so many characters.
func clean(text string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			r = ' '
		case unicode.IsControl(r) || r&0xFFFE == 0xFFFE:
			continue
		}
		if n++; n > limit {
			return b.String() + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}

func appendEscaped(b []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '&':
			b = append(b, "&amp;"...)
		case '"':
			b = append(b, "&quot;"...)
		default:
			b = append(b, c)
		}
	}
	return b
}
