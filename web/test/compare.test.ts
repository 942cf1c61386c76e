import { describe, expect, it } from 'vitest'
import { groundScale, zoomAt } from '../src/comparescale'
import { differences, growthWords, rowsOf, sorting, type Compared, type ComparedRegion, type PartItem, type Shifts } from '../src/comparewords'

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
    expect(words).toContain('In Yangtze the largest is textiles: 6 of 10, 60%.')
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
    expect(differences(compared([part('textiles', 3, 3, 1)], [part('textiles', 3, 3, 1)]), 'zh')[0]).toBe('各地区一样多：Yangtze 3、Pearl 3。')
  })
  it('name all that share the first place', () => {
    const three = compared([part('a', 5, 5, 1)], [part('a', 5, 5, 1)])
    three.regions.push(region('bohai5', 'Bohai', [part('a', 1, 1, 1)]))
    expect(differences(three, 'en')[0]).toBe('Yangtze and Pearl have most: Yangtze 5, Pearl 5, Bohai 1.')
  })
  it('do not call one of many equals the largest', () => {
    const equal = ['a', 'b', 'c', 'd'].map((v) => part(v, 1, 4, 3))
    const words = differences(compared(equal, [part('a', 2, 4, 1), part('b', 2, 4, 1)]), 'en')
    expect(words).toContain('In Yangtze none is largest: 4 have 1 each.')
    expect(words).toContain('In Pearl the largest are a and b: 2 each of 4, 50% each.')
    expect(words.join()).not.toContain('stands out')
  })
  it('tell two definitions of one region apart', () => {
    const twice = compared([part('a', 5, 5, 1)], [part('a', 3, 3, 1)])
    twice.regions[1] = { ...twice.regions[1]!, title: { zh: 'Yangtze', en: 'Yangtze' } }
    expect(differences(twice, 'en')[0]).toBe('Yangtze (yrd25) has most: Yangtze (yrd25) 5, Yangtze (prd9) 3.')
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
    expect(rowsOf(regions, 'family', '-nprd9').map((r) => r.value)).toEqual(['b', 'c', 'a'])
  })
  it('have no quotient where a region is empty', () => {
    expect(rowsOf(compared([part('a', 1, 1, 1)], []).regions, 'family', '')[0]!.parts[1]!.lq).toBeNull()
  })
})

describe('the column that sorts', () => {
  const regions = [{ id: 'yrd25' }, { id: 'prd9' }]
  it('is what is asked for where it is there', () => {
    expect(sorting('-qprd9', regions)).toEqual({ key: 'qprd9', up: true })
    expect(sorting('qbohai5', regions)).toEqual({ key: 'nyrd25', up: false })
    expect(sorting('', regions)).toEqual({ key: 'nyrd25', up: false })
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

describe('growth in words', () => {
  const shifts = (before: number, after: number, competitive: number): Shifts => ({
    from: 2006, to: 2025, growth: 1,
    units: [{ key: 'elsewhere', before: 10, after: 20, national: 0, mix: 0, competitive: -competitive, total: 10 }, { key: 'yrd25', before, after, national: 0, mix: 0, competitive, total: after - before }],
  })
  it('comes from the answers', () => {
    expect(growthWords([{ name: 'Yangtze', shifts: shifts(2, 9, 1.25) }], 'en')).toBe('Between 2006 and 2025 all went from 12 to 29; Yangtze from 2 to 9, 1.3 more than had its trades grown as everywhere.')
    expect(growthWords([{ name: '长三角', shifts: shifts(4, 5, -2) }], 'zh')).toBe('2006 至 2025 年，总体由 14 到 25；长三角由 4 到 5，比其各行业按总体增速应有的少 2。')
    expect(growthWords([{ name: 'Yangtze', shifts: shifts(2, 4, 0) }], 'en')).toMatch(/as its trades did everywhere/)
  })
  it('is none without two years', () => {
    expect(growthWords([{ name: 'Yangtze', shifts: { from: null, to: null, growth: null, units: [] } }], 'en')).toBeNull()
  })
})
