import { describe, expect, it } from 'vitest'
import { makeDataset } from '../src/dataset'
import { evaluate, type Filters } from '../src/filter'
import { filterText } from '../src/query'
import { readSchema } from '../src/schema'
import { dayNumber, limitsOf, makeTime, spansOf, timeField, type TimeFacet } from '../src/time'
import { feature } from './fixture'

const schema = (properties: Record<string, unknown>) => readSchema({ properties }, 'x')
const years = (first: number, last: number) => makeTime(schema({ year: { type: 'integer' } }), () => [first, last])
const dates = (first: number, last: number, format = 'date') => makeTime(schema({ seen: { type: 'string', format } }), () => [first, last])!

describe('the time of a collection', () => {
  it('is told by its role, a year, or a date', () => {
    expect(timeField(schema({ year: { type: 'integer' }, since: { type: 'integer', 'x-ogc-role': 'primary-instant' } }))!.name).toBe('since')
    expect(timeField(schema({ n: { type: 'integer' }, 年份: { type: 'integer' } }))!.name).toBe('年份')
    expect(timeField(schema({ n: { type: 'integer' }, seen: { type: 'string', format: 'date-time' } }))!.name).toBe('seen')
    expect(timeField(schema({ n: { type: 'integer' } }))).toBeUndefined()
    expect(years(2007, 2007)).toBeNull()
    expect(years(Infinity, -Infinity)).toBeNull()
  })

  it('is cut into as many spans as a slider can have', () => {
    expect(years(2000, 2025)!.bins).toHaveLength(26)
    expect(years(1949, 2025)!.bins[0]).toEqual({ from: 1948, to: 1949, label: '1948–1949' })
    expect(dates(20000101, 20250101).bins[1]!.label).toBe('2001')
    expect(dates(20191115, 20200302).bins.map((b) => b.label)).toEqual(['2019-11', '2019-12', '2020-01', '2020-02', '2020-03'])
    expect(dates(20200228, 20200301).bins.map((b) => b.from)).toEqual([20200228, 20200229, 20200301])
  })

  it('puts a value into its span', () => {
    const t = dates(20191115, 20200302)
    expect(t.binOf(20191231)).toBe(20191201)
    expect(t.binOf(null)).toBeNull()
    expect(dayNumber('2020-01-01T03:00:00+08:00')).toBe(20191231)
    expect(dayNumber('nothing')).toBeNull()
  })

  it('limits are open at the ends and come back as spans', () => {
    const t = years(2000, 2010) as TimeFacet
    expect(limitsOf(t, 0, 10)).toEqual([null, null])
    expect(limitsOf(t, 2, 4)).toEqual([2002, 2004])
    expect(spansOf(t, [2002, 2004])).toEqual([2, 4])
    expect(spansOf(t, [null, null])).toEqual([0, 10])
    expect(spansOf(t, [3000, null])).toEqual([10, 10])
  })
})

describe('a filter by time', () => {
  const data = makeDataset('seen', schema({
    name: { type: 'string' }, seen: { type: ['string', 'null'], format: 'date-time' }, kind: { type: 'string', enum: ['a', 'b'] },
  }), [
    feature(1, { name: 'x', seen: '2019-12-31T23:30:00Z', kind: 'a' }), feature(2, { name: 'y', seen: '2020-01-01T00:00:00Z', kind: 'b' }),
    feature(3, { name: 'z', seen: '2020-02-10T00:00:00Z', kind: 'b' }), feature(4, { name: 'none', seen: null, kind: 'b' }),
  ], 4)
  const filters = (patch: Partial<Filters>): Filters => ({ chosen: {}, ranges: {}, text: '', ...patch })

  it('leaves what lies in it, and counts each span under all other filters', () => {
    const r = evaluate(data, filters({ ranges: { seen: [20200101, 20200131] } }), {})
    expect(r.visible.map((it) => it.id)).toEqual(['2'])
    expect(Object.fromEntries(r.counts.get('t.seen')!)).toEqual({ 20191201: 1, 20200101: 1, 20200201: 1 })
    expect(Object.fromEntries(evaluate(data, filters({ chosen: { family: ['b'] } }), {}).counts.get('t.seen')!)).toEqual({ 20200101: 1, 20200201: 1 })
    expect(Object.fromEntries(evaluate(data, filters({ ranges: { seen: [20200101, null] } }), {}).counts.get('family')!)).toEqual({ b: 2 })
  })

  it('is the same in CQL2', () => {
    const text = (low: number | null, high: number | null) => filterText(data, filters({ ranges: { seen: [low, high] } }), {})
    expect(text(20200101, 20200231)).toBe(`"seen" >= TIMESTAMP('2020-01-01T00:00:00Z') AND "seen" < TIMESTAMP('2020-03-01T00:00:00Z')`)
    expect(text(null, 20191231)).toBe(`"seen" < TIMESTAMP('2020-01-01T00:00:00Z')`)
    expect(text(null, null)).toBe('')
  })

  it('and an area are filters like any other', () => {
    const area = { kind: 'division' as const, code: '440000' }
    expect(filterText(data, filters({ area, chosen: { family: ['a'] } }), {})).toBe(`"kind" IN ('a')`)
    expect(filterText(data, filters({ area: { kind: 'circle', center: [120, 30], km: 5 }, chosen: { family: ['a', 'b'] } }), {})).toBe(`("kind" IN ('a') OR "kind" IN ('b')) AND (distance(geometry,POINT(120 30)) <= 5000)`)
    const r = evaluate(data, filters({ area: { kind: 'circle', center: [121, 30], km: 5 } }), {})
    expect([r.total, r.without, r.active]).toEqual([0, [{ key: 'in:area', n: 4 }], 1])
  })
})
