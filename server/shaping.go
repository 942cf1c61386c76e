package server

import (
	"slices"
	"strconv"
	"strings"

	"clustermap/geo"
)

const (
	mostChosen = 1000 // names in properties and exclude-properties
	mostZoom   = geo.MaxZoom
)

// chooseProperties reads properties and exclude-properties.
func (r *selectionReader) chooseProperties() error {
	if !r.purpose.shaped() {
		return nil
	}
	chosen, some, err := r.propertyList("properties")
	if err != nil {
		return err
	}
	excluded, without, err := r.propertyList("exclude-properties")
	if err != nil || !some && !without {
		return err
	}
	if !some {
		for _, p := range r.schema.Properties {
			chosen = append(chosen, p.Name)
		}
	}
	r.view.Properties = slices.DeleteFunc(chosen, func(name string) bool { return slices.Contains(excluded, name) })
	if r.view.Properties == nil {
		r.view.Properties = []string{}
	}
	return nil
}

// propertyList reads a list of names of properties, each of which counts once.
func (r *selectionReader) propertyList(param string) (names []string, given bool, err error) {
	text, given := r.all.get(param)
	if !given {
		return nil, false, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		_, path, ok := r.schema.Find(name)
		switch {
		case !ok:
			var known []string
			for _, p := range propertiesOf(r.schema.Properties, "") {
				known = append(known, p.Name)
			}
			return nil, true, invalid(param, "there is no property %s%s", quoted(name), didYouMean(name, known))
		case len(path) > 1 && param == "exclude-properties":
			return nil, true, invalid(param, "%s is a member of an object; name the object, or those that are wanted in properties", quoted(name))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if len(names) > mostChosen {
			return nil, true, invalid(param, "has more than %d names", mostChosen)
		}
	}
	r.shape = append(r.shape, paramOf(param, names))
	return names, true, nil
}

func paramOf(name string, values []string) param { return param{name, strings.Join(values, ",")} }

func parseBool(q param) (bool, error) {
	switch q.value {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalid(q.name, "needs true or false, found %s", quoted(q.value))
}

func parseZoom(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil || n > mostZoom || s != strconv.FormatUint(n, 10) {
		return 0, invalid("zoom-level", "needs a whole number from 0 to %d, found %s", mostZoom, quoted(s))
	}
	return int(n), nil
}

// asKept reports whether a feature is shown as it is stored.
func (sel *selection) asKept() bool {
	v := &sel.view
	return v.Properties == nil && !v.SkipGeometry && v.CRS == nil && sel.zoom < 0
}

// simplify makes the view show outlines as they are needed at the zoom level.
func (s *Server) simplify(q *request, sel *selection, source geo.Source) error {
	if sel.zoom < 0 {
		return nil
	}
	x, ok := source.(simplifier)
	if !ok {
		return nil
	}
	ctx, cancel := s.limitedTime(q.Context())
	defer cancel()
	shapes, err := x.Simplified(ctx, sel.zoom)
	if err != nil {
		return err
	}
	sel.view.Simplify = shapes.Geometry
	return nil
}
