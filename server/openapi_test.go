package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"clustermap/data"
	"clustermap/geo"
)

// contract is the API document as a client reads it.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

func readContract(t testing.TB, s *Server) contract {
	t.Helper()
	registerTileDecoders()
	for _, kind := range []string{"application/geo+json", "application/schema+json", "application/vnd.oai.openapi+json"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.JSONBodyDecoder)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	for _, m := range reportMedia()[1:] {
		openapi3filter.RegisterBodyDecoder(m.content, openapi3filter.FileBodyDecoder)
	}
	text := body(t, ask(t, s, "GET", "/api?f=json"))
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatalf("the API document is not valid: %v", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return contract{doc, router}
}

// input finds the operation of a request. The target is below the server's
// address.
func (c contract) input(t testing.TB, target string) *openapi3filter.RequestValidationInput {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	r.Host = "example.org"
	r.URL.Host, r.URL.Scheme = "example.org", "http"
	route, vars, err := c.router.FindRoute(r)
	if err != nil {
		t.Fatalf("%s is not in the API document: %v", target, err)
	}
	for name, v := range vars { // the router of the library leaves them escaped
		if vars[name], err = url.PathUnescape(v); err != nil {
			t.Fatal(err)
		}
	}
	return &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: vars}
}

// checkRequest is what the document says of a request.
func (c contract) checkRequest(t testing.TB, target string) error {
	t.Helper()
	return openapi3filter.ValidateRequest(context.Background(), c.input(t, target))
}

// checkAnswer is what the document says of an answer.
func (c contract) checkAnswer(t testing.TB, target string, resp *http.Response, body string) error {
	t.Helper()
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: c.input(t, target), Status: resp.StatusCode, Header: resp.Header,
		Body: io.NopCloser(strings.NewReader(body)), Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	return openapi3filter.ValidateResponse(context.Background(), in)
}

// everyOperation are requests for each operation of the document, with its
// examples as parameters.
func (c contract) everyOperation(t testing.TB) []string {
	t.Helper()
	var targets []string
	for path, item := range c.doc.Paths.Map() {
		target := path
		query := url.Values{}
		for _, p := range item.Get.Parameters {
			p := p.Value
			example := p.Example
			if example == nil {
				continue
			}
			if p.In == "path" {
				target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(example)))
				continue
			}
			values, ok := example.([]any)
			if !ok {
				values = []any{example}
			}
			var texts []string
			for _, v := range values {
				texts = append(texts, fmt.Sprint(v))
			}
			query.Set(p.Name, strings.Join(texts, ","))
		}
		if strings.Contains(target, "{") || path == "/events" {
			continue // an item of a collection that has none, a stream without end
		}
		targets = append(targets, target)
		if item.Get.Responses.Value("200").Value.Content["text/html"] != nil {
			targets = append(targets, target+"?f=html")
		}
		if len(query) > 1 {
			targets = append(targets, target+"?"+query.Encode())
		}
	}
	slices.Sort(targets)
	return targets
}

