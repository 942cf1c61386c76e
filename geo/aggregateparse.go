package geo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Name is how the measure is asked for: "sum(firms)", "quantile(firms,0.9)".
func (m Measure) Name() string {
	switch {
	case m.Property == "":
		return m.Func
	case m.Func == "quantile":
		return m.Func + "(" + m.Property + "," + strconv.FormatFloat(m.P, 'f', -1, 64) + ")"
	}
	return m.Func + "(" + m.Property + ")"
}

// String is how the grouping is asked for: "industry", "division:prefecture",
// "grid:8".
func (g Grouping) String() string {
	switch g.Kind {
	case ByRegion:
		return "region:" + g.Name
	case ByDivision:
		return "division:" + g.Name
	case ByGrid:
		return "grid:" + strconv.Itoa(g.Zoom)
	}
	return g.Name
}

// measureFuncs are the functions of measures and whether the values of a property
// can be measured by them.
func measureFuncs(name string) (fits func(Type) bool, want string) {
	number := func(t Type) bool { return t == TypeNumber || t == TypeInteger }
	switch name {
	case "count":
		return func(Type) bool { return true }, "any property"
	case "sum", "mean", "median", "quantile":
		return number, "numbers"
	case "min", "max":
		return func(t Type) bool { return number(t) || t == TypeString }, "numbers or strings"
	case "distinct":
		return func(t Type) bool { return t != TypeArray && t != TypeObject }, "single values"
	}
	return nil, ""
}

