package stat

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	orbplanar "github.com/paulmach/orb/planar"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/stat/autocorr"
	"clustermap/geo/stat/pattern"
)

// The parameters of methods that compare places with their neighbours.
const (
	paramOn      = "on"
	paramWeights = "weights"
	paramK       = "k"
	paramBand    = "band_km"
	paramEmpty   = "empty"

	defaultK = 8
)

// neighbourParams describe how places and their neighbours are made.
func neighbourParams() []Param {
	return []Param{
		{Name: paramOn, Kind: Choice, Default: "units", Choices: []string{"units", "points"}, Description: geo.Text{
			EN: "What is compared with its neighbours: units of area, by the measure in each, or the features themselves (points), by the measure of each.",
			ZH: "与邻居比较的对象：units 为地域单元，取各单元之和；points 为要素本身，取各自的数值。"}},
		{Name: paramWeights, Kind: Choice, Choices: []string{"contiguity", "knn", "band"}, Description: geo.Text{
			EN: "Who is a neighbour: contiguity, units that share a side; knn, the k nearest; band, all within band_km. The default is knn where k is given, band where band_km is, else contiguity where units have outlines, else knn.",
			ZH: "何为邻居：contiguity 为有公共边的单元；knn 为最近的 k 个；band 为 band_km 之内的全部。给出 k 时默认 knn，给出 band_km 时默认 band，否则单元有轮廓时为 contiguity，无轮廓时为 knn。"}},
		{Name: paramK, Kind: Int, Min: 1, Description: geo.Text{
			EN: "With weights=knn, how many nearest others are neighbours, by great circle; fewer than there are places. The default is 8, or all others where there are fewer.",
			ZH: "weights=knn 时取最近的几个（大圆距离），须少于总数。默认 8；不足 8 个时取其余全部。"}},
		{Name: paramBand, Kind: Float, Open: true, Description: geo.Text{
			EN: "With weights=band, the great-circle distance in km within which places are neighbours. The default is the least by which every place has one.",
			ZH: "weights=band 时互为邻居的大圆距离（千米）。默认取使每处都有邻居的最小距离。"}},
		{Name: paramEmpty, Kind: Choice, Default: "hull", Choices: []string{"hull", "none"}, Description: geo.Text{
			EN: "Units without any feature of the universe: hull counts those whose middle lies in the convex hull of the universe as zeros, none leaves them out. Empty hexagons are listed only where they are significant. Where there would be more than 20,000 hexagons the default is none.",
			ZH: "没有任何要素的单元：hull 将中心位于总体凸包内者计为零；none 不计入。空的六边形仅在显著时列出。六边形超过 20,000 个时默认为 none。"}},
	}
}

// lattice is places, and who is a neighbour of whom.
type lattice struct {
	places  []site
	weights *autocorr.Weights
	about   neighbourhood
	points  bool // a place is a feature
}

// site is a unit or a feature.
type site struct {
	key      string
	title    geo.Text
	geometry orb.Geometry
	at       orb.Point
	located  bool // at is known
}

// neighbourhood says in an answer what neighbours are.
type neighbourhood struct {
	Weights string   `json:"weights"`
	Words   geo.Text `json:"words"`
	Places  int      `json:"places"`
	Empty   int      `json:"empty"` // places without a feature of the universe
	Mean    Number   `json:"mean"`  // neighbours of a place
	Islands int      `json:"islands"`
}

// onPoints reports whether places are features, for which no units are needed.
func onPoints(q *Question) bool { return q.text(paramOn) == "points" }

// neighbours is the lattice of a subject. That of units is the same for all.
func (st *Study) neighbours(ctx context.Context, sub *Subject) (*lattice, error) {
	if onPoints(st.Question) {
		return st.pointLattice(sub)
	}
	if st.lattice != nil {
		return st.lattice, nil
	}
	l := &lattice{places: make([]site, 0, len(st.Units))}
	for _, u := range st.Units {
		l.places = append(l.places, st.placeOf(u))
	}
	if st.Question.text(paramEmpty) == "hull" {
		if err := st.addEmpty(ctx, l); err != nil {
			return nil, err
		}
	}
	st.lattice = l
	return l, st.join(l)
}

