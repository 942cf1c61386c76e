import { describe, expect, it } from 'vitest'
import { standing } from '../src/charts/dots'
import { crossing, heightAt } from '../src/charts/lorenz'
import { logarithmic, powers, powerText, ticks } from '../src/charts/scale'
import { csvOf, linesOf } from '../src/charts/take'
import { eventsOf } from '../src/statistics'
import { hexWidth } from '../src/trade'
import { quotientColour } from '../src/diverging'

describe('charts', () => {
  it('mark axes at round numbers', () => {
    expect(ticks(0, 956.131, 5)).toEqual([0, 200, 400, 600, 800])
    expect(ticks(0, 0.31, 4)).toEqual([0, 0.1, 0.2, 0.3])
    expect(ticks(3, 3, 4)).toEqual([3])
    expect(powers([0.7, 5, null!])).toEqual([0.5, 8])
    expect(powers([0, 4000])).toEqual([0.5, 128])
    expect([0.25, 0.5, 1, 16].map(powerText)).toEqual(['¼', '½', '1', '16'])
    const x = logarithmic(0.5, 8, 0, 100)
    expect([x(0.5), x(2), x(8), x(0), x(1000)]).toEqual([0, 50, 100, 0, 100])
  })

  it('find where half is reached', () => {
    expect(crossing([{ x: 0, y: 0 }, { x: 0.8, y: 0 }, { x: 1, y: 1 }], 0.5)).toBeCloseTo(0.9)
    expect(crossing([{ x: 0, y: 0 }], 0.5)).toBeNull()
    expect(heightAt([{ x: 0, y: 0 }, { x: 0.8, y: 0 }, { x: 1, y: 1 }], 0.9)).toBeCloseTo(0.5)
  })

  it('tell more and less from what may be chance', () => {
    expect(standing({ value: 3, low: 1.1, high: 5, p: null })).toBe('more')
    expect(standing({ value: 3, low: 0.9, high: 5, p: null })).toBe('even')
    expect(standing({ value: 3, low: null, high: null, p: null })).toBe('even')
    expect(standing({ value: 3, low: 1.1, high: 5, p: 0.06 })).toBe('even')
    expect(standing({ value: 3, low: 0.9, high: 5, p: 0.05 })).toBe('more')
    expect(standing({ value: 0.3, low: 0.1, high: 0.8, p: null })).toBe('less')
    expect(standing({ value: null, low: null, high: null, p: null })).toBe('even')
    const colour = (value: number, low: number, high: number) => quotientColour({ value, low, high, p: null })
    expect([colour(5, 4.1, 6), colour(2.5, 1.5, 4), colour(1.5, 1.1, 2), colour(1.5, 0.5, 2), colour(0.6, 0.4, 0.8), colour(0.3, 0.2, 0.5), colour(0.1, 0, 0.2)])
      .toEqual(['--div-p3', '--div-p2', '--div-p1', '--div-0', '--div-n1', '--div-n2', '--div-n3'])
  })

  it('name their source in lines that have room', () => {
    expect(linesOf('one · two · three', 70)).toEqual(['one · two', 'three'])
    expect(linesOf('one · two', 10)).toEqual(['one', 'two'])
  })

  it('are written as CSV that no spreadsheet computes with', () => {
    expect(csvOf({ columns: ['a', 'b'], rows: [['x, "y"', 1.5], ['=1+1', null]] })).toBe('\uFEFFa,b\r\n"x, ""y""",1.5\r\n\'=1+1,\r\n')
  })
})

describe('answers', () => {
  it('come as events in pieces', () => {
    const [events, rest] = eventsOf('event: progress\ndata: {"done":1,"total":2}\n\n:\n\nevent: answer\ndata: {"a":\ndata: 1}\n\nevent: pro')
    expect(events).toEqual([{ name: 'progress', data: '{"done":1,"total":2}' }, { name: 'answer', data: '{"a":\n1}' }])
    expect(rest).toBe('event: pro')
  })

  it('are asked on hexagons that suit the data', () => {
    expect(hexWidth([103.5, 20.4, 126, 42.8])).toBe(100)
    expect(hexWidth([120.1, 30.1, 120.4, 30.3])).toBe(1)
    expect(hexWidth(null)).toBe(100)
  })
})
