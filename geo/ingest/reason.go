package ingest

import (
	"strings"

	"clustermap/geo/gazetteer"
)

// Reason is a reason in words, of this package or of the gazetteer.
type Reason = gazetteer.Reason

// ReasonText is a reason in "en" or "zh".
func ReasonText(r Reason, lang string) string {
	en, zh := wording(r.Code)
	switch {
	case en == "":
		return r.Text(lang)
	case lang == "zh":
		en = zh
	}
	for i, arg := range r.Args {
		en = strings.ReplaceAll(en, "%"+string(rune('1'+i)), arg)
	}
	return en
}

// wording is the text of a reason of this package in English and Chinese; %1, %2 …
// are its arguments.
func wording(code string) (en, zh string) {
	switch code {
	case "given-coordinates":
		return "the table gives its coordinates", "坐标取自表格"
	case "given-geometry":
		return "the file gives its geometry", "几何取自文件"
	case "crs-guessed":
		return "the coordinates are read as %1, which is a guess", "坐标按%1读取（推测）"
	case "axes-swapped":
		return "the columns of longitude and latitude hold one another's", "经度列与纬度列互换"
	case "row-swapped":
		return "longitude and latitude are exchanged in this row, which is a guess", "该行经纬度互换（推测）"
	case "crs-by-seats":
		return "so read, the points lie within %1 km of the places that the rows name", "如此读取，点位距所写地点%1千米以内（中位数）"
	case "crs-by-range":
		return "in no other system that is known do they lie in China", "只有按此坐标系才落在中国范围内"
	case "offset-by-seats":
		return "so read, %1 points stand at the seats of the places that the rows name", "如此读取，有%1个点与所写地点的驻地重合"
	case "crs-unknown":
		return "%1 is no coordinate system that is known here; WGS 84 is taken", "不认识坐标系“%1”，按WGS 84读取"
	case "coordinates-bad":
		return "the coordinates %1 cannot be used: %2", "坐标%1无法使用：%2"
	case "geometry-bad":
		return "the geometry of the file cannot be used: %1", "文件中的几何无法使用：%1"
	case "far":
		return "the coordinates are %1 km from the seat of %2, which the row names, and beyond it", "坐标距所写地点%2的驻地%1千米，超出其范围"
	case "outside-china":
		return "the coordinates lie outside China", "坐标在中国范围之外"
	case "likeliest":
		return "the likeliest, and not sure enough", "可能性最大，但把握不足"
	case "below-threshold":
		return "the confidence of %1 is below %2, so it is not placed", "可信度%1低于%2，未定位"
	case "row-empty":
		return "the row names no place", "该行没有地点"
	case "not-found":
		return "no place is known by what the row says", "按该行所写找不到地点"
	case "no-point":
		return "no point is known for %1", "没有%1的点位"
	case "corrected":
		return "placed by a person", "人工定位"
	case "corrected-none":
		return "a person says that it stands nowhere", "人工确认无地点"
	case "correction-unknown":
		return "a correction names %1, which is no division that is known", "更正中的%1不是已知的行政区划"
	case "corrected-note":
		return "%1", "%1"
	case "key-twice":
		return "another row has the key %1 too", "另有一行的标识也是%1"
	case "totals-code":
		return "joined by the code %1", "按代码%1关联"
	case "totals-name":
		return "joined by the name %1", "按名称“%1”关联"
	case "totals-now":
		return "%1 of %2 is %3 today", "%2年的%1即今%3"
	case "totals-merged":
		return "figures of several divisions of then are summed: %1", "合计了当时的多个单位：%1"
	case "totals-split":
		return "%1 has been divided since (%2); its figures are not shared out", "%1后来拆分（今%2），数值不作分摊"
	case "totals-rate":
		return "%1 of several divisions cannot be summed", "多个单位的%1不能相加"
	case "totals-gap":
		return "%1 is empty in one of the rows, so there is no sum", "有一行缺少%1，无法合计"
	case "totals-missing":
		return "the table does not have %1, of which at least a part belongs to it today, so the figures may be too low", "表中缺少今已并入或部分并入的%1，合计可能偏低"
	case "no-outline":
		return "no outline is known for %1; its seat is shown", "没有%1的轮廓，以驻地代之"
	case "totals-unknown":
		return "no division is known by %1", "找不到行政区划：%1"
	case "totals-twice":
		return "%1 stands twice for one year, with other figures; nothing says which are right", "%1同一年出现两次且数值不同，无法判断取哪一行"
	}
	return "", ""
}
