import { describe, expect, it } from 'vitest'
import { makeModel, type Sources } from '../src/model'
import { makeClaims, makeRegions } from '../src/regions'
import { reportSubjects, reportUrl } from '../src/report'
import { INITIAL, type Moment, type State } from '../src/state'
import { clusters, feature } from './fixture'

const definition = (id: string, region: string) =>
  feature(id, { region, default: true, year: 2010, region_zh: '某三角', region_en: 'Some delta', short_zh: id, short_en: id }, null)
const claims = makeClaims([])
const regions = makeRegions([definition('yrd25', 'yrd'), definition('prd9', 'prd')], claims)
const sources: Sources = { collections: [], regions, claims, data: clusters, remote: null, status: { loading: null, error: null, lacking: [], offline: false, dismissed: false, vanished: false } }
const moment: Moment = { hover: null, over: null, lit: null, selecting: false, flight: { box: null, point: null, zoom: null, n: 0 }, layout: 'wide', drawer: false, snap: 'half', group: null, facet: null }
const model = (patch: Partial<State>) => makeModel({ ...INITIAL, ...patch, ...moment }, sources, { lang: 'en', theme: 'light' })
const queryOf = (url: string) => Object.fromEntries(new URL(url, 'http://example.org/').searchParams)

describe('a report', () => {
  it('is about the regions that are compared', () => {
    const m = model({ work: 'compare' })
    const subjects = reportSubjects(m)
    expect(subjects.map((s) => 'region' in s && s.region).sort()).toEqual(['prd9', 'yrd25'])
    const url = reportUrl(m, subjects[0]!, 'pdf')
    expect(url).toMatch(/^collections\/clusters\/report\?/)
    expect(queryOf(url)).toMatchObject({ f: 'pdf', lang: 'en' })
  })
  it('keeps the filters in force but those for its subject', () => {
    const m = model({ work: 'compare', chosen: { region: ['yrd'] }, text: 'silk' })
    const query = queryOf(reportUrl(m, { region: 'yrd25', title: { zh: '', en: '' } }, 'html'))
    expect(query['q']).toBe('silk')
    expect(query['region']).toBe('yrd25')
    expect(query['filter']).toBeUndefined()
  })
  it('is about the trade that is studied, and about nothing where that is everything', () => {
    const subjects = reportSubjects(model({ work: 'concentration' }))
    expect(subjects).toHaveLength(1)
    expect('trade' in subjects[0]! && subjects[0].trade).toMatch(/^family:/)
    expect(reportSubjects(model({ work: 'concentration', about: { trade: '=silk' } }))).toMatchObject([{ trade: 'silk' }])
    expect(reportSubjects(model({ work: 'concentration', about: { trade: '*' } }))).toEqual([])
  })
})
