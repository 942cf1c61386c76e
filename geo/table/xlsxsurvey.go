package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
)

// survey is what one look through a sheet tells of it.
type survey struct {
	book *workbook
	part sheetPart

	head   []headRow
	filled int    // rows that hold something
	used   []bool // columns that hold something in a row behind those of head
	wide   int    // row that reaches furthest to the right
	merges []merge

	formulas, valueless, errors, hidden, cleaned count

	last  int   // row of the header, or the last of its rows
	index []int // columns of the table
}

// count is how often something was met, and the row where it was first.
type count struct{ n, row int }

func (c *count) add(n, row int) {
	if n > 0 && c.n == 0 {
		c.row = row
	}
	c.n += n
}

// survey reads a sheet through.
func (w *workbook) survey(ctx context.Context, part sheetPart) (*survey, error) {
	r, in, err := w.openSheet(ctx, part)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	v := &survey{book: w, part: part}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, w.parts.fault(part.path, err)
		}
		v.see(&r.row)
		r.lightly = len(v.head) == headRows
	}
	v.merges = r.merges
	slices.SortStableFunc(v.merges, func(a, b merge) int { return cmp.Compare(a.top, b.top) })
	return v, nil
}

func (v *survey) see(row *sheetRow) {
	v.formulas.add(row.formulas, row.number)
	v.valueless.add(row.valueless, row.number)
	v.errors.add(row.errors, row.number)
	v.cleaned.add(row.cleaned, row.number)
	if blank(row.cells) {
		return
	}
	v.filled++
	if row.hidden {
		v.hidden.add(1, row.number)
	}
	if len(row.cells) > len(v.used) {
		v.used = append(v.used, make([]bool, len(row.cells)-len(v.used))...)
		v.wide = row.number
	}
	if len(v.head) < headRows {
		texts := make([]string, len(row.cells))
		for i, c := range row.cells {
			texts[i] = c.Text
		}
		v.head = append(v.head, newHeadRow(row.number, texts))
		return
	}
	for i, c := range row.cells {
		if c.Kind != Empty {
			v.used[i] = true
		}
	}
}

// fromRow are the columns that hold something in a row or below it.
func (v *survey) fromRow(row int) []bool {
	used := slices.Clone(v.used)
	for _, h := range v.head {
		for i, c := range h.cells {
			used[i] = used[i] || c != "" && h.number >= row
		}
	}
	return used
}

func (v *survey) width() (n int) {
	for _, used := range v.fromRow(0) {
		if used {
			n++
		}
	}
	return n
}

// aside reports whether a sheet is text beside the tables, such as an explanation: it
// has one column where another sheet has more.
func (v *survey) aside(all []*survey) bool {
	return v.width() == 1 && slices.ContainsFunc(all, func(o *survey) bool { return o.width() > 1 })
}

func (v *survey) leftOut() []Note {
	if v.filled == 0 {
		return nil
	}
	return []Note{{Sheet: v.part.name, Code: "text-sheet", EN: "this sheet has one column, unlike others, and was left out as text", ZH: "此工作表只有一列，视为说明文字，未导入"}}
}

// sheet lays the table out.
func (v *survey) sheet() (*Sheet, []Note, error) {
	opt := v.book.opt
	if n := v.width(); n > opt.MaxColumns {
		return nil, nil, &geo.InvalidError{Line: v.wide, Reason: fmt.Sprintf("has %d columns; %d at most; the last is %s", n, opt.MaxColumns, letter(len(v.used)-1))}
	}
	opt.MaxColumns = mostColumns // those that hold nothing do not count
	s, notes, err := layOut(v.head, opt)
	if err != nil {
		return nil, nil, err
	}
	s.Name = v.part.name
	v.last = s.HeaderRow
	var headers []string
	if s.HeaderRow > 0 {
		headers = v.headers(s.HeaderRow)
	}
	v.index = v.index[:0]
	columns := nameColumns(headers, len(v.used))
	s.Columns = s.Columns[:0]
	used := v.fromRow(s.HeaderRow)
	for i, c := range columns {
		if used[i] {
			s.Columns, v.index = append(s.Columns, c), append(v.index, i)
		}
	}
	if s.HeaderRow > 0 {
		notes = slices.DeleteFunc(notes, func(n Note) bool { return strings.HasPrefix(n.Code, "names-") })
		notes = append(notes, nameNotes(s)...)
	}
	s.rows = func(ctx context.Context) iter.Seq2[Row, error] { return v.rows(ctx, s) }
	return s, append(v.notes(), inNotes(s.Name, notes)...), nil
}

