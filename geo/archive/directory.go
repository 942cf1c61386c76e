package archive

import (
	"encoding/binary"
	"math"
	"slices"
)

// entry is an entry of a directory of PMTiles: a tile and the run-1 numbers after
// it that have the same bytes, or, where run is 0, a leaf directory whose first
// number is id.
type entry struct {
	id     uint64
	offset uint64 // in the section of the tiles, or of the leaves
	length uint32
	run    uint32
}

// end is the first number behind the entry.
func (e entry) end() uint64 { return e.id + uint64(max(e.run, 1)) }

// appendDirectory appends a directory: the number of entries, then, column after
// column, the steps between the ids, the runs, the lengths and the offsets, 0 for
// one that begins where the entry before ends.
func appendDirectory(b []byte, entries []entry) []byte {
	b = binary.AppendUvarint(b, uint64(len(entries)))
	last := uint64(0)
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.run))
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.length))
	}
	for i, e := range entries {
		if i > 0 && e.offset == entries[i-1].offset+uint64(entries[i-1].length) {
			b = append(b, 0)
		} else {
			b = binary.AppendUvarint(b, e.offset+1)
		}
	}
	return b
}

// sections are the lengths of what entries may point into.
type sections struct{ tiles, leaves uint64 }

// parseDirectory reads a directory whose ids lie in [from, to). Every entry lies
// within its section, and the ids of no two overlap.
func parseDirectory(b []byte, from, to uint64, in sections) ([]entry, error) {
	r := varints{b: b}
	n := r.next()
	const least = 4 // bytes of an entry
	if r.bad || n == 0 || n > uint64(len(r.b))/least {
		return nil, corruptDirectory("it does not have the entries that it counts")
	}
	entries := make([]entry, n)
	last := uint64(0)
	for i := range entries {
		step := r.next()
		if step > to-last || i > 0 && step == 0 {
			return nil, corruptDirectory("an entry is not where its directory belongs")
		}
		last += step
		entries[i].id = last
	}
	if entries[0].id < from {
		return nil, corruptDirectory("an entry is not where its directory belongs")
	}
	for i := range entries {
		entries[i].run = r.next32()
	}
	for i := range entries {
		entries[i].length = r.next32()
	}
	for i := range entries {
		e := &entries[i]
		switch offset := r.next(); {
		case offset > 0:
			e.offset = offset - 1
		case i > 0: // cannot overflow: the one before lies in its section
			e.offset = entries[i-1].offset + uint64(entries[i-1].length)
		default:
			r.bad = true
		}
		if err := e.check(in); err != nil {
			return nil, err
		}
		if next := to; i+1 < len(entries) {
			next = entries[i+1].id
			if e.end() > next {
				return nil, corruptDirectory("two entries overlap")
			}
		} else if e.end() > next {
			return nil, corruptDirectory("an entry is not where its directory belongs")
		}
	}
	if r.bad || len(r.b) > 0 {
		return nil, corruptDirectory("it does not have the entries that it counts")
	}
	return entries, nil
}

func corruptDirectory(reason string) error {
	return &CorruptError{"PMTiles", "directory", reason}
}

func (e *entry) check(in sections) error {
	size := in.tiles
	if e.run == 0 {
		size = in.leaves
	}
	if e.length == 0 || e.offset > size || uint64(e.length) > size-e.offset {
		return corruptDirectory("an entry points beyond the file")
	}
	return nil
}

// find is the entry that holds a number, or whose leaf directory may.
func find(entries []entry, id uint64) (entry, uint64, bool) {
	i, exact := slices.BinarySearchFunc(entries, id, func(e entry, id uint64) int {
		switch {
		case e.id < id:
			return -1
		case e.id > id:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 {
		return entry{}, 0, false
	}
	e, next := entries[i], uint64(math.MaxUint64)
	if i+1 < len(entries) {
		next = entries[i+1].id
	}
	if e.run > 0 && id >= e.end() {
		return entry{}, 0, false
	}
	return e, next, true
}

// varints reads numbers one after another. After the end, or a number that does
// not fit, bad is set.
type varints struct {
	b   []byte
	bad bool
}

func (r *varints) next() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *varints) next32() uint32 {
	v := r.next()
	if v > math.MaxUint32 {
		r.bad = true
		return 0
	}
	return uint32(v)
}
