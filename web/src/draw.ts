// Drawing an area on the map with mouse, pen or finger: a pane above the symbols takes
// the drag, and what would be taken is shown while it goes on.

import L from 'leaflet'
import { boxArea, circleArea, lassoArea, outlineOf, type Area } from './area'
import { h } from './dom'
import { distance, type LonLat } from './geodesic'
import { thinnedTo } from './lasso'
import type { MapView } from './mapview'

export type Tool = 'box' | 'lasso' | 'circle'

interface Told {
  /** What was drawn; null where it encloses nothing. */
  drawn(area: Area | null): void
  cancelled(): void
  /** Words for what is being drawn. */
  words(area: Area): string
}

/** Pixels that a drag has at least, and between the points of a line. */
const LEAST = 6
const STEP = 3
/** How far a line may be from that drawn, in pixels, and the most vertices it keeps. */
const TOLERANCE = 1.5
const MOST = 80

export class DrawTool {
  private readonly pane = h('div', { class: 'draw-pane', attrs: { 'data-testid': 'draw-pane' } })
  private readonly word = h('div', { class: 'draw-word', attrs: { 'aria-hidden': 'true' } })
  private shape: L.Polygon | null = null
  private tool: Tool | null = null

  constructor(private readonly view: MapView, private readonly renderer: L.Renderer, private readonly told: Told) {
    for (const type of ['mousedown', 'touchstart', 'click', 'dblclick', 'contextmenu'] as const) this.pane.addEventListener(type, (e) => e.stopPropagation())
    this.pane.addEventListener('pointerdown', (e) => this.down(e))
    document.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || this.tool === null) return
      e.stopPropagation()
      this.told.cancelled()
    }, true)
  }

  get active(): Tool | null {
    return this.tool
  }

  start(tool: Tool): void {
    this.tool = tool
    this.view.map.getContainer().append(this.pane)
  }

  stop(): void {
    this.tool = null
    this.clear()
    this.pane.remove()
  }

  private clear(): void {
    this.shape?.remove()
    this.shape = null
    this.word.remove()
  }

  private down(first: PointerEvent): void {
    const { tool } = this
    if (tool === null || first.button !== 0) return
    first.preventDefault()
    first.stopPropagation()
    this.pane.setPointerCapture(first.pointerId)
    const from = this.at(first)
    const line: L.Point[] = [from]
    const move = (e: PointerEvent) => {
      if (e.pointerId !== first.pointerId) return
      const to = this.at(e)
      if (tool !== 'lasso') line[1] = to
      else if (to.distanceTo(line.at(-1)!) >= STEP) line.push(to)
      this.show(this.areaOf(tool, line), to)
    }
    const end = (e: PointerEvent) => {
      if (e.pointerId !== first.pointerId) return
      for (const [type, f] of listeners) this.pane.removeEventListener(type, f)
      this.clear()
      if (e.type === 'pointercancel' || this.tool !== tool) return
      if (line.some((p) => p.distanceTo(from) >= LEAST)) this.told.drawn(this.areaOf(tool, line))
    }
    const listeners = [['pointermove', move], ['pointerup', end], ['pointercancel', end]] as const
    for (const [type, f] of listeners) this.pane.addEventListener(type, f)
  }

  private at(e: PointerEvent): L.Point {
    return this.view.map.mouseEventToContainerPoint(e)
  }

  private areaOf(tool: Tool, points: L.Point[]): Area | null {
    const to = (p: L.Point): LonLat => {
      const { lat, lng } = this.view.map.containerPointToLatLng(p)
      return [lng, Math.max(-90, Math.min(90, lat))]
    }
    const [from, last] = [to(points[0]!), to(points.at(-1)!)]
    switch (tool) {
      case 'box':
        return boxArea([Math.min(from[0], last[0]), Math.min(from[1], last[1]), Math.max(from[0], last[0]), Math.max(from[1], last[1])])
      case 'circle':
        return circleArea(from, roundKm(distance(from, last) / 1000))
      case 'lasso': {
        const kept = thinnedTo(points.map((p): LonLat => [p.x, p.y]), MOST, TOLERANCE)
        return lassoArea(kept.map(([x, y]) => to(L.point(x, y))))
      }
    }
  }

  private show(area: Area | null, at: L.Point): void {
    const ring = area && outlineOf(area)
    if (!area || !ring) return
    const middle = this.view.map.getCenter().lng
    const by = Math.round((middle - ring[0]![0]) / 360) * 360
    const latlngs = ring.map(([x, y]): L.LatLngTuple => [y, x + by])
    if (this.shape) this.shape.setLatLngs(latlngs)
    else this.shape = L.polygon(latlngs, { renderer: this.renderer, className: 'selection-line is-drawing', interactive: false }).addTo(this.view.map)
    this.word.textContent = this.told.words(area)
    this.word.style.transform = `translate(${at.x + 14}px, ${at.y + 14}px)`
    if (!this.word.isConnected) this.pane.append(this.word)
  }
}

/** A radius with three digits. */
function roundKm(km: number): number {
  return Number(km.toPrecision(3))
}
