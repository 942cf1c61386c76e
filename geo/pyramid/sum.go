package pyramid

import (
	"math"

	"clustermap/geo"
)

// sums are the sums of a number property, of each group. Whole numbers add up to
// whole ones; all others are added exactly, too, and rounded once.
type sums struct {
	column geo.Column
	whole  []int64   // noSum where no member has a number
	real   []float64 // in place of whole; NaN where no member has a number
}

const noSum = math.MinInt64

func (s *sums) bytes() int { return 8 * (len(s.whole) + len(s.real)) }

func (p *Pyramid) sum(name string) sums {
	c, _ := p.x.Column(name) // one that no feature has gives no numbers
	s := sums{column: c}
	values := make([]float64, len(p.places))
	most := 0.0
	whole := !c.Long()
	for rank := range values {
		v, ok := c.Number(p.slot(uint32(rank)))
		if !ok {
			v = math.NaN()
		} else if whole {
			most += math.Abs(v)
			whole = v == math.Trunc(v)
		}
		values[rank] = v
	}
	if whole && most < 1<<62 {
		s.whole = p.sumWhole(values)
	} else {
		s.real = p.sumReal(c)
	}
	return s
}

// sumWhole adds up from the last group to the first, each from its parts.
func (p *Pyramid) sumWhole(values []float64) []int64 {
	out := make([]int64, len(p.first))
	for g := len(out) - 1; g >= 0; g-- {
		total, any := int64(0), false
		p.parts(p.first[g], p.first[g]+p.size[g], uint32(g+1), func(n Node) bool {
			if !p.lone(n) {
				if v := out[p.group(n)]; v != noSum {
					total, any = total+v, true
				}
			} else if v := values[n]; v == v {
				total, any = total+int64(v), true
			}
			return true
		})
		if out[g] = total; !any {
			out[g] = noSum
		}
	}
	return out
}

func (p *Pyramid) sumReal(c geo.Column) []float64 {
	out := make([]float64, len(p.first))
	open := make(map[int]*geo.Sum) // of the groups whose parent is to come
	for g := len(out) - 1; g >= 0; g-- {
		total := new(geo.Sum)
		p.parts(p.first[g], p.first[g]+p.size[g], uint32(g+1), func(n Node) bool {
			if p.lone(n) {
				total.Add(c, p.slot(uint32(n)))
				return true
			}
			total.Join(open[p.group(n)])
			delete(open, p.group(n))
			return true
		})
		open[g] = total
		if v := total.Value(); v.Kind() == geo.KindNumber {
			out[g] = v.Number()
		} else {
			out[g] = math.NaN()
		}
	}
	return out
}

// Sum is the sum of Options.Sums[i]; ok is false where no member has a number. It is
// rounded once, as that of geo.Aggregation is.
func (p *Pyramid) Sum(n Node, i int) (v float64, ok bool) {
	s := &p.sums[i]
	switch {
	case p.lone(n):
		return s.column.Number(p.slot(uint32(n)))
	case s.whole != nil:
		v := s.whole[p.group(n)]
		return float64(v), v != noSum
	}
	v = s.real[p.group(n)]
	return v, v == v
}

// SumValue is Sum with all digits of a whole number; null where no member has a
// number.
func (p *Pyramid) SumValue(n Node, i int) geo.Value {
	v, ok := p.Sum(n, i)
	if !ok {
		return geo.Value{}
	}
	if math.Abs(v) < 1<<53 {
		return geo.NumberValue(v)
	}
	var total geo.Sum
	for lo, hi := p.span(n); lo < hi; lo++ {
		total.Add(p.sums[i].column, p.slot(uint32(lo)))
	}
	return total.Value()
}
