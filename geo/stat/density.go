package stat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/stat/kernel"
)

// The parameters of kernel-density.
const (
	paramBandwidth = "bandwidth_km"
	paramKernel    = "kernel"
	paramAdaptive  = "adaptive"
	paramOutput    = "output"
	paramLevels    = "levels"
	paramCells     = "cells"

	defaultLevels = "90%,75%,50%,25%,10%"
	perGround     = 1e9 // square metres in 1,000 square kilometres
)

// densityMethods show where a subject is dense.
func densityMethods() []*Method {
	return []*Method{{
		ID:    "kernel-density",
		Title: geo.Text{EN: "Kernel density", ZH: "核密度"},
		Params: []Param{
			{Name: paramBandwidth, Kind: Float, Min: 0.001, Max: 20040, Auto: "silverman", Description: geo.Text{
				EN: "How far each feature is spread, in km on the ground: the radius of the quartic kernel, or the standard deviation of the Gaussian one. The default, also called silverman, is Silverman's rule with the effective number of features.",
				ZH: "每个要素的扩散距离（实地千米）：四次核的半径，或高斯核的标准差。默认（也可写 silverman）按 Silverman 法则并以有效样本数计算。"}},
			{Name: paramKernel, Kind: Choice, Default: "quartic", Choices: []string{"quartic", "gaussian"}, Description: geo.Text{
				EN: "Shape of the hill that each feature is: quartic ends at the bandwidth, gaussian runs out.",
				ZH: "核函数：quartic（四次核，止于带宽处）或 gaussian（高斯核，逐渐衰减）。"}},
			{Name: paramAdaptive, Kind: Choice, Default: "false", Choices: []string{"false", "true"}, Description: geo.Text{
				EN: "true: narrower hills where features are dense and wider ones where they are sparse (Abramson); the bandwidth is that of the first estimate.",
				ZH: "true：要素稠密处带宽变窄、稀疏处变宽（Abramson 自适应），带宽指初次估计所用者。"}},
			{Name: paramOutput, Kind: Choice, Default: "bands", Choices: []string{"bands", "points", "grid"}, Description: geo.Text{
				EN: "What the rows and places are: bands between levels, the density at each feature (points), or the cells of the grid.",
				ZH: "结果的行与图形：bands 为等值面，points 为各要素处的密度，grid 为网格单元。"}},
			{Name: paramLevels, Kind: List, Default: defaultLevels, Description: geo.Text{
				EN: "Levels between bands: 50% is the density above which half of the mass lies in the least area; a number without % is a density per 1,000 km². At most 20.",
				ZH: "等值面的分级：50% 表示以最小面积包含一半总量的密度；不带 % 的数为每 1,000 平方千米的密度。至多 20 级。"}},
			{Name: paramCells, Kind: Int, Min: 16, Max: 512, Description: geo.Text{
				EN: "Cells along the longer side of the grid. The default makes eight cells of the bandwidth, within 128 to 512; 100 with output=grid.",
				ZH: "网格长边的单元数。默认使一个带宽约含八个单元，限于 128 至 512；output=grid 时为 100。"}},
		},
		Common: []string{paramSelect, paramBy, paramMeasure},
		Places: true,
		Slow:   true,
		placed: true,
		run:    kernelDensity,
		Page: Page{
			Asks: geo.Text{
				EN: "How dense is the subject at each place, and where are its peaks?",
				ZH: "研究对象在各处的密度是多少，高峰在哪里？"},
			Formula: "f(x) = sum_i w_i / h^2 K(|x - x_i| / h); quartic K(u) = 3/pi (1 - u^2)^2 for u < 1; Gaussian K(u) = exp(-u^2 / 2) / 2 pi; Silverman: h = A sigma n^(-1/6), A = 2.78 (quartic) or 1 (Gaussian), sigma^2 = mean of the variances along both axes, n = (sum w)^2 / sum w^2; adaptive: h_i = h (f(x_i) / g)^(-1/2), g = geometric mean of f",
			Reading: geo.Text{
				EN: "Densities are per 1,000 km² of ground and add up to the total. A band of levels 25% to 10% is part of the smallest area that holds a quarter of all. A narrower bandwidth shows more peaks, a wider one the large pattern.",
				ZH: "密度按每 1,000 平方千米实地面积计，全域积分等于总量。25% 等值线以内是包含总量四分之一的最小区域。带宽越窄，峰越多；带宽越宽，越显整体格局。"},
			Limits: geo.Text{
				EN: "The picture depends on the bandwidth far more than on the kernel: read it with the km printed, and try another. Silverman's rule suits one round hill and smooths several too much. Hills run over coasts and borders, where nothing can be. It says nothing of chance.",
				ZH: "图形主要取决于带宽而非核函数：请结合所标千米数阅读，并更换带宽对照。Silverman 法则适于单峰，多峰时偏于平滑。密度会越过海岸与边界扩散到不可能有要素之处。核密度不说明是否偶然。"},
			Sources: []string{
				"Silverman (1986), Density Estimation for Statistics and Data Analysis, Chapman and Hall, sections 4.2 and 5.3, table 4.1",
				"Abramson (1982), On bandwidth variation in kernel estimates: a square root law, Annals of Statistics 10(4), 1217-1223",
				"Hyndman (1996), Computing and graphing highest density regions, American Statistician 50(2), 120-126",
			},
		},
	}}
}

