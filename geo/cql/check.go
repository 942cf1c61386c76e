package cql

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
)

// kind is what an expression can be: a set of bits.
type kind uint8

const (
	kString kind = 1 << iota
	kNumber
	kBool // also that of conditions
	kTime
	kInterval
	kGeometry
	kArray
	kObject
)

const kScalar = kString | kNumber | kBool | kTime

func (k kind) String() string {
	names := []string{"a text", "a number", "true or false", "a date or time", "an interval", "a geometry", "an array", "an object"}
	var parts []string
	for i, n := range names {
		if k&(1<<i) != 0 {
			parts = append(parts, n)
		}
	}
	if k == kScalar {
		return "a text, number, date or boolean"
	}
	return strings.Join(parts, " or ")
}

// node is an expression whose names, types and literals are checked.
type node struct {
	op   string // "property", "literal", "interval", "open", "list", or as in Op
	pos  int
	kind kind
	args []*node

	property geo.Property // of op property; its name is as it was asked for
	path     []string

	text   string // of literals; of a number its digits where number lacks some
	number float64
	truth  bool
	time   geo.Interval
	shape  *shape
}

// checker makes nodes of a tree.
type checker struct {
	schema   *geo.Schema
	crs      *crs.CRS
	geometry string // the name of the geometry
}

// fault is the error about what stands at pos.
func fault(pos int, format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if pos > 0 {
		reason = fmt.Sprintf("character %d: %s", pos, reason)
	}
	return &geo.InvalidError{Field: "filter", Reason: reason}
}

// as checks e, which must be of a kind of want. because, if any, says for what.
func (c *checker) as(e Expr, want kind, because string) (*node, error) {
	n, err := c.node(e)
	if err != nil {
		return nil, err
	}
	return n, c.narrow(n, want, because)
}

func (c *checker) narrow(n *node, want kind, because string) error {
	if n.kind&want == 0 {
		if because != "" {
			because = ", " + because
		}
		return fault(n.pos, "found %s, expected %s%s", n.describe(), want, because)
	}
	n.kind &= want
	return nil
}

// describe says what stands there, for an error.
func (n *node) describe() string {
	switch n.op {
	case "property":
		if n.kind == kGeometry {
			return n.property.Name + ", which is the geometry"
		}
		return n.property.Name + ", which is " + typeName(n.property.Type)
	case "literal":
		switch n.kind {
		case kString:
			return "the text '" + short(n.text) + "'"
		case kNumber:
			return fmt.Sprintf("the number %v", n.number)
		case kBool:
			return fmt.Sprintf("%v", n.truth)
		case kTime:
			return "a date or time"
		}
		return n.kind.String()
	case "list":
		return "a list"
	case "interval":
		return "an interval"
	}
	return n.op + ", which gives " + n.kind.String()
}

