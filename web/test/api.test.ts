import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchAll } from '../src/api'

const answer = (body: unknown) => new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/geo+json' } })

afterEach(() => vi.unstubAllGlobals())

describe('fetchAll', () => {
  it('follows next and gives properties that hold only what the data have', async () => {
    const feature = (id: string, properties: string) => JSON.parse(`{"type":"Feature","id":"${id}","geometry":null,"properties":${properties}}`) as unknown
    const asked: string[] = []
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(url)
      return Promise.resolve(url.includes('cursor')
        ? answer({ features: [feature('b', 'null')], links: [], numberMatched: 2 })
        : answer({ features: [feature('a', '{"__proto__":1,"constructor":"c"}')], links: [{ rel: 'next', href: 'https://elsewhere.example/x?cursor=1' }], numberMatched: 2 }))
    })
    const { features, matched } = await fetchAll('any')
    expect(matched).toBe(2)
    expect(asked[1]).toMatch(/^collections\/any\/items\?cursor=1$/)
    expect(features[0]!.properties['__proto__']).toBe(1)
    expect(features[0]!.properties['constructor']).toBe('c')
    expect(Object.keys(features[1]!.properties)).toEqual([])
    expect(features[1]!.properties['constructor']).toBeUndefined()
  })
})
