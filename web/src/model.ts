// What the views show: the state together with the loaded data and all that
// follows from both. It is made anew on each change and never altered.

import type { Area } from './area'
import type { Dataset, Item, Option } from './dataset'
import { evaluate, rangeOf, REGION_FACET, tallyDefinitions, tallyRegions, type Definitions, type RegionTally, type Result } from './filter'
import type { Collection } from './geojson'
import { say, type MessageKey, type Params } from './messages'
import { definitionsInForce, type Claim, type Region } from './regions'
import type { Answers } from './remote'
import type { Lang, Text } from './schema'
import type { Moment, State, Theme } from './state'

/** What the page loads beside the collection itself. */
export type Part = 'regions' | 'claims' | 'places' | 'base'

/**
 * server: a request failed; layer is the collection it was for, if another one is
 * still shown. own: the page itself failed. unknown: the collection is not served.
 */
export type Trouble =
  | { kind: 'server'; problem: Problem; tries: number; layer: string | null }
  | { kind: 'own'; problem: Problem }
  | { kind: 'unknown'; layer: string }

/** What a report of a failure needs. */
export interface Problem {
  message: string
  url: string
  status: number | null
  detail: string
}

export interface Status {
  /** Set while a collection loads; shown says that it has taken long enough to say so. */
  loading: { loaded: number; matched: number; shown: boolean } | null
  error: Trouble | null
  /** What the page does without, because its request failed. */
  lacking: Part[]
  offline: boolean
  dismissed: boolean
  /** The feature that was open is gone from the data. */
  vanished: boolean
}

export interface Sources {
  collections: Collection[]
  regions: Region[]
  claims: Claim[]
  data: Dataset | null
  /** What the server answered for a collection that it keeps. */
  remote: { answers: Answers | null; hasMore: boolean } | null
  status: Status
}

export interface Model extends Sources {
  state: State & Moment
  lang: Lang
  theme: Theme
  defs: Definitions
  result: Result | null
  /** The regions, where the collection knows of them. */
  shownRegions: Region[]
  /** The visible items in the order of the list; of a collection that the server keeps the first of them. */
  sorted: Item[]
  /** How many features the list has. */
  listed: number
  selected: Item | null
  t(key: MessageKey, params?: Params): string
  of(text: Text): string
  token(item: Item): string
  /** What the regions hold when the filter by region is dropped. */
  tally(): RegionTally
}

export function makeModel(state: State & Moment, sources: Sources, system: { lang: Lang; theme: Theme }): Model {
  const lang = state.lang ?? system.lang
  const defs = definitionsInForce(sources.regions, state.definitions)
  const answers = sources.data?.remote ? (sources.remote?.answers ?? null) : null
  const result = sources.data && !sources.data.remote ? evaluate(sources.data, state, defs) : (answers?.result ?? null)
  const sorted = answers?.rows ?? (result && sources.data ? sortItems(result.visible, state, lang, sources.data.palette) : [])
  const tokens = new Map(sources.data?.palette.map((o) => [o.key, o.token ?? 'rest']))
  return {
    ...sources, state, lang, defs, result,
    theme: state.theme ?? system.theme,
    shownRegions: sources.data?.hasRegions ? sources.regions : [],
    sorted,
    listed: answers?.listed ?? sorted.length,
    selected: (state.selected !== null && (sources.data?.byId.get(state.selected) ?? (answers?.selected?.id === state.selected ? answers.selected : null))) || null,
    t: (key, params) => say(lang, key, params),
    of: (t) => t[lang],
    token: (item) => tokens.get(item.color) ?? 'rest',
    tally: () => {
      if (answers?.regions) return answers.regions
      const items = sources.data?.items ?? []
      const each = (list: Item[]) => list.map((it) => ({ regions: it.regions, color: it.color, n: 1 }))
      const here = sources.data ? evaluate(sources.data, { ...state, chosen: { ...state.chosen, [REGION_FACET]: [] } }, defs).visible : []
      return { ...tallyRegions(each(here), defs), definitions: tallyDefinitions(each(items)) }
    },
  }
}

/** The item under the pointer, if the page has it. */
export function hovered(m: Model): Item | null {
  const { hover } = m.state
  if (hover === null) return null
  return m.data?.byId.get(hover) ?? m.sorted.find((it) => it.id === hover) ?? (m.selected?.id === hover ? m.selected : null)
}

const collators: Record<Lang, Intl.Collator> = {
  zh: new Intl.Collator('zh-Hans-CN', { numeric: true }),
  en: new Intl.Collator('en', { numeric: true, sensitivity: 'base' }),
}

/** Sorted for reading; while there is a query and the reader asks for nothing else, by rank. */
export function sortItems(items: Item[], state: Pick<State, 'sort' | 'text'>, lang: Lang, palette: Option[]): Item[] {
  if (state.sort === 'rank' || (state.sort === 'name' && state.text.trim() !== '')) return items
  const place = new Map(palette.map((o, i) => [o.key, i]))
  const byName = (a: Item, b: Item) => collators[lang].compare(a.name[lang], b.name[lang]) || (a.id < b.id ? -1 : 1)
  if (state.sort === 'family') {
    return [...items].sort((a, b) => (place.get(a.color) ?? 99) - (place.get(b.color) ?? 99) || byName(a, b))
  }
  return [...items].sort(byName)
}

/** Whether the data tell which features lie in an area. */
function areaKnown(area: Area, data: Dataset, sources: Sources): boolean {
  if (area.kind === 'division') return data.schema.adcode !== undefined
  return area.kind !== 'region' || (data.hasRegions && (sources.regions.length === 0 || sources.regions.some((r) => r.definitions.some((d) => d.id === area.id))))
}

/** A state without what the loaded data do not know: stale ids, options and definitions. */
export function knownOnly(state: State, sources: Sources): Partial<State> {
  const data = sources.data
  if (!data || data.id !== state.collection) return {}
  const patch: Partial<State> = {}
  const options = new Map(data.facets.map((f) => [f.key, new Set(f.options.map((o) => o.key))]))
  if (data.hasRegions) options.set('region', new Set([...sources.regions.map((r) => r.key), 'none']))
  const chosen: State['chosen'] = {}
  for (const [key, values] of Object.entries(state.chosen)) {
    const known = values.filter((v) => options.get(key)?.has(v))
    if (known.length > 0) chosen[key] = known
  }
  if (JSON.stringify(chosen) !== JSON.stringify(state.chosen)) patch.chosen = chosen
  const ranges: State['ranges'] = {}
  for (const n of data.numbers) {
    const range = rangeOf(state.ranges, n.key)
    if (range) ranges[n.key] = range
  }
  const span = data.time ? rangeOf(state.ranges, data.time.key) : undefined
  if (data.time && span) ranges[data.time.key] = span
  if (state.area && !areaKnown(state.area, data, sources)) patch.area = null
  if (JSON.stringify(ranges) !== JSON.stringify(state.ranges)) patch.ranges = ranges
  if (state.selected !== null && !data.remote && !data.byId.has(state.selected)) patch.selected = null
  const defs: State['definitions'] = {}
  for (const r of sources.regions) {
    const id = Object.hasOwn(state.definitions, r.key) ? state.definitions[r.key] : undefined
    if (id && id !== r.fallback.id && r.definitions.some((d) => d.id === id)) defs[r.key] = id
  }
  if (sources.regions.length > 0 && JSON.stringify(defs) !== JSON.stringify(state.definitions)) patch.definitions = defs
  if (state.region !== null && sources.regions.length > 0 && !sources.regions.some((r) => r.key === state.region)) patch.region = null
  return patch
}
