package geo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// desk is a loader over files in memory, with a clock that a test sets.
type desk struct {
	t     *testing.T
	files fstest.MapFS
	clock time.Time
	load  Loader
	deny  map[string]error // what opening gives
	open  func(name string)

	opened func(name string) // behind the opening
}

const still = time.Second

func newDesk(t *testing.T, files fstest.MapFS, paths ...string) *desk {
	d := &desk{t: t, files: files, clock: time.Unix(1e9, 0), deny: map[string]error{}}
	d.load = Loader{FS: d, Paths: paths, Quiet: still, Now: func() time.Time { return d.clock }}
	return d
}

func (d *desk) Open(name string) (fs.File, error) {
	if err := d.deny[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if d.open != nil {
		d.open(name)
	}
	f, err := d.files.Open(name)
	if d.opened != nil {
		d.opened(name)
	}
	return f, err
}

func (d *desk) Stat(name string) (fs.FileInfo, error) {
	for denied, err := range d.deny {
		if strings.HasPrefix(name, denied+"/") {
			return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
		}
	}
	return d.files.Stat(name)
}

// put writes a file at this moment.
func (d *desk) put(name string, f *fstest.MapFile) {
	d.clock = d.clock.Add(time.Millisecond)
	f.ModTime = d.clock
	d.files[name] = f
}

// look is what is there now: collections with their numbers of features, rejected
// files with + where they are served, and ~ where something is restless.
func (d *desk) look() string {
	d.t.Helper()
	k, err := d.load.Look(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	var all []string
	for _, c := range k.Collections {
		all = append(all, fmt.Sprintf("%s=%d", c.ID, c.Source.(*Index).Len()))
	}
	slices.Sort(all)
	for _, r := range k.Rejected {
		sign := "!"
		if r.Served {
			sign = "+"
		}
		all = append(all, sign+r.File)
	}
	if k.Restless {
		all = append(all, "~")
	}
	return strings.Join(all, " ")
}

// want looks now, and again when all has been still.
func (d *desk) want(what, now, later string) {
	d.t.Helper()
	if got := d.look(); got != now {
		d.t.Errorf("%s: %q at once, want %q", what, got, now)
	}
	for range 2 { // a look while the clock stands changes nothing
		d.clock = d.clock.Add(still)
		if got := d.look(); got != later {
			d.t.Errorf("%s: %q when all is still, want %q", what, got, later)
		}
	}
}

func broken(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestLoaderFollowsFiles(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d", "e/own.geojson")
	d.put("d/a.geojson", file("1"))
	d.put("d/b.geojson", file("1", "2"))
	d.put("e/own.geojson", file("1", "2", "3"))
	d.want("the beginning", "a=1 b=2 own=3", "a=1 b=2 own=3")

	d.put("d/a.geojson", file("1", "2", "3", "4"))
	d.want("changed", "a=1 b=2 own=3 ~", "a=4 b=2 own=3")
	d.put("d/c.geojson", file("1"))
	d.want("added", "a=4 b=2 own=3 ~", "a=4 b=2 c=1 own=3")
	delete(d.files, "d/c.geojson")
	d.want("removed", "a=4 b=2 c=1 own=3 ~", "a=4 b=2 own=3")

	d.put("d/b.geojson", broken("{"))
	d.put("d/a.geojson", file("1"))
	d.want("one good, one bad", "a=4 b=2 own=3 ~", "a=1 b=2 own=3 +d/b.geojson")
	d.put("d/b.geojson", broken(""))
	d.want("bad otherwise", "a=1 b=2 own=3 +d/b.geojson ~", "a=1 b=2 own=3 +d/b.geojson")
	d.put("d/b.geojson", file("1"))
	d.want("good again", "a=1 b=2 own=3 +d/b.geojson ~", "a=1 b=1 own=3")
	d.put("d/new.geojson", broken("[]"))
	d.want("new and bad", "a=1 b=1 own=3 ~", "a=1 b=1 own=3 !d/new.geojson")
	delete(d.files, "d/new.geojson")
	d.want("taken away", "a=1 b=1 own=3 !d/new.geojson ~", "a=1 b=1 own=3")

	delete(d.files, "e/own.geojson")
	d.want("a path of its own is gone", "a=1 b=1 own=3 ~", "a=1 b=1 !e/own.geojson")
	d.put("e/own.geojson", file("1"))
	d.want("and comes back", "a=1 b=1 !e/own.geojson ~", "a=1 b=1 own=1")

	delete(d.files, "d/a.geojson")
	d.put("d/a.geojson.gz", zipped(file("1", "2", "3", "4", "5")))
	d.want("another file of one collection", "a=1 b=1 own=1 ~", "a=5 b=1 own=1")
	d.put("d/a.geojson", file("1"))
	d.want("a second file of one collection", "a=5 b=1 own=1 ~", "a=5 b=1 own=1 !d/a.geojson")
	delete(d.files, "d/a.geojson.gz")
	d.want("it takes over", "a=5 b=1 own=1 ~", "a=1 b=1 own=1")

	d.put("d/b.schema.json", broken(`{"properties":{"n":{"type":"string"}}}`))
	d.want("a schema that refuses", "a=1 b=1 own=1 ~", "a=1 b=1 own=1 +d/b.geojson")
	d.put("d/b.schema.json", broken(`{"title":"The Bs"}`))
	d.want("a schema that fits", "a=1 b=1 own=1 +d/b.geojson ~", "a=1 b=1 own=1")
	k, err := d.load.Look(t.Context())
	if err != nil || k.Collections[1].Title.EN != "The Bs" {
		t.Errorf("the title of the schema file: %+v, %v", k, err)
	}
	delete(d.files, "d/b.schema.json")
	d.want("no schema", "a=1 b=1 own=1 ~", "a=1 b=1 own=1")
}

// A folder that is gone or cannot be read keeps what it gave; an emptied one does not.
func TestLoaderKeepsLostFolders(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d", "f")
	d.put("d/a.geojson", file("1"))
	d.put("f/b.geojson", file("1"))
	d.look()
	delete(d.files, "d/a.geojson")
	d.want("gone", "a=1 b=1 ~", "a=1 b=1 +d")
	d.put("d/a.geojson", file("1", "2"))
	d.put("d/c.geojson", file("1"))
	d.want("made again", "a=1 b=1 ~", "a=2 b=1 c=1")
	d.deny["d"] = fs.ErrPermission
	d.want("locked", "a=2 b=1 c=1 ~", "a=2 b=1 c=1 +d")
	delete(d.deny, "d")
	d.want("open again", "a=2 b=1 c=1", "a=2 b=1 c=1")
	delete(d.files, "d/a.geojson")
	delete(d.files, "d/c.geojson")
	d.put("d/notes.txt", broken("notes"))
	d.want("emptied", "a=2 b=1 c=1 ~", "b=1 !d")
}

// What the disk does not give is asked for again, though it looks the same.
func TestLoaderAsksTheDiskAgain(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.look()
	d.deny["d/a.geojson"] = fs.ErrPermission
	d.put("d/a.geojson", file("1", "2"))
	d.want("no permission", "a=1 ~", "a=1 +d/a.geojson")
	delete(d.deny, "d/a.geojson")
	d.want("permission", "a=2", "a=2")
}

func TestLoaderWaitsForWriters(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.look()
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprint(i))
	}
	for i := range ids { // rapid rewrites
		d.put("d/a.geojson", file(ids[:i%7]...))
		if got := d.look(); got != "a=1 ~" {
			t.Fatalf("rewrite %d: %q", i, got)
		}
	}
	d.want("still at last", "a=1 ~", "a=5")
	whole := file(ids...).Data
	for i := range 60 { // a copy that takes its time
		d.clock = d.clock.Add(still / 2)
		d.put("d/b.geojson", broken(string(whole[:len(whole)*(i+1)/61])))
		want := "a=5 ~"
		if i >= 10 {
			want = "a=5 !d/b.geojson ~"
		}
		if got := d.look(); got != want {
			t.Fatalf("part %d: %q, want %q", i, got, want)
		}
	}
	d.want("a half", "a=5 !d/b.geojson ~", "a=5 !d/b.geojson")
	d.put("d/b.geojson", broken(string(whole)))
	d.want("the whole", "a=5 !d/b.geojson ~", "a=5 b=1000")
}

// A file that is replaced again and again, or written anew without a pause, is served
// within seconds; one that grows is not, though a part of it may look whole.
func TestLoaderReadsWhatIsNeverStill(t *testing.T) {
	for _, c := range []struct {
		what, name string
		put        func(d *desk, name string, i int)
		served     bool
	}{
		{"replaced", "d/a.geojson", func(d *desk, name string, i int) { d.replace(name, file("1", "2", fmt.Sprint(i+3))) }, true},
		{"replaced lines", "d/a.ndjson", func(d *desk, name string, i int) { d.replace(name, lines(3+i%2)) }, true},
		{"replaced while it is read", "d/a.geojson", func(d *desk, name string, i int) {
			d.replace(name, file("1", "2", fmt.Sprint(i+3)))
			d.opened = func(opened string) {
				if opened == name {
					d.opened = nil
					d.replace(name, file("1", "2", fmt.Sprint(i+1000)))
				}
			}
		}, true},
		{"written anew", "d/a.geojson", func(d *desk, name string, i int) { d.put(name, file("1", "2", fmt.Sprint(i+3))) }, true},
		{"growing lines", "d/a.ndjson", func(d *desk, name string, i int) { d.put(name, lines(3+i)) }, false},
		{"growing", "d/a.geojson", func(d *desk, name string, i int) {
			d.put(name, broken(string(file("1", "2", "3").Data[:100+i])))
		}, false},
		{"bad", "d/a.geojson", func(d *desk, name string, i int) { d.replace(name, broken(strings.Repeat("{", i))) }, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := newDesk(t, fstest.MapFS{}, "d")
			d.load.Same = func(a, b fs.FileInfo) bool { return a.Sys() == b.Sys() }
			d.replace(c.name, file("1"))
			d.look()
			reads, firstAt := 0, time.Duration(0)
			begin := d.clock
			for i := range 60 {
				d.clock = d.clock.Add(2 * still / 5)
				c.put(d, c.name, i)
				k, err := d.load.Look(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				reads += len(k.Read)
				if d.count(k) >= 3 && firstAt == 0 {
					firstAt = d.clock.Sub(begin)
				}
			}
			if c.served != (firstAt > 0) || firstAt > writing+still {
				t.Errorf("the new state was served after %v", firstAt)
			}
			if whole := d.clock.Sub(begin); reads > int(whole/writing) {
				t.Errorf("it was read %d times in %v", reads, whole)
			}
		})
	}
}

// count is how many features are served.
func (d *desk) count(k *Look) (n int) {
	for _, c := range k.Collections {
		n += c.Source.(*Index).Len()
	}
	return n
}

// replace puts another file in the place of one, as renaming does.
func (d *desk) replace(name string, f *fstest.MapFile) {
	f.Sys = new(int)
	d.put(name, f)
}

// lines is a sequence of n features.
func lines(n int) *fstest.MapFile {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, point+"\n", fmt.Sprint(i))
	}
	return broken(b.String())
}

