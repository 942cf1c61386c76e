package gazetteer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// simple is text in the forms that the lexicon has: characters of half width, composed,
// simplified; no control characters, and no spaces between Chinese characters.
func simple(s string) string {
	s = norm.NFC.String(width.Fold.String(s))
	var b strings.Builder
	b.Grow(len(s))
	var last rune
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			continue
		}
		if space && b.Len() > 0 && !(unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, r)) {
			b.WriteByte(' ')
		}
		if plain, ok := simplified[r]; ok {
			r = plain
		}
		b.WriteRune(r)
		last, space = r, false
	}
	return b.String()
}

func isHan(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}

// decomposed is text with the marks apart from their letters.
func decomposed(s string) string { return norm.NFD.String(s) }

// simplified are the traditional characters of place names and of trades.
var simplified = pairs("東东 廣广 江江 蘇苏 寧宁 遼辽 陝陕 西西 貴贵 雲云 龍龙 慶庆 漢汉 陽阳 陰阴 蘭兰 濟济 瀋沈 長长 連连 營营 濱滨 臺台 灣湾 門门 馬马 鳳凤 鎮镇 鄉乡 縣县 區区 " +
	"莊庄 興兴 豐丰 順顺 懷怀 徳德 樂乐 義义 溫温 麗丽 衢衢 紹绍 興兴 諸诸 暨暨 嶺岭 臨临 餘余 蕭萧 嘉嘉 鹽盐 銅铜 蕪芜 開开 鄭郑 許许 滄沧 邢邢 張张 薊蓟 塘塘 沽沽 汾汾 運运 " +
	"晉晋 呂吕 爾尔 齊齐 鶴鹤 雞鸡 佳佳 綏绥 慶庆 湯汤 淨净 潔洁 澤泽 濰潍 煙烟 棗枣 聊聊 萊莱 蕪芜 萬万 達达 內内 資资 樂乐 綿绵 瀘泸 遂遂 廣广 攀攀 遵遵 義义 畢毕 節节 銅铜 " +
	"昭昭 騰腾 衝冲 瑞瑞 麗丽 拉拉 薩萨 喀喀 則则 漢汉 鹹咸 鄂鄂 黃黄 岡冈 恩恩 潛潜 僊仙 襄襄 樊樊 荊荆 門门 孝孝 應应 鍾钟 漣涟 岳岳 郴郴 婁娄 懷怀 瀏浏 醴醴 贛赣 撫抚 饒饶 " +
	"萍萍 鷹鹰 潭潭 景景 德德 莆莆 巖岩 晉晋 廈厦 泉泉 漳漳 龍龙 南南 寧宁 惠惠 揭揭 陽阳 雲云 浮浮 肇肇 韶韶 關关 梅梅 汕汕 頭头 潮潮 欽钦 貴贵 賓宾 賀贺 梧梧 瓊琼 儋儋 澳澳 " +
	"國国 業业 產产 園园 術术 經经 濟济 電电 機机 車车 紡纺 織织 絲丝 綢绸 裝装 醫医 藥药 鋼钢 鐵铁 銀银 錫锡 鋁铝 環环 節节 發发 級级 創创 韓韩 單单 衛卫 島岛 橋桥 樓楼 壇坛 壽寿 " +
	"懋懋 滙汇 匯汇 灘滩 溝沟 灤滦 淶涞 盧卢 廬庐 祿禄 錄录 羅罗 鑼锣 蠡蠡 闊阔 嶧峄 鄒邹 滕滕 鄆郓 鄄鄄 單单 縉缙 雲云 嵊嵊 泗泗 奉奉 賢贤 寶宝 閔闵 陸陆 錦锦 樑梁 朔朔 " +
	"蘆芦 葉叶 實实 廟庙 廠厂 歷历 曆历 幾几 時时 會会 後后 穀谷 裡里 裏里 隴陇 涇泾 渭渭 韋韦 闐阗 輪轮 臺台 庫库 車车 葉叶 準准 烏乌 魯鲁 齊齐 欒栾 澠渑 魯鲁 輝辉 獲获 衛卫 " +
	"儀仪 徵征 鎮镇 揚扬 儀仪 溧溧 啟启 東东 無无 錫锡 崑昆 吳吴 錢钱 慈慈 谿溪 龍龙 遊游 樹树 雙双 鴨鸭 農农 場场 堯尧 膠胶 榮荣 諸诸 壽寿 棲栖 牟牟 乳乳 滎荥 鞏巩 偃偃 師师 " +
	"網网 紙纸 鞋鞋 傢家 俱具 燈灯 飾饰 陶陶 製制 造造 備备 玻玻 築筑 導导 體体 軟软 訊讯 數数 據据 鏈链 鎖锁 質质 檢检 測测 應应 動动 氫氢 風风 纖纤 維维 針针 襪袜 絨绒 綉绣 繡绣")

func pairs(s string) map[rune]rune {
	m := make(map[rune]rune)
	for pair := range strings.FieldsSeq(s) {
		r := []rune(pair)
		if r[0] != r[1] {
			m[r[0]] = r[1]
		}
	}
	return m
}
