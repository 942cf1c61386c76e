package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestNumbersAgree reads the numbers of regions and families on the screen, in the answers
// of the server and in the text of the picture, for all clusters, for some, and by other
// definitions.
func TestNumbersAgree(t *testing.T) {
	address := start(t).url + "/"
	b := browser(t)
	for _, c := range []struct {
		name, at, filter string
		definitions      map[string]string
	}{
		{"all", "", "", map[string]string{"yrd": "yrd25", "prd": "prd9", "bohai": "bohai5"}},
		{"counties", "&f.p.level=county", "level='county'", map[string]string{"yrd": "yrd25", "prd": "prd9", "bohai": "bohai5"}},
		{"definitions", "&def=yrd:yrd16,prd:gba11,bohai:bohai_coastal", "", map[string]string{"yrd": "yrd16", "prd": "gba11", "bohai": "bohai_coastal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPage(t, b, 1440, 900, 1, false)
			p.open(address + "#lang=en&theme=light" + c.at)
			matched := func(also string) int {
				query := url.Values{"f": {"json"}, "limit": {"1"}, "filter": {strings.Join(slices.DeleteFunc([]string{c.filter, also}, func(s string) bool { return s == "" }), " AND ")}}
				if query.Get("filter") == "" {
					query.Del("filter")
				}
				_, body := fetch(t, address+"collections/clusters/items?"+query.Encode())
				var answer struct{ NumberMatched *int }
				if err := json.Unmarshal(body, &answer); err != nil || answer.NumberMatched == nil {
					t.Fatalf("%v: %.300s", err, body)
				}
				return *answer.NumberMatched
			}
			p.equal("the total", total+`.match(/\d+/)[0]`, strconv.Itoa(matched("")))

			openPictures(p)
			drawn := pictureTexts(t, p.text(previewAddress))
			for region, title := range map[string]string{"yrd": "Yangtze River Delta", "prd": "Pearl River Delta", "bohai": "Bohai Rim"} {
				n := matched(fmt.Sprintf(`A_OVERLAPS("regions",('%s'))`, c.definitions[region]))
				p.equal("the screen, "+region, countOf(region), strconv.Itoa(n))
				if i := slices.Index(drawn, title); n > 0 && (i < 0 || i+1 == len(drawn) || drawn[i+1] != strconv.Itoa(n)) {
					t.Errorf("%s: the picture does not say %d: %q", title, n, drawn)
				}
			}
			for family, title := range familiesOnScreen(t, p) {
				n := matched(tradesOf(t, family))
				p.equal("the screen, "+family, `document.querySelector('.panel [data-option=`+family+`]').textContent.match(/(\d+)\D*$/)[1]`, strconv.Itoa(n))
				if i := slices.Index(drawn, title); n > 0 && (i < 1 || drawn[i-1] != strconv.Itoa(n)) {
					t.Errorf("%s: the picture does not say %d: %q", title, n, drawn)
				}
			}
		})
	}
}

// familiesOnScreen are the titles of the families in the legend.
func familiesOnScreen(t *testing.T, p *page) map[string]string {
	t.Helper()
	titles := make(map[string]string)
	text := p.text(`JSON.stringify(Object.fromEntries([...document.querySelectorAll('.panel [data-facet=family] [data-option]')].map(e => [e.dataset.option, e.textContent.replace(/[\d\s]+$/, '').trim()])))`)
	if err := json.Unmarshal([]byte(text), &titles); err != nil || len(titles) < 5 {
		t.Fatalf("%v: %s", err, text)
	}
	return titles
}

var svgText = regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)

// pictureTexts are the texts of a picture in their order.
func pictureTexts(t *testing.T, address string) []string {
	t.Helper()
	var texts []string
	for _, m := range svgText.FindAllSubmatch(downloaded(t, address), -1) {
		texts = append(texts, string(m[1]))
	}
	return texts
}

// tradesOf is a filter for the trades of a family, by the vocabulary of the atlas.
func tradesOf(t *testing.T, family string) string {
	t.Helper()
	data, err := os.ReadFile("../../data/industries.json")
	if err != nil {
		t.Fatal(err)
	}
	var vocabulary struct {
		Industries []struct{ Code, Family string }
	}
	if err := json.Unmarshal(data, &vocabulary); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, trade := range vocabulary.Industries {
		if trade.Family == family {
			codes = append(codes, "'"+trade.Code+"'")
		}
	}
	if len(codes) == 0 {
		t.Fatalf("%s has no trades", family)
	}
	return "industry IN (" + strings.Join(codes, ",") + ")"
}
