package gazetteer_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"clustermap/geo/gazetteer"
)

// What people write, and what it means. Where the text alone does not decide, the
// confidence has to be low.
func TestMatch(t *testing.T) {
	g := read(t)
	for _, c := range []struct {
		province, place, want string // want: level and name of each place
		least, most           float64
	}{
		// the division tree
		{"", "浙江省嘉兴市海宁市许村镇家纺产业集群", "town 海宁市许村镇", 0.95, 1},
		{"", "浙江省义乌市大陈镇", "town 义乌市大陈镇", 0.95, 1},
		{"", "广东-佛山-南海-西樵", "town 南海区西樵镇", 0.9, 1},
		{"", "江苏省苏州市吴江盛泽镇", "town 吴江区盛泽镇", 0.95, 1},
		{"", "重庆市市辖区涪陵区", "county 涪陵区", 0.95, 1},
		{"", "海南省省直辖县级行政区划文昌市", "county 文昌市", 0.95, 1},
		{"", "新疆生产建设兵团石河子市", "county 石河子市", 0.95, 1},
		{"", "吉林吉林", "prefecture 吉林市", 0.9, 1},
		{"", "济南市中区", "county 市中区", 0.95, 1},
		{"", "宁波镇海区", "county 镇海区", 0.95, 1},
		// names without their kind, with another kind, of before
		{"", "顺德区", "county 顺德区", 0.95, 1},
		{"", "顺德市", "county 顺德区", 0.9, 1},
		{"", "顺德", "county 顺德区", 0.8, 0.95},
		{"", "吴江市", "county 吴江区", 0.9, 1},
		{"", "绍兴县钱清镇", "town 柯桥区钱清街道", 0.8, 1},
		{"", "襄樊", "prefecture 襄阳市", 0.8, 0.95},
		{"", "莱芜市", "county 莱芜区", 0.8, 1},
		{"", "思茅市", "prefecture 普洱市", 0.8, 1},
		{"", "巢湖市", "county 巢湖市", 0.9, 1},
		{"", "内蒙古鄂尔多斯", "prefecture 鄂尔多斯市", 0.9, 1},
		{"", "恩施州", "prefecture 恩施土家族苗族自治州", 0.9, 1},
		{"", "诸暨市大唐镇", "town 诸暨市大唐街道", 0.8, 1},
		// many have the name
		{"", "鼓楼区", "county 鼓楼区", 0, 0.3},
		{"福建省", "鼓楼区", "county 鼓楼区", 0.95, 1},
		{"", "朝阳", "prefecture 朝阳市", 0, 0.59},
		{"北京市", "朝阳", "county 朝阳区", 0.9, 1},
		{"", "和平", "county 和平县", 0, 0.5},
		{"", "新城", "county 新城区", 0, 0.3},
		{"广东省", "城区", "county 城区", 0.95, 1},
		{"河北省", "大城", "county 大城县", 0.9, 1},
		{"", "桥头", "town 易县桥头乡", 0, 0.1},
		{"", "东莞桥头", "town 东莞市桥头镇", 0.9, 1},
		{"", "虎门", "town 东莞市虎门镇", 0.6, 0.79},
		{"广东省", "虎门", "town 东莞市虎门镇", 0.8, 0.95},
		// letters, other characters, spaces
		{"", "Shunde District, Foshan City, Guangdong Province", "county 顺德区", 0.9, 1},
		{"", "Guangdong Foshan Nanhai", "county 南海区", 0.9, 1},
		{"", "Yiwu City", "county 义乌市", 0.8, 0.95},
		{"", "guangdongsheng foshanshi", "prefecture 佛山市", 0.9, 1},
		{"", "Tianjin TEDA", "zone 天津经济技术开发区", 0.9, 1},
		{"", "廣東省佛山市順德區", "county 顺德区", 0.95, 1},
		{"", "　佛 山 市　南 海 区 ", "county 南海区", 0.95, 1},
		// several
		{"", "南通市、泰州市、扬州市海工装备", "prefecture 南通市,prefecture 泰州市,prefecture 扬州市", 0.9, 1},
		{"", "深广高佛莞智能装备", "prefecture 深圳市,prefecture 广州市,prefecture 佛山市,prefecture 东莞市", 0.6, 0.9},
		{"", "武襄十随汽车产业集群", "prefecture 武汉市,prefecture 襄阳市,prefecture 十堰市,prefecture 随州市", 0.8, 0.96},
		{"", "广州深圳高端医疗器械", "prefecture 广州市,prefecture 深圳市", 0.6, 0.9},
		{"", "成（都）德（阳）高端能源装备", "prefecture 成都市,prefecture 德阳市", 0.6, 0.9},
		{"", "长株潭地区", "prefecture 长沙市,prefecture 株洲市,prefecture 湘潭市", 0.9, 1},
		{"", "佛山市、南海区", "county 南海区", 0.9, 1},
		{"", "鄂东（英山、黄梅）", "county 英山县,county 黄梅县", 0.8, 1},
		// zones
		{"", "昆山高新区", "zone 昆山高新技术产业开发区", 0.9, 1},
		{"", "烟台市国家级经开区", "zone 烟台经济技术开发区", 0.9, 1},
		{"", "苏州工业园区", "zone 苏州工业园区", 0.9, 1},
		{"", "泰达", "zone 天津经济技术开发区", 0.9, 1},
		{"", "东营港经开区", "zone 东营港经济开发区", 0.9, 1},
		{"", "国家高新技术产业开发区（合肥）", "zone 合肥高新技术产业开发区", 0.8, 1},
		{"", "洛阳市洛龙区物流产业园", "zone 洛龙区", 0.8, 1},
		{"", "无锡高新区", "zone 无锡高新技术产业开发区", 0.9, 1},
		{"", "中国（浙江）自由贸易试验区", "zone 浙江省", 0.6, 1},
		{"", "高新区", "", 0, 0},
		{"江苏省", "新区", "province 江苏省", 0, 0.5},
		{"", "Suzhou Industrial Park", "zone 苏州工业园区", 0.9, 1},
		{"", "Kunshan High-tech Zone", "zone 昆山高新技术产业开发区", 0.85, 0.95},
		{"", "Chengdu Hi-tech Zone", "zone 成都高新技术产业开发区", 0.85, 0.95},
		{"", "Tianjin Economic-Technological Development Area", "zone 天津经济技术开发区", 0.85, 0.95},
		{"", "Chengdu Economic and Technological Development Zone, Sichuan", "zone 成都经济技术开发区", 0.85, 0.97},
		{"", "Ningbo Bonded Zone", "zone 宁波保税区", 0.85, 0.95},
		{"", "Guangzhou Bay Area", "prefecture 广州市", 0.8, 0.9},
		{"", "Wuhan East Lake High-tech Development Zone", "zone 武汉市", 0.8, 0.9},
		{"", "天津经济技术开发区", "zone 天津经济技术开发区", 0.97, 1},
		{"天津市", "天津经济技术开发区", "zone 天津经济技术开发区", 0.97, 1},
		// brackets say more, or where, or a trade
		{"", "广东省（东莞市）", "prefecture 东莞市", 0.95, 1},
		{"", "广东(东莞)", "prefecture 东莞市", 0.95, 1},
		{"", "佛山（顺德）", "county 顺德区", 0.9, 1},
		{"", "浙江海宁（许村）", "town 海宁市许村镇", 0.9, 1},
		{"", "江苏省（苏州市、无锡市）", "prefecture 苏州市,prefecture 无锡市", 0.95, 1},
		{"", "东莞（虎门、厚街）", "town 东莞市虎门镇,town 东莞市厚街镇", 0.85, 1},
		{"", "苏州（昆山、太仓）电子信息产业集群", "county 昆山市,county 太仓市", 0.9, 1},
		{"", "浙江（义乌）小商品", "county 义乌市", 0.9, 1},
		{"", "鼓楼区（南京）", "county 鼓楼区", 0.95, 1},
		{"", "朝阳区（长春市）", "county 朝阳区", 0.95, 1},
		{"", "许村家纺（海宁）", "town 海宁市许村镇", 0.8, 1},
		{"", "孝感市（高新区、汉川）", "prefecture 孝感市", 0.95, 1},
		{"", "太原经济技术开发区（山西转型综改示范区太原区域）", "zone 太原经济技术开发区", 0.95, 1},
		{"", "佛山（陶瓷）", "prefecture 佛山市", 0.9, 1},
		{"", "江苏省（纺织、服装）", "province 江苏省", 0.9, 1},
		// companies are named for cities and words that they need not lie in
		{"", "大众汽车(安徽)有限公司", "province 安徽省", 0.6, 0.79},
		{"", "北京现代沧州工厂", "province 北京市", 0, 0.59},
		{"", "南京大学苏州校区", "prefecture 南京市", 0, 0.59},
		{"", "东方电气", "county 东方市", 0, 0.59},
		{"", "矿区", "county 矿区", 0, 0.5},
		{"", "清河区", "county 清河区", 0, 0.59},
		{"", "山东半岛", "province 山东省", 0, 0.79},
		{"", "两湖", "province 湖北省,province 湖南省", 0.8, 1},
		// names of before, and codes
		{"", "吴县", "county 吴中区,county 相城区", 0.8, 1},
		{"", "万县市", "county 万州区", 0.8, 1},
		{"", "中甸县", "county 香格里拉市", 0.8, 1},
		{"", "伊克昭盟", "prefecture 鄂尔多斯市", 0.8, 1},
		{"", "330481", "county 海宁市", 0.8, 0.9},
		{"浙江省", "330481", "county 海宁市", 0.9, 1},
		{"", "330481 海宁", "county 海宁市", 0.9, 1},
		{"", "510000", "province 四川省", 0, 0.6}, // it is Guangzhou's for the post
		{"", "314400", "", 0, 0},
		// trades are no places
		{"", "桂林资源循环利用", "prefecture 桂林市", 0.6, 1},
		{"", "永兴县白银产业集群", "county 永兴县", 0.9, 1},
		{"", "大同新兴产业", "prefecture 大同市", 0.6, 1},
		{"", "吉安高新技术", "prefecture 吉安市", 0.6, 1},
		// not in China, or nowhere
		{"", "越南平阳", "", 0, 0},
		{"", "巴西镇", "town 若尔盖县巴西镇", 0.9, 1},
		{"", "Seoul, Korea", "", 0, 0},
		{"", "其他", "", 0, 0},
		{"", "全国", "", 0, 0},
		{"", "中国", "", 0, 0},
		{"", "—", "", 0, 0},
		{"", "", "", 0, 0},
		{"", "河南平阳", "province 河南省", 0, 0.59}, // 平阳 is in 浙江
		{"浙江省", "佛山市", "prefecture 佛山市", 0, 0.59},
		{"", "海门市无此镇", "town 海门区", 0.6, 0.9},
	} {
		r := g.Match(gazetteer.Query{Province: c.province, Place: c.place})
		if got := brief(r); got != c.want || r.Confidence < c.least || r.Confidence > c.most {
			t.Errorf("%q %q is %q, %.2f; want %q, %.2f to %.2f: %s", c.province, c.place, got, r.Confidence, c.want, c.least, c.most, words(r))
		}
	}
}

