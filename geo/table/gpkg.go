package table

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"time"

	"clustermap/geo"
	"clustermap/geo/crs"

	"github.com/paulmach/orb"
	"modernc.org/sqlite"
	"modernc.org/sqlite/vfs"
)

func looksLikeSQLite(head, _ []byte) bool {
	return bytes.HasPrefix(head, []byte("SQLite format 3\x00"))
}

// maxLayers is how many layers of a file are read.
const maxLayers = 256

// gpkgFile is a GeoPackage (OGC 12-128). It is read where it lies; SQLite sees one file
// that nothing writes to. Only plain columns of plain tables are read: what a view, a
// trigger, a virtual table or a generated column would compute is never run.
type gpkgFile struct {
	src   *watched
	size  int64
	opt   Options
	pool  *sql.DB
	files *vfs.FS
}

// gpkgLayer is one table.
type gpkgLayer struct {
	file    *gpkgFile
	table   string
	id      string // the column that numbers the rows, "" none
	shape   string // the column of geometries, "" none
	columns []string
	truths  []bool // columns of BOOLEAN, which SQLite keeps as numbers
	system  system
}

func openGPKG(ctx context.Context, src Source, opt Options) (_ *File, err error) {
	g := &gpkgFile{src: &watched{r: src.R}, size: src.Size, opt: opt}
	name, files, err := vfs.New(oneFile{g})
	if err != nil {
		return nil, err
	}
	g.files = files
	defer func() {
		if err != nil {
			_ = g.close()
		}
	}()
	if g.pool, err = sql.Open("sqlite", "file:data?mode=ro&immutable=1&vfs="+name); err != nil {
		return nil, err
	}
	db, err := g.connect(ctx)
	if err != nil {
		return nil, g.fault(ctx, err)
	}
	f := &File{Format: "GeoPackage", close: g.close}
	if err = errors.Join(g.layers(ctx, db, f), db.Close()); err != nil {
		return nil, g.fault(ctx, err)
	}
	return f, nil
}

func (g *gpkgFile) close() error {
	var err error
	if g.pool != nil {
		err = g.pool.Close()
	}
	return errors.Join(err, g.files.Close())
}

// fault is an error of ctx, of the Source, or else of what the file holds.
func (g *gpkgFile) fault(ctx context.Context, err error) error {
	var invalid *geo.InvalidError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case g.src.err != nil:
		return g.src.err
	case errors.As(err, &invalid):
		return err
	}
	return &geo.InvalidError{Reason: "the GeoPackage is damaged: " + err.Error()}
}

