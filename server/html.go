package server

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/export"
)

//go:embed templates
var templates embed.FS

// pages are the templates of the HTML pages in each language and their style
// sheet.
type pages struct {
	in    map[string]*template.Template
	style []byte
	hash  string // of all of them
}

func newPages() (*pages, error) {
	in := map[string]*template.Template{}
	for _, lang := range []string{"en", "zh"} {
		t, err := template.New("").Funcs(speaker(lang).functions()).ParseFS(templates, "templates/*.html")
		if err != nil {
			return nil, err
		}
		in[lang] = t
	}
	style, err := fs.ReadFile(templates, "templates/html.css")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "templates/*")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, name := range names {
		b, err := fs.ReadFile(templates, name)
		if err != nil {
			return nil, err
		}
		sum.Write(b)
	}
	return &pages{in, style, hex.EncodeToString(sum.Sum(nil))}, nil
}

// render makes a page that is the same for all.
func (p *pages) render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := p.in["en"].ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

// sendPage answers with a page made of a template, in the language of the
// request.
func (s *Server) sendPage(w http.ResponseWriter, q *request, t tag, name string, data any) error {
	q.speaks(w)
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	if err := s.pages.in[q.lang].ExecuteTemplate(buf, name, data); err != nil {
		return err
	}
	s.send(w, q, t, buf.Bytes())
	return nil
}

// view is what every page shows around its subject.
type view struct {
	Site, Version string
	Title         string
	Base          string  // before all addresses
	JSON          string  // this document for programs
	Crumbs        []crumb // from the landing page to the page above this one
	Head          []link
	Icon          bool // the front end has one
	Explorer      bool // the front end has one
	Sections      []crumb
	Other         crumb  // this page in the other language
	OtherLang     string // which that is
}

type crumb struct {
	Title geo.Text
	Href  string
}

func (s *Server) view(q *request, title string, links []link, above ...crumb) view {
	v := view{Site: s.cfg.Title, Version: s.cfg.Version, Title: title, Base: q.base, Crumbs: above,
		Icon: s.files.web["icon.svg"] != nil, Explorer: s.files.web["explorer.html"] != nil}
	for _, l := range links {
		if l.Rel == "alternate" {
			v.JSON = l.Href
		}
		if l.Rel == "alternate" || l.Rel == "next" || l.Rel == "collection" {
			v.Head = append(v.Head, l)
		}
	}
	v.Sections = []crumb{
		{phrase("Overview"), q.in("html", "/", "")}, {phrase("Collections"), q.in("html", "/collections", "")},
		{phrase("API"), q.in("html", "/api", "")}, {phrase("Map"), q.base + "/"},
	}
	v.Other, v.OtherLang = crumb{geo.Text{EN: "中文"}, q.translated("zh")}, "zh"
	if q.lang == "zh" {
		v.Other, v.OtherLang = crumb{geo.Text{EN: "English"}, q.translated("en")}, "en"
	}
	return v
}

// translated is the address of the page of this request in a language. Its
// parameters stay as they came.
func (q *request) translated(lang string) string {
	query := "lang=" + lang
	if !q.explicit {
		query = "f=html&" + query
	}
	for part := range strings.SplitSeq(q.URL.RawQuery, "&") {
		if name, _, _ := strings.Cut(part, "="); part != "" && name != "lang" {
			query += "&" + part
		}
	}
	return address(q.base, q.URL.EscapedPath(), query)
}

func (q *request) crumbs(c *geo.Collection, more ...crumb) []crumb {
	all := []crumb{{phrase("Overview"), q.in("html", "/", "")}, {phrase("Collections"), q.in("html", "/collections", "")}}
	if c != nil {
		all = append(all, crumb{nameOf(c), q.in("html", collectionPath(c.ID), "")})
	}
	return append(all, more...)
}

func nameOf(c *geo.Collection) geo.Text {
	return geo.Text{EN: titleOf(c), ZH: c.Title.ZH}
}

type landingView struct {
	view
	Landing     landingDocument
	Collections []summary
}

type conformanceView struct {
	view
	Conformance conformanceDocument
}

type collectionsView struct {
	view
	Collections []summary
}

// summary is a collection in a list.
type summary struct {
	ID                 string
	Title, Description geo.Text
	Features           int
	Href, Items        string
}

