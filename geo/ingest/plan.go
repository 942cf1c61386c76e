package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

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
			g.setUnit(g.Column.Column)
		}
	}
	alone(RoleLongitude, RoleLatitude)
	alone(RoleLatitude, RoleLongitude)
	for _, g := range columns {
		c := p.f.Sheets[sheet].Columns[slices.Index(columns, g)]
		role, sure := headerRole(headerOf(c))
		single := len(plain(headerOf(c))) == 1
		if sure >= exact && !single && g.look.values > 0 && coordinate(role) && !coordinate(g.Role) {
			p.notes = append(p.notes, table.Note{Sheet: p.f.Sheets[sheet].Name, Code: "coordinates-unread",
				EN: fmt.Sprintf("the column %q is not read as coordinates: %s", clip(c.Name), g.Why.EN), ZH: fmt.Sprintf("“%s”列未作为坐标读取：%s", clip(c.Name), g.Why.ZH)})
		}
	}
	p.noteHeader(p.f.Sheets[sheet], columns)
	if best[RoleName] == nil {
		p.findName(columns)
	}
}

// noteHeader says where the row of names may be one of data: a column of places is
// called by a place.
func (p *planner) noteHeader(sheet *table.Sheet, columns []*guess) {
	for i, g := range columns {
		header := sheet.Columns[i].Header
		if role, _ := headerRole(header); header == "" || role != "" || sheet.HeaderRow == 0 || !slices.Contains(placeRoles, g.Role) {
			continue
		}
		if r := p.g.Match(gazetteer.Query{Place: header}); len(r.Places) == 0 || r.Confidence < 0.8 {
			continue
		}
		p.notes = append(p.notes, table.Note{Sheet: sheet.Name, Row: sheet.HeaderRow, Code: "header-data",
			EN: fmt.Sprintf("this row is taken for the names of the columns, but %q is a place as those below it are; if it is a row of data, put a row of names above it", clip(header)),
			ZH: fmt.Sprintf("此行被当作表头，但“%s”与其下各行一样是地名；若为数据，请在其上加一行列名", clip(header))})
		return
	}
}

func coordinate(r Role) bool {
	return r == RoleLongitude || r == RoleLatitude || r == RoleCoordinates
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
	samples := p.samples(m)
	if len(samples) == 0 {
		return
	}
	stated := p.statedSystem()
	f := GuessFrame(stated, samples)
	if f.Swapped && samples[0].shape {
		f.CRS = nil // the axes of a geometry are x and y
	} else if f.Swapped {
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

// samples are coordinates of columns; where there are none, those of geometries in metres
// whose system the file does not state.
func (p *planner) samples(m *Mapping) (all []Sample) {
	columns := slices.ContainsFunc(p.guesses, func(g *guess) bool { return g.Role == RoleLongitude || g.Role == RoleCoordinates })
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
			var sample Sample
			if columns {
				var ok bool
				if sample.X, sample.Y, ok = l.coordinates(r); !ok {
					continue
				}
			} else {
				if sheet.CRS != nil || !row.geometry || !inMetres(row.at) {
					continue
				}
				sample = Sample{X: strconv.FormatFloat(row.at[0], 'f', -1, 64), Y: strconv.FormatFloat(row.at[1], 'f', -1, 64), shape: true}
			}
			q := l.query(r, m.Year)
			if found := p.g.Match(q); len(found.Places) == 1 && found.Confidence >= 0.8 && found.Places[0].Precision != "" {
				sample.Seat = &found.Places[0].Point
			}
			all = append(all, sample)
		}
	}
	return all
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
