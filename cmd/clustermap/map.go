package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"clustermap/data"
	"clustermap/geo"
	"clustermap/server"
	"clustermap/web"
)

// runMap is "clustermap map".
func runMap(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseMap(args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	// The target comes first, so that what is wrong with it is told at once.
	if err := o.checkTarget(); err != nil {
		return err
	}
	if o.quiet {
		stdout, stderr = io.Discard, io.Discard
	}
	err = o.make(ctx, stdout, stderr)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("interrupted; %s", o.unwritten())
	}
	return o.inFlags(err)
}

// make draws and writes what is asked for.
func (o *mapOptions) make(ctx context.Context, stdout, stderr io.Writer) error {
	srv, err := o.serverOf(ctx)
	if err != nil {
		return err
	}
	if o.batch != "" {
		return o.makeSeries(ctx, srv, stdout, stderr)
	}
	sheet, err := srv.DrawSheet(ctx, o.query)
	if err != nil {
		return err
	}
	if _, err := writeFile(o.out, o.force, func(w io.Writer) error { return srv.WriteSheets(ctx, w, sheet) }); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s\n", o.out, sheetInWords(sheet))
	return nil
}

// serverOf is a server of the collections, which is asked for pictures and listens
// nowhere.
func (o *mapOptions) serverOf(ctx context.Context) (*server.Server, error) {
	collections, err := load(ctx, o.paths, len(o.paths) == 0)
	if err != nil {
		return nil, oneLine(err, o.paths)
	}
	if collections, err = o.withRegions(collections); err != nil {
		return nil, err
	}
	state, err := geo.NewState(collections...)
	if err != nil {
		return nil, err
	}
	return server.New(server.Config{
		Atlas:   geo.NewAtlas(state),
		Base:    data.Files(),
		Faces:   web.Faces(),
		Version: version(),

		QueryTimeout: 24 * time.Hour, // whoever waits may interrupt it
	})
}

// withRegions adds the regions and divisions of the built-in atlas, which pictures
// outline, where the files have codes that place features in them but no outlines of
// their own.
func (o *mapOptions) withRegions(collections []*geo.Collection) ([]*geo.Collection, error) {
	has := func(id string) bool {
		return slices.ContainsFunc(collections, func(c *geo.Collection) bool { return c.ID == id })
	}
	placed := slices.ContainsFunc(collections, func(c *geo.Collection) bool {
		_, ok := c.Source.Schema().Property("regions")
		return ok
	})
	if !placed && !o.query.Has("regions") {
		return collections, nil
	}
	var names []string
	for _, id := range [...]string{"regions", "divisions"} {
		if !has(id) {
			names = append(names, builtIn+id+".geojson")
		}
	}
	if len(names) == 0 {
		return collections, nil
	}
	own, err := geo.Load(files{data.Files()}, nil, names...)
	return append(collections, own...), err
}

// sheetInWords tells what a picture shows and what it lacks.
func sheetInWords(s *server.Sheet) string {
	text := count(s.Features, "feature", "features")
	if s.HiddenLabels > 0 {
		text += ", " + count(s.HiddenLabels, "label", "labels") + " without room"
	}
	if len(s.Missing) == 0 {
		return text
	}
	const most = 20
	var names []string
	for _, c := range s.Missing[:min(len(s.Missing), most)] {
		names = append(names, fmt.Sprintf("U+%04X", c))
	}
	if len(s.Missing) > most {
		names = append(names, "…")
	}
	return text + ", no font has " + count(len(s.Missing), "character", "characters") + " (" + strings.Join(names, " ") + ")"
}

// inFlags names the flag in an error about a parameter.
func (o *mapOptions) inFlags(err error) error {
	var bad *geo.InvalidError
	if !errors.As(err, &bad) || bad.File != "" {
		return err
	}
	switch {
	case slices.Contains(mapParameters[:], bad.Field), bad.Field == "batch":
		return fmt.Errorf("-%s: %s", bad.Field, bad.Reason)
	case o.query.Has(bad.Field):
		return fmt.Errorf("-where %s: %s", bad.Field, bad.Reason)
	}
	return err
}
