package crs

import (
	"fmt"
	"strconv"
	"strings"
)

// base is the geographic system below a projected one, or the system itself.
func (c *CRS) base() *CRS {
	if strings.HasPrefix(c.name, "WGS 84") || c.kind == conic {
		return known("EPSG:4326")
	}
	return known("EPSG:4490")
}

func (c *CRS) number() string { return strings.TrimPrefix(c.code, "EPSG:") }

// WKT1 is the definition as well-known text of OGC 01-009, as GeoPackage and
// GDAL keep it: the coordinates beside it are x east, y north whatever the
// authority's order. The longitude, latitude systems of OGC are those of
// EPSG:4326. It is empty for an Offset.
func (c *CRS) WKT1() string {
	if c.Offset() {
		return ""
	}
	base := c.base()
	datum, ellipsoid := `"China_2000"`, `"CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]`
	register := "1043"
	if base.code == "EPSG:4326" {
		datum, ellipsoid, register = `"WGS_1984"`, `"WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]`, "6326"
	}
	gcs := fmt.Sprintf(`GEOGCS[%q,DATUM[%s,SPHEROID[%s],AUTHORITY["EPSG",%q]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],`+
		`UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG",%q]]`, base.name, datum, ellipsoid, register, base.number())
	axes := ""
	if !c.swapped {
		axes = `,AXIS["Easting",EAST],AXIS["Northing",NORTH]`
	}
	switch c.kind {
	case webMercator:
		const proj = "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"
		return fmt.Sprintf(`PROJCS[%q,%s,PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],`+
			`PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]]%s,EXTENSION["PROJ4",%q],AUTHORITY["EPSG",%q]]`,
			c.name, gcs, axes, proj, c.number())
	case transverse:
		return fmt.Sprintf(`PROJCS[%q,%s,PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",%s],`+
			`PARAMETER["scale_factor",%s],PARAMETER["false_easting",%s],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]]%s,AUTHORITY["EPSG",%q]]`,
			c.name, gcs, plain(c.tm.meridian), plain(c.tm.scale), plain(c.tm.east), axes, c.number())
	case conic:
		return fmt.Sprintf(`PROJCS[%q,%s,PROJECTION["Albers_Conic_Equal_Area"],PARAMETER["latitude_of_center",%s],PARAMETER["longitude_of_center",%s],`+
			`PARAMETER["standard_parallel_1",%s],PARAMETER["standard_parallel_2",%s],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]]%s]`,
			c.name, gcs, plain(c.cone.origin), plain(c.cone.meridian), plain(c.cone.south), plain(c.cone.north), axes)
	}
	return gcs
}

// ESRI is the definition as ESRI writes it in a .prj file. It is empty for an
// Offset.
func (c *CRS) ESRI() string {
	if c.Offset() {
		return ""
	}
	gcs := `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],`
	if c.base().code == "EPSG:4326" {
		gcs = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],`
	}
	gcs += `PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	switch c.kind {
	case webMercator:
		return `PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",` + gcs + `,PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],` +
			`PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]`
	case transverse:
		method := "Gauss_Kruger"
		if c.base().code == "EPSG:4326" {
			method = "Transverse_Mercator"
		}
		name := strings.NewReplacer("WGS 84", "WGS_1984", " / ", "_", "3-degree Gauss-Kruger ", "3_Degree_GK_", "Gauss-Kruger ", "GK_", "zone", "Zone", " ", "_").Replace(c.name)
		return fmt.Sprintf(`PROJCS[%q,%s,PROJECTION[%q],PARAMETER["False_Easting",%s],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",%s],`+
			`PARAMETER["Scale_Factor",%s],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`,
			name, gcs, method, pointed(c.tm.east), pointed(c.tm.meridian), pointed(c.tm.scale))
	case conic:
		return fmt.Sprintf(`PROJCS["China_Albers",%s,PROJECTION["Albers"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",%s],`+
			`PARAMETER["Standard_Parallel_1",%s],PARAMETER["Standard_Parallel_2",%s],PARAMETER["Latitude_Of_Origin",%s],UNIT["Meter",1.0]]`,
			gcs, pointed(c.cone.meridian), pointed(c.cone.south), pointed(c.cone.north), pointed(c.cone.origin))
	}
	return gcs
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// pointed is the number with a decimal point, as ESRI writes all of them.
func pointed(v float64) string {
	s := plain(v)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
