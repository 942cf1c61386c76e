package ingest

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"
)

// layout says where the cells of one sheet stand by role; -1 is nowhere.
type layout struct {
	at      map[Role]int
	key     []int
	keyless bool     // ids are made of the content, whatever ids the format gives
	columns []Column // by cell
	factor  []float64
	base    []string  // unit
	scale   []float64 // the word of the unit, which a cell may repeat: 1e4 of 万人
	year    int       // that the name of the sheet says; 0: none
}

func newLayout(sheet *table.Sheet, m *Mapping) (*layout, error) {
	l := &layout{
		at:      make(map[Role]int),
		columns: make([]Column, len(sheet.Columns)),
		factor:  make([]float64, len(sheet.Columns)),
		base:    make([]string, len(sheet.Columns)),
		scale:   make([]float64, len(sheet.Columns)),
	}
	if year, only := yearOf(sheet.Name); only {
		l.year = year
	}
	for i, c := range sheet.Columns {
		col, ok := m.role(c.Name)
		if !ok {
			col = Column{Column: c.Name, Role: RoleText}
		}
		l.columns[i] = col
		if first, taken := l.at[col.Role]; taken && col.Role.single() {
			return nil, &geo.InvalidError{Field: clip(c.Name), Reason: fmt.Sprintf("has the role %s, which the column %q has too", col.Role, clip(l.columns[first].Column))}
		} else if !taken {
			l.at[col.Role] = i
		}
		l.factor[i], l.scale[i] = 1, 1
		if col.Unit == "" {
			_, l.scale[i] = headerScale(headerOf(c))
		}
		if col.Unit != "" {
			if base, factor, ok := ParseUnit(col.Unit); ok {
				l.base[i], l.factor[i], l.scale[i] = base, factor, unitScale(col.Unit)
			}
		}
	}
	for _, name := range m.Key {
		for i, c := range sheet.Columns {
			if c.Name == name {
				l.key = append(l.key, i)
			}
		}
	}
	if len(l.key) < len(m.Key) {
		l.key = nil
	}
	l.keyless = m.Key != nil && len(m.Key) == 0
	_, lon := l.at[RoleLongitude]
	_, lat := l.at[RoleLatitude]
	if lon != lat {
		return nil, &geo.InvalidError{Reason: "a longitude column needs a latitude column beside it"}
	}
	return l, nil
}

// text is the cell of a role, without spaces around it.
func (l *layout) text(row table.Row, role Role) string {
	i, ok := l.at[role]
	if !ok || i >= len(row.Cells) || row.Cells[i].Kind == table.JSON {
		return ""
	}
	return exactText(row.Cells[i])
}

// exactText is a cell as text, without spaces around it. Spreadsheets show numbers rounded
// or with commas: here they are whole.
func exactText(v table.Value) string {
	if v.Kind == table.Number && finite(v.Number) {
		return string(appendFloat(nil, v.Number))
	}
	return strings.TrimSpace(v.Text)
}

// coordinates are the texts of the two coordinates of a row.
func (l *layout) coordinates(row table.Row) (x, y string, ok bool) {
	x, y = l.text(row, RoleLongitude), l.text(row, RoleLatitude)
	if x != "" || y != "" {
		return x, y, true
	}
	pair := l.text(row, RoleCoordinates)
	if pair == "" {
		return "", "", false
	}
	if x, y, ok := cutPair(pair); ok {
		return x, y, true
	}
	return pair, "", true
}

// maxPlaceText is how many bytes of a text may name a place; what is longer tells a
// story.
const maxPlaceText = 2000

// query asks for the place of a row. year is taken where neither a column nor the name of
// the sheet tells one.
func (l *layout) query(row table.Row, year int) gazetteer.Query {
	q := gazetteer.Query{
		Place: l.text(row, RolePlace), Name: l.text(row, RoleName),
		Province: l.text(row, RoleProvince), Prefecture: l.text(row, RolePrefecture), County: l.text(row, RoleCounty),
		Year: cmp.Or(l.year, year),
	}
	if town := l.text(row, RoleTown); town != "" && !strings.Contains(q.Place, town) {
		q.Place += town
	}
	if code, ok := cleanCode(l.text(row, RoleAdcode)); ok {
		q.Code = code
	}
	if y, _ := yearOf(l.text(row, RoleYear)); y != 0 {
		q.Year = y
	}
	for _, s := range []*string{&q.Place, &q.Name, &q.Province, &q.Prefecture, &q.County} {
		if len(*s) > maxPlaceText {
			*s = strings.ToValidUTF8((*s)[:maxPlaceText], "")
		}
	}
	return q
}

const (
	minYear = 1900
	maxYear = 2100
)

var yearDigits = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)(?:\D|$)`)

// yearOf is the first year in a text, and whether it is the only one.
func yearOf(text string) (year int, only bool) {
	if len(text) == 4 { // nearly all
		if y, err := strconv.Atoi(text); err == nil && y >= minYear && y < maxYear {
			return y, true
		}
		return 0, false
	}
	if len(text) > 200 {
		return 0, false
	}
	only = true
	for rest := text; ; {
		m := yearDigits.FindStringSubmatchIndex(rest)
		if m == nil {
			return year, only && year != 0
		}
		y, _ := strconv.Atoi(rest[m[2]:m[3]])
		if year != 0 && y != year {
			only = false
		}
		if year == 0 {
			year = y
		}
		rest = rest[m[3]:]
	}
}

// rowName is what a person calls the row, for the report: its name, else its place,
// else its first text.
func (l *layout) rowName(row table.Row) string {
	for _, role := range []Role{RoleName, RolePlace, RoleCounty, RoleAdcode} {
		if s := l.text(row, role); s != "" {
			return short(s)
		}
	}
	for _, v := range row.Cells {
		if v.Kind == table.Text && strings.TrimSpace(v.Text) != "" {
			return short(strings.TrimSpace(v.Text))
		}
	}
	return ""
}

// placeText is what the row says of its place, for the report.
func (l *layout) placeText(row table.Row) string {
	var parts []string
	for _, role := range []Role{RoleProvince, RolePrefecture, RoleCounty, RoleTown, RolePlace} {
		if s := l.text(row, role); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, l.text(row, RoleAdcode))
	}
	return short(strings.Join(parts, " "))
}

// short is a copy of a text for the report, cut where it is long.
func short(s string) string {
	const most = 240 // bytes
	if len(s) <= most {
		return strings.Clone(s)
	}
	s = s[:most]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
