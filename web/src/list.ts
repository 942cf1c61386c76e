// The list: all that the filters leave, sorted. Only the rows in view exist, so
// that ten thousand scroll as forty do; arrow keys walk it as one tab stop.

import { litTest } from './brush'
import type { Item } from './dataset'
import { h, icon, replace, setAttrs, textScale } from './dom'
import { plainNumber } from './format'
import type { Model } from './model'
import { placesText, speakMark, totalText } from './naming'
import { highlight, words, type SearchText } from './search'
import { onlyPassing, type Key, type Sort, type Store } from './state'
import { symbol } from './symbols'

/** Height of a row for text of 16 px; rows grow with the text. */
const ROW_HEIGHT = 56
const SPARE = 6

export class ListView {
  readonly el = h('section', { class: 'list' })
  private readonly head = h('div', { class: 'list-head' })
  /** On a phone, where the total has no foot. */
  private readonly note = h('p', { class: 'hint list-note' })
  private readonly rows = h('ul', { class: 'rows', attrs: { role: 'list' } })
  private readonly empty = h('p', { class: 'hint list-empty' })
  /** Where the server has more rows than are here: they come by scrolling, and by this. */
  private readonly next = h('button', { class: 'button list-more', attrs: { type: 'button', 'data-testid': 'list-more' }, on: { click: () => this.more() } })
  private active = 0
  private rowHeight = ROW_HEIGHT
  private model: Model | null = null
  private drawn = ''

  constructor(private readonly store: Store, private readonly scroller: HTMLElement, private readonly opened: (item: Item) => void, private readonly more: () => void) {
    this.el.append(this.note, this.head, this.empty, this.rows, this.next)
    scroller.addEventListener('scroll', () => this.draw())
    this.rows.addEventListener('keydown', (e) => this.keys(e))
    new ResizeObserver(() => this.draw()).observe(scroller)
  }

  update(m: Model, changed: Set<Key> | null): void {
    const before = this.model
    this.model = m
    this.el.hidden = m.data === null
    if (onlyPassing(changed)) {
      this.light()
      return
    }
    this.el.setAttribute('aria-label', m.t('list'))
    this.drawHead(m)
    this.note.textContent = [m.data?.remote ? totalText(m) : '', placesText(m)].filter(Boolean).join(m.lang === 'zh' ? '，' : ', ')
    this.empty.textContent = m.t('listEmpty')
    this.empty.hidden = m.sorted.length > 0
    const active = before?.sorted[this.active]?.id
    if (before && before.result !== m.result) this.active = Math.max(0, m.sorted.findIndex((it) => it.id === active))
    this.next.hidden = !m.remote?.hasMore
    this.next.textContent = m.t('listMore', { shown: plainNumber(m.sorted.length), all: plainNumber(m.listed) })
    if (m.selected) this.active = Math.max(0, m.sorted.indexOf(m.selected))
    this.drawn = ''
    this.draw()
    if (changed?.has('selected') && m.selected) this.reveal(this.active)
  }

  private drawHead(m: Model): void {
    const ranked = m.state.text.trim() !== '' && !m.data?.remote
    const options: { key: Sort; label: string }[] = [{ key: 'name', label: m.t(ranked ? 'sortRank' : 'sortName') }]
    if (m.data?.schema.category) options.push({ key: 'family', label: m.data.isAtlas ? m.t('sortFamily') : m.of(m.data.schema.category.title) })
    const select = h('select', {
      class: 'sort-select', attrs: { 'aria-label': m.t('sortBy'), 'data-focus': 'sort' }, on: { change: () => this.store.set({ sort: select.value as Sort }) },
    }, ...options.map((o) => h('option', { text: o.label, attrs: { value: o.key, selected: o.key === m.state.sort } })))
    replace(this.head,
      h('button', { class: 'link back', attrs: { type: 'button', 'data-focus': 'back' }, on: { click: () => this.store.set({ tab: 'regions' }) } }, icon('back'), m.t(m.shownRegions.length > 0 ? 'backToRegions' : 'backToFilters')),
      m.data?.remote ? h('button', {
        class: 'link near', text: m.t('listNear'), attrs: { type: 'button', 'aria-pressed': String(m.state.near), 'data-focus': 'near', 'data-testid': 'list-near' },
        on: { click: () => this.store.set({ near: !m.state.near }) },
      }) : null,
      options.length > 1 ? h('span', { class: 'sort' }, h('span', { class: 'hint', text: m.t('sortBy') }), select, icon('chevron')) : null)
  }

