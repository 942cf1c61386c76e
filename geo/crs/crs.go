// Package crs converts between longitude, latitude on WGS 84 and the coordinate
// reference systems that tools ask for.
//
// Coordinates are in the axis order of the authority that defines the system:
// EPSG:4326 and EPSG:4490 have latitude first. Degrees for geographic systems,
// metres for projected ones.
//
// The package knows nothing of features, HTTP or files.
package crs
