package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"clustermap/data"
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
	return unknownTrades(ctx, stdout, collections)
}

// tradeProperty has a source's own words for a trade, which data/trades.csv leads to the
// vocabulary of data/industries.json.
const tradeProperty = "trade_zh"

// unknownTrades lists the words for trades that the vocabulary does not know, with how
// many features have them.
func unknownTrades(ctx context.Context, stdout io.Writer, collections []*geo.Collection) error {
	known, err := tradeWords()
	if err != nil {
		return err
	}
	for _, c := range collections {
		if _, ok := c.Source.Schema().Property(tradeProperty); !ok {
			continue
		}
		found, err := c.Source.Search(ctx, geo.Query{})
		if err != nil {
			return err
		}
		counts := make(map[string]int)
		for _, f := range found.Features {
			var p struct {
				Trade string `json:"trade_zh"`
			}
			if json.Unmarshal(f.Properties(), &p) != nil || p.Trade == "" {
				continue // no text, so no word
			}
			if !slices.ContainsFunc(known, func(word string) bool { return strings.Contains(p.Trade, word) }) {
				counts[p.Trade]++
			}
		}
		for _, word := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(stdout, "%s: no trade is known for %q (%s)\n", c.ID, word, count(counts[word], "feature", "features"))
		}
	}
	return nil
}

// tradeWords are the words of trades.csv.
func tradeWords() ([]string, error) {
	f, err := data.Files().Open("trades.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("trades.csv: %w", err)
	}
	var words []string
	for _, r := range rows[1:] {
		words = append(words, r[0])
	}
	return words, nil
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
