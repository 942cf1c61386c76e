package main

import (
	"net/url"
	"slices"
	"testing"
)

// TestQGISFilterRequests replays what QGIS from 3.32 on sends where Debian's does
// not yet: it looks for the classes of filtering, reads the queryables, and sends
// its expressions as CQL2, with the view as bbox and, from 3.36 on, a CRS.
func TestQGISFilterRequests(t *testing.T) {
	address := start(t).url
	var classes struct{ ConformsTo []string }
	getJSON(t, address+"/conformance", "application/json", &classes)
	for _, class := range []string{
		"ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
		"cql2/1.0/conf/cql2-text", "cql2/1.0/conf/basic-cql2", "cql2/1.0/conf/advanced-comparison-operators",
		"cql2/1.0/conf/case-insensitive-comparison", "cql2/1.0/conf/basic-spatial-functions", "cql2/1.0/conf/arithmetic",
		"ogcapi-features-2/1.0/conf/crs", "ogcapi-features-5/1.0/conf/schemas",
	} {
		if !slices.Contains(classes.ConformsTo, "http://www.opengis.net/spec/"+class) {
			t.Errorf("the class %s that QGIS looks for is not declared", class)
		}
	}
	var queryables struct{ Properties map[string]any }
	getJSON(t, address+"/collections/clusters/queryables", "application/schema+json", &queryables)
	for _, name := range []string{"name_zh", "industry", "firms", "geometry"} {
		if queryables.Properties[name] == nil {
			t.Errorf("%s is no queryable", name)
		}
	}

	all := clusters(t)
	is := func(name string, values ...any) func(feature) bool {
		return func(f feature) bool { return slices.Contains(values, f.Properties[name]) }
	}
	for _, c := range []struct {
		filter, more string
		want         func(feature) bool
	}{
		{`("industry" = 'ceramics')`, "", is("industry", "ceramics")},
		{`(("level" IN ('county','town')) AND (NOT ("industry" = 'ceramics')))`, "", func(f feature) bool {
			return is("level", "county", "town")(f) && !is("industry", "ceramics")(f)
		}},
		{`("share_china_pct" >= 30)`, "", func(f feature) bool { n, ok := f.Properties["share_china_pct"].(float64); return ok && n >= 30 }},
		{`("share_china_pct" IS NULL)`, "", is("share_china_pct", nil)},
		{`(CASEI("name_en") LIKE CASEI('FOSHAN%'))`, "", is("name_en", "Foshan furniture")},
		{`S_INTERSECTS("geometry",BBOX(112,21.5,115.5,24))`, "", func(f feature) bool { return f.within(112, 21.5, 115.5, 24) }},
		{`("level" = 'town')`, "&bbox=112,21.5,115.5,24&bbox-crs=" + url.QueryEscape(crs84URI), func(f feature) bool {
			return is("level", "town")(f) && f.within(112, 21.5, 115.5, 24)
		}},
		{`("level" = 'town')`, "&crs=" + url.QueryEscape("http://www.opengis.net/def/crs/EPSG/0/3857"), is("level", "town")},
	} {
		var page struct{ Features []feature }
		getJSON(t, address+"/collections/clusters/items?limit=1000&filter="+url.QueryEscape(c.filter)+"&filter-lang=cql2-text"+c.more,
			"application/geo+json, application/json", &page)
		var got []string
		for _, f := range page.Features {
			got = append(got, f.id())
		}
		slices.Sort(got)
		if want := ids(all, c.want); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s%s gives %v, want %v", c.filter, c.more, got, want)
		}
	}
}
