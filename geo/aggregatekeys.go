package geo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// keyer numbers the keys of one Grouping; 0 is null.
type keyer struct {
	of     func(slot uint32) uint32
	values []Value // of the numbers from 1 on
	fixed  bool    // values has all from the start
}

// width is more than any number that of gives, as far as there are not too many
// groups.
func (k *keyer) width() int {
	if k.fixed {
		return len(k.values) + 1
	}
	return maxGroups + 2
}

func (k *keyer) value(n uint32) Value {
	if n == 0 || int(n) > len(k.values) {
		return Value{}
	}
	return k.values[n-1]
}

// interned is a keyer that numbers keys as they come. Beyond maxGroups all new
// keys share a number: there are too many groups by then.
func interned[K comparable](key func(slot uint32) (K, bool), value func(K) Value) *keyer {
	k := new(keyer)
	numbers := make(map[K]uint32)
	k.of = func(slot uint32) uint32 {
		v, ok := key(slot)
		if !ok {
			return 0
		}
		n := numbers[v]
		if n == 0 {
			if len(k.values) > maxGroups {
				return maxGroups + 1
			}
			k.values = append(k.values, value(v))
			n = uint32(len(k.values))
			numbers[v] = n
		}
		return n
	}
	return k
}

func (x *Index) keyer(g Grouping) (*keyer, error) {
	switch g.Kind {
	case ByProperty:
		return x.propertyKeys(g.Name), nil
	case ByRegion:
		return x.regionKeys(g.Name), nil
	case ByDivision:
		return x.divisionKeys(g.Name)
	case ByGrid:
		if g.Zoom < 0 || g.Zoom > maxGridZoom {
			return nil, &InvalidError{Field: "by", Reason: fmt.Sprintf("grid:%d: the zoom is from 0 to %d", g.Zoom, maxGridZoom)}
		}
		return x.gridKeys(g.Zoom), nil
	}
	return nil, &InvalidError{Field: "by", Reason: "has a grouping of no known kind"}
}

// propertyKeys are the values of a property; of an array the set of its elements.
// Date-times of one time are one key: the text of the least ID.
func (x *Index) propertyKeys(name string) *keyer {
	c := x.columns[name]
	if s := x.instants(name); s != nil {
		return interned(s.place, func(place uint32) Value { return c.value(x, s.slots[place]) })
	}
	switch {
	case c == nil:
		return &keyer{of: func(uint32) uint32 { return 0 }, fixed: true}
	case c.kinds&^kindNull == kindArray && c.lists != nil:
		return c.setKeys(x, name)
	case c.kinds&^kindNull == kindNumber && !(c.long && c.large):
		return interned(c.number, NumberValue)
	case c.kinds&^kindNull == kindString && !c.hashed:
		k := &keyer{of: c.codes.at, fixed: true}
		for _, v := range c.values {
			k.values = append(k.values, StringValue(v))
		}
		return k
	}
	return interned(func(slot uint32) (Value, bool) {
		v := c.value(x, slot).plain()
		return v, v.kind != KindNull
	}, func(v Value) Value { return v })
}

// setKeys are the sets of the elements of arrays: JSON arrays, sorted by code
// point, each element once. An empty array is a key of its own.
func (c *column) setKeys(x *Index, name string) *keyer {
	p, _, _ := x.Schema().Find(name)
	var set []uint32
	var key []byte
	return interned(func(slot uint32) (string, bool) {
		if c.isNull(slot) {
			return "", false
		}
		from := uint32(0)
		if slot > 0 {
			from = c.lists[slot-1]
		}
		set, key = set[:0], key[:0]
		for i := from; i < c.lists[slot]; i++ {
			set = append(set, c.elements.at(i))
		}
		slices.Sort(set)
		for _, e := range slices.Compact(set) {
			key = binary.LittleEndian.AppendUint32(key, e)
		}
		return string(key), true
	}, func(key string) Value {
		var texts []string
		for ; key != ""; key = key[4:] {
			texts = append(texts, c.values[binary.LittleEndian.Uint32([]byte(key))-1])
		}
		slices.Sort(texts)
		return arrayValue(texts, p.Items)
	})
}

// arrayValue is the array of elements of the type, of strings where it is mixed.
func arrayValue(texts []string, items Type) Value {
	b := []byte{'['}
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		if items == TypeNumber || items == TypeInteger || items == TypeBoolean {
			b = append(b, s...)
		} else {
			b = appendString(b, s)
		}
	}
	return Value{kind: KindArray, text: string(append(b, ']'))}
}

