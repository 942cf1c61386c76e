package archive

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// forgery is a PMTiles file of parts that nothing checks.
type forgery struct {
	root, metadata, leaves, tiles []byte
	change                        func(*header)
}

func (f forgery) bytes() []byte {
	h := header{clustered: true, internal: codingNone, coding: codingNone, format: byte(MVT), maxZoom: 5}
	h.root = section{headerSize, uint64(len(f.root))}
	h.metadata = section{h.root.end(), uint64(len(f.metadata))}
	h.leaves = section{h.metadata.end(), uint64(len(f.leaves))}
	h.tiles = section{h.leaves.end(), uint64(len(f.tiles))}
	if f.change != nil {
		f.change(&h)
	}
	return bytes.Join([][]byte{h.bytes(), f.root, f.metadata, f.leaves, f.tiles}, nil)
}

func openBytes(b []byte) (*Archive, error) { return NewPMTiles(bytes.NewReader(b), int64(len(b))) }

func directoryOf(entries ...entry) []byte { return appendDirectory(nil, entries) }

func TestForgeryOpens(t *testing.T) {
	a, err := openBytes(forgery{root: directoryOf(entry{0, 0, 4, 1}), tiles: []byte("tile")}.bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := tileText(t, a, Coord{}); got != "tile" {
		t.Errorf("the tile is %q", got)
	}
}

func TestHostileHeader(t *testing.T) {
	good := directoryOf(entry{0, 0, 4, 1})
	for name, change := range map[string]func(*header){
		"root beyond 16 KiB":      func(h *header) { h.root.offset = headSize },
		"root in the header":      func(h *header) { h.root.offset = 0 },
		"no root":                 func(h *header) { h.root.length = 0 },
		"root length overflows":   func(h *header) { h.root.length = math.MaxUint64 },
		"tiles beyond the file":   func(h *header) { h.tiles.length++ },
		"tiles at the last byte":  func(h *header) { h.tiles.offset = math.MaxUint64 },
		"leaves overflow":         func(h *header) { h.leaves = section{200, math.MaxUint64 - 100} },
		"metadata beyond":         func(h *header) { h.metadata.offset = 1 << 40 },
		"zooms swapped":           func(h *header) { h.minZoom = 6 },
		"zoom 255":                func(h *header) { h.maxZoom = 255 },
		"brotli":                  func(h *header) { h.internal = codingBrotli },
		"unknown coding":          func(h *header) { h.internal = codingUnknown },
		"brotli tiles":            func(h *header) { h.coding = codingBrotli },
		"unknown tile coding":     func(h *header) { h.coding = 9 },
		"unknown type":            func(h *header) { h.format = 77 },
		"bounds beyond the world": func(h *header) { h.bounds.Max[0] = 180.5 },
		"bounds swapped":          func(h *header) { h.bounds.Min[1] = 1 },
		"centre beyond the world": func(h *header) { h.center[1] = -91 },
	} {
		_, err := openBytes(forgery{root: good, tiles: []byte("tile"), change: change}.bytes())
		var bad *CorruptError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a CorruptError", name, err)
		}
	}
	whole := forgery{root: good, metadata: []byte(`{"name":"x"}`), tiles: []byte("tile")}.bytes()
	for n := range whole {
		if _, err := openBytes(whole[:n]); err == nil {
			t.Errorf("the file cut at byte %d of %d is opened", n, len(whole))
		}
	}
}

