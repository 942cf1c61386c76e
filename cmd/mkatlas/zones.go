package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	gaz "clustermap/geo/gazetteer"
)

// The lists of development zones. That of 2005 names their cities only.
const (
	listETDZ   = "etdz_232"
	listHNTE   = "hnte_174"
	listHNTE53 = "hnte_53_2005"
)

// zoneProperties are the properties of zones.
type zoneProperties struct {
	NameZH       string          `json:"name_zh"`
	NameEN       string          `json:"name_en"`
	Kind         string          `json:"kind"` // etdz, hnte
	Adcode       *string         `json:"adcode"`
	Adcode2007   *string         `json:"adcode_2007"`
	DivisionZH   *string         `json:"division_zh"`
	DivisionEN   *string         `json:"division_en"`
	PrefectureZH *string         `json:"prefecture_zh"`
	PrefectureEN *string         `json:"prefecture_en"`
	ProvinceZH   *string         `json:"province_zh"`
	ProvinceEN   *string         `json:"province_en"`
	Level        string          `json:"level"`
	Precision    *string         `json:"precision"`
	Confidence   float64         `json:"confidence"`
	ReasonsZH    []string        `json:"reasons_zh"`
	Reasons      []string        `json:"reasons"`
	Point        json.RawMessage `json:"point"`
	Lists        []string        `json:"lists"`
	Year         *int            `json:"year"`
	Rows         []string        `json:"rows"` // ids in listed_clusters

	id       string
	geometry json.RawMessage
	unit     *gaz.Unit
}

// A reader gives the syllables of a Chinese text, as geo.Pinyin makes one.
type reader func(text string) []string

// mergeZones makes a zone of each row of the lists of zones, one of the rows of equal name
// and unit: its kind is that of the first. The rows of the list of 2005 join the zone of
// today of their city, where there is one and only one.
func mergeZones(all []*listedProperties, read reader) []*zoneProperties {
	var zones []*zoneProperties
	for _, p := range all {
		if p.List != listETDZ && p.List != listHNTE {
			continue
		}
		same := slices.IndexFunc(zones, func(z *zoneProperties) bool {
			return z.NameZH == p.PlaceZH && len(p.units) == 1 && z.unit == p.units[0]
		})
		if same >= 0 {
			zones[same].join(p)
		} else {
			zones = append(zones, newZone(p, read))
		}
	}
	for _, p := range all {
		if p.List != listHNTE53 || len(p.units) == 0 {
			continue
		}
		var here []*zoneProperties
		for _, z := range zones {
			if z.Kind == "hnte" && z.unit != nil && cityOf(z.unit) == cityOf(p.units[0]) {
				here = append(here, z)
			}
		}
		named := slices.DeleteFunc(slices.Clone(here), func(z *zoneProperties) bool {
			return !strings.HasPrefix(z.NameZH, gaz.Stem(p.PlaceZH)+"高新") && !strings.HasPrefix(z.NameZH, gaz.Stem(p.PlaceZH)+"火炬")
		})
		if len(named) == 1 {
			here = named
		}
		if len(here) == 1 {
			here[0].join(p)
		}
	}
	seen := map[string]int{}
	for _, z := range zones {
		if seen[z.id]++; seen[z.id] > 1 {
			z.id += fmt.Sprint("-", seen[z.id])
		}
	}
	return zones
}

// cityOf is the prefecture of a unit, or the municipality or county directly below the
// province.
func cityOf(u *gaz.Unit) *gaz.Unit {
	for u.Parent != nil && u.Parent.Level != gaz.Province && u.Level != gaz.Prefecture {
		u = u.Parent
	}
	if u.Parent != nil && strings.HasSuffix(u.Parent.NameZH, "市") {
		return u.Parent // a district of a municipality
	}
	return u
}

// zoneKinds end the names of zones, the longest first, with what they are in English.
var zoneKinds = []struct{ zh, en string }{
	{"农业高新技术产业示范区", "Agricultural Hi-tech Demonstration Zone"}, {"高新技术产业开发区", "Hi-tech Zone"}, {"高技术产业开发区", "Hi-tech Zone"}, {"经济技术开发区", "Economic and Technological Development Zone"},
	{"新兴技术开发区", "Hi-tech Park"}, {"新技术开发区", "New Technology Development Zone"}, {"台商投资区", "Taiwanese Investment Zone"}, {"科技园区", "Science Park"}, {"工业园区", "Industrial Park"}, {"产业园区", "Industrial Park"},
	{"出口加工区", "Export Processing Zone"}, {"经济开发区", "Economic Development Zone"}, {"开发区", "Development Zone"}, {"投资区", "Investment Zone"},
}

