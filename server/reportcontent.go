package server

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
)

// reportContent is what a report says, the same in each format.
type reportContent struct {
	Lang, Title, Lead    string
	Finding              string // the statistic that the title is made from
	Numbers              []reportNumber
	Charts               []*reportChart
	Notes                []reportNote
	Lacks                []string // statistics that say nothing here, and why
	Warnings             []string
	Sources              []string
	Licence, LicenceHref string
	Completeness         string
	Faults               []string
	Rev, State, Address  string
	Credit               string
}

// reportNumber is a figure, what it measures and the statistic that it is from.
type reportNumber struct{ Value, Label, From, Href string }

// reportNote says how a statistic was computed.
type reportNote struct{ Title, Basis, Parameters, Sources, Href string }

// mostReportRows is how many rows a chart of a report and its table have.
const mostReportRows = 10

func (r *reportRequest) content(q *request, all *reportFacts) *reportContent {
	c := &reportContent{Lang: q.lang, Lacks: all.lacks, Rev: r.rev(q.state), Address: q.in("html", r.path(), r.text())}
	c.Title, c.Finding = r.finding(q.lang, all)
	c.Lead = say(q.lang, "%s of the collection %s", r.title.In(q.lang), titleIn(r.c, q.lang))
	if def := r.definition.In(q.lang); def != "" {
		c.Lead = say(q.lang, "%s; %s", c.Lead, def)
	}
	if words := filterInWords(r.filter, r.c.Source.Schema(), q.lang); words != "" {
		c.Lead = say(q.lang, "%s; %s", c.Lead, words)
	}
	c.Numbers = r.numbers(q, all)
	c.Charts = r.charts(q, all)
	for _, name := range all.order {
		c.note(q, all.of[name])
	}
	r.cite(c, q.lang)
	return c
}

// note adds how a statistic was computed, and what it warns of.
func (c *reportContent) note(q *request, f *reportFact) {
	m, a := f.request.method, f.figures.answer
	n := reportNote{Title: m.Title.In(q.lang), Sources: strings.Join(m.Page.Sources, "; "), Href: f.href(q),
		Basis: say(q.lang, "Universe: %s. n = %s; %s.", a.Universe.In(q.lang), thousands(a.N), a.Weights.In(q.lang))}
	n.Parameters = f.figures.settings()
	c.Notes = append(c.Notes, n)
	for _, w := range a.Warnings {
		if text := w.In(q.lang); !slices.Contains(c.Warnings, text) {
			c.Warnings = append(c.Warnings, text)
		}
	}
}

// cite says whose the data are and what they lack.
func (r *reportRequest) cite(c *reportContent, lang string) {
	schema := r.c.Source.Schema()
	c.Credit = schema.Attribution.In(lang)
	for _, one := range schema.About.Sources {
		text := one.In(lang)
		if one.Href != "" {
			text += " " + one.Href
		}
		c.Sources = append(c.Sources, text)
	}
	if l := schema.About.License; l != nil {
		c.Licence, c.LicenceHref = l.In(lang), l.Href
	}
	if t := schema.About.Completeness; t != nil {
		c.Completeness = t.In(lang)
	}
	for _, t := range schema.About.Faults {
		c.Faults = append(c.Faults, t.In(lang))
	}
	c.State = say(lang, "State of the data: %s", c.Rev)
	if d := dataDate([]*geo.Collection{r.c}); !d.IsZero() {
		c.State = say(lang, "Data of %s. %s", d.Format("2006-01-02"), c.State)
	}
}

// href is the address of the page of the answer.
func (f *reportFact) href(q *request) string { return q.in("html", f.request.path(), f.request.text()) }

// finding is a sentence made from one answer, and the address of that.
func (r *reportRequest) finding(lang string, all *reportFacts) (text, href string) {
	name := r.title.In(lang)
	if r.region != "" {
		if f := all.get("share"); f != nil {
			for _, row := range f.result.Rows {
				if row.Key == r.region && row.Share != nil {
					return say(lang, "%s holds %s of %s features, %s", name, thousands(row.Count), thousands(int(f.result.Total)), percent(row.Share)), "share"
				}
			}
			return say(lang, "%s holds none of %s features", name, thousands(int(f.result.Total))), "share"
		}
	}
	f := all.get("places")
	switch {
	case f == nil:
		return name, ""
	case f.figures.answer.N == 0:
		return say(lang, "%s: no feature is selected", name), "places"
	case len(f.result.units) == 0 || f.figures.answer.N == 1:
		return say(lang, "%s: %s", name, sayFeatures(lang, f.figures.answer.N)), "places"
	}
	units := byCount(f.result.units)
	top := units[0]
	if len(units) > 1 && units[1].Count == top.Count {
		return say(lang, "%s: %s in %s places, none of which has more than %s", name, sayFeatures(lang, f.figures.answer.N), thousands(len(units)), thousands(top.Count)), "places"
	}
	return say(lang, "%s: %s of %s are in %s, %s times its part of all", name, thousands(top.Count), thousands(f.figures.answer.N), top.name(lang), decimal(top.LQ)), "places"
}

