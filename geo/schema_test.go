package geo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"clustermap/geo"
)

// rows is a collection of features with these properties.
func rows(properties ...string) string {
	features := make([]string, len(properties))
	for i, p := range properties {
		features[i] = point(p)
	}
	return collection(features...)
}

// described is what a Property says, in short.
func described(p geo.Property) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", p.Name, p.Type)
	if p.Items != "" {
		fmt.Fprintf(&b, " of %s", p.Items)
	}
	if p.Format != "" {
		fmt.Fprintf(&b, " as %s", p.Format)
	}
	if p.Required {
		b.WriteString(" required")
	}
	if p.Nullable {
		b.WriteString(" null")
	}
	if p.Min != nil {
		fmt.Fprintf(&b, " %v..%v", *p.Min, *p.Max)
	}
	for _, e := range p.Enum {
		fmt.Fprintf(&b, " %s:%d", e.Value, e.Count)
	}
	if p.Role != "" {
		fmt.Fprintf(&b, " (%s)", p.Role)
	}
	return b.String()
}

func TestSchemaInferred(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"types", rows(`{"s":"x","i":1,"n":1.5,"b":true,"a":["x"],"o":{"x":1}}`, `{"s":"y","i":-2,"n":2,"b":false,"a":[],"o":{}}`),
			[]string{"s string required", "i integer required -2..1", "n number required 1.5..2", "b boolean required", "a array of string required x:1", "o object required"}},
		{"whole numbers with a point are integers", rows(`{"i":1.0}`, `{"i":2e3}`), []string{"i integer required 1..2000"}},
		{"64 bits", rows(`{"n":9007199254740993}`, `{"n":-9223372036854775808}`), []string{"n integer required -9.223372036854776e+18..9.007199254740994e+15"}},
		{"beyond 64 bits is a number", rows(`{"n":9223372036854775808}`), []string{"n number required 9.223372036854775e+18..9.223372036854776e+18"}},
		{"bounds as they are written", rows(`{"n":113.12345678901234}`, `{"n":1e-400}`, `{"n":0.10000000000000001}`), []string{"n number required 0..113.12345678901234"}},
		{"missing", rows(`{"a":1,"b":2}`, `{"a":3}`), []string{"a integer required 1..3", "b integer null 2..2"}},
		{"null", rows(`{"a":1}`, `{"a":null}`), []string{"a integer required null 1..1"}},
		{"all null", rows(`{"a":null}`, `{"a":null}`), []string{"a string required null"}},
		{"null properties", rows(`{"a":1}`, `null`), []string{"a integer null 1..1"}},
		{"mixed", rows(`{"a":1}`, `{"a":"x"}`), []string{"a mixed required"}},
		{"string or array", rows(`{"a":["x"]}`, `{"a":"x"}`), []string{"a mixed required"}},
		{"few values are an enum, the most frequent first", rows(`{"a":"x"}`, `{"a":"y"}`, `{"a":"y"}`, `{"a":"x"}`, `{"a":"y"}`), []string{"a string required y:3 x:2"}},
		{"values that stand once are none", rows(`{"a":"x"}`, `{"a":"y"}`, `{"a":"z"}`), []string{"a string required"}},
		{"an element counts once a feature", rows(`{"a":["x","x","y"]}`, `{"a":["y"]}`, `{"a":[]}`, `{"a":["x","y"]}`), []string{"a array of string required y:3 x:2"}},
		{"arrays of numbers", rows(`{"a":[1,2.5]}`), []string{"a array of number required"}},
		{"arrays of booleans", rows(`{"a":[true]}`), []string{"a array of boolean required"}},
		{"arrays of more than one type", rows(`{"a":[1,"x"]}`), []string{"a array required"}},
		{"arrays with null", rows(`{"a":["x",null]}`), []string{"a array required"}},
		{"arrays of arrays", rows(`{"a":[["x"]]}`), []string{"a array required"}},
		{"dates", rows(`{"day":"2007-05-01"}`, `{"day":"2007-05-02"}`), []string{"day string as date required"}},
		{"date-times", rows(`{"at":"2007-05-01T12:00:00Z"}`, `{"at":"2007-05-02T00:00:00.5+08:00"}`), []string{"at string as date-time required"}},
		{"dates and date-times are texts", rows(`{"at":"2007-05-01T12:00:00Z"}`, `{"at":"2007-05-02"}`), []string{"at string required"}},
		{"no date", rows(`{"at":"2007-02-29"}`), []string{"at string required"}},
		{"a date has the role datetime by its name", rows(`{"Date":"2007-05-01"}`), []string{"Date string as date required (datetime)"}},
		{"a year too", rows(`{"year":1990}`, `{"year":2007}`), []string{"year integer required 1990..2007 (datetime)"}},
		{"a number called year may be none", rows(`{"year":7}`), []string{"year integer required 7..7"}},
		{"names and codes", rows(`{"NAME":"x","adcode":"440000"}`), []string{"NAME string required (name)", "adcode string required (adcode)"}},
		{"no features", collection(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := read(t, tt.text, geo.ReadOptions{})
			var got []string
			for _, p := range x.Schema().Properties {
				got = append(got, described(p))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
			valid(t, x)
		})
	}
	x := read(t, collection(point(`{}`), `{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]},"properties":null}`, `{"type":"Feature","geometry":null,"properties":null}`), geo.ReadOptions{})
	if got := fmt.Sprint(x.Schema().Geometry); got != "[LineString Point]" {
		t.Errorf("geometry types %s", got)
	}
}

