package ingest

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"clustermap/geo/gazetteer"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
)

// outColumn is a column as a property. textName is the property that keeps what a
// cell says beyond its number.
type outColumn struct {
	name, textName string
	key, textKey   []byte // as JSON, with comma and colon
	unread         int    // cells of a column of numbers that are null for want of one
}

// ownNames are the names of the properties that are added: our own, or with
// "_import" where a column has that name.
type ownNames struct {
	adcode, adcodes, adcode2007, level, precision, confidence, reasons, alternatives, point, division, sheet string
}

func (n *ownNames) all() []*string {
	return []*string{&n.adcode, &n.adcodes, &n.adcode2007, &n.level, &n.precision, &n.confidence, &n.reasons, &n.alternatives, &n.point, &n.division, &n.sheet}
}

// nameOwn gives the added properties names that no column has, and returns those that
// had to be others, with what they are called.
func nameOwn(taken map[string]bool) (n ownNames, changed [][2]string) {
	n = ownNames{"adcode", "adcodes", "adcode_2007", "level", "precision", "confidence", "reasons", "alternatives", "point", "division", "sheet"}
	for _, name := range n.all() {
		if !taken[*name] {
			continue
		}
		other := unlike(*name+"_import", taken)
		changed = append(changed, [2]string{*name, other})
		taken[other], *name = true, other
	}
	return n, changed
}

// unlike is name, or with a number where it is taken.
func unlike(name string, taken map[string]bool) string {
	for i := 2; ; i++ {
		if !taken[name] {
			return name
		}
		if base, ok := strings.CutSuffix(name, "_"+strconv.Itoa(i-1)); ok && i > 2 {
			name = base
		}
		name += "_" + strconv.Itoa(i)
	}
}

// encoder writes the features of one import.
type encoder struct {
	columns []outColumn
	names   ownNames
	lang    string
	sheets  bool // there are several, which have a property
	totals  bool // then the division has a property, for the table may have none with a name
	buf     []byte
	again   bool // the row was written before, at another of its places

	several, differed, gazetteer bool // a feature has adcodes, adcode_2007, a point of the gazetteer
}

// properties appends the columns of a row, each with a comma behind it.
func (e *encoder) properties(b []byte, s *sheetPlan, row table.Row) []byte {
	for i, at := range s.cells {
		v := table.Value{}
		if i < len(row.Cells) {
			v = row.Cells[i]
		}
		c := &e.columns[at]
		b = append(b, c.key...)
		var text string
		b, text = s.layout.appendValue(b, i, v)
		if !e.again && text != "" && s.layout.columns[i].Role == RoleNumber && bytes.HasSuffix(b, []byte("null")) {
			c.unread++
		}
		b = append(b, ',')
		if text != "" {
			b = append(b, c.textKey...)
			b = append(appendString(b, text), ',')
		}
	}
	if e.sheets {
		b = append(appendString(b, e.names.sheet), ':')
		b = append(appendString(b, s.sheet.Name), ',')
	}
	return b
}

// appendValue appends a cell by the role of its column. text is what it says beyond
// that.
func (l *layout) appendValue(b []byte, i int, v table.Value) (_ []byte, text string) {
	switch v.Kind {
	case table.Empty:
		return append(b, "null"...), ""
	case table.JSON:
		return append(b, v.Raw...), ""
	case table.Bool:
		return strconv.AppendBool(b, v.Number != 0), ""
	case table.Number:
		return l.appendNumber(b, i, v)
	case table.Date:
		if l.columns[i].Role == RoleYear && len(v.Text) > 10 { // a time of day without a zone is no time for the server
			return appendString(b, v.Text[:10]), v.Text
		}
		return appendString(b, v.Text), ""
	}
	switch trimmed := strings.TrimSpace(v.Text); l.columns[i].Role {
	case RoleNumber:
		return l.appendQuantity(b, i, trimmed)
	case RoleLongitude, RoleLatitude:
		f, _, ok := parseCoordinate(trimmed)
		if !ok {
			return append(b, "null"...), v.Text
		}
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil { // degrees, minutes and seconds
			return appendFloat(b, f), v.Text
		}
		return appendFloat(b, f), ""
	case RoleYear:
		if year, only := yearOf(trimmed); only {
			b = strconv.AppendInt(b, int64(year), 10)
			if len(trimmed) == 4 {
				return b, ""
			}
			return b, v.Text
		}
		return append(b, "null"...), v.Text
	}
	return appendString(b, v.Text), ""
}

