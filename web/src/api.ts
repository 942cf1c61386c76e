// The addresses of the server and the only module that fetches. All addresses
// are relative to the page, so that it works below a path prefix.

import type { Collection, Feature, FeatureCollection, Link, Properties } from './geojson'

/** An answer that is not the one asked for, with what a report needs. */
export class ApiError extends Error {
  /** How often the request was made. */
  tries = 1

  /** again: after how many milliseconds the server wants to be asked anew; null: it does not say. */
  constructor(message: string, readonly url: string, readonly status: number | null, readonly detail: string, readonly again: number | null = null) {
    super(message)
    this.name = 'ApiError'
  }
}

const PAGE_LIMIT = 1000
/** Of a first look at a collection. */
const START_LIMIT = 100
/** The page loads no more features than this of the collections beside the one it shows. */
export const MAX_FEATURES = 10_000

export const itemsUrl = (collection: string) => `collections/${encodeURIComponent(collection)}/items`
export const itemUrl = (collection: string, id: string, format: 'json' | 'html') =>
  `${itemsUrl(collection)}/${encodeURIComponent(id)}?f=${format}`

export async function fetchCollections(signal?: AbortSignal): Promise<Collection[]> {
  const answer = (await getJson('collections?f=json', signal)) as { collections?: Collection[] }
  return Array.isArray(answer.collections) ? answer.collections : []
}

export function fetchSchema(collection: string, signal?: AbortSignal): Promise<unknown> {
  return getJson(`collections/${encodeURIComponent(collection)}/schema?f=json&profile=clustermap`, signal)
}

export async function fetchBase(name: string, signal?: AbortSignal): Promise<Feature[] | null> {
  try {
    const answer = (await getJson(`base/${name}.geojson`, signal)) as FeatureCollection
    return Array.isArray(answer.features) ? answer.features : null
  } catch (err) {
    if (err instanceof ApiError && err.status === 404) return null
    throw err
  }
}

export interface Loaded {
  features: Feature[]
  matched: number
}

/** A page of a list, and the address of the one after it. */
export interface Page extends Loaded {
  next: string | null
  /** Characters of the answer. */
  size: number
}

export async function fetchPage(url: string, signal?: AbortSignal): Promise<Page> {
  const text = await getText(url, signal)
  const page = parse(text, url) as FeatureCollection
  if (!Array.isArray(page.features)) throw new ApiError('not a FeatureCollection', url, 200, '')
  const features = page.features.map((f) => ({ ...f, properties: plain(f.properties) }))
  return { features, matched: page.numberMatched ?? features.length, next: nextOf(page.links, url), size: text.length }
}

export function groupsUrl(collection: string, query: Record<string, string>): string {
  return `collections/${encodeURIComponent(collection)}/groups?${new URLSearchParams({ f: 'json', ...query })}`
}

/** Where the members of a group are listed. */
export function membersUrl(collection: string, id: string): string {
  return `collections/${encodeURIComponent(collection)}/groups/${encodeURIComponent(id)}/members?f=json&limit=50`
}

export async function fetchGroups(url: string, signal?: AbortSignal): Promise<Feature[]> {
  const answer = (await getJson(url, signal)) as FeatureCollection
  if (!Array.isArray(answer.features)) throw new ApiError('not a FeatureCollection', url, 200, '')
  return answer.features.map((f) => ({ ...f, properties: plain(f.properties) }))
}

/** A tile; where nothing is it is empty, and in this order of z, x and y never missing. */
export function tileUrl(collection: string, t: { z: number; x: number; y: number }, query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString()
  return `collections/${encodeURIComponent(collection)}/xyz/${t.z}/${t.x}/${t.y}${text ? `?${text}` : ''}`
}

/** A base map that the server has beside the built-in one. */
export interface Backdrop {
  name: string
  title: string
  attribution?: string
  kind: 'raster' | 'vector'
  minzoom: number
  maxzoom: number
  bounds?: [number, number, number, number]
}

/** A base map of others, fetched from there once it is chosen. */
export interface OnlineMap {
  name: string
  title: { en?: string; zh?: string }
  tiles: string
  subdomains: string[]
  layers: string[]
  attribution: { en?: string; zh?: string }
  terms?: string
  datum: 'wgs84' | 'gcj02'
  minzoom: number
  maxzoom: number
  /** Where a reader gets the key that it needs. */
  keyFrom?: string
}

export async function fetchBackdrops(): Promise<{ archives: Backdrop[]; online: OnlineMap[] }> {
  const answer = (await getJson('basemaps?f=json')) as { basemaps?: Backdrop[]; online?: OnlineMap[] }
  return { archives: answer.basemaps ?? [], online: answer.online ?? [] }
}

