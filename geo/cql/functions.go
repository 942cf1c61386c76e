package cql

import "clustermap/geo"

// Function describes a function that a filter may call.
type Function struct {
	Name        string
	Description geo.Text
	Args        []Argument
	Returns     []string // types, as in Argument
}

// Argument describes an argument of a function. Variadic arguments stand any
// number of times, at least once.
type Argument struct {
	Title    geo.Text
	Types    []string // string, number, integer, datetime, geometry, boolean
	Variadic bool
}

// function is a Function with the kinds that the checker asks for.
type function struct {
	Function
	args     []kind
	returns  kind
	variadic bool
}

// Functions are the functions that a filter may call, in the order of GET
// /functions. All are unknown where an argument is null.
func Functions() []Function {
	var out []Function
	for _, f := range functionTable() {
		out = append(out, f.Function)
	}
	return out
}

func functionTable() []function {
	text := argument{"text", "文本", kString}
	number := argument{"number", "数值", kNumber}
	when := argument{"date or time", "日期或时间", kTime}
	shape := argument{"geometry", "几何", kGeometry}
	return []function{
		describe("distance", kNumber, "Geodesic distance in metres between the nearest points of two geometries, on WGS 84", "两个几何最近点之间的测地线距离（米，WGS 84）", shape, shape),
		describe("length", kNumber, "Geodesic length in metres of lines, and of the rings of polygons, on WGS 84", "线及多边形边界的测地线长度（米，WGS 84）", shape),
		describe("area", kNumber, "Area in square metres on the ellipsoid WGS 84; edges are straight in longitude and latitude", "WGS 84 椭球面上的面积（平方米），边在经纬度平面上为直线", shape),
		describe("centroid", kGeometry, "Centre of mass of the parts of highest dimension, planar in longitude and latitude", "经纬度平面上最高维部分的质心", shape),
		describe("geometry_type", kString, "GeoJSON type of the geometry, such as Point", "几何的 GeoJSON 类型，如 Point", shape),
		describe("lower", kString, "Text in lower case", "转换为小写", text),
		describe("upper", kString, "Text in upper case", "转换为大写", text),
		{
			Function: Function{
				Name: "concat", Description: geo.Text{EN: "Texts one behind the other", ZH: "连接文本"},
				Args: []Argument{{Title: geo.Text{EN: text.en, ZH: text.zh}, Types: typesOf(kString), Variadic: true}}, Returns: typesOf(kString),
			},
			args: []kind{kString}, returns: kString, variadic: true,
		},
		describe("char_length", kNumber, "Number of characters of a text", "文本的字符数", text),
		describe("abs", kNumber, "Number without its sign", "绝对值", number),
		describe("round", kNumber, "Nearest whole number, halves away from zero", "四舍五入取整", number),
		describe("floor", kNumber, "Greatest whole number that is not greater", "向下取整", number),
		describe("ceil", kNumber, "Least whole number that is not less", "向上取整", number),
		describe("year", kNumber, "Year of a date or time, in UTC", "年份（UTC）", when),
		describe("month", kNumber, "Month 1 to 12 of a date or time, in UTC", "月份 1–12（UTC）", when),
		describe("day", kNumber, "Day 1 to 31 of a date or time, in UTC", "日 1–31（UTC）", when),
	}
}

type argument struct {
	en, zh string
	kind   kind
}

func describe(name string, returns kind, en, zh string, args ...argument) function {
	f := function{Function: Function{Name: name, Description: geo.Text{EN: en, ZH: zh}, Returns: typesOf(returns)}, returns: returns}
	for _, a := range args {
		f.Args = append(f.Args, Argument{Title: geo.Text{EN: a.en, ZH: a.zh}, Types: typesOf(a.kind)})
		f.args = append(f.args, a.kind)
	}
	return f
}

func typesOf(k kind) []string {
	switch k {
	case kString:
		return []string{"string"}
	case kNumber:
		return []string{"number"}
	case kTime:
		return []string{"datetime"}
	case kGeometry:
		return []string{"geometry"}
	}
	return []string{"boolean"}
}
