package export

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"strconv"
	"strings"

	"clustermap/geo"

	"github.com/paulmach/orb"
	"modernc.org/sqlite"
)

// gpkgTime stands where GeoPackage wants the time of the last change: the same
// data give the same bytes.
const gpkgTime = "1970-01-01T00:00:00.000Z"

const gpkgPageSize = 4096

// gpkgFile is a GeoPackage 1.3 with one table, being written (OGC 12-128r17).
type gpkgFile struct {
	opt            *Options
	db             *sql.Conn
	fields         *fields
	shaper         *shaper
	table, fid, id string // id is "" where the ids are the numbers of fid
	geom           string // "" where no geometry is asked for
	columns        []string

	srs      int // of the geometries
	box      orb.Bound
	flat     int // geometries without heights
	tall     int // with
	row      []any
	blob     []byte
	features int64
}

// writeGPKG writes a GeoPackage: one table with an R-tree, typed columns, titles
// and value lists of the schema extension, and Options.About as metadata.
func writeGPKG(ctx context.Context, w io.Writer, features iter.Seq2[geo.Feature, error], opt *Options) error {
	ws, err := newWorkspace(opt)
	if err != nil {
		return err
	}
	defer ws.remove()
	path := ws.path("data.gpkg")
	if err := makeGPKG(ctx, path, ws.max, features, opt); err != nil {
		var refused *sqlite.Error
		const full, constraint = 13, 19 // primary result codes of SQLite
		switch {
		case !errors.As(err, &refused):
		case refused.Code()&0xff == full:
			return ws.tooLarge()
		case refused.Code()&0xff == constraint:
			return &geo.InvalidError{Field: "id", Reason: "two features have ids of one value, such as 1 and 1.0; a GeoPackage numbers its rows with the ids"}
		}
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return sendReader(ctx, w, f, info.Size(), opt)
}

func makeGPKG(ctx context.Context, path string, maxBytes int64, features iter.Seq2[geo.Feature, error], opt *Options) (err error) {
	pool, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	// The statements are short: ctx is asked between them, which spares a
	// goroutine for each.
	calm := context.WithoutCancel(ctx)
	db, err := pool.Conn(calm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	g := newGPKG(db, opt)
	pages := max(maxBytes/gpkgPageSize, 1)
	for _, s := range []string{
		"PRAGMA page_size = " + strconv.Itoa(gpkgPageSize), "PRAGMA max_page_count = " + strconv.FormatInt(pages, 10),
		"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE",
		"PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -32768",
		"PRAGMA application_id = 1196444487", "PRAGMA user_version = 10300", "BEGIN",
	} {
		if _, err := db.ExecContext(calm, s); err != nil {
			return err
		}
	}
	if err := g.create(calm); err != nil {
		return err
	}
	if err := g.fill(ctx, features); err != nil {
		return err
	}
	if err := g.finish(calm); err != nil {
		return err
	}
	return g.exec(calm, "COMMIT")
}

func newGPKG(db *sql.Conn, opt *Options) *gpkgFile {
	fs := newFields(opt)
	g := &gpkgFile{opt: opt, db: db, fields: fs, shaper: newShaper(&opt.View), table: gpkgTable(opt.ID), srs: refOf(&opt.View).code, box: noBox()}
	g.fid = fs.free("fid", "feature_fid")
	taken := []string{g.fid}
	if !opt.SkipGeometry {
		g.geom = fs.free("geom", "geometry", "feature_geom")
		taken = append(taken, g.geom)
	}
	if !fs.wholeID {
		g.id = fs.free("id", "feature_id")
		taken = append(taken, g.id)
	}
	const most = 200
	g.columns = distinct(fs.names(), most, taken...)
	return g
}

// gpkgTable is the name of the table of a collection: no prefix that SQLite or
// GeoPackage keep for themselves.
func gpkgTable(id string) string {
	name := cutText(plainName(id), 200)
	low := strings.ToLower(name)
	for _, prefix := range []string{"sqlite_", "gpkg_", "rtree_", "trigger_"} {
		if strings.HasPrefix(low, prefix) {
			return "layer_" + name
		}
	}
	if name == "" {
		return "features"
	}
	return name
}

func (g *gpkgFile) exec(ctx context.Context, statement string, args ...any) error {
	_, err := g.db.ExecContext(ctx, statement, args...)
	return err
}

// sqlName quotes an identifier.
func sqlName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// gpkgTables are the tables that every GeoPackage of ours has, as Annex C of
// OGC 12-128r17 defines them.
var gpkgTables = []string{
	`CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)`,
	`CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))`,
	`CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))`,
	`CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))`,
	`CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))`,
	`CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))`,
	`CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '')`,
	`CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER, timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER, CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id), CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))`,
}

func (g *gpkgFile) create(ctx context.Context) error {
	const most = 1990 // of the 2,000 that SQLite takes
	if n := len(g.columns); n > most {
		return tooManyFields("GeoPackage", n, most)
	}
	for _, s := range gpkgTables {
		if err := g.exec(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range gpkgSystems(g.opt) {
		if err := g.exec(ctx, "INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", s.name, s.id, s.organization, s.code, s.wkt, s.description); err != nil {
			return err
		}
	}
	defs := []string{sqlName(g.fid) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"}
	if g.geom != "" {
		defs = append(defs, sqlName(g.geom)+" "+gpkgGeometryType(g.opt))
	}
	if g.id != "" {
		defs = append(defs, sqlName(g.id)+" TEXT")
	}
	for i, f := range g.fields.list {
		defs = append(defs, sqlName(g.columns[i])+" "+gpkgType(f.kind))
	}
	if err := g.exec(ctx, "CREATE TABLE "+sqlName(g.table)+" ("+strings.Join(defs, ", ")+")"); err != nil {
		return err
	}
	if g.geom == "" {
		return nil
	}
	return g.exec(ctx, "CREATE VIRTUAL TABLE "+sqlName(g.rtree())+" USING rtree(id, minx, maxx, miny, maxy)")
}

func (g *gpkgFile) rtree() string { return "rtree_" + g.table + "_" + g.geom }

func tooManyFields(format string, n, most int) error {
	return &geo.InvalidError{Field: "properties", Reason: fmt.Sprintf("%d are asked for; a %s takes %d: name those that are wanted", n, format, most)}
}

func gpkgType(k fieldKind) string {
	switch k {
	case fieldInteger:
		return "INTEGER"
	case fieldReal:
		return "REAL"
	case fieldBoolean:
		return "BOOLEAN"
	case fieldDate:
		return "DATE"
	case fieldDateTime:
		return "DATETIME"
	}
	return "TEXT"
}

// gpkgGeometryType is the one type of all geometries of the collection, else
// GEOMETRY.
func gpkgGeometryType(opt *Options) string {
	if opt.Schema != nil && len(opt.Schema.Geometry) == 1 && opt.Simplify == nil {
		if t := strings.ToUpper(opt.Schema.Geometry[0]); t != "GEOMETRYCOLLECTION" {
			return t
		}
		return "GEOMCOLLECTION"
	}
	return "GEOMETRY"
}

// gpkgSystem is a row of gpkg_spatial_ref_sys.
type gpkgSystem struct {
	name             string
	id               int
	organization     string
	code             int
	wkt, description string
}

// gpkgSystems are the rows that every GeoPackage has, and that of the view's
// CRS.
func gpkgSystems(opt *Options) []gpkgSystem {
	list := []gpkgSystem{
		{"Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"},
		{"Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"},
		{"WGS 84 geodetic", 4326, "EPSG", 4326, wgs84WKT(), "longitude, latitude in decimal degrees on the WGS 84 ellipsoid"},
	}
	if r := refOf(&opt.View); r.code != 0 && r.code != 4326 {
		list = append(list, gpkgSystem{r.name, r.code, "EPSG", r.code, r.wkt, "x east, y north"})
	}
	return list
}

// fill writes the features and the R-tree.
func (g *gpkgFile) fill(ctx context.Context, features iter.Seq2[geo.Feature, error]) (err error) {
	calm := context.WithoutCancel(ctx)
	g.row = make([]any, g.width())
	insert, err := g.db.PrepareContext(calm, "INSERT INTO "+sqlName(g.table)+" VALUES (?"+strings.Repeat(",?", len(g.row)-1)+")")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	var tree gpkgTree
	err = each(ctx, features, func(f geo.Feature) error {
		g.features++
		fid, box, placed, err := g.fillRow(f)
		if err != nil {
			return err
		}
		if placed {
			tree.add(fid, box)
		}
		_, err = insert.ExecContext(calm, g.row...)
		return err
	})
	if err != nil || g.geom == "" {
		return err
	}
	return tree.write(ctx, g.db, g.rtree())
}

// width is the number of columns of the table.
func (g *gpkgFile) width() int {
	n := 1 + len(g.columns)
	if g.geom != "" {
		n++
	}
	if g.id != "" {
		n++
	}
	return n
}

// fillRow sets row from f. placed is false where it has no geometry.
func (g *gpkgFile) fillRow(f geo.Feature) (fid int64, box orb.Bound, placed bool, err error) {
	fid = g.features
	if g.fields.wholeID {
		var ok bool
		if fid, ok = cell(f.ID().String()).integer(); !ok {
			return 0, box, false, &geo.InvalidError{Field: "id", Reason: clipName(f.ID().String()) + " is outside the 64-bit integers that a GeoPackage numbers its rows with"}
		}
	}
	row := append(g.row[:0], fid)
	if g.geom != "" {
		s, err := g.shaper.of(f)
		if err != nil {
			return 0, box, false, err
		}
		var blob any
		if s != nil {
			box, placed = s.bounds()
			g.box = grown(g.box, box)
			g.blob = g.appendGeometry(g.blob[:0], s, box)
			blob = g.blob
		}
		row = append(row, blob)
	}
	if g.id != "" {
		row = append(row, f.ID().String())
	}
	for i, c := range g.fields.read(f) {
		row = append(row, gpkgValue(g.fields.list[i].kind, c))
	}
	return fid, box, placed, nil
}

// appendGeometry appends a GeoPackageBinary blob with its envelope (12-128r17,
// 2.1.3).
func (g *gpkgFile) appendGeometry(b []byte, s *shape, box orb.Bound) []byte {
	const littleEndian, envelopeXY = 1, 1 << 1
	z := s.anyZ()
	if z {
		g.tall++
	} else {
		g.flat++
	}
	b = append(b, 'G', 'P', 0, littleEndian|envelopeXY)
	b = binary.LittleEndian.AppendUint32(b, uint32(int32(g.srs)))
	b = appendFloat(b, box.Min[0], box.Max[0], box.Min[1], box.Max[1])
	return s.appendWKB(b, z)
}

// gpkgValue is what SQLite keeps: text, int64, float64 or nil.
func gpkgValue(k fieldKind, c cell) any {
	if c == nil {
		return nil
	}
	switch k {
	case fieldInteger:
		if v, ok := c.integer(); ok {
			return v
		}
		if v, ok := c.real(); ok {
			return v
		}
	case fieldReal:
		if v, ok := c.real(); ok {
			return v
		}
	case fieldBoolean:
		return c[0] == 't'
	case fieldDateTime:
		if t, ok := c.dateTime(); ok {
			return t.Format("2006-01-02T15:04:05.000Z")
		}
	}
	return c.text()
}

// finish describes the table, now that all is known, and adds the triggers.
func (g *gpkgFile) finish(ctx context.Context) error {
	var box [4]any
	if g.box.Min[0] <= g.box.Max[0] {
		box = [4]any{g.box.Min[0], g.box.Min[1], g.box.Max[0], g.box.Max[1]}
	}
	kind := "features"
	if g.geom == "" {
		kind = "attributes"
	}
	title := g.opt.Title.In(g.opt.Lang)
	if title == "" {
		title = g.table
	}
	err := g.exec(ctx, "INSERT INTO gpkg_contents VALUES (?,?,?,?,?,?,?,?,?,?)", g.table, kind, title,
		g.opt.Description.In(g.opt.Lang), gpkgTime, box[0], box[1], box[2], box[3], g.srs)
	if err != nil {
		return err
	}
	if g.geom != "" {
		if err := g.finishGeometry(ctx); err != nil {
			return err
		}
	}
	if err := g.describeColumns(ctx); err != nil {
		return err
	}
	return g.about(ctx)
}

func (g *gpkgFile) finishGeometry(ctx context.Context) error {
	z := 0 // no heights; 1 all have them, 2 some
	switch {
	case g.tall > 0 && g.flat > 0:
		z = 2
	case g.tall > 0:
		z = 1
	}
	if err := g.exec(ctx, "INSERT INTO gpkg_geometry_columns VALUES (?,?,?,?,?,0)", g.table, g.geom, gpkgGeometryType(g.opt), g.srs, z); err != nil {
		return err
	}
	if err := g.extension(ctx, g.table, g.geom, "gpkg_rtree_index", "rtree", "write-only"); err != nil {
		return err
	}
	for _, s := range g.triggers() {
		if err := g.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (g *gpkgFile) extension(ctx context.Context, table string, column any, name, page, scope string) error {
	return g.exec(ctx, "INSERT INTO gpkg_extensions VALUES (?,?,?,?,?)", table, column, name,
		"http://www.geopackage.org/spec130/#extension_"+page, scope)
}

// triggers keep the R-tree while the table is edited (12-128r17, F.3).
func (g *gpkgFile) triggers() []string {
	put := `INSERT OR REPLACE INTO R VALUES (NEW.I, ST_MinX(NEW.C), ST_MaxX(NEW.C), ST_MinY(NEW.C), ST_MaxY(NEW.C));`
	const full, none = `(NEW.C NOTNULL AND NOT ST_IsEmpty(NEW.C))`, `(NEW.C ISNULL OR ST_IsEmpty(NEW.C))`
	list := [][2]string{
		{"insert", `AFTER INSERT ON T WHEN (NEW.C NOT NULL AND NOT ST_IsEmpty(NEW.C)) BEGIN ` + put},
		{"update1", `AFTER UPDATE OF C ON T WHEN OLD.I = NEW.I AND ` + full + ` BEGIN ` + put},
		{"update2", `AFTER UPDATE OF C ON T WHEN OLD.I = NEW.I AND ` + none + ` BEGIN DELETE FROM R WHERE id = OLD.I;`},
		{"update3", `AFTER UPDATE ON T WHEN OLD.I != NEW.I AND ` + full + ` BEGIN DELETE FROM R WHERE id = OLD.I; ` + put},
		{"update4", `AFTER UPDATE ON T WHEN OLD.I != NEW.I AND ` + none + ` BEGIN DELETE FROM R WHERE id IN (OLD.I, NEW.I);`},
		{"delete", `AFTER DELETE ON T WHEN OLD.C NOT NULL BEGIN DELETE FROM R WHERE id = OLD.I;`},
	}
	names := strings.NewReplacer("ON T ", "ON "+sqlName(g.table)+" ", "OF C ", "OF "+sqlName(g.geom)+" ",
		"INTO R ", "INTO "+sqlName(g.rtree())+" ", "FROM R ", "FROM "+sqlName(g.rtree())+" ",
		"NEW.C", "NEW."+sqlName(g.geom), "OLD.C", "OLD."+sqlName(g.geom),
		"NEW.I", "NEW."+sqlName(g.fid), "OLD.I", "OLD."+sqlName(g.fid))
	var out []string
	for _, t := range list {
		out = append(out, "CREATE TRIGGER "+sqlName(g.rtree()+"_"+t[0])+" "+names.Replace(t[1])+" END")
	}
	return out
}

// describeColumns writes titles, media types and lists of values (12-128r17,
// F.9 Schema).
func (g *gpkgFile) describeColumns(ctx context.Context) error {
	for _, table := range []string{"gpkg_data_columns", "gpkg_data_column_constraints"} {
		if err := g.extension(ctx, table, nil, "gpkg_schema", "schema", "read-write"); err != nil {
			return err
		}
	}
	for i, f := range g.fields.list {
		var mime, constraint any
		if f.kind == fieldJSON {
			mime = "application/json"
		}
		if f.kind == fieldText && f.Type == geo.TypeString && len(f.Enum) > 0 {
			name := "values_" + strconv.Itoa(i+1)
			constraint = name
			if err := g.listValues(ctx, name, f.Enum); err != nil {
				return err
			}
		}
		err := g.exec(ctx, "INSERT INTO gpkg_data_columns VALUES (?,?,?,?,?,?,?)", g.table, g.columns[i], f.Name,
			orNull(f.Title.In(g.opt.Lang)), orNull(f.Description.In(g.opt.Lang)), mime, constraint)
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *gpkgFile) listValues(ctx context.Context, name string, values []geo.EnumValue) error {
	for _, v := range values {
		err := g.exec(ctx, "INSERT OR IGNORE INTO gpkg_data_column_constraints VALUES (?,'enum',?,NULL,NULL,NULL,NULL,?)",
			name, v.Value, orNull(v.Title.In(g.opt.Lang)))
		if err != nil {
			return err
		}
	}
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// about writes Options.About as metadata of the table (12-128r17, F.8).
func (g *gpkgFile) about(ctx context.Context) error {
	for _, table := range []string{"gpkg_metadata", "gpkg_metadata_reference"} {
		if err := g.extension(ctx, table, nil, "gpkg_metadata", "metadata", "read-write"); err != nil {
			return err
		}
	}
	if err := g.exec(ctx, "INSERT INTO gpkg_metadata VALUES (1,'dataset','http://purl.org/dc/terms/','text/plain',?)", factLines(g.opt)); err != nil {
		return err
	}
	return g.exec(ctx, "INSERT INTO gpkg_metadata_reference VALUES ('table',?,NULL,NULL,?,1,NULL)", g.table, gpkgTime)
}

// factLines is what there is to know of the export, one fact to a line.
func factLines(opt *Options) string {
	var b strings.Builder
	for _, fact := range facts(opt) {
		b.WriteString(fact.Name.In(opt.Lang) + ": " + fact.Value + "\n")
	}
	return b.String()
}

// clipName quotes a name for an error message.
func clipName(s string) string {
	const most = 60
	if len(s) > most {
		s = cutText(s, most) + "…"
	}
	return strconv.Quote(s)
}
