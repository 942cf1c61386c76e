package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"clustermap/geo"
)

// TestOneSheetManyNames opens a workbook that lists one part many times.
func TestOneSheetManyNames(t *testing.T) {
	list := strings.Repeat(`<sheet name="S" r:id="r1"/>`, 900)
	file := parts(t, headXML, map[string]string{"xl/workbook.xml": "<workbook><sheets>" + list + "</sheets></workbook>"})
	if _, err := openBytes(t, file, Options{}); err == nil || !strings.Contains(err.Error(), "are one part") {
		t.Errorf("the error is %v", err)
	}
}

// TestLongNamesInWorkbooks opens workbooks that name things with a megabyte each, a
// hundred times. They take no more memory than one.
func TestLongNamesInWorkbooks(t *testing.T) {
	const n = 100
	long := strings.Repeat("x", 1<<20-200)
	times := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i, long)
		}
		return b.String()
	}
	for _, test := range []struct{ part, text string }{
		{"xl/styles.xml", "<styleSheet><numFmts>" + times(`<numFmt numFmtId="%d" formatCode="%s"/>`) + "</numFmts></styleSheet>"},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>` + times(`<Relationship Id="q%d" Type="y" Target="%s"/>`) + `</Relationships>`},
		{"xl/workbook.xml", `<workbook><sheets><sheet name="S" r:id="r1"/>` + times(`<sheet r:id="r1%d" name="%s"/>`) + `</sheets></workbook>`},
		{"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + headXML + `<row r="2">` + times(`<c t="inlineStr" s="%d"><is><t>%s</t></is></c>`) + `</row><row r="3"><c><v>1</v></c></row></sheetData></worksheet>`},
	} {
		file := parts(t, "", map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + headXML + `<row r="3"><c><v>1</v></c></row></sheetData></worksheet>`, test.part: test.text})
		made := allocated(func() {
			f, err := openBytes(t, file, Options{})
			must(t, err)
			if out := dump(t, f); !strings.HasSuffix(out, "3: 1|\n") {
				t.Errorf("%s: the rows are %.200q", test.part, out)
			}
		})
		if made > 40<<20 {
			t.Errorf("%s: %d MB were made of a hundred names of one", test.part, made>>20)
		}
	}
}

// TestHugeDirectory opens a zip file whose directory has a million entries.
func TestHugeDirectory(t *testing.T) {
	const n = 300_000
	entry := make([]byte, 47)
	copy(entry, "PK\x01\x02")
	binary.LittleEndian.PutUint16(entry[28:], 1)
	entry[46] = 'x'
	file := bytes.Repeat(entry, n)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], n&0xffff)
	binary.LittleEndian.PutUint16(end[10:], n&0xffff)
	binary.LittleEndian.PutUint32(end[12:], uint32(len(file)))
	file = append(append([]byte("PK\x03\x04"), file...), end...)
	binary.LittleEndian.PutUint32(file[len(file)-6:], 4)
	var err error
	made := allocated(func() { _, err = openBytes(t, file, Options{}) })
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) || made > 64<<20 {
		t.Errorf("the error is %v, after %d MB", err, made>>20)
	}
}

// TestWorkWithSize reads cells of which each letter was once looked at for each other:
// a minute's work then, and less than a second's now.
func TestWorkWithSize(t *testing.T) {
	const n = 1 << 17
	for _, test := range []struct{ name, cell, want string }{
		{"escapes", `<c t="str"><v>` + strings.Repeat("_x0041_", n) + `</v></c>`, strings.Repeat("A", n)},
		{"half escapes", `<c t="str"><v>` + strings.Repeat("_x_x41z__x0041_", n/4) + `</v></c>`, strings.Repeat("_x_x41z_A", n/4)},
		{"marks in an attribute", `<c x="` + strings.Repeat(">", n) + `"><v>1</v></c>`, "1"},
		{"quotes in an attribute", `<c x='` + strings.Repeat(`">`, n) + `'><v>1</v></c>`, "1"},
		{"marks in a section", `<c t="str"><v><![CDATA[` + strings.Repeat(">", n) + `]]></v></c>`, strings.Repeat(">", n)},
		{"many pieces", `<c t="inlineStr"><is>` + strings.Repeat(`<r><t>x</t></r>`, n) + `</is></c>`, strings.Repeat("x", n)},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := openBytes(t, parts(t, headXML+`<row r="2">`+test.cell+`</row>`, nil), Options{})
			must(t, err)
			if got := dump(t, f); got != "1: a|b\n2: "+test.want+"|\n" {
				t.Errorf("got %.200q", got)
			}
		})
	}
	long := `<row r="2"><c x="` + strings.Repeat(">", 3<<20) + `"><v>1</v></c></row>`
	if _, err := openBytes(t, parts(t, headXML+long, nil), Options{}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("an attribute of 3 MB gives the error %v", err)
	}
}