export const backdropUrl = (name: string) => `basemaps/${encodeURIComponent(name)}/{z}/{x}/{y}`

/** The address of the server as others write it. */
export const absolute = (url: string) => new URL(url, document.baseURI).href

/** A picture of the map; browsers may keep it, so that an image of this address asks no second time. */
export function fetchPicture(url: string, signal?: AbortSignal): Promise<Response> {
  return get(url, 'image/*', signal, 'default')
}

/** What went wrong in the words of the server (RFC 9457), else the beginning of the answer. */
export function detailOf(body: string): string {
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown }
    if (typeof detail === 'string') return detail
  } catch {
    // not a problem document: the body says what there is
  }
  return body.slice(0, 2000)
}

export interface TileAnswer {
  bytes: ArrayBuffer
  /** Features that the tile leaves out. */
  dropped: number
}

export async function fetchTile(url: string, signal?: AbortSignal, cache?: RequestCache): Promise<TileAnswer> {
  const response = await get(url, 'application/vnd.mapbox-vector-tile', signal, cache)
  return { bytes: await response.arrayBuffer(), dropped: Number(response.headers.get('Clustermap-Dropped') ?? 0) || 0 }
}

/** The first few features of a collection: whether there are many, and how large they are. */
export function fetchStart(collection: string, signal?: AbortSignal): Promise<Page> {
  return fetchPage(`${itemsUrl(collection)}?f=json&limit=${START_LIMIT}`, signal)
}

export async function fetchFeature(collection: string, id: string, signal?: AbortSignal): Promise<Feature> {
  const f = (await getJson(itemUrl(collection, id, 'json'), signal)) as Feature
  return { ...f, properties: plain(f.properties) }
}

/** Counts by the values of properties; an array stands for the set of its elements. */
export interface Aggregate {
  groups: { key: Record<string, unknown>; count: number }[]
  /** The count and other measures by their names. */
  total: { count: number } & Record<string, unknown>
}

export function aggregateUrl(collection: string, query: Record<string, string>): string {
  return `collections/${encodeURIComponent(collection)}/aggregate?${new URLSearchParams({ f: 'json', ...query })}`
}

export async function fetchAggregate(url: string, signal?: AbortSignal): Promise<Aggregate> {
  return (await getJson(url, signal)) as Aggregate
}

/** Loads a collection page by page, up to MAX_FEATURES, and tells how far it is. */
export async function fetchAll(
  collection: string,
  progress: (loaded: number, matched: number) => void = () => {},
  signal?: AbortSignal,
  query = '',
): Promise<Loaded> {
  const features: Feature[] = []
  let url: string | null = `${itemsUrl(collection)}?f=json&limit=${PAGE_LIMIT}${query}`
  let matched = 0
  while (url !== null && features.length < MAX_FEATURES) {
    const page: Page = await fetchPage(url, signal)
    for (const f of page.features) features.push(f)
    matched = Math.max(page.matched, features.length)
    progress(features.length, matched)
    url = page.features.length > 0 ? page.next : null
  }
  return { features: features.slice(0, MAX_FEATURES), matched }
}

/** Properties by name and nothing else: "constructor" is there only if the data have it. */
function plain(properties: Properties | null): Properties {
  return Object.assign(Object.create(null) as Properties, properties)
}

/**
 * The next page, asked at this page's own address: the server may be reached by
 * another name than the one it knows itself by.
 */
function nextOf(links: Link[] | undefined, current: string): string | null {
  const next = links?.find((l) => l.rel === 'next')
  if (!next) return null
  const query = next.href.indexOf('?')
  return query < 0 ? null : current.split('?')[0]! + next.href.slice(query)
}

/** Which tables the server reads, and whether it keeps what comes of them. */
export interface ImportTerms {
  enabled: boolean
  keeps: boolean
  maxBytes: number
  /** Endings of names, with their dot. */
  formats: string[]
  roles: { role: string; title: Record<'zh' | 'en', string> }[]
}

export async function fetchImportTerms(): Promise<ImportTerms> {
  const answer = (await getJson('import?f=json')) as Partial<ImportTerms>
  return { enabled: answer.enabled === true, keeps: answer.keeps === true, maxBytes: answer.maxBytes ?? 0, formats: answer.formats ?? [], roles: answer.roles ?? [] }
}

/**
 * Sends a table to be read. told hears how much of it is sent, from 0 to 1. Only
 * XMLHttpRequest tells that.
 */
