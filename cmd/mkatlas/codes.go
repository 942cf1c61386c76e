package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A division is an administrative unit of China by its six-digit code (GB/T 2260).
type division struct{ adcode, name string }

// level tells a code's level: the last four digits of a province's are zeros and
// the last two of a prefecture's.
func (d division) level() string {
	switch {
	case strings.HasSuffix(d.adcode, "0000"):
		return "province"
	case strings.HasSuffix(d.adcode, "00"):
		return "prefecture"
	}
	return "county"
}

// heading tells whether the table has the code only to group others: the districts
// and counties of a municipality, the counties directly below a province.
func (d division) heading() bool {
	return d.name == "市辖区" || d.name == "县" || strings.Contains(d.name, "直辖")
}

// direct tells whether a county stands directly below its province.
func (d division) direct() bool {
	return d.level() == "county" && d.adcode[2:4] == "90"
}

// codesThen reads the codes of the end of 2006, with which a book of May 2007 speaks.
func (in inputs) codesThen() ([]division, error) {
	return in.gb2260("200612")
}

// codesNow reads the codes of 2023. china-division lacks Taiwan, Hong Kong and
// Macao, so these come from the last revision in gb2260.
func (in inputs) codesNow() ([]division, error) {
	var all []division
	for _, name := range []string{"provinces", "cities", "areas"} {
		text, err := os.ReadFile(filepath.Join(in.npm, "china-division/dist", name+".json"))
		if err != nil {
			return nil, err
		}
		var rows []struct{ Code, Name string }
		if err := json.Unmarshal(text, &rows); err != nil {
			return nil, fmt.Errorf("china-division %s: %w", name, err)
		}
		for _, r := range rows {
			all = append(all, division{r.Code + strings.Repeat("0", 6-len(r.Code)), r.Name})
		}
	}
	last, err := in.gb2260("201607")
	if err != nil {
		return nil, err
	}
	for _, d := range last {
		if slices.Contains([]string{"71", "81", "82"}, d.adcode[:2]) {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b division) int { return strings.Compare(a.adcode, b.adcode) })
	// A prefecture without counties stands in both lists of its own code.
	return slices.CompactFunc(all, func(a, b division) bool { return a.adcode == b.adcode }), nil
}

func (in inputs) gb2260(revision string) ([]division, error) {
	text, err := os.ReadFile(filepath.Join(in.npm, "gb2260/lib", revision+".json"))
	if err != nil {
		return nil, err
	}
	var names map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		return nil, fmt.Errorf("gb2260 %s: %w", revision, err)
	}
	var all []division
	for _, code := range slices.Sorted(maps.Keys(names)) {
		all = append(all, division{code, names[code]})
	}
	return all, nil
}

// districts reads the districts of Hong Kong and the parishes of Macao, whose codes
// no table of the mainland has.
func (in inputs) districts() ([]division, error) {
	var all []division
	for _, name := range []string{"hongkong-201512", "macao-201512"} {
		table, err := in.gb2260(name)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(table, func(d division) bool { return d.level() != "county" })...)
	}
	return all, nil
}

// codesCSV writes a code table.
func codesCSV(all []division) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"code", "name", "level"}}
	for _, d := range all {
		rows = append(rows, []string{d.adcode, d.name, d.level()})
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// names.csv holds, edited by hand, the English name of each province, prefecture
// and county directly below a province, and of counties whose name is from another
// language than Chinese; GeoNames' name of its seat where that is
// another, and for great cities the rank of their label, 1 to 3.
//
//go:embed names.csv
var namesCSV string

// An englishName is a row of names.csv.
type englishName struct {
	name, seat string
	rank       int // 0 if the base map does not name it
}

func englishNames() (map[string]englishName, error) {
	rows, err := csv.NewReader(strings.NewReader(namesCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("names.csv: %w", err)
	}
	names := map[string]englishName{}
	for _, r := range rows[1:] {
		n := englishName{name: r[1], seat: r[2]}
		if r[3] != "" {
			if n.rank, err = strconv.Atoi(r[3]); err != nil {
				return nil, fmt.Errorf("names.csv: %w", err)
			}
		}
		if n.seat == "" {
			n.seat = n.name
		}
		names[r[0]] = n
	}
	return names, nil
}
