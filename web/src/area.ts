// A part of the map that the reader chose: a rectangle, a drawn line around it, a circle of
// some kilometres, a region or a division. It is one of the filters: the page tests its
// own items by it, and the server is asked for the same in CQL2.

import { contains, normalLongitude, ringsOf, type Box, type Geometry, type Position } from './geojson'
import { destination, distance, type LonLat } from './geodesic'
import { simple } from './lasso'

export type Area =
  /** The east lies beyond 180 degrees where the box crosses them. */
  | { kind: 'box'; box: Box }
  /** A ring that is not closed, in which no edge crosses another. */
  | { kind: 'lasso'; ring: LonLat[] }
  | { kind: 'circle'; center: LonLat; km: number }
  /** The id of a definition of a region. */
  | { kind: 'region'; id: string }
  | { kind: 'division'; code: string }

export type AreaKind = Area['kind']

export const AREA_FILTER = 'in:area'
export const MOST_KM = 5000
const MOST_VERTICES = 120

/** What of an item an area is told by. */
export interface Placed {
  lon: number | null
  lat: number | null
  geometry: Geometry | null
  regions: string[]
}

// --- the form in the address

export function writeArea(a: Area): string {
  switch (a.kind) {
    case 'box':
      return `box:${a.box.map(degrees).join()}`
    case 'lasso':
      return `lasso:${a.ring.map((p) => p.map(degrees).join()).join(';')}`
    case 'circle':
      return `circle:${[...a.center.map(degrees), a.km].join()}`
    case 'region':
      return `region:${a.id}`
    case 'division':
      return `division:${a.code}`
  }
}

/** Reads an area; null where there is none. */
export function readArea(text: string): Area | null {
  const at = text.indexOf(':')
  const rest = text.slice(at + 1)
  const numbers = (t: string) => t.split(',').map((v) => (v.trim() === '' ? NaN : Number(v)))
  switch (text.slice(0, Math.max(0, at))) {
    case 'box': {
      const [w, s, e, n, more] = numbers(rest)
      return more === undefined ? boxArea([w!, s!, e!, n!]) : null
    }
    case 'lasso': {
      const ring = rest.split(';', MOST_VERTICES + 1).map(numbers)
      return ring.every((p) => p.length === 2) ? lassoArea(ring as LonLat[]) : null
    }
    case 'circle': {
      const [lon, lat, km, more] = numbers(rest)
      return more === undefined ? circleArea([lon!, lat!], km!) : null
    }
    case 'region':
      return /^\w{1,40}$/.test(rest) ? { kind: 'region', id: rest } : null
    case 'division':
      return /^[1-9]\d{5}$/.test(rest) ? { kind: 'division', code: rest } : null
  }
  return null
}

/** A box with its west within 180 degrees; null where it has no extent or is none. */
export function boxArea([w, s, e, n]: Box): Area | null {
  if (![w, s, e, n].every(Number.isFinite) || s >= n || s < -90 || n > 90 || w >= e || w < -540 || e > 900) return null
  if (e - w >= 360) return { kind: 'box', box: [-180, degrees(s), 180, degrees(n)] }
  const west = wrap(w)
  const box = [west, s, west + e - w, n].map(degrees) as Box
  return box[0] < box[2] && box[1] < box[3] ? { kind: 'box', box } : null
}

/** A ring without crossings; null where nothing is left of it. */
export function lassoArea(ring: LonLat[]): Area | null {
  if (ring.length < 3 || ring.length > MOST_VERTICES) return null
  if (!ring.every(([x, y]) => Math.abs(x) <= 540 && Math.abs(y) <= 90)) return null
  const west = Math.min(...ring.map((p) => p[0]))
  if (Math.max(...ring.map((p) => p[0])) - west >= 360) return null
  const by = wrap(west) - west
  const clean = simple(ring.map(([x, y]): LonLat => [degrees(x + by), degrees(y)]))
  return clean ? { kind: 'lasso', ring: clean } : null
}

export function circleArea([lon, lat]: LonLat, km: number): Area | null {
  if (!Number.isFinite(lon) || Math.abs(lon) > 540 || !(Math.abs(lat) <= 90) || !(km > 0) || km > MOST_KM) return null
  return { kind: 'circle', center: [degrees(wrap(lon)), degrees(lat)], km: Math.max(0.001, Math.round(km * 1000) / 1000) }
}

