package server

import (
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// mostGroupRows is how many groups a page lists, the largest first; its map has as
// many.
const mostGroupRows = 200

type groupsView struct {
	view
	Collection                  summary
	Matched, Returned, Unplaced int
	Form                        *groupsForm // nil where the page is about one group
	Sums, Counts                []geo.Text  // heads of columns
	Rows                        []groupRow
	Map                         *picture
}

// groupsForm chooses groups.
type groupsForm struct {
	Action       string
	By           []groupsBy
	Zoom, Radius string
	BBox, Filter string
	Kept         []kept
}

// groupsBy is a way to make groups; its value is "" for groups by distance.
type groupsBy struct {
	Value  string
	Title  geo.Text
	Chosen bool
}

type groupRow struct {
	Name    geo.Text // of the territory, or of one member
	More    int      // members beside that
	Count   int
	Members string
	Zoom    int    // at which it splits; 0 where it never does
	Opens   string // there
	Sums    []string
	Counts  []countsOf
}

// countsOf are how many members have each value: the greatest counts.
type countsOf struct {
	List []countOf
	More int // values that are left out
}

const mostValuesShown = 5

// countOf is how many members have a value.
type countOf struct {
	Value geo.Text // empty for null
	Count int
}

// readGroup is a group as a page shows it.
type readGroup struct {
	size   int
	slot   uint32
	at     orb.Point
	placed bool
	titles geo.Text
	id     groupID
	zoom   int // at which it splits
	bounds orb.Bound
	sum    func(i int) geo.Value
	values func(i int) []pyramid.ValueCount
}

func (g *groupWriter) readNode(n pyramid.Node) readGroup {
	p := g.layer.pyramid
	r := readGroup{size: p.Size(n), slot: p.Slot(n), at: p.Position(n), placed: true, id: g.id, bounds: p.Bounds(n)}
	r.id.node = n
	r.id.x, r.id.y = groupPlace(r.at)
	if zoom, ok := p.Expansion(n); ok && r.size > 1 {
		r.zoom = zoom
	}
	r.sum = func(i int) geo.Value { return p.SumValue(n, i) }
	r.values = func(i int) []pyramid.ValueCount { return p.Counts(n, i) }
	return r
}

func (g *groupWriter) readTerritory(i int) readGroup {
	t := g.layer.territories
	r := readGroup{size: t.Size(i), id: g.id}
	r.id.key, r.id.keyed = t.Key(i)
	r.slot, r.placed = t.Slot(i)
	r.at, _ = t.Position(i)
	r.bounds, _ = t.Bounds(i)
	_, r.titles = g.area(i, r.id.key, r.id.keyed)
	r.sum = func(k int) geo.Value { return t.Sum(i, k) }
	r.values = func(k int) []pyramid.ValueCount { return t.Counts(i, k) }
	return r
}

// largest are the groups of which a page tells.
func (g *groupWriter) largest(found *foundGroups) []readGroup {
	var out []readGroup
	for _, n := range found.nodes {
		g.grouped += g.layer.pyramid.Size(n)
	}
	for _, i := range found.areas {
		g.grouped += g.layer.territories.Size(i)
	}
	nodes, areas := slices.Clone(found.nodes), slices.Clone(found.areas)
	slices.SortStableFunc(nodes, func(a, b pyramid.Node) int { return g.layer.pyramid.Size(b) - g.layer.pyramid.Size(a) })
	slices.SortStableFunc(areas, func(a, b int) int { return g.layer.territories.Size(b) - g.layer.territories.Size(a) })
	for _, n := range nodes[:min(len(nodes), mostGroupRows)] {
		out = append(out, g.readNode(n))
	}
	for _, i := range areas[:min(len(areas), mostGroupRows)] {
		out = append(out, g.readTerritory(i))
	}
	return out
}

// groupsPage is the page of an answer with groups.
func (s *Server) groupsPage(q *request, g *groupWriter, r *groupsRequest, found *foundGroups, links []link) (*keptAnswer, error) {
	v := s.groupsView(q, g, g.largest(found), links, q.crumbs(g.c))
	v.Title = say(q.lang, "Groups")
	v.Matched, v.Returned, v.Unplaced = g.grouped, found.len(), g.layer.unplaced()
	v.Form = formOfGroups(q, g.c, r)
	return s.keptLinkedPage(q, "groups", v, links)
}

// groupPage is the page of one group.
func (s *Server) groupPage(q *request, g *groupWriter, found *foundGroup, links []link) (*keptAnswer, error) {
	rows := make([]readGroup, 1)
	if found.id.cut != nil {
		rows[0] = g.readTerritory(found.territory)
	} else {
		rows[0] = g.readNode(found.id.node)
	}
	groups := crumb{phrase("Groups"), q.in("html", collectionPath(g.c.ID)+"/groups", "")}
	v := s.groupsView(q, g, rows, links, q.crumbs(g.c, groups))
	v.Title = v.Rows[0].Name.In(q.lang)
	v.Matched, v.Returned = rows[0].size, 1
	return s.keptLinkedPage(q, "groups", v, links)
}

// keptLinkedPage is keptPage with links in its header.
func (s *Server) keptLinkedPage(q *request, name string, data any, links []link) (*keptAnswer, error) {
	a, err := s.keptPage(q, name, data)
	if err != nil {
		return nil, err
	}
	header := make(http.Header)
	setLinks(header, links)
	a.header = header
	return a, nil
}

func (s *Server) groupsView(q *request, g *groupWriter, groups []readGroup, links []link, crumbs []crumb) *groupsView {
	schema := g.c.Source.Schema()
	v := &groupsView{view: s.view(q, "", links, crumbs...), Collection: summarize(q, g.c), Map: s.basics.groupsPicture(q, g, groups)}
	heads := func(of []string) (out []geo.Text) {
		for _, name := range of {
			p, _, _ := schema.Find(name)
			out = append(out, titleOfProperty(p, name))
		}
		return out
	}
	v.Sums, v.Counts = heads(g.opt.Sums), heads(g.opt.Counts)
	for i := range groups {
		v.Rows = append(v.Rows, g.row(&groups[i]))
	}
	v.dropEmptySums()
	return v
}

// dropEmptySums leaves out the columns in which no row has a number.
func (v *groupsView) dropEmptySums() {
	for k := len(v.Sums) - 1; k >= 0; k-- {
		if slices.ContainsFunc(v.Rows, func(r groupRow) bool { return r.Sums[k] != noNumber }) {
			continue
		}
		v.Sums = slices.Delete(v.Sums, k, k+1)
		for i := range v.Rows {
			v.Rows[i].Sums = slices.Delete(v.Rows[i].Sums, k, k+1)
		}
	}
}

const noNumber = "–"

// row is a group as a row of the table.
func (g *groupWriter) row(r *readGroup) groupRow {
	schema, path := g.c.Source.Schema(), collectionPath(g.c.ID)
	row := groupRow{Name: g.nameOf(r), Count: r.size, Zoom: r.zoom, Members: g.members(r)}
	if r.titles == (geo.Text{}) && (r.id.cut == nil || r.id.cut.Across > 0) {
		row.More = r.size - 1
	}
	if r.zoom > 0 {
		at := groupsRequest{zoom: r.zoom, radius: r.id.radius}
		row.Opens = g.q.in("html", path+"/groups", at.boxedText(params{{"bbox", boxText(roundedOut(r.bounds))}}))
		if g.id.filter != "" {
			row.Opens += "&" + g.id.filter
		}
	}
	for i, name := range g.opt.Sums {
		p, _, _ := schema.Find(name)
		text := noNumber
		if v := r.sum(i); v.Kind() != geo.KindNull {
			text = number(v.Text(), &p)
		}
		row.Sums = append(row.Sums, text)
	}
	for i, name := range g.opt.Counts {
		p, _, _ := schema.Find(name)
		all := r.values(i)
		shown := all[:min(len(all), mostValuesShown)]
		counts := countsOf{More: len(all) - len(shown)}
		for _, c := range shown {
			text := geo.Text{}
			if c.Value.Kind() != geo.KindNull {
				text = valuesText(p, c.Value.Text())
			}
			counts.List = append(counts.List, countOf{text, c.Count})
		}
		row.Counts = append(row.Counts, counts)
	}
	return row
}

// nameOf is the name of a territory, or of the member at which a group stands, or its
// id.
func (g *groupWriter) nameOf(r *readGroup) geo.Text {
	switch {
	case r.titles != geo.Text{}:
		return r.titles
	case r.id.cut != nil && r.id.keyed && r.id.cut.Across == 0:
		return geo.Text{EN: r.id.key}
	case r.placed:
		f := g.layer.index.At(r.slot)
		if t := names(g.c.Source.Schema(), membersOf(f.Properties())); t != (geo.Text{}) {
			return t
		}
		return geo.Text{EN: f.ID().String()}
	}
	return geo.Text{EN: "–"}
}

// members is the page with the members of a group, or of a lone feature.
func (g *groupWriter) members(r *readGroup) string {
	path := collectionPath(g.c.ID)
	if r.id.cut == nil && r.size == 1 {
		return g.q.in("html", path+"/items/"+escapeID(g.layer.index.At(r.slot).ID().String()), "")
	}
	return g.q.in("html", path+"/groups/"+string(append(r.id.appendHead(nil), g.filter...))+"/members", "")
}

func formOfGroups(q *request, c *geo.Collection, r *groupsRequest) *groupsForm {
	f := &groupsForm{Action: q.base + collectionPath(c.ID) + "/groups"}
	if r.cut == nil {
		f.Zoom, f.Radius = strconv.Itoa(r.zoom), strconv.Itoa(r.radius)
	}
	chosen := ""
	if r.cut != nil {
		chosen = r.cut.String()
	}
	f.By = append(f.By, groupsBy{Title: phrase("Distance on the map")})
	for _, by := range [...]groupsBy{
		{Value: "division:province", Title: phrase("Province")}, {Value: "division:prefecture", Title: phrase("Prefecture")},
		{Value: "division:county", Title: phrase("County")}, {Value: "hex:100", Title: phrase("Hexagons of 100 km")}, {Value: chosen, Title: geo.Text{EN: chosen}},
	} {
		known := slices.ContainsFunc(f.By, func(b groupsBy) bool { return b.Value == by.Value })
		if _, err := pyramid.ParseCut(c.Source.Schema(), by.Value); err == nil && !known {
			f.By = append(f.By, by)
		}
	}
	for i := range f.By {
		f.By[i].Chosen = f.By[i].Value == chosen
	}
	if q.chosen {
		f.Kept = []kept{{"lang", q.lang}}
	}
	for _, p := range slices.Concat(r.boxed, r.sel.filter) {
		switch p.name {
		case "bbox":
			f.BBox = p.value
		case "filter":
			f.Filter = p.value
		default:
			f.Kept = append(f.Kept, kept{p.name, p.value})
		}
	}
	return f
}

// groupsPicture draws groups as circles; nil where none stands anywhere.
func (m *baseMap) groupsPicture(q *request, g *groupWriter, groups []readGroup) *picture {
	var box orb.Bound
	shown := 0
	for _, r := range groups {
		if !r.placed {
			continue
		}
		if shown++; shown == 1 {
			box = orb.Bound{Min: r.at, Max: r.at}
		} else {
			box = box.Extend(r.at)
		}
	}
	if shown == 0 {
		return nil
	}
	d := drawing{frame: frameOf(box)}
	pic := &picture{Width: pictureWidth, Height: pictureHeight, Layers: m.draw(d.frame)}
	pic.Label = say(q.lang, "Map of %s: %s", titleIn(g.c, q.lang), say(q.lang, "%s groups", thousands(shown)))
	for i := range groups {
		r := &groups[i]
		if !r.placed {
			continue
		}
		pic.Marks = append(pic.Marks, mark{
			Class: "mark", D: d.circle(r.at, min(24, 5+2*math.Log2(float64(r.size)))), Href: g.members(r),
			Title: g.nameOf(r).In(q.lang) + " · " + sayFeatures(q.lang, r.size),
		})
	}
	pic.Many = len(pic.Marks) > manyMarks
	return pic
}

// circle is the path of a circle with a radius in pixels.
func (d *drawing) circle(at orb.Point, radius float64) string {
	p := project(at)
	tenths := func(v float64) int { return int(math.Round(v * 10)) }
	x, y, r := tenths((p[0]-d.min[0])*d.scale-radius), tenths((p[1]-d.min[1])*d.scale), tenths(radius)
	b := appendTenths([]byte{'M'}, x)
	b = appendTenths(append(b, ' '), y)
	for _, dx := range [...]int{2 * r, -2 * r} {
		b = appendTenths(append(b, 'a'), r)
		b = appendTenths(append(b, ' '), r)
		b = appendTenths(append(b, " 0 1 0 "...), dx)
		b = append(b, " 0"...)
	}
	return string(append(b, 'Z'))
}
