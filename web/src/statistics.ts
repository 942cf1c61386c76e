// What the server computes: the addresses of statistics, their answers, and how far a
// long one is.

import { ApiError, detailOf, get } from './api'
import type { Feature, Link } from './geojson'
import { persistent } from './retry'
import type { Lang, Text } from './schema'

/** An answer; result is as its method has it. */
export interface Answer<R> {
  method: { id: string; title: string; source: string; page: string }
  parameters: Record<string, unknown>
  universe: string
  n: number
  weights: string
  rev: string
  warnings: string[]
  result: R
  links?: Link[]
}

export interface Places<R> extends Answer<R> {
  features: Feature[]
}

export interface Quotient {
  key: string
  title: Text
  count: number
  value: number | null
  total: number | null
  share: number | null
  lq: number | null
  low: number | null
  high: number | null
  p: number | null
  p_adjusted: number | null
}
export interface Quotients { units: Quotient[] }

export interface Gini {
  gini: number | null
  units: number
  half: { units: number; share: number } | null
  lorenz: { x: number; y: number }[]
}

export interface Pairs {
  distance_km: number[]
  kd: number[]
  low: number[]
  high: number[]
  localised: boolean | null
  dispersed: boolean | null
  localised_km: [number, number] | null
  /** One-sided, of gathering and of keeping apart. */
  p: number | null
  p_dispersed: number | null
  draws: number
  bandwidth_km: number | null
}

export interface HotUnit {
  key: string
  title?: Text
  count: number
  value: number | null
  z: number | null
  p: number | null
  p_adjusted: number | null
  class: string
}

export interface HotSpots {
  units?: HotUnit[]
  hot: number
  cold: number
  q: number
  draws: number
  in_hot: { count: number; value: number | null }
  neighbors?: { places: number }
}

export interface Density {
  bandwidth_km: number | null
  kernel: string
  unit: string
}

export function statisticUrl(collection: string, method: string, query: Record<string, string>): string {
  return `collections/${encodeURIComponent(collection)}/statistics/${method}?${new URLSearchParams(query)}`
}

/** The page of a method. */
export const methodUrl = (method: string, lang: Lang) => `statistics/${encodeURIComponent(method)}?f=html&lang=${lang}`

/** The collection that the places of an answer are; null where there is none. */
export function placesCollection(a: Answer<unknown>): string | null {
  const map = a.links?.find((l) => l.rel.endsWith('/rel/ogc/1.0/map'))
  const id = map && /\/collections\/([^/?]+)\/map/.exec(map.href)?.[1]
  return id ? decodeURIComponent(id) : null
}

/** Asks for an answer; told hears how much is done, from 0 to 1. */
export function askStatistic<T>(url: string, signal: AbortSignal, told: (part: number) => void = () => {}): Promise<T> {
  return persistent(() => stream<T>(url, signal, told), signal)
}

/** Asks for an answer with its places. */
export function askPlaces<T>(url: string, signal: AbortSignal): Promise<T> {
  return persistent(async () => (await get(url, 'application/geo+json', signal)).json() as Promise<T>, signal)
}

async function stream<T>(url: string, signal: AbortSignal, told: (part: number) => void): Promise<T> {
  const response = await get(url, 'text/event-stream', signal)
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) return (await response.json()) as T
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) throw new ApiError('no answer', url, null, 'the stream ended early')
    const [events, left] = eventsOf(rest + value)
    rest = left
    for (const e of events) {
      if (e.name === 'answer') {
        void reader.cancel()
        return JSON.parse(e.data) as T
      }
      if (e.name === 'failure') {
        const { status = 500 } = JSON.parse(e.data) as { status?: number }
        throw new ApiError(`status ${status}`, url, status, detailOf(e.data))
      }
      if (e.name === 'progress') {
        const { done: so, total } = JSON.parse(e.data) as { done: number; total: number }
        told(total > 0 ? so / total : 0)
      }
    }
  }
}

export interface Event {
  name: string
  data: string
}

/** The whole events of a stream so far, and what follows them. */
export function eventsOf(text: string): [Event[], string] {
  const parts = text.replaceAll('\r\n', '\n').split('\n\n')
  const rest = parts.pop()!
  const events = parts.map((part) => {
    const lines = part.split('\n')
    const of = (field: string) => lines.filter((l) => l.startsWith(`${field}:`)).map((l) => l.slice(field.length + 1).replace(/^ /, ''))
    return { name: of('event')[0] ?? '', data: of('data').join('\n') }
  })
  return [events.filter((e) => e.name !== '' && e.data !== ''), rest]
}
