package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/server"
	"clustermap/web"
)

// places is a collection of n points that are all named alike.
func places(n int, name string) string {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%d,30]},"properties":{"name":%q}}`, i, i%100, name)
	}
	b.WriteString("]}\n")
	return b.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// watching is start without the poll, so that the notices of the system alone must
// tell what changes.
func watching(t *testing.T, args ...string) *instance {
	t.Helper()
	return start(t, append([]string{"-poll", "1h"}, args...)...)
}

// served tells the collections with their numbers of features, and the rejected
// files behind "!", or "+" where they are served as they were.
func (in *instance) served(t *testing.T) string {
	t.Helper()
	var all struct {
		Collections []struct {
			ID       string
			Features int `json:"x-numberOfFeatures"`
		}
	}
	var ready struct {
		Rejected []struct {
			File   string
			Served bool
		}
	}
	getJSON(t, in.url+"/collections", "application/json", &all)
	getJSON(t, in.url+"/readyz", "application/json", &ready)
	var parts []string
	for _, c := range all.Collections {
		parts = append(parts, fmt.Sprintf("%s=%d", c.ID, c.Features))
	}
	for _, r := range ready.Rejected {
		sign := "!"
		if r.Served {
			sign = "+"
		}
		parts = append(parts, sign+r.File)
	}
	return strings.Join(parts, " ")
}

// wantServed waits until what is served is as wanted.
func (in *instance) wantServed(t *testing.T, what, want string) {
	t.Helper()
	got := ""
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if got = in.served(t); got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: served is %q, want %q; log:\n%s", what, got, want, in.log)
		}
	}
}

// TestWatch changes files in all the ways that people and programs do.
func TestWatch(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, file := filepath.Join(root, "data"), filepath.Join(root, "own", "own.geojson")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.Mkdir(filepath.Dir(file), 0o700))
	a, b := filepath.Join(dir, "a.geojson"), filepath.Join(dir, "b.geojson")
	write(t, a, places(1, "x"))
	write(t, b, places(2, "x"))
	write(t, file, places(3, "x"))
	in := watching(t, dir, file)
	in.wantServed(t, "at first", "a=1 b=2 own=3")

	write(t, a, places(4, "x"))
	write(t, b, places(5, "x"))
	in.wantServed(t, "two files written over", "a=4 b=5 own=3")

	must(t, os.Rename(file, file+"~")) // as editors do
	write(t, file, places(6, "x"))
	must(t, os.Remove(file+"~"))
	in.wantServed(t, "renamed away and written", "a=4 b=5 own=6")
	write(t, file+".new", places(7, "x"))
	must(t, os.Rename(file+".new", file))
	in.wantServed(t, "renamed over", "a=4 b=5 own=7")

	write(t, filepath.Join(dir, "c.geojson"), places(8, "x"))
	must(t, os.Remove(b))
	in.wantServed(t, "one added, one removed", "a=4 c=8 own=7")

	for _, bad := range []string{"", "{", places(9, "x")[:500], "\x00\x01"} {
		write(t, a, bad)
		in.wantServed(t, fmt.Sprintf("a file of %d bytes that is bad", len(bad)), "a=4 c=8 own=7 +a.geojson")
		if got := status(t, in.url+"/readyz"); got != http.StatusOK {
			t.Errorf("/readyz answers %d beside a bad file", got)
		}
		write(t, a, places(4, "x"))
		in.wantServed(t, "good again", "a=4 c=8 own=7")
	}

	schema := filepath.Join(dir, "c.schema.json")
	write(t, schema, `{"properties":{"name":{"type":"integer"}}}`)
	in.wantServed(t, "a schema that refuses", "a=4 c=8 own=7 +c.geojson")
	must(t, os.Remove(schema))
	in.wantServed(t, "no schema", "a=4 c=8 own=7")

	must(t, os.RemoveAll(dir))
	in.wantServed(t, "the folder is gone", "a=4 c=8 own=7 +data")
	must(t, os.Mkdir(dir, 0o700))
	write(t, a, places(1, "y"))
	in.wantServed(t, "the folder is made again", "a=1 own=7")
	write(t, a, places(2, "y")) // the new folder is followed
	in.wantServed(t, "in the new folder", "a=2 own=7")

	must(t, os.Rename(dir, dir+".old"))
	must(t, os.Mkdir(dir+".new", 0o700))
	write(t, filepath.Join(dir+".new", "a.geojson"), places(3, "y"))
	must(t, os.Rename(dir+".new", dir))
	in.wantServed(t, "another folder in its place", "a=3 own=7")
	write(t, a, places(4, "y"))
	in.wantServed(t, "in that folder", "a=4 own=7")

	must(t, os.Remove(file))
	in.wantServed(t, "a file named by the user is gone", "a=4 !own.geojson")
	if text := body(t, in.url+"/metrics"); !strings.Contains(text, `clustermap_rejected_files{served="false"} 1`) ||
		!strings.Contains(text, `clustermap_reloads_total{result="rejected"}`) || strings.Contains(text, `clustermap_reloads_total{result="served"} 0`) {
		t.Errorf("the metrics tell\n%s", text)
	}
	for _, want := range []string{"a.geojson:1: ", "c.geojson:1: feature 1: name: ", "own.geojson: file does not exist", "file no longer rejected"} {
		if want = strings.ReplaceAll(want, "file does not exist", "no such file"); !strings.Contains(in.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, in.log)
		}
	}
}

func body(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(text)
}

// TestMetricsElsewhere holds where the metrics are with -metrics.
func TestMetricsElsewhere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	at := l.Addr().String()
	must(t, l.Close())
	in := start(t, "-metrics", at)
	if text := body(t, "http://"+at+"/metrics"); !strings.Contains(text, "clustermap_features{") {
		t.Errorf("on an address of their own: %s", text)
	}
	if got := status(t, in.url+"/metrics"); got != http.StatusNotFound {
		t.Errorf("the main address answers %d to /metrics", got)
	}
	in = start(t, "-metrics", "off")
	if got := status(t, in.url+"/metrics"); got != http.StatusNotFound {
		t.Errorf("switched off, /metrics answers %d", got)
	}
}

func TestWatchFollowsLinks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "served")
	for _, d := range []string{dir, filepath.Join(root, "one"), filepath.Join(root, "two")} {
		must(t, os.Mkdir(d, 0o700))
	}
	one, two, link := filepath.Join(root, "one", "x.json"), filepath.Join(root, "two", "x.json"), filepath.Join(dir, "a.geojson")
	write(t, one, places(1, "x"))
	write(t, two, places(2, "x"))
	must(t, os.Symlink(one, link))
	in := watching(t, dir)
	in.wantServed(t, "through a link", "a=1")
	write(t, one, places(3, "x"))
	in.wantServed(t, "behind the link", "a=3")
	must(t, os.Symlink(two, link+".new"))
	must(t, os.Rename(link+".new", link))
	in.wantServed(t, "a link elsewhere", "a=2")
	must(t, os.Remove(two))
	in.wantServed(t, "a link to nothing", "a=2 +a.geojson")
	write(t, two, places(4, "x"))
	in.wantServed(t, "to something again", "a=4")

	// As a ConfigMap is mounted: a folder of links through a link that is changed.
	maps := filepath.Join(root, "maps")
	for i, n := range []string{"v1", "v2"} {
		must(t, os.MkdirAll(filepath.Join(maps, n), 0o700))
		write(t, filepath.Join(maps, n, "m.geojson"), places(i+1, "x"))
	}
	must(t, os.Symlink("v1", filepath.Join(maps, "..data")))
	must(t, os.Symlink(filepath.Join("..data", "m.geojson"), filepath.Join(maps, "m.geojson")))
	in = watching(t, maps)
	in.wantServed(t, "mounted", "m=1")
	must(t, os.Symlink("v2", filepath.Join(maps, "..tmp")))
	must(t, os.Rename(filepath.Join(maps, "..tmp"), filepath.Join(maps, "..data")))
	in.wantServed(t, "mounted anew", "m=2")
}

// TestWatchOff holds that without watching only SIGHUP makes the program look.
func TestWatchOff(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(1, "x"))
	in := start(t, "-watch=false", a)
	watched := watching(t, a)
	write(t, a, places(2, "x"))
	watched.wantServed(t, "watched", "a=2")
	if got := in.served(t); got != "a=1" {
		t.Errorf("not watched, and yet served is %s", got)
	}
	must(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	in.wantServed(t, "after SIGHUP", "a=2")
}

// TestWatchPolls holds that changes are found without notices of the system.
func TestWatchPolls(t *testing.T) {
	t.Parallel()
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(1, "x"))
	loader, err := newLoader([]string{a}, false)
	must(t, err)
	collections, err := firstLook(t.Context(), loader)
	must(t, err)
	state, err := geo.NewState(collections...)
	must(t, err)
	atlas := geo.NewAtlas(state)
	srv, err := server.New(server.Config{Atlas: atlas})
	must(t, err)
	w := &watcher{loader: loader, srv: srv, log: slog.New(slog.DiscardHandler), served: collections, poll: 10 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { w.run(ctx, newNotices(false, w.log), nil) })
	write(t, a, places(2, "x"))
	waitFor(t, "the change", func() bool { return atlas.State() != state })
	stop()
	done.Wait()
}

// TestWatchFaultsAreThoseOfCheck holds that the log names the faults that check does.
func TestWatchFaultsAreThoseOfCheck(t *testing.T) {
	t.Parallel()
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(1, "x"))
	in := watching(t, a)
	write(t, a, strings.ReplaceAll(places(25, "x"), "30]", "300]"))
	in.wantServed(t, "bad", "a=1 +a.geojson")
	var out strings.Builder
	if err := run(t.Context(), []string{"check", a}, &out, io.Discard); err == nil {
		t.Fatal("check finds no fault")
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != geo.MaxFaults+1 {
		t.Fatalf("check says %s", out.String())
	}
	for _, line := range lines[:geo.MaxFaults] {
		if !strings.Contains(in.log.String(), line) {
			t.Errorf("the log lacks %s", line)
		}
	}
}

// TestWatchUnderLoad asks while files change all the time: no answer fails or mixes
// two states, and what is served at the end is what was written last.
func TestWatchUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.geojson"), filepath.Join(dir, "b.geojson")
	write(t, a, places(100, "v0"))
	write(t, b, places(100, "v0"))
	in := watching(t, "-log-level", "warn", dir)
	stop := make(chan struct{})
	var asked atomic.Int64
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				resp, err := http.Get(in.url + "/collections/a/items?limit=100")
				if err != nil {
					t.Error(err)
					return
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				_, first, _ := strings.Cut(string(text), `"name":`)
				first, _, _ = strings.Cut(first, "}")
				if n := strings.Count(string(text), `"name":`+first+"}"); err != nil || resp.StatusCode != 200 || n != 100 {
					t.Errorf("status %d, %d features of one state, %v", resp.StatusCode, n, err)
					return
				}
				asked.Add(1)
			}
		})
	}
	for i := range 1000 {
		write(t, a, places(100, fmt.Sprintf("v%d", i)))
		if i%100 == 0 {
			write(t, b, places(100, fmt.Sprintf("v%d", i))[:5000])
			before := asked.Load()
			waitFor(t, "answers in between", func() bool { return t.Failed() || asked.Load() > before+50 })
		}
	}
	write(t, a, places(100, "last"))
	write(t, b, places(50, "last"))
	in.wantServed(t, "at last", "a=100 b=50")
	waitFor(t, "the last state", func() bool {
		resp, err := http.Get(in.url + "/collections/a/items/7?f=json")
		must(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		return strings.Contains(string(text), `"last"`)
	})
	close(stop)
	readers.Wait()
	if asked.Load() == 0 {
		t.Error("nothing was asked")
	}
}

// TestWatchTellsOpenMaps holds that /events tells what was changed on the disk.
func TestWatchTellsOpenMaps(t *testing.T) {
	t.Parallel()
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(1, "x"))
	in := watching(t, a)
	resp, err := http.Get(in.url + "/events")
	must(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	event := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	first := event()
	write(t, a, places(2, "x"))
	if second := event(); second == first || !strings.HasPrefix(second, `{"rev":"`) {
		t.Errorf("%s, then %s", first, second)
	}
}

