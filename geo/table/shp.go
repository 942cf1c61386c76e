package table

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"clustermap/geo"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// shpLayer is a Shapefile in a zip file: shapes, their index and a table beside them.
// One of shapes and table may be missing.
type shpLayer struct {
	zip           *packed
	opt           Options
	base          string // of the names in the zip file, without their endings
	shapes, table string // names in the zip file, "" none
	dbf           *dbfTable
	starts        []uint32 // of the records in .shp, in 16-bit words; nil: one after the other
	system        system
	heights       bool
}

// shapefiles are the layers of a zip file.
func (p *packed) shapefiles() (layers []*shpLayer) {
	byBase := make(map[string]*shpLayer)
	for _, name := range p.names {
		ext := strings.ToLower(path.Ext(name))
		if ext != ".shp" && ext != ".dbf" || strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(name, "__MACOSX/") {
			continue
		}
		base := name[:len(name)-len(ext)]
		l := byBase[strings.ToLower(base)]
		if l == nil {
			l = &shpLayer{zip: p, base: base}
			byBase[strings.ToLower(base)] = l
			layers = append(layers, l)
		}
		if ext == ".shp" {
			l.shapes = name
		} else {
			l.table = name
		}
	}
	return layers
}

// part reads a small file beside the shapes; "" where there is none.
func (l *shpLayer) part(ctx context.Context, ext string) (string, error) {
	name := l.base + ext
	if !l.zip.has(name) {
		return "", nil
	}
	r, err := l.zip.open(ctx, name)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(r, maxWKT))
	return string(b), errors.Join(err, r.Close())
}

func openShapefiles(ctx context.Context, layers []*shpLayer, opt Options) (*File, error) {
	f := &File{Format: "Shapefile"}
	if len(layers) > maxLayers {
		layers = layers[:maxLayers]
		f.Notes = append(f.Notes, Note{Code: "layers", EN: "has more layers; only the first are read", ZH: "图层过多，只读取前面的"})
	}
	for _, l := range layers {
		l.opt = opt
		sheet, notes, err := l.open(ctx)
		if err != nil {
			return nil, err
		}
		f.Sheets, f.Notes = append(f.Sheets, sheet), append(f.Notes, notes...)
	}
	return f, nil
}

// name is the name of the layer. Zip files of old programs have it in GBK.
func (l *shpLayer) name() string {
	name := path.Base(l.base)
	if !utf8.ValidString(name) {
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = decoded
		}
	}
	return tidy(strings.ToValidUTF8(name, "�"))
}

func (l *shpLayer) open(ctx context.Context) (*Sheet, []Note, error) {
	name := l.name()
	var notes []Note
	if l.table != "" {
		note, err := l.openTable(ctx)
		if err != nil {
			return nil, nil, err
		}
		if note != "" {
			notes = append(notes, Note{Sheet: name, Code: "encoding", EN: "the texts are read as " + note, ZH: "文字按" + note + "读取"})
		}
		for _, f := range l.dbf.fields {
			if f.kind == 'M' {
				notes = append(notes, Note{Sheet: name, Code: "memo", EN: "the memos of " + quote(l.dbf.text(f.name)) + " are left out", ZH: "备注型字段" + quote(l.dbf.text(f.name)) + "未导入"})
			}
		}
	}
	if l.shapes != "" {
		prj, err := l.part(ctx, ".prj")
		if err != nil {
			return nil, nil, err
		}
		if l.system = systemOf(prj); l.system.name == "" {
			notes = append(notes, Note{Sheet: name, Code: "crs-none", EN: "its coordinate system is not stated (there is no .prj)", ZH: "未注明坐标系（没有.prj文件）"})
		}
		notes = append(notes, l.system.notes(name)...)
		if err := l.openShapes(ctx); err != nil {
			return nil, nil, err
		}
		if l.heights {
			notes = append(notes, Note{Sheet: name, Code: "heights", EN: "heights and measures of the positions are left out", ZH: "坐标中的高程与测度值未导入"})
		}
	}
	sheet := &Sheet{Name: name, CRS: l.system.crs, rows: l.rows}
	if l.dbf != nil {
		names := l.dbf.names()
		sheet.Columns = nameColumns(names, len(names))
	}
	return sheet, notes, nil
}

// openTable reads the head of the table, and all of it to learn its encoding.
func (l *shpLayer) openTable(ctx context.Context) (note string, err error) {
	cpg, err := l.part(ctx, ".cpg")
	if err != nil {
		return "", err
	}
	file, err := l.zip.open(ctx, l.table)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := bufio.NewReaderSize(file, 1<<16)
	if l.dbf, err = readDBFHead(r, l.opt.MaxColumns); err != nil {
		return "", err
	}
	valid, beyond, err := l.dbf.isUTF8(ctx, r)
	if err != nil {
		return "", err
	}
	return l.dbf.choose(l.opt.Encoding, cpg, valid, beyond)
}

