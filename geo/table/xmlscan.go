package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"clustermap/geo"
)

// xmlScan takes XML apart in little memory: of one text or tag it keeps no more than
// most bytes. Names come without their prefix. It knows no document types, which
// workbooks do not have, and so no entities but those of XML itself.
type xmlScan struct {
	r    *bufio.Reader
	most int

	name  []byte // of a start or end; valid until the next call, as attrs and text are
	attrs []byte
	text  []byte // as it stands; see unescape
	long  bool   // some of a text was left out since the caller set it to false
	read  int64  // bytes so far

	spare   []byte
	tag     bool // what comes next stands behind a <
	closing bool // the end of an element that is empty comes next
	plain   bool // text is that of a CDATA section
}

type xmlKind uint8

const (
	xmlStart xmlKind = iota
	xmlEnd
	xmlText
)

func newXMLScan(r io.Reader, most int) *xmlScan {
	return &xmlScan{r: bufio.NewReaderSize(r, 1<<16), most: max(most, 1<<12)}
}

var errXML = errors.New("not well formed")

// next is the next start, end or text; io.EOF at the end.
func (s *xmlScan) next() (xmlKind, error) {
	if s.closing {
		s.closing = false
		return xmlEnd, nil
	}
	for {
		if !s.tag {
			text, err := s.until('<', s.spare[:0])
			if err != nil && !(errors.Is(err, io.EOF) && len(text) > 0) {
				return 0, err
			}
			s.tag = err == nil
			if len(text) > 0 {
				s.text, s.plain = text, false
				return xmlText, nil
			}
			continue
		}
		s.tag = false
		head, err := s.r.Peek(8)
		if len(head) == 0 {
			return 0, cmpErr(err)
		}
		switch {
		case head[0] == '?':
			err = s.skipTo("?>")
		case bytes.HasPrefix(head, []byte("!--")):
			err = s.skipTo("-->")
		case bytes.HasPrefix(head, []byte("![CDATA[")):
			return xmlText, s.cdata()
		case head[0] == '!':
			return 0, &geo.InvalidError{Reason: "has a document type, which is not read"}
		default:
			return s.element()
		}
		if err != nil {
			return 0, cmpErr(err)
		}
	}
}

// cmpErr is the error of an end where there may be none.
func cmpErr(err error) error {
	if errors.Is(err, io.EOF) || err == nil {
		return errXML
	}
	return err
}

// element reads a tag.
func (s *xmlScan) element() (xmlKind, error) {
	long := s.long
	s.long = false
	tag, err := s.until('>', s.spare[:0])
	if in := openQuote(0, tag); in != 0 {
		tag = append(s.spare[:0], tag...)
		for err == nil && in != 0 && !s.long {
			from := len(tag) + 1
			if tag, err = s.until('>', append(tag, '>')); !s.long {
				in = openQuote(in, tag[from:])
			}
		}
	}
	if err != nil || s.long || len(tag) == 0 {
		return 0, cmpErr(err)
	}
	s.long = long
	if tag[0] == '/' {
		s.name, s.attrs = local(bytes.TrimRight(tag[1:], " \t\r\n")), nil
		return xmlEnd, nil
	}
	if tag[len(tag)-1] == '/' {
		tag, s.closing = tag[:len(tag)-1], true
	}
	end := 0
	for end < len(tag) && tag[end] > ' ' {
		end++
	}
	s.name, s.attrs = local(tag[:end]), tag[end:]
	return xmlStart, nil
}

