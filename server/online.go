package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
)

// Online is a base map that the page fetches from the server of somebody else, once a
// reader has chosen it and not before. This server fetches nothing of it.
type Online struct {
	Name        string // in addresses; as that of a Basemap
	Title       geo.Text
	Tiles       string   // address of a tile, with {z}, {x}, {y}, and where they are needed {s}, {layer} and {key}
	Subdomains  []string // for {s}
	Layers      []string // for {layer}, the lowest first
	Attribution geo.Text // that the terms of its publisher ask for
	Terms       string   // address of these terms
	Datum       Datum
	MinZoom     int
	MaxZoom     int
	KeyFrom     string // address at which a reader gets a key; "": none is needed
}

// Datum is what the positions of a base map are measured by.
type Datum string

// The data of base maps in use in China. CGCS2000 counts as WGS 84, from which it is
// some centimetres away.
const (
	WGS84 Datum = "wgs84"
	GCJ02 Datum = "gcj02" // moved by some hundred metres in mainland China, Hong Kong and Macao
)

// OnlinePresets are the base maps that a page may offer, in the order to show.
func OnlinePresets() []Online {
	tianditu := func(name string, title geo.Text, layers ...string) Online {
		return Online{
			Name: name, Title: title, Layers: layers, Subdomains: strings.Split("01234567", ""),
			Tiles: "https://t{s}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default" +
				"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}",
			Attribution: geo.Text{EN: "Tianditu, National Platform for Common Geospatial Information Services", ZH: "国家地理信息公共服务平台 天地图"},
			Terms:       "https://www.tianditu.gov.cn/about/contact.html", KeyFrom: "https://console.tianditu.gov.cn/",
			Datum: WGS84, MinZoom: 1, MaxZoom: 18,
		}
	}
	return []Online{
		{
			Name: "osm", Title: geo.Text{EN: "OpenStreetMap", ZH: "OpenStreetMap"}, Tiles: "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
			Attribution: geo.Text{EN: "© OpenStreetMap contributors", ZH: "© OpenStreetMap 贡献者"}, Terms: "https://www.openstreetmap.org/copyright",
			Datum: WGS84, MaxZoom: 19,
		},
		tianditu("tianditu", geo.Text{EN: "Tianditu, map", ZH: "天地图 矢量"}, "vec", "cva"),
		tianditu("tianditu-img", geo.Text{EN: "Tianditu, imagery", ZH: "天地图 影像"}, "img", "cia"),
		{
			Name: "amap", Title: geo.Text{EN: "Amap", ZH: "高德地图"}, Subdomains: strings.Split("1234", ""),
			Tiles:       "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}",
			Attribution: geo.Text{EN: "© AutoNavi (Amap)", ZH: "© 高德地图"}, Terms: "https://lbs.amap.com/pages/terms/",
			Datum: GCJ02, MinZoom: 3, MaxZoom: 18,
		},
	}
}

// Check tells why New would refuse the base map.
func (o Online) Check() error {
	if err := CheckBasemapName(o.Name); err != nil {
		return err
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(o.Tiles, part) {
			return fmt.Errorf("the address of a tile needs %s", part)
		}
	}
	if len(o.Subdomains) == 0 && strings.Contains(o.Tiles, "{s}") || len(o.Layers) == 0 && strings.Contains(o.Tiles, "{layer}") {
		return errors.New("the address of a tile has {s} or {layer}, of which there are none here")
	}
	for _, origin := range o.origins() {
		if !validOrigin(origin) {
			return errors.New("the address of a tile begins with http:// or https:// and a host")
		}
	}
	return nil
}

// origins are from where tiles come.
func (o Online) origins() (all []string) {
	scheme, rest, _ := strings.Cut(o.Tiles, "://")
	host, _, _ := strings.Cut(rest, "/")
	for _, s := range append(slices.Clone(o.Subdomains), "")[:max(1, len(o.Subdomains))] {
		origin := scheme + "://" + strings.ReplaceAll(host, "{s}", s)
		if !slices.Contains(all, origin) {
			all = append(all, origin)
		}
	}
	return all
}

func checkOnline(all []Online) error {
	var names []string
	for _, o := range all {
		if err := o.Check(); err != nil {
			return fmt.Errorf("server: online base map %q: %w", o.Name, err)
		}
		if slices.Contains(names, o.Name) {
			return fmt.Errorf("server: two online base maps are named %q", o.Name)
		}
		names = append(names, o.Name)
	}
	return nil
}

// withPictures is a content policy that also lets pages load the tiles of base maps.
func withPictures(policy string, all []Online) string {
	var origins []string
	for _, o := range all {
		for _, origin := range o.origins() {
			if !slices.Contains(origins, origin) {
				origins = append(origins, origin)
			}
		}
	}
	const pictures = "img-src 'self' data: blob:"
	return strings.Replace(policy, pictures, strings.Join(append([]string{pictures}, origins...), " "), 1)
}

// onlineDocument is an Online as the page reads it.
type onlineDocument struct {
	Name        string   `json:"name"`
	Title       geo.Text `json:"title"`
	Tiles       string   `json:"tiles"`
	Subdomains  []string `json:"subdomains"`
	Layers      []string `json:"layers"`
	Attribution geo.Text `json:"attribution"`
	Terms       string   `json:"terms,omitempty"`
	Datum       Datum    `json:"datum"`
	MinZoom     int      `json:"minzoom"`
	MaxZoom     int      `json:"maxzoom"`
	KeyFrom     string   `json:"keyFrom,omitempty"`
}

// onlineRev changes with what is offered.
func onlineRev(all []Online) string {
	var b strings.Builder
	for _, o := range all {
		b.WriteString(o.Name + "=" + o.Tiles + "\n")
	}
	return b.String()
}

func (s *Server) online() []onlineDocument {
	all := []onlineDocument{}
	for _, o := range s.cfg.Online {
		all = append(all, onlineDocument{o.Name, o.Title, o.Tiles, append([]string{}, o.Subdomains...), append([]string{}, o.Layers...),
			o.Attribution, o.Terms, o.Datum, o.MinZoom, o.MaxZoom, o.KeyFrom})
	}
	return all
}
