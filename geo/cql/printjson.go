package cql

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// JSON is the filter in CQL2-JSON, without spaces. ParseJSON gives an equal
// filter.
func JSON(e Expr) []byte { return appendJSON(nil, e) }

func appendJSON(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Op:
		b = append(b, `{"op":`...)
		b = appendJSONText(b, e.Name)
		b = append(b, `,"args":`...)
		b = appendArray(b, e.Args, appendJSON)
		return append(b, '}')
	case *Property:
		b = append(b, `{"property":`...)
		b = appendJSONText(b, e.Name)
		return append(b, '}')
	case *String:
		return appendJSONText(b, e.Value)
	case *Number:
		if e.Digits != "" {
			return append(b, e.Digits...)
		}
		return appendNumber(b, e.Value)
	case *Bool:
		return strconv.AppendBool(b, e.Value)
	case *Instant:
		key := `{"timestamp":`
		if e.Date {
			key = `{"date":`
		}
		b = append(b, key...)
		b = appendJSONText(b, instantText(e))
		return append(b, '}')
	case *Interval:
		b = append(b, `{"interval":`...)
		b = appendArray(b, []Expr{e.From, e.To}, appendJSONEnd)
		return append(b, '}')
	case *Geometry:
		return appendGeoJSON(b, e.Shape)
	case *BBox:
		b = append(b, `{"bbox":`...)
		b = appendArray(b, corners(e.Box), appendNumber)
		return append(b, '}')
	case *List:
		return appendArray(b, e.Items, appendJSON)
	}
	return append(b, "null"...)
}

func appendJSONEnd(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case *Open:
		return append(b, `".."`...)
	case *Instant:
		return appendJSONText(b, instantText(e))
	}
	return appendJSON(b, e)
}

// appendJSONText appends a text in quotes; a tree holds only valid UTF-8, what
// else is in one made by hand is replaced.
func appendJSONText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

func appendArray[T any](b []byte, items []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, item)
	}
	return append(b, ']')
}

func appendGeoJSON(b []byte, g orb.Geometry) []byte {
	kind, key := "GeometryCollection", "geometries"
	if _, ok := g.(orb.Collection); !ok && g != nil {
		kind, key = g.GeoJSONType(), "coordinates"
	}
	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, `","`...)
	b = append(b, key...)
	b = append(b, `":`...)
	switch g := g.(type) {
	case orb.Point:
		b = appendPosition(b, g)
	case orb.LineString:
		b = appendArray(b, g, appendPosition)
	case orb.Polygon:
		b = appendRings(b, g)
	case orb.MultiPoint:
		b = appendArray(b, g, appendPosition)
	case orb.MultiLineString:
		b = appendArray(b, g, func(b []byte, l orb.LineString) []byte { return appendArray(b, l, appendPosition) })
	case orb.MultiPolygon:
		b = appendArray(b, g, appendRings)
	case orb.Collection:
		b = appendArray(b, g, appendGeoJSON)
	default:
		b = append(b, "[]"...)
	}
	return append(b, '}')
}

func appendRings(b []byte, g orb.Polygon) []byte {
	return appendArray(b, g, func(b []byte, r orb.Ring) []byte { return appendArray(b, r, appendPosition) })
}

func appendPosition(b []byte, p orb.Point) []byte { return appendArray(b, p[:], appendNumber) }
