// A loaded collection, made ready for filtering and drawing: each feature once
// as an Item, and the facets by which items can be chosen.

import { boxOf, seamOf, symbolPoint, unseamed, type Box, type Feature, type Geometry } from './geojson'
import { say, type MessageKey } from './messages'
import { indexText, type SearchText } from './search'
import type { CollectionSchema, Field, Lang, Text } from './schema'
import { isDate, makeTime, timeOf, type TimeFacet } from './time'

const SHAPES = ['prefecture', 'county', 'town', 'zone', 'market', 'province'] as const
export type Shape = (typeof SHAPES)[number]
export type Drawing = 'filled' | 'hollow' | 'approximate'

/** The value of a facet for features that state none. */
export const UNSTATED = '-'
/** The palette entry that gathers the categories after the seventh. */
export const REST = '~rest'

export interface Item {
  id: string
  index: number
  feature: Feature
  /** As drawn: beyond 180 degrees where the data cross it. */
  geometry: Geometry | null
  lon: number | null
  lat: number | null
  name: Text
  /** Short form for the map, e.g. 嵊州 领带. */
  label: Text
  /** The label again where that has no room. */
  labelShort: Text
  /** Place alone, for naming groups, e.g. 嵊州. */
  place: Text
  /** Codes from large to small that contain the item: province, prefecture, own. */
  divisions: { code: string; name: Text }[]
  color: string
  shape: Shape
  drawing: Drawing
  regions: string[]
  values: Record<string, string[]>
  text: SearchText
}

export interface Option {
  key: string
  title: Text
  token: string | null
}

export interface Facet {
  key: string
  title: Text
  kind: 'palette' | 'shape' | 'drawing' | 'plain'
  options: Option[]
}

export interface NumberFacet {
  key: string
  field: Field
  minimum: number
  maximum: number
}

export interface Dataset {
  id: string
  schema: CollectionSchema
  items: Item[]
  byId: Map<string, Item>
  facets: Facet[]
  numbers: NumberFacet[]
  /** The time of the features, where they are of more than one. */
  time: TimeFacet | null
  palette: Option[]
  /** The key in the palette of a value of the category; '' states none. */
  colorOf(value: string): string
  /** Features the server holds. */
  matched: number
  /** Too large to be loaded whole: items is empty and the server answers every question. */
  remote: boolean
  hasRegions: boolean
  isAtlas: boolean
  box: Box | null
  /** A feature of the collection as an item of this page. */
  item(f: Feature): Item
}

/** How often each value of a property occurs, and how many features state none. */
interface Tally {
  counts: Map<string, number>
  missing: number
}

type Tallies = (field: Field) => Tally

/** The colours, in the order in which a legend shows them. */
const FAMILY_TOKENS = ['electronics', 'textiles', 'ceramics', 'machinery', 'appliances', 'chemicals', 'household', 'creative']
const DRAWINGS: (Option & { key: Drawing })[] = [
  { key: 'filled', title: both('ownSeat'), token: null },
  { key: 'hollow', title: both('hostSeat'), token: null },
  { key: 'approximate', title: both('approximatePoint'), token: null },
]
const REST_TITLE = both('rest')
const UNSTATED_TITLE = both('unstated')
const PLAIN_TITLE = both('all')

/** The shape of a value; a circle stands for what has none of its own. */
export const shapeOf = (value: unknown): Shape => SHAPES.find((s) => s === value) ?? 'prefecture'

/** Joins the pages of a collection with its schema. */
export function makeDataset(id: string, schema: CollectionSchema, features: Feature[], matched: number): Dataset {
  const tallies: Tallies = (field) => tallyOf(features, field)
  const palette = makePalette(schema, tallies)
  const facets = makeFacets(schema, tallies, palette)
  const seam = seamOf(features.map((f) => f.geometry))
  const item = (f: Feature, i = 0) => makeItem(f, i, unseamed(f.geometry, seam), schema, palette, facets)
  const items = features.map(item)
  return {
    id, schema, items, matched, facets, item,
    remote: false,
    byId: new Map(items.map((it) => [it.id, it])),
    numbers: makeNumbers(schema, (field) => limitsOf(features, field)),
    time: makeTime(schema, (field) => limitsOf(features, field)),
    palette: palette.options,
    colorOf: palette.keyOf,
    hasRegions: features.some((f) => Array.isArray(f.properties['regions'])),
    isAtlas: id === 'clusters' && schema.category !== undefined && schema.shape !== undefined,
    box: boxOf(items.map((it) => it.geometry)),
  }
}

