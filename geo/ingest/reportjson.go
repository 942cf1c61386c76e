package ingest

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// reportDoc is a report as JSON, without its rows.
type reportDoc struct {
	Generator string    `json:"generator"`
	File      string    `json:"file"`
	Format    string    `json:"format"`
	Lang      string    `json:"lang"`
	Counts    countsDoc `json:"counts"`
	Notes     []noteDoc `json:"notes"`
	Mapping   Mapping   `json:"mapping"`
}

type countsDoc struct {
	In           int            `json:"in"`
	Placed       int            `json:"placed"`
	Listed       int            `json:"listed"`
	Refused      int            `json:"refused"`
	Features     int            `json:"features"`
	Corrected    int            `json:"corrected"`
	Same         int            `json:"same"`
	ByLevel      map[string]int `json:"by_level"`
	ByPrecision  map[string]int `json:"by_precision"`
	ByConfidence []Share        `json:"by_confidence"`
}

type noteDoc struct {
	Sheet string `json:"sheet,omitempty"`
	Row   int    `json:"row,omitempty"`
	Code  string `json:"code"`
	Text  string `json:"text"`
}

// fateDoc is one row of a report as JSON.
type fateDoc struct {
	Sheet        string           `json:"sheet,omitempty"`
	Row          int              `json:"row"`
	Fate         string           `json:"fate"`
	ID           string           `json:"id,omitempty"`
	Name         string           `json:"name,omitempty"`
	Place        string           `json:"place,omitempty"`
	Adcode       string           `json:"adcode,omitempty"`
	Division     string           `json:"division,omitempty"`
	WhereZH      string           `json:"where_zh,omitempty"`
	WhereEN      string           `json:"where_en,omitempty"`
	Level        string           `json:"level,omitempty"`
	Precision    string           `json:"precision,omitempty"`
	Confidence   float64          `json:"confidence"`
	Point        *orb.Point       `json:"point,omitempty"`
	Reasons      []string         `json:"reasons"`
	Alternatives []alternativeDoc `json:"alternatives,omitempty"`
	Corrected    bool             `json:"corrected,omitempty"`
	Same         int              `json:"same_as_row,omitempty"`
	Column       string           `json:"column,omitempty"`
}

type alternativeDoc struct {
	Adcode     string     `json:"adcode"`
	NameZH     string     `json:"name_zh"`
	NameEN     string     `json:"name_en"`
	Confidence float64    `json:"confidence"`
	Reason     string     `json:"reason"`
	Point      *orb.Point `json:"point,omitempty"`
}

// WriteJSON writes the report as one object, whose member "rows" has a row a line.
func (r *Report) WriteJSON(w io.Writer, lang string) error {
	c := r.Counts
	head := reportDoc{Generator: Generator, File: r.File, Format: r.Format, Lang: lang, Mapping: r.Mapping, Notes: []noteDoc{},
		Counts: countsDoc(c)}
	head.Mapping.Version = mappingVersion
	for _, n := range r.Notes {
		head.Notes = append(head.Notes, noteDoc{n.Sheet, n.Row, n.Code, noteText(n, lang)})
	}
	options := json.JoinOptions(json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	text, err := json.Marshal(head, options)
	if err != nil {
		return err
	}
	b := newBatch(w)
	b.add(text[:len(text)-1])
	b.add([]byte(`,"rows":[`))
	for i := range r.Rows {
		line, err := json.Marshal(r.Rows[i].doc(lang), options)
		if err != nil {
			return err
		}
		if i > 0 {
			b.add([]byte(","))
		}
		b.add([]byte("\n"))
		b.add(line)
	}
	b.add([]byte("\n]}\n"))
	return b.flush()
}

func (f *Fate) doc(lang string) fateDoc {
	d := fateDoc{
		Sheet: f.Sheet, Row: f.Row, Fate: f.Fate, ID: f.ID, Name: f.Name, Place: f.Place, Adcode: f.Adcode, Division: f.Where(lang),
		WhereZH: f.Where("zh"), WhereEN: f.Where("en"), Level: f.Level, Precision: f.Precision, Confidence: round2(f.Confidence),
		Point: f.Point, Reasons: f.Texts(lang), Corrected: f.Corrected, Same: f.Same, Column: f.Column,
	}
	for _, a := range f.Alternatives {
		d.Alternatives = append(d.Alternatives, alternativeOf(a, lang))
	}
	return d
}

func alternativeOf(a gazetteer.Alternative, lang string) alternativeDoc {
	d := alternativeDoc{Adcode: a.Unit.Code, NameZH: Division(a.Unit, "zh"), NameEN: Division(a.Unit, "en"), Confidence: round2(a.Confidence), Reason: ReasonText(a.Reason, lang)}
	if at, host := a.Unit.Seat(); host != nil {
		d.Point = &at
	}
	return d
}

// Where are the divisions that the row was put to.
func (f *Fate) Where(lang string) string { return divisions(f.Units, lang) }

// Texts are the reasons of the row in words, also why it was refused.
func (f *Fate) Texts(lang string) []string {
	all := make([]string, 0, len(f.Reasons)+1)
	if f.Fault != "" {
		all = append(all, faultText(f.Fault, lang))
	}
	for _, r := range f.Reasons {
		all = append(all, ReasonText(r, lang))
	}
	return all
}

func noteText(n table.Note, lang string) string { return geo.Text{EN: n.EN, ZH: n.ZH}.In(lang) }

// csvHead is the first line of a report as CSV.
var csvHead = []string{"sheet", "row", "fate", "id", "name", "place", "adcode", "division", "level", "precision", "confidence",
	"longitude", "latitude", "reasons", "alternatives", "same_as_row", "column"}

// WriteCSV writes the rows of the report as CSV with a byte order mark, as Excel wants
// it. Texts that a spreadsheet would take for a formula have an apostrophe before them.
func (r *Report) WriteCSV(w io.Writer, lang string) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	if _, err := buffered.WriteString("\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(buffered)
	if err := out.Write(csvHead); err != nil {
		return err
	}
	for i := range r.Rows {
		if err := out.Write(r.Rows[i].record(lang)); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

func (f *Fate) record(lang string) []string {
	confidence, lon, lat, same := "", "", "", ""
	if f.Fate != Refused {
		confidence = strconv.FormatFloat(round2(f.Confidence), 'f', -1, 64)
	}
	if f.Point != nil {
		lon, lat = string(appendDegrees(nil, f.Point[0])), string(appendDegrees(nil, f.Point[1]))
	}
	if f.Same > 0 {
		same = strconv.Itoa(f.Same)
	}
	var others []string
	for _, a := range f.Alternatives {
		others = append(others, Division(a.Unit, lang)+" "+a.Unit.Code)
	}
	record := []string{f.Sheet, strconv.Itoa(f.Row), f.Fate, f.ID, f.Name, f.Place, f.Adcode, f.Where(lang), f.Level, f.Precision, confidence,
		lon, lat, strings.Join(f.Texts(lang), "; "), strings.Join(others, "; "), same, f.Column}
	for _, at := range []int{0, 3, 4, 5, 7, 13, 14, 16} {
		record[at] = harmless(record[at])
	}
	return record
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	s = Clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
