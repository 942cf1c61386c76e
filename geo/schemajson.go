package geo

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// JSONSchema is the JSON Schema document of the collection's features, flat as
// OGC API - Common Part 3 wants it: id, geometry and each property. id becomes
// its $id.
func (s *Schema) JSONSchema(id string) []byte {
	doc := s.document(id)
	ids := mustJSON(s.ids)
	switch len(s.ids) {
	case 0:
		ids = mustJSON("string")
	case 1:
		ids = mustJSON(s.ids[0])
	}
	doc.Properties.set(s.unlike("id"), mustJSON(schemaDoc{Type: ids, Title: "id", OGCRole: "id", Seq: 1}))
	doc.Properties.set(s.unlike("geometry"), s.geometryDoc(2))
	for i, p := range s.Properties {
		doc.Properties.set(p.Name, p.document(i+3))
		if p.Required {
			doc.Required = append(doc.Required, p.Name)
		}
	}
	return mustJSON(doc)
}

// Queryables is the JSON Schema document of what can be asked for, without the
// properties that skip leaves out.
func (s *Schema) Queryables(id string, skip func(name string) bool) []byte {
	doc := s.document(id)
	closed := false
	doc.Additional = &closed
	doc.Properties.set(s.unlike("geometry"), s.geometryDoc(1))
	for i, p := range s.Properties {
		if p.Queryable() && !skip(p.Name) {
			doc.Properties.set(p.Name, p.document(i+2))
		}
	}
	return mustJSON(doc)
}

// unlike is the name, or one made of it that no property has: a schema document
// is flat, and a feature may have a property id beside its id.
func (s *Schema) unlike(name string) string {
	for {
		if _, taken := s.Property(name); !taken {
			return name
		}
		name = "feature_" + name
	}
}

func (s *Schema) document(id string) *schemaDoc {
	return &schemaDoc{
		Schema: draft, ID: id, Type: mustJSON("object"),
		Title: s.Title.In("en"), XTitle: both(s.Title),
		Description: s.Description.In("en"), XDescription: both(s.Description),
		Properties: &objectDoc{},
	}
}

// geometryDoc names the geometry as OGC API - Common Part 3 does: by a format.
func (s *Schema) geometryDoc(seq int) json.RawMessage {
	formats := map[string]string{
		"Point": "geometry-point", "MultiPoint": "geometry-multipoint",
		"LineString": "geometry-linestring", "MultiLineString": "geometry-multilinestring",
		"Polygon": "geometry-polygon", "MultiPolygon": "geometry-multipolygon",
	}
	format := "geometry-any"
	if len(s.Geometry) == 1 {
		format = cmp.Or(formats[s.Geometry[0]], format)
	} else if slices.Equal(s.Geometry, []string{"MultiPolygon", "Polygon"}) {
		format = "geometry-polygon-or-multipolygon"
	}
	return mustJSON(schemaDoc{Format: format, Title: cmp.Or(s.geometryTitle.In("en"), "geometry"), XTitle: both(s.geometryTitle),
		OGCRole: "primary-geometry", Seq: seq})
}

// JSONSchema describes the values of the property.
func (p Property) JSONSchema() json.RawMessage { return p.document(0) }

func (p Property) document(seq int) json.RawMessage {
	doc := schemaDoc{
		Title: cmp.Or(p.Title.In("en"), p.Name), XTitle: both(p.Title),
		Description: p.Description.In("en"), XDescription: both(p.Description),
		Format: p.Format, OGCUnit: p.Unit, Unit: both(p.UnitTitle), Lang: p.Lang, Hidden: p.Hidden,
		Minimum: p.Min, Maximum: p.Max, Nulls: p.nulls, Seq: seq,
	}
	for ogc, r := range ogcRoles {
		if r == p.Role {
			doc.OGCRole = ogc
		}
	}
	if doc.OGCRole == "" {
		doc.Role = p.Role
	}
	if doc.OGCRole == "id" { // the feature's id has this role
		doc.OGCRole, doc.Role = "", RoleID
	}
	doc.Type = p.typeJSON()
	if p.Items != "" {
		doc.Items = &schemaDoc{Type: mustJSON(p.Items)}
	}
	values := valueDocs(p.Enum)
	if p.Nullable && values != nil {
		values = append(values, valueDoc{Type: "null"})
	}
	switch {
	case p.Type != TypeArray:
		doc.OneOf = values
	case doc.Items != nil:
		doc.Items.OneOf = valueDocs(p.Enum)
	}
	for _, g := range p.Groups {
		if doc.Groups == nil {
			doc.Groups = make(map[string]*Text)
		}
		doc.Groups[g.Name] = &g.Title
	}
	return mustJSON(doc)
}

func (p Property) typeJSON() json.RawMessage {
	switch {
	case p.Type == TypeMixed || p.Type == "":
		return nil
	case p.Nullable:
		return mustJSON([]string{string(p.Type), "null"})
	}
	return mustJSON(p.Type)
}

func valueDocs(values []EnumValue) []valueDoc {
	var out []valueDoc
	for _, v := range values {
		out = append(out, valueDoc{Const: mustJSON(v.Value), Title: v.Title.In("en"), XTitle: both(v.Title), Group: v.Group, Count: &v.Count})
	}
	return out
}

// both is t where it says more than an English text alone.
func both(t Text) *Text {
	if t.ZH == "" {
		return nil
	}
	return &t
}

