package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/gazetteer"
	"clustermap/server"
	"clustermap/web"
)

// shutdownLimit is how long requests at work may take to end after a signal.
const shutdownLimit = 30 * time.Second

// serveOptions are what the command line of serve says.
type serveOptions struct {
	addr    string
	baseURL string
	embed   string // who may frame the map
	drain   time.Duration
	level   slog.Level
	quiet   bool
	atlas   bool
	paths   []string
	maps    namedFiles // base maps
	online  onlineMaps // base maps of others
	watch   bool       // the files, for changes
	poll    time.Duration
	metrics string // metricsMain, metricsOff or an address

	maxExport  int           // features of a download
	timeout    time.Duration // for finding features
	statistics time.Duration // for answering a statistic
	cacheMB    int           // of answers and groups that are kept
	tempDir    string        // of files being made

	maxImport byteSize // of a table that is sent; negative: none is read
	keepDir   string   // of collections that are sent; "": none stays
}

// runServe is "clustermap serve".
func runServe(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parseServe(args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.quiet {
		stdout, o.level = io.Discard, slog.LevelError
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: o.level}))

	// The address comes first, so that a taken one is told at once; connections
	// wait in the kernel until everything is read.
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return listenError("-addr", o.addr, err)
	}
	defer listener.Close()
	metrics, err := listenMetrics(o.metrics)
	if err != nil {
		return err
	}
	if metrics != nil {
		defer metrics.Close()
	}

	maps, err := openBasemaps(o.maps)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, maps.close()) }()

	loader, err := newLoader(o.servedPaths(), o.atlas)
	if err != nil {
		return err
	}
	if o.keepDir != "" {
		loader.Growing = path.Clean(filepath.ToSlash(o.keepDir))
	}
	collections, err := firstLook(ctx, loader)
	if errors.Is(err, errInterrupted) {
		return nil
	}
	if err != nil {
		return oneLine(err, o.paths)
	}
	state, err := geo.NewState(collections...)
	if err != nil {
		return err
	}
	page := web.Dist()
	srv, err := server.New(o.config(state, page, maps.served(), log))
	if err != nil {
		return err
	}
	if err := srv.Publish(ctx, state); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	defer serveMetrics(metrics, srv.Metrics())()
	stop := startWatcher(ctx, &watcher{loader: loader, srv: srv, log: log, served: collections, maps: maps, poll: o.pollEvery()})
	defer stop()
	fmt.Fprint(stdout, o.welcome(state.Collections(), listener.Addr(), hasPage(page)))
	return answer(ctx, srv, listener, o.drain, log)
}

// config is what the server needs.
func (o *serveOptions) config(state *geo.State, page fs.FS, basemaps []server.Basemap, log *slog.Logger) server.Config {
	atlas := geo.NewAtlas(state)
	return server.Config{
		Atlas:    atlas,
		Web:      page,
		Base:     data.Files(),
		Basemaps: basemaps,
		Online:   o.online,
		Faces:    web.Faces(),
		BaseURL:  o.baseURL,
		Embed:    o.embed,
		Version:  version(),
		Log:      log,

		MaxExport:    o.maxExport,
		QueryTimeout: o.timeout,

		StatisticsTimeout: o.statistics,
		CacheBytes:        int64(o.cacheMB) << 20,
		TempDir:           o.tempDir,

		Tables:         o.tables(atlas),
		PrivateMetrics: o.metrics != metricsMain,
	}
}

// tables says how tables that people send are read. The gazetteer is read with the
// first of them.
func (o *serveOptions) tables(atlas *geo.Atlas) server.Tables {
	t := server.Tables{
		Gazetteer: sync.OnceValues(func() (*gazetteer.Gazetteer, error) { return gazetteer.Read(data.Files()) }),
		MaxBytes:  int64(o.maxImport),
	}
	if o.keepDir != "" {
		t.Keep = (&keeper{dir: o.keepDir, atlas: atlas}).keep
	}
	return t
}

