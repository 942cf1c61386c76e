package server

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// classProperty is the property of an answer's places that maps colour them by.
const classProperty = "class"

// figureScale puts the rows of an answer into classes with the colours of an ordered
// palette.
type figureScale struct {
	title   geo.Text // of what is classed
	classes []figureClass
	of      func(row *stat.Row) string // "": none
}

// figureClass is a class. Its token names a step of a palette, see geo/render.
type figureClass struct {
	value, token string
	title        geo.Text
}

// classOf is the class of a row, "" where it has none.
func (s *figureScale) classOf(row *stat.Row) string {
	if s == nil {
		return ""
	}
	return s.of(row)
}

// schema describes the classes as a property.
func (s *figureScale) schema() obj {
	groups, values := obj{}, []obj{}
	for _, c := range s.classes {
		groups[c.token] = c.title
		values = append(values, obj{"const": c.value, "title": c.title.EN, "x-title": c.title, "x-group": c.token})
	}
	return obj{"title": s.title.EN, "x-title": s.title, "type": "string", "x-clustermap-role": geo.RoleCategory, "x-groups": groups, "oneOf": values}
}

// scaleOf is the scale of an answer, nil where its places have none.
func (r *statisticRequest) scaleOf(f *figures) *figureScale {
	switch r.method.ID {
	case "hot-spots":
		return hotSpotScale(f)
	case "local-moran":
		return quadrantScale(f)
	case "location-quotient":
		return f.quotientScale("lq")
	case "stars":
		return starScale(f)
	case "shift-share":
		return f.signedScale("competitive")
	case "dbscan", "hdbscan":
		return nil
	}
	for _, name := range [...]string{"density", "from", "value", "share", "count"} {
		if s := f.sequentialScale(name); s != nil {
			return s
		}
	}
	return nil
}

