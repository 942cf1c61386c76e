// What can be done with a table that was read: taken along, put on the server for all,
// taken off the map.

import { ApiError, keepCollection, type ImportTerms } from './api'
import { h, icon, replace } from './dom'
import type { MessageKey } from './messages'
import type { Model } from './model'
import { COLLECTION_NAME, collectionName, stem } from './table'
import type { Table } from './tables'

interface Acts {
  remove(table: Table): void
  open(collection: string): void
}

type Publishing = { kind: 'asking' } | { kind: 'sending' } | { kind: 'taken' } | { kind: 'done'; name: string } | { kind: 'failed'; text: string }

export class TableFoot {
  readonly el = h('div', { class: 'table-foot' })
  private readonly name = h('input', { class: 'field', attrs: { id: 'publish-name', type: 'text', autocomplete: 'off', spellcheck: 'false', maxlength: 63, pattern: COLLECTION_NAME, 'data-testid': 'publish-name', 'data-focus': 'publish name' } })
  private publishing: Publishing | null = null
  private leaving = false

  constructor(private readonly acts: Acts, private readonly redraw: () => void) {
    this.name.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter') return
      e.preventDefault()
      this.el.querySelector<HTMLElement>('[data-testid=publish-go]')?.click()
    })
  }

  reset(): void {
    this.publishing = null
    this.leaving = false
  }

  update(m: Model, table: Table, terms: ImportTerms | null): void {
    this.el.hidden = table.answer === null
    if (!table.answer) return
    if (this.leaving) {
      replace(this.el, this.drawLeaving(m, table))
      return
    }
    // The field is kept: drawing takes it out of its old group, and the focus with it.
    const typing = document.activeElement === this.name
    replace(this.el,
      h('div', { class: 'table-takes' },
        this.take(m.t('takeGeojson'), m.t('takeGeojsonLong'), 'take-geojson', () => save(table.answer!.geojson, `${stem(table.name)}.geojson`, 'application/geo+json')),
        this.take(m.t('takeMapping'), m.t('takeMappingLong'), 'take-mapping', () => save(`${JSON.stringify(table.answer!.mapping, null, 2)}\n`, `${stem(table.name)}.map.json`, 'application/json')),
        terms?.keeps && this.publishing === null ? this.take(m.t('publish'), m.t('publishLong'), 'publish', () => this.ask(table)) : null),
      this.publishing ? this.drawPublishing(m, table, this.publishing) : null)
    if (typing) this.name.focus({ preventScroll: true })
  }

  /** Asks whether the table shall go. */
  leave(): void {
    this.leaving = true
    this.redraw()
    this.focus('table-remove-yes')
  }

  /** A short word with its sign; what it does is its name. */
  private take(short: string, long: string, id: string, press: () => void): HTMLElement {
    return h('button', { class: `button${id === 'take-geojson' ? ' is-primary' : ''}`, attrs: { type: 'button', 'data-focus': id, 'data-testid': id, title: long, 'aria-label': long }, on: { click: press } }, icon(id === 'publish' ? 'share' : 'download'), h('span', { text: short }))
  }

  private button(m: Model, key: MessageKey, id: string, primary: boolean, press: () => void): HTMLElement {
    return h('button', { class: `button${primary ? ' is-primary' : ''}`, text: m.t(key), attrs: { type: 'button', 'data-focus': id, 'data-testid': id }, on: { click: press } })
  }

  private drawLeaving(m: Model, table: Table): HTMLElement {
    return h('div', { class: 'table-leave', attrs: { role: 'alertdialog', 'aria-label': m.t('tableRemove', { name: table.name }) } },
      h('p', { text: `${m.t('tableRemove', { name: table.name })}${m.lang === 'zh' ? '？' : '? '}${m.t('tableRemoveSure')}` }),
      h('div', { class: 'table-takes' },
        this.button(m, 'tableRemoveYes', 'table-remove-yes', true, () => { this.reset(); this.acts.remove(table) }),
        this.button(m, 'rowMoveCancel', 'table-remove-no', false, () => { this.leaving = false; this.redraw(); this.focus('table-remove') })))
  }

  private drawPublishing(m: Model, table: Table, p: Publishing): HTMLElement {
    if (p.kind === 'done') {
      return h('p', { class: 'table-published', attrs: { role: 'status' } }, icon('check'), m.t('published'), ' ',
        h('button', { class: 'link', text: m.t('publishedOpen', { name: p.name }), attrs: { type: 'button', 'data-focus': 'publish-open', 'data-testid': 'publish-open' }, on: { click: () => this.acts.open(p.name) } }))
    }
    const said = p.kind === 'taken' ? m.t('publishTaken', { name: this.name.value }) : p.kind === 'failed' ? p.text : ''
    return h('div', { class: 'table-publish', attrs: { role: 'group', 'aria-label': m.t('publishLong') } },
      h('label', { class: 'fate-label', text: m.t('publishName'), attrs: { for: 'publish-name' } }), this.name,
      said !== '' ? h('p', { class: 'table-said', text: said, attrs: { role: 'alert', 'data-testid': 'publish-said' } }) : null,
      h('div', { class: 'table-takes' },
        this.button(m, 'publishGo', 'publish-go', p.kind !== 'taken', () => void this.publish(m, table, false)),
        p.kind === 'taken' ? this.button(m, 'publishReplace', 'publish-replace', true, () => void this.publish(m, table, true)) : null,
        this.button(m, 'rowMoveCancel', 'publish-cancel', false, () => { this.publishing = null; this.redraw(); this.focus('publish') })))
  }

  private ask(table: Table): void {
    this.publishing = { kind: 'asking' }
    this.name.value = collectionName(table.name)
    this.redraw()
    this.name.focus()
    this.name.select()
  }

  private async publish(m: Model, table: Table, replace: boolean): Promise<void> {
    const name = this.name.value.trim()
    if (!new RegExp(`^${COLLECTION_NAME}$`).test(name)) {
      this.publishing = { kind: 'failed', text: m.t('publishBad') }
      this.redraw()
      this.name.focus()
      return
    }
    if (this.publishing?.kind === 'sending') return
    this.publishing = { kind: 'sending' }
    try {
      const stored = await keepCollection(name, table.answer!.geojson, replace)
      this.publishing = stored ? { kind: 'done', name } : replace ? { kind: 'failed', text: m.t('publishNone') } : { kind: 'taken' }
    } catch (err) {
      if (!(err instanceof ApiError)) throw err
      this.publishing = { kind: 'failed', text: err.detail || m.t('errorTitle') }
    }
    this.redraw()
    this.focus({ done: 'publish-open', taken: 'publish-replace' }[this.publishing.kind as string] ?? 'publish name')
  }

  private focus(key: string): void {
    this.el.querySelector<HTMLElement>(`[data-focus="${key}"]`)?.focus()
  }
}

/** Gives a text to the reader as a file. */
function save(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  h('a', { attrs: { href: url, download: name } }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
