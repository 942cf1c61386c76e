package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/gazetteer"
	"clustermap/geo/ingest"
	"clustermap/geo/table"

	"github.com/paulmach/orb"
)

// importOptions are what the command line of import says.
type importOptions struct {
	paths []string
	out   string         // a folder, or a file of features
	kept  ingest.Mapping // of the mapping file
	over  ingest.Mapping // of the flags
	table table.Options

	mapFile, writeMap, report string
	lang                      string
	dryRun, update            bool
	force, quiet              bool
}

// runImport is "clustermap import".
func runImport(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseImport(args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	// Nearly all that is read is kept: with the usual pace of the collector a table of
	// 100,000 rows would take as much memory again for garbage.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	if err := o.readMapping(); err != nil {
		return err
	}
	jobs, err := o.jobs()
	if err != nil {
		return err
	}
	g, err := gazetteer.Read(data.Files())
	if err != nil {
		return err
	}
	if o.quiet {
		stdout = io.Discard
	}
	var failed []error
	for _, j := range jobs {
		j.gazetteer = g
		err := j.run(ctx, stdout, stderr)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted; %s is not written", j.target)
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 && len(jobs) > 1 {
		fmt.Fprintf(stderr, "clustermap: %d of %s not imported:\n", len(failed), count(len(jobs), "file", "files"))
	}
	return errors.Join(failed...)
}

// importJob is the import of one file.
type importJob struct {
	*importOptions
	path   string
	target string // file of features
	report string // "": none
	map_   string // where the mapping is written, "": nowhere

	gazetteer *gazetteer.Gazetteer
}

// jobs gives each file its target, and refuses targets that would meet.
func (o *importOptions) jobs() ([]*importJob, error) {
	var jobs []*importJob
	folder := !isFeatureFile(o.out)
	taken := make(map[string]string)
	for _, p := range o.paths {
		j := &importJob{importOptions: o, path: p, target: o.out, report: o.report, map_: o.writeMap}
		name := strings.TrimSuffix(filepath.Base(p), filepath.Ext(p))
		if folder {
			j.target = filepath.Join(o.out, fileName(name)+".geojson")
		}
		if len(o.paths) > 1 {
			j.report, j.map_ = beside(o.report, fileName(name)), beside(o.writeMap, fileName(name))
		}
		if other, ok := taken[j.target]; ok {
			return nil, fmt.Errorf("%s and %s would both be written to %s; import them one by one", other, p, j.target)
		}
		taken[j.target] = p
		for _, file := range []string{j.target, j.report, j.map_} {
			if a, err := os.Stat(p); err == nil && file != "" {
				if b, err := os.Stat(file); err == nil && os.SameFile(a, b) {
					return nil, fmt.Errorf("%s: would be written over by its own import", p)
				}
			}
		}
		if err := j.checkTargets(); err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	if folder && !o.dryRun {
		if err := os.MkdirAll(o.out, 0o777); err != nil {
			return nil, plainPath(err)
		}
	}
	return jobs, nil
}

// fileName is the name of a table as that of another file: what cannot be seen in it, and
// a dot that would hide the file, become dashes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(name, "-"))
	if strings.HasPrefix(name, ".") || name == "" {
		name = "-" + name
	}
	return name
}

// isFeatureFile reports whether a target is a file and no folder.
func isFeatureFile(out string) bool {
	_, sequence, zipped, ok := geo.CollectionID(filepath.ToSlash(out))
	return ok && !sequence && !zipped
}

// beside puts a name into that of a file that there is one of for each import.
func beside(file, name string) string {
	if file == "" {
		return ""
	}
	ext := filepath.Ext(file)
	return strings.TrimSuffix(file, ext) + "-" + name + ext
}

// run imports one file and tells of it.
func (j *importJob) run(ctx context.Context, stdout, stderr io.Writer) error {
	f, err := os.Open(j.path)
	if err != nil {
		return plainPath(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return plainPath(err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a file", j.path)
	}
	t, err := table.Open(ctx, table.Source{Name: filepath.Base(j.path), R: f, Size: info.Size()}, j.table)
	if err != nil {
		return ofFile(j.path, err)
	}
	defer t.Close()
	result, err := j.read(ctx, t, stderr)
	if err != nil {
		return ofFile(j.path, err)
	}
	j.nameRefused(result.Report, stderr)
	if result.Len() == 0 {
		return fmt.Errorf("%s: %s; nothing is written", j.path, cmp.Or(map[bool]string{true: "has no rows"}[result.Report.Counts.In == 0], "no row can be read"))
	}
	diff, err := j.difference(result)
	if err != nil {
		return err
	}
	kept, err := j.write(result)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, j.summary(result, diff, kept))
	return err
}

// read plans and imports the table.
func (j *importJob) read(ctx context.Context, t *table.File, stderr io.Writer) (*ingest.Result, error) {
	m, notes, err := ingest.Plan(ctx, t, j.gazetteer)
	if err != nil {
		return nil, err
	}
	m = m.Merge(j.kept).Merge(j.over)
	opt := ingest.Options{Mapping: m, Name: filepath.Base(j.path), Lang: j.lang, Notes: notes}
	if m.Geometry == ingest.GeometryOutlines {
		if opt.Outline, err = outlines(ctx); err != nil {
			return nil, err
		}
	}
	meter := newRowMeter(stderr, filepath.Base(j.path), j.quiet, time.Now)
	result, err := ingest.Import(ctx, t, j.gazetteer, opt, meter.show)
	meter.clear()
	return result, err
}

// readMapping reads the mapping file, where there is one.
func (o *importOptions) readMapping() error {
	if o.mapFile == "" {
		return nil
	}
	f, err := os.Open(o.mapFile)
	if err != nil {
		return plainPath(err)
	}
	o.kept, err = ingest.ReadMapping(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return ofFile(o.mapFile, err)
	}
	return nil
}

// outlines gives the outlines of the built-in divisions.
func outlines(ctx context.Context) (func(string) (orb.Geometry, bool), error) {
	collections, err := geo.Load(files{data.Files()}, nil, builtIn+"divisions.geojson")
	if err != nil {
		return nil, err
	}
	source := collections[0].Source
	return func(adcode string) (orb.Geometry, bool) {
		f, err := source.Get(ctx, adcode)
		if err != nil || f.Geometry() == nil {
			return nil, false
		}
		return f.Geometry(), true
	}, nil
}

// ofFile names the file in an error about what it holds.
func ofFile(path string, err error) error {
	var invalid *geo.InvalidError
	if errors.As(err, &invalid) && invalid.File == "" {
		named := *invalid
		named.File = path
		return &named
	}
	if invalid == nil {
		return fmt.Errorf("%s: %w", path, plainPath(err))
	}
	return err
}

// parseImport reads the command line of import.
func parseImport(args []string, stdout io.Writer) (*importOptions, error) {
	o := &importOptions{}
	var err error
	if o.paths, err = parseArgs(o.flags(), args, stdout); err != nil {
		return nil, err
	}
	if err := noEmptyPath("import", o.paths); err != nil {
		return nil, err
	}
	refuse := func(format string, args ...any) (*importOptions, error) {
		return nil, usagef("help import", format, args...)
	}
	switch {
	case len(o.paths) == 0:
		return refuse("import needs the tables to read")
	case o.out == "" && !o.dryRun:
		return refuse("import needs -o FOLDER or -o FILE.geojson, or -dry-run")
	case isFeatureFile(o.out) && len(o.paths) > 1:
		return refuse("-o %s: %d tables need a folder", o.out, len(o.paths))
	case o.report != "" && reportKind(o.report) == "":
		return refuse("-report %s: the name of a report ends in .html, .csv or .json", o.report)
	case o.lang != "en" && o.lang != "zh":
		return refuse("-lang %s: is en or zh", o.lang)
	case o.update && o.dryRun && o.out == "":
		return refuse("-update needs -o, to see what it would change")
	}
	return o, nil
}

// flags are the flags of import, which write into o. What they mean is told in
// helpTexts.
func (o *importOptions) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.StringVar(&o.out, "o", "", "")
	flags.StringVar(&o.mapFile, "map", "", "")
	flags.StringVar(&o.writeMap, "write-map", "", "")
	flags.StringVar(&o.report, "report", "", "")
	flags.StringVar(&o.lang, "lang", "en", "")
	flags.StringVar(&o.table.Encoding, "encoding", "", "")
	flags.StringVar(&o.table.Sheet, "sheet", "", "")
	flags.IntVar(&o.table.HeaderRow, "header", 0, "")
	flags.BoolVar(&o.dryRun, "dry-run", false, "")
	flags.BoolVar(&o.update, "update", false, "")
	flags.BoolVar(&o.force, "force", false, "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.BoolVar(&o.over.Split, "split", false, "")
	flags.IntVar(&o.over.Year, "year", 0, "")
	flags.Float64Var(&o.over.Threshold, "threshold", 0, "")
	flags.Func("key", "", func(s string) (err error) {
		if o.over.Key = []string{}; s != "" {
			o.over.Key, err = listOf(s)
		}
		return err
	})
	flags.Func("crs", "", func(s string) error {
		if _, ok := crs.Lookup(s); !ok {
			if _, ok = crs.Lookup("EPSG:" + s); !ok {
				return errors.New("is not a coordinate system that is known here, such as EPSG:4490, GCJ-02 or BD-09")
			}
			s = "EPSG:" + s
		}
		o.over.CRS = s
		return nil
	})
	flags.Func("as", "", func(s string) error {
		if o.over.Kind = s; s != ingest.KindPlaces && s != ingest.KindTotals {
			return fmt.Errorf("is %s or %s", ingest.KindPlaces, ingest.KindTotals)
		}
		return nil
	})
	flags.BoolFunc("outlines", "", func(string) error {
		o.over.Geometry = ingest.GeometryOutlines
		return nil
	})
	flags.Func("column", "", o.addColumn)
	return flags
}

// addColumn reads NAME=ROLE or NAME=number:UNIT.
func (o *importOptions) addColumn(s string) error {
	i := strings.LastIndexByte(s, '=')
	if i <= 0 {
		return errors.New("needs NAME=ROLE")
	}
	role, unit, _ := strings.Cut(s[i+1:], ":")
	c := ingest.Column{Column: s[:i], Role: ingest.Role(role), Unit: unit}
	if !c.Role.Known() {
		var names []string
		for _, r := range ingest.Roles() {
			names = append(names, string(r.Role))
		}
		return fmt.Errorf("%q is not a role; one of %s", role, strings.Join(names, ", "))
	}
	if unit != "" && c.Role != ingest.RoleNumber {
		return errors.New("only numbers have a unit")
	}
	if slices.ContainsFunc(o.over.Columns, func(d ingest.Column) bool { return d.Column == c.Column }) {
		return fmt.Errorf("the column %q stands there twice", c.Column)
	}
	c.Why = geo.Text{EN: "a flag says so", ZH: "由参数指定"}
	o.over.Columns = append(o.over.Columns, c)
	return nil
}
