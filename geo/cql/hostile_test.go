package cql

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hostile are inputs that are long, deep or wide.
func hostile() map[string]string {
	many := strings.Repeat
	ring := "POLYGON((" + many("1 2,", 10_000_000) + "1 2))"
	nested := many(`{"op":"not","args":[`, 100_000) + "true" + many("]}", 100_000)
	return map[string]string{
		"parentheses":              many("(", 100_000),
		"closed parentheses":       many("(", 20_000) + "a" + many(")", 20_000),
		"deep within the length":   many("(", 60_000),
		"functions":                many("f(", 20_000),
		"NOT":                      many("NOT ", 10_000) + "a",
		"minus":                    many("-", 60_000) + "a",
		"powers":                   "2" + many("^2", 20_000),
		"a chain of sums":          "1" + many("+1", 20_000) + "= 1",
		"arrays":                   "A_CONTAINS(a," + many("(", 20_000),
		"collections":              "S_INTERSECTS(a," + many("GEOMETRYCOLLECTION(", 3000),
		"a list":                   "a IN (1" + many(",1", 100_000) + ")",
		"a list within the length": "a IN (1" + many(",1", 20_000) + ")",
		"a polygon":                "S_INTERSECTS(geometry," + ring + ")",
		"a name":                   many("n", 1<<20) + " = 1",
		"a name in quotes":         `"` + many("n", 1<<20) + `" = 1`,
		"an operator's long name":  many("s_intersects", 5000) + "(a, b) AND",
		"a pattern":                "a LIKE '" + many("%_", 10_000) + "'",
		"megabyte":                 many("a = 1 AND ", 100_000) + "a = 1",
		"quotes":                   many("'", 60_001),
		"zero":                     "a = '%\x00'",
		"not UTF-8":                "a = '\xff'",
		"a name of no UTF-8":       "a\xc3 = 1",
		"JSON nested":              nested,
		"JSON within the length":   nested[:60_000],
		"JSON arrays":              many("[", 60_000),
		"JSON list":                `{"op":"in","args":[1,[1` + many(",1", 20_000) + `]]}`,
		"JSON coordinates":         `{"type":"Polygon","coordinates":` + many("[", 60_000),
		"JSON polygon":             `{"type":"Polygon","coordinates":[[[1,2]` + many(",[1,2]", 1_000_000) + `]]}`,
		"JSON members":             `{"op":"=",` + many(`"x":1,`, 9000),
		"JSON long member":         `{"` + many("x", 60_000) + `":1}`,
		"JSON not UTF-8":           "\"\xff\"",
	}
}

func TestHostile(t *testing.T) {
	for name, input := range hostile() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := ParseText(input)
			if strings.HasPrefix(name, "JSON") {
				_, err = ParseJSON([]byte(input))
			}
			checkRefused(t, input, err)
			if d := time.Since(start); d > 200*time.Millisecond {
				t.Errorf("%.40q took %v", input, d)
			}
		})
	}
}

// TestVertices raises the length, so that the points are what is too many.
func TestVertices(t *testing.T) {
	lim := limits{length: 1 << 30, vertices: MaxVertices}
	ring := strings.Repeat("1 2,", 1_000_000)
	_, err := parseText("S_INTERSECTS(geometry, POLYGON(("+ring+"1 2)))", lim)
	checkRefused(t, ring, err)
	want := fmt.Sprintf("filter: character 400033: the geometries have too many points, at most %d are read", MaxVertices)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = parseJSON([]byte(`{"type":"LineString","coordinates":[[1,2]`+strings.Repeat(",[1,2]", 1_000_000)+`]}`), lim)
	checkRefused(t, "a line in JSON", err)
	if want = "coordinates[100000]: the geometries have too many points"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestDeepest is at the limit, where text and JSON agree.
func TestDeepest(t *testing.T) {
	nested := func(n int, e Expr) Expr {
		for i := range n {
			name, args := "not", []Expr{e}
			if i%2 == 1 {
				name, args = "or", []Expr{e, &Bool{Value: true}}
			}
			e = &Op{Name: name, Args: args}
		}
		return e
	}
	checkRoundTrip(t, nested(MaxDepth, &Bool{}))
	deep := nested(MaxDepth+1, &Bool{})
	_, err := ParseText(Text(deep))
	checkRefused(t, "text", err)
	_, err = ParseJSON(JSON(deep))
	checkRefused(t, "JSON", err)
	list := Expr(&List{})
	for range MaxDepth - 1 {
		list = &List{Items: []Expr{list}}
	}
	checkRoundTrip(t, &Op{Name: "a_contains", Args: []Expr{&Property{Name: "a"}, list}})
	sum := Expr(&Number{Value: 1})
	for range MaxDepth {
		sum = &Op{Name: "+", Args: []Expr{&Number{Value: 1}, sum}}
	}
	checkRoundTrip(t, sum)
}
