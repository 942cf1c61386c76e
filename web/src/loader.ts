// Loads what the page shows: the collections, the regions and what is said of
// them, names for the map, and the chosen collection. Tries three times; what was
// loaded before stays until something better is there, and what cannot be had
// beside the collection is left out and named.

import { ApiError, fetchAll, fetchBase, fetchCollections, fetchSchema, MAX_FEATURES } from './api'
import { makeDataset } from './dataset'
import type { Feature } from './geojson'
import type { Part, Sources, Trouble } from './model'
import { makePlaces, type MapPlace } from './places'
import { makeClaims, makeRegions } from './regions'
import { readSchema } from './schema'
import { ATLAS } from './state'

const TRIES = 3
const PAUSE_MS = 600
/** A load shorter than this shows no skeleton. */
const PATIENCE_MS = 300
const CONTEXT = ['claims', 'regions', 'divisions']

interface Host {
  /** The collection that the state asks for. */
  wanted(): string
  changed(): void
  /** The wanted collection is not served: take this one. */
  instead(collection: string): void
  places(places: MapPlace[]): void
  /** Loads the base map again. */
  base(): void
}

export class Loader {
  readonly sources: Sources = {
    collections: [], regions: [], claims: [], data: null,
    status: { loading: null, error: null, lacking: [], offline: !navigator.onLine, dismissed: false },
  }
  private running: AbortController | null = null
  /** What of the surroundings is here already. */
  private have: { regions: Feature[] | null; claims: Feature[] | null; places: boolean } = { regions: null, claims: null, places: false }

  constructor(private readonly host: Host) {
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
    if (run.signal.aborted) return
    status.loading = null
    this.host.changed()
  }

  /** Tries again what failed: the layer that was asked for, else what is lacking. */
  retry(): void {
    const { error, lacking } = this.sources.status
    if (lacking.includes('base')) this.host.base()
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
    const [schema, loaded] = await Promise.all([
      persistent(() => fetchSchema(id, signal), signal),
      persistent(() => fetchAll(id, (n, matched) => this.progress(n, matched), signal), signal),
      this.context(new Set(known), signal),
    ])
    const title = sources.collections.find((c) => c.id === id)?.title ?? id
    sources.data = makeDataset(id, readSchema(schema, title), loaded.features, loaded.matched)
    sources.status.dismissed = sources.status.offline && sources.status.dismissed
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
    const seats = this.part('places', divisions ? fetchAll('divisions').then((l) => l.features) : Promise.resolve([]))
    const base = await this.part('places', fetchBase('places').then((f) => f ?? []))
    this.host.places(makePlaces(base ?? [], []))
    this.host.places(makePlaces(base ?? [], (await seats) ?? []))
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

function offline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false
}

/** Tries a request three times, but not again what the server refused or where there is no network. */
export async function persistent<T>(request: () => Promise<T>, signal: AbortSignal, wait = pause): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await request()
    } catch (err) {
      if (!(err instanceof ApiError)) throw err
      err.tries = tries
      const refused = err.status !== null && err.status < 500
      if (tries >= TRIES || refused || signal.aborted || offline()) throw err
      await wait(PAUSE_MS * tries)
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
