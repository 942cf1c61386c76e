package table

import (
	"context"
	"io"
	"path"
	"strings"

	"clustermap/geo"
)

// openPacked looks into a zip file and opens what it is.
func openPacked(ctx context.Context, src Source, opt Options) (*File, error) {
	p, err := openZip(ctx, src, opt)
	if err != nil {
		return nil, err
	}
	switch {
	case p.has("xl/workbook.bin"):
		return nil, &geo.InvalidError{Reason: "is a binary workbook (.xlsb); save it as .xlsx"}
	case p.has("[Content_Types].xml") && !p.hasUnder("word") && !p.hasUnder("ppt"):
		return openXLSX(ctx, p, opt)
	case p.has("[Content_Types].xml"):
		return nil, &geo.InvalidError{Reason: "is a text document or slides; copy its table to a workbook and save that as .xlsx"}
	case p.has("mimetype"):
		return nil, &geo.InvalidError{Reason: p.openDocument(ctx)}
	case p.has("Index/Document.iwa"):
		return nil, &geo.InvalidError{Reason: "is a workbook of Numbers; export it as .xlsx"}
	}
	if name, _ := p.kml(); name != "" {
		return openKMZ(ctx, p, opt)
	}
	if layers := p.shapefiles(); len(layers) > 0 {
		return openShapefiles(ctx, layers, opt)
	}
	return nil, &geo.InvalidError{Reason: "is a zip file without a table in it" + p.first()}
}

// openDocument is what to say of a file of the OpenDocument kind.
func (p *packed) openDocument(ctx context.Context) string {
	if r, err := p.open(ctx, "mimetype"); err == nil {
		defer r.Close()
		kind, _ := io.ReadAll(io.LimitReader(r, 100)) // what was read tells enough
		if strings.Contains(string(kind), "spreadsheet") {
			return "is an OpenDocument workbook (.ods); save it as .xlsx"
		}
	}
	return "is an OpenDocument file; copy its table to a workbook and save that as .xlsx"
}

// first tells of one file that there is.
func (p *packed) first() string {
	if len(p.names) == 0 {
		return "; it is empty"
	}
	return "; it holds " + quote(path.Base(p.names[0]))
}
