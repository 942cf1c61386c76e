package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb/geojson"

	"clustermap/geo"
)

// BenchmarkPostGIS measures filters, orders and exports beside a database with
// the same rows: Debian's PostgreSQL with PostGIS, started and stopped here, and
// before it a handler of a few lines that lets ST_AsGeoJSON write the features.
// Both answer the same pages, the number of features matched included. Run it
// with -benchtime 1x; it needs root, or the user postgres, and Debian's
// package postgresql-postgis.
func BenchmarkPostGIS(b *testing.B) {
	text := firms(*benchFeatures)
	naive := measureNaiveFilter(b, text)
	pool := startPostGIS(b)
	fillPostGIS(b, pool, text)
	index, _ := loadOurs(b, text)
	state, err := geo.NewState(&geo.Collection{ID: "firms", Source: index})
	if err != nil {
		b.Fatal(err)
	}
	ours := serveOurs(b, newServer(b, state, nil))

	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| ours \t| PostGIS \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for i, q := range postgisQuestions() {
		peer := serve(b, pageHandler(pool, q.where, q.order))
		mine, theirs := countOf(b, ours, q.address), countOf(b, peer, "/")
		if mine != theirs {
			b.Fatalf("%s: %d features here, %d in PostGIS", q.what, mine, theirs)
		}
		got, want := rates(b, ours, []string{q.address}, peer, []string{"/"})
		fmt.Fprintf(rows, "| %s (%s matched) \t| %s \t| %s \t| %s \t| %s \t|\n", q.what, thousands(mine), perSecond(got), rate(want), times(got/want), q.aim)
		if i == 0 {
			fmt.Fprintf(rows, "| the same, against orb/geojson + rtree + encoding/json instead \t| %s \t| %s \t| %s \t| 50 times \t|\n", perSecond(got), rate(naive), times(got/naive))
		}
	}
	compareExports(b, ours, pool, rows)
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// rate is perSecond for rates that may be less than ten.
func rate(r float64) string { return strconv.FormatFloat(r, 'f', 1, 64) + "/s" }

// question is one request in both languages.
type question struct{ what, address, where, order, aim string }

func postgisQuestions() []question {
	items := func(params ...string) string {
		v := url.Values{}
		for i := 0; i < len(params); i += 2 {
			v.Set(params[i], params[i+1])
		}
		return "/collections/firms/items?" + v.Encode()
	}
	const box = "geom && ST_MakeEnvelope(112, 21, 117, 24, 4326)"
	return []question{
		{"box and filter of three clauses", items("bbox", "112,21,117,24", "filter", "firms >= 4000 AND industry IN ('silk','toys') AND level <> 'market'"),
			box + " AND firms >= 4000 AND industry IN ('silk','toys') AND level <> 'market'", "id", "40 times"},
		{"polygon and filter", items("filter", "S_INTERSECTS(geometry,POLYGON((112 21,117 22,116 25,113 24,112 21))) AND firms >= 4000"),
			"ST_Intersects(geom, 'SRID=4326;POLYGON((112 21,117 22,116 25,113 24,112 21))') AND firms >= 4000", "id", "40 times"},
		{"selective filter without a box", items("filter", "output_cny BETWEEN 500000000 AND 500200000"),
			"output_cny BETWEEN 500000000 AND 500200000", "id", ""},
		{"first page sorted by a property", items("sortby", "-output_cny"), "true", "output_cny DESC, id", ""},
		{"page sorted by a property in a filter", items("sortby", "-output_cny", "filter", "firms > 8900"), "firms > 8900", "output_cny DESC, id", ""},
	}
}

// startPostGIS starts a database in a temporary folder, reached by a socket in
// it alone, and stops it when the benchmark ends.
func startPostGIS(b *testing.B) *pgxpool.Pool {
	bin, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bin) == 0 {
		b.Fatal("PostgreSQL is missing; as root: apt-get install postgresql-postgis (or make bench-apt)")
	}
	dir, err := os.MkdirTemp("", "clustermap-postgis-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := asPostgres(b, dir)
	data := filepath.Join(dir, "data")
	as(filepath.Join(bin[0], "initdb"), "-D", data, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8")
	const settings = "-c listen_addresses='' -c shared_buffers=2GB -c work_mem=64MB -c maintenance_work_mem=512MB -c fsync=off -c jit=off"
	ctl := filepath.Join(bin[0], "pg_ctl")
	as(ctl, "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", settings+" -c unix_socket_directories="+dir, "start")
	b.Cleanup(func() { as(ctl, "-D", data, "-m", "immediate", "stop") })
	pool, err := pgxpool.New(b.Context(), "host="+dir+" user=postgres dbname=postgres")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

// asPostgres runs a program as the user postgres, for PostgreSQL does not run as
// root.
func asPostgres(b *testing.B, dir string) func(name string, args ...string) {
	var before []string
	if os.Getuid() == 0 {
		if _, err := user.Lookup("postgres"); err != nil {
			b.Fatal(err)
		}
		if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
			b.Fatalf("chown: %v: %s", err, out)
		}
		before = []string{"runuser", "-u", "postgres", "--"}
	}
	return func(name string, args ...string) {
		b.Helper()
		all := append(append(before[:len(before):len(before)], name), args...)
		cmd := exec.Command(all[0], all[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", strings.Join(all, " "), err, out)
		}
	}
}

// fillPostGIS puts the features in a table with the indexes that the questions
// can use, and their text, ready-made, beside them.
func fillPostGIS(b *testing.B, pool *pgxpool.Pool, text []byte) {
	run := func(sql string) {
		b.Helper()
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	run(`CREATE EXTENSION postgis`)
	run(`CREATE UNLOGGED TABLE firms (id text PRIMARY KEY, name text, industry text, level text, adcode text, firms integer,
		output_cny bigint, share_china_pct double precision, founded integer, lon double precision, lat double precision,
		geom geometry(Point, 4326))`)
	run(`CREATE UNLOGGED TABLE texts (feature text)`)
	lines := bytes.Split(bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("{\"type\":\"FeatureCollection\",\"features\":[\n")), []byte("\n]}\n")), []byte(",\n"))
	columns := []string{"id", "name", "industry", "level", "adcode", "firms", "output_cny", "share_china_pct", "founded", "lon", "lat"}
	_, err := pool.CopyFrom(b.Context(), pgx.Identifier{"firms"}, columns, pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
		f, err := geojson.UnmarshalFeature(lines[i])
		if err != nil {
			return nil, err
		}
		p, at := f.Properties, f.Point()
		return []any{f.ID, p["name"], p["industry"], p["level"], p["adcode"], int(p.MustFloat64("firms")), int64(p.MustFloat64("output_cny")),
			p["share_china_pct"], int(p.MustFloat64("founded")), at[0], at[1]}, nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	_, err = pool.CopyFrom(b.Context(), pgx.Identifier{"texts"}, []string{"feature"}, pgx.CopyFromSlice(len(lines), func(i int) ([]any, error) {
		return []any{string(lines[i])}, nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	run(`UPDATE firms SET geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)`)
	run(`ALTER TABLE firms DROP COLUMN lon, DROP COLUMN lat`)
	for _, index := range []string{"USING gist (geom)", "(firms)", "(output_cny, id)", "(industry)", "(level)"} {
		run("CREATE INDEX ON firms " + index)
	}
	run(`VACUUM FULL ANALYZE firms`)
	run(`VACUUM ANALYZE texts`)
}

// pageHandler answers a page of the features that a condition selects, and their
// number.
func pageHandler(pool *pgxpool.Pool, where, order string) http.Handler {
	count := "SELECT count(*) FROM firms WHERE " + where
	page := "SELECT ST_AsGeoJSON(t.*) FROM (SELECT * FROM firms WHERE " + where + " ORDER BY " + order + " LIMIT 1000) t"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var matched int
		if err := pool.QueryRow(r.Context(), count).Scan(&matched); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		rows, err := pool.Query(r.Context(), page)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body := []byte(`{"type":"FeatureCollection","features":[`)
		returned := 0
		for ; rows.Next(); returned++ {
			if returned > 0 {
				body = append(body, ",\n"...)
			}
			body = append(body, rows.RawValues()[0]...)
		}
		if rows.Err() != nil {
			http.Error(w, rows.Err().Error(), http.StatusInternalServerError)
			return
		}
		body = fmt.Appendf(body, `],"numberMatched":%d,"numberReturned":%d}`, matched, returned)
		bareHandler(body).ServeHTTP(w, r)
	})
}

// countOf is the numberMatched of a page.
func countOf(b *testing.B, host, address string) int {
	var page struct{ NumberMatched int }
	if err := json.Unmarshal(body(b, host, address), &page); err != nil {
		b.Fatal(err)
	}
	return page.NumberMatched
}

// compareExports takes all features home: from the server over loopback, and
// from the database by COPY of text that is ready.
func compareExports(b *testing.B, ours string, pool *pgxpool.Pool, rows io.Writer) {
	const rounds = 5
	var mine, theirs time.Duration
	extra := uint64(0)
	for range rounds {
		took, more := export(b, ours)
		mine += took
		extra = max(extra, more)
		theirs += copyOut(b, pool)
	}
	fmt.Fprintf(rows, "| export of %s features as GeoJSON, against COPY of ready-made text \t| %s \t| %s \t| %s \t| 6 times \t|\n",
		thousands(*benchFeatures), seconds(mine/rounds), seconds(theirs/rounds), times(theirs.Seconds()/mine.Seconds()))
	fmt.Fprintf(rows, "| memory that the export takes meanwhile \t| %.1f MB \t| \t| \t| 16 MB \t|\n", float64(extra)/1e6)
}

// export downloads the collection and returns how much the heap of this process
// grew meanwhile at most.
func export(b *testing.B, host string) (took time.Duration, extra uint64) {
	before := liveHeap()
	var most atomic.Uint64
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapInuse))
			}
		}
	}()
	c := dial(b, host)
	defer c.conn.Close()
	start := time.Now()
	n, err := c.drain("/collections/firms/items?f=geojson&download=true")
	took = time.Since(start)
	close(done)
	<-watched
	if err != nil || n < int64(*benchFeatures)*200 {
		b.Fatalf("download: %d bytes, %v", n, err)
	}
	return took, max(most.Load(), before) - before
}

