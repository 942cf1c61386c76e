// Names on the map, by collision avoidance in the order of importance: selected,
// regions, groups, single clusters, great cities, waters, provinces, other cities.

import L from 'leaflet'
import { h, textScale } from './dom'
import { plainNumber } from './format'
import { inSlices } from './frames'
import { fanOffset } from './symbols'
import { groupRadius } from './groups'
import { placeLabels, POINT_SIDES, type LabelRequest, type Obstacle, type PlacedLabel, type Rect, type Side } from './labels'
import { contains, type Feature } from './geojson'
import type { MapView } from './mapview'
import type { Shown } from './marks'
import type { Model } from './model'
import type { MapPlace } from './places'
import { definitionOf, type Region } from './regions'

interface Label {
  request: LabelRequest
  class: string
  /** What is written, for each variant of the request. */
  texts: Part[][]
}

interface Part {
  text: string
  class: string
}

/** The side of the outline where a region's name stands best, where the map shows it; else inside. */
const REGION_SIDES: Record<string, RegionSide> = { yrd: 'east', prd: 'south', bohai: 'northwest' }
type RegionSide = 'east' | 'south' | 'northwest'
/** The middle of a label of width w, in pixels of the world. */
type Spot = (w: number) => { x: number; y: number }
const OUTSIDE = { x: -1e9, y: -1e9 }

/** Pixels within which a seat and a symbol are one spot. */
const SAME_SPOT = 8
/** Pixels below which an outline is small: its name may stand on any side of it. */
const SMALL = 140
/** Half the side of the box around a mark in focus, beyond its radius. */
const FOCUS_ROOM = 9

export class LabelView {
  private readonly drawn = new Map<string, { look: string; markers: L.Marker[] }>()
  private readonly measure: (text: string, font: string) => number
  private readonly before = new Map<string, Side>()
  private zoom = NaN
  private shown: Shown[] = []
  private model: Model | null = null
  private places: MapPlace[] = []
  private face = 'sans-serif'
  private scale = 1
  private narrow = false
  /** Whether pixels of the view lie within an outline, until the view moves. */
  private readonly inside = new Map<string, boolean>()
  private of = ''
  private due: number | null = null
  private turn = 0

  constructor(private readonly view: MapView, private readonly covers: () => Rect[]) {
    view.map.createPane('labels').classList.add('labels-pane')
    this.measure = textMeasure()
    void document.fonts.ready.then(() => this.later())
    document.fonts.addEventListener('loadingdone', () => this.later())
  }

  setPlaces(places: MapPlace[]): void {
    this.places = places
    this.later()
  }

  setShown(shown: Shown[]): void {
    this.shown = shown
    this.later()
  }

  /** Draws once in the next frame, however often it is asked for until then. */
  later(): void {
    this.due ??= requestAnimationFrame(() => {
      this.due = null
      this.draw()
    })
  }

  update(model: Model): void {
    this.model = model
  }

  private draw(): void {
    const model = this.model
    if (!model) return
    const { map } = this.view
    const zoom = map.getZoom()
    this.face = getComputedStyle(map.getContainer()).fontFamily
    this.scale = textScale()
    this.narrow = model.state.layout === 'phone'
    if (zoom !== this.zoom) this.before.clear()
    this.zoom = zoom
    const free = this.view.free()
    const origin = map.getPixelBounds().min!
    const of = `${zoom} ${origin.x} ${origin.y}`
    if (of !== this.of) this.inside.clear()
    this.of = of
    const labels = this.collect(model, zoom)
    const size = map.getSize()
    const bounds: Rect = { x: origin.x + 2, y: origin.y + 2, w: size.x - 4, h: size.y - 4 }
    const taken = [...this.obstacles(zoom), ...covered(free, size, origin), ...this.covers().map((r) => ({ ...r, key: 'cover', x: r.x + origin.x, y: r.y + origin.y }))]
    const placed = placeLabels(labels.map((l) => l.request), taken, bounds)
    const byKey = new Map(labels.map((l) => [l.request.key, l]))
    this.before.clear()
    const looks = new Map(placed.map((p) => [p.key, `${zoom} ${p.x} ${p.y} ${p.w} ${p.side} ${JSON.stringify(byKey.get(p.key)!.texts[p.variant])} ${byKey.get(p.key)!.class}`]))
    for (const [key, d] of this.drawn) {
      if (looks.get(key) === d.look) continue
      d.markers.forEach((m) => m.remove())
      this.drawn.delete(key)
    }
    for (const p of placed) this.before.set(p.key, p.side)
    const turn = ++this.turn
    const fresh = placed.filter((p) => !this.drawn.has(p.key))
    void inSlices(fresh, (p) => this.drawn.set(p.key, { look: looks.get(p.key)!, markers: this.put(byKey.get(p.key)!, p, zoom) }), () => turn === this.turn)
  }

