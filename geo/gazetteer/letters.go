package gazetteer

import (
	"slices"
	"strings"
	"unicode"
)

// spoken are the words of English and pinyin that tell the kind of a unit, with how the
// names of such units end.
var spoken = map[string]string{
	"city": "市", "shi": "市", "municipality": "市", "county": "县旗", "xian": "县", "district": "区", "qu": "区", "province": "省", "sheng": "省", "prefecture": "市州盟区",
	"town": "镇", "zhen": "镇", "township": "乡", "xiang": "乡", "subdistrict": "道", "jiedao": "道", "region": "区", "banner": "旗", "autonomous": "州县旗区", "area": "区",
}

// word is a word of a text in letters.
type word struct {
	text  string
	first bool // of what stands between commas
}

// readLetters finds the place of a text in Latin letters: names that lie in one another,
// from the smallest to the largest or the other way round.
func (m *matcher) readLetters(text string) []chain {
	words := wordsOf(text)
	var parts []link
	var rest []string
	for i := 0; i < len(words); {
		l, next := m.spelled(words, i)
		if next == i {
			if !slices.Contains([]string{"china", "prc", "and", "of", "in", "the", "p", "r"}, strings.ToLower(words[i].text)) && spoken[strings.ToLower(words[i].text)] == "" {
				rest = append(rest, words[i].text)
			}
			i++
			continue
		}
		parts, i = append(parts, l), next
	}
	if len(parts) == 0 {
		return nil
	}
	best := narrow(slices.Clone(parts))
	slices.Reverse(parts)
	if other := narrow(parts); len(other.links) > len(best.links) {
		best = other
	}
	m.trade = strings.Join(rest, " ")
	best.text = []rune(text)
	m.applyScope(&best)
	if u := best.choices[0].one(); u.Level == Town && len(best.links) == 1 && len(rest) > 0 {
		return nil // a word of another tongue
	}
	m.zoneInLetters(&best, text, rest)
	if left := len(parts) - len(best.links); left > 0 {
		best.factor *= 0.8
	}
	return []chain{best}
}

func wordsOf(text string) []word {
	var all []word
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/|()", r) }) {
		first := true
		for w := range strings.FieldsFuncSeq(part, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '.' }) {
			all = append(all, word{w, first})
			first = false
		}
	}
	return all
}

// spelled reads the longest name of up to four words and the word for its kind.
func (m *matcher) spelled(words []word, at int) (l link, next int) {
	const longest = 4
	for n := min(longest, len(words)-at); n > 0; n-- {
		name := ""
		joined := true
		for k, w := range words[at : at+n] {
			joined = joined && (k == 0 || !w.first)
			name += letters(w.text)
		}
		value := m.x.names.find(name)
		if !joined || len(name) < 3 || value < 0 {
			continue
		}
		next = at + n
		ends := ""
		for next < len(words) && !words[next].first && spoken[strings.ToLower(words[next].text)] != "" {
			ends += spoken[strings.ToLower(words[next].text)]
			next++
		}
		var all, ofKind []choice
		for i := range m.x.senses[value] {
			v := &m.x.senses[value][i]
			o := choice{v, v.weight}
			if all = append(all, o); ends != "" && slices.ContainsFunc([]rune(ends), func(r rune) bool { return strings.HasSuffix(v.units[0].NameZH, string(r)) }) {
				ofKind = append(ofKind, o)
			}
		}
		if len(ofKind) > 0 {
			all = ofKind
		}
		return link{name: spaced(words[at : at+n]), choices: all}, next
	}
	return l, at
}

func spaced(words []word) string {
	var all []string
	for _, w := range words {
		all = append(all, w.text)
	}
	return strings.Join(all, " ")
}

// zonesEN are the words for zones of a class, as one, before Zone, Park or Area.
var zonesEN = map[string]zoneClass{
	"hightech": highTech, "hightechindustrial": highTech, "hightechdevelopment": highTech, "hightechindustrialdevelopment": highTech, "hightechindustrydevelopment": highTech,
	"newhightech": highTech, "newhightechindustrialdevelopment": highTech, "highnewtech": highTech, "highnewtechindustrialdevelopment": highTech,
	"economicdevelopment": economic, "economictechnologicaldevelopment": economic, "economictechdevelopment": economic, "economictechnicaldevelopment": economic,
	"bonded": bonded, "comprehensivebonded": bonded, "industrial": industrial,
}

// kindsEN end the names of zones.
var kindsEN = []string{"zone", "park", "area"}

// zoneInLetters makes a zone of a place behind which stands that it is one: Kunshan High-tech
// Zone. A zone that has more of a name is not looked for and shown at its host.
func (m *matcher) zoneInLetters(c *chain, text string, rest []string) {
	if len(rest) == 0 || c.choices[0].one().Level == Zone {
		return
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(kindsEN, w) }) {
		return
	}
	name := strings.NewReplacer("technology", "tech", "hitech", "hightech").Replace(letters(strings.Join(rest, "")))
	for _, kind := range kindsEN {
		name = strings.TrimSuffix(name, kind)
	}
	class := zonesEN[name]
	for _, o := range c.choices {
		if z := m.x.zones[zoneKey{o.one(), class}]; z != nil && class != otherZone {
			s := senseOf([]*Unit{z}, byLetter, 0)
			c.choices = []choice{{&s, s.weight}}
			c.links = append(c.links, link{name: text, choices: c.choices})
			c.support++
			return
		}
	}
	if slices.Contains(words, "zone") || slices.Contains(words, "park") || strings.Contains(name, "development") { // no Bay Area
		c.isZone, c.zone = true, text
	}
}

// narrow goes from part to part while each has a sense within the one before.
func narrow(parts []link) chain {
	c := chain{links: parts[:1:1], choices: parts[0].choices, factor: 1}
	for _, p := range parts[1:] {
		inside := slices.DeleteFunc(slices.Clone(p.choices), func(o choice) bool { return !o.inside(c.choices) })
		if len(inside) > 0 {
			c.choices = inside
			c.links = append(c.links, link{name: p.name, choices: inside})
			c.support++
		}
	}
	return c
}

// letters are the letters of a text, small, without marks.
func letters(s string) string {
	var b strings.Builder
	for _, r := range decomposed(s) {
		if unicode.IsLetter(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
