package ingest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo/crs"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// What becomes of a row.
const (
	Placed  = "placed"  // it has a geometry
	Listed  = "listed"  // it is kept without one, for a person to look at
	Refused = "refused" // it could not be read
)

// Classes of precision besides those of the gazetteer.
const (
	PrecisionGiven     = "given"     // coordinates of the table
	PrecisionCorrected = "corrected" // a point that a person set
)

// outcome is where a row goes.
type outcome struct {
	fate         string
	spots        []spot // one; of a row that is split, several
	confidence   float64
	reasons      []Reason
	alternatives []gazetteer.Alternative
	corrected    bool
}

// placer finds the places of rows.
type placer struct {
	g         *gazetteer.Gazetteer
	m         *Mapping
	threshold float64
	frame     Frame
	frames    map[string]Frame // by what a column of systems says
	memo      map[gazetteer.Query]gazetteer.Result
	spans     *spans // nil until a point lies far from a seat
}

func newPlacer(g *gazetteer.Gazetteer, m *Mapping) *placer {
	p := &placer{g: g, m: m, threshold: cmp.Or(m.Threshold, DefaultThreshold), memo: make(map[gazetteer.Query]gazetteer.Result), frames: make(map[string]Frame)}
	p.frame = Frame{CRS: crs.CRS84(), Swapped: m.Axes == AxesSwapped, Guessed: m.CRSWhy.EN != ""}
	if c, ok := crs.Lookup(m.CRS); ok {
		p.frame.CRS = c
	}
	return p
}

// maxMemo bounds the answers that are kept: tables name few places many times.
const maxMemo = 1 << 14

func (p *placer) match(q gazetteer.Query) gazetteer.Result {
	if q.Near != nil {
		return p.g.Match(q)
	}
	if r, ok := p.memo[q]; ok {
		return r
	}
	r := p.g.Match(q)
	if len(p.memo) < maxMemo {
		p.memo[q] = r
	}
	return r
}

// place finds where a row goes.
func (p *placer) place(l *layout, sheet *table.Sheet, row table.Row) outcome {
	q := l.query(row, p.m.Year)
	if row.Geometry != nil {
		system, reasons, confidence := sheet.CRS, []Reason{{Code: "given-geometry"}}, 1.0
		if system == nil && p.m.CRS != "" && (!p.frame.Guessed || inMetres(middle(row.Geometry))) {
			if system = p.frame.CRS; p.frame.Guessed {
				reasons, confidence = append(reasons, Reason{Code: "crs-guessed", Args: []string{system.Name()}}), 0.9
			}
		}
		shape, reason := toLonLat(row.Geometry, system)
		if reason == "" {
			return p.given(q, shape, reasons, confidence)
		}
		o := p.byWords(q)
		o.reasons = append(o.reasons, Reason{Code: "geometry-bad", Args: []string{reason}})
		return o
	}
	x, y, ok := l.coordinates(row)
	if !ok {
		return p.byWords(q)
	}
	frame, unknown := p.frameOf(l.text(row, RoleCRS))
	at, warnings, reason := frame.Point(x, y)
	if reason != "" {
		o := p.byWords(q)
		o.reasons = append(o.reasons, Reason{Code: "coordinates-bad", Args: []string{clip(strings.Trim(x+" "+y, " ")), reason}})
		return o
	}
	reasons, confidence := append([]Reason{{Code: "given-coordinates"}}, warnings...), math.Pow(0.85, float64(len(warnings)))
	if unknown != nil {
		reasons, confidence = append(reasons, *unknown), 0.8
	}
	if frame.Guessed {
		reasons, confidence = append(reasons, Reason{Code: "crs-guessed", Args: []string{frame.CRS.Name()}}), 0.9*confidence
	}
	return p.given(q, at, reasons, confidence)
}

// frameOf is how the coordinates of a row are read whose system is named.
func (p *placer) frameOf(name string) (f Frame, unknown *Reason) {
	if name == "" {
		return p.frame, nil
	}
	f, ok := p.frames[name]
	if !ok {
		f = Frame{CRS: crs.CRS84(), Swapped: p.frame.Swapped}
		c, known := system(name)
		if f.Guessed = !known; known {
			f.CRS = c
		}
		if len(p.frames) < maxMemo {
			p.frames[strings.Clone(name)] = f
		}
	}
	if f.Guessed {
		f.Guessed = false
		return f, &Reason{Code: "crs-unknown", Args: []string{clip(name)}}
	}
	return f, nil
}

