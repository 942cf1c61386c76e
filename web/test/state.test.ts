import { describe, expect, it } from 'vitest'
import { fromHash, INITIAL, Store, toHash, type State } from '../src/state'

const full: State = {
  ...INITIAL, collection: '我的 点', lang: 'en', theme: 'dark', view: { zoom: 6.25, lat: 31.2, lon: -117.5 },
  definitions: { yrd: 'yrd16', prd: 'gba11' }, region: 'yrd', chosen: { family: ['textiles', 'ceramics'], 'p.a,b=c&d': ['x,y', '&', '-'] },
  ranges: { firms: [10, null], 'share %': [null, -2.5] }, text: '盛泽 & silk=?', selected: 'a/1 #2', tab: 'list', sort: 'family',
  work: 'concentration', about: { layer: 'hot', trade: 'x y&z' },
}

const sorted = (s: State): State => ({ ...s, chosen: Object.fromEntries(Object.entries(s.chosen).map(([k, v]) => [k, [...v].sort()])) })

describe('hash', () => {
  it('says nothing of the initial state', () => {
    expect(toHash(INITIAL)).toBe('#')
    expect(fromHash('')).toEqual(INITIAL)
    expect(fromHash('#')).toEqual(INITIAL)
  })

  it('gives back the state it was made from', () => {
    expect(fromHash(toHash(full))).toEqual(sorted(full))
  })

  it('is the same for the same state', () => {
    const turned = { ...full, chosen: { 'p.a,b=c&d': ['-', '&', 'x,y'], family: ['ceramics', 'textiles'] } }
    expect(toHash(turned)).toBe(toHash(full))
  })

  it.each([
    '#map=9', '#map=1/2', '#map=a/b/c', '#map=99/0/0', '#map=5/91/0', '#map=NaN/0/0', '#lang=fr', '#lang', '#theme=pink', '#tab=x', '#sort=x',
    '#=', '#&&&', '#%', '#q=%E4%', '#f.=', '#n.firms=a..b', '#n.firms=..', '#n.firms=1', '#n.firms=1e999..', '#def=', '#def=a', '#def=:', '#unknown=1', '#at=x', '#at.layer=hot',
  ])('leaves out %s', (hash) => {
    expect(fromHash(hash)).toEqual(INITIAL)
  })

  it('keeps what is known beside what is not', () => {
    expect(fromHash('#lang=xx&theme=dark&bogus=%zz&q=silk')).toEqual({ ...INITIAL, theme: 'dark', text: 'silk' })
  })

  it('never throws and never reaches a prototype', () => {
    for (const hash of ['#f.__proto__=x', '#n.__proto__=1..2', '#def=__proto__:x', '#f.constructor=y', '#c=__proto__', '#id=constructor']) {
      expect(() => fromHash(hash)).not.toThrow()
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    expect(Object.getPrototypeOf(fromHash('#f.__proto__=x').chosen)).toBe(Object.prototype)
    let seed = 7
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
    for (let i = 0; i < 500; i++) {
      const noise = Array.from({ length: 40 }, () => String.fromCharCode(33 + Math.floor(random() * 94))).join('')
      expect(() => fromHash(`#${noise}`)).not.toThrow()
    }
  })

  it('cuts a text that is too long', () => {
    expect(fromHash(`#q=${'a'.repeat(999)}`).text).toHaveLength(200)
  })
})

describe('store', () => {
  const open = (hash = '#') => {
    const steps: string[] = []
    let now = hash
    const store = new Store({ read: () => now, write: (h, step) => { now = h; if (step) steps.push(h) } })
    return { store, steps, hash: () => now, go: (h: string) => { now = h; store.follow() } }
  }

  it('makes a step for a choice and none for a move of the map or typing', () => {
    const { store, steps } = open()
    store.set({ view: { zoom: 5, lat: 1, lon: 2 } })
    store.set({ text: 'silk' })
    expect(steps).toHaveLength(0)
    store.toggle('family', 'textiles')
    store.set({ selected: 'a' })
    expect(steps).toHaveLength(2)
  })

  it('tells its listeners once and only of what changed', () => {
    const { store } = open()
    const heard: string[][] = []
    store.subscribe((changed) => heard.push([...changed]))
    store.set({ text: 'a', lang: 'en' })
    store.set({ text: 'a' })
    expect(heard).toEqual([['text', 'lang']])
  })

  it('goes back to what the address says', () => {
    const { store, go } = open()
    store.toggle('family', 'textiles')
    store.set({ selected: 'a' })
    go('#f.family=textiles')
    expect(store.state.selected).toBeNull()
    expect(store.state.chosen).toEqual({ family: ['textiles'] })
    go('#')
    expect(store.state.chosen).toEqual({})
  })

  it('drops filters one by one and all at once', () => {
    const { store, hash } = open()
    store.toggle('family', 'a')
    store.toggle('family', 'b')
    store.toggle('family', 'a')
    expect(store.state.chosen).toEqual({ family: ['b'] })
    store.set({ text: 'x', ranges: { n: [1, null] } })
    store.drop('n')
    store.drop('text')
    expect(hash()).toBe('#f.family=b')
    store.clear()
    expect(hash()).toBe('#')
  })
})
