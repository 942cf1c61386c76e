package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"clustermap/geo"
)

// runCheck is "clustermap check".
func runCheck(ctx context.Context, args []string, stdout io.Writer) error {
	paths, err := parseArgs(flag.NewFlagSet("check", flag.ContinueOnError), args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef("help check", "check needs the files or directories to read")
	}
	if err := noEmptyPath("check", paths); err != nil {
		return err
	}
	collections, err := load(ctx, paths, false)
	var faults *geo.Faults
	if errors.As(err, &faults) {
		fmt.Fprintln(stdout, faults)
		return errors.New(count(len(faults.List)+faults.More, "fault", "faults"))
	}
	if err != nil {
		return plainPath(err)
	}
	fmt.Fprint(stdout, summary(collections))
	return nil
}

// summary tells what each collection holds, one to a line.
func summary(collections []*geo.Collection) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, c := range collections {
		s := c.Source.Schema()
		geometry := strings.Join(s.Geometry, ", ")
		if geometry == "" {
			geometry = "no geometry"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.ID, count(s.Features, "feature", "features"),
			geometry, count(len(s.Properties), "property", "properties"))
	}
	table.Flush()
	return b.String()
}
