package server

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode"

	"clustermap/geo"
)

// say is a phrase of ours in a language, with its arguments. A phrase is known by
// its English text.
func say(lang, phrase string, args ...any) string {
	if text, ok := chinese[phrase]; ok && lang == "zh" {
		phrase = text
	}
	if len(args) == 0 {
		return phrase
	}
	return fmt.Sprintf(phrase, args...)
}

// phrase is a phrase of ours in both languages.
func phrase(english string) geo.Text { return geo.Text{EN: english, ZH: chinese[english]} }

// sayFeatures counts features in words.
func sayFeatures(lang string, n int) string {
	if n == 1 {
		return say(lang, "1 feature")
	}
	return say(lang, "%s features", thousands(n))
}

// speaker writes texts into pages of one language.
type speaker string

func (lang speaker) functions() template.FuncMap {
	return template.FuncMap{
		"count": thousands, "lang": func() string { return string(lang) },
		"spoken": spokenIn, "t": lang.say, "known": func(s string) template.HTML { return speaker(lang).plain(say(string(lang), s)) },
		"features": func(n int) string { return sayFeatures(string(lang), n) },
		"role":     func(r geo.Role) string { return strings.TrimPrefix(say(string(lang), "role "+string(r)), "role ") },
		"plain":    lang.plain, "one": lang.one, "both": lang.both, "in": func(t geo.Text) string { return t.In(string(lang)) },
	}
}

// say is a phrase, which may have markup; its arguments are escaped unless they
// are markup themselves.
func (lang speaker) say(phrase string, args ...any) template.HTML {
	for i, a := range args {
		switch a := a.(type) {
		case template.HTML:
		case int:
			args[i] = thousands(a)
		case *float64:
			args[i] = strconv.FormatFloat(*a, 'f', -1, 64)
		default:
			args[i] = template.HTMLEscapeString(fmt.Sprint(a))
		}
	}
	return template.HTML(say(string(lang), phrase, args...))
}

// plain is a text of the data that names its language where the page has another.
func (lang speaker) plain(s string) template.HTML {
	text := template.HTMLEscapeString(s)
	if lang != "zh" && isChinese(s) {
		text = `<span lang="zh">` + text + `</span>`
	}
	return template.HTML(text)
}

// one is a text of the data in the language of the page, or in the other where
// that is all there is.
func (lang speaker) one(t geo.Text) template.HTML {
	if lang == "zh" && t.ZH == "" && t.EN != "" && !isChinese(t.EN) {
		return template.HTML(`<span lang="en">` + template.HTMLEscapeString(t.EN) + `</span>`)
	}
	return lang.plain(t.In(string(lang)))
}

// both is a text of the data in the language of the page, with the other beside.
func (lang speaker) both(t geo.Text) template.HTML {
	first := lang.one(t)
	second, other := t.ZH, "zh"
	if lang == "zh" {
		second, other = t.EN, "en"
	}
	if t.EN == "" || t.ZH == "" || t.EN == t.ZH {
		return first
	}
	return first + template.HTML(` <span class="other" lang="`+other+`">`+template.HTMLEscapeString(second)+`</span>`)
}

// isChinese reports whether a text has Chinese characters, so that a page can
// name its language.
func isChinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// spokenIn is the language of a text.
func spokenIn(s string) string {
	if isChinese(s) {
		return "zh"
	}
	return "en"
}
