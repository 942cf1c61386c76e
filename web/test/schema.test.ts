import { describe, expect, it } from 'vitest'
import { readSchema } from '../src/schema'

describe('readSchema', () => {
  it('reads titles, units, choices and order', () => {
    const s = readSchema({
      title: 'Firms', 'x-title': { zh: '企业' },
      properties: {
        b: { type: ['integer', 'null'], title: 'Output', 'x-ogc-unit': 'CNY', 'x-ogc-propertySeq': 2, minimum: 0, maximum: 9 },
        a: { type: 'string', 'x-ogc-propertySeq': 1, oneOf: [{ const: 'x', title: 'Ex', 'x-title': { zh: '甲', en: 'Ex' } }, { const: 5 }] },
        firms: { type: 'number', 'x-unit': { zh: '家' } },
      },
    }, 'fallback')
    expect(s.title).toEqual({ zh: '企业', en: 'Firms' })
    expect(s.fields.map((f) => f.name)).toEqual(['a', 'b', 'firms'])
    expect(s.field('b')).toMatchObject({ kind: 'number', integer: true, unit: { zh: 'CNY', en: 'CNY' }, minimum: 0, maximum: 9 })
    expect(s.field('a')!.choices).toEqual([{ value: 'x', title: { zh: '甲', en: 'Ex' }, group: null, count: null }])
    expect(s.field('firms')!.unit).toEqual({ zh: '家', en: '' })
  })

  it('finds a name and a category where no role says so', () => {
    const s = readSchema({ properties: { code: { type: 'string' }, 名称: { type: 'string' }, kind: { type: 'string', enum: ['a', 'b'] } } }, 'x')
    expect(s.nameIn('zh')).toBe('名称')
    expect(s.category?.name).toBe('kind')
    expect(s.title.en).toBe('x')
    expect(readSchema({ properties: { name: { type: 'string', enum: ['a', 'b'] }, t: { type: 'string', enum: ['c', 'd'] } } }, 'x').category?.name).toBe('t')
  })

  it('takes anything and throws nothing', () => {
    for (const doc of [null, 1, 'x', [], {}, { properties: [] }, { properties: { a: null, b: 3, c: { oneOf: 'x', type: 7, enum: [null, {}] } } }]) {
      expect(() => readSchema(doc, 'x')).not.toThrow()
    }
    expect(readSchema(null, 'x').fields).toEqual([])
  })
})
