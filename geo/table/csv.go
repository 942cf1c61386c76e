package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"clustermap/geo"
)

// openText opens CSV and its kin.
func openText(ctx context.Context, src Source, opt Options) (*File, error) {
	set, err := charsetOf(src.during(ctx), opt.Encoding)
	if err != nil {
		return nil, err
	}
	f := &File{Format: "CSV"}
	if set.name != "UTF-8" || opt.Encoding != "" {
		f.Notes = append(f.Notes, Note{Code: "encoding", EN: "the text is read as " + set.name, ZH: "文字按" + set.name + "读取"})
	}
	if set.spoilt > 0 {
		f.Notes = append(f.Notes, Note{Code: "spoilt-text", EN: tell(set.spoilt, "byte is", "bytes are") + " not of the encoding and shown as \ufffd", ZH: strconv.Itoa(set.spoilt) + "个字节不符合编码，显示为\ufffd"})
	}
	if strings.ContainsRune("\"\r\n", opt.Delimiter) && opt.Delimiter != 0 {
		return nil, &geo.InvalidError{Field: "delimiter", Reason: quote(string(opt.Delimiter)) + " cannot separate cells"}
	}
	t := &textFile{src: src, set: set, opt: opt, comma: opt.Delimiter}
	if t.bare, err = t.onlyReturns(ctx); err != nil {
		return nil, err
	}
	if t.comma == 0 {
		if t.comma, err = t.guessDelimiter(ctx); err != nil {
			return nil, err
		}
	}
	if t.comma == '\t' {
		f.Format = "TSV"
	} else if t.comma != ',' {
		name := quote(string(t.comma))
		f.Notes = append(f.Notes, Note{Code: "delimiter", EN: "cells are separated by " + name, ZH: "单元格以" + name + "分隔"})
	}
	first, err := t.first(ctx, headRows)
	if err != nil {
		return nil, err
	}
	if filled(first) == 0 {
		return nil, &geo.InvalidError{Reason: "the file is empty: no row holds anything that can be read"}
	}
	sheet, notes, err := layOut(first, opt)
	if err != nil {
		return nil, err
	}
	sheet.rows = func(ctx context.Context) iter.Seq2[Row, error] { return t.rows(ctx, sheet) }
	f.Sheets, f.Notes = []*Sheet{sheet}, append(f.Notes, notes...)
	return f, nil
}

// textFile is a text of records.
type textFile struct {
	src   Source
	set   charset
	opt   Options
	comma rune
	bare  bool // lines end with a carriage return alone
}

func (t *textFile) records(ctx context.Context, comma rune) *records {
	r := t.set.reader(t.src.during(ctx))
	if t.bare {
		r = returns{r}
	}
	return &records{r: r, comma: comma, most: t.opt.MaxRow, wide: t.opt.MaxColumns, line: 1}
}

