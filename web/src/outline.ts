// The outline of a region in parts. A region is drawn as light land with an ink
// line, and the line runs only where the region borders on other land: along the
// coast the shore itself is the line, and where two of its own units meet is none.

import type { Box, Geometry, Position } from './geojson'
import { ringsOf } from './geojson'

/** A vertex nearer than this to the coast, in degrees, counts as on it. */
const NEAR_COAST = 0.004
/** The same for a vertex on the border of a neighbour in the same region. */
const NEAR_UNIT = 0.004
/** Shorter runs than this many vertices are noise of two coasts that differ a little. */
const SHORTEST = 4

interface Segment {
  a: Position
  b: Position
  ring: Position[]
}

/** The segments of rings, findable by place. */
export class RingIndex {
  private readonly cells = new Map<string, Segment[]>()

  /** Rings of the geometries; what lies wholly outside of the window is left out. */
  constructor(geometries: Geometry[], window: Box = [-180, -90, 180, 90]) {
    const [w, s, e, n] = window
    for (const ring of geometries.flatMap(ringsOf)) {
      for (let i = 1; i < ring.length; i++) {
        const a = ring[i - 1]!
        const b = ring[i]!
        if (Math.max(a[0], b[0]) < w || Math.min(a[0], b[0]) > e || Math.max(a[1], b[1]) < s || Math.min(a[1], b[1]) > n) continue
        this.add({ a, b, ring })
      }
    }
  }

  /** Whether a segment of another ring than except runs within reach degrees of p. */
  near(p: Position, reach: number, except?: Position[]): boolean {
    const cx = Math.floor(p[0] / CELL)
    const cy = Math.floor(p[1] / CELL)
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const { a, b, ring } of this.cells.get(`${cx + dx},${cy + dy}`) ?? []) {
          if (ring !== except && distance(p, a, b) < reach) return true
        }
      }
    }
    return false
  }

  private add(segment: Segment): void {
    const { a, b } = segment
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])) / CELL))
    const seen = new Set<string>()
    for (let i = 0; i <= steps; i++) {
      const x = a[0] + ((b[0] - a[0]) * i) / steps
      const y = a[1] + ((b[1] - a[1]) * i) / steps
      const key = `${Math.floor(x / CELL)},${Math.floor(y / CELL)}`
      if (seen.has(key)) continue
      seen.add(key)
      const list = this.cells.get(key)
      if (list) list.push(segment)
      else this.cells.set(key, [segment])
    }
  }
}

const CELL = 0.1

function distance(p: Position, a: Position, b: Position): number {
  const dx = b[0] - a[0]
  const dy = b[1] - a[1]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
}

export interface Outline {
  /** Where the region borders on other land. */
  land: Position[][]
  /** Where it ends at the sea. */
  shore: Position[][]
}

/** Splits the rings of a region into land side and shore, as lines. */
export function splitOutline(region: Geometry | null, coast: RingIndex): Outline {
  const out: Outline = { land: [], shore: [] }
  if (!region) return out
  const units = new RingIndex([region])
  for (const ring of ringsOf(region)) {
    const each = (test: (p: Position) => boolean) => ring.map((p, i) => test(p) && test(between(p, ring[(i + 1) % ring.length]!)))
    const inner = each((p) => units.near(p, NEAR_UNIT, ring))
    const onCoast = smooth(each((p) => coast.near(p, NEAR_COAST)))
    out.land.push(...runs(ring, smooth(onCoast.map((c, i) => c || inner[i]!))))
    out.shore.push(...runs(ring, onCoast.map((c, i) => !c || inner[i]!)))
  }
  return out
}

function between(a: Position, b: Position): Position {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

/** Takes short land runs between coasts for coast. */
function smooth(onCoast: boolean[]): boolean[] {
  const n = onCoast.length
  const out = [...onCoast]
  if (!onCoast.includes(true)) return out
  const start = onCoast.indexOf(true)
  for (let k = 0; k < n; ) {
    const i = (start + k) % n
    if (onCoast[i]) {
      k++
      continue
    }
    let run = 0
    while (run < n && !onCoast[(i + run) % n]) run++
    if (run < SHORTEST) for (let j = 0; j < run; j++) out[(i + j) % n] = true
    k += run
  }
  return out
}

/** The stretches of a ring whose vertices are not left out, each with the vertex before and after. */
function runs(ring: Position[], leftOut: boolean[]): Position[][] {
  if (!leftOut.includes(true)) return [ring]
  const n = ring.length
  const start = leftOut.indexOf(true)
  const lines: Position[][] = []
  let line: Position[] = []
  for (let k = 0; k <= n; k++) {
    const i = (start + k) % n
    if (!leftOut[i]) {
      if (line.length === 0) line.push(ring[(i - 1 + n) % n]!)
      line.push(ring[i]!)
    } else if (line.length > 0) {
      line.push(ring[i]!)
      lines.push(line)
      line = []
    }
  }
  return lines
}
