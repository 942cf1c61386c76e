package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/ingest"
)

const (
	importPath    = "/import"
	oneCollection = "/collections/{collection}"
)

// Tables says how the server reads the tables that people send, see importTable,
// and where a collection that they made of one may stay.
type Tables struct {
	// Gazetteer gives the places that rows are put to. It is asked again for each
	// table, and should read it once. nil: no table is read, and no place is found.
	Gazetteer func() (*gazetteer.Gazetteer, error)

	MaxBytes int64         // of a file; 0: 32 MiB; negative: no table is read
	AtOnce   int           // tables that are read at a time; 0: 2
	Timeout  time.Duration // for sending a file, and again for reading it; 0: 30 s
	Patience time.Duration // for a collection that was stored to be served; 0: 5 s

	// Keep stores a collection durably, to be served from then on. Where its name is
	// taken it replaces what it kept before, or is fs.ErrExist if replace is not
	// set or what has the name is not its own; a name that is not taken is
	// fs.ErrNotExist if replace is set. nil: nothing that is sent stays.
	Keep func(ctx context.Context, name string, geojson []byte, replace bool) error
}

func (t *Tables) setDefaults() {
	t.MaxBytes = cmp.Or(t.MaxBytes, 32<<20)
	if t.AtOnce <= 0 {
		t.AtOnce = 2
	}
	if t.Timeout <= 0 {
		t.Timeout = 30 * time.Second
	}
	if t.Patience <= 0 {
		t.Patience = 5 * time.Second
	}
}

func (t *Tables) read() bool { return t.MaxBytes > 0 && t.Gazetteer != nil }

// importMedia are the answers to a table: all that was made of it, or the features
// alone.
func importMedia() []media {
	return []media{jsonMedia, {"geojson", geojsonMedia.content, geojsonMedia.content}}
}

// importTerms is what a page has to know before it sends a table.
type importTerms struct {
	Enabled  bool     `json:"enabled"`
	MaxBytes int64    `json:"maxBytes,omitempty"`
	Keeps    bool     `json:"keeps"`
	Formats  []string `json:"formats,omitempty"` // endings of names

	Roles []ingest.RoleInfo `json:"roles,omitempty"` // that a column may have
}

// importTerms answers GET /import.
func (s *Server) importTerms(w http.ResponseWriter, q *request) error {
	t := s.tag(q, "", importPath)
	if q.current(w, t) {
		return nil
	}
	terms := importTerms{Keeps: s.cfg.Tables.Keep != nil}
	if s.cfg.Tables.read() {
		terms.Enabled, terms.MaxBytes = true, s.cfg.Tables.MaxBytes
		terms.Formats, terms.Roles = tableFormats(), ingest.Roles()
	}
	return s.sendJSON(w, q, t, terms)
}

// importTable answers POST /import: it reads a table and finds the places of its
// rows. Nothing of it stays. What is wrong is told in the language of the request,
// for the page shows it to people.
func (s *Server) importTable(w http.ResponseWriter, q *request) error {
	err := s.importSent(w, q)
	if err == nil || q.lang != "zh" {
		return err
	}
	var bad *geo.InvalidError
	if errors.As(err, &bad) {
		said := *bad
		said.Reason = s.reasons.in("zh", bad.Reason)
		return &said
	}
	var he *httpError
	if errors.As(err, &he) {
		return &httpError{he.Status, s.reasons.in("zh", he.Msg)}
	}
	return err
}

func (s *Server) importSent(w http.ResponseWriter, q *request) error {
	if err := importParameters(q.params); err != nil {
		return err
	}
	buf := s.pack.buffer()
	defer s.pack.free(buf)
	if err := s.importInTurn(w, q, buf); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * time.Minute))
	q.volatile = true
	s.send(w, q, "", buf.Bytes())
	return nil
}

// importInTurn writes the answer to a table, if it is the turn of one. The turn ends
// before the answer goes over the line of the client, which may be slow.
func (s *Server) importInTurn(w http.ResponseWriter, q *request, answer *bytes.Buffer) error {
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	default:
		w.Header().Set("Retry-After", "2")
		return failf(http.StatusServiceUnavailable, "As many tables are being read as this server reads at a time. Try again in 2 seconds.")
	}
	patience := s.cfg.Tables.Timeout
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(patience)) // a writer of tests has none
	sent, err := s.sentTable(w, q)
	if err != nil {
		return s.notWhole(err)
	}
	_ = control.SetReadDeadline(time.Time{})
	ctx, done := context.WithTimeoutCause(q.Context(), patience, errLongTable)
	defer done()
	err = s.readTable(ctx, answer, sent, q)
	if err != nil && errors.Is(context.Cause(ctx), errLongTable) {
		return failf(http.StatusServiceUnavailable, "Reading the table took longer than this server allows. Send fewer rows at a time, or use the command clustermap import.")
	}
	return err
}

// importParameters refuses what is no parameter of importTable.
func importParameters(p params) error {
	for _, one := range p {
		if one.name != "name" {
			return unknown(one.name, []string{"name", "f", "lang"})
		}
	}
	return nil
}

var errLongTable = errors.New("server: the table takes too long")

// notWhole says why a body was not read to its end.
func (s *Server) notWhole(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failf(http.StatusRequestEntityTooLarge, "The file is larger than %s, the most that this server takes. Use the command clustermap import for it.", bytesInWords(s.cfg.Tables.MaxBytes))
	}
	return err
}

// bytesInWords is a size as people read it.
func bytesInWords(n int64) string {
	for _, unit := range []string{"bytes", "KB", "MB"} {
		if n < 10<<10 || n%1024 != 0 && n < 10<<20 {
			return strconv.FormatInt(n, 10) + " " + unit
		}
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + " GB"
}

// trustBase lets the pages at the configured address send, whatever Host a proxy
// makes of it.
func (s *Server) trustBase() error {
	if s.base.fixed == "" {
		return nil
	}
	u, err := url.Parse(s.base.fixed)
	if err != nil {
		return fmt.Errorf("server: base URL %q: %w", s.base.fixed, err)
	}
	return s.origins.AddTrustedOrigin(u.Scheme + "://" + u.Host)
}

// sentFromHere refuses what a page of another site has its reader's browser send.
// Such a page may also give its own name the address of this server, and then looks
// as if it came from here: so what is to stay must come from a page at an address in
// figures, of this machine, or at the configured one.
func (s *Server) sentFromHere(r *http.Request) error {
	if err := s.origins.Check(r); err != nil {
		return failf(http.StatusForbidden, "A page of another site sent this. Only pages of this server may.")
	}
	origin := r.Header.Get("Origin")
	if r.Method != http.MethodPut || origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil {
		return failf(http.StatusForbidden, "The Origin header is not an address.")
	}
	_, err = netip.ParseAddr(u.Hostname())
	if err == nil || u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") || s.base.fixed != "" && s.base.fixed == origin+s.base.path {
		return nil
	}
	return failf(http.StatusForbidden, "A server that keeps collections has to know the name under which it is reached: start it with -base-url.")
}
