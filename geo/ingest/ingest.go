// Package ingest makes features of the rows of a table: it finds out what its
// columns are for, puts each row to its place in China, and says of every row
// where it went, how exactly, and why.
//
// No row is lost: each is placed, or listed (kept without a geometry, for a person
// to look at), or refused (it could not be read). The same rows in any order give
// the same features, byte for byte.
//
// Points are longitude, latitude in degrees on WGS 84 (OGC:CRS84), whatever the
// table has. Divisions are adcodes (GB/T 2260). The package knows nothing of HTTP,
// and of files only what geo/table gives.
package ingest

import (
	"context"
	"fmt"
	"slices"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
)

// DefaultThreshold is the least confidence with which a row is placed where the
// mapping does not say another.
const DefaultThreshold = 0.6

// Options says how Import imports.
type Options struct {
	Mapping  Mapping
	Name     string       // of the file, for the report
	Lang     string       // of the texts in features: "en" or "zh"; "" means "en"
	MaxRows  int          // 0: no limit
	MaxBytes int64        // of the features; 0: 8 GiB
	Notes    []table.Note // of Plan, for the report

	// Outline gives the outline of a division, for totals that ask for outlines.
	Outline func(adcode string) (orb.Geometry, bool)
}

const maxBytes = 8 << 30

// Import reads all rows of f that the mapping asks for, once. It keeps the features
// as they are encoded and a Fate for each row, and no row. Columns that the mapping
// does not name are kept as they are; Plan makes a mapping that names all.
//
// progress, which may be nil, is called now and then with the number of rows read
// and their total, 0 where that is not known.
//
// The error is *geo.InvalidError where the mapping does not fit the file, it has too
// many rows, or it cannot be read on; or that of ctx. Rows that cannot be read are no
// error.
func Import(ctx context.Context, f *table.File, g *gazetteer.Gazetteer, opt Options, progress func(done, total int64)) (*Result, error) {
	if err := opt.Mapping.check(); err != nil {
		return nil, err
	}
	im, err := newImporter(f, g, opt)
	if err != nil {
		return nil, err
	}
	if progress != nil {
		im.progress = progress
	}
	for i := range im.sheets {
		if err := im.readSheet(ctx, &im.sheets[i]); err != nil {
			return nil, err
		}
	}
	if im.totals != nil {
		im.totals.join()
	} else {
		im.identify()
		im.placeLater()
	}
	im.noteUnused()
	im.noteUnread()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	im.progress(im.done, im.done)
	return im.finish(), nil
}

// importer is an import under way.
type importer struct {
	opt    Options
	g      *gazetteer.Gazetteer
	format string
	placer *placer
	enc    encoder
	sheets []sheetPlan
	totals *totals         // nil: rows are things
	wanted map[string]bool // ids that a correction may mean, until it is used
	later  []laterRow

	corrections map[string]Correction

	rows     []Fate
	idents   []ident
	features []pending
	texts    arena
	notes    []table.Note
	said     interner

	done, total int64
	progress    func(done, total int64)
}

// sheetPlan is how one sheet is read.
type sheetPlan struct {
	sheet  *table.Sheet
	layout *layout
	digest *digester
	cells  []int // the out column of each cell
}

// ident is a row that has an id.
type ident struct {
	base   string // "": made of the digest
	digest digest
	fate   int // its place in the report
}

// pending is a feature of a row.
type pending struct {
	fate int // of the row
	spot int // 1-based among those of its row; 0: the only one
	body span
}

// laterRow is a row that a person may have corrected, which is known when all ids are.
type laterRow struct {
	sheet *sheetPlan
	row   table.Row
	fate  int
}

