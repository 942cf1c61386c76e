// The features of a collection that the server keeps, each as itself, from vector
// tiles on one canvas. What is drawn is drawn in slices, so that no frame waits.

import L from 'leaflet'
import { fetchTile, tileUrl } from './api'
import type { Busy } from './busy'
import { h } from './dom'
import { eachPart, hitTest } from './hit'
import type { MapView } from './mapview'
import type { Model } from './model'
import { readLayer, Shape, type TileLayer } from './mvt'
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
  /** How many features of the tiles in view are left out. */
  dropped(n: number): void
  failed(err: unknown): void
}

/** Milliseconds of one slice of drawing. */
const SLICE_MS = 10
/** How many features are drawn before the clock is looked at. */
const STRIDE = 400
/** The canvas reaches this much beyond the map on each side, in parts of it. */
const PAD = 0.2
const KEPT_TILES = 80
/** Pixels within which a pointer means a point or line. */
const REACH = 9

export class TileView {
  private readonly canvas = h('canvas', { class: 'tile-canvas leaflet-zoom-animated', attrs: { 'aria-hidden': 'true' } })
  private readonly tip: L.Marker
  private readonly tipName = h('div', { class: 'tile-tip', attrs: { 'aria-hidden': 'true' } })
  private readonly tiles = new Map<string, Tile>()
  private readonly runs = new Map<string, AbortController>()
  private model: Model | null = null
  private selection = ''
  private active = false
  private drawing = 0
  private frame: { origin: L.Point; zoom: number } | null = null
  private pointer: L.Point | null = null

