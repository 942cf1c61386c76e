package gazetteer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Simplified writes the traditional characters of a text as simplified ones, each for
// itself: 東莞 as 东莞. Characters that names of divisions have today stay as they are.
func (g *Gazetteer) Simplified(text string) string {
	return strings.Map(func(r rune) rune {
		if s, ok := g.traditional[r]; ok {
			return s
		}
		return r
	}, text)
}

func (g *Gazetteer) addTraditional(r []string) error {
	from, n := utf8.DecodeRuneInString(r[0])
	to, m := utf8.DecodeRuneInString(r[1])
	if n == 0 || n != len(r[0]) || m == 0 || m != len(r[1]) {
		return fmt.Errorf("%q, %q: needs two characters", r[0], r[1])
	}
	g.traditional[from] = to
	return nil
}
