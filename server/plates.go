package server

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/render"
)

// MostPlates is how many plates a series has at most.
const MostPlates = 200

// Plate is one picture of a series, for DrawPlate.
type Plate struct {
	Key   string // id of the region, or the value
	Name  string // in the language of the query
	Query url.Values

	around *orb.Bound // what to show where Query names no place; nil: as a sheet does
}

// DrawPlate draws the sheet of a plate.
func (s *Server) DrawPlate(ctx context.Context, p Plate) (*Sheet, error) {
	if p.around == nil {
		return s.DrawSheet(ctx, p.Query)
	}
	q, r, err := s.parseSheet(ctx, p.Query, p.around)
	if err != nil {
		return nil, err
	}
	return s.drawSheet(ctx, q, r)
}

// Plates are the pictures of a series: the sheet of query once for each region that it
// outlines, zoomed to it and with its features only, where by is "region"; else for
// each value of the property that by names, the most frequent first. A property may
// also be named by its title. Where there are more than MostPlates, leftOut is not 0.
func (s *Server) Plates(ctx context.Context, query url.Values, by string) (plates []Plate, leftOut int, err error) {
	q, r, err := s.sheetRequest(ctx, query)
	if err != nil {
		return nil, 0, err
	}
	lang := q.lang
	if q.both {
		lang = "both"
	}
	series := series{query: query, lang: lang, request: r}
	switch {
	case by == "region" && r.haveRegions(q.state):
		plates, err = series.regions(q)
	default:
		plates, err = series.values(q, by)
	}
	if len(plates) > MostPlates {
		plates, leftOut = plates[:MostPlates], len(plates)-MostPlates
	}
	return plates, leftOut, err
}

// haveRegions is whether the features of all collections tell the regions that they
// belong to.
func (r *mapRequest) haveRegions(state *geo.State) bool {
	for _, c := range r.collections {
		if regionsOf(state, c) == nil {
			return false
		}
	}
	return len(r.collections) > 0
}

// series makes the plates of a query.
type series struct {
	query   url.Values
	lang    string // also "both"
	request *mapRequest
}

func (s *series) regions(q *request) ([]Plate, error) {
	found, err := s.request.regionsOf(q)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, invalid("regions", "no region is outlined, so there are no plates")
	}
	if err := countRegions(q.Context(), found, s.request); err != nil {
		return nil, err
	}
	if s.request.look.regions == nil {
		slices.SortStableFunc(found, func(a, b render.Region) int { return cmp.Compare(b.Count, a.Count) })
	}
	var plates []Plate
	named := map[string]bool{}
	for _, region := range found {
		query := maps.Clone(s.query)
		query.Set("regions", region.ID)
		if err := s.within(q, query, region); err != nil {
			return nil, err
		}
		if !namesPlace(query) {
			query.Set("bbox", boxText(padded(region.Outline.Bound())))
		}
		name := s.say(geo.Text{ZH: region.NameZH, EN: region.NameEN})
		if named[name] {
			name += s.between() + s.say(geo.Text{ZH: region.DefinitionZH, EN: region.DefinitionEN})
		}
		named[name] = true
		plates = append(plates, s.plate(region.ID, name, query))
	}
	return plates, nil
}

// within selects the features of a region: by the property that names the region where
// its definition is the usual one, for a reader understands that; else by definition.
func (s *series) within(q *request, query url.Values, region render.Region) error {
	areas, _ := q.state.Collection(regionsID)
	f, err := areas.Source.Get(q.Context(), region.ID)
	if err != nil {
		return err
	}
	_, p := regionOf(f)
	plain := p.Default && p.Region != "" && !query.Has("region")
	for _, c := range s.request.collections {
		of, ok := c.Source.Schema().Property("region")
		plain = plain && ok && of.Type == geo.TypeString
	}
	if plain {
		query.Set("region", p.Region)
		return nil
	}
	return narrow(query, "A_CONTAINS(regions, ("+quoteCQL(region.ID)+"))")
}

// narrow adds a condition to the filter of a query.
func narrow(query url.Values, condition string) error {
	if lang := query.Get("filter-lang"); lang != "" && lang != "cql2-text" {
		return invalid("filter-lang", "needs cql2-text for a series, whose conditions are added to the filter")
	}
	if old := query.Get("filter"); old != "" {
		condition = "(" + old + ") AND " + condition
	}
	query.Set("filter", condition)
	return nil
}

