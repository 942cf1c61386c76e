package geo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"time"
)

// Load reads files of features, and in folders all such files, but no folders
// below. A file NAME.schema.json beside NAME.geojson states its schema; among
// paths it is passed over. Everything is read; the error is then *Faults with the
// faults of all files and paths, and wraps the errors of package fs among them.
func Load(fsys fs.FS, regions *Regions, paths ...string) ([]*Collection, error) {
	l := Loader{FS: fsys, Paths: paths, Regions: regions}
	look, err := l.Look(context.Background())
	if err == nil {
		err = look.Err()
	}
	if err != nil {
		return nil, err
	}
	return look.Collections, nil
}

// Loader reads files of features as Load does and, each time it is asked again, what
// has changed since. What it has read stays as it was until something good can take
// its place: a file with a fault keeps the collection that it gave before, as do the
// files of a folder that is lost. A file that is removed takes its collection with
// it. Of two files of one collection, the one that gives it keeps it.
//
// Where a file gives the collection "regions" with a list "adcodes" in its
// features, these are the definitions that region and regions of all others are
// computed by; when they change, all others are read again.
//
// Its methods must not overlap.
type Loader struct {
	FS      fs.FS
	Paths   []string
	Regions *Regions // the definitions where no file has any; nil: none
	Growing string   // the folder among Paths that may have no file yet; "": none

	// Quiet is for how long a changed file must have been still before it is read,
	// for whoever writes it may not be done. The first Look does not wait. A file
	// that is not still for seconds is read all the same, and taken if it is whole.
	Quiet time.Duration
	Now   func() time.Time            // nil: time.Now
	Same  func(a, b fs.FileInfo) bool // reports whether both are of one file of the disk; nil: always

	// Again runs the reading of a file after the first Look; nil: as it is.
	Again func(read func())

	began   bool
	files   map[string]*loadedFile
	folders map[string]bool       // the paths that were folders
	paths   map[string]*pathFault // of folders that are lost or empty, and paths that are no files
	regions *Regions              // that files are read with now
}

// loadedFile is a file as it was when last looked at and when last read.
type loadedFile struct {
	name, id, path string // path is the one of Loader.Paths that gives it
	seen           version
	since          time.Time // that it is as seen
	read           version
	readWith       *Regions
	tried          bool      // it was read; else read and readWith say nothing
	restless       time.Time // since when there is something new to read; zero if there is not
	patience       time.Time // until when a restless file may become still
	replaced       bool      // the last change put another file of the disk in its place
	good           *Collection
	defines        *Regions  // what good says of regions, or nil
	faults         *Faults   // of the last time it was read
	bad            time.Time // since when there are faults
}

type pathFault struct {
	fault *InvalidError
	since time.Time
}

// Look is what a Loader has found.
type Look struct {
	Collections []*Collection // the same pointers as before for what did not change
	Rejected    []Rejected    // in the order of the paths
	Read        []string      // the files that were read
	Restless    bool          // some have changed lately: look again after Loader.Quiet
}

// Rejected is a path or file that is not in the collections as it is now.
type Rejected struct {
	File   string
	Served bool // its last good state is
	Since  time.Time
	Faults *Faults
}

// Err is *Faults with all faults, nil where there is none.
func (k *Look) Err() error {
	all := new(Faults)
	for _, r := range k.Rejected {
		all.List = append(all.List, r.Faults.List...)
		all.More += r.Faults.More
	}
	return all.err()
}

// writing is for how long a file may change without pause before it is read all the
// same, and before it is a fault that it cannot be.
const writing = 5 * time.Second

// Look looks at all paths and reads what is new, one file after another. The error is
// that of ctx.
func (l *Loader) Look(ctx context.Context) (*Look, error) {
	if !l.began {
		l.files, l.folders, l.paths = make(map[string]*loadedFile), make(map[string]bool), make(map[string]*pathFault)
		l.regions = l.Regions
	}
	now := l.now()
	order := l.survey(now)
	k := new(Look)
	owners := l.owners(order)
	if f := owners[definitionsID]; f != nil {
		if err := l.refresh(ctx, f, nil, k); err != nil {
			return nil, err
		}
	}
	l.define(owners[definitionsID])
	for _, f := range order {
		if owners[f.id] != f || f.id == definitionsID {
			continue
		}
		if err := l.refresh(ctx, f, l.regions, k); err != nil {
			return nil, err
		}
	}
	l.report(order, owners, k)
	l.began = true
	return k, nil
}

