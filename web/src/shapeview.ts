// Lines and areas of a collection, drawn below the symbols on a canvas of their own,
// and its points where they have no symbol each. Each also has a symbol, or is reached
// by the cursor, so that keyboard and screen reader reach it.

import L from 'leaflet'
import { litTest } from './brush'
import type { Item } from './dataset'
import { h } from './dom'
import { boxOf, shifted, type Geometry, type Position } from './geojson'
import type { MapView } from './mapview'
import type { Model } from './model'
import { drawnOf } from './showas'
import type { Store } from './state'

interface Drawn {
  paths: L.Path[]
  area: boolean
  look: string
}

export class ShapeView {
  private readonly renderer: L.Canvas
  private readonly drawn = new Map<string, Drawn>()
  private model: Model | null = null
  private dots = false
  private shown: Item[] = []
  private lit: Model['state']['lit'] = null

  constructor(private readonly view: MapView, private readonly store: Store) {
    view.map.createPane('features').classList.add('features-pane')
    this.renderer = L.canvas({ pane: 'features', padding: 0.3, tolerance: 6 })
  }

  update(m: Model): void {
    const before = this.model
    this.model = m
    const drawn = drawnOf(m)
    if (before?.data !== m.data || this.dots !== (drawn === 'dots')) this.clear()
    this.dots = drawn === 'dots'
    // Where tiles or areas draw the collection, only what is selected is drawn as itself.
    const whole = drawn === 'marks' || drawn === 'dots'
    const shown = whole ? (m.result?.visible ?? []) : m.selected ? [m.selected] : []
    const ids = new Set(shown.map((it) => it.id))
    for (const [id, d] of this.drawn) {
      if (!ids.has(id)) this.drop(id, d)
    }
    const css = getComputedStyle(document.documentElement)
    const color = (name: string) => css.getPropertyValue(name).trim()
    for (const item of shown) if (!this.drawn.has(item.id)) this.draw(item)
    this.shown = shown
    this.dressAll(m, color)
  }

  /** Fades what has not what the reader points at. */
  light(m: Model): void {
    if (this.lit === m.state.lit) return
    const css = getComputedStyle(document.documentElement)
    this.dressAll(m, (name) => css.getPropertyValue(name).trim())
  }

  private dressAll(m: Model, color: (name: string) => string): void {
    this.lit = m.state.lit
    const test = litTest(m.state.lit, m.data, m.defs)
    for (const item of this.shown) this.dress(item, m, color, test !== null && !test(item))
  }

  private draw(item: Item): void {
    const paths = copiesOf(item.geometry).flatMap((g) => pathsOf(g, this.renderer, this.dots))
    if (paths.length === 0) return
    for (const p of paths) {
      p.addTo(this.view.map)
      p.on('click', (e) => {
        L.DomEvent.stopPropagation(e)
        this.store.set({ selected: item.id, group: null })
      })
      p.on('mouseover', () => this.store.set({ hover: item.id }))
      p.on('mouseout', () => this.store.set({ hover: null }))
      if (this.dots) p.bindTooltip(() => h('span', { text: this.model?.of(item.name) ?? '' }), { sticky: true, className: 'tile-tip', opacity: 1 })
    }
    this.drawn.set(item.id, { paths, area: paths.some((p) => p instanceof L.Polygon), look: '' })
  }

  private dress(item: Item, m: Model, color: (name: string) => string, faded: boolean): void {
    const d = this.drawn.get(item.id)
    const chosen = m.state.selected === item.id
    const look = `${m.theme} ${m.token(item)} ${chosen} ${faded}`
    if (!d || d.look === look) return
    d.look = look
    const own = color(`--fam-${m.token(item)}`)
    for (const p of d.paths) {
      if (p instanceof L.CircleMarker) {
        p.setStyle({ color: color('--map-casing'), weight: 0.8, opacity: faded ? FADED : 1, fill: true, fillColor: own, fillOpacity: faded ? FADED : 1 })
        continue
      }
      p.setStyle({
        color: chosen ? color('--ink') : own, weight: chosen ? 3.5 : d.area ? 1.5 : 2.5, opacity: faded ? FADED : 0.95,
        fill: p instanceof L.Polygon, fillColor: own, fillOpacity: faded ? 0.04 : chosen ? 0.35 : 0.22,
      })
      if (chosen) p.bringToFront()
    }
  }

  private drop(id: string, d: Drawn): void {
    for (const p of d.paths) p.remove()
    this.drawn.delete(id)
  }

  private clear(): void {
    for (const [id, d] of this.drawn) this.drop(id, d)
  }
}

/** How much of what does not have what the reader points at is seen. */
const FADED = 0.2

/** Longitudes beyond this, east and west, are drawn on the other side of 180 degrees too. */
const NEAR_EDGE = 120

/** A geometry, and again on the other side of 180 degrees where it lies near. */
function copiesOf(g: Geometry | null): Geometry[] {
  const box = boxOf([g])
  if (!g || !box) return []
  const shift = box[0] > NEAR_EDGE ? -360 : box[2] < -NEAR_EDGE ? 360 : 0
  return shift === 0 ? [g] : [g, shifted(g, shift)]
}

/** Pixels of the radius of a dot. */
const DOT = 4

function pathsOf(g: Geometry | null, renderer: L.Canvas, dots: boolean): L.Path[] {
  if (!g) return []
  const flip = (line: Position[]) => line.map(([lon, lat]): L.LatLngTuple => [lat, lon])
  const options = { renderer, smoothFactor: 1 }
  const dot = (at: Position) => (dots ? [L.circleMarker([at[1], at[0]], { renderer, radius: DOT })] : [])
  switch (g.type) {
    case 'Point':
      return dot(g.coordinates)
    case 'MultiPoint':
      return g.coordinates.flatMap(dot)
    case 'LineString':
      return [L.polyline(flip(g.coordinates), options)]
    case 'MultiLineString':
      return [L.polyline(g.coordinates.map(flip), options)]
    case 'Polygon':
      return [L.polygon(g.coordinates.map(flip), options)]
    case 'MultiPolygon':
      return [L.polygon(g.coordinates.map((rings) => rings.map(flip)), options)]
    case 'GeometryCollection':
      return g.geometries.flatMap((part) => pathsOf(part, renderer, dots))
  }
}
