package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"clustermap/geo/crs"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
)

// pointsFile is a Shapefile of points with a column of places, and with no word on the
// system of its coordinates.
func pointsFile(t *testing.T, places []string, points []orb.Point) []byte {
	t.Helper()
	const width = 60
	shp := make([]byte, 100)
	binary.BigEndian.PutUint32(shp, 9994)
	shp[32] = 1
	dbf := make([]byte, 32, 65)
	dbf[0] = 3
	binary.LittleEndian.PutUint32(dbf[4:], uint32(len(points)))
	binary.LittleEndian.PutUint16(dbf[8:], 65)
	binary.LittleEndian.PutUint16(dbf[10:], 1+width)
	field := make([]byte, 32)
	copy(field, "地点")
	field[11], field[16] = 'C', width
	dbf = append(append(dbf, field...), '\r')
	for i, p := range points {
		shp = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(shp, uint32(i+1)), 10)
		shp = binary.LittleEndian.AppendUint32(shp, 1)
		for _, v := range p {
			shp = binary.LittleEndian.AppendUint64(shp, math.Float64bits(v))
		}
		dbf = append(dbf, " "+places[i]+strings.Repeat(" ", width-len(places[i]))...)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range map[string][]byte{"a.shp": shp, "a.dbf": dbf} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A Shapefile in metres that does not say of which zone: the places of its rows tell,
// and each row says that it is a guess. Without places nothing is put anywhere.
func TestGeometryInMetres(t *testing.T) {
	zone, _ := crs.Lookup("EPSG:4549")
	seats := map[string]orb.Point{"浙江省嘉兴市海宁市": {120.69, 30.53}, "江苏省苏州市吴江区": {120.64, 31.16}, "浙江省绍兴市柯桥区": {120.49, 30.08}, "浙江省金华市义乌市": {120.07, 29.31}, "江苏省无锡市江阴市": {120.26, 31.91}, "浙江省湖州市德清县": {119.97, 30.54}}
	for _, named := range []bool{true, false} {
		var places []string
		var points []orb.Point
		for i := range 24 {
			for name, seat := range seats {
				q, _ := zone.FromLonLat(orb.Point{seat[0] + 0.001*float64(i), seat[1]})
				points = append(points, orb.Point{q[1], q[0]})
				if !named {
					name = fmt.Sprintf("第%d处", len(points))
				}
				places = append(places, name)
			}
		}
		data := pointsFile(t, places, points)
		f, err := table.Open(context.Background(), table.Source{Name: "a.zip", R: bytes.NewReader(data), Size: int64(len(data))}, table.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m, notes, err := Plan(context.Background(), f, gazetteerOf(t))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Import(context.Background(), f, gazetteerOf(t), Options{Mapping: m, Name: "a.zip", Notes: notes}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, fate := range r.Report.Rows {
			guessed := strings.Contains(fmt.Sprint(fate.Texts("en")), "which is a guess")
			if seat, ok := seats[fate.Place]; named && (!ok || fate.Point == nil || math.Abs(fate.Point[0]-seat[0]) > 0.03 || math.Abs(fate.Point[1]-seat[1]) > 1e-6 || !guessed) {
				t.Fatalf("%s is %v at %v: %v, of %s", fate.Place, fate.Fate, fate.Point, fate.Texts("en"), m.CRS)
			}
			if !named && (fate.Fate == Placed || guessed) {
				t.Fatalf("without places, a row is %v at %v", fate.Fate, fate.Point)
			}
		}
	}
}
