package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// A town is a division below a county, by its nine-digit code: a town, a township, a
// street office.
type town struct {
	code, name string
	at         *place // nil where GeoNames has none of its name
}

// county is the adcode of the county it lies in, or of the prefecture that has towns
// directly.
func (t *town) county() string {
	if code := t.code[:6]; !strings.HasSuffix(code, "00") {
		return code
	}
	return t.code[:4] + "00"
}

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
		all = append(all, &town{code: r.Code, name: r.Name})
	}
	slices.SortFunc(all, func(a, b *town) int { return strings.Compare(a.code, b.code) })
	return all, nil
}

// peoples are the names that autonomous counties and townships bear, the longest first.
var peoples = strings.Fields("维吾尔 哈萨克 柯尔克孜 塔吉克 乌孜别克 鄂伦春 达斡尔 鄂温克 保安 东乡 撒拉 布依 土家 哈尼 傈僳 拉祜 景颇 布朗 阿昌 普米 怒 独龙 德昂 基诺 " +
	"仡佬 毛南 仫佬 俄罗斯 塔塔尔 锡伯 裕固 纳西 朝鲜 蒙古 高山 赫哲 门巴 珞巴 水 羌 土 畲 黎 傣 佤 京 侗 瑶 白 苗 彝 壮 藏 满 回")

// stem is the name of a division without what tells its kind: 许村镇 is 许村, 大厂回族自治县
// is 大厂. It is the name itself where less than one character would be left.
func stem(name string) string {
	short := name
	for _, kind := range []string{"街道办事处", "自治县", "自治旗", "民族乡", "街道", "地区", "林区", "特区", "镇", "乡", "市", "区", "县", "旗", "盟"} {
		if rest, ok := strings.CutSuffix(name, kind); ok && rest != "" {
			short = rest
			break
		}
	}
	for again := true; again; {
		again = false
		for _, p := range peoples {
			for _, ending := range []string{p + "族", p} {
				if ending == p && len(p) < 2*len("族") { // 水, 土, 白 … end names of their own
					continue
				}
				if rest, ok := strings.CutSuffix(short, ending); ok && rest != "" && short != name {
					short, again = rest, true
				}
			}
		}
	}
	return short
}

// villages finds the places that GeoNames has of towns and the seats of counties.
type villages struct {
	*gazetteer
	towns    map[string][]*town    // by unit
	counties map[string][]division // by unit
	places   map[string][]*place   // by unit
	centre   map[string][]vertex   // of counties: the towns whose place is sure
	owner    map[*place]*town
}

func newVillages(g *gazetteer, now []division, towns []*town) *villages {
	v := &villages{g, map[string][]*town{}, map[string][]division{}, map[string][]*place{}, map[string][]vertex{}, map[*place]*town{}}
	for _, d := range now {
		if d.level() == "county" && !d.heading() {
			v.counties[v.unitOf(d.adcode)] = append(v.counties[v.unitOf(d.adcode)], d)
		}
	}
	for _, t := range towns {
		u := v.unitOf(t.code[:6])
		v.towns[u] = append(v.towns[u], t)
	}
	for _, p := range g.places {
		v.places[p.unit] = append(v.places[p.unit], p)
	}
	for _, u := range g.units {
		v.settle(u.adcode)
	}
	return v
}

// unitOf is the unit in which a county's code lies.
func (v *villages) unitOf(code string) string {
	for _, u := range []string{code, code[:4] + "00", code[:2] + "0000"} {
		if _, ok := v.wholeProvince(u); ok {
			return u
		}
	}
	return code[:2] + "0000"
}

// named are the places of a unit by each of their Chinese names.
func (v *villages) named(unit string) map[string][]*place {
	names := map[string][]*place{}
	for _, p := range v.places[unit] {
		for _, name := range p.chinese {
			names[name] = append(names[name], p)
		}
	}
	return names
}

// settle gives the towns of a unit their places: first those that only one county has a
// name for, then the others, each to the county whose sure towns are clearly nearer.
func (v *villages) settle(unit string) {
	names := v.named(unit)
	claims := map[*place][]*town{}
	for _, t := range v.towns[unit] {
		found := names[t.name]
		if short := stem(t.name); len(found) == 0 && len(short) >= 2*len("镇") {
			found = names[short]
		}
		for _, p := range found {
			claims[p] = append(claims[p], t)
		}
	}
	ordered := slices.SortedFunc(mapsKeys(claims), func(a, b *place) int { return strings.Compare(a.id, b.id) })
	var open []*place
	for _, p := range ordered {
		if oneCounty(claims[p]) {
			v.give(p, claims[p][0])
		} else {
			open = append(open, p)
		}
	}
	for _, t := range v.towns[unit] {
		if t.at != nil {
			v.centre[t.county()] = append(v.centre[t.county()], t.at.at)
		}
	}
	for _, p := range open {
		if t := v.nearest(p, claims[p]); t != nil {
			v.give(p, t)
		}
	}
	v.settleBySound(unit)
}

