package ingest

import (
	"slices"

	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
)

// Report says of each row of a file where it went and why.
type Report struct {
	File, Format string
	Mapping      Mapping
	Notes        []table.Note
	Rows         []Fate // in the order of the file
	Counts       Counts
}

// Counts are the numbers of a report. In is the sum of Placed, Listed and Refused.
type Counts struct {
	In, Placed, Listed, Refused int
	Features                    int
	Corrected                   int            // of the rows placed or listed
	Same                        int            // rows that equal another
	ByLevel                     map[string]int // of rows that are placed
	ByPrecision                 map[string]int
	ByConfidence                []Share // of rows that are placed, the surest first
}

// Share is how many rows have a confidence of at least From, and less than the one
// before it.
type Share struct {
	From float64 `json:"from"`
	Rows int     `json:"rows"`
}

// Fate is what became of one row.
type Fate struct {
	Sheet string
	Row   int    // in the sheet or line of the file, 1-based
	Fate  string // Placed, Listed or Refused
	ID    string // of its feature; of several, without their numbers
	Name  string // that the row has, or what else it may be known by
	Place string // as the row says it

	Units            []*gazetteer.Unit
	Adcode           string
	Level, Precision string
	Confidence       float64
	Point            *orb.Point // the first
	Reasons          []Reason
	Alternatives     []gazetteer.Alternative
	Corrected        bool
	Same             int // the first row that holds the same; 0: none

	Column, Fault string // of a row that is refused: where and why

	base    string
	remarks []Reason
}

// interner gives equal lists of reasons one memory: rows of one place have the same.
type interner struct {
	known map[string][]Reason
	key   []byte
}

const maxInterned = 1 << 15

func (n *interner) of(reasons []Reason) []Reason {
	b := n.key[:0]
	for _, r := range reasons {
		b = append(append(b, r.Code...), 0)
		for _, arg := range r.Args {
			b = append(append(b, arg...), 1)
		}
	}
	n.key = b
	if same, ok := n.known[string(b)]; ok {
		return same
	}
	if n.known == nil {
		n.known = make(map[string][]Reason)
	}
	if len(n.known) < maxInterned {
		n.known[string(b)] = reasons
	}
	return reasons
}

// set takes what an outcome says.
func (f *Fate) set(o *outcome) {
	f.Fate, f.Confidence, f.Alternatives, f.Corrected = o.fate, o.confidence, o.alternatives, o.corrected
	f.Reasons = o.reasons
	for i := range o.spots {
		s := &o.spots[i]
		if f.Point == nil && s.geometry != nil {
			p := middle(s.geometry)
			if m, ok := s.geometry.(orb.MultiPoint); ok {
				p = m[0]
			}
			f.Point = &p
		}
		if i == 0 {
			f.Units, f.Adcode, f.Level, f.Precision = s.units, s.adcode, s.level, s.precision
			continue
		}
		f.Units, f.Precision = append(slices.Clip(f.Units), s.units...), worst(f.Precision, s.precision)
	}
}

// steps are the classes of confidence of a report.
var steps = [...]float64{0.95, 0.8, 0.6, 0}

// report counts the fates.
func (im *importer) report(features int) *Report {
	r := &Report{File: im.opt.Name, Format: im.format, Mapping: im.opt.Mapping, Notes: im.notes, Rows: im.rows}
	c := &r.Counts
	*c = Counts{In: len(im.rows), Features: features, ByLevel: map[string]int{}, ByPrecision: map[string]int{}}
	for _, from := range steps {
		c.ByConfidence = append(c.ByConfidence, Share{From: from})
	}
	for i := range im.rows {
		f := &im.rows[i]
		if len(f.remarks) > 0 {
			f.Reasons, f.remarks = append(slices.Clip(f.Reasons), f.remarks...), nil
		}
		if f.Corrected {
			c.Corrected++
		}
		if f.Same != 0 {
			c.Same++
		}
		switch f.Fate {
		case Refused:
			c.Refused++
		case Listed:
			c.Listed++
		case Placed:
			c.Placed++
			c.ByLevel[f.Level]++
			c.ByPrecision[f.Precision]++
			step := slices.IndexFunc(steps[:], func(from float64) bool { return f.Confidence >= from })
			c.ByConfidence[max(step, 0)].Rows++
		}
	}
	return r
}
