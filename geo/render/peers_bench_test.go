package render

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"text/tabwriter"
	"time"

	"github.com/paulmach/orb"

	"clustermap/geo"
	"clustermap/geo/crs"
	"clustermap/geo/draw"
	"clustermap/web"
)

const (
	peerWidth, peerHeight = 1024, 768
	peerPlaces            = 10_000
	peerTurns             = 7
	peerRepeats           = 8 // of ours in a turn, as the clock of the system is coarse
)

// BenchmarkPeers draws a map of 10,000 points of eight colours on white beside
// MapServer: the same points, symbols and size, without a base map, from features in
// memory here and from shapefiles there to the bytes of a PNG: once as the dots that a
// map of so many places has, once as discs of 17 pixels with a casing. What counts is
// the time of all processors. From MapServer's is taken the start of its program: what
// an empty map of 16 x 12 pixels takes, or with labels one of a single label, so that
// its font is read; ours has its fonts read. Each figure is the least of seven turns,
// taken in turn. Labels are placed by each in its own way.
func BenchmarkPeers(b *testing.B) {
	mapserver, err := exec.LookPath("map2img")
	if err != nil {
		b.Skip("no MapServer: make bench-apt installs mapserver-bin")
	}
	fonts, err := draw.LoadFonts(web.Faces())
	if err != nil {
		b.Fatal(err)
	}
	x := peerIndex(b)
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "| 10,000 points, 1024 x 768 \t| ours \t| MapServer \t| its start \t| ratio \t| aim \t| labels \t| file \t| MapServer's \t|")
	fmt.Fprintln(rows, "| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t| --- \t|")
	for _, c := range []struct {
		what    string
		labels  bool
		discs   bool
		palette bool
		aim     string
	}{
		{"dots, palette", false, false, true, "1/7"},
		{"discs, palette", false, true, true, "1/7"},
		{"dots, labels, palette", true, false, true, "1/3"},
		{"dots, true colour", false, false, false, ""},
		{"discs, true colour", false, true, false, ""},
		{"dots, labels, true colour", true, false, false, ""},
	} {
		m := &Map{
			Width: peerWidth, Height: peerHeight, CRS: crs.CRS84(), Box: orb.Bound{Min: orb.Point{70, 12}, Max: orb.Point{140, 64.5}},
			Layers: []Layer{{ID: "places", Index: x}}, Labels: c.labels, Background: color.NRGBA{255, 255, 255, 255}, Lang: English,
		}
		ours := func() []byte {
			p, err := Draw(b.Context(), m, fonts)
			if err != nil {
				b.Fatal(err)
			}
			if c.discs {
				enlarge(p.Drawing)
			}
			var out bytes.Buffer
			if err := draw.PNG(b.Context(), &out, fonts, p.Drawing, draw.Raster{Palette: c.palette}); err != nil {
				b.Fatal(err)
			}
			return out.Bytes()
		}
		p, err := Draw(b.Context(), m, fonts)
		if err != nil {
			b.Fatal(err)
		}
		if c.discs {
			enlarge(p.Drawing)
		}
		folder := b.TempDir()
		whole, little := writeMapfiles(b, folder, p.Drawing, c.labels, c.palette)
		var mine, theirs, start time.Duration
		var picture, peer []byte
		for range peerTurns {
			before := processorTime(b, syscall.RUSAGE_SELF)
			for range peerRepeats {
				picture = ours()
			}
			mine = leastOf(mine, (processorTime(b, syscall.RUSAGE_SELF)-before)/peerRepeats)
			took, data := runMapServer(b, mapserver, folder, whole)
			theirs, peer = leastOf(theirs, took), data
			took, _ = runMapServer(b, mapserver, folder, little)
			start = leastOf(start, took)
		}
		keepPictures(b, c.what, picture, peer)
		labels := "-"
		if c.labels {
			labels = fmt.Sprint(p.Shown - p.Hidden)
		}
		ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }
		ratio := float64(theirs-start) / float64(mine)
		fmt.Fprintf(rows, "| %s \t| %s \t| %s \t| %s \t| 1/%.1f \t| %s \t| %s \t| %.0f kB \t| %.0f kB \t|\n",
			c.what, ms(mine), ms(theirs-start), ms(start), ratio, c.aim, labels, float64(len(picture))/1e3, float64(len(peer))/1e3)
		b.ReportMetric(ratio, strings.ReplaceAll(strings.ReplaceAll(c.what, ",", ""), " ", "-")+"-times-faster")
	}
	rows.Flush()
	b.Log("\n" + table.String())
}

