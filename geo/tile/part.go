package tile

import (
	"sync"

	"clustermap/geo"
	"clustermap/geo/pyramid"

	"github.com/paulmach/orb"
)

// part makes one layer of a tile.
type part struct {
	*scratch
	e        *encoder
	layer    *Layer
	x        *geo.Index
	layout   *geo.Layout
	rows     []uint32 // by place: of the Grid, as layout.Y is of Web Mercator
	pointed  bool     // all geometries are points
	ids      *identity
	idKey    field // of the id as text
	fields   []field
	priority geo.Column
	keys     map[string]uint32 // of a layer of groups

	frame     frame // of lines and polygons, as the next two
	simple    *geo.Simplified
	leastArea int64 // of a ring, in units: a pixel

	found        int // candidates
	owned, shown int // features; see Tile
}

// candidate is a feature, or a group of features, that may be in the tile.
type candidate struct {
	ref  uint32 // a place of geo.Layout, or a pyramid.Node
	x, y int16  // of its anchor, in units of the tile; limits for what lies far away
}

// field is a property in a layer.
type field struct {
	name  string
	key   uint32 // 1 more than its index; 0 before its first use
	col   *column
	codes []uint16 // of col
	seen  []seen   // by code
	alone bool     // no other field has its values
}

// seen is what a layer knows of a code of a field.
type seen struct {
	at  uint32 // scratch.base and 1 more than the index of its value; not more than base before its first use
	tag tag    // made by points alone
}

// scratch is the memory that making a layer takes.
type scratch struct {
	writer layerWriter
	kept   []candidate
	best   best
	marks  []uint64           // of places, a bit
	seen   map[*column][]seen // see field
	base   uint32             // grows with each layer, so that seen need not be cleared
	buf    []byte             // of a message
	tags   []byte
	shape  []byte // of an encoded geometry

	figure    shape
	assembler assembler
}

type scratchKey struct{}

func scratchOf(x *geo.Index) *sync.Pool {
	return x.Derived(scratchKey{}, func() any {
		return &sync.Pool{New: func() any { return &scratch{seen: make(map[*column][]seen)} }}
	}).(*sync.Pool)
}

func newPart(e *encoder, l *Layer) (*part, error) {
	x := l.Index
	p := &part{e: e, layer: l, x: x, layout: x.Layout(), rows: rowsOf(x, e.grid), pointed: onlyPoints(x), ids: identityOf(x)}
	if l.Kind == Groups && l.Pyramid == nil {
		return nil, &geo.InvalidError{Field: "layers", Reason: "groups need a pyramid"}
	}
	if err := p.find(); err != nil {
		return nil, err
	}
	if !p.pointed && l.Kind != Groups {
		var err error
		if p.simple, err = x.Simplified(e.ctx, min(geo.MaxZoom, e.opt.zoom(e.grid, e.coord.Z))); err != nil {
			return nil, err
		}
		p.frame = e.frame()
		p.leastArea = int64(e.opt.Extent / e.opt.Pixels * e.opt.Extent / e.opt.Pixels)
	}
	p.scratch = scratchOf(x).Get().(*scratch)
	p.figure.pace, p.assembler.pace = e.pace, e.pace
	for i := range p.fields {
		f := &p.fields[i]
		if f.col.codes == nil {
			continue
		}
		f.codes, f.alone = f.col.codes, p.alone(i)
		if f.seen = p.seen[f.col]; f.seen == nil {
			f.seen = make([]seen, len(f.col.starts))
			p.seen[f.col] = f.seen
		}
	}
	return p, nil
}

// alone reports whether the values of a field are of kinds that no other field has.
func (p *part) alone(i int) bool {
	kinds := p.fields[i].col.kinds
	for k := range p.fields {
		if k != i && p.fields[k].col.kinds&kinds != 0 {
			return false
		}
	}
	return p.layer.Kind != Groups // which have values of their own
}

