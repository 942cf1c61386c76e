package main

import (
	"fmt"
	"slices"
)

// The base map is sharp here and coarse elsewhere (degrees: west, south, east, north).
var eastAsia = [4]float64{70, 0, 145, 55}

const (
	sharpTolerance  = 0.0010 // degrees; under half a pixel at zoom 9
	coarseTolerance = 0.05   // degrees; under two pixels at zoom 5
	coarseIsland    = 0.03   // square degrees: smaller islands far from China are left out
)

// A world is the land of the earth by state, and China's by province.
type world struct {
	owners   []string // of each owner of the topology: a province's adcode or a state's adm0_a3
	topology *topology
	claims   []claim
	english  map[string]string // of each adm0_a3
}

// newWorld joins the divisions of Natural Earth into states and the provinces of
// China, and simplifies their borders once for all files.
func newWorld(ne *naturalEarth) (*world, error) {
	w := &world{english: map[string]string{}}
	number := map[string]int{}
	var all []owned
	for _, s := range ne.states {
		w.english[s.country] = s.countryName
		key, err := ownerOf(s)
		if err != nil {
			return nil, err
		}
		n, ok := number[key]
		if !ok {
			n = len(w.owners)
			number[key] = n
			w.owners = append(w.owners, key)
		}
		for _, r := range rings(s.geometry) {
			all = append(all, owned{r, n})
		}
	}
	fine, err := newTopology(all)
	if err != nil {
		return nil, fmt.Errorf("natural earth: %w", err)
	}
	w.claims = newClaims(ne.disputes, w.english)
	w.topology, err = fine.simplify(baseTolerance)
	return w, err
}

func baseTolerance(v vertex) float64 {
	if sharp(v) {
		return sharpTolerance
	}
	return coarseTolerance
}

func sharp(v vertex) bool {
	p := v.xy()
	return p.X > eastAsia[0] && p.X < eastAsia[2] && p.Y > eastAsia[1] && p.Y < eastAsia[3]
}

// ownerOf gives a province's adcode, or the state of anything else.
func ownerOf(s stateRow) (string, error) {
	switch s.country {
	case "TWN":
		return "710000", nil
	case "HKG":
		return "810000", nil
	case "MAC":
		return "820000", nil
	case "CHN":
		code, ok := provinceOf[s.name]
		if !ok {
			return "", fmt.Errorf("natural earth: no adcode for the province %q", s.name)
		}
		return code, nil
	}
	return s.country, nil
}

// provinceOf gives the adcode for Natural Earth's name of a province.
var provinceOf = map[string]string{
	"Beijing": "110000", "Tianjin": "120000", "Hebei": "130000", "Shanxi": "140000", "Inner Mongol": "150000",
	"Liaoning": "210000", "Jilin": "220000", "Heilongjiang": "230000",
	"Shanghai": "310000", "Jiangsu": "320000", "Zhejiang": "330000", "Anhui": "340000", "Fujian": "350000",
	"Jiangxi": "360000", "Shandong": "370000", "Henan": "410000", "Hubei": "420000", "Hunan": "430000",
	"Guangdong": "440000", "Guangxi": "450000", "Hainan": "460000", "Paracel Islands": "460000",
	"Chongqing": "500000", "Sichuan": "510000", "Guizhou": "520000", "Yunnan": "530000", "Xizang": "540000",
	"Shaanxi": "610000", "Gansu": "620000", "Qinghai": "630000", "Ningxia": "640000", "Xinjiang": "650000",
}

// isProvince tells whether an owner is a province of China.
func (w *world) isProvince(owner int) bool {
	return owner != nobody && w.owners[owner][0] >= '0' && w.owners[owner][0] <= '9'
}

// province gives the outline of a province by its adcode.
func (w *world) province(adcode string) []polygon {
	return w.topology.polygons(func(owner int) bool { return w.owners[owner] == adcode })
}

// baseFiles gives the layers of the base map by file name.
func (w *world) baseFiles() (map[string][]feature, error) {
	land, err := w.land()
	if err != nil {
		return nil, err
	}
	settled, open := w.countryBorders()
	countries, err := lineFeatures(joinLines(settled))
	if err != nil {
		return nil, err
	}
	provinces, err := lineFeatures(w.topology.borders(func(l, r int) bool {
		return w.isProvince(l) && w.isProvince(r)
	}))
	if err != nil {
		return nil, err
	}
	disputed, err := w.disputed(open)
	return map[string][]feature{
		"land.geojson": land, "countries.geojson": countries,
		"provinces.geojson": provinces, "disputed.geojson": disputed,
	}, err
}

// land is one feature for each connected piece, the largest first.
func (w *world) land() ([]feature, error) {
	var out []feature
	for _, p := range w.topology.polygons(func(int) bool { return true }) {
		const squareUnits = unitsPerDegree * unitsPerDegree
		if !sharp(p[0][0]) && p.area() < coarseIsland*squareUnits {
			continue
		}
		f, err := newFeature("", polygonJSON(p), struct{}{})
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func lineFeatures(lines [][]vertex) ([]feature, error) {
	slices.SortStableFunc(lines, func(a, b []vertex) int { return compareVertex(a[0], b[0]) })
	var out []feature
	for _, line := range lines {
		f, err := newFeature("", lineJSON([][]vertex{line}), struct{}{})
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
