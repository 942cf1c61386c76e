package tile

import (
	"slices"
	"strings"

	"clustermap/geo"
)

// Fields are the properties that the features of the layer may have, with the
// words of TileJSON for their types: Number, Boolean or String.
func (l *Layer) Fields() map[string]string {
	s := l.Index.Schema()
	fields := map[string]string{IDName(s): "String"}
	names, keys := l.names()
	for i, name := range names {
		if property, _, ok := s.Find(name); ok {
			fields[keys[i]] = fieldType(property.Type)
		}
	}
	if l.Kind != Groups {
		return fields
	}
	fields[groupCount], fields[groupExpansion] = "Number", "Number"
	opt := l.Pyramid.Options()
	for _, name := range opt.Sums {
		fields[groupSum+name] = "Number"
	}
	for _, name := range opt.Counts {
		if property, ok := s.Property(name); ok {
			for _, v := range property.Enum {
				fields[groupCounts+name+"_"+v.Value] = "Number"
			}
		}
	}
	return fields
}

// names are the properties of the layer, each once, and how they are called in it:
// in a layer of groups a name that groups use stands behind "feature.".
func (l *Layer) names() (names, keys []string) {
	all := l.Properties
	if all == nil {
		all = DefaultProperties(l.Index.Schema())
	}
	for _, name := range all {
		if slices.Contains(names, name) {
			continue
		}
		key := name
		for l.ownName(key) || key != name && (slices.Contains(all, key) || slices.Contains(keys, key)) {
			key = "feature." + key
		}
		names, keys = append(names, name), append(keys, key)
	}
	return names, keys
}

// ownName reports whether groups use a name themselves.
func (l *Layer) ownName(name string) bool {
	if l.Kind != Groups {
		return false
	}
	opt := l.Pyramid.Options()
	return name == groupCount || name == groupExpansion ||
		slices.ContainsFunc(opt.Sums, func(sum string) bool { return name == groupSum+sum }) ||
		slices.ContainsFunc(opt.Counts, func(count string) bool { return strings.HasPrefix(name, groupCounts+count+"_") })
}

func fieldType(t geo.Type) string {
	switch t {
	case geo.TypeInteger, geo.TypeNumber:
		return "Number"
	case geo.TypeBoolean:
		return "Boolean"
	}
	return "String"
}
