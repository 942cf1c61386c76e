package stat

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/stat/share"
)

// shareMethods say how a measure is shared out, and where it is more than its share.
func shareMethods() []*Method {
	return []*Method{sharesMethod(), quotientMethod(), starsMethod()}
}

func sharesMethod() *Method {
	return &Method{
		ID:     "shares",
		Title:  geo.Text{EN: "Counts, sums and shares", ZH: "个数、总量与份额"},
		Common: commonOfShares(),
		Places: true,
		joint:  true,
		run:    shares,
		Page: Page{
			Asks: geo.Text{
				EN: "How many, or how much, is there in each unit of area, or of each value of a property, and what share of all is that?",
				ZH: "每个地域单元、或某属性的每个取值各有多少，占全部的多大份额？"},
			Formula: "share(u) = value(u) / sum of value over all u, where value is the count or the sum of the measure",
			Reading: geo.Text{
				EN: "Shares by unit add up to 1 over the features that belong to a unit. Where features say themselves what share of China or of the world they have, that is quoted beside (stated): such a share is of a product, by the source's own account, and does not add up with others.",
				ZH: "各单元份额之和为 1（仅计属于某一单元的要素）。要素自述占全国、全球份额的，另列于 stated：那是来源就某一产品的说法，不能与其他份额相加。"},
			Limits: geo.Text{
				EN: "The shares are of what is listed. A list that is fuller for one province than for another shows that in its shares.",
				ZH: "份额以名单为底：名单在某省收录更全，份额就随之偏高。"},
			Sources: []string{"Definition; the stated shares are quoted from the sources of the features"},
		},
	}
}

func quotientMethod() *Method {
	return &Method{
		ID: "location-quotient", infers: true,
		Title:    geo.Text{EN: "Location quotient", ZH: "区位商"},
		Common:   []string{paramSelect, paramBy, paramMeasure, paramWithin, paramPermutations, paramSeed},
		Places:   true,
		Slow:     true,
		compares: true,
		run:      locationQuotient,
		Page: Page{
			Asks: geo.Text{
				EN: "In which units does the subject have more than its share of everything that is listed?",
				ZH: "研究对象在哪些单元所占比重高于其在总体中的比重？"},
			Formula: "LQ(u) = (value(u) / all(u)) / (sum of value / sum of all); z(u) = (ln LQ(u) - mean of ln LQ) / standard deviation of ln LQ (with n - 1); the interval goes from the 2.5 % to the 97.5 % quantile of the LQ of lists drawn anew from the features, with replacement; p = 2 min(P(X >= count), P(X <= count)), at most 1, X the number of the subject's features that fall to the unit when they are dealt out over all features (hypergeometric); p_adjusted by Benjamini and Hochberg over the units",
			Reading: geo.Text{
				EN: "1 is the average, 2 twice it. p_adjusted of at most 0.05: more (or less) than chance would give, allowing for how many units are looked at. An interval (low, high) that holds 1 says that the quotient may be owed to a few features. Standardised values above 1.96 are unusual among the units that have any, if the logarithms of the quotients are about normal. Units without any of the subject have the quotient 0 and are left out.",
				ZH: "1 为平均水平，2 为平均的两倍。p_adjusted 不大于 0.05：考虑到单元众多，仍多于（或少于）偶然。区间（low 至 high）包含 1 时，该值可能只缘于少数几个要素。若区位商对数近似正态，标准化值高于 1.96 即属少见。没有研究对象的单元区位商为 0，不列出。"},
			Limits: geo.Text{
				EN: "The universe is what is listed, not all firms or jobs: a quotient of listed clusters compares lists. In a unit with few features quotients are extreme. The interval tells how far a quotient hangs on single features; it is no test, which p is. In units with fewer than 5 features it says next to nothing. Sums have no p.",
				ZH: "总体只是名单所列，而非全部企业或就业：据名单算出的区位商比较的是名单。要素少的单元容易出现极端值。区间反映结果对个别要素的依赖；区间不是检验，检验看 p。总体要素不足 5 个的单元，区间几乎没有意义。求和时没有 p。"},
			Sources: []string{
				"Florence (1939), Report on the Location of Industry, Political and Economic Planning, London",
				"O'Donoghue and Gleave (2004), A note on methods for measuring industrial agglomeration, Regional Studies 38(4), 419-427",
				"Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7(1), 1-26",
				"Benjamini and Hochberg (1995), Controlling the false discovery rate, Journal of the Royal Statistical Society B 57(1), 289-300",
			},
		},
	}
}

