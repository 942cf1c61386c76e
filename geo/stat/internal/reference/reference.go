// Package reference gives tests and benchmarks the numbers of other people's programs.
package reference

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Read reads a kept file of testdata, such as golden-py.json, into a value.
func Read(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	decode(t, text, into)
}

// Run runs a Python program of testdata with the packages that "make golden" installs,
// and reads what it prints as JSON. It is for packages of geo/stat.
func Run(t testing.TB, program string, into any) {
	t.Helper()
	python, err := filepath.Abs("../../../out/golden/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the peers are not installed, which make golden does: %v", err)
	}
	c := exec.CommandContext(t.Context(), python, program)
	c.Dir, c.Stderr = "testdata", os.Stderr
	text, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	decode(t, text, into)
}

func decode(t testing.TB, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
