// The three concentrations: count, definition, trade families, and what the book
// says. For a collection without regions: its title, size and description.

import { hoveredHas } from './brush'
import { h, icon, replace, setVar } from './dom'
import { ELSEWHERE, REGION_FACET, type RegionTally } from './filter'
import { plainNumber } from './format'
import { placesText } from './naming'
import { hovered, type Model } from './model'
import { definitionOf, generalClaims, type Claim, type Region } from './regions'
import type { Store } from './state'

/** From this height on the panel opens the first region and still shows the whole legend. */
const ROOMY = 1080

export class RegionView {
  readonly el = h('section', { class: 'regions' })
  /** What the book says of the whole country; stands after the filters. */
  readonly book = h('section', { class: 'regions book' })
  private translated = false
  private more = false
  private wide = false

  constructor(private readonly store: Store) {}

  update(m: Model): void {
    this.el.hidden = m.data === null
    this.book.hidden = !m.data?.isAtlas || m.shownRegions.length === 0
    if (!m.data || !m.result) return
    if (m.shownRegions.length === 0) {
      this.el.setAttribute('aria-label', m.of(m.data.schema.title))
      replace(this.el, ...overview(m))
      return
    }
    this.el.setAttribute('aria-label', m.t('regions'))
    const tally = m.tally()
    const held = (key: string) => tally.regions.get(key)?.n ?? 0
    const most = Math.max(1, ...m.shownRegions.map((r) => held(r.key)))
    const digits = plainNumber(most).length
    setVar(this.el, '--count-digits', String(digits)).classList.toggle('is-many', digits > 3)
    const open = m.state.region ?? (m.state.layout === 'phone' || innerHeight < ROOMY ? null : m.shownRegions[0]!.key)
    replace(this.el,
      h('h2', { class: 'head', text: m.t('regions') }),
      ...m.shownRegions.map((r) => this.row(m, r, tally, most, r.key === open)),
      this.rest(m, held(ELSEWHERE), tally.all),
      m.data.isAtlas ? null : partial(m))
    this.book.setAttribute('aria-label', m.t('bookTitle'))
    replace(this.book, this.general(m))
  }

  /** Lights the regions that hold the item under the pointer. */
  light(m: Model): void {
    const has = hoveredHas(hovered(m), m.state.over, m.defs)
    for (const row of this.el.querySelectorAll<HTMLElement>('.region')) row.classList.toggle('is-lit', has(REGION_FACET, row.dataset['region']!))
  }

  private row(m: Model, r: Region, tally: RegionTally, most: number, open: boolean): HTMLElement {
    const title = m.of(r.title)
    const def = definitionOf(r, m.defs)
    const only = this.store.chosenRegions().includes(r.key)
    const held = tally.regions.get(r.key) ?? { n: 0, colors: new Map<string, number>() }
    const count = plainNumber(held.n)
    return h('div', { class: `region${open ? ' is-open' : ''}${only ? ' is-only' : ''}`, attrs: { 'data-region': r.key } },
      h('div', {
        class: 'region-head', on: {
          pointerenter: (e) => { if (e.pointerType === 'mouse') this.store.set({ lit: { kind: 'option', facet: REGION_FACET, option: r.key } }) },
          pointerleave: () => this.store.set({ lit: null }),
        },
      },
        h('h3', { class: 'region-title' }, h('button', {
          class: 'region-name', text: title,
          attrs: { type: 'button', 'aria-expanded': String(open), 'aria-label': m.t('regionOpen', { region: title, n: count }), 'data-focus': `region ${r.key}` },
          on: { click: () => this.open(r, def.box) },
        })),
        h('span', { class: 'region-count', text: count, attrs: { 'aria-hidden': 'true', 'data-count': held.n } })),
      this.chooser(m, r, def.id, tally),
      familyBar(m, title, held, most),
      open ? this.body(m, r, only) : null)
  }

  private open(r: Region, box: Region['fallback']['box']): void {
    this.more = false
    this.store.set({ region: r.key, flight: { box, point: null, zoom: null, n: this.store.state.flight.n + 1 }, drawer: false })
  }

  private chooser(m: Model, r: Region, chosen: string, tally: RegionTally): HTMLElement {
    const label = m.t('definitionOf', { region: m.of(r.title) })
    const select = h('select', {
      class: 'def-select', attrs: { 'aria-label': label, 'data-focus': `def ${r.key}`, 'data-definition': r.key },
      on: { change: () => this.choose(r, select.value) },
    }, ...r.definitions.map((d) => {
      const n = tally.definitions.get(d.id) ?? 0
      return h('option', { text: m.t('definitionCount', { label: m.of(d.short), n: plainNumber(n) }), attrs: { value: d.id, selected: d.id === chosen } })
    }))
    const shown = r.definitions.find((d) => d.id === chosen) ?? r.fallback
    return h('div', { class: 'def' }, h('span', { class: 'def-shown', text: m.of(shown.short), attrs: { 'aria-hidden': 'true' } }), icon('chevron'), select)
  }

  private choose(r: Region, id: string): void {
    const definitions = { ...this.store.state.definitions }
    if (id === r.fallback.id) delete definitions[r.key]
    else definitions[r.key] = id
    this.store.set({ definitions, region: r.key })
  }

