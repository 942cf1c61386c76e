package geo

import (
	"cmp"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of values that JSON has.
const (
	KindNull Kind = iota
	KindString
	KindNumber
	KindBool
	KindArray
	KindObject
)

// Value is the value of a property. The zero Value is null. Values are compared
// with Compare, not ==: one number can be written in many ways.
type Value struct {
	kind Kind
	num  float64 // of a number; 1 for true
	text string  // of a string; what was written for a number, if known; the JSON of an array or object
}

// StringValue is the Value that is the string s.
func StringValue(s string) Value { return Value{kind: KindString, text: s} }

// NumberValue is the Value that is the number v, which is finite.
func NumberValue(v float64) Value { return Value{kind: KindNumber, num: v} }

// ParseNumber reads a number of JSON. The Value keeps the digits of a whole number
// that float64 does not hold.
func ParseNumber(s string) (Value, bool) {
	v, ok := parseNumber(s)
	return Value{kind: KindNumber, num: v, text: s}.plain(), ok
}

// BoolValue is the Value that is true or false.
func BoolValue(v bool) Value {
	if v {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Kind is what the value is.
func (v Value) Kind() Kind { return v.kind }

// Text is a string itself, "" for null, and the JSON of any other value.
func (v Value) Text() string {
	switch v.kind {
	case KindNull:
		return ""
	case KindString, KindArray, KindObject:
		return v.text
	}
	return string(v.JSON())
}

// Number is the number, and 0 for any other value.
func (v Value) Number() float64 {
	if v.kind != KindNumber {
		return 0
	}
	return v.num
}

// Bool reports whether the value is true.
func (v Value) Bool() bool { return v.kind == KindBool && v.num == 1 }

// Items are the elements of an array, and nil for any other value.
func (v Value) Items() []Value {
	if v.kind != KindArray {
		return nil
	}
	items := []Value{}
	p := parser{b: []byte(v.text)}
	_ = p.array(func(int) error {
		var item propValue
		err := p.propValue(&item)
		items = append(items, item.value())
		return err
	})
	return items
}

// JSON is the value as JSON; a number, array or object as it was written, where
// that is known.
func (v Value) JSON() []byte {
	switch {
	case v.kind == KindNull:
		return []byte("null")
	case v.kind == KindString:
		return appendString(nil, v.text)
	case v.kind == KindBool:
		return strconv.AppendBool(nil, v.num == 1)
	case v.text != "":
		return []byte(v.text)
	}
	return appendNumber(nil, v.num)
}

// appendNumber appends the shortest text that reads back as v.
func appendNumber(b []byte, v float64) []byte {
	if v > -1e21 && v < 1e21 && (v == 0 || v >= 1e-6 || v <= -1e-6) {
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'e', -1, 64)
}

// Compare orders false, true, numbers by value, strings by code point, arrays
// and objects by their JSON, and null last.
func (v Value) Compare(w Value) int {
	if v.kind != w.kind {
		return cmp.Compare(v.kind.rank(), w.kind.rank())
	}
	switch {
	case v.kind == KindNumber && v.num == w.num && beyondFloat(v.num) && v.text != w.text:
		return v.rat().Cmp(w.rat())
	case v.kind == KindNumber || v.kind == KindBool:
		return cmp.Compare(v.num, w.num)
	}
	return strings.Compare(v.text, w.text)
}

// beyondFloat reports whether float64 lacks neighbours of the whole number v.
func beyondFloat(v float64) bool { return v <= -1<<53 || v >= 1<<53 }

// plain is a value that is == another of equal kind where Compare is 0.
func (v Value) plain() Value {
	if v.kind != KindNumber {
		return v
	}
	p := Value{kind: KindNumber, num: v.num + 0} // -0 is 0
	if !beyondFloat(v.num) {
		return p
	}
	if r := v.rat(); r.IsInt() && r.Cmp(p.rat()) != 0 {
		p.text = r.Num().String()
	}
	return p
}

// rat is a number with all its digits.
func (v Value) rat() *big.Rat {
	if r, ok := new(big.Rat).SetString(v.text); ok {
		return r
	}
	return new(big.Rat).SetFloat64(v.num)
}

func (k Kind) rank() int {
	switch k {
	case KindBool:
		return 0
	case KindNumber:
		return 1
	case KindString:
		return 2
	case KindArray:
		return 3
	case KindObject:
		return 4
	}
	return 5
}

// value copies what was read.
func (v *propValue) value() Value {
	switch v.kind {
	case kindString:
		return StringValue(string(v.text))
	case kindNumber:
		return Value{kind: KindNumber, num: v.num, text: string(v.text)}
	case kindBool:
		return BoolValue(v.text[0] == 't')
	case kindArray:
		return Value{kind: KindArray, text: string(v.text)}
	case kindObject:
		return Value{kind: KindObject, text: string(v.text)}
	}
	return Value{}
}

// Value is the value of a property; more names lead into objects. It is null
// where there is none.
func (f Feature) Value(path ...string) Value {
	if len(path) == 1 {
		c := f.x.columns[path[0]]
		if c == nil {
			return Value{}
		}
		return c.value(f.x, f.slot)
	}
	return f.x.value(f.slot, path)
}

// value is the value at a path, read from the bytes of the feature.
func (x *Index) value(slot uint32, path []string) Value {
	raw := x.raw(slot)
	b := raw[propertiesStart(raw):]
	for _, name := range path {
		if b = memberOf(b, name); b == nil {
			return Value{}
		}
	}
	var v propValue
	p := parser{b: b}
	_ = p.propValue(&v)
	return v.value()
}

var errFound = errors.New("found")

// memberOf is the member of an object that was read before; nil where b is no
// object or has no such member.
func memberOf(b []byte, name string) (found []byte) {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	p := parser{b: b}
	_ = p.members(func(_ int, key []byte) error {
		start := p.i
		p.skip()
		if string(key) == name {
			found = p.b[start:p.i:p.i]
			return errFound
		}
		return nil
	})
	return found
}

// Column is the access to one property of all features by slot. The zero Column
// has no values. It is safe for concurrent use.
type Column struct {
	x *Index
	c *column
}

// Column is the column of a property: of a member of an object by its dotted
// path, unless a property has that name. ok is false where no feature has the
// property.
func (x *Index) Column(name string) (_ Column, ok bool) {
	c := x.columns[name]
	return Column{x, c}, c != nil
}

// Number is the number of a slot.
func (c Column) Number(slot uint32) (v float64, ok bool) {
	if c.c == nil {
		return 0, false
	}
	return c.c.number(slot)
}

// Long reports whether there are numbers with digits that Number does not give, and
// Value does: whole ones of 2^53 or more.
func (c Column) Long() bool { return c.c != nil && c.c.long && c.c.large }

// Text is the string of a slot.
func (c Column) Text(slot uint32) (s string, ok bool) {
	if c.c == nil || c.c.kinds&kindString == 0 {
		return "", false
	}
	return c.c.text(c.x, slot, KindString)
}

// Bool is the boolean of a slot.
func (c Column) Bool(slot uint32) (v, ok bool) {
	if c.c == nil || c.c.kinds&kindBool == 0 {
		return false, false
	}
	s, ok := c.c.text(c.x, slot, KindBool)
	return s == "true", ok
}

// Time is the time of a slot: what the text of a year, month, date or date-time
// stands for, or the number of a year.
func (c Column) Time(slot uint32) (Interval, bool) {
	if c.c == nil {
		return Interval{}, false
	}
	c.c.timesOnce.Do(func() { c.c.timesOf = c.c.times(c.x) })
	return c.c.timesOf(slot)
}

// IsNull reports whether a slot has no value.
func (c Column) IsNull(slot uint32) bool { return c.c == nil || c.c.isNull(slot) }

// Value is the value of a slot.
func (c Column) Value(slot uint32) Value {
	if c.c == nil {
		return Value{}
	}
	return c.c.value(c.x, slot)
}

// Elements are the scalar elements of the array of a slot, null apart: strings,
// and other values as JSON has them.
func (c Column) Elements(slot uint32) []string {
	if c.c == nil || c.c.lists == nil {
		return nil
	}
	var dst []string
	from := uint32(0)
	if slot > 0 {
		from = c.c.lists[slot-1]
	}
	for i := from; i < c.c.lists[slot]; i++ {
		dst = append(dst, c.c.values[c.c.elements.at(i)-1])
	}
	return dst
}

// Code is a number that is equal for equal strings and booleans of the column, 0
// where a slot has none. Where Dict is nil it is a hash, and different strings
// may share it.
func (c Column) Code(slot uint32) uint32 {
	if c.c == nil {
		return 0
	}
	return c.c.codes.at(slot)
}

// Dict are the strings (and true, false) of the column: Dict()[Code(slot)-1] is
// that of a slot. It is nil where the column has too many, or none. It is shared
// and must not be changed.
func (c Column) Dict() []string {
	if c.c == nil {
		return nil
	}
	return c.c.values
}

// text is the string or boolean of a slot, as kind says.
func (c *column) text(x *Index, slot uint32, kind Kind) (string, bool) {
	k := c.codes.at(slot)
	const both = kindString | kindBool
	switch {
	case k == 0:
		return "", false
	case !c.hashed && c.kinds&both != both:
		return c.values[k-1], true
	}
	v := x.value(slot, c.path)
	return v.Text(), v.kind == kind
}

func (c *column) isNull(slot uint32) bool {
	if _, ok := c.number(slot); ok || c.codes.at(slot) != 0 {
		return false
	}
	return c.boxes == nil || c.boxes[slot/64]&(1<<(slot%64)) == 0
}

// value is the value of a slot, from the bytes of the feature only where the
// column does not tell.
func (c *column) value(x *Index, slot uint32) Value {
	const both = kindString | kindBool
	if v, ok := c.number(slot); ok && !c.long {
		return NumberValue(v)
	}
	if k := c.codes.at(slot); k != 0 && !c.hashed && c.kinds&both != both {
		if c.kinds&kindBool != 0 {
			return BoolValue(c.values[k-1] == "true")
		}
		return StringValue(c.values[k-1])
	}
	if c.isNull(slot) {
		return Value{}
	}
	return x.value(slot, c.path)
}