func short(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func typeName(t geo.Type) string {
	switch t {
	case geo.TypeInteger:
		return "an integer"
	case geo.TypeArray:
		return "an array"
	case geo.TypeObject:
		return "an object"
	case geo.TypeMixed:
		return "of several types"
	}
	return "a " + string(t)
}

func (c *checker) node(e Expr) (*node, error) {
	switch e := e.(type) {
	case *Op:
		return c.op(e)
	case *Property:
		return c.prop(e)
	case *String:
		return &node{op: "literal", pos: e.Position(), kind: kString, text: e.Value}, nil
	case *Number:
		return &node{op: "literal", pos: e.Position(), kind: kNumber, number: e.Value, text: e.Digits}, nil
	case *Bool:
		return &node{op: "literal", pos: e.Position(), kind: kBool, truth: e.Value}, nil
	case *Instant:
		return &node{op: "literal", pos: e.Position(), kind: kTime, time: instant(e)}, nil
	case *Open:
		return &node{op: "open", pos: e.Position(), kind: kTime}, nil
	case *Interval:
		return c.interval(e)
	case *Geometry:
		return c.literalGeometry(e.Position(), e.Shape)
	case *BBox:
		return c.literalBox(e)
	case *List:
		return c.list(e)
	}
	return nil, fault(0, "there is an empty expression")
}

// instant is the span of time that a literal stands for.
func instant(e *Instant) geo.Interval {
	if e.Date {
		return geo.Interval{Start: e.Time, End: e.Time.AddDate(0, 0, 1).Add(-time.Nanosecond)}
	}
	return geo.Interval{Start: e.Time, End: e.Time}
}

func (c *checker) prop(e *Property) (*node, error) {
	n := &node{op: "property", pos: e.Position()}
	if p, path, ok := c.schema.Find(e.Name); ok {
		n.property, n.path = p, path
		n.property.Name = e.Name
		n.kind = kindsOf(p)
		return n, nil
	}
	if e.Name == c.geometry {
		n.kind, n.property.Name = kGeometry, e.Name
		return n, nil
	}
	names := []string{c.geometry}
	for _, p := range c.schema.Properties {
		names = appendNames(names, p.Name, p)
	}
	if guess := geo.Nearest(e.Name, names); guess != "" {
		return nil, fault(n.pos, "there is no property %s; did you mean %s?", short(e.Name), guess)
	}
	const most = 20
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return nil, fault(n.pos, "there is no property %s; there are %s", short(e.Name), strings.Join(names, ", "))
}

func appendNames(names []string, name string, p geo.Property) []string {
	names = append(names, name)
	for _, sub := range p.Nested {
		names = appendNames(names, name+"."+sub.Name, sub)
	}
	return names
}

// kindsOf are the kinds that the values of a property may be.
func kindsOf(p geo.Property) kind {
	var k kind
	switch p.Type {
	case geo.TypeString:
		k = kString
	case geo.TypeInteger, geo.TypeNumber:
		k = kNumber
	case geo.TypeBoolean:
		k = kBool
	case geo.TypeArray:
		return kArray
	case geo.TypeObject:
		return kObject
	default:
		k = kString | kNumber | kBool | kArray
	}
	if isTemporal(p) {
		k |= kTime
	}
	return k
}

// isTemporal reports whether the values of the property tell a time.
func isTemporal(p geo.Property) bool {
	switch p.Role {
	case geo.RoleDatetime, geo.RoleDatetimeStart, geo.RoleDatetimeEnd:
		return true
	}
	return p.Format == "date" || p.Format == "date-time" || p.Format == "year"
}

func (c *checker) interval(e *Interval) (*node, error) {
	n := &node{op: "interval", pos: e.Position(), kind: kInterval}
	for _, end := range []Expr{e.From, e.To} {
		m, err := c.as(end, kTime, "for it is an end of an interval")
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, m)
	}
	from, to := n.args[0], n.args[1]
	if from.op == "literal" && to.op == "literal" && from.time.Start.After(to.time.End) {
		return nil, fault(n.pos, "the interval ends before it begins")
	}
	return n, nil
}

// list is an array literal.
func (c *checker) list(e *List) (*node, error) {
	n := &node{op: "list", pos: e.Position(), kind: kArray}
	for _, item := range e.Items {
		m, err := c.as(item, kString|kNumber|kBool, "for it is an element of an array")
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, m)
	}
	return n, nil
}

// elements checks the literals of an array that is compared with a property
// against the type of the property's elements.
func elements(arrays []*node) error {
	i := slices.IndexFunc(arrays, func(n *node) bool { return n.op == "property" && n.property.Items != "" })
	if i < 0 {
		return nil
	}
	p := arrays[i].property
	want := kindsOf(geo.Property{Type: p.Items})
	for _, a := range arrays {
		for _, m := range a.args {
			if a.op == "list" && m.op == "literal" && m.kind&want == 0 {
				return fault(m.pos, "found %s, expected %s, for %s is an array of such", m.describe(), want, p.Name)
			}
		}
	}
	return nil
}

