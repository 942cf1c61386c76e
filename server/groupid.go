package server

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
)

// groupID is what the id of a group says: all that is needed to make the group
// anew. Its text is URL-safe ASCII:
//
//	z8r60-REV-NODE-PLACE[-FILTER]   a group of a zoom and radius
//	CUT-REV-KEY[-FILTER]            a territory
//
// REV is the state of the collection, NODE the node in base 36, PLACE where it stands
// in 2^20 parts of the world (an id of an older state then still tells where to look).
// CUT is province, prefecture, county, hexKM or region.ID, KEY the key of the
// territory, or none. FILTER is the canonical query that selects the features, in
// base64, a long one deflated and with a tilde before it.
type groupID struct {
	zoom, radius int
	node         pyramid.Node
	x, y         uint32 // in 2^20 parts of the world

	cut   *pyramid.Cut
	key   string
	keyed bool // the territory has a key

	rev    string
	filter string
}

// placeBits is how exactly an id tells where its group stands: to 40 m.
const placeBits = 20

// groupPlace is a position as a groupID has it.
func groupPlace(p orb.Point) (x, y uint32) {
	w := geo.World(p)
	at := func(v float64) uint32 { return uint32(min(v*(1<<placeBits), 1<<placeBits-1)) }
	return at(w[0]), at(w[1])
}

func (id *groupID) append(b []byte) []byte { return append(id.appendHead(b), id.packed()...) }

// noKey stands for the key of the territory that has none.
const noKey = "none"

// appendHead appends the id up to its filter.
func (id *groupID) appendHead(b []byte) []byte {
	if id.cut != nil {
		b = append(appendCut(b, *id.cut), '-')
		b = append(append(b, id.rev...), '-')
		if !id.keyed {
			return append(b, noKey...)
		}
		if id.cut.Region != "" {
			return append(b, "in"...) // the id stands before
		}
		return append(b, strings.ReplaceAll(id.key, "-", "m")...) // of negative columns and rows
	}
	b = strconv.AppendInt(append(b, 'z'), int64(id.zoom), 10)
	b = strconv.AppendInt(append(b, 'r'), int64(id.radius), 10)
	b = append(append(b, '-'), id.rev...)
	b = strconv.AppendUint(append(b, '-'), uint64(id.node), 36)
	return strconv.AppendUint(append(b, '-'), uint64(id.x)<<placeBits|uint64(id.y), 36)
}

func appendCut(b []byte, cut pyramid.Cut) []byte {
	switch {
	case cut.Level != "":
		return append(b, cut.Level...)
	case cut.Across > 0:
		return append(b, strings.ReplaceAll(cut.String(), ":", "")...)
	}
	b = append(b, "region."...)
	for i := range len(cut.Region) {
		c := cut.Region[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, "~%02x", c)
		}
	}
	return b
}

// longFilter is the size in bytes from which a filter is deflated.
const longFilter = 100

// packed is the end of the id: the filter with a hyphen before it.
func (id *groupID) packed() []byte {
	if id.filter == "" {
		return nil
	}
	return append([]byte("-"), packFilter(id.filter)...)
}

// packFilter makes URL-safe text of a filter, which unpackFilter reads.
func packFilter(filter string) []byte {
	text := []byte(filter)
	if len(text) >= longFilter {
		var small bytes.Buffer
		w, _ := flate.NewWriter(&small, flate.BestCompression) // a valid level
		_, _ = w.Write(text)                                   // to memory
		_ = w.Close()
		if small.Len() < len(text) {
			return base64.RawURLEncoding.AppendEncode([]byte("~"), small.Bytes())
		}
	}
	return base64.RawURLEncoding.AppendEncode(nil, text)
}

// unpackFilter reads the filter of an id.
func unpackFilter(text string) (string, bool) {
	if strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return "", false
	}
	text, deflated := strings.CutPrefix(text, "~")
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) == 0 {
		return "", false
	}
	if deflated {
		b, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 3*maxURLBytes+1))
		if err != nil || len(b) < longFilter || len(b) > 3*maxURLBytes {
			return "", false
		}
	}
	return string(b), true
}

