import { describe, expect, it } from 'vitest'
import { hoveredHas, litTest, signLit } from '../src/brush'
import { makeDataset } from '../src/dataset'
import { readSchema } from '../src/schema'
import { clusters, feature } from './fixture'

const item = (id: string) => clusters.byId.get(id)!
const DEFS = { yrd: 'yrd16' }

describe('what is pointed at', () => {
  it('lights the items that have it', () => {
    const lit = (facet: string, option: string) => clusters.items.filter(litTest({ kind: 'option', facet, option }, clusters, DEFS)!).map((it) => it.id)
    expect(lit('family', 'textiles')).toEqual(['shengze', 'shengzhou'])
    expect(lit('p.level', 'town')).toEqual(['shengze'])
    expect(lit('region', 'none')).toEqual(['yiwu', 'fuzhou'])
    expect(lit('p.nothing', 'x')).toEqual([])
    expect(litTest(null, clusters, DEFS)).toBeNull()
    expect(litTest({ kind: 'span', from: 1, to: 2 }, clusters, DEFS)).toBeNull()
  })

  it('lights those of a span of time', () => {
    const data = makeDataset('x', readSchema({ properties: { year: { type: 'integer' } } }, 'x'), [2001, 2005, null].map((year, i) => feature(i, { year })), 3)
    expect(data.items.filter(litTest({ kind: 'span', from: 2000, to: 2003 }, data, {})!).map((it) => it.id)).toEqual(['0'])
  })

  it('lights a group for any member, and is silent where the server alone knows', () => {
    const option = (facet: string, key: string) => ({ kind: 'option' as const, facet, option: key })
    const test = litTest(option('family', 'textiles'), clusters, DEFS)!
    const here = { items: [item('yiwu'), item('shengze')], n: 2, parts: [] }
    expect(signLit(option('family', 'textiles'), test, here)).toBe(true)
    expect(signLit(option('family', 'textiles'), test, { ...here, items: [item('yiwu')], n: 1 })).toBe(false)
    const there = { items: [], n: 40, parts: [{ key: 'textiles', n: 3 }] }
    expect(signLit(option('family', 'textiles'), () => false, there)).toBe(true)
    expect(signLit(option('family', 'ceramics'), () => false, there)).toBe(false)
    expect(signLit(option('p.level', 'town'), () => false, there)).toBeNull()
  })

  it('and an item or a group lights its options', () => {
    const of = hoveredHas(item('yiwu'), null, DEFS)
    expect([of('family', 'ceramics'), of('family', 'textiles'), of('precision', 'hollow'), of('region', 'none'), of('x', 'y')]).toEqual([true, false, true, true, false])
    const over = hoveredHas(item('yiwu'), ['textiles'], DEFS)
    expect([over('family', 'textiles'), over('precision', 'hollow')]).toEqual([true, false])
    expect(hoveredHas(null, null, DEFS)('family', 'textiles')).toBe(false)
  })
})
