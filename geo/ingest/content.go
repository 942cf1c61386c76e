package ingest

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"clustermap/geo/crs"
	"clustermap/geo/gazetteer"
	"clustermap/geo/table"
)

// content is what the values of one column look like: shares of those in the sample
// that are not empty, 0 to 1.
type content struct {
	values   int
	distinct float64
	numbers  float64 // can be read as quantities
	angles   float64 // degrees, minutes and seconds
	fine     float64 // numbers of three decimals and more, as coordinates have
	lon, lat float64 // numbers within China's
	large    float64 // numbers as large as metres of a projected system
	pairs    float64 // two numbers that are a longitude and a latitude
	years    float64
	codes    float64 // division codes
	systems  float64 // names of coordinate systems
	long     float64 // of more than 40 characters
	units    map[string]int
	digits   bool // all are digits

	looked    int                // texts that the gazetteer was asked about
	placed    float64            // of them: name a place
	sure      float64            // how certain these are in the mean
	divisions map[string]float64 // of them: nothing but a division, by level
}

// lookups is of how many values of a column the gazetteer is asked.
const lookups = 40

func look(values []table.Value, g *gazetteer.Gazetteer) content {
	c := content{values: len(values), units: map[string]int{}, divisions: map[string]float64{}}
	if len(values) == 0 {
		return c
	}
	seen := make(map[string]bool)
	c.digits = true
	for _, v := range values {
		text := exactText(v)
		c.count(v, text, g)
		if !seen[text] && len(seen) < sampleSize {
			seen[text] = true
		}
	}
	n := float64(len(values))
	for _, share := range []*float64{&c.numbers, &c.angles, &c.fine, &c.lon, &c.lat, &c.large, &c.pairs, &c.years, &c.codes, &c.systems, &c.long} {
		*share /= n
	}
	c.distinct = float64(len(seen)) / n
	if c.numbers < 0.5 {
		c.ask(values, g)
	}
	return c
}

var fineNumber = regexp.MustCompile(`^-?\d{1,3}\.\d{3,}$`)

func (c *content) count(v table.Value, text string, g *gazetteer.Gazetteer) {
	one := func(share *float64, is bool) {
		if is {
			*share++
		}
	}
	c.digits = c.digits && strings.Trim(text, "0123456789") == ""
	one(&c.long, utf8.RuneCountInString(text) > 40)
	one(&c.systems, isSystem(text))
	_, _, angle := parseCoordinate(text)
	one(&c.angles, angle && strings.ContainsAny(text, "°º˚度′'EWNSewns东西南北"))
	x, y, ok := splitPair(text)
	one(&c.pairs, ok && (inChina(x, y) || inChina(y, x)))
	if v.Kind == table.Date {
		c.years++
		return
	}
	if isLabel(text) {
		one(&c.codes, isCode(text, g))
		return
	}
	number, plain := v.Number, v.Kind == table.Number
	if q, ok := ParseQuantity(text); ok && !plain {
		number, plain = q.Value, true
		if q.Unit != "" || q.Scale == 1 && !q.Fraction { // 3万 is in the unit of the others
			c.units[q.Unit]++
		}
	} else if plain && strings.HasSuffix(strings.TrimSpace(v.Text), "%") {
		c.units["%"]++
	} else if plain {
		c.units[""]++
	}
	if !plain {
		return
	}
	c.numbers++
	one(&c.fine, fineNumber.MatchString(text))
	one(&c.lon, number >= 73 && number <= 136)
	one(&c.lat, number >= 3 && number <= 54)
	one(&c.large, math.Abs(number) > 1e5)
	one(&c.years, number >= 1949 && number <= 2050 && (len(text) == 4 || strings.HasSuffix(text, "年")) && number == math.Trunc(number))
	one(&c.codes, isCode(text, g))
}

// isLabel reports whether digits are a name rather than a number: 007, or more of them
// than a number is exact to.
func isLabel(text string) bool {
	digits := strings.Trim(text, "0123456789") == ""
	return digits && (len(text) > 1 && text[0] == '0' || len(text) > 15)
}

