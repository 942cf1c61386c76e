package cql

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

// Limits of a filter, in text or JSON. What is beyond them is refused when it is
// met, without reading on.
const (
	MaxLength   = 64 << 10 // bytes
	MaxDepth    = 100      // of a node below the root, without those of its chains
	MaxChain    = 1000     // of a chain: operators of one kind, each an operand of the next, as in a + b + c
	MaxItems    = 10_000   // of a list, of an AND or OR, of arguments
	MaxVertices = 100_000  // of all geometries together
	MaxPattern  = 1000     // characters of a pattern of LIKE
)

// limits are those of one reading; tests raise the length to reach the others.
type limits struct{ length, vertices int }

func standardLimits() limits { return limits{length: MaxLength, vertices: MaxVertices} }

// class says how an operator takes its arguments and how it is written.
type class uint8

const (
	classFunction class = iota
	classLogic
	classNot
	classCompare
	classLike
	classBetween
	classIn
	classNull
	classCase  // casei, accenti
	classSum   // + -
	classTerm  // * / % div
	classPower // ^
	classSpatial
	classTemporal
	classArray
)

// classOf is the class of an operator as CQL2-JSON names it; every other name is
// a function.
func classOf(name string) class {
	switch name {
	case "and", "or":
		return classLogic
	case "not":
		return classNot
	case "=", "<>", "<", ">", "<=", ">=":
		return classCompare
	case "like":
		return classLike
	case "between":
		return classBetween
	case "in":
		return classIn
	case "isNull":
		return classNull
	case "+", "-":
		return classSum
	case "*", "/", "%", "div":
		return classTerm
	case "^":
		return classPower
	}
	w := wordOf(name)
	if w.name != name {
		return classFunction
	}
	switch w.kind {
	case wordCase:
		return classCase
	case wordSpatial:
		return classSpatial
	case wordTemporal:
		return classTemporal
	case wordArray:
		return classArray
	}
	return classFunction
}

// operands are the least and most arguments of a class.
func (c class) operands() (least, most int) {
	switch c {
	case classFunction:
		return 0, MaxItems
	case classLogic:
		return 2, MaxItems
	case classNot, classNull, classCase:
		return 1, 1
	case classBetween:
		return 3, 3
	}
	return 2, 2
}

// word is what a name means in CQL2-Text.
type word struct {
	kind wordKind
	name string // of the operator in the tree, or the word in upper case
}

type wordKind uint8

const (
	wordNone     wordKind = iota
	wordReserved          // AND, NULL …: never a name
	wordCase              // the others are names where no parenthesis follows
	wordSpatial
	wordTemporal
	wordArray
	wordInstant // DATE, TIMESTAMP
	wordInterval
	wordShape
	wordBBox
)

// wordOf is what the name means, in any case of letters.
func wordOf(name string) word {
	var buf [20]byte
	if len(name) < 2 || len(name) > len(buf) {
		return word{}
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	lower := buf[:len(name)]
	if lower[1] == '_' {
		return relationWord(lower)
	}
	switch string(lower) {
	case "and":
		return word{wordReserved, "AND"}
	case "or":
		return word{wordReserved, "OR"}
	case "not":
		return word{wordReserved, "NOT"}
	case "like":
		return word{wordReserved, "LIKE"}
	case "between":
		return word{wordReserved, "BETWEEN"}
	case "in":
		return word{wordReserved, "IN"}
	case "is":
		return word{wordReserved, "IS"}
	case "null":
		return word{wordReserved, "NULL"}
	case "true":
		return word{wordReserved, "TRUE"}
	case "false":
		return word{wordReserved, "FALSE"}
	case "div":
		return word{wordReserved, "DIV"}
	case "casei":
		return word{wordCase, "casei"}
	case "accenti":
		return word{wordCase, "accenti"}
	case "date":
		return word{wordInstant, "DATE"}
	case "timestamp":
		return word{wordInstant, "TIMESTAMP"}
	case "interval":
		return word{wordInterval, "INTERVAL"}
	case "bbox":
		return word{wordBBox, "BBOX"}
	}
	return shapeWord(lower)
}

// shapeWord knows the types of WKT, also with their Z written to them.
func shapeWord(lower []byte) word {
	switch string(lower) {
	case "point", "pointz":
		return word{wordShape, "POINT"}
	case "linestring", "linestringz":
		return word{wordShape, "LINESTRING"}
	case "polygon", "polygonz":
		return word{wordShape, "POLYGON"}
	case "multipoint", "multipointz":
		return word{wordShape, "MULTIPOINT"}
	case "multilinestring", "multilinestringz":
		return word{wordShape, "MULTILINESTRING"}
	case "multipolygon", "multipolygonz":
		return word{wordShape, "MULTIPOLYGON"}
	case "geometrycollection", "geometrycollectionz":
		return word{wordShape, "GEOMETRYCOLLECTION"}
	}
	return word{}
}

// relationWord knows the operators of geometries, times and arrays.
func relationWord(lower []byte) word {
	known := func(kind wordKind, names ...string) word {
		for _, n := range names {
			if len(n) == len(lower) && strings.EqualFold(n, string(lower)) {
				return word{kind, n}
			}
		}
		return word{}
	}
	switch lower[0] {
	case 's':
		return known(wordSpatial, "s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains")
	case 't':
		return known(wordTemporal, "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
			"t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts")
	case 'a':
		return known(wordArray, "a_equals", "a_contains", "a_containedBy", "a_overlaps")
	}
	return word{}
}

// operatorLike is the operator whose name the given one differs from by the case
// of letters alone, or "".
func operatorLike(name string) string {
	for _, op := range [...]string{"and", "or", "not", "like", "between", "in", "isNull", "div"} {
		if strings.EqualFold(op, name) {
			return op
		}
	}
	switch w := wordOf(name); w.kind {
	case wordCase, wordSpatial, wordTemporal, wordArray:
		return w.name
	}
	return ""
}

// isNameStart reports whether an unquoted name may begin with r (OGC 21-065r2,
// identifierStart).
func isNameStart(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == ':'
	case r == utf8.RuneError || unicode.IsSpace(r):
		return false
	}
	return 0xC0 <= r && r <= 0xD6 || 0xD8 <= r && r <= 0xF6 || 0xF8 <= r && r <= 0x2FF ||
		0x370 <= r && r <= 0x37D || 0x37F <= r && r <= 0x1FFE || 0x200C <= r && r <= 0x200D ||
		0x2070 <= r && r <= 0x218F || 0x2C00 <= r && r <= 0x2FEF || 0x3001 <= r && r <= 0xD7FF ||
		0xF900 <= r && r <= 0xFDCF || 0xFDF0 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0xEFFFF
}

