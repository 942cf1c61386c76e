// Package pyramid merges the points of an index into groups, for each zoom of a
// web map.
//
// At each zoom from 0 to MaxZoom the groups partition the features: each feature
// is in one group or stands alone. A coarser zoom only joins groups of the finer
// one, so that a group opens into groups. The result depends on the features and
// the radius alone, and not on a view or a tile, so that maps, tiles, tables and
// pictures show the same groups.
//
// Features that are no points take part with their anchor (geo.Index.Anchor).
// Positions are those of Web Mercator with 32 bits for the width of the world, which
// is 9 mm at the equator: what lies nearer is at one place. The world is round: groups
// reach over 180°.
//
// # How groups are made
//
// From the finest zoom to the coarsest, each group takes in all groups that stand
// within the radius, the largest group first, as supercluster does, which keeps
// dense places together. The new group stands at the member that is nearest to the
// mean of all members, which may bring it nearer to others; so groups nearer than
// nine tenths of the radius are merged until there are none: symbols no wider than
// the radius overlap by a tenth at most. A fixed grid is cheaper, and draws its own
// lines over the map: it parts neighbours that lie on both sides of a cell's edge
// and leaves symbols that cover each other.
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
	Counts []string // properties whose values are counted
}

// maxCounts is how many properties OptionsOf counts.
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

// Pyramid is the groups of all zooms. It is immutable and safe for concurrent use.
type Pyramid struct {
	x      *geo.Index
	layout *geo.Layout
	opt    Options

	// A seat is a feature that takes part, in the order of the layout. Nodes below
	// len(seats) are lone features, the others are groups.
	seats  []uint32            // places of the layout; nil where all are taken
	n      int                 // how many seats there are
	exact  bool                // all features are points
	levels [MaxZoom + 1][]Node // of each zoom, by the seat at which they stand
	parent []Node              // of each node; none at the top

	rep     []uint32 // of each group: the seat at which it stands
	size    []uint32 // 0: no group
	to      []int8   // the finest zoom at which it stands
	box     []box
	first   []uint32 // of each group: where its children begin in kids
	many    []uint32 // how many
	kids    []Node
	sums    [][]float64 // by sum, then by group
	numbers []geo.Column
	counted []tally
}

const none = Node(1<<32 - 1)

// Index is the index whose features are grouped.
func (p *Pyramid) Index() *geo.Index { return p.x }

// Options are the options of Build, with the default radius filled in.
func (p *Pyramid) Options() Options { return p.opt }

// Len is the number of features grouped.
func (p *Pyramid) Len() int { return p.n }

// Bytes is the memory that the pyramid takes beside the index.
func (p *Pyramid) Bytes() int64 {
	n := len(p.seats)*4 + len(p.parent)*4 + len(p.kids)*4 + len(p.rep)*(4+4+1+16+4+4+8*len(p.sums))
	for z, level := range p.levels {
		if z == MaxZoom || len(level) != len(p.levels[z+1]) {
			n += len(level) * 4
		}
	}
	for _, t := range p.counted {
		n += t.bytes()
	}
	return int64(n) + 1024
}

func (p *Pyramid) lone(n Node) bool { return int(n) < p.n }

func (p *Pyramid) group(n Node) int { return int(n) - p.n }

// seatOf is the seat at which a node stands.
func (p *Pyramid) seatOf(n Node) uint32 {
	if p.lone(n) {
		return uint32(n)
	}
	return p.rep[p.group(n)]
}

func (p *Pyramid) place(seat uint32) uint32 {
	if p.seats == nil {
		return seat
	}
	return p.seats[seat]
}

func (p *Pyramid) slot(seat uint32) uint32 { return p.layout.Slots[p.place(seat)] }

// Valid reports whether n is a group or feature of the pyramid.
func (p *Pyramid) Valid(n Node) bool {
	return p.lone(n) || p.group(n) < len(p.size) && p.size[p.group(n)] > 0
}

// Size is the number of features of a group, 1 for a lone feature.
func (p *Pyramid) Size(n Node) int {
	if p.lone(n) {
		return 1
	}
	return int(p.size[p.group(n)])
}

// Slot is the member at whose anchor a group stands: the nearest to the mean of
// the members in Web Mercator, and of those as near the first by id.
func (p *Pyramid) Slot(n Node) uint32 { return p.slot(p.seatOf(n)) }

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
	return p.box[p.group(n)].bound()
}

// Zooms are the coarsest and finest zoom at which the group or lone feature stands.
func (p *Pyramid) Zooms(n Node) (from, to int) {
	to = MaxZoom
	if !p.lone(n) {
		to = int(p.to[p.group(n)])
	}
	if up := p.parent[n]; up != none {
		from = int(p.to[p.group(up)]) + 1
	}
	return from, to
}

