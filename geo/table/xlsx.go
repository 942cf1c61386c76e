package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
)

// workbook is what the sheets of a workbook share.
type workbook struct {
	parts   *packed
	opt     Options
	texts   []string     // shared by cells
	tooLong map[int]bool // texts that are longer than a row may be
	cleaned int          // of texts: held characters that cannot be seen
	formats []numberFormat
	from04  bool // dates are counted from 1904
	render  *renderer
}

// sheetPart is one sheet as the workbook lists it.
type sheetPart struct {
	name, path string
	hidden     bool
}

// openXLSX opens a workbook. Its parts are read as streams, each sheet once to find out
// how it is laid out and once more for each call of Rows.
func openXLSX(ctx context.Context, p *packed, opt Options) (*File, error) {
	w := &workbook{parts: p, opt: opt, render: new(renderer), tooLong: make(map[int]bool)}
	main := w.part(ctx, "", "officeDocument", "xl/workbook.xml")
	sheets, err := w.sheetParts(ctx, main)
	if err != nil {
		return nil, err
	}
	if err := w.readStyles(ctx, main); err != nil {
		return nil, err
	}
	if err := w.readTexts(ctx, main); err != nil {
		return nil, err
	}
	f := &File{Format: "XLSX", Notes: w.ignored()}
	f.close = w.render.close
	var surveys []*survey
	for _, part := range sheets {
		if part.hidden && opt.Sheet == "" {
			f.Notes = append(f.Notes, Note{Sheet: part.name, Code: "hidden-sheet", EN: "this sheet is hidden and was left out", ZH: "此工作表已隐藏，未导入"})
			continue
		}
		if opt.Sheet != "" && part.name != opt.Sheet {
			f.Sheets = append(f.Sheets, &Sheet{Name: part.name}) // Open leaves it out
			continue
		}
		v, err := w.survey(ctx, part)
		if err != nil {
			return nil, errors.Join(inSheet(part.name, err), f.Close())
		}
		surveys = append(surveys, v)
	}
	for _, v := range surveys {
		if v.filled == 0 && opt.Sheet != "" {
			return nil, errors.Join(&geo.InvalidError{Reason: "sheet " + quote(opt.Sheet) + " is empty"}, f.Close())
		}
		if v.filled == 0 || v.aside(surveys) && opt.Sheet == "" {
			f.Notes = append(f.Notes, v.leftOut()...)
			continue
		}
		s, notes, err := v.sheet()
		if err != nil {
			return nil, errors.Join(inSheet(v.part.name, err), f.Close())
		}
		f.Sheets, f.Notes = append(f.Sheets, s), append(f.Notes, notes...)
	}
	if len(f.Sheets) == 0 {
		return nil, errors.Join(&geo.InvalidError{Reason: "has no sheet with a table in it"}, f.Close())
	}
	return f, nil
}

// inSheet names the sheet that an error is of.
func inSheet(name string, err error) error {
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	told := *invalid
	told.Reason = "sheet " + quote(name) + ": " + told.Reason
	return &told
}

// ignored are notes of what a workbook has that is not read.
func (w *workbook) ignored() (notes []Note) {
	if w.parts.has("xl/vbaProject.bin") || w.parts.hasUnder("xl/macrosheets") {
		notes = append(notes, Note{Code: "macros", EN: "the macros of the workbook were ignored", ZH: "工作簿中的宏已忽略"})
	}
	if w.parts.hasUnder("xl/externallinks") {
		notes = append(notes, Note{Code: "external-links", EN: "links to other workbooks were not followed; their cells hold the value last kept", ZH: "未访问指向其他工作簿的链接，单元格取其上次保存的值"})
	}
	if w.parts.has("xl/connections.xml") || w.parts.hasUnder("xl/querytables") {
		notes = append(notes, Note{Code: "connections", EN: "connections to other data were not followed", ZH: "未访问外部数据连接"})
	}
	if w.cleaned > 0 {
		notes = append(notes, Note{Code: "texts-cleaned", EN: "characters that cannot be seen were taken out of " + tell(w.cleaned, "text", "texts"), ZH: "已清除" + strconv.Itoa(w.cleaned) + "处文字中的不可见字符"})
	}
	return notes
}