func summarize(q *request, c *geo.Collection) summary {
	return summary{
		ID: c.ID, Title: nameOf(c), Description: c.Description, Features: c.Source.Schema().Features,
		Href: q.in("html", collectionPath(c.ID), ""), Items: q.in("html", collectionPath(c.ID)+"/items", ""),
	}
}

func summaries(q *request) []summary {
	var all []summary
	for _, c := range q.state.Collections() {
		all = append(all, summarize(q, c))
	}
	return all
}

type collectionView struct {
	view
	Collection summary
	Document   collectionDocument
	Box        string
	From, To   string
	Geometry   string
	Properties []geo.Property
	Documents  []crumb
	Systems    []system
	Map        *picture
	Downloads  []crumb
	Uses       []use
	About      *geo.About
	Tallies    []tally
}

// system is a coordinate reference system in which a collection can be had.
type system struct{ Code, Name, URI string }

func (s *Server) collectionView(q *request, c *geo.Collection, doc collectionDocument) collectionView {
	path := collectionPath(c.ID)
	schema := c.Source.Schema()
	v := collectionView{
		view: s.view(q, titleIn(c, q.lang), doc.Links, q.crumbs(nil)...), Collection: summarize(q, c), Document: doc,
		Geometry: strings.Join(schema.Geometry, ", "), Properties: schema.Properties,
		Downloads: q.downloads(path+"/items", ""), Uses: q.uses(c),
		About: aboutOf(schema), Tallies: q.tallies(c),
	}
	v.Documents = []crumb{
		{phrase("Schema"), q.in("html", path+"/schema", "")},
		{phrase("Queryables"), q.in("html", path+"/queryables", "")},
		{phrase("Sortables"), q.in("html", path+"/sortables", "")},
		{phrase("Counts and sums"), q.in("html", path+"/aggregate", exampleAggregate(schema))},
		{phrase("Groups"), q.in("html", path+"/groups", "")},
		{phrase("Vector tiles"), q.in("html", path+"/tiles", "")},
	}
	if q.stored(c) {
		v.Documents = append(v.Documents, crumb{phrase("Statistics"), q.in("html", path+statisticsPath, "")})
	}
	for _, uri := range doc.CRS {
		if c, ok := crs.Lookup(uri); ok {
			v.Systems = append(v.Systems, system{c.Code(), c.Name(), uri})
		}
	}
	if e := c.Source.Extent(); !e.Empty {
		b := doc.Extent.Spatial.BBox[0]
		v.Box = say(q.lang, "%g° to %g° east, %g° to %g° north", b[0], b[2], b[1], b[3])
		found, err := c.Source.Search(q.Context(), geo.Query{Limit: mostPictured})
		if err == nil {
			v.Map = s.basics.picture(q, c, found.Features)
		}
	}
	if doc.Extent != nil && doc.Extent.Temporal != nil {
		v.From, v.To = day(doc.Extent.Temporal.Interval[0][0]), day(doc.Extent.Temporal.Interval[0][1])
	}
	return v
}

// exampleAggregate asks for what most would ask first: how many of each kind, and
// what they sum up to.
func exampleAggregate(schema *geo.Schema) string {
	measures, by := "count", ""
	for _, p := range schema.Properties {
		switch {
		case p.Hidden || !p.Queryable():
		case p.Role == geo.RoleSum && measures == "count":
			measures += ",sum(" + p.Name + ")"
		case len(p.Enum) > 1 && (by == "" || p.Role == geo.RoleCategory):
			by = p.Name
		}
	}
	b := appendParam(nil, "measures", measures)
	if by != "" {
		b = appendParam(b, "by", by)
	}
	return string(b)
}

func day(instant *string) string {
	if instant == nil {
		return "…"
	}
	return (*instant)[:len("2007-01-01")]
}

type schemaView struct {
	view
	Collection summary
	Lead       string // a phrase about the collection
	Properties []geo.Property
}

