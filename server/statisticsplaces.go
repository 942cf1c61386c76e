package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// The places of an answer are a collection: whatever can be done with the features of a
// file can be done with them. It is not stored: its id says all that is needed to make it
// anew,
//
//	COLLECTION~METHOD[~QUESTION]
//
// where COLLECTION is the id of the collection with all but letters, digits, hyphens and
// underscores as a point and two hexadecimal digits, and QUESTION the canonical query,
// packed as the filters of groups are. It holds for any state of the data: what it gives
// is the answer of today.

// relPlaces leads from an answer to the collection of its places.
const relPlaces = "urn:clustermap:def:rel:places"

// placesID is the id of the collection of an answer's places; ok is false where it would
// be too long for an address.
func (r *statisticRequest) placesID() (id string, ok bool) {
	b := append([]byte(componentName(r.c.ID)), '~')
	b = append(b, r.method.ID...)
	if text := r.text(); text != "" {
		b = append(append(b, '~'), packFilter(text)...)
	}
	return string(b), len(b) <= longestID
}

// parsePlacesID is what an id says; ok is false of one that is none.
func parsePlacesID(id string) (collection, method, query string, ok bool) {
	parts := strings.SplitN(id, "~", 3)
	if len(parts) < 2 || len(id) > longestID {
		return "", "", "", false
	}
	if collection, ok = fromComponentName(parts[0]); !ok {
		return "", "", "", false
	}
	if len(parts) == 3 {
		if query, ok = unpackFilter(parts[2]); !ok {
			return "", "", "", false
		}
	}
	return collection, parts[1], query, true
}

