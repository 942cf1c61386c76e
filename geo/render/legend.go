package render

import (
	"fmt"
	"math"
	"slices"

	"clustermap/geo"
	"clustermap/geo/draw"
)

// mostLegends is how many layers a legend speaks of.
const mostLegends = 6

// expected are the facts of the layers before they are drawn: of all that they hold,
// so that there is room for what may be in the picture.
func (s *scene) expected() []layerFacts {
	facts := make([]layerFacts, min(len(s.Layers), mostLegends))
	for i := range facts {
		l := s.Layers[i]
		p := newPalette(l.Index)
		f := layerFacts{palette: p, families: make([]int, len(p.options)), all: l.features()}
		if n := l.features(); n <= mostCounted {
			for slot := range l.slots() {
				f.families[p.at(slot)]++
			}
		} else {
			for j := range f.families {
				f.families[j] = n
			}
		}
		for _, property := range l.Index.Schema().Properties {
			switch property.Role {
			case geo.RoleShape:
				f.shaped, f.shapes = true, [6]int{1, 1, 1, 1, 1, 1}
			case geo.RolePrecision:
				f.drawings = [3]int{1, 1, 1}
			}
		}
		switch l.View {
		case Groups:
			f.groups = []int{7}
		case Hex, Territory:
			f.classes = make([]class, 6)
		}
		facts[i] = f
	}
	return facts
}

// mostCounted is up to how many features are counted one by one for a legend.
const mostCounted = 50_000

// slots are the slots of the features of a layer.
func (l Layer) slots() func(yield func(uint32) bool) {
	if l.Set != nil {
		return l.Set.All()
	}
	return func(yield func(uint32) bool) {
		for slot := range uint32(l.Index.Len()) {
			if !yield(slot) {
				return
			}
		}
	}
}

// legendParts are the legends of the layers, one below the other.
func (s *scene) legendParts(all []layerFacts, width float64) []part {
	sh := &s.page.sheet
	var parts []part
	several := len(s.Layers) > 1
	for i, f := range all[:min(len(all), mostLegends)] {
		if f.all == 0 {
			continue
		}
		const gap = 24
		var title []part
		if several {
			title = sh.heading(sh.say(s.Layers[i].title()), width, gap)
		}
		if len(f.classes) > 0 {
			parts = append(parts, together(append(title, s.classParts(s.Layers[i], f, width, gap)...))...)
			if len(s.rows(all)) > 0 { // whose bars are in the colours of families
				families := sh.grid("Legend", rankLegend, gap, s.familyEntries(f), width)
				for i := range families {
					families[i].with = "Regions"
				}
				parts = append(parts, families...)
			}
			continue
		}
		legend := together(append(title, sh.grid("Legend", rankLegend, gap, s.familyEntries(f), width)...))
		if several && f.palette.property == "" {
			legend = s.plainPart(s.Layers[i], f.all, width, gap)
		}
		parts = append(parts, legend...)
		levels, others := s.levelEntries(i, f), append(s.precisionEntries(f), s.groupEntries(f)...)
		if sh.setting >= merged { // in one go they take fewer lines
			levels, others = append(levels, others...), nil
		}
		parts = append(parts, sh.flow("Levels", rankLevels, 8, levels, width)...)
		parts = append(parts, sh.flow("Precision", rankPrecision, 0, others, width)...)
	}
	return parts
}

// familyEntries are the families that occur, in the order of their colours.
func (s *scene) familyEntries(f layerFacts) []entry {
	var out []entry
	if f.palette.property == "" {
		return nil
	}
	marks := letters(f.palette, s.Lang)
	for i, o := range f.palette.options {
		if f.families[i] == 0 {
			continue
		}
		fill := s.theme.fill(o.family)
		e := entry{text: o.title, count: f.families[i], width: 18, mark: s.page.sheet.dot(fill)}
		if s.theme.patterns {
			e.width, e.mark = 44, s.patterned(fill, symbolKey{family: o.family, letter: marks[i]}, f.kind == dotSymbols)
		}
		out = append(out, e)
	}
	return out
}

// patterned is a family in print: its pattern in rings and bars, and its symbol.
func (s *scene) patterned(fill draw.Fill, k symbolKey, many bool) func(x, y float64) draw.Item {
	u := s.page.sheet.unit
	t := *s.theme
	t.scale = keySize * u
	set := newSymbolSet(&t, 0)
	sym := set.symbol(k, t.scale*printScale)
	if many {
		sym = set.dotOf(k.family)
	}
	pattern := s.page.sheet.swatch(fill)
	return func(x, y float64) draw.Item {
		return &draw.Group{Name: "swatch", Items: []draw.Item{pattern(x-13*u, y), &draw.Mark{Name: "symbol", Symbol: sym, X: x + 11*u, Y: y}}}
	}
}

// neutral is the symbols of the picture without the colour of a family.
func (s *scene) neutral(scale float64) *symbolSet {
	t := *s.theme
	t.families[restFamily], t.patterns, t.scale = t.ink2, false, scale
	return newSymbolSet(&t, 0)
}

// keySize is the scale of symbols in the legend, in units of the sheet.
const keySize = 0.85

