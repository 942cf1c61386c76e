package server

import (
	"slices"
	"strings"

	"clustermap/geo"
)

const mostSortKeys = 8

// readSort reads sortby: names of sortable properties, or that of the id, each with
// + or nothing before it for ascending and - for descending order. An unescaped +
// arrives as a space. What stands behind the id has no effect and is left out.
func (r *selectionReader) readSort(text string) error {
	var canonical []string
	whole := false
	for part := range strings.SplitSeq(text, ",") {
		key := geo.SortKey{Property: part}
		if r.isSortable(part) != nil {
			if name, found := strings.CutPrefix(part, "-"); found {
				key = geo.SortKey{Property: name, Descending: true}
			} else {
				key.Property = strings.TrimLeft(part, "+ ")
			}
			if err := r.isSortable(key.Property); err != nil {
				return err
			}
		}
		name, canon := key.Property, signed(key)
		if key.Property == r.schema.IDName() {
			key.Property = ""
		}
		if slices.ContainsFunc(r.query.Sort, func(k geo.SortKey) bool { return k.Property == key.Property }) {
			return invalid("sortby", "names %s twice", quoted(name))
		}
		if whole {
			continue
		}
		whole = key.Property == ""
		r.query.Sort, canonical = append(r.query.Sort, key), append(canonical, canon)
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
	p, _, ok := r.schema.Find(name)
	if ok && p.Sortable() || name == r.schema.IDName() {
		return nil
	}
	if ok {
		return invalid("sortby", "%s has values that have no order (%s)", quoted(name), p.Type)
	}
	names := []string{r.schema.IDName()}
	for _, p := range propertiesOf(r.schema.Properties, "") {
		if p.Sortable() {
			names = append(names, p.Name)
		}
	}
	return invalid("sortby", "there is no sortable property %s%s", quoted(name), didYouMean(name, names))
}
