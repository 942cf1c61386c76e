package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// A town is a division below a county, by its nine-digit code: a town, a township,
// a street office.
type town struct {
	called
	code string
	at   *place // nil where GeoNames has none of its name
}

// called is the name of a division, whole, without what tells its kind, and that
// in pinyin.
type called struct{ name, short, sound string }

func (in inputs) townsNow() ([]*town, error) {
	text, err := os.ReadFile(filepath.Join(in.npm, "china-division/dist/streets.json"))
	if err != nil {
		return nil, err
	}
	var rows []struct{ Code, Name string }
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("china-division streets: %w", err)
	}
	var all []*town
	for _, r := range rows {
		if len(r.Code) != 9 {
			return nil, fmt.Errorf("china-division streets: %q is no code of nine digits", r.Code)
		}
		all = append(all, &town{called: called{name: strings.TrimSpace(r.Name)}, code: r.Code})
	}
	slices.SortFunc(all, func(a, b *town) int { return strings.Compare(a.code, b.code) })
	return all, nil
}

// kinds end the names of divisions, the longer ones first.
var kinds = strings.Fields("特别行政区 街道办事处 自治区 自治州 自治县 自治旗 民族乡 街道 地区 林区 特区 苏木 新区 省 市 盟 县 区 旗 镇 乡")

// peoples are the names that autonomous divisions bear, the longer ones first.
var peoples = strings.Fields("维吾尔 柯尔克孜 哈萨克 乌孜别克 鄂伦春 鄂温克 达斡尔 塔塔尔 俄罗斯 塔吉克 保安 布依 布朗 朝鲜 东乡 仡佬 哈尼 赫哲 景颇 拉祜 傈僳 毛南 " +
	"门巴 蒙古 仫佬 纳西 普米 撒拉 土家 锡伯 裕固 阿昌 德昂 独龙 基诺 高山 珞巴 各 壮 回 藏 苗 侗 瑶 彝 白 傣 佤 畲 黎 水 羌 满 土 怒 京")

// stem is the name of a division without what tells its kind: 许村镇 is 许村,
// 大厂回族自治县 is 大厂. Where less than two characters would be left it is the
// name itself.
func stem(name string) string {
	for _, kind := range kinds {
		short, ok := strings.CutSuffix(name, kind)
		if !ok || kind == "新区" && runes(short) < 2 || kind == "林区" && name != "神农架林区" {
			continue
		}
		if strings.HasPrefix(kind, "自治") || strings.HasSuffix(kind, "乡") {
			short = strings.TrimSuffix(withoutPeoples(short), "族")
		}
		if runes(short) < 2 {
			return name
		}
		return short
	}
	return name
}

func withoutPeoples(name string) string {
next:
	for {
		for _, p := range peoples {
			for _, ending := range []string{p + "族", p} {
				short, ok := strings.CutSuffix(name, ending)
				// 水, 土, 白 … end names of their own.
				if ok && runes(short) >= 2 && (ending != p || runes(p) > 1) {
					name = short
					continue next
				}
			}
		}
		return name
	}
}

func runes(s string) int { return len([]rune(s)) }

// A settlement is what the gazetteer knows of divisions below the prefectures:
// in which county each place lies, which place is a town, and where counties have
// their seats.
type settlement struct {
	*gazetteer
	listed   []division // with what heads others
	towns    []*town
	counties []*county // by code
	inUnit   map[string][]*county
	byCode   map[string]*county // counties, and units that have towns directly
	spell    func(string) []string
}

// A county is a division of the lowest level with a code of six digits, or a unit
// that has its towns directly.
type county struct {
	called
	adcode    string
	unit      string // adcode of the unit in which it lies
	towns     []*town
	places    []*place
	seat      spot
	shares    bool   // its unit has the same name: 长沙县 is not where 长沙市 has its seat
	not       *place // the seat of its unit where the county has its name and is no city: 南昌县 is not in 南昌
	spellings []string
}

func (s *settlement) call(name string) called {
	short := stem(name)
	return called{name, short, strings.Join(s.spell(name)[:runes(short)], "")}
}

