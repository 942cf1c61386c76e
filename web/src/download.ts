// The present selection as an address of the server, for taking it home: the
// filters of the page in CQL2, which the server counts and writes by itself.

import { itemsUrl } from './api'
import { REST, UNSTATED, type Dataset } from './dataset'
import { ELSEWHERE, REGION_FACET, type Definitions, type Filters } from './filter'
import type { Field, Lang } from './schema'

export const DOWNLOADS = [
  { f: 'xlsx', name: 'Excel', zip: false },
  { f: 'csv', name: 'CSV', zip: true },
  { f: 'geojson', name: 'GeoJSON', zip: true },
  { f: 'gpkg', name: 'GeoPackage', zip: false },
] as const

export type Download = (typeof DOWNLOADS)[number]

/** The address of the selection in a format, relative to the page. */
export function downloadUrl(data: Dataset, filters: Filters, defs: Definitions, lang: Lang, download: Download): string {
  const query = new URLSearchParams({ f: download.f, download: download.zip ? 'zip' : 'true', lang })
  const filter = filterText(data, filters, defs)
  if (filter !== '') query.set('filter', filter)
  if (filters.text.trim() !== '') query.set('q', filters.text.trim())
  return `${itemsUrl(data.id)}?${query.toString()}`
}

/** The filters in CQL2, the words of the search apart; empty where there are none. */
export function filterText(data: Dataset, filters: Filters, defs: Definitions): string {
  const parts: string[] = []
  for (const [key, chosen] of Object.entries(filters.chosen)) {
    if (chosen.length === 0) continue
    if (key !== REGION_FACET && !data.facets.some((f) => f.key === key)) continue
    parts.push(chosen.map((option) => optionText(data, key, option, defs)).join(' OR '))
  }
  for (const [key, [low, high]] of Object.entries(filters.ranges)) {
    if (!data.numbers.some((n) => n.key === key)) continue
    if (low !== null) parts.push(`${name(key)} >= ${low}`)
    if (high !== null) parts.push(`${name(key)} <= ${high}`)
  }
  return parts.length === 1 ? parts[0]! : parts.map((p) => `(${p})`).join(' AND ')
}

function optionText(data: Dataset, key: string, option: string, defs: Definitions): string {
  switch (key) {
    case REGION_FACET:
      return option === ELSEWHERE ? `NOT ${overlaps('regions', Object.values(defs))}` : overlaps('regions', [defs[option] ?? option])
    case 'family':
      return familyText(data, data.schema.category!, option)
    case 'precision':
      return precisionText(data.schema.precision!.name, option)
  }
  const field = data.schema.field(key.slice(2))!
  if (option === UNSTATED) return `${name(field.name)} IS NULL`
  if (field.kind === 'flag') return `${name(field.name)} = ${option === 'true' ? 'TRUE' : 'FALSE'}`
  return field.kind === 'choices' ? overlaps(field.name, [option]) : `${name(field.name)} = ${text(option)}`
}

/** The values of a family; the rest are all others, and those that state none. */
function familyText(data: Dataset, field: Field, option: string): string {
  const known = data.facets.find((f) => f.key === 'family')!.options.map((o) => o.key)
  const familyOf = (value: string, group: string | null) => (field.groups.length === 0 ? value : (group ?? REST))
  const values = field.choices.filter((c) => familyOf(c.value, c.group) === option).map((c) => c.value)
  if (option !== REST) return oneOf(field.name, values)
  const named = field.choices.filter((c) => known.includes(familyOf(c.value, c.group)) && familyOf(c.value, c.group) !== REST).map((c) => c.value)
  return `${name(field.name)} IS NULL OR NOT ${oneOf(field.name, named)}`
}

function precisionText(property: string, drawing: string): string {
  if (drawing === 'approximate') return `${name(property)} = 'approximate'`
  if (drawing === 'hollow') return `${name(property)} = 'host_seat'`
  return `${name(property)} IS NULL OR NOT ${oneOf(property, ['approximate', 'host_seat'])}`
}

function oneOf(property: string, values: string[]): string {
  return `${name(property)} IN (${values.map(text).join(',')})`
}

function overlaps(property: string, values: string[]): string {
  return `A_OVERLAPS(${name(property)},(${values.map(text).join(',')}))`
}

const name = (property: string) => `"${property.replaceAll('"', '""')}"`
const text = (value: string) => `'${value.replaceAll("'", "''")}'`
