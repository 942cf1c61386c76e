package server_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/tidwall/rtree"

	"clustermap/geo"
	"clustermap/server"
)

var benchFeatures = flag.Int("features", 1_000_000, "features of the collection that the peers benchmark serves")

// BenchmarkPeers measures the server over loopback beside peers in the same run
// and prints a table of ratios. It takes turns with a bare handler; the plain
// program goes first and alone, for the garbage collector would make its millions
// of objects the burden of whatever runs beside it. One operation of a row is one
// answer. Run it with -benchtime 1x; the turns have a length of their own.
func BenchmarkPeers(b *testing.B) {
	text := firms(*benchFeatures)
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| ours \t| peer \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	row := func(what, ours, peer, ratio, aim string) {
		fmt.Fprintf(rows, "| %s \t| %s \t| %s \t| %s \t| %s \t|\n", what, ours, peer, ratio, aim)
	}

	boxes, scattered := pageAddresses(1), pageAddresses(500)
	before := liveHeap()
	naive, tookNaive := measureNaive(b, text, boxes)
	index, took := loadOurs(b, text)
	kept := (float64(liveHeap()) - float64(before)) / float64(index.Len())
	runtime.KeepAlive(text) // it was there before, too
	row(fmt.Sprintf("loading %s features of %d bytes, against orb/geojson + rtree", thousands(*benchFeatures), len(text) / *benchFeatures),
		seconds(took), seconds(tookNaive), times(tookNaive.Seconds()/took.Seconds()), "5 times")
	row("live heap a feature, the kept bytes included", fmt.Sprintf("%.0f bytes", kept), "", "", "450 bytes")

	state, err := geo.NewState(&geo.Collection{ID: "firms", Source: index})
	if err != nil {
		b.Fatal(err)
	}
	quiet := serveOurs(b, newServer(b, state, nil))
	logged := serveOurs(b, newServer(b, state, slog.New(slog.NewTextHandler(io.Discard, nil))))

	page := body(b, quiet, boxes[0])
	one := body(b, quiet, "/collections/firms/items/f0000007")
	big := body(b, quiet, "/collections/firms/items?limit=10000")
	bare := map[string]string{"page": serve(b, bareHandler(page)), "one": serve(b, bareHandler(one)), "big": serve(b, bareHandler(big))}
	items := itemAddresses()

	compare := func(what, ours string, addresses []string, peer string, peerAddresses []string, aim string) float64 {
		mine, theirs := rates(b, ours, addresses, peer, peerAddresses)
		row(what, perSecond(mine), perSecond(theirs), fmt.Sprintf("%.0f %%", 100*mine/theirs), aim)
		return mine
	}
	pages := compare("a page of 1,000 features in a box, against a bare handler with the same bytes", quiet, boxes, bare["page"], boxes, "60 %")
	row("the same, against orb/geojson + rtree + encoding/json", perSecond(pages), perSecond(naive), times(pages/naive), "60 times")
	compare("a page in each of 500 boxes in turns, out of cold memory, against the bare handler", quiet, scattered, bare["page"], boxes, "")
	compare("one feature by id, log off, against a bare handler", quiet, items, bare["one"], items, "60 %")
	compare("one feature by id, log on, against a bare handler", logged, items, bare["one"], items, "50 %")

	mine := pageThrough(b, quiet)
	theirs := repeat(b, bare["big"], (*benchFeatures+9999)/10000)
	row(fmt.Sprintf("all %s features in pages of 10,000, against a bare handler", thousands(*benchFeatures)),
		seconds(mine), seconds(theirs), fmt.Sprintf("%.0f %%", 100*theirs.Seconds()/mine.Seconds()), "")

	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// liveHeap is what is left after collection. What has a finalizer outlives the
// first one.
func liveHeap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func loadOurs(b *testing.B, text []byte) (index *geo.Index, took time.Duration) {
	start := time.Now()
	index, err := geo.Read(bytes.NewReader(text), geo.ReadOptions{Name: "firms"})
	if err != nil {
		b.Fatal(err)
	}
	return index, time.Since(start)
}

// naiveServer is what a short program over the same libraries does.
type naiveServer struct {
	tree rtree.RTreeG[*geojson.Feature]
}

func loadNaive(b *testing.B, text []byte) (*naiveServer, time.Duration) {
	runtime.GC()
	start := time.Now()
	fc, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		b.Fatal(err)
	}
	n := new(naiveServer)
	for _, f := range fc.Features {
		p := f.Geometry.Bound()
		n.tree.Insert(p.Min, p.Max, f)
	}
	return n, time.Since(start)
}

// measureNaive loads the plain program, measures its pages, and lets go of it.
func measureNaive(b *testing.B, text []byte, addresses []string) (rate float64, took time.Duration) {
	n, took := loadNaive(b, text)
	host, stop := listen(b, n)
	defer func() {
		stop()
		time.Sleep(time.Second) // until its connections have let go of it
	}()
	count, spent := int64(0), time.Duration(0)
	for range turns {
		c, d := turn(b, few, "", host, addresses)
		count += c
		spent += d
	}
	return float64(count) / spent.Seconds(), took
}

