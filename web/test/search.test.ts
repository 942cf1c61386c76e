import { describe, expect, it } from 'vitest'
import { highlight, rank, syllableSpan, words } from '../src/search'
import { clusters } from './fixture'

const found = (query: string) => clusters.items
  .map((it) => ({ id: it.id, rank: rank(it.text, words(query)) }))
  .filter((x) => x.rank > 0)
  .sort((a, b) => b.rank - a.rank)
  .map((x) => x.id)

describe('search', () => {
  it.each([
    ['丝绸', ['shengze']], ['silk', ['shengze']], ['SILK', ['shengze']], ['shengze', ['shengze']], ['sheng ze', ['shengze']], ['sheng  z', ['shengze', 'shengzhou']],
    ['shengz', ['shengze', 'shengzhou']], ['sichou', ['shengze']], ['领带', ['shengzhou']], ['吴江', ['shengze']], ['吴江 silk', ['shengze']],
    ['crt', ['fuzhou']], ['CRT', ['fuzhou']], ['纺织', ['shengze', 'shengzhou']], ['textiles', ['shengze', 'shengzhou']], ['ilk', []], ['heng', []], ['xyz', []],
  ])('%s', (query, ids) => {
    expect(found(query).sort()).toEqual([...ids].sort())
  })

  it('puts a name before a trade', () => {
    expect(found('陶瓷')[0]).toMatch(/yiwu|fuzhou/)
    expect(rank(clusters.byId.get('yiwu')!.text, ['yiwu'])).toBeGreaterThan(0)
  })

  it('splits on Chinese and Latin separators', () => {
    expect(words(' 盛泽，丝绸、 Silk; ')).toEqual(['盛泽', '丝绸', 'silk'])
    expect(words('   ')).toEqual([])
  })

  it('finds syllables only from where they begin', () => {
    expect(syllableSpan(['sheng', 'ze'], 'shengze')).toEqual([0, 2])
    expect(syllableSpan(['sheng', 'ze'], 'ze')).toEqual([1, 2])
    expect(syllableSpan(['sheng', 'ze'], 'engze')).toBeNull()
    expect(syllableSpan(['xi', 'an'], 'xian')).toEqual([0, 2])
    expect(syllableSpan([], 'a')).toBeNull()
  })
})

describe('highlight', () => {
  const marks = (shown: string, id: string, query: string) => highlight(shown, clusters.byId.get(id)!.text, words(query)).map((p) => (p.hit ? `[${p.text}]` : p.text)).join('')

  it('marks what was found and keeps the text', () => {
    expect(marks('吴江盛泽丝绸产业', 'shengze', '丝绸')).toBe('吴江盛泽[丝绸]产业')
    expect(marks('Shengze silk (Wujiang)', 'shengze', 'SILK')).toBe('Shengze [silk] (Wujiang)')
  })

  it('marks the characters that pinyin stands for', () => {
    expect(marks('吴江盛泽丝绸产业', 'shengze', 'shengze')).toBe('吴江[盛泽]丝绸产业')
    expect(marks('福州CRT陶瓷', 'fuzhou', 'taoci')).toBe('福州CRT[陶瓷]')
  })
})
