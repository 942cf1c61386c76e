// Package gazetteer knows the divisions of China by code and by name: provinces,
// prefectures, counties, towns, and zones under the names that people write, those
// that they had before, and where their seats are.
//
// Codes are those of GB/T 2260, six digits, as of 2023; towns have nine. Points are
// longitude, latitude in degrees on WGS 84 (OGC:CRS84): that of the seat, from
// GeoNames, by the record that Unit.Record names. Many seats are in no record; then a
// unit has none, and whoever needs one takes that of the unit above and says so.
//
// The package reads its tables from an fs.FS and nothing else. A Gazetteer does not
// change and may be used by many at once.
package gazetteer

import (
	"strings"

	"github.com/paulmach/orb"
)

// Levels of units, from the largest.
const (
	Province   = "province"
	Prefecture = "prefecture"
	County     = "county"
	Town       = "town"
	Zone       = "zone"
)

// Unit is a division as it is today, or a zone. All fields are to be read only.
type Unit struct {
	Code   string // six digits, nine of a town; of a zone "zone:" and its name
	NameZH string // in full: 吴江区
	NameEN string // without its kind: Wujiang; "" of towns
	Pinyin string // of the name without its kind, syllables joined, no tones
	Level  string
	Parent *Unit // of a county its prefecture or province, of a town its county, of a zone its host; nil of a province

	HasPoint  bool
	Point     orb.Point // of the seat, if HasPoint
	Precision string    // "province_seat", "prefecture_seat", "county_seat", "town_seat", "zone", or "approximate": the middle of its towns
	Record    string    // where the point is from: "GeoNames 1805657"; "" if it was computed

	children  []*Unit
	syllables string // of the name without its kind, with spaces
}

// Adcode is the code of GB/T 2260 of the unit, or of the one that a town or zone lies in.
func (u *Unit) Adcode() string {
	for (len(u.Code) != 6 || statistical(u.Code)) && u.Parent != nil {
		u = u.Parent
	}
	return u.Code
}

// Children are the units directly below, by code. Zones are below their hosts.
func (u *Unit) Children() []*Unit { return u.children }

// Within reports whether the unit is other, or lies in it.
func (u *Unit) Within(other *Unit) bool {
	for ; u != nil; u = u.Parent {
		if u == other {
			return true
		}
	}
	return false
}

// Path is the name with those of all units above: 江苏省苏州市吴江区.
func (u *Unit) Path() string {
	var b strings.Builder
	u.path(&b)
	return b.String()
}

func (u *Unit) path(b *strings.Builder) {
	if u.Parent != nil {
		u.Parent.path(b)
	}
	b.WriteString(u.NameZH)
}

// Seat is where the unit is shown: at its own seat, or, where none is known, at that of
// the nearest unit above that has one. host is that unit, u itself where the seat is its
// own. There is none (nil) for a unit of which nothing above has a point.
func (u *Unit) Seat() (at orb.Point, host *Unit) {
	for ; u != nil; u = u.Parent {
		if u.HasPoint {
			return u.Point, u
		}
	}
	return orb.Point{}, nil
}

// Alias is a name that people write for a unit, for several at once, or for a zone.
type Alias struct {
	Name  string
	Units []*Unit
	Until int  // the first year in which it was no more the name; 0 of one in use
	In    bool // it is of what lies in the unit, as 华强北 in 福田区, and not of the unit
}

// Former is a unit that is no more, or had another name or code.
type Former struct {
	Code, Name string
	Until      int // the first year in which it was no more
}

// Gazetteer is all units.
type Gazetteer struct {
	units       []*Unit // by code; zones last
	byCode      map[string]*Unit
	aliases     []Alias
	successions map[string][]Succession // by old code and name
	former      []Former
	then        map[string]string // names by code, of 2006
	trades      []string
	zones       map[string][]*Unit // by name
	lexicon     func() *lexicon
	backward    map[string][]string
	traditional map[rune]rune // to simplified
}

// Unit is the unit of a code: six digits, nine of a town, the id of a zone.
func (g *Gazetteer) Unit(code string) (*Unit, bool) {
	u, ok := g.byCode[code]
	return u, ok
}

// Units are all of today, by code, the zones last.
func (g *Gazetteer) Units() []*Unit { return g.units }

// Aliases are the names that people write beside those of the units.
func (g *Gazetteer) Aliases() []Alias { return g.aliases }

// Formers are the units that were renamed, merged, split or given another code, by code.
func (g *Gazetteer) Formers() []Former { return g.former }

// names is the lexicon, which is made when it is first asked for.
func (g *Gazetteer) names() *lexicon { return g.lexicon() }
