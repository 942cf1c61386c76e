package draw

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"
)

func pptxOf(tb testing.TB, slides ...*Drawing) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := PPTX(tb.Context(), &b, fonts(tb), slides...); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// drawingOf is a drawing of one layer.
func drawingOf(w, h float64, items ...Item) *Drawing {
	return &Drawing{Width: w, Height: h, Layers: []*Layer{{Name: "layer", Items: items}}}
}

// slideOf is the slide of a drawing, checked.
func slideOf(t *testing.T, d *Drawing) *node {
	t.Helper()
	o := openPPTX(t, pptxOf(t, d))
	if len(o.slides) != 1 {
		t.Fatalf("%d slides", len(o.slides))
	}
	return o.slides[0]
}

// one is the only shape of a name.
func one(t *testing.T, slide *node, name string) *node {
	t.Helper()
	found := slide.named(name)
	if len(found) != 1 {
		t.Fatalf("%d shapes are named %q, want 1", len(found), name)
	}
	return found[0]
}

func paths(points ...[]Point) (p Path) {
	for _, ring := range points {
		p.Polyline(ring, true)
	}
	return p
}

func square(x, y, size float64) []Point {
	return []Point{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}}
}

func reversed(points []Point) []Point {
	out := make([]Point, len(points))
	for i, p := range points {
		out[len(points)-1-i] = p
	}
	return out
}

var red = color.NRGBA{255, 0, 0, 255}

func TestPPTXIsTheSameEachTime(t *testing.T) {
	if one, two := pptxOf(t, sampleDrawing()), pptxOf(t, sampleDrawing()); !bytes.Equal(one, two) {
		t.Error("two writings differ")
	}
}

func TestPPTXRefuses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := PPTX(ctx, new(bytes.Buffer), fonts(t), sampleDrawing()); err != context.Canceled {
		t.Errorf("a request that was cancelled: %v", err)
	}
	for _, slides := range [][]*Drawing{nil, {{Width: 10}}, {sampleDrawing(), {Width: math.NaN(), Height: 1}}, {{Width: math.Inf(1), Height: math.Inf(1)}}} {
		if err := PPTX(t.Context(), new(bytes.Buffer), fonts(t), slides...); err == nil {
			t.Errorf("%v was written", slides)
		}
	}
	if err := PPTX(t.Context(), failing{}, fonts(t), sampleDrawing()); err == nil {
		t.Error("a failure to write was passed over")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, fmt.Errorf("full") }

func TestPPTXSlideSizes(t *testing.T) {
	for _, c := range []struct {
		w, h   float64
		cx, cy int64
		kind   string
	}{
		{1600, 900, 12192000, 6858000, ""},
		{1280, 720, 12192000, 6858000, ""},
		{1024, 768, 9144000, 6858000, "screen4x3"},
		{400, 300, 9144000, 6858000, "screen4x3"},
		{800, 800, 7620000, 7620000, ""},
		{794, 1123, 7562850, 10696575, ""},
		{19200, 19200, 51206400, 51206400, ""},
		{10, 10, 914400, 914400, ""},
		{19200, 1, 51206400, 914400, ""},
	} {
		o := openPPTX(t, pptxOf(t, drawingOf(c.w, c.h, &Shape{Name: "all", Path: paths(square(0, 0, 1e6)), Fill: Fill{Color: red}})))
		size := o.parts["ppt/presentation.xml"].child("p:sldSz")
		if size.num(t, "cx") != c.cx || size.num(t, "cy") != c.cy || size.attrs["type"] != c.kind {
			t.Errorf("%g x %g gives %v, want %d x %d %s", c.w, c.h, size.attrs, c.cx, c.cy, c.kind)
		}
		if box := boxOf(t, one(t, o.slides[0], "all")); box.x0 < 0 || box.y0 < 0 || box.x1 > c.cx || box.y1 > c.cy {
			t.Errorf("%g x %g: %v leaves the slide", c.w, c.h, box)
		}
	}
}

