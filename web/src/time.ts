// The time of a collection: the property that tells it, a year or a date, cut into spans
// for a histogram and for a slider. Limits of dates are numbers like 20070131, which
// can be read in an address.

import type { Properties } from './geojson'
import type { CollectionSchema, Field } from './schema'

/** A span of time, both ends within it, in the numbers of the unit. */
export interface Bin {
  from: number
  to: number
  label: string
}

export interface TimeFacet {
  /** The property, by which limits are kept among the ranges. */
  key: string
  field: Field
  unit: 'year' | 'day'
  bins: Bin[]
  /** The name under which a result counts features by span: the start of the span to its count. */
  counts: string
  /** The start of the span in which a value lies. */
  binOf(value: number | null): number | null
}

/** The most spans that a slider has. */
const MOST_BINS = 48
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** The property that tells the time: by its role, else one that is called year or is a date. */
export function timeField(schema: CollectionSchema): Field | undefined {
  const fits = (f: Field) => (f.kind === 'number' && f.integer) || isDate(f)
  return schema.fields.find((f) => f.role === 'datetime' && fits(f))
    ?? schema.fields.find((f) => !f.hidden && f.kind === 'number' && f.integer && /^(year|年|年份|年度)$/i.test(f.name))
    ?? schema.fields.find((f) => !f.hidden && isDate(f))
}

export function isDate(f: Field): boolean {
  return f.format === 'date' || f.format === 'date-time'
}

/** The time of a collection whose values lie within limits; null where there is only one moment. */
export function makeTime(schema: CollectionSchema, limits: (field: Field) => [number, number]): TimeFacet | null {
  const field = timeField(schema)
  if (!field) return null
  const [first, last] = limits(field)
  if (!(first < last)) return null
  const unit = isDate(field) ? 'day' : 'year'
  const bins = unit === 'year' ? years(first, last) : days(first, last)
  if (bins.length < 2) return null
  return {
    key: field.name, field, unit, bins, counts: `t.${field.name}`,
    binOf: (v) => (v === null ? null : (bins.findLast((b) => b.from <= v && v <= b.to)?.from ?? null)),
  }
}

/** What a feature says of its time, as a number of the unit. */
export function timeOf(time: Pick<TimeFacet, 'key' | 'unit'>, properties: Properties): number | null {
  const v = properties[time.key]
  if (time.unit === 'year') return typeof v === 'number' ? v : null
  return typeof v === 'string' ? dayNumber(v) : null
}

/** "2007-01-31T09:00:00+08:00" as 20070131, the day in UTC. */
export function dayNumber(text: string): number | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Number(text.replaceAll('-', ''))
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? null : Number(at.toISOString().slice(0, 10).replaceAll('-', ''))
}

export function dayText(day: number): string {
  const t = String(day).padStart(8, '0')
  return `${t.slice(0, 4)}-${t.slice(4, 6)}-${t.slice(6)}`
}

/** The label of a value, as long as the unit. */
export function timeText(time: Pick<TimeFacet, 'unit'>, value: number): string {
  return time.unit === 'year' ? String(value) : dayText(value)
}

function years(first: number, last: number): Bin[] {
  const step = stepFor(last - first + 1)
  const start = Math.floor(first / step) * step
  const bins: Bin[] = []
  for (let y = start; y <= last; y += step) bins.push({ from: y, to: y + step - 1, label: step === 1 ? String(y) : `${y}–${y + step - 1}` })
  return bins
}

function stepFor(n: number): number {
  return STEPS.find((s) => n / s <= MOST_BINS) ?? Math.ceil(n / MOST_BINS)
}

/** Years, months or days, whichever makes not too many spans. */
function days(first: number, last: number): Bin[] {
  const [y1, y2] = [Math.floor(first / 1e4), Math.floor(last / 1e4)]
  if (y2 - y1 >= 4) return years(y1, y2).map((b) => ({ from: b.from * 1e4 + 101, to: b.to * 1e4 + 1231, label: b.label }))
  const month = (d: number) => Math.floor(d / 1e4) * 12 + (Math.floor(d / 100) % 100) - 1
  if (month(last) - month(first) >= 2) {
    return Array.from({ length: month(last) - month(first) + 1 }, (_, i) => {
      const n = month(first) + i
      const start = Math.floor(n / 12) * 1e4 + ((n % 12) + 1) * 100
      return { from: start + 1, to: start + 31, label: dayText(start + 1).slice(0, 7) }
    })
  }
  const bins: Bin[] = []
  for (const at = new Date(dayText(first)); ; at.setUTCDate(at.getUTCDate() + 1)) {
    const label = at.toISOString().slice(0, 10)
    const day = dayNumber(label)!
    if (day > last || bins.length > 100) return bins
    bins.push({ from: day, to: day, label })
  }
}

/** The limits of a date in CQL2; empty where both are open. */
export function spanText({ key, field }: Pick<TimeFacet, 'key' | 'field'>, low: number | null, high: number | null): string {
  const name = `"${key.replaceAll('"', '""')}"`
  const parts: string[] = []
  const real = (day: number) => new Date(Date.UTC(Math.floor(day / 1e4), (Math.floor(day / 100) % 100) - 1, Math.min(day % 100, lastDay(day)))).toISOString().slice(0, 10)
  if (low !== null) parts.push(field.format === 'date' ? `${name} >= DATE('${real(low)}')` : `${name} >= TIMESTAMP('${real(low)}T00:00:00Z')`)
  if (high !== null) parts.push(field.format === 'date' ? `${name} <= DATE('${real(high)}')` : `${name} < TIMESTAMP('${after(real(high))}T00:00:00Z')`)
  return parts.join(' AND ')
}

function lastDay(day: number): number {
  return new Date(Date.UTC(Math.floor(day / 1e4), Math.floor(day / 100) % 100, 0)).getUTCDate()
}

function after(day: string): string {
  const at = new Date(day)
  at.setUTCDate(at.getUTCDate() + 1)
  return at.toISOString().slice(0, 10)
}

/** The limits that take the spans from one to another; open at the ends, so that what lies beyond is not lost. */
export function limitsOf(time: TimeFacet, first: number, last: number): [number | null, number | null] {
  return [first <= 0 ? null : time.bins[first]!.from, last >= time.bins.length - 1 ? null : time.bins[last]!.to]
}

/** The first and the last span that limits take. */
export function spansOf(time: TimeFacet, [low, high]: [number | null, number | null]): [number, number] {
  const first = low === null ? 0 : time.bins.findIndex((b) => b.to >= low)
  const last = high === null ? time.bins.length - 1 : time.bins.findLastIndex((b) => b.from <= high)
  const end = time.bins.length - 1
  return [first < 0 ? end : first, last < 0 ? 0 : last]
}
