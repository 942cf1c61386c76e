package gazetteer

import "strings"

// Reason says one thing about why a place was found, or why not. Its words are made from
// a code and arguments, so that they can be told in two languages.
type Reason struct {
	Code string
	Args []string
}

// reasons are the words of the codes, English and Chinese. $1, $2 … are the arguments.
var reasons = map[string][2]string{
	"code":              {"the code $1 is $2", "代码 $1 为$2"},
	"code-bare":         {"the digits $1 stand where a name should, and are taken for a code of a division, not of the post", "地点处仅有数字 $1，按区划代码而非邮政编码理解"},
	"code-former":       {"the code $1 of $2 is $3 today", "代码 $1（$2）今为$3"},
	"code-disagrees":    {"the code is $1, the text says $2", "代码为$1，而文字写作$2"},
	"name-full":         {"named in full: $1", "全称：$1"},
	"name-short":        {"$1 is short for $2", "“$1”为$2的简称"},
	"name-former":       {"$1 was the name of $2 until $3", "“$1”是$2（$3年前）的旧称"},
	"name-alias":        {"$1 is another name of $2", "“$1”是$2的别称"},
	"name-inside":       {"$1 lies in $2", "“$1”位于$2"},
	"name-letters":      {"$1 is $2 in letters", "“$1”是$2的拼音或英文"},
	"name-kind":         {"written as $1, is $2", "写作“$1”，现为$2"},
	"several":           {"$1 stands for $2 places", "“$1”指 $2 个地方"},
	"within":            {"lies in $1, as the text says", "位于$1，与文字一致"},
	"column":            {"lies in $1, as the column says", "位于$1，与所在列一致"},
	"column-disagrees":  {"does not lie in $1, which the column says", "不在所在列所写的$1"},
	"moved":             {"the text puts $1 elsewhere, today it is $2", "文字所写$1的隶属与今不同，今为$2"},
	"column-narrower":   {"the text says what holds $1, which the column says", "文字所写为$1的上级，以所在列为准"},
	"place-unread":      {"the place says $1, which is not known here; the column is taken", "地点写作“$1”，未能识别，取所在列"},
	"rest-elsewhere":    {"what follows, $1, begins with the name of a place elsewhere", "其后“$1”以别处地名开头"},
	"initial-unknown":   {"$1 stands among the initials and is no city known here", "简称中的“$1”不是已知城市"},
	"only":              {"no other place has that name", "无同名之地"},
	"preferred":         {"$1 of the same name are less likely: $2", "另有同名 $1 处，可能性较小：$2"},
	"bare":              {"a short name that is common, with nothing that says where it lies", "简称较常见，且无他处可证其所在"},
	"ambiguous":         {"$1 places have that name: $2", "有 $1 处同名：$2"},
	"unlikely":          {"the same name, less likely", "同名，可能性较小"},
	"same-name":         {"the same name, as likely", "同名，可能性相当"},
	"zone-known":        {"a zone of $1", "$1的园区"},
	"zone-host":         {"a zone; it is shown at the seat of $1, which its name says", "园区，示于其名称所指的$1驻地"},
	"zone-near":         {"a zone; it is shown near $1, which its name says", "园区，示于其名称所指的$1约略位置"},
	"zone-by-name":      {"the name says that it is a zone", "名称表明其为园区"},
	"town-unknown":      {"$1 is not among the towns of today; it is shown at the seat of $2", "今日乡镇名录中无“$1”，示于$2驻地"},
	"seat-host":         {"no record of its seat; it is shown at that of $1", "其驻地无记录，示于$1驻地"},
	"seat-approximate":  {"no record of its seat; it is shown amid its towns", "其驻地无记录，示于所辖乡镇居中处"},
	"seat-near":         {"no record of its seat; it is shown near that of $1", "其驻地无记录，示于$1约略位置"},
	"host-approximate":  {"no record of the seat of $1; the point is amid its towns", "$1驻地无记录，点位取其所辖乡镇居中处"},
	"point-approximate": {"the point of $1 is approximate", "$1的点位为约略"},
	"name-column":       {"found in the name, for there is no place", "地点栏为空，取自名称"},
	"skipped":           {"$1 stands before it and is no place known here", "其前“$1”不是已知地名"},
	"rest":              {"what follows, $1, is no place and no trade known here", "其后“$1”既非已知地名，也非已知行业"},
	"no-place":          {"names no place that is known here", "未提到已知地名"},
	"empty":             {"there is no text that could name a place", "没有可提示地点的文字"},
	"abroad":            {"names a place outside of China: $1", "所写地点在中国以外：$1"},
	"column-unknown":    {"the column says $1, which is no division known here", "所在列写作“$1”，不是已知区划"},
	"near-agrees":       {"$1 km from the coordinates of the row", "距该行坐标 $1 千米"},
	"near-disagrees":    {"$1 km from the coordinates of the row, too far", "距该行坐标 $1 千米，过远"},
	"several-confident": {"the least certain of $1 places", "$1 处之中最不确定者"},
}

// Text is the reason in words, English or, for "zh", Chinese.
func (r Reason) Text(lang string) string {
	words, ok := reasons[r.Code]
	if !ok {
		return r.Code
	}
	text := words[0]
	if lang == "zh" {
		text = words[1]
	}
	for i, arg := range r.Args {
		text = strings.ReplaceAll(text, "$"+string(rune('1'+i)), arg)
	}
	return text
}

func because(code string, args ...string) Reason { return Reason{code, args} }