// appendQuantity tells a quantity in the unit of its column. What is not in it is kept
// as its text alone: a number of another kind must not get into a sum.
func (l *layout) appendQuantity(b []byte, i int, text string) (_ []byte, kept string) {
	value, ok := l.quantity(i, text)
	if !ok {
		return append(b, "null"...), text
	}
	at := len(b)
	b = appendFloat(b, value)
	if string(b[at:]) == text {
		return b, ""
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == value { // 1.50
		return b, ""
	}
	return b, text
}

// quantity is a number in the unit of its column. A word without a unit is of the base
// where it is the column's or a greater one, so that 2万 in 万人 is 2 and 1.2万亿 in 亿元
// is 12000. A lesser one can be meant either way (1万 in 亿元) and is none.
func (l *layout) quantity(i int, text string) (value float64, ok bool) {
	q, ok := ParseQuantity(text)
	if !ok || isLabel(text) {
		return 0, false
	}
	switch {
	case q.Unit != "":
		return q.Value / l.factor[i], q.Unit == l.base[i]
	case q.Fraction && l.base[i] == "%":
		return 100 * q.Value, true
	case q.Scale > 1 && q.Scale < l.scale[i]:
		return 0, false
	case q.Scale > 1:
		return q.Value / l.scale[i], true
	}
	return q.Value, true
}

// appendNumber appends a number of a spreadsheet: as per cent where it is shown so, and
// of a column of years those alone.
func (l *layout) appendNumber(b []byte, i int, v table.Value) (_ []byte, text string) {
	switch role := l.columns[i].Role; {
	case !finite(v.Number):
		return append(b, "null"...), v.Text
	case role == RoleYear && (v.Number != math.Trunc(v.Number) || v.Number < minYear || v.Number >= maxYear):
		return append(b, "null"...), v.Text
	case role == RoleNumber && l.base[i] == "%" && strings.HasSuffix(strings.TrimSpace(v.Text), "%"):
		return appendFloat(b, 100*v.Number), ""
	}
	return appendFloat(b, v.Number), ""
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// appendFloat writes whole numbers without an exponent, and not more digits than a
// sum or quotient of decimal fractions has of itself.
func appendFloat(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.AppendInt(b, int64(f), 10)
	}
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64); err == nil {
		f = rounded
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// placement appends what is added to a feature, and takes the comma off that stands
// before it where there is nothing more.
func (e *encoder) placement(b []byte, o *outcome, s *spot) []byte {
	key := func(name string) {
		b = append(appendString(b, name), ':')
	}
	text := func(name, value string) {
		key(name)
		if value == "" {
			b = append(b, "null,"...)
			return
		}
		b = append(appendString(b, value), ',')
	}
	n := &e.names
	if e.totals {
		text(n.division, divisions(s.units, e.lang))
	}
	text(n.adcode, s.adcode)
	if len(s.units) > 1 {
		e.several = true
		key(n.adcodes)
		b = append(appendStrings(b, codesOf(s.units)), ',')
	}
	if s.then != "" && s.then != s.adcode {
		e.differed = true
		text(n.adcode2007, s.then)
	}
	text(n.level, s.level)
	text(n.precision, s.precision)
	key(n.confidence)
	b = append(appendFloat(b, round2(o.confidence)), ',')
	key(n.reasons)
	reasons := make([]string, len(o.reasons))
	for i, r := range o.reasons {
		reasons[i] = ReasonText(r, e.lang)
	}
	b = append(appendStrings(b, reasons), ',')
	key(n.alternatives)
	b = e.alternatives(b, o.alternatives)
	b = append(b, ',')
	key(n.point)
	return e.point(b, s)
}

func (e *encoder) alternatives(b []byte, all []gazetteer.Alternative) []byte {
	b = append(b, '[')
	for i, a := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"adcode":`...)
		b = appendString(b, a.Unit.Code)
		b = append(b, `,"name":`...)
		b = appendString(b, Division(a.Unit, e.lang))
		b = append(b, `,"confidence":`...)
		b = appendFloat(b, round2(a.Confidence))
		b = append(b, `,"reason":`...)
		b = append(appendString(b, ReasonText(a.Reason, e.lang)), '}')
	}
	return append(b, ']')
}

// point appends where the point comes from, null where there is none.
func (e *encoder) point(b []byte, s *spot) []byte {
	if s.geometry == nil || s.source == "" {
		return append(b, "null"...)
	}
	e.gazetteer = true
	b = append(b, `{"gazetteer":`...)
	b = appendString(b, s.source)
	if s.record != "" {
		b = append(b, `,"record_id":`...)
		b = appendString(b, s.record)
	}
	if len(s.units) > 0 {
		b = append(b, `,"place":`...)
		b = appendString(b, divisions(s.units, e.lang))
		if len(s.units) == 1 && s.units[0].Code != s.adcode {
			b = append(b, `,"code":`...)
			b = appendString(b, s.units[0].Code)
		}
	}
	if s.zone != "" {
		b = append(b, `,"zone":`...)
		b = appendString(b, s.zone)
	}
	return append(b, '}')
}

func codesOf(units []*gazetteer.Unit) []string {
	var all []string
	for _, u := range units {
		if code := u.Adcode(); !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

func round2(f float64) float64 { return math.Round(f*100) / 100 }

func appendStrings(b []byte, all []string) []byte {
	b = append(b, '[')
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// appendGeometry appends a geometry as GeoJSON, with 7 decimals, a centimetre.
func appendGeometry(b []byte, g orb.Geometry) []byte {
	if g == nil {
		return append(b, "null"...)
	}
	b = append(b, `{"type":"`...)
	b = append(b, g.GeoJSONType()...)
	if c, ok := g.(orb.Collection); ok {
		b = append(b, `","geometries":[`...)
		for i, part := range c {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendGeometry(b, part)
		}
		return append(b, ']', '}')
	}
	b = append(b, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		b = appendPosition(b, g)
	case orb.MultiPoint:
		b = appendList(b, g, appendPosition)
	case orb.LineString:
		b = appendLine(b, g)
	case orb.MultiLineString:
		b = appendList(b, g, appendLine[orb.LineString])
	case orb.Polygon:
		b = appendArea(b, g)
	case orb.MultiPolygon:
		b = appendList(b, g, appendArea)
	}
	return append(b, '}')
}

func appendPosition(b []byte, p orb.Point) []byte {
	b = append(b, '[')
	b = appendDegrees(b, p[0])
	b = append(b, ',')
	return append(appendDegrees(b, p[1]), ']')
}

func appendDegrees(b []byte, f float64) []byte {
	f = math.Round(f*1e7) / 1e7
	if f == 0 {
		f = 0 // not -0
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

func appendLine[L ~[]orb.Point](b []byte, l L) []byte { return appendList(b, l, appendPosition) }

func appendArea(b []byte, p orb.Polygon) []byte { return appendList(b, p, appendLine[orb.Ring]) }

func appendList[L ~[]E, E any](b []byte, list L, each func([]byte, E) []byte) []byte {
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = each(b, e)
	}
	return append(b, ']')
}
