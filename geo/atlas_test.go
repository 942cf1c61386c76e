package geo

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestCollectionID(t *testing.T) {
	tests := []struct {
		file, id         string
		sequence, zipped bool
	}{
		{"clusters.geojson", "clusters", false, false},
		{"some/where/产业 集群.json", "产业-集群", false, false},
		{"a.b.geojson.gz", "a.b", false, true},
		{"a.ndjson", "a", true, false},
		{"a.geojsonl.gz", "a", true, true},
		{"a.geojsons", "a", true, false},
		{"A.GeoJSON.GZ", "A", false, true},
	}
	for _, tt := range tests {
		id, sequence, zipped, ok := CollectionID(tt.file)
		if !ok || id != tt.id || sequence != tt.sequence || zipped != tt.zipped {
			t.Errorf("%s: got %q %v %v %v", tt.file, id, sequence, zipped, ok)
		}
	}
	for _, file := range []string{"a.txt", "a.schema.json", ".hidden.geojson", ".geojson", " .geojson", "a.gz", "geojson", "a.GEOJSON.zip", ""} {
		if id, _, _, ok := CollectionID(file); ok {
			t.Errorf("%s: is the collection %q", file, id)
		}
	}
}

const point = `{"type":"Feature","id":%q,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"n":1}}`

func file(ids ...string) *fstest.MapFile {
	var features []string
	for _, id := range ids {
		features = append(features, fmt.Sprintf(point, id))
	}
	return &fstest.MapFile{Data: []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`)}
}

func zipped(f *fstest.MapFile) *fstest.MapFile {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(f.Data)
	_ = z.Close()
	return &fstest.MapFile{Data: b.Bytes()}
}

func TestLoad(t *testing.T) {
	fsys := fstest.MapFS{
		"d/b.geojson":          file("1", "2"),
		"d/a.geojson.gz":       zipped(file("x")),
		"d/a.schema.json":      {Data: []byte(`{"title":"The As","x-title":{"en":"The As","zh":"甲"},"properties":{"n":{"title":"Number","type":"integer"}}}`)},
		"d/.hidden.geojson":    {Data: []byte(`broken`)},
		"d/notes.txt":          {Data: []byte(`notes`)},
		"d/below/c.geojson":    {Data: []byte(`broken`)},
		"e/线.ndjson":           {Data: []byte(fmt.Sprintf(point+"\n"+point+"\n", "p", "q"))},
		"e/seq.geojsonl":       {Data: []byte("\x1e" + fmt.Sprintf(point, "p") + "\n\x1e" + fmt.Sprintf(point, "q"))},
		"empty/readme.txt":     {},
		"bad/one.geojson":      {Data: []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}`)},
		"bad/two.geojson":      {Data: []byte("{\n\"type\":\"Topology\"}")},
		"pipe/p.geojson":       {Mode: fs.ModeNamedPipe},
		"twice/a.geojson":      file("1"),
		"twice/a.geojson.gz":   zipped(file("1")),
		"schema/s.geojson":     file("1"),
		"schema/s.schema.json": {Data: []byte(`{"properties":{"n":{"type":"string"}}}`)},
	}
	all, err := Load(fsys, nil, "d", "e/线.ndjson", "e/seq.geojsonl")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range all {
		n, err := c.Source.Count(context.Background(), Query{})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s|%s|%s|%d", c.ID, c.Title.EN, c.Title.ZH, n))
	}
	if want := "a|The As|甲|1 b|b||2 线|线||2 seq|seq||2"; strings.Join(got, " ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, " "), want)
	}
	if p, _ := all[0].Source.Schema().Property("n"); p.Title.EN != "Number" {
		t.Errorf("the schema beside a .gz is not read: %+v", p)
	}

	again, err := Load(fsys, nil, "d", "d/b.geojson", "d")
	if err != nil || len(again) != 2 {
		t.Errorf("files named twice: %d collections, %v", len(again), err)
	}

	for _, tt := range []struct {
		name  string
		paths []string
		want  []string
	}{
		{"missing", []string{"nowhere.geojson"}, []string{"nowhere.geojson"}},
		{"not features", []string{"d/notes.txt"}, []string{"d/notes.txt", ".geojson"}},
		{"empty folder", []string{"empty"}, []string{"empty", "no file of features"}},
		{"every fault of every file", []string{"bad"}, []string{"bad/one.geojson:1: feature 1: ", `"properties" is missing`, "bad/two.geojson:", "Topology"}},
		{"two files of one id", []string{"twice"}, []string{"twice/a.geojson.gz", "twice/a.geojson does"}},
		{"several paths", []string{"nowhere.geojson", "empty", "bad/two.geojson", "nor.json"}, []string{"nowhere.geojson: file does not exist", "empty: ", "bad/two.geojson:", "nor.json: "}},
		{"a schema alone", []string{"schema/s.schema.json"}, []string{"schema/s.schema.json: is the schema of another file"}},
		{"a hidden file", []string{"d/.hidden.geojson"}, []string{"begin with a dot"}},
		{"a pipe", []string{"pipe/p.geojson"}, []string{"pipe/p.geojson: is not a regular file"}},
		{"a folder with a pipe", []string{"pipe"}, []string{"pipe/p.geojson: is not a regular file"}},
		{"two folders", []string{"d", "twice/a.geojson"}, []string{"twice/a.geojson", "d/a.geojson.gz does"}},
		{"against the schema", []string{"schema"}, []string{"schema/s.geojson:1: feature 1: n: ", "string"}},
	} {
		all, err := Load(fsys, nil, tt.paths...)
		if err == nil || all != nil {
			t.Errorf("%s: got %v, %v", tt.name, all, err)
			continue
		}
		for _, part := range tt.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", tt.name, err, part)
			}
		}
	}
	if _, err := Load(fsys, nil, "nowhere.geojson"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestRev(t *testing.T) {
	rev := func(opt ReadOptions, ids ...string) string {
		x, err := Read(bytes.NewReader(file(ids...).Data), opt)
		if err != nil {
			t.Fatal(err)
		}
		return x.Rev()
	}
	base := rev(ReadOptions{}, "1", "2")
	if again := rev(ReadOptions{}, "1", "2"); again != base {
		t.Errorf("the same input has the revs %s and %s", base, again)
	}
	seen := map[string]string{base: "the base"}
	for what, r := range map[string]string{
		"other content": rev(ReadOptions{}, "1", "3"), "other order": rev(ReadOptions{}, "2", "1"),
		"a schema":    rev(ReadOptions{Schema: []byte(`{"title":"x"}`)}, "1", "2"),
		"definitions": rev(ReadOptions{Regions: definitions(t)}, "1", "2"),
	} {
		if other, ok := seen[r]; ok {
			t.Errorf("%s has the rev of %s", what, other)
		}
		seen[r] = what
	}
}

func TestState(t *testing.T) {
	a, b := &Collection{ID: "a", Source: new(Index)}, &Collection{ID: "b", Source: mustRead(t, ReadOptions{})}
	s, err := NewState(b, a)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Collections(); len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("not by id: %v", got)
	}
	if c, ok := s.Collection("b"); !ok || c != b {
		t.Errorf("got %v, %v", c, ok)
	}
	if _, err := NewState(a, a); err == nil {
		t.Error("two collections of one id are a state")
	}
	if one, _ := NewState(a); one.Rev() == s.Rev() {
		t.Error("the rev does not tell the collections")
	}
}

