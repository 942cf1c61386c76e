// The answer of the server to a table, as the page needs it. What it does not
// understand it leaves out; it never throws.

import type { Feature } from './geojson'
import { CERTAIN, rowKey, type Alternative, type LonLat, type Mapping, type Row, type Standing, type TableAnswer } from './table'

type Json = Record<string, unknown>

/** Reads an answer; null where it is none. */
export function readAnswer(doc: unknown): TableAnswer | null {
  const all = object(doc)
  const report = object(all['report'])
  if (!Array.isArray(report['rows']) || typeof all['geojson'] !== 'string') return null
  const rows = report['rows'].map((r) => readRow(object(r)))
  spread(rows, all['geojson'])
  const notes = list(report['notes']).map((n) => words(object(n)['text'])).filter((t) => t !== '')
  return { rows, notes, mapping: object(report['mapping']) as Mapping, geojson: all['geojson'] }
}

function readRow(r: Json): Row {
  const sheet = words(r['sheet'])
  const number = figure(r['row']) ?? 0
  const row: Row = {
    key: rowKey(sheet, number), sheet, number, id: words(r['id']), name: words(r['name']), place: words(r['place']), standing: 'certain',
    confidence: figure(r['confidence']), level: words(r['level']), precision: words(r['precision']), code: words(r['adcode']),
    where: { zh: words(r['where_zh']), en: words(r['where_en']) || words(r['where_zh']) },
    points: [position(r['point'])].filter((p): p is LonLat => p !== null), reasons: list(r['reasons']).map(words).filter((t) => t !== ''),
    alternatives: list(r['alternatives']).map((a) => readAlternative(object(a))).filter((a) => a.code !== ''),
    column: words(r['column']), corrected: r['corrected'] === true,
  }
  row.standing = standingOf(words(r['fate']), row)
  return row
}

/** A row that names several places stands at all of them: the report has the first, the features have them all. */
function spread(rows: Row[], geojson: string): void {
  if (!geojson.includes('"MultiPoint"')) return
  const byID = new Map(rows.map((r) => [r.id, r]))
  for (const f of featuresOf(geojson)) {
    const row = byID.get(String(f.id))
    if (row && f.geometry?.type === 'MultiPoint') row.points = f.geometry.coordinates.map(position).filter((p): p is LonLat => p !== null)
  }
}

/** The features of a text of GeoJSON; none where it is none. */
export function featuresOf(geojson: string): Feature[] {
  try {
    return list(object(JSON.parse(geojson))['features']) as Feature[]
  } catch {
    return []
  }
}

function standingOf(fate: string, row: Row): Standing {
  if (fate === 'refused') return 'refused'
  if (fate !== 'placed') return 'unplaced'
  return row.corrected || (row.confidence ?? 0) >= CERTAIN ? 'certain' : 'look'
}

function readAlternative(a: Json): Alternative {
  const name = words(a['name_zh'])
  return { code: words(a['adcode']), name: { zh: name, en: words(a['name_en']) || name }, confidence: figure(a['confidence']), reason: words(a['reason']), point: position(a['point']) }
}

function position(v: unknown): LonLat | null {
  return Array.isArray(v) && typeof v[0] === 'number' && typeof v[1] === 'number' && Math.abs(v[1]) <= 90 ? [v[0], v[1]] : null
}

function object(v: unknown): Json {
  return v !== null && typeof v === 'object' && !Array.isArray(v) ? (v as Json) : {}
}

function list(v: unknown): unknown[] {
  return Array.isArray(v) ? v : []
}

function words(v: unknown): string {
  return typeof v === 'string' ? v : ''
}

function figure(v: unknown): number | null {
  return typeof v === 'number' && Number.isFinite(v) ? v : null
}
