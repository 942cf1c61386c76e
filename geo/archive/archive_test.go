package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// content is a tile with what was packed into it.
type content struct {
	at   Coord
	data string
}

var sample = Info{
	Name: "Silk 丝绸", Description: "places", Attribution: "<b>us</b>", Version: "3", Overlay: true, Format: MVT,
	MinZoom: 0, MaxZoom: 5, CenterZoom: 2,
	Bounds: orb.Bound{Min: orb.Point{-10.5, -20.25}, Max: orb.Point{30.1234567, 40}}, Center: orb.Point{1.5, -2},
	Layers: []Layer{{ID: "silk", Description: "d", MinZoom: 0, MaxZoom: 5, Fields: map[string]string{"n": "Number"}}},
}

// write makes an archive of tiles, which it sorts.
func write(t testing.TB, path string, info Info, tiles []content) {
	t.Helper()
	slices.SortFunc(tiles, func(a, b content) int {
		if a.at.TileID() < b.at.TileID() {
			return -1
		}
		return 1
	})
	w, err := Create(path, Options{Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	var p Packer
	for _, c := range tiles {
		data := []byte(c.data)
		if info.Format == MVT {
			data = p.Pack(data)
		}
		if err := w.Add(c.at, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(t.Context(), info); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string) *Archive {
	t.Helper()
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// tileText is what was packed into a tile; "" if there is none.
func tileText(t rapid.TB, a *Archive, c Coord) string {
	tile, err := a.Tile(context.Background(), c)
	if errors.Is(err, ErrNoTile) {
		return ""
	}
	if err != nil {
		t.Fatal(c, err)
	}
	b, err := tile.Unpack()
	if err != nil {
		t.Fatal(c, err)
	}
	return string(b)
}

var kinds = []string{"pmtiles", "mbtiles"}

func TestInfo(t *testing.T) {
	for _, kind := range kinds {
		path := filepath.Join(t.TempDir(), "a."+kind)
		write(t, path, sample, []content{{Coord{3, 4, 5}, "x"}})
		if diff := cmp.Diff(sample, open(t, path).Info()); diff != "" {
			t.Errorf("%s says otherwise than it was told:\n%s", kind, diff)
		}
		odd := sample
		odd.Name = "a\xff\"';"
		write(t, path, odd, []content{{Coord{3, 4, 5}, "x"}})
		if got := open(t, path).Info().Name; got != "a\uFFFD\"';" {
			t.Errorf("%s: a name that is no UTF-8 comes back as %q", kind, got)
		}
		picture := sample
		picture.Format, picture.Layers, picture.Overlay = WebP, nil, false
		write(t, path, picture, []content{{Coord{3, 4, 5}, "x"}})
		a := open(t, path)
		if diff := cmp.Diff(picture, a.Info()); diff != "" {
			t.Errorf("%s of pictures says otherwise than it was told:\n%s", kind, diff)
		}
		if got, err := a.Tile(t.Context(), Coord{3, 4, 5}); err != nil || got.Coding != "" || string(got.Data) != "x" {
			t.Errorf("%s: the picture comes back as %+v, error %v", kind, got, err)
		}
	}
}

// TestWrittenIsRead holds both formats to a map, for random tiles many of which
// are alike.
func TestWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		want := map[Coord]string{}
		for _, c := range rapid.SliceOfN(coords(4), 1, 100).Draw(r, "tiles") {
			want[c] = rapid.SampledFrom([]string{"sea", "land", fmt.Sprint(c)}).Draw(r, "content")
		}
		kind := rapid.SampledFrom(kinds).Draw(r, "kind")
		path := filepath.Join(dir, "a."+kind)
		write(t, path, sample, contentsOf(want))
		a, err := Open(path)
		if err != nil {
			r.Fatal(err)
		}
		for id := range firstID(5) {
			c, _ := CoordOf(id)
			if got := tileText(r, a, c); got != want[c] {
				r.Fatalf("%s: tile %v holds %q, want %q", kind, c, got, want[c])
			}
		}
		if err := a.Close(); err != nil {
			r.Fatal(err)
		}
	})
}

func contentsOf(m map[Coord]string) []content {
	var out []content
	for c, data := range m {
		out = append(out, content{c, data})
	}
	return out
}

// TestDeepDirectories writes more tiles than a root directory can point to, by
// making leaves so small that the root overflows twice.
func TestDeepDirectories(t *testing.T) {
	const tiles = 60_000
	rng := rand.New(rand.NewPCG(1, 2))
	p, err := newPMWriter(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.remove()
	p.perLeaf = 4
	var pack Packer
	ids := map[uint64]string{}
	first, z := firstID(12), 12
	for id := first; len(ids) < tiles; id += 1 + rng.Uint64N(200) {
		data := fmt.Sprint(rng.Uint64())
		ids[id] = data
		if err := p.add(id, Coord{}, pack.Pack([]byte(data))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "deep.pmtiles")
	info := sample
	info.MinZoom, info.MaxZoom = z, z
	if err := p.finish(t.Context(), path, &info, tiles); err != nil {
		t.Fatal(err)
	}
	a := open(t, path)
	root := a.tiles.(*pmTiles).root
	if root[0].run != 0 || len(root) > tiles/4/1000 {
		t.Errorf("the root has %d entries, the first with run %d; want few, of directories of directories", len(root), root[0].run)
	}
	for id, want := range ids {
		c, _ := CoordOf(id)
		if got := tileText(t, a, c); got != want {
			t.Fatalf("tile %v holds %q, want %q", c, got, want)
		}
	}
	if kept := &a.tiles.(*pmTiles).kept; kept.entries > keptEntries {
		t.Errorf("%d entries are kept, more than %d", kept.entries, keptEntries)
	}
}

// TestHeader holds what the header of a PMTiles file counts, and its layout.
func TestHeader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pmtiles")
	write(t, path, sample, []content{
		{Coord{1, 0, 0}, "sea"}, {Coord{1, 0, 1}, "sea"}, {Coord{1, 1, 1}, "land"}, {Coord{1, 1, 0}, "sea"}, {Coord{0, 0, 0}, "all"},
	})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := parseHeader(b, uint64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if h.addressed != 5 || h.entries != 4 || h.contents != 3 || !h.clustered {
		t.Errorf("counts of tiles, entries, contents are %d, %d, %d and clustered is %v; want 5, 4, 3, true", h.addressed, h.entries, h.contents, h.clustered)
	}
	parts := []section{{0, headerSize}, h.root, h.metadata, h.leaves, h.tiles, {uint64(len(b)), 0}}
	for i := 1; i < len(parts); i++ {
		if parts[i].offset != parts[i-1].end() {
			t.Errorf("part %d begins at %d, want %d, where the one before ends", i, parts[i].offset, parts[i-1].end())
		}
	}
}

func TestEqualBytes(t *testing.T) {
	for _, kind := range kinds {
		var sums [2][32]byte
		for i := range sums {
			path := filepath.Join(t.TempDir(), "a."+kind)
			var tiles []content
			for id := range uint64(2000) {
				c, _ := CoordOf(id)
				tiles = append(tiles, content{c, fmt.Sprint(id % 700)})
			}
			write(t, path, sample, tiles)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sums[i] = sha256.Sum256(b)
		}
		if sums[0] != sums[1] {
			t.Errorf("%s: equal tiles give different files", kind)
		}
	}
}

// TestNothingIsLeft ends writing in each way in which it can end early.
func TestNothingIsLeft(t *testing.T) {
	for _, kind := range kinds {
		dir := t.TempDir()
		path := filepath.Join(dir, "a."+kind)
		begin := func(opt Options) *Writer {
			w, err := Create(path, opt)
			if err != nil {
				t.Fatal(err)
			}
			var p Packer
			for id := range uint64(100) {
				c, _ := CoordOf(id)
				if err := w.Add(c, p.Pack([]byte(c.String()))); err != nil {
					t.Fatal(err)
				}
			}
			return w
		}
		holds := func(when string, want ...string) {
			t.Helper()
			var got []string
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				got = append(got, e.Name())
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: the folder holds %q, want %q", kind, when, got, want)
			}
		}
		begin(Options{}).Abort()
		holds("given up")

		stopped, stop := context.WithCancel(t.Context())
		stop()
		w := begin(Options{})
		if err := w.Commit(stopped, sample); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: interrupted it ends with %v", kind, err)
		}
		w.Abort()
		holds("interrupted")

		w, err := Create(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(t.Context(), sample); err == nil || !strings.Contains(err.Error(), "no tile") {
			t.Errorf("%s: without a tile it ends with %v", kind, err)
		}
		w.Abort()
		holds("empty")

		// Another program makes the file meanwhile.
		w = begin(Options{})
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(t.Context(), sample); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: over a file that came meanwhile it ends with %v", kind, err)
		}
		w.Abort()
		holds("overtaken", "a."+kind)
		if b, err := os.ReadFile(path); err != nil || string(b) != "mine" {
			t.Errorf("%s: the file that was there is %q, error %v", kind, b, err)
		}
		if _, err := Create(path, Options{}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: over a file it begins with %v", kind, err)
		}
		w = begin(Options{Replace: true})
		if err := w.Commit(t.Context(), sample); err != nil {
			t.Error(err)
		}
		w.Abort()
		holds("replaced", "a."+kind)
		if got := tileText(t, open(t, path), Coord{2, 1, 0}); got != "2/1/0" {
			t.Errorf("%s: replaced it holds %q", kind, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(filepath.Join(dir, "a.zip"), Options{}); err == nil || !strings.Contains(err.Error(), ".pmtiles or .mbtiles") {
		t.Errorf("a file of another name: %v", err)
	}
	if _, err := Create(filepath.Join(dir, "no", "a.pmtiles"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := Create(filepath.Join(dir, "no", "a.mbtiles"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "d.pmtiles"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(dir, "d.pmtiles"), Options{Replace: true}); err == nil {
		t.Error("a folder is written over")
	}
	for _, kind := range kinds {
		w, err := Create(filepath.Join(dir, "a."+kind), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var p Packer
		if err := w.Add(Coord{2, 1, 1}, p.Pack([]byte("x"))); err != nil {
			t.Error(err)
		}
		for _, c := range []Coord{{2, 1, 1}, {2, 0, 0}, {1, 0, 0}, {2, 4, 0}, {2, 0, -1}, {27, 0, 0}, {-1, 0, 0}} {
			if err := w.Add(c, p.Pack([]byte("x"))); err == nil {
				t.Errorf("%s: after 2/1/1 the tile %v is taken", kind, c)
			}
		}
		if err := w.Add(Coord{3, 1, 1}, []byte("not packed")); err != nil {
			t.Error(err)
		}
		if err := w.Commit(t.Context(), sample); !errors.Is(err, errNotPacked) {
			t.Errorf("%s: with a tile that is not packed: %v", kind, err)
		}
		w.Abort()
	}
	for name, text := range map[string]string{"empty": "", "text": "hello", "short": "PMTiles\x03", "sqlite": "SQLite format 3\x00"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := Open(path); err == nil {
			t.Errorf("%s is opened", name)
			a.Close()
		}
	}
	if _, err := Open(dir); err == nil {
		t.Error("a folder is opened")
	}
}

// TestRev holds that a file that is another has another rev.
func TestRev(t *testing.T) {
	for _, kind := range kinds {
		path := filepath.Join(t.TempDir(), "a."+kind)
		write(t, path, sample, []content{{Coord{1, 0, 0}, "a"}})
		a := open(t, path)
		if again := open(t, path); again.Rev() != a.Rev() {
			t.Errorf("%s: one file has the revs %s and %s", kind, a.Rev(), again.Rev())
		}
		write(t, path, sample, []content{{Coord{1, 0, 0}, "b"}})
		if other := open(t, path); other.Rev() == a.Rev() {
			t.Errorf("%s: two files have the rev %s", kind, a.Rev())
		}
		if got := tileText(t, a, Coord{1, 0, 0}); got != "a" {
			t.Errorf("%s: after the file was replaced the open archive gives %q, want what it was opened with", kind, got)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	for _, kind := range kinds {
		path := filepath.Join(t.TempDir(), "a."+kind)
		var tiles []content
		for id := range firstID(8) {
			c, _ := CoordOf(id)
			tiles = append(tiles, content{c, fmt.Sprint(id)})
		}
		info := sample
		info.MaxZoom = 7
		write(t, path, info, tiles)
		a := open(t, path)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(7, uint64(i)))
				for range 300 {
					id := rng.Uint64N(firstID(8))
					c, _ := CoordOf(id)
					tile, err := a.Tile(t.Context(), c)
					if err != nil {
						t.Error(err)
						return
					}
					if b, err := tile.Unpack(); err != nil || string(b) != fmt.Sprint(id) {
						t.Errorf("%s: tile %v holds %q, error %v; want %d", kind, c, b, err, id)
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestContentsForget(t *testing.T) {
	var c contents[int]
	for i := range keptContents + 10 {
		c.put(digest{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}, i)
	}
	if _, ok := c.get(digest{}); ok || len(c.at) != keptContents || len(c.ring) != keptContents {
		t.Errorf("%d contents are remembered, the oldest among them: %v", len(c.at), ok)
	}
	if v, ok := c.get(digest{11}); !ok || v != 11 {
		t.Errorf("the first that should be remembered gives %d, %v", v, ok)
	}
}

func TestUnpackBomb(t *testing.T) {
	var p Packer
	bomb := p.Pack(make([]byte, maxTileBytes+1))
	if _, err := (Tile{bomb, "gzip"}).Unpack(); err == nil {
		t.Errorf("%d bytes that become %d are unpacked", len(bomb), maxTileBytes+1)
	}
	fits := p.Pack(bytes.Repeat([]byte{7}, maxTileBytes))
	if b, err := (Tile{fits, "gzip"}).Unpack(); err != nil || len(b) != maxTileBytes {
		t.Errorf("a tile of the greatest size gives %d bytes, error %v", len(b), err)
	}
}
