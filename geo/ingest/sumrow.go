package ingest

import (
	"strings"
	"unicode/utf8"

	"clustermap/geo/table"

	"golang.org/x/text/unicode/norm"
)

// Why rows are refused that are none of what the table is of.
const (
	faultSum  = "a sum, not a row"
	faultNote = "a note, not a row"
)

// noRow says why a row is not one of the things that the table is of: it sums the
// others, or is a remark below them. It is "" for all others. Its figures would count
// twice.
func noRow(row table.Row) (fault string) {
	if row.Geometry != nil {
		return ""
	}
	first, texts := "", 0
	for _, v := range row.Cells {
		if v.Kind != table.Text || strings.TrimSpace(v.Text) == "" {
			continue
		}
		text := strings.TrimSpace(v.Text)
		if _, number := ParseQuantity(text); number {
			continue
		}
		if texts++; texts == 1 {
			first = text
		}
	}
	if first == "" || len(first) > maxPlaceText {
		return ""
	}
	first = strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(first)), ""))
	switch {
	case isSum(first):
		return faultSum
	case texts <= 2 && isRemark(first):
		return faultNote
	}
	return ""
}

// faultText is why a row is refused. What geo/table says of a cell is English.
func faultText(fault, lang string) string {
	switch {
	case lang == "zh" && fault == faultSum:
		return "合计行，不是数据行"
	case lang == "zh" && fault == faultNote:
		return "注释行，不是数据行"
	}
	return fault
}

// isSum is true of 合计, 浙江省小计, 总计（家）, Total.
func isSum(text string) bool {
	text, _, _ = strings.Cut(strings.TrimRight(text, ":"), "(")
	switch text {
	case "total", "subtotal", "grandtotal", "sum", "totals", "累计", "汇总":
		return true
	}
	if utf8.RuneCountInString(text) > 12 {
		return false
	}
	for _, word := range []string{"合计", "小计", "总计", "共计"} {
		if strings.HasSuffix(text, word) {
			return true
		}
	}
	return false
}

// isRemark is true of 注：…, 资料来源：…, 制表人：….
func isRemark(text string) bool {
	head, _, colon := strings.Cut(text, ":")
	switch strings.Trim(head, "*※(0123456789)") {
	case "注", "备注", "附注", "说明", "资料来源", "数据来源", "来源", "制表", "制表人", "制表单位", "填表", "填表人", "填报人", "填报单位", "审核", "审核人",
		"负责人", "联系人", "制表日期", "填表日期", "note", "notes", "source", "sources", "preparedby":
		return colon
	}
	return false
}
