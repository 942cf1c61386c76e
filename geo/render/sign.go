package render

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// sign is what stands at one place: a feature, a few at the same point, or a group.
type sign struct {
	x, y    float64
	counted bool // it is in the frame, and not in another world before
	n       int
	slot    uint32   // of the feature at whose place it stands
	members []uint32 // of a stack: all; of a group nil where they are too many to name it by
	stack   bool
	open    bool  // its symbols stand around it
	counts  []int // of a group: features by place in the palette
}

// looks tells how features of a layer look and what they are called.
type looks struct {
	*scene
	layer     int
	index     *geo.Index
	palette   *palette
	letters   []string
	level     geo.Column
	levels    geo.Property
	precision geo.Column
	namer     namer
}

func (s *scene) looksOf(i int) *looks {
	x := s.Layers[i].Index
	p := newPalette(x)
	k := &looks{scene: s, layer: i, index: x, palette: p, letters: letters(p, s.Lang), namer: newNamer(x)}
	for _, property := range x.Schema().Properties {
		c, _ := x.Column(property.Name)
		switch property.Role {
		case geo.RoleShape:
			k.level, k.levels = c, property
			s.facts[i].shaped = true
		case geo.RolePrecision:
			k.precision = c
		}
	}
	s.facts[i].palette, s.facts[i].families = p, make([]int, len(p.options))
	return k
}

func (k *looks) key(slot uint32) symbolKey {
	place := k.palette.at(slot)
	level, _ := k.level.Text(slot)
	precision, _ := k.precision.Text(slot)
	return symbolKey{shapeOf(level), drawingOf(precision), k.palette.options[place].family, k.letters[place]}
}

// drawSigns draws signs with their labels to come, the southern ones above the northern.
func (k *looks) drawSigns(signs []sign) []draw.Item {
	slices.SortStableFunc(signs, func(a, b sign) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) })
	items := make([]draw.Item, 0, len(signs))
	k.leaders = append(k.leaders, k.giveWay(signs)...)
	facts := &k.facts[k.layer]
	for i := range signs {
		g := &signs[i]
		if g.counted {
			k.shown[k.layer].Shown += g.n
			k.shown[k.layer].Symbols++
			facts.all += g.n
			k.count(g, facts)
		}
		switch {
		case g.n == 1:
			items = append(items, k.single(g.slot, g.x, g.y, g.counted))
		case g.open:
			items = append(items, k.openStack(g))
		case g.stack:
			items = append(items, k.closedStack(g))
		default:
			items = append(items, k.group(g))
		}
	}
	return items
}

func (k *looks) count(g *sign, facts *layerFacts) {
	switch {
	case g.counts != nil:
		for place, n := range g.counts {
			facts.families[place] += n
		}
		facts.groups = append(facts.groups, g.n)
	case g.stack:
		for _, slot := range g.members {
			facts.families[k.palette.at(slot)]++
		}
	default:
		facts.families[k.palette.at(g.slot)]++
	}
}

// single draws a feature at x, y, which is counted and named if it is to be.
func (k *looks) single(slot uint32, x, y float64, counted bool) *draw.Mark {
	key := k.key(slot)
	name := k.in(k.fullName(slot))
	m := &draw.Mark{Name: name, Alt: k.speak(name, slot, key), Symbol: k.symbols.get(key), X: x, Y: y}
	reach := k.singleReach(key)
	k.take(x, y, reach)
	if counted {
		facts := &k.facts[k.layer]
		facts.shapes[key.shape]++
		facts.drawings[key.drawing]++
		k.candidates = append(k.candidates, candidate{
			kind: featureLabel, layer: k.layer, slot: slot, count: -1, x: x, y: y, radius: reach, symbol: len(k.obstacles) - 1,
		})
	}
	return m
}

// singleReach is how far the symbol of a feature reaches.
func (k *looks) singleReach(key symbolKey) float64 {
	if key.drawing == approximate {
		return haloRadius * k.symbols.scale
	}
	return key.shape.reach()*k.symbols.scale + casingWidth
}

// take keeps labels and furniture off a symbol. It returns its place in obstacles.
func (s *scene) take(x, y, reach float64) (place int) {
	s.obstacles = append(s.obstacles, draw.Rect{X: x - reach, Y: y - reach, W: 2 * reach, H: 2 * reach})
	return len(s.obstacles) - 1
}

// speak is the name of a feature with its family and level, for those who hear it.
func (k *looks) speak(name string, slot uint32, key symbolKey) string {
	parts := []string{name}
	if k.palette.property != "" {
		parts = append(parts, k.in(k.palette.options[k.palette.at(slot)].title))
	}
	if level, ok := k.level.Text(slot); ok {
		for _, v := range k.levels.Enum {
			if v.Value == level {
				parts = append(parts, k.in(v.Title))
			}
		}
	}
	switch key.drawing {
	case hollow:
		parts = append(parts, k.part("host seat"))
	case approximate:
		parts = append(parts, k.part("approximate"))
	}
	return strings.Join(parts, k.comma())
}