func newSettlement(g *gazetteer, now []division, towns []*town, spell func(string) []string) *settlement {
	s := &settlement{gazetteer: g, listed: now, towns: towns, byCode: map[string]*county{}, inUnit: map[string][]*county{}, spell: spell}
	for _, d := range now {
		if d.heading() || d.level() == "province" {
			continue
		}
		c := &county{called: s.call(d.name), adcode: d.adcode, unit: s.unitOf(d.adcode)}
		c.shares = c.unit != c.adcode && stem(g.divisions[c.unit].name) == c.short
		if c.shares && !strings.HasSuffix(d.name, "市") && !strings.HasSuffix(d.name, "区") {
			c.not = g.seat(g.divisions[c.unit])
		}
		c.spellings = []string{c.sound + "xian", c.sound + "shi", c.sound + "qu", c.sound + "chengguanzhen", strings.Join(s.spell(d.name), "")}
		s.byCode[d.adcode] = c
		if d.level() == "county" {
			s.counties = append(s.counties, c)
			s.inUnit[c.unit] = append(s.inUnit[c.unit], c)
		}
	}
	for _, t := range towns {
		t.called = s.call(t.name)
		c := s.byCode[t.code[:6]]
		c.towns = append(c.towns, t)
	}
	places := map[string][]*place{}
	for _, p := range g.places {
		places[p.unit] = append(places[p.unit], p)
	}
	s.arrange(places)
	// The seats tell where their neighbours lie.
	fixed := map[*place]bool{}
	for _, c := range s.counties {
		if c.seat.place != nil && c.seat.precision == "county_seat" {
			c.seat.place.county, fixed[c.seat.place] = c.adcode, true
		}
	}
	for _, p := range g.places {
		if !fixed[p] && !strings.HasPrefix(p.id, byHandID) {
			p.county = ""
		}
	}
	for _, c := range s.byCode {
		c.places, c.seat = nil, spot{}
		for _, t := range c.towns {
			t.at = nil
		}
	}
	s.arrange(places)
	return s
}

// arrange puts the places of each unit into its counties, and finds which are towns
// and seats.
func (s *settlement) arrange(places map[string][]*place) {
	for _, unit := range slices.Sorted(maps.Keys(places)) {
		s.settle(unit, s.inUnit[unit], places[unit])
	}
	for _, c := range s.byCode {
		c.locateTowns()
	}
	for _, unit := range slices.Sorted(maps.Keys(s.inUnit)) {
		s.locateSeats(s.inUnit[unit], places[unit])
	}
}

// settle puts the places of a unit into its counties.
func (s *settlement) settle(unit string, counties []*county, places []*place) {
	switch c := s.byCode[unit]; {
	case len(counties) == 1:
		c = counties[0]
		fallthrough
	case len(counties) == 0 && c != nil:
		for _, p := range places {
			p.county = c.adcode
		}
	case len(counties) > 1:
		assignCounties(counties, places)
	}
	for _, p := range places {
		if c := s.byCode[p.county]; c != nil {
			c.places = append(c.places, p)
		}
	}
}

// How a record's name agrees with a division's, the best first.
const (
	byName = iota + 1
	byShortName
	bySound
	byNothing
)

// agree compares a division's name with those of a record. The sound counts only
// where the record has no Chinese name.
func (p *place) agree(c called) int {
	if slices.Contains(p.chinese, c.name) {
		return byName
	}
	for _, short := range p.short {
		if short == c.short {
			return byShortName
		}
	}
	if len(p.chinese) == 0 && (plain(p.ascii) == c.sound || plain(p.name) == c.sound) {
		return bySound
	}
	return byNothing
}

