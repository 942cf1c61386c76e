package geo

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Collection is a named Source.
type Collection struct {
	ID                 string // Unicode
	Title, Description Text
	Source             Source
}

// State is an immutable set of collections.
type State struct {
	sorted []*Collection
	byID   map[string]*Collection
	rev    string
}

// NewState makes a State of collections with different ids.
func NewState(all ...*Collection) (*State, error) {
	s := &State{sorted: slices.Clone(all), byID: make(map[string]*Collection)}
	slices.SortFunc(s.sorted, func(a, b *Collection) int { return strings.Compare(a.ID, b.ID) })
	var rev strings.Builder
	for _, c := range s.sorted {
		if s.byID[c.ID] != nil {
			return nil, fmt.Errorf("geo: two collections have the id %q", c.ID)
		}
		s.byID[c.ID] = c
		fmt.Fprintf(&rev, "%s=%s;", c.ID, c.Source.Rev())
	}
	s.rev = fmt.Sprintf("%016x", hashID(rev.String()))
	return s, nil
}

// Collections are the collections by id. The slice is shared and must not be
// changed.
func (s *State) Collections() []*Collection { return s.sorted }

// Collection returns the collection of the id.
func (s *State) Collection(id string) (*Collection, bool) {
	c, ok := s.byID[id]
	return c, ok
}

// Rev changes when the Rev of a collection changes or one comes or goes.
func (s *State) Rev() string { return s.rev }

// Atlas holds the current State. A request takes it once and keeps it.
type Atlas struct{ cur atomic.Pointer[State] }

// NewAtlas makes an Atlas with a first State.
func NewAtlas(s *State) *Atlas {
	a := new(Atlas)
	a.cur.Store(s)
	return a
}

// State is the current State.
func (a *Atlas) State() *State { return a.cur.Load() }

// Swap makes s the current State. Requests under way end on the State that they
// took.
func (a *Atlas) Swap(s *State) { a.cur.Store(s) }
