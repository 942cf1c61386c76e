package stat

import (
	"cmp"
	"context"
	"slices"

	"clustermap/geo"
	"clustermap/geo/stat/autocorr"
)

const paramFDR = "fdr"

// neighbourMethods ask whether places are like their neighbours.
func neighbourMethods() []*Method {
	common := []string{paramSelect, paramBy, paramMeasure, paramWithin, paramPermutations, paramSeed}
	q := Param{Name: paramFDR, Kind: Float, Default: "0.05", Min: 0, Max: 0.5, Open: true, Description: geo.Text{
		EN: "Rate of false discoveries: the share of false ones that is allowed among the places called significant (Benjamini and Hochberg). Where so many permutations cannot tell a single place, more are drawn, and the answer says so.",
		ZH: "错误发现率：判为显著者中容许的误判份额（Benjamini–Hochberg 校正）。置换次数不足以判定单个单元时会自动增加，并在结果中注明。"}}
	self := Param{Name: "self", Kind: Choice, Default: "yes", Choices: []string{"yes", "no"}, Description: geo.Text{
		EN: "Whether a place is one of its own neighbours: yes is Gi*, no is Gi.",
		ZH: "单元自身是否算作自己的邻居：yes 即 Gi*，no 即 Gi。"}}
	style := Param{Name: "style", Kind: Choice, Choices: []string{"row", "binary"}, Description: geo.Text{
		EN: "Weight of a neighbour: row, one over the number of neighbours, so that each place counts the same; binary, 1. The default is row for Moran's I and binary for the general G.",
		ZH: "邻居的权重：row 为邻居数的倒数（行标准化），各单元同等计；binary 为 1。莫兰指数默认 row，广义 G 默认 binary。"}}
	return []*Method{
		{
			ID: "moran", infers: true, Title: geo.Text{EN: "Moran's I", ZH: "莫兰指数（全局）"},
			Params: append(neighbourParams(), style), Common: common, Slow: true, unparted: onPoints,
			signed: true, run: wholeOf(autocorr.Moran, "i", "row"), Page: moranPage(),
		}, {
			ID: "getis-ord", infers: true, Title: geo.Text{EN: "Getis-Ord general G", ZH: "Getis-Ord 广义 G 统计量"},
			Params: append(neighbourParams(), style), Common: common, Slow: true, unparted: onPoints,
			run: wholeOf(autocorr.General, "g", "binary"), Page: generalPage(),
		}, {
			ID: "local-moran", infers: true, Title: geo.Text{EN: "Local Moran's I", ZH: "局部莫兰指数（LISA）"},
			Params: append(neighbourParams(), q), Common: common, Slow: true, Places: true, unparted: onPoints,
			signed: true, run: localMoran, Page: localMoranPage(),
		}, {
			ID: "hot-spots", infers: true, Title: geo.Text{EN: "Hot and cold spots (Getis-Ord Gi*)", ZH: "热点与冷点（Getis-Ord Gi*）"},
			Params: append(neighbourParams(), q, self), Common: common, Slow: true, Places: true, unparted: onPoints,
			signed: true, run: hotSpots, Page: hotSpotsPage(),
		},
	}
}

type globalFunc func(context.Context, *autocorr.Weights, []float64, autocorr.Options) (autocorr.Global, error)

