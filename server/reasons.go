package server

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// translator says in Chinese why a request is refused. The reasons are made in many
// places, in English, from a phrase and what was sent: it finds the phrase again.
type translator struct{ phrases []spoken }

// spoken is a phrase: what it looks like with its arguments, and its Chinese, which
// takes them as texts.
type spoken struct {
	english *regexp.Regexp
	chinese string
	weight  int // of its own letters
}

func newTranslator() *translator {
	verb := regexp.MustCompile(`%[dqsv]`)
	t := new(translator)
	all := refusals()
	maps.Copy(all, importRefusals())
	maps.Copy(all, statisticRefusals())
	for english, chinese := range all {
		var pattern strings.Builder
		at := 0
		for _, v := range verb.FindAllStringIndex(english, -1) {
			pattern.WriteString(regexp.QuoteMeta(english[at:v[0]]))
			if at = v[1]; strings.HasPrefix(english[at:], "%") {
				pattern.WriteString(`("[^"]*")`) // a name, and what follows it
			} else {
				pattern.WriteString(`(.*?)`)
			}
		}
		pattern.WriteString(regexp.QuoteMeta(english[at:]))
		t.phrases = append(t.phrases, spoken{regexp.MustCompile(`(?s)^` + pattern.String() + `$`), chinese, len(verb.ReplaceAllString(english, ""))})
	}
	slices.SortFunc(t.phrases, func(a, b spoken) int {
		if a.weight != b.weight {
			return b.weight - a.weight
		}
		return strings.Compare(a.chinese, b.chinese)
	})
	return t
}

// in is a reason in a language; what it has no Chinese for stays as it is.
func (t *translator) in(lang, reason string) string {
	if lang != "zh" {
		return reason
	}
	const parts = 7 // phrases within phrases
	return t.chinese(reason, parts)
}

func (t *translator) chinese(reason string, left int) string {
	if left == 0 || reason == "" {
		return reason
	}
	if name, rest, ok := strings.Cut(reason, ": "); ok && !strings.Contains(name, " ") { // a parameter and what is wrong with it
		if said := t.chinese(rest, left-1); said != rest {
			return name + "：" + said
		}
	}
	for _, p := range t.phrases {
		found := p.english.FindStringSubmatch(reason)
		if found == nil {
			continue
		}
		args := make([]any, len(found)-1)
		for i, a := range found[1:] {
			args[i] = t.chinese(a, left-1)
		}
		return fmt.Sprintf(p.chinese, args...)
	}
	return reason
}

