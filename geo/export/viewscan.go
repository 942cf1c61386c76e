package export

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// unquote reads a JSON string; invalid escapes become U+FFFD as in
// encoding/json.
func unquote(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b[1 : len(b)-1]
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	return []byte(s)
}

// scanner walks JSON that is known to be valid.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

// next is the next byte behind spaces, 0 at the end.
func (s *scanner) next() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// eat passes c if it is next.
func (s *scanner) eat(c byte) bool {
	if s.next() != c {
		return false
	}
	s.i++
	return true
}

// value passes one value and returns its bytes.
func (s *scanner) value() []byte {
	c := s.next()
	start := s.i
	switch c {
	case '"':
		s.passString()
	case '{', '[':
		for depth := 0; s.i < len(s.b); {
			switch s.b[s.i] {
			case '"':
				s.passString()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			s.i++
			if depth == 0 {
				break
			}
		}
	default:
		for s.i < len(s.b) {
			switch s.b[s.i] {
			case ',', ']', '}', ' ', '\n', '\t', '\r':
				return s.b[start:s.i]
			}
			s.i++
		}
	}
	return s.b[start:s.i]
}

func (s *scanner) passString() {
	for s.i++; s.i < len(s.b); s.i++ {
		switch s.b[s.i] {
		case '\\':
			s.i++
		case '"':
			s.i++
			return
		}
	}
}

// members calls each for the members of an object, with the key unescaped. It
// does nothing where the value is no object.
func (s *scanner) members(each func(key, value []byte)) {
	if !s.eat('{') {
		return
	}
	for s.next() == '"' {
		key := unquote(s.value())
		s.eat(':')
		each(key, s.value())
		if !s.eat(',') {
			return
		}
	}
}

// elements calls each before every element of an array; each must pass it.
func (s *scanner) elements(each func()) {
	if !s.eat('[') {
		return
	}
	for c := s.next(); c != ']' && c != 0; c = s.next() {
		each()
		if !s.eat(',') {
			break
		}
	}
	s.eat(']')
}

// appendJSONString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
