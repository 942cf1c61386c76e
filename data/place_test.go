package data_test

import (
	stdcmp "cmp"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"clustermap/data"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"
)

// regions lists every definition that holds the division of a cluster.
func TestRegionsOfClusters(t *testing.T) {
	want := map[string]string{
		"yiwu-small-commodities": "yrd22 yrd25 yrd26 yrd27 yrd41",
		"wenzhou-leather-shoes":  "yrd25 yrd27 yrd41",
		"shenzhen-watches":       "gba11 prd9",
		"tangshan-ceramics":      "bohai5 bohai7 bohai_coastal",
		"qingdao-appliances":     "bohai5 bohai7 bohai_coastal",
		"beijing-798-arts":       "bohai5 bohai7",
		"jingdezhen-ceramics":    "",
		"taiwan-moulds":          "",
	}
	for _, f := range collection[record](t, "clusters") {
		if ids, ok := want[f.id]; ok && strings.Join(f.props.Regions, " ") != ids {
			t.Errorf("%s lies in %q, want %q", f.id, f.props.Regions, ids)
		}
		delete(want, f.id)
	}
	for id := range want {
		t.Errorf("no cluster %s", id)
	}
}

func TestRegionDefinitions(t *testing.T) {
	type row struct {
		ID, Region string
		Default    bool
		Year       int
		Adcodes    []string
	}
	var want, got []row
	for _, line := range lines(t, "testdata/regions.txt") {
		head, codes, _ := strings.Cut(line, ": ")
		h := strings.Fields(head)
		year, err := strconv.Atoi(h[3])
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, row{h[0], h[1], h[2] == "true", year, strings.Fields(codes)})
	}
	for _, f := range collection[definition](t, "regions") {
		p := f.props
		got = append(got, row{f.id, p.Region, p.Default, p.Year, p.Adcodes})
		var units []string
		for _, u := range p.Units {
			units = append(units, u.Adcode)
		}
		if diff := cmp.Diff(p.Adcodes, units); diff != "" {
			t.Errorf("%s: adcodes and units differ: -adcodes +units\n%s", f.id, diff)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A point says where it comes from; the class of the gazetteer decides its
// precision.
func TestPrecision(t *testing.T) {
	classes := map[string]string{
		"prefecture_seat": "prefecture_seat", "municipality_seat": "prefecture_seat",
		"county_seat": "county_seat", "county_point": "county_seat", "town_seat": "town_seat",
		"host_district_seat": "host_seat", "market_host_district": "host_seat", "host_district_polygon_point": "host_seat",
		"village_in_town": "approximate", "place_in_town": "approximate", "county_seat_fallback": "approximate",
		"county_polygon_point": "approximate", "province_polygon": "approximate",
	}
	for _, name := range []string{"clusters", "claims"} {
		for _, f := range collection[record](t, name) {
			p := f.props
			if (f.geometry == nil) != (p.Point == nil) || (p.Point == nil) != (p.Precision == "") {
				t.Errorf("%s: geometry, point and precision do not go together", f.id)
			}
			if p.Point == nil {
				continue
			}
			if want := classes[p.Point.PrecisionSource]; want != p.Precision {
				t.Errorf("%s: precision %q of %q, want %q", f.id, p.Precision, p.Point.PrecisionSource, want)
			}
			if p.Point.Gazetteer == "" || p.Point.RecordID == "" || p.Point.RecordName == "" {
				t.Errorf("%s: the point lacks gazetteer or record", f.id)
			}
			if strings.Contains(p.Point.Gazetteer, "GeoNames") && p.Point.Licence != "CC BY 4.0" {
				t.Errorf("%s: a point of GeoNames has the licence %q", f.id, p.Point.Licence)
			}
		}
	}
}

// A code table is a file of codes: code, name, level.
func codeTable(t *testing.T, year string) map[string]string {
	t.Helper()
	f, err := data.Files().Open("codes/" + year + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"code", "name", "level"}, rows[0]); diff != "" {
		t.Fatalf("codes/%s.csv: -want +got\n%s", year, diff)
	}
	names := make(map[string]string)
	for _, row := range rows[1:] {
		names[row[0]] = row[1]
	}
	return names
}

// Every code stands in the table of its year, under the name that the record has.
func TestCodes(t *testing.T) {
	then, now := codeTable(t, "2006"), codeTable(t, "2023")
	check := func(id string, table map[string]string, code, name string) {
		if got, ok := table[code]; !ok || name != "" && got != name {
			t.Errorf("%s: the code %q is %q in the table, want %q", id, code, got, name)
		}
	}
	for _, f := range collection[record](t, "clusters") {
		p := f.props
		check(f.id, now, p.Adcode, p.DivisionZH)
		check(f.id, then, p.Adcode2007, stdcmp.Or(p.Division2007ZH, p.DivisionZH))
		if p.Division2007ZH == p.DivisionZH || p.Division2007ZH == "" && p.Adcode != p.Adcode2007 {
			t.Errorf("%s: division_2007_zh is %q, and the codes are %s and %s", f.id, p.Division2007ZH, p.Adcode2007, p.Adcode)
		}
		if (p.Division2007ZH == "") != (p.Division2007EN == "") {
			t.Errorf("%s: division_2007_zh is %q, division_2007_en %q", f.id, p.Division2007ZH, p.Division2007EN)
		}
		check(f.id, now, p.Adcode[:2]+"0000", p.ProvinceZH)
		prefecture := p.Adcode[:4] + "00"
		if now[prefecture] == "市辖区" { // the districts of a municipality
			prefecture = p.Adcode[:2] + "0000"
		}
		if p.Level != "province" {
			check(f.id, now, prefecture, p.PrefectureZH)
		}
	}
	for _, f := range collection[record](t, "claims") {
		p := f.props
		if (p.Adcode == "") != (p.Adcode2007 == "") {
			t.Errorf("%s: one of adcode and adcode_2007 is missing", f.id)
		}
		if p.Adcode != "" {
			check(f.id, now, p.Adcode, "")
			check(f.id, then, p.Adcode2007, "")
		}
		for _, code := range p.ProvinceAdcodes {
			check(f.id, now, code, "")
			check(f.id, then, code, now[code])
		}
	}
	for _, f := range collection[definition](t, "regions") {
		for _, u := range f.props.Units {
			check(f.id, now, u.Adcode, u.NameZH)
		}
	}
}

// division is a division of China with an outline.
type division struct {
	Level   string
	NameZH  string  `json:"name_zh"`
	NameEN  string  `json:"name_en"`
	SeatLon float64 `json:"seat_lon"`
	SeatLat float64 `json:"seat_lat"`
}

// Every province and prefecture of the code table has an outline and both names.
func TestDivisions(t *testing.T) {
	now := codeTable(t, "2023")
	levels := make(map[string]int)
	for _, f := range collection[division](t, "divisions") {
		levels[f.props.Level]++
		if f.props.NameZH == "" || f.props.NameZH != now[f.id] || f.props.NameEN == "" {
			t.Errorf("%s: names %q and %q, in the code table %q", f.id, f.props.NameZH, f.props.NameEN, now[f.id])
		}
		delete(now, f.id)
	}
	for code, name := range now {
		heading := name == "市辖区" || name == "县" || strings.Contains(name, "直辖县级")
		if strings.HasSuffix(code, "00") && !heading {
			t.Errorf("%s %s has no outline", code, name)
		}
	}
	if levels["province"] != 34 || levels["prefecture"] != 333 {
		t.Errorf("%d provinces and %d prefectures, want 34 and 333", levels["province"], levels["prefecture"])
	}
}

// The outlines of divisions are simplified: a place on the coast may lie outside
// by as much.
const outlineTolerance = 0.02 // degrees

// within tells whether p lies in the outline or no farther from it than tolerance,
// in degrees.
func within(g orb.Geometry, p orb.Point, tolerance float64) bool {
	in := false
	switch g := g.(type) {
	case orb.Polygon:
		in = planar.PolygonContains(g, p)
	case orb.MultiPolygon:
		in = planar.MultiPolygonContains(g, p)
	}
	return in || tolerance > 0 && planar.DistanceFrom(g, p) <= tolerance
}

// A point lies in the province and the prefecture that the record names, in no
// other province, and not far from the seat of the prefecture (of the municipality,
// where it has none).
func TestPoints(t *testing.T) {
	limits := map[string]float64{ // metres, by precision
		"prefecture_seat": 5e3, "host_seat": 60e3, "approximate": 60e3, "county_seat": 90e3, "town_seat": 60e3,
	}
	divisions := make(map[string]feature[division])
	for _, f := range collection[division](t, "divisions") {
		divisions[f.id] = f
	}
	for _, f := range collection[record](t, "clusters") {
		if f.props.Level == "province" {
			continue
		}
		p, ok := f.geometry.(orb.Point)
		if !ok {
			t.Errorf("%s: the geometry is %T, want a point", f.id, f.geometry)
			continue
		}
		province := f.props.Adcode[:2] + "0000"
		unit, ok := divisions[f.props.Adcode[:4]+"00"]
		if !ok {
			unit = divisions[province]
		}
		for _, d := range divisions {
			in := d.id == province || d.id == unit.id
			if in && !within(d.geometry, p, outlineTolerance) {
				t.Errorf("%s lies outside %s", f.id, d.id)
			}
			if !in && d.props.Level == "province" && within(d.geometry, p, 0) {
				t.Errorf("%s lies in the province %s", f.id, d.id)
			}
		}
		seat := orb.Point{unit.props.SeatLon, unit.props.SeatLat}
		if d := orbgeo.Distance(p, seat); d > limits[f.props.Precision] {
			t.Errorf("%s (%s) lies %.1f km from the seat of %s, at most %.0f are right",
				f.id, f.props.Precision, d/1e3, unit.id, limits[f.props.Precision]/1e3)
		}
	}
}

// The cluster that is a whole province stands at a point well inside its outline.
func TestPointOfProvince(t *testing.T) {
	var outline orb.Geometry
	for _, f := range collection[division](t, "divisions") {
		if f.id == "710000" {
			outline = f.geometry
		}
	}
	provinces := 0
	for _, f := range collection[record](t, "clusters") {
		if f.props.Level != "province" {
			continue
		}
		provinces++
		p, ok := f.geometry.(orb.Point)
		if !ok || f.props.Adcode != "710000" || f.props.Precision != "approximate" {
			t.Errorf("%s: %v, code %s, precision %s", f.id, f.geometry, f.props.Adcode, f.props.Precision)
			continue
		}
		centre, _ := planar.CentroidArea(outline)
		const inside, off = 0.3, 20e3 // degrees from the outline, metres from its centroid
		if !within(outline, p, 0) || planar.DistanceFrom(outline, p) < inside || orbgeo.Distance(p, centre) > off {
			t.Errorf("%s: %v does not stand for its outline; the centroid is %v", f.id, p, centre)
		}
	}
	if provinces != 1 {
		t.Errorf("%d clusters of level province, want 1", provinces)
	}
}