func (s *Server) schemaView(q *request, c *geo.Collection, kind string) schemaView {
	path := collectionPath(c.ID) + "/" + kind
	schema := c.Source.Schema()
	v := schemaView{Collection: summarize(q, c)}
	title, has := "Schema", func(geo.Property) bool { return true }
	v.Lead = "The properties of the features of %s."
	switch kind {
	case "queryables":
		title, v.Lead = "Queryables", "The properties of %s that can be asked for, as query parameters and in filters."
		has = geo.Property.Queryable
	case "sortables":
		title, v.Lead = "Sortables", "The properties of %s that can order its features."
		has = func(p geo.Property) bool { return p.Sortable() && !unsortable(p.Name) }
	}
	for _, p := range schema.Properties {
		if kind == "queryables" && reserved(p.Name) {
			p.Description = p.Description.And(geo.OnlyInFilter())
		}
		if has(p) {
			v.Properties = append(v.Properties, p)
		}
	}
	v.view = s.view(q, say(q.lang, title), q.selfLinks([]media{schemaMedia, htmlMedia}, path, ""), q.crumbs(c)...)
	return v
}

type apiView struct {
	view
	Functions   string
	Parameters  []apiParameter
	Formats     []export.Format
	Collections []apiCollection
}

// apiParameter is a parameter of lists of features as the OpenAPI document
// describes it.
type apiParameter struct{ Name, Text, Example string }

type apiCollection struct {
	summary
	Parameters []geo.Property
	Example    string
}

func (s *Server) apiView(q *request, links []link) apiView {
	v := apiView{view: s.view(q, say(q.lang, "API"), links), Functions: q.in("html", "/functions", ""),
		Parameters: s.apiParameters(), Formats: export.Formats()}
	for _, c := range q.state.Collections() {
		a := apiCollection{summary: summarize(q, c), Example: q.base + collectionPath(c.ID) + "/items?limit=10"}
		for _, p := range c.Source.Schema().Properties {
			if !p.Queryable() || reserved(p.Name) {
				continue
			}
			a.Parameters = append(a.Parameters, p)
			if len(p.Enum) > 0 && !strings.Contains(a.Example, "&") {
				a.Example += "&" + (&selection{filter: params{{p.Name, p.Enum[0].Value}}}).text("", 0, "")
			}
		}
		v.Collections = append(v.Collections, a)
	}
	return v
}

// apiParameters are all parameters of a list of features beside its properties,
// out of the OpenAPI document.
func (s *Server) apiParameters() []apiParameter {
	known := s.commonParameters()
	known["f"] = known["f-items"]
	for _, p := range propertyParameters(&geo.Schema{Properties: []geo.Property{{Name: "name"}}}) {
		known[p.(obj)["name"].(string)] = p
	}
	var out []apiParameter
	for _, names := range [][]string{filterParameters[:], pageParameters[:], shapeParameters[:], {"f", "lang"}} {
		for _, name := range names {
			p, ok := known[name].(obj)
			if !ok {
				continue
			}
			text, _ := p["description"].(string)
			out = append(out, apiParameter{name, text, exampleText(name, p["example"])})
		}
	}
	return out
}

// exampleText is an example of a parameter as people write it.
func exampleText(name string, example any) string {
	switch e := example.(type) {
	case nil:
		return ""
	case []any:
		var texts []string
		for _, v := range e {
			texts = append(texts, fmt.Sprint(v))
		}
		return name + "=" + strings.Join(texts, ",")
	}
	return name + "=" + fmt.Sprint(example)
}

type itemView struct {
	view
	Collection summary
	ID         string
	Name       geo.Text
	Members    []member
	Missing    []member // without a value
	Geometry   string
	Places     []place // of a point
	Downloads  []crumb
	Address    string // as GeoJSON, to be copied
	Map        *picture
}

// place is a point in one coordinate reference system.
type place struct {
	Name, Text string
	Axes       [2]string
}

// member is a property with its value.
type member struct {
	Name               string
	Title, Description geo.Text
	Unit               geo.Text
	Value              node
}

func (s *Server) itemView(q *request, c *geo.Collection, f geo.Feature, links []link) itemView {
	schema := c.Source.Schema()
	values := membersOf(f.Properties())
	path := collectionPath(c.ID) + "/items"
	self := path + "/" + escapeID(f.ID().String())
	v := itemView{Collection: summarize(q, c), ID: f.ID().String(), Name: names(schema, values), Map: s.basics.picture(q, c, []geo.Feature{f}),
		Address: q.in("geojson", self, "")}
	v.view = s.view(q, cmp.Or(v.Name.In(q.lang), v.ID), links, q.crumbs(c, crumb{phrase("Features"), q.in("html", path, "")})...)
	for _, format := range export.Formats() {
		if format.Name != "json" {
			v.Downloads = append(v.Downloads, crumb{format.Titles, q.in(format.Name, self, "")})
		}
	}
	for _, p := range schema.Properties {
		raw, ok := values[p.Name]
		if !ok {
			continue
		}
		unit := p.UnitTitle
		if unit.EN == "" {
			unit.EN = p.Unit
		}
		m := member{p.Name, p.Title, p.Description, unit, nodeOf(raw, &p)}
		if m.Value.Kind == "null" || m.Value.Kind == "list" && m.Value.List == nil {
			v.Missing = append(v.Missing, m)
		} else {
			v.Members = append(v.Members, m)
		}
	}
	if g := f.Geometry(); g != nil {
		v.Geometry = g.GeoJSONType()
		if p, ok := g.(orb.Point); ok {
			v.Places = places(p)
		}
	}
	return v
}

