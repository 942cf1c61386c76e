package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"regexp"
	"testing"

	"clustermap/data"
	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
)

// The files are written one feature a line, sorted by id.
func TestLayout(t *testing.T) {
	slug := regexp.MustCompile(`^[a-z0-9]+([-_][a-z0-9]+)*$`)
	for name, want := range map[string]int{"clusters": 40, "claims": 78, "regions": 11, "divisions": 0} {
		text, err := fs.ReadFile(data.Files(), name+".geojson")
		if err != nil {
			t.Fatal(err)
		}
		body, ok := bytes.CutPrefix(text, []byte("{\"type\":\"FeatureCollection\",\"features\":[\n"))
		body, ended := bytes.CutSuffix(body, []byte("\n]}\n"))
		if !ok || !ended {
			t.Errorf("%s: does not begin or end as it should", name)
		}
		rows := bytes.Split(body, []byte(",\n"))
		if want > 0 && len(rows) != want {
			t.Errorf("%s: %d features, want %d", name, len(rows), want)
		}
		last := ""
		for i, row := range rows {
			var f struct{ ID string }
			if err := json.Unmarshal(row, &f); err != nil || bytes.ContainsRune(row, '\n') {
				t.Errorf("%s: line %d is not one feature: %v", name, i+2, err)
			}
			if f.ID <= last || !slug.MatchString(f.ID) {
				t.Errorf("%s: line %d: id %q behind %q", name, i+2, f.ID, last)
			}
			last = f.ID
		}
	}
}

// The base map is small enough to be loaded with the page, and strict GeoJSON.
func TestBaseMap(t *testing.T) {
	const most = 900_000 // bytes, compressed
	var size bytes.Buffer
	for _, name := range []string{"land", "countries", "provinces", "disputed"} {
		text, err := fs.ReadFile(data.Files(), "base/"+name+".geojson")
		if err != nil {
			t.Fatal(err)
		}
		w, err := gzip.NewWriterLevel(&size, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := geo.Load(data.Files(), nil, "base/"+name+".geojson"); err != nil {
			t.Error(err)
		}
	}
	if size.Len() > most {
		t.Errorf("the base map takes %d bytes compressed, at most %d are wanted", size.Len(), most)
	}
}

// schemaDoc is a schema file as the tests read it.
type schemaDoc struct {
	Title       string
	XTitle      geo.Text `json:"x-title"`
	Description string
	XDesc       geo.Text        `json:"x-description"`
	Type        json.RawMessage // a name or names
	OneOf       []struct {
		Const  string
		Title  string
		XTitle geo.Text `json:"x-title"`
		Group  string   `json:"x-group"`
	}
	Groups     map[string]geo.Text `json:"x-groups"`
	Properties map[string]schemaDoc
}

func schemaOf(t *testing.T, name string) schemaDoc {
	t.Helper()
	text, err := fs.ReadFile(data.Files(), name+".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schemaDoc
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%s.schema.json: %v", name, err)
	}
	return s
}

// The schema files describe every property of the files in both languages, and
// describe nothing that no feature has. geo.Load has checked types and listed
// values.
func TestSchemas(t *testing.T) {
	for _, name := range []string{"clusters", "claims", "regions", "divisions"} {
		schema := schemaOf(t, name)
		used := map[string]bool{"geometry": true}
		for _, f := range collection[any](t, name) {
			for prop := range f.members {
				used[prop] = true
			}
		}
		for prop := range used {
			computed := prop == "region" || prop == "regions"
			if _, ok := schema.Properties[prop]; !ok && !computed {
				t.Errorf("%s: the property %s is not described", name, prop)
			}
		}
		schema.Properties[name+".schema.json itself"] = schema
		used[name+".schema.json itself"] = true
		for prop, p := range schema.Properties {
			if !used[prop] {
				t.Errorf("%s: no feature has the property %s", name, prop)
			}
			if p.Title == "" || p.Title != p.XTitle.EN || p.XTitle.ZH == "" || p.Description != p.XDesc.EN || (p.Description == "") != (p.XDesc.ZH == "") {
				t.Errorf("%s: %s: title or description is not given in both languages", name, prop)
			}
			for _, v := range p.OneOf {
				if v.Title == "" || v.Title != v.XTitle.EN || v.XTitle.ZH == "" {
					t.Errorf("%s: %s: %s has no title in both languages", name, prop, v.Const)
				}
				if _, ok := p.Groups[v.Group]; v.Group != "" && !ok {
					t.Errorf("%s: %s: %s is of the group %q, which has no title", name, prop, v.Const, v.Group)
				}
			}
		}
	}
}

// The trades are one vocabulary: that of industries.json, which the schema of
// the clusters repeats.
func TestIndustries(t *testing.T) {
	type name struct{ Code, NameEN, NameZH, Family string }
	var doc struct {
		Families []struct {
			Code   string
			NameEN string `json:"name_en"`
			NameZH string `json:"name_zh"`
		}
		Industries []struct {
			Code   string
			NameEN string `json:"name_en"`
			NameZH string `json:"name_zh"`
			Family string
			GBT    []struct {
				Section   string
				Divisions []string
			} `json:"gbt4754"`
		}
	}
	text, err := fs.ReadFile(data.Files(), "industries.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if n := len(doc.Families); n > 8 {
		t.Errorf("%d families, at most 8 can be told apart", n)
	}
	schema := schemaOf(t, "clusters").Properties["industry"]
	var want, got []name
	known := make(map[string]bool)
	for _, i := range doc.Industries {
		known[i.Code] = true
		got = append(got, name{i.Code, i.NameEN, i.NameZH, i.Family})
		divisions := 0
		for _, g := range i.GBT {
			for _, d := range g.Divisions {
				divisions++
				if s := sectionOf(d); s != g.Section {
					t.Errorf("%s: division %s of GB/T 4754-2017 is in section %q, not %q", i.Code, d, s, g.Section)
				}
			}
		}
		if divisions == 0 {
			t.Errorf("%s: no division of GB/T 4754-2017", i.Code)
		}
	}
	for _, v := range schema.OneOf {
		want = append(want, name{v.Const, v.Title, v.XTitle.ZH, v.Group})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the schema and industries.json differ: -schema +industries\n%s", diff)
	}
	families := make(map[string]geo.Text)
	for _, f := range doc.Families {
		families[f.Code] = geo.Text{EN: f.NameEN, ZH: f.NameZH}
	}
	if diff := cmp.Diff(schema.Groups, families); diff != "" {
		t.Errorf("the families differ: -schema +industries\n%s", diff)
	}
	for _, f := range collection[record](t, "clusters") {
		if !known[f.props.Industry] {
			t.Errorf("%s: %q is not in industries.json", f.id, f.props.Industry)
		}
	}
}

// sectionOf is the section of a division of GB/T 4754-2017.
func sectionOf(division string) string {
	for _, s := range []struct{ section, first, last string }{
		{"A", "01", "05"}, {"B", "06", "12"}, {"C", "13", "43"}, {"D", "44", "46"}, {"E", "47", "50"},
		{"F", "51", "52"}, {"G", "53", "60"}, {"H", "61", "62"}, {"I", "63", "65"}, {"J", "66", "69"},
		{"K", "70", "70"}, {"L", "71", "72"}, {"M", "73", "75"}, {"N", "76", "79"}, {"O", "80", "82"},
		{"P", "83", "83"}, {"Q", "84", "85"}, {"R", "86", "90"}, {"S", "91", "96"}, {"T", "97", "97"},
	} {
		if s.first <= division && division <= s.last {
			return s.section
		}
	}
	return ""
}
