package table

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"clustermap/geo"
)

// maxShape is how many bytes one feature with its geometry may have: those of a
// province have some MB.
const maxShape = 64 << 20

// fields are the columns of a layer, in the order in which they are met.
type fields struct {
	names []string
	at    map[string]int
	most  int
}

func newFields(opt Options) *fields { return &fields{at: make(map[string]int), most: opt.MaxColumns} }

// add is the place of a column, which is made where there is none.
func (f *fields) add(name string) (int, error) {
	if i, ok := f.at[name]; ok {
		return i, nil
	}
	if len(f.names) == f.most {
		return 0, &geo.InvalidError{Reason: fmt.Sprintf("has more than %d columns", f.most)}
	}
	name = strings.Clone(name)
	f.at[name] = len(f.names)
	f.names = append(f.names, name)
	return f.at[name], nil
}

func (f *fields) columns() []Column { return nameColumns(f.names, len(f.names)) }

// weigh is the fault of a row whose cells are too long.
func weigh(cells []Value, opt Options) (reason string) {
	total := 0
	for i := range cells {
		total += len(cells[i].Text) + len(cells[i].Raw)
	}
	if total > opt.MaxRow {
		return fmt.Sprintf("is longer than %d bytes", opt.MaxRow)
	}
	return ""
}

// numberValue is a cell that is a number; text is how it is written, "" for the
// shortest. What a float cannot hold is a text.
func numberValue(text string, v float64) Value {
	if text == "" {
		text = strconv.FormatFloat(v, 'f', -1, 64)
		if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
			text = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) >= 1<<53 && !strings.ContainsAny(text, ".eE") {
		return textValue(text) // such as a number of an account
	}
	return Value{Kind: Number, Text: text, Number: v}
}

func boolValue(v bool) Value {
	if v {
		return Value{Kind: Bool, Text: "true", Number: 1}
	}
	return Value{Kind: Bool, Text: "false"}
}

// jsonValue is a cell that is an array or object, in one line.
func jsonValue(raw []byte) Value {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return textValue(string(raw))
	}
	return Value{Kind: JSON, Text: b.String(), Raw: b.Bytes()}
}

// untilDone reads until ctx is done.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
