package cql

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// draw makes random trees of all that the language can say.
type draw struct{ *rapid.T }

func (d draw) n(most int) int { return rapid.IntRange(0, most).Draw(d.T, "n") }

func (d draw) one(names ...string) string { return rapid.SampledFrom(names).Draw(d.T, "name") }

func (d draw) name() string {
	return d.one("a", "firms", "企业数", "a.b", "eo:cover", "and", "Null", "point", "date", "s_within", "a b", `say "so"`, "it's", "1st", "x\ny", "é", "́", "-", "bbox")
}

func (d draw) text() string {
	return d.one("", "x", "it's", `"q"`, `back\slash\`, "''", "中文 😀", "10%", "a\tb\nc", "TRUE", "..", "2024-01-01", "\u202e", "\ufffd")
}

func (d draw) number() float64 {
	if d.n(1) == 0 {
		return float64(d.n(20) - 10)
	}
	return rapid.Float64Range(-1e300, 1e300).Draw(d.T, "number") + 0
}

func (d draw) instant() *Instant {
	t := time.Unix(int64(d.n(4_000_000_000))-2_000_000_000, 0).UTC()
	if d.n(1) == 0 {
		return &Instant{Time: t.Truncate(24 * time.Hour), Date: true}
	}
	return &Instant{Time: t.Add(time.Duration(d.n(3)) * 1_234_567)}
}

func (d draw) end(depth int) Expr {
	switch d.n(3) {
	case 0:
		return &Open{}
	case 1:
		return d.instant()
	case 2:
		return d.function(depth - 1)
	}
	return &Property{Name: d.name()}
}

func (d draw) point() orb.Point { return orb.Point{d.number(), d.number()} }

func (d draw) line() orb.LineString { return rapidSlice(d, 2, d.point) }

func (d draw) polygon() orb.Polygon {
	return rapidSlice(d, 1, func() orb.Ring {
		r := rapidSlice(d, 3, d.point)
		return append(r, r[0])
	})
}

func rapidSlice[T any](d draw, least int, one func() T) []T {
	var s []T
	for range least + d.n(2) {
		s = append(s, one())
	}
	return s
}

func (d draw) shape(depth int) orb.Geometry {
	switch d.n(6) {
	case 0:
		return d.line()
	case 1:
		return d.polygon()
	case 2:
		return orb.MultiPoint(rapidSlice(d, 1, d.point))
	case 3:
		return orb.MultiLineString(rapidSlice(d, 1, d.line))
	case 4:
		return orb.MultiPolygon(rapidSlice(d, 1, d.polygon))
	case 5:
		if depth > 0 {
			return orb.Collection(rapidSlice(d, 1, func() orb.Geometry { return d.shape(depth - 1) }))
		}
	}
	return d.point()
}

func (d draw) function(depth int) *Op {
	op := &Op{Name: d.one("f", "distance", "Foo", "my f", "面积", "date")}
	for range d.n(2) {
		op.Args = append(op.Args, d.element(depth-1))
	}
	return op
}

// element is what may stand in an array.
func (d draw) element(depth int) Expr {
	if d.n(3) == 0 && depth > 0 {
		return d.list(depth)
	}
	return d.expr(depth)
}

func (d draw) list(depth int) Expr {
	l := &List{}
	for range d.n(3) {
		l.Items = append(l.Items, d.element(depth-1))
	}
	return l
}

func (d draw) leaf() Expr {
	switch d.n(7) {
	case 0:
		return &String{Value: d.text()}
	case 1:
		return &Number{Value: d.number()}
	case 2:
		return &Bool{Value: d.n(1) == 0}
	case 3:
		return d.instant()
	case 4:
		return &Geometry{Shape: d.shape(2)}
	case 5:
		return &BBox{Box: orb.Bound{Min: d.point(), Max: d.point()}}
	}
	return &Property{Name: d.name()}
}

func (d draw) pattern() Expr {
	e := Expr(&String{Value: d.text()})
	for range d.n(2) {
		e = &Op{Name: d.one("casei", "accenti"), Args: []Expr{e}}
	}
	return e
}

func (d draw) expr(depth int) Expr {
	if depth <= 0 {
		return d.leaf()
	}
	below := func() Expr { return d.expr(depth - 1) }
	switch d.n(13) {
	case 0, 1:
		return &Op{Name: d.one("and", "or"), Args: rapidSlice(d, 2, below)}
	case 2:
		return &Op{Name: "not", Args: []Expr{below()}}
	case 3:
		return &Op{Name: d.one("=", "<>", "<", ">", "<=", ">="), Args: []Expr{below(), below()}}
	case 4:
		return &Op{Name: "like", Args: []Expr{below(), d.pattern()}}
	case 5:
		return &Op{Name: "between", Args: []Expr{below(), below(), below()}}
	case 6:
		return &Op{Name: "in", Args: []Expr{below(), &List{Items: rapidSlice(d, 1, below)}}}
	case 7:
		return &Op{Name: d.one("isNull", "casei", "accenti"), Args: []Expr{below()}}
	case 8, 9:
		return &Op{Name: d.one("+", "-", "*", "/", "%", "div", "^"), Args: []Expr{below(), below()}}
	case 10:
		return &Op{Name: d.one("s_intersects", "s_within", "t_after", "t_finishedBy"), Args: []Expr{below(), below()}}
	case 11:
		return &Op{Name: d.one("a_equals", "a_containedBy"), Args: []Expr{d.element(depth - 1), d.element(depth - 1)}}
	case 12:
		return &Interval{From: d.end(depth), To: d.end(depth)}
	}
	return d.function(depth)
}

func TestRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkRoundTrip(t, draw{t}.expr(5)) })
}

// TestCanonicalOrder writes filters again in other orders.
func TestCanonicalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t}
		e := d.expr(4)
		other := d.shuffled(e)
		if a, b := Text(Canonical(e)), Text(Canonical(other)); a != b {
			t.Errorf("%s\nand %s\nhave the canonical texts\n%s\nand %s", Text(e), Text(other), a, b)
		}
	})
}

// shuffled is a filter that means the same.
func (d draw) shuffled(e Expr) Expr {
	op, ok := e.(*Op)
	if !ok {
		return e
	}
	args := make([]Expr, len(op.Args))
	for i, a := range op.Args {
		args[i] = d.shuffled(a)
	}
	out := &Op{Name: op.Name, Args: args}
	switch classOf(op.Name) {
	case classLogic:
		out.Args = rapid.Permutation(args).Draw(d.T, "order")
		if d.n(1) == 0 {
			out.Args = append(out.Args, args[0])
		}
		if len(out.Args) > 2 {
			out.Args = []Expr{out.Args[0], &Op{Name: op.Name, Args: out.Args[1:]}}
		}
	case classIn:
		out.Args = []Expr{args[0], &List{Items: rapid.Permutation(args[1].(*List).Items).Draw(d.T, "order")}}
	case classNot:
		if in, ok := args[0].(*Op); ok && in.Name == "=" {
			out = &Op{Name: "<>", Args: in.Args}
		}
	default:
		if c := converse(op.Name); c != "" && len(args) == 2 && d.n(1) == 0 {
			out = &Op{Name: c, Args: []Expr{args[1], args[0]}}
		}
	}
	if c := classOf(op.Name); d.n(3) == 0 && (c == classLogic || c == classCompare) {
		return &Op{Name: "not", Args: []Expr{&Op{Name: "not", Args: []Expr{out}}}}
	}
	return out
}
