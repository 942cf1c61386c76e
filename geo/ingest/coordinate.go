package ingest

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo/crs"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"golang.org/x/text/unicode/norm"
)

// Sample is the coordinates of one row, and the seat of the place that it names.
type Sample struct {
	X, Y string     // of the columns called longitude and latitude
	Seat *orb.Point // nil: unknown

	shape bool // X, Y are of a geometry
}

// Frame says how the coordinates of a table are read.
type Frame struct {
	CRS     *crs.CRS // nil: unknown, and no row has a point by them
	Swapped bool     // the column called longitude holds the latitude or northing
	Guessed bool
	Reasons []Reason // of the guess
}

// GuessFrame finds out how coordinates are meant, by what they look like and by the seats
// of the places that their rows name. stated is the system where it is known; then only
// the order of the columns is found.
func GuessFrame(stated *crs.CRS, samples []Sample) Frame {
	var points []orb.Point
	var seats []*orb.Point
	for _, s := range samples {
		x, y, ok := parsePair(s.X, s.Y)
		if ok {
			points, seats = append(points, orb.Point{x, y}), append(seats, s.Seat)
		}
	}
	degrees, metres := 0, 0
	for _, p := range points {
		switch {
		case math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 180:
			degrees++
		case math.Max(math.Abs(p[0]), math.Abs(p[1])) > 1e4:
			metres++
		}
	}
	var candidates []*crs.CRS
	switch {
	case stated != nil:
		candidates = []*crs.CRS{stated}
	case degrees >= metres:
		return guessDegrees(points, seats)
	default:
		for _, c := range crs.All() {
			if !c.Geographic() && !c.Offset() {
				candidates = append(candidates, c)
			}
		}
	}
	return guessBest(candidates, points, seats, stated != nil)
}

// fit is how well coordinates suit a system.
type fit struct {
	frame  Frame
	inside float64 // share in China
	away   float64 // median distance to the seats in km; Inf where none is known
}

// rare is 1 of systems that tables of China seldom have: UTM, which is within 2 km of
// Gauss-Krueger with the same meridian, so that seats do not tell them apart.
func rare(f fit) int {
	if strings.Contains(f.frame.CRS.Name(), "UTM") {
		return 1
	}
	return 0
}

func fitOf(f Frame, points []orb.Point, seats []*orb.Point) fit {
	r := fit{frame: f, away: math.Inf(1)}
	var km []float64
	for i, p := range points {
		at, ok := f.turn(p)
		if !ok || !inChina(at[0], at[1]) || beyondZone(f.CRS, at) {
			continue
		}
		r.inside++
		if seats[i] != nil {
			km = append(km, geo.Distance(at, *seats[i])/1000)
		}
	}
	if len(points) > 0 {
		r.inside /= float64(len(points))
	}
	if len(km) > 0 {
		r.away = median(km)
	}
	return r
}

// beyondZone reports whether a point is farther from the meridian of a zone than people
// use it: zones are six degrees wide at most. The formulas go farther.
func beyondZone(c *crs.CRS, at orb.Point) bool {
	b := c.Bounds()
	west, east := b.Min[0], b.Max[0]
	if east < west { // it crosses 180 degrees
		east += 360
	}
	return east-west < 180 && math.Abs(at[0]-(west+east)/2) > 4
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// maxAway is the median distance to the seats in km that a system may give: of a wrong
// zone it is hundreds.
const maxAway = 60

// guessBest takes of several systems and both orders of axes the one that suits best.
func guessBest(candidates []*crs.CRS, points []orb.Point, seats []*orb.Point, stated bool) Frame {
	var fits []fit
	for _, c := range candidates {
		for _, swapped := range []bool{false, true} {
			f := fitOf(Frame{CRS: c, Swapped: swapped}, points, seats)
			if f.inside >= 0.5 {
				fits = append(fits, f)
			}
		}
	}
	if len(fits) == 0 {
		if stated {
			return Frame{CRS: candidates[0]}
		}
		return Frame{}
	}
	slices.SortStableFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(math.Round(a.away/4), math.Round(b.away/4)), -cmp.Compare(a.inside, b.inside), cmp.Compare(rare(a), rare(b)))
	})
	best := fits[0]
	best.frame.Guessed = !stated || best.frame.Swapped
	switch {
	case stated && !best.frame.Swapped:
	case stated:
		best.frame.Reasons = []Reason{{Code: "axes-swapped"}}
	case best.away <= maxAway:
		best.frame.Reasons = []Reason{{Code: "crs-by-seats", Args: []string{strconv.FormatFloat(math.Round(best.away), 'f', -1, 64)}}}
	case math.IsInf(best.away, 1) && alone(fits):
		best.frame.Reasons = []Reason{{Code: "crs-by-range"}}
	default:
		return Frame{} // several suit, and nothing tells which
	}
	return best.frame
}

