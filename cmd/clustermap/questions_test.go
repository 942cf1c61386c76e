package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// mostClicks is how many a question may take.
const mostClicks = 10

// planner answers a question by hand and counts what that takes: each click, each choice
// from a list, and each field typed into.
type planner struct {
	*page
	clicks int
}

func (p *planner) presses(selector string) {
	p.t.Helper()
	p.clicks++
	p.click(selector)
}

func (p *planner) chooses(selector, value string) {
	p.t.Helper()
	p.clicks++
	p.wait("the choice "+value, `!!document.querySelector('`+selector+` option[value="`+value+`"]')`)
	p.choose(selector, value)
}

func (p *planner) done(question string) {
	p.t.Helper()
	p.t.Logf("%s: %d clicks", question, p.clicks)
	if p.clicks >= mostClicks {
		p.t.Errorf("%s takes %d clicks, more than %d", question, p.clicks, mostClicks-1)
	}
}

type statistic[R any] struct{ Result R }

// asked is a statistic of the server itself.
func asked[R any](t *testing.T, address string, query ...string) R {
	t.Helper()
	values := url.Values{"f": {"json"}}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	_, body := fetch(t, address+"?"+values.Encode())
	var answer statistic[R]
	must(t, json.Unmarshal(body, &answer))
	return answer.Result
}

// TestPlannersQuestions answers three questions through the page, from its first view on,
// and holds the answers to the server's.
func TestPlannersQuestions(t *testing.T) {
	address := start(t).url
	b := browser(t)
	begin := func(lang string) *planner {
		p := &planner{page: newPage(t, b, 1440, 900, 1, false)}
		p.open(address + "/#lang=" + lang)
		return p
	}
	statistics := address + "/collections/listed_clusters/statistics/"

	t.Run("most textiles", func(t *testing.T) {
		p := begin("en")
		p.chooses(".layer .layer-select", "listed_clusters")
		p.presses("[data-testid=concentration]")
		p.chooses("[data-testid=work-trade]", "=textiles")
		p.wait("the figures", figuresHere)
		p.presses("[data-chart=places] [data-act=table]")
		p.wait("a table", `document.querySelector('[data-chart=places] tbody tr')`)
		row := strings.Split(p.text(`[...document.querySelector('[data-chart=places] tbody tr').children].map(c => c.textContent).join('|')`), "|")
		got := asked[struct {
			Units []struct {
				Title         struct{ EN string }
				Count         int
				LQ, Low, High float64
			}
		}](t, statistics+"location-quotient", "select", "industry='textiles'").Units
		most := got[0]
		for _, u := range got {
			if u.Count > most.Count {
				most = u
			}
		}
		if row[0] != most.Title.EN || row[1] != fmt.Sprint(most.Count) {
			t.Errorf("the page has %v first, the server %+v", row, most)
		}
		if !strings.Contains(p.text(`document.querySelector('[data-testid=finding]').textContent`), most.Title.EN) {
			t.Errorf("the finding does not name %s", most.Title.EN)
		}
		p.done("which prefecture has most listed textile clusters, and is that more than its share")
	})

	t.Run("electronics by two definitions", func(t *testing.T) {
		p := begin("en")
		p.chooses(".layer .layer-select", "listed_clusters")
		p.presses("[data-testid=compare]")
		p.chooses("[data-testid=compare-definition-0]", "bohai5")
		quotients := func(a, b string) {
			t.Helper()
			p.wait("both definitions", numberOf(a)+` !== '' && `+numberOf(b)+` !== ''`)
			regions := asked[struct {
				Regions []struct {
					Family []struct {
						Value any
						LQ    float64
					} `json:"by_family"`
				}
			}](t, statistics+"compare", "regions", a+","+b).Regions
			for i, r := range regions {
				for _, f := range r.Family {
					if f.Value == "electronics" {
						p.wait(fmt.Sprintf("the quotient of electronics by %s and %s", a, b),
							fmt.Sprintf(`document.querySelector('[data-part=electronics]').cells[%d].textContent === '%.2f'`, 3+i, f.LQ))
					}
				}
			}
		}
		quotients("bohai5", "prd9")
		p.chooses("[data-testid=compare-definition-0]", "bohai_coastal")
		p.chooses("[data-testid=compare-definition-1]", "gba11")
		quotients("bohai_coastal", "gba11")
		p.done("does the electronics of the Bohai Rim concentrate more than that of the Pearl River Delta, by two definitions")
	})

	t.Run("the slide of it", func(t *testing.T) {
		p := begin("zh")
		p.chooses(".layer .layer-select", "listed_clusters")
		p.presses("[data-testid=concentration]")
		p.chooses("[data-testid=work-trade]", "electronics")
		p.wait("the figures", figuresHere)
		p.presses("[data-testid=work-slide]")
		p.wait("the menu", `document.activeElement.dataset.slide === 'pptx'`)
		p.clicks++ // the download itself
		if slide := downloaded(t, p.text(`document.querySelector('[data-slide=pptx]').href`)); !bytes.HasPrefix(slide, []byte("PK\x03\x04")) {
			t.Errorf("the slide begins with %.20q", slide)
		}
		p.done("make the slide of it")
	})
}
