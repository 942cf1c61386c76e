package tile

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
)

// Field keys of the messages of vector_tile.proto: number << 3 | wire type.
const (
	varint  = 0
	fixed64 = 1
	length  = 2

	tileLayer = 3<<3 | length

	layerVersion = 15<<3 | varint
	layerName    = 1<<3 | length
	layerFeature = 2<<3 | length
	layerKey     = 3<<3 | length
	layerValue   = 4<<3 | length
	layerExtent  = 5<<3 | varint

	featureID       = 1<<3 | varint
	featureTags     = 2<<3 | length
	featureType     = 3<<3 | varint
	featureGeometry = 4<<3 | length

	valueString = 1<<3 | length
	valueDouble = 3<<3 | fixed64
	valueUint   = 5<<3 | varint
	valueSint   = 6<<3 | varint
	valueBool   = 7<<3 | varint
)

// Geometry types and commands of MVT.
const (
	typePoint   = 1
	typeLine    = 2
	typePolygon = 3

	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

func appendVarint(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return appendLong(b, v)
}

// appendLong appends a varint of several bytes.
func appendLong(b []byte, v uint64) []byte {
	if v < 1<<14 {
		return append(b, byte(v)|0x80, byte(v>>7))
	}
	return binary.AppendUvarint(b, v)
}

// packed is a varint of up to eight bytes, the first the lowest.
type packed uint64

const moreBits = 0x8080_8080_8080_8080

// pack is the varint of a number below 2^56. It spreads the bits in a few steps where a
// loop would go from byte to byte.
func pack(v uint64) packed {
	size := sizeOf(v)
	v = v&0x0fff_ffff | v<<4&(0x0fff_ffff<<32)
	v = v&0x0000_3fff_0000_3fff | v<<2&0x3fff_0000_3fff_0000
	v = v&0x007f_007f_007f_007f | v<<1&0x7f00_7f00_7f00_7f00
	return packed(v | moreBits&(1<<(8*(size-1))-1))
}

func (p packed) size() int { return (bits.TrailingZeros64(^uint64(p)&moreBits) + 1) / 8 }

func (p packed) append(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(p))[:len(b)+p.size()]
}

