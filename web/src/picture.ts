// A picture of the map as an address of the server. One query makes the preview and
// every format, so that what is downloaded is what the preview shows.

import type { Dataset } from './dataset'
import type { Definitions, Filters } from './filter'
import type { Box } from './geojson'
import { boxText, selectionOf } from './query'
import { say } from './messages'
import type { Lang, Text } from './schema'
import type { Show } from './state'

export const FORMATS = ['pptx', 'pdf', 'svg', 'png'] as const
export type Format = (typeof FORMATS)[number]
export const STYLES = ['light', 'dark', 'print', 'presentation'] as const
export type Style = (typeof STYLES)[number]
export const WORDS = ['zh', 'en', 'both'] as const
export type Words = (typeof WORDS)[number]
/** What can be left out of a picture, in the order of the panel. */
export const PARTS = ['legend', 'scale', 'regions', 'labels', 'sources', 'north', 'inset', 'review'] as const
export type Part = (typeof PARTS)[number]

/** Sizes in CSS pixels, 96 to the inch. */
export const PRESETS = [
  { key: 'wide', width: 1280, height: 720 },
  { key: 'slide', width: 960, height: 720 },
  { key: 'across', width: 1123, height: 794 },
  { key: 'upright', width: 794, height: 1123 },
  { key: 'half', width: 794, height: 561 },
  { key: 'poster', width: 2245, height: 3179 },
  { key: 'square', width: 1080, height: 1080 },
] as const
export type Preset = (typeof PRESETS)[number]
export type PresetKey = Preset['key']

/** Pixels to the inch that a PNG may have: screen, sharp screen, print. */
export const DENSITIES = [96, 192, 300]
/** The most pixels of a side that the server draws. */
const MOST_PIXELS = 8192

/** What the reader chose in the panel. */
export interface Choice {
  preset: PresetKey
  /** Empty: what the numbers say. */
  title: string
  style: Style
  words: Words
  parts: ReadonlySet<Part>
  reviewNumber: string
  format: Format
  dpi: number
  /** Everything there is, or what the map shows. */
  whole: boolean
}

/** What of the page a picture depends on. */
export interface Subject {
  data: Dataset
  filters: Filters
  defs: Definitions
  /** Whether the reader chose another definition than the usual one. */
  redefined: boolean
  show: Show
  /** What territories or hexagons count by; empty where there are none. */
  by: string
  box: Box
  /** The filters as the page calls them, in both languages; empty where there are none. */
  words: Text
}

export const presetOf = (key: PresetKey): Preset => PRESETS.find((p) => p.key === key)!

export function firstChoice(lang: Lang, dark: boolean, whole: boolean): Choice {
  return {
    preset: 'wide', title: '', style: dark ? 'dark' : 'light', words: lang, parts: new Set(['legend', 'scale', 'regions', 'labels', 'sources']),
    reviewNumber: '', format: 'pptx', dpi: 192, whole,
  }
}

/** The density of the pixels of a PNG, as high as the server draws it. */
export function densityOf(c: Choice): number {
  const { width, height } = presetOf(c.preset)
  const fits = DENSITIES.filter((d) => (Math.max(width, height) * d) / 96 <= MOST_PIXELS)
  return Math.min(c.dpi, fits.at(-1)!)
}

/** The pixels of a picture in a format; those that are drawn from lines have as many as CSS has. */
export function pixelsOf(c: Choice, format: Format): { width: number; height: number; dpi: number } {
  const { width, height } = presetOf(c.preset)
  const dpi = format === 'png' ? densityOf(c) : 96
  return { width: Math.round((width * dpi) / 96), height: Math.round((height * dpi) / 96), dpi }
}

/** The format of the preview: an image of the same lines for what browsers do not show. */
export const previewFormat = (f: Format): Format => (f === 'png' ? 'png' : 'svg')

/** The address of a picture, relative to the page. */
export function pictureUrl(s: Subject, c: Choice, format: Format): string {
  return `map?${new URLSearchParams({ f: format, ...pictureQuery(s, c, format) })}`
}

