package render

import "clustermap/geo"

// part is what a part of the map is called in its list of shapes.
func (s *scene) part(key string) string { return s.in(partNames()[key]) }

func partNames() map[string]geo.Text {
	return map[string]geo.Text{
		"sea":          {EN: "Sea", ZH: "海洋"},
		"land":         {EN: "Land", ZH: "陆地"},
		"coast":        {EN: "Coast", ZH: "海岸线"},
		"borders":      {EN: "Borders", ZH: "边界"},
		"provinces":    {EN: "Provincial borders", ZH: "省界"},
		"countries":    {EN: "National borders", ZH: "国界"},
		"disputed":     {EN: "Disputed borders", ZH: "未定边界"},
		"regions":      {EN: "Regions", ZH: "地区"},
		"host seat":    {EN: "Seat of host unit", ZH: "宿主驻地"},
		"approximate":  {EN: "Approximate", ZH: "近似位置"},
		"features":     {EN: "features", ZH: " 个"},
		"region lines": {EN: "Outlines of regions", ZH: "地区轮廓"},
	}
}
