package stat

import (
	"cmp"
	"context"
	"math"
	"slices"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/stat/share"
)

// concentrationMethods say in one number how few units hold how much.
func concentrationMethods() []*Method {
	return []*Method{herfindahlMethod(), ratioMethod(), giniMethod(), theilMethod(), glaeserMethod()}
}

func herfindahlMethod() *Method {
	return &Method{
		ID:       "herfindahl",
		Title:    geo.Text{EN: "Herfindahl index", ZH: "赫芬达尔指数"},
		Common:   commonOfShares(),
		compares: true,
		run:      herfindahl,
		Page: Page{
			Asks: geo.Text{
				EN: "How concentrated is the subject over the units of area, as if it lay in how many equal ones?",
				ZH: "研究对象在各地域单元间有多集中，相当于均匀分布在几个单元？"},
			Formula: "H = sum of s(u)^2; equivalent number = 1 / H; normalised = (H - 1/n) / (1 - 1/n), where s(u) is the share of the unit and n the number of units that have any of the universe",
			Reading: geo.Text{
				EN: "From 1/n, where all units have the same, to 1, where one has everything. The equivalent number is the plain reading: 4.2 means as concentrated as over 4.2 equal units.",
				ZH: "取值由 1/n（各单元相同）到 1（一个单元占全部）。等价单元数更直观：4.2 即相当于均匀分布在 4.2 个单元。"},
			Limits: geo.Text{
				EN: "A subject with few features is concentrated because it is small. The index does not know which units are neighbours, nor how much there is of everything else.",
				ZH: "要素少的对象必然显得集中。该指数不考虑单元是否相邻，也不考虑其他行业的分布。"},
			Sources: []string{
				"Hirschman (1945), National Power and the Structure of Foreign Trade, University of California Press",
				"Herfindahl (1950), Concentration in the Steel Industry, Columbia University",
				"Adelman (1969), Comment on the H concentration measure as a numbers-equivalent, Review of Economics and Statistics 51(1), 99-101",
			},
		},
	}
}

func ratioMethod() *Method {
	return &Method{
		ID:       "concentration-ratio",
		Title:    geo.Text{EN: "Concentration ratios CR1, CR4, CR8", ZH: "集中率 CR1、CR4、CR8"},
		Common:   commonOfShares(),
		Places:   true,
		compares: true,
		run:      concentrationRatio,
		Page: Page{
			Asks: geo.Text{
				EN: "What share do the largest unit, the four largest and the eight largest hold?",
				ZH: "最大的 1 个、4 个、8 个单元各占多大份额？"},
			Formula: "CR(k) = sum of the k largest shares",
			Reading: geo.Text{
				EN: "CR4 = 0.6: four units hold six tenths. With eight units or fewer CR8 is 1.",
				ZH: "CR4 = 0.6：四个单元占六成。单元不多于 8 个时 CR8 为 1。"},
			Limits: geo.Text{
				EN: "It sees only the top of the ranking, and rises with the size of the units.",
				ZH: "只反映排序前列，且随单元增大而上升。"},
			Sources: []string{"Bain (1951), Relation of profit rate to industry concentration, Quarterly Journal of Economics 65(3), 293-324"},
		},
	}
}

func giniMethod() *Method {
	return &Method{
		ID:       "gini",
		Title:    geo.Text{EN: "Locational Gini and Lorenz curve", ZH: "区位基尼系数与洛伦兹曲线"},
		Common:   commonOfShares(),
		compares: true,
		run:      gini,
		Page: Page{
			Asks: geo.Text{
				EN: "How unevenly is the subject spread over the units, compared with everything that is listed?",
				ZH: "与总体相比，研究对象在各单元间的分布有多不均？"},
			Formula: "G = 1 - sum of (X(k) - X(k-1)) (Y(k) + Y(k-1)), with X and Y the shares of the universe and of the subject added up over the units from the lowest ratio of the two to the highest; where the subject is the universe itself, X counts each unit the same",
			Reading: geo.Text{
				EN: "0 where the subject is spread as everything is, towards 1 where it lies in few units. The Lorenz curve shows it: the farther below the diagonal, the more uneven. half tells the fewest units that hold half of the subject.",
				ZH: "与总体分布一致为 0，集中于少数单元则趋近 1。洛伦兹曲线越低于对角线越不均。half 给出占到一半所需的最少单元数。"},
			Limits: geo.Text{
				EN: "A subject with fewer features than there are units cannot be even, and has a high Gini by that alone: compare subjects of like size. Where units lie does not matter to it.",
				ZH: "要素数少于单元数的对象不可能均匀，基尼系数因此偏高：宜在规模相近的对象间比较。单元的位置关系不影响结果。"},
			Sources: []string{
				"Gini (1912), Variabilità e mutabilità, Bologna",
				"Krugman (1991), Geography and Trade, MIT Press, appendix on locational Gini coefficients",
			},
		},
	}
}

