package stat

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/stat/autocorr"
	"clustermap/geo/stat/share"
)

type quotientResult struct {
	Units      []quotientUnit `json:"units,omitzero"`
	Draws      int            `json:"draws"`
	Correction correction     `json:"correction"`
}

type quotientUnit struct {
	Key          string   `json:"key"`
	Title        geo.Text `json:"title,omitzero"`
	Count        int      `json:"count"`
	Value        Number   `json:"value"`
	Total        Number   `json:"total"` // of the universe in the unit
	Share        Number   `json:"share"` // of the unit
	LQ           Number   `json:"lq"`
	Standardised Number   `json:"standardised"`
	Low          Number   `json:"low"`
	High         Number   `json:"high"`
	P            Number   `json:"p"`
	PAdjusted    Number   `json:"p_adjusted"`
}

// fewestResampled is how many features of the universe a unit needs for an interval that
// tells something: fewer that are all of one kind are so in every draw.
const fewestResampled = 5

func locationQuotient(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	totals, counts := st.Totals(sub)
	quotients, reason := share.Quotients(totals, st.UniverseTotals())
	st.noFigure(reason)
	z, reason := share.Standardised(quotients)
	if len(sub.Members) > 0 {
		st.noFigure(reason)
	}
	st.warnFew(sub)
	if st.intervals == nil {
		if err := st.drawIntervals(ctx); err != nil {
			return nil, err
		}
	}
	draws, subject := st.drawn, st.number(sub)
	if len(sub.Members) == 0 {
		draws = 0
	}
	p, adjusted := st.quotientChances(sub, counts)
	res := quotientResult{Units: []quotientUnit{}, Draws: draws, Correction: falseDiscoveries}
	if draws > 0 && draws < 99 {
		st.warn("Intervals of %d draws are rough: choose 99 permutations or more.", "区间仅基于 %d 次抽样，较粗略：permutations 宜取 99 以上。", draws)
	}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "key", Title: geo.Text{EN: "Unit", ZH: "单元"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "total", Title: geo.Text{EN: "All in the unit", ZH: "单元总量"}},
		{Name: "share", Title: geo.Text{EN: "Share of the unit", ZH: "占单元份额"}},
		{Name: "lq", Title: geo.Text{EN: "Location quotient", ZH: "区位商"}},
		{Name: "standardised", Title: geo.Text{EN: "Standardised", ZH: "标准化值"}},
		{Name: "low", Title: geo.Text{EN: "Low end, 95 %", ZH: "95% 区间下限"}},
		{Name: "high", Title: geo.Text{EN: "High end, 95 %", ZH: "95% 区间上限"}},
		{Name: "p", Title: geo.Text{EN: "p of a count by chance", ZH: "p 值（个数属偶然）"}},
		{Name: "p_adjusted", Title: geo.Text{EN: "p, corrected", ZH: "p 值（校正后）"}},
	}}
	few := false
	for _, i := range ranked(counts, quotients, totals) {
		u := &st.Units[i]
		interval := st.intervals[share.Cell{Subject: subject, Unit: i}]
		few = few || u.Count < fewestResampled
		r := quotientUnit{u.Key, u.Title, counts[i], Number(totals[i]), Number(u.Total), Number(totals[i] / u.Total),
			Number(quotients[i]), Number(z[i]), Number(interval.Low), Number(interval.High), Number(p[i]), Number(adjusted[i])}
		res.Units = append(res.Units, r)
		o.Rows = append(o.Rows, Row{ID: st.rowID(i), Geometry: u.place(), Cells: []any{
			r.Key, r.Title, r.Count, r.Value, r.Total, r.Share, r.LQ, r.Standardised, r.Low, r.High, r.P, r.PAdjusted}})
	}
	if few {
		st.warn("The intervals of units with fewer than %d features of the universe say next to nothing: read p.", "总体要素不足 %d 个的单元，其区间几乎没有意义：请看 p。", fewestResampled)
	}
	o.Members, o.Brief = res, quotientResult{Draws: draws, Correction: res.Correction}
	return o, nil
}

// quotientChances are, for each unit, the p of its count against dealing the subject out
// over all features, and the same corrected for all units that have a feature of the
// subject or could be expected to. Of sums and of the universe itself there are none.
func (st *Study) quotientChances(sub *Subject, counts []int) (p, adjusted []float64) {
	p = slices.Repeat([]float64{math.NaN()}, len(st.Units))
	if st.Question.Measure.Func != "count" || sub.Whole || len(sub.Members) == 0 {
		return p, p
	}
	for i := range st.Units {
		p[i] = share.Chance(counts[i], st.Units[i].Count, len(sub.Members), len(st.Slots))
	}
	return p, autocorr.Adjusted(p)
}

// number is the place of a subject.
func (st *Study) number(sub *Subject) int {
	for i := range st.Subjects {
		if sub == &st.Subjects[i] {
			return i
		}
	}
	return -1
}

// draws is how often intervals are drawn: less often by default where there are very
// many features, whose quotients hang on few of them all the less.
func (st *Study) draws() int {
	const work, least = 100_000_000, 99
	q := st.Question
	asked := q.int(paramPermutations)
	if q.Given(paramPermutations) || asked*len(st.Slots) <= work {
		return asked
	}
	fewer := max(least, work/len(st.Slots))
	st.setting(paramPermutations, strconv.Itoa(fewer))
	st.warn("There are so many features that intervals rest on %d draws; permutations=%d asks for more.", "要素很多，区间仅基于 %d 次抽样；可用 permutations=%d 增加次数。", fewer, asked)
	return fewer
}

