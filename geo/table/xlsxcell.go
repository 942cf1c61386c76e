package table

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

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
	if kind != 't' {
		r.text = bytes.TrimSpace(r.text)
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
	if row.dropped {
		return
	}
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
		if isTrue(r.text) {
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

// isTrue reports whether a text of XML says so.
func isTrue(b []byte) bool { return string(b) == "1" || string(b) == "true" }

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
