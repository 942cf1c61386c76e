package draw

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// errNotTrueType says that a face cannot be cut: it has other outlines or is a
// member of a collection.
var errNotTrueType = errors.New("draw: the face is no TrueType file")

// subset returns a TrueType file with the glyphs of chars only; those that the face
// does not have are left out. The same characters give the same bytes.
func (c *face) subset(chars []rune) ([]byte, error) {
	old, err := readTables(c.data)
	if err != nil {
		return nil, err
	}
	glyphs := map[rune]uint16{}
	for _, char := range chars {
		if id, ok := c.glyph(char); ok {
			glyphs[char] = uint16(id)
		}
	}
	kept, err := old.closure(slices.Collect(maps.Values(glyphs)))
	if err != nil {
		return nil, err
	}
	renamed := make(map[uint16]uint16, len(kept))
	for i, id := range kept {
		renamed[id] = uint16(i)
	}
	for char, id := range glyphs {
		glyphs[char] = renamed[id]
	}
	tables := map[string][]byte{"cmap": cmapTable(glyphs)}
	tables["glyf"], tables["loca"] = old.cutGlyphs(kept, renamed)
	tables["hmtx"] = old.cutMetrics(kept)
	for _, name := range []string{"OS/2", "name", "head", "hhea", "maxp", "post", "cvt ", "fpgm", "prep"} {
		if table, ok := old[name]; ok {
			tables[name] = slices.Clone(table)
		}
	}
	binary.BigEndian.PutUint16(tables["maxp"][4:], uint16(len(kept)))
	binary.BigEndian.PutUint16(tables["hhea"][34:], uint16(len(kept)))
	binary.BigEndian.PutUint16(tables["head"][50:], 1) // long offsets
	if post := tables["post"]; len(post) >= 32 {
		tables["post"] = post[:32]
		binary.BigEndian.PutUint32(post, 0x30000) // no names of glyphs
	}
	return writeTables(tables), nil
}

// fontTables are the parts of a TrueType file by name.
type fontTables map[string][]byte

