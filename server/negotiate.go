package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"clustermap/geo/export"
)

// media is a media type that a resource has.
type media struct {
	f       string // its value of the parameter f
	kind    string // type/subtype, for Accept
	content string // Content-Type
}

const htmlType = "text/html; charset=utf-8"

var (
	jsonMedia    = media{"json", "application/json", "application/json"}
	geojsonMedia = media{"json", "application/geo+json", "application/geo+json"}
	schemaMedia  = media{"json", "application/schema+json", "application/schema+json"}
	openapiMedia = media{"json", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json;version=3.0"}
	csvMedia     = media{"csv", "text/csv", "text/csv; charset=utf-8"}
	htmlMedia    = media{"html", "text/html", htmlType}
)

// featureMedia are the media types of features; without files those of pages.
func featureMedia() []media {
	out := []media{geojsonMedia, jsonMedia, htmlMedia}
	for _, f := range export.Formats() {
		if f.Name == "json" || f.Name == "geojson" {
			continue
		}
		kind, _, _ := strings.Cut(f.MediaType, ";")
		for _, kind := range append([]string{kind}, f.Also...) {
			out = append(out, media{f.Name, kind, f.MediaType})
		}
	}
	return out
}

func (m media) isHTML() bool { return m.f == "html" }

// negotiate chooses among offers, best first, by f if it is given, else by the
// Accept headers (RFC 9110, 12.5.1). Parameters of media ranges other than q
// are not looked at.
func negotiate(accept []string, f string, given bool, offers []media) (media, error) {
	if given {
		for _, o := range offers {
			if o.f == f || o.kind == f { // some clients name the media type
				return o, nil
			}
		}
		if f == "geojson" && offers[0] == geojsonMedia {
			return geojsonMedia, nil
		}
		var names []string
		for _, o := range offers {
			if !slices.Contains(names, o.f) {
				names = append(names, o.f)
			}
		}
		return media{}, invalid("f", "%s is not a format of this resource; there are %s", quoted(f), strings.Join(names, ", "))
	}
	if len(accept) == 0 || len(accept) == 1 && (accept[0] == "*/*" || accept[0] == offers[0].kind) {
		return offers[0], nil
	}
	best, bestQ := media{}, 0
	for _, o := range offers {
		if q := quality(accept, o.kind); q > bestQ {
			best, bestQ = o, q
		}
	}
	if bestQ == 0 {
		var kinds []string
		for _, o := range offers {
			if !slices.Contains(kinds, o.kind) {
				kinds = append(kinds, o.kind)
			}
		}
		return media{}, failf(http.StatusNotAcceptable, "This resource has the media types %s.", strings.Join(kinds, ", "))
	}
	return best, nil
}

// quality is how much accept wants kind, in thousandths: the q of the most
// specific range that fits.
func quality(accept []string, kind string) int {
	major, _, _ := strings.Cut(kind, "/")
	best, specific := 0, -1
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			name, q := element(part)
			rank := -1
			switch {
			case strings.EqualFold(name, kind):
				rank = 2
			case name == "*/*":
				rank = 0
			case len(name) == len(major)+2 && strings.HasSuffix(name, "/*") && strings.EqualFold(name[:len(major)], major):
				rank = 1
			}
			if rank > specific || rank >= 0 && rank == specific && q > best {
				best, specific = q, rank
			}
		}
	}
	return best
}

// element splits one element of an Accept or Accept-Encoding header into its
// name and its q in thousandths. A q that cannot be read counts as 0.
func element(part string) (name string, q int) {
	name, rest, _ := strings.Cut(part, ";")
	q = 1000
	for rest != "" {
		var param string
		param, rest, _ = strings.Cut(rest, ";")
		if k, v, _ := strings.Cut(param, "="); strings.EqualFold(strings.TrimSpace(k), "q") {
			f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil || !(f >= 0 && f <= 1) {
				f = 0
			}
			q = int(f*1000 + 0.5)
		}
	}
	return strings.TrimSpace(name), q
}

// coding is a content coding.
type coding struct {
	name string // "" is identity
	must bool   // identity is refused
}

// acceptedCoding chooses among zstd, gzip and identity (RFC 9110, 12.5.3); of
// equally wanted ones the first of these.
func acceptedCoding(accept []string) (coding, error) {
	if len(accept) == 0 {
		return coding{}, nil
	}
	zstdQ, gzipQ, plainQ, anyQ := -1, -1, -1, -1
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			switch name, q := element(part); {
			case strings.EqualFold(name, "zstd"):
				zstdQ = q
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				gzipQ = q
			case strings.EqualFold(name, "identity"):
				plainQ = q
			case name == "*":
				anyQ = q
			}
		}
	}
	or := func(q, other int) int {
		if q < 0 {
			return other
		}
		return q
	}
	zstdQ, gzipQ = or(zstdQ, anyQ), or(gzipQ, anyQ)
	refused := plainQ == 0 || plainQ < 0 && anyQ == 0
	switch {
	case zstdQ > 0 && zstdQ >= gzipQ && zstdQ >= plainQ:
		return coding{"zstd", refused}, nil
	case gzipQ > 0 && gzipQ >= plainQ:
		return coding{"gzip", refused}, nil
	case refused:
		return coding{}, failf(http.StatusNotAcceptable, "This server has the content codings zstd, gzip and identity.")
	}
	return coding{}, nil
}