// each calls do for each start of an element of a part.
func (w *workbook) each(ctx context.Context, name string, do func(s *xmlScan) error) error {
	r, err := w.parts.open(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	s := newXMLScan(r, w.opt.MaxRow)
	for {
		kind, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && kind == xmlStart {
			err = do(s)
		}
		if err != nil {
			return w.parts.fault(name, err)
		}
	}
}

// relation is a part that another refers to.
type relation struct{ id, kind, target string }

// relations are the parts that a part refers to; none where they cannot be read.
func (w *workbook) relations(ctx context.Context, of string) (list []relation) {
	name := path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	if of == "" {
		name = "_rels/.rels"
	}
	err := w.each(ctx, name, func(s *xmlScan) error {
		if string(s.name) != "Relationship" || s.attrText("TargetMode") == "External" || len(list) > maxEntries {
			return nil
		}
		to := strings.ReplaceAll(s.attrText("Target"), "\\", "/")
		if strings.HasPrefix(to, "/") {
			to = to[1:]
		} else {
			to = path.Join(path.Dir(of), to)
		}
		list = append(list, relation{s.attrText("Id"), path.Base(s.attrText("Type")), to})
		return nil
	})
	if err != nil {
		return nil
	}
	return list
}

// part is where the part of a kind lies that another refers to, usual where it refers
// to none.
func (w *workbook) part(ctx context.Context, of, kind, usual string) string {
	for _, r := range w.relations(ctx, of) {
		if r.kind == kind && w.parts.has(r.target) {
			return r.target
		}
	}
	return usual
}

const maxSheets = 1000

func (w *workbook) sheetParts(ctx context.Context, main string) (sheets []sheetPart, err error) {
	targets := make(map[string]string)
	for _, r := range w.relations(ctx, main) {
		if r.kind == "worksheet" && w.parts.has(r.target) {
			targets[r.id] = r.target
		}
	}
	err = w.each(ctx, main, func(s *xmlScan) error {
		switch string(s.name) {
		case "workbookPr":
			w.from04 = isTrue(s.attr("date1904"))
		case "sheet":
			id := s.attrText("id")
			part := sheetPart{name: tidy(strings.ToValidUTF8(s.attrText("name"), "\ufffd")), path: targets[id], hidden: strings.Contains(strings.ToLower(s.attrText("state")), "hidden")}
			if part.path == "" {
				return nil // a chart, a dialogue or a macro
			}
			if slices.ContainsFunc(sheets, func(o sheetPart) bool { return o.path == part.path }) {
				return &geo.InvalidError{Reason: "is damaged: two of its sheets are one part"}
			}
			if sheets = append(sheets, part); len(sheets) > maxSheets {
				return &geo.InvalidError{Reason: fmt.Sprintf("has more than %d sheets", maxSheets)}
			}
		}
		return nil
	})
	return sheets, err
}

const (
	maxTexts     = 8 << 20
	maxTextBytes = 256 << 20
)

// readTexts reads the texts that cells share. They are kept in large pieces, so that
// millions take little more room than their letters.
func (w *workbook) readTexts(ctx context.Context, main string) error {
	name := w.part(ctx, main, "sharedStrings", "xl/sharedStrings.xml")
	if !w.parts.has(name) {
		return nil
	}
	var piece, text []byte
	var ends []int
	total := 0
	flush := func() {
		all, from := string(piece), 0
		for _, end := range ends {
			w.texts, from = append(w.texts, all[from:end]), end
		}
		piece, ends = piece[:0], ends[:0]
	}
	err := w.each(ctx, name, func(s *xmlScan) (err error) {
		if string(s.name) != "si" {
			return nil
		}
		s.long = false
		if text, err = richText(s, text[:0]); err != nil {
			return err
		}
		if s.long {
			w.tooLong[len(w.texts)+len(ends)] = true
			text = text[:0]
		}
		tidied, cleaned := cellText(text)
		if cleaned {
			w.cleaned++
		}
		if total += len(tidied); total > maxTextBytes || len(w.texts)+len(ends) >= maxTexts {
			return &geo.InvalidError{Reason: "has more texts than can be read; split it or save it as .csv"}
		}
		piece = append(piece, tidied...)
		if ends = append(ends, len(piece)); len(piece) > 1<<16 || len(ends) > 1<<12 {
			flush()
		}
		return nil
	})
	flush()
	return err
}

// richText is the text of an element that has begun, without how it is spoken.
func richText(s *xmlScan, out []byte) ([]byte, error) {
	in := false
	for depth := 1; depth > 0; {
		kind, err := s.next()
		if err != nil {
			return out, cmpErr(err)
		}
		switch kind {
		case xmlStart:
			if string(s.name) == "rPh" {
				if err := s.skip(); err != nil {
					return out, err
				}
				continue
			}
			in = string(s.name) == "t"
			depth++
		case xmlEnd:
			in = false
			depth--
		case xmlText:
			if in && len(out) <= s.most {
				out = s.appendText(out)
			}
		}
	}
	s.long = s.long || len(out) > s.most
	return out, nil
}

// cellText is a text as a person reads it: what workbooks write as _x000D_ is a
// character. cleaned is whether it held characters that cannot be seen.
func cellText(b []byte) (text string, cleaned bool) {
	s := strings.ToValidUTF8(string(b), "\ufffd")
	if strings.Contains(s, "_x") {
		s = unescaped(s)
	}
	text = tidy(s)
	return strings.ReplaceAll(text, "\r\n", "\n"), text != s
}

// unescaped is a text with what is written as _x000D_ resolved.
func unescaped(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if c, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				b.WriteRune(rune(c))
				s = s[7:]
				continue
			}
		}
		b.WriteString("_x")
		s = s[len("_x"):]
	}
}
