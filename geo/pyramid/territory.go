package pyramid

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// Territories is a partition of features by division, region or hexagon: each feature,
// with a geometry or without, is in one. What has no key (no code of the level, not of
// the region, no geometry to lie in a hexagon) is together in the last. It is immutable
// and safe for concurrent use.
type Territories struct {
	x    *geo.Index
	cut  Cut
	opt  Options
	grid *hexGrid

	keys    []uint64 // ascending
	first   []uint32 // where the members of each begin in members, and of one more
	members []uint32 // slots, those of a territory together, the least first
	placed  []bool   // some members have a geometry
	rep     []uint32 // the slot at which it stands
	area    []box
	sums    [][]geo.Value // by sum, then by territory
	values  [][]geo.Value // by count: the values; the first is null
	codes   [][]uint16    // by count, then by member: its value
}

// Divide parts the features of set, or all where it is nil, by cut. Options.Radius has
// no meaning.
func Divide(ctx context.Context, x *geo.Index, set *geo.Set, cut Cut, opt Options) (*Territories, error) {
	t := &Territories{x: x, cut: cut, opt: opt}
	if cut.Across > 0 {
		t.grid = &hexGrid{newEqualArea(centreOf(x.Extent())), cut.Across}
	}
	key, err := t.keyer(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.part(ctx, set, key); err != nil {
		return nil, err
	}
	if err := t.stand(ctx); err != nil {
		return nil, err
	}
	for _, name := range opt.Sums {
		t.sums = append(t.sums, t.sum(name))
	}
	t.opt.Counts = nil
	for _, name := range opt.Counts {
		c, _ := x.Column(name) // one that no feature has is null
		if codes, values, ok := valueCodes(c, len(t.members), func(k int) uint32 { return t.members[k] }); ok {
			t.codes, t.values = append(t.codes, codes), append(t.values, values)
			t.opt.Counts = append(t.opt.Counts, name)
		}
	}
	return t, ctx.Err()
}

// keyer tells the key of a slot.
func (t *Territories) keyer(ctx context.Context) (func(slot uint32) uint64, error) {
	switch {
	case t.cut.Level != "":
		return t.divisions(), nil
	case t.cut.Region != "":
		m, err := t.x.Schema().ParseMatch("regions", t.cut.Region)
		if err != nil {
			return nil, err
		}
		in, err := t.x.Select(ctx, geo.Query{Match: []geo.Match{m}})
		return func(slot uint32) uint64 {
			if in == nil || in.Has(slot) {
				return 0
			}
			return nobody
		}, err
	}
	return func(slot uint32) uint64 {
		if at, ok := t.x.Anchor(slot); ok {
			return t.grid.cell(at).key()
		}
		return nobody
	}, nil
}

// divisions looks each code up once, where the column numbers them.
func (t *Territories) divisions() func(slot uint32) uint64 {
	var c geo.Column
	for _, p := range t.x.Schema().Properties {
		if p.Role == geo.RoleAdcode {
			c, _ = t.x.Column(p.Name)
			break
		}
	}
	key := func(slot uint32) uint64 {
		code, ok := geo.DivisionOf(c.Value(slot).Text(), t.cut.Level)
		if !ok {
			return nobody
		}
		n, _ := Cut{Level: t.cut.Level}.keyOf(code)
		return n
	}
	dict := c.Dict()
	if dict == nil {
		return key
	}
	known := make([]uint64, len(dict)+1)
	return func(slot uint32) uint64 {
		code := c.Code(slot)
		if code == 0 {
			return key(slot)
		}
		if known[code] == 0 {
			known[code] = key(slot)
		}
		return known[code]
	}
}

// part sorts the slots by key.
func (t *Territories) part(ctx context.Context, set *geo.Set, key func(uint32) uint64) error {
	number := make(map[uint64]uint32)
	var of, counts []uint32 // the number of the key of each slot, and how many have it
	last, lastNumber := uint64(0), uint32(0)
	add := func(slot uint32) bool {
		k := key(slot)
		if len(of) == 0 || k != last {
			n, ok := number[k]
			if !ok {
				n = uint32(len(t.keys))
				number[k] = n
				t.keys, counts = append(t.keys, k), append(counts, 0)
			}
			last, lastNumber = k, n
		}
		of = append(of, lastNumber)
		counts[lastNumber]++
		t.members = append(t.members, slot)
		return len(of)%(1<<14) != 0 || ctx.Err() == nil
	}
	n := t.x.Len()
	if set != nil {
		n = set.Len()
	}
	of, t.members = make([]uint32, 0, n), make([]uint32, 0, n)
	if set != nil {
		for slot := range set.All() {
			if !add(slot) {
				return ctx.Err()
			}
		}
	} else {
		for slot := range uint32(n) {
			if !add(slot) {
				return ctx.Err()
			}
		}
	}
	order := make([]uint32, len(t.keys)) // numbers by key
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(t.keys[a], t.keys[b]) })
	next := make([]uint32, len(order)) // by number: where the next member goes
	sorted, at := make([]uint64, len(order)), uint32(0)
	for i, k := range order {
		sorted[i] = t.keys[k]
		t.first = append(t.first, at)
		next[k] = at
		at += counts[k]
	}
	t.keys, t.first = sorted, append(t.first, at)
	out := make([]uint32, len(of))
	for i, k := range of {
		out[next[k]] = t.members[i]
		next[k]++
	}
	t.members = out
	return ctx.Err()
}

