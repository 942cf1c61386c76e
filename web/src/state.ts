// The one state of the page and its form in the address bar. Views read the
// state and call set; nothing else holds what the reader has chosen.

import { AREA_FILTER, readArea, writeArea, type Area } from './area'
import type { Lit } from './brush'
import { rangeOf, REGION_FACET, TEXT_FILTER, type Filters, type Range } from './filter'
import { readScenes, writeScenes, type Scene } from './scenes'
import type { Lang } from './schema'

export type Theme = 'light' | 'dark'
export type Tab = 'regions' | 'list' | 'legend'
export type Sort = 'name' | 'family' | 'rank'
/** The names that pictures of the map have for it too. */
export type Show = 'groups' | 'territory' | 'hex' | 'features'
export type Snap = 'low' | 'half' | 'full'
export type LayoutName = 'wide' | 'middle' | 'phone'
/** A view of the workbench, which stands in place of the panel. */
export type Work = 'concentration' | 'compare'

export interface View {
  zoom: number
  lat: number
  lon: number
}

export interface State extends Filters {
  area: Area | null
  collection: string
  /** Null: the browser's language. */
  lang: Lang | null
  /** Null: the system's choice. */
  theme: Theme | null
  /** Null: the opening view. */
  view: View | null
  /** Region to definition, only where it is not the default. */
  definitions: Record<string, string>
  /** The region whose row is open. */
  region: string | null
  selected: string | null
  tab: Tab
  sort: Sort
  /** The list holds only what is in view; of a collection that the server keeps. */
  near: boolean
  /** How the collection is drawn; null: as suits it. */
  show: Show | null
  /** The areas of the territory view: division:LEVEL or region:ID; null: as suits the zoom. */
  areas: string | null
  /** The base map by name; null: the built-in one. */
  base: string | null
  /** Null: the map with its panel. */
  work: Work | null
  /** What the view of the workbench is set to, by names of its own; only what is not the default. */
  about: Record<string, string>
  scenes: Scene[]
  /** The scene that is presented, from 0; null: nothing is. */
  playing: number | null
}

/** What passes with the visit and is no part of a link. */
export interface Moment {
  hover: string | null
  /** Colours of the group under the pointer, whose first member is the hover. */
  over: string[] | null
  /** What is pointed at in a legend, a bar or a histogram. */
  lit: Lit | null
  /** The panel for choosing a part of the map is open. */
  selecting: boolean
  /** A box to fly to, told once; n makes equal boxes distinct. */
  flight: { box: [number, number, number, number] | null; point: [number, number] | null; zoom: number | null; n: number; seconds?: number }
  layout: LayoutName
  drawer: boolean
  snap: Snap
  /** The mark whose members are listed. */
  group: string | null
  /** A facet opened from a chip on the phone. */
  facet: string | null
}

export const ATLAS = 'clusters'

export const INITIAL: State = {
  collection: ATLAS, lang: null, theme: null, view: null, definitions: {}, region: null,
  chosen: {}, ranges: {}, text: '', area: null, selected: null, tab: 'regions', sort: 'name', near: false, show: null, areas: null, base: null, work: null, about: {}, scenes: [], playing: null,
}

const TABS: Tab[] = ['regions', 'list', 'legend']
export const WORKS: Work[] = ['concentration', 'compare']
/** Names in an address are as short. */
const ABOUT = /^[a-z]{1,20}$/
const SORTS: Sort[] = ['name', 'family', 'rank']
export const SHOWS: Show[] = ['groups', 'territory', 'hex', 'features']
/** What areas may name; the server knows which there are. */
const AREAS = /^(division:(province|prefecture|county)|region:\w{1,40})$/
const MAX_TEXT = 200

