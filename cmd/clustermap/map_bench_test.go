package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkMapRegions is the whole command: a presentation with a slide for each of the
// three concentrations, from reading the atlas to the file on the disk.
func BenchmarkMapRegions(b *testing.B) {
	name := filepath.Join(b.TempDir(), "three.pptx")
	for b.Loop() {
		if err := run(b.Context(), []string{"map", "-force", "-batch", "region", "-o", name}, io.Discard, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size()), "bytes/file")
}
