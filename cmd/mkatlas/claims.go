package main

import (
	"cmp"
	"math"
	"slices"
)

// A claim is a line of Natural Earth up to which a state claims what another
// holds, or along which fire ceased.
type claim struct {
	name             string
	left, right      string // English names of the states on either side
	lines            [][]vertex
	holder, claimant string // adm0_a3 of two neighbours; "" where it is not about their border
}

// claimReach is how far from a claim the border between the two states counts as
// open: about the breadth of the land in question.
const claimReach = 1.4 // degrees

// siachen is the glacier that Natural Earth gives to no state.
const siachen = "KAS"

// claimants gives the state for the adjectives that Natural Earth uses of the
// claims by and against China and around them.
var claimants = map[string]string{"Chinese claim": "CHN", "Indian claim": "IND", "Pakistani claim": "PAK"}

func newClaims(rows []disputeRow, english map[string]string) []claim {
	code := map[string]string{}
	for a3, name := range english {
		code[name] = a3
	}
	var out []claim
	for _, row := range rows {
		c := claim{name: row.name, left: row.left, right: row.right}
		for _, part := range row.geometry.Dump() {
			seq := part.MustAsLineString().Coordinates()
			var line []vertex
			var limits []float64
			for i := range seq.Length() {
				v := toVertex(seq.GetXY(i))
				line = append(line, v)
				limits = append(limits, baseTolerance(v)*unitsPerDegree)
			}
			c.lines = append(c.lines, pick(line, thin(line, limits)))
		}
		if by, ok := claimants[row.name]; ok && row.left == row.right {
			c.holder, c.claimant = code[row.left], by
		}
		out = append(out, c)
	}
	return out
}

// A border is a line between two states.
type border struct {
	left, right string // adm0_a3
	line        []vertex
}

// countryBorders gives the borders between states, those inside China left out:
// the settled ones, and those that run beside a claim of one neighbour on the other.
func (w *world) countryBorders() (settled [][]vertex, open []border) {
	for _, a := range w.topology.arcs {
		if a.left == nobody || a.right == nobody || w.isProvince(a.left) && w.isProvince(a.right) {
			continue
		}
		left, right := w.state(a.left), w.state(a.right)
		var claims [][]vertex
		for _, c := range w.claims {
			if c.holder == left && c.claimant == right || c.holder == right && c.claimant == left {
				claims = append(claims, c.lines...)
			}
		}
		near := func(v vertex) bool {
			return left == siachen || right == siachen || lineDistance(v, claims) < claimReach*unitsPerDegree
		}
		for len(a.line) > 1 {
			is, n := near(a.line[0]), 1
			for n < len(a.line)-1 && near(a.line[n]) == is {
				n++
			}
			if is {
				open = append(open, border{left, right, a.line[:n+1]})
			} else {
				settled = append(settled, a.line[:n+1])
			}
			a.line = a.line[n:]
		}
	}
	return settled, open
}

// state gives the adm0_a3 of an owner.
func (w *world) state(owner int) string {
	if w.isProvince(owner) {
		return "CHN"
	}
	return w.owners[owner]
}

// lineDistance is the distance from v to the nearest of the lines, in units.
func lineDistance(v vertex, lines [][]vertex) float64 {
	least := math.Inf(1)
	for _, line := range lines {
		for i := 1; i < len(line); i++ {
			least = min(least, distance(v, line[i-1], line[i]))
		}
	}
	return least
}

// disputed gives the claims, with what Natural Earth says of them, and the borders
// in force beside them.
func (w *world) disputed(open []border) ([]feature, error) {
	type properties struct {
		Name  string `json:"name"`
		Left  string `json:"left"`
		Right string `json:"right"`
	}
	var out []feature
	add := func(p properties, lines [][]vertex) error {
		f, err := newFeature("", lineJSON(lines), p)
		out = append(out, f)
		return err
	}
	for _, c := range w.claims {
		if err := add(properties{c.name, c.left, c.right}, c.lines); err != nil {
			return nil, err
		}
	}
	for _, b := range open {
		if err := add(properties{"Border in force", w.english[b.left], w.english[b.right]}, [][]vertex{b.line}); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b feature) int { return cmp.Compare(string(a.Geometry), string(b.Geometry)) })
	return out, nil
}
