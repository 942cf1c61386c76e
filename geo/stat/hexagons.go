package stat

import (
	"cmp"
	"context"
	"slices"

	"clustermap/geo"
)

// hexagonMethods count in hexagons.
func hexagonMethods() []*Method {
	return []*Method{{
		ID:     "hexagons",
		Title:  geo.Text{EN: "Hexagon counts", ZH: "六边形计数"},
		Common: []string{paramSelect, paramBy, paramMeasure, paramWithin},
		Places: true,
		placed: true,
		hexes:  true,
		run:    hexagons,
		Page: Page{
			Asks: geo.Text{
				EN: "How many features, or how much of a measure, lie in each piece of ground of equal area?",
				ZH: "在实地面积相等的每个单元里有多少要素，或某个量有多少？"},
			Formula: "count(h) = |{i : i in h}|, share(h) = value(h) / sum of value",
			Reading: geo.Text{
				EN: "A hexagon in the north stands for as much ground as one in the south, so their counts can be compared.",
				ZH: "北方与南方的六边形实地面积相等，计数可以直接比较。"},
			Limits: geo.Text{
				EN: "Counts depend on where the grid lies and how wide its cells are: try another width before you trust a single cell.",
				ZH: "计数受网格位置与格距影响：采信单个格子之前请换一种格距再看。"},
			Sources: []string{"Carr, Olsen and White (1992), Hexagon mosaic maps for display of univariate and bivariate geographical data, Cartography and Geographic Information Systems 19(4)", "Snyder (1987), Map Projections: A Working Manual, USGS Professional Paper 1395, pages 182-190"},
		},
	}}
}

type hexagonsResult struct {
	Cells  int          `json:"cells"`
	Across Number       `json:"across_km"`
	Max    Number       `json:"max"`
	Rows   []hexagonRow `json:"rows,omitzero"`
}

type hexagonRow struct {
	Key      string   `json:"key"`
	Title    geo.Text `json:"title,omitzero"`
	Count    int      `json:"count"`
	Value    Number   `json:"value"`
	Universe Number   `json:"universe"`
	Share    Number   `json:"share"`
}

func hexagons(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	totals, counts := st.Totals(sub)
	all, most := 0.0, 0.0
	for _, v := range totals {
		all, most = all+v, max(most, v)
	}
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "key", Title: geo.Text{EN: "Cell", ZH: "单元"}},
		{Name: "count", Title: geo.Text{EN: "Count", ZH: "个数"}},
		{Name: "value", Title: geo.Text{EN: "Value", ZH: "数值"}},
		{Name: "universe", Title: geo.Text{EN: "Of all", ZH: "总体"}},
		{Name: "share", Title: geo.Text{EN: "Share", ZH: "份额"}},
	}}
	res := hexagonsResult{Across: Number(st.cut.Across), Max: Number(most), Rows: []hexagonRow{}}
	for i, u := range st.Units {
		if counts[i] == 0 {
			continue
		}
		row := hexagonRow{u.Key, u.Title, counts[i], Number(totals[i]), Number(u.Total), Number(totals[i] / all)}
		res.Rows = append(res.Rows, row)
		o.Rows = append(o.Rows, Row{ID: u.Key, Geometry: u.Outline, Cells: []any{u.Key, row.Count, row.Value, row.Universe, row.Share}})
	}
	res.Cells = len(res.Rows)
	o.Brief = hexagonsResult{Cells: res.Cells, Across: res.Across, Max: res.Max}
	slices.SortStableFunc(res.Rows, func(a, b hexagonRow) int { return cmp.Compare(b.Value, a.Value) })
	o.Members = res
	return o, nil
}
