package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clustermap/geo"
	"clustermap/geo/ingest"
)

// reportKind is the format of a report by its name: "html", "csv", "json", or "".
func reportKind(path string) string {
	switch kind := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")); kind {
	case "html", "csv", "json":
		return kind
	}
	return ""
}

// schemaFile is the schema file beside a file of features.
func schemaFile(target string) string {
	return strings.TrimSuffix(target, filepath.Ext(target)) + ".schema.json"
}

// checkTargets makes sure, before anything is read, that no file is lost: what an
// import wrote may be written again, other files with -force alone.
func (j *importJob) checkTargets() error {
	for _, file := range []string{j.target, j.report, j.map_} {
		if file == "" || file == j.target && j.dryRun {
			continue
		}
		if err := j.mayWrite(file); err != nil {
			return err
		}
	}
	return nil
}

func (j *importJob) mayWrite(file string) error {
	replace := j.force
	if !replace {
		head := make([]byte, 4096)
		if f, err := os.Open(file); err == nil {
			n, _ := io.ReadFull(f, head)
			replace = ownFile(file, string(head[:n]))
			_ = f.Close()
		}
	}
	err := free(file, replace)
	if errors.Is(err, fs.ErrNotExist) && file == j.target && !isFeatureFile(j.out) { // the folder will be made
		return nil
	}
	if _, statErr := os.Stat(file); err != nil && statErr == nil && !replace {
		return fmt.Errorf("%s: is there already and was not made by an import; -force writes over it", file)
	}
	return err
}

// ownFile reports whether a file begins as those that an import writes.
func ownFile(file, head string) bool {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".geojson":
		return ingest.IsOwn([]byte(head))
	case ".html":
		return strings.Contains(head, `<meta name="generator" content="`+ingest.Generator+`">`)
	case ".csv":
		return strings.HasPrefix(head, "\ufeffsheet,row,fate,id,")
	}
	return ingest.IsOwn([]byte(head)) || strings.HasPrefix(head, `{"generator":"`+ingest.Generator+`"`) || strings.HasPrefix(head, "{\n  \"clustermap\": \"mapping ")
}

// difference is what an update changes; nil where there is none.
func (j *importJob) difference(r *ingest.Result) (*ingest.Difference, error) {
	if !j.update {
		return nil, nil
	}
	f, err := os.Open(j.target)
	if errors.Is(err, fs.ErrNotExist) {
		return r.Compare(strings.NewReader(""))
	}
	if err != nil {
		return nil, plainPath(err)
	}
	defer f.Close()
	d, err := r.Compare(f)
	if err != nil && j.force { // then there is nothing to compare with
		return nil, nil
	}
	return d, ofTarget(j.target, err)
}

func ofTarget(path string, err error) error {
	if err == nil {
		return nil
	}
	return ofFile(path, err)
}

// write writes the features with their schema, the mapping and the report, each whole
// or not at all. keptSchema is whether there is a schema file that a person has
// written.
func (j *importJob) write(r *ingest.Result) (keptSchema bool, err error) {
	if !j.dryRun {
		schema := schemaFile(j.target)
		old, err := os.ReadFile(schema)
		keptSchema = err == nil && !j.force && !ingest.OwnSchema(old)
		if !keptSchema {
			if _, err := writeFile(schema, true, r.WriteSchema); err != nil {
				return false, err
			}
		}
		if _, err := writeFile(j.target, true, r.WriteGeoJSON); err != nil {
			return false, err
		}
	}
	if j.map_ != "" {
		if _, err := writeFile(j.map_, true, r.Report.Mapping.Write); err != nil {
			return false, err
		}
	}
	if j.report == "" {
		return keptSchema, nil
	}
	_, err = writeFile(j.report, true, func(w io.Writer) error {
		switch reportKind(j.report) {
		case "html":
			return r.Report.WriteHTML(w, j.lang)
		case "csv":
			return r.Report.WriteCSV(w, j.lang)
		}
		return r.Report.WriteJSON(w, j.lang)
	})
	return keptSchema, err
}

