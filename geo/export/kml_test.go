package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"clustermap/geo"
	"clustermap/geo/crs"
)

func TestKML(t *testing.T) {
	const schema = `{"type":"object","properties":{"name":{"type":"string","title":"Name","x-clustermap-role":"name"},
		"n":{"type":"integer","minimum":0,"maximum":9},"since":{"x-ogc-role":"primary-interval-start"}}}`
	x := readIndex(t, schema, `{"type":"Feature","id":7,"geometry":{"type":"Polygon","coordinates":[[[1,2,3.0],[2,2],[2,3],[1,2,3.0]]]},"properties":{"name":"a<b>&\u0001","n":1,"since":2001,"list":[1]}}`)
	got := string(written(t, x, "kml", Options{Title: geo.Text{EN: "T"}, View: View{Properties: []string{"name", "n", "list"}}}))
	want := `<Placemark><name>a&lt;b&gt;&amp;` + "\ufffd" + `</name><TimeSpan><begin>2001-01-01</begin></TimeSpan><styleUrl>#feature</styleUrl>` +
		`<ExtendedData><SchemaData schemaUrl="#features"><SimpleData name="id">7</SimpleData><SimpleData name="name">a&lt;b&gt;&amp;` + "\ufffd" + `</SimpleData>` +
		`<SimpleData name="n">1</SimpleData><SimpleData name="list">[1]</SimpleData></SchemaData></ExtendedData>` +
		`<Polygon><outerBoundaryIs><LinearRing><coordinates>1,2,3.0 2,2 2,3 1,2,3.0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>`
	if !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !strings.Contains(got, `<SimpleField type="int" name="n"></SimpleField>`) {
		t.Errorf("no typed field in %s", got)
	}
}

// TestKMLIsXML reads every geometry and hostile texts with an XML parser.
func TestKMLIsXML(t *testing.T) {
	hostile := `{"type":"Feature","id":"]]>","geometry":null,"properties":{"a\"'<>&\u0000":"\uffff <!-- ]]> &lt; \u000b"}}`
	x := readIndex(t, "", append(everyGeometry[:len(everyGeometry):len(everyGeometry)], hostile)...)
	doc := written(t, x, "kml", Options{About: []Fact{{geo.Text{EN: "<x>"}, "&"}}})
	for dec := xml.NewDecoder(bytes.NewReader(doc)); ; {
		_, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
	}
	zipped := written(t, x, "kmz", Options{About: []Fact{{geo.Text{EN: "<x>"}, "&"}}})
	archive, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := archive.Open("doc.kml")
	if err != nil {
		t.Fatal(err)
	}
	if inside, err := io.ReadAll(f); err != nil || !bytes.Equal(inside, doc) {
		t.Errorf("doc.kml in the kmz differs from the kml (%v)", err)
	}
}

func TestKMLRefusesCRS(t *testing.T) {
	x := readIndex(t, "", everyGeometry...)
	kml, _ := ByName("kml")
	var invalid *geo.InvalidError
	err := Write(t.Context(), io.Discard, featuresOf(x), Options{Format: kml, View: View{CRS: crs.WebMercator()}})
	if !errors.As(err, &invalid) || invalid.Field != "crs" {
		t.Errorf("got %v", err)
	}
}

// Names that differ by case alone are one to GDAL, which then gives one value to
// both.
func TestKMLNamesDiffer(t *testing.T) {
	x := readIndex(t, "", `{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":"p","ID":"q","Size":1,"SIZE":2}}`)
	got := string(written(t, x, "kml", Options{}))
	for _, want := range []string{`name="feature_id">7<`, `name="id">p<`, `name="ID_1">q<`, `name="Size">1<`, `name="SIZE_1">2<`, `name="ID_1"><displayName>ID<`} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s:\n%s", want, got)
		}
	}
}
