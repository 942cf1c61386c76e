import { describe, expect, it } from 'vitest'
import { DOWNLOADS, downloadUrl } from '../src/download'
import { filterText } from '../src/query'
import type { Filters } from '../src/filter'
import { clusters } from './fixture'

const DEFS = { yrd: 'yrd25', prd: 'prd9' }
const text = (patch: Partial<Filters>) => filterText(clusters, { chosen: {}, ranges: {}, text: '', ...patch }, DEFS)

describe('filterText', () => {
  it('is empty without filters', () => expect(text({})).toBe(''))

  it('names the definitions in force', () => {
    expect(text({ chosen: { region: ['yrd'] } })).toBe(`A_OVERLAPS("regions",('yrd25'))`)
    expect(text({ chosen: { region: ['none'] } })).toBe(`NOT A_OVERLAPS("regions",('yrd25','prd9'))`)
  })

  it('lists the values of a family', () => {
    expect(text({ chosen: { family: ['textiles'] } })).toBe(`"industry" IN ('silk','garments')`)
  })

  it('joins options by or and facets by and', () => {
    expect(text({ chosen: { 'p.level': ['town', 'county'], 'p.origin': ['-'] }, ranges: { firms: [10, 500] } }))
      .toBe(`("level" = 'town' OR "level" = 'county') AND ("origin" IS NULL) AND ("firms" >= 10) AND ("firms" <= 500)`)
  })

  it('tells apart how points are drawn', () => {
    expect(text({ chosen: { precision: ['filled'] } })).toBe(`"precision" IS NULL OR NOT "precision" IN ('approximate','host_seat')`)
  })

  it('leaves out what the collection does not have', () => {
    expect(text({ chosen: { 'p.nothing': ['x'] }, ranges: { nothing: [1, null] } })).toBe('')
  })
})

describe('downloadUrl', () => {
  it('quotes what a value may hold', () => {
    const url = downloadUrl(clusters, { chosen: { 'p.level': ["o'clock & more"] }, ranges: {}, text: ' silk ' }, DEFS, 'en', DOWNLOADS[0])
    const query = new URL(url, 'http://localhost/').searchParams
    expect(url.startsWith('collections/clusters/items?')).toBe(true)
    expect(Object.fromEntries(query)).toEqual({ f: 'xlsx', download: 'true', lang: 'en', q: 'silk', filter: `"level" = 'o''clock & more'` })
  })

  it('packs what has no place for a note with one', () => {
    expect(DOWNLOADS.filter((d) => d.zip).map((d) => d.f)).toEqual(['csv', 'geojson'])
  })
})