func (s *scene) comma() string {
	if s.Lang == English {
		return ", "
	}
	return "，"
}

// roomy reports whether no other sign is so near that a fan would cover it. Signs are
// in order of y.
func roomy(signs []sign, i int, scale float64, shift draw.Point) bool {
	room := 44 * scale
	x, y := signs[i].x+shift.X, signs[i].y+shift.Y-11*scale
	clear := func(o *sign) bool {
		return math.Abs(o.x-x) > room || math.Abs(o.y-y) > room
	}
	for j := i - 1; j >= 0 && signs[i].y-signs[j].y <= 2*room; j-- {
		if !clear(&signs[j]) {
			return false
		}
	}
	for j := i + 1; j < len(signs) && signs[j].y-signs[i].y <= 2*room; j++ {
		if !clear(&signs[j]) {
			return false
		}
	}
	return true
}

func (k *looks) openStack(g *sign) draw.Item {
	shift := k.fanShift(g.x, g.y, g.n)
	fan := &draw.Group{Name: k.stackName(g), Items: []draw.Item{&draw.Mark{Symbol: k.symbols.fan(g.n, shift), X: g.x, Y: g.y}}}
	fan.Alt = fan.Name
	k.take(g.x, g.y, 3*k.theme.scale)
	for i, slot := range g.members {
		at := fanOffset(i, g.n)
		x, y := g.x+at.X*k.symbols.fans+shift.X, g.y+at.Y*k.symbols.fans+shift.Y
		fan.Items = append(fan.Items, k.single(slot, x, y, g.counted))
	}
	return fan
}

func (k *looks) closedStack(g *sign) draw.Item {
	key := k.key(g.members[0])
	name := k.stackName(g)
	if !k.theme.patterns {
		key.letter = ""
	}
	sym := k.symbols.symbol(key, k.symbols.fans)
	sym.Items = append(sym.Items, k.symbols.badge(g.n)...)
	reach := 18 * k.symbols.fans
	k.take(g.x, g.y, reach)
	k.offerGroup(g, reach)
	return &draw.Mark{Name: name, Alt: name, Symbol: sym, X: g.x, Y: g.y}
}

func (k *looks) stackName(g *sign) string {
	names := make([]string, len(g.members))
	for i, slot := range g.members {
		names[i] = k.in(k.fullName(slot))
	}
	return strings.Join(names, k.comma())
}

func (k *looks) group(g *sign) draw.Item {
	parts := ringParts(k.palette, g.counts)
	name := k.groupName(g)
	reach := (groupRadius(g.n) + casingWidth) * k.theme.scale
	k.take(g.x, g.y, reach)
	k.offerGroup(g, reach)
	return &draw.Mark{Name: name, Alt: k.speakGroup(g, name), Symbol: k.symbols.group(g.n, parts, shortCount(g.n, k.Lang)), X: g.x, Y: g.y}
}

func (k *looks) offerGroup(g *sign, reach float64) {
	if g.counted {
		k.candidates = append(k.candidates, candidate{
			kind: groupLabel, layer: k.layer, slot: g.slot, members: g.members, count: g.n, x: g.x, y: g.y, radius: reach, importance: float64(g.n), symbol: len(k.obstacles) - 1,
		})
	}
}

// speakGroup is the count, the largest family and the place of a group.
func (k *looks) speakGroup(g *sign, name string) string {
	unit := k.part("features")
	parts := []string{number(g.n) + unit}
	if k.Lang == English {
		parts[0] = number(g.n) + " " + unit
	}
	if best := largest(g.counts); best >= 0 && k.palette.property != "" {
		parts = append(parts, k.in(k.palette.options[best].title)+" "+number(g.counts[best]))
	}
	if name != "" {
		parts = append(parts, name)
	}
	return strings.Join(parts, k.comma())
}

func largest(counts []int) int {
	best := -1
	for i, n := range counts {
		if n > 0 && (best < 0 || n > counts[best]) {
			best = i
		}
	}
	return best
}

// shortCount is a count that fits into a symbol, never more than it is: 9,999; 12k or
// 1.2万; 4.5m or 450万 (web/src/format.ts).
func shortCount(n int, lang Lang) string {
	unit, sign := 1e3, "k"
	switch {
	case n < 10_000:
		return number(n)
	case lang != English && n >= 1e8:
		unit, sign = 1e8, "亿"
	case lang != English:
		unit, sign = 1e4, "万"
	case n >= 1e6:
		unit, sign = 1e6, "m"
	}
	v := float64(n) / unit
	if v < 10 {
		v = math.Floor(v*10) / 10
	} else {
		v = math.Floor(v)
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + sign
}
