// The Leaflet map: position, flights, the frame around it (zoom, scale, credit)
// and the free part of it that card and sheet leave.

import L from 'leaflet'
import { areaBox } from './area'
import { BaseMap } from './basemap'
import { h, icon, setAttrs } from './dom'
import { clampInsets, type Insets } from './fit'
import { afterFrame } from './frames'
import { plainNumber, roundDistance } from './format'
import { EAST_END, type Box } from './geojson'
import { MAX_ZOOM } from './groups'
import type { Model } from './model'
import { definitionOf } from './regions'
import type { Key, Store, View } from './state'

const MIN_ZOOM = 2
/** Eastern China with its three concentrations, from Chengdu to Taiwan. */
const OPENING: Box = [103.5, 20.4, 126, 42.8]
/** The three alone, for a phone. */
const OPENING_SMALL: Box = [109, 21.4, 125.8, 42]
const EARTH = 40_075_016.686

export class MapView {
  readonly map: L.Map
  readonly base: BaseMap
  readonly maxZoom = MAX_ZOOM
  private readonly scale = h('div', { class: 'scale' })
  private readonly credit = h('p', { class: 'credit' })
  private readonly source = h('span', { class: 'credit-source' })
  private readonly buttons: Record<'zoomIn' | 'zoomOut' | 'home', HTMLButtonElement>
  private own = false
  private flown = 0
  /** Counts the movements; only the last one is told. */
  private moves = 0
  private model: Model | null = null

  constructor(private readonly root: HTMLElement, private readonly store: Store, private readonly insets: () => Insets) {
    this.map = L.map(root, {
      zoomControl: false, attributionControl: false, keyboard: false, zoomSnap: 0.25, zoomDelta: 1,
      minZoom: MIN_ZOOM, maxZoom: MAX_ZOOM, maxBounds: [[-84, -EAST_END], [84, EAST_END]], maxBoundsViscosity: 0.8,
      fadeAnimation: false, zoomAnimation: !reducedMotion(), inertia: !reducedMotion(), wheelPxPerZoomLevel: 90, preferCanvas: true,
    })
    this.map.setView([32, 114], 4, { animate: false })
    this.base = new BaseMap(this.map)
    this.buttons = {
      zoomIn: this.button('plus', () => this.map.zoomIn()),
      zoomOut: this.button('minus', () => this.map.zoomOut()),
      home: this.button('home', () => this.store.set({ view: null, flight: { box: null, point: null, zoom: null, n: this.nextFlight() } })),
    }
    const frame = h('div', { class: 'map-frame' },
      h('div', { class: 'zoom-box' }, this.buttons.zoomIn, this.buttons.zoomOut, this.buttons.home), this.scale, this.credit)
    root.after(frame)
    this.map.on('moveend', () => this.moved())
    this.map.on('move zoom', () => this.drawScale())
    root.addEventListener('keydown', (e) => this.keys(e))
  }

  update(model: Model, changed: Set<Key> | null): void {
    const before = this.model
    this.model = model
    const { t } = model
    if (!before || before.lang !== model.lang || before.data !== model.data) {
      setAttrs(this.root, { 'aria-label': t('mapHelp'), role: 'application', tabindex: '0' })
      for (const [key, b] of Object.entries(this.buttons)) setAttrs(b, { 'aria-label': t(key as 'home'), title: t(key as 'home') })
      const atlas = model.data?.isAtlas !== false
      this.credit.replaceChildren(
        this.source,
        h('span', { class: 'credit-long', text: t(atlas ? 'credit' : 'creditOther') }),
        h('span', { class: 'credit-short', text: t(atlas ? 'creditShort' : 'creditOtherShort'), attrs: { 'aria-hidden': 'true', title: t(atlas ? 'credit' : 'creditOther') } }))
      this.drawScale()
    }
    this.base.showRegions(model.shownRegions.map((r) => definitionOf(r, model.defs)))
    if (before && before.theme !== model.theme) this.base.recolour()
    if (!before) this.apply(model.state.view, false)
    else if (model.state.flight.n !== this.flown) this.fly(model)
    else if (changed?.has('view') && !this.own) this.apply(model.state.view, false)
    else if (before.data?.id !== model.data?.id && model.state.view === null) this.apply(null, false)
  }

