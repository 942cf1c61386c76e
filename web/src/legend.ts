// The legend, which is the filter: each family, level, precision and other
// choice once, with its name and count, to be pressed.

import { hoveredHas } from './brush'
import { shapeOf, type Drawing, type Facet, type NumberFacet, type Option } from './dataset'
import { h, icon, replace, setVar } from './dom'
import { rangeOf } from './filter'
import { plainNumber } from './format'
import { hovered, type Model } from './model'
import { showOf } from './showas'
import type { Key, Store } from './state'
import { groupDisc, swatch, symbol } from './symbols'

export class LegendView {
  readonly el = h('section', { class: 'legend' })
  private readonly open = new Set<string>()

  constructor(private readonly store: Store) {}

  update(m: Model, changed: Set<Key> | null): void {
    this.el.hidden = m.data === null
    if (!m.data || !m.result) return
    this.el.setAttribute('aria-label', m.t('filters'))
    const direct = m.data.facets.filter((f) => f.kind !== 'plain' || !m.data!.isAtlas && f.options.length <= 8)
    const folded = m.data.facets.filter((f) => !direct.includes(f))
    replace(this.el,
      ...direct.map((f) => this.facet(m, f)),
      m.data.matched > 1 && !m.data.remote && showOf(m) === 'groups' ? groupKey(m) : null,
      ...folded.map((f) => this.fold(m, f)),
      m.data.numbers.length > 0 ? this.numbers(m, m.data.numbers) : null)
    if (changed?.has('facet') && m.state.facet) this.show(m.state.facet)
  }

  /** Lights the options that the item under the pointer has. */
  light(m: Model): void {
    const has = hoveredHas(hovered(m), m.state.over, m.defs)
    for (const el of this.el.querySelectorAll<HTMLElement>('.option')) {
      el.classList.toggle('is-lit', has(el.closest<HTMLElement>('[data-facet]')!.dataset['facet']!, el.dataset['option']!))
    }
  }

  private facet(m: Model, f: Facet): HTMLElement {
    return h('fieldset', { class: `facet facet-${f.kind}`, attrs: { 'data-facet': f.key } },
      h('legend', { class: 'head', text: m.of(f.title) }),
      this.options(m, f))
  }

  private fold(m: Model, f: Facet): HTMLElement {
    const chosen = m.state.chosen[f.key]?.length ?? 0
    const isOpen = this.open.has(f.key) || m.state.facet === f.key
    const details = h('details', { class: 'fold', attrs: { open: isOpen, 'data-facet': f.key } },
      h('summary', { class: 'head', attrs: { 'data-focus': `fold ${f.key}` } },
        h('span', { text: chosen > 0 ? `${m.of(f.title)} · ${chosen}` : m.of(f.title) }), icon('chevron')),
      this.options(m, f))
    details.addEventListener('toggle', () => (details.open ? this.open.add(f.key) : this.open.delete(f.key)))
    return details
  }

  private options(m: Model, f: Facet): HTMLElement {
    const counts = m.result!.counts.get(f.key)
    const chosen = m.state.chosen[f.key] ?? []
    const names = f.options.map((o) => m.of(o.title))
    // Of many the shares say more than the numbers.
    const bars = m.data!.remote && f.kind === 'palette'
    const most = Math.max(1, ...f.options.map((o) => counts?.get(o.key) ?? 0))
    const wide = bars || Math.max(...names.map((n) => n.length)) > (m.lang === 'zh' ? 8 : 22)
    return h('div', { class: `options${wide ? ' is-wide' : ''}${chosen.length > 0 ? ' has-chosen' : ''}` },
      ...f.options.map((o) => this.option(m, f, o, counts?.get(o.key) ?? 0, chosen.includes(o.key), bars ? most : null)))
  }

