package gazetteer

import (
	"strings"
	"unicode/utf8"
)

// countries are names of states and places abroad that stand in tables beside places of
// China. A text that begins with one names no place of China, whatever follows:
// 越南平阳 is not 平阳.
var countries = strings.Fields("美国 日本 韩国 朝鲜 越南 泰国 老挝 缅甸 柬埔寨 菲律宾 马来西亚 新加坡 印度尼西亚 印尼 文莱 东帝汶 印度 巴基斯坦 孟加拉国 孟加拉 斯里兰卡 尼泊尔 不丹 阿富汗 伊朗 伊拉克 土耳其 沙特 沙特阿拉伯 阿联酋 以色列 约旦 科威特 卡塔尔 " +
	"蒙古国 哈萨克斯坦 乌兹别克斯坦 吉尔吉斯斯坦 塔吉克斯坦 土库曼斯坦 俄罗斯 乌克兰 白俄罗斯 波兰 捷克 匈牙利 罗马尼亚 塞尔维亚 德国 法国 英国 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 奥地利 瑞典 挪威 芬兰 丹麦 冰岛 爱尔兰 希腊 " +
	"加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 哥伦比亚 古巴 澳大利亚 新西兰 埃及 南非 尼日利亚 埃塞俄比亚 肯尼亚 坦桑尼亚 赞比亚 摩洛哥 阿尔及利亚 境外 海外 国外")

var countriesEN = strings.Fields("usa us japan korea southkorea vietnam thailand laos myanmar cambodia philippines malaysia singapore indonesia india pakistan bangladesh iran turkey israel mongolia kazakhstan russia ukraine poland germany france uk england italy spain portugal netherlands switzerland austria sweden canada mexico brazil argentina chile australia newzealand egypt southafrica nigeria ethiopia kenya")

// abroad reports whether a text names a country other than China: at its beginning, or
// alone between commas in letters.
func abroad(text string) (country string, ok bool) {
	if !isHan(text) {
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;/|", r) }) {
			name := letters(part)
			for _, c := range countriesEN {
				if name == c {
					return strings.TrimSpace(part), true
				}
			}
		}
		return "", false
	}
	for _, c := range countries {
		rest, found := strings.CutPrefix(text, c)
		if next, _ := utf8.DecodeRuneInString(rest); found && !strings.ContainsRune("镇乡街路", next) { // 巴西镇 is in 四川
			return c, true
		}
	}
	return "", false
}
