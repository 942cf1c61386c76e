package render

import (
	"image/color"
	"math"
	"strconv"

	"clustermap/geo/draw"
)

// shape is what a symbol looks like, by the level of a place.
type shape uint8

const (
	prefecture shape = iota
	county
	town
	zone
	market
	province
)

// shapeOf is the shape for a value of the property with role shape; what has none is
// drawn as a prefecture is.
func shapeOf(level string) shape {
	for i, name := range [...]string{"prefecture", "county", "town", "zone", "market", "province"} {
		if name == level {
			return shape(i)
		}
	}
	return prefecture
}

// drawing is how a symbol is drawn, by the precision of its point.
type drawing uint8

const (
	filled      drawing = iota // at its own seat
	hollow                     // at the seat of the unit that hosts it
	approximate                // dashed, with a halo
)

func drawingOf(precision string) drawing {
	switch precision {
	case "approximate":
		return approximate
	case "host_seat":
		return hollow
	}
	return filled
}

// Sizes of symbols in CSS pixels at scale 1, as web/src/symbols.ts and map.css have them.
const (
	casingWidth = 1.5
	haloRadius  = 14.5
	haloOpacity = 0.18
	symbolReach = 9.5 // of the largest without its halo
	nearZoom    = 8
	nearScale   = 1.15 // from nearZoom on
	printScale  = 1.3  // of symbols that hold a character
)

// outline adds the outline of a shape around 0, 0, smaller by inset.
func (sh shape) outline(p *draw.Path, inset, scale float64) {
	var corners []draw.Point
	switch sh {
	case prefecture:
		p.Circle(0, 0, (8.5-inset)*scale)
		return
	case county:
		p.Circle(0, 0, (7.5-inset)*scale)
		return
	case town:
		r := 9.3 - inset*1.6
		corners = []draw.Point{{X: 0, Y: -r}, {X: r * 0.88, Y: r * 0.62}, {X: -r * 0.88, Y: r * 0.62}}
	case zone:
		r := 6.5 - inset
		corners = []draw.Point{{X: -r, Y: -r}, {X: r, Y: -r}, {X: r, Y: r}, {X: -r, Y: r}}
	case market:
		r := 9.5 - inset*1.3
		corners = []draw.Point{{X: 0, Y: -r}, {X: r, Y: 0}, {X: 0, Y: r}, {X: -r, Y: 0}}
	case province:
		r := 10 - inset*1.15
		for i := range 6 {
			sin, cos := math.Sincos(math.Pi/3*float64(i) - math.Pi/2)
			corners = append(corners, draw.Point{X: r * cos, Y: r * sin})
		}
	}
	for i := range corners {
		corners[i].X *= scale
		corners[i].Y *= scale
	}
	p.Polyline(corners, true)
}

// reach is how far a shape reaches from its middle at scale 1.
func (sh shape) reach() float64 {
	return [...]float64{prefecture: 8.5, county: 7.5, town: 9.3, zone: 6.5, market: 9.5, province: 10}[sh]
}

// symbolKey says what a symbol looks like.
type symbolKey struct {
	shape   shape
	drawing drawing
	family  int // of theme.color
	letter  string
}

// symbolSet makes each symbol of a picture once.
type symbolSet struct {
	*theme
	scale float64 // of single symbols
	made  map[symbolKey]*draw.Symbol
	small map[int]*draw.Symbol // dots by family
	dot   float64              // their radius
	fans  float64              // scale of stacks
}

func newSymbolSet(t *theme, zoom float64) *symbolSet {
	s := &symbolSet{theme: t, scale: t.scale, made: map[symbolKey]*draw.Symbol{}, small: map[int]*draw.Symbol{}, dot: dotRadius(zoom) * t.scale}
	if zoom >= nearZoom {
		s.scale *= nearScale
	}
	s.fans = t.scale
	if t.patterns {
		s.scale *= printScale
		s.fans *= printScale
	}
	return s
}

// get is the symbol of a key. letter is drawn where the theme tells families apart
// without colour.
func (s *symbolSet) get(k symbolKey) *draw.Symbol {
	if !s.patterns {
		k.letter = ""
	}
	sym := s.made[k]
	if sym == nil {
		sym = s.symbol(k, s.scale)
		s.made[k] = sym
	}
	return sym
}

func (s *symbolSet) symbol(k symbolKey, scale float64) *draw.Symbol {
	c := s.color(k.family)
	part := func(inset float64, fill color.NRGBA, stroke draw.Stroke) *draw.Shape {
		sh := &draw.Shape{Fill: draw.Fill{Color: fill}, Stroke: stroke}
		k.shape.outline(&sh.Path, inset, scale)
		return sh
	}
	disc := func(r float64, fill color.NRGBA) *draw.Shape {
		sh := &draw.Shape{Fill: draw.Fill{Color: fill}}
		sh.Path.Circle(0, 0, r*scale)
		return sh
	}
	sym := new(draw.Symbol)
	add := func(sh *draw.Shape) { sym.Items = append(sym.Items, sh) }
	if k.drawing == approximate {
		add(disc(haloRadius, faded(c, haloOpacity)))
	}
	add(part(0, s.casing, draw.Stroke{Color: s.casing, Width: 2 * casingWidth * scale, Round: true}))
	ink := c
	switch k.drawing {
	case filled:
		add(part(0, c, draw.Stroke{}))
		ink = s.casing
	case hollow:
		width := 2.5
		if k.letter != "" {
			width = 1.7 // room for the character
		}
		add(part(width/2, s.casing, draw.Stroke{Color: c, Width: width * scale, Round: true}))
	case approximate:
		add(part(1.25, s.casing, draw.Stroke{Color: c, Width: 2 * scale, Dash: []float64{3 * scale, 2.2 * scale}}))
	}
	switch {
	case k.letter != "":
		sym.Items = append(sym.Items, letterIn(k, scale, ink, s.ink))
	case k.shape == county && k.drawing == filled:
		add(disc(2.5, s.casing))
	case k.shape == county:
		add(disc(2.1, c))
	}
	return sym
}

