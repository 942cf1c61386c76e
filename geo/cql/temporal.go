package cql

import (
	"time"

	"clustermap/geo"
)

// temporalKinds are the kinds that the arguments of a temporal operator may be;
// 0 where there is no such operator. A date is the interval of its day, so that
// the operators of intervals take instants too where CQL2 does.
func temporalKinds(op string) kind {
	switch op {
	case "t_after", "t_before", "t_disjoint", "t_equals", "t_intersects":
		return kTime | kInterval
	case "t_contains", "t_during", "t_finishedBy", "t_finishes", "t_meets", "t_metBy",
		"t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts":
		return kInterval | kTime
	}
	return 0
}

// span is what an instant or an interval covers; open ends are the ends of time.
// Either end is itself as long as it was written: a day where it is a date.
type span struct{ from, fromEnd, toStart, to moment }

type moment struct {
	sec  int64
	nano int32
}

func (a moment) compare(b moment) int {
	switch {
	case a.sec < b.sec || a.sec == b.sec && a.nano < b.nano:
		return -1
	case a == b:
		return 0
	}
	return 1
}

func momentOf(t time.Time) moment { return moment{t.Unix(), int32(t.Nanosecond())} }

func (a moment) day() string { return time.Unix(a.sec, 0).UTC().Format(time.DateOnly) }

const endOfTime = 1 << 62

// spanOf is the span of an instant, or of an interval of two.
func spanOf(from, to geo.Interval) span {
	s := span{from: moment{sec: -endOfTime}, fromEnd: moment{sec: -endOfTime}, toStart: moment{sec: endOfTime}, to: moment{sec: endOfTime}}
	if !from.IsZero() {
		s.from, s.fromEnd = momentOf(from.Start), momentOf(from.End)
	}
	if !to.IsZero() {
		s.toStart, s.to = momentOf(to.Start), momentOf(to.End)
	}
	return s
}

// meets reports whether a ends where b begins, as written: the same day where
// both are dates.
func (a span) meets(b span) bool {
	return a.to.compare(b.from) >= 0 && a.toStart.compare(b.fromEnd) <= 0
}

// relateTimes holds the operator from a to b, by the definitions of CQL2
// (OGC 21-065r2, section 7.5), those of Allen's interval algebra.
func relateTimes(op string, a, b span) bool {
	starts, ends := a.from.compare(b.from), a.to.compare(b.to)
	before, after := a.to.compare(b.from) < 0, a.from.compare(b.to) > 0
	switch op {
	case "t_after":
		return after
	case "t_before":
		return before
	case "t_disjoint":
		return before || after
	case "t_intersects":
		return !before && !after
	case "t_equals":
		return starts == 0 && ends == 0
	case "t_contains":
		return starts < 0 && ends > 0
	case "t_during":
		return starts > 0 && ends < 0
	case "t_finishedBy":
		return starts < 0 && ends == 0
	case "t_finishes":
		return starts > 0 && ends == 0
	case "t_meets":
		return a.meets(b)
	case "t_metBy":
		return b.meets(a)
	case "t_overlappedBy":
		return starts > 0 && ends > 0 && !after && !b.meets(a)
	case "t_overlaps":
		return starts < 0 && ends < 0 && !before && !a.meets(b)
	case "t_startedBy":
		return starts == 0 && ends > 0
	case "t_starts":
		return starts == 0 && ends < 0
	}
	return false
}

// order compares instants: before, after, or 0 where one lies in the other, as a
// time of a day lies in the day.
func (a span) order(b span) int {
	switch {
	case a.to.compare(b.from) < 0:
		return -1
	case a.from.compare(b.to) > 0:
		return 1
	}
	return 0
}
