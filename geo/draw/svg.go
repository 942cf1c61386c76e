package draw

import (
	"cmp"
	"context"
	"fmt"
	"image/color"
	"io"
	"time"

	"golang.org/x/image/font/sfnt"
)

// SVG writes a drawing as scalable vector graphics: one file without scripts and
// references, its text as text, its layers as Inkscape's. The glyphs that occur are
// embedded as fonts, so that it looks the same on every machine; characters that f
// does not have are left to the reader's fonts.
func SVG(ctx context.Context, w io.Writer, f *Fonts, d *Drawing) error {
	if err := checkSize(d); err != nil {
		return err
	}
	s := svgWriter{
		fonts: f, glyphs: map[*face]map[rune]sfnt.GlyphIndex{},
		symbols: map[*Symbol]int{}, patterns: map[inkedPattern]int{}, clips: map[Rect]int{}, outlines: map[leaning]int{},
	}
	for i, layer := range d.Layers {
		if err := s.layer(ctx, i+1, layer); err != nil {
			return err
		}
	}
	faces, err := s.fontFaces()
	if err != nil {
		return err
	}
	var head buffer
	head.open(d)
	head.raw("<defs>\n<style>text{font-kerning:none;font-variant-ligatures:none}\n", faces, "</style>\n")
	head.b = append(head.b, s.defs.b...)
	head.raw("</defs>\n")
	if d.Background.A > 0 {
		head.raw("<rect")
		head.size(d)
		head.paint("fill", d.Background)
		head.raw("/>\n")
	}
	for _, part := range [][]byte{head.b, s.body.b, []byte("</svg>\n")} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// svgWriter collects what the layers refer to while it writes them.
type svgWriter struct {
	fonts      *Fonts
	body, defs buffer

	glyphs   map[*face]map[rune]sfnt.GlyphIndex // what occurs of each face
	symbols  map[*Symbol]int                    // their numbers, from 1
	patterns map[inkedPattern]int
	clips    map[Rect]int
	outlines map[leaning]int // 0: nothing to draw
	outlined int
}

// inkedPattern is a pattern as it is defined in a file, once for each colour.
type inkedPattern struct {
	pattern Pattern
	ink     color.NRGBA
}

func (s *svgWriter) layer(ctx context.Context, n int, layer *Layer) error {
	b := &s.body
	b.raw(fmt.Sprintf(`<g id="layer%d" inkscape:groupmode="layer"`, n))
	b.label(layer.Name)
	if layer.Name != "" {
		b.attr("aria-label", layer.Name)
	}
	if layer.Clip != nil {
		b.raw(fmt.Sprintf(` clip-path="url(#c%d)"`, s.clip(*layer.Clip)))
	}
	b.raw(">\n")
	for i, item := range layer.Items {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.item(b, item)
	}
	b.raw("</g>\n")
	return nil
}

// clip defines a box to clip by where it was not and returns its number.
func (s *svgWriter) clip(box Rect) int {
	if n, ok := s.clips[box]; ok {
		return n
	}
	n := len(s.clips) + 1
	s.clips[box] = n
	var p Path
	p.Rect(box)
	s.defs.raw(fmt.Sprintf(`<clipPath id="c%d"><path d="`, n))
	s.defs.path(&p)
	s.defs.raw("\"/></clipPath>\n")
	return n
}

func (s *svgWriter) item(b *buffer, item Item) {
	switch v := item.(type) {
	case *Shape:
		s.shape(b, v)
	case *Mark:
		b.raw(fmt.Sprintf(`<use xlink:href="#s%d"`, s.symbol(v.Symbol)))
		b.number("x", v.X)
		b.number("y", v.Y)
		b.label(v.Name)
		b.end("use", v.Alt)
	case *Group:
		b.raw("<g")
		b.label(v.Name)
		b.raw(">")
		b.title(v.Alt)
		b.raw("\n")
		for _, item := range v.Items {
			s.item(b, item)
		}
		b.raw("</g>\n")
	case *Text:
		s.text(b, v)
	}
}

// symbol defines a symbol where it was not and returns its number.
func (s *svgWriter) symbol(symbol *Symbol) int {
	if n, ok := s.symbols[symbol]; ok {
		return n
	}
	n := len(s.symbols) + 1
	s.symbols[symbol] = n
	var b buffer
	b.raw(fmt.Sprintf(`<g id="s%d">`, n))
	if symbol != nil {
		for _, item := range symbol.Items {
			s.item(&b, item)
		}
	}
	b.raw("</g>\n")
	s.defs.b = append(s.defs.b, b.b...)
	return n
}

// shape writes a path, or a colour and the pattern over it as two paths, so that a
// program that knows no patterns shows the colour.
func (s *svgWriter) shape(b *buffer, v *Shape) {
	lined := v.Stroke.shows()
	hatched := s.pattern(v.Fill)
	if v.Fill.Color.A == 0 && !lined && hatched == 0 || v.Path.Empty() {
		return
	}
	if v.Fill.Color.A > 0 && hatched > 0 {
		b.raw("<g")
		b.label(v.Name)
		b.raw(">")
		b.title(v.Alt)
		b.filled(&v.Path, v.Fill)
		b.raw("/>\n")
		b.hatched(v, hatched, lined)
		b.raw("/></g>\n")
		return
	}
	if hatched > 0 {
		b.hatched(v, hatched, lined)
	} else {
		b.filled(&v.Path, v.Fill)
		if lined {
			b.stroke(v.Stroke)
		}
	}
	b.label(v.Name)
	b.end("path", v.Alt)
}

func (b *buffer) filled(p *Path, fill Fill) {
	b.raw(`<path d="`)
	b.path(p)
	b.raw(`"`)
	b.paint("fill", fill.Color)
	if fill.EvenOdd && fill.Color.A > 0 {
		b.raw(` fill-rule="evenodd"`)
	}
}

func (b *buffer) hatched(v *Shape, pattern int, lined bool) {
	b.raw(`<path d="`)
	b.path(&v.Path)
	b.raw(fmt.Sprintf(`" fill="url(#p%d)"`, pattern))
	if v.Fill.EvenOdd {
		b.raw(` fill-rule="evenodd"`)
	}
	if lined {
		b.stroke(v.Stroke)
	}
}

// pattern defines the pattern of a fill where it was not and returns its number, 0
// for none.
func (s *svgWriter) pattern(fill Fill) int {
	hatches := fill.Pattern.hatches()
	if fill.Ink.A == 0 || len(hatches) == 0 {
		return 0
	}
	key := inkedPattern{fill.Pattern, fill.Ink}
	if n, ok := s.patterns[key]; ok {
		return n
	}
	n := len(s.patterns) + 1
	s.patterns[key] = n
	b := &s.defs
	b.raw(fmt.Sprintf(`<pattern id="p%d" patternUnits="userSpaceOnUse" width="%d" height="%d">`, n, period, period))
	var p Path
	for _, h := range hatches {
		if h.dots {
			p.Circle(h.c, h.c, h.width/2)
		} else {
			h.bands(&p, Rect{-1, -1, period + 2, period + 2})
		}
	}
	b.raw(`<path d="`)
	b.path(&p)
	b.raw(`"`)
	b.paint("fill", fill.Ink)
	b.raw("/></pattern>\n")
	return n
}

// open writes what stands before the shapes: the root, the title and whose the
// drawing is.
func (b *buffer) open(d *Drawing) {
	b.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<svg xmlns="http://www.w3.org/2000/svg" ` +
		`xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"`)
	b.size(d)
	b.raw(` viewBox="0 0 `)
	b.float(d.Width)
	b.raw(" ")
	b.float(d.Height)
	b.raw(`" role="img"`)
	if label := cmp.Or(d.Description, d.Title); label != "" {
		b.attr("aria-label", label)
	}
	if isLanguage(d.Lang) {
		b.attr("lang", d.Lang)
		b.attr("xml:lang", d.Lang)
	}
	b.raw(` font-family="'Noto Sans SC',`, fallbacks, "\">\n")
	b.title(d.Title)
	if d.Description != "" {
		b.raw("<desc>")
		b.escape(d.Description)
		b.raw("</desc>\n")
	}
	if d.Title == "" && d.Author == "" && d.Date.IsZero() {
		return
	}
	b.raw(`<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description rdf:about="">`)
	if d.Title != "" {
		b.element("dc:title", d.Title)
	}
	if d.Author != "" {
		b.element("dc:creator", d.Author)
	}
	if !d.Date.IsZero() {
		b.element("dc:date", d.Date.UTC().Format(time.RFC3339))
	}
	b.raw("</rdf:Description></rdf:RDF></metadata>\n")
}

func (b *buffer) size(d *Drawing) {
	b.number("width", d.Width)
	b.number("height", d.Height)
}
