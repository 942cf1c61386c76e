package server

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"time"

	"clustermap/geo"
)

// keptName is what a collection that is sent may be called: a name that is alike as
// a file on every system and in an address.
var keptName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// device is a name that means no file on Windows.
var device = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)

// keepCollection answers PUT /collections/{collection}: the GeoJSON that is sent is
// checked as a file is, stored, and served from then on. The sender says whether it
// is new (If-None-Match: *) or replaces what is there (If-Match: *), so that nobody
// writes over the work of another without knowing.
func (s *Server) keepCollection(w http.ResponseWriter, q *request) error {
	name, err := q.variable("collection")
	if err != nil {
		return err
	}
	if err := q.params.none(); err != nil {
		return err
	}
	if !keptName.MatchString(name) || device.MatchString(name) {
		return invalid("collection", "%s is no name for a collection; use at most 63 of the letters a to z, digits, - and _, a letter or digit first", quoted(name))
	}
	fresh, replace := q.Header.Get("If-None-Match") == "*", q.Header.Get("If-Match") == "*"
	if fresh == replace {
		return failf(http.StatusPreconditionRequired, "Say If-None-Match: * for a collection that is new, or If-Match: * to replace the one of this name.")
	}
	most := max(s.cfg.Tables.MaxBytes, 32<<20)
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.Tables.Timeout)) // a writer of tests has none
	body, err := readUpTo(http.MaxBytesReader(w, q.Body, most), q.ContentLength, most)
	if err != nil {
		return s.notWhole(err)
	}
	if _, err := geo.Read(bytes.NewReader(body), geo.ReadOptions{}); err != nil {
		return asInvalid(err)
	}
	before, _ := q.state.Collection(name)
	switch err := s.cfg.Tables.Keep(q.Context(), name, body, replace); {
	case errors.Is(err, fs.ErrExist):
		return failf(http.StatusPreconditionFailed, "There is a collection %q already. Choose another name.", name)
	case errors.Is(err, fs.ErrNotExist):
		return failf(http.StatusPreconditionFailed, "There is no kept collection %q to replace.", name)
	case err != nil:
		return err
	}
	h := w.Header()
	h.Set("Location", q.base+"/collections/"+escapeID(name))
	h.Set("Cache-Control", "no-store")
	status := http.StatusAccepted
	switch served := s.served(q.Context(), name, before); {
	case served && replace:
		status = http.StatusNoContent
	case served:
		status = http.StatusCreated
	}
	w.WriteHeader(status)
	return nil
}

// served waits until a collection is served that was stored, but not for long: files
// may be looked at seldom, and one that is replaced by an equal one stays as it is.
func (s *Server) served(ctx context.Context, name string, before *geo.Collection) bool {
	const pace = 50 * time.Millisecond
	ctx, done := context.WithTimeout(ctx, s.cfg.Tables.Patience)
	defer done()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		if c, ok := s.cfg.Atlas.State().Collection(name); ok && c != before {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// asInvalid is the first fault of a file, which is the sender's.
func asInvalid(err error) error {
	var faults *geo.Faults
	if errors.As(err, &faults) && len(faults.List) > 0 {
		return faults.List[0]
	}
	return err
}
