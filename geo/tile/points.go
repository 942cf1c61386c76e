package tile

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// points adds candidates that are points, as write does with each, in fewer steps:
// their ids stand together among the values, so that those of neighbours in memory are
// copied at once, and there is room for all before the first.
func (p *part) points(kept []candidate) {
	const (
		rest  = 40     // bytes of a feature beside its tags, at most
		each  = 4      // of a tag
		short = 1 << 7 // so long a message has a length of one byte
		slack = 8      // bytes that are written at once
	)
	w, most := &p.writer, rest+each*(1+len(p.fields))
	if most > short || int(w.valueCount)+len(kept)*(1+len(p.fields)) > 1<<21 {
		for _, c := range kept {
			p.write(c)
		}
		return
	}
	p.name(&p.idKey)
	id := w.valueCount
	p.identifyAll(kept)
	w.features = slices.Grow(w.features, len(kept)*most+slack)
	b, at, base, window := w.features[:cap(w.features)], len(w.features), p.base, p.e.window
	for i, c := range kept {
		place := int(c.ref)
		f := b[at : at+most+slack]
		f[0], f[2] = layerFeature, featureID
		number := p.ids.numbers[place]
		binary.LittleEndian.PutUint64(f[3:], uint64(number))
		tags := 3 + number.size() + 2
		f[tags-2] = featureTags
		n := tagOf(p.idKey.key-1, id+uint32(i)).put(f, tags)
		for k := range p.fields {
			field := &p.fields[k]
			if field.codes == nil {
				n = len(p.uncoded(f[:n], field, place))
				continue
			}
			code := field.codes[place]
			if code == 0 {
				continue
			}
			s := &field.seen[code]
			if s.at <= base {
				value := p.first(field, code)
				*s = seen{base + 1 + value, tagOf(field.key-1, value)}
			}
			n = s.tag.put(f, n)
		}
		f[tags-1] = byte(n - tags)
		n = putPoint(f, n, c.x, c.y)
		f[1] = byte(n - 2)
		at += n
		if window.owns(int64(c.x), int64(c.y)) {
			p.shown++
		}
	}
	w.features = b[:at]
	w.count += len(kept)
}

// identifyAll adds the ids of candidates to the values.
func (p *part) identifyAll(kept []candidate) {
	w := &p.writer
	for from := 0; from < len(kept); {
		to := from + 1
		for to < len(kept) && kept[to].ref == kept[to-1].ref+1 {
			to++
		}
		w.values = append(w.values, p.ids.texts.run(int(kept[from].ref), int(kept[to-1].ref)+1)...)
		from = to
	}
	w.valueCount += uint32(len(kept))
}

// tag is the indexes of a key and a value as varints, the key's in the lowest byte.
type tag uint32

// tagOf needs a key below 2^7 and a value below 2^21.
func tagOf(key, value uint32) tag { return tag(key) | tag(packShort(uint64(value)))<<8 }

// put writes the tag and returns where it ends.
func (t tag) put(b []byte, at int) int {
	binary.LittleEndian.PutUint32(b[at:], uint32(t))
	return at + (bits.TrailingZeros32(^uint32(t)&0x8080_8000)+1)/8
}

// putPoint writes the type and geometry of a point, and returns where they end.
func putPoint(b []byte, at int, x, y int16) int {
	const head = featureType | typePoint<<8 | featureGeometry<<16 | (moveTo|1<<3)<<32
	px, py := packShort(zigzag(int64(x))), packShort(zigzag(int64(y)))
	sx, sy := px.size(), py.size()
	binary.LittleEndian.PutUint64(b[at:], head|uint64(1+sx+sy)<<24)
	binary.LittleEndian.PutUint64(b[at+5:], uint64(px|py<<(8*sx)))
	return at + 5 + sx + sy
}

// packShort is pack for a number below 2^21, in steps so few that it is inlined: with pack
// a tile of points takes 1 to 15 % longer.
func packShort(v uint64) packed {
	p := packed(v&0x7f | v<<1&0x7f00 | v<<2&0x7f_0000)
	switch {
	case v >= 1<<14:
		return p | 0x8080
	case v >= 1<<7:
		return p | 0x80
	}
	return p
}