/** The hash of a state, without what equals the initial state. */
export function toHash(s: State): string {
  const parts: string[] = []
  const put = (key: string, value: string) => parts.push(`${encode(key)}=${value}`)
  if (s.view) put('map', `${round(s.view.zoom, 2)}/${round(s.view.lat, 4)}/${round(s.view.lon, 4)}`)
  if (s.collection !== ATLAS) put('c', encode(s.collection))
  if (s.lang) put('lang', s.lang)
  if (s.theme) put('theme', s.theme)
  if (s.tab !== 'regions') put('tab', s.tab)
  if (s.sort !== 'name') put('sort', s.sort)
  if (s.near) put('in', 'view')
  if (s.show) put('view', s.show)
  if (s.areas) put('areas', encode(s.areas))
  if (s.base) put('base', encode(s.base))
  const defs = Object.keys(s.definitions).sort().map((r) => `${encode(r)}:${encode(s.definitions[r]!)}`)
  if (defs.length > 0) put('def', defs.join(','))
  if (s.region) put('open', encode(s.region))
  for (const key of Object.keys(s.chosen).sort()) {
    const values = s.chosen[key]!
    if (values.length > 0) put(`f.${key}`, [...values].sort().map(encode).join(','))
  }
  for (const key of Object.keys(s.ranges).sort()) {
    const [low, high] = s.ranges[key]!
    if (low !== null || high !== null) put(`n.${key}`, `${low ?? ''}..${high ?? ''}`)
  }
  if (s.text) put('q', encode(s.text))
  if (s.area) put('sel', writeArea(s.area))
  if (s.work) {
    put('at', s.work)
    for (const key of Object.keys(s.about).sort()) put(`at.${key}`, encode(s.about[key]!))
  }
  if (s.selected !== null) put('id', encode(s.selected))
  if (s.scenes.length > 0) put('scenes', writeScenes(s.scenes))
  if (s.playing !== null) put('play', String(s.playing + 1))
  return parts.length > 0 ? `#${parts.join('&')}` : '#'
}

