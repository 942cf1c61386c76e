package cql

import (
	"strconv"
	"strings"
	"time"
)

// ParseText reads a filter in CQL2-Text. The error is a *geo.InvalidError with
// the place in the text, in characters from 1, what stands there and what was
// expected.
//
// Keywords may be in any case of letters. A name in double quotes, with "" for a
// quote, is a name whatever it says; the others follow the grammar's classes of
// characters. Unary minus binds more than ^, which binds to the right, as the
// grammar has it; minus of what is no number is -1 times it. Parentheses around a
// single argument of a function or of an array operator make an array of it.
func ParseText(s string) (Expr, error) { return parseText(s, standardLimits()) }

func parseText(s string, lim limits) (Expr, error) {
	if len(s) > lim.length {
		return nil, refuse("the filter has %d bytes, at most %d are read", len(s), lim.length)
	}
	p := &textParser{lexer: lexer{text: s}, vertices: lim.vertices, deep: 3*MaxDepth + MaxChain}
	p.advance()
	if p.tok.kind == tokenEnd && p.err == nil {
		return nil, refuse("the filter is empty")
	}
	e := p.or()
	if p.tok.kind != tokenEnd {
		p.expected("AND, OR or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	if err := checkDepth(e); err != nil {
		return nil, err
	}
	return e, nil
}

// textParser is a recursive descent. With the first error its token is the end,
// and what it returns has no meaning.
type textParser struct {
	lexer
	tok      token
	vertices int  // that may follow
	deep     int  // that it may go down further
	pending  Expr // an operand already read, which the next operand is
	tagged   bool // the geometry says that it has heights
}

func (p *textParser) advance() { p.tok = p.lexer.next() }

func (p *textParser) source(t token) string { return p.text[t.start:t.end] }

// failed stops at a place.
func (p *textParser) failed(pos int, format string, args ...any) {
	p.lexer.fail(pos, format, args...)
	p.tok = token{start: p.at, end: p.at, pos: pos}
}

// expected stops at the token.
func (p *textParser) expected(what string) {
	found := "the end"
	if p.tok.kind != tokenEnd {
		found = quoted(p.source(p.tok))
	}
	p.failed(p.tok.pos, "found %s, expected %s", found, what)
}

// take goes over a sign, or stops.
func (p *textParser) take(kind tokenKind) {
	if p.tok.kind != kind {
		p.expected(`"` + string(rune(kind)) + `"`)
		return
	}
	p.advance()
}

// takeWord goes over a reserved word if it stands there.
func (p *textParser) takeWord(name string) bool {
	if !p.isWord(name) {
		return false
	}
	p.advance()
	return true
}

func (p *textParser) isWord(name string) bool {
	return p.tok.kind == tokenName && p.tok.word.kind == wordReserved && p.tok.word.name == name
}

// down and up go into and out of a nested expression.
func (p *textParser) down() bool {
	if p.deep--; p.deep < 0 {
		p.failed(p.tok.pos, "the filter is nested more than %d deep", MaxDepth)
	}
	return p.err == nil
}

func (p *textParser) up() { p.deep++ }

func (p *textParser) or() Expr { return p.joined("or", "OR", p.and) }

func (p *textParser) and() Expr { return p.joined("and", "AND", p.not) }

func (p *textParser) joined(op, between string, operand func() Expr) Expr {
	pos := p.tok.pos
	first := operand()
	if !p.isWord(between) {
		return first
	}
	args := make([]Expr, 1, 4)
	args[0] = first
	for p.takeWord(between) {
		if len(args) == MaxItems {
			p.failed(p.tok.pos, "%s joins more than %d conditions", between, MaxItems)
		}
		args = append(args, operand())
	}
	return &Op{Pos(pos), op, args}
}

func (p *textParser) not() Expr {
	if pos := p.tok.pos; p.pending == nil && p.takeWord("NOT") {
		if !p.down() {
			return nil
		}
		defer p.up()
		return negated(pos, p.not())
	}
	return p.predicate()
}

func negated(pos int, e Expr) Expr { return &Op{Pos(pos), "not", []Expr{e}} }

// predicate is an expression, or a comparison of expressions.
func (p *textParser) predicate() Expr {
	pos := p.tok.pos
	left := p.sum()
	if op := comparison(p.tok.kind); op != "" {
		p.advance()
		return &Op{Pos(pos), op, []Expr{left, p.sum()}}
	}
	if p.tok.kind != tokenName || p.tok.word.kind != wordReserved {
		return left
	}
	if p.takeWord("IS") {
		not := p.takeWord("NOT")
		if !p.takeWord("NULL") {
			p.expected("NULL")
		}
		return maybeNot(not, &Op{Pos(pos), "isNull", []Expr{left}})
	}
	not := p.takeWord("NOT")
	switch {
	case p.takeWord("LIKE"):
		return maybeNot(not, &Op{Pos(pos), "like", []Expr{left, p.pattern()}})
	case p.takeWord("BETWEEN"):
		low := p.sum()
		if !p.takeWord("AND") {
			p.expected("AND, for BETWEEN has two bounds")
		}
		return maybeNot(not, &Op{Pos(pos), "between", []Expr{left, low, p.sum()}})
	case p.takeWord("IN"):
		return maybeNot(not, &Op{Pos(pos), "in", []Expr{left, p.inList()}})
	case not:
		p.expected("LIKE, BETWEEN or IN")
	}
	return left
}

func maybeNot(not bool, e *Op) Expr {
	if not {
		return negated(e.Position(), e)
	}
	return e
}

func comparison(kind tokenKind) string {
	switch kind {
	case '=':
		return "="
	case '<':
		return "<"
	case '>':
		return ">"
	case tokenNotEqual:
		return "<>"
	case tokenLessEqual:
		return "<="
	case tokenGreaterEqual:
		return ">="
	}
	return ""
}

func (p *textParser) pattern() Expr {
	pos := p.tok.pos
	e := p.sum()
	if bad := badPattern(e); bad != "" && p.err == nil {
		p.failed(pos, "%s", bad)
	}
	return e
}

func (p *textParser) inList() Expr {
	l := &List{Pos: Pos(p.tok.pos)}
	p.take('(')
	l.Items = p.items(p.sum)
	return l
}

// items reads what stands between commas, and the closing parenthesis.
func (p *textParser) items(item func() Expr) []Expr {
	if !p.down() {
		return nil
	}
	defer p.up()
	items := make([]Expr, 1, 4)
	items[0] = item()
	for p.tok.kind == ',' {
		if len(items) == MaxItems {
			p.failed(p.tok.pos, "the list has more than %d items", MaxItems)
		}
		p.advance()
		items = append(items, item())
	}
	if p.tok.kind != ')' {
		p.expected(`"," or ")"`)
	}
	p.advance()
	return items
}

func (p *textParser) sum() Expr {
	pos := p.tok.pos
	e := p.term()
	for {
		var op string
		switch p.tok.kind {
		case '+':
			op = "+"
		case '-':
			op = "-"
		default:
			return e
		}
		p.advance()
		e = &Op{Pos(pos), op, []Expr{e, p.term()}}
	}
}

func (p *textParser) term() Expr {
	pos := p.tok.pos
	e := p.power()
	for {
		var op string
		switch {
		case p.tok.kind == '*':
			op = "*"
		case p.tok.kind == '/':
			op = "/"
		case p.tok.kind == '%':
			op = "%"
		case p.isWord("DIV"):
			op = "div"
		default:
			return e
		}
		p.advance()
		e = &Op{Pos(pos), op, []Expr{e, p.power()}}
	}
}

func (p *textParser) power() Expr {
	pos := p.tok.pos
	base := p.factor()
	if p.tok.kind != '^' || !p.down() {
		return base
	}
	defer p.up()
	p.advance()
	return &Op{Pos(pos), "^", []Expr{base, p.power()}}
}

// factor is an operand with its sign.
func (p *textParser) factor() Expr {
	sign := p.tok
	if p.pending != nil || sign.kind != '-' && sign.kind != '+' {
		return p.operand()
	}
	p.advance()
	if p.tok.kind == tokenNumber {
		return p.numberLiteral(sign)
	}
	if sign.kind == '+' {
		p.expected("a number")
	}
	if !p.down() {
		return nil
	}
	defer p.up()
	return &Op{Pos(sign.pos), "*", []Expr{&Number{Pos: Pos(sign.pos), Value: -1}, p.factor()}}
}

func (p *textParser) number() float64 {
	v, err := strconv.ParseFloat(p.source(p.tok), 64)
	if err != nil {
		p.failed(p.tok.pos, "%s is beyond the range of a number (64 bits)", quoted(p.source(p.tok)))
		return 0
	}
	p.advance()
	return v
}

// numberLiteral is the number at hand, with the sign before it where it begins
// there.
func (p *textParser) numberLiteral(begin token) Expr {
	text := p.source(p.tok)
	v := p.number()
	if begin.kind == '-' {
		v, text = 0-v, "-"+text
	}
	return numberOf(Pos(begin.pos), text, v)
}

const operandExpected = "a value, a property, a function or a parenthesis"

func (p *textParser) operand() Expr {
	if e := p.pending; e != nil {
		p.pending = nil
		return e
	}
	t := p.tok
	switch t.kind {
	case '(':
		if !p.down() {
			return nil
		}
		defer p.up()
		p.advance()
		e := p.or()
		p.take(')')
		return e
	case tokenString:
		return &String{Pos(t.pos), p.unquote('\'')}
	case tokenNumber:
		return p.numberLiteral(t)
	case tokenQuoted:
		return p.quotedName()
	case tokenName:
		return p.named()
	}
	p.expected(operandExpected)
	return nil
}

// unquote is the value of a token in quotes; it goes over it.
func (p *textParser) unquote(quote byte) string {
	s := p.text[p.tok.start+1 : p.tok.end-1]
	p.advance()
	if strings.IndexByte(s, quote) < 0 {
		return s
	}
	q := string(rune(quote))
	return strings.ReplaceAll(s, q+q, q)
}

const dotBetween = "found a dot beside a quoted name, expected all names of a path within one pair of quotes, such as \"a.b\""

func (p *textParser) quotedName() Expr {
	pos, end := p.tok.pos, p.tok.end
	if strings.HasPrefix(p.text[end:], ".") {
		p.failed(pos, dotBetween)
		return nil
	}
	name := p.unquote('"')
	if name == "" {
		p.failed(pos, "found an empty name")
	}
	if p.tok.kind == '(' {
		return p.function(pos, name)
	}
	return &Property{Pos(pos), name}
}

// named is what begins with a name or a keyword.
func (p *textParser) named() Expr {
	t := p.tok
	if t.word.kind == wordReserved {
		switch t.word.name {
		case "TRUE", "FALSE":
			p.advance()
			return &Bool{Pos(t.pos), t.word.name == "TRUE"}
		case "NULL":
			p.expected("a value; ask for null by IS NULL")
			return nil
		}
		p.expected(operandExpected + "; a property of this name is written in double quotes")
		return nil
	}
	p.advance()
	switch {
	case p.tok.kind == tokenQuoted && strings.HasSuffix(p.source(t), "."):
		p.failed(t.pos, dotBetween)
		return nil
	case t.word.kind == wordShape && (p.tok.kind == '(' || p.dimension()):
		return &Geometry{Pos(t.pos), p.shape(t)}
	case p.tok.kind != '(':
		return &Property{Pos(t.pos), p.source(t)}
	}
	switch t.word.kind {
	case wordCase, wordSpatial, wordTemporal:
		return p.call(t.pos, t.word.name, p.or)
	case wordArray:
		return p.call(t.pos, t.word.name, p.element)
	case wordInstant:
		return p.instantLiteral(t)
	case wordInterval:
		return p.intervalLiteral(t)
	case wordBBox:
		return p.box(t)
	}
	return p.function(t.pos, p.source(t))
}

func (p *textParser) function(pos int, name string) Expr {
	if classOf(name) != classFunction || operatorLike(name) != "" {
		p.failed(pos, "%s is an operator, not a function", quoted(name))
		return nil
	}
	return p.call(pos, name, p.element)
}

// call reads the arguments of an operator or function, from the parenthesis.
func (p *textParser) call(pos int, name string, arg func() Expr) Expr {
	op := &Op{Pos: Pos(pos), Name: name}
	p.take('(')
	c := classOf(name)
	if c == classFunction && p.tok.kind == ')' {
		p.advance()
		return op
	}
	op.Args = p.items(arg)
	if least, most := c.operands(); p.err == nil && (len(op.Args) < least || len(op.Args) > most) {
		p.failed(pos, "%s has %s, expected %d", strings.ToUpper(name), plural(len(op.Args), "argument"), least)
	}
	return op
}

// element is an element of an array, or an argument that may be an array.
func (p *textParser) element() Expr {
	if p.tok.kind != '(' {
		return p.or()
	}
	l := &List{Pos: Pos(p.tok.pos)}
	p.advance()
	if p.tok.kind == ')' {
		p.advance()
		return l
	}
	l.Items = p.items(p.element)
	if p.tok.kind == ',' || p.tok.kind == ')' || p.tok.kind == tokenEnd {
		return l
	}
	// An operator follows: the parentheses are those of an operand.
	var e Expr = l
	for l, ok := e.(*List); ok && len(l.Items) == 1; l, ok = e.(*List) {
		e = l.Items[0]
	}
	if _, ok := e.(*List); ok {
		p.expected(`"," or ")" behind an array`)
	}
	p.pending = e
	return p.or()
}

func (p *textParser) instantLiteral(t token) Expr {
	p.take('(')
	if p.tok.kind != tokenString {
		p.expected("a text such as '2024-05-01'")
		return nil
	}
	at := p.tok
	date := t.word.name == "DATE"
	v, ok := parseInstant(p.unquote('\''), date, !date)
	if !ok && p.err == nil {
		want := "a time in UTC such as '2024-05-01T12:00:00Z'"
		if date {
			want = "a date such as '2024-05-01'"
		}
		p.failed(at.pos, "found %s, expected %s", quoted(p.source(at)), want)
	}
	v.Pos = Pos(t.pos)
	p.take(')')
	return &v
}

// parseInstant reads a date or a time in UTC, whichever is wanted.
func parseInstant(s string, date, timestamp bool) (Instant, bool) {
	var t time.Time
	var err error
	switch {
	case date && len(s) == len(time.DateOnly):
		t, err = time.Parse(time.DateOnly, s)
	case timestamp && len(s) >= 20 && len(s) <= 30 && s[13] == ':' && s[19] != ',' && s[len(s)-1] == 'Z':
		t, err = time.Parse("2006-01-02T15:04:05Z", s)
	default:
		return Instant{}, false
	}
	return Instant{Time: t, Date: len(s) == len(time.DateOnly)}, err == nil && t.Year() > 0
}

func (p *textParser) intervalLiteral(t token) Expr {
	v := &Interval{Pos: Pos(t.pos)}
	p.take('(')
	v.From = p.intervalEnd()
	p.take(',')
	v.To = p.intervalEnd()
	p.take(')')
	return v
}

const endExpected = "'..', a date such as '2024-05-01', a time in UTC such as '2024-05-01T12:00:00Z', a property or a function"

func (p *textParser) intervalEnd() Expr {
	at := p.tok
	if at.kind == tokenString {
		s := p.unquote('\'')
		if s == ".." {
			return &Open{Pos(at.pos)}
		}
		v, ok := parseInstant(s, true, true)
		if !ok {
			p.failed(at.pos, "found %s, expected %s", quoted(p.text[at.start:at.end]), endExpected)
		}
		v.Pos = Pos(at.pos)
		return &v
	}
	if at.kind != tokenName && at.kind != tokenQuoted {
		p.expected(endExpected)
		return nil
	}
	e := p.operand()
	if p.err == nil && !isIntervalEnd(e) {
		p.failed(at.pos, "found %s, expected %s", quoted(p.source(at)), endExpected)
	}
	return e
}

// isIntervalEnd reports whether e is a property or a function.
func isIntervalEnd(e Expr) bool {
	switch e := e.(type) {
	case *Property:
		return true
	case *Op:
		return classOf(e.Name) == classFunction
	}
	return false
}
