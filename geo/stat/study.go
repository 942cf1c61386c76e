package stat

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/pyramid"
	"clustermap/geo/stat/share"
)

// Env is what an answer needs beside the features. The zero Env is valid.
type Env struct {
	// Area is the outline and the names of a territory; nil knows none.
	Area func(cut pyramid.Cut, key string) (outline orb.Geometry, title geo.Text)
	// Divisions are the codes of all divisions of a level; nil knows none.
	Divisions func(level string) []string
	// Definitions are those of the regions, in order of display.
	Definitions []Definition
	// Progress is told how much of the work is done, from several goroutines; nil: nobody.
	Progress func(done, total int)
	// Workers is how many goroutines compute; 0: as many as run at a time. Answers do not depend on it.
	Workers int
}

// Definition is a definition of a region: a set of divisions.
type Definition struct {
	ID          string
	Region      string // that it defines
	Title       geo.Text
	RegionTitle geo.Text
	Year        int  // 0: not stated
	Default     bool // it is the one that the map shows
}

// Study is a question with its data. Positions in its lists count the features of
// the universe that take part.
type Study struct {
	Question *Question
	Index    *geo.Index
	Env      Env
	Slots    []uint32
	Points   []orb.Point // longitude and latitude; 0, 0 where a feature has no position, which only methods without positions take
	Weights  []float64   // of the measure; not negative
	Units    []Unit      // empty unless the method takes within
	UnitOf   []int32     // the unit of each feature
	Subjects []Subject   // the largest first

	settings  []Setting
	warnings  []geo.Text
	intervals map[share.Cell]share.Interval // of location quotients, once they are drawn
	drawn     int                           // how often
	ground    *ground                       // once a method has asked for it
	cut       pyramid.Cut                   // that Units are made by; zero where a property makes them
	lattice   *lattice                      // of Units, once a method has asked for their neighbours
}

// Unit is a unit of area with the features of the universe in it.
type Unit struct {
	Key     string
	Title   geo.Text
	Outline orb.Geometry // nil: not known
	At      orb.Point    // the member nearest to the mean of the members
	Placed  bool         // At is known
	Count   int
	Total   float64 // of the measure
}

// Subject is a set of features under study.
type Subject struct {
	Value   geo.Value // of the property By
	Title   geo.Text
	Members []int32 // places in Study.Slots, ascending
	Whole   bool    // it is the whole universe
}

func (s *Subject) json() any {
	if s.Value.Kind() == geo.KindNull {
		return nil
	}
	return json.RawMessage(s.Value.JSON())
}

const (
	maxSubjects = 100
	maxUnits    = 20_000
	hexDefault  = 50 // km
)

