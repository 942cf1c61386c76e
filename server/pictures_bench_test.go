package server_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/server"
)

// BenchmarkPicturesLoad asks for items and tiles at a steady rate, first alone and then
// while ten clients ask for pictures of the largest size, each for the next as soon as it
// has one, and prints what that does to the answers. Run it with -benchtime 1x.
func BenchmarkPicturesLoad(b *testing.B) {
	files := data.Files()
	all, err := geo.Load(files, nil, "divisions.geojson", "regions.geojson")
	if err != nil {
		b.Fatal(err)
	}
	state, err := geo.NewState(all...)
	if err != nil {
		b.Fatal(err)
	}
	srv, err := server.New(server.Config{Atlas: geo.NewAtlas(state), Base: files})
	if err == nil {
		err = srv.Publish(b.Context(), state)
	}
	if err != nil {
		b.Fatal(err)
	}
	host := serveOurs(b, srv)
	const long = 10 * time.Second
	steady(b, host, 2*time.Second) // until all is warm
	quiet := steady(b, host, long)
	ctx, stop := context.WithCancel(b.Context())
	var clients sync.WaitGroup
	var drawn atomic.Int64
	for i := range 10 {
		clients.Go(func() { askForPictures(ctx, b, host, i, &drawn) })
	}
	time.Sleep(time.Second) // until they wait in the queue
	during := steady(b, host, 2*long)
	stop()
	clients.Wait()
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(rows, "| what, 200 each second \t| alone \t| beside ten clients that draw 8192 x 8192 \t| ratio \t|\n| --- \t| --- \t| --- \t| --- \t|\n")
	for kind, name := range [...]string{"pages of 50 features", "vector tiles"} {
		for _, q := range []float64{.5, .99} {
			one, two := quantile(quiet[kind], q), quantile(during[kind], q)
			fmt.Fprintf(rows, "| p%g of %s \t| %v \t| %v \t| %s \t|\n", 100*q, name, one.Round(10*time.Microsecond), two.Round(10*time.Microsecond), times(two.Seconds()/one.Seconds()))
		}
	}
	fmt.Fprintf(rows, "| pictures drawn in %v \t| \t| %d \t| \t|\n", 2*long, drawn.Load())
	if err := rows.Flush(); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "\n%s\n", table.String())
}

// steady asks for pages and tiles for so long, each at its time, and gives how long the
// answers took from then.
func steady(b *testing.B, host string, long time.Duration) (took [2][]time.Duration) {
	const connections, pause = 16, 5 * time.Millisecond
	n := int(long / pause)
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for k := range connections {
		all.Go(func() {
			random := rand.New(rand.NewPCG(28, uint64(k)))
			for i := k; i < 2*n; i += connections {
				kind := i % 2
				address := fmt.Sprintf("/collections/divisions/items?limit=50&bbox=%.2f,%.2f,130,50", 75+30*random.Float64(), 18+10*random.Float64())
				if kind == 1 {
					address = fmt.Sprintf("/collections/divisions/tiles/WebMercatorQuad/7/%d/%d", 45+random.IntN(12), 96+random.IntN(14))
				}
				at := start.Add(time.Duration(i/2) * pause)
				time.Sleep(time.Until(at))
				if status, err := getFrom(b.Context(), host, address); err != nil || status != http.StatusOK && status != http.StatusNoContent {
					b.Errorf("%s: status %d, %v", address, status, err)
					return
				}
				mu.Lock()
				took[kind] = append(took[kind], time.Since(at))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return took
}

func askForPictures(ctx context.Context, b *testing.B, host string, client int, drawn *atomic.Int64) {
	for i := 0; ; i++ {
		status, err := getFrom(ctx, host, fmt.Sprintf("/map?f=png&collections=divisions&width=8192&height=8192&bbox=%d.%d,15,130,45", 90+client, i))
		if ctx.Err() != nil {
			return
		}
		if err != nil || status != http.StatusOK {
			b.Errorf("a picture: status %d, %v", status, err)
			return
		}
		drawn.Add(1)
	}
}

// getFrom reads an answer whole.
func getFrom(ctx context.Context, host, address string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+address, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}
