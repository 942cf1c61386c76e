package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"
)

// Plan finds out what the columns of f are for, by their names and by what a sample
// of the rows holds. The sample does not depend on the order of the rows. It reads
// all rows once. The error is that of reading.
func Plan(ctx context.Context, f *table.File, g *gazetteer.Gazetteer) (Mapping, []table.Note, error) {
	s, err := newSurvey(ctx, f)
	if err != nil {
		return Mapping{}, nil, err
	}
	p := planner{f: f, g: g, s: s}
	p.guessColumns()
	for i := range f.Sheets {
		p.settleSheet(i)
	}
	m := Mapping{Version: mappingVersion, Kind: KindPlaces, rows: s.rows}
	p.chooseSheets(&m)
	for _, c := range p.guesses {
		m.Columns = append(m.Columns, c.Column)
	}
	if p.isTotals(&m) {
		m.Kind = KindTotals
	}
	p.chooseKey(&m)
	p.guessFrame(&m)
	return m, p.notes, nil
}

type planner struct {
	f       *table.File
	g       *gazetteer.Gazetteer
	s       *survey
	guesses []*guess // of the columns of all sheets, by name
	notes   []table.Note
}

// guess is what one column seems to be for.
type guess struct {
	Column
	score float64
	look  content
}

func (p *planner) note(code, en, zh string) {
	p.notes = append(p.notes, table.Note{Code: code, EN: en, ZH: zh})
}

func (p *planner) guess(column string) *guess {
	i := slices.IndexFunc(p.guesses, func(g *guess) bool { return g.Column.Column == column })
	if i < 0 {
		return nil
	}
	return p.guesses[i]
}

// guessColumns judges each column for itself.
func (p *planner) guessColumns() {
	known := make(map[string]bool)
	for _, sheet := range p.f.Sheets {
		for _, c := range sheet.Columns {
			if known[c.Name] {
				continue
			}
			known[c.Name] = true
			g := &guess{Column: Column{Column: c.Name}, look: look(p.s.values(p.f, c.Name), p.g)}
			g.judge(headerOf(c))
			p.guesses = append(p.guesses, g)
		}
	}
}

// placeRoles are the roles of columns that the gazetteer reads.
var placeRoles = []Role{RolePlace, RoleProvince, RolePrefecture, RoleCounty, RoleTown}

// exact is how sure the names of columns are that people use for nothing else.
const exact = 0.96

func headerOf(c table.Column) string {
	if c.Header != "" {
		return c.Header
	}
	return c.Name
}

// judge decides between what the name says and what the values look like.
func (g *guess) judge(header string) {
	role, sure := headerRole(header)
	c := &g.look
	fits, share := c.fits(role)
	if !fits && sure >= exact && c.looked > 0 && c.long < 0.5 && slices.Contains(placeRoles, role) {
		fits, share = true, 0 // places that the gazetteer does not know are places too
	}
	switch {
	case role == "" || !fits:
		why := g.byContent(header)
		if role != "" && g.Role != role {
			named := role.Title()
			g.Why = g.Why.And(geo.Text{
				EN: "(its name says " + strings.ToLower(named.EN) + ", its values do not)",
				ZH: "（列名像“" + named.ZH + "”，内容不像）",
			})
		}
		g.score = why
	case share > 0:
		g.Role, g.score = role, sure+0.2*share
		g.Why = geo.Text{EN: fmt.Sprintf("its name, and %d %% of its values", int(100*share+0.5)), ZH: fmt.Sprintf("列名，且%d%%的值相符", int(100*share+0.5))}
	default:
		g.Role, g.score = role, sure
		g.Why = geo.Text{EN: "its name", ZH: "列名"}
	}
	if g.Role == RoleNumber {
		g.setUnit(header)
	}
}

// setUnit takes the unit of a column of numbers from its name, else from its values.
func (g *guess) setUnit(header string) {
	if g.Unit = HeaderUnit(header); g.Unit == "" {
		g.Unit = g.look.unit()
	}
}

