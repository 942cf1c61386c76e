// Names of the base map: waters, provinces and cities, and the zooms from which
// and up to which each is worth its room.

import { symbolPoint, type Box, type Feature } from './geojson'
import { say } from './messages'
import { text, type Text } from './schema'
import { shortDivision } from './dataset'

export interface MapPlace {
  key: string
  kind: 'great' | 'city' | 'province' | 'water'
  name: Text
  lat: number
  lon: number
  from: number
  until: number
}

/** From which zoom a name of the base map is shown, by its rank. */
const FROM: Record<MapPlace['kind'], readonly number[]> = {
  great: [3.75], city: [3.75, 4.75, 5], province: [3.5], water: [3.5, 4, 6],
}

/**
 * The names of the base map, and for near zooms the seats of the divisions that it
 * does not name; both may be missing.
 */
export function makePlaces(base: Feature[], divisions: Feature[]): MapPlace[] {
  const places: MapPlace[] = []
  const named = new Set<string>()
  for (const f of base) {
    const at = symbolPoint(f.geometry)
    const { kind, rank } = f.properties
    if (!at || (kind !== 'city' && kind !== 'province' && kind !== 'water')) continue
    const zh = string(f.properties['name_zh'])
    const level = typeof rank === 'number' ? Math.max(1, rank) : 1
    const shown = kind === 'city' && level === 1 ? 'great' : kind
    const from = FROM[kind][Math.min(level, FROM[kind].length) - 1]!
    if (kind === 'city') named.add(zh)
    places.push({
      key: `${kind} ${zh}`, kind: shown, name: text({ zh, en: string(f.properties['name_en']) }, zh),
      lon: at[0], lat: at[1], from, until: kind === 'city' ? 15 : 9,
    })
  }
  for (const f of divisions) {
    const code = String(f.properties['adcode'] ?? f.id)
    const seat = seatOf(f)
    const zh = shortDivision(string(f.properties['name_zh']))
    if (!/^\d{4}00$/.test(code) || code.endsWith('0000') || !seat || named.has(zh)) continue
    const name = text({ zh, en: shortEnglish(string(f.properties['name_en'])) }, code)
    places.push({ key: code, kind: 'city', name, lon: seat[0], lat: seat[1], from: 6.5, until: 15 })
  }
  return places.sort((a, b) => a.from - b.from)
}

function seatOf(f: Feature): [number, number] | null {
  const seat = f.properties['seat']
  if (Array.isArray(seat) && typeof seat[0] === 'number' && typeof seat[1] === 'number') return [seat[0], seat[1]]
  const lon = f.properties['seat_lon']
  const lat = f.properties['seat_lat']
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : null
}

function shortEnglish(en: string): string {
  return en.replace(/ (City|Prefecture|Province|Municipality|Zhuang Autonomous Region|Hui Autonomous Region|Uygur Autonomous Region|Uyghur Autonomous Region|Autonomous Region|Special Administrative Region)$/i, '')
}

function string(v: unknown): string {
  return typeof v === 'string' ? v : ''
}

/** Farther than this, in degrees, no city names a place. */
const NAMES_WITHIN = 1.5

/** What a place is called for want of better: after the nearest city. Empty where none is near. */
export function placeAt(places: MapPlace[], lat: number, lon: number, [w, s, e, n]: Box): Text {
  let best: MapPlace | null = null
  let least = NAMES_WITHIN + Math.max(e - w, n - s) / 2
  const narrow = Math.cos((lat * Math.PI) / 180)
  for (const p of places) {
    if (p.kind !== 'great' && p.kind !== 'city') continue
    const d = Math.hypot(p.lat - lat, (p.lon - lon) * narrow)
    if (d < least) [best, least] = [p, d]
  }
  return best ? { zh: say('zh', 'around', { place: best.name.zh }), en: say('en', 'around', { place: best.name.en }) } : { zh: '', en: '' }
}
