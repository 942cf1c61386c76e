package server

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/ingest"
)

const (
	someFound, mostFound = 5, 20 // of each kind
	maxSearchText        = 200   // bytes
)

// found is a result of GET /search: a feature, a value or a group of values of a
// property, a region, or a place of the gazetteer.
type found struct {
	Kind       string     `json:"kind"`
	Title      geo.Text   `json:"title"`
	Detail     geo.Text   `json:"detail,omitzero"`
	Collection string     `json:"collection,omitempty"`
	ID         string     `json:"id,omitempty"` // of a feature, the definition of a region, or the code of a place
	Property   string     `json:"property,omitempty"`
	Value      string     `json:"value,omitempty"`
	Count      *int       `json:"count,omitempty"` // of features that have the value
	Region     string     `json:"region,omitempty"`
	Point      *orb.Point `json:"point,omitempty"`
	Level      string     `json:"level,omitempty"` // of a place

	rank int
}

type foundDocument struct {
	Results []found `json:"results"`
	Links   []link  `json:"links"`
}

// lookUp answers GET /search: what a reader may mean by what is typed, in Chinese,
// English or pinyin.
func (s *Server) lookUp(w http.ResponseWriter, q *request) error {
	text, id, limit, err := readSearch(q)
	if err != nil {
		return err
	}
	c, ok := q.state.Collection(id)
	if !ok {
		return invalid("collection", "there is no collection %s%s", quoted(id), didYouMean(id, collectionIDs(q.state)))
	}
	query := string(appendParam(appendParam(appendParam(nil, "collection", id), "limit", strconv.Itoa(limit)), "q", text))
	t := s.tag(q, q.state.Rev(), "/search?"+query)
	if q.current(w, t) {
		return nil
	}
	doc := foundDocument{Results: []found{}, Links: q.selfLinks([]media{jsonMedia}, "/search", query)}
	if a := newAsked(text); a.text != "" {
		for _, look := range []func(*request, *geo.Collection, *asked, int) ([]found, error){s.foundFeatures, foundValues, foundRegions, s.foundPlaces} {
			some, err := look(q, c, a, limit)
			if err != nil {
				return err
			}
			slices.SortStableFunc(some, func(a, b found) int { return cmp.Compare(b.rank, a.rank) })
			doc.Results = append(doc.Results, some[:min(limit, len(some))]...)
		}
	}
	return s.sendJSON(w, q, t, doc)
}

func readSearch(q *request) (text, collection string, limit int, err error) {
	limit = someFound
	for _, p := range q.params {
		switch p.name {
		case "q":
			if text = strings.TrimSpace(p.value); len(text) > maxSearchText {
				return "", "", 0, invalid("q", "is longer than %d bytes", maxSearchText)
			}
		case "collection":
			collection = p.value
		case "limit":
			if limit, err = parseLimit(p.value, mostFound); err != nil {
				return "", "", 0, err
			}
		default:
			return "", "", 0, unknown(p.name, []string{"q", "collection", "limit", "f", "lang"})
		}
	}
	if collection == "" {
		for _, c := range q.state.Collections() {
			if c.ID == atlasID || collection == "" && !isContext(q.state, c) {
				collection = c.ID
			}
		}
	}
	return text, collection, limit, nil
}

func collectionIDs(state *geo.State) (ids []string) {
	for _, c := range state.Collections() {
		ids = append(ids, c.ID)
	}
	return ids
}

// asked is what is looked for, ready to be compared with names.
type asked struct {
	text   string // small, without spaces at the ends
	latin  string // its letters a to z and digits alone, where it has no others
	pinyin func(string) []string
}

func newAsked(text string) *asked {
	a := &asked{text: strings.ToLower(text), pinyin: geo.Pinyin()}
	a.latin = strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, a.text)
	if strings.ContainsFunc(a.text, func(r rune) bool { return r >= 0x80 }) {
		a.latin = ""
	}
	return a
}

// rank tells how well a name fits: 0 not at all, most where the name begins with it.
// A name in Chinese fits by its characters, by its pinyin from any syllable on, and
// by the first letters of its syllables; one in English from the beginning of a word.
func (a *asked) rank(name geo.Text) int {
	en := strings.ToLower(name.EN)
	switch {
	case en == a.text || name.ZH == a.text:
		return 5
	case strings.HasPrefix(en, a.text) || strings.HasPrefix(name.ZH, a.text):
		return 4
	case strings.Contains(name.ZH, a.text), strings.Contains(" "+strings.NewReplacer("-", " ", ",", " ", "(", " ").Replace(en), " "+a.text):
		return 3
	}
	if len(a.latin) < 2 {
		return 0
	}
	syllables := a.pinyin(name.ZH)
	initials := ""
	for i, syllable := range syllables {
		if strings.HasPrefix(strings.Join(syllables[i:], ""), a.latin) && syllable != "" {
			if i == 0 {
				return 2
			}
			return 1
		}
		if syllable != "" {
			initials += syllable[:1]
		}
	}
	if strings.HasPrefix(initials, a.latin) {
		return 1
	}
	return 0
}

