// Package web holds the built map page: HTML, scripts, styles and fonts, all
// with relative addresses, so that the page works below any path prefix.
//
// The build itself (web/dist) is made by "npm run build" and is not in the
// repository; without it the package still compiles and Dist has no index.html.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the files of the build, index.html at the root. When the front
// end has not been built, index.html does not exist.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path by construction
	}
	return sub
}
