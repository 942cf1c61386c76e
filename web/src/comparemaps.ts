// Maps beside each other, one for each region: at one ground scale they are zoomed and
// moved together, else each by itself.

import L from 'leaflet'
import { ApiError, fetchGroups, fetchPage, groupsUrl, membersUrl } from './api'
import { BaseMap } from './basemap'
import { basePlaces, MapNames } from './comparelabels'
import { groundScale, zoomAt } from './comparescale'
import { word } from './comparewords'
import { h, icon, setAttrs } from './dom'
import { plainNumber, roundDistance, shortCount } from './format'
import { readSigns, type Context } from './groupread'
import { MAX_ZOOM } from './groups'
import { reducedMotion } from './mapview'
import type { Model } from './model'
import { speakGroup, speakItem } from './naming'
import { placeAt } from './places'
import { boxText, quoteName } from './query'
import type { Definition } from './regions'
import type { Sign } from './signs'
import { groupDisc, symbol } from './symbols'

const MIN_ZOOM = 3
const SETTLE_MS = 160
const EDGE = 28

export class RegionMap {
  readonly el = h('div', { class: 'compare-map', attrs: { role: 'application', tabindex: '0' } })
  readonly map: L.Map
  private readonly base: BaseMap
  private readonly scaleBar = h('span', { class: 'compare-scalebar', attrs: { 'aria-hidden': 'true' } })
  private readonly marks: L.LayerGroup
  private readonly names: MapNames
  private readonly buttons: Record<'zoomIn' | 'zoomOut' | 'home', HTMLButtonElement>
  private definition: Definition | null = null
  private question = ''
  private asked: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private model: Model | null = null

  /** The signs of the region that can be opened, by their elements. */
  private readonly doors = new Map<HTMLElement, Sign>()
  private readonly listed = h('div', { class: 'compare-members', attrs: { hidden: true } })

  constructor(moved: (from: RegionMap) => void, home: () => void, private readonly opened: (id: string) => void) {
    this.map = L.map(this.el, {
      zoomControl: false, attributionControl: false, keyboard: true, zoomSnap: 0, zoomDelta: 0.5, minZoom: MIN_ZOOM, maxZoom: MAX_ZOOM,
      fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false, inertia: false, preferCanvas: true, wheelPxPerZoomLevel: 90,
    })
    // The keys of Leaflet ask for no kind of movement, so they would glide for everybody.
    if (reducedMotion()) this.map.panBy = (by) => L.Map.prototype.panBy.call(this.map, by, { animate: false })
    this.map.setView([32, 116], 5, { animate: false })
    this.base = new BaseMap(this.map)
    this.marks = L.layerGroup().addTo(this.map)
    this.names = new MapNames(this.map)
    void this.base.load()
    this.buttons = { zoomIn: button('plus', () => this.map.zoomIn(1)), zoomOut: button('minus', () => this.map.zoomOut(1)), home: button('home', home) }
    const box = h('div', { class: 'zoom-box' }, ...Object.values(this.buttons))
    L.DomEvent.disableClickPropagation(box)
    L.DomEvent.disableClickPropagation(this.listed)
    L.DomEvent.disableScrollPropagation(this.listed)
    this.el.append(this.scaleBar, box, this.listed)
    this.el.addEventListener('keydown', (e) => this.keys(e))
    this.map.on('click', () => this.unlist())
    this.map.on('move', () => moved(this))
    this.map.on('zoom', () => moved(this))
    this.map.on('moveend', () => {
      this.drawScale()
      this.later()
    })
  }

  update(m: Model, definition: Definition, query: Record<string, string>, name: string): void {
    const recoloured = this.model && this.model.theme !== m.theme
    this.model = m
    for (const [key, b] of Object.entries(this.buttons)) {
      const text = word(m.lang, key as 'home', { name })
      setAttrs(b, { 'aria-label': text, title: text, 'data-focus': `${key} ${definition.id}` })
    }
    if (recoloured) this.base.recolour()
    this.light()
    this.drawScale()
    if (this.definition?.id !== definition.id) {
      this.definition = definition
      this.base.showRegions([definition])
    }
    const question = JSON.stringify(query)
    if (question !== this.question) {
      this.question = question
      this.unlist()
      this.later()
    }
  }

  /** The coarsest ground scale, in metres to a pixel, that shows the region whole. */
  scale(): number {
    const box = this.definition?.box
    if (!box) return groundScale(5, 32)
    const zoom = this.map.getBoundsZoom([[box[1], box[0]], [box[3], box[2]]], false, L.point(EDGE, EDGE))
    return groundScale(zoom, (box[1] + box[3]) / 2)
  }

