package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"clustermap/geo"
	"clustermap/geo/table"
)

// guess is what one column seems to be for.
type guess struct {
	Column
	score float64
	look  content
}

// placeRoles are the roles of columns that the gazetteer reads.
var placeRoles = []Role{RolePlace, RoleProvince, RolePrefecture, RoleCounty, RoleTown}

// exact is how sure the names of columns are that people use for nothing else.
const exact = 0.96

func headerOf(c table.Column) string {
	if c.Header == "" && c.Name == c.Letter {
		return "" // E is a letter then, and no easting
	}
	return cmp.Or(c.Header, c.Name)
}

// judge decides between what the name says and what the values look like.
func (g *guess) judge(header string) {
	role, sure := headerRole(header)
	c := &g.look
	if name := plain(header); (name == "e" || name == "n") && !c.coordinates(name) {
		role, sure = "", 0 // N is the number of many things
	}
	fits, share := c.fits(role)
	if !fits && sure >= exact && c.looked > 0 && c.long < 0.5 && slices.Contains(placeRoles, role) {
		fits, share = true, 0 // places that the gazetteer does not know are places too
	}
	switch {
	case role == "" || !fits:
		g.score = g.byContent(header)
		if role != "" && g.Role != role {
			named := role.Title()
			g.Why = g.Why.And(geo.Text{
				EN: "(its name says " + strings.ToLower(named.EN) + ", its values do not)",
				ZH: "（列名像“" + named.ZH + "”，内容不像）",
			})
		}
	case share > 0:
		g.Role, g.score = role, sure+0.2*share
		g.Why = geo.Text{EN: fmt.Sprintf("its name, and %d %% of its values", int(100*share+0.5)), ZH: fmt.Sprintf("列名，且%d%%的值相符", int(100*share+0.5))}
	default:
		g.Role, g.score = role, sure
		g.Why = geo.Text{EN: "its name", ZH: "列名"}
	}
	g.setUnit(header)
}

// setUnit takes the unit of a column of numbers from its name, else from its values.
func (g *guess) setUnit(header string) {
	if g.Role != RoleNumber {
		return
	}
	if g.Unit = HeaderUnit(header); g.Unit == "" {
		g.Unit = g.look.unit()
		if word, _ := headerScale(header); word != "" && g.Unit != "" { // 人口（万）, with cells in 人
			g.Unit = word + g.Unit
		}
	}
}

// coordinates reports whether the values of a column E or N can hardly be anything else.
func (c *content) coordinates(axis string) bool {
	within := c.lon
	if axis == "n" {
		within = c.lat
	}
	return c.angles >= 0.5 || c.large >= 0.8 || c.fine >= 0.6 && within >= 0.8
}

// fits reports whether the values may be of a role, and the share that is of it where
// that can be told.
func (c *content) fits(role Role) (ok bool, share float64) {
	if c.values == 0 {
		return true, 0
	}
	least := func(share, min float64) (bool, float64) { return share >= min, share }
	switch role {
	case RoleLongitude, RoleLatitude:
		return least(max(c.numbers, c.angles), 0.5)
	case RoleCoordinates:
		return least(c.pairs, 0.5)
	case RoleCRS:
		return least(c.systems, 0.5)
	case RoleAdcode:
		return least(c.codes, 0.5)
	case RoleYear:
		return c.years > 0 || c.numbers < 0.5, c.years
	case RoleProvince, RolePrefecture, RoleCounty, RoleTown:
		return c.looked > 0 && c.placed >= 0.3, c.placed
	case RolePlace:
		return c.looked > 0 && c.placed >= 0.2, c.placed
	case RoleName, RoleTrade:
		return c.numbers < 0.5 || c.years == 0 && c.digits && role == RoleName, 0
	case RoleID:
		return c.codes < 0.8 && c.distinct > 0.5, c.distinct
	}
	return true, 0
}

// byContent gives a column whose name says nothing a role by its values, and returns
// how surely.
func (g *guess) byContent(header string) (score float64) {
	c := &g.look
	say := func(role Role, share float64, en, zh string) float64 {
		g.Role = role
		g.Why = geo.Text{EN: fmt.Sprintf("%d %% of its values are %s", int(100*share+0.5), en), ZH: fmt.Sprintf("%d%%的值是%s", int(100*share+0.5), zh)}
		return 0.5 * share
	}
	switch {
	case c.values == 0:
		g.Role, g.Why = RoleText, geo.Text{EN: "it is empty", ZH: "空列"}
	case c.codes >= 0.8:
		return say(RoleAdcode, c.codes, "division codes", "行政区划代码")
	case c.pairs >= 0.8:
		return say(RoleCoordinates, c.pairs, "two coordinates", "坐标对")
	case c.systems >= 0.8:
		return say(RoleCRS, c.systems, "names of coordinate systems", "坐标系名")
	case c.fine >= 0.6 && c.lon >= 0.8:
		return say(RoleLongitude, c.lon, "longitudes in China", "中国范围内的经度")
	case c.fine >= 0.6 && c.lat >= 0.8:
		return say(RoleLatitude, c.lat, "latitudes in China", "中国范围内的纬度")
	case c.years >= 0.9 && HeaderUnit(header) == "":
		return say(RoleYear, c.years, "years", "年份")
	case c.numbers >= 0.8 && c.codes < 0.5:
		return say(RoleNumber, c.numbers, "numbers", "数字")
	case c.looked > 0 && c.whole() >= 0.6:
		for _, level := range []struct {
			name   string
			role   Role
			en, zh string
		}{
			{"province", RoleProvince, "provinces", "省级单位"}, {"prefecture", RolePrefecture, "prefectures", "地级单位"},
			{"county", RoleCounty, "counties", "县级单位"}, {"town", RoleTown, "towns", "乡镇街道"},
		} {
			if share := c.divisions[level.name]; share >= 0.8 {
				if level.role == RoleTown && header == "" {
					break // with nothing beside it that says where, it is the whole place
				}
				return say(level.role, share, level.en, level.zh)
			}
		}
		return say(RolePlace, c.whole(), "divisions", "行政区划")
	case c.looked > 0 && c.placed >= 0.6:
		return c.sure * say(RolePlace, c.placed, "texts that name a place", "含地名的文字")
	case c.long >= 0.5:
		return say(RoleNote, c.long, "long texts", "长文字")
	default:
		g.Role, g.Why = RoleText, geo.Text{EN: "nothing more is known of it", ZH: "未识别用途"}
	}
	return 0
}

// demote gives a column another role because b has the one that it would have.
func (g *guess) demote(b *guess) {
	g.Why = geo.Text{
		EN: fmt.Sprintf("would be the %s too, but %q is", strings.ToLower(g.Role.Title().EN), clip(b.Column.Column)),
		ZH: fmt.Sprintf("也像%s，已用“%s”列", g.Role.Title().ZH, clip(b.Column.Column)),
	}
	if g.Role != RoleYear && g.Role != RoleAdcode && g.look.numbers >= 0.8 {
		g.Role = RoleNumber
	} else {
		g.Role = RoleText
	}
	g.setUnit(g.Column.Column)
}
