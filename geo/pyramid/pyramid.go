package pyramid

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// MaxZoom is the finest zoom with groups of its own.
const MaxZoom = 18

// The radius is in CSS pixels on a map with tiles of 256 pixels.
const (
	MinRadius     = 20
	DefaultRadius = 60
	MaxRadius     = 200
)

// Options say what groups are like.
type Options struct {
	Radius int      // 0: DefaultRadius
	Sums   []string // number properties to add up
	Counts []string // properties whose values are counted, three at most; see Pyramid.Options

	Workers int // goroutines that build; 0: as many as run at a time. The groups are the same
}

// maxCounts is how many properties are counted.
const maxCounts = 3

// OptionsOf are the options for features of a schema: the sums are those of the
// properties with the role sum, and counted are up to three with few values, those
// that colour and shape symbols first, then region, then in order of display.
func OptionsOf(s *geo.Schema) Options {
	var o Options
	rank := func(p geo.Property) int {
		switch {
		case p.Role == geo.RoleCategory:
			return 0
		case p.Role == geo.RoleShape:
			return 1
		case p.Name == "region":
			return 2
		}
		return 3
	}
	var few []geo.Property
	for _, p := range s.Properties {
		if p.Role == geo.RoleSum && (p.Type == geo.TypeInteger || p.Type == geo.TypeNumber) {
			o.Sums = append(o.Sums, p.Name)
		}
		if len(p.Enum) > 0 && p.Type != geo.TypeArray && !p.Hidden {
			few = append(few, p)
		}
	}
	slices.SortStableFunc(few, func(a, b geo.Property) int { return cmp.Compare(rank(a), rank(b)) })
	for _, p := range few[:min(len(few), maxCounts)] {
		o.Counts = append(o.Counts, p.Name)
	}
	return o
}

// Node names a group or a lone feature. It is the same for equal features and
// radius.
type Node uint32

const none = Node(1<<32 - 1)

// Pyramid is the groups of all zooms. It is immutable and safe for concurrent use.
//
// The features stand in an order in which the members of each group, of any zoom, are
// side by side. Nodes below the number of features are these; the others are the
// groups, each before those that it splits into.
type Pyramid struct {
	x      *geo.Index
	layout *geo.Layout
	opt    Options

	places []uint32 // of the layout, in the order of the pyramid
	seats  []uint32 // places of those that take part, ascending; nil where all do
	ranks  []uint32 // of each seat: where it is in places

	first []uint32 // of each group: its first member
	size  []uint32
	next  []uint32 // the first group that is not in it
	rep   []uint32 // the member at which it stands
	from  []int8   // the coarsest zoom at which it stands
	to    []int8   // the finest
	area  []box

	sums    []sums
	tallies []*tally
}

// Index is the index whose features are grouped.
func (p *Pyramid) Index() *geo.Index { return p.x }

// Options are the options of Build, with the default radius filled in, and without the
// Counts of properties that have more than 65,535 values: those are not counted.
func (p *Pyramid) Options() Options { return p.opt }

// Len is the number of features grouped.
func (p *Pyramid) Len() int { return len(p.places) }

// Bytes is the memory that the pyramid takes beside the index.
func (p *Pyramid) Bytes() int64 {
	n := 4*(len(p.places)+len(p.seats)+len(p.ranks)) + len(p.first)*(4*4+2+16) + 1024
	for i := range p.sums {
		n += p.sums[i].bytes()
	}
	for i := range p.tallies {
		n += p.tallies[i].bytes()
	}
	return int64(n)
}

func (p *Pyramid) lone(n Node) bool { return int(n) < len(p.places) }

func (p *Pyramid) group(n Node) int { return int(n) - len(p.places) }

func (p *Pyramid) node(group int) Node { return Node(group + len(p.places)) }

// span is the members of a node.
func (p *Pyramid) span(n Node) (lo, hi int) {
	if p.lone(n) {
		return int(n), int(n) + 1
	}
	g := p.group(n)
	return int(p.first[g]), int(p.first[g]) + int(p.size[g])
}

func (p *Pyramid) slot(rank uint32) uint32 { return p.layout.Slots[p.places[rank]] }

// Valid reports whether n is a group, or a feature that stands alone at some zoom.
func (p *Pyramid) Valid(n Node) bool {
	if !p.lone(n) {
		return p.group(n) < len(p.first)
	}
	from, to := p.Zooms(n)
	return from <= to
}

// Size is the number of features of a group, 1 for a lone feature.
func (p *Pyramid) Size(n Node) int {
	lo, hi := p.span(n)
	return hi - lo
}

// Place is the place of the layout of the member at which a group stands.
func (p *Pyramid) Place(n Node) uint32 {
	if p.lone(n) {
		return p.places[n]
	}
	return p.places[p.rep[p.group(n)]]
}

