// How a large collection is drawn: the switch between groups, territory, hexagons
// and plain features, what each needs to be chosen, and what its signs mean.

import { stepOf, type Class } from './classes'
import { h, icon, replace, setVar } from './dom'
import { plainNumber } from './format'
import { hexKm } from './hexsize'
import type { MessageKey } from './messages'
import type { Model } from './model'
import type { Show, Store } from './state'
import { SHOWS } from './state'
import { groupDisc } from './symbols'

const NAMES: Record<Show, MessageKey> = { groups: 'showGroups', territory: 'showTerritory', hexagons: 'showHexagons', features: 'showFeatures' }

/** How the collection is drawn now. */
export function showOf(m: Model): Show {
  const { data, state } = m
  if (state.show !== null && (state.show !== 'territory' || hasTerritory(m))) return state.show
  return data?.schema.points === false ? 'features' : 'groups'
}

/** Divisions are known by their codes. */
export function hasTerritory(m: Model): boolean {
  return m.data?.schema.fields.some((f) => f.role === 'adcode') === true || m.data?.hasRegions === true
}

/** The areas of the territory view: as chosen, else larger ones for small scales. */
export function areasOf(m: Model, zoom: number): string {
  if (m.state.areas !== null) return m.state.areas
  return `division:${zoom < 5.5 ? 'province' : zoom < 8 ? 'prefecture' : 'county'}`
}

/** What the map drew last, for the legend. */
export interface Drawn {
  classes: Class[]
  /** Shaded areas or cells in the answer. */
  areas: number
  /** Features that the tiles in view leave out. */
  dropped: number
  zoom: number
}

export class ShowView {
  readonly el = h('section', { class: 'showing' })

  constructor(private readonly store: Store) {}

  update(m: Model, drawn: Drawn): void {
    this.el.hidden = !m.data?.remote
    if (this.el.hidden) return
    const now = showOf(m)
    this.el.setAttribute('aria-label', m.t('showAs'))
    replace(this.el,
      h('h2', { class: 'head', text: m.t('showAs'), attrs: { id: 'show-as' } }),
      h('div', { class: 'segments', attrs: { role: 'group', 'aria-labelledby': 'show-as' } }, ...SHOWS.filter((s) => s !== 'territory' || hasTerritory(m)).map((s) => h('button', {
        class: `segment${s === now ? ' is-on' : ''}`, text: m.t(NAMES[s]), attrs: { type: 'button', 'aria-pressed': String(s === now), 'data-show': s, 'data-focus': `show ${s}` },
        on: { click: () => this.store.set({ show: s, group: null }) },
      }))),
      now === 'territory' ? this.areas(m, drawn) : null,
      now === 'groups' || (now === 'territory' && drawn.areas === 0) ? sizes(m) : null,
      (now === 'territory' || now === 'hexagons') && drawn.areas > 0 ? shades(m, now, drawn) : null,
      now === 'features' ? h('p', { class: 'hint', text: drawn.dropped > 0 ? m.t('featuresDropped', { n: plainNumber(drawn.dropped) }) : m.t('featuresAll'), attrs: { 'data-testid': 'dropped', 'data-dropped': drawn.dropped } }) : null)
  }

  private areas(m: Model, drawn: Drawn): HTMLElement {
    const levels = (['province', 'prefecture', 'county'] as const).map((l) => ({ value: `division:${l}`, name: m.t(AREA_NAMES[l]) }))
    const regions = m.shownRegions.flatMap((r) => r.definitions.map((d) => ({ value: `region:${d.id}`, name: m.t('byDefinition', { region: m.of(r.title), short: m.of(d.short) }) })))
    const automatic = levels.find((l) => l.value === areasOf({ ...m, state: { ...m.state, areas: null } }, drawn.zoom))
    const select = h('select', {
      class: 'layer-select', attrs: { 'aria-label': m.t('areas'), 'data-focus': 'areas', 'data-testid': 'areas' },
      on: { change: () => this.store.set({ areas: select.value || null, group: null }) },
    }, h('option', { text: m.t('areasAuto', { name: automatic?.name ?? '' }), attrs: { value: '', selected: m.state.areas === null } }),
    ...[...levels, ...regions].map((o) => h('option', { text: o.name, attrs: { value: o.value, selected: o.value === m.state.areas } })))
    return h('div', { class: 'layer' }, h('span', { class: 'layer-name', text: m.t('areas') }), select, icon('chevron'))
  }
}

const AREA_NAMES = { province: 'areaProvince', prefecture: 'areaPrefecture', county: 'areaCounty' } as const

/** What the size of a disc says. */
function sizes(m: Model): HTMLElement {
  const tokens = m.data!.schema.category ? m.data!.palette.slice(0, 3).map((o) => o.token ?? 'rest') : ['electronics']
  const disc = (n: number, range: string) => h('span', { class: 'size' },
    groupDisc(n, tokens.map((token, i) => ({ token, n: n * [0.5, 0.3, 0.2][i]! * (tokens.length === 1 ? 2 : 1) })), plainNumber(n)), h('span', { class: 'hint', text: range }))
  return h('div', {},
    h('div', { class: 'sizes', attrs: { 'aria-hidden': 'true' } }, disc(7, '2–9'), disc(48, '10–99'), disc(430, '100–999'), disc(2600, '≥ 1,000')),
    h('p', { class: 'hint', text: m.t(m.data!.schema.category ? 'groupMeaning' : 'groupMeaningPlain') }))
}

/** The classes of a shaded map, with how many areas each has. */
function shades(m: Model, show: Show, { classes, areas, zoom }: Drawn): HTMLElement {
  const range = (c: Class) => (c.to === null ? `≥ ${plainNumber(c.from)}` : c.to === c.from ? plainNumber(c.from) : `${plainNumber(c.from)}–${plainNumber(c.to)}`)
  return h('div', { class: 'shades' },
    h('table', { class: 'shade-table' },
      h('caption', { class: 'hint', text: m.t(show === 'hexagons' ? 'shadeHexagons' : 'shadeAreas', { km: hexKm(zoom) }) }),
      h('thead', { class: 'sr' }, h('tr', {}, h('th', { text: m.t('shadeFeatures'), attrs: { scope: 'col' } }), h('th', { text: m.t(show === 'hexagons' ? 'shadeCells' : 'areas'), attrs: { scope: 'col' } }))),
      h('tbody', {}, ...classes.map((c, i) => h('tr', {},
        h('th', { class: 'shade-range', attrs: { scope: 'row' } }, setVar(h('span', { class: 'shade', attrs: { 'aria-hidden': 'true' } }), '--c', `var(--seq-${stepOf(i, classes.length)})`), range(c)),
        h('td', { class: 'option-count', text: plainNumber(c.n) }))))),
    h('p', { class: 'hint', text: m.t(show === 'hexagons' ? 'classesInView' : 'classesOfAll', { n: plainNumber(areas) }) }))
}
