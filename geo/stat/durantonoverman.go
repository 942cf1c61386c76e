package stat

import (
	"context"
	"math"
	"strconv"

	"clustermap/geo"
	"clustermap/geo/stat/pattern"
)

func durantonOvermanMethods() []*Method {
	return []*Method{{
		ID: "duranton-overman", infers: true,
		Title:  geo.Text{EN: "Duranton-Overman density of distances", ZH: "Duranton-Overman 距离密度（K_d）"},
		Common: []string{paramSelect, paramBy, paramMeasure, paramSeed},
		Params: []Param{{Name: "distance_km", Kind: Float, Open: true, Max: halfway, Description: geo.Text{
			EN: "Greatest distance of the curve, in kilometres. The default is the median distance between two features of the universe, as in the paper.",
			ZH: "曲线的最大距离（千米），默认为总体中两要素间距离的中位数，与原论文相同。"},
		}, {Name: "bandwidth_km", Kind: Float, Open: true, Max: halfway, Description: geo.Text{
			EN: "Standard deviation of the Gaussian kernel, in kilometres. The default is Silverman's rule (1986, equation 3.31) for the distances of the subject; each draw then has its own by the same rule. It is half a step of the curve at least.",
			ZH: "高斯核的标准差（千米）。默认按 Silverman 规则（1986，式 3.31）由研究对象的距离求得，每次抽样按同一规则各自求得。不小于曲线步长的一半。"},
		}, {Name: "steps", Kind: Int, Default: "100", Min: 10, Max: 200, Description: geo.Text{
			EN: "Number of steps of the curve.", ZH: "曲线的步数。"},
		}, {Name: paramPermutations, Kind: Int, Default: "1000", Min: 1, Max: MaxPermutations, Description: geo.Text{
			EN: "Number of draws of as many features from the universe.", ZH: "从总体中抽取同样多要素的次数。"}}},
		placed: true,
		Slow:   true,
		run:    durantonOverman,
		Page: Page{
			Asks: geo.Text{
				EN: "At which distances do the features of a trade lie closer together than features of all trades do?",
				ZH: "与全部行业的要素相比，某行业的要素在哪些距离上更为集聚？"},
			Formula: "K_d(d) = 1 / (h sum of w(i)w(j)) * sum over pairs i < j of w(i)w(j) [f((d - d(i,j))/h) + f((d + d(i,j))/h)], f the normal density, d(i,j) the distance in an equal-area plane, h = 0.9 min(s, quartile distance / 1.34) m^(-1/5) for m pairs, at least half a step; bands from draws of n features of the universe, without putting back, weights shared out by chance",
			Reading: geo.Text{
				EN: "The curve is the density of the distances between two features: all of them are 1 in sum. Where it goes above the global band the subject is localised at that distance, which 5 % of draws are somewhere; below the band, and nowhere above, it is dispersed. p is that of being localised, p_dispersed of being dispersed, both one-sided and of the whole curve. localisation is what lies above the band, in shares of all distances.",
				ZH: "曲线为两要素间距离的密度，全部距离合计为 1。曲线高于整体带区处，研究对象在该距离上集聚（随机抽样中仅 5 % 会在某处超出）；处处不高于而在某处低于带区则为分散。p 为集聚检验、p_dispersed 为分散检验的单侧值，均针对整条曲线。localisation 为高出带区的部分占全部距离的比例。"},
			Limits: geo.Text{
				EN: "The universe is what is listed, not all firms: a list that favours some provinces favours them in the draws too. Distances beyond the greatest one are not looked at. Under 10 features the curve is mostly kernel. Distances in the plane are off by up to 1.5 % at 20 degrees from its centre. Of more than 3,000 features a sample is taken.",
				ZH: "总体为名录所列要素而非全部企业，名录偏重某些省份时抽样同样偏重。不考察超过最大距离的部分。不足 10 个要素时曲线主要反映核函数。平面距离在离中心 20 度处误差至多 1.5 %。超过 3,000 个要素时抽样计算。"},
			Sources: []string{
				"Duranton and Overman (2005), Testing for localization using micro-geographic data, Review of Economic Studies 72(4), 1077-1106",
				"Silverman (1986), Density Estimation for Statistics and Data Analysis, Chapman and Hall, sections 2.10 and 3.4",
				"Myllymäki, Mrkvička, Grabarnik, Seijo and Hahn (2017), Global envelope tests for spatial processes, Journal of the Royal Statistical Society B 79(2), 381-404",
			},
		},
	}}
}

type kdResult struct {
	Distance     []Number `json:"distance_km"`
	Kd           []Number `json:"kd"`
	Low          []Number `json:"low"`
	High         []Number `json:"high"`
	LocalLow     []Number `json:"local_low"`
	LocalHigh    []Number `json:"local_high"`
	Localised    *bool    `json:"localised"`
	Dispersed    *bool    `json:"dispersed"`
	LocalisedKm  []Number `json:"localised_km"`
	Localisation Number   `json:"localisation"`
	Dispersion   Number   `json:"dispersion"`
	P            Number   `json:"p"`
	PDispersed   Number   `json:"p_dispersed"`

	Correction correction `json:"correction"`

	Draws     int    `json:"draws"`
	Bandwidth Number `json:"bandwidth_km"`
}

