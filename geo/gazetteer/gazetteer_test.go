package gazetteer_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"clustermap/data"
	"clustermap/geo/gazetteer"
)

func read(t testing.TB) *gazetteer.Gazetteer {
	t.Helper()
	g, err := gazetteer.Read(data.Files())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestUnits(t *testing.T) {
	g := read(t)
	for _, c := range []struct{ code, path, level, adcode string }{
		{"320509", "江苏省苏州市吴江区", gazetteer.County, "320509"},
		{"110108", "北京市海淀区", gazetteer.County, "110108"},
		{"429004", "湖北省仙桃市", gazetteer.County, "429004"},
		{"441900101", "广东省东莞市石碣镇", gazetteer.Town, "441900"},
		{"zone:天津经济技术开发区", "天津市滨海新区天津经济技术开发区", gazetteer.Zone, "120116"},
	} {
		u, ok := g.Unit(c.code)
		if !ok {
			t.Errorf("%s is not there", c.code)
			continue
		}
		if u.Path() != c.path || u.Level != c.level || u.Adcode() != c.adcode {
			t.Errorf("%s is %s, a %s in %s; want %s, a %s in %s", c.code, u.Path(), u.Level, u.Adcode(), c.path, c.level, c.adcode)
		}
	}
}

// Every unit is shown somewhere in its province, and says at whose seat.
func TestSeats(t *testing.T) {
	g := read(t)
	own := map[string]int{}
	all := map[string]int{}
	for _, u := range g.Units() {
		all[u.Level]++
		at, host := u.Seat()
		if host == nil {
			t.Errorf("%s %s is nowhere", u.Code, u.Path())
			continue
		}
		if at[0] < 73 || at[0] > 136 || at[1] < 3 || at[1] > 54 || !u.Within(host) {
			t.Errorf("%s %s is at %v, the seat of %s", u.Code, u.Path(), at, host.Path())
		}
		if host == u {
			own[u.Level]++
		}
	}
	for level, least := range map[string]float64{gazetteer.Province: 1, gazetteer.Prefecture: 0.99, gazetteer.County: 0.88, gazetteer.Town: 0.28} {
		if share := float64(own[level]) / float64(all[level]); share < least {
			t.Errorf("%d of %d units of level %s have a point of their own, less than %.0f %%", own[level], all[level], level, 100*least)
		}
	}
}

func TestNow(t *testing.T) {
	g := read(t)
	for _, c := range []struct {
		code, name string
		year       int
		want       []string
	}{
		{"320584", "吴江市", 2006, []string{"320509"}},
		{"330621", "绍兴县", 2006, []string{"330603"}},
		{"410728", "长垣县", 2006, []string{"410783"}},
		{"110103", "", 2006, []string{"110101"}},
		{"420600", "襄樊市", 2006, []string{"420600"}},
		{"320509", "吴江区", 2015, []string{"320509"}},
		{"999999", "", 2006, nil},
	} {
		units, _ := g.Now(c.code, c.name, c.year)
		var got []string
		for _, u := range units {
			got = append(got, u.Code)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s of %d is now %v, want %v", c.code, c.name, c.year, got, c.want)
		}
	}
}

// Every unit of the end of 2006 has become one of today, which knows it again.
func TestNothingIsLost(t *testing.T) {
	g := read(t)
	f, err := data.Files().Open("codes/2006.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		if r[1] == "市辖区" || r[1] == "县" || r[1] == "市" || strings.Contains(r[1], "直辖") {
			continue // headings
		}
		units, _ := g.Now(r[0], r[1], 2006)
		if len(units) == 0 {
			t.Errorf("%s %s is lost", r[0], r[1])
		}
		for _, u := range units {
			if !slices.Contains(g.Then(u.Code), r[0]) {
				t.Errorf("%s %s was %v, not %s %s", u.Code, u.Path(), g.Then(u.Code), r[0], r[1])
			}
		}
	}
	for code, want := range map[string][]string{
		"320509": {"320584"},                     // 吴江区
		"410311": {"410307"},                     // 洛龙区: the code is 偃师区's now
		"440309": {"440306"},                     // 龙华区, carved out of 宝安区
		"330114": {"330104", "330109"},           // 钱塘区, of 江干区 and 萧山区
		"360113": {"360102", "360122"},           // 红谷滩区: of 东湖区, and of 新建区, 新建县 before
		"360482": {"360425", "360426", "360427"}, // 共青城市
		"110101": {"110101", "110103"},           // 东城区 with 崇文区
		"460205": {"460200"},                     // 崖州区: 三亚市 had no counties
	} {
		if got := g.Then(code); !slices.Equal(got, want) {
			t.Errorf("%s was %v, want %v", code, got, want)
		}
	}
}

// The tables are small enough to be in every binary.
func TestSize(t *testing.T) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gazetteer/units.csv", "gazetteer/towns.csv", "aliases.csv", "successions.csv", "codes/2006.csv"} {
		text, err := fs.ReadFile(data.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	const most = 3 << 20
	if b.Len() > most {
		t.Errorf("%d bytes compressed, at most %d", b.Len(), most)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		read(b)
	}
}
