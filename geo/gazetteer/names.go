package gazetteer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// How a name speaks of a unit.
type way uint8

const (
	inFull   way = iota // 吴江区
	former              // 吴江市, which it was
	otherly             // 顺德市: an alias
	inShort             // 吴江
	formerly            // 通州, short for what was 通州市
	byLetter            // Wujiang
)

// certainty is how sure a name alone is, where no other unit has it.
func (w way) certainty() float64 {
	return [...]float64{inFull: 0.98, former: 0.95, otherly: 0.95, inShort: 0.93, formerly: 0.85, byLetter: 0.85}[w]
}

// weight is how likely a writer means a unit of the level rather than another of the same
// name: who writes a bare 中山 means the city and hardly one of the towns.
func (w way) weight(level string) float64 {
	short := map[string]float64{Province: 1, Prefecture: 1, County: 0.3, Town: 0.02, Zone: 0.5}
	switch w {
	case inFull:
		return map[string]float64{Province: 1, Prefecture: 1, County: 1, Town: 0.4, Zone: 1}[level]
	case former, otherly:
		return map[string]float64{Province: 1, Prefecture: 0.8, County: 0.6, Town: 0.2, Zone: 1}[level]
	case formerly:
		return short[level] / 4
	}
	return short[level]
}

// sense is one meaning of a name: a unit, or several at once.
type sense struct {
	units []*Unit
	how   way
	until int // of a former name
}

// lexicon is all names with their senses. Names of Chinese characters are written as in
// text, others in small letters without spaces.
type lexicon struct {
	senses map[string][]sense
	begins map[[2]rune]int // the most characters of a name that begins so
	letter map[rune][]*Unit
	trades map[string]bool // words of trades, which are no towns
}

func (g *Gazetteer) makeLexicon(trades []string) *lexicon {
	x := &lexicon{senses: make(map[string][]sense, 1<<17), begins: make(map[[2]rune]int, 1<<16), letter: make(map[rune][]*Unit), trades: make(map[string]bool)}
	for _, word := range trades {
		x.trades[word] = true
	}
	for _, u := range g.units {
		if generic(u.NameZH) {
			continue
		}
		one := []*Unit{u}
		x.add(u.NameZH, sense{one, inFull, 0})
		if short := Stem(u.NameZH); short != u.NameZH && utf8.RuneCountInString(short) > 1 && !(u.Level == Town && x.trades[short]) {
			x.add(short, sense{one, inShort, 0})
		}
		if u.Level != Zone {
			x.addLetters(u, one)
		}
	}
	for _, f := range g.former {
		units, _ := g.Now(f.Code, f.Name, f.Until-1)
		if len(units) != 1 || units[0].NameZH == f.Name {
			continue
		}
		x.add(f.Name, sense{units, former, f.Until})
		if short := Stem(f.Name); short != f.Name && utf8.RuneCountInString(short) > 1 && short != Stem(units[0].NameZH) {
			x.add(short, sense{units, formerly, f.Until})
		}
	}
	for _, a := range g.aliases {
		switch name := simple(a.Name); {
		case utf8.RuneCountInString(name) == 1:
			r, _ := utf8.DecodeRuneInString(name)
			x.letter[r] = a.Units
		case isHan(name):
			x.add(name, sense{a.Units, otherly, 0})
		default:
			x.add(letters(name), sense{a.Units, otherly, 0})
		}
	}
	return x
}

func (x *lexicon) addLetters(u *Unit, one []*Unit) {
	for _, name := range []string{letters(u.NameEN), u.Pinyin} {
		if len(name) > 1 {
			x.add(name, sense{one, byLetter, 0})
		}
	}
	if full := u.Pinyin + soundOfKind(u.NameZH); u.Pinyin != "" && full != u.Pinyin {
		x.add(full, sense{one, byLetter, 0})
	}
}

func (x *lexicon) add(name string, s sense) {
	if name == "" || slices.ContainsFunc(x.senses[name], func(o sense) bool { return slices.Equal(o.units, s.units) }) {
		return
	}
	x.senses[name] = append(x.senses[name], s)
	if first, n := beginning(name), utf8.RuneCountInString(name); n > x.begins[first] {
		x.begins[first] = n
	}
}

// tradeWord reports whether a text has a word for a trade.
func (x *lexicon) tradeWord(text string) bool {
	s := []rune(text)
	const longest = 12
	for i := range s {
		for n := 2; n <= min(longest, len(s)-i); n++ {
			if x.trades[string(s[i:i+n])] {
				return true
			}
		}
	}
	return strings.Contains(text, "产业") || strings.Contains(text, "集群")
}

func beginning(name string) [2]rune {
	a, n := utf8.DecodeRuneInString(name)
	b, _ := utf8.DecodeRuneInString(name[n:])
	return [2]rune{a, b}
}

// kinds end the names of units, the longest first.
var kinds = []string{"街道办事处", "特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "民族自治县", "自治区", "自治州", "自治县", "自治旗", "民族乡", "民族镇", "街道", "地区", "林区", "特区", "新区", "矿区",
	"镇", "乡", "省", "市", "区", "县", "旗", "盟"}

var kindSounds = map[string]string{"省": "sheng", "市": "shi", "区": "qu", "县": "xian", "镇": "zhen", "乡": "xiang", "街道": "jiedao", "新区": "xinqu"}

func soundOfKind(name string) string {
	for _, k := range kinds {
		if strings.HasSuffix(name, k) {
			return kindSounds[k]
		}
	}
	return ""
}

// peoples are those whose names stand in the names of autonomous units.
var peoples = strings.Fields("维吾尔族 哈萨克族 柯尔克孜族 塔吉克族 乌孜别克族 鄂伦春族 达斡尔族 鄂温克族 保安族 东乡族 撒拉族 布依族 土家族 哈尼族 傈僳族 拉祜族 景颇族 布朗族 阿昌族 普米族 " +
	"怒族 独龙族 德昂族 基诺族 仡佬族 毛南族 仫佬族 俄罗斯族 塔塔尔族 锡伯族 裕固族 纳西族 朝鲜族 蒙古族 高山族 赫哲族 门巴族 珞巴族 水族 羌族 土族 畲族 黎族 傣族 佤族 京族 侗族 瑶族 白族 苗族 " +
	"彝族 壮族 藏族 满族 回族 维吾尔 哈萨克 柯尔克孜 塔吉克 达斡尔 鄂温克 鄂伦春 蒙古 各族")

// Stem is the name of a unit without its kind and the peoples it is named for: 吴江区 is
// 吴江, 大厂回族自治县 is 大厂.
func Stem(name string) string {
	short := name
	for _, k := range kinds {
		if rest, ok := strings.CutSuffix(name, k); ok && rest != "" {
			short = rest
			break
		}
	}
	if !strings.Contains(name, "自治") && !strings.HasSuffix(name, "族乡") && !strings.HasSuffix(name, "族镇") {
		return short
	}
	for again := true; again; {
		again = false
		for _, p := range peoples {
			if rest, ok := strings.CutSuffix(short, p); ok && rest != "" {
				short, again = rest, true
				break
			}
		}
	}
	return short
}

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

// letters are the letters of a text, small, without marks.
func letters(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if unicode.IsLetter(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

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