// refusals are the phrases, in Chinese with the arguments as texts in the same order,
// or by number. It is long because it is a table, a phrase to a line.
func refusals() map[string]string {
	return map[string]string{
		// of a request as a whole
		"There is nothing at this path. The resources are listed at %s.":         "此路径下没有内容。资源列于 %s。",
		"There is nothing at this path. The resources are listed at %s/api.":     "此路径下没有内容。资源列于 %s/api。",
		"The path is not rightly percent-encoded.":                               "路径的百分号编码有误。",
		"The method %s is not allowed here; use %s or %s.":                       "此处不允许 %s 方法，请用 %s 或 %s。",
		"The address is longer than %d bytes.":                                   "地址超过 %s 字节。",
		"The header fields are longer than %d bytes.":                            "请求头超过 %s 字节。",
		"The Host header is not a host name or address, with or without a port.": "Host 头不是主机名或地址（可带端口）。",
		"This resource has the media types %s.":                                  "此资源的媒体类型有 %s。",
		"This server has the content codings zstd, gzip and identity.":           "本服务器支持的内容编码为 zstd、gzip 和 identity。",
		"The server is finishing its last requests before it stops.":             "服务器正在处理停机前的最后请求。",
		"The server failed. The log has the reason, under the request's id.":     "服务器出错，原因见日志中此请求的编号。",
		"The request was given up before it was answered.":                       "请求在答复之前已被放弃。",
		"Too many clients listen to the events of this server.":                  "收听本服务器事件的客户端过多。",
		"There is no such feature.":                                              "没有这个要素。",
		"There is no such group.":                                                "没有这个分组。",
		"There is no collection %q%s":                                            "没有集合 %s%s",
		"There is no base map %q%s":                                              "没有底图 %s%s",
		"This collection has no map layers.":                                     "此集合没有地图图层。",
		"This tileset has no tile in row %d and column %d at level %d: there it has the rows %d to %d and the columns %d to %d.":                        "此瓦片集没有行 %s、列 %s、级别 %s 的瓦片：该级别有行 %s 到 %s、列 %s 到 %s。",
		"TileJSON is for tiles in Web Mercator; this tileset has JSON and HTML.":                                                                        "TileJSON 只用于 Web 墨卡托瓦片；此瓦片集有 JSON 和 HTML。",
		"is of groups, which layers does not name":                                                                                                      "属于聚合点，而 layers 未列出",
		"is of features and outlines, which layers does not name":                                                                                       "属于要素和轮廓，而 layers 未列出",
		"There is no tile whose %s is %s.":                                                                                                              "没有 %s 为 %s 的瓦片。",
		"There is no tile %v: zooms are 0 to %d, and x and y less than 2 to the power of the zoom.":                                                     "没有瓦片 %s：缩放级别为 0 到 %s，x 和 y 小于 2 的该级别次方。",
		"The query took longer than this server allows. Narrow it by bbox, datetime or a simpler filter, or ask for less at a time.":                    "查询超过了本服务器允许的时间。请用 bbox、datetime 或更简单的 filter 缩小范围，或一次少取一些。",
		"The query selects %d features; this server gives at most %d at once. Narrow it by bbox or filter, or take pages by limit.":                     "查询选中 %s 个要素，本服务器一次最多给出 %s 个。请用 bbox 或 filter 缩小范围，或用 limit 分页。",
		"The query selects %d features; a file of the format %s holds at most %d. Narrow it by bbox or filter, take pages by limit, or another format.": "查询选中 %s 个要素，%s 格式的文件最多容纳 %s 个。请用 bbox 或 filter 缩小范围、用 limit 分页，或换一种格式。",
		"As many files are being made as this server makes at a time. Try again in 10 seconds, or use f=csv or f=geojsonseq.":                           "正在生成的文件已达本服务器的上限。请 10 秒后再试，或用 f=csv 或 f=geojsonseq。",
		"f: a %s file of this selection would be larger than %d MB; select less by bbox, filter, limit or properties":                                   "f：所选内容的 %s 文件会超过 %s MB；请用 bbox、filter、limit 或 properties 缩小范围",

		// of parameters
		"there is no such parameter; did you mean %s?":          "没有这个参数；是不是 %s？",
		"there is no such parameter; there are %s":              "没有这个参数；可用的有 %s",
		"given more than once":                                  "出现了不止一次",
		"given more than once; a comma between values means or": "出现了不止一次；多个值用逗号分隔表示或",
		"the name is not rightly percent-encoded UTF-8":         "名称不是正确的百分号编码 UTF-8",
		"the value is not rightly percent-encoded UTF-8":        "值不是正确的百分号编码 UTF-8",
		"; did you mean %s?":                                    "；是不是 %s？",
		".":                                                     "。",
		"needs true or false, found %s":                         "应为 true 或 false，收到的是 %s",
		"needs true, false, or zip for a zip file with a note beside the data, found %s": "应为 true、false 或 zip（数据和说明装入 zip 文件），收到的是 %s",
		"needs a whole number from 1 to %d (greater ones are taken as %d), found %s":     "应为 1 到 %s 的整数（更大的按 %s 处理），收到的是 %s",
		"needs a whole number from 0 to %d, found %s":                                    "应为 0 到 %s 的整数，收到的是 %s",
		"needs a whole number from %d to %d, found %s":                                   "应为 %s 到 %s 的整数，收到的是 %s",
		"has %d bytes; %d are allowed":                                                   "有 %s 字节，最多 %s",
		"has %d characters; %d are allowed":                                              "有 %s 个字符，最多 %s",
		"has %d words; %d are allowed":                                                   "有 %s 个词，最多 %s",
		"has %d values; %d are allowed":                                                  "有 %s 个值，最多 %s",
		"has more than %d names":                                                         "名称超过 %s 个",
		"has more than %d properties":                                                    "属性超过 %s 个",
		"is no parameter of tiles, which have boxes of their own":                        "不是瓦片的参数，瓦片自有其范围",
		"holds control characters":                                                       "含有控制字符",
		"names %s twice":                                                                 "两次写了 %s",
		"%s stands twice":                                                                "%s 出现了两次",
		"%s is not a format of this resource; there are %s":                              "此资源没有 %s 格式，可用的有 %s",
		"%s is not a language of this server; use zh or en":                              "本服务器没有语言 %s，请用 zh 或 en",
		"%s is not a profile of this document; use %s, or leave it out":                  "此文档没有 %s，请用 %s 或省略",
		"%s is not a filter language of this server; use cql2-text or cql2-json":         "本服务器没有筛选语言 %s，请用 cql2-text 或 cql2-json",
		"%s is not a type of geometry%s There are %s.":                                   "%s 不是几何类型%s 可用的有 %s。",
		"%s is not a coordinate reference system of this server; the member crs of a collection lists them, such as %s": "本服务器没有坐标参照系 %s；集合的 crs 成员列出了可用的，例如 %s",
		"%s is not defined for all of this collection, which reaches from %s; its systems are listed at %s":             "%s 不适用于整个集合（范围为 %s）；可用的参照系列于 %s",
		"there is no property %s%s":             "没有属性 %s%s",
		"there is no property %q":               "没有属性 %s",
		"there is no sortable property %s%s":    "没有可排序属性 %s%s",
		"there is no collection %s%s":           "没有集合 %s%s",
		"%s has values that have no order (%s)": "%s 的值没有顺序（%s）",
		"%s is a member of an object; name the object, or those that are wanted in properties":         "%s 是对象的成员；请写该对象，或在 properties 中写需要的成员",
		"has an empty name; write the names of properties, with - before one for descending order":     "有空的名称；请写属性名称，降序的前面加 -",
		"is a property with objects or lists of different things as values, which cannot be asked for": "的值是对象或不同内容的列表，不能用来查询",
		"is empty; leave it out to select all features":                                                "为空；要选择全部要素请省略它",
		"is empty; write words to look for":                                                            "为空；请写要查找的词",
		"is empty; take it from a next link, or leave it out to begin at the start":                    "为空；请从 next 链接取得，或省略以从头开始",
		"is damaged; take it whole from a next link, or leave it out to begin at the start":            "已损坏；请从 next 链接完整取得，或省略以从头开始",
		"belongs to another query; leave it out to begin this one at the start":                        "属于另一个查询；省略它可从头开始",
		"needs a limit in this format, which gives all features without one":                           "在此格式中需要 limit，没有 limit 时给出全部要素",
		"%q has no letter and no digit to search for":                                                  "%s 中没有可查找的文字或数字",

		// of boxes, times and values
		"%s is not a number; write west,south,east,north in degrees":                                                   "%s 不是数；请写 西,南,东,北，单位为度",
		"has %d numbers; write the lower corner and the upper corner, 4 numbers in all":                                "有 %s 个数；请写下角和上角，共 4 个数",
		"has %d numbers; write west,south,east,north in degrees":                                                       "有 %s 个数；请写 西,南,东,北，单位为度",
		"has more than 6 numbers; write west,south,east,north in degrees":                                              "超过 6 个数；请写 西,南,东,北，单位为度",
		"reaches beyond the area where %s is defined":                                                                  "超出了 %s 的适用范围",
		"the lower corner %v,%v is beyond the upper one %v,%v":                                                         "下角 %s,%s 超过了上角 %s,%s",
		"the lower height %v is above the upper %v":                                                                    "下高程 %s 高于上高程 %s",
		"%s; write 2007-05-01, 2007-05-01T12:00:00Z, or two of them as 2007-01-01/2007-12-31, with .. for an open end": "%s；请写 2007-05-01、2007-05-01T12:00:00Z，或用 2007-01-01/2007-12-31 写两个，开放的一端写 ..",
		"%q is not a date or time":                                                                                     "%s 不是日期或时间",
		"%q is not a date or time such as 2007-05-01 or 2007-05-01T12:00:00Z":                                          "%s 不是日期或时间（例如 2007-05-01 或 2007-05-01T12:00:00Z）",
		"both ends are open":                 "两端都是开放的",
		"the interval ends before it begins": "时段的结束早于开始",
		"%q is neither true nor false":       "%s 既不是 true 也不是 false",
		"%q is not a number":                 "%s 不是数",
		"%q is not a whole number":           "%s 不是整数",

		// of aggregates
		"there is no such measure; did you mean %s?":        "没有这个统计量；是不是 %s？",
		"there is no such measure; there are %s":            "没有这个统计量；可用的有 %s",
		"%s measures %s; the property %q is of the type %s": "%s 用于%s；属性 %s 的类型是 %s",
		"numbers":                          "数",
		"numbers or strings":               "数或文本",
		"single values":                    "单个的值",
		"has %d groupings; %d are allowed": "有 %s 个分组依据，最多 %s",
		"makes more than %d groups; group by a property with fewer values, a coarser level or grid, or select fewer features": "产生超过 %s 个组；请用值较少的属性、较粗的级别或网格分组，或选择较少的要素",

		// of filters
		"character %d: %s":      "第 %s 个字符：%s",
		"found %s, expected %s": "此处是 %s，应为 %s",
		"found %s, expected %s, for %s is an array of such":                  "此处是 %s，应为 %s，因为 %s 是其列表",
		"there is no property %s; did you mean %s?":                          "没有属性 %s；是不是 %s？",
		"there is no property %s; there are %s":                              "没有属性 %s；可用的有 %s",
		"there is no function %s; did you mean %s?":                          "没有函数 %s；是不是 %s？",
		"there is no function %s; there are %s":                              "没有函数 %s；可用的有 %s",
		"%s has %d arguments, expected %d":                                   "%s 有 %s 个参数，应为 %s 个",
		"the filter is nested more than %d deep":                             "筛选条件的嵌套超过 %s 层",
		"more than %d operators of one kind are joined":                      "连在一起的同类运算超过 %s 个",
		"the filter has %d bytes, at most %d are read":                       "筛选条件有 %s 字节，最多读取 %s",
		"the filter is empty":                                                "筛选条件为空",
		"the filter is not JSON":                                             "筛选条件不是 JSON",
		"the JSON ends before it is complete":                                "JSON 不完整",
		"the list has more than %d items":                                    "列表超过 %s 项",
		"the polygon is not valid: its rings cross, overlap or have no area": "多边形无效：环相交、重叠或没有面积",
		"the position %v %v is outside the range of %s":                      "位置 %s %s 超出 %s 的范围",
		"the box ends south of where it begins":                              "范围的北边在南边以南",
		"the box ends west of where it begins":                               "范围的东边在西边以西",
		"%s is beyond the range of a number (64 bits)":                       "%s 超出数的范围（64 位）",
		"found %s, which is not JSON":                                        "此处是 %s，不是 JSON",
		"%s, for %s is %s":                                                   "%s，因为 %s 是%s",
		"the end":                                                            "结尾",
		"a text":                                                             "文本",
		"a number":                                                           "数",
		"true or false":                                                      "true 或 false",
		"a date or time":                                                     "日期或时间",
		"an interval":                                                        "时段",
		"a geometry":                                                         "几何",
		"an array":                                                           "列表",
		"an object":                                                          "对象",
		"an integer":                                                         "整数",
		"a string":                                                           "文本",
		"a boolean":                                                          "true 或 false",
		"a list":                                                             "列表",
		"the text %s":                                                        "文本 %s",
		"the number %v":                                                      "数 %s",
		"%s, which is %s":                                                    "%s（%s）",
		"a value, a property, a function or a parenthesis":                   "值、属性、函数或括号",
		"AND, OR or the end":                                                 "AND、OR 或结尾",
		"true or false, for a filter is a condition":                         "条件（true 或 false）",
	}
}
