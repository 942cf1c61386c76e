package main

import (
	"slices"
	"strings"
	"testing"
)

func readGazetteer(t *testing.T) *gazetteer {
	t.Helper()
	requireInputs(t)
	now, err := here.codesNow()
	if err != nil {
		t.Fatal(err)
	}
	places, err := here.readPlaces()
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGazetteer(now, places)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Each place lies in the unit that the rule for its kind of record gives.
func TestAssign(t *testing.T) {
	g := readGazetteer(t)
	unit := map[string]string{}
	for _, p := range g.places {
		if p.unit[:2] != p.province[:2] {
			t.Errorf("%s %s: unit %s is not in province %s", p.id, p.name, p.unit, p.province)
		}
		unit[p.id] = p.unit
	}
	for _, c := range []struct{ id, place, want, why string }{
		{"1814870", "Yiwu", "330700", "GeoNames has the prefecture's code"},
		{"1806602", "Cixi", "330200", "GeoNames has the prefecture's code"},
		{"1805680", "Jingdezhen", "360200", "GeoNames has the prefecture's code"},
		{"1819729", "Hong Kong", "810000", "a province that is not divided"},
		{"1816670", "Beijing", "110000", "a province that is not divided"},
		{"1806488", "Qionghai", "469002", "GeoNames has an id of its own, the seat tells the county"},
	} {
		if got := unit[c.id]; got != c.want {
			t.Errorf("%s lies in %q, want %s: %s", c.place, got, c.want, c.why)
		}
	}
}

// What the gazetteer lacks is known, and is not more than it was.
func TestSeats(t *testing.T) {
	g := readGazetteer(t)
	var without []string
	for _, d := range g.listed() {
		if g.seat(d) == nil {
			without = append(without, d.name)
		}
	}
	want := strings.Fields("楚雄彝族自治州 玉树藏族自治州 五家渠市 铁门关市 双河市 可克达拉市 昆玉市 胡杨河市 新星市 白杨市")
	if !slices.Equal(without, want) {
		t.Errorf("divisions without a seat: %v, want %v", without, want)
	}
	provinces, prefectures := 0, 0
	for _, d := range g.listed() {
		switch d.level() {
		case "province":
			provinces++
		case "prefecture":
			prefectures++
		}
	}
	if provinces != 34 || prefectures != 333 {
		t.Errorf("%d provinces and %d prefectures, want 34 and 333", provinces, prefectures)
	}
	for code := range g.english {
		if _, ok := g.divisions[code]; !ok {
			t.Errorf("names.csv: %s is no division of 2023", code)
		}
	}
}

func TestCodes(t *testing.T) {
	requireInputs(t)
	for _, c := range []struct {
		table string
		read  func() ([]division, error)
		want  map[string]string // "" means absent
	}{
		{"2006", here.codesThen, map[string]string{"710000": "台湾省", "110103": "崇文区", "341400": "巢湖市", "460400": ""}},
		{"2023", here.codesNow, map[string]string{"710000": "台湾省", "810000": "香港特别行政区", "110103": "", "341400": "", "460400": "儋州市", "441900": "东莞市", "659012": "白杨市"}},
	} {
		all, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		for i, d := range all {
			names[d.adcode] = d.name
			if len(d.adcode) != 6 || i > 0 && all[i-1].adcode >= d.adcode {
				t.Errorf("%s: %q is not a code of six digits, or not in order", c.table, d.adcode)
			}
		}
		for code, want := range c.want {
			if got := names[code]; got != want {
				t.Errorf("%s: %s is %q, want %q", c.table, code, got, want)
			}
		}
	}
}
