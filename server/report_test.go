package server

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a report says is what the statistics answer that it names.
func TestReportEqualsStatistics(t *testing.T) {
	s := atlasServer(t)
	page := body(t, ask(t, s, "GET", "/collections/clusters/report?region=yrd25&f=html"))
	checkPage(t, "report", page)
	shares := askStatistic(t, s, "/collections/clusters/statistics/shares?within=region:yrd25")
	for _, row := range shares.Result["rows"].([]any) {
		row := row.(map[string]any)
		if row["key"] != "yrd25" {
			continue
		}
		n, share := int(row["count"].(float64)), row["share"].(float64)
		want := say("en", "%s holds %s of %s features, %s", "Yangtze River Delta", thousands(n), thousands(shares.N), percent(&share))
		if !strings.Contains(page, "<h1>"+want+"</h1>") {
			t.Errorf("the title is not %q", want)
		}
	}
	gini := askStatistic(t, s, "/collections/clusters/statistics/gini?select=TRUE&filter="+url.QueryEscape("A_CONTAINS(regions,('yrd25'))"))
	g := gini.Result["gini"].(float64)
	if !strings.Contains(page, `<dd class="number">`+decimal(&g)+`</dd>`) {
		t.Errorf("the page lacks the Gini %s", decimal(&g))
	}
	for _, want := range []string{"How computed", "Another definition", "<svg", "data:image/svg&#43;xml;base64,", "report?f=html&amp;region=yrd25", "Sources and licence"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<style", " style=", "<script", "%!", "%%", "@font-face"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

// The numbers of a report in each format are those of the statistics for the same
// parameters, in both languages.
func TestReportNumbers(t *testing.T) {
	s := atlasServer(t)
	const of = "/collections/listed_clusters/"
	numbers := regexp.MustCompile(`\d[\d,]*(\.\d+)?%?`)
	for _, c := range []struct{ query, subject string }{
		{"region=yrd25", "A_CONTAINS(regions,('yrd25'))"},
		{"trade=textiles", "industry='textiles'"},
		{"trade=family:electronics", "industry IN ('communications','computers','displays','electronics','instruments','printers','semiconductors')"},
	} {
		want := map[string]string{}
		figures := func(method, settings string) map[string]any {
			return askStatistic(t, s, of+"statistics/"+method+"?"+settings).Result
		}
		number := func(what string, v any, format func(*float64) string) {
			f, ok := v.(float64)
			if !ok {
				t.Fatalf("%s: %s is %v", c.query, what, v)
			}
			want[what] = format(&f)
		}
		whole := func(v *float64) string { return thousands(int(*v)) }
		selected := "select=" + url.QueryEscape(c.subject)
		name, value, _ := strings.Cut(c.query, "=")
		if name == "region" {
			selected = "select=TRUE&filter=" + url.QueryEscape(c.subject)
		}
		units := figures("location-quotient", selected)["units"].([]any)
		if name == "region" {
			for _, row := range figures("shares", "within=region:yrd25")["rows"].([]any) {
				if row := row.(map[string]any); row["key"] == value {
					number("count", row["count"], whole)
					number("share", row["share"], percent)
				}
			}
		} else {
			shares := figures("shares", "within=industry")
			count := 0.0
			for _, row := range shares["rows"].([]any) {
				row := row.(map[string]any)
				if strings.Contains(c.subject, "'"+row["key"].(string)+"'") {
					count += row["count"].(float64)
				}
			}
			number("count", count, whole)
			number("share", count/shares["total"].(float64), percent)
			top := slices.MaxFunc(units, func(a, b any) int {
				return cmp.Compare(a.(map[string]any)["count"].(float64), b.(map[string]any)["count"].(float64))
			}).(map[string]any)
			number("quotient", top["lq"], decimal)
			number("low", top["low"], decimal)
			number("high", top["high"], decimal)
		}
		number("Gini", figures("gini", selected)["gini"], decimal)
		herfindahl, ratio := figures("herfindahl", selected), figures("concentration-ratio", selected)
		number("Herfindahl", herfindahl["herfindahl"], decimal)
		number("equivalent number", herfindahl["equivalent_number"], decimal)
		number("CR1", ratio["cr1"], percent)
		number("CR4", ratio["cr4"], percent)
		number("CR8", ratio["cr8"], percent)
		hot := figures("hot-spots", selected)
		number("hot spots", hot["hot"], whole)
		number("cold spots", hot["cold"], whole)
		if len(want) < 10 {
			t.Fatalf("%s: only %d numbers", c.query, len(want))
		}
		for _, lang := range []string{"en", "zh"} {
			for format, text := range reportTexts(t, s, of+"report?lang="+lang+"&"+c.query) {
				found := numbers.FindAllString(text, -1)
				for what, value := range want {
					if !slices.Contains(found, value) {
						t.Errorf("%s, %s, %s: no %s %s", c.query, lang, format, what, value)
					}
				}
			}
		}
	}
}

// reportTexts are the words of a report in each format.
func reportTexts(t *testing.T, s *Server, address string) map[string]string {
	t.Helper()
	out := map[string]string{}
	_, page, _ := strings.Cut(body(t, ask(t, s, "GET", address+"&f=html")), `<dl class="keys">`)
	out["html"], _, _ = strings.Cut(page, "</dl>")
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, []byte(body(t, ask(t, s, "GET", address+"&f=pdf"))), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-l", "1", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	out["pdf"] = string(text)
	deck := body(t, ask(t, s, "GET", address+"&f=pptx"))
	z, err := zip.NewReader(strings.NewReader(deck), int64(len(deck)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open("ppt/slides/slide1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	var b strings.Builder
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			b.Write(text)
			b.WriteByte(' ')
		}
	}
	out["pptx"] = b.String()
	return out
}

// Changed filters change the finding, and a trade may be a value or a group of values.
func TestReportTrade(t *testing.T) {
	s := atlasServer(t)
	seen := map[string]string{}
	for _, query := range []string{"trade=textiles", "trade=ceramics", "trade=electronics&level=town", "region=yrd", "region=prd9", "region=prd9&lang=zh", "trade=textiles&lang=zh"} {
		page := body(t, ask(t, s, "GET", "/collections/listed_clusters/report?f=html&"+query))
		_, title, _ := strings.Cut(page, "<h1>")
		title, _, _ = strings.Cut(title, "</h1>")
		if other, ok := seen[title]; ok || title == "" {
			t.Errorf("%s has the title %q of %s", query, title, other)
		}
		seen[title] = query
	}
}

// What a report cannot be about is refused, and what is empty is said.
func TestReportRefused(t *testing.T) {
	s := atlasServer(t)
	const path = "/collections/clusters/report?"
	for _, c := range []struct {
		target string
		status int
		says   string
	}{
		{path, 400, "region: a report is about a region or a trade"},
		{path + "region=yrd25&trade=ceramics", 400, "region: a report is about a region or a trade"},
		{path + "region=yrd52", 400, `did you mean \"yrd22\"`},
		{path + "region=", 400, "region: "},
		{path + "region=" + url.QueryEscape("') OR ('1'='1"), 400, "region: "},
		{path + "trade=", 400, "trade: "},
		{path + "trade=textilse", 400, "did you mean"},
		{path + "trade=%00%ff", 400, "trade: "},
		{path + "trade=ceramics&within=hex:50", 400, "within: there is no such parameter"},
		{path + "trade=ceramics&filter=firmz%3E1", 400, "filter: "},
		{path + "trade=ceramics&filter=" + strings.Repeat("(", 3000), 400, "filter: "},
		{path + "trade=ceramics&f=docx", 400, "f: "},
		{"/collections/regions/report?region=yrd25", 400, "region: "},
		{"/collections/none/report?region=yrd25", 404, "There is no collection"},
		{path + "trade=ceramics&filter=" + url.QueryEscape("level='none'") + "&f=html", 200, "no feature is selected"},
		{path + "region=prd9&filter=" + url.QueryEscape("level='none'") + "&f=html", 200, "holds none of 0 features"},
	} {
		resp := ask(t, s, "GET", c.target)
		if text := body(t, resp); resp.StatusCode != c.status || !strings.Contains(text, c.says) {
			t.Errorf("GET %s: %d %.400s; want %d that says %s", c.target, resp.StatusCode, text, c.status, c.says)
		}
	}
}

// A report is kept: it is the same again, and 304 where the client has it.
func TestReportKept(t *testing.T) {
	s := atlasServer(t)
	for _, f := range []string{"html", "pdf", "pptx"} {
		target := "/collections/clusters/report?region=prd9&f=" + f
		first := ask(t, s, "GET", target)
		again := ask(t, s, "GET", target)
		if a, b := body(t, first), body(t, again); a != b || first.Header.Get("ETag") == "" {
			t.Errorf("%s: %d bytes, then %d; ETag %s", f, len(a), len(b), first.Header.Get("ETag"))
		}
		if resp := ask(t, s, "GET", target, "If-None-Match: "+first.Header.Get("ETag")); resp.StatusCode != 304 {
			t.Errorf("%s: with its ETag the answer is %d", f, resp.StatusCode)
		}
	}
}

// The document reads as text in both languages, and the slides are slides that open.
func TestReportFiles(t *testing.T) {
	s := atlasServer(t)
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v %s", name, err, out)
		}
		return string(out)
	}
	for lang, words := range map[string][]string{"en": {"Yangtze River Delta holds", "How computed", "Sources and licence"}, "zh": {"长三角", "来源与许可", "区位商"}} {
		text := body(t, ask(t, s, "GET", "/collections/clusters/report?region=yrd25&f=pdf&lang="+lang))
		file := filepath.Join(dir, lang+".pdf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		found := run("pdftotext", file, "-")
		for _, want := range words {
			if !strings.Contains(found, want) {
				t.Errorf("the document in %s lacks %q", lang, want)
			}
		}
		if info := run("pdfinfo", file); !strings.Contains(info, "A4") {
			t.Errorf("the pages are no A4: %s", info)
		}
	}
	deck := body(t, ask(t, s, "GET", "/collections/clusters/report?region=yrd25&f=pptx"))
	z, err := zip.NewReader(bytes.NewReader([]byte(deck)), int64(len(deck)))
	if err != nil {
		t.Fatal(err)
	}
	slides := 0
	for _, f := range z.File {
		if ok, _ := filepath.Match("ppt/slides/slide*.xml", f.Name); ok {
			slides++
		}
	}
	file := filepath.Join(dir, "deck.pptx")
	if err := os.WriteFile(file, []byte(deck), 0o600); err != nil {
		t.Fatal(err)
	}
	run("soffice", "--headless", "-env:UserInstallation=file://"+dir+"/office", "--convert-to", "pdf", "--outdir", dir, file)
	found := run("pdftotext", filepath.Join(dir, "deck.pdf"), "-")
	if slides < 4 || strings.Count(found, "\f") != slides || !strings.Contains(found, "Yangtze River Delta") {
		t.Errorf("%d slides, as pages: %d", slides, strings.Count(found, "\f"))
	}
}
