package stat

import (
	"context"
	"errors"
	"math"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/pyramid"
	"clustermap/geo/stat/pattern"
)

// centreMethods say where a subject lies.
func centreMethods() []*Method {
	common := []string{paramSelect, paramBy, paramMeasure}
	return []*Method{{
		ID:     "center",
		Title:  geo.Text{EN: "Mean and median centre", ZH: "平均中心与中位中心"},
		Common: common,
		Places: true,
		placed: true,
		run:    center,
		Page: Page{
			Asks: geo.Text{
				EN: "Where is the middle of the subject, and how far does it spread around it?",
				ZH: "研究对象的中心在哪里，围绕中心散布多远？"},
			Formula: "mean = sum(w p) / sum(w); median = the place with the least sum(w |p - median|); standard distance = sqrt(sum(w |p - mean|^2) / sum(w)), in an equal-area plane around the middle of the subject",
			Reading: geo.Text{
				EN: "The mean is the centre of gravity: one far feature moves it. The median is the place to which all ways together are shortest: far features move it little. Where the two lie apart the subject is lopsided. For places that are spread normally some 63 % lie within the standard distance of the mean.",
				ZH: "平均中心即重心，一个遥远的要素就会使其移动；中位中心到各点的距离之和最短，受远处要素影响小。两者相距较远说明分布偏斜。若呈正态散布，约 63 % 的点位于以平均中心为圆心、标准距离为半径的圆内。"},
			Limits: geo.Text{
				EN: "A centre may lie where nothing is: of two concentrations it is between them. It says nothing of chance.",
				ZH: "中心所在处可能空无一物：若有两处集聚，中心落在两者之间。中心不说明分布是否偶然。"},
			Sources: []string{
				"Bachi (1963), Standard distance measures and related methods for spatial analysis, Papers of the Regional Science Association 10, 83-132",
				"Vardi and Zhang (2000), The multivariate L1-median and associated data depth, PNAS 97(4), 1423-1426",
			},
		},
	}, {
		ID:     "ellipse",
		Title:  geo.Text{EN: "Standard deviational ellipse", ZH: "标准差椭圆"},
		Common: common,
		Params: []Param{{Name: "convention", Kind: Choice, Default: pattern.ArcGIS.String(), Choices: []string{pattern.ArcGIS.String(), pattern.CrimeStat.String(), pattern.Yuill.String()}, Description: geo.Text{
			EN: "How long the axes of one standard deviation are: arcgis is the root of twice the variance along the axis, so that some 63 % of places that are spread normally lie in the ellipse; crimestat has n - 2 in place of n besides; yuill is the root of the variance itself (some 39 %).",
			ZH: "一倍标准差的轴长约定：arcgis 取沿轴方差两倍的平方根，正态散布时椭圆约含 63 % 的点；crimestat 另以 n - 2 代替 n；yuill 直接取方差的平方根（约 39 %）。"}}},
		Places: true,
		placed: true,
		run:    ellipse,
		Page: Page{
			Asks: geo.Text{
				EN: "In which direction does the subject stretch, and how much longer than wide is it?",
				ZH: "研究对象沿什么方向延展，长宽相差多少？"},
			Formula: "half axes = sqrt(k * eigenvalues of the weighted covariance of the places), k = 2 (arcgis), 2n/(n-2) (crimestat) or 1 (yuill); rotation = that of the major axis clockwise from north; area = pi * major * minor",
			Reading: geo.Text{
				EN: "A long ellipse follows a corridor, such as a coast or a railway; a round one has no direction, and its rotation then means little. Between two years or two trades compare centre, size and rotation.",
				ZH: "狭长的椭圆表示沿海岸、铁路等走廊延展；接近圆形则无明显方向，其转角意义不大。可在两个年份或两个行业之间比较中心、大小与转角。"},
			Limits: geo.Text{
				EN: "One ellipse cannot show two concentrations or a bent corridor. Three places that are not on one line are needed.",
				ZH: "单个椭圆无法表现两处集聚或弯曲的走廊。至少需要三个不共线的点。"},
			Sources: []string{
				"Lefever (1926), Measuring geographic concentration by means of the standard deviational ellipse, American Journal of Sociology 32(1), 88-94",
				"Yuill (1971), The standard deviational ellipse: an updated tool for spatial description, Geografiska Annaler B 53(1), 28-39",
				"Levine (2015), CrimeStat: A Spatial Statistics Program for the Analysis of Crime Incident Locations, chapter 4",
			},
		},
	}}
}

var nowhere = Position{Number(math.NaN()), Number(math.NaN())}

// kilometres is a length in metres as kilometres.
func kilometres(m float64) Number { return Number(m / 1000) }

// weighing are the weights of a subject, or nil where all are 1.
func (st *Study) weighing(sub *Subject) []float64 {
	if st.Question.Measure.Func == "count" {
		return nil
	}
	return st.WeightsOf(sub)
}

// without warns why there is no figure, for the errors of pattern. It returns other
// errors.
func (st *Study) without(needed int, err error) error {
	switch {
	case errors.Is(err, pattern.ErrTooFew) && needed == 1:
		st.warn("There is no figure where no place has a weight.", "没有任何一点有权重，无法计算。")
	case errors.Is(err, pattern.ErrTooFew):
		st.warn("There is no figure of fewer than %d places with a weight.", "有权重的点不足 %d 个时无法计算。", needed)
	case errors.Is(err, pattern.ErrNoSpread):
		st.warn("There is no figure of places that all lie in one point or on one line.", "所有点位于同一处或同一直线上时无法计算。")
	default:
		return err
	}
	return nil
}

