package geo

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// Plain is s for documents that have of the keywords beyond JSON Schema only
// those of OGC API - Common Part 3, as it demands (OGC 23-058r2,
// /req/schemas/additional-keywords), and texts in one language: "en" or "zh".
// Otherwise documents have keywords of ours too, with texts in both.
func (s *Schema) Plain(lang string) *Schema {
	plain := *s
	plain.plain, plain.lang = true, lang
	return &plain
}

// JSONSchema is the JSON Schema document of the collection's features, flat as
// OGC API - Common Part 3 wants it: id, geometry and each property. id becomes
// its $id.
func (s *Schema) JSONSchema(id string) []byte {
	doc := s.document(id)
	doc.Properties.set(s.IDName(), s.idDoc())
	doc.Properties.set(s.unlike("geometry"), s.geometryDoc(2))
	doc.Required = s.members(doc.Properties, s.Properties, 3)
	return mustJSON(doc)
}

// IDName is the name of the feature's id among the properties: "id", or another
// where a property has that name.
func (s *Schema) IDName() string { return s.unlike("id") }

func (s *Schema) idDoc() json.RawMessage {
	ids := mustJSON(s.ids)
	switch len(s.ids) {
	case 0:
		ids = mustJSON("string")
	case 1:
		ids = mustJSON(s.ids[0])
	}
	return mustJSON(schemaDoc{Type: ids, Title: "id", OGCRole: "id", Seq: 1})
}

// members sets the documents of properties, numbered from first on, and returns
// the names of those required.
func (s *Schema) members(doc *objectDoc, props []Property, first int) (required []string) {
	for i, p := range props {
		doc.set(p.Name, mustJSON(s.property(p, first+i)))
		if p.Required {
			required = append(required, p.Name)
		}
	}
	return required
}

// OnlyInFilter says of a property that a filter can ask for and a query parameter
// cannot, as the parameter of that name is something else.
func OnlyInFilter() Text {
	return Text{
		EN: "Only in a filter: the query parameter of this name is something else.",
		ZH: "只能用于 filter：同名的请求参数另有含义。",
	}
}

// Queryables is the JSON Schema document of what can be asked for: the geometry,
// properties, and members of objects by their dotted names. onlyInFilter tells which
// of them have a name that is taken among query parameters.
func (s *Schema) Queryables(id string, onlyInFilter func(name string) bool) []byte {
	doc := s.document(id)
	closed := false
	doc.Additional = &closed
	doc.Properties.set("geometry", s.geometryDoc(1))
	s.flat(doc, s.Properties, "", 2, func(name string, p *Property) bool {
		if onlyInFilter(name) {
			p.Description = p.Description.And(OnlyInFilter())
		}
		return name != "geometry" && p.Queryable()
	})
	return mustJSON(doc)
}

// Sortables is the JSON Schema document of what features can be ordered by: the id,
// properties, and members of objects by their dotted names, without those that skip
// leaves out.
func (s *Schema) Sortables(id string, skip func(name string) bool) []byte {
	doc := s.document(id)
	closed := false
	doc.Additional = &closed
	doc.Properties.set(s.IDName(), s.idDoc())
	s.flat(doc, s.Properties, "", 2, func(name string, p *Property) bool { return p.Sortable() && !skip(name) })
	return mustJSON(doc)
}

// flat sets the documents of the properties, and of those in objects, that ok
// lets pass and may change, and returns the number for the next.
func (s *Schema) flat(doc *schemaDoc, props []Property, above string, seq int, ok func(name string, p *Property) bool) int {
	for _, p := range props {
		name := above + p.Name
		if _, taken := doc.Properties.values[name]; !taken && ok(name, &p) {
			doc.Properties.set(name, mustJSON(s.property(p, seq)))
			seq++
		}
	}
	for _, p := range props {
		seq = s.flat(doc, p.Nested, above+p.Name+".", seq, ok)
	}
	return seq
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
		Title: s.text(s.Title), XTitle: s.both(s.Title),
		Description: s.text(s.Description), XDescription: s.both(s.Description),
		Attribution: s.both(s.Attribution), About: s.about(), Properties: &objectDoc{},
	}
}

// about is nil where nothing is said, and in documents that have no keywords of ours.
func (s *Schema) about() *About {
	a := s.About
	if s.plain || a.Completeness == nil && a.License == nil && len(a.Sources) == 0 && len(a.Faults) == 0 {
		return nil
	}
	return &a
}

// text is t in the language of the documents.
func (s *Schema) text(t Text) string { return t.In(cmp.Or(s.lang, "en")) }

// both is t where documents have both languages.
func (s *Schema) both(t Text) *Text {
	if s.plain {
		return nil
	}
	return both(t)
}

// geometryDoc names the geometry as OGC API - Common Part 3 does: by a format.
func (s *Schema) geometryDoc(seq int) json.RawMessage {
	formats := map[string]string{
		"Point": "geometry-point", "MultiPoint": "geometry-multipoint",
		"LineString": "geometry-linestring", "MultiLineString": "geometry-multilinestring",
		"Polygon": "geometry-polygon", "MultiPolygon": "geometry-multipolygon",
		"GeometryCollection": "geometry-geometrycollection",
	}
	format := "geometry-any"
	if len(s.Geometry) == 1 {
		format = cmp.Or(formats[s.Geometry[0]], format)
	}
	for _, single := range []string{"Point", "LineString", "Polygon"} {
		if slices.Equal(s.Geometry, []string{"Multi" + single, single}) {
			format = formats[single] + "-or-multi" + strings.ToLower(single)
		}
	}
	return mustJSON(schemaDoc{Format: format, Title: cmp.Or(s.text(s.geometryTitle), "geometry"), XTitle: s.both(s.geometryTitle),
		OGCRole: "primary-geometry", Seq: seq})
}