func (c *checker) op(e *Op) (*node, error) {
	n := &node{op: e.Name, pos: e.Position(), kind: kBool}
	switch e.Name {
	case "and", "or":
		return n, c.same(n, operands(nil, e), kBool)
	case "not":
		return n, c.args(n, e.Args, kBool)
	case "=", "<>", "<", ">", "<=", ">=":
		return n, c.comparison(n, e.Args)
	case "between":
		return n, c.between(n, e.Args)
	case "in":
		return n, c.in(n, e.Args)
	case "like":
		return n, c.like(n, e.Args)
	case "isNull":
		return n, c.args(n, e.Args, math.MaxUint8)
	case "casei", "accenti":
		n.kind = kString
		return n, c.args(n, e.Args, kString)
	case "+", "-", "*", "/", "%", "div", "^":
		n.kind = kNumber
		if len(e.Args) == 1 && e.Name == "-" {
			return n, c.args(n, e.Args, kNumber)
		}
		return n, c.args(n, e.Args, kNumber, kNumber)
	}
	switch {
	case slices.Contains(relations[:], e.Name):
		return n, c.args(n, e.Args, kGeometry, kGeometry)
	case strings.HasPrefix(e.Name, "t_") && temporalKinds(e.Name) != 0:
		k := temporalKinds(e.Name)
		return n, c.args(n, e.Args, k, k)
	case isArrayOp(e.Name):
		if err := c.args(n, e.Args, kArray, kArray); err != nil {
			return nil, err
		}
		return n, elements(n.args)
	}
	return c.function(n, e)
}

// args checks as many arguments as there are kinds.
func (c *checker) args(n *node, args []Expr, want ...kind) error {
	if len(args) != len(want) {
		return fault(n.pos, "%s has %d arguments, expected %d", n.op, len(args), len(want))
	}
	for i, a := range args {
		m, err := c.as(a, want[i], "")
		if err != nil {
			return err
		}
		n.args = append(n.args, m)
	}
	return nil
}

// same checks any number of arguments of one kind.
func (c *checker) same(n *node, args []Expr, want kind) error {
	return c.args(n, args, slices.Repeat([]kind{want}, len(args))...)
}

func (c *checker) comparison(n *node, args []Expr) error {
	if err := c.args(n, args, kScalar, kScalar); err != nil {
		return c.arrayHint(err, args)
	}
	return c.unify(n.args)
}

func (c *checker) between(n *node, args []Expr) error {
	if err := c.args(n, args, kScalar&^kBool, kScalar&^kBool, kScalar&^kBool); err != nil {
		return err
	}
	return c.unify(n.args)
}

func (c *checker) in(n *node, args []Expr) error {
	if len(args) != 2 {
		return fault(n.pos, "in has %d arguments, expected a value and a list", len(args))
	}
	list, ok := args[1].(*List)
	if !ok {
		return fault(args[1].Position(), "expected a list behind IN")
	}
	if err := c.same(n, append([]Expr{args[0]}, list.Items...), kScalar); err != nil {
		return c.arrayHint(err, args)
	}
	return c.unify(n.args)
}

// arrayHint tells how to ask an array, where a scalar operator was tried.
func (c *checker) arrayHint(err error, args []Expr) error {
	if p, ok := args[0].(*Property); ok && len(args) > 1 {
		if n, bad := c.prop(p); bad == nil && n.kind == kArray {
			return fault(n.pos, "found %s; ask it by A_CONTAINS(%s, ('value')) or A_OVERLAPS", n.describe(), n.property.Name)
		}
	}
	return err
}

// times reads the texts that are compared with a date or a date-time as such:
// many programs write them so.
func times(nodes []*node) error {
	i := slices.IndexFunc(nodes, func(n *node) bool {
		return n.op == "property" && n.kind == kString|kTime && (n.property.Format == "date" || n.property.Format == "date-time")
	})
	if i < 0 {
		return nil
	}
	for _, n := range nodes {
		if n.op != "literal" || n.kind != kString {
			continue
		}
		v, ok := parseInstant(n.text, true, true)
		if !ok {
			return fault(n.pos, "found %s, expected a date such as '2007-05-01' or a time such as '2007-05-01T12:00:00Z', for %s is %s",
				n.describe(), nodes[i].property.Name, typeName(nodes[i].property.Type)+" with the format "+nodes[i].property.Format)
		}
		n.kind, n.time = kTime, instant(&v)
	}
	return nil
}

