import { describe, expect, it } from 'vitest'
import { makeDataset, makeRemote, type Dataset } from '../src/dataset'
import type { Feature, Geometry, Position } from '../src/geojson'
import { contains, ringsOf } from '../src/geojson'
import { joined, type Area } from '../src/groupread'
import { markApart, project } from '../src/groups'
import type { Model } from '../src/model'
import { assign, divisionOf, recount } from '../src/recount'
import { readSchema } from '../src/schema'
import { drawnOf, FEW, showOf } from '../src/showas'
import { fromHash, INITIAL, toHash, type Show } from '../src/state'
import { clusters, clusterSchema, feature } from './fixture'

const modelOf = (data: Dataset, show: Show | null) => ({ data, state: { ...INITIAL, show } }) as Model
const many = makeDataset('many', clusterSchema, Array.from({ length: FEW + 1 }, (_, i) => feature(`m${i}`, {}, [110 + i / 100, 30])), FEW + 1)
const areasOnly = readSchema({ properties: { geometry: { 'x-ogc-role': 'primary-geometry', format: 'geometry-polygon' } } }, 'fields')

describe('how a collection is drawn', () => {
  it('is by its own symbols where it is small, unless the reader chose otherwise', () => {
    expect(showOf(modelOf(clusters, null))).toBe('groups')
    const drawn = (data: Dataset, show: Show | null) => drawnOf(modelOf(data, show))
    expect([drawn(clusters, null), drawn(clusters, 'features'), drawn(clusters, 'hex'), drawn(clusters, 'territory')]).toEqual(['marks', 'marks', 'areas', 'areas'])
    expect([drawn(many, null), drawn(many, 'features')]).toEqual(['marks', 'dots'])
  })

  it('is by the server where it is large', () => {
    const firms = makeRemote('firms', clusterSchema, 1e6, null)
    expect([null, 'features', 'hex'].map((show) => drawnOf(modelOf(firms, show as Show | null)))).toEqual(['groups', 'tiles', 'areas'])
    expect(drawnOf(modelOf(makeRemote('fields', areasOnly, 1e6, null), null))).toBe('tiles')
  })

  it('knows no territory without codes', () => {
    expect(showOf(modelOf(makeDataset('dots', areasOnly, [feature('a', {})], 1), 'territory'))).toBe('groups')
  })

  it('stands in the address by the names that pictures have, and older links are read', () => {
    for (const show of ['groups', 'territory', 'hex', 'features'] as const) {
      expect(toHash({ ...INITIAL, show })).toBe(`#view=${show}`)
      expect(fromHash(`#view=${show}`).show).toBe(show)
      expect(fromHash(`#show=${show}`).show).toBe(show)
    }
    expect(fromHash('#show=hexagons').show).toBe('hex')
    expect(fromHash('#view=heat').show).toBeNull()
  })
})

describe('features by themselves', () => {
  it('are each one mark, however near; those at one place are together', () => {
    const at = (id: string, lon: number) => ({ id, ...project(lon, 30) })
    const marks = markApart([at('a', 120), at('b', 120.0001), at('c', 120), ...Array.from({ length: 7 }, (_, i) => at(`s${i}`, 121))])
    expect(marks.map((m) => [m.kind, m.members.length])).toEqual([['stack', 2], ['single', 1], ['group', 7]])
  })
})

