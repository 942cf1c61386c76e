package export

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"

	"clustermap/geo"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/paulmach/orb"
)

// fgbMagic begins a FlatGeobuf file of version 3.0, patch 1.
const fgbMagic = "fgb\x03fgb\x01"

// fgbNodeSize is the number of boxes in a node of the index.
const fgbNodeSize = 16

// Types of columns (header.fbs of FlatGeobuf 3).
const (
	fgbBool     = 2
	fgbLong     = 7
	fgbDouble   = 10
	fgbString   = 11
	fgbJSON     = 12
	fgbDateTime = 13
)

// fgbFile is a FlatGeobuf being written. The features go to a temporary file as
// they come; then the index is known and they are copied in its order.
type fgbFile struct {
	opt     *Options
	fields  *fields
	shaper  *shaper
	columns []fgbColumn
	b       *flatbuffers.Builder
	props   []byte
	items   []fgbItem
	box     orb.Bound
	kind    int // 0 unknown: mixed, or none yet
	mixed   bool
	hasZ    bool          // all geometries have heights, 0 where none is known
	flat    []geo.Feature // those written before the first height came
}

type fgbColumn struct {
	name, title, description string
	kind                     byte
}

// fgbItem is a feature in the temporary file. One without geometry has a box
// that meets no other.
type fgbItem struct {
	box    orb.Bound
	offset int64
	size   int32
	curve  uint32
}

// writeFGB writes a FlatGeobuf with a packed Hilbert R-tree. Features without
// geometry follow all others.
func writeFGB(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	ws, err := newWorkspace(opt)
	if err != nil {
		return err
	}
	defer ws.remove()
	spool, err := ws.spool("features")
	if err != nil {
		return err
	}
	g := newFGB(opt)
	if len(g.columns) > math.MaxUint16 {
		return tooManyFields("FlatGeobuf", len(g.columns), math.MaxUint16)
	}
	err = each(ctx, features, func(f geo.Feature) error {
		g.items = append(g.items, fgbItem{})
		return g.add(spool, f, len(g.items)-1)
	})
	if err != nil {
		return err
	}
	if g.hasZ {
		for i, f := range g.flat {
			if err := g.add(spool, f, i); err != nil {
				return err
			}
		}
	}
	return g.send(ctx, w, spool)
}

// add writes the feature to the spool as item i.
func (g *fgbFile) add(spool *spool, f geo.Feature, i int) error {
	b, box, err := g.encode(f)
	if err != nil {
		return err
	}
	if !g.hasZ {
		g.flat = append(g.flat, f)
	}
	g.items[i] = fgbItem{box: box, offset: spool.n, size: int32(len(b))}
	_, err = spool.Write(b)
	return err
}

func newFGB(opt *Options) *fgbFile {
	fs := newFields(opt)
	g := &fgbFile{opt: opt, fields: fs, shaper: newShaper(&opt.View), b: flatbuffers.NewBuilder(4096), box: noBox()}
	id := fgbColumn{name: fs.free("id", "feature_id"), kind: fgbString}
	if fs.wholeID {
		id.kind = fgbLong
	}
	g.columns = append(g.columns, id)
	const most = 1000
	for i, name := range distinct(fs.names(), most, id.name) {
		f := fs.list[i]
		g.columns = append(g.columns, fgbColumn{name: name, title: f.Title.In(opt.Lang), description: f.Description.In(opt.Lang), kind: fgbType(f.kind)})
	}
	return g
}

func fgbType(k fieldKind) byte {
	switch k {
	case fieldInteger:
		return fgbLong
	case fieldReal:
		return fgbDouble
	case fieldBoolean:
		return fgbBool
	case fieldDateTime, fieldDate:
		return fgbDateTime
	case fieldJSON:
		return fgbJSON
	}
	return fgbString
}

