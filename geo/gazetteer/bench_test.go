package gazetteer_test

import (
	"slices"
	"strings"
	"testing"

	"clustermap/geo/gazetteer"
)

// texts are the places of all lists, in the order of their keys.
func texts(t testing.TB) []gazetteer.Query {
	t.Helper()
	rows := listRows(t)
	var all []gazetteer.Query
	for _, key := range slices.Sorted(mapKeys(rows)) {
		all = append(all, query(rows[key]))
	}
	return all
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// BenchmarkMatch reads the places of the lists; nested is what one would write first: a
// walk down the divisions that tries the name of each child in full and in short.
func BenchmarkMatch(b *testing.B) {
	g := read(b)
	all := texts(b)
	g.Match(all[0]) // makes the lexicon
	b.Run("match", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			g.Match(all[i%len(all)])
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	})
	b.Run("nested", func(b *testing.B) {
		var roots []*gazetteer.Unit
		for _, u := range g.Units() {
			if u.Parent == nil {
				roots = append(roots, u)
			}
		}
		for i := 0; b.Loop(); i++ {
			q := all[i%len(all)]
			nested(roots, q.Province+q.Place)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	})
}

func nested(units []*gazetteer.Unit, text string) *gazetteer.Unit {
	var best *gazetteer.Unit
	for _, u := range units {
		if strings.Contains(text, u.NameZH) || strings.Contains(text, gazetteer.Stem(u.NameZH)) {
			best = u
			if in := nested(u.Children(), text); in != nil {
				return in
			}
			continue
		}
		if in := nested(u.Children(), text); in != nil {
			return in
		}
	}
	return best
}