// What was read while it changed is not taken.
func TestLoaderReadsAWholeFile(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.look()
	d.put("d/a.geojson", file("1", "2"))
	d.look()
	d.clock = d.clock.Add(still)
	d.open = func(name string) {
		if name == "d/a.geojson" {
			d.open = nil
			d.put("d/a.geojson", file("1", "2", "3"))
		}
	}
	d.want("changed while read", "a=1 ~", "a=3")
}

// A bug in reading a file is a fault of the file.
func TestLoaderOutlivesBugs(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.put("d/b.geojson", file("1"))
	d.look()
	d.put("d/a.geojson", file("1", "2"))
	d.put("d/b.geojson", file("1", "2"))
	d.open = func(name string) {
		if name == "d/a.geojson" {
			panic("a bug\nand where it is")
		}
	}
	d.want("a bug", "a=1 b=1 ~", "a=1 b=2 +d/a.geojson")
	k, err := d.load.Look(t.Context())
	if err != nil || k.Err() == nil || k.Err().Error() != "d/a.geojson: the program failed on it: a bug" {
		t.Errorf("%v, %v", k.Err(), err)
	}
}

// Only what has changed is read again; what is the same keeps its index.
func TestLoaderReadsOnlyChanges(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.put("d/b.geojson", file("1"))
	before, err := d.load.Look(t.Context())
	if err != nil || !slices.Equal(before.Read, []string{"d/a.geojson", "d/b.geojson"}) {
		t.Fatalf("%+v, %v", before, err)
	}
	d.put("d/a.geojson", file("1")) // touched
	d.look()
	d.clock = d.clock.Add(still)
	after, err := d.load.Look(t.Context())
	if err != nil || !slices.Equal(after.Read, []string{"d/a.geojson"}) || !slices.Equal(before.Collections, after.Collections) {
		t.Errorf("a file that was touched: %+v, %v", after, err)
	}
	d.put("d/a.geojson", file("1", "2"))
	d.look()
	d.clock = d.clock.Add(still)
	after, err = d.load.Look(t.Context())
	if err != nil || !slices.Equal(after.Read, []string{"d/a.geojson"}) || after.Collections[0] == before.Collections[0] || after.Collections[1] != before.Collections[1] {
		t.Errorf("a file that has changed: %+v, %v", after, err)
	}
}