// Limits of ids and of answers that hold them.
const (
	longestID  = 48 << 10 // less than an address may have
	mostInIDs  = 32 << 20 // bytes of an answer
	groupsFree = 200      // bytes of an id that do not count
)

// mostOf is how many groups with ids like this an answer may have. Long filters make
// long ids, so that there are fewer.
func mostOf(id groupID) (int, error) {
	n := len(id.packed())
	if n > longestID {
		return 0, invalid("filter", "is too long for groups, whose ids hold it: %d bytes, of which %d are allowed", n, longestID)
	}
	if n <= groupsFree {
		return mostGroups, nil
	}
	return min(mostGroups, mostInIDs/n), nil
}

// parseGroupID reads the id of a group; ok is false where it is none.
func parseGroupID(s string) (id groupID, ok bool) {
	filter := ""
	if strings.HasPrefix(s, "z") {
		filter, ok = id.parseNode(s)
	} else {
		filter, ok = id.parseTerritory(s)
	}
	if !ok {
		return id, false
	}
	if filter != "" {
		if id.filter, ok = unpackFilter(filter[1:]); !ok {
			return id, false
		}
	}
	return id, string(id.appendHead(nil))+filter == s
}

// parseNode reads the id of a group of a zoom up to its filter, which it returns with
// its hyphen.
func (id *groupID) parseNode(s string) (filter string, ok bool) {
	parts := strings.SplitN(s, "-", 5)
	if len(parts) < 4 {
		return "", false
	}
	zoom, radius, found := strings.Cut(strings.TrimPrefix(parts[0], "z"), "r")
	z, err1 := strconv.ParseUint(zoom, 10, 8)
	r, err2 := strconv.ParseUint(radius, 10, 16)
	node, err3 := strconv.ParseUint(parts[2], 36, 32)
	place, err4 := strconv.ParseUint(parts[3], 36, 2*placeBits)
	if !found || err1 != nil || err2 != nil || err3 != nil || err4 != nil ||
		z > pyramid.MaxZoom || r < pyramid.MinRadius || r > pyramid.MaxRadius {
		return "", false
	}
	*id = groupID{zoom: int(z), radius: int(r), rev: parts[1], node: pyramid.Node(node), x: uint32(place >> placeBits), y: uint32(place & (1<<placeBits - 1))}
	if len(parts) == 5 {
		filter = "-" + parts[4]
	}
	return filter, true
}

// parseTerritory is parseNode for the id of a territory.
func (id *groupID) parseTerritory(s string) (filter string, ok bool) {
	parts := strings.SplitN(s, "-", 4)
	if len(parts) < 3 || parts[2] == "" {
		return "", false
	}
	cut, ok := parseIDCut(parts[0])
	if !ok {
		return "", false
	}
	*id = groupID{cut: &cut, rev: parts[1], keyed: parts[2] != noKey}
	if id.keyed && cut.Region != "" {
		id.key = cut.Region
	} else if id.keyed {
		id.key = strings.ReplaceAll(parts[2], "m", "-")
	}
	if len(parts) == 4 {
		filter = "-" + parts[3]
	}
	return filter, true
}

// parseIDCut reads what appendCut wrote. Whether a collection can be cut so is seen
// later.
func parseIDCut(s string) (pyramid.Cut, bool) {
	switch s {
	case "province", "prefecture", "county":
		return pyramid.Cut{Level: s}, true
	}
	if escaped, ok := strings.CutPrefix(s, "region."); ok {
		var region []byte
		for i := 0; i < len(escaped); i++ {
			if escaped[i] != '~' {
				region = append(region, escaped[i])
				continue
			}
			if i+2 >= len(escaped) {
				return pyramid.Cut{}, false
			}
			c, err := strconv.ParseUint(escaped[i+1:i+3], 16, 8)
			if err != nil {
				return pyramid.Cut{}, false
			}
			region = append(region, byte(c))
			i += 2
		}
		return pyramid.Cut{Region: string(region)}, len(region) > 0
	}
	km, ok := strings.CutPrefix(s, "hex")
	across, err := strconv.ParseFloat(km, 64)
	return pyramid.Cut{Across: across}, ok && err == nil && across >= pyramid.MinAcross && across <= pyramid.MaxAcross
}