export function sendTable(file: Blob, name: string, mapping: unknown, lang: string, told: (part: number) => void, signal: AbortSignal): Promise<unknown> {
  const url = `import?f=json&lang=${lang}`
  const form = new FormData()
  if (mapping !== null) form.append('mapping', JSON.stringify(mapping))
  form.append('file', file, name)
  return new Promise((done, failed) => {
    const r = new XMLHttpRequest()
    const stopped = () => failed(new DOMException('stopped', 'AbortError'))
    r.open('POST', url)
    r.setRequestHeader('Accept', 'application/json')
    r.upload.addEventListener('progress', (e) => e.lengthComputable && told(e.loaded / e.total))
    r.addEventListener('error', () => failed(new ApiError('no answer', url, null, '')))
    r.addEventListener('abort', stopped)
    r.addEventListener('load', () => {
      if (r.status !== 200) failed(new ApiError(`status ${r.status}`, url, r.status, detailOf(r.responseText), (Number(r.getResponseHeader('Retry-After')) || 0) * 1000 || null))
      else {
        try {
          done(parse(r.responseText, url))
        } catch (err) {
          failed(err)
        }
      }
    })
    if (signal.aborted) return stopped()
    signal.addEventListener('abort', () => r.abort(), { once: true })
    r.send(form)
  })
}

/** A place of China that a row may be put to. */
export interface PlaceFound {
  code: string
  name: Record<'zh' | 'en', string>
  within: Record<'zh' | 'en', string>
  level: string
  precision: string
  /** Longitude, latitude; null where nobody knows. */
  point: [number, number] | null
}

export async function searchPlaces(text: string, signal: AbortSignal): Promise<PlaceFound[]> {
  const answer = (await getJson(`places?${new URLSearchParams({ f: 'json', q: text, limit: '8' })}`, signal)) as { places?: Record<string, unknown>[] }
  const words = (v: unknown) => (typeof v === 'string' ? v : '')
  return (answer.places ?? []).map((p) => ({
    code: words(p['code']), name: { zh: words(p['name_zh']), en: words(p['name_en']) || words(p['name_zh']) }, within: { zh: words(p['within_zh']), en: words(p['within_en']) || words(p['within_zh']) },
    level: words(p['level']), precision: words(p['precision']), point: Array.isArray(p['point']) ? (p['point'] as [number, number]) : null,
  }))
}

/** A result of the search: see GET /search. */
export interface Found {
  kind: 'feature' | 'value' | 'group' | 'region' | 'place'
  title: { en?: string; zh?: string }
  detail?: { en?: string; zh?: string }
  id?: string
  property?: string
  value?: string
  count?: number
  region?: string
  point?: [number, number]
  level?: string
}

export async function lookUp(text: string, collection: string, signal: AbortSignal): Promise<Found[]> {
  const answer = (await getJson(`search?${new URLSearchParams({ f: 'json', q: text, collection })}`, signal)) as { results?: Found[] }
  return answer.results ?? []
}

/** Stores a collection on the server; false where its name is taken. */
export async function keepCollection(name: string, geojson: string, replace: boolean): Promise<boolean> {
  const url = `collections/${encodeURIComponent(name)}`
  let response: Response
  try {
    response = await fetch(url, { method: 'PUT', body: geojson, headers: { 'Content-Type': 'application/geo+json', Accept: 'application/json', [replace ? 'If-Match' : 'If-None-Match']: '*' } })
  } catch (err) {
    throw new ApiError('no answer', url, null, String(err))
  }
  if (response.ok) return true
  if (response.status === 412) return false
  throw new ApiError(`status ${response.status}`, url, response.status, detailOf(await response.text().catch(() => '')))
}

async function getJson(url: string, signal?: AbortSignal): Promise<unknown> {
  return parse(await getText(url, signal), url)
}

async function getText(url: string, signal?: AbortSignal): Promise<string> {
  const response = await get(url, 'application/geo+json, application/json', signal)
  return response.text()
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw new ApiError('not JSON', url, 200, String(err))
  }
}

/**
 * A good answer, or an ApiError; an abort stays what it is. The server is asked
 * whether a kept answer still holds, because all that the page shows is of one state.
 */
export async function get(url: string, accept: string, signal?: AbortSignal, cache: RequestCache = 'no-cache'): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { headers: { Accept: accept }, cache, ...(signal ? { signal } : {}) })
  } catch (err) {
    if (err instanceof DOMException && err.name === 'AbortError') throw err
    throw new ApiError('no answer', url, null, String(err))
  }
  if (response.ok) return response
  throw new ApiError(`status ${response.status}`, url, response.status, detailOf(await response.text().catch(() => '')))
}
