package stat

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/stat/dbscan"
)

// The parameters of methods that find clusters.
const (
	paramEps       = "eps_km"
	paramMinPoints = "min_points"
	paramMinSize   = "min_cluster_size"
	paramSelection = "selection"
	paramHull      = "hull"
	paramAlpha     = "alpha_km"

	defaultMinPoints = 5
	defaultMinSize   = 5
)

// clusterMethods find clusters by density.
func clusterMethods() []*Method {
	common := []string{paramSelect, paramBy, paramMeasure}
	hull := Param{Name: paramHull, Kind: Choice, Default: "convex", Choices: []string{"convex", "alpha"}, Description: geo.Text{
		EN: "The outline of a cluster: convex, the least area without dents, or alpha, which follows dents and holes (alpha shape).",
		ZH: "簇的外包：convex 为凸包；alpha 为可随凹入与空洞变化的 alpha 形状。"}}
	alpha := Param{Name: paramAlpha, Kind: Float, Open: true, Max: 10_000, Description: geo.Text{
		EN: "With hull=alpha, the widest circle through three neighbouring features, by its radius in km, that is filled. The default is, for each cluster, the least that keeps it in one piece.",
		ZH: "hull=alpha 时，经过三个相邻要素的圆在半径不超过此值（千米）时予以填充。默认对每一簇取使其连成一片的最小半径。"}}
	output := Param{Name: paramOutput, Kind: Choice, Default: "hulls", Choices: []string{"hulls", "points"}, Description: geo.Text{
		EN: "What the rows and places are: a hull for each cluster, or the features with the label of each (points).",
		ZH: "结果的行与图形：hulls 为各簇的外包，points 为带标签的各要素。"}}
	return []*Method{{
		ID:    "dbscan",
		Title: geo.Text{EN: "DBSCAN clusters", ZH: "DBSCAN 聚类"},
		Params: []Param{
			{Name: paramEps, Kind: Float, Open: true, Max: 20_040, Description: geo.Text{
				EN: "How far a feature reaches, in km along a great circle. The default is the distance within which half of all features have as many as 5 (or min_points, of a count), themselves among them; 1 km where that is 0.",
				ZH: "每个要素的邻域半径（大圆千米）。默认取使半数要素在此范围内（含自身）有 5 个（按个数时为 min_points 个）要素的距离；若为 0 则取 1 千米。"}},
			{Name: paramMinPoints, Kind: Float, Open: true, Description: geo.Text{
				EN: "How much of the measure within reach makes a feature the core of a cluster; it counts itself. The default is 5, or of a sum 5 times its mean.",
				ZH: "邻域内（含自身）达到多少量值即为核心要素。默认 5；按数值之和时为均值的 5 倍。"}},
			hull, alpha, output,
		},
		Common: common,
		Places: true,
		placed: true,
		run:    findDBSCAN,
		Page: Page{
			Asks: geo.Text{
				EN: "Which features stand so close together that they are a cluster, and which stand alone?",
				ZH: "哪些要素彼此邻近而成簇，哪些是孤立的？"},
			Formula: "core(p): sum of w(q) over q with d(p, q) <= eps is at least min_points; clusters: the core features linked by steps of at most eps, with all within eps of them; the others are noise; d = great circle on a sphere of 6,371,008.8 m",
			Reading: geo.Text{
				EN: "A cluster may have any shape. A feature at the rim that several clusters reach belongs to the one whose core is nearest. Noise is not wrong data: it is what stands alone at this distance.",
				ZH: "簇的形状不限。同时处于几个簇边缘的要素归入核心最近的一簇。噪声并非错误数据，而是在此距离下孤立的要素。"},
			Limits: geo.Text{
				EN: "One distance fits all only where density is alike: what is one cluster in the east may be noise in the west. Two clusters with a bridge between them are one. Try half and twice the distance. It says nothing of chance: clusters are found in random points too.",
				ZH: "单一距离只适合密度相近的区域：东部成簇的间距在西部可能成为噪声；两簇之间若有连接即并为一簇。请以一半与两倍的距离对照。本方法不说明是否偶然：随机点中也会找到簇。"},
			Sources: []string{
				"Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters in large spatial databases with noise, KDD-96, 226-231",
				"Schubert, Sander, Ester, Kriegel and Xu (2017), DBSCAN revisited, revisited: why and how you should (still) use DBSCAN, ACM Transactions on Database Systems 42(3), 19",
			},
		},
	}, {
		ID:    "hdbscan",
		Title: geo.Text{EN: "HDBSCAN clusters", ZH: "HDBSCAN 层次聚类"},
		Params: []Param{
			{Name: paramMinSize, Kind: Int, Default: strconv.Itoa(defaultMinSize), Min: 2, Max: 1e6, Description: geo.Text{
				EN: "The fewest features that are a cluster.", ZH: "一簇至少含多少个要素。"}},
			{Name: paramMinPoints, Kind: Int, Min: 1, Max: 1e6, Description: geo.Text{
				EN: "How many nearest features, itself among them, the density at a feature is taken from. The default is min_cluster_size.",
				ZH: "以最近的多少个要素（含自身）估计某处密度。默认等于 min_cluster_size。"}},
			{Name: paramSelection, Kind: Choice, Default: "eom", Choices: []string{"eom", "leaf"}, Description: geo.Text{
				EN: "eom: the clusters that last over the widest range of densities (excess of mass); leaf: the smallest ones.",
				ZH: "eom：取在最宽密度范围内稳定的簇（超额质量）；leaf：取最细的簇。"}},
			hull, alpha, output,
		},
		Common: common,
		Places: true,
		placed: true,
		run:    findHDBSCAN,
		Page: Page{
			Asks: geo.Text{
				EN: "Which clusters are there, if dense regions may have close ones and sparse regions wide ones?",
				ZH: "若稠密地区的簇可以紧凑、稀疏地区的簇可以松散，存在哪些簇？"},
			Formula: "reach(p) = distance to the min_points-th nearest feature, itself the first; mutual reach(p, q) = max(reach(p), reach(q), d(p, q)); hierarchy of single linkage by mutual reach, without parts under min_cluster_size; stability(C) = sum over p in C of (1/d at which p leaves C - 1/d at which C begins); membership(p) = its 1/d over the greatest in the cluster",
			Reading: geo.Text{
				EN: "Membership is 1 in the densest part of a cluster and falls towards its rim. There is no distance to choose; the least size decides how fine the picture is.",
				ZH: "隶属度在簇的最密处为 1，向边缘递减。无需选择距离；最小规模决定结果的粗细。"},
			Limits: geo.Text{
				EN: "Each feature counts as one, whatever the measure. All features together are never one cluster: a single hill gives none, or parts of it. Distances under a metre count as one. It says nothing of chance.",
				ZH: "无论按何数值，每个要素均计为一个。全部要素不会合为一簇：单一高峰可能得不到簇或只得到其局部。不足 1 米的距离按 1 米计。本方法不说明是否偶然。"},
			Sources: []string{
				"Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density estimates, PAKDD 2013, LNCS 7819, 160-172",
				"McInnes and Healy (2017), Accelerated hierarchical density based clustering, IEEE ICDM Workshops, 33-42",
			},
		},
	}}
}

