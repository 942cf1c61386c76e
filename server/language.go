package server

import (
	"net/http"
	"strings"
)

// languageOf chooses the language of titles and pages: by lang where it is given,
// else by Accept-Language, else English.
func languageOf(accept []string, lang string, given bool) (string, error) {
	if given {
		if lang == "zh" || lang == "en" {
			return lang, nil
		}
		return "", invalid("lang", "%s is not a language of this server; use zh or en", quoted(lang))
	}
	best, bestQ := "en", 0
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			name, q := element(part)
			primary, _, _ := strings.Cut(strings.ToLower(name), "-")
			if (primary == "zh" || primary == "en") && q > bestQ {
				best, bestQ = primary, q
			}
		}
	}
	return best, nil
}

// speaks marks an answer as written in the language of the request.
func (q *request) speaks(w http.ResponseWriter) {
	q.spoken = true
	h := w.Header()
	h["Vary"] = []string{"Accept, Accept-Encoding, Accept-Language"}
	h["Content-Language"] = []string{q.lang}
}
