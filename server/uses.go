package server

import (
	"strings"

	"clustermap/geo"
	"clustermap/geo/export"
)

// use is how a program that people have reads a collection.
type use struct {
	Title, How geo.Text
	Code       string // to be copied
}

// downloads are the features that a query selects, all of them where it is "", as
// a file in each format.
func (q *request) downloads(items, query string) []crumb {
	if query != "" {
		query += "&"
	}
	var all []crumb
	for _, f := range export.Formats() {
		if f.Name != "json" {
			all = append(all, crumb{f.Titles, q.in(f.Name, items, query+"download=true")})
		}
	}
	return all
}

// uses are the addresses and lines by which other programs read a collection.
func (q *request) uses(c *geo.Collection) []use {
	items := q.base + collectionPath(c.ID) + "/items"
	name := shellWord(c.ID)
	return []use{
		{geo.Text{EN: "QGIS"}, phrase("Layer > Add Layer > Add WFS / OGC API - Features Layer > New, with this URL"), q.base + "/"},
		{phrase("QGIS, as tiles"), phrase("Layer > Add Layer > Add Vector Tile Layer > New Generic Connection, with this URL"), q.base + collectionPath(c.ID) + "/xyz/{z}/{x}/{y}"},
		{geo.Text{EN: "ArcGIS Pro"}, phrase("Insert > Connections > Server > New OGC API Server, with this URL"), q.base + "/"},
		{geo.Text{EN: "GDAL"}, phrase("To a GeoPackage"),
			"ogr2ogr out.gpkg OAPIF:" + q.base + " " + name + " -oo PAGE_SIZE=1000"},
		{geo.Text{EN: "Excel"}, phrase("Data > From Web, with this URL; or download the workbook above"), items + "?f=csv"},
		{geo.Text{EN: "Python"}, phrase("With GeoPandas"),
			"import geopandas\n\nlayer = geopandas.read_file(\"" + items + "?f=geojson&download=true\")"},
		{geo.Text{EN: "MapLibre"}, phrase("A finished map, whatever the number of features: the style of the map, in Maputnik too"), q.base + "/styles/" + escapeID(c.ID)},
		{geo.Text{EN: "curl"}, phrase("The first ten features"), "curl '" + items + "?f=json&limit=10'"},
	}
}

// shellWord is a name as one word of a shell.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r >= 0x80
	}
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
