package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"clustermap/geo/ingest"
)

// manyRows is a table that takes a moment to import.
func manyRows(t testing.TB, name string, rows int, mark string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("编号,名称,所在地,标记\n")
	towns := []string{"海宁市许村镇", "诸暨市", "绍兴县", "东莞市虎门镇", "佛山市顺德区", "吴江市"}
	for i := range rows {
		fmt.Fprintf(&b, "%d,集群%d,%s,%s\n", i, i, towns[i%len(towns)], mark)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestImportKilled kills imports at many moments: the target is always the whole of what
// the first or the second table gives.
func TestImportKilled(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.geojson")
	old, fresh := manyRows(t, "old.csv", 3000, "old"), manyRows(t, "new.csv", 3000, "new")
	wholes := make(map[string]bool)
	for _, table := range []string{fresh, old} {
		if err := run(t.Context(), []string{"import", table, "-o", out, "-quiet"}, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		wholes[string(text)] = true
	}
	if len(wholes) != 2 {
		t.Fatal("the two tables give the same")
	}
	for i := range 12 {
		cmd := exec.Command("clustermap", "import", fresh, "-o", out, "-quiet")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		signal := os.Kill
		if i%3 == 2 {
			signal = syscall.SIGTERM
		}
		timer := time.AfterFunc(time.Duration(i)*40*time.Millisecond, func() { _ = cmd.Process.Signal(signal) })
		_ = cmd.Wait()
		timer.Stop()
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !wholes[string(text)] {
			t.Fatalf("ended after %d ms the target has %d bytes, which is neither the old file nor the new", i*40, len(text))
		}
	}
}

// TestImportInterrupted ends an import by its context: nothing is written, and it says so.
func TestImportInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "out.geojson")
	err := run(ctx, []string{"import", manyRows(t, "t.csv", 5000, "x"), "-o", out}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "interrupted; "+out+" is not written") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the target: %v", err)
	}
}

// TestImportServed imports a table and serves the folder: what the map asks for is there.
func TestImportServed(t *testing.T) {
	dir := t.TempDir()
	if err := run(t.Context(), []string{"import", manyRows(t, "firms.csv", 50, "x"), "-o", dir, "-quiet"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	in := start(t, dir)
	for path, want := range map[string]string{
		"/collections/firms/items?adcode=330481&limit=1": `"numberMatched":9`,
		"/collections/firms/items?level=town&limit=1":    `"numberMatched":17`,
		"/collections/firms/queryables":                  `"precision":`,
	} {
		answer, err := http.Get(in.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(want)) {
			t.Errorf("%s answers %d: %.300s; want %s in it", path, answer.StatusCode, body, want)
		}
	}
}

// TestRowMeter draws a bar on a terminal, not more often than it can be seen.
func TestRowMeter(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	m := &rowMeter{w: &b, name: "t.csv", on: true, now: func() time.Time { return now }}
	m.show(50, 100)
	m.show(60, 100)
	now = now.Add(time.Second)
	m.show(100, 100)
	now = now.Add(time.Second)
	m.show(7, 0)
	m.clear()
	want := "\r\x1b[Kt.csv [===============               ] 50 of 100 rows" +
		"\r\x1b[Kt.csv [==============================] 100 of 100 rows" +
		"\r\x1b[Kt.csv 7 rows" + "\r\x1b[K"
	if b.String() != want {
		t.Errorf("it draws %q, want %q", b.String(), want)
	}
	b.Reset()
	m = newRowMeter(&b, "t.csv", false, time.Now)
	m.show(1, 1)
	m.clear()
	if b.Len() > 0 {
		t.Errorf("to what is no terminal it writes %q", b.String())
	}
}

// TestImportHelp holds that help names every flag and role.
func TestImportHelp(t *testing.T) {
	text := helpTexts["import"]
	for _, r := range ingest.Roles() {
		if !strings.Contains(text, string(r.Role)) {
			t.Errorf("help does not name the role %s", r.Role)
		}
	}
	var o importOptions
	o.flags().VisitAll(func(f *flag.Flag) {
		if !strings.Contains(text, "    -"+f.Name) {
			t.Errorf("help does not name -%s", f.Name)
		}
	})
}
