// The features of a collection that the server keeps, each as itself, from vector
// tiles. Each tile is drawn once for a zoom, on a canvas of its own, in slices, so
// that no frame waits and moving the map draws nothing anew.

import L from 'leaflet'
import { fetchTile, tileUrl } from './api'
import type { Busy } from './busy'
import { h } from './dom'
import { hitTest } from './hit'
import type { MapView } from './mapview'
import type { Model } from './model'
import { readLayer, Shape, type TileLayer } from './mvt'
import { Painter, type Sheet } from './painter'
import { selectionOf } from './query'
import { persistent } from './retry'
import type { Store } from './state'
import { tileFrame, tilesIn, type TileCoord } from './tilegrid'

interface Tile {
  layer: TileLayer | null
  dropped: number
  failed: boolean
}

/** A feature on the screen. */
export interface Found {
  id: string
  name: string
  lat: number
  lon: number
}

interface Host {
  /** How many features of the tiles in view are left out; null while some tiles are awaited. */
  dropped(n: number | null): void
  failed(err: unknown): void
}

/** What is drawn for a zoom; origin is what the map had as its pixel origin. */
interface Level {
  el: HTMLElement
  zoom: number
  origin: L.Point
  drawn: Map<string, HTMLCanvasElement>
}

/** Milliseconds of one slice of drawing. */
const SLICE_MS = 10
/** A canvas reaches this much beyond its tile on each side, in pixels, for symbols on its edge. */
const ROOM = 8
const KEPT_TILES = 80
const KEPT_CANVASES = 24
/** Pixels within which a pointer means a point or line. */
const REACH = 9

export class TileView {
  private readonly pane: HTMLElement
  private readonly levels = new Map<string, Level>()
  private readonly tip: L.Marker
  private readonly tipName = h('div', { class: 'tile-tip', attrs: { 'aria-hidden': 'true' } })
  private readonly tiles = new Map<string, Tile>()
  private readonly runs = new Map<string, AbortController>()
  private model: Model | null = null
  private selection = ''
  private active = false
  private drawing = 0
  private pointer: L.Point | null = null

  constructor(private readonly view: MapView, private readonly store: Store, private readonly busy: Busy, private readonly host: Host) {
    this.pane = view.map.createPane('tiles')
    this.pane.classList.add('features-pane', 'tiles-pane')
    this.tip = L.marker([0, 0], { pane: 'labels', interactive: false, keyboard: false, icon: L.divIcon({ html: this.tipName, className: 'label-icon', iconSize: [0, 0] }) })
    const { map } = view
    map.on('moveend resize', () => this.moved())
    map.on('zoomanim', (e) => this.follow(e as L.ZoomAnimEvent))
    map.on('mousemove', (e) => this.hover(e.containerPoint))
    map.on('mouseout', () => this.hover(null))
    map.on('click', (e) => {
      const found = this.at(e.containerPoint)
      if (found) this.store.set({ selected: found.id, group: null })
    })
  }

  update(m: Model, active: boolean): void {
    const before = this.model
    this.model = m
    const selection = active ? JSON.stringify([m.data!.id, selectionOf(m.data!, m.state, m.defs)]) : ''
    if (active && (selection !== this.selection || before?.data !== m.data)) {
      this.forget()
      this.selection = selection
    }
    const turned = active !== this.active
    this.active = active
    if (!active) {
      if (turned) this.forget()
      this.hover(null)
    } else if (turned || selection !== '' && before?.data !== m.data || this.tiles.size === 0) this.moved()
    else if (before?.theme !== m.theme) void this.draw()
  }

  /** The features drawn in the free part of the map, nearest to its middle first. */
  targets(most: number): Found[] {
    const free = this.view.free()
    const middle = L.point(free.x + free.w / 2, free.y + free.h / 2)
    const out: { found: Found; d: number }[] = []
    const seen = new Set<string>()
    for (const { tile, frame } of this.inView()) {
      if (!tile?.layer) continue
      const { layer } = tile
      for (let i = 0; i < layer.shapes.length && out.length < 20_000; i++) {
        const at = this.screen(layer, i, frame)
        if (at.x < free.x || at.y < free.y || at.x > free.x + free.w || at.y > free.y + free.h) continue
        const found = this.found(layer, i, at)
        if (!seen.has(found.id)) out.push({ found, d: at.distanceTo(middle) })
        seen.add(found.id)
      }
    }
    return out.sort((a, b) => a.d - b.d).slice(0, most).map((o) => o.found)
  }

  /** Asks again for what failed. */
  retry(): void {
    for (const [key, tile] of this.tiles) if (tile.failed) this.tiles.delete(key)
    this.moved()
  }

  private forget(): void {
    for (const run of this.runs.values()) run.abort()
    this.runs.clear()
    this.tiles.clear()
    for (const level of this.levels.values()) level.el.remove()
    this.levels.clear()
    delete this.pane.dataset['drawn']
    this.selection = ''
    this.drawing++
  }

