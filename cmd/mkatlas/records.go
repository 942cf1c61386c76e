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

// gazetteerFiles gives the tables of the gazetteer: the divisions and towns with
// their points, what ceased before 2006, and the traditional characters.
func (in inputs) gazetteerFiles(g *gazetteer, now []division) (map[string][]byte, error) {
	towns, err := in.townsNow()
	if err != nil {
		return nil, err
	}
	districts, err := in.districts()
	if err != nil {
		return nil, err
	}
	former, err := in.formerRows(g.divisions)
	if err != nil {
		return nil, err
	}
	traditional, err := in.traditionalRows(g.divisions, towns)
	if err != nil {
		return nil, err
	}
	listed := append(slices.Clone(now), districts...)
	s := newSettlement(g, listed, towns, geo.Pinyin())
	files := map[string][]byte{}
	for name, rows := range map[string][][]string{
		"units.csv":       s.unitRows(listed),
		"towns.csv":       s.townRows(towns),
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

func (s *settlement) unitRows(now []division) [][]string {
	rows := [][]string{{"code", "name", "name_en", "pinyin", "lon", "lat", "precision", "record"}}
	for _, d := range now {
		if d.heading() {
			continue
		}
		at := s.spot(d)
		row := []string{d.adcode, d.name, s.englishOf(d, at), spaced(s.syllables(d.name, at.place))}
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

func (s *settlement) townRows(towns []*town) [][]string {
	rows := [][]string{{"code", "name", "pinyin", "lon", "lat", "record"}}
	for _, t := range towns {
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

// elsewhere are the provinces and prefectures whose names come to Chinese from
// other languages; there GeoNames' name of the seat goes before pinyin.
var elsewhere = strings.Fields("15 54 65 63 5132 5133 5334 2224 6230")

// englishOf is the name by hand; else, where Chinese renders a name of another
// language, that of GeoNames; else pinyin in one word: Xi’an, Xiongxian.
func (s *settlement) englishOf(d division, at spot) string {
	if e, ok := s.english[d.adcode]; ok {
		return e.name
	}
	other := slices.ContainsFunc(elsewhere, func(code string) bool { return strings.HasPrefix(d.adcode, code) })
	if p := at.place; p != nil && other && !strings.Contains(p.ascii, " ") &&
		(slices.Contains(p.chinese, d.name) || slices.Contains(p.short, stem(d.name))) {
		return p.name
	}
	return word(s.syllables(d.name, at.place))
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
