package render

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"clustermap/geo/draw"
)

// TestFormatsAgree compares maps as PNG with the same maps as SVG in Chromium and as
// PDF by Poppler, pixel for pixel and without names. At most one pixel in a hundred may
// differ, by more than a sixth of the range of a colour.
func TestFormatsAgree(t *testing.T) {
	fonts, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	looks := looksFor(t)
	for _, name := range []string{"china", "print", "prd-print", "hex"} {
		t.Run(name, func(t *testing.T) {
			m := looks[name]
			m.Width, m.Height, m.Labels = 900, 700, false
			if m.Layers[0].View == Groups {
				grouped(t, m)
			}
			p, err := Draw(t.Context(), m, fonts)
			if err != nil {
				t.Fatal(err)
			}
			write := func(name string, write func(io.Writer) error) string {
				var b bytes.Buffer
				if err := write(&b); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return path
			}
			want := shot(t, write("map.png", func(w io.Writer) error { return draw.PNG(t.Context(), w, fonts, p.Drawing, draw.Raster{}) }))
			svg := write("map.svg", func(w io.Writer) error { return draw.SVG(t.Context(), w, fonts, p.Drawing) })
			pdf := write("map.pdf", func(w io.Writer) error { return draw.PDF(t.Context(), w, fonts, p.Drawing) })
			out := filepath.Join(t.TempDir(), "shot")
			runTool(t, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
				"--force-device-scale-factor=1", "--user-data-dir="+t.TempDir(), fmt.Sprintf("--window-size=%g,%g", m.Width, m.Height),
				"--screenshot="+out+".png", "file://"+svg)
			compareShots(t, "svg", shot(t, out+".png"), want)
			runTool(t, "pdftoppm", "-r", "96", "-png", "-singlefile", pdf, out)
			compareShots(t, "pdf", shot(t, out+".png"), want)
		})
	}
}

func runTool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v (Debian: chromium, poppler-utils)\n%s", name, err, out)
	}
}

func shot(t *testing.T, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return picture(t, data)
}

func compareShots(t *testing.T, format string, got, want image.Image) {
	t.Helper()
	n, all := differentBy(got, want, 255/6)
	t.Logf("%s: %.2f %% of the pixels differ", format, 100*float64(n)/float64(all))
	if n*100 > all {
		t.Errorf("%s: %d of %d pixels differ", format, n, all)
	}
}