func (l *Loader) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// owners are the files that give the collections: those that do so now, then the
// first of each id.
func (l *Loader) owners(order []*loadedFile) map[string]*loadedFile {
	owners := make(map[string]*loadedFile)
	for _, f := range order {
		if f.good != nil {
			owners[f.id] = f
		}
	}
	for _, f := range order {
		if owners[f.id] == nil {
			owners[f.id] = f
		}
	}
	return owners
}

// refresh reads a file if there is something new to read and it is still. What was
// read while it changed is not taken.
func (l *Loader) refresh(ctx context.Context, f *loadedFile, regions *Regions, k *Look) error {
	current := f.tried && l.same(f.read, f.seen) && f.readWith == regions
	if current && !f.faults.ofDisk() {
		return nil
	}
	if l.began { // files before this one may have taken their time
		l.see(f, versionOf(l.FS, f.name), l.now())
	}
	if !l.settled(f, l.now()) {
		k.Restless = true
		if l.now().Before(f.patience) || !f.replaceable() {
			return nil
		}
		return l.snatch(ctx, f, regions, k)
	}
	got, err := l.readFile(ctx, f, regions)
	if err != nil {
		return err
	}
	if !current {
		k.Read = append(k.Read, f.name)
	}
	if after := versionOf(l.FS, f.name); l.began && !l.same(f.seen, after) {
		l.see(f, after, l.now())
		k.Restless = true
		return nil
	}
	f.tried, f.read, f.readWith, f.restless = true, f.seen, regions, time.Time{}
	l.take(f, got)
	return nil
}

// snatch reads a file that does not become still. What was read is taken if the file
// that was opened stayed as it was and has no fault; another may have its name by now.
func (l *Loader) snatch(ctx context.Context, f *loadedFile, regions *Regions, k *Look) error {
	seen, start := f.seen, l.now()
	got, err := l.readFile(ctx, f, regions)
	if err != nil {
		return err
	}
	k.Read = append(k.Read, f.name)
	now, end := versionOf(l.FS, f.name), l.now()
	f.patience = end.Add(max(writing, 2*end.Sub(start)))
	if got.faults == nil && got.opened != nil && l.same(now, version{features: now.features, schema: seen.schema}) {
		f.tried, f.read, f.readWith, f.restless = true, version{features: got.opened, schema: seen.schema}, regions, time.Time{}
		l.take(f, got)
	}
	l.see(f, now, end)
	return nil
}

// replaceable reports whether a file that changes without pause may be whole at a
// moment. A sequence may end behind any line, so one that grows in its place is not
// known to be.
func (f *loadedFile) replaceable() bool {
	_, sequence, _, _ := CollectionID(f.name)
	return f.seen.fault == nil && (f.replaced || !sequence)
}

// take puts what was read of a file in the place of what it gave before, if it is
// good.
func (l *Loader) take(f *loadedFile, got reading) {
	f.faults = got.faults
	switch {
	case got.faults == nil:
		f.bad = time.Time{}
		if f.good == nil || f.good.Source.Rev() != got.collection.Source.Rev() {
			f.good, f.defines = got.collection, got.defines
		}
		return
	case f.seen.missing() && f.name == f.path: // it was removed, as one of a folder is
		f.good, f.defines = nil, nil
	}
	if f.bad.IsZero() {
		f.bad = l.now()
	}
}

// reading is what came of reading a file.
type reading struct {
	collection *Collection
	opened     fs.FileInfo // of the file that was read, if it stayed as it was meanwhile
	defines    *Regions
	faults     *Faults
}

