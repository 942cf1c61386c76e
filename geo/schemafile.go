package geo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schemaDoc is a JSON Schema document as far as we read and write it.
type schemaDoc struct {
	Schema       string            `json:"$schema,omitempty"`
	ID           string            `json:"$id,omitempty"`
	Type         json.RawMessage   `json:"type,omitempty"`
	Format       string            `json:"format,omitempty"`
	Title        string            `json:"title,omitempty"`
	XTitle       *Text             `json:"x-title,omitempty"`
	Description  string            `json:"description,omitempty"`
	XDescription *Text             `json:"x-description,omitempty"`
	Attribution  *Text             `json:"x-attribution,omitempty"`
	About        *About            `json:"x-about,omitempty"`
	OGCRole      string            `json:"x-ogc-role,omitempty"`
	Role         Role              `json:"x-clustermap-role,omitempty"`
	Lang         string            `json:"x-lang,omitempty"`
	OGCUnit      string            `json:"x-ogc-unit,omitempty"`
	OGCUnitLang  string            `json:"x-ogc-unitLang,omitempty"`
	Unit         *Text             `json:"x-unit,omitempty"`
	Order        int               `json:"x-order,omitempty"`
	Hidden       bool              `json:"x-hidden,omitempty"`
	Seq          int               `json:"x-ogc-propertySeq,omitempty"`
	Nulls        int               `json:"x-null-count,omitempty"`
	OneOf        []valueDoc        `json:"oneOf,omitempty"`
	Enum         []json.RawMessage `json:"enum,omitempty"`
	Groups       map[string]*Text  `json:"x-groups,omitempty"`
	Minimum      *float64          `json:"minimum,omitempty"`
	Maximum      *float64          `json:"maximum,omitempty"`
	Items        *schemaDoc        `json:"items,omitempty"`
	Properties   *objectDoc        `json:"properties,omitempty"`
	Required     []string          `json:"required,omitempty"`
	Additional   *bool             `json:"additionalProperties,omitempty"`
}

// valueDoc is one value of an enum, or null.
type valueDoc struct {
	Const  json.RawMessage `json:"const,omitempty"`
	Type   string          `json:"type,omitempty"`
	Title  string          `json:"title,omitempty"`
	XTitle *Text           `json:"x-title,omitempty"`
	Group  string          `json:"x-group,omitempty"`
	Count  *int            `json:"x-count,omitempty"`
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
// then of the file. The error is *InvalidError.
func parseSchema(name string, text []byte) (*Schema, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	bad := func(at int, reason string) error {
		return &InvalidError{File: name, Line: 1 + bytes.Count(text[:min(at, len(text))], []byte{'\n'}), Reason: reason}
	}
	if !utf8.Valid(text) {
		return nil, bad(badUTF8(text, 0, len(text)), "the text is not UTF-8 here")
	}
	p := parser{b: text}
	if p.space() != '{' {
		return nil, bad(p.i, "a schema file is a JSON object")
	}
	err := p.value()
	if err == nil && (p.space() != 0 || p.i < len(text)) {
		err = p.fail("nothing should follow the schema")
	}
	if err != nil {
		return nil, bad(p.i, err.Error())
	}
	var doc schemaDoc
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, &InvalidError{File: name, Reason: schemaReason(err)}
	}
	s := &Schema{Title: textOf(doc.Title, doc.XTitle), Description: textOf(doc.Description, doc.XDescription)}
	if doc.Attribution != nil {
		s.Attribution = *doc.Attribution
	}
	if doc.About != nil {
		s.About = *doc.About
	}
	if doc.Properties == nil {
		return s, nil
	}
	order := make(map[string]int)
	for i, prop := range doc.Properties.names {
		d, q, err := statedProperty(prop, doc.Properties.values[prop])
		if err != nil {
			return nil, &InvalidError{File: name, Field: prop, Reason: schemaReason(err)}
		}
		if d.OGCRole == "primary-geometry" {
			s.geometryTitle = q.Title
			continue
		}
		q.Required = slices.Contains(doc.Required, prop)
		s.Properties = append(s.Properties, q)
		order[prop] = cmp.Or(d.Order, d.Seq, 1000+i)
	}
	slices.SortStableFunc(s.Properties, func(a, b Property) int { return cmp.Compare(order[a.Name], order[b.Name]) })
	return s, nil
}

