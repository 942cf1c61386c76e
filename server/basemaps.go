package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/archive"
)

// Basemap is an archive of tiles that maps may lie on.
type Basemap struct {
	Name  string // in addresses; letters, digits, '-', '_' and '.'
	Tiles Tiles
}

// Tiles is an archive of map tiles. It is safe for concurrent use.
type Tiles interface {
	Info() archive.Info
	Rev() string // URL-safe ASCII, another one for other tiles
	// Tile returns a tile, or archive.ErrNoTile.
	Tile(context.Context, archive.Coord) (archive.Tile, error)
}

var basemapName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)

// CheckBasemapName tells why New would refuse a base map of this name.
func CheckBasemapName(name string) error {
	if !basemapName.MatchString(name) {
		return errors.New("a name has up to 64 letters of a to z, digits, '-', '_' and '.', and begins with a letter or digit")
	}
	return nil
}

func checkBasemaps(all []Basemap) error {
	seen := map[string]bool{}
	for _, b := range all {
		if err := CheckBasemapName(b.Name); err != nil {
			return fmt.Errorf("server: base map %q: %w", b.Name, err)
		}
		if seen[b.Name] {
			return fmt.Errorf("server: two base maps are named %q", b.Name)
		}
		seen[b.Name] = true
	}
	return nil
}

// SetBasemaps puts others in the place of the base maps of the Config. A request under
// way ends with those that it took.
func (s *Server) SetBasemaps(all []Basemap) error {
	if err := checkBasemaps(all); err != nil {
		return err
	}
	s.maps.Store(&all)
	return nil
}

func (s *Server) baseMaps() []Basemap { return *s.maps.Load() }

type basemapsDocument struct {
	Basemaps []basemapDocument `json:"basemaps"`
	Online   []onlineDocument  `json:"online"` // of others, which the page fetches from there
	Links    []link            `json:"links"`
}

type basemapDocument struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description,omitempty"`
	Attribution string     `json:"attribution,omitempty"` // plain text
	Kind        string     `json:"kind"`
	MediaType   string     `json:"mediaType"`
	MinZoom     int        `json:"minzoom"`
	MaxZoom     int        `json:"maxzoom"`
	Bounds      [4]float64 `json:"bounds"`
	Center      [3]float64 `json:"center"`
	Layers      []string   `json:"layers,omitempty"`
	Tiles       string     `json:"tiles"`
	Links       []link     `json:"links"`
}

// basemapTileJSON is a document of TileJSON 3.0.
type basemapTileJSON struct {
	TileJSON     string          `json:"tilejson"`
	Name         string          `json:"name"`
	Description  string          `json:"description,omitempty"`
	Attribution  string          `json:"attribution,omitempty"` // may be HTML
	Version      string          `json:"version,omitempty"`
	Scheme       string          `json:"scheme"`
	Tiles        []string        `json:"tiles"`
	MinZoom      int             `json:"minzoom"`
	MaxZoom      int             `json:"maxzoom"`
	Bounds       [4]float64      `json:"bounds"`
	Center       [3]float64      `json:"center"`
	VectorLayers []archive.Layer `json:"vector_layers"`
}

// basemapsRev changes with every base map.
func basemapsRev(all []Basemap) string {
	var b strings.Builder
	for _, m := range all {
		b.WriteString(m.Name + "=" + m.Tiles.Rev() + "\n")
	}
	return b.String()
}

// basemaps answers GET /basemaps.
func (s *Server) basemaps(w http.ResponseWriter, q *request) error {
	if q.media.isHTML() {
		q.speaks(w)
	}
	all := s.baseMaps()
	t := s.tag(q, basemapsRev(all)+onlineRev(s.cfg.Online), "/basemaps")
	if q.current(w, t) {
		return nil
	}
	doc := basemapsDocument{Basemaps: []basemapDocument{}, Online: s.online(), Links: q.selfLinks([]media{jsonMedia, htmlMedia}, "/basemaps", "")}
	for _, b := range all {
		doc.Basemaps = append(doc.Basemaps, q.basemapDocument(b))
	}
	setLinks(w.Header(), doc.Links)
	if q.media.isHTML() {
		overview := crumb{phrase("Overview"), q.in("html", "/", "")}
		return s.sendPage(w, q, t, "basemaps", basemapsView{s.view(q, say(q.lang, "Base maps"), doc.Links, overview), doc.Basemaps, doc.Online})
	}
	return s.sendJSON(w, q, t, doc)
}

