package stat

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/stat/share"
)

// compareMethods set regions, definitions and years beside each other.
func compareMethods() []*Method {
	return []*Method{{
		ID:     "compare",
		Title:  geo.Text{EN: "Regions side by side", ZH: "区域对比"},
		Common: []string{paramBy, paramMeasure},
		Params: []Param{{Name: paramRegions, Kind: List, Description: geo.Text{
			EN: "Two to four ids of definitions of regions, with commas between. The default is the definition of each region that the map shows.",
			ZH: "两至四个区域定义的 id，以逗号分隔。默认取地图所用的各区域定义。"}}},
		compares: true,
		joint:    true,
		run:      compareRegions,
		Page: Page{
			Asks: geo.Text{
				EN: "How do regions differ in what they consist of: trades, levels and origins of their clusters?",
				ZH: "各区域在行业、级别、成因构成上有何不同？"},
			Formula: "share(k) = value of k in the region / value of the region; LQ(k) = share(k) / share of k in the universe; K(a, b) = sum over trades of |share in a - share in b|",
			Reading: geo.Text{
				EN: "K is 0 where two regions have the same composition by trade and 2 where they have no trade in common; K/2 is the part of one that would have to change its trade to be like the other.",
				ZH: "K 为 0 表示两区行业构成相同，为 2 表示没有共同行业；K/2 即一区须改换行业方能与另一区相同的比例。"},
			Limits: geo.Text{
				EN: "A region is what its definition holds, and definitions of the same region overlap: try sensitivity to see what hangs on the choice. With few features shares differ by chance.",
				ZH: "区域以定义为准，同一区域的不同定义互有重叠：可用 sensitivity 查看结果对定义的依赖。要素少时份额差异可能出于偶然。"},
			Sources: []string{"Krugman (1991), Geography and Trade, MIT Press, index of regional divergence"},
		},
	}, shiftShareMethod(), {
		ID:     "sensitivity",
		Title:  geo.Text{EN: "The same number under every definition", ZH: "不同定义下的同一数值"},
		Common: []string{paramSelect, paramBy, paramMeasure, paramWithin},
		Params: []Param{
			{Name: "of", Kind: Choice, Default: "count", Choices: []string{"count", "share", "lq", "herfindahl", "gini"}, Description: geo.Text{
				EN: "The number: count (the measure of the subject in the region), share (of the subject, in the region), lq (location quotient of the region), herfindahl or gini over the units of area in the region.",
				ZH: "所比较的数值：count（区内总量）、share（占研究对象的份额）、lq（区域的区位商）、herfindahl 或 gini（区内各单元间）。"}},
			{Name: paramRegions, Kind: List, Description: geo.Text{
				EN: "Names of regions, with commas between, like yrd,prd. The default is all.",
				ZH: "区域名，以逗号分隔，如 yrd,prd。默认全部。"}},
		},
		unparted: func(q *Question) bool { return !slices.Contains([]string{"herfindahl", "gini"}, q.text("of")) },
		run:      sensitivity,
		Page: Page{
			Asks: geo.Text{
				EN: "Would the answer survive another definition of the region?",
				ZH: "换一种区域定义，结论还成立吗？"},
			Formula: "value(d) for every definition d of each region; the order of two regions survives if the lowest value of one is above the highest of the other",
			Reading: geo.Text{
				EN: "low and high are the ends between which a number moves when the definition changes. survives is true where the regions keep their order whichever definition each of them has, and, for lq, each stays on its side of 1.",
				ZH: "low 与 high 为更换定义时数值变动的两端。无论各区取哪种定义，区域间的次序都不变（对 lq 还须各区始终在 1 的同一侧），survives 方为真。"},
			Limits: geo.Text{
				EN: "It tries the definitions that are known here, not all that could be made. A count grows with the area of a definition by itself: shares of the universe and quotients are safer to compare.",
				ZH: "只试本图集收录的定义，并非一切可能的划法。总量本就随范围扩大而增加，宜比较份额与区位商。"},
			Sources: []string{"Openshaw (1984), The Modifiable Areal Unit Problem, Concepts and Techniques in Modern Geography 38"},
		},
	}}
}

