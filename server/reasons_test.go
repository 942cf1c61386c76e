package server

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What is refused in these files has a Chinese phrase.
func TestRefusalsAreSpoken(t *testing.T) {
	literal := regexp.MustCompile(`(?:invalid\([^,"]*(?:"[^"]*")?,|failf\([^,]*,|return http\.Status\w+,)\s*("(?:[^"\\]|\\.)*")`)
	known, n := refusals(), 0
	maps.Copy(known, statisticRefusals())
	for _, name := range []string{"aggregate", "crs", "cursor", "errors", "exports", "filtering", "language", "middleware", "negotiate", "request", "routes", "selection", "shaping", "sorting", "statistics", "statisticsplaces", "statisticswork"} {
		source, err := os.ReadFile(name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			phrase, err := strconv.Unquote(m[1])
			if err != nil {
				t.Fatal(err)
			}
			if n++; known[phrase] == "" {
				t.Errorf("%s.go: no Chinese for %q", name, phrase)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d phrases are found", n)
	}
	verb := regexp.MustCompile(`%[dqsv]`)
	for english, chinese := range known {
		if a, b := len(verb.FindAllString(english, -1)), strings.Count(chinese, "%s"); a != b {
			t.Errorf("%q has %d arguments, its Chinese %d", english, a, b)
		}
	}
}

// A page of a refusal is in the language of the page, the document of one is not.
func TestRefusalsInChinese(t *testing.T) {
	s := newTestServer(t, nil)
	for path, want := range map[string]string{
		"/nowhere/at/all?f=html":                                          "此路径下没有内容。资源列于 http://example.org/api。",
		"/collections/placez?f=html":                                      "没有集合 &#34;placez&#34;；是不是 &#34;places&#34;？",
		"/collections/places/items?f=html&limit=x":                        "limit：应为 1 到",
		"/collections/places/items?f=html&filter=firmz=1":                 "filter：第 1 个字符：没有属性 firmz；是不是 firms？",
		"/collections/places/items?f=html&filter=firms='a'":               "filter：第 7 个字符：此处是 文本 &#39;a&#39;，应为 数",
		"/collections/places/items?f=html&bbox=1,2,3":                     "bbox：有 3 个数",
		"/collections/places/items?f=html&sortby=-firmz":                  "没有可排序属性 &#34;firmz&#34;；是不是 &#34;firms&#34;？",
		"/collections/places/items?f=html&datetime=x":                     "datetime：&#34;x&#34; 不是日期或时间；请写",
		"/collections/places/aggregate?f=html&measures=summ":              "没有这个统计量；",
		"/collections/places/items/none?f=html":                           "没有这个要素。",
		"/collections/places/statistics/hexagon?f=html":                   "没有统计量 &#34;hexagon&#34;；是不是 &#34;hexagons&#34;？",
		"/collections/places/statistics/hexagons?f=html&by=trad":          "by：没有属性 &#34;trad&#34;；是不是 trade？",
		"/collections/places/statistics/moran?f=html&permutations=100000": "permutations：不得大于 99999",
	} {
		path = strings.ReplaceAll(path, "'", "%27")
		resp := ask(t, s, "GET", path+"&lang=zh")
		if text := body(t, resp); resp.StatusCode < 400 || !strings.Contains(text, want) {
			t.Errorf("%s: %d lacks %s:\n%s", path, resp.StatusCode, want, around(text, "class=\"fault\""))
		}
		if text := body(t, ask(t, s, "GET", path)); strings.Contains(text, want) {
			t.Errorf("%s: Chinese in English", path)
		}
	}
	resp := ask(t, s, "GET", "/collections/places/items?limit=x&lang=zh")
	if text := body(t, resp); resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, "needs a whole number") {
		t.Error(text)
	}
	for _, reason := range []string{"", ": ", "x: y", "nothing of this or that is known: so it stays", strings.Repeat("found ", 500)} {
		if got := s.reasons.in("zh", reason); got != reason {
			t.Errorf("%q became %q", reason, got)
		}
	}
}

// around is what of a text stands near a mark.
func around(text, mark string) string {
	i := max(0, strings.Index(text, mark))
	return fmt.Sprintf("%.600s", text[i:])
}