  private option(m: Model, f: Facet, o: Option, n: number, on: boolean, most: number | null): HTMLElement {
    const name = m.of(o.title)
    return h('button', {
      class: `option${on ? ' is-on' : ''}${n === 0 ? ' is-none' : ''}`,
      attrs: { type: 'button', 'aria-pressed': String(on), 'data-option': o.key, 'data-focus': `${f.key} ${o.key}`, title: name },
      on: {
        click: () => this.store.toggle(f.key, o.key),
        pointerenter: (e) => { if (e.pointerType === 'mouse') this.store.set({ lit: { kind: 'option', facet: f.key, option: o.key } }) },
        pointerleave: () => this.store.set({ lit: null }),
        focus: (e) => { if ((e.target as Element).matches(':focus-visible')) this.store.set({ lit: { kind: 'option', facet: f.key, option: o.key } }) },
        blur: () => this.store.set({ lit: null }),
      },
    }, mark(f, o), h('span', { class: 'option-name', text: name }), ' ', most === null ? null : bar(o, n / most), h('span', { class: 'option-count', text: plainNumber(n), attrs: { 'data-count': n } }))
  }

  private numbers(m: Model, numbers: NumberFacet[]): HTMLElement {
    const details = h('details', { class: 'fold', attrs: { open: this.open.has('numbers') || Object.keys(m.state.ranges).length > 0 } },
      h('summary', { class: 'head', attrs: { 'data-focus': 'fold numbers' } }, h('span', { text: m.t('moreFilters') }), icon('chevron')),
      ...numbers.map((n) => this.range(m, n)))
    details.addEventListener('toggle', () => (details.open ? this.open.add('numbers') : this.open.delete('numbers')))
    return details
  }

  private range(m: Model, n: NumberFacet): HTMLElement {
    const [low, high] = rangeOf(m.state.ranges, n.key) ?? [null, null]
    const title = m.of(n.field.title)
    const unit = m.of(n.field.unit)
    const input = (key: 'from' | 'to', value: number | null, limit: number) => h('input', {
      class: 'range-input', attrs: {
        type: 'number', step: 'any', inputmode: 'decimal', 'aria-label': m.t(key, { title }), placeholder: String(limit), value, 'data-focus': `${n.key} ${key}`,
      },
      on: { change: (e) => this.limit(n.key, key, (e.target as HTMLInputElement).value) },
    })
    return h('div', { class: 'range', attrs: { 'data-range': n.key } },
      h('span', { class: 'range-name', text: unit ? `${title} (${unit})` : title }),
      input('from', low, n.minimum), h('span', { text: '–', attrs: { 'aria-hidden': 'true' } }), input('to', high, n.maximum))
  }

  private limit(key: string, end: 'from' | 'to', raw: string): void {
    const value = raw.trim() === '' ? null : Number(raw)
    if (value !== null && !Number.isFinite(value)) return
    const [low, high] = rangeOf(this.store.state.ranges, key) ?? [null, null]
    const range: [number | null, number | null] = end === 'from' ? [value, high] : [low, value]
    const ranges = { ...this.store.state.ranges, [key]: range }
    if (range[0] === null && range[1] === null) delete ranges[key]
    this.store.set({ ranges })
  }

  private show(facet: string): void {
    const el = this.el.querySelector<HTMLElement>(`[data-facet="${CSS.escape(facet)}"]`)
    el?.scrollIntoView({ block: 'start' })
    el?.querySelector<HTMLElement>('button, summary')?.focus({ preventScroll: true })
  }
}

function bar(o: Option, share: number): HTMLElement {
  const part = setVar(h('span'), '--c', `var(--fam-${o.token ?? 'rest'})`)
  part.style.width = `${share * 100}%`
  return h('span', { class: 'option-bar', attrs: { 'aria-hidden': 'true' } }, part)
}

function mark(f: Facet, o: Option): SVGElement | null {
  switch (f.kind) {
    case 'palette':
      return swatch(o.token)
    case 'shape':
      return symbol(shapeOf(o.key), 'filled', null)
    case 'drawing':
      return symbol('prefecture', o.key as Drawing, null)
    default:
      return null
  }
}

/** What the disc of a group means. */
function groupKey(m: Model): HTMLElement {
  const tokens = m.data!.palette.slice(0, 3).map((o) => o.token ?? 'rest')
  const parts = tokens.map((token, i) => ({ token, n: 4 - i }))
  const n = parts.reduce((s, p) => s + p.n, 0)
  return h('p', { class: 'group-key' }, groupDisc(n, parts, String(n)), h('span', { text: m.t(m.data!.schema.category ? 'groupMeaning' : 'groupMeaningPlain') }))
}
