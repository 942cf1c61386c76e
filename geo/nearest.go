package geo

import (
	"strings"
	"unicode/utf8"
)

// Nearest is the one of names that differs least from name, letter case apart,
// or "" if none is near: at most a third of the letters may differ.
func Nearest(name string, names []string) string {
	const longest = 80
	if len(name) > longest {
		return ""
	}
	best, bound := "", max(1, utf8.RuneCountInString(name)/3)+1
	for _, n := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(n), bound); d < bound {
			best, bound = n, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance of a and b, or some number from bound
// on if it is not less than that.
func editDistance(a, b string, bound int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d >= bound || -d >= bound {
		return bound
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		left := row[0]
		row[0] = i + 1
		for j, c := range y {
			change := left
			if r != c {
				change++
			}
			left = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
