package server_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// BenchmarkPeersGroups measures groups under a filter that keeps half: the first
// answer beside the building of the groups of all features, and the slowest of a
// hundred of later answers to 64 connections beside those of a bare handler with the
// same bytes. Run it with -benchtime 1x.
func BenchmarkPeersGroups(b *testing.B) {
	index, _ := loadOurs(b, firms(*benchFeatures))
	state, err := geo.NewState(&geo.Collection{ID: "firms", Source: index})
	if err != nil {
		b.Fatal(err)
	}
	ours := serveOurs(b, publish(b, state, 0))
	var whole, first time.Duration
	for i := range 3 { // the best of three, in turns
		start := time.Now()
		if _, err := pyramid.Build(b.Context(), index, nil, pyramid.OptionsOf(index.Schema())); err != nil {
			b.Fatal(err)
		}
		whole = best(whole, time.Since(start))
		start = time.Now()
		body(b, ours, halfGroups(4500+i))
		first = best(first, time.Since(start))
	}
	address := halfGroups(4500)
	answer := body(b, ours, address)
	bare := serve(b, bareHandler(answer))
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| what \t| ours \t| peer \t| ratio \t| aim \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t|")
	fmt.Fprintf(rows, "| groups of half of %s features, first answer, against building those of all \t| %s \t| %s \t| %.2f \t| 0.6 \t|\n",
		thousands(*benchFeatures), seconds(first), seconds(whole), first.Seconds()/whole.Seconds())
	var mine, theirs []time.Duration
	for range 3 {
		mine = append(mine, latencies(b, ours, address)...)
		theirs = append(theirs, latencies(b, bare, "/")...)
	}
	got, want := percentile(mine, 99), percentile(theirs, 99)
	fmt.Fprintf(rows, "| later answers of %d bytes to 64 connections, 99th percentile, against a bare handler \t| %.1f ms \t| %.1f ms \t| %.2f \t| 1.5 \t|\n",
		len(answer), 1e3*got.Seconds(), 1e3*want.Seconds(), got.Seconds()/want.Seconds())
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// halfGroups asks for the groups of the firms above a number of them, of 1 to 9,000.
func halfGroups(above int) string {
	return "/collections/firms/groups?zoom=5&filter=" + url.QueryEscape(fmt.Sprintf("firms > %d", above))
}

func best(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// latencies are the times of the answers to 64 connections that ask one after another
// for two seconds.
func latencies(b *testing.B, host, address string) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var connections sync.WaitGroup
	start := time.Now()
	for range 64 {
		connections.Go(func() {
			c := dial(b, host)
			defer c.conn.Close()
			var own []time.Duration
			for time.Since(start) < 2*turnLength {
				asked := time.Now()
				if status, _ := c.get(address, nil); status != 200 {
					b.Errorf("status %d", status)
					return
				}
				own = append(own, time.Since(asked))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, own...)
		})
	}
	connections.Wait()
	return all
}

func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[len(all)*p/100]
}