func TestHostileDirectories(t *testing.T) {
	numbers := func(v ...uint64) []byte {
		var b []byte
		for _, n := range v {
			b = binary.AppendUvarint(b, n)
		}
		return b
	}
	for name, root := range map[string][]byte{
		"empty":               numbers(0),
		"2^60 entries":        numbers(1<<60, 0, 1, 1, 1),
		"one more than it is": numbers(2, 0, 1, 1, 1),
		"bytes behind":        append(directoryOf(entry{0, 0, 4, 1}), 0),
		"an endless number":   bytes.Repeat([]byte{0xff}, 20),
		"overflow of 64 bits": append(numbers(1), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
		"ids overflow":        numbers(2, 1, math.MaxUint64, 1, 1, 1, 1, 1, 1),
		"one id twice":        numbers(2, 1, 0, 1, 1, 1, 1, 1, 1),
		"id beyond all":       numbers(1, 1<<62, 1, 1, 1),
		"length 0":            numbers(1, 0, 1, 0, 1),
		"length of 33 bits":   numbers(1, 0, 1, 1<<32, 1),
		"run of 33 bits":      numbers(1, 0, 1<<32, 1, 1),
		"offset beyond":       numbers(1, 0, 1, 4, 2),
		"offset overflows":    numbers(1, 0, 1, 4, math.MaxUint64),
		"no first offset":     numbers(1, 0, 1, 4, 0),
		"runs overlap":        numbers(2, 0, 1, 2, 1, 1, 1, 1, 1),
		"leaf beyond":         numbers(1, 0, 0, 5, 1),
	} {
		_, err := openBytes(forgery{root: root, tiles: []byte("tile"), leaves: []byte("leaf")}.bytes())
		var bad *CorruptError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a CorruptError", name, err)
		}
	}
}

// TestHostileLeaves has leaves that point to themselves, to those before them, and
// to where they do not belong.
func TestHostileLeaves(t *testing.T) {
	for name, leaf := range map[string][]byte{
		"itself":       directoryOf(entry{0, 0, 5, 0}),
		"an id before": directoryOf(entry{1, 0, 4, 1}),
		"an id behind": directoryOf(entry{2, 0, 4, 9}),
	} {
		from := uint64(0)
		if name != "itself" {
			from = 2
		}
		root := directoryOf(entry{from, 0, uint32(len(leaf)), 0}, entry{6, 0, 4, 1})
		a, err := openBytes(forgery{root: root, leaves: leaf, tiles: []byte("tile")}.bytes())
		if err != nil {
			t.Fatal(name, err)
		}
		c, _ := CoordOf(max(from, 2))
		var bad *CorruptError
		if _, err := a.Tile(t.Context(), c); !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a CorruptError", name, err)
		}
	}
}

// TestBombs opens files whose packed parts become gigabytes, and counts the memory
// that refusing them takes.
func TestBombs(t *testing.T) {
	var p Packer
	bomb := p.Pack(make([]byte, 256<<20)) // 250 kB
	tile := forgery{root: directoryOf(entry{0, 0, uint32(len(bomb)), 1}), tiles: bomb}
	tile.change = func(h *header) { h.coding = codingGzip }
	leaf := forgery{root: p.Pack(directoryOf(entry{0, 0, uint32(len(bomb)), 0})), leaves: bomb}
	leaf.change = func(h *header) { h.internal = codingGzip }
	meta := forgery{root: p.Pack(directoryOf(entry{0, 0, 4, 1})), metadata: bomb, tiles: []byte("tile")}
	meta.change = func(h *header) { h.internal = codingGzip }
	many := p.Pack(append(binary.AppendUvarint(nil, 3<<20), make([]byte, 12<<20)...))
	root := forgery{root: many, tiles: []byte("tile")}
	root.change = func(h *header) { h.internal = codingGzip }
	for name, f := range map[string]forgery{"tile": tile, "leaf": leaf, "metadata": meta, "root": root} {
		b := f.bytes()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := openBytes(b)
		if err == nil {
			var found Tile
			if found, err = a.Tile(t.Context(), Coord{}); err == nil {
				_, err = found.Unpack()
			}
		}
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("a bomb as %s goes off", name)
		}
		const most = 160 << 20 // buffers that grow by doubling
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("a bomb as %s takes %d MB before it is refused", name, n>>20)
		}
	}
}

