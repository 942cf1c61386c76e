import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bigNumber, joinWords, plainNumber, roundDistance, shortCount, withUnit } from '../src/format'
import { MESSAGES, say, type MessageKey } from '../src/messages'

describe('messages', () => {
  it('exist in both languages with the same parameters', () => {
    const names = (s: string) => [...new Set([...s.matchAll(/\{(\w+)/g)].map((m) => m[1]!))].sort()
    for (const [key, { zh, en }] of Object.entries(MESSAGES)) {
      expect(zh.trim(), `${key} zh`).not.toBe('')
      expect(en.trim(), `${key} en`).not.toBe('')
      const [a, b] = [names(zh), names(en)]
      expect(b.filter((n) => !a.includes(n) && !en.includes(`{${n}?`)), `${key} names a parameter only in English`).toEqual([])
      expect(a.filter((n) => !b.includes(n)), `${key} names a parameter only in Chinese`).toEqual([])
    }
  })

  it('are all used', () => {
    const folder = new URL('../src/', import.meta.url)
    const source = readdirSync(folder).filter((f) => f.endsWith('.ts') && f !== 'messages.ts').map((f) => readFileSync(new URL(f, folder), 'utf8')).join('')
    const unused = Object.keys(MESSAGES).filter((key) => !new RegExp(`['.]${key}\\b`).test(source))
    expect(unused).toEqual([])
  })

  it('fill in parameters and choose by number', () => {
    expect(say('en', 'regionOpen', { region: 'Bohai Rim', n: 1 })).toBe('Bohai Rim, 1 cluster, fly there')
    expect(say('en', 'regionOpen', { region: 'Bohai Rim', n: '1,234' })).toBe('Bohai Rim, 1,234 clusters, fly there')
    expect(say('zh', 'total', { shown: 4, all: 40 })).toBe('显示 4 / 40 个集群')
    expect(say('en', 'bookMore' satisfies MessageKey, {})).toBe(' more')
  })
})

describe('numbers', () => {
  it('read as each language writes them', () => {
    expect(plainNumber(15621)).toBe('15,621')
    expect(plainNumber(0.6248)).toBe('0.6248')
    expect(bigNumber(62700, 'zh')).toEqual({ number: '6.27', unit: '万' })
    expect(bigNumber(9.7e11, 'zh')).toEqual({ number: '9,700', unit: '亿' })
    expect(bigNumber(62700, 'en')).toEqual({ number: '62,700', unit: '' })
    expect(bigNumber(2.5e9, 'en')).toEqual({ number: '2.5', unit: 'billion' })
    expect(bigNumber(-12000, 'zh')).toEqual({ number: '-1.2', unit: '万' })
  })

  it('fit into a symbol and never say more than there is', () => {
    expect([9999, 10_000, 19_999, 199_800, 1_000_000, 45_678_901].map((n) => shortCount(n, 'en'))).toEqual(['9,999', '10k', '19k', '199k', '1m', '45m'])
    expect([9999, 10_000, 19_999, 199_800, 1_000_000, 456_789_012].map((n) => shortCount(n, 'zh'))).toEqual(['9,999', '1万', '1.9万', '19万', '100万', '4.5亿'])
  })

  it('carry their unit', () => {
    expect(withUnit(80, '%', 'zh')).toBe('80%')
    expect(withUnit(62700, '家', 'zh')).toBe('6.27 万家')
    expect(withUnit(1400, 'years', 'en')).toBe('1,400 years')
    expect(withUnit(3, '', 'en')).toBe('3')
  })

  it('give a scale bar a round length that fits', () => {
    expect(roundDistance(4000, 130)).toBe(500_000)
    expect(roundDistance(1, 130)).toBe(100)
    for (const perPixel of [0.3, 2, 17, 950, 4891]) {
      const d = roundDistance(perPixel, 130)
      expect(d / perPixel).toBeLessThanOrEqual(130)
      expect(d / perPixel).toBeGreaterThan(48)
    }
  })

  it('join words', () => {
    expect(joinWords(['a', 'b'], 'zh')).toBe('a、b')
    expect(joinWords(['a', 'b'], 'en')).toBe('a, b')
  })
})

describe('tokens.css', () => {
  const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8')
  const block = (from: string, text: string) => {
    const start = text.indexOf('{', text.indexOf(from))
    const body = text.slice(start + 1, text.indexOf('}', start))
    return Object.fromEntries([...body.matchAll(/(--[\w-]+|color-scheme)\s*:\s*([^;]+);/g)].map((m) => [m[1], m[2]!.trim()]))
  }

  it('says the dark values twice and the same', () => {
    const chosen = block('[data-theme="dark"] {', css)
    const system = block(':root:not([data-theme])', css)
    expect(Object.keys(chosen).length).toBeGreaterThan(40)
    expect(system).toEqual(chosen)
  })

  it('gives every colour of the light theme a dark one', () => {
    const light = block(':root, [data-theme="light"]', css)
    const dark = block('[data-theme="dark"] {', css)
    const colours = Object.keys(light).filter((k) => /#[0-9A-F]{6}|rgb/i.test(light[k]!))
    expect(colours.filter((k) => !(k in dark))).toEqual([])
  })
})
