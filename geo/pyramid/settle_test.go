package pyramid

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"clustermap/geo"
)

// TestJoinedWhileItWaits has an entry that is joined to another while it waits in a
// chain of nearest entries; going on from it would never end.
func TestJoinedWhileItWaits(t *testing.T) {
	const n, seed, radius = 3000, 15, 105
	rng := rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{}}`+"\n",
			i, 113+rng.NormFloat64(), 23+rng.NormFloat64())
	}
	all, err := geo.Load(fstest.MapFS{"a.geojsonl": {Data: []byte(b.String())}}, nil, "a.geojsonl")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Build(t.Context(), all[0].Source.(*geo.Index), nil, Options{Radius: radius})
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != n {
		t.Errorf("%d features are grouped, want %d", p.Len(), n)
	}
}
