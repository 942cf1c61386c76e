import { describe, expect, test } from 'vitest'
import { collectionName, corrected, count, dotRadius, firstStanding, inOrder, matching, near, others, size, stem, withRole, type Mapping } from '../src/table'
import { readAnswer } from '../src/tableanswer'

const doc = (rows: unknown[], more: object = {}) => ({ report: { rows, mapping: { clustermap: 'mapping 1', columns: [{ column: 'a', role: 'name' }, { column: 'b', role: 'place' }] }, notes: [{ text: 'GB18030' }, {}], ...more }, geojson: '{"type":"FeatureCollection","features":[]}' })
const row = (more: object) => ({ sheet: 'S', row: 2, fate: 'placed', id: 'x', confidence: 0.9, point: [120, 30], reasons: ['r'], ...more })
const rowsOf = (...rows: object[]) => readAnswer(doc(rows.map((r, i) => row({ row: i + 2, id: `x${i}`, ...r }))))!.rows

describe('the answer to a table', () => {
  test('is read row by row', () => {
    const a = readAnswer(doc([row({ name: 'N', place: 'P', where_zh: '苏州市', adcode: '320500', alternatives: [{ adcode: '1', name_zh: '甲', confidence: 0.5, point: [1, 2] }, { name_zh: 'no code' }] })]))!
    expect(a.rows[0]).toMatchObject({ key: 'S\u00002', name: 'N', place: 'P', where: { zh: '苏州市', en: '苏州市' }, points: [[120, 30]], standing: 'certain' })
    expect(a.rows[0]!.alternatives).toEqual([{ code: '1', name: { zh: '甲', en: '甲' }, confidence: 0.5, reason: '', point: [1, 2] }])
    expect(a.notes).toEqual(['GB18030'])
    expect(a.mapping.columns).toHaveLength(2)
  })

  test.each([null, 1, [], {}, { report: {} }, { report: { rows: [] } }, { report: { rows: 1 }, geojson: '' }])('%j is none', (d) => expect(readAnswer(d)).toBeNull())

  test('a row that names several places stands at all of them', () => {
    const d = doc([row({ id: 'a' }), row({ id: 'b', row: 3 })])
    const two = { type: 'MultiPoint', coordinates: [[120, 30], [121, 31]] }
    const rows = readAnswer({ ...d, geojson: JSON.stringify({ features: [{ id: 'a', geometry: two }, { id: 'b', geometry: { type: 'Point', coordinates: [1, 2] } }, { id: 'c', geometry: two }] }) })!.rows
    expect(rows.map((r) => r.points)).toEqual([[[120, 30], [121, 31]], [[120, 30]]])
    expect(readAnswer({ ...d, geojson: '"MultiPoint" {' })!.rows).toHaveLength(2)
  })

  test('nonsense in rows is left out', () => {
    const a = readAnswer(doc([null, 1, { row: 'x', confidence: 'high', point: [NaN], reasons: 'r', alternatives: 1 }, row({ point: [0, 91] })]))!
    expect(a.rows).toHaveLength(4)
    expect(a.rows.every((r) => r.points.length === 0)).toBe(true)
  })

  test('a row stands where a person has to look', () => {
    const rows = rowsOf({ confidence: 0.8 }, { confidence: 0.79 }, { confidence: 0.2, corrected: true }, { fate: 'listed', confidence: 0.9 }, { fate: 'refused' }, { fate: 'what' })
    expect(rows.map((r) => r.standing)).toEqual(['certain', 'look', 'certain', 'unplaced', 'refused', 'unplaced'])
    const n = count(rows)
    expect(n).toEqual({ certain: 2, look: 1, unplaced: 2, refused: 1 })
    expect(n.certain + n.look + n.unplaced + n.refused).toBe(rows.length)
    expect(firstStanding(n)).toBe('look')
    expect(firstStanding({ ...n, look: 0 })).toBe('unplaced')
    expect(firstStanding({ certain: 3, look: 0, unplaced: 0, refused: 0 })).toBe('certain')
  })
})

