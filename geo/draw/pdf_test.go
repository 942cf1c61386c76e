package draw

import (
	"bytes"
	"context"
	"errors"
	"image/color"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func pdfOf(t *testing.T, f *Fonts, pages ...*Drawing) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := PDF(t.Context(), &b, f, pages...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// runTool runs a program with a file as the last of its arguments, or before a "-"
// that asks for its answer, and returns what it says.
func runTool(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "FILE", path)
	}
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v (Debian: poppler-utils, qpdf)\n%s", name, err, out)
	}
	return string(out)
}

func TestPDFIsSoundAndTheSameEachTime(t *testing.T) {
	f := fonts(t)
	got := pdfOf(t, f, sampleDrawing())
	if !bytes.Equal(got, pdfOf(t, f, sampleDrawing())) {
		t.Error("two writings differ")
	}
	if out := runTool(t, got, "qpdf", "--check", "FILE"); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
	info := runTool(t, got, "pdfinfo", "FILE")
	for _, want := range []string{
		`Title: +三大集聚区 Three concentrations`, `Subject: +A sample of all shapes`, `Author: +clustermap`,
		`CreationDate: +\w+ May 17 \d\d:30:00 2024`, `Page size: +480 x 300 pts`, `Pages: +1\n`,
	} {
		if !regexp.MustCompile(want).MatchString(info) {
			t.Errorf("no %s in\n%s", want, info)
		}
	}
	for _, want := range []string{"/Lang (zh-Hans)", "/Type /OCG", "/Order ["} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
}

// TestPDFFontsAreEmbedded reads pdffonts' table: name, type, encoding, embedded,
// subset, has Unicode.
func TestPDFFontsAreEmbedded(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(runTool(t, pdfOf(t, builtFonts(t), sampleDrawing()), "pdffonts", "FILE")), "\n")[2:]
	if len(lines) != 4 {
		t.Errorf("%d fonts, want three weights and Latin marks: %q", len(lines), lines)
	}
	for _, line := range lines {
		if !regexp.MustCompile(`^[A-Z]{6}\+(NotoSansSC-(Regular|Medium|Bold)|Inter-Regular) +CID TrueType +Identity-H +yes yes +yes `).MatchString(line) {
			t.Errorf("font %s", line)
		}
	}
}

// TestPDFTextIsFoundOnce has halos, spacing, italics, quotes of another face,
// characters beyond 16 bits and such that no face has.
func TestPDFTextIsFoundOnce(t *testing.T) {
	d := &Drawing{Width: 600, Height: 600}
	layer := &Layer{Name: "labels"}
	marks := strings.NewReplacer(" ", "", "\u202a", "", "\u202b", "", "\u202c", "") // what pdftotext adds
	want := []string{"长三角", "Yangtze", "It’s 1,234 km – stone", "佛山市：陶瓷", "渤海湾", "Bohai Sea", "𠮷野家", "𠀋", "(\\) %", "Ωμέγα", "Москва", "\U000F1234", "שלום"}
	for i, text := range want {
		layer.Items = append(layer.Items, &Text{
			X: 40, Y: float64(40 + 40*i), Size: 20, Weight: []int{0, 500, 700}[i%3], Italic: i == 5, Spacing: []float64{0, 3}[i%2],
			Color: color.NRGBA{A: 255}, Halo: Stroke{Color: color.NRGBA{255, 255, 255, 255}, Width: 4, Round: true}, Text: text,
		})
	}
	d.Layers = []*Layer{layer}
	found := runTool(t, pdfOf(t, builtFonts(t), d), "pdftotext", "-layout", "FILE", "-")
	lines := map[string]int{}
	for _, line := range strings.Split(found, "\n") {
		lines[marks.Replace(line)]++
	}
	for _, text := range want {
		if n := lines[marks.Replace(text)]; n != 1 {
			t.Errorf("%q is found %d times in\n%s", text, n, found)
		}
	}
}

func TestPDFPages(t *testing.T) {
	second := sampleDrawing()
	second.Width, second.Height = 400, 640.5
	got := pdfOf(t, fonts(t), sampleDrawing(), second, &Drawing{Width: 10, Height: 10})
	info := runTool(t, got, "pdfinfo", "-l", "3", "FILE")
	for _, want := range []string{`Page +1 size: +480 x 300`, `Page +2 size: +300 x 480.38`, `Page +3 size: +7.5 x 7.5`} {
		if !regexp.MustCompile(want).MatchString(info) {
			t.Errorf("no %s in\n%s", want, info)
		}
	}
	undated := pdfOf(t, fonts(t), &Drawing{Width: 10, Height: 10})
	if info := runTool(t, undated, "pdfinfo", "FILE"); strings.Contains(info, "Date:") {
		t.Errorf("a drawing without a date is dated:\n%s", info)
	}
	if n := strings.Count(string(got), "/Type /OCG"); n != len(sampleDrawing().Layers) {
		t.Errorf("%d layers, want one for each name", n)
	}
	if err := PDF(t.Context(), io.Discard, fonts(t)); err == nil {
		t.Error("no pages are a document")
	}
}

func TestPDFHoldsHostileText(t *testing.T) {
	f := fonts(t)
	var pages []*Drawing
	for _, text := range hostile {
		pages = append(pages, hostileDrawing(text))
	}
	got := pdfOf(t, f, pages...)
	if out := runTool(t, got, "qpdf", "--check", "FILE"); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
	if found := runTool(t, got, "pdftotext", "FILE", "-"); !strings.Contains(found, `<script>alert(1)</script>`) {
		t.Error("the text is not as it was")
	}
}

func TestPDFOfOddNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	var p Path
	p.MoveTo(nan, 1)
	p.LineTo(inf, -inf)
	p.CubicTo(1, 2, nan, 4, 1e300, 6)
	p.Close()
	black := color.NRGBA{A: 255}
	d := &Drawing{Width: 10, Height: 10, Layers: []*Layer{{Clip: &Rect{nan, 0, inf, 1}, Items: []Item{
		&Shape{Path: p, Fill: Fill{Pattern: Dots, Ink: color.NRGBA{A: 1}}, Stroke: Stroke{Color: black, Width: nan, Dash: []float64{nan, 0}}},
		&Shape{Path: p, Fill: Fill{Pattern: Cross, Ink: black}, Stroke: Stroke{Color: black, Width: 1, Dash: []float64{1, 2, 3}}},
		&Mark{Symbol: nil, X: nan},
		&Mark{Symbol: &Symbol{Items: []Item{&Text{Size: 1e9, Text: "b", Color: black}}}, X: nan},
		&Text{X: nan, Size: inf, Spacing: nan, Text: "a", Color: black, Halo: Stroke{Color: black, Width: nan}},
		&Text{X: nan, Size: nan, Spacing: inf, Text: "a", Color: black, Halo: Stroke{Color: black, Width: inf}},
		nil,
	}}}}
	got := pdfOf(t, fonts(t), d)
	if out := runTool(t, got, "qpdf", "--check", "FILE"); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
	if page := runTool(t, got, "qpdf", "--qdf", "FILE", "-"); regexp.MustCompile(`\b(NaN|Inf)\b`).MatchString(page) {
		t.Error("numbers that are none")
	}
}

func TestPDFStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := PDF(ctx, io.Discard, fonts(t), sampleDrawing()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