/** Reads a hash. What is unknown or malformed is left out; it never throws. */
export function fromHash(hash: string): State {
  const s: State = { ...INITIAL, definitions: {}, chosen: {}, ranges: {}, about: {} }
  for (const part of hash.replace(/^#/, '').split('&')) {
    const eq = part.indexOf('=')
    if (eq <= 0) continue
    const key = decode(part.slice(0, eq))
    const raw = part.slice(eq + 1)
    if (key !== null) readPart(s, key, raw)
  }
  if (s.work === null) s.about = {}
  if (s.playing !== null) s.playing = Math.min(s.playing, Math.max(0, s.scenes.length - 1))
  return s
}

function readPart(s: State, key: string, raw: string): void {
  const value = decode(raw)
  if (value === null || value === '') return
  switch (key) {
    case 'map':
      s.view = readView(value)
      return
    case 'c':
      s.collection = value
      return
    case 'lang':
      if (value === 'zh' || value === 'en') s.lang = value
      return
    case 'theme':
      if (value === 'light' || value === 'dark') s.theme = value
      return
    case 'tab':
      s.tab = TABS.find((t) => t === value) ?? s.tab
      return
    case 'sort':
      s.sort = SORTS.find((t) => t === value) ?? s.sort
      return
    case 'in':
      s.near = value === 'view'
      return
    case 'view':
    case 'show': // as older links have it
      s.show = SHOWS.find((t) => t === (value === 'hexagons' ? 'hex' : value)) ?? s.show
      return
    case 'areas':
      if (AREAS.test(value)) s.areas = value
      return
    case 'base':
      s.base = value
      return
    case 'def':
      for (const pair of raw.split(',')) {
        const [region, def] = pair.split(':').map(decode)
        if (region && def) own(s.definitions, region, def)
      }
      return
    case 'open':
      s.region = value
      return
    case 'q':
      s.text = value.slice(0, MAX_TEXT)
      return
    case 'sel':
      s.area = readArea(value)
      return
    case 'id':
      s.selected = value
      return
    case 'at':
      s.work = WORKS.find((w) => w === value) ?? null
      return
    case 'scenes':
      s.scenes = readScenes(raw)
      return
    case 'play':
      s.playing = /^[1-9]\d?$/.test(value) ? Number(value) - 1 : null
      return
  }
  if (key.startsWith('f.')) {
    const values = raw.split(',').map(decode).filter((v): v is string => v !== null && v !== '')
    if (values.length > 0) own(s.chosen, key.slice(2), [...new Set(values)])
  } else if (key.startsWith('n.')) {
    const range = readRange(value)
    if (range) own(s.ranges, key.slice(2), range)
  } else if (key.startsWith('at.') && ABOUT.test(key.slice(3))) own(s.about, key.slice(3), value.slice(0, MAX_TEXT))
}

/** Sets a key that came from outside, so that "__proto__" is a key like any other. */
function own<T>(target: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function readView(value: string): View | null {
  const m = /^(\d{1,2}(?:\.\d+)?)\/(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?)$/.exec(value)
  if (!m) return null
  const [zoom, lat, lon] = [Number(m[1]), Number(m[2]), Number(m[3])]
  return zoom <= 22 && Math.abs(lat) <= 90 && Math.abs(lon) <= 360 ? { zoom, lat, lon } : null
}

function readRange(value: string): Range | null {
  const m = /^(-?[\d.eE+-]*)\.\.(-?[\d.eE+-]*)$/.exec(value)
  if (!m) return null
  const limit = (t: string | undefined) => (t ? Number(t) : null)
  const low = limit(m[1])
  const high = limit(m[2])
  if ((low !== null && !Number.isFinite(low)) || (high !== null && !Number.isFinite(high))) return null
  return low === null && high === null ? null : [low, high]
}

function encode(s: string): string {
  return encodeURIComponent(s).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decode(s: string): string | null {
  try {
    return decodeURIComponent(s.replace(/\+/g, ' '))
  } catch {
    return null
  }
}

function round(n: number, digits: number): number {
  const f = 10 ** digits
  return Math.round(n * f) / f
}

export type Patch = Partial<State & Moment>
export type Key = keyof State | keyof Moment
type Listener = (changed: Set<Key>) => void

/** Keys of what is pointed at: no number changes with them. */
const POINTED = new Set<Key>(['hover', 'over', 'lit'])

export function onlyPointed(changed: Set<Key> | null): boolean {
  return changed !== null && [...changed].every((k) => POINTED.has(k))
}

/** Whether only what needs no new numbers changed. */
export function onlyPassing(changed: Set<Key> | null): boolean {
  return changed !== null && [...changed].every((k) => k === 'view' || POINTED.has(k))
}

/** Keys whose change the back button undoes; the others replace the entry. */
const STEPS = new Set<Key>(['collection', 'lang', 'theme', 'definitions', 'region', 'chosen', 'ranges', 'area', 'selected', 'tab', 'near', 'show', 'areas', 'base', 'work', 'about'])

export interface Bar {
  read(): string
  write(hash: string, step: boolean): void
}

/** The state, its listeners, and the address bar that mirrors it. */
export class Store {
  state: State & Moment
  private readonly listeners: Listener[] = []

  constructor(private readonly bar: Bar) {
    this.state = { ...fromHash(bar.read()), ...freshMoment() }
  }

  subscribe(listener: Listener): void {
    this.listeners.push(listener)
  }

  /** Changes the state, the address and tells the views once. */
  set(patch: Patch): void {
    const changed = this.merge(patch)
    if (changed.size === 0) return
    const before = this.bar.read()
    const hash = toHash(this.state)
    if (hash !== before) this.bar.write(hash, [...changed].some((k) => STEPS.has(k)))
    this.tell(changed)
  }

  /** Leaves out of state and address what the data do not know; views are about to be told anyway. */
  correct(patch: Patch): void {
    if (this.merge(patch).size > 0) this.bar.write(toHash(this.state), false)
  }

  /** Takes the state from the address after back, forward or an edited address. */
  follow(): void {
    const next = fromHash(this.bar.read())
    const changed = this.merge({ ...next, group: null, facet: null, lit: null })
    if (changed.size > 0) this.tell(changed)
  }

  /** Chooses or drops one option of a facet. */
  toggle(facet: string, option: string): void {
    const now = this.state.chosen[facet] ?? []
    const next = now.includes(option) ? now.filter((o) => o !== option) : [...now, option]
    this.choose(facet, next)
  }

  choose(facet: string, options: string[]): void {
    const chosen = { ...this.state.chosen }
    if (options.length > 0) own(chosen, facet, options)
    else delete chosen[facet]
    this.set({ chosen })
  }

  /** Drops one filter by the key that filter.evaluate uses. */
  drop(key: string): void {
    if (key === TEXT_FILTER) this.set({ text: '' })
    else if (key === AREA_FILTER) this.set({ area: null })
    else if (rangeOf(this.state.ranges, key)) {
      const ranges = { ...this.state.ranges }
      delete ranges[key]
      this.set({ ranges })
    } else this.choose(key, [])
  }

  clear(): void {
    this.set({ chosen: {}, ranges: {}, text: '', area: null })
  }

  chosenRegions(): string[] {
    return this.state.chosen[REGION_FACET] ?? []
  }

  private merge(patch: Patch): Set<Key> {
    const changed = new Set<Key>()
    for (const [k, v] of Object.entries(patch) as [Key, never][]) {
      if (JSON.stringify(this.state[k]) === JSON.stringify(v)) continue
      changed.add(k)
    }
    if (changed.size > 0) this.state = { ...this.state, ...patch }
    return changed
  }

  private tell(changed: Set<Key>): void {
    for (const listener of this.listeners) listener(changed)
  }
}

function freshMoment(): Moment {
  return {
    hover: null, over: null, lit: null, selecting: false, flight: { box: null, point: null, zoom: null, n: 0 }, layout: 'wide', drawer: false, snap: 'half', group: null, facet: null,
  }
}
