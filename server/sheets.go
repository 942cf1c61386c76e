package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/draw"
	"clustermap/geo/render"
)

// Sheet is a drawn map for people, which WriteSheets writes as a file.
type Sheet struct {
	Features     int    // in the picture
	HiddenLabels int    // left out for want of room
	Missing      []rune // characters that no font has

	request *mapRequest
	picture *render.Picture
}

// DrawSheet draws the map of GET /map for the same parameters, f and lang among them.
// What query leaves open is as on a page, whatever the format: all collections that
// are no context of others, furniture, a projection that suits what is shown, and
// nothing stretched, and the part of the world that holds what is selected and outlined.
// A fault of query is a *geo.InvalidError whose Field is the
// parameter.
func (s *Server) DrawSheet(ctx context.Context, query url.Values) (*Sheet, error) {
	q, r, err := s.sheetRequest(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.drawSheet(ctx, q, r)
}

func (s *Server) drawSheet(ctx context.Context, q *request, r *mapRequest) (*Sheet, error) {
	if r.frame.outside {
		return nil, invalid("subset", "is no part of the world")
	}
	if err := r.affordable(); err != nil {
		return nil, err
	}
	p, err := s.drawMap(ctx, q, r)
	if err != nil {
		return nil, err
	}
	return &Sheet{Features: p.Shown, HiddenLabels: p.Hidden, Missing: p.Missing, request: r, picture: p}, nil
}

// sheetRequest reads the parameters of a sheet. Where these select features but name no
// part of the world, it is that of the features.
func (s *Server) sheetRequest(ctx context.Context, query url.Values) (*request, *mapRequest, error) {
	q, r, err := s.parseSheet(ctx, query, nil)
	if err != nil || len(r.filter) == 0 || namesPlace(query) {
		return q, r, err
	}
	box, ok, err := r.selectedExtent(q)
	if err != nil || !ok {
		return q, r, err
	}
	return s.parseSheet(ctx, query, &box)
}

// namesPlace is whether the parameters say what part of the world to show.
func namesPlace(query url.Values) bool {
	return query.Has("bbox") || query.Has("subset") || query.Has("center")
}

func (s *Server) parseSheet(ctx context.Context, query url.Values, around *orb.Bound) (*request, *mapRequest, error) {
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, "/map?"+query.Encode(), nil)
	if err != nil {
		return nil, nil, err
	}
	q, err := s.newRequest(get, route{path: "/map", offers: mapMedia(), params: true})
	if err != nil {
		return nil, nil, err
	}
	q.sheet, q.around = true, around
	r, err := parseMap(q, nil)
	return q, r, err
}

// selectedExtent is around the features that are selected and the regions outlined; ok
// is false where no feature that is selected has a place.
func (r *mapRequest) selectedExtent(q *request) (box orb.Bound, ok bool, err error) {
	var all surroundings
	for i, c := range r.collections {
		x, err := indexOf(c)
		if err != nil {
			return box, false, err
		}
		set, err := x.Select(q.Context(), r.selections[i].query)
		if err != nil {
			return box, false, err
		}
		b, some := extentOf(c)
		if set != nil { // else it is all
			b, some = narrowed(x, set.All())
		}
		if some {
			all.add(b)
		}
	}
	if !all.given {
		return box, false, nil
	}
	regions, err := r.regionsOf(q)
	for _, region := range regions {
		all.add(region.Outline.Bound())
	}
	return all.box, true, err
}

// WriteSheets writes sheets that were drawn for one format as one file: of PDF and PPTX
// each is a page, of other formats there is one.
func (s *Server) WriteSheets(ctx context.Context, w io.Writer, sheets ...*Sheet) error {
	if len(sheets) == 0 {
		return errors.New("server: a file without sheets")
	}
	r := sheets[0].request
	if paged := r.format == "pdf" || r.format == "pptx"; !paged && len(sheets) > 1 {
		return errors.New("server: a file of the format " + r.format + " has one sheet")
	}
	pages := make([]*draw.Drawing, len(sheets))
	for i, sheet := range sheets {
		pages[i] = sheet.picture.Drawing
	}
	return r.encode(ctx, w, s.faces, pages...)
}

// shownCollections are those that a sheet shows, areas below lines below points: all
// but what gives others their regions and divisions, and that where there is nothing
// else.
func shownCollections(state *geo.State) ([]*geo.Collection, error) {
	placed := slices.ContainsFunc(state.Collections(), func(c *geo.Collection) bool { return regionsOf(state, c) != nil })
	var out []*geo.Collection
	for _, c := range state.Collections() {
		if _, err := indexOf(c); err == nil && !(placed && isContext(state, c)) && !c.Source.Extent().Empty {
			out = append(out, c)
		}
	}
	if len(out) > mostMapLayers {
		return nil, invalid("collections", "there are %d; a picture shows at most %d, so name those to show", len(out), mostMapLayers)
	}
	if c := mainCollection(state); len(out) == 0 && c != nil {
		return []*geo.Collection{c}, nil
	}
	slices.SortStableFunc(out, func(a, b *geo.Collection) int { return cmp.Compare(dimension(b), dimension(a)) })
	return out, nil
}

// dimension is that of the greatest geometries of a collection.
func dimension(c *geo.Collection) int {
	most := 0
	for _, t := range c.Source.Schema().Geometry {
		switch t {
		case "Polygon", "MultiPolygon":
			most = 2
		case "LineString", "MultiLineString":
			most = max(most, 1)
		}
	}
	return most
}