func theilMethod() *Method {
	return &Method{
		ID:     "theil",
		Title:  geo.Text{EN: "Theil index within and between groups", ZH: "泰尔指数及组内、组间分解"},
		Common: commonOfShares(),
		Params: []Param{{Name: "regions", Kind: Text, Description: geo.Text{
			EN: "Groups of units: division:province, region:ID (inside and outside) or a property. The default is division:province where features have division codes, else all units are one group. A unit whose features are of several groups belongs to that of most of them.",
			ZH: "单元的分组：division:province、region:ID（区内与区外）或属性名。要素带行政区划代码时默认 division:province，否则全部为一组。单元内要素分属多组时归入要素最多的一组。"}}},
		compares: true,
		run:      theil,
		Page: Page{
			Asks: geo.Text{
				EN: "How uneven is the subject over the units, and is it uneven between regions or within them?",
				ZH: "研究对象分布有多不均，不均主要在区域之间还是区域内部？"},
			Formula: "T = sum of s ln(s / x) = sum of S ln(S / X) (between) + sum of S T(g) (within), with s and x the units' shares of the subject and of the universe, S and X those of the groups; where the subject is the universe itself, x counts each unit the same",
			Reading: geo.Text{
				EN: "0 where the subject is spread as everything is, without a fixed upper end. within and between add up to theil: if between is most of it, the difference lies between the regions.",
				ZH: "与总体分布一致为 0，没有固定上限。组内与组间之和等于总指数：组间占大头，说明差异主要在区域之间。"},
			Limits: geo.Text{
				EN: "Compare only values with the same units. Units without any of the subject make it large.",
				ZH: "只宜在单元划分相同时比较。没有研究对象的单元会使其变大。"},
			Sources: []string{
				"Theil (1967), Economics and Information Theory, North-Holland, chapter 4",
				"Brülhart and Traeger (2005), An account of geographic concentration patterns in Europe, Regional Science and Urban Economics 35(6), 597-624",
			},
		},
	}
}

func glaeserMethod() *Method {
	return &Method{
		ID:       "ellison-glaeser",
		Title:    geo.Text{EN: "Ellison-Glaeser index", ZH: "Ellison-Glaeser 集聚指数"},
		Common:   commonOfShares(),
		compares: true,
		run:      ellisonGlaeser,
		Page: Page{
			Asks: geo.Text{
				EN: "Do the clusters of the subject lie in the same units more often than if each had been placed by chance, in proportion to everything?",
				ZH: "与按总体比例随机落点相比，研究对象的集群是否更多地落在同一单元？"},
			Formula: "G = sum of (s(u) - x(u))^2; H = sum of z(i)^2; gamma = (G - (1 - sum of x(u)^2) H) / ((1 - sum of x(u)^2) (1 - H)), with s and x the units' shares of the subject and of the universe, z the shares of the single clusters in the subject",
			Reading: geo.Text{
				EN: "0 is chance, below 0 is spread out. Ellison and Glaeser call more than 0.05 strongly and less than 0.02 weakly agglomerated. Here each listed cluster stands for one plant, with its measure as its size; with measure=count all are of one size and H is 1/n.",
				ZH: "0 为随机，负值为分散。原文以高于 0.05 为强集聚、低于 0.02 为弱集聚。此处每个在列集群视作一个工厂，以所选量为其规模；按个数计时规模相同，H 为 1/n。"},
			Limits: geo.Text{
				EN: "The index was made for plants with their employment. Lists of clusters know neither, so that it tells whether clusters are together, not firms, and its values cannot be compared with those of the paper. It depends on the size of the units.",
				ZH: "该指数原为有就业人数的工厂而设。集群名单两者皆无，故只说明集群是否相聚，而非企业；数值不可与原文相比，且受单元大小影响。"},
			Sources: []string{"Ellison and Glaeser (1997), Geographic concentration in U.S. manufacturing industries: a dartboard approach, Journal of Political Economy 105(5), 889-927"},
		},
	}
}

