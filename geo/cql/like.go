package cql

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// pattern is a pattern of LIKE: % is any characters, _ is one, and a backslash
// takes the meaning from the character behind it.
type pattern struct {
	parts []part // between the %
}

// part is text without %; any is a character of it that _ stands for.
type part struct {
	chars []rune
	text  string // where there is no _
	plain bool
}

const anyChar rune = -1

func newPattern(s string) *pattern {
	p := &pattern{}
	var chars []rune
	end := func() {
		t := part{chars: chars, plain: true}
		for _, r := range chars {
			t.plain = t.plain && r != anyChar
		}
		if t.plain {
			t.text = string(chars)
		}
		p.parts = append(p.parts, t)
		chars = nil
	}
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			chars, escaped = append(chars, r), false
		case r == '\\':
			escaped = true
		case r == '%':
			end()
		case r == '_':
			chars = append(chars, anyChar)
		default:
			chars = append(chars, r)
		}
	}
	if escaped {
		chars = append(chars, '\\')
	}
	end()
	return p
}

// prefix is the text that every match begins with.
func (p *pattern) prefix() string {
	var b strings.Builder
	for _, r := range p.parts[0].chars {
		if r == anyChar {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// match takes for every part the first place where it fits, which is as good as
// any: time is at most that of the text times that of the longest part.
func (p *pattern) match(s string) bool {
	first := &p.parts[0]
	n, ok := first.at(s)
	if !ok {
		return false
	}
	s = s[n:]
	if len(p.parts) == 1 {
		return s == ""
	}
	last := len(p.parts) - 1
	for i := 1; i < last; i++ {
		if s, ok = p.parts[i].find(s); !ok {
			return false
		}
	}
	return p.parts[last].ends(s)
}

// at tells how many bytes the part takes at the beginning of s.
func (t *part) at(s string) (int, bool) {
	if t.plain {
		return len(t.text), strings.HasPrefix(s, t.text)
	}
	i := 0
	for _, c := range t.chars {
		if i == len(s) {
			return 0, false
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if c != anyChar && c != r {
			return 0, false
		}
		i += size
	}
	return i, true
}

// find is what stands behind the first place in s where the part fits.
func (t *part) find(s string) (string, bool) {
	if t.plain {
		i := strings.Index(s, t.text)
		if i < 0 {
			return "", false
		}
		return s[i+len(t.text):], true
	}
	for {
		if n, ok := t.at(s); ok {
			return s[n:], true
		}
		if s == "" {
			return "", false
		}
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
}

func (t *part) ends(s string) bool {
	if t.plain {
		return strings.HasSuffix(s, t.text)
	}
	i := len(s)
	for range t.chars {
		if i == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	_, ok := t.at(s[i:])
	return ok
}

// folded is s without the differences of case: the full case folding of Unicode.
func folded(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return cases.Fold().String(s)
		}
	}
	return strings.ToLower(s)
}

// plain is s without accents: its nonspacing marks are taken away.
func plain(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, norm.NFD.String(s)))
		}
	}
	return s
}
