// Package export writes features in the formats that people and tools take home.
//
// The package knows nothing of HTTP. Formats that cannot be written from front
// to back are made in temporary files, which are always removed.
package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"clustermap/geo"
)

// Format is a way to write features.
type Format struct {
	Name      string   // the value of f
	Ext       string   // of a file name, with its dot
	MediaType string   // of the answer
	Also      []string // further media types that ask for it in Accept
	Titles    geo.Text
	Paged     bool // given by pages unless the whole is asked for
	Streams   bool // written as the features come, in constant memory
	Most      int  // features that it can hold; 0 is any number
}

// Formats returns all formats, in the order in which they are offered.
func Formats() []Format {
	const geoJSON = "application/geo+json"
	return []Format{
		{Name: "geojson", Ext: ".geojson", MediaType: geoJSON, Titles: geo.Text{EN: "GeoJSON", ZH: "GeoJSON"}, Paged: true, Streams: true},
		{Name: "json", Ext: ".json", MediaType: geoJSON, Also: []string{"application/json"}, Titles: geo.Text{EN: "GeoJSON", ZH: "GeoJSON"}, Paged: true, Streams: true},
		{Name: "jsonfg", Ext: ".fg.json", MediaType: geoJSON, Also: []string{"application/vnd.ogc.fg+json", "application/fg+json"}, Titles: geo.Text{EN: "JSON-FG", ZH: "JSON-FG"}, Paged: true, Streams: true},
		{Name: "geojsonseq", Ext: ".geojsons", MediaType: "application/geo+json-seq", Titles: geo.Text{EN: "GeoJSON text sequence", ZH: "GeoJSON 文本序列"}, Streams: true},
		{Name: "ndjson", Ext: ".ndjson", MediaType: "application/x-ndjson", Also: []string{"application/ndjson", "application/geo+json-nd"}, Titles: geo.Text{EN: "GeoJSON, a feature a line", ZH: "逐行 GeoJSON"}, Streams: true},
		{Name: "csv", Ext: ".csv", MediaType: "text/csv", Titles: geo.Text{EN: "CSV", ZH: "CSV"}, Streams: true},
		{Name: "xlsx", Ext: ".xlsx", MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Titles: geo.Text{EN: "Excel", ZH: "Excel"}, Most: xlsxRows - 1},
		{Name: "gpkg", Ext: ".gpkg", MediaType: "application/geopackage+sqlite3", Also: []string{"application/vnd.opengeospatial.geopackage+sqlite3"}, Titles: geo.Text{EN: "GeoPackage", ZH: "GeoPackage"}},
		{Name: "shp", Ext: ".shp.zip", MediaType: "application/zip", Also: []string{"application/vnd.shp", "application/x-shapefile"}, Titles: geo.Text{EN: "Shapefile, zipped", ZH: "Shapefile(zip)"}},
		{Name: "kml", Ext: ".kml", MediaType: "application/vnd.google-earth.kml+xml", Titles: geo.Text{EN: "KML", ZH: "KML"}, Streams: true},
		{Name: "kmz", Ext: ".kmz", MediaType: "application/vnd.google-earth.kmz", Titles: geo.Text{EN: "KMZ", ZH: "KMZ"}, Streams: true},
		{Name: "fgb", Ext: ".fgb", MediaType: "application/flatgeobuf", Also: []string{"application/vnd.flatgeobuf"}, Titles: geo.Text{EN: "FlatGeobuf", ZH: "FlatGeobuf"}},
		{Name: "parquet", Ext: ".parquet", MediaType: "application/vnd.apache.parquet", Titles: geo.Text{EN: "GeoParquet", ZH: "GeoParquet"}},
	}
}

// ByName returns the format that f names.
func ByName(name string) (Format, bool) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