const paramRegions = "regions"

// membersIn are those members that a definition of a region holds.
func (st *Study) membersIn(definition string, members []int32) []int32 {
	c, _ := st.Index.Column("regions")
	var out []int32
	for _, i := range members {
		if slices.Contains(c.Elements(st.Slots[i]), definition) {
			out = append(out, i)
		}
	}
	return out
}

// definitionTitle is the title of a definition by its id.
func (st *Study) definitionTitle(id string) geo.Text {
	for _, d := range st.Env.Definitions {
		if d.ID == id {
			return d.Title
		}
	}
	if id == "elsewhere" {
		return geo.Text{EN: "Elsewhere", ZH: "其他地区"}
	}
	return geo.Text{}
}

// regional reports whether the features can be told to be in a region, and warns where
// they cannot.
func (st *Study) regional() bool {
	if _, ok := st.Index.Column("regions"); ok && len(st.Env.Definitions) > 0 {
		return true
	}
	st.warn("The features have no division codes, or no regions are defined: which region they are in is not known.", "要素没有行政区划代码，或未定义区域，无法判断所属区域。")
	return false
}

// compared are the definitions that the question names, or the default ones.
func (st *Study) compared() (out []Definition, err error) {
	const least, most = 2, 4
	asked := slices.Compact(st.Question.list(paramRegions))
	if asked == nil {
		for _, d := range st.Env.Definitions {
			if d.Default && len(out) < most {
				out, asked = append(out, d), append(asked, d.ID)
			}
		}
		st.setting(paramRegions, strings.Join(asked, ","))
		return out, nil
	}
	for i, id := range asked {
		n := slices.IndexFunc(st.Env.Definitions, func(d Definition) bool { return d.ID == id })
		switch {
		case n < 0:
			return nil, st.unknownRegion(id, func(d Definition) string { return d.ID })
		case slices.Contains(asked[:i], id):
			return nil, invalid(paramRegions, "%s stands twice", clip(id))
		}
		out = append(out, st.Env.Definitions[n])
	}
	if len(out) < least || len(out) > most {
		return nil, invalid(paramRegions, "needs %d to %d definitions, found %d", least, most, len(out))
	}
	return out, nil
}

func (st *Study) unknownRegion(name string, of func(Definition) string) error {
	var known []string
	for _, d := range st.Env.Definitions {
		if !slices.Contains(known, of(d)) {
			known = append(known, of(d))
		}
	}
	if guess := geo.Nearest(name, known); guess != "" {
		return invalid(paramRegions, "there is no %q; did you mean %s?", clip(name), guess)
	}
	if len(known) == 0 {
		return invalid(paramRegions, "there is no %q; no regions are defined", clip(name))
	}
	return invalid(paramRegions, "there is no %q; there are %s", clip(name), strings.Join(known, ", "))
}

type compareResult struct {
	Regions []comparedRegion `json:"regions"`
	Pairs   []comparedPair   `json:"pairs"`
}

type comparedRegion struct {
	ID         string     `json:"id"`
	Region     string     `json:"region"`
	Title      geo.Text   `json:"title"`
	Definition geo.Text   `json:"definition"`
	Year       int        `json:"year,omitzero"`
	N          int        `json:"n"`
	Value      Number     `json:"value"`
	ByFamily   []partItem `json:"by_family"` // of trades, where the property has families
	ByTrade    []partItem `json:"by_trade"`
	ByLevel    []partItem `json:"by_level"`
	ByOrigin   []partItem `json:"by_origin"`
}

type partItem struct {
	Value any      `json:"value"`
	Title geo.Text `json:"title,omitzero"`
	Count int      `json:"count"`
	Share Number   `json:"share"`
	LQ    Number   `json:"lq"`

	measured float64
}

