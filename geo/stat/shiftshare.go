package stat

import (
	"context"
	"math"
	"slices"
	"strconv"

	"clustermap/geo"
	"clustermap/geo/stat/share"
)

func shiftShareMethod() *Method {
	return &Method{
		ID:     "shift-share",
		Title:  geo.Text{EN: "Shift-share between two years", ZH: "两年间的偏离-份额分析"},
		Common: []string{paramBy, paramMeasure, paramWithin},
		Params: []Param{
			{Name: "from", Kind: Int, Min: 1000, Max: 9999, Description: geo.Text{
				EN: "The first year. The default is the earliest by which a tenth of the features count.", ZH: "起始年，默认取已有十分之一要素计入的最早年份。"}},
			{Name: "to", Kind: Int, Min: 1000, Max: 9999, Description: geo.Text{
				EN: "The last year. The default is the latest that the data have.", ZH: "终止年，默认取数据中最晚的年份。"}},
			{Name: "years", Kind: Choice, Default: "until", Choices: []string{"until", "in"}, Description: geo.Text{
				EN: "until: a feature counts from its year on, like a place that was named then. in: it counts in its own year only, like a figure of that year.",
				ZH: "until：要素自其年份起一直计入，如某年命名的集群；in：仅计入当年，如某年的统计数。"}},
			{Name: "time", Kind: Name, Description: geo.Text{
				EN: "Property with the year or date. The default is the one that tells the time of a feature, or year.",
				ZH: "年份或日期所在属性，默认取表示时间的属性或 year。"}},
		},
		Places:   true,
		compares: true,
		joint:    true,
		run:      shiftShare,
		Page: Page{
			Asks: geo.Text{
				EN: "Did a unit grow because everything grew, because its trades did, or because it did better than its trades elsewhere?",
				ZH: "一个单元的增长，有多少缘于整体增长、行业结构，有多少缘于自身竞争力？"},
			Formula: "national(u) = sum of before(u,k) g; mix(u) = sum of before(u,k) (g(k) - g); competitive(u) = sum of after(u,k) - before(u,k) (1 + g(k)), with g the growth of everything and g(k) that of trade k",
			Reading: geo.Text{
				EN: "The three parts add up to the change of the unit. Over all units mix and competitive are 0, but for trades that are new. Competitive above 0: the unit did better than its trades did elsewhere.",
				ZH: "三部分之和等于该单元的变化。除新出现的行业外，结构与竞争分量在所有单元上合计为 0。竞争分量为正，说明该单元胜过同行业在别处的表现。"},
			Limits: geo.Text{
				EN: "With lists of clusters growth is that of the lists: when another list was published, not when firms came. A trade that nobody had before counts as competitive.",
				ZH: "以集群名单计算时，增长是名单的增长：反映何时又公布了名单，而非企业何时出现。此前各处皆无的行业全部计入竞争分量。"},
			Sources: []string{"Dunn (1960), A statistical and analytical technique for regional analysis, Papers of the Regional Science Association 6(1), 97-112"},
		},
	}
}

type shiftResult struct {
	From   any         `json:"from"`
	To     any         `json:"to"`
	Years  string      `json:"years"`
	Growth Number      `json:"growth"` // of everything
	Units  []shiftUnit `json:"units,omitzero"`
}

type shiftUnit struct {
	Key         string   `json:"key"`
	Title       geo.Text `json:"title,omitzero"`
	Before      Number   `json:"before"`
	After       Number   `json:"after"`
	National    Number   `json:"national"`
	Mix         Number   `json:"mix"`
	Competitive Number   `json:"competitive"`
	Total       Number   `json:"total"`
}

func shiftShare(_ context.Context, st *Study, _ *Subject) (*Outcome, error) {
	years, err := st.years()
	if err != nil {
		return nil, err
	}
	res := shiftResult{Years: st.Question.text("years"), Growth: Number(math.NaN()), Units: []shiftUnit{}}
	o := &Outcome{N: len(st.Slots), Columns: shiftColumns()}
	from, to, ok, err := st.span(years)
	if err != nil {
		return nil, err
	}
	if !ok {
		o.Members = res
		return o, nil
	}
	res.From, res.To = from, to
	before, after := st.tables(years, from, to, res.Years == "until")
	shifts, reason := share.ShiftShare(before, after)
	st.noFigure(reason)
	res.Growth = Number(sumAll(after)/sumAll(before) - 1)
	changed, own, total := make([]int, len(st.Units)), make([]float64, len(st.Units)), make([]float64, len(st.Units))
	for i, s := range shifts {
		own[i], total[i] = s.Competitive, s.Total
		if sumAll(before[i:i+1])+sumAll(after[i:i+1]) > 0 {
			changed[i] = 1
		}
	}
	for _, i := range ranked(changed, own, total) {
		u, s, b, a := &st.Units[i], shifts[i], sumAll(before[i:i+1]), sumAll(after[i:i+1])
		r := shiftUnit{u.Key, u.Title, Number(b), Number(a), Number(s.National), Number(s.Mix), Number(s.Competitive), Number(s.Total)}
		res.Units = append(res.Units, r)
		o.Rows = append(o.Rows, Row{ID: st.rowID(i), Geometry: u.place(), Cells: []any{
			r.Key, r.Title, r.Before, r.After, r.National, r.Mix, r.Competitive, r.Total}})
	}
	brief := res
	brief.Units = nil
	o.Members, o.Brief = res, brief
	return o, nil
}

