package cql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of CQL2-Text.
type token struct {
	kind       tokenKind
	word       word // of a name
	start, end int  // bytes
	pos        int  // characters, from 1
}

// tokenKind is a kind of token; signs of one character are their own kind.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenQuoted // a name in double quotes
	tokenString
	tokenNumber // without its sign
	tokenNotEqual
	tokenLessEqual
	tokenGreaterEqual
)

// lexer cuts a text into tokens. With the first error it is at its end.
type lexer struct {
	text  string
	at    int // byte
	multi int // bytes before at that only continue a character
	err   error
}

func (l *lexer) fail(pos int, format string, args ...any) {
	if l.err == nil {
		l.err = refuse("character %d: "+format, append([]any{pos}, args...)...)
	}
	l.at = len(l.text)
}

// next is the next token.
func (l *lexer) next() token {
	l.space()
	t := token{start: l.at, pos: l.at - l.multi + 1}
	if l.at >= len(l.text) {
		t.end = l.at
		return t
	}
	switch c := l.text[l.at]; {
	case c == '\'':
		t.kind = tokenString
		l.quote(c, t.pos)
	case c == '"':
		t.kind = tokenQuoted
		l.quote(c, t.pos)
	case '0' <= c && c <= '9' || c == '.':
		t.kind = tokenNumber
		l.number(t.pos)
	case strings.IndexByte("(),+-*/%^=<>", c) >= 0:
		t.kind = l.sign(c)
	default:
		t.kind = tokenName
		l.name(t.pos)
		t.word = wordOf(l.text[t.start:l.at])
	}
	if l.err != nil {
		return token{start: l.at, end: l.at, pos: t.pos}
	}
	t.end = l.at
	return t
}

func (l *lexer) space() {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			l.at++
		case c < utf8.RuneSelf:
			return
		default:
			r, size := utf8.DecodeRuneInString(l.text[l.at:])
			if !unicode.IsSpace(r) {
				return
			}
			l.at += size
			l.multi += size - 1
		}
	}
}

func (l *lexer) sign(c byte) tokenKind {
	l.at++
	if l.at == len(l.text) {
		return tokenKind(c)
	}
	switch [2]byte{c, l.text[l.at]} {
	case [2]byte{'<', '>'}:
		l.at++
		return tokenNotEqual
	case [2]byte{'<', '='}:
		l.at++
		return tokenLessEqual
	case [2]byte{'>', '='}:
		l.at++
		return tokenGreaterEqual
	}
	return tokenKind(c)
}

// quote reads to the closing quote; a doubled one stands for itself.
func (l *lexer) quote(q byte, pos int) {
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == q:
			l.at++
			if l.at == len(l.text) || l.text[l.at] != q {
				return
			}
		case c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F:
			l.fail(l.at-l.multi+1, "found the control character U+%04X", c)
			return
		case c >= utf8.RuneSelf:
			_, size := utf8.DecodeRuneInString(l.text[l.at:])
			if size == 1 {
				l.fail(l.at-l.multi+1, "found a byte that is not UTF-8")
				return
			}
			l.at += size - 1
			l.multi += size - 1
		}
	}
	l.fail(pos, "the %c that opens here is not closed", q)
}

func (l *lexer) digits() (n int) {
	for ; l.at < len(l.text) && '0' <= l.text[l.at] && l.text[l.at] <= '9'; l.at++ {
		n++
	}
	return n
}

func (l *lexer) number(pos int) {
	start, multi := l.at, l.multi
	n := l.digits()
	if l.at < len(l.text) && l.text[l.at] == '.' {
		l.at++
		n += l.digits()
	}
	if l.at < len(l.text) && (l.text[l.at] == 'e' || l.text[l.at] == 'E') {
		l.at++
		if l.at < len(l.text) && (l.text[l.at] == '+' || l.text[l.at] == '-') {
			l.at++
		}
		if l.digits() == 0 {
			n = 0
		}
	}
	end := l.at
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if !isNamePart(r) {
			break
		}
		l.at += size
		l.multi += size - 1
	}
	if n == 0 || l.at > end {
		wrong := l.text[start:l.at]
		l.multi = multi
		l.fail(pos, "found %s, expected a number such as 12, 0.5 or 1e6", quoted(wrong))
	}
}

func (l *lexer) name(pos int) {
	for first := true; l.at < len(l.text); first = false {
		if c := l.text[l.at]; c < utf8.RuneSelf {
			if first && !isNameStart(rune(c)) || !isNamePart(rune(c)) {
				switch {
				case first && c == '!':
					l.fail(pos, "found \"!\", expected <> for what is not equal")
				case first:
					l.fail(pos, "found %s, which has no meaning here", quoted(l.text[l.at:l.at+1]))
				}
				return
			}
			l.at++
			continue
		}
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if first && !isNameStart(r) || !isNamePart(r) {
			if size == 1 {
				l.fail(l.at-l.multi+1, "found a byte that is not UTF-8")
			} else if first {
				l.fail(pos, "found %s, which has no meaning here", quoted(l.text[l.at:l.at+size]))
			}
			return
		}
		l.at += size
		l.multi += size - 1
	}
}
