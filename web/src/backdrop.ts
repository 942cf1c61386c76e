// Base maps beside the built-in one: archives of the server, of pictures or of vector
// tiles, which are drawn plainly in the colours of the page, and maps of others.

import L from 'leaflet'
import { backdropUrl, fetchBackdrops, fetchTile, type Backdrop, type OnlineMap } from './api'
import { h, icon, replace } from './dom'
import { eachPart } from './hit'
import type { MapView } from './mapview'
import type { Model } from './model'
import { layerNames, readLayer, Shape, type TileLayer } from './mvt'
import { keepKey, keyName, keyOf, layersOf, titleOf } from './online'
import type { Lang } from './schema'
import type { Store } from './state'

export class Backdrops {
  readonly el = h('div', { class: 'backdrops' })
  private archives: Backdrop[] = []
  private online: OnlineMap[] = []
  private shown = ''
  private layers: L.GridLayer[] = []
  /** The online map whose tiles did not come. */
  private failed: string | null = null
  private asking = false
  private model: Model | null = null

  constructor(private readonly view: MapView, private readonly store: Store) {
    this.el.hidden = true
    view.map.createPane('backdrop').classList.add('backdrop-pane')
  }

  /** Learns which there are; without an answer the built-in base map is all. */
  async load(): Promise<void> {
    const found = await fetchBackdrops().catch(() => ({ archives: [], online: [] }))
    this.archives = found.archives
    this.online = found.online
  }

  update(m: Model): void {
    this.model = m
    const archive = this.archives.find((b) => b.name === m.state.base)
    const online = archive ? undefined : this.online.find((o) => o.name === m.state.base)
    if (online) this.showOnline(online, m.lang)
    else this.showArchive(archive, m.theme)
    this.el.hidden = this.archives.length + this.online.length === 0
    if (!this.el.hidden) this.draw(m, online)
  }

  private draw(m: Model, online: OnlineMap | undefined): void {
    const choices = [
      { value: '', text: m.t('baseOwn') },
      ...this.archives.map((b) => ({ value: b.name, text: b.title || b.name })),
      ...this.online.map((o) => ({ value: o.name, text: m.t('baseOnline', { name: titleOf(o, m.lang) }) })),
    ]
    const now = choices.some((c) => c.value === m.state.base) ? m.state.base : ''
    const select = h('select', {
      class: 'layer-select', attrs: { 'aria-label': m.t('baseMap'), 'data-focus': 'base', 'data-testid': 'base' },
      on: { change: () => {
        this.asking = false
        this.store.set({ base: select.value || null })
      } },
    }, ...choices.map((c) => h('option', { text: c.text, attrs: { value: c.value, selected: c.value === now } })))
    replace(this.el,
      h('div', { class: 'layer' }, h('span', { class: 'layer-name', text: m.t('baseMap') }), select, icon('chevron')),
      online?.keyFrom ? this.key(m, online) : null,
      online?.datum === 'gcj02' ? h('p', { class: 'hint', text: m.t('baseMoved') }) : null,
      h('p', { class: 'hint', text: online && this.failed === online.name ? m.t('baseFailed', { name: titleOf(online, m.lang) }) : '', attrs: { role: 'status', 'data-testid': 'base-failed' } }))
  }

  private key(m: Model, online: OnlineMap): HTMLElement {
    if (keyOf(keyName(online)) !== '' && !this.asking) {
      return h('button', { class: 'link', text: m.t('baseKeyOther'), attrs: { type: 'button', 'data-focus': 'base key other' }, on: { click: () => this.ask(true) } })
    }
    const input = h('input', { attrs: { type: 'text', autocomplete: 'off', spellcheck: 'false', 'aria-label': m.t('baseKey'), placeholder: m.t('baseKey'), 'data-focus': 'base key', 'data-testid': 'base-key' } })
    return h('form', {
      class: 'base-key',
      on: { submit: (e) => {
        e.preventDefault()
        keepKey(keyName(online), input.value.trim())
        this.shown = ''
        this.ask(false)
      } },
    },
    h('p', { class: 'hint' }, m.t('baseKeyHint'), ' ', h('a', { text: m.t('baseKeyFrom'), attrs: { href: online.keyFrom!, target: '_blank', rel: 'noopener' } })),
    input, h('button', { class: 'button', text: m.t('baseKeyUse'), attrs: { type: 'submit' } }))
  }

  private ask(now: boolean): void {
    this.asking = now
    if (this.model) this.update(this.model)
  }

  private showArchive(chosen: Backdrop | undefined, theme: string): void {
    if (!this.change(chosen ? `archive ${chosen.name} ${chosen.kind === 'vector' ? theme : ''}` : '')) return
    this.view.base.setBacked(chosen !== undefined)
    this.view.setSource(chosen?.attribution ?? '')
    if (!chosen) return
    const [w, s, e, n] = chosen.bounds ?? [-180, -85.06, 180, 85.06]
    const options = { pane: 'backdrop', minNativeZoom: chosen.minzoom, maxNativeZoom: chosen.maxzoom, bounds: L.latLngBounds([s, w], [n, e]) }
    this.put([chosen.kind === 'raster' ? L.tileLayer(backdropUrl(chosen.name), options) : new VectorBackdrop(chosen, options)])
  }

  private showOnline(chosen: OnlineMap, lang: Lang): void {
    const usable = !chosen.keyFrom || keyOf(keyName(chosen)) !== ''
    if (!this.change(`online ${chosen.name} ${lang} ${usable}`)) return
    this.view.base.setBacked(usable)
    this.view.setSource(usable ? (chosen.attribution[lang] ?? chosen.attribution.en ?? '') : '', chosen.terms)
    if (!usable) return
    const wanted = this.shown
    void layersOf(chosen, 'backdrop', () => this.fail(chosen.name)).then((layers) => {
      if (this.shown === wanted) this.put(layers)
    })
  }

  /** Takes down what is shown unless it is what is wanted; whether it was not. */
  private change(wanted: string): boolean {
    if (wanted === this.shown) return false
    this.shown = wanted
    this.failed = null
    for (const layer of this.layers) layer.remove()
    this.layers = []
    return true
  }

  private put(layers: L.GridLayer[]): void {
    this.layers = layers.map((layer) => layer.addTo(this.view.map))
  }

  private fail(name: string): void {
    if (this.failed === name) return
    this.failed = name
    if (this.model) this.update(this.model)
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