// Slot is the member at whose anchor a group stands: the nearest to the mean of
// the members in Web Mercator, and of those as near the first by id.
func (p *Pyramid) Slot(n Node) uint32 { return p.layout.Slots[p.Place(n)] }

// Position is where a group stands.
func (p *Pyramid) Position(n Node) orb.Point {
	at, _ := p.x.Anchor(p.Slot(n))
	return at
}

// Bounds is a box around the anchors of the members; Min lon > Max lon crosses 180°.
// It is up to 9 mm too large.
func (p *Pyramid) Bounds(n Node) orb.Bound {
	if p.lone(n) {
		at := p.Position(n)
		return orb.Bound{Min: at, Max: at}
	}
	return p.area[p.group(n)].bound()
}

// Zooms are the coarsest and finest zoom at which the group or lone feature stands. A
// feature that never stands alone is from MaxZoom + 1 to MaxZoom.
func (p *Pyramid) Zooms(n Node) (from, to int) {
	if !p.lone(n) {
		return int(p.from[p.group(n)]), int(p.to[p.group(n)])
	}
	if up, ok := p.holder(uint32(n), MaxZoom+1); ok {
		from = int(p.to[up]) + 1
	}
	return from, MaxZoom
}

// OnePlace reports whether all members are at one place, so that no zoom parts
// them.
func (p *Pyramid) OnePlace(n Node) bool { return p.lone(n) || p.area[p.group(n)].point() }

// Expansion is the zoom at which a group splits. ok is false where none up to
// MaxZoom does that.
func (p *Pyramid) Expansion(n Node) (zoom int, ok bool) {
	if p.lone(n) {
		return MaxZoom + 1, false
	}
	to := int(p.to[p.group(n)])
	return to + 1, to < MaxZoom
}

// Children are the nodes into which a group splits. Those of a group that never
// splits are its features, and a lone feature has none.
func (p *Pyramid) Children(n Node) []Node {
	if p.lone(n) {
		return nil
	}
	g := p.group(n)
	var out []Node
	p.parts(p.first[g], p.first[g]+p.size[g], uint32(g+1), func(kid Node) bool {
		out = append(out, kid)
		return true
	})
	return out
}

// parts visits the largest nodes that make up the members from lo to hi; group is
// the first group that may be among them.
func (p *Pyramid) parts(lo, hi, group uint32, visit func(Node) bool) {
	for lo < hi {
		n := Node(lo)
		if int(group) < len(p.first) && p.first[group] == lo {
			n = p.node(int(group))
			lo += p.size[group]
			group = p.next[group]
		} else {
			lo++
		}
		if !visit(n) {
			return
		}
	}
}

// Members are the slots of the features of a group, the least first.
func (p *Pyramid) Members(n Node) []uint32 {
	lo, hi := p.span(n)
	out := make([]uint32, 0, hi-lo)
	for _, place := range p.places[lo:hi] {
		out = append(out, p.layout.Slots[place])
	}
	slices.Sort(out)
	return out
}

// rank is where a feature is in the order of the pyramid.
func (p *Pyramid) rank(slot uint32) (rank uint32, ok bool) {
	seat, ok := p.layout.Place(slot)
	if ok && p.seats != nil {
		var i int
		i, ok = slices.BinarySearch(p.seats, seat)
		seat = uint32(i)
	}
	if !ok {
		return 0, false
	}
	return p.ranks[seat], true
}

// seat is the place of a seat.
func (p *Pyramid) seat(i uint32) uint32 {
	if p.seats == nil {
		return i
	}
	return p.seats[i]
}

// holder is the group that stands at a zoom, or at the finest coarser one, and holds a
// feature with others.
func (p *Pyramid) holder(rank uint32, zoom int) (group int, ok bool) {
	lo, hi := 0, len(p.first)
	for {
		// The groups from lo to hi of one parent are in order of their members.
		at := lo
		for at < hi && p.first[at]+p.size[at] <= rank {
			at = int(p.next[at])
		}
		if at >= hi || p.first[at] > rank || int(p.from[at]) > zoom {
			return group, ok
		}
		group, ok = at, true
		if int(p.to[at]) >= zoom {
			return group, ok
		}
		lo, hi = at+1, int(p.next[at])
	}
}

// Of is the group of a zoom that holds a feature; ok is false where the feature
// does not take part.
func (p *Pyramid) Of(zoom int, slot uint32) (n Node, ok bool) {
	rank, ok := p.rank(slot)
	if !ok {
		return 0, false
	}
	zoom = max(0, min(MaxZoom, zoom))
	if g, found := p.holder(rank, zoom); found && int(p.to[g]) >= zoom {
		return p.node(g), true
	}
	return Node(rank), true
}
