package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"clustermap/geo"
)

// newKeeper keeps beside a collection "atlas" that is not its own.
func newKeeper(t *testing.T) *keeper {
	t.Helper()
	x, err := geo.Read(strings.NewReader(places(1, "a")), geo.ReadOptions{})
	must(t, err)
	state, err := geo.NewState(&geo.Collection{ID: "atlas", Source: x})
	must(t, err)
	return &keeper{dir: t.TempDir(), atlas: geo.NewAtlas(state)}
}

func TestKeeper(t *testing.T) {
	k := newKeeper(t)
	one, two := []byte(places(1, "one")), []byte(places(2, "two"))
	for _, c := range []struct {
		name    string
		text    []byte
		replace bool
		want    error
	}{
		{"a", one, true, fs.ErrNotExist},
		{"a", one, false, nil},
		{"a", two, false, fs.ErrExist},
		{"a", two, true, nil},
		{"atlas", one, false, fs.ErrExist}, // served, and not of this folder
		{"atlas", one, true, fs.ErrExist},
	} {
		if err := k.keep(t.Context(), c.name, c.text, c.replace); !errors.Is(err, c.want) {
			t.Errorf("%s, replace %v: %v, want %v", c.name, c.replace, err, c.want)
		}
	}
	if got, err := os.ReadFile(filepath.Join(k.dir, "a.geojson")); err != nil || string(got) != string(two) {
		t.Errorf("a is %q, %v", got, err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := k.keep(gone, "b", one, false); !errors.Is(err, context.Canceled) {
		t.Errorf("of someone who has gone: %v", err)
	}
	if all, err := os.ReadDir(k.dir); err != nil || len(all) != 1 {
		t.Errorf("the folder holds %v", all)
	}
}

// Of many who want one name at once one gets it, and the file is whole.
func TestKeeperOneAtATime(t *testing.T) {
	k := newKeeper(t)
	var kept, taken int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := k.keep(t.Context(), "a", []byte(places(100, fmt.Sprint(i))), false)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				kept++
			case errors.Is(err, fs.ErrExist):
				taken++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept != 1 || taken != 19 {
		t.Errorf("%d got the name, %d did not", kept, taken)
	}
}

// A server that was started with an empty folder serves what is sent to it, replaces
// it, and still has it after a restart.
func TestServeKeeps(t *testing.T) {
	dir := t.TempDir()
	in := start(t, "-keep", dir)
	put := func(in *instance, text, word string) int {
		t.Helper()
		r, err := http.NewRequest("PUT", in.url+"/collections/mine", strings.NewReader(text))
		must(t, err)
		r.Header.Set(word, "*")
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		must(t, err)
		return resp.StatusCode
	}
	if code := put(in, places(3, "a"), "If-None-Match"); code != http.StatusCreated {
		t.Fatalf("a new one: %d", code)
	}
	if code := put(in, places(5, "b"), "If-Match"); code != http.StatusNoContent {
		t.Fatalf("another in its place: %d", code)
	}
	for _, now := range []*instance{in, start(t, "-keep", dir), start(t, dir, "-keep", dir)} {
		if got := now.served(t); !strings.Contains(got, "mine") || !strings.Contains(got, "5") {
			t.Errorf("served are %s", got)
		}
	}
	if code := put(start(t), places(3, "a"), "If-None-Match"); code != http.StatusMethodNotAllowed {
		t.Errorf("a server that keeps nothing: %d", code)
	}
	if _, err := parseServe([]string{"-keep", filepath.Join(dir, "none")}, io.Discard); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]int64{"off": -1, "1KB": 1 << 10, "32MB": 32 << 20, "32mb": 32 << 20, "1GB": 1 << 30, "1500KB": 1500 << 10} {
		var b byteSize
		if err := b.Set(text); err != nil || int64(b) != want {
			t.Errorf("%s: %d, %v", text, b, err)
		}
		var again byteSize
		if err := again.Set(b.String()); err != nil || again != b {
			t.Errorf("%s is written %s", text, b.String())
		}
	}
	for _, text := range []string{"", "0", "32", "0MB", "-1MB", "2GB", "1.5MB", "MB", "on", "1MBMB", "99999999999MB"} {
		if err := new(byteSize).Set(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
