// Areas and cells of a shaded map: outlines on a canvas of their own, filled by
// class. The classes are those of the areas in the answer.

import L from 'leaflet'
import { classAt, classesOf, stepOf, type Class } from './classes'
import { h } from './dom'
import { inSlices } from './frames'
import type { Geometry, Position } from './geojson'
import { near, type Area } from './groupread'
import type { MapView } from './mapview'
import type { Store } from './state'

interface Drawn {
  path: L.Polygon
  area: Area
  look: string
}

export class AreaView {
  classes: Class[] = []
  private readonly renderer: L.Canvas
  private readonly drawn = new Map<string, Drawn>()
  private areas: Area[] = []
  private lit: string | null = null
  private faded: ((area: Area) => boolean) | null = null
  /** Counts what was shown; an older answer is not drawn to its end. */
  private turn = 0

  /** speak is what is said of an area. */
  constructor(private readonly view: MapView, private readonly store: Store, private readonly speak: (area: Area) => string) {
    view.map.createPane('areas').classList.add('areas-pane')
    this.renderer = L.canvas({ pane: 'areas', padding: 0.3 })
  }

  /** Shows these areas and no others. */
  show(areas: Area[]): void {
    this.areas = areas
    this.classes = classesOf(areas.filter((a) => a.geometry !== null).map((a) => a.n))
    const keys = new Set(areas.map((a) => a.key))
    for (const [key, d] of this.drawn) {
      if (keys.has(key)) continue
      d.path.remove()
      this.drawn.delete(key)
    }
    const turn = ++this.turn
    void inSlices(areas, (area) => area.geometry && this.put(area), () => turn === this.turn)
  }

  /** How many features the areas stand for. */
  get held(): number {
    return this.areas.reduce((n, a) => n + a.n, 0)
  }

  byKey(key: string): Area | undefined {
    return this.areas.find((a) => a.key === key)
  }

  /** The areas whose middle the free part of the map shows, nearest to its middle first. */
  targets(): Area[] {
    return this.view.nearMiddle(this.areas)
  }

  /** Marks the area that is open, by an ink line. */
  select(key: string | null): void {
    if (key === this.lit) return
    this.lit = key
    this.recolour()
  }

  /** Fades the areas without what the reader points at; null fades none. */
  fade(faded: ((area: Area) => boolean) | null): void {
    if (this.faded === faded) return
    this.faded = faded
    this.recolour()
  }

  /** Takes the colours of the theme in force. */
  recolour(): void {
    for (const d of this.drawn.values()) d.path.setStyle(this.style(d.area))
    if (this.lit !== null) this.drawn.get(this.lit)?.path.bringToFront()
  }

  private put(area: Area): void {
    const old = this.drawn.get(area.key)
    const look = JSON.stringify([area.n, area.box, Math.round(area.lon / 360)])
    if (old && old.look === look) {
      old.area = area
      old.path.setStyle(this.style(area))
      return
    }
    old?.path.remove()
    const path = L.polygon(ringsOf(area.geometry!, area.lon), { renderer: this.renderer, smoothFactor: 0.6, ...this.style(area) })
    path.on('click', (e) => {
      L.DomEvent.stopPropagation(e)
      const { group } = this.store.state
      this.store.set({ group: group === area.key ? null : area.key, selected: null })
    })
    path.on('mouseover', () => this.store.set({ over: area.parts.map((p) => p.key) }))
    path.on('mouseout', () => this.store.set({ over: null }))
    path.bindTooltip(() => h('span', { text: this.speak(area) }), { sticky: true, className: 'tile-tip', opacity: 1 })
    path.addTo(this.view.map)
    this.drawn.set(area.key, { path, area, look })
  }

  private style(area: Area): L.PathOptions {
    const css = getComputedStyle(document.documentElement)
    const step = stepOf(classAt(this.classes, area.n), this.classes.length)
    const lit = area.key === this.lit
    const faded = this.faded?.(area) === true
    return {
      fill: true, fillColor: css.getPropertyValue(`--seq-${step}`).trim(), fillOpacity: faded ? 0.15 : 0.92,
      stroke: true, color: css.getPropertyValue(lit ? '--ink' : '--map-casing').trim(), weight: lit ? 2.5 : 0.8, opacity: lit ? 1 : 0.7,
    }
  }
}

function ringsOf(g: Geometry, middle: number): L.LatLngTuple[][][] {
  const ring = (r: Position[]) => r.map(([lon, lat]): L.LatLngTuple => [lat, near(lon, middle)])
  if (g.type === 'Polygon') return [g.coordinates.map(ring)]
  return g.type === 'MultiPolygon' ? g.coordinates.map((rings) => rings.map(ring)) : []
}