// around is the box in which to look for a group, as the value of bbox.
func (id *groupID) around() string {
	half := float64(id.radius) / (256 * math.Exp2(float64(id.zoom)))
	at := func(v uint32) float64 { return (float64(v) + 0.5) / (1 << placeBits) }
	corner := func(dx, dy float64) orb.Point {
		return geo.LonLat(orb.Point{max(0, min(1, at(id.x)+dx)), max(0, min(1, at(id.y)+dy))})
	}
	nw, se := corner(-half, -half), corner(half, half)
	return fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", nw[0], se[1], se[0], nw[1])
}

// now is the address of what an id of an older state would be in the present one: the
// same territory, or the groups around the same place. filter is that of the id, read.
func (id *groupID) now(q *request, c *geo.Collection, filter params) string {
	path := collectionPath(c.ID) + "/groups"
	if id.cut != nil {
		today := *id
		today.rev = groupRev(c)
		return address(q.base, path+"/"+string(today.append(nil)), "")
	}
	query := appendParam(nil, "zoom", strconv.Itoa(id.zoom))
	query = appendParam(query, "radius", strconv.Itoa(id.radius))
	query = appendParam(query, "bbox", id.around())
	for _, p := range filter {
		query = appendParam(query, p.name, p.value)
	}
	return address(q.base, path, string(query))
}

// goneError is the answer for a group or picture of a state that is no more.
type goneError struct{ what, now, address string }

func (e *goneError) Error() string {
	return "The data have changed since " + e.what + " was made. " + e.now + " at " + e.address
}

// foundGroup is a group of a layer.
type foundGroup struct {
	id        groupID
	layer     *layer
	territory int // where the id is that of one
}

// members are the slots of the members, the least first.
func (f *foundGroup) members() []uint32 {
	if f.id.cut != nil {
		return f.layer.territories.Members(f.territory)
	}
	return f.layer.pyramid.Members(f.id.node)
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
			printable(text), q.in("json", collectionPath(c.ID)+"/items/"+escapeID(shorten(text, 80)), ""))
	}
	p, err := parseParams(id.filter)
	if err != nil {
		return nil, failf(http.StatusNotFound, "The id of the group holds no filter that can be read.")
	}
	if id.rev != groupRev(c) {
		return nil, &goneError{"this group", "The groups of today are", id.now(q, c, p)}
	}
	sel, err := parseSelection(c.ID, p, c.Source.Schema(), limits{}, forGroups)
	if err != nil || sel.query.Box != nil || sel.text("", 0, "") != id.filter {
		return nil, failf(http.StatusNotFound, "The id of the group holds no filter of this collection.")
	}
	if id.cut != nil {
		if _, err := pyramid.ParseCut(c.Source.Schema(), id.cut.String()); err != nil {
			return nil, failf(http.StatusNotFound, "This collection has no such groups.")
		}
	}
	l, err := s.groupLayer(q.Context(), c, sel.query, id)
	if err != nil {
		return nil, err
	}
	found := &foundGroup{id: id, layer: l}
	if id.cut != nil {
		found.territory, ok = l.territories.Find(id.key, id.keyed)
	} else {
		ok = l.has(id)
	}
	if !ok {
		return nil, failf(http.StatusNotFound, "There is no such group.")
	}
	return found, nil
}

// has reports whether the pyramid has the group of an id.
func (l *layer) has(id groupID) bool {
	p := l.pyramid
	if !p.Valid(id.node) || p.Size(id.node) < 2 {
		return false
	}
	from, to := p.Zooms(id.node)
	x, y := groupPlace(p.Position(id.node))
	return from <= id.zoom && id.zoom <= to && x == id.x && y == id.y
}

// groupRev is the state of a collection as ids of groups have it.
func groupRev(c *geo.Collection) string { return strings.ReplaceAll(c.Source.Rev(), "-", "_") }
