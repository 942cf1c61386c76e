// The named concentrations: their definitions, outlines, and what the book says.

import { boxOf, type Box, type Feature } from './geojson'
import { text, type Text } from './schema'
import type { Definitions } from './filter'

export interface Definition {
  id: string
  region: string
  isDefault: boolean
  name: Text
  short: Text
  note: Text
  outlineNote: Text
  approximate: boolean
  feature: Feature
  box: Box | null
}

export interface Claim {
  id: string
  topic: Text
  quote: string
  quoteEn: string
  section: Text
  about: string[]
  kind: string
  scope: string
  /** Two-digit codes of the provinces it speaks of. */
  provinces: string[]
  /** Ids of the clusters it speaks of. */
  clusters: string[]
}

export interface Region {
  key: string
  title: Text
  /** For the map where the title has no room. */
  short: Text
  definitions: Definition[]
  fallback: Definition
  claims: Claim[]
}

/** The order of the three on the page; others follow by key. */
const ORDER = ['yrd', 'prd', 'bohai']

const SHORT: Record<string, Text> = {
  yrd: { zh: '长三角', en: 'Yangtze Delta' },
  prd: { zh: '珠三角', en: 'Pearl Delta' },
}

export function makeRegions(definitions: Feature[], said: Claim[]): Region[] {
  const byRegion = new Map<string, Definition[]>()
  const titles = new Map<string, Text>()
  for (const f of definitions) {
    const d = makeDefinition(f)
    if (d.region === '') continue
    const list = byRegion.get(d.region)
    if (list) list.push(d)
    else byRegion.set(d.region, [d])
    if (!titles.has(d.region)) titles.set(d.region, pair(f, 'region', d.region))
  }
  const place = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length)
  return [...byRegion]
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([key, list]) => ({
      key,
      title: titles.get(key)!,
      short: SHORT[key] ?? titles.get(key)!,
      definitions: list.sort((a, b) => year(a) - year(b)),
      fallback: list.find((d) => d.isDefault) ?? list[0]!,
      claims: said.filter((c) => c.about.includes(key)),
    }))
}

/** The definitions in force: the defaults, and over them those that the reader chose and that exist. */
export function definitionsInForce(regions: Region[], chosen: Record<string, string>): Definitions {
  const out: Definitions = {}
  for (const r of regions) out[r.key] = (r.definitions.find((d) => d.id === chosen[r.key]) ?? r.fallback).id
  return out
}

export function definitionOf(region: Region, defs: Definitions): Definition {
  return region.definitions.find((d) => d.id === defs[region.key]) ?? region.fallback
}

function makeDefinition(f: Feature): Definition {
  return {
    id: String(f.id),
    region: string(f.properties['region']),
    isDefault: f.properties['default'] === true,
    name: pair(f, 'name', String(f.id)),
    short: pair(f, 'short', String(f.id)),
    note: text({ zh: f.properties['note_zh'], en: f.properties['note'] }, ''),
    outlineNote: pair(f, 'outline_note', ''),
    approximate: f.properties['outline'] === 'approximate',
    feature: f,
    box: boxOf([f.geometry]),
  }
}

/** What the book says, figures first, then other claims, then records of places. */
export function makeClaims(features: Feature[]): Claim[] {
  return features.map(makeClaim).sort((a, b) => weight(a) - weight(b))
}

function makeClaim(f: Feature): Claim {
  return {
    id: String(f.id),
    topic: pair(f, 'topic', String(f.id)),
    quote: string(f.properties['quote']),
    quoteEn: string(f.properties['quote_en']),
    section: text({ zh: f.properties['section'], en: f.properties['section_en'] }, ''),
    about: strings(f.properties['about']),
    kind: string(f.properties['kind']),
    scope: string(f.properties['scope']),
    provinces: strings(f.properties['province_adcodes']).map((c) => c.slice(0, 2)),
    clusters: strings(f.properties['clusters']),
  }
}

function weight(c: Claim): number {
  return (/\d/.test(c.quote) ? 0 : 10) + (c.kind === 'claim' ? 0 : 5) + c.about.length
}

/** What is said of the country, the world or a value chain, and of no region. */
export function generalClaims(claims: Claim[]): Claim[] {
  return claims.filter((c) => c.about.length === 0 && ['national', 'world', 'value_chain', 'foreign'].includes(c.scope))
}

/** What is said of a cluster or of the province that it lies in, and of no region. */
export function claimsNear(claims: Claim[], cluster: string, province: string): Claim[] {
  return claims.filter((c) => c.about.length === 0 && (c.clusters.includes(cluster) || c.provinces.includes(province)))
}

function year(d: Definition): number {
  const y = d.feature.properties['year']
  return typeof y === 'number' ? y : 0
}

function pair(f: Feature, key: string, fallback: string): Text {
  return text({ zh: f.properties[`${key}_zh`], en: f.properties[`${key}_en`] }, fallback)
}

function strings(v: unknown): string[] {
  return Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []
}

function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}
