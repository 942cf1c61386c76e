package render

import (
	"cmp"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// census is how the features of a picture lie in the regions that it shows.
type census struct {
	rows  []regionRow
	total int // features of all layers
	in    int // of those, in a region
	sure  bool
}

// count takes the census of all features that the layers hold, wherever they lie. It is
// not sure where the features do not tell which regions they belong to.
func (s *scene) count() *census {
	if s.counted != nil {
		return s.counted
	}
	c := &census{sure: len(s.Regions) > 0 && len(s.Layers) > 0}
	known := false
	s.counted = c
	inside := make([]int, len(s.Regions))
	var shares [][]int // by region and option
	var colours *palette
	rest := 0
	var restShares []int
	for i, l := range s.Layers {
		c.total += l.features()
		member, ok := l.Index.Column("regions")
		known = known || ok
		if !ok || l.features() > mostCounted {
			c.sure = false
			continue
		}
		p := newPalette(l.Index)
		if i == 0 {
			colours, restShares = p, make([]int, len(p.options))
			shares = make([][]int, len(s.Regions))
			for r := range shares {
				shares[r] = make([]int, len(p.options))
			}
		}
		for slot := range l.slots() {
			any := false
			for _, id := range member.Elements(slot) {
				if r := s.regionAt(id); r >= 0 {
					any = true
					inside[r]++
					if i == 0 {
						shares[r][p.at(slot)]++
					}
				}
			}
			if any {
				c.in++
				continue
			}
			rest++
			if i == 0 {
				restShares[p.at(slot)]++
			}
		}
	}
	if len(s.Layers) > 1 {
		colours = nil // bars show the colours of one layer only
	}
	for r, region := range s.Regions {
		if region.Count < 0 || !known {
			c.sure = false
			continue
		}
		row := regionRow{name: region.name(), count: region.Count}
		if s.has(Definition) {
			row.note = geo.Text{ZH: lastPart(region.DefinitionZH), EN: lastPart(region.DefinitionEN)}
		}
		if s.Lang == Both {
			row.name, row.note = geo.Text{ZH: region.NameZH}, geo.Text{EN: region.NameEN}
		}
		if colours != nil && inside[r] == region.Count {
			row.shares = s.sharesOf(colours, shares[r])
		}
		c.sure = c.sure && inside[r] == region.Count
		c.rows = append(c.rows, row)
	}
	slices.SortStableFunc(c.rows, func(a, b regionRow) int { return b.count - a.count })
	if c.sure && rest > 0 {
		c.rows = append(c.rows, s.elsewhere(rest, colours, restShares))
	}
	return c
}

// elsewhere is the row of what lies in no region.
func (s *scene) elsewhere(n int, colours *palette, counts []int) regionRow {
	row := regionRow{name: theWords().elsewhere, count: n, quiet: true}
	if s.Lang == Both {
		row.name, row.note = geo.Text{ZH: row.name.ZH}, geo.Text{EN: row.name.EN}
	}
	if colours != nil {
		row.shares = s.sharesOf(colours, counts)
	}
	return row
}

// lastPart is what a definition holds, without the plan that says so: 沪苏浙 25 市 of
// 2010 规划 · 沪苏浙 25 市.
func lastPart(s string) string {
	if i := strings.LastIndex(s, " · "); i >= 0 {
		return s[i+len(" · "):]
	}
	return s
}

func (s *scene) regionAt(id string) int {
	return slices.IndexFunc(s.Regions, func(r Region) bool { return r.ID == id })
}

func (s *scene) sharesOf(p *palette, counts []int) []share {
	var out []share
	for i, n := range counts {
		if n > 0 {
			out = append(out, share{title: p.options[i].title, fill: s.theme.fill(p.options[i].family), n: n})
		}
	}
	return out
}

// rows are the regions with their numbers, where these are those of the picture: one that
// shows only a part of the features has no rows.
func (s *scene) rows([]layerFacts) []regionRow {
	const most = 6
	c := s.count()
	if !s.showsAll() || len(c.rows) > most {
		return nil
	}
	return c.rows
}

// showsAll is whether the picture shows every feature that has a place, as far as is known.
func (s *scene) showsAll() bool {
	if s.shown == nil {
		return true // not yet drawn
	}
	shown := 0
	for _, l := range s.shown {
		shown += l.Shown
	}
	return shown >= s.count().total
}

// title is the title of the picture and a second line below it. Without one that is
// asked for it is a finding from the numbers.
func (s *scene) title(f []layerFacts) (title, second string) {
	if s.Title != "" {
		return s.Title, ""
	}
	t := s.finding(f)
	switch {
	case s.Lang == English:
		return t.In("en"), ""
	case s.Lang == Both && t.EN != t.ZH:
		return t.In("zh"), t.EN
	}
	return t.In("zh"), ""
}

// finding is a true sentence about the picture.
func (s *scene) finding(f []layerFacts) geo.Text {
	w := theWords()
	shown := 0
	for _, l := range f {
		shown += l.all
	}
	if len(s.Layers) == 0 {
		return geo.Text{}
	}
	c := s.count()
	named, filtered := s.book()
	if named && shown > 0 && !s.showsAll() {
		for _, r := range s.Regions { // a picture of one region
			if r.Count == shown && s.regionsShown() == 1 {
				return into(fill(w.atlasRegion, "n", number(shown), "clusters", choose(shown, "cluster", "clusters"), "region", hole), r.name())
			}
		}
		return fill(w.atlasHere, "n", number(shown), "clusters", choose(shown, "cluster", "clusters"))
	}
	if named && c.sure && len(s.Regions) > 0 && c.total > 0 {
		pattern := w.atlasAll
		if filtered {
			pattern = w.atlasPart
		}
		return into(fill(pattern, "n", number(c.total), "m", number(c.in), "are", choose(c.in, "is", "are"), "regions", hole), s.regionsInWords())
	}
	pattern := w.other
	if shown == 0 {
		pattern = w.nothing
	}
	return into(fill(pattern, "title", hole, "n", number(shown)), s.layersInWords())
}

// layersInWords are the titles of the layers, of many the first.
func (s *scene) layersInWords() geo.Text {
	const most = 3
	var names geo.Text
	for i, l := range s.Layers[:min(len(s.Layers), most)] {
		t := l.title()
		if t == (geo.Text{}) {
			t = l.Index.Schema().Title
		}
		if i > 0 {
			names.ZH, names.EN = names.ZH+"、", names.EN+", "
		}
		names.ZH, names.EN = names.ZH+t.In("zh"), names.EN+t.In("en")
	}
	return names
}

// regionsShown is how many regions the map shows some of.
func (s *scene) regionsShown() (n int) {
	for i := range s.candidates {
		if s.candidates[i].kind == regionLabel {
			n++
		}
	}
	return n
}

// describe gives a drawing with furniture its title, and its sources as notes, whether
// they stand on it or not.
func (s *scene) describe(d *draw.Drawing) {
	if s.Furniture == 0 {
		return
	}
	d.Title, _ = s.title(s.facts)
	m := *s.Map
	m.Furniture = AllFurniture
	for _, n := range (&scene{Map: &m}).notes() {
		d.Notes = append(d.Notes, say(s.Lang, n))
	}
}

// book is whether the picture shows the clusters that a book names, as their
// collection says of itself, and whether only some of them.
func (s *scene) book() (named, filtered bool) {
	if len(s.Layers) != 1 {
		return false, false
	}
	l := s.Layers[0]
	d := l.Index.Schema().Description
	named = strings.Contains(d.EN, "named in the volume") && strings.Contains(d.ZH, "产业集群")
	return named, l.Set != nil && l.Set.Len() < l.Index.Len()
}

// regionsInWords is what the regions of the picture are called together.
func (s *scene) regionsInWords() geo.Text {
	seen := map[string]bool{}
	var t geo.Text
	for i, r := range s.Regions {
		for _, prefix := range []string{"yrd", "prd", "bohai"} {
			if strings.HasPrefix(r.ID, prefix) {
				seen[prefix] = true
			}
		}
		if i > 0 {
			t.ZH += "、"
			t.EN += map[bool]string{true: " and ", false: ", "}[i == len(s.Regions)-1]
		}
		name := r.name()
		t.ZH, t.EN = t.ZH+name.In("zh"), t.EN+"the "+name.In("en")
	}
	if len(seen) == 3 && len(s.Regions) == 3 {
		return theWords().concentrations
	}
	return t
}

// subtitle says how the picture is to be read, one line for each language.
func (s *scene) subtitle() []string {
	if s.Subtitle != "" {
		return []string{s.Subtitle}
	}
	if len(s.Layers) != 1 {
		return nil
	}
	l := s.Layers[0]
	p := newPalette(l.Index)
	if p.property == "" || l.View == Hex || l.View == Territory {
		return nil
	}
	w := theWords()
	by := geo.Text{ZH: cmp.Or(p.title.In("zh"), p.property), EN: strings.ToLower(cmp.Or(p.title.In("en"), p.property))}
	if category, _ := l.Index.Schema().Property(p.property); len(category.Groups) > 0 {
		by = into(w.families, by)
	}
	t := into(fill(w.coloured, "title", hole), by)
	if s.count().sure {
		t = into(fill(w.inRegions, "title", hole), by)
	}
	switch s.Lang {
	case English:
		return []string{t.EN}
	case Both:
		return []string{t.ZH, t.EN}
	}
	return []string{t.ZH}
}