  private collect(model: Model, zoom: number): Label[] {
    const marks = this.shown.filter((s) => s.members === null).map((s) => this.markLabel(s, model)).filter((l) => l.texts[0]![0]!.text !== '')
    const selected = marks.filter((m) => m.class.includes('is-selected'))
    const groups = marks.filter((m) => !selected.includes(m) && m.request.key.startsWith('g:'))
    const singles = marks.filter((m) => !selected.includes(m) && !groups.includes(m))
    const regions = model.shownRegions.flatMap((r) => this.regionLabel(r, model) ?? [])
    const places = (kind: MapPlace['kind']) => this.places
      .filter((p) => p.kind === kind && zoom >= p.from && zoom < p.until)
      .map((p) => this.placeLabel(p, model))
      .filter((l) => !this.standsOnMark(l.request))
    return [...selected, ...regions, ...groups, ...singles, ...places('great'), ...places('water'), ...places('province'), ...places('city')]
  }

  /** A city whose seat bears a symbol is named by that symbol. */
  private standsOnMark(at: { x: number; y: number }): boolean {
    return this.shown.some((s) => Math.hypot(s.x - at.x, s.y - at.y) < SAME_SPOT)
  }

  private markLabel(s: Shown, model: Model): Label {
    const first = s.items[0]
    const selected = s.items.find((it) => it.id === model.state.selected)
    const grouped = s.kind !== 'single'
    let name = grouped || !first ? model.of(s.place) : model.of(first.label)
    if (s.kind === 'stack' && name) name = model.t('stackLabel', { place: name, n: s.n })
    if (selected && grouped) name = model.of(selected.label)
    const open = s.kind === 'stack' && s.open
    const gap = inFocus(s) && !open ? focusRoom(s) : s.kind === 'group' ? groupRadius(s.n) + 5 : open ? 30 : grouped ? 26 : first?.drawing === 'approximate' ? 18 : selected ? 20 : 13
    const named = selected ?? (grouped ? undefined : first)
    const short = named ? model.of(named.labelShort) : name
    const font = `${selected ? 700 : 500} ${12 * this.scale}px ${this.face}`
    const at = { x: s.x, y: open ? s.y - 11 : s.y }
    const key = `${grouped ? 'g' : 'f'}:${s.key}`
    const names = [...new Set([name, short])]
    const [w, ...shorter] = names.map((n) => this.measure(n, font) + 4)
    return {
      class: `label label-mark${selected ? ' is-selected' : ''}`,
      texts: names.map((text) => [{ text, class: '' }]),
      request: {
        ...at, key, own: s.key, gap, w: w!, h: 17 * this.scale, sides: POINT_SIDES, sideFirst: true, also: shorter.map((w) => ({ ...at, w })),
        before: this.before.get(key), always: selected !== undefined,
      },
    }
  }

  /** Beside the outline where the map shows it whole, else in the part in view; the short name where room is scarce. */
  private regionLabel(region: Region, model: Model): Label | null {
    const definition = definitionOf(region, model.defs)
    const { box } = definition
    if (!box) return null
    const { map } = this.view
    const zoom = map.getZoom()
    const free = this.view.free()
    const origin = map.getPixelBounds().min!
    const view = { x0: origin.x + free.x, y0: origin.y + free.y, x1: origin.x + free.x + free.w, y1: origin.y + free.y + free.h }
    const nw = map.project([box[3], box[0]], zoom)
    const se = map.project([box[1], box[2]], zoom)
    if (nw.x > view.x1 || se.x < view.x0 || nw.y > view.y1 || se.y < view.y0) return null
    const count = plainNumber(model.result?.counts.get('region')?.get(region.key) ?? 0)
    const size = (this.narrow ? 15 : 17) * this.scale
    const names = [...new Set([model.of(region.title), model.of(region.short)])].map((name) => ({
      name, w: this.measure(name, `700 ${size}px ${this.face}`) + this.measure(count, `400 ${size}px ${this.face}`) + 14,
    }))
    const spots = [...this.beside(region.key, nw, se, view), ...this.within(definition.feature, nw, se, view), ...(se.x - nw.x < SMALL ? this.around(nw, se) : [])]
      .flatMap((spot) => names.map(({ name, w }) => ({ name, w, ...spot(w) })))
      .filter((spot) => fits(spot, spot.w, view))
    if (spots.length === 0) return null
    const [first, ...also] = spots
    return {
      class: 'label label-region',
      texts: spots.map(({ name }) => [{ text: name, class: 'label-name' }, { text: count, class: 'label-count' }]),
      request: { key: `r:${region.key}`, x: first!.x, y: first!.y, gap: 4, w: first!.w, h: 25 * this.scale, sides: ['center', 'above', 'below'], also },
    }
  }

