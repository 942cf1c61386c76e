package render

import (
	"fmt"
	"image/color"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTokens holds the colours to those of the page: one drawing.
func TestTokens(t *testing.T) {
	css, err := os.ReadFile("../../web/src/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), `[data-theme="dark"] {`)
	dark, _, ok2 := strings.Cut(rest, "@media")
	if !ok || !ok2 {
		t.Fatal("tokens.css has no dark theme where it had one")
	}
	for name, c := range map[string]struct {
		css   string
		theme *theme
	}{"light": {light, lightTheme()}, "dark": {dark, darkTheme()}} {
		want := map[string]string{}
		for _, m := range regexp.MustCompile(`--([\w-]+):\s*(#[0-9A-Fa-f]{6});`).FindAllStringSubmatch(c.css, -1) {
			want[m[1]] = strings.ToUpper(m[2])
		}
		used := map[string]bool{}
		for token, got := range tokensOf(c.theme) {
			used[token] = true
			if hex := fmt.Sprintf("#%02X%02X%02X", got.R, got.G, got.B); want[token] != hex {
				t.Errorf("%s: --%s is %s here and %q on the page", name, token, hex, want[token])
			}
		}
		for token := range want {
			if regexp.MustCompile(`^(map|fam|seq|div)-`).MatchString(token) && !used[token] {
				t.Errorf("%s: the page has --%s, pictures do not", name, token)
			}
		}
	}
}

func tokensOf(t *theme) map[string]color.NRGBA {
	m := map[string]color.NRGBA{
		"surface": t.surface, "surface-2": t.surface2, "line": t.line, "ink": t.ink, "ink-2": t.ink2, "ink-3": t.ink3,
		"map-sea": t.sea, "map-land": t.land, "map-region": t.region, "map-coast": t.coast, "map-country": t.country,
		"map-province": t.province, "map-river": t.river, "map-region-line": t.regionLine,
		"map-label-place": t.labelPlace, "map-label-area": t.labelArea, "map-label-water": t.labelWater,
		"map-halo": t.halo, "map-casing": t.casing,
	}
	for i, token := range familyTokens {
		m["fam-"+token] = t.families[i]
	}
	for i, c := range t.sequential {
		m[fmt.Sprintf("seq-%d", i+1)] = c
	}
	for i, token := range []string{"n3", "n2", "n1", "0", "p1", "p2", "p3"} {
		m["div-"+token] = t.diverging[i]
	}
	return m
}

// TestSizes holds the sizes of symbols to those of the page.
func TestSizes(t *testing.T) {
	for file, wants := range map[string][]string{
		"symbols.ts": {
			"r: 8.5 - inset", "r: 7.5 - inset", "9.3 - inset * 1.6", "[r * 0.88, r * 0.62]", "6.5 - inset", "9.5 - inset * 1.3", "10 - inset * 1.15",
			"r: 14.5", "r: 2.5 }", "r: 2.1 }", "outline(shape, 1.25)", "r < 16 ? 4 : r < 22 ? 4.5 : 5.5", "r: r + 1.5", "1.4 / mid", "[0, 0, 70, 68, 66, 64, 60]", "n <= 3 ? 22 : 24", "r: 2.6",
		},
		"groups.ts": {
			"if (n <= 3) return 13", "if (n <= 9) return 15.5", "if (n <= 99) return 18", "return n <= 999 ? 22.5 : 27.5", "MAX_STACK = 6",
		},
		"map.css": {
			".sym-casing { fill: var(--map-casing); stroke: var(--map-casing); stroke-width: 3;", "stroke-width: 2.5; stroke-linejoin: round", ".sym-dash { stroke-width: 2; stroke-dasharray: 3 2.2; }",
			"opacity: 0.18", "scale(1.15)", "min(0.78125rem, 18px)",
		},
		"painter.ts": {"zoom < 6 ? 2.4 : zoom < 9 ? 3 : zoom < 12 ? 4 : 5.5", "CASED = 4", "this.radius + 0.8"},
		"basemap.ts": {
			"line: '--map-coast', weight: 0.8", "line: '--map-province', weight: 0.8", "line: '--map-country', weight: 0.9", "dash: '3 3'", "weight: 1.5, dash: '6 4'",
		},
		"outline.ts": {"NEAR_COAST = 0.004", "NEAR_UNIT = 0.004", "SHORTEST = 4"},
		"overlay.ts": {"NEARER = 0.25"},
		"hexsize.ts": {"[1, 2, 5, 10, 20, 50, 100, 200, 500]", "WIDE = 34", "MIDDLE_LATITUDE = 33"},
	} {
		text, err := os.ReadFile("../../web/src/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q any more: what pictures draw is to follow", file, want)
			}
		}
	}
}
