// What a collection's JSON Schema says to a page: which property is the name,
// which colours and shapes the symbol, which ones make filters, and what
// everything is called in both languages.

export type Lang = 'zh' | 'en'
export type Text = Record<Lang, string>

export interface Choice {
  value: string
  title: Text
  group: string | null
  /** How many features have the value, where the server says so. */
  count: number | null
}

export type FieldKind = 'choice' | 'choices' | 'number' | 'text' | 'flag' | 'other'

/** One property of a collection. */
export interface Field {
  name: string
  title: Text
  description: Text
  kind: FieldKind
  choices: Choice[]
  groups: { key: string; title: Text }[]
  minimum: number | null
  maximum: number | null
  integer: boolean
  /** How many features state no value, as far as the server says so. */
  missing: number
  unit: Text
  ucum: string
  order: number
  hidden: boolean
  format: string
  role: string
  lang: Lang | null
}

export interface CollectionSchema {
  title: Text
  description: Text
  /** What is missing and what that means; empty where the collection does not say. */
  completeness: Text
  fields: Field[]
  field(name: string): Field | undefined
  /** The property to show as the name in a language, if any. */
  nameIn(lang: Lang): string | undefined
  /** Whether all geometries are points. */
  points: boolean
  category: Field | undefined
  shape: Field | undefined
  precision: Field | undefined
  /** The property with the code of the division. */
  adcode: Field | undefined
}

type Json = Record<string, unknown>

/** More values than this are searched by text and not offered one by one. */
const MAX_CHOICES = 60

/** Reads a schema document. What it does not understand it leaves out; it never throws. */
export function readSchema(doc: unknown, fallbackTitle: string): CollectionSchema {
  const root = object(doc)
  const properties = object(root['properties'])
  const fields = Object.entries(properties)
    .map(([name, p], i) => readField(name, object(p), i))
    .filter((f) => !isGeometry(object(properties[f.name])))
    .sort((a, b) => a.order - b.order)
  const byName = new Map(fields.map((f) => [f.name, f]))
  const role = (r: string) => fields.find((f) => f.role === r)
  const names = new Set([nameField(fields, 'zh'), nameField(fields, 'en')])
  return {
    title: text(root['x-title'], string(root['title']) || fallbackTitle),
    description: text(root['x-description'], string(root['description'])),
    completeness: text(object(root['x-about'])['completeness'], ''),
    fields,
    field: (name) => byName.get(name),
    nameIn: (lang) => nameField(fields, lang),
    points: Object.values(properties).some((p) => /^geometry-(multi)?point$/.test(string(object(p)['format']))),
    category: role('category') ?? fields.find((f) => isColourable(f) && !names.has(f.name)),
    shape: role('shape'),
    precision: role('precision'),
    adcode: role('adcode'),
  }
}

function nameField(fields: Field[], lang: Lang): string | undefined {
  const named = fields.filter((f) => f.role === 'name')
  const best = named.find((f) => f.lang === lang) ?? named[0]
  if (best) return best.name
  const usual = [`name_${lang}`, 'name', 'title', '名称', 'name_zh', 'name_en', 'NAME', 'Name', 'label']
  const found = usual.find((n) => fields.some((f) => f.name === n))
  return found ?? fields.find((f) => f.kind === 'text' && f.role !== 'id')?.name
}

function isColourable(f: Field): boolean {
  return f.kind === 'choice' && !f.hidden && f.choices.length >= 2 && f.role === ''
}

function isGeometry(p: Json): boolean {
  return string(p['x-ogc-role']) === 'primary-geometry' || string(p['format']).startsWith('geometry')
}

/** Roles of the standard by the names of our own. */
const OGC_ROLES: Record<string, string> = { id: 'id', 'primary-instant': 'datetime', 'primary-interval-start': 'datetime' }

function readField(name: string, p: Json, index: number): Field {
  const array = types(p).includes('array')
  const source = array ? object(p['items']) : p
  const choices = readChoices(source)
  const groups = Object.entries(object(p['x-groups'])).map(([key, t]) => ({ key, title: text(t, key) }))
  const lang = string(p['x-lang'])
  return {
    name,
    title: text(p['x-title'], string(p['title']) || humanName(name)),
    description: text(p['x-description'], string(p['description'])),
    kind: kindOf(p, choices),
    choices,
    groups,
    minimum: number(p['minimum']),
    maximum: number(p['maximum']),
    integer: types(p).includes('integer'),
    missing: number(p['x-null-count']) ?? 0,
    unit: unitOf(p),
    ucum: string(p['x-ogc-unit']),
    order: number(p['x-order']) ?? number(p['x-ogc-propertySeq']) ?? 1000 + index,
    hidden: p['x-hidden'] === true,
    format: string(p['format']),
    role: string(p['x-clustermap-role']) || (OGC_ROLES[string(p['x-ogc-role'])] ?? ''),
    lang: lang === 'zh' || lang === 'en' ? lang : null,
  }
}

/** A language may write no unit: Chinese counts 家, English only the number. */
function unitOf(p: Json): Text {
  const shown = p['x-unit']
  if (shown === undefined) return text(null, string(p['x-ogc-unit']))
  return { zh: string(object(shown)['zh']), en: string(object(shown)['en']) }
}

function kindOf(p: Json, choices: Choice[]): FieldKind {
  const t = types(p)
  const few = choices.length > 0 && choices.length <= MAX_CHOICES
  if (t.includes('array')) return few ? 'choices' : 'other'
  if (t.includes('object')) return 'other'
  if (t.includes('number') || t.includes('integer')) return 'number'
  if (t.includes('boolean')) return 'flag'
  if (few) return 'choice'
  return t.includes('string') || choices.length > 0 ? 'text' : 'other'
}

function readChoices(p: Json): Choice[] {
  const listed = Array.isArray(p['oneOf']) ? p['oneOf'] : []
  const choices: Choice[] = []
  for (const entry of listed) {
    const o = object(entry)
    if (typeof o['const'] !== 'string') continue
    const group = string(o['x-group'])
    choices.push({
      value: o['const'],
      title: text(o['x-title'], string(o['title']) || o['const']),
      group: group || null,
      count: number(o['x-count']),
    })
  }
  if (choices.length > 0 || !Array.isArray(p['enum'])) return choices
  return p['enum']
    .filter((v): v is string => typeof v === 'string')
    .map((v) => ({ value: v, title: { zh: v, en: v }, group: null, count: null }))
}

function types(p: Json): string[] {
  const t = p['type']
  if (typeof t === 'string') return [t]
  return Array.isArray(t) ? t.filter((v): v is string => typeof v === 'string') : []
}

/** Reads {"zh","en"}; a missing language takes the other or the fallback. */
export function text(value: unknown, fallback: string): Text {
  const o = object(value)
  const zh = string(o['zh'])
  const en = string(o['en'])
  return { zh: zh || fallback || en, en: en || fallback || zh }
}

function humanName(name: string): string {
  return name.replace(/_/g, ' ')
}

function object(v: unknown): Json {
  return typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : {}
}

function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}

function number(v: unknown): number | null {
  return typeof v === 'number' && Number.isFinite(v) ? v : null
}
