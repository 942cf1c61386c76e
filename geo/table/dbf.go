package table

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"clustermap/geo"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// dbfTable is a table of dBASE, as a Shapefile has one beside its shapes.
type dbfTable struct {
	fields []dbfField
	head   int // bytes
	row    int // bytes, with the mark before
	rows   int // that the head promises
	coding byte
	set    charset
}

type dbfField struct {
	name     []byte
	kind     byte
	at, size int // in the row
	decimals int
}

var errDBF = &geo.InvalidError{Reason: "its .dbf is damaged"}

// readDBFHead reads the head, and leaves r at the first row.
func readDBFHead(r io.Reader, most int) (*dbfTable, error) {
	var head [32]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, orDamaged(err)
	}
	d := &dbfTable{
		rows: int(binary.LittleEndian.Uint32(head[4:])), head: int(binary.LittleEndian.Uint16(head[8:])),
		row: int(binary.LittleEndian.Uint16(head[10:])), coding: head[29],
	}
	if d.head < 33 || d.row < 1 {
		return nil, errDBF
	}
	rest := make([]byte, d.head-32)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, orDamaged(err)
	}
	at := 1
	for len(rest) >= 32 && rest[0] != '\r' && rest[0] != 0 {
		name, _, _ := bytes.Cut(rest[:11], []byte{0})
		f := dbfField{name: name, kind: rest[11], at: at, size: int(rest[16]), decimals: int(rest[17])}
		if at += f.size; at > d.row {
			return nil, errDBF
		}
		if f.kind != '0' { // flags of FoxPro
			d.fields = append(d.fields, f)
		}
		rest = rest[32:]
	}
	if len(d.fields) > most {
		return nil, &geo.InvalidError{Reason: fmt.Sprintf("has %d columns; %d at most", len(d.fields), most)}
	}
	return d, nil
}

// orDamaged is an error of reading, that of a damaged file at its end.
func orDamaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDBF
	}
	return err
}

// each gives the rows of r behind the head, until there are no more of them. b is valid
// until the next.
func (d *dbfTable) each(ctx context.Context, r *bufio.Reader, do func(b []byte) bool) error {
	b := make([]byte, d.row)
	for n := 0; n < d.rows; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if first, err := r.Peek(1); err != nil || first[0] == 0x1a {
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			return nil
		}
		if _, err := io.ReadFull(r, b); err != nil {
			return orDamaged(err)
		}
		if !do(b) {
			return nil
		}
	}
	return nil
}

// isUTF8 reads the texts of all rows: whether they are UTF-8, and whether there is
// anything beyond ASCII.
func (d *dbfTable) isUTF8(ctx context.Context, r *bufio.Reader) (valid, beyond bool, err error) {
	valid = true
	look := func(b []byte) {
		b = bytes.TrimRight(b, " \x00")
		beyond = beyond || bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0
		valid = valid && utf8.Valid(b[:wholeRunes(b)])
	}
	for _, f := range d.fields {
		look(f.name)
	}
	err = d.each(ctx, r, func(b []byte) bool {
		for _, f := range d.fields {
			if f.kind == 'C' {
				look(b[f.at : f.at+f.size])
			}
		}
		return valid
	})
	return valid, beyond, err
}

// choose finds the encoding: that of the user, else of the .cpg file, else of the head.
// Where none is stated, or the texts are not what is stated, UTF-8 if they are, else
// GB18030. note is "" where the encoding is as stated.
func (d *dbfTable) choose(option, cpg string, valid, beyond bool) (note string, err error) {
	if option != "" {
		coding, err := htmlindex.Get(strings.TrimSpace(option))
		if err != nil {
			return "", &geo.InvalidError{Field: "encoding", Reason: quote(option) + " is not an encoding that is known, such as UTF-8, GB18030 or Big5"}
		}
		d.set = charset{name: strings.ToUpper(strings.TrimSpace(option)), coding: coding}
		return d.set.name, nil
	}
	stated := cpg
	if strings.TrimSpace(cpg) == "" {
		stated = map[byte]string{0x4d: "936", 0x7a: "936", 0x4f: "950", 0x78: "950"}[d.coding]
	}
	if coding, name := codePage(stated); coding != nil && (name != "UTF-8" || valid) {
		d.set = charset{name: name, coding: coding}
		return "", nil
	}
	if valid {
		d.set = charset{name: "UTF-8"}
		return "", nil
	}
	d.set = charset{name: "GB18030", coding: simplifiedchinese.GB18030}
	return d.set.name, nil
}

// codePage is the encoding that a .cpg file names, nil where it is not known.
func codePage(name string) (encoding.Encoding, string) {
	name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
	for _, prefix := range []string{"oem ", "ansi ", "cp"} {
		name = strings.TrimPrefix(name, prefix)
	}
	switch name {
	case "65001", "utf8":
		name = "utf-8"
	case "936", "54936":
		name = "gb18030"
	case "950":
		name = "big5"
	case "1250", "1251", "1252":
		name = "windows-" + name
	case "88591":
		name = "iso-8859-1"
	}
	coding, err := htmlindex.Get(name)
	if err != nil {
		return nil, ""
	}
	return coding, strings.ToUpper(name)
}

// text decodes bytes of the table.
func (d *dbfTable) text(b []byte) string {
	if d.set.coding != nil {
		if decoded, err := d.set.coding.NewDecoder().Bytes(b); err == nil {
			return string(decoded)
		}
	}
	return strings.ToValidUTF8(string(b[:wholeRunes(b)]), "�")
}

func (d *dbfTable) names() []string {
	var names []string
	for _, f := range d.fields {
		names = append(names, d.text(f.name))
	}
	return names
}

// fill puts a row into cells.
func (d *dbfTable) fill(cells []Value, row []byte) {
	for i, f := range d.fields {
		cells[i] = d.value(f, row[f.at:f.at+f.size])
	}
}

// value is one cell. Memos, which stand in another file, are left out.
func (d *dbfTable) value(f dbfField, b []byte) Value {
	le := binary.LittleEndian
	switch {
	case f.kind == 'I' && len(b) == 4:
		return numberValue("", float64(int32(le.Uint32(b))))
	case (f.kind == 'B' || f.kind == 'O') && len(b) == 8:
		return numberValue("", math.Float64frombits(le.Uint64(b)))
	case f.kind == 'M' || f.kind == 'G' || f.kind == 'P' || f.kind == 'T' || f.kind == '@':
		return Value{}
	}
	text := string(bytes.Trim(b, " \x00"))
	switch f.kind {
	case 'N', 'F':
		return dbfNumber(text, f.decimals)
	case 'D':
		if day, err := time.Parse("20060102", text); err == nil {
			return Value{Kind: Date, Text: day.Format(time.DateOnly)}
		}
		if strings.Trim(text, "0") == "" {
			return Value{}
		}
	case 'L':
		switch text {
		case "T", "t", "Y", "y", "1":
			return boolValue(true)
		case "F", "f", "N", "n", "0":
			return boolValue(false)
		}
		return Value{}
	}
	return textValue(d.text(bytes.TrimRight(b, " \x00")))
}

// dbfNumber is a number; stars stand where it was too long for its column.
func dbfNumber(text string, decimals int) Value {
	if strings.Trim(text, "*") == "" {
		return Value{}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "+-.0123456789eE") != "" {
		return textValue(strings.ToValidUTF8(text, "�"))
	}
	if decimals > 0 || strings.ContainsAny(text, ".eE") {
		text = ""
	}
	return numberValue(text, v)
}
