package table

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"clustermap/geo"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// charset is how the bytes of a text are meant.
type charset struct {
	name   string
	coding encoding.Encoding // nil: UTF-8
	mark   int64             // bytes of a byte order mark
	spoilt int               // bytes that are not of the encoding, where that is known
}

// maxProbe is how many bytes are looked at to tell UTF-8 from GB18030.
const maxProbe = 256 << 20

// charsetOf finds the encoding of a text: by its byte order mark, else UTF-8 where all
// but a byte here and there is that, else GB18030. stated is what the user says, or "".
func charsetOf(src Source, stated string) (charset, error) {
	head := make([]byte, min(src.Size, 4096))
	n, err := src.R.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return charset{}, err
	}
	head = head[:n]
	var c charset
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		c = charset{name: "UTF-8", mark: 3}
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		c = charset{name: "UTF-16LE", coding: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), mark: 2}
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		c = charset{name: "UTF-16BE", coding: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), mark: 2}
	}
	if stated != "" {
		coding, err := htmlindex.Get(strings.TrimSpace(stated))
		if err != nil {
			return c, &geo.InvalidError{Field: "encoding", Reason: quote(stated) + " is not an encoding that is known, such as UTF-8, GB18030, Big5 or UTF-16LE"}
		}
		if coding == unicode.UTF8 {
			coding = nil
		}
		if c.name == "" || c.coding == nil != (coding == nil) {
			return charset{name: strings.ToUpper(strings.TrimSpace(stated)), coding: coding}, nil
		}
		return c, nil
	}
	if c.name != "" {
		return c, nil
	}
	if order := utf16Order(head); order != nil {
		return charset{name: "UTF-16", coding: order}, nil
	}
	good, bad, err := countUTF8(io.NewSectionReader(src.R, 0, min(src.Size, maxProbe)), src.Size > maxProbe)
	if err != nil || bad == 0 || good > 20*bad {
		return charset{name: "UTF-8", spoilt: bad}, err
	}
	return charset{name: "GB18030", coding: simplifiedchinese.GB18030}, nil
}

// utf16Order is the order of bytes of a text that has no mark but zeros in every other
// place, as the delimiters and digits of a table in UTF-16 have; nil where it has not.
// 一, 最 and the Chinese space have their zero in the other place, where they seem to be
// letters; line ends and delimiters tell which is which.
func utf16Order(head []byte) encoding.Encoding {
	var little, big, none int
	for i := 0; i+1 < len(head); i += 2 {
		switch a, b := head[i], head[i+1]; {
		case a == 0 && b == 0:
			none++
		case b == 0:
			little += weightOf(a)
		case a == 0:
			big += weightOf(b)
		}
	}
	units := len(head) / 2
	switch most := max(little, big); {
	case most < 2 || 20*most <= units || none*20 > units || 2*min(little, big) > most: // one zero is a slip
		return nil
	case little > big:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
}

// weightOf tells how much a character of ASCII speaks for a table.
func weightOf(c byte) int {
	switch {
	case c == '\n' || c == '\t' || c == ',':
		return 10
	case c >= ' ' && c < 0x7f || c == '\r':
		return 1
	}
	return 0
}

// countUTF8 counts the characters of UTF-8 that are not ASCII, and the bytes that are
// not UTF-8; cut is whether r may end within a character.
func countUTF8(r io.Reader, cut bool) (good, bad int, err error) {
	buf := make([]byte, 1<<16)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		b := buf[:kept+n]
		end := err != nil
		if end && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, 0, err
		}
		whole := len(b)
		if !end || cut {
			whole = wholeRunes(b)
		}
		good, bad = countRunes(b[:whole], good, bad)
		if end || bad > 1000 && bad > good { // it is GB18030, whatever follows
			return good, bad, nil
		}
		kept = copy(buf, b[whole:])
	}
}

func countRunes(b []byte, good, bad int) (int, int) {
	if utf8.Valid(b) {
		for _, c := range b {
			if c >= 0xc0 {
				good++
			}
		}
		return good, bad
	}
	for len(b) > 0 {
		switch r, n := utf8.DecodeRune(b); {
		case r == utf8.RuneError && n == 1:
			bad++
			b = b[1:]
		default:
			if n > 1 {
				good++
			}
			b = b[n:]
		}
	}
	return good, bad
}

// wholeRunes is how many bytes of b there are before a character that is cut off.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// reader gives the text as UTF-8. What cannot be read becomes U+FFFD.
func (c charset) reader(src Source) io.Reader {
	r := io.NewSectionReader(src.R, c.mark, src.Size-c.mark)
	if c.coding == nil {
		return r
	}
	return transform.NewReader(r, c.coding.NewDecoder())
}

// returns makes the line ends of a text those of others where it has but carriage
// returns, as old programs write them.
type returns struct{ r io.Reader }

func (c returns) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