// brief names each place by its level and its name, of a town with that of its county.
func brief(r gazetteer.Result) string {
	var all []string
	for _, p := range r.Places {
		name := p.Unit.NameZH
		if p.Unit.Level == gazetteer.Town {
			name = p.Unit.Parent.NameZH + name
		}
		all = append(all, p.Level+" "+name)
	}
	return strings.Join(all, ",")
}

func words(r gazetteer.Result) string {
	var all []string
	for _, x := range r.Reasons {
		all = append(all, x.Text("en"))
	}
	return strings.Join(all, "; ")
}

// What a name is to a place is told as it is.
func TestMatchNames(t *testing.T) {
	g := read(t)
	for text, want := range map[string]string{
		"华强北":                    "华强北 lies in 广东省深圳市福田区",
		"叠石桥":                    "叠石桥 lies in 江苏省南通市海门区",
		"沙洲县":                    "沙洲县 was the name of 江苏省苏州市张家港市 until 1986",
		"Suzhou Industrial Park": "Suzhou Industrial Park is another name of",
		"鼓楼区（南京）":                "lies in 江苏省南京市, as the text says",
		"510000":                 "not of the post",
	} {
		if r := g.Match(gazetteer.Query{Place: text}); !strings.Contains(words(r), want) {
			t.Errorf("%s: %s; want %q", text, words(r), want)
		}
	}
	if r := g.Match(gazetteer.Query{Place: "叠石桥"}); r.Places[0].Precision != "host_seat" {
		t.Errorf("叠石桥 is said to be at a %s", r.Places[0].Precision)
	}
}