type comparedPair struct {
	A       string `json:"a"`
	B       string `json:"b"`
	Krugman Number `json:"krugman"`
}

func compareRegions(_ context.Context, st *Study, _ *Subject) (*Outcome, error) {
	defs, err := st.compared()
	if err != nil {
		return nil, err
	}
	res := compareResult{Regions: []comparedRegion{}, Pairs: []comparedPair{}}
	o := &Outcome{N: len(st.Slots), Columns: []Column{
		{Name: "region", Title: geo.Text{EN: "Definition", ZH: "定义"}},
		{Name: "property", Title: geo.Text{EN: "Property", ZH: "属性"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "取值"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "share", Title: geo.Text{EN: "Share", ZH: "份额"}},
		{Name: "lq", Title: geo.Text{EN: "Location quotient", ZH: "区位商"}},
	}}
	if !st.regional() {
		o.Members = res
		return o, nil
	}
	everything := st.everything().Members
	members := make([][]int32, len(defs))
	for i, d := range defs {
		members[i] = st.membersIn(d.ID, everything)
		value := 0.0
		for _, w := range pick(st.Weights, members[i]) {
			value += w
		}
		res.Regions = append(res.Regions, comparedRegion{ID: d.ID, Region: d.Region, Title: d.RegionTitle, Definition: d.Title, Year: d.Year, N: len(members[i]), Value: Number(value)})
		if len(members[i]) == 0 && len(everything) > 0 {
			st.warn("The definition %s holds none of the features.", "定义 %s 内没有要素。", d.ID)
		}
	}
	byTrade := st.compositions(st.Question.By, everything, members)
	byFamily := st.composed(st.families(st.Question.By, everything), members)
	byLevel := st.compositions(st.propertyWith(geo.RoleShape), everything, members)
	byOrigin := st.compositions("origin", everything, members)
	unstated := 0
	for i := range byTrade {
		for _, p := range byTrade[i] {
			if p.Value == nil {
				unstated += p.Count
			}
		}
	}
	st.warnCount(unstated, "%d do not state their "+st.Question.By+"; they are listed, and left out of the index of Krugman", "%d 个要素未注明 "+st.Question.By+"：列出，但不计入克鲁格曼指数")
	for i := range res.Regions {
		r := &res.Regions[i]
		r.ByFamily, r.ByTrade, r.ByLevel, r.ByOrigin = byFamily[i], byTrade[i], byLevel[i], byOrigin[i]
		for _, part := range []struct {
			name  string
			items []partItem
		}{{"family", r.ByFamily}, {st.Question.By, r.ByTrade}, {st.propertyWith(geo.RoleShape), r.ByLevel}, {"origin", r.ByOrigin}} {
			for _, p := range part.items {
				o.Rows = append(o.Rows, Row{ID: rowNumber(len(o.Rows)), Cells: []any{r.ID, part.name, plainCell(p.Value), p.Title, p.Count, p.Share, p.LQ}})
			}
		}
		for j := range i {
			k, reason := share.Krugman(measuredOf(byTrade[j]), measuredOf(byTrade[i]))
			st.noFigure(reason)
			res.Pairs = append(res.Pairs, comparedPair{res.Regions[j].ID, r.ID, Number(k)})
		}
	}
	o.Members, o.Brief = res, map[string]any{"pairs": res.Pairs}
	return o, nil
}

// measuredOf are what values hold, but for those that are not stated, which are no value.
func measuredOf(items []partItem) []float64 {
	var out []float64
	for _, p := range items {
		if p.Value != nil {
			out = append(out, p.measured)
		}
	}
	return out
}

// propertyWith is the name of the first property of a role, "" if there is none.
func (st *Study) propertyWith(role geo.Role) string {
	for _, p := range st.Index.Schema().Properties {
		if p.Role == role {
			return p.Name
		}
	}
	return ""
}

// compositions part each of some sets by the values of a property, all into the same
// values in the same order. They are empty where there is no such property or it has
// too many values.
func (st *Study) compositions(property string, everything []int32, sets [][]int32) [][]partItem {
	out := make([][]partItem, len(sets))
	for i := range out {
		out[i] = []partItem{}
	}
	prop, _, ok := st.Index.Schema().Find(property)
	if !ok || prop.Type == geo.TypeArray || prop.Type == geo.TypeObject {
		return out
	}
	values := st.subjectsByProperty(property, everything)
	if len(values) > maxSubjects {
		st.warn("%s has more than %d values and is left out.", "属性 %s 的取值超过 %d 个，未列出。", property, maxSubjects)
		return out
	}
	return st.composed(values, sets)
}

// families are the groups of the values of a property, such as families of trades, with
// what has none at the end; none where the property has no groups.
func (st *Study) families(property string, everything []int32) (out []*Subject) {
	prop, _, _ := st.Index.Schema().Find(property)
	if len(prop.Groups) == 0 {
		return nil
	}
	groupOf := make(map[string]string)
	for _, e := range prop.Enum {
		groupOf[e.Value] = e.Group
	}
	for _, g := range prop.Groups {
		out = append(out, &Subject{Value: geo.StringValue(g.Name), Title: g.Title})
	}
	rest := &Subject{Title: geo.Text{EN: "Not stated", ZH: "未注明"}}
	for _, v := range st.subjectsByProperty(property, everything) {
		into := rest
		if i := slices.IndexFunc(prop.Groups, func(g geo.EnumGroup) bool { return g.Name == groupOf[v.Value.Text()] }); i >= 0 {
			into = out[i]
		}
		into.Members = append(into.Members, v.Members...)
	}
	if len(rest.Members) > 0 {
		out = append(out, rest)
	}
	return out
}

// composed parts each of some sets by values, whose members are the universe.
func (st *Study) composed(values []*Subject, sets [][]int32) [][]partItem {
	out := make([][]partItem, len(sets))
	for i := range out {
		out[i] = []partItem{}
	}
	if len(values) == 0 {
		return out
	}
	valueOf := make(map[int32]int)
	all := make([]float64, len(values))
	total := 0.0
	for k, v := range values {
		for _, i := range v.Members {
			valueOf[i] = k
			all[k] += st.Weights[i]
			total += st.Weights[i]
		}
	}
	used := make([]bool, len(values))
	parts := make([][]partItem, len(sets))
	for n, members := range sets {
		parts[n] = make([]partItem, len(values))
		sum := 0.0
		for _, i := range members {
			p := &parts[n][valueOf[i]]
			p.Count++
			p.measured += st.Weights[i]
			sum += st.Weights[i]
			used[valueOf[i]] = true
		}
		for k, v := range values {
			p := &parts[n][k]
			p.Value, p.Title = v.json(), v.Title
			p.Share = Number(p.measured / sum)
			p.LQ = p.Share / Number(all[k]/total)
		}
	}
	for n := range parts {
		for k := range values {
			if used[k] {
				out[n] = append(out[n], parts[n][k])
			}
		}
	}
	return out
}

type sensitivityResult struct {
	Of       string            `json:"of"`
	Regions  []sensitiveRegion `json:"regions,omitzero"`
	Low      Number            `json:"low"`
	High     Number            `json:"high"`
	Survives *bool             `json:"survives"`
	Words    geo.Text          `json:"words,omitzero"`
}

type sensitiveRegion struct {
	Region      string           `json:"region"`
	Title       geo.Text         `json:"title,omitzero"`
	Low         Number           `json:"low"`
	High        Number           `json:"high"`
	Definitions []sensitiveValue `json:"definitions"`

	shown float64 // the value by the definition that the map shows
}

type sensitiveValue struct {
	ID      string   `json:"id"`
	Title   geo.Text `json:"title,omitzero"`
	Year    int      `json:"year,omitzero"`
	Default bool     `json:"default"`
	Value   Number   `json:"value"`
	N       int      `json:"n"`
}

func sensitivity(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	of := st.Question.text("of")
	asked := st.Question.list(paramRegions)
	for _, name := range asked {
		if !slices.ContainsFunc(st.Env.Definitions, func(d Definition) bool { return d.Region == name }) {
			return nil, st.unknownRegion(name, func(d Definition) string { return d.Region })
		}
	}
	res := sensitivityResult{Of: of, Regions: []sensitiveRegion{}, Low: Number(math.NaN()), High: Number(math.NaN())}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "region", Title: geo.Text{EN: "Region", ZH: "区域"}},
		{Name: "definition", Title: geo.Text{EN: "Definition", ZH: "定义"}},
		{Name: "title", Title: geo.Text{EN: "Name", ZH: "名称"}},
		{Name: "year", Title: geo.Text{EN: "Year", ZH: "年份"}},
		{Name: "n", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
	}}
	if st.regional() {
		st.warnFew(sub)
		everything := st.everything()
		for _, d := range st.Env.Definitions {
			if asked != nil && !slices.Contains(asked, d.Region) {
				continue
			}
			members := st.membersIn(d.ID, sub.Members)
			value := st.numberOf(of, sub, members, everything.Members, d.ID)
			res.add(d, value, len(members))
			o.Rows = append(o.Rows, Row{ID: d.ID, Cells: []any{d.Region, d.ID, d.Title, d.Year, len(members), Number(value)}})
		}
	}
	res.judge()
	brief := res
	brief.Regions = nil
	o.Members, o.Brief = res, brief
	return o, nil
}

