import { describe, expect, it } from 'vitest'
import { countParts, groupRadius, markUp, project, ringParts, splitZoom, type Point } from '../src/groups'

let seed = 3
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
const point = (id: string, lon: number, lat: number): Point => ({ id, ...project(lon, lat) })
const many = Array.from({ length: 800 }, (_, i) => point(`p${String(i).padStart(4, '0')}`, 100 + random() * 25, 20 + random() * 22))
const shape = (points: Point[], zoom: number) => markUp(points, zoom).map((m) => m.members.map((p) => p.id).join()).sort()

describe('markUp', () => {
  it.each([2, 4, 5.25, 7, 10])('parts the points at zoom %s', (zoom) => {
    const ids = markUp(many, zoom).flatMap((m) => m.members.map((p) => p.id)).sort()
    expect(ids).toEqual(many.map((p) => p.id).sort())
  })

  it.each([3, 5, 7])('leaves no two marks over each other at zoom %s', (zoom) => {
    const marks = markUp(many, zoom)
    const scale = 2 ** zoom
    const radius = (n: number) => (n === 1 ? 9.5 : groupRadius(n))
    let least = Infinity
    for (let i = 0; i < marks.length; i++) {
      for (let j = i + 1; j < marks.length; j++) {
        const [a, b] = [marks[i]!, marks[j]!]
        const d = Math.hypot(a.anchor.x - b.anchor.x, a.anchor.y - b.anchor.y) * scale
        least = Math.min(least, d - radius(a.members.length) - radius(b.members.length))
      }
    }
    expect(least).toBeGreaterThanOrEqual(3 - 1e-9)
  })

  it('depends on points and zoom, not on their order', () => {
    expect(shape([...many].reverse(), 5)).toEqual(shape(many, 5))
  })

  it('stands on a member', () => {
    for (const m of markUp(many, 4)) expect(m.members).toContain(m.anchor)
  })

  it('keeps points of one place together as a stack, and as a group when they are many', () => {
    const same = (n: number) => Array.from({ length: n }, (_, i) => point(`s${i}`, 114.0683, 22.54554))
    expect(markUp(same(3), 14)).toMatchObject([{ kind: 'stack' }])
    expect(markUp(same(7), 14)).toMatchObject([{ kind: 'group' }])
    expect(markUp(same(1), 14)).toMatchObject([{ kind: 'single', key: 'f:s0' }])
    expect(markUp([], 5)).toEqual([])
  })

  it('tells at which zoom a group splits', () => {
    const pair = [point('a', 120, 30), point('b', 120.1, 30)]
    const zoom = splitZoom(pair, 4, 14)!
    expect(markUp(pair, zoom)).toHaveLength(2)
    expect(markUp(pair, zoom - 0.5)).toHaveLength(1)
    expect(splitZoom([point('a', 1, 1), point('b', 1, 1)], 4, 14)).toBeNull()
  })
})

describe('project', () => {
  it('is Web Mercator with 256 pixels for the world', () => {
    expect(project(0, 0)).toEqual({ x: 128, y: 128 })
    expect(project(180, 85.0511287798).y).toBeCloseTo(0, 6)
    expect(project(-180, -89).y).toBeCloseTo(256, 6)
    expect(project(0, 66.51326044).y).toBeCloseTo(64, 5)
  })
})

describe('ringParts', () => {
  it('shows up to four families, of more the three largest and the rest', () => {
    const ring = (colors: string) => ringParts(countParts([...colors].map((key) => ({ key, n: 1 }))))
    expect(ring('aba')).toEqual([{ key: 'a', n: 2 }, { key: 'b', n: 1 }])
    expect(ring('aaabbcde')).toEqual([{ key: 'a', n: 3 }, { key: 'b', n: 2 }, { key: 'c', n: 1 }, { key: '', n: 2 }])
    expect(ring('abcd')).toHaveLength(4)
  })
})
