// The rows of a reader's tables on the map: dots on a canvas of their own, in the
// colour of the table, and for the row that is looked at a pin that can be moved, with
// the places that were rejected as numbers around it.

import L from 'leaflet'
import { h, svg } from './dom'
import { LaterCanvas } from './latercanvas'
import type { MapView } from './mapview'
import { dotRadius, near, others, type Alternative, type LonLat, type Row } from './table'
import type { Table } from './tables'

/** How near to a dot a press counts, in pixels: with a mouse and with a finger. */
const REACH = 8
const REACH_TOUCH = 18
/** Dots that are this near to each other are at one point. */
const SAME = 2

/** Pixels around a pin in which nothing should cover it. */
export const PIN_ROOM = 90

/** What the map is asked to show of the row that is looked at. */
export interface Shown {
  table: Table
  row: Row
  /** Spoken of the pin. */
  label: string
  hint: string
}

interface Acts {
  pick(table: Table, rows: Row[]): void
  choose(alternative: Alternative): void
  /** The pin was moved by keys, and is not set yet. */
  moving(at: LonLat): void
  /** null: it is back where it was. */
  moved(at: LonLat | null): void
}

interface Dot {
  table: Table
  row: Row
  at: LonLat
}

export class TableLayer {
  private readonly renderer: L.Canvas
  private readonly group = L.layerGroup()
  private readonly others = L.layerGroup()
  private dots: Dot[] = []
  private drawn = ''
  private pin: { marker: L.Marker; key: string; at: LonLat } | null = null

  constructor(private readonly view: MapView, private readonly acts: Acts) {
    const { map } = view
    map.createPane('tables').classList.add('tables-pane')
    map.createPane('pins').classList.add('pins-pane')
    this.renderer = new LaterCanvas({ pane: 'tables', padding: 0.3 })
    this.group.addTo(map)
    this.others.addTo(map)
    const root = map.getContainer()
    // Before Leaflet hears of it: what lies below the dots is not meant.
    root.addEventListener('click', (e) => this.pressed(e), true)
    root.addEventListener('mousemove', (e) => root.classList.toggle('is-over-row', this.hits(e).length > 0))
  }

  /** Draws the rows of all tables; key changes with them, with the theme and with corrections. */
  draw(tables: Table[], key: string): void {
    if (key === this.drawn) return
    this.drawn = key
    this.dots = tables.flatMap((table) => (table.answer?.rows ?? []).flatMap((row) => pointsOf(table, row).map((at) => ({ table, row, at }))))
    this.group.clearLayers()
    const css = getComputedStyle(document.documentElement)
    const casing = css.getPropertyValue('--map-casing').trim()
    for (const { table, at, n, sure } of stacked(this.dots)) {
      const color = css.getPropertyValue(`--own-${table.colour}`).trim()
      // What is sure is filled; what a person should look at is hollow.
      const look = sure ? { fillColor: color, color: casing, weight: 1.5 } : { fillColor: casing, color, weight: 2.5 }
      L.circleMarker([at[1], at[0]], { renderer: this.renderer, interactive: false, radius: dotRadius(n) - (sure ? 0 : 0.5), fillOpacity: 1, opacity: 1, ...look }).addTo(this.group)
    }
  }

  /** The box of the rows of a table, or null where none is on the map. */
  boundsOf(table: Table): L.LatLngBounds | null {
    const at = this.dots.filter((d) => d.table === table).map((d): L.LatLngTuple => [d.at[1], d.at[0]])
    return at.length > 0 ? L.latLngBounds(at) : null
  }

  /** Shows the pin of a row, or none. at is where the row is on the map now. */
  select(shown: Shown | null, at: LonLat | null): void {
    this.others.clearLayers()
    if (!shown || !at) {
      this.pin?.marker.remove()
      this.pin = null
      return
    }
    others(shown.row).forEach((a, i) => this.putAlternative(shown.table, a, i))
    const key = `${shown.table.id} ${shown.row.key}`
    if (this.pin?.key !== key) {
      this.pin?.marker.remove()
      this.pin = { marker: this.makePin(at), key, at }
    }
    this.pin.at = at
    this.pin.marker.setLatLng([at[1], at[0]])
    this.dress(this.pin.marker.getElement()!, shown)
  }

  /** Gives the pin the keyboard. */
  focusPin(): void {
    this.pin?.marker.getElement()?.focus({ preventScroll: true })
  }

  private dress(el: HTMLElement, shown: Shown): void {
    el.style.setProperty('--c', `var(--own-${shown.table.colour})`)
    el.setAttribute('aria-label', shown.label)
    el.title = shown.hint
  }

