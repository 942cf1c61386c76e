// The comparison of two to four regions: maps at one ground scale, what each consists of,
// how they differ in words, and whether that hangs on how the regions are defined.

import './compare.css'
import { ApiError } from './api'
import { RegionMap, Together } from './comparemaps'
import { differences, figure, growthWords, nameIn, rowsOf, shiftOf, sorting, word, type Compared, type PartItem, type Sensitivity, type Shifts } from './comparewords'
import { h, icon, replace, setAttrs, setVar, svg } from './dom'
import { REGION_FACET } from './filter'
import { plainNumber } from './format'
import type { Model } from './model'
import { filterChips } from './naming'
import { selectionOf, without } from './query'
import type { Definition } from './regions'
import { askStatistic, statisticUrl, type Answer } from './statistics'
import { swatch } from './symbols'
import type { Room, WorkView } from './workbench'

const MOST = 4
const BY = ['family', 'trade', 'level', 'origin'] as const
type By = (typeof BY)[number]
const BY_WORDS = { family: 'byFamily', trade: 'byTrade', level: 'byLevel', origin: 'byOrigin' } as const
const OF = ['count', 'share', 'lq'] as const
const OF_WORDS = { count: 'ofCount', share: 'ofShare', lq: 'ofLq' } as const

export function open(room: Room): WorkView {
  return new CompareView(room)
}

class CompareView implements WorkView {
  private readonly el = h('div', { class: 'compare', attrs: { 'data-testid': 'compare' } })
  private readonly filters = h('div', { class: 'compare-filters', attrs: { hidden: true } })
  private readonly columns = h('div', { class: 'compare-columns' })
  private readonly credit = h('p', { class: 'compare-credit' })
  private readonly found = h('div', { class: 'compare-found' })
  private readonly maps: { key: string; map: RegionMap }[] = []
  private readonly together = new Together()
  private asked: AbortController | null = null
  private question = ''
  private compared: Answer<Compared> | null = null
  private sensitivity: Answer<Sensitivity> | null = null
  /** How each region grew, in the order of the columns. */
  private grown: Answer<Shifts>[] = []
  private failed: string | null = null
  private shown = ''
  private model: Model | null = null

  constructor(private readonly room: Room) {
    room.side.append(this.el)
    this.el.append(this.filters, this.columns, this.credit, this.found)
  }

  update(m: Model): void {
    this.model = m
    if (!m.data || m.shownRegions.length === 0) {
      this.dropMaps()
      replace(this.columns)
      this.credit.textContent = ''
      this.filters.hidden = true
      replace(this.found, h('p', { class: 'compare-none', text: word(m.lang, 'none') }))
      replace(this.room.head)
      return
    }
    const chosen = this.chosen(m)
    this.drawHead(m, chosen)
    this.drawColumns(m, chosen)
    this.credit.textContent = m.t(m.data.isAtlas ? 'credit' : 'creditOther')
    this.ask(m, chosen)
    this.draw(m)
  }

  close(): void {
    this.asked?.abort()
    this.dropMaps()
  }

  private dropMaps(): void {
    for (const { map } of this.maps) map.close()
    this.maps.length = 0
    this.shown = ''
  }

  /** The definitions in the address, and until there are two those in force of the regions filtered by, of the others, and any other. */
  private chosen(m: Model): Definition[] {
    const all = m.shownRegions.flatMap((r) => r.definitions)
    const named = (m.state.about['cmp'] ?? '').split(',').flatMap((id) => all.find((d) => d.id === id) ?? [])
    const once = [...new Set(named)].slice(0, MOST)
    const filtered = m.state.chosen[REGION_FACET] ?? []
    const inForce = [...m.shownRegions].sort((a, b) => Number(filtered.includes(b.key)) - Number(filtered.includes(a.key)))
      .map((r) => r.definitions.find((d) => d.id === m.defs[r.key]) ?? r.fallback)
    const other = [...inForce.filter((d) => !once.some((o) => o.region === d.region)), ...all]
    return [...new Set([...once, ...other])].slice(0, Math.max(2, once.length))
  }

