package export

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

const (
	dbfTextMax   = 254
	dbfNumberMax = 18 // digits of N that programs read as a 64-bit integer
	dbfRealWidth = 24 // of the longest float64, such as -1.7976931348623157e+308
)

// blanks fill a cell, and are null in every type.
var blanks = bytes.Repeat([]byte{' '}, 255)

// dbfColumn is a column of a .dbf. Its type and width come from all its values.
type dbfColumn struct {
	name string
	kind fieldKind

	width    int  // bytes of the longest text
	whole    int  // most characters before the point
	decimals int  // most digits behind it
	unlike   bool // some value is not of kind
	exponent bool
	cut      int // texts longer than dbfTextMax
}

func newDBF(names []string, fs *fields) []dbfColumn {
	columns := make([]dbfColumn, len(names))
	for i, name := range names {
		columns[i] = dbfColumn{name: name}
		switch {
		case i > 0:
			columns[i].kind = fs.list[i-1].kind
		case fs.wholeID:
			columns[i].kind = fieldInteger
		}
	}
	return columns
}

// append notes the value and appends it as text with its length plus one before
// it, 0 for null.
func (c *dbfColumn) append(b []byte, v cell) []byte {
	if v == nil {
		return append(b, 0)
	}
	text := v.bytes()
	switch c.kind {
	case fieldInteger, fieldReal:
		text = c.number(text)
	case fieldBoolean:
		text = text[:1]
	case fieldDate:
		t, ok := v.date()
		c.unlike = c.unlike || !ok || t.Year() < 1
	}
	if len(text) > dbfTextMax {
		c.cut++
		text = []byte(cutText(string(text), dbfTextMax))
	}
	c.width = max(c.width, len(text))
	b = append(b, byte(len(text)+1))
	return append(b, text...)
}

// number notes the digits of a number, in plain notation where it is no longer
// than a float64's own.
func (c *dbfColumn) number(text []byte) []byte {
	s := string(text)
	if strings.ContainsAny(s, "eE") || len(s) > dbfRealWidth && c.kind == fieldReal {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			c.unlike = true
			return text
		}
		if s = strconv.FormatFloat(v, 'f', -1, 64); len(s) > dbfRealWidth {
			s = strconv.FormatFloat(v, 'g', -1, 64)
			c.exponent = true
		}
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if fraction = strings.TrimRight(fraction, "0"); !strings.ContainsAny(s, "eE") {
		c.whole, c.decimals = max(c.whole, len(whole)), max(c.decimals, len(fraction))
	}
	return []byte(s)
}

// layout is the type, width and decimals of the column.
func (c *dbfColumn) layout() (kind byte, width, decimals int) {
	if !c.unlike {
		switch c.kind {
		case fieldBoolean:
			return 'L', 1, 0
		case fieldDate:
			return 'D', 8, 0
		case fieldInteger:
			if c.decimals == 0 && !c.exponent && c.whole <= dbfNumberMax {
				return 'N', max(c.whole, 1), 0
			}
		case fieldReal:
			if width := c.whole + 1 + c.decimals; !c.exponent && width <= dbfRealWidth && c.decimals <= 15 {
				return 'N', max(width, 3), max(c.decimals, 1)
			}
			return 'N', dbfRealWidth, 15
		}
	}
	return 'C', max(c.width, 1), 0
}

// dbfHead is the head of a dBASE III file, and the bytes of one row.
func dbfHead(columns []dbfColumn, rows int) (head []byte, row int) {
	row = 1
	var list []byte
	for i := range columns {
		c := &columns[i]
		kind, width, decimals := c.layout()
		d := make([]byte, 32)
		copy(d[:10], c.name)
		d[11], d[16], d[17] = kind, byte(width), byte(decimals)
		list = append(list, d...)
		row += width
	}
	head = make([]byte, 32, 33+len(list))
	head[0] = 3
	head[1], head[2], head[3] = byte(shpTime.Year()-1900), byte(shpTime.Month()), byte(shpTime.Day())
	binary.LittleEndian.PutUint32(head[4:], uint32(rows))
	binary.LittleEndian.PutUint16(head[8:], uint16(33+len(list)))
	binary.LittleEndian.PutUint16(head[10:], uint16(row))
	return append(append(head, list...), '\r'), row
}

// dbfRow appends a row of the cells that append wrote.
func dbfRow(b []byte, columns []dbfColumn, cells []byte) []byte {
	b = append(b, ' ')
	for i := range columns {
		kind, width, decimals := columns[i].layout()
		if cells[0] == 0 {
			b = append(b, blanks[:width]...)
			cells = cells[1:]
			continue
		}
		n := int(cells[0])
		b = dbfCell(b, kind, width, decimals, cells[1:n])
		cells = cells[n:]
	}
	return b
}

func dbfCell(b []byte, kind byte, width, decimals int, text []byte) []byte {
	switch kind {
	case 'L':
		return append(b, text[0]&^0x20)
	case 'D':
		t, _ := time.Parse(time.DateOnly, string(text))
		return t.AppendFormat(b, "20060102")
	case 'N':
		s := dbfNumber(string(text), width, decimals)
		b = append(b, blanks[:width-len(s)]...)
		return append(b, s...)
	}
	b = append(b, text...)
	return append(b, blanks[:width-len(text)]...)
}

// dbfNumber has the decimals of its column, where that does not make it longer
// than the column.
func dbfNumber(s string, width, decimals int) string {
	if decimals == 0 || strings.ContainsAny(s, "eE") {
		whole, _, _ := strings.Cut(s, ".")
		if decimals == 0 {
			return whole
		}
		return s
	}
	whole, fraction, _ := strings.Cut(s, ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) < decimals && len(whole)+1+decimals <= width {
		fraction += strings.Repeat("0", decimals-len(fraction))
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
