package crs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// systems is made once and never changed.
var systems = newTable()

// table holds every system that the package knows.
type table struct {
	all   []*CRS          // in the order to be advertised
	byKey map[string]*CRS // by Code, in upper case
}

const (
	ogcURI    = "http://www.opengis.net/def/crs/"
	offsetURI = "urn:clustermap:def:offset:"
	ownURI    = "urn:clustermap:def:crs:"

	wgs84Flattening    = 298.257223563
	cgcs2000Flattening = 298.257222101
)

func newTable() *table {
	t := &table{byKey: make(map[string]*CRS)}
	t.add(&CRS{uri: ogcURI + "OGC/1.3/CRS84", code: "OGC:CRS84", name: "WGS 84 longitude-latitude"})
	t.add(&CRS{uri: ogcURI + "OGC/0/CRS84h", code: "OGC:CRS84h", name: "WGS 84 longitude-latitude-height", kind: geographic3D})
	t.epsg(4326, &CRS{name: "WGS 84", swapped: true})
	t.epsg(4490, &CRS{name: "China Geodetic Coordinate System 2000", swapped: true})
	t.epsg(3857, &CRS{name: "WGS 84 / Pseudo-Mercator", kind: webMercator})
	gauss := func(code int, name string, meridian, east float64) {
		t.epsg(code, &CRS{name: "CGCS2000 / " + name, kind: transverse, swapped: true, tm: newTransverse(meridian, 1, east, cgcs2000Flattening)})
	}
	for i := range 21 {
		meridian, zone := 75+3*i, 25+i
		gauss(4513+i, fmt.Sprintf("3-degree Gauss-Kruger zone %d", zone), float64(meridian), float64(zone)*1e6+500e3)
		gauss(4534+i, fmt.Sprintf("3-degree Gauss-Kruger CM %dE", meridian), float64(meridian), 500e3)
	}
	for i := range 11 {
		meridian, zone := 75+6*i, 13+i
		gauss(4491+i, fmt.Sprintf("Gauss-Kruger zone %d", zone), float64(meridian), float64(zone)*1e6+500e3)
		gauss(4502+i, fmt.Sprintf("Gauss-Kruger CM %dE", meridian), float64(meridian), 500e3)
		t.epsg(32643+i, &CRS{name: fmt.Sprintf("WGS 84 / UTM zone %dN", 43+i), kind: transverse, tm: newTransverse(float64(meridian), 0.9996, 500e3, wgs84Flattening)})
	}
	slices.SortStableFunc(t.all[5:], func(a, b *CRS) int { return strings.Compare(a.code, b.code) })
	t.add(&CRS{uri: offsetURI + "GCJ-02", code: "GCJ-02", name: "GCJ-02, the offset of China's base maps; no CRS", kind: gcj02})
	t.add(&CRS{uri: offsetURI + "BD-09", code: "BD-09", name: "BD-09, the offset of Baidu's base maps; no CRS", kind: bd09})
	t.own(&CRS{code: "china-albers", name: "China Albers equal-area (25 N, 47 N, 105 E, WGS 84)", kind: conic, cone: newAlbers(105, 25, 47, 0, wgs84Flattening)})
	return t
}

// own adds a system of our own, for pictures alone: no authority knows it, and none is
// named in its identifier. It is found by that and not advertised.
func (t *table) own(c *CRS) {
	c.uri = ownURI + c.code
	t.byKey[strings.ToUpper(c.code)] = c
}

func (t *table) epsg(code int, c *CRS) {
	c.uri, c.code = ogcURI+"EPSG/0/"+strconv.Itoa(code), "EPSG:"+strconv.Itoa(code)
	t.add(c)
}

func (t *table) add(c *CRS) {
	t.all = append(t.all, c)
	t.byKey[strings.ToUpper(c.code)] = c
}

// All are the systems in the order to be advertised, CRS84 first. GCJ-02 and
// BD-09 come last; see CRS.Offset. ChinaAlbers is not among them.
func All() []*CRS { return slices.Clone(systems.all) }

// Lookup finds a system by its URI (http or https, or a URN of OGC), as a safe
// CURIE such as [EPSG:4490], or by its code such as EPSG:4490. Any version of an
// authority's register is taken as the current one.
//
// The form of a URI is exact; the case of authority and code does not matter.
func Lookup(uri string) (*CRS, bool) {
	c, ok := systems.byKey[strings.ToUpper(codeOf(uri))]
	return c, ok
}

// codeOf is authority and code of any form of identifier, "" of none.
func codeOf(uri string) string {
	if len(uri) > 200 {
		return ""
	}
	if inner, ok := strings.CutPrefix(uri, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok {
			return ""
		}
		return inner
	}
	if rest, ok := strings.CutPrefix(uri, offsetURI); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(uri, ownURI); ok {
		return rest
	}
	for _, prefix := range []string{"http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/"} {
		if rest, ok := strings.CutPrefix(uri, prefix); ok {
			return register(strings.Split(rest, "/"))
		}
	}
	if rest, ok := strings.CutPrefix(uri, "urn:ogc:def:crs:"); ok {
		return register(strings.Split(rest, ":"))
	}
	return uri
}

// register joins authority, version and code.
func register(parts []string) string {
	if len(parts) != 3 || strings.Trim(parts[1], "0123456789.") != "" {
		return ""
	}
	return parts[0] + ":" + parts[2]
}

func known(code string) *CRS { return systems.byKey[strings.ToUpper(code)] }

// CRS84 is longitude, latitude on WGS 84, the order of GeoJSON.
func CRS84() *CRS { return known("OGC:CRS84") }

// WebMercator is EPSG:3857.
func WebMercator() *CRS { return known("EPSG:3857") }

// CGCS2000 is EPSG:4490, latitude first.
func CGCS2000() *CRS { return known("EPSG:4490") }

// ChinaAlbers is the equal-area conic for maps of the whole of China: standard
// parallels 25 and 47 north, central meridian 105 east, northing 0 at the equator, on
// WGS 84. Its URI is our own.
func ChinaAlbers() *CRS { return known("china-albers") }

// GCJ02 is the offset GCJ-02.
func GCJ02() *CRS { return known("GCJ-02") }

// BD09 is the offset BD-09.
func BD09() *CRS { return known("BD-09") }