func shiftColumns() []Column {
	return []Column{
		{Name: "key", Title: geo.Text{EN: "Unit", ZH: "单元"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "before", Title: geo.Text{EN: "Before", ZH: "起始值"}},
		{Name: "after", Title: geo.Text{EN: "After", ZH: "终止值"}},
		{Name: "national", Title: geo.Text{EN: "National part", ZH: "总体分量"}},
		{Name: "mix", Title: geo.Text{EN: "Mix of trades", ZH: "结构分量"}},
		{Name: "competitive", Title: geo.Text{EN: "Competitive part", ZH: "竞争分量"}},
		{Name: "total", Title: geo.Text{EN: "Change", ZH: "变化"}},
	}
}

// years are those of the features, 0 for none.
func (st *Study) years() ([]int, error) {
	name := st.timeProperty()
	years := make([]int, len(st.Slots))
	st.setting("time", name)
	if name == "" {
		st.warn("No property tells the year of a feature.", "没有表示要素年份的属性。")
		return years, nil
	}
	c, _ := st.Index.Column(name)
	lacking := 0
	for i, slot := range st.Slots {
		t, ok := c.Time(slot)
		switch {
		case ok && !t.Start.IsZero():
			years[i] = t.Start.Year()
		case ok && !t.End.IsZero():
			years[i] = t.End.Year()
		default:
			lacking++
		}
	}
	if lacking == len(st.Slots) && lacking > 0 && st.Question.Given("time") {
		return nil, invalid("time", "%s has no years or dates", clip(name))
	}
	st.warnCount(lacking, "%d without a year, which take no part", "%d 个要素没有年份，未计入")
	return years, nil
}

func (st *Study) timeProperty() string {
	if name := st.Question.text("time"); name != "" {
		return name
	}
	for _, role := range []geo.Role{geo.RoleDatetime, geo.RoleDatetimeStart} {
		if name := st.propertyWith(role); name != "" {
			return name
		}
	}
	if _, _, ok := st.Index.Schema().Find("year"); ok {
		return "year"
	}
	return ""
}

// span is the two years; ok is false where the data have not two.
func (st *Study) span(years []int) (from, to int, ok bool, err error) {
	known := slices.DeleteFunc(slices.Clone(years), func(y int) bool { return y == 0 })
	slices.Sort(known)
	if n := len(known); n > 0 {
		from, to = known[n/10], known[n-1]
		if from == to {
			from = known[0]
		}
	}
	q := st.Question
	if q.Given("from") {
		from = q.int("from")
	}
	if q.Given("to") {
		to = q.int("to")
	}
	if from == 0 || to == 0 {
		return 0, 0, false, nil
	}
	st.setting("from", strconv.Itoa(from))
	st.setting("to", strconv.Itoa(to))
	if from < to {
		return from, to, true, nil
	}
	if q.Given("from") || q.Given("to") {
		return 0, 0, false, invalid("from", "%d is not before the year %d", from, to)
	}
	st.warn("All features are of the year %d: there are no two years to compare.", "所有要素都属 %d 年，没有两个年份可比。", from)
	return 0, 0, false, nil
}

// tables are the measure of each unit and trade in the two years.
func (st *Study) tables(years []int, from, to int, until bool) (before, after [][]float64) {
	trades := []*Subject{st.everything()}
	if st.Question.By != "" {
		trades = st.subjectsBy(trades[0])
	} else {
		st.warn("Without a property by there is one trade only, and no mix.", "未给出属性 by，只有一个行业，没有结构分量。")
	}
	before, after = make([][]float64, len(st.Units)), make([][]float64, len(st.Units))
	for u := range before {
		before[u], after[u] = make([]float64, len(trades)), make([]float64, len(trades))
	}
	counts := func(year, at int) bool { return year != 0 && (year == at || until && year < at) }
	for k, trade := range trades {
		for _, i := range trade.Members {
			u := st.UnitOf[i]
			if counts(years[i], from) {
				before[u][k] += st.Weights[i]
			}
			if counts(years[i], to) {
				after[u][k] += st.Weights[i]
			}
		}
	}
	return before, after
}

func sumAll(table [][]float64) (total float64) {
	for _, row := range table {
		for _, v := range row {
			total += v
		}
	}
	return total
}
