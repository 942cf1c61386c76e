package server

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"math"
	"slices"
	"strings"

	"clustermap/geo/draw"
	"clustermap/geo/render"
)

// reportChart is bars or a curve, with its table. It is drawn alike in all formats.
type reportChart struct {
	Title, Words, Href string
	Heads              []string
	Rows               [][]string

	Bars []reportBar
	Wide bool    // names are long
	Even float64 // a line among the bars; 0: none

	Line         []draw.Point // from 0 to 1, y upwards
	Low, High    []draw.Point // nil: no band
	Diagonal     bool
	NameX, NameY string
	EndX, EndY   string // what 1 stands for
	FromX, FromY string
}

type reportBar struct {
	Name, Text       string
	Value, Low, High float64 // no interval: NaN
	Strong           bool
}

func (c *reportChart) bar(name string, value float64, low, high *float64, text string) {
	b := reportBar{Name: name, Text: text, Value: value, Low: math.NaN(), High: math.NaN(), Strong: true}
	if low != nil && high != nil {
		b.Low, b.High = *low, *high
	}
	c.Bars = append(c.Bars, b)
}

// curve is a line from x, y, with a band where low and high are given; none where a
// number is missing or there is no extent.
func (c *reportChart) curve(x, y, low, high []*float64) {
	lists := [][]*float64{x, y}
	if len(low) == len(x) && len(high) == len(x) && len(low) > 0 {
		lists = append(lists, low, high)
	}
	if len(x) < 2 || slices.ContainsFunc(lists, func(list []*float64) bool { return len(list) != len(x) || slices.Contains(list, nil) }) {
		return
	}
	least, most := 0.0, 0.0
	for _, list := range lists[1:] {
		for _, v := range list {
			least, most = min(least, *v), max(most, *v)
		}
	}
	from, to := *x[0], *x[len(x)-1]
	if !(to > from) || !(most > least) {
		return
	}
	trace := func(list []*float64) (out []draw.Point) {
		for i, v := range list {
			out = append(out, draw.Point{X: (*x[i] - from) / (to - from), Y: (*v - least) / (most - least)})
		}
		return out
	}
	if c.Line = trace(y); len(lists) > 2 {
		c.Low, c.High = trace(low), trace(high)
	}
	short := func(v float64) string {
		text := roundNumber(math.Round(v*1e6) / 1e6)
		if math.Abs(v) >= 10 {
			text = thousands(int(math.Round(v)))
		}
		return text
	}
	c.FromX, c.EndX, c.FromY, c.EndY = short(from), short(to), short(least), short(most)
}

func numbersOf(raw json.RawMessage) (out []*float64) {
	_ = json.Unmarshal(raw, &out) // a number where it is no curve
	return out
}

func jsonOf(v any) json.RawMessage {
	b, _ := json.Marshal(v) // was JSON before
	return b
}

// reportInk writes and draws in the colours of paper.
type reportInk struct {
	fonts *draw.Fonts
	paper render.Paper
}

func (k reportInk) text(x, y, size float64, align draw.Align, s string) *draw.Text {
	return &draw.Text{X: x, Y: y, Size: size, Align: align, Color: k.paper.Ink, Text: s}
}

// fit is a text that is cut where it is too wide.
func (k reportInk) fit(t *draw.Text, width float64) *draw.Text {
	if k.fonts.Width(t) <= width {
		return t
	}
	runes := []rune(t.Text)
	for len(runes) > 1 {
		runes = runes[:len(runes)-1]
		if t.Text = strings.TrimRight(string(runes), " ,:：，") + "…"; k.fonts.Width(t) <= width {
			break
		}
	}
	return t
}

// shrink is a text that is made smaller where it is too wide, and cut where that is not enough.
func (k reportInk) shrink(t *draw.Text, width float64) *draw.Text {
	if w := k.fonts.Width(t); w > width {
		t.Size *= max(0.99*width/w, 0.6)
	}
	return k.fit(t, width)
}

// name sets the name of a bar, on two lines where it is long, to the left of x.
func (k reportInk) name(s string, x, middle, size, width float64) []draw.Item {
	one := k.text(x, middle+size*0.35, size, draw.End, s)
	if k.fonts.Width(one) <= width {
		return []draw.Item{one}
	}
	one.Size = size * 0.82
	lines := render.Lines(k.fonts, *one, s, width)
	if len(lines) == 1 {
		one.Y = middle + one.Size*0.35
		return []draw.Item{k.fit(one, width)}
	}
	two := *one
	one.Text, one.Y = lines[0], middle-size*0.12
	two.Text, two.Y = strings.Join(lines[1:], " "), middle+size*0.78
	return []draw.Item{one, k.fit(&two, width)}
}

// height is that of a chart so wide, with text so large.
func (c *reportChart) height(width, size float64) float64 {
	if c.Line != nil {
		return min(width*0.55, 300) + 3*size
	}
	return float64(len(c.Bars))*size*1.9 + 4
}

