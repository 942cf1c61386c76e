package draw

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// leftToRight puts the characters of a line into the order in which they are seen.
// It is the Unicode algorithm without explicit marks of direction, which visible has
// taken out: words, numbers and what stands between them. (Order of x/text's
// bidi.Paragraph leaves runs in the order of reading.)
func leftToRight(chars []rune) []rune {
	if !slices.ContainsFunc(chars, isRightToLeft) {
		return chars
	}
	levels := bidiLevels(chars)
	ordered := slices.Clone(chars)
	for i, level := range levels {
		if level%2 == 1 {
			ordered[i] = []rune(bidi.ReverseString(string(ordered[i])))[0] // the other bracket
		}
	}
	for level := slices.Max(levels); level > 0; level-- {
		for from := 0; from < len(levels); from++ {
			to := from
			for to < len(levels) && levels[to] >= level {
				to++
			}
			slices.Reverse(ordered[from:to])
			slices.Reverse(levels[from:to])
			from = max(from, to-1)
		}
	}
	return ordered
}

// kind is what counts of a character's class for its direction.
type kind uint8

const (
	neutral kind = iota
	left
	right
	number
)

func kindOf(char rune) kind {
	props, _ := bidi.LookupRune(char)
	switch props.Class() {
	case bidi.L:
		return left
	case bidi.R, bidi.AL:
		return right
	case bidi.EN, bidi.AN:
		return number
	}
	return neutral
}

func isRightToLeft(char rune) bool { return char >= 0x590 && kindOf(char) == right }

// bidiLevels are even for what is read from left to right. The first letter gives
// the direction of the line.
func bidiLevels(chars []rune) []int {
	kinds := make([]kind, len(chars))
	base, strong := neutral, neutral
	for i, char := range chars {
		kinds[i] = kindOf(char)
		switch {
		case kinds[i] == left || kinds[i] == right:
			strong = kinds[i]
			if base == neutral {
				base = strong
			}
		case kinds[i] == number && strong != right:
			kinds[i] = left
		case kinds[i] == neutral && i > 0 && i+1 < len(chars) && kinds[i-1] == number && kindOf(chars[i+1]) == number && char != ' ':
			kinds[i] = number // the point of a decimal
		}
	}
	levels := make([]int, len(chars))
	before := base
	for i := 0; i < len(chars); i++ {
		if kinds[i] != neutral {
			levels[i] = bidiLevel(kinds[i], base)
			if before = kinds[i]; before == number {
				before = right
			}
			continue
		}
		end := i
		for end < len(chars) && kinds[end] == neutral {
			end++
		}
		after := base
		if end < len(chars) && kinds[end] != number {
			after = kinds[end]
		} else if end < len(chars) {
			after = right
		}
		between := base
		if before == after {
			between = before
		}
		for ; i < end; i++ {
			levels[i] = bidiLevel(between, base)
		}
		i--
	}
	return levels
}

func bidiLevel(k, base kind) int {
	switch {
	case k == right:
		return 1
	case k == left && base != right:
		return 0
	}
	return 2
}
