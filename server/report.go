package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/stat"
)

const reportPath = "/report"

// reportMedia are the media types of reports: a page, a document of A4 and slides.
func reportMedia() []media { return append([]media{htmlMedia}, mapMedia()[3:]...) }

// reportRequest asks for a report about a region or a trade of a collection.
type reportRequest struct {
	c          *geo.Collection
	region     string   // id of the definition; "": the report is about a trade
	group      string   // the region that it defines
	trade      string   // value of the category, or a group of its values
	values     []string // of the category: those that the trade is
	title      geo.Text
	definition geo.Text
	category   *geo.Property
	subject    string // CQL2 that selects what the report is about
	filter     params // of the universe, canonical
	universe   selection
}

// report answers GET /collections/{collection}/report.
func (s *Server) report(w http.ResponseWriter, q *request) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	if q.media.isHTML() {
		q.params = q.params.filled()
	}
	r, err := parseReport(q, c)
	if err != nil {
		return err
	}
	q.speaks(w)
	k := keptResource{rev: r.rev(q.state), resource: r.path() + "?" + r.text(), linked: true, packed: !q.media.isHTML(), from: s.pictures}
	if etag := held(q.Header["If-None-Match"], s.keptTag(q, k), q.coding.name); etag != "" {
		notModified(w, etag, keepable)
		return nil
	}
	// The figures have queues of their own, so they do not wait within that of pictures.
	facts, err := s.reportFacts(q.Context(), q, r, w.Header())
	if err != nil {
		return err
	}
	return s.serveKept(w, q, k, func(ctx context.Context) (*keptAnswer, error) {
		return s.writeReport(ctx, q, r, facts)
	})
}

func parseReport(q *request, c *geo.Collection) (*reportRequest, error) {
	x, err := indexOf(c)
	if err != nil {
		return nil, err
	}
	r := &reportRequest{c: c}
	p := slices.Clone(q.params)
	region, byRegion := p.take("region")
	trade, byTrade := p.take("trade")
	schema := x.Schema()
	if p, ok := schema.Category(); ok && p.Queryable() {
		r.category = &p
	}
	names := (&selectionReader{schema: schema, purpose: forStatistics}).names()
	for _, one := range p {
		if !slices.Contains(names, one.name) {
			return nil, unknown(one.name, append(names, "region", "trade"))
		}
	}
	if r.universe, err = parseSelection(c.ID, p, schema, limits{}, forStatistics); err != nil {
		return nil, err
	}
	r.filter = r.universe.filter
	if byRegion == byTrade {
		return nil, invalid("region", "a report is about a region or a trade: give region or trade, and not both")
	}
	if byRegion {
		return r, r.takeRegion(q, region)
	}
	return r, r.takeTrade(trade)
}

// takeRegion finds a definition by its id, or by the region that it defines by default.
func (r *reportRequest) takeRegion(q *request, id string) error {
	areas := regionsOf(q.state, r.c)
	if areas == nil {
		return invalid("region", "the features of %s do not say to which regions they belong; a report about a trade needs no regions", quoted(r.c.ID))
	}
	var ids []string
	for f, err := range areas.Source.Each(q.Context(), geo.Query{}) {
		if err != nil {
			return err
		}
		one, p := regionOf(f)
		ids = append(ids, one.ID)
		if one.ID == id || p.Region == id && p.Default {
			r.region, r.group = one.ID, p.Region
			r.title = geo.Text{EN: one.NameEN, ZH: one.NameZH}
			r.definition = geo.Text{EN: p.NameEN, ZH: p.NameZH}
			r.subject = "A_CONTAINS(regions,(" + cqlText(one.ID) + "))"
			return nil
		}
	}
	return invalid("region", "there is no definition %s%s", quoted(id), didYouMean(id, ids))
}