// connect opens a connection that trusts nothing of the file.
func (g *gpkgFile) connect(ctx context.Context) (*sql.Conn, error) {
	db, err := g.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const limitLength = 0 // SQLITE_LIMIT_LENGTH
	if _, err := sqlite.Limit(db, limitLength, maxShape); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, s := range []string{"PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA query_only = ON", "PRAGMA cache_size = -8192", "PRAGMA temp_store = MEMORY"} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// oneFile is the file system that SQLite sees: the Source under the name data.
type oneFile struct{ g *gpkgFile }

func (o oneFile) Open(name string) (fs.File, error) {
	if name != "data" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return openedFile{io.NewSectionReader(o.g.src, 0, o.g.size)}, nil
}

type openedFile struct{ *io.SectionReader }

func (o openedFile) Stat() (fs.FileInfo, error) { return fileInfo{o.Size()}, nil }
func (openedFile) Close() error                 { return nil }

type fileInfo struct{ size int64 }

func (fileInfo) Name() string       { return "data" }
func (i fileInfo) Size() int64      { return i.size }
func (fileInfo) Mode() fs.FileMode  { return 0o444 }
func (fileInfo) ModTime() time.Time { return time.Time{} }
func (fileInfo) IsDir() bool        { return false }
func (fileInfo) Sys() any           { return nil }

// query asks for rows of texts, of which there may be most.
func query(ctx context.Context, db *sql.Conn, most int, statement string, args ...any) (all [][]string, err error) {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		if len(all) == most {
			return nil, &geo.InvalidError{Reason: fmt.Sprintf("has more than %d layers or columns", most)}
		}
		texts := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range texts {
			into[i] = &texts[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(names))
		for i := range texts {
			row[i] = texts[i].String
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// layers finds the tables that the contents name.
func (g *gpkgFile) layers(ctx context.Context, db *sql.Conn, f *File) error {
	kinds, err := query(ctx, db, 20_000, "SELECT name, type, substr(sql, 1, 40) FROM sqlite_schema WHERE type IN ('table','view')")
	if err != nil {
		return err
	}
	plain := make(map[string]bool)
	for _, k := range kinds {
		plain[strings.ToLower(k[0])] = k[1] == "table" && !strings.HasPrefix(strings.ToUpper(strings.Join(strings.Fields(k[2]), " ")), "CREATE VIRTUAL")
	}
	for _, needed := range []string{"gpkg_contents", "gpkg_spatial_ref_sys"} {
		if !plain[needed] {
			return &geo.InvalidError{Reason: "is a database of SQLite but no GeoPackage: it lacks the table " + needed}
		}
	}
	contents, err := query(ctx, db, maxLayers, "SELECT table_name, lower(data_type) FROM gpkg_contents ORDER BY table_name")
	if err != nil {
		return err
	}
	for _, c := range contents {
		table, kind := c[0], c[1]
		isPlain, exists := plain[strings.ToLower(table)]
		switch {
		case kind != "features" && kind != "attributes" && kind != "aspatial":
			f.Notes = append(f.Notes, Note{Sheet: table, Code: "no-table", EN: "is no table of features and is left out", ZH: "不是要素表，未导入"})
			continue
		case !isPlain:
			f.Notes = append(f.Notes, viewNote(table, exists))
			continue
		}
		if err := g.layer(ctx, db, f, table, plain["gpkg_geometry_columns"]); err != nil {
			return err
		}
	}
	if len(f.Sheets) == 0 {
		return &geo.InvalidError{Reason: "the GeoPackage has no table of features or attributes"}
	}
	return nil
}

func viewNote(table string, exists bool) Note {
	if !exists {
		return Note{Sheet: table, Code: "no-table", EN: "is named in the contents and does not exist", ZH: "目录中有此表，但文件中不存在"}
	}
	return Note{Sheet: table, Code: "view", EN: "is a view or a virtual table, which would be computed, and is left out", ZH: "是视图或虚表，需运算得出，未导入"}
}

// layer adds a table as a sheet.
func (g *gpkgFile) layer(ctx context.Context, db *sql.Conn, f *File, table string, shapes bool) error {
	l := &gpkgLayer{file: g, table: table}
	if shapes {
		found, err := query(ctx, db, 10, `SELECT g.column_name, s.organization, s.organization_coordsys_id, s.definition FROM gpkg_geometry_columns g
			LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id WHERE lower(g.table_name) = lower(?)`, table)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			l.shape, l.system = found[0][0], gpkgSystem(found[0][1], found[0][2], found[0][3])
		}
	}
	columns, err := query(ctx, db, g.opt.MaxColumns+2, `SELECT name, upper(type), pk, hidden FROM pragma_table_xinfo(?)`, table)
	if err != nil {
		return err
	}
	keys := 0
	for _, c := range columns {
		if c[2] != "0" {
			keys++
		}
	}
	hasShape := false
	for _, c := range columns {
		switch name := c[0]; {
		case c[3] != "0":
			f.Notes = append(f.Notes, Note{Sheet: table, Code: "computed", EN: "the column " + quote(name) + " would be computed and is left out", ZH: "列" + quote(name) + "需运算得出，未导入"})
		case l.shape != "" && strings.EqualFold(name, l.shape):
			l.shape, hasShape = name, true
		case keys == 1 && c[2] != "0" && c[1] == "INTEGER":
			l.id = name
		default:
			l.columns, l.truths = append(l.columns, name), append(l.truths, c[1] == "BOOLEAN")
		}
	}
	if !hasShape {
		l.shape = ""
	}
	if len(l.columns) > g.opt.MaxColumns {
		return &geo.InvalidError{Reason: fmt.Sprintf("has more than %d columns", g.opt.MaxColumns)}
	}
	f.Sheets = append(f.Sheets, &Sheet{Name: table, Columns: nameColumns(l.columns, len(l.columns)), CRS: l.system.crs, rows: l.rows})
	f.Notes = append(f.Notes, l.system.notes(table)...)
	return nil
}

// gpkgSystem is the system of a layer, by its definition where its code is not known.
func gpkgSystem(organization, code, definition string) system {
	if strings.EqualFold(organization, "EPSG") {
		if c, ok := crs.Lookup("EPSG:" + code); ok {
			return system{crs: c, name: c.Name()}
		}
	}
	if strings.EqualFold(organization, "NONE") {
		return system{}
	}
	return systemOf(definition)
}

// sqlName quotes an identifier.
func sqlName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (l *gpkgLayer) rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		stopped := false
		err := l.each(ctx, func(row Row) bool {
			stopped = !yield(row, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(Row{}, l.file.fault(ctx, err))
		}
	}
}

// each reads the table. A tree whose branches lead to one leaf many times could give
// rows without end, so there may be no more of them than the file has bytes.
func (l *gpkgLayer) each(ctx context.Context, yield func(Row) bool) (err error) {
	db, err := l.file.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var names []string
	for _, name := range append([]string{l.id, l.shape}, l.columns...) {
		if name != "" {
			names = append(names, sqlName(name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+sqlName(l.table))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	cells := make([]Value, len(l.columns))
	for n := 1; rows.Next(); n++ {
		if int64(n) > l.file.size {
			return errors.New("it has more rows than bytes")
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if !yield(l.row(n, values, cells)) {
			return nil
		}
	}
	return rows.Err()
}

func (l *gpkgLayer) row(n int, values []any, cells []Value) Row {
	row := Row{Number: n, Cells: cells}
	if l.id != "" {
		row.ID = sqlValue(values[0]).Text
		values = values[1:]
	}
	reason := ""
	if l.shape != "" {
		if !l.system.unknown() {
			if shape, err := gpkgShape(values[0]); err != nil {
				reason = err.Error()
			} else {
				row.Geometry = shape
			}
		}
		values = values[1:]
	}
	for i, v := range values {
		if n, ok := v.(int64); ok && l.truths[i] && (n == 0 || n == 1) {
			v = n == 1
		}
		cells[i] = sqlValue(v)
	}
	if reason == "" {
		reason = weigh(cells, l.file.opt)
	}
	if reason != "" {
		return Row{Number: n, Fault: &geo.InvalidError{Feature: n, Reason: reason}}
	}
	return row
}

// sqlValue is the cell of a value. What is binary is left out.
func sqlValue(v any) Value {
	switch v := v.(type) {
	case int64:
		return numberValue(fmt.Sprint(v), float64(v))
	case float64:
		return numberValue("", v)
	case bool:
		return boolValue(v)
	case string:
		return textValue(strings.ToValidUTF8(v, "�"))
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return Value{Kind: Date, Text: v.Format(time.DateOnly)}
		}
		return Value{Kind: Date, Text: v.Format(time.RFC3339)}
	}
	return Value{}
}

// gpkgShape reads a GeoPackageBinary blob; nil where it is empty.
func gpkgShape(v any) (orb.Geometry, error) {
	b, ok := v.([]byte)
	if !ok || len(b) == 0 {
		if v == nil || ok {
			return nil, nil
		}
		return nil, errShape
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, errShape
	}
	const extended, empty = 1 << 5, 1 << 4
	flags := b[3]
	envelope := []int{0, 32, 48, 48, 64}
	switch code := int(flags >> 1 & 7); {
	case flags&extended != 0:
		return nil, errors.New("its geometry is of an extension of GeoPackage, which is not read")
	case code >= len(envelope) || len(b) < 8+envelope[code]:
		return nil, errShape
	case flags&empty != 0:
		return nil, nil
	default:
		r := wkbReader{b: b[8+envelope[code]:], order: binary.LittleEndian}
		return r.geometry(0)
	}
}
