package ingest

import (
	"strconv"
	"strings"
)

// Quantity is a number as people write it.
type Quantity struct {
	Value float64 // in the base unit
	Unit  string  // base: 元, 人, 家 …; "" none
	About bool    // 约, 近 …
	Text  string
}

// ParseQuantity reads a number with or without a unit.
func ParseQuantity(text string) (Quantity, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), 64)
	return Quantity{Value: v, Text: text}, err == nil && v == v && v-v == 0
}

// ParseUnit is the base unit of a unit and what it is of it: 亿元 is 1e8 元.
func ParseUnit(text string) (base string, factor float64, ok bool) {
	factor = 1
	for _, m := range []struct {
		s string
		f float64
	}{{"万亿", 1e12}, {"亿", 1e8}, {"万", 1e4}, {"千", 1e3}} {
		if rest, found := strings.CutPrefix(text, m.s); found {
			return rest, m.f, rest != ""
		}
	}
	switch text {
	case "元", "人", "家", "个", "户", "%", "亩":
		return text, 1, true
	}
	return "", 0, false
}

// HeaderUnit is the unit that a column's name says: of 产值（亿元） it is 亿元.
func HeaderUnit(header string) string {
	header = strings.NewReplacer("（", "(", "）", ")").Replace(header)
	_, rest, ok := strings.Cut(header, "(")
	if !ok {
		return ""
	}
	unit, _, _ := strings.Cut(rest, ")")
	if _, _, ok := ParseUnit(unit); !ok {
		return ""
	}
	return unit
}
