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

// editDistance is the optimal string alignment distance of a and b (Levenshtein's
// with two exchanged letters as one change), or some number from bound on if it is
// not less than that.
func editDistance(a, b string, bound int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d >= bound || -d >= bound {
		return bound
	}
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		next[0] = i + 1
		for j, c := range y {
			change := row[j]
			if r != c {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && r == y[j-1] && x[i-1] == c {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(y)]
}