// OnePlace reports whether all members are at one place, so that no zoom parts
// them.
func (p *Pyramid) OnePlace(n Node) bool {
	return p.lone(n) || p.box[p.group(n)].point()
}

// Expansion is the zoom at which a group splits. ok is false where none up to
// MaxZoom does that.
func (p *Pyramid) Expansion(n Node) (zoom int, ok bool) {
	_, to := p.Zooms(n)
	return to + 1, to < MaxZoom
}

// Children are the nodes into which a group splits, in no order; nil for a lone
// feature. Those of a group that never splits are its features.
func (p *Pyramid) Children(n Node) []Node {
	if p.lone(n) {
		return nil
	}
	g := p.group(n)
	return p.kids[p.first[g]:][:p.many[g]:p.many[g]]
}

// Members are the slots of the features of a group, the least first.
func (p *Pyramid) Members(n Node) []uint32 {
	out := p.members(n, make([]uint32, 0, p.Size(n)))
	slices.Sort(out)
	return out
}

func (p *Pyramid) members(n Node, out []uint32) []uint32 {
	if p.lone(n) {
		return append(out, p.slot(uint32(n)))
	}
	for _, kid := range p.Children(n) {
		out = p.members(kid, out)
	}
	return out
}

// Sum is the sum of Options.Sums[i]; ok is false where no member has a number.
func (p *Pyramid) Sum(n Node, i int) (v float64, ok bool) {
	if p.lone(n) {
		return p.numbers[i].Number(p.slot(uint32(n)))
	}
	v = p.sums[i][p.group(n)]
	return v, v == v
}

// Of is the group of a zoom that holds a feature; ok is false where the feature
// does not take part.
func (p *Pyramid) Of(zoom int, slot uint32) (n Node, ok bool) {
	place, ok := p.layout.Place(slot)
	if !ok {
		return 0, false
	}
	seat := place
	if p.seats != nil {
		i, found := slices.BinarySearch(p.seats, place)
		if !found {
			return 0, false
		}
		seat = uint32(i)
	}
	n = Node(seat)
	for up := p.parent[n]; up != none && int(p.to[p.group(up)]) >= zoom; up = p.parent[n] {
		n = up
	}
	return n, true
}

// Search visits the groups and lone features of a zoom whose position lies in b,
// edges inside, until visit returns false; Min lon > Max lon crosses 180°. The
// order depends on the features alone. A zoom out of range is taken to its end.
func (p *Pyramid) Search(zoom int, b orb.Bound, visit func(Node) bool) {
	level := p.levels[max(0, min(MaxZoom, zoom))]
	on, at, last := true, 0, 0
	for _, part := range parts(b) {
		p.x.Spans(part, func(lo, hi int) {
			if !on {
				return
			}
			if lo < last {
				at = 0
			}
			from, to := p.seatFrom(lo), p.seatFrom(hi)
			at += p.skip(level[at:], from)
			for at < len(level) && p.seatOf(level[at]) < to {
				n := level[at]
				at++
				if p.exact || part.Contains(p.Position(n)) {
					if on = visit(n); !on {
						return
					}
				}
			}
			last = hi
		})
	}
}

// Count is the number of nodes that Search visits.
func (p *Pyramid) Count(zoom int, b orb.Bound) int {
	n := 0
	p.Search(zoom, b, func(Node) bool { n++; return true })
	return n
}

// Level is the nodes of a zoom. It is shared and must not be changed.
func (p *Pyramid) Level(zoom int) []Node { return p.levels[max(0, min(MaxZoom, zoom))] }

// parts are the halves of a box that crosses 180°.
func parts(b orb.Bound) []orb.Bound {
	if b.Min[0] <= b.Max[0] {
		return []orb.Bound{b}
	}
	return []orb.Bound{
		{Min: orb.Point{-180, b.Min[1]}, Max: b.Max},
		{Min: b.Min, Max: orb.Point{180, b.Max[1]}},
	}
}

// seatFrom is the first seat whose place is not before place.
func (p *Pyramid) seatFrom(place int) uint32 {
	if p.seats == nil {
		return uint32(place)
	}
	i, _ := slices.BinarySearch(p.seats, uint32(place))
	return uint32(i)
}

// skip is how many nodes of a level stand before a seat. Most searches want one of
// the next.
func (p *Pyramid) skip(level []Node, seat uint32) int {
	end := 1
	for end <= len(level) && p.seatOf(level[end-1]) < seat {
		end *= 2
	}
	from := end / 2
	i, _ := slices.BinarySearchFunc(level[from:min(end, len(level))], seat, func(n Node, seat uint32) int {
		return cmp.Compare(p.seatOf(n), seat)
	})
	return from + i
}
