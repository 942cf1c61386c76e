package gazetteer

import (
	"cmp"
	"slices"
)

// Succession is one change of a division: what became of it, or of a part of it.
type Succession struct {
	OldCode, OldName string
	NewCode, NewName string
	Year             int
	Kind             string // renamed, upgraded, merged, split, moved, recoded
	Source           string
	Note             string
}

// part reports whether the row is of a part that was carved out of what goes on.
func (s Succession) part() bool { return len(s.Note) >= 5 && s.Note[:5] == "part:" }

// The year of the code table from which a book of 2007 speaks: that of the end of 2006.
const tableThen = 2006

// Now are the units of today that a unit of a year has become, with the changes on the
// way: itself where nothing has changed, several where it was split without one that
// went on. It is none for a code and a name that nothing is known of. name may be "";
// then the unit is that which had the code in that year. A code may have been another
// unit's since, so the name matters where it is known.
func (g *Gazetteer) Now(code, name string, year int) ([]*Unit, []Succession) {
	if name == "" {
		name = g.nameThen(code, year)
	}
	var units []*Unit
	var steps []Succession
	g.follow(code, name, year, func(u *Unit) {
		if !slices.Contains(units, u) {
			units = append(units, u)
		}
	}, &steps)
	return units, steps
}

func (g *Gazetteer) follow(code, name string, year int, found func(*Unit), steps *[]Succession) {
	next := g.after(code, name, year)
	if chief := slices.DeleteFunc(slices.Clone(next), Succession.part); len(chief) > 0 {
		next = chief
	}
	if len(next) == 0 {
		if u, ok := g.byCode[code]; ok && (name == "" || u.NameZH == name) {
			found(u)
		}
		return
	}
	for _, s := range next {
		*steps = append(*steps, s)
		g.follow(s.NewCode, s.NewName, s.Year, found, steps)
	}
}

// after are the next changes of a unit after a year: those of the soonest year.
// A name that was no more in that year is taken for what it was before.
func (g *Gazetteer) after(code, name string, year int) []Succession {
	var next []Succession
	if u, ok := g.byCode[code]; year > 0 && (!ok || u.NameZH != name) && !slices.ContainsFunc(g.successions[code+" "+name], func(s Succession) bool { return s.Year > year }) {
		year = 0 // a table that was behind its time
	}
	for _, s := range g.successions[code+" "+name] {
		if s.Year > year && (len(next) == 0 || s.Year == next[0].Year) {
			next = append(next, s)
		}
	}
	return next
}

// nameThen is the name that a code had after a year: that in the table of 2006, as
// changed since, or that of today where nothing is known.
func (g *Gazetteer) nameThen(code string, year int) string {
	for _, f := range g.former { // the soonest end after the year
		if f.Code == code && f.Until > year {
			return f.Name
		}
	}
	if u, ok := g.byCode[code]; ok {
		return u.NameZH
	}
	return g.then[code]
}

// Then are the codes that the ground of a unit of today had at the end of 2006: its own
// where nothing has changed. A town has the codes of its county.
func (g *Gazetteer) Then(code string) []string {
	if len(code) != 6 {
		if u, ok := g.byCode[code]; ok {
			code = u.Adcode()
		}
	}
	return g.backward[code]
}

// turnBack fills backward from the table of 2006. A unit that was carved out of others
// since, such as 龙华区 of 宝安区, has the codes of those.
func (g *Gazetteer) turnBack() {
	g.backward = make(map[string][]string)
	parts := make(map[string][]string)
	for code, name := range g.then {
		units, _ := g.Now(code, name, tableThen)
		for _, u := range units {
			g.backward[u.Code] = append(g.backward[u.Code], code)
		}
		g.carve(code, name, tableThen, func(u *Unit) {
			if !slices.Contains(parts[u.Code], code) {
				parts[u.Code] = append(parts[u.Code], code)
			}
		})
	}
	for code, from := range parts {
		if len(g.backward[code]) == 0 {
			g.backward[code] = from
		}
	}
	for _, codes := range g.backward {
		slices.Sort(codes)
	}
}

// carve finds all units that have ground of a unit of a year, parts of it too.
func (g *Gazetteer) carve(code, name string, year int, found func(*Unit)) {
	next := g.after(code, name, year)
	if u, ok := g.byCode[code]; ok && len(next) == 0 && u.NameZH == name {
		found(u)
	}
	for _, s := range next {
		g.carve(s.NewCode, s.NewName, s.Year, found)
	}
}

func (g *Gazetteer) addSuccessions(rows []Succession) {
	g.successions = make(map[string][]Succession)
	for _, s := range rows {
		key := s.OldCode + " " + s.OldName
		g.successions[key] = append(g.successions[key], s)
		if s.OldCode != s.NewCode || s.OldName != s.NewName {
			g.former = append(g.former, Former{s.OldCode, s.OldName, s.Year})
		}
	}
	for _, rows := range g.successions {
		slices.SortStableFunc(rows, func(a, b Succession) int { return cmp.Compare(a.Year, b.Year) })
	}
	slices.SortFunc(g.former, func(a, b Former) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Until, b.Until), cmp.Compare(a.Name, b.Name))
	})
	g.former = slices.Compact(g.former)
}
