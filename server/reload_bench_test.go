package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"clustermap/geo"
	"clustermap/server"
)

// BenchmarkReloadLoad reads a collection again, on one core, under half of the load
// that the server can bear, and prints what that does to the answers. Reloads take
// turns with quiet times, and the load comes from another process, as it does in life.
// Run it with -benchtime 1x.
func BenchmarkReloadLoad(b *testing.B) {
	file := filepath.Join(b.TempDir(), "firms.geojson")
	text := firms(*benchFeatures)
	write := func(version int) {
		if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte(" of the list"), fmt.Appendf(nil, " of list %3d", version)), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write(0)
	loader := &geo.Loader{FS: disk{}, Paths: []string{file}, Again: server.Background}
	srv := loadServer(b, loader)
	host := serveOurs(b, srv)

	run := func(rate float64, do func()) []time.Duration {
		load := startLoad(b, host, rate)
		time.Sleep(warmUp + warmUp/5) // until it counts for sure
		do()
		return load.end(b)
	}
	const long = 3 * time.Second
	rate := float64(len(run(0, func() { time.Sleep(long) }))) / (long + warmUp/5).Seconds() / 2

	const reloads = 10
	var quiet, during []time.Duration
	var spent time.Duration
	var live []uint64
	for i := range reloads {
		quiet = append(quiet, run(rate, func() { time.Sleep(long) })...)
		write(i + 1)
		during = append(during, run(rate, func() {
			start := time.Now()
			reload(b, loader, srv)
			spent += time.Since(start)
		})...)
		live = append(live, liveHeap())
	}
	runtime.KeepAlive(text) // it was there before, too
	printReloads(b, rate, quiet, during, spent/reloads, live)
}

func printReloads(b *testing.B, rate float64, quiet, during []time.Duration, reload time.Duration, live []uint64) {
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| quiet \t| reloading \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for _, q := range []struct {
		of  float64
		aim string
	}{{.5, ""}, {.99, "4 times"}, {.999, ""}} {
		one, two := quantile(quiet, q.of), quantile(during, q.of)
		fmt.Fprintf(rows, "| p%g of pages of 100 features at %s \t| %v \t| %v \t| %s \t| %s \t|\n", 100*q.of, perSecond(rate),
			one.Round(10*time.Microsecond), two.Round(10*time.Microsecond), times(two.Seconds()/one.Seconds()), q.aim)
	}
	fmt.Fprintf(rows, "| answers, none of them failed \t| %s \t| %s \t| \t| \t|\n", thousands(len(quiet)), thousands(len(during)))
	fmt.Fprintf(rows, "| a reload of %s features \t| \t| %s \t| \t| \t|\n", thousands(*benchFeatures), seconds(reload))
	second, last := live[1], live[len(live)-1]
	fmt.Fprintf(rows, "| live heap after 2 and after %d reloads \t| %d MB \t| %d MB \t| %.0f %% \t| 100 %% \t|\n",
		len(live), second>>20, last>>20, 100*float64(last)/float64(second))
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

func loadServer(b *testing.B, loader *geo.Loader) *server.Server {
	look, err := loader.Look(b.Context())
	if err == nil {
		err = look.Err()
	}
	if err != nil {
		b.Fatal(err)
	}
	state, err := geo.NewState(look.Collections...)
	if err != nil {
		b.Fatal(err)
	}
	srv, err := server.New(server.Config{Atlas: geo.NewAtlas(state)})
	if err == nil {
		err = srv.Publish(b.Context(), state)
	}
	if err != nil {
		b.Fatal(err)
	}
	return srv
}

// reload does what the program does when a file has changed.
func reload(b *testing.B, loader *geo.Loader, srv *server.Server) {
	look, err := loader.Look(b.Context())
	if err != nil || look.Err() != nil || len(look.Read) != 1 {
		b.Fatalf("reload: %+v, %v", look, err)
	}
	state, err := geo.NewState(look.Collections...)
	if err == nil {
		err = srv.Publish(b.Context(), state)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// disk are the files of the disk by their absolute names.
type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

// load is a process that sends requests.
type load struct {
	cmd  *exec.Cmd
	stop interface{ Close() error }
	out  string
}

// warmUp is how long a load runs before it counts.
const warmUp = time.Second

// The environment of TestLoadProcess.
const (
	loadHost = "CLUSTERMAP_LOAD_HOST"
	loadRate = "CLUSTERMAP_LOAD_RATE"
	loadOut  = "CLUSTERMAP_LOAD_OUT"
)

// startLoad starts to send requests at a rate, or with 16 busy connections where that
// is 0.
func startLoad(b *testing.B, host string, rate float64) load {
	l := load{cmd: exec.Command(os.Args[0], "-test.run=^TestLoadProcess$"), out: filepath.Join(b.TempDir(), "load.json")}
	l.cmd.Env = append(os.Environ(), loadHost+"="+host, loadRate+"="+strconv.FormatFloat(rate, 'g', -1, 64), loadOut+"="+l.out)
	l.cmd.Stderr = os.Stderr
	stdin, err := l.cmd.StdinPipe()
	if err == nil {
		err = l.cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	l.stop = stdin
	return l
}

// end ends the load and gives how long each answer took.
func (l load) end(b *testing.B) []time.Duration {
	if err := l.stop.Close(); err != nil {
		b.Fatal(err)
	}
	if err := l.cmd.Wait(); err != nil {
		b.Fatalf("a request failed: %v", err)
	}
	text, err := os.ReadFile(l.out)
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	if err := json.Unmarshal(text, &took); err != nil {
		b.Fatal(err)
	}
	return took
}

// TestLoadProcess is the process of BenchmarkReloadLoad that sends requests until its
// input ends. At a rate they are sent at their times, whether or not those before are
// answered; how long one took counts from the time at which it was to be sent.
func TestLoadProcess(t *testing.T) {
	host := os.Getenv(loadHost)
	if host == "" {
		t.Skip("it is part of BenchmarkReloadLoad")
	}
	rate, err := strconv.ParseFloat(os.Getenv(loadRate), 64)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = os.Stdin.Read(make([]byte, 1))
	}()
	text, err := json.Marshal(sendLoad(t, host, rate, done))
	if err == nil {
		err = os.WriteFile(os.Getenv(loadOut), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func sendLoad(t *testing.T, host string, rate float64, done <-chan struct{}) []time.Duration {
	addresses := pageAddresses(500)
	connections := 64
	if rate == 0 {
		connections = 16
	}
	var open []*client
	for range connections {
		open = append(open, dial(t, host))
	}
	var next atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	start := time.Now()
	for _, c := range open {
		all.Go(func() {
			defer c.conn.Close()
			var mine []time.Duration
			for {
				i := next.Add(1) - 1
				at := time.Now()
				if rate > 0 {
					at = start.Add(time.Duration(float64(i) / rate * 1e9))
					time.Sleep(time.Until(at))
				}
				select {
				case <-done:
					mu.Lock()
					defer mu.Unlock()
					took = append(took, mine...)
					return
				default:
				}
				address := addresses[int(i)*7%len(addresses)] + "&limit=100"
				if status, _ := c.get(address, nil); status != 200 {
					t.Errorf("%s: status %d", address, status)
					return
				}
				if at.Sub(start) > warmUp {
					mine = append(mine, time.Since(at))
				}
			}
		})
	}
	all.Wait()
	return took
}

func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}