// letterIn is the first character of a family in its symbol. In a hollow symbol it is
// in ink.
func letterIn(k symbolKey, scale float64, onColor, ink color.NRGBA) *draw.Text {
	size, y := 9.0, 3.3
	switch k.shape {
	case town:
		size, y = 7, 3.9
	case county, zone:
		size, y = 8.5, 3.1
	}
	if k.drawing != filled {
		size, onColor = size-1, ink
	}
	return &draw.Text{X: 0, Y: y * scale, Align: draw.Middle, Size: size * scale, Weight: 700, Color: onColor, Text: k.letter}
}

// faded is a colour at an opacity.
func faded(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(math.Round(255 * opacity))
	return c
}

// dotRadius is the radius of the dots of many features at a zoom, as the page has it.
func dotRadius(zoom float64) float64 {
	switch {
	case zoom < 6:
		return 2.4
	case zoom < 9:
		return 3
	case zoom < 12:
		return 4
	}
	return 5.5
}

// casedDot is the radius from which dots have a casing.
const casedDot = 4

// dotOf is the dot of a family: a disc, or in print one of eight small shapes.
func (s *symbolSet) dotOf(family int) *draw.Symbol {
	sym := s.small[family]
	if sym != nil {
		return sym
	}
	sym = new(draw.Symbol)
	body := &draw.Shape{Fill: draw.Fill{Color: s.color(family)}}
	if s.patterns {
		printDot(&body.Path, family, s.dot*1.25)
		body.Stroke = draw.Stroke{Color: s.casing, Width: 0.5}
	} else {
		body.Path.Circle(0, 0, s.dot)
	}
	if s.dot >= casedDot && !s.patterns {
		casing := &draw.Shape{Fill: draw.Fill{Color: s.casing}}
		casing.Path.Circle(0, 0, s.dot+0.8)
		sym.Items = append(sym.Items, casing)
	}
	sym.Items = append(sym.Items, body)
	s.small[family] = sym
	return sym
}

// printDot is a small shape for each family that can be told apart without colour.
func printDot(p *draw.Path, family int, r float64) {
	polygon := func(n int, turn float64) {
		var corners []draw.Point
		for i := range n {
			sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(n))
			corners = append(corners, draw.Point{X: r * cos, Y: r * sin})
		}
		p.Polyline(corners, true)
	}
	switch family {
	case 1:
		polygon(3, -math.Pi/2)
	case 2:
		polygon(4, math.Pi/4)
	case 3:
		polygon(4, 0)
	case 4:
		polygon(3, math.Pi/2)
	case 5:
		polygon(6, 0)
	case 6: // a cross
		p.Rect(draw.Rect{X: -r, Y: -r / 3, W: 2 * r, H: 2 * r / 3})
		p.Rect(draw.Rect{X: -r / 3, Y: -r, W: 2 * r / 3, H: 2 * r})
	case 7: // a ring
		p.Circle(0, 0, r)
		p.Arc(0, 0, r/2, 0, -2*math.Pi)
		p.Close()
	default:
		p.Circle(0, 0, r*0.9)
	}
}

// fill is how an area of a family is painted: in its colour, in print with a pattern.
func (t *theme) fill(family int) draw.Fill {
	if !t.patterns || isStep(family) {
		return draw.Fill{Color: t.color(family)}
	}
	const tint = 0.3
	return draw.Fill{Color: mixed(t.casing, t.families[family], tint), Ink: t.families[family], Pattern: patternOf(family)}
}

// mixed is a colour with a part of another in it.
func mixed(a, b color.NRGBA, part float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*part)) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// patternOf is the pattern of a family in print.
func patternOf(family int) draw.Pattern {
	return [...]draw.Pattern{
		draw.DiagonalUp, draw.Dots, draw.Horizontal, draw.Cross, draw.Vertical, draw.DenseDots, draw.DiagonalDown, draw.DiagonalCross, draw.NoPattern,
	}[family]
}

// letters are what tells the options of a palette apart in print: the first character
// of each title, or the next that no other has.
func letters(p *palette, lang Lang) []string {
	out := make([]string, len(p.options))
	used := map[string]bool{}
	for i, o := range p.options {
		title := o.title.In("zh")
		if lang == English {
			title = o.title.In("en")
		}
		for _, c := range title {
			letter := upper(c)
			if letter != "" && !used[letter] {
				out[i], used[letter] = letter, true
				break
			}
		}
		if out[i] == "" {
			out[i] = strconv.Itoa(i + 1)
		}
	}
	return out
}

// upper is a letter or Chinese character to stand in a symbol, "" for anything else.
func upper(c rune) string {
	switch {
	case c >= 'a' && c <= 'z':
		return string(c - 'a' + 'A')
	case c >= 'A' && c <= 'Z', c >= 0x4E00 && c <= 0x9FFF:
		return string(c)
	}
	return ""
}
