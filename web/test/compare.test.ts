import { describe, expect, it } from 'vitest'
import { groundScale, zoomAt } from '../src/comparescale'
import { differences, rowsOf, type Compared, type ComparedRegion, type PartItem } from '../src/comparewords'

const part = (value: string, count: number, n: number, lq: number): PartItem => ({ value, title: { zh: `${value}业`, en: value }, count, share: count / n, lq })

function region(id: string, title: string, parts: PartItem[]): ComparedRegion {
  const n = parts.reduce((sum, p) => sum + p.count, 0)
  return { id, region: id.slice(0, 3), title: { zh: title, en: title }, definition: { zh: id, en: id }, n, value: n, by_family: parts, by_trade: [], by_level: [], by_origin: [] }
}

const compared = (a: PartItem[], b: PartItem[]): Compared => ({ regions: [region('yrd25', 'Yangtze', a), region('prd9', 'Pearl', b)], pairs: [] })

describe('differences in words', () => {
  const before = compared([part('textiles', 6, 10, 1.2), part('steel', 4, 10, 1)], [part('textiles', 1, 4, 0.5), part('steel', 3, 4, 1.9)])
  it('come from the answer', () => {
    const words = differences(before, 'en')
    expect(words[0]).toBe('Yangtze has most: Yangtze 10, Pearl 4.')
    expect(words).toContain('In Yangtze most are textiles: 6 of 10, 60%.')
    expect(words).toContain('Against all, steel stands out most in Pearl: 1.9 times its share of all (3).')
    expect(words.at(-1)).toMatch(/small/)
  })
  it('change with the data', () => {
    const words = differences(compared([part('textiles', 2, 6, 1), part('steel', 4, 6, 2.5)], [part('textiles', 9, 9, 2), part('steel', 0, 9, 0)]), 'en')
    expect(words[0]).toBe('Pearl has most: Pearl 9, Yangtze 6.')
    expect(words).toContain('Against all, steel stands out most in Yangtze: 2.5 times its share of all (4).')
    expect(words).toContain('Pearl has no steel.')
  })
  it('say when regions are equal, in Chinese too', () => {
    expect(differences(compared([part('textiles', 3, 3, 1)], [part('textiles', 3, 3, 1)]), 'zh')[0]).toBe('各地区的集群一样多：Yangtze 3、Pearl 3。')
  })
  it('say where nothing is there', () => {
    expect(differences(compared([], []), 'en')).toEqual(['Yangtze, Pearl: none.'])
    expect(differences(compared([part('a', 2, 2, 1)], []), 'en')).toEqual(['Yangtze 2.', 'Pearl: none.'])
  })
})

describe('rows of the composition', () => {
  const regions = compared([part('a', 1, 9, 3), part('b', 8, 9, 1)], [part('a', 5, 6, 2), part('c', 1, 6, 4)]).regions
  it('are sorted by the counts of the first region at first', () => {
    expect(rowsOf(regions, 'family', '').map((r) => r.value)).toEqual(['b', 'a', 'c'])
  })
  it('are sorted by the column asked for', () => {
    expect(rowsOf(regions, 'family', 'nprd9').map((r) => r.value)).toEqual(['a', 'c', 'b'])
    expect(rowsOf(regions, 'family', 'qprd9').map((r) => r.value)).toEqual(['c', 'a', 'b'])
  })
})

describe('ground scale', () => {
  it('is that of the equator divided by the stretch of the latitude', () => {
    expect(groundScale(0, 0)).toBeCloseTo(156543.03, 1)
    expect(groundScale(7, 60)).toBeCloseTo(groundScale(8, 0), 6)
  })
  it('comes back', () => {
    for (const lat of [0, 23, 39]) expect(zoomAt(groundScale(6.25, lat), lat)).toBeCloseTo(6.25, 9)
  })
})
