package main

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// revisions of GB/T 2260 in npm gb2260, each the state at the end of its month.
var revisions = strings.Fields("200212 200306 200312 200403 200409 200412 200506 200512 200612 200712 200812 200912 201010 201110 201210 201308 201410 201509 201607")

// former.csv holds, edited by hand, what stands today for divisions of the
// revisions of which neither successions.csv nor their names tell it; nothing for a
// slip of a revision.
//
//go:embed former.csv
var formerCSV string

// formerRows gives the divisions of the revisions that are no more and of which
// successions.csv, which begins with the table of 2006, tells nothing: code, name,
// the first year without them, and the division of today.
func (in inputs) formerRows(divisions map[string]division) ([][]string, error) {
	byHand, err := readFormer(divisions)
	if err != nil {
		return nil, err
	}
	told, err := in.toldBySuccessions()
	if err != nil {
		return nil, err
	}
	until, err := in.lastYears()
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"code", "name", "until", "now"}}
	for d, year := range until {
		now, ok := byHand[d]
		if ok && now == "" || told[d] || divisions[d.adcode] == d {
			continue
		}
		if !ok {
			if now = heir(d, divisions); now == "" {
				return nil, fmt.Errorf("former.csv: what became of %s %s, which ended by %d?", d.adcode, d.name, year)
			}
		}
		rows = append(rows, []string{d.adcode, d.name, strconv.Itoa(year), now})
	}
	slices.SortFunc(rows[1:], slices.Compare)
	return rows, nil
}

// lastYears gives for each division of the revisions the first year without it.
func (in inputs) lastYears() (map[division]int, error) {
	until := map[division]int{}
	for _, revision := range revisions {
		table, err := in.gb2260(revision)
		if err != nil {
			return nil, err
		}
		year, err := strconv.Atoi(revision[:4])
		if err != nil {
			return nil, err
		}
		if last := slices.Index(revisions, revision) == len(revisions)-1; last || revision[4:] == "12" {
			year++
		}
		for _, d := range table {
			if !d.heading() {
				until[d] = max(until[d], year)
			}
		}
	}
	return until, nil
}

func readFormer(divisions map[string]division) (map[division]string, error) {
	rows, err := csv.NewReader(strings.NewReader(formerCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("former.csv: %w", err)
	}
	byHand := map[division]string{}
	for i, r := range rows[1:] {
		if _, ok := divisions[r[2]]; !ok && r[2] != "" {
			return nil, fmt.Errorf("former.csv:%d: %s is no division of today", i+2, r[2])
		}
		byHand[division{r[0], r[1]}] = r[2]
	}
	return byHand, nil
}

// toldBySuccessions gives the divisions of which successions.csv tells what they
// became.
func (in inputs) toldBySuccessions() (_ map[division]bool, err error) {
	f, err := os.Open(filepath.Join(in.atlas, "successions.csv"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("successions.csv: %w", err)
	}
	told := map[division]bool{}
	for _, r := range rows[1:] {
		told[division{r[0], r[1]}] = true
	}
	return told, nil
}

// heir finds the division of today whose name differs by its kind alone: with the
// same code, or the only one of its level in the province.
func heir(d division, now map[string]division) string {
	if n, ok := now[d.adcode]; ok && stem(n.name) == stem(d.name) {
		return d.adcode
	}
	var found []string
	for code, n := range now {
		if code[:2] == d.adcode[:2] && n.level() == d.level() && stem(n.name) == stem(d.name) {
			found = append(found, code)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
