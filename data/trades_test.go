package data_test

import (
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"clustermap/data"
)

// trades.csv leads the words of lists to the vocabulary, each word to one trade, in
// the order of trades and then of words.
func TestTrades(t *testing.T) {
	known := make(map[string]bool)
	text, err := fs.ReadFile(data.Files(), "industries.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Industries []struct{ Code string } }
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, i := range doc.Industries {
		known[i.Code] = true
	}
	f, err := data.Files().Open("trades.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	words := make(map[string]bool)
	for i, r := range rows[1:] {
		switch {
		case !known[r[1]]:
			t.Errorf("line %d: %q is not in industries.json", i+2, r[1])
		case words[r[0]] || r[0] == "":
			t.Errorf("line %d: %q stands twice", i+2, r[0])
		case i > 0 && slices.Compare([]string{rows[i][1], rows[i][0]}, []string{r[1], r[0]}) >= 0:
			t.Errorf("line %d: %s, %s is out of order", i+2, r[1], r[0])
		}
		words[r[0]] = true
	}
}
