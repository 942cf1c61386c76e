package pyramid

import (
	"cmp"
	"fmt"
	"slices"

	"clustermap/geo"
)

// ValueCount is how many members of a group have a value.
type ValueCount struct {
	Value geo.Value
	Count int
}

// maxValues is how many values a property may have to be counted.
const maxValues = 255

// large is the size from which a group keeps its counts; those of smaller ones are
// counted when they are asked for.
const large = 128

// tally counts the values of a property.
type tally struct {
	values []geo.Value // the first is null
	codes  []uint8     // of each seat: its value
	rows   []uint32    // of each group: its row in counts, from 1; 0 for small ones
	counts []uint32
}

func (t *tally) bytes() int { return len(t.codes) + 4*(len(t.rows)+len(t.counts)) + 64*len(t.values) }

func (t *tally) row(g int) []uint32 {
	r := int(t.rows[g])
	if r == 0 {
		return nil
	}
	return t.counts[(r-1)*len(t.values):][:len(t.values)]
}

func (p *Pyramid) tally(name string) (tally, error) {
	t := tally{values: []geo.Value{{}}, codes: make([]uint8, p.n), rows: make([]uint32, len(p.rep))}
	c, _ := p.x.Column(name)
	dict := c.Dict()
	byCode := make([]uint8, len(dict)+1)
	byText := make(map[string]uint8)
	for seat := range t.codes {
		slot := p.slot(uint32(seat))
		if dict != nil {
			code := c.Code(slot)
			if t.codes[seat] = byCode[code]; t.codes[seat] > 0 || code == 0 && c.IsNull(slot) {
				continue
			}
			if code > 0 {
				if len(t.values) > maxValues {
					return t, tooManyValues(name)
				}
				byCode[code] = uint8(len(t.values))
				t.codes[seat] = byCode[code]
				t.values = append(t.values, c.Value(slot))
				continue
			}
		}
		v := c.Value(slot)
		if v.Kind() == geo.KindNull {
			continue
		}
		text := string(v.JSON())
		if byText[text] == 0 {
			if len(t.values) > maxValues {
				return t, tooManyValues(name)
			}
			byText[text] = uint8(len(t.values))
			t.values = append(t.values, v)
		}
		t.codes[seat] = byText[text]
	}
	p.fill(&t)
	return t, nil
}

func tooManyValues(name string) error {
	return &geo.InvalidError{Field: name, Reason: fmt.Sprintf("has more than %d values, which are not counted", maxValues)}
}

// fill counts for the large groups, each from its children, which come before it.
func (p *Pyramid) fill(t *tally) {
	for g, size := range p.size {
		if size < large {
			continue
		}
		t.rows[g] = uint32(len(t.counts)/len(t.values) + 1)
		t.counts = append(t.counts, make([]uint32, len(t.values))...)
		into := t.row(g)
		for _, kid := range p.Children(Node(g + p.n)) {
			p.count(t, kid, into)
		}
	}
	t.counts = slices.Clip(t.counts)
}

func (p *Pyramid) count(t *tally, n Node, into []uint32) {
	if p.lone(n) {
		into[t.codes[n]]++
		return
	}
	if row := t.row(p.group(n)); row != nil {
		for i, c := range row {
			into[i] += c
		}
		return
	}
	for _, kid := range p.Children(n) {
		p.count(t, kid, into)
	}
}

// Counts are how many members have each value of Options.Counts[i], the largest count
// first, then by value. Null is a value; the counts add up to Size.
func (p *Pyramid) Counts(n Node, i int) []ValueCount {
	t := &p.counted[i]
	counts := make([]uint32, len(t.values))
	p.count(t, n, counts)
	var out []ValueCount
	for code, c := range counts {
		if c > 0 {
			out = append(out, ValueCount{t.values[code], int(c)})
		}
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Value.Compare(b.Value))
	})
	return out
}
