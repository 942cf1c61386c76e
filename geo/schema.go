package geo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Text is a text in English and Chinese; either may be missing.
type Text struct {
	EN string `json:"en,omitempty"`
	ZH string `json:"zh,omitempty"`
}

// In is the text in the language ("en" or "zh"), or in the other where it is
// missing.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return cmp.Or(t.ZH, t.EN)
	}
	return cmp.Or(t.EN, t.ZH)
}

// Type is what the values of a property are, null apart.
type Type string

const (
	TypeString  Type = "string"
	TypeInteger Type = "integer"
	TypeNumber  Type = "number"
	TypeBoolean Type = "boolean"
	TypeArray   Type = "array"
	TypeObject  Type = "object"
	TypeMixed   Type = "mixed" // of more than one type
)

// Role is what a property is for.
type Role string

const (
	RoleID            Role = "id"
	RoleName          Role = "name"
	RoleDatetime      Role = "datetime"
	RoleDatetimeStart Role = "datetime-start"
	RoleDatetimeEnd   Role = "datetime-end"
	RoleSum           Role = "sum"       // may be added up
	RoleAdcode        Role = "adcode"    // six-digit division code, GB/T 2260
	RoleCategory      Role = "category"  // colours the symbol
	RoleShape         Role = "shape"     // shapes the symbol
	RolePrecision     Role = "precision" // how exact the point is
)

// Property describes one property of a collection's features.
type Property struct {
	Name               string
	Title, Description Text
	Type               Type
	Items              Type   // of the elements of an array where all are scalars of one type
	Format             string // "date", "date-time" or ""
	Required, Nullable bool
	Unit               string // as UCUM or ISO 4217 write it
	UnitTitle          Text
	Role               Role
	Lang               string // of a name: "en", "zh"
	Enum               []EnumValue
	Groups             []EnumGroup
	Min, Max           *float64
	Hidden             bool // not offered as a filter by the front end

	nulls  int
	closed map[string]bool            // the values of a stated enum
	known  kind                       // the kinds that a stated type allows
}

// EnumValue is one of the values of a property that has few.
type EnumValue struct {
	Value string
	Title Text
	Group string // display family
	Count int    // features that have it
}

// EnumGroup is a display family of enum values.
type EnumGroup struct {
	Name  string
	Title Text
}

// Queryable reports whether the property can be a query parameter: its values
// are scalars, or arrays of scalars.
func (p Property) Queryable() bool {
	switch p.Type {
	case TypeObject:
		return false
	case TypeArray:
		return p.Items != ""
	}
	return true
}

// Schema describes the features of a collection.
type Schema struct {
	Title, Description Text
	Properties         []Property // in order of display
	Geometry           []string   // GeoJSON types that occur, sorted
	Features           int
}

// Property returns the property of the name.
func (s *Schema) Property(name string) (Property, bool) {
	i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == name })
	if i < 0 {
		return Property{}, false
	}
	return s.Properties[i], true
}

// withRole returns the first property of the role, or nil.
func (s *Schema) withRole(r Role) *Property {
	for i := range s.Properties {
		if s.Properties[i].Role == r {
			return &s.Properties[i]
		}
	}
	return nil
}

// Nearest is the property whose name is most like a mistyped one, or "" where
// none is near.
func (s *Schema) Nearest(name string) string {
	best, least := "", 1+len([]rune(name))/2
	for _, p := range s.Properties {
		if d := editDistance(strings.ToLower(name), strings.ToLower(p.Name)); d < least {
			best, least = p.Name, d
		}
	}
	return best
}

