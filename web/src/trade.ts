// What the concentration view studies: the trade, the measure and the size of hexagons,
// as the address has them or as suits the data, and how the server is asked for them.

import { REST, UNSTATED, type Dataset } from './dataset'
import type { Filters } from './filter'
import type { Box } from './geojson'
import { HEX_KM } from './hexsize'
import type { Model } from './model'
import { filterText, quoteName, selectionOf } from './query'
import type { Field, Text } from './schema'

/** All features, no trade. */
export const EVERYTHING = '*'
/** Before a single value of the category; families stand by their key. */
const VALUE = '='

export interface Trade {
  /** As in the address. */
  key: string
  title: Text | null
  /** A custom property. */
  colour: string | undefined
  /** The subset in CQL2. Everything is named too: without a subset some methods take each trade in turn. */
  select: string
}

export interface TradeGroup {
  title: Text
  trades: Trade[]
}

/** The trades of a collection: families with their values, or values alone. */
export function tradesOf(data: Dataset): TradeGroup[] {
  const field = data.schema.category
  if (!field) return []
  const families = data.palette.filter((o) => o.key !== REST && o.key !== UNSTATED)
  const grouped = field.groups.length > 0
  const values = (key: string) => field.choices.filter((c) => data.colorOf(c.value) === key && (c.count === null || c.count > 0))
  const family = (o: (typeof families)[number]): Trade => ({ key: o.key, title: o.title, colour: `--fam-${o.token ?? 'rest'}`, select: filterText(data, { ...NONE, chosen: { family: [o.key] } }, {}) })
  const single = (c: { value: string; title: Text }, token: string | null): Trade => ({ key: VALUE + c.value, title: c.title, colour: `--fam-${token ?? 'rest'}`, select: `${quoteName(field.name)} = '${c.value.replaceAll("'", "''")}'` })
  if (!grouped) {
    const rest = data.palette.find((o) => o.key === REST) ? values(REST).map((c) => single(c, null)) : []
    return [{ title: field.title, trades: [...families.map(family), ...rest] }]
  }
  return families.map((o) => ({ title: o.title, trades: [family(o), ...values(o.key).map((c) => single(c, o.token))] }))
}

const NONE: Filters = { chosen: {}, ranges: {}, text: '', area: null }

/** The trade in force: of the address, else the one that is filtered for, else the one with the most features. */
export function tradeOf(m: Model, data: Dataset, groups: TradeGroup[]): Trade {
  const all = groups.flatMap((g) => g.trades)
  const everything: Trade = { key: EVERYTHING, title: null, colour: undefined, select: 'TRUE' }
  const asked = m.state.about['trade']
  if (asked === EVERYTHING) return everything
  const byKey = (key: string | undefined) => all.find((t) => t.key === key)
  if (asked) return byKey(asked) ?? byKey(VALUE + asked) ?? everything // what is not there is not another
  const only = (list: string[] | undefined) => (list?.length === 1 ? list[0] : undefined)
  const value = only(m.state.chosen[`p.${data.schema.category?.name}`])
  return (value === undefined ? undefined : byKey(VALUE + value)) ?? byKey(only(m.state.chosen['family'])) ?? most(data, all) ?? everything
}

/** The family with the most features. */
function most(data: Dataset, trades: Trade[]): Trade | undefined {
  const counts = new Map<string, number>()
  if (data.remote) for (const c of data.schema.category?.choices ?? []) counts.set(data.colorOf(c.value), (counts.get(data.colorOf(c.value)) ?? 0) + (c.count ?? 0))
  else for (const it of data.items) counts.set(it.color, (counts.get(it.color) ?? 0) + 1)
  const families = trades.filter((t) => !t.key.startsWith(VALUE))
  return families.reduce<Trade | undefined>((best, t) => (!best || (counts.get(t.key) ?? 0) > (counts.get(best.key) ?? 0) ? t : best), undefined)
}

/** The filters in force but that for the trade, which is the subset and not the universe. */
export function universeOf(m: Model, data: Dataset): Record<string, string> {
  const apart = new Set(['family', `p.${data.schema.category?.name}`])
  const chosen = Object.fromEntries(Object.entries(m.state.chosen).filter(([key]) => !apart.has(key)))
  return selectionOf(data, { ...m.state, chosen }, m.defs)
}

/** What can be summed. */
export function measuresOf(data: Dataset): Field[] {
  const numbers = data.schema.fields.filter((f) => f.kind === 'number' && !f.hidden)
  const sums = numbers.filter((f) => f.role === 'sum')
  return sums.length > 0 || data.schema.fields.some((f) => f.role !== '' && f.role !== 'id') ? sums : numbers.filter((f) => f.role === '')
}

export function measureText(field: Field | null): string {
  if (!field) return 'count'
  return `sum(${/^\w+$/.test(field.name) ? field.name : quoteName(field.name)})`
}

/** So many hexagons side by side cover the data, about. */
const ACROSS = 30
const DEGREE_KM = 111.2

/** The width of hexagons that suits a box. */
export function hexWidth(box: Box | null): number {
  if (!box) return 100
  const [w, s, e, n] = box
  const wide = (e - w) * DEGREE_KM * Math.cos(((s + n) / 2) * (Math.PI / 180))
  const side = Math.max(1, Math.sqrt(Math.max(1, wide) * Math.max(1, (n - s) * DEGREE_KM)) / ACROSS)
  return HEX_KM.reduce((a, b) => (Math.abs(Math.log(b / side)) < Math.abs(Math.log(a / side)) ? b : a))
}