func readTables(data []byte) (fontTables, error) {
	if len(data) < 12 || binary.BigEndian.Uint32(data) != 0x10000 {
		return nil, errNotTrueType
	}
	t := fontTables{}
	n := int(binary.BigEndian.Uint16(data[4:]))
	for i := range n {
		if len(data) < 28+16*i {
			return nil, errNotTrueType
		}
		entry := data[12+16*i:]
		offset, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if offset+length > uint64(len(data)) {
			return nil, errNotTrueType
		}
		t[string(entry[:4])] = data[offset : offset+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 0} {
		if table, ok := t[name]; !ok || len(table) < least {
			return nil, errNotTrueType
		}
	}
	return t, nil
}

// glyf returns the description of a glyph, empty for a blank one.
func (t fontTables) glyf(id uint16) ([]byte, error) {
	var from, to uint64
	loca := t["loca"]
	if binary.BigEndian.Uint16(t["head"][50:]) == 0 {
		if len(loca) < 2*int(id)+4 {
			return nil, errNotTrueType
		}
		from, to = 2*uint64(binary.BigEndian.Uint16(loca[2*int(id):])), 2*uint64(binary.BigEndian.Uint16(loca[2*int(id)+2:]))
	} else {
		if len(loca) < 4*int(id)+8 {
			return nil, errNotTrueType
		}
		from, to = uint64(binary.BigEndian.Uint32(loca[4*int(id):])), uint64(binary.BigEndian.Uint32(loca[4*int(id)+4:]))
	}
	if from > to || to > uint64(len(t["glyf"])) {
		return nil, errNotTrueType
	}
	return t["glyf"][from:to], nil
}

// components calls f with where in the description the glyphs stand that it is put
// together from.
func components(glyf []byte, f func(at []byte)) {
	const (
		wideArguments = 1 << 0
		scale         = 1 << 3
		more          = 1 << 5
		twoScales     = 1 << 6
		fourScales    = 1 << 7
	)
	if len(glyf) < 10 || int16(binary.BigEndian.Uint16(glyf)) >= 0 {
		return
	}
	for at := glyf[10:]; len(at) >= 4; {
		flags := binary.BigEndian.Uint16(at)
		f(at[2:4])
		size := 6
		if flags&wideArguments != 0 {
			size += 2
		}
		switch {
		case flags&scale != 0:
			size += 2
		case flags&twoScales != 0:
			size += 4
		case flags&fourScales != 0:
			size += 8
		}
		if flags&more == 0 || len(at) < size {
			return
		}
		at = at[size:]
	}
}

// closure returns the glyphs, the one for what is missing and all that they are put
// together from, in the order of the face.
func (t fontTables) closure(ids []uint16) ([]uint16, error) {
	seen := map[uint16]bool{}
	todo := append([]uint16{0}, ids...)
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		glyf, err := t.glyf(id)
		if err != nil {
			return nil, err
		}
		components(glyf, func(at []byte) { todo = append(todo, binary.BigEndian.Uint16(at)) })
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

func (t fontTables) cutGlyphs(kept []uint16, renamed map[uint16]uint16) (glyf, loca []byte) {
	for _, id := range kept {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		old, _ := t.glyf(id) // closure has read it
		from := len(glyf)
		glyf = append(glyf, old...)
		components(glyf[from:], func(at []byte) {
			binary.BigEndian.PutUint16(at, renamed[binary.BigEndian.Uint16(at)])
		})
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	return glyf, binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
}

// cutMetrics writes an advance and a bearing for each glyph. In the old table the
// last glyphs may share an advance.
func (t fontTables) cutMetrics(kept []uint16) []byte {
	hmtx := t["hmtx"]
	full := max(1, int(binary.BigEndian.Uint16(t["hhea"][34:])))
	var out []byte
	for _, id := range kept {
		var metric [4]byte
		advance, bearing := 4*min(int(id), full-1), 4*int(id)+2
		if int(id) >= full {
			bearing = 4*full + 2*(int(id)-full)
		}
		if advance+2 <= len(hmtx) && bearing+2 <= len(hmtx) {
			copy(metric[:2], hmtx[advance:])
			copy(metric[2:], hmtx[bearing:])
		}
		out = append(out, metric[:]...)
	}
	return out
}

// cmapTable maps characters to glyphs: in format 4 those of 16 bits, for old
// readers, and all in format 12.
func cmapTable(glyphs map[rune]uint16) []byte {
	type segment struct {
		first, last rune
		id          uint16
	}
	var all, short []segment
	for _, char := range slices.Sorted(maps.Keys(glyphs)) {
		id := glyphs[char]
		if n := len(all); n > 0 && all[n-1].last+1 == char && int(all[n-1].id)+int(char-all[n-1].first) == int(id) && char != 0x10000 {
			all[n-1].last = char
		} else {
			all = append(all, segment{char, char, id})
		}
	}
	for _, s := range all {
		if s.last < 0xffff {
			short = append(short, s)
		}
	}
	short = append(short, segment{0xffff, 0xffff, 0})

	four := u16(4, uint16(16+8*len(short)), 0, uint16(2*len(short)), 0, 0, 0)
	search, selector := 2, 0
	for search*2 <= 2*len(short) {
		search, selector = search*2, selector+1
	}
	copy(four[8:], u16(uint16(search), uint16(selector), uint16(2*len(short)-search)))
	for _, s := range short {
		four = append(four, u16(uint16(s.last))...)
	}
	four = append(four, 0, 0)
	for _, s := range short {
		four = append(four, u16(uint16(s.first))...)
	}
	for i, s := range short {
		delta := s.id - uint16(s.first)
		if i == len(short)-1 {
			delta = 1
		}
		four = append(four, u16(delta)...)
	}
	four = append(four, make([]byte, 2*len(short))...)

	twelve := u32(12<<16, uint32(16+12*len(all)), 0, uint32(len(all)))
	for _, s := range all {
		twelve = append(twelve, u32(uint32(s.first), uint32(s.last), uint32(s.id))...)
	}
	table := u16(0, 2)
	table = append(table, append(u16(3, 1), u32(20)...)...)
	table = append(table, append(u16(3, 10), u32(uint32(20+len(four)))...)...)
	return slices.Concat(table, four, twelve)
}

func u16(values ...uint16) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

func u32(values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

func writeTables(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	search, selector := 16, 0
	for search*2 <= 16*len(names) {
		search, selector = search*2, selector+1
	}
	file := append(u32(0x10000), u16(uint16(len(names)), uint16(search), uint16(selector), uint16(16*len(names)-search))...)
	offset := len(file) + 16*len(names)
	binary.BigEndian.PutUint32(tables["head"][8:], 0)
	head := 0
	var body []byte
	for _, name := range names {
		table := tables[name]
		if name == "head" {
			head = offset + len(body)
		}
		file = append(file, name...)
		file = append(file, u32(sumOf(table), uint32(offset+len(body)), uint32(len(table)))...)
		body = append(body, table...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	file = append(file, body...)
	binary.BigEndian.PutUint32(file[head+8:], 0xb1b0afba-sumOf(file))
	return file
}

func sumOf(table []byte) uint32 {
	var sum uint32
	for len(table) >= 4 {
		sum += binary.BigEndian.Uint32(table)
		table = table[4:]
	}
	var rest [4]byte
	copy(rest[:], table)
	return sum + binary.BigEndian.Uint32(rest[:])
}