// editDistance is Levenshtein's distance in runes; texts beyond 64 runes are
// far from all.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return math.MaxInt
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, q := range y {
			change := diagonal
			if r != q {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}

// Match selects features whose property equals one of the values, or whose
// array contains one of them.
type Match struct {
	Property string
	values   []matchValue
}

// ParseMatch reads the value of a query parameter named like a property: a
// comma means or. It returns *InvalidError where the property cannot be asked
// for or the text is not of its type.
func (s *Schema) ParseMatch(name, text string) (Match, error) {
	p, ok := s.Property(name)
	if !ok || !p.Queryable() {
		return Match{}, &InvalidError{Field: name, Reason: "is not a queryable property"}
	}
	t := p.Type
	if t == TypeArray {
		t = p.Items
	}
	const most = 1000
	parts := strings.Split(text, ",")
	if len(parts) > most {
		return Match{}, &InvalidError{Field: name, Reason: fmt.Sprintf("has %d values; %d are allowed", len(parts), most)}
	}
	m := Match{Property: name}
	for _, part := range parts {
		v := matchValue{text: part}
		num, err := strconv.ParseFloat(part, 64)
		v.num, v.isNum = num, err == nil && !math.IsNaN(num) && !math.IsInf(num, 0)
		switch {
		case t == TypeInteger && (!v.isNum || v.num != math.Trunc(v.num)):
			return Match{}, &InvalidError{Field: name, Reason: fmt.Sprintf("%q is not a whole number", clip(part))}
		case t == TypeNumber && !v.isNum:
			return Match{}, &InvalidError{Field: name, Reason: fmt.Sprintf("%q is not a number", clip(part))}
		case t == TypeBoolean && part != "true" && part != "false":
			return Match{}, &InvalidError{Field: name, Reason: fmt.Sprintf("%q is neither true nor false", clip(part))}
		}
		m.values = append(m.values, v)
	}
	return m, nil
}

// refuses tells why a value breaks what the schema file states, or "".
func (p *Property) refuses(v *propValue) string {
	if p == nil || p.known == 0 {
		return ""
	}
	switch {
	case v.kind&p.known == 0:
		return fmt.Sprintf("the schema says %s, found %s: %s", p.Type, v.kind, clip(string(v.text)))
	case p.Type == TypeInteger && v.kind == kindNumber && v.num != math.Trunc(v.num):
		return fmt.Sprintf("the schema says integer, found %s", clip(string(v.text)))
	case p.closed != nil && v.kind != kindNull && v.kind != kindArray && !p.closed[string(v.text)]:
		return fmt.Sprintf("the schema does not list the value %q", clip(string(v.text)))
	}
	return ""
}

// schemaDoc is a JSON Schema document as far as we read and write it.
type schemaDoc struct {
	Schema       string           `json:"$schema,omitempty"`
	ID           string           `json:"$id,omitempty"`
	Type         json.RawMessage  `json:"type,omitempty"`
	Format       string           `json:"format,omitempty"`
	Title        string           `json:"title,omitempty"`
	XTitle       *Text            `json:"x-title,omitempty"`
	Description  string           `json:"description,omitempty"`
	XDescription *Text            `json:"x-description,omitempty"`
	OGCRole      string           `json:"x-ogc-role,omitempty"`
	Role         Role             `json:"x-clustermap-role,omitempty"`
	Lang         string           `json:"x-lang,omitempty"`
	OGCUnit      string           `json:"x-ogc-unit,omitempty"`
	Unit         *Text            `json:"x-unit,omitempty"`
	Order        int              `json:"x-order,omitempty"`
	Hidden       bool             `json:"x-hidden,omitempty"`
	Seq          int              `json:"x-ogc-propertySeq,omitempty"`
	Nulls        int              `json:"x-null-count,omitempty"`
	OneOf        []valueDoc       `json:"oneOf,omitempty"`
	Enum         []string         `json:"enum,omitempty"`
	Groups       map[string]*Text `json:"x-groups,omitempty"`
	Minimum      *float64         `json:"minimum,omitempty"`
	Maximum      *float64         `json:"maximum,omitempty"`
	Items        *schemaDoc       `json:"items,omitempty"`
	Properties   *objectDoc       `json:"properties,omitempty"`
	Required     []string         `json:"required,omitempty"`
	Additional   *bool            `json:"additionalProperties,omitempty"`
}

// valueDoc is one value of an enum, or null.
type valueDoc struct {
	Const  *string `json:"const,omitempty"`
	Type   string  `json:"type,omitempty"`
	Title  string  `json:"title,omitempty"`
	XTitle *Text   `json:"x-title,omitempty"`
	Group  string  `json:"x-group,omitempty"`
	Count  *int    `json:"x-count,omitempty"`
}

// objectDoc is a JSON object that keeps the order of its members.
type objectDoc struct {
	names  []string
	values map[string]json.RawMessage
}

func (o *objectDoc) UnmarshalJSON(b []byte) error {
	o.values = make(map[string]json.RawMessage)
	p := parser{b: b}
	return p.object(func(key []byte) error {
		start := p.i
		if err := p.value(); err != nil {
			return err
		}
		name := string(key)
		o.names = append(o.names, name)
		o.values[name] = b[start:p.i]
		return nil
	})
}

func (o *objectDoc) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		b = append(b, o.values[name]...)
	}
	return append(b, '}'), nil
}

func (o *objectDoc) set(name string, value json.RawMessage) {
	if o.values == nil {
		o.values = make(map[string]json.RawMessage)
	}
	o.names = append(o.names, name)
	o.values[name] = value
}

