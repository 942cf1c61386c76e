// A table that the server has read: its rows with their places, what its columns
// were taken for, and the corrections of a person. Nothing here needs the DOM.

import type { Text } from './schema'

/** Longitude, latitude in degrees. */
export type LonLat = [number, number]

/** What a person has to do about a row: nothing, look at it, place it, mend the file. */
export type Standing = 'certain' | 'look' | 'unplaced' | 'refused'
export const STANDINGS: Standing[] = ['certain', 'look', 'unplaced', 'refused']

/** From this confidence on nobody has to look at a row. */
export const CERTAIN = 0.8

export interface Alternative {
  code: string
  name: Text
  confidence: number | null
  reason: string
  point: LonLat | null
}

export interface Row {
  /** Of the sheet and the number: unlike that of any other row. */
  key: string
  sheet: string
  /** Of the row or line in the file, from 1. */
  number: number
  /** Of its feature; of one that was split, of the first. */
  id: string
  name: string
  /** The text that says where it is. */
  place: string
  standing: Standing
  confidence: number | null
  level: string
  precision: string
  code: string
  /** Where it was put, in words. */
  where: Text
  points: LonLat[]
  reasons: string[]
  alternatives: Alternative[]
  /** The column that a refused row was refused for. */
  column: string
  corrected: boolean
}

/** What a person decided about a row, by the id of its feature. */
export interface CorrectionEntry {
  id: string
  adcode?: string
  point?: LonLat
}

/** The mapping file. What the page does not change goes through as it came. */
export interface Mapping {
  columns?: { column: string; role: string }[]
  corrections?: CorrectionEntry[]
  [other: string]: unknown
}

export interface TableAnswer {
  rows: Row[]
  /** What was noticed while the file was read. */
  notes: string[]
  mapping: Mapping
  /** As the command writes it, byte for byte. */
  geojson: string
}

/** Where a person wants a row. */
export type Correction = { code: string; point: LonLat | null } | { point: LonLat }

export const rowKey = (sheet: string, number: number) => `${sheet}\u0000${number}`

export function count(rows: Row[]): Record<Standing, number> {
  const n: Record<Standing, number> = { certain: 0, look: 0, unplaced: 0, refused: 0 }
  for (const r of rows) n[r.standing]++
  return n
}

/** The standing that a person should see first: where there is work. */
export function firstStanding(n: Record<Standing, number>): Standing {
  return (['look', 'unplaced', 'refused'] as const).find((s) => n[s] > 0) ?? 'certain'
}

/** The rows in the order in which a person goes through them: the least sure first. */
export function inOrder(rows: Row[], standing: Standing): Row[] {
  const chosen = rows.filter((r) => r.standing === standing)
  if (standing !== 'look') return chosen
  return chosen.sort((a, b) => (a.confidence ?? 0) - (b.confidence ?? 0) || a.number - b.number)
}

/** The places that a row could be put to instead. */
export const others = (row: Row) => row.alternatives.filter((a) => a.code !== row.code)

/** The rows of which every word of a text is part: of name, place or where it was put. */
export function matching(rows: Row[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter((w) => w !== '')
  if (words.length === 0) return rows
  return rows.filter((r) => {
    const all = `${r.number} ${r.name} ${r.place} ${r.where.zh} ${r.where.en} ${r.code}`.toLowerCase()
    return words.every((w) => all.includes(w))
  })
}

/** The mapping with a correction of a feature, or without where there is none. */
export function corrected(m: Mapping, id: string, c: Correction | null): Mapping {
  const rest = (m.corrections ?? []).filter((x) => x.id !== id)
  const entry: CorrectionEntry[] = c === null ? [] : ['code' in c ? { id, adcode: c.code } : { id, point: c.point }]
  const { corrections: _, ...other } = m
  const all = [...rest, ...entry]
  return all.length > 0 ? { ...other, corrections: all } : other
}

/** The mapping with another role of a column. It comes last: of a role that one column has at most, the server takes it from the others. */
export function withRole(m: Mapping, column: string, role: string): Mapping {
  return { ...m, columns: [...(m.columns ?? []).filter((c) => c.column !== column), { column, role }] }
}

/** The name of a file without its ending. */
export function stem(name: string): string {
  return name.replace(/\.(tar\.gz|[a-z0-9]{1,8})$/i, '') || name
}

/** A name that the server takes for a collection, from that of a file. */
export function collectionName(file: string): string {
  const name = stem(file).normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase().replace(/[^a-z0-9_-]+/g, '-').replace(/^[-_]+|-+$/g, '')
  return (/[a-z]/.test(name) ? name : `table-${name}`).replace(/-$/, '').slice(0, 63)
}

export const COLLECTION_NAME = '[a-z0-9][a-z0-9_\\-]{0,62}'

/** Bytes as people read them. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kb = bytes / 1024
  return kb < 1024 ? `${kb < 10 ? kb.toFixed(1) : Math.round(kb)} KB` : `${(kb / 1024).toFixed(kb < 10240 ? 1 : 0)} MB`
}

/** The radius of a dot that stands for n rows, in pixels: its area grows slower than their number. */
export function dotRadius(n: number): number {
  return Math.min(13, 5.5 + 1.5 * Math.log2(Math.max(1, n)))
}

/** The rows of which a point lies within r of a place, nearest first; all in pixels. */
export function near<P extends { x: number; y: number }>(points: P[], x: number, y: number, r: number): P[] {
  return points
    .map((p) => ({ p, d: (p.x - x) ** 2 + (p.y - y) ** 2 }))
    .filter(({ d }) => d <= r * r)
    .sort((a, b) => a.d - b.d)
    .map(({ p }) => p)
}
