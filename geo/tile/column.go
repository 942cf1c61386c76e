package tile

import (
	"hash/fnv"
	"strconv"
	"strings"

	"clustermap/geo"
)

// column is a property of all features in the order of geo.Layout, as messages of
// values. It is made of an Index once.
type column struct {
	codes  []uint16 // by place, 0 for null; nil where there are too many values for that
	starts []uint32 // of the messages in blob: by code, or by place, and the end
	bases  []int    // of 2^16 places each, where starts are by place
	blob   []byte
	kinds  uint8 // of the values, a bit for each field of their messages

	read func(place int, b []byte) []byte // in place of the others: makes the message, empty for null
}

// placesPerBase is how many places share a base, so that starts can be short.
const placesPerBase = 1 << 16

// message is the value of a place, empty for null. It may be written to b.
func (c *column) message(place int, b []byte) []byte {
	switch {
	case c.codes != nil:
		return c.coded(c.codes[place])
	case c.read != nil:
		return c.read(place, b)
	}
	return c.run(place, place+1)
}

// run is the values of places from lo to before hi, of a column whose starts are by
// place.
func (c *column) run(lo, hi int) []byte { return c.blob[c.start(lo):c.start(hi)] }

func (c *column) start(place int) int {
	base := c.bases[place/placesPerBase]
	if place%placesPerBase == 0 {
		return base
	}
	return base + int(c.starts[place])
}

// coded is the value of a code, empty for null.
func (c *column) coded(code uint16) []byte { return c.blob[c.starts[code]:c.starts[int(code)+1]] }

const allKinds = 1<<8 - 1

// kindOf is the bit of a message in column.kinds.
func kindOf(message []byte) uint8 {
	if len(message) == 0 {
		return 0
	}
	return 1 << (message[0] >> 3)
}

// makeColumn makes the column of n places. append appends the message of a place,
// or nothing for null. Arrays and objects that are not few are read from their
// features whenever they are needed.
func makeColumn(n int, large bool, message func(place int, b []byte) []byte) *column {
	const few, most = 256, 1<<16 - 1
	c := &column{codes: make([]uint16, n), starts: []uint32{0, 0}}
	known := make(map[string]uint16)
	var b []byte
	for place := range n {
		b = message(place, b[:0])
		if len(b) == 0 {
			continue
		}
		code, ok := known[string(b)]
		if !ok {
			if distinct := len(known); distinct == most || distinct > few && (large || distinct > n/4) {
				if large {
					return &column{read: message, kinds: allKinds}
				}
				return c.spread(n, place, message)
			}
			code = uint16(len(known) + 1)
			known[string(b)] = code
			c.kinds |= kindOf(b)
			c.blob = append(c.blob, b...)
			c.starts = append(c.starts, uint32(len(c.blob)))
		}
		c.codes[place] = code
	}
	return c
}

// spread is a column of many values, of which those before a place are known.
func (c *column) spread(n, known int, message func(place int, b []byte) []byte) *column {
	s := &column{starts: make([]uint32, 0, n+1), bases: []int{0}}
	for place := range n {
		if place > 0 && place%placesPerBase == 0 {
			s.bases = append(s.bases, len(s.blob))
		}
		s.starts = append(s.starts, uint32(len(s.blob)-s.bases[len(s.bases)-1]))
		before := len(s.blob)
		if place < known {
			s.blob = append(s.blob, c.coded(c.codes[place])...)
		} else {
			s.blob = message(place, s.blob)
		}
		s.kinds |= kindOf(s.blob[before:])
	}
	s.starts = append(s.starts, uint32(len(s.blob)-s.bases[len(s.bases)-1]))
	s.bases = append(s.bases, len(s.blob))
	return s
}

type columnKey struct{ name string }

// columnOf is the column of a property of the schema.
func columnOf(x *geo.Index, p geo.Property, name string) *column {
	return x.Derived(columnKey{name}, func() any {
		places, col := x.Layout().Slots, columnIn(x, name)
		large := p.Type == geo.TypeArray || p.Type == geo.TypeObject || p.Type == geo.TypeMixed
		return makeColumn(len(places), large, func(place int, b []byte) []byte {
			return appendValue(b, col.Value(places[place]))
		})
	}).(*column)
}

func columnIn(x *geo.Index, name string) geo.Column {
	c, _ := x.Column(name)
	return c
}

// appendValue appends the message of a value, nothing for null. Arrays and objects
// are their JSON; whole numbers too large for float64 keep their digits.
func appendValue(b []byte, v geo.Value) []byte {
	switch v.Kind() {
	case geo.KindString, geo.KindArray, geo.KindObject:
		return stringValue(b, v.Text())
	case geo.KindBool:
		return boolValue(b, v.Bool())
	case geo.KindNumber:
		const exact = 1 << 53
		if n := v.Number(); n <= -exact || n >= exact {
			text := v.Text()
			if u, err := strconv.ParseUint(text, 10, 64); err == nil {
				return uintValue(b, u)
			}
			if i, err := strconv.ParseInt(text, 10, 64); err == nil {
				return appendVarint(append(b, valueSint), zigzag(i))
			}
		}
		return numberValue(b, v.Number())
	}
	return b
}

// identity is the ids of all features, in the order of geo.Layout.
type identity struct {
	numbers []packed // see FeatureID
	texts   *column  // its messages are framed
}

type identityKey struct{}

func identityOf(x *geo.Index) *identity {
	return x.Derived(identityKey{}, func() any {
		places := x.Layout().Slots
		d := &identity{numbers: make([]packed, len(places))}
		var message []byte
		d.texts = new(column).spread(len(places), 0, func(place int, b []byte) []byte {
			text := x.At(places[place]).ID().String()
			d.numbers[place] = pack(FeatureID(text))
			message = stringValue(message[:0], text)
			return appendFramed(b, message)
		})
		return d
	}).(*identity)
}

// FeatureID is the integer id that stands for a feature in a tile: a whole number
// that is its id, else the FNV-1a hash of the text, of which bits 0-51 are kept and
// bit 52 is set. So JavaScript has it exactly, and hashes are no one's number.
func FeatureID(id string) uint64 {
	const bits = 52
	if n, err := strconv.ParseUint(id, 10, bits); err == nil && (len(id) == 1 || !strings.HasPrefix(id, "0")) {
		return n
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return h.Sum64()&(1<<bits-1) | 1<<bits
}