const divisionPoint = `{"type":"Feature","id":1,"geometry":null,"properties":{"adcode":%q}}`

func regionsFile(code string) *fstest.MapFile {
	return broken(fmt.Sprintf(`{"type":"Feature","id":"r1","geometry":null,"properties":{"region":"R","default":true,"adcodes":[%q]}}`, code))
}

// The region definitions of a file hold for all others, and when they change all
// are read again and served at once.
func TestLoaderFollowsDefinitions(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.load.Regions = definitions(t)
	d.put("d/a.geojson", broken(fmt.Sprintf(divisionPoint, "330102")))
	region := func() string {
		t.Helper()
		d.look()
		d.clock = d.clock.Add(still)
		k, err := d.load.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f, err := k.Collections[0].Source.Get(t.Context(), "1")
		if err != nil || k.Collections[0].ID != "a" {
			t.Fatal(k.Collections[0].ID, err)
		}
		_, region, _ := strings.Cut(string(f.Properties()), `"region":`)
		return region
	}
	own := region()
	if !strings.Contains(own, "south") {
		t.Errorf("the given definitions: %s", own)
	}
	d.put("d/regions.geojson", regionsFile("330000"))
	if got := region(); got != `"R","regions":["r1"]}` {
		t.Errorf("definitions in a file: %s", got)
	}
	d.put("d/regions.geojson", regionsFile("440000"))
	if got := region(); got != `null,"regions":[]}` {
		t.Errorf("other definitions: %s", got)
	}
	d.put("d/regions.geojson", regionsFile("44"))
	if got := region(); got != `null,"regions":[]}` {
		t.Errorf("definitions with a fault: %s", got)
	}
	if got := d.look(); got != "a=1 regions=1 +d/regions.geojson" {
		t.Errorf("definitions with a fault: %s", got)
	}
	d.put("d/regions.geojson", file("1"))
	if got := region(); got != own {
		t.Errorf("regions without codes define nothing: %s, want %s", got, own)
	}
	d.put("d/regions.geojson", regionsFile("330000"))
	region()
	delete(d.files, "d/regions.geojson")
	if got := region(); got != own {
		t.Errorf("no definitions any more: %s, want %s", got, own)
	}
}