func starsMethod() *Method {
	return &Method{
		ID:       "stars",
		Title:    geo.Text{EN: "Stars of the European Cluster Observatory", ZH: "欧洲集群观察站星级"},
		Common:   commonOfShares(),
		Places:   true,
		compares: true,
		run:      stars,
		Params: []Param{{Name: "rule", Kind: Choice, Default: "decile", Choices: []string{"decile", "2008"}, Description: geo.Text{
			EN: "decile: a star each for a size in the top tenth of the units that have any of the subject, a location quotient of at least 2, and a share of the unit in the top tenth. 2008: for more than 10,000 jobs, a location quotient of at least 2, and more than 3 % of the unit.",
			ZH: "decile：规模位于有该行业的单元前十分之一、区位商不低于 2、占本单元份额位于前十分之一，各得一星。2008：超过 10,000 个岗位、区位商不低于 2、占本单元超过 3%，各得一星。"}}},
		Page: Page{
			Asks: geo.Text{
				EN: "Which units are strong in the subject by size, by specialisation and by focus, as the European observatory rated its regions?",
				ZH: "按欧洲集群观察站的标准，哪些单元在规模、专业化和集中度上称得上强？"},
			Formula: "size: value(u) at least that of the (n/10 rounded up)-th largest of n units; specialisation: LQ(u) >= 2; focus: value(u) / all(u), ranked like size. Rule 2008: value(u) > 10,000, LQ(u) >= 2, value(u) / all(u) > 0.03",
			Reading: geo.Text{
				EN: "Three stars: a unit with much of the trade, far more than its share, and for which the trade matters much. Units that tie at the threshold all have the star, but the lowest value of all is never in the top tenth, so that where all are equal none has it.",
				ZH: "三星：该行业规模大、远超应有份额、对本单元也举足轻重。并列于门槛者都得星，但最小值永不算前十分之一，因此各单元相等时都不得星。"},
			Limits: geo.Text{
				EN: "The observatory counted jobs. Where there is no employment the stars count listed clusters, and the answer says so. Units are those of the question, not the NUTS-2 regions for which the thresholds were made.",
				ZH: "观察站以就业岗位计。没有就业数据时按名单中的集群个数计，结果中会注明。单元由提问决定，并非门槛所针对的 NUTS-2 地区。"},
			Sources: []string{
				"European Cluster Observatory, methodology of cluster mapping: size, specialisation and focus",
				"Sölvell, Ketels and Lindqvist (2008), Industrial specialization and regional clusters in the ten new EU member states, Competitiveness Review 18(1/2), 104-130",
			},
		},
	}
}

// commonOfShares are the common parameters of methods that compare units.
func commonOfShares() []string { return []string{paramSelect, paramBy, paramMeasure, paramWithin} }

// figureRow is a line of a list of shares.
type figureRow struct {
	Key   any      `json:"key"`
	Title geo.Text `json:"title,omitzero"`
	Count int      `json:"count"`
	Value Number   `json:"value"`
	Share Number   `json:"share"`
}

type sharesResult struct {
	Total  Number        `json:"total"`
	Rows   []figureRow   `json:"rows,omitzero"`
	By     string        `json:"by,omitzero"`
	ByRows []figureRow   `json:"by_rows,omitzero"`
	Stated []statedShare `json:"stated,omitzero"`
}

