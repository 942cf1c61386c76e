package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestDownload takes the selection of the page home, as a reader does.
func TestDownload(t *testing.T) {
	address := start(t).url
	p := newPage(t, browser(t), 1280, 800, 1, false)
	p.open(address + "/#lang=en&f.region=prd&f.p.level=town")
	shown := p.text(`document.querySelectorAll('.row').length || document.querySelector('[data-testid=total]').textContent.match(/\d+/)[0]`)
	p.click(`[data-testid=download]`)
	p.wait("the formats are offered", `document.querySelectorAll('[data-download]').length === 4`)
	p.accessible("the menu of downloads")
	p.shot("download")
	csvAddress := p.text(`document.querySelector('[data-download=csv]').href`)
	rows, about := zipped(t, csvAddress)
	if got := len(rows) - 1; shown != strconv.Itoa(got) {
		t.Errorf("the page shows %s, the CSV has %d", shown, got)
	}
	for _, want := range []string{"prd", "town", "20"} {
		if !strings.Contains(about, want) {
			t.Errorf("the note beside the CSV does not say %s:\n%s", want, about)
		}
	}
	for _, f := range []string{"xlsx", "gpkg", "geojson"} {
		resp, err := http.Get(p.text(`document.querySelector('[data-download=` + f + `]').href`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || len(body) < 500 || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: status %d, %d bytes, %q, %v", f, resp.StatusCode, len(body), resp.Header.Get("Content-Disposition"), err)
		}
		resp.Body.Close()
	}
	p.keys("\x1b")
	p.wait("the menu closes", `document.querySelector('#download-menu').hidden`)
}

// zipped downloads a zip of a CSV and a note.
func zipped(t *testing.T, address string) (rows [][]string, about string) {
	t.Helper()
	_, body := fetch(t, address)
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatalf("%s: %v: %.300s", address, err, body)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".csv") {
			if rows, err = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		about = string(text)
	}
	return rows, about
}
