package draw

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// node is an element of a part.
type node struct {
	name     string // with the usual prefix: a:ln
	attrs    map[string]string
	children []*node
	text     string
}

// prefixes are those by which the tables below name the elements. Elements and
// attributes of other namespaces are an error.
var prefixes = map[string]string{
	"http://schemas.openxmlformats.org/drawingml/2006/main":                     "a:",
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships":       "r:",
	"http://schemas.openxmlformats.org/presentationml/2006/main":                "p:",
	"http://schemas.openxmlformats.org/package/2006/content-types":              "ct:",
	"http://schemas.openxmlformats.org/package/2006/relationships":              "rel:",
	"http://schemas.openxmlformats.org/package/2006/metadata/core-properties":   "cp:",
	"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties": "ep:",
	"http://schemas.microsoft.com/office/drawing/2017/decorative":               "adec:",
	"http://purl.org/dc/elements/1.1/":                                          "dc:",
	"http://purl.org/dc/terms/":                                                 "dcterms:",
	"http://www.w3.org/2001/XMLSchema-instance":                                 "xsi:",
}

func parseXML(data []byte) (*node, error) {
	root := &node{}
	stack := []*node{root}
	for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch v := token.(type) {
		case xml.StartElement:
			prefix, ok := prefixes[v.Name.Space]
			if !ok {
				return nil, fmt.Errorf("element %s of namespace %q", v.Name.Local, v.Name.Space)
			}
			n := &node{name: prefix + v.Name.Local, attrs: map[string]string{}}
			for _, a := range v.Attr {
				if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
					continue
				}
				n.attrs[prefixes[a.Name.Space]+a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(v)
		}
	}
	if len(root.children) != 1 {
		return nil, errors.New("not one element")
	}
	return root.children[0], nil
}

// each calls f for the node and all below it, the outer first.
func (n *node) each(f func(*node)) {
	f(n)
	for _, c := range n.children {
		c.each(f)
	}
}

func (n *node) child(names ...string) *node {
	for _, name := range names {
		var found *node
		for _, c := range n.children {
			if c.name == name {
				found = c
				break
			}
		}
		if found == nil {
			return &node{attrs: map[string]string{}}
		}
		n = found
	}
	return n
}

func (n *node) num(tb testing.TB, attr string) int64 {
	tb.Helper()
	v, err := strconv.ParseInt(n.attrs[attr], 10, 64)
	if err != nil {
		tb.Errorf("%s %s: %v", n.name, attr, err)
	}
	return v
}

