package ingest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// headerWords are the names of columns by role, as plain makes them: Chinese, English,
// pinyin. The order is that of preference where a table has several.
var headerWords = map[Role][]string{
	RoleName: {"名称", "集群名称", "产业集群名称", "集群", "产业集群", "园区名称", "开发区名称", "基地名称", "单位名称", "企业名称", "公司名称", "项目名称",
		"市场名称", "机构名称", "名字", "全称", "简称", "称号", "标题", "name", "clustername", "cluster", "title", "label", "fullname", "sitename",
		"parkname", "zonename", "mingcheng", "jiqun", "jiqunmingcheng", "nameen", "企业", "公司", "单位", "园区", "company", "firm"},
	RolePlace: {"地点", "所在地", "地址", "位置", "地名", "所在地区", "所在区域", "所属地区", "地区", "区域", "属地", "注册地", "注册地址", "详细地址", "产地",
		"分布地", "所在位置", "行政区划", "行政区", "行政区域", "归属地", "place", "location", "address", "placename", "site", "area", "region", "where",
		"locality", "division", "didian", "dizhi", "diqu", "suozaidi", "weizhi", "diming"},
	RoleProvince: {"省", "省份", "省市", "省区市", "省市区", "省级", "所在省", "所在省份", "所属省份", "省自治区直辖市", "province", "provincename", "prov",
		"state", "sheng", "shengfen"},
	RolePrefecture: {"市", "地市", "地级市", "设区市", "所在市", "所属市", "城市", "市州", "州市", "地州市", "地级", "prefecture", "city", "cityname",
		"shi", "dishi", "chengshi", "dijishi"},
	RoleCounty: {"县", "区县", "县区", "县市区", "区市县", "市县", "县市", "县级", "区", "所在县", "所在区县", "所属区县", "county", "district", "countyname",
		"xian", "quxian", "xianqu"},
	RoleTown: {"镇", "乡镇", "街道", "镇街", "乡镇街道", "乡", "镇乡街道", "town", "township", "subdistrict", "street", "zhen", "xiangzhen", "jiedao"},
	RoleAdcode: {"行政区划代码", "区划代码", "行政代码", "区划码", "行政区代码", "行政编码", "行政区划编码", "区划编码", "地区代码", "区域代码", "县代码", "市代码", "统计用区划代码",
		"adcode", "gbcode", "divisioncode", "regioncode", "areacode", "countycode", "citycode", "xzqhdm", "xzqdm", "quhuadaima", "pac", "adm3pcode"},
	RoleTrade: {"行业", "产业", "主导产业", "特色产业", "所属行业", "所属产业", "行业名称", "产业名称", "主营业务", "主营产品", "主导产品", "主要产品", "产品", "产业类别",
		"行业类别", "产业方向", "经营范围", "trade", "industry", "sector", "product", "products", "mainproduct", "business", "hangye", "chanye",
		"zhudaochanye", "chanpin"},
	RoleLongitude: {"经度", "东经", "lon", "lng", "long", "longitude", "x", "xcoord", "x坐标", "坐标x", "经度lon", "经度lng", "经度longitude", "jingdu",
		"lon84", "lonwgs84", "lngwgs84", "lnggcj02", "longcj02", "lngbd09", "lonbd09", "东坐标", "横坐标", "easting", "pointx", "e"},
	RoleLatitude: {"纬度", "北纬", "lat", "latitude", "y", "ycoord", "y坐标", "坐标y", "纬度lat", "纬度latitude", "weidu", "lat84", "latwgs84", "latgcj02",
		"latbd09", "北坐标", "纵坐标", "northing", "pointy", "n"},
	RoleCoordinates: {"经纬度", "坐标", "经纬度坐标", "坐标点", "地理坐标", "位置坐标", "lonlat", "lnglat", "latlon", "latlng", "coordinates", "coordinate", "coords",
		"point", "jingweidu", "zuobiao"},
	RoleCRS: {"坐标系", "坐标系统", "坐标类型", "坐标参考系", "投影", "crs", "srs", "epsg", "srid", "coordinatesystem", "datum", "zuobiaoxi"},
	RoleYear: {"年", "年份", "年度", "认定年份", "认定年度", "批准年份", "命名年份", "发布年份", "统计年份", "数据年份", "建立年份", "成立年份", "认定时间", "批准时间", "命名时间",
		"获批时间", "年月", "时间", "year", "yr", "nian", "nianfen", "niandu"},
	RoleID: {"id", "编号", "编码", "唯一编码", "唯一标识", "标识", "标识码", "项目编号", "企业编号", "集群编号", "统一社会信用代码", "信用代码", "组织机构代码",
		"uuid", "guid", "fid", "gid", "objectid", "featureid", "key", "code", "代码", "bianhao", "bianma"},
	RoleNote: {"备注", "说明", "注", "附注", "注释", "简介", "描述", "介绍", "note", "notes", "remark", "remarks", "comment", "comments", "description",
		"beizhu", "shuoming"},
	RoleText: {"序号", "行号", "no", "row", "rownumber", "index", "xuhao", "邮编", "邮政编码", "zip", "postcode", "postalcode", "电话", "联系电话", "手机", "tel",
		"telephone", "phone", "传真", "fax", "邮箱", "电子邮件", "email", "网址", "url", "website", "link", "sourceurl", "source", "来源"},
}

// headerRole is the role that the name of a column says, and how surely: 1 where it is
// the whole name, less where it is a part, 0 where it says none.
func headerRole(header string) (role Role, sure float64) {
	name := plain(header)
	best := -1
	for r, words := range headerWords { // the order does not matter: a word has one role
		for i, w := range words {
			if w == name && (best < 0 || i < best) {
				role, best = r, i
			}
		}
	}
	if best >= 0 {
		return role, 1 - 0.002*float64(best)
	}
	return partRole(name)
}

// partRole finds a role by how a name ends, or else begins: 集群所在地 is a place.
func partRole(name string) (role Role, sure float64) {
	length := 0
	for r, words := range headerWords {
		for _, w := range words {
			least := 2 // runes: 省 and x are no ends of names
			if w[0] < 0x80 {
				least = 4
			}
			n := len([]rune(w))
			if n < least || !strings.HasSuffix(name, w) {
				continue
			}
			if n > length || n == length && r < role {
				role, length = r, n
			}
		}
	}
	if length == 0 {
		return "", 0
	}
	return role, 0.6 + 0.01*float64(min(length, 10))
}

// plain is a header without what people add to its name: width and case of letters,
// spaces and marks, what stands in brackets, and a language.
func plain(header string) string {
	var b strings.Builder
	depth := 0
	for _, r := range norm.NFKC.String(header) {
		switch {
		case strings.ContainsRune("([{【〔", r):
			depth++
		case strings.ContainsRune(")]}】〕", r):
			depth = max(0, depth-1)
		case depth > 0:
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	name := b.String()
	for _, lang := range []string{"中文", "zh", "cn"} {
		if rest, ok := strings.CutSuffix(name, lang); ok && len(rest) > 1 {
			return rest
		}
	}
	return name
}
