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
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"clustermap/geo"
)

//go:embed templates
var templates embed.FS

// pages are the templates of the HTML pages and their style sheet.
type pages struct {
	t     *template.Template
	style []byte
	hash  string // of all of them
}

func newPages() (*pages, error) {
	t, err := template.New("").Funcs(template.FuncMap{"count": thousands, "chinese": isChinese}).ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, err
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
	return &pages{t, style, hex.EncodeToString(sum.Sum(nil))}, nil
}

func (p *pages) render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := p.t.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

// sendPage answers with a page made of a template.
func (s *Server) sendPage(w http.ResponseWriter, q *request, t tag, name string, data any) error {
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	if err := s.pages.t.ExecuteTemplate(buf, name, data); err != nil {
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
	return v
}

func (q *request) crumbs(c *geo.Collection, more ...crumb) []crumb {
	all := []crumb{{geo.Text{EN: "Collections", ZH: "集合"}, q.in("html", "/collections", "")}}
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

type healthView struct {
	view
	Status string
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
	Schema     string
	Queryables string
	Map        *picture
	Downloads  []crumb
	Uses       []use
}

func (s *Server) collectionView(q *request, c *geo.Collection, doc collectionDocument) collectionView {
	path := collectionPath(c.ID)
	v := collectionView{
		view: s.view(q, titleOf(c), doc.Links, q.crumbs(nil)...), Collection: summarize(q, c), Document: doc,
		Geometry: strings.Join(c.Source.Schema().Geometry, ", "), Properties: c.Source.Schema().Properties,
		Schema: q.in("html", path+"/schema", ""), Queryables: q.in("html", path+"/queryables", ""),
		Downloads: q.downloads(path + "/items"), Uses: q.uses(c),
	}
	if e := c.Source.Extent(); !e.Empty {
		b := doc.Extent.Spatial.BBox[0]
		v.Box = fmt.Sprintf("%g° to %g° east, %g° to %g° north", b[0], b[2], b[1], b[3])
		found, err := c.Source.Search(q.Context(), geo.Query{Limit: 500})
		if err == nil {
			v.Map = s.basics.picture(q, c, found.Features)
		}
	}
	if doc.Extent != nil && doc.Extent.Temporal != nil {
		v.From, v.To = day(doc.Extent.Temporal.Interval[0][0]), day(doc.Extent.Temporal.Interval[0][1])
	}
	return v
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
	Kind       string // schema or queryables
	Properties []geo.Property
}

func (s *Server) schemaView(q *request, c *geo.Collection, kind string) schemaView {
	path := collectionPath(c.ID) + "/" + kind
	v := schemaView{Collection: summarize(q, c), Kind: kind}
	title := "Schema"
	for _, p := range c.Source.Schema().Properties {
		if kind == "schema" || p.Queryable() && !reserved(p.Name) {
			v.Properties = append(v.Properties, p)
		}
	}
	if kind == "queryables" {
		title = "Queryables"
	}
	v.view = s.view(q, title, q.selfLinks([]media{schemaMedia, htmlMedia}, path, ""), q.crumbs(c)...)
	return v
}

type apiView struct {
	view
	Landing     landingDocument
	Limit, Most int
	Collections []apiCollection
}

type apiCollection struct {
	summary
	Parameters []geo.Property
	Example    string
}

func (s *Server) apiView(q *request, links []link) apiView {
	v := apiView{view: s.view(q, "API", links), Limit: s.cfg.DefaultItems, Most: s.cfg.MaxItems}
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

type itemsView struct {
	view
	Collection summary
	Matched    int
	Columns    []geo.Property
	Rows       []row
	Fields     []field
	BBox, Time string
	Limit      int
	Action     string // of the filter form
	First      string // the first page, "" on it
	Next       string
	Filtered   bool
	Map        *picture
}

type row struct {
	ID, Href string
	Name     geo.Text
	Cells    []node
}

// field is one field of the filter form.
type field struct {
	geo.Property
	Value string
	Known bool // Value is one of Enum
}

const (
	mostColumns = 8
	mostFields  = 12
)

func (s *Server) itemsView(q *request, c *geo.Collection, sel *selection, found geo.Result, links []link) itemsView {
	schema, path := c.Source.Schema(), collectionPath(c.ID)+"/items"
	v := itemsView{
		view: s.view(q, "Features", links, q.crumbs(c)...), Collection: summarize(q, c), Matched: found.Matched,
		Limit: sel.limit, Action: q.base + path, Filtered: len(sel.filter) > 0,
		Map: s.basics.picture(q, c, found.Features),
	}
	for _, l := range links {
		if l.Rel == "next" {
			v.Next = l.Href
		}
	}
	if sel.cursor != "" {
		v.First = q.in("html", path, sel.text("", sel.limit, ""))
	}
	for _, p := range sel.filter {
		switch p.name {
		case "bbox":
			v.BBox = p.value
		case "datetime":
			v.Time = p.value
		}
	}
	v.Fields = fieldsOf(schema, sel.filter)
	all := make([]map[string]json.RawMessage, len(found.Features))
	for i, f := range found.Features {
		all[i] = membersOf(f.Properties())
	}
	v.Columns = columnsOf(schema, all)
	for i, f := range found.Features {
		r := row{ID: f.ID().String(), Href: q.in("html", path+"/"+escapeID(f.ID().String()), "")}
		values := all[i]
		r.Name = names(schema, values)
		for _, p := range v.Columns {
			r.Cells = append(r.Cells, nodeOf(values[p.Name], &p))
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// columnsOf are the properties that a table has room for, beside the names: the
// first that say something of one of these features.
func columnsOf(schema *geo.Schema, all []map[string]json.RawMessage) []geo.Property {
	var out []geo.Property
	for _, p := range schema.Properties {
		if p.Role == geo.RoleName || p.Hidden || !p.Queryable() || len(out) == mostColumns {
			continue
		}
		says := func(m map[string]json.RawMessage) bool { return nodeOf(m[p.Name], nil).Kind != "null" }
		if slices.ContainsFunc(all, says) {
			out = append(out, p)
		}
	}
	return out
}

// fieldsOf are the fields of the filter form: properties with few values first,
// and always those that are asked for.
func fieldsOf(schema *geo.Schema, filter params) []field {
	var out, rest []field
	for _, p := range schema.Properties {
		if !p.Queryable() || reserved(p.Name) {
			continue
		}
		f := field{Property: p}
		for _, q := range filter {
			if q.name == p.Name {
				f.Value = q.value
			}
		}
		f.Known = slices.ContainsFunc(p.Enum, func(e geo.EnumValue) bool { return e.Value == f.Value })
		switch {
		case f.Value != "" || !p.Hidden && len(p.Enum) > 1:
			out = append(out, f)
		case !p.Hidden:
			rest = append(rest, f)
		}
	}
	for _, f := range rest {
		if len(out) < mostFields {
			out = append(out, f)
		}
	}
	return out
}

type itemView struct {
	view
	Collection summary
	ID         string
	Name       geo.Text
	Members    []member
	Missing    []member // without a value
	Geometry   string
	Position   string // of a point
	Map        *picture
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
	items := crumb{geo.Text{EN: "Features", ZH: "要素"}, q.in("html", collectionPath(c.ID)+"/items", "")}
	v := itemView{Collection: summarize(q, c), ID: f.ID().String(), Name: names(schema, values), Map: s.basics.picture(q, c, []geo.Feature{f})}
	v.view = s.view(q, cmp.Or(v.Name.In("en"), v.ID), links, q.crumbs(c, items)...)
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
		if g.GeoJSONType() == "Point" {
			p := g.Bound().Min
			v.Position = fmt.Sprintf("%g° E, %g° N", p.Lon(), p.Lat())
		}
	}
	return v
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
	Kind    string // text, number, link, null, list, object
	Text    string
	Lang    string   // of Text, where it is not English
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
		return node{Kind: "text", Text: string(raw)}
	}
	return node{Kind: "number", Text: number(string(raw), p)}
}

func textNode(s string, p *geo.Property) node {
	n := node{Kind: "text", Text: s}
	if isChinese(s) {
		n.Lang = "zh"
	}
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

// isChinese reports whether a text has Chinese characters, so that a page can
// name its language.
func isChinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
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
