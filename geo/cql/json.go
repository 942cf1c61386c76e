package cql

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// ParseJSON reads a filter in CQL2-JSON. The error is a *geo.InvalidError with
// the path to the place, such as args[1].coordinates[0], what stands there and
// what was expected. Positions of nodes are characters of b from 1.
func ParseJSON(b []byte) (Expr, error) { return parseJSON(b, standardLimits()) }

func parseJSON(b []byte, lim limits) (Expr, error) {
	if len(b) > lim.length {
		return nil, refuse("the filter has %d bytes, at most %d are read", len(b), lim.length)
	}
	p := &jsonParser{text: b, dec: jsontext.NewDecoder(bytes.NewBuffer(b)), vertices: lim.vertices, deep: 2 * (MaxDepth + MaxChain)}
	e := p.expr()
	if _, ok := e.(*List); ok {
		p.failed("", "found an array, expected %s", exprExpected)
	}
	if p.err == nil {
		if _, err := p.dec.ReadToken(); err == nil {
			return nil, refuse("found more behind the end of the filter")
		} else if !errors.Is(err, io.EOF) {
			p.syntax(err)
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	if err := checkDepth(e); err != nil {
		return nil, err
	}
	return e, nil
}

const exprExpected = "true, false, a number, a text or an object"

// jsonParser reads tokens. After the first error it reads no more, and what it
// returns has no meaning.
type jsonParser struct {
	text     []byte
	dec      *jsontext.Decoder
	vertices int // that may follow
	deep     int // that it may go down further
	err      error

	counted, characters int // characters up to a byte
}

// failed stops at the value read last, or at a place in it.
func (p *jsonParser) failed(in, format string, args ...any) {
	if p.err == nil {
		p.err = refuse("%s", located(memberPath(p.dec.StackPointer())+in, fmt.Sprintf(format, args...)))
	}
}

func located(path, reason string) string {
	if path = strings.TrimPrefix(path, "."); path == "" {
		return reason
	}
	return path + ": " + reason
}

// memberPath writes a JSON pointer as args[1].coordinates[0]. Names that nobody
// expects are shortened.
func memberPath(ptr jsontext.Pointer) string {
	var b strings.Builder
	for name := range ptr.Tokens() {
		if _, err := strconv.Atoi(name); err == nil {
			b.WriteString("[" + name + "]")
			continue
		}
		b.WriteString("." + strings.Trim(quoted(name), `"`))
	}
	return b.String()
}

// syntax stops at what is no JSON.
func (p *jsonParser) syntax(err error) {
	if p.err != nil {
		return
	}
	var bad *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		p.err = refuse("the JSON ends before it is complete")
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &bad):
		p.err = refuse("%s", located(memberPath(bad.JSONPointer), "the member stands twice"))
	case errors.As(err, &bad):
		at := min(int(bad.ByteOffset), len(p.text))
		p.err = refuse("character %d: found %s, which is not JSON", utf8.RuneCount(p.text[:at])+1, quoted(string(p.text[at:min(at+200, len(p.text))])))
	default:
		p.err = refuse("the filter is not JSON")
	}
}

func (p *jsonParser) token() jsontext.Token {
	if p.err != nil {
		return jsontext.Token{}
	}
	t, err := p.dec.ReadToken()
	if err != nil {
		p.syntax(err)
		return jsontext.Token{}
	}
	return t
}

// more reports whether another element or member comes before the end of the
// array or object.
func (p *jsonParser) more() bool {
	if p.err != nil {
		return false
	}
	switch p.dec.PeekKind() {
	case ']', '}':
		return false
	}
	return true
}

// pos is where the next value begins, in characters from 1.
func (p *jsonParser) pos() Pos {
	at := int(p.dec.InputOffset())
	for at < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[at]) >= 0 {
		at++
	}
	p.characters += utf8.RuneCount(p.text[p.counted:at])
	p.counted = at
	return Pos(p.characters + 1)
}

func (p *jsonParser) down() bool {
	if p.deep--; p.deep < 0 && p.err == nil {
		p.err = refuse("character %d: the filter is nested more than %d deep", p.pos(), MaxDepth)
	}
	return p.err == nil
}

func (p *jsonParser) up() { p.deep++ }

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "true or false"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case '{':
		return "an object"
	}
	return "an array"
}

