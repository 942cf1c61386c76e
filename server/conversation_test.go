package server

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the answers in testdata/*.txtar anew")

// TestConversations plays the stories of testdata: each request with its whole
// answer. What every answer carries alike is told once, in common.txtar.
func TestConversations(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, story := range stories {
		name := strings.TrimSuffix(filepath.Base(story), ".txtar")
		t.Run(name, func(t *testing.T) { play(t, story, name == "common") })
	}
}

func play(t *testing.T, story string, common bool) {
	archive, err := txtar.ParseFile(story)
	if err != nil {
		t.Fatal(err)
	}
	s := newTestServer(t, nil)
	var out []txtar.File
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, " answer") {
			continue
		}
		number, _, _ := strings.Cut(f.Name, " ")
		head, sent, _ := strings.Cut(string(f.Data), "\n\n") // a body stands behind an empty line
		lines := strings.Split(strings.TrimSpace(head), "\n")
		method, target, ok := strings.Cut(lines[0], " ")
		if !ok {
			t.Fatalf("%s: %q is not a request", f.Name, lines[0])
		}
		got := written(t, send(t, s, method, target, sent, lines[1:]...), common)
		out = append(out, f, txtar.File{Name: number + " answer", Data: []byte(got)})
		if want := section(archive, number+" answer"); !*update && want != got {
			t.Errorf("%s %s (-want +got):\n%s", f.Name, lines[0], cmp.Diff(want, got))
		}
	}
	if *update {
		archive.Files = out
		if err := os.WriteFile(story, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// section is the text of a file of the archive, "" if there is none.
func section(a *txtar.Archive, name string) string {
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return string(a.Files[i].Data)
}

// written is an answer as text: status, headers, body. JSON is indented; of a
// page only its size in lines is told.
func written(t *testing.T, resp *http.Response, common bool) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, resp.StatusCode)
	alike := http.Header{}
	setCommonHeaders(alike, "")
	var names []string
	for name := range resp.Header {
		sized := name == "Content-Length" && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
		if (common || alike[name] == nil) && !sized {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range resp.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	text := body(t, resp)
	switch kind := resp.Header.Get("Content-Type"); {
	case text == "":
	case strings.HasSuffix(kind, "-seq"), strings.HasSuffix(kind, "ndjson"), strings.HasPrefix(kind, "text/csv"):
		fmt.Fprintf(&b, "\n%s", strings.NewReplacer("\x1e", "RS ", "\r\n", "\n", "\ufeff", "BOM ").Replace(text))
	case strings.Contains(kind, "json"):
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(text), "", "  "); err != nil {
			t.Fatalf("not JSON: %v\n%s", err, text)
		}
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(indented.String()))
	case strings.HasPrefix(kind, "text/html"):
		fmt.Fprintf(&b, "\n(a page titled %s)\n", between(text, "<title>", "</title>"))
	default:
		fmt.Fprintf(&b, "\n(%d bytes)\n", len(text))
	}
	return b.String()
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
