package geo

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// kind is what a JSON value is; kinds are bits, so that a set of them is a kind.
type kind uint8

const (
	kindNull kind = 1 << iota
	kindString
	kindNumber
	kindBool
	kindArray
	kindObject
)

func (k kind) String() string {
	switch k {
	case kindNull:
		return "null"
	case kindString:
		return "a string"
	case kindNumber:
		return "a number"
	case kindBool:
		return "a boolean"
	case kindArray:
		return "an array"
	}
	return "an object"
}

// maxDict is how many different strings of a property are kept by number. A
// property with more keeps a hash of each, and the feature's bytes decide.
const maxDict = 1 << 16

// columnBuilder gathers the values of one property while a file is read.
type columnBuilder struct {
	name   string
	stated *Property // what the schema file says, or nil

	kinds  kind
	filled int // rows with a value that is not null
	seen   int // rows that have the property, null or not
	turn   int // of the builder, when the last value came

	nums      []float64 // by row, NaN where there is no number
	min, max  float64
	low, high []byte // their texts, where those have many digits
	allInt    bool
	long      bool // a number has more digits than float64 tells apart

	codes  []uint32 // by row, 0 where there is no string or boolean
	dict   map[string]uint32
	values []string
	uses   []int
	seed   maphash.Seed
	hashed bool // codes are hashes

	lists     []uint32 // by row: where its elements end in elements
	elements  []uint32
	itemKinds kind
	boxes     []uint64 // by row, a bit: it has an array or object

	members []*columnBuilder // of objects, in the order of their first appearance
	byName  map[string]*columnBuilder
	room    *int // for members of all objects, nil where there is none
	objects int  // rows with an object
	open    bool // the objects have more members than are kept apart
	depth   int  // of objects around the value

	format     timeFormat
	start, end time.Time // of the times, while format holds
	micros     []int64   // by row: where the time begins, in µs since 1970, while that is exact; noTime where there is none
	coarse     bool      // micros is exact for all
}

func newColumnBuilder(name string, stated *Property) *columnBuilder {
	return &columnBuilder{
		name: name, stated: stated, allInt: true,
		min: math.Inf(1), max: math.Inf(-1),
		dict: make(map[string]uint32), seed: maphash.MakeSeed(), format: formatUnknown, coarse: true,
	}
}

// add puts the value of a row; rows come in ascending order. The text of v is
// not kept. It returns the reason why the schema refuses the value, or "".
func (c *columnBuilder) add(row int, v *propValue) string {
	if c.stated != nil {
		if reason := c.stated.rules.refuses(v); reason != "" {
			return reason
		}
	}
	c.seen++
	c.kinds |= v.kind
	if v.kind == kindNull {
		return ""
	}
	c.filled++
	switch v.kind {
	case kindNumber:
		for len(c.nums) < row {
			c.nums = append(c.nums, math.NaN())
		}
		c.nums = append(c.nums, v.num)
		c.extend(v)
		c.allInt = c.allInt && isInt64(v)
		c.long = c.long || len(v.text) > 15
	case kindString, kindBool:
		for len(c.codes) < row {
			c.codes = append(c.codes, 0)
		}
		c.codes = append(c.codes, c.code(v.text))
		if v.kind == kindString {
			c.addTime(row, v.text)
		}
	case kindArray:
		c.addBox(row)
		c.addList(row, v.text)
	case kindObject:
		c.addBox(row)
		return c.addObject(row, v.text)
	}
	return ""
}

// extend keeps the least and greatest number, with their texts where float64 may
// not hold all digits.
func (c *columnBuilder) extend(v *propValue) {
	keep := func(kept *[]byte, known bool, sign int) {
		const shortest = 15 // digits that float64 always holds
		switch {
		case !known:
			*kept = (*kept)[:0]
		case len(v.text) <= shortest || bytes.Equal(*kept, v.text) || tail(v.text, v.num)*sign <= tail(*kept, v.num)*sign:
			return
		}
		if len(v.text) > shortest {
			*kept = append((*kept)[:0], v.text...)
		}
	}
	if v.num <= c.min {
		keep(&c.low, v.num == c.min, -1)
		c.min = v.num
	}
	if v.num >= c.max {
		keep(&c.high, v.num == c.max, 1)
		c.max = v.num
	}
}