/** A collection that stays with the server: what its schema tells of all features, and the first and last day where they have dates. */
export function makeRemote(id: string, schema: CollectionSchema, matched: number, box: Box | null, dates: [number, number] | null = null): Dataset {
  const palette = makePalette(schema, tallyStated)
  const facets = makeFacets(schema, tallyStated, palette)
  const stated = (field: Field): [number, number] => [field.minimum ?? Infinity, field.maximum ?? -Infinity]
  return {
    id, schema, matched, facets, box,
    items: [], byId: new Map(), remote: true, isAtlas: false,
    numbers: makeNumbers(schema, stated),
    time: makeTime(schema, (field) => (isDate(field) ? (dates ?? [0, 0]) : stated(field))),
    palette: palette.options,
    colorOf: palette.keyOf,
    hasRegions: schema.field('regions')?.kind === 'choices',
    item: (f) => makeItem(f, 0, f.geometry, schema, palette, facets),
  }
}

function tallyOf(features: Feature[], field: Field): Tally {
  const tally: Tally = { counts: new Map(), missing: 0 }
  for (const f of features) {
    const values = valuesOf(f, field)
    if (values.length === 0) tally.missing++
    for (const v of values) tally.counts.set(v, (tally.counts.get(v) ?? 0) + 1)
  }
  return tally
}

function tallyStated(field: Field): Tally {
  const values = field.kind === 'flag' ? [['true', 1], ['false', 1]] as const : field.choices.map((c) => [c.value, c.count ?? 1] as const)
  return { counts: new Map(values.filter(([, n]) => n > 0)), missing: field.missing }
}

interface Palette {
  field: Field | undefined
  options: Option[]
  keyOf(value: string): string
}

function makePalette(schema: CollectionSchema, tallies: Tallies): Palette {
  const field = schema.category
  if (!field) return { field, options: [{ key: UNSTATED, title: PLAIN_TITLE, token: 'electronics' }], keyOf: () => UNSTATED }
  if (field.groups.length > 0) {
    const groupOf = new Map(field.choices.map((c) => [c.value, c.group ?? REST]))
    const place = (key: string) => (FAMILY_TOKENS.includes(key) ? FAMILY_TOKENS.indexOf(key) : FAMILY_TOKENS.length)
    const known = field.groups
      .map((g) => ({ key: g.key, title: g.title, token: FAMILY_TOKENS.includes(g.key) ? g.key : 'rest' }))
      .sort((a, b) => place(a.key) - place(b.key))
    const needsRest = tallies(field).missing > 0 || field.choices.some((c) => !known.some((g) => g.key === c.group))
    if (needsRest) known.push({ key: REST, title: REST_TITLE, token: 'rest' })
    return { field, options: known, keyOf: (v) => groupOf.get(v) ?? REST }
  }
  const { counts: count, missing } = tallies(field)
  const used = field.choices.length > 0 ? field.choices.filter((c) => count.has(c.value)) : []
  const bySize = [...used].sort((a, b) => (count.get(b.value) ?? 0) - (count.get(a.value) ?? 0))
  const own = bySize.length > FAMILY_TOKENS.length ? bySize.slice(0, FAMILY_TOKENS.length - 1) : bySize
  const options: Option[] = own.map((c, i) => ({ key: c.value, title: c.title, token: FAMILY_TOKENS[i]! }))
  const named = new Set(own.map((c) => c.value))
  const rest = missing > 0 || [...count.keys()].some((v) => !named.has(v))
  if (rest) options.push({ key: REST, title: REST_TITLE, token: 'rest' })
  return { field, options, keyOf: (v) => (named.has(v) ? v : REST) }
}