// placeOf is a unit as a place: in the middle of its outline, or else where its
// features are.
func (st *Study) placeOf(u Unit) site {
	p := site{key: u.Key, title: u.Title, geometry: u.Outline, at: u.At, located: u.Placed}
	if st.cut.Across > 0 {
		if at, ok := pyramid.HexagonsOf(st.Index, st.cut.Across).Centre(u.Key); ok {
			p.at, p.located = at, true
		}
	} else if at, ok := middle(u.Outline); ok {
		p.at, p.located = at, true
	}
	if p.geometry == nil && p.located {
		p.geometry = p.at
	}
	return p
}

// middle is the centre of gravity of the largest part of an outline.
func middle(outline orb.Geometry) (orb.Point, bool) {
	var parts orb.MultiPolygon
	switch g := outline.(type) {
	case orb.Polygon:
		parts = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		parts = g
	}
	var at orb.Point
	largest := 0.0
	for _, part := range parts {
		if c, area := orbplanar.CentroidArea(part); area > largest {
			at, largest = c, area
		}
	}
	return at, largest > 0
}

// pointLattice has the features of a subject that have a position.
func (st *Study) pointLattice(sub *Subject) (*lattice, error) {
	l := &lattice{points: true}
	for _, i := range sub.Members {
		p := site{key: st.Index.At(st.Slots[i]).ID().String(), at: st.Points[i], located: st.located(i), title: st.nameOf(st.Slots[i])}
		if p.located {
			p.geometry = p.at
		}
		l.places = append(l.places, p)
	}
	st.coincident(l)
	return l, st.join(l)
}

// coincident warns where places stand at one position, and takes that from all where it is
// the only one: which of them are neighbours means nothing.
func (st *Study) coincident(l *lattice) {
	at := make(map[orb.Point]int)
	located := 0
	for _, p := range l.places {
		if p.located {
			at[p.at]++
			located++
		}
	}
	switch {
	case located < 2 || len(at) == located:
	case len(at) == 1:
		for i := range l.places {
			l.places[i].located = false
		}
		st.warn("All features are at one place: none is the neighbour of another rather than of a third.", "所有要素位于同一处，无从区分邻近关系。")
	default:
		st.warn("Features share their position with others: %d stand at %d positions, and which of those at one position count as nearest is arbitrary. Hexagons or divisions as units avoid that.", "有要素与其他要素位置相同：%d 个要素只有 %d 个位置，同一位置上谁算最近邻是任意的；以六边形或政区为单元可避免此问题。", located, len(at))
	}
}

// located reports whether a feature has a position.
func (st *Study) located(i int32) bool {
	_, ok := st.Index.Anchor(st.Slots[i])
	return ok
}

// addEmpty adds the units without a feature of the universe, of hexagons and of
// divisions, whose middle lies in the convex hull of the universe.
func (st *Study) addEmpty(ctx context.Context, l *lattice) error {
	if st.cut.Across == 0 && (st.cut.Level == "" || st.Env.Divisions == nil) {
		return nil
	}
	plane := st.Plane()
	if st.cut.Across > 0 {
		plane = pyramid.HexagonsOf(st.Index, st.cut.Across).Plane()
	}
	var points []orb.Point
	for i, p := range st.Points {
		if st.located(int32(i)) {
			points = append(points, plane.Forward(p))
		}
	}
	hull, err := pattern.Hull(points)
	if err != nil {
		return nil // all on a line: nothing lies within
	}
	within := func(p orb.Point) bool { return orbplanar.RingContains(hull.Ring(), plane.Forward(p)) }
	known := make(map[string]bool, len(l.places))
	for _, p := range l.places {
		known[p.key] = true
	}
	if st.cut.Across > 0 {
		return st.addCells(ctx, l, hull, known)
	}
	for _, key := range st.Env.Divisions(st.cut.Level) {
		u := Unit{Key: key}
		if !known[key] {
			u.Outline, u.Title = st.Env.Area(st.cut, key)
			if p := st.placeOf(u); p.located && within(p.at) {
				l.places = append(l.places, p)
			}
		}
	}
	return nil
}

