package data_test

import (
	stdcmp "cmp"
	"encoding/csv"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clustermap/data"

	"github.com/google/go-cmp/cmp"
)

// unit is a code under the name it had. A code alone is not enough: 410307 was
// 洛龙区 in the table of 2006 and is 偃师区 now.
type unit struct{ code, name string }

type succession struct {
	old, new           unit
	year               int
	kind, source, note string
}

func successions(t *testing.T) []succession {
	t.Helper()
	f, err := data.Files().Open("successions.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"old_code", "old_name", "new_code", "new_name", "year", "kind", "source", "note"}
	if diff := cmp.Diff(want, rows[0]); diff != "" {
		t.Fatalf("successions.csv: -want +got\n%s", diff)
	}
	var list []succession
	for i, row := range rows[1:] {
		year, err := strconv.Atoi(row[4])
		if err != nil {
			t.Fatalf("line %d: %v", i+2, err)
		}
		list = append(list, succession{
			unit{row[0], row[1]}, unit{row[2], row[3]}, year, row[5], row[6], row[7],
		})
	}
	return list
}

// placeholder reports a name that stands in code tables and is no unit: a
// heading over the units that follow it, or the districts of a city together.
func placeholder(name string) bool {
	return name == "市辖区" || name == "县" || strings.HasPrefix(name, "省直辖") || strings.HasPrefix(name, "自治区直辖")
}

func TestSuccessionRows(t *testing.T) {
	kinds := []string{"renamed", "upgraded", "merged", "split", "moved", "recoded"}
	code := regexp.MustCompile(`^[1-6]\d{5}$`)
	source := regexp.MustCompile(`^(国函|民函)〔\d{4}〕\d+号$|^民政部公告 |^民政部 县级以上行政区划变更情况 \d{4}年$`)
	list := successions(t)
	order := func(a, b succession) int {
		return stdcmp.Or(stdcmp.Compare(a.old.code, b.old.code), stdcmp.Compare(a.new.code, b.new.code), a.year-b.year)
	}
	for i, s := range list {
		at := s.old.code + " " + s.new.code
		if i > 0 && order(list[i-1], s) >= 0 {
			t.Errorf("%s: not after the row above it", at)
		}
		for _, u := range []unit{s.old, s.new} {
			if !code.MatchString(u.code) || placeholder(u.name) || u.name == "" || strings.TrimSpace(u.name) != u.name {
				t.Errorf("%s: no unit: %q %q", at, u.code, u.name)
			}
		}
		if !slices.Contains(kinds, s.kind) {
			t.Errorf("%s: kind %q", at, s.kind)
		}
		// Three names of the table of 2006 were out of date when it appeared.
		stale := s.old.code == s.new.code && s.year >= 2004
		if (s.year < 2006 && !stale) || s.year > 2023 {
			t.Errorf("%s: year %d", at, s.year)
		}
		// An approval, the Ministry's list of the year, or the revisions of the table.
		year := strconv.Itoa(s.year)
		approved := source.MatchString(s.source) && strings.Contains(s.source, year)
		if !approved && s.source != "GB/T 2260 revisions as npm gb2260 0.6.0 has them" {
			t.Errorf("%s: source %q of the year %d", at, s.source, s.year)
		}
		if s.old == s.new && s.kind != "split" {
			t.Errorf("%s: becomes itself and is %s", at, s.kind)
		}
		same := s.old.name == s.new.name
		if s.kind == "renamed" && same || s.kind == "recoded" && (!same || s.old.code == s.new.code) {
			t.Errorf("%s: %s from %q to %q", at, s.kind, s.old.name, s.new.name)
		}
		if s.kind == "moved" && s.old.code[:4] == s.new.code[:4] {
			t.Errorf("%s: moved within its prefecture", at)
		}
		if s.kind == "split" && s.note == "" {
			t.Errorf("%s: does not say which part", at)
		}
	}
}

// The names are those of the tables. Names between the tables, such as 无为县
// under 340225, stand in two rows: one makes the unit, the other ends it.
func TestSuccessionNames(t *testing.T) {
	then, now := codeTable(t, "2006"), codeTable(t, "2023")
	list := successions(t)
	for _, s := range list {
		made := func(o succession) bool { return o.new == s.old && o.year < s.year }
		if then[s.old.code] != s.old.name && !slices.ContainsFunc(list, made) {
			t.Errorf("%s %s is not in the table of 2006 (%q), and no row makes it", s.old.code, s.old.name, then[s.old.code])
		}
		ended := func(o succession) bool { return o.old == s.new && o.year > s.year }
		if now[s.new.code] != s.new.name && !slices.ContainsFunc(list, ended) {
			t.Errorf("%s %s is not in the table of 2023 (%q), and no row ends it", s.new.code, s.new.name, now[s.new.code])
		}
	}
}

// Splits have several rows of a year, and nothing happens to a unit twice in a
// year; a merger has several old units or joins one that stays.
func TestSuccessionKinds(t *testing.T) {
	type event struct {
		unit
		year int
	}
	events := make(map[event][]succession)
	for _, s := range successions(t) {
		e := event{s.old, s.year}
		events[e] = append(events[e], s)
	}
	for e, rows := range events {
		if split := rows[0].kind == "split"; split != (len(rows) > 1) {
			t.Errorf("%s %s, %d: %s in %d rows", e.code, e.name, e.year, rows[0].kind, len(rows))
		}
		for _, s := range rows {
			if s.kind != rows[0].kind {
				t.Errorf("%s %s, %d: %s and %s", e.code, e.name, e.year, s.kind, rows[0].kind)
			}
		}
	}
}

// ends gives what stands today for a unit as it was at the end of a year. Years
// grow along the way, so it ends.
func ends(list []succession, u unit, year int) []unit {
	var found []unit
	next, soonest := []succession(nil), 0
	for _, s := range list {
		if s.old != u || s.year <= year {
			continue
		}
		if soonest == 0 || s.year < soonest {
			next, soonest = nil, s.year
		}
		if s.year == soonest {
			next = append(next, s)
		}
	}
	if next == nil {
		return []unit{u}
	}
	for _, s := range next {
		found = append(found, ends(list, s.new, s.year)...)
	}
	return found
}

// Every unit of 2006 leads to units of today.
func TestSuccessionsReachToday(t *testing.T) {
	then, now := codeTable(t, "2006"), codeTable(t, "2023")
	list := successions(t)
	for _, code := range slices.Sorted(maps.Keys(then)) {
		if placeholder(then[code]) {
			continue
		}
		for _, u := range ends(list, unit{code, then[code]}, 0) {
			if now[u.code] != u.name {
				t.Errorf("%s %s leads to %s %s, which is %q today", code, then[code], u.code, u.name, now[u.code])
			}
		}
	}
}

func TestSuccessionsKnown(t *testing.T) {
	then := codeTable(t, "2006")
	list := successions(t)
	for _, c := range []struct {
		code string
		want []string
	}{
		{"320584", []string{"320509 吴江区"}},
		{"330621", []string{"330603 柯桥区"}},
		{"410728", []string{"410783 长垣市"}},
		{"371202", []string{"370116 莱芜区"}},
		{"371203", []string{"370117 钢城区"}},
		{"371200", []string{"370100 济南市"}},
		{"341400", []string{"340100 合肥市", "340200 芜湖市", "340500 马鞍山市"}},
		{"341422", []string{"340281 无为市"}}, // moved in 2011, upgraded in 2019
		{"469003", []string{"460400 儋州市"}},
		{"522423", []string{"520581 黔西市"}},
		{"542430", []string{"540629 尼玛县", "540630 双湖县"}},
		{"440306", []string{"440306 宝安区", "440309 龙华区", "440311 光明区"}}, // split twice
		{"310108", []string{"310106 静安区"}},
		{"310119", []string{"310115 浦东新区"}},
		{"110103", []string{"110101 东城区"}},
		{"120107", []string{"120116 滨海新区"}},
		{"410307", []string{"410311 洛龙区"}}, // the code is another's now
		{"469025", []string{"469021 定安县"}}, // as above
		{"500110", []string{"500110 綦江区"}}, // 万盛区 until 2011
		{"440606", []string{"440606 顺德区"}}, // nothing happened
		{"420600", []string{"420600 襄阳市"}}, // the name alone
		{"360427", []string{"360482 共青城市", "360483 庐山市"}},
		{"320304", []string{"320302 鼓楼区", "320311 泉山区", "320312 铜山区"}},
		{"654223", []string{"654203 沙湾市"}},
	} {
		var got []string
		for _, u := range ends(list, unit{c.code, then[c.code]}, 0) {
			got = append(got, u.code+" "+u.name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s: -want +got\n%s", c.code, then[c.code], diff)
		}
	}
}
