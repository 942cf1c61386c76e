package server

import (
	"container/list"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// sized is what a cache keeps.
type sized interface{ Bytes() int64 }

// cache keeps values by key under a limit of bytes; those that were used least
// recently go first. A value is built once however many ask for it at a time. One
// that alone is greater than the limit is given to those who wait and not kept.
type cache[V sized] struct {
	limit   int64
	turns   chan struct{}     // has an element for each builder at work
	refused func(bytes int64) // is told of what is too great to be kept; may be nil

	mu    sync.Mutex
	used  int64
	kept  map[string]*list.Element // of *keptValue[V]
	order list.List                // the newest first
	jobs  map[string]*job[V]
	stats cacheStats
}

// cacheStats tell what a cache has done since the start, and what it holds.
type cacheStats struct {
	hits, misses, shared, evicted uint64 // shared waited for the builder of another
	refused                       uint64 // too great to be kept
	entries                       int
	bytes                         int64
}

type keptValue[V sized] struct {
	key   string
	value V
	bytes int64
}

// job is a value being built.
type job[V sized] struct {
	done    chan struct{}
	waiters int
	stop    context.CancelFunc
	value   V
	err     error
}

func newCache[V sized](limit int64, builders int) *cache[V] {
	return &cache[V]{
		limit: limit,
		turns: make(chan struct{}, builders),
		kept:  make(map[string]*list.Element),
		jobs:  make(map[string]*job[V]),
	}
}

// get returns the value of a key. Where it is not kept, build makes it, under a
// context that ends when nobody waits for it any more. Errors are not kept. The first
// who asks builds, in its own goroutine, which is cheaper than to wake another; it goes
// on for those who joined even where its own context ends.
func (c *cache[V]) get(ctx context.Context, key string, build func(context.Context) (V, error)) (V, error) {
	c.mu.Lock()
	if e := c.kept[key]; e != nil {
		c.order.MoveToFront(e)
		c.stats.hits++
		c.mu.Unlock()
		return e.Value.(*keptValue[V]).value, nil
	}
	if j := c.jobs[key]; j != nil {
		c.stats.shared++
		j.waiters++
		c.mu.Unlock()
		select {
		case <-j.done:
			return j.value, j.err
		case <-ctx.Done():
			c.leave(key, j)
			var none V
			return none, ctx.Err()
		}
	}
	c.stats.misses++
	j := &job[V]{done: make(chan struct{}), waiters: 1}
	var work context.Context
	work, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.jobs[key] = j
	c.mu.Unlock()
	stay := context.AfterFunc(ctx, func() { c.leave(key, j) })
	defer stay()
	c.run(work, key, j, build)
	if err := ctx.Err(); err != nil {
		var none V
		return none, err
	}
	return j.value, j.err
}

// leave takes one waiter off a job and stops it with the last one.
func (c *cache[V]) leave(key string, j *job[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if j.waiters--; j.waiters == 0 {
		j.stop()
		if c.jobs[key] == j {
			delete(c.jobs, key)
		}
	}
}

func (c *cache[V]) run(ctx context.Context, key string, j *job[V], build func(context.Context) (V, error)) {
	defer j.stop()
	j.value, j.err = c.build(ctx, build)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jobs[key] == j {
		delete(c.jobs, key)
	}
	if j.err == nil {
		c.put(key, j.value)
	}
	close(j.done)
}

func (c *cache[V]) build(ctx context.Context, build func(context.Context) (V, error)) (value V, err error) {
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return value, ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return build(ctx)
}

// put keeps a value. The caller holds the lock.
func (c *cache[V]) put(key string, value V) {
	if e := c.kept[key]; e != nil {
		c.drop(e)
	}
	v := &keptValue[V]{key, value, value.Bytes() + int64(len(key))}
	if v.bytes > c.limit {
		c.refuse(v)
		return
	}
	c.kept[key] = c.order.PushFront(v)
	c.used += v.bytes
	c.shrink()
}

func (c *cache[V]) refuse(v *keptValue[V]) {
	c.stats.refused++
	if c.refused != nil {
		c.refused(v.bytes)
	}
}

func (c *cache[V]) shrink() {
	for c.used > c.limit {
		c.drop(c.order.Back())
		c.stats.evicted++
	}
}

func (c *cache[V]) drop(e *list.Element) {
	v := c.order.Remove(e).(*keptValue[V])
	delete(c.kept, v.key)
	c.used -= v.bytes
}

// grown tells that the value of a key has come to take more memory.
func (c *cache[V]) grown(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.kept[key]; e != nil {
		v := e.Value.(*keptValue[V])
		now := v.value.Bytes() + int64(len(key))
		c.used += now - v.bytes
		v.bytes = now
		if now > c.limit {
			c.drop(e)
			c.refuse(v)
		}
		c.shrink()
	}
}

// dropWhere lets go of the values that a test names.
func (c *cache[V]) dropWhere(old func(V) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; {
		next := e.Next()
		if old(e.Value.(*keptValue[V]).value) {
			c.drop(e)
		}
		e = next
	}
}

func (c *cache[V]) statistics() cacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.entries, s.bytes = len(c.kept), c.used
	return s
}
