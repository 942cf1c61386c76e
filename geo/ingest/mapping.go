package ingest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// Mapping says how a table is read: what its columns are for, and what a person has
// corrected. The zero Mapping leaves all to Plan. As a file it is JSON, see
// ReadMapping.
type Mapping struct {
	Version string   `json:"clustermap"` // mappingVersion
	Kind    string   `json:"kind,omitempty"`
	Sheets  []string `json:"sheets,omitempty"` // nil: all that have columns of use
	Columns []Column `json:"columns,omitempty"`
	Key     []string `json:"key,omitzero"` // columns that identify a row; nil: the id that the format gives, else all it holds; empty: all it holds

	CRS    string   `json:"crs,omitempty"`    // of longitude and latitude columns; "": WGS 84
	Axes   string   `json:"axes,omitempty"`   // AxesSwapped where the longitude column holds the latitude
	CRSWhy geo.Text `json:"crs_why,omitzero"` // where CRS or Axes is a guess

	Year      int     `json:"year,omitempty"`      // of the division names, where no column tells it
	Threshold float64 `json:"threshold,omitempty"` // 0: DefaultThreshold
	Split     bool    `json:"split,omitempty"`     // a feature for each place of a row that names several
	Geometry  string  `json:"geometry,omitempty"`  // of totals: GeometryPoints (the default) or GeometryOutlines

	Corrections []Correction `json:"corrections,omitempty"`

	rows int64 // that Plan counted
}

// Values of Mapping.Version, Kind, Axes and Geometry.
const (
	mappingVersion = "mapping 1"

	KindPlaces = "places" // a row is a thing that stands somewhere
	KindTotals = "totals" // a row is a division, with figures

	AxesSwapped = "swapped"

	GeometryPoints   = "points"
	GeometryOutlines = "outlines"
)

// Column is what one column is for.
type Column struct {
	Column string   `json:"column"` // table.Column.Name
	Role   Role     `json:"role"`
	Unit   string   `json:"unit,omitempty"` // of numbers: values are told in it, such as 亿元
	Why    geo.Text `json:"why,omitzero"`   // why Plan says so
}

// Correction is what a person says of one row. It overrides the machine.
type Correction struct {
	ID     string     `json:"id"` // of the feature; of equal rows all, unless one is named with its number
	Adcode string     `json:"adcode,omitempty"`
	Point  *orb.Point `json:"point,omitempty"` // longitude, latitude on WGS 84
	None   bool       `json:"none,omitempty"`  // it stands nowhere
	Note   string     `json:"note,omitempty"`
}

const (
	maxMapping     = 16 << 20 // bytes
	maxCorrections = 100_000
)

// ReadMapping reads a mapping file strictly: unknown members, members that stand
// twice and values that make no sense are refused. The error is *geo.InvalidError,
// or that of r.
func ReadMapping(r io.Reader) (Mapping, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMapping+1))
	if err != nil {
		return Mapping{}, err
	}
	if len(text) > maxMapping {
		return Mapping{}, &geo.InvalidError{Reason: "a mapping has 16 MiB at most"}
	}
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	var m Mapping
	if err := json.Unmarshal(text, &m, json.RejectUnknownMembers(true)); err != nil {
		return Mapping{}, mappingFault(text, err)
	}
	if err := m.check(); err != nil {
		return Mapping{}, err
	}
	return m, nil
}

// mappingFault words an error of the JSON reader for the person who wrote the file.
func mappingFault(text []byte, err error) error {
	fault := &geo.InvalidError{Reason: err.Error()}
	var offset int64
	var syntactic *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &syntactic):
		offset, fault.Field = syntactic.ByteOffset, string(syntactic.JSONPointer)
		fault.Reason = "is not JSON here: " + syntactic.Err.Error()
		if errors.Is(syntactic.Err, jsontext.ErrDuplicateName) {
			fault.Reason = "a member stands twice"
		}
	case errors.As(err, &semantic):
		offset, fault.Field = semantic.ByteOffset, string(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			fault.Reason = "there is no such member"
		default:
			fault.Reason = "a value of another type is expected here"
			if semantic.JSONKind != 0 {
				fault.Reason += ", found " + semantic.JSONKind.String()
			}
		}
	}
	fault.Field = strings.TrimPrefix(fault.Field, "/")
	fault.Line = 1 + strings.Count(string(text[:min(max(offset, 0), int64(len(text)))]), "\n")
	return fault
}

