import { readFileSync } from 'node:fs'
import gcoord from 'gcoord'
import { describe, expect, it } from 'vitest'
import { bd09, gcj02, type Border, type LonLat } from '../src/offset'

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const border: Border = read('geo/crs/border.json')
const points: Record<'wgs84' | 'gcj02' | 'bd09', LonLat>[] = read('data/crs/offset-vectors.json').points
const systems = [
  { key: 'gcj02', offset: gcj02(border), name: gcoord.GCJ02 },
  { key: 'bd09', offset: bd09(border), name: gcoord.BD09 },
] as const

/** The greater difference, in degrees. */
const far = (p: LonLat, q: LonLat) => Math.max(Math.abs(p[0] - q[0]), Math.abs(p[1] - q[1]))

describe('the offsets of maps of China', () => {
  it.each(systems)('$key is what gcoord says, there and back', ({ key, offset, name }) => {
    expect(points.length).toBeGreaterThan(1000)
    for (const p of points) {
      const [lon = NaN, lat = NaN] = gcoord.transform([...p.wgs84] as [number, number], gcoord.WGS84, name)
      expect(far([lon, lat], p[key])).toBeLessThan(1e-9)
      expect(far(offset.toMap(p.wgs84), p[key])).toBeLessThan(1e-9)
      expect(far(offset.fromMap(p[key]), p.wgs84)).toBeLessThan(1e-9)
    }
  })

  it.each([
    ['Shenzhen', [114.06, 22.54], true, true],
    ['Hong Kong', [114.17, 22.32], true, true],
    ['Macao', [113.545, 22.19], true, true],
    ['Kinmen', [118.32, 24.44], false, true],
    ['Taipei', [121.56, 25.04], false, true],
    ['Hanoi', [105.85, 21.03], false, false],
    ['Kathmandu', [85.32, 27.71], false, false],
    ['Seoul', [127, 37.5], false, false],
  ] as const)('%s is moved where the map is', (_, p, gcj, bd) => {
    expect(far(gcj02(border).toMap(p), p) > 0).toBe(gcj)
    expect(far(bd09(border).toMap(p), p) > 0).toBe(bd)
    for (const { offset } of systems) expect(far(offset.fromMap(offset.toMap(p)), p)).toBeLessThan(1e-9)
  })
})
