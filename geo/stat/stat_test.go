package stat

import (
	"context"
	"encoding/json"
	"testing"
	"testing/fstest"

	"clustermap/geo"
)

// load makes an index of the features of a GeoJSON collection.
func load(t testing.TB, features string) *geo.Index {
	t.Helper()
	fsys := fstest.MapFS{"places.geojson": {Data: []byte(`{"type":"FeatureCollection","features":[` + features + `]}`)}}
	all, err := geo.Load(fsys, nil, "places.geojson")
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Source.(*geo.Index)
}

// ask answers a question whose parameters are given as name, value, …
func ask(t testing.TB, x *geo.Index, method string, params ...string) (*Answer, error) {
	t.Helper()
	m, ok := Find(method)
	if !ok {
		t.Fatalf("no method %s", method)
	}
	q, err := Parse(m, x.Schema(), func(name string) (string, bool) {
		for i := 0; i < len(params); i += 2 {
			if params[i] == name {
				return params[i+1], true
			}
		}
		return "", false
	})
	if err != nil {
		return nil, err
	}
	return q.Answer(context.Background(), x, Env{})
}

// result is the answer's result, or that of a failed test.
func result(t testing.TB, x *geo.Index, method string, params ...string) (out map[string]any) {
	t.Helper()
	a, err := ask(t, x, method, params...)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Result(false), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

const three = `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120,30]},"properties":{"trade":"x","firms":5}},
{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[120.001,30]},"properties":{"trade":"y","firms":3}},
{"type":"Feature","id":"c","geometry":{"type":"Point","coordinates":[110,30]},"properties":{"trade":"x","firms":null}},
{"type":"Feature","id":"d","geometry":null,"properties":{"trade":"x","firms":1}}`

func TestHexagons(t *testing.T) {
	x := load(t, three)
	a, err := ask(t, x, "hexagons", "measure", "sum(firms)")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(a.Result(true)); got != `{"cells":2,"across_km":50,"max":8}` {
		t.Errorf("the result is %s", got)
	}
	if a.N != 3 || len(a.Rows) != 2 || a.Rows[0].Geometry == nil {
		t.Errorf("n is %d and there are %d rows: %v", a.N, len(a.Rows), a.Rows)
	}
	if len(a.Warnings) != 3 { // d has no position, c no value, and all are studied
		t.Errorf("the warnings are %v", a.Warnings)
	}
	by := result(t, x, "hexagons", "by", "trade")
	subjects := by["subjects"].([]any)
	if len(subjects) != 2 || subjects[0].(map[string]any)["value"] != "x" || subjects[0].(map[string]any)["cells"] != 2.0 {
		t.Errorf("by trade: %v", by)
	}
}

func TestParametersThatMakeNoSense(t *testing.T) {
	x := load(t, three)
	for _, c := range [][2]string{
		{"by", "trad"}, {"measure", "mean(firms)"}, {"measure", "sum(trade)"}, {"within", "division:prefecture"},
		{"within", "hex:0"}, {"within", "trade"}, {"within", "hexes"}, {"measure", "count,sum(firms)"},
	} {
		if _, err := ask(t, x, "hexagons", c[0], c[1]); err == nil {
			t.Errorf("%s=%s is no error", c[0], c[1])
		} else if e, ok := err.(*geo.InvalidError); !ok || e.Field != c[0] {
			t.Errorf("%s=%s: %v", c[0], c[1], err)
		}
	}
}

// Every method says all that a reader and a program need.
func TestMethodsAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Methods() {
		if seen[m.ID] {
			t.Errorf("%s stands twice", m.ID)
		}
		seen[m.ID] = true
		for what, text := range map[string]geo.Text{"title": m.Title, "question": m.Page.Asks, "reading": m.Page.Reading, "limits": m.Page.Limits} {
			if text.EN == "" || text.ZH == "" {
				t.Errorf("%s lacks its %s in English or Chinese", m.ID, what)
			}
		}
		if m.Page.Formula == "" || len(m.Page.Sources) == 0 {
			t.Errorf("%s lacks its formula or source", m.ID)
		}
		names := map[string]bool{}
		for _, p := range m.Parameters() {
			if names[p.Name] || p.Description.EN == "" || p.Description.ZH == "" {
				t.Errorf("%s: the parameter %q stands twice or is not described", m.ID, p.Name)
			}
			names[p.Name] = true
		}
	}
}
