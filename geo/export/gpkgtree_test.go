package export

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
)

// SQLite finds nothing wrong with the R-tree that is written at once, it finds what
// a plain look at the boxes finds, and it grows and shrinks like one of its own.
func TestGeoPackageTree(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 51, 52, 200, 7000} {
		var texts []string
		for i := range n {
			x, y := r.Float64()*300-150, r.Float64()*160-80
			g := fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, x, y)
			switch i % 7 {
			case 1:
				g = fmt.Sprintf(`{"type":"LineString","coordinates":[[%v,%v],[%v,%v]]}`, x, y, x+r.Float64()*9, y+r.Float64()*9)
			case 2:
				g = "null"
			case 3:
				g = `{"type":"Point","coordinates":[1,1]}`
			}
			texts = append(texts, fmt.Sprintf(`{"type":"Feature","id":%d,"geometry":%s,"properties":{"a":1}}`, i*3-500, g))
		}
		db, err := sql.Open("sqlite", "file:"+writtenFile(t, readIndex(t, "", texts...), "gpkg", Options{ID: "many"}))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		one := func(query string) (out string) {
			t.Helper()
			if err := db.QueryRow(query).Scan(&out); err != nil {
				t.Fatalf("%d features: %s: %v", n, query, err)
			}
			return out
		}
		check := func() {
			t.Helper()
			if got := one("SELECT rtreecheck('rtree_many_geom')"); got != "ok" {
				t.Errorf("%d features: %s", n, got)
			}
		}
		check()
		// GeoPackageBinary has the envelope behind 8 bytes; the R-tree has it again.
		if got, want := one("SELECT count(*) FROM rtree_many_geom"), one("SELECT count(*) FROM many WHERE geom NOTNULL"); got != want {
			t.Errorf("%d features: %s in the tree, want %s", n, got, want)
		}
		const box = "maxx >= -20 AND minx <= 30 AND maxy >= -10 AND miny <= 25"
		if got, want := one("SELECT count(*) FROM rtree_many_geom WHERE "+box), one("SELECT count(*) FROM (SELECT id, minx+0 AS minx, maxx+0 AS maxx, miny+0 AS miny, maxy+0 AS maxy FROM rtree_many_geom LIMIT -1) WHERE "+box); got != want {
			t.Errorf("%d features: the box has %s, want %s", n, got, want)
		}
		for i := range 60 {
			if _, err := db.Exec("INSERT INTO rtree_many_geom VALUES (?,?,?,?,?)", 1_000_000+i, i, i+1, -i, -i+1); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.Exec("DELETE FROM rtree_many_geom WHERE minx < 10"); err != nil {
			t.Fatal(err)
		}
		check()
	}
}
