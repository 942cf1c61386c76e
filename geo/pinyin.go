package geo

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// placeReadings are readings in names of places that differ from the first one
// of the dictionary: a text, then a syllable for each of its characters. A
// longer text goes before a shorter one. A single character is what it mostly
// is in names of places. The readings are those of the Dictionary of Modern
// Chinese (《现代汉语词典》, 7th edition) and, for divisions, of the Ministry of
// Civil Affairs' List of Administrative Divisions (《行政区划简册》).
const placeReadings = `
长 chang|长子县 zhang zi xian|长孙 zhang sun|长老 zhang lao|市长 shi zhang|镇长 zhen zhang|村长 cun zhang|校长 xiao zhang|成长 cheng zhang
都 du|佛 fo|藏 zang|什 shi|勒 le|圳 zhen|厦 xia|大厦 da sha|广厦 guang sha|蚌 beng|珲 hun|陂 pi|沌 zhuan|混沌 hun dun
重庆 chong qing|重阳 chong yang|六安 lu an|六合 lu he|番禺 pan yu|乐清 yue qing|乐亭 lao ting|乐陵 lao ling|乐都 le du|民乐 min yue|音乐 yin yue
台州 tai zhou|天台 tian tai|厦门 xia men|亳州 bo zhou|涡阳 guo yang|莘县 shen xian|莘庄 xin zhuang|洪洞 hong tong|东莞 dong guan
单县 shan xian|枞阳 zong yang|歙县 she xian|黟县 yi xian|浚县 xun xian|泌阳 bi yang|中牟 zhong mu|牟平 mu ping|牟定 mou ding
郫 pi|犍为 qian wei|筠连 jun lian|邛崃 qiong lai|荥经 ying jing|荥阳 xing yang|大埔 da bu|黄埔 huang pu|东阿 dong e|曲阜 qu fu|丽水 li shui
嵊州 sheng zhou|鄞州 yin zhou|儋州 dan zhou|铅山 yan shan|婺源 wu yuan|井陉 jing xing|蔚县 yu xian|巨野 ju ye|朝阳 chao yang|任丘 ren qiu|任县 ren xian|任泽 ren ze|任城 ren cheng
藁城 gao cheng|会稽 kuai ji|会理 hui li|尉氏 wei shi|尉犁 yu li|宿州 su zhou|宿迁 su qian|宿松 su song|泷水 shuang shui|泷 long
东涌 dong chong|葵涌 kui chong|河涌 he chong|大涌 da yong|鲗鱼涌 ze yu chong|麻涌 ma chong|涌口 chong kou|沙涌 sha chong|涌尾 chong wei|石涌 shi chong|深涌 shen chong|涌边 chong bian
红寺堡 hong si bu|吴堡 wu bu|柴沟堡 chai gou bu|瓦窑堡 wa yao bu|十里堡 shi li pu|堡 bao|三十里堡 san shi li pu
宝坻 bao di|坻 di|闵行 min hang|太行 tai hang|银行 yin hang|五行 wu xing|繁峙 fan shi|伽师 jia shi|伽 jia|泊头 bo tou|梁山泊 liang shan po|茄子河 qie zi he|浪卡子 lang qia zi
覃塘 qin tang|崆峒 kong tong|峒 dong|龙圩 long xu|圩 xu|穆棱 mu ling|绥棱 sui ling|丹棱 dan ling|召陵 shao ling|南召 nan zhao|乌拉特 wu la te|察哈尔 cha ha er
曾 zeng|曾经 ceng jing|浦 pu|大城县 dai cheng xian|大夫 dai fu|洞 dong|济南 ji nan|济 ji|隰县 xi xian|隆尧 long yao|蠡县 li xian|涿 zhuo|滦 luan|盂县 yu xian
鄠邑 hu yi|栎阳 yue yang|吐鲁番 tu lu fan|吐蕃 tu bo|高句丽 gao gou li|丽江 li jiang|车臣 che chen|夏河 xia he|华山 hua shan|华阴 hua yin|华县 hua xian|汤阴 tang yin|漯河 luo he|漯 luo
解州 xie zhou|解池 xie chi|万俟 mo qi|令狐 ling hu|尉迟 yu chi|单于 chan yu|盱眙 xu yi|睢 sui|郯城 tan cheng|邗 han|甪直 lu zhi|甪 lu|浒墅关 xu shu guan|浒 hu|浒浦 hu pu
厝 cuo|坜 li|埗 bu|深水埗 shen shui bu|埭 dai|碚 bei|涪 fu|綦 qi|潼 tong|瀍 chan|郾 yan|鄢 yan|偃 yan|砀 dang|濉 sui|颍 ying|阚 kan|滁 chu|巢 chao
六枝 liu zhi|贲 ben|柞水 zha shui|柏 bai|纪 ji|冠 guan|冠军 guan jun|冠县 guan xian|盖州 gai zhou|盖 gai|朝鲜 chao xian|朝 chao|行唐 xing tang
阜 fu|哈密 ha mi|巴音郭楞 ba yin guo leng|克什克腾 ke shi ke teng|石嘴山 shi zui shan|氏 shi|月氏 yue zhi|阏氏 yan zhi|龟兹 qiu ci|龟 gui|大宛 da yuan|宛 wan
叶 ye|叶县 ye xian|虹 hong|缙云 jin yun|衢 qu|瓯 ou|鳌江 ao jiang|龙港 long gang|岙 ao|漳 zhang|莆 pu|涵 han|溪 xi|率 shuai|呈贡 cheng gong|勐 meng|傣 dai|佤 wa|洱 er
咀 zui|调风 tiao feng|调楼 tiao lou|重兴 chong xing|重龙 chong long|重固 chong gu
拓 tuo|东风 dong feng|泥 ni|溧 li|硚 qiao|硚口 qiao kou|蔡甸 cai dian|汈 diao|黄陂 huang pi|陂头 bei tou|横陂 heng pi|射洪 she hong|射阳 she yang|省 sheng|晟 sheng|盛 sheng
调兵山 diao bing shan|合 he|合川 he chuan|区 qu|仇 qiu|仇恨 chou hen|查干 cha gan|查 cha|种 zhong|种植 zhong zhi|曲 qu|歌曲 ge qu|戏曲 xi qu|夹江 jia jiang|夹 jia
沈 shen|沈阳 shen yang|葛 ge|石家庄 shi jia zhuang|强 qiang|称多 chen duo|称 cheng|囊谦 nang qian
牟 mu|颉 jie|邯 han|郸 dan|卡 ka|关卡 guan qia|似 si|吾 wu|洛 luo|峪 yu|嘉峪关 jia yu guan|峄 yi|兖 yan|郓 yun|鄄 juan|莒 ju|莱 lai|芜湖 wu hu|繁昌 fan chang|无为 wu wei|当涂 dang tu|含山 han shan
`

