package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

// FuzzText writes any text as SVG, which has to stay XML, and as PDF, which has to
// stay a file: the library behind it panics on bytes that are not UTF-8.
func FuzzText(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	faces := fonts(f)
	f.Fuzz(func(t *testing.T, text string) {
		d := hostileDrawing(text)
		var b bytes.Buffer
		if err := SVG(t.Context(), &b, faces, d); err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(&b)
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q is no XML: %v", text, err)
			}
			if e, ok := token.(xml.StartElement); ok && !strings.Contains(" svg title desc metadata RDF Description creator date defs style g path use text tspan ", " "+e.Name.Local+" ") {
				t.Fatalf("%q makes an element %s", text, e.Name.Local)
			}
		}
		b.Reset()
		if err := PDF(t.Context(), &b, faces, d); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(bytes.TrimSpace(b.Bytes()), []byte("%%EOF")) {
			t.Fatalf("%q: the PDF has no end", text)
		}
	})
}

// TestWritersShareADrawing is for the race detector: one drawing, written by many.
func TestWritersShareADrawing(t *testing.T) {
	f, d := fonts(t), sampleDrawing()
	want := svgOf(t, f, d)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var svg bytes.Buffer
			if err := SVG(t.Context(), &svg, f, d); err != nil || svg.String() != want {
				t.Errorf("another SVG: %v", err)
			}
			if err := PDF(t.Context(), io.Discard, f, d, d); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