// regionKeys are the id of a region definition where the feature's regions have
// it, else null.
func (x *Index) regionKeys(id string) *keyer {
	k := &keyer{of: func(uint32) uint32 { return 0 }, values: []Value{StringValue(id)}, fixed: true}
	c := x.columns["regions"]
	if c == nil || c.lists == nil {
		return k
	}
	wanted := uint32(slices.Index(c.values, id) + 1)
	if wanted == 0 {
		return k
	}
	k.of = func(slot uint32) uint32 {
		from := uint32(0)
		if slot > 0 {
			from = c.lists[slot-1]
		}
		for i := from; i < c.lists[slot]; i++ {
			if c.elements.at(i) == wanted {
				return 1
			}
		}
		return 0
	}
	return k
}

// The levels of division: keys.
const (
	levelProvince   = "province"
	levelPrefecture = "prefecture"
	levelCounty     = "county"
)

func (x *Index) divisionKeys(level string) (*keyer, error) {
	p := x.Schema().withRole(RoleAdcode)
	if p == nil {
		return nil, &InvalidError{Field: "by", Reason: "division:" + level + ": the collection has no property of division codes"}
	}
	c := x.columns[p.Name]
	if c == nil {
		return &keyer{of: func(uint32) uint32 { return 0 }, fixed: true}, nil
	}
	return interned(func(slot uint32) (string, bool) {
		return DivisionOf(c.value(x, slot).Text(), level)
	}, StringValue), nil
}

// DivisionOf is the code of the unit of a level ("province", "prefecture" or
// "county") that holds the division of a code (GB/T 2260); ok is false where the
// code is none, or of a higher level. The municipalities under the central
// government (11, 12, 31, 50), Taiwan, Hong Kong and Macao (71, 81, 82) are their
// own prefecture, with the code of the province. So is a county directly under a
// province or region (the third and fourth digits are 90 or more: 429004 is both
// the prefecture and the county). The four prefectures without counties (嘉峪关,
// 东莞, 中山, 儋州) are their own county.
func DivisionOf(adcode, level string) (code string, ok bool) {
	if len(adcode) != 6 || adcode[0] == '0' || strings.Trim(adcode, "0123456789") != "" {
		return "", false
	}
	province, prefecture, county := adcode[:2]+"0000", adcode[:4]+"00", adcode[4:] != "00"
	switch level {
	case levelProvince:
		return province, true
	case levelPrefecture:
		switch {
		case slices.Contains([]string{"11", "12", "31", "50", "71", "81", "82"}, adcode[:2]):
			return province, true
		case adcode[2:4] == "00":
			return "", false
		case adcode[2:4] < "90":
			return prefecture, true
		case county:
			return adcode, true
		}
	case levelCounty:
		if county || slices.Contains([]string{"441900", "442000", "460400", "620200"}, adcode) {
			return adcode, true
		}
	}
	return "", false
}

// maxGridZoom is the finest zoom of a grid: of cells of about 150 m at the
// equator.
const maxGridZoom = 18

// gridKeys are the tiles "Z/x/y" of the Web Mercator pyramid (WebMercatorQuad of
// OGC 17-083r4) that hold the middle of a geometry's box. Beyond 85.05° of
// latitude the outermost row holds it.
func (x *Index) gridKeys(zoom int) *keyer {
	return interned(func(slot uint32) (uint64, bool) {
		if x.tree == nil || x.tree.items[slot] == noItem {
			return 0, false
		}
		col, row := tileAt(x.tree.box(int(x.tree.items[slot])).Center(), zoom)
		return uint64(col)<<32 | uint64(row), true
	}, func(k uint64) Value {
		return StringValue(fmt.Sprintf("%d/%d/%d", zoom, k>>32, uint32(k)))
	})
}

// tileAt is the column and row of the Web Mercator tile that holds p.
func tileAt(p orb.Point, zoom int) (col, row uint32) {
	n := math.Exp2(float64(zoom))
	sin := math.Sin(p[1] * math.Pi / 180)
	y := 0.5 - math.Atanh(sin)/(2*math.Pi)
	place := func(v float64) uint32 { return uint32(max(0, min(n-1, math.Floor(v*n)))) }
	return place((p[0] + 180) / 360), place(y)
}
