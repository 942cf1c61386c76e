package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"clustermap/server"
)

// onlineMaps are the base maps of others that the page offers, as a flag that may be
// given again: off, or NAME=URL for another address of one of them.
type onlineMaps []server.Online

func (m *onlineMaps) String() string { return "" }

func (m *onlineMaps) Set(s string) error {
	if s == "off" {
		*m = nil
		return nil
	}
	name, address, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("use off or NAME=URL")
	}
	i := slices.IndexFunc(*m, func(o server.Online) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("there is no base map %q; there are osm, tianditu, tianditu-img and amap, unless off came before", name)
	}
	other := (*m)[i]
	other.Tiles = address
	if err := other.Check(); err != nil {
		return err
	}
	(*m)[i] = other
	return nil
}
