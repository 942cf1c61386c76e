package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"
	"github.com/paulmach/orb"

	"clustermap/geo"
)

// handlerFunc answers a request or returns an error before it has written
// anything.
type handlerFunc func(http.ResponseWriter, *request) error

// route is one line of the table: a resource, the media types it has, and what
// answers GET and HEAD. OPTIONS is answered alike for all.
type route struct {
	path   string
	offers []media // best first: what a client gets that accepts anything; nil for files, which are not in the API document
	params bool    // serve reads the query itself; else only f is allowed
	serve  handlerFunc
}

// taking is the method by which a resource takes a body, and what it answers.
// Only pages of this server may send any, see sentFromHere.
type taking struct {
	method string
	offers []media
	serve  handlerFunc
}

// taken is what may be sent, by the path of the route.
func (s *Server) taken() map[string]taking {
	all := make(map[string]taking)
	if s.cfg.Tables.read() {
		all[importPath] = taking{http.MethodPost, importMedia(), s.importTable}
	}
	if s.cfg.Tables.Keep != nil {
		all[oneCollection] = taking{http.MethodPut, []media{jsonMedia}, s.keepCollection}
	}
	return all
}

// allow are the methods of a route.
func (s *Server) allow(path string) string {
	if t, ok := s.takes[path]; ok {
		return "GET, HEAD, " + t.method + ", OPTIONS"
	}
	return reading
}

// table is every path that the server answers. The busiest come first, for mux
// tries them in this order.
func (s *Server) table() []route {
	var (
		document   = []media{jsonMedia, htmlMedia}
		features   = featureMedia()
		table      = []media{jsonMedia, csvMedia, htmlMedia}
		tiles      = []media{mvtMedia, {"mvt", "application/x-protobuf", mvtMedia.content}}
		tileset    = []media{jsonMedia, tilejsonMedia, htmlMedia}
		groups     = []media{geojsonMedia, jsonMedia, htmlMedia}
		schema     = []media{schemaMedia, jsonMedia, htmlMedia}
		pictures   = mapMedia()
		mapTileset = []media{jsonMedia, tilejsonMedia}
		api        = []media{openapiMedia, jsonMedia, htmlMedia}
	)
	return []route{
		{"/collections/{collection}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", tiles, true, s.collectionTile},
		{"/collections/{collection}/xyz/{z}/{x}/{y}", tiles, true, s.xyzTile},
		{"/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", tiles, true, s.datasetTile},
		{"/collections/{collection}/items/{feature}", features, true, s.item},
		{"/collections/{collection}/items", features, true, s.items},
		{"/", document, true, s.landing},
		{"/conformance", document, false, s.conformance},
		{"/api", api, false, s.api},
		{"/collections", document, false, s.collections},
		{oneCollection, document, false, s.collection},
		{importPath, []media{jsonMedia}, false, s.importTerms},
		{"/places", []media{jsonMedia}, true, s.places},
		{"/search", []media{jsonMedia}, true, s.lookUp},
		{"/collections/{collection}/schema", schema, true, s.schema},
		{"/collections/{collection}/queryables", schema, true, s.queryables},
		{"/collections/{collection}/sortables", schema, true, s.sortables},
		{"/collections/{collection}/aggregate", table, true, s.aggregate},
		{"/collections/{collection}/groups", groups, true, s.groups},
		{"/collections/{collection}/groups/{group}", groups, true, s.group},
		{"/collections/{collection}/groups/{group}/members", features, true, s.groupMembers},
		{"/collections/{collection}/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", mapTileMedia(), true, s.collectionMapTile},
		{"/collections/{collection}/map/tiles/{tileMatrixSetId}", mapTileset, true, s.collectionMapTileset},
		{"/collections/{collection}/map/tiles", mapTileset[:1], true, s.collectionMapTilesets},
		{"/map/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", mapTileMedia(), true, s.datasetMapTile},
		{"/map/tiles/{tileMatrixSetId}", mapTileset, true, s.datasetMapTileset},
		{"/map/tiles", mapTileset[:1], true, s.datasetMapTilesets},
		{"/collections/{collection}/map", pictures, true, s.collectionMap},
		{"/map", pictures, true, s.datasetMap},
		{wmsPath, nil, true, s.wms},
		{"/collections/{collection}/tiles", document, true, s.collectionTilesets},
		{"/collections/{collection}/tiles/{tileMatrixSetId}", tileset, true, s.collectionTileset},
		{"/tiles", document, true, s.datasetTilesets},
		{"/tiles/{tileMatrixSetId}", tileset, true, s.datasetTileset},
		{"/tileMatrixSets", document, false, s.tileMatrixSets},
		{"/tileMatrixSets/{tileMatrixSetId}", document, false, s.tileMatrixSet},
		{statisticsPath, document, true, s.methods},
		{statisticsPath + "/{method}", document, true, s.methodPage},
		{oneCollection + statisticsPath, document, true, s.collectionMethods},
		{oneCollection + reportPath, reportMedia(), true, s.report},
		{oneCollection + statisticsPath + "/{method}", statisticMedia(true), true, s.statistic},
		{"/styles", document, false, s.styles},
		{"/styles/{style}", []media{styleMedia, jsonMedia}, true, s.style},
		{"/fonts/{fontstack}/{range}", nil, true, s.fonts},
		{"/functions", document, false, s.functions},
		{"/basemaps", document, false, s.basemaps},
		{"/basemaps/{basemap}", document, false, s.basemap},
		{"/basemaps/{basemap}/{z}/{x}/{y}", nil, true, s.basemapTile},
		{"/oembed", []media{jsonMedia}, true, s.oembed},
		{"/embed", nil, true, s.embedPage},
		{eventsPath, nil, true, s.events},
		{"/healthz", document, false, s.health},
		{"/readyz", document, false, s.ready},
		{"/metrics", nil, true, s.metricsPage},
		{"/base/{file}", nil, true, s.baseFile},
		{"/assets/{file:.+}", nil, true, s.asset},
		{"/html.css", nil, true, s.styleSheet},
		{"/{file}", nil, true, s.rootFile},
	}
}

