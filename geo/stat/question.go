package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// Question is a method with its parameters. It is immutable once asked.
type Question struct {
	Method   *Method
	Universe geo.Query   // the features that shares are shares of; its Sort, After and Limit have no meaning
	Filter   geo.Text    // what selects Universe, in words; empty for all
	Select   geo.Filter  // the features under study among them; nil: By says
	By       string      // property, each value of which is studied in turn; "": none
	Measure  geo.Measure // count or sum
	Within   Within

	given map[string]string // canonical text of the parameters that were given
	usual map[string]string // that of parameters whose default depends on the schema
}

// Within is the unit of area. The zero Within is chosen by the data.
type Within struct {
	Cut      pyramid.Cut
	Property string
}

func (w Within) String() string {
	switch {
	case w.Property != "":
		return w.Property
	case w == Within{}:
		return ""
	}
	return w.Cut.String()
}

// Parse reads the parameters of a method but filter and select, which the caller
// sets. take gives the value of a parameter. Errors are *geo.InvalidError with the
// name of the parameter.
func Parse(m *Method, s *geo.Schema, take func(name string) (value string, given bool)) (*Question, error) {
	q := &Question{Method: m, Measure: geo.Measure{Func: "count"}, given: make(map[string]string), usual: make(map[string]string)}
	for _, p := range m.Parameters() {
		if p.Kind == Filter {
			continue
		}
		text, given := take(p.Name)
		if !given {
			continue
		}
		canonical, err := q.read(p, s, text)
		if err != nil {
			return nil, err
		}
		q.given[p.Name] = canonical
	}
	if m.takes(paramBy) && m.compares {
		if p, ok := s.Category(); ok {
			q.usual[paramBy] = p.Name
		}
		q.By = cmp.Or(q.By, q.usual[paramBy])
	}
	if m.hexes {
		if q.Within != (Within{}) && q.Within.Cut.Across == 0 {
			return nil, invalid(paramWithin, "%s: needs hexagons, like hex:50", q.Within)
		}
	} else if m.takes(paramWithin) && hasCodes(s) {
		usual := Within{Cut: pyramid.Cut{Level: "prefecture"}}
		q.usual[paramWithin] = usual.String()
		q.Within = cmp.Or(q.Within, usual)
	}
	return q, nil
}

func hasCodes(s *geo.Schema) bool {
	return slices.ContainsFunc(s.Properties, func(p geo.Property) bool { return p.Role == geo.RoleAdcode })
}

// read reads one parameter and returns its canonical text.
func (q *Question) read(p Param, s *geo.Schema, text string) (string, error) {
	switch p.Name {
	case paramMeasure:
		return q.readMeasure(s, text)
	case paramWithin:
		return q.readWithin(s, text)
	case paramBy:
		prop, _, ok := s.Find(text)
		if !ok {
			return "", invalid(p.Name, "%s", unknownProperty(s, text))
		}
		if prop.Type == geo.TypeObject || prop.Type == geo.TypeArray {
			return "", invalid(p.Name, "%q has lists or objects; a property with single values is needed", clip(text))
		}
		q.By = text
		return text, nil
	}
	return p.parse(s, text)
}

func (q *Question) readMeasure(s *geo.Schema, text string) (string, error) {
	all, err := geo.ParseMeasures(s, text)
	if err != nil {
		return "", renamed(paramMeasure, err)
	}
	if len(all) != 1 || all[0].Func != "count" && all[0].Func != "sum" || all[0].Func == "count" && all[0].Property != "" {
		return "", invalid(paramMeasure, "%q: needs count or sum(property)", clip(text))
	}
	q.Measure = all[0]
	return q.Measure.Name(), nil
}

func (q *Question) readWithin(s *geo.Schema, text string) (string, error) {
	if kind, _, ok := strings.Cut(text, ":"); ok && slices.Contains([]string{"division", "region", "hex"}, kind) {
		cut, err := pyramid.ParseCut(s, text)
		if err != nil {
			return "", renamed(paramWithin, err)
		}
		q.Within = Within{Cut: cut}
		return cut.String(), nil
	}
	prop, _, ok := s.Find(text)
	switch {
	case !ok:
		return "", invalid(paramWithin, "%s; or division:LEVEL, region:ID, hex:KM", unknownProperty(s, text))
	case prop.Type == geo.TypeObject || prop.Type == geo.TypeArray:
		return "", invalid(paramWithin, "%q has lists or objects; a property with single values is needed", clip(text))
	}
	q.Within = Within{Property: text}
	return text, nil
}

