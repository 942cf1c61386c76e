package cql

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"
	"unicode"

	"clustermap/geo"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// filterVector is a filter in both encodings. Printed and canonical are left out
// where they are the text itself, or what is printed.
type filterVector struct {
	Text      string          `json:"text"`
	Printed   string          `json:"printed,omitempty"`
	Canonical string          `json:"canonical,omitempty"`
	JSON      json.RawMessage `json:"json"`
}

// refusal is an input, in one of the encodings, and why it is refused.
type refusal struct {
	Text  *string `json:"text,omitempty"`
	JSON  *string `json:"json,omitempty"`
	Error string  `json:"error"`
}

func readVectors(t testing.TB, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func writeVectors(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	lines := bytes.ReplaceAll(b.Bytes(), []byte(`},{"text"`), []byte("},\n{\"text\""))
	lines = bytes.ReplaceAll(lines, []byte(`},{"json"`), []byte("},\n{\"json\""))
	if err := os.WriteFile(name, lines, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFilters(t *testing.T) {
	const name = "testdata/filters.json"
	var vectors []filterVector
	readVectors(t, name, &vectors)
	for i, v := range vectors {
		e, err := ParseText(v.Text)
		if err != nil {
			t.Errorf("%s\n%v", v.Text, err)
			continue
		}
		checkRoundTrip(t, e)
		got := filterVector{Text: v.Text, JSON: JSON(e)}
		printed := Text(e)
		if printed != v.Text {
			got.Printed = printed
		}
		if c := Text(Canonical(e)); c != printed {
			got.Canonical = c
		}
		if *update {
			vectors[i] = got
			continue
		}
		if got.Printed != v.Printed || got.Canonical != v.Canonical || !bytes.Equal(got.JSON, v.JSON) {
			t.Errorf("%s\ngot  %q %q %s\nwant %q %q %s", v.Text, got.Printed, got.Canonical, got.JSON, v.Printed, v.Canonical, v.JSON)
		}
	}
	if *update {
		writeVectors(t, name, vectors)
	}
}

func TestRefusals(t *testing.T) {
	const name = "testdata/refusals.json"
	var vectors []refusal
	readVectors(t, name, &vectors)
	for i, v := range vectors {
		var err error
		var input string
		if v.Text != nil {
			input = *v.Text
			_, err = ParseText(input)
		} else {
			input = *v.JSON
			_, err = ParseJSON([]byte(input))
		}
		checkRefused(t, input, err)
		if err == nil {
			continue
		}
		if *update {
			vectors[i].Error = err.Error()
		} else if err.Error() != v.Error {
			t.Errorf("%s\ngot  %s\nwant %s", input, err, v.Error)
		}
	}
	if *update {
		writeVectors(t, name, vectors)
	}
}

// checkRefused checks the kind of the error, and that what it says can be shown.
func checkRefused(t testing.TB, input string, err error) {
	t.Helper()
	var invalid *geo.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != "filter" {
		t.Errorf("%.200q: got %v, want a *geo.InvalidError of filter", input, err)
		return
	}
	if n := len([]rune(invalid.Reason)); n > 300 {
		t.Errorf("%.200q: the reason has %d characters", input, n)
	}
	for _, r := range invalid.Reason {
		if !unicode.IsPrint(r) {
			t.Errorf("%.200q: the reason has the character %U: %q", input, r, invalid.Reason)
		}
	}
}
