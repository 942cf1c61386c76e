package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"clustermap/geo"

	"github.com/xuri/excelize/v2"
)

// numberFormat is how the numbers of a cell are shown.
type numberFormat struct {
	code  string    // "" as they are
	id    int       // of a format that is built in; 0 if not
	shows dateShown // not 0: they are dates

	plain              bool // shown without help: as they are, or as these say
	fixed              bool
	places             int
	thousands, percent bool
}

// dateShown is what of a date a format shows.
type dateShown uint8

const (
	showsYear dateShown = 1 << iota
	showsMonth
	showsDay
	showsTime
)

const (
	maxFormats = 1 << 16
	maxCode    = 128 // bytes of a code that is followed
	maxPlaces  = 15
	maxStyles  = 1000 // codes that are rendered
)

// readStyles reads the formats of numbers.
func (w *workbook) readStyles(ctx context.Context, main string) error {
	name := w.part(ctx, main, "styles", "xl/styles.xml")
	if !w.parts.has(name) {
		return nil
	}
	codes := make(map[int]string)
	in := false
	return w.each(ctx, name, func(s *xmlScan) error {
		switch string(s.name) {
		case "numFmt":
			if len(codes) < maxFormats {
				codes[s.attrInt("numFmtId", 0)] = s.attrText("formatCode")
			}
		case "cellXfs":
			in = true
		case "cellStyles", "dxfs":
			in = false
		case "xf":
			if !in {
				return nil
			}
			if len(w.formats) >= maxFormats {
				return &geo.InvalidError{Reason: fmt.Sprintf("has more than %d styles", maxFormats)}
			}
			id := s.attrInt("numFmtId", 0)
			w.formats = append(w.formats, formatOfNumber(id, codes[id]))
		}
		return nil
	})
}