// column is the place of a column of the method in the rows; -1 where there is none. The
// first may be of the same name where it tells the subjects.
func (f *figures) column(name string) int {
	for i, c := range slices.Backward(f.answer.Columns) {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// hotSpotScale is for the classes that Gi* gives.
func hotSpotScale(f *figures) *figureScale {
	at := f.column("class")
	if at < 0 {
		return nil
	}
	hot := func(percent, token string) figureClass {
		return figureClass{"hot " + percent, token, geo.Text{EN: "Hot spot, " + percent + " %", ZH: "热点，" + percent + "%"}}
	}
	cold := func(percent, token string) figureClass {
		return figureClass{"cold " + percent, token, geo.Text{EN: "Cold spot, " + percent + " %", ZH: "冷点，" + percent + "%"}}
	}
	return &figureScale{
		title: geo.Text{EN: "Class", ZH: "类别"},
		classes: []figureClass{cold("99", "div-n3"), cold("95", "div-n2"), cold("90", "div-n1"),
			{"none", "div-0", geo.Text{EN: "Not significant", ZH: "不显著"}}, hot("90", "div-p1"), hot("95", "div-p2"), hot("99", "div-p3")},
		of: textOf(at),
	}
}

// quadrantScale is for the quadrants of local Moran's I, where they are significant.
func quadrantScale(f *figures) *figureScale {
	at, sure := f.column("quadrant"), f.column("significant")
	if at < 0 || sure < 0 {
		return nil
	}
	quadrant := textOf(at)
	return &figureScale{
		title: geo.Text{EN: "Class", ZH: "类别"},
		classes: []figureClass{
			{"LL", "div-n3", geo.Text{EN: "Low among low", ZH: "低值聚集"}}, {"LH", "div-n1", geo.Text{EN: "Low among high", ZH: "低值被高值包围"}},
			{"none", "div-0", geo.Text{EN: "Not significant", ZH: "不显著"}},
			{"HL", "div-p1", geo.Text{EN: "High among low", ZH: "高值被低值包围"}}, {"HH", "div-p3", geo.Text{EN: "High among high", ZH: "高值聚集"}},
		},
		of: func(row *stat.Row) string {
			if yes, _ := row.Cells[sure].(bool); !yes {
				return "none"
			}
			return quadrant(row)
		},
	}
}

// starScale is for the number of stars.
func starScale(f *figures) *figureScale {
	at := f.column("stars")
	if at < 0 {
		return nil
	}
	s := f.numbers(at, []float64{0, 1, 2, 3}, true, []string{"seq-1", "seq-3", "seq-5", "seq-6"})
	s.classes[3].value, s.classes[3].title = "3", geo.Text{EN: "3", ZH: "3"}
	return s
}

func textOf(column int) func(*stat.Row) string {
	return func(row *stat.Row) string {
		text, _ := row.Cells[column].(string)
		return text
	}
}

// quotientScale is for quotients of which 1 is as much as expected.
func (f *figures) quotientScale(name string) *figureScale {
	at := f.column(name)
	if at < 0 {
		return nil
	}
	limits := []float64{0, 0.5, 0.8, 0.95, 1.05, 1.25, 2}
	return f.numbers(at, limits, false, []string{"div-n3", "div-n2", "div-n1", "div-0", "div-p1", "div-p2", "div-p3"})
}

// signedScale is for figures above and below 0, in classes of about as many rows.
func (f *figures) signedScale(name string) *figureScale {
	at := f.column(name)
	if at < 0 {
		return nil
	}
	var sizes []float64
	for i := range f.answer.Rows {
		if v, ok := numberIn(&f.answer.Rows[i], at); ok && v != 0 {
			sizes = append(sizes, math.Abs(v))
		}
	}
	if len(sizes) == 0 {
		return nil
	}
	slices.Sort(sizes)
	small, great := significant(sizes[len(sizes)/3], math.Floor), significant(sizes[2*len(sizes)/3], math.Floor)
	if great <= small {
		great = 2 * small
	}
	none, most := small/10, significant(2*max(great, sizes[len(sizes)-1]), math.Ceil)
	s := f.numbers(at, []float64{-most, -great, -small, -none, none, small, great}, false, []string{"div-n3", "div-n2", "div-n1", "div-0", "div-p1", "div-p2", "div-p3"})
	s.classes[3].title = geo.Text{EN: "about 0", ZH: "约为 0"}
	return s
}

// mostSteps is how many classes a scale from low to high has.
const mostSteps = 6

// sequentialScale is for figures from low to high, in classes of about as many rows.
func (f *figures) sequentialScale(name string) *figureScale {
	at := f.column(name)
	if at < 0 {
		return nil
	}
	var all []float64
	whole := true
	for i := range f.answer.Rows {
		if v, ok := numberIn(&f.answer.Rows[i], at); ok && f.answer.Rows[i].Geometry != nil {
			all = append(all, v)
			whole = whole && v == math.Trunc(v)
		}
	}
	if len(all) == 0 {
		return nil
	}
	limits := classLimits(all)
	var tokens []string
	for i := range limits {
		step := 3.0
		if len(limits) > 1 {
			step = 1 + math.Round(float64(i*(mostSteps-1))/float64(len(limits)-1))
		}
		tokens = append(tokens, "seq-"+strconv.Itoa(int(step)))
	}
	return f.numbers(at, limits, whole, tokens)
}

// classLimits are the lower limits of classes of values: each value where they are few,
// else of about as many values as equal ones allow.
func classLimits(all []float64) []float64 {
	slices.Sort(all)
	distinct := slices.Compact(slices.Clone(all))
	if len(distinct) <= mostSteps {
		return distinct
	}
	limits := []float64{significant(all[0], math.Floor)}
	for rest := all; len(limits) < mostSteps; {
		above, _ := slices.BinarySearch(rest, math.Nextafter(limits[len(limits)-1], math.Inf(1)))
		at := max(above, len(rest)/(mostSteps+1-len(limits)))
		if at >= len(rest) {
			break
		}
		limit := significant(rest[at], math.Round)
		rest = rest[at:]
		if limit > limits[len(limits)-1] && limit <= all[len(all)-1] {
			limits = append(limits, limit)
		} else if rest[0] == rest[len(rest)-1] {
			break
		} else {
			rest = rest[1:]
		}
	}
	return limits
}

// significant is a number in two significant digits.
func significant(v float64, round func(float64) float64) float64 {
	if v == 0 {
		return 0
	}
	digits := 1 - int(math.Floor(math.Log10(math.Abs(v))))
	if digits < 0 {
		p := math.Pow10(-digits)
		return round(v/p) * p
	}
	p := math.Pow10(digits)
	return round(v*p) / p
}

// numberIn is the number in a cell.
func numberIn(row *stat.Row, column int) (float64, bool) {
	var v float64
	switch cell := row.Cells[column].(type) {
	case int:
		v = float64(cell)
	case float64:
		v = cell
	case stat.Number:
		v = float64(cell)
	default:
		return 0, false
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

// shortTexts writes numbers in as few digits, but three, as tell the limits apart.
func shortTexts(limits []float64) func(float64) string {
	digits := 3
	for ; digits < 17; digits++ {
		seen := map[string]bool{}
		for _, v := range limits {
			seen[strconv.FormatFloat(v, 'g', digits, 64)] = true
		}
		if len(seen) == len(limits) {
			break
		}
	}
	return func(v float64) string {
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
}

// numbers is the scale of the numbers of a column from limit to limit.
func (f *figures) numbers(column int, limits []float64, whole bool, tokens []string) *figureScale {
	s := &figureScale{title: f.answer.Columns[column].Title}
	if s.title == (geo.Text{}) {
		s.title = geo.Text{EN: f.answer.Columns[column].Name, ZH: f.answer.Columns[column].Name}
	}
	text := shortTexts(limits)
	for i, from := range limits {
		c := figureClass{value: text(from) + "..", token: tokens[i], title: geo.Text{EN: text(from) + " and more", ZH: text(from) + " 及以上"}}
		switch {
		case i+1 == len(limits) && i > 0:
		case i+1 == len(limits):
			c.value, c.title = text(from), geo.Text{EN: text(from), ZH: text(from)}
		case whole && limits[i+1] == from+1:
			c.value, c.title = text(from), geo.Text{EN: text(from), ZH: text(from)}
		default:
			to := limits[i+1]
			if whole {
				to--
			}
			c.value = text(from) + ".." + text(to)
			c.title = geo.Text{EN: fmt.Sprintf("%s to %s", text(from), text(to)), ZH: fmt.Sprintf("%s 至 %s", text(from), text(to))}
			if i == 0 && from == 0 && !whole {
				c.title = geo.Text{EN: "below " + text(to), ZH: text(to) + " 以下"}
			}
		}
		if unit := f.answer.Columns[column].Unit; i == 0 && unit != "" {
			c.title = geo.Text{EN: c.title.EN + " " + unit, ZH: c.title.ZH + " " + unit}
		}
		s.classes = append(s.classes, c)
	}
	s.of = func(row *stat.Row) string {
		v, ok := numberIn(row, column)
		i := sort.Search(len(limits), func(i int) bool { return limits[i] > v }) - 1
		if !ok || i < 0 {
			return ""
		}
		return s.classes[i].value
	}
	return s
}
