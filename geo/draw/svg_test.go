package draw

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSVGGolden holds the bytes of a drawing with all kinds of items, the embedded
// fonts left out.
func TestSVGGolden(t *testing.T) {
	got := svgOf(t, builtFonts(t), sampleDrawing())
	if again := svgOf(t, builtFonts(t), sampleDrawing()); got != again {
		t.Error("two writings differ")
	}
	golden(t, "sample.svg", regexp.MustCompile(`base64,[^)]*`).ReplaceAllString(got, "base64,"))
}

// update is for golden.
var update = flag.Bool("update", false, "write the golden files in testdata anew")

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func svgOf(t *testing.T, f *Fonts, d *Drawing) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(t.Context(), &b, f, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// xmlTexts reads a file strictly and returns its words: element names and attributes
// as name=value, text as it is.
func xmlTexts(t *testing.T, file string) (elements, texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(file))
	inText := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return elements, texts
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			elements = append(elements, v.Name.Local)
			for _, a := range v.Attr {
				elements = append(elements, a.Name.Local+"="+a.Value)
			}
			if v.Name.Local == "text" || inText > 0 {
				inText++
			}
			if inText == 1 {
				texts = append(texts, "")
			}
		case xml.EndElement:
			inText = max(0, inText-1)
		case xml.CharData:
			if inText > 0 {
				texts[len(texts)-1] += string(v)
			}
		}
	}
}

// hostile are texts that break writers of XML, of PDF and of fonts.
var hostile = []string{
	`</text><script>alert(1)</script>`, `"><image href="http://example.com/x.png"/>`, `]]>`, `&amp;`, `&#0;`, "a\x00b\x01\x1f\x7f\u0085c",
	"\xff\xfe\xc3(", "\ufffe\uffff", "אבג 123 שלום", "مرحبا", "😀👩‍👩‍👧", "𠮷野家", "\u202egnp.exe", "a  b\tc\r\nd", `(\)%\\`, "e\u0301", "",
	"  ", "x" + strings.Repeat("长", 5000), "<!--", "--><!DOCTYPE x [<!ENTITY a 'b'>]>", "${jndi}", "' onload='x",
}

func hostileDrawing(text string) *Drawing {
	var p Path
	p.Rect(Rect{1, 1, 5, 5})
	return &Drawing{Width: 200, Height: 100, Title: text, Description: text, Author: text, Lang: text, Notes: []string{text},
		Layers: []*Layer{{Name: text, Items: []Item{
			&Shape{Name: text, Alt: text, Path: p, Fill: Fill{Color: color.NRGBA{A: 255}}},
			&Group{Name: text, Alt: text, Items: []Item{&Text{Name: text, Alt: text, X: 10, Y: 50, Size: 12, Color: color.NRGBA{A: 255}, Text: text}}},
			&Mark{Name: text, Alt: text, Symbol: &Symbol{Items: []Item{&Text{Size: 8, Text: text, Color: color.NRGBA{A: 255}}}}, X: 5, Y: 5},
		}}}}
}

func TestSVGHoldsHostileText(t *testing.T) {
	f := fonts(t)
	for _, text := range hostile {
		elements, _ := xmlTexts(t, svgOf(t, f, hostileDrawing(text)))
		for _, e := range elements {
			if e == "script" || e == "image" || strings.HasPrefix(e, "onload=") || strings.HasPrefix(e, "href=") && !strings.HasPrefix(e, "href=#") {
				t.Errorf("%q makes %q", text, e)
			}
		}
	}
}