// fromComponentName undoes componentName.
func fromComponentName(s string) (id string, ok bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '.' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		c, err := hex.DecodeString(s[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b = append(b, c[0])
		i += 2
	}
	return string(b), componentName(string(b)) == s
}

// placesLinks lead from an answer to its places.
func (q *request) placesLinks(r *statisticRequest) []link {
	id, ok := r.placesID()
	if _, stored := q.state.Collection(r.c.ID); !ok || !stored {
		return nil
	}
	path := collectionPath(id)
	return []link{
		{q.in("json", path, ""), relPlaces, "application/json", "The places of the answer as a collection"},
		{q.in("json", path+"/items", ""), "items", "application/geo+json", "The places of the answer"},
		{q.in("json", path+"/tiles", ""), relTilesets, "application/json", "The places of the answer as vector tiles"},
		{q.plain(path + "/map"), relMap, "image/png", "A map of the places of the answer"},
	}
}

// answerPlaces are the features of an answer as a collection.
type answerPlaces struct {
	c     *geo.Collection
	of    []*geo.Index
	bytes int64
}

// Bytes is the memory that the features take, about.
func (p *answerPlaces) Bytes() int64 { return p.bytes }

// placesOf makes the collection of an id. The error is geo.ErrNotFound where the id is
// none of an answer.
func (s *Server) placesOf(ctx context.Context, state *geo.State, id string) (*geo.Collection, error) {
	source, method, query, ok := parsePlacesID(id)
	if !ok {
		return nil, geo.ErrNotFound
	}
	c, ok := state.Collection(source)
	if !ok {
		return nil, geo.ErrNotFound
	}
	m, ok := stat.Find(method)
	if !ok || !m.Places {
		return nil, geo.ErrNotFound
	}
	p, err := parseParams(query)
	if err != nil {
		return nil, geo.ErrNotFound
	}
	r, err := parseStatistic(state, c, m, p)
	if err != nil {
		return nil, failf(http.StatusNotFound, "The id holds a question that has no answer here: %s", err)
	}
	if own, _ := r.placesID(); own != id && r.text() != query {
		return nil, failf(http.StatusNotFound, "The id holds no question in canonical form; the collection of its answer is %s.", own)
	}
	f, err := s.figuresOf(ctx, state, r, nil)
	if bad := new(geo.InvalidError); errors.As(err, &bad) {
		return nil, failf(http.StatusNotFound, "The id holds a question that has no answer here: %s", bad)
	}
	if err != nil {
		return nil, err
	}
	made, err := s.derived.get(ctx, r.key(), func(context.Context) (*answerPlaces, error) { return r.makePlaces(id, f) })
	if err != nil {
		return nil, err
	}
	if !s.allCurrent(made.of) {
		s.dropOldFigures()
	}
	return made.c, nil
}

// makePlaces makes the collection of an answer's places.
func (r *statisticRequest) makePlaces(id string, f *figures) (*answerPlaces, error) {
	t, scale := f.table(), r.scaleOf(f)
	var text []byte
	for i := range f.answer.Rows {
		row := &f.answer.Rows[i]
		if row.Geometry == nil {
			continue
		}
		var more []byte
		if class := scale.classOf(row); class != "" && !t.has(classProperty) {
			more = appendText(append(appendText(nil, classProperty), ':'), class)
		}
		text = append(t.appendFeature(text, *row, more), "}\n"...)
	}
	schema, err := json.Marshal(r.placesSchema(f, &t, scale))
	if err != nil {
		return nil, err
	}
	x, err := geo.Read(bytes.NewReader(text), geo.ReadOptions{Name: r.method.ID, Sequence: true, Schema: schema})
	if err != nil {
		return nil, fmt.Errorf("the places of %s: %w", r.method.ID, err)
	}
	x.Derived(originKey{}, func() any { return f.of })
	c := &geo.Collection{ID: id, Title: x.Schema().Title, Description: x.Schema().Description, Source: x}
	return &answerPlaces{c, f.of, 4*int64(len(text)) + 4096}, nil
}

// originKey is the key under which an index of places knows what it was made of.
type originKey struct{}

// originsOf is what the places in an index were made of; nil where it has no such places.
func originsOf(x *geo.Index) []*geo.Index {
	return x.Derived(originKey{}, func() any { return []*geo.Index(nil) }).([]*geo.Index)
}

func (t *statTable) has(name string) bool {
	return slices.ContainsFunc(t.columns, func(c statColumn) bool { return c.name == name })
}

// placesSchema is the schema file of an answer's places. Whose they are and under what
// terms is as with the data that they were computed of.
func (r *statisticRequest) placesSchema(f *figures, t *statTable, scale *figureScale) obj {
	source := r.index.Schema()
	a, m := f.answer, r.method
	title := geo.Text{EN: r.title("en"), ZH: r.title("zh")}
	about := source.About
	about.Sources = nil
	for _, text := range m.Page.Sources {
		about.Sources = append(about.Sources, geo.Cited{Text: geo.Text{EN: text}})
	}
	about.Sources = append(about.Sources, source.About.Sources...)
	about.Faults = append(slices.Clone(a.Warnings), source.About.Faults...)
	properties := obj{}
	for i, c := range t.columns {
		properties[c.name] = c.schema(i, scale)
	}
	if by := r.subjectTitles(f); by != nil {
		properties[t.columns[0].name].(obj)["oneOf"] = by
	}
	if scale != nil && !t.has(classProperty) {
		p := scale.schema()
		p["x-order"] = len(t.columns) + 1
		properties[classProperty] = p
	}
	doc := obj{"type": "object", "title": title.EN, "x-title": title, "x-description": r.inWords(a), "x-about": about, "properties": properties}
	if source.Attribution != (geo.Text{}) {
		doc["x-attribution"] = source.Attribution
	}
	return doc
}

// subjectTitles are the values of the first column with their titles, where it tells the
// subjects and the data have titles for all of these.
func (r *statisticRequest) subjectTitles(f *figures) (values []obj) {
	by, ok := r.index.Schema().Property(r.question.By)
	if !ok || len(f.answer.Columns) == 0 || f.answer.Columns[0].Name != by.Name || r.question.Select != nil {
		return nil
	}
	known := map[string]bool{}
	for _, e := range by.Enum {
		if e.Bare {
			return nil
		}
		known[e.Value] = true
		values = append(values, obj{"const": e.Value, "title": e.Title.In("en"), "x-title": e.Title})
	}
	for _, row := range f.answer.Rows {
		if text, _ := row.Cells[0].(string); !known[text] {
			return nil
		}
	}
	return values
}

// inWords says what was computed of what.
func (r *statisticRequest) inWords(a *stat.Answer) geo.Text {
	var set []string
	for _, p := range a.Settings {
		if p.Value != "" {
			set = append(set, p.Name+"="+p.Value)
		}
	}
	list := strings.Join(set, ", ")
	return geo.Text{
		EN: fmt.Sprintf("%s Computed of %s; %s. Parameters: %s.", r.method.Page.Asks.In("en"), a.Universe.In("en"), a.Weights.In("en"), list),
		ZH: fmt.Sprintf("%s总体：%s；%s。参数：%s。", r.method.Page.Asks.In("zh"), a.Universe.In("zh"), a.Weights.In("zh"), list),
	}
}

// schema describes a column as a property.
func (c *statColumn) schema(at int, scale *figureScale) obj {
	title := geo.Text{EN: cmp.Or(c.title.EN, c.name), ZH: cmp.Or(c.title.ZH, c.title.EN, c.name)}
	p := obj{"title": title.EN, "x-title": title, "x-order": at + 1}
	if c.kind != geo.TypeMixed {
		p["type"] = []string{string(c.kind), "null"}
	}
	if c.unit != "" {
		p["x-unit"] = geo.Text{EN: c.unit, ZH: c.unit}
	}
	switch {
	case scale != nil && c.name == classProperty:
		classes := scale.schema()
		for _, key := range [...]string{"oneOf", "x-groups", "x-clustermap-role"} {
			p[key] = classes[key]
		}
	case c.lang != "" && (c.name == "title_"+c.lang || c.name == "name_"+c.lang):
		p["x-clustermap-role"], p["x-lang"] = geo.RoleName, c.lang
	case c.name == "key" || c.name == "unit" || c.name == "id":
		p["x-clustermap-role"] = geo.RoleID // no name
	case c.name == "count" || c.name == "value":
		if c.kind == geo.TypeInteger || c.kind == geo.TypeNumber {
			p["x-clustermap-role"] = geo.RoleSum
		}
	}
	return p
}
