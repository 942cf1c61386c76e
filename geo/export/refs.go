package export

import (
	"strconv"
	"strings"

	"clustermap/geo/crs"
)

// ref names the system of written coordinates to formats that order them x
// east, y north. code 0 is no system: GCJ-02 and BD-09 are offsets.
type ref struct {
	code int // EPSG
	name string
	wkt  string // of OGC 01-009
	esri string // for a .prj
}

func refOf(v *View) ref {
	c := v.CRS
	switch {
	case c == nil || c.Code() == "OGC:CRS84" || c.Code() == "OGC:CRS84h":
		c, _ = crs.Lookup("EPSG:4326")
	case c.Offset():
		return ref{name: c.Name()}
	}
	code, _ := strconv.Atoi(strings.TrimPrefix(c.Code(), "EPSG:"))
	return ref{code: code, name: c.Name(), wkt: c.WKT1(), esri: c.ESRI()}
}

func wgs84WKT() string {
	c, _ := crs.Lookup("EPSG:4326")
	return c.WKT1()
}
