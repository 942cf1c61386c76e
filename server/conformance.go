package server

// conformsTo are the classes whose every requirement the server meets.
var conformsTo = [...]string{
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
	"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
	"http://www.opengis.net/spec/ogcapi-features-6/1.0/conf/property-selection",
	"http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
	"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
	"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/returnables-and-receivables",
	"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/queryables",
	"http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/sortables",
	// Common Part 3 was Features Part 5, and clients look for that.
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
	"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/sortables",
	"http://www.opengis.net/spec/json-fg-1/1.0/conf/core",
	"http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas",
}