  /** Shows the region at a ground scale. */
  home(scale: number): void {
    const box = this.definition?.box
    if (!box) return
    const lat = (box[1] + box[3]) / 2
    this.map.setView([lat, (box[0] + box[2]) / 2], zoomAt(scale, lat), { animate: false })
  }

  close(): void {
    clearTimeout(this.timer)
    this.asked?.abort()
    this.map.remove()
  }

  /** True at the middle of the map, as on the map of the page. */
  private drawScale(): void {
    const perPixel = groundScale(this.map.getZoom(), this.map.getCenter().lat)
    const metres = roundDistance(perPixel, 110)
    const km = metres >= 1000
    this.scaleBar.textContent = `${plainNumber(km ? metres / 1000 : metres)} ${this.model?.t(km ? 'km' : 'metre') ?? ''}`
    this.scaleBar.style.width = `${metres / perPixel}px`
  }

  private later(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.ask(), SETTLE_MS)
  }

  /** Groups inside the region and, faint, outside of it. */
  private async ask(): Promise<void> {
    const m = this.model
    if (!m?.data || !this.definition) return
    this.asked?.abort()
    const run = (this.asked = new AbortController())
    const { filter, ...rest } = JSON.parse(this.question) as Record<string, string>
    const inside = `A_CONTAINS(${quoteName('regions')},('${this.definition.id}'))`
    const b = this.map.getBounds()
    const common = { ...rest, zoom: String(Math.max(0, Math.round(this.map.getZoom()))), bbox: boxText([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]) }
    const id = m.data.id
    const one = (condition: string) => fetchGroups(groupsUrl(id, { ...common, filter: filter ? `(${filter}) AND ${condition}` : condition }), run.signal)
    try {
      const [own, others, places] = await Promise.all([one(inside), one(`NOT ${inside}`), basePlaces()])
      if (run.signal.aborted) return
      const at: Context = { data: m.data, middle: this.map.getCenter().lng, members: (group) => membersUrl(id, group), placeAt: (lat, lon, box) => placeAt(places, lat, lon, box) }
      const [inner, outer] = [readSigns(own, at), readSigns(others, at)]
      const focused = document.activeElement instanceof HTMLElement ? this.doors.get(document.activeElement)?.key : undefined
      this.marks.clearLayers()
      this.doors.clear()
      for (const s of outer) this.draw(m, s, true)
      for (const s of inner) this.draw(m, s, false)
      this.light()
      if (focused !== undefined) ([...this.doors].find(([, s]) => s.key === focused)?.[0] ?? this.el).focus({ preventScroll: true })
      this.names.draw(m, inner, outer, places)
      this.el.dataset['drawn'] = String(own.reduce((n, f) => n + (typeof f.properties['count'] === 'number' ? f.properties['count'] : 1), 0))
    } catch (err) {
      if (!run.signal.aborted && !(err instanceof ApiError)) throw err
    }
  }

  private draw(m: Model, s: Sign, faint: boolean): void {
    const item = s.items[0]
    const tokens = new Map(m.data!.palette.map((o) => [o.key, o.token ?? 'rest']))
    const drawn = s.kind === 'group' || !item
      ? groupDisc(s.n, s.parts.map((p) => ({ token: tokens.get(p.key) ?? 'rest', n: p.n })), shortCount(s.n, m.lang))
      : symbol(item.shape, item.drawing, tokens.get(item.color) ?? null)
    const name = item ? speakItem(item, m) : speakGroup(s, m)
    const door = { role: 'button', tabindex: '-1', 'aria-label': name, 'aria-haspopup': 'dialog', 'data-focus': `mark ${this.definition!.id} ${s.key}`, 'data-mark': item?.id }
    const el = h('span', { class: `compare-mark${faint ? ' is-faint' : ''}`, attrs: { title: name, ...(faint ? {} : door) } })
    el.append(drawn)
    const marker = L.marker([s.lat, s.lon], { icon: L.divIcon({ html: el, className: 'mark-icon', iconSize: [0, 0] }), interactive: !faint, keyboard: false })
    if (!faint) {
      this.doors.set(el, s)
      marker.on('click', () => void this.press(s))
    }
    marker.addTo(this.marks)
  }

  /** Opens a feature, a group at the zoom where it parts, and what never parts as a list. */
  private async press(s: Sign): Promise<void> {
    const item = s.items[0]
    if (item) return this.opened(item.id)
    const zoom = s.split()
    if (zoom !== null) {
      this.map.setView([s.lat, s.lon], Math.min(zoom, MAX_ZOOM), { animate: false })
      return
    }
    const m = this.model
    if (!m?.data || s.members === null) return
    try {
      const page = await fetchPage(s.members)
      if (this.model?.data !== m.data) return
      const items = page.features.map((f) => m.data!.item(f))
      this.listed.replaceChildren(
        h('span', { class: 'compare-members-head' }, word(m.lang, 'members', { n: page.matched }), h('button', { class: 'tool', attrs: { type: 'button', 'aria-label': word(m.lang, 'close') }, on: { click: () => this.unlist() } }, icon('close'))),
        ...items.map((it) => h('button', { class: 'link', text: m.of(it.name), attrs: { type: 'button', 'data-focus': `member ${this.definition?.id} ${it.id}` }, on: { click: () => this.opened(it.id) } })))
      this.listed.hidden = false
      this.listed.querySelector<HTMLElement>('.link')?.focus({ preventScroll: true })
    } catch (err) {
      if (!(err instanceof ApiError)) throw err
    }
  }

  private unlist(): void {
    if (this.listed.hidden) return
    if (this.listed.contains(document.activeElement)) this.el.focus({ preventScroll: true })
    this.listed.hidden = true
  }

  private light(): void {
    const id = this.model?.selected?.id
    for (const [el, s] of this.doors) el.classList.toggle('is-selected', id !== undefined && s.items.some((it) => it.id === id))
  }

  /** n and p go from mark to mark, by distance from the middle. */
  private keys(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const on = e.target instanceof HTMLElement ? this.doors.get(e.target) : undefined
    const by = { n: 1, p: -1 }[e.key.toLowerCase()]
    if (by !== undefined) this.step(e.target as HTMLElement, by)
    else if (on && (e.key === 'Enter' || e.key === ' ')) void this.press(on)
    else if (e.key === 'Escape' && !this.listed.hidden) this.unlist()
    else if (on && e.key === 'Escape') this.el.focus({ preventScroll: true })
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  private step(from: HTMLElement, by: number): void {
    const size = this.map.getSize()
    const middle = size.divideBy(2)
    const all = [...this.doors].map(([el, s]) => ({ el, at: this.map.latLngToContainerPoint([s.lat, s.lon]) }))
      .filter(({ at }) => at.x >= 0 && at.y >= 0 && at.x <= size.x && at.y <= size.y)
      .sort((a, b) => a.at.distanceTo(middle) - b.at.distanceTo(middle)).map(({ el }) => el)
    const at = all.indexOf(from)
    all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]?.focus({ preventScroll: true })
  }
}

