// Bars of one kind, largest first as given, with name and figure.

import { svg } from '../dom'
import { clip } from './dots'
import { linear, wide } from './scale'

export interface BarRow {
  name: string
  value: number
  /** As it is written. */
  figure: string
  /** A custom property; null: the colour of the chart. */
  colour: string | null
}

const ROW = 26

export function bars(rows: BarRow[], width: number): SVGElement {
  const names = Math.round(Math.min(150, width * 0.34))
  const x = linear(0, Math.max(...rows.map((r) => r.value), 0) || 1, names, width - Math.max(56, ...rows.map((r) => 14 + wide(r.figure))))
  const height = rows.length * ROW
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height }, ...rows.flatMap((r, i) => {
    const y = i * ROW
    const bar = svg('rect', { class: 'chart-bar', x: names, y: y + 6, width: Math.max(1, x(r.value) - names), height: ROW - 12 })
    if (r.colour) bar.style.setProperty('--c', `var(${r.colour})`)
    return [
      svg('text', { class: 'chart-name', x: 0, y: y + 17 }, clip(r.name, names - 6)), bar,
      svg('text', { class: 'chart-tick', x: x(r.value) + 6, y: y + 17 }, r.figure),
    ]
  }))
}
