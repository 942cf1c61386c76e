package gazetteer

import (
	"cmp"
	"slices"
	"strings"
)

// readColumns finds the units that the other columns name, from the largest.
func (m *matcher) readColumns() {
	for _, text := range [...]string{m.q.Province, m.q.Prefecture, m.q.County} {
		if text = m.plain(text); text == "" || slices.Contains(fillers, text) || text == "县" {
			continue
		}
		var units []*Unit
		var last *chain
		for part := range strings.FieldsFuncSeq(text, isSeparator) {
			found := m.read(part)
			for i := range found {
				last = &found[i]
				rivals := last.rivals()
				for _, o := range rivals {
					if o.weight >= rivals[0].weight/2 {
						units = append(units, o.units...)
					}
				}
			}
		}
		if len(units) == 0 {
			m.notes = append(m.notes, because("column-unknown", text))
			continue
		}
		m.scope, m.narrowest = units, last
	}
	m.trade, m.why = "", ""
}

func isSeparator(r rune) bool { return strings.ContainsRune("、;,/|·", r) }

// byCode is the place by the column of codes.
func (m *matcher) byCode() ([]chain, bool) {
	code := m.q.Code
	if code == "" || strings.Trim(code, "0123456789") != "" {
		return nil, false
	}
	switch len(code) {
	case 12:
		code = code[:9]
		fallthrough
	case 9:
		if strings.HasSuffix(code, "000") {
			code = code[:6]
		}
	case 2, 4:
		code = (code + "0000")[:6]
	}
	year := m.q.Year
	units, steps := m.g.Now(code, "", cmp.Or(year, 9999))
	if len(units) == 0 || year == 0 && len(m.g.byCodeThen(code)) > 0 && m.g.byCode[code] == nil {
		units, steps = m.g.Now(code, "", tableThen)
	}
	if len(units) == 0 {
		if u, ok := m.g.byCode[code]; ok {
			units = []*Unit{u}
		}
	}
	if len(units) == 0 {
		m.notes = append(m.notes, because("column-unknown", code))
		return nil, false
	}
	c := chain{factor: 1, support: 1}
	for _, u := range units {
		s := senseOf([]*Unit{u}, inFull, 0)
		c.choices = append(c.choices, choice{&s, 1})
	}
	c.links = []link{{choices: c.choices}}
	if len(steps) > 0 {
		c.notes = append(c.notes, because("code-former", code, steps[0].OldName, units[0].Path()))
	} else {
		c.notes = append(c.notes, because("code", code, units[0].Path()))
	}
	m.agree(&c)
	return []chain{c}, true
}

func (g *Gazetteer) byCodeThen(code string) string { return g.then[code] }

// agree compares what a code says with what the text says. A text that is narrower than the
// code is followed.
func (m *matcher) agree(c *chain) {
	text := m.plain(cmp.Or(m.q.Place, m.q.County, m.q.Prefecture, m.q.Province))
	if text == "" {
		return
	}
	found := m.read(m.inScope(text))
	if len(found) != 1 {
		return
	}
	f := &found[0]
	inside := slices.DeleteFunc(slices.Clone(f.choices), func(o choice) bool { return !o.within(unitsOf(c.choices)) })
	switch {
	case len(inside) > 0:
		f.choices, f.support = inside, f.support+1
		f.notes = append(c.notes, f.notes...)
		*c = *f
	case slices.ContainsFunc(f.choices, func(o choice) bool { return o.holds(unitsOf(c.choices)) }):
		c.support++
	default:
		c.factor *= 0.55
		c.notes = append(c.notes, because("code-disagrees", c.choices[0].one().Path(), f.rivals()[0].one().Path()))
	}
}

func unitsOf(choices []choice) []*Unit {
	var all []*Unit
	for _, c := range choices {
		all = append(all, c.units...)
	}
	return all
}

// inScope puts the unit of the columns before a text that is a word for zones alone, such
// as 高新区.
func (m *matcher) inScope(text string) string {
	if len(m.scope) != 1 || m.scope[0].Level == Province && !strings.HasSuffix(m.scope[0].NameZH, "市") {
		return text
	}
	if i := zoneEnd(text); i > 0 && generic(text[:i]) {
		return m.scope[0].Path() + text
	}
	return text
}

// narrowed takes the narrowest column where the text says only what holds it.
func (m *matcher) narrowed(found []chain) []chain {
	if len(found) != 1 || m.narrowest == nil || len(m.scope) != 1 || found[0].isZone {
		return found
	}
	c := &found[0]
	u := m.scope[0]
	if !c.choices[0].holds(m.scope) || slices.ContainsFunc(c.choices, func(o choice) bool { return o.within(m.scope) }) {
		return found
	}
	n := *m.narrowest
	n.notes = append(slices.Clip(n.notes), because("column-narrower", u.Path()))
	return []chain{n}
}