// given is a row that has its geometry. What it says in words gives its division, and
// is compared with it.
func (p *placer) given(q gazetteer.Query, shape orb.Geometry, reasons []Reason, confidence float64) outcome {
	at := middle(shape)
	r := p.match(q)
	if len(r.Places) == 0 || r.Confidence < p.threshold { // then the point may tell which of several it is
		q.Near = &at
		if near := p.g.Match(q); near.Confidence >= p.threshold {
			r = near
		}
	}
	s := spot{geometry: shape, precision: PrecisionGiven}
	o := outcome{fate: Placed, confidence: confidence, reasons: reasons, alternatives: r.Alternatives}
	if !inChina(at[0], at[1]) {
		o.reasons, o.confidence = append(o.reasons, Reason{Code: "outside-china"}), min(o.confidence, 0.7)
	}
	if len(r.Places) > 0 && r.Confidence >= p.threshold {
		s.name(r.Places, p.g, q.Code)
		o.reasons = append(o.reasons, r.Reasons...)
		if far, km, sure := p.far(r.Places, shape.Bound()); far != nil {
			o.reasons = append(o.reasons, Reason{Code: "far", Args: []string{strconv.Itoa(int(km)), far.NameZH}})
			o.confidence = min(o.confidence, sure)
		}
	}
	o.spots = []spot{s}
	p.hold(&o)
	return o
}

// far is the nearest of the places where a geometry in box lies beyond all of them, and
// how sure the row can still be; nil where one is near enough.
func (p *placer) far(places []gazetteer.Place, box orb.Bound) (nearest *gazetteer.Unit, away, sure float64) {
	beyond := math.Inf(1)
	for _, place := range places {
		if place.Precision == "" {
			return nil, 0, 0
		}
		at := orb.Point{min(max(place.Point[0], box.Min[0]), box.Max[0]), min(max(place.Point[1], box.Min[1]), box.Max[1])}
		km := geo.Distance(place.Point, at) / 1000
		if km <= doubtful {
			return nil, 0, 0
		}
		if over := p.beyond(place, km); nearest == nil || over < beyond {
			nearest, away, beyond = place.Unit, km, over
		}
	}
	switch {
	case beyond <= doubtful:
		return nil, 0, 0
	case beyond <= impossible:
		return nearest, away, 0.75
	}
	return nearest, away, 0.5
}

// byWords is a row that is placed by what it says.
func (p *placer) byWords(q gazetteer.Query) outcome {
	if q.Place == "" && q.Name == "" && q.Province == "" && q.Prefecture == "" && q.County == "" && q.Code == "" {
		return outcome{fate: Listed, spots: make([]spot, 1), reasons: []Reason{{Code: "row-empty"}}}
	}
	r := p.match(q)
	o := outcome{fate: Placed, confidence: r.Confidence, reasons: slices.Clip(r.Reasons), alternatives: r.Alternatives}
	if len(r.Places) == 0 {
		o.fate, o.spots, o.confidence = Listed, make([]spot, 1), 0
		if len(o.reasons) == 0 {
			o.reasons = []Reason{{Code: "not-found"}}
		}
		return o
	}
	if p.m.Split {
		for _, place := range r.Places {
			o.spots = append(o.spots, p.spot([]gazetteer.Place{place}, q.Code, &o))
		}
	} else {
		o.spots = []spot{p.spot(r.Places, q.Code, &o)}
	}
	p.hold(&o)
	return o
}

// hold lists what is not sure enough, or has no point.
func (p *placer) hold(o *outcome) {
	if o.confidence < p.threshold {
		o.reasons = append(o.reasons, Reason{Code: "below-threshold", Args: []string{strconv.FormatFloat(round2(o.confidence), 'f', -1, 64), strconv.FormatFloat(p.threshold, 'f', -1, 64)}})
		o.giveUp()
	}
	if !slices.ContainsFunc(o.spots, func(s spot) bool { return s.geometry != nil }) {
		o.fate = Listed
		for i := range o.spots {
			o.spots[i].precision = ""
		}
		o.spots = o.spots[:min(len(o.spots), 1)]
	}
}

// giveUp makes an alternative of what is not sure enough: a code that nobody stands by
// must not count for a division.
func (o *outcome) giveUp() {
	if len(o.spots) == 1 && len(o.spots[0].units) == 1 {
		best := gazetteer.Alternative{Unit: o.spots[0].units[0], Confidence: round2(o.confidence), Reason: Reason{Code: "likeliest"}}
		o.alternatives = append([]gazetteer.Alternative{best}, o.alternatives...)
	}
	o.spots = make([]spot, 1)
}

// correct is a row that a person has placed. before is what the machine says.
func (p *placer) correct(c Correction, before outcome) outcome {
	o := outcome{fate: Placed, confidence: 1, reasons: []Reason{{Code: "corrected"}}, alternatives: before.alternatives, corrected: true}
	if c.Note != "" {
		o.reasons = append(o.reasons, Reason{Code: "corrected-note", Args: []string{c.Note}})
	}
	if c.None {
		o.fate, o.spots = Listed, make([]spot, 1)
		o.reasons[0] = Reason{Code: "corrected-none"}
		return o
	}
	s := before.spots[0]
	if c.Adcode != "" {
		u, ok := p.unit(c.Adcode)
		if !ok {
			before.reasons = append(slices.Clip(before.reasons), Reason{Code: "correction-unknown", Args: []string{clip(c.Adcode)}})
			return before
		}
		s = p.spot([]gazetteer.Place{seatOf(u)}, "", &o)
	}
	if c.Point != nil {
		s.geometry, s.precision, s.source, s.record = *c.Point, PrecisionCorrected, "", ""
	}
	o.spots = []spot{s}
	p.hold(&o)
	return o
}
