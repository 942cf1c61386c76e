package main

import (
	"strings"
	"testing"
)

func readSettlement(t *testing.T) (*gazetteer, *settlement) {
	t.Helper()
	g := readGazetteer(t)
	now, err := here.codesNow()
	if err != nil {
		t.Fatal(err)
	}
	s, err := here.readSettlement(g, now)
	if err != nil {
		t.Fatal(err)
	}
	return g, s
}

func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"顺德区": "顺德", "浙江省": "浙江", "恩施土家族苗族自治州": "恩施", "新疆维吾尔自治区": "新疆", "广西壮族自治区": "广西",
		"积石山保安族东乡族撒拉族自治县": "积石山", "前郭尔罗斯蒙古族自治县": "前郭尔罗斯", "东乡族自治县": "东乡", "鄂伦春自治旗": "鄂伦春",
		"单县": "单县", "东区": "东区", "浦东新区": "浦东", "新区": "新区", "许村镇": "许村", "盛泽": "盛泽", "万柏林区": "万柏林", "北林区": "北林",
		"大兴安岭地区": "大兴安岭", "锡林郭勒盟": "锡林郭勒", "莫力达瓦达斡尔族自治旗": "莫力达瓦", "神农架林区": "神农架", "毛盖图苏木": "毛盖图",
	} {
		if got := stem(name); got != want {
			t.Errorf("stem(%q) = %q, want %q", name, got, want)
		}
	}
}

// The settlement takes long to read, so it is read once.
func TestSettlement(t *testing.T) {
	g, s := readSettlement(t)
	t.Run("not less", func(t *testing.T) { notLess(t, s) })
	t.Run("county seats", func(t *testing.T) { countySeats(t, s) })
	t.Run("counties are not at the prefecture", func(t *testing.T) { countiesAreNotAtThePrefecture(t, g, s) })
}

// The gazetteer is not less than it was.
func notLess(t *testing.T, s *settlement) {
	precisions := map[string]int{}
	for _, c := range s.counties {
		if isZone(c.adcode) {
			continue
		}
		precisions[c.seat.precision]++
		if !c.seat.known() && !strings.HasSuffix(c.name, "区") && !strings.HasPrefix(c.adcode, "4603") && c.adcode < "659011" {
			t.Errorf("%s %s has no seat", c.adcode, c.name)
		}
	}
	if precisions["county_seat"] < 1950 || precisions["county_seat"]+precisions["approximate"] < 2540 {
		t.Errorf("counties by precision of the seat: %v", precisions)
	}
	located := 0
	for _, town := range s.towns {
		if town.at != nil {
			located++
		}
	}
	if located < 12200 {
		t.Errorf("%d towns of %d have a record", located, len(s.towns))
	}
}

func countySeats(t *testing.T, s *settlement) {
	for _, c := range []struct{ code, name, want, why string }{
		{"330481", "海宁市", "1789799", "the name in Latin letters"},
		{"410621", "浚县", "1787874", "the name in Latin letters with 城关镇"},
		{"430523", "邵阳县", "1793440", "by hand: 塘渡口, not 邵阳市"},
		{"430121", "长沙县", "1927332", "not 长沙市"},
		{"510824", "苍溪县", "1803514", "the name in Latin letters"},
		{"429004", "仙桃市", "1790371", "directly below the province"},
	} {
		if got := s.byCode[c.code].seat.record; got != "GeoNames "+c.want {
			t.Errorf("%s: the seat is %s, want %s: %s", c.name, got, c.want, c.why)
		}
	}
}

// A county that has the name of its prefecture and is no city is elsewhere: 南昌县 is not in
// 南昌.
func countiesAreNotAtThePrefecture(t *testing.T, g *gazetteer, settled *settlement) {
	seen := 0
	for _, c := range settled.counties {
		unit := g.divisions[c.unit]
		if c.unit == c.adcode || stem(unit.name) != c.short || strings.HasSuffix(c.name, "市") || strings.HasSuffix(c.name, "区") {
			continue
		}
		seen++
		seat := g.seat(unit)
		switch {
		case seat == nil || !c.seat.known():
			t.Errorf("%s %s: seat %v, that of %s %v", c.adcode, c.name, c.seat, unit.name, seat)
		case seat == c.seat.place || seat.at == c.seat.at:
			t.Errorf("%s %s stands at the seat of %s", c.adcode, c.name, unit.name)
		case seat.county == c.adcode:
			t.Errorf("the seat of %s lies in %s %s", unit.name, c.adcode, c.name)
		}
	}
	if seen < 20 {
		t.Errorf("%d counties have the name of their prefecture, want 20 and more", seen)
	}
}