func TestSVGKeepsText(t *testing.T) {
	d := &Drawing{Width: 200, Height: 100}
	layer := &Layer{}
	want := []string{"长三角 <Delta> & more", "It’s “Foshan”", "佛山’s 陶瓷", "a  b", "שלום 12", "Ωμέγα Москва", "😀"}
	for _, text := range want {
		layer.Items = append(layer.Items, &Text{Size: 12, Weight: 500, Color: color.NRGBA{A: 255}, Text: text,
			Halo: Stroke{Color: color.NRGBA{255, 255, 255, 255}, Width: 3, Round: true}})
	}
	d.Layers = []*Layer{layer}
	_, texts := xmlTexts(t, svgOf(t, fonts(t), d))
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestSVGOfOddNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	var p Path
	p.MoveTo(nan, 1)
	p.LineTo(inf, -inf)
	p.CubicTo(1, 2, nan, 4, 1e300, 6)
	p.LineTo(3, 3)
	p.LineTo(3, 3)
	p.Close()
	d := &Drawing{Width: 10, Height: 10, Layers: []*Layer{{Clip: &Rect{nan, 0, inf, 1}, Items: []Item{
		&Shape{Path: p, Fill: Fill{Pattern: 200, Ink: color.NRGBA{A: 1}}, Stroke: Stroke{Color: color.NRGBA{A: 255}, Width: nan, Dash: []float64{nan}}},
		&Mark{Symbol: nil, X: nan},
		&Text{X: nan, Size: inf, Spacing: nan, Text: "a", Color: color.NRGBA{A: 255}, Halo: Stroke{Color: color.NRGBA{A: 255}, Width: inf}},
		&Text{X: nan, Size: nan, Spacing: inf, Text: "a", Color: color.NRGBA{A: 255}, Halo: Stroke{Color: color.NRGBA{A: 255}, Width: 1}},
		&Text{Y: inf, Size: 1e-9, Text: "a", Color: color.NRGBA{A: 255}, Halo: Stroke{Color: color.NRGBA{A: 255}, Width: 1}},
		nil,
	}}}}
	if got := svgOf(t, fonts(t), d); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Errorf("numbers that are none: %s", got)
	}
	for _, side := range []float64{0, -1, 1e9, nan, inf} {
		if err := SVG(t.Context(), io.Discard, fonts(t), &Drawing{Width: side, Height: 1}); err == nil {
			t.Errorf("a drawing %g wide is written", side)
		}
	}
}

func TestSVGStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := SVG(ctx, io.Discard, fonts(t), sampleDrawing()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSVGNumbers(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {1, "1"}, {-1.5, "-1.5"}, {0.25, ".25"}, {0.05, ".05"}, {-0.004, "0"}, {12.345, "12.35"}, {1e12, "1000000"}, {math.NaN(), "0"},
	} {
		var b buffer
		b.float(c.v)
		if got := string(b.b); got != c.want {
			t.Errorf("%g is written %s, want %s", c.v, got, c.want)
		}
	}
}

// TestSVGPathsAddUp reads relative commands back: after a thousand steps of thirds a
// point is where it should be.
func TestSVGPathsAddUp(t *testing.T) {
	var p Path
	p.MoveTo(-1, 0.004)
	for i := range 1000 {
		switch i % 9 {
		case 4:
			p.CubicTo(1, float64(i)/3, float64(i)/7, 2, float64(i%3)/3, float64(-i)/3)
		case 5:
			p.LineTo(float64((i-1)%3)/3, 5)
		case 6:
			p.LineTo(17, 5)
		case 7:
			p.Close()
		case 8:
			p.MoveTo(float64(i)/3, -1)
		default:
			p.LineTo(float64(i+1)/3, float64(i%7)/3)
		}
	}
	var b buffer
	b.path(&p)
	got := pathPoints(t, string(b.b))
	if len(got) != len(p.points) {
		t.Fatalf("%d points, want %d", len(got), len(p.points))
	}
	for i, want := range p.points {
		if d := math.Hypot(got[i].X-want.X, got[i].Y-want.Y); d > 0.0071 {
			t.Fatalf("point %d is at %v, want %v", i, got[i], want)
		}
	}
}

// pathPoints reads the path data that SVG writes: M, l, h, v, c and z.
func pathPoints(t *testing.T, data string) []Point {
	t.Helper()
	var points []Point
	var at, start Point
	var letter string
	var numbers []float64
	for _, token := range regexp.MustCompile(`[Mlhvcz]|-?[0-9]*\.?[0-9]+`).FindAllString(data, -1) {
		if strings.Contains("Mlhvcz", token) {
			if letter, numbers = token, nil; token == "z" {
				at = start
			}
			continue
		}
		numbers = append(numbers, parseFloat(t, token))
		if len(numbers) < map[string]int{"M": 2, "l": 2, "h": 1, "v": 1, "c": 6}[letter] {
			continue
		}
		switch letter {
		case "M":
			at = Point{numbers[0], numbers[1]}
			start = at
		case "h":
			at.X += numbers[0]
		case "v":
			at.Y += numbers[0]
		case "l":
			at = Point{at.X + numbers[0], at.Y + numbers[1]}
		case "c":
			points = append(points, Point{at.X + numbers[0], at.Y + numbers[1]}, Point{at.X + numbers[2], at.Y + numbers[3]})
			at = Point{at.X + numbers[4], at.Y + numbers[5]}
		}
		points = append(points, at)
		numbers = nil
	}
	return points
}
