// A chart as a file: the drawing with its title and source, in the colours of the page.

import { h, svg } from '../dom'
import type { Drawing, Figures } from './chart'
import { wide } from './scale'

const KEPT = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap', 'paint-order', 'opacity', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline']
const MARGIN = 16
const HEAD = 54
const FOOT = 14
const LINE = 13
/** Pixels of a PNG to one of the page. */
const SHARPNESS = 2

/** The drawing by itself: each element carries its style. */
function standalone(drawing: SVGElement, d: Drawing): SVGElement {
  const box = drawing.getAttribute('viewBox')!.split(' ').map(Number)
  const w = box[2]! + 2 * MARGIN
  const source = linesOf(d.source, box[2]! * 1.15)
  const height = box[3]! + HEAD + FOOT + source.length * LINE
  const text = (y: number, words: string, name: string) => svg('text', { x: MARGIN, y, class: name }, words)
  const inner = svg('g', { transform: `translate(${MARGIN} ${HEAD})` }, ...[...drawing.childNodes].map((n) => n.cloneNode(true)))
  const whole = svg('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${w} ${height}`, width: w, height, class: 'chart-svg is-taken' },
    svg('rect', { width: w, height, class: 'chart-paper' }), text(24, d.title, 'chart-taken-title'), text(42, d.lead ?? '', 'chart-note'), inner, ...source.map((line, i) => text(height - 8 - (source.length - 1 - i) * LINE, line, 'chart-taken-source')))
  whole.style.setProperty('--c', drawing.style.getPropertyValue('--c') || 'var(--ink)')
  document.body.append(whole)
  const all = [whole, ...whole.querySelectorAll('*')]
  // What a style hangs on is taken off only when all of them are read.
  const styles = all.map((el) => KEPT.map((name) => getComputedStyle(el).getPropertyValue(name)))
  all.forEach((el, i) => {
    KEPT.forEach((name, k) => styles[i]![k] && el.setAttribute(name, styles[i]![k]!))
    el.removeAttribute('class')
    el.removeAttribute('style')
  })
  whole.remove()
  return whole
}

/** Words in lines of a width, broken between their parts. */
export function linesOf(words: string, width: number): string[] {
  const lines: string[] = []
  for (const part of words.split(' · ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} · ${part}` : part
    if (lines.length > 0 && wide(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(part)
  }
  return lines
}

function svgText(drawing: SVGElement, d: Drawing): Blob {
  return new Blob([new XMLSerializer().serializeToString(standalone(drawing, d))], { type: 'image/svg+xml' })
}

async function png(drawing: SVGElement, d: Drawing): Promise<Blob> {
  const address = URL.createObjectURL(svgText(drawing, d))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * SHARPNESS
    canvas.height = image.naturalHeight * SHARPNESS
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((done, failed) => canvas.toBlob((b) => (b ? done(b) : failed(new Error('no picture'))), 'image/png'))
  } finally {
    URL.revokeObjectURL(address)
  }
}

export function save(name: string, blob: Blob): void {
  const a = document.createElement('a')
  a.href = URL.createObjectURL(blob)
  a.download = name
  a.click()
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000)
}

export function saveSvg(drawing: SVGElement, d: Drawing): void {
  save(`${d.file}.svg`, svgText(drawing, d))
}

export async function savePng(drawing: SVGElement, d: Drawing): Promise<void> {
  save(`${d.file}.png`, await png(drawing, d))
}

export async function copyPng(drawing: SVGElement, d: Drawing): Promise<void> {
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png(drawing, d) })])
}

/** The figures as text for editors and as a table for spreadsheets. */
export async function copyFigures(figures: Figures): Promise<void> {
  const row = (cells: (string | number | null)[], name: 'th' | 'td') => h('tr', {}, ...cells.map((c) => h(name, { text: c === null ? '' : String(c) })))
  const table = h('table', {}, row(figures.columns, 'th'), ...figures.rows.map((r) => row(r, 'td')))
  await navigator.clipboard.write([new ClipboardItem({
    'text/plain': new Blob([csvOf(figures).replace(/^\uFEFF/, '')], { type: 'text/plain' }), 'text/html': new Blob([table.outerHTML], { type: 'text/html' }),
  })])
}

/** Comma-separated values (RFC 4180) that spreadsheets take for what they are. */
export function csvOf(figures: Figures): string {
  const cell = (v: string | number | null) => {
    if (v === null) return ''
    if (typeof v === 'number') return String(v)
    const safe = /^[=+\-@\t\r]/.test(v) ? `'${v}` : v
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `\uFEFF${[figures.columns, ...figures.rows].map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`
}
