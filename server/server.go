// Package server answers the requests of browsers and GIS programs for the
// collections of a geo.Atlas: OGC API - Features Parts 1 to 3 with what belongs to
// them, the map page and its files.
//
// Coordinates are longitude, latitude in degrees (OGC:CRS84) where a request names
// no other system.
//
// The package knows nothing of disks, files named by users or databases: what
// it serves comes in as an atlas and as fs.FS.
package server

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/pyramid"
	"clustermap/geo/render"
)

// Config is what a Server needs. Only Atlas is required.
type Config struct {
	Atlas *geo.Atlas

	Web  fs.FS // the built front end, index.html at its root; nil or no index.html: a page that says how to build it
	Base fs.FS // holds base/NAME.geojson, the base map; nil: none

	Faces fs.FS // the faces of pictures, see draw.LoadFonts; nil: Latin and what the system has

	Basemaps []Basemap // archives of tiles to lay maps on, in the order to show
	Online   []Online  // base maps of others that the page offers, see OnlinePresets

	// BaseURL is the address under which users reach the server, such as
	// https://maps.example.org/atlas. Requests may arrive with its path or with
	// the path already taken off by a proxy. If it is empty, links use the
	// scheme and Host of the request; forwarded headers are never read.
	BaseURL string

	// Embed says who may show the map in a frame: all, which is what "" means, none, or
	// origins with commas between. It holds for /embed; no other page may be framed.
	Embed string

	Title, Description string
	Version            string // of the program; part of every ETag

	DefaultItems int // features of a page where the request names no limit; 0: 1000
	MaxItems     int // greater limits are taken as this; 0: 10000
	MaxExport    int // features of a file; a query that selects more is refused; 0: 5 million
	MaxFiles     int // files made at a time, for formats that are not streamed; 0: 4

	QueryTimeout time.Duration // for finding features; 0: 30 s

	StatisticsTimeout time.Duration // for answering a statistic, the waiting for others included; 0: 60 s
	TempDir           string        // of files being made; "": the system's
	MaxListeners      int           // clients of /events at a time; 0: 10,000
	CacheBytes        int64         // of answers and layers kept in memory, apart from the data; 0: 512 MB

	Tables Tables // what tables are read with, and where what came of them may stay

	PrivateMetrics bool // GET /metrics is not answered; Server.Metrics is for another address

	Log *slog.Logger     // nil: no log
	Now func() time.Time // nil: time.Now
}

// Server is an http.Handler that is safe for concurrent use. Every request is
// answered from one state of the atlas, which it takes once.
type Server struct {
	cfg     Config
	log     *slog.Logger
	base    baseURL
	seed    [sha256.Size]byte // what all ETags depend on beside the data
	routes  []route
	takes   map[string]taking // by the path of the route
	router  *mux.Router
	pages   *pages
	mapped  string // the content policy of the map page
	framed  string // that of /embed
	reasons *translator
	files   *files
	basics  *baseMap
	spec    atomic.Pointer[apiDocument]
	pack    packer

	answers  *cache[*keptAnswer]
	pictures *cache[*keptAnswer]
	faces    *draw.Fonts
	ground   *render.Base // under pictures; nil: none
	layers   *cache[*layer]
	derived  *cache[*answerPlaces]
	pyramids atomic.Pointer[map[*geo.Index]*pyramid.Pyramid] // of all features, for the current state

	statistics *statistics

	feed      *feed
	metrics   *metrics
	published atomic.Int64 // when the current state was first served, in nanoseconds of Unix time
	rejected  atomic.Pointer[[]geo.Rejected]
	maps      atomic.Pointer[[]Basemap]
	requests  requestIDs
	draining  atomic.Bool
	making    chan struct{} // has an element for each file being made
	importing chan struct{} // has an element for each table being read
	origins   *http.CrossOriginProtection
}

// Limits of a request. net/http itself answers 431 beyond maxHeaderBytes.
const (
	maxURLBytes    = 64 << 10
	maxFieldBytes  = 64 << 10
	maxHeaderBytes = 256 << 10
)

