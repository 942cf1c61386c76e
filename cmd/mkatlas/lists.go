package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"clustermap/geo"
	gaz "clustermap/geo/gazetteer"
	"clustermap/geo/ingest"
	"clustermap/geo/table"
)

// A list is an official list that names clusters or zones, as sources/lists/index.json
// describes it.
type list struct {
	ID           string `json:"list_id"`
	Name         string `json:"list_name_zh"`
	Issuer       string `json:"issuer"`
	Completeness string `json:"completeness"`

	rows []map[string]string
	file string
}

// whole reports whether the list has all that its issuer named.
func (l *list) whole() bool { return strings.HasPrefix(l.Completeness, "complete") }

func (in inputs) readLists() ([]*list, error) {
	dir := filepath.Join(in.atlas, "sources/lists")
	text, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		return nil, err
	}
	var all []*list
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	for _, l := range all {
		l.file = filepath.Join(dir, l.ID+".csv")
		if l.rows, err = readRows(l.file); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b *list) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// readRows reads a table by the names of its columns.
func readRows(name string) ([]map[string]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 {
		return nil, fmt.Errorf("%s: no rows: %w", name, err)
	}
	var rows []map[string]string
	for _, r := range records[1:] {
		row := make(map[string]string)
		for i, v := range r {
			row[records[0][i]] = v
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// listedProperties are the properties of listed_clusters.
type listedProperties struct {
	NameZH       string          `json:"name_zh"`
	NameEN       string          `json:"name_en"`
	Industry     *string         `json:"industry"`
	TradeZH      *string         `json:"trade_zh"`
	PlaceZH      string          `json:"place_zh"`
	Adcode       *string         `json:"adcode"`
	Adcode2007   *string         `json:"adcode_2007"`
	Adcodes      []string        `json:"adcodes,omitempty"`
	DivisionZH   *string         `json:"division_zh"`
	DivisionEN   *string         `json:"division_en"`
	PrefectureZH *string         `json:"prefecture_zh"`
	PrefectureEN *string         `json:"prefecture_en"`
	ProvinceZH   *string         `json:"province_zh"`
	ProvinceEN   *string         `json:"province_en"`
	Level        *string         `json:"level"`
	Precision    *string         `json:"precision"`
	Confidence   float64         `json:"confidence"`
	Judged       bool            `json:"judged"`
	Reasons      []string        `json:"reasons"`
	ReasonsZH    []string        `json:"reasons_zh"`
	Alternatives json.RawMessage `json:"alternatives"`
	Point        json.RawMessage `json:"point"`
	PlaceID      *string         `json:"place_id"`
	List         string          `json:"list"`
	Issuer       string          `json:"issuer"`
	Year         *int            `json:"year"`
	YearTo       *int            `json:"year_to"`
	YearZH       string          `json:"year_zh"`
	Completeness string          `json:"completeness"`
	SourceURL    *string         `json:"source_url"`
	SourceDate   *string         `json:"source_date"`
	Row          int             `json:"row"`
	units        []*gaz.Unit
	zone         *zoneProperties
	geometry     json.RawMessage
	id           string
	trade        tradeName
}

type tradeName struct{ zh, en string }

// listed makes the collections of what the lists name: a feature for each row, and one for
// each development zone.
func (in inputs) listed(tables fs.FS) (rows, zones []feature, err error) {
	lists, err := in.readLists()
	if err != nil {
		return nil, nil, err
	}
	g, err := gaz.Read(tables)
	if err != nil {
		return nil, nil, err
	}
	trades, err := readTrades(tables)
	if err != nil {
		return nil, nil, err
	}
	judged, err := in.readTruth()
	if err != nil {
		return nil, nil, err
	}
	var all []*listedProperties
	for _, l := range lists {
		found, err := l.place(g, trades)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", l.ID, err)
		}
		all = append(all, found...)
	}
	for _, p := range all {
		if t, ok := judged[p.id]; ok {
			t.overrule(p, g)
		}
	}
	read := reader(geo.Pinyin())
	merged := mergeZones(all, read)
	for _, p := range all {
		p.identify(read)
		f, err := newFeature(p.id, p.geometry, p)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, f)
	}
	for _, z := range merged {
		f, err := newFeature(z.id, z.geometry, z)
		if err != nil {
			return nil, nil, err
		}
		zones = append(zones, f)
	}
	byID := func(a, b feature) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(rows, byID)
	slices.SortFunc(zones, byID)
	return rows, zones, nil
}

// mapping says what the columns of the lists are for.
func mapping() ingest.Mapping {
	return ingest.Mapping{
		Key: []string{"list_id", "row"},
		Columns: []ingest.Column{
			{Column: "cluster_name_zh", Role: ingest.RoleName}, {Column: "place_zh", Role: ingest.RolePlace},
			{Column: "province_zh", Role: ingest.RoleProvince}, {Column: "industry_zh", Role: ingest.RoleTrade},
		},
	}
}

// place sends the rows of a list through the importer.
func (l *list) place(g *gaz.Gazetteer, trades *tradeTable) ([]*listedProperties, error) {
	text, err := os.ReadFile(l.file)
	if err != nil {
		return nil, err
	}
	f, err := table.Open(context.Background(), table.Source{Name: l.ID + ".csv", R: bytes.NewReader(text), Size: int64(len(text))}, table.Options{})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	imported, err := ingest.Import(context.Background(), f, g, ingest.Options{Mapping: mapping(), Name: l.ID}, nil)
	if err != nil {
		return nil, err
	}
	made := make(map[string]json.RawMessage)
	for f := range imported.Features() {
		made[f.ID] = bytes.Clone(f.JSON)
	}
	var out []*listedProperties
	for i := range imported.Report.Rows {
		fate := &imported.Report.Rows[i]
		if i >= len(l.rows) || fate.Fate == ingest.Refused {
			return nil, fmt.Errorf("row %d was refused: %s", fate.Row, fate.Fault)
		}
		p, err := l.feature(l.rows[i], fate, made[fate.ID], trades)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

var yearOf = regexp.MustCompile(`(?:19|20)[0-9]{2}`)

// feature is the row of a list with its place.
func (l *list) feature(row map[string]string, fate *ingest.Fate, made json.RawMessage, trades *tradeTable) (*listedProperties, error) {
	var f struct {
		Geometry   json.RawMessage
		Properties struct {
			Alternatives, Point json.RawMessage
			Adcode2007          *string `json:"adcode_2007"`
		}
	}
	if err := json.Unmarshal(made, &f); err != nil {
		return nil, fmt.Errorf("row %d: %w", fate.Row, err)
	}
	number, err := strconv.Atoi(row["row"])
	if err != nil {
		return nil, err
	}
	p := &listedProperties{
		id: fmt.Sprintf("%s-%03d", l.ID, number), geometry: f.Geometry, units: fate.Units,
		NameZH: row["cluster_name_zh"], PlaceZH: row["place_zh"], TradeZH: stated(row["industry_zh"]),
		Confidence: fate.Confidence, Reasons: fate.Texts("en"), ReasonsZH: fate.Texts("zh"),
		Alternatives: f.Properties.Alternatives, Point: f.Properties.Point,
		List: l.ID, Issuer: row["issuer"], YearZH: row["year"], Completeness: "partial",
		SourceURL: stated(row["source_url"]), SourceDate: stated(row["source_date"]), Row: number,
	}
	if l.whole() {
		p.Completeness = "complete"
	}
	if fate.Fate == ingest.Placed {
		p.Level, p.Precision = stated(fate.Level), stated(fate.Precision)
		p.settle(fate.Adcode)
		p.Adcode2007 = f.Properties.Adcode2007
	} else {
		p.units = nil
	}
	if code, ok := trades.find(row["industry_zh"]); ok {
		p.Industry, p.trade = &code, trades.names[code]
	}
	if years := yearOf.FindAllString(cmp.Or(row["year"], row["source_date"]), -1); len(years) > 0 {
		first, last := years[0], years[len(years)-1]
		p.Year = whole(first)
		if last > first {
			p.YearTo = whole(last)
		} else if p.Year != nil && row["year"] == first+"s" {
			p.YearTo = new(int)
			*p.YearTo = *p.Year + 9
		}
	}
	return p, nil
}

// settle fills what follows from the units.
func (p *listedProperties) settle(adcode string) {
	p.Adcode = stated(adcode)
	p.Adcodes, p.DivisionZH, p.DivisionEN, p.PrefectureZH, p.PrefectureEN, p.ProvinceZH, p.ProvinceEN = nil, nil, nil, nil, nil, nil, nil
	if len(p.units) > 1 {
		for _, u := range p.units {
			p.Adcodes = append(p.Adcodes, u.Adcode())
		}
	}
	if len(p.units) == 0 {
		return
	}
	var names, letters [3][]string // of the division, its prefecture, its province
	for _, u := range p.units {
		if u.Level == gaz.Zone && u.Parent != nil {
			u = u.Parent
		}
		for i, d := range []*gaz.Unit{u, above(u, gaz.Prefecture), above(u, gaz.Province)} {
			if d != nil && !slices.Contains(names[i], d.NameZH) {
				names[i], letters[i] = append(names[i], d.NameZH), append(letters[i], ingest.Spelled(d))
			}
		}
	}
	for i, to := range [3][2]**string{{&p.DivisionZH, &p.DivisionEN}, {&p.PrefectureZH, &p.PrefectureEN}, {&p.ProvinceZH, &p.ProvinceEN}} {
		*to[0], *to[1] = stated(strings.Join(names[i], "；")), stated(strings.Join(letters[i], "; "))
	}
}

// above is the unit itself or that above it of a level; of a municipality and what lies in
// it the municipality is the prefecture too.
func above(u *gaz.Unit, level string) *gaz.Unit {
	for ; u != nil; u = u.Parent {
		if u.Level == level || u.Parent == nil && (level == gaz.Province || strings.HasSuffix(u.NameZH, "市")) {
			return u
		}
	}
	return nil
}

// identify gives the row its English name and the name of its place and trade, by which
// the rows of other lists about the same are known.
func (p *listedProperties) identify(read reader) {
	what := cmp.Or(p.trade.en, "Cluster")
	if p.zone != nil {
		what = p.zone.NameEN
		p.PlaceID = &p.zone.id
	}
	p.NameEN = what
	if p.zone == nil && len(p.units) > 0 {
		var where []string
		for _, u := range p.units {
			if u.Level == gaz.Zone && u.Parent != nil {
				where = append(where, englishZone(u.NameZH, u.Parent, read)+", "+ingest.Division(u.Parent, "en"))
			} else {
				where = append(where, ingest.Division(u, "en"))
			}
		}
		p.NameEN = what + ", " + strings.Join(where, "; ")
	}
	if p.zone != nil || len(p.units) == 0 {
		return
	}
	var codes []string
	for _, u := range p.units {
		code := u.Code
		if u.Level == gaz.Zone {
			code = u.NameZH
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	kind := "any"
	if p.Industry != nil {
		kind = *p.Industry
	}
	p.PlaceID = stated(strings.Join(codes, "+") + "-" + kind)
}

func stated(s string) *string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return &s
}

func whole(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil
	}
	return &n
}

// tradeTable leads the words of lists to codes of trades.
type tradeTable struct {
	words map[string]string
	names map[string]tradeName
}

func readTrades(tables fs.FS) (*tradeTable, error) {
	t := &tradeTable{make(map[string]string), make(map[string]tradeName)}
	text, err := fs.ReadFile(tables, "trades.csv")
	if err != nil {
		return nil, err
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, r := range records[1:] {
		t.words[r[0]] = r[1]
	}
	if text, err = fs.ReadFile(tables, "industries.json"); err != nil {
		return nil, err
	}
	var doc struct {
		Industries []struct {
			Code string
			ZH   string `json:"name_zh"`
			EN   string `json:"name_en"`
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	for _, i := range doc.Industries {
		t.names[i.Code] = tradeName{i.ZH, i.EN}
	}
	return t, nil
}

// find is the trade of the longest word in a text, of several the last: the head of a
// Chinese noun stands at its end. A text of several trades has that of the first.
func (t *tradeTable) find(text string) (string, bool) {
	first, _, _ := strings.Cut(text, ";")
	best, far, code := 0, -1, ""
	for word, c := range t.words {
		at := strings.LastIndex(first, word)
		if at < 0 {
			continue
		}
		if len(word) > best || len(word) == best && at > far {
			best, far, code = len(word), at, c
		}
	}
	return code, best > 0
}

// overlay has the files of a map above those of a directory.
type overlay struct {
	above map[string][]byte
	below fs.FS
}

func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.above[name]; ok {
		return &openText{bytes.NewReader(text), name}, nil
	}
	return o.below.Open(name)
}

// openText is a file of an overlay.
type openText struct {
	*bytes.Reader
	name string
}

func (f *openText) Close() error               { return nil }
func (f *openText) Stat() (fs.FileInfo, error) { return f, nil }
func (f *openText) Name() string               { return path.Base(f.name) }
func (f *openText) Mode() fs.FileMode          { return 0o444 }
func (f *openText) ModTime() time.Time         { return time.Time{} }
func (f *openText) IsDir() bool                { return false }
func (f *openText) Sys() any                   { return nil }
