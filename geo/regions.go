package geo

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Regions tells to which regions a division belongs, by its code alone: a unit
// 330000 of a definition holds the whole province 33, 330100 the whole
// prefecture 3301, any other code that county alone (GB/T 2260).
type Regions struct {
	byPrefix map[string][]int // places in defs
	defs     []regionDef      // by id
}

type regionDef struct {
	id, region string
	def        bool
}

// membership is what a division code says of a feature.
type membership struct {
	values  [2]propValue // of region and regions
	members [2][]byte    // `"region":…` and `"regions":[…]`
}

// ReadRegions takes the definitions from the features of src: the id names the
// definition, and the properties are region, default and adcodes.
func ReadRegions(ctx context.Context, src Source) (*Regions, error) {
	all, err := src.Search(ctx, Query{})
	if err != nil {
		return nil, err
	}
	code := regexp.MustCompile(`^[1-9]\d{5}$`)
	r := &Regions{byPrefix: make(map[string][]int)}
	for i, f := range all.Features {
		var p struct {
			Region  string
			Default bool
			Adcodes []string
		}
		id := f.ID().String()
		if err := json.Unmarshal(f.Properties(), &p); err != nil {
			return nil, fmt.Errorf("geo: region %s: %w", id, err)
		}
		r.defs = append(r.defs, regionDef{id, p.Region, p.Default})
		for _, c := range p.Adcodes {
			if !code.MatchString(c) {
				return nil, &InvalidError{Field: "region " + id, Reason: fmt.Sprintf("%q is not a division code of six digits", c)}
			}
			prefix := strings.TrimSuffix(strings.TrimSuffix(c, "00"), "00")
			if !slices.Contains(r.byPrefix[prefix], i) {
				r.byPrefix[prefix] = append(r.byPrefix[prefix], i)
			}
		}
	}
	return r, nil
}

// Of returns the region whose default definition holds the division, "" where
// none does, and the ids of all definitions that hold it, sorted.
func (r *Regions) Of(adcode string) (region string, definitions []string) {
	definitions = []string{}
	if len(adcode) != 6 {
		return "", definitions
	}
	var in []int
	for _, prefix := range []string{adcode[:2], adcode[:4], adcode} {
		in = append(in, r.byPrefix[prefix]...)
	}
	slices.Sort(in)
	for _, i := range slices.Compact(in) {
		d := r.defs[i]
		definitions = append(definitions, d.id)
		if d.def && region == "" {
			region = d.region
		}
	}
	return region, definitions
}

// memberships keeps what Regions says of a code.
type memberships struct {
	regions *Regions
	known   map[string]*membership
}

func (k *memberships) of(adcode string) *membership {
	if m := k.known[adcode]; m != nil {
		return m
	}
	region, definitions := k.regions.Of(adcode)
	one := propValue{key: []byte("region"), kind: kindNull, text: []byte("null")}
	encoded := one.text
	if region != "" {
		one.kind, one.text = kindString, []byte(region)
		encoded = appendString(nil, region)
	}
	list := mustJSON(definitions)
	m := &membership{
		values:  [2]propValue{one, {key: []byte("regions"), kind: kindArray, text: list}},
		members: [2][]byte{append([]byte(`"region":`), encoded...), append([]byte(`"regions":`), list...)},
	}
	const most = 1 << 14
	if len(k.known) < most {
		k.known[adcode] = m
	}
	return m
}