function button(name: 'plus' | 'minus' | 'home', press: () => void): HTMLButtonElement {
  return h('button', { class: 'tool', attrs: { type: 'button' }, on: { click: press } }, icon(name))
}

/** Keeps maps together while it is on. */
export class Together {
  private maps: RegionMap[] = []
  private busy = false
  private readonly last = new Map<RegionMap, L.LatLng>()
  on = true

  set(maps: RegionMap[]): void {
    this.maps = maps
    this.remember()
  }

  /** All regions whole, at one ground scale or each at its own. */
  home(): void {
    this.quietly(() => {
      const most = Math.max(...this.maps.map((m) => m.scale()))
      for (const m of this.maps) m.home(this.on ? most : m.scale())
    })
  }

  /** Follows one map with the others: the same ground distance, the same ground scale. */
  follow(from: RegionMap): void {
    if (this.busy || !this.on) return
    const before = this.last.get(from)
    const now = from.map.getCenter()
    if (!before) return
    const scale = groundScale(from.map.getZoom(), now.lat)
    this.quietly(() => {
      const north = now.lat - before.lat
      const east = (now.lng - before.lng) * Math.cos((now.lat * Math.PI) / 180)
      for (const m of this.maps) {
        if (m === from) continue
        const c = m.map.getCenter()
        const lat = Math.max(-80, Math.min(80, c.lat + north))
        m.map.setView([lat, c.lng + east / Math.cos((lat * Math.PI) / 180)], zoomAt(scale, lat), { animate: false })
      }
    })
  }

  private quietly(act: () => void): void {
    this.busy = true
    act()
    this.busy = false
    this.remember()
  }

  private remember(): void {
    for (const m of this.maps) this.last.set(m, m.map.getCenter())
  }
}
