// A collection that is too large to be loaded whole. The server counts, lists and
// finds; this holds its last answers and asks anew when the selection changes. A
// question that nobody waits for any more is taken back.

import { AREA_FILTER } from './area'
import { aggregateUrl, ApiError, fetchAggregate, fetchFeature, fetchPage, itemsUrl, type Aggregate } from './api'
import type { Busy } from './busy'
import { drawnAs, UNSTATED, type Dataset, type Facet, type Item } from './dataset'
import { REGION_FACET, tallyDefinitions, tallyRegions, TEXT_FILTER, type Definitions, type Filters, type RegionTally, type Result } from './filter'
import type { Box } from './geojson'
import { boxText, quoteName, selectionOf, without } from './query'
import { persistent } from './retry'
import type { Lang } from './schema'
import type { Sort } from './state'

/** What the page asks of the collection. */
export interface Wanted {
  filters: Filters
  defs: Definitions
  lang: Lang
  sort: Sort
  /** The list holds only what touches this box. */
  box: Box | null
  selected: string | null
}

/** The answers at hand. */
export interface Answers {
  result: Result
  regions: RegionTally | null
  /** The first rows of the list, in order. */
  rows: Item[]
  /** How many features the list has in all. */
  listed: number
  selected: Item | null
}

interface Host {
  changed(): void
  failed(err: unknown): void
  /** The feature that is open is no longer there. */
  vanished(id: string): void
}

/** Rows of a page of the list. */
const ROWS = 60
/** The most rows that are asked for at once after the data changed. */
const MOST_ROWS = 1000
const KEPT_COUNTS = 300

export class Remote {
  answers: Answers | null = null
  private wanted: Wanted | null = null
  private readonly counts = new Map<string, Aggregate>()
  private readonly runs = new Map<'counts' | 'rows' | 'selected', AbortController>()
  private asked = { counts: '', rows: '', selected: '' }
  private next: string | null = null
  private result: Result | null = null
  private regions: RegionTally | null = null
  private rows: { items: Item[]; listed: number } | null = null
  private selected: Item | null = null
  private waiter: { resolve(): void; reject(err: unknown): void } | null = null

  /** rows is how many rows of the list are asked for at first. */
  constructor(readonly data: Dataset, private readonly busy: Busy, private readonly host: Host, private readonly first = ROWS) {}