// setDefaults fills in what is not set.
func (cfg *Config) setDefaults() {
	if cfg.Title == "" {
		cfg.Title = "clustermap"
	}
	if cfg.Description == "" {
		cfg.Description = "Places as map layers: OGC API - Features over GeoJSON."
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.DefaultItems <= 0 {
		cfg.DefaultItems = 1000
	}
	if cfg.MaxItems <= 0 {
		cfg.MaxItems = 10000
	}
	if cfg.MaxExport <= 0 {
		cfg.MaxExport = 5_000_000
	}
	if cfg.MaxFiles <= 0 {
		cfg.MaxFiles = 4
	}
	if cfg.CacheBytes <= 0 {
		cfg.CacheBytes = 512 << 20
	}
	if cfg.MaxListeners <= 0 {
		cfg.MaxListeners = 10_000
	}
	if cfg.QueryTimeout <= 0 {
		cfg.QueryTimeout = 30 * time.Second
	}
	if cfg.StatisticsTimeout <= 0 {
		cfg.StatisticsTimeout = time.Minute
	}
	cfg.Tables.setDefaults()
	cfg.DefaultItems = min(cfg.DefaultItems, cfg.MaxItems)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
}

// New makes a Server. It reads Web and Base once, opens nothing and starts
// nothing.
func New(cfg Config) (*Server, error) {
	if cfg.Atlas == nil {
		return nil, errors.New("server: no atlas")
	}
	cfg.setDefaults()
	s := &Server{cfg: cfg, log: cfg.Log, requests: newRequestIDs(), making: make(chan struct{}, cfg.MaxFiles),
		importing: make(chan struct{}, cfg.Tables.AtOnce), origins: http.NewCrossOriginProtection()}
	s.answers = newCache[*keptAnswer](cfg.CacheBytes/4, 4*runtime.GOMAXPROCS(0))
	s.pictures = newCache[*keptAnswer](cfg.CacheBytes/8, max(1, runtime.GOMAXPROCS(0)/2))
	s.statistics = newStatistics(cfg.CacheBytes / 16)
	s.derived = newCache[*answerPlaces](cfg.CacheBytes/16, runtime.GOMAXPROCS(0))
	s.layers = newCache[*layer](cfg.CacheBytes/2, runtime.GOMAXPROCS(0))
	s.answers.refused = func(n int64) { s.log.Warn("an answer is greater than the cache and not kept", "bytes", n) }
	s.layers.refused = func(n int64) { s.log.Warn("a map layer is greater than the cache and not kept", "bytes", n) }
	s.feed = newFeed(cfg.MaxListeners, cfg.Atlas.State())
	var err error
	if s.base, err = parseBaseURL(cfg.BaseURL); err != nil {
		return nil, fmt.Errorf("server: base URL %q: %w", cfg.BaseURL, err)
	}
	if s.framed, err = framePolicy(cfg.Embed); err != nil {
		return nil, fmt.Errorf("server: embed %q: %w", cfg.Embed, err)
	}
	if err := checkOnline(cfg.Online); err != nil {
		return nil, err
	}
	s.mapped, s.framed = withPictures(contentPolicy, cfg.Online), withPictures(s.framed, cfg.Online)
	if err := s.SetBasemaps(cfg.Basemaps); err != nil {
		return nil, err
	}
	if s.basics, err = readBaseMap(cfg.Base); err != nil {
		return nil, err
	}
	if s.faces, err = draw.LoadFonts(cfg.Faces); err != nil {
		return nil, err
	}
	if cfg.Base != nil {
		if s.ground, err = render.ReadBase(cfg.Base); err != nil {
			return nil, err
		}
	}
	s.reasons = newTranslator()
	if s.pages, err = newPages(); err != nil {
		return nil, err
	}
	if s.files, err = readFiles(cfg.Web, cfg.Base, s.pages, view{Site: cfg.Title, Version: cfg.Version, Title: cfg.Title}); err != nil {
		return nil, err
	}
	s.seed = sha256.Sum256([]byte(cfg.Version + "\x00" + cfg.Title + "\x00" + cfg.Description + "\x00" + s.pages.hash))
	if err := s.trustBase(); err != nil {
		return nil, err
	}
	s.takes = s.taken()
	s.routes = s.table()
	s.metrics = newMetrics(s)
	s.notePublished(nil, cfg.Atlas.State())
	s.router = s.newRouter()
	return s, nil
}

// SetDraining tells GET /readyz whether to answer 503, so that a load balancer
// sends no more requests while those at work are finished. The streams of /events
// end, so that their clients look for another server. Every other request is
// answered as before.
func (s *Server) SetDraining(on bool) {
	s.draining.Store(on)
	if on {
		s.feed.end(false)
	}
}

// HTTPServer returns an http.Server with the limits and timeouts that the
// handler counts on. The caller listens, best with a [Listener], serves and shuts it
// down; Shutdown ends the streams of /events.
func (s *Server) HTTPServer() *http.Server {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      max(2*time.Minute, s.cfg.StatisticsTimeout+time.Minute), // 10,000 features to a slow line
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnContext:       withConn,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	h.RegisterOnShutdown(func() { s.feed.end(true) })
	return h
}
