import { describe, expect, it } from 'vitest'
import { nextOn } from '../src/ways'

describe('arrow keys', () => {
  // 0   1   2
  //   3   4
  // 5   6   7
  const honeycomb = [[0, 0], [4, 0], [8, 0], [2, 3.46], [6, 3.46], [0, 6.92], [4, 6.92], [8, 6.92]].map(([x, y]) => ({ x: x!, y: y! }))

  it('goes to the neighbour on the way', () => {
    expect(nextOn(honeycomb, 1, 'ArrowRight')).toBe(2)
    expect(nextOn(honeycomb, 1, 'ArrowLeft')).toBe(0)
    expect([3, 4]).toContain(nextOn(honeycomb, 1, 'ArrowDown'))
    expect([3, 4]).toContain(nextOn(honeycomb, 6, 'ArrowUp'))
    expect(nextOn(honeycomb, 3, 'ArrowRight')).toBe(4)
  })

  it('stays where nothing lies that way', () => {
    expect(nextOn(honeycomb, 2, 'ArrowRight')).toBeNull()
    expect(nextOn(honeycomb, 0, 'ArrowUp')).toBeNull()
    expect(nextOn([{ x: 1, y: 1 }], 0, 'ArrowDown')).toBeNull()
    expect(nextOn([{ x: 1, y: 1 }, { x: 1, y: 1 }], 0, 'ArrowDown')).toBeNull()
  })

  it('leaps over what is empty', () => {
    expect(nextOn([{ x: 0, y: 0 }, { x: 100, y: 40 }, { x: 60, y: 59 }], 0, 'ArrowRight')).toBe(2)
    expect(nextOn([{ x: 0, y: 0 }, { x: 10, y: 40 }], 0, 'ArrowRight')).toBeNull()
  })
})
