package draw_test

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"image/png"
	"log"

	"clustermap/geo/draw"
	"clustermap/web"
)

// A picture with a disc and its name, once for the screen and once for print.
func Example() {
	fonts, err := draw.LoadFonts(web.Faces())
	if err != nil {
		log.Fatal(err)
	}
	disc := &draw.Shape{Name: "Suzhou", Fill: draw.Fill{Color: color.NRGBA{0x1a, 0x4b, 0xa8, 255}}}
	disc.Path.Circle(30, 30, 8.5)
	name := &draw.Text{X: 44, Y: 35, Size: 13, Color: color.NRGBA{A: 255}, Text: "Suzhou"}
	picture := &draw.Drawing{
		Width: 120, Height: 60, Background: color.NRGBA{255, 255, 255, 255},
		Layers: []*draw.Layer{{Name: "places", Items: []draw.Item{disc, name}}},
	}
	for _, opt := range []draw.Raster{{}, {DPI: 300, Palette: true}} {
		var file bytes.Buffer
		if err := draw.PNG(context.Background(), &file, fonts, picture, opt); err != nil {
			log.Fatal(err)
		}
		pixels, err := png.Decode(&file)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(pixels.Bounds().Size())
	}
	// Output:
	// (120,60)
	// (375,188)
}
