package table

import (
	"math"
	"strings"
	"testing"

	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// Every system that is known is known again by both of its definitions, also without
// its code.
func TestSystems(t *testing.T) {
	for _, c := range crs.All() {
		if c.Offset() {
			continue
		}
		for _, wkt := range []string{c.WKT1(), c.ESRI(), strings.ReplaceAll(c.WKT1(), "AUTHORITY", "NOTHING")} {
			s := systemOf(wkt)
			if s.crs == nil || s.near {
				t.Errorf("%s is read as %v: %s", c.Code(), s, wkt)
				continue
			}
			b := c.Bounds() // systems that differ in their names alone are one
			p := orb.Point{b.Min[0] + 1, 30}
			got, ok := s.crs.FromLonLat(p)
			want, _ := c.FromLonLat(p)
			if s.crs.Swapped() != c.Swapped() {
				got[0], got[1] = got[1], got[0]
			}
			if !ok || math.Abs(got[0]-want[0]) > 1e-3 || math.Abs(got[1]-want[1]) > 1e-3 {
				t.Errorf("%s is read as %s: %v is %v, want %v", c.Code(), s.crs.Code(), p, got, want)
			}
		}
	}
}

func TestOtherSystems(t *testing.T) {
	const wgs = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]]`
	for _, test := range []struct {
		name, wkt, code string
		near            bool
	}{
		{"none", "", "", false},
		{"no text of its kind", "hello", "", false},
		{"Beijing 1954", `GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, "EPSG:4490", true},
		{"a zone of 1980 with its number", `PROJCS["Xian_1980_3_Degree_GK_Zone_39",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",39500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`, "EPSG:4527", true},
		{"a projection that is not known", `PROJCS["Lambert",` + wgs + `,PROJECTION["Lambert_Conformal_Conic"],PARAMETER["Central_Meridian",105],UNIT["Meter",1.0]]`, "", false},
		{"in feet", `PROJCS["WGS_1984_UTM_Zone_50N",` + wgs + `,PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000],PARAMETER["Central_Meridian",117],PARAMETER["Scale_Factor",0.9996],UNIT["Foot",0.3048]]`, "", false},
		{"another zero", `GEOGCS["Paris",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Paris",2.33],UNIT["degree",0.0174532925199433]]`, "", false},
		{"UTM", `PROJCS["WGS_1984_UTM_Zone_50N",` + wgs + `,PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000],PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",117],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1.0]]`, "EPSG:32650", false},
		{"deep", strings.Repeat("A[", 100_000), "", false},
	} {
		s := systemOf(test.wkt)
		code := ""
		if s.crs != nil {
			code = s.crs.Code()
		}
		if code != test.code || s.near != test.near || s.unknown() != (test.code == "" && test.wkt != "") {
			t.Errorf("%s: %q, near %v, unknown %v", test.name, code, s.near, s.unknown())
		}
	}
}

func FuzzSystem(f *testing.F) {
	f.Add(crs.WebMercator().WKT1())
	f.Add(crs.CGCS2000().ESRI())
	f.Fuzz(func(t *testing.T, wkt string) {
		if s := systemOf(wkt); s.near && s.crs == nil {
			t.Fatal("near to none")
		}
	})
}
