package archive

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"clustermap/geo"
	"clustermap/geo/tile"
)

// Plan says which tiles of which layers are made. Tiles are those of
// WebMercatorQuad.
type Plan struct {
	Layers           []tile.Layer
	Tiles            tile.Options
	MinZoom, MaxZoom int
	Workers          int            // tiles made at a time; 0: as many as there are processors
	Progress         func(Progress) // called now and then; may be nil
}

// Progress is how far the making of an archive has come.
type Progress struct {
	Zoom        int
	Done, Total int // places of the zoom that were looked at, and that there are
	Tiles       int // made so far, of all zooms
	Bytes       int64
}

// Report is what was made.
type Report struct {
	Tiles int
	Bytes int64 // packed; of equal tiles, each time
	Zooms []ZoomReport
	// Worst is the tile that leaves out the most features, if any does; Rule is what
	// it leaves out first.
	Worst TileReport
	Rule  string
}

// ZoomReport is what was made of one zoom.
type ZoomReport struct {
	Zoom, Tiles       int
	Bytes             int64
	Features, Dropped int // shown and left out; summed over the layers
}

// TileReport is what a tile shows of the features that it owns.
type TileReport struct {
	At                Coord
	Features, Dropped int
}

// Build makes the tiles that hold something and adds them to w. Equal plans of
// equal data add equal bytes, whatever the number of workers.
func Build(ctx context.Context, w *Writer, p Plan) (*Report, error) {
	grid, ok := tile.FindGrid("WebMercatorQuad")
	if !ok {
		return nil, fmt.Errorf("archive: there is no grid WebMercatorQuad")
	}
	if most := min(MaxZoom, grid.Levels()-1); p.MinZoom < 0 || p.MaxZoom > most || p.MinZoom > p.MaxZoom {
		return nil, &geo.InvalidError{Field: "zooms", Reason: fmt.Sprintf("%d to %d do not lie within 0 to %d", p.MinZoom, p.MaxZoom, most)}
	}
	b := builder{Plan: p, grid: grid, writer: w, report: &Report{}}
	b.Workers = cmp.Or(p.Workers, runtime.GOMAXPROCS(0))
	for _, l := range p.Layers {
		b.holders = append(b.holders, newHolder(l))
	}
	occupied := places{{0, 1}}
	for z := 0; z <= p.MaxZoom; z++ {
		var err error
		if occupied, err = b.zoom(ctx, z, occupied); err != nil {
			return nil, err
		}
		occupied = occupied.within()
	}
	return b.report, nil
}

// places are tiles of a zoom in ranges [from, to) of their order along the curve.
// What lies inside an area takes hardly any room.
type places []struct{ from, to uint64 }

func (p *places) add(id uint64) {
	if n := len(*p); n > 0 && (*p)[n-1].to == id {
		(*p)[n-1].to++
		return
	}
	*p = append(*p, struct{ from, to uint64 }{id, id + 1})
}

func (p places) count() int {
	n := 0
	for _, r := range p {
		n += int(r.to - r.from)
	}
	return n
}

// within are the tiles of the next zoom that lie in those of p, which it uses up.
func (p places) within() places {
	for i := range p {
		p[i].from, p[i].to = 4*p[i].from, 4*p[i].to
	}
	return p
}

type builder struct {
	Plan
	grid    *tile.Grid
	holders []*holder
	writer  *Writer
	report  *Report
}

// job is a tile that is being made. ready is closed when the rest is set.
type job struct {
	id    uint64 // from the first of the zoom
	at    Coord
	ready chan struct{}

	occupied bool
	made     *tile.Tile
	packed   []byte
	err      error
}

// ahead is how many tiles wait for the one before them, for each worker.
const ahead = 16

// zoom makes the tiles of a zoom that are among candidates, and returns those in
// which something lies.
func (b *builder) zoom(ctx context.Context, z int, candidates places) (places, error) {
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	todo := make(chan *job)
	order := make(chan *job, ahead*b.Workers)
	wg.Go(func() {
		defer close(todo)
		defer close(order)
		feed(ctx, z, candidates, todo, order)
	})
	for range b.Workers {
		wg.Go(func() {
			var p Packer
			for j := range todo {
				b.make(ctx, j, &p)
				close(j.ready)
			}
		})
	}
	return b.collect(ctx, z, candidates.count(), order)
}

// feed hands out a job for each candidate, in order.
func feed(ctx context.Context, z int, candidates places, todo, order chan<- *job) {
	for _, r := range candidates {
		for id := r.from; id < r.to; id++ {
			at, _ := CoordOf(firstID(z) + id)
			j := &job{id: id, at: at, ready: make(chan struct{})}
			select { // room in order comes first: what is being made is always waited for
			case order <- j:
			case <-ctx.Done():
				return
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				return
			}
		}
	}
}

// make makes one tile.
func (b *builder) make(ctx context.Context, j *job, p *Packer) {
	j.occupied = slices.ContainsFunc(b.holders, func(h *holder) bool { return h.holds(j.at, b.Tiles) })
	if !j.occupied || j.at.Z < b.MinZoom {
		return
	}
	j.made, j.err = tile.Encode(ctx, b.grid, tile.Coord{Z: j.at.Z, Row: j.at.Y, Col: j.at.X}, b.Layers, b.Tiles)
	if j.err == nil && len(j.made.Data) > 0 {
		j.packed = p.Pack(j.made.Data)
	}
}

// often is how many places are looked at between two calls of Progress.
const often = 256

// collect adds the tiles to the archive in order.
func (b *builder) collect(ctx context.Context, z, total int, order <-chan *job) (occupied places, err error) {
	zoom := ZoomReport{Zoom: z}
	done := 0
	for j := range order {
		select {
		case <-j.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if j.err != nil {
			return nil, j.err
		}
		if j.occupied {
			occupied.add(j.id)
		}
		if j.made != nil {
			if err := b.add(&zoom, j); err != nil {
				return nil, err
			}
		}
		if done++; b.Progress != nil && (done%often == 0 || done == total) {
			b.Progress(Progress{z, done, total, b.report.Tiles, b.report.Bytes})
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if z >= b.MinZoom {
		b.report.Zooms = append(b.report.Zooms, zoom)
	}
	return occupied, nil
}

func (b *builder) add(zoom *ZoomReport, j *job) error {
	zoom.Features += j.made.Features
	zoom.Dropped += j.made.Dropped
	if j.made.Dropped > b.report.Worst.Dropped {
		b.report.Worst = TileReport{j.at, j.made.Features, j.made.Dropped}
		b.report.Rule = j.made.Rule
	}
	if len(j.packed) == 0 {
		return nil
	}
	zoom.Tiles++
	zoom.Bytes += int64(len(j.packed))
	b.report.Tiles++
	b.report.Bytes += int64(len(j.packed))
	return b.writer.Add(j.at, j.packed)
}
