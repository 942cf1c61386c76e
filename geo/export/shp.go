package export

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"clustermap/geo"

	klauspost "github.com/klauspost/compress/flate"
	"github.com/paulmach/orb"
)

// Shape types of the ESRI Shapefile Technical Description of July 1998. The one
// with heights is 10 more.
const (
	shpNull       = 0
	shpPoint      = 1
	shpPolyLine   = 3
	shpPolygon    = 5
	shpMultiPoint = 8
	shpWithZ      = 10
)

// shpMax is what the lengths in .shp and .dbf files can say to all programs.
const shpMax = 1<<31 - 1

// shpTime stands where the zip and the .dbf want a time: the same data give the
// same bytes.
var shpTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// shpLayer is one shapefile of the zip, its records in temporary files until
// the types and widths of all are known.
type shpLayer struct {
	kind    int32 // shape type without height
	suffix  string
	shapes  *spool // frames of records
	rows    *spool // frames of cells
	columns []dbfColumn
	box     orb.Bound
	z       [2]float64 // lowest, highest
	hasZ    bool
	records int
	content int64 // bytes of the records as they are, with their heads
	points  int64 // positions in those without heights
	flat    int64 // records without heights
}

// shpFile is a zip of shapefiles, being written.
type shpFile struct {
	opt    *Options
	ws     *workspace
	fields *fields
	shaper *shaper
	names  []string // of the columns, the id first
	layers [4]*shpLayer
	home   int // layer of features without geometry
	split  int // GeometryCollections
	buf    []byte
}

// writeSHP writes a zip of one shapefile for each type of geometry that occurs
// (named for the collection alone where it is one), with FIELDS.txt, which says
// what a shapefile cannot keep and how the columns are called. The parts of a
// GeometryCollection stand in the shapefiles of their types.
func writeSHP(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	ws, err := newWorkspace(opt)
	if err != nil {
		return err
	}
	defer ws.remove()
	s := newSHP(opt, ws)
	const most = 255
	if len(s.names) > most {
		return tooManyFields("Shapefile", len(s.names)-1, most-1)
	}
	if err := each(ctx, features, s.add); err != nil {
		return err
	}
	archive, err := ws.spool("zip")
	if err != nil {
		return err
	}
	if err := s.pack(ctx, archive); err != nil {
		return err
	}
	return archive.send(ctx, w, opt)
}

func newSHP(opt *Options, ws *workspace) *shpFile {
	fs := newFields(opt)
	s := &shpFile{opt: opt, ws: ws, fields: fs, shaper: newShaper(&opt.View)}
	const most = 10
	s.names = distinct(append([]string{fs.free("id", "feature_id")}, fs.names()...), most)
	if opt.Schema != nil && len(opt.Schema.Geometry) > 0 {
		for kind := kindPoint; kind < kindCollection; kind++ {
			if kindNames[kind] == opt.Schema.Geometry[0] {
				s.home = layerOf(kind)
			}
		}
	}
	return s
}

// layerOf is the layer of a kind of geometry.
func layerOf(kind int) int {
	switch kind {
	case kindLineString, kindMultiLineString:
		return 1
	case kindPolygon, kindMultiPolygon:
		return 2
	case kindMultiPoint:
		return 3
	}
	return 0
}

// layer makes the layer where it is not yet.
func (s *shpFile) layer(i int) (*shpLayer, error) {
	if s.layers[i] != nil {
		return s.layers[i], nil
	}
	l := &shpLayer{
		kind:    [...]int32{shpPoint, shpPolyLine, shpPolygon, shpMultiPoint}[i],
		suffix:  [...]string{"_point", "_line", "_polygon", "_multipoint"}[i],
		columns: newDBF(s.names, s.fields), box: noBox(), z: [2]float64{math.Inf(1), math.Inf(-1)},
	}
	var err error
	if l.shapes, err = s.ws.spool("shapes" + l.suffix); err != nil {
		return nil, err
	}
	if l.rows, err = s.ws.spool("rows" + l.suffix); err != nil {
		return nil, err
	}
	s.layers[i] = l
	return l, nil
}