type basemapsView struct {
	view
	Basemaps []basemapDocument
	Online   []onlineDocument
}

func (q *request) basemapDocument(b Basemap) basemapDocument {
	i := b.Tiles.Info()
	kind := "vector"
	if i.Format.Raster() {
		kind = "raster"
	}
	path := "/basemaps/" + b.Name
	doc := basemapDocument{
		Name: b.Name, Title: cmp.Or(plainText(i.Name, 200), b.Name), Description: plainText(i.Description, 2000), Attribution: plainText(i.Attribution, 2000),
		Kind: kind, MediaType: i.Format.MediaType(), MinZoom: i.MinZoom, MaxZoom: i.MaxZoom,
		Bounds: [4]float64{i.Bounds.Min[0], i.Bounds.Min[1], i.Bounds.Max[0], i.Bounds.Max[1]},
		Center: [3]float64{i.Center[0], i.Center[1], float64(i.CenterZoom)},
		Tiles:  q.base + path + "/{z}/{x}/{y}",
		Links: []link{
			{q.in("json", path, ""), "self", "application/json", "The base map as TileJSON"},
			{q.in("html", path, ""), "alternate", "text/html", "The base map as a page"},
		},
	}
	for _, l := range i.Layers {
		doc.Layers = append(doc.Layers, l.ID)
	}
	return doc
}

var htmlTag = regexp.MustCompile(`<[^>]*>`)

// plainText is text of an archive, which may be HTML, without its tags and of at
// most most bytes.
func plainText(s string, most int) string {
	s = html.UnescapeString(htmlTag.ReplaceAllString(s, " "))
	return strings.ToValidUTF8(shorten(strings.Join(strings.Fields(s), " "), most), "")
}

// basemapOf is the base map that the path names.
func (s *Server) basemapOf(q *request) (Basemap, error) {
	name, err := q.variable("basemap")
	if err != nil {
		return Basemap{}, err
	}
	var names []string
	for _, b := range s.baseMaps() {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Basemap{}, failf(http.StatusNotFound, "There is no base map %q%s", printable(name), didYouMean(name, names))
}

// basemap answers GET /basemaps/{basemap}: TileJSON, or a page.
func (s *Server) basemap(w http.ResponseWriter, q *request) error {
	b, err := s.basemapOf(q)
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.speaks(w)
	}
	path := "/basemaps/" + b.Name
	t := s.tag(q, b.Tiles.Rev(), path)
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{jsonMedia, htmlMedia}, path, "")
	setLinks(w.Header(), links)
	doc, i := q.basemapDocument(b), b.Tiles.Info()
	if q.media.isHTML() {
		above := []crumb{{phrase("Overview"), q.in("html", "/", "")}, {phrase("Base maps"), q.in("html", "/basemaps", "")}}
		box := say(q.lang, "%g° to %g° east, %g° to %g° north", doc.Bounds[0], doc.Bounds[2], doc.Bounds[1], doc.Bounds[3])
		return s.sendPage(w, q, t, "basemap", basemapView{s.view(q, doc.Title, links, above...), doc, box, basemapUses(doc), i.Layers})
	}
	layers := i.Layers
	if layers == nil {
		layers = []archive.Layer{}
	}
	return s.sendJSON(w, q, t, basemapTileJSON{
		TileJSON: "3.0.0", Name: doc.Title, Description: doc.Description, Attribution: i.Attribution, Version: i.Version,
		Scheme: "xyz", Tiles: []string{doc.Tiles}, MinZoom: i.MinZoom, MaxZoom: i.MaxZoom, Bounds: doc.Bounds, Center: doc.Center,
		VectorLayers: layers,
	})
}

