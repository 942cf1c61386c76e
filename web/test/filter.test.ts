import { describe, expect, it } from 'vitest'
import { evaluate, regionsOf, type Filters } from '../src/filter'
import { makeDataset } from '../src/dataset'
import { readSchema } from '../src/schema'
import { clusters, feature } from './fixture'

const DEFS = { yrd: 'yrd25', prd: 'prd9' }
const filters = (patch: Partial<Filters> = {}): Filters => ({ chosen: {}, ranges: {}, text: '', ...patch })
const run = (patch: Partial<Filters> = {}, defs: Record<string, string> = DEFS) => evaluate(clusters, filters(patch), defs)
const ids = (r: ReturnType<typeof run>) => r.visible.map((it) => it.id)
const counts = (r: ReturnType<typeof run>, facet: string) => Object.fromEntries(r.counts.get(facet)!)

describe('evaluate', () => {
  it('shows everything without filters', () => {
    const r = run()
    expect(ids(r)).toEqual(['shengze', 'shengzhou', 'yiwu', 'fuzhou'])
    expect(counts(r, 'region')).toEqual({ yrd: 3, none: 1 })
    expect(counts(r, 'family')).toEqual({ textiles: 2, ceramics: 2 })
    expect(r.without).toEqual([])
  })

  it('follows the definition in force', () => {
    expect(counts(run({}, { yrd: 'yrd16', prd: 'prd9' }), 'region')).toEqual({ yrd: 2, none: 2 })
    expect(regionsOf(clusters.byId.get('fuzhou')!, DEFS)).toEqual(['none'])
  })

  it('means or within a facet and between facets', () => {
    expect(ids(run({ chosen: { 'p.level': ['town', 'county'] } }))).toHaveLength(4)
    expect(ids(run({ chosen: { family: ['ceramics'], region: ['yrd'] } }))).toEqual(['yiwu'])
    expect(ids(run({ chosen: { region: ['none'] } }))).toEqual(['fuzhou'])
  })

  it('finds what states nothing', () => {
    expect(ids(run({ chosen: { 'p.origin': ['-'] } }))).toEqual(['shengze', 'shengzhou', 'fuzhou'])
  })

  it('counts an option as if its own facet were not filtered', () => {
    const r = run({ chosen: { family: ['textiles'], region: ['yrd'] } })
    expect(counts(r, 'family')).toEqual({ textiles: 2, ceramics: 1 })
    expect(counts(r, 'region')).toEqual({ yrd: 2 })
  })

  it('takes ranges as inclusive and leaves out what has no value', () => {
    expect(ids(run({ ranges: { firms: [50, 120] } }))).toEqual(['yiwu', 'fuzhou'])
    expect(ids(run({ ranges: { firms: [null, 100] } }))).toEqual(['yiwu'])
    expect(ids(run({ ranges: { unknown: [1, 2] } }))).toHaveLength(4)
  })

  it('tells what dropping one filter would give', () => {
    const r = run({ chosen: { region: ['none'], family: ['textiles'] } })
    expect(ids(r)).toEqual([])
    expect(r.without).toEqual([{ key: 'region', n: 2 }, { key: 'family', n: 1 }])
  })

  it('ranks by the query and agrees with the counts', () => {
    const r = run({ text: 'taoci' })
    expect(ids(r)).toEqual(['yiwu', 'fuzhou'])
    expect([...r.counts.get('family')!.values()].reduce((a, b) => a + b, 0)).toBe(r.visible.length)
  })

  it('ignores facets that the data do not have', () => {
    expect(ids(run({ chosen: { 'p.nothing': ['x'], __proto__: ['y'] } }))).toHaveLength(4)
  })
})

describe('facets from a schema', () => {
  const schema = readSchema({
    title: 'Sites',
    properties: {
      name: { type: 'string' },
      kind: { type: 'string', oneOf: 'abcdefghij'.split('').map((c) => ({ const: c, title: c })) },
      open: { type: 'boolean' },
      staff: { type: 'integer', minimum: 1, maximum: 9 },
      same: { type: 'number' },
      tags: { type: 'array', items: { type: 'string', enum: ['x', 'y'] } },
      secret: { type: 'string', enum: ['p', 'q'], 'x-hidden': true },
      anything: {},
    },
  }, 'sites')
  const data = makeDataset('sites', schema, Array.from({ length: 55 }, (_, i) => feature(i + 1, {
    name: `Site ${i}`, kind: 'abcdefghij'[Math.floor(Math.sqrt(i * 2)) % 10], open: i % 2 === 0, staff: i % 9, same: 5, tags: i % 3 ? ['x', 'y'] : [], secret: 'p',
  }, i === 0 ? null : [100 + i / 10, 30])), 80)

  it('takes choices, flags, lists and ranges, and not what is hidden or constant', () => {
    expect(data.facets.map((f) => f.key)).toEqual(['family', 'p.kind', 'p.open', 'p.tags'])
    expect(data.numbers.map((n) => [n.key, n.minimum, n.maximum])).toEqual([['staff', 0, 8]])
  })

  it('colours the seven largest and gathers the rest', () => {
    expect(data.palette).toHaveLength(8)
    expect(data.palette.at(-1)).toMatchObject({ key: '~rest', token: 'rest' })
    const shown = evaluate(data, filters(), {})
    const total = [...shown.counts.get('family')!.values()].reduce((a, b) => a + b, 0)
    expect(total).toBe(55)
  })

  it('lets a list hold several values', () => {
    expect(evaluate(data, filters({ chosen: { 'p.tags': ['x'] } }), {}).visible).toHaveLength(36)
    expect(evaluate(data, filters({ chosen: { 'p.tags': ['-'] } }), {}).visible).toHaveLength(19)
  })

  it('keeps ids as text, counts what has no place, and knows how many there are', () => {
    expect(data.byId.get('1')).toBeDefined()
    expect(data.items.filter((it) => it.lon === null)).toHaveLength(1)
    expect(data.matched).toBe(80)
    expect(data.isAtlas).toBe(false)
    expect(data.hasRegions).toBe(false)
  })
})
