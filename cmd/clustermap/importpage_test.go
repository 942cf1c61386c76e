package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"
)

// wrongRows are rows of sampleBook that no machine can place as they are.
const wrongRows = 12

// sampleRows are 200 rows of clusters behind their header, of which some are wrong in
// the ways that people's tables are.
func sampleRows() [][]any {
	places := []string{
		"浙江省嘉兴市海宁市许村镇", "江苏省苏州市吴江区盛泽镇", "广东省佛山市顺德区", "福建省泉州市晋江市陈埭镇", "浙江省绍兴市嵊州市",
		"山东省青岛市胶州市", "河北省保定市安国市", "广东省中山市古镇镇", "江苏省南通市海门区", "浙江省金华市义乌市",
	}
	wrong := [wrongRows]string{
		"无", "暂无", "不详", "见附件", "待定", "？？", "同上", "详见备注", "N/A", "-", "（另附）", "xxx",
	}
	rows := [][]any{{"名称", "地点", "行业", "企业数"}}
	for i := range 200 {
		place := places[i%len(places)]
		if i%16 == 7 && i/16 < len(wrong) {
			place = wrong[i/16]
		}
		rows = append(rows, []any{fmt.Sprintf("第%d号集群", i+1), place, "家纺", 10 + i})
	}
	return rows
}

// sampleBook are sampleRows as an Excel file.
func sampleBook(t testing.TB) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	err := book.SetSheetName("Sheet1", "集群")
	for i, row := range sampleRows() {
		err = errors.Join(err, book.SetSheetRow("集群", fmt.Sprintf("A%d", i+1), &row))
	}
	b, writing := book.WriteToBuffer()
	if err = errors.Join(err, writing); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sampleText are sampleRows as CSV.
func sampleText() []byte {
	var b bytes.Buffer
	for _, row := range sampleRows() {
		fmt.Fprintf(&b, "%v,%v,%v,%v\n", row...)
	}
	return b.Bytes()
}

// fresh opens an address with no table of an earlier part left in the browser.
func (p *page) fresh(address string) {
	p.t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	// Where the map does not run, which would keep what it reads anew in its language.
	if err := chromedp.Do(p.ctx, chromedp.Navigate(at.ResolveReference(&url.URL{Path: "/readyz"}).String())); err != nil {
		p.t.Fatal(err)
	}
	p.wait("the browser keeps nothing", `indexedDB.databases().then(all => Promise.all(all.map(d => new Promise(done => { const r = indexedDB.deleteDatabase(d.name); r.onsuccess = r.onerror = r.onblocked = done })))).then(() => (localStorage.clear(), true))`)
	p.open(address)
}

// drop drops a file on the map.
func (p *page) drop(name string, data []byte) {
	p.t.Helper()
	p.text(`(window.dropped = Uint8Array.from(atob(` + quote(base64.StdEncoding.EncodeToString(data)) + `), c => c.charCodeAt(0)), '')`)
	p.text(`(() => { const d = new DataTransfer(); d.items.add(new File([window.dropped], ` + quote(name) + `));
		document.querySelector('.stage').dispatchEvent(new DragEvent('drop', {dataTransfer: d, bubbles: true, cancelable: true})); return '' })()`)
}

// savesHere makes the page hand over what it would save instead of saving it.
func (p *page) savesHere() {
	p.text(`(window.saved = {}, URL.createObjectURL = (old => b => { b.text().then(t => { window.savedText = t }); return old.call(URL, b) })(URL.createObjectURL),
		HTMLAnchorElement.prototype.click = function () { window.savedName = this.download }, '')`)
}

func (p *page) save(button string) (name, text string) {
	p.t.Helper()
	p.text(`(window.savedText = '', window.savedName = '', '')`)
	p.click("[data-testid=" + button + "]")
	p.wait("a file is saved", `window.savedText && window.savedName`)
	return p.text(`window.savedName`), p.text(`window.savedText`)
}

const rowsShown = `[...document.querySelectorAll('.fate-item')].length`

func standing(name string) string {
	return `document.querySelector('[data-standing=` + name + `]')?.dataset.n`
}