// byCount are units, the greatest first.
func byCount(units []factUnit) []factUnit {
	out := slices.Clone(units)
	slices.SortStableFunc(out, func(a, b factUnit) int { return b.Count - a.Count })
	return out
}

func (u *factUnit) name(lang string) string {
	if t := u.Title.In(lang); t != "" {
		return t
	}
	return u.Key
}

func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(100**v, 'f', 1, 64) + "%"
}

func decimal(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'f', 2, 64)
}

// fewestResampled is how many features of the universe a unit needs for an interval that
// tells something.
const fewestResampled = 5

// interval are the ends of the interval of the quotient, nil where there is none to show.
func (u *factUnit) interval() (low, high *float64) {
	if u.Total != nil && *u.Total < fewestResampled {
		return nil, nil
	}
	return u.Low, u.High
}

func interval(u *factUnit) string {
	low, high := u.interval()
	if low == nil || high == nil {
		return "–"
	}
	return decimal(low) + " – " + decimal(high)
}

// subjectShare is the number of features that the report is about and their share.
func (r *reportRequest) subjectShare(f *reportFact) (n int, share *float64) {
	if f.result.Total == 0 {
		return 0, nil
	}
	sum := 0.0
	for _, row := range f.result.Rows {
		if r.holds(row.Key) {
			n += row.Count
			sum += row.Value
		}
	}
	sum /= f.result.Total
	return n, &sum
}

// holds is whether a unit of the universe is what the report is about.
func (r *reportRequest) holds(key string) bool {
	if r.region != "" {
		return key == r.region
	}
	return slices.Contains(r.values, key)
}

func (r *reportRequest) numbers(q *request, all *reportFacts) []reportNumber {
	var out []reportNumber
	add := func(f *reportFact, value, label string) {
		out = append(out, reportNumber{value, label, f.request.method.Title.In(q.lang), f.href(q)})
	}
	if f := all.get("share"); f != nil {
		n, share := r.subjectShare(f)
		if all := thousands(int(f.result.Total)); r.region != "" {
			add(f, thousands(n), say(q.lang, "features, of %s in the universe", all))
			add(f, percent(share), say(q.lang, "share of the universe"))
		} else {
			add(f, thousands(n), say(q.lang, "features, of %s that state a trade", all))
			add(f, percent(share), say(q.lang, "share of those that state a trade"))
		}
	}
	if f := all.get("places"); f != nil && len(f.result.units) > 0 && r.region == "" { // in a region all is of the region
		top := byCount(f.result.units)[0]
		add(f, decimal(top.LQ), say(q.lang, "location quotient of %s (95%%: %s)", top.name(q.lang), interval(&top)))
	}
	if f := all.get("trades"); f != nil {
		stated := slices.DeleteFunc(r.tradeUnits(f), func(u factUnit) bool { return u.unstated })
		if len(stated) > 0 {
			top := byCount(stated)[0]
			add(f, decimal(top.LQ), say(q.lang, "location quotient of %s (95%%: %s)", top.name(q.lang), interval(&top)))
		}
	}
	if f := all.get("gini"); f != nil && f.result.Gini != nil {
		label := say(q.lang, "locational Gini: 0 spread as all features, 1 in one place")
		if r.region != "" {
			label = say(q.lang, "Gini of the region's places: 0 all have the same, 1 all in one")
		}
		add(f, decimal(f.result.Gini), label)
	}
	if f := all.get("herfindahl"); f != nil && f.result.Equivalent != nil {
		add(f, decimal(f.result.Equivalent), say(q.lang, "equal places would be as concentrated (Herfindahl %s)", decimal(f.result.Herfindahl)))
	}
	if f := all.get("ratio"); f != nil && f.result.CR4 != nil {
		add(f, percent(f.result.CR4), say(q.lang, "in the four places that have most (CR1 %s, CR8 %s)", percent(f.result.CR1), percent(f.result.CR8)))
	}
	if f := all.get("kd"); f != nil && f.result.P != nil {
		value, p := say(q.lang, "as chance"), *f.result.P
		if f.result.Localised && len(f.result.LocalisedKM) == 2 {
			value = say(q.lang, "nearer, to %s km", thousands(int(math.Round(f.result.LocalisedKM[1]))))
		} else if f.result.Dispersed {
			value = say(q.lang, "further apart")
		}
		add(f, value, say(q.lang, "distances between features, against chance (p of nearer = %s, %s draws)", strconv.FormatFloat(p, 'g', 2, 64), thousands(f.result.Draws)))
	}
	if f := all.get("hot"); f != nil {
		add(f, thousands(f.result.Hot), say(q.lang, "hot spots and %s cold spots that are more than chance", thousands(f.result.Cold)))
	}
	return out
}