// wholeOf is a statistic of all places, called by a name, with the style of weights
// that it has by default.
func wholeOf(f globalFunc, name, usual string) func(context.Context, *Study, *Subject) (*Outcome, error) {
	return func(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
		l, err := st.neighbours(ctx, sub)
		if err != nil {
			return nil, err
		}
		style := cmp.Or(st.Question.text("style"), usual)
		st.setting("style", style)
		w := l.weights
		if style == "row" {
			w = w.Standardised()
		}
		values, _ := st.values(l, sub)
		g, err := f(ctx, w, values, st.drawing(sub, 0))
		if err != nil {
			return nil, err
		}
		st.warnVoid(g.Void)
		if g.Void == "" {
			st.warnIslands(l, "Places without a neighbour take no part: %d.", "没有邻居而未计入者：%d 个。")
			st.warnValues(values)
		}
		members := map[string]any{
			name: Number(g.Value), "expected": Number(g.Expected), "variance": Number(g.Variance),
			"z": Number(g.Z), "p": Number(g.P), "p_permutation": Number(g.PPermutation), "correction": oneTest, "neighbors": l.about,
		}
		row := []any{Number(g.Value), Number(g.Expected), Number(g.Variance), Number(g.Z), Number(g.P), Number(g.PPermutation)}
		return &Outcome{Members: members, N: len(sub.Members), Rows: []Row{{ID: name, Cells: row}}, Columns: []Column{
			{Name: name, Title: geo.Text{EN: "Statistic", ZH: "统计量"}},
			{Name: "expected", Title: geo.Text{EN: "Expected", ZH: "期望"}},
			{Name: "variance", Title: geo.Text{EN: "Variance", ZH: "方差"}},
			{Name: "z", Title: geo.Text{EN: "z", ZH: "z 值"}},
			{Name: "p", Title: geo.Text{EN: "p (normal)", ZH: "p（正态）"}},
			{Name: "p_permutation", Title: geo.Text{EN: "p (permutation)", ZH: "p（置换）"}},
		}}, nil
	}
}

// drawing is how a statistic draws for a subject.
func (st *Study) drawing(sub *Subject, q float64) autocorr.Options {
	o := autocorr.Options{Permutations: st.Question.int(paramPermutations), Seed: st.Question.seed(), Workers: st.Env.Workers, Q: q}
	if st.Env.Progress == nil {
		return o
	}
	before := 0
	for i := range st.Subjects {
		if &st.Subjects[i] == sub {
			before = i
		}
	}
	o.Progress = func(done, total int) { st.Env.Progress(before*total+done, len(st.Subjects)*total) }
	return o
}

// inference are the members that local statistics have in common.
type inference struct {
	Q            Number        `json:"q"`
	Correction   correction    `json:"correction"`
	Draws        int           `json:"draws"` // permutations, at least as many as were asked for
	Significant  int           `json:"significant"`
	Neighborhood neighbourhood `json:"neighbors"`
}

// unitFigures are the columns that local statistics have in common.
type unitFigures struct {
	Key       string   `json:"key"`
	Title     geo.Text `json:"title,omitzero"`
	Count     int      `json:"count"`
	Value     Number   `json:"value"`
	Z         Number   `json:"z"`
	P         Number   `json:"p"`
	PNormal   Number   `json:"p_normal"`
	PAdjusted Number   `json:"p_adjusted"`
}

type localMoranResult struct {
	inference
	HighHigh int              `json:"high_high"`
	LowLow   int              `json:"low_low"`
	HighLow  int              `json:"high_low"`
	LowHigh  int              `json:"low_high"`
	Units    []localMoranUnit `json:"units,omitzero"`
}

type localMoranUnit struct {
	unitFigures
	I           Number  `json:"i"`
	Quadrant    *string `json:"quadrant"`
	Significant bool    `json:"significant"`
}

func localMoran(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	l, local, err := st.local(ctx, sub, func(ctx context.Context, w *autocorr.Weights, x []float64, o autocorr.Options) (*autocorr.Local, error) {
		return autocorr.LocalMoran(ctx, w.Standardised(), x, o)
	})
	if err != nil {
		return nil, err
	}
	q := st.Question.float(paramFDR)
	res := localMoranResult{inference: inference{Q: Number(q), Correction: falseDiscoveries, Draws: local.Draws, Neighborhood: l.about}, Units: []localMoranUnit{}}
	o := &Outcome{N: len(sub.Members), Columns: localColumns(
		Column{Name: "i", Title: geo.Text{EN: "Local I", ZH: "局部 I"}},
		Column{Name: "quadrant", Title: geo.Text{EN: "Quadrant", ZH: "象限"}},
		Column{Name: "significant", Title: geo.Text{EN: "Significant", ZH: "显著"}})}
	figures := st.figures(l, sub, local)
	for _, i := range strongest(local) {
		u := &local.Units[i]
		if st.unlisted(i, u) {
			continue
		}
		row := localMoranUnit{unitFigures: figures[i], I: Number(u.Value), Significant: u.PAdjusted <= q}
		if u.Quadrant != "" {
			quadrant := string(u.Quadrant)
			row.Quadrant = &quadrant
		}
		if row.Significant {
			res.Significant++
			switch u.Quadrant {
			case "HH":
				res.HighHigh++
			case "LL":
				res.LowLow++
			case "HL":
				res.HighLow++
			case "LH":
				res.LowHigh++
			}
		}
		res.Units = append(res.Units, row)
		o.Rows = append(o.Rows, Row{ID: l.rowID(i), Geometry: l.places[i].geometry,
			Cells: row.cells(row.I, string(u.Quadrant), row.Significant)})
	}
	o.Members = res
	res.Units = nil
	o.Brief = res
	return o, nil
}

