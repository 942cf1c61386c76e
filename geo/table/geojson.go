package table

import (
	"context"
	"io"
	"iter"

	"clustermap/geo"
	"clustermap/geo/crs"
)

// geoJSONFile is a GeoJSON text: a document or a sequence of Features.
type geoJSONFile struct {
	src    Source
	read   *watched // that src reads from
	set    charset
	opt    Options
	fields *fields
	crs    *crs.CRS
}

// looksLikeJSON is true of what begins as an object of JSON or a text sequence.
func looksLikeJSON(_, text []byte) bool {
	return len(text) > 0 && (text[0] == '{' || text[0] == 0x1e)
}

// openGeoJSON reads all once to learn the columns, so that a text that cannot be read
// to its end is refused at once. A feature with a fault is one row that has it.
func openGeoJSON(ctx context.Context, src Source, opt Options) (*File, error) {
	set, err := charsetOf(src.during(ctx), opt.Encoding)
	if err != nil {
		return nil, err
	}
	read := &watched{r: src.R}
	src.R = read
	g := &geoJSONFile{src: src, read: read, set: set, opt: opt, fields: newFields(opt)}
	for f, err := range g.scan(ctx, true) {
		if err != nil {
			return nil, g.errorOf(ctx, err)
		}
		for _, p := range f.Properties {
			if _, err := g.fields.add(p.Name); err != nil {
				return nil, err
			}
		}
	}
	sheet := &Sheet{Columns: g.fields.columns(), CRS: g.crs}
	sheet.rows = g.rows
	f := &File{Format: "GeoJSON", Sheets: []*Sheet{sheet}}
	if set.name != "UTF-8" {
		f.Notes = append(f.Notes, Note{Code: "encoding", EN: "the text is read as " + set.name, ZH: "文字按" + set.name + "读取"})
	}
	return f, nil
}

// errorOf is the error of ctx or of the Source where that is why reading ended.
func (g *geoJSONFile) errorOf(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case g.read.err != nil:
		return g.read.err
	}
	return err
}

func (g *geoJSONFile) scan(ctx context.Context, planar bool) iter.Seq2[geo.Scanned, error] {
	var r io.Reader = g.set.reader(g.src)
	return geo.Scan(untilDone{ctx, r}, geo.ScanOptions{MaxOne: maxShape, Systems: g.system, Planar: planar})
}

// system takes the system that an older file names. The order of its coordinates is x,
// y all the same, as every program that writes the member has it.
func (g *geoJSONFile) system(name string) bool {
	c, ok := crs.Lookup(name)
	if ok && g.crs == nil {
		g.crs = c
	}
	return ok && g.crs == c
}

func (g *geoJSONFile) rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		cells := make([]Value, len(g.fields.names))
		for f, err := range g.scan(ctx, g.crs != nil && !g.crs.Geographic()) {
			if err != nil {
				yield(Row{}, g.errorOf(ctx, err))
				return
			}
			if !yield(g.row(f, cells), nil) {
				return
			}
		}
	}
}

func (g *geoJSONFile) row(f geo.Scanned, cells []Value) Row {
	if f.Fault != nil {
		return Row{Number: f.Number, Fault: f.Fault}
	}
	row := Row{Number: f.Number, Cells: cells, Geometry: f.Geometry}
	if f.HasID {
		row.ID = f.ID.String()
	}
	clear(cells)
	for _, p := range f.Properties {
		if i, ok := g.fields.at[p.Name]; ok {
			cells[i] = memberValue(p.Value)
		}
	}
	if reason := weigh(cells, g.opt); reason != "" {
		return Row{Number: f.Number, Fault: &geo.InvalidError{Line: f.Line, Feature: f.Number, Reason: reason}}
	}
	return row
}

// memberValue is the cell of a property.
func memberValue(v geo.Value) Value {
	switch v.Kind() {
	case geo.KindString:
		return textValue(v.Text())
	case geo.KindNumber:
		return numberValue(string(v.JSON()), v.Number())
	case geo.KindBool:
		return boolValue(v.Bool())
	case geo.KindArray, geo.KindObject:
		return jsonValue(v.JSON())
	}
	return Value{}
}
