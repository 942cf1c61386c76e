// Package table reads files of rows: CSV and its kin, workbooks, and the formats of
// geographic data, each by what it holds and not by its name alone.
//
// Rows are streamed, in the order of the file, and a row that cannot be read is a
// fault of that row. Coordinates are those of the file, x east and y north, in the
// system that Sheet.CRS names. What a file says in its own language of formulas,
// macros or links is never run and never fetched.
//
// The package knows nothing of places, HTTP or file systems.
package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// Source is the bytes of a file.
type Source struct {
	Name string // without folders
	R    io.ReaderAt
	Size int64
}

// during is the Source until ctx is done.
func (s Source) during(ctx context.Context) Source {
	s.R = readerDuring{ctx, s.R}
	return s
}

type readerDuring struct {
	ctx context.Context
	r   io.ReaderAt
}

func (d readerDuring) ReadAt(p []byte, off int64) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	return d.r.ReadAt(p, off)
}

// Options says how a file is read. The zero Options finds all out.
type Options struct {
	Sheet       string // only this one
	HeaderRow   int    // 1-based row or line with the names of the columns; 0: found
	Encoding    string // of text, such as "GB18030"; "": found
	Delimiter   rune   // of text; 0: found
	MaxUnpacked int64  // bytes of all that a packed file holds; 0: 1 GiB
	MaxColumns  int    // 0: 1024
	MaxRow      int    // bytes of one row; 0: 1 MiB
}

func (o Options) complete() Options {
	if o.MaxUnpacked == 0 {
		o.MaxUnpacked = 1 << 30
	}
	if o.MaxColumns == 0 {
		o.MaxColumns = 1024
	}
	if o.MaxRow == 0 {
		o.MaxRow = 1 << 20
	}
	return o
}

// File is an open file. It must be closed.
type File struct {
	Format string // "CSV", "XLSX" …
	Sheets []*Sheet
	Notes  []Note

	close func() error
}

// Close lets go of what the file holds, but not of its Source.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Note is something that a person should know of how the file was read.
type Note struct {
	Sheet  string
	Row    int // 0: not about one
	Code   string
	EN, ZH string
}

// Sheet is one table of a file.
type Sheet struct {
	Name      string // "" where the file has but one that has no name
	Columns   []Column
	HeaderRow int      // 0: there is none
	CRS       *crs.CRS // that the file states; nil: none

	rows func(ctx context.Context) iter.Seq2[Row, error]
}

// Rows are the rows below the header, those that are empty left out. It may be called
// again. An error ends it: that of ctx, of the Source, or *geo.InvalidError where the
// file cannot be read on.
func (s *Sheet) Rows(ctx context.Context) iter.Seq2[Row, error] { return s.rows(ctx) }

// Column is one column.
type Column struct {
	Name   string // of its own: of two columns of one name the second is "名称 (2)"
	Header string // as it stands, "" where it has none
	Letter string // as spreadsheets call it: "C"
}

// Row is one row. Its cells are valid until the next row is asked for.
type Row struct {
	Number   int // 1-based row of the sheet, or line of the text
	Cells    []Value
	Geometry orb.Geometry      // nil: none
	ID       string            // that the format gives, "" where it gives none
	Fault    *geo.InvalidError // why this row cannot be read; then it has no cells
}

// Kind is the kind of a value.
type Kind uint8

// The kinds of values.
const (
	Empty Kind = iota
	Text
	Number // Number holds it
	Bool   // Number is 1 or 0
	Date   // Text is as ISO 8601 has it
	JSON   // Raw holds it
)

// Value is one cell.
type Value struct {
	Kind   Kind
	Text   string // as a person reads it
	Number float64
	Raw    []byte
}

// Open finds out what a file is and how it is laid out. The error is
// *geo.InvalidError where it is none that can be read, or that of the Source or ctx.
func Open(ctx context.Context, src Source, opt Options) (*File, error) {
	opt = opt.complete()
	head := make([]byte, max(0, min(src.Size, 4096)))
	n, err := src.R.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	open, reason := formatOf(head[:n], opt.Encoding != "")
	if reason != "" {
		return nil, &geo.InvalidError{Reason: reason}
	}
	f, err := open(ctx, src, opt)
	if err != nil {
		return nil, err
	}
	if opt.Sheet == "" {
		return f, nil
	}
	if err := f.only(opt.Sheet); err != nil {
		return nil, err
	}
	return f, nil
}

type opener func(ctx context.Context, src Source, opt Options) (*File, error)

// formatOf chooses the reader by how a file begins. stated is whether the encoding of
// a text is told.
func formatOf(head []byte, stated bool) (open opener, reason string) {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(head) == 0:
		return nil, "the file is empty"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, "is a workbook of the old kind (.xls) or is locked by a password; save it as .xlsx"
	case bytes.HasPrefix(head, []byte("\x00\x00\x27\x0a")):
		return nil, "is a part of a Shapefile; zip it together with its .dbf, .shx, .prj and .cpg"
	case bytes.HasPrefix(head, []byte("%PDF")):
		return nil, "is a PDF; only the table that it was made from can be read"
	case bytes.HasPrefix(head, []byte("{\\rtf")):
		return nil, "is a text document; save its table as .csv or .xlsx"
	case startsWith(text, "<html", "<!doctype html", "<table", "<meta", "<head"):
		return nil, "is a web page, though it may be called .xls; open it in a spreadsheet program and save it as .xlsx"
	}
	for _, f := range formats() {
		if f.is(head, text) {
			return f.open, ""
		}
	}
	stated = stated || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
	if n := controls(head); !stated && n > 2 && 20*n > len(head) && utf16Order(head) == nil {
		return nil, "is neither text nor one of the formats that are known"
	}
	return openText, ""
}

// startsWith reports whether a text starts with one of some words in lower case.
func startsWith(text []byte, words ...string) bool {
	for _, w := range words {
		if len(text) >= len(w) && strings.EqualFold(string(text[:len(w)]), w) {
			return true
		}
	}
	return false
}

// controls is how many bytes are of a kind that text does not have.
func controls(b []byte) (n int) {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			n++
		}
	}
	return n
}

// format is one kind of file beside text.
type format struct {
	is   func(head, text []byte) bool // text is head without a mark and white space before it
	open opener
}

// formats are the kinds of files, apart from text, which is what is left.
func formats() []format {
	return []format{
		{func(head, _ []byte) bool {
			return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
		}, openPacked},
		{looksLikeJSON, openGeoJSON},
		{looksLikeSQLite, openGPKG},
		{func(_, text []byte) bool { return rootIs(text, "kml") }, openKML},
		{func(_, text []byte) bool { return rootIs(text, "gpx") }, openGPX},
	}
}

// only leaves one sheet.
func (f *File) only(name string) error {
	var names []string
	for _, s := range f.Sheets {
		if s.Name == name {
			f.Sheets = []*Sheet{s}
			return nil
		}
		names = append(names, s.Name)
	}
	reason := "there is no sheet " + quote(name)
	if guess := geo.Nearest(name, names); guess != "" {
		reason += "; did you mean " + quote(guess) + "?"
	}
	return errors.Join(&geo.InvalidError{Field: "sheet", Reason: reason}, f.Close())
}
