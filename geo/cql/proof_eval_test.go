package cql_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"clustermap/geo/cql"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
)

// eval is the value of an expression for a feature: nil, bool, string, float64,
// []any, period or orb.Geometry.
func (w *world) eval(e cql.Expr, f *record) any {
	switch e := e.(type) {
	case *cql.String:
		return e.Value
	case *cql.Number:
		return e.Value
	case *cql.Bool:
		return e.Value
	case *cql.Property:
		return f.value(e.Name)
	case *cql.Geometry:
		return e.Shape
	case *cql.BBox:
		return boxShape(e.Box)
	case *cql.List:
		list := []any{}
		for _, item := range e.Items {
			v := w.eval(item, f)
			if v == nil {
				return nil
			}
			list = append(list, v)
		}
		return list
	case *cql.Op:
		return w.evalOp(e, f)
	}
	return nil
}

func (f *record) value(name string) any {
	if name == "geometry" {
		if f.geometry == nil {
			return nil
		}
		return f.geometry
	}
	var v any = f.properties
	for _, part := range strings.Split(name, ".") {
		m, _ := v.(map[string]any)
		v = m[part]
	}
	return v
}

func boxShape(b orb.Bound) orb.Geometry {
	switch {
	case b.Min == b.Max:
		return b.Min
	case b.Min[0] == b.Max[0] || b.Min[1] == b.Max[1]:
		return orb.LineString{b.Min, b.Max}
	}
	return b.ToPolygon()
}

func (w *world) evalOp(e *cql.Op, f *record) any {
	switch e.Name {
	case "and", "or":
		decides := e.Name == "or"
		var known any = !decides
		for _, a := range e.Args {
			switch v := w.eval(a, f); v {
			case decides:
				return decides
			case nil:
				known = nil
			}
		}
		return known
	case "not":
		if v, ok := w.eval(e.Args[0], f).(bool); ok {
			return !v
		}
		return nil
	case "isNull":
		return w.eval(e.Args[0], f) == nil
	case "=", "<>", "<", ">", "<=", ">=":
		return w.compare(e.Name, e.Args[0], e.Args[1], common(e.Args), f)
	case "between":
		low := w.compare(">=", e.Args[0], e.Args[1], common(e.Args), f)
		high := w.compare("<=", e.Args[0], e.Args[2], common(e.Args), f)
		switch {
		case low == false || high == false:
			return false
		case low == nil || high == nil:
			return nil
		}
		return true
	case "in":
		items := e.Args[1].(*cql.List).Items
		kinds := common(append([]cql.Expr{e.Args[0]}, items...))
		var found any = false
		for _, item := range items {
			switch w.compare("=", e.Args[0], item, kinds, f) {
			case true:
				return true
			case nil:
				found = nil
			}
		}
		return found
	}
	switch prefix, _, _ := strings.Cut(e.Name, "_"); prefix + "_" {
	case "t_":
		a, ok := w.period(e.Args[0], f)
		b, too := w.period(e.Args[1], f)
		if !ok || !too {
			return nil
		}
		return allen(e.Name[2:], a, b)
	case "s_":
		a, ok := w.eval(e.Args[0], f).(orb.Geometry)
		b, too := w.eval(e.Args[1], f).(orb.Geometry)
		if !ok || !too {
			return nil
		}
		return w.relation(e.Name, a, b)
	case "a_":
		a, ok := w.eval(e.Args[0], f).([]any)
		b, too := w.eval(e.Args[1], f).([]any)
		if !ok || !too {
			return nil
		}
		return sets(e.Name, a, b)
	}
	return w.call(e, f)
}

// kinds are what an expression may be: s, n, b or t for each.
func kinds(e cql.Expr) string {
	switch e := e.(type) {
	case *cql.String:
		return "s"
	case *cql.Number:
		return "n"
	case *cql.Bool:
		return "b"
	case *cql.Instant:
		return "t"
	case *cql.Property:
		switch e.Name {
		case "name", "trade", "more info.label":
			return "s"
		case "opened", "closed", "updated":
			return "st"
		case "active", "more info.deep.ok":
			return "b"
		case "odd":
			return "snb"
		}
		return "n"
	case *cql.Op:
		switch e.Name {
		case "casei", "accenti", "lower", "upper", "concat":
			return "s"
		}
	}
	return "n"
}

// common are the kinds that all may be.
func common(all []cql.Expr) string {
	left := "snbt"
	for _, e := range all {
		left = strings.Map(func(k rune) rune {
			if strings.ContainsRune(kinds(e), k) {
				return k
			}
			return -1
		}, left)
	}
	return left
}

