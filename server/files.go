package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Cache-Control of files whose names hold a hash of what is in them, and of
// those that keep their name when they change.
const (
	immutable = "public, max-age=31536000, immutable"
	hourly    = "public, max-age=3600"
)

// files are the files of the front end and the base map, in memory.
type files struct {
	web   map[string]*file // by path, such as assets/index-1a2b.js
	base  map[string]*file // by name, such as land.geojson
	style *file            // of our own HTML pages
	index *file            // the map page
}

// file is a file that is served as it is. It is compressed when it is first
// asked for, and then kept.
type file struct {
	content string // Content-Type
	cache   string // Cache-Control
	tag     tag
	plain   []byte
	gzip    func() []byte
	zstd    func() []byte
}

func newFile(name, cache string, body []byte) *file {
	sum := sha256.Sum256(body)
	content, packs := contentType(name)
	f := &file{content: content, cache: cache, plain: body, tag: tag(base64.RawURLEncoding.EncodeToString(sum[:12]))}
	if packs && len(body) >= minCompress {
		packed := func(coding string) func() []byte {
			return sync.OnceValue(func() []byte {
				var b bytes.Buffer
				compressBest(&b, coding, body)
				return bytes.Clone(b.Bytes())
			})
		}
		f.gzip, f.zstd = packed("gzip"), packed("zstd")
	}
	return f
}

// contentType is the media type of a file by its name, and whether compression
// makes it smaller.
func contentType(name string) (content string, packs bool) {
	switch path.Ext(name) {
	case ".html":
		return htmlType, true
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8", true
	case ".css":
		return "text/css; charset=utf-8", true
	case ".json", ".map":
		return "application/json", true
	case ".geojson":
		return "application/geo+json", true
	case ".webmanifest":
		return "application/manifest+json", true
	case ".svg":
		return "image/svg+xml", true
	case ".txt":
		return "text/plain; charset=utf-8", true
	case ".ico":
		return "image/x-icon", true
	case ".png":
		return "image/png", false
	case ".jpg", ".jpeg":
		return "image/jpeg", false
	case ".webp":
		return "image/webp", false
	case ".woff2":
		return "font/woff2", false
	case ".ttf":
		return "font/ttf", true
	}
	return "application/octet-stream", false
}

// readFiles reads the built front end and the base map.
func readFiles(web, base fs.FS, p *pages, site view) (*files, error) {
	f := &files{web: map[string]*file{}, base: map[string]*file{}, style: newFile("html.css", hourly, p.style)}
	if err := f.readBase(base); err != nil {
		return nil, fmt.Errorf("server: base map: %w", err)
	}
	index, err := f.readWeb(web)
	if err != nil {
		return nil, fmt.Errorf("server: front end: %w", err)
	}
	page, err := p.mapPage(index, site)
	if err != nil {
		return nil, err
	}
	f.index = newFile("index.html", revalidate, page)
	return f, nil
}

// baseNames are the names of the base map's files, in order.
func (f *files) baseNames() []string { return slices.Sorted(maps.Keys(f.base)) }

func (f *files) readBase(base fs.FS) error {
	if base == nil {
		return nil
	}
	names, err := fs.Glob(base, "base/*.geojson")
	if err != nil {
		return err
	}
	for _, name := range names {
		body, err := fs.ReadFile(base, name)
		if err != nil {
			return err
		}
		f.base[path.Base(name)] = newFile(name, hourly, body)
	}
	return nil
}

// readWeb reads the front end and returns its index.html, nil if there is none.
func (f *files) readWeb(web fs.FS) (index []byte, err error) {
	if web == nil {
		return nil, nil
	}
	err = fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		body, err := fs.ReadFile(web, name)
		switch {
		case err != nil:
			return err
		case name == "index.html":
			index = body
		case strings.HasPrefix(name, "assets/"):
			f.web[name] = newFile(name, immutable, body)
		default:
			f.web[name] = newFile(name, hourly, body)
		}
		return nil
	})
	return index, err
}

// mapPage is the built page with the landing page's links in its head, for
// programs, and in a noscript, for readers without scripts. The addresses are
// relative, so that they hold below any path.
func (p *pages) mapPage(index []byte, site view) ([]byte, error) {
	if index == nil {
		return p.render("unbuilt", site)
	}
	head, err := p.render("maphead", site)
	if err != nil {
		return nil, err
	}
	body, err := p.render("mapnoscript", site)
	if err != nil {
		return nil, err
	}
	lower := bytes.ToLower(index)
	if i := bytes.Index(lower, []byte("<body")); i >= 0 {
		if j := bytes.IndexByte(index[i:], '>'); j >= 0 {
			index = insert(index, i+j+1, body)
		}
	}
	if i := bytes.Index(lower, []byte("</head>")); i >= 0 {
		index = insert(index, i, head)
	}
	return index, nil
}

func insert(b []byte, at int, what []byte) []byte {
	return append(append(append(make([]byte, 0, len(b)+len(what)), b[:at]...), what...), b[at:]...)
}

// mapPage answers GET / for a browser.
func (s *Server) mapPage(w http.ResponseWriter, q *request) error {
	w.Header()["Content-Security-Policy"] = []string{s.mapped}
	return s.pageWithCard(w, q, "/")
}

// baseFile answers GET /base/{file}.
func (s *Server) baseFile(w http.ResponseWriter, q *request) error {
	return s.fileOf(w, q, s.files.base, "")
}

// asset answers GET /assets/{file}.
func (s *Server) asset(w http.ResponseWriter, q *request) error {
	return s.fileOf(w, q, s.files.web, "assets/")
}

// rootFile answers GET /{file}, such as the icon of the front end.
func (s *Server) rootFile(w http.ResponseWriter, q *request) error {
	return s.fileOf(w, q, s.files.web, "")
}

func (s *Server) styleSheet(w http.ResponseWriter, q *request) error {
	s.sendFile(w, q, s.files.style)
	return nil
}

func (s *Server) fileOf(w http.ResponseWriter, q *request, in map[string]*file, folder string) error {
	name, err := q.variable("file")
	if err != nil {
		return err
	}
	f := in[folder+name]
	if f == nil {
		return failf(http.StatusNotFound, "There is nothing at this path. The resources are listed at %s/api.", q.base)
	}
	s.sendFile(w, q, f)
	return nil
}

func (s *Server) sendFile(w http.ResponseWriter, q *request, f *file) {
	if etag := held(q.Header["If-None-Match"], f.tag, q.coding.name); etag != "" {
		notModified(w, etag, f.cache)
		return
	}
	body, used := f.plain, ""
	switch {
	case q.coding.name == "gzip" && f.gzip != nil:
		body, used = f.gzip(), "gzip"
	case q.coding.name == "zstd" && f.zstd != nil:
		body, used = f.zstd(), "zstd"
	}
	if anyHeld(q.Header["If-None-Match"]) {
		notModified(w, f.tag.with(used), f.cache)
		return
	}
	h := w.Header()
	if used != "" {
		h.Set("Content-Encoding", used)
	}
	h.Set("Etag", f.tag.with(used))
	h.Set("Cache-Control", f.cache)
	h.Set("Content-Type", f.content)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that has gone needs no answer
}