// TestReloadsFreeMemory holds that ten reloads leave the memory that two did.
func TestReloadsFreeMemory(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(20_000, "v0"))
	loader, err := newLoader([]string{a}, true)
	must(t, err)
	loader.Quiet = 0
	collections, err := firstLook(t.Context(), loader)
	must(t, err)
	state, err := geo.NewState(collections...)
	must(t, err)
	atlas := geo.NewAtlas(state)
	srv, err := server.New(server.Config{Atlas: atlas, Base: data.Files(), Web: web.Dist()})
	must(t, err)
	must(t, srv.Publish(t.Context(), state))
	log := slog.New(slog.DiscardHandler)
	w := &watcher{loader: loader, srv: srv, log: log, served: collections, poll: never}
	none := newNotices(false, log)
	state, collections = nil, nil
	reload := func(i int) uint64 {
		before := atlas.State().Rev()
		write(t, a, places(20_000, fmt.Sprintf("v%d", i)))
		w.look(t.Context(), none)
		if atlas.State().Rev() == before {
			t.Fatalf("reload %d changed nothing", i)
		}
		for _, path := range []string{"/api", "/collections", "/collections/a/items?limit=10&f=json", "/collections/a/items?name=v1", "/collections/a/items?f=html", "/collections/a/aggregate?by=name",
			"/collections/a/groups?bbox=0,0,100,60&zoom=3", "/collections/a/groups?bbox=0,0,100,60&zoom=3&filter=name%3C'v5'", "/collections/a/tiles/WebMercatorQuad/3/3/5",
			"/collections/a/tiles/WebMercatorQuad/3/3/5?filter=name%3E'v'", "/tiles/WebMercatorQuad/2/1/2?collections=a,clusters", "/styles/a"} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", path, nil)
			must(t, err)
			r.Host, r.RequestURI = "example.org", path
			w := &discard{h: http.Header{}}
			if srv.Handler().ServeHTTP(w, r); w.status >= 400 {
				t.Fatalf("%s: %d", path, w.status)
			}
		}
		return live()
	}
	var after []uint64
	for i := range 10 {
		after = append(after, reload(i+1))
	}
	const most = 1 << 19 // of 20,000 features, which take some 8 MB
	if after[9] > after[1]+most {
		t.Errorf("live bytes after each of ten reloads: %d; the tenth may have %d more than the second", after, most)
	}
	runtime.KeepAlive(w)
}

// live is what is left after collection. What has a finalizer outlives the first one.
func live() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// discard is a ResponseWriter that keeps nothing but the status.
type discard struct {
	h      http.Header
	status int
}

func (w *discard) Header() http.Header         { return w.h }
func (w *discard) Write(b []byte) (int, error) { return len(b), nil }
func (w *discard) WriteHeader(status int)      { w.status = status }

// TestWatchEnds holds that nothing is left when the program has ended.
func TestWatchEnds(t *testing.T) {
	a := filepath.Join(t.TempDir(), "a.geojson")
	write(t, a, places(1, "x"))
	serve := func(t *testing.T) {
		in := watching(t, a)
		write(t, a, places(2, "x"))
		http.DefaultClient.CloseIdleConnections()
		if got := status(t, in.url+"/readyz"); got != 200 {
			t.Errorf("/readyz: %d", got)
		}
	}
	// os/signal keeps a goroutine from its first use until the process ends.
	t.Run("first", serve)
	before := runtime.NumGoroutine()
	for range 3 {
		t.Run("serve", serve)
	}
	defer func() {
		if t.Failed() {
			stacks := make([]byte, 1<<20)
			t.Logf("%s", stacks[:runtime.Stack(stacks, true)])
		}
	}()
	waitFor(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