// encode returns the feature with its size before it, valid until the next call.
func (g *fgbFile) encode(f geo.Feature) ([]byte, orb.Bound, error) {
	s, err := g.shaper.of(f)
	if err != nil {
		return nil, orb.Bound{}, err
	}
	g.props = g.props[:0]
	g.property(0, cell(g.idJSON(f.ID())))
	for i, c := range g.fields.read(f) {
		g.property(i+1, c)
	}
	b := g.b
	b.Reset()
	box := noBox()
	var geometry flatbuffers.UOffsetT
	if s != nil {
		box, _ = s.bounds()
		g.box = grown(g.box, box)
		g.hasZ = g.hasZ || s.anyZ()
		g.mixed = g.mixed || g.kind != 0 && g.kind != s.kind
		g.kind = s.kind
		geometry = fgbGeometry(b, s, g.hasZ)
	}
	properties := b.CreateByteVector(g.props)
	b.StartObject(3)
	if s != nil {
		b.PrependUOffsetTSlot(0, geometry, 0)
	}
	b.PrependUOffsetTSlot(1, properties, 0)
	b.FinishSizePrefixed(b.EndObject())
	return b.FinishedBytes(), box, nil
}

func (g *fgbFile) idJSON(id geo.ID) []byte { return id.AppendJSON(nil) }

// property appends a column's number and value; null is left out.
func (g *fgbFile) property(column int, c cell) {
	if c == nil {
		return
	}
	le := binary.LittleEndian
	b := le.AppendUint16(g.props, uint16(column))
	switch g.columns[column].kind {
	case fgbBool:
		b = append(b, 0)
		if c[0] == 't' {
			b[len(b)-1] = 1
		}
	case fgbLong:
		v, ok := c.integer()
		if !ok {
			return
		}
		b = le.AppendUint64(b, uint64(v))
	case fgbDouble:
		v, ok := c.real()
		if !ok {
			return
		}
		b = appendFloat(b, v)
	case fgbDateTime:
		text := shortTime(c.bytes())
		b = append(le.AppendUint32(b, uint32(len(text))), text...)
	default:
		text := c.bytes()
		b = append(le.AppendUint32(b, uint32(len(text))), text...)
	}
	g.props = b
}

// shortTime leaves out the last digits of a fraction of a second where the text
// is longer than GDAL reads: one such value makes it refuse the whole file.
func shortTime(text []byte) []byte {
	const most, fraction = 32, len("2006-01-02T15:04:05.")
	over := len(text) - most
	if over <= 0 {
		return text
	}
	zone := bytes.IndexAny(text[fraction:], "+-Zz")
	if zone <= over {
		return text
	}
	zone += fraction
	return slices.Concat(text[:zone-over], text[zone:])
}

// fgbGeometry builds a Geometry table. A MultiPolygon and a collection have
// their members as parts.
func fgbGeometry(b *flatbuffers.Builder, s *shape, z bool) flatbuffers.UOffsetT {
	switch s.kind {
	case kindMultiPolygon:
		var parts []flatbuffers.UOffsetT
		for i := range s.parts {
			lo, hi := s.part(i)
			parts = append(parts, fgbPolygons(b, s, kindPolygon, lo, hi, z))
		}
		return fgbParts(b, s.kind, parts)
	case kindCollection:
		var parts []flatbuffers.UOffsetT
		for i := range s.members {
			parts = append(parts, fgbGeometry(b, &s.members[i], z))
		}
		return fgbParts(b, s.kind, parts)
	}
	return fgbPolygons(b, s, s.kind, 0, len(s.ends), z)
}

func fgbParts(b *flatbuffers.Builder, kind int, parts []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	list := b.CreateVectorOfTables(parts)
	b.StartObject(8)
	b.PrependByteSlot(6, byte(kind), 0)
	b.PrependUOffsetTSlot(7, list, 0)
	return b.EndObject()
}