// reference is what a subject is compared with: the universe, or where it is that
// itself, nil for units that count the same.
func (st *Study) reference(sub *Subject) (values []float64, name string) {
	if sub.Whole {
		return nil, "units"
	}
	return st.UniverseTotals(), "universe"
}

// oneRow is an outcome that is a single line.
func oneRow(n int, members any, columns []Column, cells ...any) *Outcome {
	return &Outcome{N: n, Members: members, Columns: columns, Rows: []Row{{ID: "1", Cells: cells}}}
}

type herfindahlResult struct {
	Herfindahl       Number `json:"herfindahl"`
	EquivalentNumber Number `json:"equivalent_number"`
	Normalised       Number `json:"normalised"`
	Units            int    `json:"units"`
}

func herfindahl(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	totals, _ := st.Totals(sub)
	c := share.Herfindahl(totals)
	st.noFigure(c.Reason)
	st.warnFew(sub)
	r := herfindahlResult{Number(c.Herfindahl), Number(c.EquivalentNumber), Number(c.Normalised), len(st.Units)}
	return oneRow(len(sub.Members), r, []Column{
		{Name: "herfindahl", Title: geo.Text{EN: "Herfindahl index", ZH: "赫芬达尔指数"}},
		{Name: "equivalent_number", Title: geo.Text{EN: "Equivalent number", ZH: "等价单元数"}},
		{Name: "normalised", Title: geo.Text{EN: "Normalised", ZH: "标准化值"}},
		{Name: "units", Title: geo.Text{EN: "Units", ZH: "单元数"}},
	}, r.Herfindahl, r.EquivalentNumber, r.Normalised, r.Units), nil
}

type ratioResult struct {
	CR1 Number    `json:"cr1"`
	CR4 Number    `json:"cr4"`
	CR8 Number    `json:"cr8"`
	Top []topUnit `json:"top,omitzero"`
}

type topUnit struct {
	Key   string   `json:"key"`
	Title geo.Text `json:"title,omitzero"`
	Value Number   `json:"value"`
	Share Number   `json:"share"`
}

func concentrationRatio(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	const most = 10
	totals, _ := st.Totals(sub)
	ratio := func(k int) Number {
		r, reason := share.Ratio(totals, k)
		st.noFigure(reason)
		return Number(r)
	}
	if len(st.Units) == 1 {
		st.warn("There is one unit of area: it holds everything, whatever is studied.", "只有一个单元：无论研究什么，全部都在其中。")
	}
	res := ratioResult{CR1: ratio(1), CR4: ratio(4), CR8: ratio(8), Top: []topUnit{}}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "key", Title: geo.Text{EN: "Unit", ZH: "单元"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "share", Title: geo.Text{EN: "Share", ZH: "份额"}},
	}, Brief: ratioResult{CR1: res.CR1, CR4: res.CR4, CR8: res.CR8}}
	shares, _ := share.Shares(totals)
	order := make([]int, 0, len(shares))
	for i, s := range shares {
		if s > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(shares[b], shares[a]) })
	for _, i := range order[:min(most, len(order))] {
		u := &st.Units[i]
		t := topUnit{u.Key, u.Title, Number(totals[i]), Number(shares[i])}
		res.Top = append(res.Top, t)
		o.Rows = append(o.Rows, Row{ID: st.rowID(i), Geometry: u.place(), Cells: []any{t.Key, t.Title, t.Value, t.Share}})
	}
	o.Members = res
	return o, nil
}

type giniResult struct {
	Gini       Number       `json:"gini"`
	RelativeTo string       `json:"relative_to"`
	Half       giniHalf     `json:"half"`
	Units      int          `json:"units"`
	Lorenz     []lorenzItem `json:"lorenz,omitzero"`
}