func (r *sensitivityResult) add(d Definition, value float64, n int) {
	i := slices.IndexFunc(r.Regions, func(s sensitiveRegion) bool { return s.Region == d.Region })
	if i < 0 {
		i = len(r.Regions)
		r.Regions = append(r.Regions, sensitiveRegion{Region: d.Region, Title: d.RegionTitle, Low: Number(math.NaN()), High: Number(math.NaN()), shown: math.NaN()})
	}
	s := &r.Regions[i]
	s.Definitions = append(s.Definitions, sensitiveValue{d.ID, d.Title, d.Year, d.Default, Number(value), n})
	if d.Default {
		s.shown = value
	}
	s.Low, s.High = widened(s.Low, s.High, value)
	r.Low, r.High = widened(r.Low, r.High, value)
}

// widened are the ends of a range that holds a value too, if that is a number.
func widened(low, high Number, value float64) (Number, Number) {
	v := Number(value)
	switch {
	case math.IsNaN(value):
		return low, high
	case math.IsNaN(float64(low)):
		return v, v
	}
	return min(low, v), max(high, v)
}

// judge says whether the order of the regions, and the side of 1 of a location
// quotient, hangs on the definitions.
func (r *sensitivityResult) judge() {
	ranked := slices.DeleteFunc(slices.Clone(r.Regions), func(s sensitiveRegion) bool { return math.IsNaN(float64(s.Low)) })
	slices.SortStableFunc(ranked, func(a, b sensitiveRegion) int { return cmp.Compare(b.shown, a.shown) })
	if len(ranked) == 0 {
		return
	}
	var doubts, facts geo.Text
	for i, a := range ranked {
		if r.Of == "lq" {
			a.judgeSide(&facts, &doubts)
		}
		for _, b := range ranked[i+1:] {
			if a.Low > b.High || a.Low == b.High && a.High == b.Low {
				continue // always above, or always equal
			}
			doubts = doubts.And(geo.Text{
				EN: fmt.Sprintf("Whether %s is above %s depends on the definitions.", a.name("en"), b.name("en")),
				ZH: fmt.Sprintf("%s是否高于%s取决于所用定义。", a.name("zh"), b.name("zh"))})
		}
	}
	ok := doubts == geo.Text{}
	switch {
	case len(ranked) > 1 && ok:
		r.Words = inOrder(ranked).And(facts)
	case len(ranked) > 1 || r.Of == "lq":
		r.Words = doubts.And(facts)
	default:
		a := ranked[0]
		r.Words = geo.Text{EN: fmt.Sprintf("The number by the definitions: %s.", a.name("en")), ZH: fmt.Sprintf("各定义下的数值：%s。", a.name("zh"))}
		return
	}
	r.Survives = &ok
}

