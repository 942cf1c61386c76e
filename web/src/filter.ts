// Which items a choice of filters leaves, and what each option would give. All
// numbers of the page come from here, so list, map and counts cannot differ.

import { AREA_FILTER, inArea, type Area } from './area'
import type { Dataset, Item } from './dataset'
import { rank, words } from './search'
import { timeOf } from './time'

export type Range = [number | null, number | null]

export interface Filters {
  /** Facet key to chosen options: or within a facet, and between facets. */
  chosen: Record<string, string[]>
  /** Property name to inclusive limits; null is open. */
  ranges: Record<string, Range>
  text: string
  /** The part of the map that the reader chose. */
  area?: Area | null
}

/** The limits of a property; a property may be named like a member of every object. */
export function rangeOf(ranges: Filters['ranges'], key: string): Range | undefined {
  return Object.hasOwn(ranges, key) ? ranges[key] : undefined
}

/** Region key (yrd, prd, bohai) to the id of the definition in force. */
export type Definitions = Record<string, string>

export const ELSEWHERE = 'none'
export const REGION_FACET = 'region'
export const TEXT_FILTER = 'text'

export interface Result {
  /** What shows of the items that the page holds. */
  visible: Item[]
  ids: Set<string>
  /** How many features the filters leave, and how many of them have no place on the map. */
  total: number
  unplaced: number
  /** Facet key → option → items that all other filters leave. */
  counts: Map<string, Map<string, number>>
  /** For each active filter: how many items show when it alone is dropped. */
  without: { key: string; n: number }[]
  active: number
}

/** The regions that contain an item under the definitions in force. */
export function regionsOf(item: Pick<Item, 'regions'>, defs: Definitions): string[] {
  const found = Object.keys(defs).filter((r) => item.regions.includes(defs[r]!))
  return found.length > 0 ? found : [ELSEWHERE]
}

/** How many features each region and each definition holds, with their colours, whatever the filter by region. */
export interface RegionTally {
  regions: Map<string, { n: number; colors: Map<string, number> }>
  /** By definition, over all features of the collection. */
  definitions: Map<string, number>
  all: number
}

/** Counts items, each with the definitions that hold it and how many features it stands for. */
export function tallyRegions(items: Iterable<{ regions: string[]; color: string; n: number }>, defs: Definitions): Omit<RegionTally, 'definitions'> {
  const regions: RegionTally['regions'] = new Map()
  let all = 0
  for (const it of items) {
    all += it.n
    for (const key of regionsOf(it, defs)) {
      let r = regions.get(key)
      if (!r) regions.set(key, (r = { n: 0, colors: new Map() }))
      r.n += it.n
      r.colors.set(it.color, (r.colors.get(it.color) ?? 0) + it.n)
    }
  }
  return { regions, all }
}

export function tallyDefinitions(items: Iterable<{ regions: string[]; n: number }>): Map<string, number> {
  const out = new Map<string, number>()
  for (const it of items) for (const d of it.regions) out.set(d, (out.get(d) ?? 0) + it.n)
  return out
}

export function evaluate(data: Dataset, filters: Filters, defs: Definitions): Result {
  const tests = testsOf(data, filters, defs)
  const facets = [...data.facets.map((f) => f.key), REGION_FACET]
  const counts = new Map(facets.map((k) => [k, new Map<string, number>()]))
  const without = new Map(tests.map((t) => [t.key, 0]))
  const times = new Map<string, number>()
  const visible: Item[] = []
  const score = new Map<string, number>()
  for (const item of data.items) {
    const failed = tests.filter((t) => !t.passes(item))
    if (failed.length > 1) continue
    const only = failed[0]?.key
    if (only === undefined) visible.push(item)
    else without.set(only, without.get(only)! + 1)
    if (data.time && (only === undefined || only === data.time.key)) {
      const bin = data.time.binOf(timeOf(data.time, item.feature.properties))
      if (bin !== null) times.set(String(bin), (times.get(String(bin)) ?? 0) + 1)
    }
    for (const key of facets) {
      if (only !== undefined && only !== key) continue
      const values = key === REGION_FACET ? regionsOf(item, defs) : item.values[key]!
      const count = counts.get(key)!
      for (const v of values) count.set(v, (count.get(v) ?? 0) + 1)
    }
  }
  if (data.time) counts.set(data.time.counts, times)
  const query = words(filters.text)
  if (query.length > 0) {
    for (const item of visible) score.set(item.id, rank(item.text, query))
    visible.sort((a, b) => score.get(b.id)! - score.get(a.id)! || a.index - b.index)
  }
  return {
    visible,
    ids: new Set(visible.map((it) => it.id)),
    total: visible.length,
    unplaced: visible.filter((it) => it.lon === null).length,
    counts,
    without: tests.map((t) => ({ key: t.key, n: visible.length + without.get(t.key)! })),
    active: tests.length,
  }
}

interface Test {
  key: string
  passes(item: Item): boolean
}

function testsOf(data: Dataset, filters: Filters, defs: Definitions): Test[] {
  const tests: Test[] = []
  for (const [key, chosen] of Object.entries(filters.chosen)) {
    if (chosen.length === 0) continue
    const set = new Set(chosen)
    if (key === REGION_FACET) {
      tests.push({ key, passes: (it) => regionsOf(it, defs).some((r) => set.has(r)) })
    } else if (data.facets.some((f) => f.key === key)) {
      tests.push({ key, passes: (it) => it.values[key]!.some((v) => set.has(v)) })
    }
  }
  for (const [key, [low, high]] of Object.entries(filters.ranges)) {
    if (low === null && high === null) continue
    if (data.time?.unit === 'day' && data.time.key === key) {
      const { time } = data
      tests.push({ key, passes: (it) => within(timeOf(time, it.feature.properties), low, high) })
      continue
    }
    if (!data.numbers.some((n) => n.key === key)) continue
    tests.push({
      key,
      passes: (it) => {
        const v = it.feature.properties[key]
        return within(typeof v === 'number' ? v : null, low, high)
      },
    })
  }
  const query = words(filters.text)
  if (query.length > 0) tests.push({ key: TEXT_FILTER, passes: (it) => rank(it.text, query) > 0 })
  if (filters.area) {
    const { adcode } = data.schema
    tests.push({ key: AREA_FILTER, passes: inArea(filters.area, (it) => it.feature.properties[adcode?.name ?? '']) })
  }
  return tests
}

function within(v: number | null, low: number | null, high: number | null): boolean {
  return v !== null && (low === null || v >= low) && (high === null || v <= high)
}
