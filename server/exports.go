package server

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"clustermap/geo"
	"clustermap/geo/export"
)

const (
	exportBuffer = 128 << 10 // bytes of one write to the client
	// stallTime is how long a client may take for exportBuffer bytes, and the
	// making of a file between two steps forward.
	stallTime = time.Minute
)

var errStalled = errors.New("server: an export that did not move was given up")

// export answers with all that a selection selects, or the page of it that a
// limit asks for, in a format that is not given by pages.
func (s *Server) export(w http.ResponseWriter, q *request, c *geo.Collection, path string, sel *selection, format export.Format) error {
	if sel.cursor != "" && !sel.limited {
		return invalid("cursor", "needs a limit in this format, which gives all features without one")
	}
	switch {
	case sel.zipped:
		sel.shape = append(sel.shape, param{"download", "zip"})
	case format.Paged:
		sel.shape = append(sel.shape, param{"download", "true"})
	}
	limit := 0
	if sel.limited {
		limit = sel.limit
	}
	t := s.tag(q, c.Source.Rev(), path+"?"+sel.text("", limit, sel.cursor))
	if q.current(w, t) {
		return nil
	}
	features, err := s.selected(w, q, c, sel, format, path)
	if err != nil {
		return err
	}
	as := exported{format: format, name: exportName(c), tag: t}
	if x, ok := c.Source.(storer); ok && sel.whole() && c.Source.Schema().Features >= storedFrom {
		as.stored = x.Stored
	}
	return s.sendExport(w, q, c, sel, as, features)
}

// storedFrom is how many features are given in the order in which they are stored,
// which takes a third of the time: they are too many for a person to look one up.
const storedFrom = 50_000

// storer is a Source that keeps its features encoded side by side.
type storer interface {
	Stored() (pieces iter.Seq[[]byte], size int64)
}

// whole reports whether all features are wanted, in no order asked for.
func (sel *selection) whole() bool {
	return !sel.limited && len(sel.filter) == 0 && len(sel.order) == 0
}

// exportItem answers with one feature in a format that is not given by pages.
func (s *Server) exportItem(w http.ResponseWriter, q *request, c *geo.Collection, sel *selection, f geo.Feature, t tag) error {
	if err := s.simplify(q, sel, c.Source); err != nil {
		return err
	}
	format, _ := export.ByName(q.media.f)
	setCounts(w.Header(), 1, 1)
	return s.sendExport(w, q, c, sel, exported{format: format, name: exportName(c) + "-" + f.ID().String(), tag: t}, each([]geo.Feature{f}))
}

// exported is how an export is sent.
type exported struct {
	format export.Format
	name   string // without the extension
	tag    tag
	stored func() (pieces iter.Seq[[]byte], size int64) // or nil
}

func (s *Server) sendExport(w http.ResponseWriter, q *request, c *geo.Collection, sel *selection, as exported, features source) error {
	format := as.format
	if !format.Streams {
		select {
		case s.making <- struct{}{}:
			defer func() { <-s.making }()
		default:
			w.Header().Set("Retry-After", "10")
			return failf(http.StatusServiceUnavailable, "As many files are being made as this server makes at a time. Try again in 10 seconds, or use f=csv or f=geojsonseq.")
		}
	}
	h := w.Header()
	h["Content-Type"] = []string{format.MediaType}
	h["Content-Crs"] = contentCRS(sel.crs)
	h["Content-Disposition"] = []string{disposition(as.name + format.Ext)}
	h["Cache-Control"] = []string{revalidate}
	out := &exportWriter{w: w, control: http.NewResponseController(w), packs: format.Streams && !sel.zipped, coding: q.coding, tag: as.tag}
	if sel.zipped {
		h["Content-Type"] = []string{"application/zip"}
		h["Content-Disposition"] = []string{disposition(as.name + ".zip")}
		out.zip = as.name + format.Ext
	}
	if q.Method == http.MethodHead {
		out.begin()
		w.WriteHeader(http.StatusOK)
		return nil
	}
	opt := s.exportOptions(q, c, sel, format)
	opt.Stored = as.stored
	return s.write(out, q, features, opt)
}

