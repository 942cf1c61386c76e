package data_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What people write for places, and the zones that are no divisions, each with the
// divisions that it is or lies in, the chief one first.
func TestAliases(t *testing.T) {
	rows := table(t, "aliases.csv")
	now := codeTable(t, "2023")
	divisions := make(map[string]bool)
	for _, name := range now {
		divisions[name] = true
	}
	towns := make(map[string][]string) // zones too that are no towns: codes of statistics
	for _, r := range table(t, "gazetteer/towns.csv") {
		now[r["code"]] = r["name"]
		towns[r["name"]] = append(towns[r["name"]], r["code"])
	}
	hosts := make(map[string]string) // of the zones, by official name
	for _, r := range rows {
		if r["alias"] == r["name"] {
			hosts[r["name"]] = r["code"]
		}
	}
	order := func(a, b map[string]string) int {
		return cmp.Or(cmp.Compare(a["alias"], b["alias"]), cmp.Compare(a["code"], b["code"]))
	}
	zoned := regexp.MustCompile(`^\d{4}7\d$`) // zones that have a code as if they were counties
	for i, r := range rows {
		alias := r["alias"]
		if i > 0 && order(rows[i-1], r) >= 0 {
			t.Errorf("%s: not after the row above it", alias)
		}
		if alias == "" || strings.TrimSpace(alias) != alias {
			t.Errorf("%q: no name", alias)
		}
		codes := strings.Split(r["code"], ";")
		for j, code := range codes {
			if now[code] == "" || placeholder(now[code]) || zoned.MatchString(code) || slices.Contains(codes[:j], code) {
				t.Errorf("%s: %s is %q, which hosts nothing", alias, code, now[code])
			}
		}
		switch r["kind"] {
		case "alias", "set":
			if r["name"] != "" || divisions[alias] || len(towns[alias]) > 0 || (len(codes) > 1) != (r["kind"] == "set") {
				t.Errorf("%s: %s of %d divisions, named %q", alias, r["kind"], len(codes), r["name"])
			}
		case "zone":
			if hosts[r["name"]] != r["code"] {
				t.Errorf("%s: %s lies in %q by its own row, here in %s", alias, r["name"], hosts[r["name"]], r["code"])
			}
			lies := func(town string) bool {
				return slices.ContainsFunc(codes, func(code string) bool {
					return strings.HasPrefix(town, strings.TrimSuffix(code, "00"))
				})
			}
			if found := towns[alias]; len(found) > 0 && !slices.ContainsFunc(found, lies) {
				t.Errorf("%s: lies in %s, and in the table of towns in %v", alias, r["code"], found)
			}
			if divisions[alias] && !strings.Contains(r["note"], "a code of statistics") {
				t.Errorf("%s: a division has this name", alias)
			}
		default:
			t.Errorf("%s: kind %q", alias, r["kind"])
		}
	}
}

// The zones of the lists of all national zones are there, and the new areas.
func TestAliasesHaveNationalZones(t *testing.T) {
	known := make(map[string]bool)
	areas := 0
	for _, r := range table(t, "aliases.csv") {
		known[r["alias"]] = true
		if r["alias"] == r["name"] && strings.HasPrefix(r["note"], "state-level new area") || r["alias"] == "浦东" || r["alias"] == "天津滨海新区" {
			areas++
		}
	}
	if areas != 19 {
		t.Errorf("%d state-level new areas, want 19", areas)
	}
	for _, list := range []string{"etdz_232", "hnte_174"} {
		for _, r := range table(t, "sources/lists/"+list+".csv") {
			if !known[r["place_zh"]] {
				t.Errorf("%s, row %s: %s is not there", list, r["row"], r["place_zh"])
			}
		}
	}
}
