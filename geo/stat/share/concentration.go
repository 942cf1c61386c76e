package share

import (
	"cmp"
	"math"
	"slices"
)

// Concentration says how few units hold how much.
type Concentration struct {
	Herfindahl       float64 // sum of squared shares, 1/n to 1
	EquivalentNumber float64 // 1/Herfindahl: so many equal units would be as concentrated
	Normalised       float64 // Herfindahl stretched to 0 to 1, whatever the number of units
	Reason           Reason
}

// Herfindahl measures concentration by the sum of squared shares,
//
//	H = Σ s²,  equivalent number = 1/H,  H* = (H - 1/n) / (1 - 1/n)
//
// after Hirschman (1945) and Herfindahl (1950); the equivalent number is that of
// Adelman (1969). n counts all units given, also those with nothing, so that the
// caller decides where the subject could have been. With one unit Normalised is
// NaN.
func Herfindahl(values []float64) Concentration {
	s, reason := Shares(values)
	if reason != "" {
		return Concentration{math.NaN(), math.NaN(), math.NaN(), reason}
	}
	h := sumOfSquares(s)
	c := Concentration{Herfindahl: h, EquivalentNumber: 1 / h}
	n := float64(len(values))
	if n == 1 {
		c.Normalised, c.Reason = math.NaN(), OneUnit
		return c
	}
	c.Normalised = max(0, (h-1/n)/(1-1/n))
	return c
}

// Ratio is the share that the k largest units hold together (CR k): 1 where
// there are k units or fewer.
func Ratio(values []float64, k int) (float64, Reason) {
	s, reason := Shares(values)
	if reason != "" {
		return math.NaN(), reason
	}
	slices.SortFunc(s, func(a, b float64) int { return cmp.Compare(b, a) })
	total := 0.0
	for _, v := range s[:min(max(k, 0), len(s))] {
		total += v
	}
	return min(1, total), ""
}

// Half counts the fewest units that hold half of everything, and says what share
// they hold.
func Half(values []float64) (units int, share float64, reason Reason) {
	s, reason := Shares(values)
	if reason != "" {
		return 0, math.NaN(), reason
	}
	slices.SortFunc(s, func(a, b float64) int { return cmp.Compare(b, a) })
	// Rounding may leave ten tenths a hair below one.
	const hair = 1e-12
	for share < 0.5-hair && units < len(s) {
		share += s[units]
		units++
	}
	return units, share, ""
}

// Point is a point of a Lorenz curve: the units up to it hold X of the reference
// and Y of the values.
type Point struct{ X, Y float64 }

// Inequality is a Gini coefficient and the curve that it measures.
type Inequality struct {
	Gini   float64
	Lorenz []Point // from (0,0) to (1,1), bent below the diagonal, without points on a straight piece
	Reason Reason
}

// Gini is twice the area between the Lorenz curve and the diagonal,
//
//	G = 1 - Σ (X[k] - X[k-1]) (Y[k] + Y[k-1])
//
// where X and Y are shares of the reference and of the values, added up over
// units from the lowest ratio of the two to the highest. Without a reference it
// is the coefficient of Gini (1912), from 0 to 1 - 1/n; with one it is the
// locational Gini of Krugman (1991, appendix), which is 0 where values are
// spread as the reference is. Units that have neither value nor reference are
// left out; one that has a value and no reference comes last.
func Gini(values, reference []float64) Inequality {
	s, x, reason := sharesOf(values, reference)
	if reason != "" {
		return Inequality{Gini: math.NaN(), Reason: reason}
	}
	order := make([]int, 0, len(s))
	for i := range s {
		if s[i] > 0 || x[i] > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s[a]*x[b], s[b]*x[a]), cmp.Compare(x[a], x[b]))
	})
	curve := make([]Point, 1)
	gini := 1.0
	last := Point{}
	for n, i := range order {
		next := Point{last.X + x[i], last.Y + s[i]}
		gini -= x[i] * (next.Y + last.Y)
		if n > 0 && straight(s[order[n-1]]*x[i], s[i]*x[order[n-1]]) {
			curve = curve[:len(curve)-1]
		}
		curve = append(curve, next)
		last = next
	}
	curve[len(curve)-1] = Point{1, 1}
	result := Inequality{Gini: max(0, gini), Lorenz: curve}
	if len(order) == 1 {
		result.Gini, result.Reason = math.NaN(), OneUnit
	}
	return result
}

// straight reports whether two numbers are the same but for rounding.
func straight(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(a, b) }

// Group is what one group of units adds to a Theil index.
type Group struct {
	Theil float64 // inequality among the units of the group; NaN if it holds nothing
	Share float64 // of everything, in the group
}