type giniHalf struct {
	Units int    `json:"units"`
	Share Number `json:"share"`
}

type lorenzItem struct {
	X Number `json:"x"`
	Y Number `json:"y"`
}

func gini(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	totals, _ := st.Totals(sub)
	reference, name := st.reference(sub)
	g := share.Gini(totals, reference)
	st.noFigure(g.Reason)
	st.warnFew(sub)
	res := giniResult{Gini: Number(g.Gini), RelativeTo: name, Units: len(st.Units), Lorenz: []lorenzItem{}}
	units, part, _ := share.Half(totals)
	res.Half = giniHalf{units, Number(part)}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "x", Title: geo.Text{EN: "Share of the reference", ZH: "参照累计份额"}},
		{Name: "y", Title: geo.Text{EN: "Share of the subject", ZH: "对象累计份额"}},
	}, Brief: res}
	for i, p := range g.Lorenz {
		res.Lorenz = append(res.Lorenz, lorenzItem{Number(p.X), Number(p.Y)})
		o.Rows = append(o.Rows, Row{ID: rowNumber(i), Cells: []any{Number(p.X), Number(p.Y)}})
	}
	brief := res
	brief.Lorenz = nil
	o.Members, o.Brief = res, brief
	return o, nil
}

type theilResult struct {
	Theil      Number       `json:"theil"`
	Within     Number       `json:"within"`
	Between    Number       `json:"between"`
	RelativeTo string       `json:"relative_to"`
	Groups     []theilGroup `json:"groups,omitzero"`
}

type theilGroup struct {
	Key   any      `json:"key"`
	Title geo.Text `json:"title,omitzero"`
	Theil Number   `json:"theil"`
	Share Number   `json:"share"`
	Units int      `json:"units"`
}

func theil(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	groups, of, err := st.unitGroups(ctx)
	if err != nil {
		return nil, err
	}
	totals, _ := st.Totals(sub)
	reference, name := st.reference(sub)
	e := share.Theil(totals, reference, of, len(groups))
	st.noFigure(e.Reason)
	st.warnFew(sub)
	res := theilResult{Number(e.Theil), Number(e.Within), Number(e.Between), name, []theilGroup{}}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "key", Title: geo.Text{EN: "Group", ZH: "分组"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "theil", Title: geo.Text{EN: "Theil index inside", ZH: "组内泰尔指数"}},
		{Name: "share", Title: geo.Text{EN: "Share of the subject", ZH: "对象份额"}},
		{Name: "units", Title: geo.Text{EN: "Units", ZH: "单元数"}},
	}}
	for i, g := range groups {
		if i < len(e.Groups) {
			g.Theil, g.Share = Number(e.Groups[i].Theil), Number(e.Groups[i].Share)
		} else {
			g.Theil, g.Share = Number(math.NaN()), Number(math.NaN())
		}
		res.Groups = append(res.Groups, g)
	}
	slices.SortStableFunc(res.Groups, func(a, b theilGroup) int { return cmp.Compare(b.Share, a.Share) })
	for i, g := range res.Groups {
		o.Rows = append(o.Rows, Row{ID: rowNumber(i), Cells: []any{plainCell(g.Key), g.Title, g.Theil, g.Share, g.Units}})
	}
	brief := res
	brief.Groups = nil
	o.Members, o.Brief = res, brief
	return o, nil
}

// unitGroups are the groups of the parameter regions, and that of each unit: that of
// most of its features.
func (st *Study) unitGroups(ctx context.Context) (groups []theilGroup, of []int, err error) {
	name := st.Question.text("regions")
	if name == "" && hasCodes(st.Index.Schema()) {
		name = "division:province"
	}
	st.setting("regions", name)
	key, title, err := st.grouper(name)
	if err != nil {
		return nil, nil, err
	}
	number := make(map[string]int)
	votes := make([]map[int]int, len(st.Units))
	for i, slot := range st.Slots {
		if i%(1<<14) == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		k := key(slot)
		g, ok := number[k]
		if !ok {
			g = len(groups)
			number[k] = g
			groups = append(groups, theilGroup{Key: k, Title: title(k, slot)})
		}
		u := st.UnitOf[i]
		if votes[u] == nil {
			votes[u] = make(map[int]int)
		}
		votes[u][g]++
	}
	of = make([]int, len(st.Units))
	split := 0
	for u, v := range votes {
		most := -1
		for g, n := range v {
			if most < 0 || n > v[most] || n == v[most] && g < most {
				most = g
			}
		}
		of[u] = max(most, 0)
		if most >= 0 {
			groups[most].Units++
		}
		if len(v) > 1 {
			split++
		}
	}
	if split > 0 {
		st.warn("Units with features of several groups: %d; each belongs to the group of most of its features.", "要素分属多组的单元有 %d 个，各归入要素最多的一组。", split)
	}
	return groups, of, nil
}

