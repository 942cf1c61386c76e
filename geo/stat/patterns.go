package stat

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/stat/pattern"
)

// patternMethods ask whether places lie as they do by chance.
func patternMethods() []*Method {
	return []*Method{{
		ID: "nearest-neighbor", infers: true,
		Title:  geo.Text{EN: "Nearest-neighbour index", ZH: "最近邻指数"},
		Common: []string{paramSelect, paramBy},
		Params: []Param{{Name: "area_km2", Kind: Float, Open: true, Max: 510_100_000, Description: geo.Text{
			EN: "Area that places could lie in, in square kilometres. The default is that of the convex hull of the universe.",
			ZH: "点可能出现的范围面积（平方千米），默认为总体的凸包面积。"},
		}, {Name: "edge", Kind: Choice, Default: "donnelly", Choices: []string{"donnelly", "none"}, Description: geo.Text{
			EN: "Allowance for places near the edge, whose neighbours may lie beyond it: donnelly takes the perimeter of the hull, or of a square of the given area; none is the index of 1954, which finds places more regular than they are.",
			ZH: "边缘校正：donnelly 按凸包周长（给定面积时按等面积正方形的周长）校正靠近边缘、其近邻可能在范围之外的点；none 为 1954 年的原始指数，结果偏向均匀。"}}},
		placed: true,
		run:    nearestNeighbour,
		Page: Page{
			Asks: geo.Text{
				EN: "Do places lie closer to their nearest neighbour than they would by complete randomness?",
				ZH: "各点与其最近邻的距离是否小于完全随机分布时的距离？"},
			Formula: "index = observed / expected; observed = mean great-circle distance to the nearest other place; expected = 0.5 sqrt(A/n) + (0.0514 + 0.0412/sqrt(n)) P/n; variance = 0.0703 A/n^2 + 0.037 P sqrt(A/n^5), A the area and P the perimeter; without the edge 0.5 sqrt(A/n) and (4 - pi) A / (4 pi n^2); z = (observed - expected) / sqrt(variance)",
			Reading: geo.Text{
				EN: "Below 1 places gather, above 1 they keep apart; z tells how surely, p is two-sided.",
				ZH: "小于 1 表示集聚，大于 1 表示相互疏离；z 表示显著程度，p 为双侧。"},
			Limits: geo.Text{
				EN: "Complete randomness also puts places into mountains and deserts, so most of what people build looks gathered; ask duranton-overman whether a trade gathers more than the others. Only the nearest neighbour counts, so pairs of places look like clusters. The index follows the area: compare only answers with the same one. The edge is for compact areas and n of 7 or more.",
				ZH: "完全随机假设也会把点放进山区和荒漠，因此人类活动大多显得集聚；要判断某行业是否比其他行业更集聚，请用 duranton-overman。只看最近邻，成对的点也会显得集聚。指数取决于面积，只能在相同范围内比较。边缘校正适用于紧凑的范围和 7 个以上的点。"},
			Sources: []string{
				"Clark and Evans (1954), Distance to nearest neighbor as a measure of spatial relationships in populations, Ecology 35(4), 445-453",
				"Donnelly (1978), Simulations to determine the variance and edge effect of total nearest neighbour distance, in: Hodder (ed.), Simulation Studies in Archaeology, Cambridge University Press, 91-95",
			},
		},
	}, {
		ID: "ripley", infers: true,
		Title:  geo.Text{EN: "Ripley's L", ZH: "Ripley L 函数"},
		Common: []string{paramSelect, paramBy, paramPermutations, paramSeed},
		Params: []Param{{Name: "radius_km", Kind: Float, Open: true, Max: halfway, Description: geo.Text{
			EN: "Greatest radius, in kilometres. The default is a quarter of the shorter side of the box around the universe.",
			ZH: "最大半径（千米），默认为总体外接矩形短边的四分之一。"},
		}, {Name: "steps", Kind: Int, Default: "50", Min: 2, Max: 200, Description: geo.Text{
			EN: "Number of radii.", ZH: "半径的个数。"},
		}, {Name: "null", Kind: Choice, Choices: []string{"sites", "random"}, Description: geo.Text{
			EN: "What chance draws: sites draws as many places out of the universe, random draws by complete randomness in the convex hull of the universe. The default is sites, or random where the subject is the universe.",
			ZH: "随机对照：sites 从总体中抽取同样多的点；random 在总体凸包内完全随机布点。默认 sites；研究对象即总体时为 random。"}}},
		placed: true,
		Slow:   true,
		run:    ripley,
		Page: Page{
			Asks: geo.Text{
				EN: "Up to which distance have places more other places around them than by chance?",
				ZH: "在多大的距离范围内，各点周围的其他点多于偶然？"},
			Formula: "L(r) = sqrt(K(r)/pi), K(r) = A / (n(n-1)) sum over i, j of e(i,j) [d(i,j) <= r], in an equal-area plane; e = 1 / (share of the circle around i through j that lies in the convex hull of the universe), at most 100; the band holds whole curves: 5 % of the draws leave it anywhere, by extreme rank lengths",
			Reading: geo.Text{
				EN: "By complete randomness L(r) is r itself. Above the band places gather at distances up to r, below it they keep apart. p is two-sided and of the whole curve: the share of curves that go as far out.",
				ZH: "完全随机时 L(r) 等于 r。高于带区表示在距离 r 以内集聚，低于带区表示疏离。p 为整条曲线的双侧值，即偏离程度不小于观测曲线的曲线所占比例。"},
			Limits: geo.Text{
				EN: "L adds up: what happens at a short distance stays in the curve at longer ones. Against complete randomness whatever people build is gathered. The hull is a little smaller than the area that the places came from. Of more than 1,000 places a sample is taken.",
				ZH: "L 是累积量：短距离处的集聚会延续到更长的距离。相对完全随机，人类活动总是集聚的。凸包略小于点的真实分布范围。超过 1,000 个点时抽样计算。"},
			Sources: []string{
				"Ripley (1976), The second-order analysis of stationary point processes, Journal of Applied Probability 13(2), 255-266",
				"Besag (1977), Comment on Ripley's paper, Journal of the Royal Statistical Society B 39(2), 193-195",
				"Myllymäki, Mrkvička, Grabarnik, Seijo and Hahn (2017), Global envelope tests for spatial processes, Journal of the Royal Statistical Society B 79(2), 381-404",
			},
		},
	}}
}