// Readers of an Atlas see one whole State, whatever is swapped meanwhile.
func TestAtlasSwap(t *testing.T) {
	states := make([]*State, 4)
	for i := range states {
		var ids []string
		for k := range 50 {
			ids = append(ids, fmt.Sprintf("%d-%d", i, k))
		}
		x, err := Read(bytes.NewReader(file(ids...).Data), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if states[i], err = NewState(&Collection{ID: "c", Source: x}); err != nil {
			t.Fatal(err)
		}
	}
	atlas := NewAtlas(states[0])
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 300 {
				c, _ := atlas.State().Collection("c")
				r, err := c.Source.Search(context.Background(), Query{})
				if err != nil || len(r.Features) != 50 {
					t.Errorf("got %d features, %v", len(r.Features), err)
					return
				}
				first := r.Features[0].ID().String()[:1]
				for _, f := range r.Features {
					if f.ID().String()[:1] != first {
						t.Error("features of two states in one answer")
						return
					}
				}
			}
		})
	}
	for i := range 300 {
		atlas.Swap(states[i%len(states)])
	}
	all.Wait()
}

func ExampleLoad() {
	fsys := fstest.MapFS{"wells.geojson": file("w1", "w2")}
	collections, err := Load(fsys, nil, "wells.geojson")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range collections {
		r, err := c.Source.Search(context.Background(), Query{Limit: 1})
		fmt.Println(c.ID, r.Matched, r.More, err)
		fmt.Println(string(r.Features[0].JSON()))
	}
	// Output:
	// wells 2 true <nil>
	// {"type":"Feature","id":"w1","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"n":1}}
}
