// Package data holds the built-in atlas: the clusters, what the source says of
// them, the definitions of the three regions, the divisions and a base map.
// README.md tells where each file comes from.
package data

import (
	"embed"
	"io/fs"
)

//go:embed *.geojson *.schema.json *.csv industries.json base/*.geojson codes/*.csv gazetteer/*.csv
var files embed.FS

// Files returns the built-in atlas: NAME.geojson and NAME.schema.json for each
// collection, industries.json, the base map as base/NAME.geojson, and the code
// tables of then and now as codes/YEAR.csv, and what became of the units between
// them as successions.csv.
// The gazetteer is gazetteer/units.csv and gazetteer/towns.csv, other names are
// aliases.csv, and trades.csv leads words to the codes of industries.json.
// The files are GeoJSON in longitude and latitude, WGS 84 (OGC:CRS84).
func Files() fs.FS { return files }