// Entropy is a Theil index and its parts, which add up.
type Entropy struct {
	Theil   float64
	Within  float64 // Σ Share × Theil of the groups
	Between float64
	Groups  []Group
	Reason  Reason
}

// Theil is the entropy of the values relative to the reference (Theil 1967,
// chapter 4),
//
//	T = Σ s ln(s/x) = Σ S[g] ln(S[g]/X[g]) + Σ S[g] T[g]
//
// in nats, 0 where values are spread as the reference is; s and x are shares of
// units, S and X of groups. group says for each unit which of the groups, 0 to
// groups-1, it belongs to; with nil all are one group and Between is 0.
func Theil(values, reference []float64, group []int, groups int) Entropy {
	s, x, reason := sharesOf(values, reference)
	if group == nil {
		group, groups = make([]int, len(values)), 1
	}
	if reason == "" && len(group) != len(values) {
		reason = Lengths
	}
	for i := range s {
		if s[i] > 0 && x[i] == 0 {
			reason = NoReference
		}
	}
	if reason == "" && len(values) == 1 {
		reason = OneUnit
	}
	if reason != "" {
		return Entropy{Theil: math.NaN(), Within: math.NaN(), Between: math.NaN(), Reason: reason}
	}
	ofGroup, reference := make([]float64, groups), make([]float64, groups)
	for i, g := range group {
		ofGroup[g] += s[i]
		reference[g] += x[i]
	}
	e := Entropy{Groups: make([]Group, groups)}
	for g := range e.Groups {
		e.Groups[g].Share = ofGroup[g]
		e.Between += entropy(ofGroup[g], reference[g])
	}
	for i, g := range group {
		e.Theil += entropy(s[i], x[i])
		if ofGroup[g] > 0 {
			e.Groups[g].Theil += entropy(s[i]/ofGroup[g], x[i]/reference[g])
		}
	}
	for g := range e.Groups {
		if ofGroup[g] == 0 {
			e.Groups[g].Theil = math.NaN()
			continue
		}
		e.Groups[g].Theil = max(0, e.Groups[g].Theil)
		e.Within += ofGroup[g] * e.Groups[g].Theil
	}
	e.Theil, e.Between = max(0, e.Theil), max(0, e.Between) // below 0 by rounding alone (Gibbs' inequality)
	return e
}

func entropy(s, x float64) float64 {
	if s == 0 {
		return 0
	}
	return s * math.Log(s/x)
}

// Agglomeration is the index of Ellison and Glaeser and what it is made of.
type Agglomeration struct {
	Gamma      float64 // above 0: closer together than plants placed by chance; above 0.05 is strong
	Raw        float64 // G = Σ (s-x)²
	Herfindahl float64 // of the plants' sizes
	Reason     Reason
}

// EllisonGlaeser measures agglomeration beyond that which a few large plants
// make by themselves (Ellison and Glaeser 1997, equation 5),
//
//	G = Σ (s - x)²
//	γ = (G - (1 - Σx²) H) / ((1 - Σx²) (1 - H))
//
// where s are the units' shares of the subject, x their shares of the reference
// and H is the Herfindahl index of the plants. Lists of clusters do not know
// plants: each cluster stands for one, with its measure as its size, so that γ
// tells whether clusters are together, not firms. sizes and unit are the
// subject's clusters: how large, and in which unit of the reference.
func EllisonGlaeser(sizes []float64, unit []int, reference []float64) Agglomeration {
	none := Agglomeration{Gamma: math.NaN(), Raw: math.NaN(), Herfindahl: math.NaN()}
	if len(sizes) != len(unit) {
		none.Reason = Lengths
		return none
	}
	z, reason := Shares(sizes)
	if reason != "" {
		none.Reason = reason
		return none
	}
	x, reason := Shares(reference)
	if reason != "" {
		none.Reason = reason
		return none
	}
	difference := make([]float64, len(x))
	for k, u := range unit {
		difference[u] += z[k]
	}
	for i := range difference {
		difference[i] -= x[i]
	}
	a := Agglomeration{Gamma: math.NaN(), Raw: sumOfSquares(difference), Herfindahl: sumOfSquares(z)}
	room := 1 - sumOfSquares(x)
	// A rest of rounding is no room.
	const rest = 1e-12
	switch {
	case room < rest:
		a.Reason = OneUnit
	case 1-a.Herfindahl < rest:
		a.Reason = OneItem
	default:
		a.Gamma = (a.Raw - room*a.Herfindahl) / (room * (1 - a.Herfindahl))
	}
	return a
}
