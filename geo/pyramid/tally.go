package pyramid

import (
	"cmp"
	"math"
	"slices"

	"clustermap/geo"
)

// ValueCount is how many members of a group have a value.
type ValueCount struct {
	Value geo.Value
	Count int
}

// large is the size from which groups keep their counts. The members of a group are
// side by side, so that those of smaller ones are counted when they are asked for, at a
// nanosecond or two each.
const large = 1 << 14

// mostValues is how many values, null included, a property may have to be counted.
const mostValues = 1 << 16

// tally counts the values of a property.
type tally struct {
	values []geo.Value      // the first is null
	codes  []uint8          // of each feature: its value
	wide   []uint16         // in place of codes where there are more than 256 values
	rows   map[int][]uint32 // the counts of large groups
}

func (t *tally) bytes() int {
	return len(t.codes) + 2*len(t.wide) + len(t.rows)*(64+4*len(t.values)) + 64*len(t.values)
}

// tally is nil for a property that has too many values.
func (p *Pyramid) tally(name string) *tally {
	c, _ := p.x.Column(name)
	codes, values, ok := valueCodes(c, len(p.places), func(i int) uint32 { return p.slot(uint32(i)) })
	if !ok {
		return nil
	}
	t := &tally{values: values, wide: codes, rows: make(map[int][]uint32)}
	if len(values) <= math.MaxUint8+1 {
		t.codes, t.wide = make([]uint8, len(codes)), nil
		for i, code := range codes {
			t.codes[i] = uint8(code)
		}
	}
	p.fill(t)
	return t
}

// valueCodes gives each value of a property a number, null 0; slot tells the n slots. ok
// is false where there are too many values.
func valueCodes(c geo.Column, n int, slot func(i int) uint32) (codes []uint16, values []geo.Value, ok bool) {
	codes, values = make([]uint16, n), []geo.Value{{}}
	dict := c.Dict()
	byCode := make([]uint16, len(dict)+1)
	byText, byNumber := make(map[string]uint16), make(map[float64]uint16)
	for i := range codes {
		slot := slot(i)
		code := uint32(0)
		if dict != nil {
			code = c.Code(slot)
		}
		if byCode[code] > 0 || c.IsNull(slot) {
			codes[i] = byCode[code]
			continue
		}
		number, isNumber := c.Number(slot)
		isNumber = isNumber && !c.Long()
		if known := byNumber[number]; isNumber && known > 0 {
			codes[i] = known
			continue
		}
		v := c.Value(slot)
		text := string(v.JSON())
		n, known := byText[text]
		if !known {
			if len(values) == mostValues {
				return nil, nil, false
			}
			n = uint16(len(values))
			byText[text], values = n, append(values, v)
		}
		if code > 0 {
			byCode[code] = n
		}
		if isNumber {
			byNumber[number] = n
		}
		codes[i] = n
	}
	return codes, values, true
}

// fill counts for the large groups, each from its parts, which come after it.
func (p *Pyramid) fill(t *tally) {
	for g := len(p.size) - 1; g >= 0; g-- {
		if p.size[g] < large {
			continue
		}
		into := make([]uint32, len(t.values))
		p.parts(p.first[g], p.first[g]+p.size[g], uint32(g+1), func(n Node) bool {
			p.count(t, n, into)
			return true
		})
		t.rows[g] = into
	}
}

// count adds the counts of a node.
func (p *Pyramid) count(t *tally, n Node, into []uint32) {
	lo, hi := p.span(n)
	if hi-lo >= large {
		if row := t.rows[p.group(n)]; row != nil {
			for code, count := range row {
				into[code] += count
			}
			return
		}
	}
	if t.wide != nil {
		histogram(t.wide[lo:hi], into)
	} else {
		histogram(t.codes[lo:hi], into)
	}
}

func histogram[C uint8 | uint16](codes []C, into []uint32) {
	for _, c := range codes {
		into[c]++
	}
}

// Counts are how many members have each value of Options.Counts[i], the largest count
// first, then by value. Null is a value; the counts add up to Size.
func (p *Pyramid) Counts(n Node, i int) []ValueCount {
	t := p.tallies[i]
	var few [math.MaxUint8 + 1]uint32
	counts := few[:]
	if t.wide != nil {
		counts = make([]uint32, len(t.values))
	}
	p.count(t, n, counts)
	var out []ValueCount
	for code, count := range counts {
		if count > 0 {
			out = append(out, ValueCount{t.values[code], int(count)})
		}
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Value.Compare(b.Value))
	})
	return out
}
