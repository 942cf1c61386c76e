package table

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkt"
)

// layers is a file of geographic data as text: for each sheet its name, system and
// columns, then a line for each row: number, id, geometry and cells.
func layers(t testing.TB, f *File) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", f.Format)
	for _, n := range f.Notes {
		fmt.Fprintf(&b, "note %s %s %d\n", n.Code, n.Sheet, n.Row)
	}
	for _, s := range f.Sheets {
		system := "-"
		if s.CRS != nil {
			system = s.CRS.Code()
		}
		fmt.Fprintf(&b, "[%s] %s", s.Name, system)
		for _, c := range s.Columns {
			fmt.Fprintf(&b, " %s", c.Name)
		}
		b.WriteByte('\n')
		for row, err := range s.Rows(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%d ", row.Number)
			if row.Fault != nil {
				fmt.Fprintf(&b, "! %s\n", row.Fault)
				continue
			}
			shape := "null"
			if row.Geometry != nil {
				shape = wkt.MarshalString(row.Geometry)
			}
			fmt.Fprintf(&b, "%s %s", row.ID, shape)
			for _, v := range row.Cells {
				fmt.Fprintf(&b, " %c:%s", "-TNBDJ"[v.Kind], v.Text)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// openData opens a file that is at hand.
func openData(t testing.TB, name string, data []byte, opt Options) (*File, error) {
	t.Helper()
	f, err := Open(context.Background(), Source{Name: name, R: bytes.NewReader(data), Size: int64(len(data))}, opt)
	if err == nil {
		t.Cleanup(func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return f, err
}

// readAll reads all rows of a file that may be hostile and checks what always holds.
func readAll(t *testing.T, f *File) {
	t.Helper()
	for _, s := range f.Sheets {
		seen := make(map[string]bool)
		for _, c := range s.Columns {
			if c.Name == "" || seen[c.Name] {
				t.Fatalf("the column name %q is empty or stands twice", c.Name)
			}
			seen[c.Name] = true
		}
		last, rows := 0, 0
		for row, err := range s.Rows(context.Background()) {
			if err != nil {
				break
			}
			if row.Number <= last {
				t.Fatalf("row %d follows row %d", row.Number, last)
			}
			if last = row.Number; row.Fault != nil && len(row.Cells) > 0 {
				t.Fatalf("row %d has cells %v and the fault %v", row.Number, row.Cells, row.Fault)
			}
			if row.Fault == nil && len(row.Cells) != len(s.Columns) {
				t.Fatalf("row %d has %d cells of %d", row.Number, len(row.Cells), len(s.Columns))
			}
			if rows++; rows > 10_000 {
				break
			}
		}
	}
}
