// The report of a reader's table beside the map: how many rows are certain, to look at,
// not placed and refused, the rows of each, one row in full, what the columns are for,
// and what can be taken along.

import { h, icon, replace, setAttrs } from './dom'
import type { Model } from './model'
import { plainNumber } from './format'
import { RowView } from './rowview'
import { ColumnsView } from './columnsview'
import { TableFoot } from './tablefoot'
import { faultText, percent, rowName, STANDING_HINTS, STANDING_NAMES } from './rowwords'
import { CERTAIN, count, firstStanding, inOrder, matching, size, STANDINGS, type Correction, type LonLat, type Row, type Standing } from './table'
import type { Table, Tables } from './tables'

/** Rows of a list at first, and how many more a press adds. */
const ROWS = 100
/** From so many rows on they can be searched. */
const FINDABLE = 12
const TYPING_MS = 150

interface Acts {
  /** Moves the map to where a row is. */
  reveal(at: LonLat): void
  /** Shows all rows of a table. */
  fit(table: Table): void
  /** The row that is looked at has changed. */
  looked(): void
  focusPin(): void
  /** Where the middle of what is seen is. */
  middle(): LonLat
  open(collection: string): void
  choose(): void
}

export class TableView {
  readonly el = h('section', { class: 'table-panel', attrs: { id: 'table-panel', hidden: true, 'aria-labelledby': 'table-title', 'data-testid': 'table-panel' } })
  private readonly head = h('div', { class: 'table-head' })
  private readonly stage = h('div', { class: 'table-stage' })
  private readonly body = h('div', { class: 'table-body' })
  private readonly list = h('div', { class: 'table-list' })
  private readonly top = h('div')
  private readonly rows = h('div')
  private readonly find = h('input', { class: 'field table-find', attrs: { type: 'search', autocomplete: 'off', 'data-testid': 'row-find' } })
  private readonly spoken = h('p', { class: 'sr', attrs: { role: 'status' } })
  private readonly row: RowView
  private readonly columns: ColumnsView
  private readonly foot: TableFoot
  private model: Model | null = null
  private id: string | null = null
  private standing: Standing = 'certain'
  private text = ''
  private most = ROWS
  /** The rows at the point that was pressed; null: all. */
  private here: Set<string> | null = null
  private key: string | null = null
  /** Where the pin was moved to and not set. */
  private moved: LonLat | null = null
  private opener: HTMLElement | null = null
  private typing: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly tables: Tables, private readonly acts: Acts) {
    this.row = new RowView({
      correct: (table, row, c) => this.correct(table, row, c), back: () => this.look(null), go: (row) => this.look(row), move: () => this.startMove(),
      set: (keep) => this.setMoved(keep ? this.moved : null),
    })
    this.columns = new ColumnsView((table, column, role) => tables.setRole(table, column, role))
    this.foot = new TableFoot({ remove: (table) => this.remove(table), open: (collection) => acts.open(collection) }, () => this.draw())
    this.list.append(this.top, this.find, this.rows)
    this.body.append(this.list, this.row.el, this.columns.el)
    this.el.append(this.head, this.stage, this.body, this.foot.el, this.spoken)
    this.find.addEventListener('input', () => {
      clearTimeout(this.typing)
      this.typing = setTimeout(() => {
        this.text = this.find.value
        this.most = ROWS
        this.draw()
      }, TYPING_MS)
    })
    this.el.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || e.defaultPrevented) return
      e.stopPropagation()
      if (this.key !== null) this.look(null)
      else this.close()
    })
  }

  get table(): Table | null {
    return this.tables.list.find((t) => t.id === this.id) ?? null
  }

  /** The row that is looked at, and where its pin stands. */
  get looked(): { table: Table; row: Row; at: LonLat | null } | null {
    const { table } = this
    const row = table?.answer?.rows.find((r) => r.key === this.key)
    if (!table || !row) return null
    return { table, row, at: this.moved ?? table.pending.get(row.key) ?? row.points[0] ?? null }
  }

  open(table: Table, focus = true): void {
    if (this.el.hidden) this.opener = document.activeElement as HTMLElement | null
    const other = this.id !== table.id
    this.el.hidden = false
    document.body.classList.add('has-table')
    if (other) this.turnTo(table)
    this.draw()
    if (focus) this.head.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true })
  }

  close(): void {
    this.el.hidden = true
    document.body.classList.remove('has-table')
    this.key = null
    this.moved = null
    this.acts.looked()
    const back = this.opener?.isConnected && this.opener.checkVisibility() ? this.opener : document.querySelector<HTMLElement>('[data-testid=table-open]:not([hidden]), #map')
    back?.focus({ preventScroll: true })
  }

  /** Says that no further table can be opened. */
  full(most: number): void {
    const last = this.table ?? this.tables.list.at(-1)
    if (!last) return
    this.open(last)
    if (this.model) replace(this.stage, h('p', { class: 'table-said', text: this.model.t('tableMost', { n: most }), attrs: { role: 'alert' } }))
  }

  /** Shows rows that were pressed on the map: one in full, several as a list. */
  pick(table: Table, rows: Row[]): void {
    this.open(table, false)
    if (rows.length === 1) this.look(rows[0]!)
    else {
      this.here = new Set(rows.map((r) => r.key))
      this.key = null
      this.draw()
      this.acts.looked()
      this.rows.querySelector<HTMLElement>('button')?.focus()
    }
  }

  /** Looks at a row in full, or at the list again. */
  look(row: Row | null): void {
    const last = this.key
    this.key = row?.key ?? null
    this.moved = null
    if (row && this.here === null && this.key !== null) this.standing = row.standing
    this.draw()
    this.acts.looked()
    this.body.scrollTop = 0
    if (row) {
      this.row.focus()
      const at = this.looked?.at
      if (at) this.acts.reveal(at)
    } else {
      const item = [...this.rows.querySelectorAll<HTMLElement>('[data-row]')].find((b) => b.dataset['row'] === last)
      if (item) {
        item.scrollIntoView({ block: 'center' })
        item.focus({ preventScroll: true })
      } else (this.rows.querySelector<HTMLElement>('button') ?? this.top.querySelector<HTMLElement>('button'))?.focus()
    }
  }

  update(m: Model): void {
    this.model = m
    this.draw()
  }

  /** A table has changed: it was read, or is being read. */
  changed(table: Table | null): void {
    if (this.el.hidden || (table !== null && table.id !== this.id)) return
    if (this.table === null) {
      this.close()
      return
    }
    if (table?.stage.kind === 'sending' || table?.stage.kind === 'reading') this.drawStage()
    else this.draw()
  }

  /** The first answer to a table: its report begins where there is work. */
  arrived(table: Table): void {
    if (table.id !== this.id || !table.answer) return
    this.standing = firstStanding(count(table.answer.rows))
    this.acts.fit(table)
    this.draw()
  }

  /** The pin was moved by keys; null: it was put back. */
  moving(at: LonLat | null): void {
    this.moved = at
    this.draw()
  }

  /** Puts the row that is looked at where its pin is; null: it stays where it was. */
  setMoved(at: LonLat | null): void {
    const now = this.looked
    this.moved = null
    if (now && at) this.correct(now.table, now.row, { point: at })
    else {
      this.draw()
      this.acts.looked()
    }
    this.row.focus()
  }

  correct(table: Table, row: Row, c: Correction | null): void {
    this.moved = null
    this.tables.correct(table, row, c)
    const at = this.looked?.at
    if (at) this.acts.reveal(at)
    this.draw()
    this.acts.looked()
    const left = (table.answer?.rows ?? []).filter((r) => r.key !== row.key && (r.standing === 'look' || r.standing === 'unplaced')).length
    if (c && this.model) this.spoken.textContent = this.model.t('rowSpoken', { n: plainNumber(left) })
    this.row.focus()
  }

  private turnTo(table: Table): void {
    this.id = table.id
    this.key = this.here = this.moved = null
    this.text = this.find.value = ''
    this.most = ROWS
    this.standing = firstStanding(count(table.answer?.rows ?? []))
    this.foot.reset()
    this.columns.close()
    this.acts.looked()
  }

  private startMove(): void {
    const now = this.looked
    if (!now) return
    if (now.at === null) {
      this.moved = this.acts.middle()
      this.draw()
    } else this.acts.reveal(now.at)
    this.acts.looked()
    this.acts.focusPin()
  }

  private remove(table: Table): void {
    this.tables.remove(table)
  }

  private draw(): void {
    const m = this.model
    const { table } = this
    if (!m || !table || this.el.hidden) return
    this.el.classList.toggle('is-empty', table.answer === null)
    this.drawHead(m, table)
    this.drawStage()
    const looked = this.looked
    const rows = table.answer?.rows ?? []
    const full = looked !== null
    this.list.hidden = full || table.answer === null
    this.row.el.hidden = !full
    this.columns.el.hidden = full || table.answer === null
    if (looked) {
      const all = this.chosen(rows)
      const i = all.findIndex((r) => r.key === looked.row.key)
      this.row.update(m, table, looked.row, { previous: all[i - 1] ?? null, next: all[i + 1] ?? null }, this.moved, new Set(rows.map((r) => r.sheet)).size)
    } else if (table.answer) {
      this.drawList(m, table, rows)
      this.columns.update(m, table, this.tables.terms)
    }
    this.foot.update(m, table, this.tables.terms)
  }

  private drawHead(m: Model, table: Table): void {
    const many = this.tables.list.length > 1
    const dot = h('span', { class: 'own-dot', attrs: { 'aria-hidden': 'true' } })
    dot.style.setProperty('--c', `var(--own-${table.colour})`)
    const select = h('select', {
      class: 'layer-select table-which', attrs: { 'aria-label': m.t('tableWhich'), 'data-focus': 'table which' },
      on: { change: () => { const to = this.tables.list.find((t) => t.id === select.value); if (to) { this.turnTo(to); this.draw(); this.acts.fit(to) } } },
    }, ...this.tables.list.map((t) => h('option', { text: t.name, attrs: { value: t.id, selected: t === table } })))
    replace(this.head,
      h('div', { class: 'table-line' }, dot,
        h('h2', { class: `table-title${many ? ' sr' : ''}`, text: many ? m.t('tablePanel', { name: table.name }) : table.name, attrs: { id: 'table-title', title: table.name, tabindex: '-1', 'data-focus': 'table title' } }),
        many ? h('span', { class: 'table-choice' }, select, icon('chevron')) : null,
        table.answer ? h('button', { class: 'tool table-remove', attrs: { type: 'button', 'aria-label': m.t('tableRemove', { name: table.name }), title: m.t('tableRemove', { name: table.name }), 'data-focus': 'table-remove', 'data-testid': 'table-remove' }, on: { click: () => this.foot.leave() } }, icon('bin')) : null,
        h('button', { class: 'tool table-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'table close', 'data-testid': 'table-close' }, on: { click: () => this.close() } }, icon('close'))),
      table.answer && (this.key === null || !table.kept) ? h('p', { class: `hint${table.kept ? '' : ' is-warning'}`, text: m.t(table.kept ? 'tablePrivate' : 'tablePassing'), attrs: { 'data-testid': 'table-kept' } }) : null)
  }

  /** What the server is doing with the table, or what went wrong. */
  private drawStage(): void {
    const m = this.model
    const { table } = this
    if (!m || !table) return
    const { stage } = table
    setAttrs(this.stage, { 'data-stage': stage.kind })
    if (stage.kind === 'ready') {
      replace(this.stage)
      return
    }
    if (stage.kind === 'failed') {
      replace(this.stage, this.failure(m, table, faultText(m, table, stage.fault)))
      return
    }
    const known = stage.kind === 'sending'
    const text = stage.kind === 'sending' ? m.t('tableSending', { size: size(table.file.size) }) : m.t(stage.kind === 'waiting' ? 'tableWaiting' : 'tableReading')
    const bar = h('progress', { class: 'table-progress', attrs: { max: 1, 'aria-label': text, ...(known ? { value: stage.part } : {}) } })
    replace(this.stage, h('div', { class: 'table-work' }, h('p', { text, attrs: { role: 'status' } }),
      h('button', { class: 'button', text: m.t('tableStop'), attrs: { type: 'button', 'data-focus': 'table stop', 'data-testid': 'table-stop' }, on: { click: () => this.tables.stop(table) } })), bar)
  }

  private failure(m: Model, table: Table, text: string): HTMLElement {
    const retries = table.stage.kind === 'failed' && (table.stage.fault.kind === 'unanswered')
    const act = (label: string, id: string, primary: boolean, press: () => void) => h('button', { class: `button${primary ? ' is-primary' : ''}`, text: label, attrs: { type: 'button', 'data-focus': id, 'data-testid': id }, on: { click: press } })
    return h('div', { class: 'table-failed', attrs: { role: 'alert' } }, icon('alert'),
      h('p', { class: 'table-failed-title', text: m.t('tableFailed', { name: table.name }) }),
      h('p', { text, attrs: { 'data-testid': 'table-fault' } }), h('p', { class: 'hint', text: m.t(table.answer ? 'tableFailedKept' : 'tableFailedNothing') }),
      h('div', { class: 'fate-acts' },
        retries ? act(m.t('retry'), 'table-retry', true, () => this.tables.retry(table)) : null,
        table.answer || this.tables.terms?.enabled === false ? null : act(m.t('tableOther'), 'table-other', !retries, () => { this.tables.dismiss(table); this.acts.choose() }),
        act(m.t('dismiss'), 'table-dismiss', false, () => this.tables.dismiss(table))))
  }

  private chosen(rows: Row[]): Row[] {
    if (this.here !== null) return rows.filter((r) => this.here!.has(r.key))
    return matching(inOrder(rows, this.standing), this.text)
  }

  private drawList(m: Model, table: Table, rows: Row[]): void {
    const n = count(rows)
    const tab = (s: Standing) => h('button', {
      class: `standing is-${s}`, attrs: { type: 'button', 'aria-pressed': String(this.here === null && s === this.standing), 'data-standing': s, 'data-n': n[s], 'data-focus': `standing ${s}` },
      on: { click: () => { this.standing = s; this.here = null; this.most = ROWS; this.draw() } },
    }, h('b', { text: plainNumber(n[s]) }), h('span', { text: m.t(STANDING_NAMES[s]) }))
    replace(this.top,
      h('div', { class: 'standings', attrs: { role: 'group', 'aria-label': m.t('standings') } }, ...STANDINGS.map(tab)),
      this.here === null ? h('p', { class: 'hint table-hint', text: m.t(STANDING_HINTS[this.standing], { least: percent(CERTAIN) }) })
        : h('p', { class: 'table-hint' }, h('b', { text: m.t('rowsHere', { n: this.here.size }) }), ' ', h('button', { class: 'link', text: m.t('rowsAll'), attrs: { type: 'button', 'data-focus': 'rows all' }, on: { click: () => { this.here = null; this.draw() } } })))
    setAttrs(this.find, { 'aria-label': m.t('rowFind'), placeholder: m.t('rowFind') })
    this.find.hidden = this.here !== null || (n[this.standing] < FINDABLE && this.text === '')
    const all = this.chosen(rows)
    const none = this.text !== '' ? 'rowFindNone' : this.standing === 'look' ? 'rowsAllGood' : 'standingNone'
    const more = h('button', { class: 'button table-more', text: m.t('rowsMore', { shown: plainNumber(Math.min(all.length, this.most)), all: plainNumber(all.length) }), attrs: { type: 'button', 'data-focus': 'rows more', 'data-testid': 'rows-more' }, on: { click: () => { this.most += ROWS; this.draw() } } })
    replace(this.rows, all.length === 0 ? h('p', { class: 'hint', text: m.t(none) }) : null,
      h('ul', { class: 'fates' }, ...all.slice(0, this.most).map((r) => this.item(m, table, r))), all.length > this.most ? more : null)
  }

  private item(m: Model, table: Table, r: Row): HTMLElement {
    const to = r.standing === 'refused' || r.standing === 'unplaced' ? (r.reasons[0] ?? m.t('rowUnsure')) : m.of(r.where)
    const state = r.corrected ? m.t('rowCorrected') : r.confidence !== null && r.standing !== 'refused' && r.standing !== 'unplaced' ? percent(r.confidence) : ''
    return h('li', {}, h('button', {
      class: `fate-item${table.pending.has(r.key) ? ' is-pending' : ''}`, attrs: { type: 'button', 'data-row': r.key, 'data-number': r.number, 'data-focus': `row ${r.key}` }, on: { click: () => this.look(r) },
    }, h('span', { class: 'fate-n', text: String(r.number), attrs: { 'aria-label': m.t('rowNumber', { n: r.number }) } }),
      h('span', { class: 'fate-lines' },
        h('span', { class: 'fate-name', text: rowName(m, r) }),
        r.place !== '' && r.place !== r.name ? h('span', { class: 'fate-said', text: r.place }) : null,
        to !== '' ? h('span', { class: 'fate-to' }, r.standing === 'certain' || r.standing === 'look' ? icon('forward') : null, h('span', { text: to })) : null),
      h('span', { class: `fate-sure${r.corrected ? ' is-corrected' : ''}`, text: state })))
  }
}
