package draw

import (
	"bytes"
	"math"
	"testing"
	"testing/fstest"

	"golang.org/x/image/font/sfnt"
)

// TestSubsetKeepsGlyphs holds that a cut face draws its characters as the whole one:
// to the unit where both have quadratic curves, else within two units.
func TestSubsetKeepsGlyphs(t *testing.T) {
	bare, err := LoadFonts(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	faces := []*face{fonts(t).faces[0][0], bare.faces[2][0]}
	if c, _, ok := bare.system.find('长', false); ok {
		faces = append(faces, c)
	}
	for _, whole := range faces {
		var glyphs []subsetGlyph
		for _, char := range "Ångström, é ½ 长三角，9 !" {
			if id, ok := whole.glyph(char); ok {
				glyphs = append(glyphs, subsetGlyph{char, id})
			}
		}
		data, err := whole.subset(glyphs)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := whole.subset(glyphs); !bytes.Equal(data, again) {
			t.Error("the same characters gave other bytes")
		}
		cut, err := newFace("cut", 400, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range glyphs {
			id, ok := cut.glyph(g.char)
			if !ok {
				t.Errorf("%s: %c is not in the cut face", whole.name, g.char)
				continue
			}
			want, got := whole.outline(g.id).Bounds(), cut.outline(id).Bounds()
			for _, d := range []float64{got.X - want.X, got.Y - want.Y, got.W - want.W, got.H - want.H, cut.advance(id) - whole.advance(g.id)} {
				if math.Abs(d)*whole.unitsPerEm > 2 {
					t.Errorf("%s, %c: %v, want %v", whole.name, g.char, got, want)
				}
			}
			if a, b := area(whole.outline(g.id)), area(cut.outline(id)); math.Abs(a-b) > 1e-3 {
				t.Errorf("%s, %c: ink of %g em², want %g", whole.name, g.char, b, a)
			}
		}
		if _, ok := cut.glyph('Z'); ok {
			t.Errorf("%s: a glyph that was not asked for is there", whole.name)
		}
		if n := cut.font.NumGlyphs(); n > len(glyphs)+1 {
			t.Errorf("%s: %d glyphs for %d characters", whole.name, n, len(glyphs))
		}
	}
}

// TestSubsetUnderAnotherCharacter holds that codes may be chosen, those beyond 16 bits
// too, and that of one code the first glyph is kept.
func TestSubsetUnderAnotherCharacter(t *testing.T) {
	whole := fonts(t).faces[0][0]
	a, _ := whole.glyph('a')
	b, _ := whole.glyph('b')
	data, err := whole.subset([]subsetGlyph{{0x20BB7, a}, {0xE000, b}, {'q', a}, {'q', b}})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := newFace("cut", 400, data)
	if err != nil {
		t.Fatal(err)
	}
	for char, id := range map[rune]sfnt.GlyphIndex{'q': a, 0xE000: b, 0x20BB7: a} {
		got, ok := cut.glyph(char)
		if !ok || area(cut.outline(got)) != area(whole.outline(id)) {
			t.Errorf("%U shows another glyph", char)
		}
	}
}

// area is what a path encloses, its curves taken as sixteen lines.
func area(p *Path) float64 {
	sum := 0.0
	var start, at Point
	points := p.points
	to := func(q Point) {
		sum += at.X*q.Y - at.Y*q.X
		at = q
	}
	for _, o := range p.ops {
		switch o {
		case moveTo:
			start, at = points[0], points[0]
			points = points[1:]
		case lineTo:
			to(points[0])
			points = points[1:]
		case cubicTo:
			p0, p1, p2, p3 := at, points[0], points[1], points[2]
			for i := range 16 {
				t := float64(i+1) / 16
				u := 1 - t
				a, b, c, d := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
				to(Point{a*p0.X + b*p1.X + c*p2.X + d*p3.X, a*p0.Y + b*p1.Y + c*p2.Y + d*p3.Y})
			}
			points = points[3:]
		case closePath:
			to(start)
		}
	}
	return sum / 2
}