// judgeSide says on which side of 1 a location quotient is.
func (s *sensitiveRegion) judgeSide(facts, doubts *geo.Text) {
	switch {
	case s.Low > 1:
		*facts = facts.And(geo.Text{
			EN: fmt.Sprintf("%s has more than its share under every definition.", s.name("en")),
			ZH: fmt.Sprintf("无论采用哪种定义，%s都高于应有份额。", s.name("zh"))})
	case s.High < 1:
		*facts = facts.And(geo.Text{
			EN: fmt.Sprintf("%s has less than its share under every definition.", s.name("en")),
			ZH: fmt.Sprintf("无论采用哪种定义，%s都低于应有份额。", s.name("zh"))})
	case s.Low < s.High:
		*doubts = doubts.And(geo.Text{
			EN: fmt.Sprintf("Whether %s has more or less than its share depends on the definition.", s.name("en")),
			ZH: fmt.Sprintf("%s高于还是低于应有份额取决于定义。", s.name("zh"))})
	}
}

// inOrder says that the order of the regions is that of every definition.
func inOrder(ranked []sensitiveRegion) geo.Text {
	var en, zh []string
	for _, s := range ranked {
		en, zh = append(en, s.name("en")), append(zh, s.name("zh"))
	}
	return geo.Text{
		EN: "From the highest to the lowest under every definition: " + strings.Join(en, ", ") + ".",
		ZH: "无论采用哪种定义，由高到低均为：" + strings.Join(zh, "、") + "。"}
}

