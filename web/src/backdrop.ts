// Base maps that the server has beside the built-in one: archives of pictures, or
// of vector tiles, which are drawn plainly in the colours of the page.

import L from 'leaflet'
import { backdropUrl, fetchBackdrops, fetchTile, type Backdrop } from './api'
import { h, icon, replace } from './dom'
import { eachPart } from './hit'
import type { MapView } from './mapview'
import type { Model } from './model'
import { layerNames, readLayer, Shape, type TileLayer } from './mvt'
import type { Store } from './state'

export class Backdrops {
  readonly el = h('div', { class: 'layer backdrops' })
  private list: Backdrop[] = []
  private layer: { name: string; theme: string; layer: L.GridLayer } | null = null

  constructor(private readonly view: MapView, private readonly store: Store) {
    this.el.hidden = true
    view.map.createPane('backdrop').classList.add('backdrop-pane')
  }

  /** Learns which there are; without an answer the built-in base map is all. */
  async load(): Promise<void> {
    this.list = await fetchBackdrops().catch(() => [])
  }

  update(m: Model): void {
    const chosen = this.list.find((b) => b.name === m.state.base)
    this.show(chosen, m.theme)
    this.el.hidden = this.list.length === 0
    if (this.el.hidden) return
    const select = h('select', {
      class: 'layer-select', attrs: { 'aria-label': m.t('baseMap'), 'data-focus': 'base', 'data-testid': 'base' }, on: { change: () => this.store.set({ base: select.value || null }) },
    }, ...[{ name: '', title: m.t('baseOwn') }, ...this.list].map((b) => h('option', { text: b.title || b.name, attrs: { value: b.name, selected: b.name === (chosen?.name ?? '') } })))
    replace(this.el, h('span', { class: 'layer-name', text: m.t('baseMap') }), select, icon('chevron'))
  }

  private show(chosen: Backdrop | undefined, theme: string): void {
    const wanted = chosen ? `${chosen.name} ${chosen.kind === 'vector' ? theme : ''}` : ''
    if (wanted === (this.layer ? `${this.layer.name} ${this.layer.theme}` : '')) return
    this.layer?.layer.remove()
    this.layer = null
    this.view.base.setBacked(chosen !== undefined)
    this.view.setSource(chosen?.attribution ?? '')
    if (!chosen) return
    const [w, s, e, n] = chosen.bounds ?? [-180, -85.06, 180, 85.06]
    const options = { pane: 'backdrop', minNativeZoom: chosen.minzoom, maxNativeZoom: chosen.maxzoom, bounds: L.latLngBounds([s, w], [n, e]) }
    const layer = chosen.kind === 'raster' ? L.tileLayer(backdropUrl(chosen.name), options) : new VectorBackdrop(chosen, options)
    this.layer = { name: chosen.name, theme: chosen.kind === 'vector' ? theme : '', layer: layer.addTo(this.view.map) }
  }
}

const WATER = /water|ocean|sea|lake|river/i

class VectorBackdrop extends L.GridLayer {
  private readonly runs = new Map<HTMLElement, AbortController>()

  constructor(private readonly of: Backdrop, options: L.GridLayerOptions) {
    super(options)
    this.on('tileunload', (e) => {
      this.runs.get(e.tile)?.abort()
      this.runs.delete(e.tile)
    })
  }

  override createTile(at: L.Coords, done: L.DoneCallback): HTMLElement {
    const tile = h('canvas')
    const side = this.getTileSize().x
    const ratio = Math.min(2, devicePixelRatio)
    tile.width = tile.height = side * ratio
    const run = new AbortController()
    this.runs.set(tile, run)
    const url = backdropUrl(this.of.name).replace('{z}', String(at.z)).replace('{x}', String(at.x)).replace('{y}', String(at.y))
    fetchTile(url, run.signal, 'default').then(({ bytes }) => {
      this.paint(tile.getContext('2d')!, side * ratio, ratio, bytes)
      done(undefined, tile)
    }, (err: Error) => done(err, tile))
    return tile
  }

  private paint(context: CanvasRenderingContext2D, side: number, ratio: number, bytes: ArrayBuffer): void {
    const css = getComputedStyle(document.documentElement)
    const color = (name: string) => css.getPropertyValue(name).trim()
    for (const shape of [Shape.Area, Shape.Line]) {
      for (const name of layerNames(bytes)) {
        const layer = readLayer(bytes, name, null)
        if (!layer) continue
        const water = WATER.test(name)
        context.fillStyle = color(water ? '--map-sea' : '--map-land')
        context.strokeStyle = color(water ? '--map-river' : '--map-country')
        context.lineWidth = 0.8 * ratio
        for (let i = 0; i < layer.shapes.length; i++) if (layer.shapes[i] === shape) trace(context, layer, i, side / layer.extent, shape === Shape.Area)
      }
    }
  }
}

function trace(context: CanvasRenderingContext2D, layer: TileLayer, i: number, unit: number, area: boolean): void {
  const { coords } = layer
  context.beginPath()
  eachPart(layer, i, (from, to) => {
    context.moveTo(coords[from]! * unit, coords[from + 1]! * unit)
    for (let k = from + 2; k < to; k += 2) context.lineTo(coords[k]! * unit, coords[k + 1]! * unit)
    if (area) context.closePath()
  })
  if (area) context.fill('evenodd')
  else context.stroke()
}
