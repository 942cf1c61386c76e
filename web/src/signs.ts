// Signs: what stands at one place of the map, a feature, a few at one point, or a
// group. They come from the items that the page holds, or from the server.

import type { Item } from './dataset'
import type { Box } from './geojson'
import { countParts, markApart, markUp, MAX_ZOOM, splitZoom, type Mark, type Point } from './groups'
import { groupName } from './naming'
import type { Text } from './schema'

export interface Sign {
  kind: 'single' | 'stack' | 'group' | 'area'
  /** The same members have the same key, at any zoom. */
  key: string
  n: number
  lat: number
  lon: number
  /** The members at hand: all of them, or of a group of the server only a lone one. */
  items: Item[]
  /** Colours of the palette with their counts, largest first. */
  parts: { key: string; n: number }[]
  /** What the group is called; empty where nothing is known. */
  place: Text
  /** Around the members. */
  box: Box
  /** The zoom at which it parts; null where it never does. */
  split(): number | null
  /** Where the server lists the members; null where they are at hand. */
  members: string | null
}

export interface Spot extends Point {
  item: Item
}

/** The signs of items at a zoom; gap is the least distance between them in pixels. */
export function signsOf(spots: Spot[], zoom: number, gap: number): Sign[] {
  return markUp(spots, zoom, gap).map((m) => signOf(m, zoom))
}

/** Each item by itself; only those at one place are together. */
export function signsApart(spots: Spot[], zoom: number): Sign[] {
  return markApart(spots).map((m) => signOf(m, zoom))
}

function signOf(mark: Mark<Spot>, zoom: number): Sign {
  const items = mark.members.map((m) => m.item)
  const anchor = mark.anchor.item
  const lons = items.map((it) => it.lon!)
  const lats = items.map((it) => it.lat!)
  return {
    kind: mark.kind, key: mark.key, n: items.length, lat: anchor.lat!, lon: anchor.lon!, items, members: null,
    parts: countParts(items.map((it) => ({ key: it.color, n: 1 }))),
    place: items.length === 1 ? { zh: '', en: '' } : { zh: groupName(items, anchor, 'zh'), en: groupName(items, anchor, 'en') },
    box: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)],
    split: () => splitZoom(mark.members, zoom, MAX_ZOOM),
  }
}

/** A lone item as a sign. */
export function loneSign(item: Item): Sign {
  return {
    kind: 'single', key: `f:${item.id}`, n: 1, lat: item.lat!, lon: item.lon!, items: [item], members: null,
    parts: [{ key: item.color, n: 1 }], place: { zh: '', en: '' }, box: [item.lon!, item.lat!, item.lon!, item.lat!], split: () => null,
  }
}