describe('areas of items at hand', () => {
  const area = (code: string | null, lon: number, lat: number, geometry: Geometry | null = null): Area => ({
    kind: 'area', key: `k${code}`, code, n: 0, lat, lon, items: [], box: [lon, lat, lon, lat], members: 'members', parts: [], place: { zh: '', en: '' }, split: () => null, geometry,
  })
  const square = (w: number, s: number, side: number): Geometry => ({ type: 'Polygon', coordinates: [[[w, s], [w + side, s], [w + side, s + side], [w, s + side], [w, s]]] })

  it('a code lies in the divisions that the server says', () => {
    const levels = (code: unknown) => ['province', 'prefecture', 'county'].map((level) => divisionOf(code, level))
    expect(levels('320584')).toEqual(['320000', '320500', '320584'])
    expect(levels('320500')).toEqual(['320000', '320500', null])
    expect(levels('310115')).toEqual(['310000', '310000', '310115'])
    expect(levels('429004')).toEqual(['420000', '429004', '429004'])
    expect(levels('710000')).toEqual(['710000', '710000', null])
    expect(levels('441900')).toEqual(['440000', '441900', '441900'])
    expect(levels('330000')).toEqual(['330000', null, null])
    for (const bad of [null, undefined, '', '12345', '1234567', 'a20500', '020500']) expect(levels(bad)).toEqual([null, null, null])
  })

  it('hold what the filters leave, each once, and stand on one of it', () => {
    const data = makeDataset('x', clusterSchema, [
      feature('a', { code: '320500' }, [120, 31]), feature('b', { code: '320600' }, [121, 32]), feature('c', { code: 'none' }, [100, 30]), feature('d', { code: '320700' }, null),
    ], 4)
    const of = assign(data.items, [area('320000', 120.5, 31.5, square(119, 31, 3)), area(null, 100, 30)], 'division:province', 'code')
    const [a, b, c, d] = data.items
    const all = recount(of, data.items, 110)
    expect(all.map((x) => [x.code, x.n, x.lon])).toEqual([['320000', 3, 120.5], [null, 1, 100]])
    expect(all[0]!.box).toEqual([120, 31, 121, 32])
    expect(recount(of, [b!], 110).map((x) => [x.code, x.n, x.items.map((it) => it.id), x.members])).toEqual([['320000', 1, ['b'], null]])
    expect(recount(of, [c!], 110)[0]).toMatchObject({ lon: 100, lat: 30 })
    expect(recount(of, [d!, a!], 110)[0]!.n).toBe(2)
  })

  it('a county without a name of its own has that of its items', () => {
    const names = { adcode: '330683', province_zh: '浙江省', province_en: 'Zhejiang', prefecture_zh: '绍兴市', prefecture_en: 'Shaoxing', division_zh: '嵊州市', division_en: 'Shengzhou City' }
    const data = makeDataset('x', clusterSchema, [feature('a', names), feature('b', names)], 2)
    const of = assign(data.items, [area('330683', 120, 30)], 'division:county', 'adcode')
    expect(recount(of, data.items, 110)[0]!.place).toEqual({ zh: '嵊州', en: 'Shengzhou' })
  })

  it('regions hold what is theirs by the definition', () => {
    const of = assign(clusters.items, [area('yrd25', 120, 30, square(118, 28, 4)), area(null, 119, 26)], 'region:yrd25', undefined)
    expect(recount(of, clusters.items, 110).map((x) => [x.code, x.n])).toEqual([['yrd25', 3], [null, 1]])
  })

  it('cells hold what lies in them, on either side of 180 degrees', () => {
    const cut: Geometry = { type: 'MultiPolygon', coordinates: [
      [[[180, 1], [178, 0], [178, 2], [180, 3], [180, 1]]], [[[-180, 1], [-178, 0], [-178, 2], [-180, 3], [-180, 1]]],
    ] }
    const data = makeDataset('x', clusterSchema, [feature('e', {}, [179, 1.5]), feature('w', {}, [-179, 1.5]), feature('far', {}, [179, 8]), feature('no', {}, null)], 4)
    for (const middle of [170, -170, 185, 20]) {
      const of = assign(data.items, [{ ...area('0_0', 179.5, 1.5), geometry: joined(cut) }, area('0_4', 179, 8, square(178, 7, 2)), area(null, 0, 0)], 'hex:200', undefined)
      expect(recount(of, data.items, middle).map((x) => [x.code, x.items.map((it) => it.id)])).toEqual([['0_0', ['e', 'w']], ['0_4', ['far']], [null, ['no']]])
    }
  })

  it('a cell that 180 degrees cut in two is one ring again', () => {
    const ring: Position[] = [[178.5, 0], [180.5, -0.5], [182, 1], [181.4, 2.5], [179.6, 3], [178, 1.6]]
    const east: Position[] = [[178.5, 0], [180, -0.375], [180, 2.89], [179.6, 3], [178, 1.6], [178.5, 0]]
    const west: Position[] = [[-180, -0.375], [-179.5, -0.5], [-178, 1], [-178.6, 2.5], [-180, 2.89], [-180, -0.375]]
    const one = joined({ type: 'MultiPolygon', coordinates: [[east], [west]] })!
    expect(one.type).toBe('Polygon')
    const corners = ringsOf(one)[0]!.slice(1).map((p) => p.map((v) => Math.round(v * 1e9) / 1e9).join(' ')).sort()
    expect(corners).toEqual(ring.map((p) => p.join(' ')).sort())
    expect([contains(one, 180, 1), contains(one, 179, 1), contains(one, 181, 1), contains(one, 183, 1)]).toEqual([true, true, true, false])
    const apart: Feature['geometry'] = { type: 'MultiPolygon', coordinates: [[[[1, 1], [2, 1], [2, 2], [1, 1]]], [[[3, 1], [4, 1], [4, 2], [3, 1]]]] }
    expect(joined(apart)).toBe(apart)
  })
})
