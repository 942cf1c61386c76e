import { describe, expect, it } from 'vitest'
import { headline, hotWords, intervalOf, pairWords, parameterWords, small, spreadWords, surePlace, type Subject } from '../src/findings'
import type { Answer, Gini, HotSpots, Pairs, Quotient, Quotients } from '../src/statistics'

const en: Subject = { lang: 'en', trade: 'Electronics', clusters: true, sum: null, unit: 'unitPrefecture' }
const zh: Subject = { ...en, lang: 'zh', trade: '电子信息' }

function answer<R>(n: number, result: R): Answer<R> {
  return { method: { id: 'm', title: 'M', source: 'S', page: 'p' }, parameters: {}, universe: 'all', n, weights: 'each 1', rev: 'r', warnings: [], result }
}

const unit = (name: string, zhName: string, value: number, lq: number | null, low: number | null = null, high: number | null = null, p: number | null = null): Quotient =>
  ({ key: name, title: { en: name, zh: zhName }, count: value, value, total: 10, share: value / 10, lq, low, high, p, p_adjusted: p })
const quotients = (...units: Quotient[]): Answer<Quotients> => answer(units.reduce((n, u) => n + u.count, 0), { units })

describe('the headline', () => {
  const shenzhen = unit('Shenzhen', '深圳市', 5, 5, 2, 9)
  const wuxi = unit('Wuxi', '无锡市', 4, 2, 0.5, 4)
  const rest = unit('Xi’an', '西安市', 4, 1, 0.4, 2)

  it('names the two places with the most, and what chance would put there', () => {
    expect(headline(en, quotients(rest, wuxi, shenzhen))).toBe('9 of 13 electronics clusters are in Shenzhen and Wuxi; by chance 3 would be.')
    expect(headline(zh, quotients(rest, wuxi, shenzhen))).toBe('13 个电子信息集群里有 9 个在深圳和无锡；凭运气会有 3 个。')
  })

  it('changes with the data', () => {
    expect(headline(en, quotients(shenzhen, wuxi, unit('Xi’an', '西安市', 7, 3.5)))).toBe('12 of 16 electronics clusters are in Xi’an and Shenzhen; by chance 3 would be.')
    expect(headline(en, quotients(unit('Shenzhen', '深圳市', 5, 20), wuxi, rest))).toBe('9 of 13 electronics clusters are in Shenzhen and Wuxi; by chance 2.3 would be.')
  })

  it('does not speak of chance where there is nothing to compare with', () => {
    expect(headline({ ...en, trade: null }, quotients(shenzhen, wuxi, rest))).toBe('9 of 13 clusters are in Shenzhen and Wuxi.')
    expect(headline(en, quotients(unit('Shenzhen', '深圳市', 5, null), wuxi))).toBe('9 of 9 electronics clusters are in Shenzhen and Wuxi.')
    expect(headline(zh, quotients())).toBe('这里没有电子信息集群。')
  })

  it('speaks of shares where something is summed', () => {
    expect(headline({ ...en, sum: 'Firms' }, quotients(shenzhen, wuxi, rest))).toBe('Shenzhen and Wuxi hold 69.2% of the firms of electronics clusters; by chance it would be 23.1%.')
    expect(headline({ ...en, sum: 'Firms' }, quotients(unit('Wuxi', '无锡市', 0, null), { ...wuxi, value: 0, lq: null }))).toBe('None of the 4 electronics clusters states its firms.')
    expect(headline({ ...zh, sum: '企业数' }, quotients(shenzhen, wuxi, rest))).toBe('深圳和无锡占电子信息集群企业数的 69.2%；凭运气会占 23.1%。')
  })

  it('says whether the first place is beyond chance', () => {
    expect(surePlace(en, quotients({ ...shenzhen, p_adjusted: 0.012 }))).toBe('Shenzhen has 5 times its share, more than chance would give (p = 0.01, corrected for the number of places).')
    expect(surePlace(en, quotients({ ...shenzhen, p_adjusted: 0.2 }))).toContain('may be chance (p = 0.2,')
    expect(surePlace(en, quotients(unit('Wuxi', '无锡市', 4, 0.5, 0.2, 0.9, 0.001)))).toContain('less than its due')
    expect(surePlace(en, quotients(shenzhen))).toBe('Shenzhen has 5 times its share (95 % interval 2–9).')
    expect(surePlace(en, quotients(unit('Wuxi', '无锡市', 4, 0.5)))).toBe('')
    expect(surePlace({ ...en, trade: null }, quotients(shenzhen))).toBe('')
  })
})

