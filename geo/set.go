package geo

import (
	"context"
	"iter"
	"math/bits"
)

// Set is an immutable set of slots of an Index. It is safe for concurrent use.
type Set struct {
	bits  []uint64
	count int
}

// Select is the set of what q selects, whatever its Sort, After and Limit. It is
// nil where q selects all features.
func (x *Index) Select(ctx context.Context, q Query) (*Set, error) {
	q.Sort, q.After, q.Limit = nil, nil, 0
	h, _, err := x.hits(ctx, &q)
	if err != nil {
		return nil, err
	}
	defer x.release(h)
	if h.count == x.Len() {
		return nil, nil
	}
	s := &Set{make([]uint64, (x.Len()+63)/64), h.count}
	for _, slot := range h.list {
		s.bits[slot/64] |= 1 << (slot % 64)
	}
	return s, nil
}

// Len is the number of slots.
func (s *Set) Len() int { return s.count }

// Has reports whether a slot of the Index is in the set.
func (s *Set) Has(slot uint32) bool { return s.bits[slot/64]&(1<<(slot%64)) != 0 }

// All gives the slots, the least first.
func (s *Set) All() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i, word := range s.bits {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// Bytes is the memory that the set takes.
func (s *Set) Bytes() int64 { return int64(len(s.bits)) * 8 }
