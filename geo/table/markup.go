package table

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"clustermap/geo"
	"clustermap/geo/crs"

	"golang.org/x/text/encoding/htmlindex"
)

// markup reads XML piece by piece, strictly. There are no document types, so no
// entities but those of XML itself.
type markup struct {
	ctx   context.Context
	d     *xml.Decoder
	from  *rationed
	names []string // of the elements that are open, without their prefixes
}

// maxOpen is how deep elements may nest.
const maxOpen = 200

// rationed gives so many bytes and no more until it is filled again, lest a text
// without end be gathered.
type rationed struct {
	r    io.Reader
	left int64
	err  error // of the reader
}

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, &geo.InvalidError{Reason: fmt.Sprintf("has a text of more than %d MB", maxShape>>20)}
	}
	n, err := r.r.Read(p)
	r.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

func newMarkup(ctx context.Context, r io.Reader) *markup {
	m := &markup{ctx: ctx, from: &rationed{r: untilDone{ctx, r}}}
	m.d = xml.NewDecoder(m.from)
	m.d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		coding, err := htmlindex.Get(name)
		if err != nil {
			return nil, &geo.InvalidError{Reason: quote(name) + " is not an encoding that is known"}
		}
		return coding.NewDecoder().Reader(r), nil
	}
	return m
}

// next is the next beginning, end or text of an element; io.EOF behind the last.
func (m *markup) next() (xml.Token, error) {
	for {
		m.from.left = maxShape
		t, err := m.d.RawToken() // names are asked for without their prefixes: Token would look those up
		if errors.Is(err, io.EOF) && len(m.names) > 0 {
			return nil, m.invalid("is no well-formed XML: it ends within " + quote(m.names[len(m.names)-1]))
		}
		if err != nil {
			return nil, m.fault(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if m.names = append(m.names, t.Name.Local); len(m.names) > maxOpen {
				return nil, m.invalid("is nested too deep")
			}
			return t, nil
		case xml.EndElement:
			last := len(m.names) - 1
			if last < 0 || m.names[last] != t.Name.Local {
				return nil, m.invalid("is no well-formed XML: " + quote(t.Name.Local) + " ends and has not begun")
			}
			m.names = m.names[:last]
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, m.invalid("has a document type, which is not read")
		}
	}
}

func (m *markup) line() int {
	line, _ := m.d.InputPos()
	return line
}

func (m *markup) invalid(reason string) error {
	return &geo.InvalidError{Line: m.line(), Reason: reason}
}

// fault is an error of ctx or of what is read from, or else of the text.
func (m *markup) fault(err error) error {
	var invalid *geo.InvalidError
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case m.ctx.Err() != nil:
		return m.ctx.Err()
	case errors.As(err, &invalid):
		return err
	case m.from.err != nil:
		return m.from.err
	case errors.As(err, &syntax):
		return &geo.InvalidError{Line: syntax.Line, Reason: "is no well-formed XML: " + tidy(syntax.Msg)}
	}
	return m.invalid("cannot be read: " + tidy(err.Error()))
}

// each calls do for each element within the one that has begun, to its end. do may read
// the element; what it leaves is passed over. text gathers the texts between, unless it
// is nil.
func (m *markup) each(text *strings.Builder, do func(e xml.StartElement) error) error {
	depth := len(m.names)
	for {
		t, err := m.next()
		if errors.Is(err, io.EOF) {
			return m.invalid("ends too early")
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			if text != nil {
				if text.Len()+len(t) > maxShape {
					return m.invalid(fmt.Sprintf("has a text of more than %d MB", maxShape>>20))
				}
				text.Write(t)
			}
		case xml.EndElement:
			if len(m.names) < depth {
				return nil
			}
		case xml.StartElement:
			inner := len(m.names)
			if do != nil {
				if err := do(t); err != nil {
					return err
				}
			}
			if len(m.names) == inner {
				if err := m.each(nil, nil); err != nil {
					return err
				}
			}
		}
	}
}

// text is the text of the element that has begun, without that of elements within.
func (m *markup) text() (string, error) {
	var b strings.Builder
	err := m.each(&b, nil)
	return b.String(), err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// markupRow is a row under way.
type markupRow struct {
	keys   []string // of cells: the name of the column, with a mark before that of data
	values []Value
}

func (r *markupRow) find(key string) int {
	for i, k := range r.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// set puts a value into a column, unless it is empty or there is one already.
func (r *markupRow) set(key string, v Value) {
	if key != "" && v.Kind != Empty && r.find(key) < 0 {
		r.keys, r.values = append(r.keys, key), append(r.values, v)
	}
}

// dataMark is before the names of columns that would otherwise be one with an element
// of the same name and another value.
const dataMark = "\x00"

// setData is set for data that the file names itself. Many programs write a name twice.
func (r *markupRow) setData(name string, v Value) {
	if i := r.find(name); i >= 0 {
		if r.values[i].Text == v.Text {
			return
		}
		name = dataMark + name
	}
	r.set(name, v)
}

// markupFile is a text of features in XML.
type markupFile struct {
	format string
	opt    Options
	open   func(ctx context.Context) (io.ReadCloser, error)
	fields *fields
	notes  map[string]Note // while the columns are learned
	read   func(f *markupFile, m *markup, do func(markupRow, Row) bool) error
}

// errEnough ends the reading of what is not wanted any more.
var errEnough = errors.New("table: enough")

// file reads all once to learn the columns.
func (f *markupFile) file(ctx context.Context) (*File, error) {
	f.fields, f.notes = newFields(f.opt), make(map[string]Note)
	var failed error
	err := f.each(ctx, func(r markupRow, _ Row) bool {
		for _, k := range r.keys {
			if _, failed = f.fields.add(k); failed != nil {
				return false
			}
		}
		return true
	})
	if err = errors.Join(failed, err); err != nil {
		return nil, err
	}
	names := make([]string, len(f.fields.names))
	for i, n := range f.fields.names {
		names[i] = strings.TrimPrefix(n, dataMark)
	}
	file := &File{Format: f.format, Sheets: []*Sheet{{Columns: nameColumns(names, len(names)), CRS: crs.CRS84(), rows: f.rows}}}
	for _, code := range []string{"link", "tracks"} {
		if n, ok := f.notes[code]; ok {
			file.Notes = append(file.Notes, n)
		}
	}
	f.notes = nil
	return file, nil
}

func (f *markupFile) note(code, en, zh string) {
	if f.notes != nil {
		f.notes[code] = Note{Code: code, EN: en, ZH: zh}
	}
}

func (f *markupFile) each(ctx context.Context, do func(markupRow, Row) bool) (err error) {
	r, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err = f.read(f, newMarkup(ctx, r), do); errors.Is(err, errEnough) {
		err = nil
	}
	return err
}