// parse reads the value of a parameter that is nothing special and returns it in
// canonical form.
func (p Param) parse(s *geo.Schema, text string) (string, error) {
	switch p.Kind {
	case Float:
		if p.Auto != "" && text == p.Auto {
			return "", nil
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return "", invalid(p.Name, "needs a number, found %q", clip(text))
		}
		return strconv.FormatFloat(v, 'f', -1, 64), p.inRange(v)
	case Int:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != text {
			return "", invalid(p.Name, "needs a whole number, found %q", clip(text))
		}
		return strconv.FormatInt(v, 10), p.inRange(float64(v))
	case Choice:
		if !slices.Contains(p.Choices, text) {
			return "", invalid(p.Name, "needs one of %s, found %q", strings.Join(p.Choices, ", "), clip(text))
		}
	case Name:
		if _, _, ok := s.Find(text); !ok {
			return "", invalid(p.Name, "%s", unknownProperty(s, text))
		}
	case List:
		parts := strings.Split(text, ",")
		for i, part := range parts {
			parts[i] = strings.TrimSpace(part)
			if parts[i] == "" {
				return "", invalid(p.Name, "has an empty element: %q", clip(text))
			}
		}
		return strings.Join(parts, ","), nil
	}
	return text, nil
}

func (p Param) inRange(v float64) error {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case p.Open && v <= p.Min:
		return invalid(p.Name, "needs more than %s, found %s", number(p.Min), number(v))
	case v < p.Min:
		return invalid(p.Name, "needs at least %s, found %s", number(p.Min), number(v))
	case p.Max > p.Min && v > p.Max:
		return invalid(p.Name, "needs at most %s, found %s", number(p.Max), number(v))
	}
	return nil
}

func unknownProperty(s *geo.Schema, name string) string {
	var names []string
	for _, p := range s.Properties {
		names = append(names, p.Name)
	}
	if guess := geo.Nearest(name, names); guess != "" {
		return fmt.Sprintf("there is no property %q; did you mean %s?", clip(name), guess)
	}
	return fmt.Sprintf("there is no property %q", clip(name))
}

// Given reports whether the parameter was given.
func (q *Question) Given(name string) bool { _, ok := q.given[name]; return ok }

// text is the value in force; "" where neither the question nor the default has one.
func (q *Question) text(name string) string {
	if v, ok := q.given[name]; ok {
		return v
	}
	for _, p := range q.Method.Parameters() {
		if p.Name == name {
			return p.Default
		}
	}
	panic("stat: " + q.Method.ID + " has no parameter " + name)
}

// float is the value of a parameter of the kinds Float and Int.
func (q *Question) float(name string) float64 {
	v, _ := strconv.ParseFloat(q.text(name), 64)
	return v
}

func (q *Question) int(name string) int { return int(q.float(name)) }

func (q *Question) list(name string) []string {
	if t := q.text(name); t != "" {
		return strings.Split(t, ",")
	}
	return nil
}

func (q *Question) seed() uint64 { return uint64(q.float(paramSeed)) }

// Setting is a parameter and its value, as URLs have them.
type Setting struct{ Name, Value string }

// Settings are the parameters in canonical form that tell this question from others,
// sorted by name, without the filters of the universe. Equal settings of equal
// universes are equal questions.
func (q *Question) Settings() []Setting {
	var out []Setting
	for _, p := range q.Method.Parameters() {
		value, ok := q.given[p.Name]
		if p.Name == paramBy && q.Select != nil { // which holds then
			continue
		}
		if ok && value != p.Default && value != q.usual[p.Name] {
			out = append(out, Setting{p.Name, value})
		}
	}
	if q.Select != nil {
		out = append(out, Setting{paramSelect, q.Select.String()})
	}
	slices.SortFunc(out, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func invalid(field, format string, args ...any) error {
	return &geo.InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// renamed is an error about another parameter, which the package that found it has
// called by its own name.
func renamed(field string, err error) error {
	if e, ok := err.(*geo.InvalidError); ok {
		return &geo.InvalidError{Field: field, Reason: e.Reason}
	}
	return err
}

func clip(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "..."
	}
	return text
}