func (s *scene) key(shape shape, how drawing) func(x, y float64) draw.Item {
	scale := keySize * s.page.sheet.unit
	sym := s.neutral(scale).symbol(symbolKey{shape: shape, drawing: how, family: restFamily}, scale)
	return func(x, y float64) draw.Item { return &draw.Mark{Name: "symbol", Symbol: sym, X: x, Y: y} }
}

// levelEntries are the shapes that occur, where there is more than one.
func (s *scene) levelEntries(layer int, f layerFacts) []entry {
	if !f.shaped || f.kind == dotSymbols {
		return nil
	}
	titles := map[shape]geo.Text{}
	for _, p := range s.Layers[layer].Index.Schema().Properties {
		if p.Role == geo.RoleShape {
			for _, e := range p.Enum {
				titles[shapeOf(e.Value)] = e.Title
			}
		}
	}
	var out []entry
	for i, n := range f.shapes {
		if t, ok := titles[shape(i)]; ok && n > 0 {
			out = append(out, entry{text: t, count: -1, width: 18, mark: s.key(shape(i), filled)})
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// precisionEntries are how symbols that do not stand at their own seat are drawn.
func (s *scene) precisionEntries(f layerFacts) []entry {
	w := theWords()
	var out []entry
	if f.kind == dotSymbols {
		return nil
	}
	if f.drawings[hollow] > 0 {
		out = append(out, entry{text: w.hostSeat, count: -1, width: 18, mark: s.key(prefecture, hollow)})
	}
	if f.drawings[approximate] > 0 {
		out = append(out, entry{text: w.approximate, count: -1, width: 25, mark: s.key(prefecture, approximate)})
	}
	return out
}

// groupEntries tell what a disc means; where groups of several sizes occur, with their ranges.
func (s *scene) groupEntries(f layerFacts) []entry {
	if len(f.groups) == 0 {
		return nil
	}
	w := theWords()
	text := w.groups
	if f.palette.property == "" {
		text = w.groupsPlain
	}
	var out []entry
	for _, size := range groupSizes(f.groups) {
		e := entry{text: geo.Text{ZH: size.text, EN: size.text}, count: -1, width: 2*groupRadius(size.sample)*discSize + 2, mark: s.disc(f, size.sample)}
		out = append(out, e)
	}
	if len(out) == 1 {
		out[0].text = text
		return out
	}
	return append([]entry{{text: text, count: -1}}, out...)
}

// discSize is the scale of groups in the legend, in units of the sheet.
const discSize = 1.08

// disc is a group as an example.
func (s *scene) disc(f layerFacts, n int) func(x, y float64) draw.Item {
	scale := discSize * s.page.sheet.unit
	t := *s.theme
	t.scale = scale
	var parts []ringPart
	for i, o := range f.palette.options {
		if f.families[i] > 0 && len(parts) < 3 {
			parts = append(parts, ringPart{o.family, 1})
		}
	}
	if len(parts) == 0 {
		parts = []ringPart{{0, 1}}
	}
	for i := range parts {
		parts[i].n = n / len(parts)
	}
	parts[0].n = n - (len(parts)-1)*(n/len(parts))
	sym := newSymbolSet(&t, 0).group(n, parts, shortCount(n, s.Lang))
	return func(x, y float64) draw.Item { return &draw.Mark{Name: "group", Symbol: sym, X: x, Y: y} }
}

// groupSize is a range of sizes of groups that are drawn equally large.
type groupSize struct {
	text   string
	sample int // a size among them that occurs
}

// groupSizes are the ranges that occur, the least first, each with a size in the middle of
// those in it.
func groupSizes(groups []int) []groupSize {
	sorted := slices.Clone(groups)
	slices.Sort(sorted)
	var out []groupSize
	for _, size := range []struct {
		text string
		end  int
	}{{"2–9", 10}, {"10–99", 100}, {"100–999", 1000}, {"≥ 1,000", math.MaxInt}} {
		n, _ := slices.BinarySearch(sorted, size.end)
		if n > 0 {
			out = append(out, groupSize{size.text, sorted[n/2]})
		}
		sorted = sorted[n:]
	}
	return out
}

// classParts are the classes of hexagons or territories with their ranges and how many there are.
func (s *scene) classParts(l Layer, f layerFacts, width, gap float64) []part {
	sh := &s.page.sheet
	w := theWords()
	title := w.perArea
	if l.View == Hex {
		title = fill(w.perHexagon, "km", measured(f.across))
	}
	parts := sh.heading(sh.say(title), width, gap)
	var entries []entry
	for i, c := range f.classes {
		text := fmt.Sprintf("%s–%s", number(c.from), number(c.to))
		switch {
		case c.to == 0:
			text = "≥ " + number(c.from)
		case c.from == c.to:
			text = number(c.from)
		}
		entries = append(entries, entry{text: geo.Text{ZH: text, EN: text}, count: c.n, width: 18, mark: sh.swatch(s.theme.classFill(i, len(f.classes)))})
	}
	return together(append(parts, sh.grid("Classes", rankLegend, 4, entries, width)...))
}