// add writes the feature to the layer of its geometry.
func (s *shpFile) add(f geo.Feature) error {
	g, err := s.shaper.of(f)
	if err != nil {
		return err
	}
	id := f.ID().AppendJSON(nil)
	cells := s.fields.read(f)
	switch {
	case g == nil:
		return s.put(s.home, nil, id, cells)
	case g.kind != kindCollection:
		return s.put(layerOf(g.kind), g, id, cells)
	}
	s.split++
	for i, part := range splitCollection(g) {
		if part.kind == 0 {
			continue
		}
		if err := s.put(i, &part, id, cells); err != nil {
			return err
		}
	}
	return nil
}

// splitCollection gathers the members by layer; more than one point become a
// MultiPoint.
func splitCollection(g *shape) (parts [4]shape) {
	var gather func(g *shape)
	gather = func(g *shape) {
		i := layerOf(g.kind)
		switch g.kind {
		case kindCollection:
			for k := range g.members {
				gather(&g.members[k])
			}
			return
		case kindPoint:
			i = 3
		}
		p := &parts[i]
		p.kind = [...]int{kindPoint, kindMultiLineString, kindMultiPolygon, kindMultiPoint}[i]
		base := len(p.z)
		p.xy, p.z, p.hasZ = append(p.xy, g.xy...), append(p.z, g.z...), p.hasZ || g.hasZ
		rings := len(p.ends)
		for _, end := range g.ends {
			p.ends = append(p.ends, base+end)
		}
		if g.kind == kindPolygon {
			p.parts = append(p.parts, len(p.ends))
		}
		for _, end := range g.parts {
			p.parts = append(p.parts, rings+end)
		}
	}
	gather(g)
	if len(parts[3].z) == 1 {
		parts[0], parts[3] = parts[3], shape{}
		parts[0].kind = kindPoint
	}
	return parts
}

func (s *shpFile) put(i int, g *shape, id []byte, cells []cell) error {
	l, err := s.layer(i)
	if err != nil {
		return err
	}
	l.records++
	s.buf = l.appendShape(s.buf[:0], g)
	l.content += 8 + int64(len(s.buf))
	if err := l.shapes.frame(s.buf); err != nil {
		return err
	}
	s.buf = l.columns[0].append(s.buf[:0], id)
	for k, c := range cells {
		s.buf = l.columns[k+1].append(s.buf, c)
	}
	return l.rows.frame(s.buf)
}

// appendShape appends the content of a record. nil is a null shape.
func (l *shpLayer) appendShape(b []byte, g *shape) []byte {
	le := binary.LittleEndian
	if g == nil {
		return le.AppendUint32(b, shpNull)
	}
	kind := uint32(l.kind)
	if g.hasZ {
		kind += shpWithZ
		l.hasZ = true
		for _, z := range g.z {
			l.z = [2]float64{min(l.z[0], z), max(l.z[1], z)}
		}
	} else {
		l.flat++
		l.points += int64(len(g.z))
	}
	b = le.AppendUint32(b, kind)
	if l.kind == shpPoint {
		l.box = grown(l.box, orb.Point{g.xy[0], g.xy[1]}.Bound())
		b = appendFloat(b, g.xy[0], g.xy[1])
		if g.hasZ {
			b = appendFloat(b, g.z[0], 0)
		}
		return b
	}
	box, _ := g.bounds()
	l.box = grown(l.box, box)
	b = appendFloat(b, box.Min[0], box.Min[1], box.Max[0], box.Max[1])
	if l.kind != shpMultiPoint {
		b = le.AppendUint32(b, uint32(len(g.ends)))
	}
	b = le.AppendUint32(b, uint32(len(g.z)))
	if l.kind == shpPolygon {
		g.windForSHP()
	}
	if l.kind != shpMultiPoint {
		for i := range g.ends {
			lo, _ := g.ring(i)
			b = le.AppendUint32(b, uint32(lo))
		}
	}
	b = appendFloat(b, g.xy...)
	if g.hasZ {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, z := range g.z {
			lo, hi = min(lo, z), max(hi, z)
		}
		b = appendFloat(appendFloat(b, lo, hi), g.z...)
	}
	return b
}

// windForSHP turns outer rings clockwise and holes counterclockwise.
func (s *shape) windForSHP() {
	first := 0 // ring of the polygon
	polygons := s.parts
	if s.kind == kindPolygon {
		polygons = []int{len(s.ends)}
	}
	for _, last := range polygons {
		for i := first; i < last; i++ {
			lo, hi := s.ring(i)
			if clockwise := signedArea(s.xy[2*lo:2*hi]) < 0; clockwise != (i == first) {
				s.reverse(lo, hi)
			}
		}
		first = last
	}
}

