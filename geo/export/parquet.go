package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"slices"
	"time"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/paulmach/orb"
)

const (
	parquetGroupRows  = 65536    // most of a row group
	parquetGroupBytes = 64 << 20 // about the most of a row group, before compression
	parquetBatch      = 256      // rows handed on at once
	parquetDictionary = 1 << 20  // bytes of a column's different texts; beyond, they are written as they come
)

// parquetFile is a GeoParquet 1.1.0 file being written. Row groups keep the
// order of the features.
type parquetFile struct {
	opt      *Options
	fields   *fields
	shaper   *shaper
	w        *parquet.GenericWriter[any]
	id       string
	geom     string // "" where no geometry is asked for
	cover    string // column of the geometries' boxes
	names    []string
	elements []fieldKind // of a list; fieldJSON where the field is none

	rows  []parquet.Row
	used  int    // of rows
	arena []byte // geometries of rows
	count int    // rows in the row group
	size  int    // bytes in it

	box    orb.Bound
	low    float64 // heights
	high   float64
	shapes [2][len(kindNames)]bool // kinds that came, without and with heights
}

// writeParquet writes a GeoParquet with a box for each feature and Options.About
// as metadata. Without geometries it is a plain Parquet file.
func writeParquet(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	ws, err := newWorkspace(opt)
	if err != nil {
		return err
	}
	defer ws.remove()
	spool, err := ws.spool("data.parquet")
	if err != nil {
		return err
	}
	p := newParquet(spool, opt)
	if err := each(ctx, features, p.add); err != nil {
		return err
	}
	if err := p.finish(); err != nil {
		return err
	}
	return spool.send(ctx, w, opt)
}

func newParquet(w io.Writer, opt *Options) *parquetFile {
	fs := newFields(opt)
	p := &parquetFile{opt: opt, fields: fs, shaper: newShaper(&opt.View), box: noBox(), low: math.Inf(1), high: math.Inf(-1)}
	p.id = fs.free("id", "feature_id")
	taken := []string{p.id}
	if !opt.SkipGeometry {
		p.geom, p.cover = fs.free("geometry", "geom", "feature_geometry"), fs.free("bbox", "feature_bbox")
		taken = append(taken, p.geom, p.cover)
	}
	const most = 1000
	p.names = distinct(fs.names(), most, taken...)
	for _, f := range fs.list {
		p.elements = append(p.elements, elementKind(f))
	}
	root, bulky := p.columns()
	p.w = parquet.NewGenericWriter[any](w, append(bulky, parquet.NewSchema("features", root),
		parquet.Compression(&zstd.Codec{}), parquet.DefaultEncoding(&parquet.Plain), // which every reader knows
		parquet.DictionaryMaxBytes(parquetDictionary), parquet.CreatedBy("clustermap", "", ""))...)
	p.rows = make([]parquet.Row, parquetBatch)
	return p
}

// columns are those of the file. bulky spares those whose order tells nothing
// their least and greatest value.
func (p *parquetFile) columns() (root parquetGroup, bulky []parquet.WriterOption) {
	add := func(name string, n parquet.Node) { root.fields = append(root.fields, parquetField{n, name}) }
	if p.fields.wholeID {
		add(p.id, parquet.Leaf(parquet.Int64Type))
	} else {
		add(p.id, parquet.String())
	}
	for i, f := range p.fields.list {
		if element := p.elements[i]; element != fieldJSON {
			add(p.names[i], parquet.Optional(parquet.List(parquet.Optional(parquetLeaf(element)))))
			continue
		}
		add(p.names[i], parquet.Optional(parquetLeaf(f.kind)))
		if f.kind == fieldJSON {
			bulky = append(bulky, parquet.SkipPageBounds(p.names[i]))
		}
	}
	if p.geom != "" {
		add(p.geom, parquet.Optional(parquet.Leaf(parquet.ByteArrayType)))
		bulky = append(bulky, parquet.SkipPageBounds(p.geom))
		var box parquetGroup
		for _, name := range []string{"xmin", "ymin", "xmax", "ymax"} {
			box.fields = append(box.fields, parquetField{parquet.Leaf(parquet.DoubleType), name})
		}
		add(p.cover, parquet.Optional(box))
	}
	return root, bulky
}

// parquetGroup is a group whose columns keep their order; parquet.Group sorts
// them by name.
type parquetGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g parquetGroup) Fields() []parquet.Field { return g.fields }
func (g parquetGroup) GoType() reflect.Type    { return reflect.TypeFor[map[string]any]() }

type parquetField struct {
	parquet.Node
	name string
}