// sizeOf is how many bytes a varint has.
func sizeOf(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

func zigzag(v int64) uint64 { return uint64(v<<1 ^ v>>63) }

func appendBytes[T string | []byte](b []byte, key byte, v T) []byte {
	b = append(b, key)
	b = appendVarint(b, uint64(len(v)))
	return append(b, v...)
}

// The messages of values, without their length.

func stringValue[T string | []byte](b []byte, s T) []byte { return appendBytes(b, valueString, s) }

func uintValue(b []byte, v uint64) []byte { return appendVarint(append(b, valueUint), v) }

// numberValue writes whole numbers as such while float64 tells them apart.
func numberValue(b []byte, v float64) []byte {
	const exact = 1 << 53
	switch {
	case v != math.Trunc(v) || v <= -exact || v >= exact:
		return binary.LittleEndian.AppendUint64(append(b, valueDouble), math.Float64bits(v))
	case v < 0:
		return appendVarint(append(b, valueSint), zigzag(int64(v)))
	}
	return uintValue(b, uint64(v))
}

func boolValue(b []byte, v bool) []byte {
	if v {
		return append(b, valueBool, 1)
	}
	return append(b, valueBool, 0)
}

// layerWriter writes one layer. Keys and values stand in the order of their first
// use, but for ids of points (see part.points). It is used for one layer after another.
type layerWriter struct {
	name       string
	features   []byte
	tagsAt     int // where the tags begin of the feature being written
	count      int // of features
	keys       []byte
	keyCount   uint32
	values     []byte
	valueCount uint32

	seed   maphash.Seed
	salt   [2]uint64
	tables [][]valueSlot // open hash tables of values, each twice as long as the one before
	table  int           // that is in use
	held   int           // values in it
	moved  []valueSlot   // memory of undo
}

// valueSlot is a place of a hash table. index is 1 more than that of the value, whose
// message starts at a place of layerWriter.values.
type valueSlot struct{ hash, index, start uint32 }

const fewSlots = 256

func (w *layerWriter) reset(name string) {
	if w.tables == nil {
		w.tables, w.seed = [][]valueSlot{make([]valueSlot, fewSlots)}, maphash.MakeSeed()
		w.salt = [2]uint64{maphash.String(w.seed, "a"), maphash.String(w.seed, "b")}
	}
	w.table = 0
	clear(w.tables[0])
	w.features, w.keys, w.values = w.features[:0], w.keys[:0], w.values[:0]
	w.name, w.count, w.keyCount, w.valueCount, w.held = name, 0, 0, 0, 0
}

// key adds a key, which the layer does not have.
func (w *layerWriter) key(name string) uint32 {
	w.keys = appendBytes(w.keys, layerKey, name)
	w.keyCount++
	return w.keyCount - 1
}

// value is the index of a value, which is added where the layer does not have it.
func (w *layerWriter) value(message []byte) uint32 {
	hash := w.hash(message)
	slots := w.tables[w.table]
	mask := uint32(len(slots) - 1)
	i := hash & mask
	for ; slots[i].index > 0; i = (i + 1) & mask {
		// A message tells its length: of two, none is the beginning of the other.
		if s := slots[i]; s.hash == hash && bytes.HasPrefix(w.values[s.start:], message) {
			return s.index - 1
		}
	}
	n := w.fresh(message)
	slots[i] = valueSlot{hash, n + 1, uint32(len(w.values) - len(message))}
	if w.held++; w.held > len(slots)/2 {
		w.use(w.table + 1)
	}
	return n
}

// fresh adds a value that the layer does not have, without looking for it.
func (w *layerWriter) fresh(message []byte) uint32 {
	w.values = appendFramed(w.values, message)
	w.valueCount++
	return w.valueCount - 1
}

// framed is fresh for a message in its frame.
func (w *layerWriter) framed(message []byte) uint32 {
	w.values = append(w.values, message...)
	w.valueCount++
	return w.valueCount - 1
}

// appendFramed appends a message as it stands among the values of a layer.
func appendFramed(b, message []byte) []byte { return appendBytes(b, layerValue, message) }

// hash is maphash for long messages, and one that is cheaper for short ones; never 0.
func (w *layerWriter) hash(message []byte) uint32 {
	n := len(message)
	var a, b uint64
	switch {
	case n > 16:
		return max(1, uint32(maphash.Bytes(w.seed, message)))
	case n >= 8:
		a, b = binary.LittleEndian.Uint64(message), binary.LittleEndian.Uint64(message[n-8:])
	case n >= 4:
		a, b = uint64(binary.LittleEndian.Uint32(message)), uint64(binary.LittleEndian.Uint32(message[n-4:]))
	case n > 0:
		a, b = uint64(message[0]), uint64(message[n/2])<<8|uint64(message[n-1])
	}
	hi, lo := bits.Mul64(a^w.salt[0]^uint64(n), b^w.salt[1])
	return max(1, uint32((hi^lo)>>16))
}

// expect makes room for values.
func (w *layerWriter) expect(values int) {
	table := w.table
	for 2*values > fewSlots<<table {
		table++
	}
	if table > w.table {
		w.use(table)
	}
}

func (w *layerWriter) use(table int) {
	for len(w.tables) <= table {
		w.tables = append(w.tables, make([]valueSlot, fewSlots<<len(w.tables)))
	}
	before := w.tables[w.table]
	w.table = table
	w.index(before)
}

// index fills the hash table.
func (w *layerWriter) index(values []valueSlot) {
	slots := w.tables[w.table]
	clear(slots)
	mask := uint32(len(slots) - 1)
	for _, s := range values {
		if s.index == 0 {
			continue
		}
		i := s.hash & mask
		for slots[i].index > 0 {
			i = (i + 1) & mask
		}
		slots[i] = s
	}
}

// writerMark is a state of a layerWriter to go back to.
type writerMark struct {
	features, count, keys, values int
	keyCount, valueCount          uint32
}

func (w *layerWriter) mark() writerMark {
	return writerMark{len(w.features), w.count, len(w.keys), len(w.values), w.keyCount, w.valueCount}
}

func (w *layerWriter) undo(m writerMark) {
	w.features, w.count, w.keys, w.keyCount = w.features[:m.features], m.count, w.keys[:m.keys], m.keyCount
	w.values, w.valueCount = w.values[:m.values], m.valueCount
	w.moved = w.moved[:0]
	for _, s := range w.tables[w.table] {
		if s.index > 0 && s.index <= m.valueCount {
			w.moved = append(w.moved, s)
		}
	}
	w.held = len(w.moved)
	w.index(w.moved)
}

// feature adds a feature. Its geometry is encoded.
func (w *layerWriter) feature(id packed, tags []byte, kind byte, geometry []byte) {
	b := append(w.open(id), tags...)
	b = append(w.sealTags(b), featureType, kind)
	w.close(appendBytes(b, featureGeometry, geometry))
}

// point adds a feature that is a point. b is what open has returned, with the tags
// behind it.
func (w *layerWriter) point(b []byte, x, y int64) {
	b = append(w.sealTags(b), featureType, typePoint, featureGeometry, 0, moveTo|1<<3)
	at := len(b) - 1
	b = appendVarint(appendVarint(b, zigzag(x)), zigzag(y))
	b[at-1] = byte(len(b) - at)
	w.close(b)
}

// appendTag appends the indexes of a key and a value.
func appendTag(b []byte, key, value uint32) []byte {
	if key < 1<<7 && value >= 1<<7 && value < 1<<14 { // as most in a tile of some hundred features
		return append(b, byte(key), byte(value)|0x80, byte(value>>7))
	}
	return appendVarint(appendVarint(b, uint64(key)), uint64(value))
}

// open begins a feature: it returns the bytes to append the tags to. So they need not
// be copied.
func (w *layerWriter) open(id packed) []byte {
	b := append(w.features, layerFeature, 0, featureID)
	b = append(id.append(b), featureTags, 0)
	w.tagsAt = len(b)
	return b
}

// sealTags ends the tags that begin at tagsAt.
func (w *layerWriter) sealTags(b []byte) []byte {
	if len(b) == w.tagsAt {
		return b[:w.tagsAt-2] // no tags, no field
	}
	return seal(b, w.tagsAt)
}

// close ends the feature.
func (w *layerWriter) close(b []byte) {
	const head = 2 // bytes: key and length
	w.features = seal(b, len(w.features)+head)
	w.count++
}

// seal writes the length of what begins at a place before it, where a byte is kept for
// that.
func seal(b []byte, at int) []byte {
	n := len(b) - at
	if n < 0x80 {
		b[at-1] = byte(n)
		return b
	}
	var size [binary.MaxVarintLen64]byte
	more := binary.PutUvarint(size[:], uint64(n)) - 1
	b = append(b, size[:more]...) // any bytes, for the room
	copy(b[at+more:], b[at:at+n])
	copy(b[at-1:], size[:more+1])
	return b
}

// pen writes the geometry of lines and rings.
type pen struct {
	b  []byte
	at vertex
}

func (p *pen) move(v vertex) {
	p.b = appendVarint(p.b, zigzag(int64(v.x-p.at.x)))
	p.b = appendVarint(p.b, zigzag(int64(v.y-p.at.y)))
	p.at = v
}

func (p *pen) line(line []vertex) {
	p.b = append(p.b, moveTo|1<<3)
	p.move(line[0])
	p.b = appendVarint(p.b, uint64(len(line)-1)<<3|lineTo)
	for _, v := range line[1:] {
		p.move(v)
	}
}

func (p *pen) ring(ring []vertex) {
	p.line(ring)
	p.b = append(p.b, closePath|1<<3)
}

func (p *pen) points(points []vertex) {
	p.b = appendVarint(p.b, uint64(len(points))<<3|moveTo)
	for _, v := range points {
		p.move(v)
	}
}

// size is how many bytes the layer takes, or a few more.
func (w *layerWriter) size() int {
	const most = 24 // version, extent, and the lengths of the layer and its name
	return len(w.features) + len(w.keys) + len(w.values) + len(w.name) + most
}

// parts are the bytes of the layer, one after another, to be copied.
func (w *layerWriter) parts(extent int) [][]byte {
	h := append([]byte(nil), layerVersion, 2)
	h = appendVarint(append(h, layerExtent), uint64(extent))
	h = appendBytes(h, layerName, w.name)
	head := appendVarint([]byte{tileLayer}, uint64(len(h)+len(w.features)+len(w.keys)+len(w.values)))
	return [][]byte{head, h, w.features, w.keys, w.values}
}
