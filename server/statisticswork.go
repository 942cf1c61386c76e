package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/stat"
)

// figures is an answer to a question, with the data that it keeps alive.
type figures struct {
	answer *stat.Answer
	of     []*geo.Index
}

// Bytes is the memory that the answer takes.
func (f *figures) Bytes() int64 { return f.answer.Bytes() }

// statistics computes and keeps figures. What draws at random or looks at pairs has a
// queue of its own, so that quick questions need not wait for it.
type statistics struct {
	quick, slow *cache[*figures]
	board       workboard
	answer      func(*stat.Question, context.Context, *geo.Index, stat.Env) (*stat.Answer, error) // Answer of the question, but in tests
}

func newStatistics(bytes int64) *statistics {
	return &statistics{
		quick: newCache[*figures](bytes/2, max(1, runtime.GOMAXPROCS(0)/2)),
		slow:  newCache[*figures](bytes/2, max(2, runtime.GOMAXPROCS(0))), // so that one long question does not hold up all others
		board: workboard{at: make(map[string]*work)}, answer: (*stat.Question).Answer,
	}
}

func (t *statistics) of(m *stat.Method) *cache[*figures] {
	if m.Slow {
		return t.slow
	}
	return t.quick
}

// workboard tells how far each computation has come that somebody waits for.
type workboard struct {
	mu sync.Mutex
	at map[string]*work
}

// work is how much of a computation is done.
type work struct {
	began       atomic.Bool
	done, total atomic.Int64 // total 0: not known yet
	watchers    int
}

// watch is the work of a key. Each call wants one of leave.
func (b *workboard) watch(key string) *work {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.at[key]
	if w == nil {
		w = new(work)
		b.at[key] = w
	}
	w.watchers++
	return w
}

func (b *workboard) leave(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w := b.at[key]; w != nil {
		if w.watchers--; w.watchers == 0 {
			delete(b.at, key)
		}
	}
}

// key names a question with its data.
func (r *statisticRequest) key() string {
	return r.c.ID + "\x00" + r.rev() + "\x00" + r.method.ID + "\x00" + r.text()
}

// figuresOf is the answer to a question. Equal questions share the work, which ends when
// nobody waits for it any more. Header gets what a refusal needs; it may be nil.
func (s *Server) figuresOf(ctx context.Context, state *geo.State, r *statisticRequest, header http.Header) (*figures, error) {
	limit := s.cfg.StatisticsTimeout
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	key := r.key()
	w := s.statistics.board.watch(key)
	defer s.statistics.board.leave(key)
	f, err := s.statistics.of(r.method).get(waiting, key, func(ctx context.Context) (f *figures, err error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		w.began.Store(true)
		behind(func() { f, err = s.compute(ctx, state, r, w) })
		return f, err
	})
	if err == nil && !s.allCurrent(f.of) {
		s.dropOldFigures()
	}
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, s.tooSlow(r, w, header)
	}
	return f, err
}

// tooSlow says why there is no answer and what to do.
func (s *Server) tooSlow(r *statisticRequest, w *work, header http.Header) error {
	if !w.began.Load() {
		if header != nil {
			header["Retry-After"] = []string{"60"}
		}
		return failf(http.StatusServiceUnavailable, "Other statistics are being computed, and this one had to wait for longer than %v. Try again in a minute.", s.cfg.StatisticsTimeout)
	}
	what := "Narrow the universe by filter, region or bbox."
	for _, p := range r.method.Parameters() {
		switch p.Name {
		case "permutations", "draws":
			what = "Reduce " + p.Name + ", or narrow the universe by filter, region or bbox."
		case "within":
			if what[0] == 'N' {
				what = "Choose wider units by within, or narrow the universe by filter, region or bbox."
			}
		}
	}
	return failf(http.StatusServiceUnavailable, "Computing this took longer than the %v that this server allows for statistics. %s", s.cfg.StatisticsTimeout, what)
}

// compute answers the question. Half of the processors are left to other requests.
func (s *Server) compute(ctx context.Context, state *geo.State, r *statisticRequest, w *work) (*figures, error) {
	env := stat.Env{
		Area: r.area(ctx, state), Divisions: codesOfDivisions(state), Definitions: definitionsOf(ctx, state), Workers: max(1, runtime.NumCPU()/2),
		Progress: func(done, total int) {
			w.total.Store(int64(total))
			w.done.Store(int64(done))
		},
	}
	a, err := s.statistics.answer(r.question, ctx, r.index, env)
	if err != nil {
		return nil, err
	}
	f := &figures{answer: a, of: []*geo.Index{r.index}}
	for _, c := range r.areas {
		if x, ok := c.Source.(*geo.Index); ok {
			f.of = append(f.of, x)
		}
	}
	return f, nil
}

// area gives outline and names of territories.
func (r *statisticRequest) area(ctx context.Context, state *geo.State) func(pyramid.Cut, string) (orb.Geometry, geo.Text) {
	return func(cut pyramid.Cut, key string) (orb.Geometry, geo.Text) {
		c, ok := state.Collection(outlinesOf(cut))
		if !ok {
			return nil, geo.Text{}
		}
		f, err := c.Source.Get(ctx, key)
		if err != nil {
			return nil, geo.Text{}
		}
		titles := names(c.Source.Schema(), membersOf(f.Properties()))
		switch g := f.Geometry().(type) {
		case orb.Polygon, orb.MultiPolygon:
			return g, titles
		}
		return nil, titles
	}
}

// codesOfDivisions gives the codes of all divisions of a level, ascending.
func codesOfDivisions(state *geo.State) func(level string) []string {
	return func(level string) []string {
		c, ok := state.Collection(divisionsID)
		if !ok {
			return nil
		}
		x, ok := c.Source.(*geo.Index)
		if !ok {
			return nil
		}
		var codes []string
		for slot := range uint32(x.Len()) {
			if code, ok := geo.DivisionOf(x.At(slot).ID().String(), level); ok {
				codes = append(codes, code)
			}
		}
		slices.Sort(codes)
		return slices.Compact(codes)
	}
}

// definitionsOf are the definitions of regions that are served.
func definitionsOf(ctx context.Context, state *geo.State) []stat.Definition {
	c, ok := state.Collection(regionsID)
	if !ok {
		return nil
	}
	var out []stat.Definition
	for f, err := range c.Source.Each(ctx, geo.Query{}) {
		if err != nil {
			return out // the answer is given up
		}
		var p struct {
			regionProperties
			Year int `json:"year"`
		}
		_ = json.Unmarshal(f.Properties(), &p) // of other types: as if it were not there
		out = append(out, stat.Definition{ID: f.ID().String(), Region: p.Region, Title: geo.Text{EN: p.NameEN, ZH: p.NameZH},
			RegionTitle: geo.Text{EN: p.RegionEN, ZH: p.RegionZH}, Year: p.Year, Default: p.Default})
	}
	return out
}

func (s *Server) allCurrent(all []*geo.Index) bool {
	for _, x := range all {
		if !s.current(x) {
			return false
		}
	}
	return true
}

// dropOldFigures lets go of figures, and places made of them, of a former state, which
// would keep its memory.
func (s *Server) dropOldFigures() {
	s.derived.dropWhere(func(p *answerPlaces) bool { return !s.allCurrent(p.of) })
	for _, kept := range [...]*cache[*figures]{s.statistics.quick, s.statistics.slow} {
		kept.dropWhere(func(f *figures) bool { return !s.allCurrent(f.of) })
	}
}