// openShapes checks the head of the shapes and reads the index, which tells records
// from what lies between them.
func (l *shpLayer) openShapes(ctx context.Context) (err error) {
	file, err := l.zip.open(ctx, l.shapes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var head [100]byte
	if _, err := io.ReadFull(file, head[:]); err != nil || binary.BigEndian.Uint32(head[:]) != 9994 {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		return &geo.InvalidError{Reason: "its .shp is damaged"}
	}
	l.heights = binary.LittleEndian.Uint32(head[32:]) > 10
	name := l.base + ".shx"
	if !l.zip.has(name) {
		return nil
	}
	index, err := l.zip.open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	const maxIndex = 8 * 20_000_000 // bytes
	b, err := io.ReadAll(io.LimitReader(index, maxIndex))
	if err != nil || len(b) < 100 {
		return err
	}
	starts := make([]uint32, 0, len(b)/8-12)
	for b = b[100:]; len(b) >= 8; b = b[8:] {
		starts = append(starts, binary.BigEndian.Uint32(b))
	}
	if slices.IsSorted(starts) {
		l.starts = starts
	}
	return nil
}

// rows reads shapes and table side by side. Rows that are marked as deleted are left
// out.
func (l *shpLayer) rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		stopped := false
		err := l.each(ctx, func(row Row) bool {
			stopped = !yield(row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(Row{}, err)
		}
	}
}

func (l *shpLayer) each(ctx context.Context, yield func(Row) bool) (err error) {
	var shapes *shpReader
	if l.shapes != "" {
		file, err := l.zip.open(ctx, l.shapes)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		shapes = &shpReader{r: bufio.NewReaderSize(file, 1<<16), starts: l.starts}
	}
	number := 0
	if l.dbf == nil {
		for {
			number++
			row := Row{Number: number, Cells: []Value{}}
			more, err := l.shape(shapes, &row)
			if row.Fault != nil {
				row.Cells = nil
			}
			if err != nil || !more && row.Fault == nil || !yield(row) || !more {
				return err
			}
			if number%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	file, err := l.zip.open(ctx, l.table)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := bufio.NewReaderSize(file, 1<<16)
	if _, err := r.Discard(l.dbf.head); err != nil {
		return orDamaged(err)
	}
	cells := make([]Value, len(l.dbf.fields))
	var failed error
	err = l.dbf.each(ctx, r, func(b []byte) bool {
		number++
		row := Row{Number: number, Cells: cells}
		if shapes != nil {
			if _, failed = l.shape(shapes, &row); failed != nil {
				return false
			}
		}
		if b[0] == '*' {
			return true
		}
		if row.Fault == nil {
			l.dbf.fill(cells, b)
			if reason := weigh(cells, l.opt); reason != "" {
				row.Fault = &geo.InvalidError{Feature: number, Reason: reason}
			}
		}
		if row.Fault != nil {
			row.Cells, row.Geometry = nil, nil
		}
		return yield(row)
	})
	if failed != nil {
		return failed
	}
	return err
}

// shape reads the next shape into a row. more is false where there is none.
func (l *shpLayer) shape(r *shpReader, row *Row) (more bool, err error) {
	g, more, err := r.next()
	var invalid *geo.InvalidError
	switch {
	case errors.As(err, &invalid):
		row.Fault = &geo.InvalidError{Feature: row.Number, Reason: invalid.Reason}
		return more, nil
	case err != nil:
		return false, err
	case !l.system.unknown():
		row.Geometry = g
	}
	return more, nil
}

// shpReader reads the records of a .shp file.
type shpReader struct {
	r      *bufio.Reader
	starts []uint32
	at     int64 // in the file; 0: the head is not read
	n      int
	ended  bool
	broken *geo.InvalidError // the file ended too early
	buf    []byte
}

// next is the shape of the next record, nil where it has none. An *InvalidError is a
// fault of this record alone. more is false behind the last.
func (s *shpReader) next() (g orb.Geometry, more bool, err error) {
	if s.broken != nil {
		return nil, false, s.broken
	}
	if s.ended || s.starts != nil && s.n == len(s.starts) {
		return nil, false, nil
	}
	if s.at == 0 {
		if err := s.skip(100); err != nil {
			return nil, false, s.cut(err)
		}
	}
	if s.starts != nil {
		start := 2 * int64(s.starts[s.n])
		if start < s.at {
			s.n++
			return nil, true, &geo.InvalidError{Reason: "its geometry lies within another one's"}
		}
		if err := s.skip(start - s.at); err != nil {
			return nil, false, s.cut(err)
		}
	}
	s.n++
	head, err := s.r.Peek(8)
	if len(head) == 0 && errors.Is(err, io.EOF) {
		s.ended = true
		return nil, false, nil
	}
	if err != nil {
		return nil, false, s.cut(err)
	}
	size := 2 * int64(binary.BigEndian.Uint32(head[4:]))
	if err := s.skip(8); err != nil {
		return nil, false, s.cut(err)
	}
	if size > maxShape {
		return nil, true, errors.Join(s.cut(s.skip(size)), &geo.InvalidError{Reason: "its geometry is too large"})
	}
	if err := s.read(int(size)); err != nil {
		return nil, false, s.cut(err)
	}
	g, err = parseShape(s.buf)
	return g, true, err
}

func (s *shpReader) skip(n int64) error {
	for n > 0 {
		k, err := s.r.Discard(int(min(n, 1<<30)))
		s.at += int64(k)
		if n -= int64(k); err != nil {
			return err
		}
	}
	return nil
}

// read fills buf, which grows with what there is and not with what is promised.
func (s *shpReader) read(size int) error {
	s.buf = s.buf[:0]
	for len(s.buf) < size {
		n := min(size-len(s.buf), 1<<20)
		from := len(s.buf)
		s.buf = slices.Grow(s.buf, n)[:from+n]
		k, err := io.ReadFull(s.r, s.buf[from:])
		s.at += int64(k)
		if err != nil {
			return err
		}
	}
	return nil
}

// cut is the fault of a file that ends too early; other errors are themselves.
func (s *shpReader) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.broken = &geo.InvalidError{Reason: "the .shp ends before its geometry"}
		return s.broken
	}
	return err
}