// fgbPolygons builds a Geometry table of the rings lo to hi, or of all positions
// where the shape has no rings.
func fgbPolygons(b *flatbuffers.Builder, s *shape, kind, lo, hi int, z bool) flatbuffers.UOffsetT {
	first, last := 0, len(s.z)
	if len(s.ends) > 0 {
		first, _ = s.ring(lo)
		_, last = s.ring(hi - 1)
	}
	var heights, ends flatbuffers.UOffsetT
	if z {
		heights = fgbFloats(b, s.z[first:last])
	}
	xy := fgbFloats(b, s.xy[2*first:2*last])
	if hi-lo > 1 {
		b.StartVector(4, hi-lo, 4)
		for i := hi - 1; i >= lo; i-- {
			b.PrependUint32(uint32(s.ends[i] - first))
		}
		ends = b.EndVector(hi - lo)
	}
	b.StartObject(8)
	b.PrependUOffsetTSlot(0, ends, 0)
	b.PrependUOffsetTSlot(1, xy, 0)
	b.PrependUOffsetTSlot(2, heights, 0)
	b.PrependByteSlot(6, byte(kind), 0)
	return b.EndObject()
}

func fgbFloats(b *flatbuffers.Builder, vs []float64) flatbuffers.UOffsetT {
	b.StartVector(8, len(vs), 8)
	for i := len(vs) - 1; i >= 0; i-- {
		b.PrependFloat64(vs[i])
	}
	return b.EndVector(len(vs))
}

