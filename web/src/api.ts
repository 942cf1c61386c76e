// The addresses of the server and the only module that fetches. All addresses
// are relative to the page, so that it works below a path prefix.

import type { Collection, Feature, FeatureCollection, Link, Properties } from './geojson'

/** An answer that is not the one asked for, with what a report needs. */
export class ApiError extends Error {
  /** How often the request was made. */
  tries = 1

  constructor(message: string, readonly url: string, readonly status: number | null, readonly detail: string) {
    super(message)
    this.name = 'ApiError'
  }
}

const PAGE_LIMIT = 1000
/** The page loads no more features than this of one collection. */
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

/** Loads a collection page by page, up to MAX_FEATURES, and tells how far it is. */
export async function fetchAll(
  collection: string,
  progress: (loaded: number, matched: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Loaded> {
  const features: Feature[] = []
  let url: string | null = `${itemsUrl(collection)}?f=json&limit=${PAGE_LIMIT}`
  let matched = 0
  while (url !== null && features.length < MAX_FEATURES) {
    const page = (await getJson(url, signal)) as FeatureCollection
    if (!Array.isArray(page.features)) throw new ApiError('not a FeatureCollection', url, 200, '')
    for (const f of page.features) features.push({ ...f, properties: plain(f.properties) })
    matched = Math.max(page.numberMatched ?? features.length, features.length)
    progress(features.length, matched)
    url = page.features.length > 0 ? nextOf(page.links, url) : null
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

async function getJson(url: string, signal?: AbortSignal): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(url, { headers: { Accept: 'application/geo+json, application/json' }, ...(signal ? { signal } : {}) })
  } catch (err) {
    if (err instanceof DOMException && err.name === 'AbortError') throw err
    throw new ApiError('no answer', url, null, String(err))
  }
  if (!response.ok) {
    const body = await response.text().catch(() => '')
    throw new ApiError(`status ${response.status}`, url, response.status, body.slice(0, 2000))
  }
  try {
    return await response.json()
  } catch (err) {
    throw new ApiError('not JSON', url, response.status, String(err))
  }
}
