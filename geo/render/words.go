package render

import (
	"math"
	"strconv"
	"strings"

	"clustermap/geo"
)

// words are the texts of a picture that do not come from the data, in both languages.
// {…} is filled in.
type words struct {
	elsewhere, hostSeat, approximate, groups    geo.Text
	groupsPlain, source, date, filter           geo.Text
	review, definition, borders, dashed         geo.Text
	albers, inset, north, atlasAll              geo.Text
	atlasPart, atlasRegion, atlasHere, other    geo.Text
	nothing, inRegions, coloured, families      geo.Text
	concentrations, perArea, perHexagon, labels geo.Text
	furniture, scale, legend                    geo.Text
}

func theWords() words {
	return words{
		elsewhere:      geo.Text{ZH: "其他地区", EN: "Elsewhere"},
		hostSeat:       geo.Text{ZH: "宿主驻地", EN: "Seat of host unit"},
		approximate:    geo.Text{ZH: "近似位置", EN: "Approximate"},
		groups:         geo.Text{ZH: "合并：个数，灰为其余", EN: "Merged: count; grey, the rest"},
		groupsPlain:    geo.Text{ZH: "合并：个数", EN: "Merged: count"},
		source:         geo.Text{ZH: "资料：{text}", EN: "Source: {text}"},
		date:           geo.Text{ZH: "数据日期：{text}", EN: "Data as of {text}"},
		filter:         geo.Text{ZH: "筛选：{text}", EN: "Filter: {text}"},
		review:         geo.Text{ZH: "审图号：{text}", EN: "Map review no.: {text}"},
		definition:     geo.Text{ZH: "地区定义：{text}", EN: "Regions: {text}"},
		borders:        geo.Text{ZH: "边界仅供定位，不表达立场", EN: "Borders for orientation only, no opinion expressed"},
		dashed:         geo.Text{ZH: "虚线为近似轮廓", EN: "Dashed: approximate outline"},
		albers:         geo.Text{ZH: "阿尔伯斯等积投影", EN: "Albers equal-area projection"},
		inset:          geo.Text{ZH: "南海诸岛", EN: "South China Sea"},
		north:          geo.Text{ZH: "北", EN: "N"},
		atlasAll:       geo.Text{ZH: "书中点名的 {n} 个集群，{m} 个在{regions}", EN: "{m} of the {n} clusters that the book names {are} in {regions}"},
		atlasPart:      geo.Text{ZH: "选出的 {n} 个集群，{m} 个在{regions}", EN: "{m} of the {n} clusters selected {are} in {regions}"},
		atlasRegion:    geo.Text{ZH: "{region}的 {n} 个集群", EN: "{n} {clusters} in the {region}"},
		atlasHere:      geo.Text{ZH: "图中 {n} 个集群", EN: "{n} {clusters} on this map"},
		other:          geo.Text{ZH: "{title}：{n} 条", EN: "{title}: {n}"},
		nothing:        geo.Text{ZH: "{title}：没有符合的", EN: "{title}: nothing matches"},
		inRegions:      geo.Text{ZH: "按所在地归入地区，按{title}着色", EN: "Assigned to regions by division; coloured by {title}"},
		coloured:       geo.Text{ZH: "按{title}着色", EN: "Coloured by {title}"},
		families:       geo.Text{ZH: hole + "门类", EN: hole + " family"},
		concentrations: geo.Text{ZH: "三大集聚区", EN: "the three concentrations"},
		perArea:        geo.Text{ZH: "每个区域的条数，右为区域数", EN: "Features in an area; right, how many areas"},
		perHexagon:     geo.Text{ZH: "每格条数，右为格数；六边形对边 {km} 千米", EN: "Features in a cell; right, how many cells; {km} km across"},
		labels:         geo.Text{ZH: "标注", EN: "Labels"},
		furniture:      geo.Text{ZH: "图例与说明", EN: "Legend and notes"},
		legend:         geo.Text{ZH: "图例", EN: "Legend"},
		scale:          geo.Text{ZH: "比例尺", EN: "Scale"},
	}
}

// fill puts values in place of {key}; pairs are keys and values in turn.
func fill(t geo.Text, pairs ...string) geo.Text {
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	r := strings.NewReplacer(pairs...)
	return geo.Text{ZH: r.Replace(t.ZH), EN: r.Replace(t.EN)}
}

// choose is a word for one and for any other number.
func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// hole stands where a text goes that must not be read for values itself.
const hole = "\x00"

// into puts texts from outside into the hole of a pattern.
func into(pattern, t geo.Text) geo.Text {
	return geo.Text{ZH: strings.Replace(pattern.ZH, hole, t.In("zh"), 1), EN: strings.Replace(pattern.EN, hole, t.In("en"), 1)}
}

// number is a count with commas between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// measured is a class limit or a sum: at most three digits that matter beyond a whole number.
func measured(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return number(int(v))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// distance is a round length on the ground in words.
func distance(metres float64) geo.Text {
	if metres >= 1000 {
		n := measured(metres / 1000)
		return geo.Text{ZH: n + " 千米", EN: n + " km"}
	}
	if metres >= 1 {
		n := measured(metres)
		return geo.Text{ZH: n + " 米", EN: n + " m"}
	}
	n := measured(metres * 100)
	return geo.Text{ZH: n + " 厘米", EN: n + " cm"}
}