// content says for each element which children it has, in which order, as a pattern of
// their names. It is our own reading of ECMA-376, of what the writer uses; what Office
// itself checks is asked in TestPPTXOpenXMLSDK.
var content = map[string]string{
	"ct:Types": "(ct:Default )+(ct:Override )+", "ct:Default": "", "ct:Override": "",
	"rel:Relationships": "(rel:Relationship )*", "rel:Relationship": "",
	"ep:Properties":     "ep:Application ep:Slides ep:Notes ep:HiddenSlides ",
	"cp:coreProperties": "(dc:title )?(dc:description )?(dc:creator )?(cp:lastModifiedBy )?(dc:language )?(dcterms:created dcterms:modified )?",

	"p:presentation":     "p:sldMasterIdLst (p:notesMasterIdLst )?p:sldIdLst p:sldSz p:notesSz p:defaultTextStyle ",
	"p:sldMasterIdLst":   "p:sldMasterId ",
	"p:notesMasterIdLst": "p:notesMasterId ",
	"p:sldIdLst":         "(p:sldId )+",
	"p:defaultTextStyle": "a:defPPr a:lvl1pPr ",
	"p:presentationPr":   "",
	"p:viewPr":           "",
	"a:tblStyleLst":      "",
	"p:sldMaster":        "p:cSld p:clrMap p:sldLayoutIdLst p:txStyles ",
	"p:sldLayoutIdLst":   "(p:sldLayoutId )+",
	"p:txStyles":         "p:titleStyle p:bodyStyle p:otherStyle ",
	"p:titleStyle":       "a:lvl1pPr ",
	"p:bodyStyle":        "a:lvl1pPr ",
	"p:otherStyle":       "a:lvl1pPr ",
	"p:notesStyle":       "a:lvl1pPr ",
	"p:sldLayout":        "p:cSld p:clrMapOvr ",
	"p:notesMaster":      "p:cSld p:clrMap p:notesStyle ",
	"p:notes":            "p:cSld p:clrMapOvr ",
	"p:sld":              "p:cSld p:clrMapOvr ",
	"p:clrMapOvr":        "a:masterClrMapping |a:overrideClrMapping ",
	"p:cSld":             "(p:bg )?p:spTree ",
	"p:bg":               "p:bgPr ",
	"p:bgPr":             "a:solidFill a:effectLst ",
	"p:spTree":           "p:nvGrpSpPr p:grpSpPr (p:sp |p:grpSp )*",
	"p:grpSp":            "p:nvGrpSpPr p:grpSpPr (p:sp |p:grpSp )+", // a group without shapes is one that PowerPoint repairs
	"p:nvGrpSpPr":        "p:cNvPr p:cNvGrpSpPr p:nvPr ",
	"p:grpSpPr":          "a:xfrm ",
	"p:sp":               "p:nvSpPr p:spPr (p:txBody )?",
	"p:nvSpPr":           "p:cNvPr p:cNvSpPr p:nvPr ",
	"p:cNvPr":            "(a:extLst )?",
	"a:extLst":           "(a:ext )+",
	"p:cNvSpPr":          "(a:spLocks )?",
	"p:nvPr":             "(p:ph )?",
	"p:spPr":             "(a:xfrm (a:custGeom |a:prstGeom )((a:noFill |a:solidFill |a:blipFill )(a:ln )?)?)?",
	"a:custGeom":         "a:avLst a:gdLst a:ahLst a:cxnLst a:rect a:pathLst ",
	"a:prstGeom":         "a:avLst ",
	"a:pathLst":          "(a:path )+",
	"a:path":             "(a:moveTo (a:lnTo |a:cubicBezTo )+(a:close )?)+",
	"a:moveTo":           "a:pt ",
	"a:lnTo":             "a:pt ",
	"a:cubicBezTo":       "a:pt a:pt a:pt ",
	"a:ln":               "a:noFill |a:solidFill (a:custDash )?(a:round |a:miter )?",
	"a:custDash":         "(a:ds )+",
	"a:solidFill":        "a:srgbClr |a:schemeClr ",
	"a:blipFill":         "a:blip a:srcRect a:tile ",
	"a:srgbClr":          "(a:alpha )?",
	"p:txBody":           "a:bodyPr a:lstStyle (a:p )+",
	"a:bodyPr":           "(a:noAutofit |a:normAutofit )?",
	"a:p":                "(a:pPr )?(a:r |a:br )*",
	"a:pPr":              "(a:lnSpc )?",
	"a:lnSpc":            "a:spcPts ",
	"a:spcBef":           "a:spcPts ",
	"a:r":                "a:rPr a:t ",
	"a:br":               "a:rPr ",
	"a:rPr":              "(a:solidFill (a:effectLst )?a:latin a:ea a:cs )?",
	"a:effectLst":        "(a:glow )?",
	"a:glow":             "a:srgbClr ",
	"a:lvl1pPr":          "(a:spcBef )?(a:buNone )?a:defRPr ",
	"a:defRPr":           "a:solidFill a:latin a:ea a:cs ",

	"a:theme":          "a:themeElements ",
	"a:themeElements":  "a:clrScheme a:fontScheme a:fmtScheme ",
	"a:clrScheme":      "a:dk1 a:lt1 a:dk2 a:lt2 a:accent1 a:accent2 a:accent3 a:accent4 a:accent5 a:accent6 a:hlink a:folHlink ",
	"a:fontScheme":     "a:majorFont a:minorFont ",
	"a:majorFont":      "a:latin a:ea a:cs ",
	"a:minorFont":      "a:latin a:ea a:cs ",
	"a:fmtScheme":      "a:fillStyleLst a:lnStyleLst a:effectStyleLst a:bgFillStyleLst ",
	"a:fillStyleLst":   "(a:solidFill ){3}",
	"a:bgFillStyleLst": "(a:solidFill ){3}",
	"a:lnStyleLst":     "(a:ln ){3}",
	"a:effectStyleLst": "(a:effectStyle ){3}",
	"a:effectStyle":    "a:effectLst ",
}

