package server_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"clustermap/geo"
	"clustermap/server"
)

// many connections keep the processors of both sides busy.
const many = 32

// BenchmarkPostGISTiles measures vector tiles of the same rows with the same
// properties beside PostGIS: ST_AsMVT behind a handler of a few lines, on geometries
// with an index that are stored as most are, and on such that are stored as tiles want
// them. Ours keeps no answers while that is measured; then what it keeps is measured
// beside a bare handler. Run it with -benchtime 1x; see BenchmarkPostGIS for what it
// needs.
func BenchmarkPostGISTiles(b *testing.B) {
	text := firms(*benchFeatures)
	pool := startPostGIS(b)
	fillPostGIS(b, pool, text)
	for _, sql := range []string{
		`ALTER TABLE firms ADD COLUMN flat geometry(Point, 3857)`, `UPDATE firms SET flat = ST_Transform(geom, 3857)`,
		`CREATE INDEX ON firms USING gist (flat)`, `CLUSTER firms USING firms_flat_idx`, `VACUUM ANALYZE firms`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	index, _ := loadOurs(b, text)
	state, err := geo.NewState(&geo.Collection{ID: "firms", Source: index})
	if err != nil {
		b.Fatal(err)
	}
	forgetful, keeping := publish(b, state, 1), publish(b, state, 0)
	ours, kept := serveOurs(b, forgetful), serveOurs(b, keeping)
	stored := [...]string{"in longitude and latitude", "in Web Mercator"}
	peers := [...]string{
		serve(b, tileHandler(pool, "ST_Transform(geom, 3857)", "geom && ST_Transform(ST_TileEnvelope($1, $3, $2, margin => 64.0 / 4096), 4326)")),
		serve(b, tileHandler(pool, "flat", "flat && ST_TileEnvelope($1, $3, $2, margin => 64.0 / 4096)")),
	}

	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| ours \t| peer \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for _, q := range []struct {
		what, aim string
		zooms     []int
	}{{"uncached tiles of a panning session", "12 times", []int{8, 9}}, {"the same, heavy tiles", "25 times", []int{7}}} {
		var session []maptile.Tile
		for _, z := range q.zooms {
			session = append(session, panning(z)...)
		}
		mine, theirs := tileAddresses(session, "/collections/firms/tiles/WebMercatorQuad/%d/%d/%d?properties=industry,level,firms"), tileAddresses(session, "/%d/%d/%d")
		for i, peer := range peers {
			points := comparePoints(b, ours, mine, peer, theirs)
			for _, connections := range []int{few, many} {
				got, want := heldRates(b, connections, "", ours, mine, peer, theirs)
				fmt.Fprintf(rows, "| %s (%s points), %d connections, against ST_AsMVT of rows %s \t| %s \t| %s \t| %s \t| %s \t|\n", q.what, thousands(points), connections, stored[i], perSecond(got), rate(want), times(got/want), q.aim)
			}
		}
	}
	one := tileAddresses(panning(9), "/collections/firms/tiles/WebMercatorQuad/%d/%d/%d")[:1]
	tile := body(b, kept, one[0])
	got, bare := rates(b, kept, one, serve(b, bareHandler(tile)), []string{"/"})
	fmt.Fprintf(rows, "| a cached tile of %d bytes, against a bare handler \t| %s \t| %s \t| %.0f %% \t| 60 %% \t|\n", len(tile), perSecond(got), perSecond(bare), 100*got/bare)
	got, bare = notModifiedRates(b, kept, one[0])
	fmt.Fprintf(rows, "| 304, against a bare 304 \t| %s \t| %s \t| %.0f %% \t| 60 %% \t|\n", perSecond(got), perSecond(bare), 100*got/bare)
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// publish is a server of a state whose groups are made; it keeps answers of so many
// bytes, 0 for what it keeps by itself.
func publish(b *testing.B, state *geo.State, cache int64) *server.Server {
	s, err := server.New(server.Config{Atlas: geo.NewAtlas(state), CacheBytes: cache})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Publish(b.Context(), state); err != nil {
		b.Fatal(err)
	}
	return s
}

// panning are the tiles that come into view, 5 by 4 at first and then a column or row
// at a time, on a way through the points.
func panning(zoom int) []maptile.Tile {
	z := maptile.Zoom(zoom)
	at := maptile.At(orb.Point{85, 50}, z)
	var out []maptile.Tile
	for dx := range uint32(5) {
		for dy := range uint32(4) {
			out = append(out, maptile.New(at.X+dx, at.Y+dy, z))
		}
	}
	for step := range uint32(8) {
		for dy := range uint32(4) {
			out = append(out, maptile.New(at.X+5+step, at.Y+dy+step/2, z))
		}
		for dx := range uint32(5) {
			out = append(out, maptile.New(at.X+step+1+dx, at.Y+4+step/2, z))
		}
	}
	return out
}

func tileAddresses(tiles []maptile.Tile, format string) []string {
	seen := map[maptile.Tile]bool{}
	var out []string
	for _, t := range tiles {
		if !seen[t] {
			seen[t] = true
			out = append(out, fmt.Sprintf(format, t.Z, t.Y, t.X))
		}
	}
	return out
}

// comparePoints is how many points a tile has on average, which must be the same from
// both.
func comparePoints(b *testing.B, ours string, mine []string, peer string, theirs []string) int {
	count := func(host, address string) int {
		layers, err := mvt.Unmarshal(body(b, host, address))
		if err != nil || len(layers) != 1 {
			b.Fatalf("%s: %d layers, %v", address, len(layers), err)
		}
		return len(layers[0].Features)
	}
	n, m := 0, 0
	for i := range mine {
		n, m = n+count(ours, mine[i]), m+count(peer, theirs[i])
	}
	if n < m*99/100 || n > m*101/100 { // the points on the edge of the buffer differ
		b.Fatalf("%d points here, %d in PostGIS", n, m)
	}
	return n / len(mine)
}

// tileHandler answers GET /z/row/col with the points that are in the tile; shape is
// their position in Web Mercator.
func tileHandler(pool *pgxpool.Pool, shape, in string) http.Handler {
	sql := `SELECT ST_AsMVT(t, 'features', 4096, 'shape') FROM (
		SELECT ST_AsMVTGeom(` + shape + `, ST_TileEnvelope($1, $3, $2), 4096, 64, true) AS shape, id, industry, level, firms
		FROM firms WHERE ` + in + `) t`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var z, row, col int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d/%d/%d", &z, &row, &col); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		var tile []byte
		if err := pool.QueryRow(r.Context(), sql, z, row, col).Scan(&tile); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		bareHandler(tile).ServeHTTP(w, r)
	})
}

// notModifiedRates are the answers a second to clients that hold the tile, and those of
// a handler that answers 304 to everyone.
func notModifiedRates(b *testing.B, kept, address string) (mine, theirs float64) {
	c := dial(b, kept)
	defer c.conn.Close()
	if c.get(address, nil); c.etag == "" {
		b.Fatal("a tile has no ETag")
	}
	bare := serve(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Etag"] = []string{c.etag}
		w.WriteHeader(http.StatusNotModified)
	}))
	return heldRates(b, few, c.etag, kept, []string{address}, bare, []string{"/"})
}
