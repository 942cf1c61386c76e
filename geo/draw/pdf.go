package draw

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

// pointsPerPixel makes pixels of 1/96 inch the points of PDF.
const pointsPerPixel = 0.75

// PDF writes drawings as a document with one page each, as large as the drawing is in
// print. Shapes are vectors, layers can be switched off, and text can be selected and
// searched; the glyphs that occur are embedded. Title, author, language and date of
// the document are those of the first page that has them.
//
// Alternative texts are left out: the library writes no structure that could hold them.
func PDF(ctx context.Context, w io.Writer, f *Fonts, pages ...*Drawing) error {
	if len(pages) == 0 {
		return errors.New("draw: a PDF without pages")
	}
	p := pdfWriter{ctx: ctx, fonts: f, faces: map[*face]*pdfFace{}, layers: map[string]int{}, names: map[string]string{}, outlines: map[leaning]string{}}
	for _, d := range pages {
		if err := checkSize(d); err != nil {
			return err
		}
		for _, layer := range d.Layers {
			p.collect(layer.Items, map[*Symbol]bool{})
		}
	}
	p.begin(pages)
	if err := p.embed(); err != nil {
		return err
	}
	for _, d := range pages {
		if err := p.page(d); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := p.doc.Output(&b); err != nil {
		return err
	}
	file := b.Bytes()
	for old, name := range p.names {
		overwrite(file, old, name)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := w.Write(file)
	return err
}

// overwrite replaces text by as long a text, so that the offsets of the file stay true.
func overwrite(file []byte, old, with string) {
	for {
		i := bytes.Index(file, []byte(old))
		if i < 0 {
			return
		}
		copy(file[i:], with)
		file = file[i+len(old):]
	}
}

// pdfWriter writes the pages of a document. Numbers in a page are pixels from the
// upper left corner: each page begins with the transformation that makes them so.
type pdfWriter struct {
	ctx    context.Context
	fonts  *Fonts
	doc    *fpdf.Fpdf
	faces  map[*face]*pdfFace
	layers map[string]int    // by name; pages share them
	names  map[string]string // what fpdf writes, such as names of fonts, and what stands there instead, of equal length

	outlines map[leaning]string // of halos

	buf    buffer  // of a line of the page
	height float64 // of the page in points
	bounds Rect    // of the page
	items  int
	state  pdfState
	saved  []pdfState
}

// pdfFace is what occurs of a face.
type pdfFace struct {
	glyphs map[rune]sfnt.GlyphIndex
	codes  map[rune]rune // of characters beyond 16 bits, which fpdf cannot write
	key    string        // of the font in fpdf
}

// collect finds out which glyphs occur.
func (p *pdfWriter) collect(items []Item, seen map[*Symbol]bool) {
	for _, item := range items {
		switch v := item.(type) {
		case *Group:
			p.collect(v.Items, seen)
		case *Mark:
			if v.Symbol != nil && !seen[v.Symbol] {
				seen[v.Symbol] = true
				p.collect(v.Symbol.Items, seen)
			}
		case *Text:
			for _, r := range p.fonts.line(v).runs {
				p.use(r)
			}
		}
	}
}

func (p *pdfWriter) use(r run) {
	c := p.faces[r.face]
	if c == nil {
		c = &pdfFace{glyphs: map[rune]sfnt.GlyphIndex{}, codes: map[rune]rune{}}
		p.faces[r.face] = c
	}
	for _, g := range r.glyphs {
		c.glyphs[g.char] = g.id
	}
}

func (p *pdfWriter) begin(pages []*Drawing) {
	p.doc = fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: pageSize(pages[0])})
	p.doc.SetCatalogSort(true)
	p.doc.SetMargins(0, 0, 0)
	p.doc.SetAutoPageBreak(false, 0)
	p.doc.SetCreator("clustermap", false)
	date := time.Unix(0, 0)
	for _, d := range slices.Backward(pages) {
		if d.Title != "" {
			p.doc.SetTitle(pdfString(d.Title), false)
		}
		if d.Description != "" {
			p.doc.SetSubject(pdfString(d.Description), false)
		}
		if d.Author != "" {
			p.doc.SetAuthor(pdfString(d.Author), false)
		}
		if isLanguage(d.Lang) {
			p.doc.SetLang(d.Lang)
		}
		if !d.Date.IsZero() {
			date = d.Date
		}
	}
	p.doc.SetCreationDate(date.UTC())
	p.doc.SetModificationDate(date.UTC())
	if date.Unix() == 0 { // no date; without one fpdf would write the time of day
		for _, key := range [2]string{"CreationDate", "ModDate"} {
			entry := "/" + key + " (D:19700101000000)"
			p.names[entry] = strings.Repeat(" ", len(entry))
		}
	}
}