  /** The side where the name of a region stands best. */
  private beside(key: string, nw: L.Point, se: L.Point, v: View): Spot[] {
    const spots: Record<RegionSide, Spot> = {
      east: (w) => ({ x: Math.min(se.x + w / 2 - 14, Math.max(v.x1 - w / 2 - 9, se.x + w / 2 - 44)), y: nw.y + (se.y - nw.y) * 0.36 }),
      south: () => ({ x: (nw.x + se.x) / 2, y: se.y + 20 }),
      northwest: (w) => ({ x: nw.x - w / 2 + (se.x - nw.x) * 0.02, y: nw.y + (se.y - nw.y) * 0.2 }),
    }
    const side = REGION_SIDES[key]
    return side ? [spots[side]] : []
  }

  /** Places inside an outline, in the part of it that is in view. */
  private within(outline: Feature, nw: L.Point, se: L.Point, v: View): Spot[] {
    const left = Math.max(nw.x, v.x0)
    const top = Math.max(nw.y, v.y0)
    const spots: Spot[] = []
    const holds = (x: number, y: number) => {
      const key = `${outline.id} ${x} ${y}`
      let held = this.inside.get(key)
      if (held === undefined) {
        const at = this.view.map.unproject([x, y])
        this.inside.set(key, held = contains(outline.geometry, at.lng, at.lat))
      }
      return held
    }
    for (const fy of [0.3, 0.5, 0.15, 0.7]) {
      for (const fx of [0.5, 0.35, 0.65]) {
        const spot = { x: left + (Math.min(se.x, v.x1) - left) * fx, y: top + (Math.min(se.y, v.y1) - top) * fy }
        spots.push((w) => (fits(spot, w, v) && [-w / 2, 0, w / 2].every((dx) => holds(spot.x + dx, spot.y)) ? spot : OUTSIDE))
      }
    }
    return spots
  }

  /** Any place beside an outline, where it is small and its symbols cover it. */
  private around(nw: L.Point, se: L.Point): Spot[] {
    const at = (f: number) => nw.y + (se.y - nw.y) * f
    return [
      ...[0.2, 0.5, 0.8].map((f): Spot => (w) => ({ x: nw.x - w / 2 - 4, y: at(f) })),
      ...[0.2, 0.5, 0.8].map((f): Spot => (w) => ({ x: se.x + w / 2 + 4, y: at(f) })),
      ...[18, 30].flatMap((d): Spot[] => [() => ({ x: (nw.x + se.x) / 2, y: se.y + d }), () => ({ x: (nw.x + se.x) / 2, y: nw.y - d })]),
      ...[18, 34].flatMap((d): Spot[] => [(w) => ({ x: nw.x - w / 2 + 20, y: se.y + d }), (w) => ({ x: se.x + w / 2 - 20, y: se.y + d })]),
    ]
  }

  private placeLabel(p: MapPlace, model: Model): Label {
    const at = this.view.map.project([p.lat, p.lon])
    const text = model.of(p.name)
    const spaced = p.kind === 'province' || p.kind === 'water'
    const han = /\p{Script=Han}/u.test(text)
    const tracking = p.kind === 'water' ? 0.32 : p.kind === 'province' ? 0.16 : 0
    const extra = spaced ? text.length * 12 * (han ? tracking : tracking / 2) : 0
    const w = this.measure(text, `400 ${12 * this.scale}px ${this.face}`) + extra * this.scale + 4
    return {
      class: `label label-${p.kind === 'great' || p.kind === 'city' ? 'place' : p.kind}${han ? '' : ' is-latin'}`,
      texts: [[{ text, class: '' }]],
      request: {
        key: `p:${p.key}`, x: at.x, y: at.y, gap: spaced ? 2 : 6, w, h: 17 * this.scale,
        sides: spaced ? ['center', 'above', 'below', 'right', 'left'] : ['right', 'left', 'above', 'below'], before: this.before.get(`p:${p.key}`), ...(spaced ? {} : { dot: 4 }),
      },
    }
  }

