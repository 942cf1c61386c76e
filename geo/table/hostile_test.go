package table

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"clustermap/geo"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// zeros gives n spaces.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.n))
	for i := range p[:n] {
		p[i] = ' '
	}
	z.n -= int64(n)
	return n, nil
}

// bomb packs a workbook whose part holds n bytes of nothing after a text.
func bomb(t *testing.T, part, text string, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	base, err := zip.NewReader(bytes.NewReader(parts(t, headXML, nil)), int64(len(parts(t, headXML, nil))))
	must(t, err)
	for _, f := range base.File {
		if f.Name != part {
			must(t, z.Copy(f))
		}
	}
	w, err := z.Create(part)
	must(t, err)
	_, err = io.WriteString(w, text)
	must(t, err)
	_, err = io.Copy(w, &zeros{n})
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

// understate makes every size that the directory of a zip file tells small.
func understate(b []byte) []byte {
	b = bytes.Clone(b)
	for i := 0; i+46 < len(b); i++ {
		if bytes.HasPrefix(b[i:], []byte("PK\x01\x02")) {
			binary.LittleEndian.PutUint32(b[i+24:], min(1000, binary.LittleEndian.Uint32(b[i+24:])))
		}
	}
	return b
}

// allocated is how many bytes f makes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestBombs opens workbooks that unpack to far more than they are.
func TestBombs(t *testing.T) {
	const much = 24 << 20
	sheet := "xl/worksheets/sheet1.xml"
	told := bomb(t, sheet, "<worksheet><sheetData>"+headXML, much)
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"of what it tells", told, "unpacks to more than 16 MB"},
		{"of what it hides", understate(told), "damaged"},
		{"in the texts", understate(bomb(t, "xl/sharedStrings.xml", "<sst><si><t>", much)), "damaged"},
		{"in a part that is not read", bomb(t, "xl/media/image1.png", "", much), "unpacks to more than 16 MB"},
		{"of many parts", many(t), "20001 files"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			made := allocated(func() { _, err = openBytes(t, test.file, Options{MaxUnpacked: 16 << 20}) })
			var invalid *geo.InvalidError
			if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; want one about %q", err, test.want)
			}
			if made > 24<<20 {
				t.Errorf("it took %d MB to find out", made>>20)
			}
		})
	}
}

func many(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 20_001 {
		_, err := z.Create("x")
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// TestTenGigabytes opens a workbook that says of itself that it unpacks to 10 GB.
func TestTenGigabytes(t *testing.T) {
	b := bytes.Clone(parts(t, headXML, nil))
	for i, n := 0, 0; i+46 < len(b) && n < 3; i++ {
		if bytes.HasPrefix(b[i:], []byte("PK\x01\x02")) {
			binary.LittleEndian.PutUint32(b[i+24:], 3_600_000_000)
			n++
		}
	}
	_, err := openBytes(t, b, Options{})
	if err == nil || !strings.Contains(err.Error(), "unpacks to more than 1024 MB") {
		t.Errorf("the error is %v", err)
	}
}

// TestLongTextInSheet reads a text in a sheet that is far longer than a row may be.
func TestLongTextInSheet(t *testing.T) {
	file := bomb(t, "xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+headXML+`<row r="2"><c t="str"><v>`, 64<<20)
	var err error
	made := allocated(func() { _, err = openBytes(t, file, Options{}) })
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("the error is %v", err)
	}
	if made > 24<<20 {
		t.Errorf("it took %d MB", made>>20)
	}
}

// TestSourceFails holds that the error of a Source is handed on as it is.
func TestSourceFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, file := range [][]byte{[]byte("a,b\n1,2\n"), parts(t, headXML, nil)} {
		for from := range len(file) {
			_, err := Open(context.Background(), Source{R: failing{file, int64(from), broken}, Size: int64(len(file))}, Options{})
			if err != nil && !errors.Is(err, broken) {
				t.Fatalf("from byte %d on the error is %v", from, err)
			}
		}
	}
}

type failing struct {
	b    []byte
	from int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, f.err
	}
	return bytes.NewReader(f.b).ReadAt(p, off)
}

// TestOffice reads one table as LibreOffice writes it in each format.
func TestOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	must(t, err)
	dir := t.TempDir()
	made := book(t, func(f *excelize.File) {
		rowsOf(t, f, "Sheet1", 1, []any{"名录"}, []any{"名称", "地点", "家数", "成立", "占比", "合计"},
			[]any{"经编", "海宁市", 1200, nil, 0.125, nil}, []any{"皮革", nil, 300.5, nil, 1, nil})
		must(t, f.MergeCell("Sheet1", "A1", "F1"), f.MergeCell("Sheet1", "B3", "B4"), f.SetCellFormula("Sheet1", "F3", "C3*2"),
			f.SetCellInt("Sheet1", "D3", 39203), f.SetCellStyle("Sheet1", "D3", "D3", style(t, f, "yyyy-mm-dd")), f.SetCellStyle("Sheet1", "E3", "E4", style(t, f, "0.0%")))
	})
	path := filepath.Join(dir, "made.xlsx")
	must(t, os.WriteFile(path, made, 0o600))
	convert := func(to, name string) []byte {
		out := filepath.Join(dir, name)
		must(t, os.MkdirAll(out, 0o700))
		cmd := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "home"), "--headless", "--convert-to", to, "--outdir", out, path)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		b, err := os.ReadFile(filepath.Join(out, "made."+strings.SplitN(to, ":", 2)[0]))
		must(t, err)
		return b
	}
	const filled = "2: 名称|地点|家数|成立|占比|合计\n3: 经编|海宁市|1200|2007-05-01|12.5%|2400\n4: 皮革|海宁市|300.5||100.0%|\n"
	const asText = "2: 名称|地点|家数|成立|占比|合计\n3: 经编|海宁市|1200|2007-05-01|12.5%|2400\n4: 皮革||300.5||100.0%|\n"
	for _, test := range []struct{ name, to, want string }{
		{"xlsx", "xlsx:Calc MS Excel 2007 XML", filled},
		{"utf8", "csv:Text - txt - csv (StarCalc):44,34,76,1", asText},
		{"gb18030", "csv:Text - txt - csv (StarCalc):59,34,85,1", asText},
		{"utf16 with tabs", "csv:Text - txt - csv (StarCalc):9,34,65535,1", asText},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := openBytes(t, convert(test.to, test.name), Options{})
			must(t, err)
			if diff := cmp.Diff(test.want, dump(t, f)); diff != "" {
				t.Errorf("%s\nnotes %v", diff, f.Notes)
			}
		})
	}
	for to, want := range map[string]string{"ods": ".ods", "xls": ".xls"} {
		if _, err := openBytes(t, convert(to, to), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives the error %v", to, err)
		}
	}
}

