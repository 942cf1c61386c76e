import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Feature } from '../src/geojson'
import { makePlaces } from '../src/places'

const point = (properties: Record<string, unknown>, lon = 120, lat = 30): Feature =>
  ({ type: 'Feature', id: 'x', geometry: { type: 'Point', coordinates: [lon, lat] }, properties })

describe('makePlaces', () => {
  const file = JSON.parse(readFileSync(new URL('../../data/base/places.geojson', import.meta.url), 'utf8')) as { features: Feature[] }

  it('takes the names of the base map, great ones first', () => {
    const places = makePlaces(file.features, [])
    expect(places).toHaveLength(file.features.length)
    expect(places.every((p) => p.name.zh !== '' && p.name.en !== '')).toBe(true)
    expect(places.map((p) => p.from)).toEqual(places.map((p) => p.from).toSorted((a, b) => a - b))
    expect(new Set(places.map((p) => p.key)).size).toBe(places.length)
  })

  it('adds the seats of prefectures that have no name yet, from near', () => {
    const divisions = [
      point({ adcode: '330600', name_zh: '绍兴市', name_en: 'Shaoxing City', seat_lon: 120.58, seat_lat: 30 }),
      point({ adcode: '330000', name_zh: '浙江省', name_en: 'Zhejiang', seat_lon: 120.15, seat_lat: 30.27 }),
      point({ adcode: '440100', name_zh: '广州市', name_en: 'Guangzhou', seat_lon: 113.26, seat_lat: 23.13 }),
      point({ adcode: '542500', name_zh: '无驻地', name_en: 'No seat' }),
    ]
    const added = makePlaces(file.features, divisions).filter((p) => p.from === 6.5)
    expect(added).toEqual([{ key: '330600', kind: 'city', name: { zh: '绍兴', en: 'Shaoxing' }, lon: 120.58, lat: 30, from: 6.5, until: 15 }])
  })

  it('leaves out what is no place', () => {
    expect(makePlaces([point({ kind: 'road', name_zh: '路' }), point({}), { ...point({ kind: 'city' }), geometry: null }], [])).toEqual([])
  })
})