  private about(change: Record<string, string | null>): void {
    const about = { ...this.room.store.state.about }
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete about[key]
      else about[key] = value
    }
    this.room.store.set({ about })
  }

  private choose(ids: string[]): void {
    this.about({ cmp: ids.join() })
  }

  private drawHead(m: Model, chosen: Definition[]): void {
    const same = m.state.about['scale'] !== 'own'
    this.together.on = same
    const free = m.shownRegions.filter((r) => !chosen.some((d) => d.region === r.key))
    const toggle = h('button', {
      class: 'button compare-scale', attrs: { type: 'button', role: 'switch', 'aria-checked': String(same), 'data-testid': 'compare-scale', 'data-focus': 'compare scale' },
      on: { click: () => {
        this.about({ scale: same ? 'own' : null })
        this.together.on = !same
        this.together.home()
      } },
    }, h('span', { class: 'switch-dot' }), h('span', { text: word(m.lang, 'sameScale') }))
    const first = free.map((r) => r.definitions.find((d) => d.id === m.defs[r.key]) ?? r.fallback)
    const more = [...first, ...m.shownRegions.flatMap((r) => r.definitions).filter((d) => !chosen.includes(d) && !first.includes(d))]
    const add = h('select', {
      class: 'button compare-add', attrs: { 'aria-label': word(m.lang, 'add'), 'data-testid': 'compare-add', 'data-focus': 'compare add' },
      on: { change: () => add.value && this.choose([...chosen.map((d) => d.id), add.value]) },
    }, h('option', { text: `+ ${word(m.lang, 'add')}`, attrs: { value: '' } }), ...more.map((d) => h('option', { text: `${this.regionOf(m, d)} · ${m.of(d.short)}`, attrs: { value: d.id } })))
    add.hidden = chosen.length >= MOST || more.length === 0
    replace(this.room.head, toggle, add)
    this.drawFilters(m)
  }

  /** The filters in force, which can be taken off here too; the regions are what is compared. */
  private drawFilters(m: Model): void {
    const chips = filterChips(m).filter((c) => c.key !== REGION_FACET)
    this.filters.hidden = chips.length === 0
    replace(this.filters, ...chips.map((c) => h('button', {
      class: 'tag', attrs: { type: 'button', 'aria-label': m.t('removeFilter', { name: c.name }), 'data-filter': c.key, 'data-option': c.option, 'data-focus': `tag ${c.key} ${c.option ?? ''}` },
      on: { click: () => (c.option === null ? this.room.store.drop(c.key) : this.room.store.toggle(c.key, c.option)) },
    }, h('span', { text: c.name }), icon('close'))))
  }

  private regionOf(m: Model, d: Definition): string {
    return m.of(m.shownRegions.find((r) => r.key === d.region)!.title)
  }

  /** A column for each region: its name, definition, number and map. Maps stay while they hold the same place. */
  private drawColumns(m: Model, chosen: Definition[]): void {
    while (this.maps.length > chosen.length) this.maps.pop()!.map.close()
    const fresh = this.maps.length !== chosen.length
    while (this.maps.length < chosen.length) this.maps.push({ key: '', map: new RegionMap((from) => this.together.follow(from), () => this.together.home(), (id) => this.room.store.set({ selected: id, group: null })) })
    setVar(this.columns, '--n', String(chosen.length))
    const query = this.query(m)
    replace(this.columns, ...chosen.map((d, i) => {
      const { map } = this.maps[i]!
      const title = this.regionOf(m, d)
      const region = this.compared?.result.regions.find((r) => r.id === d.id)
      const select = h('select', {
        class: 'compare-definition', attrs: { 'aria-label': word(m.lang, 'definition', { name: title }), 'data-focus': `compare definition ${i}`, 'data-testid': `compare-definition-${i}` },
        on: { change: () => this.choose(chosen.map((old, k) => (k === i ? select.value : old.id))) },
      }, ...m.shownRegions.map((r) => h('optgroup', { attrs: { label: m.of(r.title) } }, ...r.definitions.filter((o) => o === d || !chosen.includes(o)).map((o) => h('option', { text: m.of(o.short), attrs: { value: o.id, selected: o === d } })))))
      setAttrs(map.el, { 'aria-label': word(m.lang, 'mapOf', { name: title }), 'data-focus': `compare map ${i}` })
      return h('section', { class: 'compare-column', attrs: { 'data-compared': d.id } },
        h('div', { class: 'compare-top' },
          h('div', { class: 'compare-heading' }, h('h2', { class: 'compare-name', text: title }), h('span', { class: 'compare-select' }, select, icon('chevron'))),
          h('span', { class: 'compare-total' }, h('b', { class: 'compare-n', text: region ? plainNumber(region.n) : '', attrs: { 'data-testid': `compare-n-${d.id}` } }),
            m.lang === 'zh' ? h('span', { text: m.data!.isAtlas ? '个集群' : '个' }) : null),
          chosen.length > 2 ? h('button', { class: 'compare-remove', attrs: { type: 'button', 'aria-label': word(m.lang, 'remove', { name: title }), 'data-focus': `compare remove ${i}` }, on: { click: () => this.choose(chosen.filter((o) => o !== d).map((o) => o.id)) } }, icon('close')) : null),
        map.el)
    }))
    for (const [i, d] of chosen.entries()) this.maps[i]!.map.update(m, d, query, this.regionOf(m, d))
    this.together.set(this.maps.map((x) => x.map))
    const now = chosen.map((d) => d.id).join()
    if (fresh || now !== this.shown) {
      this.shown = now
      setTimeout(() => {
        for (const { map } of this.maps) map.map.invalidateSize({ animate: false, pan: false })
        if (this.maps.length > 0) this.together.home()
      })
    }
  }

  /** The filters in force, but for that by region. */
  private query(m: Model): Record<string, string> {
    return selectionOf(m.data!, without(m.state, REGION_FACET), m.defs)
  }

  private ask(m: Model, chosen: Definition[]): void {
    const query = { ...this.query(m), lang: m.lang }
    const compare = statisticUrl(m.data!.id, 'compare', { ...query, regions: chosen.map((d) => d.id).join() })
    const sensitivity = statisticUrl(m.data!.id, 'sensitivity', { ...query, of: this.of(m), regions: [...new Set(chosen.map((d) => d.region))].join() })
    const growth = chosen.map((d) => statisticUrl(m.data!.id, 'shift-share', { ...query, within: `region:${d.id}` }))
    const question = [compare, sensitivity, ...growth].join(' ')
    if (question === this.question) return
    this.question = question
    this.asked?.abort()
    const run = (this.asked = new AbortController())
    this.failed = null
    const asked = Promise.all(growth.map((url) => askStatistic<Answer<Shifts>>(url, run.signal)))
    Promise.all([askStatistic<Answer<Compared>>(compare, run.signal), askStatistic<Answer<Sensitivity>>(sensitivity, run.signal), asked]).then(([c, s, grown]) => {
      if (run.signal.aborted) return
      this.compared = { ...c, result: { ...c.result, regions: c.result.regions.map((r) => ({ ...r, definition: chosen.find((d) => d.id === r.id)?.short ?? r.definition })) } }
      this.sensitivity = s
      this.grown = grown
      if (this.model) this.update(this.model)
    }, (err: unknown) => {
      if (run.signal.aborted) return
      if (!(err instanceof ApiError)) throw err
      this.failed = err.detail || err.message
      if (this.model) this.draw(this.model)
    })
  }

  private of(m: Model): string {
    return OF.find((o) => o === m.state.about['of']) ?? 'count'
  }

  private draw(m: Model): void {
    if (this.failed !== null) {
      replace(this.found, h('p', { attrs: { role: 'alert' }, text: word(m.lang, 'failed', { why: this.failed }) }),
        h('button', { class: 'button', text: word(m.lang, 'retry'), attrs: { type: 'button' }, on: { click: () => {
          this.question = ''
          this.update(m)
        } } }))
      return
    }
    if (!this.compared || !this.sensitivity) {
      replace(this.found, h('p', { class: 'hint', text: word(m.lang, 'waiting'), attrs: { role: 'status' } }))
      return
    }
    this.found.classList.toggle('is-many', this.compared.result.regions.length > 2)
    replace(this.found,
      h('section', { class: 'compare-words' }, h('h2', { class: 'compare-head', text: word(m.lang, 'lead') }),
        h('div', { attrs: { role: 'status', 'data-testid': 'compare-words' } }, ...differences(this.compared.result, m.lang).map((s) => h('p', { text: s }))),
        this.krugman(m, this.compared.result), this.how(m, this.compared, 'compare')),
      this.table(m, this.compared.result), this.strip(m, this.sensitivity), this.growth(m, this.compared.result))
  }

  /** What each region gained between two years and why; where there are none, a word that there are not. */
  private growth(m: Model, c: Compared): HTMLElement {
    const title = h('h2', { class: 'compare-head', text: word(m.lang, 'growth') })
    const grown = c.regions.flatMap((r, i) => (this.grown[i] ? [{ id: r.id, name: nameIn(c.regions, r, m.lang), shifts: this.grown[i].result }] : []))
    const first = this.grown[0]
    const said = growthWords(grown, m.lang)
    if (!first || said === null) {
      const { from, to } = first?.parameters ?? {}
      const why = from !== undefined && from === to ? word(m.lang, 'oneYear', { year: String(from) }) : word(m.lang, 'noYears')
      return h('section', { class: 'compare-growth', attrs: { 'data-testid': 'compare-growth' } }, title, h('p', { class: 'hint', text: why }))
    }
    const { from, to } = first.result
    const columns = [String(from), String(to), word(m.lang, 'change'), word(m.lang, 'overall'), word(m.lang, 'mix'), word(m.lang, 'own')]
    const signed = (v: number | null) => (v !== null && v >= 0.05 ? `+${figure(v)}` : figure(v).replace('-', '−'))
    const row = ({ id, name, shifts }: (typeof grown)[number]) => {
      const u = shiftOf(shifts)
      const cells = u ? [figure(u.before), figure(u.after), ...[u.total, u.national, u.mix, u.competitive].map(signed)] : columns.map(() => '–')
      return h('tr', { attrs: { 'data-grown': id } }, h('th', { attrs: { scope: 'row' }, text: name }), ...cells.map((text) => h('td', { class: 'is-number', text })))
    }
    const how = { ...first, parameters: { ...first.parameters, within: grown.map((g) => `region:${g.id}`).join(', ') } }
    return h('section', { class: 'compare-growth', attrs: { 'data-testid': 'compare-growth' } }, title,
      h('p', { class: 'compare-grown', text: said }),
      h('div', { class: 'compare-scroll', attrs: { tabindex: '0', role: 'group', 'aria-label': word(m.lang, 'growth') } }, h('table', {},
        h('thead', {}, h('tr', {}, h('th', { attrs: { scope: 'col' }, text: word(m.lang, 'region') }), ...columns.map((text) => h('th', { class: 'is-number', attrs: { scope: 'col' }, text })))),
        h('tbody', {}, ...grown.map(row)))),
      h('p', { class: 'hint', text: word(m.lang, 'growthHint') }),
      this.how(m, how, 'shift-share'))
  }

  private krugman(m: Model, c: Compared): HTMLElement | null {
    const name = (id: string) => {
      const r = c.regions.find((one) => one.id === id)
      return r ? nameIn(c.regions, r, m.lang) : id
    }
    const known = c.pairs.filter((p) => p.krugman !== null)
    const of = (p: (typeof known)[number]) => ({ a: name(p.a), b: name(p.b), k: p.krugman!.toFixed(2), p: `${Math.round(p.krugman! * 50)}%` })
    if (known.length === 0) return null
    const one = known.length === 1
    return h('div', { class: 'compare-pairs' }, one ? null : h('p', { text: word(m.lang, 'krugmanLead') }),
      h('ul', {}, ...known.map((p) => h('li', { text: word(m.lang, one ? 'krugman' : 'krugmanShort', of(p)), attrs: { 'data-krugman': p.krugman } }))))
  }

  private by(m: Model, c: Compared): By {
    const asked = BY.find((b) => b === m.state.about['by'])
    return asked ?? (c.regions.some((r) => r.by_family.length > 0) ? 'family' : 'trade')
  }

  /** The composition of the regions beside each other, with the quotients on one axis. */
  private table(m: Model, c: Compared): HTMLElement {
    const by = this.by(m, c)
    const offered = BY.filter((b) => c.regions.some((r) => (b === 'family' ? r.by_family : b === 'trade' ? r.by_trade : b === 'level' ? r.by_level : r.by_origin).length > 0))
    const select = h('select', { class: 'compare-by', attrs: { 'aria-label': word(m.lang, 'by'), 'data-testid': 'compare-by', 'data-focus': 'compare by' }, on: { change: () => this.about({ by: select.value }) } },
      ...offered.map((b) => h('option', { text: nameOf(m, b), attrs: { value: b, selected: b === by } })))
    const rows = rowsOf(c.regions, by, m.state.about['sort'] ?? '')
    const most = Math.max(1, ...rows.flatMap((r) => r.parts.map((p) => p.count)))
    const top = Math.max(2, Math.ceil(Math.max(0, ...rows.flatMap((r) => r.parts.map((p) => p.lq ?? 0)))))
    const sorted = sorting(m.state.about['sort'] ?? '', c.regions)
    const next = (key: string) => (sorted.key === key && !sorted.up ? `-${key}` : key)
    const name = (r: Compared['regions'][number]) => nameIn(c.regions, r, m.lang)
    const head = (key: string, name: string) => h('th', { class: 'is-number', attrs: { scope: 'col', 'aria-sort': sorted.key !== key ? null : sorted.up ? 'ascending' : 'descending' } },
      h('button', { class: 'compare-sort', text: name, attrs: { type: 'button', title: word(m.lang, 'sortBy', { name }), 'data-sort': key, 'data-focus': `compare sort ${key}` }, on: { click: () => this.about({ sort: next(key) }) } }))
    return h('section', { class: 'compare-table' },
      h('div', { class: 'compare-table-head' }, h('h2', { class: 'compare-head', text: word(m.lang, 'composition') }), select, h('span', { class: 'compare-key' }, ...c.regions.map((r, i) => h('span', {}, shapeOf(i), ` ${name(r)}`)))),
      h('div', { class: 'compare-scroll', attrs: { tabindex: '0', role: 'group', 'aria-label': word(m.lang, 'composition') } }, h('table', {},
        h('thead', {}, h('tr', {}, h('th', { attrs: { scope: 'col' }, text: nameOf(m, by) }),
          ...c.regions.map((r) => head(`n${r.id}`, word(m.lang, 'count', { name: name(r) }))),
          ...c.regions.map((r) => head(`q${r.id}`, word(m.lang, 'quotient', { name: name(r) }))),
          h('th', { class: 'compare-axis', attrs: { scope: 'col' } }, axis(top), h('span', { class: 'sr', text: word(m.lang, 'chart') })))),
        h('tbody', {}, ...rows.map((row) => h('tr', { attrs: { 'data-part': String(row.value) } },
          h('th', { attrs: { scope: 'row' } }, by === 'family' || by === 'trade' ? swatch(tokenOf(m, by, row.value)) : null, ` ${row.title[m.lang] || String(row.value ?? '–')}`),
          ...row.parts.map((p) => h('td', { class: 'is-number' }, h('span', { class: 'compare-bar-cell' }, h('b', { text: String(p.count) }), bar(p.count / most, by === 'family' || by === 'trade' ? tokenOf(m, by, row.value) : null)))),
          ...row.parts.map((p) => h('td', { class: 'is-number', text: p.lq === null ? '–' : p.lq.toFixed(2) })),
          h('td', { class: 'compare-dots' }, dots(row.parts, top))))))),
      h('p', { class: 'hint', text: `${word(m.lang, 'universe')}${m.lang === 'zh' ? '：' : ': '}${this.compared!.universe}${m.lang === 'zh' ? '。' : '. '}${word(m.lang, 'filtered')}` }),
      h('p', { class: 'compare-links' },
        h('a', { text: word(m.lang, 'rows'), attrs: { href: this.rowsUrl(m, c), download: true, 'data-testid': 'compare-csv' } }),
        h('a', { text: word(m.lang, 'quotientsHow'), attrs: { href: `statistics/location-quotient?lang=${m.lang}&f=html`, target: '_blank', rel: 'noopener' } })))
  }

  /** The answer as rows. */
  private rowsUrl(m: Model, c: Compared): string {
    return statisticUrl(m.data!.id, 'compare', { ...this.query(m), lang: m.lang, regions: c.regions.map((r) => r.id).join(), f: 'csv' })
  }

  private strip(m: Model, a: Answer<Sensitivity>): HTMLElement {
    const of = this.of(m)
    const select = h('select', { class: 'compare-by', attrs: { 'aria-label': word(m.lang, 'stripOf'), 'data-testid': 'compare-of', 'data-focus': 'compare of' }, on: { change: () => this.about({ of: select.value === 'count' ? null : select.value }) } },
      ...OF.map((o) => h('option', { text: word(m.lang, OF_WORDS[o]), attrs: { value: o, selected: o === of } })))
    const defs = m.shownRegions.flatMap((r) => r.definitions)
    const most = Math.max(1e-9, ...a.result.regions.flatMap((r) => r.definitions.map((d) => d.value ?? 0)))
    const written = (v: number | null) => (v === null ? '–' : of === 'count' ? plainNumber(v) : of === 'share' ? `${(v * 100).toFixed(1)}%` : v.toFixed(2))
    const shown = new Set(this.chosen(m).map((d) => d.id))
    return h('section', { class: 'compare-strip', attrs: { 'data-testid': 'compare-strip' } },
      h('div', { class: 'compare-table-head' }, h('h2', { class: 'compare-head', text: word(m.lang, 'strip') }), select),
      h('table', {}, h('tbody', {}, ...this.inOrder(m, a.result).flatMap((r) => r.definitions.map((d, i) => h('tr', { class: shown.has(d.id) ? 'is-shown' : '', attrs: { 'data-definition': d.id } },
        i === 0 ? h('th', { attrs: { scope: 'rowgroup', rowspan: String(r.definitions.length) }, text: r.title?.[m.lang] ?? r.region }) : null,
        h('th', { class: 'compare-def', attrs: { scope: 'row' } }, h('button', { class: 'link', text: m.of(defs.find((x) => x.id === d.id)?.short ?? { zh: d.id, en: d.id }), attrs: { type: 'button', 'data-focus': `strip ${d.id}` }, on: { click: () => this.swap(m, d.id) } })),
        h('td', {}, of === 'count' && most <= 24 ? dotRow(d.value ?? 0, most) : bar((d.value ?? 0) / most, null)),
        h('td', { class: 'is-number', text: written(d.value) })))))),
      a.result.words ? h('p', { class: 'compare-say', text: a.result.words[m.lang] ?? '', attrs: { 'data-testid': 'compare-survives', 'data-survives': String(a.result.survives) } }) : null,
      this.how(m, a, 'sensitivity'))
  }

  /** The regions in the order of their columns. */
  private inOrder(m: Model, s: Sensitivity): Sensitivity['regions'] {
    const order = this.chosen(m).map((d) => d.region)
    return [...s.regions].sort((a, b) => order.indexOf(a.region) - order.indexOf(b.region))
  }

  /** Puts a definition in the place of the one shown of its region. */
  private swap(m: Model, id: string): void {
    const defs = m.shownRegions.flatMap((r) => r.definitions)
    const to = defs.find((d) => d.id === id)
    const chosen = this.chosen(m)
    if (!to || chosen.includes(to)) return
    const place = chosen.findIndex((d) => d.region === to.region)
    this.choose(chosen.map((d, i) => (i === place ? id : d.id)))
  }

  /** Everything that stands behind an answer. */
  private how(m: Model, a: Answer<unknown>, name: string): HTMLElement {
    const line = (key: Parameters<typeof word>[1], text: string) => [h('dt', { text: word(m.lang, key) }), h('dd', { text })]
    const settings = Object.entries(a.parameters).filter(([, v]) => v !== null).map(([k, v]) => `${k}=${String(v)}`).join(', ')
    const list = h('dl', {}, ...line('method', ''), ...line('universe', a.universe), ...line('parameters', settings), ...line('source', a.method.source),
      ...(a.warnings.length > 0 ? line('caution', a.warnings.join(' ')) : []), ...line('state', a.rev))
    list.querySelector('dd')!.append(h('a', { text: a.method.title, attrs: { href: a.method.page, target: '_blank', rel: 'noopener' } }))
    return h('details', { class: 'how', attrs: { 'data-how': name } }, h('summary', { text: word(m.lang, 'how'), attrs: { 'data-focus': `how ${name}` } }), list)
  }
}