type densityResult struct {
	Bandwidth  Number         `json:"bandwidth_km"`
	Narrowest  *Number        `json:"narrowest_km,omitempty"`
	Widest     *Number        `json:"widest_km,omitempty"`
	EffectiveN Number         `json:"effective_n"`
	Kernel     string         `json:"kernel"`
	Adaptive   bool           `json:"adaptive"`
	Rule       string         `json:"rule"`
	Unit       string         `json:"unit"`
	Total      Number         `json:"total"`
	Grid       *densityGrid   `json:"grid"`
	Bands      []densityBand  `json:"bands"`
	Points     []densityPoint `json:"points,omitempty"`
}

// densityGrid is a grid in the equal-area plane around the centre; west and south are
// where it begins there.
type densityGrid struct {
	Box    [4]Number  `json:"bbox"`
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Cell   Number     `json:"cell_km"`
	Max    Number     `json:"max"`
	Centre Position   `json:"center"`
	Origin [2]Number  `json:"origin_km"`
	Values [][]Number `json:"values,omitempty"` // rows from south to north
}

type densityBand struct {
	From   Number `json:"from"`
	To     Number `json:"to"`
	Ground Number `json:"area_km2"`
	Share  Number `json:"share"`
}

type densityPoint struct {
	ID      json.RawMessage `json:"id"`
	Density Number          `json:"density"`
}

func kernelDensity(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	levels, err := readLevels(q.list(paramLevels))
	if err != nil {
		return nil, err
	}
	lonlat := st.PointsOf(sub)
	v := densityView{st: st, sub: sub, plane: planeOf(lonlat), lonlat: lonlat, levels: levels,
		work: kernel.Work{Workers: st.Env.Workers, Progress: st.Env.Progress}}
	ask := kernel.Question{Points: planar(v.plane, lonlat), Weights: st.weighing(sub), Bandwidth: q.float(paramBandwidth) * 1000, Adaptive: q.text(paramAdaptive) == "true"}
	if q.text(paramKernel) == "gaussian" {
		ask.Kernel = kernel.Gaussian
	}
	v.result = densityResult{Bandwidth: Number(math.NaN()), EffectiveN: Number(math.NaN()), Kernel: q.text(paramKernel),
		Adaptive: ask.Adaptive, Rule: "silverman", Unit: "per 1000 km2", Total: Number(math.NaN()), Bands: []densityBand{}}
	if ask.Bandwidth > 0 {
		v.result.Rule = "fixed"
	}
	v.density, err = kernel.New(ctx, ask, v.work)
	switch {
	case errors.Is(err, kernel.ErrNoPoints) || errors.Is(err, kernel.ErrNoSpread):
		st.warnOfDensity(err, len(sub.Members))
		return v.outcome(), nil
	case err != nil:
		return nil, err
	}
	return v.outcome(), v.fill(ctx)
}

