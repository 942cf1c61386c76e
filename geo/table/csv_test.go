package table

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// open opens a text as a file.
func open(t testing.TB, text string, opt Options) (*File, error) {
	t.Helper()
	f, err := Open(context.Background(), Source{Name: "t.csv", R: strings.NewReader(text), Size: int64(len(text))}, opt)
	if err == nil {
		t.Cleanup(func() { _ = f.Close() })
	}
	return f, err
}

// dump is a file as text: columns, then a line for each row.
func dump(t testing.TB, f *File) string {
	t.Helper()
	var b strings.Builder
	for _, s := range f.Sheets {
		var names []string
		for _, c := range s.Columns {
			names = append(names, c.Name)
		}
		fmt.Fprintf(&b, "%d: %s\n", s.HeaderRow, strings.Join(names, "|"))
		for row, err := range s.Rows(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Fault != nil {
				fmt.Fprintf(&b, "%d! %s\n", row.Number, row.Fault.Reason)
				continue
			}
			var cells []string
			for _, v := range row.Cells {
				cells = append(cells, v.Text)
			}
			fmt.Fprintf(&b, "%d: %s\n", row.Number, strings.Join(cells, "|"))
		}
	}
	return b.String()
}

func TestText(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "名称,地点\n甲,海宁市\n", "1: 名称|地点\n2: 甲|海宁市\n"},
		{"no line end", "a,b\n1,x", "1: a|b\n2: 1|x\n"},
		{"CRLF and quotes", "a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\nz,\r\n", "1: a|b\n2: x,\"y\"|two\nlines\n4: z|\n"},
		{"byte order mark", "\ufeffa,b\n1,x\n", "1: a|b\n2: 1|x\n"},
		{"tabs", "a\tb\n1,5\tx\n", "1: a|b\n2: 1,5|x\n"},
		{"semicolons", "a;b\n1,5;x\n2,5;y\n", "1: a|b\n2: 1,5|x\n3: 2,5|y\n"},
		{"full width commas", "名称，地点\n甲，海宁\n", "1: 名称|地点\n2: 甲|海宁\n"},
		{"a title above", "表1 产业集群,,\n,,\n名称,地点,年份\n甲,海宁,2007\n", "3: 名称|地点|年份\n4: 甲|海宁|2007\n"},
		{"no header", "1,120.5,30.2\n2,121.5,31.2\n", "0: A|B|C\n1: 1|120.5|30.2\n2: 2|121.5|31.2\n"},
		{"years head columns", "地区,2006,2007\n海宁,1,2\n", "1: 地区|2006|2007\n2: 海宁|1|2\n"},
		{"one name twice, none, and hidden characters", "名称,名称,,a\u202eb\x01\nx,y,z,w\n", "1: 名称|名称 (2)|C|ab\n2: x|y|z|w\n"},
		{"empty rows", "a,b\n,\n1,x\n\n2,y\n", "1: a|b\n3: 1|x\n5: 2|y\n"},
		{"short and long rows", "a,b\n1\n1,2,3\n1,2,\n", "1: a|b\n2: 1|\n3! has 3 cells where the table has 2 columns; is a delimiter within a text that has no quotes?\n4: 1|2\n"},
		{"quotes that are none", "a,b\n5\" pipe,\"x\" y\nz,\"w\n", "1: a|b\n2: 5\" pipe|\"x\" y\n3! a quote is opened and not closed\n"},
		{"a quote that is not closed costs one row", "a,b\n\"x,1\ny,2\nz,3\n", "1: a|b\n2! a quote is opened and not closed\n3: y|2\n4: z|3\n"},
		{"carriage returns alone", "a,b\r1,x\r\r2,y", "1: a|b\n2: 1|x\n4: 2|y\n"},
		{"a zero byte", "a,b\n1,\x00x\n", "1: a|b\n2: 1|x\n"},
		{"UTF-8 with a byte that is not", "名称,地点的名称是什么\n甲乙丙丁戊己庚辛,海宁市许村镇\xff\n", "1: 名称|地点的名称是什么\n2: 甲乙丙丁戊己庚辛|海宁市许村镇\ufffd\n"},
		{"a quote that is closed by another", "a,b\n\"x,1\n\"y\",2\nz,3\n", "1: a|b\n2: \"x|1\n3: y|2\n4: z|3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := open(t, test.text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, dump(t, f)); diff != "" {
				t.Error(diff)
			}
			if again := dump(t, f); again != test.want { // rows may be read again
				t.Errorf("the second time: %s", again)
			}
		})
	}
}

