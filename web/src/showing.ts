// The switch between groups, territory, hexagons and plain features, what each needs
// to be chosen, and what its signs mean.

import { stepOf, type Class } from './classes'
import { h, icon, replace, setVar } from './dom'
import { plainNumber } from './format'
import { hexKm } from './hexsize'
import type { MessageKey } from './messages'
import type { Model } from './model'
import { areasOf, drawnOf, hasTerritory, showOf } from './showas'
import type { Show, Store } from './state'
import { SHOWS } from './state'
import { groupDisc } from './symbols'

const NAMES: Record<Show, MessageKey> = { groups: 'showGroups', territory: 'showTerritory', hex: 'showHexagons', features: 'showFeatures' }

/** What the map drew last, for the legend. */
export interface Seen {
  classes: Class[]
  /** Whether the classes are those of all areas, not only of those in view. */
  whole: boolean
  /** Shaded areas or cells in the answer. */
  areas: number
  /** Features that areas and cells of the answer stand for. */
  held: number
  /** Features that the tiles in view leave out; null while that is not known. */
  dropped: number | null
  zoom: number
}

export class ShowView {
  readonly el = h('section', { class: 'showing' })

  constructor(private readonly store: Store) {}

  update(m: Model, seen: Seen): void {
    this.el.hidden = !m.data || m.data.box === null || m.data.matched < 2
    if (this.el.hidden) return
    const now = showOf(m)
    this.el.setAttribute('aria-label', m.t('showAs'))
    replace(this.el,
      h('h2', { class: 'head', text: m.t('showAs'), attrs: { id: 'show-as' } }),
      h('div', { class: 'segments', attrs: { role: 'group', 'aria-labelledby': 'show-as' } }, ...SHOWS.filter((s) => s !== 'territory' || hasTerritory(m)).map((s) => h('button', {
        class: `segment${s === now ? ' is-on' : ''}`, text: m.t(NAMES[s]), attrs: { type: 'button', 'aria-pressed': String(s === now), 'data-show': s, 'data-focus': `show ${s}` },
        on: { click: () => this.store.set({ show: s, group: null }) },
      }))),
      now === 'territory' ? this.areas(m, seen) : null,
      (now === 'groups' && m.data!.remote) || (now === 'territory' && seen.areas === 0) ? sizes(m) : null,
      (now === 'territory' || now === 'hex') && seen.areas > 0 ? shades(m, now, seen) : null,
      now === 'features' ? h('p', { class: 'hint', text: featuresText(m, seen), attrs: { 'data-testid': 'dropped', 'data-dropped': seen.dropped } }) : null)
  }

  private areas(m: Model, seen: Seen): HTMLElement {
    const levels = (['province', 'prefecture', 'county'] as const).map((l) => ({ value: `division:${l}`, name: m.t(AREA_NAMES[l]) }))
    const regions = m.shownRegions.flatMap((r) => r.definitions.map((d) => ({ value: `region:${d.id}`, name: m.t('byDefinition', { region: m.of(r.title), short: m.of(d.short) }) })))
    const automatic = levels.find((l) => l.value === areasOf({ ...m, state: { ...m.state, areas: null } }, seen.zoom))
    const select = h('select', {
      class: 'layer-select', attrs: { 'aria-label': m.t('areas'), 'data-focus': 'areas', 'data-testid': 'areas' },
      on: { change: () => this.store.set({ areas: select.value || null, group: null }) },
    }, h('option', { text: m.t('areasAuto', { name: automatic?.name ?? '' }), attrs: { value: '', selected: m.state.areas === null } }),
    ...[...levels, ...regions].map((o) => h('option', { text: o.name, attrs: { value: o.value, selected: o.value === m.state.areas } })))
    return h('div', { class: 'layer' }, h('span', { class: 'layer-name', text: m.t('areas') }), select, icon('chevron'))
  }
}

const AREA_NAMES = { province: 'areaProvince', prefecture: 'areaPrefecture', county: 'areaCounty' } as const

/** Whether each feature is drawn, and how. */
function featuresText(m: Model, seen: Seen): string {
  if (seen.dropped === null) return m.t('featuresComing')
  if (seen.dropped > 0) return m.t('featuresDropped', { n: plainNumber(seen.dropped) })
  return m.t(drawnOf(m) === 'marks' ? 'featuresApart' : 'featuresAll')
}

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
function shades(m: Model, show: Show, { classes, areas, zoom, whole, held }: Seen): HTMLElement {
  const range = (c: Class) => (c.to === null ? `≥ ${plainNumber(c.from)}` : c.to === c.from ? plainNumber(c.from) : `${plainNumber(c.from)}–${plainNumber(c.to)}`)
  const what = m.t(m.data!.isAtlas ? 'shadeClusters' : 'shadeFeatures')
  const basis = show !== 'hex' ? 'classesOfAll' : whole ? 'classesOfCells' : 'classesInView'
  return h('div', { class: 'shades', attrs: { 'data-held': held, 'data-areas': areas } },
    h('table', { class: 'shade-table' },
      h('caption', { class: 'hint', text: m.t(show === 'hex' ? 'shadeHexagons' : 'shadeAreas', { what, km: hexKm(zoom) }) }),
      h('thead', { class: 'sr' }, h('tr', {}, h('th', { text: what, attrs: { scope: 'col' } }), h('th', { text: m.t(show === 'hex' ? 'shadeCells' : 'areas'), attrs: { scope: 'col' } }))),
      h('tbody', {}, ...classes.map((c, i) => h('tr', {},
        h('th', { class: 'shade-range', attrs: { scope: 'row' } }, setVar(h('span', { class: 'shade', attrs: { 'aria-hidden': 'true' } }), '--c', `var(--seq-${stepOf(i, classes.length)})`), range(c)),
        h('td', { class: 'option-count', text: plainNumber(c.n) }))))),
    h('p', { class: 'hint', text: m.t(basis, { n: plainNumber(areas) }) }))
}