func (st *Study) warnOfDensity(err error, n int) {
	switch {
	case errors.Is(err, kernel.ErrNoSpread) && n == 1:
		st.warn("One feature has no spread, which Silverman's rule is about: give bandwidth_km.", "只有一个要素，无离散程度可依，Silverman 法则不适用：请指定 bandwidth_km。")
	case errors.Is(err, kernel.ErrNoSpread):
		st.warn("All features are at one place, and have no spread, which Silverman's rule is about: give bandwidth_km.", "所有要素位于同一处，Silverman 法则不适用：请指定 bandwidth_km。")
	case n > 0:
		st.warn("No feature has a weight above 0: there is no density.", "没有权重大于 0 的要素，无法计算密度。")
	}
}

// level is a density per square metre, or a share of the mass.
type level struct{ density, share float64 }

func readLevels(texts []string) ([]level, error) {
	var out []level
	for _, text := range texts {
		number, share := strings.CutSuffix(text, "%")
		v, err := strconv.ParseFloat(number, 64)
		switch {
		case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
			return nil, invalid(paramLevels, "needs numbers or percentages, found %q", clip(text))
		case v <= 0 || share && v > 100:
			return nil, invalid(paramLevels, "needs densities above 0, or parts of the mass above 0%% and up to 100%%, found %q", clip(text))
		case share:
			out = append(out, level{share: v / 100})
		default:
			out = append(out, level{density: v / perGround})
		}
	}
	if len(out) > 20 {
		return nil, invalid(paramLevels, "needs at most 20 levels, found %d", len(out))
	}
	return out, nil
}

// densityView makes an answer of a density.
type densityView struct {
	st      *Study
	sub     *Subject
	plane   *crs.EqualArea
	lonlat  []orb.Point
	levels  []level
	work    kernel.Work
	density *kernel.Density
	grid    *kernel.Grid
	result  densityResult
	out     Outcome
}

func (v *densityView) outcome() *Outcome {
	v.out.N, v.out.Members = len(v.sub.Members), &v.result
	unit := "per 1000 km²"
	switch v.st.Question.text(paramOutput) {
	case "points":
		v.out.Columns = []Column{{Name: "id", Title: geo.Text{EN: "Feature", ZH: "要素"}}, {Name: "density", Title: geo.Text{EN: "Density", ZH: "密度"}, Unit: unit}}
	case "grid":
		v.out.Columns = []Column{{Name: "column", Title: geo.Text{EN: "Column from the west", ZH: "列（自西）"}}, {Name: "row", Title: geo.Text{EN: "Row from the south", ZH: "行（自南）"}}, {Name: "density", Title: geo.Text{EN: "Density", ZH: "密度"}, Unit: unit}}
	default:
		v.out.Columns = []Column{
			{Name: "from", Title: geo.Text{EN: "From", ZH: "下限"}, Unit: unit}, {Name: "to", Title: geo.Text{EN: "To", ZH: "上限"}, Unit: unit},
			{Name: "area_km2", Title: geo.Text{EN: "Area", ZH: "面积"}, Unit: "km²"}, {Name: "share", Title: geo.Text{EN: "Share of all", ZH: "占总量份额"}},
		}
	}
	return &v.out
}