// formatOfNumber tells what a format shows.
func formatOfNumber(id int, code string) numberFormat {
	f := numberFormat{code: code}
	if len(code) > maxCode {
		return numberFormat{plain: true}
	}
	if code == "" {
		f.id = id
		switch {
		case id >= 14 && id <= 17 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id >= 57 && id <= 58:
			f.shows = showsYear | showsMonth | showsDay
			if id == 17 || id == 57 {
				f.shows = showsYear | showsMonth
			}
		case id >= 18 && id <= 21 || id >= 32 && id <= 35 || id == 55 || id == 56:
			f.shows = showsTime
		case id == 22:
			f.shows = showsYear | showsMonth | showsDay | showsTime
		}
	} else {
		f.shows = shownBy(code)
	}
	if code == "" {
		code = map[int]string{1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"}[id]
	}
	f.plain = code == "" && (f.id == 0 || f.id == 49 || f.id > 163) || strings.EqualFold(code, "general") || code == "@" || f.simple(code)
	return f
}

// simple takes codes such as #,##0.00 and 0.0% apart, which are met most.
func (f *numberFormat) simple(code string) bool {
	rest, percent := strings.CutSuffix(code, "%")
	rest, thousands := strings.CutPrefix(rest, "#,##")
	whole, places, _ := strings.Cut(rest, ".")
	if whole != "0" || strings.Trim(places, "0") != "" || len(places) > maxPlaces || strings.HasSuffix(rest, ".") {
		return strings.Contains(places, strings.Repeat("0", maxPlaces+1))
	}
	f.fixed, f.percent, f.thousands, f.places = true, percent, thousands, len(places)
	return true
}

// shownBy is what of a date a code such as yyyy"年"m"月" shows; 0 if it is not of dates.
func shownBy(code string) (shows dateShown) {
	letters := dateLetters(code)
	has := func(any string) bool { return strings.ContainsAny(letters, any) }
	if strings.Contains(letters, "general") || !has("ydhsm") && !has("e") {
		return 0
	}
	if has("0#?") && !has("ydhs") { // such as 0.0E+00
		return 0
	}
	if has("hs") {
		shows |= showsTime
	}
	if has("ye") {
		shows |= showsYear
	}
	if has("d") {
		shows |= showsDay
	}
	if has("m") && (shows&showsTime == 0 || shows&(showsYear|showsDay) != 0) {
		shows |= showsMonth
	}
	return shows
}

// dateLetters is the first part of a code without what stands for itself. A count of
// hours that runs on, such as [h], is not a time of day: it is left out too.
func dateLetters(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case '[':
			for i++; i < len(code) && code[i] != ']'; i++ {
				if strings.ContainsRune("hHmMsS", rune(code[i])) && i+1 < len(code) && (code[i+1] == ']' || code[i+1] == code[i]) {
					return ""
				}
			}
		case '\\', '_', '*':
			i++
		case ';':
			return strings.ToLower(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return strings.ToLower(strings.NewReplacer("AM/PM", "", "A/P", "", "am/pm", "").Replace(b.String()))
}

const lastSerial = 2958466 // the day after 9999-12-31

// dateText is a date as ISO 8601 has it, as much of it as is shown.
func (w *workbook) dateText(serial float64, shows dateShown) (string, bool) {
	if w.from04 {
		serial += 1462
	}
	if !(serial >= 0 && serial < lastSerial) {
		return "", false
	}
	day, part := math.Modf(serial)
	seconds := int64(math.Round(part * 86400))
	if day < 60 { // the calendar of workbooks has a 29 February 1900
		day++
	}
	t := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(day)).Add(time.Duration(seconds) * time.Second)
	switch date := shows &^ showsTime; {
	case date == 0:
		return t.Format("15:04:05"), true
	case shows&showsTime != 0:
		return t.Format("2006-01-02T15:04:05"), true
	case date == showsYear:
		return t.Format("2006"), true
	case date == showsYear|showsMonth:
		return t.Format("2006-01"), true
	}
	return t.Format("2006-01-02"), true
}

// numberValue is a cell that holds a number. ok is false where it is none.
func (w *workbook) numberValue(raw []byte, style int) (v Value, ok bool) {
	f := numberFormat{plain: true}
	if style >= 0 && style < len(w.formats) {
		f = w.formats[style]
	}
	if n, ok := smallInt(raw); ok && f.shows == 0 && f.plain && !f.fixed && (raw[0] != '0' || len(raw) == 1) {
		return Value{Kind: Number, Text: string(raw), Number: float64(n)}, true
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || bytes.IndexByte(raw, '_') >= 0 {
		return Value{}, false
	}
	if f.shows != 0 {
		if text, ok := w.dateText(n, f.shows); ok {
			return Value{Kind: Date, Text: text}, true
		}
	}
	text := plainNumber(n)
	if kept, err := strconv.ParseFloat(text, 64); err == nil {
		n = kept
	}
	switch {
	case f.fixed:
		text = f.show(n)
	case !f.plain && f.shows == 0 && math.Abs(n) < 1e15:
		text = w.render.show(raw, f, text)
		if len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9' {
			return Value{Kind: Text, Text: text}, true // a code such as 000042
		}
	}
	return Value{Kind: Number, Text: text, Number: n}, true
}

// plainNumber is a number with the 15 digits that workbooks keep.
func plainNumber(n float64) string {
	if a := math.Abs(n); a != 0 && (a >= 1e21 || a < 1e-9) {
		return strconv.FormatFloat(n, 'g', 15, 64)
	}
	return strconv.FormatFloat(keep15(n), 'f', -1, 64)
}

// keep15 is n with 15 digits.
func keep15(n float64) float64 {
	kept, err := strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	if err != nil {
		return n
	}
	return kept + 0 // not -0
}

// rounded is n with some places, halves away from zero as people round.
func rounded(n float64, places int) string {
	scale := math.Pow10(places)
	if up := math.Round(keep15(n * scale)); !math.IsInf(up, 0) {
		n = up/scale + 0
	}
	return strconv.FormatFloat(n, 'f', places, 64)
}

// show is a number in a fixed format.
func (f numberFormat) show(n float64) string {
	if f.percent {
		n *= 100
	}
	text := rounded(n, f.places)
	if f.thousands {
		sign := len(text) - len(strings.TrimPrefix(text, "-"))
		point := strings.IndexByte(text+".", '.')
		for at := point - 3; at > sign; at -= 3 {
			text = text[:at] + "," + text[at:]
		}
	}
	if f.percent {
		text += "%"
	}
	return text
}

// renderer shows numbers in the formats that are met less, such as 0.0"亿元". It is safe
// for concurrent use.
type renderer struct {
	mu     sync.Mutex
	book   *excelize.File
	styles map[numberFormat]int
}

// show is a number in a format; text where the format is not understood.
func (r *renderer) show(raw []byte, f numberFormat, text string) (shown string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if recover() != nil { // a format that the renderer does not stand
			shown = text
		}
	}()
	if r.book == nil {
		r.book, r.styles = excelize.NewFile(), make(map[numberFormat]int)
	}
	style, ok := r.styles[f]
	if !ok && len(r.styles) == maxStyles {
		return text
	}
	if !ok {
		look := &excelize.Style{NumFmt: f.id}
		if f.code != "" {
			look.CustomNumFmt = &f.code
		}
		var err error
		if style, err = r.book.NewStyle(look); err != nil {
			style = -1
		}
		r.styles[f] = style
	}
	if style < 0 {
		return text
	}
	const sheet, cell = "Sheet1", "A1"
	n, err := strconv.ParseFloat(string(raw), 64)
	err = errors.Join(err, r.book.SetCellStyle(sheet, cell, cell, style), r.book.SetCellFloat(sheet, cell, n, -1, 64))
	if err != nil {
		return text
	}
	out, err := r.book.GetCellValue(sheet, cell)
	if out = strings.TrimSpace(tidy(out)); err != nil || out == "" || strings.Trim(out, "#") == "" {
		return text
	}
	return out
}

func (r *renderer) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.book == nil {
		return nil
	}
	book := r.book
	r.book = nil
	return book.Close()
}
