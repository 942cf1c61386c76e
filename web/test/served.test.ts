import { describe, expect, it } from 'vitest'
import { classAt, classesOf, stepOf, STEPS } from '../src/classes'
import { makeRemote } from '../src/dataset'
import type { Feature } from '../src/geojson'
import { near, readAreas, readSigns, type Context } from '../src/groupread'
import { HEX_KM, hexKm } from '../src/hexsize'
import { flights, type Placed } from '../src/motion'
import { placeAt, type MapPlace } from '../src/places'
import { boxText } from '../src/query'
import { outlined, outlineZoom, snapped } from '../src/served'
import { tileFrame, tilesIn } from '../src/tilegrid'
import { clusterSchema } from './fixture'

let seed = 5
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647

const context: Context = {
  data: makeRemote('firms', clusterSchema, 100, null), middle: 110,
  members: (id) => `members/${id}`, placeAt: () => ({ zh: '苏州一带', en: 'around Suzhou' }),
}
const group = (id: string, properties: Feature['properties'], at: [number, number] = [120, 31]): Feature => ({ type: 'Feature', id, geometry: { type: 'Point', coordinates: at }, properties })

describe('groups of the server', () => {
  const answer = [
    group('z4r60-x', {
      count: 23, expansion_zoom: 7, sums: {}, bounds: [119, 30, 121, 32], members: 'http://elsewhere/…', anchor: { id: 'a' },
      counts: { industry: [{ value: 'silk', count: 9 }, { value: 'ceramics', count: 8 }, { value: 'garments', count: 5 }, { value: null, count: 1 }] },
    }),
    group('lone', { name_zh: '磁灶', name_en: 'Cizao', industry: 'ceramics', count: 1, expansion_zoom: null, bounds: [120, 31, 120, 31], feature: { count: 77 } }),
    group('z4r60-y', { count: 2, expansion_zoom: null, bounds: [179, 1, -179, 2] }, [-179.5, 1]),
  ]
  const signs = readSigns(answer, context)

  it('keep count, families, bounds, and the zoom at which they split', () => {
    expect(signs[0]).toMatchObject({ kind: 'group', n: 23, members: 'members/z4r60-x', box: [119, 30, 121, 32], place: { en: 'around Suzhou' } })
    expect(signs[0]!.split()).toBe(7)
    expect(signs[0]!.parts[0]).toEqual({ key: 'textiles', n: 14 })
    expect(signs[0]!.parts.reduce((n, p) => n + p.n, 0)).toBe(23)
    expect(signs[2]!.split()).toBeNull()
  })

  it('a lone feature is itself, with its own property of one of our names', () => {
    expect(signs[1]).toMatchObject({ kind: 'single', key: 'f:lone', n: 1, members: null })
    expect(signs[1]!.items[0]!.name.en).toBe('Cizao')
    expect(signs[1]!.items[0]!.feature.properties['count']).toBe(77)
  })

  it('the same group has the same key at another zoom', () => {
    const [again] = readSigns([{ ...answer[0]!, id: 'z5r60-other' }], context)
    expect(again!.key).toBe(signs[0]!.key)
  })

  it('stand on the side of the world that is in view', () => {
    expect(signs[2]!.lon).toBe(180.5)
    expect(signs[2]!.box).toEqual([179, 1, 181, 2])
    for (const middle of [-200, -10, 0, 100, 200]) expect(Math.abs(near(random() * 360 - 180, middle) - middle)).toBeLessThanOrEqual(180)
  })

  it('areas have an outline, or only a symbol', () => {
    const outline = { type: 'Polygon' as const, coordinates: [[[113, 22], [115, 22], [115, 24], [113, 22]]] as [number, number][][] }
    const areas = readAreas([
      { ...group('gd', { count: 5, key: '440000', titles: { zh: '广东省', en: 'Guangdong' }, bounds: [113, 22, 114, 23] }), geometry: outline },
      group('x', { count: 3, key: null, bounds: [1, 1, 1, 1] }),
    ], context)
    expect(areas.map((a) => [a.n, a.geometry?.type, a.place.en])).toEqual([[5, 'Polygon', 'Guangdong'], [3, undefined, 'around Suzhou']])
  })
})

