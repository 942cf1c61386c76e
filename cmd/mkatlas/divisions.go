package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

const (
	divisionTolerance = 0.012 // degrees
	divisionIsland    = 10e-4 // square degrees, about 10 km²: smaller islands are left out
)

// seat is the record of the place from which a division is administered, with
// the names that the clusters give their points.
type seat struct {
	Gazetteer string `json:"gazetteer"`
	RecordID  string `json:"record_id"`
	Record    string `json:"record_name"`
	Feature   string `json:"record_feature"`
}

type divisionProperties struct {
	Adcode     string   `json:"adcode"`
	Level      string   `json:"level"`
	NameZh     string   `json:"name_zh"`
	NameEn     string   `json:"name_en"`
	ProvinceZh string   `json:"province_zh"`
	ProvinceEn string   `json:"province_en"`
	SeatLon    *float64 `json:"seat_lon"`
	SeatLat    *float64 `json:"seat_lat"`
	Precision  *string  `json:"precision"`
	Point      *seat    `json:"point"`
	Outline    string   `json:"outline"`
	Source     string   `json:"source"`
}

// divisionFeatures gives the provinces, what they are divided into, and the
// counties of those.
func (t *tiling) divisionFeatures(settled *settlement) ([]feature, error) {
	coarse, err := t.simplify(func(vertex) float64 { return divisionTolerance })
	if err != nil {
		return nil, fmt.Errorf("divisions: %w", err)
	}
	small := &tiling{t.gazetteer, coarse}
	outlines := map[string][]polygon{}
	var out []feature
	for _, d := range t.gazetteer.listed() {
		polygons := small.outline(d.adcode)
		if len(polygons) == 0 {
			polygons = t.outline(d.adcode) // islets, all below the tolerance
		}
		if len(polygons) == 0 {
			if d.level() == "county" {
				continue // too new or too small for the gazetteer
			}
			return nil, fmt.Errorf("divisions: %s %s has no area", d.adcode, d.name)
		}
		f, err := newFeature(d.adcode, multiPolygonJSON(withoutIslets(polygons)), t.gazetteer.properties(d))
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		outlines[d.adcode] = polygons
	}
	counties, err := settled.countyFeatures(outlines)
	if err != nil {
		return nil, fmt.Errorf("divisions: %w", err)
	}
	out = append(out, counties...)
	slices.SortFunc(out, func(a, b feature) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// withoutIslets keeps the first polygon, the largest, and those that are not too small.
func withoutIslets(polygons []polygon) []polygon {
	return append(polygons[:1:1], slices.DeleteFunc(slices.Clone(polygons[1:]), func(p polygon) bool {
		return p.area() < divisionIsland*unitsPerDegree*unitsPerDegree
	})...)
}

// listed gives the provinces and the units, each once, by code.
func (g *gazetteer) listed() []division {
	all := slices.Clone(g.units)
	for _, d := range g.divisions {
		if _, whole := g.wholeProvince(d.adcode); d.level() == "province" && !whole {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b division) int { return cmp.Compare(a.adcode, b.adcode) })
	return all
}

func (g *gazetteer) properties(d division) divisionProperties {
	province := d.adcode[:2] + "0000"
	p := divisionProperties{
		Adcode: d.adcode, Level: d.level(), NameZh: d.name, NameEn: g.english[d.adcode].name,
		ProvinceZh: g.divisions[province].name, ProvinceEn: g.english[province].name,
		Outline: "approximate", Source: "GeoNames, Natural Earth",
	}
	if d.level() == "province" {
		p.Outline, p.Source = "province", "Natural Earth"
	}
	if s := g.seat(d); s != nil {
		at, precision := s.at.xy(), d.level()+"_seat"
		p.SeatLon, p.SeatLat, p.Precision = &at.X, &at.Y, &precision
		p.Point = &seat{"GeoNames", s.id, s.name, s.feature}
	}
	return p
}

// countyFeatures cuts the outlines of units into their counties.
func (s *settlement) countyFeatures(outlines map[string][]polygon) ([]feature, error) {
	counties := slices.DeleteFunc(slices.Clone(s.counties), func(c *county) bool {
		return isZone(c.adcode) || c.adcode == c.unit || special(division{c.adcode, c.name})
	})
	number := map[string]int{}
	byUnit := map[string][]*county{}
	for i, c := range counties {
		number[c.adcode] = i
		byUnit[c.unit] = append(byUnit[c.unit], c)
	}
	var all []owned
	for _, unit := range slices.Sorted(maps.Keys(byUnit)) {
		cells, err := countyCells(byUnit[unit], outlines[unit], number)
		if err != nil {
			return nil, fmt.Errorf("counties of %s: %w", unit, err)
		}
		all = append(all, cells...)
	}
	t, err := newTopology(weld(all))
	if err != nil {
		return nil, err
	}
	if t, err = t.adopt(len(counties), func(a, b int) bool { return counties[a].unit == counties[b].unit }); err != nil {
		return nil, err
	}
	var out []feature
	for i, c := range counties {
		shape, p := json.RawMessage("null"), s.countyProperties(c)
		if polygons := t.polygons(func(owner int) bool { return owner == i }); len(polygons) > 0 {
			shape = multiPolygonJSON(withoutIslets(polygons))
		} else {
			p.Outline = "none" // no place in it is known, or the rough outline of the unit leaves it out
		}
		f, err := newFeature(c.adcode, shape, p)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// countyCells gives each county of a unit the cells of its places, of which its seat
// is sure to have one.
func countyCells(counties []*county, outline []polygon, number map[string]int) ([]owned, error) {
	const seatGap = 0.004 // degrees; seats of districts are close
	seats := map[*place]bool{}
	var places []*place
	for _, c := range counties {
		seat := c.seat.place
		for _, p := range c.places {
			if seat == nil && p.at == c.seat.at {
				seat = p
			}
		}
		if seat != nil && seat.county == c.adcode {
			seats[seat] = true
			places = append(places, seat)
		}
	}
	for _, c := range counties {
		for _, p := range c.places {
			if !seats[p] {
				places = append(places, p)
			}
		}
	}
	slices.SortStableFunc(places, func(a, b *place) int {
		return cmp.Or(first(seats[a], seats[b]), cmp.Compare(a.order(), b.order()))
	})
	gap := func(p *place) float64 {
		if seats[p] {
			return seatGap
		}
		return siteGap
	}
	return cut(outline, places, gap, func(p *place) int { return number[p.county] })
}

func (s *settlement) countyProperties(c *county) divisionProperties {
	province := c.adcode[:2] + "0000"
	p := divisionProperties{
		Adcode: c.adcode, Level: "county", NameZh: c.name, NameEn: s.englishOf(division{c.adcode, c.name}),
		ProvinceZh: s.divisions[province].name, ProvinceEn: s.english[province].name,
		Outline: "approximate", Source: "GeoNames, Natural Earth",
	}
	if c.seat.known() {
		at := c.seat.at.xy()
		p.SeatLon, p.SeatLat, p.Precision = &at.X, &at.Y, &c.seat.precision
	}
	if r := c.seat.place; r != nil {
		p.Point = &seat{"GeoNames", r.id, r.name, r.feature}
	}
	return p
}
