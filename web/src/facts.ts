// The table of facts on a card: for the atlas division then and now, region and
// point; for any other collection each property by its schema.

import type { Item } from './dataset'
import { valuesOf } from './dataset'
import { string } from './cardparts'
import { h } from './dom'
import { ELSEWHERE, regionsOf } from './filter'
import { normalLongitude } from './geojson'
import { bareNumber, joinWords, withUnit } from './format'
import type { Model } from './model'
import { definitionOf } from './regions'
import type { Field, Lang } from './schema'

type Value = Node | string

/** Shown by other parts of the card, or only meant for programs. */
const ELSEWHERE_ON_CARD = new Set([
  'figures', 'sources', 'point', 'quote', 'quote_en', 'quote_en_note', 'section', 'section_en', 'document', 'document_en', 'region', 'regions',
])

export function facts(m: Model, item: Item): HTMLElement | null {
  const rows = m.data!.isAtlas ? atlasRows(m, item) : schemaRows(m, item)
  if (rows.length === 0) return null
  return h('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => [h('dt', { text: name }), h('dd', {}, ...value)]))
}

function atlasRows(m: Model, item: Item): [string, Value[]][] {
  const p = item.feature.properties
  const rows: [string, Value[]][] = []
  const today = [...new Set(['province', 'prefecture', 'division'].map((k) => string(p[`${k}_${m.lang}`])))].filter(Boolean)
  rows.push([m.t('today'), [place(today, m), code(p['adcode'])]])
  const then = (m.lang === 'en' ? string(p['division_2007_en']) : '') || string(p['division_2007_zh'])
  const moved = p['adcode_2007'] !== p['adcode']
  rows.push([m.t('in2007'), then || moved ? [then || place(today.slice(-1), m), code(p['adcode_2007'])] : [m.lang === 'zh' ? '同今 ' : 'the same ', code(p['adcode_2007'])]])
  rows.push([m.t('region'), [regionText(m, item)]])
  const stated = string(p['region_stated'])
  if (stated) rows.push(['', [h('span', { class: 'hint', text: m.t('asSource', { text: stated }) })]])
  const origin = choiceOf(m, 'origin', p['origin'])
  if (origin) rows.push([m.t('origin'), [origin]])
  rows.push([m.t('point'), pointText(m, item)])
  const note = string(p[m.lang === 'zh' ? 'note_zh' : 'note'])
  if (note) rows.push([m.t('remark'), [note]])
  return rows
}

function place(names: string[], m: Model): string {
  return m.lang === 'zh' ? names.join(' ') : [...names].reverse().join(', ')
}

function code(v: unknown): Value {
  return h('span', { class: 'code', text: typeof v === 'string' ? ` ${v}` : '' })
}

function regionText(m: Model, item: Item): string {
  const keys = regionsOf(item, m.defs).filter((k) => k !== ELSEWHERE)
  if (keys.length === 0) return m.t('elsewhere')
  return joinWords(keys.map((k) => {
    const region = m.regions.find((r) => r.key === k)!
    return m.t('byDefinition', { region: m.of(region.title), short: m.of(definitionOf(region, m.defs).short) })
  }), m.lang)
}

function pointText(m: Model, item: Item): Value[] {
  const p = item.feature.properties
  const precision = m.data!.schema.precision
  const kind = precision ? choiceOf(m, precision.name, p[precision.name]) : ''
  const point = typeof p['point'] === 'object' && p['point'] !== null ? (p['point'] as Record<string, unknown>) : {}
  const gazetteer = string(point['gazetteer']).replace(/\s*\(.*$/, '')
  const record = string(point['record_id'])
  const source = [gazetteer, record].filter(Boolean).join(' ')
  const name = string(point['record_name'])
  const at = item.lon !== null && item.lat !== null ? `${item.lat.toFixed(4)}, ${normalLongitude(item.lon).toFixed(4)}` : ''
  return [
    kind || m.t('none'),
    source ? h('span', { class: 'quiet-text', text: ` · ${source}`, attrs: { title: [string(point['gazetteer']), name].filter(Boolean).join(' · ') } }) : '',
    h('span', { class: 'code block', text: at || m.t('noPlace') }),
  ]
}

function choiceOf(m: Model, field: string, value: unknown): string {
  if (typeof value !== 'string') return ''
  const title = m.data!.schema.field(field)?.choices.find((c) => c.value === value)?.title
  return title ? m.of(title) : value
}

function schemaRows(m: Model, item: Item): [string, Value[]][] {
  const rows: [string, Value[]][] = []
  const schema = m.data!.schema
  const names = new Set([schema.nameIn('zh'), schema.nameIn('en')])
  for (const field of schema.fields) {
    if (ELSEWHERE_ON_CARD.has(field.name) || names.has(field.name) || saidInOther(field.name, m)) continue
    const value = valueText(m, field, item)
    if (value !== '') rows.push([m.of(field.title), [value]])
  }
  if (item.regions.length > 0 && m.shownRegions.length > 0) rows.push([m.t('region'), [regionText(m, item)]])
  if (item.lon !== null && item.lat !== null) rows.push([m.t('point'), [h('span', { class: 'code', text: `${item.lat.toFixed(5)}, ${normalLongitude(item.lon).toFixed(5)}` })]])
  else rows.push([m.t('point'), [m.t('noPlace')]])
  return rows
}

/** Whether another property says the same in the language of the page: note beside note_zh. */
function saidInOther(name: string, m: Model): boolean {
  const has = (other: string) => m.data!.schema.field(other) !== undefined
  const base = name.replace(/_(zh|en)$/, '')
  const own = `${base}_${m.lang}`
  if (name === own) return false
  if (has(own)) return true
  return name !== base && has(base)
}

function valueText(m: Model, field: Field, item: Item): Value {
  const v = item.feature.properties[field.name]
  if (v === null || v === undefined || v === '') return ''
  if (field.kind === 'choice' || field.kind === 'choices') {
    const titles = valuesOf(item.feature, field).map((x) => choiceOf(m, field.name, x))
    return joinWords(titles, m.lang)
  }
  if (typeof v === 'number') {
    const unit = m.of(field.unit)
    return field.role === 'id' || isYear(field, v) ? bareNumber(v) : withUnit(v, unit, m.lang)
  }
  if (typeof v === 'boolean') return m.t(v ? 'yes' : 'no')
  if (typeof v === 'string') return /^https?:\/\/\S+$/.test(v) ? h('a', { class: 'link', text: v, attrs: { href: v, rel: 'noreferrer' } }) : v
  if (Array.isArray(v) && v.every((x) => typeof x === 'string' || typeof x === 'number')) return joinWords(v.map(String), m.lang)
  const names = Array.isArray(v) ? v.map((x) => nameIn(x, m.lang)) : []
  if (names.length > 0 && names.every((n) => n !== '')) return joinWords(names, m.lang)
  return h('code', { class: 'json', text: JSON.stringify(v) })
}

/** What an object calls itself; empty where it does not. */
export function nameIn(v: unknown, lang: Lang): string {
  if (typeof v !== 'object' || v === null) return ''
  const o = v as Record<string, unknown>
  return [`name_${lang}`, 'name', 'title', 'label', 'name_en', 'name_zh'].map((key) => string(o[key])).find((s) => s !== '') ?? ''
}

function isYear(field: Field, v: number): boolean {
  return field.integer && /year|^年|年份/i.test(field.name) && v > 999 && v < 3000
}