// readFile reads a file. The error is that of ctx.
func (l *Loader) readFile(ctx context.Context, f *loadedFile, regions *Regions) (got reading, err error) {
	if f.seen.fault != nil {
		return reading{faults: &Faults{List: []*InvalidError{f.seen.fault}}}, nil
	}
	got.collection, got.opened, err = l.loadFile(ctx, f, regions)
	if err == nil && f.id == definitionsID {
		got.defines, err = definitionsOf(ctx, got.collection.Source)
	}
	var fault *InvalidError
	switch {
	case ctx.Err() != nil:
		return reading{}, ctx.Err()
	case err == nil, errors.As(err, &got.faults):
	case errors.As(err, &fault):
		got.faults = &Faults{List: []*InvalidError{{File: f.name, Field: fault.Field, Reason: fault.Reason}}}
	default:
		got.faults = &Faults{List: []*InvalidError{unreadable(f.name, err)}}
	}
	return got, nil
}

// loadFile reads a file, after the first Look so that a bug in reading it is a fault
// of the file and what is served stays.
func (l *Loader) loadFile(ctx context.Context, f *loadedFile, regions *Regions) (c *Collection, opened fs.FileInfo, err error) {
	load := func() {
		var before, after fs.FileInfo
		c, before, after, err = loadFile(ctx, l.FS, regions, f.name)
		if l.same(version{features: before}, version{features: after}) {
			opened = after
		}
	}
	if !l.began {
		load()
		return c, opened, err
	}
	defer func() {
		if p := recover(); p != nil {
			what, _, _ := strings.Cut(fmt.Sprint(p), "\n")
			err = &InvalidError{Reason: "the program failed on it: " + what}
		}
	}()
	run := l.Again
	if run == nil {
		run = func(read func()) { read() }
	}
	run(load)
	return c, opened, err
}

// definitionsID is the collection whose features define the regions.
const definitionsID = "regions"

// definitionsOf are the definitions in a collection, nil where it has none.
func definitionsOf(ctx context.Context, src Source) (*Regions, error) {
	if p, ok := src.Schema().Property("adcodes"); !ok || p.Type != TypeArray {
		return nil, nil
	}
	return ReadRegions(ctx, src)
}

// define takes the definitions of the file of regions, which may be nil. Equal ones
// are those that were taken before.
func (l *Loader) define(f *loadedFile) {
	regions := l.Regions
	if f != nil && f.defines != nil {
		regions = f.defines
	}
	if !reflect.DeepEqual(regions, l.regions) {
		l.regions = regions
	}
}

// report gives what is served and what is rejected.
func (l *Loader) report(order []*loadedFile, owners map[string]*loadedFile, k *Look) {
	now := l.now()
	for _, p := range l.Paths {
		if at := l.paths[p]; at != nil && (now.Sub(at.since) >= l.Quiet || !l.began) {
			k.Rejected = append(k.Rejected, Rejected{p, len(l.kept(p)) > 0, at.since, &Faults{List: []*InvalidError{at.fault}}})
		} else if at != nil {
			k.Restless = true
		}
	}
	for _, f := range order {
		if f.good != nil {
			k.Collections = append(k.Collections, f.good)
		}
		owner := owners[f.id]
		switch {
		case owner != f && (owner.seen.missing() || !l.settled(f, now)):
			k.Restless = true
		case owner != f:
			k.Rejected = append(k.Rejected, Rejected{f.name, false, f.since, sameCollection(f.name, f.id, owner.name)})
		case !f.restless.IsZero() && now.Sub(f.restless) >= writing && f.seen.fault == nil:
			k.Rejected = append(k.Rejected, Rejected{f.name, f.good != nil, f.restless, &Faults{List: []*InvalidError{{File: f.name,
				Reason: fmt.Sprintf("is being written; it is read when it is whole or has been still for %v", l.Quiet)}}}})
		case f.faults != nil:
			k.Rejected = append(k.Rejected, Rejected{f.name, f.good != nil, f.bad, f.faults})
		}
		if !f.restless.IsZero() && owner == f {
			k.Restless = true
		}
	}
}
