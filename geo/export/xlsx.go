package export

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"clustermap/geo"

	"github.com/xuri/excelize/v2"
)

// Limits of Excel.
const (
	xlsxRows    = 1_048_576
	xlsxColumns = 16_384
	xlsxText    = 32_767 // UTF-16 units of a cell
)

// writeXLSX writes a workbook: the features with the names of the properties in
// a first row that stays and filters, and a sheet that tells of filter, date,
// source and the properties. Numbers, dates and booleans are typed, and so are
// texts: none is a formula. A whole number that Excel would round is a text, as
// is a date before 1900-03-01. A text that is too long for a cell is cut, WKT
// left out, and both are told in the cell and in the other sheet.
func writeXLSX(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	ws, err := newWorkspace(opt)
	if err != nil {
		return err
	}
	defer ws.remove()
	book := excelize.NewFile(excelize.Options{TmpDir: ws.dir})
	defer book.Close()
	out, err := ws.spool("book.xlsx")
	if err != nil {
		return err
	}
	b := &workbook{File: book, opt: opt, most: min(ws.max, math.MaxUint32), tooLarge: ws.tooLarge}
	if err := b.features(ctx, features); err != nil {
		return err
	}
	if err := b.about(); err != nil {
		return err
	}
	book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(&interruptible{ctx, out}) })
	if _, err := book.WriteToBuffer(); err != nil { // which stays empty
		return err
	}
	return out.send(ctx, w, opt)
}

// interruptible is a writer that fails when ctx is done.
type interruptible struct {
	ctx context.Context
	w   io.Writer
}

func (w *interruptible) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.w.Write(p)
}

// workbook is the workbook at work.
type workbook struct {
	*excelize.File
	opt                  *Options
	most, size           int64 // bytes of the sheet's XML, about
	tooLarge             func() error
	date, dateTime, bold int // styles
	values               []any
	cut, left            int // texts cut, WKT left out
}

// sheets are the names of the two sheets.
func (b *workbook) sheets() (features, about string) {
	if b.opt.Lang == "zh" {
		return "数据", "说明"
	}
	return "Features", "About"
}

func (b *workbook) styles() (err error) {
	style := func(s *excelize.Style) (id int) {
		if err == nil {
			id, err = b.NewStyle(s)
		}
		return id
	}
	date, dateTime := "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
	b.date = style(&excelize.Style{CustomNumFmt: &date})
	b.dateTime = style(&excelize.Style{CustomNumFmt: &dateTime})
	b.bold = style(&excelize.Style{Font: &excelize.Font{Bold: true}})
	return err
}

func (b *workbook) features(ctx context.Context, features iter.Seq2[geo.Feature, error]) error {
	t, err := newTable(b.opt)
	if err != nil {
		return err
	}
	if n := len(t.header); n > xlsxColumns {
		return &geo.InvalidError{Field: "f", Reason: fmt.Sprintf("xlsx has at most %d columns and these would be %d; name those you need in properties", xlsxColumns, n)}
	}
	if err := b.styles(); err != nil {
		return err
	}
	name, _ := b.sheets()
	if err := b.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	sheet, err := b.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := b.head(sheet, t); err != nil {
		return err
	}
	row := 1
	err = each(ctx, features, func(f geo.Feature) error {
		row++
		if row > xlsxRows {
			return &geo.InvalidError{Field: "f", Reason: fmt.Sprintf("xlsx has at most %d rows; select less by bbox, filter or limit, or take csv or gpkg", xlsxRows)}
		}
		b.row(t, f)
		if b.size > b.most {
			return b.tooLarge()
		}
		return sheet.SetRow("A"+strconv.Itoa(row), b.values)
	})
	if err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(t.header), row)
	if err != nil {
		return err
	}
	if err := b.AutoFilter(name, "A1:"+last, nil); err != nil {
		return err
	}
	return sheet.Flush()
}

// head writes the first row and lets it stay in view.
func (b *workbook) head(sheet *excelize.StreamWriter, t *table) error {
	const characters = 16
	if err := sheet.SetColWidth(1, len(t.header), characters); err != nil {
		return err
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}}}
	if err := sheet.SetPanes(panes); err != nil {
		return err
	}
	names := make([]any, len(t.header))
	for i, name := range t.header {
		names[i] = excelize.Cell{StyleID: b.bold, Value: b.text(name)}
	}
	return sheet.SetRow("A1", names)
}

// row puts the feature into b.values.
func (b *workbook) row(t *table, f geo.Feature) {
	r := t.row(f)
	b.values = b.values[:0]
	b.size += 32
	if id := f.ID(); id.IsNumber() {
		b.add(b.number(cell(id.String())))
	} else {
		b.add(b.text(id.String()))
	}
	for i, c := range r.cells {
		b.add(b.value(t.fields.list[i].kind, c))
	}
	if t.lonlat {
		for _, c := range r.point {
			b.add(b.number(cell(c)))
		}
	}
	if t.wkt {
		b.add(b.wkt(r.wkt))
	}
}

