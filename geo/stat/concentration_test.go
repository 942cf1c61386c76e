package stat

import (
	"math"
	"slices"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/pyramid"

	"github.com/paulmach/orb"
)

// By the towns A, B and C silk is 3, 1, 0 of 4, 2, 2.
func TestConcentration(t *testing.T) {
	x := load(t, towns)
	ask := func(method string, more ...string) any {
		t.Helper()
		_, r := in(t, x, Env{}, method, append([]string{"within", "town", "by", "trade"}, more...)...)
		return at(t, r, "subjects.1")
	}
	h := ask("herfindahl")
	checkNumber(t, h, "herfindahl", 0.625)
	checkNumber(t, h, "equivalent_number", 1.6)
	checkNumber(t, h, "normalised", (0.625-1.0/3)/(2.0/3))

	cr := ask("concentration-ratio")
	checkNumber(t, cr, "cr1", 0.75)
	checkNumber(t, cr, "cr4", 1)
	if at(t, cr, "top.0.key") != "A" || len(at(t, cr, "top").([]any)) != 2 {
		t.Errorf("the top is %v", at(t, cr, "top"))
	}

	// From the lowest ratio: C 0 of 1/4, B 1/4 of 1/4, A 3/4 of 1/2.
	g := ask("gini")
	checkNumber(t, g, "gini", 1-0.25*0-0.25*0.25-0.5*1.25)
	checkNumber(t, g, "half.units", 1)
	checkNumber(t, g, "lorenz.1.x", 0.25)
	checkNumber(t, g, "lorenz.1.y", 0)
	if at(t, g, "relative_to") != "universe" {
		t.Errorf("it is relative to %v", at(t, g, "relative_to"))
	}

	theil := ask("theil", "regions", "side")
	between := math.Log(1 / 0.75)
	all := 0.75*math.Log(1.5) + 0.25*math.Log(1)
	checkNumber(t, theil, "theil", all)
	checkNumber(t, theil, "between", between)
	checkNumber(t, theil, "within", all-between)
	checkNumber(t, theil, "groups.0.share", 1)
	if at(t, theil, "groups.1.theil") != nil || at(t, theil, "groups.1.key") != "west" {
		t.Errorf("the groups are %v", at(t, theil, "groups"))
	}

	eg := ask("ellison-glaeser")
	raw, room := 0.25*0.25+0.25*0.25, 1-(0.25+0.0625+0.0625)
	checkNumber(t, eg, "g", raw)
	checkNumber(t, eg, "herfindahl_plants", 0.25)
	checkNumber(t, eg, "gamma", (raw-room*0.25)/(room*0.75))
}

// The whole universe is compared with units that all count the same.
func TestConcentrationOfAll(t *testing.T) {
	x := load(t, towns)
	a, r := in(t, x, Env{}, "gini", "within", "town", "select", "TRUE")
	checkNumber(t, r, "gini", 1.0/6) // of 4, 2, 2
	if at(t, r, "relative_to") != "units" || !warned(a, "whole universe") {
		t.Errorf("it is relative to %v; %v", at(t, r, "relative_to"), a.Warnings)
	}
	_, r = in(t, x, Env{}, "theil", "within", "town", "select", "TRUE")
	checkNumber(t, r, "between", 0)
	checkNumber(t, r, "theil", 0.5*math.Log(1.5)+0.5*math.Log(0.75))
}

// Provinces are the groups where features have division codes.
func TestTheilByProvince(t *testing.T) {
	x, env := atlas(t, "listed_clusters")
	env.Area = func(cut pyramid.Cut, key string) (orb.Geometry, geo.Text) {
		return nil, geo.Text{EN: cut.Level + " " + key, ZH: key}
	}
	_, r := in(t, x, env, "theil")
	for _, s := range r["subjects"].([]any) {
		if theil := at(t, s, "theil"); theil != nil {
			checkNumber(t, s, "within", theil.(float64)-number(t, s, "between"))
		}
		shares := 0.0
		for _, g := range at(t, s, "groups").([]any) {
			shares += number(t, g, "share")
			if title := at(t, g, "title.en"); title != "province "+at(t, g, "key").(string) {
				t.Fatalf("a group is called %v", title)
			}
		}
		if math.Abs(shares-1) > 1e-9 {
			t.Errorf("the groups of %v have %v of it", at(t, s, "value"), shares)
		}
	}
	split, r := in(t, x, env, "theil", "regions", "region:yrd25", "within", "hex:200")
	if n := len(at(t, r, "subjects.0.groups").([]any)); n != 2 || !warned(split, "several groups") {
		t.Errorf("there are %d groups; %v", n, split.Warnings)
	}
}

