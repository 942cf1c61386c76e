package geo

import (
	"errors"
	"io"
	"iter"

	"github.com/paulmach/orb"
)

// ScanOptions says how Scan reads.
type ScanOptions struct {
	Name     string // of the file, for messages
	MaxBytes int64  // of the input; 0 means 64 GiB
	MaxOne   int    // bytes of one feature; 0 means 256 MB

	// Systems is asked for the name of a system in the member crs, older than RFC
	// 7946, that is not WGS 84. nil refuses all.
	Systems func(name string) bool
	Planar  bool // positions may be any numbers, as those of a projection are
}

// Scanned is one feature of a text, or why it cannot be read. What it holds is valid
// until the next one is asked for.
type Scanned struct {
	Number     int // 1-based position in the text
	Line       int // where it begins
	ID         ID
	HasID      bool
	Geometry   orb.Geometry // nil where null
	Properties []Member
	Fault      *InvalidError // then there is nothing else
}

// Member is one member of the properties of a feature.
type Member struct {
	Name  string
	Value Value
}

// Scan reads the features of a text as Read does, but keeps none and takes all kinds of
// GeoJSON: a document, or a sequence of Features. A feature with a fault is told and
// passed over. The error, which ends it, is *InvalidError.
func Scan(r io.Reader, opt ScanOptions) iter.Seq2[Scanned, error] {
	return func(yield func(Scanned, error) bool) {
		s := &featureScan{yield: yield}
		rd := &reader{
			window: window{r: r, most: opt.MaxBytes, line: 1, largest: opt.MaxOne},
			parser: parser{systems: opt.Systems, planar: opt.Planar},
			name:   opt.Name, scan: s,
		}
		if rd.most == 0 {
			rd.most = maxInput
		}
		if rd.largest == 0 {
			rd.largest = maxFeature
		}
		s.seen = &rd.seen
		if err := rd.any(); err != nil && !errors.Is(err, errStopped) && !s.done {
			yield(Scanned{}, err)
		}
	}
}

// errStopped ends a scan whose features are not wanted any more.
var errStopped = errors.New("geo: stopped")

// featureScan hands the features of a reader over.
type featureScan struct {
	yield func(Scanned, error) bool
	seen  *int
	done  bool
	props []Member
}

func (s *featureScan) stopped() error {
	if s != nil && s.done {
		return errStopped
	}
	return nil
}

func (s *featureScan) refuse(fault *InvalidError) {
	s.done = s.done || !s.yield(Scanned{Number: *s.seen, Line: fault.Line, Fault: fault}, nil)
}

func (s *featureScan) take(f *parsedFeature, line int) {
	one := Scanned{Number: *s.seen, Line: line, ID: f.id, HasID: f.hasID, Geometry: f.geom}
	if f.isPoint {
		one.Geometry = f.point
	}
	s.props = s.props[:0]
	for i := range f.props {
		v := &f.props[i]
		s.props = append(s.props, Member{string(v.key), v.value()})
	}
	one.Properties = s.props
	s.done = s.done || !s.yield(one, nil)
}

// any reads a document, or a sequence where the text is one.
func (r *reader) any() error {
	c, err := r.begin()
	if err != nil {
		return err
	}
	if c == '{' {
		kind, err := r.kindOf()
		if err != nil {
			return err
		}
		if kind != "Feature" {
			return r.document()
		}
	} else if c != 0x1e {
		return r.document()
	}
	return r.sequence()
}