// onlyReturns reports whether the text begins with lines that end with a carriage
// return alone.
func (t *textFile) onlyReturns(ctx context.Context) (bool, error) {
	head := make([]byte, firstFill)
	n, err := io.ReadFull(t.set.reader(t.src.during(ctx)), head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return bytes.IndexByte(head[:n], '\n') < 0 && bytes.IndexByte(bytes.TrimSuffix(head[:n], []byte("\r")), '\r') >= 0, nil
}

// first are the first records that hold something, with their lines.
func (t *textFile) first(ctx context.Context, n int) ([]headRow, error) {
	rec := t.records(ctx, t.comma)
	var rows []headRow
	for len(rows) < n {
		r, err := rec.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if r.fault == "" && (r.beyond > 0 || filledCells(r.cells) > 0) {
			row := newHeadRow(r.line, r.cells)
			row.width = max(row.width, r.beyond)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// guessDelimiter takes the mark that cuts the first records into the same number of
// cells, of several the one that gives more.
func (t *textFile) guessDelimiter(ctx context.Context) (rune, error) {
	best, score := ',', 0.0
	for _, comma := range []rune{',', '\t', ';', '|', '，'} {
		rec := t.records(ctx, comma)
		rec.r = io.LimitReader(rec.r, int64(2*t.opt.MaxRow))
		counts := make(map[int]int)
		total := 0
		for total < 50 {
			r, err := rec.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return 0, err
			}
			if r.fault == "" && (r.beyond > 0 || filledCells(r.cells) > 0) {
				counts[r.count]++
				total++
			}
		}
		for cells, n := range counts {
			if cells < 2 || n*2 < total {
				continue
			}
			if s := float64(n)/float64(total) + 0.01*float64(min(cells, 50)); s > score {
				best, score = comma, s
			}
		}
	}
	return best, nil
}

// rows are the records below the header.
func (t *textFile) rows(ctx context.Context, s *Sheet) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rec := t.records(ctx, t.comma)
		cells := make([]Value, len(s.Columns))
		for n := 0; ; n++ {
			if n%1024 == 0 && ctx.Err() != nil { // what is read already has many rows
				yield(Row{}, ctx.Err())
				return
			}
			r, err := rec.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Row{}, err)
				return
			}
			if r.line <= s.above() {
				continue
			}
			row := Row{Number: r.line, Cells: cells}
			if r.fault == "" {
				r.fault = fillText(cells, r)
			}
			if r.fault != "" {
				row.Cells, row.Fault = nil, &geo.InvalidError{Line: r.line, Reason: r.fault}
			} else if blank(cells) {
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// fillText puts the texts of a record into cells. fault is not "" where there are more
// than columns.
func fillText(cells []Value, r record) (fault string) {
	clear(cells)
	for i, text := range r.cells {
		switch {
		case i < len(cells):
			if text != "" {
				cells[i] = textValue(text)
			}
		case strings.TrimSpace(text) != "":
			r.beyond = i + 1
		}
	}
	if r.beyond > 0 {
		return fmt.Sprintf("has %d cells where the table has %d columns; is a delimiter within a text that has no quotes?", r.count, len(cells))
	}
	return ""
}

// textValue is a cell that is a text. Characters that would disturb what shows them
// are taken out; line ends stay.
func textValue(s string) Value {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if s = tidy(s); strings.TrimSpace(s) == "" {
		return Value{}
	}
	return Value{Kind: Text, Text: s}
}

func blank(cells []Value) bool {
	for _, v := range cells {
		if v.Kind != Empty {
			return false
		}
	}
	return true
}

// records takes a text apart into records, as RFC 4180 has it, with any delimiter. It
// holds no more than the longest record allowed. A quote within a text that does not
// begin with one stands for itself.
type records struct {
	r     io.Reader
	comma rune
	most  int // bytes of a record
	wide  int // cells of a record that are kept, and one more
	line  int // of what comes next

	buf   []byte
	pos   int
	ended bool

	text   []byte // of the cells of the record at hand
	ends   []int  // of each in text
	cells  []string
	count  int
	beyond int
}

// record is one record, or why it cannot be read. Its cells are valid until the next.
type record struct {
	line   int
	cells  []string
	count  int // of all cells, also those that are not kept
	beyond int // the last that is not kept and holds something; 0: none
	fault  string
}

const firstFill = 1 << 16

// next is the next record; io.EOF at the end.
func (s *records) next() (record, error) {
	for {
		if s.pos == len(s.buf) {
			if err := s.fill(); err != nil {
				return record{}, err
			}
			if s.pos == len(s.buf) {
				return record{}, io.EOF
			}
		}
		rest := s.buf[s.pos:]
		size, whole := s.cut(rest)
		if whole && size <= s.most {
			r := record{line: s.line, cells: s.strings(), count: s.count, beyond: s.beyond}
			s.take(size)
			return r, nil
		}
		if !whole && !s.ended && len(rest) <= s.most {
			if err := s.fill(); err != nil {
				return record{}, err
			}
			continue
		}
		return s.spoiled(whole, size)
	}
}

// spoiled is the fault of a record that is too long or whose quote is not closed. What
// follows the first line of the latter is read as if the quote were not there.
func (s *records) spoiled(whole bool, size int) (record, error) {
	r := record{line: s.line, fault: fmt.Sprintf("is longer than %d bytes", s.most)}
	if whole {
		s.take(size)
		return r, nil
	}
	for first := true; ; first = false {
		i := bytes.IndexByte(s.buf[s.pos:], '\n')
		if first && (i >= 0 && i < s.most || i < 0 && len(s.buf)-s.pos <= s.most) {
			r.fault = "a quote is opened and not closed"
		}
		if i < 0 && !s.ended {
			s.pos = len(s.buf)
			if err := s.fill(); err != nil {
				return record{}, err
			}
			continue
		}
		if i < 0 {
			i = len(s.buf) - s.pos - 1
		}
		s.take(i + 1)
		return r, nil
	}
}

func (s *records) take(size int) {
	s.line += bytes.Count(s.buf[s.pos:s.pos+size], []byte{'\n'})
	s.pos += size
}

// fill reads more behind what is not taken yet: as much again, so that a long record
// is looked at a few times only.
func (s *records) fill() error {
	if s.ended {
		return nil
	}
	kept := copy(s.buf, s.buf[s.pos:])
	s.buf, s.pos = s.buf[:kept], 0
	want := max(2*kept, firstFill)
	if cap(s.buf) < want {
		s.buf = append(make([]byte, 0, want), s.buf...)
	}
	n, err := io.ReadFull(s.r, s.buf[kept:want])
	s.buf = s.buf[:kept+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.ended, err = true, nil
	}
	return err
}

// cut takes the record at the beginning of b apart. whole is whether all of it is
// there.
func (s *records) cut(b []byte) (size int, whole bool) {
	var comma [utf8.UTFMax]byte
	sep := comma[:utf8.EncodeRune(comma[:], s.comma)]
	s.text, s.ends, s.count, s.beyond = s.text[:0], s.ends[:0], 0, 0
	for {
		began, n := len(s.text), 0
		if len(b) > size && b[size] == '"' {
			if n, whole = s.quoted(b[size:]); !whole {
				return 0, false
			}
			if after := b[size+n:]; len(after) > 0 && after[0] != '\n' && after[0] != '\r' && !bytes.HasPrefix(after, sep) {
				s.text, n = s.text[:began], 0 // it is no quote but a mark of the text, such as inches
			}
		}
		text, end := untilMark(b[size+n:], sep)
		s.text = append(s.text, text...)
		s.endCell(began)
		size += n + end
		switch rest := b[size:]; {
		case len(rest) == 0:
			return size, s.ended
		case rest[0] == '\n':
			return size + 1, true
		case rest[0] == '\r':
			if len(rest) == 1 && !s.ended {
				return 0, false
			}
			return min(size+2, len(b)), true
		default:
			size += len(sep)
		}
	}
}

// endCell ends the cell that began in text. What is more than wide is not kept.
func (s *records) endCell(began int) {
	if s.count++; s.count <= s.wide+1 {
		s.ends = append(s.ends, len(s.text))
		return
	}
	if len(bytes.TrimSpace(s.text[began:])) > 0 {
		s.beyond = s.count
	}
	s.text = s.text[:began]
}

// strings are the cells of the record at hand. They share the memory of one text.
func (s *records) strings() []string {
	all, from := string(s.text), 0
	s.cells = s.cells[:0]
	for _, end := range s.ends {
		s.cells, from = append(s.cells, all[from:end]), end
	}
	return s.cells
}

// quoted appends the text in quotes at the beginning of b, with two for one inside.
func (s *records) quoted(b []byte) (size int, whole bool) {
	for i := 1; i < len(b); {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return 0, false
		}
		s.text = append(s.text, b[i:i+j]...)
		i += j + 1
		if i == len(b) && !s.ended {
			return 0, false // another quote may follow
		}
		if i < len(b) && b[i] == '"' {
			s.text = append(s.text, '"')
			i++
			continue
		}
		return i, true
	}
	return 0, false
}

// untilMark is what stands before the next delimiter or line end.
func untilMark(b, sep []byte) (text []byte, end int) {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\n':
			return b[:i], i
		case c == '\r' && (i+1 == len(b) || b[i+1] == '\n'):
			return b[:i], i
		case c == sep[0] && bytes.HasPrefix(b[i:], sep):
			return b[:i], i
		}
	}
	return b, len(b)
}
