package server

import (
	"time"

	"clustermap/geo"
)

// contentTime is when the features that a map shows are of, as the header has it: an
// instant or an interval (OGC API - Maps Part 1, recommendation 14); "" where they have
// no times.
func (r *mapRequest) contentTime() string {
	var all geo.Interval
	found := false
	for i, c := range r.collections {
		t := c.Source.Extent().Time
		if t.IsZero() {
			continue
		}
		if asked := r.selections[i].query.Time; asked != nil {
			if !asked.Meets(t) {
				continue
			}
			t = commonTime(t, *asked)
		}
		if !found {
			all, found = t, true
			continue
		}
		all = spanOf(all, t)
	}
	switch {
	case !found:
		return ""
	case all.Start.Equal(all.End):
		return all.Start.UTC().Format(time.RFC3339)
	}
	return openTime(all.Start) + "/" + openTime(all.End)
}

func openTime(t time.Time) string {
	if t.IsZero() {
		return ".."
	}
	return t.UTC().Format(time.RFC3339)
}

// commonTime is what two intervals have in common; they meet.
func commonTime(a, b geo.Interval) geo.Interval {
	if a.Start.IsZero() || !b.Start.IsZero() && b.Start.After(a.Start) {
		a.Start = b.Start
	}
	if a.End.IsZero() || !b.End.IsZero() && b.End.Before(a.End) {
		a.End = b.End
	}
	return a
}

// spanOf is the interval that holds two others.
func spanOf(a, b geo.Interval) geo.Interval {
	if b.Start.IsZero() || !a.Start.IsZero() && b.Start.Before(a.Start) {
		a.Start = b.Start
	}
	if b.End.IsZero() || !a.End.IsZero() && b.End.After(a.End) {
		a.End = b.End
	}
	return a
}
