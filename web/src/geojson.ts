// The answers of the server as this page reads them. Positions are longitude,
// latitude in degrees on WGS 84 (OGC:CRS84), the order of GeoJSON.

export type Position = [number, number, ...number[]]
export type Properties = Record<string, unknown>

export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'MultiPoint' | 'LineString'; coordinates: Position[] }
  | { type: 'MultiLineString' | 'Polygon'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] }
  | { type: 'GeometryCollection'; geometries: Geometry[] }

export interface Feature {
  type: 'Feature'
  id: string | number
  geometry: Geometry | null
  properties: Properties
}

export interface FeatureCollection {
  type: 'FeatureCollection'
  features: Feature[]
  links?: Link[]
  numberMatched?: number
  numberReturned?: number
}

export interface Link {
  rel: string
  href: string
  type?: string
}

export interface Collection {
  id: string
  title?: string
  description?: string
  'x-title'?: Partial<Record<string, string>>
  itemType?: string
  extent?: { spatial?: { bbox?: number[][] } }
}

/** How far east the map can be moved, in degrees; it can be moved as far west. */
export const EAST_END = 220

/** A box in degrees: west, south, east, north. It does not cross 180 degrees. */
export type Box = [number, number, number, number]

/** Calls visit with every position of g, in order. */
function eachPosition(g: Geometry | null, visit: (p: Position) => void): void {
  if (!g) return
  if (g.type === 'GeometryCollection') {
    for (const part of g.geometries) eachPosition(part, visit)
    return
  }
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return
    if (typeof c[0] === 'number') visit(c as Position)
    else for (const inner of c) walk(inner)
  }
  walk(g.coordinates)
}

/** The box around geometries, or null where there is no position. */
export function boxOf(geometries: Iterable<Geometry | null>): Box | null {
  let box: Box | null = null
  for (const g of geometries) {
    eachPosition(g, ([x, y]) => {
      if (!box) box = [x, y, x, y]
      else {
        box[0] = Math.min(box[0], x)
        box[1] = Math.min(box[1], y)
        box[2] = Math.max(box[2], x)
        box[3] = Math.max(box[3], y)
      }
    })
  }
  return box
}

/**
 * The longitude from which data that lie on both sides of 180 degrees begin, west
 * to east; what lies west of it is drawn 360 degrees further east. Null where the
 * data do not cross 180 degrees, that is, leave no gap of more than half the world,
 * or would reach further east than the map goes.
 */
export function seamOf(geometries: Iterable<Geometry | null>): number | null {
  const lons: number[] = []
  for (const g of geometries) eachPosition(g, ([x]) => lons.push(x))
  lons.sort((a, b) => a - b)
  for (let i = 1; i < lons.length; i++) if (lons[i]! - lons[i - 1]! > 180) return lons[i - 1]! + 360 <= EAST_END ? lons[i]! : null
  return null
}

/** A geometry with every longitude west of the seam moved 360 degrees east. */
export function unseamed<G extends Geometry | null>(g: G, seam: number | null): G {
  return seam === null ? g : moved(g, (lon) => (lon < seam ? lon + 360 : lon))
}

/** A geometry moved east by so many degrees. */
export function shifted(g: Geometry, by: number): Geometry {
  return moved(g, (lon) => lon + by)
}

function moved<G extends Geometry | null>(g: G, to: (lon: number) => number): G {
  if (!g) return g
  if (g.type === 'GeometryCollection') return { ...g, geometries: g.geometries.map((part) => moved(part, to)) }
  const move = (c: unknown): unknown => {
    if (!Array.isArray(c)) return c
    return typeof c[0] === 'number' ? [to(c[0]), ...c.slice(1)] : c.map(move)
  }
  return { ...g, coordinates: move(g.coordinates) } as G
}

/** A longitude within -180 to 180. */
export function normalLongitude(lon: number): number {
  return lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon
}

/** All rings of the polygons in g; lines and points have none. */
export function ringsOf(g: Geometry | null): Position[][] {
  if (!g) return []
  switch (g.type) {
    case 'Polygon':
      return g.coordinates
    case 'MultiPolygon':
      return g.coordinates.flat()
    case 'GeometryCollection':
      return g.geometries.flatMap(ringsOf)
    default:
      return []
  }
}

/**
 * Where the symbol of g stands: the point itself, the middle vertex of a line,
 * a point inside a polygon (on the widest stretch of its middle latitude). Null without positions.
 */
export function symbolPoint(g: Geometry | null): Position | null {
  if (!g) return null
  switch (g.type) {
    case 'Point':
      return g.coordinates
    case 'MultiPoint':
      return g.coordinates[0] ?? null
    case 'LineString':
      return g.coordinates[g.coordinates.length >> 1] ?? null
    case 'MultiLineString': {
      const longest = g.coordinates.reduce<Position[]>((a, b) => (b.length > a.length ? b : a), [])
      return longest[longest.length >> 1] ?? null
    }
    case 'Polygon':
      return insidePoint(g.coordinates)
    case 'MultiPolygon': {
      const largest = g.coordinates.reduce<Position[][]>(
        (a, b) => (ringArea(b[0]) > ringArea(a[0]) ? b : a), [])
      return insidePoint(largest)
    }
    case 'GeometryCollection':
      for (const part of g.geometries) {
        const p = symbolPoint(part)
        if (p) return p
      }
      return null
  }
}

/** Whether a point lies in an area, by the even-odd rule over all its rings. */
export function contains(g: Geometry | null, lon: number, lat: number): boolean {
  let inside = false
  for (const ring of ringsOf(g)) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1]!
      const [bx, by] = ring[i]!
      if (ay > lat !== by > lat && lon < ax + ((lat - ay) / (by - ay)) * (bx - ax)) inside = !inside
    }
  }
  return inside
}

function ringArea(ring: Position[] | undefined): number {
  if (!ring) return 0
  let twice = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1]!
    const [bx, by] = ring[i]!
    twice += ax * by - bx * ay
  }
  return Math.abs(twice) / 2
}

function insidePoint(rings: Position[][]): Position | null {
  const outer = rings[0]
  if (!outer || outer.length === 0) return null
  const ys = outer.map((p) => p[1])
  const y = (Math.min(...ys) + Math.max(...ys)) / 2
  const crossings: number[] = []
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1]!
      const [bx, by] = ring[i]!
      if (ay > y !== by > y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax))
    }
  }
  crossings.sort((a, b) => a - b)
  let best: Position = outer[0]!
  let widest = 0
  for (let i = 1; i < crossings.length; i += 2) {
    const west = crossings[i - 1]!
    const east = crossings[i]!
    if (east - west > widest) {
      widest = east - west
      best = [(west + east) / 2, y]
    }
  }
  return best
}
