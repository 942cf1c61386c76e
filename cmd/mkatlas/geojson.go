package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// A feature is one line of a GeoJSON file. Geometry and properties are kept as
// they are to be written.
type feature struct {
	Type       string          `json:"type"`
	ID         string          `json:"id,omitempty"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties json.RawMessage `json:"properties"`
}

// newFeature encodes properties, a struct or nil, in the order of its fields.
func newFeature(id string, geometry []byte, properties any) (feature, error) {
	encoded, err := marshal(properties)
	return feature{"Feature", id, geometry, encoded}, err
}

// marshal is json.Marshal without the escapes that only HTML needs.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// collection writes one feature a line, so that a diff shows which one changed.
func collection(features []feature) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	for i, f := range features {
		line, err := marshal(f)
		if err != nil {
			return nil, fmt.Errorf("feature %q: %w", f.ID, err)
		}
		b.Write(line)
		if i < len(features)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	return b.Bytes(), nil
}

// readCollection reads a file of the atlas.
func readCollection(dir, name string) ([]feature, error) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	var doc struct {
		Features []feature `json:"features"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc.Features, nil
}

// polygonJSON is the geometry of one polygon.
func polygonJSON(p polygon) []byte {
	return append(appendPolygon([]byte(`{"type":"Polygon","coordinates":`), p), '}')
}

// multiPolygonJSON is the geometry of polygons, one or more: a collection of one
// type is what GIS tools like best.
func multiPolygonJSON(polygons []polygon) []byte {
	b := []byte(`{"type":"MultiPolygon","coordinates":[`)
	for i, p := range polygons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPolygon(b, p)
	}
	return append(b, "]}"...)
}

// lineJSON is the geometry of lines: LineString for one, MultiLineString for more.
func lineJSON(lines [][]vertex) []byte {
	if len(lines) == 1 {
		return append(appendLine([]byte(`{"type":"LineString","coordinates":`), lines[0]), '}')
	}
	b := []byte(`{"type":"MultiLineString","coordinates":[`)
	for i, line := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLine(b, line)
	}
	return append(b, "]}"...)
}

func pointJSON(v vertex) []byte {
	return append(appendPosition([]byte(`{"type":"Point","coordinates":`), v), '}')
}

func appendPolygon(b []byte, p polygon) []byte {
	b = append(b, '[')
	for i, r := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLine(b, append(r[:len(r):len(r)], r[0]))
	}
	return append(b, ']')
}

func appendLine(b []byte, line []vertex) []byte {
	b = append(b, '[')
	for i, v := range line {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPosition(b, v)
	}
	return append(b, ']')
}

func appendPosition(b []byte, v vertex) []byte {
	b = strconv.AppendFloat(append(b, '['), v.xy().X, 'f', -1, 64)
	b = strconv.AppendFloat(append(b, ','), v.xy().Y, 'f', -1, 64)
	return append(b, ']')
}
