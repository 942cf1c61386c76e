package geo

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// definitions: the north is a province by default, the south two prefectures by
// default and one county by another definition.
func definitions(t testing.TB) *Regions {
	t.Helper()
	def := func(id, region string, def bool, codes string) string {
		return fmt.Sprintf(`{"type":"Feature","id":%q,"geometry":null,"properties":{"region":%q,"default":%v,"adcodes":[%s]}}`, id, region, def, codes)
	}
	x := mustRead(t, ReadOptions{},
		def("north1", "north", true, `"310000"`), def("south2", "south", true, `"441900","330100"`), def("south3", "south", false, `"330683","441900","310000"`))
	r, err := ReadRegions(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegionsOf(t *testing.T) {
	r := definitions(t)
	for code, want := range map[string]string{
		"310000": "north [north1 south3]", "310101": "north [north1 south3]", // a province holds all below it
		"330100": "south [south2]", "330102": "south [south2]", // a prefecture holds its counties
		"330683": " [south3]", "330684": " []", "330600": " []", // a county holds itself
		"441900": "south [south2 south3]", "441999": "south [south2 south3]",
		"": " []", "33": " []", "3301": " []", "33010": " []", "3301021": " []", "abcdef": " []", "浙江": " []",
	} {
		region, defs := r.Of(code)
		if got := fmt.Sprint(region, " ", defs); got != want {
			t.Errorf("Of(%q): got %q, want %q", code, got, want)
		}
	}
}

func TestReadRegionsRefuses(t *testing.T) {
	for _, codes := range []string{`"3301"`, `"330100","x"`, `"33010a"`, `"030100"`, `330100`} {
		x := mustRead(t, ReadOptions{}, `{"type":"Feature","id":"d","geometry":null,"properties":{"region":"r","default":true,"adcodes":[`+codes+`]}}`)
		if _, err := ReadRegions(context.Background(), x); err == nil || !strings.Contains(err.Error(), "d") {
			t.Errorf("adcodes [%s]: got %v", codes, err)
		}
	}
}

func TestMembershipsAreComputed(t *testing.T) {
	f := func(id, properties string) string {
		return `{"type":"Feature","id":"` + id + `","geometry":null,"properties":` + properties + `}`
	}
	features := []string{
		f("a", `{"adcode":"330102","x":1}`), f("b", `{"adcode":310101}`), f("c", `{"adcode":null}`),
		f("d", `{}`), f("e", `null`), f("f", `{"adcode":"441900","region":"mine"}`), f("g", `{ "x" : 2 }`),
	}
	want := map[string]string{
		"a": `{"adcode":"330102","x":1,"region":"south","regions":["south2"]}`,
		"b": `{"adcode":310101,"region":"north","regions":["north1","south3"]}`,
		"c": `{"adcode":null,"region":null,"regions":[]}`,
		"d": `{}`, "e": `null`, "f": `{"adcode":"441900","region":"mine","regions":["south2","south3"]}`, "g": `{ "x" : 2 }`,
	}
	check := func(x *Index, want map[string]string) {
		t.Helper()
		for _, f := range search(t, x, Query{}).Features {
			if got := string(f.Properties()); got != want[f.ID().String()] {
				t.Errorf("%s: got %s, want %s", f.ID(), got, want[f.ID().String()])
			}
		}
	}
	x := mustRead(t, ReadOptions{Regions: definitions(t)}, features...)
	check(x, want)
	for text, ids := range map[string]string{"south": "a", "north": "b", "south,mine": "a f"} {
		if got := idsOf(search(t, x, Query{Match: []Match{match(t, x, "region", text)}}).Features); got != ids {
			t.Errorf("region=%s: got %q, want %q", text, got, ids)
		}
	}
	if got := idsOf(search(t, x, Query{Match: []Match{match(t, x, "regions", "south3")}}).Features); got != "b f" {
		t.Errorf("regions=south3: got %q", got)
	}

	// A schema file that names the property gives every feature its regions.
	schema := []byte(`{"properties":{"adcode":{"x-clustermap-role":"adcode"}}}`)
	want["g"] = `{ "x" : 2 ,"region":null,"regions":[]}`
	check(mustRead(t, ReadOptions{Regions: definitions(t), Schema: schema}, features...), want)

	// Without a property of that name there is nothing to compute.
	y := mustRead(t, ReadOptions{Regions: definitions(t)}, f("a", `{"code":"330102"}`))
	if _, ok := y.Schema().Property("region"); ok {
		t.Error("region computed without a division code")
	}
}