func (n *naiveServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var box [4]float64
	for i, s := range strings.Split(r.URL.Query().Get("bbox"), ",") {
		box[i], _ = strconv.ParseFloat(s, 64)
	}
	fc := geojson.NewFeatureCollection()
	n.tree.Search([2]float64(box[:2]), [2]float64(box[2:]), func(_, _ [2]float64, f *geojson.Feature) bool {
		fc.Features = append(fc.Features, f)
		return true
	})
	n.answer(w, r, fc)
}

// answer sends the first 1,000 features by id.
func (n *naiveServer) answer(w http.ResponseWriter, r *http.Request, fc *geojson.FeatureCollection) {
	slices.SortFunc(fc.Features, func(a, b *geojson.Feature) int { return cmp.Compare(a.ID.(string), b.ID.(string)) })
	fc.Features = fc.Features[:min(1000, len(fc.Features))]
	body, err := json.Marshal(fc)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	bareHandler(body).ServeHTTP(w, r)
}

func newServer(b *testing.B, state *geo.State, log *slog.Logger) *server.Server {
	s, err := server.New(server.Config{Atlas: geo.NewAtlas(state), Log: log})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func bareHandler(body []byte) http.Handler {
	length := strconv.Itoa(len(body))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/geo+json")
		h.Set("Content-Length", length)
		_, _ = w.Write(body)
	})
}

// serve answers on a free port of loopback until the benchmark ends.
func serve(b *testing.B, h http.Handler) string {
	host, stop := listen(b, h)
	b.Cleanup(stop)
	return host
}

func listen(b *testing.B, h http.Handler) (host string, stop func()) {
	l := loopback(b)
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	return l.Addr().String(), func() { _ = s.Close() }
}

// serveOurs answers as the program does until the benchmark ends.
func serveOurs(b *testing.B, s *server.Server) string {
	l := loopback(b)
	h := s.HTTPServer()
	go func() { _ = h.Serve(server.Listener(l)) }()
	b.Cleanup(func() { _ = h.Close() })
	return l.Addr().String()
}

func loopback(b *testing.B) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// pageAddresses are n boxes of 2.5 by 1.5 degrees in which, of a million
// features, some 1,800 lie.
func pageAddresses(n int) []string {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]string, n)
	for i := range all {
		x, y := 75+random.Float64()*55, 18+random.Float64()*33
		all[i] = fmt.Sprintf("/collections/firms/items?bbox=%.4f,%.4f,%.4f,%.4f", x, y, x+2.5, y+1.5)
	}
	return all
}

func itemAddresses() []string {
	random := rand.New(rand.NewPCG(3, 4))
	all := make([]string, 5000)
	for i := range all {
		all[i] = fmt.Sprintf("/collections/firms/items/f%07d", random.IntN(*benchFeatures))
	}
	return all
}

// A turn keeps connections busy for turnLength, few where nothing else is said; each
// side has so many turns. Few leave the processors idle for a quarter of the time where
// answers are quick: what is measured then is also how fast a sleeping one wakes.
const (
	turns      = 5
	turnLength = time.Second
	few        = 4
)

// rates are the answers a second of two servers, measured in turns.
func rates(b *testing.B, ours string, addresses []string, peer string, peerAddresses []string) (mine, theirs float64) {
	return heldRates(b, few, "", ours, addresses, peer, peerAddresses)
}

// heldRates are rates to so many clients that hold the answer with an ETag already,
// unless it is "".
func heldRates(b *testing.B, connections int, etag, ours string, addresses []string, peer string, peerAddresses []string) (mine, theirs float64) {
	var counts [2]int64
	var spent [2]time.Duration
	for range turns {
		for i, side := range []string{ours, peer} {
			n, d := turn(b, connections, etag, side, [][]string{addresses, peerAddresses}[i])
			counts[i] += n
			spent[i] += d
		}
	}
	return float64(counts[0]) / spent[0].Seconds(), float64(counts[1]) / spent[1].Seconds()
}

func turn(b *testing.B, connections int, etag, host string, addresses []string) (int64, time.Duration) {
	var count atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	want := http.StatusOK
	if etag != "" {
		want = http.StatusNotModified
	}
	for k := range connections {
		all.Go(func() {
			c := dial(b, host)
			c.held = etag
			defer c.conn.Close()
			for i := k; time.Since(start) < turnLength; i++ {
				if status, _ := c.get(addresses[i*7%len(addresses)], nil); status != want {
					b.Errorf("%s: status %d", addresses[i*7%len(addresses)], status)
					return
				}
				count.Add(1)
			}
		})
	}
	all.Wait()
	return count.Load(), time.Since(start)
}