// places are a point in the systems that people in China copy coordinates in:
// longitude and latitude, CGCS2000, and the 3-degree Gauss-Krueger zone in which
// it lies, with and without the number of the zone in the easting.
func places(p orb.Point) []place {
	const firstZone, lastZone = 25, 45 // EPSG:4513 to 4533 with their number, 4534 to 4554 without
	codes := []string{"OGC:CRS84", "EPSG:4490"}
	if zone := int(math.Round(p.Lon() / 3)); zone >= firstZone && zone <= lastZone {
		codes = append(codes, fmt.Sprintf("EPSG:%d", 4513+zone-firstZone), fmt.Sprintf("EPSG:%d", 4534+zone-firstZone))
	}
	var out []place
	for _, code := range codes {
		c, ok := crs.Lookup(code)
		if !ok {
			continue
		}
		at, ok := c.FromLonLat(p)
		if !ok {
			continue
		}
		digits := 7
		if !c.Geographic() {
			digits = 3
		}
		text := strconv.FormatFloat(at[0], 'f', digits, 64) + ", " + strconv.FormatFloat(at[1], 'f', digits, 64)
		out = append(out, place{c.Code() + " " + c.Name(), text, c.AxisNames()})
	}
	return out
}

// names are the values of the properties with the role name.
func names(schema *geo.Schema, values map[string]json.RawMessage) geo.Text {
	var t geo.Text
	for _, p := range schema.Properties {
		if p.Role != geo.RoleName {
			continue
		}
		var s string
		if json.Unmarshal(values[p.Name], &s) != nil {
			continue
		}
		switch {
		case p.Lang == "zh" && t.ZH == "":
			t.ZH = s
		case (p.Lang == "en" || p.Lang == "") && t.EN == "":
			t.EN = s
		}
	}
	return t
}

func membersOf(properties []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	_ = json.Unmarshal(properties, &m) // checked at load; null gives none
	return m
}

// node is a JSON value as a page shows it.
type node struct {
	Kind    string // text, number, boolean, link, null, list, object
	Text    string
	Title   geo.Text // of an enum value
	List    []node
	Members []member
}

// nodeOf reads a value of a property, or of anything within one where p is nil.
// Members keep their order.
func nodeOf(raw json.RawMessage, p *geo.Property) node {
	if len(raw) == 0 {
		return node{Kind: "null"}
	}
	switch raw[0] {
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s) // checked at load
		return textNode(s, p)
	case '[':
		var list []json.RawMessage
		_ = json.Unmarshal(raw, &list)
		n := node{Kind: "list"}
		for _, item := range list {
			n.List = append(n.List, nodeOf(item, p))
		}
		return n
	case '{':
		return objectNode(raw)
	case 'n':
		return node{Kind: "null"}
	case 't', 'f':
		return node{Kind: "boolean", Text: string(raw)}
	}
	return node{Kind: "number", Text: number(string(raw), p)}
}

func textNode(s string, p *geo.Property) node {
	n := node{Kind: "text", Text: s}
	if p != nil {
		for _, e := range p.Enum {
			if e.Value == s {
				n.Title = e.Title
			}
		}
	}
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		n.Kind = "link"
	}
	return n
}

func objectNode(raw json.RawMessage) node {
	n := node{Kind: "object"}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return n
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return n
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return n
		}
		name, _ := key.(string)
		n.Members = append(n.Members, member{Name: name, Value: nodeOf(value, nil)})
	}
	return n
}

// number writes great whole numbers with commas, but not years and codes.
func number(s string, p *geo.Property) string {
	if p == nil || p.Role != geo.RoleSum && p.Unit == "" {
		return s
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return s
	}
	return thousands(n)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