// settleBySound gives the places that have no Chinese name to the towns of their sound,
// where the unit has one of it.
func (v *villages) settleBySound(unit string) {
	of := map[string][]*town{}
	for _, t := range v.towns[unit] {
		sound := plain(readings(stem(t.name), t.name))
		of[sound] = append(of[sound], t)
	}
	bare := map[string][]*place{}
	for _, p := range v.places[unit] {
		if len(p.chinese) == 0 {
			bare[plain(p.ascii)] = append(bare[plain(p.ascii)], p)
		}
	}
	for sound, places := range bare {
		if t := of[sound]; len(t) == 1 && len(places) == 1 && t[0].at == nil {
			v.give(places[0], t[0])
		}
	}
}

func mapsKeys(m map[*place][]*town) func(func(*place) bool) {
	return func(yield func(*place) bool) {
		for p := range m {
			if !yield(p) {
				return
			}
		}
	}
}

func oneCounty(towns []*town) bool {
	return !slices.ContainsFunc(towns, func(t *town) bool { return t.county() != towns[0].county() })
}

// give lets a town have a place, unless it has a better one.
func (v *villages) give(p *place, t *town) {
	if t.at != nil && cmp.Or(cmp.Compare(t.at.order(), p.order()), cmp.Compare(p.population, t.at.population)) <= 0 {
		return
	}
	delete(v.owner, t.at)
	t.at, v.owner[p] = p, t
}

// nearest is the town of the county whose sure towns are nearest, nil where that is not
// clear.
func (v *villages) nearest(p *place, towns []*town) *town {
	const clearly = 0.6
	var best *town
	least, second := math.Inf(1), math.Inf(1)
	for _, t := range towns {
		if t.at != nil {
			continue
		}
		d := v.away(p.at, t.county())
		switch {
		case d < least:
			if best != nil && best.county() != t.county() {
				second = least
			}
			best, least = t, d
		case best != nil && t.county() != best.county() && d < second:
			second = d
		}
	}
	if best == nil || math.IsInf(least, 1) || least > clearly*second {
		return nil
	}
	return best
}

