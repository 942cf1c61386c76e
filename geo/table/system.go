package table

import (
	"math"
	"strconv"
	"strings"

	"clustermap/geo/crs"
)

// system is the coordinate system that a file states.
type system struct {
	crs  *crs.CRS // nil: none is stated, or it is not known
	name string   // as the file has it; "" none
	near bool     // crs is not quite it: another datum
}

// unknown reports that a system is stated that is not known here.
func (s system) unknown() bool { return s.crs == nil && s.name != "" }

// notes say what there is to know of the system of a sheet.
func (s system) notes(sheet string) []Note {
	switch {
	case s.unknown():
		return []Note{{Sheet: sheet, Code: "crs-unknown", EN: "its coordinate system " + quote(s.name) + " is not known here, so its geometries are left out",
			ZH: "不认识其坐标系" + quote(s.name) + "，几何未导入"}}
	case s.near:
		return []Note{{Sheet: sheet, Code: "crs-near", EN: "its coordinate system " + quote(s.name) + " is read as " + s.crs.Name() + ", from which it may be off by some hundred metres",
			ZH: "其坐标系" + quote(s.name) + "按" + s.crs.Name() + "读取，可能偏差数百米"}}
	}
	return nil
}

const maxWKT = 64 << 10

// systemOf finds the system of a definition in well-known text, as a .prj file or a
// GeoPackage has it. Systems are told by their numbers and not by their names, which
// each program writes its own way.
func systemOf(wkt string) system {
	wkt = strings.TrimSpace(strings.TrimPrefix(wkt, "\ufeff"))
	if wkt == "" || strings.EqualFold(wkt, "undefined") {
		return system{}
	}
	n, ok := parseWKT(wkt)
	if !ok {
		return system{name: wkt}
	}
	s := system{name: n.text(0)}
	if a := n.child("AUTHORITY"); a != nil && strings.EqualFold(a.text(0), "EPSG") {
		if c, ok := crs.Lookup("EPSG:" + a.text(1)); ok {
			s.crs = c
			return s
		}
	}
	p, ok := n.parameters()
	if !ok {
		return s
	}
	s.near = p.datum != datumWGS84 && p.datum != datumCGCS2000
	for _, c := range crs.All() {
		known, ok := parseWKT(c.ESRI())
		if !ok {
			continue
		}
		q, _ := known.parameters()
		datum := q.datum
		if q.datum = p.datum; q != p {
			continue
		}
		if s.crs == nil || datum == p.datum || s.near && datum == datumCGCS2000 && s.crs.Code() == "OGC:CRS84" {
			s.crs = c
		}
		if datum == p.datum {
			break
		}
	}
	if s.crs == nil {
		s.near = false
	}
	return s
}

type datum uint8

const (
	datumOther datum = iota
	datumWGS84
	datumCGCS2000
	datumChina // of 1954 or 1980
)

// wktParameters are what makes a system, lengths in metres and angles in degrees.
type wktParameters struct {
	datum                        datum
	method                       string // "": geographic
	meridian, east, north, scale float64
	origin, south, standard      float64
}

// wktNode is an element of well-known text: NAME["text", 1, CHILD[…]].
type wktNode struct {
	name     string
	args     []string // texts and numbers
	children []*wktNode
}

func (n *wktNode) text(i int) string {
	if i >= len(n.args) {
		return ""
	}
	return n.args[i]
}

func (n *wktNode) number(i int) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(n.text(i)), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func (n *wktNode) child(names ...string) *wktNode {
	for _, c := range n.children {
		for _, name := range names {
			if c.name == name {
				return c
			}
		}
	}
	return nil
}

// parameters are those of a geographic system in degrees from Greenwich or one
// projected from it, in metres.
func (n *wktNode) parameters() (p wktParameters, ok bool) {
	base := n
	switch n.name {
	case "GEOGCS", "GEOGCRS", "GEODCRS":
	case "PROJCS":
		if base = n.child("GEOGCS"); base == nil {
			return p, false
		}
		method, unit := n.child("PROJECTION"), n.child("UNIT")
		if method == nil || unit == nil || unit.number(1) != 1 {
			return p, false
		}
		p.method = methodOf(n, method.text(0))
		for _, c := range n.children {
			if c.name == "PARAMETER" {
				p.set(strings.ToLower(c.text(0)), c.number(1))
			}
		}
		if p.method == "mercator" {
			p = wktParameters{method: p.method} // the rest is as ever
		}
	default:
		return p, false
	}
	if m := base.child("PRIMEM", "PRIMEMERIDIAN"); m != nil && m.number(1) != 0 {
		return p, false
	}
	if u := base.child("UNIT", "ANGLEUNIT"); u != nil && math.Abs(u.number(1)-math.Pi/180) > 1e-9 {
		return p, false
	}
	p.datum = datumOf(base)
	return p, true
}