// valid compiles both documents of x and holds every feature against the schema,
// flat as OGC API - Common Part 3 has it, formats included.
func valid(t *testing.T, x *geo.Index) {
	t.Helper()
	validate(t, x, (*jsonschema.Compiler).AssertFormat)
}

func validate(t *testing.T, x *geo.Index, set func(*jsonschema.Compiler)) {
	t.Helper()
	s := x.Schema()
	compile := func(text []byte) *jsonschema.Schema {
		t.Helper()
		if err := unique(text); err != nil {
			t.Errorf("the document: %v\n%s", err, text)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		set(c)
		if err := c.AddResource("http://example.com/schema", doc); err != nil {
			t.Fatal(err)
		}
		compiled, err := c.Compile("http://example.com/schema")
		if err != nil {
			t.Fatalf("not a JSON Schema: %v\n%s", err, text)
		}
		return compiled
	}
	text := s.JSONSchema("http://example.com/schema")
	whole := compile(text)
	var doc struct {
		Properties map[string]struct {
			Role string `json:"x-ogc-role"`
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]string) // by role
	for name, p := range doc.Properties {
		named[p.Role] = name
	}
	for _, p := range s.Properties {
		one := mustMarshal(t, map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": map[string]any{p.Name: p.JSONSchema()}})
		compile(one)
	}
	compile(s.Queryables("http://example.com/schema", func(string) bool { return false }))

	r, err := x.Search(t.Context(), geo.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Features {
		var members struct {
			ID, Geometry json.RawMessage
			Properties   map[string]json.RawMessage
		}
		if err := json.Unmarshal(f.JSON(), &members); err != nil {
			t.Fatal(err)
		}
		flat := map[string]json.RawMessage{named["id"]: members.ID, named["primary-geometry"]: members.Geometry}
		for name, v := range members.Properties {
			flat[name] = v
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(mustMarshal(t, flat)))
		if err != nil {
			t.Fatal(err)
		}
		if err := whole.Validate(instance); err != nil {
			t.Errorf("the schema is not true for %s: %v\n%s", f.JSON(), err, text)
		}
	}
}

// unique reports a key that stands twice, which encoding/json lets pass.
func unique(text []byte) error {
	_, err := geo.Read(strings.NewReader(`{"type":"FeatureCollection","x":`+string(text)+`,"features":[]}`), geo.ReadOptions{})
	return err
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Documents are true whatever the data is called and however it is written.
func TestSchemaIsTrue(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"a property called id", rows(`{"id":"x"}`, `{"id":"y"}`)},
		{"a property called geometry", rows(`{"geometry":7,"feature_geometry":true}`)},
		{"ids that are numbers", collection(`{"type":"Feature","id":1.5,"geometry":null,"properties":null}`)},
		{"ids of both types", collection(`{"type":"Feature","id":1,"geometry":null,"properties":null}`, `{"type":"Feature","id":"a","geometry":null,"properties":null}`)},
		{"a number with many digits", rows(`{"n":0.1000000000000000055511151231257827021181583404541015625}`, `{"n":0.30000000000000001}`)},
		{"numbers that float64 rounds", rows(`{"n":9007199254740993}`, `{"n":-9007199254740993}`, `{"n":12345678901234567890123}`)},
		{"very large and small", rows(`{"n":1.7976931348623157e308}`, `{"n":-1.7976931348623157e308}`, `{"n":5e-324}`, `{"n":1e-400}`)},
		{"an enum with null", rows(`{"a":"x"}`, `{"a":"x"}`, `{"a":null}`)},
		{"an enum of an empty text", rows(`{"a":""}`, `{"a":""}`)},
		{"keys with escapes", rows(`{"a\"b\\\u0001/~ %":1,"\u4e2d":"x","":true,"$ref":"#/nowhere","$id":"http://x"}`)},
		{"date-times in small letters", rows(`{"at":"2007-05-01t12:00:00z"}`)},
		{"nearly date-times", rows(`{"at":"2007-05-01T12:00:00,5Z","b":"2007-05-01T1:00:00Z","c":"2007-05-01T24:00:00Z","d":"2007-05-01T12:00:00+99:00"}`)},
		{"empty arrays", rows(`{"a":[]}`)},
	} {
		t.Run(tt.name, func(t *testing.T) { valid(t, read(t, tt.text, geo.ReadOptions{})) })
	}
}

const townSchema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Towns", "x-title": {"zh": "镇"},
  "description": "All towns",
  "type": "object",
  "required": ["code"],
  "properties": {
    "geometry": {"x-ogc-role": "primary-geometry", "title": "Seat", "x-title": {"zh": "驻地"}},
    "note": true,
    "firms": {"type": ["integer", "null"], "title": "Firms", "x-title": {"en": "Firms", "zh": "企业数"}, "x-ogc-unit": "1", "x-unit": {"zh": "家"}, "x-clustermap-role": "sum", "minimum": 0, "maximum": 1000, "x-order": 2},
    "code": {"type": "string", "x-ogc-role": "id", "x-order": 1},
    "trade": {"type": "string", "x-clustermap-role": "category", "x-groups": {"tex": {"en": "Textiles", "zh": "纺织"}, "none": null},
      "oneOf": [{"const": "silk", "title": "Silk", "x-title": {"zh": "丝绸"}, "x-group": "tex"}, {"const": "shoes"}, {"type": "null"}]},
    "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
    "class": {"enum": [1, 2, true, null]},
    "founded": {"type": "string", "format": "date", "x-ogc-role": "primary-instant"}
  }
}`

func TestSchemaStated(t *testing.T) {
	opt := geo.ReadOptions{Name: "towns", Schema: []byte("\xef\xbb\xbf" + townSchema)}
	x := read(t, rows(`{"code":"b","trade":"silk","firms":5,"tags":["b","a","b"],"class":1.0,"founded":"2007-05-01","own":1}`,
		`{"code":"a","trade":"silk","firms":null,"tags":[],"class":true}`), opt)
	s := x.Schema()
	if diff := cmp.Diff([]geo.Text{{EN: "Towns", ZH: "镇"}, {EN: "All towns"}}, []geo.Text{s.Title, s.Description}); diff != "" {
		t.Errorf("title and description (-want +got):\n%s", diff)
	}
	var got []string
	for _, p := range s.Properties {
		got = append(got, described(p))
	}
	want := []string{"code string required (id)", "firms integer null 5..5 (sum)", "note string null", "trade string silk:2 shoes:0 (category)",
		"tags array of string a:1 b:1", "class mixed", "founded string as date null (datetime)", "own integer null 1..1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	firms, _ := s.Property("firms")
	if firms.Title != (geo.Text{EN: "Firms", ZH: "企业数"}) || firms.Unit != "1" || firms.UnitTitle != (geo.Text{ZH: "家"}) {
		t.Errorf("firms is %+v", firms)
	}
	trade, _ := s.Property("trade")
	if diff := cmp.Diff([]geo.EnumGroup{{Name: "none"}, {Name: "tex", Title: geo.Text{EN: "Textiles", ZH: "纺织"}}}, trade.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(geo.EnumValue{Value: "silk", Title: geo.Text{EN: "Silk", ZH: "丝绸"}, Group: "tex", Count: 2}, trade.Enum[0]); diff != "" {
		t.Errorf("a value (-want +got):\n%s", diff)
	}
	if got := ids(t, x, geo.Query{}); got != "a b" {
		t.Errorf("ids %q, want those of the property", got)
	}
	valid(t, x)

	// The document that is served may be the schema file of the same data.
	again := read(t, encodedCollection(t, x), geo.ReadOptions{Schema: s.JSONSchema("http://example.com/schema")})
	if diff := cmp.Diff(string(s.JSONSchema("x")), string(again.Schema().JSONSchema("x"))); diff != "" {
		t.Errorf("the schema after a round (-want +got):\n%s", diff)
	}
	valid(t, again)
	bare := read(t, rows(`{"a":"x"}`, `{"a":"x"}`), geo.ReadOptions{})
	again = read(t, encodedCollection(t, bare), geo.ReadOptions{Schema: bare.Schema().JSONSchema("x")})
	if diff := cmp.Diff(string(bare.Schema().JSONSchema("x")), string(again.Schema().JSONSchema("x"))); diff != "" {
		t.Errorf("an inferred schema after a round (-want +got):\n%s", diff)
	}
}

func encodedCollection(tb testing.TB, x *geo.Index) string {
	return collection(strings.Split(strings.TrimSpace(encoded(tb, x)), "\n")...)
}

func TestSchemaViolations(t *testing.T) {
	good := `{"code":"z"}`
	for _, tt := range []struct{ name, properties, want string }{
		{"type", `{"code":"a","firms":"5"}`, `firms: the schema says integer, found a string: 5`},
		{"null", `{"code":"a","trade":null}`, `trade: the schema says string, found null: null`},
		{"not whole", `{"code":"a","firms":5.5}`, `firms: the schema says integer, found 5.5`},
		{"minimum", `{"code":"a","firms":-1}`, `firms: -1 is less than the minimum of the schema, 0`},
		{"maximum", `{"code":"a","firms":1001}`, `firms: 1001 is more than the maximum of the schema, 1000`},
		{"enum", `{"code":"a","trade":"shoe"}`, `trade: the schema does not list the value "shoe"`},
		{"enum of numbers", `{"code":"a","class":3}`, `class: the schema does not list the value "3"`},
		{"a text for a number of an enum", `{"code":"a","class":"1"}`, `class: the schema does not list the value "1"`},
		{"enum of elements", `{"code":"a","tags":["a","c"]}`, `tags: element 2: the schema does not list the value "c"`},
		{"type of elements", `{"code":"a","tags":[1]}`, `tags: element 1: the schema says string, found a number: 1`},
		{"date", `{"code":"a","founded":"1.5.2007"}`, `founded: the schema says date, found "1.5.2007"`},
		{"required", `{"trade":"silk"}`, `code: is missing; it is the id of each feature`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := geo.Read(strings.NewReader(rows(good, tt.properties)), geo.ReadOptions{Name: "f", Schema: []byte(townSchema)})
			if got, want := fmt.Sprint(err), "f:3: feature 2: "+tt.want; got != want {
				t.Errorf("error %q, want %q", got, want)
			}
		})
	}
	_, err := geo.Read(strings.NewReader(collection(point(`{"a":1}`), point(`null`), point(`{"a":null}`), point(`{"b":1}`))),
		geo.ReadOptions{Name: "f", Schema: []byte(`{"required":["a"],"properties":{"a":{}}}`)})
	want := "f:3: feature 2: a: is missing; the schema requires it\nf:5: feature 4: a: is missing; the schema requires it"
	if got := fmt.Sprint(err); got != want {
		t.Errorf("error\n%s\nwant\n%s", got, want)
	}
}

func TestSchemaFileBroken(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"empty", ``, "a schema file is a JSON object"},
		{"an array", `[]`, "a schema file is a JSON object"},
		{"cut", "{\n\"title\":", "the text ends in the middle of a value"},
		{"not JSON", "{\n\n\"title\":x}", "expected a value, found 'x'"},
		{"key twice", "{\n\"title\":\"a\",\n\"title\":\"b\"}", `the key "title" stands twice`},
		{"garbage behind", "{}\n}", "nothing should follow the schema"},
		{"bad UTF-8", "{\n\"title\":\"\xff\"}", "the text is not UTF-8 here"},
		{"title", `{"title":7}`, "title: expected a text, found number"},
		{"properties", `{"properties":[]}`, "expected '{', found '['"},
		{"property", `{"properties":{"a":7}}`, "a: expected an object, found number"},
		{"no value at all", `{"properties":{"a":false}}`, "a: expected an object, found bool"},
		{"type", `{"properties":{"a":{"type":"text"}}}`, `a: "text" is not a type of JSON Schema`},
		{"type, a number", `{"properties":{"a":{"type":7}}}`, `a: type is a name or a list of names, found 7`},
		{"items", `{"properties":{"a":{"items":{"type":"int"}}}}`, `a: "int" is not a type of JSON Schema`},
		{"role", `{"properties":{"a":{"x-clustermap-role":"colour"}}}`, `a: "colour" is not a role; one of id, name, datetime, datetime-start, datetime-end, sum, adcode, category, shape, precision`},
		{"enum", `{"properties":{"a":{"enum":[[1]]}}}`, `a: a list of values has texts, numbers, true, false and null, found [1]`},
		{"minimum", `{"properties":{"a":{"minimum":"1"}}}`, `a: minimum: expected a number, found string`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := geo.Read(strings.NewReader(collection()), geo.ReadOptions{Name: "f", Schema: []byte(tt.schema)})
			var faults *geo.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v, want *Faults", err)
			}
			if got := fmt.Sprint(err); !strings.HasPrefix(got, "f (schema)") || !strings.HasSuffix(got, ": "+tt.want) {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

// What a schema file states is served only where it is true.
func TestSchemaStatedIsTrue(t *testing.T) {
	for _, tt := range []struct{ name, schema, text string }{
		{"elements may be null", `{"a":{"type":"array","items":{"enum":["x",null]}}}`, rows(`{"a":["x",null]}`)},
		{"elements of more than one type", `{"a":{"type":"array","items":{"enum":["x",1]}}}`, rows(`{"a":["x",1]}`)},
		{"values of more than one type", `{"a":{"enum":["x",1]}}`, rows(`{"a":"x"}`, `{"a":1}`)},
		{"any of two types", `{"a":{"type":["string","integer"]}}`, rows(`{"a":"x"}`, `{"a":1}`)},
		{"numbers of both types", `{"a":{"type":["number","integer"]}}`, rows(`{"a":1.5}`)},
		{"not required", `{"a":{"type":"string"},"b":{"type":"boolean"}}`, rows(`{"a":"x"}`, `null`)},
		{"another format", `{"a":{"type":"string","format":"uri"}}`, rows(`{"a":"http://x"}`)},
		{"an id in the properties", `{"id":{"type":"integer","x-ogc-role":"id"}}`, rows(`{"id":7}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			valid(t, read(t, tt.text, geo.ReadOptions{Schema: []byte(`{"properties":` + tt.schema + `}`)}))
		})
	}
}