function makeFacets(schema: CollectionSchema, tallies: Tallies, palette: Palette): Facet[] {
  const facets: Facet[] = []
  const names = new Set([schema.nameIn('zh'), schema.nameIn('en')])
  const category = palette.field
  if (category && palette.options.length > 0) {
    const title = category.groups.length > 0 ? both('family') : category.title
    facets.push({ key: 'family', title, kind: 'palette', options: palette.options })
  }
  for (const field of schema.fields) {
    if (field.hidden || !['choice', 'choices', 'flag'].includes(field.kind)) continue
    if (field === schema.precision) continue
    if (field === category && category.groups.length === 0 && category.choices.length <= FAMILY_TOKENS.length) continue
    if (field.name === 'region' || field.name === 'regions' || names.has(field.name)) continue
    const options = optionsOf(field, tallies(field))
    if (options.length < 2) continue
    const title = field === category && category.groups.length === 0
      ? { zh: say('zh', 'allValues', { title: field.title.zh }), en: say('en', 'allValues', { title: field.title.en }) }
      : field.title
    facets.push({ key: `p.${field.name}`, title, kind: field === schema.shape ? 'shape' : 'plain', options })
  }
  if (schema.precision) {
    const { counts, missing } = tallies(schema.precision)
    const seen = new Set([...counts.keys(), ...(missing > 0 ? [''] : [])].map(drawnAs))
    const options = DRAWINGS.filter((d) => seen.has(d.key))
    if (options.length > 1) facets.push({ key: 'precision', title: both('precision'), kind: 'drawing', options })
  }
  return facets
}

function both(key: MessageKey): Text {
  return { zh: say('zh', key), en: say('en', key) }
}

function optionsOf(field: Field, { counts, missing }: Tally): Option[] {
  const choices = field.kind === 'flag'
    ? [{ value: 'true', title: both('yes') }, { value: 'false', title: both('no') }]
    : field.choices
  const options: Option[] = choices.filter((c) => counts.has(c.value)).map((c) => ({ key: c.value, title: c.title, token: null }))
  if (missing > 0 && options.length > 0) options.push({ key: UNSTATED, title: UNSTATED_TITLE, token: null })
  return options
}

function makeNumbers(schema: CollectionSchema, limits: (field: Field) => [number, number]): NumberFacet[] {
  const numbers: NumberFacet[] = []
  for (const field of schema.fields) {
    if (field.hidden || field.kind !== 'number' || field.role === 'id') continue
    const [minimum, maximum] = limits(field)
    if (minimum < maximum) numbers.push({ key: field.name, field, minimum, maximum })
  }
  return numbers
}

function limitsOf(features: Feature[], field: Field): [number, number] {
  let minimum = Infinity
  let maximum = -Infinity
  for (const f of features) {
    const v = timeOf({ key: field.name, unit: isDate(field) ? 'day' : 'year' }, f.properties)
    if (v === null) continue
    minimum = Math.min(minimum, v)
    maximum = Math.max(maximum, v)
  }
  return [minimum, maximum]
}

/** The values of a feature for a field of kind choice, choices or flag. */
export function valuesOf(f: Feature, field: Field): string[] {
  const v = f.properties[field.name]
  if (typeof v === 'string') return [v]
  if (typeof v === 'boolean' || typeof v === 'number') return [String(v)]
  return Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []
}

function makeItem(f: Feature, index: number, geometry: Geometry | null, schema: CollectionSchema, palette: Palette, facets: Facet[]): Item {
  const id = String(f.id)
  const point = symbolPoint(geometry)
  const name = nameOf(f, schema)
  const color = palette.field ? palette.keyOf(valuesOf(f, palette.field)[0] ?? '') : UNSTATED
  const values: Record<string, string[]> = {}
  for (const facet of facets) {
    if (facet.kind === 'palette' || facet.kind === 'drawing') {
      values[facet.key] = [facet.kind === 'palette' ? color : drawingOf(f, schema)]
      continue
    }
    const vs = valuesOf(f, schema.field(facet.key.slice(2))!)
    values[facet.key] = vs.length > 0 ? vs : [UNSTATED]
  }
  const place = placeOf(f, name)
  const label = labelOf(f, name, schema)
  return {
    id, index, feature: f, geometry, name, color, values, place,
    lon: point ? point[0] : null,
    lat: point ? point[1] : null,
    label,
    labelShort: { zh: label.zh, en: cut(label.en) },
    divisions: divisionsOf(f),
    shape: shapeOf(f.properties[schema.shape?.name ?? '']),
    drawing: drawingOf(f, schema),
    regions: strings(f.properties['regions']),
    text: indexText(f, schema, name, place),
  }
}

function nameOf(f: Feature, schema: CollectionSchema): Text {
  const read = (lang: Lang) => {
    const v = f.properties[schema.nameIn(lang) ?? '']
    return v === null || v === undefined || typeof v === 'object' ? '' : String(v)
  }
  const zh = read('zh')
  const en = read('en')
  const id = String(f.id)
  return { zh: zh || en || id, en: en || zh || id }
}