// isNamePart reports whether an unquoted name may go on with r.
func isNamePart(r rune) bool {
	return isNameStart(r) || '0' <= r && r <= '9' || r == '.' || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// badCharacter is the first character that no text or name may have, or -1.
func badCharacter(s string) int {
	for i, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7F {
			return i
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// quoted shows at most 40 characters of what was sent, none of them a control.
func quoted(s string) string {
	const most = 40
	var b strings.Builder
	b.WriteByte('"')
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

func refuse(format string, args ...any) error {
	return &geo.InvalidError{Field: "filter", Reason: fmt.Sprintf(format, args...)}
}

// checkDepth refuses what is nested too deep, or has too long a chain.
func checkDepth(e Expr) error {
	at, chain := tooDeep(e, MaxDepth, MaxChain)
	switch {
	case at == nil:
		return nil
	case chain:
		return refuse("character %d: more than %d operators of one kind are joined", at.Position(), MaxChain)
	}
	return refuse("character %d: the filter is nested more than %d deep", at.Position(), MaxDepth)
}

// tooDeep is a node that has more than left nodes above it up to e, or more than
// links of chains.
func tooDeep(e Expr, left, links int) (at Expr, chain bool) {
	if left < 0 || links < 0 {
		return e, links < 0
	}
	var below []Expr
	switch e := e.(type) {
	case *Op:
		below = e.Args
	case *List:
		below = e.Items
	case *Interval:
		below = []Expr{e.From, e.To}
	}
	for _, c := range below {
		if chained(e, c) {
			at, chain = tooDeep(c, left, links-1)
		} else {
			at, chain = tooDeep(c, left-1, links)
		}
		if at != nil {
			return at, chain
		}
	}
	return nil, false
}

// chained reports whether an operator and its operand are of one kind, such as + and
// -, and need no parentheses between them.
func chained(e, operand Expr) bool {
	a, ok := e.(*Op)
	b, too := operand.(*Op)
	if !ok || !too {
		return false
	}
	switch c := classOf(a.Name); c {
	case classLogic:
		return a.Name == b.Name
	case classSum, classTerm:
		return c == classOf(b.Name)
	}
	return false
}

// badPattern says what is wrong with a pattern of LIKE, which is a text, or casei
// or accenti of a pattern.
func badPattern(e Expr) string {
	for {
		switch x := e.(type) {
		case *String:
			if utf8.RuneCountInString(x.Value) > MaxPattern {
				return fmt.Sprintf("a pattern has at most %d characters", MaxPattern)
			}
			return ""
		case *Op:
			if classOf(x.Name) == classCase && len(x.Args) == 1 {
				e = x.Args[0]
				continue
			}
		}
		return "expected a pattern such as 'A%' behind LIKE"
	}
}

// badLine and badRing say what is wrong with the points of a line or ring.
func badLine(points []orb.Point) string {
	if len(points) < 2 {
		return fmt.Sprintf("a line needs 2 points or more, found %d", len(points))
	}
	return ""
}

func badRing(points []orb.Point) string {
	if len(points) < 4 {
		return fmt.Sprintf("a ring needs 4 points or more, found %d", len(points))
	}
	if a, z := points[0], points[len(points)-1]; a != z {
		return fmt.Sprintf("the ring is not closed: it begins at %v %v and ends at %v %v", a[0], a[1], z[0], z[1])
	}
	return ""
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
