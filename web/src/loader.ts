// Loads what the page shows: the collections, the regions and what is said of
// them, names for the map, and the chosen collection. Tries three times; what was
// loaded before stays until something better is there, and what cannot be had
// beside the collection is left out and named.

import { aggregateUrl, ApiError, fetchAggregate, fetchAll, fetchBase, fetchCollections, fetchGroups, fetchSchema, fetchStart, groupsUrl, MAX_FEATURES, type Page } from './api'
import type { Busy } from './busy'
import { makeDataset, makeRemote, type Dataset } from './dataset'
import { ownTask } from './frames'
import type { Box, Collection, Feature } from './geojson'
import { boxAround } from './groupread'
import type { Part, Sources, Trouble } from './model'
import { makePlaces, type MapPlace } from './places'
import { quoteName } from './query'
import { makeClaims, makeRegions } from './regions'
import { Remote, type Wanted } from './remote'
import { persistent } from './retry'
import { readSchema, type CollectionSchema } from './schema'
import { ATLAS } from './state'
import { dayNumber, isDate, timeField } from './time'

/** A load shorter than this shows no skeleton. */
const PATIENCE_MS = 300
/**
 * A collection with more features than this stays with the server. Measured in
 * Chromium beside other work on two cores, points with eight properties: 5,000 are
 * loaded in 1.4 s, and a filter takes 50 to 100 ms, a zoom 130 to 250 ms; 10,000
 * take 2.1 s to load, and 20,000 up to 450 ms for a filter and 840 ms for a zoom.
 */
export const WHOLE = 5000
/** So does one whose features are longer than this in all, in characters of JSON. */
const HEAVY = 8e6
const CONTEXT = ['claims', 'regions', 'divisions']

interface Host {
  /** The collection that the state asks for. */
  wanted(): string
  changed(): void
  /** What the page asks of a collection that the server keeps. */
  question(data: Dataset): Wanted
  /** A feature that is open is no longer in the data. */
  vanished(id: string): void
  /** The wanted collection is not served: take this one. */
  instead(collection: string): void
  places(places: MapPlace[]): void
  /** Loads the base map again. */
  base(): void
}

interface Read {
  data: Dataset
  remote: Remote | null
}

export class Loader {
  readonly sources: Sources & { remote: Remote | null } = {
    collections: [], regions: [], claims: [], data: null, remote: null,
    status: { loading: null, error: null, lacking: [], offline: !navigator.onLine, dismissed: false, vanished: false },
  }
  private running: AbortController | null = null
  private revs: Record<string, string> | null = null
  /** What of the surroundings is here already. */
  private have: { regions: Feature[] | null; claims: Feature[] | null; places: boolean } = { regions: null, claims: null, places: false }

  constructor(private readonly busy: Busy, private readonly host: Host) {
    addEventListener('offline', () => this.setOffline(true))
    addEventListener('online', () => {
      this.setOffline(false)
      if (this.sources.status.error?.kind === 'server' || this.sources.status.lacking.length > 0) this.retry()
    })
  }

  /** Goes where the state has gone: to the data that are loaded, or to others. */
  follow(): void {
    const { data, status } = this.sources
    if (data?.id !== this.host.wanted()) {
      void this.load()
      return
    }
    this.running?.abort()
    status.loading = status.error = null
  }

  /** Loads the wanted collection and, once, everything around it. */
  async load(): Promise<void> {
    this.running?.abort()
    const run = new AbortController()
    this.running = run
    const { status } = this.sources
    status.error = null
    status.lacking = status.lacking.filter((part) => part === 'base')
    status.loading = { loaded: 0, matched: 0, shown: false }
    const patience = setTimeout(() => {
      if (run.signal.aborted || !status.loading) return
      status.loading.shown = true
      this.host.changed()
    }, PATIENCE_MS)
    try {
      await this.once(run.signal)
    } catch (err) {
      if (!run.signal.aborted) this.failed(err)
    }
    clearTimeout(patience)
    await ownTask() // reading and drawing are two
    if (run.signal.aborted) return
    status.loading = null
    this.host.changed()
  }

  /** Tries again what failed: the layer that was asked for, else what is lacking. */
  retry(): void {
    const { error, lacking } = this.sources.status
    if (lacking.includes('base')) this.host.base()
    if (error?.kind === 'server' && error.layer === null && lacking.length === 0 && this.sources.data?.remote) {
      this.sources.status.error = null
      this.sources.remote!.refresh()
      this.host.changed()
      return
    }
    if (error?.kind === 'server' && error.layer !== null) this.host.instead(error.layer)
    void this.load()
  }

  /** The page does without this part and says so. */
  lack(part: Part): void {
    const { status } = this.sources
    if (!status.lacking.includes(part)) status.lacking = [...status.lacking, part]
    status.dismissed = false
    this.host.changed()
  }

  found(part: Part): void {
    const { status } = this.sources
    if (!status.lacking.includes(part)) return
    status.lacking = status.lacking.filter((p) => p !== part)
    this.host.changed()
  }