// selected are the features of an export, and sets the headers that count and
// link them.
func (s *Server) selected(w http.ResponseWriter, q *request, c *geo.Collection, sel *selection, format export.Format, path string) (source, error) {
	s.explain(q, c, sel)
	if err := s.simplify(q, sel, c.Source); err != nil {
		return nil, err
	}
	ctx, cancel := s.limitedTime(q.Context())
	defer cancel()
	h := w.Header()
	if sel.limited {
		found, err := c.Source.Search(ctx, sel.query)
		if err != nil {
			return nil, err
		}
		setLinks(h, q.itemsLinks(c.ID, path, sel, found))
		setCounts(h, found.Matched, len(found.Features))
		return each(found.Features), nil
	}
	n, err := c.Source.Count(ctx, sel.query)
	if err != nil {
		return nil, err
	}
	if n > s.cfg.MaxExport {
		return nil, failf(http.StatusRequestEntityTooLarge, "The query selects %d features; this server gives at most %d at once. Narrow it by bbox or filter, or take pages by limit.", n, s.cfg.MaxExport)
	}
	if format.Most > 0 && n > format.Most {
		return nil, failf(http.StatusRequestEntityTooLarge, "The query selects %d features; a file of the format %s holds at most %d. Narrow it by bbox or filter, take pages by limit, or another format.", n, format.Name, format.Most)
	}
	sel.limit = 0
	setLinks(h, q.itemsLinks(c.ID, path, sel, geo.Result{}))
	setCounts(h, n, n)
	whole := sel.query
	whole.Limit, whole.After = 0, nil
	return func(ctx context.Context) iter.Seq2[geo.Feature, error] { return c.Source.Each(ctx, whole) }, nil
}

// source gives the features of an export, until the context ends.
type source func(context.Context) iter.Seq2[geo.Feature, error]