// items draw the chart from 0, 0.
func (c *reportChart) items(k reportInk, width, size float64) []draw.Item {
	if c.Line != nil {
		return c.curveItems(k, width, size)
	}
	most := c.Even
	for _, b := range c.Bars {
		most = max(most, b.Value)
	}
	// An interval that goes far beyond the bars is cut, or it would make them short.
	limit := most * 1.6
	if slices.ContainsFunc(c.Bars, func(b reportBar) bool { return b.High > most }) {
		most = limit
	}
	if !(most > 0) {
		most = 1
	}
	left, right := width*0.36, width-size*5.5
	if c.Wide {
		left = width * 0.56
	}
	at := func(v float64) float64 { return left + (right-left)*min(max(v, 0), most)/most }
	var out []draw.Item
	for i, b := range c.Bars {
		y := float64(i) * size * 1.9
		middle := y + size*0.95
		out = append(out, k.name(b.Name, left-size*0.7, middle, size, left-size*0.7)...)
		value := k.text(width, middle+size*0.35, size, draw.End, b.Text)
		value.Weight = 500
		box := &draw.Shape{Name: b.Name, Alt: b.Name + " " + b.Text, Fill: draw.Fill{Color: k.paper.Mark}}
		if !b.Strong {
			box.Fill.Color.A = 120
		}
		box.Path.Rect(draw.Rect{X: left, Y: middle - size*0.55, W: max(at(b.Value)-left, 0.5), H: size * 1.1})
		out = append(out, box, value)
		if !math.IsNaN(b.Low) {
			whisker := &draw.Shape{Name: "95%", Stroke: draw.Stroke{Color: k.paper.Ink, Width: 1.2}}
			whisker.Path.Polyline([]draw.Point{{X: at(b.Low), Y: middle}, {X: at(b.High), Y: middle}}, false)
			for _, end := range [...]float64{b.Low, b.High} {
				if end <= most {
					whisker.Path.Polyline([]draw.Point{{X: at(end), Y: middle - size*0.3}, {X: at(end), Y: middle + size*0.3}}, false)
				}
			}
			out = append(out, whisker)
		}
	}
	if c.Even > 0 {
		even := &draw.Shape{Name: "1", Stroke: draw.Stroke{Color: k.paper.Ink3, Width: 1, Dash: []float64{3, 3}}}
		even.Path.Polyline([]draw.Point{{X: at(c.Even), Y: 0}, {X: at(c.Even), Y: c.height(width, size) - 4}}, false)
		out = append(out, even)
	}
	return out
}

func (c *reportChart) curveItems(k reportInk, width, size float64) []draw.Item {
	left, top := size*4, size*1.7
	w, h := width-left-size, c.height(width, size)-top-size*3
	at := func(p draw.Point) draw.Point { return draw.Point{X: left + p.X*w, Y: top + (1-p.Y)*h} }
	line := func(points []draw.Point, s draw.Stroke, name string) *draw.Shape {
		shape := &draw.Shape{Name: name, Stroke: s}
		moved := make([]draw.Point, len(points))
		for i, p := range points {
			moved[i] = at(p)
		}
		shape.Path.Polyline(moved, false)
		return shape
	}
	var out []draw.Item
	if c.Low != nil {
		band := &draw.Shape{Name: "band", Fill: draw.Fill{Color: k.paper.Faint}}
		var edge []draw.Point
		for _, p := range c.Low {
			edge = append(edge, at(p))
		}
		for _, p := range slices.Backward(c.High) {
			edge = append(edge, at(p))
		}
		band.Path.Polyline(edge, true)
		out = append(out, band)
	}
	if c.Diagonal {
		out = append(out, line([]draw.Point{{}, {X: 1, Y: 1}}, draw.Stroke{Color: k.paper.Ink3, Width: 1, Dash: []float64{4, 4}}, "equal"))
	}
	out = append(out,
		line([]draw.Point{{Y: 1}, {}, {X: 1}}, draw.Stroke{Color: k.paper.Ink3, Width: 1}, "axes"),
		line(c.Line, draw.Stroke{Color: k.paper.Mark, Width: 2.5, Round: true}, c.Title),
		k.text(left-4, top+size*0.4, size*0.9, draw.End, c.EndY), k.text(left-4, top+h, size*0.9, draw.End, c.FromY),
		k.text(left, top+h+size*1.4, size*0.9, draw.Start, c.FromX), k.text(left+w, top+h+size*1.4, size*0.9, draw.End, c.EndX),
		k.fit(k.text(left, size*0.9, size*0.9, draw.Start, c.NameY), w), k.fit(k.text(left+w/2, top+h+size*2.6, size*0.9, draw.Middle, c.NameX), width))
	return out
}

// inline is the chart as SVG within a page: without a style sheet, which the policy of
// pages forbids, and with the fonts of the page.
func (c *reportChart) inline(ctx context.Context, k reportInk, lang string) (template.HTML, error) {
	const width, size = 680, 13
	d := &draw.Drawing{Width: width, Height: c.height(width, size), Title: c.Title, Description: c.Words, Lang: lang,
		Layers: []*draw.Layer{{Items: c.items(k, width, size)}}}
	var b bytes.Buffer
	if err := draw.SVG(ctx, &b, k.fonts, d); err != nil {
		return "", err
	}
	return template.HTML(inlineSVG(b.String())), nil //nolint:gosec // of our own writer, which escapes
}

// inlineSVG is the svg element of a file without ids and the styles of its head.
func inlineSVG(file string) string {
	if i := strings.Index(file, "<svg"); i > 0 {
		file = file[i:]
	}
	if from, to := strings.Index(file, "<style>"), strings.Index(file, "</style>"); from >= 0 && to > from {
		file = file[:from] + file[to+len("</style>"):]
	}
	if from, to := strings.Index(file, "<metadata"), strings.Index(file, "</metadata>"); from >= 0 && to > from {
		file = file[:from] + file[to+len("</metadata>"):]
	}
	return strings.ReplaceAll(file, `<g id="layer1" `, "<g ")
}
