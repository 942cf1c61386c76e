package server

import (
	"context"
	"encoding/json"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/render"
)

// mostMapRegions is how many regions a picture outlines at most.
const mostMapRegions = 20

// regionProperties are what a picture says of a region definition.
type regionProperties struct {
	Region   string `json:"region"`
	Default  bool   `json:"default"`
	Outline  string `json:"outline"`
	RegionZH string `json:"region_zh"`
	RegionEN string `json:"region_en"`
	ShortZH  string `json:"short_zh"`
	ShortEN  string `json:"short_en"`
	NameZH   string `json:"name_zh"`
	NameEN   string `json:"name_en"`
}

// regionsOf are the regions that the picture outlines: those of the parameter, else
// the definitions that hold by default where the features say that they belong to
// them.
func (r *mapRequest) regionsOf(q *request) ([]render.Region, error) {
	areas, ok := q.state.Collection(regionsID)
	if !ok {
		if len(r.look.regions) > 0 {
			return nil, invalid("regions", "no regions are served here")
		}
		return nil, nil
	}
	if r.look.regions != nil {
		return r.namedRegions(q, areas)
	}
	for _, c := range r.collections {
		if !r.outlined && regionsOf(q.state, c) == nil && c != areas {
			return nil, nil
		}
	}
	found, err := areas.Source.Search(q.Context(), geo.Query{})
	if err != nil {
		return nil, err
	}
	var out []render.Region
	for _, f := range found.Features {
		if region, p := regionOf(f); p.Default && len(out) < mostMapRegions {
			out = append(out, region)
		}
	}
	return out, nil
}

// bareRegions are the regions of a bare map, which has them where they are asked for as
// a layer. They have no counts.
func (r *mapRequest) bareRegions(q *request) ([]render.Region, error) {
	if !r.outlined {
		return nil, nil
	}
	regions, err := r.regionsOf(q)
	for i := range regions {
		regions[i].Count = -1
	}
	return regions, err
}

func (r *mapRequest) namedRegions(q *request, areas *geo.Collection) ([]render.Region, error) {
	if len(r.look.regions) > mostMapRegions {
		return nil, invalid("regions", "names more than %d regions", mostMapRegions)
	}
	var out []render.Region
	for i, id := range r.look.regions {
		for _, other := range r.look.regions[:i] {
			if other == id {
				return nil, invalid("regions", "%s stands twice", quoted(id))
			}
		}
		f, err := areas.Source.Get(q.Context(), id)
		if err != nil {
			var ids []string
			for f := range areas.Source.Each(q.Context(), geo.Query{Limit: 200}) {
				ids = append(ids, f.ID().String())
			}
			return nil, invalid("regions", "there is no definition %s%s", quoted(id), didYouMean(id, ids))
		}
		region, _ := regionOf(f)
		out = append(out, region)
	}
	return out, nil
}

func regionOf(f geo.Feature) (render.Region, regionProperties) {
	var p regionProperties
	_ = json.Unmarshal(f.Properties(), &p) // of other types: as if it were not there
	region := render.Region{
		ID: f.ID().String(), NameZH: p.RegionZH, NameEN: p.RegionEN, DefinitionZH: p.ShortZH, DefinitionEN: p.ShortEN,
		Outline: f.Geometry(), Approximate: p.Outline == "approximate",
	}
	if region.NameZH == "" {
		region.NameZH = p.NameZH
	}
	if region.NameEN == "" {
		region.NameEN = p.NameEN
	}
	return region, p
}

// countRegions counts in each region the features that can be drawn. Features of
// several collections are of different kinds, so that their number says nothing.
func countRegions(ctx context.Context, regions []render.Region, r *mapRequest) error {
	for i := range regions {
		regions[i].Count = -1
		counted := 0
		for k, c := range r.collections {
			m, err := c.Source.Schema().ParseMatch("regions", regions[i].ID)
			if err != nil {
				continue // its features belong to none
			}
			query := r.selections[k].query
			query.Match = append(query.Match[:len(query.Match):len(query.Match)], m)
			query.Box = &everywhere
			if regions[i].Count, err = c.Source.Count(ctx, query); err != nil {
				return err
			}
			counted++
		}
		if counted > 1 {
			regions[i].Count = -1
		}
	}
	return nil
}

// territoryAreas gives the outline and the names of a territory by its key; nil where
// none are served.
func (q *request) territoryAreas(ctx context.Context, t *pyramid.Territories) func(string) (orb.Geometry, geo.Text, bool) {
	areas, ok := q.state.Collection(outlinesOf(t.Cut()))
	if !ok {
		return nil
	}
	return func(key string) (orb.Geometry, geo.Text, bool) {
		f, err := areas.Source.Get(ctx, key)
		if err != nil {
			return nil, geo.Text{}, false
		}
		return f.Geometry(), names(areas.Source.Schema(), membersOf(f.Properties())), true
	}
}
