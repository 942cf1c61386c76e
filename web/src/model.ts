// What the views show: the state together with the loaded data and all that
// follows from both. It is made anew on each change and never altered.

import type { Dataset, Item, Option } from './dataset'
import { evaluate, rangeOf, REGION_FACET, type Definitions, type Result } from './filter'
import type { Collection } from './geojson'
import { say, type MessageKey, type Params } from './messages'
import { definitionsInForce, type Claim, type Region } from './regions'
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
}

export interface Sources {
  collections: Collection[]
  regions: Region[]
  claims: Claim[]
  data: Dataset | null
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
  /** The visible items in the order of the list. */
  sorted: Item[]
  selected: Item | null
  t(key: MessageKey, params?: Params): string
  of(text: Text): string
  token(item: Item): string
  /** What shows when the filter by region is dropped. */
  withoutRegion(): Item[]
}

export function makeModel(state: State & Moment, sources: Sources, system: { lang: Lang; theme: Theme }): Model {
  const lang = state.lang ?? system.lang
  const defs = definitionsInForce(sources.regions, state.definitions)
  const result = sources.data ? evaluate(sources.data, state, defs) : null
  const tokens = new Map(sources.data?.palette.map((o) => [o.key, o.token ?? 'rest']))
  return {
    ...sources, state, lang, defs, result,
    theme: state.theme ?? system.theme,
    shownRegions: sources.data?.hasRegions ? sources.regions : [],
    sorted: result && sources.data ? sortItems(result.visible, state, lang, sources.data.palette) : [],
    selected: (state.selected !== null && sources.data?.byId.get(state.selected)) || null,
    t: (key, params) => say(lang, key, params),
    of: (t) => t[lang],
    token: (item) => tokens.get(item.color) ?? 'rest',
    withoutRegion: () => {
      if (!sources.data) return []
      return evaluate(sources.data, { ...state, chosen: { ...state.chosen, [REGION_FACET]: [] } }, defs).visible
    },
  }
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
  if (JSON.stringify(ranges) !== JSON.stringify(state.ranges)) patch.ranges = ranges
  if (state.selected !== null && !data.byId.has(state.selected)) patch.selected = null
  const defs: State['definitions'] = {}
  for (const r of sources.regions) {
    const id = Object.hasOwn(state.definitions, r.key) ? state.definitions[r.key] : undefined
    if (id && id !== r.fallback.id && r.definitions.some((d) => d.id === id)) defs[r.key] = id
  }
  if (sources.regions.length > 0 && JSON.stringify(defs) !== JSON.stringify(state.definitions)) patch.definitions = defs
  if (state.region !== null && sources.regions.length > 0 && !sources.regions.some((r) => r.key === state.region)) patch.region = null
  return patch
}
