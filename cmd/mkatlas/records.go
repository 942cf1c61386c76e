package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"clustermap/geo"

	"github.com/mozillazg/go-pinyin"
)

// readSettlement reads what lies below the units, with the districts of Hong Kong
// and the parishes of Macao.
func (in inputs) readSettlement(g *gazetteer, now []division) (*settlement, error) {
	towns, err := in.townsNow()
	if err != nil {
		return nil, err
	}
	districts, err := in.districts()
	if err != nil {
		return nil, err
	}
	return newSettlement(g, append(slices.Clone(now), districts...), towns, geo.Pinyin()), nil
}

// gazetteerFiles gives the tables of the gazetteer: the divisions and towns with
// their points, what ceased before 2006, and the traditional characters.
func (in inputs) gazetteerFiles(s *settlement) (map[string][]byte, error) {
	former, err := in.formerRows(s.divisions)
	if err != nil {
		return nil, err
	}
	traditional, err := in.traditionalRows(s.listed, s.towns)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, rows := range map[string][][]string{
		"units.csv":       s.unitRows(),
		"towns.csv":       s.townRows(),
		"former.csv":      former,
		"traditional.csv": traditional,
	} {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			return nil, fmt.Errorf("gazetteer/%s: %w", name, err)
		}
		files["gazetteer/"+name] = b.Bytes()
	}
	return files, nil
}

func (s *settlement) unitRows() [][]string {
	rows := [][]string{{"code", "name", "name_en", "pinyin", "lon", "lat", "precision", "record"}}
	for _, d := range s.listed {
		if d.heading() {
			continue
		}
		at := s.spot(d)
		row := []string{d.adcode, d.name, s.englishOf(d), spaced(s.syllables(d.name, nil))}
		rows = append(rows, append(row, at.columns()...))
	}
	return rows
}

func (s *settlement) spot(d division) spot {
	if d.level() == "county" {
		return s.byCode[d.adcode].seat
	}
	p := s.seat(d)
	if p == nil {
		return spot{}
	}
	return spot{p.at, d.level() + "_seat", p.record(), p}
}

func (s *settlement) townRows() [][]string {
	rows := [][]string{{"code", "name", "pinyin", "lon", "lat", "record"}}
	for _, t := range s.towns {
		row := []string{t.code, t.name, spaced(s.syllables(t.name, t.at)), "", "", ""}
		if t.at != nil {
			xy := t.at.at.xy()
			row = append(row[:3], degrees(xy.X), degrees(xy.Y), t.at.record())
		}
		rows = append(rows, row)
	}
	return rows
}

// syllables is the pinyin of a name without what tells its kind. Where the record
// of that name is romanised with another reading of one of its characters, that is
// how people there say it: 刘斌堡 is Liubinbu.
func (s *settlement) syllables(name string, at *place) []string {
	short := []rune(stem(name))
	said := s.spell(name)[:len(short)]
	if at == nil || !slices.Contains(at.short, string(short)) || plain(at.ascii) == strings.Join(said, "") {
		return said
	}
	args := pinyin.NewArgs()
	args.Heteronym = true
	for i, c := range short {
		for _, reading := range pinyin.SinglePinyin(c, args) {
			other := slices.Clone(said)
			other[i] = reading
			if plain(at.ascii) == strings.Join(other, "") {
				return other
			}
		}
	}
	return said
}

// spaced joins syllables with spaces.
func spaced(syllables []string) string {
	return strings.Join(slices.DeleteFunc(syllables, func(s string) bool { return s == "" }), " ")
}

// englishOf is the name by hand, or pinyin in one word: Xi’an, Xiongxian.
func (s *settlement) englishOf(d division) string {
	if e, ok := s.english[d.adcode]; ok {
		return e.name
	}
	return word(s.syllables(d.name, nil))
}

// word joins syllables to a name, with an apostrophe where one begins with a vowel.
func word(syllables []string) string {
	var b strings.Builder
	for _, syllable := range syllables {
		if syllable == "" {
			continue
		}
		if b.Len() > 0 && strings.ContainsRune("aeo", rune(syllable[0])) {
			b.WriteRune('’')
		}
		if b.Len() == 0 {
			b.WriteRune(unicode.ToUpper(rune(syllable[0])))
			syllable = syllable[1:]
		}
		b.WriteString(syllable)
	}
	return b.String()
}