  private moved(): void {
    if (!this.active || !this.model?.data) return
    const needed = this.needed()
    const wanted = new Set(needed.map(keyOf))
    for (const [key, run] of this.runs) {
      if (wanted.has(key)) continue
      run.abort()
      this.runs.delete(key)
    }
    for (const t of needed) if (!this.tiles.has(keyOf(t)) && !this.runs.has(keyOf(t))) this.load(t)
    delete this.pane.dataset['drawn']
    void this.draw()
  }

  private needed(): (TileCoord & { wrapped: number })[] {
    const { min, max } = this.view.map.getPixelBounds() as { min: L.Point; max: L.Point }
    return tilesIn({ x0: min.x, y0: min.y, x1: max.x, y1: max.y }, this.view.map.getZoom())
  }

  private load(t: TileCoord): void {
    const { data, state, defs, lang } = this.model!
    const key = keyOf(t)
    const run = new AbortController()
    this.runs.set(key, run)
    const properties = [data!.schema.category?.name, data!.schema.nameIn(lang)].filter((p) => p !== undefined)
    const url = tileUrl(data!.id, t, { ...selectionOf(data!, state, defs), ...(properties.length > 0 ? { properties: properties.join() } : {}) })
    this.busy.during(persistent(() => fetchTile(url, run.signal), run.signal)).then(({ bytes, dropped }) => {
      if (this.runs.get(key) !== run) return
      this.runs.delete(key)
      this.keep(key, { layer: readLayer(bytes, 'features', data!.schema.category?.name ?? null), dropped, failed: false })
      void this.draw()
    }, (err: unknown) => {
      if (this.runs.get(key) !== run) return
      this.runs.delete(key)
      this.tiles.set(key, { layer: null, dropped: 0, failed: true })
      this.host.failed(err)
    })
  }

  private keep(key: string, tile: Tile): void {
    this.tiles.set(key, tile)
    const needed = new Set(this.needed().map(keyOf))
    for (const old of this.tiles.keys()) {
      if (this.tiles.size <= KEPT_TILES) return
      if (!needed.has(old)) this.tiles.delete(old)
    }
  }

  private inView(): { tile: Tile | undefined; frame: { x: number; y: number; side: number } }[] {
    const zoom = this.view.map.getZoom()
    return this.needed().map((t) => ({ tile: this.tiles.get(keyOf(t)), frame: tileFrame(t, zoom) }))
  }

  /** Draws what of the tiles in view is not drawn yet, in slices; a later call ends an earlier one. */
  private async draw(): Promise<void> {
    const turn = ++this.drawing
    const model = this.model
    if (!model?.data) return
    const zoom = this.view.map.getZoom()
    const level = this.levelOf(zoom)
    const ratio = Math.min(2, devicePixelRatio)
    const paint = new Painter(ratio, zoom, model)
    let left = performance.now() + SLICE_MS
    for (const t of this.needed()) {
      const tile = this.tiles.get(keyOf(t))
      const key = `${keyOf(t)} ${t.wrapped}`
      if (!tile || level.drawn.has(key)) continue
      const frame = tileFrame(t, zoom)
      const sheet = sheetFor(frame, level.origin, ratio)
      for (const step of tile.layer ? paint.steps(sheet, tile.layer) : []) {
        step()
        if (performance.now() < left) continue
        await nextFrame()
        if (turn !== this.drawing) return
        left = performance.now() + SLICE_MS
      }
      level.drawn.set(key, sheet.canvas)
      level.el.append(sheet.canvas)
    }
    this.tidy(level)
    this.host.dropped(this.runs.size > 0 ? null : this.inView().reduce((n, { tile }) => n + (tile?.dropped ?? 0), 0))
    this.pane.dataset['drawn'] = String(this.runs.size === 0)
  }

  /** The canvases of a zoom, which stay until others have taken their place. */
  private levelOf(zoom: number): Level {
    const { map } = this.view
    const key = `${zoom} ${this.model!.theme}`
    let level = this.levels.get(key)
    if (!level) {
      level = { el: h('div', { class: 'tile-level leaflet-zoom-animated' }), zoom, origin: map.getPixelOrigin(), drawn: new Map() }
      this.levels.set(key, level)
      this.pane.append(level.el)
    }
    for (const l of this.levels.values()) this.place(l, map.getZoom(), map.getPixelOrigin())
    this.once()
    return level
  }

  private place(level: Level, zoom: number, origin: L.Point): void {
    const scale = this.view.map.getZoomScale(zoom, level.zoom)
    L.DomUtil.setTransform(level.el, level.origin.multiplyBy(scale).subtract(origin), scale)
  }

