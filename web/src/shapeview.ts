// Lines and areas of a collection, drawn below the symbols on a canvas of their
// own. Each also has a symbol, so that keyboard and screen reader reach it.

import L from 'leaflet'
import type { Item } from './dataset'
import type { Geometry, Position } from './geojson'
import type { MapView } from './mapview'
import type { Model } from './model'
import type { Store } from './state'

interface Drawn {
  paths: L.Path[]
  area: boolean
}

export class ShapeView {
  private readonly renderer: L.Canvas
  private readonly drawn = new Map<string, Drawn>()
  private model: Model | null = null

  constructor(private readonly view: MapView, private readonly store: Store) {
    view.map.createPane('features').classList.add('features-pane')
    this.renderer = L.canvas({ pane: 'features', padding: 0.3, tolerance: 6 })
  }

  update(m: Model): void {
    const before = this.model
    this.model = m
    if (before?.data !== m.data) this.clear()
    // Of a collection that the server keeps, tiles draw all but what is selected.
    const shown = m.data?.remote ? (m.selected ? [m.selected] : []) : (m.result?.visible ?? [])
    const ids = new Set(shown.map((it) => it.id))
    for (const [id, d] of this.drawn) {
      if (!ids.has(id)) this.drop(id, d)
    }
    for (const item of shown) {
      if (!this.drawn.has(item.id)) this.draw(item)
      this.dress(item, m)
    }
  }

  private draw(item: Item): void {
    const paths = pathsOf(item.geometry, this.renderer)
    if (paths.length === 0) return
    for (const p of paths) {
      p.addTo(this.view.map)
      p.on('click', (e) => {
        L.DomEvent.stopPropagation(e)
        this.store.set({ selected: item.id, group: null })
      })
      p.on('mouseover', () => this.store.set({ hover: item.id }))
      p.on('mouseout', () => this.store.set({ hover: null }))
    }
    this.drawn.set(item.id, { paths, area: paths.some((p) => p instanceof L.Polygon) })
  }

  private dress(item: Item, m: Model): void {
    const d = this.drawn.get(item.id)
    if (!d) return
    const css = getComputedStyle(document.documentElement)
    const chosen = m.state.selected === item.id
    const color = css.getPropertyValue(`--fam-${m.token(item)}`).trim()
    for (const p of d.paths) {
      p.setStyle({
        color: chosen ? css.getPropertyValue('--ink').trim() : color, weight: chosen ? 3.5 : d.area ? 1.5 : 2.5, opacity: 0.95,
        fill: p instanceof L.Polygon, fillColor: color, fillOpacity: chosen ? 0.35 : 0.22,
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

function pathsOf(g: Geometry | null, renderer: L.Canvas): L.Path[] {
  if (!g) return []
  const flip = (line: Position[]) => line.map(([lon, lat]): L.LatLngTuple => [lat, lon])
  const options = { renderer, smoothFactor: 1 }
  switch (g.type) {
    case 'LineString':
      return [L.polyline(flip(g.coordinates), options)]
    case 'MultiLineString':
      return [L.polyline(g.coordinates.map(flip), options)]
    case 'Polygon':
      return [L.polygon(g.coordinates.map(flip), options)]
    case 'MultiPolygon':
      return [L.polygon(g.coordinates.map((rings) => rings.map(flip)), options)]
    case 'GeometryCollection':
      return g.geometries.flatMap((part) => pathsOf(part, renderer))
    default:
      return []
  }
}
