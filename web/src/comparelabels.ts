// Names on the maps that stand beside each other: of the region's own features, and of
// the places around as far as there is room.

import L from 'leaflet'
import { fetchBase } from './api'
import { h, textScale } from './dom'
import { groupRadius } from './groups'
import { placeLabels, POINT_SIDES, type LabelRequest, type Obstacle, type PlacedLabel } from './labels'
import type { Model } from './model'
import { makePlaces, type MapPlace } from './places'
import type { Sign } from './signs'

interface Name {
  request: LabelRequest
  class: string
  texts: string[]
}

const KINDS: MapPlace['kind'][] = ['great', 'water', 'province', 'city']
/** Pixels within which a seat and a symbol are one spot. */
const SAME_SPOT = 8
const LINE = 17

let fetched: Promise<MapPlace[]> | null = null

/** The places of the base map, fetched once; none where they cannot be had. */
export function basePlaces(): Promise<MapPlace[]> {
  fetched ??= fetchBase('places').then((found) => makePlaces(found ?? [], []), () => {
    fetched = null
    return []
  })
  return fetched
}

export class MapNames {
  private readonly layer: L.LayerGroup
  private readonly canvas = document.createElement('canvas').getContext('2d')!

  constructor(private readonly map: L.Map) {
    map.createPane('names').classList.add('labels-pane')
    this.layer = L.layerGroup().addTo(map)
  }

  /** Draws the names of the signs of the region, among these and the others, and of places. */
  draw(m: Model, own: Sign[], others: Sign[], places: MapPlace[]): void {
    const zoom = this.map.getZoom()
    const size = this.map.getSize()
    const at = (lat: number, lon: number) => this.map.latLngToContainerPoint([lat, lon])
    const signs = [...own, ...others].map((s) => ({ s, ...pick(at(s.lat, s.lon)) }))
    const taken = signs.map(({ s, x, y }): Obstacle => {
      const r = s.kind === 'group' ? groupRadius(s.n) + 2 : 10
      return { key: s.key, x: x - r, y: y - r, w: 2 * r, h: 2 * r }
    })
    const furniture: Obstacle[] = [{ key: 'scale', x: 0, y: size.y - 34, w: 140, h: 34 }, { key: 'zoom', x: size.x - 50, y: size.y - 124, w: 50, h: 124 }]
    const around = KINDS.flatMap((kind) => places.filter((p) => p.kind === kind && zoom >= p.from && zoom < p.until))
      .map((p) => this.place(p, m, pick(at(p.lat, p.lon))))
      .filter(({ request }) => !signs.some((s) => Math.hypot(s.x - request.x, s.y - request.y) < SAME_SPOT))
    const names = [...own.flatMap((s) => this.sign(s, m, pick(at(s.lat, s.lon))) ?? []), ...around]
    const placed = placeLabels(names.map((n) => n.request), [...taken, ...furniture], { x: 2, y: 2, w: size.x - 4, h: size.y - 4 })
    this.layer.clearLayers()
    for (const p of placed) this.put(names.find((n) => n.request.key === p.key)!, p)
  }

  private sign(s: Sign, m: Model, at: { x: number; y: number }): Name | null {
    const item = s.items[0]
    const texts = [...new Set(s.kind === 'single' && item ? [m.of(item.label), m.of(item.labelShort)] : [m.of(s.place)])]
    if (!texts[0]) return null
    const [w, ...shorter] = texts.map((t) => this.width(t, 500))
    const gap = s.kind === 'group' ? groupRadius(s.n) + 5 : item?.drawing === 'approximate' ? 18 : 13
    return { class: 'label label-mark', texts, request: { ...at, key: s.key, own: s.key, gap, w: w!, h: LINE * textScale(), sides: POINT_SIDES, sideFirst: true, also: shorter.map((w) => ({ ...at, w })) } }
  }

  private place(p: MapPlace, m: Model, at: { x: number; y: number }): Name {
    const text = m.of(p.name)
    const city = p.kind === 'great' || p.kind === 'city'
    const han = /\p{Script=Han}/u.test(text)
    const tracking = (p.kind === 'water' ? 0.32 : p.kind === 'province' ? 0.16 : 0) / (han ? 1 : 2)
    const w = this.width(text, 400) + text.length * 12 * tracking * textScale()
    return {
      class: `label label-${city ? 'place' : p.kind}${han ? '' : ' is-latin'}`, texts: [text],
      request: { ...at, key: `p:${p.key}`, gap: city ? 6 : 2, w, h: LINE * textScale(), sides: city ? ['right', 'left', 'above', 'below'] : ['center', 'above', 'below'], ...(city ? { dot: 4 } : {}) },
    }
  }

  private width(text: string, weight: number): number {
    this.canvas.font = `${weight} ${12 * textScale()}px ${getComputedStyle(this.map.getContainer()).fontFamily}`
    return Math.ceil(this.canvas.measureText(text).width) + 4
  }

  private put(name: Name, p: PlacedLabel): void {
    const el = h('div', { class: name.class, text: name.texts[p.variant]!, attrs: { 'aria-hidden': 'true', 'data-label': p.key } })
    el.style.width = `${p.w}px`
    if (p.side === 'left' || p.side === 'nw' || p.side === 'sw') el.classList.add('is-left')
    else if (p.side === 'above' || p.side === 'below' || p.side === 'center') el.classList.add('is-middle')
    this.mark(p, el)
    if (name.class.includes('label-place')) this.mark(name.request, h('div', { class: 'place-dot' }))
  }

  private mark(at: { x: number; y: number }, el: HTMLElement): void {
    const icon = L.divIcon({ html: el, className: 'label-icon', iconSize: [0, 0] })
    L.marker(this.map.containerPointToLatLng([at.x, at.y]), { pane: 'names', interactive: false, keyboard: false, icon }).addTo(this.layer)
  }
}

function pick({ x, y }: L.Point): { x: number; y: number } {
  return { x, y }
}