// halfway is about half of the circumference of the Earth, in kilometres.
const halfway = 20_040

// ground is the universe in an equal-area plane.
type ground struct {
	sites          []orb.Point
	hull           *pattern.Window // nil where the sites have no spread
	medianDistance float64         // the median distance of two sites in whole metres, once asked for
}

// whole is the ground of the study, made once for all subjects.
func (st *Study) whole() *ground {
	if st.ground == nil {
		st.ground = &ground{sites: planar(st.Plane(), st.Points)}
		st.ground.hull, _ = pattern.Hull(st.ground.sites)
	}
	return st.ground
}

func (g *ground) median(seed uint64) float64 {
	if g.medianDistance == 0 {
		g.medianDistance = math.Ceil(pattern.MedianDistance(g.sites, seed))
	}
	return g.medianDistance
}

// inMetres is a length in metres as kilometres with all its metres.
func inMetres(m float64) string { return strconv.FormatFloat(m/1000, 'f', 3, 64) }

// doubles warns of places that lie just where others do: of a subject, or of the
// universe where there are several subjects.
func (st *Study) doubles(sub *Subject) {
	points := slices.Clone(st.Points)
	if st.single() {
		points = st.PointsOf(sub)
	}
	all := len(points)
	slices.SortFunc(points, func(a, b orb.Point) int { return slices.Compare(a[:], b[:]) })
	if n := all - len(slices.Compact(points)); n > 0 {
		st.warn("%d of %d places lie just where another one does, as positions of seats do: at short distances this looks like gathering.",
			"%d 个点（共 %d 个）与其他点位置完全相同，例如同取政府驻地，在短距离上会显得集聚。", n, all)
	}
}

