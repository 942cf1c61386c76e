package crs

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDefinitions compares the definitions of all systems with PROJ's.
func TestDefinitions(t *testing.T) {
	for _, c := range All() {
		if c.Offset() {
			if c.WKT1() != "" || c.ESRI() != "" {
				t.Errorf("%s has a definition", c.Code())
			}
			continue
		}
		code := c.Code()
		if strings.HasPrefix(code, "OGC:") {
			code = "EPSG:4326"
		}
		for form, got := range map[string]string{"WKT1_GDAL": c.WKT1(), "WKT1_ESRI": c.ESRI()} {
			out, err := exec.CommandContext(t.Context(), "projinfo", code, "-o", form, "--single-line", "-q").Output()
			if err != nil {
				t.Fatalf("projinfo %s: %v; Debian has it in proj-bin", code, err)
			}
			if want := strings.TrimSpace(string(out)); got != want {
				t.Errorf("%s as %s\n got %s\nwant %s", c.Code(), form, got, want)
			}
		}
	}
}