// reading are the methods of every route of the table.
const reading = "GET, HEAD, OPTIONS"

func (s *Server) newRouter() *mux.Router {
	// Ids may hold an escaped '/', so paths are matched as they were sent.
	r := mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, rt := range s.routes {
		r.Handle(rt.path, s.answer(rt)).Methods(strings.Split(s.allow(rt.path), ", ")...)
	}
	r.NotFoundHandler = http.HandlerFunc(s.notFound)
	r.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods := s.allow(s.routeOf(r.URL).path)
		w.Header().Set("Allow", methods)
		most, last := methods[:strings.LastIndex(methods, ", ")], methods[strings.LastIndex(methods, " ")+1:]
		s.fail(w, r, failf(http.StatusMethodNotAllowed, "The method %s is not allowed here; use %s or %s.", printable(r.Method), most, last))
	})
	return r
}

// answer makes the handler of a route.
func (s *Server) answer(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rec, ok := w.(*recorder); ok {
			rec.route = rt.path
		}
		if r.Method == http.MethodOptions {
			options(w, s.allow(rt.path))
			return
		}
		asked := rt
		var err error
		if t, ok := s.takes[rt.path]; ok && r.Method == t.method {
			asked = route{rt.path, t.offers, true, t.serve}
			err = s.sentFromHere(r)
		}
		var q *request
		if err == nil {
			q, err = s.newRequest(r, asked)
		}
		if err == nil {
			q.sayCompleteness(w)
			err = asked.serve(w, q)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// options answers OPTIONS, a browser's preflight among them. What is sent from pages
// of others is refused, so their browsers are told of reading alone.
func options(w http.ResponseWriter, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	h.Set("Access-Control-Allow-Methods", reading)
	h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Cache-Control, Content-Type, If-None-Match, Last-Event-ID")
	h.Set("Access-Control-Max-Age", "86400")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	// Many write the slash at the end that OGC's paths do not have.
	if trimmed := strings.TrimRight(r.URL.EscapedPath(), "/"); trimmed != r.URL.EscapedPath() && s.known(r, trimmed) {
		target := s.base.of(r) + trimmed
		if r.URL.RawQuery != "" {
			target += "?" + r.URL.RawQuery
		}
		w.Header().Set("Location", target)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusPermanentRedirect)
		return
	}
	s.fail(w, r, failf(http.StatusNotFound, "There is nothing at this path. The resources are listed at %s.", s.base.of(r)+"/api"))
}

// known reports whether a route of the API answers the escaped path.
func (s *Server) known(r *http.Request, path string) bool {
	u, err := url.Parse(path)
	if err != nil || path == "" || u.Host != "" || !s.base.valid(r) {
		return false
	}
	return s.routeOf(u).offers != nil
}

// routeOf is the route that answers GET at a path, the zero route if there is none.
func (s *Server) routeOf(u *url.URL) route {
	var match mux.RouteMatch
	if !s.router.Match(&http.Request{Method: http.MethodGet, URL: u}, &match) || match.MatchErr != nil {
		return route{}
	}
	template, err := match.Route.GetPathTemplate()
	i := slices.IndexFunc(s.routes, func(rt route) bool { return err == nil && rt.path == template })
	if i < 0 {
		return route{}
	}
	return s.routes[i]
}

// request is what a handler needs to know. It is made once for each request.
type request struct {
	*http.Request
	state    *geo.State
	media    media // what will be answered
	explicit bool  // the client asked for media by f=
	coding   coding
	lang     string     // of titles and pages: "en" or "zh"
	chosen   bool       // the client asked for lang
	both     bool       // the client asked for both languages, on a picture
	spoken   bool       // the answer depends on lang
	params   params     // without f and lang
	base     string     // of all links, no slash at the end
	volatile bool       // the answer holds for this moment only: no cache, no ETag
	sheet    bool       // the picture is for people: what is not asked for is as on a page
	around   *orb.Bound // what a sheet shows where its query names no place; nil: all there is

	places func(id string) (*geo.Collection, error) // of the answer to a statistic, see Server.placesOf
}

func (s *Server) newRequest(r *http.Request, rt route) (*request, error) {
	q := &request{Request: r, state: s.cfg.Atlas.State(), base: s.base.of(r)}
	q.places = func(id string) (*geo.Collection, error) { return s.placesOf(r.Context(), q.state, id) }
	var err error
	if q.coding, err = acceptedCoding(r.Header["Accept-Encoding"]); err != nil {
		return nil, err
	}
	if rt.offers == nil {
		return q, nil
	}
	if q.params, err = parseParams(r.URL.RawQuery); err != nil {
		return nil, err
	}
	lang, chosen := q.params.take("lang")
	if lang == "both" && rt.offers[0].f == "png" { // a picture may speak two at once
		q.both, lang, chosen = true, "", false
	}
	if q.lang, err = languageOf(r.Header["Accept-Language"], lang, chosen); err != nil {
		return nil, err
	}
	q.chosen = chosen
	f, given := q.params.take("f")
	if q.media, err = negotiate(r.Header["Accept"], f, given, rt.offers); err != nil {
		return nil, err
	}
	q.explicit = given
	if !rt.params {
		err = q.params.none()
	}
	return q, err
}

// variable is a variable of the route's path, unescaped.
func (q *request) variable(name string) (string, error) {
	v, err := url.PathUnescape(mux.Vars(q.Request)[name])
	if err != nil {
		return "", failf(http.StatusNotFound, "The path is not rightly percent-encoded.")
	}
	return v, nil
}

// collectionOf is the collection that the path names.
func (q *request) collectionOf() (*geo.Collection, error) {
	id, err := q.variable("collection")
	if err != nil {
		return nil, err
	}
	c, err := q.find(id)
	if errors.Is(err, geo.ErrNotFound) {
		return nil, failf(http.StatusNotFound, "There is no collection %q%s", printable(id), didYouMean(id, q.collectionIDs()))
	}
	return c, err
}

// find is the collection of an id, or geo.ErrNotFound: one of the state, or the places of
// the answer to a statistic.
func (q *request) find(id string) (*geo.Collection, error) {
	if c, ok := q.state.Collection(id); ok {
		return c, nil
	}
	return q.places(id)
}

func (q *request) collectionIDs() (ids []string) {
	for _, c := range q.state.Collections() {
		ids = append(ids, c.ID)
	}
	return ids
}
