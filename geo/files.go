package geo

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

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

// notFeatures is the fault of a path that is named as no file of features is,
// among paths; nil where it is.
func notFeatures(p string, paths []string) *InvalidError {
	if isSchema(p) {
		if slices.ContainsFunc(paths, func(q string) bool { return q != p && schemaName(q) == p }) {
			return nil
		}
		return &InvalidError{File: p, Reason: "is the schema of another file; name the file of features, and this one is read with it"}
	}
	if _, _, _, ok := CollectionID(p); !ok {
		return &InvalidError{File: p, Reason: "is not a file of features: its name should end in " + featureNames + ", and not begin with a dot"}
	}
	return nil
}

// listFolder gives the files of features in a folder, by name.
func listFolder(fsys fs.FS, folder string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if _, _, _, ok := CollectionID(e.Name()); ok && !e.IsDir() {
			files = append(files, path.Join(folder, e.Name()))
		}
	}
	return files, nil
}

// version tells the states of a file and of its schema file apart.
type version struct {
	fault            *InvalidError // why there is no file to read
	features, schema fs.FileInfo   // schema is nil where there is none
}

func versionOf(fsys fs.FS, file string) version {
	info, err := fs.Stat(fsys, file)
	switch {
	case err != nil:
		return version{fault: unreadable(file, err)}
	case !info.Mode().IsRegular():
		return version{fault: &InvalidError{File: file, Reason: "is not a regular file"}}
	case !utf8.ValidString(path.Base(file)):
		return version{fault: &InvalidError{File: file, Reason: "the name is not UTF-8, and a collection is named after its file"}}
	}
	v := version{features: info}
	if schema, err := fs.Stat(fsys, schemaName(file)); err == nil {
		v.schema = schema
	} else if !errors.Is(err, fs.ErrNotExist) {
		v.fault = unreadable(schemaName(file), err)
	}
	return v
}

// missing reports whether there is no such file.
func (v version) missing() bool { return v.fault != nil && errors.Is(v.fault, fs.ErrNotExist) }

// loadFile reads one file of features, and tells how the file that it opened was
// before and after. The error is *Faults, of the file system, or that of ctx.
func loadFile(ctx context.Context, fsys fs.FS, regions *Regions, file string) (_ *Collection, before, after fs.FileInfo, err error) {
	id, sequence, zipped, _ := CollectionID(file)
	opt := ReadOptions{Name: file, Sequence: sequence, Regions: regions}
	if opt.Schema, err = readSchema(fsys, file); err != nil {
		return nil, nil, nil, err
	}
	f, err := fsys.Open(file)
	if err != nil {
		return nil, nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if before, err = f.Stat(); err != nil {
		return nil, nil, nil, err
	}
	var r io.Reader = untilDone{f, ctx}
	if zipped {
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
		if err != nil {
			return nil, nil, nil, &Faults{List: []*InvalidError{{File: file, Reason: "is not a gzip file: " + err.Error()}}}
		}
		r = z
	}
	x, err := Read(r, opt)
	if ctx.Err() != nil {
		return nil, nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if after, err = f.Stat(); err != nil {
		return nil, nil, nil, err
	}
	s := x.Schema()
	title := s.Title
	title.EN = cmp.Or(title.EN, title.ZH, strings.TrimSuffix(path.Base(file), path.Ext(file)))
	return &Collection{ID: id, Title: title, Description: s.Description, Source: x}, before, after, nil
}

// untilDone is a reader that fails when ctx has ended.
type untilDone struct {
	io.Reader
	ctx context.Context
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// readSchema reads the schema file beside a file of features, nil where there
// is none.
func readSchema(fsys fs.FS, file string) ([]byte, error) {
	name := schemaName(file)
	info, err := fs.Stat(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, &Faults{List: []*InvalidError{{File: name, Reason: "is not a regular file"}}}
	}
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(fsys, name)
}

// sameCollection is the fault of a file whose collection another file gives.
func sameCollection(file, id, other string) *Faults {
	return &Faults{List: []*InvalidError{{File: file,
		Reason: fmt.Sprintf("gives the collection %q, as %s does; rename one of them", id, other)}}}
}