// openQuote is the quote within which a piece of a tag ends that begins within in; 0 is
// none.
func openQuote(in byte, piece []byte) byte {
	if in == 0 && bytes.IndexByte(piece, '\'') < 0 {
		return '"' * byte(bytes.Count(piece, []byte{'"'})%2)
	}
	for _, c := range piece {
		switch {
		case in == 0 && (c == '"' || c == '\''):
			in = c
		case c == in:
			in = 0
		}
	}
	return in
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// until reads to a mark, which is taken and not returned. What is more than most is
// left out.
func (s *xmlScan) until(mark byte, before []byte) ([]byte, error) {
	b, err := s.r.ReadSlice(mark)
	s.read += int64(len(b))
	if err == nil && len(before) == 0 {
		return b[:len(b)-1], nil
	}
	if len(before)+len(b) > max(s.most, s.r.Size()) {
		s.long, b = true, nil
	}
	out := append(before, b...)
	for errors.Is(err, bufio.ErrBufferFull) {
		b, err = s.r.ReadSlice(mark)
		s.read += int64(len(b))
		if len(out)+len(b) > s.most {
			s.long = true
			continue
		}
		out = append(out, b...)
	}
	if err == nil && len(out) > 0 && !s.long {
		out = out[:len(out)-1]
	}
	s.spare = out
	return out, err
}

// skipTo reads over what ends with mark.
func (s *xmlScan) skipTo(mark string) error {
	last := []byte{}
	for {
		b, err := s.r.ReadSlice(mark[len(mark)-1])
		s.read += int64(len(b))
		last = append(last, b[max(0, len(b)-len(mark)):]...)
		last = last[max(0, len(last)-len(mark)):]
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if err == nil && string(last) == mark {
			return nil
		}
	}
}

// cdata reads a section of plain text.
func (s *xmlScan) cdata() error {
	if _, err := s.r.Discard(len("![CDATA[")); err != nil {
		return cmpErr(err)
	}
	long := s.long
	s.long = false
	text, err := s.until('>', s.spare[:0])
	if !bytes.HasSuffix(text, []byte("]]")) {
		text = append(s.spare[:0], text...)
		for err == nil && !bytes.HasSuffix(text, []byte("]]")) && !s.long {
			text, err = s.until('>', append(text, '>'))
		}
	}
	if err != nil || s.long {
		return cmpErr(err)
	}
	s.long = long
	s.text, s.plain = text[:len(text)-2], true
	return nil
}

// attr is the value of an attribute, nil where there is none; name is without prefix.
func (s *xmlScan) attr(name string) []byte {
	for key, value, rest := nextAttr(s.attrs); key != nil; key, value, rest = nextAttr(rest) {
		if string(key) == name {
			return value
		}
	}
	return nil
}

// nextAttr is the first attribute of b and what follows it. Its key is nil where there
// is none.
func nextAttr(b []byte) (key, value, rest []byte) {
	i := 0
	for i < len(b) && b[i] <= ' ' {
		i++
	}
	eq := bytes.IndexByte(b[i:], '=')
	if eq < 0 {
		return nil, nil, nil
	}
	end := i + eq
	for end > i && b[end-1] <= ' ' {
		end--
	}
	at := i + eq + 1
	for at < len(b) && b[at] <= ' ' {
		at++
	}
	if at == len(b) || b[at] != '"' && b[at] != '\'' {
		return nil, nil, nil
	}
	size := bytes.IndexByte(b[at+1:], b[at])
	if size < 0 {
		return nil, nil, nil
	}
	return local(b[i:end]), b[at+1 : at+1+size], b[at+size+2:]
}

// attrText is the value of an attribute as a text. One that is longer than any has
// reason to be counts as none.
func (s *xmlScan) attrText(name string) string {
	value := s.attr(name)
	if len(value) > maxHead {
		return ""
	}
	return string(unescape(nil, value))
}

// attrInt is the value of an attribute that is a whole number, def where it is none.
func (s *xmlScan) attrInt(name string, def int) int {
	if n, ok := smallInt(s.attr(name)); ok {
		return n
	}
	return def
}

// appendText appends the text that is at hand.
func (s *xmlScan) appendText(out []byte) []byte {
	if s.plain {
		return append(out, s.text...)
	}
	return unescape(out, s.text)
}

// skip reads over the rest of an element that has begun.
func (s *xmlScan) skip() error {
	for depth := 1; depth > 0; {
		kind, err := s.next()
		switch {
		case err != nil:
			return cmpErr(err)
		case kind == xmlStart:
			depth++
		case kind == xmlEnd:
			depth--
		}
	}
	return nil
}

// unescape appends a text with its references resolved.
func unescape(out, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		if end < 0 {
			out, b = append(out, '&'), b[1:]
			continue
		}
		out = appendReference(out, b[1:end], b[:end+1])
		b = b[end+1:]
	}
}

func appendReference(out, name, whole []byte) []byte {
	switch string(name) {
	case "amp":
		return append(out, '&')
	case "lt":
		return append(out, '<')
	case "gt":
		return append(out, '>')
	case "quot":
		return append(out, '"')
	case "apos":
		return append(out, '\'')
	}
	if len(name) > 1 && name[0] == '#' {
		digits, base := string(name[1:]), 10
		if digits[0] == 'x' || digits[0] == 'X' {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, base, 32); err == nil && n <= utf8.MaxRune {
			return utf8.AppendRune(out, rune(n))
		}
	}
	return append(out, whole...)
}

// smallInt reads a whole number of at most nine digits.
func smallInt(b []byte) (n int, ok bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}
