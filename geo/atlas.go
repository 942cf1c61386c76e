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
	"unicode/utf8"

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
	if strings.HasPrefix(name, ".") || isSchema(name) {
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
// below. A file NAME.schema.json beside NAME.geojson states its schema; among
// paths it is passed over. Everything is read; the error is then *Faults with the
// faults of all files and paths, and wraps the errors of package fs among them.
func Load(fsys fs.FS, regions *Regions, paths ...string) ([]*Collection, error) {
	faults := new(Faults)
	files := list(fsys, paths, faults)
	var all []*Collection
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
		switch {
		case errors.As(err, &found):
			faults.List = append(faults.List, found.List...)
			faults.More += found.More
		case err != nil:
			faults.List = append(faults.List, unreadable(file, err))
		}
		all = append(all, c)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return all, nil
}

// unreadable is the fault of a file that the file system does not give.
func unreadable(file string, err error) *InvalidError {
	reason := err.Error()
	var pe *fs.PathError
	if errors.As(err, &pe) {
		reason = pe.Err.Error()
	}
	return &InvalidError{File: file, Reason: reason, cause: err}
}

const featureNames = ".geojson, .json, .geojsonl or .ndjson, or one of these and .gz"

// list gives the files at paths, those of folders in order of name.
func list(fsys fs.FS, paths []string, faults *Faults) []string {
	var files []string
	refuse := func(p, reason string) {
		faults.List = append(faults.List, &InvalidError{File: p, Reason: reason})
	}
	for _, p := range paths {
		info, err := fs.Stat(fsys, p)
		switch {
		case err != nil:
			faults.List = append(faults.List, unreadable(p, err))
		case info.IsDir():
			inside, err := listFolder(fsys, p)
			if err != nil {
				faults.List = append(faults.List, unreadable(p, err))
			} else if len(inside) == 0 {
				refuse(p, "the folder has no file of features ("+featureNames+")")
			}
			files = append(files, list(fsys, inside, faults)...)
		case !info.Mode().IsRegular():
			refuse(p, "is not a regular file")
		case !utf8.ValidString(path.Base(p)):
			refuse(p, "the name is not UTF-8, and a collection is named after its file")
		case isSchema(p):
			if !slices.ContainsFunc(paths, func(q string) bool { return q != p && schemaName(q) == p }) {
				refuse(p, "is the schema of another file; name the file of features, and this one is read with it")
			}
		default:
			if _, _, _, ok := CollectionID(p); !ok {
				refuse(p, "is not a file of features: its name should end in "+featureNames+", and not begin with a dot")
				continue
			}
			files = append(files, p)
		}
	}
	return files
}

// listFolder gives the files of features in a folder.
func listFolder(fsys fs.FS, folder string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, folder)
	var files []string
	for _, e := range entries {
		if _, _, _, ok := CollectionID(e.Name()); ok && !e.IsDir() {
			files = append(files, path.Join(folder, e.Name()))
		}
	}
	return files, err
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

// schemaName is the name of the schema file beside a file of features.
func schemaName(file string) string {
	name, _ := cutExtension(file, ".gz")
	return strings.TrimSuffix(name, path.Ext(name)) + schemaSuffix
}

// isSchema reports whether a file is named like a schema file.
func isSchema(file string) bool {
	name, _ := cutExtension(file, ".gz")
	_, is := cutExtension(name, schemaSuffix)
	return is
}

// readSchema reads the schema file beside a file of features, nil where there
// is none.
func readSchema(fsys fs.FS, file string) ([]byte, error) {
	text, err := fs.ReadFile(fsys, schemaName(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}