describe('rows', () => {
  test('the least sure come first, the others as in the file', () => {
    const rows = rowsOf({ confidence: 0.7 }, { confidence: 0.61 }, { confidence: 0.7 }, {}, {})
    expect(inOrder(rows, 'look').map((r) => r.number)).toEqual([3, 2, 4])
    expect(inOrder(rows, 'certain').map((r) => r.number)).toEqual([5, 6])
    expect(rows.map((r) => r.number)).toEqual([2, 3, 4, 5, 6])
  })

  test('every word has to be found', () => {
    const rows = rowsOf({ name: 'Silk', place: '盛泽镇', where_zh: '苏州市', where_en: 'Suzhou' }, { name: 'Ties', place: '嵊州' })
    expect(matching(rows, '  ')).toBe(rows)
    expect(matching(rows, 'silk suZHOU 盛泽')).toHaveLength(1)
    expect(matching(rows, 'silk 嵊州')).toHaveLength(0)
    expect(matching(rows, '3')).toHaveLength(1) // its number
  })

  test('what a row was put to is no alternative', () => {
    const [r] = rowsOf({ adcode: '1', alternatives: [{ adcode: '1', name_zh: 'a' }, { adcode: '2', name_zh: 'b' }] })
    expect(others(r!).map((a) => a.code)).toEqual(['2'])
  })

  test('a dot grows with its rows and stays a dot', () => {
    expect([1, 2, 20, 1e6].map(dotRadius)).toEqual([5.5, 7, expect.closeTo(11.98, 2), 13])
  })

  test('dots at one point are found together, the nearest first', () => {
    const dots = [{ x: 0, y: 0 }, { x: 5, y: 0 }, { x: 3, y: 4 }, { x: 9, y: 9 }]
    expect(near(dots, 4, 0, 5)).toEqual([{ x: 5, y: 0 }, { x: 0, y: 0 }, { x: 3, y: 4 }])
    expect(near(dots, 100, 100, 8)).toEqual([])
  })
})

describe('the mapping', () => {
  const m: Mapping = { clustermap: 'mapping 1', year: 2007, columns: [{ column: 'a', role: 'name' }, { column: 'b', role: 'place' }] }

  test('holds one correction for each feature, and goes back to none', () => {
    const one = corrected(m, 'x', { code: '320500', point: [120, 31] })
    expect(one.corrections).toEqual([{ id: 'x', adcode: '320500' }])
    const two = corrected(corrected(one, 'y', { point: [1, 2] }), 'x', { point: [3, 4] })
    expect(two.corrections).toEqual([{ id: 'y', point: [1, 2] }, { id: 'x', point: [3, 4] }])
    expect(corrected(corrected(two, 'x', null), 'y', null)).toEqual(m)
    expect(m.corrections).toBeUndefined()
  })

  test('another role stands last, so that it wins', () => {
    expect(withRole(m, 'a', 'place').columns).toEqual([{ column: 'b', role: 'place' }, { column: 'a', role: 'place' }])
    expect(withRole(m, 'a', 'place')['year']).toBe(2007)
  })
})

test('names of files become names of layers', () => {
  for (const [file, name] of [['Firms 2024 (final).xlsx', 'firms-2024-final'], ['2025年名单.csv', 'table-2025'], ['名单.xlsx', 'table'], ['Été.tar.gz', 'ete'], ['a'.repeat(80), 'a'.repeat(63)], ['__x__.csv', 'x__']] as const) {
    expect(collectionName(file)).toBe(name)
    expect(collectionName(file)).toMatch(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  }
  expect(stem('a.b.xlsx')).toBe('a.b')
  expect(stem('.csv')).toBe('.csv')
})

test('bytes as people read them', () => {
  expect([0, 1023, 1536, 20480, 3 * 1024 * 1024, 32 * 1024 * 1024].map(size)).toEqual(['0 B', '1023 B', '1.5 KB', '20 KB', '3.0 MB', '32 MB'])
})
