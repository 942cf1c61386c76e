// What the map of the concentration view shows: bands of density, hexagons, hot spots
// with their size apart, and location quotients. Each layer comes with its legend.

import L from 'leaflet'
import { standing } from './charts/dots'
import { classAt, classesOf, stepOf, STEPS } from './classes'
import { word, type Word } from './concentrationwords'
import { CLASSES, DIVERGING, quotientColour } from './diverging'
import { h, setVar, svg } from './dom'
import { decimal, intervalOf, placeName, small } from './findings'
import { plainNumber } from './format'
import { symbolPoint, type Feature, type Geometry, type Position } from './geojson'
import { near } from './groupread'
import type { MapView } from './mapview'
import type { Lang } from './schema'
import type { Density, HotSpots, Places } from './statistics'
import { CellCursor, type Cell } from './workcells'

export type Layer = 'density' | 'hexagons' | 'hot' | 'quotients'
export const LAYERS: Layer[] = ['density', 'hexagons', 'hot', 'quotients']

export interface Shown {
  layer: Layer
  answer: Places<Partial<Density & HotSpots>>
  lang: Lang
  /** Kilometres across a hexagon. */
  km: number
  /** What is counted or summed. */
  what: string
  /** Of the features under study, where the page has them. */
  points: [number, number][]
}

/** A colour of the tokens, and how much of it. */
interface Look {
  fill: string
  opacity: number
  line?: string
}

/** A place of a layer: its outline, and for hot spots a smaller one inside. */
interface Piece {
  of: Feature
  geometry: Geometry
  look: Look
  inner?: { scale: number; look: Look }
  tip: string
}

/** The least inner hexagon that is still seen. */
const LEAST = 0.18

export class WorkLayers {
  private readonly group = L.layerGroup()
  private readonly renderer: L.Canvas
  private readonly cells: CellCursor

  /** What is shown in over covers cells. */
  constructor(private readonly view: MapView, over: HTMLElement) {
    if (!view.map.getPane('work')) view.map.createPane('work').classList.add('work-pane')
    this.renderer = L.canvas({ pane: 'work', padding: 0.3 })
    this.group.addTo(view.map)
    this.cells = new CellCursor(view, over)
  }

  show(shown: Shown | null): void {
    this.group.clearLayers()
    this.view.base.setShaded(shown !== null)
    if (!shown) {
      this.cells.update([], '')
      return
    }
    const css = getComputedStyle(document.documentElement)
    const middle = this.view.map.getCenter().lng
    const pieces = piecesOf(shown)
    const cells = cellsOf(shown, pieces, middle)
    this.cells.update(cells, word(shown.lang, 'cellsHelp', { n: cells.length }))
    for (const piece of pieces) {
      const add = (scale: number, look: Look, tip: string) => {
        const path = L.polygon(ringsOf(piece.geometry, middle, scale), {
          renderer: this.renderer, smoothFactor: shown.layer === 'density' || shown.layer === 'quotients' ? 0.6 : 0, fillColor: css.getPropertyValue(look.fill).trim(), fillOpacity: look.opacity,
          stroke: look.line !== undefined, color: look.line ? css.getPropertyValue(look.line).trim() : '', weight: 0.8, opacity: 0.8,
        })
        path.bindTooltip(() => h('span', { text: tip }), { sticky: true, className: 'tile-tip', opacity: 1 })
        this.group.addLayer(path)
      }
      add(1, piece.look, piece.tip)
      if (piece.inner) add(piece.inner.scale, piece.inner.look, piece.tip)
    }
    if (shown.layer !== 'density') return
    for (const [lon, lat] of shown.points) {
      this.group.addLayer(L.circleMarker([lat, near(lon, middle)], {
        renderer: this.renderer, radius: 3, interactive: false, weight: 1.2, color: css.getPropertyValue('--map-casing').trim(), fillColor: css.getPropertyValue('--ink').trim(), fillOpacity: 1,
      }))
    }
  }

  remove(): void {
    this.show(null)
    this.cells.remove()
    this.group.remove()
    this.renderer.remove()
  }
}

function num(f: Feature, key: string): number | null {
  const v = f.properties[key]
  return typeof v === 'number' && Number.isFinite(v) ? v : null
}

function text(f: Feature, key: string): string {
  const v = f.properties[key]
  return typeof v === 'string' ? v : ''
}