func (r *reportRequest) charts(q *request, all *reportFacts) []*reportChart {
	var out []*reportChart
	add := func(c *reportChart) {
		if c != nil && (c.Line != nil || slices.ContainsFunc(c.Bars, func(b reportBar) bool { return b.Value > 0 })) {
			out = append(out, c)
		}
	}
	lang := q.lang
	if f := all.get("places"); f != nil && r.region != "" {
		add(countChart(lang, byCount(f.result.units), f, q))
	} else if f != nil {
		add(quotientChart(lang, say(lang, "Top places and their location quotient"), byCount(f.result.units), f.href(q)))
	}
	if f := all.get("trades"); f != nil {
		add(r.tradeChart(lang, f, f.href(q)))
	}
	if f := all.get("definitions"); f != nil {
		add(r.definitionChart(lang, f, f.href(q)))
	}
	if f := all.get("gini"); f != nil && f.result.Gini != nil {
		add(r.lorenzChart(lang, f, f.href(q)))
	}
	if f := all.get("kd"); f != nil {
		add(distanceChart(lang, f, f.href(q)))
	}
	if f := all.get("hot"); f != nil && f.result.Hot > 0 {
		c := &reportChart{Title: say(lang, "Hot spots"), Words: say(lang, "Where more features stand together than chance gives, after the correction for many tests."), Href: f.href(q),
			Heads: []string{say(lang, "Place"), say(lang, "Features"), say(lang, "Class")}}
		for _, u := range f.result.units {
			if (u.Class == "hot 99" || u.Class == "hot 95") && len(c.Bars) < mostReportRows {
				c.bar(u.name(lang), u.Value, nil, nil, thousands(u.Count))
				c.Rows = append(c.Rows, []string{u.name(lang), thousands(u.Count), hotClass(lang, u.Class)})
			}
		}
		add(c)
	}
	return out
}

// hotClass is the class of a hot spot in words: "hot 95" is one at 95%.
func hotClass(lang, class string) string {
	return say(lang, "hot, %s", strings.TrimPrefix(class, "hot ")+"%")
}

func quotientChart(lang, title string, units []factUnit, href string) *reportChart {
	c := &reportChart{Title: title, Href: href, Even: 1,
		Words: say(lang, "Bars: location quotient; lines: its 95% interval; above 1 there is more than the part of all."),
		Heads: []string{say(lang, "Place"), say(lang, "Features"), say(lang, "Share"), say(lang, "LQ"), say(lang, "95% interval")}}
	for _, u := range units[:min(len(units), mostReportRows)] {
		if u.LQ != nil {
			low, high := u.interval()
			c.bar(u.name(lang), *u.LQ, low, high, decimal(u.LQ))
		}
		c.Rows = append(c.Rows, []string{u.name(lang), thousands(u.Count), percent(u.Share), decimal(u.LQ), interval(&u)})
	}
	return c
}

// countChart is where most features stand, of a region in which quotients are all alike.
func countChart(lang string, units []factUnit, f *reportFact, q *request) *reportChart {
	c := &reportChart{Title: say(lang, "Top places"), Href: f.href(q), Heads: []string{say(lang, "Place"), say(lang, "Features"), say(lang, "Share")}}
	for _, u := range units[:min(len(units), mostReportRows)] {
		share := float64(u.Count) / float64(f.figures.answer.N)
		c.bar(u.name(lang), float64(u.Count), nil, nil, thousands(u.Count))
		c.Rows = append(c.Rows, []string{u.name(lang), thousands(u.Count), percent(&share)})
	}
	return c
}

