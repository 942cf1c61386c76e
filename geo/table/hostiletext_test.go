package table

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"clustermap/geo"
)

// TestWideLines reads lines of many delimiters.
func TestWideLines(t *testing.T) {
	line := strings.Repeat(",", 1<<16-2) + "\n"
	text := "a,b\n1,x\n" + strings.Repeat(line, 60) + "2,y\n" + strings.Repeat(line[1:len(line)-1]+"z\n3,z\n", 100)
	made := allocated(func() {
		f, err := open(t, text, Options{MaxRow: 1 << 16, HeaderRow: 1})
		must(t, err)
		got := dump(t, f)
		if !strings.HasPrefix(got, "1: a|b\n2: 1|x\n63: 2|y\n64! has 65534 cells where the table has 2 columns") || !strings.HasSuffix(got, "\n263: 3|z\n") {
			t.Errorf("got %.300q", got)
		}
	})
	if made > 8<<20 {
		t.Errorf("%d MB were made of lines of one", made>>20)
	}
}

// TestWideRowIsAFault holds that a row with more cells than columns are allowed does
// not cost the table, unless most are.
func TestWideRowIsAFault(t *testing.T) {
	wide := strings.Repeat("x,", 2000) + "\n"
	f, err := open(t, "a,b\n1,x\n"+wide+"2,y\n", Options{})
	must(t, err)
	if got := dump(t, f); !strings.HasPrefix(got, "1: a|b\n2: 1|x\n3! has 2001 cells") || !strings.HasSuffix(got, "4: 2|y\n") {
		t.Errorf("got %.300q", got)
	}
	var invalid *geo.InvalidError
	if _, err := open(t, "a,b\n"+strings.Repeat(wide, 5), Options{}); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "2000 columns") {
		t.Errorf("the error is %v", err)
	}
}

// TestBlankBefore reads a table that stands below many empty lines.
func TestBlankBefore(t *testing.T) {
	f, err := open(t, strings.Repeat(",,\n", 1000)+"名称,地点\n甲,海宁\n", Options{})
	must(t, err)
	if got := dump(t, f); got != "1001: 名称|地点\n1002: 甲|海宁\n" {
		t.Errorf("got %q", got)
	}
}

// TestUTF16WithoutMark reads texts with characters whose low byte is zero, such as 一
// and the space of Chinese.
func TestUTF16WithoutMark(t *testing.T) {
	units := utf16.Encode([]rune("名称,地点\n第一经编一,海宁　一\n统一,一\n"))
	for name, order := range map[string]binary.ByteOrder{"LE": binary.LittleEndian, "BE": binary.BigEndian} {
		b := make([]byte, 2*len(units))
		for i, u := range units {
			order.PutUint16(b[2*i:], u)
		}
		f, err := open(t, string(b), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := dump(t, f); got != "1: 名称|地点\n2: 第一经编一|海宁　一\n3: 统一|一\n" {
			t.Errorf("%s gives %q", name, got)
		}
	}
}

// TestOpenEndsWithContext opens a file whose first lines do not end.
func TestOpenEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, opt := range []Options{{}, {Encoding: "utf-8", Delimiter: ','}} {
		if _, err := Open(ctx, Source{R: endless{1 << 40}, Size: 1 << 40}, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	}
}

// TestSizeThatIsNot opens a Source that has less than it says.
func TestSizeThatIsNot(t *testing.T) {
	text := "a,b\n1,x\n"
	for _, size := range []int64{-1, 0, 3, 100, 5000} {
		f, err := Open(context.Background(), Source{R: strings.NewReader(text), Size: size}, Options{})
		if size < 1 {
			if err == nil || !strings.Contains(err.Error(), "empty") {
				t.Errorf("the error is %v", err)
			}
			continue
		}
		must(t, err)
		if got := dump(t, f); size > 3 && got != "1: a|b\n2: 1|x\n" {
			t.Errorf("of %d bytes: %q", size, got)
		}
	}
}

// TestHidden holds what is taken out of texts and names, and what is not.
func TestHidden(t *testing.T) {
	for s, want := range map[string]string{
		"a\u061cb": "ab", "a\U000e0041b": "ab", "a\ufff9b": "ab", "a\u2028b": "a\nb", "a\u0085b": "a\nb", "a\u00adb": "ab", "a\u2067b": "ab", "a\tb\nc": "a\tb\nc",
		"葛\U000e0100飾": "葛\U000e0100飾", // a form of a character of its own
	} {
		if got := tidy(s); got != want {
			t.Errorf("%+q becomes %+q, want %+q", s, got, want)
		}
	}
}