// servedPaths are the paths named, and the folder of what people send.
func (o *serveOptions) servedPaths() []string {
	if o.keepDir == "" || slices.ContainsFunc(o.paths, func(p string) bool { return filepath.Clean(p) == filepath.Clean(o.keepDir) }) {
		return o.paths
	}
	return append(slices.Clip(o.paths), o.keepDir)
}

// parseServe reads the command line of serve.
func parseServe(args []string, stdout io.Writer) (serveOptions, error) {
	var o serveOptions
	var err error
	if o.paths, err = parseArgs(o.flags(), args, stdout); err != nil {
		return o, err
	}
	if err := noEmptyPath("serve", o.paths); err != nil {
		return o, err
	}
	if err := checkAddress("-addr", o.addr, ""); err != nil {
		return o, err
	}
	if o.metrics != metricsMain && o.metrics != metricsOff {
		if err := checkAddress("-metrics", o.metrics, metricsMain+", "+metricsOff+", "); err != nil {
			return o, err
		}
	}
	switch info, err := os.Stat(cmp.Or(o.tempDir, os.TempDir())); {
	case o.maxExport < 1:
		return o, usagef("help serve", "-max-export %d: a download has at least one feature", o.maxExport)
	case o.cacheMB < 1 || o.cacheMB > 1<<20:
		return o, usagef("help serve", "-cache %d: use megabytes, from 1 to 1048576", o.cacheMB)
	case o.timeout <= 0:
		return o, usagef("help serve", "-query-timeout %v: a request needs some time", o.timeout)
	case o.statistics <= 0:
		return o, usagef("help serve", "-statistics-timeout %v: a statistic needs some time", o.statistics)
	case o.tempDir != "" && (err != nil || !info.IsDir()):
		return o, usagef("help serve", "-temp-dir %s: is not a folder", o.tempDir)
	}
	if info, err := os.Stat(o.keepDir); o.keepDir != "" && (err != nil || !info.IsDir()) {
		return o, usagef("help serve", "-keep %s: is not a folder", o.keepDir)
	}
	if o.poll < 100*time.Millisecond {
		return o, usagef("help serve", "-poll %v: a tenth of a second is the least", o.poll)
	}
	if o.drain < 0 {
		return o, usagef("help serve", "-drain %v: a time cannot be negative", o.drain)
	}
	if err := server.CheckBaseURL(o.baseURL); err != nil {
		return o, usagef("help serve", "-base-url %s: %v", o.baseURL, err)
	}
	if err := server.CheckEmbed(o.embed); err != nil {
		return o, usagef("help serve", "-embed %s: %v", o.embed, err)
	}
	if len(o.paths) == 0 {
		o.atlas = true
	}
	return o, nil
}

// checkAddress tells what is wrong with the address of a flag, which may also have
// other values.
func checkAddress(flag, addr, others string) error {
	if _, port, err := net.SplitHostPort(addr); err != nil {
		return usagef("help serve", "%s %s: use %sHOST:PORT or :PORT, such as 127.0.0.1:8080 or :8080", flag, addr, others)
	} else if _, err := net.LookupPort("tcp", port); err != nil {
		return usagef("help serve", "%s %s: %q is not a port; use a number up to 65535", flag, addr, port)
	}
	return nil
}

