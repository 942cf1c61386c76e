import { describe, expect, it } from 'vitest'
import { densityOf, fileName, firstChoice, pictureUrl, pixelsOf, PRESETS, previewFormat, readChecks, type Choice, type Subject } from '../src/picture'
import { clusters } from './fixture'

const subject: Subject = {
  data: clusters, filters: { chosen: {}, ranges: {}, text: '' }, defs: { yrd: 'yrd25', prd: 'prd9' }, redefined: false, show: 'groups', by: '',
  box: [100.123456, 20, 125.5, 45.000001], words: { zh: '', en: '' },
}
const choice = (patch: Partial<Choice> = {}): Choice => ({ ...firstChoice('zh', false, false), ...patch })
const query = (s: Partial<Subject>, c: Partial<Choice>, f: 'png' | 'svg' | 'pptx' | 'pdf' = 'svg') => new URL(pictureUrl({ ...subject, ...s }, choice(c), f), 'http://localhost/').searchParams

describe('pictureUrl', () => {
  it('shows what the map shows', () => {
    const q = query({ filters: { chosen: { family: ['ceramics'] }, ranges: {}, text: ' silk & co ' }, show: 'hex', by: 'hex:50', words: { zh: '陶瓷', en: 'Ceramics' } }, {})
    expect(Object.fromEntries(q)).toMatchObject({
      f: 'svg', collections: 'clusters', bbox: '100.12345,20,125.5,45.00001', view: 'hex', by: 'hex:50', lang: 'zh', style: 'light', fit: 'extend',
      filter: `"industry" IN ('ceramics')`, q: 'silk & co', subtitle: '只看：陶瓷',
    })
    expect(q.has('title')).toBe(false)
    expect(q.has('regions')).toBe(false)
  })

  it('differs between formats in the format alone, but for the pixels of a PNG', () => {
    const of = (f: 'svg' | 'pptx' | 'pdf') => query({}, {}, f).toString().replace(`f=${f}`, '')
    expect(of('pptx')).toBe(of('svg'))
    expect(of('pdf')).toBe(of('svg'))
    expect(Object.fromEntries(query({}, { dpi: 192 }, 'png'))).toMatchObject({ width: '2560', height: '1440', dpi: '192' })
  })

  it('leaves out the box where everything is wanted', () => expect(query({}, { whole: true }).has('bbox')).toBe(false))

  it('says what stands around the map, and is a map of the web where nothing does', () => {
    expect(query({}, { parts: new Set(['scale', 'north']) }).get('furniture')).toBe('title,subtitle,scale,north')
    const bare = query({}, { parts: new Set() })
    expect(bare.get('furniture')).toBe('none')
    expect(bare.get('crs')).toMatch(/3857$/)
    expect(bare.get('labels')).toBe('false')
    expect(bare.get('regions')).toBe('none')
  })

  it('names the definitions where they are not the usual ones', () => expect(query({ redefined: true }, {}).get('regions')).toBe('yrd25,prd9'))

  it('has a review number only where one is given', () => {
    expect(query({}, { reviewNumber: 'GS 1' }).has('review')).toBe(false)
    expect(query({}, { reviewNumber: ' ', parts: new Set(['review']) }).has('review')).toBe(false)
    expect(query({}, { reviewNumber: ' GS 1 ', parts: new Set(['review']) }).get('review')).toBe('GS 1')
  })

  it('tells the filters in both languages', () => {
    expect(query({ words: { zh: '陶瓷', en: 'Ceramics' } }, { words: 'both' }).get('subtitle')).toBe('只看：陶瓷 · Only: Ceramics')
  })
})

describe('sizes', () => {
  it('stay within what the server draws', () => {
    for (const { key } of PRESETS) {
      const { width, height } = pixelsOf(choice({ preset: key, dpi: 300 }), 'png')
      expect(Math.max(width, height)).toBeLessThanOrEqual(8192)
    }
    expect(densityOf(choice({ preset: 'poster', dpi: 300 }))).toBe(192)
    expect(densityOf(choice({ preset: 'wide', dpi: 300 }))).toBe(300)
  })

  it('of vectors are those of CSS', () => expect(pixelsOf(choice({ dpi: 300 }), 'pdf')).toEqual({ width: 1280, height: 720, dpi: 96 }))

  it('previews what browsers show', () => expect((['png', 'svg', 'pdf', 'pptx'] as const).map(previewFormat)).toEqual(['png', 'svg', 'svg', 'svg']))
})

describe('fileName', () => {
  it('keeps what every system takes', () => {
    expect(fileName('书中点名的 40 个集群，26 个在三大集聚区', 'pptx')).toBe('书中点名的 40 个集群，26 个在三大集聚区.pptx')
    expect(fileName('../a\\b:c*?"<d>|\u0000e', 'png')).toBe('.. a b c d e.png')
    expect(fileName(' \n ', 'svg')).toBe('map.svg')
    expect(fileName('x'.repeat(300), 'pdf').length).toBe(84)
  })
})

describe('readChecks', () => {
  it('reads the headers', () => {
    const headers: Record<string, string> = { 'Clustermap-Features': '40', 'Clustermap-Hidden-Labels': '3', 'Clustermap-Missing-Characters': 'U+1F3FA U+20BB7' }
    expect(readChecks((n) => headers[n] ?? null)).toEqual({ features: 40, hidden: 3, missing: ['🏺', '𠮷'], rev: '' })
  })

  it('takes nonsense for nothing', () => {
    expect(readChecks(() => null)).toEqual({ features: 0, hidden: 0, missing: [], rev: '' })
    expect(readChecks(() => 'U+FFFFFF x').missing).toEqual([])
  })
})
