package server

import (
	"context"
	"encoding/xml"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
)

// Namespaces and schemas of the capabilities.
const (
	wmsNamespace   = "http://www.opengis.net/wms"
	xlinkNamespace = "http://www.w3.org/1999/xlink"
	wmsSchemas     = "http://www.opengis.net/wms http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd " +
		"http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/sld_capabilities.xsd"
)

// wmsCapabilities answers GetCapabilities. Other formats and versions than the one there
// is are answered with that, as 6.2.4 and 7.2.3.1 want.
func (s *Server) wmsCapabilities(w http.ResponseWriter, q *request, p *wmsParams) error {
	if _, given := p.get("service"); !given {
		return wmsInvalid("service", "MissingParameterValue", "is missing; it is WMS")
	}
	q.media = wmsXML
	q.speaks(w)
	query := "?"
	if language, _ := p.get("language"); language != "" { // the addresses keep it
		query = "?LANGUAGE=" + q.lang + "&"
	}
	k := keptResource{rev: q.state.Rev(), resource: wmsPath + query + "REQUEST=GetCapabilities", linked: true}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		address := q.base + wmsPath + query
		doc, err := s.wmsDescription(ctx, q, address)
		if err != nil {
			return nil, err
		}
		return &keptAnswer{body: wmsDocument(doc)}, nil
	})
}

type wmsDescription struct {
	XMLName   xml.Name `xml:"WMS_Capabilities"`
	Version   string   `xml:"version,attr"`
	Namespace string   `xml:"xmlns,attr"`
	Links     string   `xml:"xmlns:xlink,attr"`
	SLD       string   `xml:"xmlns:sld,attr"`
	Schema    string   `xml:"xmlns:xsi,attr"`
	Location  string   `xml:"xsi:schemaLocation,attr"`

	Service    wmsService
	Capability wmsCapability
}

type wmsService struct {
	Name              string
	Title             string
	Abstract          string
	Keywords          []string `xml:"KeywordList>Keyword"`
	OnlineResource    wmsLink
	Fees              string
	AccessConstraints string
	LayerLimit        int
	MaxWidth          int
	MaxHeight         int
}

// wmsLink is an address (xlink).
type wmsLink struct {
	Type string `xml:"xlink:type,attr"`
	Href string `xml:"xlink:href,attr"`
}

func wmsLinkTo(address string) wmsLink { return wmsLink{"simple", address} }

type wmsCapability struct {
	Request struct {
		GetCapabilities  wmsOperation
		GetMap           wmsOperation
		GetFeatureInfo   wmsOperation
		GetLegendGraphic wmsOperation `xml:"sld:GetLegendGraphic"`
	}
	Exceptions []string `xml:"Exception>Format"`
	Layer      wmsLayerDocument
}

type wmsOperation struct {
	Format         []string
	OnlineResource wmsLink `xml:"DCPType>HTTP>Get>OnlineResource"`
}

// wmsLayerDocument describes a layer. What it lacks it has from the layer around it.
type wmsLayerDocument struct {
	Queryable   int                `xml:"queryable,attr"`
	Opaque      int                `xml:"opaque,attr,omitempty"`
	Name        string             `xml:",omitempty"`
	Title       string             `xml:""`
	Abstract    string             `xml:",omitempty"`
	Keywords    *wmsKeywords       `xml:"KeywordList"`
	CRS         []string           `xml:",omitempty"`
	Geographic  *wmsGeographicBox  `xml:"EX_GeographicBoundingBox"`
	Boxes       []wmsBox           `xml:"BoundingBox"`
	Dimension   *wmsDimension      `xml:",omitempty"`
	Attribution *wmsAttribution    `xml:",omitempty"`
	DataURL     *wmsFormatLink     `xml:",omitempty"`
	Style       []wmsStyleDocument `xml:",omitempty"`
	Layer       []wmsLayerDocument `xml:",omitempty"`
}

type wmsKeywords struct{ Keyword []string }

type wmsGeographicBox struct {
	West  float64 `xml:"westBoundLongitude"`
	East  float64 `xml:"eastBoundLongitude"`
	South float64 `xml:"southBoundLatitude"`
	North float64 `xml:"northBoundLatitude"`
}

type wmsBox struct {
	CRS  string `xml:"CRS,attr"`
	MinX string `xml:"minx,attr"`
	MinY string `xml:"miny,attr"`
	MaxX string `xml:"maxx,attr"`
	MaxY string `xml:"maxy,attr"`
}