  private makePin(at: LonLat): L.Marker {
    const icon = L.divIcon({ className: 'row-pin', html: pinDrawing(), iconSize: [34, 42], iconAnchor: [17, 40] })
    const marker = L.marker([at[1], at[0]], { icon, pane: 'pins', draggable: true, autoPan: true, keyboard: false })
    marker.on('dragend', () => this.acts.moved(lonLat(marker)))
    marker.addTo(this.view.map)
    const el = marker.getElement()!
    el.setAttribute('role', 'button')
    el.setAttribute('data-testid', 'row-pin')
    el.tabIndex = 0
    el.addEventListener('keydown', (e) => this.keys(e, marker))
    el.addEventListener('click', (e) => e.stopPropagation())
    return marker
  }

  private keys(e: KeyboardEvent, marker: L.Marker): void {
    if (e.ctrlKey || e.metaKey) return
    const step = e.shiftKey ? 40 : e.altKey ? 1 : 8
    const by = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] } as Record<string, [number, number]>)[e.key]
    const { map } = this.view
    if (by) {
      marker.setLatLng(map.containerPointToLatLng(map.latLngToContainerPoint(marker.getLatLng()).add(by)))
      const [lon, lat] = lonLat(marker)
      this.view.reveal(lat, lon, PIN_ROOM)
      this.acts.moving([lon, lat])
    } else if (e.key === 'Enter' || e.key === ' ') this.acts.moved(lonLat(marker))
    else if (e.key === 'Escape') {
      marker.setLatLng([this.pin!.at[1], this.pin!.at[0]])
      this.acts.moved(null)
    } else return
    e.preventDefault()
    e.stopPropagation()
  }

  /** Where the pin is now. */
  pinAt(): LonLat | null {
    return this.pin ? lonLat(this.pin.marker) : null
  }

  private putAlternative(table: Table, a: Alternative, i: number): void {
    if (!a.point) return
    const el = h('span', { class: 'row-other', text: String(i + 1), attrs: { 'aria-hidden': 'true', title: a.name.zh } })
    el.style.setProperty('--c', `var(--own-${table.colour})`)
    L.marker([a.point[1], a.point[0]], { icon: L.divIcon({ className: 'row-other-icon', html: el, iconSize: [0, 0] }), pane: 'pins', keyboard: false })
      .on('click', () => this.acts.choose(a)).addTo(this.others)
  }

  private pressed(e: MouseEvent): void {
    const moved = (this.view.map.dragging as unknown as { moved(): boolean }).moved()
    const hits = moved ? [] : this.hits(e)
    if (hits.length === 0) return
    e.stopPropagation()
    const { table } = hits[0]!
    this.acts.pick(table, [...new Set(hits.filter((d) => d.table === table).map((d) => d.row))])
  }

  /** The dots at one point below the pointer, the nearest. */
  private hits(e: MouseEvent): Dot[] {
    if (this.dots.length === 0 || (e.target as Element).closest('.mark, .row-pin, .row-other, button, a') !== null) return []
    const { map } = this.view
    const at = map.mouseEventToContainerPoint(e)
    const reach = matchMedia('(pointer: coarse)').matches ? REACH_TOUCH : REACH
    const placed = this.dots.map((dot) => {
      const p = map.latLngToContainerPoint([dot.at[1], dot.at[0]])
      return { x: p.x, y: p.y, dot }
    })
    const nearest = near(placed, at.x, at.y, reach)[0]
    return nearest ? near(placed, nearest.x, nearest.y, SAME).map((p) => p.dot) : []
  }
}

/** Where a row is on the map: where a person wants it, else where the server put it. */
export function pointsOf(table: Table, row: Row): LonLat[] {
  const wanted = table.pending.get(row.key)
  return wanted ? [wanted] : row.points
}

interface Stack {
  table: Table
  at: LonLat
  n: number
  /** Nobody has to look at any of its rows. */
  sure: boolean
}

/** The rows of a table at one point as one dot; the larger ones first, so that none is hidden. */
function stacked(dots: Dot[]): Stack[] {
  const all = new Map<string, Stack>()
  for (const { table, row, at } of dots) {
    const key = `${table.id} ${at[0]} ${at[1]}`
    const one = all.get(key) ?? { table, at, n: 0, sure: true }
    one.n++
    one.sure &&= row.standing === 'certain'
    all.set(key, one)
  }
  return [...all.values()].sort((a, b) => b.n - a.n)
}

function lonLat(marker: L.Marker): LonLat {
  const { lat, lng } = marker.getLatLng().wrap()
  return [Number(lng.toFixed(6)), Number(lat.toFixed(6))]
}

function pinDrawing(): HTMLElement {
  const drawing = svg('svg', { viewBox: '-17 -40 34 42', width: 34, height: 42, 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { class: 'pin-casing', d: 'M0 0C-4-9-13-14-13-25a13 13 0 0 1 26 0C13-14 4-9 0 0z' }),
    svg('path', { class: 'pin-fill', d: 'M0-2C-4-10-11-15-11-25a11 11 0 0 1 22 0C11-15 4-10 0-2z' }),
    svg('circle', { class: 'pin-eye', cx: 0, cy: -25, r: 4.5 }))
  const box = h('span')
  box.append(drawing)
  return box
}
