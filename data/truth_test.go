package data_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// listRow names a row of the lists.
type listRow struct{ list, row string }

// drawn are the rows that were drawn for judging: of each list three and a tenth of
// its rows, the first by the SHA-256 of their names. So nobody chose them.
func drawn(t *testing.T) []listRow {
	t.Helper()
	var lists []struct {
		ID   string `json:"list_id"`
		Rows int
	}
	text, err := os.ReadFile("sources/lists/index.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &lists); err != nil {
		t.Fatal(err)
	}
	var all []listRow
	for _, l := range lists {
		rows := table(t, "sources/lists/"+l.ID+".csv")
		if len(rows) != l.Rows {
			t.Errorf("%s has %d rows, %d by index.json", l.ID, len(rows), l.Rows)
		}
		sum := func(row string) string {
			h := sha256.Sum256(fmt.Appendf(nil, "clustermap truth 1/%s/%s", l.ID, row))
			return hex.EncodeToString(h[:])
		}
		slices.SortFunc(rows, func(a, b map[string]string) int { return cmp.Compare(sum(a["row"]), sum(b["row"])) })
		for _, r := range rows[:min(len(rows), 3+len(rows)/10)] {
			all = append(all, listRow{l.ID, r["row"]})
		}
	}
	return all
}

// TestTruth holds the rows that were judged to those that were drawn, and what was
// judged to the codes of today.
func TestTruth(t *testing.T) {
	codes := make(map[string]bool)
	for _, r := range table(t, "codes/2023.csv") {
		codes[r["code"]] = true
	}
	judged := make(map[listRow]bool)
	for i, r := range table(t, "sources/truth.csv") {
		judged[listRow{r["list_id"], r["row"]}] = true
		at, levels, units := split(r["adcode"]), split(r["level"]), split(r["unit_zh"])
		if len(at) != len(levels) || len(at) != len(units) {
			t.Errorf("line %d: %d codes, %d levels, %d units", i+2, len(at), len(levels), len(units))
		}
		for _, code := range slices.Concat(at, split(r["also"])) {
			if !codes[code] {
				t.Errorf("line %d: %s is no code of 2023", i+2, code)
			}
		}
		for k, level := range levels {
			if !slices.Contains([]string{"province", "prefecture", "county", "town", "zone"}, level) {
				t.Errorf("line %d: level %q", i+2, level)
			}
			if want := levelOf(at[k]); level != "town" && level != "zone" && level != want {
				t.Errorf("line %d: %s is a %s, not a %s", i+2, at[k], want, level)
			}
		}
	}
	want := drawn(t)
	if len(want) < 150 || len(judged) != len(want) {
		t.Errorf("%d rows are judged, %d were drawn", len(judged), len(want))
	}
	for _, r := range want {
		if !judged[r] {
			t.Errorf("%s row %s was drawn and is not judged", r.list, r.row)
		}
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

func levelOf(code string) string {
	switch {
	case strings.HasSuffix(code, "0000"):
		return "province"
	case strings.HasSuffix(code, "00"):
		return "prefecture"
	}
	return "county"
}

// table reads a CSV file by the names of its columns.
func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var rows []map[string]string
	for {
		record, err := r.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		row := make(map[string]string)
		for i, v := range record {
			row[head[i]] = v
		}
		rows = append(rows, row)
	}
}