// schemaReason words an error of encoding/json for the person who wrote the file.
func schemaReason(err error) string {
	var te *json.UnmarshalTypeError
	if !errors.As(err, &te) {
		return err.Error()
	}
	want := "an object"
	switch te.Type.Kind() {
	case reflect.String:
		want = "a text"
	case reflect.Bool:
		want = "true or false"
	case reflect.Int, reflect.Float64:
		want = "a number"
	case reflect.Slice:
		want = "a list"
	}
	reason := "expected " + want + ", found " + te.Value
	if te.Field != "" {
		reason = te.Field + ": " + reason
	}
	return reason
}

func textOf(plain string, both *Text) Text {
	if both == nil {
		return Text{EN: plain}
	}
	return Text{EN: cmp.Or(both.EN, plain), ZH: both.ZH}
}

// ogcRoles are the roles that OGC API - Common Part 3 names too.
var ogcRoles = map[string]Role{
	"id": RoleID, "primary-instant": RoleDatetime,
	"primary-interval-start": RoleDatetimeStart, "primary-interval-end": RoleDatetimeEnd,
}

// statedProperty reads what a schema file states of one property.
func statedProperty(name string, text json.RawMessage) (d schemaDoc, p Property, err error) {
	if string(text) == "true" { // in JSON Schema: any value
		text = json.RawMessage("{}")
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, p, err
	}
	p = Property{
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
		return d, p, fmt.Errorf("%q is not a role; one of %s", p.Role, joinRoles(roles[1:]))
	}
	for g, t := range d.Groups {
		group := EnumGroup{Name: g}
		if t != nil {
			group.Title = *t
		}
		p.Groups = append(p.Groups, group)
	}
	slices.SortFunc(p.Groups, func(a, b EnumGroup) int { return strings.Compare(a.Name, b.Name) })
	if p.rules, p.Enum, err = d.rules(); err != nil {
		return d, p, err
	}
	p.Type = p.rules.typ
	p.Nullable = p.rules.kinds == 0 || p.rules.kinds&kindNull != 0
	if p.rules.items != nil {
		p.Items = p.rules.items.typ
	}
	p.Nested, err = d.nested()
	return d, p, err
}