  /** Draws the rows that the scroller shows. */
  private draw(): void {
    const m = this.model
    if (!m || this.el.hidden || this.el.offsetParent === null) return
    this.rowHeight = ROW_HEIGHT * textScale()
    const items = m.sorted
    const top = Math.max(0, this.scroller.scrollTop - this.rows.offsetTop)
    const first = Math.max(0, Math.floor(top / this.rowHeight) - SPARE)
    const last = Math.min(items.length, Math.ceil((top + this.scroller.clientHeight) / this.rowHeight) + SPARE)
    const key = `${first} ${last}`
    if (key === this.drawn) return
    this.drawn = key
    this.rows.style.height = `${items.length * this.rowHeight}px`
    const query = words(m.state.text)
    const shown = items.slice(first, last).map((item, i) => this.row(m, item, first + i, query))
    replace(this.rows, ...shown)
    if (items.length > 0 && (this.active < first || this.active >= last)) {
      this.rows.querySelector('button')?.setAttribute('tabindex', '0')
    }
    this.light()
    if (m.remote?.hasMore && last > items.length - SPARE) this.more()
  }

  private row(m: Model, item: Item, index: number, query: string[]): HTMLElement {
    const main = m.of(item.name)
    const button = h('button', {
      class: 'row', attrs: {
        type: 'button', tabindex: index === this.active ? '0' : '-1', 'data-feature-id': item.id, 'data-index': index, 'data-focus': `row ${item.id}`
      },
      on: {
        click: () => this.press(item, index),
        pointerenter: (e) => { if (e.pointerType === 'mouse') this.store.set({ hover: item.id }) },
        pointerleave: () => this.store.set({ hover: null }),
        focus: () => this.store.set({ hover: item.id }),
        blur: () => this.store.set({ hover: null }),
      },
    }, symbol(item.shape, item.drawing, m.token(item)), h('span', { class: 'row-text' },
      h('span', { class: 'row-name' }, ...marked(main, item.text, query)),
      h('span', { class: 'row-sub' }, ...marked(subtitle(item, m), AS_WRITTEN, query)),
      h('span', { class: 'sr', text: speakMark(item, m) })))
    const li = h('li', { class: 'row-item', attrs: { 'aria-setsize': m.listed, 'aria-posinset': index + 1 } }, button)
    li.style.top = `${index * this.rowHeight}px`
    return li
  }

  private press(item: Item, index: number): void {
    this.active = index
    this.opened(item)
  }

  private light(): void {
    const { hover, selected, lit } = this.store.state
    const test = this.model ? litTest(lit, this.model.data, this.model.defs) : null
    for (const row of this.rows.querySelectorAll<HTMLElement>('.row')) {
      const id = row.dataset['featureId']
      const item = test ? this.model?.sorted[Number(row.dataset['index'])] : undefined
      row.classList.toggle('is-lit', item !== undefined && test!(item))
      row.classList.toggle('is-hover', id === hover)
      row.classList.toggle('is-selected', id === selected)
      setAttrs(row, { 'aria-current': id === selected ? 'true' : null })
    }
  }

  private keys(e: KeyboardEvent): void {
    const count = this.model?.sorted.length ?? 0
    const to: Record<string, number> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: count - 1, PageDown: this.active + 8, PageUp: this.active - 8 }
    const target = to[e.key]
    if (target === undefined || count === 0) return
    e.preventDefault()
    this.active = Math.max(0, Math.min(count - 1, target))
    this.reveal(this.active)
    this.drawn = ''
    this.draw()
    this.rows.querySelector<HTMLElement>(`[data-index="${this.active}"]`)?.focus({ preventScroll: true })
  }

  private reveal(index: number): void {
    if (this.el.offsetParent === null) return
    const top = this.rows.offsetTop + index * this.rowHeight
    const { scrollTop, clientHeight } = this.scroller
    if (top < scrollTop) this.scroller.scrollTop = top - 8
    else if (top + this.rowHeight > scrollTop + clientHeight) this.scroller.scrollTop = top + this.rowHeight - clientHeight + 8
  }
}

/** Pinyin belongs to the name; other texts match as they are written. */
const AS_WRITTEN: SearchText = { fields: [], syllables: [] }

function marked(text: string, index: SearchText, query: string[]): (Node | string)[] {
  if (query.length === 0) return [text]
  return highlight(text, index, query).map((p) => (p.hit ? h('mark', { text: p.text }) : p.text))
}

function subtitle(item: Item, m: Model): string {
  const other = m.lang === 'zh' ? item.name.en : item.name.zh
  const own = m.of(item.name)
  const family = m.data?.schema.category ? m.data.palette.find((o) => o.key === item.color) : undefined
  const parts = [family ? m.of(family.title) : '', m.data?.isAtlas ? place(item, m) : '', item.lon === null ? m.t('noPlace') : '', !m.data?.isAtlas && other !== own ? other : '']
  return parts.filter(Boolean).join(' · ')
}

function place(item: Item, m: Model): string {
  const names = [...new Set(item.divisions.map((d) => m.of(d.name)))]
  return m.lang === 'zh' ? names.join(' ') : names.reverse().join(', ')
}
