package crs

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDefinitions compares the definitions of all systems with PROJ's.
func TestDefinitions(t *testing.T) {
	for _, c := range All() {
		if c.Offset() {
			if c.WKT1() != "" || c.ESRI() != "" || c.PROJJSON() != nil {
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

// TestPROJJSON compares with PROJ's own, apart from the area of use, from the
// realizations of WGS 84, of which later versions know more, and from the name of
// CRS84, which versions of PROJ and GeoParquet give differently.
func TestPROJJSON(t *testing.T) {
	for _, c := range All() {
		if c.Offset() {
			continue
		}
		out, err := exec.CommandContext(t.Context(), "projinfo", c.Code(), "-o", "PROJJSON", "-q").Output()
		if err != nil {
			t.Fatalf("projinfo %s: %v; Debian has it in proj-bin", c.Code(), err)
		}
		if diff := cmp.Diff(essence(t, out), essence(t, c.PROJJSON())); diff != "" {
			t.Errorf("%s differs from PROJ (-PROJ +ours):\n%s", c.Code(), diff)
		}
	}
}

// TestIdentified asks PROJ which system a definition is. The order of axes, which
// WKT 1 as GDAL has it does not tell, makes PROJ sure of itself or not, but the
// answer is one.
func TestIdentified(t *testing.T) {
	for _, code := range []string{"EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4526", "EPSG:4547", "EPSG:4498", "EPSG:4509", "EPSG:32650"} {
		c := known(code)
		for form, text := range map[string]string{"PROJJSON": string(c.PROJJSON()), "WKT 1": c.WKT1(), ".prj": c.ESRI()} {
			out, err := exec.CommandContext(t.Context(), "projinfo", text, "--identify", "-o", "PROJ").CombinedOutput()
			if err != nil {
				t.Fatalf("projinfo: %v\n%s", err, out)
			}
			if !strings.Contains(string(out), "match count: 1\n"+code+": ") {
				t.Errorf("PROJ does not know %s as %s:\n%s", form, code, out)
			}
		}
	}
}

func essence(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"$schema", "scope", "area", "bbox", "usages"} {
		delete(all, key)
	}
	if id, ok := all["id"].(map[string]any); ok && id["authority"] == "OGC" {
		delete(all, "name")
	}
	for _, in := range []any{all, all["base_crs"]} {
		if in, ok := in.(map[string]any); ok {
			if ensemble, ok := in["datum_ensemble"].(map[string]any); ok {
				delete(ensemble, "members")
			}
		}
	}
	return all
}