func (w *world) compare(name string, a, b cql.Expr, common string, f *record) any {
	if strings.Contains(common, "t") {
		p, ok := w.period(a, f)
		q, too := w.period(b, f)
		switch {
		case !ok || !too:
			return nil
		case p.to < q.from:
			return ordered(name, -1)
		case p.from > q.to:
			return ordered(name, 1)
		}
		return ordered(name, 0)
	}
	switch v := w.eval(a, f).(type) {
	case string:
		if u, ok := w.eval(b, f).(string); ok && strings.Contains(common, "s") {
			return ordered(name, strings.Compare(v, u))
		}
	case float64:
		if u, ok := w.eval(b, f).(float64); ok && strings.Contains(common, "n") {
			switch {
			case v < u:
				return ordered(name, -1)
			case v > u:
				return ordered(name, 1)
			}
			return ordered(name, 0)
		}
	case bool:
		if u, ok := w.eval(b, f).(bool); ok && strings.Contains(common, "b") {
			one := map[bool]int{true: 1}
			return ordered(name, one[v]-one[u])
		}
	}
	return nil
}

func ordered(name string, c int) bool {
	return strings.Contains(map[string]string{"=": "0", "<>": "-+", "<": "-", ">": "+", "<=": "-0", ">=": "+0"}[name], string("-0+"[c+1]))
}

// period is a time in nanoseconds since 1970, with the other end of either end
// as written.
type period struct{ from, fromEnd, toStart, to int64 }

func (w *world) period(e cql.Expr, f *record) (period, bool) {
	const day = int64(24 * time.Hour)
	switch e := e.(type) {
	case *cql.Instant:
		from := e.Time.UnixNano()
		if e.Date {
			return period{from, from + day - 1, from, from + day - 1}, true
		}
		return period{from, from, from, from}, true
	case *cql.Open:
		return period{}, true
	case *cql.Interval:
		a, ok := w.period(e.From, f)
		b, too := w.period(e.To, f)
		if _, open := e.From.(*cql.Open); open {
			a = period{from: math.MinInt64, fromEnd: math.MinInt64}
		}
		if _, open := e.To.(*cql.Open); open {
			b = period{toStart: math.MaxInt64, to: math.MaxInt64}
		}
		return period{a.from, a.fromEnd, b.toStart, b.to}, ok && too && a.from <= b.to
	case *cql.Property:
		s, ok := f.value(e.Name).(string)
		if !ok {
			return period{}, false
		}
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return w.period(&cql.Instant{Time: t, Date: true}, f)
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		return period{t.UnixNano(), t.UnixNano(), t.UnixNano(), t.UnixNano()}, err == nil
	}
	return period{}, false
}

func allen(name string, a, b period) bool {
	meets := func(a, b period) bool { return max(a.toStart, b.from) <= min(a.to, b.fromEnd) }
	switch name {
	case "after":
		return a.from > b.to
	case "before":
		return a.to < b.from
	case "disjoint":
		return !allen("intersects", a, b)
	case "intersects":
		return max(a.from, b.from) <= min(a.to, b.to)
	case "equals":
		return a.from == b.from && a.to == b.to
	case "contains":
		return a.from < b.from && a.to > b.to
	case "during":
		return allen("contains", b, a)
	case "finishes":
		return a.from > b.from && a.to == b.to
	case "finishedBy":
		return allen("finishes", b, a)
	case "meets":
		return meets(a, b)
	case "metBy":
		return meets(b, a)
	case "overlaps":
		return a.from < b.from && a.to < b.to && a.to >= b.from && !meets(a, b)
	case "overlappedBy":
		return allen("overlaps", b, a)
	case "starts":
		return a.from == b.from && a.to < b.to
	}
	return allen("starts", b, a)
}

func sets(name string, a, b []any) bool {
	in := func(v any, list []any) bool {
		for _, u := range list {
			if u == v {
				return true
			}
		}
		return false
	}
	inside := func(a, b []any) bool {
		for _, v := range a {
			if !in(v, b) {
				return false
			}
		}
		return true
	}
	switch name {
	case "a_contains":
		return inside(b, a)
	case "a_containedBy":
		return inside(a, b)
	case "a_equals":
		return inside(a, b) && inside(b, a)
	}
	for _, v := range a {
		if in(v, b) {
			return true
		}
	}
	return false
}

func (w *world) call(e *cql.Op, f *record) any {
	var args []any
	for _, a := range e.Args {
		v := w.eval(a, f)
		if p, ok := a.(*cql.Property); ok && (e.Name == "year" || e.Name == "month" || e.Name == "day") {
			t, known := w.period(p, f)
			if !known {
				return nil
			}
			v = time.Unix(0, t.from).UTC()
		}
		args = append(args, v)
	}
	switch v := args[0].(type) {
	case string:
		return callText(e.Name, v, args[1:])
	case float64:
		return callNumber(e.Name, v, args[1:])
	case time.Time:
		return float64(map[string]int{"year": v.Year(), "month": int(v.Month()), "day": v.Day()}[e.Name])
	case orb.Geometry:
		if c, ok := v.(orb.Collection); ok {
			return centreOf(c)
		}
		c, _ := planar.CentroidArea(v)
		return c
	}
	return nil
}

