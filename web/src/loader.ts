// Loads what the page shows: the collections, the regions and what is said of
// them, names for the map, and the chosen collection. Tries three times; what
// was loaded before stays until something better is there.

import { ApiError, fetchAll, fetchBase, fetchCollections, fetchSchema, MAX_FEATURES } from './api'
import { makeDataset } from './dataset'
import type { Feature } from './geojson'
import type { Sources } from './model'
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
}

export class Loader {
  readonly sources: Sources = {
    collections: [], regions: [], claims: [], data: null,
    status: { loading: null, error: null, offline: !navigator.onLine, dismissed: false },
  }
  private running: AbortController | null = null

  constructor(private readonly host: Host) {
    addEventListener('offline', () => this.setOffline(true))
    addEventListener('online', () => {
      this.setOffline(false)
      if (this.sources.status.error) void this.load()
    })
  }

  /** Loads the wanted collection and, once, everything around it. */
  async load(): Promise<void> {
    this.running?.abort()
    const run = new AbortController()
    this.running = run
    const { status } = this.sources
    status.error = null
    status.loading = { loaded: 0, matched: 0, shown: false }
    const patience = setTimeout(() => {
      if (run.signal.aborted || !status.loading) return
      status.loading.shown = true
      this.host.changed()
    }, PATIENCE_MS)
    for (let tries = 1; ; tries++) {
      try {
        await this.once(run.signal)
        break
      } catch (err) {
        if (run.signal.aborted) break
        if (tries < TRIES && !(err instanceof ApiError && err.status !== null && err.status < 500)) {
          await pause(PAUSE_MS * tries)
          continue
        }
        status.error = { problem: err instanceof ApiError ? err : new ApiError(String(err), '', null, ''), tries, missing: null }
        break
      }
    }
    clearTimeout(patience)
    if (run.signal.aborted) return
    status.loading = null
    this.host.changed()
  }

  dismiss(): void {
    const { status } = this.sources
    status.dismissed = true
    if (status.error?.missing != null) status.error = null
    this.host.changed()
  }

  private async once(signal: AbortSignal): Promise<void> {
    const { sources } = this
    if (sources.collections.length === 0) sources.collections = await fetchCollections(signal)
    const known = new Set(sources.collections.map((c) => c.id))
    let id = this.host.wanted()
    if (!known.has(id)) {
      const other = [...known].find((c) => !CONTEXT.includes(c)) ?? [...known][0]
      if (other === undefined) throw new ApiError('no collections', 'collections', 200, '')
      if (id !== ATLAS) {
        sources.status.error = { problem: null, tries: 1, missing: id }
      }
      id = other
      this.host.instead(id)
    }
    const [schema, loaded] = await Promise.all([
      fetchSchema(id, signal),
      fetchAll(id, (n, matched) => this.progress(n, matched), signal),
      this.context(known, signal),
    ])
    const title = sources.collections.find((c) => c.id === id)?.title ?? id
    sources.data = makeDataset(id, readSchema(schema, title), loaded.features, loaded.matched)
    sources.status.dismissed = sources.status.offline && sources.status.dismissed
  }

  /** Regions and claims are needed with the first picture, the names of places may come later. */
  private async context(known: Set<string>, signal: AbortSignal): Promise<void> {
    const { sources } = this
    if (sources.regions.length > 0) return
    const all = (id: string): Promise<Feature[]> => (known.has(id) ? fetchAll(id, undefined, signal).then((l) => l.features) : Promise.resolve([]))
    const [definitions, claims] = await Promise.all([all('regions'), all('claims')])
    sources.claims = makeClaims(claims)
    sources.regions = makeRegions(definitions, sources.claims)
    void this.places(all('divisions'))
  }

  /** Names of places are shown as they come; a map without them still works. */
  private async places(divisions: Promise<Feature[]>): Promise<void> {
    const base = (await fetchBase('places').catch(() => null)) ?? []
    this.host.places(makePlaces(base, []))
    this.host.places(makePlaces(base, await divisions.catch(() => [])))
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