// bounds are of all numbers as they are written.
func (c *columnBuilder) bounds() (lo, hi float64) {
	lo, hi = c.min, c.max
	if tail(c.low, lo) < 0 {
		lo = math.Nextafter(lo, math.Inf(-1))
	}
	if tail(c.high, hi) > 0 {
		hi = math.Nextafter(hi, math.Inf(1))
	}
	return lo, hi
}

// tail is the sign of what a number is more than the text of the float64 next to it.
// Exponents may be of any size, as in 1e-400: they are left alone.
func tail(text []byte, next float64) int {
	const most = 400
	if len(text) == 0 || len(text) > most || bytes.ContainsAny(text, "eE") {
		return 0
	}
	exact, ok := new(big.Rat).SetString(string(text))
	near, too := new(big.Rat).SetString(string(appendNumber(nil, next)))
	if !ok || !too {
		return 0
	}
	return exact.Cmp(near)
}

// isInt64 reports whether a number is whole and of 64 bits.
func isInt64(v *propValue) bool {
	if !beyondFloat(v.num) {
		return v.num == math.Trunc(v.num)
	}
	_, err := strconv.ParseInt(string(v.text), 10, 64)
	return err == nil || v.num >= -1<<63 && v.num < 1<<63 && len(v.text) <= 15 // 1e18
}

func (c *columnBuilder) addBox(row int) {
	for len(c.boxes) <= row/64 {
		c.boxes = append(c.boxes, 0)
	}
	c.boxes[row/64] |= 1 << (row % 64)
}

// Members of objects down to maxNested below the property have columns of their
// own, unless objects have more than maxMembers different ones: then their keys
// are data, and no schema. All objects of a collection have maxAllMembers.
const maxNested, maxMembers, maxAllMembers = 3, 100, 1000

// addObject puts the members of an object. It returns the reason why the schema
// refuses one, or "".
func (c *columnBuilder) addObject(row int, text []byte) (reason string) {
	if c.open || c.depth == maxNested {
		return ""
	}
	c.objects++
	p := parser{b: text}
	_ = p.members(func(_ int, key []byte) error {
		var v propValue
		if err := p.propValue(&v); err != nil {
			return err
		}
		m := c.member(key)
		if m == nil {
			c.open, c.members, c.byName = true, nil, nil
			return errFound
		}
		m.turn = row + 1
		if found := m.add(row, &v); found != "" {
			reason = "." + m.name + ": " + found
			return errFound
		}
		return nil
	})
	if reason != "" || c.stated == nil {
		return reason
	}
	for i := range c.stated.Nested {
		p := &c.stated.Nested[i]
		if m := c.byName[p.Name]; p.Required && !c.open && (m == nil || m.turn != row+1) {
			return "." + p.Name + ": is missing; the schema requires it"
		}
	}
	return ""
}

// member is the column of a member, nil where there are too many.
func (c *columnBuilder) member(key []byte) *columnBuilder {
	if m := c.byName[string(key)]; m != nil {
		return m
	}
	if len(c.members) == maxMembers || c.room == nil || *c.room == 0 {
		return nil
	}
	*c.room--
	var stated *Property
	if c.stated != nil {
		for i := range c.stated.Nested {
			if p := &c.stated.Nested[i]; p.Name == string(key) {
				stated = p
			}
		}
	}
	m := newColumnBuilder(string(key), stated)
	m.depth, m.room = c.depth+1, c.room
	if c.byName == nil {
		c.byName = make(map[string]*columnBuilder)
	}
	c.byName[m.name] = m
	c.members = append(c.members, m)
	return m
}