// alone reports whether the best fit is the only one by which the coordinates are in
// China, as those whose eastings begin with the number of their zone are.
func alone(fits []fit) bool {
	for _, f := range fits[1:] {
		if f.inside >= 0.9*fits[0].inside {
			return false
		}
	}
	return true
}

// guessDegrees finds the order of axes, and whether the points stand where one of the
// offsets of China's base maps would put the seats.
func guessDegrees(points []orb.Point, seats []*orb.Point) Frame {
	f := Frame{CRS: crs.CRS84()}
	if len(points) == 0 {
		return f
	}
	straight, swapped := fitOf(f, points, seats), fitOf(Frame{CRS: f.CRS, Swapped: true}, points, seats)
	if swapped.inside > straight.inside && swapped.inside >= 0.5 {
		f.Swapped, f.Guessed, f.Reasons = true, true, []Reason{{Code: "axes-swapped"}}
	}
	best := offsetBy(f, points, seats)
	for _, c := range []*crs.CRS{crs.GCJ02(), crs.BD09()} {
		g := Frame{CRS: c, Swapped: f.Swapped, Guessed: true}
		if by := offsetBy(g, points, seats); by.near >= minNear && 2*by.near >= by.of && by.away < best.away/2 {
			g.Reasons = append(slices.Clip(f.Reasons), Reason{Code: "offset-by-seats", Args: []string{strconv.Itoa(by.near)}})
			f, best = g, by
		}
	}
	return f
}

// minNear is how many points have to stand at their seats before an offset is believed.
const minNear = 5

// offset is how near points are to the seats: those within 2 km, which are seats
// themselves, and their median distance in km.
type offset struct {
	near, of int
	away     float64
}

func offsetBy(f Frame, points []orb.Point, seats []*orb.Point) offset {
	var km []float64
	o := offset{away: math.Inf(1)}
	for i, p := range points {
		at, ok := f.turn(p)
		if !ok || seats[i] == nil {
			continue
		}
		o.of++
		if d := geo.Distance(at, *seats[i]) / 1000; d < 2 {
			km = append(km, d)
		}
	}
	if o.near = len(km); o.near > 0 {
		o.away = median(km)
	}
	return o
}

// turn is the point of two numbers, first that of the column called longitude.
func (f Frame) turn(p orb.Point) (at orb.Point, ok bool) {
	if f.CRS == nil {
		return at, false
	}
	if f.Swapped != f.CRS.Swapped() {
		p[0], p[1] = p[1], p[0]
	}
	at, ok = f.CRS.ToLonLat(p)
	return at, ok && onEarth(at)
}

// Point is the point of a row on WGS 84. warnings say what was guessed of this row alone.
// reason is not "" where the row has no point: then it says why.
func (f Frame) Point(x, y string) (p orb.Point, warnings []Reason, reason string) {
	a, b, ok := parsePair(x, y)
	switch {
	case !ok:
		return p, nil, "they are no numbers"
	case a == 0 && b == 0:
		return p, nil, "0,0 is what programs write for a point they do not know"
	case f.CRS == nil:
		return p, nil, "their system is not known"
	}
	at, ok := f.turn(orb.Point{a, b})
	if ok && inChina(at[0], at[1]) {
		return at, nil, ""
	}
	other := f
	other.Swapped = !f.Swapped
	if turned, fine := other.turn(orb.Point{a, b}); fine && inChina(turned[0], turned[1]) {
		return turned, []Reason{{Code: "row-swapped"}}, ""
	}
	if !ok {
		return p, nil, "they are nowhere on Earth in " + f.CRS.Name()
	}
	return at, nil, ""
}

