package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"clustermap/geo"
	"clustermap/server"
)

const (
	// quiet is for how long a changed file must have been still before it is read.
	quiet = 500 * time.Millisecond
	// gather is for how long notices of changes are gathered before a look.
	gather = 50 * time.Millisecond
	// never is a time that does not come.
	never = 365 * 24 * time.Hour
	// watcherLimit is how long the watcher may take to end: a read from a disk that
	// does not answer cannot be called back.
	watcherLimit = 5 * time.Second
)

// watcher keeps what the server serves as the files are. It reads one file after
// another in the background, so that a reload takes one core at most.
type watcher struct {
	loader *geo.Loader
	srv    *server.Server
	log    *slog.Logger
	served []*geo.Collection
	maps   baseMaps
	// poll is how often the files are looked at in any case, because network file
	// systems give no notice of what other machines do; never if they are not watched.
	poll time.Duration

	told map[string]string // the faults that the log has, by file
}

// startWatcher runs w until ctx ends or stop is called, which waits for it.
func startWatcher(ctx context.Context, w *watcher) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	notices := newNotices(w.poll < never, w.log)
	w.follow(notices) // from now on no change is missed
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer notices.close()
		defer signal.Stop(asked)
		w.run(ctx, notices, asked)
	}()
	return func() {
		cancel()
		select {
		case <-done:
		case <-time.After(watcherLimit):
		}
	}
}

// run looks when a notice or a signal comes, again while something is restless, and
// from time to time.
func (w *watcher) run(ctx context.Context, notices *notices, asked <-chan os.Signal) {
	wait := gather // for what has changed since the files were read
	if w.poll >= never {
		wait = never
	}
	next := time.NewTimer(wait)
	defer next.Stop()
	due := time.Now().Add(wait)
	sooner := func(d time.Duration) {
		if at := time.Now().Add(d); at.Before(due) {
			due = at
			next.Reset(d)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-notices.events():
			notices.heed(e)
			sooner(gather)
		case err := <-notices.errors():
			w.log.Debug("notices of changes were lost", "err", err)
			sooner(gather)
		case <-asked:
			sooner(0)
		case <-next.C:
			again := w.look(ctx, notices)
			due = time.Now().Add(again)
			next.Reset(again)
		}
	}
}

// look reads what has changed and serves it. It returns how long to wait before the
// next look.
func (w *watcher) look(ctx context.Context, notices *notices) (again time.Duration) {
	defer func() {
		if fault := recover(); fault != nil { // the last good state is still good
			w.log.Error("panic", "panic", fault, "stack", string(debug.Stack()))
			again = w.poll
		}
	}()
	start := time.Now()
	w.follow(notices)
	found, err := w.loader.Look(ctx)
	if err != nil {
		return w.poll // ctx has ended
	}
	mapsChanged, mapsRestless := w.maps.look(time.Now())
	if mapsChanged {
		if err := w.srv.SetBasemaps(w.maps.served()); err != nil {
			w.log.Error("the changed base maps cannot be served", "err", err)
		}
		w.log.Info("a base map changed")
	}
	found.Rejected = append(found.Rejected, w.maps.rejected()...)
	w.tell(found)
	changed, err := w.publish(ctx, found, start)
	w.srv.SetRejected(found.Rejected) // behind the state that what is no longer rejected is in
	if err != nil {
		if ctx.Err() == nil {
			w.log.Error("the changed data cannot be served", "err", err)
		}
		return w.poll
	}
	if changed || len(found.Read) > 0 {
		w.srv.CountReload(resultOf(found, changed), time.Since(start))
	}
	switch {
	case w.follow(notices): // something may have happened before it was followed
		return gather
	case found.Restless || mapsRestless:
		return quiet
	}
	return w.poll
}

// resultOf is what came of a look at which files were read or collections went.
func resultOf(found *geo.Look, changed bool) server.ReloadResult {
	for _, r := range found.Rejected {
		if slices.Contains(found.Read, r.File) {
			return server.ReloadRejected
		}
	}
	if changed {
		return server.ReloadServed
	}
	return server.ReloadUnchanged
}

// publish serves the collections that were found, if they are others than before.
func (w *watcher) publish(ctx context.Context, found *geo.Look, start time.Time) (changed bool, err error) {
	if slices.Equal(found.Collections, w.served) {
		return false, nil
	}
	state, err := geo.NewState(found.Collections...)
	if err != nil {
		return false, err
	}
	if err := w.srv.Publish(ctx, state); err != nil {
		return false, err
	}
	changes := changesOf(w.served, found.Collections)
	w.served = slices.Clone(found.Collections)
	w.log.Info("the data changed", "rev", state.Rev(), "changes", changes, "duration", time.Since(start))
	return true, nil
}

