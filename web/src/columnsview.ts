// What the columns of a table were taken for, and what was noticed while it was read.

import type { ImportTerms } from './api'
import { h, replace, setAttrs } from './dom'
import type { Model } from './model'
import type { Table } from './tables'

export class ColumnsView {
  readonly el = h('div', { class: 'columns' })
  private readonly summary = h('summary', { attrs: { 'data-testid': 'columns' } })
  private readonly list = h('div', { class: 'columns-list' })
  private readonly details = h('details', {}, this.summary, this.list)
  private readonly notes = h('div')

  constructor(private readonly changed: (table: Table, column: string, role: string) => void) {
    this.el.append(this.details, this.notes)
    this.details.addEventListener('toggle', () => this.details.open && this.list.scrollIntoView({ block: 'nearest' }))
  }

  close(): void {
    this.details.open = false
  }

  update(m: Model, table: Table, terms: ImportTerms | null): void {
    const columns = table.answer?.mapping.columns ?? []
    const roles = terms?.roles ?? []
    const titleOf = (role: string) => roles.find((r) => r.role === role)?.title[m.lang] ?? role
    this.details.hidden = columns.length === 0 || roles.length === 0
    const told = columns.filter((c) => c.role !== 'text' && c.role !== 'note').slice(0, 4).map((c) => `${c.column} = ${titleOf(c.role)}`)
    replace(this.summary, h('b', { text: m.t('columnsOf') }), h('span', { class: 'hint', text: told.join(' · ') }))
    const one = (c: { column: string; role: string }, i: number) => {
      const select = h('select', { class: 'field', attrs: { id: `column-${i}`, 'aria-label': m.t('columnRole', { column: c.column }), 'data-column': c.column, 'data-focus': `column ${c.column}` }, on: { change: () => this.changed(table, c.column, select.value) } },
        ...roles.map((r) => h('option', { text: r.title[m.lang], attrs: { value: r.role, selected: r.role === c.role } })))
      return h('div', { class: 'column' }, h('label', { text: c.column, attrs: { for: `column-${i}`, title: c.column } }), select)
    }
    replace(this.list, h('p', { class: 'hint', text: m.t('columnsHint') }), ...columns.map(one))
    const notes = table.answer?.notes ?? []
    replace(this.notes, notes.length === 0 ? null : h('div', { class: 'table-notes' }, h('h3', { class: 'fate-label', text: m.t('columnsNotes') }), h('ul', { class: 'fate-reasons' }, ...notes.map((text) => h('li', { text })))))
    setAttrs(this.list, { 'aria-busy': String(table.stage.kind !== 'ready') })
  }
}
