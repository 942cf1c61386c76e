package tile

import (
	"slices"

	"clustermap/geo"
)

// IDName is the property of tiles that has the id of a feature as text.
func IDName(s *geo.Schema) string {
	name := "id"
	for {
		if _, taken := s.Property(name); !taken {
			return name
		}
		name = "_" + name
	}
}

// DefaultProperties are what a tile tells of a feature where nothing else is asked:
// what names, dates, sorts, sizes or places it, what has few values, and regions;
// where these are few, the first of the others too.
func DefaultProperties(s *geo.Schema) []string {
	const most, few = 16, 8
	names := []string{}
	take := func(most int, wanted func(p *geo.Property) bool) {
		for i := range s.Properties {
			if p := &s.Properties[i]; len(names) < most && p.Type != geo.TypeObject && !slices.Contains(names, p.Name) && wanted(p) {
				names = append(names, p.Name)
			}
		}
	}
	take(most, func(p *geo.Property) bool { return p.Role != "" && p.Role != geo.RoleID })
	take(most, func(p *geo.Property) bool { return !p.Hidden && len(p.Enum) > 0 || p.Name == "regions" })
	take(few, func(p *geo.Property) bool { return !p.Hidden && p.Queryable() })
	return names
}

// aboutName is About, or with underscores before it where a layer has that name.
func (e *encoder) aboutName() string {
	name := About
	for slices.ContainsFunc(e.parts, func(p *part) bool { return p.layer.Name == name }) {
		name = "_" + name
	}
	return name
}

// about is the layer that says what is left out.
func (e *encoder) about(t *Tile) *layerWriter {
	w := new(layerWriter)
	w.reset(e.aboutName())
	tags := appendVarint(w.open(pack(1)), uint64(w.key("dropped")))
	tags = appendVarint(tags, uint64(w.value(uintValue(nil, uint64(t.Dropped)))))
	tags = appendVarint(tags, uint64(w.key("rule")))
	tags = appendVarint(tags, uint64(w.value(stringValue(nil, t.Rule))))
	middle := int64(e.opt.Extent / 2)
	w.point(tags, middle, middle)
	return w
}
