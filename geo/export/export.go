// Package export writes features in the formats that people and tools take home.
//
// The package knows nothing of HTTP. Formats that cannot be written from front
// to back are made in temporary files, which are always removed.
package export
