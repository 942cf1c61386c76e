package gazetteer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"
)

// Read reads the tables gazetteer/units.csv, towns.csv, former.csv and traditional.csv, aliases.csv,
// successions.csv, codes/2006.csv, and trades.csv, whose words are taken for no towns. It takes some tens of milliseconds.
func Read(fsys fs.FS) (*Gazetteer, error) {
	g := &Gazetteer{byCode: make(map[string]*Unit, 1<<16), then: make(map[string]string), zones: make(map[string][]*Unit), traditional: make(map[rune]rune)}
	var changes []Succession
	for _, file := range []struct {
		name    string
		columns []string
		row     func([]string) error
	}{
		{"gazetteer/units.csv", []string{"code", "name", "name_en", "pinyin", "lon", "lat", "precision", "record"}, g.addUnit},
		{"gazetteer/towns.csv", []string{"code", "name", "pinyin", "lon", "lat", "record"}, g.addTown},
		{"aliases.csv", []string{"alias", "code", "kind", "name", "note"}, g.addAlias},
		{"trades.csv", []string{"word", "industry"}, func(r []string) error { g.trades = append(g.trades, strings.Clone(r[0])); return nil }},
		{"gazetteer/former.csv", []string{"code", "name", "until", "now"}, func(r []string) error { return g.addFormer(r, &changes) }},
		{"gazetteer/traditional.csv", []string{"traditional", "simplified"}, g.addTraditional},
		{"codes/2006.csv", []string{"code", "name", "level"}, func(r []string) error { g.then[r[0]] = r[1]; return nil }},
		{"successions.csv", []string{"old_code", "old_name", "new_code", "new_name", "year", "kind", "source", "note"}, func(r []string) error {
			year, err := strconv.Atoi(r[4])
			changes = append(changes, Succession{r[0], r[1], r[2], r[3], year, r[5], r[6], r[7]})
			return err
		}},
	} {
		if err := readTable(fsys, file.name, file.columns, file.row); err != nil {
			return nil, err
		}
	}
	g.addSuccessions(changes)
	g.turnBack()
	g.lexicon = sync.OnceValue(func() *lexicon { return g.makeLexicon(g.trades) })
	return g, nil
}