// heavy counts the members of a subject that weigh something.
func (st *Study) heavy(sub *Subject) (n int) {
	for _, i := range sub.Members {
		if st.Weights[i] > 0 {
			n++
		}
	}
	return n
}

// planar are the positions of points in a plane.
func planar(plane *crs.EqualArea, points []orb.Point) []orb.Point {
	out := make([]orb.Point, len(points))
	for i, p := range points {
		out[i] = plane.Forward(p)
	}
	return out
}

func positionOf(p orb.Point) Position { return Position{Number(p[0]), Number(p[1])} }

type centerResult struct {
	Mean             Position `json:"mean"`
	Median           Position `json:"median"`
	StandardDistance Number   `json:"standard_distance_km"`
	Apart            Number   `json:"apart_km"`
}

func center(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	lonlat, weights := st.PointsOf(sub), st.weighing(sub)
	plane := planeOf(lonlat)
	points := planar(plane, lonlat)
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "centre", Title: geo.Text{EN: "Centre", ZH: "中心"}},
		{Name: "lon", Title: geo.Text{EN: "Longitude", ZH: "经度"}, Unit: "°"},
		{Name: "lat", Title: geo.Text{EN: "Latitude", ZH: "纬度"}, Unit: "°"},
		{Name: "standard_distance_km", Title: geo.Text{EN: "Standard distance", ZH: "标准距离"}, Unit: "km"},
	}}
	mean, err := pattern.Mean(points, weights)
	if err != nil {
		o.Members = centerResult{nowhere, nowhere, nowhere.Lon, nowhere.Lon}
		return o, st.without(1, err)
	}
	median, err := pattern.Median(points, weights)
	if err != nil {
		return nil, err
	}
	distance, err := pattern.StandardDistance(points, weights)
	if err != nil {
		return nil, err
	}
	res := centerResult{
		Mean: positionOf(plane.Inverse(mean)), Median: positionOf(plane.Inverse(median)),
		StandardDistance: kilometres(distance), Apart: kilometres(math.Hypot(mean[0]-median[0], mean[1]-median[1])),
	}
	if st.heavy(sub) == 1 {
		st.warn("Both centres of one place are the place itself.", "只有一个点时，两个中心即该点本身。")
	}
	o.Members = res
	for _, c := range []struct {
		id       string
		at       Position
		distance any
	}{{"mean", res.Mean, res.StandardDistance}, {"median", res.Median, nil}} {
		o.Rows = append(o.Rows, Row{ID: c.id, Geometry: orb.Point{float64(c.at.Lon), float64(c.at.Lat)}, Cells: []any{c.id, c.at.Lon, c.at.Lat, c.distance}})
	}
	return o, nil
}

type ellipseResult struct {
	Center   Position `json:"center"`
	Major    Number   `json:"major_km"`
	Minor    Number   `json:"minor_km"`
	Rotation Number   `json:"rotation_deg"`
	Area     Number   `json:"area_km2"`
}

// ellipseSides is how many sides the outline of an ellipse has.
const ellipseSides = 90

func ellipse(_ context.Context, st *Study, sub *Subject) (*Outcome, error) {
	o := &Outcome{N: len(sub.Members), Columns: []Column{
		{Name: "major_km", Title: geo.Text{EN: "Major half axis", ZH: "长半轴"}, Unit: "km"},
		{Name: "minor_km", Title: geo.Text{EN: "Minor half axis", ZH: "短半轴"}, Unit: "km"},
		{Name: "rotation_deg", Title: geo.Text{EN: "Rotation from north", ZH: "自北顺时针转角"}, Unit: "°"},
		{Name: "area_km2", Title: geo.Text{EN: "Area", ZH: "面积"}, Unit: "km2"},
	}}
	convention, err := pattern.ParseConvention(st.Question.text("convention"))
	if err != nil {
		return nil, err
	}
	lonlat := st.PointsOf(sub)
	plane := planeOf(lonlat)
	points, weights := planar(plane, lonlat), st.weighing(sub)
	e, err := pattern.NewEllipse(points, weights, convention)
	if err != nil {
		none := Number(math.NaN())
		at := nowhere // a centre needs less than axes do
		if mean, err := pattern.Mean(points, weights); err == nil {
			at = positionOf(plane.Inverse(mean))
		}
		o.Members = ellipseResult{at, none, none, none, none}
		return o, st.without(3, err)
	}
	res := ellipseResult{positionOf(plane.Inverse(e.Center)), kilometres(e.Major), kilometres(e.Minor), Number(e.Rotation), Number(e.Area() / 1e6)}
	if e.Minor > 0.9*e.Major {
		st.warn("The rotation of an ellipse that is nearly round means little.", "椭圆接近圆形时，其转角意义不大。")
	}
	ring := e.Ring(ellipseSides)
	for i, p := range ring {
		ring[i] = plane.Inverse(p)
	}
	ring[len(ring)-1] = ring[0]
	o.Members = res
	o.Rows = []Row{{ID: "ellipse", Geometry: pyramid.AcrossDateLine(ring), Cells: []any{res.Major, res.Minor, res.Rotation, res.Area}}}
	return o, nil
}