// assignCounties decides in which county each place lies: in the one that has a
// town of its name; where several have, in that of them whose places are nearest;
// where none has, or all around it are of others, in that of the places around.
func assignCounties(counties []*county, places []*place) {
	claimed := map[*place][]string{}
	count := map[string]int{}
	known := new(placeIndex)
	for _, p := range places {
		if p.county != "" { // known before
			claimed[p] = []string{p.county}
		} else {
			claimed[p] = claims(counties, p)
		}
		if c := claimed[p]; len(c) == 1 {
			p.county = c[0]
			count[p.county]++
			known.add(p)
		}
	}
	sure := new(placeIndex)
	var open []*place
	for _, p := range places {
		const around, few = 8, 3
		if p.county != "" && (count[p.county] <= few || slices.Contains(known.countiesAround(p, around), p.county)) {
			sure.add(p)
		} else {
			open = append(open, p)
		}
	}
	for _, p := range open {
		p.county = sure.nearestCounty(p, claimed[p])
	}
}

// claims gives the counties that have the name of the place, or a town of it. A
// zone that is counted like a county claims nothing that another does. The seat of a
// prefecture is all others' where one bears its name.
func claims(counties []*county, p *place) []string {
	best := byNothing
	var found, others []string
	for _, c := range counties {
		if c.not == p {
			continue
		}
		if !isZone(c.adcode) {
			others = append(others, c.adcode)
		}
		how := p.agree(c.called)
		for _, t := range c.towns {
			how = min(how, p.agree(t.called))
		}
		switch {
		case how == byNothing || how > best:
		case how < best:
			best, found = how, []string{c.adcode}
		default:
			found = append(found, c.adcode)
		}
	}
	if len(found) == 0 && slices.ContainsFunc(counties, func(c *county) bool { return c.not == p }) {
		return others
	}
	if lawful := slices.DeleteFunc(slices.Clone(found), isZone); len(lawful) > 0 {
		return lawful
	}
	return found
}

// isZone tells the codes of zones that the Bureau of Statistics counts like
// counties.
func isZone(code string) bool { return code[4] == '7' }

// countiesAround gives those of the n nearest other places.
func (x *placeIndex) countiesAround(p *place, n int) []string {
	var out []string
	x.around(p, func(q *place, _ float64) bool {
		if q != p {
			out = append(out, q.county)
		}
		return len(out) < n
	})
	return out
}

// nearestCounty gives the county of the places around p, each weighing by its
// nearness; if some counties claim p, only theirs count.
func (x *placeIndex) nearestCounty(p *place, claims []string) string {
	const neighbours = 5
	weight := map[string]float64{}
	n := 0
	x.around(p, func(q *place, d float64) bool {
		if q == p || len(claims) > 1 && !slices.Contains(claims, q.county) || len(claims) == 0 && isZone(q.county) {
			return true
		}
		weight[q.county] += 1 / math.Max(d*d, 1)
		n++
		return n < neighbours
	})
	best := ""
	for _, code := range slices.Sorted(maps.Keys(weight)) {
		if best == "" || weight[code] > weight[best] {
			best = code
		}
	}
	if best == "" && len(claims) > 0 {
		return claims[0]
	}
	return best
}

// locateTowns gives the towns of a county their records, each to one town.
func (c *county) locateTowns() {
	type pair struct {
		town  *town
		place *place
		how   int
	}
	var pairs []pair
	for _, t := range c.towns {
		for _, p := range c.places {
			if how := p.agree(t.called); how < byNothing {
				pairs = append(pairs, pair{t, p, how})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.how, b.how), first(a.place.administers(), b.place.administers()),
			cmp.Compare(b.place.population, a.place.population), strings.Compare(a.town.code, b.town.code))
	})
	used := map[*place]bool{}
	for _, m := range pairs {
		if m.town.at == nil && !used[m.place] {
			m.town.at, used[m.place] = m.place, true
		}
	}
}

// administers tells a record that is the seat of something from one that is only
// populated.
func (p *place) administers() bool {
	return strings.HasPrefix(p.feature, "PPLA") || p.feature == "PPLC"
}

// latin gives the names of a record in Latin letters, plain.
func latin(names []string) []string {
	var out []string
	for _, name := range names {
		if strings.IndexFunc(name, func(r rune) bool {
			return r > unicode.MaxLatin1 && unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r)
		}) < 0 {
			out = append(out, plain(name))
		}
	}
	return out
}