// TestFailingDisk holds that an error of the file is told as that.
func TestFailingDisk(t *testing.T) {
	b := forgery{root: directoryOf(entry{0, 0, 4, 1}), tiles: []byte("tile")}.bytes()
	failing := &failingReader{bytes.NewReader(b), nil}
	a, err := NewPMTiles(failing, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	failing.err = errors.New("the disk is gone")
	if _, err := a.Tile(t.Context(), Coord{}); !errors.Is(err, failing.err) {
		t.Errorf("got %v, want the error of the disk", err)
	}
}

type failingReader struct {
	*bytes.Reader
	err error
}

func (f *failingReader) ReadAt(b []byte, at int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.ReadAt(b, at)
}

// database makes an SQLite file by statements.
func database(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

const (
	metadataTable = "CREATE TABLE metadata (name text, value text)"
	tilesTable    = "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
	pbf           = "INSERT INTO metadata VALUES ('format','pbf')"
	zooms         = "INSERT INTO metadata VALUES ('minzoom','0'),('maxzoom','5')"
)

func TestMBTilesOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?#%.mbtiles")
	database(t, path, metadataTable, tilesTable, "INSERT INTO metadata VALUES ('format','png')",
		"INSERT INTO tiles VALUES (3, 1, 2, x'89504e47'), (4, 0, 0, NULL)")
	a := open(t, path)
	if i := a.Info(); i.MinZoom != 3 || i.MaxZoom != 4 || i.Format != PNG || i.Bounds.Max[0] != 180 {
		t.Errorf("zooms and bounds that are not told are read as %+v", i)
	}
	if got := tileText(t, a, Coord{3, 1, 5}); got != "\x89PNG" {
		t.Errorf("the tile that is row 2 from the south holds %q", got)
	}
	for _, c := range []Coord{{4, 0, 15}, {3, 1, 2}, {9, 0, 0}} {
		if got := tileText(t, a, c); got != "" {
			t.Errorf("tile %v holds %q, want nothing", c, got)
		}
	}
}

func TestHostileMBTiles(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct {
		name       string
		statements []string
		open       bool
	}{
		{"no tables", []string{"CREATE TABLE x (y)"}, false},
		{"no tiles", []string{metadataTable, pbf}, false},
		{"no format", []string{metadataTable, tilesTable}, false},
		{"zooms", []string{metadataTable, tilesTable, pbf, "INSERT INTO metadata VALUES ('minzoom','-1'),('maxzoom','5')"}, false},
		{"zoom 1e9", []string{metadataTable, tilesTable, pbf, "INSERT INTO tiles VALUES (1000000000, 0, 0, x'00')"}, false},
		{"bounds", []string{metadataTable, tilesTable, pbf, zooms, "INSERT INTO metadata VALUES ('bounds','1,2,NaN,4')"}, false},
		{"center", []string{metadataTable, tilesTable, pbf, zooms, "INSERT INTO metadata VALUES ('center','0,0,1e300')"}, false},
		{"json", []string{metadataTable, tilesTable, pbf, zooms, "INSERT INTO metadata VALUES ('json','[')"}, false},
		{"endless metadata", []string{"CREATE VIEW metadata AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT 'x' || i AS name, 'y' AS value FROM n WHERE i < 0", tilesTable}, false},
		{"endless tiles", []string{metadataTable, pbf, zooms, "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n WHERE i < 0"}, true},
		{"a tile of 900 MB", []string{metadataTable, pbf, zooms, "CREATE VIEW tiles AS SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, zeroblob(900000000) AS tile_data"}, true},
		{"a function of extensions", []string{metadataTable, pbf, zooms, "CREATE VIEW tiles AS SELECT 0 AS zoom_level, 0 AS tile_column, 0 AS tile_row, load_extension('x') AS tile_data"}, false},
		{"zlib that is none", []string{metadataTable, pbf, zooms, tilesTable, "INSERT INTO tiles VALUES (0, 0, 0, x'7801')"}, true},
	} {
		path := filepath.Join(dir, fmt.Sprintf("%d.mbtiles", i))
		database(t, path, c.statements...)
		a, err := openMBTiles(path, 200*time.Millisecond)
		if (err == nil) != c.open {
			t.Errorf("%s: opening gives %v", c.name, err)
		}
		if err == nil {
			_, err = a.Tile(t.Context(), Coord{})
			if err := a.Close(); err != nil {
				t.Errorf("%s: closing gives %v", c.name, err)
			}
		}
		var bad *CorruptError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a CorruptError", c.name, err)
		}
	}
}

