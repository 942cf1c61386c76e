package table

import (
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
	code  string     // "" as they are
	id    int        // of a format that is built in; 0 if not
	shows dateShown  // not 0: they are dates
	plain plainShown // not 0: shown without help
}

// dateShown is what of a date a format shows.
type dateShown uint8

const (
	showsYear dateShown = 1 << iota
	showsMonth
	showsDay
	showsTime
)

// plainShown are the formats that are met most.
type plainShown uint8

const (
	asIs plainShown = iota + 1
	whole
	twoPlaces
	percent
)

const maxFormats = 1 << 16

// readStyles reads the formats of numbers.
func (w *workbook) readStyles(ctx context.Context, main string) error {
	name := w.part(ctx, main, "styles", "styles.xml")
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
	switch {
	case code == "" && (id == 0 || id == 49 || id > 163), strings.EqualFold(code, "general"), code == "@":
		f.plain = asIs
	case code == "" && id == 1, code == "0":
		f.plain = whole
	case code == "" && id == 2, code == "0.00":
		f.plain = twoPlaces
	case code == "" && id == 9, code == "0%":
		f.plain = percent
	}
	return f
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
	f := numberFormat{plain: asIs}
	if style >= 0 && style < len(w.formats) {
		f = w.formats[style]
	}
	if n, ok := smallInt(raw); ok && f.shows == 0 && f.plain == asIs && (raw[0] != '0' || len(raw) == 1) {
		return Value{Kind: Number, Text: string(raw), Number: float64(n)}, true
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
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
	switch f.plain {
	case asIs:
	case whole:
		text = strconv.FormatFloat(n, 'f', 0, 64)
	case twoPlaces:
		text = strconv.FormatFloat(n, 'f', 2, 64)
	case percent:
		text = strconv.FormatFloat(n*100, 'f', 0, 64) + "%"
	default:
		if f.shows == 0 {
			text = w.render.show(raw, f, text)
		}
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
	kept, err := strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	if err != nil {
		kept = n
	}
	return strconv.FormatFloat(kept, 'f', -1, 64)
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
