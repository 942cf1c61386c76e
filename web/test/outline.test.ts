import { describe, expect, it } from 'vitest'
import type { Geometry, Position } from '../src/geojson'
import { boxOf, contains, symbolPoint } from '../src/geojson'
import { RingIndex, splitOutline } from '../src/outline'

/** A side of a square from a to b with a vertex each 0.1 degree. */
const side = (a: Position, b: Position): Position[] => {
  const n = Math.max(1, Math.round(Math.hypot(b[0] - a[0], b[1] - a[1]) / 0.1))
  return Array.from({ length: n }, (_, i): Position => [a[0] + ((b[0] - a[0]) * i) / n, a[1] + ((b[1] - a[1]) * i) / n])
}
const square = (w: number, s: number, e: number, n: number): Position[][] => {
  const ring = [...side([w, s], [e, s]), ...side([e, s], [e, n]), ...side([e, n], [w, n]), ...side([w, n], [w, s])]
  return [[...ring, ring[0]!]]
}
const length = (lines: Position[][]) => lines.reduce((sum, line) => sum + line.slice(1).reduce((l, p, i) => l + Math.hypot(p[0] - line[i]![0], p[1] - line[i]![1]), 0), 0)

//  land:   +--------+        region: the eastern part of it, in two units,
//          |    |r|r|        whose east and parts of north and south are coast
//          +--------+
describe('splitOutline', () => {
  const land: Geometry = { type: 'Polygon', coordinates: square(0, 0, 10, 10) }
  const coast = new RingIndex([land])

  it('draws the land side and leaves out shore and inner borders', () => {
    const region: Geometry = { type: 'MultiPolygon', coordinates: [square(6, 0, 8, 10), square(8, 0, 10, 10)] }
    const { land: line, shore } = splitOutline(region, coast)
    expect(length(line)).toBeGreaterThan(9.5)
    expect(length(line)).toBeLessThan(10.5)
    for (const p of line.flat()) expect(p[0]).toBeLessThan(6.5)
    expect(length(shore)).toBeGreaterThan(16.5)
    expect(shore.flat().some((p) => Math.abs(p[0] - 8) < 0.01 && p[1] > 1 && p[1] < 9)).toBe(false)
  })

  it('gives an inland region its whole ring and an island none', () => {
    expect(length(splitOutline({ type: 'Polygon', coordinates: square(3, 3, 5, 5) }, coast).land)).toBeCloseTo(8, 1)
    expect(splitOutline(land, coast).land).toEqual([])
    expect(splitOutline(null, coast)).toEqual({ land: [], shore: [] })
  })
})

describe('symbolPoint', () => {
  it('lies in the polygon', () => {
    const horseshoe: Geometry = { type: 'Polygon', coordinates: [[[0, 0], [9, 0], [9, 9], [6, 9], [6, 3], [3, 3], [3, 9], [0, 9], [0, 0]]] }
    expect(symbolPoint(horseshoe)).toEqual([1.5, 4.5])
  })

  it('takes a vertex of a line, the largest part of a multipolygon, and nothing of nothing', () => {
    expect(symbolPoint({ type: 'LineString', coordinates: [[0, 0], [1, 1], [5, 5]] })).toEqual([1, 1])
    expect(symbolPoint({ type: 'MultiPolygon', coordinates: [square(0, 0, 1, 1), square(10, 0, 14, 4)] })).toEqual([12, 2])
    expect(symbolPoint(null)).toBeNull()
    expect(symbolPoint({ type: 'MultiPoint', coordinates: [] })).toBeNull()
  })

  it('is told from a hole and from outside', () => {
    const ring: Geometry = { type: 'Polygon', coordinates: [...square(0, 0, 10, 10), ...square(4, 4, 6, 6)] }
    expect([contains(ring, 2, 2), contains(ring, 5, 5), contains(ring, 11, 5), contains(null, 0, 0)]).toEqual([true, false, false, false])
  })

  it('has a box around all positions', () => {
    expect(boxOf([null, { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [3, 4] }, { type: 'LineString', coordinates: [[1, 9], [2, 2]] }] }])).toEqual([1, 2, 3, 9])
    expect(boxOf([null])).toBeNull()
  })
})
