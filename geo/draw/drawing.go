// Package draw holds pictures as shapes and text in layers and writes them: PNG and
// JPEG as pixels, SVG, PDF and PPTX as true vectors and real text. All writers put
// shapes at the same places and text at the same anchors.
//
// Lengths are CSS pixels of 1/96 inch, x to the right and y downwards from the upper
// left corner.
//
// The package knows nothing of maps, features or HTTP.
package draw

import (
	"image/color"
	"time"
)

// Drawing is one picture: a page of a PDF, a slide of a PPTX. A writer does not
// change it, so that one drawing may be written by many at the same time. The same
// drawing always gives the same bytes.
type Drawing struct {
	Width, Height float64
	Background    color.NRGBA // the zero value: transparent, where the format can be

	Title       string // of the document
	Description string // alternative text of the whole picture
	Lang        string // of the text, as BCP 47: zh-Hans, en
	Author      string
	Date        time.Time // of the data; the only date in a file
	Notes       []string  // paragraphs for the notes page of a slide

	Layers []*Layer // the lowest first
}

// Layer is a named part of a drawing. Names stand in the list of shapes of an editor.
type Layer struct {
	Name  string
	Clip  *Rect // what the layer shows; nil: all
	Items []Item
}

// Rect is a box from its upper left corner.
type Rect struct{ X, Y, W, H float64 }

// Item is a *Shape, *Mark, *Text or *Group.
type Item interface{ item() }

// Shape is a path that is filled, stroked or both. Where Fill and Stroke have no
// colour nothing is drawn.
type Shape struct {
	Name   string // what it is: 江苏, coast, North arrow
	Alt    string // alternative text; "": none, the shape is decoration
	Path   Path
	Fill   Fill
	Stroke Stroke
}

// Mark is a symbol at a place. The symbol is shared by many marks; a writer may draw
// it once and copy it, with its place rounded to a quarter of a pixel of the output.
type Mark struct {
	Name, Alt string
	Symbol    *Symbol
	X, Y      float64
}

// Symbol is a small picture around 0, 0, the lowest item first.
type Symbol struct {
	Items []Item // *Shape and *Text
}

// Group is items that belong together, such as an entry of a legend. It is not empty.
type Group struct {
	Name, Alt string
	Items     []Item
}

// Text is one line. It is drawn in full wherever it stands: the writers neither wrap
// nor cut it.
type Text struct {
	Name, Alt string
	X, Y      float64 // the anchor, on the baseline
	Align     Align   // where the anchor is
	Size      float64 // of the em
	Weight    int     // 400, 500 or 700; 0: 400
	Italic    bool    // slanted; never for Chinese
	Spacing   float64 // added after each character, negative to close up
	Color     color.NRGBA
	Halo      Stroke // drawn around the glyphs and below them; dashes are ignored
	Text      string
}

// Align says which part of a line of text stands at its anchor.
type Align uint8

const (
	Start Align = iota // its left end
	Middle
	End
)

// Fill is how the inside of a path is painted, by the non-zero winding rule unless EvenOdd.
type Fill struct {
	Color   color.NRGBA // alpha 0: not filled, except by Pattern
	EvenOdd bool
	Pattern Pattern     // drawn over Color
	Ink     color.NRGBA // of the pattern
}

// Pattern is a texture for print in black and white. Its period is 6 pixels.
type Pattern uint8

const (
	NoPattern  Pattern = iota
	DiagonalUp         // lines from the lower left to the upper right
	DiagonalDown
	Horizontal
	Vertical
	Cross
	DiagonalCross
	Dots
	DenseDots
)

// Stroke is a line along a path or around glyphs, half on either side.
type Stroke struct {
	Color color.NRGBA // alpha 0: no line
	Width float64
	Dash  []float64 // lengths on and off in turn, an even number; nil: solid
	Round bool      // round caps and joins; else butt caps and mitre joins with a limit of 4
}

func (*Shape) item() {}
func (*Mark) item()  {}
func (*Group) item() {}
func (*Text) item()  {}