// find finds the properties that the layer names.
func (p *part) find() error {
	s := p.x.Schema()
	p.idKey = field{name: IDName(s)}
	names, keys := p.layer.names()
	for i, name := range names {
		prop, _, ok := s.Find(name)
		if !ok {
			return &geo.InvalidError{Field: "properties", Reason: "there is no property " + name}
		}
		p.fields = append(p.fields, field{name: keys[i], col: columnOf(p.x, prop, name)})
	}
	if p.layer.Priority == "" {
		return nil
	}
	prop, _, ok := s.Find(p.layer.Priority)
	if !ok || prop.Type != geo.TypeInteger && prop.Type != geo.TypeNumber {
		return &geo.InvalidError{Field: "priority", Reason: "there is no number property " + p.layer.Priority}
	}
	p.priority = columnIn(p.x, p.layer.Priority)
	return nil
}

func onlyPoints(x *geo.Index) bool {
	types := x.Schema().Geometry
	return len(types) == 1 && types[0] == "Point"
}

func (p *part) release() {
	p.figure.pace, p.assembler.pace = nil, nil // which have the context
	scratchOf(p.x).Put(p.scratch)
	p.scratch = nil
}

// begin starts the layer, again where it was begun before.
func (p *part) begin() {
	p.idKey.key = 0
	for i := range p.fields {
		p.fields[i].key = 0
	}
	if p.base += p.writer.valueCount; p.base >= 1<<31 {
		p.base = 0
		for _, seen := range p.seen {
			clear(seen)
		}
	}
	p.writer.reset(p.layer.Name)
	p.shown = 0
	if p.layer.Kind == Groups {
		p.keys = make(map[string]uint32)
	}
}

// expect makes room for the values of all that was gathered.
func (p *part) expect() {
	values := 0
	for i := range p.fields {
		switch f := &p.fields[i]; {
		case f.seen == nil:
			values += len(p.kept)
		case !f.alone:
			values += min(len(p.kept), len(f.seen))
		}
	}
	p.writer.expect(values)
}

// writeAll adds what there is to see of candidates.
func (p *part) writeAll(kept []candidate) {
	if p.pointed && p.layer.Kind != Groups {
		p.points(kept)
		return
	}
	for _, c := range kept {
		p.write(c)
	}
}

// write adds what there is to see of a candidate.
func (p *part) write(c candidate) {
	home := p.home(c)
	if p.layer.Kind == Groups {
		p.group(c, home)
		return
	}
	place := int(c.ref)
	if p.pointed {
		b := p.properties(p.writer.open(p.ids.numbers[place]), place)
		p.writer.point(b, int64(c.x), int64(c.y))
	} else {
		p.shapes(c, home)
	}
	if home {
		p.shown++
	}
}

// home reports whether the tile owns a candidate: its north and west edges belong to
// it.
func (p *part) home(c candidate) bool { return p.e.window.owns(int64(c.x), int64(c.y)) }

// placeOf is the place of the feature whose properties a candidate has; ok is false
// for a group of several.
func (p *part) placeOf(c candidate) (place int, ok bool) {
	if p.layer.Kind != Groups {
		return int(c.ref), true
	}
	node := pyramid.Node(c.ref)
	if p.layer.Pyramid.Size(node) > 1 {
		return 0, false
	}
	at, ok := p.layout.Place(p.layer.Pyramid.Slot(node))
	return int(at), ok
}

// properties appends the tags of a feature.
func (p *part) properties(tags []byte, place int) []byte {
	tags = p.identify(tags, place)
	base := p.base
	for i := range p.fields {
		f := &p.fields[i]
		if f.codes == nil {
			tags = p.uncoded(tags, f, place)
			continue
		}
		code := f.codes[place]
		if code == 0 {
			continue
		}
		s := &f.seen[code]
		if s.at <= base {
			s.at = base + 1 + p.first(f, code)
		}
		tags = appendTag(tags, f.key-1, s.at-base-1)
	}
	return tags
}

// identify appends the tag with the id of a feature, which no other has.
func (p *part) identify(tags []byte, place int) []byte {
	p.name(&p.idKey)
	value := p.writer.framed(p.ids.texts.message(place, p.buf[:0]))
	return appendTag(tags, p.idKey.key-1, value)
}

// uncoded appends the tag of a field that has no codes.
func (p *part) uncoded(tags []byte, f *field, place int) []byte {
	message := f.col.message(place, p.buf[:0])
	if len(message) == 0 {
		return tags
	}
	p.name(f)
	return appendTag(tags, f.key-1, p.writer.value(message))
}