// code is the number, or the hash, of a string.
func (c *columnBuilder) code(text []byte) uint32 {
	if c.hashed {
		return hashCode(c.seed, text)
	}
	if k, ok := c.dict[string(text)]; ok {
		c.uses[k-1]++
		return k
	}
	if len(c.values) == maxDict && len(c.elements) == 0 {
		c.hash()
		return hashCode(c.seed, text)
	}
	s := string(text)
	c.values = append(c.values, s)
	c.uses = append(c.uses, 1)
	k := uint32(len(c.values))
	c.dict[s] = k
	return k
}

func (c *columnBuilder) hash() {
	for i, k := range c.codes {
		if k > 0 {
			c.codes[i] = hashCode(c.seed, []byte(c.values[k-1]))
		}
	}
	c.hashed, c.dict, c.values, c.uses = true, nil, nil, nil
}

// hashCode is never 0, which means "no value".
func hashCode(seed maphash.Seed, text []byte) uint32 {
	return uint32(maphash.Bytes(seed, text)) | 1
}

func (c *columnBuilder) addTime(row int, text []byte) {
	if c.format == formatNone {
		return
	}
	f, t, ok := parseTime(string(text))
	if !ok || c.format != formatUnknown && f != c.format {
		c.format, c.micros = formatNone, nil
		return
	}
	if c.format == formatUnknown {
		c.format, c.start, c.end = f, t.Start, t.End
	}
	if t.Start.Before(c.start) {
		c.start = t.Start
	}
	if t.End.After(c.end) {
		c.end = t.End
	}
	if c.coarse = c.coarse && t.Start.Nanosecond()%1000 == 0; !c.coarse {
		c.micros = nil
		return
	}
	for len(c.micros) < row {
		c.micros = append(c.micros, noTime)
	}
	c.micros = append(c.micros, t.Start.UnixMicro())
}

// addList puts the elements of an array of scalars. A column whose elements are
// not all scalars keeps no elements: its arrays are not asked for.
func (c *columnBuilder) addList(row int, text []byte) {
	if c.hashed {
		c.itemKinds |= kindObject
		return
	}
	for len(c.lists) < row {
		c.lists = append(c.lists, uint32(len(c.elements)))
	}
	p := parser{b: text}
	_ = p.array(func(int) error {
		var v propValue
		if err := p.propValue(&v); err != nil {
			return err
		}
		c.itemKinds |= v.kind
		if v.kind&(kindArray|kindObject|kindNull) == 0 {
			c.elements = append(c.elements, c.code(v.text))
		}
		return nil
	})
	c.lists = append(c.lists, uint32(len(c.elements)))
}

// column holds the values of one property by slot.
type column struct {
	path  []string // of names, more than one for a member of an object
	kinds kind
	long  bool // nums may lack digits
	large bool // numbers of 2^53 or more

	nums []float64 // NaN where there is none
	ints []int32   // in place of nums where all fit; noInt where there is none

	codes  codes // 0 where there is none, else the place in values plus 1, or a hash
	values []string
	seed   maphash.Seed
	hashed bool

	lists    []uint32 // the elements of slot i end at lists[i]
	elements codes
	boxes    []uint64 // of slots, a bit: it has an array or object

	format timeFormat // of micros
	micros []int64    // where a time begins, for the properties that time is asked of

	timesOnce sync.Once
	timesOf   func(slot uint32) (Interval, bool)
	sortOnce  sync.Once
	sorted    *sorted

	sortTimesOnce sync.Once
	sortedTimes   *sorted
}

const (
	noInt  = math.MinInt32
	noTime = math.MinInt64
)