// twins are elements that hold the same in two places, or have two senses.
func contentOf(n, parent *node) (pattern string, ok bool) {
	switch {
	case strings.HasPrefix(n.name, "a:") && parent != nil && parent.name == "a:clrScheme":
		return "a:srgbClr ", true
	case n.name == "a:xfrm" && parent.name == "p:grpSpPr":
		return "a:off a:ext a:chOff a:chExt ", true
	case n.name == "a:xfrm":
		return "a:off a:ext ", true
	case n.name == "a:ext" && parent.name == "a:extLst":
		return "adec:decorative ", true
	}
	pattern, ok = content[n.name]
	if !ok && len(n.children) == 0 {
		return "", true // a leaf, or one that is empty here
	}
	return pattern, ok
}

// limits are the ranges of numbers, as the simple types of the schema and the int32 of
// the programs have them.
var limits = map[string][2]int64{
	"a:off x": {-1 << 31, 1<<31 - 1}, "a:off y": {-1 << 31, 1<<31 - 1}, "a:chOff x": {-1 << 31, 1<<31 - 1}, "a:chOff y": {-1 << 31, 1<<31 - 1},
	"a:ext cx": {0, 1<<31 - 1}, "a:ext cy": {0, 1<<31 - 1}, "a:chExt cx": {0, 1<<31 - 1}, "a:chExt cy": {0, 1<<31 - 1},
	"a:path w": {0, 1<<31 - 1}, "a:path h": {0, 1<<31 - 1}, "a:pt x": {-1 << 31, 1<<31 - 1}, "a:pt y": {-1 << 31, 1<<31 - 1},
	"a:ln w": {0, 20116800}, "a:ds d": {1, 1<<31 - 1}, "a:ds sp": {1, 1<<31 - 1}, "a:miter lim": {0, 1<<31 - 1},
	"a:alpha val": {0, 100000}, "a:tile tx": {-1 << 31, 1<<31 - 1}, "a:tile ty": {-1 << 31, 1<<31 - 1}, "a:tile sx": {1, 1<<31 - 1}, "a:tile sy": {1, 1<<31 - 1}, "a:glow rad": {0, 1<<31 - 1}, "a:spcPts val": {0, 158400},
	"a:rPr sz": {100, 400000}, "a:rPr spc": {-400000, 400000}, "a:defRPr sz": {100, 400000},
	"p:sldSz cx": {914400, 51206400}, "p:sldSz cy": {914400, 51206400}, "p:notesSz cx": {0, 1<<31 - 1}, "p:notesSz cy": {0, 1<<31 - 1},
	"p:cNvPr id": {1, 1<<31 - 1}, "p:sldId id": {256, 1<<31 - 1}, "p:sldMasterId id": {1 << 31, 1<<32 - 1}, "p:sldLayoutId id": {1 << 31, 1<<32 - 1},
	"p:ph idx": {0, 1<<32 - 1},
}

// forms are what other attributes look like.
var forms = map[string]string{
	"a:srgbClr val": "[0-9A-F]{6}", "a:schemeClr val": "phClr|tx1|bg1", "a:prstGeom prst": "rect|ellipse|line", "a:xfrm flipV": "1",
	"a:path fill": "none", "a:path stroke": "0", "a:ln cap": "flat|rnd", "a:blipFill rotWithShape": "1", "a:tile flip": "none", "a:tile algn": "tl",
	"a:bodyPr wrap": "none", "a:bodyPr anchor": "b", "a:bodyPr lIns": "0", "a:bodyPr tIns": "0", "a:bodyPr rIns": "0", "a:bodyPr bIns": "0",
	"a:pPr algn": "l|ctr|r", "a:pPr rtl": "1", "a:lvl1pPr algn": "l", "a:defRPr b": "1",
	"a:rPr lang": "[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", "a:rPr altLang": "[a-z]{2}-[A-Z]{2}", "a:rPr b": "[01]", "a:rPr i": "[01]", "a:rPr noProof": "1", "a:rPr dirty": "0",
	"a:latin typeface": ".+", "a:ea typeface": ".+", "a:cs typeface": ".+",
	"a:rect l": "0", "a:rect t": "0", "a:rect r": "r", "a:rect b": "b",
	"a:ext uri": `\{C183D7F6-B498-43B3-948B-1728B52AA6E4\}`, "adec:decorative val": "1",
	"a:spLocks noGrp": "1", "a:spLocks noRot": "1", "a:spLocks noChangeAspect": "1",
	"p:cNvPr name": ".*", "p:cNvPr descr": ".+", "p:cNvSpPr txBox": "1", "p:ph type": "title|body|sldImg", "p:ph sz": "quarter",
	"p:sldLayout type": "titleOnly|blank", "p:sldLayout preserve": "1", "p:cSld name": ".+", "p:presentation saveSubsetFonts": "1", "p:sldSz type": "screen4x3",
	"a:theme name": ".+", "a:clrScheme name": ".+", "a:fontScheme name": ".+", "a:fmtScheme name": ".+",
	"a:tblStyleLst def": `\{[0-9A-F-]+\}`, "dcterms:created xsi:type": "dcterms:W3CDTF", "dcterms:modified xsi:type": "dcterms:W3CDTF",
	"ct:Default Extension": ".+", "ct:Default ContentType": ".+", "ct:Override PartName": "/.+", "ct:Override ContentType": ".+",
	"rel:Relationship Id": "rId[0-9]+", "rel:Relationship Type": "http://.+", "rel:Relationship Target": ".+",
}

