// A curve with a band: what was found, and between what chance would leave it.

import { svg } from '../dom'
import { linear, path, ticks, wide } from './scale'
import { shortNumber } from './chart'

export interface BandData {
  x: number[]
  y: number[]
  low: number[]
  high: number[]
  /** In the band, and at the curve; without limits there is no band. */
  chance: string
  found: string
  /** The unit of the last mark of x. */
  unit: string
}

export function band(d: BandData, width: number): SVGElement {
  const [left, right, top, bottom] = [40, 12, 24, 24]
  const height = Math.min(220, Math.round(width * 0.55))
  const bounded = d.high.length === d.x.length && d.low.length === d.x.length
  const most = Math.max(...d.y, ...(bounded ? d.high : [])) * 1.05 || 1
  const end = d.x.at(-1) ?? 1
  const x = linear(d.x[0] ?? 0, end, left, width - right)
  const y = linear(0, most, height - bottom, top)
  const xs = ticks(d.x[0] ?? 0, end, width < 320 ? 3 : 5)
  const points = (v: number[]) => d.x.map((at, i): [number, number] => [x(at), y(v[i]!)])
  const sample = (at: number, kind: string, words: string) => [
    kind === 'area' ? svg('rect', { class: 'chart-band', x: at, y: 4, width: 14, height: 10 }) : svg('line', { class: 'chart-line', x1: at, x2: at + 14, y1: 9, y2: 9 }),
    svg('text', { class: 'chart-note', x: at + 19, y: 13 }, words),
  ]
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height },
    ...ticks(0, most, 4).flatMap((v) => [
      svg('line', { class: 'chart-grid', x1: x(d.x[0] ?? 0), x2: x(end), y1: y(v), y2: y(v) }),
      svg('text', { class: 'chart-tick is-end', x: left - 6, y: y(v) + 4 }, shortNumber(v)),
    ]),
    ...xs.map((v, i) => svg('text', { class: 'chart-tick is-middle', x: Math.min(x(v), width - 26), y: height - 6 }, i === xs.length - 1 ? `${shortNumber(v)} ${d.unit}` : shortNumber(v))),
    bounded && svg('path', { class: 'chart-band', d: `${path([...points(d.high), ...points(d.low).reverse()])}Z` }),
    svg('path', { class: 'chart-line', d: path(points(d.y)) }),
    ...sample(left, 'line', d.found), ...(bounded ? sample(left + 28 + wide(d.found), 'area', d.chance) : []))
}
