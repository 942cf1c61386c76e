package gazetteer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// simple is text in the forms that the lexicon has: characters of half width, composed,
// no control characters, and no spaces between Chinese characters.
func simple(s string) string {
	if strings.IndexFunc(s, notPlain) < 0 {
		return s
	}
	s = norm.NFC.String(width.Fold.String(s))
	var b strings.Builder
	b.Grow(len(s))
	var last rune
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			continue
		}
		if space && b.Len() > 0 && !(unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, r)) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, space = r, false
	}
	return b.String()
}

// notPlain reports whether a character may have to be changed.
func notPlain(r rune) bool { return (r < 0x4e00 || r > 0x9fff) && (r <= ' ' || r >= 0x7f) }

func isHan(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}

// decomposed is text with the marks apart from their letters.
func decomposed(s string) string { return norm.NFD.String(s) }
