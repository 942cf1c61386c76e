package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mapOptions are what the command line of map says.
type mapOptions struct {
	out    string
	paths  []string
	query  url.Values // as of GET /map
	size   string     // name of a sheetSize
	batch  string     // region or a property
	format string     // of the files of a series
	force  bool
	quiet  bool
}

// mapParameters are the flags that are parameters of GET /map as they stand.
var mapParameters = [...]string{"bbox", "bbox-crs", "by", "center", "collections", "crs", "dpi", "filter", "fit", "furniture", "height",
	"labels", "lang", "radius", "regions", "review", "scale-denominator", "style", "subtitle", "title", "view", "width"}

// mapFormats are the formats of files, by the end of their names.
var mapFormats = map[string]string{".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".svg": "svg", ".pdf": "pdf", ".pptx": "pptx"}

// formatOf is the format that the name of a file tells, "" if none.
func formatOf(name string) string { return mapFormats[strings.ToLower(filepath.Ext(name))] }

// paged is whether a file of the format holds many pictures.
func paged(format string) bool { return format == "pdf" || format == "pptx" }

// sheetSize is a size that has a name.
type sheetSize struct {
	name          string
	width, height float64 // mm
	dpi           float64 // of pictures of pixels, where no other is asked for
}

const (
	mmPerInch  = 25.4
	screenDPI  = 96
	mmPerPixel = mmPerInch / screenDPI
	vectorDPI  = 240 // of formats without pixels: a fine grid for their sizes
)

func sheetSizes() []sheetSize {
	return []sheetSize{
		{"slide", 1280 * mmPerPixel, 720 * mmPerPixel, screenDPI},
		{"slide4x3", 960 * mmPerPixel, 720 * mmPerPixel, screenDPI},
		{"square", 1080 * mmPerPixel, 1080 * mmPerPixel, screenDPI},
		{"a4", 297, 210, 300},
		{"a4-upright", 210, 297, 300},
		{"half", 210, 148.5, 300},
		{"poster", 594, 841, 200},
	}
}

// parseMap reads the command line of map.
func parseMap(args []string, stdout io.Writer) (*mapOptions, error) {
	o := &mapOptions{query: url.Values{}}
	var err error
	if o.paths, err = parseArgs(o.flags(), args, stdout); err != nil {
		return nil, err
	}
	if err := noEmptyPath("map", o.paths); err != nil {
		return nil, err
	}
	if err := o.chooseFormat(); err != nil {
		return nil, err
	}
	o.query.Set("f", o.format)
	if o.size != "" {
		err = o.setSize()
	}
	return o, err
}

func refuseMap(format string, args ...any) error { return usagef("help map", format, args...) }

// chooseFormat settles the format: by the name of the file, or by -format where a series
// goes into a folder.
func (o *mapOptions) chooseFormat() error {
	const ends = ".png, .jpg, .svg, .pdf or .pptx"
	named := formatOf(o.out)
	switch {
	case o.out == "" && o.batch == "":
		return refuseMap("map needs -o FILE, whose name ends in %s", ends)
	case o.out == "":
		return refuseMap("map -batch needs -o FOLDER, or -o FILE whose name ends in .pdf or .pptx")
	case o.batch == "" && named == "":
		return refuseMap("-o %s: the name of a picture ends in %s", o.out, ends)
	case o.batch == "" && o.format != "", paged(named) && o.format != "":
		return refuseMap("-format is for -batch into a folder; of a file the name tells the format")
	case o.batch == "" || paged(named):
		o.format = named
	case named != "" && !isFolder(o.out):
		return refuseMap("-o %s: such a file holds one picture; give a folder and -format, or a name that ends in .pdf or .pptx", o.out)
	case o.format == "":
		o.format = "png"
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// setSize makes width, height and dpi of a size that has a name.
func (o *mapOptions) setSize() error {
	sizes := sheetSizes()
	i := slices.IndexFunc(sizes, func(s sheetSize) bool { return s.name == o.size })
	if i < 0 {
		var names []string
		for _, s := range sizes {
			names = append(names, s.name)
		}
		return refuseMap("-size %s: there is no such size; there are %s", o.size, strings.Join(names, ", "))
	}
	if o.query.Has("width") || o.query.Has("height") {
		return refuseMap("-size says the same as -width and -height; give one of them")
	}
	s := sizes[i]
	dpi := s.dpi
	switch text := o.query.Get("dpi"); {
	case o.format == "svg" || paged(o.format):
		dpi = vectorDPI
	case text != "":
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return refuseMap("-dpi %s: needs a number of pixels to the inch, such as 300", text)
		}
		dpi = v
	}
	pixels := func(mm float64) string { return strconv.FormatFloat(math.Round(mm/mmPerInch*dpi), 'f', -1, 64) }
	o.query.Set("width", pixels(s.width))
	o.query.Set("height", pixels(s.height))
	o.query.Set("dpi", strconv.FormatFloat(dpi, 'f', -1, 64))
	return nil
}

// flags are the flags of map, which write into o. What they mean is told in helpTexts.
func (o *mapOptions) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("map", flag.ContinueOnError)
	flags.StringVar(&o.out, "o", "", "")
	flags.StringVar(&o.size, "size", "", "")
	flags.StringVar(&o.batch, "batch", "", "")
	flags.BoolVar(&o.force, "force", false, "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.Func("format", "", func(s string) error {
		if o.format = formatOf("." + s); o.format == "" {
			return errors.New("use png, jpeg, svg, pdf or pptx")
		}
		return nil
	})
	for _, name := range mapParameters {
		set := func(s string) error {
			o.query.Set(name, s)
			return nil
		}
		switch name {
		case "labels":
			flags.BoolFunc(name, "", set)
		case "crs", "bbox-crs":
			flags.Func(name, "", func(s string) error { return set(systemOf(s)) })
		case "lang":
			flags.Func(name, "", func(s string) error {
				if s != "zh" && s != "en" && s != "both" {
					return errors.New("use zh, en or both")
				}
				return set(s)
			})
		default:
			flags.Func(name, "", set)
		}
	}
	flags.Func("where", "", o.where)
	return flags
}

// systemOf is the identifier of a coordinate system of which people write less.
func systemOf(s string) string {
	switch {
	case strings.EqualFold(s, "crs84"):
		return "OGC:CRS84"
	case strings.EqualFold(s, "albers"):
		return "china-albers"
	case s != "" && strings.Trim(s, "0123456789") == "":
		return "EPSG:" + s
	}
	return s
}

// where reads a condition on a property.
func (o *mapOptions) where(text string) error {
	name, value, ok := strings.Cut(text, "=")
	switch {
	case !ok || name == "":
		return errors.New("use NAME=VALUE, such as trade=silk")
	case name == "f" || slices.Contains(mapParameters[:], name):
		return fmt.Errorf("%s is no condition but a parameter of pictures; for a property of this name use -filter", name)
	case o.query.Has(name):
		return fmt.Errorf("%s is given twice; a comma between values means or", name)
	}
	o.query.Set(name, value)
	return nil
}
