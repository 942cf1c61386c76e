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

// A draw is the rows that were drawn for judging, first of each list three and a tenth of
// its rows, then 50 of the others: those whose names have the least SHA-256. So nobody
// chose them.
type draw struct{ first, second []listRow }

func drawn(t *testing.T) draw {
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
	var d draw
	var rest []listRow
	for _, l := range lists {
		var rows []listRow
		for _, r := range table(t, "sources/lists/"+l.ID+".csv") {
			rows = append(rows, listRow{l.ID, r["row"]})
		}
		if len(rows) != l.Rows {
			t.Errorf("%s has %d rows, %d by index.json", l.ID, len(rows), l.Rows)
		}
		byLot(rows, 1)
		n := min(len(rows), 3+len(rows)/10)
		d.first, rest = append(d.first, rows[:n]...), append(rest, rows[n:]...)
	}
	byLot(rest, 2)
	d.second = rest[:50]
	return d
}

func byLot(rows []listRow, turn int) {
	sum := func(r listRow) string {
		h := sha256.Sum256(fmt.Appendf(nil, "clustermap truth %d/%s/%s", turn, r.list, r.row))
		return hex.EncodeToString(h[:])
	}
	slices.SortFunc(rows, func(a, b listRow) int { return cmp.Compare(sum(a), sum(b)) })
}

// TestTruth holds the rows that were judged to those that were drawn, and what was
// judged to the codes of today.
func TestTruth(t *testing.T) {
	codes := make(map[string]bool)
	for _, r := range table(t, "codes/2023.csv") {
		codes[r["code"]] = true
	}
	d := drawn(t)
	for name, want := range map[string][]listRow{"truth": d.first, "truth-2": d.second} {
		judged := make(map[listRow]bool)
		for i, r := range table(t, "sources/"+name+".csv") {
			judged[listRow{r["list_id"], r["row"]}] = true
			checkJudgement(t, fmt.Sprintf("%s.csv:%d", name, i+2), r, codes)
		}
		if len(judged) != len(want) {
			t.Errorf("%s: %d rows are judged, %d were drawn", name, len(judged), len(want))
		}
		for _, r := range want {
			if !judged[r] {
				t.Errorf("%s: %s row %s was drawn and is not judged", name, r.list, r.row)
			}
		}
	}
}

func checkJudgement(t *testing.T, where string, r map[string]string, codes map[string]bool) {
	t.Helper()
	at, levels, units := split(r["adcode"]), split(r["level"]), split(r["unit_zh"])
	if len(at) != len(levels) || len(at) != len(units) {
		t.Errorf("%s: %d codes, %d levels, %d units", where, len(at), len(levels), len(units))
		return
	}
	for _, code := range slices.Concat(at, split(r["also"])) {
		if !codes[code] {
			t.Errorf("%s: %s is no code of 2023", where, code)
		}
	}
	for k, level := range levels {
		if !slices.Contains([]string{"province", "prefecture", "county", "town", "zone"}, level) {
			t.Errorf("%s: level %q", where, level)
		}
		if want := levelOf(at[k]); level != "town" && level != "zone" && level != want {
			t.Errorf("%s: %s is a %s, not a %s", where, at[k], want, level)
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
