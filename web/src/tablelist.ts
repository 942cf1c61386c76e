// The tables of the reader in the panel, and the ways to open one: a button, the tool
// on the map, and a file dropped anywhere on the page.

import { h, icon, replace, setAttrs } from './dom'
import type { Model } from './model'
import { plainNumber } from './format'
import type { Table, Tables } from './tables'

export class TableList {
  readonly el = h('section', { class: 'tables', attrs: { 'aria-labelledby': 'tables-title' } })
  /** Not in the page: it is pressed for the reader. */
  private readonly file = h('input', { attrs: { type: 'file', 'data-testid': 'table-file', hidden: true, 'aria-hidden': 'true', tabindex: '-1' } })
  private readonly head = h('h2', { class: 'head', attrs: { id: 'tables-title' } })
  private readonly list = h('ul', { class: 'tables-list' })
  private readonly foot = h('div', { class: 'tables-foot' })

  constructor(private readonly tables: Tables, private readonly acts: { open(table: Table): void; take(file: File): void }) {
    this.el.append(this.head, this.list, this.foot, this.file)
    this.el.hidden = true
    this.file.addEventListener('change', () => {
      const one = this.file.files?.[0]
      if (one) acts.take(one)
      this.file.value = ''
    })
  }

  /** Lets the reader choose a file. */
  choose(): void {
    this.file.click()
  }

  /** Brings the list into view and the focus to its first button. */
  enter(): void {
    this.el.scrollIntoView({ block: 'nearest' })
    this.el.querySelector<HTMLElement>('button')?.focus({ preventScroll: true })
  }

  update(m: Model): void {
    const { terms, list, gone } = this.tables
    this.el.hidden = terms?.enabled !== true && list.length === 0
    this.head.textContent = m.t('tables')
    if (terms && terms.formats.length > 0) setAttrs(this.file, { accept: terms.formats.join(',') })
    replace(this.list, ...list.map((t) => this.one(m, t)))
    this.list.hidden = list.length === 0
    replace(this.foot, ...gone.map((name) => h('p', { class: 'hint is-warning', text: m.t('tableGone', { name }), attrs: { 'data-testid': 'table-gone' } })),
      h('button', { class: 'button', attrs: { type: 'button', 'data-testid': 'table-open', 'data-focus': 'table-open' }, on: { click: () => this.choose() } }, icon('table'), h('span', { text: m.t('tableOpen') })),
      h('p', { class: 'hint', text: m.t('tablesHint') }))
  }

  private one(m: Model, t: Table): HTMLElement {
    const dot = h('span', { class: 'own-dot', attrs: { 'aria-hidden': 'true' } })
    dot.style.setProperty('--c', `var(--own-${t.colour})`)
    const n = t.answer?.rows.filter((r) => r.points.length > 0).length ?? 0
    const state = t.stage.kind === 'failed' ? m.t('tableFailed', { name: t.name }) : t.answer ? m.t('tableOnMap', { n: plainNumber(n) }) : m.t('tableReading')
    return h('li', {}, h('button', {
      class: 'tables-one', attrs: { type: 'button', title: m.t('tableShow', { name: t.name }), 'data-table': t.id, 'data-focus': `table ${t.id}`, 'aria-controls': 'table-panel' }, on: { click: () => this.acts.open(t) },
    }, dot, h('span', { class: 'tables-name', text: t.name }), h('span', { class: 'hint', text: state }), icon('forward')))
  }
}
