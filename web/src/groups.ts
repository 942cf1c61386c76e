// Marks: what is drawn for a set of points at a zoom. Near points become one
// group, points at one place become a stack. The marks partition the points and
// depend only on points and zoom, never on the part of the map in view.

export interface Point {
  id: string
  /** Web Mercator in pixels of zoom 0: the world is 256 wide. */
  x: number
  y: number
}

export interface Mark<P extends Point = Point> {
  kind: 'single' | 'stack' | 'group'
  /** The same members at another zoom have the same key. */
  key: string
  members: P[]
  /** The member on whose point the mark stands. */
  anchor: P
}

/** The greatest zoom of the map for collections that the page holds. */
export const MAX_ZOOM = 14

/** More points than this at one place are a group with a list, not a fan. */
const MAX_STACK = 6

const WORLD = 256

/** Web Mercator pixels at zoom 0; latitudes beyond 85.05 degrees are clamped to the edge. */
export function project(lon: number, lat: number): { x: number; y: number } {
  const limit = Math.max(-85.0511287798, Math.min(85.0511287798, lat))
  const sin = Math.sin((limit * Math.PI) / 180)
  return {
    x: ((lon + 180) / 360) * WORLD,
    y: (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * WORLD,
  }
}

/** Every point by itself, at any zoom; those at one place stay together. */
export function markApart<P extends Point>(points: P[]): Mark<P>[] {
  return stacks(points).map((members) => toMark({ members, x: members[0]!.x, y: members[0]!.y, r: 0 }))
}

/** The radius in pixels of a group of n. */
export function groupRadius(n: number): number {
  if (n <= 3) return 13
  if (n <= 9) return 15.5
  if (n <= 99) return 18
  return n <= 999 ? 22.5 : 27.5
}

interface Blob<P extends Point> {
  members: P[]
  x: number
  y: number
  r: number
}

/**
 * Merges until no two marks lie nearer than their radii and a gap. Points that
 * share a place always stay together.
 */
export function markUp<P extends Point>(points: P[], zoom: number, gap = 3): Mark<P>[] {
  const scale = 2 ** zoom
  let blobs = stacks(points).map((members) => blob(members, scale))
  for (let round = 0; round < 24; round++) {
    const merged = mergeOnce(blobs, gap, scale)
    if (merged.length === blobs.length) break
    blobs = merged
  }
  return blobs.map((b) => toMark(b))
}

function stacks<P extends Point>(points: P[]): P[][] {
  const at = new Map<string, P[]>()
  for (const p of points) {
    const key = `${p.x.toFixed(7)} ${p.y.toFixed(7)}`
    const list = at.get(key)
    if (list) list.push(p)
    else at.set(key, [p])
  }
  return [...at.values()].map((list) => list.sort(byId))
}

function byId(a: Point, b: Point): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function blob<P extends Point>(members: P[], scale: number): Blob<P> {
  const anchor = middle(members)
  const r = members.length === 1 ? 9.5 : groupRadius(members.length)
  return { members, x: anchor.x * scale, y: anchor.y * scale, r }
}

/** The member nearest to the mean, so that a group stands on a real place. */
export function middle<P extends Point>(members: P[]): P {
  const mx = members.reduce((s, p) => s + p.x, 0) / members.length
  const my = members.reduce((s, p) => s + p.y, 0) / members.length
  let best = members[0]!
  let least = Infinity
  for (const p of members) {
    const d = (p.x - mx) ** 2 + (p.y - my) ** 2
    if (d < least - 1e-15 || (Math.abs(d - least) <= 1e-15 && p.id < best.id)) {
      least = d
      best = p
    }
  }
  return best
}

/** One pass, from the largest: each mark takes in all that touch it and are still free. */
function mergeOnce<P extends Point>(blobs: Blob<P>[], gap: number, scale: number): Blob<P>[] {
  const order = [...blobs].sort((a, b) => b.members.length - a.members.length || byId(a.members[0]!, b.members[0]!))
  const cell = 2 * 27.5 + gap
  const grid = new Map<string, Blob<P>[]>()
  for (const b of order) {
    const key = `${Math.floor(b.x / cell)},${Math.floor(b.y / cell)}`
    const list = grid.get(key)
    if (list) list.push(b)
    else grid.set(key, [b])
  }
  const taken = new Set<Blob<P>>()
  const out: Blob<P>[] = []
  for (const b of order) {
    if (taken.has(b)) continue
    taken.add(b)
    const near = neighbours(grid, b, cell).filter((o) => !taken.has(o) && touches(b, o, gap))
    near.forEach((o) => taken.add(o))
    if (near.length === 0) out.push(b)
    else out.push(blob([b, ...near].flatMap((o) => o.members).sort(byId), scale))
  }
  return out
}

function neighbours<P extends Point>(grid: Map<string, Blob<P>[]>, b: Blob<P>, cell: number): Blob<P>[] {
  const cx = Math.floor(b.x / cell)
  const cy = Math.floor(b.y / cell)
  const found: Blob<P>[] = []
  for (let dx = -1; dx <= 1; dx++) {
    for (let dy = -1; dy <= 1; dy++) found.push(...(grid.get(`${cx + dx},${cy + dy}`) ?? []))
  }
  return found
}

function touches(a: Blob<Point>, b: Blob<Point>, gap: number): boolean {
  const reach = a.r + b.r + gap
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 < reach * reach
}

function toMark<P extends Point>(b: Blob<P>): Mark<P> {
  const anchor = middle(b.members)
  if (b.members.length === 1) return { kind: 'single', key: `f:${anchor.id}`, members: b.members, anchor }
  const onePlace = b.members.every((p) => p.x.toFixed(7) === anchor.x.toFixed(7) && p.y.toFixed(7) === anchor.y.toFixed(7))
  const kind = onePlace && b.members.length <= MAX_STACK ? 'stack' : 'group'
  return { kind, key: `${kind[0]}:${b.members[0]!.id}:${b.members.length}`, members: b.members, anchor }
}

/**
 * The smallest zoom above the given one at which the members are more than one
 * mark, in steps; null where they never part up to maxZoom.
 */
export function splitZoom<P extends Point>(members: P[], zoom: number, maxZoom: number, step = 0.5): number | null {
  for (let z = Math.floor(zoom / step) * step + step; z <= maxZoom; z += step) {
    if (markUp(members, z).length > 1) return z
  }
  return null
}

export interface Part {
  key: string
  n: number
}

/** Counts of equal keys added up, largest first. */
export function countParts(parts: Iterable<Part>): Part[] {
  const count = new Map<string, number>()
  for (const p of parts) count.set(p.key, (count.get(p.key) ?? 0) + p.n)
  return [...count].map(([key, n]) => ({ key, n })).sort((a, b) => b.n - a.n || (a.key < b.key ? -1 : 1))
}

/** What the ring of a group shows of its parts: up to four, of more the three largest and the rest. */
export function ringParts(parts: Part[]): Part[] {
  if (parts.length <= 4) return parts
  return [...parts.slice(0, 3), { key: '', n: parts.slice(3).reduce((s, p) => s + p.n, 0) }]
}
