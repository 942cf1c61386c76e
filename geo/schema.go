package geo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
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

// And is both texts, one behind the other.
func (t Text) And(u Text) Text {
	join := func(a, b string) string { return strings.TrimSpace(a + " " + b) }
	return Text{EN: join(t.EN, u.EN), ZH: join(t.ZH, u.ZH)}
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
	Hidden             bool       // not offered as a filter by the front end
	Nested             []Property // members of an object, down to three levels below the property; addressed as "a.b"

	wide  bool // has whole numbers of more than 64 bits
	nulls int
	kinds kind   // that its values have, or may have
	rules *rules // of a property that the schema file states
}

// EnumValue is one of the values of a property that has few.
type EnumValue struct {
	Value string // the text; a number or boolean as JSON has it
	Title Text
	Group string // display family
	Count int    // features that have it
	Bare  bool   // it is a number or boolean
}

// JSON is the value as JSON.
func (v EnumValue) JSON() json.RawMessage {
	if v.Bare {
		return json.RawMessage(v.Value)
	}
	return appendString(nil, v.Value)
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

// Sortable reports whether features can be ordered by the property: its values
// are scalars of one type.
func (p Property) Sortable() bool {
	switch p.Type {
	case TypeString, TypeInteger, TypeNumber, TypeBoolean:
		return true
	}
	return false
}

// isTime reports whether all values are dates, or all are date-times.
func (p *Property) isTime() bool {
	return p.Type == TypeString && (p.Format == string(formatDate) || p.Format == string(formatDateTime))
}

// Int64 reports whether all values are whole numbers of 64 bits, null apart.
func (p Property) Int64() bool { return p.Type == TypeInteger && !p.wide }

// Schema describes the features of a collection.
type Schema struct {
	Title, Description Text
	Attribution        Text // what whoever shows the features has to say, such as whose they are
	About              About
	Properties         []Property // in order of display
	Geometry           []string   // GeoJSON types that occur, sorted
	Features           int

	geometryTitle Text
	regions       []string // ids of the region definitions that memberships were computed by
	ids           []string // JSON types of the ids that occur

	plain bool   // documents have no keywords of ours
	lang  string // of the texts of documents
}

// Property returns the property of the name.
func (s *Schema) Property(name string) (Property, bool) {
	i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == name })
	if i < 0 {
		return Property{}, false
	}
	return s.Properties[i], true
}

// Find returns the property of the name, or the member of an object that a
// dotted name leads to, and the path to it. Names may have dots of their own.
func (s *Schema) Find(name string) (p Property, path []string, ok bool) {
	if p, ok = s.Property(name); ok {
		return p, []string{name}, true
	}
	return findNested(s.Properties, name, nil)
}

func findNested(props []Property, name string, above []string) (Property, []string, bool) {
	for _, p := range props {
		if p.Name == name {
			return p, append(above, name), true
		}
	}
	for _, p := range props {
		rest, ok := strings.CutPrefix(name, p.Name+".")
		if !ok {
			continue
		}
		if q, path, ok := findNested(p.Nested, rest, append(slices.Clip(above), p.Name)); ok {
			return q, path, true
		}
	}
	return Property{}, nil, false
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

// Category is the property that tells features apart: that with the role of a category, or
// else the first of texts with few values that no role takes. ok is false where there is
// none.
func (s *Schema) Category() (p Property, ok bool) {
	if p := s.withRole(RoleCategory); p != nil {
		return *p, true
	}
	for _, p := range s.Properties {
		if p.Type == TypeString && p.Role == "" && !p.Hidden && len(p.Enum) >= 2 {
			return p, true
		}
	}
	return Property{}, false
}

// Match selects features whose property equals one of the values, or whose
// array contains one of them.
type Match struct {
	Property string
	values   []matchValue
	times    []Interval // in place of values where those of the property are dates or date-times
	text     string     // the values as they were given
}

// ParseMatch reads the value of a query parameter named like a property: a
// comma means or, and may also belong to a value that Enum lists. Where the whole
// text is a value of the data, it alone is meant, as OGC API - Features Part 3 has
// it (/req/queryables-query-parameters). Dates and date-times are equal where one
// is in the other, in any zone, as in a filter; a year or month is all of it. It
// returns *InvalidError where the property cannot be asked for or the text is not
// of its type.
func (s *Schema) ParseMatch(name, text string) (Match, error) {
	p, _, ok := s.Find(name)
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
	m := Match{Property: name, text: text}
	if p.isTime() {
		for _, part := range parts {
			_, when, ok := parseTime(zoneOf(part))
			if !ok {
				return Match{}, &InvalidError{Field: name, Reason: fmt.Sprintf("%q is not a date or time such as 2007-05-01 or 2007-05-01T12:00:00Z", clip(part))}
			}
			m.times = append(m.times, when)
		}
		return m, nil
	}
	for _, part := range parts {
		v := matchValue{text: part}
		if t != TypeString && t != TypeBoolean {
			v.num, v.isNum = parseNumber(part)
		}
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
	if len(parts) > 1 && (t == TypeString || t == TypeMixed) { // a text may hold commas
		m.values = append(m.values, matchValue{text: text})
	}
	for _, e := range p.Enum {
		if strings.Contains(e.Value, ",") && strings.Contains(","+text+",", ","+e.Value+",") {
			m.values = append(m.values, matchValue{text: e.Value})
		}
	}
	return m, nil
}

// WholeIDs reports whether all ids are whole numbers.
func (s *Schema) WholeIDs() bool { return len(s.ids) == 1 && s.ids[0] == "integer" }