// fits reports whether the values may be of a role, and the share that is of it where
// that can be told.
func (c *content) fits(role Role) (ok bool, share float64) {
	if c.values == 0 {
		return true, 0
	}
	least := func(share, min float64) (bool, float64) { return share >= min, share }
	switch role {
	case RoleLongitude, RoleLatitude:
		return least(c.numbers, 0.5)
	case RoleCoordinates:
		return least(c.pairs, 0.5)
	case RoleCRS:
		return least(c.systems, 0.5)
	case RoleAdcode:
		return least(c.codes, 0.5)
	case RoleYear:
		return c.years > 0 || c.numbers < 0.5, c.years
	case RoleProvince, RolePrefecture, RoleCounty, RoleTown:
		return c.looked > 0 && c.placed >= 0.3, c.placed
	case RolePlace:
		return c.looked > 0 && c.placed >= 0.2, c.placed
	case RoleName, RoleTrade:
		return c.numbers < 0.5 || c.years == 0 && c.digits && role == RoleName, 0
	case RoleID:
		return c.codes < 0.8 && c.distinct > 0.5, c.distinct
	}
	return true, 0
}

// byContent gives a column whose name says nothing a role by its values, and returns
// how surely.
func (g *guess) byContent(header string) (score float64) {
	c := &g.look
	say := func(role Role, share float64, en, zh string) float64 {
		g.Role = role
		g.Why = geo.Text{EN: fmt.Sprintf("%d %% of its values are %s", int(100*share+0.5), en), ZH: fmt.Sprintf("%d%%的值是%s", int(100*share+0.5), zh)}
		return 0.5 * share
	}
	switch {
	case c.values == 0:
		g.Role, g.Why = RoleText, geo.Text{EN: "it is empty", ZH: "空列"}
	case c.codes >= 0.8:
		return say(RoleAdcode, c.codes, "division codes", "行政区划代码")
	case c.pairs >= 0.8:
		return say(RoleCoordinates, c.pairs, "two coordinates", "坐标对")
	case c.systems >= 0.8:
		return say(RoleCRS, c.systems, "names of coordinate systems", "坐标系名")
	case c.fine >= 0.6 && c.lon >= 0.8:
		return say(RoleLongitude, c.lon, "longitudes in China", "中国范围内的经度")
	case c.fine >= 0.6 && c.lat >= 0.8:
		return say(RoleLatitude, c.lat, "latitudes in China", "中国范围内的纬度")
	case c.years >= 0.9 && HeaderUnit(header) == "":
		return say(RoleYear, c.years, "years", "年份")
	case c.numbers >= 0.8 && c.codes < 0.5:
		return say(RoleNumber, c.numbers, "numbers", "数字")
	case c.looked > 0 && c.whole() >= 0.6:
		for _, level := range []struct {
			name   string
			role   Role
			en, zh string
		}{
			{"province", RoleProvince, "provinces", "省级单位"}, {"prefecture", RolePrefecture, "prefectures", "地级单位"},
			{"county", RoleCounty, "counties", "县级单位"}, {"town", RoleTown, "towns", "乡镇街道"},
		} {
			if share := c.divisions[level.name]; share >= 0.8 {
				return say(level.role, share, level.en, level.zh)
			}
		}
		return say(RolePlace, c.whole(), "divisions", "行政区划")
	case c.looked > 0 && c.placed >= 0.6:
		return c.sure * say(RolePlace, c.placed, "texts that name a place", "含地名的文字")
	case c.long >= 0.5:
		return say(RoleNote, c.long, "long texts", "长文字")
	default:
		g.Role, g.Why = RoleText, geo.Text{EN: "nothing more is known of it", ZH: "未识别用途"}
	}
	return 0
}

// settleSheet leaves each role that a sheet can have once to the column that has the
// best claim, and finds a name where no column is called one.
func (p *planner) settleSheet(sheet int) {
	var columns []*guess
	for _, c := range p.f.Sheets[sheet].Columns {
		columns = append(columns, p.guess(c.Name))
	}
	best := make(map[Role]*guess)
	for _, g := range columns {
		if b := best[g.Role]; b == nil || g.score > b.score {
			best[g.Role] = g
		}
	}
	for _, g := range columns {
		b := best[g.Role]
		if g != b && (g.Role.single() || g.Role == RoleName && b.score >= 0.9 && g.score < 0.9) {
			g.demote(b)
		}
	}
	alone := func(one, other Role) { // half a pair of coordinates is none
		if g := best[one]; g != nil && best[other] == nil {
			g.Role, g.Why = RoleNumber, geo.Text{EN: "there is no other coordinate beside it", ZH: "没有成对的坐标"}
		}
	}
	alone(RoleLongitude, RoleLatitude)
	alone(RoleLatitude, RoleLongitude)
	if best[RoleName] == nil {
		p.findName(columns)
	}
}