// compiled keeps the patterns of the tables.
var compiled sync.Map

// matches reports whether a pattern fits all of a text.
func matches(pattern, text string) bool {
	r, ok := compiled.Load(pattern)
	if !ok {
		r, _ = compiled.LoadOrStore(pattern, regexp.MustCompile("^(?s:"+pattern+")$"))
	}
	return r.(*regexp.Regexp).MatchString(text)
}

// checkSchema tests a part against the tables.
func checkSchema(t *testing.T, part string, n, parent *node) {
	t.Helper()
	var names strings.Builder
	for _, c := range n.children {
		names.WriteString(c.name + " ")
	}
	pattern, ok := contentOf(n, parent)
	if !ok || !matches(pattern, names.String()) {
		t.Errorf("%s: %s has %.200q, want %q", part, n.name, names.String(), pattern)
	}
	for attr, value := range n.attrs {
		key := n.name + " " + attr
		if limit, ok := limits[key]; ok {
			if v, err := strconv.ParseInt(value, 10, 64); err != nil || v < limit[0] || v > limit[1] {
				t.Errorf("%s: %s=%q, want %d to %d", part, key, value, limit[0], limit[1])
			}
		} else if form, ok := forms[key]; ok {
			if !matches(form, value) {
				t.Errorf("%s: %s=%q, want %s", part, key, value, form)
			}
		} else if !strings.HasPrefix(attr, "r:") && n.name != "p:clrMap" && n.name != "a:overrideClrMapping" {
			t.Errorf("%s: %s=%q is not known", part, key, value)
		}
	}
	for _, c := range n.children {
		checkSchema(t, part, c, n)
	}
}

// opened is a presentation taken apart and checked as a package.
type opened struct {
	parts  map[string]*node
	slides []*node
}