// Write writes the mapping as ReadMapping reads it: equal mappings give equal bytes.
func (m Mapping) Write(w io.Writer) error {
	m.Version = mappingVersion
	text, err := json.Marshal(m, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// check refuses what no table could be read by.
func (m *Mapping) check() error {
	bad := func(field, format string, args ...any) error {
		return &geo.InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
	}
	if m.Version != "" && m.Version != mappingVersion {
		return bad("clustermap", "%q is not %q", m.Version, mappingVersion)
	}
	switch {
	case !slices.Contains([]string{"", KindPlaces, KindTotals}, m.Kind):
		return bad("kind", "%q is neither %s nor %s", m.Kind, KindPlaces, KindTotals)
	case m.Axes != "" && m.Axes != AxesSwapped:
		return bad("axes", "%q is not %q", m.Axes, AxesSwapped)
	case !slices.Contains([]string{"", GeometryPoints, GeometryOutlines}, m.Geometry):
		return bad("geometry", "%q is neither %s nor %s", m.Geometry, GeometryPoints, GeometryOutlines)
	case m.Year != 0 && (m.Year < minYear || m.Year > maxYear):
		return bad("year", "%d: years are %d to %d", m.Year, minYear, maxYear)
	case math.IsNaN(m.Threshold) || m.Threshold < 0 || m.Threshold > 1:
		return bad("threshold", "%v: is between 0 and 1", m.Threshold)
	}
	if m.CRS != "" {
		if _, ok := crs.Lookup(m.CRS); !ok {
			return bad("crs", "%q is not a coordinate system that is known here, such as EPSG:4490 or GCJ-02", m.CRS)
		}
	}
	seen := make(map[string]bool, len(m.Columns))
	for i, c := range m.Columns {
		field := "columns/" + strconv.Itoa(i)
		switch {
		case c.Column == "":
			return bad(field, "column is missing")
		case seen[c.Column]:
			return bad(field, "the column %q stands twice", c.Column)
		case !c.Role.Known():
			return bad(field, "%q is not a role; one of %s", c.Role, roleNames())
		}
		seen[c.Column] = true
		if c.Unit != "" {
			if _, _, ok := ParseUnit(c.Unit); !ok {
				return bad(field, "%q is not a unit that is known", c.Unit)
			}
		}
	}
	return m.checkCorrections()
}

func (m *Mapping) checkCorrections() error {
	if len(m.Corrections) > maxCorrections {
		return &geo.InvalidError{Field: "corrections", Reason: fmt.Sprintf("are %d; %d at most", len(m.Corrections), maxCorrections)}
	}
	seen := make(map[string]bool, len(m.Corrections))
	for i, c := range m.Corrections {
		reason := ""
		switch {
		case c.ID == "":
			reason = "id is missing"
		case seen[c.ID]:
			reason = fmt.Sprintf("the id %q stands twice", c.ID)
		case c.None && (c.Adcode != "" || c.Point != nil):
			reason = "none goes with neither adcode nor point"
		case !c.None && c.Adcode == "" && c.Point == nil:
			reason = "needs an adcode, a point, or none"
		case c.Point != nil && !onEarth(*c.Point):
			reason = fmt.Sprintf("%v: a point is longitude -180 to 180, latitude -90 to 90, and not 0,0", *c.Point)
		}
		if reason != "" {
			return &geo.InvalidError{Field: "corrections/" + strconv.Itoa(i), Reason: reason}
		}
		seen[c.ID] = true
	}
	return nil
}

// onEarth reports whether p is a longitude and latitude that may be meant: 0,0 is
// what programs write for a point they do not know.
func onEarth(p orb.Point) bool {
	return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90 && p != orb.Point{}
}

func roleNames() string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r.Role))
	}
	return strings.Join(names, ", ")
}

// role is the role of the column, and whether the mapping says one.
func (m *Mapping) role(column string) (Column, bool) {
	for _, c := range m.Columns {
		if c.Column == column {
			return c, true
		}
	}
	return Column{}, false
}

// Merge is m with all that over says put above it, column by column. A column that
// over gives a role of which there is one only takes it from the one that had it.
// m and over stay as they are.
func (m Mapping) Merge(over Mapping) Mapping {
	m.Columns = slices.Clone(m.Columns)
	for _, c := range over.Columns {
		if c.Role.single() {
			for i := range m.Columns {
				if m.Columns[i].Role == c.Role && m.Columns[i].Column != c.Column {
					m.Columns[i] = Column{Column: m.Columns[i].Column, Role: RoleText}
				}
			}
		}
		i := slices.IndexFunc(m.Columns, func(d Column) bool { return d.Column == c.Column })
		if i < 0 {
			m.Columns = append(m.Columns, c)
			continue
		}
		m.Columns[i] = c
	}
	if over.Kind != "" {
		m.Kind = over.Kind
	}
	if over.Sheets != nil {
		m.Sheets = over.Sheets
	}
	if over.Key != nil {
		m.Key = over.Key
	}
	if over.CRS != "" || over.Axes != "" {
		m.CRS, m.Axes, m.CRSWhy = over.CRS, over.Axes, over.CRSWhy
	}
	if over.Year != 0 {
		m.Year = over.Year
	}
	if over.Threshold != 0 {
		m.Threshold = over.Threshold
	}
	if over.Geometry != "" {
		m.Geometry = over.Geometry
	}
	m.Split = m.Split || over.Split
	if over.Corrections != nil {
		m.Corrections = over.Corrections
	}
	return m
}
