package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// archiveOf writes the tiles of places as an archive.
func archiveOf(t *testing.T, name, text string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "places.geojson")
	write(t, source, text)
	var out strings.Builder
	must(t, run(t.Context(), []string{"tiles", source, "-quiet", "-maxzoom", "1", "-o", name, "-name", "map of " + filepath.Base(name)}, &out, &out))
}

// TestWatchBasemaps changes the files of base maps while they are served.
func TestWatchBasemaps(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{".pmtiles", ".mbtiles"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			file, one, two := filepath.Join(dir, "m"+kind), filepath.Join(dir, "one"+kind), filepath.Join(dir, "two"+kind)
			archiveOf(t, one, places(3, "x"))
			archiveOf(t, two, places(40, "y"))
			copyTo := func(from string) {
				t.Helper()
				b, err := os.ReadFile(from)
				must(t, err)
				write(t, file+".new", string(b))
				must(t, os.Rename(file+".new", file))
			}
			copyTo(one)
			a := filepath.Join(dir, "a.geojson")
			write(t, a, places(1, "x"))
			in := watching(t, "-basemap", file, a)
			wantMap := func(what, name, rejected string) {
				t.Helper()
				waitFor(t, what, func() bool {
					return strings.Contains(body(t, in.url+"/basemaps/m?f=json"), `"map of `+name+kind+`"`) && in.served(t) == "a=1"+rejected
				})
				if got := status(t, in.url+"/basemaps/m/0/0/0"); got != 200 {
					t.Errorf("%s: a tile answers %d", what, got)
				}
			}
			wantMap("at first", "one", "")
			copyTo(two)
			wantMap("replaced", "two", "")
			copyTo(one)
			wantMap("replaced again", "one", "")
			copyTo(two)
			wantMap("and again", "two", "")
			bad := filepath.Join(dir, "bad")
			write(t, bad, "no archive")
			copyTo(bad)
			wantMap("with a fault", "two", " +m"+kind)
			copyTo(one)
			wantMap("good again", "one", "")
			must(t, os.Remove(file))
			wantMap("gone", "one", " +m"+kind)
			copyTo(two)
			wantMap("back", "two", "")
			if !strings.Contains(in.log.String(), "file rejected") {
				t.Errorf("the log tells nothing of the fault:\n%s", in.log)
			}
		})
	}
}
