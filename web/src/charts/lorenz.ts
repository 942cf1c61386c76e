// The Lorenz curve: how much lies in how many units, from the emptiest to the fullest.

import { svg } from '../dom'
import { linear, path, wide } from './scale'

export interface LorenzData {
  points: { x: number; y: number }[]
  /** Along the diagonal. */
  even: string
  /** At the point where half is reached; null where there is none. */
  half: string | null
}

/** Where the curve passes a height. */
export function crossing(points: { x: number; y: number }[], y: number): number | null {
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!]
    if (a.y <= y && b.y >= y && b.y > a.y) return a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)
  }
  return null
}

/** The height of the curve at x. */
export function heightAt(points: { x: number; y: number }[], x: number): number {
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!]
    if (a.x <= x && b.x >= x && b.x > a.x) return a.y + ((x - a.x) / (b.x - a.x)) * (b.y - a.y)
  }
  return 1
}

/** Below this height nothing is written. */
const LOWEST = 0.08

const MARKS = [0, 0.25, 0.5, 0.75, 1]

export function lorenz(d: LorenzData, width: number): SVGElement {
  const [left, right, top, bottom] = [44, 12, 10, 24]
  const height = Math.min(260, Math.round(width * 0.62))
  const x = linear(0, 1, left, width - right)
  const y = linear(0, 1, height - bottom, top)
  const label = (v: number) => (v === 1 ? '100%' : String(v * 100))
  const line = d.points.map((p): [number, number] => [x(p.x), y(p.y)])
  const at = crossing(d.points, 0.5)
  const under = heightAt(d.points, Math.max(0, 1 - (wide(d.half ?? '') + 8) / (x(1) - x(0)))) - LOWEST
  const place = under > LOWEST ? { x: x(1), y: y(Math.min(under, 0.42)) + 4 } : { x: x(at ?? 1) - 8, y: y(0.5) + 16 }
  const slope = (Math.atan2(y(0) - y(1), x(1) - x(0)) * -180) / Math.PI
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height },
    ...MARKS.flatMap((v) => [
      svg('line', { class: 'chart-grid', x1: x(0), x2: x(1), y1: y(v), y2: y(v) }),
      svg('text', { class: 'chart-tick is-end', x: left - 6, y: y(v) + 4 }, label(v)),
      svg('text', { class: v === 1 ? 'chart-tick is-end' : 'chart-tick is-middle', x: v === 1 ? width - 2 : x(v), y: height - 6 }, label(v)),
    ]),
    svg('path', { class: 'chart-area', d: `${path([[x(0), y(0)], ...line, [x(1), y(1)]])}Z` }),
    svg('line', { class: 'chart-even', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    svg('text', { class: 'chart-note', transform: `translate(${x(0.12)} ${y(0.12) - 6}) rotate(${slope})` }, d.even),
    svg('path', { class: 'chart-line', d: path(line) }),
    ...(d.half !== null && at !== null ? [
      svg('line', { class: 'chart-lead', x1: x(0.5), x2: x(at), y1: y(0.5), y2: y(0.5) }),
      svg('circle', { class: 'chart-dot', cx: x(at), cy: y(0.5), r: 4 }),
      svg('text', { class: 'chart-say is-end', ...place }, d.half),
    ] : []))
}
