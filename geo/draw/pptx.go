package draw

import (
	"archive/zip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed pptx
var pptxTemplates embed.FS

// PPTX writes slides as a presentation: each shape, symbol and label is a shape of the
// program that opens it, with its name and alternative text, grouped as in the layers.
// The first line of text named "Title" or "title", outside of symbols, is the title of
// its slide, with the lines of that name and look below it. Notes stand on the notes page.
//
// The first drawing decides the size of all slides: 16:9 or 4:3 where its sides have
// that ratio, else its own. A drawing of other sides is made to fit, in the middle.
//
// What the file formats of presentations cannot do: a clip cuts shapes at their middle
// line and leaves a line of text out only as a whole; patterns are small pictures; halos
// are soft.
func PPTX(ctx context.Context, w io.Writer, f *Fonts, slides ...*Drawing) error {
	if len(slides) == 0 {
		return errors.New("draw: a presentation needs a slide")
	}
	for _, d := range slides {
		if err := checkSize(d); err != nil {
			return err
		}
	}
	k := &deck{slides: slides, size: slideSize(slides[0])}
	z := zip.NewWriter(w)
	if err := k.write(ctx, z, f); err != nil {
		return err
	}
	return z.Close()
}

// emu is a length of Office: 1/914400 inch.
type emu = int64

const (
	emuPerPixel = 9525
	emuPerPoint = 12700

	// Slides may be from 1 to 56 inches wide and high.
	minSlide, maxSlide = 914400, 51206400
)

// extent is a size of a slide.
type extent struct{ cx, cy emu }

func slideSize(d *Drawing) extent {
	const near = 0.01
	ratio := d.Width / d.Height
	switch {
	case math.Abs(ratio/(16.0/9)-1) < near:
		return extent{12192000, 6858000}
	case math.Abs(ratio/(4.0/3)-1) < near:
		return extent{9144000, 6858000}
	}
	k := math.Min(emuPerPixel, maxSlide/math.Max(d.Width, d.Height))
	k = math.Max(k, minSlide/math.Min(d.Width, d.Height))
	side := func(px float64) emu { return emu(math.Round(min(max(px*k, minSlide), maxSlide))) }
	return extent{side(d.Width), side(d.Height)}
}

// deck writes the parts of a presentation.
type deck struct {
	slides []*Drawing
	size   extent
	tiles  []Fill          // of all slides
	types  strings.Builder // overrides of [Content_Types].xml
	zip    *zip.Writer
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	namespace = `xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"` +
		` xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"`
	officeRel  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	packageRel = "http://schemas.openxmlformats.org/package/2006/relationships/"
	officeType = "application/vnd.openxmlformats-officedocument."
	pptType    = officeType + "presentationml."
)

// rel is a relationship of a part. Its id is its place in the list: rId1, rId2 …
type rel struct{ kind, target string }

func (k *deck) write(ctx context.Context, z *zip.Writer, f *Fonts) error {
	k.zip = z
	notes := 0
	for i, d := range k.slides {
		s := newSlide(f, d, k.size)
		if err := s.draw(ctx); err != nil {
			return err
		}
		if len(d.Notes) > 0 {
			notes++
		}
		if err := k.slide(s, strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	for i, tile := range k.tiles {
		picture, err := tile.picture(ctx, f)
		if err == nil {
			err = k.file(fmt.Sprintf("ppt/media/image%d.png", i+1), picture)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(k.masters(notes > 0), k.presentation(notes > 0), k.properties(notes), k.contents())
}

// slide writes slide n and its notes.
func (k *deck) slide(s *slide, n string) error {
	layout := "2"
	if s.titled {
		layout = "1"
	}
	rels := []rel{{officeRel + "slideLayout", "../slideLayouts/slideLayout" + layout + ".xml"}}
	for _, tile := range s.tiles {
		at := slices.Index(k.tiles, tile)
		if at < 0 {
			at = len(k.tiles)
			k.tiles = append(k.tiles, tile)
		}
		rels = append(rels, rel{officeRel + "image", fmt.Sprintf("../media/image%d.png", at+1)})
	}
	var err error
	if len(s.drawing.Notes) > 0 {
		rels = append(rels, rel{officeRel + "notesSlide", "../notesSlides/notesSlide" + n + ".xml"})
		err = k.part("ppt/notesSlides/notesSlide"+n+".xml", pptType+"notesSlide+xml", s.notes(s.drawing.Notes),
			rel{officeRel + "notesMaster", "../notesMasters/notesMaster1.xml"}, rel{officeRel + "slide", "../slides/slide" + n + ".xml"})
	}
	return errors.Join(err, k.part("ppt/slides/slide"+n+".xml", pptType+"slide+xml", s.xml, rels...))
}

// masters writes what slides and notes are made after.
func (k *deck) masters(notes bool) error {
	theme := rel{officeRel + "theme", "../theme/theme1.xml"}
	toMaster := rel{officeRel + "slideMaster", "../slideMasters/slideMaster1.xml"}
	err := errors.Join(
		k.template("ppt/slideMasters/slideMaster1.xml", pptType+"slideMaster+xml", "slideMaster.xml",
			rel{officeRel + "slideLayout", "../slideLayouts/slideLayout1.xml"}, rel{officeRel + "slideLayout", "../slideLayouts/slideLayout2.xml"}, theme),
		k.template("ppt/slideLayouts/slideLayout1.xml", pptType+"slideLayout+xml", "layoutTitle.xml", toMaster),
		k.template("ppt/slideLayouts/slideLayout2.xml", pptType+"slideLayout+xml", "layoutBlank.xml", toMaster),
		k.template("ppt/theme/theme1.xml", officeType+"theme+xml", "theme.xml"))
	if notes {
		err = errors.Join(err,
			k.template("ppt/notesMasters/notesMaster1.xml", pptType+"notesMaster+xml", "notesMaster.xml", rel{officeRel + "theme", "../theme/theme2.xml"}),
			k.template("ppt/theme/theme2.xml", officeType+"theme+xml", "theme.xml"))
	}
	return err
}

func (k *deck) presentation(notes bool) error {
	rels := []rel{{officeRel + "slideMaster", "slideMasters/slideMaster1.xml"}, {officeRel + "theme", "theme/theme1.xml"}}
	var b strings.Builder
	b.WriteString(xmlHead + `<p:presentation ` + namespace + ` saveSubsetFonts="1"><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>`)
	if notes {
		rels = append(rels, rel{officeRel + "notesMaster", "notesMasters/notesMaster1.xml"})
		fmt.Fprintf(&b, `<p:notesMasterIdLst><p:notesMasterId r:id="rId%d"/></p:notesMasterIdLst>`, len(rels))
	}
	b.WriteString(`<p:sldIdLst>`)
	for i := range k.slides {
		rels = append(rels, rel{officeRel + "slide", fmt.Sprintf("slides/slide%d.xml", i+1)})
		fmt.Fprintf(&b, `<p:sldId id="%d" r:id="rId%d"/>`, 256+i, len(rels))
	}
	fmt.Fprintf(&b, `</p:sldIdLst><p:sldSz cx="%d" cy="%d"`, k.size.cx, k.size.cy)
	if k.size.cx == 9144000 && k.size.cy == 6858000 {
		b.WriteString(` type="screen4x3"`)
	}
	b.WriteString(`/><p:notesSz cx="6858000" cy="9144000"/><p:defaultTextStyle><a:defPPr/>` +
		`<a:lvl1pPr algn="l"><a:defRPr sz="1800"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill>` +
		`<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr></a:lvl1pPr></p:defaultTextStyle></p:presentation>`)
	rels = append(rels, rel{officeRel + "presProps", "presProps.xml"}, rel{officeRel + "viewProps", "viewProps.xml"}, rel{officeRel + "tableStyles", "tableStyles.xml"})
	return errors.Join(
		k.part("ppt/presentation.xml", pptType+"presentation.main+xml", []byte(b.String()), rels...),
		k.part("ppt/presProps.xml", pptType+"presProps+xml", []byte(xmlHead+`<p:presentationPr `+namespace+`/>`)),
		k.part("ppt/viewProps.xml", pptType+"viewProps+xml", []byte(xmlHead+`<p:viewPr `+namespace+`/>`)),
		k.part("ppt/tableStyles.xml", pptType+"tableStyles+xml", []byte(xmlHead+`<a:tblStyleLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" def="{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}"/>`)))
}

// properties writes what the program that opens the file tells about it. The only dates
// are those of the data.
func (k *deck) properties(notes int) error {
	d := k.slides[0]
	var b []byte
	b = append(b, xmlHead+`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"`+
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`...)
	field := func(name, value string) {
		if value = clean(value, maxAlt); value != "" {
			b = append(b, "<"+name+">"...)
			b = appendEscaped(b, value)
			b = append(b, "</"+name+">"...)
		}
	}
	field("dc:title", d.Title)
	field("dc:description", d.Description)
	field("dc:creator", d.Author)
	field("cp:lastModifiedBy", d.Author)
	field("dc:language", language(d.Lang))
	if y := d.Date.UTC().Year(); !d.Date.IsZero() && y >= 1 && y <= 9999 {
		date := d.Date.UTC().Format(time.RFC3339)
		for _, name := range []string{"dcterms:created", "dcterms:modified"} {
			b = append(b, "<"+name+` xsi:type="dcterms:W3CDTF">`+date+"</"+name+">"...)
		}
	}
	b = append(b, `</cp:coreProperties>`...)

	app := fmt.Sprintf(xmlHead+`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">`+
		`<Application>clustermap</Application><Slides>%d</Slides><Notes>%d</Notes><HiddenSlides>0</HiddenSlides></Properties>`, len(k.slides), notes)
	return errors.Join(
		k.part("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml", b),
		k.part("docProps/app.xml", officeType+"extended-properties+xml", []byte(app)))
}

// contents writes the parts that say what the others are.
func (k *deck) contents() error {
	types := xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>` + k.types.String() + `</Types>`
	return errors.Join(
		k.rels("_rels/.rels", []rel{
			{officeRel + "officeDocument", "ppt/presentation.xml"},
			{packageRel + "metadata/core-properties", "docProps/core.xml"},
			{officeRel + "extended-properties", "docProps/app.xml"}}),
		k.file("[Content_Types].xml", []byte(types)))
}

func (k *deck) template(name, kind, file string, rels ...rel) error {
	text, err := pptxTemplates.ReadFile("pptx/" + file)
	if err != nil {
		return err
	}
	margin, image := k.size.cx/25, extent{5486400, 5486400 * k.size.cy / k.size.cx}
	if image.cy > 3086100 { // what the notes leave free
		image = extent{3086100 * k.size.cx / k.size.cy, 3086100}
	}
	num := func(n emu) string { return strconv.FormatInt(n, 10) }
	filled := strings.NewReplacer(
		"{margin}", num(margin), "{inner}", num(k.size.cx-2*margin),
		"{title}", num(k.size.cy/6), "{body}", num(margin+k.size.cy/5), "{rest}", num(max(0, k.size.cy*4/5-2*margin)),
		"{imageX}", num((6858000-image.cx)/2), "{imageW}", num(image.cx), "{imageH}", num(image.cy),
	).Replace(string(text))
	return k.part(name, kind, []byte(filled), rels...)
}

// part writes a part with its relationships.
func (k *deck) part(name, kind string, data []byte, rels ...rel) error {
	k.types.WriteString(`<Override PartName="/` + name + `" ContentType="` + kind + `"/>`)
	err := k.file(name, data)
	if len(rels) > 0 {
		slash := strings.LastIndexByte(name, '/')
		err = errors.Join(err, k.rels(name[:slash]+"/_rels"+name[slash:]+".rels", rels))
	}
	return err
}

func (k *deck) rels(name string, rels []rel) error {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for i, r := range rels {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s" Target="%s"/>`, i+1, r.kind, r.target)
	}
	b.WriteString(`</Relationships>`)
	return k.file(name, []byte(b.String()))
}

func (k *deck) file(name string, data []byte) error {
	w, err := k.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