describe('classes', () => {
  it('hold each count once, in round limits, from the least to the largest', () => {
    for (let round = 0; round < 200; round++) {
      const counts = Array.from({ length: 1 + Math.floor(random() * 300) }, () => 1 + Math.floor(10 ** (random() * 5)))
      const classes = classesOf(counts)
      expect(classes.length).toBeLessThanOrEqual(STEPS)
      expect(classes.reduce((n, c) => n + c.n, 0)).toBe(counts.length)
      expect(classes[0]!.from).toBeLessThanOrEqual(Math.min(...counts))
      classes.forEach((c, i) => {
        expect(String(c.from)).toMatch(/^[1-9]\d?0*$/)
        expect(c.to).toBe(i + 1 < classes.length ? classes[i + 1]!.from - 1 : null)
        expect(c.n).toBe(counts.filter((v) => v >= c.from && (c.to === null || v <= c.to)).length)
        expect(c.n).toBeGreaterThan(0)
      })
      for (const c of counts) {
        const k = classes[classAt(classes, c)]!
        expect(c >= k.from && (k.to === null || c <= k.to)).toBe(true)
      }
    }
    expect(classesOf([])).toEqual([])
    expect(classesOf([1, 1, 1])).toEqual([{ from: 1, to: null, n: 3 }])
  })

  it('tell counts of one size apart', () => {
    expect(classesOf([2100, 2900, 3400, 4100, 5200, 5600, 6100, 7900, 8200, 9900, 12000, 19000]).length).toBeGreaterThanOrEqual(5)
    expect(classesOf([3, 3, 4]).map((c) => c.n)).toEqual([2, 1])
  })

  it('span the palette', () => {
    expect([0, 1, 2, 3, 4, 5].map((i) => stepOf(i, 6))).toEqual([1, 2, 3, 4, 5, 6])
    expect([stepOf(0, 2), stepOf(1, 2), stepOf(0, 1)]).toEqual([1, 6, 3])
  })
})

describe('hexagons', () => {
  it('are of the series, never smaller for a smaller scale, and about as wide as a thumb', () => {
    let before = Infinity
    for (let zoom = 2; zoom <= 18; zoom += 0.25) {
      const km = hexKm(zoom)
      expect(HEX_KM).toContain(km)
      expect(km).toBeLessThanOrEqual(before)
      before = km
      const pixels = km / ((40075 * Math.cos(Math.PI / 6)) / (256 * 2 ** zoom))
      if (zoom >= 4 && zoom <= 11) expect(pixels > 20 && pixels < 60).toBe(true)
    }
  })
})

describe('boxes', () => {
  it('of requests hold the view, are cut at round pixels, and not much larger', () => {
    for (let i = 0; i < 300; i++) {
      const zoom = Math.floor(random() * 12) + 3
      const w = 60 + random() * 80
      const s = 10 + random() * 40
      const size = 360 / 2 ** zoom * 3
      const view: [number, number, number, number] = [w, s, w + size, Math.min(85, s + size)]
      const box = snapped(view, zoom)
      expect(box[0] <= view[0] && box[1] <= view[1] && box[2] >= view[2] && box[3] >= view[3]).toBe(true)
      const pixel = (lon: number) => ((lon + 180) / 360) * 256 * 2 ** zoom
      for (const lon of [box[0], box[2]]) expect(Math.abs(pixel(lon) / 256 - Math.round(pixel(lon) / 256))).toBeLessThan(1e-6)
      expect(pixel(box[2]) - pixel(box[0])).toBeLessThan(pixel(view[2]) - pixel(view[0]) + 2 * 256 + 0.3001 * (pixel(view[2]) - pixel(view[0])))
    }
    expect(snapped([-200, -85, 200, 85], 2)).toEqual([-270, -90, 270, 90])
  })

  it('are rounded outwards, and cross 180 degrees or take in the world', () => {
    expect(boxText([112.1234567, -1.0000001, 113.1234567, 2])).toBe('112.12345,-1.00001,113.12346,2')
    expect(boxText([170, 0, 190, 1])).toBe('170,0,-170,1')
    expect(boxText([-190, 0, -170, 1])).toBe('170,0,-170,1')
    expect(boxText([-200, -80, 200, 80])).toBe('-180,-80,180,80')
  })
})

