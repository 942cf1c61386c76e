package main

import (
	"cmp"
	"fmt"
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

// divisionFeatures gives the provinces and what they are divided into.
func (t *tiling) divisionFeatures() ([]feature, error) {
	coarse, err := t.simplify(func(vertex) float64 { return divisionTolerance })
	if err != nil {
		return nil, fmt.Errorf("divisions: %w", err)
	}
	small := &tiling{t.gazetteer, coarse}
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
		polygons = append(polygons[:1:1], slices.DeleteFunc(polygons[1:], func(p polygon) bool {
			return p.area() < divisionIsland*unitsPerDegree*unitsPerDegree
		})...)
		f, err := newFeature(d.adcode, multiPolygonJSON(polygons), t.gazetteer.properties(d))
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
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
