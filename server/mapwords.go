package server

import (
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/render"
)

// describe says in words what the picture shows: the filter, the definitions of the
// regions, and where the data come from.
func (r *mapRequest) describe(m *render.Map) {
	lang := "en"
	if m.Lang != render.English {
		lang = "zh"
	}
	if len(r.collections) == 1 && !r.look.titled {
		if _, _, _, places := parsePlacesID(r.collections[0].ID); places { // how many cells there are is no finding
			m.Title = titleIn(r.collections[0], lang)
		}
	}
	if len(r.collections) > 0 {
		m.FilterText = filterInWords(r.filter, r.collections[0].Source.Schema(), lang)
		if m.FilterText == "" {
			m.FilterText = universeOf(r.collections[0].ID)
		}
	}
	var parts []string
	for _, region := range m.Regions {
		if short := (geo.Text{EN: region.DefinitionEN, ZH: region.DefinitionZH}).In(lang); short != "" {
			name := geo.Text{EN: region.NameEN, ZH: region.NameZH}.In(lang)
			parts = append(parts, say(lang, "%s: %s", name, short))
		}
	}
	m.Definition = strings.Join(parts, say(lang, "; "))
}

// universeOf is the filter of the universe whose answer has the places of an id, "" where
// there is none.
func universeOf(id string) string {
	_, _, query, ok := parsePlacesID(id)
	if !ok {
		return ""
	}
	p, err := parseParams(query)
	if err != nil {
		return ""
	}
	text, _ := p.get("filter")
	return text
}

// sourcesOf is what whoever shows the collections has to say, each text once.
func sourcesOf(all []*geo.Collection, lang render.Lang) []string {
	var out []string
	for _, c := range all {
		t := c.Source.Schema().Attribution
		text := t.In("zh") // in both languages too: twice the same would push out what is not
		if lang == render.English {
			text = t.In("en")
		}
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
		if t := c.Source.Schema().About.Completeness; t != nil {
			missing := t.In("zh")
			if lang == render.English {
				missing = t.In("en")
			}
			if !slices.Contains(out, missing) {
				out = append(out, missing)
			}
		}
	}
	return out
}

// filterInWords is what selects features as a reader says it: titles of properties and
// values. A filter in CQL2 stands as it is.
func filterInWords(p params, schema *geo.Schema, lang string) string {
	var parts []string
	for _, q := range p {
		switch q.name {
		case "filter-lang", "filter-crs":
		case "filter":
			parts = append(parts, q.value)
		case "q":
			parts = append(parts, say(lang, "Search: %s", q.value))
		case "datetime":
			parts = append(parts, say(lang, "Time: %s", q.value))
		default:
			if prop, ok := schema.Property(q.name); ok {
				parts = append(parts, say(lang, "%s: %s", wordOr(prop.Title, prop.Name, lang), valuesInWords(prop, q.value, lang)))
			}
		}
	}
	return strings.Join(parts, say(lang, "; "))
}

func valuesInWords(p geo.Property, text, lang string) string {
	values := strings.Split(text, ",")
	for i, v := range values {
		for _, e := range p.Enum {
			if e.Value == v {
				values[i] = wordOr(e.Title, v, lang)
			}
		}
	}
	return strings.Join(values, say(lang, ", "))
}

// wordOr is a text in a language, else the name.
func wordOr(t geo.Text, name, lang string) string {
	if title := t.In(lang); title != "" {
		return title
	}
	return name
}
