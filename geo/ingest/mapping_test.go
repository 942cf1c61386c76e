package ingest

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

func TestMappingFile(t *testing.T) {
	m := Mapping{
		Version: mappingVersion, Kind: KindPlaces, Sheets: []string{"Sheet1"}, Key: []string{}, CRS: "GCJ-02", Axes: AxesSwapped, CRSWhy: geo.Text{EN: "a", ZH: "b"},
		Columns: []Column{{Column: "名称", Role: RoleName, Why: geo.Text{EN: "its name"}}, {Column: "产值", Role: RoleNumber, Unit: "亿元"}},
		Year:    2007, Threshold: 0.7, Split: true, Geometry: GeometryOutlines,
		Corrections: []Correction{{ID: "1", Adcode: "320509"}, {ID: "2", Point: &orb.Point{120.5, 30.5}, Note: "x"}, {ID: "3", None: true}},
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	got, err := ReadMapping(strings.NewReader("\ufeff" + text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, got) {
		t.Errorf("read again it is %+v", got)
	}
	b.Reset()
	if err := got.Write(&b); err != nil || b.String() != text {
		t.Errorf("written again it is %s", b.String())
	}
}

func TestMappingRefused(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, "JSON"},
		{`{"columns":[`, "JSON"},
		{"{\n\"colums\": []}", "line 2: colums: there is no such member"},
		{`{"kind":"places","kind":"totals"}`, "twice"},
		{`{"kind":"x"}`, "neither places nor totals"},
		{`{"clustermap":"mapping 2"}`, "mapping 1"},
		{`{"year":"2007"}`, "another type"},
		{`{"year":20070}`, "1900 to 2100"},
		{`{"threshold":2}`, "between 0 and 1"},
		{`{"crs":"EPSG:1"}`, "coordinate system"},
		{`{"axes":"yx"}`, "swapped"},
		{`{"geometry":"dots"}`, "outlines"},
		{`{"columns":[{"column":"a","role":"nam"}]}`, "is not a role"},
		{`{"columns":[{"column":"","role":"name"}]}`, "column is missing"},
		{`{"columns":[{"column":"a","role":"name"},{"column":"a","role":"place"}]}`, "stands twice"},
		{`{"columns":[{"column":"a","role":"number","unit":"quids"}]}`, "not a unit"},
		{`{"corrections":[{"adcode":"1"}]}`, "id is missing"},
		{`{"corrections":[{"id":"1"}]}`, "needs an adcode"},
		{`{"corrections":[{"id":"1","none":true,"adcode":"1"}]}`, "neither"},
		{`{"corrections":[{"id":"1","point":[0,0]}]}`, "not 0,0"},
		{`{"corrections":[{"id":"1","point":[200,0]}]}`, "latitude"},
		{`{"corrections":[{"id":"1","point":[120]}]}`, "another type"},
		{`{"corrections":[{"id":"1","none":true},{"id":"1","none":true}]}`, "stands twice"},
		{`{} {}`, "JSON"},
	} {
		_, err := ReadMapping(strings.NewReader(test.text))
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s gives the error %v; want one with %q", test.text, err, test.want)
		}
	}
}

func TestMerge(t *testing.T) {
	m := Mapping{Columns: []Column{{Column: "a", Role: RolePlace}, {Column: "b", Role: RoleText}, {Column: "c", Role: RoleName}}, CRS: "GCJ-02", CRSWhy: geo.Text{EN: "a guess"}, Key: []string{"a"}}
	over := Mapping{Columns: []Column{{Column: "b", Role: RolePlace}}, CRS: "EPSG:4490", Key: []string{}}
	got := m.Merge(over)
	if roles(got) != "a=text b=place c=name" {
		t.Errorf("the roles are %s", roles(got))
	}
	if got.CRS != "EPSG:4490" || got.CRSWhy != (geo.Text{}) || len(got.Key) != 0 {
		t.Errorf("merged it is %+v", got)
	}
	if roles(m) != "a=place b=text c=name" {
		t.Error("what was merged has changed")
	}
}

// FuzzMapping holds that a mapping that is read can be written and read again, and is
// then the same.
func FuzzMapping(f *testing.F) {
	for _, seed := range []string{`{}`, `{"clustermap":"mapping 1","columns":[{"column":"名称","role":"name"}]}`, `{"corrections":[{"id":"x","point":[1,2]}]}`, `{"key":[]}`, `{"sheets":["a"],"year":2007,"threshold":0.5}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ReadMapping(bytes.NewReader(text))
		if err != nil {
			var invalid *geo.InvalidError
			if !errors.As(err, &invalid) || invalid.Reason == "" {
				t.Fatalf("the error is %v", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := m.Write(&first); err != nil {
			t.Fatal(err)
		}
		again, err := ReadMapping(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("%s is refused: %v", first.Bytes(), err)
		}
		if err := again.Write(&second); err != nil || first.String() != second.String() {
			t.Errorf("%s becomes %s", first.String(), second.String())
		}
	})
}