// stand finds the member at which each territory stands, and the box around all.
func (t *Territories) stand(ctx context.Context) error {
	layout := t.x.Layout()
	t.placed, t.rep, t.area = make([]bool, t.Len()), make([]uint32, t.Len()), make([]box, t.Len())
	pace := geo.NewPace(ctx)
	for i := range t.keys {
		var sum vector
		for _, slot := range t.slots(i) {
			place, ok := layout.Place(slot)
			if !ok || pace.Over(20) {
				continue
			}
			b := boxAt(layout.X[place], layout.Y[place])
			if t.placed[i] {
				b = t.area[i].with(b)
			}
			t.area[i], t.placed[i] = b, true
			at, _ := t.x.Anchor(slot)
			sum = sum.plus(unit(at))
		}
		best := math.Inf(-1)
		for _, slot := range t.slots(i) {
			if at, ok := t.x.Anchor(slot); ok && !pace.Over(20) {
				if near := unit(at).dot(sum); near > best {
					best, t.rep[i] = near, slot
				}
			}
		}
	}
	return ctx.Err()
}

func (t *Territories) sum(name string) []geo.Value {
	c, _ := t.x.Column(name)
	out := make([]geo.Value, t.Len())
	for i := range out {
		var total geo.Sum
		for _, slot := range t.slots(i) {
			total.Add(c, slot)
		}
		out[i] = total.Value()
	}
	return out
}

// slots are the members of a territory, shared.
func (t *Territories) slots(i int) []uint32 { return t.members[t.first[i]:t.first[i+1]] }

// Len is the number of territories. They are in order of their keys, null last.
func (t *Territories) Len() int { return len(t.keys) }

// Cut is what they are made by.
func (t *Territories) Cut() Cut { return t.cut }

// Options are the options of Divide.
func (t *Territories) Options() Options { return t.opt }

// Bytes is the memory that they take beside the index.
func (t *Territories) Bytes() int64 {
	n := 1024 + len(t.keys)*(8+4+1+4+16+len(t.sums)*48) + len(t.members)*(4+2*len(t.codes))
	for _, v := range t.values {
		n += 64 * len(v)
	}
	return int64(n)
}

// Key is the division code, the id of the region definition, or column and row of the
// hexagon like "3_-17"; ok is false for what has none.
func (t *Territories) Key(i int) (key string, ok bool) {
	if t.keys[i] == nobody {
		return "", false
	}
	return t.cut.keyText(t.keys[i]), true
}

// Find is the territory of a key; ok says, as Key does, whether there is one.
func (t *Territories) Find(key string, ok bool) (i int, found bool) {
	n := uint64(nobody)
	if ok {
		if n, ok = t.cut.keyOf(key); !ok || n == nobody {
			return 0, false
		}
	}
	return slices.BinarySearch(t.keys, n)
}

// Size is the number of members.
func (t *Territories) Size(i int) int { return len(t.slots(i)) }

// Members are the slots of the members, the least first.
func (t *Territories) Members(i int) []uint32 { return slices.Clone(t.slots(i)) }

// Slot is the member that is nearest to the mean of the members on the sphere, and of
// those as near the first by id; ok is false where none has a geometry.
func (t *Territories) Slot(i int) (slot uint32, ok bool) { return t.rep[i], t.placed[i] }

// Position is where a territory stands: at the anchor of Slot.
func (t *Territories) Position(i int) (p orb.Point, ok bool) {
	if !t.placed[i] {
		return p, false
	}
	return t.x.Anchor(t.rep[i])
}

// Bounds is a box around the anchors of the members, up to 9 mm too large where there
// are some; Min lon > Max lon crosses 180°. ok is as that of Position.
func (t *Territories) Bounds(i int) (b orb.Bound, ok bool) {
	at, ok := t.Position(i)
	if !ok || t.Size(i) == 1 {
		return orb.Bound{Min: at, Max: at}, ok
	}
	return t.area[i].bound(), true
}

// Outline is the hexagon, rounded to 1 cm, with so many points that a member lies at
// most a ten-thousandth of its width outside of straight lines between them; it is nil for territories of other kinds and
// for what lies in none.
func (t *Territories) Outline(i int) orb.Geometry {
	if t.grid == nil || t.keys[i] == nobody {
		return nil
	}
	return t.grid.outline(cellOf(t.keys[i]))
}

// Sum is the sum of Options.Sums[k]; null where no member has a number.
func (t *Territories) Sum(i, k int) geo.Value { return t.sums[k][i] }

// Counts are how many members have each value of Options.Counts[k], the largest count
// first, then by value. Null is a value; the counts add up to Size.
func (t *Territories) Counts(i, k int) []ValueCount {
	counts := make(map[uint16]int)
	for _, code := range t.codes[k][t.first[i]:t.first[i+1]] {
		counts[code]++
	}
	out := make([]ValueCount, 0, len(counts))
	for code, n := range counts {
		out = append(out, ValueCount{t.values[k][code], n})
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Value.Compare(b.Value))
	})
	return out
}