// shares counts by unit and by value. With by the rows are of each value in each
// unit.
func shares(ctx context.Context, st *Study, _ *Subject) (*Outcome, error) {
	q := st.Question
	everything := st.studied()
	subjects := []*Subject{everything}
	if q.By != "" {
		subjects = st.subjectsBy(everything)
	}
	stated, err := st.stated(ctx)
	if err != nil {
		return nil, err
	}
	res := sharesResult{Rows: []figureRow{}, Stated: stated}
	totals, counts := st.Totals(everything)
	for _, v := range totals {
		res.Total += Number(v)
	}
	for _, i := range ranked(counts, totals) {
		u := &st.Units[i]
		res.Rows = append(res.Rows, figureRow{u.Key, u.Title, counts[i], Number(totals[i]), Number(totals[i]) / res.Total})
	}
	o := &Outcome{N: len(everything.Members), Columns: []Column{
		{Name: "key", Title: geo.Text{EN: "Unit", ZH: "单元"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "share", Title: geo.Text{EN: "Share", ZH: "份额"}},
	}}
	if q.By != "" {
		o.Columns = append([]Column{{Name: q.By, Title: st.byTitle()}}, o.Columns...)
		res.By, res.ByRows = q.By, []figureRow{}
	}
	for n, sub := range subjects {
		values, counts := st.Totals(sub)
		sum := Number(0)
		for _, i := range ranked(counts, values) {
			u := &st.Units[i]
			sum += Number(values[i])
			row := Row{ID: st.rowID(i), Geometry: u.place(), Cells: []any{u.Key, u.Title, counts[i], Number(values[i]), Number(values[i]) / res.Total}}
			if q.By != "" {
				row.ID = strconv.Itoa(n+1) + "-" + row.ID
				row.Cells = append([]any{sub.Value.Text()}, row.Cells...)
			}
			o.Rows = append(o.Rows, row)
		}
		if q.By != "" {
			res.ByRows = append(res.ByRows, figureRow{sub.json(), sub.Title, len(sub.Members), sum, sum / res.Total})
		}
	}
	if res.Total == 0 {
		st.noFigure(share.Zero)
	}
	o.Members = res
	o.Brief = map[string]any{"total": res.Total}
	return o, nil
}

// ranked are the units that have any, those with the highest values first.
func ranked(counts []int, by ...[]float64) []int {
	var units []int
	for i, n := range counts {
		if n > 0 {
			units = append(units, i)
		}
	}
	slices.SortStableFunc(units, func(a, b int) int {
		for _, values := range by {
			if c := cmp.Compare(values[b], values[a]); c != 0 {
				return c
			}
		}
		return 0
	})
	return units
}

// studied is the selection, or everything where there is none.
func (st *Study) studied() *Subject {
	if st.Question.Select != nil {
		return &st.Subjects[0]
	}
	return st.everything()
}

// everything is the universe as a subject.
func (st *Study) everything() *Subject {
	all := &Subject{Title: geo.Text{EN: "All", ZH: "全部"}, Members: make([]int32, len(st.Slots)), Whole: true}
	for i := range all.Members {
		all.Members[i] = int32(i)
	}
	return all
}

// subjectsBy are the members of sub by their value of the property by, the largest
// first.
func (st *Study) subjectsBy(sub *Subject) []*Subject {
	return st.subjectsByProperty(st.Question.By, sub.Members)
}

func (st *Study) subjectsByProperty(name string, members []int32) []*Subject {
	prop, _, _ := st.Index.Schema().Find(name)
	c, _ := st.Index.Column(name)
	var out []*Subject
	number := make(map[string]*Subject)
	for _, i := range members {
		v := c.Value(st.Slots[i])
		key := string(v.JSON())
		s := number[key]
		if s == nil {
			s = &Subject{Value: v, Title: titleOf(prop, v)}
			number[key], out = s, append(out, s)
		}
		s.Members = append(s.Members, i)
	}
	slices.SortStableFunc(out, func(a, b *Subject) int {
		return cmp.Or(cmp.Compare(len(b.Members), len(a.Members)), a.Value.Compare(b.Value))
	})
	return out
}

// place is where a unit is drawn: its outline, or a point of it, or nowhere.
func (u *Unit) place() orb.Geometry {
	switch {
	case u.Outline != nil:
		return u.Outline
	case u.Placed:
		return u.At
	}
	return nil
}

func (st *Study) rowID(unit int) string { return rowID(st.Units[unit].Key, "unit.", unit) }

// rowID is the key of the row of a number where that can stand in a URL, else the number
// after a word.
func rowID(key, word string, number int) string {
	for _, c := range key {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", c) {
			return word + strconv.Itoa(number+1)
		}
	}
	return cmp.Or(key, word+strconv.Itoa(number+1))
}

// statedShare is a share of China or of the world that a feature's own source gives.
type statedShare struct {
	ID      json.RawMessage `json:"id"`
	Title   geo.Text        `json:"title,omitzero"`
	Of      string          `json:"of"` // china or world
	Percent Number          `json:"percent"`
	Means   geo.Text        `json:"means,omitzero"` // what the share is of, in the words of the data
	Text    string          `json:"text,omitempty"` // of the source
}

// The properties that tell a share, and the measures of an entry of figures.
var statedProperties = [...]struct{ name, of string }{{"share_china_pct", "china"}, {"share_world_pct", "world"}}

// stated quotes the shares that the features under study state, also those that belong
// to no unit of area. It is nil where none could.
func (st *Study) stated(ctx context.Context) ([]statedShare, error) {
	const most = 1000
	s := st.Index.Schema()
	_, _, figures := s.Find("figures")
	columns := make([]geo.Column, len(statedProperties))
	found := false
	for i, p := range statedProperties {
		var ok bool
		columns[i], ok = st.Index.Column(p.name)
		found = found || ok
	}
	if !found && !figures {
		return nil, nil
	}
	slots, err := st.asked(ctx)
	if err != nil {
		return nil, err
	}
	out := []statedShare{}
	for _, slot := range slots {
		told := st.figuresOf(slot, figures)
		for k, p := range statedProperties {
			v, ok := columns[k].Number(slot)
			if ok && !slices.ContainsFunc(told, func(t statedShare) bool { return t.Of == p.of }) {
				prop, _, _ := s.Find(p.name)
				told = append(told, statedShare{Of: p.of, Percent: Number(v), Means: prop.Title})
			}
		}
		for _, t := range told {
			t.ID, t.Title = st.Index.At(slot).ID().AppendJSON(nil), st.nameOf(slot)
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b statedShare) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(b.Percent, a.Percent))
	})
	if len(out) > most {
		st.warn("%d shares are stated by the features; the first %d are given.", "要素自述份额共 %d 条，仅列前 %d 条。", len(out), most)
		out = out[:most]
	}
	return out, nil
}

