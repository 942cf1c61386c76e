// The numbers of what lies in the chosen part of the map: how many, sums, and of what it
// is made up. Each row of a composition is the filter that it names.

import { aggregateUrl, ApiError, fetchAggregate } from './api'
import { AREA_FILTER } from './area'
import { hoveredHas } from './brush'
import { shapeOf, type Facet } from './dataset'
import { h, replace, setVar } from './dom'
import { bigNumber, plainNumber } from './format'
import { hovered, type Model } from './model'
import { quoteName, selectionOf } from './query'
import type { Field } from './schema'
import type { Store } from './state'
import { swatch, symbol } from './symbols'

/** Rows of a composition. */
const MOST_ROWS = 8

interface Sum {
  field: Field
  /** Null where no feature states it. */
  value: number | null
  n: number
}

export class AreaNumbers {
  readonly el = h('div', { class: 'selection-numbers' })
  private sums: { key: string; list: Sum[] | null } = { key: '', list: null }
  private run: AbortController | null = null
  private failed = false

  constructor(private readonly store: Store, private readonly changed: () => void) {}

  update(m: Model): void {
    const { result, data } = m
    this.el.hidden = !m.state.area
    if (!m.state.area || !result || !data) return
    const all = result.without.find((w) => w.key === AREA_FILTER)?.n ?? data.matched
    const share = all > 0 ? plainNumber(Math.round((result.total / all) * 1000) / 10) : '0'
    this.ask(m)
    const facets = compositionOf(data.facets)
    replace(this.el,
      h('p', { class: 'selection-total', attrs: { 'data-testid': 'area-total', 'data-n': result.total } }, h('b', { text: plainNumber(result.total) }), ' ', h('span', { text: m.t('selOf', { all: plainNumber(all), share }) })),
      result.total === 0 ? h('p', { class: 'hint', text: m.t('selEmpty') }) : null,
      ...(this.sums.list ?? []).filter((s) => s.value !== null).map((s) => this.sum(m, s)),
      ...(result.total > 0 ? facets.map((f) => this.composition(m, f, result.total)) : []),
      this.failed ? h('p', { class: 'hint', text: m.t('selFailed') }) : null)
  }

  private sum(m: Model, s: Sum): HTMLElement {
    const big = bigNumber(s.value!, m.lang)
    const unit = m.of(s.field.unit)
    const tail = m.lang === 'zh' ? `${big.unit}${unit}` : [big.unit, unit].filter(Boolean).join(' ')
    return h('p', { class: 'selection-sum', attrs: { 'data-sum': s.field.name } }, h('b', { text: big.number }), tail === '' ? null : ` ${tail}`, h('span', { class: 'hint', text: m.t('selSum', { title: m.of(s.field.title), n: plainNumber(s.n) }) }))
  }

  /** How what lies in the area is made up; each row is the filter that it names. */
  private composition(m: Model, f: Facet, total: number): HTMLElement | null {
    const counts = m.result!.counts.get(f.key)
    const chosen = m.state.chosen[f.key] ?? []
    const rows = f.options.map((o) => ({ o, n: counts?.get(o.key) ?? 0 }))
      .filter((r) => r.n > 0 && (chosen.length === 0 || chosen.includes(r.o.key))).sort((a, b) => b.n - a.n)
    if (rows.length === 0) return null
    const most = rows[0]!.n
    const lit = (on: boolean, key: string) => this.store.set({ lit: on ? { kind: 'option', facet: f.key, option: key } : null })
    return h('div', { class: 'parts', attrs: { role: 'group', 'aria-label': m.of(f.title), 'data-parts': f.key } },
      h('h3', { class: 'hint', text: m.of(f.title) }),
      ...rows.slice(0, MOST_ROWS).map(({ o, n }) => h('button', {
        class: `part${chosen.includes(o.key) ? ' is-on' : ''}`,
        attrs: { type: 'button', 'aria-pressed': String(chosen.includes(o.key)), 'data-facet': f.key, 'data-option': o.key, 'data-focus': `part ${f.key} ${o.key}`, 'data-n': n },
        on: {
          click: () => this.store.toggle(f.key, o.key), pointerenter: (e) => { if (e.pointerType === 'mouse') lit(true, o.key) }, pointerleave: () => lit(false, o.key),
          focus: (e) => { if ((e.target as Element).matches(':focus-visible')) lit(true, o.key) }, blur: () => lit(false, o.key),
        },
      },
      f.kind === 'shape' ? symbol(shapeOf(o.key), 'filled', null) : swatch(o.token ?? 'rest'), h('span', { class: 'part-name', text: m.of(o.title) }), ' ',
      h('span', { class: 'option-bar', attrs: { 'aria-hidden': 'true' } }, bar(o.token, n / most)), h('span', { class: 'option-count', text: plainNumber(n) }), ' ',
      h('span', { class: 'part-share hint', text: `${plainNumber(Math.round((n / total) * 100))}%` }))),
      rows.length > MOST_ROWS ? h('p', { class: 'hint', text: m.t('selMore', { n: rows.length - MOST_ROWS }) }) : null)
  }

  /** Lights the rows of the item under the pointer. */
  light(m: Model): void {
    const has = hoveredHas(hovered(m), m.state.over, m.defs)
    for (const row of this.el.querySelectorAll<HTMLElement>('.part')) row.classList.toggle('is-lit', has(row.dataset['facet']!, row.dataset['option']!))
  }

  /** Sums of what lies in the area: of the items at hand, or as the server has them. */
  private ask(m: Model): void {
    const data = m.data!
    const fields = data.schema.fields.filter((f) => f.role === 'sum' && f.kind === 'number' && !f.hidden)
    if (fields.length === 0) {
      this.sums = { key: '', list: [] }
      return
    }
    if (!data.remote) {
      this.sums = { key: '', list: fields.map((field) => sumOf(field, m.result!.visible.map((it) => it.feature.properties[field.name]))) }
      return
    }
    const measures = fields.flatMap((f) => [`sum(${quoteName(f.name)})`, `count(${quoteName(f.name)})`]).join()
    const url = aggregateUrl(data.id, { measures, ...selectionOf(data, m.state, m.defs) })
    if (this.sums.key === url) return
    this.sums = { key: url, list: null }
    this.failed = false
    this.run?.abort()
    const run = (this.run = new AbortController())
    fetchAggregate(url, run.signal).then(({ total }) => {
      this.sums.list = fields.map((field) => {
        const n = Number(total[`count(${field.name})`] ?? 0)
        const value = total[`sum(${field.name})`]
        return { field, n, value: n > 0 && typeof value === 'number' ? value : null }
      })
      this.changed()
    }, (err: unknown) => {
      if (run.signal.aborted) return
      if (!(err instanceof ApiError)) throw err
      this.failed = true
      this.changed()
    })
  }
}

/** The facets that say what an area is made of: the category, the level, else the first two. */
function compositionOf(facets: Facet[]): Facet[] {
  const known = facets.filter((f) => f.kind === 'palette' || f.kind === 'shape')
  return (known.length > 0 ? known : facets.filter((f) => f.kind === 'plain')).slice(0, 2)
}

function bar(token: string | null, share: number): HTMLElement {
  const part = setVar(h('span'), '--c', token === null ? 'var(--line-control)' : `var(--fam-${token})`)
  part.style.width = `${Math.max(share * 100, 2)}%`
  return part
}

function sumOf(field: Field, values: unknown[]): Sum {
  const numbers = values.filter((v): v is number => typeof v === 'number')
  return { field, n: numbers.length, value: numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) : null }
}
