package geo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clustermap/geo"
)

// instants is an Interval in short: open ends as "..".
func instants(v geo.Interval) string {
	end := func(t time.Time) string {
		if t.IsZero() {
			return ".."
		}
		return t.Format(time.RFC3339Nano)
	}
	return end(v.Start) + " " + end(v.End)
}

func TestParseInterval(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"2007-05-01T12:00:00Z", "2007-05-01T12:00:00Z 2007-05-01T12:00:00Z"},
		{"2007-05-01t12:00:00z", "2007-05-01T12:00:00Z 2007-05-01T12:00:00Z"},
		{"2007-05-01T12:00:00.25+08:00", "2007-05-01T04:00:00.25Z 2007-05-01T04:00:00.25Z"},
		{"2007-05-01", "2007-05-01T00:00:00Z 2007-05-01T23:59:59.999999999Z"},
		{"2008-02-29", "2008-02-29T00:00:00Z 2008-02-29T23:59:59.999999999Z"},
		{"2007", "2007-01-01T00:00:00Z 2007-12-31T23:59:59.999999999Z"},
		{"2007-01-01/2007-12-31", "2007-01-01T00:00:00Z 2007-12-31T23:59:59.999999999Z"},
		{"2005/2007-06-30T00:00:00Z", "2005-01-01T00:00:00Z 2007-06-30T00:00:00Z"},
		{"2007-05-01/2007-05-01", "2007-05-01T00:00:00Z 2007-05-01T23:59:59.999999999Z"},
		{"2007-05-01/..", "2007-05-01T00:00:00Z .."},
		{"2007-05-01/", "2007-05-01T00:00:00Z .."},
		{"../2007-05-01", ".. 2007-05-01T23:59:59.999999999Z"},
		{"/2007", ".. 2007-12-31T23:59:59.999999999Z"},
	} {
		v, err := geo.ParseInterval(tt.text)
		if got := instants(v); err != nil || got != tt.want {
			t.Errorf("ParseInterval(%q) is %s, %v, want %s", tt.text, got, err, tt.want)
		}
	}
	const hint = "; write 2007-05-01, 2007-05-01T12:00:00Z, or two of them as 2007-01-01/2007-12-31, with .. for an open end"
	for _, tt := range []struct{ text, want string }{
		{"", `"" is not a date or time`},
		{"..", `".." is not a date or time`},
		{"../..", "both ends are open"},
		{"/", "both ends are open"},
		{"2007-05-02/2007-05-01", "the interval ends before it begins"},
		{"2007/2007/2007", `"2007/2007" is not a date or time`},
		{"2007-02-29", `"2007-02-29" is not a date or time`},
		{"2007-13-01", `"2007-13-01" is not a date or time`},
		{"2007-5-1", `"2007-5-1" is not a date or time`},
		{"0000", `"0000" is not a date or time`},
		{"0000-01-01", `"0000-01-01" is not a date or time`},
		{"2007-13", `"2007-13" is not a date or time`},
		{"2007-05-01T12:00:00", `"2007-05-01T12:00:00" is not a date or time`},
		{"2007-05-01T1:00:00.5Z", `"2007-05-01T1:00:00.5Z" is not a date or time`},
		{"9999-12-31T23:59:00-23:59", `"9999-12-31T23:59:00-23:59" is not a date or time`},
		{"0001-01-01T00:00:00+00:01", `"0001-01-01T00:00:00+00:01" is not a date or time`},
		{"2007-05-01 12:00:00Z", `"2007-05-01 12:00:00Z" is not a date or time`},
		{"2007-05-01T24:00:00Z", `"2007-05-01T24:00:00Z" is not a date or time`},
		{"2007-05-01T12:00:00,5Z", `"2007-05-01T12:00:00,5Z" is not a date or time`},
		{"now", `"now" is not a date or time`},
		{"x/2007", `"x" is not a date or time`},
		{strings.Repeat("9", 100), `"` + strings.Repeat("9", 60) + `…" is not a date or time`},
	} {
		_, err := geo.ParseInterval(tt.text)
		var invalid *geo.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != "datetime" || invalid.Reason != tt.want+hint {
			t.Errorf("ParseInterval(%q): %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestIntervalMeets(t *testing.T) {
	//        2005      2006      2007      2008
	//   a     |---------|
	//   b               |---------|            from the last second of a
	//   c                         2007-.. -->
	//   d  <-- ..-2006
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"2005", "2005", true},
		{"2005", "2006", false},
		{"2005", "2005-12-31T23:59:59.999999999Z/2006", true},
		{"2005/2008", "2006-05-01", true},
		{"2007/..", "2006", false},
		{"2007/..", "2007-01-01T00:00:00Z", true},
		{"../2006", "2007/..", false},
		{"../2006", "2006-12-31/..", true},
		{"../2006", "../1990", true},
		{"2005-05-01T00:00:00Z", "2005-05-01T00:00:00Z", true},
		{"2005-05-01T00:00:00Z", "2005-05-01T00:00:00.000000001Z", false},
	} {
		a, err := geo.ParseInterval(tt.a)
		b, err2 := geo.ParseInterval(tt.b)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if a.Meets(b) != tt.want || b.Meets(a) != tt.want {
			t.Errorf("%s meets %s: %v and %v, want %v", tt.a, tt.b, a.Meets(b), b.Meets(a), tt.want)
		}
		if !a.Meets(geo.Interval{}) || !(geo.Interval{}).Meets(a) {
			t.Errorf("%s does not meet all of time", tt.a)
		}
	}
}

func FuzzInterval(f *testing.F) {
	for _, s := range []string{"", "2007", "2007-05-01", "2007-05-01T12:00:00.5+08:00", "../2007", "2007/..", "9999/9999-12-31T23:59:59.9999999999-23:59"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := geo.ParseInterval(s)
		if err != nil {
			var invalid *geo.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %T %v", err, err)
			}
			return
		}
		if v.IsZero() || !v.Meets(v) || !v.Start.IsZero() && !v.End.IsZero() && v.End.Before(v.Start) {
			t.Fatalf("%q is %s", s, instants(v))
		}
		if v.Start.IsZero() || v.End.IsZero() {
			return
		}
		again, err := geo.ParseInterval(fmt.Sprintf("%s/%s", v.Start.Format(time.RFC3339Nano), v.End.Format(time.RFC3339Nano)))
		if err != nil || !again.Start.Equal(v.Start) || !again.End.Equal(v.End) {
			t.Fatalf("%q is %s, written out %s, %v", s, instants(v), instants(again), err)
		}
	})
}
