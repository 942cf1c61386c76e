import { describe, expect, it } from 'vitest'
import { overlaps, placeLabels, POINT_SIDES, type LabelRequest } from '../src/labels'

const bounds = { x: 0, y: 0, w: 400, h: 300 }
const label = (key: string, x: number, y: number, rest: Partial<LabelRequest> = {}): LabelRequest => ({ key, x, y, gap: 10, w: 60, h: 16, sides: POINT_SIDES, ...rest })

describe('placeLabels', () => {
  it('takes the right side when it is free', () => {
    expect(placeLabels([label('a', 100, 100)], [], bounds)).toEqual([{ key: 'a', side: 'right', variant: 0, x: 110, y: 92, w: 60, h: 16 }])
  })

  it('goes left where something lies right, and keeps clear of the edge', () => {
    const right = { key: 'm', x: 115, y: 90, w: 20, h: 20 }
    expect(placeLabels([label('a', 100, 100)], [right], bounds)[0]!.side).toBe('left')
    expect(placeLabels([label('a', 380, 100)], [], bounds)[0]!.side).toBe('left')
  })

  it('may touch its own mark and no other', () => {
    const own = { key: 'm', x: 90, y: 90, w: 30, h: 20 }
    expect(placeLabels([label('a', 100, 100, { own: 'm' })], [own], bounds)[0]!.side).toBe('right')
    expect(placeLabels([label('a', 100, 100)], [own], bounds)[0]!.side).not.toBe('right')
  })

  it('lets no two labels overlap and drops the later one', () => {
    let seed = 5
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
    const requests = Array.from({ length: 120 }, (_, i) => label(`l${i}`, random() * 400, random() * 300))
    const placed = placeLabels(requests, [], bounds)
    expect(placed.length).toBeLessThan(120)
    expect(placed[0]!.key).toBe('l0')
    for (const a of placed) for (const b of placed) if (a !== b) expect(overlaps(a, b)).toBe(false)
  })

  it('keeps the side a label had', () => {
    expect(placeLabels([label('a', 100, 100, { before: 'below' })], [], bounds)[0]!.side).toBe('below')
  })

  it('takes a shorter name or another place before it leaves a label out', () => {
    const walls = [{ key: 'm', x: 170, y: 0, w: 20, h: 300 }, { key: 'm', x: 40, y: 0, w: 20, h: 300 }]
    const full = label('a', 110, 100, { w: 90, sides: ['right'] })
    expect(placeLabels([full], walls, bounds)).toEqual([])
    expect(placeLabels([{ ...full, also: [{ x: 110, y: 100, w: 48 }] }], walls, bounds)).toMatchObject([{ variant: 1, x: 120, w: 48 }])
    expect(placeLabels([{ ...full, also: [{ x: 110, y: 100, w: 60 }, { x: 250, y: 40, w: 90 }] }], walls, bounds)).toMatchObject([{ variant: 2, x: 260, y: 32 }])
  })

  it('tries a short name on each side before the next side, where it is asked to', () => {
    const wall = [{ key: 'm', x: 170, y: 0, w: 20, h: 300 }]
    const short = [{ x: 110, y: 100, w: 48 }]
    expect(placeLabels([label('a', 110, 100, { w: 90, also: short })], wall, bounds)).toMatchObject([{ side: 'left', variant: 0 }])
    expect(placeLabels([label('a', 110, 100, { w: 90, also: short, sideFirst: true })], wall, bounds)).toMatchObject([{ side: 'right', variant: 1 }])
  })

  it('leaves out a label whose dot is covered, and keeps later labels off the dot', () => {
    const cover = { key: 'm', x: 96, y: 96, w: 8, h: 8 }
    expect(placeLabels([label('a', 100, 100, { dot: 3 })], [cover], bounds)).toEqual([])
    const placed = placeLabels([label('a', 100, 100, { dot: 3 }), label('b', 100, 100, { gap: 0, sides: ['center'] })], [], bounds)
    expect(placed.map((p) => p.key)).toEqual(['a'])
  })

  it('places the selected label whatever lies there', () => {
    const everywhere = { key: 'm', x: 0, y: 0, w: 400, h: 300 }
    expect(placeLabels([label('a', 100, 100)], [everywhere], bounds)).toEqual([])
    expect(placeLabels([label('a', 100, 100, { always: true })], [everywhere], bounds)).toHaveLength(1)
  })
})