func TestLoaderStops(t *testing.T) {
	d := newDesk(t, fstest.MapFS{}, "d")
	d.put("d/a.geojson", file("1"))
	d.look()
	d.put("d/a.geojson", file("1", "2"))
	d.look()
	d.clock = d.clock.Add(still)
	ctx, stop := context.WithCancel(t.Context())
	d.open = func(string) { stop() }
	if _, err := d.load.Look(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	d.open = nil
	d.want("afterwards", "a=2", "a=2")
}

// Whatever happens to the files, when all is still the collections are those of the
// files that are good, and of the bad ones those that they gave before.
func TestLoaderAgreesWithAPlainRule(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	d := newDesk(t, fstest.MapFS{"d/notes.txt": broken("")}, "d")
	d.put("d/z.geojson", file("1"))
	d.look()
	want := map[string]int{"z": 1} // features by collection
	names := []string{"a", "b", "c", "z"}
	for step := range 400 {
		name := names[random.IntN(len(names))]
		path := "d/" + name + ".geojson"
		switch random.IntN(4) {
		case 0:
			delete(d.files, path)
		case 1:
			d.put(path, broken(strings.Repeat("{", random.IntN(5))))
		default:
			d.put(path, file(strings.Split("1 2 3 4 5", " ")[:1+random.IntN(5)]...))
		}
		if random.IntN(3) > 0 {
			d.look()
		}
		if random.IntN(2) == 0 {
			continue // before it was ever still: nobody has seen it
		}
		d.look()
		d.clock = d.clock.Add(still)
		d.look()
		d.clock = d.clock.Add(still)
		got := d.look()
		// The rule, over all files, for what was there in between is unseen.
		for _, n := range names {
			f := d.files["d/"+n+".geojson"]
			if f == nil {
				delete(want, n)
			} else if x, err := Read(strings.NewReader(string(f.Data)), ReadOptions{}); err == nil {
				want[n] = x.Len()
			}
		}
		var all []string
		for _, n := range names {
			if want[n] > 0 {
				all = append(all, fmt.Sprintf("%s=%d", n, want[n]))
			}
		}
		have := slices.DeleteFunc(strings.Fields(got), func(s string) bool { return !strings.Contains(s, "=") })
		if !slices.Equal(have, all) {
			t.Fatalf("seed %d, step %d: %q, want %q", seed, step, have, all)
		}
	}
}
