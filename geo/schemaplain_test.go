package geo_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"clustermap/geo"
)

const plainSchema = `{"title":"Places","x-title":{"zh":"地方"},"properties":{
	"name":{"type":"string","x-title":{"en":"Name","zh":"名称"},"x-clustermap-role":"name","x-lang":"zh"},
	"class":{"type":"integer","x-title":{"en":"Class","zh":"等级"},"oneOf":[
		{"const":1,"x-title":{"en":"great","zh":"大"}},{"const":2,"x-title":{"en":"small","zh":"小"}}]},
	"open":{"type":"boolean","oneOf":[{"const":true,"title":"yes"},{"const":false,"title":"no"}]},
	"output":{"type":"number","x-ogc-unit":"CNY","x-unit":{"en":"yuan","zh":"元"}},
	"height":{"type":"number","x-ogc-unit":"m"},
	"owner":{"type":"object","required":["city"],"properties":{
		"city":{"type":"string","x-title":{"en":"City","zh":"城市"}},"since":{"type":"integer","minimum":1900}}}}}`

func plainPlaces(t *testing.T) *geo.Schema {
	return read(t, rows(
		`{"name":"长兴","class":1,"open":true,"output":5.5,"height":3,"owner":{"city":"湖州","since":1990,"deep":{"a":[1,2]}},"mixed":1,"year":2007}`,
		`{"name":"b","class":2,"open":true,"output":7,"height":4,"owner":{"city":"x","since":2001},"mixed":"z","year":2008}`,
	), geo.ReadOptions{Schema: []byte(plainSchema)}).Schema()
}

// A plain document has the keywords of JSON Schema and of OGC, a type for all but
// geometries, and each place of the order once.
func TestPlainSchema(t *testing.T) {
	s := plainPlaces(t).Plain("zh")
	none := func(string) bool { return false }
	for name, doc := range map[string][]byte{
		"schema": s.JSONSchema("http://x/schema"), "queryables": s.Queryables("http://x/q", none), "sortables": s.Sortables("http://x/s", none),
	} {
		var root map[string]any
		if err := json.Unmarshal(doc, &root); err != nil {
			t.Fatal(err)
		}
		checkPlain(t, name, root)
		for p, d := range root["properties"].(map[string]any) {
			d := d.(map[string]any)
			if _, typed := d["type"]; typed == strings.HasPrefix(fmt.Sprint(d["format"]), "geometry") {
				t.Errorf("%s: %s has the type %v", name, p, d["type"])
			}
		}
		if text := string(doc); !strings.Contains(text, `"title":"等级"`) || !strings.Contains(text, `{"const":1,"title":"大"}`) ||
			!strings.Contains(text, `"x-ogc-unit":"CNY","x-ogc-unitLang":"ISO4217"`) || strings.Contains(text, `"great"`) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func checkPlain(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			checkPlain(t, at, item)
		}
	case map[string]any:
		for key, value := range v {
			if strings.HasPrefix(key, "x-") && !strings.HasPrefix(key, "x-ogc-") {
				t.Errorf("%s has the keyword %s", at, key)
			}
			checkPlain(t, at+"."+key, value)
		}
	}
}

func TestQueryablesAndSortables(t *testing.T) {
	s := plainPlaces(t)
	names := func(doc []byte) string {
		var root struct {
			Properties map[string]any
			Additional *bool `json:"additionalProperties"`
		}
		if err := json.Unmarshal(doc, &root); err != nil || root.Additional == nil || *root.Additional {
			t.Errorf("%v: %s", err, doc)
		}
		var all []string
		for name := range root.Properties {
			all = append(all, name)
		}
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	skip := func(name string) bool { return name == "height" }
	if got, want := names(s.Queryables("x", skip)), "class geometry height mixed name open output owner.city owner.deep.a owner.since year"; got != want {
		t.Errorf("queryables: got %s, want %s", got, want)
	}
	if got, want := names(s.Sortables("x", skip)), "class id name open output owner.city owner.since year"; got != want {
		t.Errorf("sortables: got %s, want %s", got, want)
	}
	p, path, ok := s.Find("owner.since")
	if !ok || p.Type != geo.TypeInteger || *p.Min != 1990 || strings.Join(path, "/") != "owner/since" {
		t.Errorf("owner.since: %+v, %v, %v", p, path, ok)
	}
	for _, name := range []string{"owner.", "owner.x", "city", "owner.since.x", ""} {
		if _, _, ok := s.Find(name); ok {
			t.Errorf("found %q", name)
		}
	}
}

// What a schema file says of a member of an object holds.
func TestStatedMembers(t *testing.T) {
	for props, want := range map[string]string{
		`{"owner":{"city":7}}`:                 `owner: .city: the schema says string, found a number: 7`,
		`{"owner":{"city":"x","since":1800}}`:  `owner: .since: 1800 is less than the minimum`,
		`{"owner":{"city":"x","other":[1,2]}}`: "",
		`{"owner":{"since":1990}}`:             `owner: .city: is missing; the schema requires it`,
		`{"class":3}`:                          `the schema does not list the value "3"`,
	} {
		_, err := geo.Read(strings.NewReader(rows(props)), geo.ReadOptions{Schema: []byte(plainSchema)})
		if got := fmt.Sprint(err); (err == nil) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %v, want %q", props, err, want)
		}
	}
	// Objects with too many different keys have no schema of members.
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprintf(`{"counts":{"k%d":%d}}`, i, i))
	}
	p, _ := read(t, rows(many...), geo.ReadOptions{}).Schema().Property("counts")
	if p.Type != geo.TypeObject || len(p.Nested) != 0 {
		t.Errorf("%d members", len(p.Nested))
	}
}
