package geo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
// *Faults with the first MaxFaults, an input that cannot be read to its end
// among them.
//
// A feature without id gets the property with role id, else its position in the
// file. The members crs (which must name WGS 84) and links of a collection or a
// Feature are left out, other foreign members of a Feature are kept.
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
		window: window{r: io.TeeReader(r, digest), most: opt.MaxBytes, line: 1, largest: maxFeature},
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
		faults.add(err.(*InvalidError))
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
	most  int64 // that total may be
	eof   bool

	largest int // bytes of one value
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
	if kept >= w.largest {
		return fmt.Errorf("a value of more than %d MB", w.largest>>20)
	}
	if cap(w.buf) == 0 || kept > cap(w.buf)/2 {
		w.buf = append(make([]byte, 0, max(firstRead, min(4*kept, w.largest))), w.buf[w.pos:]...)
	} else {
		w.buf = w.buf[:copy(w.buf[:cap(w.buf)], w.buf[w.pos:])]
	}
	w.pos = 0
	for len(w.buf) < cap(w.buf) {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		if w.total += int64(n); w.total > w.most {
			return fmt.Errorf("the input is larger than %d bytes", w.most)
		}
		if errors.Is(err, io.EOF) {
			w.eof = true
			if n == 0 && len(w.buf) == kept {
				return io.EOF
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot be read beyond here: %w", err)
		}
	}
	return nil
}

// ended reports whether pos is at the end of the input. It is known once the
// byte at pos was looked for.
func (w *window) ended() bool { return w.pos >= len(w.buf) }

type reader struct {
	window
	build   *builder
	faults  *Faults
	name    string
	feature parsedFeature
	seen    int // features met, refused ones included
	parser  parser
	mark    string // what the next feature of a sequence begins with; "" in a document

	scan *featureScan // gets the features in place of build; nil in Read
}

// more is fill, with a fault for what goes wrong.
func (r *reader) more(feature int) error {
	err := r.fill()
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	fault := r.fault(r.pos, feature, "", err.Error())
	if of := new(fs.PathError); errors.As(err, &of) {
		fault.cause = of
	}
	return fault
}

// space moves to the next byte that is not white space and returns it, 0 at
// the end of the input.
func (r *reader) space() (byte, error) {
	for {
		p := parser{b: r.buf, i: r.pos}
		c := p.space()
		r.advance(p.i)
		if !r.ended() {
			return c, nil
		}
		if err := r.more(0); errors.Is(err, io.EOF) {
			return 0, nil
		} else if err != nil {
			return 0, err
		}
	}
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
		r.parser = parser{b: r.buf, i: r.pos, keys: r.parser.keys[:0], systems: r.parser.systems, planar: r.parser.planar}
		err := read(&r.parser)
		open := errors.Is(err, errMore)
		if err != nil && !open {
			return r.faultOf(err, feature)
		}
		if err == nil && (r.eof || r.parser.i < len(r.buf)) {
			return nil
		}
		// A number at the end of what is at hand may go on behind it.
		if err := r.more(feature); errors.Is(err, io.EOF) && open {
			return r.fault(len(r.buf), feature, "", "the file ends in the middle of a value")
		} else if err != nil && !errors.Is(err, io.EOF) {
			return err
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
	var order []*columnBuilder
	if r.scan == nil {
		order = r.build.order
	}
	err := r.token(r.seen, func(p *parser) error { return p.feature(&r.feature, order) })
	if err == nil {
		r.keep(r.buf)
		r.advance(r.parser.i)
		return r.scan.stopped()
	}
	var fault *InvalidError
	if !errors.As(err, &fault) {
		return err
	}
	if r.bytes(r.seen, r.skip) != nil {
		return err
	}
	r.refuse(fault)
	r.advance(r.parser.i)
	return r.scan.stopped()
}

func (r *reader) refuse(fault *InvalidError) {
	if r.scan != nil {
		r.scan.refuse(fault)
		return
	}
	r.faults.add(fault)
}

// keep adds the feature that was read from text, unless the schema refuses it.
func (r *reader) keep(text []byte) {
	if r.scan != nil {
		r.scan.take(&r.feature, r.line)
		return
	}
	if field, reason := r.build.add(&r.feature, text); reason != "" {
		r.faults.add(r.fault(r.pos, r.seen, field, reason))
	}
}

// skip moves behind a feature whose inside may be wrong: in a sequence to the
// mark of the next, in a document by its brackets and strings alone.
func (r *reader) skip(p *parser) error {
	if r.mark != "" {
		n := bytes.Index(p.b[p.i:], []byte(r.mark))
		if n < 0 {
			return errMore
		}
		p.i += n
		return nil
	}
	return skipValue(p)
}

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
	c, err := r.begin()
	if err != nil {
		return err
	}
	switch {
	case r.ended():
		return r.fault(r.pos, 0, "", `the file is empty; an empty collection is {"type":"FeatureCollection","features":[]}`)
	case c == 0x1e:
		return r.fault(r.pos, 0, "", "this is a GeoJSON text sequence; its name should end in .geojsonl or .ndjson")
	case c != '{':
		return r.fault(r.pos, 0, "", fmt.Sprintf("GeoJSON begins with '{', found %q", c))
	}
	if err := r.object(); err != nil {
		return err
	}
	switch c, err := r.space(); {
	case err != nil:
		return err
	case r.ended():
		return nil
	case c == '{':
		return r.fault(r.pos, 0, "", "a second document follows; a file of one feature a line should end in .geojsonl or .ndjson")
	default:
		return r.fault(r.pos, 0, "", fmt.Sprintf("nothing should follow the document, found %q", c))
	}
}