func (b *workbook) add(v any) {
	b.size += 40 // what is around a value
	if s, ok := v.(string); ok {
		b.size += int64(len(s))
	}
	b.values = append(b.values, v)
}

// value is nil for null.
func (b *workbook) value(kind fieldKind, c cell) any {
	if c == nil {
		return nil
	}
	switch kind {
	case fieldDate:
		if t, ok := c.date(); ok {
			return b.instant(t, b.date, c)
		}
	case fieldDateTime:
		if t, ok := c.dateTime(); ok {
			return b.instant(t, b.dateTime, c)
		}
	}
	switch c[0] {
	case '"', '[', '{':
		return b.text(c.text())
	case 't', 'f':
		return c[0] == 't'
	}
	return b.number(c)
}

// instant is a date of Excel, whose calendar is right from March 1900.
func (b *workbook) instant(t time.Time, style int, c cell) any {
	if t.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) {
		return b.text(c.text())
	}
	return excelize.Cell{StyleID: style, Value: t}
}

// number is nil for nothing, and a text where Excel would change the value.
func (b *workbook) number(c cell) any {
	if len(c) == 0 {
		return nil
	}
	const exact = 1 << 53
	if n, err := strconv.ParseInt(string(c), 10, 64); err == nil {
		if n < -exact || n > exact {
			return string(c)
		}
		return n
	}
	v, err := strconv.ParseFloat(string(c), 64)
	if err != nil || math.Abs(v) >= exact && v == math.Trunc(v) && !exactly(v, c) {
		return b.text(string(c))
	}
	return v
}

// exactly reports whether v is written as the digits of c.
func exactly(v float64, c cell) bool { return strconv.FormatFloat(v, 'g', -1, 64) == string(c) }

// text cuts what is too long for a cell, and says so.
func (b *workbook) text(s string) string {
	if len(s) <= xlsxText {
		return s
	}
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	if n <= xlsxText {
		return s
	}
	b.cut++
	note := fmt.Sprintf(" … [cut: %d characters]", n)
	room := xlsxText - len(note)
	for i, r := range s {
		if room -= max(1, utf16.RuneLen(r)); room < 0 {
			return s[:i] + note
		}
	}
	return s
}

func (b *workbook) wkt(text []byte) any {
	switch {
	case len(text) == 0:
		return nil
	case len(text) > xlsxText:
		b.left++
		return fmt.Sprintf("[%d characters of WKT are too long for a cell]", utf8.RuneCount(text))
	}
	return string(text)
}

// about writes the second sheet.
func (b *workbook) about() error {
	_, name := b.sheets()
	if _, err := b.NewSheet(name); err != nil {
		return err
	}
	in := func(en, zh string) string { return geo.Text{EN: en, ZH: zh}.In(b.opt.Lang) }
	row := 0
	put := func(style int, values ...any) error {
		row++
		at := "A" + strconv.Itoa(row)
		if style != 0 {
			if err := b.SetCellStyle(name, at, "F"+strconv.Itoa(row), style); err != nil {
				return err
			}
		}
		return b.SetSheetRow(name, at, &values)
	}
	list := facts(b.opt)
	list = append(list, Fact{geo.Text{EN: "Times", ZH: "时间"}, in("dates with times are in UTC", "带时刻的日期为协调世界时（UTC）")})
	if b.cut > 0 {
		list = append(list, Fact{geo.Text{EN: "Cut", ZH: "截断"}, fmt.Sprintf(in("%d texts were longer than a cell holds and are cut", "%d 个文本超过单元格上限，已截断"), b.cut)})
	}
	if b.left > 0 {
		list = append(list, Fact{geo.Text{EN: "Left out", ZH: "未写入"}, fmt.Sprintf(in("%d geometries are longer than a cell holds; take gpkg or geojson", "%d 个几何超过单元格上限，请使用 gpkg 或 geojson"), b.left)})
	}
	for _, f := range list {
		if err := put(0, b.text(f.Name.In(b.opt.Lang)), b.text(f.Value)); err != nil {
			return err
		}
	}
	row++
	if err := put(b.bold, in("Property", "属性"), in("Title", "名称"), in("Description", "说明"), in("Type", "类型"), in("Unit", "单位")); err != nil {
		return err
	}
	for _, f := range newFields(b.opt).list {
		unit := f.UnitTitle.In(b.opt.Lang)
		if unit == "" {
			unit = f.Unit
		}
		err := put(0, b.text(f.Name), b.text(f.Title.In(b.opt.Lang)), b.text(f.Description.In(b.opt.Lang)), string(f.Type), unit)
		if err != nil {
			return err
		}
	}
	const wide = 24
	return b.SetColWidth(name, "A", "C", wide)
}