type clustersResult struct {
	Clusters int            `json:"clusters"`
	Noise    int            `json:"noise"`
	Eps      *Number        `json:"eps_km,omitempty"`
	Least    *Number        `json:"min_points,omitempty"`
	Labels   []labelled     `json:"labels,omitzero"`
	Groups   []clusterGroup `json:"groups"`
}

type labelled struct {
	ID         json.RawMessage `json:"id"`
	Label      *int            `json:"label"`
	Core       *bool           `json:"core,omitempty"`
	Membership *Number         `json:"membership,omitempty"`
}

type clusterGroup struct {
	Label     int      `json:"label"`
	Count     int      `json:"count"`
	Value     Number   `json:"value"`
	Share     Number   `json:"share"`
	Centre    Position `json:"center"`
	Hull      Number   `json:"hull_km2"`
	Stability *Number  `json:"stability,omitempty"`

	members []int32
	shape   orb.Geometry
}

func findDBSCAN(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	points, weights := st.PointsOf(sub), st.weighing(sub)
	work := dbscan.Work{Workers: st.Env.Workers, Progress: st.Env.Progress}
	least := q.float(paramMinPoints)
	if !q.Given(paramMinPoints) {
		least = defaultMinPoints * meanWeight(weights)
	}
	eps := q.float(paramEps)
	if !q.Given(paramEps) {
		near := defaultMinPoints
		if weights == nil {
			near = int(min(1e6, math.Ceil(least)))
		}
		var err error
		if eps, err = usualReach(ctx, points, near, work); err != nil {
			return nil, err
		}
	}
	st.setting(paramEps, strconv.FormatFloat(eps, 'f', -1, 64))
	st.setting(paramMinPoints, strconv.FormatFloat(least, 'f', -1, 64))
	found := &dbscan.Clusters{}
	if len(points) > 0 && least > 0 {
		var err error
		if found, err = dbscan.DBSCAN(ctx, points, dbscan.Question{Eps: eps * 1000, MinPoints: least, Weights: weights}, work); err != nil {
			return nil, err
		}
	} else if len(points) > 0 {
		st.warn("No feature has a weight above 0: there is no cluster.", "没有权重大于 0 的要素，没有簇。")
		found.Labels, found.Core = slices.Repeat([]int{dbscan.Noise}, len(points)), make([]bool, len(points))
	}
	v := clustersView{st: st, sub: sub, points: points, labels: found.Labels}
	v.group(found.N)
	reach, need := Number(eps), Number(least)
	v.result.Eps, v.result.Least = &reach, &need
	return v.outcome(func(i int, l *labelled) { l.Core = &found.Core[i] }), nil
}