// asked are the features under study, wherever they are.
func (st *Study) asked(ctx context.Context) (slots []uint32, err error) {
	var under *geo.Set
	universe, err := st.Index.Select(ctx, st.Question.Universe)
	if err == nil && st.Question.Select != nil {
		under, err = st.Index.Select(ctx, geo.Query{Filter: st.Question.Select})
	}
	if err != nil {
		return nil, err
	}
	for slot := range uint32(st.Index.Len()) {
		if (universe == nil || universe.Has(slot)) && (under == nil || under.Has(slot)) {
			slots = append(slots, slot)
		}
	}
	return slots, nil
}

// figuresOf are the shares among the entries of the property figures, which quote the
// source.
func (st *Study) figuresOf(slot uint32, has bool) (out []statedShare) {
	if !has {
		return nil
	}
	var entries []struct {
		Measure string
		EN      string `json:"measure_en"`
		ZH      string `json:"measure_zh"`
		Value   *float64
		Text    string
	}
	if json.Unmarshal(st.Index.At(slot).Value("figures").JSON(), &entries) != nil {
		return nil // a property of the name that has other things
	}
	for _, e := range entries {
		for _, p := range statedProperties {
			if e.Measure == p.name && e.Value != nil {
				out = append(out, statedShare{Of: p.of, Percent: Number(*e.Value), Means: geo.Text{EN: e.EN, ZH: e.ZH}, Text: e.Text})
			}
		}
	}
	return out
}

// nameOf is the name of a feature by the properties that have that role, or else by
// what is topic.
func (st *Study) nameOf(slot uint32) geo.Text {
	var t geo.Text
	for _, p := range st.Index.Schema().Properties {
		c, _ := st.Index.Column(p.Name)
		text, ok := c.Text(slot)
		switch {
		case !ok:
		case p.Role == geo.RoleName && p.Lang == "zh" || p.Name == "topic_zh":
			t.ZH = cmp.Or(t.ZH, text)
		case p.Role == geo.RoleName && (p.Lang == "en" || p.Lang == "") || p.Name == "topic_en":
			t.EN = cmp.Or(t.EN, text)
		}
	}
	return t
}

// noFigure warns that figures do not exist. An empty selection is told already.
func (st *Study) noFigure(reason share.Reason) {
	if reason == "" || reason == share.Empty || len(st.Slots) == 0 || len(st.studied().Members) == 0 {
		return
	}
	why := reasonText(reason)
	t := geo.Text{EN: "A figure does not exist: " + why.EN + ".", ZH: "有的数值不存在：" + why.ZH + "。"}
	if !st.single() {
		t = geo.Text{EN: "For some of the subjects a figure does not exist: " + why.EN + ".", ZH: "部分研究对象有的数值不存在：" + why.ZH + "。"}
	}
	if !slices.Contains(st.warnings, t) {
		st.warnings = append(st.warnings, t)
	}
}

func reasonText(r share.Reason) geo.Text {
	zh := map[share.Reason]string{
		share.Empty:       "没有可计的要素",
		share.Zero:        "所有数值都是零",
		share.Negative:    "有负值，无法计算份额",
		share.NotFinite:   "数值或其总和超出可表示的范围",
		share.OneUnit:     "全部位于同一单元，无从比较",
		share.OneItem:     "一个集群占了全部，其规模掩盖了其他集群的位置",
		share.Constant:    "各单元数值相同，无法排序或标准化",
		share.NoReference: "某单元有数值而参照为零",
		share.Lengths:     "数值与参照的单元不一致",
	}
	return geo.Text{EN: string(r), ZH: zh[r]}
}

// warnFew tells that a subject has so few features that each of them weighs much.
func (st *Study) warnFew(sub *Subject) {
	const few = 10
	switch n := len(sub.Members); {
	case n == 0 || n >= few:
	case st.single() && n == 1:
		st.warn("One feature alone is under study: the figures are about its place.", "研究对象只有一个要素，结果只反映其所在位置。")
	case st.single():
		st.warn("Only %d features are under study: each of them moves the figures much.", "研究对象仅 %d 个要素，个别要素即可明显改变结果。", n)
	default:
		st.warn("Some subjects have fewer than %d features: each of them moves their figures much.", "部分研究对象不足 %d 个要素，个别要素即可明显改变结果。", few)
	}
}
