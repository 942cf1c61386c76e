package server

import (
	"fmt"
	"image"
	"image/draw"
	"math"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"google.golang.org/protobuf/encoding/protowire"
)

// Glyphs of MapLibre are signed distance fields: a letter 24 pixels high with 3
// around it, whose values are 192 at the edge and less outside, 8 levels to a
// pixel of 32 (the glyphs.proto of the Mapbox GL style specification).
const (
	glyphSize   = 24
	glyphBorder = 3
	glyphRadius = 8
	glyphCutoff = 0.25
	oversample  = 4 // pixels of the drawn letter for one of the field, each way
)

// The fonts that /fonts has.
const (
	plainFont = "Liberation Sans Regular"
	boldFont  = "Liberation Sans Bold"
)

// glyphRange is the glyphs of 256 characters from the first on, those that the font
// has.
func glyphRange(name string, first int) ([]byte, error) {
	file := liberationsansregular.TTF
	if name == boldFont {
		file = liberationsansbold.TTF
	}
	parsed, err := opentype.Parse(file)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: glyphSize * oversample, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	var stack []byte
	stack = protowire.AppendTag(stack, 1, protowire.BytesType)
	stack = protowire.AppendString(stack, name)
	stack = protowire.AppendTag(stack, 2, protowire.BytesType)
	stack = protowire.AppendString(stack, fmt.Sprintf("%d-%d", first, first+255))
	for r := rune(first); r < rune(first+256); r++ {
		bounds, mask, at, advance, ok := face.Glyph(fixed.Point26_6{}, r)
		if !ok || r < ' ' {
			continue
		}
		stack = protowire.AppendTag(stack, 3, protowire.BytesType)
		stack = protowire.AppendBytes(stack, encodeGlyph(r, bounds, mask, at, advance))
	}
	out := protowire.AppendTag(nil, 1, protowire.BytesType)
	return protowire.AppendBytes(out, stack), nil
}

// encodeGlyph encodes a letter whose origin is 0,0 with y downwards.
func encodeGlyph(r rune, bounds image.Rectangle, mask image.Image, at image.Point, advance fixed.Int26_6) []byte {
	var b []byte
	number := func(field protowire.Number, v uint64) {
		b = protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
	}
	number(1, uint64(r))
	down := func(v int) int { return int(math.Floor(float64(v) / oversample)) }
	up := func(v int) int { return int(math.Ceil(float64(v) / oversample)) }
	box := image.Rect(down(bounds.Min.X), down(bounds.Min.Y), up(bounds.Max.X), up(bounds.Max.Y))
	if bounds.Empty() {
		box = image.Rectangle{}
	} else {
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendBytes(b, distanceField(box, bounds, mask, at))
	}
	number(3, uint64(box.Dx()))
	number(4, uint64(box.Dy()))
	number(5, protowire.EncodeZigZag(int64(box.Min.X)))
	number(6, protowire.EncodeZigZag(int64(-box.Min.Y-glyphSize)))
	number(7, uint64(math.Round(float64(advance)/64/oversample)))
	return b
}

// distanceField is the field of a box of pixels and the border around it.
func distanceField(box, bounds image.Rectangle, mask image.Image, at image.Point) []byte {
	area := box.Inset(-glyphBorder)
	big := image.Rect(area.Min.X*oversample, area.Min.Y*oversample, area.Max.X*oversample, area.Max.Y*oversample)
	letter := image.NewAlpha(big)
	draw.Draw(letter, bounds, mask, at, draw.Src)
	inside := func(x, y int) bool { return letter.AlphaAt(x, y).A >= 128 }
	const reach = glyphRadius * oversample
	out := make([]byte, 0, area.Dx()*area.Dy())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			cx, cy := x*oversample+oversample/2, y*oversample+oversample/2
			here, least := inside(cx, cy), float64(reach)
			for dy := -reach; dy <= reach; dy++ {
				for dx := -reach; dx <= reach; dx++ {
					if inside(cx+dx, cy+dy) != here {
						least = min(least, math.Hypot(float64(dx), float64(dy))-0.5)
					}
				}
			}
			d := least / oversample
			if here {
				d = -d
			}
			out = append(out, uint8(max(0, min(255, math.Round(255-255*(d/glyphRadius+glyphCutoff))))))
		}
	}
	return out
}
