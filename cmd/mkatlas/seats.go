package main

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// A spot is where a division is shown: by which record, and how exactly.
type spot struct {
	at                vertex
	precision, record string
	place             *place // the record, if it is one
}

func (s spot) known() bool { return s.precision != "" }

// columns are longitude, latitude, precision and record, empty for no point.
func (s spot) columns() []string {
	if !s.known() {
		return []string{"", "", "", ""}
	}
	xy := s.at.xy()
	return []string{degrees(xy.X), degrees(xy.Y), s.precision, s.record}
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (p *place) record() string { return "GeoNames " + p.id }

// order3 is the order of the seat of a county.
var order3 = (&place{feature: "PPLA3"}).order()

// Grounds for taking a record as the seat of a county, the best first. From
// hardly on the record is only likely to be near.
const (
	ofName      = iota // its Chinese name is the county's
	ofShortName        // it is a seat and named like the county
	ofLatinName        // it is a seat, and one of its names is that of the county as romanised
	seatInside         // it is a seat, and its town is of the county
	seatTown           // it has the name of the county's town 城关 or of the county
	hardly             // it is a seat, and the places around it are of the county
	firstTown          // it is the first town of the county's table, which mostly is its seat
	noGround
)

// ground tells why p may be the seat of c.
func (c *county) ground(p *place) int {
	seat := p.order() <= order3
	inside := p.county == c.adcode
	town := c.townOf(p)
	switch {
	case slices.Contains(p.chinese, c.name):
		return ofName
	case !c.shares && seat && slices.Contains(p.short, c.short):
		return ofShortName
	case seat && slices.ContainsFunc(c.spellings, func(s string) bool { return slices.Contains(p.latin, s) }) && (inside || town == nil):
		return ofLatinName
	case !c.shares && seat && inside && slices.Contains(p.latin, c.sound):
		return ofLatinName
	case seat && p.order() == order3 && town != nil:
		return seatInside
	case !c.shares && inside && slices.Contains(p.short, c.short):
		return seatTown
	case town != nil && (town.short == "城关" || town.short == c.short):
		return seatTown
	case inside && p.order() == order3:
		return hardly
	case town != nil && town == c.towns[0] && !strings.HasSuffix(c.name, "区"):
		return firstTown
	}
	return noGround
}

func (c *county) townOf(p *place) *town {
	for _, t := range c.towns {
		if t.at == p {
			return t
		}
	}
	return nil
}

// locateSeats finds the seats of a unit's counties: each record is that of one.
// A county without a record has the place known by hand; else the middle of the
// places in it.
func (s *settlement) locateSeats(counties []*county, places []*place) {
	type pair struct {
		county *county
		place  *place
		ground int
	}
	var pairs []pair
	for _, c := range counties {
		for _, p := range places {
			if ground := c.ground(p); p != c.not && ground < noGround && (!isZone(c.adcode) || ground == ofName) {
				pairs = append(pairs, pair{c, p, ground})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.ground, b.ground), first(a.place.county == a.county.adcode, b.place.county == b.county.adcode),
			cmp.Compare(a.place.order(), b.place.order()), cmp.Compare(b.place.population, a.place.population))
	})
	used := map[*place]bool{}
	for _, hand := range s.byHand {
		used[hand.place] = true
	}
	for _, c := range counties {
		c.seat = s.byHand[c.adcode]
		if p := s.gazetteer.seat(division{c.adcode, c.name}); p != nil && c.unit == c.adcode && !c.seat.known() {
			c.seat = spot{p.at, "county_seat", p.record(), p}
		}
	}
	for _, m := range pairs {
		if m.county.seat.known() || used[m.place] {
			continue
		}
		used[m.place] = true
		precision := "county_seat"
		if m.ground >= hardly {
			precision = "approximate"
		}
		m.county.seat = spot{m.place.at, precision, m.place.record(), m.place}
	}
	for _, c := range counties {
		if !c.seat.known() && len(c.places) > 0 {
			c.seat = spot{at: middle(c.places), precision: "approximate"}
		}
	}
}

// middle is the point of the median longitude and latitude.
func middle(places []*place) vertex {
	var x, y []int32
	for _, p := range places {
		x, y = append(x, p.at.x), append(y, p.at.y)
	}
	slices.Sort(x)
	slices.Sort(y)
	return vertex{x[len(x)/2], y[len(y)/2]}
}

// seats.csv holds, edited by hand, where zones lie and where counties have their
// seats that GeoNames has under no name of theirs: a record of GeoNames, or a position to a few
// hundredths of a degree.
//
//go:embed seats.csv
var seatsCSV string

// seatsByHand reads seats.csv.
func seatsByHand(places []*place) (map[string]spot, error) {
	rows, err := csv.NewReader(strings.NewReader(seatsCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("seats.csv: %w", err)
	}
	byID := map[string]*place{}
	for _, p := range places {
		byID[p.id] = p
	}
	out := map[string]spot{}
	for i, r := range rows[1:] {
		if r[2] != "" {
			p := byID[r[2]]
			if p == nil {
				return nil, fmt.Errorf("seats.csv:%d: GeoNames %s is not there", i+2, r[2])
			}
			out[r[0]] = spot{p.at, "county_seat", p.record(), p}
			continue
		}
		lon, err1 := strconv.ParseFloat(r[3], 64)
		lat, err2 := strconv.ParseFloat(r[4], 64)
		if err := cmp.Or(err1, err2); err != nil {
			return nil, fmt.Errorf("seats.csv:%d: %w", i+2, err)
		}
		out[r[0]] = spot{at: toVertex(geom.XY{X: lon, Y: lat}), precision: "approximate", record: "by hand"}
	}
	return out, nil
}