describe('the interval of a place', () => {
  it('is not shown of few features, but of sums', () => {
    expect(intervalOf({ total: 4, low: 1, high: 2, p: 0.3 })).toEqual({ low: null, high: null })
    expect(intervalOf({ total: 5, low: 1, high: 2, p: 0.3 })).toEqual({ low: 1, high: 2 })
    expect(intervalOf({ total: 4, low: 1, high: 2, p: null })).toEqual({ low: 1, high: 2 })
  })
})

describe('other sentences', () => {
  it('say how many are in hot cells', () => {
    const hot = (cells: number, count: number): Answer<HotSpots> => answer(61, { hot: cells, cold: 0, q: 0.05, draws: 999, in_hot: { count, value: count } })
    expect(hotWords(en, hot(4, 8))).toBe('8 of 61 electronics clusters are in 4 significant hot cells (false discovery rate 5 %).')
    expect(hotWords(en, hot(1, 3))).toBe('3 of 61 electronics clusters are in 1 significant hot cell (false discovery rate 5 %).')
    expect(hotWords(en, hot(1, 0))).toBe('1 cell is significantly hot by what lies around; none of the 61 electronics clusters is inside (false discovery rate 5 %).')
    expect(hotWords(en, answer(61, { ...hot(0, 0).result, units: [{ key: 'a', count: 1, value: 0, z: null, p: null, p_adjusted: null, class: 'none' }] }))).toBe('')
    expect(hotWords(zh, hot(0, 0))).toBe('没有一个格子的聚集超出偶然（错误发现率 5%）。')
  })

  it('say in how many units half is', () => {
    const gini = (units: number): Answer<Gini> => answer(61, { gini: 0.8, units: 231, half: { units, share: 0.5 }, lorenz: [] })
    expect(spreadWords(en, gini(6))).toBe('Half of the electronics clusters are in 6 of 231 prefectures.')
    expect(spreadWords({ ...en, sum: 'Firms' }, gini(2))).toBe('Half of the firms of electronics clusters is in 2 of 231 prefectures.')
    expect(spreadWords(zh, gini(6))).toBe('一半电子信息集群在 231 个地级单位中的 6 个里。')
    expect(spreadWords(en, answer<Gini>(0, { gini: null, units: 0, half: null, lorenz: [] }))).toBe('')
  })

  it('say whether distances are those of chance', () => {
    const pairs = (localised: boolean | null, dispersed: boolean, kd: number[], p: number | null): Answer<Pairs> => answer(35, {
      distance_km: kd.map((_, i) => i * 100.4), kd, low: kd.map(() => 0), high: kd.map(() => 1), localised, dispersed, localised_km: null, p, p_dispersed: 0.004, draws: 1000, bandwidth_km: 98,
    })
    expect(pairWords(en, pairs(true, false, [2, 2, 2, 1, 1, 3, 3], 0.0001))).toBe('More pairs of them than of a random draw are 0–201 and 502–602 km apart: they gather (p < 0.001).')
    expect(pairWords(en, pairs(true, false, [2, 2, 1, 1, 1, 1], 0.02))).toBe('More pairs of them than of a random draw are 0–100 km apart: they gather (p = 0.02).')
    expect(pairWords(zh, pairs(false, false, [1, 1], 0.31))).toBe('它们彼此的距离与随意抽取的没有差别（p = 0.31）。')
    expect(pairWords(en, pairs(false, true, [1, 1], 0.9))).toBe('They lie farther apart than a random draw would (p = 0.004).')
    expect(pairWords(en, pairs(null, false, [], null))).toBe('')
  })

  it('write parameters and p', () => {
    expect(parameterWords({ within: 'hex:50', select: null, k: 6 }, 'en')).toBe('within=hex:50, k=6')
    expect([small(null), small(0.0001), small(0.0042), small(0.256)]).toEqual(['p –', 'p < 0.001', 'p = 0.004', 'p = 0.26'])
  })
})
