package crs

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// The parts of PROJJSON 0.5 (https://proj.org/specifications/projjson.html) that
// the systems here need.
type jsonCRS struct {
	Schema     string          `json:"$schema,omitempty"`
	Type       string          `json:"type,omitempty"`
	Name       string          `json:"name"`
	Base       *jsonCRS        `json:"base_crs,omitempty"`
	Conversion *jsonConversion `json:"conversion,omitempty"`
	Datum      *jsonDatum      `json:"datum,omitempty"`
	Ensemble   *jsonDatum      `json:"datum_ensemble,omitempty"`
	Axes       jsonAxes        `json:"coordinate_system"`
	ID         jsonID          `json:"id"`
}

type jsonDatum struct {
	Type      string        `json:"type,omitempty"`
	Name      string        `json:"name"`
	Members   []jsonNamed   `json:"members,omitempty"`
	Ellipsoid jsonEllipsoid `json:"ellipsoid"`
	Accuracy  string        `json:"accuracy,omitempty"`
	ID        *jsonID       `json:"id,omitempty"`
}

type jsonEllipsoid struct {
	Name              string  `json:"name"`
	SemiMajor         float64 `json:"semi_major_axis"`
	InverseFlattening float64 `json:"inverse_flattening"`
}

type jsonConversion struct {
	Name       string          `json:"name"`
	Method     jsonNamed       `json:"method"`
	Parameters []jsonParameter `json:"parameters"`
}

type jsonParameter struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	ID    jsonID  `json:"id"`
}

type jsonAxes struct {
	Subtype string     `json:"subtype"`
	Axis    []jsonAxis `json:"axis"`
}

type jsonAxis struct {
	Name         string `json:"name"`
	Abbreviation string `json:"abbreviation"`
	Direction    string `json:"direction"`
	Unit         string `json:"unit"`
}

type jsonNamed struct {
	Name string `json:"name"`
	ID   jsonID `json:"id"`
}

// jsonID is authority and code; a code of EPSG is a number, one of OGC a text.
type jsonID struct {
	Authority string `json:"authority"`
	Code      any    `json:"code"`
}

func epsgID(code int) jsonID { return jsonID{"EPSG", code} }

// PROJJSON is the definition as GeoParquet keeps it, with the axes in the
// authority's order. It is nil for an Offset.
func (c *CRS) PROJJSON() []byte {
	if c.Offset() {
		return nil
	}
	d := c.definition()
	d.Schema = "https://proj.org/schemas/v0.5/projjson.schema.json"
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // all of it is text and finite numbers
	}
	return text
}

func (c *CRS) definition() *jsonCRS {
	authority, code, _ := strings.Cut(c.code, ":")
	d := &jsonCRS{Name: c.name, ID: jsonID{authority, code}, Axes: c.axes()}
	if n, err := strconv.Atoi(code); err == nil {
		d.ID.Code = n
	}
	if c.Geographic() {
		d.Type = "GeographicCRS"
		d.Datum, d.Ensemble = c.datum()
		return d
	}
	d.Type, d.Base, d.Conversion = "ProjectedCRS", c.base().definition(), c.conversion()
	d.Base.Type = ""
	return d
}

// datum is the reference frame, or the ensemble that EPSG understands by WGS 84.
func (c *CRS) datum() (frame, ensemble *jsonDatum) {
	if c.base().code == "EPSG:4490" {
		return &jsonDatum{
			Type: "GeodeticReferenceFrame", Name: "China 2000",
			Ellipsoid: jsonEllipsoid{"CGCS2000", semiMajor, cgcs2000Flattening},
		}, nil
	}
	id := epsgID(6326)
	e := &jsonDatum{
		Name:      "World Geodetic System 1984 ensemble",
		Ellipsoid: jsonEllipsoid{"WGS 84", semiMajor, wgs84Flattening},
		Accuracy:  "2.0", ID: &id,
	}
	for _, m := range []struct {
		name string
		code int
	}{{"Transit", 1166}, {"G730", 1152}, {"G873", 1153}, {"G1150", 1154}, {"G1674", 1155}, {"G1762", 1156}, {"G2139", 1309}} {
		e.Members = append(e.Members, jsonNamed{"World Geodetic System 1984 (" + m.name + ")", epsgID(m.code)})
	}
	return nil, e
}

func (c *CRS) conversion() *jsonConversion {
	parameters := []jsonParameter{{"Latitude of natural origin", 0, "degree", epsgID(8801)}}
	add := func(name string, value float64, unit string, code int) {
		parameters = append(parameters, jsonParameter{name, value, unit, epsgID(code)})
	}
	meridian, east := 0.0, 0.0
	name, method := "Popular Visualisation Pseudo-Mercator", jsonNamed{"Popular Visualisation Pseudo Mercator", epsgID(1024)}
	if c.kind == transverse {
		meridian, east = c.tm.meridian, c.tm.east
		name = c.conversionName()
		method = jsonNamed{"Transverse Mercator", epsgID(9807)}
	}
	add("Longitude of natural origin", meridian, "degree", 8802)
	if c.kind == transverse {
		add("Scale factor at natural origin", c.tm.scale, "unity", 8805)
	}
	add("False easting", east, "metre", 8806)
	add("False northing", 0, "metre", 8807)
	return &jsonConversion{name, method, parameters}
}

// conversionName is EPSG's name of the projection, which is that of the system
// but for two families: the zones of six degrees say so, and the meridians that
// zones of six and of three degrees share have one projection without a width.
func (c *CRS) conversionName() string {
	_, name, _ := strings.Cut(c.name, " / ")
	if strings.HasPrefix(name, "Gauss-Kruger zone") {
		return "6-degree " + name
	}
	if bare, ok := strings.CutPrefix(name, "3-degree "); ok && c.tm.east == 500e3 && math.Mod(c.tm.meridian-75, 6) == 0 {
		return bare
	}
	return name
}

func (c *CRS) axes() jsonAxes {
	x, y := jsonAxis{"Geodetic longitude", "Lon", "east", "degree"}, jsonAxis{"Geodetic latitude", "Lat", "north", "degree"}
	a := jsonAxes{Subtype: "ellipsoidal"}
	if !c.Geographic() {
		a.Subtype = "Cartesian"
		x, y = jsonAxis{"Easting", "X", "east", "metre"}, jsonAxis{"Northing", "Y", "north", "metre"}
		switch {
		case c.swapped: // surveyors call the northing X
			x.Abbreviation, y.Abbreviation = "Y", "X"
		case c.kind == transverse:
			x.Abbreviation, y.Abbreviation = "E", "N"
		}
	}
	if c.swapped {
		x, y = y, x
	}
	a.Axis = []jsonAxis{x, y}
	if c.kind == geographic3D {
		a.Axis = append(a.Axis, jsonAxis{"Ellipsoidal height", "h", "up", "metre"})
	}
	return a
}
