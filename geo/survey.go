package geo

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

func (l *Loader) same(a, b version) bool {
	info := func(a, b fs.FileInfo) bool {
		if a == nil || b == nil {
			return a == nil && b == nil
		}
		return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode() && (l.Same == nil || l.Same(a, b))
	}
	if a.fault != nil && b.fault != nil {
		return a.fault.Reason == b.fault.Reason
	}
	return a.fault == nil && b.fault == nil && info(a.features, b.features) && info(a.schema, b.schema)
}

// survey notes how all files are now, and gives those there are, in the order of the
// paths.
func (l *Loader) survey(now time.Time) []*loadedFile {
	var order []*loadedFile
	listed := make(map[string]bool)
	add := func(name, p string) {
		if listed[name] { // given twice, or by its folder too
			return
		}
		listed[name] = true
		order = append(order, l.note(name, p, now))
	}
	for _, p := range l.Paths {
		files, fault, lost := l.list(p)
		l.notePath(p, fault, now)
		for _, name := range files {
			add(name, p)
		}
		if !lost {
			continue
		}
		for _, f := range l.kept(p) {
			if !listed[f.name] {
				listed[f.name] = true
				order = append(order, f)
			}
		}
	}
	return append(order, l.leaving(listed, now)...)
}

// list gives the files of a path, or why it has none. lost reports that it was a
// folder.
func (l *Loader) list(p string) (files []string, fault *InvalidError, lost bool) {
	info, err := fs.Stat(l.FS, p)
	switch {
	case err != nil && (l.folders[p] || notFeatures(p, nil) != nil):
		return nil, unreadable(p, err), l.folders[p]
	case err == nil && info.IsDir():
		l.folders[p] = true
		files, err := listFolder(l.FS, p)
		if err != nil {
			return nil, unreadable(p, err), true
		}
		if len(files) == 0 && p != l.Growing {
			return nil, &InvalidError{File: p, Reason: "the folder has no file of features (" + featureNames + ")"}, false
		}
		return files, nil, false
	}
	if fault := notFeatures(p, l.Paths); fault != nil || isSchema(p) {
		return nil, fault, false
	}
	return []string{p}, nil, false
}

func (l *Loader) notePath(p string, fault *InvalidError, now time.Time) {
	before := l.paths[p]
	switch {
	case fault == nil:
		delete(l.paths, p)
	case before == nil || before.fault.Reason != fault.Reason:
		l.paths[p] = &pathFault{fault, now}
	}
}

// note notes how a file is now.
func (l *Loader) note(name, p string, now time.Time) *loadedFile {
	f := l.files[name]
	if f == nil {
		f = &loadedFile{name: name}
		f.id, _, _, _ = CollectionID(name)
		l.files[name] = f
	}
	f.path = p
	l.see(f, versionOf(l.FS, name), now)
	return f
}

// see notes that a file is as v.
func (l *Loader) see(f *loadedFile, v version, now time.Time) {
	if f.since.IsZero() || !l.same(f.seen, v) {
		f.since = now
		f.replaced = l.Same != nil && f.seen.features != nil && v.features != nil && !l.Same(f.seen.features, v.features)
	}
	f.seen = v
	switch {
	case f.tried && l.same(f.read, v):
		f.restless = time.Time{}
	case f.restless.IsZero():
		f.restless, f.patience = now, now.Add(writing)
	}
}

// kept are the files of a path as they were, by name.
func (l *Loader) kept(p string) []*loadedFile {
	var all []*loadedFile
	for _, f := range l.files {
		if f.path == p && f.good != nil {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *loadedFile) int { return strings.Compare(a.name, b.name) })
	return all
}

// leaving are the files that were there and are no longer listed, for as long as
// they may come back at once, as those do that an editor writes anew. Then they are
// forgotten.
func (l *Loader) leaving(listed map[string]bool, now time.Time) []*loadedFile {
	var all []*loadedFile
	for name, f := range l.files {
		if listed[name] {
			continue
		}
		v := versionOf(l.FS, name)
		if v.fault == nil { // it came after the folder was listed
			v = version{fault: unreadable(name, fs.ErrNotExist)}
		}
		l.see(f, v, now)
		if l.settled(f, now) {
			delete(l.files, name)
			continue
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *loadedFile) int { return strings.Compare(a.name, b.name) })
	return all
}

// settled reports whether a file has been still for long enough.
func (l *Loader) settled(f *loadedFile, now time.Time) bool {
	return !l.began || now.Sub(f.since) >= l.Quiet
}

// Folders are the folders in which something may happen that changes what a Look
// finds.
func (l *Loader) Folders() []string {
	var all []string
	for _, p := range l.Paths {
		all = append(all, path.Dir(p))
		if l.folders[p] {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Files are the files that the last Look found.
func (l *Loader) Files() []string {
	return slices.Sorted(maps.Keys(l.files))
}