func meanWeight(weights []float64) float64 {
	if weights == nil {
		return 1
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	return sum / float64(max(1, len(weights)))
}

// usualReach is the distance in km within which half of the points have a number of
// points, themselves among them.
func usualReach(ctx context.Context, points []orb.Point, number int, work dbscan.Work) (float64, error) {
	reach, err := dbscan.Reach(ctx, points, min(number, len(points)), work)
	if err != nil || len(reach) == 0 {
		return 1, err
	}
	slices.Sort(reach)
	if median := reach[(len(reach)-1)/2]; median > 0 {
		return median / 1000, nil
	}
	return 1, nil
}

func findHDBSCAN(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	points := st.PointsOf(sub)
	ask := dbscan.HQuestion{MinSize: q.int(paramMinSize), MinPoints: q.int(paramMinPoints)}
	if ask.MinPoints == 0 {
		ask.MinPoints = ask.MinSize
	}
	st.setting(paramMinPoints, strconv.Itoa(ask.MinPoints))
	if q.text(paramSelection) == "leaf" {
		ask.Selection = dbscan.Leaf
	}
	if n := max(ask.MinSize, ask.MinPoints); len(points) > 0 && len(points) < n {
		st.warn("There are fewer than %d features: no cluster can be found.", "要素不足 %d 个，无法成簇。", n)
	}
	found, err := dbscan.HDBSCAN(ctx, points, ask, dbscan.Work{Workers: st.Env.Workers, Progress: st.Env.Progress})
	if err != nil {
		return nil, err
	}
	v := clustersView{st: st, sub: sub, points: points, labels: found.Labels}
	v.group(found.N)
	for i := range v.result.Groups {
		s := Number(found.Stability[i] * 1000)
		v.result.Groups[i].Stability = &s
	}
	return v.outcome(func(i int, l *labelled) {
		m := Number(found.Probability[i])
		l.Membership = &m
	}), nil
}

// clustersView makes an answer of labels.
type clustersView struct {
	st     *Study
	sub    *Subject
	points []orb.Point
	labels []int
	result clustersResult
}

// group gathers the clusters.
func (v *clustersView) group(n int) {
	groups := make([]clusterGroup, n)
	total := 0.0
	for i, l := range v.labels {
		w := v.st.Weights[v.sub.Members[i]]
		total += w
		if l < 0 {
			v.result.Noise++
			continue
		}
		g := &groups[l]
		g.Count++
		g.Value += Number(w)
		g.members = append(g.members, int32(i))
	}
	unfit := false
	for l := range groups {
		g := &groups[l]
		points := pick(v.points, g.members)
		g.Label, g.Share, g.Centre = l+1, g.Value/Number(total), nowhere
		if c, ok := dbscan.Centre(points); ok {
			g.Centre = positionOf(c)
		}
		if g.shape = v.hull(points); g.shape == nil {
			unfit = true
		}
		g.Hull = Number(dbscan.Area(g.shape) / 1e6)
	}
	if unfit {
		v.st.warn("A cluster reaches over half of the Earth or more and has no hull.", "有簇跨越半个地球以上，没有外包。")
	}
	if n == 0 && len(v.labels) > 0 {
		v.st.warn("No cluster was found.", "未找到任何簇。")
	}
	v.result.Clusters, v.result.Groups = n, groups
}

// hull is the outline of a cluster; a line or a point where it has no area.
func (v *clustersView) hull(points []orb.Point) orb.Geometry {
	if v.st.Question.text(paramHull) == "alpha" {
		if shape := dbscan.AlphaShape(points, v.st.Question.float(paramAlpha)*1000); len(shape) > 0 {
			return shape
		}
		if v.st.Question.Given(paramAlpha) {
			v.st.warn("Where no circle is as narrow as alpha_km the convex hull is given.", "没有半径不超过 alpha_km 的圆时，给出凸包。")
		}
	}
	return dbscan.Hull(points)
}

// drawn is a hull cut at 180 degrees, with positions rounded to 1e-9 degrees (0.1 mm); nil
// where it goes through a pole.
func drawn(g orb.Geometry) orb.Geometry {
	var polygons orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		polygons = g
	default:
		return g
	}
	var out orb.MultiPolygon
	for _, p := range polygons {
		ground := dbscan.Area(p)
		for i, ring := range p {
			p[i] = rounded(ring, 1e9)
		}
		parts, ok := uncrossed(p, ground)
		if !ok {
			return nil
		}
		out = append(out, parts...)
	}
	return oneOrMany(out)
}