// freeze makes the column of n slots; slot i is row rows[i], or row i where
// rows is nil. above are the names of the objects around it.
func (c *columnBuilder) freeze(n int, rows []uint32, above []string) *column {
	out := &column{path: append(slices.Clip(above), c.name), kinds: c.kinds, long: c.long,
		large:  c.nums != nil && (beyondFloat(c.min) || beyondFloat(c.max)),
		values: slices.Clip(c.values), seed: c.seed, hashed: c.hashed}
	if c.nums != nil {
		if c.allInt && c.min > noInt && c.max <= math.MaxInt32 {
			out.ints = gather(n, rows, c.nums, noInt, func(v float64) int32 {
				if v != v {
					return noInt
				}
				return int32(v)
			})
		} else {
			out.nums = gather(n, rows, c.nums, math.NaN(), func(v float64) float64 { return v })
		}
	}
	if c.codes != nil {
		out.codes = packCodes(n, rows, c.codes, len(c.values), c.hashed)
	}
	if c.lists != nil {
		out.lists = make([]uint32, n)
		elements := make([]uint32, 0, len(c.elements))
		for i := range n {
			row := i
			if rows != nil {
				row = int(rows[i])
			}
			if row < len(c.lists) {
				lo := uint32(0)
				if row > 0 {
					lo = c.lists[row-1]
				}
				elements = append(elements, c.elements[lo:c.lists[row]]...)
			}
			out.lists[i] = uint32(len(elements))
		}
		out.elements = packCodes(len(elements), nil, elements, len(c.values), false)
	}
	if c.boxes != nil {
		out.boxes = make([]uint64, (n+63)/64)
		for i := range n {
			if row := rowOf(rows, uint32(i)); row/64 < len(c.boxes) && c.boxes[row/64]&(1<<(row%64)) != 0 {
				out.boxes[i/64] |= 1 << (i % 64)
			}
		}
	}
	return out
}

func gather[A, B any](n int, rows []uint32, from []A, none B, conv func(A) B) []B {
	out := make([]B, n)
	for i := range out {
		row := i
		if rows != nil {
			row = int(rows[i])
		}
		if row < len(from) {
			out[i] = conv(from[row])
		} else {
			out[i] = none
		}
	}
	return out
}

// codes are small numbers in as few bytes as the largest needs.
type codes struct {
	b8  []uint8
	b16 []uint16
	b32 []uint32
}

func packCodes(n int, rows []uint32, from []uint32, largest int, wide bool) codes {
	switch {
	case wide || largest > math.MaxUint16:
		return codes{b32: gather(n, rows, from, 0, func(v uint32) uint32 { return v })}
	case largest > math.MaxUint8:
		return codes{b16: gather(n, rows, from, 0, func(v uint32) uint16 { return uint16(v) })}
	}
	return codes{b8: gather(n, rows, from, 0, func(v uint32) uint8 { return uint8(v) })}
}

func (c *codes) at(i uint32) uint32 {
	switch {
	case c.b8 != nil:
		return uint32(c.b8[i])
	case c.b16 != nil:
		return uint32(c.b16[i])
	case c.b32 != nil:
		return c.b32[i]
	}
	return 0
}

// number is the number of a slot; ok is false where it has none.
func (c *column) number(slot uint32) (v float64, ok bool) {
	switch {
	case c.ints != nil:
		return float64(c.ints[slot]), c.ints[slot] != noInt
	case c.nums != nil:
		v = c.nums[slot]
		return v, v == v
	}
	return 0, false
}

// matchValue is a value that a property may equal.
type matchValue struct {
	text  string
	num   float64
	isNum bool
}

// matcher tells whether a slot's value, or an element of its array, equals one
// of values.
func (c *column) matcher(x *Index, values []matchValue) func(slot uint32) bool {
	texts := c.textMatcher(x, values)
	byNumber := make(map[float64][]matchValue)
	for _, v := range values {
		if v.isNum {
			byNumber[v.num] = append(byNumber[v.num], v)
		}
	}
	if len(byNumber) == 0 || c.ints == nil && c.nums == nil {
		return texts
	}
	return func(slot uint32) bool {
		if got, ok := c.number(slot); ok {
			for _, v := range byNumber[got] {
				if c.equals(x, slot, got, v) {
					return true
				}
			}
		}
		return texts(slot)
	}
}

