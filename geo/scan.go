package geo

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects of one feature may nest.
const maxDepth = 64

// errMore reports that a value goes on behind the end of the bytes at hand.
var errMore = errors.New("the text ends in the middle of a value")

// syntaxError is a fault at a byte of the parser's input.
type syntaxError struct {
	at     int
	field  string
	reason string
}

func (e *syntaxError) Error() string { return e.reason }

// parser reads strict JSON (RFC 8259, no duplicate keys) from b, beginning at i.
// Its methods return errMore at the end of b and *syntaxError for a fault. The
// skip methods trust what was read before.
type parser struct {
	b     []byte
	i     int
	depth int
	keys  [][]byte // keys of the objects that are open

	systems func(name string) bool // takes the name of a system that is not WGS 84; nil refuses all
	planar  bool                   // positions may be any numbers
}

func (p *parser) fail(format string, args ...any) error {
	return &syntaxError{at: p.i, reason: fmt.Sprintf(format, args...)}
}

// space skips white space and returns the byte behind it, 0 at the end.
func (p *parser) space() byte {
	for p.i < len(p.b) {
		c := p.b[p.i]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		p.i++
	}
	return 0
}

// unexpected is the fault of the byte at i where want should stand.
func (p *parser) unexpected(want string) error {
	if p.i >= len(p.b) {
		return errMore
	}
	rest := p.b[p.i:]
	if rest[0] == '+' {
		return p.fail("a number must not begin with +")
	}
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(rest, []byte(word)) {
			return p.fail("%s is not a number of JSON; use null or leave the member out", word)
		}
		if len(rest) < len(word) && bytes.HasPrefix([]byte(word), rest) {
			return errMore
		}
	}
	r, size := utf8.DecodeRune(rest)
	if r == utf8.RuneError && size == 1 {
		return p.fail("expected %s, found the byte %#x", want, rest[0])
	}
	return p.fail("expected %s, found %q", want, r)
}

func (p *parser) expect(c byte) error {
	if p.space() != c || p.i >= len(p.b) {
		return p.unexpected("'" + string(rune(c)) + "'")
	}
	p.i++
	return nil
}

// value reads one value of any kind.
func (p *parser) value() error {
	switch c := p.space(); {
	case c == '"':
		_, err := p.str()
		return err
	case c == '{':
		return p.object(func([]byte) error { return p.value() })
	case c == '[':
		return p.array(func(int) error { return p.value() })
	case c == '-' || '0' <= c && c <= '9':
		_, err := p.number()
		return err
	case c == 't':
		return p.word("true")
	case c == 'f':
		return p.word("false")
	case c == 'n':
		return p.word("null")
	}
	return p.unexpected("a value")
}

func (p *parser) word(w string) error {
	rest := p.b[p.i:]
	if len(rest) < len(w) {
		if bytes.HasPrefix([]byte(w), rest) {
			return errMore
		}
		return p.fail("expected %s", w)
	}
	if string(rest[:len(w)]) != w {
		return p.fail("expected %s", w)
	}
	p.i += len(w)
	return nil
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("nested more than %d deep", maxDepth)
	}
	p.i++
	return nil
}

// array reads an array and calls element at the first byte of each element.
func (p *parser) array(element func(n int) error) error {
	if p.space() != '[' {
		return p.unexpected("'['")
	}
	if err := p.enter(); err != nil {
		return err
	}
	if p.space() == ']' {
		p.i++
		p.depth--
		return nil
	}
	for n := 0; ; n++ {
		p.space()
		if err := element(n); err != nil {
			return err
		}
		switch p.space() {
		case ',':
			p.i++
		case ']':
			p.i++
			p.depth--
			return nil
		default:
			return p.unexpected("',' or ']'")
		}
	}
}