// ParseMeasures reads measures like "count,sum(firms),quantile(firms,0.9)": count,
// count(p), sum(p), mean(p), min(p), max(p), distinct(p), median(p) and
// quantile(p,q) of a property p, which may stand in double quotes; "" is count. A
// measure that stands twice counts once. Errors are *InvalidError.
func ParseMeasures(s *Schema, text string) ([]Measure, error) {
	if strings.TrimSpace(text) == "" {
		return []Measure{{Func: "count"}}, nil
	}
	var out []Measure
	for _, part := range splitOutside(text) {
		m, err := parseMeasure(s, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
		if len(out) > maxMeasures {
			return nil, &InvalidError{Field: "measures", Reason: fmt.Sprintf("has more than %d measures, which are allowed", maxMeasures)}
		}
	}
	return out, nil
}

func parseMeasure(s *Schema, text string) (Measure, error) {
	bad := func(format string, args ...any) (Measure, error) {
		return Measure{}, &InvalidError{Field: "measures", Reason: fmt.Sprintf("%q: ", clip(text)) + fmt.Sprintf(format, args...)}
	}
	name, rest, open := strings.Cut(text, "(")
	m := Measure{Func: strings.ToLower(strings.TrimSpace(name))}
	fits, want := measureFuncs(m.Func)
	if fits == nil {
		funcs := []string{"count", "sum", "mean", "min", "max", "distinct", "median", "quantile"}
		if guess := Nearest(m.Func, funcs); guess != "" {
			return bad("there is no such measure; did you mean %s?", guess)
		}
		return bad("there is no such measure; there are %s", strings.Join(funcs, ", "))
	}
	if !open {
		if m.Func == "count" {
			return m, nil
		}
		return bad("names no property; write %s(property)", m.Func)
	}
	rest, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	if !closed {
		return bad("the parenthesis is not closed")
	}
	if m.Func == "quantile" {
		i := strings.LastIndexByte(rest, ',')
		if i < 0 {
			return bad("needs a property and a share from 0 to 1, as in quantile(p,0.9)")
		}
		share := strings.TrimSpace(rest[i+1:])
		p, ok := parseNumber(share)
		if !ok || p < 0 || p > 1 {
			return bad("%q is not a share from 0 to 1", clip(share))
		}
		m.P, rest = p, rest[:i]
	}
	m.Property = unquoted(rest)
	p, _, ok := s.Find(m.Property)
	switch {
	case !ok:
		return bad("%s", noProperty(s, m.Property))
	case !fits(p.Type):
		return bad("%s measures %s; the property %q is of the type %s", m.Func, want, m.Property, p.Type)
	}
	return m, nil
}

// noProperty says that the schema does not have a property, and which may be
// meant.
func noProperty(s *Schema, name string) string {
	var names []string
	for _, p := range s.Properties {
		names = append(names, p.Name)
	}
	reason := fmt.Sprintf("there is no property %q", clip(name))
	if guess := Nearest(name, names); guess != "" {
		return reason + fmt.Sprintf("; did you mean %q?", guess)
	}
	return reason
}

// ParseGroupings reads at most two groupings like "region,industry": a queryable
// property, which may stand in double quotes; "region:" with the id of a region
// definition, which the key is where the feature belongs to it by its division
// code, else null; "division:province", "division:prefecture" or
// "division:county", whose key is the code (see DivisionOf); "grid:Z" with a zoom
// from 0 to 18, whose key is the tile "Z/x/y". A property whose values are arrays
// groups by the set of their elements, so that each feature is in one group. A
// property of the whole name goes before the other meanings. Errors are
// *InvalidError.
func ParseGroupings(s *Schema, text string) ([]Grouping, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var out []Grouping
	for _, part := range splitOutside(text) {
		g, reason := parseGrouping(s, strings.TrimSpace(part))
		if reason != "" {
			return nil, &InvalidError{Field: "by", Reason: reason}
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if len(out) > maxGroupings {
		return nil, &InvalidError{Field: "by", Reason: fmt.Sprintf("has %d groupings; %d are allowed", len(out), maxGroupings)}
	}
	return out, nil
}

func parseGrouping(s *Schema, text string) (g Grouping, reason string) {
	name := unquoted(text)
	if p, _, ok := s.Find(name); ok {
		if !p.Queryable() {
			return g, fmt.Sprintf("the property %q holds objects; group by a property of single values or by one of its members", clip(name))
		}
		return Grouping{Kind: ByProperty, Name: name}, ""
	}
	kind, rest, ok := strings.Cut(name, ":")
	if !ok {
		return g, noProperty(s, name)
	}
	switch kind {
	case "region":
		return parseRegion(s, rest)
	case "division":
		return parseDivision(s, rest)
	case "grid":
		zoom, err := strconv.Atoi(rest)
		if err != nil || zoom < 0 || zoom > maxGridZoom || strings.HasPrefix(rest, "+") {
			return g, fmt.Sprintf("grid:%s: the zoom is a whole number from 0 to %d", clip(rest), maxGridZoom)
		}
		return Grouping{Kind: ByGrid, Zoom: zoom}, ""
	}
	if guess := Nearest(kind, []string{"region", "division", "grid"}); guess != "" {
		return g, fmt.Sprintf("%q: there is no such grouping; did you mean %s:?", clip(name), guess)
	}
	return g, noProperty(s, name)
}

func parseRegion(s *Schema, id string) (g Grouping, reason string) {
	if p, ok := s.Property("regions"); !ok || p.Type != TypeArray {
		return g, "region:" + clip(id) + ": the features of this collection have no region, as they have no division code"
	}
	if len(s.regions) > 0 && !slices.Contains(s.regions, id) {
		if guess := Nearest(id, s.regions); guess != "" {
			return g, fmt.Sprintf("region:%s: there is no such definition; did you mean %s?", clip(id), guess)
		}
		return g, fmt.Sprintf("region:%s: there is no such definition; there are %s", clip(id), strings.Join(s.regions, ", "))
	}
	return Grouping{Kind: ByRegion, Name: id}, ""
}

func parseDivision(s *Schema, level string) (g Grouping, reason string) {
	levels := []string{levelProvince, levelPrefecture, levelCounty}
	switch {
	case !slices.Contains(levels, level):
		if guess := Nearest(level, levels); guess != "" {
			return g, fmt.Sprintf("division:%s: there is no such level; did you mean %s?", clip(level), guess)
		}
		return g, fmt.Sprintf("division:%s: there is no such level; there are %s", clip(level), strings.Join(levels, ", "))
	case s.withRole(RoleAdcode) == nil:
		return g, "division:" + level + ": the features of this collection have no division code"
	}
	return Grouping{Kind: ByDivision, Name: level}, ""
}

// splitOutside cuts a list at the commas outside of parentheses and quotes.
func splitOutside(text string) []string {
	var parts []string
	depth, quoted, from := 0, false, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth <= 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// unquoted is a name without its double quotes; a doubled one stands for itself.
func unquoted(name string) string {
	name = strings.TrimSpace(name)
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		return strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	return name
}
