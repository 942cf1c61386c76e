package server

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"clustermap/geo"
)

// aboutOf is what a collection says of its sources and faults, nil where it says nothing.
func aboutOf(schema *geo.Schema) *geo.About {
	a := schema.About
	if a.Completeness == nil && a.License == nil && len(a.Sources) == 0 && len(a.Faults) == 0 {
		return nil
	}
	return &a
}

// completenessMember is the member of a page of features that says what is missing; it is
// nothing where the collection does not say.
func completenessMember(c *geo.Collection) []byte {
	t := c.Source.Schema().About.Completeness
	if t == nil {
		return nil
	}
	text, err := json.Marshal(t)
	if err != nil {
		return nil
	}
	return append([]byte(`,"completeness":`), text...)
}

// sayCompleteness says in a header of every answer about one collection what is missing
// there, for formats that have no other place for it.
func (q *request) sayCompleteness(w http.ResponseWriter) {
	id, ok := mux.Vars(q.Request)["collection"]
	if !ok {
		return
	}
	c, ok := q.state.Collection(id)
	if !ok {
		if id, _, _, ok = parsePlacesID(id); ok {
			c, ok = q.state.Collection(id)
		}
	}
	if !ok {
		return
	}
	if t := c.Source.Schema().About.Completeness; t != nil {
		w.Header()["Clustermap-Completeness"] = []string{headerText(t.In("en"))}
	}
}

// headerText is a text for a header: a line of ASCII.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '‘':
			return '\''
		case r == '–' || r == '—':
			return '-'
		case r < ' ' || r > '~':
			return ' '
		}
		return r
	}, s)
}

// tally is how many features have each value of a property, as bars of a page show it.
type tally struct {
	Title geo.Text
	Bars  []bar
}

type bar struct {
	Title geo.Text
	Count int
	Width string // of the longest bar: "62.5%"
	Href  string // to the features; "" for those without a value
}

// tallies are those that tell how far a collection can be trusted: how exact its points
// are, what kinds of places it has, and of which years.
func (q *request) tallies(c *geo.Collection) []tally {
	const most = 24 // values
	var out []tally
	schema := c.Source.Schema()
	for _, p := range schema.Properties {
		wanted := p.Role == geo.RolePrecision || p.Role == geo.RoleShape || p.Name == "year"
		if !wanted || len(p.Enum) < 2 || len(p.Enum) > most {
			continue
		}
		out = append(out, q.tally(c, p, schema.Features))
	}
	return out
}

func (q *request) tally(c *geo.Collection, p geo.Property, features int) tally {
	t := tally{Title: geo.Text{EN: cmp.Or(p.Title.EN, p.Name), ZH: p.Title.ZH}}
	unstated := features
	for _, e := range p.Enum {
		if unstated -= e.Count; e.Count == 0 {
			continue
		}
		b := bar{Title: geo.Text{EN: cmp.Or(e.Title.EN, e.Value), ZH: e.Title.ZH}, Count: e.Count}
		if p.Queryable() && !reserved(p.Name) {
			b.Href = q.in("html", collectionPath(c.ID)+"/items", string(appendParam(nil, p.Name, e.Value)))
		}
		t.Bars = append(t.Bars, b)
	}
	if unstated > 0 {
		t.Bars = append(t.Bars, bar{Title: phrase("not stated"), Count: unstated})
	}
	longest := 0
	for _, b := range t.Bars {
		longest = max(longest, b.Count)
	}
	for i := range t.Bars {
		t.Bars[i].Width = strconv.FormatFloat(100*float64(t.Bars[i].Count)/float64(longest), 'f', 1, 64) + "%"
	}
	return t
}
