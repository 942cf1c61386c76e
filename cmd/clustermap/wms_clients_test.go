package main

import (
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A place of the atlas that stands alone enough: beijing-798-arts.
const (
	placeLon, placeLat = 116.43242, 39.91812
	placeX, placeY     = placeLon * 111319.490793, 4854975.6 // in Web Mercator
	placeFilter        = "name_en='798 art district (Beijing)'"
)

// inkIn is the middle of what is drawn on white, and how many pixels it has.
func inkIn(t *testing.T, file string) (middle image.Point, n int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var box image.Rectangle
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, g, b, a := img.At(x, y).RGBA(); a > 0x8000 && (r < 0xf000 || g < 0xf000 || b < 0xf000) {
				n++
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box.Min.Add(box.Max).Div(2), n
}

const owslibMaps = `
import json, sys
from owslib.wms import WebMapService
from owslib.util import ServiceException

address, lon, lat, directory = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
w = WebMapService(address, version='1.3.0')
around = dict(bbox=(lon - 2, lat - 2, lon + 2, lat + 2), size=(200, 200), format='image/png', layers=['clusters'])
seen = {'layers': {n: [w[n].queryable, sorted(w[n].styles), w[n].timepositions] for n in w.contents}, 'found': {}}
for srs in ('CRS:84', 'EPSG:4326', 'EPSG:4490'):
    picture = w.getmap(srs=srs, styles=['light'], transparent=False, cql_filter="` + placeFilter + `", **around)
    with open(directory + '/' + srs.replace(':', '') + '.png', 'wb') as f:
        f.write(picture.read())
    found = w.getfeatureinfo(srs=srs, query_layers=['clusters'], info_format='application/json', xy=(100, 100), **around)
    seen['found'][srs] = [f['id'] for f in json.loads(found.read())['features']]
try:
    w.getmap(srs='EPSG:4326', styles=[''], **{**around, 'layers': ['nope']})
except ServiceException as e:
    seen['refused'] = str(e)
json.dump(seen, sys.stdout)
`

// TestOWSLibTakesMaps reads the capabilities, takes pictures and asks what is at a place.
func TestOWSLibTakesMaps(t *testing.T) {
	dir := t.TempDir()
	out := client(t, "/usr/bin/python3", "-c", owslibMaps, start(t).url+"/wms", fmt.Sprint(placeLon), fmt.Sprint(placeLat), dir)
	var seen struct {
		Layers  map[string][3]any
		Found   map[string][]string
		Refused string
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if l, ok := seen.Layers["clusters"]; !ok || l[0] != 1.0 || l[2] == nil || len(seen.Layers) < 5 {
		t.Errorf("OWSLib sees the layers %v", seen.Layers)
	}
	for _, srs := range []string{"CRS:84", "EPSG:4326", "EPSG:4490"} {
		if at, n := inkIn(t, filepath.Join(dir, strings.ReplaceAll(srs, ":", "")+".png")); n < 30 || !at.Sub(image.Pt(100, 100)).Mul(2).In(image.Rect(-4, -4, 5, 5)) {
			t.Errorf("in %s %d pixels are drawn around %v, want 100,100", srs, n, at)
		}
		if f := seen.Found[srs]; len(f) == 0 || f[0] != "beijing-798-arts" {
			t.Errorf("in %s OWSLib finds %v", srs, f)
		}
	}
	if !strings.Contains(seen.Refused, "nope") {
		t.Errorf("the exception reads %q", seen.Refused)
	}
}

// TestGDALTakesMaps opens the service by its capabilities, and takes pictures of a place
// by WMS in each system, and by OGC API - Maps. Of that GDAL 3.6 takes maps where it is
// told to (API=MAP); left to itself it looks for tiles and refuses the names of the
// tile matrix sets.
func TestGDALTakesMaps(t *testing.T) {
	address := start(t).url
	t.Setenv("GDAL_DEFAULT_WMS_CACHE_PATH", t.TempDir()) // else it keeps tiles in the working directory and may answer with old ones
	listed := string(client(t, "gdalinfo", "WMS:"+address+"/wms?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetCapabilities"))
	for _, layer := range []string{"base-map", "concentrations", "clusters", "divisions"} {
		if !strings.Contains(listed, "LAYERS="+layer+"&") {
			t.Errorf("GDAL does not list %s:\n%s", layer, listed)
		}
	}
	for _, test := range []struct {
		system, order string
		half, x, y    float64
	}{
		{"CRS:84", "xyXY", 2, placeLon, placeLat},
		{"EPSG:4326", "yxYX", 2, placeLon, placeLat},
		{"EPSG:4490", "yxYX", 2, placeLon, placeLat},
		{"EPSG:3857", "xyXY", 2e5, placeX, placeY},
	} {
		source := fmt.Sprintf(`<GDAL_WMS><Service name="WMS"><Version>1.3.0</Version><ServerUrl>%s/wms?cql_filter=%s</ServerUrl><CRS>%s</CRS><BBoxOrder>%s</BBoxOrder>`+
			`<ImageFormat>image/png</ImageFormat><Layers>clusters</Layers><Styles></Styles></Service><DataWindow><UpperLeftX>%f</UpperLeftX><UpperLeftY>%f</UpperLeftY>`+
			`<LowerRightX>%f</LowerRightX><LowerRightY>%f</LowerRightY><SizeX>200</SizeX><SizeY>200</SizeY></DataWindow><BandsCount>3</BandsCount></GDAL_WMS>`,
			address, strings.ReplaceAll(strings.ReplaceAll(placeFilter, " ", "%20"), "'", "%27"), test.system, test.order, test.x-test.half, test.y+test.half, test.x+test.half, test.y-test.half)
		file := filepath.Join(t.TempDir(), "map.png")
		client(t, "gdal_translate", "-q", "-of", "PNG", source, file)
		if at, n := inkIn(t, file); n < 30 || !at.Sub(image.Pt(100, 100)).Mul(2).In(image.Rect(-4, -4, 5, 5)) {
			t.Errorf("GDAL draws %d pixels around %v in %s, want 100,100", n, at, test.system)
		}
	}
	file := filepath.Join(t.TempDir(), "map.png")
	client(t, "gdal_translate", "-q", "-of", "PNG", "-oo", "API=MAP", "-outsize", "200", "200",
		"-projwin", fmt.Sprint(placeLon-1), fmt.Sprint(placeLat+0.7), fmt.Sprint(placeLon+1), fmt.Sprint(placeLat-1.3),
		"OGCAPI:"+address+"/collections/clusters", file)
	if _, n := inkIn(t, file); n < 30 {
		t.Errorf("by OGC API - Maps GDAL draws %d pixels", n)
	}
}

// TestQGISTakesMaps adds the service as a layer in each system, draws it, takes its legend
// and asks what is at a place.
func TestQGISTakesMaps(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	out := client(t, "/usr/bin/python3", filepath.Join("testdata", "qgis", "wms.py"), start(t).url+"/wms", fmt.Sprint(placeLon), fmt.Sprint(placeLat), t.TempDir())
	var all map[string]struct {
		Valid         bool
		Error, CRS    string
		Inked, Near   int
		Errors        []string
		Text, Nothing string
		Legend        [2]int
	}
	if err := json.Unmarshal(out[strings.LastIndexByte(strings.TrimSpace(string(out)), '\n')+1:], &all); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	for _, system := range []string{"CRS:84", "EPSG:3857", "EPSG:4326", "EPSG:4490"} {
		l := all[system]
		if !l.Valid || len(l.Errors) > 0 {
			t.Fatalf("QGIS refuses the layer in %s: %s %v", system, l.Error, l.Errors)
		}
		if l.Near < 50 {
			t.Errorf("in %s QGIS draws %d pixels at the place, %d in all", system, l.Near, l.Inked)
		}
		if !strings.Contains(l.Text, "798 art district") || strings.Contains(l.Nothing, "798") || !strings.Contains(l.Nothing, "0 features") {
			t.Errorf("in %s QGIS finds %q at the place and %q where nothing is", system, l.Text, l.Nothing)
		}
		if l.Legend[0] < 100 || l.Legend[1] < 100 {
			t.Errorf("in %s the legend has %v", system, l.Legend)
		}
	}
}
