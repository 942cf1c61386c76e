package geo

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// Collection is a named Source.
type Collection struct {
	ID                 string // Unicode
	Title, Description Text
	Source             Source
}

// State is an immutable set of collections.
type State struct {
	sorted []*Collection
	byID   map[string]*Collection
	rev    string
}

// NewState makes a State of collections with different ids.
func NewState(all ...*Collection) (*State, error) {
	s := &State{sorted: slices.Clone(all), byID: make(map[string]*Collection)}
	slices.SortFunc(s.sorted, func(a, b *Collection) int { return strings.Compare(a.ID, b.ID) })
	var rev strings.Builder
	for _, c := range s.sorted {
		if s.byID[c.ID] != nil {
			return nil, fmt.Errorf("geo: two collections have the id %q", c.ID)
		}
		s.byID[c.ID] = c
		fmt.Fprintf(&rev, "%s=%s;", c.ID, c.Source.Rev())
	}
	s.rev = fmt.Sprintf("%016x", hashID(rev.String()))
	return s, nil
}

// Collections are the collections by id. The slice is shared and must not be
// changed.
func (s *State) Collections() []*Collection { return s.sorted }

// Collection returns the collection of the id.
func (s *State) Collection(id string) (*Collection, bool) {
	c, ok := s.byID[id]
	return c, ok
}

// Rev changes when the Rev of a collection changes or one comes or goes.
func (s *State) Rev() string { return s.rev }

// Atlas holds the current State. A request takes it once and keeps it.
type Atlas struct{ cur atomic.Pointer[State] }

// NewAtlas makes an Atlas with a first State.
func NewAtlas(s *State) *Atlas {
	a := new(Atlas)
	a.cur.Store(s)
	return a
}

// State is the current State.
func (a *Atlas) State() *State { return a.cur.Load() }

// Swap makes s the current State. Requests under way end on the State that they
// took.
func (a *Atlas) Swap(s *State) { a.cur.Store(s) }

// schemaSuffix ends the name of the schema file of a collection.
const schemaSuffix = ".schema.json"

// CollectionID is the id of the collection in a file: its name without folder
// and extensions, with "-" for spaces. ok is false where the name is not one of
// a file of features.
func CollectionID(file string) (id string, sequence, zipped, ok bool) {
	name := path.Base(file)
	if strings.HasPrefix(name, ".") {
		return "", false, false, false
	}
	if _, isSchema := cutExtension(name, schemaSuffix); isSchema {
		return "", false, false, false
	}
	name, zipped = cutExtension(name, ".gz")
	for _, ext := range []string{".geojson", ".json", ".geojsonl", ".ndjson", ".geojsons"} {
		if base, found := cutExtension(name, ext); found {
			id = strings.Join(strings.Fields(base), "-")
			return id, ext != ".geojson" && ext != ".json", zipped, id != ""
		}
	}
	return "", false, false, false
}

// cutExtension is strings.CutSuffix for an extension in any case.
func cutExtension(name, ext string) (base string, found bool) {
	at := len(name) - len(ext)
	if at < 0 || !strings.EqualFold(name[at:], ext) {
		return name, false
	}
	return name[:at], true
}

// Load reads files of features, and in folders all such files, but no folders
// below; a file that is named twice is read once. A file NAME.schema.json beside NAME.geojson states its schema.
// Everything is read; the error is *Faults with the faults of all files, or one
// that says which path cannot be read.
func Load(fsys fs.FS, regions *Regions, paths ...string) ([]*Collection, error) {
	files, err := list(fsys, paths)
	if err != nil {
		return nil, err
	}
	var all []*Collection
	faults := new(Faults)
	from := make(map[string]string)
	for _, file := range files {
		id, _, _, _ := CollectionID(file)
		other, ok := from[id]
		if ok && other == file { // given twice, or by its folder too
			continue
		}
		if ok {
			faults.List = append(faults.List, &InvalidError{File: file,
				Reason: fmt.Sprintf("gives the collection %q, as %s does; rename one of them", id, other)})
			continue
		}
		from[id] = file
		c, err := loadFile(fsys, regions, file)
		var found *Faults
		if errors.As(err, &found) {
			faults.List = append(faults.List, found.List...)
			faults.More += found.More
		} else if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return all, nil
}

// list gives the files at paths, those of folders in order of name.
func list(fsys fs.FS, paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		info, err := fs.Stat(fsys, p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if _, _, _, ok := CollectionID(p); !ok {
				return nil, &InvalidError{File: p, Reason: "is not a file of features: its name should end in .geojson, .json, .geojsonl or .ndjson, or one of these and .gz"}
			}
			files = append(files, p)
			continue
		}
		entries, err := fs.ReadDir(fsys, p)
		if err != nil {
			return nil, err
		}
		before := len(files)
		for _, e := range entries {
			if _, _, _, ok := CollectionID(e.Name()); ok && !e.IsDir() {
				files = append(files, path.Join(p, e.Name()))
			}
		}
		if len(files) == before {
			return nil, &InvalidError{File: p, Reason: "the folder has no file of features (.geojson, .json, .geojsonl, .ndjson, or one of these and .gz)"}
		}
	}
	return files, nil
}

func loadFile(fsys fs.FS, regions *Regions, file string) (_ *Collection, err error) {
	id, sequence, zipped, _ := CollectionID(file)
	opt := ReadOptions{Name: file, Sequence: sequence, Regions: regions}
	if opt.Schema, err = readSchema(fsys, file); err != nil {
		return nil, err
	}
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var r io.Reader = f
	if zipped {
		z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<16))
		if err != nil {
			return nil, &Faults{List: []*InvalidError{{File: file, Reason: "is not a gzip file: " + err.Error()}}}
		}
		r = z
	}
	x, err := Read(r, opt)
	if err != nil {
		return nil, err
	}
	s := x.Schema()
	title := s.Title
	title.EN = cmp.Or(title.EN, title.ZH, strings.TrimSuffix(path.Base(file), path.Ext(file)))
	return &Collection{ID: id, Title: title, Description: s.Description, Source: x}, nil
}

// readSchema reads the schema file beside a file of features, nil where there
// is none.
func readSchema(fsys fs.FS, file string) ([]byte, error) {
	name, _ := cutExtension(file, ".gz")
	name = strings.TrimSuffix(name, path.Ext(name)) + schemaSuffix
	text, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}