  private obstacles(zoom: number): Obstacle[] {
    const big = zoom >= 8 ? 1.15 : 1
    return this.shown.flatMap((s) => {
      const { n, key } = s
      if (s.kind === 'stack' && s.open) {
        return [square(s, 4, key), ...s.items.map((_, i) => {
          const o = fanOffset(i, n)
          return square({ x: s.x + o.x, y: s.y + o.y }, 10 * big, key)
        })]
      }
      const r = inFocus(s) ? focusRoom(s) : s.kind === 'group' ? groupRadius(n) + 2 : 10 * big
      return [square(s, r, key)]
    })
  }

  private put(label: Label, p: PlacedLabel, zoom: number): L.Marker[] {
    const at = this.view.map.unproject([p.x, p.y], zoom)
    const dot = label.class.includes('label-place')
    const el = h('div', { class: label.class, attrs: { 'aria-hidden': 'true', 'data-label': p.key } }, ...label.texts[p.variant]!.map((part) => h('span', { class: part.class, text: part.text })))
    el.style.width = `${p.w}px`
    el.style.height = `${p.h}px`
    if (p.side === 'left' || p.side === 'nw' || p.side === 'sw') el.classList.add('is-left')
    else if (p.side === 'above' || p.side === 'below' || p.side === 'center') el.classList.add('is-middle')
    const markers = [this.marker(at, el)]
    if (dot) markers.push(this.marker(this.view.map.unproject([label.request.x, label.request.y], zoom), h('div', { class: 'place-dot' })))
    return markers
  }

  private marker(at: L.LatLng, el: HTMLElement): L.Marker {
    return L.marker(at, {
      pane: 'labels', interactive: false, keyboard: false, icon: L.divIcon({ html: el, className: 'label-icon', iconSize: [0, 0] }),
    }).addTo(this.view.map)
  }
}

interface View {
  x0: number
  y0: number
  x1: number
  y1: number
}

function fits(at: { x: number; y: number }, w: number, v: View): boolean {
  return at.x - w / 2 > v.x0 + 8 && at.x + w / 2 < v.x1 - 8 && at.y - 14 > v.y0 + 8 && at.y + 14 < v.y1 - 8
}

/** Whether the keyboard is on a mark, which then bears a box. */
function inFocus(s: Shown): boolean {
  const el = document.activeElement
  if (!(el instanceof HTMLElement) || !el.classList.contains('mark') || !el.matches(':focus-visible')) return false
  return el.dataset['group'] === s.key || (s.kind === 'single' && el.dataset['featureId'] === s.items[0]?.id)
}

function focusRoom(s: Shown): number {
  return (s.kind === 'group' ? groupRadius(s.n) : 13) + FOCUS_ROOM
}

function square(at: { x: number; y: number }, r: number, key: string): Obstacle {
  return { key, x: at.x - r, y: at.y - r, w: 2 * r, h: 2 * r }
}

/** The parts of the map that card, sheet and tools cover take no labels. */
function covered(free: Rect, size: L.Point, origin: L.Point): Obstacle[] {
  const key = 'cover'
  const out: Obstacle[] = []
  if (free.y > 0) out.push({ key, x: origin.x, y: origin.y, w: size.x, h: free.y })
  if (free.x > 0) out.push({ key, x: origin.x, y: origin.y, w: free.x, h: size.y })
  const right = size.x - free.x - free.w
  if (right > 0) out.push({ key, x: origin.x + free.x + free.w, y: origin.y, w: right, h: size.y })
  const bottom = size.y - free.y - free.h
  if (bottom > 0) out.push({ key, x: origin.x, y: origin.y + free.y + free.h, w: size.x, h: bottom })
  return out
}

/** Chinese characters and full width marks, which are as wide as they are high. */
const SQUARE = /[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]/g

/**
 * Text widths by canvas. Chinese is counted, not measured: measuring would fetch the
 * faces of names that are not shown.
 */
function textMeasure(): (text: string, font: string) => number {
  const context = document.createElement('canvas').getContext('2d')!
  return (text, font) => {
    context.font = font
    const rest = text.replace(SQUARE, '')
    const size = Number(/([\d.]+)px/.exec(context.font)?.[1] ?? 0)
    return Math.ceil((text.length - rest.length) * size + context.measureText(rest).width)
  }
}