type neighbourResult struct {
	Observed Number `json:"observed_km"`
	Expected Number `json:"expected_km"`
	Index    Number `json:"index"`
	Z        Number `json:"z"`
	P        Number `json:"p"`
	Area     Number `json:"area_km2"`

	Correction correction `json:"correction"`
}

func nearestNeighbour(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	ground := pattern.Ground{Area: q.float("area_km2") * 1e6}
	ground.Perimeter = 4 * math.Sqrt(ground.Area)
	if !q.Given("area_km2") {
		ground = pattern.Ground{}
		if hull := st.whole().hull; hull != nil {
			ground = pattern.Ground{Area: hull.Area(), Perimeter: hull.Perimeter()}
			st.setting("area_km2", strconv.FormatFloat(ground.Area/1e6, 'f', 3, 64))
		}
	}
	if hull := st.whole().hull; hull != nil && ground.Area < 0.999*hull.Area() {
		st.warn("The area is less than that of the convex hull of the places, %.0f km²: distances by chance are too short.", "所给面积小于各点凸包面积（%.0f 平方千米），期望距离因此偏短。", hull.Area()/1e6)
	}
	if q.text("edge") == "none" {
		ground.Perimeter = 0
	}
	res, err := pattern.ClarkEvans(st.PointsOf(sub), ground)
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "observed_km", Title: geo.Text{EN: "Observed", ZH: "实际平均距离"}, Unit: "km"},
		{Name: "expected_km", Title: geo.Text{EN: "Expected", ZH: "期望平均距离"}, Unit: "km"},
		{Name: "index", Title: geo.Text{EN: "Index", ZH: "指数"}},
		{Name: "z", Title: geo.Text{EN: "z", ZH: "z 值"}},
		{Name: "p", Title: geo.Text{EN: "p, two-sided", ZH: "p 值（双侧）"}},
		{Name: "area_km2", Title: geo.Text{EN: "Area", ZH: "面积"}, Unit: "km2"},
	}}
	if err != nil {
		none := Number(math.NaN())
		o.Members = neighbourResult{none, none, none, none, none, Number(ground.Area / 1e6), oneTest}
		return o, st.without(2, err)
	}
	st.doubles(sub)
	if res.N < 7 {
		st.warn("With fewer than 7 places z and p are rough.", "不足 7 个点时，z 与 p 仅供参考。")
	}
	out := neighbourResult{kilometres(res.Observed), kilometres(res.Expected), Number(res.Index), Number(res.Z), Number(res.P), Number(ground.Area / 1e6), oneTest}
	o.Members = out
	o.Rows = []Row{{ID: "index", Cells: []any{out.Observed, out.Expected, out.Index, out.Z, out.P, out.Area}}}
	return o, nil
}

// chance is how a method draws for a subject.
func (st *Study) chance(sub *Subject) pattern.Chance {
	c := pattern.Chance{Seed: st.Question.seed(), Draws: st.Question.int(paramPermutations), Workers: st.Env.Workers}
	if st.Env.Progress != nil {
		before := 0
		for sub != &st.Subjects[before] {
			before++
		}
		c.Progress = func(done, total int) { st.Env.Progress(before*total+done, len(st.Subjects)*total) }
	}
	if 1/float64(c.Draws+1) > pattern.Alpha {
		st.warn("There are too few draws for a test at the level of 0.05: choose 19 permutations or more.", "抽样次数过少，无法做 0.05 水平的检验：permutations 至少取 19。")
	}
	return c
}

// sample are at most so many of a subject's members, drawn by the seed, with a warning
// where there are more.
func (st *Study) sample(sub *Subject, most int) []int32 {
	if len(sub.Members) <= most {
		return sub.Members
	}
	st.warn("Of more than %[1]d places %[1]d are taken by chance, as all pairs would take too long.", "超过 %[1]d 个点时逐对计算过慢，随机抽取其中 %[1]d 个。", most)
	chosen := pattern.Sample(len(sub.Members), most, st.Question.seed())
	return pick(sub.Members, chosen)
}