// mustJSON encodes a value of ours, which cannot fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// inferred completes what the schema file states by what the column holds.
func (c *columnBuilder) inferred(features int) Property {
	var p Property
	if c.stated != nil {
		p = *c.stated
	}
	p.Name = c.name
	if p.Type == "" {
		p.Type = c.observedType()
	}
	p.Required = p.Required || c.stated == nil && c.seen == features && features > 0
	p.Nullable = c.kinds&kindNull != 0 || c.seen < features || p.Nullable && c.stated != nil && c.stated.rules.kinds != 0
	p.nulls = features - c.filled
	if p.Type == TypeArray {
		p.Items = cmp.Or(p.Items, c.observedItems())
		if c.itemKinds&(kindArray|kindObject|kindNull) != 0 {
			p.Items = ""
		}
	}
	if p.Format == "" && (c.format == formatDate || c.format == formatDateTime) && c.kinds&^kindNull == kindString {
		p.Format = string(c.format)
	}
	if (p.Type == TypeInteger || p.Type == TypeNumber) && c.min <= c.max {
		lo, hi := c.min, c.max
		if c.long { // no number of the file may lie outside
			lo, hi = math.Nextafter(lo, math.Inf(-1)), math.Nextafter(hi, math.Inf(1))
		}
		p.Min, p.Max = &lo, &hi
		if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
			p.Min, p.Max = nil, nil
		}
	}
	p.Enum = c.enum(p.Enum)
	p.Nested = c.nested(features)
	return p
}

// nested describes the members of an object: those stated, then those seen.
func (c *columnBuilder) nested(features int) []Property {
	var out []Property
	done := make(map[string]bool)
	if c.stated != nil && !c.open && c.depth < maxNested {
		for _, p := range c.stated.Nested {
			done[p.Name] = true
			out = append(out, c.member([]byte(p.Name)).inferred(features))
		}
	}
	for _, m := range c.members {
		if !done[m.name] {
			out = append(out, m.inferred(features))
		}
	}
	return out
}

func (c *columnBuilder) observedType() Type {
	switch c.kinds &^ kindNull {
	case 0, kindString:
		return TypeString
	case kindNumber:
		if c.allInt {
			return TypeInteger
		}
		return TypeNumber
	case kindBool:
		return TypeBoolean
	case kindArray:
		return TypeArray
	case kindObject:
		return TypeObject
	}
	return TypeMixed
}

func (c *columnBuilder) observedItems() Type {
	switch c.itemKinds {
	case 0, kindString:
		return TypeString
	case kindNumber:
		return TypeNumber
	case kindBool:
		return TypeBoolean
	}
	return ""
}

// enum counts the values of a property that has few: those stated, or up to 64
// texts of which each stands twice on average.
func (c *columnBuilder) enum(stated []EnumValue) []EnumValue {
	const most = 64
	counts := c.counts()
	if stated != nil {
		out := slices.Clone(stated)
		for i := range out {
			out[i].Count = counts[out[i].Value]
		}
		return out
	}
	total := max(c.filled, len(c.elements))
	kinds := c.kinds &^ kindNull
	texts := kinds == kindString && c.format == formatNone || kinds == kindArray && c.itemKinds == kindString
	if !texts || len(counts) == 0 || len(counts) > most || 2*len(counts) > total {
		return nil
	}
	var out []EnumValue
	for v, n := range counts {
		out = append(out, EnumValue{Value: v, Count: n})
	}
	slices.SortFunc(out, func(a, b EnumValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// counts tells how many features have a text, or have it in their array.
func (c *columnBuilder) counts() map[string]int {
	counts := make(map[string]int)
	if c.lists == nil {
		for i, v := range c.values {
			counts[v] = c.uses[i]
		}
		return counts
	}
	uses := make([]int, len(c.values)+1)
	last := make([]int, len(c.values)+1) // the row, plus 1, that used it last
	from := uint32(0)
	for row, to := range c.lists {
		for _, k := range c.elements[from:to] {
			if last[k] <= row {
				uses[k]++
				last[k] = row + 1
			}
		}
		from = to
	}
	for i, v := range c.values {
		counts[v] = uses[i+1]
	}
	return counts
}

// inferRoles gives the roles that no schema file states by the names that
// writers commonly use.
func inferRoles(props []Property) {
	has := func(r Role) bool {
		return slices.ContainsFunc(props, func(p Property) bool { return p.Role == r })
	}
	find := func(r Role, ok func(Property) bool, names ...string) {
		if has(r) {
			return
		}
		for _, name := range names {
			for i := range props {
				p := &props[i]
				if p.Role == "" && strings.EqualFold(p.Name, name) && ok(*p) {
					p.Role = r
					return
				}
			}
		}
	}
	text := func(p Property) bool { return p.Type == TypeString }
	find(RoleName, text, "name", "name_zh", "name_en", "title", "label", "名称", "nom", "naam")
	find(RoleAdcode, func(p Property) bool { return p.Type == TypeString || p.Type == TypeInteger }, "adcode")
	if !has(RoleDatetimeStart) && !has(RoleDatetimeEnd) {
		find(RoleDatetime, func(p Property) bool { return p.Format != "" || isYear(p) }, "datetime", "date", "time", "timestamp", "year")
	}
}

func isYear(p Property) bool {
	return p.Type == TypeInteger && p.Min != nil && p.Max != nil && *p.Min >= 1000 && *p.Max <= 3000
}
