package server

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/stat"
)

// figuresWith is an answer with a column of these values.
func figuresWith(column string, values ...any) *figures {
	a := &stat.Answer{Columns: []stat.Column{{Name: column, Title: geo.Text{EN: "Figure", ZH: "数"}}}}
	for _, v := range values {
		a.Rows = append(a.Rows, stat.Row{Geometry: orb.Point{1, 2}, Cells: []any{v}})
	}
	return &figures{answer: a}
}

func TestClassLimits(t *testing.T) {
	for _, c := range []struct{ values, want []float64 }{
		{[]float64{5}, []float64{5}},
		{[]float64{1, 1, 1}, []float64{1}},
		{[]float64{3, 1, 2, 2}, []float64{1, 2, 3}},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 8, 17}, []float64{1, 2, 3, 4, 5, 8}},
		{[]float64{-4, -3, -2, -1, 0, 1, 2, 3}, []float64{-4, -3, -2, -1, 0, 2}},
		{[]float64{0.00123, 0.00124, 0.00125, 0.00126, 0.00127, 0.00128, 0.00129}, nil},
	} {
		got := classLimits(slices.Clone(c.values))
		if c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("limits of %v are %v, want %v", c.values, got, c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		values := make([]float64, 1+r.IntN(200))
		for i := range values {
			values[i] = math.Exp(r.NormFloat64()*4) - float64(r.IntN(3))
			if r.IntN(2) == 0 {
				values[i] = float64(r.IntN(9))
			}
		}
		limits := classLimits(slices.Clone(values))
		if len(limits) == 0 || len(limits) > mostSteps || !slices.IsSorted(limits) || len(slices.Compact(slices.Clone(limits))) != len(limits) || limits[0] > slices.Min(values) {
			t.Fatalf("limits of %v are %v", values, limits)
		}
	}
}

// Every figure is in a class of the right token, and what is none is in no class.
func TestFigureScales(t *testing.T) {
	class := func(s *figureScale, v any) string {
		value := s.classOf(&stat.Row{Cells: []any{v}})
		for _, c := range s.classes {
			if c.value == value {
				return c.token
			}
		}
		return value
	}
	lq := figuresWith("lq", 1.0).quotientScale("lq")
	for v, want := range map[any]string{0.0: "div-n3", 0.5: "div-n2", 1.0: "div-0", 1.05: "div-p1", 2.0: "div-p3", 1e9: "div-p3", math.NaN(): "", math.Inf(1): "", nil: "", "x": "", stat.Number(0.9): "div-n1", 1: "div-0"} {
		if got := class(lq, v); got != want {
			t.Errorf("a quotient of %v is %q, want %q", v, got, want)
		}
	}
	signed := figuresWith("competitive", -40.0, -1.0, 0.0, 1.0, 2.0, 9.0, 30.0, math.NaN(), nil).signedScale("competitive")
	for v, want := range map[any]string{-40.0: "div-n3", -4.0: "div-n2", -0.5: "div-n1", 0.0: "div-0", 0.5: "div-p1", 4.0: "div-p2", 30.0: "div-p3"} {
		if got := class(signed, v); got != want {
			t.Errorf("a change of %v is %q, want %q", v, got, want)
		}
	}
	stars := starScale(figuresWith("stars", 0, 3))
	for v, want := range map[any]string{0: "seq-1", 1: "seq-3", 2: "seq-5", 3: "seq-6"} {
		if got := class(stars, v); got != want {
			t.Errorf("%v stars are %q, want %q", v, got, want)
		}
	}
	if s := figuresWith("value", math.NaN(), nil, "x").sequentialScale("value"); s != nil {
		t.Errorf("nothing but no numbers has the scale %v", s.classes)
	}
	one := figuresWith("value", 7).sequentialScale("value")
	if got := one.classes; len(got) != 1 || got[0].title.EN != "7" {
		t.Errorf("one value has the classes %v", got)
	}
}