// parsePair reads two coordinates, in degrees or metres.
func parsePair(x, y string) (a, b float64, ok bool) {
	a, axisA, ok1 := parseCoordinate(x)
	b, axisB, ok2 := parseCoordinate(y)
	if axisA == 'y' || axisB == 'x' { // each says itself what it is
		a, b = b, a
	}
	return a, b, ok1 && ok2
}

var (
	degreesOf = regexp.MustCompile(`^(-?\d{1,3}(?:\.\d+)?)[°度](?:(\d{1,2}(?:\.\d+)?)(?:['′分]|$))?(?:(\d{1,2}(?:\.\d+)?)(?:["″秒]|''|′′|$))?$`)
	apart     = regexp.MustCompile(`^(\D*)(\d{1,3})([ :-])(\d{1,2}(?:\.\d+)?)(?:([ :-])(\d{1,2}(?:\.\d+)?))?(\D*)$`) // 120 38 24, 120:38:24
	axisMarks = regexp.MustCompile(`^(东经|北纬|西经|南纬|[eEnNwWsS])?:?(.*?)([eEnNwWsS])?$`)
)

// parseCoordinate reads 120.64, 120°38′24″, 东经120度38分, N31.2, 38500000. axis is 'x' or
// 'y' where it says so itself, else 0.
func parseCoordinate(text string) (v float64, axis byte, ok bool) {
	if len(text) > maxNumberText {
		return 0, 0, false
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, 0, finite(v) && strings.Trim(text, "+-.0123456789eE") == ""
	}
	text = strings.NewReplacer("º", "°", "˚", "°", "’", "'", "‘", "'", "”", "\"", "“", "\"").Replace(text)
	text = norm.NFKC.String(text)
	if d := apart.FindStringSubmatch(strings.TrimSpace(text)); d != nil && !strings.ContainsAny(text, "°度'′分") {
		text = d[1] + d[2] + "°" + d[4] + "'" + d[6] + d[7]
	}
	text = strings.Join(strings.Fields(text), "")
	m := axisMarks.FindStringSubmatch(text)
	if m == nil || m[1] != "" && m[3] != "" {
		return 0, 0, false
	}
	sign := 1.0
	switch mark := strings.ToLower(m[1] + m[3]); mark {
	case "东经", "e":
		axis = 'x'
	case "西经", "w":
		axis, sign = 'x', -1
	case "北纬", "n":
		axis = 'y'
	case "南纬", "s":
		axis, sign = 'y', -1
	}
	body := strings.ReplaceAll(m[2], ",", "")
	if v, err := strconv.ParseFloat(body, 64); err == nil && strings.Trim(body, "+-.0123456789") == "" {
		return sign * v, axis, finite(v)
	}
	d := degreesOf.FindStringSubmatch(body)
	if d == nil {
		return 0, 0, false
	}
	for i, scale := range []float64{1, 60, 3600} {
		if d[i+1] == "" {
			continue
		}
		part, err := strconv.ParseFloat(d[i+1], 64)
		if err != nil || i > 0 && part >= 60 {
			return 0, 0, false
		}
		if i > 0 && strings.HasPrefix(d[1], "-") {
			part = -part
		}
		v += part / scale
	}
	return sign * v, axis, true
}

// systemIn is the system that the name of a column says, such as lng_bd09 or 经度（GCJ-02）;
// nil where it says none.
func systemIn(header string) *crs.CRS {
	name := strings.ToLower(norm.NFKC.String(header))
	for _, s := range []struct{ word, code string }{
		{"gcj", "GCJ-02"}, {"火星", "GCJ-02"}, {"高德", "GCJ-02"}, {"腾讯", "GCJ-02"}, {"amap", "GCJ-02"},
		{"bd09", "BD-09"}, {"bd-09", "BD-09"}, {"bd_09", "BD-09"}, {"百度", "BD-09"}, {"baidu", "BD-09"},
		{"wgs", "OGC:CRS84"}, {"cgcs", "EPSG:4490"}, {"国家2000", "EPSG:4490"}, {"2000坐标", "EPSG:4490"},
	} {
		if strings.Contains(name, s.word) {
			c, _ := crs.Lookup(s.code)
			return c
		}
	}
	return nil
}