  /** Where the view is wider than the world nothing is shown twice. */
  private once(): void {
    const { map } = this.view
    for (const level of this.levels.values()) {
      const world = 256 * 2 ** level.zoom
      const west = map.project(map.getCenter(), level.zoom).x - world / 2 - level.origin.x
      level.el.style.clipPath = map.getSize().x > map.getZoomScale(map.getZoom(), level.zoom) * world ? `polygon(${[[west, -world], [west + world, -world], [west + world, world], [west, world]].map(([x, y]) => `${x}px ${y}px`).join()})` : ''
    }
  }

  /** Lets go what is far from the view, and other zooms once this one is whole. */
  private tidy(level: Level): void {
    const needed = new Set(this.needed().map((t) => `${keyOf(t)} ${t.wrapped}`))
    for (const [key, canvas] of level.drawn) {
      if (needed.has(key) || level.drawn.size <= KEPT_CANVASES) continue
      canvas.remove()
      level.drawn.delete(key)
    }
    if (this.runs.size > 0) return
    for (const [key, other] of this.levels) {
      if (other === level) continue
      other.el.remove()
      this.levels.delete(key)
    }
  }

  /** Follows a zoom of the map until it is drawn anew. */
  private follow(e: L.ZoomAnimEvent): void {
    const { map } = this.view
    const origin = map.project(e.center, e.zoom).subtract(map.getSize().divideBy(2)).add(map.containerPointToLayerPoint([0, 0])).round()
    for (const level of this.levels.values()) this.place(level, e.zoom, origin)
  }

  private hover(at: L.Point | null): void {
    if (!this.active && this.pointer === null) return
    const idle = this.pointer === null
    this.pointer = at
    if (at === null) this.point(null)
    else if (idle || at) requestAnimationFrame(() => this.pointer === at && this.point(this.at(at)))
  }

  private point(found: Found | null): void {
    this.view.map.getContainer().classList.toggle('is-pointing', found !== null)
    if (this.store.state.hover !== (found?.id ?? null) && (found || this.tip.getElement()?.isConnected)) this.store.set({ hover: found?.id ?? null })
    if (!found || found.id === this.store.state.selected) {
      this.tip.remove()
      return
    }
    this.tipName.textContent = found.name
    this.tip.setLatLng([found.lat, found.lon])
    if (!this.tip.getElement()?.isConnected) this.tip.addTo(this.view.map)
  }

  /** The feature under a point of the map. */
  private at(point: L.Point): Found | null {
    if (!this.active) return null
    const world = point.add(this.view.map.getPixelBounds().min!)
    for (const { tile, frame } of this.inView()) {
      if (!tile?.layer || world.x < frame.x || world.y < frame.y || world.x >= frame.x + frame.side || world.y >= frame.y + frame.side) continue
      const unit = tile.layer.extent / frame.side
      const i = hitTest(tile.layer, (world.x - frame.x) * unit, (world.y - frame.y) * unit, REACH * unit)
      if (i !== null) return this.found(tile.layer, i, tile.layer.shapes[i] === Shape.Point ? this.screen(tile.layer, i, frame) : point)
    }
    return null
  }

  /** Where the first vertex of a feature lies on the screen. */
  private screen(layer: TileLayer, i: number, frame: { x: number; y: number; side: number }): L.Point {
    const unit = frame.side / layer.extent
    const k = layer.starts[i]!
    return L.point(frame.x + layer.coords[k]! * unit, frame.y + layer.coords[k + 1]! * unit).subtract(this.view.map.getPixelBounds().min!)
  }

  private found(layer: TileLayer, i: number, at: L.Point): Found {
    const { data, lang } = this.model!
    const id = String(layer.property(i, idName(data!.schema.field('id')?.role)) ?? '')
    const { lat, lng } = this.view.map.containerPointToLatLng(at)
    return { id, name: String(layer.property(i, data!.schema.nameIn(lang) ?? '') ?? id), lat, lon: lng }
  }
}

/** The property of tiles that has the id of a feature. */
function idName(role: string | undefined): string {
  return role === undefined || role === 'id' ? 'id' : '_id'
}

function keyOf(t: TileCoord): string {
  return `${t.z}/${t.x}/${t.y}`
}

/** A canvas on whole pixels, for a tile and the room around it. */
function sheetFor({ x, y, side }: { x: number; y: number; side: number }, origin: L.Point, ratio: number): Sheet {
  const canvas = h('canvas', { class: 'tile-canvas', attrs: { 'aria-hidden': 'true' } })
  const left = Math.floor(x - origin.x) - ROOM
  const top = Math.floor(y - origin.y) - ROOM
  canvas.width = canvas.height = Math.ceil((side + 2 * ROOM + 1) * ratio)
  canvas.style.width = canvas.style.height = `${canvas.width / ratio}px`
  L.DomUtil.setTransform(canvas, L.point(left, top), 1)
  const [cx, cy] = [Math.round(x) - x, Math.round(y) - y]
  return { canvas, x: x - origin.x - left, y: y - origin.y - top, side, clip: [cx, cy, Math.round(x + side) - Math.round(x), Math.round(y + side) - Math.round(y)] }
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()))
}