// grouper tells the group of a slot and its title.
func (st *Study) grouper(name string) (key func(slot uint32) string, title func(key string, slot uint32) geo.Text, err error) {
	none := func(string, uint32) geo.Text { return geo.Text{} }
	s := st.Index.Schema()
	if name == "" {
		return func(uint32) string { return "all" }, none, nil
	}
	if prop, _, ok := s.Find(name); ok {
		if prop.Type == geo.TypeObject || prop.Type == geo.TypeArray {
			return nil, nil, invalid("regions", "%q has lists or objects; a property with single values is needed", clip(name))
		}
		c, _ := st.Index.Column(name)
		return func(slot uint32) string { return c.Value(slot).Text() },
			func(_ string, slot uint32) geo.Text { return titleOf(prop, c.Value(slot)) }, nil
	}
	cut, err := pyramid.ParseCut(s, name)
	switch {
	case err != nil:
		return nil, nil, renamed("regions", err)
	case cut.Level != "":
		i := slices.IndexFunc(s.Properties, func(p geo.Property) bool { return p.Role == geo.RoleAdcode })
		c, _ := st.Index.Column(s.Properties[i].Name)
		key = func(slot uint32) string {
			code, _ := c.Text(slot)
			unit, _ := geo.DivisionOf(code, cut.Level)
			return unit
		}
		title = none
		if st.Env.Area != nil {
			title = func(key string, _ uint32) geo.Text { _, t := st.Env.Area(cut, key); return t }
		}
		return key, title, nil
	case cut.Region != "":
		c, _ := st.Index.Column("regions")
		return func(slot uint32) string {
			if slices.Contains(c.Elements(slot), cut.Region) {
				return cut.Region
			}
			return "elsewhere"
		}, func(key string, _ uint32) geo.Text { return st.definitionTitle(key) }, nil
	}
	return nil, nil, invalid("regions", "%s makes no groups of units; give division:province, region:ID or a property", clip(name))
}

type glaeserResult struct {
	Gamma            Number   `json:"gamma"`
	G                Number   `json:"g"`
	HerfindahlPlants Number   `json:"herfindahl_plants"`
	RelativeTo       string   `json:"relative_to"`
	Form             geo.Text `json:"form"`
}

func ellisonGlaeser(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	reference, name := st.reference(sub)
	if reference == nil {
		reference = slices.Repeat([]float64{1}, len(st.Units))
	}
	units := make([]int, len(sub.Members))
	for k, i := range sub.Members {
		units[k] = int(st.UnitOf[i])
	}
	a := share.EllisonGlaeser(st.WeightsOf(sub), units, reference)
	st.noFigure(a.Reason)
	st.warnFew(sub)
	r := glaeserResult{Number(a.Gamma), Number(a.Raw), Number(a.Herfindahl), name, geo.Text{
		EN: "Each listed cluster stands for one plant, and its measure for the plant's size: the index tells whether clusters are together, not firms.",
		ZH: "每个在列集群视作一个工厂，以所选量为其规模：指数说明集群是否相聚，而非企业。"}}
	return oneRow(len(sub.Members), r, []Column{
		{Name: "gamma", Title: geo.Text{EN: "Gamma", ZH: "γ"}},
		{Name: "g", Title: geo.Text{EN: "Raw concentration G", ZH: "原始集中度 G"}},
		{Name: "herfindahl_plants", Title: geo.Text{EN: "Herfindahl index of the clusters' sizes", ZH: "集群规模的赫芬达尔指数"}},
	}, r.Gamma, r.G, r.HerfindahlPlants), nil
}
