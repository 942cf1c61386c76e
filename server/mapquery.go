package server

import (
	"encoding/hex"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/colornames"

	"clustermap/geo"
	"clustermap/geo/pyramid"
	"clustermap/geo/render"
)

// lookParameters are the parameters that say how a picture is drawn.
var lookParameters = [...]string{"bgcolor", "by", "collections", "furniture", "labels", "radius", "regions", "review",
	"style", "subtitle", "title", "transparent", "view", "void-color", "void-transparent"}

// mostMapTitle is how long a title may be, in bytes; the picture cuts it where it
// has no more room.
const mostMapTitle = 2000

// mapLook is how a picture is drawn.
type mapLook struct {
	style           render.Style
	lang            render.Lang
	view            render.View
	viewed          bool // view was given
	cut             *pyramid.Cut
	radius          int
	labels          bool
	furniture       render.Furniture
	regions         []string // ids of definitions; nil: the default ones
	title, subtitle string
	titled          bool
	review          string
	background      backgrounds
}

// backgrounds is what is under the map and what is beyond the world.
type backgrounds struct {
	color, void             color.NRGBA
	coloured                bool // bgcolor was given
	transparent, voidAsWell bool
}

// lookDefaults is what holds where a request does not say it.
type lookDefaults struct {
	bare      bool // a map alone, such as a tile or an image of WMS
	page      bool
	lang      string
	both      bool // languages
	opaque    bool // the format has no transparency
	furniture render.Furniture
}

// readLook takes the parameters of the look. schema is that of the collection, for
// by; nil where there are several.
func readLook(p *params, schema *geo.Schema, d lookDefaults) (*mapLook, error) {
	l := &mapLook{furniture: d.furniture, labels: !d.bare, lang: render.English}
	switch {
	case d.both:
		l.lang = render.Both
	case d.lang == "zh":
		l.lang = render.Chinese
	}
	if err := l.readStyle(p); err != nil {
		return nil, err
	}
	if !d.bare {
		if err := l.readWords(p); err != nil {
			return nil, err
		}
	}
	if err := l.readView(p, schema); err != nil {
		return nil, err
	}
	if err := l.background.read(p, d); err != nil {
		return nil, err
	}
	return l, l.readFurniture(p, d)
}

func (l *mapLook) readStyle(p *params) (err error) {
	if text, given := p.take("style"); given {
		if l.style, err = oneOf("style", text, styleNames()); err != nil {
			return err
		}
	}
	if text, given := p.take("labels"); given {
		l.labels, err = parseSwitch("labels", text)
	}
	return err
}

func styleNames() map[string]render.Style {
	return map[string]render.Style{"light": render.Light, "dark": render.Dark, "print": render.Print, "presentation": render.Presentation}
}

func viewNames() map[string]render.View {
	return map[string]render.View{"features": render.Features, "groups": render.Groups, "hex": render.Hex, "territory": render.Territory}
}

func furnitureNames() map[string]render.Furniture {
	return map[string]render.Furniture{
		"title": render.Title, "subtitle": render.Subtitle, "legend": render.Legend, "scale": render.Scale, "north": render.North,
		"source": render.Source, "date": render.Date, "definition": render.Definition, "filter": render.Filter,
		"review": render.Review, "inset": render.Inset,
	}
}

// furnitureText is the value of the parameter for a set.
func furnitureText(set render.Furniture) string {
	names := furnitureNames()
	return strings.Join(slices.DeleteFunc(sortedKeys(names), func(name string) bool { return set&names[name] == 0 }), ",")
}

// oneOf is the value of a name.
func oneOf[T any](param, name string, all map[string]T) (v T, err error) {
	if v, ok := all[name]; ok {
		return v, nil
	}
	names := sortedKeys(all)
	return v, invalid(param, "there is no %s%s There are %s.", quoted(name), didYouMean(name, names), strings.Join(names, ", "))
}

