package pyramid

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"clustermap/geo"
)

// Cut says how Divide parts features. One of its fields is set.
type Cut struct {
	Level  string  // of divisions: province, prefecture or county (geo.DivisionOf)
	Region string  // the id of the definition of a region
	Across float64 // of hexagons of equal ground area: km from side to side
}

// Hexagons are at least and at most so wide, in km.
const (
	MinAcross = 1
	MaxAcross = 1000
)

// ParseCut reads "division:province", "division:prefecture", "division:county",
// "region:" with the id of a definition, or "hex:" with the width of the hexagons in
// km. Errors are *geo.InvalidError.
func ParseCut(s *geo.Schema, text string) (Cut, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch kind {
	case "division", "region":
		by, err := geo.ParseGroupings(s, text)
		if err != nil {
			return Cut{}, err
		}
		if len(by) == 1 && by[0].Kind == geo.ByDivision {
			return Cut{Level: by[0].Name}, nil
		}
		if len(by) == 1 && by[0].Kind == geo.ByRegion {
			return Cut{Region: by[0].Name}, nil
		}
	case "hex":
		return parseHex(rest)
	}
	const known = "there are division:province, division:prefecture, division:county, region:ID and hex:KM"
	if guess := geo.Nearest(kind, []string{"division", "region", "hex"}); guess != "" && guess != kind {
		return Cut{}, invalidCut("%q makes no groups; did you mean %s:?", text, guess)
	}
	return Cut{}, invalidCut("%q makes no groups; "+known, text)
}

func invalidCut(format string, text string, more ...any) error {
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "..."
	}
	return &geo.InvalidError{Field: "by", Reason: fmt.Sprintf(format, append([]any{text}, more...)...)}
}

func parseHex(text string) (Cut, error) {
	whole, part, dot := strings.Cut(text, ".")
	km, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(whole+part, "0123456789") != "" || whole == "" || dot && (part == "" || len(part) > 3) ||
		km < MinAcross || km > MaxAcross {
		return Cut{}, invalidCut("hex:%s: the width in km is a number from %d to %d with at most three decimals", text, MinAcross, MaxAcross)
	}
	return Cut{Across: km}, nil
}

// String is the canonical text of the cut, which ParseCut reads.
func (c Cut) String() string {
	switch {
	case c.Level != "":
		return "division:" + c.Level
	case c.Region != "":
		return "region:" + c.Region
	}
	return "hex:" + strconv.FormatFloat(c.Across, 'f', -1, 64)
}

// keyText is a key as Territories.Key gives it.
func (c Cut) keyText(key uint64) string {
	switch {
	case c.Level != "":
		return fmt.Sprintf("%06d", key)
	case c.Region != "":
		return c.Region
	}
	cell := cellOf(key)
	return strconv.Itoa(int(cell.q)) + "_" + strconv.Itoa(int(cell.r))
}

// keyOf reads what keyText wrote.
func (c Cut) keyOf(text string) (key uint64, ok bool) {
	switch {
	case c.Level != "":
		n, err := strconv.ParseUint(text, 10, 32)
		key, ok = n, err == nil
	case c.Region != "":
		ok = text == c.Region
	default:
		qText, rText, _ := strings.Cut(text, "_")
		q, err1 := strconv.ParseInt(qText, 10, 32)
		r, err2 := strconv.ParseInt(rText, 10, 32)
		key, ok = hexCell{int32(q), int32(r)}.key(), err1 == nil && err2 == nil
	}
	return key, ok && c.keyText(key) == text
}

// key orders cells from the south, and in a row from the west.
func (c hexCell) key() uint64 {
	return uint64(uint32(c.r)^1<<31)<<32 | uint64(uint32(c.q)^1<<31)
}

func cellOf(key uint64) hexCell {
	return hexCell{int32(uint32(key) ^ 1<<31), int32(uint32(key>>32) ^ 1<<31)}
}

// nobody is the key of what has none. No cell of the Earth and no code is so great.
const nobody = math.MaxUint64