type basemapView struct {
	view
	Basemap basemapDocument
	Box     string
	Uses    []use
	Layers  []archive.Layer
}

// basemapUses are the addresses by which other programs read a base map.
func basemapUses(doc basemapDocument) []use {
	how := phrase("Layer > Add Layer > Add XYZ Layer > New, with this URL")
	if doc.Kind == "vector" {
		how = phrase("Layer > Add Layer > Add Vector Tile Layer > New Generic Connection, with this URL")
	}
	tileJSON := strings.TrimSuffix(doc.Tiles, "/{z}/{x}/{y}") + "?f=json"
	return []use{
		{geo.Text{EN: "QGIS"}, how, doc.Tiles},
		{geo.Text{EN: "MapLibre"}, phrase("As the address of a source, in TileJSON"), tileJSON},
		{geo.Text{EN: "Leaflet, OpenLayers"}, phrase("As the address of the tiles"), doc.Tiles},
	}
}

// basemapTile answers GET /basemaps/{basemap}/{z}/{x}/{y}. The tile goes out as the
// archive has it, unless the client cannot decode it. A place without a tile is 204,
// one outside the grid 404.
func (s *Server) basemapTile(w http.ResponseWriter, q *request) error {
	b, err := s.basemapOf(q)
	if err != nil {
		return err
	}
	params, err := parseParams(q.URL.RawQuery)
	if err == nil {
		err = params.none()
	}
	if err != nil {
		return err
	}
	c, err := q.tileCoord()
	if err != nil {
		return err
	}
	t := s.tag(&request{}, b.Tiles.Rev(), "/basemaps/"+b.Name+"/"+c.String())
	for _, coding := range []string{"", "gzip", "zstd"} {
		if etag := held(q.Header["If-None-Match"], t, coding); etag == t.with(coding) && accepts(q.Header["Accept-Encoding"], coding) {
			notModified(w, etag, keepable)
			return nil
		}
	}
	tile, err := b.Tiles.Tile(q.Context(), c)
	h := w.Header()
	if errors.Is(err, archive.ErrNoTile) {
		h["Etag"], h["Cache-Control"] = []string{t.with("")}, []string{keepable}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	body, used := tile.Data, tile.Coding
	if used != "" && !accepts(q.Header["Accept-Encoding"], used) {
		if body, err = tile.Unpack(); err != nil {
			return err
		}
		used = ""
	}
	if anyHeld(q.Header["If-None-Match"]) {
		notModified(w, t.with(used), keepable)
		return nil
	}
	if used != "" {
		h["Content-Encoding"] = []string{used}
	}
	h["Etag"], h["Cache-Control"] = []string{t.with(used)}, []string{keepable}
	h["Content-Type"] = []string{b.Tiles.Info().Format.MediaType()}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body) // a client that has gone needs no answer
	return nil
}

// tileCoord is the tile that the path names.
func (q *request) tileCoord() (archive.Coord, error) {
	var v [3]int
	for i, name := range []string{"z", "x", "y"} {
		text, err := q.variable(name)
		if err != nil {
			return archive.Coord{}, err
		}
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil || len(text) > 1 && text[0] == '0' {
			return archive.Coord{}, failf(http.StatusNotFound, "There is no tile whose %s is %s.", name, quoted(text))
		}
		v[i] = int(n)
	}
	c := archive.Coord{Z: v[0], X: v[1], Y: v[2]}
	if !c.Valid() {
		return c, failf(http.StatusNotFound, "There is no tile %v: zooms are 0 to %d, and x and y less than 2 to the power of the zoom.", c, archive.MaxZoom)
	}
	return c, nil
}

// accepts reports whether Accept-Encoding takes a content coding; "" is always
// taken.
func accepts(accept []string, coding string) bool {
	if coding == "" {
		return true
	}
	named, any := -1, -1
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			switch name, q := element(part); {
			case strings.EqualFold(name, coding):
				named = q
			case name == "*":
				any = q
			}
		}
	}
	if named < 0 {
		named = any
	}
	return named > 0
}