// readTable calls row with each record below the head.
func readTable(fsys fs.FS, name string, columns []string, row func([]string) error) (err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	r.FieldsPerRecord = len(columns)
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !slices.Equal(head, columns) {
		return fmt.Errorf("%s:1: needs the columns %s", name, strings.Join(columns, ","))
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = row(record)
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

func (g *Gazetteer) add(u *Unit) error {
	if g.byCode[u.Code] != nil {
		return fmt.Errorf("%s stands twice", u.Code)
	}
	g.units = append(g.units, u)
	g.byCode[u.Code] = u
	if u.Level == Zone {
		g.zones[u.NameZH] = append(g.zones[u.NameZH], u)
	}
	if u.Parent != nil {
		u.Parent.children = append(u.Parent.children, u)
	}
	return nil
}

func (g *Gazetteer) addUnit(r []string) error {
	u := &Unit{Code: strings.Clone(r[0]), NameZH: strings.Clone(r[1]), NameEN: strings.Clone(r[2]), Level: County}
	u.say(r[3])
	if len(u.Code) != 6 {
		return fmt.Errorf("code %q needs six digits", u.Code)
	}
	switch {
	case strings.HasSuffix(u.Code, "0000"):
		u.Level = Province
	case strings.HasSuffix(u.Code, "00"):
		u.Level = Prefecture
	case statistical(u.Code):
		u.Level = Zone
	}
	if u.Level != Province {
		if u.Parent = g.byCode[u.Code[:4]+"00"]; u.Parent == nil || u.Level == Prefecture {
			u.Parent = g.byCode[u.Code[:2]+"0000"]
		}
		if u.Parent == nil {
			return fmt.Errorf("%s stands before its province", u.Code)
		}
	}
	if err := u.setPoint(r[4], r[5], r[6], r[7]); err != nil {
		return err
	}
	return g.add(u)
}

func (g *Gazetteer) addTown(r []string) error {
	u := &Unit{Code: strings.Clone(r[0]), NameZH: strings.Clone(r[1]), Level: Town}
	u.say(r[2])
	if isZoneName(u.NameZH) {
		u.Level = Zone
	}
	if len(u.Code) != 9 {
		return fmt.Errorf("code %q needs nine digits", u.Code)
	}
	if u.Parent = g.byCode[u.Code[:6]]; u.Parent == nil {
		u.Parent = g.byCode[u.Code[:4]+"00"]
	}
	if u.Parent == nil {
		return fmt.Errorf("the county of %s is not in units.csv", u.Code)
	}
	if err := u.setPoint(r[3], r[4], "town_seat", r[5]); err != nil {
		return err
	}
	return g.add(u)
}

// say keeps the syllables of the name, which the tables separate by spaces.
func (u *Unit) say(syllables string) {
	u.syllables = strings.Clone(syllables)
	u.Pinyin = strings.ReplaceAll(u.syllables, " ", "")
}

// addFormer reads a division that was no more by 2006, with that of today.
func (g *Gazetteer) addFormer(r []string, changes *[]Succession) error {
	until, err := strconv.Atoi(r[2])
	if err != nil {
		return err
	}
	now, ok := g.byCode[r[3]]
	if !ok {
		return fmt.Errorf("there is no unit %q", r[3])
	}
	kind := "recoded"
	switch {
	case now.Code == r[0]:
		kind = "renamed"
	case now.NameZH != r[1]:
		kind = "merged"
	}
	*changes = append(*changes, Succession{strings.Clone(r[0]), strings.Clone(r[1]), now.Code, now.NameZH, until, kind, "GB/T 2260 revisions as npm gb2260 0.6.0 has them", ""})
	return nil
}

// statistical reports whether a code of six digits is one that the statistics give to a
// zone, which is no division of GB/T 2260: it ends in 71 to 79.
func statistical(code string) bool { return code[4] == '7' && code[5] != '0' }

func (u *Unit) setPoint(lon, lat, precision, record string) error {
	if lon == "" {
		return nil
	}
	x, err1 := strconv.ParseFloat(lon, 64)
	y, err2 := strconv.ParseFloat(lat, 64)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	u.HasPoint, u.Point, u.Precision, u.Record = true, orb.Point{x, y}, strings.Clone(precision), strings.Clone(record)
	return nil
}

// addAlias reads a name for units, or a zone with its host.
func (g *Gazetteer) addAlias(r []string) error {
	var units []*Unit
	for code := range strings.SplitSeq(r[1], ";") {
		u, ok := g.byCode[code]
		if !ok {
			return fmt.Errorf("there is no unit %q", code)
		}
		units = append(units, u)
	}
	name := strings.Clone(r[0])
	if r[2] == Zone {
		zone, err := g.zone(strings.Clone(r[3]), units[0])
		if err != nil {
			return err
		}
		units = []*Unit{zone}
	}
	in := slices.ContainsFunc([]string{"lies in ", "part of ", "a town of "}, func(s string) bool { return strings.HasPrefix(r[4], s) })
	a := Alias{Name: name, Units: units, In: in && r[2] == "alias"}
	if year, ok := strings.CutPrefix(r[4], "until "); ok {
		a.Until, _ = strconv.Atoi(year) // other words: no year
	}
	g.aliases = append(g.aliases, a)
	return nil
}

// zone is the zone of a name. One that the tables of the statistics have in the host, or in
// what the host lies in, is moved into the host; else it is added.
func (g *Gazetteer) zone(name string, host *Unit) (*Unit, error) {
	for _, z := range g.zones[name] {
		switch old := z.Parent; {
		case old == host || old.Within(host):
			return z, nil
		case host.Within(old):
			old.children = slices.DeleteFunc(old.children, func(u *Unit) bool { return u == z })
			z.Parent, host.children = host, append(host.children, z)
			return z, nil
		}
	}
	id := "zone:" + name
	if z, ok := g.byCode[id]; ok {
		return nil, fmt.Errorf("%s has two hosts, %s and %s", name, z.Parent.Code, host.Code)
	}
	z := &Unit{Code: id, NameZH: name, Level: Zone, Parent: host}
	return z, g.add(z)
}
