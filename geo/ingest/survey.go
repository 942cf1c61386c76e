package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"clustermap/geo/table"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// digest is a row's content.
type digest [sha256.Size]byte

func (d digest) sort() uint64 { return binary.BigEndian.Uint64(d[:]) }

// digester makes digests of the rows of one sheet. Columns count by name and not by
// place, empty cells not at all.
type digester struct {
	names []string
	order []int // of cells, by the names of their columns
	buf   []byte
}

func newDigester(columns []table.Column) *digester {
	d := &digester{}
	for i, c := range columns {
		d.names, d.order = append(d.names, c.Name), append(d.order, i)
	}
	slices.SortFunc(d.order, func(a, b int) int { return strings.Compare(d.names[a], d.names[b]) })
	return d
}

func (d *digester) of(row table.Row) digest {
	b := d.buf[:0]
	add := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, i := range d.order {
		if i >= len(row.Cells) || row.Cells[i].Kind == table.Empty {
			continue
		}
		add(d.names[i])
		if v := row.Cells[i]; v.Kind == table.JSON {
			add(string(v.Raw))
		} else {
			add(exactText(v))
		}
	}
	add(row.ID)
	if row.Geometry != nil {
		if shape, err := wkb.Marshal(row.Geometry, binary.LittleEndian); err == nil {
			b = append(b, shape...)
		}
	}
	d.buf = b
	return sha256.Sum256(b)
}

// sampleSize is how many rows Plan looks at.
const sampleSize = 400

// sample keeps the rows of the smallest digests, so that it does not depend on the
// order of the rows.
type sample struct {
	rows  []sampleRow
	limit uint64 // of the digests that can still get in; 0: all
}

type sampleRow struct {
	by       uint64
	sheet    int
	cells    []table.Value
	geometry bool
	at       orb.Point // the middle of the geometry
}

func (s *sample) add(sheet int, d digest, row table.Row) {
	by := d.sort()
	if s.limit != 0 && by >= s.limit {
		return
	}
	r := sampleRow{by: by, sheet: sheet, cells: slices.Clone(row.Cells), geometry: row.Geometry != nil}
	if r.geometry {
		r.at = middle(row.Geometry)
	}
	for i := range r.cells { // what is kept must not be long
		if r.cells[i].Kind == table.Number {
			continue
		}
		r.cells[i].Text, r.cells[i].Raw = short(exactText(r.cells[i])), nil
	}
	s.rows = append(s.rows, r)
	if len(s.rows) >= 2*sampleSize {
		s.cut()
		s.limit = s.rows[len(s.rows)-1].by
	}
}

func (s *sample) cut() {
	slices.SortStableFunc(s.rows, func(a, b sampleRow) int {
		switch {
		case a.by < b.by:
			return -1
		case a.by > b.by:
			return 1
		}
		return 0
	})
	s.rows = s.rows[:min(len(s.rows), sampleSize)]
}

// survey is what one look at all rows gives.
type survey struct {
	rows    int64
	bySheet []int64
	sample  sample
}

func newSurvey(ctx context.Context, f *table.File) (*survey, error) {
	s := &survey{bySheet: make([]int64, len(f.Sheets))}
	for i, sheet := range f.Sheets {
		d := newDigester(sheet.Columns)
		for row, err := range sheet.Rows(ctx) {
			if err != nil {
				return nil, err
			}
			s.bySheet[i]++
			if row.Fault == nil && noRow(row) == "" {
				s.sample.add(i, d.of(row), row)
			}
		}
		s.rows += s.bySheet[i]
	}
	s.sample.cut()
	return s, nil
}

// values are the cells of a column in the sample that are not empty.
func (s *survey) values(f *table.File, column string) []table.Value {
	var all []table.Value
	at := make([]int, len(f.Sheets))
	for i, sheet := range f.Sheets {
		at[i] = slices.IndexFunc(sheet.Columns, func(c table.Column) bool { return c.Name == column })
	}
	for _, row := range s.sample.rows {
		if i := at[row.sheet]; i >= 0 && i < len(row.cells) && row.cells[i].Kind != table.Empty {
			all = append(all, row.cells[i])
		}
	}
	return all
}