// equals reports whether the number of a slot, which is got in float64, is v.
// From 2^53 on float64 cannot tell, and the digits of the feature decide.
func (c *column) equals(x *Index, slot uint32, got float64, v matchValue) bool {
	if !beyondFloat(got) {
		return got == v.num
	}
	a, ok := new(big.Rat).SetString(x.value(slot, c.path).Text())
	b, too := new(big.Rat).SetString(v.text)
	return ok && too && a.Cmp(b) == 0
}

// meant are the values that m asks for: the whole text alone where it has commas
// and a feature has it as a value.
func (c *column) meant(x *Index, m Match) []matchValue {
	if len(m.values) == 1 || !strings.Contains(m.text, ",") || !c.has(x, m.text) {
		return m.values
	}
	return []matchValue{{text: m.text}}
}

// has reports whether a slot has the text, by itself or in its array.
func (c *column) has(x *Index, text string) bool {
	if !c.hashed {
		return slices.Contains(c.values, text)
	}
	code := hashCode(c.seed, []byte(text))
	for slot := range uint32(x.Len()) {
		if c.codes.at(slot) == code && x.value(slot, c.path).Text() == text {
			return true
		}
	}
	return false
}

// textMatcher is matcher for strings, booleans and the elements of arrays.
func (c *column) textMatcher(x *Index, values []matchValue) func(slot uint32) bool {
	texts := make(map[string]bool)
	numbers := make(map[float64]bool)
	for _, v := range values {
		texts[v.text] = true
		if v.isNum {
			numbers[v.num] = true
		}
	}
	if c.hashed {
		hashes := make(map[uint32]bool)
		for text := range texts {
			hashes[hashCode(c.seed, []byte(text))] = true
		}
		return func(slot uint32) bool { return hashes[c.codes.at(slot)] && texts[x.value(slot, c.path).Text()] }
	}
	wanted := make([]bool, len(c.values)+1)
	any := false
	for i, text := range c.values {
		is := texts[text]
		if !is && c.lists != nil && len(numbers) > 0 { // an element may be 2.0 where 2 is asked for
			num, ok := parseNumber(text)
			is = ok && numbers[num]
		}
		wanted[i+1] = is
		any = any || is
	}
	switch {
	case !any:
		return func(uint32) bool { return false }
	case c.lists == nil:
		return func(slot uint32) bool { return wanted[c.codes.at(slot)] }
	}
	return func(slot uint32) bool {
		from := uint32(0)
		if slot > 0 {
			from = c.lists[slot-1]
		}
		for i := from; i < c.lists[slot]; i++ {
			if wanted[c.elements.at(i)] {
				return true
			}
		}
		return wanted[c.codes.at(slot)]
	}
}

// times tells the time of a slot by this column alone.
func (c *column) times(x *Index) func(slot uint32) (Interval, bool) {
	if c.micros != nil {
		return func(slot uint32) (Interval, bool) {
			if c.micros[slot] == noTime {
				return Interval{}, false
			}
			return c.format.from(time.UnixMicro(c.micros[slot]).UTC()), true
		}
	}
	byCode := make([]Interval, len(c.values)+1)
	known := make([]bool, len(c.values)+1)
	for i, v := range c.values {
		_, byCode[i+1], known[i+1] = parseTime(v)
	}
	return func(slot uint32) (Interval, bool) {
		if v, ok := c.number(slot); ok {
			if v != math.Trunc(v) || v < firstYear || v > lastYear {
				return Interval{}, false
			}
			return formatYear.from(time.Date(int(v), 1, 1, 0, 0, 0, 0, time.UTC)), true
		}
		k := c.codes.at(slot)
		if c.hashed {
			if k == 0 {
				return Interval{}, false
			}
			_, t, ok := parseTime(x.value(slot, c.path).Text())
			return t, ok
		}
		return byCode[k], known[k]
	}
}