// drain asks for an address and reads what comes until the server is done, in
// pieces of 64 kB, as pgx does.
func (c *client) drain(address string) (n int64, err error) {
	if _, err := io.WriteString(c.conn, "GET "+address+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return 0, err
	}
	head, err := c.in.Peek(len("HTTP/1.1 200"))
	if err == nil && string(head) != "HTTP/1.1 200" {
		err = fmt.Errorf("answered %s", head)
	}
	for buf := make([]byte, 64<<10); err == nil; {
		var k int
		k, err = c.in.Read(buf)
		n += int64(k)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func copyOut(b *testing.B, pool *pgxpool.Pool) time.Duration {
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	start := time.Now()
	if _, err := conn.Conn().PgConn().CopyTo(b.Context(), io.Discard, "COPY texts TO STDOUT"); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// measureNaiveFilter is the rate of the short program that looks at every feature
// in the box. It goes first and alone, as in BenchmarkPeers.
func measureNaiveFilter(b *testing.B, text []byte) float64 {
	n, _ := loadNaive(b, text)
	host, stop := listen(b, n.filtered())
	defer func() {
		stop()
		time.Sleep(time.Second) // until its connections have let go of it
	}()
	count, spent := int64(0), time.Duration(0)
	for range turns {
		c, d := turn(b, few, "", host, []string{"/"})
		count += c
		spent += d
	}
	return float64(count) / spent.Seconds()
}

// filtered answers the first of postgisQuestions.
func (n *naiveServer) filtered() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fc := geojson.NewFeatureCollection()
		n.tree.Search([2]float64{112, 21}, [2]float64{117, 24}, func(_, _ [2]float64, f *geojson.Feature) bool {
			trade := f.Properties.MustString("industry")
			if f.Properties.MustFloat64("firms") >= 4000 && (trade == "silk" || trade == "toys") && f.Properties.MustString("level") != "market" {
				fc.Features = append(fc.Features, f)
			}
			return true
		})
		n.answer(w, r, fc)
	})
}
