package server

import (
	"net/http"
	"strings"

	"clustermap/geo"
)

// ownProfile is the profile of schema documents that have keywords of ours, such
// as counts of values, and titles in both languages. Without it they have those of
// OGC API - Common Part 3 only, as that demands, in one language.
const ownProfile = "clustermap"

// schema answers GET /collections/{collection}/schema.
func (s *Server) schema(w http.ResponseWriter, q *request) error {
	return s.sendSchema(w, q, "schema", func(schema *geo.Schema, id string) []byte {
		return schema.JSONSchema(id)
	})
}

// queryables answers GET /collections/{collection}/queryables.
func (s *Server) queryables(w http.ResponseWriter, q *request) error {
	return s.sendSchema(w, q, "queryables", func(schema *geo.Schema, id string) []byte {
		return schema.Queryables(id, reserved)
	})
}

// sortables answers GET /collections/{collection}/sortables.
func (s *Server) sortables(w http.ResponseWriter, q *request) error {
	return s.sendSchema(w, q, "sortables", func(schema *geo.Schema, id string) []byte {
		return schema.Sortables(id, unsortable)
	})
}

// unsortable tells which properties cannot stand in sortby: those with a comma in
// their name.
func unsortable(name string) bool { return strings.Contains(name, ",") }

func (s *Server) sendSchema(w http.ResponseWriter, q *request, name string, make func(schema *geo.Schema, id string) []byte) error {
	c, err := q.collectionOf()
	if err != nil {
		return err
	}
	own, err := q.takeProfile()
	if err != nil {
		return err
	}
	q.speaks(w)
	path, query := collectionPath(c.ID)+"/"+name, ""
	schema := c.Source.Schema()
	if own {
		query = "profile=" + ownProfile
	} else {
		schema = schema.Plain(q.lang)
	}
	t := s.tag(q, c.Source.Rev(), path+"?"+query)
	if q.current(w, t) {
		return nil
	}
	links := q.selfLinks([]media{schemaMedia, htmlMedia}, path, query)
	links = append(links, link{Href: address(q.base, collectionPath(c.ID), ""), Rel: "collection", Type: "application/json"})
	setLinks(w.Header(), links) // a schema has no place for links
	if q.media.isHTML() {
		return s.sendPage(w, q, t, "schema", s.schemaView(q, c, name))
	}
	s.send(w, q, t, make(schema, address(q.base, path, "")))
	return nil
}

// takeProfile reads the parameter profile, and refuses all others.
func (q *request) takeProfile() (own bool, err error) {
	profile, own := q.params.take("profile")
	if own && profile != ownProfile {
		return false, invalid("profile", "%s is not a profile of this document; use %s, or leave it out", quoted(profile), ownProfile)
	}
	if len(q.params) > 0 {
		return false, unknown(q.params[0].name, []string{"f", "lang", "profile"})
	}
	return own, nil
}