// flags are the flags of serve, which write into o. What they mean is told in
// helpTexts.
func (o *serveOptions) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "")
	flags.StringVar(&o.baseURL, "base-url", "", "")
	flags.StringVar(&o.embed, "embed", "all", "")
	flags.BoolVar(&o.atlas, "atlas", false, "")
	flags.Var(&o.maps, "basemap", "")
	o.online = server.OnlinePresets()
	flags.Var(&o.online, "online", "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.DurationVar(&o.drain, "drain", 0, "")
	flags.IntVar(&o.maxExport, "max-export", 5_000_000, "")
	flags.DurationVar(&o.timeout, "query-timeout", 30*time.Second, "")
	flags.DurationVar(&o.statistics, "statistics-timeout", time.Minute, "")
	flags.IntVar(&o.cacheMB, "cache", 512, "")
	flags.StringVar(&o.tempDir, "temp-dir", "", "")
	flags.StringVar(&o.metrics, "metrics", metricsMain, "")
	flags.DurationVar(&o.poll, "poll", 10*time.Second, "")
	o.maxImport = 32 << 20
	flags.Var(&o.maxImport, "import", "")
	flags.StringVar(&o.keepDir, "keep", "", "")
	flags.BoolVar(&o.watch, "watch", true, "")
	flags.Func("log-level", "", func(s string) error {
		if o.level.UnmarshalText([]byte(s)) != nil {
			return errors.New("use debug, info, warn or error")
		}
		return nil
	})
	return flags
}

// pollEvery is how often the files are looked at without a notice.
func (o serveOptions) pollEvery() time.Duration {
	if !o.watch {
		return never
	}
	return min(o.poll, never-1)
}

// answer serves until ctx ends; then it drains: /readyz says 503 for the time
// drain, no new connections are taken, and requests at work are finished.
func answer(ctx context.Context, srv *server.Server, listener net.Listener, drain time.Duration, log *slog.Logger) error {
	h := srv.HTTPServer()
	served := make(chan error, 1)
	go func() { served <- h.Serve(server.Listener(listener)) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping", "drain", drain)
	srv.SetDraining(true)
	time.Sleep(drain)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
	defer cancel()
	err := h.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(fmt.Errorf("some requests took longer than %v and were cut off", shutdownLimit), h.Close())
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// byteSize is a flag of so many bytes, 1 KB to 1 GB, or "off", which is -1.
type byteSize int64

const maxByteSize = 1 << 30

func (b *byteSize) String() string {
	switch n := int64(*b); {
	case n < 0:
		return "off"
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "MB"
	default:
		return strconv.FormatInt(n>>10, 10) + "KB"
	}
}

func (b *byteSize) Set(s string) error {
	if s == "off" {
		*b = -1
		return nil
	}
	number, unit := strings.TrimRight(s, "KMGBkmgb"), 0
	switch strings.ToUpper(s[len(number):]) {
	case "KB":
		unit = 10
	case "MB":
		unit = 20
	case "GB":
		unit = 30
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil || unit == 0 || n == 0 || n > maxByteSize>>unit {
		return errors.New("use a size such as 32MB, up to 1GB, or off")
	}
	*b = byteSize(n << unit)
	return nil
}

// listenError says why addr, of a flag, cannot be listened on and what to do.
func listenError(flag, addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use by another program; choose another address with %s, such as %[2]s 127.0.0.1:8081", addr, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: no permission to listen there; ports from 1024 are open to all users", addr)
	}
	return err
}

// localURL is an address of the listener that a browser on this machine opens.
func localURL(listening net.Addr) string {
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "http://" + listening.String() + "/"
	}
	// No browser opens http://[::]:8080/, and everyone knows localhost.
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

func hasPage(page fs.FS) bool {
	_, err := fs.Stat(page, "index.html")
	return err == nil
}

// welcome is the start-up text: what is served and where.
func (o serveOptions) welcome(collections []*geo.Collection, listening net.Addr, hasPage bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "clustermap serves:\n")
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, c := range collections {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", c.ID, count(c.Source.Schema().Features, "feature", "features"), c.Title.In("en"))
	}
	table.Flush()
	address := localURL(listening)
	if o.baseURL != "" {
		fmt.Fprintf(&b, "Listening at:    %s\n", address)
		address = strings.TrimRight(o.baseURL, "/") + "/"
	}
	if hasPage {
		fmt.Fprintf(&b, "The map:         %s\n", address)
	} else {
		fmt.Fprintf(&b, "The map page is not in this build; make build adds it (Node.js needed).\n")
	}
	fmt.Fprintf(&b, "For QGIS, GDAL:  %s   (OGC API - Features)\nCtrl-C ends it.\n", address)
	return b.String()
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
