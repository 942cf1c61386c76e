package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clustermap/geo"
)

// running serves s as the program does, until the test ends.
func running(t *testing.T, s *Server, change func(*http.Server)) (address string, h *http.Server) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h = s.HTTPServer()
	if change != nil {
		change(h)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Serve(Listener(l)) }()
	t.Cleanup(func() { _ = h.Close(); <-done })
	return "http://" + l.Addr().String(), h
}

// listener is a client of /events.
type listener struct {
	*http.Response
	in *bufio.Reader
}

func listen(t *testing.T, address string, headers ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return &listener{resp, bufio.NewReader(resp.Body)}
}

// next is the next block of the stream, which ends with an empty line; comments
// are passed over unless they are wanted.
func (l *listener) next(comments bool) (string, error) {
	var b strings.Builder
	for {
		line, err := l.in.ReadString('\n')
		if err != nil {
			return b.String(), err
		}
		if line == "\n" {
			if block := b.String(); comments || !strings.HasPrefix(block, ":") {
				return block, nil
			}
			b.Reset()
			continue
		}
		b.WriteString(line)
	}
}

func (l *listener) must(t *testing.T) string {
	t.Helper()
	block, err := l.next(false)
	if err != nil {
		t.Fatalf("the stream ended: %v after %q", err, block)
	}
	return block
}

// wantEvent is the event of a state of the one collection "some".
func wantEvent(state *geo.State) string {
	c, _ := state.Collection("some")
	return fmt.Sprintf("event: state\nid: %s\ndata: {\"rev\":%q,\"collections\":{\"some\":%q}}\n", state.Rev(), state.Rev(), c.Source.Rev())
}

func TestEvents(t *testing.T) {
	one, two, three := someState(t, "a"), someState(t, "b"), someState(t, "c")
	s := layersServer(t, one)
	address, _ := running(t, s, nil)
	l := listen(t, address, "Accept: text/event-stream", "Accept-Encoding: gzip, zstd")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no",
		"Cache-Control": "no-store, no-transform", "Content-Encoding": "", "Access-Control-Allow-Origin": "*"} {
		if got := l.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := l.must(t); !strings.HasPrefix(got, "retry: ") {
		t.Errorf("the stream begins with %q", got)
	}
	if got := l.must(t); got != wantEvent(one) {
		t.Errorf("at first %q, want %q", got, wantEvent(one))
	}
	again := listen(t, address, "Last-Event-ID: "+one.Rev())
	former := listen(t, address, "Last-Event-ID: older")
	for _, other := range []*listener{again, former} {
		other.must(t) // retry
	}
	if got := former.must(t); got != wantEvent(one) {
		t.Errorf("who missed a change gets %q", got)
	}
	for _, state := range []*geo.State{two, two, three} {
		before := s.cfg.Atlas.State()
		if err := s.Publish(t.Context(), state); err != nil {
			t.Fatal(err)
		}
		if before == state {
			continue // nothing to tell
		}
		for _, client := range []*listener{l, again, former} {
			if got := client.must(t); got != wantEvent(state) {
				t.Errorf("after a change %q, want %q", got, wantEvent(state))
			}
		}
	}
	resp, err := http.Head(address + "/events")
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	if resp, err = http.Get(address + "/events?since=1"); err != nil || resp.StatusCode != 400 {
		t.Errorf("an unknown parameter: %v, %v", resp, err)
	}
}

// The time limits of the http.Server are for answers that end.
func TestEventsOutliveTimeouts(t *testing.T) {
	s := layersServer(t, someState(t, "a"))
	s.feed.heartbeat = 10 * time.Millisecond
	address, _ := running(t, s, func(h *http.Server) { h.ReadTimeout, h.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond })
	l := listen(t, address)
	for range 40 { // 400 ms
		if _, err := l.next(true); err != nil {
			t.Fatalf("the stream was cut: %v", err)
		}
	}
}

// Shutdown does not wait for streams, nor do those that begin while it runs stay.
func TestEventsEndWithTheServer(t *testing.T) {
	s := layersServer(t, someState(t, "a"))
	address, h := running(t, s, nil)
	var clients []*listener
	for range 50 {
		clients = append(clients, listen(t, address))
	}
	s.SetDraining(true)
	for _, l := range clients {
		if rest, err := io.ReadAll(l.in); err != nil || !strings.Contains(string(rest), "event: state") {
			t.Fatalf("draining ends a stream with %v after %q", err, rest)
		}
	}
	late := listen(t, address)
	late.must(t)
	late.must(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown waits for streams: %v", err)
	}
	if _, err := late.next(false); err != io.EOF {
		t.Errorf("Shutdown ends a stream with %v", err)
	}
	if n := s.feed.count(); n != 0 {
		t.Errorf("%d clients are counted when all have gone", n)
	}
}