func sortedKeys[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (l *mapLook) readWords(p *params) error {
	for _, w := range [...]struct {
		name string
		to   *string
	}{{"title", &l.title}, {"subtitle", &l.subtitle}, {"review", &l.review}} {
		text, given := p.take(w.name)
		if !given {
			continue
		}
		if len(text) > mostMapTitle {
			return invalid(w.name, "has %d bytes; %d are the most", len(text), mostMapTitle)
		}
		if !utf8.ValidString(text) {
			return invalid(w.name, "is not UTF-8")
		}
		*w.to = text
		l.titled = l.titled || w.name == "title"
	}
	if text, given := p.take("regions"); given {
		l.regions = []string{}
		if text != "" && text != "none" {
			l.regions = strings.Split(text, ",")
		}
	}
	return nil
}

func parseSwitch(name, text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalid(name, "needs true or false, found %s", quoted(text))
}

// readView takes view and what belongs to it.
func (l *mapLook) readView(p *params, schema *geo.Schema) (err error) {
	text, given := p.take("view")
	if l.viewed = given; given {
		if l.view, err = oneOf("view", text, viewNames()); err != nil {
			return err
		}
	}
	by, cut := p.take("by")
	if cut {
		if schema == nil {
			return invalid("by", "needs one collection")
		}
		c, err := pyramid.ParseCut(schema, by)
		if err != nil {
			return named("by", err)
		}
		l.cut = &c
		hex := c.Across > 0
		switch {
		case !given && hex:
			l.view, l.viewed = render.Hex, true
		case !given:
			l.view, l.viewed = render.Territory, true
		case hex != (l.view == render.Hex) || !hex && l.view != render.Territory:
			return invalid("by", "%s does not go with view=%s", quoted(by), text)
		}
	}
	if text, given := p.take("radius"); given {
		if l.radius, err = parseWhole("radius", text, pyramid.MinRadius, pyramid.MaxRadius); err != nil {
			return err
		}
		if l.viewed && l.view != render.Groups {
			return invalid("radius", "is of groups; say view=groups")
		}
		l.view, l.viewed = render.Groups, true
	}
	return nil
}

func (l *mapLook) readFurniture(p *params, d lookDefaults) error {
	text, given := "", false
	if !d.bare {
		text, given = p.take("furniture")
	}
	if !given {
		if l.titled {
			l.furniture |= render.Title
		}
		if l.subtitle != "" {
			l.furniture |= render.Subtitle
		}
		if l.review != "" {
			l.furniture |= render.Review
		}
		return nil
	}
	names := furnitureNames()
	l.furniture = 0
	switch text {
	case "none", "":
	case "all":
		for _, bit := range names {
			l.furniture |= bit
		}
	default:
		for name := range strings.SplitSeq(text, ",") {
			bit, err := oneOf("furniture", name, names)
			if err != nil {
				return err
			}
			l.furniture |= bit
		}
	}
	return nil
}

func (b *backgrounds) read(p *params, d lookDefaults) (err error) {
	b.color = color.NRGBA{255, 255, 255, 255}
	if text, given := p.take("bgcolor"); given {
		if b.color, err = parseColor("bgcolor", text); err != nil {
			return err
		}
		b.coloured = true
	}
	b.transparent = d.bare && !b.coloured && !d.opaque
	b.void = b.color
	if text, given := p.take("void-color"); given {
		if b.void, err = parseColor("void-color", text); err != nil {
			return err
		}
	}
	if text, given := p.take("transparent"); given {
		if b.transparent, err = parseSwitch("transparent", text); err != nil {
			return err
		}
		b.transparent = b.transparent && !d.opaque
	}
	b.voidAsWell = b.transparent
	if text, given := p.take("void-transparent"); given {
		if b.voidAsWell, err = parseSwitch("void-transparent", text); err != nil {
			return err
		}
		b.voidAsWell = b.voidAsWell && !d.opaque
	}
	return nil
}

// parseColor reads a colour as OGC API - Maps and WMS write it: 0xRRGGBB, the same
// without 0x or with #, or a name of CSS.
func parseColor(name, text string) (color.NRGBA, error) {
	if c, ok := colornames.Map[strings.ToLower(text)]; ok {
		return color.NRGBA{c.R, c.G, c.B, 255}, nil
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X"), "#")
	v, err := hex.DecodeString(digits)
	if err != nil || len(v) != 3 {
		return color.NRGBA{}, invalid(name, "needs a colour such as 0x1A4BA8 or a name of CSS such as white, found %s", quoted(text))
	}
	return color.NRGBA{v[0], v[1], v[2], 255}, nil
}

// text is the canonical form of the look.
func (l *mapLook) text() string {
	var b []byte
	add := func(name, value string) { b = appendParam(b, name, value) }
	add("style", strconv.Itoa(int(l.style)))
	add("lang", strconv.Itoa(int(l.lang)))
	if l.viewed {
		add("view", strconv.Itoa(int(l.view)))
	}
	if l.cut != nil {
		add("by", l.cut.String())
	}
	add("radius", strconv.Itoa(l.radius))
	add("labels", strconv.FormatBool(l.labels))
	add("furniture", strconv.Itoa(int(l.furniture)))
	if l.regions != nil {
		add("regions", strings.Join(l.regions, ","))
	}
	if l.titled {
		add("title", l.title)
	}
	add("subtitle", l.subtitle)
	add("review", l.review)
	g := &l.background
	rgb := func(c color.NRGBA) string { return hex.EncodeToString([]byte{c.R, c.G, c.B}) }
	add("bg", rgb(g.color)+rgb(g.void)+strconv.FormatBool(g.coloured)+strconv.FormatBool(g.transparent)+strconv.FormatBool(g.voidAsWell))
	return string(b)
}
