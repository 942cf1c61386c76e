package server

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"clustermap/geo"
)

// param is one query parameter, unescaped.
type param struct{ name, value string }

// params are the parameters of a query, each name once, sorted by name.
type params []param

// parseParams reads a query. A name that stands twice is an error: which of the
// values would hold is not said anywhere.
func parseParams(query string) (params, error) {
	if query == "" {
		return nil, nil
	}
	p := make(params, 0, 8)
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(key)
		if err != nil || !utf8.ValidString(name) {
			return nil, invalid(printable(key), "the name is not rightly percent-encoded UTF-8")
		}
		text, err := url.QueryUnescape(value)
		if err != nil || !utf8.ValidString(text) {
			return nil, invalid(printable(name), "the value is not rightly percent-encoded UTF-8")
		}
		p = append(p, param{name, text})
	}
	slices.SortStableFunc(p, func(a, b param) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(p); i++ {
		if p[i].name == "subset" && p[i-1].name == "subset" { // OGC API - Maps Part 1, 14.2.2: one for each axis
			p[i-1].value += "," + p[i].value
			p = slices.Delete(p, i, i+1)
			i--
			continue
		}
		if p[i].name == p[i-1].name {
			if reserved(p[i].name) {
				return nil, invalid(p[i].name, "given more than once")
			}
			return nil, invalid(printable(p[i].name), "given more than once; a comma between values means or")
		}
	}
	return p, nil
}

// take removes the named parameter and returns its value.
func (p *params) take(name string) (value string, ok bool) {
	for i, q := range *p {
		if q.name == name {
			*p = slices.Delete(*p, i, i+1)
			return q.value, true
		}
	}
	return "", false
}

// get is the value of the named parameter.
func (p params) get(name string) (value string, ok bool) {
	for _, q := range p {
		if q.name == name {
			return q.value, true
		}
	}
	return "", false
}

// has reports whether the named parameter has the value.
func (p params) has(name, value string) bool {
	v, ok := p.get(name)
	return ok && v == value
}

// none is an error that names the first parameter, if there is one.
func (p params) none() error {
	if len(p) == 0 {
		return nil
	}
	return unknown(p[0].name, []string{"f", "lang"})
}

func unknown(name string, known []string) error {
	name = printable(name)
	if guess := geo.Nearest(name, known); guess != "" {
		return invalid(name, "there is no such parameter; did you mean %s?", guess)
	}
	return invalid(name, "there is no such parameter; there are %s", strings.Join(known, ", "))
}

// The parameters of requests for features, beside f, lang and the queryables.
var (
	filterParameters = [...]string{"bbox", "bbox-crs", "datetime", "filter", "filter-crs", "filter-lang", "geometry-type", "q"}
	pageParameters   = [...]string{"limit", "cursor", "sortby", "download"}
	shapeParameters  = [...]string{"crs", "properties", "exclude-properties", "skipGeometry", "zoom-level"}
)

// reserved reports whether a name is a parameter of ours, so that a property of
// that name is not offered as one.
func reserved(name string) bool {
	return name == "f" || name == "lang" || slices.Contains(filterParameters[:], name) ||
		slices.Contains(pageParameters[:], name) || slices.Contains(shapeParameters[:], name)
}

// named makes sure that an error about a parameter says which.
func named(param string, err error) error {
	if bad, ok := err.(*geo.InvalidError); ok && bad.Field == "" {
		return &geo.InvalidError{Field: param, Reason: bad.Reason}
	}
	return err
}

// canonicalValues sorts the values of a list and leaves each once, unless the
// property may have texts with commas, for which their order means something.
func canonicalValues(list string, p geo.Property) string {
	if !strings.Contains(list, ",") || !divided(p) {
		return list
	}
	values := strings.Split(list, ",")
	slices.Sort(values)
	return strings.Join(slices.Compact(values), ",")
}

// divided reports whether a comma always stands between values of the property, and
// never in one.
func divided(p geo.Property) bool {
	texts := p.Type == geo.TypeString || p.Type == geo.TypeMixed || p.Items == geo.TypeString
	whole := func(e geo.EnumValue) bool { return strings.Contains(e.Value, ",") }
	return !texts || p.Enum != nil && !slices.ContainsFunc(p.Enum, whole)
}

// escapeValue escapes a value and leaves commas, which people read in links.
func escapeValue(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "%2C", ",")
}

func parseLimit(s string, most int) (int, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	switch {
	case err != nil && len(s) > 0 && strings.Trim(s, "0123456789") == "":
		return most, nil // too great for 64 bits
	case err != nil || n == 0:
		return 0, invalid("limit", "needs a whole number from 1 to %d (greater ones are taken as %d), found %s", most, most, quoted(s))
	}
	return int(min(n, uint64(most))), nil
}

// parseBox reads west,south,east,north or, with heights that are checked and
// otherwise ignored, west,south,low,east,north,high. West may be greater than
// east: the box then crosses 180 degrees. latFirst says that of each pair the
// latitude comes first.
func parseBox(s string, latFirst bool) (orb.Bound, error) { return parseBoxTo(90, s, latFirst) }

// parseBoxTo reads a box whose latitudes may lie as far beyond the poles as most says.
func parseBoxTo(most float64, s string, latFirst bool) (orb.Bound, error) {
	fault := func(format string, args ...any) (orb.Bound, error) {
		return orb.Bound{}, invalid("bbox", format, args...)
	}
	v, n, err := parseNumbers(s)
	if err != nil {
		return orb.Bound{}, err
	}
	if latFirst {
		v[0], v[1] = v[1], v[0]
		if n == 6 {
			v[3], v[4] = v[4], v[3]
		} else {
			v[2], v[3] = v[3], v[2]
		}
	}
	west, south, east, north := v[0], v[1], v[2], v[3]
	switch n {
	case 4:
	case 6:
		east, north = v[3], v[4]
		if v[2] > v[5] {
			return fault("the lower height %v is above the upper %v", v[2], v[5])
		}
	default:
		return fault("has %d numbers; write west,south,east,north in degrees", n)
	}
	switch {
	case math.Abs(west) > 180 || math.Abs(east) > 180:
		return fault("longitudes lie from -180 to 180; a box across 180 degrees has west greater than east")
	case math.Abs(south) > most || math.Abs(north) > most:
		return fault("latitudes lie from -90 to 90")
	case south > north:
		return fault("south %v is north of north %v; write west,south,east,north", south, north)
	}
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}, nil
}

func boxText(b orb.Bound) string {
	var buf [96]byte
	t := buf[:0]
	for i, v := range [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if i > 0 {
			t = append(t, ',')
		}
		t = strconv.AppendFloat(t, v, 'f', -1, 64)
	}
	return string(t)
}

func quoted(s string) string { return strconv.Quote(shorten(s, 80)) }

// printable is s fit to be echoed: valid UTF-8 without control characters, not
// long.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
	return shorten(s, 80)
}

func didYouMean(name string, names []string) string {
	if guess := geo.Nearest(name, names); guess != "" {
		return "; did you mean " + quoted(guess) + "?"
	}
	return "."
}