// unify leaves to all nodes the kinds that they have in common.
func (c *checker) unify(nodes []*node) error {
	if err := times(nodes); err != nil {
		return err
	}
	common := nodes[0].kind
	first := nodes[0]
	for _, n := range nodes {
		if n.op == "property" {
			first = n
			common = n.kind
			break
		}
	}
	for _, n := range nodes {
		if common&n.kind == 0 {
			because := ""
			if first.op == "property" {
				because = fmt.Sprintf("for %s", strings.Replace(first.describe(), ", which", "", 1))
			}
			want := common
			if want == kString|kTime || want == kNumber|kTime {
				want &^= kTime
			}
			return fault(n.pos, "found %s, expected %s%s", n.describe(), want, prefixed(because))
		}
		common &= n.kind
	}
	switch {
	case common&kTime != 0 && common&kNumber == 0:
		common = kTime
	case common&kTime != 0:
		common &^= kTime
	}
	for _, n := range nodes {
		n.kind = common
	}
	return nil
}

func prefixed(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

func (c *checker) like(n *node, args []Expr) error {
	if err := c.args(n, args, kString, kString); err != nil {
		return err
	}
	p := n.args[1]
	for p.op == "casei" || p.op == "accenti" {
		p = p.args[0]
	}
	if p.op != "literal" {
		return fault(p.pos, "found %s, expected a text as the pattern of LIKE", p.describe())
	}
	return nil
}

func (c *checker) function(n *node, e *Op) (*node, error) {
	var names []string
	for _, f := range functionTable() {
		names = append(names, f.Name)
		if f.Name != e.Name {
			continue
		}
		n.kind = f.returns
		if f.variadic {
			if len(e.Args) == 0 {
				return nil, fault(n.pos, "%s has no arguments", n.op)
			}
			return n, c.same(n, e.Args, f.args[0])
		}
		return n, c.args(n, e.Args, f.args...)
	}
	if guess := geo.Nearest(e.Name, names); guess != "" {
		return nil, fault(n.pos, "there is no function %s; did you mean %s?", short(e.Name), guess)
	}
	return nil, fault(n.pos, "there is no function %s; there are %s", short(e.Name), strings.Join(names, ", "))
}

// literalGeometry brings the vertices of a literal to longitude and latitude.
func (c *checker) literalGeometry(pos int, g orb.Geometry) (*node, error) {
	moved, err := c.move(pos, g)
	if err != nil {
		return nil, err
	}
	s := newShape(moved)
	if !s.valid() {
		return nil, fault(pos, "the polygon is not valid: its rings cross, overlap or have no area")
	}
	return literalShape(pos, s, nil), nil
}

// move makes a copy of g in longitude and latitude.
func (c *checker) move(pos int, g orb.Geometry) (orb.Geometry, error) {
	switch g := g.(type) {
	case orb.Point:
		return c.point(pos, g)
	case orb.MultiPoint:
		out, err := c.points(pos, g)
		return orb.MultiPoint(out), err
	case orb.LineString:
		out, err := c.points(pos, g)
		return orb.LineString(out), err
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, l := range g {
			points, err := c.points(pos, l)
			if err != nil {
				return nil, err
			}
			out[i] = points
		}
		return out, nil
	case orb.Polygon:
		return c.polygon(pos, g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, p := range g {
			moved, err := c.polygon(pos, p)
			if err != nil {
				return nil, err
			}
			out[i] = moved
		}
		return out, nil
	case orb.Collection:
		out := make(orb.Collection, len(g))
		for i, m := range g {
			moved, err := c.move(pos, m)
			if err != nil {
				return nil, err
			}
			out[i] = moved
		}
		return out, nil
	}
	return nil, fault(pos, "found %T, expected a geometry", g)
}

func (c *checker) polygon(pos int, g orb.Polygon) (orb.Polygon, error) {
	out := make(orb.Polygon, len(g))
	for i, r := range g {
		points, err := c.points(pos, r)
		if err != nil {
			return nil, err
		}
		out[i] = points
	}
	return out, nil
}

func (c *checker) points(pos int, ps []orb.Point) ([]orb.Point, error) {
	out := make([]orb.Point, len(ps))
	for i, p := range ps {
		var err error
		if out[i], err = c.point(pos, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *checker) point(pos int, p orb.Point) (orb.Point, error) {
	q, ok := p, true
	if c.crs != nil {
		q, ok = c.crs.ToLonLat(p)
	}
	if !ok || !(math.Abs(q[0]) <= 180 && math.Abs(q[1]) <= 90) {
		return q, fault(pos, "the position %v %v is outside the range of %s", p[0], p[1], c.crsName())
	}
	return q, nil
}

func (c *checker) crsName() string {
	if c.crs == nil {
		return "longitude -180 to 180, latitude -90 to 90"
	}
	return c.crs.Code()
}

// literalBox makes a box of its corners: two where it crosses 180°. A box
// without width or height is a line or a point. In a projected CRS the sides are
// divided, so that they stay near the straight lines that they are there.
func (c *checker) literalBox(e *BBox) (*node, error) {
	pos, b := e.Position(), e.Box
	lonAxis := 0
	if c.crs != nil && c.crs.Swapped() {
		lonAxis = 1
	}
	if b.Min[1-lonAxis] > b.Max[1-lonAxis] {
		return nil, fault(pos, "the box ends south of where it begins")
	}
	geographic := c.crs == nil || c.crs.Geographic()
	if b.Min[lonAxis] > b.Max[lonAxis] && !geographic {
		return nil, fault(pos, "the box ends west of where it begins")
	}
	if !geographic {
		return c.literalGeometry(pos, dense(b))
	}
	lo, err := c.point(pos, b.Min)
	if err != nil {
		return nil, err
	}
	hi, err := c.point(pos, b.Max)
	if err != nil {
		return nil, err
	}
	box := orb.Bound{Min: lo, Max: hi}
	if lo[0] == 180 && hi[0] < 180 {
		box.Min[0] = -180
	}
	if hi[0] == -180 && box.Min[0] > -180 {
		box.Max[0] = 180
	}
	s := newShape(boxGeometry(box))
	if box.Min[0] > box.Max[0] {
		s.crossing = &box
	}
	return literalShape(pos, s, &box), nil
}

// literalShape computes at once what searches share. box is the shape where it was
// written as one.
func literalShape(pos int, s *shape, box *orb.Bound) *node {
	s.valid()
	s.meridian = newMeridian(s, box)
	return &node{op: "literal", pos: pos, kind: kGeometry, shape: s}
}

func boxGeometry(b orb.Bound) orb.Geometry {
	switch {
	case b.Min[0] > b.Max[0]:
		west := boxGeometry(orb.Bound{Min: b.Min, Max: orb.Point{180, b.Max[1]}})
		east := boxGeometry(orb.Bound{Min: orb.Point{-180, b.Min[1]}, Max: b.Max})
		if w, ok := west.(orb.Polygon); ok {
			if e, ok := east.(orb.Polygon); ok {
				return orb.MultiPolygon{w, e}
			}
		}
		return orb.Collection{west, east}
	case b.Min == b.Max:
		return b.Min
	case b.Min[0] == b.Max[0] || b.Min[1] == b.Max[1]:
		return orb.LineString{b.Min, b.Max}
	}
	return b.ToPolygon()
}

// dense is the box with 16 steps on each side.
func dense(b orb.Bound) orb.Geometry {
	if b.Min[0] == b.Max[0] || b.Min[1] == b.Max[1] {
		return boxGeometry(b)
	}
	const steps = 16
	corners := b.ToRing()
	var ring orb.Ring
	for i := range 4 {
		p, q := corners[i], corners[i+1]
		for k := range steps {
			t := float64(k) / steps
			ring = append(ring, orb.Point{p[0] + t*(q[0]-p[0]), p[1] + t*(q[1]-p[1])})
		}
	}
	return orb.Polygon{append(ring, ring[0])}
}
