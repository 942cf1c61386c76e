package draw

import (
	"bytes"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestSubsetKeepsGlyphs holds that a cut face draws its characters as the whole one.
func TestSubsetKeepsGlyphs(t *testing.T) {
	bare, err := LoadFonts(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for _, whole := range []*face{fonts(t).faces[0][0], bare.faces[2][0]} {
		chars := []rune("Ångström, é ½ 长三角，9 !")
		data, err := whole.subset(chars)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := whole.subset(chars); !bytes.Equal(data, again) {
			t.Error("the same characters gave other bytes")
		}
		cut, err := newFace("cut", 400, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, char := range chars {
			id, ok := whole.glyph(char)
			cutID, cutOK := cut.glyph(char)
			if ok != cutOK {
				t.Errorf("%s, %c: in the whole face %t, in the cut %t", whole.name, char, ok, cutOK)
			}
			if !ok {
				continue
			}
			if diff := cmp.Diff(whole.outline(id), cut.outline(cutID), cmp.AllowUnexported(Path{})); diff != "" {
				t.Errorf("%s, %c: %s", whole.name, char, diff)
			}
			if got, want := cut.advance(cutID), whole.advance(id); got != want {
				t.Errorf("%s, %c: advance %g, want %g", whole.name, char, got, want)
			}
		}
		if _, ok := cut.glyph('Z'); ok {
			t.Errorf("%s: a glyph that was not asked for is there", whole.name)
		}
		if n := cut.font.NumGlyphs(); n > 2*len(chars) {
			t.Errorf("%s: %d glyphs for %d characters", whole.name, n, len(chars))
		}
	}
}

func TestSubsetOfOtherFormats(t *testing.T) {
	if _, err := (&face{}).subset([]rune("a")); !errors.Is(err, errNotTrueType) {
		t.Errorf("a face without a file: %v", err)
	}
	data := bytes.Clone(fonts(t).faces[0][0].data)
	for cut := range 60 {
		_, err := readTables(data[:len(data)*cut/60])
		if err == nil {
			t.Errorf("%d sixtieths of a face are read", cut)
		}
	}
}