func (f parquetField) Name() string { return f.name }

// Value is asked for Go values only; these files are written by rows.
func (f parquetField) Value(base reflect.Value) reflect.Value {
	return base.MapIndex(reflect.ValueOf(f.name))
}

// elementKind is the kind of the elements of an array of scalars, else
// fieldJSON.
func elementKind(f field) fieldKind {
	if f.Type != geo.TypeArray {
		return fieldJSON
	}
	switch f.Items {
	case geo.TypeString:
		return fieldText
	case geo.TypeInteger:
		return fieldInteger
	case geo.TypeNumber:
		return fieldReal
	case geo.TypeBoolean:
		return fieldBoolean
	}
	return fieldJSON
}

func parquetLeaf(k fieldKind) parquet.Node {
	switch k {
	case fieldInteger:
		return parquet.Leaf(parquet.Int64Type)
	case fieldReal:
		return parquet.Leaf(parquet.DoubleType)
	case fieldBoolean:
		return parquet.Leaf(parquet.BooleanType)
	case fieldDate:
		return parquet.Date()
	case fieldDateTime:
		return parquet.Timestamp(parquet.Microsecond)
	case fieldJSON:
		return parquet.JSON()
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// add writes the feature, or keeps it for the next batch.
func (p *parquetFile) add(f geo.Feature) error {
	row, err := p.row(p.rows[p.used][:0], f)
	if err != nil {
		return err
	}
	p.rows[p.used] = row
	for _, v := range row {
		p.size += 8
		if v.Kind() == parquet.ByteArray {
			p.size += len(v.ByteArray())
		}
	}
	p.used++
	p.count++
	full := p.count == parquetGroupRows || p.size >= parquetGroupBytes
	if !full && p.used < len(p.rows) {
		return nil
	}
	if err := p.flush(); err != nil || !full {
		return err
	}
	p.count, p.size = 0, 0
	return p.w.Flush()
}

// flush hands on the rows that are kept.
func (p *parquetFile) flush() error {
	_, err := p.w.WriteRows(p.rows[:p.used])
	p.used, p.arena = 0, p.arena[:0]
	return err
}

// row appends the values of all columns. Texts share the feature's bytes,
// geometries the arena.
func (p *parquetFile) row(row parquet.Row, f geo.Feature) (parquet.Row, error) {
	id := f.ID().String()
	v := parquet.ByteArrayValue([]byte(id))
	if p.fields.wholeID {
		n, ok := cell(id).integer()
		if !ok {
			return nil, &geo.InvalidError{Field: "id", Reason: clipName(id) + " is outside the 64-bit integers that the column of a Parquet file holds"}
		}
		v = parquet.Int64Value(n)
	}
	row = append(row, v.Level(0, 0, 0))
	for i, c := range p.fields.read(f) {
		var err error
		if row, err = p.property(row, i, c); err != nil {
			return nil, err
		}
	}
	if p.geom == "" {
		return row, nil
	}
	s, err := p.shaper.of(f)
	if err != nil {
		return nil, err
	}
	return p.geometry(row, s), nil
}

// property appends the value of field i, or those of its list.
func (p *parquetFile) property(row parquet.Row, i int, c cell) (parquet.Row, error) {
	column := 1 + i
	const listHere, elementNull, element = 1, 2, 3 // definition levels
	kind := p.elements[i]
	switch {
	case c == nil:
		return append(row, parquet.NullValue().Level(0, 0, column)), nil
	case kind == fieldJSON:
		v, err := p.value(i, p.fields.list[i].kind, c)
		return append(row, v.Level(0, 1, column)), err
	case c[0] != '[':
		return nil, p.unfit(i, c)
	}
	var failed error
	before := len(row)
	in := &scanner{b: c}
	in.elements(func() {
		raw := cell(in.value())
		v, level := parquet.NullValue(), elementNull
		if raw[0] != 'n' {
			level = element
			var err error
			if v, err = p.value(i, kind, raw); err != nil {
				failed = err
			}
		}
		row = append(row, v.Level(min(len(row)-before, 1), level, column))
	})
	if len(row) == before {
		row = append(row, parquet.NullValue().Level(0, listHere, column))
	}
	return row, failed
}

func (p *parquetFile) value(i int, kind fieldKind, c cell) (parquet.Value, error) {
	switch kind {
	case fieldInteger:
		if v, ok := c.integer(); ok {
			return parquet.Int64Value(v), nil
		}
	case fieldReal:
		if v, ok := c.real(); ok {
			return parquet.DoubleValue(v), nil
		}
	case fieldBoolean:
		return parquet.BooleanValue(c[0] == 't'), nil
	case fieldDate:
		if t, ok := c.date(); ok {
			return parquet.Int32Value(int32(t.Unix() / int64(24*time.Hour/time.Second))), nil
		}
	case fieldDateTime:
		if t, ok := c.dateTime(); ok {
			return parquet.Int64Value(t.UnixMicro()), nil
		}
	case fieldJSON:
		return parquet.ByteArrayValue(c), nil
	default:
		return parquet.ByteArrayValue(c.bytes()), nil
	}
	return parquet.Value{}, p.unfit(i, c)
}

func (p *parquetFile) unfit(i int, c cell) error {
	return &geo.InvalidError{Field: p.fields.list[i].Name, Reason: clipName(c.text()) + " does not fit the type of its column in a Parquet file; leave the property out by properties, or take another format"}
}

// geometry appends the geometry and its box, nulls where there is none.
func (p *parquetFile) geometry(row parquet.Row, s *shape) parquet.Row {
	column := 1 + len(p.names)
	if s == nil {
		for i := range 5 {
			row = append(row, parquet.NullValue().Level(0, 0, column+i))
		}
		return row
	}
	box, _ := s.bounds()
	p.box = grown(p.box, box)
	start, z := len(p.arena), 0
	if s.anyZ() {
		z = 1
		p.low, p.high = s.heights(p.low, p.high)
	}
	p.shapes[z][s.kind] = true
	p.arena = s.appendWKB(p.arena, z == 1)
	row = append(row, parquet.ByteArrayValue(p.arena[start:]).Level(0, 1, column))
	for i, v := range []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]} {
		row = append(row, parquet.DoubleValue(v).Level(0, 1, column+1+i))
	}
	return row
}

