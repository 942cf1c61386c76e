package ingest

import (
	"io"
	"iter"
)

// Result is the outcome of Import: the features of a file and the fate of its rows.
// It does not change.
type Result struct {
	Report *Report

	features []feature // by id
	texts    arena
	columns  []outColumn
	roles    []Column // of columns
	names    ownNames
	name     string
	totals   bool

	several, differed, gazetteer, sheets bool // what some features have, see encoder
}

// Feature is one feature.
type Feature struct {
	ID   string
	JSON []byte // the GeoJSON Feature, without a line end; valid until the next is asked for
}

// feature is a feature as it is kept: geometry and properties as they are encoded, of
// the row with that number in the report.
type feature struct {
	id   string
	body span
}

// Features are the features, by id.
func (r *Result) Features() iter.Seq[Feature] {
	return func(yield func(Feature) bool) {
		var b []byte
		for _, f := range r.features {
			b = appendString(append(b[:0], `{"type":"Feature","id":`...), f.id)
			b = append(append(b, r.texts.of(f.body)...), '}')
			if !yield(Feature{f.id, b}) {
				return
			}
		}
	}
}

// Len is the number of features.
func (r *Result) Len() int { return len(r.features) }

// Generator is the member "generator" of the collections that WriteGeoJSON writes, by
// which files of this program are told from others.
const Generator = "clustermap import"

// collectionHead is how a file of WriteGeoJSON begins.
const collectionHead = `{"type":"FeatureCollection","generator":"` + Generator + `","features":[`

// WriteGeoJSON writes the features as one collection, a feature a line, by id. The
// same features give the same bytes.
func (r *Result) WriteGeoJSON(w io.Writer) error {
	b := newBatch(w)
	b.add([]byte(collectionHead))
	separator := []byte("\n")
	for f := range r.Features() {
		b.add(separator)
		b.add(f.JSON)
		separator = []byte(",\n")
	}
	b.add([]byte("\n]}\n"))
	return b.flush()
}

// batch gathers small writes, and keeps the first error.
type batch struct {
	w   io.Writer
	buf []byte
	err error
}

func newBatch(w io.Writer) *batch { return &batch{w: w} }

func (b *batch) add(p []byte) {
	if b.buf = append(b.buf, p...); len(b.buf) > 1<<16 {
		_ = b.flush()
	}
}

func (b *batch) flush() error {
	if b.err == nil {
		_, b.err = b.w.Write(b.buf)
	}
	b.buf = b.buf[:0]
	return b.err
}
