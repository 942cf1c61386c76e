package table

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

// rootIs reports whether a text is XML whose first element has the name.
func rootIs(text []byte, name string) bool {
	if len(text) == 0 || text[0] != '<' {
		return false
	}
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 || i+1 == len(text) {
			return false
		}
		switch text = text[i+1:]; {
		case text[0] == '?' || text[0] == '!' && !bytes.HasPrefix(text, []byte("!--")):
			continue
		case text[0] == '!':
			if i = bytes.Index(text, []byte("-->")); i < 0 {
				return false
			}
			text = text[i:]
			continue
		}
		end := bytes.IndexAny(text, " \t\r\n>/")
		return end > 0 && string(local(text[:end])) == name
	}
}

func openKML(ctx context.Context, src Source, opt Options) (*File, error) {
	f := &markupFile{format: "KML", opt: opt, read: readKML, open: src.open}
	return f.file(ctx)
}

func (s Source) open(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(s.R, 0, s.Size)), nil
}

// kml is the name of the document in a KMZ file: doc.kml, else the first in the
// outermost folder, "" where there is none.
func (p *packed) kml() (name string, several bool) {
	depth := func(name string) int { return strings.Count(name, "/") }
	for _, n := range p.names {
		if !strings.EqualFold(path.Ext(n), ".kml") || strings.HasPrefix(n, "__MACOSX/") {
			continue
		}
		if name != "" {
			several = true
		}
		if name == "" || depth(n) < depth(name) || strings.EqualFold(n, "doc.kml") {
			name = n
		}
	}
	return name, several
}

func openKMZ(ctx context.Context, p *packed, opt Options) (*File, error) {
	name, several := p.kml()
	f := &markupFile{format: "KMZ", opt: opt, read: readKML, open: func(ctx context.Context) (io.ReadCloser, error) { return p.open(ctx, name) }}
	file, err := f.file(ctx)
	if err == nil && several {
		file.Notes = append(file.Notes, Note{Code: "several", EN: "holds several documents; only " + quote(name) + " is read", ZH: "含多个KML文档，只读取" + quote(name)})
	}
	return file, err
}

// rows are the features of the text.
func (f *markupFile) rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		cells := make([]Value, len(f.fields.names))
		number, stopped := 0, false
		err := f.each(ctx, func(r markupRow, row Row) bool {
			number++
			row.Number, row.Cells = number, cells
			clear(cells)
			for i, k := range r.keys {
				if at, ok := f.fields.at[k]; ok {
					cells[at] = r.values[i]
				}
			}
			if reason := weigh(cells, f.opt); reason != "" && row.Fault == nil {
				row.Fault = &geo.InvalidError{Reason: reason}
			}
			if row.Fault != nil {
				row.Fault.Feature = number
				row.Cells, row.Geometry = nil, nil
			}
			stopped = !yield(row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(Row{}, err)
		}
	}
}

// kmlReader reads the Placemarks of a document, in whatever folders.
type kmlReader struct {
	*markup
	file    *markupFile
	folders []string
	numbers map[string]bool // fields of the schemas that are numbers
	left    int             // positions that the feature may still have
	do      func(markupRow, Row) bool
}

func readKML(f *markupFile, m *markup, do func(markupRow, Row) bool) error {
	k := &kmlReader{markup: m, file: f, numbers: make(map[string]bool), do: do}
	for {
		t, err := m.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := k.container(e); err != nil {
				return err
			}
		}
	}
}

// container reads kml, a Document or a Folder.
func (k *kmlReader) container(e xml.StartElement) error {
	if e.Name.Local == "Folder" {
		k.folders = append(k.folders, "")
		defer func() { k.folders = k.folders[:len(k.folders)-1] }()
	}
	return k.each(nil, func(inner xml.StartElement) error {
		switch inner.Name.Local {
		case "Document", "Folder":
			return k.container(inner)
		case "Placemark":
			return k.placemark(inner)
		case "name":
			if e.Name.Local == "Folder" {
				name, err := k.text()
				k.folders[len(k.folders)-1] = strings.TrimSpace(name)
				return err
			}
		case "Schema":
			return k.each(nil, func(field xml.StartElement) error {
				switch strings.ToLower(attribute(field, "type")) {
				case "int", "uint", "short", "ushort", "float", "double", "long", "integer":
					k.numbers[attribute(field, "name")] = true
				}
				return nil
			})
		case "NetworkLink":
			k.file.note("link", "has links to other files, which are not followed", "含指向其他文件的链接，未跟随")
		}
		return nil
	})
}

