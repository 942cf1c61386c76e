// Package geo is the domain of the cluster map: features, their schema, and an
// index that answers "what lies in this box and fits this filter".
//
// Coordinates are longitude, latitude in degrees on WGS 84 (OGC:CRS84), the
// order of GeoJSON. A height is kept in the encoded feature and otherwise
// ignored. Relations are planar in longitude and latitude with straight edges.
//
// GeoJSON is read strictly, once, at the door: what RFC 7946 forbids or leaves
// ambiguous is refused with its place, and nothing later checks again. The
// bytes of a feature are kept from load and served as they are.
//
// The package knows nothing of HTTP or databases, and of files only what
// io/fs tells.
package geo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotFound reports a feature or collection that does not exist.
var ErrNotFound = errors.New("geo: not found")

// InvalidError says which part of the input was refused and why. The text is
// written for the person who sent the input.
type InvalidError struct {
	File    string // "" if there is no file
	Line    int    // 1-based; 0 if unknown
	Feature int    // 1-based position in the file; 0 if it is not about one feature
	Field   string // column, property, member path or parameter
	Reason  string

	cause error // of the file system, or nil
}

// Unwrap gives the error of the file system behind a file that cannot be read.
func (e *InvalidError) Unwrap() error { return e.cause }

func (e *InvalidError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
		}
		b.WriteString(": ")
	} else if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Feature > 0 {
		fmt.Fprintf(&b, "feature %d: ", e.Feature)
	}
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// MaxFaults is how many faults of one file are listed.
const MaxFaults = 20

// Faults are the faults of the files that were read: of each file the first
// MaxFaults, one to a line in Error.
type Faults struct {
	List []*InvalidError
	More int // faults beyond those listed
}

func (f *Faults) Error() string {
	var b strings.Builder
	for i, e := range f.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	if f.More > 0 {
		fmt.Fprintf(&b, "\n... and %d more", f.More)
	}
	return b.String()
}

// Unwrap gives the faults to errors.As and errors.Is.
func (f *Faults) Unwrap() []error {
	all := make([]error, len(f.List))
	for i, e := range f.List {
		all[i] = e
	}
	return all
}

func (f *Faults) add(e *InvalidError) {
	if len(f.List) < MaxFaults {
		f.List = append(f.List, e)
		return
	}
	f.More++
}

// ofDisk reports whether the file system did not give the file, which may be
// otherwise the next time. f may be nil.
func (f *Faults) ofDisk() bool {
	return f != nil && slices.ContainsFunc(f.List, func(e *InvalidError) bool { return e.cause != nil })
}

// err is f if it holds a fault, else nil.
func (f *Faults) err() error {
	if len(f.List) == 0 {
		return nil
	}
	return f
}