func (v *clustersView) outcome(more func(i int, l *labelled)) *Outcome {
	o := &Outcome{N: len(v.points)}
	brief := v.result
	v.result.Labels = []labelled{}
	for i, l := range v.labels {
		one := labelled{ID: v.id(i).AppendJSON(nil)}
		if l >= 0 {
			label := l + 1
			one.Label = &label
		}
		more(i, &one)
		v.result.Labels = append(v.result.Labels, one)
	}
	o.Members, o.Brief = &v.result, &brief
	if v.st.Question.text(paramOutput) == "points" {
		v.pointRows(o)
	} else {
		v.hullRows(o)
	}
	return o
}

func (v *clustersView) id(i int) geo.ID { return v.st.Index.At(v.st.Slots[v.sub.Members[i]]).ID() }

func (v *clustersView) pointRows(o *Outcome) {
	o.Columns = []Column{
		{Name: "id", Title: geo.Text{EN: "Feature", ZH: "要素"}},
		{Name: "label", Title: geo.Text{EN: "Cluster", ZH: "簇"}},
		{Name: "core", Title: geo.Text{EN: "Core", ZH: "核心"}},
		{Name: "membership", Title: geo.Text{EN: "Membership", ZH: "隶属度"}},
	}
	for i, l := range v.result.Labels {
		cells := []any{v.id(i).String(), nil, nil, nil}
		if l.Label != nil {
			cells[1] = *l.Label
		}
		if l.Core != nil {
			cells[2] = *l.Core
		}
		if l.Membership != nil {
			cells[3] = *l.Membership
		}
		o.Rows = append(o.Rows, Row{ID: strconv.Itoa(i + 1), Geometry: v.points[i], Cells: cells})
	}
}

func (v *clustersView) hullRows(o *Outcome) {
	o.Columns = []Column{
		{Name: "label", Title: geo.Text{EN: "Cluster", ZH: "簇"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "share", Title: geo.Text{EN: "Share of all", ZH: "占总量份额"}},
		{Name: "lon", Title: geo.Text{EN: "Longitude", ZH: "经度"}, Unit: "°"},
		{Name: "lat", Title: geo.Text{EN: "Latitude", ZH: "纬度"}, Unit: "°"},
		{Name: "hull_km2", Title: geo.Text{EN: "Area of the hull", ZH: "外包面积"}, Unit: "km²"},
	}
	for _, g := range v.result.Groups {
		shape := drawn(g.shape)
		if shape == nil && g.shape != nil {
			v.st.warn("A hull that goes through a pole is not drawn.", "穿过极点的外包未绘出。")
		}
		o.Rows = append(o.Rows, Row{ID: strconv.Itoa(g.Label), Geometry: shape, Cells: []any{g.Label, g.Count, g.Value, g.Share, g.Centre.Lon, g.Centre.Lat, g.Hull}})
	}
	slices.SortStableFunc(o.Rows, func(a, b Row) int { return cmp.Compare(b.Cells[1].(int), a.Cells[1].(int)) })
}