func FuzzSchema(f *testing.F) {
	data := rows(`{"code":"b","trade":"silk","firms":5,"tags":["b","a"],"class":1.0,"founded":"2007-05-01","year":2007,"id":"x"}`, `{"code":"a","trade":"shoes","firms":null,"year":null}`)
	f.Add([]byte(townSchema))
	for _, s := range []string{
		`{}`, `[]`, `{"properties":{"year":{"minimum":1}}}`, `{"properties":{"code":{"x-groups":{"a":null}}}}`, `{"required":["id"],"properties":{"id":{"x-ogc-role":"id"}}}`,
		`{"properties":{"tags":{"items":{"items":{"enum":[1]}}},"firms":{"type":["number","null"],"maximum":1e300},"class":{"oneOf":[{"const":1.0},{"const":null}]}}}`,
		`{"properties":{"founded":{"format":"date","x-ogc-role":"primary-interval-start"},"adcode":{"x-clustermap-role":"adcode"},"":true}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, schema []byte) {
		x, err := geo.Read(strings.NewReader(data), geo.ReadOptions{Name: "f", Schema: schema})
		if err != nil {
			var faults *geo.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %T %v", err, err)
			}
			return
		}
		validate(t, x, func(*jsonschema.Compiler) {})
	})
}

func TestSchemaOfAllNullYear(t *testing.T) {
	x := read(t, rows(`{"year":null}`), geo.ReadOptions{Schema: []byte(`{"properties":{"year":{"type":["integer","null"],"minimum":1900}}}`)})
	if p, _ := x.Schema().Property("year"); p.Min == nil || *p.Min != 1900 || p.Max != nil {
		t.Errorf("year is %+v", p)
	}
	valid(t, x)
}

func TestMatch(t *testing.T) {
	text := rows(
		`{"i":1,"n":0.5,"s":"x","b":true,"m":"1","list":["a","b"],"nums":[2,3.50],"big":9007199254740993,"wide":3000000000,"edge":-2147483648,"o":{}}`,
		`{"i":2,"n":1e2,"s":"","b":false,"m":1,"list":[],"nums":[2.0],"big":9007199254740992,"wide":-3000000000,"edge":2147483647,"o":{}}`,
		`{"i":3,"n":-0,"s":"\u4e2d\"a\\","b":null,"m":true,"list":["b"],"nums":[1e1],"big":9007199254740994,"wide":1,"edge":null,"o":{}}`,
		`{"i":null,"n":0,"s":"a,b","m":"true","big":1e16,"o":{}}`,
	)
	x := read(t, text, geo.ReadOptions{})
	for _, tt := range []struct{ query, want string }{
		{"i=2", "2"}, {"i=2.0", "2"}, {"i=1,3", "1 3"}, {"i=7", ""},
		{"n=100", "2"}, {"n=0", "3 4"}, {"n=5e-1,100.0", "1 2"},
		{"s=x", "1"}, {"s=", "2"}, {"s=中\"a\\", "3"}, {"s=x,", "1 2"},
		{"b=true", "1"}, {"b=false,true", "1 2"},
		{"m=1", "1 2"}, {"m=true", "3 4"}, {"m=1.0", "2"},
		{"list=b", "1 3"}, {"list=a,b", "1 3"}, {"list=c", ""},
		{"nums=2", "1 2"}, {"nums=3.5", "1"}, {"nums=10", "3"},
		{"big=9007199254740993", "1"}, {"big=9007199254740992", "2"}, {"big=10000000000000000", "4"}, {"big=9.007199254740994e15", "3"},
		{"edge=-2147483648", "1"}, {"edge=2147483647", "2"}, {"wide=3000000000", "1"}, {"wide=-3e9", "2"},
	} {
		name, value, _ := strings.Cut(tt.query, "=")
		m, err := x.Schema().ParseMatch(name, value)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if got := ids(t, x, geo.Query{Match: []geo.Match{m}}); got != tt.want {
			t.Errorf("%s selects %q, want %q", tt.query, got, tt.want)
		}
	}
	for _, tt := range []struct{ query, want string }{
		{"i=1.5", `i: "1.5" is not a whole number`},
		{"i=", `i: "" is not a whole number`},
		{"i=1,x", `i: "x" is not a whole number`},
		{"i=0x10", `i: "0x10" is not a whole number`},
		{"n=NaN", `n: "NaN" is not a number`},
		{"n=Infinity", `n: "Infinity" is not a number`},
		{"n=1e999", `n: "1e999" is not a number`},
		{"n=1_0", `n: "1_0" is not a number`},
		{"n= 1", `n: " 1" is not a number`},
		{"nums=x", `nums: "x" is not a number`},
		{"b=1", `b: "1" is neither true nor false`},
		{"o=1", "o: is not a queryable property"},
		{"none=1", "none: is not a queryable property"},
		{"s=" + strings.Repeat(",", 1000), "s: has 1001 values; 1000 are allowed"},
		{"i=" + strings.Repeat("界", 30), "i: \"" + strings.Repeat("界", 20) + "…\" is not a whole number"},
	} {
		name, value, _ := strings.Cut(tt.query, "=")
		_, err := x.Schema().ParseMatch(name, value)
		var invalid *geo.InvalidError
		if got := fmt.Sprint(err); got != tt.want || !errors.As(err, &invalid) {
			t.Errorf("%.40s: error %T %q, want %q", tt.query, err, got, tt.want)
		}
	}
}

// A value with a comma is found where it is one of few, alone and among others.
func TestMatchCommas(t *testing.T) {
	x := read(t, rows(`{"s":"food, drink"}`, `{"s":"silk"}`, `{"s":"food, drink"}`, `{"s":"silk"}`, `{"s":"food"}`, `{"s":"food"}`), geo.ReadOptions{})
	for value, want := range map[string]string{
		"food, drink": "1 3", "silk,food, drink": "1 2 3 4 5 6", "food": "5 6", " drink": "", "seafood, drink": "", "food, drinks": "5 6",
	} {
		m, err := x.Schema().ParseMatch("s", value)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(t, x, geo.Query{Match: []geo.Match{m}}); got != want {
			t.Errorf("s=%s selects %q, want %q", value, got, want)
		}
	}
}

// An enum counts features and not elements, and long arrays cost no more than
// their length.
func TestSchemaOfLongArrays(t *testing.T) {
	numbers := "[0" + strings.Repeat(",7,8.5,9", 200_000) + "]"
	x := read(t, rows(`{"series":`+numbers+`,"tags":["a","b","a"]}`, `{"series":`+numbers+`,"tags":["a"]}`, `{"tags":["b","a"]}`), geo.ReadOptions{})
	p, _ := x.Schema().Property("tags")
	if got := fmt.Sprint(p.Enum); got != "[{a { } 3} {b { } 2}]" && got != "[{a { }  3 false} {b { }  2 false}]" {
		t.Errorf("enum %v", got)
	}
	if p, _ := x.Schema().Property("series"); p.Type != geo.TypeArray || p.Items != geo.TypeNumber || p.Enum != nil {
		t.Errorf("series is described as %+v", p)
	}
}

// More strings than a column keeps by number.
func TestMatchManyStrings(t *testing.T) {
	const n = 70_000
	var b strings.Builder
	for i := range n {
		last := fmt.Sprintf(`"other\n%d"`, i)
		switch i {
		case 69_990:
			last = `"name 7"`
		case 69_991:
			last = "true"
		case 69_992:
			last = `["name 7"]`
		case 69_993:
			last = "7"
		}
		fmt.Fprintln(&b, point(fmt.Sprintf(`{"a":{"s":"name 7"},"s":"name %d","\u0074":%s}`, i, last)))
	}
	x := read(t, b.String(), geo.ReadOptions{Sequence: true})
	for _, tt := range []struct{ query, want string }{
		{"s=name 7", "8"}, {"s=name 69999,name 0", "1 70000"}, {"s=name 70000", ""}, {"s=", ""},
		{"t=other\n5", "6"}, {"t=name 7", "69991"}, {"t=true", "69992"}, {"t=7", "69994"},
	} {
		name, value, _ := strings.Cut(tt.query, "=")
		m, err := x.Schema().ParseMatch(name, value)
		if err != nil {
			t.Errorf("%q: %v", tt.query, err)
			continue
		}
		if got := ids(t, x, geo.Query{Match: []geo.Match{m}}); got != tt.want {
			t.Errorf("%q selects %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestManyTimes(t *testing.T) {
	var b strings.Builder
	for i := range 70_000 {
		at := time.Date(2007, 1, 1, 0, 0, i, 0, time.UTC)
		fmt.Fprintln(&b, point(fmt.Sprintf(`{"time":%q}`, at.Format(time.RFC3339))))
	}
	x := read(t, b.String(), geo.ReadOptions{Sequence: true})
	when, err := geo.ParseInterval("2007-01-01T19:26:37Z/2007-01-01T19:26:39Z")
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(t, x, geo.Query{Time: &when}); got != "69998 69999 70000" {
		t.Errorf("selected %q", got)
	}
	if got, want := instants(x.Extent().Time), "2007-01-01T00:00:00Z 2007-01-01T19:26:39Z"; got != want {
		t.Errorf("extent %s, want %s", got, want)
	}
}

func TestNumberID(t *testing.T) {
	for _, text := range []string{"0", "-1", "1.50", "1e3"} {
		if id, err := geo.NumberID(text); err != nil || !id.IsNumber() || string(id.AppendJSON(nil)) != text {
			t.Errorf("NumberID(%q) is %v, %v", text, id, err)
		}
	}
	for _, text := range []string{"", "x", "01", "1 ", "NaN", "1e999", "+1", ".5", fmt.Sprint(math.Inf(1))} {
		if id, err := geo.NumberID(text); err == nil {
			t.Errorf("NumberID(%q) is %v", text, id)
		}
	}
}
