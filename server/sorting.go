package server

import (
	"slices"
	"strings"

	"clustermap/geo"
)

const mostSortKeys = 8

// readSort reads sortby: names of sortable properties, each with + or nothing
// before it for ascending and - for descending order. An unescaped + arrives as a
// space.
func (r *selectionReader) readSort(text string) error {
	var canonical []string
	for part := range strings.SplitSeq(text, ",") {
		key := geo.SortKey{Property: part}
		if r.isSortable(part) == nil {
			canonical = append(canonical, signed(key))
		} else {
			if name, found := strings.CutPrefix(part, "-"); found {
				key = geo.SortKey{Property: name, Descending: true}
			} else {
				key.Property = strings.TrimLeft(part, "+ ")
			}
			if err := r.isSortable(key.Property); err != nil {
				return err
			}
			canonical = append(canonical, signed(key))
		}
		if slices.ContainsFunc(r.query.Sort, func(k geo.SortKey) bool { return k.Property == key.Property }) {
			return invalid("sortby", "names %s twice", quoted(key.Property))
		}
		r.query.Sort = append(r.query.Sort, key)
		if len(canonical) > mostSortKeys {
			return invalid("sortby", "has more than %d properties", mostSortKeys)
		}
	}
	r.order = append(r.order, param{"sortby", strings.Join(canonical, ",")})
	return nil
}

// signed is a key as links have it.
func signed(k geo.SortKey) string {
	switch {
	case k.Descending:
		return "-" + k.Property
	case strings.HasPrefix(k.Property, "-"), strings.HasPrefix(k.Property, "+"), strings.HasPrefix(k.Property, " "):
		return "+" + k.Property
	}
	return k.Property
}

func (r *selectionReader) isSortable(name string) error {
	if name == "" {
		return invalid("sortby", "has an empty name; write the names of properties, with - before one for descending order")
	}
	p, ok := r.schema.Property(name)
	if ok && p.Sortable() {
		return nil
	}
	if ok {
		return invalid("sortby", "%s has values that have no order (%s)", quoted(name), p.Type)
	}
	var names []string
	for _, p := range r.schema.Properties {
		if p.Sortable() {
			names = append(names, p.Name)
		}
	}
	return invalid("sortby", "there is no sortable property %s%s", quoted(name), didYouMean(name, names))
}