type ripleyResult struct {
	R     []Number `json:"r_km"`
	L     []Number `json:"l"`
	Low   []Number `json:"low"`
	High  []Number `json:"high"`
	Null  string   `json:"null"`
	Draws int      `json:"draws"`
	P     Number   `json:"p"`

	Correction correction `json:"correction"`

	Clustered *bool `json:"clustered"`
	Regular   *bool `json:"regular"`
}

// ripleyWork is how many pairs are looked at by default: some seconds.
const ripleyWork = 1e8

// ripleyChance draws less often by default where there are many pairs to look at.
func (st *Study) ripleyChance(sub *Subject, points int) pattern.Chance {
	c := st.chance(sub)
	fewer := max(99, int(ripleyWork/float64(points*points/2+1)))
	if st.Question.Given(paramPermutations) || fewer >= c.Draws {
		return c
	}
	st.warn("There are so many pairs that the band rests on %d draws; permutations=%d asks for more.", "点对很多，区间带仅基于 %d 次抽样；可用 permutations=%d 增加次数。", fewer, c.Draws)
	if st.single() {
		st.setting(paramPermutations, strconv.Itoa(fewer))
	}
	c.Draws = fewer
	return c
}

// ripleyMost is how many places are compared pair by pair in each draw.
const ripleyMost = 1000

func ripley(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	null := q.text("null")
	if null == "" {
		null = "sites"
		if sub.Whole {
			null = "random"
		}
		if st.single() {
			st.setting("null", null)
		}
	}
	res := ripleyResult{R: []Number{}, L: []Number{}, Low: []Number{}, High: []Number{}, Null: null, P: Number(math.NaN()), Correction: wholeCurve}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "r_km", Title: geo.Text{EN: "Radius", ZH: "半径"}, Unit: "km"},
		{Name: "l", Title: geo.Text{EN: "L", ZH: "L"}, Unit: "km"},
		{Name: "low", Title: geo.Text{EN: "Band, low", ZH: "带区下限"}, Unit: "km"},
		{Name: "high", Title: geo.Text{EN: "Band, high", ZH: "带区上限"}, Unit: "km"},
	}}
	o.Members = res
	g := st.whole()
	if g.hull == nil {
		if len(sub.Members) < 2 {
			return o, st.without(2, pattern.ErrTooFew)
		}
		return o, st.without(2, pattern.ErrNoSpread)
	}
	radii := pattern.Radii{Max: q.float("radius_km") * 1000, Steps: q.int("steps")}
	if !q.Given("radius_km") {
		b := g.hull.Ring().Bound()
		radii.Max = math.Ceil(min(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]) / 4)
		st.setting("radius_km", inMetres(radii.Max))
	}
	points := pick(g.sites, st.sample(sub, ripleyMost))
	from := g.sites
	if null == "random" {
		from = nil
	}
	chance := st.ripleyChance(sub, len(points))
	l, err := pattern.RipleyTest(ctx, points, from, g.hull, radii, chance)
	if err != nil {
		return o, st.without(2, err)
	}
	st.doubles(sub)
	if null == "sites" && sub.Whole {
		st.warn("Every draw of sites is the subject itself where that is the universe: the test says nothing.", "研究对象即总体时，每次抽样都与其相同，检验没有意义。")
	}
	res.R, res.L, res.Low, res.High = inKilometres(l.R), inKilometres(l.L), inKilometres(l.Low), inKilometres(l.High)
	res.P, res.Clustered, res.Regular, res.Draws = Number(l.P), &l.Clustered, &l.Regular, chance.Draws
	for i, r := range res.R {
		o.Rows = append(o.Rows, Row{ID: strconv.Itoa(i), Cells: []any{r, res.L[i], res.Low[i], res.High[i]}})
	}
	o.Members = res
	return o, nil
}

func inKilometres(metres []float64) []Number {
	out := make([]Number, len(metres))
	for i, m := range metres {
		out[i] = kilometres(m)
	}
	return out
}
