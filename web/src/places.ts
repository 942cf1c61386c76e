// Names of the base map: waters, provinces and cities, and the zooms from which
// and up to which each is worth its room.

import { symbolPoint, type Feature } from './geojson'
import { MESSAGES } from './messages'
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

const WATERS: MapPlace[] = [
  { key: 'bohai', kind: 'water', name: MESSAGES.bohaiSea, lat: 38.7, lon: 119.9, from: 4, until: 9 },
  { key: 'yellow', kind: 'water', name: MESSAGES.yellowSea, lat: 35.3, lon: 123.2, from: 3.5, until: 9 },
  { key: 'east', kind: 'water', name: MESSAGES.eastSea, lat: 28.6, lon: 124.6, from: 3.5, until: 9 },
  { key: 'south', kind: 'water', name: MESSAGES.southSea, lat: 18.8, lon: 114.8, from: 3.5, until: 9 },
]

/** Cities named first: they orient a reader before any other. */
const GREAT = new Set(['110000', '310000', '500000', '440100', '420100', '610100', '510100', '210100', '320100', '330100', '810000', '120000', '370100'])

/** Provinces and cities of the divisions collection, after the waters. */
export function makePlaces(divisions: Feature[]): MapPlace[] {
  const places = [...WATERS]
  for (const f of divisions) {
    const code = String(f.properties['adcode'] ?? f.id)
    if (!/^\d{6}$/.test(code)) continue
    const name = text({ zh: shortDivision(string(f.properties['name_zh'])), en: shortEnglish(string(f.properties['name_en'])) }, code)
    const isProvince = code.endsWith('0000')
    const area = symbolPoint(f.geometry)
    if (isProvince && area && !isCity(code)) {
      places.push({ key: `a${code}`, kind: 'province', name, lon: area[0], lat: area[1], from: 3.5, until: 9 })
    }
    const seat = seatOf(f)
    if (!seat || (isProvince && !isCity(code))) continue
    const great = GREAT.has(code)
    const capital = great || code.endsWith('0100') || isCity(code)
    places.push({ key: `c${code}`, kind: great ? 'great' : 'city', name, lon: seat[0], lat: seat[1], from: great ? 3.75 : capital ? 5 : 6.5, until: 15 })
  }
  return places.sort((a, b) => a.from - b.from)
}

/** Municipalities and special administrative regions: province and city at once. */
function isCity(code: string): boolean {
  return ['110000', '120000', '310000', '500000', '810000', '820000'].includes(code)
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