// readings tells the syllables of Chinese texts, without tones. It is not for
// concurrent use.
type readings struct {
	places  map[string][]string
	longest int // characters of a text in places
	chars   map[rune]string
	args    pinyin.Args
}

func newReadings() *readings {
	r := &readings{places: make(map[string][]string), chars: make(map[rune]string), args: pinyin.NewArgs()}
	for _, entry := range strings.FieldsFunc(placeReadings, func(c rune) bool { return c == '|' || c == '\n' }) {
		parts := strings.Fields(entry)
		r.places[parts[0]] = parts[1:]
		r.longest = max(r.longest, len(parts)-1)
	}
	return r
}

// of appends a syllable for each character; "" where a character has none.
func (r *readings) of(text []rune, out []string) []string {
next:
	for i := 0; i < len(text); {
		for n := min(r.longest, len(text)-i); n > 0; n-- {
			if syllables, ok := r.places[string(text[i:i+n])]; ok {
				out = append(out, syllables...)
				i += n
				continue next
			}
		}
		out = append(out, r.char(text[i]))
		i++
	}
	return out
}

// char is the dictionary's first reading; ü is u, as in an address without marks.
func (r *readings) char(c rune) string {
	if s, ok := r.chars[c]; ok {
		return s
	}
	s := ""
	if found := pinyin.SinglePinyin(c, r.args); len(found) > 0 && unicode.Is(unicode.Han, c) {
		s = plainSyllable(found[0])
	}
	r.chars[c] = s
	return s
}

// plainSyllable writes the ü of lü and nü, which keyboards give as v, as u.
func plainSyllable(s string) string {
	if strings.HasPrefix(s, "lv") || strings.HasPrefix(s, "nv") {
		return s[:1] + "u" + s[2:]
	}
	return s
}

// Pinyin returns a function that gives a syllable, without tones, for each
// character of a Chinese text, "" where a character has none. Names of places are
// read as people there read them. The function is not for concurrent use.
func Pinyin() func(text string) []string {
	r := newReadings()
	return func(text string) []string { return r.of([]rune(text), nil) }
}
