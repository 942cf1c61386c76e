package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

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
			if m, ok := parseMerge(r.attr("ref")); ok && len(r.merges) < maxMerges {
				r.merges = append(r.merges, m)
			}
		}
	}
}

func (r *sheetReader) readRow() error {
	row := &r.row
	last := row.number
	clear(row.cells)
	*row = sheetRow{cells: row.cells[:0], number: r.attrInt("r", last+1), hidden: string(r.attr("hidden")) == "1"}
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

// readCell reads the cell whose tag is at hand, and gives its column.
func (r *sheetReader) readCell(last int) (column int, err error) {
	column = last + 1
	style, kind := 0, byte('n')
	for key, value, rest := nextAttr(r.attrs); key != nil; key, value, rest = nextAttr(rest) {
		switch string(key) {
		case "s":
			style, _ = smallInt(value)
		case "t":
			kind = cellKind(value)
		case "r":
			c, row, ok := parseCell(value)
			if !ok || row != r.row.number {
				r.row.fail(-1, "has a cell with the address "+quote(string(value)))
				return column, r.skip()
			}
			column = c
		}
	}
	if column >= mostColumns {
		r.row.fail(-1, fmt.Sprintf("has more than %d cells", mostColumns))
		return column - 1, r.skip()
	}
	formula, filled := false, false
	r.text = r.text[:0]
	for depth := 1; depth > 0; {
		k, err := r.xmlScan.next()
		if err != nil {
			return column, cmpErr(err)
		}
		switch {
		case k == xmlEnd:
			depth--
			continue
		case k == xmlText:
			continue
		}
		switch string(r.name) {
		case "f":
			formula = true
			err = r.skip()
		case "v":
			filled = true
			err = r.plainText()
		case "is":
			filled = true
			r.text, err = richText(r.xmlScan, r.text[:0])
		default:
			depth++
		}
		if err != nil {
			return column, err
		}
	}
	if formula {
		r.row.formulas++
		if !filled {
			r.row.valueless++
		}
	}
	if filled && len(r.text) > 0 {
		r.put(column, style, kind)
	}
	return column, nil
}

// plainText reads the text of an element that has nothing else in it.
func (r *sheetReader) plainText() error {
	for {
		kind, err := r.xmlScan.next()
		switch {
		case err != nil:
			return cmpErr(err)
		case kind == xmlEnd:
			return nil
		case kind == xmlStart:
			err = r.skip()
		case len(r.text) <= r.most:
			r.text = r.appendText(r.text)
		}
		if err != nil {
			return err
		}
	}
}

// cellKind is the attribute t of a cell in one letter.
func cellKind(t []byte) byte {
	switch string(t) {
	case "s":
		return 's'
	case "str", "inlineStr":
		return 't'
	case "b":
		return 'b'
	case "e":
		return 'e'
	case "d":
		return 'd'
	}
	return 'n'
}

// put keeps the value of a cell whose text is at hand.
func (r *sheetReader) put(column, style int, kind byte) {
	row := &r.row
	if r.lightly && kind != 'e' {
		row.keep(column, Value{Kind: Text})
		return
	}
	v, reason := r.value(style, kind)
	if reason != "" {
		row.fail(column, reason)
		return
	}
	if kind == 'e' {
		row.errors++
	}
	if v.Kind != Empty {
		row.keep(column, v)
	}
}

func (row *sheetRow) keep(column int, v Value) {
	for len(row.cells) <= column {
		row.cells = append(row.cells, Value{})
	}
	row.cells[column] = v
}

// value is the value of the cell whose text is at hand.
func (r *sheetReader) value(style int, kind byte) (v Value, reason string) {
	switch kind {
	case 's':
		i, ok := smallInt(r.text)
		if !ok || i >= len(r.book.texts) {
			return v, "refers to the text " + quote(string(r.text)) + ", which the workbook does not have"
		}
		if r.book.tooLong[i] {
			return v, fmt.Sprintf("is longer than %d bytes", r.book.opt.MaxRow)
		}
		return textValue(r.book.texts[i]), ""
	case 't':
		text, cleaned := cellText(r.text)
		if cleaned {
			r.row.cleaned++
		}
		return textValue(text), ""
	case 'b':
		if r.text[0] == '1' || r.text[0] == 't' {
			return Value{Kind: Bool, Text: "TRUE", Number: 1}, ""
		}
		return Value{Kind: Bool, Text: "FALSE"}, ""
	case 'e':
		return v, "" // #N/A and its like say that there is no value
	case 'd':
		text, _ := cellText(r.text)
		text = strings.TrimSuffix(strings.TrimSpace(text), ".000")
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02", "15:04:05"} {
			if _, err := time.Parse(layout, text); err == nil {
				return Value{Kind: Date, Text: strings.TrimSuffix(text, "T00:00:00")}, ""
			}
		}
		return textValue(text), ""
	}
	v, ok := r.book.numberValue(r.text, style)
	if !ok {
		return v, "holds " + quote(string(r.text)) + ", which is no number"
	}
	return v, ""
}

// parseCell reads an address such as AB12, with marks of $.
func parseCell(ref []byte) (column, row int, ok bool) {
	i, n := 0, 0
	for ; i < len(ref); i++ {
		c := ref[i] &^ 0x20
		if ref[i] == '$' {
			continue
		}
		if c < 'A' || c > 'Z' {
			break
		}
		if n = 26*n + int(c-'A') + 1; n > mostColumns {
			return 0, 0, false
		}
	}
	row, ok = smallInt(ref[i:])
	return n - 1, row, ok && n > 0 && row > 0 && row <= mostRows
}

// parseMerge reads a block such as A1:C3.
func parseMerge(ref []byte) (m merge, ok bool) {
	for i, c := range ref {
		if c != ':' {
			continue
		}
		var ok1, ok2 bool
		m.left, m.top, ok1 = parseCell(ref[:i])
		m.right, m.bottom, ok2 = parseCell(ref[i+1:])
		return m, ok1 && ok2 && m.left <= m.right && m.top <= m.bottom
	}
	return m, false
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