func each(features []geo.Feature) source {
	return func(context.Context) iter.Seq2[geo.Feature, error] {
		return func(yield func(geo.Feature, error) bool) {
			for _, f := range features {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

func setCounts(h http.Header, matched, returned int) {
	h["Ogc-Numbermatched"] = []string{strconv.Itoa(matched)}
	h["Ogc-Numberreturned"] = []string{strconv.Itoa(returned)}
}

func (s *Server) exportOptions(q *request, c *geo.Collection, sel *selection, format export.Format) export.Options {
	return export.Options{
		View: sel.view, Format: format, ID: exportName(c), Title: c.Title, Description: c.Description, Schema: c.Source.Schema(),
		Lang: q.lang, Link: q.base + collectionPath(c.ID), About: s.about(q, c, sel), TempDir: s.cfg.TempDir,
	}
}

// about tells where an export comes from and what it holds.
func (s *Server) about(q *request, c *geo.Collection, sel *selection) []export.Fact {
	facts := []export.Fact{
		{Name: geo.Text{EN: "Source", ZH: "来源"}, Value: s.cfg.Title + ", " + q.base + collectionPath(c.ID)},
		{Name: geo.Text{EN: "Date", ZH: "日期"}, Value: s.cfg.Now().UTC().Format(time.RFC3339)},
	}
	for _, list := range [...]params{sel.filter, sel.order} {
		for _, p := range list {
			facts = append(facts, export.Fact{Name: geo.Text{EN: "Query: " + p.name, ZH: "查询：" + p.name}, Value: p.value})
		}
	}
	return facts
}

// write writes the export. An error before the first byte is answered as any
// other; after it the connection is cut, so that no client takes a part for the
// whole.
func (s *Server) write(out *exportWriter, q *request, features source, opt export.Options) error {
	// A server's ReadTimeout would end the request's context in the midst.
	_ = out.control.SetReadDeadline(time.Time{})
	ctx, cancel := context.WithCancelCause(q.Context())
	defer cancel(nil)
	stall := time.AfterFunc(stallTime, func() { cancel(errStalled) })
	defer stall.Stop()
	out.moved = func() { stall.Reset(stallTime) }
	var err error
	if found := counted(features(ctx), out.moved); out.zip != "" {
		err = s.writeZip(ctx, out, found, opt)
	} else {
		opt.Size = out.setSize
		err = export.Write(ctx, out, found, opt)
	}
	if err == nil {
		err = out.close()
	}
	if err == nil || !out.begun {
		return err
	}
	if q.Context().Err() == nil {
		s.log.LogAttrs(q.Context(), slog.LevelWarn, "export cut off",
			slog.String("id", out.w.Header().Get("X-Request-Id")), slog.Any("err", err))
	}
	panic(http.ErrAbortHandler)
}

// writeZip writes the export and, beside it, a note of what it is.
func (s *Server) writeZip(ctx context.Context, out *exportWriter, features iter.Seq2[geo.Feature, error], opt export.Options) error {
	z := zip.NewWriter(out)
	entry := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: s.cfg.Now().UTC()})
	}
	w, err := entry(out.zip)
	if err == nil {
		err = export.Write(ctx, w, features, opt)
	}
	if err == nil {
		w, err = entry("about.txt")
	}
	if err == nil {
		err = export.WriteAbout(w, opt)
	}
	if err == nil {
		err = z.Close()
	}
	return err
}

// counted calls moved now and then while the features are read.
func counted(features iter.Seq2[geo.Feature, error], moved func()) iter.Seq2[geo.Feature, error] {
	return func(yield func(geo.Feature, error) bool) {
		n := 0
		for f, err := range features {
			if n++; n%4096 == 0 {
				moved()
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// exportWriter writes to a client who may be slow but must move, compressed as it
// likes. The headers go out with the first byte.
type exportWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	packs   bool // compression pays
	coding  coding
	tag     tag
	moved   func()
	zip     string // the name of the data in a zip file, or ""

	begun  bool
	packed io.WriteCloser // nil: as it is
	buf    []byte         // not yet sent
}

// setSize tells the length of what will be written.
func (e *exportWriter) setSize(n int64) {
	if e.packing() == "" {
		e.w.Header()["Content-Length"] = []string{strconv.FormatInt(n, 10)}
	}
}

// packing is the coding that is used, or "".
func (e *exportWriter) packing() string {
	if e.packs || e.coding.must {
		return e.coding.name
	}
	return ""
}

// begin completes the headers.
func (e *exportWriter) begin() {
	e.begun = true
	h, used := e.w.Header(), e.packing()
	if used != "" {
		h["Content-Encoding"] = []string{used}
	}
	// Weak: a file of the same features may have another date in it.
	h["Etag"] = []string{"W/" + e.tag.with(used)}
	switch used {
	case "gzip":
		e.packed, _ = gzip.NewWriterLevel(sink{e}, 4) // a valid level
	case "zstd":
		e.packed, _ = zstd.NewWriter(sink{e}, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20)) // valid options
	}
}

// Write buffers, so that nothing is sent of an answer that fails early.
func (e *exportWriter) Write(b []byte) (int, error) {
	total := len(b)
	for len(b) > 0 {
		if len(e.buf) == 0 && e.begun && len(b) >= exportBuffer {
			if err := e.send(b[:exportBuffer]); err != nil {
				return total - len(b), err
			}
			b = b[exportBuffer:]
			continue
		}
		if e.buf == nil {
			e.buf = make([]byte, 0, exportBuffer)
		}
		n := copy(e.buf[len(e.buf):cap(e.buf)], b)
		e.buf, b = e.buf[:len(e.buf)+n], b[n:]
		if len(e.buf) == cap(e.buf) {
			if err := e.flush(); err != nil {
				return total - len(b), err
			}
		}
	}
	return total, nil
}

func (e *exportWriter) flush() error {
	if !e.begun {
		e.begin()
	}
	b := e.buf
	e.buf = e.buf[:0]
	return e.send(b)
}

func (e *exportWriter) send(b []byte) error {
	if e.packed != nil {
		_, err := e.packed.Write(b)
		return err
	}
	_, err := sink{e}.Write(b)
	return err
}

func (e *exportWriter) close() error {
	err := e.flush()
	if e.packed != nil && err == nil {
		err = e.packed.Close()
	}
	return err
}

// sink is the client's end. Each write has its own time.
type sink struct{ e *exportWriter }

func (s sink) Write(b []byte) (int, error) {
	_ = s.e.control.SetWriteDeadline(time.Now().Add(stallTime))
	s.e.moved()
	return s.e.w.Write(b)
}

// exportName is what the file of a collection is called. The id of the places of an answer is
// too long for that.
func exportName(c *geo.Collection) string {
	if source, method, _, ok := parsePlacesID(c.ID); ok {
		return source + "-" + method
	}
	return c.ID
}

// disposition says that an answer is a file of this name (RFC 6266): in ASCII for
// old clients, and as it is (RFC 8187).
func disposition(name string) string {
	safe := func(c rune) rune {
		if c < 0x20 || c == 0x7f || strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_'
		}
		return c
	}
	name = strings.TrimLeft(strings.Map(safe, name), ".")
	plain := strings.Map(func(c rune) rune {
		if c >= 0x7f || c == '%' || c == ';' {
			return '_'
		}
		return c
	}, name)
	out := `attachment; filename="` + plain + `"`
	if plain != name {
		out += "; filename*=UTF-8''" + strings.NewReplacer("+", "%20", "'", "%27", "(", "%28", ")", "%29", "*", "%2A").Replace(url.QueryEscape(name))
	}
	return out
}
