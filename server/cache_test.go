package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type blob int64

func (b blob) Bytes() int64 { return int64(b) }

func give(n int) func(context.Context) (blob, error) {
	return func(context.Context) (blob, error) { return blob(n), nil }
}

func TestCacheBuildsOnceHoweverManyAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[blob](1000, 2)
		var built atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				v, err := c.get(t.Context(), "k", func(context.Context) (blob, error) {
					built.Add(1)
					time.Sleep(time.Second)
					return 7, nil
				})
				if v != 7 || err != nil {
					t.Errorf("got %v, %v", v, err)
				}
			})
		}
		all.Wait()
		if built.Load() != 1 {
			t.Errorf("built %d times", built.Load())
		}
		if s := c.statistics(); s.misses != 1 || s.shared != 49 || s.entries != 1 || s.bytes != 8 {
			t.Errorf("statistics: %+v", s)
		}
	})
}

func TestCacheLetsACancelledWaiterLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[blob](1000, 2)
		stopped := false
		slow := func(ctx context.Context) (blob, error) {
			select {
			case <-ctx.Done():
				stopped = true
				return 0, ctx.Err()
			case <-time.After(time.Minute):
				return 5, nil
			}
		}
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.get(first, "k", slow); !errors.Is(err, context.Canceled) {
				t.Errorf("the first got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if v, err := c.get(t.Context(), "k", slow); v != 5 || err != nil {
				t.Errorf("the second got %v, %v", v, err)
			}
		})
		synctest.Wait()
		leave()
		synctest.Wait()
		if stopped {
			t.Error("the builder stopped though one still waits")
		}
		all.Wait()

		alone, leave := context.WithCancel(t.Context())
		all.Go(func() { _, _ = c.get(alone, "other", slow) })
		synctest.Wait()
		leave()
		all.Wait()
		synctest.Wait()
		if !stopped {
			t.Error("the builder goes on though nobody waits")
		}
		if v, err := c.get(t.Context(), "other", give(3)); v != 3 || err != nil {
			t.Errorf("after a job that was left: %v, %v", v, err)
		}
	})
}

func TestCacheKeepsItsLimit(t *testing.T) {
	c := newCache[blob](100, 1)
	for i := range 1000 {
		size := rand.IntN(40)
		if v, err := c.get(t.Context(), fmt.Sprintf("%03d", rand.IntN(30)), give(size)); err != nil || v < 0 {
			t.Fatal(err)
		}
		sum := int64(0)
		for e := c.order.Front(); e != nil; e = e.Next() {
			sum += e.Value.(*keptValue[blob]).bytes
		}
		if s := c.statistics(); s.bytes > 100 || s.bytes != sum || s.entries != c.order.Len() {
			t.Fatalf("after %d: %+v, the sum is %d", i, s, sum)
		}
	}
	before := c.statistics()
	told := int64(0)
	c.refused = func(n int64) { told = n }
	for range 2 { // it is built for each who asks, and drives nothing out
		if v, err := c.get(t.Context(), "great", give(96)); v != 96 || err != nil {
			t.Fatal(v, err)
		}
	}
	if s := c.statistics(); s.bytes != before.bytes || s.entries != before.entries || s.refused != 2 || told != 96+5 {
		t.Errorf("after one that is too great: %+v, before it %+v; told of %d bytes", s, before, told)
	}
	if _, err := c.get(t.Context(), "grows", give(95)); err != nil {
		t.Fatal(err)
	}
	if s := c.statistics(); s.bytes != 100 || s.entries != 1 {
		t.Errorf("one that fills the limit: %+v", s)
	}
	c.dropWhere(func(b blob) bool { return b == 95 })
	if s := c.statistics(); s.bytes != 0 || s.entries != 0 {
		t.Errorf("after dropping all: %+v", s)
	}
}

type growing struct{ bytes int64 }

func (g *growing) Bytes() int64 { return g.bytes }

// What grows beyond the limit is let go of, alone.
func TestCacheKeepsItsLimitWhenValuesGrow(t *testing.T) {
	c := newCache[*growing](100, 1)
	a, b := &growing{10}, &growing{20}
	for key, g := range map[string]*growing{"a": a, "b": b} {
		if _, err := c.get(t.Context(), key, func(context.Context) (*growing, error) { return g, nil }); err != nil {
			t.Fatal(err)
		}
	}
	a.bytes = 100
	c.grown("a")
	if s := c.statistics(); s.bytes != 21 || s.entries != 1 || s.refused != 1 || s.evicted != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCacheKeepsNoErrorsAndSurvivesPanics(t *testing.T) {
	c := newCache[blob](100, 1)
	for range 2 {
		if _, err := c.get(t.Context(), "k", func(context.Context) (blob, error) { panic("oh") }); err == nil || !strings.Contains(err.Error(), "oh") {
			t.Fatalf("a panic gives %v", err)
		}
		if _, err := c.get(t.Context(), "k", func(context.Context) (blob, error) { return 0, errors.New("no") }); err == nil || err.Error() != "no" {
			t.Fatalf("an error gives %v", err)
		}
	}
	if v, err := c.get(t.Context(), "k", give(4)); v != 4 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
}

// A client that goes is no fault of the server: its request is not counted as one.
func TestClientsThatGo(t *testing.T) {
	s := newTestServer(t, nil)
	gone, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(gone, "GET", "/collections/places/groups?zoom=3&filter="+url.QueryEscape("firms > 1"), nil)
	r.Host = "example.org"
	s.Handler().ServeHTTP(w, r)
	if w.Code != statusClientGone {
		t.Errorf("the request of a client that has gone is a %d", w.Code)
	}
}

// Who asks first is served first, however many wait; who leaves is not served.
func TestCacheIsAFairQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[blob](1000, 1)
		var served []string
		slow := func(key string) func(context.Context) (blob, error) {
			return func(context.Context) (blob, error) {
				served = append(served, key)
				time.Sleep(time.Minute)
				return 1, nil
			}
		}
		var all sync.WaitGroup
		var want []string
		leaving, leave := context.WithCancel(t.Context())
		for i := range 12 {
			key, ctx := fmt.Sprint(i), t.Context()
			if i == 5 {
				ctx = leaving
			} else {
				want = append(want, key)
			}
			all.Go(func() { _, _ = c.get(ctx, key, slow(key)) })
			synctest.Wait()
		}
		time.Sleep(90 * time.Second) // the second is at work
		leave()
		all.Wait()
		if fmt.Sprint(served) != fmt.Sprint(want) {
			t.Errorf("served are %v, want %v", served, want)
		}
	})
}