  /** Asks for the first answers and waits until all are there. */
  ready(wanted: Wanted): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiter = { resolve, reject }
      this.want(wanted)
    })
  }

  /** Asks for what is wanted and not here or on its way. */
  want(wanted: Wanted): void {
    this.wanted = wanted
    const { filters, defs, lang, sort, box } = wanted
    const selection = selectionOf(this.data, filters, defs)
    this.ask('counts', JSON.stringify([selection, defs]), (signal) => this.count(wanted, signal))
    this.ask('rows', JSON.stringify([selection, sort, lang, box && boxText(box)]), (signal) => this.list(wanted, this.answers ? ROWS : this.first, signal))
    if (wanted.selected === null) {
      this.stop('selected')
      this.selected = null
      this.put()
    } else this.ask('selected', wanted.selected, (signal) => this.find(wanted.selected!, signal))
  }

  /** Asks everything anew, because the data changed or an answer failed; what is here stays until then. */
  refresh(): void {
    const { wanted } = this
    if (!wanted) return
    this.counts.clear()
    this.run('counts', (signal) => this.count(wanted, signal))
    this.run('rows', (signal) => this.list(wanted, Math.max(ROWS, this.rowsHere), signal))
    if (wanted.selected !== null) this.run('selected', (signal) => this.find(wanted.selected!, signal))
  }

  /** How many rows to ask for to have as many as now. */
  get rowsHere(): number {
    return Math.min(MOST_ROWS, this.rows?.items.length ?? 0)
  }

  /** Whether the list goes on after the rows at hand. */
  get hasMore(): boolean {
    return this.next !== null
  }

  /** Loads the next rows, unless rows are on their way. */
  more(): void {
    const { next } = this
    if (next === null || this.runs.has('rows')) return
    this.run('rows', async (signal) => {
      const page = await fetchPage(next, signal)
      this.next = page.next
      this.rows = { items: [...this.rows!.items, ...page.features.map((f) => this.data.item(f))], listed: page.matched }
    })
  }

  close(): void {
    for (const run of this.runs.values()) run.abort()
    this.runs.clear()
    this.waiter?.reject(new DOMException('closed', 'AbortError'))
    this.waiter = null
  }

  private ask(what: 'counts' | 'rows' | 'selected', key: string, answer: (signal: AbortSignal) => Promise<void>): void {
    if (this.asked[what] === key) return
    this.asked[what] = key
    this.run(what, answer)
  }

  private stop(what: 'counts' | 'rows' | 'selected'): void {
    this.asked[what] = ''
    this.runs.get(what)?.abort()
    this.runs.delete(what)
  }

  private run(what: 'counts' | 'rows' | 'selected', answer: (signal: AbortSignal) => Promise<void>): void {
    this.runs.get(what)?.abort()
    const run = new AbortController()
    this.runs.set(what, run)
    const done = () => this.runs.get(what) === run && this.runs.delete(what)
    this.busy.during(persistent(() => answer(run.signal), run.signal)).then(() => {
      if (!done()) return
      this.put()
      if (!this.waiter) this.host.changed()
      else if (this.runs.size === 0) {
        this.waiter.resolve()
        this.waiter = null
      }
    }, (err: unknown) => {
      if (!done()) return
      if (this.waiter) this.waiter.reject(err)
      else this.host.failed(err)
    })
  }

  private put(): void {
    const { result, rows, regions, selected } = this
    if (result && rows) this.answers = { result, regions, rows: rows.items, listed: rows.listed, selected }
  }

  private async list({ filters, defs, lang, sort, box }: Wanted, limit: number, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ f: 'json', limit: String(limit), ...selectionOf(this.data, filters, defs) })
    const by = this.sortKeys(sort, lang)
    if (by !== '') query.set('sortby', by)
    if (box) query.set('bbox', boxText(box))
    if (!this.data.schema.points) query.set('zoom-level', '4')
    const page = await fetchPage(`${itemsUrl(this.data.id)}?${query}`, signal)
    this.next = page.next
    this.rows = { items: page.features.map((f) => this.data.item(f)), listed: page.matched }
  }

  private sortKeys(sort: Sort, lang: Lang): string {
    const { schema } = this.data
    const name = schema.nameIn(lang)
    const keys = [sort === 'family' ? schema.category?.name : undefined, schema.field(name ?? '')?.kind === 'other' ? undefined : name]
    return [...new Set(keys.filter((k) => k !== undefined))].join()
  }

  private async find(id: string, signal: AbortSignal): Promise<void> {
    if (this.selected?.id !== id) {
      this.selected = this.rows?.items.find((it) => it.id === id) ?? null
      this.put()
    }
    try {
      this.selected = this.data.item(await fetchFeature(this.data.id, id, signal))
    } catch (err) {
      if (!(err instanceof ApiError) || (err.status !== 404 && err.status !== 410)) throw err
      this.selected = null
      this.put()
      this.host.vanished(id)
    }
  }

  /** All numbers of the panel for a selection. */
  private async count({ filters, defs }: Wanted, signal: AbortSignal): Promise<void> {
    const { data } = this
    const select = (f: Filters, extra: Record<string, string> = {}) => this.aggregate({ ...extra, ...selectionOf(data, f, defs) }, signal)
    const facets = Promise.all(data.facets.map(async (f) => [f.key, this.optionCounts(f, await select(without(filters, f.key), { by: quoteName(this.propertyOf(f)) }))] as const))
    const all = select(filters)
    const regions = data.hasRegions ? this.countRegions(filters, defs, signal) : Promise.resolve(null)
    const [counts, { total }, unplaced, tally, times] = await Promise.all([facets, all, this.unplaced(filters, defs, signal), regions, this.countTimes(filters, select)])
    const active = [...Object.keys(filters.chosen).filter((k) => filters.chosen[k]!.length > 0), ...Object.keys(filters.ranges), ...(filters.text.trim() === '' ? [] : [TEXT_FILTER]), ...(filters.area ? [AREA_FILTER] : [])]
    const asked = total.count > 0 ? active.filter((key) => key === AREA_FILTER) : active
    const gains = await Promise.all(asked.map(async (key) => ({ key, n: (await select(without(filters, key))).total.count })))
    const byKey = new Map<string, Map<string, number>>(counts)
    if (data.time && times) byKey.set(data.time.counts, times)
    if (tally) byKey.set(REGION_FACET, new Map([...tally.regions].map(([key, r]) => [key, r.n])))
    this.regions = tally
    this.result = { visible: [], ids: new Set(), total: total.count, unplaced, counts: byKey, without: gains, active: active.length }
  }

  /** How many features each span of time has, whatever the limits of time. Years come as groups, of days each span is counted. */
  private async countTimes(filters: Filters, select: (f: Filters, extra?: Record<string, string>) => Promise<Aggregate>): Promise<Map<string, number> | null> {
    const { time } = this.data
    if (!time) return null
    const out = new Map<string, number>()
    const add = (bin: number | null, n: number) => bin !== null && n > 0 && out.set(String(bin), (out.get(String(bin)) ?? 0) + n)
    const others = without(filters, time.key)
    if (time.unit === 'year') {
      for (const g of (await select(others, { by: quoteName(time.key) })).groups) {
        const v = g.key[time.key]
        add(time.binOf(typeof v === 'number' ? v : null), g.count)
      }
      return out
    }
    const counts = await Promise.all(time.bins.map((b) => select({ ...others, ranges: { ...others.ranges, [time.key]: [b.from, b.to] } })))
    counts.forEach((c, i) => add(time.bins[i]!.from, c.total.count))
    return out
  }

  private async unplaced(filters: Filters, defs: Definitions, signal: AbortSignal): Promise<number> {
    const { filter, ...rest } = selectionOf(this.data, filters, defs)
    const none = 'geometry IS NULL'
    return (await this.aggregate({ filter: filter === undefined ? none : `(${filter}) AND ${none}`, ...rest }, signal)).total.count
  }

  private async countRegions(filters: Filters, defs: Definitions, signal: AbortSignal): Promise<RegionTally> {
    const { category } = this.data.schema
    const by = category ? `regions,${quoteName(category.name)}` : 'regions'
    const [here, whole] = await Promise.all([
      this.aggregate({ by, ...selectionOf(this.data, without(filters, REGION_FACET), defs) }, signal),
      this.aggregate({ by: 'regions' }, signal),
    ])
    const rows = (a: Aggregate) => a.groups.map((g) => ({
      regions: texts(g.key['regions']), color: this.data.colorOf(category ? (texts(g.key[category.name])[0] ?? '') : ''), n: g.count,
    }))
    return { ...tallyRegions(rows(here), defs), definitions: tallyDefinitions(rows(whole)) }
  }

  private propertyOf(f: Facet): string {
    const { schema } = this.data
    return f.kind === 'palette' ? schema.category!.name : f.kind === 'drawing' ? schema.precision!.name : f.key.slice(2)
  }

  /** Counts by value as counts by option: families, drawings, the elements of sets. */
  private optionCounts(f: Facet, a: Aggregate): Map<string, number> {
    const property = this.propertyOf(f)
    const out = new Map<string, number>()
    for (const g of a.groups) {
      const values = texts(g.key[property])
      const options = f.kind === 'palette' ? [this.data.colorOf(values[0] ?? '')] : f.kind === 'drawing' ? [drawnAs(values[0])] : values.length > 0 ? values : [UNSTATED]
      for (const o of options) out.set(o, (out.get(o) ?? 0) + g.count)
    }
    return out
  }

  private async aggregate(query: Record<string, string>, signal: AbortSignal): Promise<Aggregate> {
    const url = aggregateUrl(this.data.id, query)
    const known = this.counts.get(url)
    if (known) return known
    const got = await fetchAggregate(url, signal)
    if (this.counts.size >= KEPT_COUNTS) this.counts.clear()
    this.counts.set(url, got)
    return got
  }
}

function texts(v: unknown): string[] {
  if (Array.isArray(v)) return v.filter((x): x is string => typeof x === 'string')
  return v === null || v === undefined ? [] : [String(v)]
}
