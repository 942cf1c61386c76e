package tile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"clustermap/geo/pyramid"
)

// ranked is a candidate with what decides whether it stays: the lesser first.
type ranked struct {
	before uint64 // the complement of its priority
	hash   uint32
	candidate
}

func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(a.hash, b.hash), cmp.Compare(a.ref, b.ref))
}

// best gives candidates in order, one class after another. Of each class it keeps
// as many as may be needed.
type best struct {
	most int
	list []ranked
	full bool   // list has been cut: what is not less than last is not needed
	last ranked // of the kept
	at   int    // of the next in list

	class int // that comes next
	given int
	short bool // some will not be given
}

func (b *best) start(most int) {
	*b = best{most: most, list: b.list[:0]}
}

func (b *best) clear() { b.list, b.full, b.at = b.list[:0], false, 0 }

func (b *best) add(r ranked) {
	if b.full && compareRanked(r, b.last) >= 0 {
		b.short = true
		return
	}
	if b.list = append(b.list, r); len(b.list) >= 2*b.most {
		b.sort()
	}
}

func (b *best) sort() {
	slices.SortFunc(b.list, compareRanked)
	if len(b.list) >= b.most {
		b.short = b.short || len(b.list) > b.most
		b.list = b.list[:b.most]
		b.full, b.last = true, b.list[b.most-1]
	}
}

// The classes of features: those that reach in from afar, those at which groups of
// the tile's zoom stand, of the next, and so on, and the others.
const classAfar = 0

// rank begins to give candidates by importance.
func (p *part) rank() {
	p.best.start(min(p.e.opt.MaxFeatures, p.e.opt.MaxBytes/leastFeature) + misses + 1)
	p.unmark()
}

// next gives the most important candidate that was not given.
func (p *part) next() (c candidate, ok bool, err error) {
	b := &p.best
	for b.at == len(b.list) {
		if b.given >= b.most {
			b.short = true
			return c, false, nil
		}
		b.clear()
		more, err := p.class(b.class)
		if err != nil || !more {
			return c, false, err
		}
		b.class++
		b.sort()
	}
	b.at++
	b.given++
	return b.list[b.at-1].candidate, true, nil
}

// class gathers the candidates of a class. more is false where there is none of the
// number.
func (p *part) class(n int) (more bool, err error) {
	if p.layer.Kind == Groups {
		if n > 0 {
			return false, nil
		}
		return true, p.eachGroup(func(c candidate) { p.best.add(ranked{^uint64(p.members(c)), mix(uint64(c.ref)), c}) })
	}
	last := 1
	if p.layer.Pyramid != nil {
		last += pyramid.MaxZoom - p.groupZoom() + 1
	}
	switch {
	case n > last:
		return false, nil
	case n == classAfar:
		if p.pointed {
			return true, nil
		}
		return true, p.each(func(c candidate) {
			if !p.near(c) {
				p.take(c)
			}
		})
	case n == last:
		return true, p.each(func(c candidate) {
			if p.marks[c.ref/64]&(1<<(c.ref%64)) == 0 {
				p.take(c)
			}
		})
	}
	return true, p.standing(p.groupZoom() + n - 1)
}

// standing takes the features at which groups of a zoom stand.
func (p *part) standing(zoom int) error {
	pyr, n := p.layer.Pyramid, 0
	pyr.Search(zoom, p.e.grid.search(&p.e.window), func(node pyramid.Node) bool {
		if c, in := p.groupAt(node); in {
			c.ref, _ = p.layout.Place(pyr.Slot(node))
			if p.pointed || p.visible(int(c.ref)) {
				p.take(c)
			}
		}
		n++
		return n%often != 0 || p.e.ctx.Err() == nil
	})
	return p.e.ctx.Err()
}

// near reports whether the anchor of a candidate is in the tile or its buffer.
func (p *part) near(c candidate) bool {
	lo, hi := int16(-p.e.window.buffer), int16(p.e.window.extent+p.e.window.buffer)
	return c.x >= lo && c.x < hi && c.y >= lo && c.y < hi
}

// take adds a feature to the class, unless it was in one before.
func (p *part) take(c candidate) {
	if p.mark(c.ref) {
		return
	}
	r := ranked{before: math.MaxUint64, hash: mix(uint64(p.ids.numbers[c.ref])), candidate: c}
	if v, ok := p.priority.Number(p.layout.Slots[c.ref]); ok {
		r.before = ^ordered(v)
	}
	p.best.add(r)
}

// ordered is a number above 0 that orders like v.
func ordered(v float64) uint64 {
	const sign = 1 << 63
	if bits := math.Float64bits(v); bits < sign {
		return bits | sign
	} else {
		return ^bits
	}
}

// mix is a hash of a number (the finalizer of SplitMix64).
func mix(v uint64) uint32 {
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return uint32((v ^ v>>31) >> 32)
}

// undo takes back what was written of a candidate since the mark.
func (p *part) undo(m writerMark, c candidate) {
	p.writer.undo(m)
	switch {
	case !p.home(c):
	case p.layer.Kind == Groups:
		p.shown -= p.members(c)
	default:
		p.shown--
	}
	if p.idKey.key > m.keyCount {
		p.idKey.key = 0
	}
	place, ok := p.placeOf(c)
	for i := range p.fields {
		f := &p.fields[i]
		if f.key > m.keyCount {
			f.key = 0
		}
		if f.seen == nil || !ok {
			continue
		}
		if at := &f.seen[f.codes[place]].at; *at > p.base+m.valueCount {
			*at = 0
		}
	}
	for name, key := range p.keys {
		if key >= m.keyCount {
			delete(p.keys, name)
		}
	}
}

// Rule says in words what tiles of the layers leave out first.
func Rule(layers []Layer, opt Options) string {
	opt, err := opt.complete()
	if err != nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A tile has at most %d bytes and %d features, of each layer alike.", opt.MaxBytes, opt.MaxFeatures)
	for i := range layers {
		fmt.Fprintf(&b, " In %s stay first %s.", layers[i].Name, layers[i].order())
	}
	fmt.Fprintf(&b, " What does not fit, and takes more than %d bytes, gives way to what does.", opt.MaxBytes/large)
	return b.String()
}

func (l *Layer) order() string {
	if l.Kind == Groups {
		return "groups of more features, then by a hash of the group"
	}
	var order []string
	if !onlyPoints(l.Index) {
		order = append(order, "lines and polygons that reach in from other tiles")
	}
	if l.Pyramid != nil {
		order = append(order, "features at which groups of the zoom stand, those at which groups of the next finer zoom stand, and so on")
	}
	if l.Priority != "" {
		order = append(order, "among equals those of greater "+l.Priority)
	}
	return strings.Join(append(order, "then by a hash of the id"), "; ")
}