// send writes header, index and features to w.
func (g *fgbFile) send(ctx context.Context, w io.Writer, spool *spool) error {
	if err := spool.buf.Flush(); err != nil {
		return err
	}
	indexed := g.box.Min[0] <= g.box.Max[0]
	if indexed {
		g.sortByCurve()
	}
	var size int64
	for _, item := range g.items {
		size += int64(item.size)
	}
	head := append([]byte(fgbMagic), g.header(indexed)...)
	if indexed {
		head = g.appendIndex(head)
	}
	if int64(len(head))+size > spool.ws.max {
		return spool.ws.tooLarge()
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if g.opt.Size != nil {
		g.opt.Size(int64(len(head)) + size)
	}
	out := bufio.NewWriterSize(w, 1<<17)
	if _, err := out.Write(head); err != nil {
		return err
	}
	var b []byte
	for i, item := range g.items {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b = slices.Grow(b[:0], int(item.size))[:item.size]
		if _, err := spool.file.ReadAt(b, item.offset); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Flush()
}

// header is the Header table with its size before it.
func (g *fgbFile) header(indexed bool) []byte {
	b := flatbuffers.NewBuilder(1024)
	nodeSize, kind := uint16(0), g.kind
	if indexed {
		nodeSize = fgbNodeSize
	}
	if g.mixed {
		kind = 0
	}
	text := func(s string) flatbuffers.UOffsetT {
		if s == "" {
			return 0
		}
		return b.CreateString(s)
	}
	var columns []flatbuffers.UOffsetT
	for _, c := range g.columns {
		name, title, description := b.CreateString(c.name), text(c.title), text(c.description)
		b.StartObject(11)
		b.PrependUOffsetTSlot(0, name, 0)
		b.PrependByteSlot(1, c.kind, 0)
		b.PrependUOffsetTSlot(2, title, 0)
		b.PrependUOffsetTSlot(3, description, 0)
		columns = append(columns, b.EndObject())
	}
	list := b.CreateVectorOfTables(columns)
	var envelope flatbuffers.UOffsetT
	if indexed {
		envelope = fgbFloats(b, []float64{g.box.Min[0], g.box.Min[1], g.box.Max[0], g.box.Max[1]})
	}
	system := g.crs(b)
	name, title := text(g.opt.ID), text(g.opt.Title.In(g.opt.Lang))
	description, metadata := text(g.opt.Description.In(g.opt.Lang)), text(factLines(g.opt))
	b.StartObject(14)
	b.PrependUOffsetTSlot(0, name, 0)
	b.PrependUOffsetTSlot(1, envelope, 0)
	b.PrependByteSlot(2, byte(kind), 0)
	b.PrependBoolSlot(3, g.hasZ, false)
	b.PrependUOffsetTSlot(7, list, 0)
	b.PrependUint64Slot(8, uint64(len(g.items)), 0)
	b.PrependUint16Slot(9, nodeSize, 16)
	b.PrependUOffsetTSlot(10, system, 0)
	b.PrependUOffsetTSlot(11, title, 0)
	b.PrependUOffsetTSlot(12, description, 0)
	b.PrependUOffsetTSlot(13, metadata, 0)
	b.FinishSizePrefixed(b.EndObject())
	return b.FinishedBytes()
}

// crs builds the Crs table; 0 where the coordinates are those of no system.
func (g *fgbFile) crs(b *flatbuffers.Builder) flatbuffers.UOffsetT {
	ref := refOf(&g.opt.View)
	if ref.code == 0 {
		return 0
	}
	org, name, wkt, code := b.CreateString("EPSG"), b.CreateString(ref.name), b.CreateString(ref.wkt), b.CreateString(strconv.Itoa(ref.code))
	b.StartObject(6)
	b.PrependUOffsetTSlot(0, org, 0)
	b.PrependInt32Slot(1, int32(ref.code), 0)
	b.PrependUOffsetTSlot(2, name, 0)
	b.PrependUOffsetTSlot(4, wkt, 0)
	b.PrependUOffsetTSlot(5, code, 0)
	return b.EndObject()
}

// sortByCurve orders the features along a Hilbert curve, last first as the
// specification's own implementation does; those without geometry at the end.
func (g *fgbFile) sortByCurve() {
	const most = 1<<16 - 1
	cell := func(v, lo, hi float64) uint32 {
		if hi <= lo {
			return 0
		}
		return uint32(math.Floor(most * (v - lo) / (hi - lo)))
	}
	for i := range g.items {
		item := &g.items[i]
		if item.box.Min[0] > item.box.Max[0] {
			continue
		}
		c := item.box.Center()
		item.curve = geo.Hilbert(cell(c[0], g.box.Min[0], g.box.Max[0]), cell(c[1], g.box.Min[1], g.box.Max[1]))
	}
	placed := func(it fgbItem) int {
		if it.box.Min[0] > it.box.Max[0] {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(g.items, func(a, b fgbItem) int {
		return cmp.Or(placed(a)-placed(b), cmp.Compare(b.curve, a.curve))
	})
}

// appendIndex appends the packed R-tree: the root first, the features' boxes
// last. A leaf holds where its feature begins, another node the number of its
// first child.
func (g *fgbFile) appendIndex(b []byte) []byte {
	sizes := []int{len(g.items)} // of the levels, features first
	total := len(g.items)
	for n := len(g.items); ; {
		n = (n + fgbNodeSize - 1) / fgbNodeSize
		sizes = append(sizes, n)
		total += n
		if n == 1 {
			break
		}
	}
	type node struct {
		box    orb.Bound
		offset uint64
	}
	nodes := make([]node, total)
	start := total - sizes[0] // of the level below
	var at uint64
	for i, item := range g.items {
		nodes[start+i] = node{item.box, at}
		at += uint64(item.size)
	}
	for level, size := range sizes[1:] {
		children, above := nodes[start:start+sizes[level]], start-size
		for i := range size {
			lo := i * fgbNodeSize
			n := node{noBox(), uint64(start + lo)}
			for _, child := range children[lo:min(lo+fgbNodeSize, len(children))] {
				n.box = grown(n.box, child.box)
			}
			nodes[above+i] = n
		}
		start = above
	}
	b = slices.Grow(b, total*40)
	for _, n := range nodes {
		b = appendFloat(b, n.box.Min[0], n.box.Min[1], n.box.Max[0], n.box.Max[1])
		b = binary.LittleEndian.AppendUint64(b, n.offset)
	}
	return b
}