// JSONSchema describes the values of the property.
func (p Property) JSONSchema() json.RawMessage { return mustJSON(new(Schema).property(p, 0)) }

func (s *Schema) property(p Property, seq int) schemaDoc {
	doc := schemaDoc{
		Title: cmp.Or(s.text(p.Title), p.Name), XTitle: s.both(p.Title),
		Description: s.text(p.Description), XDescription: s.both(p.Description),
		Format: p.Format, OGCUnit: p.Unit, OGCUnitLang: unitLanguage(p.Unit), Minimum: p.Min, Maximum: p.Max, Seq: seq,
	}
	doc.Type = s.typeJSON(p)
	if p.Items != "" {
		doc.Items = &schemaDoc{Type: mustJSON(p.Items)}
	}
	values := s.valueDocs(p.Enum)
	if p.Nullable && values != nil {
		values = append(values, valueDoc{Type: "null"})
	}
	switch {
	case p.Type != TypeArray:
		doc.OneOf = values
	case doc.Items != nil:
		doc.Items.OneOf = s.valueDocs(p.Enum)
	}
	if len(p.Nested) > 0 {
		doc.Properties = &objectDoc{}
		doc.Required = s.members(doc.Properties, p.Nested, 1)
	}
	s.role(&doc, p)
	if !s.plain {
		ours(&doc, p)
	}
	return doc
}

// role sets the role. A plain document has none of OGC's for the id, which is
// that of the feature, nor for a time that is not a date or date-time.
func (s *Schema) role(doc *schemaDoc, p Property) {
	for ogc, r := range ogcRoles {
		if r == p.Role && r != RoleID && (!s.plain || p.Type == TypeString && p.Format != "") {
			doc.OGCRole = ogc
		}
	}
	if doc.OGCRole == "" && !s.plain {
		doc.Role = p.Role
	}
}

// ours sets the keywords that neither JSON Schema nor OGC has.
func ours(doc *schemaDoc, p Property) {
	doc.Unit, doc.Lang, doc.Hidden, doc.Nulls = both(p.UnitTitle), p.Lang, p.Hidden, p.nulls
	for _, g := range p.Groups {
		if doc.Groups == nil {
			doc.Groups = make(map[string]*Text)
		}
		doc.Groups[g.Name] = &g.Title
	}
}

// unitLanguage names the language of a unit: a currency has a code of three
// capital letters, which is no unit of UCUM.
func unitLanguage(unit string) string {
	capital := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	switch {
	case unit == "":
		return ""
	case len(unit) == 3 && strings.IndexFunc(unit, func(r rune) bool { return !capital(r) }) < 0:
		return "ISO4217"
	}
	return "UCUM"
}

// typeJSON is nil for values of more than one type, unless the document is
// plain: each property then has a type.
func (s *Schema) typeJSON(p Property) json.RawMessage {
	names := []string{string(p.Type)}
	if p.Type == TypeMixed || p.Type == "" {
		if !s.plain {
			return nil
		}
		names = names[:0]
		for _, t := range []struct {
			kind kind
			name string
		}{{kindString, "string"}, {kindNumber, "number"}, {kindBool, "boolean"}, {kindArray, "array"}, {kindObject, "object"}} {
			if p.kinds == 0 || p.kinds&t.kind != 0 {
				names = append(names, t.name)
			}
		}
	}
	if p.Nullable {
		names = append(names, "null")
	}
	if len(names) == 1 {
		return mustJSON(names[0])
	}
	return mustJSON(names)
}

func (s *Schema) valueDocs(values []EnumValue) []valueDoc {
	var out []valueDoc
	for _, v := range values {
		d := valueDoc{Const: v.JSON(), Title: s.text(v.Title)}
		if !s.plain {
			d.XTitle, d.Group, d.Count = both(v.Title), v.Group, &v.Count
		}
		out = append(out, d)
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
	p.kinds = c.kinds
	if c.stated != nil {
		p.kinds |= c.stated.rules.kinds
	}
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
		lo, hi := c.bounds()
		p.Min, p.Max = &lo, &hi
		if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
			p.Min, p.Max = nil, nil
		}
	}
	p.wide = c.nums != nil && !c.allInt
	p.Enum = c.enum(c.listed(p))
	p.Nested = c.nested()
	return p
}

// listed are the values that the schema file lists, unless they are numbers or
// booleans and the values of the property are something else too.
func (c *columnBuilder) listed(p Property) []EnumValue {
	t := p.Type
	if t == TypeArray && c.stated != nil && c.stated.rules.listed == nil {
		t = p.Items
	}
	if len(p.Enum) > 0 && p.Enum[0].Bare && t != TypeInteger && t != TypeNumber && t != TypeBoolean {
		return nil
	}
	return p.Enum
}

// nested describes the members of the objects: those stated, then those seen.
func (c *columnBuilder) nested() []Property {
	var out []Property
	done := make(map[string]bool)
	add := func(m *columnBuilder) {
		if done[m.name] {
			return
		}
		done[m.name] = true
		p := m.inferred(c.objects)
		p.Required = p.Required || m.seen == c.objects && c.objects > 0
		out = append(out, p)
	}
	if c.stated != nil && !c.open && c.depth < maxNested {
		for _, p := range c.stated.Nested {
			if m := c.member([]byte(p.Name)); m != nil {
				add(m)
			}
		}
	}
	for _, m := range c.members {
		add(m)
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
			if v, ok := parseNumber(out[i].Value); ok && out[i].Bare {
				out[i].Count += c.countNumber(v)
			}
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

// countNumber is how many features have the number.
func (c *columnBuilder) countNumber(v float64) (n int) {
	for _, w := range c.nums {
		if w == v {
			n++
		}
	}
	return n
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