// object reads an object and calls member at the first byte of each value. It
// refuses a key that stands twice; key is valid during the call.
func (p *parser) object(member func(key []byte) error) error {
	first := len(p.keys)
	var many map[string]bool
	err := p.members(func(_ int, key []byte) (err error) {
		if many, err = p.unique(key, first, many); err != nil {
			return err
		}
		return member(key)
	})
	p.keys = p.keys[:first]
	return err
}

// members is object without a look at the keys that stood before.
func (p *parser) members(member func(n int, key []byte) error) error {
	if p.space() != '{' {
		return p.unexpected("'{'")
	}
	if err := p.enter(); err != nil {
		return err
	}
	if p.space() == '}' {
		p.i++
		p.depth--
		return nil
	}
	for n := 0; ; n++ {
		key, err := p.key()
		if err != nil {
			return err
		}
		if err := member(n, key); err != nil {
			return err
		}
		switch p.space() {
		case ',':
			p.i++
		case '}':
			p.i++
			p.depth--
			return nil
		default:
			return p.unexpected("',' or '}'")
		}
	}
}

// key reads the key of a member and its colon.
func (p *parser) key() ([]byte, error) {
	if p.space() != '"' {
		return nil, p.unexpected("a key in double quotes")
	}
	key, err := p.str()
	if err != nil {
		return nil, err
	}
	if err := p.expect(':'); err != nil {
		return nil, err
	}
	p.space()
	return key, nil
}

// unique keeps key among the keys of the object whose keys begin at first. A
// large object gets a map, so that its cost stays linear.
func (p *parser) unique(key []byte, first int, many map[string]bool) (map[string]bool, error) {
	const small = 32
	if many == nil && len(p.keys)-first == small {
		many = make(map[string]bool, 4*small)
		for _, k := range p.keys[first:] {
			many[string(k)] = true
		}
	}
	if many != nil {
		if many[string(key)] {
			return many, p.fail("the key %q stands twice", clip(string(key)))
		}
		many[string(key)] = true
		return many, nil
	}
	for _, k := range p.keys[first:] {
		if len(k) == len(key) && string(k) == string(key) {
			return many, p.fail("the key %q stands twice", clip(string(key)))
		}
	}
	p.keys = append(p.keys, key)
	return many, nil
}

// str reads a string. The result shares b unless the string has escapes.
func (p *parser) str() ([]byte, error) {
	start := p.i + 1
	for i := start; i < len(p.b); i++ {
		switch c := p.b[i]; {
		case c == '"':
			p.i = i + 1
			return p.b[start:i:i], nil
		case c == '\\':
			return p.escaped(start, i)
		case c < 0x20:
			p.i = i
			return nil, p.fail("control character %#02x in a string; write it as \\u%04x", c, c)
		}
	}
	return nil, errMore
}

// escaped reads the rest of a string whose first backslash is at i.
func (p *parser) escaped(start, i int) ([]byte, error) {
	out := append([]byte(nil), p.b[start:i]...)
	for i < len(p.b) {
		c := p.b[i]
		switch {
		case c == '"':
			p.i = i + 1
			return out, nil
		case c < 0x20:
			p.i = i
			return nil, p.fail("control character %#02x in a string; write it as \\u%04x", c, c)
		case c != '\\':
			out = append(out, c)
			i++
			continue
		}
		p.i = i
		r, size, err := p.escape()
		if err != nil {
			return nil, err
		}
		out = utf8.AppendRune(out, r)
		i += size
	}
	return nil, errMore
}