// away is the median distance from the sure towns of a county, in the scaled plane.
func (v *villages) away(at vertex, county string) float64 {
	x, y := at.plane()
	var all []float64
	for _, c := range v.centre[county] {
		cx, cy := c.plane()
		all = append(all, math.Hypot(cx-x, cy-y))
	}
	if len(all) == 0 {
		return math.Inf(1)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// A point is where a division is shown, by which record and how exactly.
type pointOf struct {
	at                vertex
	precision, record string
}

// countySeat finds the seat of a county: the place that bears its name, or the town that
// GeoNames knows as the seat of a county; else the middle of its towns, and for a
// district none of whose towns is known the seat of its city.
func (v *villages) countySeat(c division) (pointOf, bool) {
	unit := v.unitOf(c.adcode)
	if p := v.seatRecord(c, unit); p != nil {
		return pointOf{p.at, "county_seat", p.record()}, true
	}
	if at, ok := middle(v.centre[c.adcode]); ok {
		return pointOf{at, "approximate", ""}, true
	}
	city, ok := v.divisions[unit]
	if !ok || !strings.HasSuffix(c.name, "区") {
		return pointOf{}, false
	}
	if p := v.seat(city); p != nil {
		return pointOf{p.at, "approximate", p.record()}, true
	}
	return pointOf{}, false
}

func (v *villages) seatRecord(c division, unit string) *place {
	if unit == c.adcode {
		return v.seat(c)
	}
	short := stem(c.name)
	shares := stem(v.divisions[unit].name) == short // 长沙县 is not where 长沙市 has its seat
	sound := plain(readings(short, c.name))
	whole := plain(readings(c.name, c.name))
	rank := func(p *place) int {
		town := v.owner[p]
		switch here := town != nil && town.county() == c.adcode; {
		case town != nil && !here && p.feature != "PPLA3" && p.feature != "PPLA2":
			return 0 // a town of another county
		case slices.Contains(p.chinese, c.name):
			return 6
		case !shares && slices.Contains(p.chinese, short) && p.order() < 4 && (town == nil || here), slices.Contains(p.chinese, short+"城关镇"):
			return 5
		case p.feature == "PPLA3" && here:
			return 4
		case !shares && p.feature == "PPLA3" && town == nil && (plain(p.ascii) == sound || plain(p.ascii) == whole):
			return 3
		case !shares && slices.Contains(p.chinese, short) && (town == nil || here):
			return 2
		case here && (stem(town.name) == "城关" || stem(town.name) == short),
			!shares && len(p.chinese) == 0 && town == nil && slices.Contains([]string{sound, whole, sound + "cheng"}, plain(p.ascii)):
			return 1
		}
		return 0
	}
	var best *place
	for _, p := range v.places[unit] {
		if rank(p) == 0 {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(rank(p), rank(best)), cmp.Compare(best.order(), p.order()), cmp.Compare(p.population, best.population)) > 0 {
			best = p
		}
	}
	return best
}

func (p *place) record() string { return "GeoNames " + p.id }

// middle is the place at the median longitude and latitude.
func middle(all []vertex) (vertex, bool) {
	if len(all) == 0 {
		return vertex{}, false
	}
	byX := slices.SortedFunc(slices.Values(all), func(a, b vertex) int { return cmp.Compare(a.x, b.x) })
	byY := slices.SortedFunc(slices.Values(all), func(a, b vertex) int { return cmp.Compare(a.y, b.y) })
	return vertex{byX[len(all)/2].x, byY[len(all)/2].y}, true
}

// readings is the pinyin of a name without tones, syllables joined. Of a character with
// several readings the table readings.csv knows which one a name has.
func readings(name, whole string) string {
	var b strings.Builder
	for i, s := range pinyin.LazyPinyin(name, pinyin.NewArgs()) {
		r := string([]rune(name)[min(i, len([]rune(name))-1)])
		if special, ok := oddReadings[whole+" "+r]; ok {
			s = special
		} else if special, ok := oddReadings[r]; ok {
			s = special
		}
		b.WriteString(s)
	}
	return b.String()
}

// oddReadings are characters that place names read otherwise than the library, everywhere
// or in one name.
var oddReadings = map[string]string{
	"重庆市 重": "chong", "长": "chang", "六安市 六": "lu", "六合区 六": "lu", "番禺区 番": "pan", "乐清市 乐": "yue", "厦": "xia", "都": "du", "行": "xing",
	"蚌": "beng", "亳": "bo", "莘县 莘": "shen", "朝": "chao", "会": "hui", "洪洞县 洞": "tong", "铅山县 铅": "yan", "东莞市 莞": "guan", "浚县 浚": "xun",
	"尉犁县 尉": "yu", "尉氏县 尉": "wei", "单县 单": "shan", "郫都区 郫": "pi", "繁峙县 峙": "shi", "解": "xie", "台州市 台": "tai", "天台县 台": "tai", "大城县 大": "dai",
	"乐亭县 乐": "lao", "蔚县 蔚": "yu", "任丘市 任": "ren", "任县 任": "ren", "盛泽镇 盛": "sheng", "石": "shi", "阿": "a", "什邡市 什": "shi", "泌阳县 泌": "bi", "枞阳县 枞": "zong",
}

// gazetteerFiles writes the divisions and towns with their points.
func (v *villages) gazetteerFiles(now []division, towns []*town) (map[string][]byte, error) {
	units := [][]string{{"code", "name", "name_en", "pinyin", "lon", "lat", "precision", "record"}}
	for _, d := range now {
		if d.heading() {
			continue
		}
		at, ok := v.pointOf(d)
		sound := readings(stem(d.name), d.name)
		units = append(units, append([]string{d.adcode, d.name, v.englishOf(d, sound), sound}, at.columns(ok)...))
	}
	small := [][]string{{"code", "name", "pinyin", "lon", "lat", "record"}}
	for _, t := range towns {
		row := []string{t.code, t.name, readings(stem(t.name), t.name), "", "", ""}
		if t.at != nil {
			c := pointOf{t.at.at, "", t.at.record()}.columns(true)
			row[3], row[4], row[5] = c[0], c[1], c[3]
		}
		small = append(small, row)
	}
	files := map[string][]byte{}
	for name, rows := range map[string][][]string{"gazetteer/units.csv": units, "gazetteer/towns.csv": small} {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			return nil, err
		}
		files[name] = b.Bytes()
	}
	return files, nil
}

func (v *villages) pointOf(d division) (pointOf, bool) {
	if d.level() == "county" {
		return v.countySeat(d)
	}
	p := v.seat(d)
	if p == nil {
		return pointOf{}, false
	}
	return pointOf{p.at, d.level() + "_seat", p.record()}, true
}

func (v *villages) englishOf(d division, sound string) string {
	if e, ok := v.english[d.adcode]; ok {
		return e.name
	}
	if sound == "" {
		return ""
	}
	return strings.ToUpper(sound[:1]) + sound[1:]
}

// columns are longitude, latitude, precision and record, empty for no point.
func (p pointOf) columns(ok bool) []string {
	if !ok {
		return []string{"", "", "", ""}
	}
	xy := p.at.xy()
	return []string{strconv.FormatFloat(xy.X, 'f', -1, 64), strconv.FormatFloat(xy.Y, 'f', -1, 64), p.precision, p.record}
}