func quoteCQL(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// values are the plates of a property. Collections without it are left out.
func (s *series) values(q *request, by string) ([]Plate, error) {
	p, ids, err := s.property(by)
	if err != nil {
		return nil, err
	}
	box, placed, err := s.request.selectedExtent(q)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for i, c := range s.request.collections {
		if !slices.Contains(ids, c.ID) {
			continue
		}
		x, err := indexOf(c)
		if err != nil {
			return nil, err
		}
		all, err := x.Aggregate(q.Context(), geo.Aggregation{Query: s.request.selections[i].query, By: []geo.Grouping{{Kind: geo.ByProperty, Name: p.Name}}})
		if bad := new(geo.InvalidError); errors.As(err, &bad) {
			return nil, invalid("batch", "%s has too many values for a series", quoted(p.Name))
		}
		if err != nil {
			return nil, err
		}
		for _, g := range all.Groups {
			for _, v := range elements(g.Key[0]) {
				counts[v.Text()] += g.Count
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	plates := make([]Plate, 0, len(keys))
	for _, key := range keys {
		query := maps.Clone(s.query)
		if len(ids) < len(s.request.collections) {
			query.Set("collections", strings.Join(ids, ","))
		}
		if err := s.equal(query, p, key); err != nil {
			return nil, err
		}
		name := key
		for _, e := range p.Enum {
			if e.Value == key && s.say(e.Title) != "" {
				name = s.say(e.Title)
			}
		}
		p := s.plate(key, name, query)
		if placed {
			p.around = &box // one for all, so that they can be compared
		}
		plates = append(plates, p)
	}
	return plates, nil
}

// elements are the values of a key: those of an array, each once, and none of null.
func elements(v geo.Value) []geo.Value {
	switch v.Kind() {
	case geo.KindNull, geo.KindObject:
		return nil
	case geo.KindArray:
		return v.Items()
	}
	return []geo.Value{v}
}

// property finds the property by its name or title, and the collections that have it.
func (s *series) property(by string) (found geo.Property, ids []string, err error) {
	var names []string
	for _, c := range s.request.collections {
		schema := c.Source.Schema()
		p, _, ok := schema.Find(by)
		for _, other := range schema.Properties {
			names = append(names, other.Name)
			if titled := strings.EqualFold(other.Title.EN, by) || other.Title.ZH == by; !ok && titled && other.Queryable() {
				p, ok = other, true
			}
		}
		if !ok || ids != nil && p.Name != found.Name {
			continue
		}
		if !p.Queryable() {
			return p, nil, invalid("batch", "%s holds objects, which have no plates", quoted(by))
		}
		if ids == nil {
			found = p
		}
		ids = append(ids, c.ID)
	}
	if ids == nil {
		if by == "region" {
			return found, nil, invalid("batch", "the features do not tell which regions they belong to")
		}
		return found, nil, invalid("batch", "there is no property %s%s", quoted(by), didYouMean(by, names))
	}
	return found, ids, nil
}

// equal selects the features that have a value: by the parameter of the property, else,
// where that name means something else, by the filter.
func (s *series) equal(query url.Values, p geo.Property, value string) error {
	taken := reserved(p.Name) || slices.Contains(lookParameters[:], p.Name) || slices.Contains(frameParameters[:], p.Name)
	if !taken {
		query.Set(p.Name, value)
		return nil
	}
	name := `"` + strings.ReplaceAll(p.Name, `"`, `""`) + `"`
	switch p.Type {
	case geo.TypeArray:
		return narrow(query, "A_CONTAINS("+name+", ("+quoteCQL(value)+"))")
	case geo.TypeInteger, geo.TypeNumber, geo.TypeBoolean:
		return narrow(query, name+" = "+value)
	}
	return narrow(query, name+" = "+quoteCQL(value))
}

// plate titles a query by the name, after the title that all plates have. Where it says
// all of the filter, that is not said again.
func (s *series) plate(key, name string, query url.Values) Plate {
	const most = 200 // bytes
	for i := range name {
		if i > most {
			name = name[:i] + "…"
			break
		}
	}
	name = cmp.Or(name, "–")
	title := name
	if common := query.Get("title"); common != "" {
		title = common + s.between() + name
	}
	query.Set("title", title)
	if len(s.request.filter) == 0 && !query.Has("furniture") {
		query.Set("furniture", furnitureText(pageFurniture&^render.Filter))
	}
	return Plate{Key: key, Name: name, Query: query}
}

func (s *series) between() string {
	if s.lang == "en" {
		return ": "
	}
	return "："
}

// say is a text in the language of the series: in both, Chinese first.
func (s *series) say(t geo.Text) string {
	if s.lang == "both" && t.ZH != "" && t.EN != "" && t.ZH != t.EN {
		return t.ZH + " " + t.EN
	}
	return t.In(s.lang)
}
