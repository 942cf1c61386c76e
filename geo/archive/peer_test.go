package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// peerAnswer is what npm pmtiles tells of an archive.
type peerAnswer struct {
	Header struct {
		MinZoom, MaxZoom, CenterZoom                                        int
		MinLon, MinLat, MaxLon, MaxLat, CenterLon, CenterLat                float64
		NumAddressedTiles, NumTileEntries, NumTileContents                  int
		TileType, TileCompression, InternalCompression, LeafDirectoryLength int
		Clustered                                                           bool
	}
	Metadata map[string]any
	Tiles    []struct {
		ID     uint64
		SHA256 string
	}
}

func askPeer(t *testing.T, path string, tiles []Coord) peerAnswer {
	t.Helper()
	list := [][3]int{}
	for _, c := range tiles {
		list = append(list, [3]int{c.Z, c.X, c.Y})
	}
	ask, err := json.Marshal(map[string]any{"file": path, "tiles": list})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join("testdata", "peer", "read.mjs"))
	cmd.Stdin = bytes.NewReader(ask)
	var failed strings.Builder
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("npm pmtiles (make inputs installs it): %v\n%s", err, &failed)
	}
	var a peerAnswer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestPeer reads archives of one root directory and of leaves with npm pmtiles.
func TestPeer(t *testing.T) {
	for _, n := range []uint64{85, 30_000} {
		want := map[Coord]string{}
		for id := uint64(0); id < n; id++ {
			if c, _ := CoordOf(id); id%7 != 3 {
				want[c] = fmt.Sprint(id/2%5000, strings.Repeat("x", int(id%13)))
			}
		}
		path := filepath.Join(t.TempDir(), "a.pmtiles")
		info := sample
		info.MaxZoom = 8
		write(t, path, info, contentsOf(want))
		var asked []Coord
		for id := uint64(0); id < n+20; id += 1 + id/50 {
			c, _ := CoordOf(id)
			asked = append(asked, c)
		}
		asked = append(asked, Coord{8, 255, 255}, Coord{MaxZoom, 1<<MaxZoom - 1, 1}, Coord{20, 1000, 2000})
		got := askPeer(t, path, asked)
		for i, c := range asked {
			sum := ""
			if data, ok := want[c]; ok {
				s := sha256.Sum256([]byte(data))
				sum = hex.EncodeToString(s[:])
			}
			if got.Tiles[i].SHA256 != sum || got.Tiles[i].ID != c.TileID() {
				t.Errorf("of tile %v, our number %d, the peer says %+v; want the hash %q", c, c.TileID(), got.Tiles[i], sum)
			}
		}
		h := got.Header
		if h.MinZoom != 0 || h.MaxZoom != 8 || h.CenterZoom != 2 || h.MinLon != -10.5 || h.MaxLon != 30.1234567 || h.MaxLat != 40 || h.CenterLat != -2 {
			t.Errorf("the peer reads zooms and bounds as %+v", h)
		}
		if h.NumAddressedTiles != len(want) || !h.Clustered || h.TileType != int(MVT) || h.TileCompression != codingGzip || (h.LeafDirectoryLength > 0) != (n > leafEntries) {
			t.Errorf("the peer reads the header as %+v", h)
		}
		layers := []any{map[string]any{"id": "silk", "description": "d", "minzoom": 0.0, "maxzoom": 5.0, "fields": map[string]any{"n": "Number"}}}
		if diff := cmp.Diff(layers, got.Metadata["vector_layers"]); diff != "" || got.Metadata["name"] != sample.Name {
			t.Errorf("the peer reads the name %v and layers\n%s", got.Metadata["name"], diff)
		}
	}
}
