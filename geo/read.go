package geo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ReadOptions says how Read reads.
type ReadOptions struct {
	Name     string   // of the file, for messages
	Sequence bool     // one Feature a line, or a text sequence (RFC 8142), instead of one document
	Schema   []byte   // the schema file, or nil
	Regions  *Regions // to compute region and regions with, or nil
	MaxBytes int64    // of the input, decompressed; 0 means 64 GiB
}

const (
	maxInput   = 64 << 30
	maxFeature = 256 << 20 // bytes of one feature
	firstRead  = 1 << 20
	maxRows    = 1<<32 - 2
)

// Read reads one collection: a FeatureCollection, a Feature or a geometry, or
// with Sequence one Feature after the other. It reads in pieces and keeps no
// more than the features. A file with a fault is refused whole; the error is
// then *Faults with the first MaxFaults.
//
// A feature without id gets the property with role id, else its position in the
// file. The members crs (which must name WGS 84) and links of the input are left
// out, other foreign members of a Feature are kept.
func Read(r io.Reader, opt ReadOptions) (*Index, error) {
	var stated *Schema
	digest := sha256.New()
	if opt.Schema != nil {
		var err error
		if stated, err = parseSchema(opt.Name+" (schema)", opt.Schema); err != nil {
			return nil, &Faults{List: []*InvalidError{err.(*InvalidError)}}
		}
		digest.Write(opt.Schema)
	}
	if opt.Regions != nil {
		fmt.Fprint(digest, opt.Regions.defs, opt.Regions.byPrefix)
	}
	faults := new(Faults)
	rd := &reader{
		window: window{r: io.TeeReader(r, digest), most: opt.MaxBytes, line: 1},
		build:  newBuilder(stated, opt.Regions, faults, opt.Name),
		faults: faults, name: opt.Name,
	}
	if rd.most == 0 {
		rd.most = maxInput
	}
	read := rd.document
	if opt.Sequence {
		read = rd.sequence
	}
	if err := read(); err != nil {
		var fault *InvalidError
		if !errors.As(err, &fault) {
			return nil, fmt.Errorf("%s: %w", opt.Name, err)
		}
		faults.add(fault)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	x := rd.build.index(digest)
	if err := faults.err(); err != nil {
		return nil, err
	}
	return x, nil
}

// window is the part of the input that is at hand: buf[pos:].
type window struct {
	r     io.Reader
	buf   []byte
	pos   int
	line  int // of pos
	total int64
	most  int64
	eof   bool
}

// advance moves pos to at and counts the lines.
func (w *window) advance(at int) {
	w.line += bytes.Count(w.buf[w.pos:at], []byte{'\n'})
	w.pos = at
}

// fill reads more behind what is at hand. It returns io.EOF where there is no
// more.
func (w *window) fill() error {
	if w.eof {
		return io.EOF
	}
	kept := len(w.buf) - w.pos
	if kept > maxFeature {
		return fmt.Errorf("a feature of more than %d MB", maxFeature>>20)
	}
	if cap(w.buf) == 0 || kept > cap(w.buf)/2 {
		w.buf = append(make([]byte, 0, max(firstRead, 4*kept)), w.buf[w.pos:]...)
	} else {
		w.buf = w.buf[:copy(w.buf[:cap(w.buf)], w.buf[w.pos:])]
	}
	w.pos = 0
	for len(w.buf) < cap(w.buf) {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		if w.total += int64(n); w.total > w.most {
			return fmt.Errorf("more than %d bytes", w.most)
		}
		if errors.Is(err, io.EOF) {
			w.eof = true
			if n == 0 && len(w.buf) == kept {
				return io.EOF
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// space moves to the next byte that is not white space and returns it, 0 at
// the end of the input.
func (w *window) space() (byte, error) {
	for {
		p := parser{b: w.buf, i: w.pos}
		c := p.space()
		w.advance(p.i)
		if p.i < len(w.buf) {
			return c, nil
		}
		if err := w.fill(); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return 0, err
		}
	}
}

type reader struct {
	window
	build   *builder
	faults  *Faults
	name    string
	feature parsedFeature
	seen    int // features met, refused ones included
	parser  parser
}

// fault is the error of a place in buf.
func (r *reader) fault(at, feature int, field, reason string) *InvalidError {
	at = min(at, len(r.buf))
	return &InvalidError{File: r.name, Line: r.line + bytes.Count(r.buf[r.pos:at], []byte{'\n'}),
		Feature: feature, Field: field, Reason: reason}
}

func (r *reader) faultOf(err error, feature int) error {
	var se *syntaxError
	if errors.As(err, &se) {
		return r.fault(se.at, feature, se.field, se.reason)
	}
	return err
}

// token is bytes with a check that what was read is UTF-8.
func (r *reader) token(feature int, read func(p *parser) error) error {
	if err := r.bytes(feature, read); err != nil {
		return err
	}
	if utf8.Valid(r.buf[r.pos:r.parser.i]) {
		return nil
	}
	return r.fault(badUTF8(r.buf, r.pos, r.parser.i), feature, "", "the text is not UTF-8 here")
}

// bytes runs read on the bytes at hand, from pos on, with more of them until it
// needs no more. It does not move pos.
func (r *reader) bytes(feature int, read func(p *parser) error) error {
	for {
		r.parser = parser{b: r.buf, i: r.pos, keys: r.parser.keys[:0]}
		err := read(&r.parser)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errMore) {
			return r.faultOf(err, feature)
		}
		if err := r.fill(); errors.Is(err, io.EOF) {
			return r.fault(len(r.buf), feature, "", "the file ends in the middle of a value")
		} else if err != nil {
			return r.fault(r.pos, feature, "", err.Error())
		}
	}
}

func badUTF8(b []byte, lo, hi int) int {
	for i := lo; i < hi; {
		r, size := utf8.DecodeRune(b[i:hi])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return hi
}

// readFeature reads the feature at pos. A fault of the feature is kept and the
// feature passed over; a fault that hides where the feature ends is returned.
func (r *reader) readFeature() error {
	r.seen++
	if r.seen > maxRows {
		return r.fault(r.pos, r.seen, "", "too many features")
	}
	err := r.token(r.seen, func(p *parser) error { return p.feature(&r.feature, r.build.order) })
	if err == nil {
		field, reason := r.build.add(&r.feature, r.buf)
		if reason != "" {
			r.faults.add(r.fault(r.pos, r.seen, field, reason))
		}
		r.advance(r.parser.i)
		return nil
	}
	var fault *InvalidError
	if !errors.As(err, &fault) {
		return err
	}
	if r.bytes(r.seen, skipValue) != nil {
		return err
	}
	r.faults.add(fault)
	r.advance(r.parser.i)
	return nil
}

// skipValue moves behind an object whose inside may be wrong, by its brackets
// and strings alone.
func skipValue(p *parser) error {
	depth := 0
	for ; p.i < len(p.b); p.i++ {
		switch p.b[p.i] {
		case '"':
			for p.i++; p.i < len(p.b) && p.b[p.i] != '"'; p.i++ {
				if p.b[p.i] == '\\' {
					p.i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				p.i++
				return nil
			}
		case ',', '\n':
			if depth == 0 {
				return nil
			}
		}
	}
	return errMore
}

// document reads one GeoJSON text.
func (r *reader) document() error {
	c, err := r.space()
	if err != nil {
		return err
	}
	if r.line == 1 && bytes.HasPrefix(r.buf[r.pos:], []byte("\xef\xbb\xbf")) {
		r.pos += 3
		if c, err = r.space(); err != nil {
			return err
		}
	}
	switch c {
	case '{':
	case 0:
		return r.fault(r.pos, 0, "", "the file is empty; an empty collection is {\"type\":\"FeatureCollection\",\"features\":[]}")
	case 0x1e:
		return r.fault(r.pos, 0, "", "this is a GeoJSON text sequence; its name should end in .geojsonl or .ndjson")
	default:
		return r.fault(r.pos, 0, "", fmt.Sprintf("GeoJSON begins with '{', found %q", c))
	}
	if err := r.members(); err != nil {
		return err
	}
	if c, err := r.space(); err != nil || c != 0 {
		if c == '{' {
			return r.fault(r.pos, 0, "", "a second document follows; a file of one feature a line should end in .geojsonl or .ndjson")
		}
		if err == nil {
			err = r.fault(r.pos, 0, "", fmt.Sprintf("nothing should follow the document, found %q", c))
		}
		return err
	}
	return nil
}

// members reads the members of the document's object. Features are read where
// they stand; a lone Feature or geometry is read as a whole when its type is
// met.
func (r *reader) members() error {
	kind, err := r.kindOf()
	if err != nil {
		return err
	}
	switch {
	case kind == "Feature":
		return r.readFeature()
	case geometryType([]byte(kind)) != "":
		return r.lone()
	case kind != "FeatureCollection":
		return r.fault(r.pos, 0, "type", fmt.Sprintf("expected FeatureCollection, Feature or a geometry, found %q", clip(kind)))
	}
	r.advance(r.pos + 1)
	keys := make(map[string]bool)
	for n := 0; ; n++ {
		c, err := r.space()
		if err != nil {
			return err
		}
		if c == '}' && n == 0 {
			break
		}
		var key string
		if err := r.token(0, func(p *parser) error {
			k, err := p.key()
			key = string(k)
			return err
		}); err != nil {
			return err
		}
		if keys[key] {
			return r.fault(r.pos, 0, "", fmt.Sprintf("the key %q stands twice", clip(key)))
		}
		keys[key] = true
		r.advance(r.parser.i)
		if err := r.collectionMember(key); err != nil {
			return err
		}
		if c, err = r.space(); err != nil {
			return err
		}
		if c == '}' {
			break
		}
		if c != ',' {
			return r.unexpected(c, "',' or '}'")
		}
		r.advance(r.pos + 1)
	}
	r.advance(r.pos + 1)
	if !keys["features"] {
		return r.fault(r.pos, 0, "", `the member "features" is missing`)
	}
	return nil
}

func (r *reader) unexpected(c byte, want string) error {
	if c == 0 && r.pos >= len(r.buf) {
		return r.fault(r.pos, 0, "", "the file ends where "+want+" is expected")
	}
	return r.fault(r.pos, 0, "", fmt.Sprintf("expected %s, found %q", want, c))
}

func (r *reader) collectionMember(key string) error {
	switch key {
	case "features":
		return r.features()
	case "type":
		if err := r.token(0, func(p *parser) error { return p.typeIs("FeatureCollection") }); err != nil {
			return err
		}
		r.advance(r.parser.i)
		return nil
	case "geometry", "properties", "coordinates", "geometries":
		return r.fault(r.pos, 0, "", fmt.Sprintf("a FeatureCollection must not have the member %q (RFC 7946, 7.1)", key))
	}
	read := (*parser).value
	if key == "crs" {
		read = (*parser).crs
	}
	if err := r.token(0, read); err != nil {
		return err
	}
	r.advance(r.parser.i)
	return nil
}

func (r *reader) features() error {
	c, err := r.space()
	if err != nil {
		return err
	}
	if c != '[' {
		return r.unexpected(c, "'['")
	}
	r.advance(r.pos + 1)
	for n := 0; ; n++ {
		if c, err = r.space(); err != nil {
			return err
		}
		if c == ']' && n == 0 {
			break
		}
		if c != '{' {
			return r.unexpected(c, "a Feature")
		}
		if err := r.readFeature(); err != nil {
			return err
		}
		if c, err = r.space(); err != nil {
			return err
		}
		if c == ']' {
			break
		}
		if c != ',' {
			return r.unexpected(c, "',' or ']'")
		}
		r.advance(r.pos + 1)
	}
	r.advance(r.pos + 1)
	return nil
}

// kindOf looks ahead for the type of the document. A document whose "type"
// stands behind its features is a FeatureCollection if it has the features.
func (r *reader) kindOf() (kind string, err error) {
	found := errors.New("found")
	err = r.token(0, func(p *parser) error {
		kind = ""
		return p.object(func(key []byte) error {
			switch string(key) {
			case "type":
				if p.space() != '"' {
					return p.unexpected("a type of GeoJSON")
				}
				s, err := p.str()
				if err != nil {
					return err
				}
				kind = string(s)
				return found
			case "features":
				kind = "FeatureCollection"
				return found
			}
			return p.value()
		})
	})
	if err == nil {
		return "", r.fault(r.pos, 0, "", `the member "type" is missing`)
	}
	if errors.Is(err, found) {
		return kind, nil
	}
	return kind, err
}

// lone reads a geometry as the one feature of its collection.
func (r *reader) lone() error {
	r.seen++
	err := r.token(1, func(p *parser) error {
		r.feature = parsedFeature{}
		return p.featureGeometry(&r.feature)
	})
	if err != nil {
		return err
	}
	text := r.buf[r.pos:r.parser.i]
	f := r.feature
	f.geometry = span{0, len(text)}
	f.properties = span{len(text), len(text) + 4}
	r.build.add(&f, append(bytes.Clone(text), "null"...))
	r.advance(r.parser.i)
	return nil
}

// sequence reads one Feature after the other, each on its line or behind a
// record separator.
func (r *reader) sequence() error {
	for {
		c, err := r.space()
		if err != nil {
			return err
		}
		switch c {
		case 0:
			if r.pos >= len(r.buf) {
				return nil
			}
			return r.unexpected(c, "a Feature")
		case 0x1e:
			r.advance(r.pos + 1)
		case '{':
			if err := r.readFeature(); err != nil {
				return err
			}
		default:
			return r.unexpected(c, "a Feature")
		}
	}
}
