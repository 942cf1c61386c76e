package export

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDistinct(t *testing.T) {
	tests := []struct {
		what        string
		names, want string
		most        int
		taken       string
	}{
		{"names that fit stay", "firms|output", "firms|output", 10, ""},
		{"cut ones differ", "population_2020|population_2021", "population|populati_1", 10, ""},
		{"a name that fits goes before", "population_total|population", "populati_1|population", 10, ""},
		{"case is no difference", "Name|name|NAME", "Name|name_1|NAME_2", 10, ""},
		{"taken by the format", "fid|FID", "fid_1|FID_2", 10, "fid"},
		{"between characters", "名称规模等级", "名称规", 10, ""},
		{"none and control characters", "|a\tb", "_1|a_b", 10, ""},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			got := strings.Join(distinct(strings.Split(tt.names, "|"), tt.most, strings.Fields(tt.taken)...), "|")
			if got != tt.want {
				t.Errorf("%q became %q, want %q", tt.names, got, tt.want)
			}
		})
	}
}

func FuzzDistinct(f *testing.F) {
	f.Add("population_2020|population_2021|POPULATION_2020", uint8(10))
	f.Add("名称规模等级一|名称规模等级二||\x00|\xff", uint8(10))
	f.Fuzz(func(t *testing.T, text string, most uint8) {
		if most < 8 {
			return
		}
		names := strings.Split(text, "|")
		if len(names) > 255 {
			return
		}
		got := distinct(names, int(most), "id")
		seen := []string{"id"}
		for i, name := range got {
			low := strings.ToLower(name)
			if name == "" || len(name) > int(most) || !utf8.ValidString(name) || slices.Contains(seen, low) {
				t.Fatalf("%q became %q beside %q", names[i], name, seen)
			}
			seen = append(seen, low)
		}
	})
}