// addCells goes from the cells that have features to their neighbours, and on, as
// far as the hull and a cell beyond, so that a narrow hull does not stop it.
func (st *Study) addCells(ctx context.Context, l *lattice, hull *pattern.Window, known map[string]bool) error {
	grid, across := pyramid.HexagonsOf(st.Index, st.cut.Across), st.cut.Across*1000
	if cells := hull.Area() / (across * across * math.Sqrt(3) / 2); cells+float64(len(l.places)) > maxUnits {
		if st.Question.Given(paramEmpty) {
			return invalid(paramWithin, "%s makes about %.0f cells within the hull of the features, more than %d; choose wider ones, or empty=none", st.cut, cells, maxUnits)
		}
		st.setting(paramEmpty, "none")
		st.warn("Empty cells are left out: there would be about %.0f. Choose wider cells by within to count them.", "空单元未计入：约有 %.0f 个。如需计入，请用 within 选择更大的单元。", cells)
		return nil
	}
	ring, plane := hull.Ring(), grid.Plane()
	queue := make([]string, 0, len(l.places))
	for _, p := range l.places {
		queue = append(queue, p.key)
	}
	for n := 0; n < len(queue); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, key := range grid.Neighbours(queue[n]) {
			centre, ok := grid.Centre(key)
			if known[key] || !ok {
				continue
			}
			known[key] = true
			at := plane.Forward(centre)
			inside := orbplanar.RingContains(ring, at)
			if inside {
				l.places = append(l.places, site{key: key, title: cellTitle(centre), geometry: grid.Outline(key), at: centre, located: true})
			}
			if inside || orbplanar.DistanceFrom(ring, at) < across {
				queue = append(queue, key)
			}
		}
	}
	return nil
}

// join makes the neighbours.
func (st *Study) join(l *lattice) (err error) {
	q := st.Question
	kind := q.text(paramWeights)
	outlined := !l.points && (st.cut.Across > 0 || slices.ContainsFunc(l.places, func(p site) bool { return isArea(p.geometry) }))
	switch k, band := q.Given(paramK), q.Given(paramBand); {
	case k && band:
		return invalid(paramK, "the k nearest and all within band_km are two kinds of neighbours; give one of them")
	case k && kind != "" && kind != "knn":
		return invalid(paramK, "is read with weights=knn, found weights=%s", kind)
	case band && kind != "" && kind != "band":
		return invalid(paramBand, "is read with weights=band, found weights=%s", kind)
	case k:
		kind = "knn"
	case band:
		kind = "band"
	case kind == "" && outlined:
		kind = "contiguity"
	case kind == "":
		kind = "knn"
	case kind == "contiguity" && !outlined && len(l.places) > 0:
		return invalid(paramWeights, "contiguity needs hexagons or divisions with outlines; use knn or band")
	}
	st.setting(paramWeights, kind)
	l.about = neighbourhood{Weights: kind, Places: len(l.places)}
	if !l.points {
		l.about.Empty = len(l.places) - len(st.Units)
	}
	switch kind {
	case "contiguity":
		l.weights, err = st.contiguity(l)
	case "knn":
		l.weights, err = st.nearest(l)
	case "band":
		l.weights, err = st.band(l)
	}
	if err != nil {
		return err
	}
	l.about.Islands = len(l.weights.Islands())
	l.about.Mean = Number(float64(l.weights.Links()) / float64(l.weights.Len()))
	return nil
}

func isArea(g orb.Geometry) bool {
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return true
	}
	return false
}

func (st *Study) contiguity(l *lattice) (*autocorr.Weights, error) {
	l.about.Words = geo.Text{EN: "units that share a side are neighbours", ZH: "有公共边的单元互为邻居"}
	if st.cut.Across == 0 {
		shapes := make([]orb.MultiPolygon, len(l.places))
		for i, p := range l.places {
			switch g := p.geometry.(type) {
			case orb.Polygon:
				shapes[i] = orb.MultiPolygon{g}
			case orb.MultiPolygon:
				shapes[i] = g
			}
		}
		return autocorr.Shared(shapes), nil
	}
	grid := pyramid.HexagonsOf(st.Index, st.cut.Across)
	number := make(map[string]int, len(l.places))
	for i, p := range l.places {
		number[p.key] = i
	}
	lists := make([][]int, len(l.places))
	for i, p := range l.places {
		for _, key := range grid.Neighbours(p.key) {
			if j, ok := number[key]; ok {
				lists[i] = append(lists[i], j)
			}
		}
	}
	return autocorr.Neighbours(lists)
}