const named = (f: Feature) => ({ key: text(f, 'key'), title: { zh: text(f, 'title_zh') || text(f, 'title_en'), en: text(f, 'title_en') || text(f, 'title_zh') } })

function piecesOf(s: Shown): Piece[] {
  const features = s.answer.features.filter((f) => f.geometry !== null)
  switch (s.layer) {
    case 'density':
      return features.map((f, i) => ({
        of: f, geometry: f.geometry!, look: { fill: `--seq-${stepOf(i, features.length)}`, opacity: 0.85 },
        tip: word(s.lang, 'tipDensity', { from: decimal(num(f, 'from')), to: decimal(num(f, 'to')) }),
      }))
    case 'hexagons': {
      const classes = classesOf(features.map((f) => Math.max(1, num(f, 'value') ?? 0)))
      return features.filter((f) => (num(f, 'value') ?? 0) > 0).map((f) => ({
        of: f, geometry: f.geometry!, look: { fill: `--seq-${stepOf(classAt(classes, Math.max(1, num(f, 'value')!)), classes.length)}`, opacity: 0.92, line: '--map-casing' },
        tip: word(s.lang, 'tipHexagon', { value: plainNumber(num(f, 'value')!), universe: plainNumber(num(f, 'universe') ?? 0) }),
      }))
    }
    case 'hot':
      return hotPieces(s, features)
    case 'quotients':
      return features.filter((f) => (num(f, 'value') ?? 0) > 0 && num(f, 'lq') !== null).map((f) => {
        const r = { value: num(f, 'lq'), ...intervalOf({ total: num(f, 'total'), low: num(f, 'low'), high: num(f, 'high'), p: num(f, 'p') }), p: num(f, 'p_adjusted') }
        return {
          of: f, geometry: f.geometry!, look: { fill: quotientColour(r), opacity: 0.9, line: standing(r) === 'even' ? '--line-control' : '--map-casing' },
          tip: word(s.lang, r.low === null ? 'tipQuotientFew' : 'tipQuotient', { name: placeName(s, named(f)), value: plainNumber(num(f, 'value')!), lq: decimal(r.value), low: decimal(r.low), high: decimal(r.high) }),
        }
      })
  }
}

/** Cells that are seen. Bands of density lie in each other and are none. */
function cellsOf(s: Shown, pieces: Piece[], middle: number): Cell[] {
  if (s.layer === 'density') return []
  return pieces.filter((p) => p.look.opacity > 0 || p.inner).flatMap((p) => {
    const at = symbolPoint(p.geometry)
    if (!at) return []
    const where = s.layer === 'quotients' && (text(p.of, 'title_zh') || text(p.of, 'title_en')) ? '' : word(s.lang, 'at', { lat: Math.abs(at[1]).toFixed(1), ns: at[1] < 0 ? 'S' : 'N', lon: Math.abs(at[0]).toFixed(1), ew: at[0] < 0 ? 'W' : 'E' })
    return [{ key: text(p.of, 'key'), lat: at[1], lon: near(at[0], middle), value: num(p.of, 'value') ?? 0, tip: p.tip, label: p.tip + where, rings: ringsOf(p.geometry, middle, 1) }]
  })
}

/** The outer hexagon says how sure it is, the inner one how much is there. */
function hotPieces(s: Shown, features: Feature[]): Piece[] {
  const most = Math.max(...features.map((f) => num(f, 'value') ?? 0), 0)
  return features.map((f) => {
    const value = num(f, 'value') ?? 0
    const kind = text(f, 'class')
    const step = Math.max(0, CLASSES.indexOf(kind))
    const quiet = kind === 'none' || !CLASSES.includes(kind)
    const scale = most > 0 ? Math.max(LEAST, 0.8 * Math.sqrt(value / most)) : 0
    const inner = value > 0 ? { inner: { scale, look: { fill: quiet ? '--ink-3' : DIVERGING[step]!, opacity: quiet ? 0.45 : 1 } } } : {}
    return {
      of: f, geometry: f.geometry!, look: { fill: quiet ? '--div-0' : DIVERGING[step]!, opacity: quiet ? (value > 0 ? 0.35 : 0) : 0.38 }, ...inner,
      tip: word(s.lang, 'tipHot', { value: plainNumber(value), class: word(s.lang, (quiet ? 'none' : kind) as Word), p: small(num(f, 'p')) }),
    }
  })
}

