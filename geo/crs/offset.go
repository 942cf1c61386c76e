package crs

import (
	"embed"
	"encoding/json"
	"math"
	"sync"

	"github.com/paulmach/orb"
)

// GCJ-02 is the offset that base maps of mainland China carry, BD-09 what Baidu
// adds to it. Neither is published; the formulas are those that the maps are
// known to follow, on the ellipsoid of Krasovsky. They serve to draw on such a map
// and are never stored.
//
// The maps are not shifted outside the mainland: not abroad, and not in Hong
// Kong, Macao and Taiwan, where AutoNavi, Baidu and Google draw on WGS 84 or on
// data of their own. Where the mainland ends says mainland.json.
const (
	krasovsky        = 6378245.0
	krasovskySquared = 0.00669342162296594323 // eccentricity squared
)

//go:embed mainland.json
var mainlandFile embed.FS

// border is the mainland as rings of positions. A point is inside that an odd
// number of rings surrounds.
type border struct {
	rings  []orb.Ring
	bounds []orb.Bound
}

// mainland is read when it is first asked for.
var mainland = sync.OnceValue(func() *border {
	text, err := mainlandFile.ReadFile("mainland.json")
	if err != nil {
		panic(err)
	}
	b := new(border)
	if err := json.Unmarshal(text, &b.rings); err != nil {
		panic(err)
	}
	for _, r := range b.rings {
		b.bounds = append(b.bounds, r.Bound())
	}
	return b
})

func (b *border) contains(p orb.Point) bool {
	inside := false
	for i, ring := range b.rings {
		if !b.bounds[i].Contains(p) {
			continue
		}
		for k := 1; k < len(ring); k++ {
			u, v := ring[k-1], ring[k]
			if (u[1] > p[1]) != (v[1] > p[1]) && p[0] < u[0]+(p[1]-u[1])/(v[1]-u[1])*(v[0]-u[0]) {
				inside = !inside
			}
		}
	}
	return inside
}

// gcjForward shifts a point of the mainland.
func gcjForward(p orb.Point) orb.Point {
	if !mainland().contains(p) {
		return p
	}
	return gcjShift(p)
}

func gcjShift(p orb.Point) orb.Point {
	x, y := p[0]-105, p[1]-35
	wave := func(length, at float64) float64 { return math.Sin(at * math.Pi / length) }
	common := (20*wave(1.0/6, x) + 20*wave(0.5, x)) * 2 / 3
	root := math.Sqrt(math.Abs(x))
	dy := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + common +
		(20*wave(1, y)+40*wave(3, y))*2/3 + (160*wave(12, y)+320*wave(30, y))*2/3
	dx := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + common +
		(20*wave(1, x)+40*wave(3, x))*2/3 + (150*wave(12, x)+300*wave(30, x))*2/3
	sin, cos := math.Sincos(p[1] * math.Pi / 180)
	w := 1 - krasovskySquared*sin*sin
	meridian := krasovsky * (1 - krasovskySquared) / (w * math.Sqrt(w))
	normal := krasovsky / math.Sqrt(w) * cos
	return orb.Point{p[0] + dx/normal*180/math.Pi, p[1] + dy/meridian*180/math.Pi}
}

// gcjInverse finds the point whose shift is q. Near the border a point of the
// map can come from a point inside and from one outside: the inside wins.
func gcjInverse(q orb.Point) orb.Point {
	if p := solve(gcjShift, q); mainland().contains(p) {
		return p
	}
	return q
}

// bdForward turns and shifts a point of GCJ-02.
func bdForward(p orb.Point) orb.Point {
	const turn = math.Pi * 3000 / 180
	r := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*turn)
	sin, cos := math.Sincos(math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*turn))
	return orb.Point{r*cos + 0.0065, r*sin + 0.006}
}

func bdInverse(q orb.Point) orb.Point { return solve(bdForward, q) }

// solve finds p of which f makes q, by iteration: f moves a point by little and
// evenly, so the difference shrinks to some thousandths each time.
func solve(f func(orb.Point) orb.Point, q orb.Point) orb.Point {
	p := q
	for range 20 {
		g := f(p)
		dx, dy := q[0]-g[0], q[1]-g[1]
		p = orb.Point{p[0] + dx, p[1] + dy}
		if math.Abs(dx) < 1e-13 && math.Abs(dy) < 1e-13 {
			break
		}
	}
	return p
}
