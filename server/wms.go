package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"clustermap/geo/crs"
)

// wmsPath answers WMS 1.3.0 (OGC 06-042), and maps and features for the requests of
// 1.1.1, which Leaflet sends unless it is told otherwise.
const wmsPath = "/wms"

// wmsVersion is the version of the capabilities; clients that ask for another get this
// one, as 6.2.4 says.
const wmsVersion = "1.3.0"

// wms answers GET /wms. Parameters that WMS does not know are ignored, as 6.8.1 wants,
// but for those that would show something else than was asked for.
func (s *Server) wms(w http.ResponseWriter, q *request) error {
	p, err := parseWMS(q)
	if err == nil {
		err = s.wmsOperation(w, q, p)
	}
	if err == nil || q.Context().Err() != nil {
		return err
	}
	return s.wmsException(w, q, p, err)
}

func (s *Server) wmsOperation(w http.ResponseWriter, q *request, p *wmsParams) error {
	if service, given := p.get("service"); given && !strings.EqualFold(service, "WMS") {
		return wmsInvalid("service", "", "%s is not a service of this address; it is WMS", quoted(service))
	}
	name, _ := p.get("request")
	switch strings.ToLower(name) {
	case "getcapabilities":
		return s.wmsCapabilities(w, q, p)
	case "getmap":
		return s.wmsMap(w, q, p)
	case "getfeatureinfo":
		return s.wmsInfo(w, q, p)
	case "getlegendgraphic":
		return s.wmsLegend(w, q, p)
	case "":
		return wmsInvalid("request", "MissingParameterValue", "is missing; begin with %s%s?SERVICE=WMS&REQUEST=GetCapabilities", q.base, wmsPath)
	}
	return wmsInvalid("request", "OperationNotSupported", "there is no %s; there are GetCapabilities, GetMap, GetFeatureInfo and GetLegendGraphic", quoted(name))
}

// wmsParams are the parameters of a request, their names in lower case.
type wmsParams struct {
	params
	old bool // of 1.1.1: x before y in every system, other names
}

// parseWMS reads the query. It always returns parameters, for the exception.
func parseWMS(q *request) (*wmsParams, error) {
	p := &wmsParams{}
	all, err := parseParams(q.URL.RawQuery)
	if err != nil {
		return p, err
	}
	for i := range all {
		all[i].name = strings.ToLower(all[i].name)
	}
	slices.SortStableFunc(all, func(a, b param) int { return strings.Compare(a.name, b.name) })
	p.params = all
	for i := 1; i < len(all); i++ {
		if all[i].name == all[i-1].name {
			return p, wmsInvalid(printable(all[i].name), "", "given more than once")
		}
	}
	language, given := p.get("language")
	if q.lang, err = languageOf(q.Header["Accept-Language"], language, given && language != ""); err != nil {
		q.lang = "en"
		return p, wmsInvalid("language", "", "%s is not a language of this server; it has en and zh", quoted(language))
	}
	q.media = wmsXML
	return p, p.readVersion()
}

// readVersion tells requests of 1.1.1 from those of 1.3.0. Where none is named, SRS
// says it, which is called CRS in 1.3.0.
func (p *wmsParams) readVersion() error {
	_, srs := p.get("srs")
	_, both := p.get("crs")
	version, _ := p.get("version")
	request, _ := p.get("request")
	switch {
	case version == wmsVersion || strings.EqualFold(request, "GetCapabilities"):
	case version == "" || version == "1.3":
		p.old = version == "" && srs && !both
	case version == "1.1.1" || version == "1.1.0":
		p.old = true
	default:
		return wmsInvalid("version", "", "%s is not a version of this server; it has %s, and takes maps of 1.1.1", quoted(version), wmsVersion)
	}
	return nil
}

// need is the value of a parameter that must be given.
func (p *wmsParams) need(name string) (string, error) {
	if v, ok := p.get(name); ok && v != "" {
		return v, nil
	}
	return "", wmsInvalid(name, "MissingParameterValue", "is missing")
}

// list are the values of a parameter between commas; nil where it is missing or empty.
func (p *wmsParams) list(name string) []string {
	v, _ := p.get(name)
	if v == "" {
		return nil
	}
	return strings.Split(v, ",")
}

// number is a number that says how something is done best; without a sensible one it is
// the usual.
func (p *wmsParams) number(name string, usual float64) float64 {
	v, _ := p.get(name)
	if n, err := parsePositive(name, v); err == nil {
		return n
	}
	return usual
}

// wmsSystem is a system by its name in WMS.
type wmsSystem struct {
	name string
	crs  *crs.CRS
}

func wmsSystems() []wmsSystem {
	lonLat, _ := crs.Lookup("EPSG:4326")
	return []wmsSystem{{"CRS:84", crs.CRS84()}, {"EPSG:3857", crs.WebMercator()}, {"EPSG:4326", lonLat}, {"EPSG:4490", crs.CGCS2000()}}
}

func (p *wmsParams) system() (*crs.CRS, error) {
	param, code := "crs", "InvalidCRS"
	if p.old {
		param, code = "srs", "InvalidSRS"
	}
	name, given := p.get(param)
	if !given { // Leaflet and others mix them up
		name, given = p.get(map[bool]string{true: "crs", false: "srs"}[p.old])
	}
	if !given || name == "" {
		return nil, wmsInvalid(param, "MissingParameterValue", "is missing")
	}
	var names []string
	for _, s := range wmsSystems() {
		if strings.EqualFold(s.name, name) {
			return s.crs, nil
		}
		names = append(names, s.name)
	}
	hint := ""
	if web := []string{"EPSG:900913", "EPSG:3785", "EPSG:102100", "EPSG:102113"}; slices.Contains(web, strings.ToUpper(name)) {
		hint = "; Web Mercator is EPSG:3857"
	}
	return nil, wmsInvalid(param, code, "%s is not a system of this server; it has %s%s", quoted(name), strings.Join(names, ", "), hint)
}

// wmsMedia are the formats of maps. The first is the one that clients take who do not
// mind.
func wmsMedia() []media { return mapMedia()[:3] }

// parseWMSFormat reads a format of pictures.
func parseWMSFormat(name string, all []media) (media, error) {
	kind := strings.ToLower(strings.ReplaceAll(name, " ", ""))
	if kind == "image/png;mode=8bit" || kind == "image/png8" || kind == "image/png;mode=24bit" { // of QGIS and GeoServer
		kind = "image/png"
	}
	var kinds []string
	for _, m := range all {
		if m.kind == kind {
			return m, nil
		}
		kinds = append(kinds, m.kind)
	}
	return media{}, wmsInvalid("format", "InvalidFormat", "%s is not a format of this server; it has %s", quoted(name), strings.Join(kinds, ", "))
}

// dpi is the resolution that QGIS (DPI, MAP_RESOLUTION) or GeoServer (FORMAT_OPTIONS)
// ask for.
func (p *wmsParams) dpi() float64 {
	v := p.number("map_resolution", p.number("dpi", 0))
	options, _ := p.get("format_options")
	for option := range strings.SplitSeq(options, ";") {
		name, value, _ := strings.Cut(option, ":")
		if n, err := parsePositive("dpi", value); err == nil && strings.EqualFold(strings.TrimSpace(name), "dpi") {
			v = cmp.Or(v, n)
		}
	}
	return min(max(cmp.Or(v, screenDPI), leastDPI), mostDPI)
}
