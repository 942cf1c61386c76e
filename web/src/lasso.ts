// A line drawn by hand around something, made a ring that encloses an area: fewer
// vertices, and no edge that crosses another.

import type { LonLat } from './geodesic'

/** The line with only the vertices that it needs to stay within a tolerance of itself, by Douglas and Peucker. */
export function thinned(line: LonLat[], tolerance: number): LonLat[] {
  if (line.length < 3) return line
  const keep = new Set([0, line.length - 1])
  const work: [number, number][] = [[0, line.length - 1]]
  for (let part = work.pop(); part; part = work.pop()) {
    const [a, b] = part
    let far = 0
    let at = -1
    for (let i = a + 1; i < b; i++) {
      const d = offset(line[i]!, line[a]!, line[b]!)
      if (d > far) [far, at] = [d, i]
    }
    if (at < 0 || far <= tolerance) continue
    keep.add(at)
    work.push([a, at], [at, b])
  }
  return line.filter((_, i) => keep.has(i))
}

/** At most so many vertices, with as small a tolerance as does it. */
export function thinnedTo(line: LonLat[], most: number, tolerance: number): LonLat[] {
  let out = thinned(line, tolerance)
  for (let t = tolerance * 1.5; out.length > most; t *= 1.5) out = thinned(line, t)
  return out
}

function offset([x, y]: LonLat, [ax, ay]: LonLat, [bx, by]: LonLat): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length))
  return Math.hypot(x - ax - t * dx, y - ay - t * dy)
}

/** The ring without its smaller loops, so that no edge crosses another; null where nothing encloses an area. */
export function simple(ring: LonLat[]): LonLat[] | null {
  let out = tidy(ring)
  for (let i = 0; i < 2 * ring.length + 8; i++) {
    const hit = crossing(out)
    if (!hit) break
    const inner = tidy([hit.at, ...out.slice(hit.i + 1, hit.k + 1)])
    const outer = tidy([...out.slice(0, hit.i + 1), hit.at, ...out.slice(hit.k + 1)])
    out = areaOf(inner) > areaOf(outer) ? inner : outer
  }
  return out.length >= 3 && areaOf(out) > 0 && !crossing(out) ? out : null
}

/** Without vertices that stand twice and without spikes. */
function tidy(ring: LonLat[]): LonLat[] {
  let out = ring
  for (;;) {
    const next = out.filter((p, i) => {
      const [a, b] = [out[(i + out.length - 1) % out.length]!, out[(i + 1) % out.length]!]
      return !same(p, a) && !(same(a, b) || spike(a, p, b))
    })
    if (next.length === out.length || next.length < 3) return next
    out = next
  }
}

/** Whether the way from a to p goes back on itself to b. */
function spike(a: LonLat, p: LonLat, b: LonLat): boolean {
  const [ux, uy, vx, vy] = [p[0] - a[0], p[1] - a[1], b[0] - p[0], b[1] - p[1]]
  return Math.abs(ux * vy - uy * vx) < 1e-12 && ux * vx + uy * vy < 0
}

const same = (a: LonLat, b: LonLat) => a[0] === b[0] && a[1] === b[1]

/** Twice the area without its sign. */
function areaOf(ring: LonLat[]): number {
  let sum = 0
  ring.forEach(([x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length]!
    sum += x * ny - nx * y
  })
  return Math.abs(sum)
}

/** The first two edges that meet although they are no neighbours, and where. */
function crossing(ring: LonLat[]): { i: number; k: number; at: LonLat } | null {
  const n = ring.length
  for (let i = 0; i < n; i++) {
    for (let k = i + 2; k < n; k++) {
      if (i === 0 && k === n - 1) continue
      const at = meeting(ring[i]!, ring[i + 1]!, ring[k]!, ring[(k + 1) % n]!)
      if (at) return { i, k, at }
    }
  }
  return null
}

const round = (v: number) => Math.round(v * 1e4) / 1e4

function meeting(a: LonLat, b: LonLat, c: LonLat, d: LonLat): LonLat | null {
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]]
  const turn = ux * vy - uy * vx
  if (turn === 0) return [c, d].find((p) => offset(p, a, b) === 0) ?? [a, b].find((p) => offset(p, c, d) === 0) ?? null
  const s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / turn
  const t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / turn
  return s < 0 || s > 1 || t < 0 || t > 1 ? null : [round(a[0] + s * ux), round(a[1] + s * uy)]
}
