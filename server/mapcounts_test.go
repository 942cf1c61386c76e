package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPictureCountsAreThoseOfTheAPI asks for pictures of random boxes and filters and,
// with the zoom and radius that they name, for the groups: each count in the picture is
// that of a group, and the features add up.
func TestPictureCountsAreThoseOfTheAPI(t *testing.T) {
	s := atlasServer(t)
	random := rand.New(rand.NewPCG(6, 28))
	filters := []string{"", "level='county'", "industry IN ('garments','textiles','silk')", "firms IS NULL", "level='nowhere'"}
	seen := 0
	for i := range 40 {
		w := 1 + random.Float64()*40
		h := w * (0.4 + random.Float64())
		west, south := 75+random.Float64()*45, 15+random.Float64()*15
		filter := filters[i%len(filters)]
		q := url.Values{"bbox": {fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", west, south, west+w, south+h)}, "view": {"groups"}, "f": {"svg"}, "width": {strconv.Itoa(200 + random.IntN(900))}}
		if filter != "" {
			q.Set("filter", filter)
		}
		res := ask(t, s, "GET", "/collections/clusters/map?"+q.Encode())
		text := body(t, res)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", q.Encode(), res.StatusCode, text)
		}
		named, err := url.ParseQuery(res.Header.Get("Clustermap-Groups"))
		if err != nil || named.Get("zoom") == "" {
			t.Fatalf("the header names the groups %q", res.Header.Get("Clustermap-Groups"))
		}
		ask2 := url.Values{"bbox": {res.Header.Get("Content-Bbox")}, "f": {"json"}, "zoom": named["zoom"], "radius": named["radius"]}
		if filter != "" {
			ask2.Set("filter", filter)
		}
		sum, sizes := groupSizes(t, s, "/collections/clusters/groups?"+ask2.Encode())
		if got := res.Header.Get("Clustermap-Features"); got != strconv.Itoa(sum) {
			t.Errorf("%s: %s features are in the picture, %d in the groups", q.Encode(), got, sum)
		}
		// A group whose symbol reaches into the picture from outside is drawn, too.
		drawn := countsIn(text)
		seen += len(sizes)
		for _, n := range sizes {
			at := slices.Index(drawn, n)
			if at < 0 {
				t.Errorf("%s: no symbol says %d; there are %v for %v", q.Encode(), n, drawn, sizes)
				continue
			}
			drawn = slices.Delete(drawn, at, at+1)
		}
	}
	if seen < 30 {
		t.Errorf("only %d groups were compared", seen)
	}
}

// groupSizes are the counts of the groups of an answer: all together, and those that
// stand on a symbol of their own.
func groupSizes(t *testing.T, s *Server, target string) (sum int, sizes []int) {
	t.Helper()
	res := ask(t, s, "GET", target)
	text := body(t, res)
	var answer struct {
		Features []struct {
			Properties struct {
				Count     int
				Expansion *int `json:"expansion_zoom"`
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %.300s", target, res.StatusCode, err, text)
	}
	for _, f := range answer.Features {
		n := max(1, f.Properties.Count)
		sum += n
		if n > 1 && f.Properties.Expansion != nil {
			sizes = append(sizes, n)
		}
	}
	return sum, sizes
}

// countsIn are the numbers on the symbols of an SVG.
func countsIn(svg string) (all []int) {
	for _, m := range regexp.MustCompile(`<text[^>]*>(?:<tspan[^>]*>)?([\d,]+)<`).FindAllStringSubmatch(svg, -1) {
		if n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", "")); err == nil {
			all = append(all, n)
		}
	}
	return all
}