// TestImportPage drops a table on the map as a planner does: its report is read, two
// rows are mended, and what is saved is served again.
func TestImportPage(t *testing.T) {
	keep := t.TempDir()
	address := start(t, "-atlas", "-keep", keep).url + "/"
	b := browser(t)
	t.Run("whole", func(t *testing.T) { importWhole(t, b, address) })
	t.Run("keyboard", func(t *testing.T) { importKeyboard(t, b, address) })
	t.Run("faults", func(t *testing.T) { importFaults(t, b, address) })
	t.Run("columns", func(t *testing.T) { importColumns(t, b, address) })
	t.Run("publish", func(t *testing.T) { importPublish(t, b, address, keep) })
	t.Run("limits", func(t *testing.T) { importLimits(t, b) })
	t.Run("sizes", func(t *testing.T) { importSizes(t, b, address) })
}

func importWhole(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1440, 900, 1, false)
	p.fresh(address + "#lang=zh&theme=light")
	p.savesHere()
	p.drop("家纺集群.xlsx", sampleBook(t))
	p.wait("the report", standing("certain"))
	p.equal("no row is lost", `[...document.querySelectorAll('[data-standing]')].reduce((n, e) => n + Number(e.dataset.n), 0)`, "200")
	p.equal("rows that cannot be placed", standing("unplaced"), fmt.Sprint(wrongRows))
	p.wait("it is kept in this browser", `document.querySelector('[data-testid=table-kept]:not(.is-warning)')`)
	p.accessible("the report")
	p.shot("table-report-zh")

	// A wrong row is put to another place by its name.
	p.click("[data-standing=unplaced]")
	p.equal("they are listed", rowsShown, fmt.Sprint(wrongRows))
	p.click(".fate-item")
	p.wait("why it is nowhere", `document.querySelector('.fate-reasons li')`)
	p.accessible("a row that is nowhere")
	p.click("#place-search")
	p.keys("haining")
	p.wait("the place is found", `document.querySelector('[data-code="330481"]')`)
	p.accessible("places that were found")
	p.shot("table-places-zh")
	p.click(`[data-code="330481"]`)
	p.wait("it is corrected", `document.querySelector('[data-testid=row-corrected]')`)
	p.equal("it stands there", `document.querySelector('[data-testid=row-put]').textContent`, "浙江省嘉兴市海宁市")
	p.equal("one less is left", `(document.querySelector('[data-testid=row-back]').click(), `+standing("unplaced")+`)`, fmt.Sprint(wrongRows-1))

	// Another one by a point that is put on the map and moved.
	p.click(".fate-item")
	p.click("[data-testid=row-move]")
	p.wait("there is a pin, and it has the keyboard", `document.activeElement?.dataset.testid === 'row-pin'`)
	p.keys(kb.ArrowRight)
	p.keys(kb.ArrowDown)
	at := p.text(`document.querySelector('[data-testid=row-pin]').getAttribute('aria-label')`)
	p.keys(kb.Enter)
	p.wait("it is corrected too", `document.querySelector('[data-testid=row-corrected]')`)
	p.shot("table-row-zh")
	p.click("[data-testid=row-back]")
	p.equal("two less are left", standing("unplaced"), fmt.Sprint(wrongRows-2))

	name, text := p.save("take-geojson")
	if name != "家纺集群.geojson" {
		t.Errorf("the file is called %s", name)
	}
	mapName, mapping := p.save("take-mapping")
	corrections := strings.Count(mapping, `"id"`)
	if mapName != "家纺集群.map.json" || corrections != 2 || !strings.Contains(mapping, `"adcode": "330481"`) || !strings.Contains(mapping, `"point"`) {
		t.Errorf("%s has %d corrections:\n%s", mapName, corrections, mapping)
	}

	// All of it is there after a reload, and in the other language.
	p.open(address + "#lang=en&theme=dark")
	p.click("[data-table]")
	p.equal("the corrections are kept", standing("unplaced"), fmt.Sprint(wrongRows-2))
	p.wait("it is told in English", `document.querySelector('[data-stage=ready]') && [...document.querySelectorAll('.fate-to')].some(e => /[a-z]{4}/.test(e.textContent))`)
	p.accessible("the report in the dark")
	p.shot("table-report-dark-en")

	servedAgain(t, text, mapping, at)
}

