package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
)

func kml(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><!-- a > b --><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>` + inner + `</Document></kml>`
}

func TestKML(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"folders and data", kml(`<name>doc</name><Folder><name>浙江</name><Folder><name>嘉兴</name><Placemark id="p1"><name>许村 &amp; 镇</name><description><![CDATA[<b>x</b>]]></description>
			<ExtendedData><Data name="家数"><displayName>n</displayName><value>62700</value></Data><Data name="name"><value>another</value></Data></ExtendedData><Point><coordinates> 120.5,30.5,0 </coordinates></Point></Placemark></Folder></Folder>
			<Placemark><name>b</name><ExtendedData><Data name="name"><value>b</value></Data></ExtendedData></Placemark>`),
			"KML\n[] OGC:CRS84 name description folder 家数 name (2)\n1 p1 POINT(120.5 30.5) T:许村 & 镇 T:<b>x</b> T:浙江/嘉兴 T:62700 T:another\n2  null T:b -: -: -: -:\n"},
		{"typed data", kml(`<Schema id="s"><SimpleField type="int" name="n"/><SimpleField type="string" name="s"/></Schema><Placemark><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="n">12</SimpleData><SimpleData name="s">12</SimpleData></SchemaData></ExtendedData></Placemark>`),
			"KML\n[] OGC:CRS84 n s\n1  null N:12 T:12\n"},
		{"shapes", kml(`<Placemark><LineString><coordinates>1,2 3,4,5</coordinates></LineString></Placemark>
			<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,0</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark>
			<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
			<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry></Placemark>
			<Placemark><gx:Track><when>2007</when><gx:coord>1 2 3</gx:coord><gx:coord>3 4 5</gx:coord></gx:Track></Placemark>`),
			"KML\n[] OGC:CRS84\n1  LINESTRING(1 2,3 4)\n2  POLYGON((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1))\n3  MULTIPOINT((1 2),(3 4))\n4  GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))\n5  LINESTRING(1 2,3 4)\n"},
		{"faults of rows", kml(`<Placemark><name>a</name><Point><coordinates>120, 30</coordinates></Point></Placemark><Placemark><Model/></Placemark><Placemark><Point><coordinates>NaN,1</coordinates></Point></Placemark><Placemark><name>b</name><Point><coordinates/></Point></Placemark>`),
			"KML\n[] OGC:CRS84 name\n1 ! line 1: feature 1: geometry: \"120,\" is no position: longitude,latitude without white space\n2 ! line 1: feature 2: geometry: has the kind \"Model\", which is not read\n3 ! line 1: feature 3: geometry: \"NaN,1\" is no position: longitude,latitude without white space\n4  null T:b\n"},
		{"links", kml(`<NetworkLink><Link><href>http://example.org/x.kml</href></Link></NetworkLink>`), "KML\nnote link  0\n[] OGC:CRS84\n"},
		{"without a namespace", `<kml><Placemark><name>a</name></Placemark></kml>`, "KML\n[] OGC:CRS84 name\n1  null T:a\n"},
		{"GBK", "<?xml version=\"1.0\" encoding=\"gb2312\"?><kml><Placemark><name>\xd0\xed\xb4\xe5</name></Placemark></kml>", "KML\n[] OGC:CRS84 name\n1  null T:许村\n"},
	} {
		if diff := cmp.Diff(test.want, read(t, "x.kml", []byte(test.text), Options{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestKMZ(t *testing.T) {
	doc := kml(`<Placemark><name>a</name></Placemark>`)
	for _, data := range [][]byte{zipped(t, "files/x.png", "x", "doc.kml", doc), zipped(t, "files/x.kml", kml(""), "a.kml", doc)} {
		if got := read(t, "x.kmz", data, Options{}); !strings.Contains(got, "[] OGC:CRS84 name\n1  null T:a\n") {
			t.Error(got)
		}
	}
	if _, err := openData(t, "x.kmz", zipped(t, "doc.kml", kml(strings.Repeat(" ", 5000))), Options{MaxUnpacked: 4000}); err == nil {
		t.Error("a document that is too large is read")
	}
}

// TestKMLOfOthers reads what we and GDAL write.
func TestKMLOfOthers(t *testing.T) {
	for name, data := range map[string][]byte{
		"ours, KML": byExport(t, sampleText, "kml", nil), "ours, KMZ": byExport(t, sampleText, "kmz", nil), "GDAL": byGDAL(t, sampleText, "x.kml", "-f", "LIBKML"),
	} {
		got := read(t, name, data, Options{})
		for _, want := range []string{"POINT(120.5 30.5)", "MULTIPOINT((120 30),(121 31))", "LINESTRING(120 30,121 31)", "POLYGON((120 30,124 30,124 34,120 34,120 30),(121 31,121 32,122 32,122 31,121 31))",
			"MULTIPOLYGON(((120 30,121 30,121 31,120 30)),((125 30,126 30,126 31,125 30)))", "许村", "N:62700", "名称", "家数"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, got)
			}
		}
		if n := strings.Count(got, "\n"); n < 8 {
			t.Errorf("%s has %d lines:\n%s", name, n, got)
		}
	}
}

func TestGPX(t *testing.T) {
	const text = `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><metadata><name>m</name></metadata>
<wpt lat="30.5" lon="120.5"><ele>12.5</ele><name>许村</name><link href="http://example.org"><text>t</text></link><extensions><ogr:家数 xmlns:ogr="x">62700</ogr:家数></extensions></wpt>
<wpt lat="x" lon="1"><name>b</name></wpt><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>`
	want := "GPX\nnote tracks  0\n[] OGC:CRS84 ele name link 家数\n1  POINT(120.5 30.5) N:12.5 T:许村 T:http://example.org T:62700\n2 ! line 3: feature 2: lat or lon is no number\n"
	if diff := cmp.Diff(want, read(t, "x.gpx", []byte(text), Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	byTool := byGDAL(t, `{"type":"Feature","geometry":{"type":"Point","coordinates":[120.5,30.5]},"properties":{"name":"许村","n":3}}`, "x.gpx", "-f", "GPX", "-dsco", "GPX_USE_EXTENSIONS=YES")
	want = "GPX\n[] OGC:CRS84 name n\n1  POINT(120.5 30.5) T:许村 T:3\n"
	if diff := cmp.Diff(want, read(t, "x.gpx", byTool, Options{})); diff != "" {
		t.Errorf("of GDAL (-want +got):\n%s", diff)
	}
}

func TestMarkupRefused(t *testing.T) {
	for _, test := range []struct{ text, reason string }{
		{`<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml><Placemark><name>&b;</name></Placemark></kml>`, "document type"},
		{`<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>`, "document type"},
		{`<kml><Placemark><name>&xxe;</name></Placemark></kml>`, "well-formed"},
		{`<kml><Placemark><name>a</Placemark></kml>`, "well-formed"},
		{`<kml><Placemark>`, "line 1"},
		{`<kml>` + strings.Repeat("<Folder>", 300), "too deep"},
		{`<?xml version="1.0" encoding="klingon"?><kml/>`, "not an encoding"},
		{`<gpx><wpt lat="1" lon="2"><name>`, "line 1"},
	} {
		_, err := openData(t, "x.kml", []byte(test.text), Options{})
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%.50s: %v, want an InvalidError with %q", test.text, err, test.reason)
		}
	}
}

func FuzzMarkup(f *testing.F) {
	f.Add(kml(`<Folder><name>f</name><Placemark id="p"><name>a</name><ExtendedData><Data name="n"><value>1</value></Data></ExtendedData><MultiGeometry><Point><coordinates>1,2</coordinates></Point></MultiGeometry></Placemark></Folder>`))
	f.Add(`<gpx><wpt lat="1" lon="2"><name>x</name><extensions><a><b>c</b></a></extensions></wpt></gpx>`)
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := openData(t, "f", []byte(text), Options{}); err == nil {
			readAll(t, file)
		}
	})
}

// BenchmarkLayers reads 20,000 features of each format.
func BenchmarkLayers(b *testing.B) {
	var features []string
	for i := range 20_000 {
		features = append(features, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d.%06d,30.123456]},"properties":{"name":"集群 %d","firms":%d,"share":0.%d,"industry":"electronics"}}`, i, 100+i%20, i, i, i*3, i))
	}
	text := `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
	for _, format := range []string{"geojson", "gpkg", "shp", "kml", "kmz"} {
		data := byExport(b, text, format, nil)
		b.Run(format, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := Open(b.Context(), Source{R: bytes.NewReader(data), Size: int64(len(data))}, Options{})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for row, err := range f.Sheets[0].Rows(b.Context()) {
					if err != nil || row.Fault != nil {
						b.Fatal(err, row.Fault)
					}
					n++
				}
				if err := f.Close(); n != 20_000 || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