  private body(m: Model, r: Region, only: boolean): HTMLElement {
    const def = definitionOf(r, m.defs)
    const [first, ...others] = r.claims
    const shown = this.more ? others : []
    return h('div', { class: 'region-body' },
      first ? this.claim(m, first) : null,
      ...shown.map((c) => this.claim(m, c)),
      h('div', { class: 'region-acts' },
        h('button', {
          class: 'link', text: m.t(only ? 'regionOnlyOn' : 'regionOnly', { region: m.of(r.title) }),
          attrs: { type: 'button', 'aria-pressed': String(only), 'data-focus': `only ${r.key}`, 'data-only': r.key },
          on: { click: () => this.store.choose(REGION_FACET, only ? [] : [r.key]) },
        }),
        others.length > 0 ? h('button', {
          class: 'link', text: this.more ? m.t('bookLess') : m.t('bookMore', { n: others.length }),
          attrs: { type: 'button', 'aria-expanded': String(this.more), 'data-focus': 'book more' },
          on: { click: () => { this.more = !this.more; this.update(m) } },
        }) : null,
        def.approximate ? h('span', { class: 'hint', text: m.t('approximate'), attrs: { title: m.of(def.outlineNote) } }) : null))
  }

  private claim(m: Model, c: Claim): HTMLElement {
    const english = m.lang === 'en'
    const section = m.of(c.section)
    return h('figure', { class: 'claim' },
      h('blockquote', { class: 'claim-quote', attrs: { lang: 'zh' }, text: `“${c.quote}”` }),
      english && this.translated ? h('p', { class: 'claim-en' }, c.quoteEn, ' ', h('span', { class: 'hint', text: m.t('ourTranslation') })) : null,
      h('figcaption', { class: 'claim-where' },
        m.t('bookOn', { section }),
        english && c.quoteEn ? h('span', { class: 'claim-act' }, ' · ', h('button', {
          class: 'link', text: m.t(this.translated ? 'original' : 'translate'),
          attrs: { type: 'button', 'data-focus': `translate ${c.id}`, 'aria-expanded': String(this.translated) },
          on: { click: () => { this.translated = !this.translated; this.update(m) } },
        })) : null))
  }

  /** What the book says of the whole country, folded away. */
  private general(m: Model): HTMLElement | null {
    const claims = generalClaims(m.claims)
    if (claims.length === 0) return null
    const details = h('details', { class: 'fold', attrs: { open: this.wide } },
      h('summary', { attrs: { 'data-focus': 'book general' } }, h('span', { text: m.t('bookGeneral', { n: claims.length }) }), icon('chevron')),
      ...(this.wide ? claims.map((c) => this.claim(m, c)) : []))
    details.addEventListener('toggle', () => {
      if (this.wide === details.open) return
      this.wide = details.open
      this.update(m)
    })
    return details
  }

  private rest(m: Model, elsewhere: number, all: number): HTMLElement {
    const on = this.store.chosenRegions().includes(ELSEWHERE)
    return h('div', { class: 'region-rest' },
      h('button', {
        class: `rest-item${on ? ' is-on' : ''}`, attrs: { type: 'button', 'aria-pressed': String(on), 'data-focus': 'elsewhere', 'data-region': ELSEWHERE },
        on: { click: () => this.store.choose(REGION_FACET, on ? [] : [ELSEWHERE]) },
      }, m.t('elsewhere'), ' ', h('b', { text: plainNumber(elsewhere), attrs: { 'data-count': elsewhere } })),
      h('button', {
        class: 'rest-item', attrs: { type: 'button', 'data-focus': 'all', 'data-region': 'all' },
        on: { click: () => { this.store.choose(REGION_FACET, []); this.store.set({ view: null, flight: { box: null, point: null, zoom: null, n: this.store.state.flight.n + 1 } }) } },
      }, m.t('all'), ' ', h('b', { text: plainNumber(all), attrs: { 'data-count': all } })))
  }
}

function familyBar(m: Model, title: string, held: { n: number; colors: Map<string, number> }, most: number): HTMLElement {
  const parts = m.data!.palette
    .map((o) => ({ option: o, n: held.colors.get(o.key) ?? 0 }))
    .filter((p) => p.n > 0)
  const spoken = parts.map((p) => `${m.of(p.option.title)} ${plainNumber(p.n)}`).join(m.lang === 'zh' ? '，' : ', ')
  const bar = h('div', { class: 'bar', attrs: { role: 'img', 'aria-label': m.t('familyBar', { region: title, parts: spoken || m.t('none') }) } },
    ...parts.map((p) => {
      const el = setVar(h('span', { class: 'bar-part', attrs: { title: `${m.of(p.option.title)} ${plainNumber(p.n)}` } }), '--c', `var(--fam-${p.option.token ?? 'rest'})`)
      el.style.flexGrow = String(p.n)
      return el
    }))
  bar.style.width = `${(held.n / most) * 95}%`
  return bar
}

function overview(m: Model): HTMLElement[] {
  const data = m.data!
  const shown = m.result!.total
  const description = m.of(data.schema.description)
  const unit = shown === data.matched ? m.t('groupCountOther', { n: shown }) : m.t('overviewPart', { all: plainNumber(data.matched) })
  const parts: HTMLElement[] = [h('p', { class: 'overview-count' }, h('b', { text: plainNumber(shown), attrs: { 'data-count': shown } }), ' ', unit)]
  const places = placesText(m)
  if (description) parts.push(h('p', { class: 'overview-text', text: description }))
  const missing = partial(m)
  if (missing) parts.push(missing)
  if (places) parts.push(h('p', { class: 'hint', text: places }))
  return parts
}

/** What the collection says is missing. */
function partial(m: Model): HTMLElement | null {
  const text = m.of(m.data!.schema.completeness)
  return text ? h('p', { class: 'overview-text partial', text }) : null
}
