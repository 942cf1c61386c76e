// One row of a table: where it was put, why, what else it could be, and the ways to
// put it elsewhere.

import { h, icon, replace } from './dom'
import type { Properties } from './geojson'
import type { Model } from './model'
import { PlacePicker } from './placepicker'
import { levelName, lonLatText, percent, precisionName, rowName, rowNumber } from './rowwords'
import { featuresOf } from './tableanswer'
import { others, type Correction, type LonLat, type Row } from './table'
import type { Table } from './tables'

interface Acts {
  correct(table: Table, row: Row, c: Correction | null): void
  back(): void
  go(row: Row): void
  /** Puts a point on the map for a row that has none, and gives it the keyboard. */
  move(): void
  /** Sets or gives up a point that was moved. */
  set(keep: boolean): void
}

export interface Neighbours {
  previous: Row | null
  next: Row | null
}

export class RowView {
  readonly el = h('div', { class: 'fate-view' })
  private readonly head = h('div')
  private readonly where = h('div')
  private readonly picker: PlacePicker
  private readonly ways = h('div')
  private readonly facts = h('div')
  private readonly title = h('h3', { class: 'fate-title', attrs: { tabindex: '-1', id: 'row-title' } })
  private now: { table: Table; row: Row } | null = null
  /** The features of the table that is shown, by id; read once for each answer. */
  private features: { of: string; byId: Map<string, Properties> } = { of: '', byId: new Map() }

  constructor(private readonly acts: Acts) {
    this.picker = new PlacePicker((p) => this.now && acts.correct(this.now.table, this.now.row, { code: p.code, point: p.point }))
    this.el.append(this.head, this.title, this.where, this.picker.el, this.ways, this.facts)
  }

  /** moved is where the point was moved to and not set yet. */
  update(m: Model, table: Table, row: Row, around: Neighbours, moved: LonLat | null, sheets: number): void {
    if (this.now?.row.key !== row.key || this.now.table !== table) this.picker.clear()
    this.now = { table, row }
    const step = (to: Row | null, key: 'rowPrevious' | 'rowNext', sign: 'up' | 'down') => h('button', {
      class: 'tool', attrs: { type: 'button', disabled: to === null, 'aria-label': m.t(key), title: m.t(key), 'data-focus': key, 'data-testid': key }, on: { click: () => to && this.acts.go(to) },
    }, icon(sign))
    replace(this.head, h('div', { class: 'fate-head' },
      h('button', { class: 'link quiet fate-back', attrs: { type: 'button', 'data-focus': 'row back', 'data-testid': 'row-back' }, on: { click: () => this.acts.back() } }, icon('back'), m.t('rowBack')),
      h('span', { class: 'hint', text: rowNumber(m, row, sheets) }), step(around.previous, 'rowPrevious', 'up'), step(around.next, 'rowNext', 'down')))
    this.title.textContent = rowName(m, row)
    replace(this.where, ...this.drawWhere(m, table, row))
    this.picker.el.hidden = row.standing === 'refused'
    if (!this.picker.el.hidden) this.picker.update(m)
    replace(this.ways, row.standing === 'refused' ? null : this.drawWays(m, table, row, moved))
    replace(this.facts, this.drawFacts(m, table, row))
  }

  focus(): void {
    this.title.focus({ preventScroll: true })
  }

