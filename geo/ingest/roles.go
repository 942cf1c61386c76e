package ingest

import (
	"slices"

	"clustermap/geo"
)

// Role is what a column is for.
type Role string

const (
	RoleName        Role = "name"
	RolePlace       Role = "place" // where it is, in words
	RoleProvince    Role = "province"
	RolePrefecture  Role = "prefecture"
	RoleCounty      Role = "county"
	RoleTown        Role = "town"
	RoleAdcode      Role = "adcode"
	RoleTrade       Role = "trade"
	RoleLongitude   Role = "longitude" // or the first coordinate of a projected system
	RoleLatitude    Role = "latitude"
	RoleCoordinates Role = "coordinates" // both in one cell
	RoleCRS         Role = "crs"
	RoleYear        Role = "year"
	RoleNumber      Role = "number"
	RoleID          Role = "id"
	RoleNote        Role = "note"
	RoleText        Role = "text" // kept, and used for nothing
)

// RoleInfo describes a role to a person.
type RoleInfo struct {
	Role  Role     `json:"role"`
	Title geo.Text `json:"title"`
}

// Roles are the roles in the order to be offered.
func Roles() []RoleInfo {
	return []RoleInfo{
		{RoleName, geo.Text{EN: "Name", ZH: "名称"}},
		{RolePlace, geo.Text{EN: "Place", ZH: "地点"}},
		{RoleProvince, geo.Text{EN: "Province", ZH: "省级"}},
		{RolePrefecture, geo.Text{EN: "Prefecture", ZH: "地级"}},
		{RoleCounty, geo.Text{EN: "County", ZH: "县级"}},
		{RoleTown, geo.Text{EN: "Town", ZH: "乡镇街道"}},
		{RoleAdcode, geo.Text{EN: "Division code", ZH: "行政区划代码"}},
		{RoleTrade, geo.Text{EN: "Trade", ZH: "行业"}},
		{RoleLongitude, geo.Text{EN: "Longitude", ZH: "经度"}},
		{RoleLatitude, geo.Text{EN: "Latitude", ZH: "纬度"}},
		{RoleCoordinates, geo.Text{EN: "Coordinates", ZH: "经纬度"}},
		{RoleCRS, geo.Text{EN: "Coordinate system", ZH: "坐标系"}},
		{RoleYear, geo.Text{EN: "Year", ZH: "年份"}},
		{RoleNumber, geo.Text{EN: "Number", ZH: "数值"}},
		{RoleID, geo.Text{EN: "Identifier", ZH: "编号"}},
		{RoleNote, geo.Text{EN: "Note", ZH: "备注"}},
		{RoleText, geo.Text{EN: "Kept as it is", ZH: "原样保留"}},
	}
}

// Known reports whether r is a role.
func (r Role) Known() bool {
	return slices.ContainsFunc(Roles(), func(i RoleInfo) bool { return i.Role == r })
}

// Title is the role in words.
func (r Role) Title() geo.Text {
	for _, i := range Roles() {
		if i.Role == r {
			return i.Title
		}
	}
	return geo.Text{EN: string(r)}
}

// single reports whether a sheet has one column of the role at most. Of names there
// may be several, in several languages; the first is used to match.
func (r Role) single() bool {
	switch r {
	case RoleName, RoleNumber, RoleID, RoleNote, RoleText, RoleTrade:
		return false
	}
	return true
}