func (p *wktParameters) set(name string, v float64) {
	switch name {
	case "central_meridian", "longitude_of_center", "longitude_of_origin":
		p.meridian = v
	case "false_easting":
		p.east = v
	case "false_northing":
		p.north = v
	case "scale_factor":
		p.scale = v
	case "latitude_of_origin", "latitude_of_center":
		p.origin = v
	case "standard_parallel_1":
		p.south = v
	case "standard_parallel_2":
		p.standard = v
	}
}

// methodOf is the method of a projection; Mercator only where it is that of web maps.
func methodOf(n *wktNode, method string) string {
	method = strings.ToLower(method)
	switch method {
	case "transverse_mercator", "gauss_kruger", "gauss_kreuger":
		return "transverse"
	case "mercator_auxiliary_sphere", "popular_visualisation_pseudo_mercator":
		return "mercator"
	case "mercator_1sp":
		if x := n.child("EXTENSION"); x != nil && strings.Contains(x.text(1), "+nadgrids=@null") {
			return "mercator"
		}
	}
	return method
}

func datumOf(base *wktNode) datum {
	d := base.child("DATUM", "ENSEMBLE")
	if d == nil {
		return datumOther
	}
	name := strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(d.text(0)))
	switch name = strings.TrimPrefix(name, "d"); {
	case strings.HasPrefix(name, "wgs1984"), strings.HasPrefix(name, "wgs84"), strings.HasPrefix(name, "worldgeodeticsystem1984"):
		return datumWGS84
	case strings.HasPrefix(name, "china2000"), strings.HasPrefix(name, "chinageodeticcoordinatesystem2000"), strings.Contains(name, "cgcs2000"):
		return datumCGCS2000
	case strings.Contains(name, "xian1980"), strings.Contains(name, "beijing1954"), strings.Contains(name, "beijing54"), strings.Contains(name, "xian80"):
		return datumChina
	}
	return datumOther
}

// parseWKT reads well-known text. ok is false where it is none.
func parseWKT(s string) (n *wktNode, ok bool) {
	if len(s) > maxWKT {
		return nil, false
	}
	p := wktParser{rest: s}
	n, ok = p.node(0)
	return n, ok && strings.TrimSpace(p.rest) == ""
}

type wktParser struct{ rest string }

func (p *wktParser) node(depth int) (n *wktNode, ok bool) {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	end := strings.IndexAny(p.rest, "[(")
	if end <= 0 || depth > 16 || strings.ContainsAny(p.rest[:end], `",])`) {
		return nil, false
	}
	n = &wktNode{name: strings.ToUpper(strings.TrimSpace(p.rest[:end]))}
	p.rest = p.rest[end+1:]
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		switch {
		case p.rest == "":
			return nil, false
		case p.rest[0] == ']' || p.rest[0] == ')':
			p.rest = p.rest[1:]
			return n, true
		case p.rest[0] == ',':
			p.rest = p.rest[1:]
		case p.rest[0] == '"':
			end := strings.IndexByte(p.rest[1:], '"')
			if end < 0 {
				return nil, false
			}
			n.args, p.rest = append(n.args, p.rest[1:1+end]), p.rest[end+2:]
		default:
			end := strings.IndexAny(p.rest, ",[]()")
			if end < 0 {
				return nil, false
			}
			if p.rest[end] != '[' && p.rest[end] != '(' {
				n.args, p.rest = append(n.args, strings.TrimSpace(p.rest[:end])), p.rest[end:]
				continue
			}
			c, ok := p.node(depth + 1)
			if !ok {
				return nil, false
			}
			n.children = append(n.children, c)
		}
	}
}