function wrap(lon: number): number {
  return lon >= -180 && lon < 180 ? lon : ((((lon + 180) % 360) + 360) % 360) - 180
}

/** Degrees to about 10 metres. */
const degrees = (v: number) => Math.round(v * 1e4) / 1e4

// --- what lies in it

/** A test of items; adcode is what an item says of its division. */
export function inArea<T extends Placed>(a: Area, adcode: (item: T) => unknown): (item: T) => boolean {
  switch (a.kind) {
    case 'region':
      return (it) => it.regions.includes(a.id)
    case 'division': {
      const { start, exact } = codes(a.code)
      return (it) => {
        const code = String(adcode(it) ?? '')
        return exact ? code === start : code.startsWith(start)
      }
    }
    case 'circle':
      return (it) => it.geometry !== null && nearest(it.geometry, a.center, a.km * 1000) <= a.km * 1000
    case 'box': {
      const [w, s, e, n] = a.box
      const ring: Position[] = [[w, s], [e, s], [e, n], [w, n], [w, s]]
      return (it) => it.geometry !== null && onSides(w, e).some((by) => (it.geometry!.type === 'Point' ? inBox(it.geometry!.coordinates, a.box, by) : meets(it.geometry!, ring, by)))
    }
    case 'lasso': {
      const ring: Position[] = [...a.ring, a.ring[0]!]
      const xs = a.ring.map((p) => p[0])
      const sides = onSides(Math.min(...xs), Math.max(...xs))
      return (it) => it.geometry !== null && sides.some((by) => meets(it.geometry!, ring, by))
    }
  }
}

/** The numbers with which the codes within a division begin, or the one code that it is: what a province has without a prefecture stands alone. */
function codes(code: string): { start: string; exact: boolean } {
  if (code.endsWith('0000')) return { start: code.slice(0, 2), exact: false }
  if (code.endsWith('00') && code.slice(2, 4) < '90') return { start: code.slice(0, 4), exact: false }
  return { start: code, exact: true }
}

/** By how many degrees to the west items may have to be taken. */
function onSides(west: number, east: number): number[] {
  return east > 180 ? [0, 360, -360] : west < -140 || east > 140 ? [0, 360, -360] : [0]
}

function inBox([lon, lat]: Position, [w, s, e, n]: Box, by: number): boolean {
  return lon + by >= w && lon + by <= e && lat >= s && lat <= n
}

/** Whether a geometry, moved east by so many degrees, touches the polygon of a ring. */
function meets(g: Geometry, ring: Position[], by: number): boolean {
  const polygon: Geometry = { type: 'Polygon', coordinates: [ring] }
  if (g.type === 'GeometryCollection') return g.geometries.some((part) => meets(part, ring, by))
  for (const line of linesOf(g)) {
    if (line.some(([x, y]) => contains(polygon, x + by, y))) return true
    for (let i = 1; i < line.length; i++) {
      const a: LonLat = [line[i - 1]![0] + by, line[i - 1]![1]]
      const b: LonLat = [line[i]![0] + by, line[i]![1]]
      for (let k = 1; k < ring.length; k++) if (cross(a, b, ring[k - 1]!, ring[k]!)) return true
    }
  }
  return contains(g, ring[0]![0] - by, ring[0]![1])
}

/** The points, lines and rings of a geometry, each as positions. */
function linesOf(g: Geometry): Position[][] {
  switch (g.type) {
    case 'Point':
      return [[g.coordinates]]
    case 'MultiPoint':
      return g.coordinates.map((p) => [p])
    case 'LineString':
      return [g.coordinates]
    case 'MultiLineString':
      return g.coordinates
    case 'GeometryCollection':
      return g.geometries.flatMap(linesOf)
    default:
      return ringsOf(g)
  }
}

function cross(a: LonLat, b: LonLat, c: Position, d: Position): boolean {
  const side = (p: readonly number[], q: readonly number[], r: readonly number[]) => Math.sign((q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!))
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

const GOLDEN = (Math.sqrt(5) - 1) / 2

/** Metres from a point to the nearest of a geometry; only exact where it may be within so many. */
function nearest(g: Geometry, from: LonLat, within: number): number {
  if (g.type === 'Point') return distance(from, [g.coordinates[0], g.coordinates[1]])
  if (contains(g, from[0], from[1])) return 0
  let best = Infinity
  for (const line of linesOf(g)) {
    for (const p of line) best = Math.min(best, distance(from, [p[0], p[1]]))
    for (let i = 1; i < line.length && best > within; i++) best = Math.min(best, toEdge(from, line[i - 1]!, line[i]!))
  }
  return best
}

/** Metres to an edge that is straight in degrees, by golden section. */
function toEdge(from: LonLat, a: Position, b: Position): number {
  const at = (t: number) => distance(from, [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])])
  let [low, high] = [0, 1]
  for (let i = 0; i < 30; i++) {
    const [l, h] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    if (at(l) < at(h)) high = h
    else low = l
  }
  return at((low + high) / 2)
}

