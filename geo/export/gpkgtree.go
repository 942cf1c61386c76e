package export

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

// gpkgTree gathers the boxes of the features and writes them into the tables of an
// R-tree of SQLite at once, packed along the Hilbert curve: to insert a million of them
// one by one takes half a minute. Its format is that of SQLite's ext/rtree/rtree.c:
// a node is its depth if it is the root, the number of its cells, and these, each the
// number of a row or node and least and greatest x and y, all with the high byte first.
type gpkgTree struct{ items []gpkgItem }

// gpkgItem is a cell of a node.
type gpkgItem struct {
	id    int64
	box   [4]float32 // min x, max x, min y, max y, rounded outwards
	curve uint32
	leaf  int32 // the node that holds it
}

func (t *gpkgTree) add(fid int64, b orb.Bound) {
	t.items = append(t.items, gpkgItem{id: fid, box: [4]float32{below(b.Min[0]), above(b.Max[0]), below(b.Min[1]), above(b.Max[1])}})
}

// below and above are the float32 next to v that is not greater, or not less.
func below(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(v float64) float32 { return -below(-v) }

// write fills the tables of an R-tree that is empty, whose names begin with name.
func (t *gpkgTree) write(ctx context.Context, db *sql.Conn, name string) (err error) {
	if len(t.items) == 0 {
		return nil
	}
	calm := context.WithoutCancel(ctx)
	var size int // of a node in bytes
	if err := db.QueryRowContext(calm, "SELECT length(data) FROM "+sqlName(name+"_node")+" WHERE nodeno = 1").Scan(&size); err != nil {
		return err
	}
	prepare := func(query string) *sql.Stmt {
		s, bad := db.PrepareContext(calm, query)
		err = errors.Join(err, bad)
		return s
	}
	nodes := prepare("INSERT OR REPLACE INTO " + sqlName(name+"_node") + " VALUES (?,?)")
	parents := prepare("INSERT INTO " + sqlName(name+"_parent") + " VALUES (?,?)")
	rows := prepare("INSERT INTO " + sqlName(name+"_rowid") + " VALUES (?,?)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nodes.Close(), parents.Close(), rows.Close()) }()

	order := t.packed()
	level := make([]gpkgItem, len(order))
	for i, at := range order {
		level[i] = t.items[at]
	}
	const head, cellSize = 4, 24
	most := (size - head) / cellSize
	for depth, next := 0, int64(2); ; depth++ { // node 1 is the root
		var upper []gpkgItem
		for from := 0; from < len(level); from += most {
			cells := level[from:min(from+most, len(level))]
			number := next
			if len(level) <= most {
				number = 1
			} else {
				next++
			}
			data := make([]byte, size)
			if number == 1 {
				binary.BigEndian.PutUint16(data, uint16(depth))
			}
			node := gpkgItem{id: number, box: cells[0].box}
			binary.BigEndian.PutUint16(data[2:], uint16(len(cells)))
			for i, c := range cells {
				node.put(data[head+i*cellSize:], &c)
				if depth == 0 {
					t.items[order[from+i]].leaf = int32(number)
				} else if _, err := parents.ExecContext(calm, c.id, number); err != nil {
					return err
				}
			}
			if _, err := nodes.ExecContext(calm, number, data); err != nil {
				return err
			}
			upper = append(upper, node)
		}
		if len(upper) == 1 {
			break
		}
		level = upper
	}
	for i := range t.items { // in the order of the rows, in which the table grows fast
		if i%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := rows.ExecContext(calm, t.items[i].id, t.items[i].leaf); err != nil {
			return err
		}
	}
	return nil
}

// put writes a cell, and lets the node's box hold it.
func (n *gpkgItem) put(b []byte, c *gpkgItem) {
	binary.BigEndian.PutUint64(b, uint64(c.id))
	for k, v := range c.box {
		binary.BigEndian.PutUint32(b[8+4*k:], math.Float32bits(v))
		if k%2 == 0 {
			n.box[k] = min(n.box[k], v)
		} else {
			n.box[k] = max(n.box[k], v)
		}
	}
}

// packed are the places of the items along the Hilbert curve through their middles.
func (t *gpkgTree) packed() []int32 {
	all := t.items[0].box
	for i := range t.items {
		b := &t.items[i].box
		all = [4]float32{min(all[0], b[0]), max(all[1], b[1]), min(all[2], b[2]), max(all[3], b[3])}
	}
	cell := func(lo, hi, from, to float32) uint32 {
		if to <= from {
			return 0
		}
		return uint32((math.MaxUint16) * ((float64(lo)+float64(hi))/2 - float64(from)) / (float64(to) - float64(from)))
	}
	order := make([]int32, len(t.items))
	for i := range t.items {
		b := &t.items[i].box
		order[i] = int32(i)
		t.items[i].curve = geo.Hilbert(cell(b[0], b[1], all[0], all[1]), cell(b[2], b[3], all[2], all[3]))
	}
	slices.SortFunc(order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(t.items[i].curve, t.items[j].curve), cmp.Compare(i, j))
	})
	return order
}