type hotSpotsResult struct {
	inference
	Hot   int       `json:"hot"`
	Cold  int       `json:"cold"`
	InHot inHot     `json:"in_hot"`
	Units []hotUnit `json:"units,omitzero"`
}

// inHot is what lies in hot spots.
type inHot struct {
	Count int    `json:"count"`
	Value Number `json:"value"`
}

type hotUnit struct {
	unitFigures
	Class string `json:"class"`
}

func hotSpots(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	f := autocorr.GStar
	if st.Question.text("self") == "no" {
		f = autocorr.G
	}
	l, local, err := st.local(ctx, sub, f)
	if err != nil {
		return nil, err
	}
	q := st.Question.float(paramFDR)
	res := hotSpotsResult{inference: inference{Q: Number(q), Correction: falseDiscoveries, Draws: local.Draws, Neighborhood: l.about}, Units: []hotUnit{}}
	o := &Outcome{N: len(sub.Members), Columns: localColumns(Column{Name: "class", Title: geo.Text{EN: "Class", ZH: "类别"}})}
	figures := st.figures(l, sub, local)
	for _, i := range strongest(local) {
		u := &local.Units[i]
		if st.unlisted(i, u) {
			continue
		}
		row := hotUnit{figures[i], hotClass(u)}
		if side := hotSide(u); u.PAdjusted <= q && side != "" {
			res.Significant++
			if side == "hot" {
				res.Hot++
				res.InHot.Count += row.Count
				res.InHot.Value += row.Value
			} else {
				res.Cold++
			}
		}
		res.Units = append(res.Units, row)
		o.Rows = append(o.Rows, Row{ID: l.rowID(i), Geometry: l.places[i].geometry, Cells: row.cells(row.Class)})
	}
	o.Members = res
	res.Units = nil
	o.Brief = res
	return o, nil
}

// hotSide is hot where a place and its neighbours are high and the neighbours higher
// than most draws, cold where all is low, else neither: a high place among low ones
// is no spot.
func hotSide(u *autocorr.Unit) string {
	switch {
	case u.Z > 0 && u.High:
		return "hot"
	case u.Z < 0 && !u.High:
		return "cold"
	}
	return ""
}

// hotClass is by the corrected p, whatever q is.
func hotClass(u *autocorr.Unit) string {
	side := hotSide(u)
	switch p := u.PAdjusted; {
	case side == "" || !(p <= 0.1):
		return "none"
	case p <= 0.01:
		return side + " 99"
	case p <= 0.05:
		return side + " 95"
	}
	return side + " 90"
}

// unlisted reports whether a place only makes the answer long: an empty hexagon of
// which nothing is significant.
func (st *Study) unlisted(i int, u *autocorr.Unit) bool {
	return st.cut.Across > 0 && i >= len(st.Units) && !(u.PAdjusted <= max(0.1, st.Question.float(paramFDR)))
}

// strongest are the places from the highest z to the lowest, those without one last.
func strongest(local *autocorr.Local) []int {
	order := make([]int, len(local.Units))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(local.Units[b].Z, local.Units[a].Z) // of which NaN is the least
	})
	return order
}