func (st *Study) nearest(l *lattice) (*autocorr.Weights, error) {
	points, _ := l.positions()
	k := max(0, min(defaultK, len(points)-1))
	if st.Question.Given(paramK) {
		k = st.Question.int(paramK)
		switch {
		case k < len(points) || len(points) < 2:
		case st.single():
			return nil, invalid(paramK, "needs fewer than there are places, which are %d; found %d", len(points), k)
		default:
			st.warn("Where there are not more than k places, there are no figures.", "不足 k+1 处者没有结果。")
			k = 0
		}
	} else {
		st.setting(paramK, strconv.Itoa(max(k, 1)))
	}
	l.about.Words = geo.Text{EN: fmt.Sprintf("the %d nearest by great circle are neighbours", k), ZH: fmt.Sprintf("大圆距离最近的 %d 个为邻居", k)}
	switch k {
	case 0:
		l.about.Words = geo.Text{EN: "there are too few places for neighbours", ZH: "地点过少，没有邻居"}
	case 1:
		l.about.Words.EN = "the nearest by great circle is the neighbour"
	}
	if k < 1 || len(points) < 2 {
		return autocorr.Neighbours(make([][]int, len(l.places)))
	}
	w, err := autocorr.Nearest(points, k)
	return l.spread(w, err, paramK)
}

func (st *Study) band(l *lattice) (*autocorr.Weights, error) {
	points, _ := l.positions()
	km := 0.0
	if st.Question.Given(paramBand) {
		km = st.Question.float(paramBand)
	} else if reach := autocorr.Reach(points); reach > 0 {
		km = math.Ceil(reach/10) / 100
		st.setting(paramBand, strconv.FormatFloat(km, 'f', -1, 64))
	}
	l.about.Words = geo.Text{EN: fmt.Sprintf("all within %g km by great circle are neighbours", km), ZH: fmt.Sprintf("大圆距离 %g 千米之内者互为邻居", km)}
	if km == 0 { // all stand at one place, or there are none
		km = 0.001
	}
	w, err := autocorr.Band(points, km*1000)
	return l.spread(w, err, paramBand)
}

// positions are those of the places that have one, and which those are.
func (l *lattice) positions() (points []orb.Point, of []int) {
	for i, p := range l.places {
		if p.located {
			points, of = append(points, p.at), append(of, i)
		}
	}
	return points, of
}

// spread makes weights of the places that have a position into weights of all.
func (l *lattice) spread(w *autocorr.Weights, err error, param string) (*autocorr.Weights, error) {
	if errors.Is(err, autocorr.ErrDense) {
		return nil, invalid(param, "makes more than 10,000,000 pairs of neighbours; choose less")
	}
	_, of := l.positions()
	if err != nil || len(of) == len(l.places) {
		return w, err
	}
	lists := make([][]int, len(l.places))
	for i, to := range of {
		for _, j := range w.Of(i) {
			lists[to] = append(lists[to], of[j])
		}
	}
	return autocorr.Neighbours(lists)
}

// values are the measure and the count of a subject at each place.
func (st *Study) values(l *lattice, sub *Subject) (values []float64, counts []int) {
	if l.points {
		counts = make([]int, len(l.places))
		for i := range counts {
			counts[i] = 1
		}
		return st.WeightsOf(sub), counts
	}
	values, counts = st.Totals(sub)
	more := len(l.places) - len(values)
	return append(values, make([]float64, more)...), append(counts, make([]int, more)...)
}

// rowID is the id of the row of a place.
func (l *lattice) rowID(i int) string { return rowID(l.places[i].key, "place.", i) }
