package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"clustermap/geo"
)

const (
	mostRows    = 1 << 20 // of a sheet
	mostColumns = 1 << 14
	maxMerges   = 100_000
)

// sheetRow is one row as the sheet has it. Cells that are empty have no kind.
type sheetRow struct {
	number        int
	cells         []Value // up to the last that is filled
	fault, column string  // of the first cell that cannot be read
	formulas      int
	valueless     int // formulas whose value is not kept
	errors        int // such as #N/A
	cleaned       int // texts that held characters that cannot be seen
	hidden        bool
	dropped       bool // too long to be kept
}

// sheetReader reads the rows of a sheet.
type sheetReader struct {
	*xmlScan
	book *workbook
	row  sheetRow
	text []byte // of the cell at hand

	lightly bool // only whether cells hold something is asked

	merges []merge // that follow the rows
}

// merge is a block of cells that were made one; 0-based columns, 1-based rows, ends
// included.
type merge struct{ left, top, right, bottom int }

// next reads the next row; io.EOF at the end of the sheet.
func (r *sheetReader) next() error {
	for {
		kind, err := r.xmlScan.next()
		if err != nil {
			return err
		}
		if kind != xmlStart {
			continue
		}
		switch string(r.name) {
		case "row":
			return r.readRow()
		case "mergeCell":
			m, ok := parseMerge(r.attr("ref"))
			if !ok {
				continue
			}
			if r.merges = append(r.merges, m); len(r.merges) > maxMerges {
				return &geo.InvalidError{Reason: fmt.Sprintf("has more than %d blocks of merged cells", maxMerges)}
			}
		}
	}
}

func (r *sheetReader) readRow() error {
	row := &r.row
	last := row.number
	clear(row.cells)
	*row = sheetRow{cells: row.cells[:0], number: r.attrInt("r", last+1), hidden: isTrue(r.attr("hidden"))}
	if row.number <= last || row.number > mostRows {
		return &geo.InvalidError{Reason: fmt.Sprintf("is damaged: row %d comes after row %d", row.number, last)}
	}
	began := r.read
	r.long = false
	column := -1
	for {
		kind, err := r.xmlScan.next()
		if err != nil {
			return cmpErr(err)
		}
		if kind == xmlEnd && string(r.name) == "row" {
			break
		}
		if kind != xmlStart {
			continue
		}
		if string(r.name) != "c" {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if column, err = r.readCell(column); err != nil {
			return err
		}
		if r.read-began > 4*int64(r.book.opt.MaxRow) && !row.dropped {
			clear(row.cells) // so that no row holds much
			row.cells, row.dropped = row.cells[:0], true
		}
	}
	if most := r.book.opt.MaxRow; r.long || r.read-began > int64(most)*4 || textBytes(row.cells) > most {
		row.fail(-1, fmt.Sprintf("is longer than %d bytes", most))
	}
	return nil
}

func textBytes(cells []Value) (n int) {
	for _, v := range cells {
		n += len(v.Text)
	}
	return n
}

// fail makes a fault of a cell that of the row, if it is the first.
func (row *sheetRow) fail(column int, reason string) {
	if row.fault == "" {
		row.fault = reason
		if column >= 0 {
			row.column = letter(column)
		}
	}
}

// openSheet begins to read a sheet.
func (w *workbook) openSheet(ctx context.Context, part sheetPart) (*sheetReader, io.Closer, error) {
	in, err := w.parts.open(ctx, part.path)
	if err != nil {
		return nil, nil, err
	}
	return &sheetReader{xmlScan: newXMLScan(in, w.opt.MaxRow), book: w}, in, nil
}

// rows are the rows of a sheet below its header, as they are laid out.
func (v *survey) rows(ctx context.Context, s *Sheet) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r, in, err := v.book.openSheet(ctx, v.part)
		if err != nil {
			yield(Row{}, inSheet(s.Name, err))
			return
		}
		defer in.Close()
		fill := newFiller(v)
		cells := make([]Value, len(s.Columns))
		for {
			err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Row{}, inSheet(s.Name, v.book.parts.fault(v.part.path, err)))
				return
			}
			row := Row{Number: r.row.number, Cells: cells}
			fill.take(&r.row)
			if r.row.number <= v.last {
				continue
			}
			switch {
			case r.row.fault != "":
				row.Cells, row.Fault = nil, &geo.InvalidError{Line: row.Number, Field: v.columnName(s, r.row.column), Reason: r.row.fault}
			case blank(r.row.cells):
				continue
			default:
				for i, at := range v.index {
					cells[i] = fill.at(at, &r.row)
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// columnName is the name of the column with a letter.
func (v *survey) columnName(s *Sheet, letter string) string {
	for _, c := range s.Columns {
		if c.Letter == letter {
			return c.Name
		}
	}
	return letter
}

// filler gives cells that were made one the value of the first of them.
type filler struct {
	merges []merge // by row
	next   int
	fills  []filling // by column
	width  int       // columns of the table
}

type filling struct {
	v     Value
	until int
}

func newFiller(v *survey) *filler {
	return &filler{merges: v.merges, fills: make([]filling, len(v.used)), width: len(v.index)}
}

// take notes what begins in a row.
func (f *filler) take(row *sheetRow) {
	for ; f.next < len(f.merges) && f.merges[f.next].top <= row.number; f.next++ {
		m := f.merges[f.next]
		if m.top < row.number || m.left >= len(row.cells) {
			continue
		}
		right := min(m.right, len(f.fills)-1)
		if right-m.left+1 >= f.width {
			right = m.left // a line across the table, such as a heading
		}
		for c := m.left; c <= right; c++ {
			f.fills[c] = filling{row.cells[m.left], m.bottom}
		}
	}
}

// at is the value of a column in a row.
func (f *filler) at(column int, row *sheetRow) Value {
	if column < len(row.cells) && row.cells[column].Kind != Empty {
		return row.cells[column]
	}
	if f.fills[column].until >= row.number {
		return f.fills[column].v
	}
	return Value{}
}

// tell is a number of things for a note.
func tell(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
