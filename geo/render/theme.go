package render

import "image/color"

// theme is the colours and sizes of a style: the tokens of the page, by the same
// names. A test holds them to web/src/tokens.css.
type theme struct {
	surface, surface2, line, ink, ink2, ink3 color.NRGBA

	sea, land, region, coast, country, province, river, regionLine color.NRGBA
	labelPlace, labelArea, labelWater, halo, casing                color.NRGBA

	families   [9]color.NRGBA // of familyTokens
	sequential [6]color.NRGBA // low to high
	diverging  [7]color.NRGBA

	scale    float64 // of symbols and type
	patterns bool    // told apart in black and white
}

// familyTokens are the names of the colours of symbols, in the order in which a legend
// shows them. The last is for all other values.
var familyTokens = [9]string{"electronics", "textiles", "ceramics", "machinery", "appliances", "chemicals", "household", "creative", "rest"}

// restFamily is the place of the colour for all other values.
const restFamily = len(familyTokens) - 1

// Behind the families stand the steps of the sequential and of the diverging palette,
// which a schema may name in place of a family: seq-1 to seq-6, and div-n3 to div-p3 with
// div-0 in the middle. They are for figures in classes.
var stepTokens = [13]string{"seq-1", "seq-2", "seq-3", "seq-4", "seq-5", "seq-6", "div-n3", "div-n2", "div-n1", "div-0", "div-p1", "div-p2", "div-p3"}

// isStep reports whether a family is a step of a palette.
func isStep(family int) bool { return family > restFamily }

// color is the colour of a family or step.
func (t *theme) color(family int) color.NRGBA {
	switch i := family - len(t.families); {
	case i < 0:
		return t.families[family]
	case i < len(t.sequential):
		return t.sequential[i]
	default:
		return t.diverging[i-len(t.sequential)]
	}
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

func lightTheme() *theme {
	return &theme{
		surface: rgb(0xFFFFFF), surface2: rgb(0xF7F6F2), line: rgb(0xE3E0D8), ink: rgb(0x1D1C1A), ink2: rgb(0x57544D), ink3: rgb(0x6E6A62),
		sea: rgb(0xE2EBEE), land: rgb(0xF4F2EC), region: rgb(0xFFFFFF), coast: rgb(0xAFC0C8), country: rgb(0xA8A296), province: rgb(0xD6D1C5),
		river: rgb(0xBCD0D9), regionLine: rgb(0x4A463F),
		labelPlace: rgb(0x3A3833), labelArea: rgb(0x6B675E), labelWater: rgb(0x486B7B), halo: rgb(0xFFFFFF), casing: rgb(0xFFFFFF),
		families: [9]color.NRGBA{rgb(0x1A4BA8), rgb(0xD9487A), rgb(0x944500), rgb(0x3B3D43), rgb(0x00745B), rgb(0x640E1A), rgb(0x7C8B0E),
			rgb(0x9D66E0), rgb(0xB9B4A8)},
		sequential: [6]color.NRGBA{rgb(0xE9EBC9), rgb(0xB9D9A8), rgb(0x73BF9E), rgb(0x29979D), rgb(0x12648F), rgb(0x1E346B)},
		diverging: [7]color.NRGBA{rgb(0x154D8C), rgb(0x3F7FB8), rgb(0x95BDDA), rgb(0xEAE8E2), rgb(0xE4B383), rgb(0xCA723C),
			rgb(0x90391C)},
		scale: 1,
	}
}

func darkTheme() *theme {
	return &theme{
		surface: rgb(0x161B1F), surface2: rgb(0x1F262B), line: rgb(0x2F383E), ink: rgb(0xEEF0F1), ink2: rgb(0xBBC3C8), ink3: rgb(0x96A1A8),
		sea: rgb(0x0F1519), land: rgb(0x1E252A), region: rgb(0x283138), coast: rgb(0x43525B), country: rgb(0x5A666E), province: rgb(0x434F58),
		river: rgb(0x22323B), regionLine: rgb(0xC9D1D5),
		labelPlace: rgb(0xD3D9DC), labelArea: rgb(0x8F9BA3), labelWater: rgb(0x6E8C9C), halo: rgb(0x161B1F), casing: rgb(0x11171B),
		families: [9]color.NRGBA{rgb(0x5AADF5), rgb(0xD0478A), rgb(0xF2982E), rgb(0xA19FB0), rgb(0x74EEE3), rgb(0xA87E66), rgb(0xD6E296),
			rgb(0x8474DC), rgb(0x59636A)},
		sequential: [6]color.NRGBA{rgb(0x303D58), rgb(0x2A5C84), rgb(0x19859A), rgb(0x47B09E), rgb(0x8FD49D), rgb(0xE9EFA1)},
		diverging: [7]color.NRGBA{rgb(0x7AC8F5), rgb(0x4D92CA), rgb(0x3B5E81), rgb(0x363A3D), rgb(0x84573E), rgb(0xD58042),
			rgb(0xF7BF77)},
		scale: 1,
	}
}

// printTheme is for paper and black and white: all land white or near it, ink black,
// families by pattern over a tint that copies well.
func printTheme() *theme {
	t := lightTheme()
	t.sea, t.land, t.region = rgb(0xEDEFF0), rgb(0xFAFAF8), rgb(0xFFFFFF)
	t.coast, t.country, t.province = rgb(0x8F979B), rgb(0x7A756B), rgb(0xBBB6AA)
	t.ink, t.regionLine = rgb(0x000000), rgb(0x1D1C1A)
	t.patterns = true
	return t
}

func (s Style) theme() *theme {
	switch s {
	case Dark:
		return darkTheme()
	case Print:
		return printTheme()
	case Presentation:
		t := lightTheme()
		t.scale = 1.4
		return t
	}
	return lightTheme()
}