// servedAgain serves what was saved and finds the same features, and imports the table
// by the command with the saved mapping, which gives the same file.
func servedAgain(t *testing.T, text, mapping, moved string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "clusters.geojson")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	type features struct {
		Features []struct {
			ID         string
			Geometry   json.RawMessage
			Properties map[string]any
		}
	}
	var want, got features
	must(t, json.Unmarshal([]byte(text), &want))
	getJSON(t, start(t, file).url+"/collections/clusters/items?limit=1000", "application/geo+json", &got)
	if len(want.Features) != 200 || len(got.Features) != len(want.Features) {
		t.Fatalf("%d features were saved, %d are served", len(want.Features), len(got.Features))
	}
	byID := map[string]string{}
	for _, f := range got.Features {
		byID[f.ID] = string(f.Geometry) + fmt.Sprint(f.Properties["名称"], f.Properties["adcode"])
	}
	corrected := 0
	for _, f := range want.Features {
		if byID[f.ID] != string(f.Geometry)+fmt.Sprint(f.Properties["名称"], f.Properties["adcode"]) {
			t.Errorf("%s is served as %s", f.ID, byID[f.ID])
		}
		if f.Properties["confidence"] == 1.0 && f.Properties["precision"] == "corrected" {
			corrected++
		}
	}
	if corrected != 1 {
		t.Errorf("%d features were put by hand; the pin was at %s", corrected, moved)
	}
	book, mapped, out := filepath.Join(dir, "家纺集群.xlsx"), filepath.Join(dir, "m.json"), filepath.Join(dir, "out.geojson")
	must(t, os.WriteFile(book, sampleBook(t), 0o600))
	must(t, os.WriteFile(mapped, []byte(mapping), 0o600))
	must(t, run(t.Context(), []string{"import", book, "-map", mapped, "-lang", "zh", "-o", out}, io.Discard, io.Discard))
	again, err := os.ReadFile(out)
	if must(t, err); string(again) != text {
		t.Errorf("the command writes another file than the page saved (%d and %d bytes)", len(again), len(text))
	}
}

// importKeyboard mends a row without a mouse.
func importKeyboard(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.fresh(address + "#lang=en&theme=light")
	p.text(`(HTMLInputElement.prototype.click = (old => function () { if (this.type === 'file') window.asked = this.accept; else old.call(this) })(HTMLInputElement.prototype.click), '')`)
	p.text(`(document.querySelector('[data-testid=table]').focus(), '')`)
	p.keys(kb.Enter)
	p.wait("a file is asked for", `/\.xlsx/.test(window.asked)`)
	p.drop("clusters.csv", sampleText())
	p.wait("the report", standing("unplaced"))
	p.wait("it has the focus", `document.activeElement.closest('.table-panel')`)
	reach := func(what, expression string) {
		t.Helper()
		for range 40 {
			if p.text(`Boolean(`+expression+`)`) == "true" {
				return
			}
			p.keys(kb.Tab)
		}
		t.Fatalf("Tab does not reach %s; focus is on %s", what, p.text(`document.activeElement.outerHTML.slice(0, 200)`))
	}
	reach("the rows that are nowhere", `document.activeElement.dataset.standing === 'unplaced'`)
	p.keys(kb.Enter)
	p.wait("focus stays", `document.activeElement.dataset.standing === 'unplaced'`)
	reach("a row", `document.activeElement.classList.contains('fate-item')`)
	first := p.text(`document.activeElement.dataset.number`)
	p.keys(kb.Enter)
	p.wait("the row is read out", `document.activeElement.id === 'row-title'`)
	reach("the search", `document.activeElement.id === 'place-search'`)
	p.keys("anguo")
	p.wait("found", `document.querySelector('[data-code="130683"]')`)
	p.keys(kb.ArrowDown)
	p.wait("the arrow goes to the places", `document.activeElement.dataset.code`)
	for range 8 {
		if p.text(`document.activeElement.dataset.code`) == "130683" {
			break
		}
		p.keys(kb.ArrowDown)
	}
	p.keys(kb.Enter)
	p.wait("it is corrected", `document.querySelector('[data-testid=row-corrected]')`)
	p.wait("focus is on the row", `document.activeElement.id === 'row-title'`)
	reach("undoing it", `document.activeElement.dataset.testid === 'row-undo'`)
	p.keys(kb.Enter)
	p.wait("it is nowhere again", `!document.querySelector('.fate-state') && document.querySelector('[data-testid=row-move]')`)
	p.wait("focus is on the row again", `document.activeElement.id === 'row-title'`)
	p.keys(kb.Escape)
	p.wait("Escape goes back to the row of the list", `document.activeElement.dataset.number === `+quote(first))
	p.keys(kb.Escape)
	p.wait("and then closes the report", `document.querySelector('.table-panel').hidden && document.activeElement !== document.body`)
	if stops := p.text(`document.querySelectorAll('[data-testid=row-pin]').length`); stops != "0" {
		t.Error("a pin is left on the map")
	}
}

