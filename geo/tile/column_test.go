package tile

import (
	"strconv"
	"testing"
)

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		name     string
		n        int
		large    bool
		distinct int
		coded    bool
	}{
		{"few", 1000, false, 5, true},
		{"one each", 1000, false, 1000, false},
		{"as many as have codes", 400_000, false, 1<<16 - 1, true},
		{"one more", 400_000, false, 1 << 16, false},
		{"each of a full base", 2 * placesPerBase, false, 2 * placesPerBase, false},
		{"few large ones", 1000, true, 200, true},
		{"many large ones", 100_000, true, 300, false},
		{"none", 0, false, 1, true},
	} {
		message := func(place int, b []byte) []byte {
			if place%7 == 3 {
				return b
			}
			return stringValue(b, strconv.Itoa(place%c.distinct))
		}
		col := makeColumn(c.n, c.large, message)
		if (col.codes != nil) != c.coded {
			t.Errorf("%s: has codes: %v", c.name, col.codes != nil)
		}
		for place := range c.n {
			if got, want := string(col.message(place, nil)), string(message(place, nil)); got != want {
				t.Fatalf("%s: place %d has %q, want %q", c.name, place, got, want)
			}
		}
	}
}