function drawingOf(f: Feature, schema: CollectionSchema): Drawing {
  return drawnAs(schema.precision ? f.properties[schema.precision.name] : null)
}

/** The drawing of a symbol by the precision of its point. */
export function drawnAs(precision: unknown): Drawing {
  if (precision === 'approximate') return 'approximate'
  return precision === 'host_seat' ? 'hollow' : 'filled'
}

function divisionsOf(f: Feature): Item['divisions'] {
  const code = string(f.properties['adcode'])
  if (!/^\d{6}$/.test(code)) return []
  const named = (key: string): Text => ({
    zh: shortDivision(string(f.properties[`${key}_zh`])),
    en: string(f.properties[`${key}_en`]),
  })
  const out = [
    { code: code.slice(0, 2), name: named('province') },
    { code: code.slice(0, 4), name: named('prefecture') },
    { code, name: named('division') },
  ]
  return out.filter((d) => d.name.zh !== '' || d.name.en !== '')
}

const DIVISION_SUFFIX = /(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|县|区)$/

/** 苏州市 → 苏州; names of two characters stay whole. */
export function shortDivision(zh: string): string {
  const short = zh.replace(DIVISION_SUFFIX, '')
  return short.length >= 2 ? short : zh
}

function placeOf(f: Feature, name: Text): Text {
  const en = string(f.properties['division_en']) || string(f.properties['prefecture_en'])
  const zh = shortDivision(string(f.properties['division_zh'])) || shortDivision(string(f.properties['prefecture_zh']))
  return { zh: zh || name.zh, en: shortEnglish(en) || name.en }
}

function shortEnglish(en: string): string {
  return en.replace(/ (City|District|County|Prefecture|Province|Municipality|Special Administrative Region)$/i, '')
}

const TRADE_TAIL = /(及相关产业集群|市场及产业集群|创新集群|自主品牌产业集群|产业集群|制造集群|集聚区|集群|产业)$/
const LONGEST_TRADE = 4
/** Characters of an English name on the map, where there is room and where there is little. */
const LONGEST_LABEL = 60
const SHORT_LABEL = 28

/** Place and trade in few words, made from what every name is built of. */
function labelOf(f: Feature, name: Text, schema: CollectionSchema): Text {
  const trade = string(f.properties['trade_zh']).replace(/（.*?）/g, '').replace(/等$/, '')
  if (!trade) return { zh: name.zh, en: shortName(name.en) }
  const bare = name.zh.replace(/（.*?）/g, '').replace(/["“”]/g, '').replace(TRADE_TAIL, '')
  const at = bare.indexOf(trade)
  const isPlace = at > 0 || /[镇市县]$|街道$/.test(bare)
  const zh = isPlace ? `${barePlace(f, at > 0 ? bare.slice(0, at) : bare)} ${shortTrade(f, trade, schema)}` : bare
  return { zh: zh || name.zh, en: shortName(name.en) }
}

/** 佛山市顺德区 → 顺德, 晋江磁灶镇 → 磁灶: the last unit that the name speaks of. */
function barePlace(f: Feature, place: string): string {
  const last = place.replace(/^.{2,3}市(?=.{2,})/, '')
  const level = f.properties['level']
  if (level === 'zone' || level === 'market') return last
  if (level !== 'town') return shortDivision(last)
  const town = last.replace(/(镇|街道)$/, '')
  const host = shortDivision(string(f.properties['division_zh']))
  return host !== '' && town.startsWith(host) && town.length > host.length ? town.slice(host.length) : town
}

function shortTrade(f: Feature, trade: string, schema: CollectionSchema): string {
  if (trade.length <= LONGEST_TRADE) return trade
  const category = schema.category
  const title = category?.choices.find((c) => c.value === f.properties[category.name])?.title.zh
  return title && title.length < trade.length ? title : trade
}

function shortName(en: string): string {
  return cut(en.replace(/\s*\([^)]*\)/g, '').replace(/\s+(industry )?(innovative )?(cluster|industry)$/i, ''), LONGEST_LABEL)
}

/** Cut at a word, to at most so many characters. */
export function cut(en: string, most = SHORT_LABEL): string {
  return en.length <= most ? en : `${en.slice(0, most - 2).replace(/\s+\S*$/, '')}…`
}

function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}

function strings(v: unknown): string[] {
  return Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []
}