// signedArea is twice the area of a closed ring, positive if counterclockwise.
// It is taken about the first position, for the sake of precision.
func signedArea(xy []float64) (sum float64) {
	if len(xy) == 0 {
		return 0
	}
	x0, y0 := xy[0], xy[1]
	for i := 2; i+3 < len(xy); i += 2 {
		sum += (xy[i]-x0)*(xy[i+3]-y0) - (xy[i+2]-x0)*(xy[i+1]-y0)
	}
	return sum
}

func (s *shape) reverse(lo, hi int) {
	for i, j := lo, hi-1; i < j; i, j = i+1, j-1 {
		s.z[i], s.z[j] = s.z[j], s.z[i]
		s.xy[2*i], s.xy[2*j] = s.xy[2*j], s.xy[2*i]
		s.xy[2*i+1], s.xy[2*j+1] = s.xy[2*j+1], s.xy[2*i+1]
	}
}

// raise gives a record without heights the height 0 throughout, as a file with
// heights wants it.
func (l *shpLayer) raise(record []byte) []byte {
	le := binary.LittleEndian
	kind := le.Uint32(record)
	if kind == shpNull || kind > shpWithZ {
		return record
	}
	le.PutUint32(record, kind+shpWithZ)
	zeros := 2 // height and measure of a point
	switch l.kind {
	case shpMultiPoint:
		zeros = 2 + int(le.Uint32(record[36:]))
	case shpPolyLine, shpPolygon:
		zeros = 2 + int(le.Uint32(record[40:]))
	}
	return append(record, make([]byte, 8*zeros)...)
}

// pack writes the zip.
func (s *shpFile) pack(ctx context.Context, out io.Writer) error {
	used := 0
	for _, l := range s.layers {
		if l != nil {
			used++
		}
	}
	if used == 0 {
		if _, err := s.layer(s.home); err != nil {
			return err
		}
	}
	z := zip.NewWriter(out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return klauspost.NewWriter(w, flate.BestSpeed+1)
	})
	base := fileName(s.opt.ID)
	for _, l := range s.layers {
		if l == nil {
			continue
		}
		name := base
		if used > 1 {
			name += l.suffix
		}
		if err := s.packLayer(ctx, z, name, l); err != nil {
			return err
		}
	}
	if err := packText(z, "FIELDS.txt", s.notes()); err != nil {
		return err
	}
	return z.Close()
}

// fileName is an id without what a file name cannot hold.
func fileName(id string) string {
	name := cutText(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, plainName(id)), 100)
	name = strings.Trim(name, " .")
	if name == "" {
		return "features"
	}
	return name
}

func packFile(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: shpTime})
}