func newZone(p *listedProperties, read reader) *zoneProperties {
	z := &zoneProperties{
		NameZH: p.PlaceZH, Kind: "hnte", Adcode: p.Adcode, Adcode2007: p.Adcode2007, DivisionZH: p.DivisionZH, DivisionEN: p.DivisionEN,
		PrefectureZH: p.PrefectureZH, PrefectureEN: p.PrefectureEN, ProvinceZH: p.ProvinceZH, ProvinceEN: p.ProvinceEN, Level: gaz.Zone, Precision: p.Precision, Confidence: p.Confidence,
		Reasons: p.Reasons, ReasonsZH: p.ReasonsZH, Point: p.Point, geometry: p.geometry,
	}
	if p.List == listETDZ {
		z.Kind = "etdz"
	}
	if len(p.units) > 0 {
		z.unit = p.units[0]
	}
	stem, _ := zoneParts(z.NameZH)
	sound := strings.Join(read(stem), "")
	z.NameEN = englishZone(z.NameZH, z.unit, read)
	z.id = z.Kind + "-" + sound
	z.join(p)
	return z
}

// join adds a row that names the zone.
func (z *zoneProperties) join(p *listedProperties) {
	p.zone = z
	z.Lists = append(z.Lists, p.List)
	z.Rows = append(z.Rows, p.id)
	if p.Year != nil && (z.Year == nil || *p.Year < *z.Year) {
		z.Year = p.Year
	}
	slices.Sort(z.Lists)
	slices.Sort(z.Rows)
}

// zoneParts is the name of a zone without its kind, and its kind in English.
func zoneParts(name string) (stem, kind string) {
	for _, k := range zoneKinds {
		if rest, ok := strings.CutSuffix(name, k.zh); ok && rest != "" {
			return rest, k.en
		}
	}
	return name, "Zone"
}

// englishZone is the name of a zone in letters.
func englishZone(name string, in *gaz.Unit, read reader) string {
	stem, kind := zoneParts(name)
	return englishStem(stem, in, read) + " " + kind
}

// englishStem is the name of a zone without its kind in letters: the divisions that it
// begins with by their English names, the rest in pinyin.
func englishStem(stem string, in *gaz.Unit, read reader) string {
	var words []string
	for again := true; again && stem != ""; {
		again = false
		for u := in; u != nil; u = u.Parent {
			short := gaz.Stem(u.NameZH)
			for _, name := range []string{u.NameZH, short} {
				if rest, ok := strings.CutPrefix(stem, name); ok && u.NameEN != "" && name != "" {
					words = append(words, u.NameEN)
					stem, again = rest, true
				}
			}
		}
	}
	if stem != "" {
		words = append(words, capitals(strings.Join(read(stem), "")))
	}
	return strings.Join(words, " ")
}

func capitals(sound string) string {
	if sound == "" {
		return ""
	}
	return strings.ToUpper(sound[:1]) + sound[1:]
}

// A truth is what a person judged of a row of the lists.
type truth struct {
	codes, levels, also []string
}

func (in inputs) readTruth() (map[string]truth, error) {
	all := make(map[string]truth)
	for _, name := range []string{"truth.csv", "truth-2.csv"} {
		rows, err := readRows(filepath.Join(in.atlas, "sources", name))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all[fmt.Sprintf("%s-%03s", r["list_id"], r["row"])] = truth{parts(r["adcode"]), parts(r["level"]), parts(r["also"])}
		}
	}
	return all, nil
}

func parts(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

// overrule puts a row where a person put it, if that is elsewhere, and says so.
func (t truth) overrule(p *listedProperties, g *gaz.Gazetteer) {
	p.Judged = true
	right := len(p.units) == len(t.codes)
	for i, u := range p.units {
		right = right && (slices.Contains(t.codes, u.Adcode()) || slices.Contains(t.also, u.Adcode())) && i < len(t.levels)
	}
	level := cmp.Or(append(slices.Clone(t.levels), "")...)
	if right && p.Level != nil && *p.Level == level {
		return
	}
	var positions []string
	if !right {
		p.units = nil
		for _, code := range t.codes {
			if u, ok := g.Unit(code); ok {
				p.units = append(p.units, u)
			}
		}
		for _, u := range p.units {
			at, _ := u.Seat()
			positions = append(positions, fmt.Sprintf("[%v,%v]", at[0], at[1]))
		}
		switch len(positions) {
		case 0:
			p.geometry, p.Level, p.Precision = json.RawMessage("null"), nil, nil
		case 1:
			p.geometry = json.RawMessage(`{"type":"Point","coordinates":` + positions[0] + `}`)
		default:
			p.geometry = json.RawMessage(`{"type":"MultiPoint","coordinates":[` + strings.Join(positions, ",") + `]}`)
		}
		code, precision := "", "host_seat"
		if len(p.units) == 1 {
			code = p.units[0].Adcode()
			if _, host := p.units[0].Seat(); host != nil && (host.Precision == "approximate" || host == p.units[0] && level == host.Level) {
				precision = host.Precision
			}
		}
		p.settle(code)
		if len(p.units) > 0 {
			p.Precision = &precision
		}
		p.Point = json.RawMessage("null")
	}
	p.Level = stated(level)
	p.Confidence = 1
	p.Reasons, p.ReasonsZH = []string{"judged by a person"}, []string{"人工判定"}
}
