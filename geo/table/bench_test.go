package table

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

const benchRows = 100_000

func benchCells(i int) []string {
	return []string{fmt.Sprintf("企业%d", i), "浙江省", "嘉兴市", "海宁市许村镇", "家纺布艺", fmt.Sprint(i % 4000), fmt.Sprintf("%d.5", i), "2007-05-01", "a note, with a comma", "https://example.org/" + fmt.Sprint(i)}
}

func drain(b *testing.B, f *File) {
	b.Helper()
	n := 0
	for row, err := range f.Sheets[0].Rows(context.Background()) {
		if err != nil || row.Fault != nil {
			b.Fatal(err, row.Fault)
		}
		n++
	}
	if n != benchRows {
		b.Fatalf("%d rows", n)
	}
}

// BenchmarkText reads 100,000 rows of 10 columns, beside encoding/csv.
func BenchmarkText(b *testing.B) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{"名称", "省", "市", "地点", "行业", "家数", "产值", "日期", "备注", "网址"})
	for i := range benchRows {
		_ = w.Write(benchCells(i))
	}
	w.Flush()
	b.Run("table", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		b.ReportAllocs()
		for b.Loop() {
			f, err := Open(b.Context(), Source{R: bytes.NewReader(text.Bytes()), Size: int64(text.Len())}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			drain(b, f)
		}
	})
	b.Run("encoding/csv", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		b.ReportAllocs()
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(text.Bytes()))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkXLSX reads 100,000 rows of 10 columns, beside the rows of excelize.
func BenchmarkXLSX(b *testing.B) {
	file := book(b, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		must(b, err)
		must(b, w.SetRow("A1", []any{"名称", "省", "市", "地点", "行业", "家数", "产值", "日期", "备注", "网址"}))
		for i := range benchRows {
			row := make([]any, 10)
			for j, c := range benchCells(i) {
				row[j] = c
			}
			row[5], row[6] = i%4000, float64(i)+0.5
			must(b, w.SetRow(fmt.Sprintf("A%d", i+2), row))
		}
		must(b, w.Flush())
	})
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := Open(b.Context(), Source{R: bytes.NewReader(file), Size: int64(len(file))}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			drain(b, f)
			must(b, f.Close())
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(file))
			must(b, err)
			rows, err := f.Rows("Sheet1")
			must(b, err)
			for rows.Next() {
				_, err := rows.Columns()
				must(b, err)
			}
			must(b, rows.Close(), f.Close())
		}
	})
}