// The other columns say where to look, and stand in where the text says nothing.
func TestMatchColumns(t *testing.T) {
	g := read(t)
	for _, c := range []struct {
		name string
		q    gazetteer.Query
		want string
		sure bool
	}{
		{"prefecture", gazetteer.Query{Prefecture: "包头市", Place: "青山区"}, "county 青山区", true},
		{"zone of a prefecture", gazetteer.Query{Province: "四川省", Prefecture: "成都市", Place: "高新区"}, "zone 成都高新技术产业开发区", true},
		{"zone of a municipality", gazetteer.Query{Province: "天津市", Place: "经济技术开发区"}, "zone 天津经济技术开发区", true},
		{"county alone", gazetteer.Query{Province: "江苏省", Prefecture: "苏州市", County: "昆山市"}, "county 昆山市", true},
		{"text says less than the column", gazetteer.Query{Prefecture: "佛山市", Place: "广东"}, "prefecture 佛山市", true},
		{"text is unknown", gazetteer.Query{Prefecture: "佛山市", Place: "某某大厦"}, "prefecture 佛山市", false},
		{"only the province is known", gazetteer.Query{Province: "广东省", Place: "某某大厦"}, "province 广东省", false},
		{"name instead of place", gazetteer.Query{Name: "温州市乐清电气集群"}, "county 乐清市", true},
		{"name decides", gazetteer.Query{Place: "鼓楼区", Name: "福州市鼓楼区软件产业集群"}, "county 鼓楼区", false},
		{"name tells a zone", gazetteer.Query{Place: "盱眙", Name: "盱眙凹土科技产业园"}, "zone 盱眙县", true},
		{"code", gazetteer.Query{Code: "320583"}, "county 昆山市", true},
		{"code of then", gazetteer.Query{Code: "320584", Year: 2007}, "county 吴江区", true},
		{"code of a town", gazetteer.Query{Code: "441900121000"}, "town 东莞市虎门镇", true},
		{"code and a narrower text", gazetteer.Query{Code: "320509", Place: "盛泽镇"}, "town 吴江区盛泽镇", true},
		{"code and another text", gazetteer.Query{Code: "320509", Place: "佛山市"}, "county 吴江区", false},
		{"no code", gazetteer.Query{Code: "000000", Place: "佛山市"}, "prefecture 佛山市", true},
	} {
		r := g.Match(c.q)
		if got := brief(r); got != c.want || c.sure != (r.Confidence >= sureFrom) {
			t.Errorf("%s: %q, %.2f; want %q, sure %v: %s", c.name, got, r.Confidence, c.want, c.sure, words(r))
		}
	}
}