func (v *densityView) fill(ctx context.Context) error {
	d, r := v.density, &v.result
	r.Bandwidth, r.EffectiveN, r.Total = kilometres(d.Bandwidth), Number(d.EffectiveN), Number(d.Total)
	if r.Adaptive {
		narrow, wide := kilometres(d.Narrowest), kilometres(d.Widest)
		r.Narrowest, r.Widest = &narrow, &wide
	}
	v.st.setting(paramBandwidth, strconv.FormatFloat(float64(r.Bandwidth), 'f', -1, 64))
	output := v.st.Question.text(paramOutput)
	if err := v.makeGrid(ctx, output); err != nil {
		return err
	}
	v.warn()
	bands := v.bands(output == "bands")
	brief := *r // before the long lists
	switch output {
	case "points":
		if err := v.points(ctx); err != nil {
			return err
		}
	case "grid":
		v.cells()
	}
	grid := *r.Grid
	grid.Values = nil
	brief.Grid = &grid
	v.out.Brief, v.out.Rows = &brief, append(v.out.Rows, bands...)
	return nil
}

const world = 2 * 6371007.2 // radius of the plane of the whole world, in metres

func (v *densityView) makeGrid(ctx context.Context, output string) (err error) {
	bound := v.density.Bound()
	long := max(bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1])
	cells := 100
	if output != "grid" {
		cells = int(max(128, min(512, math.Ceil(8*long/v.density.Narrowest)+1)))
	}
	if v.st.Question.Given(paramCells) {
		cells = v.st.Question.int(paramCells)
	}
	v.st.setting(paramCells, strconv.Itoa(cells))
	cell := long / float64(cells)
	var n [2]int
	for a := range n {
		n[a] = max(1, int(math.Ceil((bound.Max[a]-bound.Min[a])/cell-1e-9)))
		spare := (float64(n[a])*cell - (bound.Max[a] - bound.Min[a])) / 2
		bound.Min[a], bound.Max[a] = bound.Min[a]-spare, bound.Max[a]+spare
	}
	v.grid, err = v.density.Grid(ctx, bound, n[0], n[1], v.work)
	if err != nil {
		return err
	}
	for i := range v.grid.Values {
		if p := v.centre(i); math.Hypot(p[0], p[1]) > 0.97*world {
			v.grid.Values[i] = 0
		}
	}
	c := v.plane.Centre()
	v.result.Grid = &densityGrid{Box: v.box(), Width: n[0], Height: n[1], Cell: kilometres(cell), Max: Number(v.grid.Max() * perGround),
		Centre: Position{Number(c[0]), Number(c[1])}, Origin: [2]Number{kilometres(bound.Min[0]), kilometres(bound.Min[1])}}
	return nil
}

// centre is the middle of a cell in the plane.
func (v *densityView) centre(i int) orb.Point {
	x, y := v.grid.Cell()
	return orb.Point{v.grid.Bound.Min[0] + (float64(i%v.grid.Width)+0.5)*x, v.grid.Bound.Min[1] + (float64(i/v.grid.Width)+0.5)*y}
}

// box is around the cells with a density, in degrees; west > east crosses 180 degrees.
func (v *densityView) box() [4]Number {
	c := v.plane.Centre()
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i, f := range v.grid.Values {
		if f == 0 {
			continue
		}
		p := v.plane.Inverse(v.centre(i))
		lon := math.Remainder(p[0]-c[0], 360)
		west, east, south, north = min(west, lon), max(east, lon), min(south, p[1]), max(north, p[1])
	}
	if math.IsInf(west, 1) {
		nan := Number(math.NaN())
		return [4]Number{nan, nan, nan, nan}
	}
	wrap := func(lon float64) Number { return Number(math.Remainder(lon+c[0], 360)) }
	if east-west > 350 {
		return [4]Number{-180, Number(south), 180, Number(north)}
	}
	return [4]Number{wrap(west), Number(south), wrap(east), Number(north)}
}

