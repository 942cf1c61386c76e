package geo

import (
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// Scan tells the features that Read keeps, with their values.
func TestScan(t *testing.T) {
	text, err := os.ReadFile("../data/clusters.geojson")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Read(strings.NewReader(string(text)), ReadOptions{Name: "clusters.geojson"})
	if err != nil {
		t.Fatal(err)
	}
	kept := make(map[string]Feature)
	for i := range x.Len() {
		f := x.At(uint32(i))
		kept[f.ID().String()] = f
	}
	n := 0
	for f, err := range Scan(strings.NewReader(string(text)), ScanOptions{}) {
		if n++; err != nil || f.Fault != nil || f.Number != n {
			t.Fatal(n, f.Number, err, f.Fault)
		}
		k, ok := kept[f.ID.String()]
		if !ok || !orb.Equal(k.Geometry(), f.Geometry) {
			t.Fatalf("%s is at %v and not at %v", f.ID, f.Geometry, k.Geometry())
		}
		for _, m := range f.Properties {
			if k.Value(m.Name).Compare(m.Value) != 0 {
				t.Errorf("%s: %s is %s and not %s", f.ID, m.Name, m.Value.JSON(), k.Value(m.Name).JSON())
			}
		}
	}
	if n != x.Len() {
		t.Errorf("%d features, want %d", n, x.Len())
	}
}

// A fault is told in its place, and reading ends where no more is wanted.
func TestScanFaults(t *testing.T) {
	const text = `{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"geometry":null,"properties":{}},
{"type":"Feature","id":2,"geometry":null},
{"type":"Feature","id":3,"geometry":null,"properties":{}}, oops`
	var got []string
	for f, err := range Scan(strings.NewReader(text), ScanOptions{Name: "a"}) {
		switch {
		case err != nil:
			got = append(got, "error: "+err.Error())
		case f.Fault != nil:
			got = append(got, "fault: "+f.Fault.Error())
		default:
			got = append(got, f.ID.String())
		}
	}
	want := `1|fault: a:3: feature 2: the member "properties" is missing; write null where there are none|3|error: a:4: feature 4: expected a Feature, found 'o'`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	for range Scan(strings.NewReader(text), ScanOptions{}) {
		break
	}
	for _, sequence := range []string{"{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n", "\x1e{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n"} {
		n := 0
		for f, err := range Scan(strings.NewReader(sequence+sequence), ScanOptions{}) {
			if n++; err != nil || f.Fault != nil {
				t.Error(err, f.Fault)
			}
		}
		if n != 2 {
			t.Errorf("a sequence has %d features, want 2", n)
		}
	}
}