// expr reads any expression, arrays too.
func (p *jsonParser) expr() Expr {
	pos := p.pos()
	t := p.token()
	if p.err != nil {
		return nil
	}
	switch t.Kind() {
	case 't', 'f':
		return &Bool{pos, t.Bool()}
	case '0':
		return numberOf(pos, t.String(), p.float(t))
	case '"':
		return &String{pos, p.stringOf(t)}
	case '[':
		return &List{pos, p.items()}
	case '{':
		return p.object(pos)
	}
	p.failed("", "found %s, expected %s", kindName(t.Kind()), exprExpected)
	return nil
}

// items reads the elements of an array and its end.
func (p *jsonParser) items() []Expr {
	if !p.down() {
		return nil
	}
	defer p.up()
	var items []Expr
	for p.more() {
		if len(items) == MaxItems {
			p.failed("", "the list has more than %d items", MaxItems)
			return nil
		}
		items = append(items, p.expr())
	}
	p.token()
	return items
}

func (p *jsonParser) float(t jsontext.Token) float64 {
	v, err := strconv.ParseFloat(t.String(), 64)
	if err != nil {
		p.failed("", "%s is beyond the range of a number (64 bits)", quoted(t.String()))
	}
	return v + 0
}

func (p *jsonParser) stringOf(t jsontext.Token) string {
	s := t.String()
	if i := badCharacter(s); i >= 0 && p.err == nil {
		p.failed("", "found the control character U+%04X", s[i])
	}
	return s
}

// text reads a text.
func (p *jsonParser) textValue() string {
	t := p.token()
	if p.err != nil {
		return ""
	}
	if t.Kind() != '"' {
		p.failed("", "found %s, expected a text", kindName(t.Kind()))
		return ""
	}
	return p.stringOf(t)
}

// number reads a number.
func (p *jsonParser) number() float64 {
	t := p.token()
	if p.err != nil {
		return 0
	}
	if t.Kind() != '0' {
		p.failed("", "found %s, expected a number", kindName(t.Kind()))
		return 0
	}
	return p.float(t)
}

// open goes into an array.
func (p *jsonParser) open() bool {
	t := p.token()
	if p.err == nil && t.Kind() != '[' {
		p.failed("", "found %s, expected an array", kindName(t.Kind()))
	}
	return p.err == nil
}

// members are those of an object of CQL2-JSON or GeoJSON.
type members struct {
	seen                  int // bits
	op, kind              string
	args                  []Expr
	name, date, timestamp string
	from, to              Expr
	box                   []float64
	coordinates           nest
	geometries            []orb.Geometry
}

const (
	hasOp = 1 << iota
	hasArgs
	hasProperty
	hasDate
	hasTimestamp
	hasInterval
	hasBBox
	hasType
	hasCoordinates
	hasGeometries
)

const objectExpected = "op with args, property, date, timestamp, interval, bbox, or type with coordinates or geometries"

// object reads the members of an object and its end.
func (p *jsonParser) object(pos Pos) Expr {
	if !p.down() {
		return nil
	}
	defer p.up()
	var m members
	for p.more() {
		p.member(&m)
	}
	p.token()
	if p.err != nil {
		return nil
	}
	switch m.seen {
	case hasOp | hasArgs:
		return p.operator(pos, &m)
	case hasProperty:
		if m.name == "" {
			p.failed(".property", "found an empty name")
		}
		return &Property{pos, m.name}
	case hasDate:
		return p.instant(pos, m.date, ".date")
	case hasTimestamp:
		return p.instant(pos, m.timestamp, ".timestamp")
	case hasInterval:
		return &Interval{pos, m.from, m.to}
	case hasBBox:
		b, ok := boxOf(m.box)
		if !ok {
			p.failed(".bbox", "found %s, expected 4 or 6", plural(len(m.box), "number"))
		}
		return &BBox{pos, b}
	}
	if m.seen&hasType != 0 {
		return &Geometry{pos, p.geometry(&m)}
	}
	p.incomplete(&m)
	return nil
}

func (p *jsonParser) incomplete(m *members) {
	switch m.seen {
	case hasOp:
		p.failed("", "found op without args")
	case hasArgs:
		p.failed("", "found args without op")
	case hasCoordinates, hasGeometries:
		p.failed("", "found a geometry without its type")
	case 0:
		p.failed("", "found an empty object, expected %s", objectExpected)
	default:
		p.failed("", "found members that do not go together, expected %s", objectExpected)
	}
}