// drawIntervals makes the intervals of the quotients of all subjects.
func (st *Study) drawIntervals(ctx context.Context) (err error) {
	items := make([]share.Item, len(st.Slots))
	for i := range items {
		items[i] = share.Item{Unit: int(st.UnitOf[i]), Subject: -1, Value: st.Weights[i]}
	}
	for n, sub := range st.Subjects {
		for _, i := range sub.Members {
			items[i].Subject = n
		}
	}
	st.drawn = st.draws()
	st.intervals, err = share.QuotientIntervals(ctx, items, share.Bootstrap{
		Draws: st.drawn, Seed: st.Question.seed(), Workers: cmp.Or(st.Env.Workers, runtime.GOMAXPROCS(0)), Progress: st.Env.Progress})
	return err
}

type starsResult struct {
	Rule       string         `json:"rule"`
	Thresholds starThresholds `json:"thresholds"`
	Units      []starUnit     `json:"units,omitzero"`
}

type starThresholds struct {
	Size           Number `json:"size"`
	Specialisation Number `json:"specialisation"`
	Focus          Number `json:"focus"`
}

// starUnit has no Size where size means jobs and none are counted.
type starUnit struct {
	Key            string   `json:"key"`
	Title          geo.Text `json:"title,omitzero"`
	Size           any      `json:"size"`
	Specialisation bool     `json:"specialisation"`
	Focus          bool     `json:"focus"`
	Stars          int      `json:"stars"`
	Count          int      `json:"count"`
	Value          Number   `json:"value"`
	LQ             Number   `json:"lq"`
	FocusShare     Number   `json:"focus_share"`
}

func stars(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	name := st.Question.text("rule")
	rule, jobs := share.Decile(), st.jobs()
	if name == "2008" {
		rule = share.Rule2008()
	}
	totals, counts := st.Totals(sub)
	rated := share.Stars(totals, st.UniverseTotals(), rule)
	st.noFigure(rated.Reason)
	if len(sub.Members) > 0 && rated.Reason == "" {
		st.noFigure(rated.SizeReason)
		st.noFigure(rated.FocusReason)
	}
	if !jobs {
		if st.Question.Measure.Func == "count" {
			st.warn("There is no employment here: the stars count listed clusters, not jobs.", "没有就业数据：星级按名单中的集群个数计，而非就业岗位。")
		} else {
			st.warn("There is no employment here: the stars go by %s, not by jobs.", "没有就业数据：星级按 %s 计，而非就业岗位。", st.Question.Measure.Name())
		}
		if name == "2008" {
			st.warn("Rule 2008 gives the star for size to more than 10,000 jobs; without jobs nobody can have it.", "2008 规则以超过 10,000 个岗位授予规模星；没有岗位数据，规模星无从授予。")
		}
	}
	judged := jobs || rule.Tenth
	res := starsResult{Rule: name, Thresholds: starThresholds{Number(rated.SizeAt), Number(rule.Quotient), Number(rated.FocusAt)}, Units: []starUnit{}}
	if len(sub.Members) == 0 && rule.Tenth { // there is no top tenth of nothing
		res.Thresholds.Size, res.Thresholds.Focus = Number(math.NaN()), Number(math.NaN())
	}
	o := &Outcome{N: len(sub.Members), Columns: starColumns()}
	number, quotients := make([]float64, len(st.Units)), make([]float64, len(st.Units))
	for i := range rated.Stars {
		s := &rated.Stars[i]
		s.Size = s.Size && judged
		number[i], quotients[i] = float64(s.Count()), s.Quotient
	}
	for _, i := range ranked(counts, number, totals, quotients) {
		u, s := &st.Units[i], rated.Stars[i]
		var size any
		if judged {
			size = s.Size
		}
		r := starUnit{u.Key, u.Title, size, s.Specialisation, s.Focus, s.Count(), counts[i], Number(totals[i]), Number(s.Quotient), Number(s.FocusShare)}
		res.Units = append(res.Units, r)
		o.Rows = append(o.Rows, Row{ID: st.rowID(i), Geometry: u.place(), Cells: []any{
			r.Key, r.Title, r.Size, r.Specialisation, r.Focus, r.Stars, r.Count, r.Value, r.LQ, r.FocusShare}})
	}
	o.Members, o.Brief = res, starsResult{Rule: name, Thresholds: res.Thresholds}
	return o, nil
}

func starColumns() []Column {
	return []Column{
		{Name: "key", Title: geo.Text{EN: "Unit", ZH: "单元"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "size", Title: geo.Text{EN: "Star for size", ZH: "规模星"}},
		{Name: "specialisation", Title: geo.Text{EN: "Star for specialisation", ZH: "专业化星"}},
		{Name: "focus", Title: geo.Text{EN: "Star for focus", ZH: "集中星"}},
		{Name: "stars", Title: geo.Text{EN: "Stars", ZH: "星数"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "lq", Title: geo.Text{EN: "Location quotient", ZH: "区位商"}},
		{Name: "focus_share", Title: geo.Text{EN: "Share of the unit", ZH: "占单元份额"}},
	}
}

// jobs reports whether the measure is the sum of a property that says by its name
// that it counts persons who work.
func (st *Study) jobs() bool {
	if st.Question.Measure.Func != "sum" {
		return false
	}
	p, _, _ := st.Index.Schema().Find(st.Question.Measure.Property)
	says := strings.ToLower(p.Name + " " + p.Title.EN + " " + p.Title.ZH)
	return slices.ContainsFunc([]string{"employ", "jobs", "persons", "staff", "worker", "就业", "从业", "职工", "员工", "岗位"}, func(word string) bool {
		return strings.Contains(says, word)
	})
}
