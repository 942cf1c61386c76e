package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"clustermap/geo"
)

const eventsPath = "/events"

// feed tells the clients of /events which state is current. It keeps nothing for a
// client: one that is slow to take a state gets the newest one next.
type feed struct {
	most      int           // clients at a time
	heartbeat time.Duration // between comments, which show proxies and clients that the line is alive
	patience  time.Duration // for a client to take what it is sent

	mu      sync.Mutex
	now     stateEvent
	changed chan struct{} // closed at the next change
	ended   chan struct{} // closed when the clients of now are to go
	closed  bool
	clients int
}

// stateEvent is a state as the clients get it.
type stateEvent struct {
	rev  string
	text []byte
}

// stateDocument is the data of an event.
type stateDocument struct {
	Rev         string            `json:"rev"`
	Collections map[string]string `json:"collections"` // the revs by id
}

func newFeed(most int, state *geo.State) *feed {
	return &feed{
		most: most, heartbeat: 25 * time.Second, patience: 10 * time.Second,
		now: eventOf(state), changed: make(chan struct{}), ended: make(chan struct{}),
	}
}

func eventOf(state *geo.State) stateEvent {
	doc := stateDocument{state.Rev(), make(map[string]string)}
	for _, c := range state.Collections() {
		doc.Collections[c.ID] = c.Source.Rev()
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: state\nid: %s\ndata: ", doc.Rev)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		panic(err) // strings
	}
	b.WriteByte('\n')
	return stateEvent{doc.Rev, b.Bytes()}
}

// tell sends a state to all clients, unless they have it.
func (f *feed) tell(state *geo.State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.rev == state.Rev() {
		return
	}
	f.now = eventOf(state)
	close(f.changed)
	f.changed = make(chan struct{})
}

// current is the state to send, and a channel that is closed when there is another.
func (f *feed) current() (stateEvent, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now, f.changed
}

// enter counts a client in, unless there are too many. The channel is closed when
// it is to go.
func (f *feed) enter() (ended <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clients >= f.most {
		return nil, false
	}
	f.clients++
	return f.ended, true
}

func (f *feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients--
}

func (f *feed) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clients
}

// end makes the clients go. With forever set, those that come later go at once.
func (f *feed) end(forever bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	close(f.ended)
	if f.closed = forever; !forever {
		f.ended = make(chan struct{})
	}
}

// events answers GET /events with a stream of server-sent events that ends only
// with the client or the server.
func (s *Server) events(w http.ResponseWriter, q *request) error {
	params, err := parseParams(q.URL.RawQuery)
	if err != nil {
		return err
	}
	if len(params) > 0 {
		return invalid(params[0].name, "there is no such parameter; the events have none")
	}
	ended, ok := s.feed.enter()
	if !ok {
		w.Header()["Retry-After"] = []string{"60"}
		return failf(http.StatusServiceUnavailable, "Too many clients listen to the events of this server.")
	}
	defer s.feed.leave()
	h := w.Header()
	h["Content-Type"] = []string{"text/event-stream"}
	h["Cache-Control"] = []string{"no-store, no-transform"}
	h["X-Accel-Buffering"] = []string{"no"}
	w.WriteHeader(http.StatusOK)
	if q.Method != http.MethodHead {
		s.feed.stream(w, q, ended)
	}
	return nil
}

// stream writes events until the client or the server ends it. Each write has a
// deadline of its own, for that of the http.Server is for answers that end.
func (f *feed) stream(w http.ResponseWriter, q *request, ended <-chan struct{}) {
	line := http.NewResponseController(w)
	send := func(text []byte) bool {
		_ = line.SetWriteDeadline(time.Now().Add(f.patience))
		_, err := w.Write(text)
		return err == nil && line.Flush() == nil
	}
	// The clients of a server that restarts come back one after another.
	retry := 2000 + rand.IntN(3000)
	if !send(fmt.Appendf(nil, "retry: %d\n\n", retry)) {
		return
	}
	beat := time.NewTicker(f.heartbeat)
	defer beat.Stop()
	for has := q.Header.Get("Last-Event-Id"); ; {
		now, changed := f.current()
		if now.rev != has {
			if !send(now.text) {
				return
			}
			has = now.rev
		}
		select {
		case <-changed:
		case <-beat.C:
			if !send([]byte(":\n\n")) {
				return
			}
		case <-ended:
			return
		case <-q.Context().Done():
			return
		}
	}
}