// first adds the value of a code that the layer has not seen of a field.
func (p *part) first(f *field, code uint16) uint32 {
	p.name(f)
	if f.alone {
		return p.writer.fresh(f.col.coded(code))
	}
	return p.writer.value(f.col.coded(code))
}

// name adds the key of a field, unless the layer has it.
func (p *part) name(f *field) {
	if f.key == 0 {
		f.key = p.writer.key(f.name) + 1
	}
}

// gather finds the candidates, and keeps them while they are not more than room.
func (p *part) gather(room int) error {
	p.kept = p.kept[:0]
	keep := func(c candidate) {
		if p.found++; p.found <= room {
			p.kept = append(p.kept, c)
		}
	}
	if p.layer.Kind == Groups {
		return p.eachGroup(func(c candidate) {
			keep(c)
			if p.home(c) {
				p.owned += p.members(c)
			}
		})
	}
	if p.pointed && p.layer.Kind == Features {
		return p.gatherPoints(room)
	}
	p.unmark()
	return p.each(func(c candidate) {
		if p.mark(c.ref) {
			return
		}
		keep(c)
		if p.home(c) {
			p.owned++
		}
	})
}

// gatherPoints is gather without a call for each candidate, of which there are many.
func (p *part) gatherPoints(room int) error {
	w, set, kept := p.e.window, p.layer.Set, p.kept
	p.x.Blocks(p.e.grid.search(&w), func(lo, hi int) {
		if p.e.ctx.Err() != nil {
			return
		}
		found, owned := 0, 0
		rows := p.rows[lo:hi]
		for i, col := range p.layout.X[lo:hi] {
			if set != nil && !set.Has(p.layout.Slots[lo+i]) {
				continue
			}
			x, y, in := w.place(col, rows[i])
			if !in {
				continue
			}
			if found++; p.found+found <= room {
				kept = append(kept, candidate{uint32(lo + i), limit(x), limit(y)})
			}
			if w.owns(x, y) {
				owned++
			}
		}
		p.found += found
		p.owned += owned
	})
	p.kept = kept
	return p.e.ctx.Err()
}

// each calls visit for the features that may be in the tile; twice for some lines
// and polygons where the tile's surroundings cross 180°.
func (p *part) each(visit func(candidate)) error {
	w := &p.e.window
	p.x.Spans(p.e.grid.search(w), func(lo, hi int) {
		if p.e.ctx.Err() != nil {
			return
		}
		for place := lo; place < hi; place++ {
			if p.layer.Set != nil && !p.layer.Set.Has(p.layout.Slots[place]) {
				continue
			}
			x, y, in := w.place(p.layout.X[place], p.rows[place])
			if (!p.pointed || in) && p.visible(place) {
				visit(candidate{uint32(place), limit(x), limit(y)})
			}
		}
	})
	return p.e.ctx.Err()
}

// visible reports whether the layer shows the feature of a place at all.
func (p *part) visible(place int) bool {
	return p.layer.Kind != Outlines || hasArea(p.x.Geometry(p.layout.Slots[place]))
}

func limit(v int64) int16 {
	const most = 1<<15 - 1
	return int16(max(-most, min(most, v)))
}

// mark reports whether a place was marked before.
func (p *part) mark(place uint32) bool {
	word, bit := &p.marks[place/64], uint64(1)<<(place%64)
	before := *word&bit != 0
	*word |= bit
	return before
}

func (p *part) unmark() {
	if p.marks == nil {
		p.marks = make([]uint64, (len(p.layout.Slots)+63)/64)
	}
	clear(p.marks)
}

type rowsKey struct{}

// rowsOf are the positions of anchors from north to south, in 2^32 parts.
func rowsOf(x *geo.Index, g *Grid) []uint32 {
	if !g.plate {
		return x.Layout().Y
	}
	return x.Derived(rowsKey{}, func() any {
		slots := x.Layout().Slots
		rows := make([]uint32, len(slots))
		for place, slot := range slots {
			p, _ := x.Anchor(slot)
			rows[place] = part32(g.world(p)[1])
		}
		return rows
	}).([]uint32)
}

func hasArea(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return true
	case orb.Collection:
		for _, part := range g {
			if hasArea(part) {
				return true
			}
		}
	}
	return false
}