// TestHostileText reads texts made to hurt, with all found out by the reader.
func TestHostileText(t *testing.T) {
	const much = 100_000
	for name, text := range map[string]string{
		"quotes":                  strings.Repeat(`"`, much),
		"quotes and delimiters":   strings.Repeat(`",`, much),
		"lines that open a quote": "a,b\n" + strings.Repeat("x,\"y\n", much),
		"three quotes a line":     "a,b\n" + strings.Repeat("\"\"\"\n", much),
		"delimiters":              "a,b\n" + strings.Repeat(",", much),
		"line ends":               strings.Repeat("\r\n", much) + "a,b\n",
		"zeros":                   "a,b\n" + strings.Repeat("x,y\x00\n", 100),
		"replacements":            strings.Repeat("\xff", much),
		"one name":                strings.Repeat("a,", 1023) + "a\n1\n",
		"right to left":           "\u202ea\u2066,\u200f\n1,2\n",
	} {
		t.Run(name, func(t *testing.T) {
			checkTwice(t, []byte(text), Options{MaxRow: 1 << 16})
		})
	}
}

// FuzzXLSX holds that no sheet makes the reader fail or lose its place, and that
// reading twice gives the same.
func FuzzXLSX(f *testing.F) {
	for _, seed := range []string{headXML, headXML + `<row r="2"><c r="B2" s="1"><f>1</f><v>1.5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>`,
		`<row><c t="s"><v>0</v></c><c t="b"><v>1</v></c><c t="d"><v>2007-05-01</v></c></row><!-- > --><?x ?>`, `<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`, `<row a='">'><c><is><t><![CDATA[x]]></t><rPh><t>y</t></rPh></is></c></row>`} {
		f.Add(seed, `<sst><si><t>x&#20013;_x0041_</t></si></sst>`, `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0.0&quot;万&quot;"/></numFmts><cellXfs><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>`)
	}
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		file := parts(t, sheet, map[string]string{"xl/sharedStrings.xml": texts, "xl/styles.xml": styles})
		checkTwice(t, file, Options{MaxRow: 1 << 12})
	})
}

// FuzzFound holds the same of texts whose encoding and delimiter are found.
func FuzzFound(f *testing.F) {
	for _, seed := range []string{"a;b\n1;2\n", "\xff\xfea\x00\n\x00", "a\rb\r", "\xb5\xd8,x\n1,2\n", "a\x00\n1\n", "\"", "一，二\n1，2\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkTwice(t, file, Options{MaxRow: 1 << 8}) })
}

// FuzzPacked holds the same of whole files.
func FuzzPacked(f *testing.F) {
	f.Add(parts(f, headXML, nil))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, file []byte) { checkTwice(t, file, Options{MaxUnpacked: 1 << 20, MaxRow: 1 << 12}) })
}

// checkTwice reads a file twice and holds what is true of every file.
func checkTwice(t *testing.T, file []byte, opt Options) {
	read := func() (out strings.Builder) {
		f, err := Open(context.Background(), Source{Name: "f", R: bytes.NewReader(file), Size: int64(len(file))}, opt)
		if err != nil {
			out.WriteString(err.Error())
			return out
		}
		defer f.Close()
		for _, s := range f.Sheets {
			names := make(map[string]bool)
			for _, c := range s.Columns {
				if c.Name == "" || names[c.Name] || tidy(c.Name) != c.Name {
					t.Fatalf("a column is called %q", c.Name)
				}
				names[c.Name] = true
			}
			last := 0
			for row, err := range s.Rows(context.Background()) {
				if err != nil {
					out.WriteString(err.Error())
					break
				}
				if row.Number <= last {
					t.Fatalf("row %d comes after row %d", row.Number, last)
				}
				last = row.Number
				if row.Fault == nil && len(row.Cells) != len(s.Columns) {
					t.Fatalf("row %d has %d cells of %d", row.Number, len(row.Cells), len(s.Columns))
				}
				for _, v := range row.Cells {
					out.WriteString(v.Text)
				}
			}
		}
		return out
	}
	a, b := read(), read()
	if a.String() != b.String() {
		t.Errorf("reading twice gives %q and %q", a.String(), b.String())
	}
}