// A row with coordinates is put where it is by its text, and both are compared.
func TestMatchNear(t *testing.T) {
	g := read(t)
	fuzhou, _ := g.Unit("350100")
	r := g.Match(gazetteer.Query{Place: "鼓楼区", Near: &fuzhou.Point})
	if len(r.Places) != 1 || r.Places[0].Unit.Code != "350102" || r.Confidence < 0.8 {
		t.Errorf("鼓楼区 near Fuzhou is %q, %.2f", brief(r), r.Confidence)
	}
	r = g.Match(gazetteer.Query{Place: "昆山市", Near: &fuzhou.Point})
	if r.Confidence > 0.6 {
		t.Errorf("昆山市 near Fuzhou has confidence %.2f: %s", r.Confidence, words(r))
	}
}

// Spaces and characters of full width around a text change nothing.
func TestMatchIgnoresSpaces(t *testing.T) {
	g := read(t)
	for _, q := range texts(t) {
		want := g.Match(q)
		spaced := q
		spaced.Place = "　 " + q.Place + "\t\u200b"
		spaced.Province = " " + q.Province + "　"
		if got := g.Match(spaced); told(got) != told(want) || got.Confidence != want.Confidence {
			t.Errorf("%q is %s with spaces, %s without", q.Place, told(got), told(want))
		}
	}
	for _, text := range []string{"Foshan, Guangdong", "798艺术区", "昆山(高新区)"} {
		wide := strings.Map(func(r rune) rune {
			if r > 32 && r < 127 {
				return r + 0xfee0
			}
			return r
		}, text)
		if got, want := g.Match(gazetteer.Query{Place: wide}), g.Match(gazetteer.Query{Place: text}); told(got) != told(want) {
			t.Errorf("%s is %s, %s is %s", wide, told(got), text, told(want))
		}
	}
}

