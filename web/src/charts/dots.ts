// Rows of a dot with its interval, on an axis of ratios with a line at 1.

import { svg } from '../dom'
import { linear, logarithmic, powers, powerText } from './scale'

export interface DotRow {
  name: string
  /** Figures between the name and the dot, as they are written. */
  cells: string[]
  value: number | null
  low: number | null
  high: number | null
  /** The corrected p of the value; null where there is none. */
  p: number | null
}

/** At most this is beyond chance. */
const LEVEL = 0.05

export interface DotData {
  /** Above the names and the cells. */
  heads: string[]
  rows: DotRow[]
}

const ROW = 30
const HEAD = 24

/** More than its share, less, or no different from it by chance; without a p, whether an interval is there that does not hold 1. */
export function standing(r: Pick<DotRow, 'value' | 'low' | 'high' | 'p'>): 'more' | 'less' | 'even' {
  const sure = r.p !== null ? r.p <= LEVEL : r.low !== null && r.high !== null && (r.low > 1 || r.high < 1)
  if (r.value === null || !sure) return 'even'
  return r.value > 1 ? 'more' : 'less'
}

export function dots(d: DotData, width: number): SVGElement {
  const cells = width < 380 ? [0, d.heads.length - 2] : d.heads.slice(1).map((_, i) => i)
  const cellWidth = 48
  const names = Math.round(Math.min(150, width * 0.3))
  const from = names + cells.length * cellWidth + 18
  const height = HEAD + d.rows.length * ROW
  const [low, high] = powers(d.rows.flatMap((r) => [r.value, r.low, r.high].filter((v): v is number => v !== null)))
  const x = logarithmic(low, high, from, width - 8)
  const marks = Array.from({ length: Math.round(Math.log2(high / low)) + 1 }, (_, i) => low * 2 ** i)
  const every = Math.ceil((marks.length * 22) / (width - from))
  const shown = marks.filter((m) => Math.round(Math.log2(m)) % every === 0)
  const cellAt = linear(0, 1, names, names + cellWidth)
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height },
    svg('text', { class: 'chart-tick', x: 0, y: 15 }, d.heads[0]!),
    ...cells.map((c, i) => svg('text', { class: 'chart-tick is-end', x: cellAt(i + 1) - 4, y: 15 }, d.heads[c + 1]!)),
    ...shown.flatMap((m) => [
      svg('line', { class: m === 1 ? 'chart-one' : 'chart-grid', x1: x(m), x2: x(m), y1: HEAD, y2: height }),
      svg('text', { class: 'chart-tick is-middle', x: x(m), y: 15 }, powerText(m)),
    ]),
    ...d.rows.flatMap((r, i) => {
      const y = HEAD + i * ROW
      const middle = y + ROW / 2
      const kind = `is-${standing(r)}`
      return [
        svg('line', { class: 'chart-rule', x1: 0, x2: width, y1: y, y2: y }),
        svg('text', { class: 'chart-name', x: 0, y: middle + 4 }, clip(r.name, names)),
        ...cells.map((c, j) => svg('text', { class: c === r.cells.length - 1 ? 'chart-cell is-strong' : 'chart-cell', x: cellAt(j + 1) - 4, y: middle + 4 }, r.cells[c]!)),
        ...(r.low !== null && r.high !== null ? [svg('line', { class: `chart-interval ${kind}`, x1: x(r.low), x2: x(r.high), y1: middle, y2: middle })] : []),
        ...(r.value !== null ? [svg('circle', { class: `chart-point ${kind}`, cx: x(r.value), cy: middle, r: 4.5 })] : []),
      ]
    }))
}

/** As much of a name as has room. */
export function clip(name: string, room: number): string {
  let width = 0
  let out = ''
  for (const c of name) {
    width += c.charCodeAt(0) > 0x2e80 ? 13 : 7
    if (width > room) return `${out.slice(0, -1)}…`
    out += c
  }
  return out
}