// nested reads what is stated of the members of an object.
func (d *schemaDoc) nested() (props []Property, err error) {
	if d.Properties == nil {
		return nil, nil
	}
	for _, name := range d.Properties.names {
		_, p, err := statedProperty(name, d.Properties.values[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		p.Required = slices.Contains(d.Required, name)
		props = append(props, p)
	}
	return props, nil
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

// rules are what a schema file demands of the values of a property. A nil
// *rules demands nothing.
type rules struct {
	typ      Type
	kinds    kind // 0 allows all
	min, max *float64
	format   timeFormat
	isTime   bool            // the values are the time of their feature
	listed   map[string]bool // the values of an enum, as enumKey writes them
	items    *rules
}

// rules reads the rules of d, and the texts that it lists for the values or,
// where they are arrays, for their elements.
func (d *schemaDoc) rules() (*rules, []EnumValue, error) {
	r := &rules{min: d.Minimum, max: d.Maximum}
	var err error
	if r.typ, r.kinds, err = statedType(d.Type); err != nil {
		return nil, nil, err
	}
	if f := timeFormat(d.Format); f == formatDate || f == formatDateTime {
		r.format = f
	}
	switch cmp.Or(ogcRoles[d.OGCRole], d.Role) {
	case RoleDatetime, RoleDatetimeStart, RoleDatetimeEnd:
		r.isTime = true
	}
	values, err := r.list(d)
	if err != nil {
		return nil, nil, err
	}
	if d.Items != nil {
		var inner []EnumValue
		if r.items, inner, err = d.Items.rules(); err != nil {
			return nil, nil, err
		}
		if values == nil {
			values = inner
		}
	}
	return r, values, nil
}

// list reads the values of oneOf and enum. A list of values of more than one
// type is a rule, but gives no EnumValue.
func (r *rules) list(d *schemaDoc) (values []EnumValue, err error) {
	docs, kinds := slices.Clone(d.OneOf), kind(0)
	for _, v := range d.Enum {
		docs = append(docs, valueDoc{Const: v})
	}
	for _, v := range docs {
		if v.Const == nil || string(v.Const) == "null" {
			continue
		}
		p := parser{b: v.Const}
		var read propValue
		if err := p.propValue(&read); err != nil {
			return nil, err
		}
		if read.kind&(kindArray|kindObject) != 0 {
			return nil, fmt.Errorf("a list of values has texts, numbers, true, false and null, found %s", clip(string(v.Const)))
		}
		if r.listed == nil {
			r.listed = make(map[string]bool)
		}
		key := enumKey(&read)
		if r.listed[key] {
			continue
		}
		r.listed[key] = true
		kinds |= read.kind
		values = append(values, EnumValue{Value: string(read.text), Title: textOf(v.Title, v.XTitle), Group: v.Group, Bare: read.kind != kindString})
	}
	if kinds != 0 && kinds&(kinds-1) != 0 {
		return nil, nil
	}
	return values, nil
}

// enumKey is equal for equal scalars.
func enumKey(v *propValue) string {
	switch v.kind {
	case kindNumber:
		return strconv.FormatFloat(v.num, 'g', -1, 64)
	case kindString:
		return `"` + string(v.text)
	}
	return string(v.text)
}

// refuses tells why a value breaks the rules, or "".
func (r *rules) refuses(v *propValue) string {
	if r == nil || v.kind == kindNull && r.kinds == 0 {
		return ""
	}
	switch {
	case r.kinds != 0 && v.kind&r.kinds == 0:
		return fmt.Sprintf("the schema says %s, found %s: %s", r.typ, v.kind, clip(string(v.text)))
	case v.kind == kindNumber:
		if reason := r.refusesNumber(v); reason != "" {
			return reason
		}
	case v.kind == kindString && r.format != formatNone:
		if f, _, ok := parseTime(string(v.text)); !ok || f != r.format {
			return fmt.Sprintf("the schema says %s, found %q", r.format, clip(string(v.text)))
		}
	case v.kind == kindArray && r.items != nil:
		return r.items.refusesElement(v.text)
	}
	if r.isTime && v.kind != kindNull && !isTime(v) {
		return fmt.Sprintf("is the time of the feature by the schema, and %s is no year, month, date or date-time", clip(string(v.text)))
	}
	if r.listed != nil && v.kind&(kindString|kindNumber|kindBool) != 0 && !r.listed[enumKey(v)] {
		return fmt.Sprintf("the schema does not list the value %q", clip(string(v.text)))
	}
	return ""
}

func (r *rules) refusesNumber(v *propValue) string {
	switch {
	case r.typ == TypeInteger && v.num != math.Trunc(v.num):
		return fmt.Sprintf("the schema says integer, found %s", clip(string(v.text)))
	case r.min != nil && v.num < *r.min:
		return fmt.Sprintf("%s is less than the minimum of the schema, %v", clip(string(v.text)), *r.min)
	case r.max != nil && v.num > *r.max:
		return fmt.Sprintf("%s is more than the maximum of the schema, %v", clip(string(v.text)), *r.max)
	}
	return ""
}

// refusesElement tells why an element of the array breaks the rules, or "".
func (r *rules) refusesElement(array []byte) (reason string) {
	p := parser{b: array}
	_ = p.array(func(n int) error {
		var v propValue
		if err := p.propValue(&v); err != nil {
			return err
		}
		if found := r.refuses(&v); found != "" && reason == "" {
			reason = fmt.Sprintf("element %d: %s", n+1, found)
		}
		return nil
	})
	return reason
}