// openPPTX takes a presentation apart and checks all that PowerPoint asks of a file
// before it shows it.
func openPPTX(t *testing.T, data []byte) opened {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	o := opened{parts: map[string]*node{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".png") {
			if _, err := png.DecodeConfig(bytes.NewReader(text)); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			o.parts[f.Name] = &node{name: "picture"}
			continue
		}
		n, err := parseXML(text)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if o.parts[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		o.parts[f.Name] = n
		checkSchema(t, f.Name, n, nil)
	}
	o.checkTypes(t)
	o.checkRels(t)
	for i := 1; o.parts[fmt.Sprintf("ppt/slides/slide%d.xml", i)] != nil; i++ {
		n := o.parts[fmt.Sprintf("ppt/slides/slide%d.xml", i)]
		o.slides = append(o.slides, n)
		checkSlide(t, fmt.Sprintf("slide %d", i), n)
	}
	if want := len(o.parts["ppt/presentation.xml"].child("p:sldIdLst").children); len(o.slides) != want {
		t.Errorf("%d slides, the list has %d", len(o.slides), want)
	}
	return o
}

// checkTypes tests that each part has one content type and each type its part.
func (o opened) checkTypes(t *testing.T) {
	t.Helper()
	typed := map[string]bool{}
	for _, c := range o.parts["[Content_Types].xml"].children {
		if name, ok := strings.CutPrefix(c.attrs["PartName"], "/"); ok {
			if typed[name] || o.parts[name] == nil {
				t.Errorf("the type of %s is given twice, or the part is missing", name)
			}
			typed[name] = true
		}
	}
	for name := range o.parts {
		if !typed[name] && !strings.HasSuffix(name, ".rels") && !strings.HasSuffix(name, ".png") && name != "[Content_Types].xml" {
			t.Errorf("%s has no content type", name)
		}
	}
}

// checkRels tests that relationships lead to parts, that each part but the root is led
// to, and that the ids that a part uses are those of its relationships.
func (o opened) checkRels(t *testing.T) {
	t.Helper()
	reached := map[string]bool{"[Content_Types].xml": true}
	ids := map[string]map[string]bool{}
	for name, n := range o.parts {
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		reached[name] = true
		owner := path.Join(path.Dir(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".rels"))
		ids[owner] = map[string]bool{}
		for _, r := range n.children {
			target := path.Join(path.Dir(owner), r.attrs["Target"])
			if o.parts[target] == nil {
				t.Errorf("%s leads to %s, which does not exist", name, target)
			}
			if ids[owner][r.attrs["Id"]] {
				t.Errorf("%s has %s twice", name, r.attrs["Id"])
			}
			ids[owner][r.attrs["Id"]] = true
			reached[target] = true
		}
	}
	for name, n := range o.parts {
		if !reached[name] {
			t.Errorf("nothing leads to %s", name)
		}
		n.each(func(e *node) {
			for _, attr := range []string{"r:id", "r:embed"} {
				if id, ok := e.attrs[attr]; ok && !ids[name][id] {
					t.Errorf("%s: %s has %s, which is no relationship", name, e.name, id)
				}
			}
		})
	}
}

// checkSlide tests ids, and that groups are as large as what they hold.
func checkSlide(t *testing.T, name string, slide *node) {
	t.Helper()
	seen, titles := map[string]bool{}, 0
	slide.each(func(n *node) {
		switch n.name {
		case "p:cNvPr":
			if id := n.attrs["id"]; seen[id] {
				t.Errorf("%s: two shapes have the id %s", name, id)
			}
			seen[n.attrs["id"]] = true
		case "p:ph":
			titles++
		case "p:grpSp":
			if n.child("p:nvGrpSpPr", "p:cNvPr").attrs["name"] == "" {
				t.Errorf("%s: a group has no name", name)
			}
			x := n.child("p:grpSpPr", "a:xfrm")
			var all span
			for _, c := range n.children[2:] {
				all = all.and(boxOf(t, c))
			}
			if got := boxOf(t, n); got != all {
				t.Errorf("%s: a group takes %v, what it holds %v", name, got, all)
			}
			if x.child("a:chOff").attrs["x"] != x.child("a:off").attrs["x"] || x.child("a:chExt").attrs["cy"] != x.child("a:ext").attrs["cy"] {
				t.Errorf("%s: a group scales what it holds", name)
			}
		case "a:path":
			w, h := n.num(t, "w"), n.num(t, "h")
			n.each(func(p *node) {
				if p.name == "a:pt" && (p.num(t, "x") < 0 || p.num(t, "x") > w || p.num(t, "y") < 0 || p.num(t, "y") > h) {
					t.Errorf("%s: a path leaves its box %d %d: %v", name, w, h, p.attrs)
				}
			})
		}
	})
	if titles > 1 {
		t.Errorf("%s has %d titles", name, titles)
	}
	for _, c := range slide.child("p:cSld", "p:spTree").children {
		if c.child("p:nvSpPr", "p:nvPr", "p:ph").name == "" {
			continue
		}
		titles--
	}
	if titles != 0 {
		t.Errorf("%s has its title within a group", name)
	}
}

// boxOf is the box of a shape or group in EMU.
func boxOf(t *testing.T, n *node) span {
	t.Helper()
	x := n.child("p:spPr", "a:xfrm")
	if n.name == "p:grpSp" {
		x = n.child("p:grpSpPr", "a:xfrm")
	}
	left, top := x.child("a:off").num(t, "x"), x.child("a:off").num(t, "y")
	return span{left, top, left + x.child("a:ext").num(t, "cx"), top + x.child("a:ext").num(t, "cy"), true}
}

// named finds shapes and groups by their name.
func (n *node) named(name string) (found []*node) {
	n.each(func(c *node) {
		if c.child("p:nvSpPr", "p:cNvPr").attrs["name"] == name || c.child("p:nvGrpSpPr", "p:cNvPr").attrs["name"] == name {
			found = append(found, c)
		}
	})
	return found
}
