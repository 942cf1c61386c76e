import { describe, expect, it } from 'vitest'
import { areaBox, areaText, circleArea, inArea, lassoArea, outlineOf, readArea, typedPoint, writeArea, type Area, type Placed } from '../src/area'
import { destination, distance, type LonLat } from '../src/geodesic'
import type { Geometry } from '../src/geojson'
import { simple, thinned, thinnedTo } from '../src/lasso'

const placed = (geometry: Geometry | null, regions: string[] = []): Placed => ({ lon: 0, lat: 0, geometry, regions })
const point = (lon: number, lat: number) => placed({ type: 'Point', coordinates: [lon, lat] })
const holds = (text: string, item: Placed, code?: string) => inArea(readArea(text)!, () => code)(item)

describe('geodesics', () => {
  it('measure as others do', () => {
    // As PROJ's geod has them on WGS 84.
    expect(distance([-73.8, 40.6], [103.99, 1.36])).toBeCloseTo(15_352_044.6604, 3)
    expect(distance([18.4, -33.9], [-0.1, 51.5])).toBeCloseTo(9_631_973.1739, 3)
    expect(distance([113.3, 23.1], [113.9, 23.45])).toBeCloseTo(72_601.3886, 3)
    expect(distance([0, 0], [1, 0])).toBeCloseTo(111_319.4908, 3)
    expect(distance([0, 0], [0, 1])).toBeCloseTo(110_574.3886, 3)
    expect(distance([120, 30], [120, 30])).toBe(0)
    expect(distance([179.9, 10], [-179.9, 10])).toBeCloseTo(distance([0, 10], [0.2, 10]), 3)
  })

  it('go out and come back', () => {
    for (const [at, metres, bearing] of [[[113.3, 23.1], 60_000, 37], [[0, 89], 400_000, 200], [[-179.9, -5], 1_000_000, 271]] as [LonLat, number, number][]) {
      expect(distance(at, destination(at, metres, bearing))).toBeCloseTo(metres, 2)
    }
  })
})

describe('areas in the address', () => {
  it.each(['box:112,21.5,115,24', 'box:170,-20,190,10', 'lasso:1,1;2,1;2,2', 'circle:113.3,23.1,60', 'circle:113.3,23.1,0.5', 'region:yrd25', 'division:320500'])('%s is read and written the same', (text) => {
    expect(writeArea(readArea(text)!)).toBe(text)
  })

  it.each(['', 'box', 'box:1,2,3', 'box:3,2,1,4', 'box:1,2,3,4,5', 'box:1,4,3,2', 'box:,,,', 'circle:1,2,0', 'circle:1,2,-3', 'circle:1,2,1e9', 'circle:1,95,10', 'circle:a,2,3', 'lasso:1,1;2,2', 'lasso:1,1;2,2;3,3', 'lasso:1,1;2,2;3,999', "region:x');--", 'division:32', 'division:03aaaa', `lasso:${'1,1;2,1;'.repeat(900)}2,2`, '__proto__:1'])('%s is none', (text) => {
    expect(readArea(text)).toBeNull()
  })

  it('wraps what was drawn on another turn of the world', () => {
    expect(writeArea(circleArea([473.3, 23.1], 60)!)).toBe('circle:113.3,23.1,60')
    expect(writeArea(lassoArea([[361, 1], [362, 1], [362, 2]])!)).toBe('lasso:1,1;2,1;2,2')
  })
})

describe('what lies in an area', () => {
  it('is told by the box, also across 180 degrees', () => {
    expect(holds('box:112,21,115,24', point(113, 23))).toBe(true)
    expect(holds('box:112,21,115,24', point(116, 23))).toBe(false)
    for (const lon of [175, -175, 185]) expect(holds('box:170,-20,190,10', point(lon, 0))).toBe(true)
    expect(holds('box:170,-20,190,10', point(-165, 0))).toBe(false)
  })

  it('is told by the distance, to the metre', () => {
    const [lon, lat] = destination([113.3, 23.1], 60_000, 123)
    expect(holds('circle:113.3,23.1,60.001', point(lon, lat))).toBe(true)
    expect(holds('circle:113.3,23.1,59.999', point(lon, lat))).toBe(false)
    const line = placed({ type: 'LineString', coordinates: [[113, 24], [114, 24]] })
    const to = distance([113.3, 23.1], [113.3, 24])
    expect(holds(`circle:113.3,23.1,${(to + 30) / 1000}`, line)).toBe(true)
    expect(holds(`circle:113.3,23.1,${(to - 300) / 1000}`, line)).toBe(false)
    expect(holds('circle:0.5,0.5,1', placed({ type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]] }))).toBe(true)
  })

  it('is told by the line drawn, for lines and areas where they touch', () => {
    const text = 'lasso:0,0;10,0;10,10;5,4;0,10'
    expect(holds(text, point(1, 8))).toBe(true)
    expect(holds(text, point(5, 8))).toBe(false)
    expect(holds(text, placed({ type: 'LineString', coordinates: [[-5, 2], [15, 2]] }))).toBe(true)
    expect(holds(text, placed({ type: 'Polygon', coordinates: [[[-50, -50], [50, -50], [50, 50], [-50, 50], [-50, -50]]] }))).toBe(true)
    expect(holds(text, placed({ type: 'LineString', coordinates: [[4, 9], [6, 9]] }))).toBe(false)
    expect(holds(text, placed(null))).toBe(false)
  })

  it('is told by codes and definitions', () => {
    expect(holds('division:440000', point(0, 0), '440605')).toBe(true)
    expect(holds('division:320500', point(0, 0), '320583')).toBe(true)
    expect(holds('division:320500', point(0, 0), '320600')).toBe(false)
    expect(holds('division:429004', point(0, 0), '429004')).toBe(true)
    expect(holds('division:429004', point(0, 0), '429005')).toBe(false)
    expect(holds('region:yrd25', placed(null, ['yrd16', 'yrd25']))).toBe(true)
    expect(holds('region:yrd41', placed(null, ['yrd16', 'yrd25']))).toBe(false)
  })
})