func TestPPTXTitleAndNotes(t *testing.T) {
	line := func(y float64, text string) *Text {
		return &Text{Name: "title", X: 64, Y: y, Size: 40, Weight: 700, Color: black, Text: text}
	}
	d := drawingOf(1600, 900, line(100, "书中点名的 40 个集群，"), line(150, "26 个在三大集聚区"),
		&Text{Name: "subtitle", X: 64, Y: 200, Size: 20, Color: black, Text: "按行业门类着色"},
		&Mark{Name: "mark", X: 10, Y: 10, Symbol: &Symbol{Items: []Item{&Text{Name: "title", Size: 10, Color: black, Text: "7"}}}})
	d.Layers = append(d.Layers, &Layer{Name: "later", Items: []Item{line(600, "no title any more")}})
	d.Notes, d.Title, d.Author, d.Lang = []string{"资料：《中国产业集群》", "", "GeoNames"}, "A & B", "clustermap", "zh-Hans"
	d.Date = time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	o := openPPTX(t, pptxOf(t, d, drawingOf(1600, 900)))

	titles := 0
	o.slides[0].each(func(n *node) {
		if n.name == "p:sp" && n.child("p:nvSpPr", "p:nvPr", "p:ph").attrs["type"] == "title" {
			titles++
			if got, want := textOf(n), "书中点名的 40 个集群，\n26 个在三大集聚区"; got != want {
				t.Errorf("the title is %q, want %q", got, want)
			}
			if got := n.child("p:txBody", "a:p", "a:pPr", "a:lnSpc", "a:spcPts").attrs["val"]; got != "3000" { // 50 px at 7620 EMU
				t.Errorf("its lines are %s apart, want 3000", got)
			}
		}
	})
	if titles != 1 {
		t.Errorf("%d titles", titles)
	}
	if got := textOf(one(t, o.slides[0], "mark")); got != "7" {
		t.Errorf("the symbol says %q", got)
	}
	layout := func(slide int) string {
		return o.parts[fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", slide)].children[0].attrs["Target"]
	}
	if a, b := layout(1), layout(2); a != "../slideLayouts/slideLayout1.xml" || b != "../slideLayouts/slideLayout2.xml" {
		t.Errorf("layouts are %s and %s", a, b)
	}
	if got := textOf(o.parts["ppt/notesSlides/notesSlide1.xml"]); got != "资料：《中国产业集群》\n\nGeoNames" {
		t.Errorf("the notes are %q", got)
	}
	if o.parts["ppt/notesSlides/notesSlide2.xml"] != nil {
		t.Error("a slide without notes has a notes page")
	}
	core := o.parts["docProps/core.xml"]
	for name, want := range map[string]string{"dc:title": "A & B", "dc:creator": "clustermap", "dc:language": "zh-CN",
		"dcterms:created": "2026-10-31T16:00:00Z", "dcterms:modified": "2026-10-31T16:00:00Z"} {
		if got := core.child(name).text; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// textOf is the text of a shape or page, a line for each paragraph and break.
func textOf(n *node) string {
	var lines []string
	n.each(func(p *node) {
		if p.name != "a:p" {
			return
		}
		line := ""
		for _, c := range p.children {
			if c.name == "a:br" {
				line += "\n"
			}
			line += c.child("a:t").text
		}
		lines = append(lines, line)
	})
	return strings.Join(lines, "\n")
}

func TestPPTXText(t *testing.T) {
	const size, x, y = 20, 800, 450 // 1 px is 7620 EMU
	text := func(name string, align Align, words string) *Text {
		return &Text{Name: name, X: x, Y: y, Size: size, Align: align, Color: black, Text: words}
	}
	spaced := text("spaced", Middle, "渤海")
	spaced.Spacing, spaced.Italic, spaced.Weight = 4, true, 700
	spaced.Halo = Stroke{Color: color.NRGBA{255, 255, 255, 128}, Width: 3}
	edge := text("edge", Start, "edge")
	edge.X = 1575
	items := []Item{text("start", Start, "Bohai"), text("middle", Middle, "珠三角"), text("end", End, "Bohai"), spaced, edge,
		text("hebrew", Start, "12 שלום"), text("arabic", End, "مرحبا"), text("kana", Start, "カナ"), text("hangul", Start, "한글"),
		text("empty", Start, " \x00\u200b"[:2]), &Text{Name: "clear", X: 1, Y: 1, Size: 9, Text: "clear"}, &Text{Name: "none", Color: black, Text: "no size"}}
	d := drawingOf(1600, 900, items...)
	d.Lang = "zh-Hans"
	s := slideOf(t, d)
	f := fonts(t)
	for _, c := range []struct {
		name string
		ends func(b span) int64 // what is at the anchor, doubled for the middle
		want int64
	}{
		{"start", func(b span) int64 { return b.x0 }, x * 7620},
		{"middle", func(b span) int64 { return b.x0 + b.x1 }, 2 * x * 7620},
		{"end", func(b span) int64 { return b.x1 }, x * 7620},
	} {
		n := one(t, s, c.name)
		b := boxOf(t, n)
		if got := c.ends(b); max(got-c.want, c.want-got) > 2*unit {
			t.Errorf("%s stands at %d, want %d", c.name, got, c.want)
		}
		words := textOf(n)
		if w, want := b.x1-b.x0, f.Width(&Text{Text: words, Size: size})*7620; float64(w) < 1.2*want {
			t.Errorf("%s has %d for a text of %.0f", c.name, w, want)
		}
		down := float64(b.y1)/7620 - y
		if down < 0.2*size || down > 0.27*size {
			t.Errorf("%s has its lower edge %.2f px below the baseline", c.name, down)
		}
	}
	if b := boxOf(t, one(t, s, "edge")); float64(b.x1) > 1575*7620+f.Width(edge)*7620+unit {
		t.Errorf("a text that leaves the slide has room in %v", b)
	}
	look := func(name string) *node { return one(t, s, name).child("p:txBody", "a:p", "a:r", "a:rPr") }
	for name, want := range map[string]string{"start": "en-US", "middle": "zh-CN", "hebrew": "he-IL", "arabic": "ar-SA", "kana": "ja-JP", "hangul": "ko-KR"} {
		if got := look(name).attrs["lang"]; got != want {
			t.Errorf("%s is in %q, want %q", name, got, want)
		}
	}
	if got := one(t, s, "start").child("p:nvSpPr", "p:cNvPr").attrs["descr"]; got != "Bohai" {
		t.Errorf("a label is described as %q", got)
	}
	for name, want := range map[string]string{"start": "", "hebrew": "1", "arabic": "1"} {
		if got := one(t, s, name).child("p:txBody", "a:p", "a:pPr").attrs["rtl"]; got != want {
			t.Errorf("%s has rtl %q, want %q", name, got, want)
		}
	}
	r := look("spaced")
	if a := r.attrs; a["sz"] != "1200" || a["spc"] != "240" || a["b"] != "1" || a["i"] != "1" {
		t.Errorf("a spaced text has %v", a)
	}
	if got := r.child("a:effectLst", "a:glow").attrs["rad"]; got != "22860" {
		t.Errorf("its halo is %s wide", got)
	}
	if r.child("a:latin").attrs["typeface"] != "Arial" || r.child("a:ea").attrs["typeface"] != "Microsoft YaHei" {
		t.Error("its fonts are not those of Office")
	}
	for _, name := range []string{"empty", "clear", "none"} {
		if len(s.named(name)) > 0 {
			t.Errorf("%s was written", name)
		}
	}
}

func TestPPTXShapes(t *testing.T) {
	var circle, line, up, curve Path
	circle.Circle(100, 100, 10)
	line.Polyline([]Point{{10, 10}, {50, 10}}, false)
	up.Polyline([]Point{{10, 50}, {50, 10}}, false)
	curve.MoveTo(0, 0)
	curve.CubicTo(0, 10, 10, 10, 10, 0)
	pen := Stroke{Color: black, Width: 2, Dash: []float64{6, 3}, Round: true}
	s := slideOf(t, drawingOf(1600, 900,
		&Shape{Name: "circle", Alt: "a disc", Path: circle, Fill: Fill{Color: color.NRGBA{1, 2, 3, 51}}},
		&Shape{Name: "line", Path: line, Stroke: pen},
		&Shape{Name: "up", Path: up, Stroke: pen},
		&Shape{Name: "open", Path: curve, Fill: Fill{Color: red}, Stroke: pen},
		&Shape{Name: "hole", Path: paths(square(0, 0, 50), reversed(square(10, 10, 20))), Fill: Fill{Color: red}, Stroke: pen},
		&Shape{Name: "both", Path: paths(square(0, 0, 50), square(10, 10, 60)), Fill: Fill{Color: red}},
		&Shape{Name: "pattern", Path: circle, Fill: Fill{Pattern: DenseDots, Ink: black}},
		&Shape{Name: "nothing", Path: circle},
		&Shape{Name: "away", Path: paths(square(-100, -100, 50)), Fill: Fill{Color: red}},
		&Shape{Name: "lost", Path: paths([]Point{{math.NaN(), 1}, {2, 2}, {3, 1}}), Fill: Fill{Color: red}},
		&Shape{Name: "dust", Path: paths(square(1, 1, 0.001)), Fill: Fill{Color: red}},
		&Shape{Name: "dusty", Path: paths(square(1, 1, 0.001), square(50, 50, 0.002), square(20, 20, 10)), Fill: Fill{Color: red}},
		&Shape{Name: "bad pen", Path: line, Stroke: Stroke{Color: black, Width: math.NaN()}},
		&Shape{Name: "bad dash", Path: line, Stroke: Stroke{Color: black, Width: 1, Dash: []float64{math.NaN(), 1}}},
	))
	form := func(name string) string { return one(t, s, name).child("p:spPr", "a:prstGeom").attrs["prst"] }
	for name, want := range map[string]string{"circle": "ellipse", "line": "line", "up": "line", "open": "", "hole": "", "pattern": "ellipse", "dusty": "rect", "bad dash": "line"} {
		if got := form(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if one(t, s, "up").child("p:spPr", "a:xfrm").attrs["flipV"] != "1" || one(t, s, "line").child("p:spPr", "a:xfrm").attrs["flipV"] != "" {
		t.Error("a line upwards is to be flipped, one across is not")
	}
	modes := func(name string) (got string) {
		for _, p := range one(t, s, name).child("p:spPr", "a:custGeom", "a:pathLst").children {
			subs := 0
			for _, c := range p.children {
				if c.name == "a:moveTo" {
					subs++
				}
			}
			got += fmt.Sprintf("%d fill=%s stroke=%s; ", subs, p.attrs["fill"], p.attrs["stroke"])
		}
		return got
	}
	for name, want := range map[string]string{
		"open": "1 fill= stroke=0; 1 fill=none stroke=; ",
		"hole": "2 fill= stroke=; ",
		"both": "1 fill= stroke=0; 1 fill= stroke=0; ",
	} {
		if got := modes(name); got != want {
			t.Errorf("%s has the paths %q, want %q", name, got, want)
		}
	}
	ln := one(t, s, "line").child("p:spPr", "a:ln")
	if ln.attrs["w"] != "15240" || ln.attrs["cap"] != "rnd" || ln.child("a:custDash", "a:ds").attrs["d"] != "300000" || ln.child("a:custDash", "a:ds").attrs["sp"] != "150000" {
		t.Errorf("a line has %v %v", ln.attrs, ln.child("a:custDash", "a:ds").attrs)
	}
	if got := one(t, s, "circle").child("p:spPr", "a:solidFill", "a:srgbClr", "a:alpha").attrs["val"]; got != "20000" {
		t.Errorf("alpha is %s", got)
	}
	if got := one(t, s, "layer").child("p:nvGrpSpPr", "p:cNvPr").attrs["descr"]; got != "layer" {
		t.Errorf("a group without alternative text is described as %q", got)
	}
	props := func(name string) *node { return one(t, s, name).child("p:nvSpPr", "p:cNvPr") }
	if props("circle").attrs["descr"] != "a disc" || len(props("circle").children) > 0 || len(props("line").children) == 0 {
		t.Error("a shape without alternative text is to be decoration, and no other")
	}
	for _, name := range []string{"nothing", "away", "lost", "dust", "bad pen"} {
		if len(s.named(name)) > 0 {
			t.Errorf("%s was written", name)
		}
	}
}

// TestPPTXClip holds what is cut within the frame, and lines and areas apart: the edge
// of the frame is no line.
func TestPPTXClip(t *testing.T) {
	frame := Rect{100, 100, 200, 100}
	var disc Path
	disc.Circle(0, 0, 20)
	symbol := &Symbol{Items: []Item{&Shape{Path: disc, Fill: Fill{Color: red}}, &Text{Size: 10, Align: Middle, Color: black, Text: "12"}}}
	d := drawingOf(1600, 900,
		&Shape{Name: "land", Path: paths(square(50, 50, 100)), Fill: Fill{Color: red}, Stroke: Stroke{Color: black, Width: 1}},
		&Shape{Name: "far", Path: paths([]Point{{-1e9, -1e9}, {1e9, -1e9}, {1e9, 1e9}, {-1e9, 1e9}}), Fill: Fill{Color: red}, Stroke: Stroke{Color: black, Width: 1}},
		&Mark{Name: "edge", X: 100, Y: 150, Symbol: symbol},
		&Mark{Name: "out", X: 500, Y: 150, Symbol: symbol},
		&Mark{Name: "none", X: 150, Y: 150, Symbol: nil},
		&Mark{Name: "void", X: 150, Y: 150, Symbol: &Symbol{}},
		&Group{Name: "void group"},
		&Mark{Name: "upper", X: 200, Y: 90, Symbol: symbol},
		&Text{Name: "half in", X: 290, Y: 150, Size: 10, Align: Middle, Color: black, Text: "half in"},
		&Text{Name: "half out", X: 290, Y: 150, Size: 10, Color: black, Text: "mostly out"},
		&Text{Name: "gone", X: 400, Y: 150, Size: 10, Color: black, Text: "gone"},
	)
	d.Layers[0].Clip = &frame
	d.Layers = append(d.Layers, &Layer{Name: "shut", Clip: &Rect{5, 5, 0, -3}, Items: d.Layers[0].Items}, &Layer{Name: "void layer"}, nil,
		&Layer{Name: "odd", Clip: &Rect{math.NaN(), 0, 1, 1}, Items: d.Layers[0].Items[:1]})
	s := slideOf(t, d)
	inside := func(name string, b span) {
		if b.x0 < 100*7620-unit || b.y0 < 100*7620-unit || b.x1 > 300*7620+unit || b.y1 > 200*7620+unit {
			t.Errorf("%s leaves the frame: %v", name, b)
		}
	}
	for _, name := range []string{"land", "far"} {
		inside(name, boxOf(t, one(t, s, name)))
	}
	edge := one(t, s, "edge")
	inside("the disc at the edge", boxOf(t, edge.children[2]))
	lists := one(t, s, "land").child("p:spPr", "a:custGeom", "a:pathLst").children
	if len(lists) != 2 || lists[0].attrs["stroke"] != "0" || lists[1].attrs["fill"] != "none" {
		t.Fatalf("what is cut has %d paths", len(lists))
	}
	lists[1].each(func(n *node) {
		if n.name == "a:close" {
			t.Error("the edge of the frame is a line")
		}
	})
	if far := one(t, s, "far").child("p:spPr"); far.child("a:prstGeom").attrs["prst"] != "rect" || far.child("a:ln", "a:noFill").name == "" {
		t.Error("what fills the frame is not a rectangle without a line")
	}
	if upper := one(t, s, "upper"); len(upper.children) != 3 {
		t.Error("the text of a symbol stands where its clip does not show it")
	}
	one(t, s, "half in")
	for _, name := range []string{"out", "none", "void", "void group", "gone", "half out", "shut", "void layer", "odd"} {
		if len(s.named(name)) > 0 {
			t.Errorf("%s was written", name)
		}
	}
}

func TestPPTXDark(t *testing.T) {
	for ground, want := range map[color.NRGBA]string{{}: "a:masterClrMapping", white: "a:masterClrMapping", {15, 21, 25, 255}: "a:overrideClrMapping", {0, 0, 0, 40}: "a:masterClrMapping"} {
		d := drawingOf(160, 90)
		d.Background = ground
		if got := slideOf(t, d).child("p:clrMapOvr").children[0].name; got != want {
			t.Errorf("on %v: %s, want %s", ground, got, want)
		}
	}
}

func TestPPTXHostile(t *testing.T) {
	long := strings.Repeat("很长的标题 & <long> ", 50_000)
	odd := "a\x00b\x0bc\uFFFEd\uFFFF\xff\t\n\r\u2028<&>\"'🏭👩‍👩‍👧 שלום\u202e"
	d := drawingOf(1600, 900,
		&Text{Name: "title", X: 10, Y: 100, Size: 40, Color: black, Text: long},
		&Text{Name: odd, Alt: odd, X: 10, Y: 200, Size: 40, Color: black, Text: odd},
		&Text{Name: "huge", X: 1e300, Y: 200, Size: 40, Color: black, Text: "huge"},
		&Text{Name: "wide", X: 10, Y: 300, Size: 9e4, Spacing: 1e300, Color: black, Align: 77, Text: "wide"},
		&Text{Name: "nan", X: math.NaN(), Y: 300, Size: math.Inf(1), Color: black, Text: "nan"},
		&Shape{Name: long, Alt: long, Path: paths(square(0, 0, 10)), Fill: Fill{Color: red, Pattern: 200, Ink: black},
			Stroke: Stroke{Color: black, Width: 9e5, Dash: []float64{1e300, 1e-300, 5}}},
		&Mark{Name: "lost", X: math.NaN(), Symbol: &Symbol{Items: []Item{&Shape{Path: paths(square(0, 0, 1)), Fill: Fill{Color: red}}}}},
		&Group{Items: []Item{&Group{Items: []Item{&Group{}, nil}}}},
	)
	d.Title, d.Description, d.Author, d.Lang = long, odd, odd, "<en>"
	d.Notes = []string{long, odd}
	d.Date = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
	o := openPPTX(t, pptxOf(t, d, &Drawing{Width: 1, Height: 19200, Layers: d.Layers}))
	const want = "abcd\uFFFD    <&>\"'🏭👩‍👩‍👧 שלום\u202e"
	if got := textOf(one(t, o.slides[0], strings.TrimSpace(want))); got != want {
		t.Errorf("odd characters became %q, want %q", got, want)
	}
	if n := len(o.slides[0].named("lost")); n > 0 {
		t.Errorf("%d marks without a place were written", n)
	}
	if o.parts["docProps/core.xml"].child("dcterms:created").name != "" {
		t.Error("a date that the format cannot hold was written")
	}
}

func FuzzPPTX(f *testing.F) {
	f.Add("title", 10.0, 10.0, 100.0, 50.0, 3.0, uint8(1))
	f.Add("\x00", math.NaN(), -1e308, math.Inf(1), 1e-300, -1.0, uint8(255))
	f.Fuzz(func(t *testing.T, text string, x, y, w, h, width float64, n uint8) {
		var curve Path
		curve.MoveTo(x, y)
		curve.CubicTo(w, h, y, x, width, w)
		curve.Arc(x, y, w, h, h+math.Mod(width, 7))
		pen := Stroke{Color: color.NRGBA{n, n, n, n}, Width: width, Dash: []float64{w, h}}
		d := drawingOf(400, 300,
			&Shape{Name: text, Path: curve, Fill: Fill{Color: red, Pattern: Pattern(n), Ink: black}, Stroke: pen},
			&Text{Name: text, Alt: text, X: x, Y: y, Size: width, Spacing: w, Halo: pen, Color: black, Align: Align(n), Text: text})
		d.Layers[0].Clip = &Rect{x, y, w, h}
		d.Layers = append(d.Layers, &Layer{Name: text, Items: d.Layers[0].Items})
		d.Title, d.Lang, d.Notes = text, text, []string{text}
		openPPTX(t, pptxOf(t, d))
	})
}
