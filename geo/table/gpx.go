package table

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"clustermap/geo"

	"github.com/paulmach/orb"
)

func openGPX(ctx context.Context, src Source, opt Options) (*File, error) {
	f := &markupFile{format: "GPX", opt: opt, read: readGPX, open: src.open}
	return f.file(ctx)
}

// readGPX reads the waypoints. Tracks and routes are what a device has recorded, and no
// places.
func readGPX(f *markupFile, m *markup, do func(markupRow, Row) bool) error {
	for {
		t, err := m.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := t.(xml.StartElement); !ok {
			continue
		}
		err = m.each(nil, func(e xml.StartElement) error {
			switch e.Name.Local {
			case "wpt":
				return waypoint(m, e, do)
			case "trk", "rte":
				f.note("tracks", "tracks and routes are left out; only waypoints are read", "只读取航点，轨迹与路线未导入")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func waypoint(m *markup, e xml.StartElement, do func(markupRow, Row) bool) error {
	var cells markupRow
	var row Row
	lon, ok1 := decimal(attribute(e, "lon"))
	lat, ok2 := decimal(attribute(e, "lat"))
	if row.Geometry = (orb.Point{lon, lat}); !ok1 || !ok2 {
		row.Fault = &geo.InvalidError{Line: m.line(), Reason: "lat or lon is no number"}
	}
	var leaves func(e xml.StartElement) error
	leaves = func(e xml.StartElement) error {
		if e.Name.Local == "link" {
			cells.set("link", textValue(attribute(e, "href")))
			return nil
		}
		var text strings.Builder
		within := false
		err := m.each(&text, func(inner xml.StartElement) error {
			within = true
			return leaves(inner)
		})
		if within {
			return err
		}
		s := strings.TrimSpace(text.String())
		v := textValue(s)
		if f, ok := decimal(s); ok && e.Name.Local == "ele" {
			v = numberValue(s, f)
		}
		cells.set(e.Name.Local, v)
		return err
	}
	if err := m.each(nil, leaves); err != nil {
		return err
	}
	if !do(cells, row) {
		return errEnough
	}
	return nil
}