// TestCutMBTiles cuts a file at every 97th byte: no panic, and no tile that is
// another.
func TestCutMBTiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.mbtiles")
	var tiles []content
	for id := range uint64(200) {
		c, _ := CoordOf(id)
		tiles = append(tiles, content{c, strings.Repeat(c.String(), 50)})
	}
	write(t, path, sample, tiles)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.mbtiles")
	for n := 100; n < len(whole); n += 97 {
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Open(cut)
		if err != nil {
			continue
		}
		for _, c := range tiles[:20] {
			tile, err := a.Tile(context.Background(), c.at)
			if err != nil {
				continue
			}
			if b, err := tile.Unpack(); err == nil && string(b) != c.data {
				t.Errorf("cut at %d, tile %v is another one", n, c.at)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzPMTiles(f *testing.F) {
	f.Add(forgery{root: directoryOf(entry{0, 0, 4, 1}), tiles: []byte("tile")}.bytes())
	f.Add(forgery{root: directoryOf(entry{0, 0, 5, 0}), leaves: directoryOf(entry{0, 0, 5, 0}), metadata: []byte(`{"vector_layers":[{"id":"a"}]}`)}.bytes())
	path := filepath.Join(f.TempDir(), "a.pmtiles")
	write(f, path, sample, []content{{Coord{0, 0, 0}, "a"}, {Coord{1, 1, 1}, "b"}, {Coord{5, 3, 4}, "c"}})
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := openBytes(b)
		if err != nil {
			return
		}
		for _, c := range []Coord{{0, 0, 0}, {1, 1, 1}, {5, 3, 4}, {MaxZoom, 0, 1}} {
			if tile, err := a.Tile(t.Context(), c); err == nil {
				_, _ = tile.Unpack()
			}
		}
	})
}

func FuzzDirectory(f *testing.F) {
	f.Add(directoryOf(entry{0, 0, 4, 1}, entry{5, 4, 4, 3}, entry{9, 0, 7, 0}))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parseDirectory(b, 0, everyID, sections{1 << 40, 1 << 40})
		if err != nil {
			return
		}
		again, err := parseDirectory(appendDirectory(nil, entries), 0, everyID, sections{1 << 40, 1 << 40})
		if err != nil || fmt.Sprint(again) != fmt.Sprint(entries) {
			t.Errorf("%v comes back as %v, error %v", entries, again, err)
		}
	})
}

func FuzzMBTiles(f *testing.F) {
	path := filepath.Join(f.TempDir(), "a.mbtiles")
	write(f, path, sample, []content{{Coord{0, 0, 0}, "a"}, {Coord{1, 1, 1}, "b"}, {Coord{5, 3, 4}, "c"}})
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(100), []byte{1, 2, 3})
	f.Add(uint32(4200), []byte("\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		b := bytes.Clone(whole)
		copy(b[int(at)%len(b):], patch)
		path := filepath.Join(t.TempDir(), "b.mbtiles")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Open(path)
		if err != nil {
			return
		}
		for _, c := range []Coord{{0, 0, 0}, {1, 1, 1}, {5, 3, 4}} {
			if tile, err := a.Tile(t.Context(), c); err == nil {
				_, _ = tile.Unpack()
			}
		}
		_ = a.Close()
	})
}
