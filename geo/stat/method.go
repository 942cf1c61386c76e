// Package stat answers questions about where features concentrate: it selects what a
// question is about, parts it into units of area, hands numbers and points to the
// packages below it, and gives their answer with all that a reader needs to trust it:
// the method and its source, the parameters in force, what shares are shares of, and
// what to be careful of, in English and Chinese.
//
// Positions are longitude, latitude in degrees (OGC:CRS84). Distances and areas are
// computed on the Earth or in an equal-area plane, never in degrees.
//
// The package knows nothing of HTTP and files.
package stat

import (
	"context"
	"slices"

	"clustermap/geo"
)

// Method is a statistic that can be asked for. Methods are values that never change.
type Method struct {
	ID     string
	Title  geo.Text
	Page   Page
	Params []Param  // of its own, in order of importance
	Common []string // names of the common parameters that it takes, see CommonParams
	Places bool     // the rows of its answers have geometries
	Slow   bool     // it draws at random or looks at pairs: progress is worth telling

	compares bool                   // without select each value of the category is a subject
	placed   bool                   // features without a position take no part
	signed   bool                   // a measure may be negative
	infers   bool                   // it has a p
	hexes    bool                   // within is hexagons and nothing else
	joint    bool                   // run is called once, for all subjects together
	unparted func(q *Question) bool // a question of the method needs no units of area; nil: each does
	run      func(ctx context.Context, st *Study, sub *Subject) (*Outcome, error)
}

// Page is what a reader has to know of a method.
type Page struct {
	Asks    geo.Text // the question that it answers
	Formula string   // in plain mathematical text
	Reading geo.Text // how the numbers are read
	Limits  geo.Text // when not to use it
	Sources []string // papers, books and standards
}

// ParamKind is what the value of a Param is.
type ParamKind uint8

// The kinds of Param.
const (
	Float ParamKind = iota
	Int
	Choice // one of Choices
	List   // names with commas between
	Name   // of a property
	Filter // CQL2
	Text   // what Description says
)

// Param is a parameter of a method.
type Param struct {
	Name        string
	Description geo.Text
	Kind        ParamKind
	Default     string // "" where it depends on the data, as Description says
	Min, Max    float64
	Open        bool // Min itself is not allowed
	Choices     []string
	Auto        string // of a Float: a word that stands for the default that the data choose
}

// Methods are all methods, in the order of a table of contents.
func Methods() []*Method {
	return slices.Concat(
		shareMethods(),
		concentrationMethods(),
		centreMethods(),
		densityMethods(),
		hexagonMethods(),
		patternMethods(),
		durantonOvermanMethods(),
		neighbourMethods(),
		clusterMethods(),
		compareMethods(),
	)
}

// Find is the method of an id.
func Find(id string) (*Method, bool) {
	all := Methods()
	i := slices.IndexFunc(all, func(m *Method) bool { return m.ID == id })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// The names of the common parameters.
const (
	paramSelect       = "select"
	paramBy           = "by"
	paramMeasure      = "measure"
	paramWithin       = "within"
	paramSeed         = "seed"
	paramPermutations = "permutations"
)

// MaxPermutations is how many draws a question may ask for.
const MaxPermutations = 99_999

// commonParam describes a common parameter.
func commonParam(name string) Param {
	switch name {
	case paramSelect:
		return Param{Name: name, Kind: Filter, Description: geo.Text{
			EN: "CQL2 filter: the features under study, among those that the other filters select, which are the universe. Without it each value of the property by is studied in turn, or all features where there is none.",
			ZH: "CQL2 条件：在其他条件所限定的总体中选出研究对象。未给出时依次研究属性 by 的各个取值；没有该属性时研究全部要素。"}}
	case paramBy:
		return Param{Name: name, Kind: Name, Description: geo.Text{
			EN: "Property, each value of which is studied in turn, at most 100. The default of methods that compare is the property that colours the map; others study all features together.",
			ZH: "属性名：依次研究其每个取值，至多 100 个。用于比较的方法默认取地图着色的属性；其他方法默认研究全部要素。"}}
	case paramMeasure:
		return Param{Name: name, Kind: Text, Default: "count", Description: geo.Text{
			EN: "What is added up: count, or sum(property) of a property with numbers.",
			ZH: "累加的量：count（个数）或 sum(属性)（数值属性之和）。"}}
	case paramWithin:
		return Param{Name: name, Kind: Text, Description: geo.Text{
			EN: "Unit of area: division:province, division:prefecture, division:county, region:ID (inside and outside), hex:KM (hexagons of equal ground area, KM from side to side), or a property with at most 10,000 values. The default is division:prefecture where features have division codes, else hex:50, with hexagons twice as wide until there are at most 20,000.",
			ZH: "地域单元：division:province、division:prefecture、division:county、region:ID（区内与区外）、hex:KM（实地等面积六边形，对边距离 KM 千米），或取值不超过 10,000 个的属性。要素带行政区划代码时默认 division:prefecture，否则为 hex:50，单元超过 20,000 个时边距加倍。"}}
	case paramSeed:
		return Param{Name: name, Kind: Int, Default: "1", Min: 0, Max: 1 << 53, Description: geo.Text{
			EN: "Seed of the random numbers: equal seeds give equal answers.", ZH: "随机数种子：种子相同则结果相同。"}}
	}
	return Param{Name: paramPermutations, Kind: Int, Default: "999", Min: 1, Max: MaxPermutations, Description: geo.Text{
		EN: "Number of random draws that the data are compared with.", ZH: "用于比较的随机抽样次数。"}}
}

// Parameters are all parameters of the method beside the filters.
func (m *Method) Parameters() []Param {
	out := slices.Clone(m.Params)
	for _, name := range m.Common {
		out = append(out, commonParam(name))
	}
	return out
}

func (m *Method) takes(name string) bool { return slices.Contains(m.Common, name) }
