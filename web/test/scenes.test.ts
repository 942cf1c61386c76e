import { describe, expect, it } from 'vitest'
import { firstChoice, slidesUrl, type Slide } from '../src/picture'
import { keyTarget, scenePatch } from '../src/presentation'
import { paperScale } from '../src/printing'
import { moved, MOST_SCENES, readSceneFile, readScenes, sceneFile, writeScenes, type Scene } from '../src/scenes'
import { embedCode } from '../src/share'
import { fromHash, INITIAL, toHash } from '../src/state'
import { sceneOf } from '../src/subject'
import { clusters } from './fixture'

const scenes: Scene[] = [
  { name: '长三角 & “!*;$” 100%', notes: 'a\nb', at: 'c=wells&def=yrd:yrd16&f.p.x=a%2Cb,c%24&n.firms=1..&q=%E4%B8%9D', box: [116.5, 27.25, 123, 35] },
  { name: '', notes: '', at: '', box: null },
  { name: '', notes: 'x', at: 'f.family=ceramics', box: null },
]

describe('scenes in the address', () => {
  it('come back as they were', () => {
    expect(readScenes(writeScenes(scenes))).toEqual(scenes)
    const state = { ...INITIAL, scenes, playing: 1, text: 'a&b' }
    expect(fromHash(toHash(state))).toEqual(state)
    expect(toHash(state)).toMatch(/^[#\w%.,:;=&$!*/~-]+$/)
  })

  it('are compact', () => {
    expect(writeScenes([{ name: '', notes: '', at: 'f.family=ceramics', box: [110, 20, 120.12345, 40] }])).toBe('f.family$ceramics!110,20,120.123,40')
    expect(writeScenes([])).toBe('')
    expect(toHash(INITIAL)).toBe('#')
  })

  it('leave out what is malformed', () => {
    expect(readScenes('a$b!1,2,3*x!NaN,1,2,3*y!10,0,5,1*z!0,0,1,91*#!')).toEqual([])
    expect(readScenes('%zz!!%zz')).toEqual([{ name: '', notes: '', at: '%zz', box: null }])
    expect(readScenes(Array.from({ length: 99 }, () => 'a$b').join('*'))).toHaveLength(MOST_SCENES)
    expect(fromHash('#play=0&scenes=').playing).toBe(null)
    expect(fromHash('#play=x').playing).toBe(null)
    expect(fromHash('#play=99&scenes=a$b*c$d').playing).toBe(1)
    expect(fromHash('#play=3').playing).toBe(0)
    expect(writeScenes([{ ...scenes[1]!, name: '\ud800' }])).toBe('!!%EF%BF%BD')
  })
})

describe('the file of scenes', () => {
  it('comes back as it was', () => expect(readSceneFile(sceneFile(scenes))).toEqual(scenes))

  it('refuses what is none', () => {
    const file = (part: unknown) => readSceneFile(JSON.stringify({ type: 'clustermap-scenes', version: 1, scenes: part }))
    for (const text of ['', '{', 'null', '[]', '{"type":"FeatureCollection","scenes":[{"at":""}]}']) expect(readSceneFile(text)).toBe(null)
    for (const part of [null, [], [1], [{}], [{ at: 1 }], [{ at: 'a#b' }], [{ at: '', box: [1, 2, 3] }], [{ at: '', box: 'x' }], [{ at: 'x'.repeat(5000) }]]) expect(file(part)).toBe(null)
  })

  it('cuts long texts between characters', () => {
    const read = readSceneFile(JSON.stringify({ type: 'clustermap-scenes', scenes: [{ at: '', name: '𠮷'.repeat(300) }] }))!
    expect(read[0]).toEqual({ at: '', box: null, name: '𠮷'.repeat(200), notes: '' })
  })
})

describe('a presentation', () => {
  it('is led by keys', () => {
    expect(['ArrowRight', 'PageDown', ' ', 'Enter'].map((k) => keyTarget(k, 0, 3))).toEqual([1, 1, 1, 1])
    expect(['ArrowLeft', 'PageUp', 'Backspace'].map((k) => keyTarget(k, 2, 3))).toEqual([1, 1, 1])
    expect([keyTarget('Home', 2, 3), keyTarget('End', 0, 3)]).toEqual([0, 2])
    expect([keyTarget('ArrowRight', 2, 3), keyTarget('ArrowLeft', 0, 3), keyTarget('x', 1, 3), keyTarget('End', 0, 0)]).toEqual([null, null, null, null])
  })

  it('shows what was seen and nothing of the reader’s own', () => {
    const seen = { ...INITIAL, chosen: { family: ['ceramics'] }, lang: 'zh' as const, tab: 'list' as const, playing: 1, scenes, show: 'hex' as const }
    const scene = sceneOf(seen, 'n', [1, 2, 3, 4])
    expect(scene).toEqual({ name: 'n', notes: '', at: 'view=hex&f.family=ceramics', box: [1, 2, 3, 4] })
    const patch = scenePatch(scene, 7)
    expect(patch).toMatchObject({ chosen: { family: ['ceramics'] }, show: 'hex', flight: { box: [1, 2, 3, 4], n: 7 } })
    expect(patch).not.toHaveProperty('lang')
    expect(patch).not.toHaveProperty('view')
    expect(scenePatch({ ...scene, box: null }, 8).view).toBe(null)
  })

  it('is moved about', () => {
    const names = (s: Scene[]) => s.map((x) => x.at)
    const abc = ['a', 'b', 'c'].map((at) => ({ ...scenes[1]!, at }))
    expect(names(moved(abc, 0, 2))).toEqual(['b', 'c', 'a'])
    expect(names(moved(abc, 2, 1))).toEqual(['a', 'c', 'b'])
    expect(moved(abc, 0, -1)).toBe(abc)
    expect(moved(abc, 2, 3)).toBe(abc)
  })

  it('goes to the server with what is common said once', () => {
    const subject = { data: clusters, filters: { chosen: {}, ranges: {}, text: '' }, defs: {}, redefined: false, show: 'groups' as const, by: '', box: [1, 2, 3, 4] as [number, number, number, number], words: { zh: '', en: '' } }
    const slides: Slide[] = [{ subject, title: 'A', notes: ' n ', whole: false }, { subject: { ...subject, filters: { ...subject.filters, text: 'silk' } }, title: '', notes: '', whole: true }]
    const q = new URL(slidesUrl(slides, firstChoice('zh', false, false), 'pptx'), 'http://localhost/').searchParams
    expect(Object.fromEntries(q)).toMatchObject({ f: 'pptx', lang: 'zh', width: '1280', collections: 'clusters' })
    expect(JSON.parse(q.get('scenes')!)).toEqual([{ bbox: '1,2,3,4', title: 'A', notes: 'n' }, { q: 'silk' }])
  })
})

describe('paper', () => {
  it('holds the map whole', () => {
    for (const [w, h] of [[1068, 900], [390, 844], [2560, 1300], [0, 0]] as const) {
      const k = paperScale(w, h)
      expect((k * w <= 720.001 && k * h <= 640.001) || (k * w <= 1040.001 && k * h <= 490.001)).toBe(true)
    }
  })
})

describe('embedCode', () => {
  it('is safe in a page', () => {
    Object.assign(globalThis, { document: { baseURI: 'https://maps.example/atlas/?x#y' } })
    expect(embedCode({ ...INITIAL, text: '"><b>', scenes, playing: 0 }, 'A & "B"')).toBe(
      '<iframe src="https://maps.example/atlas/embed?q=%22%3E%3Cb%3E" width="800" height="500" style="border:0" title="A &amp; &quot;B&quot;" loading="lazy" allowfullscreen></iframe>')
    expect(embedCode(INITIAL, '')).toContain('src="https://maps.example/atlas/embed"')
  })
})