describe('areas for the server', () => {
  const text = (t: string, adcode: string | undefined = 'adcode') => areaText(readArea(t)!, 'geometry', adcode)
  it('are CQL2', () => {
    expect(text('circle:113.3,23.1,60')).toBe('distance(geometry,POINT(113.3 23.1)) <= 60000')
    expect(text('box:170,-20,190,10')).toBe('S_INTERSECTS(geometry,BBOX(170,-20,-170,10))')
    expect(text('lasso:1,1;2,1;2,2')).toBe('S_INTERSECTS(geometry,POLYGON((1 1,2 1,2 2,1 1)))')
    expect(text('lasso:170,0;190,0;190,10')).toBe('S_INTERSECTS(geometry,MULTIPOLYGON(((180 5,170 0,180 0,180 5)),((-180 5,-180 0,-170 0,-170 10,-180 5))))')
    expect(text('division:320500')).toBe(`"adcode" LIKE '3205%'`)
    expect(text('division:429004', 'a"b')).toBe(`"a""b" = '429004'`)
    expect(areaText(readArea('division:320500')!, 'geometry', undefined)).toBe('')
    expect(text('region:yrd25')).toBe(`A_OVERLAPS("regions",('yrd25'))`)
  })

  it('have an outline and a box where they are drawn', () => {
    const circle = readArea('circle:113.3,23.1,60') as Area
    expect(outlineOf(circle)!.every((p) => Math.abs(distance([113.3, 23.1], p) - 60_000) < 0.01)).toBe(true)
    expect(areaBox(circle)![3]).toBeCloseTo(23.64, 2)
    expect(areaBox(readArea('region:yrd25')!)).toBeNull()
  })
})

describe('a line drawn by hand', () => {
  it('loses what it does not need', () => {
    expect(thinned([[0, 0], [1, 0.001], [2, 0], [2, 2]], 0.01)).toEqual([[0, 0], [2, 0], [2, 2]])
    const round = Array.from({ length: 500 }, (_, i): LonLat => [Math.cos(i / 80), Math.sin(i / 80)])
    expect(thinnedTo(round, 60, 1e-9).length).toBeLessThanOrEqual(60)
  })

  it('keeps the larger loop where it crosses itself', () => {
    const ring = simple([[0, 0], [10, 0], [10, 10], [2, -3], [1, -2]])!
    expect(ring.some(([x, y]) => x === 10 && y === 10)).toBe(true)
    expect(ring.some(([, y]) => y === -3)).toBe(false)
    expect(simple([[0, 0], [1, 1], [2, 2]])).toBeNull()
    expect(simple([[0, 0], [1, 1], [1, 1], [0, 0]])).toBeNull()
  })

  it('never crosses itself afterwards', () => {
    let seed = 7
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
    for (let n = 0; n < 200; n++) {
      const ring = simple(Array.from({ length: 3 + Math.floor(random() * 30) }, (): LonLat => [Math.round(random() * 300) / 10, Math.round(random() * 300) / 10]))
      if (ring) expect(simple(ring)).toEqual(ring)
    }
  })
})

describe('a typed place', () => {
  it.each([['23.1, 113.3', [113.3, 23.1]], ['23.1N 113.3E', [113.3, 23.1]], ['10°S，20°W', [-20, -10]]])('%s', (text, at) => expect(typedPoint(text)).toEqual(at))
  it.each(['', '广州', '23.1', '95, 10', '1, 200'])('%s is none', (text) => expect(typedPoint(text)).toBeNull())
})