  /** Names the source of a base map that is not the built-in one, and where its terms stand. */
  setSource(source: string, terms?: string): void {
    const name = terms ? h('a', { text: source, attrs: { href: terms, target: '_blank', rel: 'noopener' } }) : source
    this.source.replaceChildren(...(source === '' ? [] : [name, ' · ']))
  }

  /** Called when the page changed its size or layout. */
  resized(): void {
    this.map.invalidateSize({ animate: false, pan: false })
    if (this.store.state.view === null) this.apply(null, false)
  }

  /** The box in view, in degrees; it may lie beyond 180. */
  box(): Box {
    const b = this.map.getBounds()
    return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]
  }

  /** The box of what nothing covers. */
  freeBox(): Box {
    const f = this.free()
    const nw = this.map.containerPointToLatLng([f.x, f.y])
    const se = this.map.containerPointToLatLng([f.x + f.w, f.y + f.h])
    return [nw.lng, se.lat, se.lng, nw.lat]
  }

  nextFlight(): number {
    return this.store.state.flight.n + 1
  }

  /** The part of the map that nothing covers, in pixels of the container. */
  free(): { x: number; y: number; w: number; h: number } {
    const i = this.frame()
    const size = this.map.getSize()
    return { x: i.left, y: i.top, w: size.x - i.left - i.right, h: size.y - i.top - i.bottom }
  }

  /** What lies in the free part, nearest to its middle first. */
  nearMiddle<P extends { lat: number; lon: number }>(places: P[]): P[] {
    const free = this.free()
    const middle = L.point(free.x + free.w / 2, free.y + free.h / 2)
    return places
      .map((place) => ({ place, at: this.map.latLngToContainerPoint([place.lat, place.lon]) }))
      .filter(({ at }) => at.x >= free.x && at.y >= free.y && at.x <= free.x + free.w && at.y <= free.y + free.h)
      .sort((a, b) => a.at.distanceTo(middle) - b.at.distanceTo(middle))
      .map(({ place }) => place)
  }

  private frame(): Insets {
    const size = this.map.getSize()
    return clampInsets(this.insets(), size.x, size.y)
  }

  /** Moves the map just so far that a point is well inside the free part. */
  reveal(lat: number, lon: number, margin = 40): void {
    const p = this.map.latLngToContainerPoint([lat, lon])
    const f = this.free()
    const dx = p.x < f.x + margin ? p.x - f.x - margin : p.x > f.x + f.w - margin ? p.x - f.x - f.w + margin : 0
    const dy = p.y < f.y + margin ? p.y - f.y - margin : p.y > f.y + f.h - margin ? p.y - f.y - f.h + margin : 0
    if (dx !== 0 || dy !== 0) this.map.panBy([dx, dy], { animate: !reducedMotion(), duration: 0.3 })
  }

  private fly(model: Model): void {
    const { box, point, zoom, n, seconds } = model.state.flight
    this.flown = n
    if (point && zoom !== null) this.toPoint(point, zoom)
    else if (box) this.toBox(box, seconds !== 0, seconds)
    else this.apply(null, true, seconds)
  }

  private apply(view: View | null, animate: boolean, seconds?: number): void {
    this.moves++
    this.own = view === null
    if (view) this.map.setView([view.lat, view.lon], view.zoom, { animate: false })
    else this.toBox(this.openingBox(), animate, seconds)
    if (!animate) this.own = false
  }

  private openingBox(): Box {
    const { area } = this.store.state
    const chosen = area?.kind === 'region' ? this.model?.regions.flatMap((r) => r.definitions).find((d) => d.id === area.id)?.box : area && areaBox(area)
    if (chosen) return chosen
    const data = this.model?.data
    return data && !data.isAtlas && data.box && this.model?.state.collection !== 'claims' ? data.box : this.store.state.layout === 'phone' ? OPENING_SMALL : OPENING
  }

  private toBox([w, s, e, n]: Box, animate: boolean, seconds = 0.6): void {
    const i = this.frame()
    const bounds = L.latLngBounds([s, w], [n, e])
    // Names of regions stand outside of their outlines; a small map must leave room for them.
    const room = this.store.state.layout === 'phone' ? 32 : 12
    const options: L.FitBoundsOptions = {
      paddingTopLeft: [i.left + 12, i.top + 12], paddingBottomRight: [i.right + 12, i.bottom + room], maxZoom: 11,
    }
    if (animate && !reducedMotion()) {
      this.map.flyToBounds(bounds, { ...options, duration: seconds })
      this.flying()
    } else this.map.fitBounds(bounds, { ...options, animate: false })
  }

  /** Puts a point into the middle of the free part at once. */
  show(point: [number, number], zoom: number): void {
    this.map.setView(this.centreFor(point, zoom), zoom, { animate: false })
  }

  /** Moves the map to a box that the free part does not hold whole. */
  revealBox(box: Box): void {
    const f = this.free()
    const nw = this.map.latLngToContainerPoint([box[3], box[0]])
    const se = this.map.latLngToContainerPoint([box[1], box[2]])
    if (nw.x < f.x || nw.y < f.y || se.x > f.x + f.w || se.y > f.y + f.h) this.toBox(box, true)
  }

  private toPoint(point: [number, number], zoom: number): void {
    const target = this.centreFor(point, zoom)
    if (reducedMotion()) this.map.setView(target, zoom, { animate: false })
    else {
      this.map.flyTo(target, zoom, { duration: 0.6 })
      this.flying()
    }
  }

  /** Names are placed for one zoom; in flight there are none. */
  private flying(): void {
    this.root.classList.add('is-flying')
    this.map.once('moveend', () => this.root.classList.remove('is-flying'))
  }

  private centreFor([lon, lat]: [number, number], zoom: number): L.LatLng {
    const i = this.frame()
    const centre = this.map.project([lat, lon], zoom).add([(i.right - i.left) / 2, (i.bottom - i.top) / 2])
    return this.map.unproject(centre, zoom)
  }

  private moved(): void {
    this.drawScale()
    if (this.own) {
      this.own = false
      return
    }
    if (this.model) void this.tell(++this.moves)
  }

  /** Tells the state where the map is, after the frame that the movement ends with. */
  private async tell(move: number): Promise<void> {
    await afterFrame()
    if (move !== this.moves) return
    const c = this.map.getCenter()
    this.own = true
    this.store.set({ view: { zoom: round(this.map.getZoom(), 2), lat: round(c.lat, 4), lon: round(c.lng, 4) } })
    this.own = false
  }

  private keys(e: KeyboardEvent): void {
    if (e.target !== this.root && !(e.target as Element).closest('.mark')) return
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const step = e.shiftKey ? 300 : 80
    const pan: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }
    const by = pan[e.key]
    if (by) this.map.panBy(by, { animate: !reducedMotion() })
    else if (e.key === '+' || e.key === '=') this.map.zoomIn()
    else if (e.key === '-' || e.key === '_') this.map.zoomOut()
    else return
    e.preventDefault()
  }

  /** The scale is true at the middle latitude of the view. */
  private drawScale(): void {
    const t = this.model?.t
    if (!t) return
    const perPixel = (EARTH * Math.cos((this.map.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** this.map.getZoom())
    const metres = roundDistance(perPixel, 130)
    const label = metres >= 1000 ? `${plainNumber(metres / 1000)} ${t('km')}` : `${plainNumber(metres)} ${t('metre')}`
    if (this.scale.dataset['label'] !== label) {
      this.scale.dataset['label'] = label
      this.scale.replaceChildren(
        h('span', { class: 'scale-text', attrs: { 'aria-hidden': 'true' } }, h('span', { text: '0' }), h('span', { text: label })),
        h('span', { class: 'scale-bar', attrs: { 'aria-hidden': 'true' } }), h('span', { class: 'sr', text: `${t('scale')}: ${label}` }))
    }
    this.scale.style.width = `${Math.round(metres / perPixel)}px`
  }

  private button(name: 'plus' | 'minus' | 'home', press: () => void): HTMLButtonElement {
    return h('button', { class: 'tool', attrs: { type: 'button' }, on: { click: press } }, icon(name))
  }
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}

function round(n: number, digits: number): number {
  const f = 10 ** digits
  return Math.round(n * f) / f
}