// Options say how Write writes.
type Options struct {
	View
	Format             Format
	ID                 string // of the collection
	Title, Description geo.Text
	Schema             *geo.Schema
	Lang               string                                       // "en" or "zh", of titles
	Link               string                                       // address of the collection
	About              []Fact                                       // filter in words, date, source
	Points             string                                       // csv and xlsx: "wkt", "lonlat", or "" for lonlat where all are points
	TempDir            string                                       // "" is the system's
	MaxBytes           int64                                        // of a temporary file; 0 is 2 GiB
	Stored             func() (pieces iter.Seq[[]byte], size int64) // all features as GeoJSON with ",\n" between: taken in place of features by geojson, where they are written as they are kept; may be nil
	Size               func(bytes int64)                            // called once before the first byte, where the length is known by then
}

// Fact is something to know about an export, such as its source.
type Fact struct {
	Name  geo.Text
	Value string
}

// Write writes the features to w. An error of features, of w or of ctx ends it;
// what is written by then is no whole document. Formats that do not stream write
// nothing before all features are read. The error is *geo.InvalidError where the
// format cannot hold what the options ask for.
func Write(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt Options) error {
	opt.Roles = opt.Schema
	write := writer(opt.Format.Name)
	if write == nil {
		return &geo.InvalidError{Field: "f", Reason: fmt.Sprintf("%q is not a format of features", opt.Format.Name)}
	}
	return write(ctx, w, features, &opt)
}

type writeFunc func(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error

func writer(format string) writeFunc {
	switch format {
	case "geojson", "json":
		return writeGeoJSON
	case "jsonfg":
		return writeJSONFG
	case "geojsonseq", "ndjson":
		return writeSequence
	case "csv":
		return writeCSV
	case "xlsx":
		return writeXLSX
	case "kml":
		return writeKML
	case "kmz":
		return writeKMZ
	case "gpkg":
		return writeGPKG
	case "shp":
		return writeSHP
	case "fgb":
		return writeFGB
	case "parquet":
		return writeParquet
	}
	return nil
}

// flushAt is how much of a stream is buffered.
const flushAt = 64 << 10

// stream calls do with each feature and a buffer before w, and flushes it.
func stream(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], do func(*bufio.Writer, geo.Feature) error) error {
	out := bufio.NewWriterSize(w, flushAt)
	err := each(ctx, features, func(f geo.Feature) error { return do(out, f) })
	if err != nil {
		return err
	}
	return out.Flush()
}

// each calls do with each feature, until there is an error or ctx is done.
func each(ctx context.Context, features iter.Seq2[geo.Feature, error], do func(geo.Feature) error) error {
	n := 0
	for f, err := range features {
		if err != nil {
			return err
		}
		if n%256 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n++
		if err := do(f); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// WriteAbout writes what there is to know about an export as plain text in both
// languages: for formats that have no place for it, to stand beside the file.
func WriteAbout(w io.Writer, opt Options) error {
	out := bufio.NewWriter(w)
	for _, f := range facts(&opt) {
		name := f.Name.EN
		if f.Name.ZH != "" && f.Name.ZH != f.Name.EN {
			name += " / " + f.Name.ZH
		}
		fmt.Fprintf(out, "%s: %s\r\n", name, f.Value)
	}
	return out.Flush()
}

// facts are what the options tell of the whole, then the facts of About.
func facts(opt *Options) []Fact {
	both := func(t geo.Text) string {
		if t.EN == "" || t.ZH == "" || t.EN == t.ZH {
			return t.In(opt.Lang)
		}
		return t.EN + " / " + t.ZH
	}
	list := []Fact{
		{geo.Text{EN: "Collection", ZH: "数据集"}, both(opt.Title)},
		{geo.Text{EN: "Description", ZH: "说明"}, both(opt.Description)},
		{geo.Text{EN: "Address", ZH: "地址"}, opt.Link},
		{geo.Text{EN: "Coordinate reference system", ZH: "坐标参照系"}, opt.crsName()},
	}
	return append(slices.DeleteFunc(list, func(f Fact) bool { return f.Value == "" }), opt.About...)
}
