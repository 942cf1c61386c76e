// The filters of the page as the server understands them: the one form in which
// groups, tiles, lists, counts and downloads ask for the same selection.

import { AREA_FILTER, areaText } from './area'
import { REST, UNSTATED, type Dataset } from './dataset'
import { ELSEWHERE, REGION_FACET, TEXT_FILTER, type Definitions, type Filters } from './filter'
import type { Box } from './geojson'
import type { Field } from './schema'
import { spanText } from './time'

/** The parameters of a selection: filter and q, each only where there is one. */
export function selectionOf(data: Dataset, filters: Filters, defs: Definitions): Record<string, string> {
  const filter = filterText(data, filters, defs)
  const q = filters.text.trim()
  return { ...(filter === '' ? {} : { filter }), ...(q === '' ? {} : { q }) }
}

/** The filters without one of them: a facet, a range or the text, by its key. */
export function without(filters: Filters, key: string): Filters {
  const drop = <T>(from: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(from).filter(([k]) => k !== key))
  return { chosen: drop(filters.chosen), ranges: drop(filters.ranges), text: key === TEXT_FILTER ? '' : filters.text, area: key === AREA_FILTER ? null : (filters.area ?? null) }
}

/** A box for a request, rounded outwards to some metres; longitudes beyond 180 degrees come from the other side. */
export function boxText([w, s, e, n]: Box): string {
  if (e - w >= 360) return `-180,${down(s)},180,${up(n)}`
  return [down(wrap(w)), down(s), up(wrap(e)), up(n)].join()
}

/** A longitude within -180 to 180, which 180 itself is. */
function wrap(lon: number): number {
  return lon >= -180 && lon <= 180 ? lon : ((((lon + 180) % 360) + 360) % 360) - 180
}

const GRID = 1e5
const down = (v: number) => Math.floor(v * GRID) / GRID
const up = (v: number) => Math.ceil(v * GRID) / GRID

/** The filters in CQL2, the words of the search apart; empty where there are none. */
export function filterText(data: Dataset, filters: Filters, defs: Definitions): string {
  const parts: string[] = []
  for (const [key, chosen] of Object.entries(filters.chosen)) {
    if (chosen.length === 0) continue
    if (key !== REGION_FACET && !data.facets.some((f) => f.key === key)) continue
    parts.push(chosen.map((option) => optionText(data, key, option, defs)).join(' OR '))
  }
  for (const [key, [low, high]] of Object.entries(filters.ranges)) {
    if (data.time?.unit === 'day' && data.time.key === key) {
      const span = spanText(data.time, low, high)
      if (span !== '') parts.push(span)
      continue
    }
    if (!data.numbers.some((n) => n.key === key)) continue
    if (low !== null) parts.push(`${quoteName(key)} >= ${low}`)
    if (high !== null) parts.push(`${quoteName(key)} <= ${high}`)
  }
  const area = filters.area ? areaText(filters.area, 'geometry', data.schema.adcode?.name) : ''
  if (area !== '') parts.push(area)
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
  if (option === UNSTATED) return `${quoteName(field.name)} IS NULL`
  if (field.kind === 'flag') return `${quoteName(field.name)} = ${option === 'true' ? 'TRUE' : 'FALSE'}`
  return field.kind === 'choices' ? overlaps(field.name, [option]) : `${quoteName(field.name)} = ${text(option)}`
}

/** The values of a family; the rest are all others, and those that state none. */
function familyText(data: Dataset, field: Field, option: string): string {
  const known = data.facets.find((f) => f.key === 'family')!.options.map((o) => o.key)
  const familyOf = (value: string, group: string | null) => (field.groups.length === 0 ? value : (group ?? REST))
  const values = field.choices.filter((c) => familyOf(c.value, c.group) === option).map((c) => c.value)
  if (option !== REST) return oneOf(field.name, values)
  const named = field.choices.filter((c) => known.includes(familyOf(c.value, c.group)) && familyOf(c.value, c.group) !== REST).map((c) => c.value)
  return `${quoteName(field.name)} IS NULL OR NOT ${oneOf(field.name, named)}`
}

function precisionText(property: string, drawing: string): string {
  if (drawing === 'approximate') return `${quoteName(property)} = 'approximate'`
  if (drawing === 'hollow') return `${quoteName(property)} = 'host_seat'`
  return `${quoteName(property)} IS NULL OR NOT ${oneOf(property, ['approximate', 'host_seat'])}`
}

function oneOf(property: string, values: string[]): string {
  return `${quoteName(property)} IN (${values.map(text).join(',')})`
}

function overlaps(property: string, values: string[]): string {
  return `A_OVERLAPS(${quoteName(property)},(${values.map(text).join(',')}))`
}

/** The name of a property in CQL2 and in parameters that list properties. */
export const quoteName = (property: string) => `"${property.replaceAll('"', '""')}"`
const text = (value: string) => `'${value.replaceAll("'", "''")}'`
