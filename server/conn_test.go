package server

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestJoinedWrites asks for bodies of all lengths about the buffers of net/http on one
// connection: each comes whole though the handler is never told to flush, and one that
// is written at once comes in one piece.
func TestJoinedWrites(t *testing.T) {
	text := []byte(strings.Repeat("0123456789abcdef", 1<<14))
	h := &http.Server{ConnContext: withConn, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, conn: connOf(r), head: r.Method == http.MethodHead}
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil || rec.conn == nil {
			t.Errorf("%s: %v, connection %v", r.URL, err, rec.conn)
		}
		parts := [][]byte{text[:n]}
		switch r.URL.Path {
		case "/known":
			w.Header().Set("Content-Length", strconv.Itoa(n))
		case "/parts":
			parts = [][]byte{text[:n/2], text[n/2 : n/2+n/4], text[n/2+n/4 : n]}
		}
		for i, p := range parts {
			if m, err := rec.Write(p); m != len(p) || err != nil {
				t.Errorf("%s: wrote %d of %d, %v", r.URL, m, len(p), err)
			}
			if i == 1 {
				w.(http.Flusher).Flush()
			}
		}
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Serve(Listener(l)) }()
	defer func() { _ = h.Close(); <-done }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 64<<10)
	ask := func(method, path string, n int) {
		t.Helper()
		if _, err := io.WriteString(conn, method+" "+path+"?n="+strconv.Itoa(n)+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		first, err := conn.Read(piece)
		if err != nil {
			t.Fatalf("%s %s of %d bytes: %v", method, path, n, err)
		}
		answer := bufio.NewReader(io.MultiReader(bytes.NewReader(piece[:first]), conn))
		resp, err := http.ReadResponse(answer, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%s %s of %d bytes: %v", method, path, n, err)
		}
		body, err := io.ReadAll(resp.Body)
		want := text[:n]
		if method == http.MethodHead {
			want = nil
		}
		if err != nil || !bytes.Equal(body, want) {
			t.Fatalf("%s %s of %d bytes: %d bytes, %v", method, path, n, len(body), err)
		}
		if path == "/known" && n < 16<<10 && first < len(want) {
			t.Errorf("%s of %d bytes: the first piece has %d", path, n, first)
		}
	}
	lengths := []int{0, 1, 2047, 2048, 2049, 12_000, 100_000, len(text)}
	for n := 3500; n < 8700; n++ {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		ask(http.MethodGet, "/known", n)
		ask(http.MethodGet, "/chunked", n)
		ask(http.MethodGet, "/parts", n)
	}
	ask(http.MethodHead, "/known", 5000)
	ask(http.MethodGet, "/known", 5000)
}
