package tile

import (
	"clustermap/geo"
)

// Fields are the properties that the features of the layer may have, with the
// words of TileJSON for their types: Number, Boolean or String.
func (l *Layer) Fields() map[string]string {
	s := l.Index.Schema()
	p := part{layer: l}
	fields := map[string]string{IDName(s): "String"}
	names := l.Properties
	if names == nil {
		names = DefaultProperties(s)
	}
	for _, name := range names {
		if property, _, ok := s.Find(name); ok {
			fields[p.keyOf(name)] = fieldType(property.Type)
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

func fieldType(t geo.Type) string {
	switch t {
	case geo.TypeInteger, geo.TypeNumber:
		return "Number"
	case geo.TypeBoolean:
		return "Boolean"
	}
	return "String"
}