// demote gives a column another role because b has the one that it would have.
func (g *guess) demote(b *guess) {
	g.Why = geo.Text{
		EN: fmt.Sprintf("would be the %s too, but %q is", strings.ToLower(g.Role.Title().EN), clip(b.Column.Column)),
		ZH: fmt.Sprintf("也像%s，已用“%s”列", g.Role.Title().ZH, clip(b.Column.Column)),
	}
	if g.Role != RoleYear && g.Role != RoleAdcode && g.look.numbers >= 0.8 {
		g.Role = RoleNumber
	} else {
		g.Role = RoleText
	}
}

// findName takes the first column of texts that nearly all differ.
func (p *planner) findName(columns []*guess) {
	for _, g := range columns {
		c := &g.look
		if g.Role == RoleText && c.values > 0 && c.numbers < 0.5 && c.distinct >= 0.9 && c.long < 0.3 && headerIsFree(g.Column.Column) {
			g.Role, g.score = RoleName, 0.3
			g.Why = geo.Text{EN: "its texts tell the rows apart", ZH: "各行文字互不相同"}
			return
		}
	}
}

// headerIsFree is false for columns that are known to name nothing, such as addresses
// of the web.
func headerIsFree(header string) bool {
	role, _ := headerRole(header)
	return role != RoleText
}

// placing are the roles that tell where a row stands.
var placing = []Role{RolePlace, RoleProvince, RolePrefecture, RoleCounty, RoleTown, RoleAdcode, RoleLongitude, RoleCoordinates}

// chooseSheets leaves sheets out that have no rows, or no column by which a row could
// be placed while another sheet has one, and says so.
func (p *planner) chooseSheets(m *Mapping) {
	var chosen, left []string
	for i, sheet := range p.f.Sheets {
		useful := p.s.bySheet[i] > 0 && (p.hasGeometry(i) || slices.ContainsFunc(sheet.Columns, func(c table.Column) bool {
			g := p.guess(c.Name)
			return slices.Contains(placing, g.Role) || g.Role == RoleName && g.look.placed > 0.2
		}))
		if useful {
			chosen = append(chosen, sheet.Name)
		} else if p.s.bySheet[i] > 0 {
			left = append(left, sheet.Name)
		}
	}
	if len(chosen) == 0 || len(chosen) == len(p.f.Sheets) {
		return
	}
	m.Sheets = chosen
	for _, name := range left {
		p.notes = append(p.notes, table.Note{Sheet: name, Code: "sheet-left-out",
			EN: "this sheet is left out: no column of it says where a row stands", ZH: "此工作表未导入：没有说明位置的列"})
	}
}

func (p *planner) hasGeometry(sheet int) bool {
	return slices.ContainsFunc(p.s.sample.rows, func(r sampleRow) bool { return r.sheet == sheet && r.geometry })
}

// isTotals reports whether the rows are divisions with figures: they have a code or
// are named by nothing but divisions, and nothing else has a name.
func (p *planner) isTotals(m *Mapping) bool {
	numbers, divisions := false, false
	for _, g := range p.guesses {
		switch g.Role {
		case RoleNumber:
			numbers = true
		case RoleAdcode:
			divisions = true
		case RolePlace, RoleProvince, RolePrefecture, RoleCounty:
			if g.look.whole() < 0.8 {
				return false
			}
			divisions = true
		case RoleName:
			if g.look.whole() < 0.8 { // 名称 may well be the name of the division
				return false
			}
			divisions = true
		case RoleTrade, RoleTown, RoleLongitude, RoleCoordinates:
			return false
		}
	}
	if len(p.s.sample.rows) > 0 && p.hasGeometry(p.s.sample.rows[0].sheet) {
		return false
	}
	return numbers && divisions
}