// foundFeatures are features of the collection, in the order of its own search.
func (s *Server) foundFeatures(q *request, c *geo.Collection, a *asked, limit int) ([]found, error) {
	words, err := geo.ParseWords(a.text)
	if err != nil {
		return nil, nil // nothing in it can be searched for, but a region may be called so
	}
	ctx, cancel := s.limitedTime(q.Context())
	defer cancel()
	got, err := c.Source.Search(ctx, geo.Query{Words: words, Limit: limit})
	if err != nil {
		return nil, err
	}
	schema := c.Source.Schema()
	category, _ := categoryOf(schema)
	var all []found
	for _, f := range got.Features {
		values := membersOf(f.Properties())
		r := found{Kind: "feature", Title: names(schema, values), Collection: c.ID, ID: f.ID().String()}
		if r.Title == (geo.Text{}) {
			r.Title = geo.Text{EN: r.ID}
		}
		for _, e := range category.Enum {
			if string(values[category.Name]) == string(e.JSON()) {
				r.Detail = e.Title
			}
		}
		if p, ok := f.Geometry().(orb.Point); ok {
			r.Point = &p
		}
		all = append(all, r)
	}
	return all, nil
}

func categoryOf(schema *geo.Schema) (geo.Property, bool) {
	i := slices.IndexFunc(schema.Properties, func(p geo.Property) bool { return p.Role == geo.RoleCategory })
	if i < 0 {
		return geo.Property{}, false
	}
	return schema.Properties[i], true
}

// foundValues are values that filter the collection, such as trades, and groups of such.
func foundValues(_ *request, c *geo.Collection, a *asked, _ int) (all []found, err error) {
	for _, p := range c.Source.Schema().Properties {
		if p.Hidden || p.Name == "region" || p.Name == "regions" {
			continue
		}
		counts := make(map[string]int)
		for _, e := range p.Enum {
			counts[e.Group] += e.Count
			if rank := a.rank(e.Title); rank > 0 && e.Count > 0 {
				all = append(all, found{Kind: "value", Title: e.Title, Detail: p.Title, Collection: c.ID, Property: p.Name, Value: e.Value, Count: &e.Count, rank: rank})
			}
		}
		for _, g := range p.Groups {
			if n := counts[g.Name]; n > 0 && a.rank(g.Title) > 0 {
				all = append(all, found{Kind: "group", Title: g.Title, Detail: p.Title, Collection: c.ID, Property: p.Name, Value: g.Name, Count: &n, rank: a.rank(g.Title)})
			}
		}
	}
	return all, nil
}

// foundRegions are regions by their names and those of their definitions; each region
// stands once, with the definition that fits or else the one that holds by default.
func foundRegions(q *request, _ *geo.Collection, a *asked, _ int) (all []found, err error) {
	areas, ok := q.state.Collection(regionsID)
	if !ok {
		return nil, nil
	}
	got, err := areas.Source.Search(q.Context(), geo.Query{})
	if err != nil {
		return nil, err
	}
	at := make(map[string]int)
	for _, f := range got.Features {
		_, p := regionOf(f)
		title, name := geo.Text{EN: p.RegionEN, ZH: p.RegionZH}, geo.Text{EN: p.NameEN, ZH: p.NameZH}
		rank := 2*max(a.rank(title), a.rank(name)) - 1
		if p.Default {
			rank++
		}
		if rank <= 0 {
			continue
		}
		r := found{Kind: "region", Title: title, Detail: geo.Text{EN: p.ShortEN, ZH: p.ShortZH}, ID: f.ID().String(), Region: p.Region, rank: rank}
		if i, ok := at[p.Region]; !ok {
			at[p.Region] = len(all)
			all = append(all, r)
		} else if rank > all[i].rank {
			all[i] = r
		}
	}
	return all, nil
}

// foundPlaces are places of the gazetteer, where there is one.
func (s *Server) foundPlaces(_ *request, _ *geo.Collection, a *asked, limit int) (all []found, err error) {
	if s.cfg.Tables.Gazetteer == nil {
		return nil, nil
	}
	g, err := s.cfg.Tables.Gazetteer()
	if err != nil {
		return nil, errors.Join(errors.New("the gazetteer cannot be read"), err)
	}
	for _, u := range g.Search(a.text, limit) {
		r := found{Kind: "place", Title: geo.Text{EN: u.NameEN, ZH: u.NameZH}, ID: u.Code, Level: u.Level}
		if u.Parent != nil {
			r.Detail = geo.Text{EN: ingest.Division(u.Parent, "en"), ZH: ingest.Division(u.Parent, "zh")}
		}
		if u.HasPoint {
			r.Point = &u.Point
		}
		all = append(all, r)
	}
	return all, nil
}

// addSearch adds the path and schemas of the search to the API document.
func (s *Server) addSearch(paths, schemas obj) {
	str := obj{"type": "string"}
	text := closed(obj{"en": str, "zh": str})
	schemas["searchResults"] = closed(obj{"results": arrayOf(ref("schemas", "searchResult")), "links": arrayOf(ref("schemas", "link"))}, "results", "links")
	schemas["searchResult"] = closed(obj{
		"kind":  obj{"type": "string", "enum": []any{"feature", "value", "group", "region", "place"}},
		"title": text, "detail": text, "collection": str, "id": str, "property": str, "value": str,
		"count": obj{"type": "integer", "minimum": 0}, "region": str, "level": str,
		"point": obj{"type": "array", "minItems": 2, "maxItems": 2, "items": obj{"type": "number"}},
	}, "kind", "title")
	query := func(name, description string, schema obj) obj {
		return obj{"name": name, "in": "query", "required": false, "description": description, "schema": schema}
	}
	q := query("q", "What is looked for, in Chinese, English or pinyin; without it nothing is found.", str)
	q["example"] = "textile"
	parameters := []any{q,
		query("collection", "The collection whose features and values are looked through; by default the first that is not context, or the atlas.", str),
		query("limit", "How many results of each kind at most.", obj{"type": "integer", "minimum": 1, "maximum": mostFound, "default": someFound})}
	paths["/search"] = s.operationIn("f-json", "search", "Features, values, regions and places by name", "Search", parameters, documentOnly("searchResults", jsonMedia))
}