func (v *densityView) warn() {
	st, d := v.st, v.density
	if d.EffectiveN < 10 && !st.Question.Given(paramBandwidth) {
		st.warn("The bandwidth rests on fewer than 10 features, counted by weight: it is rough.", "带宽所依据的有效要素不足 10 个，仅供参考。")
	}
	if cell, _ := v.grid.Cell(); d.Narrowest < 2*cell {
		st.warn("The bandwidth is narrower than two cells of the grid (%.3g km): peaks between their middles are missed; look at a smaller part, or take output=points.", "带宽不足网格单元（%.3g 千米）的两倍，单元中心之间的峰会漏掉；请缩小范围或用 output=points。", cell/1000)
	}
	far := 0.0
	for _, p := range v.lonlat {
		q := v.plane.Forward(p)
		far = max(far, math.Hypot(q[0], q[1]))
	}
	if far > world*math.Sin(math.Pi/6) { // 60 degrees from the centre
		st.warn("The features span more than 60 degrees from their middle: the areas are true, but hills are drawn out of shape at the rim.", "要素分布离中心超过 60 度：面积无误，但边缘处的核形状有变形。")
	}
}

// bands fills in the bands, and gives them as rows.
func (v *densityView) bands(shaped bool) (rows []Row) {
	most := v.grid.Max()
	var levels []float64
	for _, l := range v.levels {
		if l.share > 0 {
			l.density = v.grid.LevelOf(l.share)
		}
		if l.density > 0 && l.density < most {
			levels = append(levels, l.density)
		}
	}
	slices.Sort(levels)
	levels = slices.CompactFunc(levels, func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*b })
	step, _ := v.grid.Cell()
	for i, b := range v.grid.Bands(levels) {
		one := densityBand{Number(b.From * perGround), Number(min(b.To, most) * perGround), Number(b.Ground / 1e6), Number(b.Mass / v.density.Total)}
		v.result.Bands = append(v.result.Bands, one)
		if shaped {
			shape, whole := onEarth(v.plane, b.Area, step)
			if !whole {
				v.st.warn("Parts of bands at a pole, or on the far side of the Earth, are not drawn.", "极点或地球背面的部分等值面未绘出。")
			}
			rows = append(rows, Row{ID: strconv.Itoa(i + 1), Geometry: shape, Cells: []any{one.From, one.To, one.Ground, one.Share}})
		}
	}
	if len(v.result.Bands) == 0 {
		v.st.warn("No level is between 0 and the highest density, %.6g per 1,000 km²: there are no bands.", "没有介于 0 与最高密度（每 1,000 平方千米 %.6g）之间的分级，故无等值面。", most*perGround)
	}
	return rows
}

func (v *densityView) points(ctx context.Context) error {
	values, err := v.density.At(ctx, planar(v.plane, v.lonlat), v.work)
	if err != nil {
		return err
	}
	for i, m := range v.sub.Members {
		id := v.st.Index.At(v.st.Slots[m]).ID()
		one := densityPoint{id.AppendJSON(nil), Number(values[i] * perGround)}
		v.result.Points = append(v.result.Points, one)
		v.out.Rows = append(v.out.Rows, Row{ID: strconv.Itoa(i + 1), Geometry: v.lonlat[i], Cells: []any{id.String(), one.Density}})
	}
	return nil
}

// cells gives the grid, and as rows its cells with a density.
func (v *densityView) cells() {
	g := v.grid
	x, y := g.Cell()
	for i, f := range g.Values {
		if i%g.Width == 0 {
			v.result.Grid.Values = append(v.result.Grid.Values, make([]Number, 0, g.Width))
		}
		last := &v.result.Grid.Values[len(v.result.Grid.Values)-1]
		*last = append(*last, Number(f*perGround))
		if f == 0 {
			continue
		}
		c := v.centre(i)
		square := orb.Bound{Min: orb.Point{c[0] - x/2, c[1] - y/2}, Max: orb.Point{c[0] + x/2, c[1] + y/2}}.ToPolygon()
		shape, _ := onEarth(v.plane, orb.MultiPolygon{square}, x)
		v.out.Rows = append(v.out.Rows, Row{ID: fmt.Sprintf("%d-%d", i%g.Width, i/g.Width), Geometry: shape, Cells: []any{i % g.Width, i / g.Width, Number(f * perGround)}})
	}
}
