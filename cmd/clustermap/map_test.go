package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clustermap/server"
)

// TestMapIsThatOfTheServer holds that the command and GET /map draw one picture where
// the request says all.
func TestMapIsThatOfTheServer(t *testing.T) {
	in := start(t)
	tests := []struct{ flags, query string }{
		{"-bbox 105,20,125,42 -width 500 -height 300 -crs 3857 -fit extend -furniture none -collections clusters",
			"bbox=105,20,125,42&width=500&height=300&crs=EPSG:3857&fit=extend&furniture=none"},
		{"-lang zh -where industry=ceramics -collections clusters -style dark -view features -furniture title,legend -width 640 -height 360 -crs albers -bbox 105,20,125,42",
			"lang=zh&industry=ceramics&style=dark&view=features&furniture=title,legend&width=640&height=360&crs=china-albers&fit=extend&bbox=105,20,125,42"},
	}
	for _, format := range []string{"png", "svg", "pdf", "pptx"} {
		for i, tt := range tests {
			name := filepath.Join(t.TempDir(), "map."+format)
			args := append([]string{"map", "-quiet", "-o", name}, strings.Fields(tt.flags)...)
			if err := run(t.Context(), args, io.Discard, io.Discard); err != nil {
				t.Fatalf("%q: %v", args, err)
			}
			r, err := http.Get(in.url + "/map?f=" + format + "&" + tt.query)
			if err != nil {
				t.Fatal(err)
			}
			want, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err != nil || r.StatusCode != http.StatusOK {
				t.Fatalf("GET /map?%s: %s %v %s", tt.query, r.Status, err, want)
			}
			if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s %d: the command wrote %d bytes, the server %d, and they differ (%v)", format, i, len(got), len(want), err)
			}
		}
	}
}

// stopAt ends a context when it is written to for the n-th time.
type stopAt struct {
	n    int
	stop func()
}

func (s *stopAt) Write(b []byte) (int, error) {
	if s.n--; s.n == 0 {
		s.stop()
	}
	return len(b), nil
}

// TestMapInterrupted holds that an interrupt leaves whole files only.
func TestMapInterrupted(t *testing.T) {
	files := func(folder string) (names []string) {
		all, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			names = append(names, f.Name())
		}
		return names
	}
	tests := []struct {
		name  string
		args  []string
		lines int // of output until the interrupt; 0: it comes at once
		want  string
		left  int
	}{
		{"picture", []string{"-o", "a.png"}, 0, "interrupted; ", 0},
		{"document", []string{"-batch", "region", "-o", "a.pdf"}, 0, "interrupted; ", 0},
		{"series at once", []string{"-batch", "Trade", "-o", "all", "-format", "svg"}, 0, "interrupted; ", 0},
		{"series", []string{"-batch", "Trade", "-o", "all", "-format", "svg"}, 2, "interrupted; the pictures in ", 2},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		ctx, stop := context.WithCancel(t.Context())
		if tt.lines == 0 {
			stop()
		}
		args := append([]string{"map"}, tt.args...)
		for i, a := range args {
			if a == "-o" {
				args[i+1] = filepath.Join(dir, args[i+1])
			}
		}
		err := run(ctx, args, &stopAt{tt.lines, stop}, io.Discard)
		stop()
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got the error %v, want %q", tt.name, err, tt.want)
		}
		left := files(dir)
		if tt.left > 0 {
			left = files(filepath.Join(dir, "all"))
		}
		if len(left) != tt.left {
			t.Errorf("%s: there are %q, want %d", tt.name, left, tt.left)
		}
		for _, name := range left {
			b, err := os.ReadFile(filepath.Join(dir, "all", name))
			if err != nil || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("</svg>")) {
				t.Errorf("%s: %s is not whole (%v)", tt.name, name, err)
			}
		}
	}
}

func TestFileNames(t *testing.T) {
	keys := []string{"silk", "Silk", "a/b\\c", "../..", "", "NUL", "com1.x", "陶瓷 石材", strings.Repeat("长", 100), "x\x00y\n", "𠮷.", "\xff"}
	want := []string{"silk.png", "Silk-2.png", "a-b-c.png", "empty.png", "empty-2.png", "_NUL.png", "_com1.x.png", "陶瓷-石材.png",
		strings.Repeat("长", 26) + ".png", "x-y.png", "𠮷.png", "empty-3.png"}
	plates := make([]server.Plate, len(keys))
	for i, k := range keys {
		plates[i].Key = k
	}
	for i, got := range fileNames(plates, ".png") {
		if got != want[i] {
			t.Errorf("%q: got the name %q, want %q", keys[i], got, want[i])
		}
	}
}

func TestCounter(t *testing.T) {
	var b strings.Builder
	now := time.Unix(0, 0)
	c := newCounter(&b, 4, func() time.Time { return now })
	c.show("not a terminal")
	if b.Len() > 0 {
		t.Errorf("got %q beside a terminal", b.String())
	}
	c.terminal, c.done, c.bytes = true, 1, 1500
	c.show("silk\x1b[2J" + strings.Repeat("x", 100))
	now = now.Add(2 * time.Second)
	c.clear()
	c.rate()
	want := "\r\x1b[K[=======                       ] 1 of 4: silk [2Jxxxxxxxxxxxxxxxx…\r\x1b[K1 picture, 2 kB, in 2s: 0.5 a second\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}
