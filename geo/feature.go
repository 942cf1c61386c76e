package geo

import (
	"bytes"
	"cmp"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// ID identifies a feature in its collection: a string, or a number kept as it
// was written. IDs are comparable. A number and a string of the same text are
// reached by one address, so a collection cannot hold both.
type ID struct {
	text string
	num  bool
}

// StringID is the ID that is the string s.
func StringID(s string) ID { return ID{text: s} }

// NumberID is the ID that is a JSON number, such as 7 or 1e3.
func NumberID(literal string) (ID, error) {
	if _, ok := parseNumber(literal); !ok {
		return ID{}, &InvalidError{Field: "id", Reason: strconv.Quote(literal) + " is not a JSON number"}
	}
	return ID{text: literal, num: true}, nil
}

// String is the text of the ID, as it stands (percent-encoded) in an address.
func (id ID) String() string { return id.text }

// IsNumber reports whether the ID is a number.
func (id ID) IsNumber() bool { return id.num }

// Compare orders numbers before strings, numbers by value, and strings (and
// numbers of equal value) by their bytes.
func (id ID) Compare(other ID) int {
	switch {
	case id.num && other.num:
		return cmp.Or(cmp.Compare(id.value(), other.value()), strings.Compare(id.text, other.text))
	case id.num:
		return -1
	case other.num:
		return 1
	}
	return strings.Compare(id.text, other.text)
}

func (id ID) value() float64 {
	v, _ := strconv.ParseFloat(id.text, 64)
	return v
}

// sortKey is a number that orders like Compare where it differs.
func (id ID) sortKey() uint64 {
	if id.num {
		bits := math.Float64bits(id.value())
		if bits>>63 == 1 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		return bits >> 1
	}
	var k uint64
	for i := range 8 {
		k <<= 8
		if i < len(id.text) {
			k |= uint64(id.text[i])
		}
	}
	return k>>1 | 1<<63
}

// AppendJSON appends the ID as JSON.
func (id ID) AppendJSON(b []byte) []byte {
	if id.num {
		return append(b, id.text...)
	}
	return appendString(b, id.text)
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
			continue
		}
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
		i++
	}
	return append(b, '"')
}

// Feature is one feature of a Source. It is cheap to copy and stays valid and
// unchanged for as long as it is held.
type Feature struct {
	x    *Index
	slot uint32
}

// JSON is the encoded GeoJSON Feature: type, id, geometry, properties, then any
// foreign members, each value as it stood in the source. It is shared and must
// not be changed; its last byte is '}'.
func (f Feature) JSON() []byte { return f.x.raw(f.slot) }

// ID is the feature's id.
func (f Feature) ID() ID { return idOf(f.JSON()) }

// Geometry is nil where the feature has none. It is shared and must not be
// changed. Heights are left out.
func (f Feature) Geometry() orb.Geometry { return f.x.Geometry(f.slot) }

// Properties is the encoded properties object, or "null". It is shared and must
// not be changed.
func (f Feature) Properties() []byte {
	raw := f.JSON()
	lo, hi := propertiesSpan(raw)
	return raw[lo:hi]
}

// featureHead is how every kept feature begins; the id follows it.
const featureHead = `{"type":"Feature","id":`

const (
	geometryKey   = `,"geometry":`
	propertiesKey = `,"properties":`
)

func idOf(raw []byte) ID {
	p := parser{b: raw, i: len(featureHead)}
	if raw[p.i] == '"' {
		s, _ := p.str()
		return StringID(string(s))
	}
	start := p.i
	p.skipNumber()
	return ID{text: string(raw[start:p.i]), num: true}
}

// hasID reports whether the kept feature has an id of this text.
func hasID(raw []byte, text string) bool {
	body := raw[len(featureHead):]
	if body[0] != '"' {
		return len(body) > len(text) && string(body[:len(text)]) == text && body[len(text)] == ','
	}
	s := body[1 : 1+bytes.IndexByte(body[1:], '"')]
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s) == text
	}
	return idOf(raw).text == text
}

func propertiesSpan(raw []byte) (lo, hi int) {
	p := parser{b: raw, i: propertiesStart(raw)}
	lo = p.i
	p.skip()
	return lo, p.i
}

// propertiesStart is where the properties of a kept feature begin.
func propertiesStart(raw []byte) int {
	p := parser{b: raw, i: len(featureHead)}
	p.skip()
	p.i += len(geometryKey)
	p.skip()
	return p.i + len(propertiesKey)
}