// Answer computes what q asks of x. It returns *geo.InvalidError where a parameter
// does not fit the data, and the error of ctx when that ends.
func (q *Question) Answer(ctx context.Context, x *geo.Index, env Env) (*Answer, error) {
	st := &Study{Question: q, Index: x, Env: env}
	if err := st.prepare(ctx); err != nil {
		return nil, err
	}
	var outcomes []*Outcome
	if q.Method.joint {
		o, err := q.Method.run(ctx, st, nil)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	} else {
		for i := range st.Subjects {
			o, err := q.Method.run(ctx, st, &st.Subjects[i])
			if err != nil {
				return nil, err
			}
			outcomes = append(outcomes, o)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a := &Answer{Question: q, Universe: st.universe(), Weights: st.weights(), Rev: x.Rev(), Warnings: st.warnings, Settings: st.inForce()}
	return a, a.join(st, outcomes)
}

// single reports whether the result is that of one subject, not a list of some.
func (st *Study) single() bool {
	return st.Question.Method.joint || st.Question.By == "" || st.Question.Select != nil
}

func (st *Study) prepare(ctx context.Context) error {
	q := st.Question
	set, err := st.Index.Select(ctx, q.Universe)
	if err != nil {
		return err
	}
	if q.Method.takes(paramWithin) && (q.Method.unparted == nil || !q.Method.unparted(q)) {
		if err := st.part(ctx, set); err != nil {
			return err
		}
	}
	if err := st.gather(ctx, set); err != nil {
		return err
	}
	return st.divide(ctx)
}

// gather lists the features of the universe that take part, with their weights. The
// units are made already.
func (st *Study) gather(ctx context.Context, set *geo.Set) error {
	q := st.Question
	unitOf := st.UnitOf // by slot until now
	st.UnitOf = nil
	var column geo.Column
	if q.Measure.Func == "sum" {
		column, _ = st.Index.Column(q.Measure.Property)
	}
	unplaced, outside, lacking, parted := 0, 0, 0, 0
	for slot := range uint32(st.Index.Len()) {
		if slot%(1<<14) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if set != nil && !set.Has(slot) {
			continue
		}
		at, ok := st.Index.Anchor(slot)
		if !ok && q.Method.placed {
			unplaced++
			continue
		}
		if unitOf != nil && unitOf[slot] < 0 {
			outside++
			continue
		}
		if points, ok := st.Index.Geometry(slot).(orb.MultiPoint); ok && len(points) > 1 && q.Method.placed {
			parted++
		}
		weight := 1.0
		if q.Measure.Func == "sum" {
			v, ok := column.Number(slot)
			if !ok {
				lacking++
				v = 0
			}
			if v < 0 && !q.Method.signed {
				return invalid(paramMeasure, "%s: %s has the value %v; of negative values there are no shares", q.Measure.Name(), st.Index.At(slot).ID(), v)
			}
			weight = v
		}
		st.Slots, st.Points, st.Weights = append(st.Slots, slot), append(st.Points, at), append(st.Weights, weight)
		if unitOf != nil {
			u := unitOf[slot]
			st.UnitOf = append(st.UnitOf, u)
			st.Units[u].Count++
			st.Units[u].Total += weight
		}
	}
	st.warnCount(unplaced, "%d without a position, which take no part", "%d 个要素没有位置，未计入")
	st.warnCount(outside, "%d belong to no unit of area and take no part", "%d 个要素不属于任何地域单元，未计入")
	st.warnCount(parted, "%d have several points and count at the one nearest to their middle", "%d 个要素有多个点，按最靠近其中心的一点计")
	st.warnCount(lacking, "%d have no value of the measure and count as 0", "%d 个要素缺少该数值，按 0 计")
	if t := st.Index.Schema().About.Completeness; t != nil && len(st.Slots) > 0 {
		st.warnings = append(st.warnings, *t)
	}
	if len(st.Slots) == 0 {
		st.warn("No feature is selected: there is nothing to compute.", "未选中任何要素，无可计算。")
	}
	return nil
}

// part makes the units and tells the unit of each slot, -1 for none.
func (st *Study) part(ctx context.Context, set *geo.Set) error {
	q := st.Question
	if q.Within.Property != "" {
		return st.partByProperty(set)
	}
	cut := q.Within.Cut
	if q.Within == (Within{}) {
		cut = pyramid.Cut{Across: hexDefault}
	}
	for {
		parts, err := pyramid.Divide(ctx, st.Index, set, cut, pyramid.Options{})
		if err != nil {
			return renamed(paramWithin, err)
		}
		if parts.Len() <= maxUnits {
			st.setting(paramWithin, cut.String())
			st.take(parts, cut)
			return nil
		}
		if q.Within != (Within{}) || cut.Across*2 > pyramid.MaxAcross {
			return invalid(paramWithin, "%s makes more than %d units; choose wider ones", cut, maxUnits)
		}
		cut.Across *= 2
	}
}

func (st *Study) take(parts *pyramid.Territories, cut pyramid.Cut) {
	st.cut = cut
	grid := pyramid.HexagonsOf(st.Index, cut.Across)
	st.UnitOf = make([]int32, st.Index.Len())
	for i := range parts.Len() {
		key, keyed := parts.Key(i)
		n := int32(-1)
		if keyed || cut.Region != "" {
			n = int32(len(st.Units))
			u := Unit{Key: key, Outline: parts.Outline(i)}
			u.At, u.Placed = parts.Position(i)
			switch {
			case !keyed:
				u.Key, u.Title = "elsewhere", geo.Text{EN: "Elsewhere", ZH: "其他地区"}
			case cut.Across > 0:
				if at, ok := grid.Centre(key); ok {
					u.Title = cellTitle(at)
				}
			case st.Env.Area != nil:
				u.Outline, u.Title = st.Env.Area(cut, key)
			}
			st.Units = append(st.Units, u)
		}
		for _, slot := range parts.Members(i) {
			st.UnitOf[slot] = n
		}
	}
}

func (st *Study) partByProperty(set *geo.Set) error {
	name := st.Question.Within.Property
	st.setting(paramWithin, name)
	prop, _, _ := st.Index.Schema().Find(name)
	c, _ := st.Index.Column(name)
	st.UnitOf = make([]int32, st.Index.Len())
	number := make(map[string]int32)
	for slot := range uint32(st.Index.Len()) {
		st.UnitOf[slot] = -1
		v := c.Value(slot)
		if set != nil && !set.Has(slot) || v.Kind() == geo.KindNull {
			continue
		}
		key := v.Text()
		n, ok := number[key]
		if !ok {
			n = int32(len(st.Units))
			if n == 10_000 {
				return invalid(paramWithin, "%s has more than 10,000 values; choose a property with fewer", name)
			}
			number[key] = n
			st.Units = append(st.Units, Unit{Key: key, Title: titleOf(prop, v)})
		}
		st.UnitOf[slot] = n
	}
	return nil
}

// cellTitle names a hexagon after where its middle is.
func cellTitle(at orb.Point) geo.Text {
	where := degrees(at.Lat(), "N", "S") + " " + degrees(at.Lon(), "E", "W")
	return geo.Text{EN: "the cell at " + where, ZH: where + " 一带"}
}

// degrees are a coordinate to a tenth of a degree.
func degrees(v float64, positive, negative string) string {
	if v < 0 {
		v, positive = -v, negative
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + "°" + positive
}

func titleOf(p geo.Property, v geo.Value) geo.Text {
	if v.Kind() == geo.KindNull {
		return geo.Text{EN: "Not stated", ZH: "未注明"}
	}
	for _, e := range p.Enum {
		if e.Value == v.Text() {
			return e.Title
		}
	}
	return geo.Text{}
}

// divide makes the subjects.
func (st *Study) divide(ctx context.Context) error {
	q := st.Question
	switch {
	case q.Select != nil:
		set, err := st.Index.Select(ctx, geo.Query{Filter: q.Select})
		if err != nil {
			return err
		}
		sub := Subject{Title: geo.Text{EN: "Selected", ZH: "所选"}}
		for i, slot := range st.Slots {
			if set == nil || set.Has(slot) {
				sub.Members = append(sub.Members, int32(i))
			}
		}
		st.Subjects = []Subject{sub}
		if len(sub.Members) == 0 && len(st.Slots) > 0 {
			st.warn("The selection leaves no feature of the universe.", "研究对象为空：总体中没有要素符合 select 条件。")
		}
	case q.By != "":
		if err := st.divideBy(); err != nil {
			return err
		}
	default:
		sub := Subject{Title: geo.Text{EN: "All", ZH: "全部"}, Members: make([]int32, len(st.Slots))}
		for i := range sub.Members {
			sub.Members[i] = int32(i)
		}
		st.Subjects = []Subject{sub}
	}
	if len(st.Subjects) > 1 && q.Method.infers {
		st.warn("Each of %d subjects is tested by itself: among so many some are significant by chance alone.", "%d 个研究对象各自检验：对象多时，总有一些仅因偶然而显著。", len(st.Subjects))
	}
	for i := range st.Subjects {
		if sub := &st.Subjects[i]; len(sub.Members) == len(st.Slots) && len(st.Slots) > 0 {
			sub.Whole = true
			if q.Method.takes(paramSelect) {
				st.warn("The features under study are the whole universe: there is nothing that they are compared with.", "研究对象即为总体，没有可供比较的对象。")
			}
		}
	}
	return nil
}

func (st *Study) divideBy() error {
	name := st.Question.By
	prop, _, _ := st.Index.Schema().Find(name)
	c, _ := st.Index.Column(name)
	number := make(map[string]int)
	for i, slot := range st.Slots {
		v := c.Value(slot)
		n, ok := number[string(v.JSON())]
		if !ok {
			if n = len(st.Subjects); n == maxSubjects {
				return invalid(paramBy, "%s has more than %d values; choose a property with fewer, or one of them by select", name, maxSubjects)
			}
			number[string(v.JSON())] = n
			st.Subjects = append(st.Subjects, Subject{Value: v, Title: titleOf(prop, v)})
		}
		st.Subjects[n].Members = append(st.Subjects[n].Members, int32(i))
	}
	slices.SortStableFunc(st.Subjects, func(a, b Subject) int {
		return cmp.Or(cmp.Compare(len(b.Members), len(a.Members)), a.Value.Compare(b.Value))
	})
	return nil
}

// Plane is an equal-area plane whose centre is the middle of the universe on the
// sphere.
func (st *Study) Plane() *crs.EqualArea { return planeOf(st.Points) }

// planeOf is an equal-area plane whose centre is the middle of points on the sphere.
func planeOf(points []orb.Point) *crs.EqualArea {
	var x, y, z float64
	for _, p := range points {
		sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
		sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
		x, y, z = x+cosLat*cosLon, y+cosLat*sinLon, z+sinLat
	}
	if math.Hypot(math.Hypot(x, y), z) < 1e-9*float64(len(points)) || len(points) == 0 {
		return crs.NewEqualArea(orb.Point{})
	}
	return crs.NewEqualArea(orb.Point{math.Atan2(y, x) * 180 / math.Pi, math.Atan2(z, math.Hypot(x, y)) * 180 / math.Pi})
}

// PointsOf are the positions of a subject's members.
func (st *Study) PointsOf(sub *Subject) []orb.Point { return pick(st.Points, sub.Members) }

// WeightsOf are the weights of a subject's members.
func (st *Study) WeightsOf(sub *Subject) []float64 { return pick(st.Weights, sub.Members) }

func pick[T any](from []T, at []int32) []T {
	out := make([]T, len(at))
	for i, n := range at {
		out[i] = from[n]
	}
	return out
}

// Totals are the measure and the count of a subject in each unit.
func (st *Study) Totals(sub *Subject) (totals []float64, counts []int) {
	totals, counts = make([]float64, len(st.Units)), make([]int, len(st.Units))
	for _, i := range sub.Members {
		totals[st.UnitOf[i]] += st.Weights[i]
		counts[st.UnitOf[i]]++
	}
	return totals, counts
}

// UniverseTotals are the measure of the universe in each unit.
func (st *Study) UniverseTotals() []float64 {
	totals := make([]float64, len(st.Units))
	for i, u := range st.Units {
		totals[i] = u.Total
	}
	return totals
}

// warn tells the reader what to be careful of; equal warnings stand once.
func (st *Study) warn(en, zh string, args ...any) {
	t := geo.Text{EN: en, ZH: zh}
	if len(args) > 0 {
		t = geo.Text{EN: fmt.Sprintf(en, args...), ZH: fmt.Sprintf(zh, args...)}
	}
	if !slices.Contains(st.warnings, t) {
		st.warnings = append(st.warnings, t)
	}
}

func (st *Study) warnCount(n int, en, zh string) {
	if n > 0 {
		st.warn("Features: "+en+".", zh+"。", n)
	}
}

// setting tells the value in force of a parameter that the data choose.
func (st *Study) setting(name, value string) {
	st.settings = append(st.settings, Setting{name, value})
}

// inForce are all parameters with their values, also those that stand for themselves.
func (st *Study) inForce() []Setting {
	q := st.Question
	var out []Setting
	for _, p := range q.Method.Parameters() {
		value := p.Default
		if v, ok := q.given[p.Name]; ok {
			value = v
		}
		if i := slices.IndexFunc(st.settings, func(s Setting) bool { return s.Name == p.Name }); i >= 0 {
			value = st.settings[i].Value
		}
		switch {
		case p.Name == paramSelect && q.Select != nil:
			value = q.Select.String()
		case p.Name == paramBy && q.Select == nil:
			value = q.By
		}
		out = append(out, Setting{p.Name, value})
	}
	return out
}

// universe says what shares are shares of.
func (st *Study) universe() geo.Text {
	n, title := len(st.Slots), st.Index.Schema().Title
	features := "the " + strconv.Itoa(n) + " features"
	if n == 1 {
		features = "the only feature"
	}
	t := geo.Text{
		EN: fmt.Sprintf("%s of the collection %q", features, title.In("en")),
		ZH: fmt.Sprintf("集合“%s”的 %d 个要素", title.In("zh"), n),
	}
	if title.In("en") == "" {
		t = geo.Text{EN: features + " of the collection", ZH: fmt.Sprintf("集合的 %d 个要素", n)}
	}
	if f := st.Question.Filter; f != (geo.Text{}) {
		fit := " that fit "
		if n == 1 {
			fit = " that fits "
		}
		t.EN += fit + f.In("en")
		t.ZH += "（条件：" + f.In("zh") + "）"
	}
	return t
}

func (st *Study) weights() geo.Text {
	if st.Question.Measure.Func == "count" {
		return geo.Text{EN: "each feature counts as 1", ZH: "每个要素计为 1"}
	}
	p, _, _ := st.Index.Schema().Find(st.Question.Measure.Property)
	en, zh := cmp.Or(p.Title.In("en"), p.Name), cmp.Or(p.Title.In("zh"), p.Name)
	return geo.Text{EN: "each feature counts with its " + en, ZH: "每个要素按其“" + zh + "”计"}
}

func (st *Study) byTitle() geo.Text {
	p, _, _ := st.Index.Schema().Find(st.Question.By)
	return p.Title
}
