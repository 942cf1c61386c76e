package draw

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
)

// file puts the tables together.
func (t *trueType) file(chars []charIndex) []byte {
	t.loca = binary.BigEndian.AppendUint32(t.loca, uint32(len(t.glyf)))
	if len(t.glyf) == 0 {
		t.glyf = make([]byte, 4) // readers refuse an empty table
	}
	n := len(t.index)
	tables := []struct {
		tag  string
		data []byte
	}{
		{"OS/2", t.os2(chars)},
		{"cmap", cmapTable(chars)},
		{"glyf", t.glyf},
		{"head", t.head()},
		{"hhea", t.hhea(n)},
		{"hmtx", t.hmtx},
		{"loca", t.loca},
		{"maxp", words(1, 0, n, t.points, t.contours, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)},
		{"name", t.names()},
		{"post", words(3, 0, 0, 0, -100, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)},
	}
	be := binary.BigEndian
	log := bits.Len(uint(len(tables))) - 1
	b := words(1, 0, len(tables), 16<<log, log, 16*(len(tables)-1<<log))
	at := len(b) + 16*len(tables)
	var head int
	for _, table := range tables {
		if table.tag == "head" {
			head = at
		}
		b = append(b, table.tag...)
		b = be.AppendUint32(b, checksum(table.data))
		b = be.AppendUint32(b, uint32(at))
		b = be.AppendUint32(b, uint32(len(table.data)))
		at += (len(table.data) + 3) &^ 3
	}
	for _, table := range tables {
		b = append(b, table.data...)
		b = append(b, make([]byte, -len(table.data)&3)...)
	}
	be.PutUint32(b[head+8:], 0xB1B0AFBA-checksum(b))
	return b
}

// words are 16-bit numbers, as most of the tables consist of.
func words(values ...int) []byte {
	b := make([]byte, 0, 2*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var rest [4]byte
	copy(rest[:], b)
	return sum + binary.BigEndian.Uint32(rest[:])
}

func (t *trueType) head() []byte {
	bold := 0
	if t.face.weight >= 700 {
		bold = 1
	}
	b := words(1, 0, 1, 0, 0, 0 /* checksum, later */, 0x5F0F, 0x3CF5, 0x0003, int(t.face.unitsPerEm))
	b = append(b, make([]byte, 16)...) // no dates: equal glyphs are equal bytes
	return append(b, words(int(t.box[0]), int(t.box[1]), int(t.box[2]), int(t.box[3]), bold, 8, 2, 1 /* long offsets */, 0)...)
}

func (t *trueType) hhea(n int) []byte {
	b := words(1, 0, int(t.face.ascent), -int(t.face.descent), 0, int(t.maxAdvance), 0, 0, int(t.box[2]), 1, 0, 0, 0, 0, 0, 0, 0)
	return append(b, words(n)...)
}

func (t *trueType) os2(chars []charIndex) []byte {
	first, last := 0xFFFF, 0xFFFF
	if len(chars) > 0 {
		first, last = min(0xFFFF, int(chars[0].char)), min(0xFFFF, int(chars[len(chars)-1].char))
	}
	em, ascent, descent := int(t.face.unitsPerEm), int(t.face.ascent), int(t.face.descent)
	selection := 0x40 // regular
	if t.face.weight >= 700 {
		selection = 0x20 // bold
	}
	b := words(4, em, t.face.weight, 5, 0 /* may be embedded */, em*65/100, em*60/100, 0, em*7/100, em*65/100, em*60/100, 0, em*35/100,
		em/20, em/4, 0)
	b = append(b, make([]byte, 10+16)...) // no classification, no promise of scripts
	b = append(b, "    "...)              // no vendor
	b = append(b, words(selection, first, last, ascent, -descent, 0, ascent, descent)...)
	b = append(b, make([]byte, 8)...) // code pages
	return append(b, words(em*55/100, em*73/100, 0, ' ', 0)...)
}

// names are the six that readers ask for, in English for Windows.
func (t *trueType) names() []byte {
	values := []struct {
		id   int
		text string
	}{{1, t.face.family}, {2, t.face.style}, {3, t.face.name}, {4, t.face.family + " " + t.face.style}, {5, "Version 1.0"}, {6, t.face.name}}
	head := words(0, len(values), 6+12*len(values))
	var text []byte
	for _, v := range values {
		at := len(text)
		for _, u := range utf16.Encode([]rune(v.text)) {
			text = binary.BigEndian.AppendUint16(text, u)
		}
		head = append(head, words(3, 1, 0x409, v.id, len(text)-at, at)...)
	}
	return append(head, text...)
}

// cmapTable says which glyph a character has: in 16 bits for all readers, and where
// characters beyond them occur in 32 bits too. chars are in order.
func cmapTable(chars []charIndex) []byte {
	wide := len(chars) > 0 && chars[len(chars)-1].char > 0xFFFF
	narrow := cmapNarrow(chars)
	if !wide {
		return append(words(0, 1, 3, 1, 0, 12), narrow...)
	}
	b := words(0, 2, 3, 1, 0, 20, 3, 10, 0, 20+len(narrow))
	b = append(b, narrow...)
	b = append(b, words(12, 0)...)
	be := binary.BigEndian
	b = be.AppendUint32(b, uint32(16+12*len(chars)))
	b = be.AppendUint32(b, 0)
	b = be.AppendUint32(b, uint32(len(chars)))
	for _, c := range chars {
		b = be.AppendUint32(b, uint32(c.char))
		b = be.AppendUint32(b, uint32(c.char))
		b = be.AppendUint32(b, uint32(c.index))
	}
	return b
}

// cmapNarrow is the table of format 4: a segment for each row of characters whose
// glyphs follow each other.
func cmapNarrow(chars []charIndex) []byte {
	type segment struct{ first, last, delta int }
	var segments []segment
	for _, c := range chars {
		if c.char >= 0xFFFF {
			break
		}
		char, delta := int(c.char), int(c.index)-int(c.char)
		if n := len(segments); n > 0 && segments[n-1].last == char-1 && segments[n-1].delta == delta {
			segments[n-1].last = char
			continue
		}
		segments = append(segments, segment{char, char, delta})
	}
	segments = append(segments, segment{0xFFFF, 0xFFFF, 1})
	n := len(segments)
	log := bits.Len(uint(n)) - 1
	b := words(4, 16+8*n, 0, 2*n, 2<<log, log, 2*(n-1<<log))
	for _, s := range segments {
		b = append(b, words(s.last)...)
	}
	b = append(b, words(0)...)
	for _, s := range segments {
		b = append(b, words(s.first)...)
	}
	for _, s := range segments {
		b = append(b, words(s.delta)...)
	}
	return append(b, make([]byte, 2*n)...)
}