// --- for the server

/** The area in CQL2; adcode is the property with the code of the division. */
export function areaText(a: Area, geometry: string, adcode: string | undefined): string {
  switch (a.kind) {
    case 'region':
      return `A_OVERLAPS("regions",('${a.id}'))`
    case 'division': {
      if (adcode === undefined) return ''
      const { start, exact } = codes(a.code)
      const name = `"${adcode.replaceAll('"', '""')}"`
      return exact ? `${name} = '${start}'` : `${name} LIKE '${start}%'`
    }
    case 'circle':
      return `distance(${geometry},POINT(${a.center[0]} ${a.center[1]})) <= ${Math.round(a.km * 1000)}`
    case 'box': {
      const [w, s, e, n] = a.box
      return `S_INTERSECTS(${geometry},BBOX(${[w, s, e > 180 ? degrees(e - 360) : e, n].join()}))`
    }
    case 'lasso':
      return `S_INTERSECTS(${geometry},${polygonText(a.ring)})`
  }
}

/** A polygon as text; one that reaches beyond 180 degrees is two. */
function polygonText(ring: LonLat[]): string {
  const text = (r: LonLat[]) => `(${[...r, r[0]!].map(([x, y]) => `${x} ${y}`).join(',')})`
  if (ring.every(([x]) => x <= 180)) return `POLYGON(${text(ring)})`
  const west = half(ring, (x) => x <= 180)
  const east = half(ring, (x) => x >= 180).map(([x, y]): LonLat => [degrees(x - 360), y])
  return `MULTIPOLYGON(${[west, east].filter((r) => r.length > 2).map((r) => `(${text(r)})`).join(',')})`
}

/** The part of a ring on one side of 180 degrees. */
function half(ring: LonLat[], keeps: (lon: number) => boolean): LonLat[] {
  const out: LonLat[] = []
  ring.forEach((p, i) => {
    const before = ring[(i + ring.length - 1) % ring.length]!
    if (keeps(p[0]) !== keeps(before[0])) out.push([180, degrees(before[1] + ((180 - before[0]) / (p[0] - before[0])) * (p[1] - before[1]))])
    if (keeps(p[0])) out.push(p)
  })
  return out.filter((p, i) => { const before = out[(i + out.length - 1) % out.length]!; return p[0] !== before[0] || p[1] !== before[1] })
}

// --- on the map

const CIRCLE_POINTS = 180

/** The outline as drawn; none for a region or a division, whose outlines are data. */
export function outlineOf(a: Area): LonLat[] | null {
  switch (a.kind) {
    case 'box': {
      const [w, s, e, n] = a.box
      return [[w, s], [e, s], [e, n], [w, n]]
    }
    case 'lasso':
      return a.ring
    case 'circle':
      return Array.from({ length: CIRCLE_POINTS }, (_, i) => destination(a.center, a.km * 1000, (i * 360) / CIRCLE_POINTS))
    default:
      return null
  }
}

/** The box to look at; null where only data tell it. */
export function areaBox(a: Area): Box | null {
  const ring = outlineOf(a)
  if (!ring) return null
  const xs = ring.map((p) => p[0])
  const ys = ring.map((p) => p[1])
  return [Math.min(...xs), Math.max(-85, Math.min(...ys)), Math.max(...xs), Math.min(85, Math.max(...ys))]
}

/** A place typed as latitude and longitude; null for anything else. */
export function typedPoint(text: string): LonLat | null {
  const m = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*°?\s*([NS])?[\s,，;]+(-?\d{1,3}(?:\.\d+)?)\s*°?\s*([EW])?\s*$/i.exec(text)
  if (!m) return null
  const lat = Number(m[1]) * (m[2]?.toUpperCase() === 'S' ? -1 : 1)
  const lon = Number(m[3]) * (m[4]?.toUpperCase() === 'W' ? -1 : 1)
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [normalLongitude(lon), lat] : null
}
