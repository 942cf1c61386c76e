package draw

import (
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"clustermap/web"
)

// fonts are those of the build, or without one what the program falls back to.
func fonts(tb testing.TB) *Fonts {
	tb.Helper()
	f, err := LoadFonts(web.Faces())
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// builtFonts skips a test that needs Chinese where nothing was built, but not in CI.
func builtFonts(tb testing.TB) *Fonts {
	tb.Helper()
	f := fonts(tb)
	if f.faces[0][0].family == "Noto Sans SC" {
		return f
	}
	if os.Getenv("CI") != "" {
		tb.Fatal("the faces are not built")
	}
	tb.Skip("the faces are not built: make page")
	return nil
}

func TestWidthIsTheSumOfAdvances(t *testing.T) {
	f := builtFonts(t)
	for _, c := range []struct {
		text Text
		want float64
	}{
		{Text{Text: "长三角", Size: 20}, 60},
		{Text{Text: "长三角", Size: 20, Spacing: 2}, 64},
		{Text{Text: "长", Size: 20, Spacing: 2}, 20},
		{Text{Size: 20, Spacing: 2}, 0},
		{Text{Text: "‘长’", Size: 10}, 30},
		{Text{Text: "1,234", Size: 1000}, 4*555 + 278},
	} {
		if got := f.Width(&c.text); math.Abs(got-c.want) > 1 {
			t.Errorf("width of %q at %g, spacing %g: %g, want %g", c.text.Text, c.text.Size, c.text.Spacing, got, c.want)
		}
	}
}

func TestQuotesAreNarrowInEnglishOnly(t *testing.T) {
	f := builtFonts(t)
	if w := f.Width(&Text{Text: "’", Size: 1}); w > 0.5 {
		t.Errorf("the apostrophe of an English line is %g em wide", w)
	}
	runs := f.runs("苏州 Suzhou’s “丝绸”", 400)
	var faces []string
	for _, r := range runs {
		faces = append(faces, r.face.name+" "+r.text)
	}
	want := "noto-sans-sc-400 苏州 Suzhou|latin-marks-400 ’|noto-sans-sc-400 s “丝绸”"
	if got := strings.Join(faces, "|"); got != want {
		t.Errorf("runs %s, want %s", got, want)
	}
}

// TestDataHaveGlyphs holds that nothing in the atlas needs another font.
func TestDataHaveGlyphs(t *testing.T) {
	f := builtFonts(t)
	f.system = newSystemFonts(nil)
	for _, path := range []string{
		"clusters.geojson", "regions.geojson", "divisions.geojson", "claims.geojson", "industries.json", "clusters.schema.json",
		"base/places.geojson", "base/provinces.geojson", "base/countries.geojson", "codes/2006.csv", "codes/2023.csv",
	} {
		text, err := os.ReadFile("../../data/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if missing := f.Missing(longText(text)); len(missing) > 0 {
			t.Errorf("%s: no glyph for %q", path, string(missing))
		}
	}
}

// longText has each character once, as Missing looks only at what a line can hold.
func longText(text []byte) string {
	var b strings.Builder
	seen := map[rune]bool{}
	for _, r := range string(text) {
		if !seen[r] {
			seen[r] = true
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestWithoutBuiltFaces(t *testing.T) {
	f, err := LoadFonts(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	f.system = newSystemFonts(nil)
	if missing := f.Missing("Yangtze River Delta, Ørsted, Жуков"); len(missing) > 0 {
		t.Errorf("no glyph for %q", string(missing))
	}
	if got := string(f.Missing("长三角, 长江")); got != "长三角江" {
		t.Errorf("missing %q", got)
	}
	if w := f.Width(&Text{Text: "长三角", Size: 10}); w <= 0 {
		t.Errorf("characters without a glyph have width %g", w)
	}
}

func TestBrokenFaceIsAnError(t *testing.T) {
	if _, err := LoadFonts(fstest.MapFS{"noto-sans-sc-400.ttf": {Data: []byte("no font")}}); err == nil {
		t.Error("a file that is no font was read")
	}
}

func TestSystemFontsAreTheLast(t *testing.T) {
	f := builtFonts(t)
	if _, err := os.Stat("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no fonts-noto-cjk")
		}
		t.Skip("no fonts-noto-cjk")
	}
	runs := f.runs("龘", 400)
	if len(runs) != 1 || runs[0].face.family != "Noto Sans CJK SC" || runs[0].face.data != nil {
		t.Fatalf("rare character drawn by %+v", runs)
	}
	if runs[0].face.outline(runs[0].glyphs[0].id).Empty() {
		t.Error("rare character has no outline")
	}
	if bold := f.runs("龘", 700); bold[0].face.weight != 700 {
		t.Errorf("bold rare character drawn by %s", bold[0].face.name)
	}
}

func TestOddTextIsLaidOut(t *testing.T) {
	f := fonts(t)
	for _, c := range []struct{ text, want string }{
		{"a\tb\r\nc", "a b  c"},
		{"a\x00b\u200d\ufe0fc\u202ed", "abcd"},
		{"e\u0301", "é"},
		{"abc אבג 12", "abc 12 גבא"},
		{"(א)", "(א)"},
		{"\xff\xfe", "\ufffd\ufffd"},
	} {
		var got strings.Builder
		for _, r := range f.runs(c.text, 400) {
			got.WriteString(r.text)
		}
		if got.String() != c.want {
			t.Errorf("%q is seen as %q, want %q", c.text, got.String(), c.want)
		}
	}
	if got := len(f.line(&Text{Text: strings.Repeat("书", 1<<20), Size: 12}).runs[0].glyphs); got != maxRunes {
		t.Errorf("1 MB of text has %d glyphs, want %d", got, maxRunes)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "长三角", "אבג(12)", "👩‍👩‍👧 flags 🇨🇳", "\u202e\u2067x\u2069", "نص عربي 12", "e\u0301\u0302", "\xff"} {
		f.Add(s, 500)
	}
	all := fonts(f)
	f.Fuzz(func(t *testing.T, text string, weight int) {
		l := all.line(&Text{Text: text, Weight: weight, Size: 10})
		if math.IsNaN(l.width) || l.width < 0 {
			t.Errorf("width %g", l.width)
		}
		for _, r := range l.runs {
			if utf8.RuneCountInString(r.text) != len(r.glyphs) || r.face == nil {
				t.Errorf("run %q has %d glyphs", r.text, len(r.glyphs))
			}
		}
		all.Missing(text)
	})
}

// TestMissingIsABox holds that a character that no face has is seen.
func TestMissingIsABox(t *testing.T) {
	f := fonts(t)
	f.system = newSystemFonts(nil)
	g := f.runs("\U0010fffd", 500)
	if len(g) != 1 || g[0].face.outline(g[0].glyphs[0].id).Empty() || g[0].width <= 0 {
		t.Errorf("a character without a glyph is drawn as %+v", g)
	}
}
