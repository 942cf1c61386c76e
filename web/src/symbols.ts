// The drawing of symbols, groups and stacks as SVG. Colours come from classes
// and the variable --c, so that one drawing serves light, dark and forced colours.

import type { Drawing, Shape } from './dataset'
import { setVar, svg } from './dom'
import { groupRadius } from './groups'

/** Half the side of the drawing area of one symbol; the halo fits in it. */
const HALF = 15

interface Outline {
  tag: 'circle' | 'path'
  attrs: Record<string, string | number>
}

/** The outline of a shape whose nominal size is that of LOOK, drawn smaller by inset. */
function outline(shape: Shape, inset: number): Outline {
  const points = (list: [number, number][]) => `M${list.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L')}Z`
  switch (shape) {
    case 'prefecture':
      return { tag: 'circle', attrs: { r: 8.5 - inset } }
    case 'county':
      return { tag: 'circle', attrs: { r: 7.5 - inset } }
    case 'town': {
      const r = 9.3 - inset * 1.6
      return { tag: 'path', attrs: { d: points([[0, -r], [r * 0.88, r * 0.62], [-r * 0.88, r * 0.62]]) } }
    }
    case 'zone': {
      const s = 6.5 - inset
      return { tag: 'path', attrs: { d: points([[-s, -s], [s, -s], [s, s], [-s, s]]) } }
    }
    case 'market': {
      const s = 9.5 - inset * 1.3
      return { tag: 'path', attrs: { d: points([[0, -s], [s, 0], [0, s], [-s, 0]]) } }
    }
    case 'province': {
      const r = 10 - inset * 1.15
      const corners = [0, 1, 2, 3, 4, 5].map((i): [number, number] => {
        const a = (Math.PI / 3) * i - Math.PI / 2
        return [r * Math.cos(a), r * Math.sin(a)]
      })
      return { tag: 'path', attrs: { d: points(corners) } }
    }
  }
}

/** One symbol in parts, around the origin. */
function symbolParts(shape: Shape, drawing: Drawing): SVGElement[] {
  const parts: SVGElement[] = []
  if (drawing === 'approximate') parts.push(svg('circle', { class: 'sym-halo', r: 14.5 }))
  const full = outline(shape, 0)
  parts.push(svg(full.tag, { class: 'sym-casing', ...full.attrs }))
  if (drawing === 'filled') {
    parts.push(svg(full.tag, { class: 'sym-fill', ...full.attrs }))
    if (shape === 'county') parts.push(svg('circle', { class: 'sym-paper', r: 2.5 }))
    return parts
  }
  const line = outline(shape, 1.25)
  parts.push(svg(line.tag, { class: drawing === 'hollow' ? 'sym-line' : 'sym-line sym-dash', ...line.attrs }))
  if (shape === 'county') parts.push(svg('circle', { class: 'sym-fill', r: 2.1 }))
  return parts
}

/** A symbol by shape, drawing and colour token, e.g. for map, list and legend. */
export function symbol(shape: Shape, drawing: Drawing, token: string | null): SVGElement {
  const root = svg('svg', {
    class: 'symbol', viewBox: `${-HALF} ${-HALF} ${2 * HALF} ${2 * HALF}`, width: 2 * HALF, height: 2 * HALF, 'aria-hidden': 'true', focusable: 'false',
  }, ...symbolParts(shape, drawing))
  return setVar(root, '--c', token ? `var(--fam-${token})` : 'var(--ink-2)')
}

/** A round swatch of a family. */
export function swatch(token: string | null): SVGElement {
  const root = svg('svg', { class: 'swatch', viewBox: '-7 -7 14 14', width: 14, height: 14, 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'sym-fill', r: 6.5 }))
  return setVar(root, '--c', token ? `var(--fam-${token})` : 'var(--ink-2)')
}

/** The disc of a group: a ring by family from 12 o'clock, the count inside. */
export function groupDisc(n: number, parts: { token: string; n: number }[], shown: string): SVGElement {
  const r = groupRadius(n)
  const side = 2 * r + 6
  const width = r < 16 ? 4 : r < 22 ? 4.5 : 5.5
  const root = svg('svg', { class: 'group-disc', viewBox: `${-side / 2} ${-side / 2} ${side} ${side}`, width: side, height: side, 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'sym-paper', r: r + 1.5 }))
  const mid = r - width / 2
  if (parts.length === 1) {
    root.append(ring(svg('circle', { r: mid }), parts[0]!.token, width))
  } else {
    const gap = 1.4 / mid
    let angle = -Math.PI / 2
    for (const p of parts) {
      const sweep = (p.n / n) * 2 * Math.PI
      root.append(ring(arc(mid, angle + gap / 2, angle + Math.max(sweep - gap / 2, gap)), p.token, width))
      angle += sweep
    }
  }
  root.append(svg('text', { class: 'group-count', y: '0.36em', 'text-anchor': 'middle' }, shown))
  return root
}

function arc(r: number, from: number, to: number): SVGElement {
  const large = to - from > Math.PI ? 1 : 0
  const at = (a: number) => `${(r * Math.cos(a)).toFixed(2)} ${(r * Math.sin(a)).toFixed(2)}`
  return svg('path', { d: `M${at(from)}A${r} ${r} 0 ${large} 1 ${at(to)}` })
}

function ring(el: SVGElement, token: string, width: number): SVGElement {
  el.setAttribute('class', 'group-ring')
  el.setAttribute('stroke-width', String(width))
  return setVar(el, '--c', `var(--fam-${token})`)
}

/** Degrees between the stems of a fan of n, so that its symbols do not touch. */
const STEP = [0, 0, 70, 68, 66, 64, 60]

/** Where the i-th of n symbols of a fan stands from the seat, in pixels. */
export function fanOffset(i: number, n: number): { x: number; y: number } {
  const angle = (-90 + (i - (n - 1) / 2) * (STEP[n] ?? 360 / n)) * (Math.PI / 180)
  const stem = n <= 3 ? 22 : 24
  return { x: stem * Math.cos(angle), y: stem * Math.sin(angle) }
}

/** The seat dot and stems of a fan; the symbols themselves are elements of their own. */
export function fanStems(n: number): SVGElement {
  const root = svg('svg', { class: 'fan', viewBox: '-40 -40 80 80', width: 80, height: 80, 'aria-hidden': 'true', focusable: 'false' })
  for (const cls of ['fan-casing', 'fan-stem']) {
    for (let i = 0; i < n; i++) {
      const to = fanOffset(i, n)
      root.append(svg('line', { class: cls, x1: 0, y1: 0, x2: to.x, y2: to.y }))
    }
  }
  root.append(svg('circle', { class: 'fan-seat', r: 2.6 }))
  return root
}

/** The mark of the product: three places of different size. */
export function logo(): SVGElement {
  return svg('svg', { class: 'logo', viewBox: '0 0 22 22', width: 22, height: 22, 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'logo-line', cx: 8, cy: 12.5, r: 6.2 }),
    svg('circle', { class: 'logo-fill', cx: 16.5, cy: 5.5, r: 4.2 }),
    svg('circle', { class: 'logo-fill', cx: 17.5, cy: 15.5, r: 2.6 }))
}