func callText(name, s string, more []any) any {
	switch name {
	case "casei":
		return fold(s)
	case "accenti":
		return strings.NewReplacer("é", "e", "É", "E", "e\u0301", "e", "ü", "u", "Ü", "U").Replace(s)
	case "lower":
		return strings.ToLower(s)
	case "upper":
		return strings.ToUpper(s)
	case "char_length":
		return float64(utf8.RuneCountInString(s))
	case "concat":
		if t, ok := more[0].(string); ok {
			return s + t
		}
		return nil
	case "like":
		p, ok := more[0].(string)
		if !ok {
			return nil
		}
		return likeRegexp(p).MatchString(s)
	}
	return nil
}

func fold(s string) string {
	return strings.NewReplacer("ß", "ss", "ς", "σ").Replace(strings.ToLower(s))
}

var likeCache = map[string]*regexp.Regexp{}

func likeRegexp(p string) *regexp.Regexp {
	if r := likeCache[p]; r != nil {
		return r
	}
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for rest := []rune(p); len(rest) > 0; rest = rest[1:] {
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			rest = rest[1:]
			b.WriteString(regexp.QuoteMeta(string(rest[0])))
		case rest[0] == '%':
			b.WriteString(".*")
		case rest[0] == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(rest[0])))
		}
	}
	likeCache[p] = regexp.MustCompile(b.String() + `$`)
	return likeCache[p]
}

func callNumber(name string, a float64, more []any) any {
	b := 0.0
	if len(more) > 0 {
		var ok bool
		if b, ok = more[0].(float64); !ok {
			return nil
		}
	}
	var v float64
	switch name {
	case "abs":
		return math.Abs(a)
	case "round":
		return math.Round(a)
	case "floor":
		return math.Floor(a)
	case "ceil":
		return math.Ceil(a)
	case "+":
		v = a + b
	case "-":
		v = a - b
	case "*":
		v = a * b
	case "^":
		v = math.Pow(a, b)
	default:
		if b == 0 {
			return nil
		}
		v = map[string]float64{"/": a / b, "div": math.Trunc(a / b), "%": a - b*math.Trunc(a/b)}[name]
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// centreOf is the centre of the members of the highest dimension.
func centreOf(c orb.Collection) orb.Geometry {
	var areas orb.MultiPolygon
	var lines orb.MultiLineString
	var points orb.MultiPoint
	for _, g := range c {
		switch g := g.(type) {
		case orb.Polygon:
			areas = append(areas, g)
		case orb.MultiPolygon:
			areas = append(areas, g...)
		case orb.LineString:
			lines = append(lines, g)
		case orb.MultiLineString:
			lines = append(lines, g...)
		case orb.Point:
			points = append(points, g)
		case orb.MultiPoint:
			points = append(points, g...)
		}
	}
	var centre orb.Point
	switch {
	case areas != nil:
		centre, _ = planar.CentroidArea(areas)
	case lines != nil:
		centre, _ = planar.CentroidArea(lines)
	default:
		centre, _ = planar.CentroidArea(points)
	}
	return centre
}

// relation reads the matrix that simplefeatures makes of two geometries.
func (w *world) relation(name string, a, b orb.Geometry) bool {
	ga, ta := w.simple(a)
	gb, tb := w.simple(b)
	m, ok := w.matrix[[2]string{ta, tb}]
	if !ok {
		var err error
		if m, err = geom.Relate(ga, gb); err != nil {
			panic(err)
		}
		w.matrix[[2]string{ta, tb}] = m
	}
	is := func(pattern string) bool {
		for i, want := range []byte(pattern) {
			if want != '*' && want != m[i] && (want != 'T' || m[i] == 'F') {
				return false
			}
		}
		return true
	}
	da, db := ga.Dimension(), gb.Dimension()
	switch name {
	case "s_disjoint":
		return is("FF*FF****")
	case "s_intersects":
		return !is("FF*FF****")
	case "s_equals":
		return is("T*F**FFF*")
	case "s_touches":
		return is("FT*******") || is("F**T*****") || is("F***T****")
	case "s_within":
		return is("T*F**F***")
	case "s_contains":
		return is("T*****FF*")
	case "s_overlaps":
		return da == db && (da != 1 && is("T*T***T**") || da == 1 && is("1*T***T**"))
	}
	return da < db && is("T*T******") || da > db && is("T*****T**") || da == 1 && db == 1 && is("0********")
}

var simpleCache = map[string]geom.Geometry{}

func (w *world) simple(g orb.Geometry) (geom.Geometry, string) {
	text, err := geojson.NewGeometry(g).MarshalJSON()
	if err != nil {
		panic(err)
	}
	key := string(text)
	s, ok := simpleCache[key]
	if !ok {
		if s, err = geom.UnmarshalGeoJSON(text); err != nil {
			panic(fmt.Sprint(err, key))
		}
		if s.IsGeometryCollection() {
			if s, err = geom.UnaryUnion(s); err != nil {
				panic(err)
			}
		}
		simpleCache[key] = s
	}
	return s, key
}
