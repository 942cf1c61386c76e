import { describe, expect, it } from 'vitest'
import { knownOnly, makeModel, sortItems, type Sources } from '../src/model'
import { nameIn } from '../src/facts'
import { groupName, placesText, speakGroup, speakItem, totalText } from '../src/naming'
import { claimsNear, definitionsInForce, generalClaims, makeClaims, makeRegions } from '../src/regions'
import { INITIAL, type Moment, type State } from '../src/state'
import { makeDataset, type Dataset } from '../src/dataset'
import { clusters, clusterSchema, feature } from './fixture'

const definition = (id: string, region: string, isDefault: boolean, year: number) =>
  feature(id, { region, default: isDefault, year, region_zh: '长三角', region_en: 'Yangtze River Delta', short_zh: id, short_en: id }, null)
const claims = makeClaims([
  feature('c2', { about: ['prd'], quote: 'x' }, null),
  feature('c1', { about: ['yrd', 'prd'], quote: '贡献了50%', quote_en: 'half', kind: 'claim' }, null),
  feature('c3', { about: [], scope: 'national', quote: '9个' }, null),
  feature('c4', { about: [], scope: 'province', province_adcodes: ['330000'], quote: '浙江' }, null),
  feature('c5', { about: [], scope: 'place', clusters: ['yiwu'], quote: '义乌' }, null),
])
const regions = makeRegions([definition('yrd25', 'yrd', true, 2010), definition('yrd16', 'yrd', false, 2003)], claims)
const sources: Sources = { collections: [], regions, claims, data: clusters, remote: null, status: { loading: null, error: null, lacking: [], offline: false, dismissed: false, vanished: false } }
const moment: Moment = { hover: null, over: null, lit: null, selecting: false, flight: { box: null, point: null, zoom: null, n: 0 }, layout: 'wide', drawer: false, snap: 'half', group: null, facet: null }
const model = (patch: Partial<State> = {}, lang: 'zh' | 'en' = 'zh') => makeModel({ ...INITIAL, ...patch, ...moment }, sources, { lang, theme: 'light' })

describe('regions', () => {
  it('are joined with their definitions, oldest first, and claims', () => {
    expect(regions.map((r) => [r.key, r.definitions.map((d) => d.id), r.fallback.id, r.claims.map((c) => c.id)])).toEqual([['yrd', ['yrd16', 'yrd25'], 'yrd25', ['c1']]])
  })

  it('leave what is said of none of them to the country, provinces and clusters', () => {
    expect(generalClaims(claims).map((c) => c.id)).toEqual(['c3'])
    expect(claimsNear(claims, 'yiwu', '33').map((c) => c.id)).toEqual(['c4', 'c5'])
    expect(claimsNear(claims, 'other', '44')).toEqual([])
  })

  it('stand under the default definition unless a known one is chosen', () => {
    expect(definitionsInForce(regions, {})).toEqual({ yrd: 'yrd25' })
    expect(definitionsInForce(regions, { yrd: 'yrd16' })).toEqual({ yrd: 'yrd16' })
    expect(definitionsInForce(regions, { yrd: 'prd9', bohai: 'x' })).toEqual({ yrd: 'yrd25' })
  })
})

describe('model', () => {
  it('shows the same items in list, map and counts', () => {
    const m = model({ chosen: { family: ['ceramics'] } })
    expect(m.sorted.map((it) => it.id).sort()).toEqual([...m.result!.ids].sort())
    expect(m.sorted).toHaveLength(m.result!.counts.get('family')!.get('ceramics')!)
  })

  it('sorts by pinyin in Chinese, by name in English, by rank for a query', () => {
    const ids = (m: ReturnType<typeof model>) => m.sorted.map((it) => it.id)
    expect(ids(model())).toEqual(['fuzhou', 'shengzhou', 'shengze', 'yiwu'].sort((a, b) => 'fuzhou shengzhou shengze yiwu'.indexOf(a) - 'fuzhou shengzhou shengze yiwu'.indexOf(b)))
    expect(ids(model({}, 'en'))).toEqual(['fuzhou', 'shengze', 'shengzhou', 'yiwu'])
    expect(sortItems(clusters.items, { sort: 'family', text: '' }, 'en', clusters.palette).map((it) => it.id)).toEqual(['shengze', 'shengzhou', 'fuzhou', 'yiwu'])
  })

  it('knows the selected item only if it exists', () => {
    expect(model({ selected: 'yiwu' }).selected?.id).toBe('yiwu')
    expect(model({ selected: 'nowhere' }).selected).toBeNull()
  })

  it('leaves out of the state what the data do not know', () => {
    const state: State = {
      ...INITIAL, chosen: { family: ['textiles', 'bogus'], 'p.gone': ['x'], region: ['yrd', 'mars'] }, ranges: { firms: [1, 2], gone: [1, 2] },
      selected: 'nowhere', definitions: { yrd: 'yrd25', prd: 'x' }, region: 'mars',
    }
    expect(knownOnly(state, sources)).toEqual({ chosen: { family: ['textiles'], region: ['yrd'] }, ranges: { firms: [1, 2] }, selected: null, definitions: {}, region: null })
    expect(knownOnly(INITIAL, sources)).toEqual({})
    expect(knownOnly({ ...state, collection: 'other' }, sources)).toEqual({})
  })
})