// name is that of a region with the ends of its number.
func (s *sensitiveRegion) name(lang string) string {
	title, low, high := cmp.Or(s.Title.In(lang), s.Region), short(s.Low), short(s.High)
	switch {
	case low == high && lang == "zh":
		return title + "（" + low + "）"
	case low == high:
		return title + " (" + low + ")"
	case lang == "zh":
		return title + "（" + low + " 至 " + high + "）"
	}
	return title + " (" + low + " to " + high + ")"
}

// short is a number for a sentence.
func short(n Number) string {
	if v := float64(n); v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(float64(n), 'g', 3, 64)
}

// numberOf is the number of a definition: of the subject's members in it, beside the
// whole subject and everything.
func (st *Study) numberOf(of string, sub *Subject, members, everything []int32, definition string) float64 {
	sum := func(members []int32) (total float64) {
		for _, i := range members {
			total += st.Weights[i]
		}
		return total
	}
	switch of {
	case "count":
		return sum(members)
	case "share":
		return sum(members) / sum(sub.Members)
	}
	around := st.membersIn(definition, everything)
	if of == "lq" {
		q, reason := share.Quotients(
			[]float64{sum(members), sum(sub.Members) - sum(members)},
			[]float64{sum(around), sum(everything) - sum(around)})
		st.noFigure(reason)
		return q[0]
	}
	all, _ := st.Totals(&Subject{Members: around})
	part, _ := st.Totals(&Subject{Members: members})
	var inside, reference []float64
	for u, v := range all {
		if v > 0 {
			inside, reference = append(inside, part[u]), append(reference, v)
		}
	}
	if of == "herfindahl" {
		c := share.Herfindahl(inside)
		st.noFigure(c.Reason)
		return c.Herfindahl
	}
	if sub.Whole {
		reference = nil
	}
	g := share.Gini(inside, reference)
	st.noFigure(g.Reason)
	return g.Gini
}

// rowNumber is the id of a row that has no better one.
func rowNumber(i int) string { return strconv.Itoa(i + 1) }

// plainCell is a value as a cell of a table: JSON strings without quotes.
func plainCell(v any) any {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return v
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
