package server

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// groupID is what the id of a group says: all that is needed to make the group
// anew. Its text is z8r60-REV-NODE-PLACE or z8r60-REV-NODE-PLACE-FILTER: zoom and
// radius, the state of the collection, the node in base 36, where it stands in
// 2^20 parts of the world (an id of an older state then still tells where to
// look), and the canonical query that selects the features, in base64.
type groupID struct {
	zoom, radius int
	rev          string
	node         pyramid.Node
	x, y         uint32 // in 2^20 parts of the world
	filter       string
}

// placeBits is how exactly an id tells where its group stands: to 40 m.
const placeBits = 20

// groupPlace is a position as a groupID has it.
func groupPlace(p orb.Point) (x, y uint32) {
	w := geo.World(p)
	at := func(v float64) uint32 { return uint32(min(v*(1<<placeBits), 1<<placeBits-1)) }
	return at(w[0]), at(w[1])
}

func (id groupID) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, 'z'), int64(id.zoom), 10)
	b = strconv.AppendInt(append(b, 'r'), int64(id.radius), 10)
	b = append(append(b, '-'), id.rev...)
	b = strconv.AppendUint(append(b, '-'), uint64(id.node), 36)
	b = strconv.AppendUint(append(b, '-'), uint64(id.x)<<placeBits|uint64(id.y), 36)
	if id.filter != "" {
		b = base64.RawURLEncoding.AppendEncode(append(b, '-'), []byte(id.filter))
	}
	return b
}

// parseGroupID reads the id of a group; ok is false where it is none. Equal groups
// have one id.
func parseGroupID(s string) (id groupID, ok bool) {
	parts := strings.SplitN(s, "-", 5)
	if len(parts) < 4 {
		return id, false
	}
	zoom, radius, found := strings.Cut(strings.TrimPrefix(parts[0], "z"), "r")
	z, err1 := strconv.ParseUint(zoom, 10, 8)
	r, err2 := strconv.ParseUint(radius, 10, 16)
	node, err3 := strconv.ParseUint(parts[2], 36, 32)
	place, err4 := strconv.ParseUint(parts[3], 36, 2*placeBits)
	if !found || err1 != nil || err2 != nil || err3 != nil || err4 != nil ||
		z > pyramid.MaxZoom || r < pyramid.MinRadius || r > pyramid.MaxRadius {
		return id, false
	}
	id = groupID{zoom: int(z), radius: int(r), rev: parts[1], node: pyramid.Node(node), x: uint32(place >> placeBits), y: uint32(place & (1<<placeBits - 1))}
	if len(parts) == 5 {
		filter, err := base64.RawURLEncoding.DecodeString(parts[4])
		if err != nil || len(filter) == 0 {
			return id, false
		}
		id.filter = string(filter)
	}
	return id, string(id.append(nil)) == s
}

// around is the box in which to look for a group, as the value of bbox.
func (id groupID) around() string {
	half := float64(id.radius) / (256 * math.Exp2(float64(id.zoom)))
	at := func(v uint32) float64 { return (float64(v) + 0.5) / (1 << placeBits) }
	corner := func(dx, dy float64) orb.Point {
		return geo.LonLat(orb.Point{max(0, min(1, at(id.x)+dx)), max(0, min(1, at(id.y)+dy))})
	}
	nw, se := corner(-half, -half), corner(half, half)
	return fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", nw[0], se[1], se[0], nw[1])
}

// goneError is the answer for a group of a state that is no more.
type goneError struct{ address string }

func (e *goneError) Error() string {
	return "The data have changed since this group was made. The groups of today are at " + e.address
}

// foundGroup is a group of a layer.
type foundGroup struct {
	id    groupID
	layer *layer
	sel   *selection
}

// groupOf finds the group that the path names.
func (s *Server) groupOf(q *request, c *geo.Collection) (*foundGroup, error) {
	text, err := q.variable("group")
	if err != nil {
		return nil, err
	}
	id, ok := parseGroupID(text)
	if !ok {
		return nil, failf(http.StatusNotFound, "%q is not the id of a group; a feature that stands alone is at %s.",
			printable(text), q.in("json", collectionPath(c.ID)+"/items/"+escapeID(text), ""))
	}
	if id.rev != groupRev(c) {
		query := appendParam(nil, "zoom", strconv.Itoa(id.zoom))
		query = appendParam(query, "radius", strconv.Itoa(id.radius))
		query = appendParam(query, "bbox", id.around())
		if id.filter != "" {
			query = append(append(query, '&'), id.filter...)
		}
		return nil, &goneError{address(q.base, collectionPath(c.ID)+"/groups", string(query))}
	}
	p, err := parseParams(id.filter)
	if err != nil {
		return nil, failf(http.StatusNotFound, "The id of the group holds no filter that can be read.")
	}
	sel, err := parseSelection(c.ID, p, c.Source.Schema(), limits{}, forGroups)
	if err != nil || sel.query.Box != nil || sel.text("", 0, "") != id.filter {
		return nil, failf(http.StatusNotFound, "The id of the group holds no filter of this collection.")
	}
	l, err := s.layerOf(q.Context(), c, sel.query, id.filter, id.radius)
	if err != nil {
		return nil, err
	}
	x, y := uint32(0), uint32(0)
	if l.pyramid.Valid(id.node) {
		x, y = groupPlace(l.pyramid.Position(id.node))
	}
	if from, to := l.zoomsOf(id.node); id.zoom < from || id.zoom > to || x != id.x || y != id.y || l.pyramid.Size(id.node) < 2 {
		return nil, failf(http.StatusNotFound, "There is no such group.")
	}
	return &foundGroup{id, l, &sel}, nil
}

// zoomsOf are the zooms at which a node stands; none where it is no node.
func (l *layer) zoomsOf(n pyramid.Node) (from, to int) {
	if !l.pyramid.Valid(n) {
		return 1, 0
	}
	return l.pyramid.Zooms(n)
}

// groupRev is the state of a collection as ids of groups have it.
func groupRev(c *geo.Collection) string { return strings.ReplaceAll(c.Source.Rev(), "-", "_") }
