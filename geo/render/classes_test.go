package render

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestClasses holds the classes to those of the page: web/test/classes.test.ts reads the
// same file.
func TestClasses(t *testing.T) {
	text, err := os.ReadFile("testdata/classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Counts  []int
		Classes [][3]*int // from, to, n
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := classesOf(c.Counts)
		if !slices.EqualFunc(got, c.Classes, func(a class, b [3]*int) bool {
			to := 0
			if b[1] != nil {
				to = *b[1]
			}
			return a.from == *b[0] && a.to == to && a.n == *b[2]
		}) {
			want, _ := json.Marshal(c.Classes)
			t.Errorf("%v has the classes %+v, on the page %s", c.Counts, got, want)
		}
	}
}

func TestSteps(t *testing.T) {
	for n, want := range [][]int{{}, {2}, {0, 5}, {0, 3, 5}, {0, 2, 3, 5}, {0, 1, 3, 4, 5}, {0, 1, 2, 3, 4, 5}} {
		for i, step := range want {
			if got := stepOf(i, n); got != step {
				t.Errorf("class %d of %d has step %d, want %d", i, n, got, step)
			}
		}
	}
}
