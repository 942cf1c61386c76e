package gazetteer

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search finds units for a person who types: by the beginning of a name in simplified
// or traditional characters, in English or in pinyin, with or without spaces; by the
// initials of its syllables; by names that it had; by its code. Units above may stand
// before or after it: 浙江海宁, "haining, zhejiang". The closest names come first, of
// equal ones those of higher levels; at most limit. It looks through all names, which
// takes some milliseconds.
func (g *Gazetteer) Search(text string, limit int) []*Unit {
	q := g.typed(text)
	if q.empty() || limit <= 0 {
		return nil
	}
	found := g.ranked(q, nil)
	if terms := g.terms(text); len(terms) > 1 {
		found = append(found, g.inside(terms)...)
	}
	if len(found) == 0 && q.han != "" {
		found = g.below(q.han, mostAbove)
	}
	slices.SortFunc(found, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(height(a.unit), height(b.unit)), cmp.Compare(a.unit.Code, b.unit.Code))
	})
	var out []*Unit
	seen := map[*Unit]bool{}
	for _, h := range found {
		if len(out) == limit {
			break
		}
		if !seen[h.unit] {
			seen[h.unit] = true
			out = append(out, h.unit)
		}
	}
	return out
}

// A hit is a unit and how close its name is, 0 the closest.
type hit struct {
	unit *Unit
	rank int
}

// How close a name is to what was typed, the closest first.
const (
	exact = iota
	begins
	exactOther // a name that it had or is also called
	exactInitials
	beginsOther
	beginsInitials
	contains
	apart
)

func height(u *Unit) int {
	return slices.Index([]string{Province, Prefecture, County, Zone, Town}, u.Level)
}

// query is a text as it is compared with names: one of the three.
type query struct {
	han     string // simplified
	letters string // small, without spaces and marks
	code    string
}

func (q query) empty() bool { return q == query{} }

// longestTyped is more than any name has; what is longer is cut.
const longestTyped = 64 // characters

func (g *Gazetteer) typed(text string) query {
	text = simple(g.Simplified(text))
	if r := []rune(text); len(r) > longestTyped {
		text = string(r[:longestTyped])
	}
	switch {
	case isHan(text):
		return query{han: strings.ReplaceAll(text, " ", "")}
	case text != "" && strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0:
		return query{code: text}
	}
	return query{letters: letters(text)}
}

// terms are the parts of a text between spaces and commas, at most four.
func (g *Gazetteer) terms(text string) []query {
	const most = 4
	var terms []query
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",，、/·", r)
	}) {
		if q := g.typed(part); !q.empty() && len(terms) < most {
			terms = append(terms, q)
		}
	}
	return terms
}

// ranked are the units in scope, all if it is nil, that a query may mean.
func (g *Gazetteer) ranked(q query, scope *Unit) []hit {
	var found []hit
	add := func(u *Unit, rank int) {
		if rank < apart && (scope == nil || u != scope && u.Within(scope)) {
			found = append(found, hit{u, rank})
		}
	}
	for _, u := range g.units {
		add(u, q.rank(u))
	}
	if q.code != "" {
		return found
	}
	for _, a := range g.aliases {
		if rank := q.rankOther(a.Name); rank < apart {
			for _, u := range a.Units {
				add(u, rank)
			}
		}
	}
	for _, f := range g.former {
		if rank := q.rankOther(f.Name); rank < apart {
			units, _ := g.Now(f.Code, f.Name, f.Until-1)
			for _, u := range units {
				add(u, rank)
			}
		}
	}
	return found
}

// rank compares the query with the names of a unit.
func (q query) rank(u *Unit) int {
	switch {
	case q.han != "":
		rest, ok := strings.CutPrefix(u.NameZH, q.han)
		switch {
		case ok && (rest == "" || Stem(u.NameZH) == q.han):
			return exact
		case ok:
			return begins
		case utf8.RuneCountInString(q.han) > 1 && strings.Contains(u.NameZH, q.han):
			return contains
		}
	case q.letters != "":
		return min(q.rankSpelled(u.Pinyin, u), q.rankSpelled(letters(u.NameEN), u), q.rankInitials(u.syllables))
	case u.Code == q.code:
		return exact
	case strings.HasPrefix(u.Code, q.code):
		return begins
	}
	return apart
}

// rankSpelled compares letters with a name in one word, after which may stand what
// kind of unit it is.
func (q query) rankSpelled(name string, u *Unit) int {
	switch {
	case name == "":
	case name == q.letters:
		return exact
	case strings.HasPrefix(name, q.letters):
		return begins
	case strings.HasPrefix(q.letters, name):
		kind := q.letters[len(name):]
		if kind == soundOfKind(u.NameZH) || spoken[kind] != "" {
			return exact
		}
	}
	return apart
}

// rankInitials compares letters with the first ones of syllables.
func (q query) rankInitials(syllables string) int {
	i := 0
	for at := 0; at < len(syllables); at++ {
		if at > 0 && syllables[at-1] != ' ' {
			continue
		}
		if i == len(q.letters) {
			return beginsInitials
		}
		if syllables[at] != q.letters[i] {
			return apart
		}
		i++
	}
	if i == len(q.letters) && i > 1 {
		return exactInitials
	}
	return apart
}

// rankOther compares the query with a name that a unit had or is also called.
func (q query) rankOther(name string) int {
	own, typed := name, q.han
	if typed == "" {
		if isHan(name) {
			return apart
		}
		own, typed = letters(name), q.letters
	}
	switch {
	case own == typed:
		return exactOther
	case strings.HasPrefix(own, typed):
		return beginsOther
	}
	return apart
}

// inside are the units that one of the terms means and that lie in units which the
// others mean.
func (g *Gazetteer) inside(terms []query) []hit {
	var found []hit
	for i, term := range terms {
		others := slices.Delete(slices.Clone(terms), i, i+1)
		for _, h := range g.ranked(term, nil) {
			if liesIn(h.unit.Parent, others) {
				found = append(found, h)
			}
		}
	}
	return found
}

// liesIn tells whether each of the terms begins the name of u or of one above it.
func liesIn(u *Unit, terms []query) bool {
	return !slices.ContainsFunc(terms, func(q query) bool {
		for above := u; above != nil; above = above.Parent {
			if q.rank(above) <= begins {
				return false
			}
		}
		return true
	})
}

// mostAbove is how many units may stand before a name without spaces: a province,
// a prefecture and a county.
const mostAbove = 3

// below reads a text as the name of a unit and then of one in it: 浙江省海宁.
func (g *Gazetteer) below(text string, above int) []hit {
	var found []hit
	for _, u := range g.units {
		if u.Level == Town {
			continue
		}
		rest, ok := strings.CutPrefix(text, u.NameZH)
		if !ok {
			rest, ok = strings.CutPrefix(text, Stem(u.NameZH))
		}
		if !ok || rest == "" {
			continue
		}
		inner := g.ranked(query{han: rest}, u)
		if len(inner) == 0 && above > 1 {
			inner = within(g.below(rest, above-1), u)
		}
		found = append(found, inner...)
	}
	return found
}

func within(hits []hit, u *Unit) []hit {
	return slices.DeleteFunc(hits, func(h hit) bool { return !h.unit.Within(u) })
}
