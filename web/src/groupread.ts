// The answers of /groups as signs and areas of the map.

import type { Dataset } from './dataset'
import type { Box, Feature, Geometry, Position, Properties } from './geojson'
import { boxOf as boxOfAll, seamOf, symbolPoint, unseamed } from './geojson'
import { countParts, type Part } from './groups'
import type { Text } from './schema'
import { loneSign, type Sign } from './signs'

/** An area or cell with what it holds. */
export interface Area extends Sign {
  kind: 'area'
  /** Of the territory or cell; null where its members have none. */
  code: string | null
  /** Null where only a symbol stands for the area. */
  geometry: Geometry | null
}

export interface Context {
  data: Dataset
  /** What is to be said of a place where the answer does not name it. */
  placeAt(lat: number, lon: number, box: Box): Text
  /** Where the members of a group are listed. */
  members(id: string): string
  /** Longitudes are those nearest to this one. */
  middle: number
}

/** Groups by distance: lone features as themselves, the others as groups. */
export function readSigns(features: Feature[], at: Context): Sign[] {
  return features.flatMap((f) => {
    const p = f.properties
    const n = number(p['count']) ?? 1
    const point = symbolPoint(f.geometry)
    if (!point) return []
    const lon = near(point[0], at.middle)
    if (n === 1) {
      const item = at.data.item({ ...f, properties: ownOf(p) })
      return [{ ...loneSign({ ...item, lon, lat: point[1] }), key: `f:${f.id}` }]
    }
    const box = boxOf(p, lon, point[1])
    return [{
      kind: 'group', key: `g:${point[0]} ${point[1]} ${n}`, n, lat: point[1], lon, items: [], box, members: at.members(String(f.id)),
      parts: partsOf(p, at.data), place: at.placeAt(point[1], lon, box),
      split: () => number(p['expansion_zoom']),
    }]
  })
}

/** Areas of a territory, or cells of a grid. */
export function readAreas(features: Feature[], at: Context): Area[] {
  return features.flatMap((f) => {
    const p = f.properties
    // Some have no place at all.
    const point = symbolPoint(f.geometry)
    if (!point) return []
    const lon = near(point[0], at.middle)
    const box = boxOf(p, lon, point[1])
    return [{
      kind: 'area', key: String(f.id), code: typeof p['key'] === 'string' ? p['key'] : null, n: number(p['count']) ?? 1, lat: point[1], lon, items: [], box, members: at.members(String(f.id)),
      parts: partsOf(p, at.data), place: titled(p) ?? at.placeAt(point[1], lon, box), split: () => null,
      geometry: f.geometry?.type === 'Point' ? null : joined(f.geometry),
    }]
  })
}

/** A cell that 180 degrees cut in two as one ring again, which then goes beyond 180; anything else as it is. */
export function joined(g: Geometry | null): Geometry | null {
  if (g?.type !== 'MultiPolygon' || g.coordinates.length !== 2) return g
  const rings = g.coordinates.flat()
  const cut = (p: Position) => Math.abs(p[0]) === 180
  if (rings.length !== 2 || !rings.every((r) => r.some(cut))) return g
  const corners = rings.flatMap((r) => r.slice(1)).filter((p) => !cut(p)).map(([lon, lat]): Position => [near(lon, 180), lat])
  if (corners.length < 3) return g
  const x = corners.reduce((sum, p) => sum + p[0], 0) / corners.length
  const y = corners.reduce((sum, p) => sum + p[1], 0) / corners.length
  const angle = (p: Position) => Math.atan2(p[1] - y, p[0] - x) // a cell is convex
  corners.sort((a, b) => angle(a) - angle(b))
  return { type: 'Polygon', coordinates: [[...corners, corners[0]!]] }
}

/** A lone feature's own properties: what has the name of one of ours stands under "feature". */
function ownOf(p: Properties): Properties {
  const own = Object.assign(Object.create(null) as Properties, p)
  for (const key of ['count', 'expansion_zoom', 'sums', 'counts', 'bounds', 'anchor', 'members', 'feature']) delete own[key]
  return Object.assign(own, object(p['feature']))
}

/** The colours of a group, from the counts of the category. */
function partsOf(p: Properties, data: Dataset): Part[] {
  const { category } = data.schema
  if (!category) return []
  const counts = object(p['counts'])[category.name]
  if (!Array.isArray(counts)) return []
  return countParts(counts.map((c) => ({ key: data.colorOf(String(object(c)['value'] ?? '')), n: number(object(c)['count']) ?? 0 })))
}

/** The name of an area in both languages; null where the answer has none. */
function titled(p: Properties): Text | null {
  const titles = object(p['titles'])
  const zh = string(titles['zh'])
  const en = string(titles['en'])
  return zh || en ? { zh: zh || en, en: en || zh } : null
}

function boxOf(p: Properties, lon: number, lat: number): Box {
  const b = p['bounds']
  if (!Array.isArray(b) || b.length !== 4 || !b.every((v) => typeof v === 'number')) return [lon, lat, lon, lat]
  const [w, s, e, n] = b as Box
  const shift = near(w, lon) - w
  return [w + shift, s, (e < w ? e + 360 : e) + shift, n]
}

/** The box of all groups of a collection: not the whole world where they only lie on both sides of 180 degrees. */
export function boxAround(groups: Feature[]): Box | null {
  const corners = groups.flatMap((f): Geometry[] => {
    const b = f.properties['bounds']
    return Array.isArray(b) && b.length === 4 ? [{ type: 'Point', coordinates: [b[0], b[1]] }, { type: 'Point', coordinates: [b[2], b[3]] }] : f.geometry ? [f.geometry] : []
  })
  const seam = seamOf(corners)
  return boxOfAll(corners.map((g) => unseamed(g, seam)))
}

/** A longitude on the side of the world where another one lies. */
export function near(lon: number, middle: number): number {
  return lon + 360 * Math.round((middle - lon) / 360)
}

function object(v: unknown): Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Record<string, unknown>) : {}
}

function number(v: unknown): number | null {
  return typeof v === 'number' && Number.isFinite(v) ? v : null
}

function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}