// enlarge makes discs of dots.
func enlarge(d *draw.Drawing) {
	for _, l := range d.Layers {
		for _, item := range l.Items {
			if m, ok := item.(*draw.Mark); ok && len(m.Symbol.Items) == 1 {
				body := m.Symbol.Items[0].(*draw.Shape)
				casing := &draw.Shape{Fill: draw.Fill{Color: color.NRGBA{255, 255, 255, 255}}}
				body.Path = draw.Path{}
				body.Path.Circle(0, 0, 8.5)
				casing.Path.Circle(0, 0, 10)
				m.Symbol.Items = []draw.Item{casing, body}
			}
		}
	}
}

func leastOf(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// peerIndex is places of eight trades, three quarters of them in the three concentrations.
func peerIndex(b *testing.B) *geo.Index {
	r := rand.New(rand.NewPCG(1, 2))
	var file bytes.Buffer
	file.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range peerPlaces {
		at := orb.Point{75 + 60*r.Float64(), 18 + 35*r.Float64()}
		if middle := [][4]float64{{113.4, 23, 1, 0.8}, {120.5, 31, 1.5, 1.2}, {117.5, 38.5, 2, 1.5}}; i%4 < 3 {
			c := middle[i%4]
			at = orb.Point{c[0] + c[2]*r.NormFloat64(), c[1] + c[3]*r.NormFloat64()}
		}
		if i > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(&file, `{"type":"Feature","id":"p%d","geometry":{"type":"Point","coordinates":[%.5f,%.5f]},"properties":{"name":"Place %d","trade":"trade %d"}}`, i, at[0], at[1], i, i%8)
	}
	file.WriteString(`]}`)
	found, err := geo.Load(fstest.MapFS{"places.geojson": {Data: file.Bytes()}}, nil, "places.geojson")
	if err != nil {
		b.Fatal(err)
	}
	return found[0].Source.(*geo.Index)
}

// writeMapfiles writes the marks of a drawing as shapefiles, and two maps: of all
// marks, and of none or one. Places are pixels. Without labels it is one layer, in the
// order of the marks, so that the pictures are alike; with labels a layer for each
// kind, which takes MapServer a quarter of the time.
func writeMapfiles(b *testing.B, folder string, d *draw.Drawing, labels, palette bool) (whole, start string) {
	kinds := map[*draw.Symbol]int{}
	var marks []*draw.Mark
	var classes []string
	for _, l := range d.Layers {
		for _, item := range l.Items {
			m, ok := item.(*draw.Mark)
			if !ok {
				continue
			}
			if _, ok := kinds[m.Symbol]; !ok {
				kinds[m.Symbol] = len(classes)
				classes = append(classes, mapClass(len(classes), m.Symbol, labels))
			}
			marks = append(marks, m)
		}
	}
	driver, mode := "AGG/PNG", "RGB"
	if palette {
		driver, mode = "AGG/PNG8", "PC256"
	}
	head := func(width, height int) string {
		return fmt.Sprintf(`MAP
 SIZE %d %d
 EXTENT 0 0 %d %d
 IMAGECOLOR 255 255 255
 FONTSET "fonts.txt"
 OUTPUTFORMAT NAME "out" DRIVER "%s" IMAGEMODE %s MIMETYPE "image/png" EXTENSION "png" END
 IMAGETYPE "out"
 SYMBOL NAME "disc" TYPE ELLIPSE FILLED TRUE POINTS 1 1 END END
`, width, height, peerWidth, peerHeight, driver, mode)
	}
	layer := func(file string, marks []*draw.Mark, classes string) string {
		writeShapefile(b, filepath.Join(folder, file), marks, kinds)
		text := " LAYER NAME \"" + file + "\" TYPE POINT STATUS DEFAULT DATA \"" + file + "\"\n  CLASSITEM \"KIND\"\n"
		if labels {
			text += "  LABELITEM \"NAME\"\n"
		}
		return text + classes + " END\n"
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	start, whole = head(16, 12), head(peerWidth, peerHeight)
	if labels {
		start = head(256, 192) + layer("one", marks[:1], classes[0])
		for kind, class := range classes {
			others := func(m *draw.Mark) bool { return kinds[m.Symbol] != kind }
			whole += layer(fmt.Sprint("kind", kind), slices.DeleteFunc(slices.Clone(marks), others), class)
		}
	} else {
		whole += layer("all", marks, strings.Join(classes, ""))
	}
	write("start.map", start+"END\n")
	write("whole.map", whole+"END\n")
	face, err := fs.ReadFile(web.Faces(), "noto-sans-sc-400.ttf")
	if err != nil {
		b.Skip("the faces are not built: make page")
	}
	write("noto.ttf", string(face))
	write("fonts.txt", "noto noto.ttf\n")
	return "whole.map", "start.map"
}

// mapClass draws the marks of a kind: a disc, with a line around it for its casing.
func mapClass(kind int, s *draw.Symbol, labels bool) string {
	body := s.Items[len(s.Items)-1].(*draw.Shape)
	size := body.Path.Bounds().W
	casing := (s.Items[0].(*draw.Shape).Path.Bounds().W - size) / 2
	c := body.Fill.Color
	text := fmt.Sprintf("  CLASS EXPRESSION \"%d\"\n   STYLE SYMBOL \"disc\" SIZE %.2f COLOR %d %d %d", kind, size+casing, c.R, c.G, c.B)
	if casing > 0 {
		text += fmt.Sprintf(" OUTLINECOLOR 255 255 255 WIDTH %.2f", casing)
	}
	text += " END\n"
	if labels {
		text += "   LABEL FONT \"noto\" TYPE TRUETYPE SIZE 12 COLOR 26 26 26 OUTLINECOLOR 255 255 255 OUTLINEWIDTH 6 POSITION AUTO PARTIALS FALSE END\n"
	}
	return text + "  END\n"
}

// writeShapefile writes points with their names and kinds.
func writeShapefile(b *testing.B, path string, marks []*draw.Mark, kinds map[*draw.Symbol]int) {
	head := func(words int) []byte {
		h := make([]byte, 0, 100)
		for _, v := range []int{9994, 0, 0, 0, 0, 0, 50 + words} {
			h = binary.BigEndian.AppendUint32(h, uint32(v))
		}
		h = binary.LittleEndian.AppendUint32(h, 1000)
		h = binary.LittleEndian.AppendUint32(h, 1)
		return appendFloats(h, 0, 0, peerWidth, peerHeight, 0, 0, 0, 0)
	}
	shp, shx := head(14*len(marks)), head(4*len(marks))
	dbf := []byte{3, 124, 1, 1}
	dbf = binary.LittleEndian.AppendUint32(dbf, uint32(len(marks)))
	dbf = binary.LittleEndian.AppendUint16(dbf, 32+2*32+1)
	dbf = binary.LittleEndian.AppendUint16(dbf, 1+20+2)
	dbf = append(dbf, make([]byte, 20)...)
	dbf = append(dbf, "NAME\x00\x00\x00\x00\x00\x00\x00C\x00\x00\x00\x00\x14"+strings.Repeat("\x00", 15)...)
	dbf = append(dbf, "KIND\x00\x00\x00\x00\x00\x00\x00C\x00\x00\x00\x00\x02"+strings.Repeat("\x00", 15)...)
	dbf = append(dbf, '\r')
	for i, m := range marks {
		shx = binary.BigEndian.AppendUint32(shx, uint32(50+14*i))
		shx = binary.BigEndian.AppendUint32(shx, 10)
		shp = binary.BigEndian.AppendUint32(shp, uint32(i+1))
		shp = binary.BigEndian.AppendUint32(shp, 10)
		shp = binary.LittleEndian.AppendUint32(shp, 1)
		shp = appendFloats(shp, m.X, peerHeight-m.Y)
		dbf = fmt.Appendf(dbf, " %-20s%-2d", m.Name, kinds[m.Symbol])
	}
	for name, data := range map[string][]byte{".shp": shp, ".shx": shx, ".dbf": append(dbf, 0x1a)} {
		if err := os.WriteFile(path+name, data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

func appendFloats(to []byte, values ...float64) []byte {
	for _, v := range values {
		to, _ = binary.Append(to, binary.LittleEndian, v)
	}
	return to
}

// runMapServer draws a map and says what it took of all processors.
func runMapServer(b *testing.B, program, folder, mapfile string) (time.Duration, []byte) {
	cmd := exec.CommandContext(b.Context(), program, "-m", mapfile, "-o", "out.png")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(folder, "out.png"))
	if err != nil {
		b.Fatal(err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), data
}

func processorTime(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// keepPictures puts what both have drawn where people can look at it, and fails
// where one of them is blank.
func keepPictures(b *testing.B, name string, ours, theirs []byte) {
	folder := filepath.Join("..", "..", "out", "peers")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		b.Fatal(err)
	}
	inked := [2]float64{}
	for i, data := range [][]byte{ours, theirs} {
		who := [2]string{"ours", "mapserver"}[i]
		if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-")+"-"+who+".png"), data, 0o644); err != nil {
			b.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			b.Fatalf("%s of %s: %v", name, who, err)
		}
		for y := range peerHeight {
			for x := range peerWidth {
				if r, g, b, _ := m.At(x, y).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
					inked[i]++
				}
			}
		}
	}
	if share := inked[0] / inked[1]; share < 0.8 || share > 1.25 {
		b.Errorf("%s: ours paints %.0f pixels, MapServer %.0f", name, inked[0], inked[1])
	}
}