type wmsDimension struct {
	Name    string `xml:"name,attr"`
	Units   string `xml:"units,attr"`
	Default string `xml:"default,attr"`
	Nearest int    `xml:"nearestValue,attr"`
	Several int    `xml:"multipleValues,attr"`
	Extent  string `xml:",chardata"`
}

type wmsAttribution struct {
	Title          string
	OnlineResource wmsLink
}

type wmsFormatLink struct {
	Format         string
	OnlineResource wmsLink
}

type wmsStyleDocument struct {
	Name, Title string
	Legend      wmsLegendLink `xml:"LegendURL"`
}

type wmsLegendLink struct {
	Width          int `xml:"width,attr"`
	Height         int `xml:"height,attr"`
	Format         string
	OnlineResource wmsLink
}

// wmsDescription describes the service. address ends in ? or &, as clients want it.
func (s *Server) wmsDescription(ctx context.Context, q *request, address string) (*wmsDescription, error) {
	doc := &wmsDescription{
		Version: wmsVersion, Namespace: wmsNamespace, Links: xlinkNamespace, SLD: "http://www.opengis.net/sld",
		Schema: "http://www.w3.org/2001/XMLSchema-instance", Location: wmsSchemas,
		Service: wmsService{
			Name: "WMS", Title: s.cfg.Title, Abstract: s.cfg.Description, Keywords: []string{"clusters", "产业集群", "map"},
			OnlineResource: wmsLinkTo(q.base + "/"), Fees: "none", AccessConstraints: "none",
			LayerLimit: mostMapLayers, MaxWidth: mostPixels, MaxHeight: mostPixels,
		},
	}
	operation := func(formats ...string) wmsOperation { return wmsOperation{formats, wmsLinkTo(address)} }
	c := &doc.Capability
	c.Request.GetCapabilities = operation("text/xml")
	c.Request.GetMap = operation(kindsOf(wmsMedia())...)
	c.Request.GetFeatureInfo = operation(kindsOf(wmsInfoMedia())...)
	c.Request.GetLegendGraphic = operation(kindsOf(wmsMedia())...)
	c.Exceptions = []string{"XML", "INIMAGE", "BLANK"}
	root := &c.Layer
	root.Title = s.cfg.Title
	for _, system := range wmsSystems() {
		root.CRS = append(root.CRS, system.name)
	}
	root.Geographic, root.Boxes = wmsBoxes(everywhere)
	for _, l := range s.wmsLayers(q.state) {
		d, err := s.wmsLayerDescription(ctx, q, l, address)
		if err != nil {
			return nil, err
		}
		root.Layer = append(root.Layer, d)
	}
	return doc, nil
}

func kindsOf(all []media) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.kind)
	}
	return out
}

func (s *Server) wmsLayerDescription(ctx context.Context, q *request, l wmsLayer, address string) (wmsLayerDocument, error) {
	d := wmsLayerDocument{Name: l.name}
	switch c := l.collection; {
	case c != nil:
		d.Queryable = 1
		d.Title, d.Abstract = titleIn(c, q.lang), c.Description.In(q.lang)
		box := everywhere
		if e := c.Source.Extent(); !e.Empty && e.Box.Min[0] <= e.Box.Max[0] {
			box = padded(e.Box)
		}
		d.Geographic, d.Boxes = wmsBoxes(box)
		if extent, usual, ok := wmsTime(c); ok {
			d.Dimension = &wmsDimension{Name: "time", Units: "ISO8601", Default: usual, Extent: extent}
		}
		if text := c.Source.Schema().Attribution.In(q.lang); text != "" {
			d.Attribution = &wmsAttribution{text, wmsLinkTo(q.base + collectionPath(c.ID))}
		}
		d.DataURL = &wmsFormatLink{"application/geo+json", wmsLinkTo(q.in("json", collectionPath(c.ID)+"/items", ""))}
	case l.name == wmsGround:
		d.Opaque = 1
		d.Title = geo.Text{EN: "Base map", ZH: "底图"}.In(q.lang)
		d.Abstract = geo.Text{EN: "Land, coasts and borders, which are for orientation only.", ZH: "陆地、海岸和边界；边界仅供定位。"}.In(q.lang)
	default:
		d.Title = geo.Text{EN: "Concentrations", ZH: "集聚区"}.In(q.lang)
		if c, ok := q.state.Collection(regionsID); ok && !c.Source.Extent().Empty {
			d.Geographic, d.Boxes = wmsBoxes(padded(c.Source.Extent().Box))
		}
		d.Abstract = geo.Text{EN: "Outlines of the concentrations by their default definitions.", ZH: "各集聚区默认定义的轮廓。"}.In(q.lang)
	}
	for _, style := range l.styles() {
		own, err := s.wmsStyleDescription(ctx, q, l, style, address)
		if err != nil {
			return d, err
		}
		d.Style = append(d.Style, own)
	}
	return d, nil
}

