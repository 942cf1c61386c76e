package gazetteer

import (
	"slices"
	"strings"
)

// spoken are words of English that tell the kind of a unit.
var spoken = []string{"city", "county", "district", "province", "prefecture", "town", "township", "municipality", "china", "shi", "xian", "qu", "sheng", "zhen"}

// readLetters finds the place of a text in Latin letters: parts between commas, from the
// smallest to the largest or the other way round.
func (m *matcher) readLetters(text string) []chain {
	var parts [][]choice
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/|", r) }) {
		if o := m.spelled(part); len(o) > 0 {
			parts = append(parts, o)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	forward := narrowed(slices.Clone(parts))
	slices.Reverse(parts)
	backward := narrowed(parts)
	best := backward
	if forward.names > backward.names {
		best = forward
	}
	m.applyScope(&best)
	if best.names > 1 {
		best.certainty = surer(best.certainty)
	}
	return []chain{best}
}

// narrowed goes from part to part while each has a sense within the one before.
func narrowed(parts [][]choice) chain {
	c := chain{choices: parts[0], names: 1, certainty: 1}
	for _, p := range parts[1:] {
		scope := unitsOf(c.choices)
		inside := slices.DeleteFunc(slices.Clone(p), func(o choice) bool { return !o.in(scope) })
		if len(inside) == 0 {
			continue
		}
		o := step{choices: inside}
		o.within(&c)
		c.choices, c.reasons = inside, append(c.reasons, o.reasons...)
		c.names++
	}
	return c
}

// spelled are the senses of a part, as it stands or without words for kinds; a part of
// several words may begin or end with what is no place.
func (m *matcher) spelled(part string) []choice {
	words := strings.FieldsFunc(strings.ToLower(part), func(r rune) bool { return r == ' ' || r == '-' })
	plain := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(spoken, w) })
	for _, try := range [][]string{words, plain} {
		name := letters(strings.Join(try, ""))
		var out []choice
		for _, v := range m.x.senses[name] {
			out = append(out, choice{v.units, v.how, v.how.weight(v.units[0].Level) * rarity(v), part, v.until})
		}
		if len(out) > 0 {
			return out
		}
	}
	for n := min(len(plain)-1, 3); n > 0; n-- { // Haining home textiles
		name := letters(strings.Join(plain[:n], ""))
		var out []choice
		for _, v := range m.x.senses[name] {
			if v.units[0].Level != Town {
				out = append(out, choice{v.units, v.how, v.how.weight(v.units[0].Level) * rarity(v), strings.Join(plain[:n], " "), v.until})
			}
		}
		if len(out) > 0 {
			m.trade = strings.Join(plain[n:], " ")
			return out
		}
	}
	return nil
}