describe('totals', () => {
  const partial: Dataset = { ...clusters, isAtlas: false, matched: 1000 }
  const of = (data: Dataset, patch: Partial<State> = {}) => makeModel({ ...INITIAL, ...patch, ...moment }, { ...sources, data }, { lang: 'en', theme: 'light' })

  it('say of how many', () => {
    expect(totalText(model({}, 'en'))).toBe('Showing 4 of 4 clusters')
    expect(totalText(of(partial, { chosen: { family: ['ceramics'] } }))).toBe('Showing 2 of 1,000 features')
  })

  it('say how many have no place on the map', () => {
    const items = clusters.items.map((it, i) => (i < 3 ? { ...it, lon: null, lat: null } : it))
    expect(placesText(of({ ...clusters, items }))).toBe('3 of them without a place on the map')
    expect(placesText(of(clusters))).toBe('')
  })
})

describe('names', () => {
  it('of objects in a property are found in the language of the page', () => {
    expect(nameIn({ adcode: '120000', name_zh: '天津市', name_en: 'Tianjin' }, 'zh')).toBe('天津市')
    expect(nameIn({ adcode: '120000', name_zh: '天津市', name_en: 'Tianjin' }, 'en')).toBe('Tianjin')
    expect([nameIn({ title: 'x' }, 'en'), nameIn({ a: 1 }, 'en'), nameIn(null, 'en'), nameIn('x', 'en')]).toEqual(['x', '', '', ''])
  })

  it('of a symbol say place and trade', () => {
    expect(clusters.items.map((it) => it.label.zh)).toEqual(['盛泽 丝绸', '嵊州 领带', '义乌 陶瓷', '福州CRT 陶瓷'])
    expect(clusters.byId.get('shengze')!.label.en).toBe('Shengze silk')
  })

  it('of a symbol are whole where there is room, and cut at a word where there is none', () => {
    const long = 'Tianjin Development Area telecommunications equipment'
    const item = makeDataset('x', clusterSchema, [feature('t', { name_en: long })], 1).items[0]!
    expect(item.label.en).toBe(long)
    expect(item.labelShort.en).toBe('Tianjin Development Area…')
  })

  it('are spoken with family, level and precision', () => {
    expect(speakItem(clusters.byId.get('yiwu')!, model())).toBe('义乌陶瓷，陶瓷石材，县级，宿主单位驻地')
    expect(speakItem(clusters.byId.get('fuzhou')!, model({}, 'en'))).toBe('Fuzhou CRT ceramics, Ceramics, County, Approximate')
  })

  it('of a group are the smallest division that holds all, else the neighbourhood', () => {
    const at = (id: string, adcode: string, prefecture: string, division: string) => ({
      ...clusters.items[0]!, id, divisions: [{ code: adcode.slice(0, 2), name: { zh: '江苏', en: 'Jiangsu' } }, { code: adcode.slice(0, 4), name: { zh: prefecture, en: prefecture } }, { code: adcode, name: { zh: division, en: division } }],
      place: { zh: division, en: division },
    })
    const [a, b, c] = [at('a', '320583', '苏州', '昆山'), at('b', '320509', '苏州', '吴江'), at('c', '320205', '无锡', '锡山')]
    expect(groupName([a, { ...a, id: 'a2' }], a, 'zh')).toBe('昆山')
    expect(groupName([a, b], a, 'zh')).toBe('苏州')
    expect(groupName([a, b, c], a, 'zh')).toBe('苏州一带')
    expect(groupName([a, b, c], c, 'en')).toBe('around 无锡')
    expect(groupName([{ ...a, divisions: [] }, b], b, 'zh')).toBe('苏州一带')
    const place = { zh: '苏州一带', en: 'around Suzhou' }
    expect(speakGroup({ n: 3, parts: [{ key: 'textiles', n: 3 }], place }, model())).toBe('3 个集群，纺织服装 3 个，苏州一带')
    expect(speakGroup({ n: 1234, parts: [{ key: 'ceramics', n: 900 }], place }, model({}, 'en'))).toBe('1,234 clusters, 900 of Ceramics, around Suzhou')
  })
})