// tradeUnits are the region as a unit of each trade that it has.
func (r *reportRequest) tradeUnits(f *reportFact) (units []factUnit) {
	for _, sub := range f.result.Subjects {
		for _, u := range sub.Units {
			if u.Key == r.region && u.Count > 0 {
				u.Title, u.unstated = sub.Title, sub.Value == nil
				if u.Title == (geo.Text{}) {
					u.Title.EN = figureText(jsonOf(sub.Value))
				}
				units = append(units, u)
			}
		}
	}
	return units
}

// tradeChart is what a region is made of.
func (r *reportRequest) tradeChart(lang string, f *reportFact, href string) *reportChart {
	c := quotientChart(lang, say(lang, "Composition and location quotient"), byCount(r.tradeUnits(f)), href)
	c.Heads[0] = say(lang, "Trade")
	return c
}

// definitionChart is the same number under each definition of the regions.
func (r *reportRequest) definitionChart(lang string, f *reportFact, href string) *reportChart {
	c := &reportChart{Wide: true, Title: say(lang, "Another definition"), Words: f.result.Words.In(lang), Href: href}
	what := say(lang, "Features")
	if r.region == "" {
		c.Title, what = say(lang, "Regions, by each definition"), say(lang, "Share")
	}
	c.Heads = []string{say(lang, "Definition"), say(lang, "Region"), say(lang, "Year"), what}
	for _, region := range f.result.Regions {
		for _, d := range region.Definitions {
			if d.Value == nil {
				continue
			}
			text := thousands(int(*d.Value))
			if r.region == "" {
				text = percent(d.Value)
			}
			c.bar(d.Title.In(lang), *d.Value, nil, nil, text)
			c.Bars[len(c.Bars)-1].Strong = d.ID == r.region || r.region == "" && d.Default
			c.Rows = append(c.Rows, []string{d.Title.In(lang), region.Title.In(lang), strconv.Itoa(d.Year), text})
		}
	}
	return c
}

func (r *reportRequest) lorenzChart(lang string, f *reportFact, href string) *reportChart {
	var x, y []*float64
	for _, p := range f.result.Lorenz {
		x, y = append(x, p.X), append(y, p.Y)
	}
	c := &reportChart{Title: say(lang, "Lorenz curve"), Href: href, Diagonal: true, NameX: say(lang, "Share of all features, the places in order of quotient"), NameY: say(lang, "Share of those under study"),
		Words: say(lang, "The further below the straight line, the more concentrated: Gini %s.", decimal(f.result.Gini)),
		Heads: []string{say(lang, "Share of all"), say(lang, "Share of those under study")}}
	if r.region != "" {
		c.NameX, c.NameY = say(lang, "Share of the region's places"), say(lang, "Share of its features")
		c.Heads = []string{say(lang, "Share of the region's places"), say(lang, "Share of its features")}
	}
	c.curve(x, y, nil, nil)
	for _, i := range sampled(len(x)) {
		c.Rows = append(c.Rows, []string{percent(x[i]), percent(y[i])})
	}
	return c
}

func distanceChart(lang string, f *reportFact, href string) *reportChart {
	low, high := numbersOf(f.result.Low), numbersOf(f.result.High)
	c := &reportChart{Title: say(lang, "Distances between features (K_d)"), Href: href, NameX: say(lang, "km"), NameY: "K",
		Words: say(lang, "Above the band: more pairs at that distance than by chance."),
		Heads: []string{say(lang, "km"), "K", say(lang, "Chance, low"), say(lang, "Chance, high")}}
	if c.curve(f.result.DistanceKM, f.result.Kd, low, high); c.Line == nil {
		return nil
	}
	for _, i := range sampled(len(f.result.DistanceKM)) {
		row := []string{thousands(int(math.Round(*f.result.DistanceKM[i])))}
		for _, list := range [...][]*float64{f.result.Kd, low, high} {
			text := "–"
			if i < len(list) && list[i] != nil {
				text = strconv.FormatFloat(*list[i], 'f', 6, 64)
			}
			row = append(row, text)
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// sampled are places in a list, evenly, the first and last among them.
func sampled(n int) (out []int) {
	const most = 11
	for i := range min(n, most) {
		out = append(out, i*(n-1)/max(1, min(n, most)-1))
	}
	return out
}