// escape reads the escape at i and tells its length. It does not move i.
func (p *parser) escape() (r rune, size int, err error) {
	if p.i+1 >= len(p.b) {
		return 0, 0, errMore
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := p.b[p.i+1]
	if k := bytes.IndexByte([]byte(from), c); k >= 0 {
		return rune(to[k]), 2, nil
	}
	if c != 'u' {
		return 0, 0, p.fail("\\%c is not an escape of JSON", c)
	}
	hi, err := p.hex4(p.i + 2)
	if err != nil || !utf16.IsSurrogate(hi) {
		return hi, 6, err
	}
	if p.i+8 > len(p.b) {
		return 0, 0, errMore
	}
	if p.b[p.i+6] == '\\' && p.b[p.i+7] == 'u' {
		lo, err := p.hex4(p.i + 8)
		if err != nil {
			return 0, 0, err
		}
		if r := utf16.DecodeRune(hi, lo); r != utf8.RuneError {
			return r, 12, nil
		}
	}
	return 0, 0, p.fail("half of a surrogate pair: \\u%04x", hi)
}

func (p *parser) hex4(at int) (rune, error) {
	if at+4 > len(p.b) {
		return 0, errMore
	}
	v, err := strconv.ParseUint(string(p.b[at:at+4]), 16, 16)
	if err != nil || p.b[at] == '+' {
		return 0, p.fail("\\u needs four hexadecimal digits")
	}
	return rune(v), nil
}

// pow10 are the powers of ten that float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads a number. A mantissa below 2^53 over a power of ten up to 10^22
// is one correctly rounded division (Clinger 1990); all else is strconv's.
func (p *parser) number() (float64, error) {
	b, i := p.b, p.i
	neg := i < len(b) && b[i] == '-'
	if neg {
		i++
	}
	first := i
	var mantissa uint64
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		mantissa = mantissa*10 + uint64(b[i]-'0')
		i++
	}
	digits := i - first
	if digits == 0 {
		if i >= len(b) {
			return 0, errMore
		}
		return 0, p.unexpected("a number")
	}
	if digits > 1 && b[first] == '0' {
		return 0, p.fail("a number must not begin with 0%c", b[first+1])
	}
	decimals := 0
	if i < len(b) && b[i] == '.' {
		point := i
		for i++; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
			mantissa = mantissa*10 + uint64(b[i]-'0')
		}
		decimals = i - point - 1
		if decimals == 0 && i < len(b) {
			return 0, p.fail("a number needs digits behind its point")
		} else if decimals == 0 {
			return 0, errMore
		}
		digits += decimals
	}
	if i >= len(b) || b[i] == 'e' || b[i] == 'E' || digits > 18 || mantissa >= 1<<53 || decimals >= len(pow10) {
		return p.slowNumber(i)
	}
	p.i = i
	v := float64(mantissa) / pow10[decimals]
	if neg {
		v = -v
	}
	return v, nil
}

// slowNumber reads the number at p.i whose exponent, if any, begins at i.
func (p *parser) slowNumber(i int) (float64, error) {
	b := p.b
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		first := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		if i == first && i < len(b) {
			return 0, p.fail("a number needs digits in its exponent")
		}
	}
	v, err := strconv.ParseFloat(string(b[p.i:i]), 64)
	if err != nil {
		if errors.Is(err, strconv.ErrRange) {
			return 0, p.fail("%.40s is beyond the range of a number (64 bits)", b[p.i:i])
		}
		return 0, errMore
	}
	p.i = i
	return v, nil
}

// parseNumber reads a text that is a JSON number and nothing else.
func parseNumber(s string) (v float64, ok bool) {
	p := parser{b: []byte(s)}
	v, err := p.number()
	return v, err == nil && p.i == len(s)
}

// skip moves behind a value that was read before.
func (p *parser) skip() {
	p.space()
	switch p.b[p.i] {
	case '"':
		p.skipString()
	case '{', '[':
		depth := 0
		for {
			switch p.b[p.i] {
			case '"':
				p.skipString()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					p.i++
					return
				}
			}
			p.i++
		}
	default:
		p.skipNumber()
	}
}

func (p *parser) skipString() {
	for p.i++; p.b[p.i] != '"'; p.i++ {
		if p.b[p.i] == '\\' {
			p.i++
		}
	}
	p.i++
}

// skipNumber moves behind a number or a word.
func (p *parser) skipNumber() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return
		}
		p.i++
	}
}