  dismiss(): void {
    const { status } = this.sources
    status.dismissed = true
    status.vanished = false
    if (status.error && this.sources.data) status.error = null
    this.host.changed()
  }

  /** The data that are loaded stay, and the address goes back to them. */
  private failed(err: unknown): void {
    const { data, status } = this.sources
    status.error = troubleOf(err, data !== null && data.id !== this.host.wanted() ? this.host.wanted() : null)
    if (data) this.host.instead(data.id)
  }

  private async once(signal: AbortSignal): Promise<void> {
    const { sources } = this
    if (sources.collections.length === 0) sources.collections = await persistent(() => fetchCollections(signal), signal)
    const known = sources.collections.map((c) => c.id)
    let id = this.host.wanted()
    if (!known.includes(id)) {
      const other = insteadOf(known)
      if (other === undefined) throw new ApiError('no collections', 'collections', 200, '')
      if (id !== ATLAS) sources.status.error = { kind: 'unknown', layer: id }
      id = other
      this.host.instead(id)
    }
    const context = this.context(new Set(known), signal)
    const read = await this.read(id, signal, context)
    await context
    this.take(read)
    sources.status.dismissed = sources.status.offline && sources.status.dismissed
  }

  /** Reads the collection that is shown anew, because its data changed; what is here stays until then. */
  async renew(): Promise<void> {
    const id = this.sources.data?.id
    if (id === undefined || this.sources.status.loading) return
    this.running?.abort()
    const run = new AbortController()
    this.running = run
    try {
      const collections = await persistent(() => fetchCollections(run.signal), run.signal)
      const read = await this.busy.during(this.read(id, run.signal, Promise.resolve()))
      if (run.signal.aborted) return
      this.sources.collections = collections
      this.take(read)
    } catch (err) {
      if (run.signal.aborted) return
      this.sources.status.error = troubleOf(err, null)
    }
    this.host.changed()
  }

  /** Hears of a new state of the server, by the rev of each collection. */
  heard(revs: Record<string, string>): void {
    const before = this.revs
    this.revs = revs
    const id = this.sources.data?.id
    if (before === null || id === undefined) return
    if (!Object.hasOwn(revs, id)) {
      this.sources.collections = []
      void this.load()
    } else if (before[id] !== revs[id]) void this.renew()
    else if (Object.keys(before).sort().join() !== Object.keys(revs).sort().join()) void this.relist()
  }

  /** Lists the collections anew; without an answer the list stays. */
  private async relist(): Promise<void> {
    this.sources.collections = await fetchCollections().catch(() => this.sources.collections)
    this.host.changed()
  }

  private take({ data, remote }: Read): void {
    const before = this.sources.data
    this.sources.remote?.close()
    this.sources.data = data
    this.sources.remote = remote
    if (before?.id === data.id && !data.remote) {
      const { selected } = this.host.question(before)
      if (selected !== null && !data.byId.has(selected)) this.host.vanished(selected)
    }
  }

  /** Loads a collection whole where it is small, else the first answers about it. */
  private async read(id: string, signal: AbortSignal, context: Promise<void>): Promise<Read> {
    const [schemaDoc, start] = await Promise.all([
      persistent(() => fetchSchema(id, signal), signal),
      persistent(() => fetchStart(id, signal), signal),
    ])
    const collection = this.sources.collections.find((c) => c.id === id)
    const schema = readSchema(schemaDoc, collection?.title ?? id)
    if (isLarge(start)) {
      await context // what is asked depends on the definitions of the regions
      const data = makeRemote(id, schema, start.matched, await placeOf(id, extentOf(collection), signal), await datesOf(id, schema, signal))
      const remote = new Remote(data, this.busy, {
        changed: () => this.answered(), failed: (err) => this.refused(err), vanished: (gone) => this.host.vanished(gone),
      }, this.sources.data?.id === id ? this.sources.remote?.rowsHere : undefined)
      signal.addEventListener('abort', () => remote !== this.sources.remote && remote.close())
      await remote.ready(this.host.question(data))
      return { data, remote }
    }
    const whole = start.next === null ? start : await persistent(() => fetchAll(id, (n, matched) => this.progress(n, matched), signal), signal)
    return { data: makeDataset(id, schema, whole.features, whole.matched), remote: null }
  }

  private answered(): void {
    if (this.sources.status.error?.kind === 'server') this.sources.status.error = null
    this.host.changed()
  }

  /** A question about the collection was not answered. */
  refused(err: unknown): void {
    this.sources.status.error = troubleOf(err, null)
    this.host.changed()
  }

  /** Regions and claims are needed with the first picture, the names of places may come later. */
  private async context(known: Set<string>, signal: AbortSignal): Promise<void> {
    const { sources } = this
    const load = async (id: 'regions' | 'claims', had: Feature[] | null): Promise<Feature[] | null> => {
      if (had || !known.has(id)) return had
      return this.part(id, persistent(() => fetchAll(id, undefined, signal), signal).then((l) => l.features), signal)
    }
    const [regions, claims] = await Promise.all([load('regions', this.have.regions), load('claims', this.have.claims)])
    if (signal.aborted) return
    this.have = { ...this.have, regions, claims }
    sources.claims = makeClaims(claims ?? [])
    sources.regions = makeRegions(regions ?? [], sources.claims)
    if (!this.have.places) void this.places(known.has('divisions'))
  }