// What has no figures is null and says why; nothing is an error.
func TestNothingToCompute(t *testing.T) {
	same := `{"type":"Feature","id":"%","geometry":{"type":"Point","coordinates":[120,30]},"properties":{"trade":"x","town":"A","n":0}}`
	one := load(t, replaceID(same, "a"))
	equal := load(t, replaceID(same, "a")+","+replaceID(same, "b")+","+replaceID(same, "c"))
	empty := load(t, "")
	for _, m := range []string{"shares", "location-quotient", "stars", "herfindahl", "concentration-ratio", "gini", "theil", "ellison-glaeser", "compare", "shift-share", "sensitivity"} {
		for name, x := range map[string]*geo.Index{"nothing": empty, "one": one, "equal": equal} {
			a, r := in(t, x, Env{}, m)
			if len(a.Warnings) == 0 || r == nil {
				t.Errorf("%s of %s: %v, %v", m, name, r, a.Warnings)
			}
			for _, w := range a.Warnings {
				if w.EN == "" || w.ZH == "" {
					t.Errorf("%s of %s: a warning is %v", m, name, w)
				}
			}
		}
		// All weights are zero.
		a, r := in(t, equal, Env{}, m, "measure", "sum(n)")
		if len(a.Warnings) == 0 || r == nil {
			t.Errorf("%s of zeros: %v, %v", m, r, a.Warnings)
		}
	}
	for m, member := range map[string]string{"herfindahl": "herfindahl", "gini": "gini", "theil": "theil", "ellison-glaeser": "gamma", "concentration-ratio": "cr4"} {
		a, r := in(t, equal, Env{}, m, "measure", "sum(n)")
		if v, told := r[member]; v != nil || !told || !warned(a, "zero") {
			t.Errorf("%s of zeros is %v: %v", m, v, a.Warnings)
		}
	}
}

func replaceID(feature, id string) string {
	out := []byte(feature)
	for i, c := range out {
		if c == '%' {
			out[i] = id[0]
		}
	}
	return string(out)
}

func TestConcentrationRefuses(t *testing.T) {
	x := load(t, towns)
	for _, c := range []struct{ method, name, value string }{
		{"stars", "rule", "2009"}, {"theil", "regions", "towns"}, {"theil", "regions", "hex:50"}, {"theil", "regions", "division:province"},
		{"compare", "regions", "prd9,yrd25"}, {"compare", "regions", "prd9,,yrd25"}, {"sensitivity", "of", "mean"}, {"sensitivity", "regions", "yrd"},
		{"shift-share", "from", "later"}, {"shift-share", "from", "2003"}, {"shift-share", "to", "2001"}, {"shift-share", "to", "99999"},
		{"shift-share", "years", "some"}, {"shift-share", "time", "none"}, {"shift-share", "time", "trade"}, {"location-quotient", "permutations", "100000"},
		{"location-quotient", "permutations", "0"}, {"location-quotient", "seed", "-1"}, {"gini", "by", "x"},
	} {
		_, err := ask(t, x, c.method, c.name, c.value)
		e, ok := err.(*geo.InvalidError)
		if !ok || e.Field != c.name && !(c.name == "to" && e.Field == "from") {
			t.Errorf("%s: %s=%s: %v", c.method, c.name, c.value, err)
		}
	}
}

// Strange features and values give null figures and warnings, not errors or panics.
func TestStrangeFeatures(t *testing.T) {
	x := load(t, `
{"type":"Feature","id":1,"geometry":{"type":"Polygon","coordinates":[[[179,0],[180,0],[180,1],[179,0]]]},"properties":{"trade":"x","n":1e308,"mixed":1,"year":"long ago","regions":"yrd25","figures":{"a":1}}},
{"type":"Feature","id":"b","geometry":{"type":"Point","coordinates":[-180,90]},"properties":{"trade":7,"n":1e308,"mixed":"a","year":2001,"regions":"prd9"}},
{"type":"Feature","id":"c/d ?","geometry":null,"properties":{"trade":null,"n":1e308,"mixed":true,"year":null}},
{"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[[0,0],[180,0]]},"properties":{"trade":"","mixed":null}}`)
	for _, m := range append(shareFamily(), "compare", "sensitivity") {
		for _, params := range [][]string{{}, {"by", "trade"}, {"by", "mixed", "measure", "sum(n)"}} {
			for _, within := range [][]string{{}, {"within", "mixed"}, {"within", "trade"}, {"within", "hex:1000"}} {
				if m == "compare" {
					within = nil
				}
				a, _ := in(t, x, Env{Definitions: []Definition{{ID: "yrd25", Region: "yrd", Default: true}, {ID: "prd9", Region: "prd", Default: true}}},
					m, append(slices.Clone(params), within...)...)
				ids := make(map[string]bool)
				for _, row := range a.Rows {
					if ids[row.ID] || strings.ContainsAny(row.ID, "/? ") || len(row.Cells) != len(a.Columns) {
						t.Errorf("%s %v %v: the row %q has %d cells for %d columns, or stands twice", m, params, within, row.ID, len(row.Cells), len(a.Columns))
					}
					ids[row.ID] = true
				}
			}
		}
	}
	a, r := in(t, x, Env{}, "herfindahl", "within", "trade", "measure", "sum(n)")
	if v := r["herfindahl"]; v != nil || !warned(a, "finite") {
		t.Errorf("of too large values it is %v: %v", v, a.Warnings)
	}
	if _, err := ask(t, load(t, strings.Replace(towns, `"jobs":40`, `"jobs":-40`, 1)), "gini", "measure", "sum(jobs)"); err == nil {
		t.Error("negative values are no error")
	}
}