/** What a composition is by: a collection may call its category otherwise than a trade. */
function nameOf(m: Model, by: By): string {
  const category = m.data!.schema.category
  return by === 'trade' && category ? m.of(category.title) : word(m.lang, BY_WORDS[by])
}

/** The colour of a part: that of its family. */
function tokenOf(m: Model, by: By, value: PartItem['value']): string | null {
  const key = by === 'family' ? String(value) : m.data!.colorOf(String(value ?? ''))
  return m.data!.palette.find((o) => o.key === key)?.token ?? null
}

const AXIS = 180
const axisX = (lq: number, top: number) => 8 + (Math.min(lq, top) / top) * (AXIS - 16)

function axis(top: number): SVGElement {
  const marks = Array.from({ length: Math.min(top, 6) + 1 }, (_, i) => (top <= 6 ? i : Math.round((i * top) / 6)))
  return svg('svg', { viewBox: `0 0 ${AXIS} 18`, width: AXIS, height: 18, 'aria-hidden': 'true' }, ...marks.map((v) => svg('text', { class: 'compare-tick', x: axisX(v, top), y: 13 }, String(v))))
}

/** The quotients of a row: a mark of its own for each region that has one, joined; the first region's is above the others. */
function dots(parts: PartItem[], top: number): SVGElement {
  const known = parts.flatMap((p, i) => (p.lq === null ? [] : [{ i, x: axisX(p.lq, top) }]))
  const xs = known.map((k) => k.x)
  return svg('svg', { viewBox: `0 0 ${AXIS} 24`, width: AXIS, height: 24, 'aria-hidden': 'true' },
    svg('line', { class: 'compare-one', x1: axisX(1, top), x2: axisX(1, top), y1: 0, y2: 24 }),
    known.length > 1 && svg('line', { class: 'compare-join', x1: Math.min(...xs), x2: Math.max(...xs), y1: 12, y2: 12 }),
    ...known.reverse().map(({ i, x }) => shape(i, x, 12)))
}

