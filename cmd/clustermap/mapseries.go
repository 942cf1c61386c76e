package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clustermap/server"
)

// makeSeries draws the pictures of a series and writes them, as files of a folder or as
// the pages of one file.
func (o *mapOptions) makeSeries(ctx context.Context, srv *server.Server, stdout, stderr io.Writer) error {
	plates, leftOut, err := srv.Plates(ctx, o.query, o.batch)
	if err != nil {
		return err
	}
	if len(plates) == 0 {
		return fmt.Errorf("-batch %s: no feature that is selected has a value, so there is no picture", o.batch)
	}
	m := newCounter(stderr, len(plates), time.Now)
	if o.intoFolder() {
		err = o.fillFolder(ctx, srv, plates, m, stdout)
	} else {
		err = o.bind(ctx, srv, plates, m, stdout)
	}
	m.clear()
	if err != nil {
		return err
	}
	if leftOut > 0 {
		fmt.Fprintf(stdout, "the %d most frequent values have a picture, %d others have none\n", len(plates), leftOut)
	}
	m.rate()
	return nil
}

// bind makes one file with a page for each plate.
func (o *mapOptions) bind(ctx context.Context, srv *server.Server, plates []server.Plate, m *counter, stdout io.Writer) error {
	var sheets []*server.Sheet
	var summary strings.Builder
	for _, p := range plates {
		m.show(p.Name)
		sheet, err := srv.DrawPlate(ctx, p)
		if err != nil {
			return err
		}
		sheets = append(sheets, sheet)
		fmt.Fprintf(&summary, "%s: %s\n", p.Name, sheetInWords(sheet))
		m.done++
	}
	m.show("writing")
	n, err := writeFile(o.out, o.force, func(w io.Writer) error { return srv.WriteSheets(ctx, w, sheets...) })
	if err != nil {
		return err
	}
	m.bytes = n
	m.clear()
	fmt.Fprintf(stdout, "%s%s: %s\n", &summary, o.out, count(len(sheets), "page", "pages"))
	return nil
}

// fillFolder makes a file for each plate. A folder that it has made and that stays empty
// is taken away.
func (o *mapOptions) fillFolder(ctx context.Context, srv *server.Server, plates []server.Plate, m *counter, stdout io.Writer) (err error) {
	names := fileNames(plates, "."+o.format)
	if err := os.Mkdir(o.out, 0o777); err == nil {
		defer func() { _ = os.Remove(o.out) }() // fails where there is a file
	} else if !errors.Is(err, os.ErrExist) {
		return plainPath(err)
	}
	for _, name := range names {
		if err := free(filepath.Join(o.out, name), o.force); err != nil {
			return err
		}
	}
	for i, p := range plates {
		m.show(p.Name)
		sheet, err := srv.DrawPlate(ctx, p)
		if err != nil {
			return err
		}
		n, err := writeFile(filepath.Join(o.out, names[i]), o.force, func(w io.Writer) error { return srv.WriteSheets(ctx, w, sheet) })
		if err != nil {
			return err
		}
		m.bytes += n
		m.done++
		m.clear()
		fmt.Fprintf(stdout, "%s: %s: %s\n", names[i], p.Name, sheetInWords(sheet))
	}
	return nil
}

// unwritten tells what an interrupt leaves.
func (o *mapOptions) unwritten() string {
	if o.intoFolder() {
		return "the pictures in " + o.out + " are whole, others are not written"
	}
	return o.out + " is not written"
}

// fileNames are names of files for plates, each once also where case is not told apart.
func fileNames(plates []server.Plate, end string) []string {
	names := make([]string, len(plates))
	taken := map[string]bool{}
	for i, p := range plates {
		base := safeName(p.Key)
		name := base
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name + end
	}
	return names
}

// safeName is a text as a name that every system takes for a file: letters, digits and
// a few marks, not too long, none of the names that are devices.
func safeName(text string) string {
	const most = 80 // bytes
	var b strings.Builder
	for _, c := range text {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && c != '-' && c != '_' && c != '.' || c == utf8.RuneError {
			c = '-'
		}
		if b.Len()+utf8.RuneLen(c) > most {
			break
		}
		b.WriteRune(c)
	}
	name := strings.Trim(b.String(), "-. ")
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem {
	case "":
		return "empty"
	case "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
		"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9":
		return "_" + name
	}
	return name
}