// chooseKey takes a column of identifiers as the key where the sample has no two
// equal ones and none empty.
func (p *planner) chooseKey(m *Mapping) {
	for _, g := range p.guesses {
		if g.Role != RoleID || len(m.Key) > 0 {
			continue
		}
		if g.look.values == len(p.s.sample.rows) && g.look.distinct == 1 {
			m.Key = []string{g.Column.Column}
			p.note("key", fmt.Sprintf("the column %q identifies the rows", clip(g.Column.Column)), fmt.Sprintf("以“%s”列作为各行的标识", clip(g.Column.Column)))
		}
	}
}

// guessFrame finds out in which system coordinates are, by the seats of the places
// that the rows name.
func (p *planner) guessFrame(m *Mapping) {
	x := slices.IndexFunc(p.guesses, func(g *guess) bool { return g.Role == RoleLongitude })
	pair := slices.IndexFunc(p.guesses, func(g *guess) bool { return g.Role == RoleCoordinates })
	if x < 0 && pair < 0 {
		return
	}
	var samples []Sample
	for i, sheet := range p.f.Sheets {
		l, err := newLayout(sheet, m)
		if err != nil {
			continue
		}
		for _, row := range p.s.sample.rows {
			if row.sheet != i {
				continue
			}
			r := table.Row{Cells: row.cells}
			sx, sy, ok := l.coordinates(r)
			if !ok {
				continue
			}
			q := l.query(r, m.Year)
			sample := Sample{X: sx, Y: sy}
			if found := p.g.Match(q); len(found.Places) == 1 && found.Confidence >= 0.8 && found.Places[0].Precision != "" {
				sample.Seat = &found.Places[0].Point
			}
			samples = append(samples, sample)
		}
	}
	stated := p.statedSystem()
	f := GuessFrame(stated, samples)
	if f.Swapped {
		m.Axes = AxesSwapped
	}
	var reasons []geo.Text
	for _, r := range f.Reasons {
		reasons = append(reasons, geo.Text{EN: ReasonText(r, "en"), ZH: ReasonText(r, "zh")})
	}
	switch {
	case f.CRS == nil:
		p.note("crs", "the system of the coordinates is not known, so they are not used; -crs states it", "坐标系未知，未采用坐标；可用-crs指定")
		return
	case stated != nil:
		p.note("crs", "coordinates are read as "+f.CRS.Name()+", as the table says", "按表中所注，坐标以"+f.CRS.Name()+"读取")
	case !f.Guessed:
		p.note("crs", "coordinates are taken for WGS 84; -crs states another system", "坐标按WGS 84读取；可用-crs另行指定")
	default:
		p.note("crs", "coordinates are read as "+f.CRS.Name()+", which is a guess", "坐标按"+f.CRS.Name()+"读取（推测）")
	}
	m.CRS = f.CRS.Code()
	for _, why := range reasons {
		p.note("crs-why", why.EN, why.ZH)
	}
	if f.Guessed {
		m.CRSWhy = geo.Text{EN: "a guess", ZH: "推测"}
		if len(reasons) > 0 {
			m.CRSWhy = reasons[len(reasons)-1]
		}
	}
}

// statedSystem is the system that the file or the name of a column of coordinates says.
func (p *planner) statedSystem() *crs.CRS {
	for _, sheet := range p.f.Sheets {
		if sheet.CRS != nil {
			return sheet.CRS
		}
		for _, c := range sheet.Columns {
			switch p.guess(c.Name).Role {
			case RoleLongitude, RoleLatitude, RoleCoordinates:
				if s := systemIn(headerOf(c)); s != nil {
					return s
				}
			}
		}
	}
	return nil
}

// clip shortens a text for a message, and takes out of it what would disturb a
// terminal.
func clip(s string) string {
	const most = 60
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			return b.String() + "…"
		}
		b.WriteRune(visible(r))
	}
	return b.String()
}

// visible is r, or a mark in place of a control character or one that turns the
// direction of text.
func visible(r rune) rune {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return '�'
	}
	return r
}