// begin returns the first byte that is not white space, behind a byte order
// mark, and tells files that are no text in UTF-8 by how they begin.
func (r *reader) begin() (byte, error) {
	c, err := r.space()
	if err != nil {
		return 0, err
	}
	for magic, reason := range map[string]string{
		"\xff\xfe":   "the file is UTF-16; GeoJSON is UTF-8 (convert with iconv -f UTF-16 -t UTF-8)",
		"\xfe\xff":   "the file is UTF-16; GeoJSON is UTF-8 (convert with iconv -f UTF-16 -t UTF-8)",
		"\x1f\x8b":   "this is a gzip file; its name should end in .gz",
		"PK\x03\x04": "this is a ZIP archive; unpack the GeoJSON from it",
	} {
		if bytes.HasPrefix(r.buf[r.pos:], []byte(magic)) {
			return 0, r.fault(r.pos, 0, "", reason)
		}
	}
	if mark := "\xef\xbb\xbf"; bytes.HasPrefix(r.buf[r.pos:], []byte(mark)) {
		r.pos += len(mark)
		return r.space()
	}
	return c, nil
}

// object reads the document's object. A lone Feature or geometry is read as a
// whole, the features of a FeatureCollection where they stand.
func (r *reader) object() error {
	kind, err := r.kindOf()
	switch {
	case err != nil:
		return err
	case kind == "FeatureCollection":
		return r.collection()
	case kind == "Feature":
		return r.readFeature()
	case geometryType([]byte(kind)) != "":
		return r.lone()
	}
	return r.fault(r.pos, 0, "type", fmt.Sprintf("expected FeatureCollection, Feature or a geometry, found %q", clip(kind)))
}

func (r *reader) collection() error {
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
		if err := r.member(keys); err != nil {
			return err
		}
		if c, err = r.space(); err != nil {
			return err
		}
		if c == '}' {
			break
		}
		if c != ',' {
			return r.unexpected(c, 0, "',' or '}'")
		}
		r.advance(r.pos + 1)
	}
	r.advance(r.pos + 1)
	switch {
	case !keys["type"]:
		return r.fault(r.pos, 0, "", `the member "type" is missing; it is "FeatureCollection"`)
	case !keys["features"]:
		return r.fault(r.pos, 0, "", `the member "features" is missing`)
	}
	return nil
}

// member reads one member of the collection and adds its key to keys.
func (r *reader) member(keys map[string]bool) error {
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
	return r.memberValue(key)
}

func (r *reader) unexpected(c byte, feature int, want string) error {
	if r.ended() {
		return r.fault(r.pos, feature, "", "the file ends where "+want+" is expected")
	}
	return r.fault(r.pos, feature, "", fmt.Sprintf("expected %s, found %q", want, c))
}

func (r *reader) memberValue(key string) error {
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
	switch key {
	case "crs":
		read = (*parser).crs
	case "bbox":
		read = func(p *parser) error { return within("bbox", p.bbox(nil)) }
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
		return r.unexpected(c, 0, "'['")
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
			return r.unexpected(c, r.seen+1, "a Feature")
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
			return r.unexpected(c, 0, "',' or ']'")
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
	text := bytes.Clone(r.buf[r.pos:r.parser.i])
	r.feature.geometry = span{0, len(text)}
	r.feature.properties = span{len(text), len(text) + 4}
	r.keep(append(text, "null"...))
	r.advance(r.parser.i)
	return r.scan.stopped()
}

// sequence reads one Feature after the other, each on its line or behind a
// record separator.
func (r *reader) sequence() error {
	c, err := r.begin()
	if c == '{' {
		if kind, unknown := r.kindOf(); unknown == nil && kind == "FeatureCollection" {
			return r.fault(r.pos, 0, "", "this is a FeatureCollection; the name of its file should end in .geojson")
		}
	}
	r.mark = "\n{"
	for ; err == nil && !r.ended(); c, err = r.space() {
		switch c {
		case 0x1e:
			r.mark = "\x1e"
			r.advance(r.pos + 1)
		case '{':
			if err := r.readFeature(); err != nil {
				return err
			}
		default:
			return r.unexpected(c, r.seen+1, "a Feature")
		}
	}
	return err
}
