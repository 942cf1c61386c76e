// The keyboard on the cells of the workbench's map, which are drawn and have no elements
// of their own: one stop of Tab, from which arrows lead from cell to cell.

import L from 'leaflet'
import { h, setAttrs } from './dom'
import { reducedMotion, type MapView } from './mapview'
import { nextOn, WAYS, type Way } from './ways'

export interface Cell {
  key: string
  lat: number
  lon: number
  /** How much is there: Home goes to the cell with most. */
  value: number
  /** What the tooltip says. */
  tip: string
  /** What is spoken: where the cell is, too, if it has no name. */
  label: string
  rings: L.LatLngTuple[][][]
}

/** This much is left around the middle of a cell in focus, in pixels. */
const EDGE = 32

export class CellCursor {
  private readonly el = h('div', { class: 'work-cells', attrs: { role: 'application', 'data-testid': 'work-cells', 'data-focus': 'work cells' } })
  private readonly said = h('p', { class: 'sr', attrs: { 'aria-live': 'polite', 'data-testid': 'work-cell-said' } })
  private readonly ring = L.layerGroup()
  private readonly renderer: L.SVG
  private cells: Cell[] = []
  private at: Cell | null = null

  /** What is shown in over covers cells. */
  constructor(private readonly view: MapView, private readonly over: HTMLElement) {
    if (!view.map.getPane('cells')) view.map.createPane('cells').classList.add('work-cells-pane')
    this.renderer = L.svg({ pane: 'cells', padding: 0.3 })
    this.ring.addTo(view.map)
    view.map.getContainer().append(this.el, this.said)
    this.el.addEventListener('focus', () => this.go(this.at ?? this.first()))
    this.el.addEventListener('blur', () => this.draw(null))
    this.el.addEventListener('keydown', (e) => this.keys(e))
  }

  update(cells: Cell[], help: string): void {
    this.cells = [...cells].sort((a, b) => b.value - a.value)
    this.at = cells.find((c) => c.key === this.at?.key) ?? null
    setAttrs(this.el, { tabindex: cells.length > 0 ? '0' : null, 'aria-label': help })
    this.el.hidden = cells.length === 0
    if (document.activeElement === this.el) this.go(this.at ?? this.first())
    else this.said.textContent = ''
  }

  remove(): void {
    this.update([], '')
    this.ring.remove()
    this.renderer.remove()
    this.el.remove()
    this.said.remove()
  }

  /** The cell with most of those in view. */
  private first(): Cell | null {
    const bounds = this.view.map.getBounds()
    return this.cells.find((c) => bounds.contains([c.lat, c.lon])) ?? this.cells[0] ?? null
  }

  private keys(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || this.at === null) return
    const i = this.cells.indexOf(this.at)
    const of: Partial<Record<string, () => number | null>> = {
      Home: () => 0, End: () => this.cells.length - 1,
      PageDown: () => Math.min(i + 1, this.cells.length - 1), PageUp: () => Math.max(i - 1, 0),
    }
    if (e.key === '+' || e.key === '=' || e.key === '-') this.zoom(e.key === '-' ? -1 : 1)
    else if (e.key in WAYS) this.to(nextOn(this.cells.map((c) => this.pixel(c)), i, e.key as Way))
    else if (of[e.key]) this.to(of[e.key]!())
    else return
    e.preventDefault()
  }

  private to(i: number | null): void {
    if (i !== null) this.go(this.cells[i]!)
  }

  private zoom(by: number): void {
    this.view.map.setZoomAround([this.at!.lat, this.at!.lon], this.view.map.getZoom() + by)
  }

  private pixel(c: Cell): L.Point {
    return this.view.map.latLngToContainerPoint([c.lat, c.lon])
  }

  private go(cell: Cell | null): void {
    this.at = cell
    this.draw(cell)
    if (!cell) return
    this.said.textContent = cell.label
    this.bring(cell)
  }

  /** Moves the map just so far that the cell is in view, and not below what stands above the map. */
  private bring(cell: Cell): void {
    const p = this.pixel(cell)
    const f = this.view.free()
    const x = Math.min(Math.max(p.x, f.x + EDGE), f.x + f.w - EDGE)
    let y = Math.min(Math.max(p.y, f.y + EDGE), f.y + f.h - EDGE)
    const map = this.view.map.getContainer().getBoundingClientRect()
    for (const el of this.over.children) {
      const r = el.getBoundingClientRect()
      const [top, bottom] = [r.top - map.top - EDGE, r.bottom - map.top + EDGE]
      if (el.checkVisibility() && x > r.left - map.left - EDGE && x < r.right - map.left + EDGE && y > top && y < bottom) y = y - top < bottom - y ? top : bottom
    }
    if (x !== p.x || y !== p.y) this.view.map.panBy([p.x - x, p.y - y], { animate: !reducedMotion(), duration: 0.3 })
  }

  private draw(cell: Cell | null): void {
    this.ring.clearLayers()
    if (!cell) return
    for (const name of ['work-ring-gap', 'work-ring']) this.ring.addLayer(L.polygon(cell.rings, { renderer: this.renderer, className: name, fill: false, interactive: false }))
    this.ring.addLayer(L.tooltip({ className: 'tile-tip', direction: 'top', offset: [0, -8], opacity: 1 }).setLatLng([cell.lat, cell.lon]).setContent(h('span', { text: cell.tip })))
  }
}