// kdMost is how many features are compared pair by pair in each draw.
const kdMost = 3000

func durantonOverman(ctx context.Context, st *Study, sub *Subject) (*Outcome, error) {
	q := st.Question
	none := Number(math.NaN())
	empty := []Number{}
	o := &Outcome{N: len(sub.Members), Columns: kdColumns(), Members: kdResult{
		Distance: empty, Kd: empty, Low: empty, High: empty, LocalLow: empty, LocalHigh: empty,
		Localisation: none, Dispersion: none, P: none, PDispersed: none, Correction: wholeCurve, Bandwidth: none,
	}}
	g := st.whole()
	most := q.float("distance_km") * 1000
	if !q.Given("distance_km") {
		most = g.median(q.seed())
		st.setting("distance_km", inMetres(most))
	}
	ask := pattern.KdQuestion{Sites: g.sites, Max: most, Steps: q.int("steps"), Bandwidth: q.float("bandwidth_km") * 1000}
	for _, i := range st.sample(sub, kdMost) {
		ask.Subject = append(ask.Subject, int(i))
		if q.Measure.Func == "sum" {
			ask.Weights = append(ask.Weights, st.Weights[i])
		}
	}
	if most == 0 {
		if st.heavy(sub) < 3 {
			return o, st.without(3, pattern.ErrTooFew)
		}
		return o, st.without(3, pattern.ErrNoSpread)
	}
	if least := pattern.Shortest(g.sites); most < least {
		return nil, invalid("distance_km", "needs at least %s here, a ten-thousandth of the extent of the universe", inMetres(math.Ceil(least)))
	}
	chance := st.chance(sub)
	if sub.Whole {
		chance.Draws = 0
	}
	kd, err := pattern.DurantonOverman(ctx, ask, chance)
	if err != nil {
		return o, st.without(3, err)
	}
	if kd.Bandwidth > ask.Bandwidth && ask.Bandwidth > 0 {
		st.warn("The bandwidth is half a step of the curve, which cannot show a lesser one: choose more steps or a shorter distance.", "带宽取曲线步长的一半，更小的带宽无法显示：请增加步数或缩短距离。")
	}
	if len(ask.Subject) < 10 {
		st.warn("With fewer than 10 features the curve is mostly kernel.", "不足 10 个要素时，曲线主要反映核函数。")
	}
	if !q.Given("bandwidth_km") && st.single() { // else each subject has its own
		st.setting("bandwidth_km", inMetres(kd.Bandwidth))
	}
	st.doubles(sub)
	o.fill(kd)
	return o, nil
}

func kdColumns() []Column {
	return []Column{
		{Name: "distance_km", Title: geo.Text{EN: "Distance", ZH: "距离"}, Unit: "km"},
		{Name: "kd", Title: geo.Text{EN: "K_d", ZH: "K_d"}, Unit: "1/km"},
		{Name: "low", Title: geo.Text{EN: "Global band, low", ZH: "整体带区下限"}, Unit: "1/km"},
		{Name: "high", Title: geo.Text{EN: "Global band, high", ZH: "整体带区上限"}, Unit: "1/km"},
		{Name: "local_low", Title: geo.Text{EN: "Local band, low", ZH: "逐点带区下限"}, Unit: "1/km"},
		{Name: "local_high", Title: geo.Text{EN: "Local band, high", ZH: "逐点带区上限"}, Unit: "1/km"},
	}
}

// fill writes the figures of a curve.
func (o *Outcome) fill(kd *pattern.Kd) {
	perKm := func(perMetre []float64) []Number {
		out := make([]Number, len(perMetre))
		for i, v := range perMetre {
			out[i] = Number(v * 1000)
		}
		return out
	}
	res := kdResult{
		Distance: inKilometres(kd.Distances), Kd: perKm(kd.Density),
		Low: perKm(kd.Low), High: perKm(kd.High), LocalLow: perKm(kd.LocalLow), LocalHigh: perKm(kd.LocalHigh),
		P: Number(kd.P), PDispersed: Number(kd.PDispersed), Correction: wholeCurve, Draws: kd.Draws, Bandwidth: kilometres(kd.Bandwidth),
		Localisation: Number(math.NaN()), Dispersion: Number(math.NaN()),
	}
	if kd.Draws > 0 {
		res.Localised, res.Dispersed = &kd.Localised, &kd.Dispersed
		res.Localisation, res.Dispersion = Number(kd.Excess), Number(kd.Deficit)
	}
	if kd.Localised {
		res.LocalisedKm = []Number{kilometres(kd.From), kilometres(kd.To)}
	}
	o.Members = res
	for i, d := range res.Distance {
		cells := []any{d, res.Kd[i], nil, nil, nil, nil}
		if kd.Draws > 0 {
			cells = []any{d, res.Kd[i], res.Low[i], res.High[i], res.LocalLow[i], res.LocalHigh[i]}
		}
		o.Rows = append(o.Rows, Row{ID: strconv.Itoa(i), Cells: cells})
	}
}