// heights extends the range low to high by the shape's heights.
func (s *shape) heights(low, high float64) (float64, float64) {
	for _, z := range s.z {
		low, high = min(low, z), max(high, z)
	}
	for i := range s.members {
		low, high = s.members[i].heights(low, high)
	}
	return low, high
}

// finish writes what is left, the metadata and the end of the file.
func (p *parquetFile) finish() error {
	if err := p.flush(); err != nil {
		return err
	}
	if p.geom != "" {
		b, err := json.Marshal(p.metadata())
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		p.w.SetKeyValueMetadata("geo", string(b))
	}
	if about := factLines(p.opt); about != "" {
		p.w.SetKeyValueMetadata("about", about)
	}
	return p.w.Close()
}

// geoMetadata is the value of the key "geo" (GeoParquet 1.1.0, Metadata).
type geoMetadata struct {
	Version string               `json:"version"`
	Primary string               `json:"primary_column"`
	Columns map[string]geoColumn `json:"columns"`
}

type geoColumn struct {
	Encoding string          `json:"encoding"`
	Types    []string        `json:"geometry_types"`
	CRS      json.RawMessage `json:"crs,omitempty"` // longitude, latitude on WGS 84 where there is none
	Box      []float64       `json:"bbox,omitempty"`
	Covering struct {
		Box map[string][2]string `json:"bbox"`
	} `json:"covering"`
}

func (p *parquetFile) metadata() geoMetadata {
	c := geoColumn{Encoding: "WKB", Types: []string{}, CRS: p.crs()}
	for kind, name := range kindNames {
		if p.shapes[0][kind] {
			c.Types = append(c.Types, name)
		}
		if p.shapes[1][kind] {
			c.Types = append(c.Types, name+" Z")
		}
	}
	slices.Sort(c.Types)
	switch lo, hi := p.box.Min, p.box.Max; {
	case lo[0] > hi[0]:
	case p.low <= p.high:
		c.Box = []float64{lo[0], lo[1], p.low, hi[0], hi[1], p.high}
	default:
		c.Box = []float64{lo[0], lo[1], hi[0], hi[1]}
	}
	c.Covering.Box = make(map[string][2]string)
	for _, side := range []string{"xmin", "ymin", "xmax", "ymax"} {
		c.Covering.Box[side] = [2]string{p.cover, side}
	}
	return geoMetadata{Version: "1.1.0", Primary: p.geom, Columns: map[string]geoColumn{p.geom: c}}
}

// crs is null where the coordinates are those of no system. The order of its
// axes is the authority's; the coordinates are x, y all the same, as GeoParquet
// wants them.
func (p *parquetFile) crs() json.RawMessage {
	switch c := p.opt.CRS; {
	case c == nil || c == crs.CRS84():
		return nil
	case c.Offset():
		return json.RawMessage("null")
	default:
		return c.PROJJSON()
	}
}