func (p *jsonParser) member(m *members) {
	t := p.token()
	if p.err != nil {
		return
	}
	switch t.String() {
	case "op":
		m.seen |= hasOp
		m.op = p.textValue()
	case "args":
		m.seen |= hasArgs
		if p.open() {
			m.args = p.items()
		}
	case "property":
		m.seen |= hasProperty
		m.name = p.textValue()
	case "date":
		m.seen |= hasDate
		m.date = p.textValue()
	case "timestamp":
		m.seen |= hasTimestamp
		m.timestamp = p.textValue()
	case "interval":
		m.seen |= hasInterval
		p.interval(m)
	case "bbox":
		m.seen |= hasBBox
		p.box(m)
	case "type":
		m.seen |= hasType
		m.kind = p.textValue()
	case "coordinates":
		m.seen |= hasCoordinates
		m.coordinates = p.nest(4)
	case "geometries":
		m.seen |= hasGeometries
		p.collection(m)
	default:
		p.failed("", "found an unknown member, expected %s", objectExpected)
	}
}

func (p *jsonParser) box(m *members) {
	if !p.open() {
		return
	}
	for p.more() {
		if len(m.box) == 6 {
			p.failed("", "found more than 6 numbers")
			return
		}
		m.box = append(m.box, p.number())
	}
	p.token()
}

func (p *jsonParser) interval(m *members) {
	if !p.open() {
		return
	}
	n := 0
	for ; p.more(); n++ {
		e := p.intervalEnd()
		switch n {
		case 0:
			m.from = e
		case 1:
			m.to = e
		default:
			p.failed("", "an interval has two ends")
		}
	}
	p.token()
	if n < 2 {
		p.failed("", "found %s, expected 2", plural(n, "end"))
	}
}

func (p *jsonParser) intervalEnd() Expr {
	switch e := p.expr().(type) {
	case *String:
		if e.Value == ".." {
			return &Open{e.Pos}
		}
		v, ok := parseInstant(e.Value, true, true)
		if !ok {
			p.failed("", "found %s, expected %s", quoted(e.Value), strings.ReplaceAll(endExpected, "'", `"`))
		}
		v.Pos = e.Pos
		return &v
	case *Property:
		return e
	case *Op:
		if isIntervalEnd(e) {
			return e
		}
	}
	p.failed("", "expected %s", strings.ReplaceAll(endExpected, "'", `"`))
	return nil
}

func (p *jsonParser) instant(pos Pos, s, in string) Expr {
	date := in == ".date"
	v, ok := parseInstant(s, date, !date)
	if !ok {
		want := "a time in UTC such as 2024-05-01T12:00:00Z"
		if date {
			want = "a date such as 2024-05-01"
		}
		p.failed(in, "found %s, expected %s", quoted(s), want)
	}
	v.Pos = pos
	return &v
}

// operator checks what CQL2-Text could not write either.
func (p *jsonParser) operator(pos Pos, m *members) Expr {
	e := &Op{pos, m.op, m.args}
	c := classOf(m.op)
	if like := operatorLike(m.op); c == classFunction && like != "" {
		p.failed(".op", "found %s, expected %q", quoted(m.op), like)
	}
	if m.op == "" {
		p.failed(".op", "found an empty name")
	}
	if least, most := c.operands(); len(m.args) < least || len(m.args) > most {
		want := strconv.Itoa(least)
		if c == classLogic {
			want = "2 or more"
		}
		p.failed(".args", "found %s, expected %s", plural(len(m.args), "argument"), want)
		return nil
	}
	for i, a := range m.args {
		list, isList := a.(*List)
		in := fmt.Sprintf(".args[%d]", i)
		switch {
		case c == classIn && i == 1:
			p.inList(list, in)
		case isList && c != classFunction && c != classArray:
			p.failed(in, "found an array, expected %s", exprExpected)
		case c == classLike && i == 1:
			if bad := badPattern(a); bad != "" {
				p.failed(in, "%s", strings.ReplaceAll(strings.TrimSuffix(bad, " behind LIKE"), "'", `"`))
			}
		}
	}
	return e
}

func (p *jsonParser) inList(list *List, in string) {
	if list == nil {
		p.failed(in, "expected an array of the values")
		return
	}
	if len(list.Items) == 0 {
		p.failed(in, "found an empty array, expected 1 value or more")
	}
	for i, item := range list.Items {
		if _, ok := item.(*List); ok {
			p.failed(fmt.Sprintf("%s[%d]", in, i), "found an array, expected %s", exprExpected)
		}
	}
}