func (s *Server) wmsStyleDescription(ctx context.Context, q *request, l wmsLayer, style wmsStyle, address string) (wmsStyleDocument, error) {
	d := wmsStyleDocument{Name: style.name, Title: wmsStyleTitle(style.name, q.lang)}
	query := "SERVICE=WMS&VERSION=" + wmsVersion + "&REQUEST=GetLegendGraphic&FORMAT=image/png&LAYER=" + url.QueryEscape(l.name) + "&STYLE=" + style.name
	m, own := &wmsPicture{}, &wmsParams{}
	if err := m.add(&wmsPicked{wmsLayer: l, wmsStyle: style}, q, own, wholeFrame(l), backgrounds{}); err != nil {
		return d, err
	}
	drawn, err := s.legendOf(ctx, q, m.parts[0])
	if err != nil {
		return d, err
	}
	width, height := draw.Raster{}.Size(drawn)
	d.Legend = wmsLegendLink{Width: width, Height: height, Format: "image/png", OnlineResource: wmsLinkTo(address + query)}
	return d, nil
}

// wmsStyleTitle is what a style is called.
func wmsStyleTitle(name, lang string) string {
	titles := map[string]geo.Text{
		"light": {EN: "Light", ZH: "浅色"}, "dark": {EN: "Dark", ZH: "深色"}, "print": {EN: "Print", ZH: "印刷"}, "presentation": {EN: "Presentation", ZH: "演示"},
		"groups": {EN: "groups", ZH: "聚合"}, "hex": {EN: "hexagons", ZH: "六边形"}, "territory": {EN: "provinces", ZH: "省份"},
	}
	look, view, viewed := strings.Cut(name, "-")
	switch {
	case !viewed:
		return titles[look].In(lang)
	case lang == "zh":
		return titles[look].ZH + "，" + titles[view].ZH
	}
	return titles[look].EN + ", " + titles[view].EN
}

// wmsBoxes are the box in each of the systems, in the order of its axes, rounded
// outwards.
func wmsBoxes(b orb.Bound) (*wmsGeographicBox, []wmsBox) {
	const step = 1e6
	b = orb.Bound{
		Min: orb.Point{max(-180, math.Floor(b.Min[0]*step)/step), max(-90, math.Floor(b.Min[1]*step)/step)},
		Max: orb.Point{min(180, math.Ceil(b.Max[0]*step)/step), min(90, math.Ceil(b.Max[1]*step)/step)},
	}
	geographic := &wmsGeographicBox{b.Min[0], b.Max[0], b.Min[1], b.Max[1]}
	var out []wmsBox
	for _, s := range wmsSystems() {
		own, ok := (&mapArea{crs.CRS84(), b}).clipped(s.crs)
		if !ok {
			continue
		}
		if !s.crs.Geographic() {
			own = orb.Bound{Min: orb.Point{math.Floor(own.Min[0]), math.Floor(own.Min[1])}, Max: orb.Point{math.Ceil(own.Max[0]), math.Ceil(own.Max[1])}}
		}
		n := [4]float64{own.Min[0], own.Min[1], own.Max[0], own.Max[1]}
		if s.crs.Swapped() {
			n = [4]float64{n[1], n[0], n[3], n[2]}
		}
		var t [4]string
		for i, v := range n {
			t[i] = strconv.FormatFloat(v, 'f', -1, 64)
		}
		out = append(out, wmsBox{s.name, t[0], t[1], t[2], t[3]})
	}
	return geographic, out
}

// territoryCut is the usual division of a collection in territories.
func territoryCut(c *geo.Collection) (string, error) {
	const usual = "division:province"
	_, err := geo.ParseGroupings(c.Source.Schema(), usual)
	return usual, err
}