// importFaults drops what cannot be read, and finds the map as it was.
func importFaults(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.fresh(address + "#lang=en&theme=light")
	p.expect("Failed to load resource")
	const fault = `document.querySelector('[data-testid=table-fault]')?.textContent`
	p.drop("empty.csv", nil)
	p.wait("that it is empty", `/empty/.test(`+fault+`)`)
	p.click("[data-testid=table-dismiss]")
	p.wait("it is gone", `document.querySelector('.table-panel').hidden`)
	p.drop("head.csv", []byte("名称,地点\n"))
	p.wait("that it has no rows", fault)
	p.accessible("a table that was refused")
	p.shot("table-refused-en")
	p.click("[data-testid=table-dismiss]")
	p.text(`(XMLHttpRequest.prototype.send = (old => function (body) { window.away ? setTimeout(() => this.dispatchEvent(new Event('error'))) : old.call(this, body) })(XMLHttpRequest.prototype.send), window.away = true, '')`)
	p.drop("clusters.csv", sampleText())
	p.wait("that nobody answers", `document.querySelector('[data-testid=table-retry]')`)
	p.text(`(window.away = false, '')`)
	p.click("[data-testid=table-retry]")
	p.wait("the report after all", standing("certain"))
	p.text(`(window.away = true, '')`)
	p.click("[data-standing=unplaced]")
	p.click(".fate-item")
	p.click("#place-search")
	p.keys("anguo")
	p.click(`[data-code="130683"]`)
	p.wait("the change failed, and the report stays", `document.querySelector('[data-testid=table-retry]') && document.querySelector('[data-testid=row-put]')`)
	p.text(`(window.away = false, '')`)
	p.click("[data-testid=table-retry]")
	p.wait("the change is made", `document.querySelector('[data-testid=row-corrected]')`)
	p.click("[data-testid=table-remove]")
	p.accessible("a table that is to go")
	p.click("[data-testid=table-remove-yes]")
	p.wait("it is off the map", `document.querySelectorAll('[data-table]').length === 0`)
	p.open(address + "#lang=en")
	p.wait("and does not come back", `document.querySelector('[data-testid=table-open]') && document.querySelectorAll('[data-table]').length === 0`)
}

// importLimits drops tables on servers that take none, or only small ones.
func importLimits(t *testing.T, b context.Context) {
	const fault = `document.querySelector('[data-testid=table-fault]')?.textContent`
	off, little := start(t, "-atlas", "-import", "off").url, start(t, "-atlas", "-import", "4KB").url // they end after the pages
	p := newPage(t, b, 1280, 800, 1, false)
	p.fresh(off + "/#lang=en")
	p.drop("clusters.csv", sampleText())
	p.wait("that none is read", `/does not read tables/.test(`+fault+`) && !document.querySelector('[data-testid=table], [data-testid=table-other]')`)
	p.click("[data-testid=table-dismiss]")
	small := newPage(t, b, 1280, 800, 1, false)
	small.fresh(little + "/#lang=en")
	small.wait("what the server takes is known", `document.querySelector('[data-testid=table]')`)
	small.drop("clusters.csv", sampleText())
	small.wait("that it is too large", `/4.0 KB are the most/.test(`+fault+`)`)
	small.wait("no other layer of the page is gone", `/\b40\b/.test(`+total+`)`)
}