  constructor(private readonly view: MapView, private readonly store: Store, private readonly busy: Busy, private readonly host: Host) {
    const pane = view.map.createPane('tiles')
    pane.classList.add('features-pane')
    pane.append(this.canvas)
    this.canvas.hidden = true
    this.tip = L.marker([0, 0], { pane: 'labels', interactive: false, keyboard: false, icon: L.divIcon({ html: this.tipName, className: 'label-icon', iconSize: [0, 0] }) })
    const { map } = view
    map.on('moveend zoomend resize', () => this.moved())
    map.on('zoomanim', (e) => this.scale(e as L.ZoomAnimEvent))
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
    this.canvas.hidden = !active
    if (!active) {
      this.forget()
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

  /** Draws all tiles at hand, in slices; a later call ends an earlier one. */
  private async draw(): Promise<void> {
    const turn = ++this.drawing
    const { map } = this.view
    const model = this.model
    if (!model?.data) return
    const zoom = map.getZoom()
    const size = map.getSize()
    const origin = map.getPixelBounds().min!.subtract(size.multiplyBy(PAD)).floor()
    const ratio = Math.min(2, devicePixelRatio)
    const w = Math.ceil(size.x * (1 + 2 * PAD))
    const hgt = Math.ceil(size.y * (1 + 2 * PAD))
    const buffer = document.createElement('canvas')
    buffer.width = w * ratio
    buffer.height = hgt * ratio
    const paint = new Painter(buffer.getContext('2d')!, ratio, zoom, model)
    let left = performance.now() + SLICE_MS
    for (const { tile, frame } of this.inView()) {
      if (!tile?.layer) continue
      paint.begin(frame.x - origin.x, frame.y - origin.y, frame.side, tile.layer)
      for (const step of paint.steps()) {
        step()
        if (performance.now() < left) continue
        await nextFrame()
        if (turn !== this.drawing) return
        left = performance.now() + SLICE_MS
      }
      paint.end()
    }
    this.show(buffer, w, hgt, origin, zoom)
    this.host.dropped(this.inView().reduce((n, { tile }) => n + (tile?.dropped ?? 0), 0))
    this.canvas.dataset['drawn'] = String(this.runs.size === 0)
  }

  private show(buffer: HTMLCanvasElement, w: number, hgt: number, origin: L.Point, zoom: number): void {
    const { canvas } = this
    if (canvas.width !== buffer.width || canvas.height !== buffer.height) {
      canvas.width = buffer.width
      canvas.height = buffer.height
      canvas.style.width = `${w}px`
      canvas.style.height = `${hgt}px`
    }
    const context = canvas.getContext('2d')!
    context.clearRect(0, 0, canvas.width, canvas.height)
    context.drawImage(buffer, 0, 0)
    this.frame = { origin, zoom }
    L.DomUtil.setTransform(canvas, origin.subtract(this.view.map.getPixelOrigin()), 1)
  }

  /** Follows a zoom of the map until it is drawn anew. */
  private scale(e: L.ZoomAnimEvent): void {
    if (!this.active || !this.frame) return
    const { map } = this.view
    const scale = map.getZoomScale(e.zoom, this.frame.zoom)
    const half = map.getSize().divideBy(2)
    const corner = map.project(e.center, e.zoom).subtract(half).round()
    const at = this.frame.origin.multiplyBy(scale).subtract(corner)
    L.DomUtil.setTransform(this.canvas, at.add(map.containerPointToLayerPoint([0, 0])), scale)
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
    if (!found) {
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

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()))
}

/** From this radius on points have a casing. */
const CASED = 4

/** Draws the layer of one tile after the other. */
class Painter {
  /** Of the layer, by the number of a value. */
  private readonly colors = new Map<number, string>()
  private readonly stamps = new Map<string, HTMLCanvasElement>()
  private readonly colorOfValue: (value: string) => string
  private readonly radius: number
  private readonly casing: string
  private layer: TileLayer | null = null
  private x = 0
  private y = 0
  private unit = 1

  constructor(private readonly context: CanvasRenderingContext2D, private readonly ratio: number, zoom: number, model: Model) {
    const css = getComputedStyle(document.documentElement)
    const tokens = new Map(model.data!.palette.map((o) => [o.key, o.token ?? 'rest']))
    this.colorOfValue = (value) => css.getPropertyValue(`--fam-${tokens.get(model.data!.colorOf(value)) ?? 'rest'}`).trim()
    this.casing = css.getPropertyValue('--map-casing').trim()
    this.radius = zoom < 6 ? 2.4 : zoom < 9 ? 3 : zoom < 12 ? 4 : 5.5
    context.scale(ratio, ratio)
    context.lineJoin = context.lineCap = 'round'
  }

  begin(x: number, y: number, side: number, layer: TileLayer): void {
    this.layer = layer
    this.colors.clear()
    this.x = x
    this.y = y
    this.unit = side / layer.extent
    this.context.save()
    if (!layer.shapes.some((s) => s !== Shape.Point)) return
    this.context.beginPath()
    this.context.rect(x, y, side, side)
    this.context.clip()
  }

  end(): void {
    this.context.restore()
  }

  /** What is to be drawn in small steps: areas, then lines, then points. */
  *steps(): Generator<() => void> {
    const n = this.layer!.shapes.length
    for (const shape of [Shape.Area, Shape.Line, Shape.Point]) {
      if (!this.layer!.shapes.includes(shape)) continue
      for (let i = 0; i < n; i += STRIDE) yield () => this.some(shape, i, Math.min(n, i + STRIDE))
    }
  }

  private some(shape: Shape, from: number, to: number): void {
    const { shapes } = this.layer!
    for (let i = from; i < to; i++) {
      if (shapes[i] !== shape) continue
      if (shape === Shape.Point) this.points(i)
      else this.path(i, shape === Shape.Area)
    }
  }

  private points(i: number): void {
    const { coords, starts, extent } = this.layer!
    const stamp = this.stamp(this.color(i))
    const half = stamp.width / this.ratio / 2
    for (let k = starts[i]!; k < starts[i + 1]!; k += 2) {
      const x = coords[k]!
      const y = coords[k + 1]!
      // What lies in the buffer is drawn by the tile that owns it.
      if (x < 0 || y < 0 || x >= extent || y >= extent) continue
      this.context.drawImage(stamp, this.x + x * this.unit - half, this.y + y * this.unit - half, 2 * half, 2 * half)
    }
  }

  private path(i: number, area: boolean): void {
    const { context } = this
    const { coords } = this.layer!
    context.beginPath()
    eachPart(this.layer!, i, (from, to) => {
      context.moveTo(this.x + coords[from]! * this.unit, this.y + coords[from + 1]! * this.unit)
      for (let k = from + 2; k < to; k += 2) context.lineTo(this.x + coords[k]! * this.unit, this.y + coords[k + 1]! * this.unit)
      if (area) context.closePath()
    })
    const color = this.color(i)
    context.strokeStyle = color
    context.lineWidth = area ? 1 : 1.8
    if (area) {
      context.globalAlpha = 0.22
      context.fillStyle = color
      context.fill('evenodd')
      context.globalAlpha = 1
    }
    context.stroke()
  }

  private color(i: number): string {
    const v = this.layer!.values[i]!
    let color = this.colors.get(v)
    if (color === undefined) this.colors.set(v, (color = this.colorOfValue(v < 0 ? '' : this.layer!.valueText(v))))
    return color
  }

  /** A point of a colour, drawn once and then copied. */
  private stamp(color: string): HTMLCanvasElement {
    const known = this.stamps.get(color)
    if (known) return known
    const stamp = document.createElement('canvas')
    const half = Math.ceil(this.radius + 1.5)
    stamp.width = stamp.height = 2 * half * this.ratio
    const context = stamp.getContext('2d')!
    context.scale(this.ratio, this.ratio)
    const discs = [[this.radius + 0.8, this.casing], [this.radius, color]] as const
    // Where points lie dense, their casings would cover them.
    for (const [r, fill] of this.radius < CASED ? discs.slice(1) : discs) {
      context.beginPath()
      context.arc(half, half, r, 0, 2 * Math.PI)
      context.fillStyle = fill
      context.fill()
    }
    this.stamps.set(color, stamp)
    return stamp
  }
}