// ask looks some of the texts up.
func (c *content) ask(values []table.Value, g *gazetteer.Gazetteer) {
	asked := make(map[string]bool)
	for _, v := range values {
		text := strings.TrimSpace(v.Text)
		if v.Kind != table.Text || asked[text] || utf8.RuneCountInString(text) > 60 {
			continue
		}
		asked[text] = true
		c.looked++
		r := g.Match(gazetteer.Query{Place: text})
		if len(r.Places) > 0 {
			c.placed++
			c.sure += r.Confidence
		}
		if len(r.Places) == 1 && r.Trade == "" && r.Places[0].Zone == "" {
			c.divisions[r.Places[0].Level]++
		}
		if c.looked == lookups {
			break
		}
	}
	if c.looked == 0 {
		return
	}
	if c.placed > 0 {
		c.sure /= c.placed
	}
	c.placed /= float64(c.looked)
	for level := range c.divisions {
		c.divisions[level] /= float64(c.looked)
	}
}

// whole is the share of texts that are nothing but a division.
func (c *content) whole() float64 {
	sum := 0.0
	for _, share := range c.divisions {
		sum += share
	}
	return sum
}

// unit is the unit that most numbers have; where most have none, that of the others
// where these count one kind of thing, as 人: 500 beside 约2万人 is of it too. "" none.
func (c *content) unit() string {
	best, count, kinds := "", "", 0
	for unit, n := range c.units {
		if n > c.units[best] || n == c.units[best] && unit > best {
			best = unit
		}
		if unit != "" {
			kinds++
		}
		if isCount(unit) {
			count = unit
		}
	}
	if best == "" && kinds == 1 {
		return count
	}
	return best
}

func inChina(lon, lat float64) bool { return lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54 }

// splitPair reads "120.1, 30.2" and the like.
func splitPair(text string) (x, y float64, ok bool) {
	a, b, ok := cutPair(text)
	if !ok {
		return 0, 0, false
	}
	return parsePair(a, b)
}

// cutPair takes the two coordinates of one cell apart.
func cutPair(text string) (x, y string, ok bool) {
	text = strings.Trim(strings.TrimSpace(text), "()[]（）【】")
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，;；、 \t/|", r) })
	if len(parts) != 2 {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// isCode reports whether text is the code of a division that is or was.
func isCode(text string, g *gazetteer.Gazetteer) bool {
	code, ok := cleanCode(text)
	if !ok || len(text) < 6 { // 11 and 1101 are codes where a column says so, else numbers
		return false
	}
	if _, ok := g.Unit(code); ok {
		return true
	}
	units, _ := g.Now(code, "", bookYear)
	return len(units) > 0
}

// cleanCode is a code of six digits, or nine of a town. Twelve, as statistics have
// them, and a fraction of nothing, as spreadsheets write, are cut.
func cleanCode(text string) (code string, ok bool) {
	code = strings.TrimSuffix(strings.TrimSpace(text), ".0")
	if strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	switch len(code) {
	case 2, 4:
		code += "000000"[:6-len(code)]
	case 12:
		if code = code[:9]; strings.HasSuffix(code, "000") {
			code = code[:6]
		}
	case 9:
		if strings.HasSuffix(code, "000") {
			code = code[:6]
		}
	}
	return code, len(code) == 6 || len(code) == 9
}

// system finds a coordinate system by a name that people write.
func system(text string) (*crs.CRS, bool) {
	name := strings.ToUpper(strings.TrimSpace(text))
	if name == "" {
		return nil, false
	}
	if strings.Trim(name, "0123456789") == "" {
		name = "EPSG:" + name
	}
	if c, ok := crs.Lookup(name); ok {
		return c, true
	}
	for _, s := range []struct{ part, code string }{
		{"GCJ", "GCJ-02"}, {"火星", "GCJ-02"}, {"高德", "GCJ-02"}, {"腾讯", "GCJ-02"}, {"AMAP", "GCJ-02"},
		{"BD09", "BD-09"}, {"BD-09", "BD-09"}, {"百度", "BD-09"}, {"BAIDU", "BD-09"},
		{"WGS84", "OGC:CRS84"}, {"WGS 84", "OGC:CRS84"}, {"WGS-84", "OGC:CRS84"}, {"CRS84", "OGC:CRS84"},
		{"CGCS2000", "EPSG:4490"}, {"国家2000", "EPSG:4490"}, {"2000国家", "EPSG:4490"},
	} {
		if name == s.part || strings.HasPrefix(name, s.part) && utf8.RuneCountInString(name) < 16 {
			return crs.Lookup(s.code)
		}
	}
	return nil, false
}

func isSystem(text string) bool {
	_, ok := system(text)
	return ok && strings.Trim(text, "0123456789.-") != ""
}
