package stat

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// Number is a number that is null in JSON where it is not a number or infinite.
type Number float64

// MarshalJSON writes the shortest text that reads back as the number.
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(v)
}

// Position is a place in an answer; it is null where it has no number.
type Position struct {
	Lon Number `json:"lon"`
	Lat Number `json:"lat"`
}

// correction is what keeps the errors of several tests in check.
type correction string

const (
	falseDiscoveries correction = "benjamini-hochberg" // of all places, at the rate q
	wholeCurve       correction = "global-envelope"    // the test is of the curve, not of each distance
	oneTest          correction = "none"               // there is one test, or one for each subject
)

// Column is a column of the rows of an answer.
type Column struct {
	Name  string
	Title geo.Text
	Unit  string // "km", "%" …
}

// Row is a line of the table that an answer is, and a feature where it has a geometry.
// A cell is nil, a string, a bool, an int, a float64, a Number or a geo.Text; there is
// one for each column.
type Row struct {
	ID       string // unique among the rows of a subject, URL-safe
	Geometry orb.Geometry
	Cells    []any
	Subject  int // which of several subjects it is about, from 0
}

// Outcome is what a method says of a subject.
type Outcome struct {
	Members any // a struct or map that becomes a JSON object
	Brief   any // the same without long lists, for the head of the rows as GeoJSON; nil: Members
	N       int // features that the figures rest on
	Columns []Column
	Rows    []Row
}

// Answer is what came of a Question.
type Answer struct {
	Question *Question
	Universe geo.Text
	N        int
	Weights  geo.Text
	Rev      string
	Settings []Setting // all parameters in force, also those by default
	Warnings []geo.Text
	Columns  []Column
	Rows     []Row
	Subjects int // how many the result lists; 0: it is about one

	members, brief json.RawMessage
}

// Result is the JSON object of the figures; brief leaves long lists out.
func (a *Answer) Result(brief bool) json.RawMessage {
	if brief {
		return a.brief
	}
	return a.members
}

// Bytes is the memory that the answer takes, about.
func (a *Answer) Bytes() int64 {
	n := int64(len(a.members)+len(a.brief)) + 1024
	for _, r := range a.Rows {
		n += 64 + int64(len(r.Cells))*32
		switch g := r.Geometry.(type) {
		case orb.Polygon:
			n += polygonBytes(g)
		case orb.MultiPolygon:
			for _, p := range g {
				n += polygonBytes(p)
			}
		}
	}
	return n
}

func polygonBytes(p orb.Polygon) (n int64) {
	for _, ring := range p {
		n += 24 + 16*int64(len(ring))
	}
	return n
}

// subjectHead are the members that stand before those of a subject among several.
type subjectHead struct {
	Value any      `json:"value"`
	Title geo.Text `json:"title"`
	N     int      `json:"n"`
}

// join makes one answer of the outcomes for subjects. Rows get a first column with
// the subject where there are several.
func (a *Answer) join(st *Study, outcomes []*Outcome) (err error) {
	if len(outcomes) == 1 && st.single() {
		o := outcomes[0]
		a.N, a.Columns, a.Rows = o.N, o.Columns, o.Rows
		if a.members, err = json.Marshal(o.Members); err != nil {
			return err
		}
		if a.brief = a.members; o.Brief != nil {
			a.brief, err = json.Marshal(o.Brief)
		}
		return err
	}
	a.N, a.Subjects = len(st.Slots), len(outcomes)
	parts, briefs := make([]json.RawMessage, 0), make([]json.RawMessage, 0)
	for i, o := range outcomes {
		sub := st.Subjects[i]
		head := subjectHead{sub.json(), sub.Title, o.N}
		part, err := spliced(head, o.Members)
		if err != nil {
			return err
		}
		brief := part
		if o.Brief != nil {
			if brief, err = spliced(head, o.Brief); err != nil {
				return err
			}
		}
		parts, briefs = append(parts, part), append(briefs, brief)
		if a.Columns == nil {
			a.Columns = append([]Column{{Name: st.Question.By, Title: st.byTitle()}}, o.Columns...)
		}
		for _, r := range o.Rows {
			r.ID, r.Subject = strconv.Itoa(i+1)+"-"+r.ID, i
			r.Cells = append([]any{sub.Value.Text()}, r.Cells...)
			a.Rows = append(a.Rows, r)
		}
	}
	if a.members, err = json.Marshal(map[string]any{"subjects": parts}); err != nil {
		return err
	}
	a.brief, err = json.Marshal(map[string]any{"subjects": briefs})
	return err
}

// spliced is one JSON object with the members of two.
func spliced(head, rest any) (json.RawMessage, error) {
	a, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(rest)
	if err != nil {
		return nil, err
	}
	if string(b) == "{}" || string(b) == "null" {
		return a, nil
	}
	return append(append(a[:len(a)-1], ','), b[1:]...), nil
}