// changesOf tells how two lists of collections differ.
func changesOf(before, now []*geo.Collection) string {
	old := make(map[string]*geo.Collection)
	for _, c := range before {
		old[c.ID] = c
	}
	var all []string
	for _, c := range now {
		switch was := old[c.ID]; {
		case was == nil:
			all = append(all, c.ID+" is new")
		case was != c:
			all = append(all, c.ID+" has changed")
		}
		delete(old, c.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(old)) {
		all = append(all, id+" is gone")
	}
	return strings.Join(all, ", ")
}

// tell logs each rejected file once, and that it is good again.
func (w *watcher) tell(found *geo.Look) {
	now := make(map[string]string)
	for _, r := range found.Rejected {
		text := r.Faults.Error()
		now[r.File] = text
		if w.told[r.File] == text {
			continue
		}
		instead := "nothing of it"
		if r.Served {
			instead = "its last good state"
		}
		for _, fault := range r.Faults.List {
			w.log.Error("file rejected", "fault", fault.Error(), "served", instead)
		}
		if r.Faults.More > 0 {
			w.log.Error("file rejected", "fault", fmt.Sprintf("%s: %d more", r.File, r.Faults.More), "served", instead)
		}
	}
	for file := range w.told {
		if _, still := now[file]; !still {
			w.log.Info("file no longer rejected", "file", file)
		}
	}
	w.told = now
}

// follow asks for notices of the folders in which changes may come. It reports
// whether there is one more than before.
func (w *watcher) follow(notices *notices) bool {
	if notices.watcher == nil {
		return false
	}
	var folders []string
	for _, name := range w.loader.Folders() {
		if !strings.HasPrefix(name+"/", builtIn) {
			folders = append(folders, filepath.FromSlash(name))
		}
	}
	var files []string
	for _, name := range w.loader.Files() {
		if !strings.HasPrefix(name, builtIn) {
			files = append(files, filepath.FromSlash(name))
		}
	}
	for _, m := range w.maps {
		folders, files = append(folders, filepath.Dir(m.path)), append(files, m.path)
	}
	for _, name := range files { // where links lead
		if target := linkedTo(name); target != "" {
			folders = append(folders, filepath.Dir(target))
		}
	}
	return notices.follow(folders)
}

// linkedTo is the file that a link leads to, "" where name is no link. A link to
// nothing is followed one step.
func linkedTo(name string) string {
	info, err := os.Lstat(name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return ""
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		return target
	}
	target, err := os.Readlink(name)
	switch {
	case err != nil:
		return ""
	case filepath.IsAbs(target):
		return target
	}
	return filepath.Join(filepath.Dir(name), target)
}

// notices are what the system tells of changes in folders.
type notices struct {
	watcher  *fsnotify.Watcher // nil: it tells nothing
	log      *slog.Logger
	followed map[string]fs.FileInfo
	refused  bool // the log has it that a folder cannot be followed
}

func newNotices(wanted bool, log *slog.Logger) *notices {
	n := &notices{log: log, followed: make(map[string]fs.FileInfo)}
	if !wanted {
		return n
	}
	var err error
	if n.watcher, err = fsnotify.NewWatcher(); err != nil {
		n.watcher = nil
		n.log.Warn("the system gives no notices of changed files; they are polled", "err", err)
	}
	return n
}

// follow follows these folders and no others. A folder that was replaced by another
// of its name is followed anew.
func (n *notices) follow(folders []string) (more bool) {
	wanted := make(map[string]bool)
	still := n.watcher.WatchList()
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil || wanted[folder] {
			continue
		}
		wanted[folder] = true
		if before := n.followed[folder]; before != nil {
			if os.SameFile(before, info) && slices.Contains(still, folder) {
				continue
			}
			n.leave(folder)
		}
		if err := n.watcher.Add(folder); err == nil {
			n.followed[folder] = info
			more = true
		} else if !n.refused && !errors.Is(err, fs.ErrNotExist) {
			n.refused = true
			n.log.Warn("no notices of changed files in a folder; it is polled", "folder", folder, "err", err)
		}
	}
	for folder := range n.followed {
		if !wanted[folder] {
			n.leave(folder)
		}
	}
	return more
}

// heed leaves a folder that was removed or has got another name: one that comes in
// its place may look the same.
func (n *notices) heed(e fsnotify.Event) {
	if e.Has(fsnotify.Remove|fsnotify.Rename) && n.followed[e.Name] != nil {
		n.leave(e.Name)
	}
}

func (n *notices) leave(folder string) {
	_ = n.watcher.Remove(folder) // the system may have done so already
	delete(n.followed, folder)
}

func (n *notices) events() <-chan fsnotify.Event {
	if n.watcher == nil {
		return nil
	}
	return n.watcher.Events
}

func (n *notices) errors() <-chan error {
	if n.watcher == nil {
		return nil
	}
	return n.watcher.Errors
}

func (n *notices) close() {
	if n.watcher != nil {
		_ = n.watcher.Close()
	}
}
