package server

import (
	"strings"
	"time"

	"clustermap/geo"
)

// wmsTime is the dimension time of a collection: all of it, by days. ok is false where
// its features have no times.
func wmsTime(c *geo.Collection) (extent, usual string, ok bool) {
	v := c.Source.Extent().Time
	if v.Start.IsZero() || v.End.IsZero() {
		return "", "", false
	}
	usual = v.Start.UTC().Format(time.DateOnly) + "/" + v.End.UTC().Format(time.DateOnly)
	return usual + "/P1D", usual, true
}

// time is the interval of TIME as the parameter datetime has it; "" is all there is.
func (p *wmsParams) time(c *geo.Collection) (string, error) {
	text, _ := p.get("time")
	all := c.Source.Extent().Time
	if text == "" || all.IsZero() {
		return "", nil
	}
	if strings.EqualFold(text, "current") {
		text = all.End.UTC().Format(time.DateOnly)
	}
	if strings.Contains(text, ",") {
		return "", wmsInvalid("time", "InvalidDimensionValue", "lists are not drawn; name one time or an interval such as 2005/2007")
	}
	parts := strings.Split(text, "/")
	if len(parts) == 3 && strings.HasPrefix(parts[2], "P") { // with a period, which an interval is drawn without
		parts = parts[:2]
	}
	text = strings.Join(parts, "/")
	v, err := geo.ParseInterval(text)
	if err != nil {
		return "", wmsInvalid("time", "InvalidDimensionValue", "%s is not a time; write 2007, 2007-05-01 or two of them as 2005/2007", quoted(text))
	}
	if !v.Meets(all) {
		extent, _, _ := wmsTime(c)
		return "", wmsInvalid("time", "InvalidDimensionValue", "%s is outside of the times of %s, %s", quoted(text), c.ID, extent)
	}
	return text, nil
}