// TestEncodings reads one table in each encoding.
func TestEncodings(t *testing.T) {
	const text = "名称,地点\n甲,海宁市许村镇\n㐂,嵊泗\n"
	const want = "1: 名称|地点\n2: 甲|海宁市许村镇\n3: 㐂|嵊泗\n"
	for name, coding := range map[string]encoding.Encoding{
		"GB18030":  simplifiedchinese.GB18030,
		"UTF-16LE": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16BE": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16":   unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	} {
		t.Run(name, func(t *testing.T) {
			coded, err := coding.NewEncoder().String(text)
			if err != nil {
				t.Fatal(err)
			}
			f, err := open(t, coded, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, dump(t, f)); diff != "" {
				t.Error(diff)
			}
			if len(f.Notes) != 1 || !strings.Contains(f.Notes[0].EN, name) {
				t.Errorf("notes are %v; the encoding should be said", f.Notes)
			}
		})
	}
	coded, err := simplifiedchinese.GBK.NewEncoder().String("名称,地点\n甲,海宁市\n")
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(t, coded, Options{Encoding: "gbk"})
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(t, f); got != "1: 名称|地点\n2: 甲|海宁市\n" {
		t.Errorf("stated GBK gives %q", got)
	}
	if _, err := open(t, "a\n", Options{Encoding: "klingon"}); err == nil || !strings.Contains(err.Error(), "klingon") {
		t.Errorf("an unknown encoding gives the error %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "empty"},
		{"\ufeff", "empty"},
		{"\n\n,,\n", "empty"},
		{"<HTML><table>", "web page"},
		{"\xd0\xcf\x11\xe0abc", "old kind"},
		{"%PDF-1.7", "PDF"},
		{"a\x00\x00\x00b\x01\x02\x00\x00\x00", "neither text"},
		{strings.Repeat("a,", 2000) + "\n1,2\n", "columns"},
	} {
		if _, err := open(t, test.text, Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.20q gives the error %v; want one about %q", test.text, err, test.want)
		}
	}
}

// endless is a file of one line of a size, without line ends but the last.
type endless struct{ size int64 }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	head := "a,b\n"
	for i := range p {
		switch at := off + int64(i); {
		case at >= e.size:
			return i, io.EOF
		case at < int64(len(head)):
			p[i] = head[at]
		case at == e.size-5:
			p[i] = '\n'
		case at > e.size-5:
			p[i] = "1,x\n"[at-(e.size-4)]
		default:
			p[i] = '7'
		}
	}
	return len(p), nil
}

// TestLongLine reads a line that is far longer than a row may be: it is a fault of that
// row, takes little memory, and the row behind it is read.
func TestLongLine(t *testing.T) {
	const size = 64 << 20
	f, err := Open(context.Background(), Source{Name: "t.csv", R: endless{size}, Size: size}, Options{Encoding: "utf-8", HeaderRow: 1, Delimiter: ','})
	if err != nil {
		t.Fatal(err)
	}
	want := "1: a|b\n2! is longer than 1048576 bytes\n3: 1|x\n"
	if got := dump(t, f); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRowsEndWithContext(t *testing.T) {
	f, err := open(t, "a,b\n"+strings.Repeat("1,x\n", 5000), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	for _, err := range f.Sheets[0].Rows(ctx) {
		if err != nil {
			return
		}
		n++
		cancel()
	}
	t.Errorf("all %d rows were read after the context had ended", n)
}

// FuzzText holds that no text makes the reader fail or lose its place: every line that
// is not empty begins a record or is in one, and reading twice gives the same.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n\"d\ne\"\n", "\ufeffx\ty\n", "a;b\n\"", "\xff\xfea\x00,\x00b\x00\n\x00", "\xb5\xd8\n,\n", "一，二\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func() (out string) {
			file, err := Open(context.Background(), Source{Name: "f.csv", R: bytes.NewReader(text), Size: int64(len(text))}, Options{MaxRow: 64, Delimiter: ',', Encoding: "utf-8"})
			if err != nil {
				return err.Error()
			}
			last := 0
			for row, err := range file.Sheets[0].Rows(context.Background()) {
				if err != nil {
					t.Fatal(err)
				}
				if row.Number <= last {
					t.Fatalf("row %d comes after row %d", row.Number, last)
				}
				last = row.Number
				if row.Fault == nil && len(row.Cells) != len(file.Sheets[0].Columns) {
					t.Fatalf("row %d has %d cells of %d", row.Number, len(row.Cells), len(file.Sheets[0].Columns))
				}
				out += fmt.Sprint(row.Number, row.Fault != nil, row.Cells)
			}
			return out
		}
		if a, b := read(), read(); a != b {
			t.Errorf("reading twice gives %q and %q", a, b)
		}
	})
}