func newImporter(f *table.File, g *gazetteer.Gazetteer, opt Options) (*importer, error) {
	if opt.Lang == "" {
		opt.Lang = "en"
	}
	if opt.MaxBytes == 0 {
		opt.MaxBytes = maxBytes
	}
	im := &importer{opt: opt, g: g, format: f.Format, placer: newPlacer(g, &opt.Mapping), progress: func(int64, int64) {}, total: opt.Mapping.rows}
	if n := int(min(im.total, 1<<20)); n > 0 { // grown slices would leave twice as much behind
		im.rows, im.idents, im.features = make([]Fate, 0, n), make([]ident, 0, n), make([]pending, 0, n)
	}
	im.enc.lang = opt.Lang
	if err := im.chooseSheets(f); err != nil {
		return nil, err
	}
	im.enc.sheets = len(im.sheets) > 1
	if opt.Mapping.Kind == KindTotals {
		im.totals, im.enc.totals = newTotals(im), true
	}
	im.notes = append(slices.Clip(f.Notes), opt.Notes...)
	im.nameColumns()
	if len(opt.Mapping.Corrections) > 0 {
		im.wanted, im.corrections = make(map[string]bool), make(map[string]Correction)
		for _, c := range opt.Mapping.Corrections {
			im.wanted[c.ID], im.corrections[c.ID] = true, c
			if base, ok := cutNumber(c.ID); ok {
				im.wanted[base] = true
			}
		}
	}
	return im, nil
}

// chooseSheets takes the sheets that the mapping names, and refuses names that the
// file does not have.
func (im *importer) chooseSheets(f *table.File) error {
	m := &im.opt.Mapping
	known := make(map[string]bool)
	for _, sheet := range f.Sheets {
		for _, c := range sheet.Columns {
			known[c.Name] = true
		}
		if m.Sheets != nil && !slices.Contains(m.Sheets, sheet.Name) {
			continue
		}
		l, err := newLayout(sheet, m)
		if err != nil {
			return err
		}
		im.sheets = append(im.sheets, sheetPlan{sheet: sheet, layout: l, digest: newDigester(sheet.Columns)})
	}
	for _, name := range m.Sheets {
		if !slices.ContainsFunc(f.Sheets, func(s *table.Sheet) bool { return s.Name == name }) {
			return &geo.InvalidError{Field: "sheets", Reason: fmt.Sprintf("there is no sheet %q", clip(name))}
		}
	}
	names := slices.Clone(m.Key)
	for _, c := range m.Columns {
		names = append(names, c.Column)
	}
	for _, name := range names {
		if known[name] {
			continue
		}
		all := make([]string, 0, len(known))
		for n := range known {
			all = append(all, n)
		}
		slices.Sort(all)
		reason := "there is no such column"
		if guess := geo.Nearest(name, all); guess != "" {
			reason += fmt.Sprintf("; did you mean %q?", clip(guess))
		}
		return &geo.InvalidError{Field: clip(name), Reason: reason}
	}
	return nil
}

// nameColumns gives each column its property, the same to columns of one name in
// several sheets.
func (im *importer) nameColumns() {
	taken := make(map[string]bool)
	at := make(map[string]int)
	for i := range im.sheets {
		s := &im.sheets[i]
		for _, c := range s.sheet.Columns {
			n, ok := at[c.Name]
			if !ok {
				n = len(im.enc.columns)
				at[c.Name] = n
				im.enc.columns = append(im.enc.columns, outColumn{name: c.Name})
				taken[c.Name] = true
			}
			s.cells = append(s.cells, n)
		}
	}
	for i := range im.enc.columns {
		c := &im.enc.columns[i]
		c.textName = unlike(c.name+"_text", taken)
		taken[c.textName] = true
		c.key = append(appendString(nil, c.name), ':')
		c.textKey = append(appendString(nil, c.textName), ':')
	}
	var changed [][2]string
	im.enc.names, changed = nameOwn(taken)
	for _, c := range changed {
		im.notes = append(im.notes, table.Note{Code: "name-taken",
			EN: fmt.Sprintf("the table has a column %q, which is kept; what the import adds is called %q", c[0], c[1]),
			ZH: fmt.Sprintf("表中已有“%s”列，予以保留；导入所加的列名为“%s”", c[0], c[1])})
	}
}

func (im *importer) readSheet(ctx context.Context, s *sheetPlan) error {
	for row, err := range s.sheet.Rows(ctx) {
		if err != nil {
			return err
		}
		if im.done++; im.done%512 == 0 {
			im.progress(im.done, im.total)
		}
		if im.opt.MaxRows > 0 && len(im.rows) >= im.opt.MaxRows {
			return &geo.InvalidError{Line: row.Number, Reason: fmt.Sprintf("there are more than %d rows", im.opt.MaxRows)}
		}
		im.readRow(s, row)
		if im.texts.size > im.opt.MaxBytes {
			return &geo.InvalidError{Line: row.Number, Reason: fmt.Sprintf("the features are more than %d MiB here", im.opt.MaxBytes>>20)}
		}
	}
	return nil
}

