package geo

import (
	"math"
	"strings"
	"time"
)

// Interval is a span of time, both ends included. A zero time is an open end.
// A date stands for its whole day, a year for its whole year, both in UTC.
type Interval struct{ Start, End time.Time }

// IsZero reports whether both ends are open.
func (v Interval) IsZero() bool { return v.Start.IsZero() && v.End.IsZero() }

// Meets reports whether v and w have an instant in common.
func (v Interval) Meets(w Interval) bool {
	return (v.Start.IsZero() || w.End.IsZero() || !v.Start.After(w.End)) &&
		(w.Start.IsZero() || v.End.IsZero() || !w.Start.After(v.End))
}

// ParseInterval reads the value of a datetime parameter: an RFC 3339 date-time
// or date, or two of them around a slash, where ".." or nothing is an open end
// (OGC API - Features Part 1, 7.15.4). A year alone is read as that year.
func ParseInterval(s string) (Interval, error) {
	bad := func(reason string) (Interval, error) {
		return Interval{}, &InvalidError{Field: "datetime", Reason: reason + "; write 2007-05-01, 2007-05-01T12:00:00Z, or two of them as 2007-01-01/2007-12-31, with .. for an open end"}
	}
	from, to, isInterval := strings.Cut(s, "/")
	if !isInterval {
		if _, v, ok := parseTime(s); ok {
			return v, nil
		}
		return bad("\"" + clip(s) + "\" is not a date or time")
	}
	var v Interval
	if from != "" && from != ".." {
		_, w, ok := parseTime(from)
		if !ok {
			return bad("\"" + clip(from) + "\" is not a date or time")
		}
		v.Start = w.Start
	}
	if to != "" && to != ".." {
		_, w, ok := parseTime(to)
		if !ok {
			return bad("\"" + clip(to) + "\" is not a date or time")
		}
		v.End = w.End
	}
	switch {
	case v.IsZero():
		return bad("both ends are open")
	case !v.Start.IsZero() && !v.End.IsZero() && v.End.Before(v.Start):
		return bad("the interval ends before it begins")
	}
	return v, nil
}

// clip shortens a text of a request for an error message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// zoneOf is a date-time of a URL, where an unescaped + has become a space.
func zoneOf(s string) string {
	if i := len(s) - len(" 08:00"); i > 0 && s[i] == ' ' {
		return s[:i] + "+" + s[i+1:]
	}
	return s
}

type timeFormat string

const (
	formatUnknown  timeFormat = "?"
	formatNone     timeFormat = ""
	formatYear     timeFormat = "year"
	formatMonth    timeFormat = "month"
	formatDate     timeFormat = "date"
	formatDateTime timeFormat = "date-time"
)

// from is what a text of the format that begins at t stands for.
func (f timeFormat) from(t time.Time) Interval {
	switch f {
	case formatYear:
		return Interval{t, t.AddDate(1, 0, 0).Add(-time.Nanosecond)}
	case formatMonth:
		return Interval{t, t.AddDate(0, 1, 0).Add(-time.Nanosecond)}
	case formatDate:
		return Interval{t, t.AddDate(0, 0, 1).Add(-time.Nanosecond)}
	}
	return Interval{t, t}
}

// isTime reports whether a value tells a time: a text that parseTime reads, or
// the number of a year.
func isTime(v *propValue) bool {
	if v.kind == kindNumber {
		return v.num == math.Trunc(v.num) && v.num >= firstYear && v.num <= lastYear
	}
	_, _, ok := parseTime(string(v.text))
	return v.kind == kindString && ok
}

// Years that a number is read as.
const firstYear, lastYear = 1000, 9999

// parseTime reads a year (2007), a month (2007-05), a date (2007-05-01) or an
// RFC 3339 date-time.
func parseTime(s string) (timeFormat, Interval, bool) {
	switch {
	case len(s) == 7:
		t, err := time.Parse("2006-01", s)
		return formatMonth, formatMonth.from(t), err == nil && t.Year() > 0
	case len(s) == 4:
		t, err := time.Parse("2006", s)
		return formatYear, formatYear.from(t), err == nil && t.Year() > 0
	case len(s) == 10:
		t, err := time.Parse(time.DateOnly, s)
		return formatDate, formatDate.from(t), err == nil && t.Year() > 0
	case len(s) >= 20 && len(s) <= 35 && s[4] == '-' && s[13] == ':' && s[19] != ',': // which package time lets pass
		var t time.Time
		err := t.UnmarshalText([]byte(strings.ToUpper(s)))
		t = t.UTC()
		return formatDateTime, formatDateTime.from(t), err == nil && t.Year() > 0 && t.Year() < 10000
	}
	return formatNone, Interval{}, false
}
