package render

import (
	"slices"

	"clustermap/geo"
)

// palette gives colours to the values of the category of a collection, as the page
// does: by display family where the schema has families, else the eight most frequent
// values, or of more the seven most frequent and the rest.
type palette struct {
	property string // "": there is no category and everything has the first colour
	title    geo.Text
	options  []option       // in the order of a legend
	of       map[string]int // place in options by value; others have rest
	rest     int            // place in options; -1: there is none

	column geo.Column
	byCode []int // place in options by code of the column, where it has a dictionary
}

// option is a colour of a palette: a family, or a value.
type option struct {
	key    string
	title  geo.Text
	family int // of theme.color
}

// mostFamilies is how many values can have a colour of their own.
const mostFamilies = restFamily

func newPalette(x *geo.Index) *palette {
	p := &palette{of: map[string]int{}, rest: -1}
	category, ok := categoryOf(x.Schema())
	if !ok {
		p.options = []option{{key: "-", title: geo.Text{EN: "All", ZH: "全部"}}}
		return p
	}
	p.property, p.title = category.Name, category.Title
	if len(category.Groups) > 0 {
		p.addGroups(category)
	} else {
		p.addValues(category, x.Schema().Features)
	}
	p.column, _ = x.Column(category.Name)
	if dict := p.column.Dict(); dict != nil {
		p.byCode = make([]int, len(dict)+1)
		p.byCode[0] = p.place("")
		for i, v := range dict {
			p.byCode[i+1] = p.place(v)
		}
	}
	return p
}

// categoryOf is the property that colours symbols: the one with that role, else the
// first of texts that has few values and is no name.
func categoryOf(s *geo.Schema) (geo.Property, bool) {
	for _, p := range s.Properties {
		if p.Role == geo.RoleCategory {
			return p, true
		}
	}
	zh, en := nameProperty(s, "zh"), nameProperty(s, "en")
	for _, p := range s.Properties {
		if p.Role == "" && !p.Hidden && p.Type == geo.TypeString && len(p.Enum) >= 2 && len(p.Enum) <= mostChoices && p.Name != zh && p.Name != en {
			return p, true
		}
	}
	return geo.Property{}, false
}

// mostChoices is the number of values up to which a property is a choice.
const mostChoices = 60

func (p *palette) addGroups(category geo.Property) {
	at := map[string]int{}
	known := slices.Clone(category.Groups)
	slices.SortStableFunc(known, func(a, b geo.EnumGroup) int { return familyOf(a.Name) - familyOf(b.Name) })
	for _, g := range known {
		at[g.Name] = len(p.options)
		p.options = append(p.options, option{g.Name, titled(g.Title, g.Name), familyOf(g.Name)})
	}
	for _, v := range category.Enum {
		if i, ok := at[v.Group]; ok {
			p.of[v.Value] = i
		}
	}
	if len(p.of) < len(category.Enum) || category.Nullable {
		p.addRest()
	}
}

// titled is a title, or where the schema has none the value itself.
func titled(t geo.Text, value string) geo.Text {
	if t == (geo.Text{}) {
		return geo.Text{EN: value, ZH: value}
	}
	return t
}

// familyOf is the place of a display family among the colours of a theme.
func familyOf(name string) int {
	if i := slices.Index(familyTokens[:], name); i >= 0 {
		return i
	}
	if i := slices.Index(stepTokens[:], name); i >= 0 {
		return len(familyTokens) + i
	}
	return restFamily
}

func (p *palette) addValues(category geo.Property, features int) {
	used := slices.DeleteFunc(slices.Clone(category.Enum), func(v geo.EnumValue) bool { return v.Count == 0 })
	slices.SortStableFunc(used, func(a, b geo.EnumValue) int { return b.Count - a.Count })
	stated := 0
	for _, v := range used {
		stated += v.Count
	}
	own := used
	if len(own) > mostFamilies {
		own = own[:mostFamilies-1]
	}
	for i, v := range own {
		p.of[v.Value] = i
		p.options = append(p.options, option{v.Value, titled(v.Title, v.Value), i})
	}
	if len(own) < len(used) || stated < features {
		p.addRest()
	}
}

func (p *palette) addRest() {
	p.rest = len(p.options)
	p.options = append(p.options, option{"~rest", geo.Text{EN: "Other", ZH: "其他"}, restFamily})
}

// place is the place in options of a value; "" is none.
func (p *palette) place(value string) int {
	if i, ok := p.of[value]; ok {
		return i
	}
	if p.rest >= 0 {
		return p.rest
	}
	return 0
}

// at is the place in options of a feature.
func (p *palette) at(slot uint32) int {
	switch {
	case p.property == "":
		return 0
	case p.byCode != nil:
		return p.byCode[p.column.Code(slot)]
	}
	return p.place(p.column.Value(slot).Text())
}