// importColumns has a column read as another thing.
func importColumns(t *testing.T, b context.Context, address string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.fresh(address + "#lang=en&theme=light")
	p.drop("clusters.csv", sampleText())
	p.wait("the report", standing("certain"))
	before := p.text(standing("certain"))
	p.click("[data-testid=columns]")
	p.wait("the place is known", `document.querySelector('[data-column="地点"]').value === 'place'`)
	p.accessible("the columns")
	p.shot("table-columns-en")
	p.choose(`[data-column="地点"]`, "text")
	p.wait("without a place fewer are certain", `Number(`+standing("certain")+`) < `+before)
	p.wait("the choice stays", `document.querySelector('[data-column="地点"]').value === 'text'`)
	p.choose(`[data-column="地点"]`, "place")
	p.equal("with it as many as before", standing("certain"), before)
	p.click("[data-testid=table-remove]")
	p.click("[data-testid=table-remove-yes]")
}

// importPublish stores a table on the server, for all.
func importPublish(t *testing.T, b context.Context, address, keep string) {
	p := newPage(t, b, 1280, 800, 1, false)
	p.fresh(address + "#lang=en&theme=light")
	p.drop("Clusters 2024.csv", sampleText())
	p.wait("the report", standing("certain"))
	p.click("[data-testid=publish]")
	p.wait("a name is offered", `document.activeElement.id === 'publish-name' && document.activeElement.value === 'clusters-2024'`)
	p.accessible("publishing")
	p.keys("Bad Name")
	p.keys(kb.Enter)
	p.wait("what is wrong with the name", `document.querySelector('[data-testid=publish-said]')`)
	p.text(`(document.querySelector('#publish-name').value = 'clusters', '')`)
	p.expect("Failed to load resource")
	p.click("[data-testid=publish-go]")
	p.wait("the atlas cannot be written over", `/clusters/.test(document.querySelector('[data-testid=publish-said]')?.textContent) && document.querySelector('[data-testid=publish-replace]')`)
	p.click("[data-testid=publish-replace]")
	p.wait("not even so", `/another layer/.test(document.querySelector('[data-testid=publish-said]')?.textContent)`)
	p.text(`(document.querySelector('#publish-name').value = 'mine', '')`)
	p.click("[data-testid=publish-go]")
	p.wait("it is published", `document.querySelector('[data-testid=publish-open]')`)
	p.shot("table-published-en")
	if _, err := os.Stat(filepath.Join(keep, "mine.geojson")); err != nil {
		t.Error(err)
	}
	p.click("[data-testid=publish-open]")
	p.wait("its layer is open", `/\b200\b/.test(`+total+`) && /[#&]c=mine/.test(location.hash)`)
}

// importSizes looks at the report on small and middling screens.
func importSizes(t *testing.T, b context.Context, address string) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"table-phone-zh", 390, 844, true}, {"table-small", 320, 568, true}, {"table-sideways", 740, 360, true}, {"table-middle", 820, 1100, false}, {"table-narrow", 1024, 768, false}} {
		p := newPage(t, b, size.width, size.height, 2, size.phone)
		p.fresh(address + "#lang=zh&theme=light")
		p.drop("家纺集群名单（二〇二五年最终修订稿，含联系方式）.csv", sampleText())
		p.wait("the report on "+size.name, standing("certain"))
		within := `(e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth + 1 && r.top >= 0 && r.bottom <= innerHeight + 1 })`
		p.wait("all of it is on the screen of "+size.name, within+`(document.querySelector('.table-panel'))`)
		p.wait("nothing is cut off sideways on "+size.name, `document.querySelector('.table-body').scrollWidth <= document.querySelector('.table-body').clientWidth + 1`)
		p.wait("some rows are seen on "+size.name, `document.querySelector('.table-body').clientHeight > 100`)
		p.wait("it can be taken along on "+size.name, within+`(document.querySelector('[data-testid=take-geojson]'))`)
		p.accessible(size.name)
		p.shot(size.name)
		p.click(".fate-item")
		p.wait("a row", `document.querySelector('#row-title').textContent !== ''`)
		p.accessible(size.name + ", a row")
		p.shot(size.name + "-row")
		p.click("[data-testid=table-remove]")
		p.click("[data-testid=table-remove-yes]")
		p.wait("it is gone on "+size.name, `document.querySelectorAll('[data-table]').length === 0`)
	}
}
