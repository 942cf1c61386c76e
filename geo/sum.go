package geo

// Sum adds numbers of columns without rounding, as Aggregate does: what is added in
// parts is the same as what is added at once. The zero Sum has no numbers.
type Sum struct{ exact exactSum }

// Add adds the number of a slot, if it has one.
func (s *Sum) Add(c Column, slot uint32) {
	v, ok := c.Number(slot)
	switch {
	case !ok:
	case c.c.ints != nil:
		s.exact.n++
		s.exact.whole += int64(v)
	default:
		if s.exact.add(v); beyondFloat(v) && c.c.long {
			s.exact.addRest(c.c.value(c.x, slot))
		}
	}
}

// Join adds all that was added to t, which must not be used any more.
func (s *Sum) Join(t *Sum) {
	if s.exact.n == 0 {
		*s = *t
		return
	}
	s.exact.join(&t.exact)
}

// Value is the sum, rounded once; a whole one keeps its digits. It is null where
// there are no numbers, or where float64 does not reach so far.
func (s *Sum) Value() Value { return s.exact.value(false) }