// takeTrade finds a value of the category, or a group of its values, which "family:" tells
// from a value of the same name.
func (r *reportRequest) takeTrade(value string) error {
	if r.category == nil {
		return invalid("trade", "no property of %s has the role of a category or few values; a schema file beside the data may give it that role", quoted(r.c.ID))
	}
	if value == "" {
		return invalid("trade", "is empty; name a value of %s", r.category.Name)
	}
	c := r.category
	r.trade, r.title = value, geo.Text{EN: value}
	values := []string{value}
	var known []string
	for _, e := range c.Enum {
		known = append(known, e.Value)
	}
	family, named := strings.CutPrefix(value, "family:")
	isFamily := func(g geo.EnumGroup) bool { return g.Name == family }
	if i := slices.Index(known, value); i >= 0 {
		if t := c.Enum[i].Title; t != (geo.Text{}) {
			r.title = t
		}
	} else if i := slices.IndexFunc(c.Groups, isFamily); i >= 0 {
		r.title, values = c.Groups[i].Title, nil
		for _, e := range c.Enum {
			if e.Group == family {
				values = append(values, e.Value)
			}
		}
	} else if c.Enum != nil || named {
		for _, g := range c.Groups {
			known = append(known, g.Name)
		}
		return invalid("trade", "%s has no value %s%s", c.Name, quoted(value), didYouMean(value, known))
	}
	r.values = values
	var quotedValues []string
	for _, v := range values {
		quotedValues = append(quotedValues, r.cqlValue(v))
	}
	list := "(" + strings.Join(quotedValues, ",") + ")"
	if r.subject = cqlName(c.Name) + " IN " + list; c.Type == geo.TypeArray {
		r.subject = "A_OVERLAPS(" + cqlName(c.Name) + "," + list + ")"
	}
	return nil
}

// cqlValue writes a value of the category: numbers and booleans bare.
func (r *reportRequest) cqlValue(value string) string {
	t := r.category.Type
	if t == geo.TypeArray {
		t = r.category.Items
	}
	if (t == geo.TypeInteger || t == geo.TypeNumber || t == geo.TypeBoolean) && json.Valid([]byte(value)) {
		return value
	}
	return cqlText(value)
}

func cqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func cqlName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (r *reportRequest) path() string { return collectionPath(r.c.ID) + reportPath }

// text is the canonical query: equal for equal reports.
func (r *reportRequest) text() string {
	name, value := "trade", r.trade
	if r.region != "" {
		name, value = "region", r.region
	}
	b := appendParam(nil, name, value)
	if rest := r.universe.text("", 0, ""); rest != "" {
		b = append(append(b, '&'), rest...)
	}
	return string(b)
}

func (r *reportRequest) rev(state *geo.State) string {
	revs := []string{r.c.Source.Rev()}
	for _, id := range [...]string{divisionsID, regionsID} {
		if c, ok := state.Collection(id); ok {
			revs = append(revs, c.Source.Rev())
		}
	}
	return strings.Join(revs, "+")
}

// reportFact is the answer of a statistic that a report rests on.
type reportFact struct {
	request *statisticRequest
	figures *figures
	result  factResult
}

// factResult are the figures of an answer that reports show.
type factResult struct {
	Total    float64
	Rows     []factUnit
	Units    json.RawMessage
	units    []factUnit
	Subjects []struct {
		Title geo.Text
		Value any
		N     int
		Units []factUnit
	}
	Gini        *float64
	Herfindahl  *float64
	Equivalent  *float64 `json:"equivalent_number"`
	CR1, CR4    *float64
	CR8         *float64
	Localised   bool
	Dispersed   bool
	LocalisedKM []float64 `json:"localised_km"`
	P           *float64
	Draws       int
	Hot, Cold   int
	Significant int
	Regions     []factRegion
	Words       geo.Text
	Low, High   json.RawMessage
	DistanceKM  []*float64 `json:"distance_km"`
	Kd          []*float64
	Lorenz      []struct{ X, Y *float64 }
	Half        struct {
		Units int
		Share *float64
	}
}

type factUnit struct {
	Key       string
	Title     geo.Text
	Count     int
	Value     float64
	Share     *float64
	LQ        *float64
	Low, High *float64
	Total     *float64 // of the universe in the unit
	Class     string
	unstated  bool // stands for features without a value
}

type factRegion struct {
	Region      string
	Title       geo.Text
	Definitions []struct {
		ID      string
		Title   geo.Text
		Year    int
		Default bool
		Value   *float64
		N       int
	}
}