function ringsOf(g: Geometry, middle: number, scale: number): L.LatLngTuple[][][] {
  const rings = g.type === 'Polygon' ? [g.coordinates] : g.type === 'MultiPolygon' ? g.coordinates : []
  return rings.map((polygon) => {
    const shrunk = scale === 1 ? polygon : polygon.map((ring) => towards(ring, scale))
    return shrunk.map((ring) => ring.map(([lon, lat]): L.LatLngTuple => [lat, near(lon, middle)]))
  })
}

/** A ring drawn in towards its middle. */
function towards(ring: Position[], scale: number): Position[] {
  const n = Math.max(1, ring.length - 1)
  const [x, y] = ring.slice(0, n).reduce(([a, b], [lon, lat]) => [a + lon / n, b + lat / n], [0, 0])
  return ring.map(([lon, lat]) => [x + (lon - x) * scale, y + (lat - y) * scale] as Position)
}

// --- legends

export function legendOf(s: Shown): Node[] {
  const w = (key: Word, params = {}) => word(s.lang, key, params)
  const title = (key: Word) => h('p', { class: 'work-legend-title', text: w(key) })
  const hint = (t: string) => h('p', { class: 'hint', text: t })
  switch (s.layer) {
    case 'density': {
      const bands = s.answer.features
      const steps = bands.map((f, i) => ({ fill: `--seq-${stepOf(i, bands.length)}`, label: i === 0 || i === bands.length - 1 || bands.length < 5 ? decimal(num(f, 'from')) : '' }))
      return [title('legendDensity'), ramp(steps), hint(w('legendDensityUnit', { km: decimal(s.answer.result.bandwidth_km ?? null) }))]
    }
    case 'hexagons': {
      const values = s.answer.features.map((f) => Math.max(1, num(f, 'value') ?? 0))
      const classes = classesOf(values)
      return [title('legendHexagons'), ramp(classes.map((c, i) => ({ fill: `--seq-${stepOf(i, classes.length)}`, label: plainNumber(c.from) }))), hint(`${s.what} · ${w('legendHexagonsUnit', { km: s.km })}`)]
    }
    case 'hot':
      return [title('legendHot'), hint(w('legendSure')), ramp(DIVERGING.map((fill, i) => ({ fill, label: ['99%', '', '90%', '', '90%', '', '99%'][i]! }))),
        h('p', { class: 'work-legend-ends' }, h('span', { text: w('cold') }), h('span', { text: w('none') }), h('span', { text: w('hotEnd') })),
        hint(`${w('legendSize')} · ${s.what}`), sizes(s), hint(w('legendHexagonsUnit', { km: s.km }))]
    case 'quotients':
      return [title('legendQuotients'), ramp(DIVERGING.map((fill, i) => ({ fill, label: ['', '¼', '½', '1', '', '2', '4'][i]! }))),
        h('p', { class: 'work-legend-ends' }, h('span', { text: w('less') }), h('span', { text: w('even') }), h('span', { text: w('more') })), hint(w('legendQuotientsUnit'))]
  }
}

function ramp(steps: { fill: string; label: string }[]): HTMLElement {
  const el = h('ol', { class: 'work-ramp' }, ...steps.slice(0, Math.max(STEPS + 1, steps.length)).map((s) =>
    h('li', {}, setVar(h('span', { class: 'work-swatch' }), '--c', `var(${s.fill})`), h('span', { text: s.label }))))
  return setVar(el, '--n', String(steps.length))
}

/** Hexagons of a least, a middle and the greatest amount. */
function sizes(s: Shown): HTMLElement {
  const most = Math.max(...s.answer.features.map((f) => num(f, 'value') ?? 0), 0)
  const shown = [...new Set([...[most / 16, most / 4].map((v) => Math.max(1, Number(v.toPrecision(1)))), most])].filter((v) => v > 0 && v <= most)
  const hexagon = (r: number) => Array.from({ length: 6 }, (_, i) => `${(12 + r * Math.sin((i * Math.PI) / 3)).toFixed(1)},${(12 + r * Math.cos((i * Math.PI) / 3)).toFixed(1)}`).join(' ')
  return h('p', { class: 'work-sizes' }, ...shown.map((v) => h('span', {},
    svg('svg', { viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': 'true' },
      svg('polygon', { class: 'work-size-outer', points: hexagon(11) }), svg('polygon', { class: 'work-size-inner', points: hexagon(11 * Math.max(LEAST, 0.8 * Math.sqrt(v / most))) })),
    plainNumber(v))))
}
