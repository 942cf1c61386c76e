// The card of one feature: names, figures, quote and source first, then where it
// is and how exactly, then links. The parts that only the atlas has appear where
// a feature has them; everything else is shown by the schema.

import { itemUrl } from './api'
import type { Item } from './dataset'
import { h, icon, replace } from './dom'
import { context, figures, quotes } from './cardparts'
import { facts } from './facts'
import type { Model } from './model'
import type { Key, Store } from './state'
import { swatch, symbol } from './symbols'

export class Card {
  readonly el = h('section', { class: 'card', attrs: { role: 'dialog', 'aria-labelledby': 'card-title', tabindex: '-1' } })
  private shown = ''
  private copied = false
  /** What had focus before the card took it, by its data-focus. */
  private opener: string | null = null

  constructor(private readonly store: Store, private readonly closed: (id: string) => void, private readonly go: (item: Item) => void, private readonly copy: () => Promise<boolean>) {
    this.el.hidden = true
    this.el.addEventListener('keydown', (e) => {
      if (e.key === 'Escape') {
        e.stopPropagation()
        this.close()
      }
    })
  }

  update(m: Model, changed: Set<Key> | null): void {
    const item = m.selected
    this.el.hidden = item === null
    if (!item) {
      this.shown = ''
      return
    }
    const opened = this.shown !== item.id
    this.shown = item.id
    if (opened) this.copied = false
    replace(this.el, ...this.parts(m, item))
    if (!opened) return
    this.el.scrollTop = 0
    if (!changed?.has('selected') || this.el.contains(document.activeElement)) return
    this.opener = document.activeElement?.getAttribute('data-focus') ?? null
    this.el.focus({ preventScroll: true })
  }

  private parts(m: Model, item: Item): (HTMLElement | null)[] {
    const own = m.of(item.name)
    const other = m.lang === 'zh' ? item.name.en : item.name.zh
    const otherLang = m.lang === 'zh' ? 'en' : 'zh'
    return [
      h('button', { class: 'tool card-close', attrs: { type: 'button', 'aria-label': m.t('close'), title: m.t('close'), 'data-focus': 'close' }, on: { click: () => this.close() } }, icon('close')),
      h('div', { class: 'card-head' },
        h('h2', { class: 'card-title', text: own, attrs: { id: 'card-title' } }),
        other !== own ? h('p', { class: 'card-other', text: other, attrs: { lang: otherLang } }) : null,
        kinds(m, item)),
      figures(m, item),
      quotes(m, item),
      facts(m, item),
      context(m, item),
      this.foot(m, item),
    ]
  }

  private foot(m: Model, item: Item): HTMLElement {
    const id = m.data!.id
    const at = m.sorted.indexOf(item)
    const step = (by: number, key: 'previous' | 'next') => {
      const to = at < 0 ? undefined : m.sorted[at + by]
      return h('button', {
        class: 'link quiet', text: m.t(key), attrs: { type: 'button', disabled: to === undefined, 'data-focus': key, 'data-step': key },
        on: { click: () => to && this.go(to) },
      })
    }
    return h('div', { class: 'card-foot' },
      h('a', { class: 'link', text: 'GeoJSON', attrs: { href: itemUrl(id, item.id, 'json') } }),
      h('a', { class: 'link', text: m.t('page'), attrs: { href: itemUrl(id, item.id, 'html') } }),
      h('button', {
        class: 'link', text: m.t(this.copied ? 'copied' : 'copyLink'), attrs: { type: 'button', 'data-focus': 'copy', 'data-testid': 'copy-link' },
        on: { click: () => void this.copy().then((ok) => { this.copied = ok; this.update(m, null) }) },
      }),
      h('span', { class: 'card-steps' }, step(-1, 'previous'), h('span', { text: '·', attrs: { 'aria-hidden': 'true' } }), step(1, 'next')))
  }

  private close(): void {
    const id = this.shown
    const opener = this.opener
    this.store.set({ selected: null })
    const back = opener === null ? null : document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(opener)}"]`)
    if (back && back.offsetParent !== null) back.focus({ preventScroll: true })
    else this.closed(id)
  }
}

/** Family and trade with the colour, level with the shape. */
function kinds(m: Model, item: Item): HTMLElement | null {
  const schema = m.data!.schema
  const parts: HTMLElement[] = []
  const family = schema.category ? m.data!.palette.find((o) => o.key === item.color) : undefined
  if (family) {
    const p = item.feature.properties
    const own = p[`trade_${m.lang}`] ?? schema.category!.choices.find((c) => c.value === p[schema.category!.name])?.title[m.lang]
    const name = typeof own === 'string' && own !== m.of(family.title) ? `${m.of(family.title)} · ${own}` : m.of(family.title)
    parts.push(h('span', { class: 'kind' }, swatch(family.token), h('span', { class: 'kind-name', text: name })))
  }
  const level = schema.shape?.choices.find((c) => c.value === item.feature.properties[schema.shape!.name])
  if (level) parts.push(h('span', { class: 'kind' }, symbol(item.shape, 'filled', null), m.of(level.title)))
  return parts.length > 0 ? h('p', { class: 'kinds' }, ...parts) : null
}
