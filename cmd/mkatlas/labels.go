package main

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// waters.csv holds, edited by hand, the names of seas and a point for each label.
//
//go:embed waters.csv
var watersCSV string

type labelProperties struct {
	Kind   string `json:"kind"` // city, province or water
	NameZh string `json:"name_zh"`
	NameEn string `json:"name_en"`
	Rank   int    `json:"rank"` // 1 is named first
	Adcode string `json:"adcode,omitempty"`
}

// labels gives the names of the base map as points: great cities at their seats,
// provinces within their outlines, and waters.
func (t *tiling) labels() ([]feature, error) {
	waters, err := waterLabels()
	if err != nil {
		return nil, err
	}
	out := waters
	add := func(kind, zh, en, adcode string, at vertex, rank int) error {
		f, err := newFeature("", pointJSON(at), labelProperties{kind, zh, en, rank, adcode})
		out = append(out, f)
		return err
	}
	for _, d := range t.gazetteer.listed() {
		zh, en := shortName(d.name), t.gazetteer.english[d.adcode]
		city := d.level() != "province" || strings.HasSuffix(d.name, "市") || special(d)
		if !city {
			at, err := labelPoint(t.outline(d.adcode))
			if err != nil {
				return nil, fmt.Errorf("label of %s: %w", d.name, err)
			}
			if err := add("province", zh, en.name, d.adcode, at, 1); err != nil {
				return nil, err
			}
		}
		if en.rank == 0 {
			continue
		}
		s := t.gazetteer.seat(d)
		if s == nil {
			return nil, fmt.Errorf("label of %s: the gazetteer lacks its seat", d.name)
		}
		if !city { // a province without prefectures: its seat has a name of its own
			zh, en.name = s.chinese[0], s.name
		}
		if err := add("city", zh, en.name, d.adcode, s.at, en.rank); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func waterLabels() ([]feature, error) {
	rows, err := csv.NewReader(strings.NewReader(watersCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("waters.csv: %w", err)
	}
	var out []feature
	for _, r := range rows[1:] {
		lon, err1 := strconv.ParseFloat(r[2], 64)
		lat, err2 := strconv.ParseFloat(r[3], 64)
		rank, err3 := strconv.Atoi(r[4])
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, fmt.Errorf("waters.csv: %w", err)
		}
		f, err := newFeature("", pointJSON(toVertex(geom.XY{X: lon, Y: lat})), labelProperties{"water", r[0], r[1], rank, ""})
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// labelPoint gives a point within the largest polygon, on the widest part of the
// parallel through its middle.
func labelPoint(polygons []polygon) (vertex, error) {
	p := geometry(slices.Clone(polygons[:1])).PointOnSurface()
	xy, ok := p.XY()
	if !ok {
		return vertex{}, errors.New("it has no area")
	}
	return toVertex(xy), nil
}

// shortName leaves out what a map need not say: 广西壮族自治区 is 广西.
func shortName(name string) string {
	for _, end := range []string{"特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "地区", "省", "市"} {
		if short, ok := strings.CutSuffix(name, end); ok {
			return short
		}
	}
	return name
}

type areaProperties struct {
	NameZh string `json:"name_zh"`
	NameEn string `json:"name_en"`
	Adcode string `json:"adcode"`
}

// areas gives the provinces as areas of the land of the base map.
func (w *world) areas(g *gazetteer) ([]feature, error) {
	var out []feature
	for _, d := range g.listed() {
		if d.level() != "province" {
			continue
		}
		f, err := newFeature("", multiPolygonJSON(w.province(d.adcode)), areaProperties{shortName(d.name), g.english[d.adcode].name, d.adcode})
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
