package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// TestSameTable writes random tables as text in each encoding with each delimiter, and
// as a workbook: all give the same cells, and no row is lost.
func TestSameTable(t *testing.T) {
	codings := map[string]encoding.Encoding{
		"UTF-8": unicode.UTF8, "GB18030": simplifiedchinese.GB18030,
		"UTF-16LE": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16BE": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	}
	cell := rapid.StringOfN(rapid.RuneFrom([]rune("ab1,;\t|\"' \n海宁㐂𠀀é。，")), 0, 8, -1)
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 1, 8).Draw(rt, "rows")
		comma := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(rt, "comma")
		coding := rapid.SampledFrom([]string{"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"}).Draw(rt, "coding")
		head := []string{"名称", "地点名", "类别"}
		var want []string
		for _, r := range rows {
			if s := flat(r); strings.Trim(s, "\x1f") != "" {
				want = append(want, s)
			}
		}
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma = comma
		must(t, w.Write(head), w.WriteAll(rows))
		coded, err := codings[coding].NewEncoder().Bytes(text.Bytes())
		must(t, err)
		if got := texts(t, coded, Options{Encoding: coding, Delimiter: comma, HeaderRow: 1}); !slices.Equal(got, want) {
			rt.Fatalf("as text %q, want %q", got, want)
		}
		file := book(t, func(f *excelize.File) {
			for i, r := range append([][]string{head}, rows...) {
				for j, c := range r {
					must(t, f.SetCellStr("Sheet1", letter(j)+strconv.Itoa(i+1), c))
				}
			}
		})
		if got := texts(t, file, Options{HeaderRow: 1}); !slices.Equal(got, want) {
			rt.Fatalf("as a workbook %q, want %q", got, want)
		}
	})
}

// flat is a row as one text; what is but white space is nothing.
func flat(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if strings.TrimSpace(c) != "" {
			out[i] = c
		}
	}
	return strings.Join(out, "\x1f")
}

func texts(t *testing.T, file []byte, opt Options) (rows []string) {
	t.Helper()
	f, err := openBytes(t, file, opt)
	must(t, err)
	for row, err := range f.Sheets[0].Rows(context.Background()) {
		must(t, err)
		if row.Fault != nil {
			t.Fatal(row.Fault)
		}
		var cells []string
		for _, v := range row.Cells {
			cells = append(cells, v.Text)
		}
		rows = append(rows, flat(cells))
	}
	return rows
}
