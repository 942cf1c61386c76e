import { afterEach, describe, expect, it, vi } from 'vitest'
import { Remote, type Wanted } from '../src/remote'
import type { Busy } from '../src/busy'
import { makeRemote } from '../src/dataset'
import type { Feature } from '../src/geojson'
import { readSchema } from '../src/schema'

const one = (value: string, zh: string, en: string, count: number) => ({ const: value, title: en, 'x-title': { zh, en }, 'x-count': count })
const schema = readSchema({
  properties: {
    geometry: { 'x-ogc-role': 'primary-geometry', format: 'geometry-point' },
    name: { type: 'string', 'x-clustermap-role': 'name' },
    trade: { type: ['string', 'null'], 'x-clustermap-role': 'category', 'x-null-count': 1, oneOf: [one('silk', '丝绸', 'Silk', 3), one('tiles', '瓷砖', 'Tiles', 2), one('none', '无', 'None', 0)] },
    open: { type: 'boolean' },
    staff: { type: 'integer', minimum: 1, maximum: 9 },
    regions: { type: 'array', items: { type: 'string', oneOf: [one('yrd25', '', '', 3), one('prd9', '', '', 1)] } },
  },
}, 'firms')

const firm = (id: string, trade: string | null, open: boolean, staff: number, regions: string[], placed = true): Feature =>
  ({ type: 'Feature', id, geometry: placed ? { type: 'Point', coordinates: [120, 30] } : null, properties: { name: `firm ${id}`, trade, open, staff, regions } })
const firms = [
  firm('a', 'silk', true, 1, ['yrd25']), firm('b', 'silk', false, 2, ['yrd25']), firm('c', 'silk', true, 3, []),
  firm('d', 'tiles', true, 4, ['prd9']), firm('e', 'tiles', false, 5, ['yrd25'], false), firm('f', null, true, 9, []),
]

/** A small server of the firms: knows the filters that the tests use. */
class Server {
  asked: string[] = []
  data = firms
  broken = false
  hold: Promise<void> | null = null

  fetch = async (url: string, init?: { signal?: AbortSignal }): Promise<Response> => {
    this.asked.push(url)
    await this.hold
    if (init?.signal?.aborted) throw new DOMException('aborted', 'AbortError')
    if (this.broken) return new Response('no', { status: 400 })
    const { pathname, searchParams: q } = new URL(url, 'http://x/')
    const found = this.data.filter((f) => this.keeps(f, q))
    const answer = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
    const path = pathname.split('/').slice(3)
    if (path[0] === 'aggregate') return answer(this.aggregate(found, q.get('by')))
    if (path[1] !== undefined) {
      const f = this.data.find((x) => x.id === path[1])
      return f ? answer(f) : answer({}, 404)
    }
    const after = Number(q.get('cursor') ?? 0)
    const limit = Math.min(2, Number(q.get('limit')))
    const sorted = [...found].sort((a, b) => (String(a.properties['name']) < String(b.properties['name']) ? -1 : 1))
    const next = after + limit < sorted.length ? [{ rel: 'next', href: `http://other/x?${new URLSearchParams({ ...Object.fromEntries(q), cursor: String(after + limit) })}` }] : []
    return answer({ features: sorted.slice(after, after + limit), numberMatched: sorted.length, links: next })
  }