// readRow decides the fate of one row.
func (im *importer) readRow(s *sheetPlan, row table.Row) {
	fate := Fate{Row: row.Number}
	if len(im.sheets) > 1 || s.sheet.Name != "" {
		fate.Sheet = s.sheet.Name
	}
	if row.Fault != nil {
		fate.Fate, fate.Column, fate.Fault = Refused, row.Fault.Field, row.Fault.Reason
		im.rows = append(im.rows, fate)
		return
	}
	fate.Name, fate.Place = s.layout.rowName(row), s.layout.placeText(row)
	if fault := noRow(row); fault != "" {
		fate.Fate, fate.Fault = Refused, fault
		im.rows = append(im.rows, fate)
		return
	}
	im.rows = append(im.rows, fate)
	at := len(im.rows) - 1
	if im.totals != nil {
		im.totals.add(s, row, at)
		return
	}
	id := ident{base: s.layout.keyOf(row), digest: s.digest.of(row), fate: at}
	im.idents = append(im.idents, id)
	if im.wanted != nil && im.wanted[id.text()] {
		row.Cells = slices.Clone(row.Cells)
		im.later = append(im.later, laterRow{s, row, at})
		return
	}
	o := im.placer.place(s.layout, s.sheet, row)
	im.keep(s, row, at, &o)
}

// keep encodes the features of a row and sets its fate.
func (im *importer) keep(s *sheetPlan, row table.Row, at int, o *outcome) {
	o.reasons = im.said.of(o.reasons)
	im.rows[at].set(o)
	for i := range o.spots {
		p := pending{fate: at}
		if len(o.spots) > 1 {
			p.spot = i + 1
		}
		p.body = im.texts.keep(im.body(s, row, o, &o.spots[i]))
		im.features = append(im.features, p)
	}
}

// body is a feature behind its id, without the last brace.
func (im *importer) body(s *sheetPlan, row table.Row, o *outcome, sp *spot) []byte {
	b := append(im.enc.buf[:0], `,"geometry":`...)
	b = appendGeometry(b, sp.geometry)
	b = append(b, `,"properties":{`...)
	im.enc.again = sp != &o.spots[0]
	b = im.enc.properties(b, s, row)
	b = append(im.enc.placement(b, o, sp), '}')
	im.enc.buf = b
	return b
}

// placeLater places the rows that a person may have corrected.
func (im *importer) placeLater() {
	for _, l := range im.later {
		o := im.placer.place(l.sheet.layout, l.sheet.sheet, l.row)
		id := im.rows[l.fate].ID
		if _, ok := im.corrections[id]; !ok { // then of all rows that are equal, or have one key
			id = im.rows[l.fate].base
		}
		if c, ok := im.corrections[id]; ok {
			im.wanted[id] = false
			o = im.placer.correct(c, o)
		}
		im.keep(l.sheet, l.row, l.fate, &o)
	}
}

// noteUnread says of how many cells the number is not known.
func (im *importer) noteUnread() {
	for _, c := range im.enc.columns {
		if c.unread == 0 {
			continue
		}
		cells := fmt.Sprintf("%d cells", c.unread)
		if c.unread == 1 {
			cells = "1 cell"
		}
		im.notes = append(im.notes, table.Note{Code: "unread",
			EN: fmt.Sprintf("%s of the column %q cannot be read as a number in its unit: the text is in %q, the number is null", cells, clip(c.name), clip(c.textName)),
			ZH: fmt.Sprintf("“%s”列有%d格不能按该列单位读成数字：数值留空，原文在“%s”", clip(c.name), c.unread, clip(c.textName))})
	}
}

// noteUnused says which corrections are of no row.
func (im *importer) noteUnused() {
	for _, c := range im.opt.Mapping.Corrections {
		if im.wanted[c.ID] {
			im.notes = append(im.notes, table.Note{Code: "correction-unused",
				EN: fmt.Sprintf("the correction of %q is of no row", clip(c.ID)), ZH: fmt.Sprintf("更正“%s”没有对应的行", clip(c.ID))})
		}
	}
}
