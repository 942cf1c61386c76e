package server

import (
	"strings"

	"clustermap/geo"
	"clustermap/geo/render"
)

// Layers of WMS beside the collections. A collection of the same name goes before.
const (
	wmsGround   = "base-map"
	wmsOutlines = "concentrations"
)

// wmsLayer is a layer of WMS.
type wmsLayer struct {
	name       string
	collection *geo.Collection // nil: the base map or the outlines
}

// wmsLayers are the layers in the order in which they are best drawn: the base map, the
// outlines, areas and lines, points.
func (s *Server) wmsLayers(state *geo.State) []wmsLayer {
	var out, points []wmsLayer
	if _, taken := state.Collection(wmsGround); s.ground != nil && !taken {
		out = append(out, wmsLayer{name: wmsGround})
	}
	_, taken := state.Collection(wmsOutlines)
	if _, ok := state.Collection(regionsID); ok && !taken {
		out = append(out, wmsLayer{name: wmsOutlines})
	}
	for _, c := range state.Collections() {
		if _, err := indexOf(c); err != nil {
			continue
		}
		if usualView(c, false) == render.Groups {
			points = append(points, wmsLayer{c.ID, c})
		} else {
			out = append(out, wmsLayer{c.ID, c})
		}
	}
	return append(out, points...)
}

func (l wmsLayer) queryable() bool { return l.collection != nil }

// wmsStyle is a style of a layer: colours and sizes, and for points how they are shown.
type wmsStyle struct {
	name  string
	style render.Style
	view  render.View
}

// styles are the styles of a layer, the default one first.
func (l wmsLayer) styles() []wmsStyle {
	views := []string{""}
	if l.collection != nil && usualView(l.collection, false) == render.Groups {
		views = append(views, "groups", "hex")
		if _, err := territoryCut(l.collection); err == nil {
			views = append(views, "territory")
		}
	}
	var out []wmsStyle
	for _, view := range views {
		for _, style := range [...]string{"light", "dark", "print", "presentation"} {
			name := style
			if view != "" {
				name += "-" + view
			}
			out = append(out, wmsStyle{name, styleNames()[style], viewNames()[view]}) // features where view is ""
		}
	}
	return out
}

func (l wmsLayer) style(name string) (wmsStyle, error) {
	all := l.styles()
	if name == "" || name == "default" {
		return all[0], nil
	}
	var names []string
	for _, s := range all {
		if s.name == name {
			return s, nil
		}
		names = append(names, s.name)
	}
	return wmsStyle{}, wmsInvalid("styles", "StyleNotDefined", "the layer %s has no style %s; it has %s", quoted(l.name), quoted(name), strings.Join(names, ", "))
}

func (s *Server) wmsLayerNamed(state *geo.State, param, name string) (wmsLayer, error) {
	var names []string
	for _, l := range s.wmsLayers(state) {
		if l.name == name {
			return l, nil
		}
		names = append(names, l.name)
	}
	return wmsLayer{}, wmsInvalid(param, "LayerNotDefined", "there is no layer %s%s", quoted(name), didYouMean(name, names))
}

// Kinds of layers, in the order in which a part draws them.
const (
	groundLayer = iota
	outlineLayer
	collectionLayer
)

func kindOfLayer(l wmsLayer) (kind int, ok bool) {
	switch {
	case l.collection != nil:
		return collectionLayer, true
	case l.name == wmsOutlines:
		return outlineLayer, true
	}
	return groundLayer, l.name == wmsGround
}
