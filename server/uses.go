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

// downloads are the whole of a collection in each format.
func (q *request) downloads(items string) []crumb {
	var all []crumb
	for _, f := range export.Formats() {
		if f.Name != "json" {
			all = append(all, crumb{f.Titles, address(q.base, items, "f="+f.Name+"&download=true")})
		}
	}
	return all
}

// uses are the addresses and lines by which other programs read a collection.
func (q *request) uses(c *geo.Collection) []use {
	items := q.base + collectionPath(c.ID) + "/items"
	name := shellWord(c.ID)
	return []use{
		{geo.Text{EN: "QGIS"}, geo.Text{EN: "Layer > Add Layer > Add WFS / OGC API - Features Layer > New, with this URL",
			ZH: "图层 > 添加图层 > 添加 WFS / OGC API - Features 图层 > 新建，填入此地址"}, q.base + "/"},
		{geo.Text{EN: "ArcGIS Pro"}, geo.Text{EN: "Insert > Connections > Server > New OGC API Server, with this URL",
			ZH: "插入 > 连接 > 服务器 > 新建 OGC API 服务器，填入此地址"}, q.base + "/"},
		{geo.Text{EN: "GDAL"}, geo.Text{EN: "To a GeoPackage", ZH: "转为 GeoPackage"},
			"ogr2ogr out.gpkg OAPIF:" + q.base + " " + name + " -oo PAGE_SIZE=1000"},
		{geo.Text{EN: "Excel"}, geo.Text{EN: "Data > From Web, with this URL; or download the workbook above",
			ZH: "数据 > 自网站，填入此地址；或下载上面的工作簿"}, items + "?f=csv"},
		{geo.Text{EN: "Python"}, geo.Text{EN: "With GeoPandas", ZH: "用 GeoPandas"},
			"import geopandas\n\nlayer = geopandas.read_file(\"" + items + "?f=geojson&download=true\")"},
		{geo.Text{EN: "MapLibre"}, geo.Text{EN: "As a source of a map", ZH: "作为地图数据源"},
			"map.addSource(\"layer\", { type: \"geojson\", data: \"" + items + "?f=geojson&download=true\" })"},
		{geo.Text{EN: "curl"}, geo.Text{EN: "The first ten features", ZH: "前十条"}, "curl '" + items + "?f=json&limit=10'"},
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