// parseSchema reads a schema file. Its properties are in the order of x-order,
// then of the file.
func parseSchema(name string, text []byte) (*Schema, error) {
	bad := func(field, reason string) error {
		return &InvalidError{File: name, Field: field, Reason: reason}
	}
	p := parser{b: text}
	if err := p.value(); err == nil && p.space() != 0 {
		err = p.unexpected("the end of the file")
		return nil, bad("", err.Error())
	} else if err != nil {
		return nil, &InvalidError{File: name, Line: 1 + bytes.Count(text[:min(p.i, len(text))], []byte{'\n'}), Reason: err.Error()}
	}
	var doc schemaDoc
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, bad("", "is not a JSON Schema object: "+err.Error())
	}
	s := &Schema{Title: textOf(doc.Title, doc.XTitle), Description: textOf(doc.Description, doc.XDescription)}
	if doc.Properties == nil {
		return s, nil
	}
	order := make(map[string]int)
	for i, prop := range doc.Properties.names {
		var d schemaDoc
		if err := json.Unmarshal(doc.Properties.values[prop], &d); err != nil {
			return nil, bad(prop, err.Error())
		}
		if d.OGCRole == "primary-geometry" {
			continue
		}
		q, err := d.property(prop)
		if err != nil {
			return nil, bad(prop, err.Error())
		}
		q.Required = slices.Contains(doc.Required, prop)
		s.Properties = append(s.Properties, q)
		order[prop] = cmp.Or(d.Order, d.Seq, 1000+i)
	}
	slices.SortStableFunc(s.Properties, func(a, b Property) int { return order[a.Name] - order[b.Name] })
	return s, nil
}

func textOf(plain string, both *Text) Text {
	if both == nil {
		return Text{EN: plain}
	}
	return Text{EN: cmp.Or(both.EN, plain), ZH: both.ZH}
}

var ogcRoles = map[string]Role{
	"id": RoleID, "primary-instant": RoleDatetime,
	"primary-interval-start": RoleDatetimeStart, "primary-interval-end": RoleDatetimeEnd,
}

// property reads what a schema file states of one property.
func (d *schemaDoc) property(name string) (Property, error) {
	p := Property{
		Name: name, Title: textOf(d.Title, d.XTitle), Description: textOf(d.Description, d.XDescription),
		Format: d.Format, Unit: d.OGCUnit, Role: d.Role, Lang: d.Lang, Hidden: d.Hidden,
		Min: d.Minimum, Max: d.Maximum,
	}
	if d.Unit != nil {
		p.UnitTitle = *d.Unit
	}
	if r, ok := ogcRoles[d.OGCRole]; ok {
		p.Role = r
	}
	roles := []Role{"", RoleID, RoleName, RoleDatetime, RoleDatetimeStart, RoleDatetimeEnd, RoleSum, RoleAdcode, RoleCategory, RoleShape, RolePrecision}
	if !slices.Contains(roles, p.Role) {
		return p, fmt.Errorf("%q is not a role; one of %s", p.Role, joinRoles(roles[1:]))
	}
	var err error
	if p.Type, p.known, err = statedType(d.Type); err != nil {
		return p, err
	}
	p.Nullable = p.known == 0 || p.known&kindNull != 0
	if d.Items != nil {
		if p.Items, _, err = statedType(d.Items.Type); err != nil {
			return p, err
		}
	}
	for g, t := range d.Groups {
		p.Groups = append(p.Groups, EnumGroup{g, *t})
	}
	slices.SortFunc(p.Groups, func(a, b EnumGroup) int { return strings.Compare(a.Name, b.Name) })
	p.setEnum(d)
	return p, nil
}

func (p *Property) setEnum(d *schemaDoc) {
	for _, v := range d.OneOf {
		if v.Const != nil {
			p.Enum = append(p.Enum, EnumValue{Value: *v.Const, Title: textOf(v.Title, v.XTitle), Group: v.Group})
		}
	}
	for _, v := range d.Enum {
		if !slices.ContainsFunc(p.Enum, func(e EnumValue) bool { return e.Value == v }) {
			p.Enum = append(p.Enum, EnumValue{Value: v})
		}
	}
	if p.Enum == nil {
		return
	}
	p.closed = make(map[string]bool)
	for _, e := range p.Enum {
		p.closed[e.Value] = true
	}
}

func joinRoles(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// statedType reads the type member of a JSON Schema: a name or a list of names.
func statedType(raw json.RawMessage) (Type, kind, error) {
	if raw == nil {
		return "", 0, nil
	}
	var names []string
	if json.Unmarshal(raw, &names) != nil {
		var one string
		if err := json.Unmarshal(raw, &one); err != nil {
			return "", 0, fmt.Errorf("type is a name or a list of names, found %s", raw)
		}
		names = []string{one}
	}
	kinds := map[string]kind{"null": kindNull, "string": kindString, "integer": kindNumber, "number": kindNumber,
		"boolean": kindBool, "array": kindArray, "object": kindObject}
	var t Type
	var all kind
	for _, n := range names {
		k, ok := kinds[n]
		if !ok {
			return "", 0, fmt.Errorf("%q is not a type of JSON Schema", n)
		}
		all |= k
		switch {
		case n == "null":
		case t == "" || Type(n) == t:
			t = Type(n)
		case (t == TypeInteger || t == TypeNumber) && k == kindNumber:
			t = TypeNumber
		default:
			t = TypeMixed
		}
	}
	return t, all, nil
}