// pageSize is the size in points.
func pageSize(d *Drawing) fpdf.SizeType {
	return fpdf.SizeType{Wd: d.Width * pointsPerPixel, Ht: d.Height * pointsPerPixel}
}

// pdfString is text as PDF holds it outside of pages: UTF-16 behind its mark.
func pdfString(text string) string {
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode(visible(text)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

// isLanguage keeps text that is no tag of a language out of the catalogue.
func isLanguage(tag string) bool {
	return tag != "" && len(tag) <= 35 && strings.Trim(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// embed gives the document its fonts.
func (p *pdfWriter) embed() error {
	for i, c := range slices.SortedFunc(maps.Keys(p.faces), byName) {
		font, err := c.subset(p.faces[c].coded())
		if err != nil {
			return err
		}
		name := subsetName(c, font)
		const prefix = "utf8" // which fpdf puts before its names
		key := fmt.Sprint(i)
		key += strings.Repeat("x", len(name)-len(prefix)-len(key)) // so that none begins another
		p.faces[c].key = key
		p.names[prefix+key] = name
		p.doc.AddUTF8FontFromBytes(key, "", font)
	}
	return p.doc.Error()
}

// coded are the glyphs of a face under the codes of the page. A character beyond 16
// bits gets one of the private use area that is free, and its text says which it is.
func (c *pdfFace) coded() []subsetGlyph {
	var glyphs []subsetGlyph
	free := rune(0xE000)
	for _, char := range slices.Sorted(maps.Keys(c.glyphs)) {
		code := char
		if char > 0xFFFF {
			for _, used := c.glyphs[free]; used; _, used = c.glyphs[free] {
				free++
			}
			if free > 0xF8FF {
				continue
			}
			code = free
			c.codes[char] = code
			free++
		}
		glyphs = append(glyphs, subsetGlyph{code, c.glyphs[char]})
	}
	return glyphs
}

// subsetName is a name such as ABCDEF+NotoSansSC-Bold: readers must not take one subset
// of a face for another, and editors look for the face on the machine.
func subsetName(c *face, font []byte) string {
	sum := sha256.Sum256(font)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				return r
			}
			return -1
		}, s)
	}
	family, style := plain(c.family), plain(c.style)
	if isNoto(c) { // its medium face is a family of its own
		family, style = "NotoSansSC", map[int]string{400: "Regular", 500: "Medium", 700: "Bold"}[c.weight]
	}
	return string(tag) + "+" + family + "-" + style
}

func (p *pdfWriter) page(d *Drawing) error {
	p.height = pageSize(d).Ht
	p.bounds = Rect{0, 0, d.Width, d.Height}
	p.doc.AddPageFormat("P", pageSize(d))
	p.state = pdfState{}
	p.buf.b = fmt.Appendf(p.buf.b, "%g 0 0 %g 0 %.2f ", pointsPerPixel, -pointsPerPixel, p.height)
	p.flush("cm 4 M")
	if d.Background.A > 0 {
		var all Path
		all.Rect(p.bounds)
		p.shape(&Shape{Path: all, Fill: Fill{Color: d.Background}})
	}
	for i, layer := range d.Layers {
		p.doc.BeginLayer(p.layer(layer, i))
		p.save()
		if layer.Clip != nil {
			var box Path
			box.Rect(*layer.Clip)
			p.buf.pdfPath(&box)
			p.flush("W n")
		}
		if err := p.draw(layer.Items); err != nil {
			return err
		}
		p.restore()
		p.doc.EndLayer()
	}
	return p.doc.Error()
}

// layer is the number of the layer of that name.
func (p *pdfWriter) layer(layer *Layer, i int) int {
	name := strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, string(visible(layer.Name)))
	if name == "" {
		name = fmt.Sprintf("Layer %d", i+1)
	}
	id, ok := p.layers[name]
	if !ok {
		id = p.doc.AddLayer(name, true)
		p.layers[name] = id
	}
	return id
}

func (p *pdfWriter) draw(items []Item) error {
	for _, item := range items {
		if p.items++; p.items%256 == 0 {
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
		switch v := item.(type) {
		case *Shape:
			p.shape(v)
		case *Text:
			p.text(v)
		case *Group:
			if err := p.draw(v.Items); err != nil {
				return err
			}
		case *Mark:
			if v.Symbol == nil {
				continue
			}
			p.save()
			p.buf.raw("1 0 0 1 ")
			p.buf.pdfPoint(Point{v.X, v.Y})
			p.flush("cm")
			outer := p.bounds
			p.bounds.X, p.bounds.Y = p.bounds.X-v.X, p.bounds.Y-v.Y
			err := p.draw(v.Symbol.Items)
			p.bounds = outer
			p.restore()
			if err != nil {
				return err
			}
		}
	}
	return nil
}