export function pictureQuery(s: Subject, c: Choice, format: Format): Record<string, string> {
  const { width, height, dpi } = pixelsOf(c, format)
  const furniture = furnitureOf(c)
  return {
    collections: s.data.id,
    ...(c.whole ? {} : { bbox: boxText(s.box) }),
    width: String(width), height: String(height), ...(dpi === 96 ? {} : { dpi: String(dpi) }),
    fit: 'extend',
    // A map without anything around it would else be in degrees.
    ...(furniture === 'none' ? { crs: WEB_MERCATOR } : {}),
    style: c.style, lang: c.words, view: s.show, ...(s.by === '' ? {} : { by: s.by }),
    ...regionsOf(s, c), ...(c.parts.has('labels') ? {} : { labels: 'false' }),
    furniture,
    ...(c.title.trim() === '' ? {} : { title: c.title.trim() }), ...subtitleOf(s, c),
    ...(c.parts.has('review') && c.reviewNumber.trim() !== '' ? { review: c.reviewNumber.trim() } : {}),
    ...selectionOf(s.data, s.filters, s.defs),
  }
}

const WEB_MERCATOR = 'http://www.opengis.net/def/crs/EPSG/0/3857'

/** What stands around the map, as the server calls it. */
function furnitureOf(c: Choice): string {
  const names: Partial<Record<Part, string[]>> = { legend: ['legend'], scale: ['scale'], sources: ['source', 'date', 'definition'], north: ['north'], inset: ['inset'], review: ['review'] }
  const all = PARTS.filter((p) => c.parts.has(p)).flatMap((p) => names[p] ?? [])
  return all.length > 0 || c.title.trim() !== '' ? ['title', 'subtitle', ...all].join() : 'none'
}

/** What was selected, in the words of the page, which are better to read than the filter that says the same. */
function subtitleOf({ words }: Subject, c: Choice): Record<string, string> {
  if (words.zh === '') return {}
  const langs: Lang[] = c.words === 'both' ? ['zh', 'en'] : [c.words]
  return { subtitle: langs.map((lang) => say(lang, 'pictureOnly', { filters: words[lang] })).join(' · ') }
}

function regionsOf(s: Subject, c: Choice): Record<string, string> {
  if (!s.data.hasRegions) return {}
  if (!c.parts.has('regions')) return { regions: 'none' }
  return s.redefined ? { regions: Object.values(s.defs).join() } : {}
}

/** A name for the file, from a title of any kind. */
export function fileName(title: string, format: Format): string {
  const plain = title.replace(/[\\/:*?"<>|\p{C}]+/gu, ' ').replace(/\s+/g, ' ').trim().slice(0, 80)
  return `${plain || 'map'}.${format}`
}

/** What the answer tells of the picture. */
export interface Checked {
  features: number
  hidden: number
  /** Characters that no font has. */
  missing: string[]
  /** The state of the data, for an address that stays as it is. */
  rev: string
}

export function readChecks(header: (name: string) => string | null): Checked {
  const n = (name: string) => Number(header(name) ?? 0) || 0
  const missing = (header('Clustermap-Missing-Characters') ?? '').match(/[0-9A-F]{4,6}/g) ?? []
  return {
    features: n('Clustermap-Features'), hidden: n('Clustermap-Hidden-Labels'), rev: header('Clustermap-Rev') ?? '',
    missing: missing.map((code) => parseInt(code, 16)).filter((code) => code <= 0x10ffff).map((code) => String.fromCodePoint(code)),
  }
}

/** A map of a presentation. */
export interface Slide {
  subject: Subject
  title: string
  notes: string
  whole: boolean
}

/** The address of several maps in one file. What they have in common is said once. */
export function slidesUrl(slides: Slide[], c: Choice, format: 'pptx' | 'pdf'): string {
  const each = slides.map((s) => ({ ...pictureQuery(s.subject, { ...c, title: s.title, whole: s.whole }, format), ...(s.notes.trim() === '' ? {} : { notes: s.notes.trim() }) }))
  const shared: Record<string, string> = {}
  for (const [name, value] of Object.entries(each[0] ?? {})) {
    if (name === 'notes' || !each.every((q) => (q as Record<string, string>)[name] === value)) continue
    if (name !== 'lang') shared[name] = value
    for (const q of each) delete (q as Record<string, string>)[name]
  }
  return `map?${new URLSearchParams({ f: format, lang: c.words, ...shared, scenes: JSON.stringify(each) })}`
}
