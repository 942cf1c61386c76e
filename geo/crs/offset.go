package crs

import (
	_ "embed"
	"encoding/json"
	"math"
	"sync"

	"github.com/paulmach/orb"
)

// GCJ-02 is the offset that maps published in China carry, BD-09 what Baidu adds
// to it. Neither is published; the formulas are those that the maps are known to
// follow, on the ellipsoid of Krasovsky. They serve to draw on such a map and are
// never stored.
//
// Where they apply is what those who draw the maps say of them:
//
//   - AutoNavi has GCJ-02 in the mainland, Hong Kong and Macao, and WGS 84 in
//     Taiwan and abroad (lbs.amap.com, CoordinateConverter.isAMapDataAvailable),
//     and so has Huawei's Petal Maps.
//   - Baidu has BD-09 there and in Taiwan too, and WGS 84 abroad (lbsyun.baidu.com,
//     coordinates of the Android SDK).
//   - Google follows GCJ-02 in the mainland, but not in Hong Kong and Macao, nor
//     in its satellite pictures: there WGS 84 is right as it is.
//
// border.json says where that is, to a kilometre or two; TestBorder makes it.
// Harbours and islands within half a degree of the coast are shifted as the coast
// is. The islands of the South China Sea are not, where the maps show little and
// differ.
const (
	krasovsky        = 6378245.0
	krasovskySquared = 0.00669342162296594323 // eccentricity squared
)

//go:embed border.json
var borderFile []byte

// area is a set of rings. A point is inside that an odd number of them surrounds.
type area struct {
	rings  []orb.Ring
	bounds []orb.Bound
}

type areas struct {
	china  area // the mainland, Hong Kong and Macao
	taiwan area
}

// border is read when it is first asked for.
var border = sync.OnceValue(func() *areas {
	var file struct{ China, Taiwan []orb.Ring }
	if err := json.Unmarshal(borderFile, &file); err != nil {
		panic(err)
	}
	return &areas{newArea(file.China), newArea(file.Taiwan)}
})

func newArea(rings []orb.Ring) area {
	a := area{rings: rings}
	for _, r := range rings {
		a.bounds = append(a.bounds, r.Bound())
	}
	return a
}

func (a area) contains(p orb.Point) bool {
	inside := false
	for i, ring := range a.rings {
		if !a.bounds[i].Contains(p) {
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

func hasGCJ(p orb.Point) bool { return border().china.contains(p) }

func hasBD(p orb.Point) bool { return hasGCJ(p) || border().taiwan.contains(p) }

// gcjForward shifts a point of the mainland, Hong Kong or Macao.
func gcjForward(p orb.Point) orb.Point {
	if !hasGCJ(p) {
		return p
	}
	return gcjShift(p)
}

// gcjInverse finds the point whose shift is q. Near the border a point of the
// map can come from a point inside and from one outside, or from none: the inside
// wins, and what comes from none stays where it is.
func gcjInverse(q orb.Point) orb.Point {
	if p := solve(gcjShift, q); hasGCJ(p) {
		return p
	}
	return q
}

// bdForward shifts a point twice where Baidu does.
func bdForward(p orb.Point) orb.Point {
	if !hasBD(p) {
		return p
	}
	return bdShift(gcjShift(p))
}

// bdInverse is to bdForward as gcjInverse to gcjForward.
func bdInverse(q orb.Point) orb.Point {
	if p := solve(gcjShift, solve(bdShift, q)); hasBD(p) {
		return p
	}
	return q
}

// gcjShift moves a point by the sum of waves that the maps are known to follow.
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

// bdShift turns and shifts a point of GCJ-02.
func bdShift(p orb.Point) orb.Point {
	const turn = math.Pi * 3000 / 180
	r := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*turn)
	sin, cos := math.Sincos(math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*turn))
	return orb.Point{r*cos + 0.0065, r*sin + 0.006}
}

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
