package pyramid

import "math"

// group makes a group of nodes. Those that no zoom shows, because they were made for
// the present one, give it their children instead.
func (b *builder) group(kids []Node) Node {
	p := b.p
	zoom := int8(min(b.zoom, MaxZoom))
	n := Node(p.n + len(p.rep))
	first := len(p.kids)
	originX, originY := b.mean(kids[0])
	area := p.boxOf(kids[0])
	var sumX, sumY, weight float64
	for _, kid := range kids {
		w := float64(p.Size(kid))
		x, y := b.mean(kid)
		sumX += w * turn(x-originX)
		sumY += w * (y - originY)
		weight += w
		area = area.with(p.boxOf(kid))
		if !p.lone(kid) && p.to[p.group(kid)] == zoom && !p.box[p.group(kid)].point() {
			p.kids = append(p.kids, p.Children(kid)...)
			p.size[p.group(kid)] = 0
		} else {
			p.kids = append(p.kids, kid)
		}
	}
	for _, kid := range p.kids[first:] {
		p.parent[kid] = n
	}
	x, y := wrap(originX+sumX/weight), originY+sumY/weight
	b.meanX, b.meanY = append(b.meanX, x), append(b.meanY, y)
	b.sum(p.kids[first:])
	p.parent = append(p.parent, none)
	p.size = append(p.size, uint32(weight))
	p.to = append(p.to, zoom)
	p.box = append(p.box, area)
	p.first, p.many = append(p.first, uint32(first)), append(p.many, uint32(len(p.kids)-first))
	near := nearest{p: p, x: x, y: y, best: math.Inf(1)}
	near.among(p.kids[first:])
	p.rep = append(p.rep, near.seat)
	b.fresh = append(b.fresh, n)
	return n
}

// sum adds up the sums of nodes, for a group to come.
func (b *builder) sum(kids []Node) {
	p := b.p
	for i := range p.sums {
		total, any := 0.0, false
		for _, kid := range kids {
			if v, ok := p.Sum(kid, i); ok {
				total, any = total+v, true
			}
		}
		if !any {
			total = math.NaN()
		}
		p.sums[i] = append(p.sums[i], total)
	}
}

// mean is the mean position of the features of a node.
func (b *builder) mean(n Node) (x, y float64) {
	if !b.p.lone(n) {
		g := b.p.group(n)
		return b.meanX[g], b.meanY[g]
	}
	ix, iy := b.at(n)
	return float64(ix), float64(iy)
}

// turn takes a difference of longitudes to the shorter way round the world.
func turn(d float64) float64 {
	switch {
	case d > world/2:
		return d - world
	case d < -world/2:
		return d + world
	}
	return d
}

func (p *Pyramid) boxOf(n Node) box {
	if !p.lone(n) {
		return p.box[p.group(n)]
	}
	place := p.place(uint32(n))
	return boxAt(p.layout.X[place], p.layout.Y[place])
}

// nearest looks for the member that is nearest to a position; of those as near it is
// the first by id.
type nearest struct {
	p    *Pyramid
	x, y float64
	best float64 // square of the distance
	seat uint32
}

func (f *nearest) among(kids []Node) {
	for _, kid := range kids {
		f.try(f.p.seatOf(kid))
	}
	for _, kid := range kids {
		if f.p.lone(kid) || f.p.box[f.p.group(kid)].point() {
			continue // it has been tried
		}
		if f.p.box[f.p.group(kid)].distance(f.x, f.y) <= f.best {
			f.among(f.p.Children(kid))
		}
	}
}

func (f *nearest) try(seat uint32) {
	place := f.p.place(seat)
	dx := turn(float64(f.p.layout.X[place]) - f.x)
	dy := float64(f.p.layout.Y[place]) - f.y
	d := dx*dx + dy*dy
	if d < f.best || d == f.best && f.p.slot(seat) < f.p.slot(f.seat) {
		f.best, f.seat = d, seat
	}
}