// A client that takes nothing is dropped and holds nobody up.
func TestEventsDropTheSlow(t *testing.T) {
	state := someState(t, "a")
	s := layersServer(t, state)
	s.feed.patience = 50 * time.Millisecond
	pipes := newPipes()
	h := s.HTTPServer()
	var served sync.WaitGroup
	served.Go(func() { _ = h.Serve(pipes) })
	defer served.Wait()
	defer h.Close()
	slow := pipes.dial()
	if _, err := io.WriteString(slow, "GET /events HTTP/1.1\r\nHost: example.org\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	fast := pipes.dial()
	if _, err := io.WriteString(fast, "GET /events HTTP/1.1\r\nHost: example.org\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(fast), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{resp, bufio.NewReader(resp.Body)}
	l.must(t)
	l.must(t)
	deadline := time.Now().Add(10 * time.Second)
	for s.feed.count() > 1 {
		if time.Now().After(deadline) {
			t.Fatal("the slow client is still there")
		}
		time.Sleep(time.Millisecond)
	}
	next := someState(t, "b")
	if err := s.Publish(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if got := l.must(t); got != wantEvent(next) {
		t.Errorf("the fast client gets %q", got)
	}
}

func TestTooManyListeners(t *testing.T) {
	s, err := New(Config{Atlas: geo.NewAtlas(someState(t, "a")), MaxListeners: 2})
	if err != nil {
		t.Fatal(err)
	}
	address, _ := running(t, s, nil)
	first := listen(t, address)
	listen(t, address)
	third := listen(t, address)
	if third.StatusCode != 503 || third.Header.Get("Retry-After") == "" {
		t.Errorf("one too many gets %d", third.StatusCode)
	}
	_ = first.Body.Close()
	deadline := time.Now().Add(10 * time.Second)
	for listen(t, address).StatusCode != 200 {
		if time.Now().After(deadline) {
			t.Fatal("a client that has gone keeps its place")
		}
	}
}

// pipes is a listener whose connections buffer nothing.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.conns <- there
	return here
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestReadinessListsRejectedFiles(t *testing.T) {
	s := newTestServer(t, nil)
	s.SetRejected([]geo.Rejected{{
		File: "/srv/secret/places.geojson", Served: true, Since: testTime,
		Faults: &geo.Faults{More: 3, List: []*geo.InvalidError{
			{File: "/srv/secret/places.geojson", Line: 7, Feature: 2, Field: "geometry", Reason: "ring 1 is not closed"},
			{File: "/srv/secret/places.geojson (schema)", Reason: "is <b>odd</b>"},
		}},
	}})
	c := readContract(t, s)
	resp := ask(t, s, "GET", "/readyz")
	text := body(t, resp)
	want := `{"status":"ready","rev":"` + s.cfg.Atlas.State().Rev() + `","rejected":[{"file":"places.geojson","served":true,"since":"2026-01-02T03:04:05Z","faults":[` +
		`{"line":7,"feature":2,"field":"geometry","reason":"ring 1 is not closed"},{"file":"places.geojson (schema)","reason":"is <b>odd</b>"}],"more":3}]}` + "\n"
	if resp.StatusCode != 200 || text != want {
		t.Errorf("%d %s\nwant 200 %s", resp.StatusCode, text, want)
	}
	if err := c.checkAnswer(t, "/readyz", resp, text); err != nil {
		t.Error(err)
	}
	renameEach(t, s, c, "/readyz")
	page := body(t, ask(t, s, "GET", "/readyz?f=html&lang=zh"))
	for _, part := range []string{"places.geojson", "仍提供此前的数据", "line 7: feature 2: geometry: ring 1 is not closed", "另有 3 处", "is &lt;b&gt;odd"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	if strings.Contains(text+page, "secret") {
		t.Error("folders of the machine are told")
	}
	s.SetRejected(nil)
	if text := body(t, ask(t, s, "GET", "/readyz")); !strings.Contains(text, `"rejected":[]`) {
		t.Errorf("when all is good again: %s", text)
	}
}
