package ingest

import (
	"fmt"
	"strconv"
	"strings"

	"clustermap/geo"
)

// maxSummary is how many rows to look at a summary names.
const maxSummary = 5

// Summary is the report in a few lines for a terminal, in "en" or "zh".
func (r *Report) Summary(lang string) string {
	var b strings.Builder
	p := &htmlPage{Lang: lang}
	say := func(en, zh string, args ...any) {
		fmt.Fprintf(&b, "  "+geo.Text{EN: en, ZH: zh}.In(lang)+"\n", args...)
	}
	c := r.Counts
	say("rows: %s, of which %s placed, %s listed without a place, %s refused", "%s行：已定位%s，待人工定位%s，无法读取%s", p.N(c.In), p.N(c.Placed), p.N(c.Listed), p.N(c.Refused))
	p.shares(r)
	line := func(en, zh string, shares []htmlShare) {
		var parts []string
		for _, s := range shares {
			if s.Rows > 0 {
				parts = append(parts, s.Label+geo.Text{EN: ": ", ZH: "："}.In(lang)+p.N(s.Rows))
			}
		}
		if len(parts) > 0 {
			say(en+" %s", zh+" %s", strings.Join(parts, geo.Text{EN: ", ", ZH: "，"}.In(lang)))
		}
	}
	line("confidence", "可信度", p.ByConfidence)
	line("level", "层级", p.ByLevel)
	line("the point is", "点位", p.ByPrecision)
	if c.Corrected > 0 {
		say("corrected by a person: %s", "人工更正：%s行", p.N(c.Corrected))
	}
	switch {
	case c.Same > 0 && r.Mapping.Kind == KindTotals:
		say("equal to another row, and counted once: %s", "与其他行完全相同，只计一次：%s行", p.N(c.Same))
	case c.Same > 0:
		say("equal to another row, and kept: %s", "与其他行完全相同，均保留：%s行", p.N(c.Same))
	}
	var columns []string
	for _, col := range r.Mapping.Columns {
		if col.Role != RoleText && len(columns) < 30 {
			columns = append(columns, clip(col.Column)+" = "+strings.ToLower(col.Role.Title().In(lang))+unitText(col.Unit))
		}
	}
	if len(columns) > 0 {
		say("columns: %s", "各列：%s", strings.Join(columns, geo.Text{EN: ", ", ZH: "，"}.In(lang)))
	}
	for _, n := range r.Notes {
		say("note: %s", "说明：%s", notePlace(n.Sheet, n.Row, lang)+Clean(noteText(n, lang)))
	}
	r.summaryRows(&b, p)
	return b.String()
}

func unitText(unit string) string {
	if unit == "" {
		return ""
	}
	return " (" + unit + ")"
}

// summaryRows names the first rows that a person should look at.
func (r *Report) summaryRows(b *strings.Builder, p *htmlPage) {
	look := r.lookFirst()
	for i, f := range look {
		if i == maxSummary {
			fmt.Fprintf(b, geo.Text{EN: "  and %s more to look at; -report FILE.html lists them\n", ZH: "  另有%s行需要核对，见-report FILE.html\n"}.In(p.Lang), p.N(len(look)-i))
			return
		}
		if i == 0 {
			b.WriteString(geo.Text{EN: "look at:\n", ZH: "请核对：\n"}.In(p.Lang))
		}
		reasons := f.Texts(p.Lang)
		why := ""
		if len(reasons) > 0 {
			why = reasons[len(reasons)-1]
		}
		colon := geo.Text{EN: ": ", ZH: "："}.In(p.Lang)
		name := ""
		if f.Name != "" {
			name = clip(f.Name) + colon
		}
		fmt.Fprintf(b, "  %s%s%s%s%s\n", notePlace(f.Sheet, f.Row, p.Lang), name, p.T("is-"+f.Fate)+confidenceText(f), colon, Clean(why))
	}
}

func confidenceText(f *Fate) string {
	if f.Fate != Placed {
		return ""
	}
	return " " + strconv.FormatFloat(round2(f.Confidence), 'f', -1, 64)
}