func packText(z *zip.Writer, name, text string) error {
	w, err := packFile(z, name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

func (s *shpFile) packLayer(ctx context.Context, z *zip.Writer, name string, l *shpLayer) error {
	if !s.opt.SkipGeometry {
		index, err := s.packShapes(ctx, z, name+".shp", l)
		if err != nil {
			return err
		}
		w, err := packFile(z, name+".shx")
		if err != nil {
			return err
		}
		if _, err := w.Write(l.head(50 + 4*int64(l.records))); err != nil {
			return err
		}
		if _, err := w.Write(index); err != nil {
			return err
		}
		if wkt := refOf(&s.opt.View).esri; wkt != "" {
			if err := packText(z, name+".prj", wkt); err != nil {
				return err
			}
		}
	}
	if err := s.packRows(ctx, z, name+".dbf", l); err != nil {
		return err
	}
	return packText(z, name+".cpg", "UTF-8")
}

// packShapes writes the .shp and returns the records of the .shx.
func (s *shpFile) packShapes(ctx context.Context, z *zip.Writer, name string, l *shpLayer) ([]byte, error) {
	size := 100 + l.content
	if l.hasZ {
		extra := int64(16) // of a point
		if l.kind != shpPoint {
			size += 8 * l.points
		}
		size += extra * l.flat
	}
	if size > shpMax {
		return nil, &TooLargeError{Format: s.ws.format, Max: shpMax}
	}
	w, err := packFile(z, name)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.Write(l.head(size / 2)); err != nil {
		return nil, err
	}
	be := binary.BigEndian
	index := make([]byte, 0, 8*l.records)
	var number, at uint32 = 0, 50 // at in 16-bit words
	var head []byte
	err = l.shapes.frames(ctx, func(record []byte) error {
		if l.hasZ {
			record = l.raise(record)
		}
		number++
		words := uint32(len(record) / 2)
		index = be.AppendUint32(be.AppendUint32(index, at), words)
		at += 4 + words
		head = be.AppendUint32(be.AppendUint32(head[:0], number), words)
		if _, err := out.Write(head); err != nil {
			return err
		}
		_, err := out.Write(record)
		return err
	})
	if err != nil {
		return nil, err
	}
	return index, out.Flush()
}

// head is the head of a .shp or .shx of the length in 16-bit words.
func (l *shpLayer) head(words int64) []byte {
	b := make([]byte, 100)
	binary.BigEndian.PutUint32(b, 9994)
	binary.BigEndian.PutUint32(b[24:], uint32(words))
	binary.LittleEndian.PutUint32(b[28:], 1000)
	kind := l.kind
	if l.hasZ {
		kind += shpWithZ
	}
	binary.LittleEndian.PutUint32(b[32:], uint32(kind))
	if l.box.Min[0] <= l.box.Max[0] {
		appendFloat(b[:36], l.box.Min[0], l.box.Min[1], l.box.Max[0], l.box.Max[1])
	}
	if l.hasZ {
		lo, hi := l.z[0], l.z[1]
		if l.flat > 0 {
			lo, hi = min(lo, 0), max(hi, 0)
		}
		appendFloat(b[:68], lo, hi)
	}
	return b
}

func (s *shpFile) packRows(ctx context.Context, z *zip.Writer, name string, l *shpLayer) error {
	head, size := dbfHead(l.columns, l.records)
	if int64(len(head))+int64(size)*int64(l.records) > shpMax {
		return &TooLargeError{Format: s.ws.format, Max: shpMax}
	}
	w, err := packFile(z, name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.Write(head); err != nil {
		return err
	}
	var row []byte
	err = l.rows.frames(ctx, func(cells []byte) error {
		row = dbfRow(row[:0], l.columns, cells)
		_, err := out.Write(row)
		return err
	})
	if err != nil {
		return err
	}
	const end = 0x1a
	if err := out.WriteByte(end); err != nil {
		return err
	}
	return out.Flush()
}

// notes is FIELDS.txt: facts, names, and what was lost.
func (s *shpFile) notes() string {
	var b strings.Builder
	t := func(en, zh string) string { return geo.Text{EN: en, ZH: zh}.In(s.opt.Lang) }
	b.WriteString("\ufeff") // for Windows Notepad
	b.WriteString(strings.ReplaceAll(factLines(s.opt), "\n", "\r\n") + "\r\n")
	b.WriteString(t("Column\tProperty\tTitle", "列名\t属性\t标题") + "\r\n")
	for i, name := range s.names {
		property, title := "", t("id of the feature", "要素标识")
		if i > 0 {
			f := s.fields.list[i-1]
			property, title = plainName(f.Name), f.Title.In(s.opt.Lang)
		}
		b.WriteString(name + "\t" + property + "\t" + title + "\r\n")
	}
	b.WriteString("\r\n")
	for _, l := range s.layers {
		if l == nil {
			continue
		}
		for _, c := range l.columns {
			if c.cut > 0 {
				fmt.Fprintf(&b, t("%s: %d values of more than 254 bytes are cut", "%s:%d 个超过 254 字节的值被截断")+"\r\n", c.name, c.cut)
			}
		}
	}
	if s.split > 0 {
		fmt.Fprintf(&b, t("%d geometry collections are split by geometry type", "%d 个几何集合按几何类型拆分")+"\r\n", s.split)
	}
	if s.opt.CRS != nil && s.opt.CRS.Offset() {
		fmt.Fprintf(&b, t("Coordinates are in %s, which no .prj can say", "坐标为 %s,无法用 .prj 表示")+"\r\n", s.opt.CRS.Code())
	}
	b.WriteString(t("An empty text and a missing value cannot be told apart in a shapefile", "Shapefile 无法区分空文本与缺失值") + "\r\n")
	return b.String()
}
