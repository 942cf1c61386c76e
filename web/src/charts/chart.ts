// A chart on the page: its title, the drawing, the same figures as a table, and ways to
// take both along. A drawing is made for a width and drawn again when that changes.

import { h, icon, replace, textScale } from '../dom'
import type { Lang } from '../schema'
import { chartWord, type ChartWord } from './words'
import { copyFigures, copyPng, csvOf, save, savePng, saveSvg } from './take'

export interface Figures {
  columns: string[]
  rows: (string | number | null)[][]
}

export interface Drawing {
  title: string
  /** Beside the title: the figure that the chart amounts to. */
  lead?: string
  /** The axes and what they count, in words. */
  caption: string
  /** What is said in place of the picture to those who do not see it. */
  alt: string
  /** Whose figures these are; stands on a picture that is taken along. */
  source: string
  /** The name of files, without ending. */
  file: string
  lang: Lang
  /** A custom property with the colour of its subject; the ink where there is none. */
  colour?: string | undefined
  draw(width: number): SVGElement
  figures: Figures
}

/** Charts are not drawn narrower than this. */
const NARROWEST = 240

export class Chart {
  readonly el: HTMLElement
  private readonly head = h('div', { class: 'chart-head' })
  private readonly body = h('div', { class: 'chart-body' })
  private readonly said = h('p', { class: 'hint chart-said', attrs: { role: 'status' } })
  private readonly menu = h('div', { class: 'menu chart-menu', attrs: { hidden: true } })
  private drawing: Drawing | null = null
  private asTable = false
  private width = 0
  private scale = 1

  constructor(private readonly name: string) {
    this.el = h('figure', { class: 'chart', attrs: { 'data-chart': name } }, this.head, this.body, this.said)
    new ResizeObserver(() => {
      if (this.drawing && !this.asTable && (Math.abs(this.room() - this.width) > 1 || textScale() !== this.scale)) this.show()
    }).observe(this.el)
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || this.menu.hidden) return
      e.preventDefault()
      e.stopPropagation()
      this.shut()
    })
    this.menu.addEventListener('focusout', (e) => {
      if (e.relatedTarget instanceof Node && !this.head.contains(e.relatedTarget)) this.open(false)
    })
    document.addEventListener('click', (e) => {
      if (!this.menu.hidden && !e.composedPath().includes(this.head)) this.open(false)
    })
  }

  update(drawing: Drawing): void {
    this.drawing = drawing
    this.said.textContent = ''
    this.drawHead()
    this.show()
  }

  private room(): number {
    return Math.max(NARROWEST, Math.floor(this.el.clientWidth))
  }

  private drawHead(): void {
    const d = this.drawing!
    const act = (key: string, sign: 'table' | 'copy', label: string, attrs: Record<string, string>, press: () => void) => h('button', {
      class: 'tool', attrs: { type: 'button', 'aria-label': `${label}: ${d.title}`, title: label, 'data-act': key, 'data-focus': `${this.name} ${key}`, ...attrs }, on: { click: press },
    }, icon(sign))
    const take = (key: string, label: string, press: () => void) => h('button', {
      class: 'menu-item', text: label, attrs: { type: 'button', 'data-take': key, 'data-focus': `${this.name} ${key}` },
      on: { click: () => { this.shut(); press() } },
    })
    const word = (key: ChartWord) => chartWord(d.lang, key)
    replace(this.menu,
      take('copy', word('copyPicture'), () => void this.copy(copyPng(this.svg(), d), 'copied', 'notCopied')),
      take('copy-csv', word('copyFigures'), () => void this.copy(copyFigures(d.figures), 'copiedFigures', 'figuresNotCopied')),
      take('png', word('savePng'), () => void savePng(this.svg(), d)),
      take('svg', word('saveSvg'), () => saveSvg(this.svg(), d)),
      take('csv', word('saveCsv'), () => save(`${d.file}.csv`, new Blob([csvOf(d.figures)], { type: 'text/csv;charset=utf-8' }))))
    replace(this.head,
      h('figcaption', { class: 'chart-title' }, h('h3', { text: d.title }), d.lead ? h('span', { text: d.lead }) : null),
      act('table', 'table', word(this.asTable ? 'asChart' : 'asTable'), { 'aria-pressed': String(this.asTable) }, () => this.turn()),
      act('take', 'copy', word('take'), { 'aria-expanded': String(!this.menu.hidden) }, () => this.open(this.menu.hidden === true)),
      this.menu)
  }

  private open(open: boolean): void {
    this.menu.hidden = !open
    this.drawHead()
    if (open) this.menu.querySelector<HTMLElement>('button')?.focus()
  }

  /** Closes the menu that was worked with, and leaves the focus where it was opened. */
  private shut(): void {
    this.open(false)
    this.head.querySelector<HTMLElement>('[data-act=take]')?.focus()
  }

  private turn(): void {
    this.asTable = !this.asTable
    this.drawHead()
    this.show()
  }

  private show(): void {
    const d = this.drawing!
    if (this.asTable) {
      this.width = 0
      replace(this.body, h('div', { class: 'chart-table', attrs: { tabindex: '0', role: 'region', 'aria-label': d.title } }, tableOf(d)))
    } else replace(this.body, this.svg(), h('p', { class: 'hint chart-caption', text: d.caption }))
  }

  private svg(): SVGElement {
    const d = this.drawing!
    this.width = this.room()
    this.scale = textScale()
    // The drawing grows with the letters of the page.
    const el = d.draw(Math.max(NARROWEST, Math.round(this.width / this.scale)))
    const [, , across, down] = el.getAttribute('viewBox')!.split(' ').map(Number)
    el.setAttribute('width', String(this.width))
    el.setAttribute('height', String(Math.round((this.width / across!) * down!)))
    el.setAttribute('role', 'img')
    el.setAttribute('aria-label', d.alt)
    el.classList.add('chart-svg')
    if (d.colour) el.style.setProperty('--c', `var(${d.colour})`)
    return el
  }

  private async copy(copying: Promise<void>, done: ChartWord, failed: ChartWord): Promise<void> {
    const { lang } = this.drawing!
    this.said.textContent = await copying.then(() => chartWord(lang, done), () => chartWord(lang, failed))
  }
}

function tableOf(d: Drawing): HTMLElement {
  const numeric = d.figures.columns.map((_, i) => d.figures.rows.every((r) => typeof r[i] !== 'string'))
  const cell = (v: string | number | null, i: number) => h(i === 0 ? 'th' : 'td', {
    class: numeric[i] ? 'is-number' : '', text: v === null ? '–' : typeof v === 'number' ? shortNumber(v) : v, attrs: i === 0 ? { scope: 'row' } : {},
  })
  return h('table', {},
    h('caption', { class: 'sr', text: d.title }),
    h('thead', {}, h('tr', {}, ...d.figures.columns.map((c, i) => h('th', { class: numeric[i] ? 'is-number' : '', text: c, attrs: { scope: 'col' } })))),
    h('tbody', {}, ...d.figures.rows.map((r) => h('tr', {}, ...r.map(cell)))))
}

const DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 })
const WHOLE = new Intl.NumberFormat('en-US')

/** Four digits that tell, or a whole number. */
export function shortNumber(v: number): string {
  return Number.isInteger(v) ? WHOLE.format(v) : DIGITS.format(v)
}
