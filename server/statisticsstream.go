package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	progressEvery = 250 * time.Millisecond
	lifeEvery     = 10 * time.Second // between comments, which show proxies and clients that the line is alive
	takeWithin    = 10 * time.Second // for a client to take an event
)

// streamStatistic answers with events: progress, as often as there is any, then answer or
// failure. The work stops when the client leaves and nobody else waits for it.
func (s *Server) streamStatistic(w http.ResponseWriter, q *request, r *statisticRequest) error {
	h := w.Header()
	h["Content-Type"] = []string{eventsMedia.content}
	h["Cache-Control"] = []string{"no-store, no-transform"}
	h["X-Accel-Buffering"] = []string{"no"}
	w.WriteHeader(http.StatusOK)
	if q.Method == http.MethodHead {
		return nil
	}
	line := http.NewResponseController(w)
	send := func(event string, data []byte) bool {
		_ = line.SetWriteDeadline(time.Now().Add(takeWithin))
		_, err := w.Write(appendEvent(nil, event, data))
		return err == nil && line.Flush() == nil
	}
	ctx, stop := context.WithCancel(q.Context())
	defer stop()
	board := &s.statistics.board
	watched := board.watch(r.key())
	defer board.leave(r.key())
	type outcome struct {
		f   *figures
		err error
	}
	ready := make(chan outcome, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f, err := s.figuresOf(ctx, q.state, r, nil)
		ready <- outcome{f, err}
	}()
	defer func() { stop(); <-ended }()
	if !send("progress", []byte(`{"done":0,"total":0}`)) {
		return nil
	}
	tick, life := time.NewTicker(progressEvery), time.NewTicker(lifeEvery)
	defer tick.Stop()
	defer life.Stop()
	for told := [2]int64{}; ; {
		select {
		case got := <-ready:
			if got.err != nil {
				send("failure", s.failureOf(w, q, got.err))
				return nil
			}
			send("answer", got.f.json(q, r, q.statisticLinks(r)))
			return nil
		case <-tick.C:
			total := watched.total.Load()
			now := [2]int64{min(watched.done.Load(), total), total}
			if now == told {
				continue
			}
			told = now
			if !send("progress", fmt.Appendf(nil, `{"done":%d,"total":%d}`, now[0], now[1])) {
				return nil
			}
		case <-life.C:
			if !send("", nil) {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// appendEvent appends a server-sent event; without a name it is a comment.
func appendEvent(b []byte, name string, data []byte) []byte {
	if name == "" {
		return append(b, ":\n\n"...)
	}
	b = append(append(b, "event: "...), name...)
	for line := range bytes.SplitSeq(bytes.TrimRight(data, "\n"), []byte("\n")) {
		b = append(append(b, "\ndata: "...), line...)
	}
	return append(b, "\n\n"...)
}

// failureOf is a problem document for an error.
func (s *Server) failureOf(w http.ResponseWriter, q *request, err error) []byte {
	status, detail := statusOf(err)
	id := w.Header().Get("X-Request-Id")
	if status >= http.StatusInternalServerError && q.Context().Err() == nil {
		s.log.ErrorContext(q.Context(), "a statistic failed", "id", id, "err", err)
	}
	body, err := json.Marshal(problem{"about:blank", http.StatusText(status), status, detail, "urn:clustermap:request:" + id})
	if err != nil {
		panic(err) // strings and a number
	}
	return body
}