// reportFacts are answers by their names; what does not apply to the data is left out
// and said in lacks.
type reportFacts struct {
	of    map[string]*reportFact
	order []string
	lacks []string
}

func (f *reportFacts) get(name string) *reportFact { return f.of[name] }

// fewestPoints is how many features curves of distances and hot spots need to say something.
const fewestPoints = 10

func (s *Server) reportFacts(ctx context.Context, q *request, r *reportRequest, header http.Header) (*reportFacts, error) {
	all := &reportFacts{of: make(map[string]*reportFact)}
	add := func(name, method string, settings ...string) error {
		f, err := s.reportFact(ctx, q, r, method, header, settings...)
		var bad *geo.InvalidError
		if errors.As(err, &bad) {
			m, _ := stat.Find(method)
			all.lacks = append(all.lacks, say(q.lang, "%s: %s", m.Title.In(q.lang), bad.Error()))
			return nil
		}
		if err == nil {
			all.of[name] = f
			all.order = append(all.order, name)
		}
		return err
	}
	type question struct {
		name, method string
		settings     []string
	}
	asked := []question{{"places", "location-quotient", []string{"select", r.subject}}}
	if r.region != "" {
		asked = append(asked, question{"share", "shares", []string{"within", "region:" + r.region}})
		if r.category != nil {
			asked = append(asked, question{"trades", "location-quotient", []string{"by", r.category.Name, "within", "region:" + r.region}})
		}
		asked = append(asked, question{"definitions", "sensitivity", []string{"regions", r.group}})
	} else {
		asked = append(asked, question{"share", "shares", []string{"within", r.category.Name}})
		if regionsOf(q.state, r.c) != nil {
			asked = append(asked, question{"definitions", "sensitivity", []string{"select", r.subject, "of", "share"}})
		}
	}
	// Beside all others a region is concentrated in itself: its own places are compared.
	subject := []string{"select", r.subject}
	if r.region != "" {
		subject = []string{"filter", r.subject, "select", "TRUE"}
	}
	asked = append(asked, question{"gini", "gini", subject}, question{"herfindahl", "herfindahl", subject}, question{"ratio", "concentration-ratio", subject})
	for _, one := range asked {
		if err := add(one.name, one.method, one.settings...); err != nil {
			return nil, err
		}
	}
	if p := all.get("places"); p == nil || p.figures.answer.N >= fewestPoints {
		inference := []question{{"hot", "hot-spots", subject}}
		if r.region == "" {
			inference = slices.Insert(inference, 0, question{"kd", "duranton-overman", subject})
		}
		for _, one := range inference {
			if err := add(one.name, one.method, one.settings...); err != nil {
				return nil, err
			}
		}
	} else {
		all.lacks = append(all.lacks, say(q.lang, "Distances and hot spots: they need at least %d features.", fewestPoints))
	}
	return all, nil
}

func (s *Server) reportFact(ctx context.Context, q *request, r *reportRequest, method string, header http.Header, settings ...string) (*reportFact, error) {
	m, _ := stat.Find(method)
	p := slices.Clone(r.filter)
	for i := 0; i+1 < len(settings); i += 2 {
		one := param{settings[i], settings[i+1]}
		if at := slices.IndexFunc(p, func(had param) bool { return had.name == one.name }); at >= 0 { // a filter of the reader's own
			p[at].value = "(" + p[at].value + ") AND (" + one.value + ")"
			continue
		}
		p = append(p, one)
	}
	slices.SortFunc(p, func(a, b param) int { return strings.Compare(a.name, b.name) })
	sr, err := parseStatistic(q.state, r.c, m, p)
	if err != nil {
		return nil, err
	}
	f, err := s.figuresOf(ctx, q.state, sr, header)
	if err != nil {
		return nil, err
	}
	fact := &reportFact{request: sr, figures: f}
	if err := json.Unmarshal(f.answer.Result(false), &fact.result); err != nil {
		return nil, err
	}
	if len(fact.result.Units) > 0 && fact.result.Units[0] == '[' { // of gini it is how many there are
		err = json.Unmarshal(fact.result.Units, &fact.result.units)
	}
	return fact, err
}