func localColumns(more ...Column) []Column {
	return append([]Column{
		{Name: "key", Title: geo.Text{EN: "Key", ZH: "编号"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "z", Title: geo.Text{EN: "z", ZH: "z 值"}},
		{Name: "p", Title: geo.Text{EN: "p (permutation)", ZH: "p（置换）"}},
		{Name: "p_normal", Title: geo.Text{EN: "p (normal)", ZH: "p（正态）"}},
		{Name: "p_adjusted", Title: geo.Text{EN: "p, corrected", ZH: "校正后的 p"}},
	}, more...)
}

func (u unitFigures) cells(more ...any) []any {
	return append([]any{u.Key, u.Title, u.Count, u.Value, u.Z, u.P, u.PNormal, u.PAdjusted}, more...)
}

func (st *Study) figures(l *lattice, sub *Subject, local *autocorr.Local) []unitFigures {
	values, counts := st.values(l, sub)
	figures := make([]unitFigures, len(local.Units))
	for i, u := range local.Units {
		p := l.places[i]
		figures[i] = unitFigures{p.key, p.title, counts[i], Number(values[i]), Number(u.Z), Number(u.P), Number(u.PNormal), Number(u.PAdjusted)}
	}
	return figures
}

type localFunc func(context.Context, *autocorr.Weights, []float64, autocorr.Options) (*autocorr.Local, error)

// local is a statistic of each place, with the warnings that go with it.
func (st *Study) local(ctx context.Context, sub *Subject, f localFunc) (*lattice, *autocorr.Local, error) {
	l, err := st.neighbours(ctx, sub)
	if err != nil {
		return nil, nil, err
	}
	values, _ := st.values(l, sub)
	local, err := f(ctx, l.weights, values, st.drawing(sub, st.Question.float(paramFDR)))
	if err != nil {
		return nil, nil, err
	}
	st.warnVoid(local.Void)
	if local.Void != "" {
		return l, local, nil
	}
	st.warnIslands(l, "Places without a neighbour have no p: %d.", "没有邻居因而没有 p 值者：%d 个。")
	st.warnValues(values)
	if asked := st.Question.int(paramPermutations); local.Draws > asked {
		st.warn("Drawn were %d permutations, not %d: with fewer, the least p there can be, 2/(permutations + 1), is more than fdr over the number of places, and no single place could be significant.",
			"实际置换 %d 次，而非 %d 次：次数再少，最小可能的 p 值 2/(置换次数+1) 就会大于 fdr 除以单元数，任何单个单元都无法显著。", local.Draws, asked)
	}
	if local.Coarse {
		st.warn("Even with %d permutations the least p there can be, 2/(permutations + 1), is more than fdr over the number of places: read p_normal beside p.",
			"即使置换 %d 次，最小可能的 p 值 2/(置换次数+1) 仍大于 fdr 除以单元数：请同时参看 p_normal。", local.Draws)
	}
	return l, local, nil
}

func (st *Study) warnVoid(why autocorr.Void) {
	switch why {
	case autocorr.Constant:
		st.warn("All places have the same value: there is nothing to compare.", "各处数值全部相等，无可比较。")
	case autocorr.TooFew:
		st.warn("There are too few places with neighbours and values to compute this.", "有邻居且有数值的单元太少，无法计算。")
	case autocorr.Alone:
		st.warn("No place has a neighbour: there is nothing to compare.", "没有任何一处有邻居，无可比较。")
	case autocorr.Negative:
		st.warn("The general G is for values of at least 0.", "广义 G 统计量仅适用于非负数值。")
	}
}

func (st *Study) warnIslands(l *lattice, en, zh string) {
	if l.about.Islands > 0 {
		st.warn(en, zh, l.about.Islands)
	}
}

// warnValues tells when the normal distribution is a poor guide.
func (st *Study) warnValues(values []float64) {
	zeros := 0
	for _, v := range values {
		if v == 0 {
			zeros++
		}
	}
	if len(values) < 30 {
		st.warn("With fewer than 30 places z and the p by it are rough: read the p of permutations.", "不足 30 处，z 及由其得出的 p 较粗略：请看置换检验的 p。")
	}
	if 2*zeros > len(values) {
		st.warn("Most places have the value 0, so z is far from normal: read the p of permutations.", "多数单元数值为 0，z 远非正态：请看置换检验的 p。")
	}
}
