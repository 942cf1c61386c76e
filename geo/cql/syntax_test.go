package cql

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var examples = flag.String("examples", "", "directory of CQL2 examples: text/*.txt and, by the same names, json/*.json")

// tester is of testing and of rapid.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkRoundTrip checks that a tree is the same after text and JSON, and that its
// text and canonical text are fixed points.
func checkRoundTrip(t tester, e Expr) {
	t.Helper()
	text, encoded := Text(e), JSON(e)
	fromText, err := ParseText(text)
	if err != nil {
		t.Fatalf("%s\ndoes not parse: %v", text, err)
	}
	fromJSON, err := ParseJSON(encoded)
	if err != nil {
		t.Fatalf("%s\ndoes not parse: %v", encoded, err)
	}
	if !Equal(e, fromText) || Text(fromText) != text {
		t.Errorf("by text\ngot  %s\nwant %s\nin   %s", JSON(fromText), encoded, text)
	}
	if !Equal(e, fromJSON) || Text(fromJSON) != text {
		t.Errorf("by JSON\ngot  %s\nwant %s", JSON(fromJSON), encoded)
	}
	canonical := Canonical(e)
	if again := Canonical(canonical); !Equal(again, canonical) {
		t.Errorf("canonical text is not fixed\nof    %s\nfirst %s\nthen  %s", text, Text(canonical), Text(again))
	}
}

func TestExamples(t *testing.T) {
	if *examples == "" {
		t.Log("no -examples given; the vectors of testdata cover the grammar")
		return
	}
	texts, err := filepath.Glob(filepath.Join(*examples, "text", "*.txt"))
	if err != nil || len(texts) == 0 {
		t.Fatalf("no examples in %s: %v", *examples, err)
	}
	partners := 0
	for _, name := range texts {
		base := strings.TrimSuffix(filepath.Base(name), ".txt")
		t.Run(base, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			e, err := ParseText(string(text))
			if err != nil {
				t.Fatalf("%s\n%v", text, err)
			}
			checkRoundTrip(t, e)
			encoded, err := os.ReadFile(filepath.Join(*examples, "json", base+".json"))
			if os.IsNotExist(err) {
				return
			}
			partners++
			f, err := ParseJSON(encoded)
			if err != nil {
				t.Fatalf("%s\n%v", encoded, err)
			}
			if !Equal(e, f) {
				t.Errorf("text %s\nJSON %s", Text(e), Text(f))
			}
		})
	}
	encoded, err := filepath.Glob(filepath.Join(*examples, "json", "*.json"))
	if err != nil || len(encoded) != partners {
		t.Errorf("%d of %d examples in JSON have a text that parses: %v", partners, len(encoded), err)
	}
}