  private drawWhere(m: Model, table: Table, row: Row): (HTMLElement | null)[] {
    const pending = table.pending.has(row.key)
    const put = m.of(row.where) || (row.points[0] ? lonLatText(row.points[0]) : '')
    const kind = [levelName(m, row.level), precisionName(m, row.precision), row.confidence !== null && !row.corrected ? m.t('rowConfidence', { n: percent(row.confidence) }) : ''].filter((t) => t !== '')
    const nowhere = row.standing === 'unplaced'
    const reasons = row.reasons.length > 0 || !nowhere ? row.reasons : [m.t('rowUnsure')]
    const part = (term: string, ...what: (HTMLElement | null)[]) => h('div', { class: 'fate-part' }, h('h4', { class: 'fate-label', text: term }), ...what)
    return [
      row.place !== '' && row.place !== row.name ? part(m.t('rowPlace'), h('p', { class: 'fate-text', text: row.place })) : null,
      row.standing === 'refused' ? null : part(m.t('rowPut'),
        h('p', { class: `fate-put${pending ? ' is-pending' : ''}`, text: nowhere ? m.t('rowPutNowhere') : put, attrs: { 'data-testid': 'row-put', 'data-code': row.code } }),
        nowhere ? null : h('p', { class: 'hint', text: kind.join(' · ') }),
        pending ? h('p', { class: 'fate-state', text: m.t('rowPending') }) : row.corrected ? h('p', { class: 'fate-state', attrs: { 'data-testid': 'row-corrected' } }, icon('check'), m.t('rowCorrected')) : null),
      reasons.length > 0 ? part(m.t(row.standing === 'refused' ? 'rowRefused' : nowhere ? 'rowWhyNot' : 'rowWhy'),
        h('ul', { class: 'fate-reasons' }, ...reasons.map((text, i) => h('li', { text: i === 0 && row.standing === 'refused' && row.column !== '' ? m.t('rowColumn', { column: row.column, reason: text }) : text })))) : null,
      others(row).length > 0 ? part(m.t('rowAlternatives'), this.drawAlternatives(m, table, row)) : null,
    ]
  }

  private drawAlternatives(m: Model, table: Table, row: Row): HTMLElement {
    return h('ol', { class: 'fate-alternatives' }, ...others(row).map((a, i) => h('li', {}, h('button', {
      class: 'picker-one', attrs: { type: 'button', title: m.t('rowAlternativeOf', { name: m.of(a.name) }), 'data-alternative': a.code, 'data-focus': `alternative ${a.code}` },
      on: { click: () => this.acts.correct(table, row, { code: a.code, point: a.point }) },
    }, h('span', { class: 'row-other', text: String(i + 1), attrs: { 'aria-hidden': 'true' } }),
      h('span', { class: 'picker-name' }, h('b', { text: m.of(a.name) }), a.reason !== '' ? h('span', { class: 'hint', text: a.reason }) : null),
      a.confidence !== null ? h('span', { class: 'hint', text: percent(a.confidence) }) : null))))
  }

  private drawWays(m: Model, table: Table, row: Row, moved: LonLat | null): HTMLElement {
    const button = (label: string, id: string, press: () => void, primary = false) => h('button', {
      class: `button${primary ? ' is-primary' : ''}`, text: label, attrs: { type: 'button', 'data-focus': id, 'data-testid': id }, on: { click: press },
    })
    return h('div', { class: 'fate-part' },
      h('div', { class: 'fate-acts' },
        moved ? button(m.t('rowMoveSet'), 'row-set', () => this.acts.set(true), true) : button(m.t(row.points.length > 0 || table.pending.get(row.key) ? 'rowMove' : 'rowMoveNew'), 'row-move', () => this.acts.move()),
        moved ? button(m.t('rowMoveCancel'), 'row-cancel', () => this.acts.set(false)) : null,
        !moved && (row.corrected || table.pending.get(row.key)) ? button(m.t('rowUndo'), 'row-undo', () => this.acts.correct(table, row, null)) : null),
      h('p', { class: 'hint', text: m.t('rowMoveHint') }))
  }

  /** What the file says of the row, with nothing of ours. */
  private drawFacts(m: Model, table: Table, row: Row): HTMLElement | null {
    const all = this.propertiesOf(table, row)
    const columns = (table.answer?.mapping.columns ?? []).map((c) => c.column).filter((name) => all && name in all)
    if (!all || columns.length === 0) return null
    return h('div', { class: 'fate-part' }, h('h4', { class: 'fate-label', text: m.t('rowFacts') }),
      h('dl', { class: 'facts fate-facts' }, ...columns.flatMap((name) => [h('dt', { text: name }), h('dd', { text: shownValue(all[name]) })])))
  }

  private propertiesOf(table: Table, row: Row): Properties | undefined {
    const text = table.answer?.geojson ?? ''
    if (this.features.of !== text) {
      this.features = { of: text, byId: new Map(featuresOf(text).map((f) => [String(f.id), f.properties])) }
    }
    return this.features.byId.get(row.id) ?? this.features.byId.get(`${row.id}.1`)
  }
}

function shownValue(v: unknown): string {
  return v === null || v === undefined ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v)
}