// headers are the names of the columns. Where cells of the row of names were made one,
// the names go on in the rows below: 产值 above 2006 and 2007 gives 产值 2006 and 产值 2007.
func (v *survey) headers(row int) []string {
	last := v.lastHead(row)
	var parts [][]string
	for _, h := range v.head {
		if h.number >= row && h.number <= last {
			parts = append(parts, v.spread(h))
		}
	}
	v.last = last
	headers := make([]string, len(v.used))
	for i := range headers {
		var words []string
		for _, p := range parts {
			if word := strings.TrimSpace(p[i]); word != "" && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
		headers[i] = strings.Join(words, " ")
	}
	return headers
}

// lastHead is the last row that names go on in, of those that begin in a row.
func (v *survey) lastHead(row int) int {
	last := row
	across := make([]bool, len(v.used))
	for _, m := range v.merges {
		if m.top == row && m.right > m.left && m.left < len(across) {
			for c := m.left; c <= min(m.right, len(across)-1); c++ {
				across[c] = true
			}
		}
	}
	if !slices.Contains(across, true) {
		return row
	}
	for _, m := range v.merges {
		if m.top == row && m.bottom < row+4 {
			last = max(last, m.bottom)
		}
	}
	if last > row {
		return last
	}
	for _, h := range v.head {
		if h.number != row+1 {
			continue
		}
		for i, c := range h.cells {
			if c != "" && !across[i] {
				return row
			}
		}
		return row + 1 // it stands below what goes across and nowhere else
	}
	return row
}

// spread is a row of names with cells that were made one filled to the right.
func (v *survey) spread(h headRow) []string {
	cells := make([]string, len(v.used))
	copy(cells, h.cells)
	for _, m := range v.merges {
		if m.top != h.number || m.left >= len(cells) {
			continue
		}
		for c := m.left + 1; c <= min(m.right, len(cells)-1); c++ {
			cells[c] = cells[m.left]
		}
	}
	return cells
}

func inNotes(sheet string, notes []Note) []Note {
	for i := range notes {
		notes[i].Sheet = sheet
	}
	return notes
}

// notes tell of what was met in the sheet.
func (v *survey) notes() (notes []Note) {
	add := func(c count, code, en, zh string) {
		if c.n > 0 {
			notes = append(notes, Note{Sheet: v.part.name, Row: c.row, Code: code, EN: en, ZH: zh})
		}
	}
	n := func(c count) string { return strconv.Itoa(c.n) }
	add(v.formulas, "formulas", tell(v.formulas.n, "formula is", "formulas are")+" read as the value that the file keeps; the first is in this row", n(v.formulas)+"个公式按文件保存的值读取，首个在此行")
	add(v.valueless, "formulas-without-value", tell(v.valueless.n, "formula has", "formulas have")+" no value in the file; open and save it in a spreadsheet program to get them; the first is in this row", n(v.valueless)+"个公式在文件中没有值，请用表格软件打开并保存后再导入，首个在此行")
	add(v.errors, "error-values", tell(v.errors.n, "cell shows", "cells show")+" an error such as #N/A and counts as empty; the first is in this row", n(v.errors)+"个单元格为#N/A等错误值，按空白处理，首个在此行")
	add(v.hidden, "hidden-rows", tell(v.hidden.n, "row is", "rows are")+" hidden and read all the same; the first is this", n(v.hidden)+"行被隐藏，仍已读取，首行在此")
	add(v.cleaned, "texts-cleaned", "characters that cannot be seen were taken out of texts; the first are in this row", "已清除文字中的不可见字符，首处在此行")
	if len(v.merges) > 0 {
		first := v.merges[0].top
		notes = append(notes, Note{Sheet: v.part.name, Row: first, Code: "merged", EN: tell(len(v.merges), "block of merged cells has", "blocks of merged cells have") + " its value in each cell; the first begins in this row", ZH: strconv.Itoa(len(v.merges)) + "处合并单元格已按其值填充，首处始于此行"})
	}
	return notes
}