/** Marks are told apart by form: disc, square, triangle, diamond. */
function shape(i: number, x: number, y: number): SVGElement {
  switch (i) {
    case 0:
      return svg('circle', { class: 'compare-mark-full', cx: x, cy: y, r: 5 })
    case 1:
      return svg('rect', { class: 'compare-mark-open', x: x - 4.5, y: y - 4.5, width: 9, height: 9 })
    case 2:
      return svg('path', { class: 'compare-mark-full', d: `M${x} ${y - 5.5}L${x + 5.5} ${y + 4.5}L${x - 5.5} ${y + 4.5}Z` })
  }
  return svg('path', { class: 'compare-mark-open', d: `M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z` })
}

function shapeOf(i: number): SVGElement {
  return svg('svg', { viewBox: '-1 -1 14 14', width: 14, height: 14, 'aria-hidden': 'true' }, shape(i, 6, 6))
}

function bar(part: number, token: string | null): HTMLElement {
  const el = h('span', { class: 'compare-bar' }, h('span', { class: 'compare-bar-fill' }))
  setVar(el, '--part', String(Math.max(0, Math.min(1, part))))
  return setVar(el, '--c', token ? `var(--fam-${token})` : 'var(--ink-3)')
}

/** As many dots as there are, in the room of the most. */
function dotRow(n: number, most: number): SVGElement {
  const width = Math.max(1, Math.ceil(most)) * 14
  return svg('svg', { viewBox: `0 0 ${width} 14`, width, height: 14, class: 'compare-counts', 'aria-hidden': 'true' }, ...Array.from({ length: n }, (_, i) => svg('circle', { class: 'compare-count', cx: 7 + i * 14, cy: 7, r: 4.5 })))
}