// placemark reads one feature. A fault of its geometry is one of its row.
func (k *kmlReader) placemark(e xml.StartElement) error {
	var cells markupRow
	k.left = maxShape / 16
	row := Row{ID: attribute(e, "id")}
	line := k.line()
	var data []xml.StartElement
	var values []Value
	err := k.each(nil, func(e xml.StartElement) error {
		switch name := e.Name.Local; name {
		case "name", "description", "address", "phoneNumber":
			text, err := k.text()
			cells.set(name, textValue(strings.TrimSpace(text)))
			return err
		case "TimeStamp", "TimeSpan":
			return k.each(nil, func(e xml.StartElement) error {
				text, err := k.text()
				cells.set(e.Name.Local, textValue(strings.TrimSpace(text)))
				return err
			})
		case "ExtendedData":
			return k.data(&data, &values)
		case "Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model":
			g, reason, err := k.geometry(e, 0)
			if reason != "" && row.Fault == nil {
				row.Fault = &geo.InvalidError{Line: line, Field: "geometry", Reason: reason}
			}
			row.Geometry = g
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(k.folders) > 0 {
		cells.set("folder", textValue(strings.Join(k.folders, "/")))
	}
	for i, d := range data {
		cells.setData(attribute(d, "name"), values[i])
	}
	if !k.do(cells, row) {
		return errEnough
	}
	return nil
}

// data reads Data with its value, and SimpleData.
func (k *kmlReader) data(names *[]xml.StartElement, values *[]Value) error {
	return k.each(nil, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "Data":
			return k.each(nil, func(inner xml.StartElement) error {
				if inner.Name.Local != "value" {
					return nil
				}
				text, err := k.text()
				*names, *values = append(*names, e), append(*values, textValue(strings.TrimSpace(text)))
				return err
			})
		case "SchemaData":
			return k.data(names, values)
		case "SimpleData":
			text, err := k.text()
			text = strings.TrimSpace(text)
			v := textValue(text)
			if f, bad := strconv.ParseFloat(text, 64); bad == nil && k.numbers[attribute(e, "name")] && strings.Trim(text, "+-.0123456789eE") == "" {
				v = numberValue(text, f)
			}
			*names, *values = append(*names, e), append(*values, v)
			return err
		}
		return nil
	})
}

// geometry reads a geometry; reason is not "" where it has a fault.
func (k *kmlReader) geometry(e xml.StartElement, depth int) (g orb.Geometry, reason string, err error) {
	if depth > maxShapes {
		return nil, "is nested too deep", nil
	}
	switch e.Name.Local {
	case "Point":
		points, reason, err := k.coordinates()
		if len(points) == 1 {
			return points[0], reason, err
		}
		if reason == "" && len(points) > 1 {
			reason = "a Point has more than one position"
		}
		return nil, reason, err
	case "LineString", "LinearRing":
		points, reason, err := k.coordinates()
		return someOf(orb.LineString(points)), reason, err
	case "Polygon":
		return k.polygon()
	case "Track":
		points, reason, err := k.track()
		return someOf(orb.LineString(points)), reason, err
	case "MultiGeometry", "MultiTrack":
		var all orb.Collection
		err = k.each(nil, func(e xml.StartElement) error {
			if e.Name.Local == "interpolate" || e.Name.Local == "altitudeMode" {
				return nil
			}
			part, why, err := k.geometry(e, depth+1)
			if part != nil {
				all = append(all, part)
			}
			if reason == "" {
				reason = why
			}
			return err
		})
		return together(all), reason, err
	}
	return nil, "has the kind " + quote(e.Name.Local) + ", which is not read", nil
}

func (k *kmlReader) polygon() (g orb.Geometry, reason string, err error) {
	var outer, holes []orb.Ring
	err = k.each(nil, func(side xml.StartElement) error {
		name := side.Name.Local
		if name != "outerBoundaryIs" && name != "innerBoundaryIs" {
			return nil
		}
		return k.each(nil, func(ring xml.StartElement) error {
			if ring.Name.Local != "LinearRing" {
				return nil
			}
			points, why, err := k.coordinates()
			if reason == "" {
				reason = why
			}
			if name == "outerBoundaryIs" {
				outer = append(outer, points)
			} else if len(points) > 0 {
				holes = append(holes, points)
			}
			return err
		})
	})
	switch {
	case reason != "" || err != nil:
		return nil, reason, err
	case len(outer) != 1:
		return nil, "a Polygon needs one outer ring", nil
	}
	return append(orb.Polygon{outer[0]}, holes...), "", nil
}

// coordinates reads the coordinates within an element: longitude, latitude and a
// height, which is left out, with white space between the positions.
func (k *kmlReader) coordinates() (points []orb.Point, reason string, err error) {
	err = k.each(nil, func(e xml.StartElement) error {
		if e.Name.Local != "coordinates" {
			return nil
		}
		text, err := k.text()
		for one := range strings.FieldsSeq(text) {
			p, ok := kmlPosition(strings.Split(one, ","))
			if k.left--; k.left < 0 {
				reason = "has too many positions"
				return err
			}
			if !ok {
				reason = quote(one) + " is no position: longitude,latitude without white space"
				return err
			}
			points = append(points, p)
		}
		return err
	})
	return points, reason, err
}

// track reads the positions of a track.
func (k *kmlReader) track() (points []orb.Point, reason string, err error) {
	err = k.each(nil, func(e xml.StartElement) error {
		if e.Name.Local != "coord" {
			return nil
		}
		text, err := k.text()
		p, ok := kmlPosition(strings.Fields(text))
		if !ok {
			reason = quote(text) + " is no position"
		}
		if k.left--; k.left < 0 {
			reason = "has too many positions"
			return err
		}
		points = append(points, p)
		return err
	})
	return points, reason, err
}

func kmlPosition(parts []string) (p orb.Point, ok bool) {
	if len(parts) < 2 || len(parts) > 3 {
		return p, false
	}
	for i := range 2 {
		if p[i], ok = decimal(parts[i]); !ok {
			return p, false
		}
	}
	return p, true
}

// decimal is a number without the words and digits of other bases that Go takes too.
func decimal(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v-v == 0 && strings.Trim(s, "+-.0123456789eE") == ""
}

// together makes of parts of one kind the shape that has several of it.
func together(all orb.Collection) orb.Geometry {
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var polygons orb.MultiPolygon
	for _, g := range all {
		switch g := g.(type) {
		case orb.Point:
			points = append(points, g)
		case orb.LineString:
			lines = append(lines, g)
		case orb.Polygon:
			polygons = append(polygons, g)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	case len(points):
		return points
	case len(lines):
		return lines
	case len(polygons):
		return polygons
	}
	return all
}