// nameRefused names the rows that could not be read, one to a line, as compilers do.
func (j *importJob) nameRefused(r *ingest.Report, stderr io.Writer) {
	for i := range r.Rows {
		f := &r.Rows[i]
		if f.Fate != ingest.Refused {
			continue
		}
		fmt.Fprintf(stderr, "%s:%d: ", ingest.Clean(j.path), f.Row)
		if f.Sheet != "" {
			fmt.Fprintf(stderr, "sheet %q: ", ingest.Clean(f.Sheet))
		}
		if f.Column != "" {
			fmt.Fprintf(stderr, "column %q: ", ingest.Clean(f.Column))
		}
		fmt.Fprintln(stderr, ingest.Clean(f.Fault))
	}
}

// summary tells a person what was imported.
func (j *importJob) summary(r *ingest.Result, d *ingest.Difference, keptSchema bool) string {
	var b strings.Builder
	say := func(en, zh string, args ...any) {
		fmt.Fprintf(&b, geo.Text{EN: en, ZH: zh}.In(j.lang)+"\n", args...)
	}
	target := j.target
	if j.dryRun {
		target = geo.Text{EN: "dry run", ZH: "试运行"}.In(j.lang)
	}
	b.WriteString(ingest.Clean(j.path) + " -> " + ingest.Clean(target) + "\n")
	b.WriteString(r.Report.Summary(j.lang))
	if d != nil {
		say("update: %d added, %d changed, %d removed, %d as before", "更新：新增%d，变更%d，移除%d，未变%d", len(d.Added), len(d.Changed), len(d.Removed), d.Same)
		for _, part := range []struct {
			sign string
			ids  []string
		}{{"+", d.Added}, {"~", d.Changed}, {"-", d.Removed}} {
			for i, id := range part.ids {
				if i == maxNamed {
					say("  %s and %d more", "  %s 另有%d项", part.sign, len(part.ids)-i)
					break
				}
				fmt.Fprintf(&b, "  %s %s%s\n", part.sign, ingest.Clean(id), called(r, d, id))
			}
		}
	}
	if keptSchema {
		say("%s: a person has written it, so it is kept as it is", "%s：由人编辑过，保持不变", schemaFile(j.target))
	}
	return b.String()
}

// maxNamed is how many features of a kind an update names.
const maxNamed = 20

// called is the name of a feature in brackets, where it has one.
func called(r *ingest.Result, d *ingest.Difference, id string) string {
	if name := d.Gone[id]; name != "" {
		return " (" + ingest.Clean(name) + ")"
	}
	for i := range r.Report.Rows {
		if f := &r.Report.Rows[i]; f.ID == id && f.Name != "" {
			return " (" + ingest.Clean(f.Name) + ")"
		}
	}
	return ""
}

// rowMeter tells on a terminal, in one line that is written over, how far an import
// has come.
type rowMeter struct {
	w     io.Writer
	name  string
	on    bool
	now   func() time.Time
	drawn time.Time
}

func newRowMeter(w io.Writer, name string, quiet bool, now func() time.Time) *rowMeter {
	return &rowMeter{w: w, name: ingest.Clean(name), on: !quiet && isTerminal(w), now: now}
}

func (m *rowMeter) show(done, total int64) {
	if !m.on {
		return
	}
	now := m.now()
	if (done < total || total == 0) && now.Sub(m.drawn) < redraw {
		return
	}
	m.drawn = now
	if total == 0 {
		fmt.Fprintf(m.w, "\r\x1b[K%s %d rows", m.name, done)
		return
	}
	full := int(barWidth * done / total)
	fmt.Fprintf(m.w, "\r\x1b[K%s [%s%s] %d of %d rows", m.name, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), done, total)
}

// clear takes the line away that is written over.
func (m *rowMeter) clear() {
	if m.on {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
}
