package table

import (
	"strings"
	"testing"
)

// TestNumbers shows numbers by formats as people meet them.
func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		raw  string
		id   int
		code string
		kind Kind
		want string
	}{
		{"1200", 0, "", Number, "1200"},
		{"0.1", 0, "General", Number, "0.1"},
		{"0.30000000000000004", 0, "", Number, "0.3"},
		{"1.2E+3", 0, "", Number, "1200"},
		{"1e-7", 0, "", Number, "0.0000001"},
		{"123456789012345678", 0, "", Number, "123456789012346000"},
		{"-0", 0, "", Number, "0"},
		{"1e300", 0, "", Number, "1e+300"},
		{"12.5", 1, "", Number, "13"},
		{"1.005", 2, "", Number, "1.01"},
		{"-0.001", 2, "", Number, "0.00"},
		{"12.345", 2, "", Number, "12.35"},
		{"1234.5", 3, "", Number, "1,235"},
		{"1234.5", 4, "", Number, "1,234.50"},
		{"0.125", 9, "", Number, "13%"},
		{"0.125", 10, "", Number, "12.50%"},
		{"-1234567.891", 0, "#,##0.0", Number, "-1,234,567.9"},
		{"-123456", 3, "", Number, "-123,456"},
		{"12345678", 3, "", Number, "12,345,678"},
		{"0.00012", 0, "0.000%", Number, "0.012%"},
		{"7", 0, "0.", Number, "7"},
		{"1e300", 0, "[h]:mm", Number, "1e+300"},
		{"7", 0, "0." + strings.Repeat("0", 90), Number, "7"},
		{"7", 0, strings.Repeat("0", 200), Number, "7"},
		{"12345.678", 11, "", Number, "1.23E+04"},
		{"1.5", 12, "", Number, "1 1/2"},
		{"-1234.5", 0, `_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ `, Number, "-1,234.50"},
		{"3.14", 0, `0.0"亿元"`, Number, "3.1亿元"},
		{"5", 0, `[Red]0.0`, Number, "5.0"},
		{"330481", 0, "000000", Number, "330481"},
		{"42", 0, "000000", Text, "000042"},
		{"39203", 14, "", Date, "2007-05-01"},
		{"39203", 31, "", Date, "2007-05-01"},
		{"39203", 57, "", Date, "2007-05"},
		{"39203.5", 22, "", Date, "2007-05-01T12:00:00"},
		{"0.75", 20, "", Date, "18:00:00"},
		{"39203.5", 0, "yyyy/m/d;@", Date, "2007-05-01"},
		{"39203", 0, "yyyy", Date, "2007"},
		{"39203", 0, `[DBNum1][$-804]yyyy"年"m"月"d"日";@`, Date, "2007-05-01"},
		{"39203", 0, `[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`, Date, "2007-05-01"},
		{"39203.25", 0, "h:mm AM/PM", Date, "06:00:00"},
		{"39203.25", 0, `上午/下午h"时"mm"分"`, Date, "06:00:00"},
		{"1", 14, "", Date, "1900-01-01"},
		{"59", 14, "", Date, "1900-02-28"},
		{"61", 14, "", Date, "1900-03-01"},
		{"2958465.99999999", 22, "", Date, "10000-01-01T00:00:00"},
		{"-1", 14, "", Number, "-1"},
		{"1e10", 14, "", Number, "10000000000"},
		{"7", 0, `"m"0`, Number, "m7"},
	} {
		w := &workbook{render: new(renderer), formats: []numberFormat{formatOfNumber(test.id, test.code)}}
		v, ok := w.numberValue([]byte(test.raw), 0)
		if !ok || v.Kind != test.kind || v.Text != test.want {
			t.Errorf("%s by %d %q is %v %q, want %v %q", test.raw, test.id, test.code, v.Kind, v.Text, test.kind, test.want)
		}
		if err := w.render.close(); err != nil {
			t.Error(err)
		}
	}
	w := &workbook{from04: true}
	if text, ok := w.dateText(37741, showsYear|showsMonth|showsDay); !ok || text != "2007-05-01" {
		t.Errorf("counted from 1904 the date is %q", text)
	}
	for _, raw := range []string{"", "x", "NaN", "Inf", "1e999", "0x10", "1_000"} {
		if v, ok := w.numberValue([]byte(raw), 0); ok {
			t.Errorf("%q is the number %v", raw, v)
		}
	}
}