// That the right province is known changes no answer that was right without it, and makes
// none less certain.
func TestMatchWithItsProvince(t *testing.T) {
	g := read(t)
	compared := 0
	for i, u := range g.Units() {
		if u.Level == gazetteer.Province || u.Level == gazetteer.Town && i%5 > 0 {
			continue
		}
		top := u
		for top.Parent != nil {
			top = top.Parent
		}
		for _, text := range []string{u.NameZH, gazetteer.Stem(u.NameZH), u.Path(), u.Parent.NameZH + u.NameZH + "家具产业集群"} {
			without := g.Match(gazetteer.Query{Place: text})
			if len(without.Places) != 1 || without.Places[0].Unit != u {
				continue
			}
			compared++
			with := g.Match(gazetteer.Query{Place: text, Province: top.NameZH})
			if told(with) != told(without) || with.Confidence < without.Confidence {
				t.Errorf("%s is %s %.2f, in %s %s %.2f", text, told(without), without.Confidence, top.NameZH, told(with), with.Confidence)
			}
		}
	}
	if least := len(g.Units()) / 2; compared < least {
		t.Errorf("%d texts are right without their province, less than %d", compared, least)
	}
}

// Every division and town is found under its path, but for a few that have the name of
// another beside them.
func TestMatchFindsAll(t *testing.T) {
	g := read(t)
	missed, all := 0, 0
	for _, u := range g.Units() {
		if u.Level == gazetteer.Zone {
			continue
		}
		all++
		if r := g.Match(gazetteer.Query{Place: u.NameZH}); r.Why != "" && !strings.Contains(u.NameZH, "（") && !strings.Contains(u.NameZH, "直辖") {
			t.Errorf("%s alone is nothing, %s", u.NameZH, r.Why)
		}
		r := g.Match(gazetteer.Query{Place: u.Path()})
		if len(r.Places) == 1 && r.Places[0].Unit == u && r.Confidence >= sureFrom {
			continue
		}
		missed++
		if u.Level != gazetteer.Town {
			t.Errorf("%s is %s, %.2f: %s", u.Path(), told(r), r.Confidence, words(r))
		} else if missed < 20 {
			t.Logf("%s is %s, %.2f: %s", u.Path(), told(r), r.Confidence, words(r))
		}
	}
	if most := all / 200; missed > most {
		t.Errorf("%d of %d are missed, more than %d", missed, all, most)
	}
}

