package main

import (
	"encoding/json"
	"fmt"
)

// regionFeatures gives the definitions of the atlas with their outlines. Only the
// geometry is computed.
func (t *tiling) regionFeatures(definitions []feature) ([]feature, error) {
	out := make([]feature, len(definitions))
	for i, d := range definitions {
		var p struct{ Adcodes []string }
		if err := json.Unmarshal(d.Properties, &p); err != nil {
			return nil, fmt.Errorf("region %s: %w", d.ID, err)
		}
		for _, code := range p.Adcodes {
			if len(t.outline(code)) == 0 {
				return nil, fmt.Errorf("region %s: %s has no area", d.ID, code)
			}
		}
		d.Geometry = multiPolygonJSON(t.outline(p.Adcodes...))
		out[i] = d
	}
	return out, nil
}