// pageThrough follows next from the first page of the collection to the last.
func pageThrough(b *testing.B, host string) time.Duration {
	c := dial(b, host)
	defer c.conn.Close()
	start := time.Now()
	seen := 0
	var page bytes.Buffer
	for next := "/collections/firms/items?limit=10000"; next != ""; {
		page.Reset()
		status, link := c.get(next, &page)
		if status != 200 {
			b.Fatalf("%s: status %d", next, status)
		}
		seen += bytes.Count(page.Bytes(), []byte(`{"type":"Feature",`))
		next = link
	}
	if seen != *benchFeatures {
		b.Fatalf("paging met %d features, want %d", seen, *benchFeatures)
	}
	return time.Since(start)
}

func repeat(b *testing.B, host string, n int) time.Duration {
	c := dial(b, host)
	defer c.conn.Close()
	start := time.Now()
	var page bytes.Buffer
	for range n {
		page.Reset()
		c.get("/", &page)
		_ = bytes.Count(page.Bytes(), []byte(`{"type":"Feature",`))
	}
	return time.Since(start)
}

func body(b *testing.B, host, address string) []byte {
	c := dial(b, host)
	defer c.conn.Close()
	var out bytes.Buffer
	if status, _ := c.get(address, &out); status != 200 {
		b.Fatalf("%s: status %d: %s", address, status, out.String())
	}
	return out.Bytes()
}

// client is a keep-alive connection that does as little as HTTP allows, so that
// the servers are what is measured.
type client struct {
	tb   testing.TB
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	held string // sent as If-None-Match
	etag string // of the last answer
}

func dial(tb testing.TB, host string) *client {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		tb.Fatal(err)
	}
	return &client{tb: tb, conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

// get sends one request and reads the whole answer, into body unless it is nil.
// next is the address in a Link header of rel next.
func (c *client) get(address string, body *bytes.Buffer) (status int, next string) {
	c.out = append(c.out[:0], "GET "...)
	c.out = append(append(c.out, address...), " HTTP/1.1\r\nHost: localhost\r\n"...)
	if c.held != "" {
		c.out = append(append(append(c.out, "If-None-Match: "...), c.held...), "\r\n"...)
	}
	c.out = append(c.out, "\r\n"...)
	if _, err := c.conn.Write(c.out); err != nil {
		c.tb.Error(err)
		return 0, ""
	}
	length := -1
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			c.tb.Error(err)
			return 0, ""
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			status, _ = strconv.Atoi(string(line[9:12]))
		case len(line) == 0 && status == http.StatusNotModified:
			return status, ""
		case len(line) == 0:
			if length < 0 {
				c.tb.Errorf("%s: no Content-Length", address)
				return 0, ""
			}
			if body == nil {
				_, err = c.in.Discard(length)
			} else {
				_, err = io.CopyN(body, c.in, int64(length))
			}
			if err != nil {
				c.tb.Error(err)
			}
			return status, next
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			length, _ = strconv.Atoi(string(line[16:]))
		case bytes.HasPrefix(line, []byte("Etag: ")):
			c.etag = string(line[6:])
		case bytes.HasPrefix(line, []byte("Link: ")) && bytes.Contains(line, []byte(`rel="next"`)):
			next = nextOf(string(line))
		}
	}
}

func nextOf(header string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(header, "Link: "), ", <") {
		target, rest, _ := strings.Cut(strings.TrimPrefix(part, "<"), ">")
		if strings.Contains(rest, `rel="next"`) {
			return strings.TrimPrefix(target, "http://localhost")
		}
	}
	return ""
}

// firms is a FeatureCollection of n points over China.
func firms(n int) []byte {
	random := rand.New(rand.NewPCG(5, 6))
	trades := []string{"electronics", "silk", "ceramics", "furniture", "garments", "machinery", "shoes", "toys"}
	levels := []string{"county", "town", "zone", "market", "prefecture"}
	provinces := []int{11, 12, 13, 31, 32, 33, 44, 35, 37}
	b := bytes.NewBuffer(make([]byte, 0, n*270))
	b.WriteString("{\"type\":\"FeatureCollection\",\"features\":[\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		p := orb.Point{75 + random.Float64()*59, 18 + random.Float64()*35}
		fmt.Fprintf(b, `{"type":"Feature","id":"f%07d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},`+
			`"properties":{"name":"Firm %d of the list","industry":"%s","level":"%s","adcode":"%d%02d%02d","firms":%d,"output_cny":%d,"share_china_pct":%.2f,"founded":%d}}`,
			i, p[0], p[1], i, trades[random.IntN(len(trades))], levels[random.IntN(len(levels))],
			provinces[random.IntN(len(provinces))], 1+random.IntN(15), 1+random.IntN(20),
			1+random.IntN(9000), 1_000_000+random.IntN(1_000_000_000), random.Float64()*100, 1950+random.IntN(75))
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
func times(r float64) string         { return fmt.Sprintf("%.1f times", r) }
func perSecond(r float64) string     { return thousands(int(r)) + "/s" }

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