// check tells what no result may be.
func check(t *testing.T, q gazetteer.Query, r gazetteer.Result) {
	t.Helper()
	if r.Confidence < 0 || r.Confidence > 1 || math.IsNaN(r.Confidence) {
		t.Errorf("%+v: confidence %v", q, r.Confidence)
	}
	if (len(r.Places) == 0) != (r.Why != "") || len(r.Places) == 0 && r.Confidence != 0 || len(r.Reasons) == 0 || len(r.Alternatives) > 5 {
		t.Errorf("%+v: %d places, why %q, %.2f, %d reasons, %d alternatives", q, len(r.Places), r.Why, r.Confidence, len(r.Reasons), len(r.Alternatives))
	}
	for _, p := range r.Places {
		if p.Precision == "" || p.Point[0] < 73 || p.Point[0] > 136 || p.Point[1] < 3 || p.Point[1] > 54 {
			t.Errorf("%+v: %s at %v, %q", q, p.Unit.Path(), p.Point, p.Precision)
		}
	}
	for _, reason := range slices.Concat(r.Reasons, reasonsOf(r.Alternatives)) {
		for _, lang := range []string{"en", "zh"} {
			if text := reason.Text(lang); text == reason.Code || strings.Contains(text, "$") && !strings.Contains(fmt.Sprint(reason.Args), "$") {
				t.Errorf("%+v: reason %s in %s is %q", q, reason.Code, lang, text)
			}
		}
	}
}

func reasonsOf(all []gazetteer.Alternative) (reasons []gazetteer.Reason) {
	for _, a := range all {
		reasons = append(reasons, a.Reason)
	}
	return reasons
}

func TestMatchIsSound(t *testing.T) {
	g := read(t)
	for _, q := range texts(t) {
		check(t, q, g.Match(q))
	}
}

// A text without end is read no further than a place can be named.
func TestMatchLongTexts(t *testing.T) {
	g := read(t)
	for _, s := range []string{"县", "市中区", "a b ", "（", "city ", "佛山市、", "广东佛山", "高新区", "朝阳", "吉林"} {
		long := strings.Repeat(s, 1<<20/len(s))
		for _, q := range []gazetteer.Query{{Place: long}, {Name: long}, {Place: long, Name: long, Province: long, Prefecture: long, County: long, Code: long}} {
			check(t, gazetteer.Query{}, g.Match(q))
		}
	}
}

// Many may ask at once, the first of them while the lexicon is made.
func TestMatchAtOnce(t *testing.T) {
	g, all := read(t), texts(t)
	const askers = 4
	answers := make([][]string, askers)
	var wg sync.WaitGroup
	for i := range askers {
		wg.Go(func() {
			for _, q := range all {
				answers[i] = append(answers[i], told(g.Match(q)))
			}
		})
	}
	wg.Wait()
	for i := range askers {
		if !slices.Equal(answers[i], answers[0]) {
			t.Errorf("asker %d got other answers than the first", i)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"浙江省嘉兴市海宁市许村镇家纺产业集群", "深广高佛莞智能装备", "鄂东（英山、黄梅、龙感湖）", "Shunde District, Foshan", "（）、、", "高新区", "市市市市", "\xff\xfe东莞", "𠀀𠀀市", "798"} {
		f.Add(s, "广东省", "", "", "")
		f.Add("", "", s, "", s)
		f.Add(s, "", "苏州市", "320509", s)
	}
	g := read(f)
	f.Fuzz(func(t *testing.T, place, province, prefecture, code, name string) {
		q := gazetteer.Query{Place: place, Province: province, Prefecture: prefecture, Code: code, Name: name}
		r := g.Match(q)
		check(t, q, r)
		q.Place = " " + q.Place + "　"
		if again := g.Match(q); told(again) != told(r) || again.Confidence != r.Confidence {
			t.Errorf("%+v: %s %.2f with spaces, %s %.2f without", q, told(again), again.Confidence, told(r), r.Confidence)
		}
	})
}

// A place shown at a host of which only an approximate point is known is not said to be
// at its seat.
func TestApproximateHosts(t *testing.T) {
	g := read(t)
	for _, place := range []string{"天津经济技术开发区", "兰州新区", "雄安新区", "南昌县"} {
		r := g.Match(gazetteer.Query{Place: place})
		if len(r.Places) != 1 || r.Places[0].Precision != "approximate" {
			t.Errorf("%s: %+v, want one place, approximate", place, r.Places)
		}
		last := r.Reasons[len(r.Reasons)-1].Code
		if !slices.Contains([]string{"point-approximate", "host-approximate", "seat-approximate"}, last) {
			t.Errorf("%s: the last reason is %s, want that the point is approximate", place, last)
		}
	}
}
