// Package web holds the built map page: HTML, scripts, styles and fonts, all
// with relative addresses, so that the page works below any path prefix. It also
// holds the faces that the server draws pictures with.
//
// The build itself (web/dist and web/print) is made by "npm run build" and is not in
// the repository; without it the package still compiles, Dist has no index.html and
// Faces no faces.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed all:print
var faces embed.FS

// Dist returns the files of the build, index.html at the root. When the front
// end has not been built, index.html does not exist.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path by construction
	}
	return sub
}

// Faces returns the TrueType faces of pictures, such as noto-sans-sc-400.ttf, if
// they have been built.
func Faces() fs.FS {
	sub, err := fs.Sub(faces, "print")
	if err != nil {
		panic(err) // "print" is a valid path by construction
	}
	return sub
}