  /** A part that fails counts as lacking. */
  private async part<T>(name: Part, wanted: Promise<T>, signal?: AbortSignal): Promise<T | null> {
    try {
      return await wanted
    } catch (err) {
      if (signal?.aborted) throw err
      if (!this.sources.status.lacking.includes(name)) this.sources.status.lacking.push(name)
      return null
    }
  }

  /** Names of places are shown as they come; a map without them still works. */
  private async places(divisions: boolean): Promise<void> {
    this.have.places = true
    const base = await this.part('places', fetchBase('places').then((f) => f ?? []))
    this.host.places(makePlaces(base ?? [], []))
    const seats = divisions ? await this.part('places', fetchSeats()) : null
    if (seats) this.host.places(makePlaces(base ?? [], seats))
    if (!this.sources.status.lacking.includes('places')) return
    this.have.places = false
    this.host.changed()
  }

  private progress(loaded: number, matched: number): void {
    const { loading } = this.sources.status
    if (!loading) return
    loading.loaded = loaded
    loading.matched = Math.min(matched, MAX_FEATURES)
    if (loading.shown) this.host.changed()
  }

  private setOffline(offline: boolean): void {
    this.sources.status.offline = offline
    this.sources.status.dismissed = false
    this.host.changed()
  }
}

/** What a name on the map needs of a division. */
const OF_SEATS = ['adcode', 'name_zh', 'name_en', 'seat', 'seat_lon', 'seat_lat']

/** The prefectures, or all divisions where they do not tell their level. */
async function fetchSeats(): Promise<Feature[]> {
  const { properties } = (await fetchSchema('divisions')) as { properties?: Record<string, unknown> }
  const has = (name: string) => properties !== undefined && name in properties
  const query = `&skipGeometry=true&properties=${OF_SEATS.filter(has).join(',')}${has('level') ? '&level=prefecture' : ''}`
  return (await fetchAll('divisions', undefined, undefined, query)).features
}

function isLarge(start: Page): boolean {
  return start.matched > WHOLE || (start.size / Math.max(1, start.features.length)) * start.matched > HEAVY
}

function extentOf(c: Collection | undefined): Box | null {
  const box = c?.extent?.spatial?.bbox?.[0]
  if (!box || box.length < 4) return null
  const [w, s, e, n] = box.length >= 6 ? [box[0]!, box[1]!, box[3]!, box[4]!] : (box as Box)
  return [w, s, e < w ? e + 360 : e, n]
}

/** Half the world in degrees: an extent wider than this may only cross 180 degrees. */
const HALF = 180
/** Of the groups that tell where such a collection lies. */
const FAR_ZOOM = '3'

/** The box of a collection. One that seems to go round the world is asked for its groups; without an answer it does. */
async function placeOf(id: string, extent: Box | null, signal: AbortSignal): Promise<Box | null> {
  if (extent === null || extent[2] - extent[0] <= HALF) return extent
  try {
    return boxAround(await fetchGroups(groupsUrl(id, { zoom: FAR_ZOOM }), signal)) ?? extent
  } catch (err) {
    if (signal.aborted) throw err
    return extent
  }
}

/** The first and the last day of a collection whose time is told by dates; without an answer it has no slider. */
async function datesOf(id: string, schema: CollectionSchema, signal: AbortSignal): Promise<[number, number] | null> {
  const field = timeField(schema)
  if (!field || !isDate(field)) return null
  try {
    const ends = [`min(${quoteName(field.name)})`, `max(${quoteName(field.name)})`]
    const { total } = await fetchAggregate(aggregateUrl(id, { measures: ends.join() }), signal)
    const [first, last] = Object.entries(total).filter(([k]) => k !== 'count').map(([, v]) => (typeof v === 'string' ? dayNumber(v) : null))
    return first && last ? [first, last] : null
  } catch (err) {
    if (signal.aborted) throw err
    return null
  }
}

/** The collection to show where the wanted one is not served: the atlas, else one that is a layer of its own. */
export function insteadOf(known: string[]): string | undefined {
  return known.find((c) => c === ATLAS) ?? known.find((c) => !CONTEXT.includes(c)) ?? known[0]
}

/** A request that got no good answer is the server's or the network's; anything else is ours. */
export function troubleOf(err: unknown, layer: string | null): Trouble {
  if (err instanceof ApiError) {
    const { message, url, status, detail } = err
    return { kind: 'server', problem: { message, url, status, detail }, tries: err.tries, layer }
  }
  const detail = err instanceof Error ? (err.stack ?? '') : ''
  return { kind: 'own', problem: { message: String(err), url: '', status: null, detail } }
}