describe('tiles', () => {
  it('cover a view without gaps, wherever it lies', () => {
    for (let i = 0; i < 200; i++) {
      const zoom = 2 + random() * 14
      const world = 256 * 2 ** zoom
      const x0 = random() * world * 1.2 - world * 0.1
      const y0 = random() * world * 0.8
      const view = { x0, y0, x1: x0 + 1200, y1: y0 + 800 }
      const tiles = tilesIn(view, zoom)
      const frames = tiles.map((t) => tileFrame(t, zoom))
      for (let k = 0; k < 20; k++) {
        const x = x0 + random() * 1200
        const y = y0 + random() * 800
        if (y >= world) continue
        expect(frames.filter((f) => x >= f.x && x < f.x + f.side && y >= f.y && y < f.y + f.side)).toHaveLength(1)
      }
      for (const t of tiles) expect(t.x >= 0 && t.x < 2 ** t.z && t.y >= 0 && t.y < 2 ** t.z).toBe(true)
    }
  })
})

describe('flights between zooms', () => {
  const placed = (key: string, n: number, lon: number, lat: number, box = [lon, lat, lon, lat] as [number, number, number, number]): Placed => ({ x: lon * 10, y: -lat * 10, sign: { key, n, lat, lon, box } })

  it('begin at the group that held the sign', () => {
    const parent = placed('p', 10, 120, 30, [118, 28, 122, 32])
    const other = placed('o', 9, 121, 31, [120.9, 30.9, 121.1, 31.1])
    const out = flights([placed('a', 4, 119, 29), placed('b', 1, 122, 31), placed('c', 3, 100, 20)], [parent, other])
    expect([...out].map(([key, p]) => [key, p.sign.key])).toEqual([['a', 'p'], ['b', 'p']])
  })

  it('are none from smaller groups or to oneself', () => {
    const big = placed('p', 10, 120, 30, [118, 28, 122, 32])
    expect(flights([big], [big, placed('q', 5, 120, 30, [118, 28, 122, 32])]).size).toBe(0)
  })
})

describe('placeAt', () => {
  const city = (zh: string, en: string, lat: number, lon: number): MapPlace => ({ key: zh, kind: 'city', name: { zh, en }, lat, lon, from: 4, until: 15 })
  it('is the nearest city, if one is near', () => {
    const places = [city('苏州', 'Suzhou', 31.3, 120.6), city('上海', 'Shanghai', 31.2, 121.5)]
    expect(placeAt(places, 31.2, 120.8, [120.8, 31.2, 120.8, 31.2])).toEqual({ zh: '苏州一带', en: 'around Suzhou' })
    expect(placeAt(places, 40, 80, [80, 40, 80, 40])).toEqual({ zh: '', en: '' })
  })
})

describe('outlines of territories', () => {
  it('are simplified for a zoom where the server has them', () => {
    expect([null, 'division:province', 'region:yrd25', 'division:county', 'hex:50'].map(outlined)).toEqual([true, true, true, true, false])
  })

  it('are asked for at every other zoom, never coarser than the map', () => {
    for (let zoom = 0; zoom <= 17; zoom += 0.25) expect(outlineZoom(zoom)).toBeGreaterThanOrEqual(zoom)
    expect(new Set([4, 5, 5.4].map(outlineZoom)).size).toBe(1)
    expect(outlineZoom(18)).toBe(18)
  })
})