  private keeps(f: Feature, q: URLSearchParams): boolean {
    const p = f.properties as { trade: string | null; staff: number; regions: string[] }
    return (q.get('filter') ?? '').split(' AND ').every((part) => {
      let clause = part.replace(/^\(+/, '')
      while (clause.split(')').length > clause.split('(').length) clause = clause.slice(0, -1)
      if (clause === '') return true
      if (clause === 'geometry IS NULL') return f.geometry === null
      const list = /^"trade" IN \((.*)\)$/.exec(clause)
      if (list) return p.trade !== null && list[1]!.includes(`'${p.trade}'`)
      const least = /^"staff" >= (\d+)$/.exec(clause)
      if (least) return p.staff >= Number(least[1])
      const region = /^A_OVERLAPS\("regions",\('(\w+)'\)\)$/.exec(clause)
      if (region) return p.regions.includes(region[1]!)
      throw new Error(`the fake does not know ${clause}`)
    })
  }

  private aggregate(found: Feature[], by: string | null): unknown {
    const names = by === null ? [] : by.split(',').map((n) => n.replaceAll('"', ''))
    const groups = new Map<string, { key: Record<string, unknown>; count: number }>()
    for (const f of names.length > 0 ? found : []) {
      const key = Object.fromEntries(names.map((n) => [n, f.properties[n]]))
      const g = groups.get(JSON.stringify(key)) ?? { key, count: 0 }
      g.count++
      groups.set(JSON.stringify(key), g)
    }
    return { groups: [...groups.values()], total: { count: found.length } }
  }
}

const busy = { during: <T>(p: Promise<T>) => p } as Busy
const DEFS = { yrd: 'yrd25', prd: 'prd9' }
const wanted = (patch: Partial<Wanted> = {}): Wanted => ({ filters: { chosen: {}, ranges: {}, text: '' }, defs: DEFS, lang: 'en', sort: 'name', box: null, selected: null, ...patch })

function setUp() {
  const server = new Server()
  vi.stubGlobal('fetch', server.fetch)
  const events: string[] = []
  let settled = () => {}
  const host = {
    changed: () => { events.push('changed'); settled() },
    failed: (err: unknown) => { events.push(`failed ${(err as { status?: number }).status}`); settled() },
    vanished: (id: string) => { events.push(`vanished ${id}`) },
  }
  const remote = new Remote(makeRemote('firms', schema, firms.length, null), busy, host)
  const until = async (test: () => boolean) => { while (!test()) await new Promise<void>((resolve) => { settled = resolve }) }
  return { server, remote, events, until }
}

afterEach(() => vi.unstubAllGlobals())

describe('a collection that the server keeps', () => {
  it('knows its filters from the schema alone', () => {
    const { data } = setUp().remote
    expect(data.facets.map((f) => [f.key, f.options.map((o) => o.key)])).toEqual([
      ['family', ['silk', 'tiles', '~rest']], ['p.open', ['true', 'false']],
    ])
    expect(data.numbers.map((n) => [n.key, n.minimum, n.maximum])).toEqual([['staff', 1, 9]])
    expect(data.hasRegions).toBe(true)
  })

  it('counts, lists and regions come from one selection', async () => {
    const { remote } = setUp()
    await remote.ready(wanted({ filters: { chosen: { family: ['silk', 'tiles'] }, ranges: { staff: [2, null] }, text: '' } }))
    const { result, rows, listed, regions } = remote.answers!
    expect(result.total).toBe(4)
    expect(listed).toBe(result.total)
    expect(result.unplaced).toBe(1)
    expect(rows.map((r) => r.id)).toEqual(['b', 'c'])
    expect(Object.fromEntries(result.counts.get('family')!)).toEqual({ silk: 2, tiles: 2, '~rest': 1 })
    expect(Object.fromEntries(result.counts.get('p.open')!)).toEqual({ true: 2, false: 2 })
    expect([...regions!.regions].map(([key, r]) => [key, r.n])).toEqual(expect.arrayContaining([['yrd', 2], ['prd', 1], ['none', 1]]))
    expect(regions!.definitions.get('yrd25')).toBe(3)
  })

  it('lists page by page and ends', async () => {
    const { remote, until } = setUp()
    await remote.ready(wanted())
    while (remote.hasMore) {
      const had = remote.answers!.rows.length
      remote.more()
      remote.more() // one page at a time
      await until(() => remote.answers!.rows.length > had)
    }
    expect(remote.answers!.rows.map((r) => r.id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('says what dropping a filter would give when nothing is left', async () => {
    const { remote } = setUp()
    await remote.ready(wanted({ filters: { chosen: { family: ['silk'] }, ranges: { staff: [8, null] }, text: '' } }))
    expect(remote.answers!.result.total).toBe(0)
    expect(remote.answers!.result.without).toEqual([{ key: 'family', n: 1 }, { key: 'staff', n: 3 }])
  })

  it('asks only for what changed', async () => {
    const { remote, server, until, events } = setUp()
    await remote.ready(wanted())
    const before = server.asked.length
    remote.want(wanted())
    expect(server.asked.length).toBe(before)
    remote.want(wanted({ box: [110, 20, 121, 31] }))
    await until(() => events.includes('changed'))
    expect(server.asked.slice(before)).toHaveLength(1)
    expect(server.asked[before]).toMatch(/items\?.*bbox=110%2C20%2C121%2C31/)
  })

  it('takes back a question that nobody waits for any more', async () => {
    const { remote, server, until } = setUp()
    await remote.ready(wanted())
    let release = () => {}
    server.hold = new Promise((resolve) => { release = resolve })
    remote.want(wanted({ filters: { chosen: { family: ['silk'] }, ranges: {}, text: '' } }))
    remote.want(wanted({ filters: { chosen: { family: ['tiles'] }, ranges: {}, text: '' } }))
    release()
    server.hold = null
    await until(() => remote.answers!.result.total === 2 && remote.answers!.listed === 2)
    expect(remote.answers!.rows.map((r) => r.id)).toEqual(['d', 'e'])
  })

  it('keeps its answers when a request fails, and asks again only when told to', async () => {
    const { remote, server, events, until } = setUp()
    await remote.ready(wanted())
    server.broken = true
    const silk = wanted({ filters: { chosen: { family: ['silk'] }, ranges: {}, text: '' } })
    remote.want(silk)
    await until(() => events.filter((e) => e === 'failed 400').length === 2)
    const asked = server.asked.length
    remote.want(silk)
    expect(server.asked.length).toBe(asked)
    expect(remote.answers!.result.total).toBe(6)
    server.broken = false
    remote.refresh()
    await until(() => remote.answers!.result.total === 3 && remote.answers!.listed === 3)
  })

  it('opens a feature by its id and tells when it is gone', async () => {
    const { remote, events, server, until } = setUp()
    await remote.ready(wanted({ selected: 'd' }))
    expect(remote.answers!.selected?.name.en).toBe('firm d')
    server.data = firms.filter((f) => f.id !== 'd')
    remote.refresh()
    await until(() => events.includes('vanished d') && remote.answers!.result.total === 5)
    expect(remote.answers!.selected).toBeNull()
  })
})