// atlasServer serves the built-in atlas.
func atlasServer(t testing.TB) *Server {
	t.Helper()
	names, err := fs.Glob(data.Files(), "*.geojson")
	if err != nil {
		t.Fatal(err)
	}
	load := func(r *geo.Regions, names ...string) []*geo.Collection {
		all, err := geo.Load(data.Files(), r, names...)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	regions, err := geo.ReadRegions(t.Context(), load(nil, "regions.geojson")[0].Source)
	if err != nil {
		t.Fatal(err)
	}
	state, err := geo.NewState(load(regions, names...)...)
	if err != nil {
		t.Fatal(err)
	}
	return newTestServer(t, func(c *Config) { c.Atlas = geo.NewAtlas(state) })
}

// Every answer is as the document says: of test data that have every kind of
// value and geometry, and of the atlas.
func TestAnswersFollowTheDocument(t *testing.T) {
	for name, s := range map[string]*Server{"testdata": newTestServer(t, nil), "atlas": atlasServer(t)} {
		c := readContract(t, s)
		targets := c.everyOperation(t)
		if len(targets) < 30 {
			t.Errorf("%s: the document has only %d requests to try", name, len(targets))
		}
		for _, col := range s.cfg.Atlas.State().Collections() {
			path := "/collections/" + url.PathEscape(col.ID)
			targets = append(targets, path, path+"/schema", path+"/queryables", path+"/items", path+"/items?limit=1")
			found, err := col.Source.Search(t.Context(), geo.Query{Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found.Features {
				targets = append(targets, path+"/items/"+url.PathEscape(f.ID().String()))
			}
		}
		if name == "atlas" {
			for _, about := range []string{"region=yrd25", "trade=electronics&f=html&lang=zh", "trade=electronics&f=pptx"} {
				targets = append(targets, "/collections/clusters"+reportPath+"?"+about)
			}
		}
		for _, target := range targets {
			if err := c.checkRequest(t, target); err != nil {
				t.Errorf("%s: the document refuses GET %s: %v", name, target, err)
			}
			resp := ask(t, s, "GET", target)
			text := body(t, resp)
			empty := resp.StatusCode == http.StatusNoContent && strings.HasSuffix(strings.Split(target, "?")[0], "/0/0/0") // a tile
			want := http.StatusOK
			if aboutNothing(target) {
				want = http.StatusBadRequest
			}
			if resp.StatusCode != want && !empty {
				t.Errorf("%s: GET %s: %d, want %d: %s", name, target, resp.StatusCode, want, text)
			}
			if err := c.checkAnswer(t, target, resp, text); err != nil {
				t.Errorf("%s: GET %s is not as the document says: %v", name, target, err)
			}
		}
		for _, target := range []string{"/collections/none", "/collections?x=1", "/?f=xml"} {
			resp := ask(t, s, "GET", target)
			if err := c.checkAnswer(t, target, resp, body(t, resp)); err != nil || resp.StatusCode < 400 {
				t.Errorf("%s: GET %s is not a problem as the document says: %d, %v", name, target, resp.StatusCode, err)
			}
		}
	}
}

// A member that is renamed anywhere in an answer of ours is noticed, so the
// schemas name every member and close every object. What is within a property
// of the data has no schema and is left out.
func TestRenamedMembersAreNoticed(t *testing.T) {
	s := newTestServer(t, nil)
	for _, target := range []string{
		"/?f=json", "/conformance", "/api", "/healthz", "/readyz", "/collections", "/collections/places", "/collections/numbers",
		"/collections/places/schema", "/collections/places/queryables", "/collections/places/items", "/collections/numbers/items",
		"/collections/places/items/shengze-silk", "/collections/numbers/items/1", "/collections/numbers/items/2", "/collections/none",
	} {
		renameEach(t, s, readContract(t, s), target)
	}
	s = atlasServer(t)
	c := readContract(t, s)
	for _, col := range s.cfg.Atlas.State().Collections() {
		for _, path := range []string{"", "/schema", "/queryables", "/items?limit=2"} {
			renameEach(t, s, c, "/collections/"+url.PathEscape(col.ID)+path)
		}
	}
}

// renameEach renames each member of the answer in turn and checks it again. Of
// members with one name in objects of one kind three are tried.
func renameEach(t *testing.T, s *Server, c contract, target string) {
	t.Helper()
	resp := ask(t, s, "GET", target)
	var tree any
	if err := json.Unmarshal([]byte(body(t, resp)), &tree); err != nil {
		t.Fatal(err)
	}
	renamed := map[string]int{}
	eachMember(tree, nil, func(path []string, object map[string]any, name string) {
		kind := name
		if len(path) > 0 {
			kind += " in " + path[len(path)-1]
			if open(target, path[:len(path)-1]) {
				kind = name + " in an entry"
			}
		}
		if renamed[kind]++; open(target, path) || renamed[kind] > 3 {
			return
		}
		value := object[name]
		delete(object, name)
		object[name+"X"] = value
		changed, err := json.Marshal(tree)
		delete(object, name+"X")
		object[name] = value
		if err != nil {
			t.Fatal(err)
		}
		if c.checkAnswer(t, target, resp, string(changed)) == nil {
			t.Errorf("GET %s: nobody notices that %s is called %sX", target, strings.Join(append(path, name), "."), name)
		}
	})
	if len(renamed) == 0 {
		t.Errorf("GET %s: no member was renamed", target)
	}
}

// eachMember calls do for every member of every object in tree. The path holds
// names, and "*" for the elements of arrays.
func eachMember(tree any, path []string, do func(path []string, object map[string]any, name string)) {
	switch v := tree.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			do(path, v, name)
			eachMember(v[name], append(slices.Clone(path), name), do)
		}
	case []any:
		for _, e := range v {
			eachMember(e, append(slices.Clone(path), "*"), do)
		}
	}
}

// open reports whether the names of the members of the object at path are free:
// those of maps by name, and what lies within a property of the data.
func open(target string, path []string) bool {
	at := strings.Join(path, ".")
	switch {
	case strings.HasPrefix(target, "/api"):
		return at == "paths" || strings.HasPrefix(at, "components.") || strings.Contains(at, ".get") || strings.Contains(at, ".post") || strings.Contains(at, ".put")
	case strings.HasSuffix(target, "/schema"), strings.HasSuffix(target, "/queryables"):
		return at == "properties" || strings.HasSuffix(at, ".properties") || strings.HasSuffix(at, ".x-groups")
	}
	in := slices.Index(path, "properties")
	return in >= 0 && len(path) > in+1
}

// Parameters that are unknown, malformed or not told apart are refused, tried
// from the document itself.
func TestParametersOfTheDocument(t *testing.T) {
	s := newTestServer(t, nil)
	c := readContract(t, s)
	tried := 0
	for path, item := range c.doc.Paths.Map() {
		target := path
		for _, p := range item.Get.Parameters {
			if p.Value.In == "path" && p.Value.Example != nil {
				target = strings.ReplaceAll(target, "{"+p.Value.Name+"}", url.PathEscape(fmt.Sprint(p.Value.Example)))
			}
		}
		if strings.Contains(target, "{") {
			continue
		}
		refuse := func(query, names string) {
			t.Helper()
			tried++
			if strings.HasSuffix(target, reportPath) && !strings.HasPrefix(query, "f=") {
				query += "&f=pdf" // a page takes a field left empty for one not given
			}
			resp := ask(t, s, "GET", target+"?"+query)
			text := body(t, resp)
			if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, names) {
				t.Errorf("GET %s?%s: %d %s; want 400 that names %s", target, query, resp.StatusCode, text, names)
			}
			if err := c.checkAnswer(t, target, resp, text); err != nil {
				t.Errorf("GET %s?%s: %v", target, query, err)
			}
		}
		refuse("unheard-of=1", "unheard-of")
		refuse("=1", "no such parameter")
		for _, p := range item.Get.Parameters {
			p := p.Value
			if p.In != "query" {
				continue
			}
			name := url.QueryEscape(p.Name)
			refuse(name+"=1&"+name+"=1", p.Name)
			refuse(name+"=%zz", p.Name)
			refuse(name+"=%ff", p.Name)
			refuse(name+"x=1", p.Name+"x")
			for _, value := range wrongValues(p) {
				refuse(name+"="+url.QueryEscape(value), p.Name)
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d bad requests were tried", tried)
	}
}

// aboutNothing tells the address of a report without one of the two parameters that say
// what it is about: a document of OpenAPI 3.0 cannot say that one of them is needed.
func aboutNothing(target string) bool {
	u, err := url.Parse(target)
	return err == nil && strings.HasSuffix(u.Path, reportPath) && !u.Query().Has("region") && !u.Query().Has("trade")
}

// wrongValues are values that the schema of a parameter excludes.
func wrongValues(p *openapi3.Parameter) []string {
	schema := p.Schema.Value
	item := schema
	if schema.Items != nil {
		item = schema.Items.Value
	}
	switch {
	case p.Name == "datetime":
		return []string{"", "x", "2007-13-01", "2007-01-01/2006-01-01", "../..", "/", "2007-01-01/2008/2009"}
	case p.Name == "cursor":
		return []string{"", "x", "AAAA", "????"}
	case item.Enum != nil:
		return []string{"", "x", "JSON"}
	case item.Type.Is("integer"):
		wrong := []string{"", "x", "1.5", "NaN", "1e999"}
		if item.Min != nil {
			wrong = append(wrong, fmt.Sprint(*item.Min-1), "-1", "1e2", "+1", " 1")
		}
		return wrong
	case item.Type.Is("number"):
		wrong := []string{"", "x", "NaN", "Infinity"}
		if schema.MinItems > 1 {
			wrong = append(wrong, "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "0,10,10,0", "NaN,0,1,1", "-181,0,1,1", "0,0,1,361", "0,0,1,1x", "0x1,0,1,1", "0,0,9,1,1,5")
		}
		return wrong
	case item.Type.Is("boolean"):
		return []string{"", "x", "TRUE", "1"}
	}
	return nil
}

// Features with members of their own open the schema of their collection only.
func TestForeignMembersOpenTheSchema(t *testing.T) {
	read := func(id, more string) *geo.Collection {
		x, err := geo.Read(strings.NewReader(`{"type":"Feature","id":1,"geometry":null,"properties":{"a":{}}`+more+`}`), geo.ReadOptions{Name: id})
		if err != nil {
			t.Fatal(err)
		}
		return &geo.Collection{ID: id, Source: x}
	}
	state, err := geo.NewState(read("plain", ""), read("foreign", `,"stac":{"b":{}}`), read("sly", `,"a":{"a":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t, func(c *Config) { c.Atlas = geo.NewAtlas(state) })
	c := readContract(t, s)
	for id, want := range map[string]bool{"plain": false, "foreign": true, "sly": true} {
		target := "/collections/" + id + "/items/1"
		resp := ask(t, s, "GET", target)
		text := body(t, resp)
		if err := c.checkAnswer(t, target, resp, text); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		renamed := strings.Replace(text, `"links"`, `"x":1,"links"`, 1)
		if got := c.checkAnswer(t, target, resp, renamed) == nil; got != want {
			t.Errorf("%s: another member is taken: %v, want %v", target, got, want)
		}
	}
}

// The document has every route of the table, and no other.
func TestDocumentHasEveryRoute(t *testing.T) {
	s := newTestServer(t, nil)
	c := readContract(t, s)
	described := map[string]bool{}
	for path := range c.doc.Paths.Map() {
		for _, col := range s.cfg.Atlas.State().Collections() {
			for _, name := range []string{"/items", "/aggregate", "/groups", "/map", "/tiles", "/xyz"} {
				path = strings.Replace(path, "/collections/"+url.PathEscape(col.ID)+name, "/collections/{collection}"+name, 1)
			}
		}
		if rest, ok := strings.CutPrefix(path, "/collections/{collection}/statistics/"); ok && rest != "{method}" {
			path = "/collections/{collection}/statistics/{method}" // each is described
		}
		described[path] = true
	}
	for _, rt := range s.routes {
		if (rt.offers != nil || rt.path == "/events") && !described[rt.path] {
			t.Errorf("the API document lacks %s", rt.path)
		}
		delete(described, rt.path)
	}
	for path := range described {
		t.Errorf("the API document has %s, which no route answers", path)
	}
}

// The document is the same whatever the address, but for the address.
func TestDocumentOfEachHost(t *testing.T) {
	s := newTestServer(t, nil)
	one := body(t, ask(t, s, "GET", "/api", "Host: one.example"))
	two := body(t, ask(t, s, "GET", "/api", "Host: two.example:99"))
	if one == two || strings.ReplaceAll(one, "http://one.example", "http://two.example:99") != two || !json.Valid([]byte(one)) {
		t.Error("the API document is not the same but for its address")
	}
	if bytes.Contains([]byte(one), []byte("u0000")) {
		t.Error("the mark of the address is left in the document")
	}
}
